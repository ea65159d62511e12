/* reader text-table: rows whose columns a tab or two blanks part. */
#include <stdlib.h>
#include <string.h>

#include "ingest/charline.h"
#include "ingest/table.h"

/* What the next line is. */
enum expect { EXPECT_HEADING, EXPECT_HEADER, EXPECT_ROW };

struct text {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_charlines lines;
	struct ev_table table;
	const char *after; /* NULL: the first line is the header */
	enum expect expect;
	bool tabs; /* the header's columns are parted by tabs */

	/* Where the header's columns begin, in characters of the line. */
	size_t begins[EV_TABLE_COLUMNS];
	size_t columns;
	size_t cell[EV_TABLE_COLUMNS]; /* the same of the row at hand */
};

static bool
is_parted(const struct text *t, const char *text, size_t len, size_t n)
{
	if (n == len)
		return true;
	if (t->tabs || text[n] == '\t')
		return text[n] == '\t';
	return text[n] == ' ' && n + 1 < len &&
	       (text[n + 1] == ' ' || text[n + 1] == '\t');
}

/* Characters of the line before its text n bytes on. */
static size_t
character(const struct ev_charline *line, size_t n)
{
	size_t i, count = line->blanks;

	for (i = 0; i < n; i++)
		count += ((unsigned char)line->text[i] & 0xc0) != 0x80;
	return count;
}

static enum ev_rc
add_cell(struct text *t, const struct ev_charline *line, size_t from, size_t to)
{
	struct ev_table *table = &t->table;
	int64_t begin, end;
	enum ev_rc rc = EV_OK;

	while (from < to && ev_charline_blank(line->text[from]))
		from++;
	while (to > from && ev_charline_blank(line->text[to - 1]))
		to--;
	begin = ev_charline_place(&t->lines, line, from);
	end = ev_charline_place(&t->lines, line, to);
	if (table->cells < EV_TABLE_COLUMNS)
		t->cell[table->cells] = character(line, from);
	if (to > from)
		rc = ev_buf_put(&table->text, line->text + from, to - from,
		    t->err);
	return rc == EV_OK ? ev_table_add(table, (size_t)(begin - line->from),
				 (size_t)(end - begin), to - from,
				 line->bad ? EV_JSON_N_BAD_UTF8 : 0)
			   : rc;
}

static enum ev_rc
split(struct text *t, const struct ev_charline *line)
{
	size_t from = 0, n;
	enum ev_rc rc = EV_OK;

	ev_table_begin(&t->table);
	for (n = 0; n <= line->len && rc == EV_OK; n++) {
		if (!is_parted(t, line->text, line->len, n))
			continue;
		rc = add_cell(t, line, from, n);
		from = n + 1;
		while (!t->tabs && from < line->len &&
		       ev_charline_blank(line->text[from]))
			n = from++;
	}
	return rc;
}

/*
 * Cells that are left out leave no trace among blanks: those of the row stand
 * where the header's columns begin, or it is not known whose they are.
 */
static bool
put_in_place(struct text *t)
{
	struct ev_table *table = &t->table;
	const struct ev_table_cell none = { 0 };
	size_t i, n = table->cells;

	for (i = t->columns; i-- > 0 && n > 0;) {
		if (t->cell[n - 1] == t->begins[i])
			table->cell[i] = table->cell[--n];
		else
			table->cell[i] = none;
	}
	if (n > 0)
		return false;
	while (i != (size_t)-1)
		table->cell[i--] = none;
	table->cells = t->columns;
	return true;
}

static enum ev_rc
row(struct text *t, const struct ev_charline *line)
{
	const unsigned char *data =
	    t->lines.lines.data + (line->from - t->lines.lines.base);
	const struct ev_table_row row = { data, line->from, line->to, line->to,
		true };

	if (!t->tabs && t->table.cells < t->columns && !put_in_place(t)) {
		t->table.number++;
		return ev_table_lose(&t->table, &row, "row-width",
		    "cells that begin where the header's do were expected");
	}
	return ev_table_show(&t->table, &row);
}

static enum ev_rc
header(struct text *t)
{
	t->columns = t->table.cells;
	memcpy(t->begins, t->cell, t->columns * sizeof(t->cell[0]));
	t->expect = EXPECT_ROW;
	return ev_table_header(&t->table);
}

static enum ev_rc
ignore(struct text *t, const struct ev_charline *line)
{
	return ev_pass_span(t->pass, EV_SPAN_IGNORED, line->from, line->to,
	    t->err);
}

static enum ev_rc
lose(struct text *t, const struct ev_charline *line, const char *reason,
    const char *message)
{
	const struct ev_table_row row = { NULL, line->start, line->end,
		line->end, true };

	t->table.number += t->expect == EXPECT_ROW;
	return ev_table_lose(&t->table, &row, reason, message);
}

static bool
is_heading(const struct text *t, const struct ev_charline *line)
{
	size_t len = t->after == NULL ? 0 : strlen(t->after);

	return len > 0 && line->len >= len &&
	       memcmp(line->text, t->after, len) == 0;
}

/* The header itself, if it has columns; else the header follows. */
static enum ev_rc
heading(struct text *t, const struct ev_charline *line)
{
	enum ev_rc rc;

	t->tabs = memchr(line->text, '\t', line->len) != NULL;
	rc = split(t, line);
	if (rc == EV_INPUT)
		return lose(t, line, "row-width", t->err->msg);
	if (rc == EV_OK && t->table.cells > 1)
		return header(t);
	t->expect = EXPECT_HEADER;
	return rc == EV_OK ? ignore(t, line) : rc;
}

static enum ev_rc
one_line(struct text *t, const struct ev_charline *line)
{
	enum ev_rc rc;

	if (line->too_long)
		return lose(t, line, "too-long",
		    "a row of at most 16 MiB was expected");
	if (line->len == 0) {
		if (t->after != NULL && t->expect == EXPECT_ROW)
			t->expect = EXPECT_HEADING;
		return EV_OK;
	}
	if (is_heading(t, line))
		return heading(t, line);
	if (t->expect == EXPECT_HEADING)
		return ignore(t, line);
	if (line->bad && ev_charset_unit(t->lines.charset) == 2)
		return lose(t, line, "bad-encoding",
		    "a line of this character set was expected");
	if (t->expect == EXPECT_HEADER)
		t->tabs = memchr(line->text, '\t', line->len) != NULL;
	rc = split(t, line);
	if (rc == EV_INPUT)
		return lose(t, line, "row-width", t->err->msg);
	if (rc != EV_OK)
		return rc;
	return t->expect == EXPECT_HEADER ? header(t) : row(t, line);
}

static enum ev_rc
read_lines(struct text *t)
{
	struct ev_charline line;
	enum ev_rc rc;

	rc = ev_charlines_bom(&t->lines.lines, t->lines.charset, t->pass,
	    t->err);
	t->lines.at = (int64_t)t->lines.lines.pos;
	while (rc == EV_OK) {
		rc = ev_charlines_next(&t->lines, t->lines.at, &line, t->err);
		if (rc == EV_OK)
			rc = one_line(t, &line);
		if (rc == EV_OK)
			rc = ev_pass_settle(t->pass, line.end, t->err);
	}
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_read_text_table(struct ev_pass *pass, struct ev_err *err)
{
	const struct ev_mapping *m = pass->run[0].m;
	struct text *t;
	enum ev_rc rc;

	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	t->pass = pass;
	t->err = err;
	t->after = ev_reader_option(m, "after");
	t->expect = t->after != NULL ? EXPECT_HEADING : EXPECT_HEADER;
	ev_charlines_init(&t->lines, &pass->view,
	    ev_charset_find(ev_reader_option(m, "charset")));
	ev_table_init(&t->table, pass, err);
	rc = read_lines(t);
	ev_table_release(&t->table);
	ev_charlines_release(&t->lines);
	free(t);
	return rc;
}
