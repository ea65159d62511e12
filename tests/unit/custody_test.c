/* case/custody: what the log keeps, and what its checking finds. */
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

#include "case/custody.h"

static const struct ev_act act = { .tool = "custody_test",
	.purpose = "to test",
	.place = "here" };

struct found {
	int failed, unchecked;
	char first[320]; /* of the failed ones */
	char all[4096];
};

static void
note(void *ctx, const struct ev_custody_finding *f)
{
	struct found *to = ctx;
	size_t len = strlen(to->all);

	if (f->state == EV_CUSTODY_FAILED && to->failed++ == 0)
		(void)snprintf(to->first, sizeof(to->first), "%s", f->what);
	if (f->state == EV_CUSTODY_UNCHECKED)
		to->unchecked++;
	(void)snprintf(to->all + len, sizeof(to->all) - len, "%s\n", f->what);
}

/* A fresh case with five entries and three heads. */
static int
make(void **state)
{
	const struct ev_case_new what = {
		.number = "T-1",
		.title = "Front of Example",
		.actor = { .name = "A. Example",
		    .role = "examiner",
		    .office = "Lab" },
	};
	struct ev_err err = { 0 };
	char *dir;

	dir = calloc(1, 64);
	assert_non_null(dir);
	(void)snprintf(dir, 64, "custody.XXXXXX");
	assert_non_null(mkdtemp(dir));
	assert_int_equal(rmdir(dir), 0);
	(void)strncat(dir, ".evcase", 8);
	if (ev_case_init(dir, &what, &act, &err) != EV_OK)
		fail_msg("%s", err.msg);
	*state = dir;
	return 0;
}

static int
unmake(void **state)
{
	static const char *const files[] = { "heads/000002.note",
		"heads/000003.note", "heads/000004.note", "heads/000005.note",
		"case.db", "case.db-wal", "case.db-shm", "case.lock", "log.key",
		"heads", "vault" };
	char path[128];
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", (char *)*state,
		    files[i]);
		(void)remove(path);
	}
	assert_int_equal(rmdir(*state), 0);
	free(*state);
	return 0;
}

static struct ev_case *
opened(const char *dir, enum ev_case_mode mode)
{
	struct ev_case *c = NULL;
	struct ev_err err = { 0 };

	if (ev_case_open(&c, dir, mode, &act, &err) != EV_OK)
		fail_msg("%s", err.msg);
	return c;
}

/* One more entry, and a head over it where seal says so. */
static void
append(const char *dir, const char *text, bool seal)
{
	const char *subject[] = { "E000001", NULL };
	const struct ev_entry entry = { .action = "examine",
		.subject = subject,
		.note = text,
		.after = "{\"n\":1}" };
	struct ev_case *c = opened(dir, EV_CASE_WRITE);
	struct ev_err err;
	int64_t seq;

	assert_int_equal(ev_db_begin(ev_case_db(c), &err), EV_OK);
	assert_int_equal(ev_custody_append(c, &entry, &seq, &err), EV_OK);
	assert_int_equal(ev_db_commit(ev_case_db(c), &err), EV_OK);
	if (seal)
		assert_int_equal(ev_custody_seal(c, &err), EV_OK);
	ev_case_close(c);
}

static enum ev_rc
verified(const char *dir, const struct ev_buf *head, struct found *to)
{
	struct ev_case *c = opened(dir, EV_CASE_READ);
	struct ev_err err = { 0 };
	enum ev_rc rc;

	memset(to, 0, sizeof(*to));
	rc = ev_custody_verify(c, head, note, to, &err);
	ev_case_close(c);
	return rc;
}

/* What an insider does: the triggers are dropped, then put back. */
static void
meddle(const char *dir, const char *sql)
{
	static const char off[] = "DROP TRIGGER log_no_update;"
				  "DROP TRIGGER log_no_delete;"
				  "DROP TRIGGER head_no_update;"
				  "DROP TRIGGER head_no_delete;";
	char path[128];
	sqlite3 *h = NULL;
	sqlite3_stmt *st = NULL;
	char *sqls[8] = { 0 };
	int n = 0, i;

	(void)snprintf(path, sizeof(path), "%s/case.db", dir);
	assert_int_equal(sqlite3_open(path, &h), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(h,
			     "SELECT sql FROM sqlite_schema WHERE type = "
			     "'trigger' AND (name LIKE 'log_no_%' OR name LIKE"
			     " 'head_no_%')",
			     -1, &st, NULL),
	    SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW)
		sqls[n++] = strdup((const char *)sqlite3_column_text(st, 0));
	(void)sqlite3_finalize(st);
	assert_int_equal(n, 4);
	assert_int_equal(sqlite3_exec(h, off, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(h, sql, NULL, NULL, NULL), SQLITE_OK);
	for (i = 0; i < n; i++) {
		assert_int_equal(sqlite3_exec(h, sqls[i], NULL, NULL, NULL),
		    SQLITE_OK);
		free(sqls[i]);
	}
	(void)sqlite3_close(h);
}

static void
a_whole_log_passes_and_says_what_it_cannot_see(void **state)
{
	struct found f;

	append(*state, "one", true);
	append(*state, "two", true);
	assert_int_equal(verified(*state, NULL, &f), EV_OK);
	assert_int_equal(f.failed, 0);
	assert_non_null(strstr(f.all, "4 entries and 3 heads"));
	assert_non_null(strstr(f.all, "cut tail"));
	append(*state, "three", false);
	assert_int_equal(verified(*state, NULL, &f), EV_OK);
	assert_non_null(strstr(f.all, "entries 5 to 5 are not covered"));
}

static void
an_entry_holds_who_what_why_and_with_what(void **state)
{
	struct ev_custody_entry e;
	struct ev_custody *log = NULL;
	struct ev_case *c;
	struct ev_err err;

	append(*state, "one", true);
	c = opened(*state, EV_CASE_READ);
	assert_int_equal(ev_custody_open(&log, c, &err), EV_OK);
	assert_int_equal(ev_custody_next(log, &e, &err), EV_OK);
	assert_string_equal(e.action, "open");
	assert_int_equal(ev_custody_next(log, &e, &err), EV_OK);
	assert_string_equal(e.action, "enrol");
	assert_int_equal(ev_custody_next(log, &e, &err), EV_OK);
	assert_int_equal(e.seq, 3);
	assert_string_equal(e.actor, "@a-example");
	assert_non_null(strstr(e.leaf, "\"purpose\":\"to test\""));
	assert_non_null(strstr(e.leaf, "\"place\":\"here\""));
	assert_non_null(strstr(e.leaf, "\"role\":\"examiner\""));
	assert_non_null(strstr(e.leaf, "\"subject\":[\"E000001\"]"));
	assert_non_null(strstr(e.leaf, "\"tool_sha256\":\""));
	assert_non_null(strstr(e.leaf, "\"clock\":{"));
	assert_int_equal(ev_custody_next(log, &e, &err), EV_EOF);
	ev_custody_close(log);
	ev_case_close(c);
}

static void
every_edit_of_the_log_is_found(void **state)
{
	static const char *const edits[] = {
		"UPDATE log SET leaf = replace(leaf, '\"one\"', '\"uno\"')",
		"UPDATE log SET leaf = replace(leaf, ',', ', ') WHERE seq = 3",
		"UPDATE log SET at = '2020-01-01T00:00:00.000Z' WHERE seq = 3",
		"UPDATE log SET actor = '@someone' WHERE seq = 4",
		"UPDATE log SET action = 'verify' WHERE seq = 3",
		"DELETE FROM log WHERE seq = 3",
		"DELETE FROM log WHERE seq = 1",
		"DELETE FROM log WHERE seq = 4",
		"UPDATE log SET seq = 100 WHERE seq = 3;"
		"UPDATE log SET seq = 3 WHERE seq = 4;"
		"UPDATE log SET seq = 4 WHERE seq = 100",
		"INSERT INTO log SELECT 5, at, action, actor, leaf FROM log"
		" WHERE seq = 4",
		"UPDATE head SET root = zeroblob(32) WHERE size = 3",
		"UPDATE head SET note = replace(note, '3', '4')"
		" WHERE size = 3",
		"DELETE FROM log WHERE seq > 2; DELETE FROM head WHERE"
		" size > 2; DELETE FROM log",
	};
	char *dir = *state;
	struct found f;
	size_t i;

	for (i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		append(dir, "one", true);
		append(dir, "two", true);
		assert_int_equal(verified(dir, NULL, &f), EV_OK);
		meddle(dir, edits[i]);
		if (verified(dir, NULL, &f) != EV_MISMATCH)
			fail_msg("not found: %s", edits[i]);
		assert_true(f.failed > 0);
		assert_int_equal(unmake(state), 0);
		assert_int_equal(make(state), 0);
		dir = *state;
	}
}

static void
a_cut_tail_is_found_with_a_head_kept_elsewhere(void **state)
{
	struct ev_case *c;
	struct ev_buf head;
	struct ev_err err;
	struct found f;
	char path[128];
	int64_t size;

	append(*state, "one", true);
	append(*state, "two", true);
	ev_buf_init(&head, 16384);
	c = opened(*state, EV_CASE_READ);
	assert_int_equal(ev_custody_head(c, &head, &size, &err), EV_OK);
	ev_case_close(c);
	assert_int_equal(size, 4);
	assert_int_equal(verified(*state, &head, &f), EV_OK);
	assert_non_null(strstr(f.all, "extends the head of 4 entries"));

	meddle(*state, "DELETE FROM log WHERE seq = 4;"
		       "DELETE FROM head WHERE size = 4");
	(void)snprintf(path, sizeof(path), "%s/heads/000004.note",
	    (char *)*state);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(verified(*state, NULL, &f), EV_OK);
	assert_int_equal(verified(*state, &head, &f), EV_MISMATCH);
	assert_non_null(strstr(f.first, "tail was cut"));
	ev_buf_release(&head);
}

static void
a_log_rewritten_with_the_key_is_found_with_a_head(void **state)
{
	struct ev_case *c;
	struct ev_buf head;
	struct ev_err err;
	struct found f;
	char path[128];
	int64_t size;

	append(*state, "one", true);
	ev_buf_init(&head, 16384);
	c = opened(*state, EV_CASE_READ);
	assert_int_equal(ev_custody_head(c, &head, &size, &err), EV_OK);
	ev_case_close(c);
	meddle(*state, "DELETE FROM log WHERE seq = 3;"
		       "DELETE FROM head WHERE size = 3");
	(void)snprintf(path, sizeof(path), "%s/heads/000003.note",
	    (char *)*state);
	assert_int_equal(unlink(path), 0);
	append(*state, "another", true);
	assert_int_equal(verified(*state, NULL, &f), EV_OK);
	assert_int_equal(verified(*state, &head, &f), EV_MISMATCH);
	assert_non_null(strstr(f.first, "was rewritten"));
	ev_buf_release(&head);
}

static void
a_head_that_a_kill_left_outside_is_taken_up(void **state)
{
	struct found f;

	append(*state, "one", true);
	meddle(*state, "DELETE FROM head WHERE size = 3");
	append(*state, "two", true);
	assert_int_equal(verified(*state, NULL, &f), EV_OK);
	assert_non_null(strstr(f.all, "4 entries and 3 heads"));
}

static void
an_older_database_put_back_is_refused_for_writing(void **state)
{
	struct ev_case *c = NULL;
	struct ev_err err = { 0 };

	append(*state, "one", true);
	meddle(*state, "DELETE FROM log WHERE seq = 3;"
		       "DELETE FROM head WHERE size = 3");
	assert_int_equal(ev_case_open(&c, *state, EV_CASE_WRITE, &act, &err),
	    EV_INPUT);
	assert_non_null(strstr(err.msg, "older database was put back"));
}

static void
a_second_writer_is_told_who_holds_the_case(void **state)
{
	struct ev_case *a = opened(*state, EV_CASE_WRITE), *b = NULL;
	struct ev_err err = { 0 };

	assert_int_equal(ev_case_open(&b, *state, EV_CASE_WRITE, &act, &err),
	    EV_USE);
	assert_non_null(strstr(err.msg, "custody_test, process "));
	b = opened(*state, EV_CASE_READ);
	ev_case_close(b);
	ev_case_close(a);
	a = opened(*state, EV_CASE_WRITE);
	ev_case_close(a);
}

static void
lists_of_one_case_do_not_share_their_salts(void **state)
{
	struct ev_case *c = opened(*state, EV_CASE_READ);
	unsigned char a[EV_SHA256], b[EV_SHA256], again[EV_SHA256];
	static const char *const names[] = { "facts 1", "facts 2", "facts 1" };
	unsigned char *const roots[] = { a, b, again };
	struct ev_list list;
	struct ev_err err;
	size_t i;

	for (i = 0; i < 3; i++) {
		assert_int_equal(ev_list_init(&list, c, names[i], &err), EV_OK);
		assert_int_equal(ev_list_add(&list, "x", 1, &err), EV_OK);
		assert_int_equal(ev_list_root(&list, roots[i], &err), EV_OK);
		ev_list_release(&list);
	}
	assert_memory_not_equal(a, b, sizeof(a));
	assert_memory_equal(a, again, sizeof(a));
	ev_case_close(c);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_whole_log_passes_and_says_what_it_cannot_see),
		TEST(an_entry_holds_who_what_why_and_with_what),
		TEST(every_edit_of_the_log_is_found),
		TEST(a_cut_tail_is_found_with_a_head_kept_elsewhere),
		TEST(a_log_rewritten_with_the_key_is_found_with_a_head),
		TEST(a_head_that_a_kill_left_outside_is_taken_up),
		TEST(an_older_database_put_back_is_refused_for_writing),
		TEST(a_second_writer_is_told_who_holds_the_case),
		TEST(lists_of_one_case_do_not_share_their_salts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
