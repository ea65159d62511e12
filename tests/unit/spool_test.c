/* ingest/spool and ingest/hasher: what waits comes back whole, in order. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "ingest/hasher.h"
#include "ingest/spool.h"

static struct ev_err err;

/* Record n: its type, numbers and data are all made from n. */
static void
put(struct ev_spool *s, int64_t n, size_t len)
{
	const struct ev_spool_record r = { (int)(n % 7), n, n + 1, n + 2, NULL,
		0 };
	size_t i;

	assert_int_equal(ev_spool_begin(s, &r, &err), EV_OK);
	for (i = 0; i < len; i++)
		assert_int_equal(ev_buf_putc(&s->buf, (char)(n + (int64_t)i),
				     &err),
		    EV_OK);
	assert_int_equal(ev_spool_end(s, &err), EV_OK);
}

static void
is_next(struct ev_spool *s, int64_t n, size_t len)
{
	struct ev_spool_record r;
	size_t i;

	assert_int_equal(ev_spool_next(s, &r, &err), EV_OK);
	assert_int_equal(r.type, n % 7);
	assert_int_equal(r.ordinal, n);
	assert_int_equal(r.reading, n + 1);
	assert_int_equal(r.artifact, n + 2);
	assert_int_equal(r.len, len);
	for (i = 0; i < len; i++)
		assert_int_equal(r.data[i], (unsigned char)(n + (int64_t)i));
}

static void
records_come_back_in_order_from_memory_and_disc(void **state)
{
	const size_t sizes[] = { 0, 1, 100, 70000, 3000000, 5, 2000000, 0, 9 };
	const int64_t count = sizeof(sizes) / sizeof(sizes[0]);
	struct ev_spool_record r;
	struct ev_spool s;
	int64_t n;
	int round, dir;

	(void)state;
	dir = open(".", O_RDONLY | O_DIRECTORY);
	assert_true(dir >= 0);
	ev_spool_init(&s, dir);
	assert_true(ev_spool_empty(&s));
	for (round = 0; round < 2; round++) {
		for (n = 0; n < count; n++)
			put(&s, n, sizes[n]);
		assert_false(ev_spool_empty(&s));
		assert_true(s.written > 0);
		ev_spool_rewind(&s);
		for (n = 0; n < count; n++)
			is_next(&s, n, sizes[n]);
		assert_int_equal(ev_spool_next(&s, &r, &err), EV_EOF);
		ev_spool_clear(&s);
		assert_true(ev_spool_empty(&s));
		ev_spool_rewind(&s);
		assert_int_equal(ev_spool_next(&s, &r, &err), EV_EOF);
	}
	/* After a clear the memory alone is enough again. */
	put(&s, 3, 4);
	ev_spool_rewind(&s);
	is_next(&s, 3, 4);
	ev_spool_release(&s);
	(void)close(dir);
}

enum { JOBS = 1000 };

static void
every_job_is_hashed_as_alone(void **state)
{
	static struct ev_hash_job job[JOBS];
	static char text[JOBS][8];
	unsigned char want[EV_SHA256];
	struct ev_hasher *h = NULL;
	int n;

	(void)state;
	memset(job, 0, sizeof(job));
	assert_int_equal(ev_hasher_new(&h, EV_D_SHA256, &err), EV_OK);
	for (n = 0; n < JOBS; n++) {
		memset(text[n], n, sizeof(text[n]));
		job[n].data = text[n];
		job[n].len = (size_t)n % sizeof(text[n]);
		ev_hasher_give(h, &job[n]);
		/* Some are waited for at once, most much later. */
		if (n % 97 == 0)
			assert_int_equal(ev_hasher_wait(h, &job[n], &err),
			    EV_OK);
	}
	for (n = 0; n < JOBS; n++) {
		assert_int_equal(ev_hasher_wait(h, &job[n], &err), EV_OK);
		assert_true(ev_hasher_poll(h, &job[n]));
		assert_int_equal(ev_sha256(want, job[n].data, job[n].len, &err),
		    EV_OK);
		assert_memory_equal(job[n].digests.sha256, want, EV_SHA256);
		assert_int_equal(job[n].digests.size, job[n].len);
	}
	ev_hasher_free(h);
}

static void
a_hasher_ends_with_work_left_over(void **state)
{
	static struct ev_hash_job job[JOBS];
	struct ev_hasher *h = NULL;
	int n;

	(void)state;
	memset(job, 0, sizeof(job));
	assert_int_equal(ev_hasher_new(&h, EV_D_SHA256, &err), EV_OK);
	for (n = 0; n < JOBS; n++) {
		job[n].data = "x";
		job[n].len = 1;
		ev_hasher_give(h, &job[n]);
	}
	ev_hasher_free(h);
	for (n = 0; n < JOBS; n++)
		assert_true(job[n].done);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    records_come_back_in_order_from_memory_and_disc),
		cmocka_unit_test(every_job_is_hashed_as_alone),
		cmocka_unit_test(a_hasher_ends_with_work_left_over),
	};

	return cmocka_run_group_tests_name("spool", tests, NULL, NULL);
}
