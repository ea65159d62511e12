/* out/verify_hash: spans of a file hashed by a process beside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "out/verify_hash.h"

enum { SIZE = (5 << 19) + 7, MIB = 1 << 20 }; /* two chunks and a half */

static unsigned char *data;
static FILE *file;
static struct verify_hasher hasher;
static pid_t pid;
static struct ev_err err;

static int
set_up(void **state)
{
	int to[2], from[2];
	size_t n;

	(void)state;
	data = malloc(SIZE);
	file = tmpfile();
	assert_non_null(data);
	assert_non_null(file);
	for (n = 0; n < SIZE; n++)
		data[n] = (unsigned char)(n * 7 + n / 251);
	assert_int_equal(fwrite(data, 1, SIZE, file), SIZE);
	assert_int_equal(fflush(file), 0);
	assert_int_equal(pipe(to), 0);
	assert_int_equal(pipe(from), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(to[1]);
		(void)close(from[0]);
		verify_hash_serve(fileno(file), to[0], from[1]);
	}
	(void)close(to[0]);
	(void)close(from[1]);
	hasher.to = to[1];
	hasher.from = from[0];
	return 0;
}

/* Nobody asks any more: it ends. */
static int
tear_down(void **state)
{
	int status = -1;

	(void)state;
	(void)close(hasher.to);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	(void)close(hasher.from);
	(void)fclose(file);
	free(data);
	return 0;
}

static void
assert_span(int64_t offset, int64_t size)
{
	unsigned char have[EV_SHA512];
	struct ev_digests want;
	struct ev_digest digest;

	assert_int_equal(ev_digest_init(&digest, EV_D_SHA512, &err), EV_OK);
	assert_int_equal(ev_digest_update(&digest, data + offset, (size_t)size,
			     &err),
	    EV_OK);
	assert_int_equal(ev_digest_final(&digest, &want, &err), EV_OK);
	ev_digest_release(&digest);
	assert_int_equal(verify_hash_ask(&hasher, offset, size, &err), EV_OK);
	assert_int_equal(verify_hash_answer(&hasher, have, &err), EV_OK);
	assert_memory_equal(have, want.sha512, EV_SHA512);
}

static void
spans_of_each_length_are_hashed(void **state)
{
	(void)state;
	assert_span(0, SIZE);
	assert_span(1, SIZE - 1);
	assert_span(0, MIB);
	assert_span(3, MIB + 1);
	assert_span(5, MIB - 1);
	assert_span(100, 1);
	assert_span(SIZE, 0);
}

static void
what_cannot_be_read_is_told(void **state)
{
	unsigned char have[EV_SHA512];

	(void)state;
	assert_int_equal(verify_hash_ask(&hasher, SIZE - 1, 2, &err), EV_OK);
	memset(&err, 0, sizeof(err));
	assert_int_equal(verify_hash_answer(&hasher, have, &err), EV_SYS);
	assert_non_null(strstr(err.msg, "has ended"));
}

static void
an_answer_that_never_comes_is_told(void **state)
{
	unsigned char have[EV_SHA512];
	struct verify_hasher none;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	none.to = none.from = ends[0];
	assert_int_equal(write(ends[1], "short", 5), 5);
	(void)close(ends[1]);
	assert_int_equal(verify_hash_answer(&none, have, &err), EV_SYS);
	assert_int_equal(verify_hash_ask(&none, 0, 1, &err), EV_SYS);
	(void)close(ends[0]);
	assert_int_equal(verify_hash_answer(&none, have, &err), EV_SYS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(spans_of_each_length_are_hashed,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_cannot_be_read_is_told,
		    set_up, tear_down),
		cmocka_unit_test(an_answer_that_never_comes_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
