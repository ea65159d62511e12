/* What a reading found, into the tables. */
#include <string.h>

#include "ingest/acquire.h"

static const char sql_artifact[] =
    "INSERT INTO artifact(id, exhibit, ordinal, parent, place, member, type,"
    " size, declared, mtime_us, sha256, sha512, md5, sha1, media)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char sql_seen[] =
    "SELECT sha256, size, member FROM artifact WHERE id = ?";
static const char sql_reading[] =
    "INSERT INTO reading(id, artifact, outcome, b_read, b_set_aside,"
    " b_ignored, b_frame, fingerprint, message)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char sql_reading_end[] =
    "UPDATE reading SET outcome = ?, b_read = ?, b_set_aside = ?,"
    " b_ignored = ?, b_frame = ?, fingerprint = ?, message = ?"
    " WHERE id = ? AND b_read < 0";
static const char sql_rows[] =
    "INSERT INTO reading_rows(reading, mapping, found, read, duplicated,"
    " set_aside, ignored, facts, nulls, declared)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char sql_aside[] =
    "INSERT INTO set_aside(reading, mapping, offset, length, reason, message)"
    " VALUES(?, ?, ?, ?, ?, ?)";
static const char sql_duplicate[] =
    "INSERT INTO duplicate(reading, mapping, offset, length, first_offset)"
    " VALUES(?, ?, ?, ?, ?)";
static const char sql_ignored[] =
    "INSERT INTO ignored(reading, offset, length) VALUES(?, ?, ?)";
static const char sql_note[] =
    "INSERT INTO reading_note(reading, word, detail, offset)"
    " VALUES(?, ?, ?, ?)";
static const char sql_key[] =
    "INSERT INTO unknown_key(reading, path, times) VALUES(?, ?, ?)";

enum ev_rc
ev_row_prepare(struct ev_acquire *a, struct ev_err *err)
{
	const struct {
		struct ev_stmt **st;
		const char *sql;
	} all[] = {
		{ &a->artifact, sql_artifact },
		{ &a->seen, sql_seen },
		{ &a->reading, sql_reading },
		{ &a->reading_end, sql_reading_end },
		{ &a->rows, sql_rows },
		{ &a->aside, sql_aside },
		{ &a->duplicate, sql_duplicate },
		{ &a->ignored, sql_ignored },
		{ &a->note, sql_note },
		{ &a->key, sql_key },
	};
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < sizeof(all) / sizeof(all[0]); i++)
		rc = ev_db_prepare(a->db, all[i].st, err, all[i].sql, NULL);
	if (rc == EV_OK)
		rc = ev_fact_rows_new(&a->facts, a->db, err);
	return rc;
}

void
ev_row_finish(struct ev_acquire *a)
{
	ev_db_finish(a->artifact);
	ev_db_finish(a->seen);
	ev_db_finish(a->reading);
	ev_db_finish(a->reading_end);
	ev_db_finish(a->rows);
	ev_db_finish(a->aside);
	ev_db_finish(a->duplicate);
	ev_db_finish(a->ignored);
	ev_db_finish(a->note);
	ev_db_finish(a->key);
	ev_fact_rows_free(a->facts);
}

/*
 * One that was recorded before must be the same again: what a reading child
 * says of a member is never taken over what an earlier one said.
 */
static enum ev_rc
compare_seen(struct ev_acquire *a, const struct ev_open *open,
    const struct ev_digests *d, struct ev_err *err)
{
	const void *sha, *member;
	size_t sha_len, len;
	int64_t size;
	enum ev_rc rc;

	rc = ev_db_row(a->seen, err, "bib", &sha, &sha_len, &size, &member,
	    &len);
	if (rc != EV_OK)
		return rc;
	if (size == d->size && sha_len == EV_SHA256 &&
	    memcmp(sha, d->sha256, EV_SHA256) == 0 &&
	    len == open->member.path_len &&
	    (len == 0 || memcmp(member, open->member.path, len) == 0))
		return EV_OK;
	return ev_fail(err, EV_MISMATCH,
	    "read again, artifact A%06jd is not what it was",
	    (intmax_t)open->artifact);
}

enum ev_rc
ev_row_artifact(struct ev_acquire *a, const struct ev_open *open,
    const struct ev_digests *d, struct ev_err *err)
{
	const struct ev_member *m = &open->member;
	const char type[2] = { m->type, '\0' };
	enum ev_rc rc;

	if (a->now->known || a->now->begun > 1) {
		rc = ev_db_bind(a->seen, err, "i", open->artifact);
		if (rc == EV_OK)
			rc = ev_db_step(a->seen, err);
		if (rc == EV_OK)
			return compare_seen(a, open, d, err);
		if (rc != EV_EOF)
			return rc;
	}
	rc = ev_db_bind(a->artifact, err, "iiinibsinnbbbbs", open->artifact,
	    a->now->exhibit, m->ordinal,
	    open->parent == 0 ? NULL : &open->parent, m->index,
	    m->path_len == 0 ? "" : m->path, m->path_len, type, d->size,
	    m->declared_size < 0 ? NULL : &m->declared_size,
	    m->has_mtime ? &m->mtime : NULL, d->sha256, sizeof(d->sha256),
	    d->sha512, sizeof(d->sha512),
	    (d->have & EV_D_MD5) == 0 ? NULL : d->md5, sizeof(d->md5),
	    (d->have & EV_D_SHA1) == 0 ? NULL : d->sha1, sizeof(d->sha1),
	    open->media);
	if (rc == EV_OK)
		rc = ev_db_put(a->artifact, err);
	if (rc == EV_OK)
		a->totals.artifacts++;
	return rc;
}

enum ev_rc
ev_row_reading(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_member_total *total, struct ev_err *err)
{
	static const struct ev_member_total begun = {
		.outcome = EV_O_FAILED,
		.bytes = { -1, 0, 0, 0 },
		.fingerprint = "",
		.message = "",
	};
	enum ev_rc rc;

	if (total == NULL)
		total = &begun;
	rc = ev_db_bind(a->reading, err, "iisiiiiss", at->reading, at->artifact,
	    ev_outcome_name(total->outcome), total->bytes.read,
	    total->bytes.set_aside, total->bytes.ignored, total->bytes.frame,
	    total->fingerprint, total->message);
	return rc == EV_OK ? ev_db_put(a->reading, err) : rc;
}

enum ev_rc
ev_row_reading_end(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_member_total *total, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_bind(a->reading_end, err, "siiiissi",
	    ev_outcome_name(total->outcome), total->bytes.read,
	    total->bytes.set_aside, total->bytes.ignored, total->bytes.frame,
	    total->fingerprint, total->message, at->reading);
	return rc == EV_OK ? ev_db_put(a->reading_end, err) : rc;
}

enum ev_rc
ev_row_fact(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_fact *fact, struct ev_err *err)
{
	struct ev_fact_place place = {
		.fact = a->next_fact,
		.reading = at->reading,
		.artifact = at->artifact,
	};
	enum ev_rc rc;

	rc = ev_maps_row(&a->maps, a->db, fact->mapping, &place.mapping, err);
	if (rc == EV_OK)
		rc = ev_fact_rows_put(a->facts, &place, fact, err);
	if (rc == EV_OK)
		a->next_fact++;
	a->batch_facts++;
	return rc;
}

enum ev_rc
ev_row_duplicate(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_duplicate *row, struct ev_err *err)
{
	int64_t mapping;
	enum ev_rc rc;

	rc = ev_maps_row(&a->maps, a->db, row->mapping, &mapping, err);
	if (rc == EV_OK)
		rc = ev_db_bind(a->duplicate, err, "iiiii", at->reading,
		    mapping, row->offset, row->length, row->first_offset);
	return rc == EV_OK ? ev_db_put(a->duplicate, err) : rc;
}

enum ev_rc
ev_row_aside(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_set_aside *what, struct ev_err *err)
{
	int64_t mapping = 0;
	enum ev_rc rc = EV_OK;

	if (what->mapping >= 0)
		rc = ev_maps_row(&a->maps, a->db, what->mapping, &mapping, err);
	if (rc == EV_OK)
		rc = ev_db_bind(a->aside, err, "iniiss", at->reading,
		    mapping == 0 ? NULL : &mapping, what->offset, what->length,
		    what->reason, what->message);
	return rc == EV_OK ? ev_db_put(a->aside, err) : rc;
}

enum ev_rc
ev_row_ignored(struct ev_acquire *a, const struct ev_row_at *at, int64_t offset,
    int64_t length, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_bind(a->ignored, err, "iii", at->reading, offset, length);
	return rc == EV_OK ? ev_db_put(a->ignored, err) : rc;
}

enum ev_rc
ev_row_note(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_member_note *note, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_bind(a->note, err, "issi", at->reading, note->word,
	    note->detail, note->offset);
	return rc == EV_OK ? ev_db_put(a->note, err) : rc;
}

enum ev_rc
ev_row_key(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_unknown_key *key, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_bind(a->key, err, "ibi", at->reading, key->path, key->len,
	    key->times);
	return rc == EV_OK ? ev_db_put(a->key, err) : rc;
}

enum ev_rc
ev_row_rows(struct ev_acquire *a, const struct ev_row_at *at, int mapping,
    const struct ev_row_count *rows, struct ev_err *err)
{
	int64_t row;
	enum ev_rc rc;

	rc = ev_maps_row(&a->maps, a->db, mapping, &row, err);
	if (rc == EV_OK)
		rc = ev_db_bind(a->rows, err, "iiiiiiiiin", at->reading, row,
		    rows->found, rows->read, rows->duplicated, rows->set_aside,
		    rows->ignored, rows->facts, rows->nulls,
		    rows->declared < 0 ? NULL : &rows->declared);
	return rc == EV_OK ? ev_db_put(a->rows, err) : rc;
}
