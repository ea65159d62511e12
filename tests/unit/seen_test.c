/* ingest/seen, ingest/tally: rows met before; each byte counted once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "ingest/seen.h"
#include "ingest/tally.h"

static int64_t
meet(struct ev_seen *seen, uint64_t number, int64_t offset)
{
	uint64_t digest[2] = { number * 0x9e3779b97f4a7c15U, number };
	struct ev_err err;
	int64_t first;

	assert_int_equal(ev_seen_add(seen, (const unsigned char *)digest,
			     offset, &first, &err),
	    EV_OK);
	return first;
}

static void
a_row_is_known_again_with_its_first_place(void **state)
{
	struct ev_seen seen;
	uint64_t i;

	(void)state;
	ev_seen_init(&seen, false);
	for (i = 0; i < 5000; i++)
		assert_int_equal(meet(&seen, i, (int64_t)i + 7), -1);
	for (i = 0; i < 5000; i++)
		assert_int_equal(meet(&seen, i, 0), i + 7);
	assert_false(seen.forgot);
	ev_seen_release(&seen);
}

static void
what_is_forgotten_is_the_oldest_and_is_said(void **state)
{
	struct ev_seen seen;
	uint64_t i, n = 2 * (uint64_t)EV_SEEN_HALF;

	(void)state;
	ev_seen_init(&seen, true);
	for (i = 0; i < n; i++)
		assert_int_equal(meet(&seen, i, 0), -1);
	assert_false(seen.forgot);
	assert_int_equal(meet(&seen, 0, 0), 0);
	assert_int_equal(meet(&seen, n, 0), -1);
	assert_true(seen.forgot);
	assert_int_equal(meet(&seen, n - 1, 0), 0);
	assert_int_equal(meet(&seen, n - EV_SEEN_HALF, 0), 0);
	assert_int_equal(meet(&seen, 0, 0), -1);
	ev_seen_release(&seen);
}

static void
add(struct ev_tally *tally, enum ev_span what, int64_t from, int64_t to)
{
	struct ev_err err;

	assert_int_equal(ev_tally_add(tally, what, from, to - from, &err),
	    EV_OK);
}

static void
counts(const struct ev_byte_count *bytes, int64_t read, int64_t set_aside,
    int64_t ignored, int64_t frame)
{
	assert_int_equal(bytes->read, read);
	assert_int_equal(bytes->set_aside, set_aside);
	assert_int_equal(bytes->ignored, ignored);
	assert_int_equal(bytes->frame, frame);
}

struct ignored {
	char text[128];
};

static enum ev_rc
on_ignored(void *ctx, int64_t offset, int64_t length, struct ev_err *err)
{
	struct ignored *t = ctx;
	size_t at = strlen(t->text);

	(void)err;
	(void)snprintf(t->text + at, sizeof(t->text) - at, "%s%jd+%jd",
	    at == 0 ? "" : " ", (intmax_t)offset, (intmax_t)length);
	return EV_OK;
}

static void
told(const struct ignored *t, const char *want)
{
	assert_string_equal(t->text, want);
}

static void
overlapping_spans_count_by_precedence(void **state)
{
	struct ignored t = { "" };
	const struct ev_sink sink = { .ctx = &t, .ignored = on_ignored };
	struct ev_tally tally;
	struct ev_err err;

	(void)state;
	ev_tally_init(&tally, false);
	tally.sink = &sink;
	add(&tally, EV_SPAN_IGNORED, 10, 30);
	add(&tally, EV_SPAN_READ, 20, 25);
	add(&tally, EV_SPAN_SET_ASIDE, 22, 28);
	add(&tally, EV_SPAN_IGNORED, 0, 12);
	assert_int_equal(ev_tally_flush(&tally, 40, &err), EV_OK);
	counts(&tally.bytes, 5, 3, 22, 10);
	/* A span may reach over the place that was settled. */
	add(&tally, EV_SPAN_READ, 45, 60);
	assert_int_equal(ev_tally_flush(&tally, 50, &err), EV_OK);
	add(&tally, EV_SPAN_IGNORED, 50, 65);
	assert_int_equal(ev_tally_flush(&tally, 70, &err), EV_OK);
	counts(&tally.bytes, 20, 3, 27, 20);
	assert_int_equal(ev_tally_end(&tally, &err), EV_OK);
	told(&t, "0+20 28+2 60+5");
	/* What is settled is not opened again. */
	assert_int_equal(ev_tally_add(&tally, EV_SPAN_READ, 69, 1, &err),
	    EV_USE);
	ev_tally_release(&tally);
}

static void
several_passes_count_each_byte_once(void **state)
{
	struct ignored t = { "" };
	const struct ev_sink sink = { .ctx = &t, .ignored = on_ignored };
	struct ev_tally tally[2], all;
	struct ev_err err;

	(void)state;
	ev_tally_init(&tally[0], true);
	ev_tally_init(&tally[1], true);
	add(&tally[0], EV_SPAN_READ, 0, 10);
	add(&tally[0], EV_SPAN_IGNORED, 10, 20);
	add(&tally[1], EV_SPAN_SET_ASIDE, 5, 15);
	add(&tally[1], EV_SPAN_READ, 18, 25);
	assert_int_equal(ev_tally_flush(&tally[0], 30, &err), EV_OK);
	assert_int_equal(ev_tally_flush(&tally[1], 30, &err), EV_OK);
	ev_tally_init(&all, false);
	all.sink = &sink;
	assert_int_equal(ev_tally_union(&all, tally, 2, 30, &err), EV_OK);
	counts(&all.bytes, 17, 5, 3, 5);
	told(&t, "15+3");
	ev_tally_release(&tally[0]);
	ev_tally_release(&tally[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_known_again_with_its_first_place),
		cmocka_unit_test(what_is_forgotten_is_the_oldest_and_is_said),
		cmocka_unit_test(overlapping_spans_count_by_precedence),
		cmocka_unit_test(several_passes_count_each_byte_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
