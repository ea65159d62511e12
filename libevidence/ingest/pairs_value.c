/* One value of a label: its lines, and where they stand. */
#include <string.h>

#include "ingest/html.h"
#include "ingest/pairs.h"

void
ev_pairs_value_init(struct ev_pairs_value *value)
{
	ev_buf_init(&value->text, EV_ROW_LIMIT);
	ev_buf_init(&value->line,
	    EV_PAIRS_LINES * sizeof(struct ev_pairs_line));
	value->from = value->to = 0;
	value->bad = false;
}

void
ev_pairs_value_release(struct ev_pairs_value *value)
{
	ev_buf_release(&value->text);
	ev_buf_release(&value->line);
}

void
ev_pairs_value_clear(struct ev_pairs_value *value, int64_t at)
{
	ev_buf_clear(&value->text);
	ev_buf_clear(&value->line);
	value->from = value->to = at;
	value->bad = false;
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

void
ev_pairs_trim(const char **text, size_t *len)
{
	while (*len > 0 && is_blank((unsigned char)**text)) {
		++*text;
		--*len;
	}
	while (*len > 0 && is_blank((unsigned char)(*text)[*len - 1]))
		--*len;
}

static struct ev_pairs_line *
last_line(struct ev_pairs_value *value)
{
	const size_t size = sizeof(struct ev_pairs_line);
	void *data = value->line.data;

	if (value->line.len == 0)
		return NULL;
	return (struct ev_pairs_line *)data + (value->line.len / size - 1);
}

static enum ev_rc
begin_line(struct ev_pairs_value *value, int64_t at, struct ev_err *err)
{
	const struct ev_pairs_line line = { value->text.len, at, at };

	return ev_buf_put(&value->line, &line, sizeof(line), err);
}

enum ev_rc
ev_pairs_value_put(struct ev_pairs_value *value, const void *text, size_t len,
    int64_t from, bool page, struct ev_err *err)
{
	const unsigned char *p = text;
	struct ev_pairs_line *line = last_line(value);
	enum ev_rc rc = EV_OK;
	size_t end = len;

	while (len > 0 && is_blank(*p) &&
	       (line == NULL || line->at == value->text.len)) {
		p++;
		from++;
		len--;
		end--;
	}
	if (len == 0)
		return EV_OK;
	if (line == NULL) {
		rc = begin_line(value, from, err);
		line = last_line(value);
	}
	if (rc != EV_OK)
		return rc;
	while (end > 0 && is_blank(p[end - 1]))
		end--;
	if (end > 0) {
		if (value->text.len == 0)
			value->from = from;
		if (line->at == value->text.len)
			line->from = from;
		value->to = line->to = from + (int64_t)end;
	}
	return page ? ev_html_decode(&value->text, p, len, err)
		    : ev_buf_put(&value->text, p, len, err);
}

enum ev_rc
ev_pairs_value_add(struct ev_pairs_value *value, const char *text, size_t len,
    int64_t from, int64_t to, bool bad, struct ev_err *err)
{
	struct ev_pairs_line *line;
	enum ev_rc rc;

	if (len == 0)
		return EV_OK;
	rc = ev_pairs_value_put(value, text, len, from, false, err);
	line = last_line(value);
	if (rc == EV_OK && line != NULL)
		value->to = line->to = to;
	value->bad = value->bad || bad;
	return rc;
}

static void
trim_line(struct ev_pairs_value *value, size_t at)
{
	size_t len = value->text.len;

	while (len > at && is_blank(value->text.data[len - 1]))
		len--;
	ev_buf_cut(&value->text, len);
}

enum ev_rc
ev_pairs_value_line(struct ev_pairs_value *value, struct ev_err *err)
{
	const struct ev_pairs_line *line = last_line(value);
	enum ev_rc rc;

	/* An empty one at the beginning does not count. */
	if (value->text.len == 0 || line == NULL)
		return EV_OK;
	trim_line(value, line->at);
	rc = ev_buf_putc(&value->text, '\n', err);
	return rc == EV_OK ? begin_line(value, value->to, err) : rc;
}

void
ev_pairs_value_trim(struct ev_pairs_value *value)
{
	struct ev_pairs_line *line;

	while ((line = last_line(value)) != NULL) {
		trim_line(value, line->at);
		if (value->text.len > line->at)
			return;
		ev_buf_cut(&value->line, value->line.len - sizeof(*line));
		if (value->text.len > 0)
			ev_buf_cut(&value->text, value->text.len - 1);
	}
}

/* Behind the ":", past blanks and tags. */
static int64_t
behind_colon(const struct ev_pairs_value *value,
    const struct ev_textlines *lines)
{
	const unsigned char *p, *end;

	if (value->from < lines->base || value->to <= value->from)
		return value->to;
	p = lines->data + (value->from - lines->base);
	end = p + (value->to - value->from);
	p = memchr(p, ':', (size_t)(end - p));
	p = p == NULL ? end : p + 1;
	while (p < end && (is_blank(*p) || *p == '<')) {
		if (*p == '<')
			p = memchr(p, '>', (size_t)(end - p));
		p = p == NULL ? end : p + 1;
	}
	return value->to - (end - p);
}

void
ev_pairs_value_cut(struct ev_pairs_value *value, size_t n,
    const struct ev_textlines *lines)
{
	const size_t size = sizeof(struct ev_pairs_line);
	void *data = value->line.data;
	struct ev_pairs_line *line = data;
	size_t count = value->line.len / size, first = 0, i;
	int64_t from = behind_colon(value, lines);

	while (n < value->text.len && is_blank(value->text.data[n]))
		n++;
	if (n >= value->text.len) {
		ev_pairs_value_clear(value, value->to);
		return;
	}
	while (first + 1 < count && line[first + 1].at <= n)
		first++;
	if (line[first].at < n)
		line[first].from = from;
	value->from = line[first].from;
	for (i = first; i < count; i++) {
		line[i - first] = line[i];
		line[i - first].at = i == first ? 0 : line[i].at - n;
	}
	ev_buf_cut(&value->line, (count - first) * size);
	memmove(value->text.data, value->text.data + n, value->text.len - n);
	ev_buf_cut(&value->text, value->text.len - n);
}
