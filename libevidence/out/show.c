/* One thing of a case whole; a fact derived again before the reader's eyes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/catalog.h"
#include "evidence/custody.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "out/show_inside.h"

enum { ROW_LIMIT = 64 << 20, WHERE = 256 };

enum ev_rc
show_puts(struct show *s, const char *text, struct ev_err *err)
{
	return s->how->write(s->how->ctx, text, strlen(text), err);
}

enum ev_rc
show_safe(struct show *s, const void *data, size_t len, struct ev_err *err)
{
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, ROW_LIMIT);
	rc = ev_text_safe(&out, data, len, EV_TEXT_RUNNING, err);
	if (rc == EV_OK)
		rc = show_puts(s, ev_buf_text(&out), err);
	ev_buf_release(&out);
	return rc;
}

enum ev_rc
show_json(struct show *s, const void *data, size_t len, struct ev_err *err)
{
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, ROW_LIMIT);
	rc = ev_text_json(&out, data, len, err);
	if (rc == EV_OK)
		rc = show_puts(s, ev_buf_text(&out), err);
	ev_buf_release(&out);
	return rc;
}

/* "key             value" for each member of an object; nested ones as JSON. */
enum ev_rc
show_object(struct show *s, const struct ev_json_node *object, const char *text,
    struct ev_err *err)
{
	const struct ev_json_node *n;
	char label[64];
	enum ev_rc rc = EV_OK;

	for (n = object->child; rc == EV_OK && n != NULL; n = n->next) {
		if (strcmp(n->key, "schema") == 0)
			continue;
		(void)snprintf(label, sizeof(label), "%-15.60s ", n->key);
		rc = show_puts(s, label, err);
		if (rc == EV_OK && n->text != NULL)
			rc = show_safe(s, n->text, n->text_len, err);
		else if (rc == EV_OK)
			rc = show_json(s, text + n->offset, n->length, err);
		if (rc == EV_OK)
			rc = show_puts(s, "\n", err);
	}
	return rc;
}

/* Which list holds the things of a kind, and in which column. */
static const struct {
	char kind;
	const char *list, *column;
} kinds[] = {
	{ 'E', "exhibits", "exhibit" },
	{ 'A', "artifacts", "artifact" },
	{ 'I', "acquisitions", "acquisition" },
	{ 'W', "authorities", "authority" },
	{ 'S', "set-aside", "set_aside" },
	{ '@', "actors", "actor" },
};

static enum ev_rc
to_buf(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	return ev_buf_put(ctx, data, len, err);
}

/* One row of a list, as its JSON object. */
static enum ev_rc
row_of(struct show *s, const char *list, const char *column, const char *id,
    struct ev_buf *row, struct ev_err *err)
{
	char where[WHERE];
	const char *const wheres[] = { where };
	const struct ev_table_opts opts = { .form = EV_TABLE_JSON,
		.where = wheres,
		.where_count = 1,
		.write = to_buf,
		.ctx = row };
	int64_t rows = 0;
	enum ev_rc rc;

	if (snprintf(where, sizeof(where), "%s=%s", column, id) >=
	    (int)sizeof(where))
		return ev_fail(err, EV_USE, "'%.64s' is no id", id);
	rc = ev_catalog_write(s->c, list, &opts, &rows, err);
	if (rc == EV_OK && rows == 0)
		return ev_fail(err, EV_USE, "there is no %.64s in this case",
		    id);
	return rc;
}

static enum ev_rc
show_text(struct show *s, const char *text, size_t len, struct ev_err *err)
{
	struct ev_json_doc *doc = NULL;
	enum ev_rc rc;

	if (s->how->json) {
		rc = show_json(s, text, len, err);
		return rc == EV_OK ? show_puts(s, "\n", err) : rc;
	}
	rc = ev_json_parse(&doc, text, len, err);
	if (rc == EV_OK)
		rc = show_object(s, ev_json_root(doc), text, err);
	ev_json_free(doc);
	return rc;
}

static enum ev_rc
show_row(struct show *s, size_t n, const char *id, struct ev_err *err)
{
	struct ev_buf row;
	enum ev_rc rc;

	ev_buf_init(&row, ROW_LIMIT);
	rc = row_of(s, kinds[n].list, kinds[n].column, id, &row, err);
	if (rc == EV_OK && row.len > 0)
		row.data[--row.len] = '\0'; /* its newline */
	if (rc == EV_OK && !(kinds[n].kind == 'S' && s->how->raw))
		rc = show_text(s, ev_buf_text(&row), row.len, err);
	ev_buf_release(&row);
	return rc;
}

static enum ev_rc
show_entry(struct show *s, int64_t seq, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *leaf;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(s->c), &st, err,
	    "SELECT leaf FROM log WHERE seq = ?", "i", seq);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "t", &leaf, &len);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE, "there is no entry %" PRId64, seq);
	if (rc == EV_OK)
		rc = show_text(s, leaf, len, err);
	ev_db_finish(st);
	return rc;
}

static enum ev_rc
show_claim(struct show *s, int64_t id, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *line;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(s->c), &st, err,
	    "SELECT line FROM claim WHERE id = ?", "i", id);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "t", &line, &len);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE, "there is no claim %" PRId64, id);
	if (rc == EV_OK)
		rc = show_text(s, line, len, err);
	ev_db_finish(st);
	return rc;
}

/* "platform:id": every fact that names it, as rows. */
static enum ev_rc
show_account(struct show *s, const char *id, struct ev_err *err)
{
	const char *colon = strchr(id, ':');
	char platform[WHERE], account[WHERE];
	const char *const wheres[] = { platform, account };
	const struct ev_table_opts opts = { .form = s->how->json
							? EV_TABLE_JSON
							: EV_TABLE_TERMINAL,
		.where = wheres,
		.where_count = 2,
		.write = s->how->write,
		.ctx = s->how->ctx };
	int64_t rows = 0;
	enum ev_rc rc;

	(void)snprintf(platform, sizeof(platform), "platform=%.*s",
	    (int)(colon - id), id);
	(void)snprintf(account, sizeof(account), "account=%s", colon + 1);
	rc = ev_catalog_write(s->c, "facts", &opts, &rows, err);
	if (rc == EV_OK && rows == 0)
		return ev_fail(err, EV_USE, "no fact names the account %.64s",
		    id);
	return rc;
}

enum ev_rc
ev_show_id(struct ev_case *c, const char *id, const struct ev_show *how,
    struct ev_err *err)
{
	struct show s = { .c = c, .how = how };
	int64_t number = 0;
	char kind = id[0];
	enum ev_rc rc;
	size_t i;

	if (ev_text_int(&number, id, strlen(id), 1, INT64_MAX))
		return show_entry(&s, number, err);
	if (kind != '@' && !ev_id_parse(id, &kind, &number)) {
		if (strchr(id, ':') != NULL && strlen(id) < WHERE / 2)
			return show_account(&s, id, err);
		return ev_fail(err, EV_USE, "'%.64s' is no id", id);
	}
	if (kind == 'F')
		return show_fact(&s, number, err);
	if (kind == 'C')
		return show_claim(&s, number, err);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].kind != kind)
			continue;
		rc = how->raw && kind != 'S' && kind != 'A' && kind != 'E'
			 ? ev_fail(err, EV_USE, "%.64s has no bytes", id)
			 : EV_OK;
		if (rc == EV_OK && !(how->raw && kind != 'S'))
			rc = show_row(&s, i, id, err);
		if (rc == EV_OK && (kind == 'S' || how->raw))
			rc = show_span(&s, kind, number, err);
		return rc;
	}
	return ev_fail(err, EV_USE, "'%.64s' is no id", id);
}
