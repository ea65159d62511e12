/* The human reading of a case: one self-contained HTML page. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "evidence/table.h"
#include "evidence/text.h"
#include "out/report_inside.h"
#include "out/rows.h"

enum { TEXT_LIMIT = 64 << 20, PART = 4096 };

enum ev_rc
report_raw(struct report *r, const char *markup, struct ev_err *err)
{
	return r->how->write(r->how->ctx, markup, strlen(markup), err);
}

enum ev_rc
report_printf(struct report *r, struct ev_err *err, const char *fmt, ...)
{
	char text[PART];
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (len < 0 || len >= PART)
		return ev_fail(err, EV_LIMIT, "a line of the report");
	return report_raw(r, text, err);
}

enum ev_rc
report_text(struct report *r, const void *data, size_t len, struct ev_err *err)
{
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, TEXT_LIMIT);
	rc = ev_buf_puts(&out, "<bdi>", err);
	if (rc == EV_OK)
		rc = ev_text_html(&out, data, len, EV_TEXT_RUNNING, err);
	if (rc == EV_OK)
		rc = ev_buf_puts(&out, "</bdi>", err);
	if (rc == EV_OK)
		rc = r->how->write(r->how->ctx, out.data, out.len, err);
	ev_buf_release(&out);
	return rc;
}

enum ev_rc
report_escaped(struct report *r, const char *text, struct ev_err *err)
{
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, TEXT_LIMIT);
	rc = ev_text_html(&out, text, strlen(text), EV_TEXT_NAME, err);
	if (rc == EV_OK)
		rc = report_raw(r, ev_buf_text(&out), err);
	ev_buf_release(&out);
	return rc;
}

/*
 * A table: its query takes the head as ?1 (how: out/rows.h).  Rows beyond
 * most are counted, not shown.
 */
struct listing {
	const char *id, *title, *none;
	const char *sql, *how;
	struct ev_table_column column[8];
	size_t count;
	int64_t most;
	bool mute; /* it names nothing that was received */
};

/* Readings and facts as they were at the head. */
#define READ_NOW                                                         \
	"(SELECT * FROM reading r0 WHERE r0.entry <= ?1 AND NOT EXISTS"  \
	" (SELECT 1 FROM reading s0 WHERE s0.artifact = r0.artifact AND" \
	" s0.id > r0.id AND s0.entry <= ?1))"

static const struct listing listings[] = {
	{ "outcomes", "How the artifacts ended", "Nothing was received.",
	    "SELECT outcome, count(*), sum(b_read), sum(b_set_aside),"
	    " sum(b_ignored), sum(b_frame) FROM " READ_NOW
	    " GROUP BY outcome ORDER BY outcome",
	    "wiiiii",
	    { EV_W("outcome"), EV_N("artifacts"), EV_N("bytes read"),
		EV_N("set aside"), EV_N("ignored"), EV_N("frame") },
	    6, 500, false },
	{ "set-aside", "What was set aside", "Nothing was set aside.",
	    "SELECT s.id, r.artifact, CASE a.ordinal WHEN 0 THEN a.member ELSE"
	    " CAST(x.name || '!/' || a.member AS BLOB) END, s.offset, "
	    "s.length, s.reason,"
	    " s.message FROM set_aside s JOIN " READ_NOW " r ON r.id ="
	    " s.reading JOIN artifact a ON a.id = r.artifact JOIN exhibit x"
	    " ON x.id = a.exhibit ORDER BY s.id",
	    "SAtiiwt",
	    { EV_W("span"), EV_W("artifact"), EV_T("member"), EV_N("offset"),
		EV_N("length"), EV_W("reason"), EV_T("message") },
	    7, 500, false },
	{ "unread", "What no mapping read", "Everything was read.",
	    "SELECT a.id, a.exhibit, CASE a.ordinal WHEN 0 THEN a.member ELSE"
	    " CAST(x.name || '!/' || a.member AS BLOB) END, a.size, r.outcome,"
	    " a.media, r.message FROM " READ_NOW " r JOIN artifact a ON a.id ="
	    " r.artifact JOIN exhibit x ON x.id = a.exhibit"
	    " WHERE r.outcome IN ('unmapped', 'not-confirmed',"
	    " 'failed') ORDER BY a.id",
	    "AEtiwwt",
	    { EV_W("artifact"), EV_W("exhibit"), EV_T("member"), EV_N("bytes"),
		EV_W("outcome"), EV_W("type"), EV_T("message") },
	    7, 500, false },
	{ "organisations", "Organisations on the registers",
	    "No register was imported.",
	    "SELECT o.id, o.name, l.authority, l.law, l.ref, l.listed_on,"
	    " l.delisted_on, l.status FROM listing l JOIN org o ON o.id ="
	    " l.org JOIN list_source s ON s.id = l.source WHERE s.entry <= ?1"
	    " ORDER BY o.id, l.id",
	    "Otttttww",
	    { EV_W("org"), EV_T("name"), EV_T("listed by"), EV_T("under"),
		EV_T("ref"), EV_T("since"), EV_W("delisted"), EV_W("status") },
	    8, 2000, true },
	{ "accounts", "Accounts that the facts name", "No fact names any.",
	    "SELECT f.platform, f.account, max(f.handle), max(f.name),"
	    " count(*), min(f.t), max(f.t) FROM fact f JOIN " READ_NOW
	    " r ON r.id = f.reading WHERE f.account IS NOT NULL"
	    " GROUP BY f.platform, f.account ORDER BY f.platform, f.account",
	    "wtttiww",
	    { EV_W("platform"), EV_T("account"), EV_T("handle"), EV_T("name"),
		EV_N("facts"), EV_W("first"), EV_W("last") },
	    7, 2000, false },
	{ "exhibits", "Exhibits as received", "Nothing was received.",
	    "SELECT e.id, e.acquisition, e.name, e.size, e.sha256 FROM exhibit"
	    " e JOIN acquisition q ON q.id = e.acquisition WHERE q.copy <= ?1"
	    " ORDER BY e.id",
	    "EItih",
	    { EV_W("exhibit"), EV_W("acquisition"), EV_T("name"), EV_N("bytes"),
		EV_W("SHA-256") },
	    5, 2000, false },
	{ "custody", "The custody log", "The log is empty.",
	    "SELECT seq, at, action, actor FROM log WHERE seq <= ?1"
	    " ORDER BY seq",
	    "iwwt",
	    { EV_N("entry"), EV_W("at"), EV_W("action"), EV_T("actor") }, 4,
	    5000, true },
};

static enum ev_rc
put_rows(struct report *r, const struct listing *l, int64_t *rows,
    struct ev_err *err)
{
	const struct ev_table_opts opts = { .form = EV_TABLE_HTML,
		.schema = "",
		.write = r->how->write,
		.ctx = r->how->ctx };
	struct ev_stmt *st = NULL;
	struct ev_table *t = NULL;
	char sql[PART];
	enum ev_rc rc;

	(void)snprintf(sql, sizeof(sql), "%s LIMIT ?2", l->sql);
	rc = ev_table_new(&t, l->column, l->count, &opts, err);
	if (rc == EV_OK)
		rc =
		    ev_db_prepare(r->db, &st, err, sql, "ii", r->head, l->most);
	if (rc == EV_OK)
		rc = ev_rows_write(t, st, l->how, err);
	if (rc == EV_OK)
		rc = ev_table_end(t, rows, err);
	ev_db_finish(st);
	ev_table_free(t);
	return rc;
}

/* What a page cannot hold is never passed over in silence. */
static enum ev_rc
put_more(struct report *r, const struct listing *l, struct ev_err *err)
{
	char sql[PART];
	int64_t all;
	enum ev_rc rc;

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM (%s)", l->sql);
	rc = ev_db_int(r->db, &all, err, sql, "i", r->head);
	if (rc != EV_OK || all <= l->most)
		return rc;
	return report_printf(r, err,
	    "<p>Shown: the first %" PRId64 " of %" PRId64
	    ".  The others are in the case and in a bundle's data.</p>\n",
	    l->most, all);
}

static enum ev_rc
put_listing(struct report *r, const struct listing *l, struct ev_err *err)
{
	int64_t rows = 0;
	enum ev_rc rc;

	rc = report_printf(r, err, "<section id=\"%s\"><h2>%s</h2>\n", l->id,
	    l->title);
	if (rc == EV_OK)
		rc = put_rows(r, l, &rows, err);
	if (rc == EV_OK && rows == 0)
		rc = report_printf(r, err, "<p>%s</p>\n", l->none);
	if (rc == EV_OK && rows == l->most)
		rc = put_more(r, l, err);
	return rc == EV_OK ? report_raw(r, "</section>\n", err) : rc;
}

/* The numbers at the top. */
static const struct {
	const char *label, *link, *sql;
} tiles[] = {
	{ "exhibits", "exhibits",
	    "SELECT count(*) FROM exhibit e JOIN acquisition q ON q.id ="
	    " e.acquisition WHERE q.copy <= ?1" },
	{ "artifacts", "outcomes",
	    "SELECT count(*) FROM artifact a JOIN exhibit e ON e.id ="
	    " a.exhibit JOIN acquisition q ON q.id = e.acquisition WHERE"
	    " q.copy <= ?1" },
	{ "facts", "accounts",
	    "SELECT count(*) FROM fact f JOIN " READ_NOW
	    " r ON r.id = f.reading" },
	{ "accounts", "accounts",
	    "SELECT count(*) FROM (SELECT DISTINCT f.platform, f.account FROM"
	    " fact f JOIN " READ_NOW " r ON r.id = f.reading WHERE f.account"
	    " IS NOT NULL)" },
	{ "set aside", "set-aside",
	    "SELECT count(*) FROM set_aside s JOIN " READ_NOW " r ON r.id ="
	    " s.reading" },
	{ "not read", "unread",
	    "SELECT count(*) FROM " READ_NOW " WHERE outcome IN ('unmapped',"
	    " 'not-confirmed', 'failed')" },
	{ "organisations", "organisations",
	    "SELECT count(*) FROM org WHERE entry <= ?1" },
	{ "log entries", "custody",
	    "SELECT count(*) FROM log WHERE seq <= ?1" },
};

static bool
is_mute(const char *id)
{
	size_t i;

	for (i = 0; i < sizeof(listings) / sizeof(listings[0]); i++) {
		if (strcmp(listings[i].id, id) == 0)
			return listings[i].mute;
	}
	return false;
}

static enum ev_rc
put_tiles(struct report *r, struct ev_err *err)
{
	enum ev_rc rc;
	int64_t n;
	size_t i;

	rc =
	    report_raw(r, "<nav class=\"tiles\" aria-label=\"counts\">\n", err);
	for (i = 0; rc == EV_OK && i < sizeof(tiles) / sizeof(tiles[0]); i++) {
		if (r->how->withheld != NULL && !is_mute(tiles[i].link))
			continue;
		rc = ev_db_int(r->db, &n, err, tiles[i].sql, "i", r->head);
		if (rc == EV_OK)
			rc = report_printf(r, err,
			    "<a href=\"#%s\"><b>%" PRId64 "</b> %s</a>\n",
			    tiles[i].link, n, tiles[i].label);
	}
	return rc == EV_OK ? report_raw(r, "</nav>\n", err) : rc;
}

static enum ev_rc
put_head(struct report *r, struct ev_err *err)
{
	const struct ev_case_info *info = r->info;
	enum ev_rc rc;

	rc = report_open(r, info->title, err);
	if (rc == EV_OK)
		rc = report_text(r, info->title, strlen(info->title), err);
	if (rc == EV_OK)
		rc = report_raw(r, "</h1>\n<p>Case ", err);
	if (rc == EV_OK)
		rc = report_text(r, info->number, strlen(info->number), err);
	if (rc == EV_OK)
		rc = report_printf(r, err,
		    ", %s, as it was at entry %" PRId64 " of its log, %s%s."
		    "</p>\n",
		    info->case_id, r->head, r->at,
		    r->how->draft ? "; <strong>DRAFT</strong>" : "");
	return rc == EV_OK ? report_raw(r, "</header>\n", err) : rc;
}

static enum ev_rc
find_head(struct report *r, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *at = NULL;
	enum ev_rc rc = EV_OK;

	r->head = r->how->head;
	if (r->head == 0)
		rc = ev_db_int(r->db, &r->head, err, "SELECT max(seq) FROM log",
		    "");
	if (rc == EV_OK)
		rc = ev_db_prepare(r->db, &st, err,
		    "SELECT at FROM log WHERE seq = ?", "i", r->head);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "s", &at);
	if (rc == EV_OK)
		(void)snprintf(r->at, sizeof(r->at), "%s",
		    at == NULL ? "" : at);
	ev_db_finish(st);
	return rc == EV_EOF
		   ? ev_fail(err, EV_USE, "there is no entry %" PRId64, r->head)
		   : rc;
}

enum ev_rc
report_html(struct ev_db *db, const struct ev_case_info *info,
    const struct ev_report *how, struct ev_err *err)
{
	struct report r = { .db = db, .info = info, .how = how };
	enum ev_rc rc;
	size_t i;

	rc = find_head(&r, err);
	if (rc == EV_OK)
		rc = put_head(&r, err);
	if (rc == EV_OK)
		rc = put_tiles(&r, err);
	if (rc == EV_OK)
		rc = how->withheld != NULL ? report_withheld(&r, err)
					   : report_claims(&r, err);
	for (i = 0; rc == EV_OK && i < sizeof(listings) / sizeof(listings[0]);
	     i++)
		if (how->withheld == NULL || listings[i].mute)
			rc = put_listing(&r, &listings[i], err);
	return rc == EV_OK ? report_close(&r, err) : rc;
}

enum ev_rc
ev_report_html(struct ev_case *c, const struct ev_report *how,
    struct ev_err *err)
{
	return report_html(ev_case_db(c), ev_case_info(c), how, err);
}
