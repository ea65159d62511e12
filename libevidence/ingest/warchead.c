/* The header of a WARC record: its fields, and how they may be written. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "evidence/text.h"
#include "ingest/warchead.h"

/* ISO 28500, clause 5: in the order of the standard. */
static const char *const known[] = { "WARC-Record-ID", "Content-Length",
	"WARC-Date", "WARC-Type", "Content-Type", "WARC-Concurrent-To",
	"WARC-Block-Digest", "WARC-Payload-Digest", "WARC-IP-Address",
	"WARC-Refers-To", "WARC-Refers-To-Target-URI", "WARC-Refers-To-Date",
	"WARC-Target-URI", "WARC-Truncated", "WARC-Warcinfo-ID",
	"WARC-Filename", "WARC-Profile", "WARC-Identified-Payload-Type",
	"WARC-Segment-Origin-ID", "WARC-Segment-Number",
	"WARC-Segment-Total-Length" };

void
ev_warc_head_init(struct ev_warc_head *h)
{
	memset(h, 0, sizeof(*h));
	ev_buf_init(&h->text, 4 * (size_t)EV_WARC_HEAD);
}

void
ev_warc_head_release(struct ev_warc_head *h)
{
	ev_buf_release(&h->text);
}

void
ev_warc_head_clear(struct ev_warc_head *h)
{
	ev_buf_clear(&h->text);
	h->count = h->size = 0;
	h->lf = h->folded = h->brackets = false;
}

const char *
ev_warc_version(const unsigned char *line, size_t len)
{
	if (len < 5 || memcmp(line, "WARC/", 5) != 0)
		return "a record was expected, which begins 'WARC/1.'";
	if (len != 8 || (memcmp(line + 5, "1.0", 3) != 0 &&
			    memcmp(line + 5, "1.1", 3) != 0))
		return "WARC of the versions 1.0 and 1.1 is read";
	return NULL;
}

static const char *
text_of(const struct ev_warc_head *h, size_t at)
{
	return (const char *)h->text.data + at;
}

static bool
blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

const char *
ev_warc_field(const struct ev_warc_head *h, const char *name, size_t *len)
{
	size_t i;

	for (i = 0; i < h->count; i++) {
		if (strcmp(text_of(h, h->field[i].name), name) != 0)
			continue;
		*len = h->field[i].value_len;
		return text_of(h, h->field[i].value);
	}
	return NULL;
}

/* How many fields have that name already. */
static size_t
same_names(const struct ev_warc_head *h, const char *name, size_t len)
{
	size_t i, n = 0;
	const char *have;

	for (i = 0; i < h->count; i++) {
		have = text_of(h, h->field[i].name);
		if (strncasecmp(have, name, len) == 0 &&
		    (have[len] == '\0' || have[len] == '#'))
			n++;
	}
	return n;
}

static enum ev_rc
put_name(struct ev_warc_head *h, struct ev_warc_field *f, const char *name,
    size_t len, struct ev_err *err)
{
	size_t i, same = same_names(h, name, len);
	enum ev_rc rc;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strlen(known[i]) == len &&
		    strncasecmp(known[i], name, len) == 0)
			name = known[i];
	}
	f->name = h->text.len;
	rc = ev_buf_put(&h->text, name, len, err);
	if (rc == EV_OK && same > 0)
		rc = ev_buf_printf(&h->text, err, "#%zu", same + 1);
	f->name_len = h->text.len - f->name;
	return rc == EV_OK ? ev_buf_putc(&h->text, '\0', err) : rc;
}

/* The value is the last of text; more of it may be put behind it. */
static enum ev_rc
put_value(struct ev_warc_head *h, struct ev_warc_field *f, const char *value,
    size_t len, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_buf_put(&h->text, value, len, err);
	f->value_len = h->text.len - f->value;
	f->bad = !ev_text_is_utf8(text_of(h, f->value), f->value_len) ||
		 memchr(text_of(h, f->value), '\0', f->value_len) != NULL;
	return rc == EV_OK ? ev_buf_putc(&h->text, '\0', err) : rc;
}

/* A line that begins with a blank goes on with the one before. */
static enum ev_rc
unfold(struct ev_warc_head *h, const char *value, size_t len, size_t end,
    struct ev_err *err)
{
	struct ev_warc_field *f;
	enum ev_rc rc;

	if (h->count == 0)
		return ev_fail(err, EV_INPUT,
		    "a header that begins with a continued line");
	f = &h->field[h->count - 1];
	h->folded = true;
	f->length = end - f->offset;
	ev_buf_cut(&h->text, f->value + f->value_len);
	rc = ev_buf_putc(&h->text, ' ', err);
	return rc == EV_OK ? put_value(h, f, value, len, err) : rc;
}

/* Some writers put the URI between angle brackets. */
static void
take_brackets(struct ev_warc_head *h, const char *name, size_t name_len,
    const char **value, size_t *len)
{
	if (name_len != 15 || strncasecmp(name, "WARC-Target-URI", 15) != 0 ||
	    *len < 2 || (*value)[0] != '<' || (*value)[*len - 1] != '>')
		return;
	h->brackets = true;
	*value += 1;
	*len -= 2;
}

enum ev_rc
ev_warc_head_line(struct ev_warc_head *h, const unsigned char *line, size_t len,
    size_t offset, struct ev_err *err)
{
	const unsigned char *colon, *value = line, *end = line + len;
	struct ev_warc_field *f;
	const char *text;
	size_t n;
	enum ev_rc rc;

	h->size += len;
	if (len > EV_WARC_LINE || h->size > EV_WARC_HEAD)
		return ev_fail(err, EV_LIMIT,
		    "a header of at most %d bytes, %d a line, was expected",
		    EV_WARC_HEAD, EV_WARC_LINE);
	while (end > line && blank(end[-1]))
		end--;
	colon = blank(line[0]) ? NULL : memchr(line, ':', (size_t)(end - line));
	if (colon != NULL)
		value = colon + 1;
	while (value < end && blank(*value))
		value++;
	text = (const char *)value;
	n = (size_t)(end - value);
	if (blank(line[0]))
		return unfold(h, text, n, offset + (size_t)(end - line), err);
	if (colon == NULL || colon == line)
		return ev_fail(err, EV_INPUT,
		    "a field 'Name: value' was expected");
	if (h->count == EV_WARC_FIELDS)
		return ev_fail(err, EV_LIMIT, "at most %d fields were expected",
		    EV_WARC_FIELDS);
	f = &h->field[h->count];
	memset(f, 0, sizeof(*f));
	f->offset = offset + (size_t)(value - line);
	f->length = n;
	rc = put_name(h, f, (const char *)line, (size_t)(colon - line), err);
	if (rc != EV_OK)
		return rc;
	take_brackets(h, (const char *)line, (size_t)(colon - line), &text, &n);
	f->value = h->text.len;
	h->count++;
	return put_value(h, f, text, n, err);
}

enum ev_rc
ev_warc_length(const struct ev_warc_head *h, int64_t *length,
    struct ev_err *err)
{
	size_t len, more;
	const char *text = ev_warc_field(h, "Content-Length", &len);

	if (text == NULL)
		return ev_fail(err, EV_INPUT, "a Content-Length was expected");
	if (ev_warc_field(h, "Content-Length#2", &more) != NULL)
		return ev_fail(err, EV_INPUT,
		    "one Content-Length was expected, there are more");
	if (len == 0 || len > 18 || strspn(text, "0123456789") != len ||
	    !ev_text_int(length, text, len, 0, INT64_MAX))
		return ev_fail(err, EV_INPUT,
		    "a Content-Length of at most 18 digits was expected");
	return EV_OK;
}
