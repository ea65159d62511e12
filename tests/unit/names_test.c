/* ingest/names: what is odd about a name, and which names are one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ingest/names.h"

static unsigned
odd(const char *name)
{
	return ev_name_odd(name, strlen(name));
}

static void
ordinary_names_are_not_odd(void **state)
{
	static const char *const name[] = { "data/tweets.js", "a..b/c...",
		"caf\xc3\xa9/\xd8\xa7\xd8\xb1\xd8\xaf\xd9\x88.json", "-rf",
		"ab:c", "x~" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		assert_int_equal(odd(name[i]), 0);
}

static void
names_that_lead_elsewhere_are_unsafe(void **state)
{
	static const char *const name[] = { "..", "../x", "a/../b", "a/..",
		"/etc/passwd", "~root", "C:x", "z:\\x", "a\\b", "" };
	char *longer;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		assert_int_equal(odd(name[i]), EV_NAME_UNSAFE);
	longer = malloc(4098);
	assert_non_null(longer);
	memset(longer, 'x', 4097);
	assert_int_equal(ev_name_odd(longer, 4096), 0);
	assert_int_equal(ev_name_odd(longer, 4097), EV_NAME_UNSAFE);
	free(longer);
}

static void
characters_that_deceive_are_named(void **state)
{
	(void)state;
	assert_int_equal(odd("a\nb"), EV_NAME_CONTROL);
	assert_int_equal(odd("a\x7f"), EV_NAME_CONTROL);
	assert_int_equal(odd("a\xc2\x9b"), EV_NAME_CONTROL);
	assert_int_equal(odd("\xe2\x80\xa8"), EV_NAME_CONTROL);
	assert_int_equal(odd("x\xe2\x80\xaegpj"), EV_NAME_BIDI);
	assert_int_equal(odd("x\xe2\x80\x8b"), EV_NAME_BIDI);
	assert_int_equal(odd("x\xef\xbb\xbf"), EV_NAME_BIDI);
	assert_int_equal(odd("x\xf3\xa0\x81\x81"), EV_NAME_BIDI);
	assert_int_equal(odd("caf\xe9"), EV_NAME_ENCODING);
	assert_int_equal(odd("caf\xe9\x9b"), EV_NAME_ENCODING);
	assert_int_equal(odd("\x1b\xe9"), EV_NAME_ENCODING | EV_NAME_CONTROL);
	assert_int_equal(ev_name_odd("a\0.exe", 6), EV_NAME_NUL);
}

static void
add(struct ev_names *names, const char *text, int64_t same, int64_t twin)
{
	static int64_t ordinal;
	struct ev_name name = { .data = text, .len = strlen(text) };
	struct ev_err err;

	if (names->used == 0)
		ordinal = 0;
	name.ordinal = ++ordinal;
	assert_int_equal(ev_names_add(names, &name, &err), EV_OK);
	assert_int_equal(name.same, same);
	assert_int_equal(name.twin, twin);
}

static void
equal_names_and_twins_are_found(void **state)
{
	struct ev_names names;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_names_init(&names, &err), EV_OK);
	add(&names, "Data/tweets.js", -1, -1);
	add(&names, "data/Tweets.js", -1, 1);
	add(&names, "Data/tweets.js", 1, -1);
	add(&names, "data/Tweets.js", 2, -1);
	add(&names, "caf\xc3\xa9", -1, -1);
	add(&names, "cafe\xcc\x81", -1, 5);
	add(&names, "caf\xe9", -1, -1);
	add(&names, "CAF\xe9", -1, 7);
	add(&names, "data/tweets", -1, -1);
	ev_names_release(&names);
}

static void
a_hundred_thousand_names_are_kept_apart(void **state)
{
	struct ev_name name = { .data = NULL };
	struct ev_names names;
	char text[16];
	struct ev_err err;
	int i, n;

	(void)state;
	assert_int_equal(ev_names_init(&names, &err), EV_OK);
	name.data = text;
	for (i = 0; i < 200000; i++) {
		n = i % 100000;
		for (name.len = 0; n > 0; n /= 10)
			text[name.len++] = (char)('0' + n % 10);
		name.ordinal = i;
		assert_int_equal(ev_names_add(&names, &name, &err), EV_OK);
		assert_int_equal(name.same, i < 100000 ? -1 : i - 100000);
		assert_int_equal(name.twin, -1);
	}
	ev_names_release(&names);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_names_are_not_odd),
		cmocka_unit_test(names_that_lead_elsewhere_are_unsafe),
		cmocka_unit_test(characters_that_deceive_are_named),
		cmocka_unit_test(equal_names_and_twins_are_found),
		cmocka_unit_test(a_hundred_thousand_names_are_kept_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
