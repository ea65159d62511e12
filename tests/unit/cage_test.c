/* out/verify_cage: what is heard of a caged process, and what it cannot say. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "out/verify_cage.h"

/* Sanitizers leave the cage out (base/sandbox.h): nothing would be read. */
#ifdef EV_SANITIZED
#define NEEDS_CAGE   \
	(void)state; \
	skip()
#else
#define NEEDS_CAGE (void)state
#endif

/* What a child says, byte for byte as verify_cage.c has it; and where. */
enum { FINDING = 1, END = 2, SOURCE = 3, SAY = 4, TIME = 3, CLAIMS = 6 };
struct says {
	uint32_t kind, state, group;
	uint32_t rc, failed, untrusted;
	int32_t errnum;
	uint32_t len;
	struct ev_verify_volume volume;
};

static struct verify v;
static struct ev_err err;
static char heard[4096];

static void
on_finding(void *ctx, const struct ev_verify_finding *f)
{
	const size_t len = strlen(heard);

	assert_ptr_equal(ctx, heard);
	(void)snprintf(heard + len, sizeof(heard) - len, "%s %d %s\n", f->group,
	    (int)f->state, f->what);
}

static const char bytes[] = "the bundle";

static int
source(void)
{
	char name[] = "/tmp/cage.XXXXXX";
	const int fd = mkstemp(name);

	assert_true(fd >= 0);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(write(fd, bytes, sizeof(bytes)), sizeof(bytes));
	return fd;
}

static enum ev_rc caged(enum ev_rc (*checks)(struct verify *, struct ev_err *))
{
	static const struct ev_verify how = { .path = "x" };
	enum ev_rc rc;

	memset(&v, 0, sizeof(v));
	memset(&err, 0, sizeof(err));
	heard[0] = '\0';
	v.how = &how;
	v.found = on_finding;
	v.ctx = heard;
	v.fd = source();
	v.source.size = sizeof(bytes);
	rc = verify_caged(&v, checks, &err);
	(void)close(v.fd);
	return rc;
}

/* Checks, as they run in the child. */

static enum ev_rc
all_is_well(struct verify *w, struct ev_err *e)
{
	(void)e;
	verify_say(w, "container", EV_VERIFY_OK, "a");
	verify_say(w, "claims", EV_VERIFY_UNCHECKED, "b");
	verify_say(w, "report", EV_VERIFY_NOTE, "c");
	w->volume.number = 2;
	w->volume.of = 3;
	w->volume.set[31] = 7;
	return EV_OK;
}

static enum ev_rc
not_trusted(struct verify *w, struct ev_err *e)
{
	(void)e;
	w->untrusted = true;
	return EV_OK;
}

static enum ev_rc
one_fails(struct verify *w, struct ev_err *e)
{
	(void)e;
	verify_say(w, "log", EV_VERIFY_FAILED, "no");
	return EV_OK;
}

static enum ev_rc
cannot_read(struct verify *w, struct ev_err *e)
{
	(void)w;
	errno = EIO;
	return ev_fail_sys(e, "cannot read it");
}

/* Its descriptors are those it was given, and lead nowhere else. */
static enum ev_rc
looks_around(struct verify *w, struct ev_err *e)
{
	char got[sizeof(bytes)];
	int fd;

	if (w->fd != SOURCE || w->hasher.to < 0 || w->broker == NULL)
		return ev_fail(e, EV_USE, "not what it was given");
	if (pread(SOURCE, got, sizeof(got), 0) != sizeof(got) ||
	    memcmp(got, bytes, sizeof(got)) != 0)
		return ev_fail(e, EV_USE, "not the bytes of the bundle");
	if (read(0, got, 1) != 0 || write(1, got, 1) != 1 ||
	    write(2, got, 1) != 1)
		return ev_fail(e, EV_USE, "not nowhere");
	for (fd = 8; fd < 40; fd++) {
		if (read(fd, got, 0) == 0)
			return ev_fail(e, EV_USE, "descriptor %d is open", fd);
	}
	verify_say(w, "time", EV_VERIFY_OK, "looked around");
	return EV_OK;
}

static void
what_the_child_finds_is_passed_on(void **state)
{
	NEEDS_CAGE;
	assert_int_equal(caged(all_is_well), EV_OK);
	assert_string_equal(heard, "container 0 a\nclaims 2 b\nreport 3 c\n");
	assert_false(v.failed);
	assert_false(v.untrusted);
	assert_int_equal(v.volume.number, 2);
	assert_int_equal(v.volume.of, 3);
	assert_int_equal(v.volume.set[31], 7);
	assert_int_equal(caged(not_trusted), EV_OK);
	assert_string_equal(heard, "");
	assert_false(v.failed);
	assert_true(v.untrusted);
	assert_int_equal(caged(one_fails), EV_OK);
	assert_string_equal(heard, "log 1 no\n");
	assert_true(v.failed);
	assert_int_equal(caged(cannot_read), EV_SYS);
	assert_int_equal(err.rc, EV_SYS);
	assert_int_equal(err.errnum, EIO);
	assert_non_null(strstr(err.msg, "cannot read it"));
	assert_string_equal(heard, "");
}

static void
the_child_has_what_it_was_given_and_nothing_else(void **state)
{
	int kept, fd;

	NEEDS_CAGE;
	assert_int_equal(caged(looks_around), EV_OK);
	assert_string_equal(heard, "time 0 looked around\n");
	/* The bundle may stand where standard input was not. */
	kept = fcntl(0, F_DUPFD_CLOEXEC, 20);
	(void)close(0);
	assert_int_equal(caged(looks_around), EV_OK);
	assert_string_equal(heard, "time 0 looked around\n");
	if (kept >= 0) {
		fd = dup2(kept, 0);
		(void)close(kept);
		assert_int_equal(fd, 0);
	}
}

/* A child that was taken over says what it likes. */
static struct says lie[3];
static const char *lie_text[3];
static size_t lies;

static enum ev_rc
lies_now(struct verify *w, struct ev_err *e)
{
	size_t i;

	(void)w;
	(void)e;
	for (i = 0; i < lies; i++) {
		if (write(SAY, &lie[i], sizeof(lie[i])) != sizeof(lie[i]) ||
		    write(SAY, lie_text[i], lie[i].len) != (ssize_t)lie[i].len)
			_exit(9);
	}
	_exit(0);
}

static void
say_that(uint32_t kind, uint32_t state, uint32_t group, uint32_t len,
    const char *text)
{
	lie[lies] = (struct says){ .kind = kind,
		.state = state,
		.group = group,
		.len = len };
	lie_text[lies++] = text;
}

static const char over[] =
    "the process that reads the bundle was taken over: it said what it cannot "
    "say, and was ended\n";

static void
assert_found_out(const char *group)
{
	char want[256];

	assert_int_equal(caged(lies_now), EV_OK);
	(void)snprintf(want, sizeof(want), "%s 1 %s", group, over);
	assert_non_null(strstr(heard, want));
	assert_true(v.failed);
	lies = 0;
}

static void
what_the_child_cannot_say_is_not_believed(void **state)
{
	static const char cut[] = { 'a', (char)0xc3 };
	static const char nul[] = { 'a', 0, 'b' };
	static char longest[(64 << 10) + 2];

	NEEDS_CAGE;
	/* What it can say, said in that way. */
	say_that(FINDING, EV_VERIFY_OK, TIME, 2, "ok");
	say_that(END, 0, 0, 0, "");
	assert_int_equal(caged(lies_now), EV_OK);
	assert_string_equal(heard, "time 0 ok\n");
	assert_false(v.failed);
	lies = 0;
	memset(longest, 'a', sizeof(longest) - 1);
	say_that(FINDING, EV_VERIFY_OK, TIME, 64 << 10, longest);
	say_that(END, 0, 0, 0, "");
	assert_int_equal(caged(lies_now), EV_OK);
	assert_false(v.failed);
	lies = 0;
	say_that(FINDING, EV_VERIFY_OK, TIME, (64 << 10) + 1, longest);
	assert_found_out("container");
	say_that(0, EV_VERIFY_OK, TIME, 0, "");
	assert_found_out("container");
	say_that(3, EV_VERIFY_OK, TIME, 0, "");
	assert_found_out("container");
	say_that(FINDING, EV_VERIFY_NOTE + 1, TIME, 0, "");
	assert_found_out("container");
	say_that(FINDING, EV_VERIFY_OK, 8, 0, "");
	assert_found_out("container");
	say_that(FINDING, EV_VERIFY_OK, TIME, sizeof(cut), cut);
	assert_found_out("container");
	say_that(FINDING, EV_VERIFY_OK, TIME, sizeof(nul), nul);
	assert_found_out("container");
	/* The group is that of the last line that was believed. */
	say_that(FINDING, EV_VERIFY_OK, CLAIMS, 0, "");
	say_that(END, 0, 0, 0, "");
	lie[1].rc = EV_CRYPTO + 1;
	assert_found_out("claims");
	say_that(END, 0, 0, 0, "");
	say_that(FINDING, EV_VERIFY_OK, CLAIMS, 0, "");
	assert_found_out("container");
	say_that(END, 0, 0, 0, "");
	say_that(END, 0, 0, 0, "");
	assert_found_out("container");
}

static void
a_failure_that_was_said_cannot_be_taken_back(void **state)
{
	NEEDS_CAGE;
	say_that(FINDING, EV_VERIFY_FAILED, TIME, 2, "no");
	say_that(END, 0, 0, 0, "");
	assert_int_equal(caged(lies_now), EV_OK);
	assert_true(v.failed);
	lies = 0;
	say_that(END, 0, 0, 0, "");
	lie[0].failed = 1;
	assert_int_equal(caged(lies_now), EV_OK);
	assert_true(v.failed);
	lies = 0;
	say_that(END, 0, 0, 2, "so");
	lie[0].rc = EV_LIMIT;
	assert_int_equal(caged(lies_now), EV_LIMIT);
	assert_string_equal(err.msg, "so");
	lies = 0;
}

static enum ev_rc
ends_itself(struct verify *w, struct ev_err *e)
{
	(void)e;
	verify_say(w, "facts", EV_VERIFY_OK, "so far");
	_exit(7);
}

static enum ev_rc
crashes(struct verify *w, struct ev_err *e)
{
	(void)e;
	verify_say(w, "facts", EV_VERIFY_OK, "so far");
	__builtin_trap();
}

static void
a_child_that_ends_early_is_the_bundles_doing(void **state)
{
	NEEDS_CAGE;
	assert_int_equal(caged(ends_itself), EV_OK);
	assert_true(v.failed);
	assert_string_equal(heard,
	    "facts 0 so far\nfacts 1 the process that reads the bundle ended "
	    "early, with status 7; what comes behind the last line was not "
	    "checked\n");
}

static void
a_child_that_crashes_is_the_bundles_doing(void **state)
{
	void (*before)(int);

	NEEDS_CAGE;
	/* Valgrind takes a crash for a fault. */
	if (getenv("EV_TEST_UNCAGED") != NULL)
		skip();
	/* cmocka would have the child go on with the next test. */
	before = signal(SIGILL, SIG_DFL);
	assert_int_equal(caged(crashes), EV_OK);
	(void)signal(SIGILL, before);
	assert_true(v.failed);
	assert_string_equal(heard,
	    "facts 0 so far\nfacts 1 the process that reads the bundle was "
	    "ended by SIGILL; what comes behind the last line was not "
	    "checked\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_child_finds_is_passed_on),
		cmocka_unit_test(
		    the_child_has_what_it_was_given_and_nothing_else),
		cmocka_unit_test(what_the_child_cannot_say_is_not_believed),
		cmocka_unit_test(a_failure_that_was_said_cannot_be_taken_back),
		cmocka_unit_test(a_child_that_ends_early_is_the_bundles_doing),
		cmocka_unit_test(a_child_that_crashes_is_the_bundles_doing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
