/* SQLite behind a handful of functions. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/db_inside.h"

enum {
	APPLICATION_ID = 0x45564341,
	BUSY_MS = 5000,
	PROGRESS_OPS = 1000000,
	PROGRESS_MAX = 2000, /* of PROGRESS_OPS, while a schema is checked */
	PATH_LIMIT = 4096,
};

/* The numbered files of schema/, then late.sql, then NULL. */
extern const char *const ev_schema[];

static const char sql_guard[] = "PRAGMA foreign_keys=ON;"
				"PRAGMA cell_size_check=ON;"
				"PRAGMA mmap_size=0;"
				"PRAGMA synchronous=FULL;"
				"PRAGMA cache_size=-65536;"
				"PRAGMA temp_store=MEMORY;";

static const char sql_objects[] =
    "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema"
    " ORDER BY name, type";

static enum ev_rc
db_fail(sqlite3 *h, struct ev_err *err, const char *what)
{
	return ev_fail(err, EV_DB, "%s: %s", what, sqlite3_errmsg(h));
}

static enum ev_rc
db_exec(struct ev_db *db, const char *sql, const char *what, struct ev_err *err)
{
	if (sqlite3_exec(db->h, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db->h, err, what);
	return EV_OK;
}

/* How many numbered schema files there are: the format's number. */
static int64_t
format_now(void)
{
	int64_t n = 0;

	while (ev_schema[n] != NULL)
		n++;
	return n - 1;
}

static int
out_of_fuel(void *ctx)
{
	struct ev_db *db = ctx;

	if (db->fuel < 0)
		return 0;
	return --db->fuel <= 0;
}

static int
open_flags(enum ev_db_mode mode)
{
	const int common = SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_EXRESCODE |
			   SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;

	switch (mode) {
	case EV_DB_READ:
		return common | SQLITE_OPEN_READONLY;
	case EV_DB_WRITE:
		return common | SQLITE_OPEN_READWRITE;
	case EV_DB_CREATE:
		return common | SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	}
	return common | SQLITE_OPEN_READONLY;
}

static void
harden(struct ev_db *db)
{
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(db->h, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0,
	    NULL);
	(void)sqlite3_limit(db->h, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_limit(db->h, SQLITE_LIMIT_TRIGGER_DEPTH, 4);
	(void)sqlite3_busy_timeout(db->h, BUSY_MS);
	sqlite3_progress_handler(db->h, PROGRESS_OPS, out_of_fuel, db);
}

/* Without a -wal the file is whole: its size is pages times page size. */
static enum ev_rc
check_size(struct ev_db *db, const char *path, struct ev_err *err)
{
	struct stat st, wal;
	char name[PATH_LIMIT];
	int64_t pages, size;
	enum ev_rc rc;

	if (snprintf(name, sizeof(name), "%s-wal", path) >= (int)sizeof(name))
		return ev_fail(err, EV_LIMIT, "path is too long");
	if (stat(name, &wal) == 0 && wal.st_size > 0)
		return EV_OK;
	if (stat(path, &st) != 0)
		return EV_OK; /* :memory: */
	rc = ev_db_int(db, &pages, err, "PRAGMA page_count", "");
	if (rc != EV_OK)
		return rc;
	rc = ev_db_int(db, &size, err, "PRAGMA page_size", "");
	if (rc != EV_OK)
		return rc;
	if (pages * size != st.st_size)
		return ev_fail(err, EV_INPUT,
		    "%jd bytes, but %jd pages of %jd: cut short or added to",
		    (intmax_t)st.st_size, (intmax_t)pages, (intmax_t)size);
	return EV_OK;
}

static enum ev_rc
check_format(struct ev_db *db, struct ev_err *err)
{
	int64_t id, version;
	enum ev_rc rc;

	rc = ev_db_int(db, &id, err, "PRAGMA application_id", "");
	if (rc != EV_OK)
		return rc;
	rc = ev_db_int(db, &version, err, "PRAGMA user_version", "");
	if (rc != EV_OK)
		return rc;
	if (id != APPLICATION_ID)
		return ev_fail(err, EV_INPUT, "not a case database");
	if (version < format_now())
		return ev_fail(err, EV_USE,
		    "case format %jd is older than %jd: run 'ev-case migrate'",
		    (intmax_t)version, (intmax_t)format_now());
	if (version > format_now())
		return ev_fail(err, EV_INPUT,
		    "case format %jd is newer than this program's %jd",
		    (intmax_t)version, (intmax_t)format_now());
	return EV_OK;
}

/* The embedded schema up to number last, as a database in memory. */
static enum ev_rc
reference(struct ev_db **out, int64_t last, bool late, struct ev_err *err)
{
	struct ev_db *db;
	enum ev_rc rc = EV_OK;
	int64_t i;

	*out = NULL;
	db = calloc(1, sizeof(*db));
	if (db == NULL)
		return ev_fail_sys(err, "cannot check the schema");
	db->fuel = -1;
	if (sqlite3_open(":memory:", &db->h) != SQLITE_OK)
		rc = db_fail(db->h, err, "cannot check the schema");
	for (i = 0; rc == EV_OK && i < last; i++)
		rc = db_exec(db, ev_schema[i], "schema", err);
	if (rc == EV_OK && late)
		rc = db_exec(db, ev_schema[format_now()], "late schema", err);
	if (rc != EV_OK) {
		ev_db_close(db);
		return rc;
	}
	*out = db;
	return EV_OK;
}

struct object {
	const char *type, *name, *table, *sql;
};

static enum ev_rc
next_object(struct ev_stmt *st, struct object *o, struct ev_err *err)
{
	enum ev_rc rc;

	memset(o, 0, sizeof(*o));
	rc = ev_db_step(st, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_db_row(st, err, "ssss", &o->type, &o->name, &o->table, &o->sql);
	if (rc == EV_OK && (o->type == NULL || o->name == NULL ||
			       o->table == NULL || o->sql == NULL))
		return ev_fail(err, EV_INPUT, "a schema row holds NULL");
	return rc;
}

/* Is an object of late.sql, or lies under one (the tables of fts5)? */
static bool
is_late(struct ev_db *base, const struct object *o, struct ev_err *err)
{
	int64_t n = 0;

	return ev_db_int(base, &n, err,
		   "SELECT count(*) FROM sqlite_schema WHERE name = ?", "s",
		   o->name) == EV_OK &&
	       n == 0;
}

/* Two sorted lists: ours may lack objects of late.sql and nothing else. */
static enum ev_rc
compare_objects(struct ev_stmt *mine, struct ev_stmt *want, struct ev_db *base,
    struct ev_err *err)
{
	struct object a, b;
	enum ev_rc ra, rb;

	ra = next_object(mine, &a, err);
	rb = next_object(want, &b, err);
	while (ra == EV_OK && rb == EV_OK) {
		if (strcmp(a.name, b.name) != 0) {
			if (!is_late(base, &b, err))
				break;
			rb = next_object(want, &b, err);
			continue;
		}
		if (strcmp(a.type, b.type) != 0 ||
		    strcmp(a.table, b.table) != 0 || strcmp(a.sql, b.sql) != 0)
			return ev_fail(err, EV_INPUT,
			    "schema object '%.64s' differs from this "
			    "program's",
			    b.name);
		ra = next_object(mine, &a, err);
		rb = next_object(want, &b, err);
	}
	while (ra == EV_EOF && rb == EV_OK && is_late(base, &b, err))
		rb = next_object(want, &b, err);
	if (ra == EV_EOF && rb == EV_EOF)
		return EV_OK;
	if (ra != EV_OK && ra != EV_EOF)
		return ra;
	if (rb != EV_OK && rb != EV_EOF)
		return rb;
	if (rb == EV_OK)
		return ev_fail(err, EV_INPUT,
		    "schema object '%.64s' is missing", b.name);
	return ev_fail(err, EV_INPUT, "foreign schema object '%.64s'", a.name);
}

/* The schema text by text, before any other query touches it. */
static enum ev_rc
check_schema(struct ev_db *db, int64_t format, struct ev_err *err)
{
	struct ev_stmt *mine = NULL, *want = NULL;
	struct ev_db *base = NULL, *all = NULL;
	enum ev_rc rc;

	rc = reference(&base, format, false, err);
	if (rc == EV_OK)
		rc = reference(&all, format, true, err);
	if (rc == EV_OK)
		rc = ev_db_prepare(db, &mine, err, sql_objects, "");
	if (rc == EV_OK)
		rc = ev_db_prepare(all, &want, err, sql_objects, "");
	if (rc == EV_OK)
		rc = compare_objects(mine, want, base, err);
	ev_db_finish(mine);
	ev_db_finish(want);
	ev_db_close(base);
	ev_db_close(all);
	return rc;
}

static enum ev_rc
create_format(struct ev_db *db, struct ev_err *err)
{
	int64_t pages, i;
	enum ev_rc rc;

	rc = ev_db_int(db, &pages, err, "PRAGMA page_count", "");
	if (rc != EV_OK)
		return rc;
	if (pages != 0)
		return ev_fail(err, EV_USE, "exists already");
	rc = db_exec(db, "PRAGMA journal_mode=WAL", "cannot set WAL", err);
	if (rc == EV_OK)
		rc = db_exec(db, "BEGIN", "cannot begin", err);
	for (i = 0; rc == EV_OK && i < format_now(); i++)
		rc = db_exec(db, ev_schema[i], "cannot make the schema", err);
	if (rc == EV_OK)
		rc = db_exec(db, "COMMIT", "cannot make the schema", err);
	return rc;
}

/*
 * A WAL database in a folder that may not be written to opens only as
 * immutable, and only when it was settled: no -wal beside it.
 */
static enum ev_rc
open_handle(struct ev_db *db, const char *path, enum ev_db_mode mode,
    struct ev_err *err)
{
	char name[PATH_LIMIT], *slash, *uri = NULL;
	const char *use = path;
	int rc;

	if (strlen(path) >= sizeof(name) - 8)
		return ev_fail(err, EV_LIMIT, "path is too long");
	(void)snprintf(name, sizeof(name), "%s", path);
	slash = strrchr(name, '/');
	if (slash != NULL)
		*slash = '\0';
	if (mode == EV_DB_READ && strcmp(path, ":memory:") != 0 &&
	    access(slash == NULL ? "." : name, W_OK) != 0) {
		(void)snprintf(name, sizeof(name), "%s-wal", path);
		if (access(name, F_OK) != 0) {
			uri = sqlite3_mprintf("file:%s?immutable=1", path);
			if (uri == NULL)
				return ev_fail_sys(err, "cannot open");
			use = uri;
		}
	}
	/* A name that begins with "file:" would be taken for a URI. */
	if (uri == NULL && strncmp(path, "file:", 5) == 0) {
		return ev_fail(err, EV_USE, "a path may not begin with file:");
	}
	rc = sqlite3_open_v2(use, &db->h, open_flags(mode), NULL);
	sqlite3_free(uri);
	return rc == SQLITE_OK ? EV_OK : db_fail(db->h, err, "cannot open");
}

enum ev_rc
ev_db_open(struct ev_db **out, const char *path, enum ev_db_mode mode,
    struct ev_err *err)
{
	struct ev_db *db;
	enum ev_rc rc;

	*out = NULL;
	db = calloc(1, sizeof(*db));
	if (db == NULL)
		return ev_fail_sys(err, "cannot open '%s'", path);
	db->fuel = PROGRESS_MAX;
	rc = open_handle(db, path, mode, err);
	if (rc != EV_OK)
		goto out;
	harden(db);
	rc = db_exec(db, sql_guard, "cannot set up", err);
	if (rc == EV_OK && mode == EV_DB_CREATE)
		rc = create_format(db, err);
	if (rc == EV_OK)
		rc = check_format(db, err);
	if (rc == EV_OK)
		rc = check_schema(db, format_now(), err);
	if (rc == EV_OK && mode != EV_DB_CREATE)
		rc = check_size(db, path, err);
out:
	if (rc == EV_OK) {
		db->fuel = -1;
		*out = db;
		return EV_OK;
	}
	ev_db_close(db);
	return ev_fail_in(err, path);
}

void
ev_db_close(struct ev_db *db)
{
	if (db == NULL)
		return;
	(void)sqlite3_close_v2(db->h);
	free(db);
}

static enum ev_rc
migrate_open(struct ev_db *db, int64_t from, struct ev_err *err)
{
	enum ev_rc rc;
	int64_t i;

	rc = check_schema(db, from, err);
	if (rc == EV_OK)
		rc = ev_db_begin(db, err);
	if (rc != EV_OK)
		return rc;
	for (i = from; rc == EV_OK && i < format_now(); i++)
		rc = db_exec(db, ev_schema[i], "cannot migrate", err);
	if (rc == EV_OK)
		return ev_db_commit(db, err);
	ev_db_rollback(db);
	return rc;
}

enum ev_rc
ev_db_migrate(const char *path, int64_t *from, int64_t *to, struct ev_err *err)
{
	struct ev_db *db;
	int64_t id = 0;
	enum ev_rc rc;

	*from = *to = 0;
	db = calloc(1, sizeof(*db));
	if (db == NULL)
		return ev_fail_sys(err, "cannot open '%s'", path);
	db->fuel = -1;
	rc = open_handle(db, path, EV_DB_WRITE, err);
	if (rc == EV_OK) {
		harden(db);
		rc = db_exec(db, sql_guard, "cannot set up", err);
	}
	if (rc == EV_OK)
		rc = ev_db_int(db, &id, err, "PRAGMA application_id", "");
	if (rc == EV_OK && id != APPLICATION_ID)
		rc = ev_fail(err, EV_INPUT, "not a case database");
	if (rc == EV_OK)
		rc = ev_db_int(db, from, err, "PRAGMA user_version", "");
	*to = format_now();
	if (rc == EV_OK && (*from < 1 || *from > *to))
		rc = ev_fail(err, EV_INPUT, "case format %jd is unknown",
		    (intmax_t)*from);
	if (rc == EV_OK && *from < *to)
		rc = migrate_open(db, *from, err);
	ev_db_close(db);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, path);
}

enum ev_rc
ev_db_settle(struct ev_db *db, struct ev_err *err)
{
	return db_exec(db, "PRAGMA journal_mode=DELETE", "cannot settle", err);
}

enum ev_rc
ev_db_cache(struct ev_db *db, int64_t kib, struct ev_err *err)
{
	char sql[64];

	(void)snprintf(sql, sizeof(sql), "PRAGMA cache_size=-%jd",
	    (intmax_t)kib);
	return db_exec(db, sql, "cannot set up", err);
}

bool
ev_db_has_late(struct ev_db *db)
{
	struct ev_err err;
	int64_t n = 0;

	return ev_db_int(db, &n, &err,
		   "SELECT count(*) FROM sqlite_schema WHERE name = 'words'"
		   " OR name = 'ix_fact_account'",
		   "") == EV_OK &&
	       n == 2;
}

enum ev_rc
ev_db_late(struct ev_db *db, struct ev_err *err)
{
	enum ev_rc rc;

	if (ev_db_has_late(db))
		return EV_OK;
	rc = ev_db_begin(db, err);
	if (rc != EV_OK)
		return rc;
	rc = db_exec(db, ev_schema[format_now()], "cannot build indexes", err);
	if (rc == EV_OK)
		return ev_db_commit(db, err);
	ev_db_rollback(db);
	return rc;
}

static enum ev_rc
begin(struct ev_db *db, const char *sql, struct ev_err *err)
{
	enum ev_rc rc;

	if (db->inside)
		return ev_fail(err, EV_USE, "a transaction within another");
	rc = db_exec(db, sql, "cannot begin", err);
	db->inside = rc == EV_OK;
	db->turn++;
	return rc;
}

enum ev_rc
ev_db_begin(struct ev_db *db, struct ev_err *err)
{
	return begin(db, "BEGIN IMMEDIATE", err);
}

enum ev_rc
ev_db_begin_read(struct ev_db *db, struct ev_err *err)
{
	return begin(db, "BEGIN", err);
}

enum ev_rc
ev_db_commit(struct ev_db *db, struct ev_err *err)
{
	enum ev_rc rc;

	if (!db->inside)
		return ev_fail(err, EV_USE, "a commit without a begin");
	rc = db_exec(db, "COMMIT", "cannot commit", err);
	if (rc == EV_OK)
		db->inside = false;
	else
		ev_db_rollback(db);
	return rc;
}

void
ev_db_rollback(struct ev_db *db)
{
	if (!db->inside)
		return;
	(void)sqlite3_exec(db->h, "ROLLBACK", NULL, NULL, NULL);
	db->inside = false;
	db->turn++;
}

bool
ev_db_in_transaction(const struct ev_db *db)
{
	return db->inside;
}

int64_t
ev_db_turn(const struct ev_db *db)
{
	return db->turn;
}

enum ev_rc
ev_db_save(struct ev_db *db, struct ev_err *err)
{
	if (!db->inside)
		return ev_fail(err, EV_USE, "a savepoint without a begin");
	return db_exec(db, "SAVEPOINT part", "cannot set a savepoint", err);
}

enum ev_rc
ev_db_undo(struct ev_db *db, struct ev_err *err)
{
	db->turn++;
	return db_exec(db, "ROLLBACK TO part", "cannot undo", err);
}

enum ev_rc
ev_db_keep(struct ev_db *db, struct ev_err *err)
{
	return db_exec(db, "RELEASE part", "cannot keep", err);
}

/* One value; keep: sqlite copies it, else it is borrowed. */
static int
bind_one(sqlite3_stmt *st, int n, char letter, va_list *ap,
    sqlite3_destructor_type keep)
{
	const int64_t *number;
	const char *s;
	const void *b;
	size_t len;

	switch (letter) {
	case 'i':
		return sqlite3_bind_int64(st, n, va_arg(*ap, int64_t));
	case 'n':
		number = va_arg(*ap, const int64_t *);
		return number == NULL ? sqlite3_bind_null(st, n)
				      : sqlite3_bind_int64(st, n, *number);
	case 's':
		s = va_arg(*ap, const char *);
		return sqlite3_bind_text(st, n, s, -1, keep);
	case 't':
		s = va_arg(*ap, const char *);
		len = va_arg(*ap, size_t);
		return sqlite3_bind_text64(st, n, s, len, keep, SQLITE_UTF8);
	case 'b':
		b = va_arg(*ap, const void *);
		len = va_arg(*ap, size_t);
		if (b != NULL && len == 0)
			return sqlite3_bind_zeroblob(st, n, 0);
		return sqlite3_bind_blob64(st, n, b, len, keep);
	default:
		return SQLITE_MISUSE;
	}
}

static enum ev_rc
bind_all(struct ev_stmt *st, struct ev_err *err, const char *letters,
    va_list *ap, sqlite3_destructor_type keep)
{
	int n, rc = SQLITE_OK;

	for (n = 0; letters[n] != '\0' && rc == SQLITE_OK; n++)
		rc = bind_one(st->st, n + 1, letters[n], ap, keep);
	if (rc != SQLITE_OK || n != sqlite3_bind_parameter_count(st->st))
		return ev_fail(err, EV_USE, "%s: wrong bind letters '%s'",
		    sqlite3_sql(st->st), letters);
	return EV_OK;
}

static enum ev_rc
prepare(struct ev_db *db, struct ev_stmt **out, struct ev_err *err,
    const char *sql, const char *letters, va_list *ap)
{
	struct ev_stmt *st;
	enum ev_rc rc = EV_OK;

	*out = NULL;
	st = calloc(1, sizeof(*st));
	if (st == NULL)
		return ev_fail_sys(err, "cannot prepare '%s'", sql);
	st->h = db->h;
	if (sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT,
		&st->st, NULL) != SQLITE_OK) {
		ev_db_finish(st);
		return db_fail(db->h, err, sql);
	}
	if (letters != NULL)
		rc = bind_all(st, err, letters, ap, SQLITE_TRANSIENT);
	if (rc != EV_OK) {
		ev_db_finish(st);
		return rc;
	}
	*out = st;
	return EV_OK;
}

enum ev_rc
ev_db_prepare(struct ev_db *db, struct ev_stmt **out, struct ev_err *err,
    const char *sql, const char *letters, ...)
{
	enum ev_rc rc;
	va_list ap;

	va_start(ap, letters);
	rc = prepare(db, out, err, sql, letters, &ap);
	va_end(ap);
	return rc;
}

enum ev_rc
ev_db_bind(struct ev_stmt *st, struct ev_err *err, const char *letters, ...)
{
	enum ev_rc rc;
	va_list ap;

	(void)sqlite3_reset(st->st);
	va_start(ap, letters);
	rc = bind_all(st, err, letters, &ap, SQLITE_STATIC);
	va_end(ap);
	return rc;
}

enum ev_rc
ev_db_step(struct ev_stmt *st, struct ev_err *err)
{
	switch (sqlite3_step(st->st)) {
	case SQLITE_ROW:
		return EV_OK;
	case SQLITE_DONE:
		return EV_EOF;
	default:
		return db_fail(st->h, err, sqlite3_sql(st->st));
	}
}

enum ev_rc
ev_db_put(struct ev_stmt *st, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_step(st, err);
	(void)sqlite3_reset(st->st);
	if (rc == EV_OK)
		return ev_fail(err, EV_USE, "%s: gave a row",
		    sqlite3_sql(st->st));
	return rc == EV_EOF ? EV_OK : rc;
}

static bool
read_one(sqlite3_stmt *st, int n, char letter, va_list *ap)
{
	switch (letter) {
	case 'i':
		*va_arg(*ap, int64_t *) = sqlite3_column_int64(st, n);
		return true;
	case 'n':
		*va_arg(*ap, int64_t *) = sqlite3_column_int64(st, n);
		*va_arg(*ap, bool *) =
		    sqlite3_column_type(st, n) == SQLITE_NULL;
		return true;
	case 's':
		*va_arg(*ap, const char **) =
		    (const char *)sqlite3_column_text(st, n);
		return true;
	case 't':
		*va_arg(*ap, const char **) =
		    (const char *)sqlite3_column_text(st, n);
		*va_arg(*ap, size_t *) = (size_t)sqlite3_column_bytes(st, n);
		return true;
	case 'b':
		*va_arg(*ap, const void **) = sqlite3_column_blob(st, n);
		*va_arg(*ap, size_t *) = (size_t)sqlite3_column_bytes(st, n);
		return true;
	case '-':
		return true;
	default:
		return false;
	}
}

enum ev_rc
ev_db_row(struct ev_stmt *st, struct ev_err *err, const char *letters, ...)
{
	bool known = true;
	va_list ap;
	int n;

	va_start(ap, letters);
	for (n = 0; letters[n] != '\0' && known; n++)
		known = read_one(st->st, n, letters[n], &ap);
	va_end(ap);
	if (!known || n != sqlite3_column_count(st->st))
		return ev_fail(err, EV_USE, "%s: wrong column letters '%s'",
		    sqlite3_sql(st->st), letters);
	return EV_OK;
}

void
ev_db_finish(struct ev_stmt *st)
{
	if (st == NULL)
		return;
	(void)sqlite3_finalize(st->st);
	free(st);
}

enum ev_rc
ev_db_run(struct ev_db *db, struct ev_err *err, const char *sql,
    const char *letters, ...)
{
	struct ev_stmt *st;
	enum ev_rc rc;
	va_list ap;

	va_start(ap, letters);
	rc = prepare(db, &st, err, sql, letters, &ap);
	va_end(ap);
	if (rc != EV_OK)
		return rc;
	while ((rc = ev_db_step(st, err)) == EV_OK)
		;
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_db_int(struct ev_db *db, int64_t *value, struct ev_err *err, const char *sql,
    const char *letters, ...)
{
	struct ev_stmt *st;
	enum ev_rc rc;
	va_list ap;

	*value = 0;
	va_start(ap, letters);
	rc = prepare(db, &st, err, sql, letters, &ap);
	va_end(ap);
	if (rc != EV_OK)
		return rc;
	rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "i", value);
	ev_db_finish(st);
	return rc;
}

int64_t
ev_db_last_id(const struct ev_db *db)
{
	return sqlite3_last_insert_rowid(db->h);
}
