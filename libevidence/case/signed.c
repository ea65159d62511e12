/* Entries whose actor signs the head that ends with them. */
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/signed.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"

enum { DER_LIMIT = 4 << 20, WHAT = 300 };

static const char sql_enrolled[] =
    "SELECT leaf FROM log WHERE action = 'enrol' ORDER BY seq";
static const char sql_signed[] =
    "SELECT seq, actor, leaf FROM log WHERE action IN ('transfer-out',"
    " 'transfer-in', 'refuse', 'verify') ORDER BY seq";

enum ev_rc
ev_signed_enrol(const char *leaf, size_t len, const char *actor,
    struct ev_enrolled *who, struct ev_err *err)
{
	const struct ev_json_node *after;
	struct ev_json_doc *doc = NULL;
	const char *id, *name, *role, *office, *cert;
	enum ev_rc rc;

	rc = ev_json_parse(&doc, leaf, len, err);
	if (rc != EV_OK)
		return ev_fail_in(err, "an entry enrol");
	after = ev_json_get(ev_json_root(doc), "after");
	id = ev_json_get_text(after, "actor");
	if (id == NULL || strcmp(id, actor) != 0) {
		ev_json_free(doc);
		return EV_EOF;
	}
	name = ev_json_get_text(after, "name");
	role = ev_json_get_text(after, "role");
	office = ev_json_get_text(after, "office");
	cert = ev_json_get_text(after, "cert_sha256");
	(void)snprintf(who->name, sizeof(who->name), "%s",
	    name == NULL ? "" : name);
	(void)snprintf(who->role, sizeof(who->role), "%s",
	    role == NULL ? "" : role);
	(void)snprintf(who->office, sizeof(who->office), "%s",
	    office == NULL ? "" : office);
	(void)snprintf(who->cert_sha256, sizeof(who->cert_sha256), "%s",
	    cert == NULL ? "" : cert);
	ev_json_free(doc);
	return EV_OK;
}

enum ev_rc
ev_signed_enrolled(struct ev_case *c, const char *actor,
    struct ev_enrolled *who, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *leaf;
	enum ev_rc rc, found = EV_EOF;
	size_t len;

	memset(who, 0, sizeof(*who));
	rc = ev_db_prepare(c->db, &st, err, sql_enrolled, "");
	while (rc == EV_OK && found == EV_EOF) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "t", &leaf, &len);
		if (rc == EV_OK)
			found = ev_signed_enrol(leaf, len, actor, who, err);
	}
	ev_db_finish(st);
	if (rc == EV_EOF)
		return ev_fail(err, EV_USE, "'%.64s' is not enrolled", actor);
	return rc == EV_OK ? found : rc;
}

enum ev_rc
ev_signed_key(struct ev_case *c, const char *key, const struct ev_pass *pass,
    struct ev_signer **signer, struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	struct ev_enrolled who;
	struct ev_cert cert;
	enum ev_rc rc;

	*signer = NULL;
	rc = ev_signed_enrolled(c, c->actor, &who, err);
	if (rc == EV_OK && who.cert_sha256[0] == '\0')
		rc = ev_fail(err, EV_USE,
		    "%.64s was enrolled without a certificate and cannot sign",
		    c->actor);
	if (rc == EV_OK)
		rc = ev_case_signer(c, key, pass, signer, err);
	if (rc == EV_OK)
		rc = ev_signer_cert(*signer, &cert, err);
	if (rc != EV_OK)
		return rc;
	ev_text_hex(hex, cert.sha256, EV_SHA256);
	if (strcmp(hex, who.cert_sha256) == 0)
		return EV_OK;
	ev_signer_free(*signer);
	*signer = NULL;
	return ev_fail(err, EV_USE,
	    "this key is not the one whose certificate %.64s was enrolled with",
	    c->actor);
}

static void
file_name(char name[EV_SIGNED_NAME], int64_t size, const char *word)
{
	(void)snprintf(name, EV_SIGNED_NAME, "%06jd-%s.p7s", (intmax_t)size,
	    word);
}

/*
 * A file of that name can only be what a broken run left: the entry that
 * names it is not committed yet.
 */
static enum ev_rc
put_signature(struct ev_case *c, const struct ev_buf *note, int64_t size,
    const struct ev_signer *signer, const char *word, char sha256[65],
    struct ev_err *err)
{
	unsigned char digest[EV_SHA256];
	char name[EV_SIGNED_NAME];
	struct ev_clock clock;
	struct ev_buf p7s;
	enum ev_rc rc;

	ev_buf_init(&p7s, DER_LIMIT);
	rc = ev_when_now(&clock, err);
	if (rc == EV_OK)
		rc = ev_cades_sign(signer, EV_BYTES_BUF(note), clock.wall_us,
		    &p7s, err);
	if (rc == EV_OK)
		rc = ev_sha256(digest, p7s.data, p7s.len, err);
	if (rc == EV_OK) {
		ev_text_hex(sha256, digest, sizeof(digest));
		file_name(name, size, word);
		rc = ev_fs_put(c->heads_fd, name, p7s.data, p7s.len, 0444, true,
		    err);
	}
	ev_buf_release(&p7s);
	return rc;
}

enum ev_rc
ev_signed_head(struct ev_case *c, int64_t size, const struct ev_signer *signer,
    const char *word, char sha256[65], struct ev_err *err)
{
	struct ev_buf note;
	enum ev_rc rc;

	ev_buf_init(&note, EV_NOTE_LIMIT);
	rc = ev_custody_head_of(c, size, &note, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_INPUT, "there is no head of %jd entries",
		    (intmax_t)size);
	if (rc == EV_OK)
		rc = put_signature(c, &note, size, signer, word, sha256, err);
	ev_buf_release(&note);
	return rc;
}

static enum ev_rc
append_and_sign(struct ev_case *c, const struct ev_entry *entry,
    const struct ev_signer *signer, const char *word, int64_t *seq,
    struct ev_err *err)
{
	struct ev_merkle_head head;
	char sha256[65];
	struct ev_buf note;
	enum ev_rc rc;

	ev_buf_init(&note, EV_NOTE_LIMIT);
	rc = ev_custody_append(c, entry, seq, err);
	if (rc == EV_OK)
		rc = ev_custody_note(c, &head, &note, err);
	if (rc == EV_OK)
		rc = put_signature(c, &note, *seq, signer, word, sha256, err);
	ev_buf_release(&note);
	return rc;
}

enum ev_rc
ev_signed_append(struct ev_case *c, const struct ev_entry *entry,
    const struct ev_signer *signer, const char *word, int64_t *seq,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_begin(c->db, err);
	if (rc != EV_OK)
		return rc;
	rc = append_and_sign(c, entry, signer, word, seq, err);
	if (rc != EV_OK) {
		ev_db_rollback(c->db);
		return rc;
	}
	rc = ev_db_commit(c->db, err);
	return rc == EV_OK ? ev_custody_seal(c, err) : rc;
}

bool
ev_signed_place(const struct ev_json_node *line, char name[EV_SIGNED_NAME],
    int64_t *size)
{
	const struct ev_json_node *after = ev_json_get(line, "after");
	const char *action = ev_json_get_text(line, "action"), *word = NULL;
	int64_t flag = 0;

	if (action == NULL || !ev_json_get_int(line, "seq", size))
		return false;
	if (strcmp(action, "transfer-out") == 0)
		word = "out";
	else if (strcmp(action, "transfer-in") == 0)
		word = ev_json_get_int(after, "offer", size) ? "in" : NULL;
	else if (ev_json_get_int(after, "signed", &flag) && flag == 1)
		word = strcmp(action, "refuse") == 0   ? "refuse"
		       : strcmp(action, "verify") == 0 ? "second"
						       : NULL;
	if (word == NULL)
		return false;
	file_name(name, *size, word);
	return true;
}

static enum ev_rc
read_signature(struct ev_case *c, const char *name, struct ev_buf *p7s,
    char sha256[65], struct ev_err *err)
{
	unsigned char digest[EV_SHA256];
	enum ev_rc rc;

	rc = ev_fs_read_all(p7s, c->heads_fd, name, err);
	if (rc == EV_OK)
		rc = ev_sha256(digest, p7s->data, p7s->len, err);
	if (rc == EV_OK)
		ev_text_hex(sha256, digest, sizeof(digest));
	return rc;
}

enum ev_rc
ev_signed_digest(struct ev_case *c, const char *name, char sha256[65],
    struct ev_err *err)
{
	struct ev_buf p7s;
	enum ev_rc rc;

	ev_buf_init(&p7s, DER_LIMIT);
	rc = read_signature(c, name, &p7s, sha256, err);
	ev_buf_release(&p7s);
	return rc;
}

enum ev_rc
ev_signed_verify(struct ev_bytes p7s, struct ev_bytes note,
    const char *cert_sha256, struct ev_err *err)
{
	struct ev_cades_check check = { .p7s = p7s, .content = note };
	unsigned char pin[EV_SHA256];
	struct ev_cades result;

	if (!ev_text_unhex(pin, sizeof(pin), cert_sha256, strlen(cert_sha256)))
		return ev_fail(err, EV_MISMATCH,
		    "its actor was enrolled without a certificate");
	check.pin = pin;
	return ev_cades_verify(&check, &result, err);
}

static enum ev_rc
check_p7s(struct ev_case *c, const struct ev_buf *p7s, int64_t size,
    const char *cert_sha256, struct ev_err *err)
{
	struct ev_buf note;
	enum ev_rc rc;

	ev_buf_init(&note, EV_NOTE_LIMIT);
	rc = ev_custody_head_of(c, size, &note, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_MISMATCH,
		    "there is no head of %jd entries", (intmax_t)size);
	if (rc == EV_OK)
		rc = ev_signed_verify(EV_BYTES_BUF(p7s), EV_BYTES_BUF(&note),
		    cert_sha256, err);
	ev_buf_release(&note);
	return rc;
}

/* The digests that an entry transfer-in holds, of both signatures. */
static enum ev_rc
check_digest(const struct ev_json_node *after, const char *key,
    const char *have, struct ev_err *err)
{
	const char *want = ev_json_get_text(after, key);

	if (want == NULL || strcmp(want, have) == 0)
		return EV_OK;
	return ev_fail(err, EV_MISMATCH, "it is not the one that was entered");
}

static enum ev_rc
check_giver(struct ev_case *c, const struct ev_json_node *after, int64_t size,
    struct ev_err *err)
{
	char name[EV_SIGNED_NAME], sha256[65];
	enum ev_rc rc;

	file_name(name, size, "out");
	rc = ev_signed_digest(c, name, sha256, err);
	if (rc == EV_OK)
		rc = check_digest(after, "giver_sha256", sha256, err);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, name);
}

struct signed_line {
	int64_t seq, size;
	const char *actor;
	const struct ev_json_node *root;
	char name[EV_SIGNED_NAME];
};

static enum ev_rc
check_line(struct ev_case *c, const struct signed_line *line,
    struct ev_err *err)
{
	const struct ev_json_node *after = ev_json_get(line->root, "after");
	struct ev_enrolled who;
	struct ev_buf p7s;
	char sha256[65];
	enum ev_rc rc;

	ev_buf_init(&p7s, DER_LIMIT);
	rc = ev_signed_enrolled(c, line->actor, &who, err);
	if (rc == EV_OK)
		rc = read_signature(c, line->name, &p7s, sha256, err);
	if (rc == EV_OK)
		rc = check_p7s(c, &p7s, line->size, who.cert_sha256, err);
	if (rc == EV_OK)
		rc = check_digest(after, "signature_sha256", sha256, err);
	if (rc != EV_OK)
		(void)ev_fail_in(err, line->name);
	if (rc == EV_OK && line->size != line->seq)
		rc = check_giver(c, after, line->size, err);
	ev_buf_release(&p7s);
	return rc;
}

/* Killed before the head was kept: the next writer makes the same one. */
static bool
waits_for_head(struct ev_case *c, int64_t size)
{
	int64_t newest = 0;
	struct ev_err err;

	return ev_db_int(c->db, &newest, &err,
		   "SELECT coalesce(max(size), 0) FROM head", "") == EV_OK &&
	       size > newest;
}

static enum ev_rc
check_leaf(struct ev_case *c, struct signed_line *line, const char *leaf,
    size_t len, ev_signed_fn *told, void *ctx)
{
	struct ev_json_doc *doc = NULL;
	char what[WHAT];
	struct ev_err why;

	/* What is no JSON was told already. */
	if (ev_json_parse(&doc, leaf, len, &why) != EV_OK)
		return EV_OK;
	line->root = ev_json_root(doc);
	if (!ev_signed_place(line->root, line->name, &line->size)) {
		ev_json_free(doc);
		return EV_OK;
	}
	if (waits_for_head(c, line->size)) {
		(void)snprintf(what, sizeof(what),
		    "entry %jd: its head waits for the next command that "
		    "writes, and so does the signature over it",
		    (intmax_t)line->seq);
		told(ctx, EV_CUSTODY_UNCHECKED, line->seq, what);
	} else if (check_line(c, line, &why) == EV_OK) {
		(void)snprintf(what, sizeof(what),
		    "entry %jd: %.64s signed the head of %jd entries",
		    (intmax_t)line->seq, line->actor, (intmax_t)line->size);
		told(ctx, EV_CUSTODY_OK, line->seq, what);
	} else {
		(void)snprintf(what, sizeof(what), "entry %jd: heads/%.200s",
		    (intmax_t)line->seq, why.msg);
		told(ctx, EV_CUSTODY_FAILED, line->seq, what);
	}
	ev_json_free(doc);
	return EV_OK;
}

enum ev_rc
ev_signed_check(struct ev_case *c, ev_signed_fn *told, void *ctx,
    struct ev_err *err)
{
	struct signed_line line;
	struct ev_stmt *st = NULL;
	const char *leaf;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err, sql_signed, "");
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "ist", &line.seq, &line.actor,
			    &leaf, &len);
		if (rc == EV_OK)
			rc = check_leaf(c, &line, leaf, len, told, ctx);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}
