/* Facts by the words in them. */
#include <string.h>

#include "case/case.h"
#include "evidence/find.h"
#include "evidence/text.h"

enum { QUERY_LIMIT = 1 << 20 };

static const struct ev_table_column columns[] = {
	{ "fact", EV_TABLE_WORD, false },
	{ "kind", EV_TABLE_WORD, false },
	{ "platform", EV_TABLE_WORD, false },
	{ "account", EV_TABLE_TEXT, false },
	{ "t", EV_TABLE_WORD, false },
	{ "artifact", EV_TABLE_WORD, false },
	{ "offset", EV_TABLE_NUMBER, true },
	{ "length", EV_TABLE_NUMBER, true },
	{ "text", EV_TABLE_TEXT, false },
};

static const char sql_find[] =
    "SELECT f.id, f.kind, f.platform, f.account, f.t, f.artifact, f.offset,"
    " f.length, coalesce(p.text, m.text, a.bio, d.caption, f.name, f.handle)"
    " FROM words w JOIN fact_now f ON f.id = w.rowid"
    " LEFT JOIN fact_post p ON p.fact = f.id"
    " LEFT JOIN fact_message m ON m.fact = f.id"
    " LEFT JOIN fact_account a ON a.fact = f.id"
    " LEFT JOIN fact_media d ON d.fact = f.id"
    " WHERE words MATCH ? ORDER BY f.id";

/* Each word as a quoted phrase of the full text query, all of them wanted. */
static enum ev_rc
build_query(struct ev_buf *query, const char *const *words, size_t count,
    struct ev_err *err)
{
	struct ev_buf folded;
	enum ev_rc rc = EV_OK;
	const char *p;
	size_t i;

	ev_buf_init(&folded, QUERY_LIMIT);
	for (i = 0; rc == EV_OK && i < count; i++) {
		ev_buf_clear(&folded);
		rc = ev_text_fold(&folded, words[i], strlen(words[i]), err);
		if (rc == EV_OK && folded.len == 0)
			rc = ev_fail(err, EV_USE, "an empty word");
		if (rc == EV_OK)
			rc = ev_buf_puts(query, i == 0 ? "\"" : " \"", err);
		for (p = ev_buf_text(&folded); rc == EV_OK && *p != '\0'; p++)
			rc = ev_buf_puts(query,
			    *p == '"' ? "\"\"" : (const char[]){ *p, '\0' },
			    err);
		if (rc == EV_OK)
			rc = ev_buf_putc(query, '"', err);
	}
	ev_buf_release(&folded);
	return rc;
}

static enum ev_rc
put_row(struct ev_table *t, struct ev_stmt *st, struct ev_err *err)
{
	const char *kind, *platform, *account, *when, *text;
	char fact_id[EV_ID_TEXT], artifact_id[EV_ID_TEXT];
	int64_t fact, artifact, offset, length;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "issssiiis", &fact, &kind, &platform, &account,
	    &when, &artifact, &offset, &length, &text);
	if (rc != EV_OK)
		return rc;
	ev_id_print(fact_id, 'F', fact);
	ev_id_print(artifact_id, 'A', artifact);
	rc = ev_table_word(t, 0, fact_id, err);
	if (rc == EV_OK)
		rc = ev_table_word(t, 1, kind, err);
	if (rc == EV_OK)
		rc = ev_table_word(t, 2, platform, err);
	if (rc == EV_OK)
		rc = ev_table_word(t, 3, account, err);
	if (rc == EV_OK)
		rc = ev_table_word(t, 4, when, err);
	if (rc == EV_OK)
		rc = ev_table_word(t, 5, artifact_id, err);
	if (rc == EV_OK)
		rc = ev_table_number(t, 6, offset, err);
	if (rc == EV_OK)
		rc = ev_table_number(t, 7, length, err);
	if (rc == EV_OK)
		rc = ev_table_word(t, 8, text, err);
	return rc == EV_OK ? ev_table_row(t, err) : rc;
}

enum ev_rc
ev_find_words(struct ev_case *c, const char *const *words, size_t count,
    const struct ev_table_opts *opts, int64_t *rows, struct ev_err *err)
{
	struct ev_table_opts own = *opts;
	struct ev_stmt *st = NULL;
	struct ev_table *t = NULL;
	struct ev_buf query;
	enum ev_rc rc;

	*rows = 0;
	if (!ev_db_has_late(ev_case_db(c)))
		return ev_fail(err, EV_USE,
		    "the case has no index yet: nothing was ingested");
	own.schema = "evidence/find/1";
	ev_buf_init(&query, QUERY_LIMIT);
	rc = build_query(&query, words, count, err);
	if (rc == EV_OK)
		rc = ev_table_new(&t, columns,
		    sizeof(columns) / sizeof(columns[0]), &own, err);
	if (rc == EV_OK)
		rc = ev_db_prepare(ev_case_db(c), &st, err, sql_find, "s",
		    ev_buf_text(&query));
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = put_row(t, st, err);
	}
	if (rc == EV_EOF)
		rc = ev_table_end(t, rows, err);
	ev_db_finish(st);
	ev_table_free(t);
	ev_buf_release(&query);
	return rc;
}
