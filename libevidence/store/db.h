/* SQLite behind a handful of functions. */
#ifndef EV_STORE_DB_H
#define EV_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"

/* Only db.c includes sqlite3.h.  One thread at a time uses a handle. */
struct ev_db;
struct ev_stmt;

enum ev_db_mode {
	EV_DB_READ,   /* must exist; no row is written */
	EV_DB_WRITE,  /* must exist */
	EV_DB_CREATE, /* must not exist */
};

/*
 * Refuses a symbolic link, a file of another or a newer format, and one
 * whose schema differs from the embedded one by a single letter (only the
 * objects of late.sql may be missing).  An older format is EV_USE: migrate.
 */
EV_CHECK
enum ev_rc ev_db_open(struct ev_db **db, const char *path, enum ev_db_mode mode,
    struct ev_err *err);
void ev_db_close(struct ev_db *db);

/*
 * A database in memory that is gone when it is closed, with the tables that
 * sql makes: for asking the same questions of rows that lie in no case.
 */
EV_CHECK
enum ev_rc ev_db_scratch(struct ev_db **db, const char *sql,
    struct ev_err *err);

/* Bring an older format up to this one, in one transaction. */
EV_CHECK
enum ev_rc ev_db_migrate(const char *path, int64_t *from, int64_t *to,
    struct ev_err *err);

/* Back to one file without -wal, so that it opens on read-only media. */
EV_CHECK
enum ev_rc ev_db_settle(struct ev_db *db, struct ev_err *err);

/* Pages are kept in so much memory, not in the usual 64 MiB. */
EV_CHECK
enum ev_rc ev_db_cache(struct ev_db *db, int64_t kib, struct ev_err *err);

/* Build what of late.sql is missing: indexes and the full text table. */
EV_CHECK
enum ev_rc ev_db_late(struct ev_db *db, struct ev_err *err);
/* Whether all of late.sql is there. */
bool ev_db_has_late(struct ev_db *db);

/* A commit outside begin..commit is EV_USE; so is a begin inside one. */
EV_CHECK
enum ev_rc ev_db_begin(struct ev_db *db, struct ev_err *err);
/* The same for reading: one snapshot until the commit. */
EV_CHECK
enum ev_rc ev_db_begin_read(struct ev_db *db, struct ev_err *err);
EV_CHECK
enum ev_rc ev_db_commit(struct ev_db *db, struct ev_err *err);
void ev_db_rollback(struct ev_db *db);
bool ev_db_in_transaction(const struct ev_db *db);
/*
 * A number that changes whenever a transaction begins or something is undone:
 * while it stays, what was read or written in a transaction stands.
 */
int64_t ev_db_turn(const struct ev_db *db);

/* Within a transaction: what came since save can be undone on its own. */
EV_CHECK
enum ev_rc ev_db_save(struct ev_db *db, struct ev_err *err);
EV_CHECK
enum ev_rc ev_db_undo(struct ev_db *db, struct ev_err *err); /* and save anew */
EV_CHECK
enum ev_rc ev_db_keep(struct ev_db *db, struct ev_err *err);

/*
 * Prepare one constant statement and bind its values, one letter each:
 *   i  int64_t
 *   n  const int64_t *, NULL is SQL NULL
 *   s  const char *, NULL is SQL NULL
 *   t  const char *, size_t: text of that length; NULL is SQL NULL
 *   b  const void *, size_t: bytes; NULL is SQL NULL
 * Values are copied.  A wrong number of letters is EV_USE.  With letters
 * NULL nothing is bound yet: see ev_db_bind().
 */
EV_CHECK
enum ev_rc ev_db_prepare(struct ev_db *db, struct ev_stmt **st,
    struct ev_err *err, const char *sql, const char *letters, ...);

/*
 * Reset and bind again.  The values of s, t and b are NOT copied: they must
 * live until the next step has returned.
 */
EV_CHECK
enum ev_rc ev_db_bind(struct ev_stmt *st, struct ev_err *err,
    const char *letters, ...);

/* EV_OK: a row is ready.  EV_EOF: no more rows. */
EV_CHECK
enum ev_rc ev_db_step(struct ev_stmt *st, struct ev_err *err);

/*
 * Read the row, one letter a column: i int64_t *; n int64_t * then bool *
 * (whether it is NULL); s const char **; t const char ** then size_t *;
 * b const void ** then size_t *; - skips a column.  Borrowed until the next
 * step.  NULL is NULL or 0.
 */
EV_CHECK
enum ev_rc ev_db_row(struct ev_stmt *st, struct ev_err *err,
    const char *letters, ...);

/*
 * The same from an array, for columns that are known by a table: NULL, text
 * (not copied, as above), or else the number.
 */
struct ev_db_value {
	bool null;
	const char *text; /* NULL: an integer */
	size_t len;
	int64_t number;
};
EV_CHECK
enum ev_rc ev_db_bind_array(struct ev_stmt *st, const struct ev_db_value *value,
    size_t count, struct ev_err *err);
EV_CHECK
enum ev_rc ev_db_row_array(struct ev_stmt *st, struct ev_db_value *value,
    size_t count, struct ev_err *err);

void ev_db_finish(struct ev_stmt *st);

/* Step a bound statement that gives no row, and reset it. */
EV_CHECK
enum ev_rc ev_db_put(struct ev_stmt *st, struct ev_err *err);

/* Prepare, bind, step to the end, finish: for statements without result. */
EV_CHECK
enum ev_rc ev_db_run(struct ev_db *db, struct ev_err *err, const char *sql,
    const char *letters, ...);

/* One integer: the first column of the first row; EV_EOF if there is none. */
EV_CHECK
enum ev_rc ev_db_int(struct ev_db *db, int64_t *value, struct ev_err *err,
    const char *sql, const char *letters, ...);

int64_t ev_db_last_id(const struct ev_db *db);

#endif
