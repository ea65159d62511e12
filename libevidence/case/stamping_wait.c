/* Stamp requests that wait for their answer: queued, or carried by hand. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/stamping_inside.h"

enum { NAME = 96 };

/* "head-000042" or "I000001": the name of a request or a reply on disk. */
static void
file_stem(char name[NAME], const struct subject *s)
{
	if (s->hash != NULL)
		ev_id_print(name, 'I', s->number);
	else
		(void)snprintf(name, NAME, "head-%06jd", (intmax_t)s->number);
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A request for an authority that this machine cannot reach. */
enum ev_rc
stamping_write_out(struct work *w, const struct subject *s, struct ev_err *err)
{
	const char *to = w->how->tsq_out;
	char stem[NAME], name[NAME + 8];
	struct ev_buf request;
	enum ev_rc rc;
	int dir = AT_FDCWD;

	ev_buf_init(&request, EV_STAMP_LIMIT);
	rc = ev_stamp_request(s->imprint, &request, err);
	file_stem(stem, s);
	(void)snprintf(name, sizeof(name), "%s.tsq", stem);
	if (rc == EV_OK && is_folder(to)) {
		rc = ev_fs_dir(&dir, to, err);
		to = name;
	}
	if (rc == EV_OK && dir == AT_FDCWD && access(to, F_OK) == 0)
		rc = ev_fail(err, EV_USE,
		    "'%.128s' exists: several requests want a folder", to);
	if (rc == EV_OK)
		rc = ev_fs_put(dir, to, request.data, request.len, 0644, false,
		    err);
	if (dir >= 0)
		(void)close(dir);
	if (rc == EV_OK)
		rc = stamping_queue(w, s, stamping_by_hand,
		    EV_BYTES_BUF(&request), "written out, waits for its reply",
		    err);
	ev_buf_release(&request);
	return rc;
}

struct waiting {
	int64_t id;
	struct subject s;
	char tsa[256];
	struct ev_buf request;
};

static enum ev_rc
waiting_fill(struct work *w, struct waiting *q, struct ev_stmt *st,
    struct ev_err *err)
{
	const char *kind, *tsa;
	const void *request, *digest;
	size_t len, digest_len;
	int64_t number;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "isisbb", &q->id, &kind, &number, &tsa, &digest,
	    &digest_len, &request, &len);
	if (rc != EV_OK)
		return rc;
	(void)snprintf(q->tsa, sizeof(q->tsa), "%s", tsa);
	rc = ev_buf_put(&q->request, request, len, err);
	if (rc != EV_OK)
		return rc;
	if (strcmp(kind, "acquisition") == 0)
		return stamping_acquisition(w->c, number, &q->s, err);
	q->s.kind = "head";
	q->s.number = number;
	if (digest_len != EV_SHA256)
		return ev_fail(err, EV_INPUT, "a queued stamp has no digest");
	memcpy(q->s.imprint, digest, digest_len);
	return EV_OK;
}

/* The next queued request behind after; EV_EOF if there is none. */
static enum ev_rc
waiting_next(struct work *w, struct waiting *q, int64_t after,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	memset(&q->s, 0, sizeof(q->s));
	ev_buf_init(&q->request, EV_STAMP_LIMIT);
	rc = ev_db_prepare(w->c->db, &st, err,
	    "SELECT id, subject, number, tsa, digest, request FROM stamp_queue"
	    " WHERE id > ? ORDER BY id LIMIT 1",
	    "i", after);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = waiting_fill(w, q, st, err);
	ev_db_finish(st);
	return rc;
}

static void
waiting_release(struct waiting *q)
{
	stamping_release(&q->s);
	ev_buf_release(&q->request);
}

static enum ev_rc
unqueue(struct work *w, int64_t id, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_begin(w->c->db, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_db_run(w->c->db, err, "DELETE FROM stamp_queue WHERE id = ?",
	    "i", id);
	if (rc == EV_OK)
		return ev_db_commit(w->c->db, err);
	ev_db_rollback(w->c->db);
	return rc;
}

/* A reply belongs to the request whose nonce and imprint it repeats. */
static enum ev_rc
take_reply(struct work *w, const struct ev_buf *reply, const char *name,
    struct ev_err *err)
{
	struct ev_err last = { .msg = "no request waits for a reply" };
	struct waiting q;
	struct ev_buf token;
	bool taken = false;
	int64_t after = 0;
	enum ev_rc rc = EV_OK;

	ev_buf_init(&token, EV_STAMP_LIMIT);
	while (rc == EV_OK && !taken) {
		rc = waiting_next(w, &q, after, err);
		if (rc == EV_OK) {
			after = q.id;
			taken =
			    ev_stamp_reply(EV_BYTES_BUF(&q.request),
				EV_BYTES_BUF(reply), &token, &last) == EV_OK;
		}
		if (taken)
			rc = stamping_keep(w, &q.s, q.tsa, EV_BYTES_BUF(&token),
			    err);
		if (taken && rc == EV_OK)
			rc = unqueue(w, q.id, err);
		waiting_release(&q);
	}
	ev_buf_release(&token);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_MISMATCH,
		    "'%.128s' answers no request that waits: %.300s", name,
		    last.msg);
	return rc;
}

static enum ev_rc
read_reply(struct work *w, int dir, const char *name, struct ev_err *err)
{
	struct ev_buf reply;
	enum ev_rc rc;

	ev_buf_init(&reply, EV_STAMP_LIMIT);
	rc = ev_fs_read_all(&reply, dir, name, err);
	if (rc == EV_OK)
		rc = take_reply(w, &reply, name, err);
	ev_buf_release(&reply);
	return rc;
}

/* A folder of replies: those named as the requests were, .tsr behind. */
enum ev_rc
stamping_read(struct work *w, const char *from, struct ev_err *err)
{
	char stem[NAME], name[NAME + 8];
	struct waiting q;
	int64_t after = 0;
	int dir = -1;
	enum ev_rc rc;

	if (!is_folder(from))
		return read_reply(w, AT_FDCWD, from, err);
	rc = ev_fs_dir(&dir, from, err);
	while (rc == EV_OK) {
		rc = waiting_next(w, &q, after, err);
		if (rc == EV_OK) {
			after = q.id;
			file_stem(stem, &q.s);
			(void)snprintf(name, sizeof(name), "%s.tsr", stem);
			if (faccessat(dir, name, F_OK, 0) == 0)
				rc = read_reply(w, dir, name, err);
			else
				w->queued = true;
		}
		waiting_release(&q);
	}
	if (dir >= 0)
		(void)close(dir);
	return rc == EV_EOF ? EV_OK : rc;
}

/* Ask again for what an authority did not answer the last time. */
static enum ev_rc
retry_one(struct work *w, const struct waiting *q, struct ev_err *err)
{
	const struct ev_stamp_place place = { q->tsa, w->how->seconds,
		w->how->tries };
	struct ev_bytes request = EV_BYTES_BUF(&q->request);
	struct ev_buf reply, token;
	struct ev_err why;
	enum ev_rc rc;

	if (strcmp(q->tsa, stamping_by_hand) == 0) {
		w->queued = true;
		return EV_OK;
	}
	ev_buf_init(&reply, EV_STAMP_LIMIT);
	ev_buf_init(&token, EV_STAMP_LIMIT);
	rc = ev_stamp_fetch(&place, request, &reply, &why);
	if (rc == EV_OK)
		rc =
		    ev_stamp_reply(request, EV_BYTES_BUF(&reply), &token, &why);
	if (rc == EV_OK) {
		rc = stamping_keep(w, &q->s, q->tsa, EV_BYTES_BUF(&token), err);
		if (rc == EV_OK)
			rc = unqueue(w, q->id, err);
	} else {
		w->queued = true;
		stamping_tell(w, &q->s, q->tsa, NULL, why.msg);
		rc = EV_OK;
	}
	ev_buf_release(&reply);
	ev_buf_release(&token);
	return rc;
}

enum ev_rc
stamping_retry(struct work *w, struct ev_err *err)
{
	struct waiting q;
	int64_t after = 0;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK) {
		rc = waiting_next(w, &q, after, err);
		if (rc == EV_OK) {
			after = q.id;
			rc = retry_one(w, &q, err);
		}
		waiting_release(&q);
	}
	return rc == EV_EOF ? EV_OK : rc;
}
