/* ingest/read_*: each reader's records, pointers, spans and losses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "told.h"

static void
a_line_of_json_lines_is_lost_alone(void **state)
{
	(void)state;
	told(MAP("jsonl", "kind post\nfield post_id id id required\n"
			  "field text text text\n"),
	    "{\"id\":1,\"text\":\"a\"}\n\n{\"id\":2\r\n"
	    " {\"id\":3,\"more\":4} \r\n{\"id\":3}x\n{\"id\":3,\"more\":4}",
	    "post line:1 0+19 post_id=1 text=a\n"
	    "set-aside 21+9 truncated: the text ends where more of an object"
	    " was expected\n"
	    "post line:4 31+17 post_id=3\n"
	    "set-aside 51+10 syntax: 'x' where the end of the text was"
	    " expected\n"
	    "duplicate 61+17 of 31\n"
	    "unknown more 2\n"
	    "total read-with-loss 53 19 0 6\n");
}

static void
a_table_is_keyed_by_its_header(void **state)
{
	(void)state;
	told(LOGIN("csv"),
	    "User,IP,\"Agent\",IP\r\n"
	    "7,203.0.113.7,\"a \"\"b\"\", c\nd\",x\r\n"
	    "\r\n"
	    "8,203.0.113.8\r\n"
	    "9,,,,\r\n"
	    "10,\"1\"2,\r\n"
	    "11,203.0.113.9,\xff,y",
	    "login row:1 20+30 account=7 ip=203.0.113.7 ua=a \"b\", c\nd\n"
	    "note short-row 54 \n"
	    "login row:2 54+13 account=8 ip=203.0.113.8\n"
	    "set-aside 69+7 row-width: 4 columns were expected, there are 5\n"
	    "set-aside 76+10 syntax: a delimiter was expected behind a quote\n"
	    "login row:5 86+18 account=11 ip=203.0.113.9 ua=NULL<\xff>"
	    " !ua:bad-encoding\n"
	    "unknown \"IP#2\" 2\n"
	    "total read-with-loss 61 17 0 26\n");
}

static void
tables_of_other_forms_are_read_as_told(void **state)
{
	(void)state;
	told(MAP("csv delim=tab header=none charset=cp1252",
		 "kind login\nfield account 1 id\nfield ua 2 text\n"),
	    "7\t\x80uro\n8\t\x81\n",
	    "login row:1 0+6 account=7 ua=\xe2\x82\xacuro\n"
	    "login row:2 7+3 account=8 ua=NULL<\x81> !ua:bad-encoding\n"
	    "total read 9 0 0 2\n");
	told(MAP("csv tables=ruled",
		 "when User present\nkind login\nfield account User id\n"),
	    "Legend\n=====\nUser,x\n7,a\n\nOther\n=\nName\nz\n",
	    "login row:1 20+3 account=7\n"
	    "unknown x 1\nunknown Name 1\n"
	    "total read 3 0 12 25\n");
	told(MAP("csv tables=blank skip=1 delim=;",
		 "kind login\nfield account User|Id id\n"),
	    "#\nUser\n7\n\nId;User\n8;9\n",
	    "login row:1 7+1 account=7\n"
	    "login row:2 18+3 account=9 !account:alt-both\n"
	    "total read 4 0 0 18\n");
}

static void
utf_16_is_read_where_the_mapping_says_so(void **state)
{
	static const char data[] = "U\0s\0e\0r\0,\0A\0g\0e\0n\0t\0\n\0"
				   "7\0,\0\x3d\xd8\x4d\xde\n\0"
				   "8\0,\0\x3d\xd8\n";

	(void)state;
	told_bytes(MAP("csv charset=utf-16le",
		       "kind login\nfield account User id\n"
		       "field ua Agent text\n"),
	    data, sizeof(data) - 1,
	    "login row:1 22+8 account=7 ua=\xf0\x9f\x99\x8d\n"
	    "login row:2 32+7 account=8 ua=NULL<=\xd8> !ua:bad-encoding\n"
	    "total read 15 0 0 24\n");
}

static void
fragments_stand_below_their_marks(void **state)
{
	(void)state;
	told(MAP("blocks mark=\"**** id:\"",
		 "kind post\nfield post_id tweet.id id\n"
		 "field conversation mark id\n"),
	    "\n**** id: 11 ****\n{\"tweet\":{\n\"id\":1}}\n-- --\n"
	    "{\"tweet\":{\"id\":2}} {\"tweet\":{\"id\":3}}\n"
	    "stray\n**** id: 12\n{\"tweet\":\n**** id: 13\n[]\n",
	    "post rec:1 1+36 post_id=1 conversation=11\n"
	    "post rec:2 44+18 post_id=2 conversation=11\n"
	    "post rec:3 63+18 post_id=3 conversation=11\n"
	    "set-aside 81+7 syntax: 's' where a value was"
	    " expected\n"
	    "set-aside 100+10 truncated: the text ends where a value was"
	    " expected\n"
	    "post rec:4 110+14\n"
	    "total read-with-loss 86 17 0 22\n");
}

static void
a_file_speaks_by_its_name_alone(void **state)
{
	(void)state;
	told(MAP("file", "kind media\nfield owner_id %1 id\n"
			 "field declared_path %member path\n"
			 "field ref %record text\n"),
	    "\xef\xbb\xbf\x00",
	    "media  0+0 owner_id=d ref=1"
	    " declared_path=d/x\nnote bom 0 \n"
	    "total read 0 0 0 3\n");
}

static void
a_key_that_stands_twice_is_never_chosen_in_silence(void **state)
{
	static const char rows[] = "{\"i\":[],\"i\":[{\"id\":1,\"id\":1,"
				   "\"text\":\"a\",\"text\":\"b\"}]}";

	(void)state;
	told(MAP("json", "rows i[*]\nkind post\nfield post_id id id\n"
			 "field text text text\n"),
	    rows,
	    "note dup-key 1 i\n"
	    "post /i/0 13+37 post_id=1 text=NULL<a\nb>"
	    " !post_id:dup-key text:dup-key\n"
	    "total read 37 0 0 15\n");
	told(MAP("json", "rows i[*]\nkind post\nfield post_id id id\n"
			 "field text text text\ndupkey last\n"),
	    rows,
	    "note dup-key 1 i\n"
	    "post /i/0 13+37 post_id=1 text=b !post_id:dup-key text:dup-key\n"
	    "total read 37 0 2 13\n");
	told(MAP("json", "rows i[*]\nkind post\nfield post_id id id\n"
			 "dupkey refuse\nknown text\n"),
	    "{\"i\":[{\"id\":1,\"id\":1}]}",
	    "set-aside 6+15 dup-key: the mapping refuses a key that stands"
	    " twice\n"
	    "total read-with-loss 0 15 0 8\n");
}

static void
strings_that_are_no_text_keep_their_bytes(void **state)
{
	(void)state;
	told(MAP("json", "kind post\nfield text a text\nfield place b text\n"
			 "field lang c text\nfield audience d text\n"
			 "field client e text\n"),
	    "{\"a\":\"x\\ud800\",\"b\":\"good\\u0000evil\",\"c\":\"\xff\","
	    "\"d\":{\"x\":[1]},\"e\":null}",
	    "post  0+67 text=NULL<x\\ud800> lang=NULL<\xff>"
	    " audience=NULL<{\"x\":[1]}> place=NULL<good\\u0000evil>"
	    " !text:lone-surrogate lang:bad-encoding audience:not-scalar"
	    " place:nul\n"
	    "total read 67 0 0 0\n");
}

static void
labels_in_other_languages_are_one_field(void **state)
{
	static const char map[] =
	    "alias when = \"Time\" | \"Zeit\" | \"\xec\x8b\x9c\xea\xb0\x84\"\n"
	    "mapping a.b\nversion 1\nplatform x\nmatch **/x\n"
	    "reader json keys=meta\nrows l[*]\nkind login\n"
	    "field t m.@when.ts time:epoch\nknown m.{*}.href\n";

	(void)state;
	told(map, "{\"l\":[{\"m\":{\"Zeit\":{\"ts\":1706774730}}}]}",
	    "login /l/0 6+32"
	    " t=2024-02-01T08:05:30Z/epoch<1706774730>\n"
	    "total read 32 0 0 8\n");
	/* The same label, each byte of its UTF-8 a code point. */
	told(map,
	    "{\"l\":[{\"m\":{\"\\u00ec\\u008b\\u009c\\u00ea\\u00b0\\u0084\":"
	    "{\"ts\":1706774730}}}]}",
	    "login /l/0 6+64"
	    " t=2024-02-01T08:05:30Z/epoch<1706774730>\n"
	    "total read 64 0 0 8\n");
	told("alias when = \"Time\" | \"Zeit\"\n"
	     "mapping a.b\nversion 1\nplatform x\nmatch **/x\n"
	     "reader json\nrows l[*]\nkind login\n"
	     "field t m.@when.ts time:epoch\n",
	    "{\"l\":[{\"m\":{\"Tijd\":{\"ts\":1}}}]}",
	    "login /l/0 6+23\n"
	    "unknown l[*].m.Tijd 1\n"
	    "note unknown-label 0 when\n"
	    "total read 23 0 0 8\n");
}

static void
columns_follow_the_rules_of_values(void **state)
{
	(void)state;
	told(MAP("json", "rows [*]\nkind login\nconst action login\n"
			 "field ip a ipport\nfield port p port\n"
			 "field ua u text\nfield app u|w text\n"
			 "field country_said c country\n"
			 "null \"N/A\"\nredacted \"gone\"\n"),
	    "[{\"a\":\"192.0.2.1:80\",\"p\":81,\"u\":\"\",\"w\":1},"
	    "{\"a\":\"192.0.2.1:80\",\"p\":\"N/A\",\"u\":null,\"c\":\"\"},"
	    "{\"a\":\"gone\",\"u\":\"gone\",\"c\":\"Mars\"}]",
	    "login /0 1+40 action=login ip=192.0.2.1<192.0.2.1:80> port=81"
	    " ua= app= !app:alt-both port:port-differs\n"
	    "login /1 42+46 action=login ip=192.0.2.1<192.0.2.1:80> port=80"
	    "<192.0.2.1:80>\n"
	    "login /2 89+34 action=login ip=NULL<gone> ua=NULL<gone>"
	    " app=NULL<gone> country_said=NULL<Mars>"
	    " !ip:redacted-by-source ua:redacted-by-source"
	    " app:redacted-by-source country_said:not-parsed\n"
	    "total read 120 0 0 4\n");
}

static void
a_wanted_column_and_a_test_decide_about_a_row(void **state)
{
	(void)state;
	told(MAP("json", "rows r.{*}\nwhen k between(\"\",\":\") = a\n"
			 "kind setting\nconst key other\n"
			 "field value %key text required\nfield t d time:iso"
			 " required\nexpect count n\n"),
	    "{\"n\":4,\"r\":{\"x/y\":{\"k\":\"a:1\",\"d\":\"2024-01-01\"},"
	    "\"z\":{\"k\":\"b\"},\"w\":{\"k\":\"a\"},\"v\":null}}",
	    "setting /r/x~1y 18+28 t=-/naive<2024-01-01> key=other"
	    " value=x/y\n"
	    "set-aside 65+9 required: column 't' was expected, and nothing"
	    " was parsed for it\n"
	    "declared 4\n"
	    "total read-with-loss 28 9 14 34\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_of_json_lines_is_lost_alone),
		cmocka_unit_test(a_table_is_keyed_by_its_header),
		cmocka_unit_test(tables_of_other_forms_are_read_as_told),
		cmocka_unit_test(utf_16_is_read_where_the_mapping_says_so),
		cmocka_unit_test(fragments_stand_below_their_marks),
		cmocka_unit_test(a_file_speaks_by_its_name_alone),
		cmocka_unit_test(
		    a_key_that_stands_twice_is_never_chosen_in_silence),
		cmocka_unit_test(strings_that_are_no_text_keep_their_bytes),
		cmocka_unit_test(labels_in_other_languages_are_one_field),
		cmocka_unit_test(columns_follow_the_rules_of_values),
		cmocka_unit_test(a_wanted_column_and_a_test_decide_about_a_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
