/* What is in a case, as rows. */
#include <stdio.h>
#include <string.h>

#include "case/case.h"
#include "evidence/catalog.h"
#include "evidence/text.h"

enum { HEX_MAX = 129, SCHEMA = 64 };

/* The whole path of an artifact a of exhibit e, as people name it. */
#define PATH                                        \
	" CASE a.ordinal WHEN 0 THEN a.member ELSE" \
	" CAST(x.name || '!/' || a.member AS BLOB) END"

/*
 * One list: its query, and for each column of it how it is shown: t text of
 * evidence, w word, i number, h bytes in hex, or the letter of a typed id in
 * upper case ('E' makes 1 to E000001).  NULL leaves the cell empty.
 */
struct catalog {
	const char *name;
	const char *sql;
	const char *how;
	const struct ev_table_column *column;
	size_t count;
};

#define T(n)                            \
	{                               \
		n, EV_TABLE_TEXT, false \
	}
#define W(n)                            \
	{                               \
		n, EV_TABLE_WORD, false \
	}
#define N(n)                              \
	{                                 \
		n, EV_TABLE_NUMBER, false \
	}
#define HT(n)                          \
	{                              \
		n, EV_TABLE_TEXT, true \
	}
#define HW(n)                          \
	{                              \
		n, EV_TABLE_WORD, true \
	}
#define HN(n)                            \
	{                                \
		n, EV_TABLE_NUMBER, true \
	}
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static const struct ev_table_column c_accounts[] = { W("platform"),
	T("account"), T("handle"), T("name"), N("facts"), W("first"),
	W("last") };
static const struct ev_table_column c_acquisitions[] = { W("acquisition"),
	T("source"), W("form"), W("authority"), N("exhibits"), N("bytes"),
	N("facts"), W("finished"), HT("received_from"), HW("quarantine") };
static const struct ev_table_column c_actors[] = { W("actor"), T("name"),
	T("role"), T("office"), HW("certificate"), HN("entry") };
static const struct ev_table_column c_artifacts[] = { W("artifact"),
	W("exhibit"), T("member"), N("size"), W("outcome"), W("media"),
	HW("parent"), HN("ordinal"), HW("sha256"), HW("sha512"), HW("md5"),
	HW("sha1"), HN("facts") };
static const struct ev_table_column c_authorities[] = { W("authority"),
	W("type"), T("issuer"), T("ref"), T("law"), T("section"),
	HW("conduct_from"), HW("conduct_to"), HW("valid_from"), HW("valid_to"),
	HW("sha256") };
static const struct ev_table_column c_claims[] = { W("claim"), W("asks"),
	T("subject"), T("object"), N("low"), N("mid"), N("high"), W("met"),
	W("label") };
static const struct ev_table_column c_exhibits[] = { W("exhibit"),
	W("acquisition"), T("name"), N("size"), W("sha256"), HW("sha512"),
	HW("md5"), HW("sha1"), HW("stored"), HT("notes") };
static const struct ev_table_column c_facts[] = { W("fact"), W("kind"),
	W("platform"), T("account"), W("t"), W("artifact"), T("pointer"),
	HT("handle"), HT("name"), HT("member"), HN("offset"), HN("length"),
	HW("mapping"), HN("version"), HT("notes") };
static const struct ev_table_column c_heads[] = { N("entries"), W("at"),
	W("root"), N("tokens") };
static const struct ev_table_column c_identifiers[] = { W("type"), T("value"),
	W("role"), W("platform"), T("account"), W("verified"), W("fact") };
static const struct ev_table_column c_set_aside[] = { W("set_aside"),
	W("artifact"), T("member"), N("offset"), N("length"), W("reason"),
	T("message"), HW("mapping") };
static const struct ev_table_column c_unread[] = { W("artifact"), W("exhibit"),
	T("member"), N("size"), W("outcome"), W("media"), T("message") };

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
	    "SELECT a.id, a.exhibit," PATH ", a.size, r.outcome, a.media,"
	    " a.parent, a.ordinal, a.sha256, a.sha512, a.md5, a.sha1,"
	    " (SELECT count(*) FROM fact f WHERE f.reading = r.id)"
	    " FROM artifact a JOIN exhibit x ON x.id = a.exhibit"
	    " LEFT JOIN reading_now r ON r.artifact = a.id"
	    " ORDER BY a.id",
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
	{ "set-aside",
	    "SELECT s.id, r.artifact," PATH ", s.offset, s.length, s.reason,"
	    " s.message, m.name FROM set_aside s JOIN reading_now r ON"
	    " r.id = s.reading JOIN artifact a ON a.id = r.artifact"
	    " JOIN exhibit x ON x.id = a.exhibit LEFT JOIN"
	    " mapping m ON m.id = s.mapping ORDER BY s.id",
	    "SAtiiwtw", c_set_aside, COUNT(c_set_aside) },
	{ "unread",
	    "SELECT a.id, a.exhibit," PATH ", a.size, r.outcome, a.media,"
	    " r.message FROM reading_now r JOIN artifact a ON a.id ="
	    " r.artifact JOIN exhibit x ON x.id = a.exhibit WHERE r.outcome IN "
	    "('unmapped', 'not-confirmed',"
	    " 'failed') ORDER BY a.id",
	    "AEtiwwt", c_unread, COUNT(c_unread) },
};

static const char *const names[] = { "accounts", "acquisitions", "actors",
	"artifacts", "authorities", "claims", "exhibits", "facts", "heads",
	"identifiers", "set-aside", "unread", NULL };

const char *const *
ev_catalog_names(void)
{
	return names;
}

static enum ev_rc
put_hex(struct ev_table *t, size_t n, const void *data, size_t len,
    struct ev_err *err)
{
	char hex[HEX_MAX];

	if (data == NULL || len * 2 >= sizeof(hex))
		return EV_OK;
	ev_text_hex(hex, data, len);
	return ev_table_word(t, n, hex, err);
}

/* One cell of the current row. */
static enum ev_rc
put_cell(struct ev_table *t, struct ev_stmt *st, const struct catalog *k,
    size_t n, struct ev_err *err)
{
	char letters[EV_TABLE_COLUMNS + 1], id[EV_ID_TEXT];
	const void *data;
	int64_t number;
	size_t len;
	bool null;
	enum ev_rc rc;

	memset(letters, '-', k->count);
	letters[k->count] = '\0';
	if (strchr("twh", k->how[n]) != NULL) {
		letters[n] = 'b';
		rc = ev_db_row(st, err, letters, &data, &len);
		if (rc != EV_OK || data == NULL)
			return rc;
		if (k->how[n] == 'h')
			return put_hex(t, n, data, len, err);
		return ev_table_text(t, n, data, len, err);
	}
	letters[n] = 'n';
	rc = ev_db_row(st, err, letters, &number, &null);
	if (rc != EV_OK || null)
		return rc;
	if (k->how[n] == 'i')
		return ev_table_number(t, n, number, err);
	ev_id_print(id, k->how[n], number);
	return ev_table_word(t, n, id, err);
}

static enum ev_rc
put_rows(struct ev_table *t, struct ev_stmt *st, const struct catalog *k,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t n;

	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		for (n = 0; rc == EV_OK && n < k->count; n++)
			rc = put_cell(t, st, k, n, err);
		if (rc == EV_OK)
			rc = ev_table_row(t, err);
	}
	return rc == EV_EOF ? EV_OK : rc;
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
		rc = put_rows(t, st, k, err);
	if (rc == EV_OK)
		rc = ev_table_end(t, rows, err);
	ev_db_finish(st);
	ev_table_free(t);
	return rc;
}
