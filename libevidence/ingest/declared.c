/* The counts that a manifest states, brought to what they are about. */
#include <stdlib.h>
#include <string.h>

#include "ingest/acquire.h"

/*
 * captures.md 2.5, expect: the member of a fact "declared" is looked for from
 * the folder of the artifact that states it upwards; the first that exists is
 * meant.  One that is nowhere is listed as missing.
 */
static const char *const sql_places[] = {
	"CREATE TEMP TABLE IF NOT EXISTS place(exhibit INTEGER, member BLOB,"
	" artifact INTEGER)",
	"DELETE FROM temp.place",
	/* Exhibits of one acquisition are one another's neighbours: 0. */
	"INSERT INTO temp.place SELECT CASE a.ordinal WHEN 0 THEN 0 ELSE"
	" a.exhibit END, a.member, a.id FROM artifact a JOIN exhibit e"
	" ON e.id = a.exhibit WHERE e.acquisition IN (SELECT x.acquisition"
	" FROM reading r JOIN artifact b ON b.id = r.artifact JOIN exhibit x"
	" ON x.id = b.exhibit WHERE r.entry = ?)",
	"CREATE INDEX IF NOT EXISTS temp.ix_place ON place(exhibit, member)",
	"CREATE TEMP TABLE IF NOT EXISTS missing(fact INTEGER)",
	"DELETE FROM temp.missing",
};
static const char sql_declared[] =
    "SELECT f.id, CASE a.ordinal WHEN 0 THEN 0 ELSE a.exhibit END, a.member,"
    " d.member, d.count FROM fact f JOIN reading r ON r.id = f.reading"
    " JOIN fact_declared d ON d.fact = f.id JOIN artifact a"
    " ON a.id = f.artifact WHERE r.entry = ? AND d.member IS NOT NULL"
    " ORDER BY f.id";
static const char sql_find[] =
    "SELECT artifact FROM temp.place WHERE exhibit = ? AND member = ?";
static const char sql_missing[] = "INSERT INTO temp.missing VALUES(?)";
static const char sql_state[] =
    "UPDATE reading_rows SET declared = coalesce(declared, 0) + ?"
    " WHERE mapping = ? AND reading IN (SELECT id FROM reading"
    " WHERE artifact = ? AND entry = ?)";

struct declared {
	int64_t fact, exhibit, count;
	bool no_count;
	const void *own, *member;
	size_t own_len, member_len;
};

/* The path of the folder that holds the first len bytes of path. */
static size_t
parent(const char *path, size_t len)
{
	while (len > 0 && path[len - 1] != '/')
		len--;
	return len;
}

/* *artifact 0: nowhere. */
static enum ev_rc
resolve(struct ev_stmt *find, const struct declared *d, int64_t *artifact,
    struct ev_err *err)
{
	const char *own = d->own;
	struct ev_buf path;
	size_t len = parent(own, d->own_len);
	enum ev_rc rc;

	*artifact = 0;
	ev_buf_init(&path, EV_LINE_LIMIT);
	for (;;) {
		ev_buf_clear(&path);
		rc = ev_buf_put(&path, own, len, err);
		if (rc == EV_OK)
			rc = ev_buf_put(&path, d->member, d->member_len, err);
		if (rc == EV_OK)
			rc = ev_db_bind(find, err, "ib", d->exhibit, path.data,
			    path.len);
		if (rc == EV_OK)
			rc = ev_db_step(find, err);
		if (rc != EV_EOF || len == 0)
			break;
		len = parent(own, len - 1);
	}
	if (rc == EV_OK)
		rc = ev_db_row(find, err, "i", artifact);
	ev_buf_release(&path);
	return rc == EV_EOF ? EV_OK : rc;
}

/* Only mappings that expect a declared count are measured by it. */
static enum ev_rc
state(struct ev_acquire *a, struct ev_stmt *st, int64_t artifact,
    const struct declared *d, struct ev_err *err)
{
	const size_t count = ev_mapset_count(a->maps.set);
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < count; i++) {
		if (a->maps.row[i] == 0 ||
		    !ev_mapset_entry(a->maps.set, (int)i)->expect_declared)
			continue;
		rc = ev_db_bind(st, err, "iiii", d->count, a->maps.row[i],
		    artifact, a->totals.entry);
		if (rc == EV_OK)
			rc = ev_db_put(st, err);
	}
	return rc;
}

struct statements {
	struct ev_stmt *declared, *find, *missing, *state;
};

static enum ev_rc
each(struct ev_acquire *a, const struct statements *s, struct ev_err *err)
{
	struct declared d;
	int64_t artifact;
	enum ev_rc rc;

	while ((rc = ev_db_step(s->declared, err)) == EV_OK) {
		rc = ev_db_row(s->declared, err, "iibbn", &d.fact, &d.exhibit,
		    &d.own, &d.own_len, &d.member, &d.member_len, &d.count,
		    &d.no_count);
		if (rc == EV_OK)
			rc = resolve(s->find, &d, &artifact, err);
		if (rc == EV_OK && artifact == 0) {
			rc = ev_db_bind(s->missing, err, "i", d.fact);
			if (rc == EV_OK)
				rc = ev_db_put(s->missing, err);
		} else if (rc == EV_OK && !d.no_count) {
			rc = state(a, s->state, artifact, &d, err);
		}
		if (rc != EV_OK)
			return rc;
	}
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_account_declared(struct ev_acquire *a, int64_t entry, struct ev_err *err)
{
	struct statements s = { NULL, NULL, NULL, NULL };
	enum ev_rc rc = EV_OK;
	size_t i;

	a->totals.entry = entry;
	for (i = 0; rc == EV_OK && i < sizeof(sql_places) / sizeof(char *); i++)
		rc = i == 2 ? ev_db_run(a->db, err, sql_places[i], "i", entry)
			    : ev_db_run(a->db, err, sql_places[i], "");
	if (rc == EV_OK)
		rc = ev_db_prepare(a->db, &s.declared, err, sql_declared, "i",
		    entry);
	if (rc == EV_OK)
		rc = ev_db_prepare(a->db, &s.find, err, sql_find, NULL);
	if (rc == EV_OK)
		rc = ev_db_prepare(a->db, &s.missing, err, sql_missing, NULL);
	if (rc == EV_OK)
		rc = ev_db_prepare(a->db, &s.state, err, sql_state, NULL);
	if (rc == EV_OK)
		rc = each(a, &s, err);
	ev_db_finish(s.declared);
	ev_db_finish(s.find);
	ev_db_finish(s.missing);
	ev_db_finish(s.state);
	return rc;
}
