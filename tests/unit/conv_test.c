/* ingest/conv: what each converter makes of a value, and what it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "evidence/when.h"
#include "ingest/conv.h"
#include "ingest/ip.h"

/*
 * "value", "value !notes", "- !notes" or "absent" of one text by a converter,
 * with up to two arguments.
 */
static const char *
by(const char *name, const char *text, char *a, char *b)
{
	static char out[512];
	char when[EV_WHEN_TEXT], lo[EV_WHEN_TEXT], hi[EV_WHEN_TEXT];
	char *args[2] = { a, b };
	struct ev_conv conv = { ev_conv_find(name, strlen(name)), args,
		(size_t)(a != NULL) + (b != NULL) };
	struct ev_value_in in = { NULL, text, strlen(text) };
	struct ev_value_out value;
	struct ev_buf buf;
	struct ev_err err;
	enum ev_rc rc;
	size_t len = 0;

	assert_non_null(conv.info);
	assert_null(ev_conv_check(&conv));
	memset(&value, 0, sizeof(value));
	ev_buf_init(&buf, 4096);
	value.text = &buf;
	rc = conv.info->fn(&conv, &in, &value, &err);
	assert_true(rc == EV_OK || rc == EV_EOF);
	out[0] = '\0';
	if (rc == EV_EOF) {
		len = (size_t)snprintf(out, sizeof(out), "%s",
		    value.absent ? "absent" : "-");
	} else if (conv.info->type == EV_CV_TIME) {
		ev_when_print(when, value.time.utc, value.time.prec);
		ev_when_print(lo, value.time.lo, EV_PREC_US);
		ev_when_print(hi, value.time.hi, EV_PREC_US);
		len = (size_t)snprintf(out, sizeof(out), "%s %s %s [%s %s]",
		    value.time.has_utc ? when : "NULL",
		    ev_basis_name(value.time.basis),
		    ev_prec_name(value.time.prec), lo, hi);
	} else if (conv.info->type == EV_CV_INT ||
		   conv.info->type == EV_CV_BOOL ||
		   conv.info->type == EV_CV_PORT) {
		len = (size_t)snprintf(out, sizeof(out), "%jd",
		    (intmax_t)value.number);
	} else {
		len =
		    (size_t)snprintf(out, sizeof(out), "%s", ev_buf_text(&buf));
		if (value.has_port)
			len += (size_t)snprintf(out + len, sizeof(out) - len,
			    " port %jd", (intmax_t)value.port);
	}
	if (value.notes[0] != '\0')
		snprintf(out + len, sizeof(out) - len, " !%s", value.notes);
	ev_buf_release(&buf);
	return out;
}

#define GIVES(name, text, want) \
	assert_string_equal(by(name, text, NULL, NULL), want)
#define GIVES_WITH(name, arg, text, want)                                  \
	do {                                                               \
		char argument[] = arg;                                     \
		assert_string_equal(by(name, text, argument, NULL), want); \
	} while (0)

static void
ids_that_lost_digits_are_refused(void **state)
{
	(void)state;
	GIVES("id", "-80241446968629135069", "-80241446968629135069");
	GIVES("id", "1312064821625094311", "1312064821625094311");
	GIVES("id", "some.body@example.org", "some.body@example.org");
	GIVES("id", "1.01421E+18", "- !precision-lost");
	GIVES("id", "1e+5", "- !precision-lost");
	GIVES("id", "12345.0", "- !precision-lost");
	GIVES("id", "1412345678900000000", "- !precision-lost");
	GIVES("id", "14123456700000000", "- !precision-lost");
	GIVES("id", "1412345670000000", "1412345670000000");
	GIVES("id", "abc1.0", "abc1.0");
	GIVES("id", "user1E+", "user1E+");
}

static void
numbers_are_exact_or_nothing(void **state)
{
	(void)state;
	GIVES("int", "12", "12");
	GIVES("int", "-3", "-3");
	GIVES("int", "1,234,567", "1234567");
	GIVES("int", "1,23", "-");
	GIVES("int", "1234,567", "-");
	GIVES("int", "1.5", "-");
	GIVES("int", "", "-");
	GIVES("int", "9007199254740993", "-");
	GIVES("bool", "TRUE", "1");
	GIVES("bool", "no", "0");
	GIVES("bool", "maybe", "-");
	GIVES_WITH("bool", "Active", "active", "1");
	GIVES_WITH("bool", "Active", "paused", "-");
	GIVES("e7", "315497000", "315497000");
	GIVES("e7", "1800000001", "-");
	GIVES("deg", "31.5497", "315497000");
	GIVES("deg", "-0.00000005", "-1");
	GIVES("deg", "74", "740000000");
	GIVES("deg", "181", "-");
	GIVES("deg", "7e1", "-");
	GIVES("port", "443", "443");
	GIVES("port", "0", "0 !port-zero");
	GIVES("port", "65536", "-");
	GIVES("port", "080", "-");
}

static void
addresses_are_printed_one_way(void **state)
{
	(void)state;
	GIVES("ip", "203.0.113.7", "203.0.113.7");
	GIVES("ip", " 2001:DB8:0:0:1:0:0:1 ", "2001:db8::1:0:0:1");
	GIVES("ip", "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1");
	GIVES("ip", "::", "::");
	GIVES("ip", "1::", "1::");
	GIVES("ip", "::ffff:198.51.100.62", "198.51.100.62 !v4-mapped");
	GIVES("ip", "203.0.113.007", "-");
	GIVES("ip", "203.0.113", "-");
	GIVES("ip", "203.0.113.0/24", "-");
	GIVES("ip", "fe80::1%eth0", "-");
	GIVES("ip", "203.0.113.7:80", "-");
	GIVES("ip", "redacted", "-");
	GIVES("ipport", "203.0.113.212:31547", "203.0.113.212 port 31547");
	GIVES("ipport", "[2001:db8::1]:59483", "2001:db8::1 port 59483");
	GIVES("ipport", "[2001:db8::1]", "2001:db8::1");
	GIVES("ipport", "2001:db8::1", "2001:db8::1");
	GIVES("ipport", "203.0.113.212", "203.0.113.212");
	GIVES("ipport", "203.0.113.212:", "-");
	GIVES("ipport", "203.0.113.212:99999", "-");
	GIVES("ipport", "[203.0.113.212]:1", "-");
	GIVES("ipport", "[2001:db8::1]x", "-");
}

static void
addresses_have_a_class(void **state)
{
	static const struct {
		const char *text, *class;
	} known[] = { { "8.8.8.8", "global" }, { "10.1.2.3", "private" },
		{ "172.31.0.1", "private" }, { "172.32.0.1", "global" },
		{ "100.64.0.1", "cgnat" }, { "100.128.0.1", "global" },
		{ "127.0.0.1", "loopback" }, { "169.254.1.1", "link-local" },
		{ "203.0.113.9", "documentation" },
		{ "224.0.0.1", "multicast" }, { "255.255.255.255", "reserved" },
		{ "192.88.99.1", "6to4" }, { "2a00::1", "global" },
		{ "2001:db8::1", "documentation" }, { "2001::1", "teredo" },
		{ "2002::1", "6to4" }, { "::1", "loopback" },
		{ "fd00::1", "ula" }, { "fe80::1", "link-local" },
		{ "ff02::1", "multicast" }, { "64:ff9b::1", "nat64" },
		{ "::ffff:10.0.0.1", "private" } };
	struct ev_ip ip;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		assert_true(
		    ev_ip_parse(&ip, known[i].text, strlen(known[i].text)));
		assert_string_equal(ev_ip_class(&ip), known[i].class);
	}
}

static void
people_are_reached_as_the_platform_wrote(void **state)
{
	(void)state;
	GIVES("email", " A.B@Example.ORG ", "A.B@example.org");
	GIVES("email", "@example.org", "-");
	GIVES("email", "a@example", "-");
	GIVES("email", "a b@example.org", "-");
	GIVES("phone", "+1 (202) 555-0143", "+12025550143");
	GIVES("phone", "12025550143", "-");
	GIVES("phone", "+91 98 [IN]", "-");
	GIVES("phone", "+123456", "-");
	GIVES("phone", "+1234567890123456", "-");
	GIVES_WITH("phone", "intl", "12025550143", "+12025550143");
	GIVES_WITH("phone", "intl", "012025550143", "-");
	GIVES_WITH("phone", "+92", "0300 5550100", "+923005550100");
	GIVES_WITH("phone", "+92", "+12025550143", "+12025550143");
	GIVES("country", "PK", "PK");
	GIVES("country", "afghanistan", "AF");
	GIVES("country", "Russian Federation", "RU");
	GIVES("country", "ZZ", "-");
	GIVES("country", "Exampleland", "-");
}

static void
texts_are_unwrapped(void **state)
{
	char from[] = "Suspend", to[] = "suspended";

	(void)state;
	GIVES("text", "", "");
	GIVES("text:meta", "\xc3\x98\xc2\xb3", "\xd8\xb3 !mojibake");
	GIVES("text:meta", "plain", "plain");
	/* A name in Latin-1 is none: its bytes are no UTF-8. */
	GIVES("text:meta", "Ren\xc3\xa9", "Ren\xc3\xa9");
	GIVES("text:meta", "\xd8\xb3", "\xd8\xb3");
	GIVES("html", "a<br>b &amp; <b>c</b>&#x67;&#39;&bogus;<",
	    "a\nb & cg'&bogus;<");
	GIVES("html", "<p>a</p>b&#xd800;", "a\nb&#xd800;");
	GIVES("tg-peer", "user1", "user:1");
	GIVES("tg-peer", "channel1", "channel:1");
	GIVES("tg-peer", "-1001", "channel:1");
	GIVES("tg-peer", "chat1", "chat:1");
	GIVES("tg-peer", "1", "peer:1");
	GIVES("tg-peer", "user", "-");
	GIVES("tg-peer", "-5", "-");
	GIVES_WITH("tg-peer", "user", "1", "user:1");
	GIVES_WITH("tg-peer", "user", "channel1", "channel:1");
	GIVES_WITH("member-id", "-", "a/b-c/15-x.png", "15");
	GIVES_WITH("member-id", "-", "a/b-c/x.png", "-");
	GIVES("profile-id", "https://example.org/profile.php?id=77&x=1", "77");
	GIVES("profile-id", "https://example.org/some.one/", "absent");
	GIVES("profile-name", "https://example.org/some.one?x", "some.one");
	GIVES("profile-name", "77", "absent");
	assert_string_equal(by("map", "SUSPEND", from, to), "suspended");
	assert_string_equal(by("map", "Other", from, to), "- !unknown-word");
}

static void
times_say_what_is_known_of_their_zone(void **state)
{
	(void)state;
	GIVES("time:iso", "2023-06-17T19:05:31.904Z",
	    "2023-06-17T19:05:31.904Z utc-explicit ms"
	    " [2023-06-17T19:05:31.903000Z 2023-06-17T19:05:31.905000Z]");
	GIVES("time:iso", "2023-06-17 19:05:31+05:30",
	    "2023-06-17T13:35:31Z offset-explicit s"
	    " [2023-06-17T13:35:30.000000Z 2023-06-17T13:35:32.000000Z]");
	GIVES("time:iso", "2024-02-01T13:25:40",
	    "NULL naive s"
	    " [2024-01-31T23:25:39.000000Z 2024-02-02T01:25:41.000000Z]");
	GIVES_WITH("time:iso", "exporter-local", "2024-02-01T13:25:40",
	    "NULL exporter-local s"
	    " [2024-01-31T23:25:39.000000Z 2024-02-02T01:25:41.000000Z]");
	GIVES_WITH("time:ymdhms", "utc-convention", "2024-02-01 13:25:40",
	    "2024-02-01T13:25:40Z utc-convention s"
	    " [2024-01-31T23:25:39.000000Z 2024-02-02T01:25:41.000000Z]");
	/* An argument replaces a missing zone only. */
	GIVES_WITH("time:ymdhms", "utc-convention", "2024-02-01 13:25:40 Z",
	    "2024-02-01T13:25:40Z utc-explicit s"
	    " [2024-02-01T13:25:39.000000Z 2024-02-01T13:25:41.000000Z]");
	GIVES("time:iso", "2024-02",
	    "NULL naive month"
	    " [2024-01-31T10:00:00.000000Z 2024-03-03T12:00:00.000000Z]");
	GIVES("time:iso", "2024-02-30", "-");
	GIVES("time:iso", "2024-02-01T24:00:00Z", "-");
	GIVES("time:iso", "2024-02-01T13:25:40Zx", "-");
	GIVES("time:iso", "1985-01-01T00:00:00Z",
	    "1985-01-01T00:00:00Z utc-explicit s"
	    " [1984-12-31T23:59:59.000000Z 1985-01-01T00:00:01.000000Z]"
	    " !implausible");
}

static void
each_platform_writes_time_in_its_own_way(void **state)
{
	(void)state;
	GIVES("time:twitter", "Wed Aug 30 22:20:03 +0000 2023",
	    "2023-08-30T22:20:03Z utc-explicit s"
	    " [2023-08-30T22:20:02.000000Z 2023-08-30T22:20:04.000000Z]");
	GIVES("time:twitter", "Tue Aug 30 22:20:03 +0000 2023",
	    "2023-08-30T22:20:03Z utc-explicit s"
	    " [2023-08-30T22:20:02.000000Z 2023-08-30T22:20:04.000000Z]"
	    " !weekday-differs");
	GIVES("time:ctime", "Thu Aug 19 12:00:00 UTC 2021",
	    "2021-08-19T12:00:00Z utc-explicit s"
	    " [2021-08-19T11:59:59.000000Z 2021-08-19T12:00:01.000000Z]");
	GIVES("time:dmy12", "27/07/2026 12:04:43AM (UTC +00)",
	    "2026-07-27T00:04:43Z utc-explicit s"
	    " [2026-07-27T00:04:42.000000Z 2026-07-27T00:04:44.000000Z]");
	GIVES("time:dmy12", "27/07/2026 13:04:43PM (UTC +00)", "-");
	GIVES("time:tg-title", "13.07.2017 20:21:54 UTC+03:30",
	    "2017-07-13T16:51:54Z offset-explicit s"
	    " [2017-07-13T16:51:53.000000Z 2017-07-13T16:51:55.000000Z]");
	GIVES("time:ymd-dots", "2021.10.20",
	    "NULL naive day"
	    " [2021-10-19T10:00:00.000000Z 2021-10-21T12:00:00.000000Z]");
	GIVES("time:ymd8", "20211020",
	    "NULL naive day"
	    " [2021-10-19T10:00:00.000000Z 2021-10-21T12:00:00.000000Z]");
	GIVES("time:us", "7/3/2018",
	    "NULL naive day"
	    " [2018-07-02T10:00:00.000000Z 2018-07-04T12:00:00.000000Z]");
	GIVES("time:us", "13/3/2018", "-");
	GIVES("time:us", "7/3/2018 14:05 EST",
	    "NULL abbrev min"
	    " [2018-07-03T00:04:00.000000Z 2018-07-04T02:06:00.000000Z]");
	GIVES("time:mail", "Wed, 30 Aug 2023 22:20:03 +0200 (CEST)",
	    "2023-08-30T20:20:03Z offset-explicit s"
	    " [2023-08-30T20:20:02.000000Z 2023-08-30T20:20:04.000000Z]");
}

static void
counts_since_1970_are_instants(void **state)
{
	(void)state;
	GIVES("time:epoch", "1706775940",
	    "2024-02-01T08:25:40Z epoch s"
	    " [2024-02-01T08:25:39.000000Z 2024-02-01T08:25:41.000000Z]");
	GIVES("time:epoch", "1706775940.25",
	    "2024-02-01T08:25:40.250Z epoch ms"
	    " [2024-02-01T08:25:40.249000Z 2024-02-01T08:25:40.251000Z]");
	GIVES("time:epoch-ms", "1706775940123",
	    "2024-02-01T08:25:40.123Z epoch ms"
	    " [2024-02-01T08:25:40.122000Z 2024-02-01T08:25:40.124000Z]");
	GIVES("time:epoch-us", "1706775940123456",
	    "2024-02-01T08:25:40.123456Z epoch us"
	    " [2024-02-01T08:25:40.123455Z 2024-02-01T08:25:40.123457Z]");
	GIVES("time:epoch", "0", "- !zero-time");
	GIVES("time:epoch", "1e9", "-");
	GIVES("time:epoch", "999999999999999999", "-");
	GIVES("time:epoch", "99999999999999999999", "-");
}

static void
every_converter_survives_any_short_text(void **state)
{
	static const char *const names[] = { "id", "text", "int", "bool",
		"text:meta", "tg-text", "tg-peer", "html", "profile-id",
		"profile-name", "ip", "ipport", "port", "url", "email", "phone",
		"country", "e7", "deg", "time:iso", "time:twitter",
		"time:ctime", "time:ymdhms", "time:dmy12", "time:tg-title",
		"time:ymd-dots", "time:ymd8", "time:us", "time:mail",
		"time:epoch", "time:epoch-ms", "time:epoch-us" };
	static const char letters[] = "[]:.-+/@&#;x0 9ZT<>%{\xc3\xb3";
	char text[4] = "";
	size_t i, a, b, c;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (a = 0; a < sizeof(letters); a++)
			for (b = 0; b < sizeof(letters); b++)
				for (c = 0; c < sizeof(letters); c++) {
					text[0] = letters[a];
					text[1] = letters[b];
					text[2] = letters[c];
					by(names[i], text, NULL, NULL);
				}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_that_lost_digits_are_refused),
		cmocka_unit_test(numbers_are_exact_or_nothing),
		cmocka_unit_test(addresses_are_printed_one_way),
		cmocka_unit_test(addresses_have_a_class),
		cmocka_unit_test(people_are_reached_as_the_platform_wrote),
		cmocka_unit_test(texts_are_unwrapped),
		cmocka_unit_test(times_say_what_is_known_of_their_zone),
		cmocka_unit_test(each_platform_writes_time_in_its_own_way),
		cmocka_unit_test(counts_since_1970_are_instants),
		cmocka_unit_test(every_converter_survives_any_short_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
