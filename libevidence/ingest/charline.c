/* Lines of a view in a character set, as UTF-8 text with their places. */
#include <string.h>

#include "ingest/charline.h"

void
ev_charlines_init(struct ev_charlines *lines, struct ev_view *view,
    enum ev_charset charset)
{
	memset(lines, 0, sizeof(*lines));
	ev_textlines_init(&lines->lines, view);
	lines->charset = charset;
	ev_buf_init(&lines->text, 4 * (size_t)EV_ROW_LIMIT);
}

void
ev_charlines_release(struct ev_charlines *lines)
{
	ev_textlines_release(&lines->lines);
	ev_buf_release(&lines->text);
}

static const unsigned char *
bytes(const struct ev_charlines *l)
{
	return l->lines.data + (l->at - l->lines.base);
}

static size_t
at_hand(const struct ev_charlines *l)
{
	return (size_t)(l->lines.base + (int64_t)l->lines.len - l->at);
}

/* *n: bytes up to the line feed, or the end; EV_EOF: no line feed. */
static enum ev_rc
find_end(struct ev_charlines *l, size_t *n, struct ev_err *err)
{
	const size_t unit = ev_charset_unit(l->charset);
	const size_t low = l->charset == EV_CHARSET_UTF16BE ? 1 : 0;
	const unsigned char *p;
	enum ev_rc rc;

	for (*n = 0;;) {
		p = bytes(l);
		for (; *n + unit <= at_hand(l); *n += unit)
			if (p[*n + (unit == 2 ? low : 0)] == '\n' &&
			    (unit == 1 || p[*n + 1 - low] == 0))
				return EV_OK;
		if (*n > EV_ROW_LIMIT)
			return EV_LIMIT;
		rc = ev_textlines_more(&l->lines, err);
		if (rc != EV_OK) {
			*n = at_hand(l);
			return rc;
		}
	}
}

/* Of a line over the limit only its end is looked for. */
static enum ev_rc
pass_over(struct ev_charlines *l, struct ev_charline *line, struct ev_err *err)
{
	enum ev_rc rc = EV_LIMIT;
	size_t n;

	line->too_long = true;
	line->text = "";
	line->len = 0;
	while (rc == EV_LIMIT) {
		l->lines.pos = (size_t)(l->at - l->lines.base);
		rc = find_end(l, &n, err);
		l->at += (int64_t)n;
	}
	if (rc == EV_OK)
		l->at += (int64_t)ev_charset_unit(l->charset);
	line->to = line->end = l->at;
	return rc == EV_EOF ? EV_OK : rc;
}

bool
ev_charline_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f';
}

/* Blanks are one unit each, whatever the character set. */
static void
trim(struct ev_charline *line, size_t unit)
{
	while (line->len > 0 && ev_charline_blank(*line->text)) {
		line->text++;
		line->len--;
		line->blanks++;
		line->from += (int64_t)unit;
	}
	while (line->len > 0 && ev_charline_blank(line->text[line->len - 1])) {
		line->len--;
		line->to -= (int64_t)unit;
	}
}

enum ev_rc
ev_charlines_next(struct ev_charlines *l, int64_t hold,
    struct ev_charline *line, struct ev_err *err)
{
	size_t n, unit = ev_charset_unit(l->charset);
	enum ev_rc rc;
	bool whole;

	memset(line, 0, sizeof(*line));
	l->lines.pos = (size_t)(hold - l->lines.base);
	line->from = line->start = l->at;
	rc = find_end(l, &n, err);
	if (rc == EV_LIMIT)
		return pass_over(l, line, err);
	if (rc == EV_EOF && n == 0)
		return EV_EOF;
	if (rc != EV_OK && rc != EV_EOF)
		return rc;
	whole = rc == EV_OK;
	ev_buf_clear(&l->text);
	rc = ev_charset_text(&l->text, l->charset, bytes(l), n, err);
	line->bad = rc == EV_EOF;
	if (rc != EV_OK && rc != EV_EOF)
		return rc;
	line->text = ev_buf_text(&l->text);
	line->len = l->text.len;
	line->to = l->at + (int64_t)n;
	l->at = line->end = line->to + (whole ? (int64_t)unit : 0);
	if (!line->bad || unit == 1)
		trim(line, unit);
	return EV_OK;
}

int64_t
ev_charline_place(const struct ev_charlines *l, const struct ev_charline *line,
    size_t n)
{
	const unsigned char *p = (const unsigned char *)line->text;
	int64_t units = 0;
	size_t i;

	if (l->charset == EV_CHARSET_UTF8 || line->bad)
		return line->from + (int64_t)n;
	/* A code point takes a unit, of UTF-16 two beyond U+FFFF. */
	for (i = 0; i < n; i++)
		units += (p[i] & 0xc0) != 0x80;
	for (i = 0; i < n && ev_charset_unit(l->charset) == 2; i++)
		units += p[i] >= 0xf0;
	return line->from + units * (int64_t)ev_charset_unit(l->charset);
}

enum ev_rc
ev_charlines_bom(struct ev_textlines *lines, enum ev_charset charset,
    struct ev_pass *pass, struct ev_err *err)
{
	const size_t low = charset == EV_CHARSET_UTF16BE ? 1 : 0;
	enum ev_rc rc = EV_OK;

	if (ev_charset_unit(charset) != 2)
		return EV_OK;
	while (lines->len < 2 && rc == EV_OK)
		rc = ev_textlines_more(lines, err);
	if (rc != EV_OK)
		return rc == EV_EOF ? EV_OK : rc;
	if (lines->data[low] != 0xff || lines->data[1 - low] != 0xfe)
		return EV_OK;
	lines->pos = 2;
	return ev_pass_note(pass, "bom", "", 0, err);
}
