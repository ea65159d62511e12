/* Rows to a terminal, CSV or JSON lines. */
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/table.h"
#include "evidence/text.h"

enum { CELL_LIMIT = 64 << 20, ROWS_MAX = 1000000, WIDE = 1 << 16 };

struct cell {
	struct ev_buf text;
	bool set;
	bool number;
	int64_t value;
};

struct ev_table {
	const struct ev_table_column *column;
	size_t count;
	struct ev_table_opts opts;
	size_t shown[EV_TABLE_COLUMNS]; /* columns, in the order shown */
	size_t shown_count;
	size_t sorted[EV_TABLE_COLUMNS]; /* columns by name, for JSON */
	struct cell cell[EV_TABLE_COLUMNS];
	struct libscols_table *screen;
	int64_t rows;
	bool headed; /* the CSV header is written */
};

static int
find_column(const struct ev_table *t, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		if (strlen(t->column[i].name) == len &&
		    memcmp(t->column[i].name, name, len) == 0)
			return (int)i;
	}
	return -1;
}

static enum ev_rc
no_column(const struct ev_table *t, const char *name, size_t len,
    struct ev_err *err)
{
	char list[320] = "";
	size_t i, at = 0;

	for (i = 0; i < t->count && at < sizeof(list) - 32; i++)
		at += (size_t)snprintf(list + at, sizeof(list) - at, "%s%s",
		    i == 0 ? "" : " ", t->column[i].name);
	return ev_fail(err, EV_USE, "no column '%.*s'; there are: %s",
	    (int)(len > 40 ? 40 : len), name, list);
}

/* "A,B": which columns are shown, and in which order. */
static enum ev_rc
choose(struct ev_table *t, struct ev_err *err)
{
	const char *p = t->opts.columns;
	size_t i, len;
	int n;

	if (p == NULL) {
		for (i = 0; i < t->count; i++) {
			if (!t->column[i].hidden)
				t->shown[t->shown_count++] = i;
		}
		return EV_OK;
	}
	for (;;) {
		len = strcspn(p, ",");
		n = find_column(t, p, len);
		if (n < 0)
			return no_column(t, p, len, err);
		if (t->shown_count == EV_TABLE_COLUMNS)
			return ev_fail(err, EV_USE, "too many columns");
		t->shown[t->shown_count++] = (size_t)n;
		if (p[len] == '\0')
			return EV_OK;
		p += len + 1;
	}
}

static enum ev_rc
check_where(struct ev_table *t, struct ev_err *err)
{
	const char *w;
	size_t i, len;

	for (i = 0; i < t->opts.where_count; i++) {
		w = t->opts.where[i];
		len = strcspn(w, "=");
		if (find_column(t, w, len) < 0)
			return no_column(t, w, len, err);
	}
	return EV_OK;
}

static void
sort_names(struct ev_table *t)
{
	size_t i, k, n;

	for (i = 0; i < t->count; i++) {
		n = i;
		for (k = i; k > 0 && strcmp(t->column[t->sorted[k - 1]].name,
					 t->column[n].name) > 0;
		     k--)
			t->sorted[k] = t->sorted[k - 1];
		t->sorted[k] = n;
	}
}

static enum ev_rc
open_screen(struct ev_table *t, struct ev_err *err)
{
	const struct ev_table_column *c;
	char title[64];
	size_t i, k;
	int flags;

	t->screen = scols_new_table();
	if (t->screen == NULL)
		return ev_fail_sys(err, "cannot make a table");
	(void)scols_table_set_termforce(t->screen, SCOLS_TERMFORCE_ALWAYS);
	(void)scols_table_set_termwidth(t->screen,
	    t->opts.width > 0 ? (size_t)t->opts.width : (size_t)WIDE);
	for (i = 0; i < t->shown_count; i++) {
		c = &t->column[t->shown[i]];
		for (k = 0; c->name[k] != '\0' && k < sizeof(title) - 1; k++)
			title[k] = c->name[k] >= 'a' && c->name[k] <= 'z'
				       ? (char)(c->name[k] - 'a' + 'A')
				       : c->name[k];
		title[k] = '\0';
		flags = c->type == EV_TABLE_NUMBER ? SCOLS_FL_RIGHT
			: c->type == EV_TABLE_TEXT ? SCOLS_FL_TRUNC
						   : 0;
		if (scols_table_new_column(t->screen, title, 0.1, flags) ==
		    NULL)
			return ev_fail_sys(err, "cannot make a table");
	}
	return EV_OK;
}

enum ev_rc
ev_table_new(struct ev_table **out, const struct ev_table_column *columns,
    size_t count, const struct ev_table_opts *opts, struct ev_err *err)
{
	struct ev_table *t;
	enum ev_rc rc;
	size_t i;

	*out = NULL;
	if (count == 0 || count > EV_TABLE_COLUMNS)
		return ev_fail(err, EV_USE, "a table of %zu columns", count);
	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return ev_fail_sys(err, "cannot make a table");
	t->column = columns;
	t->count = count;
	t->opts = *opts;
	for (i = 0; i < count; i++)
		ev_buf_init(&t->cell[i].text, CELL_LIMIT);
	sort_names(t);
	rc = choose(t, err);
	if (rc == EV_OK)
		rc = check_where(t, err);
	if (rc == EV_OK && opts->form == EV_TABLE_TERMINAL)
		rc = open_screen(t, err);
	if (rc != EV_OK) {
		ev_table_free(t);
		return rc;
	}
	*out = t;
	return EV_OK;
}

void
ev_table_free(struct ev_table *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->count; i++)
		ev_buf_release(&t->cell[i].text);
	if (t->screen != NULL)
		scols_unref_table(t->screen);
	free(t);
}

enum ev_rc
ev_table_text(struct ev_table *t, size_t column, const void *data, size_t len,
    struct ev_err *err)
{
	struct cell *c = &t->cell[column];

	ev_buf_clear(&c->text);
	c->set = true;
	c->number = false;
	return ev_buf_put(&c->text, data == NULL ? "" : data, len, err);
}

enum ev_rc
ev_table_word(struct ev_table *t, size_t column, const char *word,
    struct ev_err *err)
{
	if (word == NULL)
		return EV_OK;
	return ev_table_text(t, column, word, strlen(word), err);
}

enum ev_rc
ev_table_number(struct ev_table *t, size_t column, int64_t value,
    struct ev_err *err)
{
	struct cell *c = &t->cell[column];

	ev_buf_clear(&c->text);
	c->set = true;
	c->number = true;
	c->value = value;
	return ev_buf_printf(&c->text, err, "%" PRId64, value);
}

static bool
wanted(const struct ev_table *t)
{
	const struct cell *c;
	const char *w;
	size_t i, len;

	for (i = 0; i < t->opts.where_count; i++) {
		w = t->opts.where[i];
		len = strcspn(w, "=");
		c = &t->cell[find_column(t, w, len)];
		w += len + 1;
		if (strlen(w) != c->text.len ||
		    (c->text.len > 0 &&
			memcmp(w, c->text.data, c->text.len) != 0))
			return false;
	}
	return true;
}

static enum ev_rc
screen_row(struct ev_table *t, struct ev_err *err)
{
	struct libscols_line *line;
	struct ev_buf safe;
	enum ev_rc rc = EV_OK;
	size_t i;

	if (t->rows >= ROWS_MAX)
		return ev_fail(err, EV_LIMIT,
		    "more than %d rows: use --json, "
		    "--csv or --where",
		    ROWS_MAX);
	line = scols_table_new_line(t->screen, NULL);
	if (line == NULL)
		return ev_fail_sys(err, "cannot add a row");
	ev_buf_init(&safe, CELL_LIMIT);
	for (i = 0; rc == EV_OK && i < t->shown_count; i++) {
		const struct cell *c = &t->cell[t->shown[i]];

		ev_buf_clear(&safe);
		rc = ev_text_safe(&safe, ev_buf_text(&c->text), c->text.len,
		    EV_TEXT_NAME, err);
		if (rc == EV_OK &&
		    scols_line_set_data(line, i, ev_buf_text(&safe)) != 0)
			rc = ev_fail_sys(err, "cannot add a row");
	}
	ev_buf_release(&safe);
	return rc;
}

static enum ev_rc
csv_header(struct ev_table *t, struct ev_buf *out, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	if (t->headed)
		return EV_OK;
	t->headed = true;
	for (i = 0; rc == EV_OK && i < t->shown_count; i++)
		rc = ev_buf_printf(out, err, "%s%s", i == 0 ? "" : ",",
		    t->column[t->shown[i]].name);
	return rc == EV_OK ? ev_buf_puts(out, "\r\n", err) : rc;
}

static enum ev_rc
csv_row(struct ev_table *t, struct ev_buf *out, struct ev_err *err)
{
	const struct cell *c;
	enum ev_rc rc;
	size_t i;

	rc = csv_header(t, out, err);
	for (i = 0; rc == EV_OK && i < t->shown_count; i++) {
		c = &t->cell[t->shown[i]];
		if (i > 0)
			rc = ev_buf_putc(out, ',', err);
		if (rc != EV_OK || !c->set)
			continue;
		if (c->number || t->column[t->shown[i]].type == EV_TABLE_WORD)
			rc = ev_buf_put(out, ev_buf_text(&c->text), c->text.len,
			    err);
		else
			rc = ev_text_csv(out, ev_buf_text(&c->text),
			    c->text.len, err);
	}
	return rc == EV_OK ? ev_buf_puts(out, "\r\n", err) : rc;
}

/* Bytes that are not UTF-8 have no place in JSON: their hex stands there. */
static enum ev_rc
json_cell(struct ev_jw *w, const struct ev_table *t, size_t i,
    struct ev_err *err)
{
	const struct cell *c = &t->cell[i];
	struct ev_buf hex;
	enum ev_rc rc;

	ev_jw_key(w, t->column[i].name);
	if (c->number) {
		ev_jw_int(w, c->value);
		return EV_OK;
	}
	if (ev_text_is_utf8(ev_buf_text(&c->text), c->text.len)) {
		ev_jw_str(w, ev_buf_text(&c->text), c->text.len);
		return EV_OK;
	}
	ev_buf_init(&hex, CELL_LIMIT);
	rc = ev_buf_reserve(&hex, c->text.len * 2 + 1, err);
	if (rc == EV_OK) {
		ev_text_hex((char *)hex.data, c->text.data, c->text.len);
		ev_jw_object(w);
		ev_jw_key_text(w, "hex", (const char *)hex.data);
		ev_jw_close(w);
	}
	ev_buf_release(&hex);
	return rc;
}

static enum ev_rc
json_row(struct ev_table *t, struct ev_buf *out, struct ev_err *err)
{
	bool schema = false;
	struct ev_buf row;
	struct ev_jw w;
	enum ev_rc rc = EV_OK;
	size_t i, n;

	ev_buf_init(&row, CELL_LIMIT);
	ev_jw_init(&w, &row);
	ev_jw_object(&w);
	for (i = 0; rc == EV_OK && i < t->count; i++) {
		n = t->sorted[i];
		if (!schema && strcmp(t->column[n].name, "schema") > 0) {
			ev_jw_key_text(&w, "schema", t->opts.schema);
			schema = true;
		}
		if (t->cell[n].set)
			rc = json_cell(&w, t, n, err);
	}
	if (!schema)
		ev_jw_key_text(&w, "schema", t->opts.schema);
	ev_jw_close(&w);
	if (rc == EV_OK)
		rc = ev_jw_end(&w, err);
	if (rc == EV_OK)
		rc = ev_text_json(out, row.data, row.len, err);
	ev_buf_release(&row);
	return rc == EV_OK ? ev_buf_putc(out, '\n', err) : rc;
}

static enum ev_rc
html_header(struct ev_table *t, struct ev_buf *out, struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	if (t->headed)
		return EV_OK;
	t->headed = true;
	rc = ev_buf_puts(out, "<table><thead><tr>", err);
	for (i = 0; rc == EV_OK && i < t->shown_count; i++)
		rc = ev_buf_printf(out, err, "<th scope=\"col\">%s</th>",
		    t->column[t->shown[i]].name);
	return rc == EV_OK ? ev_buf_puts(out, "</tr></thead><tbody>\n", err)
			   : rc;
}

static enum ev_rc
html_cell(struct ev_table *t, size_t n, struct ev_buf *out, struct ev_err *err)
{
	const struct cell *c = &t->cell[n];
	bool foreign = t->column[n].type == EV_TABLE_TEXT && c->text.len > 0;
	enum ev_rc rc;

	rc = ev_buf_puts(out, c->number ? "<td class=\"n\">" : "<td>", err);
	if (rc == EV_OK && foreign)
		rc = ev_buf_puts(out, "<bdi>", err);
	if (rc == EV_OK)
		rc = ev_text_html(out, ev_buf_text(&c->text), c->text.len,
		    EV_TEXT_NAME, err);
	if (rc == EV_OK && foreign)
		rc = ev_buf_puts(out, "</bdi>", err);
	return rc == EV_OK ? ev_buf_puts(out, "</td>", err) : rc;
}

static enum ev_rc
html_row(struct ev_table *t, struct ev_buf *out, struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	rc = html_header(t, out, err);
	if (rc == EV_OK)
		rc = ev_buf_puts(out, "<tr>", err);
	for (i = 0; rc == EV_OK && i < t->shown_count; i++)
		rc = html_cell(t, t->shown[i], out, err);
	return rc == EV_OK ? ev_buf_puts(out, "</tr>\n", err) : rc;
}

static void
clear_row(struct ev_table *t)
{
	size_t i;

	for (i = 0; i < t->count; i++) {
		ev_buf_clear(&t->cell[i].text);
		t->cell[i].set = t->cell[i].number = false;
	}
}

enum ev_rc
ev_table_row(struct ev_table *t, struct ev_err *err)
{
	struct ev_buf out;
	enum ev_rc rc = EV_OK;

	ev_buf_init(&out, CELL_LIMIT);
	if (!wanted(t))
		goto out;
	switch (t->opts.form) {
	case EV_TABLE_TERMINAL:
		rc = screen_row(t, err);
		break;
	case EV_TABLE_CSV:
		rc = csv_row(t, &out, err);
		break;
	case EV_TABLE_JSON:
		rc = json_row(t, &out, err);
		break;
	case EV_TABLE_HTML:
		rc = html_row(t, &out, err);
		break;
	}
	t->rows++;
	if (rc == EV_OK && out.len > 0)
		rc = t->opts.write(t->opts.ctx, out.data, out.len, err);
out:
	clear_row(t);
	ev_buf_release(&out);
	return rc;
}

enum ev_rc
ev_table_end(struct ev_table *t, int64_t *rows, struct ev_err *err)
{
	struct ev_buf out;
	char *text = NULL;
	enum ev_rc rc = EV_OK;

	*rows = t->rows;
	ev_buf_init(&out, CELL_LIMIT);
	if (t->opts.form == EV_TABLE_CSV)
		rc = csv_header(t, &out, err);
	if (t->opts.form == EV_TABLE_HTML && t->rows > 0)
		rc = ev_buf_puts(&out, "</tbody></table>\n", err);
	if (rc == EV_OK && out.len > 0)
		rc = t->opts.write(t->opts.ctx, out.data, out.len, err);
	ev_buf_release(&out);
	if (rc != EV_OK || t->opts.form != EV_TABLE_TERMINAL || t->rows == 0)
		return rc;
	if (scols_print_table_to_string(t->screen, &text) != 0 || text == NULL)
		return ev_fail_sys(err, "cannot lay out the table");
	rc = t->opts.write(t->opts.ctx, text, strlen(text), err);
	if (rc == EV_OK && (text[0] == '\0' || text[strlen(text) - 1] != '\n'))
		rc = t->opts.write(t->opts.ctx, "\n", 1, err);
	free(text);
	return rc;
}
