/* out/leak: values that must not be somewhere, sought in streams of bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "out/leak.h"

struct met {
	int times;
	size_t tag;
	int64_t offset;
};

static enum ev_rc
found(void *ctx, size_t tag, int64_t offset, struct ev_err *err)
{
	struct met *m = ctx;

	(void)err;
	m->times++;
	m->tag = tag;
	m->offset = offset;
	return EV_OK;
}

/* How often value is met in text, given whole, or in pieces of that size. */
static struct met
meet(const char *value, const char *text, size_t len, size_t piece)
{
	struct met m = { .times = 0 };
	struct ev_leak_scan scan;
	struct ev_leak *leak;
	struct ev_err err;
	size_t at, n;

	assert_int_equal(ev_leak_new(&leak, &err), EV_OK);
	assert_int_equal(ev_leak_value(leak, 7, value, strlen(value), &err),
	    EV_OK);
	ev_leak_ready(leak);
	ev_leak_begin(&scan, leak);
	for (at = 0; at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		assert_int_equal(ev_leak_feed(&scan, text + at, n, found, &m,
				     &err),
		    EV_OK);
	}
	ev_leak_free(leak);
	return m;
}

static bool
is_met(const char *value, const char *text)
{
	return meet(value, text, strlen(text), 4096).times > 0;
}

static void
values_are_met_in_each_form_that_files_give_them(void **state)
{
	static const char utf16_le[] = "x\0a\0l\0i\0.\0k\0h\0a\0n\0";
	static const char utf16_be[] = "\0a\0l\0i\0.\0k\0h\0a\0n";

	(void)state;
	assert_true(is_met("ali.khan", "mail ali.khan here"));
	assert_true(is_met("ali.khan", "ALI.Khan"));
	assert_true(meet("ali.khan", utf16_le, sizeof(utf16_le), 99).times);
	assert_true(meet("ali.khan", utf16_be, sizeof(utf16_be), 99).times);
	assert_true(is_met("https://x.example/a", "https:\\/\\/x.example\\/a"));
	assert_true(is_met("caf\xc3\xa9 noir", "\"caf\\u00e9 noir\""));
	assert_true(is_met("caf\xc3\xa9 noir", "q=caf%C3%A9%20noir"));
	assert_true(is_met("a\xf0\x9f\x98\x80zzzz", "a\\ud83d\\ude00zzzz"));
	assert_true(is_met("Tom & Jerry", "<b>Tom &amp; Jerry</b>"));
	assert_true(
	    is_met("say \"yes\" now", "{\"t\":\"say \\\"yes\\\" now\"}"));
	assert_false(is_met("ali.khan", "ali.kha n, ali.kham"));
}

static void
short_values_must_stand_alone_shorter_ones_are_not_sought(void **state)
{
	struct ev_leak *leak;
	struct ev_err err;

	(void)state;
	assert_true(is_met("abc123", "(abc123)"));
	assert_false(is_met("abc123", "0abc1234"));
	assert_int_equal(ev_leak_new(&leak, &err), EV_OK);
	assert_int_equal(ev_leak_value(leak, 0, "abc12", 5, &err), EV_EOF);
	ev_leak_free(leak);
}

static void
numbers_are_met_however_they_are_parted_and_dialled(void **state)
{
	static const char utf16[] = "0\0003\0000\0000\0-\0001\0002\0003\0004"
				    "\0005\0006\0007\0";

	(void)state;
	assert_true(is_met("+923001234567", "0300 1234567"));
	assert_true(is_met("+923001234567", "0092-300-123.45.67"));
	assert_true(is_met("+923001234567", "(0300) 123 4567"));
	assert_true(is_met("0300-1234567", "\"+923001234567\""));
	assert_true(meet("+923001234567", utf16, sizeof(utf16), 3).times > 0);
	assert_false(is_met("+923001234567", "0300 12345, 67"));
	assert_false(is_met("+923001234567", "0300 1234568"));
}

static void
the_edges_of_pieces_hide_nothing_and_double_nothing(void **state)
{
	static const char text[] = "............secret.person@x............";
	struct met m;
	size_t piece;

	(void)state;
	for (piece = 1; piece < sizeof(text); piece++) {
		m = meet("secret.person@x", text, sizeof(text) - 1, piece);
		assert_int_equal(m.times, 1);
		assert_int_equal(m.offset, 12);
		assert_int_equal(m.tag, 7);
	}
}

static void
bytes_are_sought_as_they_stand(void **state)
{
	static const unsigned char digest[16] = { 0, 1, 2, 0xff, 'A', 9 };
	struct met m = { .times = 0 };
	struct ev_leak_scan scan;
	struct ev_leak *leak;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_leak_new(&leak, &err), EV_OK);
	assert_int_equal(ev_leak_bytes(leak, 1, digest, sizeof(digest), &err),
	    EV_OK);
	assert_int_equal(ev_leak_bytes(leak, 1, digest, 3, &err), EV_USE);
	ev_leak_ready(leak);
	ev_leak_begin(&scan, leak);
	assert_int_equal(ev_leak_feed(&scan, "xy", 2, found, &m, &err), EV_OK);
	assert_int_equal(ev_leak_feed(&scan, digest, sizeof(digest), found, &m,
			     &err),
	    EV_OK);
	ev_leak_free(leak);
	assert_int_equal(m.times, 1);
	assert_int_equal(m.offset, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    values_are_met_in_each_form_that_files_give_them),
		cmocka_unit_test(
		    short_values_must_stand_alone_shorter_ones_are_not_sought),
		cmocka_unit_test(
		    numbers_are_met_however_they_are_parted_and_dialled),
		cmocka_unit_test(
		    the_edges_of_pieces_hide_nothing_and_double_nothing),
		cmocka_unit_test(bytes_are_sought_as_they_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
