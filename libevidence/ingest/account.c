/* The byte account: what the readings that one entry counts came to. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/acquire.h"

static const char sql_outcomes[] =
    "SELECT outcome, count(*), sum(b_read), sum(b_set_aside), sum(b_ignored),"
    " sum(b_frame) FROM reading WHERE entry = ? GROUP BY outcome";
static const char sql_rows[] =
    "SELECT coalesce(sum(w.found), 0), coalesce(sum(w.read), 0),"
    " coalesce(sum(w.duplicated), 0), coalesce(sum(w.set_aside), 0),"
    " coalesce(sum(w.ignored), 0), coalesce(sum(w.nulls), 0)"
    " FROM reading_rows w JOIN reading r ON r.id = w.reading"
    " WHERE r.entry = ?";
static const char sql_facts[] =
    "SELECT count(*) FROM fact f JOIN reading r ON r.id = f.reading"
    " WHERE r.entry = ?";
static const char sql_artifacts[] =
    "SELECT count(*) FROM artifact a JOIN exhibit e ON e.id = a.exhibit"
    " WHERE e.acquisition = ?";
static const char sql_stored[] =
    "SELECT coalesce(sum(size), 0) FROM exhibit WHERE acquisition = ?"
    " AND stored = id";

/*
 * Each list gives: number, name of the exhibit, path of a member (NULL where
 * it is the exhibit), word, text, count, bytes, offset.
 */
#define OF_READING                                            \
	"FROM reading r JOIN artifact a ON a.id = r.artifact" \
	" JOIN exhibit e ON e.id = a.exhibit"
#define MEMBER "CASE a.ordinal WHEN 0 THEN NULL ELSE a.member END"
static const struct {
	enum ev_ingest_about about;
	char letter;
	bool partial; /* a line of it means exit status 3 */
	const char *sql;
} lists[] = {
	{ EV_INGEST_LOSS, 0, true,
	    "SELECT 0, NULL, NULL, s.reason, '', count(*),"
	    " sum(s.length), 0 FROM set_aside s JOIN reading r"
	    " ON r.id = s.reading WHERE r.entry = ?1 GROUP BY s.reason"
	    " ORDER BY 6 DESC, 4" },
	{ EV_INGEST_SET_ASIDE, 'S', true,
	    "SELECT s.id, e.name, " MEMBER ", s.reason, s.message, 1,"
	    " s.length, s.offset " OF_READING
	    " JOIN set_aside s ON s.reading = r.id WHERE r.entry = ?1"
	    " ORDER BY s.id" },
	{ EV_INGEST_LEFT_OUT, 0, false,
	    "SELECT 0, name, NULL, reason, message, 1, 0, 0 FROM left_out"
	    " WHERE acquisition = (SELECT id FROM acquisition"
	    " WHERE copy = ?1 - 1) ORDER BY rowid" },
	{ EV_INGEST_UNREAD, 'A', true,
	    "SELECT a.id, e.name, " MEMBER ", r.outcome, r.message, 1, a.size,"
	    " 0 " OF_READING " WHERE r.entry = ?1 AND r.outcome IN"
	    " ('unmapped', 'not-confirmed', 'failed') ORDER BY a.id" },
	{ EV_INGEST_DECLARED, 'A', false,
	    "SELECT a.id, e.name, " MEMBER ", m.name, '', w.found, w.declared,"
	    " 0 " OF_READING " JOIN reading_rows w ON w.reading = r.id"
	    " JOIN mapping m ON m.id = w.mapping WHERE r.entry = ?1"
	    " AND w.declared <> w.found ORDER BY a.id, m.id" },
	{ EV_INGEST_MISSING, 'A', true,
	    "SELECT a.id, e.name, " MEMBER ", d.member, '',"
	    " coalesce(d.count, 0), 0, 0 FROM temp.missing x JOIN fact f"
	    " ON f.id = x.fact JOIN fact_declared d ON d.fact = f.id"
	    " JOIN artifact a ON a.id = f.artifact JOIN exhibit e"
	    " ON e.id = a.exhibit WHERE ?1 > 0 AND coalesce(d.count, 1) > 0"
	    " ORDER BY f.id" },
	{ EV_INGEST_UNKNOWN_KEY, 0, false,
	    "SELECT 0, k.path, NULL, '', '', sum(k.times), 0, 0"
	    " FROM unknown_key k JOIN reading r ON r.id = k.reading"
	    " WHERE r.entry = ?1 GROUP BY k.path ORDER BY 6 DESC, k.path" },
	{ EV_INGEST_NOTE, 0, false,
	    "SELECT 0, NULL, NULL, n.word, '', count(DISTINCT n.reading), 0, 0"
	    " FROM reading_note n JOIN reading r ON r.id = n.reading"
	    " WHERE r.entry = ?1 GROUP BY n.word ORDER BY 6 DESC, 4" },
};

/* Notes that say more than a note. */
static const char *const loud[] = { "unknown-label", "zip-ambiguous",
	"reader-disagrees" };

const char *
ev_ingest_outcome(int outcome)
{
	return ev_outcome_name((enum ev_outcome)outcome);
}

static int
find_outcome(const char *name)
{
	int i;

	for (i = 0; i < EV_INGEST_OUTCOMES; i++) {
		if (strcmp(ev_ingest_outcome(i), name) == 0)
			return i;
	}
	return EV_O_FAILED;
}

static enum ev_rc
add_outcomes(struct ev_acquire *a, struct ev_err *err)
{
	struct ev_ingest_totals *t = &a->totals;
	struct ev_stmt *st = NULL;
	int64_t count, bytes[4];
	const char *name;
	enum ev_rc rc;

	rc = ev_db_prepare(a->db, &st, err, sql_outcomes, "i", t->entry);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "siiiii", &name, &count, &bytes[0],
		    &bytes[1], &bytes[2], &bytes[3]);
		if (rc != EV_OK)
			break;
		t->outcome[find_outcome(name)] += count;
		t->bytes_read += bytes[0];
		t->bytes_set_aside += bytes[1];
		t->bytes_ignored += bytes[2];
		t->bytes_frame += bytes[3];
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
add_rows(struct ev_acquire *a, struct ev_err *err)
{
	struct ev_ingest_totals *t = &a->totals;
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	rc = ev_db_prepare(a->db, &st, err, sql_rows, "i", t->entry);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "iiiiii", &t->found, &t->read,
		    &t->duplicated, &t->set_aside, &t->ignored, &t->nulls);
	ev_db_finish(st);
	return rc;
}

enum ev_rc
ev_account(struct ev_acquire *a, struct ev_err *err)
{
	struct ev_ingest_totals *t = &a->totals;
	enum ev_rc rc;
	int i;

	rc = add_outcomes(a, err);
	if (rc == EV_OK)
		rc = add_rows(a, err);
	if (rc == EV_OK)
		rc = ev_db_int(a->db, &t->facts, err, sql_facts, "i", t->entry);
	if (rc == EV_OK && a->acquisition != 0)
		rc = ev_db_int(a->db, &t->artifacts, err, sql_artifacts, "i",
		    a->acquisition);
	if (rc == EV_OK && a->acquisition != 0)
		rc = ev_db_int(a->db, &t->stored_bytes, err, sql_stored, "i",
		    a->acquisition);
	t->acquisition = a->opts->dry_run ? 0 : a->acquisition;
	if (a->acquisition == 0) {
		t->artifacts = 0;
		for (i = 0; i < EV_INGEST_OUTCOMES; i++)
			t->artifacts += t->outcome[i];
	}
	return rc;
}

/* Does this line of a list that is no loss by itself call for status 3? */
static bool
is_loud(const struct ev_ingest_item *item)
{
	size_t i;

	if (item->about == EV_INGEST_DECLARED)
		return item->count < item->bytes;
	if (item->about == EV_INGEST_LEFT_OUT)
		return strcmp(item->word, "source-changed") == 0 ||
		       strcmp(item->word, "unreadable") == 0 ||
		       strcmp(item->word, "vanished") == 0;
	for (i = 0; i < sizeof(loud) / sizeof(loud[0]); i++) {
		if (item->about == EV_INGEST_NOTE &&
		    strcmp(item->word, loud[i]) == 0)
			return true;
	}
	return false;
}

struct line {
	int64_t number;
	const void *exhibit, *member;
	size_t exhibit_len, member_len;
};

/* "exhibit!/member", or the exhibit alone. */
static enum ev_rc
join(struct ev_buf *out, const struct line *l, struct ev_err *err)
{
	enum ev_rc rc;

	ev_buf_clear(out);
	rc = ev_buf_put(out, l->exhibit, l->exhibit_len, err);
	if (rc == EV_OK && l->member != NULL)
		rc = ev_buf_puts(out, "!/", err);
	if (rc == EV_OK && l->member != NULL)
		rc = ev_buf_put(out, l->member, l->member_len, err);
	return rc;
}

static enum ev_rc
tell_list(struct ev_acquire *a, size_t n, struct ev_err *err)
{
	const struct ev_ingest_report *report = a->opts->report;
	struct ev_ingest_item item = { .about = lists[n].about };
	struct ev_stmt *st = NULL;
	struct line l;
	struct ev_buf name;
	enum ev_rc rc;

	ev_buf_init(&name, EV_LINE_LIMIT);
	rc = ev_db_prepare(a->db, &st, err, lists[n].sql, "i", a->totals.entry);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "ibbssiii", &l.number, &l.exhibit,
		    &l.exhibit_len, &l.member, &l.member_len, &item.word,
		    &item.text, &item.count, &item.bytes, &item.offset);
		if (rc == EV_OK)
			rc = join(&name, &l, err);
		if (rc != EV_OK)
			break;
		item.name = name.data;
		item.name_len = name.len;
		item.id[0] = '\0';
		if (lists[n].letter != 0)
			ev_id_print(item.id, lists[n].letter, l.number);
		a->partial = a->partial || lists[n].partial || is_loud(&item);
		if (report != NULL)
			report->item(report->ctx, &item);
	}
	ev_db_finish(st);
	ev_buf_release(&name);
	return rc == EV_EOF ? EV_OK : rc;
}

/* The sentences of the mappings that gave rows. */
static void
tell_limits(struct ev_acquire *a)
{
	const struct ev_ingest_report *report = a->opts->report;
	struct ev_ingest_item item = { .about = EV_INGEST_LIMIT };
	const struct ev_mapset_entry *entry;
	const char *const *limit;
	size_t i;

	for (i = 0; i < ev_mapset_count(a->maps.set); i++) {
		if (a->maps.row[i] == 0 || report == NULL)
			continue;
		entry = ev_mapset_entry(a->maps.set, (int)i);
		item.word = entry->id;
		for (limit = entry->limits; limit != NULL && *limit != NULL;
		     limit++) {
			item.text = *limit;
			report->item(report->ctx, &item);
		}
	}
}

enum ev_rc
ev_account_tell(struct ev_acquire *a, struct ev_err *err)
{
	const struct ev_ingest_report *report = a->opts->report;
	enum ev_rc rc = EV_OK;
	size_t n;

	if (report != NULL)
		report->begin(report->ctx, &a->totals);
	for (n = 0; rc == EV_OK && n < sizeof(lists) / sizeof(lists[0]); n++)
		rc = tell_list(a, n, err);
	if (rc == EV_OK)
		tell_limits(a);
	return rc;
}
