/* base/text and base/codec: what is printed, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <utf8proc.h>

#include "evidence/text.h"

struct pair {
	const char *in, *out;
};

typedef enum ev_rc (*writer)(struct ev_buf *, const void *, size_t,
    enum ev_text_mode, struct ev_err *);

static void
check(writer write, enum ev_text_mode mode, const struct pair *pairs,
    size_t count)
{
	struct ev_buf out;
	struct ev_err err;
	size_t i;

	ev_buf_init(&out, 4096);
	for (i = 0; i < count; i++) {
		ev_buf_clear(&out);
		assert_int_equal(write(&out, pairs[i].in, strlen(pairs[i].in),
				     mode, &err),
		    EV_OK);
		assert_string_equal(ev_buf_text(&out), pairs[i].out);
	}
	ev_buf_release(&out);
}

#define CHECK(write, mode, pairs) \
	check(write, mode, pairs, sizeof(pairs) / sizeof((pairs)[0]))

static void
utf8_is_what_rfc_3629_says(void **state)
{
	static const char *const good[] = { "", "a", "\x7f", "\xc2\x80",
		"\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf",
		"twelve bytes\xc3\xa9" };
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80",
		"\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe0\xa0",
		"\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
		"\xf0\x90\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xfe",
		"\xff", "twelve bytes\xc3" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(ev_text_is_utf8(good[i], strlen(good[i])));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ev_text_is_utf8(bad[i], strlen(bad[i])));
	assert_true(ev_text_is_utf8("a\0b", 3));
}

static void
controls_and_formats_are_escaped(void **state)
{
	static const struct pair pairs[] = {
		{ "plain ~", "plain ~" },
		{ "\x1b[31m", "\\u{001B}[31m" },
		{ "a\nb\tc\r", "a\\u{000A}b\\u{0009}c\\u{000D}" },
		{ "\x7f", "\\u{007F}" },
		{ "\xc2\x9b", "\\u{009B}" },      /* C1 */
		{ "a\\u{202E}", "a\\\\u{202E}" }, /* reverses */
		{ "\xd8\x9c", "\\u{061C}" },      /* ALM */
		{ "\xe2\x80\x8b", "\\u{200B}" },  /* ZWSP */
		{ "\xe2\x80\x8f", "\\u{200F}" },  /* RLM */
		{ "\xe2\x80\xa8", "\\u{2028}" },  /* line separator */
		{ "\xe2\x80\xae", "\\u{202E}" },  /* RLO */
		{ "\xe2\x81\xa0", "\\u{2060}" },  /* word joiner */
		{ "\xe2\x81\xa5", "\\u{2065}" },  /* unassigned */
		{ "\xe2\x81\xaf", "\\u{206F}" },
		{ "\xef\xbb\xbf", "\\u{FEFF}" },
		{ "\xef\xbf\xb9", "\\u{FFF9}" },
		{ "\xef\xbf\xbb", "\\u{FFFB}" },
		{ "\xf3\xa0\x80\x81", "\\u{E0001}" }, /* language tag */
		{ "\xf3\xa0\x80\x80", "\\u{E0000}" },
		{ "\xef\xbf\xbe", "\\u{FFFE}" }, /* noncharacter */
		{ "\xef\xb7\x90", "\\u{FDD0}" },
		{ "\xf4\x8f\xbf\xbf", "\\u{10FFFF}" },
		{ "\xcd\xb8", "\\u{0378}" }, /* unassigned */
		{ "\xc2\xad", "\\u{00AD}" }, /* soft hyphen */
		{ "\xff\xfe", "\\xFF\\xFE" },
		{ "\xed\xa0\x80", "\\xED\\xA0\\x80" }, /* a surrogate */
		{ "\xe2\x80", "\\xE2\\x80" },          /* cut short */
		{ "caf\xc3\xa9 \xd8\xb9", "caf\xc3\xa9 \xd8\xb9" },
	};

	(void)state;
	CHECK(ev_text_safe, EV_TEXT_NAME, pairs);
	CHECK(ev_text_safe, EV_TEXT_RUNNING, pairs);
}

static void
nothing_unprintable_passes_for_any_character(void **state)
{
	struct ev_buf out;
	struct ev_err err;
	uint32_t cp;
	char in[8];
	size_t n;

	(void)state;
	ev_buf_init(&out, 256);
	for (cp = 0; cp <= 0x10ffff; cp++) {
		if (cp < 0x80) {
			in[0] = (char)cp;
			n = 1;
		} else if (cp < 0x800) {
			in[0] = (char)(0xc0 | cp >> 6);
			in[1] = (char)(0x80 | (cp & 0x3f));
			n = 2;
		} else if (cp < 0x10000) {
			in[0] = (char)(0xe0 | cp >> 12);
			in[1] = (char)(0x80 | (cp >> 6 & 0x3f));
			in[2] = (char)(0x80 | (cp & 0x3f));
			n = 3;
		} else {
			in[0] = (char)(0xf0 | cp >> 18);
			in[1] = (char)(0x80 | (cp >> 12 & 0x3f));
			in[2] = (char)(0x80 | (cp >> 6 & 0x3f));
			in[3] = (char)(0x80 | (cp & 0x3f));
			n = 4;
		}
		ev_buf_clear(&out);
		assert_int_equal(ev_text_safe(&out, in, n, EV_TEXT_NAME, &err),
		    EV_OK);
		assert_true(ev_text_is_utf8(out.data, out.len));
		if (cp < 0x20 || (cp >= 0x7f && cp <= 0x9f) || cp == '\\' ||
		    cp == 0x61c || (cp >= 0x200b && cp <= 0x200f) ||
		    (cp >= 0x2028 && cp <= 0x202e) ||
		    (cp >= 0x2060 && cp <= 0x206f) || cp == 0xfeff ||
		    (cp >= 0xfff9 && cp <= 0xfffb) ||
		    (cp >= 0xe0000 && cp <= 0xe007f) ||
		    (cp & 0xfffe) == 0xfffe || (cp >= 0xd800 && cp <= 0xdfff))
			assert_int_equal(out.data[0], '\\');
	}
	ev_buf_release(&out);
}

static void
joiners_stay_where_running_text_needs_them(void **state)
{
	static const struct pair running[] = {
		/* Persian "mi-khaham": a non-joiner between letters */
		{ "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae",
		    "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae" },
		/* over a vowel sign */
		{ "\xd9\x85\xd9\x8e\xe2\x80\x8d\xd8\xae",
		    "\xd9\x85\xd9\x8e\xe2\x80\x8d\xd8\xae" },
		/* woman, skin tone, joiner, medical sign, selector */
		{ "\xf0\x9f\x91\xa9\xf0\x9f\x8f\xbd\xe2\x80\x8d\xe2\x9a\x95"
		  "\xef\xb8\x8f",
		    "\xf0\x9f\x91\xa9\xf0\x9f\x8f\xbd\xe2\x80\x8d\xe2\x9a\x95"
		    "\xef\xb8\x8f" },
		{ "a\xe2\x80\x8d"
		  "b",
		    "a\\u{200D}b" },
		{ "\xd9\x85\xe2\x80\x8c x", "\xd9\x85\\u{200C} x" },
		{ "\xd9\x85\xe2\x80\x8c", "\xd9\x85\\u{200C}" },
		{ "\xe2\x80\x8d\xd9\x85", "\\u{200D}\xd9\x85" },
		{ "\xd9\x85\xe2\x80\x8c\xe2\x80\x8c\xd8\xae",
		    "\xd9\x85\\u{200C}\\u{200C}\xd8\xae" },
		{ "\xf0\x9f\x91\xa9\xe2\x80\x8c\xe2\x9a\x95",
		    "\xf0\x9f\x91\xa9\\u{200C}\xe2\x9a\x95" },
	};
	static const struct pair name[] = {
		{ "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae",
		    "\xd9\x85\xdb\x8c\\u{200C}\xd8\xae" },
		{ "\xe3\x85\xa4", "\\u{3164}" }, /* Hangul filler */
	};

	(void)state;
	CHECK(ev_text_safe, EV_TEXT_RUNNING, running);
	CHECK(ev_text_safe, EV_TEXT_NAME, name);
}

static void
markup_is_escaped_for_html(void **state)
{
	static const struct pair pairs[] = {
		{ "<script>alert('x')&\"</script>",
		    "&lt;script&gt;alert(&#39;x&#39;)&amp;&quot;&lt;/script"
		    "&gt;" },
		{ "a\\<\x01\xff", "a\\\\&lt;\\u{0001}\\xFF" },
		{ "&amp;", "&amp;amp;" },
	};

	(void)state;
	CHECK(ev_text_html, EV_TEXT_RUNNING, pairs);
}

static enum ev_rc
csv(struct ev_buf *out, const void *data, size_t len, enum ev_text_mode mode,
    struct ev_err *err)
{
	(void)mode;
	return ev_text_csv(out, data, len, err);
}

static void
formulas_are_made_text_in_csv(void **state)
{
	static const struct pair pairs[] = {
		{ "", "\"\"" },
		{ "text, \"so\"", "\"text, \"\"so\"\"\"" },
		{ "=1+1", "\"'=1+1\"" },
		{ "+1", "\"'+1\"" },
		{ "-1", "\"'-1\"" },
		{ "@SUM(A1)", "\"'@SUM(A1)\"" },
		{ "\t=1", "\"'\\u{0009}=1\"" },
		{ "\r=1", "\"'\\u{000D}=1\"" },
		{ "\xef\xbc\x9d"
		  "1",
		    "\"'\xef\xbc\x9d"
		    "1\"" },
		{ "1=1", "\"1=1\"" },
		{ "a\nb", "\"a\\u{000A}b\"" },
	};

	(void)state;
	CHECK(csv, EV_TEXT_NAME, pairs);
}

static void
hex_goes_there_and_back(void **state)
{
	static const unsigned char data[] = { 0x00, 0x9f, 0xff, 0x10 };
	unsigned char back[4];
	char text[9];

	(void)state;
	ev_text_hex(text, data, sizeof(data));
	assert_string_equal(text, "009fff10");
	assert_true(ev_text_unhex(back, 4, text, 8));
	assert_memory_equal(back, data, 4);
	assert_true(ev_text_unhex(back, 4, "009FFF10", 8));
	assert_false(ev_text_unhex(back, 4, "009fff1", 7));
	assert_false(ev_text_unhex(back, 3, "009fff10", 8));
	assert_false(ev_text_unhex(back, 4, "009fff1g", 8));
	assert_false(ev_text_unhex(back, 4, "009fff 0", 8));
}

static void
base64_is_the_vectors_of_rfc_4648(void **state)
{
	static const struct pair pairs[] = { { "", "" }, { "f", "Zg==" },
		{ "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xbf", "+/+/" } };
	struct ev_buf out, back;
	struct ev_err err;
	size_t i;

	(void)state;
	ev_buf_init(&out, 256);
	ev_buf_init(&back, 256);
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		ev_buf_clear(&out);
		ev_buf_clear(&back);
		assert_int_equal(ev_text_base64(&out, pairs[i].in,
				     strlen(pairs[i].in), &err),
		    EV_OK);
		assert_string_equal(ev_buf_text(&out), pairs[i].out);
		assert_int_equal(ev_text_unbase64(&back, ev_buf_text(&out),
				     out.len, &err),
		    EV_OK);
		assert_string_equal(ev_buf_text(&back), pairs[i].in);
	}
	ev_buf_release(&out);
	ev_buf_release(&back);
}

static void
loose_base64_is_refused(void **state)
{
	static const char *const bad[] = { "Zg",
		"Zg=", "Zh==", "Zm9=", "Z===", "====", "Zg==Zg==", "Zm9v\n",
		"Zm-v", "=m9v", "Zm=v", "Z m=" };
	struct ev_buf out;
	struct ev_err err;
	size_t i;

	(void)state;
	ev_buf_init(&out, 256);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ev_text_unbase64(&out, bad[i], strlen(bad[i]),
				     &err),
		    EV_INPUT);
	ev_buf_release(&out);
}

static bool
integer(const char *text, int64_t *value)
{
	return ev_text_int(value, text, strlen(text), INT64_MIN, INT64_MAX);
}

static void
integers_are_whole_and_in_range(void **state)
{
	int64_t v = 7;

	(void)state;
	assert_true(integer("0", &v) && v == 0);
	assert_true(integer("-1", &v) && v == -1);
	assert_true(integer("9223372036854775807", &v) && v == INT64_MAX);
	assert_true(integer("-9223372036854775808", &v) && v == INT64_MIN);
	v = 7;
	assert_false(integer("9223372036854775808", &v));
	assert_false(integer("-9223372036854775809", &v));
	assert_false(integer("99999999999999999999999999", &v));
	assert_false(integer("", &v));
	assert_false(integer("-", &v));
	assert_false(integer("+1", &v));
	assert_false(integer(" 1", &v));
	assert_false(integer("1 ", &v));
	assert_false(integer("0x1", &v));
	assert_false(integer("1.0", &v));
	assert_false(ev_text_int(&v, "5", 1, 6, 9));
	assert_false(ev_text_int(&v, "10", 2, 6, 9));
	assert_int_equal(v, 7);
	assert_true(ev_text_int(&v, "99", 1, 6, 9) && v == 9);
}

static void
folding_makes_equal_what_looks_equal(void **state)
{
	static const struct pair pairs[] = {
		{ "", "" }, { "ABC", "abc" },
		{ "Stra\xc3\x9f"
		  "e",
		    "strasse" },
		{ "e\xcc\x81", "\xc3\xa9" },                /* NFC */
		{ "\xef\xbc\xa1", "a" },                    /* full width A */
		{ "\xef\xac\x81", "fi" },                   /* ligature */
		{ "\xce\xa3\xcf\x82", "\xcf\x83\xcf\x83" }, /* both sigmas */
	};
	struct ev_buf out;
	struct ev_err err;
	size_t i;

	(void)state;
	ev_buf_init(&out, 256);
	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		ev_buf_clear(&out);
		assert_int_equal(ev_text_fold(&out, pairs[i].in,
				     strlen(pairs[i].in), &err),
		    EV_OK);
		assert_string_equal(ev_buf_text(&out), pairs[i].out);
	}
	ev_buf_clear(&out);
	assert_int_equal(ev_text_fold(&out, "A\0B", 3, &err), EV_OK);
	assert_int_equal(out.len, 3);
	assert_memory_equal(out.data, "a\0b", 3);
	assert_int_equal(ev_text_fold(&out, "\xff", 1, &err), EV_INPUT);
	ev_buf_release(&out);
}

static void
json_for_the_screen_means_the_same_and_obeys_nothing(void **state)
{
	static const char json[] = "{\"a\":\"x\\\\\\u001b\xc2\x9b\xe2\x80\xae"
				   "\xf3\xa0\x81\x81\x7f\xc3\xa9\"}";
	struct ev_buf out;
	struct ev_err err;

	(void)state;
	ev_buf_init(&out, 4096);
	assert_int_equal(ev_text_json(&out, json, sizeof(json) - 1, &err),
	    EV_OK);
	assert_string_equal(ev_buf_text(&out),
	    "{\"a\":"
	    "\"x\\\\\\u001b\\u009b\\u202e\\udb40\\udc41\\u007f\xc3\xa9\"}");
	ev_buf_release(&out);
}

/* What is folded piece by piece is what the whole would be. */
static void
folding_is_that_of_the_whole_text(void **state)
{
	static const char *const parts[] = { "A", "z", " ", "e", "\xcc\x81",
		"\xc3\x89", "\xe2\x84\xab", "\xea\xb0\x80", "\xe1\x84\x80",
		"\xe1\x85\xa1", "\xe1\x86\xa8", "\xd9\x94", "\xd9\x88", "<",
		"\xcc\xb8", "\xc4\xb0", "\xef\xac\x81", "\xcc\xa7", "\x7f",
		"\xf0\x9f\x98\x80", "\xe2\x80\x8d", "\xc2\xad" };
	const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPAT |
					  UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD;
	const unsigned count = sizeof(parts) / sizeof(parts[0]);
	utf8proc_uint8_t *whole;
	utf8proc_ssize_t len;
	struct ev_buf out;
	struct ev_err err;
	struct ev_buf text;
	unsigned n, at;

	(void)state;
	ev_buf_init(&out, 4096);
	ev_buf_init(&text, 4096);
	/* All of four parts: each before and behind each. */
	for (n = 0; n < count * count * count * count; n++) {
		ev_buf_clear(&text);
		for (at = n; at > 0; at /= count)
			assert_int_equal(ev_buf_puts(&text, parts[at % count],
					     &err),
			    EV_OK);
		ev_buf_clear(&out);
		assert_int_equal(ev_text_fold(&out, text.data, text.len, &err),
		    EV_OK);
		len = utf8proc_map(text.data, (utf8proc_ssize_t)text.len,
		    &whole, options);
		assert_int_equal(out.len, len);
		if (len > 0)
			assert_memory_equal(out.data, whole, out.len);
		free(whole);
	}
	ev_buf_release(&text);
	ev_buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    json_for_the_screen_means_the_same_and_obeys_nothing),
		cmocka_unit_test(utf8_is_what_rfc_3629_says),
		cmocka_unit_test(controls_and_formats_are_escaped),
		cmocka_unit_test(nothing_unprintable_passes_for_any_character),
		cmocka_unit_test(joiners_stay_where_running_text_needs_them),
		cmocka_unit_test(markup_is_escaped_for_html),
		cmocka_unit_test(formulas_are_made_text_in_csv),
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(base64_is_the_vectors_of_rfc_4648),
		cmocka_unit_test(loose_base64_is_refused),
		cmocka_unit_test(integers_are_whole_and_in_range),
		cmocka_unit_test(folding_makes_equal_what_looks_equal),
		cmocka_unit_test(folding_is_that_of_the_whole_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
