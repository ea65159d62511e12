/* Rows whose columns are found in a table, not in the text of a call. */
#include "store/db_inside.h"

static int
set_one(sqlite3_stmt *st, int n, const struct ev_db_value *v)
{
	if (v->null)
		return sqlite3_bind_null(st, n);
	if (v->text == NULL)
		return sqlite3_bind_int64(st, n, v->number);
	return sqlite3_bind_text64(st, n, v->text, v->len, SQLITE_STATIC,
	    SQLITE_UTF8);
}

enum ev_rc
ev_db_bind_array(struct ev_stmt *st, const struct ev_db_value *value,
    size_t count, struct ev_err *err)
{
	int rc = SQLITE_OK;
	size_t n;

	(void)sqlite3_reset(st->st);
	for (n = 0; n < count && rc == SQLITE_OK; n++)
		rc = set_one(st->st, (int)n + 1, &value[n]);
	if (rc != SQLITE_OK ||
	    count != (size_t)sqlite3_bind_parameter_count(st->st))
		return ev_fail(err, EV_USE, "%s: wrong values to bind",
		    sqlite3_sql(st->st));
	return EV_OK;
}

enum ev_rc
ev_db_row_array(struct ev_stmt *st, struct ev_db_value *value, size_t count,
    struct ev_err *err)
{
	size_t n;
	int type;

	if (count != (size_t)sqlite3_column_count(st->st))
		return ev_fail(err, EV_USE, "%s: wrong number of columns",
		    sqlite3_sql(st->st));
	for (n = 0; n < count; n++) {
		type = sqlite3_column_type(st->st, (int)n);
		value[n].null = type == SQLITE_NULL;
		value[n].number = sqlite3_column_int64(st->st, (int)n);
		value[n].text = NULL;
		value[n].len = 0;
		if (type != SQLITE_TEXT)
			continue;
		value[n].text =
		    (const char *)sqlite3_column_text(st->st, (int)n);
		value[n].len = (size_t)sqlite3_column_bytes(st->st, (int)n);
	}
	return EV_OK;
}
