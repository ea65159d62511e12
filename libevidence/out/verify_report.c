/* A bundle's report, written again from its data. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/case.h"
#include "evidence/text.h"
#include "out/report_inside.h"
#include "out/verify_report.h"
#include "out/withheld.h"

enum { WORDS = 60 };

static const char page_name[] = "index.html";
static const char case_name[] = "data/case/case.json";
static const char register_name[] = "data/case/register.jsonl";
static const char headline_name[] = "data/case/headline.jsonl";

/* What the report asks for, of the case's tables (schema/). */
static const char sql_tables[] =
    "CREATE TABLE acquisition(id INTEGER PRIMARY KEY, copy INTEGER);"
    "CREATE TABLE exhibit(id INTEGER PRIMARY KEY, acquisition, name BLOB,"
    " size INTEGER, sha256 BLOB);"
    "CREATE TABLE artifact(id INTEGER PRIMARY KEY, exhibit, ordinal INTEGER,"
    " member BLOB, size INTEGER, media);"
    "CREATE TABLE reading(id INTEGER PRIMARY KEY, artifact, entry, outcome,"
    " b_read, b_set_aside, b_ignored, b_frame, message);"
    "CREATE INDEX r ON reading(artifact);"
    "CREATE TABLE set_aside(id INTEGER PRIMARY KEY, reading, offset, length,"
    " reason, message);"
    "CREATE TABLE fact(id INTEGER PRIMARY KEY, reading, platform, account,"
    " handle, name, t);"
    "CREATE TABLE org(id INTEGER PRIMARY KEY, name, entry);"
    "CREATE TABLE list_source(id INTEGER PRIMARY KEY, entry);"
    "CREATE TABLE listing(id INTEGER PRIMARY KEY, org, source, authority, law,"
    " ref, listed_on, delisted_on, status);"
    "CREATE TABLE claim_run(id INTEGER PRIMARY KEY, headline, entry);"
    "CREATE TABLE claim(id INTEGER PRIMARY KEY, asks, subject, object, low,"
    " mid, high, met, label, line, run, entry);"
    "CREATE TABLE log(seq INTEGER PRIMARY KEY, at, action, actor);"
    "INSERT INTO list_source VALUES(1, 1);";

struct writing {
	struct verify *v;
	const struct ev_weigh *w;
	struct ev_db *db;
	int64_t before, claims; /* of all runs but the newest, and of it */
	struct ev_withheld *withheld; /* NULL: nothing is */
	size_t withheld_count;
	struct ev_buf name;
	struct ev_buf page;
};

typedef enum ev_rc line_fn(struct writing *g, const struct ev_json_node *root,
    int64_t number, int64_t entry, struct ev_err *err);

static int64_t
number_of(const struct ev_json_node *root, const char *key)
{
	int64_t n = 0;

	if (root != NULL)
		(void)ev_json_get_int(root, key, &n);
	return n;
}

static enum ev_rc
each(struct writing *g, const char *line, size_t len, int64_t number,
    int64_t entry, line_fn *fn, struct ev_err *err)
{
	struct ev_json_doc *doc = NULL;
	enum ev_rc rc;

	rc = ev_json_parse(&doc, line, len, err);
	if (rc == EV_OK)
		rc = fn(g, ev_json_root(doc), number, entry, err);
	ev_json_free(doc);
	return rc;
}

/* The lines of a text, numbered from 1. */
static enum ev_rc
each_of(struct writing *g, const char *text, line_fn *fn, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	int64_t number = 0;
	const char *end;

	for (; rc == EV_OK && (end = strchr(text, '\n')) != NULL;
	     text = end + 1) {
		number++;
		rc = each(g, text, (size_t)(end - text), number, number, fn,
		    err);
	}
	return rc;
}

static enum ev_rc
each_in(struct writing *g, enum lists_file file, line_fn *fn,
    struct ev_err *err)
{
	const struct lists *l = &g->v->index->l;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < l->count[file]; i++)
		rc = each(g, l->line[file][i].text, l->line[file][i].len,
		    (int64_t)i + 1, l->line[file][i].entry, fn, err);
	return rc;
}

static enum ev_rc
log_line(struct writing *g, const struct ev_json_node *root, int64_t number,
    int64_t entry, struct ev_err *err)
{
	const char *action = ev_json_get_text(root, "action");
	const struct ev_json_node *after = ev_json_get(root, "after");

	(void)entry;
	if (action != NULL && strcmp(action, "weigh") == 0 && after != NULL &&
	    ev_json_get(after, "order_sha256") != NULL) {
		g->before += g->claims;
		g->claims = number_of(after, "claims");
	}
	return ev_db_run(g->db, err, "INSERT INTO log VALUES(?, ?, ?, ?)",
	    "isss", number, ev_json_get_text(root, "at"), action,
	    ev_json_get_text(root, "actor"));
}

static enum ev_rc
exhibit_line(struct writing *g, const struct ev_json_node *root, int64_t number,
    int64_t entry, struct ev_err *err)
{
	const char *hex = ev_json_get_text(root, "sha256");
	int64_t acquisition = index_id(root, "acquisition", 'I');
	unsigned char sha256[EV_SHA256];
	enum ev_rc rc;

	(void)number;
	if (hex == NULL ||
	    !ev_text_unhex(sha256, sizeof(sha256), hex, strlen(hex)))
		return ev_fail(err, EV_MISMATCH, "an exhibit without SHA-256");
	ev_buf_clear(&g->name);
	rc = index_bytes(root, "name", &g->name, err);
	if (rc == EV_OK)
		rc = ev_db_run(g->db, err,
		    "INSERT OR IGNORE INTO acquisition VALUES(?, ?)", "ii",
		    acquisition, entry);
	if (rc == EV_OK)
		rc = ev_db_run(g->db, err,
		    "INSERT INTO exhibit VALUES(?, ?, ?, ?, ?)", "iibib",
		    index_id(root, "exhibit", 'E'), acquisition,
		    ev_buf_text(&g->name), g->name.len, number_of(root, "size"),
		    sha256, sizeof(sha256));
	return rc;
}

static enum ev_rc
artifact_line(struct writing *g, const struct ev_json_node *root,
    int64_t number, int64_t entry, struct ev_err *err)
{
	enum ev_rc rc;

	(void)number;
	(void)entry;
	ev_buf_clear(&g->name);
	rc = index_bytes(root, "member", &g->name, err);
	if (rc != EV_OK)
		return rc;
	return ev_db_run(g->db, err,
	    "INSERT INTO artifact VALUES(?, ?, ?, ?, ?, ?)", "iiibis",
	    index_id(root, "artifact", 'A'), index_id(root, "exhibit", 'E'),
	    number_of(root, "ordinal"), ev_buf_text(&g->name), g->name.len,
	    number_of(root, "size"), ev_json_get_text(root, "media"));
}

static enum ev_rc
reading_line(struct writing *g, const struct ev_json_node *root, int64_t number,
    int64_t entry, struct ev_err *err)
{
	const struct ev_json_node *bytes = ev_json_get(root, "bytes");
	const struct ev_json_node *list = ev_json_get(root, "set_aside"), *n;
	enum ev_rc rc;

	rc = ev_db_run(g->db, err,
	    "INSERT INTO reading VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
	    "iiisiiiis", number, index_id(root, "artifact", 'A'), entry,
	    ev_json_get_text(root, "outcome"), number_of(bytes, "read"),
	    number_of(bytes, "set_aside"), number_of(bytes, "ignored"),
	    number_of(bytes, "frame"), ev_json_get_text(root, "message"));
	n = list == NULL ? NULL : list->child;
	for (; rc == EV_OK && n != NULL; n = n->next)
		rc = ev_db_run(g->db, err,
		    "INSERT INTO set_aside VALUES(?, ?, ?, ?, ?, ?)", "iiiiss",
		    index_id(n, "set_aside", 'S'), number,
		    number_of(n, "offset"), number_of(n, "length"),
		    ev_json_get_text(n, "reason"),
		    ev_json_get_text(n, "message"));
	return rc;
}

/* Of the reading that its entry made of its artifact. */
static enum ev_rc
fact_line(struct writing *g, const struct ev_json_node *root, int64_t number,
    int64_t entry, struct ev_err *err)
{
	const struct ev_json_node *columns = ev_json_get(root, "columns");

	(void)number;
	if (columns == NULL)
		return ev_fail(err, EV_MISMATCH, "a fact without columns");
	return ev_db_run(g->db, err,
	    "INSERT INTO fact SELECT ?1, (SELECT id FROM reading WHERE"
	    " artifact = ?2 AND entry = ?3), ?4, ?5, ?6, ?7, ?8",
	    "iiisssss", index_id(root, "fact", 'F'),
	    index_id(root, "artifact", 'A'), entry,
	    ev_json_get_text(root, "platform"),
	    ev_json_get_text(columns, "account"),
	    ev_json_get_text(columns, "handle"),
	    ev_json_get_text(columns, "name"), ev_json_get_text(columns, "t"));
}

static enum ev_rc
register_line(struct writing *g, const struct ev_json_node *root,
    int64_t number, int64_t entry, struct ev_err *err)
{
	int64_t org = index_id(root, "org", 'O');
	enum ev_rc rc;

	(void)number;
	(void)entry;
	rc = ev_db_run(g->db, err, "INSERT OR IGNORE INTO org VALUES(?, ?, 1)",
	    "is", org, ev_json_get_text(root, "name"));
	if (rc == EV_OK)
		rc = ev_db_run(g->db, err,
		    "INSERT INTO listing VALUES(?, ?, 1, ?, ?, ?, ?, ?, ?)",
		    "iissssss", index_id(root, "listing", 'L'), org,
		    ev_json_get_text(root, "authority"),
		    ev_json_get_text(root, "law"),
		    ev_json_get_text(root, "ref"),
		    ev_json_get_text(root, "listed_on"),
		    ev_json_get_text(root, "delisted_on"),
		    ev_json_get_text(root, "status"));
	return rc;
}

static enum ev_rc
put_claims(struct writing *g, struct ev_err *err)
{
	const struct ev_weigh_claim *k;
	struct ev_buf headline;
	enum ev_rc rc;
	size_t i;

	if (g->w == NULL)
		return EV_OK;
	ev_buf_init(&headline, EV_VERIFY_LIST);
	rc = verify_read(g->v, headline_name, &headline, err);
	if (rc == EV_OK)
		rc = ev_db_run(g->db, err,
		    "INSERT INTO claim_run VALUES(1, ?, 1)", "t",
		    ev_buf_text(&headline), headline.len);
	for (i = 0; rc == EV_OK && i < ev_weigh_count(g->w); i++) {
		k = ev_weigh_claim(g->w, i);
		rc = ev_db_run(g->db, err,
		    "INSERT INTO claim VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1,"
		    " 1)",
		    "isssiiiist", g->before + (int64_t)i + 1, k->asks,
		    k->subject, k->object, k->low, k->mid, k->high,
		    (int64_t)k->met, k->label, k->line, k->len);
	}
	ev_buf_release(&headline);
	return rc;
}

static enum ev_rc
fill_received(struct writing *g, struct ev_err *err)
{
	enum ev_rc rc;

	rc = each_in(g, LISTS_EXHIBITS, exhibit_line, err);
	if (rc == EV_OK)
		rc = each_in(g, LISTS_ARTIFACTS, artifact_line, err);
	if (rc == EV_OK)
		rc = each_in(g, LISTS_READINGS, reading_line, err);
	if (rc == EV_OK)
		rc = each_in(g, LISTS_FACTS, fact_line, err);
	return rc == EV_OK ? put_claims(g, err) : rc;
}

static enum ev_rc
fill(struct writing *g, struct ev_err *err)
{
	struct ev_buf text;
	enum ev_rc rc;

	ev_buf_init(&text, EV_VERIFY_LIST);
	rc = each_of(g, ev_buf_text(&g->v->log_text), log_line, err);
	if (rc == EV_OK)
		rc = verify_read(g->v, register_name, &text, err);
	if (rc == EV_OK)
		rc = each_of(g, ev_buf_text(&text), register_line, err);
	/* A page that withholds shows neither what was received nor claims. */
	if (rc == EV_OK && g->withheld == NULL)
		rc = fill_received(g, err);
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
to_page(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	struct writing *g = ctx;

	return ev_buf_put(&g->page, data, len, err);
}

/* Where two pages part, in the words of the one that is there. */
static void
say_page(struct verify *v, const struct ev_buf *have, const struct ev_buf *want)
{
	char words[WORDS + 1];
	size_t i = 0, n;

	while (i < have->len && i < want->len && have->data[i] == want->data[i])
		i++;
	if (i == have->len && i == want->len) {
		verify_say(v, "report", EV_VERIFY_OK,
		    "%s is what the data give: every number in it was counted "
		    "again",
		    page_name);
		return;
	}
	for (n = 0; n < WORDS && i + n < have->len; n++) {
		unsigned char c = have->data[i + n];

		words[n] = (char)(c >= 0x20 && c < 0x7f ? c : '.');
	}
	words[n] = '\0';
	verify_say(v, "report", EV_VERIFY_FAILED,
	    "%s is not what the data give: byte %zu, '%s'", page_name, i,
	    words);
}

static enum ev_rc
write_page(struct writing *g, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_case_info info = { .case_id = g->v->case_id,
		.number = ev_json_get_text(root, "number"),
		.title = ev_json_get_text(root, "title") };
	const struct ev_report how = { .head = g->v->log.size,
		.draft = number_of(root, "draft") != 0,
		.withheld = g->withheld,
		.withheld_count = g->withheld_count,
		.write = to_page,
		.ctx = g };
	struct ev_buf have;
	enum ev_rc rc;

	if (info.number == NULL || info.title == NULL)
		return ev_fail(err, EV_MISMATCH, "%s has no number or title",
		    case_name);
	ev_buf_init(&have, EV_VERIFY_LIST);
	rc = ev_db_scratch(&g->db, sql_tables, err);
	if (rc == EV_OK)
		rc = ev_db_begin(g->db, err);
	if (rc == EV_OK)
		rc = fill(g, err);
	if (rc == EV_OK)
		rc = report_html(g->db, &info, &how, err);
	if (rc == EV_OK)
		rc = verify_read(g->v, page_name, &have, err);
	if (rc == EV_OK)
		say_page(g->v, &have, &g->page);
	ev_db_close(g->db);
	ev_buf_release(&have);
	return rc;
}

/* Another version writes another page: no reason to call it altered. */
static bool
same_version(struct verify *v, const struct ev_json_node *root)
{
	const char *tool = ev_json_get_text(root, "tool");

	if (tool != NULL && strcmp(tool, "evidence " EV_VERSION) == 0)
		return true;
	v->untrusted = true;
	verify_say(v, "report", EV_VERIFY_UNCHECKED,
	    "%s was written by %.64s, this is evidence " EV_VERSION, page_name,
	    tool == NULL ? "an unknown program" : tool);
	return false;
}

enum ev_rc
verify_report(struct verify *v, const struct ev_weigh *w, struct ev_err *err)
{
	struct writing g = { .v = v, .w = w };
	struct ev_json_doc *doc = NULL;
	struct ev_buf text;
	enum ev_rc rc;

	if (v->how->quick || v->index == NULL) {
		verify_say(v, "report", EV_VERIFY_UNCHECKED,
		    "%s: not written again (%s)", page_name,
		    v->how->quick ? "--quick" : "the index is not fit for it");
		return EV_OK;
	}
	ev_buf_init(&text, EV_VERIFY_TEXT);
	ev_buf_init(&g.page, EV_VERIFY_LIST);
	ev_buf_init(&g.name, EV_VERIFY_TEXT);
	rc = verify_read(v, case_name, &text, err);
	if (rc == EV_OK)
		rc = ev_json_parse(&doc, ev_buf_text(&text), text.len, err);
	if (rc == EV_OK && verify_part(v, EV_WITHHELD_ORDERS) != NULL)
		rc = verify_withheld_orders(v, &g.withheld, &g.withheld_count,
		    err);
	if (rc == EV_OK && same_version(v, ev_json_root(doc)))
		rc = write_page(&g, ev_json_root(doc), err);
	ev_json_free(doc);
	ev_buf_release(&text);
	ev_buf_release(&g.page);
	ev_buf_release(&g.name);
	free(g.withheld);
	if (rc == EV_OK || rc == EV_SYS)
		return rc;
	verify_say(v, "report", EV_VERIFY_FAILED, "%s: %s", page_name,
	    err->msg);
	return EV_OK;
}
