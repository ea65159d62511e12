/* Exhibits, artifacts and readings as the lines whose roots the log holds. */
#include <stdio.h>
#include <string.h>

#include "evidence/case.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "ingest/fact_rows.h"
#include "ingest/lines.h"

enum { LINE_LIMIT = 64 << 20, HEX = 129 };

static const char sql_exhibits[] =
    "SELECT id, acquisition, name, size, mtime_us, sha256, sha512, md5, sha1,"
    " stored, notes FROM exhibit WHERE acquisition = ? ORDER BY id";
static const char sql_artifacts[] =
    "SELECT a.id, a.exhibit, a.ordinal, a.parent, a.place, a.member, a.type,"
    " a.size, a.declared, a.mtime_us, a.sha256, a.sha512, a.md5, a.sha1,"
    " a.media FROM artifact a JOIN exhibit e ON e.id = a.exhibit"
    " WHERE e.acquisition = ? ORDER BY a.id";
static const char sql_readings[] =
    "SELECT id, artifact, outcome, b_read, b_set_aside, b_ignored, b_frame,"
    " fingerprint, message FROM reading WHERE entry = ? ORDER BY id";
static const char sql_rows[] =
    "SELECT m.name, m.version, r.found, r.read, r.duplicated, r.set_aside,"
    " r.ignored, r.facts, r.nulls, r.declared FROM reading_rows r"
    " JOIN mapping m ON m.id = r.mapping WHERE r.reading = ?"
    " ORDER BY r.mapping";
static const char sql_set_aside[] =
    "SELECT s.id, m.name, s.offset, s.length, s.reason, s.message"
    " FROM set_aside s LEFT JOIN mapping m ON m.id = s.mapping"
    " WHERE s.reading = ? ORDER BY s.id";
static const char sql_duplicates[] =
    "SELECT m.name, d.offset, d.length, d.first_offset FROM duplicate d"
    " JOIN mapping m ON m.id = d.mapping WHERE d.reading = ?"
    " ORDER BY d.rowid";
static const char sql_ignored[] =
    "SELECT offset, length FROM ignored WHERE reading = ? ORDER BY offset";
static const char sql_notes[] =
    "SELECT word, detail, offset FROM reading_note WHERE reading = ?"
    " ORDER BY rowid";
static const char sql_keys[] =
    "SELECT path, times FROM unknown_key WHERE reading = ? ORDER BY rowid";
static const char sql_facts[] =
    "SELECT f.id FROM fact f JOIN reading r ON r.id = f.reading"
    " WHERE r.entry = ? ORDER BY f.id";
static const char sql_facts_to_come[] =
    "SELECT f.id FROM fact f JOIN reading r ON r.id = f.reading"
    " WHERE r.entry IS NULL AND r.b_read >= 0 AND r.id >= ? ORDER BY f.id";

static void
put_hex(struct ev_jw *w, const char *key, const void *data, size_t len)
{
	char hex[HEX];

	if (data == NULL || len == 0 || len * 2 >= sizeof(hex))
		return;
	ev_text_hex(hex, data, len);
	ev_jw_key_text(w, key, hex);
}

static void
put_id(struct ev_jw *w, const char *key, char kind, int64_t number)
{
	char id[EV_ID_TEXT];

	ev_id_print(id, kind, number);
	ev_jw_key_text(w, key, id);
}

/* What an archive declares may be absurd: then as text (evidence-case(5)). */
static void
put_declared(struct ev_jw *w, const char *key, int64_t value)
{
	const int64_t limit = INT64_C(1) << 53;
	char text[24];

	if (value > -limit && value < limit) {
		ev_jw_key_int(w, key, value);
		return;
	}
	(void)snprintf(text, sizeof(text), "%jd", (intmax_t)value);
	ev_jw_key_text(w, key, text);
}

static void
put_time(struct ev_jw *w, const char *key, int64_t us)
{
	char text[EV_WHEN_TEXT];

	ev_when_print(text, us, EV_PREC_US);
	ev_jw_key_text(w, key, text);
}

static enum ev_rc
exhibit_line(struct ev_buf *out, struct ev_stmt *st, struct ev_err *err)
{
	int64_t id, acquisition, size, mtime, stored;
	const void *name, *sha256, *sha512, *md5, *sha1;
	size_t name_len, n256, n512, nmd5, nsha1;
	const char *notes;
	struct ev_jw w;
	bool no_mtime;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "iibinbbbbis", &id, &acquisition, &name,
	    &name_len, &size, &mtime, &no_mtime, &sha256, &n256, &sha512, &n512,
	    &md5, &nmd5, &sha1, &nsha1, &stored, &notes);
	if (rc != EV_OK)
		return rc;
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	put_id(&w, "acquisition", 'I', acquisition);
	put_id(&w, "exhibit", 'E', id);
	put_hex(&w, "md5", md5, nmd5);
	if (!no_mtime)
		put_time(&w, "mtime", mtime);
	ev_jw_key_bytes(&w, "name", "name_hex", name, name_len);
	if (notes != NULL && notes[0] != '\0')
		ev_jw_key_text(&w, "notes", notes);
	put_hex(&w, "sha1", sha1, nsha1);
	put_hex(&w, "sha256", sha256, n256);
	put_hex(&w, "sha512", sha512, n512);
	ev_jw_key_int(&w, "size", size);
	put_id(&w, "stored", 'E', stored);
	ev_jw_close(&w);
	return rc == EV_OK ? ev_jw_end(&w, err) : rc;
}

struct artifact {
	int64_t id, exhibit, ordinal, parent, place, size, declared, mtime;
	bool no_parent, no_declared, no_mtime;
	const void *member, *sha256, *sha512, *md5, *sha1;
	size_t member_len, n256, n512, nmd5, nsha1;
	const char *type, *media;
};

static enum ev_rc
artifact_line(struct ev_buf *out, struct ev_stmt *st, struct ev_err *err)
{
	struct artifact a;
	struct ev_jw w;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "iiinibsinnbbbbs", &a.id, &a.exhibit,
	    &a.ordinal, &a.parent, &a.no_parent, &a.place, &a.member,
	    &a.member_len, &a.type, &a.size, &a.declared, &a.no_declared,
	    &a.mtime, &a.no_mtime, &a.sha256, &a.n256, &a.sha512, &a.n512,
	    &a.md5, &a.nmd5, &a.sha1, &a.nsha1, &a.media);
	if (rc != EV_OK)
		return rc;
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	put_id(&w, "artifact", 'A', a.id);
	if (!a.no_declared)
		put_declared(&w, "declared", a.declared);
	put_id(&w, "exhibit", 'E', a.exhibit);
	put_hex(&w, "md5", a.md5, a.nmd5);
	ev_jw_key_text(&w, "media", a.media);
	ev_jw_key_bytes(&w, "member", "member_hex", a.member, a.member_len);
	if (!a.no_mtime)
		put_time(&w, "mtime", a.mtime);
	ev_jw_key_int(&w, "ordinal", a.ordinal);
	if (!a.no_parent)
		put_id(&w, "parent", 'A', a.parent);
	ev_jw_key_int(&w, "place", a.place);
	put_hex(&w, "sha1", a.sha1, a.nsha1);
	put_hex(&w, "sha256", a.sha256, a.n256);
	put_hex(&w, "sha512", a.sha512, a.n512);
	ev_jw_key_int(&w, "size", a.size);
	ev_jw_key_text(&w, "type", a.type);
	ev_jw_close(&w);
	return rc == EV_OK ? ev_jw_end(&w, err) : rc;
}

/* One list within a reading's line: open, a step for each row, close. */
typedef enum ev_rc row_fn(struct ev_jw *w, struct ev_stmt *st,
    struct ev_err *err);

static enum ev_rc
put_list(struct ev_jw *w, const char *key, struct ev_stmt *st, row_fn *row,
    struct ev_err *err)
{
	bool any = false;
	enum ev_rc rc;

	while ((rc = ev_db_step(st, err)) == EV_OK) {
		if (!any) {
			ev_jw_key(w, key);
			ev_jw_array(w);
		}
		any = true;
		ev_jw_object(w);
		rc = row(w, st, err);
		if (rc != EV_OK)
			return rc;
		ev_jw_close(w);
	}
	if (any)
		ev_jw_close(w);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
row_duplicate(struct ev_jw *w, struct ev_stmt *st, struct ev_err *err)
{
	int64_t offset, length, first;
	const char *mapping;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "siii", &mapping, &offset, &length, &first);
	if (rc != EV_OK)
		return rc;
	ev_jw_key_int(w, "first_offset", first);
	ev_jw_key_int(w, "length", length);
	ev_jw_key_text(w, "mapping", mapping);
	ev_jw_key_int(w, "offset", offset);
	return EV_OK;
}

static enum ev_rc
row_note(struct ev_jw *w, struct ev_stmt *st, struct ev_err *err)
{
	const char *word, *detail;
	int64_t offset;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "ssi", &word, &detail, &offset);
	if (rc != EV_OK)
		return rc;
	if (detail != NULL && detail[0] != '\0')
		ev_jw_key_text(w, "detail", detail);
	ev_jw_key_int(w, "offset", offset);
	ev_jw_key_text(w, "word", word);
	return EV_OK;
}

static enum ev_rc
row_ignored(struct ev_jw *w, struct ev_stmt *st, struct ev_err *err)
{
	int64_t offset, length;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "ii", &offset, &length);
	if (rc != EV_OK)
		return rc;
	ev_jw_key_int(w, "length", length);
	ev_jw_key_int(w, "offset", offset);
	return EV_OK;
}

static enum ev_rc
row_count(struct ev_jw *w, struct ev_stmt *st, struct ev_err *err)
{
	int64_t version, found, read, duplicated, set_aside, ignored, facts,
	    nulls, declared;
	const char *mapping;
	bool none;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "siiiiiiiin", &mapping, &version, &found, &read,
	    &duplicated, &set_aside, &ignored, &facts, &nulls, &declared,
	    &none);
	if (rc != EV_OK)
		return rc;
	if (!none)
		put_declared(w, "declared", declared);
	ev_jw_key_int(w, "duplicated", duplicated);
	ev_jw_key_int(w, "facts", facts);
	ev_jw_key_int(w, "found", found);
	ev_jw_key_int(w, "ignored", ignored);
	ev_jw_key_text(w, "mapping", mapping);
	ev_jw_key_int(w, "nulls", nulls);
	ev_jw_key_int(w, "read", read);
	ev_jw_key_int(w, "set_aside", set_aside);
	ev_jw_key_int(w, "version", version);
	return EV_OK;
}

static enum ev_rc
row_set_aside(struct ev_jw *w, struct ev_stmt *st, struct ev_err *err)
{
	const char *mapping, *reason, *message;
	int64_t id, offset, length;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "isiiss", &id, &mapping, &offset, &length,
	    &reason, &message);
	if (rc != EV_OK)
		return rc;
	ev_jw_key_int(w, "length", length);
	ev_jw_key_text(w, "mapping", mapping);
	ev_jw_key_text(w, "message", message);
	ev_jw_key_int(w, "offset", offset);
	ev_jw_key_text(w, "reason", reason);
	put_id(w, "set_aside", 'S', id);
	return EV_OK;
}

static enum ev_rc
row_key(struct ev_jw *w, struct ev_stmt *st, struct ev_err *err)
{
	const void *path;
	int64_t times;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "bi", &path, &len, &times);
	if (rc != EV_OK)
		return rc;
	ev_jw_key_bytes(w, "path", "path_hex", path, len);
	ev_jw_key_int(w, "times", times);
	return EV_OK;
}

/* The lists of a reading, with their keys in canonical order. */
enum { L_DUPLICATES, L_IGNORED, L_NOTES, L_ROWS, L_SET_ASIDE, L_KEYS, LISTS };
static const struct {
	const char *key, *sql;
	row_fn *row;
} lists[LISTS] = {
	{ "duplicates", sql_duplicates, row_duplicate },
	{ "ignored", sql_ignored, row_ignored },
	{ "notes", sql_notes, row_note },
	{ "rows", sql_rows, row_count },
	{ "set_aside", sql_set_aside, row_set_aside },
	{ "unknown_keys", sql_keys, row_key },
};

static enum ev_rc
one_list(struct ev_jw *w, struct ev_stmt **st, int n, int64_t reading,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_bind(st[n], err, "i", reading);
	if (rc == EV_OK)
		rc = put_list(w, lists[n].key, st[n], lists[n].row, err);
	return rc;
}

static void
put_bytes(struct ev_jw *w, const int64_t bytes[4])
{
	ev_jw_key(w, "bytes");
	ev_jw_object(w);
	ev_jw_key_int(w, "frame", bytes[3]);
	ev_jw_key_int(w, "ignored", bytes[2]);
	ev_jw_key_int(w, "read", bytes[0]);
	ev_jw_key_int(w, "set_aside", bytes[1]);
	ev_jw_close(w);
}

static enum ev_rc
reading_line(struct ev_buf *out, struct ev_stmt *st, struct ev_stmt **list,
    struct ev_err *err)
{
	const char *outcome, *fingerprint, *message;
	int64_t id, artifact, bytes[4];
	struct ev_jw w;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "iisiiiiss", &id, &artifact, &outcome,
	    &bytes[0], &bytes[1], &bytes[2], &bytes[3], &fingerprint, &message);
	if (rc != EV_OK)
		return rc;
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	put_id(&w, "artifact", 'A', artifact);
	put_bytes(&w, bytes);
	rc = one_list(&w, list, L_DUPLICATES, id, err);
	if (rc == EV_OK && fingerprint != NULL && fingerprint[0] != '\0')
		ev_jw_key_text(&w, "fingerprint", fingerprint);
	if (rc == EV_OK)
		rc = one_list(&w, list, L_IGNORED, id, err);
	if (rc == EV_OK && message != NULL && message[0] != '\0')
		ev_jw_key_text(&w, "message", message);
	if (rc == EV_OK)
		rc = one_list(&w, list, L_NOTES, id, err);
	if (rc == EV_OK)
		ev_jw_key_text(&w, "outcome", outcome);
	if (rc == EV_OK)
		rc = one_list(&w, list, L_ROWS, id, err);
	if (rc == EV_OK)
		rc = one_list(&w, list, L_SET_ASIDE, id, err);
	if (rc == EV_OK)
		rc = one_list(&w, list, L_KEYS, id, err);
	if (rc != EV_OK)
		return rc;
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

struct target {
	ev_line_fn *line;
	void *ctx;
};

static enum ev_rc
plain_lines(struct ev_db *db, const char *sql, int64_t number,
    enum ev_rc (*make)(struct ev_buf *, struct ev_stmt *, struct ev_err *),
    const struct target *to, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, LINE_LIMIT);
	rc = ev_db_prepare(db, &st, err, sql, "i", number);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc != EV_OK)
			break;
		ev_buf_clear(&out);
		rc = make(&out, st, err);
		if (rc == EV_OK)
			rc = to->line(to->ctx, out.data, out.len, err);
	}
	ev_db_finish(st);
	ev_buf_release(&out);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_lines_exhibits(struct ev_db *db, int64_t acquisition, ev_line_fn *line,
    void *ctx, struct ev_err *err)
{
	const struct target to = { line, ctx };

	return plain_lines(db, sql_exhibits, acquisition, exhibit_line, &to,
	    err);
}

enum ev_rc
ev_lines_artifacts(struct ev_db *db, int64_t acquisition, ev_line_fn *line,
    void *ctx, struct ev_err *err)
{
	const struct target to = { line, ctx };

	return plain_lines(db, sql_artifacts, acquisition, artifact_line, &to,
	    err);
}

enum ev_rc
ev_lines_readings(struct ev_db *db, int64_t entry, ev_line_fn *line, void *ctx,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL, *list[LISTS] = { NULL };
	struct ev_buf out;
	enum ev_rc rc;
	size_t i;

	ev_buf_init(&out, LINE_LIMIT);
	rc = ev_db_prepare(db, &st, err, sql_readings, "i", entry);
	for (i = 0; rc == EV_OK && i < LISTS; i++)
		rc = ev_db_prepare(db, &list[i], err, lists[i].sql, NULL);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc != EV_OK)
			break;
		ev_buf_clear(&out);
		rc = reading_line(&out, st, list, err);
		if (rc == EV_OK)
			rc = line(ctx, out.data, out.len, err);
	}
	for (i = 0; i < LISTS; i++)
		ev_db_finish(list[i]);
	ev_db_finish(st);
	ev_buf_release(&out);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
fact_lines(struct ev_db *db, const char *sql, int64_t number,
    const struct target *to, struct ev_err *err)
{
	struct ev_fact_rows *rows = NULL;
	struct ev_fact_row row;
	struct ev_stmt *st = NULL;
	struct ev_buf out;
	enum ev_rc rc;
	int64_t id;

	ev_buf_init(&out, LINE_LIMIT);
	rc = ev_fact_rows_new(&rows, db, err);
	if (rc == EV_OK)
		rc = ev_db_prepare(db, &st, err, sql, "i", number);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "i", &id);
		if (rc != EV_OK)
			break;
		ev_buf_clear(&out);
		rc = ev_fact_rows_get(rows, id, &row, err);
		if (rc == EV_OK)
			rc = ev_fact_line(&out, &row.fact, &row.origin, err);
		if (rc == EV_OK)
			rc = to->line(to->ctx, out.data, out.len, err);
	}
	ev_db_finish(st);
	ev_fact_rows_free(rows);
	ev_buf_release(&out);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_lines_facts(struct ev_db *db, int64_t entry, ev_line_fn *line, void *ctx,
    struct ev_err *err)
{
	const struct target to = { line, ctx };

	return fact_lines(db, sql_facts, entry, &to, err);
}

enum ev_rc
ev_lines_facts_to_come(struct ev_db *db, int64_t first, ev_line_fn *line,
    void *ctx, struct ev_err *err)
{
	const struct target to = { line, ctx };

	return fact_lines(db, sql_facts_to_come, first, &to, err);
}
