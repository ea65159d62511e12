/* A register as text: records with their place in the file. */
#include <stdio.h>
#include <string.h>

#include "case/register.h"
#include "evidence/text.h"

enum { COLUMNS = 64, RECORD_LIMIT = 1 << 20 };

static const char *const names[EV_R_FIELDS] = { "name", "aliases", "quality",
	"authority", "law", "section", "ref", "listed_on", "delisted_on",
	"status", "remarks" };

/* One row split: where each cell begins in text, NUL between. */
struct row {
	struct ev_buf text;
	size_t at[COLUMNS];
	size_t count;
	size_t offset, length; /* in the file */
	const char *fault;     /* NULL: none */
};

struct scan {
	const char *data;
	size_t len, pos;
};

static enum ev_rc
end_cell(struct row *r, struct ev_err *err)
{
	return ev_buf_putc(&r->text, '\0', err);
}

static enum ev_rc
begin_cell(struct row *r)
{
	if (r->count == COLUMNS) {
		r->fault = "more than 64 columns";
		r->count--;
	}
	r->at[r->count++] = r->text.len;
	return EV_OK;
}

/* A quoted cell, behind its first quote; "" is one quote. */
static enum ev_rc
quoted(struct scan *s, struct row *r, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && s->pos < s->len) {
		if (s->data[s->pos] != '"') {
			rc = ev_buf_putc(&r->text, s->data[s->pos++], err);
		} else if (s->pos + 1 < s->len && s->data[s->pos + 1] == '"') {
			rc = ev_buf_putc(&r->text, '"', err);
			s->pos += 2;
		} else {
			s->pos++;
			return EV_OK;
		}
	}
	if (rc == EV_OK)
		r->fault = "a quote is not closed";
	return rc;
}

static enum ev_rc
cell(struct scan *s, struct row *r, struct ev_err *err)
{
	enum ev_rc rc;

	rc = begin_cell(r);
	if (rc == EV_OK && s->pos < s->len && s->data[s->pos] == '"') {
		s->pos++;
		rc = quoted(s, r, err);
		if (rc == EV_OK && s->pos < s->len &&
		    strchr(",\r\n", s->data[s->pos]) == NULL)
			r->fault = "text behind a closing quote";
	}
	while (rc == EV_OK && s->pos < s->len &&
	       strchr(",\n", s->data[s->pos]) == NULL) {
		if (s->data[s->pos] == '\0')
			r->fault = "a NUL in a cell";
		if (s->data[s->pos] == '\r' &&
		    (s->pos + 1 == s->len || s->data[s->pos + 1] == '\n')) {
			s->pos++;
			continue;
		}
		rc = ev_buf_putc(&r->text, s->data[s->pos++], err);
	}
	return rc == EV_OK ? end_cell(r, err) : rc;
}

/* EV_EOF: no more rows. */
static enum ev_rc
next_row(struct scan *s, struct row *r, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	ev_buf_clear(&r->text);
	r->count = 0;
	r->fault = NULL;
	if (s->pos == s->len)
		return EV_EOF;
	r->offset = s->pos;
	for (;;) {
		rc = cell(s, r, err);
		if (rc != EV_OK || s->pos == s->len || s->data[s->pos] == '\n')
			break;
		s->pos++; /* the comma */
	}
	r->length = s->pos - r->offset;
	if (s->pos < s->len)
		s->pos++;
	if (rc == EV_OK && !ev_text_is_utf8(s->data + r->offset, r->length))
		r->fault = "not UTF-8";
	return rc;
}

static const char *
text_of(const struct row *r, size_t n)
{
	return (const char *)r->text.data + r->at[n];
}

/* Which column holds which field; -1: none does. */
static enum ev_rc
read_header(const struct row *r, int column[EV_R_FIELDS],
    const struct ev_register_sink *sink, struct ev_err *err)
{
	char what[128];
	enum ev_rc rc = EV_OK;
	size_t i, n;

	for (n = 0; n < EV_R_FIELDS; n++)
		column[n] = -1;
	for (i = 0; rc == EV_OK && i < r->count; i++) {
		for (n = 0; n < EV_R_FIELDS; n++) {
			if (strcmp(text_of(r, i), names[n]) == 0)
				break;
		}
		if (n < EV_R_FIELDS && column[n] < 0) {
			column[n] = (int)i;
			continue;
		}
		(void)snprintf(what, sizeof(what),
		    "column '%.64s' is not one of a register's", text_of(r, i));
		rc = sink->fault(sink->ctx, 0, 0, what, err);
	}
	if (rc == EV_OK && (r->fault != NULL || column[EV_R_NAME] < 0))
		return ev_fail(err, EV_INPUT,
		    "line 1 is no header with a column 'name'");
	return rc;
}

static enum ev_rc
one_record(const struct row *r, const int column[EV_R_FIELDS], size_t width,
    const struct ev_register_sink *sink, struct ev_err *err)
{
	struct ev_register_record record;
	const char *fault = r->fault;
	size_t n;

	record.offset = (int64_t)r->offset;
	record.length = (int64_t)r->length;
	if (fault == NULL && r->count != width)
		fault = "another number of columns than the header";
	for (n = 0; fault == NULL && n < EV_R_FIELDS; n++)
		record.field[n] =
		    column[n] < 0 ? "" : text_of(r, (size_t)column[n]);
	if (fault == NULL && record.field[EV_R_NAME][0] == '\0')
		fault = "the name is empty";
	if (fault != NULL)
		return sink->fault(sink->ctx, record.offset, record.length,
		    fault, err);
	return sink->record(sink->ctx, &record, err);
}

enum ev_rc
ev_register_csv(const void *data, size_t len,
    const struct ev_register_sink *sink, struct ev_err *err)
{
	struct scan s = { data, len, 0 };
	int column[EV_R_FIELDS];
	size_t width = 0;
	struct row row;
	enum ev_rc rc;

	ev_buf_init(&row.text, RECORD_LIMIT);
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		s.pos = 3;
	rc = next_row(&s, &row, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_INPUT, "the register is empty");
	if (rc == EV_OK)
		rc = read_header(&row, column, sink, err);
	width = row.count;
	while (rc == EV_OK) {
		rc = next_row(&s, &row, err);
		if (rc == EV_OK && row.length > 0 &&
		    !(row.length == 1 && s.data[row.offset] == '\r'))
			rc = one_record(&row, column, width, sink, err);
	}
	ev_buf_release(&row.text);
	return rc == EV_EOF ? EV_OK : rc;
}
