/* The words of facts, for finding them: table words of late.sql. */
#include <string.h>

#include "evidence/text.h"
#include "ingest/acquire.h"

enum { WORDS_LIMIT = 64 << 20, FOLD_LIMIT = 1 << 20 };

/* One table is searched for each fact: that of its kind. */
static const char sql_texts[] =
    "SELECT f.id, f.name, f.handle, coalesce(p.text, m.text, v.text),"
    " coalesce(a.bio, p.place, m.conv_name, v.object, g.group_name),"
    " coalesce(a.location_declared, m.fwd_name, d.caption, e.other_name,"
    " g.member_name) FROM fact f JOIN reading r ON r.id = f.reading"
    " LEFT JOIN fact_account a ON a.fact = iif(f.kind = 'account', f.id, NULL)"
    " LEFT JOIN fact_post p ON p.fact = iif(f.kind = 'post', f.id, NULL)"
    " LEFT JOIN fact_message m ON m.fact = iif(f.kind = 'message', f.id, NULL)"
    " LEFT JOIN fact_activity v ON v.fact = iif(f.kind = 'activity', f.id,"
    " NULL)"
    " LEFT JOIN fact_membership g ON g.fact = iif(f.kind = 'membership', f.id,"
    " NULL)"
    " LEFT JOIN fact_media d ON d.fact = iif(f.kind = 'media', f.id, NULL)"
    " LEFT JOIN fact_edge e ON e.fact = iif(f.kind = 'edge', f.id, NULL)"
    " WHERE r.entry = ? ORDER BY f.id";
static const char sql_put[] = "INSERT INTO words(rowid, text) VALUES(?, ?)";

/* All texts of one fact, folded, parted by blanks. */
static enum ev_rc
gather(struct ev_buf *out, struct ev_stmt *st, int64_t *fact,
    struct ev_err *err)
{
	const char *text[5];
	size_t len[5], i;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "ittttt", fact, &text[0], &len[0], &text[1],
	    &len[1], &text[2], &len[2], &text[3], &len[3], &text[4], &len[4]);
	ev_buf_clear(out);
	for (i = 0; rc == EV_OK && i < 5; i++) {
		if (text[i] == NULL || len[i] == 0)
			continue;
		if (out->len > 0)
			rc = ev_buf_putc(out, ' ', err);
		/* What is too long to be folded is found as it is written. */
		if (rc == EV_OK && len[i] <= FOLD_LIMIT)
			rc = ev_text_fold(out, text[i], len[i], err);
		else if (rc == EV_OK)
			rc = ev_buf_put(out, text[i], len[i], err);
	}
	return rc;
}

enum ev_rc
ev_acquire_words(struct ev_acquire *a, int64_t entry, struct ev_err *err)
{
	struct ev_stmt *st = NULL, *put = NULL;
	struct ev_buf text;
	int64_t fact;
	enum ev_rc rc;

	if (!ev_db_has_late(a->db))
		return EV_OK;
	ev_buf_init(&text, WORDS_LIMIT);
	rc = ev_db_prepare(a->db, &st, err, sql_texts, "i", entry);
	if (rc == EV_OK)
		rc = ev_db_prepare(a->db, &put, err, sql_put, NULL);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = gather(&text, st, &fact, err);
		if (rc != EV_OK || text.len == 0)
			continue;
		rc = ev_db_bind(put, err, "it", fact, ev_buf_text(&text),
		    text.len);
		if (rc == EV_OK)
			rc = ev_db_put(put, err);
	}
	ev_db_finish(st);
	ev_db_finish(put);
	ev_buf_release(&text);
	return rc == EV_EOF ? EV_OK : rc;
}
