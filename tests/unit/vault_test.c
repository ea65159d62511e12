/* store/vault: bytes kept once, named late, and found again. */
#define _GNU_SOURCE
#include <errno.h>
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

#include "base/fs.h"
#include "store/vault.h"

static struct ev_err err;

#define OK(call)                                            \
	do {                                                \
		if ((call) != EV_OK)                        \
			fail_msg("%s: %s", #call, err.msg); \
	} while (0)

struct room {
	char path[64];
	int dir;
	struct ev_db *db;
	struct ev_vault *v;
};

static const char sql_log[] =
    "INSERT INTO log(seq, at, action, actor, leaf) VALUES"
    "(1, '2025-07-24T00:00:00Z', 'receive', '@a', '{}')";
static const char sql_acquisition[] =
    "INSERT INTO acquisition(id, source, form, received_from, quarantine,"
    " receive) VALUES(1, x'61', 'file', '', '', 1)";

static int
setup(void **state)
{
	struct room *r = calloc(1, sizeof(*r));
	char command[128];

	assert_non_null(r);
	(void)snprintf(r->path, sizeof(r->path), "vault.XXXXXX");
	assert_non_null(mkdtemp(r->path));
	OK(ev_fs_dir(&r->dir, r->path, &err));
	(void)snprintf(command, sizeof(command), "%s.db", r->path);
	OK(ev_db_open(&r->db, command, EV_DB_CREATE, &err));
	OK(ev_db_run(r->db, &err, sql_log, ""));
	OK(ev_db_run(r->db, &err, sql_acquisition, ""));
	OK(ev_vault_open(&r->v, r->db, r->dir, &err));
	OK(ev_db_begin(r->db, &err));
	*state = r;
	return 0;
}

static int
teardown(void **state)
{
	struct room *r = *state;
	char command[256];

	ev_vault_free(r->v);
	ev_db_close(r->db);
	(void)close(r->dir);
	(void)snprintf(command, sizeof(command), "rm -rf %s %s.db*", r->path,
	    r->path);
	assert_int_equal(system(command), 0);
	free(r);
	return 0;
}

static void
digest(struct ev_digests *d, const void *data, size_t len)
{
	struct ev_digest digest;

	OK(ev_digest_init(&digest, EV_VAULT_WANT, &err));
	OK(ev_digest_update(&digest, data, len, &err));
	OK(ev_digest_final(&digest, d, &err));
	ev_digest_release(&digest);
}

static int64_t
add(struct room *r, const void *data, size_t len)
{
	const struct ev_vault_row row = { 1, "a/name", 6, NULL, "" };
	struct ev_digests d;
	int64_t id;

	digest(&d, data, len);
	OK(ev_vault_add(r->v, &row, data, &d, &id, &err));
	return id;
}

static void
commit(struct room *r)
{
	OK(ev_vault_sync(r->v, &err));
	OK(ev_db_commit(r->db, &err));
	OK(ev_db_begin(r->db, &err));
}

struct heard {
	int bad, good;
	char text[2000];
};

static void
hear(void *ctx, const struct ev_vault_finding *f)
{
	struct heard *h = ctx;
	const size_t len = strlen(h->text);

	if (f->bad)
		h->bad++;
	else
		h->good++;
	(void)snprintf(h->text + len, sizeof(h->text) - len, "%s\n", f->what);
}

static struct heard
check(struct room *r, bool quick)
{
	struct heard h;
	enum ev_rc rc;

	memset(&h, 0, sizeof(h));
	rc = ev_vault_check(r->db, r->dir, quick, hear, &h, &err);
	assert_int_equal(rc, h.bad > 0 ? EV_MISMATCH : EV_OK);
	return h;
}

static void
holds(struct room *r, int64_t id, const void *data, size_t len)
{
	struct ev_vault_span span;
	unsigned char *got = malloc(len + 1);

	assert_non_null(got);
	OK(ev_vault_find(r->db, r->dir, id, &span, &err));
	assert_int_equal(span.size, len);
	OK(ev_fs_pread(span.fd, got, len, span.offset, &err));
	assert_memory_equal(got, data, len);
	(void)close(span.fd);
	free(got);
}

/* Change one byte of a file of the vault, or add one behind its end. */
static void
poke(struct room *r, const char *name, off_t at)
{
	unsigned char byte = 0;
	int fd;

	OK(fchmodat(r->dir, name, 0600, 0) == 0 ? EV_OK : EV_SYS);
	fd = openat(r->dir, name, O_RDWR);
	assert_true(fd >= 0);
	assert_true(pread(fd, &byte, 1, at) >= 0);
	byte ^= 1;
	assert_int_equal(pwrite(fd, &byte, 1, at), 1);
	(void)close(fd);
}

static void
exhibits_are_found_again_byte_for_byte(void **state)
{
	struct room *r = *state;
	struct ev_vault_span span;
	int64_t a, b, c;

	a = add(r, "one", 3);
	b = add(r, "", 0);
	c = add(r, "three\0bytes", 11);
	commit(r);
	holds(r, a, "one", 3);
	holds(r, b, "", 0);
	holds(r, c, "three\0bytes", 11);
	assert_int_equal(check(r, false).bad + check(r, false).good, 0);
	assert_int_equal(ev_vault_find(r->db, r->dir, 9, &span, &err),
	    EV_INPUT);
}

static void
equal_bytes_are_stored_once(void **state)
{
	struct room *r = *state;
	int64_t a, b, n;

	a = add(r, "equal", 5);
	b = add(r, "equal", 5);
	assert_int_not_equal(a, b);
	commit(r);
	holds(r, b, "equal", 5);
	OK(ev_db_int(r->db, &n, &err, "SELECT entries FROM segment", ""));
	assert_int_equal(n, 1);
	assert_int_equal(check(r, false).bad, 0);
}

static void
a_closed_segment_is_a_zip_for_everyone(void **state)
{
	struct room *r = *state;
	char command[256];
	struct stat st;

	(void)add(r, "first", 5);
	(void)add(r, "second", 6);
	OK(ev_vault_seal(r->v, &err));
	OK(ev_db_commit(r->db, &err));
	OK(ev_db_begin(r->db, &err));
	assert_int_equal(fstatat(r->dir, "P0001.zip", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0444);
	(void)snprintf(command, sizeof(command),
	    "unzip -tq %s/P0001.zip >/dev/null &&"
	    " test \"$(unzip -p %s/P0001.zip E000002)\" = second",
	    r->path, r->path);
	if (system("command -v unzip >/dev/null") == 0)
		assert_int_equal(system(command), 0);
	assert_int_equal(check(r, false).bad + check(r, false).good, 0);
	/* What comes later goes to a segment of its own. */
	(void)add(r, "third", 5);
	commit(r);
	assert_int_equal(fstatat(r->dir, "P0002.zip", &st, 0), 0);
	assert_int_equal(check(r, false).bad, 0);
}

static void
every_changed_byte_is_found(void **state)
{
	struct room *r = *state;
	struct heard h;
	struct stat st;
	off_t at;

	(void)add(r, "first", 5);
	(void)add(r, "second", 6);
	OK(ev_vault_seal(r->v, &err));
	OK(ev_db_commit(r->db, &err));
	OK(ev_db_begin(r->db, &err));
	assert_int_equal(fstatat(r->dir, "P0001.zip", &st, 0), 0);
	for (at = 0; at <= st.st_size; at++) {
		poke(r, "P0001.zip", at);
		h = check(r, false);
		if (h.bad == 0)
			fail_msg("byte %jd was changed unseen", (intmax_t)at);
		if (at == st.st_size)
			break;
		poke(r, "P0001.zip", at);
	}
}

static void
what_a_killed_run_left_is_unnamed_and_replaced(void **state)
{
	struct room *r = *state;
	struct heard h;
	int64_t a;

	a = add(r, "kept", 4);
	commit(r);
	(void)add(r, "lost in the crash", 17);
	OK(ev_vault_sync(r->v, &err));
	ev_db_rollback(r->db);
	ev_vault_free(r->v);
	r->v = NULL;
	h = check(r, false);
	assert_int_equal(h.bad, 0);
	assert_int_equal(h.good, 1);
	assert_non_null(strstr(h.text, "vault/P0001.zip: 54 unnamed bytes"));

	OK(ev_vault_open(&r->v, r->db, r->dir, &err));
	OK(ev_db_begin(r->db, &err));
	assert_int_equal(add(r, "new", 3), a + 1);
	commit(r);
	holds(r, a, "kept", 4);
	holds(r, a + 1, "new", 3);
	assert_int_equal(check(r, false).bad + check(r, false).good, 0);
}

/* Killed after the directory of a segment was written, before the commit. */
static void
a_segment_closed_by_a_killed_run_is_opened_again(void **state)
{
	struct room *r = *state;
	int64_t a;

	a = add(r, "kept", 4);
	commit(r);
	(void)add(r, "lost", 4);
	OK(ev_vault_seal(r->v, &err));
	ev_db_rollback(r->db);
	ev_vault_free(r->v);
	OK(ev_vault_open(&r->v, r->db, r->dir, &err));
	OK(ev_db_begin(r->db, &err));
	(void)add(r, "again", 5);
	OK(ev_vault_seal(r->v, &err));
	OK(ev_db_commit(r->db, &err));
	OK(ev_db_begin(r->db, &err));
	holds(r, a, "kept", 4);
	assert_int_equal(check(r, false).bad + check(r, false).good, 0);
}

struct feed {
	int64_t left;
	unsigned char next;
};

static enum ev_rc
feed(void *ctx, unsigned char *data, size_t cap, size_t *got, struct ev_err *e)
{
	struct feed *f = ctx;
	size_t n;

	(void)e;
	*got = 0;
	if (f->left == 0)
		return EV_EOF;
	/* Odd pieces, as a pipe gives them. */
	n = cap < 65521 ? cap : 65521;
	if ((int64_t)n > f->left)
		n = (size_t)f->left;
	for (*got = 0; *got < n; (*got)++)
		data[*got] = f->next++;
	f->left -= (int64_t)n;
	return EV_OK;
}

static struct ev_digests
spool(struct room *r, int64_t size)
{
	struct feed f = { size, 7 };
	const struct ev_stream in = { &f, feed, NULL };
	const struct ev_vault_spool what = { &in,
		EV_VAULT_WANT | EV_D_MD5 | EV_D_SHA1, NULL, NULL };
	struct ev_digests d;

	OK(ev_vault_spool(r->v, &what, &d, &err));
	return d;
}

static void
a_large_exhibit_is_a_file_of_its_own(void **state)
{
	struct room *r = *state;
	const struct ev_vault_row row = { 1, "big", 3, NULL, "" };
	const int64_t size = (9 << 20) + 3;
	struct ev_digests d, want;
	unsigned char *data = malloc((size_t)size);
	struct stat st;
	int64_t id, i;

	assert_non_null(data);
	for (i = 0; i < size; i++)
		data[i] = (unsigned char)(7 + i);
	digest(&want, data, (size_t)size);
	d = spool(r, size);
	assert_memory_equal(d.sha256, want.sha256, EV_SHA256);
	assert_memory_equal(d.sha512, want.sha512, EV_SHA512);
	assert_int_equal(d.crc32, want.crc32);
	assert_int_equal(d.have, EV_D_ALL);
	OK(ev_vault_keep(r->v, &row, &d, &id, &err));
	commit(r);
	holds(r, id, data, (size_t)size);
	assert_int_equal(fstatat(r->dir, "E000001", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0444);
	assert_int_equal(check(r, false).bad + check(r, false).good, 0);
	/* The same again is a row and no file. */
	d = spool(r, size);
	OK(ev_vault_keep(r->v, &row, &d, &id, &err));
	assert_int_equal(fstatat(r->dir, "E000002", &st, 0), -1);
	holds(r, id, data, (size_t)size);
	poke(r, "E000001", 8 << 20);
	assert_int_equal(check(r, false).bad, 1);
	assert_int_equal(check(r, true).bad, 0);
	free(data);
}

static void
a_spool_that_is_dropped_leaves_nothing(void **state)
{
	struct room *r = *state;
	const struct ev_vault_row row = { 1, "big", 3, NULL, "" };
	struct ev_digests d;
	int64_t id;

	d = spool(r, 100);
	ev_vault_drop(r->v);
	assert_int_equal(ev_vault_keep(r->v, &row, &d, &id, &err), EV_USE);
	assert_int_equal(check(r, false).good, 0);
}

static void
a_file_that_no_row_names_is_told_and_replaced(void **state)
{
	struct room *r = *state;
	const struct ev_vault_row row = { 1, "big", 3, NULL, "" };
	struct ev_digests d;
	struct heard h;
	int64_t id;

	d = spool(r, 5000);
	OK(ev_vault_keep(r->v, &row, &d, &id, &err));
	ev_db_rollback(r->db);
	OK(ev_fs_put(r->dir, "foreign\x1b", "x", 1, 0600, false, &err));
	h = check(r, false);
	assert_int_equal(h.bad, 0);
	assert_int_equal(h.good, 2);
	assert_non_null(strstr(h.text, "vault/E000001: an unnamed file\n"));
	assert_non_null(strstr(h.text, "vault/foreign\\u{001B}: an unnamed"));
	ev_vault_free(r->v);
	OK(ev_vault_open(&r->v, r->db, r->dir, &err));
	OK(ev_db_begin(r->db, &err));
	h = check(r, false);
	assert_int_equal(h.good, 1);
	d = spool(r, 6000);
	OK(ev_vault_keep(r->v, &row, &d, &id, &err));
	commit(r);
	assert_int_equal(id, 1);
	assert_int_equal(check(r, false).bad, 0);
}

static int
cut(struct room *r, off_t size)
{
	const int fd = openat(r->dir, "P0001.zip", O_RDWR);
	const int rc = ftruncate(fd, size);

	(void)close(fd);
	return rc;
}

static void
what_is_missing_or_cut_is_bad(void **state)
{
	struct room *r = *state;
	struct ev_vault_span span;
	int64_t id;

	id = add(r, "something", 9);
	commit(r);
	assert_int_equal(cut(r, 20), 0);
	assert_true(check(r, true).bad > 0);
	assert_int_equal(ev_vault_find(r->db, r->dir, id, &span, &err),
	    EV_INPUT);
	assert_int_equal(unlinkat(r->dir, "P0001.zip", 0), 0);
	assert_int_equal(check(r, true).bad, 1);
}

static void
paranoid_reads_back_and_agrees(void **state)
{
	struct room *r = *state;
	int64_t id;

	ev_vault_paranoid(r->v, true);
	id = add(r, "twice", 5);
	commit(r);
	holds(r, id, "twice", 5);
}

static void
paranoid_refuses_what_the_disc_changed(void **state)
{
	struct room *r = *state;

	ev_vault_paranoid(r->v, true);
	(void)add(r, "twice", 5);
	poke(r, "P0001.zip", 38);
	assert_int_equal(ev_vault_sync(r->v, &err), EV_MISMATCH);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(exhibits_are_found_again_byte_for_byte),
		T(equal_bytes_are_stored_once),
		T(a_closed_segment_is_a_zip_for_everyone),
		T(every_changed_byte_is_found),
		T(what_a_killed_run_left_is_unnamed_and_replaced),
		T(a_segment_closed_by_a_killed_run_is_opened_again),
		T(a_large_exhibit_is_a_file_of_its_own),
		T(a_spool_that_is_dropped_leaves_nothing),
		T(a_file_that_no_row_names_is_told_and_replaced),
		T(what_is_missing_or_cut_is_bad),
		T(paranoid_reads_back_and_agrees),
		T(paranoid_refuses_what_the_disc_changed),
	};

	return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}
