/* Registers of listed organisations, and what ties things to them. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/custody.h"
#include "case/register.h"
#include "evidence/json.h"
#include "evidence/org.h"
#include "evidence/text.h"
#include "evidence/when.h"

enum { FILE_LIMIT = 256 << 20, LINE_LIMIT = 1 << 20, NAME_LIMIT = 65536 };

static const char sql_known[] =
    "SELECT count(*) FROM list_source s JOIN datafile d ON d.id = s.file"
    " WHERE d.form = 'register' AND d.sha256 = ?";
static const char sql_source[] =
    "INSERT INTO list_source(id, name, format, file, records, set_aside,"
    " entry) VALUES(?, ?, 'csv', ?, ?, ?, ?)";
static const char sql_find_org[] =
    "SELECT org FROM org_name WHERE name_type = 'primary' AND value_norm = ?"
    " ORDER BY org LIMIT 1";
static const char sql_org[] =
    "INSERT INTO org(id, name, kind, entry) VALUES(?, ?, 'organisation', ?)";
static const char sql_listing[] =
    "INSERT INTO listing(id, org, source, authority, law, section, ref,"
    " listed_on, delisted_on, status, scope_raw, offset, length,"
    " record_sha256) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char sql_name[] =
    "INSERT INTO org_name(org, value_raw, value_norm, script, name_type,"
    " quality, listing) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS"
    " (SELECT 1 FROM org_name WHERE org = ?1 AND value_raw = ?2)";

struct import {
	struct ev_case *c;
	const struct ev_buf *file;
	struct ev_org_result *result;
	ev_org_fault_fn *fault;
	void *ctx;
	int64_t source, entry, next_org, next_listing;
	bool counting; /* the first pass: nothing is written */
};

static bool
is_word(const char *text, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strcmp(text, *words) == 0)
			return true;
	}
	return false;
}

/* ISO 15924 of the first letter that is no digit or sign; Zyyy if none. */
static const char *
script_of(const char *name)
{
	const unsigned char *p = (const unsigned char *)name;
	unsigned c;

	for (; *p != '\0'; p++) {
		if ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z'))
			return "Latn";
		if (*p < 0xc2)
			continue;
		c = ((*p & 0x1fu) << 6) | (p[1] & 0x3fu);
		if (*p >= 0xc3 && *p <= 0xc9)
			return "Latn";
		if (*p >= 0xd0 && *p <= 0xd4 && c >= 0x400 && c < 0x530)
			return "Cyrl";
		if (*p >= 0xd8 && *p <= 0xdd)
			return "Arab";
		return "Zyyy";
	}
	return "Zyyy";
}

static bool
is_acronym(const char *name)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++) {
		if (i == 6 || ((name[i] < 'A' || name[i] > 'Z') &&
				  (i == 0 || name[i] < 'a' || name[i] > 'z')))
			return false;
	}
	return i >= 2 && name[i - 1] >= 'A' && name[i - 1] <= 'Z';
}

static enum ev_rc
put_name(struct import *m, int64_t org, const char *name, const char *type,
    const char *quality, struct ev_err *err)
{
	struct ev_buf norm;
	enum ev_rc rc;

	ev_buf_init(&norm, NAME_LIMIT);
	rc = ev_text_fold(&norm, name, strlen(name), err);
	if (rc == EV_OK)
		rc = ev_db_run(m->c->db, err, sql_name, "isssssi", org, name,
		    ev_buf_text(&norm), script_of(name), type, quality,
		    m->next_listing);
	ev_buf_release(&norm);
	return rc;
}

/* "A;B;C": each an alias; what looks like an acronym is called one. */
static enum ev_rc
put_aliases(struct import *m, int64_t org, const char *aliases,
    const char *quality, struct ev_err *err)
{
	const char *type;
	char name[1024];
	enum ev_rc rc = EV_OK;
	size_t len;

	while (rc == EV_OK && *aliases != '\0') {
		len = strcspn(aliases, ";");
		if (len > 0 && len < sizeof(name)) {
			memcpy(name, aliases, len);
			name[len] = '\0';
			type = is_acronym(name) ? "acronym"
			       : strcmp(script_of(name), "Latn") == 0
				   ? "aka"
				   : "original-"
				     "script";
			rc = put_name(m, org, name, type, quality, err);
		}
		aliases += len;
		if (*aliases == ';')
			aliases++;
	}
	return rc;
}

/* An organisation that has this very name already, or a new one. */
static enum ev_rc
find_org(struct import *m, const char *name, int64_t *org, struct ev_err *err)
{
	struct ev_buf norm;
	enum ev_rc rc;

	ev_buf_init(&norm, NAME_LIMIT);
	rc = ev_text_fold(&norm, name, strlen(name), err);
	if (rc == EV_OK)
		rc = ev_db_int(m->c->db, org, err, sql_find_org, "s",
		    ev_buf_text(&norm));
	ev_buf_release(&norm);
	if (rc != EV_EOF)
		return rc;
	*org = m->next_org++;
	m->result->organisations++;
	return ev_db_run(m->c->db, err, sql_org, "isi", *org, name, m->entry);
}

static enum ev_rc
put_listing(struct import *m, const struct ev_register_record *r, int64_t org,
    struct ev_err *err)
{
	unsigned char sha256[EV_SHA256];
	const char *status = r->field[EV_R_STATUS];
	enum ev_rc rc;

	if (status[0] == '\0')
		status = r->field[EV_R_DELISTED_ON][0] == '\0' ? "listed"
							       : "delisted";
	rc = ev_sha256(sha256, m->file->data + r->offset, (size_t)r->length,
	    err);
	if (rc != EV_OK)
		return rc;
	m->result->listings++;
	return ev_db_run(m->c->db, err, sql_listing, "iiissssssssiib",
	    m->next_listing, org, m->source, r->field[EV_R_AUTHORITY],
	    r->field[EV_R_LAW], r->field[EV_R_SECTION], r->field[EV_R_REF],
	    r->field[EV_R_LISTED_ON], r->field[EV_R_DELISTED_ON], status,
	    r->field[EV_R_REMARKS], r->offset, r->length, (const void *)sha256,
	    sizeof(sha256));
}

static enum ev_rc
on_fault(void *ctx, int64_t offset, int64_t length, const char *what,
    struct ev_err *err)
{
	struct import *m = ctx;
	const struct ev_org_fault fault = { offset, length, what };

	(void)err;
	if (m->counting) {
		if (length == 0)
			m->result->warnings++;
		else
			m->result->set_aside++;
		m->fault(m->ctx, &fault);
	}
	return EV_OK;
}

static enum ev_rc
on_record(void *ctx, const struct ev_register_record *r, struct ev_err *err)
{
	static const char *const statuses[] = { "", "listed", "amended",
		"under-review", "observed", "delisted", NULL };
	static const char *const qualities[] = { "", "strong", "good", "low",
		"unknown", NULL };
	const char *quality = r->field[EV_R_QUALITY];
	struct import *m = ctx;
	int64_t org = 0;
	enum ev_rc rc;

	if (!is_word(r->field[EV_R_STATUS], statuses))
		return on_fault(ctx, r->offset, r->length,
		    "the status is none of listed, amended, under-review, "
		    "observed, delisted",
		    err);
	if (!is_word(quality, qualities))
		return on_fault(ctx, r->offset, r->length,
		    "the quality is none of strong, good, low, unknown", err);
	if (m->counting) {
		m->result->records++;
		return EV_OK;
	}
	if (quality[0] == '\0')
		quality = "unknown";
	rc = find_org(m, r->field[EV_R_NAME], &org, err);
	if (rc == EV_OK)
		rc = put_listing(m, r, org, err);
	if (rc == EV_OK)
		rc = put_name(m, org, r->field[EV_R_NAME], "primary", quality,
		    err);
	if (rc == EV_OK)
		rc = put_aliases(m, org, r->field[EV_R_ALIASES], quality, err);
	m->next_listing++;
	return rc;
}

static enum ev_rc
import_entry(struct import *m, const char *name, const char *file,
    struct ev_err *err)
{
	struct ev_entry entry = { .action = "receive" };
	unsigned char sha256[EV_SHA256];
	char hex[2 * EV_SHA256 + 1];
	struct ev_buf after;
	struct ev_jw w;
	enum ev_rc rc;

	rc = ev_sha256(sha256, m->file->data, m->file->len, err);
	if (rc != EV_OK)
		return rc;
	ev_text_hex(hex, sha256, sizeof(sha256));
	ev_buf_init(&after, LINE_LIMIT);
	ev_jw_init(&w, &after);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "file", file);
	ev_jw_key_text(&w, "format", "csv");
	ev_jw_key_int(&w, "records", m->result->records);
	ev_jw_key_text(&w, "register", name);
	ev_jw_key_int(&w, "set_aside", m->result->set_aside);
	ev_jw_key_text(&w, "sha256", hex);
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(m->c, &entry, &m->entry, err);
	ev_buf_release(&after);
	return rc;
}

static enum ev_rc
next_ids(struct import *m, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_int(m->c->db, &m->source, err,
	    "SELECT coalesce(max(id), 0) + 1 FROM list_source", "");
	if (rc == EV_OK)
		rc = ev_db_int(m->c->db, &m->next_org, err,
		    "SELECT coalesce(max(id), 0) + 1 FROM org", "");
	if (rc == EV_OK)
		rc = ev_db_int(m->c->db, &m->next_listing, err,
		    "SELECT coalesce(max(id), 0) + 1 FROM listing", "");
	return rc;
}

/* Everything in one transaction: entry, file, organisations, listings. */
static enum ev_rc
write_all(struct import *m, const struct ev_org_import *how, struct ev_err *err)
{
	const struct ev_register_sink sink = { m, on_record, on_fault };
	const char *base = strrchr(how->file, '/');
	const char *file = base == NULL ? how->file : base + 1;
	const char *name = how->source == NULL ? file : how->source;
	int64_t datafile = 0;
	enum ev_rc rc;

	rc = ev_db_begin(m->c->db, err);
	if (rc != EV_OK)
		return rc;
	rc = next_ids(m, err);
	if (rc == EV_OK)
		rc = import_entry(m, name, file, err);
	if (rc == EV_OK)
		rc = ev_case_datafile(m->c, "register", name, m->file->data,
		    m->file->len, &datafile, err);
	if (rc == EV_OK)
		rc = ev_db_run(m->c->db, err, sql_source, "isiiii", m->source,
		    name, datafile, m->result->records, m->result->set_aside,
		    m->entry);
	if (rc == EV_OK)
		rc = ev_register_csv(m->file->data, m->file->len, &sink, err);
	if (rc == EV_OK)
		rc = ev_db_commit(m->c->db, err);
	else
		ev_db_rollback(m->c->db);
	return rc == EV_OK ? ev_custody_seal(m->c, err) : rc;
}

static enum ev_rc
is_known(struct import *m, bool *known, struct ev_err *err)
{
	unsigned char sha256[EV_SHA256];
	int64_t n = 0;
	enum ev_rc rc;

	rc = ev_sha256(sha256, m->file->data, m->file->len, err);
	if (rc == EV_OK)
		rc = ev_db_int(m->c->db, &n, err, sql_known, "b",
		    (const void *)sha256, sizeof(sha256));
	*known = n > 0;
	return rc;
}

enum ev_rc
ev_org_import(struct ev_case *c, const struct ev_org_import *how,
    struct ev_org_result *result, ev_org_fault_fn *fault, void *ctx,
    struct ev_err *err)
{
	struct import m = { .c = c,
		.result = result,
		.fault = fault,
		.ctx = ctx,
		.counting = true };
	const struct ev_register_sink sink = { &m, on_record, on_fault };
	struct ev_buf file;
	enum ev_rc rc;

	memset(result, 0, sizeof(*result));
	if (how->format != NULL && strcmp(how->format, "csv") != 0)
		return ev_fail(err, EV_USE, "'%.40s' is no format: csv is",
		    how->format);
	ev_buf_init(&file, FILE_LIMIT);
	m.file = &file;
	rc = ev_fs_read_all(&file, AT_FDCWD, how->file, err);
	if (rc == EV_OK)
		rc = is_known(&m, &result->known, err);
	if (rc != EV_OK || result->known)
		goto out;
	rc = ev_register_csv(file.data, file.len, &sink, err);
	if (rc == EV_OK && result->records == 0)
		rc = ev_fail(err, EV_INPUT, "no record can be read");
	if (rc != EV_OK) {
		rc = ev_fail_in(err, how->file);
		goto out;
	}
	m.counting = false;
	rc = write_all(&m, how, err);
	if (rc == EV_OK && result->set_aside > 0)
		rc = ev_fail(err, EV_PARTIAL, "%jd records were set aside",
		    (intmax_t)result->set_aside);
out:
	ev_buf_release(&file);
	return rc;
}

static enum ev_rc
check_anchor(struct ev_case *c, const struct ev_org_anchor *a,
    struct ev_err *err)
{
	static const char *const types[] = { "account", "url", "media",
		"username", "invite", "email", "phone", "imei", "udid", "idfv",
		"android-id", "ad-id", "push-token", "cookie", "sso", "wallet",
		"iban", "card", "domain", "tracker", "certificate", "favicon",
		"public-key", "other", NULL };
	const char *sql = NULL;
	int64_t number, n = 0;
	char kind;
	enum ev_rc rc;

	if (!is_word(a->type, types))
		return ev_fail(err, EV_USE, "'%.40s' is no type of identifier",
		    a->type);
	rc = ev_db_int(c->db, &n, err, "SELECT count(*) FROM org WHERE id = ?",
	    "i", a->org);
	if (rc == EV_OK && n == 0)
		return ev_fail(err, EV_USE, "there is no organisation O%06jd",
		    (intmax_t)a->org);
	if (rc != EV_OK)
		return rc;
	if (ev_id_parse(a->basis, &kind, &number) && kind == 'F')
		sql = "SELECT count(*) FROM fact_now WHERE id = ?";
	else if (ev_id_parse(a->basis, &kind, &number) && kind == 'L')
		sql = "SELECT count(*) FROM listing WHERE id = ?";
	if (sql == NULL)
		return ev_fail(err, EV_USE,
		    "the basis '%.40s' is neither a fact nor a listing",
		    a->basis);
	rc = ev_db_int(c->db, &n, err, sql, "i", number);
	if (rc == EV_OK && n == 0)
		return ev_fail(err, EV_USE, "there is no %.40s", a->basis);
	return rc;
}

static enum ev_rc
anchor_rows(struct ev_case *c, const struct ev_org_anchor *a,
    struct ev_err *err)
{
	char org[EV_ID_TEXT];
	const char *subject[] = { org, NULL };
	struct ev_entry entry = { .action = "examine", .subject = subject };
	struct ev_buf after;
	struct ev_jw w;
	int64_t seq = 0;
	enum ev_rc rc;

	ev_id_print(org, 'O', a->org);
	ev_buf_init(&after, LINE_LIMIT);
	ev_jw_init(&w, &after);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "basis", a->basis);
	ev_jw_key_text(&w, "from", a->from);
	ev_jw_key_text(&w, "to", a->to);
	ev_jw_key_text(&w, "type", a->type);
	ev_jw_key_text(&w, "value", a->value);
	ev_jw_key_text(&w, "verb", "anchor");
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(c->db, err,
		    "INSERT INTO anchor(org, type, value, basis, t_from, t_to,"
		    " entry) VALUES(?, ?, ?, ?, ?, ?, ?)",
		    "isssssi", a->org, a->type, a->value, a->basis, a->from,
		    a->to, seq);
	ev_buf_release(&after);
	return rc;
}

enum ev_rc
ev_org_anchor(struct ev_case *c, const struct ev_org_anchor *anchor,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = check_anchor(c, anchor, err);
	if (rc == EV_OK)
		rc = ev_db_begin(c->db, err);
	if (rc != EV_OK)
		return rc;
	rc = anchor_rows(c, anchor, err);
	if (rc == EV_OK)
		rc = ev_db_commit(c->db, err);
	else
		ev_db_rollback(c->db);
	return rc == EV_OK ? ev_custody_seal(c, err) : rc;
}
