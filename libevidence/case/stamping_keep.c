/* What was said of authorities on the day, kept with the case. */
#include <fcntl.h>
#include <string.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/custody.h"
#include "case/stamping_inside.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "seal/keep.h"

enum { LINE_LIMIT = 1 << 20, TOKENS = 64 };

/* The newest token of each authority: its lists speak of older ones too. */
static const char sql_tokens[] =
    "SELECT gen_us, der FROM token WHERE id IN (SELECT max(id) FROM token"
    " WHERE self_issued = 0 GROUP BY tsa) ORDER BY id";

struct gathering {
	struct work *w;
	struct ev_trust *at_hand;
};

static enum ev_rc
kept_line(struct ev_buf *out, const struct ev_kept *one,
    const unsigned char sha256[EV_SHA256], struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	struct ev_jw w;

	ev_text_hex(hex, sha256, EV_SHA256);
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "kept", one->kind);
	ev_jw_key_text(&w, "sha256", hex);
	ev_jw_key_text(&w, "source", one->source);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

static enum ev_rc
keep_row(struct ev_case *c, const struct ev_kept *one,
    const unsigned char sha256[EV_SHA256], struct ev_err *err)
{
	struct ev_entry entry = { .action = "stamp" };
	struct ev_buf after;
	int64_t seq = 0;
	enum ev_rc rc;

	ev_buf_init(&after, LINE_LIMIT);
	rc = kept_line(&after, one, sha256, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(c->db, err,
		    "INSERT INTO kept(kind, source, sha256, der, entry)"
		    " VALUES(?, ?, ?, ?, ?)",
		    "ssbbi", one->kind, one->source, (const void *)sha256,
		    (size_t)EV_SHA256, one->der.data, one->der.len, seq);
	ev_buf_release(&after);
	return rc;
}

/* Once: what is there already is not entered again. */
static enum ev_rc
keep_one(void *ctx, const struct ev_kept *one, struct ev_err *err)
{
	struct gathering *g = ctx;
	struct ev_case *c = g->w->c;
	const struct ev_stamped what = { .subject = one->kind,
		.tsa = one->source,
		.done = true,
		.at = "",
		.policy = "",
		.why = "" };
	unsigned char sha256[EV_SHA256];
	int64_t there = 0;
	enum ev_rc rc;

	rc = ev_sha256(sha256, one->der.data, one->der.len, err);
	if (rc == EV_OK)
		rc = ev_db_int(c->db, &there, err,
		    "SELECT count(*) FROM kept WHERE sha256 = ?", "b",
		    (const void *)sha256, (size_t)EV_SHA256);
	if (rc != EV_OK || there > 0)
		return rc;
	rc = ev_db_begin(c->db, err);
	if (rc != EV_OK)
		return rc;
	rc = keep_row(c, one, sha256, err);
	if (rc != EV_OK) {
		ev_db_rollback(c->db);
		return rc;
	}
	rc = ev_db_commit(c->db, err);
	if (rc == EV_OK)
		g->w->told(g->w->ctx, &what);
	return rc;
}

static void
not_kept(void *ctx, const char *kind, const char *source, const char *why)
{
	struct gathering *g = ctx;
	const struct ev_stamped what = { .subject = kind,
		.tsa = source,
		.at = "",
		.policy = "",
		.why = why };

	g->w->told(g->w->ctx, &what);
}

/* What was kept before. */
static enum ev_rc
load(struct gathering *g, struct ev_err *err)
{
	struct ev_kept one = { .source = "" };
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	rc = ev_trust_new(&g->at_hand, err);
	if (rc == EV_OK)
		rc = ev_db_prepare(g->w->c->db, &st, err,
		    "SELECT kind, der FROM kept ORDER BY id", "");
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "sb", &one.kind, &one.der.data,
			    &one.der.len);
		if (rc == EV_OK)
			rc = ev_keep_take(g->at_hand, &one, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
from_files(struct gathering *g, const struct ev_keep *how, struct ev_err *err)
{
	const char *const *file = g->w->how->files;
	struct ev_buf bytes;
	enum ev_rc rc = EV_OK;

	for (; rc == EV_OK && file != NULL && *file != NULL; file++) {
		ev_buf_init(&bytes, 2 * (size_t)EV_KEPT_LIMIT);
		rc = ev_fs_read_all(&bytes, AT_FDCWD, *file, err);
		if (rc == EV_OK)
			rc =
			    ev_keep_file(how, *file, EV_BYTES_BUF(&bytes), err);
		ev_buf_release(&bytes);
	}
	return rc;
}

/* The tokens first, for the rows of a statement may not change beneath it. */
struct newest {
	struct ev_buf der[TOKENS];
	int64_t at[TOKENS];
	size_t count;
};

static enum ev_rc
take_newest(struct ev_case *c, struct newest *n, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const void *der;
	enum ev_rc rc;
	size_t len;

	rc = ev_db_prepare(c->db, &st, err, sql_tokens, "");
	while (rc == EV_OK && n->count < TOKENS) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "ib", &n->at[n->count], &der,
			    &len);
		if (rc != EV_OK)
			break;
		ev_buf_init(&n->der[n->count], EV_STAMP_LIMIT);
		rc = ev_buf_put(&n->der[n->count++], der, len, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
from_tokens(struct gathering *g, const struct ev_keep *how, struct ev_err *err)
{
	struct newest n = { .count = 0 };
	enum ev_rc rc;
	size_t i;

	rc = take_newest(g->w->c, &n, err);
	for (i = 0; rc == EV_OK && i < n.count; i++)
		rc = ev_keep_token(how, EV_BYTES_BUF(&n.der[i]), n.at[i], err);
	for (i = 0; i < n.count; i++)
		ev_buf_release(&n.der[i]);
	return rc;
}

enum ev_rc
ev_stamp_unkept(struct ev_case *c, ev_unkept_fn *unkept, void *ctx,
    struct ev_err *err)
{
	struct work w = { .c = c };
	struct gathering g = { .w = &w };
	struct newest n = { .count = 0 };
	char who[EV_CERT_NAME];
	enum ev_rc rc;
	size_t i;

	rc = load(&g, err);
	if (rc == EV_OK)
		rc = take_newest(c, &n, err);
	for (i = 0; rc == EV_OK && i < n.count; i++) {
		if (!ev_keep_covers(g.at_hand, EV_BYTES_BUF(&n.der[i]), n.at[i],
			who))
			unkept(ctx, "crl", who,
			    "no list of revoked certificates of that day");
	}
	for (i = 0; i < n.count; i++)
		ev_buf_release(&n.der[i]);
	ev_trust_free(g.at_hand);
	return rc;
}

enum ev_rc
stamping_gather(struct work *w, bool fetch, struct ev_err *err)
{
	struct gathering g = { .w = w };
	struct ev_keep how = { .fetch = fetch,
		.seconds = w->how->seconds,
		.tries = 1, /* the next ev-stamp asks again */
		.kept = keep_one,
		.unkept = not_kept,
		.ctx = &g };
	enum ev_rc rc;

	rc = load(&g, err);
	how.at_hand = g.at_hand;
	if (rc == EV_OK)
		rc = from_files(&g, &how, err);
	if (rc == EV_OK)
		rc = from_tokens(&g, &how, err);
	ev_trust_free(g.at_hand);
	return rc;
}

enum ev_rc
stamping_end(struct work *w, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_custody_seal(w->c, err);
	if (rc == EV_OK && w->queued)
		return ev_fail(err, EV_PARTIAL,
		    "some requests wait for an answer: run ev-stamp again");
	return rc;
}
