/* Proof that heads and acquisitions existed at a time. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/custody.h"
#include "case/headfiles.h"
#include "case/stamping_inside.h"
#include "evidence/json.h"
#include "evidence/stamp.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "seal/record.h"
#include "seal/stamp.h"

enum {
	LINE_LIMIT = 1 << 20,
	KEY_LIMIT = 65536,
	RECORD_LIMIT = 256 << 20,
	HASH_GROW = 1024,
	NAME = 96,
	SELF_YEARS = 5,
};

static const char self_authority[] = "stamp.key";
const char stamping_by_hand[] = "by hand";

/* Asked of one authority: what it neither stamped nor has in its queue. */
static const char sql_need_head[] =
    "SELECT count(*) FROM log WHERE action <> 'stamp' AND seq > (SELECT"
    " coalesce(max(number), 0) FROM (SELECT number FROM token"
    " WHERE subject = 'head' AND tsa = ?1 UNION ALL SELECT number"
    " FROM stamp_queue WHERE subject = 'head' AND tsa = ?1))";
static const char sql_need_acquisition[] =
    "SELECT id FROM acquisition WHERE copy IS NOT NULL AND id NOT IN"
    " (SELECT number FROM token WHERE subject = 'acquisition' AND tsa = ?1"
    " UNION SELECT number FROM stamp_queue WHERE subject = 'acquisition'"
    " AND tsa = ?1) AND EXISTS (SELECT 1 FROM exhibit"
    " WHERE exhibit.acquisition = acquisition.id) ORDER BY id";
static const char sql_hashes[] =
    "SELECT sha256 FROM exhibit WHERE acquisition = ? ORDER BY id";
static const char sql_token[] =
    "INSERT INTO token(subject, number, tsa, self_issued, gen_us, policy,"
    " serial, digest, der, entry) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char sql_record[] =
    "INSERT INTO record(acquisition, der, entry) VALUES(?1, ?2, ?3)"
    " ON CONFLICT(acquisition) DO UPDATE SET der = ?2, entry = ?3"
    " WHERE NOT EXISTS (SELECT 1 FROM token t WHERE t.number = ?1 AND"
    " t.subject = 'acquisition' AND t.self_issued = 0 AND t.entry <> ?3)"
    " AND NOT EXISTS (SELECT 1 FROM renewal WHERE acquisition = ?1)";
static const char sql_queue[] =
    "INSERT INTO stamp_queue(subject, number, tsa, queued, digest, request,"
    " reason) VALUES(?, ?, ?, ?, ?, ?, ?)";

void
stamping_release(struct subject *s)
{
	free(s->hash);
	s->hash = NULL;
	s->count = 0;
}

static enum ev_rc
head_subject(struct ev_case *c, struct subject *s, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *note;
	enum ev_rc rc;
	size_t len;

	memset(s, 0, sizeof(*s));
	s->kind = "head";
	rc = ev_db_prepare(c->db, &st, err, sql_last, "");
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "it", &s->number, &note, &len);
	if (rc == EV_OK)
		rc = ev_sha256(s->imprint, note, len, err);
	ev_db_finish(st);
	return rc == EV_EOF ? ev_fail(err, EV_INPUT, "the log has no head")
			    : rc;
}

static enum ev_rc
add_hash(struct subject *s, const void *hash, size_t len, struct ev_err *err)
{
	void *grown;

	if (len != EV_SHA256)
		return ev_fail(err, EV_INPUT, "an exhibit without SHA-256");
	if (s->count % HASH_GROW == 0) {
		grown = realloc(s->hash, (s->count + HASH_GROW) * EV_SHA256);
		if (grown == NULL)
			return ev_fail_sys(err, "cannot list the exhibits");
		s->hash = grown;
	}
	memcpy(s->hash + s->count * EV_SHA256, hash, len);
	s->count++;
	return EV_OK;
}

/* s is the caller's to release.  NOLINTBEGIN(clang-analyzer-unix.Malloc) */
enum ev_rc
stamping_acquisition(struct ev_case *c, int64_t id, struct subject *s,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const void *hash;
	enum ev_rc rc;
	size_t len;

	memset(s, 0, sizeof(*s));
	s->kind = "acquisition";
	s->number = id;
	rc = ev_db_prepare(c->db, &st, err, sql_hashes, "i", id);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "b", &hash, &len);
		if (rc == EV_OK)
			rc = add_hash(s, hash, len, err);
	}
	ev_db_finish(st);
	if (rc == EV_EOF)
		rc = ev_record_root(s->imprint, s->hash, s->count, err);
	if (rc != EV_OK)
		stamping_release(s);
	return rc;
}
/* NOLINTEND(clang-analyzer-unix.Malloc) */

void
ev_stamped_fill(struct ev_stamped *what, char at[EV_WHEN_TEXT],
    const struct ev_stamp *stamp)
{
	struct ev_clock now;
	struct ev_err err;

	ev_when_print(at, stamp->at, EV_PREC_MS);
	what->done = true;
	what->at = at;
	what->policy = stamp->policy;
	what->self_issued = stamp->self_issued;
	if (ev_when_now(&now, &err) == EV_OK)
		what->skew_us = stamp->at - now.wall_us;
}

void
stamping_tell(struct work *w, const struct subject *s, const char *tsa,
    const struct ev_stamp *stamp, const char *why)
{
	struct ev_stamped what = { .subject = s->kind,
		.number = s->number,
		.tsa = tsa,
		.at = "",
		.policy = "",
		.why = why };
	char at[EV_WHEN_TEXT];

	if (stamp != NULL)
		ev_stamped_fill(&what, at, stamp);
	w->told(w->ctx, &what);
}

enum ev_rc
stamping_line(struct ev_buf *out, const struct stamp_told *told,
    struct ev_err *err)
{
	unsigned char sha256[EV_SHA256];
	char at[EV_WHEN_TEXT], hex[2 * EV_SHA256 + 1];
	struct ev_jw w;
	enum ev_rc rc;

	rc = ev_sha256(sha256, told->token.data, told->token.len, err);
	if (rc != EV_OK)
		return rc;
	ev_when_print(at, told->stamp->at, EV_PREC_MS);
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "at", at);
	if (told->imprint != NULL) {
		ev_text_hex(hex, told->imprint, EV_SHA256);
		ev_jw_key_text(&w, "imprint", hex);
	}
	ev_jw_key_text(&w, "policy", told->stamp->policy);
	if (told->form != NULL)
		ev_jw_key_text(&w, "renewal", told->form);
	ev_jw_key_int(&w, "self_issued", told->stamp->self_issued ? 1 : 0);
	ev_jw_key_text(&w, "serial", told->stamp->serial);
	ev_text_hex(hex, sha256, EV_SHA256);
	ev_jw_key_text(&w, "token_sha256", hex);
	ev_jw_key_text(&w, "tsa", told->tsa);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

/* heads/000042.tst; further tokens over one head are 000042-2.tst, ... */
static enum ev_rc
put_file(struct ev_case *c, const struct subject *s, struct ev_bytes token,
    struct ev_err *err)
{
	char name[EV_HEAD_NAME];
	int64_t n = 0;
	enum ev_rc rc;

	if (strcmp(s->kind, "head") != 0)
		return EV_OK;
	rc = ev_db_int(c->db, &n, err,
	    "SELECT count(*) FROM token WHERE subject = 'head' AND"
	    " number = ?",
	    "i", s->number);
	if (rc != EV_OK)
		return rc;
	ev_token_name(name, s->number, n + 1);
	return ev_fs_put(c->heads_fd, name, token.data, token.len, 0444, true,
	    err);
}

static enum ev_rc
keep_rows(struct work *w, const struct subject *s, const char *tsa,
    const struct ev_stamp *stamp, struct ev_bytes token, struct ev_err *err)
{
	char id[EV_ID_TEXT];
	const char *subject[] = { id, NULL };
	struct ev_entry entry = { .action = "stamp", .subject = subject };
	/*
	 * The root over the exhibits of an acquisition tells a withheld one by
	 * trying, once the others are shown; token_sha256 fixes it as well.
	 */
	const struct stamp_told line = {
		.imprint = s->hash == NULL ? s->imprint : NULL,
		.tsa = tsa,
		.stamp = stamp,
		.token = token,
	};
	struct ev_buf after, der;
	int64_t seq = 0;
	enum ev_rc rc;

	if (s->hash != NULL)
		ev_id_print(id, 'I', s->number);
	else
		(void)snprintf(id, sizeof(id), "%jd", (intmax_t)s->number);
	ev_buf_init(&after, LINE_LIMIT);
	ev_buf_init(&der, RECORD_LIMIT);
	rc = stamping_line(&after, &line, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(w->c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(w->c->db, err, sql_token, "sisiissbbi", s->kind,
		    s->number, tsa, (int64_t)stamp->self_issued, stamp->at,
		    stamp->policy, stamp->serial, (const void *)s->imprint,
		    (size_t)EV_SHA256, token.data, token.len, seq);
	if (rc == EV_OK && s->hash != NULL)
		rc = ev_record_build(s->hash, s->count, token, &der, err);
	if (rc == EV_OK && s->hash != NULL)
		rc = ev_db_run(w->c->db, err, sql_record, "ibi", s->number,
		    (const void *)der.data, der.len, seq);
	ev_buf_release(&after);
	ev_buf_release(&der);
	return rc;
}

/* Verify a token and keep it: file, entry, row. */
enum ev_rc
stamping_keep(struct work *w, const struct subject *s, const char *tsa,
    struct ev_bytes token, struct ev_err *err)
{
	struct ev_stamp stamp;
	enum ev_rc rc;

	rc = ev_stamp_verify(token, s->imprint, NULL, &stamp, err);
	if (rc == EV_OK)
		rc = put_file(w->c, s, token, err);
	if (rc == EV_OK)
		rc = ev_db_begin(w->c->db, err);
	if (rc != EV_OK)
		return rc;
	rc = keep_rows(w, s, tsa, &stamp, token, err);
	if (rc != EV_OK) {
		ev_db_rollback(w->c->db);
		return rc;
	}
	rc = ev_db_commit(w->c->db, err);
	if (rc == EV_OK)
		stamping_tell(w, s, tsa, &stamp, "");
	return rc;
}

/* The built-in authority's key: made on first use, kept with the case. */
static enum ev_rc
self_key(struct ev_case *c, struct ev_signer **self, struct ev_err *err)
{
	const int64_t year = INT64_C(365) * 86400 * 1000000;
	struct ev_signer_wish wish = { .name = "Built-in time stamps",
		.office = c->number,
		.stamps = true };
	struct ev_clock clock;
	struct ev_buf pem;
	enum ev_rc rc = EV_OK;

	ev_buf_init(&pem, KEY_LIMIT);
	if (faccessat(c->dir_fd, self_authority, F_OK, 0) == 0) {
		rc = ev_fs_read_all(&pem, c->dir_fd, self_authority, err);
		if (rc == EV_OK)
			rc =
			    ev_signer_read(self, EV_BYTES_BUF(&pem), NULL, err);
		goto out;
	}
	rc = ev_when_now(&clock, err);
	wish.from = clock.wall_us - INT64_C(3600) * 1000000;
	wish.until = wish.from + SELF_YEARS * year;
	if (rc == EV_OK)
		rc = ev_signer_make(self, &wish, err);
	if (rc == EV_OK)
		rc = ev_signer_pem(*self, NULL, &pem, err);
	if (rc == EV_OK)
		rc = ev_fs_put(c->dir_fd, self_authority, pem.data, pem.len,
		    0400, false, err);
out:
	if (pem.data != NULL)
		ev_cleanse(pem.data, pem.cap);
	ev_buf_release(&pem);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, self_authority);
}

static enum ev_rc
ask_self(struct ev_case *c, struct ev_bytes request, struct ev_buf *reply,
    struct ev_err *err)
{
	struct ev_signer *self = NULL;
	struct ev_clock clock;
	enum ev_rc rc;

	rc = self_key(c, &self, err);
	if (rc == EV_OK)
		rc = ev_when_now(&clock, err);
	if (rc == EV_OK)
		rc = ev_stamp_answer(self, request, clock.wall_us, reply, err);
	ev_signer_free(self);
	return rc;
}

/* The reply of one authority, and the token in it. */
enum ev_rc
stamping_fetch(struct ev_case *c, const struct ev_stamp_place *place,
    struct ev_bytes request, struct ev_buf *token, struct ev_err *err)
{
	struct ev_buf reply;
	enum ev_rc rc;

	ev_buf_init(&reply, EV_STAMP_LIMIT);
	if (strcmp(place->url, "self") == 0 && c == NULL)
		rc =
		    ev_fail(err, EV_USE, "the built-in authority needs a case");
	else if (strcmp(place->url, "self") == 0)
		rc = ask_self(c, request, &reply, err);
	else
		rc = ev_stamp_fetch(place, request, &reply, err);
	if (rc == EV_OK)
		rc = ev_stamp_reply(request, EV_BYTES_BUF(&reply), token, err);
	ev_buf_release(&reply);
	return rc;
}

enum ev_rc
ev_stamp_token(struct ev_case *c, const struct ev_stamp_place *place,
    const unsigned char imprint[EV_SHA256], struct ev_buf *token,
    struct ev_err *err)
{
	struct ev_buf request;
	enum ev_rc rc;

	ev_buf_init(&request, EV_STAMP_LIMIT);
	rc = ev_stamp_request(imprint, &request, err);
	if (rc == EV_OK)
		rc = stamping_fetch(c, place, EV_BYTES_BUF(&request), token,
		    err);
	ev_buf_release(&request);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, place->url);
}

enum ev_rc
stamping_queue(struct work *w, const struct subject *s, const char *tsa,
    struct ev_bytes request, const char *why, struct ev_err *err)
{
	char at[EV_WHEN_TEXT];
	struct ev_clock clock;
	enum ev_rc rc;

	rc = ev_when_now(&clock, err);
	if (rc == EV_OK)
		rc = ev_db_begin(w->c->db, err);
	if (rc != EV_OK)
		return rc;
	ev_when_print(at, clock.wall_us, EV_PREC_S);
	rc = ev_db_run(w->c->db, err, sql_queue, "sissbbs", s->kind, s->number,
	    tsa, at, (const void *)s->imprint, (size_t)EV_SHA256, request.data,
	    request.len, why);
	if (rc != EV_OK) {
		ev_db_rollback(w->c->db);
		return rc;
	}
	w->queued = true;
	rc = ev_db_commit(w->c->db, err);
	if (rc == EV_OK)
		stamping_tell(w, s, tsa, NULL, why);
	return rc;
}

/* Ask one authority; where it does not answer, the request is queued. */
static enum ev_rc
ask(struct work *w, const struct subject *s, const char *tsa,
    struct ev_err *err)
{
	const struct ev_stamp_place place = { tsa, w->how->seconds,
		w->how->tries };
	struct ev_buf request, token;
	struct ev_err why;
	enum ev_rc rc;

	ev_buf_init(&request, EV_STAMP_LIMIT);
	ev_buf_init(&token, EV_STAMP_LIMIT);
	rc = ev_stamp_request(s->imprint, &request, err);
	if (rc != EV_OK)
		goto out;
	rc = stamping_fetch(w->c, &place, EV_BYTES_BUF(&request), &token, &why);
	if (rc == EV_OK)
		rc = stamping_keep(w, s, tsa, EV_BYTES_BUF(&token), err);
	else if (strcmp(tsa, "self") == 0)
		*err = why;
	else
		rc = stamping_queue(w, s, tsa, EV_BYTES_BUF(&request), why.msg,
		    err);
out:
	ev_buf_release(&request);
	ev_buf_release(&token);
	return rc;
}

static enum ev_rc
stamp_one(struct work *w, const struct subject *s, const char *tsa,
    struct ev_err *err)
{
	return tsa == stamping_by_hand ? stamping_write_out(w, s, err)
				       : ask(w, s, tsa, err);
}

/* The acquisitions that lack this token; few, so their numbers fit. */
static enum ev_rc
stamp_acquisitions(struct work *w, const char *tsa, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	int64_t *ids = NULL, id, *grown;
	struct subject s;
	size_t n = 0, i;
	enum ev_rc rc;

	rc = ev_db_prepare(w->c->db, &st, err, sql_need_acquisition, "s", tsa);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "i", &id);
		if (rc != EV_OK)
			break;
		grown = realloc(ids, (n + 1) * sizeof(*ids));
		if (grown == NULL) {
			rc = ev_fail_sys(err, "cannot list acquisitions");
			break;
		}
		ids = grown;
		ids[n++] = id;
	}
	ev_db_finish(st);
	if (rc == EV_EOF)
		rc = EV_OK;
	for (i = 0; rc == EV_OK && i < n; i++) {
		rc = stamping_acquisition(w->c, ids[i], &s, err);
		if (rc != EV_OK)
			break;
		rc = stamp_one(w, &s, tsa, err);
		stamping_release(&s);
	}
	free(ids);
	return rc;
}

enum ev_rc
stamping_head(struct work *w, const char *tsa, struct ev_err *err)
{
	struct subject s;
	enum ev_rc rc;

	rc = ev_custody_seal(w->c, err);
	if (rc == EV_OK)
		rc = head_subject(w->c, &s, err);
	return rc == EV_OK ? stamp_one(w, &s, tsa, err) : rc;
}

static enum ev_rc
stamp_head(struct work *w, const char *tsa, struct ev_err *err)
{
	int64_t need = 0;
	enum ev_rc rc;

	rc = ev_db_int(w->c->db, &need, err, sql_need_head, "s", tsa);
	return rc == EV_OK && need > 0 ? stamping_head(w, tsa, err) : rc;
}

/* Acquisitions first: the head then covers what was entered for them. */
static enum ev_rc
stamp_by(struct work *w, const char *tsa, struct ev_err *err)
{
	enum ev_rc rc;

	rc = stamp_acquisitions(w, tsa, err);
	return rc == EV_OK ? stamp_head(w, tsa, err) : rc;
}

enum ev_rc
ev_stamp_case(struct ev_case *c, const struct ev_stamping *how,
    ev_stamped_fn *told, void *ctx, struct ev_err *err)
{
	struct work w = { .c = c, .how = how, .told = told, .ctx = ctx };
	const char *const *tsa = how->tsa;
	enum ev_rc rc = EV_OK;

	if (how->tsr_in != NULL)
		rc = stamping_read(&w, how->tsr_in, err);
	else if (how->tsq_out == NULL)
		rc = stamping_retry(&w, err);
	if (rc == EV_OK && how->tsq_out != NULL)
		rc = stamp_by(&w, stamping_by_hand, err);
	if (rc == EV_OK && how->self)
		rc = stamp_by(&w, "self", err);
	for (; rc == EV_OK && tsa != NULL && *tsa != NULL; tsa++)
		rc = stamp_by(&w, *tsa, err);
	/* By hand, or by the built-in authority alone, nothing is asked. */
	if (rc == EV_OK)
		rc = stamping_gather(&w,
		    how->tsq_out == NULL && how->tsr_in == NULL &&
			(!how->self || how->tsa != NULL),
		    err);
	return rc == EV_OK ? stamping_end(&w, err) : rc;
}
