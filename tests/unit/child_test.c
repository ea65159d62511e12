/* ingest/child: fed, heard, buried; with a child that does as it is named. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "evidence/text.h"
#include "ingest/child.h"
#include "ingest/frame.h"
#include "ingest/tell.h"

/*
 * The child: this same program under the name that a child is started by.
 * Each exhibit is an archive of as many members as it has bytes; its name
 * says what happens at which member: "crash3", "lie2", "stall1", or "env".
 */
static bool
skipped(const struct ev_frame_exhibit *exhibit, int64_t ordinal)
{
	size_t i;

	for (i = 0; i < exhibit->skips; i++) {
		if (exhibit->skip[i] == ordinal)
			return true;
	}
	return false;
}

static void
misbehave(struct ev_tell *tell, const char *name, int64_t ordinal)
{
	struct ev_member_total total = { .outcome = EV_O_EMPTY,
		.fingerprint = "",
		.message = "" };
	char what[32];
	struct ev_err err;

	(void)snprintf(what, sizeof(what), "crash%jd", (intmax_t)ordinal);
	if (strcmp(name, what) == 0)
		abort();
	(void)snprintf(what, sizeof(what), "stall%jd", (intmax_t)ordinal);
	if (strcmp(name, what) == 0)
		(void)pause();
	(void)snprintf(what, sizeof(what), "spin%jd", (intmax_t)ordinal);
	while (strcmp(name, what) == 0)
		(void)ev_text_is_utf8(what, sizeof(what));
	(void)snprintf(what, sizeof(what), "quit%jd", (intmax_t)ordinal);
	if (strcmp(name, what) == 0) {
		(void)fprintf(stderr, "I \x1b[31m quit\n");
		_exit(7);
	}
	(void)snprintf(what, sizeof(what), "lie%jd", (intmax_t)ordinal);
	if (strcmp(name, what) == 0) {
		total.bytes.read = 5;
		if (ev_tell_total(tell, ordinal, &total, &err) != EV_OK ||
		    ev_tell_flush(tell, &err) != EV_OK)
			_exit(9);
		(void)pause();
	}
}

static enum ev_rc
tell_member(struct ev_tell *tell, const struct ev_frame_exhibit *exhibit,
    int64_t ordinal, struct ev_err *err)
{
	const struct ev_member member = { .ordinal = ordinal,
		.parent = ordinal == 0 ? -1 : 0,
		.index = ordinal,
		.path = "member",
		.path_len = 6,
		.declared_size = -1,
		.type = 'f' };
	struct ev_member_total total = { .outcome = EV_O_UNMAPPED,
		.bytes = { .ignored = 4 },
		.fingerprint = "",
		.message = "" };
	char name[32];
	enum ev_rc rc;

	(void)snprintf(name, sizeof(name), "%.*s", (int)exhibit->name_len,
	    (const char *)exhibit->name);
	rc = ev_tell_member(tell, &member, err);
	if (rc == EV_OK && skipped(exhibit, ordinal)) {
		total.outcome = EV_O_FAILED;
		total.bytes.ignored = 0;
		return ev_tell_total(tell, ordinal, &total, err);
	}
	misbehave(tell, name, ordinal);
	if (rc == EV_OK && ordinal > 0) {
		rc = ev_tell_data(tell, ordinal, "data", 4, err);
		if (rc == EV_OK)
			rc = ev_tell_total(tell, ordinal, &total, err);
	}
	return rc;
}

static enum ev_rc
serve(struct ev_tell *tell, const struct ev_frame_exhibit *exhibit,
    struct ev_err *err)
{
	struct ev_member_total total = { .outcome = EV_O_CONTAINER,
		.bytes = { .frame = exhibit->size },
		.fingerprint = "",
		.message = "" };
	enum ev_rc rc;
	int64_t i;

	tell->careful = exhibit->careful;
	rc = ev_tell_begin(tell, exhibit->tag, err);
	for (i = 0; i <= exhibit->size && rc == EV_OK; i++) {
		if (exhibit->stop != i)
			rc = tell_member(tell, exhibit, i, err);
	}
	if (rc == EV_OK)
		rc = ev_tell_total(tell, 0, &total, err);
	if (rc == EV_OK)
		rc = ev_tell_end(tell, exhibit->tag, err);
	return rc == EV_OK ? ev_tell_flush(tell, err) : rc;
}

static void
fake_hello(struct ev_tell *tell, const char *limits)
{
	struct ev_child_cage cage = { .landlock_abi = 1, .seccomp = true };
	struct ev_err err;

	if (strstr(limits, "limit-depth=7") != NULL)
		memset(&cage, 0, sizeof(cage));
	if (ev_tell_hello(tell, &cage, &err) != EV_OK)
		_exit(9);
}

static int
fake_child(void)
{
	struct ev_frame_exhibit exhibit = { .size = 0 };
	struct ev_frame_in in;
	struct ev_frame frame;
	struct ev_tell tell;
	unsigned char *room;
	struct ev_err err;
	enum ev_rc rc;
	size_t cap;
	ssize_t n;

	ev_frame_in_init(&in);
	ev_tell_init(&tell, STDOUT_FILENO);
	for (;;) {
		while ((rc = ev_frame_next(&in, &frame, &err)) == EV_OK) {
			if (frame.type == EV_F_SETUP)
				fake_hello(&tell,
				    memmem(frame.body, frame.len,
					"limit-depth=7", 13) != NULL
					? "limit-depth=7"
					: "");
			if (frame.type == EV_F_EXHIBIT)
				rc = ev_frame_get_exhibit(&exhibit, &frame,
				    &err);
			if (rc == EV_OK && (frame.type == EV_F_CONTENT ||
					       (frame.type == EV_F_EXHIBIT &&
						   exhibit.offset >= 0)))
				rc = serve(&tell, &exhibit, &err);
			if (rc != EV_OK)
				return 9;
		}
		if (rc != EV_EOF ||
		    ev_frame_room(&in, &room, &cap, &err) != EV_OK)
			return 9;
		n = read(STDIN_FILENO, room, cap);
		if (n <= 0)
			break;
		ev_frame_fed(&in, (size_t)n);
	}
	ev_frame_in_release(&in);
	ev_tell_release(&tell);
	return 0;
}

/* What was heard, as one line an exhibit: "tag:begin ... end". */
struct heard {
	char text[65536];
	size_t len;
	char message[512];
	char reason[64];
};

static void
say(struct heard *heard, const char *what, intmax_t n)
{
	int len =
	    snprintf(heard->text + heard->len, sizeof(heard->text) - heard->len,
		"%s%jd%s", what, n, strcmp(what, " ") == 0 ? "]" : "");

	assert_true(len > 0);
	heard->len += (size_t)len;
	assert_true(heard->len < sizeof(heard->text));
}

static enum ev_rc
on_begin(void *ctx, uint64_t tag, struct ev_err *err)
{
	(void)err;
	say(ctx, "[", (intmax_t)tag);
	return EV_OK;
}

static enum ev_rc
on_member(void *ctx, const struct ev_member *member, struct ev_err *err)
{
	(void)err;
	say(ctx, " m", member->ordinal);
	return EV_OK;
}

static enum ev_rc
on_data(void *ctx, int64_t ordinal, const void *data, size_t len,
    struct ev_err *err)
{
	(void)err;
	assert_memory_equal(data, "data", len);
	say(ctx, " d", ordinal);
	return EV_OK;
}

static enum ev_rc
on_ignored(void *ctx, int64_t ordinal, int64_t offset, int64_t length,
    struct ev_err *err)
{
	(void)ctx;
	(void)ordinal;
	(void)err;
	assert_true(offset >= 0 && length > 0);
	return EV_OK;
}

static enum ev_rc
on_set_aside(void *ctx, int64_t ordinal, const struct ev_set_aside *what,
    struct ev_err *err)
{
	struct heard *heard = ctx;

	(void)err;
	say(ctx, " s", ordinal);
	(void)snprintf(heard->reason, sizeof(heard->reason), "%s",
	    what->reason);
	(void)snprintf(heard->message, sizeof(heard->message), "%s",
	    what->message);
	return EV_OK;
}

static enum ev_rc
on_total(void *ctx, int64_t ordinal, const struct ev_member_total *total,
    struct ev_err *err)
{
	(void)err;
	say(ctx, total->outcome == EV_O_FAILED ? " F" : " t", ordinal);
	return EV_OK;
}

static enum ev_rc
on_end(void *ctx, uint64_t tag, struct ev_err *err)
{
	(void)err;
	say(ctx, " ", (intmax_t)tag);
	return EV_OK;
}

/* By its name: to valgrind /proc/self/exe is valgrind. */
static const char *
this_program(void)
{
	static char path[PATH_MAX];
	const ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	assert_true(len > 0);
	path[len] = '\0';
	return path;
}

static struct ev_child *
start(struct heard *heard, const char *limits, struct ev_err *err)
{
	struct ev_child_opts opts = { .parser = this_program(),
		.limits = limits };
	struct ev_child_events events = { .ctx = heard,
		.exhibit_begin = on_begin,
		.member = on_member,
		.data = on_data,
		.set_aside = on_set_aside,
		.ignored = on_ignored,
		.total = on_total,
		.exhibit_end = on_end };
	struct ev_child *child;

	memset(heard, 0, sizeof(*heard));
	if (ev_child_start(&child, &opts, &events, err) != EV_OK)
		return NULL;
	return child;
}

static void
give(struct ev_child *child, uint64_t tag, const char *name, int64_t members)
{
	const struct ev_child_exhibit exhibit = { .tag = tag,
		.name = name,
		.name_len = strlen(name),
		.data = "0123456789",
		.fd = -1,
		.size = members };
	struct ev_err err;

	assert_int_equal(ev_child_give(child, &exhibit, &err), EV_OK);
}

static void
exhibits_are_told_of_in_the_order_given(void **state)
{
	struct heard heard;
	struct ev_child *child;
	struct ev_err err;

	(void)state;
	child = start(&heard, "", &err);
	assert_non_null(child);
	give(child, 11, "one", 1);
	give(child, 12, "two", 2);
	assert_int_equal(ev_child_drain(child, &err), EV_OK);
	assert_string_equal(heard.text,
	    "[11 m0 m1 d1 t1 t0 11][12 m0 m1 d1 t1 m2 d2 t2 t0 12]");
	ev_child_free(child);
}

static void
more_than_a_batch_is_served_by_one_process_after_another(void **state)
{
	struct heard heard;
	struct ev_child *child;
	struct ev_err err;
	int i;

	(void)state;
	child = start(&heard, "", &err);
	assert_non_null(child);
	for (i = 0; i < 600; i++)
		give(child, (uint64_t)i, "none", 0);
	give(child, 600, "one", 1);
	assert_int_equal(ev_child_drain(child, &err), EV_OK);
	assert_non_null(strstr(heard.text, "[600 m0 m1 d1 t1 t0 600]"));
	ev_child_free(child);
}

/* The third of five members kills its reader: four are read. */
static void
a_member_that_kills_its_reader_fails_and_the_rest_is_read(void **state)
{
	struct heard heard;
	struct ev_child *child;
	struct ev_err err;

	(void)state;
	child = start(&heard, "", &err);
	assert_non_null(child);
	give(child, 1, "one", 1);
	give(child, 2, "crash3", 5);
	give(child, 3, "one", 1);
	assert_int_equal(ev_child_drain(child, &err), EV_OK);
	assert_string_equal(heard.text,
	    "[1 m0 m1 d1 t1 t0 1]"
	    "[2 m0 m1 d1 t1 m2 d2 t2 m3"
	    "[2 m0 m1 d1 t1 m2 d2 t2 m3 s3 F3 m4 d4 t4 m5 d5 t5 t0 2]"
	    "[3 m0 m1 d1 t1 t0 3]");
	assert_string_equal(heard.reason, "reader-died");
	assert_string_equal(heard.message,
	    "the reader was ended by SIGABRT, after byte 0");
	ev_child_free(child);
}

static void
an_exhibit_that_kills_at_once_fails_whole(void **state)
{
	struct heard heard;
	struct ev_child *child;
	struct ev_err err;

	(void)state;
	child = start(&heard, "", &err);
	assert_non_null(child);
	give(child, 1, "quit0", 2);
	give(child, 2, "one", 1);
	assert_int_equal(ev_child_drain(child, &err), EV_OK);
	assert_string_equal(heard.text,
	    "[1 m0[1 m0 s0 F0 1][2 m0 m1 d1 t1 t0 2]");
	assert_string_equal(heard.message,
	    "the reader ended with status 7: I \\u{001B}[31m quit");
	ev_child_free(child);
}

static void
a_child_that_lies_is_ended(void **state)
{
	struct heard heard;
	struct ev_child *child;
	struct ev_err err;

	(void)state;
	child = start(&heard, "", &err);
	assert_non_null(child);
	give(child, 1, "lie2", 3);
	assert_int_equal(ev_child_drain(child, &err), EV_OK);
	assert_non_null(
	    strstr(heard.text, "[1 m0 m1 d1 t1 m2 s2 F2 m3 d3 t3 t0 1]"));
	assert_string_equal(heard.reason, "reader-died");
	assert_string_equal(heard.message,
	    "the reading child sent a total that does not add up,"
	    " after byte 0");
	ev_child_free(child);
}

static void
a_child_that_falls_silent_is_ended(void **state)
{
	struct heard heard;
	struct ev_child *child;
	struct ev_err err;

	(void)state;
	child = start(&heard, "limit-stall=1", &err);
	assert_non_null(child);
	give(child, 1, "stall2", 2);
	assert_int_equal(ev_child_drain(child, &err), EV_OK);
	assert_non_null(strstr(heard.text, "[1 m0 m1 d1 t1 m2 s2 F2 t0 1]"));
	assert_string_equal(heard.reason, "limit-stall");
	ev_child_free(child);
}

static void
a_child_that_never_ends_is_ended_by_its_limit(void **state)
{
	struct heard heard;
	struct ev_child *child;
	struct ev_err err;

	(void)state;
#ifdef EV_SANITIZED
	skip(); /* these builds have no limits */
#endif
	child = start(&heard, "limit-cpu=1", &err);
	assert_non_null(child);
	give(child, 1, "spin2", 3);
	assert_int_equal(ev_child_drain(child, &err), EV_OK);
	assert_non_null(
	    strstr(heard.text, "[1 m0 m1 d1 t1 m2 s2 F2 m3 d3 t3 t0 1]"));
	assert_string_equal(heard.reason, "limit-cpu");
	ev_child_free(child);
}

static void
an_exhibit_given_as_a_file_is_read_from_a_sealed_copy(void **state)
{
	struct ev_child_exhibit exhibit = { .tag = 4,
		.name = "file",
		.name_len = 4,
		.size = 2 };
	struct heard heard;
	struct ev_child *child;
	struct ev_err err;

	(void)state;
	exhibit.fd = memfd_create("exhibit", MFD_CLOEXEC);
	assert_true(exhibit.fd >= 0);
	assert_int_equal(write(exhibit.fd, "ab", 2), 2);
	child = start(&heard, "", &err);
	assert_non_null(child);
	assert_int_equal(ev_child_give(child, &exhibit, &err), EV_OK);
	give(child, 5, "one", 1);
	assert_int_equal(ev_child_drain(child, &err), EV_OK);
	assert_string_equal(heard.text,
	    "[4 m0 m1 d1 t1 m2 d2 t2 t0 4][5 m0 m1 d1 t1 t0 5]");
	ev_child_free(child);
	assert_int_equal(close(exhibit.fd), 0);
}

static void
without_any_sandbox_nothing_is_read(void **state)
{
	struct heard heard;
	struct ev_child *child;
	struct ev_err err;

	(void)state;
	/* The fake child then greets without a cage. */
	child = start(&heard, "limit-depth=7", &err);
#ifdef EV_SANITIZED
	assert_non_null(child);
#else
	assert_null(child);
	assert_int_equal(err.rc, EV_SYS);
	assert_non_null(strstr(err.msg, "neither Landlock nor seccomp"));
#endif
	ev_child_free(child);
}

static void
a_parser_that_is_not_there_is_an_error_and_not_a_finding(void **state)
{
	const struct ev_child_opts opts = { .parser = "/nonexistent/ev-parse" };
	const struct ev_child_opts data = { .parser = "/etc/passwd" };
	const struct ev_child_events events = { .ctx = NULL };
	struct ev_child *child;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_child_start(&child, &opts, &events, &err), EV_SYS);
	assert_int_equal(ev_child_start(&child, &data, &events, &err), EV_SYS);
	assert_non_null(strstr(err.msg, "cannot run it"));
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exhibits_are_told_of_in_the_order_given),
		cmocka_unit_test(
		    more_than_a_batch_is_served_by_one_process_after_another),
		cmocka_unit_test(
		    a_member_that_kills_its_reader_fails_and_the_rest_is_read),
		cmocka_unit_test(an_exhibit_that_kills_at_once_fails_whole),
		cmocka_unit_test(a_child_that_lies_is_ended),
		cmocka_unit_test(a_child_that_falls_silent_is_ended),
		cmocka_unit_test(a_child_that_never_ends_is_ended_by_its_limit),
		cmocka_unit_test(
		    an_exhibit_given_as_a_file_is_read_from_a_sealed_copy),
		cmocka_unit_test(without_any_sandbox_nothing_is_read),
		cmocka_unit_test(
		    a_parser_that_is_not_there_is_an_error_and_not_a_finding),
	};

	if (argc > 0 && strcmp(argv[0], "ev-parse") == 0)
		return fake_child();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
