/* People and their keys, authorities, files that decide how things are read. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/custody.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "seal/cert.h"

enum {
	PEM_LIMIT = 1 << 20,
	DOCUMENT_LIMIT = 256 << 20,
	LINE_LIMIT = 1 << 20,
	SELF_YEARS = 3,
};

static const char self_key[] = "self.key";

static const char sql_person[] =
    "INSERT INTO actor(actor, name, role, office, cert, cert_sha256, key_ref,"
    " entry) VALUES(?, ?, ?, ?, ?, ?, ?, ?)";
static const char sql_authority[] =
    "INSERT INTO authority(id, type, law, section, issuer, ref, conduct_from,"
    " conduct_to, valid_from, valid_to, sha256, entry)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

enum ev_rc
ev_case_actor_id(const struct ev_person *who, char id[EV_CASE_WORD],
    struct ev_err *err)
{
	const char *from = who->id != NULL ? who->id : who->name;
	size_t i, n = 0;
	char c;

	if (from[0] == '@')
		from++;
	id[n++] = '@';
	for (i = 0; from[i] != '\0' && n < EV_CASE_WORD - 1; i++) {
		c = from[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			id[n++] = c;
		else if (id[n - 1] != '-' && id[n - 1] != '@')
			id[n++] = '-';
	}
	while (n > 1 && id[n - 1] == '-')
		n--;
	id[n] = '\0';
	if (n < 2)
		return ev_fail(err, EV_USE,
		    "'%.64s' has no ASCII letter: give an id with --id",
		    who->name);
	return EV_OK;
}

/* Make self.key: for trying out, and it says so. */
static enum ev_rc
make_self(struct ev_case *c, const struct ev_person *who, struct ev_buf *pem,
    struct ev_err *err)
{
	const int64_t year = INT64_C(365) * 86400 * 1000000;
	struct ev_signer_wish wish = { .name = who->name,
		.office = who->office };
	struct ev_signer *signer = NULL;
	struct ev_buf secret;
	struct ev_clock clock;
	enum ev_rc rc;

	ev_buf_init(&secret, PEM_LIMIT);
	rc = ev_when_now(&clock, err);
	wish.from = clock.wall_us - INT64_C(3600) * 1000000;
	wish.until = wish.from + SELF_YEARS * year;
	if (rc == EV_OK)
		rc = ev_signer_make(&signer, &wish, err);
	if (rc == EV_OK)
		rc = ev_signer_pem(signer, NULL, &secret, err);
	if (rc == EV_OK)
		rc = ev_fs_put(c->dir_fd, self_key, secret.data, secret.len,
		    0400, false, err);
	if (rc == EV_OK)
		rc = ev_signer_cert_pem(signer, pem, err);
	ev_signer_free(signer);
	if (secret.data != NULL)
		ev_cleanse(secret.data, secret.cap);
	ev_buf_release(&secret);
	return rc;
}

/* The certificate, from wherever the person has it. */
static enum ev_rc
find_cert(struct ev_case *c, const struct ev_person *who, struct ev_buf *pem,
    struct ev_err *err)
{
	struct ev_signer *signer = NULL;
	enum ev_rc rc;

	if (who->self_signed)
		return make_self(c, who, pem, err);
	if (who->cert != NULL)
		return ev_fs_read_all(pem, AT_FDCWD, who->cert, err);
	if (who->key == NULL)
		return EV_OK;
	rc = ev_signer_load(&signer, who->key, NULL, who->pass, err);
	if (rc == EV_OK)
		rc = ev_signer_cert_pem(signer, pem, err);
	ev_signer_free(signer);
	return rc;
}

static enum ev_rc
enrol_line(struct ev_buf *after, const struct ev_person *who, const char *id,
    const char *sha256, struct ev_err *err)
{
	struct ev_jw w;

	ev_jw_init(&w, after);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "actor", id);
	if (sha256[0] != '\0')
		ev_jw_key_text(&w, "cert_sha256", sha256);
	ev_jw_key_text(&w, "name", who->name);
	ev_jw_key_text(&w, "office", who->office);
	ev_jw_key_text(&w, "role", who->role);
	ev_jw_key_int(&w, "self_signed", who->self_signed ? 1 : 0);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

static enum ev_rc
add_row(struct ev_case *c, const struct ev_person *who, const char *id,
    const struct ev_buf *pem, struct ev_err *err)
{
	const char *key = who->self_signed ? self_key : who->key;
	char sha256[2 * EV_SHA256 + 1] = "";
	const char *subject[] = { id, NULL };
	struct ev_entry entry = { .action = "enrol", .subject = subject };
	struct ev_cert cert;
	struct ev_buf der, after;
	enum ev_rc rc = EV_OK;
	int64_t seq = 0;

	ev_buf_init(&der, PEM_LIMIT);
	ev_buf_init(&after, LINE_LIMIT);
	if (pem->len > 0) {
		const struct ev_bytes bytes = { pem->data, pem->len };

		rc = ev_cert_read(&cert, bytes, err);
		if (rc == EV_OK)
			rc = ev_cert_der(bytes, &der, err);
		if (rc == EV_OK)
			ev_text_hex(sha256, cert.sha256, EV_SHA256);
	}
	if (rc == EV_OK)
		rc = enrol_line(&after, who, id, sha256, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(c->db, err, sql_person, "ssssbssi", id,
		    who->name, who->role, who->office,
		    (const void *)(der.data == NULL ? (const unsigned char *)""
						    : der.data),
		    der.len, sha256, key == NULL ? "" : key, seq);
	ev_buf_release(&der);
	ev_buf_release(&after);
	return rc;
}

enum ev_rc
ev_case_add_person(struct ev_case *c, const struct ev_person *who,
    struct ev_err *err)
{
	char id[EV_CASE_WORD];
	struct ev_buf pem;
	enum ev_rc rc;

	ev_buf_init(&pem, PEM_LIMIT);
	rc = ev_case_actor_id(who, id, err);
	if (rc == EV_OK)
		rc = find_cert(c, who, &pem, err);
	if (rc == EV_OK)
		rc = add_row(c, who, id, &pem, err);
	ev_buf_release(&pem);
	return rc;
}

enum ev_rc
ev_case_enrol(struct ev_case *c, const struct ev_person *person,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_begin(c->db, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_case_add_person(c, person, err);
	if (rc == EV_OK)
		rc = ev_db_commit(c->db, err);
	else
		ev_db_rollback(c->db);
	return rc == EV_OK ? ev_custody_seal(c, err) : rc;
}

/* The certificates of the people of the case, the acting person's first. */
static enum ev_rc
known_certs(struct ev_case *c, struct ev_buf *der, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const void *cert;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err,
	    "SELECT cert FROM actor ORDER BY actor <> ?, actor", "s", c->actor);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "b", &cert, &len);
		if (rc == EV_OK && len > 0)
			rc = ev_buf_put(der, cert, len, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* Where the key of the acting person is. */
static enum ev_rc
own_key(struct ev_case *c, char path[EV_CASE_PATH], struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *ref = NULL;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err,
	    "SELECT key_ref FROM actor WHERE actor = ?", "s", c->actor);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "s", &ref);
	if (rc == EV_EOF || (rc == EV_OK && (ref == NULL || ref[0] == '\0')))
		rc = ev_fail(err, EV_USE,
		    "no key is known for %.64s: name one with --sign",
		    c->actor);
	if (rc == EV_OK && strcmp(ref, self_key) == 0)
		(void)snprintf(path, EV_CASE_PATH, "%.4000s/%s", c->dir, ref);
	else if (rc == EV_OK)
		(void)snprintf(path, EV_CASE_PATH, "%s", ref);
	ev_db_finish(st);
	return rc;
}

enum ev_rc
ev_case_signer(struct ev_case *c, const char *key, const struct ev_pass *pass,
    struct ev_signer **signer, struct ev_err *err)
{
	char path[EV_CASE_PATH];
	struct ev_buf der;
	enum ev_rc rc = EV_OK;

	*signer = NULL;
	ev_buf_init(&der, DOCUMENT_LIMIT);
	if (key == NULL)
		rc = own_key(c, path, err);
	if (rc == EV_OK)
		rc = known_certs(c, &der, err);
	if (rc == EV_OK)
		rc = ev_signer_load_known(signer, key == NULL ? path : key,
		    EV_BYTES_BUF(&der), pass, err);
	ev_buf_release(&der);
	return rc;
}

static enum ev_rc
hash_document(const char *file, char sha256[2 * EV_SHA256 + 1],
    struct ev_err *err)
{
	unsigned char digest[EV_SHA256];
	struct ev_buf buf;
	enum ev_rc rc;

	sha256[0] = '\0';
	if (file == NULL)
		return EV_OK;
	ev_buf_init(&buf, DOCUMENT_LIMIT);
	rc = ev_fs_read_all(&buf, AT_FDCWD, file, err);
	if (rc == EV_OK)
		rc = ev_sha256(digest, buf.data, buf.len, err);
	if (rc == EV_OK)
		ev_text_hex(sha256, digest, sizeof(digest));
	ev_buf_release(&buf);
	return rc;
}

static void
list_of(struct ev_jw *w, const char *key, const char *const *words)
{
	size_t i;

	if (words == NULL || words[0] == NULL)
		return;
	ev_jw_key(w, key);
	ev_jw_array(w);
	for (i = 0; words[i] != NULL; i++)
		ev_jw_text(w, words[i]);
	ev_jw_close(w);
}

static enum ev_rc
authority_line(struct ev_buf *out, const struct ev_authority *a,
    const char *sha256, struct ev_err *err)
{
	struct ev_jw w;

	ev_jw_init(&w, out);
	ev_jw_object(&w);
	list_of(&w, "accounts", a->accounts);
	list_of(&w, "classes", a->classes);
	ev_jw_key_text(&w, "conduct_from", a->conduct_from);
	ev_jw_key_text(&w, "conduct_to", a->conduct_to);
	ev_jw_key_text(&w, "issuer", a->issuer);
	ev_jw_key_text(&w, "law", a->law);
	ev_jw_key_text(&w, "ref", a->ref);
	ev_jw_key_text(&w, "section", a->section);
	if (sha256[0] != '\0')
		ev_jw_key_text(&w, "sha256", sha256);
	ev_jw_key_text(&w, "type", a->type);
	ev_jw_key_text(&w, "valid_from", a->valid_from);
	ev_jw_key_text(&w, "valid_to", a->valid_to);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

/* "PLATFORM:TYPE:VALUE"; the value may hold colons. */
static enum ev_rc
add_account(struct ev_case *c, int64_t id, const char *text, struct ev_err *err)
{
	const char *type, *value;

	type = strchr(text, ':');
	value = type == NULL ? NULL : strchr(type + 1, ':');
	if (value == NULL || type == text || value == type + 1 ||
	    value[1] == '\0')
		return ev_fail(err, EV_USE,
		    "'%.64s' is not PLATFORM:TYPE:VALUE", text);
	return ev_db_run(c->db, err,
	    "INSERT INTO authority_account VALUES(?, ?, ?, ?)", "itts", id,
	    text, (size_t)(type - text), type + 1, (size_t)(value - type - 1),
	    value + 1);
}

static enum ev_rc
add_scope(struct ev_case *c, const struct ev_authority *a, int64_t id,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0;
	     rc == EV_OK && a->accounts != NULL && a->accounts[i] != NULL; i++)
		rc = add_account(c, id, a->accounts[i], err);
	for (i = 0; rc == EV_OK && a->classes != NULL && a->classes[i] != NULL;
	     i++)
		rc = ev_db_run(c->db, err,
		    "INSERT INTO authority_class VALUES(?, ?)", "is", id,
		    a->classes[i]);
	return rc;
}

static enum ev_rc
add_authority(struct ev_case *c, const struct ev_authority *a, int64_t *id,
    struct ev_err *err)
{
	char sha256[2 * EV_SHA256 + 1], name[EV_ID_TEXT];
	const char *subject[] = { name, NULL };
	struct ev_entry entry = { .action = "authorise", .subject = subject };
	struct ev_buf after;
	int64_t seq = 0;
	enum ev_rc rc;

	ev_buf_init(&after, LINE_LIMIT);
	rc = hash_document(a->file, sha256, err);
	if (rc == EV_OK)
		rc = authority_line(&after, a, sha256, err);
	if (rc == EV_OK)
		rc = ev_db_int(c->db, id, err,
		    "SELECT coalesce(max(id), 0) + 1 FROM authority", "");
	ev_id_print(name, 'W', *id);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(c->db, err, sql_authority, "issssssssssi", *id,
		    a->type, a->law == NULL ? "" : a->law,
		    a->section == NULL ? "" : a->section, a->issuer, a->ref,
		    a->conduct_from, a->conduct_to, a->valid_from, a->valid_to,
		    sha256, seq);
	if (rc == EV_OK)
		rc = add_scope(c, a, *id, err);
	ev_buf_release(&after);
	return rc;
}

enum ev_rc
ev_case_authority(struct ev_case *c, const struct ev_authority *authority,
    int64_t *id, struct ev_err *err)
{
	enum ev_rc rc;

	*id = 0;
	rc = ev_db_begin(c->db, err);
	if (rc != EV_OK)
		return rc;
	rc = add_authority(c, authority, id, err);
	if (rc == EV_OK)
		rc = ev_db_commit(c->db, err);
	else
		ev_db_rollback(c->db);
	return rc == EV_OK ? ev_custody_seal(c, err) : rc;
}

enum ev_rc
ev_case_datafile(struct ev_case *c, const char *form, const char *name,
    const void *bytes, size_t len, int64_t *id, struct ev_err *err)
{
	unsigned char sha256[EV_SHA256];
	enum ev_rc rc;

	*id = 0;
	rc = ev_sha256(sha256, bytes, len, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_db_int(c->db, id, err,
	    "SELECT id FROM datafile WHERE form = ? AND name = ? AND"
	    " sha256 = ?",
	    "ssb", form, name, (const void *)sha256, sizeof(sha256));
	if (rc != EV_EOF)
		return rc;
	rc = ev_db_run(c->db, err,
	    "INSERT INTO datafile(form, name, sha256, bytes)"
	    " VALUES(?, ?, ?, ?)",
	    "ssbb", form, name, (const void *)sha256, sizeof(sha256), bytes,
	    len);
	*id = ev_db_last_id(c->db);
	return rc;
}
