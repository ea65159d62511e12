/* The tables of ev-attrib: canonical lines out of a run, as rows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/when.h"
#include "weigh/case_run.h"
#include "weigh/gather.h"
#include "weigh/geo.h"

enum { ROWS_LIMIT = 512 << 20, CELL = 512 };

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct ev_table_column claim_columns[] = {
	{ "claim", EV_TABLE_WORD, false },
	{ "label", EV_TABLE_WORD, false },
	{ "subject", EV_TABLE_TEXT, false },
	{ "object", EV_TABLE_WORD, false },
	{ "low", EV_TABLE_NUMBER, false },
	{ "mid", EV_TABLE_NUMBER, false },
	{ "high", EV_TABLE_NUMBER, false },
	{ "word", EV_TABLE_WORD, false },
	{ "met", EV_TABLE_WORD, false },
	{ "asks", EV_TABLE_WORD, true },
	{ "families", EV_TABLE_NUMBER, true },
	{ "from", EV_TABLE_WORD, true },
	{ "to", EV_TABLE_WORD, true },
	{ "flags", EV_TABLE_WORD, true },
};
static const struct ev_table_column geo_columns[] = {
	{ "account", EV_TABLE_TEXT, false },
	{ "time", EV_TABLE_WORD, false },
	{ "ip", EV_TABLE_WORD, false },
	{ "port", EV_TABLE_WORD, true },
	{ "asn", EV_TABLE_NUMBER, true },
	{ "class", EV_TABLE_WORD, false },
	{ "flags", EV_TABLE_WORD, true },
	{ "result", EV_TABLE_WORD, false },
	{ "country", EV_TABLE_WORD, false },
	{ "votes", EV_TABLE_WORD, true },
	{ "stale", EV_TABLE_WORD, true },
	{ "fact", EV_TABLE_WORD, false },
};
static const struct ev_table_column link_columns[] = {
	{ "a", EV_TABLE_TEXT, false },
	{ "b", EV_TABLE_TEXT, false },
	{ "low", EV_TABLE_NUMBER, false },
	{ "mid", EV_TABLE_NUMBER, false },
	{ "high", EV_TABLE_NUMBER, false },
	{ "families", EV_TABLE_NUMBER, true },
	{ "label", EV_TABLE_WORD, false },
	{ "component", EV_TABLE_TEXT, true },
	{ "bottleneck", EV_TABLE_NUMBER, true },
	{ "steps", EV_TABLE_NUMBER, true },
};
static const struct ev_table_column headline_columns[] = {
	{ "figure", EV_TABLE_WORD, false },
	{ "country", EV_TABLE_WORD, false },
	{ "court", EV_TABLE_NUMBER, false },
	{ "court_lo", EV_TABLE_NUMBER, false },
	{ "court_hi", EV_TABLE_NUMBER, false },
	{ "expected", EV_TABLE_WORD, true },
	{ "possible", EV_TABLE_NUMBER, false },
	{ "unknown", EV_TABLE_NUMBER, false },
	{ "insufficient", EV_TABLE_NUMBER, false },
	{ "of", EV_TABLE_NUMBER, false },
	{ "register", EV_TABLE_TEXT, true },
	{ "set", EV_TABLE_WORD, true },
	{ "ruleset", EV_TABLE_WORD, true },
};

/* "source=CC@build" of each vote, parted by blanks. */
static void
put_votes(const struct ev_json_node *array, char cell[CELL])
{
	const struct ev_json_node *vote = array->child;
	size_t at = 0;

	cell[0] = '\0';
	for (; vote != NULL && at < CELL - 1; vote = vote->next) {
		const char *source = ev_json_get_text(vote, "source");
		const char *cc = ev_json_get_text(vote, "country");
		const char *built = ev_json_get_text(vote, "built");
		int n;

		if (source == NULL || cc == NULL || built == NULL)
			continue;
		n = snprintf(cell + at, CELL - at, "%s%s=%s@%.10s",
		    at > 0 ? " " : "", source, *cc == '\0' ? "none" : cc,
		    built);
		at += n < 0 ? 0 : (size_t)n;
	}
}

static enum ev_rc
put_cell(struct ev_table *t, const struct ev_table_column *column, size_t i,
    const struct ev_json_node *row, struct ev_err *err)
{
	const struct ev_json_node *node = ev_json_get(row, column->name);
	char cell[CELL];
	int64_t number;

	if (node == NULL)
		return EV_OK;
	if (node->type == EV_JSON_STRING)
		return ev_table_text(t, i, node->text, node->text_len, err);
	if (node->type == EV_JSON_BOOL)
		return ev_table_word(t, i, node->value ? "yes" : "no", err);
	if (node->type == EV_JSON_ARRAY) {
		put_votes(node, cell);
		return ev_table_word(t, i, cell, err);
	}
	if (node->type == EV_JSON_OBJECT) {
		const char *name = ev_json_get_text(node, "name");

		if (name == NULL)
			name = ev_json_get_text(node, "id");
		return ev_table_word(t, i, name, err);
	}
	if (column->type == EV_TABLE_NUMBER &&
	    ev_json_get_int(row, column->name, &number))
		return ev_table_number(t, i, number, err);
	return ev_table_word(t, i, node->text, err);
}

static enum ev_rc
put_row(struct ev_table *t, const struct ev_table_column *columns, size_t count,
    const char *line, size_t len, struct ev_err *err)
{
	struct ev_json_doc *doc = NULL;
	enum ev_rc rc;
	size_t i;

	rc = ev_json_parse(&doc, line, len, err);
	for (i = 0; i < count && rc == EV_OK; i++)
		rc = put_cell(t, &columns[i], i, ev_json_root(doc), err);
	if (rc == EV_OK)
		rc = ev_table_row(t, err);
	ev_json_free(doc);
	return rc;
}

struct form {
	const struct ev_table_column *columns;
	size_t count;
	const char *schema;
};

/* Lines with a newline each. */
static enum ev_rc
put_lines(const struct form *form, const struct ev_buf *lines,
    const struct ev_table_opts *opts, int64_t *rows, struct ev_err *err)
{
	struct ev_table_opts how = *opts;
	const char *at = ev_buf_text(lines), *end;
	struct ev_table *t = NULL;
	enum ev_rc rc;

	how.schema = form->schema;
	rc = ev_table_new(&t, form->columns, form->count, &how, err);
	while (rc == EV_OK && (end = strchr(at, '\n')) != NULL) {
		rc = put_row(t, form->columns, form->count, at,
		    (size_t)(end - at), err);
		at = end + 1;
	}
	if (rc == EV_OK)
		rc = ev_table_end(t, rows, err);
	ev_table_free(t);
	return rc;
}

/* A claim as a row: its line read, its number in front. */
static enum ev_rc
claim_line(void *ctx, int64_t id, const char *line, struct ev_err *err)
{
	struct ev_claim_row row = { .patch = 0 };
	struct ev_buf *out = ctx;
	char name[EV_ID_TEXT];
	struct ev_jw j;
	enum ev_rc rc;

	ev_buf_init(&row.line, ROWS_LIMIT);
	ev_buf_init(&row.text, ROWS_LIMIT);
	rc = ev_buf_puts(&row.line, line, err);
	if (rc == EV_OK)
		rc = ev_claim_read(&row, err);
	if (rc != EV_OK)
		goto out;
	ev_id_print(name, 'C', id);
	ev_jw_init(&j, out);
	ev_jw_object(&j);
	ev_jw_key_text(&j, "asks", row.pub.asks);
	ev_jw_key_text(&j, "claim", name);
	ev_jw_key_int(&j, "families", row.pub.families);
	ev_jw_key_text(&j, "flags", row.pub.flags);
	ev_jw_key_text(&j, "from", row.pub.from);
	ev_jw_key_int(&j, "high", row.pub.high);
	ev_jw_key_text(&j, "label", row.pub.label);
	ev_jw_key_int(&j, "low", row.pub.low);
	ev_jw_key(&j, "met");
	ev_jw_bool(&j, row.pub.met);
	ev_jw_key_int(&j, "mid", row.pub.mid);
	ev_jw_key_text(&j, "object", row.pub.object);
	ev_jw_key_text(&j, "subject", row.pub.subject);
	ev_jw_key_text(&j, "to", row.pub.to);
	ev_jw_key_text(&j, "word", row.pub.word);
	ev_jw_close(&j);
	rc = ev_jw_end(&j, err);
	if (rc == EV_OK)
		rc = ev_buf_putc(out, '\n', err);
out:
	ev_claim_row_release(&row);
	return rc;
}

static enum ev_rc
claim_lines(struct ev_case *c, struct ev_buf *lines, struct ev_err *err)
{
	struct ev_run run = { 0 };
	enum ev_rc rc;

	rc = ev_run_load(c, 0, &run, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE,
		    "nothing was weighed in this case yet: ev-attrib run");
	if (rc == EV_OK)
		rc = ev_run_lines(c, run.id, claim_line, lines, err);
	ev_run_release(&run);
	return rc;
}

enum ev_rc
ev_attrib_rows(struct ev_case *c, enum ev_attrib_table which,
    const struct ev_table_opts *opts, int64_t *rows, struct ev_err *err)
{
	static const struct form forms[] = {
		[EV_ATTRIB_CLAIMS] = { claim_columns, COUNT(claim_columns),
		    "evidence/claims/1" },
		[EV_ATTRIB_GEO] = { geo_columns, COUNT(geo_columns),
		    "evidence/geo/1" },
		[EV_ATTRIB_LINKS] = { link_columns, COUNT(link_columns),
		    "evidence/links/1" },
	};
	struct ev_run run = { 0 };
	struct ev_weigh *w = NULL;
	struct ev_buf lines;
	enum ev_rc rc;

	ev_buf_init(&lines, ROWS_LIMIT);
	if (which == EV_ATTRIB_CLAIMS) {
		rc = claim_lines(c, &lines, err);
	} else {
		rc = ev_run_weigh(c, NULL, NULL, &run, &w, err);
		if (rc == EV_OK || rc == EV_PARTIAL)
			rc = which == EV_ATTRIB_GEO
				 ? ev_weigh_geo_rows(w, &lines, err)
				 : ev_weigh_link_rows(w, &lines, err);
	}
	if (rc == EV_OK)
		rc = put_lines(&forms[which], &lines, opts, rows, err);
	ev_weigh_free(w);
	ev_run_release(&run);
	ev_buf_release(&lines);
	return rc;
}

enum ev_rc
ev_attrib_headline(struct ev_case *c, const struct ev_attrib_count *what,
    const struct ev_table_opts *opts, struct ev_err *err)
{
	static const struct form form = { headline_columns,
		COUNT(headline_columns), "evidence/headline/1" };
	struct ev_run run = { 0 };
	struct ev_weigh *w = NULL;
	struct ev_buf lines;
	int64_t rows;
	enum ev_rc rc;

	ev_buf_init(&lines, ROWS_LIMIT);
	rc = ev_run_weigh(c, what->from, what->to, &run, &w, err);
	if (rc == EV_OK || rc == EV_PARTIAL)
		rc = ev_weigh_figures(w, what->country, what->registered,
		    &lines, err);
	if (rc == EV_OK)
		rc = put_lines(&form, &lines, opts, &rows, err);
	ev_weigh_free(w);
	ev_run_release(&run);
	ev_buf_release(&lines);
	return rc;
}

enum ev_rc
ev_attrib_geo(struct ev_case *c, const char *ip, const char *at,
    const struct ev_table_opts *opts, struct ev_err *err)
{
	static const struct form form = { geo_columns, COUNT(geo_columns),
		"evidence/geo/1" };
	struct ev_run run = { 0 };
	struct ev_weigh *w = NULL;
	struct ev_buf lines;
	struct ev_addr addr;
	int64_t rows, us;
	enum ev_rc rc;

	if (!ev_addr_parse(&addr, ip))
		return ev_fail(err, EV_USE, "'%s' is no address", ip);
	if (!ev_when_parse(&us, NULL, at, strlen(at)))
		return ev_fail(err, EV_USE,
		    "'%s' is no instant (2025-01-31T12:00:00Z)", at);
	ev_buf_init(&lines, ROWS_LIMIT);
	rc = ev_run_weigh(c, NULL, NULL, &run, &w, err);
	if (rc == EV_OK || rc == EV_PARTIAL)
		rc = ev_weigh_geo_one(w, &addr, us, &lines, err);
	if (rc == EV_OK)
		rc = put_lines(&form, &lines, opts, &rows, err);
	ev_weigh_free(w);
	ev_run_release(&run);
	ev_buf_release(&lines);
	return rc;
}
