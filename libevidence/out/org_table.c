/* Organisations, their names, listings and anchors, as rows. */
#include "case/case.h"
#include "evidence/org.h"
#include "out/rows.h"

enum { ID_CELLS = 8 };

/* One list: letters as in out/rows.h. */
struct rows {
	const char *sql, *how, *schema;
	struct ev_table_column column[ID_CELLS];
	size_t count;
};

static const struct rows list_rows = {
	"SELECT o.id, o.name, o.kind, (SELECT count(*) FROM org_name n WHERE"
	" n.org = o.id), (SELECT count(*) FROM listing l WHERE l.org = o.id),"
	" (SELECT count(*) FROM anchor a WHERE a.org = o.id), (SELECT l.status"
	" FROM listing l WHERE l.org = o.id ORDER BY l.id DESC LIMIT 1)"
	" FROM org o WHERE ?1 = 0 ORDER BY o.id",
	"Otwiiiw",
	"evidence/orgs/1",
	{ EV_W("org"), EV_T("name"), EV_W("kind"), EV_N("names"),
	    EV_N("listings"), EV_N("anchors"), EV_W("status") },
	7,
};

static const struct rows show_rows[] = {
	{ "SELECT value_raw, name_type, quality, script FROM org_name"
	  " WHERE org = ?1 ORDER BY rowid",
	    "twww", "evidence/org-names/1",
	    { EV_T("name"), EV_W("type"), EV_W("quality"), EV_W("script") },
	    4 },
	{ "SELECT l.id, l.authority, l.law, l.section, l.ref, l.listed_on,"
	  " l.delisted_on, l.status FROM listing l WHERE l.org = ?1"
	  " ORDER BY l.id",
	    "Lttttttw", "evidence/listings/1",
	    { EV_W("listing"), EV_T("listed_by"), EV_T("law"), EV_T("section"),
		EV_T("ref"), EV_T("since"), EV_T("until"), EV_W("status") },
	    8 },
	{ "SELECT type, value, basis, t_from, t_to, entry FROM anchor"
	  " WHERE org = ?1 ORDER BY id",
	    "wtwwwi", "evidence/anchors/1",
	    { EV_W("type"), EV_T("value"), EV_W("basis"), EV_W("from"),
		EV_W("to"), EV_N("entry") },
	    6 },
};

static enum ev_rc
write_rows(struct ev_case *c, const struct rows *r, int64_t org,
    const struct ev_table_opts *opts, int64_t *shown, struct ev_err *err)
{
	struct ev_table_opts own = *opts;
	struct ev_stmt *st = NULL;
	struct ev_table *t = NULL;
	enum ev_rc rc;

	own.schema = r->schema;
	rc = ev_table_new(&t, r->column, r->count, &own, err);
	if (rc == EV_OK)
		rc = ev_db_prepare(ev_case_db(c), &st, err, r->sql, "i", org);
	if (rc == EV_OK)
		rc = ev_rows_write(t, st, r->how, err);
	if (rc == EV_OK)
		rc = ev_table_end(t, shown, err);
	ev_db_finish(st);
	ev_table_free(t);
	return rc;
}

enum ev_rc
ev_org_list(struct ev_case *c, const struct ev_table_opts *opts, int64_t *rows,
    struct ev_err *err)
{
	*rows = 0;
	return write_rows(c, &list_rows, 0, opts, rows, err);
}

enum ev_rc
ev_org_show(struct ev_case *c, int64_t org, const struct ev_table_opts *opts,
    struct ev_err *err)
{
	int64_t rows = 0;
	enum ev_rc rc;
	size_t i;

	rc = ev_db_int(ev_case_db(c), &rows, err,
	    "SELECT count(*) FROM org WHERE id = ?", "i", org);
	if (rc == EV_OK && rows == 0)
		return ev_fail(err, EV_USE, "there is no organisation O%06jd",
		    (intmax_t)org);
	for (i = 0; rc == EV_OK && i < sizeof(show_rows) / sizeof(show_rows[0]);
	     i++)
		rc = write_rows(c, &show_rows[i], org, opts, &rows, err);
	return rc;
}
