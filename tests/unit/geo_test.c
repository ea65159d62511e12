/* What databases say about an address, and when they are not believed. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "evidence/when.h"
#include "weigh/geo.h"
#include "weigh/rules.h"

#define V4                                                     \
	"# Generated: Thu, 25 Jun 2026 04:33:59 GMT\n"         \
	"3221225984,3221226239,PK\n3325256704,3325256959,AF\n" \
	"3405803776,3405804031,??\n"

static int64_t
at(const char *text)
{
	int64_t us;

	assert_true(ev_when_parse(&us, NULL, text, strlen(text)));
	return us;
}

static void
add(struct ev_geo *geo, const char *source, const char *text,
    enum ev_geo_role role, const char *built)
{
	struct ev_geo_file file = { .name = source,
		.source = source,
		.sha256 = "00",
		.role = role,
		.built_us = at(built),
		.bytes = text,
		.len = strlen(text) };
	struct ev_err err;

	assert_int_equal(ev_geo_add(geo, &file, NULL, &err), EV_OK);
}

static struct ev_geo_answer
ask(const struct ev_geo *geo, const char *ip, const char *when,
    uint64_t without, int minimum)
{
	struct ev_geo_question q = { .at_us = at(when),
		.without = without,
		.minimum = minimum };
	struct ev_geo_answer answer;

	assert_true(ev_addr_parse(&q.addr, ip));
	ev_geo_ask(geo, &q, &answer);
	return answer;
}

static void
addresses_are_read_strictly_and_know_what_they_are_for(void **state)
{
	static const struct {
		const char *text, *printed, *link, *class;
	} good[] = {
		{ "192.0.2.7", "192.0.2.7", "192.0.2.7", "documentation" },
		{ "::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7",
		    "documentation" },
		{ "2001:DB8:0:1::5", "2001:db8:0:1::5", "2001:db8:0:1::/64",
		    "documentation" },
		{ "100.127.255.255", "100.127.255.255", "100.127.255.255",
		    "cgnat" },
		{ "100.128.0.0", "100.128.0.0", "100.128.0.0", "global" },
		{ "172.32.0.1", "172.32.0.1", "172.32.0.1", "global" },
		{ "172.31.0.1", "172.31.0.1", "172.31.0.1", "private" },
		{ "fe80::1", "fe80::1", "fe80::/64", "link-local" },
		{ "2600::1", "2600::1", "2600::/64", "global" },
		{ "4000::1", "4000::1", "4000::/64", "reserved" },
	};
	static const char *const bad[] = { "192.0.02.7", "192.0.2", "fe80::1%1",
		"192.0.2.7/32", " 192.0.2.7", "", "1.2.3.4.5", "::g" };
	char text[EV_ADDR_TEXT];
	struct ev_addr addr;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(ev_addr_parse(&addr, good[i].text));
		ev_addr_print(text, &addr);
		assert_string_equal(text, good[i].printed);
		ev_addr_link(text, &addr);
		assert_string_equal(text, good[i].link);
		assert_string_equal(ev_addr_class(&addr), good[i].class);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ev_addr_parse(&addr, bad[i]));
}

static void
votes_are_all_split_thin_or_none(void **state)
{
	static const char here[] =
	    "start,end,country\n192.0.2.0,192.0.2.255,PK\n";
	static const char there[] =
	    "start,end,country\n192.0.2.0,192.0.2.255,AF\n";
	struct ev_geo_answer a;
	struct ev_geo *geo;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_geo_new(&geo, &err), EV_OK);
	add(geo, "one", V4, EV_GEO_VOTE, "2026-06-25T04:33:59Z");
	add(geo, "two", here, EV_GEO_VOTE, "2026-01-01T00:00:00Z");
	a = ask(geo, "192.0.2.9", "2026-06-26T00:00:00Z", 0, 3);
	assert_int_equal(a.result, EV_GEO_THIN);
	assert_string_equal(a.cc, "PK");
	add(geo, "three", here, EV_GEO_VOTE, "2026-01-01T00:00:00Z");
	a = ask(geo, "192.0.2.9", "2026-06-26T00:00:00Z", 0, 3);
	assert_int_equal(a.result, EV_GEO_ALL);
	assert_int_equal(a.votes, 3);
	assert_int_equal(a.vote[0].days, 0);
	assert_int_equal(a.vote[1].days, 176);
	/* One left out, and the minimum falls to what is left. */
	a = ask(geo, "192.0.2.9", "2026-06-26T00:00:00Z", 2, 2);
	assert_int_equal(a.result, EV_GEO_ALL);
	add(geo, "four", there, EV_GEO_VOTE, "2026-01-01T00:00:00Z");
	a = ask(geo, "192.0.2.9", "2026-06-26T00:00:00Z", 0, 3);
	assert_int_equal(a.result, EV_GEO_SPLIT);
	assert_string_equal(a.cc, "");
	assert_true(ev_geo_says(&a, "AF"));
	/* ?? is no country, a gap is no answer. */
	a = ask(geo, "203.0.113.1", "2026-06-26T00:00:00Z", 0, 3);
	assert_int_equal(a.result, EV_GEO_NONE);
	assert_string_equal(a.vote[0].raw, "??");
	a = ask(geo, "203.0.112.255", "2026-06-26T00:00:00Z", 0, 3);
	assert_int_equal(a.votes, 0);
	/* Private addresses are nowhere. */
	a = ask(geo, "10.0.0.1", "2026-06-26T00:00:00Z", 0, 3);
	assert_int_equal(a.result, EV_GEO_NONE);
	ev_geo_free(geo);
}

static void
the_nearest_snapshot_votes_and_an_old_one_is_stale(void **state)
{
	static const char pk[] =
	    "start,end,country\n192.0.2.0,192.0.2.255,PK\n";
	static const char af[] =
	    "start,end,country\n192.0.2.0,192.0.2.255,AF\n";
	struct ev_geo_answer a;
	struct ev_geo *geo;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_geo_new(&geo, &err), EV_OK);
	add(geo, "one", pk, EV_GEO_VOTE, "2025-01-01T00:00:00Z");
	add(geo, "one", af, EV_GEO_VOTE, "2025-01-03T00:00:00Z");
	a = ask(geo, "192.0.2.9", "2025-01-01T23:59:59Z", 0, 3);
	assert_string_equal(a.cc, "PK");
	a = ask(geo, "192.0.2.9", "2025-01-02T00:00:00Z", 0, 3);
	assert_string_equal(a.cc, "PK"); /* a tie: the earlier */
	a = ask(geo, "192.0.2.9", "2025-01-02T00:00:01Z", 0, 3);
	assert_string_equal(a.cc, "AF");
	assert_false(a.stale);
	a = ask(geo, "192.0.2.9", "2025-07-02T00:00:00Z", 0, 3);
	assert_false(a.stale); /* 180 days */
	a = ask(geo, "192.0.2.9", "2025-07-02T00:00:01Z", 0, 3);
	assert_true(a.stale);
	a = ask(geo, "192.0.2.9", "2025-01-02T00:00:01Z", 2, 3);
	assert_string_equal(a.cc, "PK");
	ev_geo_free(geo);
}

static void
an_address_that_hides_its_user_has_no_line_of_its_own(void **state)
{
	static const char nets[] = "start,end,asn\n"
				   "192.0.2.0,192.0.2.255,64500\n"
				   "198.51.100.0,198.51.100.255,64501\n";
	static const char flags[] = "start,end,flags\n"
				    "192.0.2.128,192.0.2.191,vpn\n";
	static const char exits[] =
	    "ExitNode 00\n"
	    "ExitAddress 192.0.2.5 2025-01-01 12:00:00\n";
	static const char classes[] =
	    "64500 fixed - registry\n64501 mobile - registry\n";
	struct ev_geo_answer a;
	struct ev_asnfile asn;
	struct ev_geo *geo;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_geo_new(&geo, &err), EV_OK);
	assert_int_equal(ev_asnfile_parse(&asn, "a", classes, strlen(classes),
			     &err),
	    EV_OK);
	assert_int_equal(ev_geo_classes(geo, &asn, &err), EV_OK);
	add(geo, "n", nets, EV_GEO_ASN, "2025-01-01T00:00:00Z");
	add(geo, "f", flags, EV_GEO_CLASS, "2025-01-01T00:00:00Z");
	add(geo, "t", exits, EV_GEO_EXITS, "2025-01-01T00:00:00Z");
	a = ask(geo, "192.0.2.9", "2025-01-01T00:00:00Z", 0, 3);
	assert_string_equal(a.class, "fixed");
	assert_int_equal(a.asn, 64500);
	assert_int_equal(a.flags & EV_GF_CGNAT, 0);
	a = ask(geo, "192.0.2.130", "2025-01-01T00:00:00Z", 0, 3);
	assert_string_equal(a.class, "vpn");
	a = ask(geo, "198.51.100.1", "2025-01-01T00:00:00Z", 0, 3);
	assert_string_equal(a.class, "mobile");
	assert_int_not_equal(a.flags & EV_GF_CGNAT, 0);
	a = ask(geo, "203.0.113.1", "2025-01-01T00:00:00Z", 0, 3);
	assert_string_equal(a.class, "unknown");
	assert_false(a.flags_known);
	a = ask(geo, "192.0.2.5", "2025-01-02T12:00:00Z", 0, 3);
	assert_int_not_equal(a.flags & EV_GF_TOR, 0);
	assert_string_equal(a.class, "vpn");
	a = ask(geo, "192.0.2.5", "2025-01-02T12:00:01Z", 0, 3);
	assert_int_equal(a.flags & EV_GF_TOR, 0);
	ev_geo_free(geo);
	ev_asnfile_release(&asn);
}

static void
faulty_databases_are_refused(void **state)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
		{ "3221225984,3221226239,PK\n",
		    "x: no '# Generated:' line says when it was built" },
		{ "# Generated: soon\n1,2,PK\n",
		    "x:1: 'soon' is no date (RFC 9110)" },
		{ V4 "1,2,PK\n",
		    "x:5: not sorted: stands behind the range of the line "
		    "before" },
		{ V4 "3405804031,3405804099,PK\n",
		    "x:5: overlaps the range of the line before" },
		{ V4 "3405804099,3405804098,PK\n",
		    "x:5: the range ends before it begins" },
		{ V4 "3405804099,PK\n", "x:5: a row is start,end,country" },
		{ V4 "3405804099,4405804099,PK\n",
		    "x:5: '3405804099,4405804099' is no range" },
		{ "start,end,start\n1,2,3\n",
		    "x:1: column 'start' stands twice" },
		{ "from,to,country\n1,2,PK\n",
		    "x:1: the header names no 'start' and 'end'" },
		{ "start,end,country\n1,2\n",
		    "x:2: the row has not the header's 3 columns" },
		{ "start,end,flags\n1,2,secret\n",
		    "x:2: 'secret' holds no known flag" },
		{ "start,end,class\n1,2,home\n", "x:2: 'home' is no class" },
		{ "start,end,country\n", "x:1: no range stands here" },
	};
	struct ev_geo_about about;
	struct ev_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ev_geo_describe(&about, "x", cases[i].text,
				     strlen(cases[i].text), &err),
		    EV_INPUT);
		assert_string_equal(err.msg, cases[i].fault);
	}
}

/* A MaxMind DB with one entry: 203.0.113.0/24 is PK, AS64500. */
static size_t
make_mmdb(unsigned char *db)
{
	static const char record[] =
	    "\xe2\x47"
	    "country\xe1\x48"
	    "iso_code\x42PK"
	    "\x58"
	    "autonomous_system_number\xc4\x00\x00\xfb\xf4";
	static const char meta[] = "\xab\xcd\xefMaxMind.com\xe9"
				   "\x5b"
				   "binary_format_major_version\xa1\x02"
				   "\x5b"
				   "binary_format_minor_version\xa0"
				   "\x4b"
				   "build_epoch\x04\x02\x65\x92\x00\x80"
				   "\x4d"
				   "database_type\x44Test"
				   "\x4b"
				   "description\xe0"
				   "\x4a"
				   "ip_version\xa1\x06"
				   "\x49"
				   "languages\x00\x04"
				   "\x4a"
				   "node_count\xc1\x78"
				   "\x4b"
				   "record_size\xa1\x18";
	static const unsigned char net[3] = { 203, 0, 113 };
	const unsigned nodes = 120;
	size_t len = 0;
	unsigned i, bit, go, empty = nodes, side;

	for (i = 0; i < nodes; i++) {
		bit = i < 96 ? 0U
			     : (unsigned)net[(i - 96) / 8] >> (7 - i % 8) & 1U;
		go = i + 1 < nodes ? i + 1 : nodes + 16;
		for (side = 0; side < 2; side++) {
			unsigned value = side == bit ? go : empty;

			db[len++] = (unsigned char)(value >> 16);
			db[len++] = (unsigned char)(value >> 8);
			db[len++] = (unsigned char)value;
		}
	}
	memset(db + len, 0, 16);
	len += 16;
	memcpy(db + len, record, sizeof(record) - 1);
	len += sizeof(record) - 1;
	memcpy(db + len, meta, sizeof(meta) - 1);
	return len + sizeof(meta) - 1;
}

static void
a_maxmind_database_votes_and_a_cut_one_is_refused(void **state)
{
	unsigned char db[2048];
	struct ev_geo_file file = { .name = "m",
		.source = "m",
		.sha256 = "00",
		.bytes = db,
		.len = make_mmdb(db) };
	struct ev_geo_about about;
	struct ev_geo_answer a;
	char text[EV_ADDR_TEXT];
	struct ev_geo *geo;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_geo_new(&geo, &err), EV_OK);
	assert_int_equal(ev_geo_add(geo, &file, &about, &err), EV_OK);
	assert_string_equal(about.format, "mmdb");
	assert_true(about.has_built);
	assert_int_equal(about.built_us, at("2024-01-01T00:00:00Z"));
	a = ask(geo, "203.0.113.77", "2024-01-01T00:00:00Z", 0, 1);
	assert_string_equal(a.cc, "PK");
	assert_int_equal(a.asn, 64500);
	ev_addr_print(text, &a.vote[0].start);
	assert_string_equal(text, "203.0.113.0"); /* not /120 of ::/96 */
	ev_addr_print(text, &a.vote[0].end);
	assert_string_equal(text, "203.0.113.255");
	a = ask(geo, "203.0.112.77", "2024-01-01T00:00:00Z", 0, 1);
	assert_int_equal(a.votes, 0);
	ev_geo_free(geo);
	assert_int_equal(ev_geo_describe(&about, "m", db, file.len - 40, &err),
	    EV_INPUT);
	assert_int_equal(ev_geo_describe(&about, "m", db + 400, file.len - 400,
			     &err),
	    EV_INPUT);
}

static void
an_extract_answers_as_the_whole_does(void **state)
{
	static const char csv[] = "start,end,country,asn,class,flags\n"
				  "192.0.2.0,192.0.2.127,PK,64500,fixed,\n"
				  "192.0.2.128,192.0.2.255,AF,64501,,vpn\n"
				  "2001:db8::,2001:db8::ffff,IN,,mobile,\n";
	static const char *const ips[] = { "192.0.2.9", "192.0.2.200",
		"198.51.100.3" };
	struct ev_addr addrs[3];
	struct ev_geo *whole, *part;
	struct ev_geo_about about;
	struct ev_geo_answer a, b;
	struct ev_geo_file file;
	struct ev_buf out;
	struct ev_err err;
	char sha256[65];
	size_t i;

	(void)state;
	memset(sha256, 'a', 64);
	sha256[64] = '\0';
	file = (struct ev_geo_file){ .name = "w",
		.source = "w",
		.sha256 = sha256,
		.built_us = at("2025-01-01T00:00:00Z"),
		.bytes = csv,
		.len = strlen(csv) };
	assert_int_equal(ev_geo_new(&whole, &err), EV_OK);
	assert_int_equal(ev_geo_add(whole, &file, NULL, &err), EV_OK);
	for (i = 0; i < 3; i++)
		assert_true(ev_addr_parse(&addrs[i], ips[i]));
	ev_buf_init(&out, 1 << 20);
	assert_int_equal(ev_geo_extract(whole, 0, addrs, 3, &out, &err), EV_OK);
	assert_non_null(strstr(ev_buf_text(&out), "# families 4 6\n"));
	assert_int_equal(ev_geo_new(&part, &err), EV_OK);
	file.bytes = out.data;
	file.len = out.len;
	assert_int_equal(ev_geo_add(part, &file, &about, &err), EV_OK);
	assert_true(about.extract);
	assert_string_equal(about.sha256, sha256);
	assert_int_equal(about.built_us, file.built_us);
	for (i = 0; i < 3; i++) {
		a = ask(whole, ips[i], "2025-01-01T00:00:00Z", 0, 3);
		b = ask(part, ips[i], "2025-01-01T00:00:00Z", 0, 3);
		assert_int_equal(a.votes, b.votes);
		assert_string_equal(a.cc, b.cc);
		assert_string_equal(a.class, b.class);
		assert_int_equal(a.flags, b.flags);
		assert_int_equal(a.asn, b.asn);
		assert_int_equal(a.flags_known, b.flags_known);
	}
	ev_buf_release(&out);
	ev_geo_free(whole);
	ev_geo_free(part);
}

static void
the_tor_export_is_read_whole(void **state)
{
	static const char *const paths[] = { "/usr/share/tor/geoip",
		"/usr/share/tor/geoip6" };
	struct ev_geo_about about;
	struct ev_err err;
	char *bytes;
	size_t len, i;
	FILE *file;
	long size;

	(void)state;
	for (i = 0; i < 2; i++) {
		file = fopen(paths[i], "rb");
		if (file == NULL)
			skip();
		assert_int_equal(fseek(file, 0, SEEK_END), 0);
		size = ftell(file);
		rewind(file);
		bytes = malloc((size_t)size);
		assert_non_null(bytes);
		len = fread(bytes, 1, (size_t)size, file);
		(void)fclose(file);
		assert_int_equal(ev_geo_describe(&about, paths[i], bytes, len,
				     &err),
		    EV_OK);
		free(bytes);
		assert_string_equal(about.format, "ipfire-text");
		assert_true(about.has_built);
		assert_true(about.rows > 100000);
		assert_int_equal(about.v4, i == 0);
		assert_int_equal(about.v6, i == 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    addresses_are_read_strictly_and_know_what_they_are_for),
		cmocka_unit_test(votes_are_all_split_thin_or_none),
		cmocka_unit_test(
		    the_nearest_snapshot_votes_and_an_old_one_is_stale),
		cmocka_unit_test(
		    an_address_that_hides_its_user_has_no_line_of_its_own),
		cmocka_unit_test(faulty_databases_are_refused),
		cmocka_unit_test(
		    a_maxmind_database_votes_and_a_cut_one_is_refused),
		cmocka_unit_test(an_extract_answers_as_the_whole_does),
		cmocka_unit_test(the_tor_export_is_read_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
