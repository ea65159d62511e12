/* Organisations, their names, listings and anchors, as rows. */
#include <string.h>

#include "case/case.h"
#include "evidence/org.h"

enum { ID_CELLS = 8 };

/* One list: letters as in out/catalog.c. */
struct rows {
	const char *sql, *how, *schema;
	struct ev_table_column column[ID_CELLS];
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

static const struct rows list_rows = {
	"SELECT o.id, o.name, o.kind, (SELECT count(*) FROM org_name n WHERE"
	" n.org = o.id), (SELECT count(*) FROM listing l WHERE l.org = o.id),"
	" (SELECT count(*) FROM anchor a WHERE a.org = o.id), (SELECT l.status"
	" FROM listing l WHERE l.org = o.id ORDER BY l.id DESC LIMIT 1)"
	" FROM org o WHERE ?1 = 0 ORDER BY o.id",
	"OtwiiiW",
	"evidence/orgs/1",
	{ W("org"), T("name"), W("kind"), N("names"), N("listings"),
	    N("anchors"), W("status") },
	7,
};

static const struct rows show_rows[] = {
	{ "SELECT value_raw, name_type, quality, script FROM org_name"
	  " WHERE org = ?1 ORDER BY rowid",
	    "tWWW", "evidence/org-names/1",
	    { T("name"), W("type"), W("quality"), W("script") }, 4 },
	{ "SELECT l.id, l.authority, l.law, l.section, l.ref, l.listed_on,"
	  " l.delisted_on, l.status FROM listing l WHERE l.org = ?1"
	  " ORDER BY l.id",
	    "LttttttW", "evidence/listings/1",
	    { W("listing"), T("listed_by"), T("law"), T("section"), T("ref"),
		T("since"), T("until"), W("status") },
	    8 },
	{ "SELECT type, value, basis, t_from, t_to, entry FROM anchor"
	  " WHERE org = ?1 ORDER BY id",
	    "WtWWWi", "evidence/anchors/1",
	    { W("type"), T("value"), W("basis"), W("from"), W("to"),
		N("entry") },
	    6 },
};

static enum ev_rc
put_cell(struct ev_table *t, struct ev_stmt *st, const struct rows *r, size_t n,
    struct ev_err *err)
{
	char letters[ID_CELLS + 1], id[EV_ID_TEXT];
	const void *data;
	int64_t number;
	size_t len;
	enum ev_rc rc;

	memset(letters, '-', r->count);
	letters[r->count] = '\0';
	if (r->how[n] == 't' || r->how[n] == 'W' || r->how[n] == 'w') {
		letters[n] = 'b';
		rc = ev_db_row(st, err, letters, &data, &len);
		if (rc != EV_OK || data == NULL)
			return rc;
		return ev_table_text(t, n, data, len, err);
	}
	letters[n] = 'i';
	rc = ev_db_row(st, err, letters, &number);
	if (rc != EV_OK)
		return rc;
	if (r->how[n] == 'i')
		return ev_table_number(t, n, number, err);
	ev_id_print(id, r->how[n], number);
	return ev_table_word(t, n, id, err);
}

static enum ev_rc
write_rows(struct ev_case *c, const struct rows *r, int64_t org,
    const struct ev_table_opts *opts, int64_t *shown, struct ev_err *err)
{
	struct ev_table_opts own = *opts;
	struct ev_stmt *st = NULL;
	struct ev_table *t = NULL;
	enum ev_rc rc;
	size_t n;

	own.schema = r->schema;
	rc = ev_table_new(&t, r->column, r->count, &own, err);
	if (rc == EV_OK)
		rc = ev_db_prepare(ev_case_db(c), &st, err, r->sql, "i", org);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		for (n = 0; rc == EV_OK && n < r->count; n++)
			rc = put_cell(t, st, r, n, err);
		if (rc == EV_OK)
			rc = ev_table_row(t, err);
	}
	if (rc == EV_EOF)
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
