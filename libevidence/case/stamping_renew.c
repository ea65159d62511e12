/* Proofs of time carried on before their authority or algorithm ends. */
#include <stdlib.h>
#include <string.h>

#include "case/case_inside.h"
#include "case/custody.h"
#include "case/stamping_inside.h"
#include "seal/record.h"

enum { RECORD_LIMIT = 256 << 20, LINE_LIMIT = 1 << 20 };

static const char sql_next[] =
    "SELECT acquisition, der FROM record WHERE acquisition > ?"
    " ORDER BY acquisition LIMIT 1";
static const char sql_wide[] =
    "SELECT sha512 FROM exhibit WHERE acquisition = ? ORDER BY id";
static const char sql_base[] =
    "SELECT id FROM token WHERE subject = 'acquisition' AND number = ? AND"
    " der = ? ORDER BY id LIMIT 1";
static const char sql_renewal[] =
    "INSERT INTO renewal(acquisition, base, form, tsa, gen_us, der, entry)"
    " VALUES(?, ?, ?, ?, ?, ?, ?)";

/* One evidence record to be renewed, and its renewal. */
struct renewing {
	int64_t acquisition;
	struct ev_buf record, wide;
	struct ev_record_renewal how;
	const char *tsa; /* who answered */
	struct ev_buf token;
	struct ev_stamp stamp;
};

static void
renewing_init(struct renewing *n)
{
	memset(n, 0, sizeof(*n));
	ev_buf_init(&n->record, RECORD_LIMIT);
	ev_buf_init(&n->wide, RECORD_LIMIT);
	ev_buf_init(&n->token, EV_STAMP_LIMIT);
}

static void
renewing_release(struct renewing *n)
{
	ev_buf_release(&n->record);
	ev_buf_release(&n->wide);
	ev_buf_release(&n->token);
}

enum ev_rc
ev_stamp_wide(struct ev_case *c, int64_t acquisition, struct ev_buf *wide,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const void *hash;
	enum ev_rc rc;
	size_t len;

	rc = ev_db_prepare(c->db, &st, err, sql_wide, "i", acquisition);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "b", &hash, &len);
		if (rc == EV_OK && len != EV_SHA512)
			rc = ev_fail(err, EV_INPUT,
			    "an exhibit without SHA-512");
		if (rc == EV_OK)
			rc = ev_buf_put(wide, hash, len, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* The next record behind after; EV_EOF: there is none. */
static enum ev_rc
next_record(struct work *w, struct renewing *n, int64_t after, bool wide,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const void *der;
	enum ev_rc rc;
	size_t len;

	rc = ev_db_prepare(w->c->db, &st, err, sql_next, "i", after);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "ib", &n->acquisition, &der, &len);
	if (rc == EV_OK)
		rc = ev_buf_put(&n->record, der, len, err);
	ev_db_finish(st);
	if (rc == EV_OK && wide)
		rc = ev_stamp_wide(w->c, n->acquisition, &n->wide, err);
	n->how.record = EV_BYTES_BUF(&n->record);
	if (wide) {
		n->how.wide = n->wide.data;
		n->how.count = n->wide.len / EV_SHA512;
	}
	return rc;
}

/* One authority asked; its token is verified. */
static enum ev_rc
ask_one(struct work *w, struct renewing *n, const char *tsa, struct ev_err *err)
{
	const struct ev_stamp_place place = { tsa, w->how->seconds,
		w->how->tries };
	unsigned char imprint[EV_SHA512];
	struct ev_buf request;
	enum ev_rc rc;
	size_t len = 0;

	ev_buf_init(&request, EV_STAMP_LIMIT);
	ev_buf_clear(&n->token);
	n->tsa = tsa;
	rc = ev_record_renewal_imprint(&n->how, imprint, &len, err);
	if (rc == EV_OK)
		rc = ev_stamp_request_over(EV_BYTES(imprint, len), &request,
		    err);
	if (rc == EV_OK)
		rc = stamping_fetch(w->c, &place, EV_BYTES_BUF(&request),
		    &n->token, err);
	if (rc == EV_OK)
		rc = ev_stamp_verify_over(EV_BYTES_BUF(&n->token),
		    EV_BYTES(imprint, len), NULL, EV_TRUST_NOW, &n->stamp, err);
	ev_buf_release(&request);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, tsa);
}

/* The first authority that answers. */
static enum ev_rc
ask_any(struct work *w, struct renewing *n, struct ev_err *err)
{
	const char *const *tsa = w->how->tsa;
	enum ev_rc rc = EV_USE;

	if (w->how->self)
		return ask_one(w, n, "self", err);
	for (; rc != EV_OK && *tsa != NULL; tsa++)
		rc = ask_one(w, n, *tsa, err);
	return rc;
}

static enum ev_rc
keep_rows(struct work *w, struct renewing *n, struct ev_err *err)
{
	const char *form = n->how.wide == NULL ? "time-stamp" : "hash-tree";
	char id[EV_ID_TEXT];
	const char *subject[] = { id, NULL };
	struct ev_entry entry = { .action = "stamp", .subject = subject };
	const struct stamp_told line = { NULL, form, n->tsa, &n->stamp,
		EV_BYTES_BUF(&n->token) };
	struct ev_record *record = NULL;
	struct ev_buf after, der;
	int64_t seq = 0, base = 0;
	struct ev_bytes first;
	enum ev_rc rc;

	ev_id_print(id, 'I', n->acquisition);
	ev_buf_init(&after, LINE_LIMIT);
	ev_buf_init(&der, RECORD_LIMIT);
	rc = ev_record_read(&record, n->how.record, err);
	if (rc == EV_OK) {
		first = ev_record_token(record);
		rc = ev_db_int(w->c->db, &base, err, sql_base, "ib",
		    n->acquisition, first.data, first.len);
	}
	if (rc == EV_OK)
		rc = stamping_line(&after, &line, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(w->c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(w->c->db, err, sql_renewal, "iissibi",
		    n->acquisition, base, form, n->tsa, n->stamp.at,
		    (const void *)n->token.data, n->token.len, seq);
	if (rc == EV_OK)
		rc = ev_record_renew(&n->how, EV_BYTES_BUF(&n->token), &der,
		    err);
	if (rc == EV_OK)
		rc = ev_db_run(w->c->db, err,
		    "UPDATE record SET der = ?, entry = ? WHERE acquisition ="
		    " ?",
		    "bii", (const void *)der.data, der.len, seq,
		    n->acquisition);
	ev_record_free(record);
	ev_buf_release(&after);
	ev_buf_release(&der);
	return rc;
}

static enum ev_rc
renew_one(struct work *w, struct renewing *n, struct ev_err *err)
{
	struct subject s = { .kind = "record", .number = n->acquisition };
	enum ev_rc rc;

	rc = ask_any(w, n, err);
	if (rc == EV_OK)
		rc = ev_db_begin(w->c->db, err);
	if (rc != EV_OK)
		return rc;
	rc = keep_rows(w, n, err);
	if (rc != EV_OK) {
		ev_db_rollback(w->c->db);
		return rc;
	}
	rc = ev_db_commit(w->c->db, err);
	if (rc == EV_OK)
		stamping_tell(w, &s, n->tsa, &n->stamp, "");
	return rc;
}

enum ev_rc
ev_stamp_renew(struct ev_case *c, const struct ev_stamping *how, bool wide,
    ev_stamped_fn *told, void *ctx, struct ev_err *err)
{
	struct work w = { .c = c, .how = how, .told = told, .ctx = ctx };
	const char *const *tsa = how->tsa;
	struct renewing n;
	int64_t after = 0;
	enum ev_rc rc = EV_OK;

	if (!how->self && (tsa == NULL || *tsa == NULL))
		return ev_fail(err, EV_USE, "no authority was named");
	while (rc == EV_OK) {
		renewing_init(&n);
		rc = next_record(&w, &n, after, wide, err);
		if (rc == EV_OK)
			rc = renew_one(&w, &n, err);
		after = n.acquisition;
		renewing_release(&n);
	}
	if (rc == EV_EOF)
		rc = EV_OK;
	/* The head covers the entries above, hence every token before. */
	if (rc == EV_OK && how->self)
		rc = stamping_head(&w, "self", err);
	for (; rc == EV_OK && tsa != NULL && *tsa != NULL; tsa++)
		rc = stamping_head(&w, *tsa, err);
	if (rc == EV_OK)
		rc = stamping_gather(&w, true, err);
	return rc == EV_OK ? stamping_end(&w, err) : rc;
}
