/* Identifiers: one way to write each, and what is refused. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "weigh/canon.h"
#include "weigh/canon_sum.h"

static unsigned
canon(enum ev_type type, const char *raw, struct ev_buf *out)
{
	static const char params[] = "utm_*\nfbclid\n";
	struct ev_listfile tracking;
	struct ev_err err;
	struct ev_canon in = { .type = type,
		.platform = "x",
		.raw = raw,
		.len = strlen(raw),
		.tracking = &tracking };
	unsigned flags;

	assert_int_equal(ev_listfile_parse(&tracking, "tracking.list", params,
			     strlen(params), &err),
	    EV_OK);
	ev_buf_clear(out);
	assert_int_equal(ev_canon(&in, out, &flags, &err), EV_OK);
	ev_listfile_release(&tracking);
	return flags;
}

static void
equal_identifiers_are_equal_bytes(void **state)
{
	static const struct {
		enum ev_type type;
		const char *raw, *value;
	} cases[] = {
		{ EV_T_EMAIL, " Ops.Desk+a@Example.ORG ",
		    "ops.desk+a@example.org" },
		{ EV_T_PHONE, "+93 (70) 000-0001", "+93700000001" },
		{ EV_T_DEVICE, "8E7F6A5B-0000-4000-8000-00000000ABCD",
		    "8e7f6a5b-0000-4000-8000-00000000abcd" },
		{ EV_T_DEVICE, "490154203237518", "49015420323751" },
		{ EV_T_COOKIE, "AbC=", "x:AbC=" },
		{ EV_T_WALLET, "0x00000000000000000000000000000000000000Aa",
		    "0x00000000000000000000000000000000000000aa" },
		{ EV_T_WALLET, "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
		    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4" },
		{ EV_T_IBAN, "gb82 west 1234 5698 7654 32",
		    "GB82WEST12345698765432" },
		{ EV_T_TRACKER, "UA-12345-7", "UA-12345" },
		{ EV_T_IP, "2001:DB8::1", "2001:db8::1" },
		{ EV_T_USERNAME, "@Front_X", "front_x" },
		{ EV_T_INVITE, "https://t.me/+AbC", "tg:AbC" },
		{ EV_T_INVITE, "t.me/joinchat/AbC", "tg:AbC" },
		{ EV_T_INVITE, "https://chat.whatsapp.com/XyZ", "wa:XyZ" },
		{ EV_T_INVITE, "discord.com/invite/q1", "dc:q1" },
		{ EV_T_INVITE, "discord.gg/q1", "dc:q1" },
		{ EV_T_URL,
		    "HTTP://Example.ORG:80/a/./b/../%7ec%2f?utm_x=1&q=%61"
		    "&fbclid=2#top",
		    "http://example.org/a/~c%2F?q=a" },
		{ EV_T_URL, "example.org", "https://example.org/" },
		{ EV_T_ACCOUNT, "https://www.x.com/Front_X/", "x:@front_x" },
		{ EV_T_ACCOUNT, "t.me/s/Front_X", "telegram:@front_x" },
		{ EV_T_ACCOUNT, "facebook.com/profile.php?id=77&x=1",
		    "facebook:77" },
		{ EV_T_ACCOUNT, "x:@Front_X", "x:@front_x" },
		{ EV_T_ACCOUNT, "x:123", "x:123" },
	};
	struct ev_buf out;
	size_t i;

	(void)state;
	ev_buf_init(&out, 1 << 16);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(canon(cases[i].type, cases[i].raw, &out) &
				     EV_CANON_RAW,
		    0);
		assert_string_equal(ev_buf_text(&out), cases[i].value);
	}
	ev_buf_release(&out);
}

static void
what_is_not_its_type_is_kept_and_does_not_link(void **state)
{
	static const struct {
		enum ev_type type;
		const char *raw;
	} cases[] = {
		{ EV_T_EMAIL, "nobody" },
		{ EV_T_EMAIL, "a b@example.org" },
		{ EV_T_PHONE, "0700 000001" },
		{ EV_T_PHONE, "+12" },
		{ EV_T_PHONE, "+1234567890123456" },
		{ EV_T_DEVICE, "490154203237519" },
		{ EV_T_DEVICE, "00000000-0000-0000-0000-000000000000" },
		{ EV_T_WALLET, "1BoatSLRHtKNngkdXEeobR76b53LETtpyU" },
		{ EV_T_WALLET, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5" },
		{ EV_T_IBAN, "GB82WEST12345698765433" },
		{ EV_T_IP, "192.0.2.1/32" },
		{ EV_T_IP, "192.0.02.1" },
		{ EV_T_INVITE, "https://t.me/name" },
		{ EV_T_MEDIA, "abc" },
		{ EV_T_USERNAME, "front\xff" },
		{ EV_T_URL, "http://exam ple.org/" },
		{ EV_T_URL, "http://example.org:8a/" },
		{ EV_T_URL, "http://example.org:80 /" },
		/* U+FF0F folds to a slash: a page of x.com, not a name. */
		{ EV_T_ACCOUNT, "x:@x.com\xef\xbc\x8f"
				"abc" },
		{ EV_T_ACCOUNT, "x:@\xc2\xa0" },
	};
	struct ev_buf out;
	size_t i;

	(void)state;
	ev_buf_init(&out, 1 << 16);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_not_equal(canon(cases[i].type, cases[i].raw, &out) &
					 EV_CANON_RAW,
		    0);
	assert_int_not_equal(canon(EV_T_EMAIL, "a@ex\xc3\xa4mple.org", &out) &
				 EV_CANON_IDN,
	    0);
	ev_buf_release(&out);
}

/* What one capture wrote canonically and another did not must be equal. */
static void
a_canonical_value_is_its_own(void **state)
{
	static const struct {
		enum ev_type type;
		const char *raw, *value;
	} cases[] = {
		{ EV_T_URL, "https://a@b@example.org/x",
		    "https://example.org/x" },
		{ EV_T_URL, "https://x.com@evil.example/name",
		    "https://evil.example/name" },
		{ EV_T_URL, "http://example.org/a/%2e%2E/b",
		    "http://example.org/b" },
		{ EV_T_URL, "http://example.org/%2e", "http://example.org/" },
		{ EV_T_URL, "http://example.org/a/b/../..",
		    "http://example.org/" },
		{ EV_T_URL, "http://example.org/%%34%31",
		    "http://example.org/%2541" },
		{ EV_T_URL, "http://example.org/?%75tm_x=1&&q=%2",
		    "http://example.org/?q=%252" },
		{ EV_T_URL, "example.org:443", "https://example.org/" },
		{ EV_T_URL, "e.org/?u=://a.org", "https://e.org/?u=://a.org" },
		/* What stood in front of a blank at the end is gone. */
		{ EV_T_URL, "http://e.org/?utm_=2&&  &utm_x",
		    "http://e.org/?%20%20" },
		{ EV_T_URL, "http://e.org/a \x7f#x", "http://e.org/a%20%7F" },
		{ EV_T_URL, "http://e.org/ /..", "http://e.org/" },
		{ EV_T_INVITE, "t.me/+Ab \t/x", "tg:Ab%20%09" },
		/* U+00A0 folds to a blank. */
		{ EV_T_ACCOUNT, "x:@Front_X\xc2\xa0", "x:@front_x" },
		{ EV_T_USERNAME, "@@Front_X", "front_x" },
		{ EV_T_USERNAME,
		    "\xef\xbc\xa0"
		    "Front_X",
		    "front_x" },
	};
	struct ev_buf out, again;
	size_t i;

	(void)state;
	ev_buf_init(&out, 1 << 16);
	ev_buf_init(&again, 1 << 16);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(canon(cases[i].type, cases[i].raw, &out), 0);
		assert_string_equal(ev_buf_text(&out), cases[i].value);
		assert_int_equal(canon(cases[i].type, ev_buf_text(&out),
				     &again),
		    0);
		assert_string_equal(ev_buf_text(&again), cases[i].value);
	}
	ev_buf_release(&out);
	ev_buf_release(&again);
}

/* A NUL is no blank: what stands on its two sides is no one number. */
static void
a_nul_ends_what_it_stands_in(void **state)
{
	static const char text[] = "+93 70\0000 0001 https://example.org\0x/y";
	struct ev_found found;
	size_t at = 0;

	(void)state;
	assert_true(ev_canon_next(text, sizeof(text) - 1, &at, &found));
	assert_int_equal(found.type, EV_T_URL);
	assert_int_equal(found.len, strlen("https://example.org"));
}

static void
pages_of_a_platform_are_no_people(void **state)
{
	static const char *const urls[] = { "https://x.com/home",
		"https://x.com/name/status/1", "https://t.me/name/12",
		"https://t.me/c/1/2", "https://example.org/name",
		"https://x.com/", "https://facebook.com/groups/1" };
	enum ev_type type;
	struct ev_buf out;
	struct ev_err err;
	size_t i;

	(void)state;
	ev_buf_init(&out, 1 << 16);
	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		assert_int_equal(ev_canon_target(urls[i], strlen(urls[i]),
				     &type, &out, &err),
		    EV_OK);
		assert_int_equal(type, EV_TYPES);
	}
	ev_buf_release(&out);
}

static void
identifiers_are_found_in_running_text(void **state)
{
	static const char text[] =
	    "See https://example.org/a, (t.me/+AbC) or @Front_X; mail "
	    "ops@example.org. Call +93 70 000 0001! IBAN "
	    "GB82WEST12345698765432 and "
	    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2; not a@b nor x@ nor +1.";
	static const struct {
		enum ev_type type;
		const char *text;
	} want[] = {
		{ EV_T_URL, "https://example.org/a" },
		{ EV_T_URL, "t.me/+AbC" },
		{ EV_T_ACCOUNT, "@Front_X" },
		{ EV_T_EMAIL, "ops@example.org" },
		{ EV_T_PHONE, "+93 70 000 0001" },
		{ EV_T_IBAN, "GB82WEST12345698765432" },
		{ EV_T_WALLET, "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2" },
	};
	struct ev_found found;
	size_t at = 0, i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		assert_true(ev_canon_next(text, strlen(text), &at, &found));
		assert_int_equal(found.type, want[i].type);
		assert_int_equal(found.len, strlen(want[i].text));
		assert_memory_equal(found.text, want[i].text, found.len);
	}
	assert_false(ev_canon_next(text, strlen(text), &at, &found));
}

static void
numbers_names_and_offsets_name_countries(void **state)
{
	static const char codes[] = "1\t-\n1242\tBS\n7\tRU\n76\tKZ\n93\tAF\n";
	static const char names[] = "Pakistan\tPK\nIran\tIR\n";
	struct ev_listfile code, name;
	char cc[3], offset[8];
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_listfile_parse(&code, "calling-codes.list", codes,
			     strlen(codes), &err),
	    EV_OK);
	assert_int_equal(ev_listfile_parse(&name, "countries.list", names,
			     strlen(names), &err),
	    EV_OK);
	assert_true(ev_canon_phone_country(&code, "+93700000001", cc));
	assert_string_equal(cc, "AF");
	assert_true(ev_canon_phone_country(&code, "+76000000001", cc));
	assert_string_equal(cc, "KZ");
	assert_true(ev_canon_phone_country(&code, "+12425550101", cc));
	assert_string_equal(cc, "BS");
	assert_false(ev_canon_phone_country(&code, "+12025550101", cc));
	assert_false(ev_canon_phone_country(&code, "+443000000", cc));
	assert_true(ev_canon_country(&name, "Lahore, pakistan.", cc));
	assert_string_equal(cc, "PK");
	assert_true(ev_canon_country(&name, "IR", cc));
	assert_false(ev_canon_country(&name, "the Pakistan I love", cc));
	assert_false(ev_canon_country(&name, "", cc));
	assert_true(ev_canon_offset(offset, "UTC+4:30"));
	assert_string_equal(offset, "+04:30");
	assert_true(ev_canon_offset(offset, "-0500"));
	assert_string_equal(offset, "-05:00");
	assert_true(ev_canon_offset(offset, "GMT"));
	assert_string_equal(offset, "+00:00");
	assert_false(ev_canon_offset(offset, "Asia/Kabul"));
	assert_false(ev_canon_offset(offset, "+04:60"));
	assert_false(ev_canon_offset(offset, "+04:3"));
	assert_false(ev_canon_offset(offset, "16200"));
	assert_false(ev_canon_offset(offset, ""));
	ev_listfile_release(&code);
	ev_listfile_release(&name);
}

static void
private_values_are_shown_by_their_end_alone(void **state)
{
	char text[64];

	(void)state;
	ev_canon_mask(text, sizeof(text), EV_T_PHONE, "+93700000001");
	assert_string_equal(text, "phone ***01");
	ev_canon_mask(text, sizeof(text), EV_T_PHONE, "+1");
	assert_string_equal(text, "**");
	ev_canon_mask(text, sizeof(text), EV_T_INVITE, "tg:AbC");
	assert_string_equal(text, "tg:AbC");
}

static void
check_digits_are_computed(void **state)
{
	static const char bech32m[] = "A1LQFN3A";

	(void)state;
	assert_true(ev_sum_luhn("490154203237518", 15));
	assert_false(ev_sum_luhn("490154203237508", 15));
	assert_true(ev_sum_base58("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", 34));
	assert_false(ev_sum_base58("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3", 34));
	assert_false(ev_sum_bech32(bech32m, strlen(bech32m))); /* too short */
	assert_true(ev_sum_bech32("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e"
				  "72q4k9hcz7vqzk5jj0",
	    62));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_identifiers_are_equal_bytes),
		cmocka_unit_test(a_canonical_value_is_its_own),
		cmocka_unit_test(a_nul_ends_what_it_stands_in),
		cmocka_unit_test(
		    what_is_not_its_type_is_kept_and_does_not_link),
		cmocka_unit_test(pages_of_a_platform_are_no_people),
		cmocka_unit_test(identifiers_are_found_in_running_text),
		cmocka_unit_test(numbers_names_and_offsets_name_countries),
		cmocka_unit_test(private_values_are_shown_by_their_end_alone),
		cmocka_unit_test(check_digits_are_computed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
