/* A database in memory, for one question. */
#include <stdlib.h>

#include "store/db_inside.h"

enum ev_rc
ev_db_scratch(struct ev_db **out, const char *sql, struct ev_err *err)
{
	struct ev_db *db;
	enum ev_rc rc = EV_OK;

	*out = NULL;
	db = calloc(1, sizeof(*db));
	if (db == NULL)
		return ev_fail_sys(err, "cannot make a database in memory");
	db->fuel = -1;
	if (sqlite3_open_v2(":memory:", &db->h,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		    SQLITE_OPEN_EXRESCODE,
		NULL) != SQLITE_OK ||
	    sqlite3_exec(db->h, "PRAGMA temp_store=MEMORY", NULL, NULL, NULL) !=
		SQLITE_OK ||
	    sqlite3_exec(db->h, sql, NULL, NULL, NULL) != SQLITE_OK)
		rc = ev_fail(err, EV_DB, "cannot make a database in memory: %s",
		    db->h == NULL ? "no memory" : sqlite3_errmsg(db->h));
	if (rc != EV_OK) {
		ev_db_close(db);
		return rc;
	}
	(void)sqlite3_limit(db->h, SQLITE_LIMIT_ATTACHED, 0);
	*out = db;
	return EV_OK;
}
