/* ingest/read_text, read_texttable, read_htmltable: answers in plain form. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "told.h"

#define PAIRS(options, rest)                                         \
	"alias ip = IP | \"IP address\"\nalias when = Date\n"        \
	"alias all = IP | \"IP address\" | Date | Body | For\n" MAP( \
	    "text-pairs " options, rest)
#define SIGN_IN                                                           \
	"kind login\nfield ip @ip ip required\nfield t @when time:ymdhms" \
	" required\n"
#define SAID "kind message\nfield text Body text\nfield recipient For text\n"

static void
labels_before_a_colon_make_records(void **state)
{
	(void)state;
	told(PAIRS("style=colon", SIGN_IN),
	    "Events\n"
	    "Date: 2026-01-01 00:00:01 UTC\r\n"
	    "  IP:\t203.0.113.1\r\n"
	    "\r\n"
	    "Date: 2026-01-02 00:00:02 UTC\n"
	    "IP address: 2001:db8::2\n"
	    "the end 12:30",
	    "login rec:1 7+48 t=2026-01-01T00:00:01Z/utc-explicit<2026-01-01 "
	    "00:00:01 UTC> ip=203.0.113.1\n"
	    "login rec:2 59+53 t=2026-01-02T00:00:02Z/utc-explicit<2026-01-02 "
	    "00:00:02 UTC> ip=2001:db8::2\n"
	    "total read 101 0 19 6\n");
}

static void
an_indented_line_goes_on_with_the_value(void **state)
{
	(void)state;
	told(PAIRS("style=colon", SAID), "Body: one\n  two\nFor: x\nthree\n",
	    "message rec:1 0+22 recipient=x text=one\ntwo<one\n  two>\n"
	    "total read 22 0 5 2\n");
	/* Where labels are known, all else is value, up to an empty line. */
	told(PAIRS("labels=@all", SAID),
	    "Body: one\ntwo: 2\n\nthree: 3\nFor: x\n",
	    "message rec:1 0+33 recipient=x text=one\ntwo: 2\n"
	    "total read 33 0 0 1\n");
}

static void
a_label_may_stand_over_its_value(void **state)
{
	(void)state;
	told(PAIRS("style=next-line labels=@all skip=\"Record page\"", SAID),
	    "Body\none\n\ntwo\nFor:\nRecord page 2\nx\nBody\nRecord page 3\n"
	    "y\nRecord page 4\nz\nFor\nx",
	    "message rec:1 0+34 recipient=x text=one\n\ntwo"
	    " !recipient:page-split\n"
	    "message rec:2 35+42 recipient=x text=y\nz<y\nRecord page 4\nz>"
	    " !text:page-split\n"
	    "total read 76 0 0 1\n");
}

static void
a_page_line_moves_no_pair_of_text(void **state)
{
	(void)state;
	told(PAIRS("skip=\"Page\" start=@ip", SIGN_IN),
	    "IP: 203.0.113.1\nDate:\nPage 2\n2026-01-01 00:00:01 UTC\n"
	    "Page 3\nIP: 203.0.113.2\nDate: 2026-01-02 00:00:02 UTC\n",
	    "login rec:1 0+52 t=2026-01-01T00:00:01Z/utc-explicit"
	    "<2026-01-01 00:00:01 UTC> ip=203.0.113.1 !t:page-split\n"
	    "login rec:2 60+45 t=2026-01-02T00:00:02Z/utc-explicit"
	    "<2026-01-02 00:00:02 UTC> ip=203.0.113.2\n"
	    "total read 97 0 0 9\n");
	/* A label that is gone is said, and moves no other. */
	told(PAIRS("start=@ip", SIGN_IN),
	    "IP: 203.0.113.1\nDate: 2026-01-01 00:00:01 UTC\n"
	    "Date: 2026-01-02 00:00:02 UTC\n"
	    "IP: 203.0.113.3\nDate: 2026-01-03 00:00:03 UTC\n",
	    "note pair-irregular 46 Date\n"
	    "login rec:1 0+45 t=2026-01-01T00:00:01Z/utc-explicit"
	    "<2026-01-01 00:00:01 UTC> ip=203.0.113.1\n"
	    "set-aside 46+29 required: column 'ip' was expected, and nothing"
	    " was parsed for it\n"
	    "login rec:3 76+45 t=2026-01-03T00:00:03Z/utc-explicit"
	    "<2026-01-03 00:00:03 UTC> ip=203.0.113.3\n"
	    "total read-with-loss 90 29 0 3\n");
}

static void
text_pairs_of_other_character_sets_keep_their_places(void **state)
{
	static const char wide[] = "\xff\xfe"
				   "B\0o\0d\0y\0:\0 \0\x3d\xd8\x4d\xde\n\0"
				   "F\0o\0r\0:\0 \0x\0\n\0"
				   "F\0o\0r\0:\0 \0\x3d\xd8\n\0";

	(void)state;
	told(PAIRS("charset=cp1252", SAID), "Body: \x80uro\nFor: \x81\n",
	    "message rec:1 0+17 recipient=NULL<\x81> text=\xe2\x82\xacuro"
	    " !recipient:bad-encoding\n"
	    "total read 17 0 0 1\n");
	told_bytes(PAIRS("charset=utf-16le", SAID), wide, sizeof(wide) - 1,
	    "note bom 0 \n"
	    "set-aside 34+14 bad-encoding: a line of this character set was "
	    "expected\n"
	    "message rec:1 2+30 recipient=x text=\xf0"
	    "\x9f"
	    "\x99"
	    "\x8d"
	    "\n"
	    "total read-with-loss 30 14 0 4\n");
}

#define ROWS(options)                                                     \
	MAP("text-table " options, "kind login\nfield account User id\n"  \
				   "field ip \"IP Address\" ip\nfield ua" \
				   " Agent text\n")

static void
columns_are_parted_by_two_blanks_or_a_tab(void **state)
{
	(void)state;
	told(ROWS(""),
	    "User   IP Address   Agent\n"
	    "7      203.0.113.7  a b\n"
	    "\n"
	    "8                   c\n"
	    "9      203.0.113.9\r\n"
	    "10         d\n"
	    "11  203.0.113.11  e  f\n",
	    "login row:1 26+23 account=7 ip=203.0.113.7 ua=a b\n"
	    "login row:2 51+21 account=8 ua=c\n"
	    "login row:3 73+18 account=9 ip=203.0.113.9 ua=\n"
	    "set-aside 93+12 row-width: cells that begin where the header's do "
	    "were expected\n"
	    "set-aside 106+22 row-width: 3 columns were expected, there are 4\n"
	    "total read-with-loss 62 34 0 33\n");
	told(ROWS(""), "User\tIP Address\tAgent\n7\t\ta  b\n8\n",
	    "login row:1 22+7 account=7 ua=a  b\n"
	    "note short-row 30 \n"
	    "login row:2 30+1 account=8\n"
	    "total read 8 0 0 24\n");
}

static void
a_text_table_begins_behind_its_heading(void **state)
{
	(void)state;
	told(ROWS("after=User"),
	    "Name:  x\n\nUser  IP Address\n7  203.0.113.7\n\nName  y\n"
	    "User list\nUser  Agent\n8  a\n",
	    "login row:1 27+14 account=7 ip=203.0.113.7\n"
	    "login row:2 73+4 account=8 ua=a\n"
	    "total read 18 0 24 36\n");
	told(ROWS("after=Sessions"),
	    "Sessions\nUser  IP Address\n7  203.0.113.7\n",
	    "login row:1 26+14 account=7 ip=203.0.113.7\n"
	    "total read 14 0 8 19\n");
}

#define CELLS(options)                                                   \
	MAP("html-table " options, "kind login\nfield account User id\n" \
				   "field ip IP ip\nfield ua Agent text\n")

static void
a_page_s_table_is_keyed_by_its_header(void **state)
{
	(void)state;
	told(CELLS("after=\"IP & ACTIVITY\""),
	    "<h3>Other</h3><table><tr><th>User<tr><td>1</table>"
	    "<h3>IP &amp; ACTIVITY</h3><p>note</p><table><thead>"
	    "<tr><th>User</th><th>IP</th><th>IP</th><th>Agent</th></tr>"
	    "<tr><td> 7 </td><td>203.0.113.7</td><td></td>"
	    "<td>a &amp;<br>b<table><tr><td>c</td></tr></table></td></tr>"
	    "<tr></tr><tr><td>8</td></tr></table><p>end</p>"
	    "<h3>IP &amp; ACTIVITY</h3><h3>None</h3>"
	    "<table><tr><th>User<tr><td>2</table>",
	    "login row:1 159+105 account=7 ip=203.0.113.7 ua=a &\n"
	    "b\n"
	    "c<a &amp;<br>b<table><tr><td>c>\n"
	    "note short-row 273 \n"
	    "login row:2 273+19 account=8\n"
	    "unknown \"IP#2\" 1\n"
	    "total read 124 0 60 201\n");
}

static void
a_table_that_is_cut_off_says_so(void **state)
{
	(void)state;
	told(CELLS(""),
	    "<table><tr><th>User</th></tr><tr><td>7</td></tr>"
	    "<tr><td>8</td>",
	    "login row:1 29+19 account=7\n"
	    "set-aside 48+14 truncated: the page ends where more of a table "
	    "was expected\n"
	    "total read-with-loss 19 14 0 29\n");
	told(CELLS(""),
	    "<table><tr><th>User</th></tr><tr><td>7</td></tr>"
	    "<tr><td>8</td></tr>",
	    "login row:1 29+19 account=7\n"
	    "login row:2 48+19 account=8\n"
	    "set-aside 67+0 truncated: the page ends where more of a table was "
	    "expected\n"
	    "total read-with-loss 38 0 0 29\n");
	told(CELLS(""),
	    "<table><tr><td>User</td></tr><tr><td>7</td><td>8</td></tr>"
	    "<tr><td>\xff</td></tr></table>",
	    "set-aside 29+29 row-width: 1 columns were expected, there are 2\n"
	    "login row:2 58+19 account=NULL<\xff"
	    "> !account:bad-encoding\n"
	    "total read-with-loss 19 29 0 37\n");
}

static void
a_legend_stands_over_its_rule(void **state)
{
	(void)state;
	told(LOGIN("csv tables=ruled"),
	    "\"Legend\n\nof two, lines\"\n===\nUser,IP\n7,203.0.113.7\n"
	    "Second\n====\nAgent,User\na,8\n",
	    "login row:1 36+13 account=7 ip=203.0.113.7\n"
	    "login row:2 73+3 account=8 ua=a\n"
	    "total read 16 0 29 32\n");
	told(LOGIN("csv tables=ruled"),
	    "Legend\n===\nUser\n7\n\n\"open\n===\nUser\n8\n",
	    "login row:1 16+1 account=7\n"
	    "set-aside 19+17 syntax: a closing quote was expected\n"
	    "total read-with-loss 1 17 6 12\n");
}

static void
faults_of_their_options_are_told(void **state)
{
	static const struct {
		const char *reader, *message;
	} fault[] = {
		{ "text-pairs style=next-line",
		    "'labels=' expected behind the reader" },
		{ "text-pairs style=line", "colon next-line" },
		{ "text-pairs labels=@none", "an alias that stands above it" },
		{ "text-pairs charset=ebcdic", "utf-8 utf-16le" },
		{ "text-table after=", "a value expected" },
		{ "text-table skip=x", "an option of this reader" },
		{ "html-table charset=latin1", "an option of this reader" },
		{ "csv tables=two", "one blank ruled" },
	};
	struct ev_mapset *set;
	struct ev_err err = { 0 };
	char map[256];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(fault) / sizeof(fault[0]); i++) {
		snprintf(map, sizeof(map),
		    MAP("%s", "kind login\nfield account User id\n"),
		    fault[i].reader);
		assert_int_equal(ev_mapset_new(&set, &err), EV_OK);
		assert_int_equal(ev_mapset_add(set, "m", map, strlen(map),
				     &err),
		    EV_INPUT);
		assert_non_null(strstr(err.msg, fault[i].message));
		ev_mapset_free(set);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels_before_a_colon_make_records),
		cmocka_unit_test(an_indented_line_goes_on_with_the_value),
		cmocka_unit_test(a_label_may_stand_over_its_value),
		cmocka_unit_test(a_page_line_moves_no_pair_of_text),
		cmocka_unit_test(
		    text_pairs_of_other_character_sets_keep_their_places),
		cmocka_unit_test(columns_are_parted_by_two_blanks_or_a_tab),
		cmocka_unit_test(a_text_table_begins_behind_its_heading),
		cmocka_unit_test(a_page_s_table_is_keyed_by_its_header),
		cmocka_unit_test(a_table_that_is_cut_off_says_so),
		cmocka_unit_test(a_legend_stands_over_its_rule),
		cmocka_unit_test(faults_of_their_options_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
