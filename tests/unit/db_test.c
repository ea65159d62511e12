/* store/db: what it refuses, and what it leaves behind. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "store/db.h"

static const char sql_add[] = "INSERT INTO log(seq, at, action, actor, leaf)"
			      " VALUES(?, ?, 'open', '@a', '{}')";
static const char sql_change[] = "UPDATE log SET leaf = '{0}'";

static struct ev_db *
new_db(void)
{
	struct ev_db *db = NULL;
	struct ev_err err = { 0 };

	assert_int_equal(ev_db_open(&db, ":memory:", EV_DB_CREATE, &err),
	    EV_OK);
	return db;
}

static void
log_entries_cannot_be_changed_or_removed(void **state)
{
	struct ev_db *db = new_db();
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_db_run(db, &err, sql_add, "is", (int64_t)1,
			     "2025-07-24T00:00:00Z"),
	    EV_OK);
	assert_int_equal(ev_db_run(db, &err, sql_change, ""), EV_DB);
	assert_string_equal(err.msg,
	    "UPDATE log SET leaf = '{0}': the log is append-only");
	assert_int_equal(ev_db_run(db, &err, "DELETE FROM log", ""), EV_DB);
	ev_db_close(db);
}

static void
an_entry_without_an_instant_is_refused(void **state)
{
	struct ev_db *db = new_db();
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_db_run(db, &err, sql_add, "is", (int64_t)1,
			     "24 July 2025"),
	    EV_DB);
	ev_db_close(db);
}

static void
wrong_letters_are_refused(void **state)
{
	struct ev_db *db = new_db();
	struct ev_stmt *st = NULL;
	struct ev_err err;
	int64_t a;

	(void)state;
	assert_int_equal(ev_db_prepare(db, &st, &err, "SELECT ?", ""), EV_USE);
	assert_null(st);
	assert_int_equal(ev_db_prepare(db, &st, &err, "SELECT 1, 2", ""),
	    EV_OK);
	assert_int_equal(ev_db_step(st, &err), EV_OK);
	assert_int_equal(ev_db_row(st, &err, "i", &a), EV_USE);
	ev_db_finish(st);
	ev_db_close(db);
}

static void
bytes_text_and_nothing_come_back_as_they_went_in(void **state)
{
	struct ev_db *db = new_db();
	struct ev_stmt *st = NULL;
	struct ev_err err;
	const void *b;
	const char *s;
	size_t len, text_len;
	int64_t n;
	bool null;

	(void)state;
	assert_int_equal(ev_db_prepare(db, &st, &err, "SELECT ?, ?, ?, ?",
			     "btni", "a\0b", (size_t)3, "x\0y", (size_t)3,
			     (const int64_t *)NULL, INT64_MIN),
	    EV_OK);
	assert_int_equal(ev_db_step(st, &err), EV_OK);
	assert_int_equal(ev_db_row(st, &err, "btn-", &b, &len, &s, &text_len,
			     &n, &null),
	    EV_OK);
	assert_int_equal(len, 3);
	assert_memory_equal(b, "a\0b", 3);
	assert_int_equal(text_len, 3);
	assert_memory_equal(s, "x\0y", 3);
	assert_true(null);
	ev_db_finish(st);
	ev_db_close(db);
}

static void
transactions_must_pair(void **state)
{
	struct ev_db *db = new_db();
	struct ev_err err;
	int64_t n = -1;

	(void)state;
	assert_int_equal(ev_db_commit(db, &err), EV_USE);
	assert_int_equal(ev_db_begin(db, &err), EV_OK);
	assert_int_equal(ev_db_begin(db, &err), EV_USE);
	assert_int_equal(ev_db_save(db, &err), EV_OK);
	assert_int_equal(ev_db_run(db, &err, sql_add, "is", (int64_t)1,
			     "2025-07-24T00:00:00Z"),
	    EV_OK);
	assert_int_equal(ev_db_undo(db, &err), EV_OK);
	assert_int_equal(ev_db_keep(db, &err), EV_OK);
	assert_int_equal(ev_db_commit(db, &err), EV_OK);
	assert_int_equal(ev_db_int(db, &n, &err, "SELECT count(*) FROM log",
			     ""),
	    EV_OK);
	assert_int_equal(n, 0);
	ev_db_close(db);
}

static void
a_missing_file_is_not_created(void **state)
{
	struct ev_db *db = NULL;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_db_open(&db, "missing/case.db", EV_DB_READ, &err),
	    EV_DB);
	assert_null(db);
}

/* A whole case database in a fresh folder. */
static void
make(char dir[64], char path[96])
{
	struct ev_db *db = NULL;
	struct ev_err err;

	(void)snprintf(dir, 64, "db_test.XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, 96, "%s/case.db", dir);
	assert_int_equal(ev_db_open(&db, path, EV_DB_CREATE, &err), EV_OK);
	assert_int_equal(ev_db_settle(db, &err), EV_OK);
	ev_db_close(db);
}

static void
unmake(const char *dir, const char *path)
{
	(void)unlink(path);
	assert_int_equal(rmdir(dir), 0);
}

static void
meddle(const char *path, const char *sql)
{
	sqlite3 *h = NULL;

	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
	(void)sqlite3_close(h);
}

static void
opens(const char *path, enum ev_rc want, const char *message)
{
	struct ev_db *db = NULL;
	struct ev_err err = { 0 };

	assert_int_equal(ev_db_open(&db, path, EV_DB_READ, &err), want);
	if (message != NULL)
		assert_non_null(strstr(err.msg, message));
	ev_db_close(db);
}

static void
a_foreign_view_trigger_or_index_is_refused(void **state)
{
	static const char *const foreign[] = {
		"CREATE VIEW aa AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL "
		"SELECT x + 1 FROM c) SELECT x FROM c",
		"CREATE TRIGGER zz AFTER INSERT ON token BEGIN "
		"DELETE FROM stamp_queue; END",
		"CREATE INDEX mm ON fact(handle)",
		"CREATE TABLE fact_extra(a)",
		"DROP TRIGGER log_no_update",
	};
	char dir[64], path[96];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
		make(dir, path);
		opens(path, EV_OK, NULL);
		meddle(path, foreign[i]);
		opens(path, EV_INPUT, "schema object");
		unmake(dir, path);
	}
}

static void
late_objects_may_be_missing_but_not_differ(void **state)
{
	char dir[64], path[96];
	struct ev_db *db = NULL;
	struct ev_err err;

	(void)state;
	make(dir, path);
	assert_int_equal(ev_db_open(&db, path, EV_DB_WRITE, &err), EV_OK);
	assert_false(ev_db_has_late(db));
	assert_int_equal(ev_db_late(db, &err), EV_OK);
	assert_true(ev_db_has_late(db));
	ev_db_close(db);
	opens(path, EV_OK, NULL);
	meddle(path, "DROP INDEX ix_fact_t");
	opens(path, EV_OK, NULL);
	meddle(path, "CREATE INDEX ix_fact_t ON fact(handle)");
	opens(path, EV_INPUT, "ix_fact_t");
	unmake(dir, path);
}

static void
a_cut_file_a_link_and_another_database_are_refused(void **state)
{
	char dir[64], path[96], link[96];
	struct stat st;

	(void)state;
	make(dir, path);
	(void)snprintf(link, sizeof(link), "%s/link.db", dir);
	assert_int_equal(symlink("case.db", link), 0);
	opens(link, EV_DB, NULL);
	assert_int_equal(unlink(link), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(truncate(path, st.st_size + 512), 0);
	opens(path, EV_INPUT, "cut short or added to");
	assert_int_equal(truncate(path, st.st_size), 0);
	opens(path, EV_OK, NULL);
	meddle(path, "PRAGMA user_version = 99");
	opens(path, EV_INPUT, "newer");
	meddle(path, "PRAGMA user_version = 1");
	opens(path, EV_USE, "older");
	meddle(path, "PRAGMA application_id = 7");
	opens(path, EV_INPUT, "not a case database");
	unmake(dir, path);
}

static void
a_settled_case_opens_where_nothing_may_be_written(void **state)
{
	char dir[64], path[96];

	(void)state;
	if (geteuid() == 0)
		skip();
	make(dir, path);
	assert_int_equal(chmod(dir, 0555), 0);
	opens(path, EV_OK, NULL);
	assert_int_equal(chmod(dir, 0755), 0);
	unmake(dir, path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(log_entries_cannot_be_changed_or_removed),
		cmocka_unit_test(an_entry_without_an_instant_is_refused),
		cmocka_unit_test(wrong_letters_are_refused),
		cmocka_unit_test(
		    bytes_text_and_nothing_come_back_as_they_went_in),
		cmocka_unit_test(transactions_must_pair),
		cmocka_unit_test(a_missing_file_is_not_created),
		cmocka_unit_test(a_foreign_view_trigger_or_index_is_refused),
		cmocka_unit_test(late_objects_may_be_missing_but_not_differ),
		cmocka_unit_test(
		    a_cut_file_a_link_and_another_database_are_refused),
		cmocka_unit_test(
		    a_settled_case_opens_where_nothing_may_be_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
