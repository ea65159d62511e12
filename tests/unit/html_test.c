/* ingest/read_html*: pages of labels and values, and the traps in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "told.h"

#define REST                                          \
	"rows ip[*]\nkind login\nfield ip @ad ipport" \
	" required\nfield t @ti time:ymdhms required\n"
#define ALIASES                                                         \
	"alias ad = Address | Adresse | \"\xd9\xbe\xd8\xaa\xdb\x81\"\n" \
	"alias ti = Time | Zeit | \"\xd9\x88\xd9\x82\xd8\xaa\"\n"
#define PAGE                                               \
	"mapping a.b\nversion 1\nplatform x\nmatch **/x\n" \
	"reader html-pairs markup=meta skip=\"Page\" empty=None"

/* Labels and values in the newest markup; a section and a heading of them. */
#define V(value) \
	"<div class=\"m\"><div>" value "<div class=\"p\"></div></div></div>"
#define P(label, value) \
	"<div class=\"t o\"><div class=\"t i\">" label V(value) "</div></div>"
#define H(label, pairs)                                \
	"<div class=\"t o\"><div class=\"t i\">" label \
	"<div class=\"m\"><div>" pairs "</div></div></div></div>"
#define S(name, pairs) "<div id=\"property-" name "\">" pairs "</div>"
#define BREAK "<div id=\"page_2\" class=\"pageBreak\">Page 2</div>"

#define IP1 "203.0.113.1:40001"
#define IP2 "[2001:db8::2]:40002"
#define IP3 "203.0.113.3"
#define T1 "2026-01-01 00:00:01 UTC"
#define T2 "2026-01-02 00:00:02 UTC"
#define T3 "2026-01-03 00:00:03 UTC"

/* What is told, but for spans and notes: "ip time" of each row. */
static char *
rows_of(const char *map, const char *page, size_t len)
{
	static char rows[4096];
	struct transcript t = { .data = page, .len = len };
	struct ev_mapset *set = NULL;
	struct ev_err err = { 0 };
	const char *line, *ip, *when;

	assert_int_equal(ev_mapset_new(&set, &err), EV_OK);
	if (ev_mapset_add(set, "test.map", map, strlen(map), &err) != EV_OK)
		fail_msg("%s", err.msg);
	if (transcript_run(&t, set, "d/x", &err) != EV_OK)
		fail_msg("%s", err.msg);
	assert_true(transcript_adds_up(&t));
	rows[0] = '\0';
	for (line = ev_buf_text(&t.out); *line != '\0';
	     line = strchr(line, '\n') + 1) {
		ip = strstr(line, " ip=");
		when = strstr(line, " t=");
		if (strncmp(line, "set-aside", 9) == 0)
			strcat(rows, "lost;");
		if (strncmp(line, "note pair-irregular", 19) == 0)
			strcat(rows, "odd;");
		if (strncmp(line, "login", 5) != 0)
			continue;
		strncat(rows, ip + 4, strcspn(ip + 4, "< \n"));
		strncat(rows, strchr(when, '-') + 3, 3);
		strcat(rows, ";");
	}
	ev_buf_release(&t.out);
	ev_mapset_free(set);
	return rows;
}

static void
paired(const char *map, const char *page, const char *want)
{
	assert_string_equal(rows_of(map, page, strlen(page)), want);
}

static void
meta_and_whatsapp_pair_in_their_own_order(void **state)
{
	(void)state;
	paired(ALIASES PAGE "\n" REST,
	    S("ip", H("Heading", P("Address", IP1) P("Time", T1)
				     P("Address", IP2) P("Time", T2))),
	    "203.0.113.1-01;2001:db8::2-02;");
	paired(ALIASES PAGE "\n" REST,
	    S("ip", H("Heading", P("Time", T1) P("Address", IP1) P("Time", T2)
				     P("Address", IP2))),
	    "203.0.113.1-01;2001:db8::2-02;");
}

static void
a_page_line_between_label_and_value_moves_no_pair(void **state)
{
	(void)state;
	paired(ALIASES PAGE "\n" REST,
	    S("ip", H("Heading", P("Address", "") BREAK P("", IP1) P("Time", T1)
				     P("Address", IP2) BREAK P("Time", T2)
					 P("Address", IP3) P("Time", "")
					     BREAK P("", T3))),
	    "203.0.113.1-01;2001:db8::2-02;203.0.113.3-03;");
	told(ALIASES PAGE "\n" REST,
	    S("ip", P("Address", "") BREAK P("", IP3) P("Time", T3)),
	    "login section/ip/1 39+327 t=2026-01-03T00:00:03Z/utc-explicit"
	    "<2026-01-03 00:00:03 UTC> ip=203.0.113.3 !ip:page-split\n"
	    "total read 327 0 0 90\n");
}

static void
a_label_that_is_gone_moves_no_other_pair(void **state)
{
	(void)state;
	/* The label or the whole pair, in the middle and at the beginning. */
	paired(ALIASES PAGE "\n" REST,
	    S("ip", H("Heading",
			P("Address", IP1) P("Time", T1) P("", IP2) P("Time", T2)
			    P("Address", IP3) P("Time", T3))),
	    "odd;odd;203.0.113.1-01;lost;203.0.113.3-03;");
	paired(ALIASES PAGE "\n" REST,
	    S("ip", H("Heading", P("Address", IP1) P("Time", T1) P("Time", T2)
				     P("Address", IP3) P("Time", T3))),
	    "odd;203.0.113.1-01;lost;203.0.113.3-03;");
	paired(ALIASES PAGE " start=@ad\n" REST,
	    S("ip", H("Heading", P("Time", T1) P("Address", IP2) P("Time", T2)
				     P("Address", IP3) P("Time", T3))),
	    "odd;lost;2001:db8::2-02;203.0.113.3-03;");
	/* The other order, whole, is none with a label gone. */
	paired(ALIASES PAGE " start=@ad\n" REST,
	    S("ip", H("Heading", P("Time", T1) P("Address", IP1) P("Time", T2)
				     P("Address", IP2))),
	    "203.0.113.1-01;2001:db8::2-02;");
	/* Where nothing tells which, it is said. */
	paired(ALIASES PAGE "\n" REST,
	    S("ip",
		H("Heading", P("Time", T1) P("Address", IP2) P("Time", T2))),
	    "2001:db8::2-01;odd;lost;");
}

static void
three_generations_of_markup_give_the_same_rows(void **state)
{
#define G2(label, value)                                                       \
	"<div class=\"div_table outer\"><div class=\"div_table inner\">" label \
	"<div class=\"most_inner\">" value "</div></div></div>"
#define G1(label, value) \
	"<table><tr><th>" label "</th><td>" value "</td></tr></table>"
	static const char want[] = "203.0.113.1-01;2001:db8::2-02;";

	(void)state;
	paired(ALIASES PAGE "\n" REST,
	    S("ip", P("Address Definition", "Address: what it is")
			H("Heading", P("Address", IP1) P("Time", T1)
					 P("Address", IP2) P("Time", T2))),
	    want);
	paired(ALIASES PAGE "\n" REST,
	    S("ip", G2("Address Definition", "Address: what it is")
			G2("Heading", G2("Address", IP1) G2("Time", T1)
					  G2("Address", IP2) G2("Time", T2))),
	    want);
	paired(ALIASES PAGE "\n" REST,
	    S("ip", G1("Address Definition", "Address: what it is")
			G1("Heading", G1("Address", IP1) G1("Time", T1)
					  G1("Address", IP2) G1("Time", T2))),
	    want);
	/* End tags that may be left out. */
	paired(ALIASES PAGE "\n" REST,
	    S("ip", "<table><tr><td>Address<td>" IP1 "<tr><td>Time<td>" T1
		    "</table>"),
	    "203.0.113.1-01;");
}

static void
translated_labels_are_one_field(void **state)
{
	(void)state;
	paired(ALIASES PAGE "\n" REST,
	    S("ip", P("Adresse", IP1) P("Zeit:", T1)), "203.0.113.1-01;");
	paired(ALIASES PAGE "\n" REST,
	    S("ip", P("&#1662;&#1578;&#1729;", IP2)
			P("\xd9\x88\xd9\x82\xd8\xaa", T2)),
	    "2001:db8::2-02;");
	told(ALIASES PAGE "\n" REST, S("ip", P("Diresse", IP3) P("Tid", T3)),
	    "set-aside 39+180 required: column 't' was expected, and nothing"
	    " was parsed for it\n"
	    "unknown ip[*].Diresse 1\nunknown ip[*].Tid 1\n"
	    "note unknown-label 0 ti\nnote unknown-label 0 ad\n"
	    "total read-with-loss 0 180 0 90\n");
}

static void
ports_stand_behind_addresses_and_bracketed_ones(void **state)
{
	(void)state;
	told(ALIASES PAGE "\nrows ip[*]\nkind login\nfield ip @ad ipport\n",
	    S("ip", "<table><tr><td>Address<td>" IP2 "<tr><td>Address<td>" IP3
		    "<tr><td>Address<td>203.0.113.4:99999</table>"),
	    "login section/ip/1 33+34 ip=2001:db8::2<[2001:db8::2]:40002>"
	    " port=40002<[2001:db8::2]:40002>\n"
	    "login section/ip/2 71+26 ip=203.0.113.3\n"
	    "login section/ip/3 101+32 ip=NULL<203.0.113.4:99999>"
	    " !ip:not-parsed\n"
	    "total read 92 0 0 55\n");
}

static void
a_carried_value_stands_in_the_records_behind_it(void **state)
{
	(void)state;
	told("alias ca = Call\n" PAGE " carry=@ca\n"
	     "rows log[*]\nkind message\nfield text Text text\n"
	     "field conversation Call id\n",
	    S("log", H("Log", H("One", P("Call", "7") H("Events",
					   P("Text", "a") P("Text", "b")))
				  H("Two", H("Events", P("Text", "c"))))),
	    "message section/log/1 318+42 conversation=7 text=a\n"
	    "message section/log/2 422+42 conversation=7 text=b\n"
	    "message section/log/3 691+42 text=c\n"
	    "total read 126 0 42 688\n");
	/* It comes again: the record before it keeps the one before. */
	told("alias ca = Thread\n" PAGE " carry=Thread\n"
	     "rows log[*]\nkind message\nfield text Text text\n"
	     "field conversation Thread id\n",
	    S("log", P("Thread", "7") P("Text", "a") P("Thread", "8")
			 P("Text", "b")),
	    "message section/log/1 146+42 conversation=7 text=a\n"
	    "message section/log/2 356+42 conversation=8 text=b\n"
	    "total read 84 0 88 277\n");
}

static void
a_reference_is_decoded_once_and_what_was_found_is_kept(void **state)
{
	(void)state;
	told(PAGE "\nrows m[*]\nkind message\nfield text Body text:meta\n"
		  "field name Who text\n",
	    "<!-- <div id=\"property-m\"> --><script>P</script>" S("m",
		P("Body", "a &amp;lt; b<br>\xc3\x98\xc2\xb3 &nosuch; &")
		    P("Who", "x\xffy") P("Body", "Page 2 is not a page")),
	    "message section/m/1 86+177 name=NULL<x\xffy>"
	    " text=a &lt; b\n\xd8\xb3 &nosuch; &"
	    "<a &amp;lt; b<br>\xc3\x98\xc2\xb3 &nosuch; &>"
	    " !name:bad-encoding text:mojibake\n"
	    "note pair-irregular 325 Body\n"
	    "message section/m/2 325+61 text=Page 2 is not a page\n"
	    "total read 238 0 0 199\n");
}

static void
mojibake_is_mended_and_what_was_found_is_kept(void **state)
{
	(void)state;
	told(PAGE "\nrows m[*]\nkind message\nfield text Body text:meta\n",
	    S("m", P("Body", "\xc3\x98\xc2\xb3")),
	    "message section/m/1 38+45 text=\xd8\xb3<\xc3\x98\xc2\xb3>"
	    " !text:mojibake\n"
	    "total read 45 0 0 89\n");
}

static void
every_line_of_a_value_may_be_a_row(void **state)
{
	(void)state;
	told(PAGE " list=Numbers\nrows m[*].Numbers[*]\nkind edge\n"
		  "field other . id\n",
	    S("m", P("Numbers", "1, 2,3<br>4") P("Numbers", "")),
	    "edge section/m/1 82+1 other=1\nedge section/m/1 85+1 other=2\n"
	    "edge section/m/1 87+1 other=3\nedge section/m/1 92+1 other=4\n"
	    "total read 4 0 0 246\n");
}

static void
a_page_that_is_cut_anywhere_tells_nothing_else(void **state)
{
	static const char page[] = S("ip",
	    H("Heading", P("Address", IP1) P("Time", T1) P("Address", "")
			     BREAK P("", IP2) P("Time", T2) P("Address", IP3)
				 P("Time", T3)));
	static const char map[] = ALIASES PAGE " start=@ad\n" REST;
	static const char *const want[] = { "203.0.113.1-01;",
		"2001:db8::2-02;", "203.0.113.3-03;" };
	char *rows, *row, *rest;
	size_t cut, i;

	(void)state;
	for (cut = 0; cut < sizeof(page); cut++) {
		rows = rows_of(map, page, cut);
		for (row = rows, i = 0; *row != '\0'; row = rest) {
			rest = strchr(row, ';') + 1;
			if (*row == 'l' || *row == 'o')
				continue;
			assert_true(i < 3);
			assert_memory_equal(row, want[i], strlen(want[i]));
			i++;
		}
	}
	assert_string_equal(rows_of(map, page, sizeof(page) - 1),
	    "203.0.113.1-01;2001:db8::2-02;203.0.113.3-03;");
}

static void
hostile_pages_are_set_aside_at_their_byte(void **state)
{
	struct ev_buf page;
	struct ev_err err;
	int i;

	(void)state;
	told(PAGE "\nrows m[*]\nkind message\nfield text Body text\n",
	    S("m", P("Body", "a")) "<div class=\"x",
	    "message section/m/1 38+42 text=a\n"
	    "set-aside 131+13 truncated: the page ends within a tag or a"
	    " comment\n"
	    "total read-with-loss 42 13 0 89\n");
	ev_buf_init(&page, 1 << 20);
	for (i = 0; i < 300; i++)
		assert_int_equal(ev_buf_puts(&page, "<b>", &err), EV_OK);
	told_bytes(PAGE "\nrows m[*]\nkind message\nfield text Body text\n",
	    ev_buf_text(&page), page.len,
	    "set-aside 771+129 too-deep: at most 256 open elements were"
	    " expected\n"
	    "total read-with-loss 0 129 0 771\n");
	ev_buf_release(&page);
	told(PAGE "\nrows m[*]\nkind message\nfield text Body text\n",
	    "</div></div><td>x<table><tr><td></table>" S("m", V("y")),
	    "total read 0 0 2 119\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(meta_and_whatsapp_pair_in_their_own_order),
		cmocka_unit_test(
		    a_page_line_between_label_and_value_moves_no_pair),
		cmocka_unit_test(a_label_that_is_gone_moves_no_other_pair),
		cmocka_unit_test(
		    three_generations_of_markup_give_the_same_rows),
		cmocka_unit_test(translated_labels_are_one_field),
		cmocka_unit_test(
		    ports_stand_behind_addresses_and_bracketed_ones),
		cmocka_unit_test(
		    a_carried_value_stands_in_the_records_behind_it),
		cmocka_unit_test(
		    a_reference_is_decoded_once_and_what_was_found_is_kept),
		cmocka_unit_test(mojibake_is_mended_and_what_was_found_is_kept),
		cmocka_unit_test(every_line_of_a_value_may_be_a_row),
		cmocka_unit_test(
		    a_page_that_is_cut_anywhere_tells_nothing_else),
		cmocka_unit_test(hostile_pages_are_set_aside_at_their_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
