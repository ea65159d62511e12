/* reader html-table: the rows of a page's tables, keyed by their headers. */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/html.h"
#include "ingest/pairs.h"
#include "ingest/table.h"

enum role { ROLE_NONE, ROLE_TABLE, ROLE_ROW, ROLE_CELL, ROLE_NESTED };

struct page {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_html html;
	struct ev_table table;
	const char *after; /* NULL: every table is read */
	bool armed;        /* that heading was met: the next table is it */
	bool headed;       /* the table's first row was met */
	bool in_table, in_row, in_cell;
	bool too_long;
	size_t nested; /* tables within the cell */
	int64_t from;  /* of the row */
	struct ev_pairs_value value;
	struct ev_buf heading; /* a text that may be it */
};

static enum ev_rc
end_cell(struct page *p)
{
	struct ev_pairs_value *value = &p->value;
	struct ev_table *table = &p->table;
	enum ev_rc rc = EV_OK;
	bool bad;

	p->in_cell = false;
	ev_pairs_value_trim(value);
	if (p->too_long)
		return EV_OK;
	bad = !ev_text_is_utf8(value->text.data, value->text.len) ||
	      (value->text.len > 0 &&
		  memchr(value->text.data, '\0', value->text.len) != NULL);
	if (value->text.len > 0)
		rc = ev_buf_put(&table->text, value->text.data, value->text.len,
		    p->err);
	if (rc == EV_OK)
		rc = ev_table_add(table, (size_t)(value->from - p->from),
		    (size_t)(value->to - value->from), value->text.len,
		    EV_JSON_N_SOURCE | (bad ? EV_JSON_N_BAD_UTF8 : 0));
	/* Columns beyond what a table may have: the row is lost. */
	if (rc == EV_INPUT) {
		p->too_long = true;
		rc = EV_OK;
	}
	return rc;
}

static enum ev_rc
end_row(struct page *p)
{
	struct ev_table_row row = { NULL, p->from, p->html.at, p->html.at,
		false };
	enum ev_rc rc;

	p->in_row = false;
	if (p->table.cells == 0 && !p->too_long)
		return EV_OK;
	if (p->too_long || p->from < p->html.lines.base) {
		p->table.number += p->headed;
		rc = ev_table_lose(&p->table, &row, "too-long",
		    "a row of at most 16 MiB and 4096 columns was expected");
	} else if (!p->headed) {
		rc = ev_table_header(&p->table);
	} else {
		row.data = p->html.lines.data + (p->from - p->html.lines.base);
		rc = ev_table_show(&p->table, &row);
	}
	p->headed = true;
	return rc == EV_OK ? ev_pass_settle(p->pass, row.to, p->err) : rc;
}

static enum ev_rc
close_to(struct page *p, size_t depth)
{
	enum ev_rc rc = EV_OK;

	while (p->html.depth > depth && rc == EV_OK)
		switch (p->html.open[--p->html.depth].role) {
		case ROLE_TABLE:
			p->in_table = false;
			break;
		case ROLE_ROW:
			rc = end_row(p);
			break;
		case ROLE_CELL:
			rc = end_cell(p);
			break;
		case ROLE_NESTED:
			p->nested--;
			break;
		default:
			break;
		}
	return rc;
}

/* Another heading ends what the one before it announced. */
static void
look_for_heading(struct page *p, const struct ev_html_token *token)
{
	const char *name = token->name;

	if (name[0] == 'h' && name[1] >= '1' && name[1] <= '6' &&
	    name[2] == '\0')
		p->armed = false;
}

/* A table, a row or a cell of it; within a cell all of it is text. */
static void
open_part(struct page *p, const struct ev_html_token *token, int *role)
{
	const char *name = token->name;

	if (strcmp(name, "table") == 0 && p->in_table) {
		*role = ROLE_NESTED;
		p->nested++;
	} else if (strcmp(name, "table") == 0 &&
		   (p->after == NULL || p->armed)) {
		*role = ROLE_TABLE;
		p->in_table = true;
		p->armed = p->headed = false;
	} else if (strcmp(name, "tr") == 0 && p->in_table && p->nested == 0) {
		*role = ROLE_ROW;
		p->in_row = true;
		p->too_long = false;
		p->from = token->from;
		ev_table_begin(&p->table);
	} else if ((strcmp(name, "td") == 0 || strcmp(name, "th") == 0) &&
		   p->in_row && p->nested == 0 && !p->in_cell) {
		*role = ROLE_CELL;
		p->in_cell = true;
		ev_pairs_value_clear(&p->value, token->to);
	}
}

static bool
breaks_line(const char *name)
{
	return strcmp(name, "br") == 0 || strcmp(name, "p") == 0 ||
	       strcmp(name, "div") == 0 || strcmp(name, "li") == 0 ||
	       strcmp(name, "tr") == 0;
}

static enum ev_rc
open_element(struct page *p, const struct ev_html_token *token)
{
	int role = ROLE_NONE;
	enum ev_rc rc;

	rc = close_to(p, ev_html_implied(&p->html, token->name));
	if (rc == EV_OK && p->in_cell && breaks_line(token->name))
		rc = ev_pairs_value_line(&p->value, p->err);
	if (rc != EV_OK || token->empty)
		return rc;
	look_for_heading(p, token);
	open_part(p, token, &role);
	return ev_html_push(&p->html, token->name, role, p->err);
}

/* Is a text, its references decoded and its blanks gone, the heading? */
static enum ev_rc
is_heading(struct page *p, const struct ev_html_token *token, bool *is)
{
	const char *text;
	size_t len;
	enum ev_rc rc;

	ev_buf_clear(&p->heading);
	rc = ev_html_decode(&p->heading, token->data, token->len, p->err);
	text = ev_buf_text(&p->heading);
	len = p->heading.len;
	ev_pairs_trim(&text, &len);
	*is = p->after != NULL && strlen(p->after) == len &&
	      memcmp(text, p->after, len) == 0;
	return rc;
}

static enum ev_rc
take_text(struct page *p, const struct ev_html_token *token)
{
	const char *text = (const char *)token->data;
	size_t len = token->len, skip;
	enum ev_rc rc;
	bool is = false;

	if (p->in_cell && p->too_long)
		return EV_OK;
	if (p->in_cell)
		return ev_pairs_value_put(&p->value, token->data, token->len,
		    token->from, true, p->err);
	ev_pairs_trim(&text, &len);
	if (len == 0)
		return EV_OK;
	rc = p->in_table ? EV_OK : is_heading(p, token, &is);
	p->armed = p->armed || is;
	skip = (size_t)(text - (const char *)token->data);
	if (rc == EV_OK)
		rc = ev_pass_span(p->pass, EV_SPAN_IGNORED,
		    token->from + (int64_t)skip,
		    token->from + (int64_t)(skip + len), p->err);
	return rc == EV_OK && !p->in_row
		   ? ev_pass_settle(p->pass, token->from, p->err)
		   : rc;
}

/* The first byte that must stay at hand: the row's. */
static int64_t
hold(struct page *p)
{
	if (!p->in_row || p->too_long)
		return p->html.at;
	p->too_long = p->html.at - p->from > EV_ROW_LIMIT;
	return p->too_long ? p->html.at : p->from;
}

static enum ev_rc
read_page(struct page *p)
{
	struct ev_html_token token;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK) {
		ev_html_hold(&p->html, hold(p));
		rc = ev_html_next(&p->html, &token, p->err);
		if (rc != EV_OK)
			break;
		if (token.event == EV_HTML_TEXT)
			rc = take_text(p, &token);
		else if (token.event == EV_HTML_OPEN)
			rc = open_element(p, &token);
		else
			rc = close_to(p, ev_html_closes(&p->html, token.name));
	}
	return rc;
}

/* A row that the page ends in is set aside, and all behind it. */
static enum ev_rc
end_page(struct page *p, enum ev_rc rc)
{
	const char *reason = "too-long";
	struct ev_err why;

	if (rc == EV_EOF && !p->in_table)
		return EV_OK;
	if (rc == EV_EOF)
		rc = ev_fail(p->err, EV_INPUT,
		    "the page ends where more of a table was expected");
	if (rc != EV_INPUT && rc != EV_LIMIT)
		return rc;
	if (rc == EV_INPUT)
		reason = "truncated";
	else if (p->html.depth == EV_HTML_DEPTH)
		reason = "too-deep";
	why = *p->err;
	return ev_pass_lose_rest(p->pass, p->in_row ? p->from : p->html.at,
	    reason, why.msg, p->err);
}

enum ev_rc
ev_read_html_table(struct ev_pass *pass, struct ev_err *err)
{
	struct page *p;
	enum ev_rc rc;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	p->pass = pass;
	p->err = err;
	p->after = ev_reader_option(pass->run[0].m, "after");
	ev_html_init(&p->html, &pass->view);
	ev_table_init(&p->table, pass, err);
	ev_pairs_value_init(&p->value);
	ev_buf_init(&p->heading, EV_ROW_LIMIT);
	rc = end_page(p, read_page(p));
	ev_buf_release(&p->heading);
	ev_pairs_value_release(&p->value);
	ev_table_release(&p->table);
	ev_html_release(&p->html);
	free(p);
	return rc;
}
