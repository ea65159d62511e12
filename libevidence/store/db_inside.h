/* What the files of the database module share. */
#ifndef EV_STORE_DB_INSIDE_H
#define EV_STORE_DB_INSIDE_H

#include <sqlite3.h>

#include "store/db.h"

struct ev_db {
	sqlite3 *h;
	bool inside;  /* a transaction that ev_db_begin began */
	int64_t turn; /* begins and undoings */
	int fuel;     /* progress calls left while a schema is read */
};

struct ev_stmt {
	sqlite3 *h;
	sqlite3_stmt *st;
};

#endif
