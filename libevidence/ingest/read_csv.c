/* reader csv: RFC 4180 rows, keyed by their header. */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/charline.h"
#include "ingest/table.h"

enum { RULE_LIMIT = 4096 };

enum tables { TABLES_ONE, TABLES_BLANK, TABLES_RULED };

/* What the next row is. */
enum expect { EXPECT_HEADER, EXPECT_ROW, EXPECT_RULE };

struct csv {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_textlines lines; /* used as a window over the view */
	char delim, quote;
	enum ev_charset charset;
	size_t unit, low; /* bytes of a character; where its low one is */
	enum tables tables;
	bool header;
	int64_t skip;
	enum expect expect;
	bool legend; /* the row at hand stands over a rule */
	bool torn;   /* it ends within quotes */

	/* The row at hand. */
	const unsigned char *data;
	size_t len; /* with its line end */
	int64_t from;
	struct ev_buf raw; /* a cell without its doubled quotes */
	struct ev_table table;
};

/* The character at i: its code below 0x80, else 0x80. */
static unsigned char
character(const struct csv *c, const unsigned char *p)
{
	if (c->unit == 1)
		return *p < 0x80 ? *p : 0x80;
	return p[1 - c->low] == 0 && p[c->low] < 0x80 ? p[c->low] : 0x80;
}

enum scan { AT_START, IN_PLAIN, IN_QUOTED, BEHIND_QUOTE };

static enum scan
next_state(const struct csv *c, enum scan state, unsigned char ch)
{
	if (state == IN_QUOTED)
		return ch == (unsigned char)c->quote ? BEHIND_QUOTE : IN_QUOTED;
	if (state == BEHIND_QUOTE && ch == (unsigned char)c->quote)
		return IN_QUOTED;
	if (ch == (unsigned char)c->delim)
		return AT_START;
	if (state == AT_START && ch == (unsigned char)c->quote)
		return IN_QUOTED;
	return state == BEHIND_QUOTE ? BEHIND_QUOTE : IN_PLAIN;
}

/*
 * Is the line at bytes on one of "=" only, over which the legend of a table
 * stands?  It is brought to hand to be looked at.
 */
static enum ev_rc
rule_at(struct csv *c, size_t at, bool *is)
{
	struct ev_textlines *w = &c->lines;
	enum ev_rc rc;
	unsigned char ch = 0;
	size_t i;

	*is = false;
	for (i = at; i - at < RULE_LIMIT; i += c->unit) {
		while (w->len - w->pos < i + c->unit) {
			rc = ev_textlines_more(w, c->err);
			if (rc != EV_OK)
				return rc == EV_EOF ? EV_OK : rc;
		}
		ch = character(c, w->data + w->pos + i);
		if (ch != '=')
			break;
		*is = true;
	}
	*is = *is && (ch == '\n' || ch == '\r' || ch == '=');
	return EV_OK;
}

/*
 * The next row with its line end; quoted line ends do not end it.  EV_LIMIT:
 * longer than a row may be.
 */
static enum ev_rc
next_row(struct csv *c)
{
	struct ev_textlines *w = &c->lines;
	enum scan state = AT_START;
	enum ev_rc rc = EV_OK;
	unsigned char ch;
	size_t at = 0;

	c->from = w->base + (int64_t)w->pos;
	for (;;) {
		if (w->len - w->pos < at + c->unit) {
			if (at > EV_ROW_LIMIT)
				return EV_LIMIT;
			rc = ev_textlines_more(w, c->err);
			if (rc == EV_OK)
				continue;
			if (rc != EV_EOF)
				return rc;
			at = w->len - w->pos;
			break;
		}
		ch = character(c, w->data + w->pos + at);
		at += c->unit;
		if (ch == '\n' && state != IN_QUOTED)
			break;
		state = next_state(c, state, ch);
	}
	if (at == 0)
		return EV_EOF;
	c->torn = state == IN_QUOTED;
	if (c->tables == TABLES_RULED) {
		rc = rule_at(c, at, &c->legend);
		if (rc != EV_OK)
			return rc;
	}
	c->data = w->data + w->pos;
	c->len = at;
	w->pos += at;
	return EV_OK;
}

/* The row without its line end. */
static size_t
body(const struct csv *c)
{
	size_t len = c->len;

	if (len >= c->unit && character(c, c->data + len - c->unit) == '\n')
		len -= c->unit;
	if (len >= c->unit && character(c, c->data + len - c->unit) == '\r')
		len -= c->unit;
	return len;
}

/* One cell: quotes off, doubled ones single, as UTF-8. */
static enum ev_rc
add_cell(struct csv *c, size_t offset, size_t length)
{
	const unsigned char *p = c->data + offset;
	size_t from = 0, to = length, i, before = c->table.text.len;
	enum ev_rc rc = EV_OK;
	bool bad;

	ev_buf_clear(&c->raw);
	if (length >= 2 * c->unit &&
	    character(c, p) == (unsigned char)c->quote) {
		from = c->unit;
		to -= c->unit;
	}
	for (i = from; i + c->unit <= to && rc == EV_OK; i += c->unit) {
		rc = ev_buf_put(&c->raw, p + i, c->unit, c->err);
		if (from > 0 && character(c, p + i) == (unsigned char)c->quote)
			i += c->unit;
	}
	if (rc == EV_OK && c->raw.len > 0)
		rc = ev_charset_text(&c->table.text, c->charset, c->raw.data,
		    c->raw.len, c->err);
	bad = rc == EV_EOF;
	if (rc != EV_OK && !bad)
		return rc;
	return ev_table_add(&c->table, offset, length,
	    c->table.text.len - before, bad ? EV_JSON_N_BAD_UTF8 : 0);
}

/* Cut the row into cells; EV_INPUT with a message if that cannot be. */
static enum ev_rc
split(struct csv *c)
{
	size_t end = body(c), at, from = 0;
	enum scan state = AT_START, next;
	enum ev_rc rc = EV_OK;
	unsigned char ch;

	ev_table_begin(&c->table);
	for (at = 0; at <= end && rc == EV_OK; at += c->unit) {
		ch = at + c->unit <= end ? character(c, c->data + at) : 0;
		next = next_state(c, state, ch);
		if (at + c->unit <= end && next != AT_START) {
			if (state == BEHIND_QUOTE && next == BEHIND_QUOTE)
				return ev_fail(c->err, EV_INPUT,
				    "a delimiter was expected behind a quote");
			state = next;
			continue;
		}
		if (state == IN_QUOTED && at >= end)
			return ev_fail(c->err, EV_INPUT,
			    "a closing quote was expected");
		rc = add_cell(c, from, (at < end ? at : end) - from);
		from = at + c->unit;
		state = AT_START;
	}
	return rc;
}

/* Where the row at hand stands: lost, its line end goes with it. */
static struct ev_table_row
place(const struct csv *c)
{
	const struct ev_table_row row = { c->data, c->from,
		c->from + (int64_t)body(c), c->from + (int64_t)c->len, true };

	return row;
}

static enum ev_rc
lose(struct csv *c, const char *reason, const char *message)
{
	const struct ev_table_row row = place(c);

	return ev_table_lose(&c->table, &row, reason, message);
}

static enum ev_rc
data_row(struct csv *c)
{
	struct ev_table_row row = place(c);
	enum ev_rc rc = EV_OK;

	if (!c->header)
		rc = ev_table_count(&c->table);
	return rc == EV_OK ? ev_table_show(&c->table, &row) : rc;
}

static bool
is_empty(const struct csv *c)
{
	return body(c) == 0;
}

/* A line of "=" only, over which the legend of a table stands. */
static bool
is_rule(const struct csv *c)
{
	size_t i, end = body(c);

	for (i = 0; i + c->unit <= end; i += c->unit)
		if (character(c, c->data + i) != '=')
			return false;
	return end > 0;
}

/* What stands outside of all tables. */
static enum ev_rc
outside(struct csv *c)
{
	if (is_rule(c)) {
		c->expect = EXPECT_HEADER;
		return EV_OK;
	}
	if (c->torn)
		return lose(c, "syntax", "a closing quote was expected");
	return ev_pass_span(c->pass, EV_SPAN_IGNORED, c->from,
	    c->from + (int64_t)body(c), c->err);
}

static enum ev_rc
one_row(struct csv *c)
{
	enum ev_rc rc;

	if (c->skip > 0) {
		c->skip--;
		return EV_OK;
	}
	if (is_empty(c)) {
		if (c->tables == TABLES_BLANK)
			c->expect = c->header ? EXPECT_HEADER : EXPECT_ROW;
		else if (c->tables == TABLES_RULED)
			c->expect = EXPECT_RULE;
		return EV_OK;
	}
	if (c->legend || (c->tables == TABLES_RULED && is_rule(c)))
		c->expect = EXPECT_RULE;
	if (c->expect == EXPECT_RULE)
		return outside(c);
	rc = split(c);
	if (rc == EV_INPUT && c->expect == EXPECT_ROW)
		c->table.number++;
	if (rc == EV_INPUT)
		return lose(c, "syntax", c->err->msg);
	if (rc != EV_OK)
		return rc;
	if (c->expect == EXPECT_ROW)
		return data_row(c);
	c->expect = EXPECT_ROW;
	return ev_table_header(&c->table);
}

static char
one_char(const char *option, char otherwise)
{
	if (option == NULL)
		return otherwise;
	return strcmp(option, "tab") == 0 ? '\t' : option[0];
}

static void
set_options(struct csv *c, const struct ev_mapping *m)
{
	const char *tables = ev_reader_option(m, "tables");
	const char *header = ev_reader_option(m, "header");
	const char *skip = ev_reader_option(m, "skip");

	c->delim = one_char(ev_reader_option(m, "delim"), ',');
	c->quote = one_char(ev_reader_option(m, "quote"), '"');
	c->charset = ev_charset_find(ev_reader_option(m, "charset"));
	c->unit = ev_charset_unit(c->charset);
	c->low = c->charset == EV_CHARSET_UTF16BE ? 1 : 0;
	c->header = header == NULL || strcmp(header, "none") != 0;
	if (tables != NULL && strcmp(tables, "blank") == 0)
		c->tables = TABLES_BLANK;
	else if (tables != NULL && strcmp(tables, "ruled") == 0)
		c->tables = TABLES_RULED;
	c->expect = c->tables == TABLES_RULED ? EXPECT_RULE
		    : c->header               ? EXPECT_HEADER
					      : EXPECT_ROW;
	if (skip != NULL)
		(void)ev_text_int(&c->skip, skip, strlen(skip), 0, 1000);
}

enum ev_rc
ev_read_csv(struct ev_pass *pass, struct ev_err *err)
{
	struct csv *c;
	enum ev_rc rc;

	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	c->pass = pass;
	c->err = err;
	ev_textlines_init(&c->lines, &pass->view);
	ev_table_init(&c->table, pass, err);
	ev_buf_init(&c->raw, (size_t)EV_ROW_LIMIT + 16);
	set_options(c, pass->run[0].m);
	rc = ev_charlines_bom(&c->lines, c->charset, pass, err);
	while (rc == EV_OK && (rc = next_row(c)) == EV_OK) {
		rc = one_row(c);
		if (rc == EV_OK)
			rc = ev_pass_settle(pass, c->from + (int64_t)c->len,
			    err);
		if (rc != EV_OK)
			break;
	}
	if (rc == EV_LIMIT && c->lines.len - c->lines.pos > EV_ROW_LIMIT)
		rc = ev_pass_lose_rest(pass, c->from, "too-long",
		    "a row of at most 16 MiB was expected", err);
	ev_textlines_release(&c->lines);
	ev_table_release(&c->table);
	ev_buf_release(&c->raw);
	free(c);
	return rc == EV_EOF ? EV_OK : rc;
}
