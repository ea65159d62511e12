/* The entries of an acquisition: intent, completion, reading. */
#include <string.h>

#include "case/custody.h"
#include "evidence/text.h"
#include "ingest/acquire.h"
#include "ingest/acquire_lists.h"

/* Names that stand in the entry itself; the others are rows alone. */
enum { LEFT_OUT_NAMED = 1000 };

static const char sql_unfinished[] =
    "SELECT id, receive FROM acquisition WHERE source = ? AND form = ?"
    " AND copy IS NULL AND authority IS ? AND received_from = ?"
    " AND quarantine = ? AND typed_from IS ? ORDER BY id DESC LIMIT 1";
static const char sql_acquisition[] =
    "INSERT INTO acquisition(id, source, form, authority, received_from,"
    " quarantine, typed_from, receive) VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
/* What was read only in part is read again, whole. */
static const char sql_abandon[] =
    "UPDATE reading SET b_read = -1 WHERE entry IS NULL AND b_read >= 0"
    " AND artifact IN (SELECT a.id FROM artifact a JOIN exhibit e"
    " ON e.id = a.exhibit WHERE e.acquisition = ?1 AND NOT EXISTS"
    " (SELECT 1 FROM artifact z JOIN reading r ON r.artifact = z.id"
    " WHERE z.exhibit = a.exhibit AND z.ordinal = 0 AND r.b_read >= 0))";
static const char sql_copied[] =
    "UPDATE acquisition SET copy = ?, root = ? WHERE id = ?";
static const char sql_read[] =
    "UPDATE reading SET entry = ?1 WHERE entry IS NULL AND b_read >= 0"
    " AND id >= ?2 AND (?3 = 0 OR artifact IN (SELECT a.id FROM artifact a"
    " JOIN exhibit e ON e.id = a.exhibit WHERE e.acquisition = ?3))";
static const char sql_left_out[] =
    "SELECT name, reason FROM left_out WHERE acquisition = ? ORDER BY rowid"
    " LIMIT ?";
static const char sql_next[] = "SELECT coalesce(max(seq), 0) + 1 FROM log";

/* An entry about this acquisition; a re-reading has no subject. */
static enum ev_rc
append(struct ev_acquire *a, const char *action, const struct ev_buf *after,
    int64_t *seq, struct ev_err *err)
{
	char id[EV_ID_TEXT];
	const char *subject[2] = { id, NULL };
	const struct ev_entry entry = {
		.action = action,
		.authority = a->opts->authority,
		.subject = a->acquisition == 0 ? NULL : subject,
		.after = ev_buf_text(after),
	};

	ev_id_print(id, 'I', a->acquisition);
	return ev_custody_append(a->c, &entry, seq, err);
}

static enum ev_rc
write_receive(struct ev_acquire *a, const char *source, const char *form,
    struct ev_buf *out, struct ev_err *err)
{
	struct ev_jw w;

	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "bytes", a->planned_bytes);
	ev_jw_key_int(&w, "files", a->planned_files);
	ev_jw_key_text(&w, "form", form);
	ev_jw_key_text(&w, "quarantine", a->opts->quarantine);
	ev_jw_key_text(&w, "received_from", a->opts->received_from);
	ev_jw_key_bytes(&w, "source", "source_hex", source, strlen(source));
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

/* An acquisition of the same that was broken off, or EV_EOF. */
static enum ev_rc
find_unfinished(struct ev_acquire *a, const char *source, const char *form,
    struct ev_err *err)
{
	const struct ev_ingest_opts *o = a->opts;
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	rc = ev_db_prepare(a->db, &st, err, sql_unfinished, "bsnssn", source,
	    strlen(source), form, o->authority == 0 ? NULL : &o->authority,
	    o->received_from == NULL ? "" : o->received_from,
	    o->quarantine == NULL ? "" : o->quarantine,
	    o->typed_from == 0 ? NULL : &o->typed_from);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "ii", &a->acquisition, &a->receive);
	ev_db_finish(st);
	return rc;
}

static enum ev_rc
go_on(struct ev_acquire *a, struct ev_err *err)
{
	enum ev_rc rc;

	a->resumed = true;
	rc = ev_db_run(a->db, err, "DELETE FROM left_out WHERE acquisition = ?",
	    "i", a->acquisition);
	if (rc == EV_OK)
		rc = ev_db_run(a->db, err, sql_abandon, "i", a->acquisition);
	return rc;
}

enum ev_rc
ev_acquire_receive(struct ev_acquire *a, const char *source, const char *form,
    struct ev_err *err)
{
	const struct ev_ingest_opts *o = a->opts;
	struct ev_buf after;
	enum ev_rc rc;

	a->resumed = false;
	rc = find_unfinished(a, source, form, err);
	if (rc == EV_OK)
		return go_on(a, err);
	if (rc != EV_EOF)
		return rc;
	rc = ev_db_int(a->db, &a->acquisition, err,
	    "SELECT coalesce(max(id), 0) + 1 FROM acquisition", "");
	ev_buf_init(&after, EV_ENTRY_LIMIT);
	if (rc == EV_OK)
		rc = write_receive(a, source, form, &after, err);
	if (rc == EV_OK)
		rc = append(a, "receive", &after, &a->receive, err);
	if (rc == EV_OK)
		rc = ev_db_run(a->db, err, sql_acquisition, "ibsnssni",
		    a->acquisition, source, strlen(source), form,
		    o->authority == 0 ? NULL : &o->authority,
		    o->received_from == NULL ? "" : o->received_from,
		    o->quarantine == NULL ? "" : o->quarantine,
		    o->typed_from == 0 ? NULL : &o->typed_from, a->receive);
	ev_buf_release(&after);
	return rc;
}

static enum ev_rc
put_left_out(struct ev_acquire *a, struct ev_jw *w, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *reason;
	const void *name;
	size_t len;
	enum ev_rc rc;

	ev_jw_key(w, "left_out");
	ev_jw_array(w);
	rc = ev_db_prepare(a->db, &st, err, sql_left_out, "ii", a->acquisition,
	    (int64_t)LEFT_OUT_NAMED);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "bs", &name, &len, &reason);
		if (rc != EV_OK)
			break;
		ev_jw_object(w);
		ev_jw_key_bytes(w, "name", "name_hex", name, len);
		ev_jw_key_text(w, "reason", reason);
		ev_jw_close(w);
	}
	ev_db_finish(st);
	ev_jw_close(w);
	ev_jw_key_int(w, "left_out_count", a->totals.left_out);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
write_copy(struct ev_acquire *a, struct ev_lists *lists, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_jw w;
	enum ev_rc rc;

	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "bytes", a->totals.exhibit_bytes);
	rc = put_left_out(a, &w, err);
	ev_jw_key(&w, "lists");
	if (rc == EV_OK)
		rc = ev_lists_write(lists, &w, err);
	ev_jw_close(&w);
	return rc == EV_OK ? ev_jw_end(&w, err) : rc;
}

static enum ev_rc
append_copy(struct ev_acquire *a, struct ev_lists *lists, struct ev_err *err)
{
	unsigned char root[EV_SHA256];
	struct ev_buf after;
	int64_t seq;
	enum ev_rc rc;

	ev_buf_init(&after, EV_ENTRY_LIMIT);
	rc = write_copy(a, lists, &after, err);
	if (rc == EV_OK)
		rc = append(a, "copy", &after, &seq, err);
	if (rc == EV_OK)
		rc = ev_list_root(&lists->list[EV_LISTS_SECOND], root, err);
	if (rc == EV_OK)
		rc = ev_db_run(a->db, err, sql_copied, "ibi", seq, root,
		    sizeof(root), a->acquisition);
	ev_buf_release(&after);
	return rc;
}

static void
put_globs(struct ev_acquire *a, struct ev_jw *w)
{
	size_t i;

	if (a->maps.glob[0] == NULL)
		return;
	ev_jw_key(w, "globs");
	ev_jw_array(w);
	for (i = 0; a->maps.glob[i] != NULL; i++)
		ev_jw_text(w, a->maps.glob[i]);
	ev_jw_close(w);
}

static enum ev_rc
put_mappings(struct ev_acquire *a, struct ev_jw *w, struct ev_err *err)
{
	unsigned char sha[EV_SHA256];
	char hex[2 * EV_SHA256 + 1];
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_jw_key(w, "mappings");
	ev_jw_array(w);
	for (i = 0; rc == EV_OK && i < a->maps.count; i++) {
		rc = ev_sha256(sha, a->maps.map[i].text, a->maps.map[i].len,
		    err);
		ev_text_hex(hex, sha, sizeof(sha));
		ev_jw_object(w);
		ev_jw_key_text(w, "file", a->maps.name[i]);
		ev_jw_key_text(w, "sha256", hex);
		ev_jw_close(w);
	}
	ev_jw_close(w);
	return rc;
}

static void
put_cage(struct ev_acquire *a, struct ev_jw *w)
{
	ev_jw_key(w, "cage");
	ev_jw_object(w);
	ev_jw_key_int(w, "landlock", a->totals.landlock_abi);
	ev_jw_key_int(w, "limits", a->totals.limits ? 1 : 0);
	ev_jw_key_int(w, "refused", a->opts->no_sandbox ? 1 : 0);
	ev_jw_key_int(w, "seccomp", a->totals.seccomp ? 1 : 0);
	ev_jw_close(w);
}

static enum ev_rc
write_read(struct ev_acquire *a, struct ev_lists *lists, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_jw w;
	enum ev_rc rc;

	ev_jw_init(&w, out);
	ev_jw_object(&w);
	put_cage(a, &w);
	ev_jw_key_text(&w, "formats", a->opts->formats);
	put_globs(a, &w);
	ev_jw_key_text(&w, "limits", ev_buf_text(&a->limits));
	ev_jw_key(&w, "lists");
	rc = ev_lists_write(lists, &w, err);
	if (rc == EV_OK)
		rc = put_mappings(a, &w, err);
	ev_jw_close(&w);
	return rc == EV_OK ? ev_jw_end(&w, err) : rc;
}

static enum ev_rc
append_read(struct ev_acquire *a, struct ev_lists *lists, struct ev_err *err)
{
	struct ev_buf after;
	enum ev_rc rc;

	ev_buf_init(&after, EV_ENTRY_LIMIT);
	rc = write_read(a, lists, &after, err);
	if (rc == EV_OK)
		rc = append(a, "read", &after, &a->totals.entry, err);
	ev_buf_release(&after);
	return rc;
}

/* What was read counts from now on, with entry seq. */
static enum ev_rc
count_readings(struct ev_acquire *a, int64_t seq, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_run(a->db, err, sql_read, "iii", seq, a->first_reading,
	    a->resumed ? a->acquisition : 0);
	if (rc == EV_OK)
		rc = ev_account_declared(a, seq, err);
	if (rc == EV_OK)
		rc = ev_acquire_words(a, seq, err);
	return rc;
}

/*
 * The lines of exhibits, artifacts and facts are made by other threads from
 * what is committed, while this one gathers words and makes those of readings.
 */
enum ev_rc
ev_acquire_finish(struct ev_acquire *a, struct ev_err *err)
{
	const bool copies = a->receive != 0;
	struct ev_lists copied, read;
	int64_t seq = 0;
	enum ev_rc rc;

	ev_lists_init(&copied);
	ev_lists_init(&read);
	rc = ev_db_int(a->db, &seq, err, sql_next, "");
	if (rc == EV_OK && copies)
		rc = ev_lists_copied(&copied, a, err);
	seq += copies ? 1 : 0;
	if (rc == EV_OK)
		rc = ev_lists_to_come(&read, a, seq, err);
	if (rc == EV_OK)
		rc = count_readings(a, seq, err);
	if (rc == EV_OK)
		rc = ev_lists_read(&read, a, seq, err);
	if (rc == EV_OK && copies)
		rc = ev_lists_wait(&copied, err);
	if (rc == EV_OK && copies)
		rc = ev_vault_seal(a->vault, err);
	if (rc == EV_OK && copies)
		rc = append_copy(a, &copied, err);
	if (rc == EV_OK)
		rc = append_read(a, &read, err);
	ev_lists_release(&copied);
	ev_lists_release(&read);
	return rc;
}
