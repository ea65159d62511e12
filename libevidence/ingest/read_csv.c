/* reader csv: RFC 4180 rows, keyed by their header. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/charset.h"
#include "ingest/textline.h"

enum { COLUMNS = 4096 };

enum tables { TABLES_ONE, TABLES_BLANK, TABLES_RULED };

/* What the next row is. */
enum expect { EXPECT_HEADER, EXPECT_ROW, EXPECT_RULE };

struct cell {
	size_t offset, length; /* in the row, quotes included */
	size_t text, text_len; /* in text */
	bool bad;
};

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
	int64_t number;

	/* The row at hand. */
	const unsigned char *data;
	size_t len; /* with its line end */
	int64_t from;
	struct cell cell[COLUMNS];
	size_t cells;
	struct ev_buf text;
	struct ev_buf raw; /* a cell without its doubled quotes */

	struct ev_buf name_text;
	struct {
		size_t at, len;
	} name[COLUMNS];
	size_t names;
	struct ev_json_node node[COLUMNS + 1];
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

/* The text of one cell: quotes off, doubled ones single, as UTF-8. */
static enum ev_rc
cell_text(struct csv *c, struct cell *cell)
{
	const unsigned char *p = c->data + cell->offset;
	size_t from = 0, to = cell->length, i;
	enum ev_rc rc = EV_OK;

	ev_buf_clear(&c->raw);
	if (cell->length >= 2 * c->unit &&
	    character(c, p) == (unsigned char)c->quote) {
		from = c->unit;
		to -= c->unit;
	}
	for (i = from; i + c->unit <= to && rc == EV_OK; i += c->unit) {
		rc = ev_buf_put(&c->raw, p + i, c->unit, c->err);
		if (from > 0 && character(c, p + i) == (unsigned char)c->quote)
			i += c->unit;
	}
	cell->text = c->text.len;
	if (rc == EV_OK && c->raw.len > 0)
		rc = ev_charset_text(&c->text, c->charset, c->raw.data,
		    c->raw.len, c->err);
	cell->bad = rc == EV_EOF;
	if (rc == EV_EOF)
		rc = EV_OK;
	cell->text_len = c->text.len - cell->text;
	if (rc == EV_OK)
		rc = ev_buf_putc(&c->text, '\0', c->err);
	return rc;
}

/* Cut the row into cells; EV_INPUT with a message if that cannot be. */
static enum ev_rc
split(struct csv *c)
{
	size_t end = body(c), at, from = 0;
	enum scan state = AT_START, next;
	enum ev_rc rc = EV_OK;
	unsigned char ch;

	c->cells = 0;
	ev_buf_clear(&c->text);
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
		if (c->cells == COLUMNS)
			return ev_fail(c->err, EV_INPUT,
			    "at most %d columns were expected", COLUMNS);
		memset(&c->cell[c->cells], 0, sizeof(c->cell[0]));
		c->cell[c->cells].offset = from;
		c->cell[c->cells].length = (at < end ? at : end) - from;
		rc = cell_text(c, &c->cell[c->cells++]);
		from = at + c->unit;
		state = AT_START;
	}
	return rc;
}

/* Keep the header: a second column of one name is NAME#2. */
static enum ev_rc
keep_names(struct csv *c)
{
	const char *name;
	size_t i, k, same, len;
	char number[24];
	enum ev_rc rc = EV_OK;

	ev_buf_clear(&c->name_text);
	c->names = c->cells;
	for (i = 0; i < c->cells && rc == EV_OK; i++) {
		name = (const char *)c->text.data + c->cell[i].text;
		len = c->cell[i].text_len;
		same = 1;
		for (k = 0; k < i; k++)
			same += c->cell[k].text_len == len &&
				memcmp(c->text.data + c->cell[k].text, name,
				    len) == 0;
		c->name[i].at = c->name_text.len;
		rc = ev_buf_put(&c->name_text, name, len, c->err);
		snprintf(number, sizeof(number), "#%zu", same);
		if (rc == EV_OK && same > 1)
			rc = ev_buf_puts(&c->name_text, number, c->err);
		c->name[i].len = c->name_text.len - c->name[i].at;
		if (rc == EV_OK)
			rc = ev_buf_putc(&c->name_text, '\0', c->err);
	}
	return rc;
}

static enum ev_rc
count_names(struct csv *c, size_t count)
{
	char number[24];
	enum ev_rc rc = EV_OK;

	for (; c->names < count && rc == EV_OK; c->names++) {
		snprintf(number, sizeof(number), "%zu", c->names + 1);
		c->name[c->names].at = c->name_text.len;
		c->name[c->names].len = strlen(number);
		rc = ev_buf_put(&c->name_text, number, strlen(number) + 1,
		    c->err);
	}
	return rc;
}

static enum ev_rc
lose(struct csv *c, const char *reason, const char *message)
{
	const struct ev_loss loss = { -1, c->from, c->from + (int64_t)c->len,
		reason, message };

	return ev_pass_lose_record(c->pass, &loss, c->err);
}

/* The row as an object: header to cell. */
static enum ev_rc
show(struct csv *c)
{
	struct ev_record record = { c->node, c->data, c->from, c->from,
		c->from + (int64_t)body(c), true };
	struct ev_json_node *node;
	char pointer[32];
	enum ev_rc rc;
	size_t i;

	memset(c->node, 0, (c->cells + 1) * sizeof(c->node[0]));
	c->node[0].type = EV_JSON_OBJECT;
	c->node[0].length = body(c);
	c->node[0].count = c->cells;
	c->node[0].child = c->cells > 0 ? &c->node[1] : NULL;
	for (i = 0; i < c->cells; i++) {
		node = &c->node[i + 1];
		node->type = EV_JSON_STRING;
		node->notes = c->cell[i].bad ? EV_JSON_N_BAD_UTF8 : 0;
		node->offset = c->cell[i].offset;
		node->length = c->cell[i].length;
		node->key = (const char *)c->name_text.data + c->name[i].at;
		node->key_len = c->name[i].len;
		node->text = (const char *)c->text.data + c->cell[i].text;
		node->text_len = c->cell[i].text_len;
		node->next = i + 1 < c->cells ? node + 1 : NULL;
	}
	snprintf(pointer, sizeof(pointer), "row:%jd", (intmax_t)c->number);
	ev_buf_clear(&c->pass->pointer);
	rc = ev_buf_puts(&c->pass->pointer, pointer, c->err);
	if (rc == EV_OK)
		rc = ev_pass_record(c->pass, &record, c->err);
	return rc;
}

static enum ev_rc
data_row(struct csv *c)
{
	char message[96];
	enum ev_rc rc = EV_OK;

	c->number++;
	if (!c->header)
		rc = count_names(c, c->cells);
	if (rc == EV_OK && c->cells > c->names) {
		snprintf(message, sizeof(message),
		    "%zu columns were expected, there are %zu", c->names,
		    c->cells);
		return lose(c, "row-width", message);
	}
	if (rc == EV_OK && c->cells < c->names && c->header)
		rc = ev_pass_note(c->pass, "short-row", "", c->from, c->err);
	if (rc == EV_OK)
		rc = show(c);
	return rc;
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
	if (c->expect == EXPECT_RULE) {
		if (is_rule(c)) {
			c->expect = EXPECT_HEADER;
			return EV_OK;
		}
		return ev_pass_span(c->pass, EV_SPAN_IGNORED, c->from,
		    c->from + (int64_t)body(c), c->err);
	}
	rc = split(c);
	if (rc == EV_INPUT && c->expect == EXPECT_ROW)
		c->number++;
	if (rc == EV_INPUT)
		return lose(c, "syntax", c->err->msg);
	if (rc != EV_OK)
		return rc;
	if (c->expect == EXPECT_ROW)
		return data_row(c);
	c->expect = EXPECT_ROW;
	return keep_names(c);
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
	c->unit =
	    c->charset == EV_CHARSET_UTF16LE || c->charset == EV_CHARSET_UTF16BE
		? 2
		: 1;
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
	ev_buf_init(&c->text, 4 * (size_t)EV_ROW_LIMIT);
	ev_buf_init(&c->raw, (size_t)EV_ROW_LIMIT + 16);
	ev_buf_init(&c->name_text, 2 * (size_t)EV_ROW_LIMIT);
	set_options(c, pass->run[0].m);
	while ((rc = next_row(c)) == EV_OK) {
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
	ev_buf_release(&c->text);
	ev_buf_release(&c->raw);
	ev_buf_release(&c->name_text);
	free(c);
	return rc == EV_EOF ? EV_OK : rc;
}
