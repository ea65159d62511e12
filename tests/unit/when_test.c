/* base/when: the calendar, the strict parser, the one printed form. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "evidence/when.h"

static bool
parse(const char *text, int64_t *us)
{
	return ev_when_parse(us, NULL, text, strlen(text));
}

/* Parse and print; "" if it does not parse. */
static const char *
again(char text[EV_WHEN_TEXT], const char *in)
{
	enum ev_when_prec prec;
	int64_t us;

	text[0] = '\0';
	if (ev_when_parse(&us, &prec, in, strlen(in)))
		ev_when_print(text, us, prec);
	return text;
}

static void
every_day_is_the_one_timegm_gives(void **state)
{
	const int64_t first = -719162, last = 2932896;
	char text[EV_WHEN_TEXT], want[EV_WHEN_TEXT];
	struct tm tm;
	int64_t day, us;
	time_t t;

	(void)state;
	for (day = first; day <= last; day++) {
		t = (time_t)day * 86400 + 3661;
		assert_non_null(gmtime_r(&t, &tm));
		assert_true(ev_when_civil(&us, tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday, 1, 1, 1, 0));
		assert_int_equal(us, (int64_t)t * 1000000);
		if (day % 97 != 0 && day != first && day != last)
			continue;
		ev_when_print(text, us, EV_PREC_S);
		(void)strftime(want, sizeof(want), "-%m-%dT01:01:01Z", &tm);
		assert_string_equal(text + 4, want);
		assert_int_equal(strtol(text, NULL, 10), tm.tm_year + 1900);
	}
}

static void
impossible_dates_are_refused(void **state)
{
	static const int bad[][7] = { { 2023, 2, 29, 0, 0, 0, 0 },
		{ 1900, 2, 29, 0, 0, 0, 0 }, { 2024, 2, 30, 0, 0, 0, 0 },
		{ 2024, 4, 31, 0, 0, 0, 0 }, { 2024, 13, 1, 0, 0, 0, 0 },
		{ 2024, 0, 1, 0, 0, 0, 0 }, { 2024, 1, 0, 0, 0, 0, 0 },
		{ 2024, 1, 32, 0, 0, 0, 0 }, { 0, 1, 1, 0, 0, 0, 0 },
		{ 10000, 1, 1, 0, 0, 0, 0 }, { 2024, 1, 1, 24, 0, 0, 0 },
		{ 2024, 1, 1, 0, 60, 0, 0 }, { 2024, 1, 1, 0, 0, 61, 0 },
		{ 2024, 1, 1, 0, 0, 0, 1000000 }, { 2024, 1, 1, -1, 0, 0, 0 },
		{ 9999, 12, 31, 23, 59, 60, 0 } };
	int64_t us = 5;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ev_when_civil(&us, bad[i][0], bad[i][1], bad[i][2],
		    bad[i][3], bad[i][4], bad[i][5], bad[i][6]));
	assert_int_equal(us, 5);
	assert_true(ev_when_civil(&us, 2000, 2, 29, 0, 0, 0, 0));
	assert_true(ev_when_civil(&us, 2024, 2, 29, 0, 0, 0, 0));
}

static void
second_60_is_the_next_second_0(void **state)
{
	int64_t leap, next;

	(void)state;
	assert_true(parse("2016-12-31T23:59:60Z", &leap));
	assert_true(parse("2017-01-01T00:00:00Z", &next));
	assert_int_equal(leap, next);
	assert_true(parse("2016-12-31T15:59:60.5-08:00", &leap));
	assert_int_equal(leap, next + 500000);
	assert_false(parse("2016-12-31T22:59:60Z", &leap));
	assert_false(parse("2016-12-31T23:58:60Z", &leap));
	assert_false(parse("2016-12-31T23:59:60-01:00", &leap));
	assert_false(parse("2016-12-31T23:59:61Z", &leap));
}

static void
an_instant_is_printed_as_precisely_as_it_was_stated(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z" },
		{ "1969-12-31T23:59:59.999999Z",
		    "1969-12-31T23:59:59.999999Z" },
		{ "1985-04-12T23:20:50.52Z", "1985-04-12T23:20:50.520Z" },
		{ "1996-12-19T16:39:57-08:00", "1996-12-20T00:39:57Z" },
		{ "1937-01-01T12:00:27.87+00:20", "1937-01-01T11:40:27.870Z" },
		{ "2025-07-24t01:02:03.1234567890z",
		    "2025-07-24T01:02:03.123456Z" },
		{ "2025-07-24T01:02:03.9999999Z",
		    "2025-07-24T01:02:03.999999Z" },
		{ "2025-07-24T01:02:03-00:00", "2025-07-24T01:02:03Z" },
		{ "0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z" },
		{ "9999-12-31T23:59:59.999999Z",
		    "9999-12-31T23:59:59.999999Z" },
		{ "2000-12-31T12:00:00Z", "2000-12-31T12:00:00Z" },
		{ "2400-12-31T12:00:00Z", "2400-12-31T12:00:00Z" },
		{ "2000-02-29T00:00:00+23:59", "2000-02-28T00:01:00Z" },
	};
	char text[EV_WHEN_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(again(text, cases[i].in), cases[i].out);
}

static void
anything_but_rfc_3339_is_refused(void **state)
{
	static const char *const bad[] = { "", "2025-07-24",
		"2025-07-24T01:02:03", "2025-07-24 01:02:03Z",
		"2025-07-24T01:02Z", "2025-07-24T01:02:03.Z",
		"2025-07-24T01:02:03,5Z", "2025-07-24T01:02:03+0200",
		"2025-07-24T01:02:03+02", "2025-07-24T01:02:03+24:00",
		"2025-07-24T01:02:03+02:60", "2025-07-24T01:02:03Z ",
		" 2025-07-24T01:02:03Z", "2025-07-24T01:02:03ZZ",
		"+2025-07-24T01:02:03Z", "2025-7-24T01:02:03Z",
		"2025-07-24T1:02:03Z", "2025-07-24T-1:02:03Z",
		"2025-02-29T01:02:03Z", "0000-01-01T00:00:00Z",
		"0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
		"2025/07/24T01:02:03Z", "2025-07-24T01.02.03Z",
		"20250724T010203Z.......", "2025-07-24T24:00:00Z" };
	int64_t us = 5;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(parse(bad[i], &us));
	assert_false(ev_when_parse(&us, NULL, "2025-07-24T01:02:03\0Z", 21));
	assert_int_equal(us, 5);
}

static void
what_is_outside_the_calendar_is_not_printed_as_a_date(void **state)
{
	char text[EV_WHEN_TEXT];

	(void)state;
	ev_when_print(text, INT64_MIN, EV_PREC_US);
	assert_string_equal(text, "out of range: -9223372036854775808 us");
	ev_when_print(text, INT64_C(253402300800000000), EV_PREC_S);
	assert_string_equal(text, "out of range: 253402300800000000 us");
	ev_when_print(text, INT64_C(253402300799999999), EV_PREC_MS);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
}

static void
the_clock_goes_forward_and_only_test_builds_fix_it(void **state)
{
	struct ev_clock a, b;
	struct ev_err err;

	(void)state;
	assert_int_equal(unsetenv("EV_NOW"), 0);
	assert_int_equal(ev_when_now(&a, &err), EV_OK);
	assert_int_equal(ev_when_now(&b, &err), EV_OK);
	assert_true(a.boot_us > 0 && b.boot_us >= a.boot_us);
	assert_true(a.wall_us > INT64_C(1700000000000000));
	assert_int_equal(setenv("EV_NOW", "2025-07-24T00:00:00.5Z", 1), 0);
	assert_int_equal(ev_when_now(&a, &err), EV_OK);
#ifdef EV_TEST_HOOKS
	assert_int_equal(a.wall_us, INT64_C(1753315200500000));
	assert_int_equal(a.boot_us, 0);
	assert_false(a.synced);
	assert_int_equal(setenv("EV_NOW", "yesterday", 1), 0);
	assert_int_equal(ev_when_now(&a, &err), EV_USE);
#else
	assert_true(a.wall_us >= b.wall_us);
#endif
}

static void
the_kernel_is_asked_once_in_a_second(void **state)
{
	struct ev_clock now, clock;
	struct ev_err err;

	(void)state;
	assert_int_equal(unsetenv("EV_NOW"), 0);
	assert_int_equal(ev_when_now(&now, &err), EV_OK);
	assert_int_equal(now.asked_us, now.boot_us);
	clock = now;
	clock.synced = !now.synced;
	clock.asked_us = now.boot_us + INT64_C(3600000000);
	assert_int_equal(ev_when_again(&clock, &err), EV_OK);
	assert_true(clock.synced == !now.synced);
	assert_true(clock.boot_us >= now.boot_us);
	clock.asked_us = now.boot_us - INT64_C(1000000);
	assert_int_equal(ev_when_again(&clock, &err), EV_OK);
	assert_true(clock.synced == now.synced);
	assert_int_equal(clock.asked_us, clock.boot_us);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_day_is_the_one_timegm_gives),
		cmocka_unit_test(impossible_dates_are_refused),
		cmocka_unit_test(second_60_is_the_next_second_0),
		cmocka_unit_test(
		    an_instant_is_printed_as_precisely_as_it_was_stated),
		cmocka_unit_test(anything_but_rfc_3339_is_refused),
		cmocka_unit_test(
		    what_is_outside_the_calendar_is_not_printed_as_a_date),
		cmocka_unit_test(
		    the_clock_goes_forward_and_only_test_builds_fix_it),
		cmocka_unit_test(the_kernel_is_asked_once_in_a_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
