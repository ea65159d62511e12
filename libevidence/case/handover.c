/* A case changes hands: both sign one head, the receiver after re-hashing. */
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/custody.h"
#include "case/signed.h"
#include "evidence/handover.h"
#include "evidence/json.h"

enum {
	LINE_LIMIT = 1 << 20,
	DER_LIMIT = 4 << 20,
	NAMED = 32,     /* exhibits and artifacts that a refusal names */
	SENTENCES = 16, /* and what it says of them */
	SENTENCE = 320,
};

static const char sql_open_offer[] =
    "SELECT l.seq, l.actor, l.leaf FROM log l WHERE l.action = 'transfer-out'"
    " AND l.seq > (SELECT coalesce(max(seq), 0) FROM log WHERE action IN"
    " ('transfer-in', 'refuse')) ORDER BY l.seq DESC LIMIT 1";
static const char sql_holder[] =
    "SELECT seq FROM log WHERE action IN ('open', 'transfer-in')"
    " AND actor = ?1 AND seq = (SELECT max(seq) FROM log"
    " WHERE action IN ('open', 'transfer-in'))";
/* An exhibit, the others that point at its bytes, and their artifacts. */
static const char sql_touched[] =
    "SELECT e.id, a.id FROM exhibit e JOIN artifact a ON a.exhibit = e.id"
    " AND a.ordinal = 0 WHERE e.id = ?1 OR e.stored = ?1 ORDER BY e.id";

/* An offer that waits for its answer. */
struct offer {
	int64_t seq; /* 0: there is none */
	int64_t exhibits, artifacts, bytes, facts;
	char giver[EV_CASE_WORD], to[EV_CASE_WORD];
};

static enum ev_rc
keep_offer(struct ev_stmt *st, struct offer *o, struct ev_err *err)
{
	const struct ev_json_node *after;
	struct ev_json_doc *doc = NULL;
	const char *giver, *leaf, *to;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "ist", &o->seq, &giver, &leaf, &len);
	if (rc == EV_OK)
		rc = ev_json_parse(&doc, leaf, len, err);
	if (rc != EV_OK)
		return rc;
	after = ev_json_get(ev_json_root(doc), "after");
	to = ev_json_get_text(after, "to");
	if (!ev_json_get_int(after, "exhibits", &o->exhibits) ||
	    !ev_json_get_int(after, "artifacts", &o->artifacts) ||
	    !ev_json_get_int(after, "bytes", &o->bytes) ||
	    !ev_json_get_int(after, "facts", &o->facts) || to == NULL)
		rc = ev_fail(err, EV_INPUT, "entry %jd counts nothing",
		    (intmax_t)o->seq);
	(void)snprintf(o->giver, sizeof(o->giver), "%s", giver);
	(void)snprintf(o->to, sizeof(o->to), "%s", to == NULL ? "" : to);
	ev_json_free(doc);
	return rc;
}

static enum ev_rc
open_offer(struct ev_case *c, struct offer *o, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	memset(o, 0, sizeof(*o));
	rc = ev_db_prepare(c->db, &st, err, sql_open_offer, "");
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = keep_offer(st, o, err);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_handover_open(struct ev_case *c, int64_t *entry, char to[EV_HANDOVER_NAME],
    struct ev_err *err)
{
	struct offer o;
	enum ev_rc rc;

	rc = open_offer(c, &o, err);
	*entry = o.seq;
	(void)snprintf(to, EV_HANDOVER_NAME, "%s", o.to);
	return rc;
}

/* The open offer, which there must be. */
static enum ev_rc
need_offer(struct ev_case *c, struct offer *o, struct ev_err *err)
{
	enum ev_rc rc;

	rc = open_offer(c, o, err);
	if (rc == EV_OK && o->seq == 0)
		return ev_fail(err, EV_USE,
		    "no handover is open: it begins with ev-custody transfer");
	return rc;
}

static enum ev_rc
may_give(struct ev_case *c, const char *to, struct ev_err *err)
{
	struct ev_enrolled who;
	struct offer o;
	int64_t n = 0;
	enum ev_rc rc;

	rc = open_offer(c, &o, err);
	if (rc != EV_OK)
		return rc;
	if (o.seq != 0)
		return ev_fail(err, EV_USE,
		    "entry %jd offers the case to %.64s: it waits for "
		    "ev-custody accept or refuse",
		    (intmax_t)o.seq, o.to);
	if (strcmp(to, c->actor) == 0)
		return ev_fail(err, EV_USE,
		    "%.64s cannot hand the case to themselves", to);
	rc = ev_signed_enrolled(c, to, &who, err);
	if (rc == EV_OK && who.cert_sha256[0] == '\0')
		return ev_fail(err, EV_USE,
		    "%.64s was enrolled without a certificate and could not "
		    "sign for the case",
		    to);
	if (rc == EV_OK)
		rc = ev_db_int(c->db, &n, err,
		    "SELECT count(*) FROM acquisition WHERE copy IS NULL", "");
	if (rc == EV_OK && n > 0)
		return ev_fail(err, EV_USE,
		    "an acquisition was begun and not finished: repeat the "
		    "same ev-ingest first");
	if (rc != EV_OK)
		return rc;
	rc = ev_db_int(c->db, &n, err, sql_holder, "s", c->actor);
	if (rc == EV_EOF && c->act.authoriser == NULL)
		return ev_fail(err, EV_USE,
		    "the case is not in the custody of %.64s: name who "
		    "authorises this with --authoriser",
		    c->actor);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
offer_line(struct ev_case *c, const char *to, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_case_counts n = { 0 };
	struct ev_jw w;
	enum ev_rc rc;

	rc = ev_case_count(c, &n, err);
	if (rc != EV_OK)
		return rc;
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "artifacts", n.artifacts);
	ev_jw_key_int(&w, "bytes", n.exhibit_bytes);
	ev_jw_key_int(&w, "exhibits", n.exhibits);
	ev_jw_key_int(&w, "facts", n.facts);
	ev_jw_key_text(&w, "to", to);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

enum ev_rc
ev_handover_offer(struct ev_case *c, const char *to,
    const struct ev_handover_key *key, int64_t *entry, struct ev_err *err)
{
	const char *subject[] = { to, NULL };
	struct ev_entry line = { .action = "transfer-out", .subject = subject };
	struct ev_signer *signer = NULL;
	struct ev_buf after;
	enum ev_rc rc;

	*entry = 0;
	ev_buf_init(&after, LINE_LIMIT);
	rc = may_give(c, to, err);
	if (rc == EV_OK)
		rc = offer_line(c, to, &after, err);
	if (rc == EV_OK)
		rc = ev_signed_key(c, key->key, key->pass, &signer, err);
	line.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_signed_append(c, &line, signer, "out", entry, err);
	ev_signer_free(signer);
	ev_buf_release(&after);
	return rc;
}

/* What a receiver's check found wrong. */
struct trouble {
	struct ev_case *c;
	ev_case_finding_fn *found;
	void *ctx;
	int64_t count;
	size_t sentences, named;
	char sentence[SENTENCES][SENTENCE];
	char name[NAMED][EV_ID_TEXT];
	enum ev_rc rc; /* of asking which artifacts */
	struct ev_err err;
};

static void
name_one(struct trouble *t, char kind, int64_t number)
{
	if (t->named < NAMED)
		ev_id_print(t->name[t->named++], kind, number);
}

/* Every exhibit that lies in those bytes, and its artifact. */
static enum ev_rc
name_touched(struct trouble *t, int64_t exhibit, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	int64_t id, artifact;
	enum ev_rc rc;

	rc = ev_db_prepare(t->c->db, &st, err, sql_touched, "i", exhibit);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "ii", &id, &artifact);
		if (rc != EV_OK)
			break;
		name_one(t, 'E', id);
		name_one(t, 'A', artifact);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static void
take_finding(void *ctx, const struct ev_case_finding *f)
{
	struct trouble *t = ctx;
	size_t first = t->named, i;
	struct ev_case_finding more = *f;
	char what[SENTENCE];
	size_t len;

	if (!f->bad) {
		t->found(t->ctx, f);
		return;
	}
	t->count++;
	if (f->exhibit != 0 && t->rc == EV_OK)
		t->rc = name_touched(t, f->exhibit, &t->err);
	(void)snprintf(what, sizeof(what), "%.200s", f->what);
	for (i = first; i < t->named; i++) {
		len = strlen(what);
		(void)snprintf(what + len, sizeof(what) - len, "%s%s",
		    i == first ? " (" : ", ", t->name[i]);
	}
	len = strlen(what);
	if (t->named > first)
		(void)snprintf(what + len, sizeof(what) - len, ")");
	if (t->sentences < SENTENCES)
		(void)snprintf(t->sentence[t->sentences++], SENTENCE, "%s",
		    what);
	more.what = what;
	t->found(t->ctx, &more);
}

static enum ev_rc
refusal_line(const struct offer *o, const char *reason, const struct trouble *t,
    struct ev_buf *out, struct ev_err *err)
{
	struct ev_jw w;
	size_t i;

	ev_jw_init(&w, out);
	ev_jw_object(&w);
	if (t != NULL) {
		ev_jw_key(&w, "failed");
		ev_jw_array(&w);
		for (i = 0; i < t->sentences; i++)
			ev_jw_text(&w, t->sentence[i]);
		ev_jw_close(&w);
		ev_jw_key_int(&w, "failures", t->count);
	}
	ev_jw_key_int(&w, "offer", o->seq);
	ev_jw_key_text(&w, "reason", reason);
	ev_jw_key_int(&w, "signed", 1);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

static enum ev_rc
refuse(struct ev_case *c, const struct offer *o, const char *reason,
    const struct trouble *t, const struct ev_signer *signer, int64_t *entry,
    struct ev_err *err)
{
	const char *subject[NAMED + 1] = { NULL };
	struct ev_entry line = { .action = "refuse", .subject = subject };
	struct ev_buf after;
	enum ev_rc rc;
	size_t i;

	for (i = 0; t != NULL && i < t->named; i++)
		subject[i] = t->name[i];
	ev_buf_init(&after, LINE_LIMIT);
	rc = refusal_line(o, reason, t, &after, err);
	line.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_signed_append(c, &line, signer, "refuse", entry, err);
	ev_buf_release(&after);
	return rc;
}

static enum ev_rc
accept_line(struct ev_case *c, const struct offer *o,
    const struct ev_signer *signer, struct ev_buf *out, struct ev_err *err)
{
	char name[EV_SIGNED_NAME], giver[65], mine[65];
	struct ev_case_counts n = { 0 };
	struct ev_jw w;
	enum ev_rc rc;

	(void)snprintf(name, sizeof(name), "%06jd-out.p7s", (intmax_t)o->seq);
	rc = ev_case_count(c, &n, err);
	if (rc == EV_OK)
		rc = ev_signed_digest(c, name, giver, err);
	if (rc == EV_OK)
		rc = ev_signed_head(c, o->seq, signer, "in", mine, err);
	if (rc != EV_OK)
		return rc;
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "artifacts", n.artifacts);
	ev_jw_key_int(&w, "bytes", n.exhibit_bytes);
	ev_jw_key_int(&w, "exhibits", n.exhibits);
	ev_jw_key_int(&w, "facts", n.facts);
	ev_jw_key_text(&w, "from", o->giver);
	ev_jw_key_text(&w, "giver_sha256", giver);
	ev_jw_key_int(&w, "offer", o->seq);
	ev_jw_key_text(&w, "signature_sha256", mine);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

static enum ev_rc
accept(struct ev_case *c, const struct offer *o, const struct ev_signer *signer,
    int64_t *entry, struct ev_err *err)
{
	const char *subject[] = { o->giver, NULL };
	struct ev_entry line = { .action = "transfer-in", .subject = subject };
	struct ev_buf after;
	enum ev_rc rc;

	rc = ev_db_begin(c->db, err);
	if (rc != EV_OK)
		return rc;
	ev_buf_init(&after, LINE_LIMIT);
	rc = accept_line(c, o, signer, &after, err);
	line.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(c, &line, entry, err);
	if (rc == EV_OK)
		rc = ev_db_commit(c->db, err);
	else
		ev_db_rollback(c->db);
	ev_buf_release(&after);
	return rc == EV_OK ? ev_custody_seal(c, err) : rc;
}

/* What came in since the offer was not offered. */
static enum ev_rc
check_counts(struct ev_case *c, const struct offer *o, struct trouble *t,
    struct ev_err *err)
{
	struct ev_case_finding f = { .bad = true, .area = "case" };
	struct ev_case_counts n = { 0 };
	char what[SENTENCE];
	enum ev_rc rc;

	rc = ev_case_count(c, &n, err);
	if (rc != EV_OK ||
	    (n.exhibits == o->exhibits && n.artifacts == o->artifacts &&
		n.exhibit_bytes == o->bytes && n.facts == o->facts))
		return rc;
	(void)snprintf(what, sizeof(what),
	    "entry %jd offered %jd exhibits of %jd bytes, %jd artifacts and "
	    "%jd facts; there are %jd, %jd, %jd and %jd",
	    (intmax_t)o->seq, (intmax_t)o->exhibits, (intmax_t)o->bytes,
	    (intmax_t)o->artifacts, (intmax_t)o->facts, (intmax_t)n.exhibits,
	    (intmax_t)n.exhibit_bytes, (intmax_t)n.artifacts,
	    (intmax_t)n.facts);
	f.what = what;
	take_finding(t, &f);
	return EV_OK;
}

/* Everything again, and the log held against the head of the offer. */
static enum ev_rc
check_all(struct ev_case *c, const struct offer *o, struct trouble *t,
    struct ev_err *err)
{
	struct ev_buf head;
	enum ev_rc rc;

	ev_buf_init(&head, EV_NOTE_LIMIT);
	rc = ev_custody_head_of(c, o->seq, &head, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_INPUT,
		    "the offer of entry %jd has no head: refuse it, and have "
		    "it made again",
		    (intmax_t)o->seq);
	if (rc == EV_OK)
		rc = ev_case_check(c, false, &head, take_finding, t, err);
	ev_buf_release(&head);
	if (t->rc != EV_OK) {
		*err = t->err;
		return t->rc;
	}
	if (rc == EV_MISMATCH && t->count > 0)
		rc = EV_OK;
	return rc == EV_OK ? check_counts(c, o, t, err) : rc;
}

enum ev_rc
ev_handover_accept(struct ev_case *c, const struct ev_handover_key *key,
    ev_case_finding_fn *found, void *ctx, int64_t *entry, struct ev_err *err)
{
	struct trouble t = { .c = c, .found = found, .ctx = ctx };
	struct ev_signer *signer = NULL;
	struct offer o;
	enum ev_rc rc;

	*entry = 0;
	rc = need_offer(c, &o, err);
	if (rc == EV_OK && strcmp(o.to, c->actor) != 0)
		rc = ev_fail(err, EV_USE,
		    "entry %jd offers the case to %.64s, not to %.64s",
		    (intmax_t)o.seq, o.to, c->actor);
	if (rc == EV_OK)
		rc = ev_signed_key(c, key->key, key->pass, &signer, err);
	if (rc == EV_OK)
		rc = check_all(c, &o, &t, err);
	if (rc == EV_OK && t.count > 0) {
		rc = refuse(c, &o, "what was offered is not as the case says",
		    &t, signer, entry, err);
		if (rc == EV_OK)
			rc = ev_fail(err, EV_MISMATCH,
			    "the case is not as its log says: entry %jd "
			    "refuses it",
			    (intmax_t)*entry);
	} else if (rc == EV_OK) {
		rc = accept(c, &o, signer, entry, err);
	}
	ev_signer_free(signer);
	return rc;
}

enum ev_rc
ev_handover_refuse(struct ev_case *c, const char *reason,
    const struct ev_handover_key *key, int64_t *entry, struct ev_err *err)
{
	struct ev_signer *signer = NULL;
	struct offer o;
	enum ev_rc rc;

	*entry = 0;
	rc = need_offer(c, &o, err);
	if (rc == EV_OK && strcmp(o.to, c->actor) != 0 &&
	    strcmp(o.giver, c->actor) != 0)
		rc = ev_fail(err, EV_USE,
		    "entry %jd is between %.64s and %.64s: one of them must "
		    "refuse",
		    (intmax_t)o.seq, o.giver, o.to);
	if (rc == EV_OK)
		rc = ev_signed_key(c, key->key, key->pass, &signer, err);
	if (rc == EV_OK)
		rc = refuse(c, &o, reason, NULL, signer, entry, err);
	ev_signer_free(signer);
	return rc;
}

static void
no_finding(void *ctx, const struct ev_custody_finding *f)
{
	(void)ctx;
	(void)f;
}

enum ev_rc
ev_handover_countersign(struct ev_case *c, const struct ev_handover_key *key,
    int64_t *entry, struct ev_err *err)
{
	struct ev_entry line = { .action = "verify",
		.after = "{\"signed\":1}" };
	struct ev_signer *signer = NULL;
	enum ev_rc rc;

	*entry = 0;
	rc = ev_custody_verify(c, NULL, no_finding, NULL, err);
	if (rc == EV_OK)
		rc = ev_signed_key(c, key->key, key->pass, &signer, err);
	if (rc == EV_OK)
		rc = ev_signed_append(c, &line, signer, "second", entry, err);
	ev_signer_free(signer);
	return rc;
}

enum ev_rc
ev_handover_signature(struct ev_case *c, int64_t entry, struct ev_buf *p7s,
    struct ev_err *err)
{
	struct ev_json_doc *doc = NULL;
	char name[EV_SIGNED_NAME];
	struct ev_stmt *st = NULL;
	const char *leaf;
	int64_t size;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err,
	    "SELECT leaf FROM log WHERE seq = ?", "i", entry);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "t", &leaf, &len);
	if (rc == EV_OK)
		rc = ev_json_parse(&doc, leaf, len, err);
	if (rc == EV_EOF ||
	    (rc == EV_OK && !ev_signed_place(ev_json_root(doc), name, &size)))
		rc = ev_fail(err, EV_USE, "entry %jd is signed by nobody",
		    (intmax_t)entry);
	if (rc == EV_OK)
		rc = ev_fs_read_all(p7s, c->heads_fd, name, err);
	ev_json_free(doc);
	ev_db_finish(st);
	return rc;
}
