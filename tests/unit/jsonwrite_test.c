/* base/jsonwrite: the canonical bytes, and what may not be written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "evidence/json.h"

static struct ev_buf out;
static struct ev_err err;

static void
start(struct ev_jw *w)
{
	ev_buf_release(&out);
	ev_buf_init(&out, 4096);
	ev_jw_init(w, &out);
}

static void
an_entry_is_compact_and_sorted(void **state)
{
	struct ev_jw w;

	(void)state;
	start(&w);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "action", "open");
	ev_jw_key_text(&w, "actor", NULL);
	ev_jw_key(&w, "after");
	ev_jw_object(&w);
	ev_jw_close(&w);
	ev_jw_key_int(&w, "seq", 1);
	ev_jw_key(&w, "subject");
	ev_jw_array(&w);
	ev_jw_text(&w, "A1");
	ev_jw_text(&w, NULL);
	ev_jw_int(&w, -9007199254740991);
	ev_jw_bool(&w, true);
	ev_jw_bool(&w, false);
	ev_jw_raw(&w, "{\"a\":1}", 7);
	ev_jw_close(&w);
	ev_jw_close(&w);
	assert_int_equal(ev_jw_end(&w, &err), EV_OK);
	assert_string_equal(ev_buf_text(&out),
	    "{\"action\":\"open\",\"after\":{},\"seq\":1,\"subject\":[\"A1\","
	    "\"\",-9007199254740991,true,false,{\"a\":1}]}");
	ev_buf_release(&out);
}

static void
strings_are_escaped_as_rfc_8785_says(void **state)
{
	struct ev_jw w;

	(void)state;
	start(&w);
	ev_jw_str(&w,
	    "\0\x01\b\t\n\x0b\f\r\x1f \"\\/\x7f\xe2\x82\xac\xf0\x9f\x98\x80",
	    21);
	assert_int_equal(ev_jw_end(&w, &err), EV_OK);
	assert_string_equal(ev_buf_text(&out),
	    "\"\\u0000\\u0001\\b\\t\\n\\u000b\\f\\r\\u001f \\\"\\\\/\x7f"
	    "\xe2\x82\xac\xf0\x9f\x98\x80\"");
	ev_buf_release(&out);
}

/* What each does wrong is EV_USE at the end, and not before. */
static void
wrong_order(struct ev_jw *w)
{
	ev_jw_object(w);
	ev_jw_key_int(w, "b", 1);
	ev_jw_key_int(w, "a", 1);
	ev_jw_close(w);
}

static void
one_key_twice(struct ev_jw *w)
{
	ev_jw_object(w);
	ev_jw_key_int(w, "a", 1);
	ev_jw_key_int(w, "a", 1);
	ev_jw_close(w);
}

static void
a_shorter_key_behind(struct ev_jw *w)
{
	ev_jw_object(w);
	ev_jw_key_int(w, "ab", 1);
	ev_jw_key_int(w, "a", 1);
	ev_jw_close(w);
}

static void
a_key_not_ascii(struct ev_jw *w)
{
	ev_jw_object(w);
	ev_jw_key_int(w, "\xc3\xa9", 1);
	ev_jw_close(w);
}

static void
no_key(struct ev_jw *w)
{
	ev_jw_object(w);
	ev_jw_int(w, 1);
	ev_jw_close(w);
}

static void
no_value(struct ev_jw *w)
{
	ev_jw_object(w);
	ev_jw_key(w, "a");
	ev_jw_close(w);
}

static void
two_keys(struct ev_jw *w)
{
	ev_jw_object(w);
	ev_jw_key(w, "a");
	ev_jw_key(w, "b");
}

static void
a_key_in_an_array(struct ev_jw *w)
{
	ev_jw_array(w);
	ev_jw_key(w, "a");
}

static void
too_large(struct ev_jw *w)
{
	ev_jw_int(w, INT64_C(9007199254740992));
}

static void
too_small(struct ev_jw *w)
{
	ev_jw_int(w, INT64_MIN);
}

static void
no_utf8(struct ev_jw *w)
{
	ev_jw_text(w, "\xff");
}

static void
two_values(struct ev_jw *w)
{
	ev_jw_int(w, 1);
	ev_jw_int(w, 2);
}

static void
nothing(struct ev_jw *w)
{
	(void)w;
}

static void
not_closed(struct ev_jw *w)
{
	ev_jw_array(w);
}

static void
closed_twice(struct ev_jw *w)
{
	ev_jw_array(w);
	ev_jw_close(w);
	ev_jw_close(w);
}

static void
too_deep(struct ev_jw *w)
{
	int i;

	for (i = 0; i < EV_JW_DEPTH; i++)
		ev_jw_array(w);
	for (i = 0; i < EV_JW_DEPTH; i++)
		ev_jw_close(w);
}

static void
misuse_is_told_at_the_end(void **state)
{
	static void (*const wrong[])(struct ev_jw *) = { wrong_order,
		one_key_twice, a_shorter_key_behind, a_key_not_ascii, no_key,
		no_value, two_keys, a_key_in_an_array, too_large, too_small,
		no_utf8, two_values, nothing, not_closed, closed_twice,
		too_deep };
	struct ev_jw w;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		start(&w);
		wrong[i](&w);
		assert_int_equal(ev_jw_end(&w, &err), EV_USE);
	}
	ev_buf_release(&out);
}

static void
a_full_buffer_is_a_limit_not_a_cut_entry(void **state)
{
	struct ev_jw w;

	(void)state;
	ev_buf_init(&out, 10);
	ev_jw_init(&w, &out);
	ev_jw_text(&w, "more than ten bytes");
	assert_int_equal(ev_jw_end(&w, &err), EV_LIMIT);
	ev_buf_release(&out);
}

static void
lines_follow_one_another_in_one_buffer(void **state)
{
	struct ev_jw w;

	(void)state;
	start(&w);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "z", 1);
	ev_jw_close(&w);
	assert_int_equal(ev_jw_end(&w, &err), EV_OK);
	assert_int_equal(ev_buf_putc(&out, '\n', &err), EV_OK);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "a", 2);
	ev_jw_close(&w);
	assert_int_equal(ev_jw_end(&w, &err), EV_OK);
	assert_string_equal(ev_buf_text(&out), "{\"z\":1}\n{\"a\":2}");
	ev_buf_release(&out);
}

/* As everywhere in the suite: "name", or "name_hex" where it is no text. */
static void
a_name_that_is_no_text_is_written_in_hex(void **state)
{
	unsigned char raw[200];
	char want[512];
	struct ev_jw w;

	(void)state;
	start(&w);
	memset(raw, 0xff, sizeof(raw));
	ev_jw_object(&w);
	ev_jw_key_bytes(&w, "a", "a_hex", "\xd9\x81", 2);
	ev_jw_key_bytes(&w, "b", "b_hex", NULL, 0);
	ev_jw_key_bytes(&w, "c", "c_hex", "\xd9", 1);
	ev_jw_key_bytes(&w, "d", "d_hex", raw, sizeof(raw));
	ev_jw_close(&w);
	assert_int_equal(ev_jw_end(&w, &err), EV_OK);
	(void)snprintf(want, sizeof(want),
	    "{\"a\":\"\xd9\x81\",\"b\":\"\","
	    "\"c_hex\":\"d9\",\"d_hex\":\"%0400d\"}",
	    0);
	memset(strstr(want, "000"), 'f', 400);
	assert_string_equal(ev_buf_text(&out), want);
	ev_buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_entry_is_compact_and_sorted),
		cmocka_unit_test(strings_are_escaped_as_rfc_8785_says),
		cmocka_unit_test(misuse_is_told_at_the_end),
		cmocka_unit_test(a_full_buffer_is_a_limit_not_a_cut_entry),
		cmocka_unit_test(a_name_that_is_no_text_is_written_in_hex),
		cmocka_unit_test(lines_follow_one_another_in_one_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
