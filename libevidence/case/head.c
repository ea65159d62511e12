/* Heads of the log: signed, and kept outside the database. */
#include <string.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/custody.h"
#include "case/headfiles.h"

static const char sql_head[] =
    "SELECT size, note FROM head ORDER BY size DESC LIMIT 1";
static const char sql_head_of[] = "SELECT note FROM head WHERE size = ?";
static const char sql_add_head[] =
    "INSERT INTO head(size, at, root, note) SELECT seq, at, ?2, ?3 FROM log"
    " WHERE seq = ?1";

enum ev_rc
ev_custody_head(struct ev_case *c, struct ev_buf *note, int64_t *size,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *text;
	enum ev_rc rc;
	size_t len;

	*size = 0;
	rc = ev_db_prepare(c->db, &st, err, sql_head, "");
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "it", size, &text, &len);
	if (rc == EV_OK)
		rc = ev_buf_put(note, text, len, err);
	ev_db_finish(st);
	return rc;
}

/* The head over the first upto entries; all of them if upto is 0. */
static enum ev_rc
tree_head(struct ev_case *c, int64_t upto, struct ev_merkle_head *head,
    struct ev_err *err)
{
	struct ev_custody_entry entry;
	struct ev_custody *log = NULL;
	struct ev_merkle tree;
	enum ev_rc rc;

	rc = ev_merkle_init(&tree, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_custody_open(&log, c, err);
	while (rc == EV_OK && (upto == 0 || tree.size < upto)) {
		rc = ev_custody_next(log, &entry, err);
		if (rc == EV_OK)
			rc = ev_merkle_add(&tree, entry.leaf, entry.leaf_len,
			    err);
	}
	if (rc == EV_OK || rc == EV_EOF)
		rc = ev_merkle_head(&tree, head, err);
	ev_custody_close(log);
	ev_merkle_release(&tree);
	return rc;
}

/* A head is of the instant of its last entry. */
static enum ev_rc
add_row(struct ev_case *c, const struct ev_merkle_head *head,
    const struct ev_buf *note, struct ev_err *err)
{
	enum ev_rc rc = ev_db_begin(c->db, err);

	if (rc != EV_OK)
		return rc;
	rc = ev_db_run(c->db, err, sql_add_head, "ibt", head->size,
	    (const void *)head->root, sizeof(head->root),
	    (const char *)note->data, note->len);
	if (rc == EV_OK)
		return ev_db_commit(c->db, err);
	ev_db_rollback(c->db);
	return rc;
}

enum ev_rc
ev_custody_head_of(struct ev_case *c, int64_t size, struct ev_buf *note,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *text;
	enum ev_rc rc;
	size_t len;

	rc = ev_db_prepare(c->db, &st, err, sql_head_of, "i", size);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "t", &text, &len);
	if (rc == EV_OK)
		rc = ev_buf_put(note, text, len, err);
	ev_db_finish(st);
	return rc;
}

enum ev_rc
ev_custody_note(struct ev_case *c, struct ev_merkle_head *head,
    struct ev_buf *note, struct ev_err *err)
{
	struct ev_logkey *key = NULL;
	enum ev_rc rc;

	rc = tree_head(c, 0, head, err);
	if (rc == EV_OK)
		rc = ev_case_log_secret(c, &key, err);
	if (rc == EV_OK)
		rc = ev_note_make(note, c->case_id, head, key, err);
	ev_logkey_free(key);
	return rc;
}

enum ev_rc
ev_custody_seal(struct ev_case *c, struct ev_err *err)
{
	struct ev_merkle_head head;
	char name[EV_HEAD_NAME];
	struct ev_buf note;
	int64_t newest = 0, entries = 0;
	enum ev_rc rc;

	ev_buf_init(&note, EV_NOTE_LIMIT);
	rc = ev_db_int(c->db, &entries, err, "SELECT count(*) FROM log", "");
	if (rc == EV_OK)
		rc = ev_db_int(c->db, &newest, err,
		    "SELECT coalesce(max(size), 0) FROM head", "");
	if (rc != EV_OK || newest >= entries)
		goto out;
	rc = ev_custody_note(c, &head, &note, err);
	if (rc != EV_OK)
		goto out;
	ev_head_name(name, head.size);
	rc =
	    ev_fs_put(c->heads_fd, name, note.data, note.len, 0444, false, err);
	if (rc == EV_OK)
		rc = add_row(c, &head, &note, err);
out:
	ev_buf_release(&note);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, "cannot seal the log");
}

/* A note file is taken up if it signs the log as it is. */
static enum ev_rc
mend_one(struct ev_case *c, const char *name, struct ev_err *err)
{
	struct ev_merkle_head head;
	struct ev_note note;
	struct ev_buf buf;
	int64_t entries = 0, known = 0;
	enum ev_rc rc;

	ev_buf_init(&buf, EV_NOTE_LIMIT);
	rc = ev_fs_read_all(&buf, c->heads_fd, name, err);
	if (rc == EV_OK)
		rc = ev_note_parse(&note, buf.data, buf.len, err);
	if (rc == EV_OK)
		rc = ev_note_verify(&note, c->case_id, c->log_pub, err);
	if (rc == EV_OK)
		rc = ev_db_int(c->db, &known, err,
		    "SELECT count(*) FROM head WHERE size = ?", "i",
		    note.head.size);
	if (rc == EV_OK && known == 0)
		rc = ev_db_int(c->db, &entries, err, "SELECT count(*) FROM log",
		    "");
	if (rc != EV_OK || known != 0)
		goto out;
	if (note.head.size > entries)
		rc = ev_fail(err, EV_INPUT,
		    "covers %jd entries, but the log has %jd: an older "
		    "database was put back or the log was cut",
		    (intmax_t)note.head.size, (intmax_t)entries);
	if (rc == EV_OK)
		rc = tree_head(c, note.head.size, &head, err);
	if (rc == EV_OK &&
	    memcmp(head.root, note.head.root, sizeof(head.root)) != 0)
		rc = ev_fail(err, EV_INPUT, "does not fit the log");
	if (rc == EV_OK)
		rc = add_row(c, &head, &buf, err);
out:
	ev_buf_release(&buf);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, name);
}

static enum ev_rc
take_last(void *ctx, int64_t size, struct ev_err *err)
{
	int64_t *last = ctx;

	(void)err;
	if (size > *last)
		*last = size;
	return EV_OK;
}

enum ev_rc
ev_custody_mend(struct ev_case *c, struct ev_err *err)
{
	int64_t newest = 0, last = 0;
	char name[EV_HEAD_NAME];
	enum ev_rc rc;

	rc = ev_db_int(c->db, &newest, err,
	    "SELECT coalesce(max(size), 0) FROM head", "");
	if (rc == EV_OK)
		rc = ev_head_files(c, take_last, &last, err);
	if (rc != EV_OK || last <= newest)
		return rc;
	ev_head_name(name, last);
	return mend_one(c, name, err);
}
