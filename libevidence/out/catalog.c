/* What is in a case, as rows. */
#include <stdio.h>
#include <string.h>

#include "case/case.h"
#include "evidence/catalog.h"
#include "out/rows.h"

enum { SCHEMA = 64 };

/* The whole path of an artifact a of exhibit e, as people name it. */
#define PATH                                        \
	" CASE a.ordinal WHEN 0 THEN a.member ELSE" \
	" CAST(x.name || '!/' || a.member AS BLOB) END"

/* One list: its query, and how its columns are shown (out/rows.h). */
struct catalog {
	const char *name;
	const char *sql;
	const char *how;
	const struct ev_table_column *column;
	size_t count;
};

/* Of a member whose bytes could not be had, nothing is told, not "empty". */
#define HAD(column)                                                        \
	" CASE WHEN r.outcome = 'failed' AND a.size = 0 AND a.ordinal > 0" \
	" THEN NULL ELSE a." column " END"
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct ev_table_column c_accounts[] = { EV_W("platform"),
	EV_T("account"), EV_T("handle"), EV_T("name"), EV_N("facts"),
	EV_W("first"), EV_W("last") };
static const struct ev_table_column c_acquisitions[] = { EV_W("acquisition"),
	EV_T("source"), EV_W("form"), EV_W("authority"), EV_N("exhibits"),
	EV_N("bytes"), EV_N("facts"), EV_W("finished"), EV_HT("received_from"),
	EV_HW("quarantine") };
static const struct ev_table_column c_actors[] = { EV_W("actor"), EV_T("name"),
	EV_T("role"), EV_T("office"), EV_HW("certificate"), EV_HN("entry") };
static const struct ev_table_column c_artifacts[] = { EV_W("artifact"),
	EV_W("exhibit"), EV_T("member"), EV_N("size"), EV_W("outcome"),
	EV_W("media"), EV_HW("parent"), EV_HN("ordinal"), EV_HW("sha256"),
	EV_HW("sha512"), EV_HW("md5"), EV_HW("sha1"), EV_HN("facts") };
static const struct ev_table_column c_authorities[] = { EV_W("authority"),
	EV_W("type"), EV_T("issuer"), EV_T("ref"), EV_T("law"), EV_T("section"),
	EV_HW("conduct_from"), EV_HW("conduct_to"), EV_HW("valid_from"),
	EV_HW("valid_to"), EV_HW("sha256") };
static const struct ev_table_column c_claims[] = { EV_W("claim"), EV_W("asks"),
	EV_T("subject"), EV_T("object"), EV_N("low"), EV_N("mid"), EV_N("high"),
	EV_W("met"), EV_W("label") };
static const struct ev_table_column c_exhibits[] = { EV_W("exhibit"),
	EV_W("acquisition"), EV_T("name"), EV_N("size"), EV_W("sha256"),
	EV_HW("sha512"), EV_HW("md5"), EV_HW("sha1"), EV_HW("stored"),
	EV_HT("notes") };
static const struct ev_table_column c_facts[] = { EV_W("fact"), EV_W("kind"),
	EV_W("platform"), EV_T("account"), EV_W("t"), EV_W("artifact"),
	EV_T("pointer"), EV_HT("handle"), EV_HT("name"), EV_HT("member"),
	EV_HN("offset"), EV_HN("length"), EV_HW("mapping"), EV_HN("version"),
	EV_HT("notes") };
static const struct ev_table_column c_heads[] = { EV_N("entries"), EV_W("at"),
	EV_W("root"), EV_N("tokens") };
static const struct ev_table_column c_identifiers[] = { EV_W("type"),
	EV_T("value"), EV_W("role"), EV_W("platform"), EV_T("account"),
	EV_W("verified"), EV_W("fact") };
static const struct ev_table_column c_ignored[] = { EV_W("artifact"),
	EV_T("member"), EV_N("offset"), EV_N("length") };
static const struct ev_table_column c_set_aside[] = { EV_W("set_aside"),
	EV_W("artifact"), EV_T("member"), EV_N("offset"), EV_N("length"),
	EV_W("reason"), EV_T("message"), EV_HW("mapping") };
static const struct ev_table_column c_unread[] = { EV_W("artifact"),
	EV_W("exhibit"), EV_T("member"), EV_N("size"), EV_W("outcome"),
	EV_W("media"), EV_T("message") };

static const struct catalog catalogs[] = {
	{ "accounts",
	    "SELECT platform, account, max(handle), max(name), count(*),"
	    " min(t), max(t) FROM fact_now WHERE account IS NOT NULL"
	    " GROUP BY platform, account ORDER BY platform, account",
	    "wtttiww", c_accounts, COUNT(c_accounts) },
	{ "acquisitions",
	    "SELECT q.id, q.source, q.form, q.authority, (SELECT count(*)"
	    " FROM exhibit e WHERE e.acquisition = q.id), (SELECT"
	    " coalesce(sum(size), 0) FROM exhibit e WHERE e.acquisition ="
	    " q.id), (SELECT count(*) FROM fact_now f JOIN artifact a ON"
	    " a.id = f.artifact JOIN exhibit e ON e.id = a.exhibit WHERE"
	    " e.acquisition = q.id), (SELECT at FROM log WHERE seq = q.copy),"
	    " q.received_from, q.quarantine FROM acquisition q ORDER BY q.id",
	    "ItwWiiiwtw", c_acquisitions, COUNT(c_acquisitions) },
	{ "actors",
	    "SELECT actor, name, role, office, cert_sha256, entry FROM actor"
	    " ORDER BY actor",
	    "wtttwi", c_actors, COUNT(c_actors) },
	{ "artifacts",
	    "SELECT a.id, a.exhibit," PATH "," HAD(
		"size") ", r.outcome, a.media,"
			" a.parent, a.ordinal," HAD("sha256") "," HAD(
			    "sha512") "," HAD("md5") "," HAD("sha1") ","
								     " (SELECT "
								     "count(*) "
								     "FROM "
								     "fact f "
								     "WHERE "
								     "f."
								     "reading "
								     "= r.id)"
								     " FROM "
								     "artifact "
								     "a JOIN "
								     "exhibit "
								     "x ON "
								     "x.id = "
								     "a.exhibit"
								     " LEFT "
								     "JOIN "
								     "reading_"
								     "now r ON "
								     "r."
								     "artifact "
								     "= a.id"
								     " ORDER "
								     "BY a.id",
	    "AEtiwwAihhhhi", c_artifacts, COUNT(c_artifacts) },
	{ "authorities",
	    "SELECT id, type, issuer, ref, law, section, conduct_from,"
	    " conduct_to, valid_from, valid_to, sha256 FROM authority"
	    " ORDER BY id",
	    "Wwttttwwwww", c_authorities, COUNT(c_authorities) },
	{ "claims",
	    "SELECT id, asks, subject, object, low, mid, high,"
	    " CASE met WHEN 1 THEN 'yes' ELSE 'no' END, label FROM claim"
	    " WHERE entry IS NOT NULL AND superseded IS NULL AND run ="
	    " (SELECT max(run) FROM claim WHERE entry IS NOT NULL)"
	    " ORDER BY id",
	    "Cwttiiiww", c_claims, COUNT(c_claims) },
	{ "exhibits",
	    "SELECT id, acquisition, name, size, sha256, sha512, md5, sha1,"
	    " stored, notes FROM exhibit ORDER BY id",
	    "EItihhhhEt", c_exhibits, COUNT(c_exhibits) },
	{ "facts",
	    "SELECT f.id, f.kind, f.platform, f.account, f.t, f.artifact,"
	    " f.pointer, f.handle, f.name," PATH ", f.offset, f.length,"
	    " m.name, m.version, f.notes FROM fact_now f JOIN artifact a ON"
	    " a.id = f.artifact JOIN exhibit x ON x.id = a.exhibit"
	    " JOIN mapping m ON m.id = f.mapping"
	    " ORDER BY f.id",
	    "FwwtwAttttiiwit", c_facts, COUNT(c_facts) },
	{ "heads",
	    "SELECT size, at, root, (SELECT count(*) FROM token t WHERE"
	    " t.subject = 'head' AND t.number = size) FROM head ORDER BY size",
	    "iwhi", c_heads, COUNT(c_heads) },
	{ "identifiers",
	    "SELECT i.id_type, i.value, i.role, f.platform, f.account,"
	    " CASE i.verified WHEN 1 THEN 'yes' WHEN 0 THEN 'no' END, f.id"
	    " FROM fact_identifier i JOIN fact_now f ON f.id = i.fact"
	    " ORDER BY i.id_type, i.value, f.platform, f.account, f.id",
	    "wtwwtwF", c_identifiers, COUNT(c_identifiers) },
	{ "ignored",
	    "SELECT r.artifact," PATH ", i.offset, i.length FROM ignored i"
	    " JOIN reading_now r ON r.id = i.reading JOIN artifact a ON"
	    " a.id = r.artifact JOIN exhibit x ON x.id = a.exhibit"
	    " ORDER BY r.artifact, i.offset",
	    "Atii", c_ignored, COUNT(c_ignored) },
	{ "set-aside",
	    "SELECT s.id, r.artifact," PATH ", s.offset, s.length, s.reason,"
	    " s.message, m.name FROM set_aside s JOIN reading_now r ON"
	    " r.id = s.reading JOIN artifact a ON a.id = r.artifact"
	    " JOIN exhibit x ON x.id = a.exhibit LEFT JOIN"
	    " mapping m ON m.id = s.mapping ORDER BY s.id",
	    "SAtiiwtw", c_set_aside, COUNT(c_set_aside) },
	{ "unread",
	    "SELECT a.id, a.exhibit," PATH
	    "," HAD("size") ", r.outcome,"
			    " a.media, r.message FROM reading_now r JOIN "
			    "artifact a ON a.id ="
			    " r.artifact JOIN exhibit x ON x.id = a.exhibit "
			    "WHERE r.outcome IN "
			    "('unmapped', 'not-confirmed',"
			    " 'failed') ORDER BY a.id",
	    "AEtiwwt", c_unread, COUNT(c_unread) },
};

static const char *const names[] = { "accounts", "acquisitions", "actors",
	"artifacts", "authorities", "claims", "exhibits", "facts", "heads",
	"identifiers", "ignored", "set-aside", "unread", NULL };

const char *const *
ev_catalog_names(void)
{
	return names;
}

enum ev_rc
ev_catalog_write(struct ev_case *c, const char *name,
    const struct ev_table_opts *opts, int64_t *rows, struct ev_err *err)
{
	struct ev_table_opts own = *opts;
	const struct catalog *k = NULL;
	struct ev_stmt *st = NULL;
	struct ev_table *t = NULL;
	char schema[SCHEMA];
	enum ev_rc rc;
	size_t i;

	*rows = 0;
	for (i = 0; i < COUNT(catalogs); i++) {
		if (strcmp(catalogs[i].name, name) == 0)
			k = &catalogs[i];
	}
	if (k == NULL)
		return ev_fail(err, EV_USE, "there is no list '%.40s'", name);
	(void)snprintf(schema, sizeof(schema), "evidence/%s/1", name);
	own.schema = schema;
	rc = ev_table_new(&t, k->column, k->count, &own, err);
	if (rc == EV_OK)
		rc = ev_db_prepare(ev_case_db(c), &st, err, k->sql, "");
	if (rc == EV_OK)
		rc = ev_rows_write(t, st, k->how, err);
	if (rc == EV_OK)
		rc = ev_table_end(t, rows, err);
	ev_db_finish(st);
	ev_table_free(t);
	return rc;
}
