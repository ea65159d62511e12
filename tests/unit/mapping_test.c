/* ingest/mapping: the language of .map files, and faults at their place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "evidence/mapping.h"
#include "ingest/mapping.h"

#define HEAD                                                    \
	"mapping a.b\nversion 1\nplatform x\nmatch **/x.json\n" \
	"reader json\nrows a[*].b[*]\nkind login\n"

/* The message that adding this text ends with, "" if it is taken. */
static void
says(const char *text, const char *want)
{
	struct ev_mapset *set = NULL;
	struct ev_err err = { 0 };

	assert_int_equal(ev_mapset_new(&set, &err), EV_OK);
	if (ev_mapset_add(set, "m", text, strlen(text), &err) == EV_OK)
		err.msg[0] = '\0';
	assert_string_equal(err.msg, want);
	assert_int_equal(ev_mapset_count(set) == 0, *want != '\0');
	ev_mapset_free(set);
}

static void
a_whole_mapping_is_taken(void **state)
{
	static const char text[] =
	    "# a comment\n"
	    "alias ip = \"IP Address\" | \"IP \\u0430\\tx\" | Ip\n"
	    "mapping x.y_1.z   # and one behind\n"
	    "version 12\n"
	    "title \"A title\"\n"
	    "platform $.service map(Facebook,facebook,\"Insta gram\",ig)\n"
	    "match **/a*.js | \"**/b c.js\"\n"
	    "      | d/?[a-z].js\n"
	    "probe \"x\" | y\n"
	    "probe \"\\\"z\\\"\"\n"
	    "unwrap pgp-clear? js-assign\n"
	    "reader json tolerate=bare-key,hex-escape keys=meta\n"
	    "rows a.\"b c\"|~D[*].{*}[2]\n"
	    "rows $.x[*]\n"
	    "when ^.type between(\"\",\":\") != a | \"b\"\n"
	    "when %1 present\n"
	    "kind login\n"
	    "const action login\n"
	    "const success true\n"
	    "field account %holder id\n"
	    "field ip @ip.value|Other ipport required\n"
	    "field t . time:iso(utc-convention)\n"
	    "field ua ^ text\n"
	    "null \"N/A\" \"\"\n"
	    "redacted \"redacted\"\n"
	    "dupkey last\n"
	    "known . a.{*}.b|c[*]\n"
	    "expect count declared\n"
	    "expect count $.n\n"
	    "expect some\n"
	    "limit \"One.\"\n"
	    "limit \"Two.\"\n";
	const struct ev_mapset_entry *entry;
	struct ev_mapset *set = NULL;
	struct ev_err err = { 0 };

	(void)state;
	assert_int_equal(ev_mapset_new(&set, &err), EV_OK);
	if (ev_mapset_add(set, "f.map", text, strlen(text), &err) != EV_OK)
		fail_msg("%s", err.msg);
	entry = ev_mapset_entry(set, 0);
	assert_string_equal(entry->id, "x.y_1.z");
	assert_int_equal(entry->version, 12);
	assert_string_equal(entry->title, "A title");
	assert_string_equal(entry->file, "f.map");
	assert_int_equal(entry->kind, EV_K_LOGIN);
	assert_string_equal(entry->limits[1], "Two.");
	assert_null(entry->limits[2]);
	assert_true(entry->expect_declared);
	assert_null(ev_mapset_entry(set, 1));
	assert_int_equal(ev_mapset_add_glob(set, "x.y_1.z", "*.txt", &err),
	    EV_OK);
	assert_int_equal(ev_mapset_add_glob(set, "x.y", "*.txt", &err),
	    EV_INPUT);
	/* One id, once. */
	assert_int_equal(ev_mapset_add(set, "g.map", text, strlen(text), &err),
	    EV_INPUT);
	assert_string_equal(err.msg,
	    "g.map:3:1: another id expected: 'x.y_1.z' is also in f.map");
	assert_int_equal(ev_mapset_count(set), 1);
	ev_mapset_free(set);
}

static void
each_fault_is_named_at_its_line_and_column(void **state)
{
	static const struct {
		const char *text, *want;
	} faults[] = {
		{ "", "m:1:1: a mapping expected" },
		{ "\xef\xbb\xbf", "m:1:1: no byte order mark expected" },
		{ "mapping a.b\r\n", "m:1:12: text expected, not byte 0x0d" },
		{ "# \xff\n", "m:1:1: UTF-8 expected" },
		{ "version 1\n", "m:1:1: 'alias' or 'mapping' expected" },
		{ " mapping a\n",
		    "m:1:2: a statement at the beginning of its line"
		    " expected" },
		{ "mapping A\n", "m:1:9: the id of a mapping expected" },
		{ "mapping a.\n", "m:1:9: the id of a mapping expected" },
		{ "mapping a.b\nversion 1\n",
		    "m:1:1: 'platform' expected in this mapping" },
		{ HEAD, "m:1:1: 'field' expected in this mapping" },
		{ HEAD "version 2\n", "m:8:1: 'version' once expected" },
		{ HEAD "feild ip x ip\n", "m:8:1: a statement expected" },
		{ HEAD "field ipp x ip\n",
		    "m:8:7: a column of kind 'login' expected" },
		{ HEAD "field ip x ip\nfield ip y ip\n",
		    "m:9:7: a column once expected" },
		{ HEAD "field ip x ipv4\n",
		    "m:8:12: a converter expected, not 'ipv4'" },
		{ HEAD "field ip x text\n",
		    "m:8:7: another converter expected: 'ip' cannot hold"
		    " 'text'" },
		{ HEAD "field ua ^^^.x text\n",
		    "m:8:10: at most 2 '^' expected: the rows open no more"
		    " levels" },
		{ HEAD "field ua x[*] text\n",
		    "m:8:11: no [*] expected: a column has one value" },
		{ HEAD "field ua x. text\n", "m:8:12: a path expected" },
		{ HEAD "field ua x text requierd\n",
		    "m:8:17: required, or the end of the line expected" },
		{ HEAD "field ua x text required x\n",
		    "m:8:26: the end of the line expected" },
		{ HEAD "field ua @ip text\n",
		    "m:8:11: an alias expected that stands above it in this"
		    " file" },
		{ HEAD "field ua %10 text\n",
		    "m:8:11: %key, %member, %record, %holder or %1 to %9"
		    " expected" },
		{ HEAD "field ua %holder text\n",
		    "m:8:10: %holder expected for the column account only" },
		{ HEAD "field t x time:iso(local)\n",
		    "m:8:11: utc-declared, utc-convention, exporter-local or"
		    " naive expected" },
		{ HEAD "field action x map(a)\n",
		    "m:8:16: pairs of a value and its word expected" },
		{ HEAD "const action logon\n",
		    "m:8:7: a word of the vocabulary of 'action' expected" },
		{ HEAD "const t 2020\n",
		    "m:8:7: a field expected: 't' cannot be a constant" },
		{ HEAD "const ua \"a\\q\"\n",
		    "m:8:12: \\\", \\\\, \\t, \\n or \\uXXXX expected" },
		{ HEAD "const ua \"a\n\"\n",
		    "m:8:10: a closing quote expected on the same line" },
		{ HEAD "null none\n", "m:8:6: a string expected" },
		{ HEAD "dupkey some\n",
		    "m:8:8: all, first, last or refuse expected" },
		{ HEAD "when x = a |b\n",
		    "m:8:13: a blank expected behind '|'" },
		{ HEAD "when \xd9\x83 = a\n", "m:8:6: a path expected" },
		{ "mapping a\nmatch a***b\n",
		    "m:2:7: a glob expected, not three or more stars"
		    " together" },
		{ "mapping a\nreader jsn\n", "m:2:8: a reader expected" },
		{ "mapping a\nreader json delim=x\n",
		    "m:2:13: an option of this reader expected" },
		{ "mapping a\nreader json keys=any\n",
		    "m:2:13: meta expected" },
		{ "mapping a\nunwrap js-assign pgp-clear\n",
		    "m:2:18: pgp-clear before js-assign expected, each once" },
		{ "mapping a\nrows ^.x\n",
		    "m:2:6: a path from the record expected" },
		{ "mapping a\nplatform Face\n",
		    "m:2:14: a converter expected" },
		{ "alias a = b\nalias a = c\n",
		    "m:2:7: an alias expected that is not there yet" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
		says(faults[i].text, faults[i].want);
}

static void
a_blank_line_ends_a_statement_and_a_comment_does_not(void **state)
{
	(void)state;
	says(HEAD "field ua x\n# between\n text\n", "");
	says(HEAD "field ua x\n\n text\n", "m:8:11: a converter expected");
	says(HEAD "field ua \"a#b\" text # c\n", "");
}

static enum ev_rc
keep_line(void *ctx, const char *line, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_buf_puts(ctx, line, err);
	return rc == EV_OK ? ev_buf_putc(ctx, '\n', err) : rc;
}

/* What lint says of two mappings that differ in these lines. */
static void
lint_says(const char *first, const char *second, const char *want)
{
	struct ev_buf text, out;
	struct ev_mapping_file file = { "m", NULL, 0 };
	struct ev_mapping_print print = { &out, keep_line };
	struct ev_err err;

	ev_buf_init(&text, 4096);
	ev_buf_init(&out, 4096);
	assert_int_equal(ev_buf_printf(&text, &err,
			     HEAD "field ua x text\n%s\n"
				  "mapping c.d\nversion 1\nplatform x\n"
				  "match **/x.json\nreader json\n"
				  "rows a[*].b[*]\nkind login\n"
				  "field ua x text\n%s\n",
			     first, second),
	    EV_OK);
	file.text = text.data;
	file.len = text.len;
	assert_int_equal(ev_mapping_lint(&file, 1, &print, &err),
	    *want == '\0' ? EV_OK : EV_MISMATCH);
	assert_string_equal(ev_buf_text(&out), want);
	ev_buf_release(&text);
	ev_buf_release(&out);
}

static void
two_mappings_may_not_give_one_kind_from_the_same_rows(void **state)
{
	static const char fault[] =
	    "m:10:1: other rows or tests expected: 'c.d' gives login from the"
	    " rows of 'a.b'\n";

	(void)state;
	lint_says("", "", fault);
	lint_says("when y = a", "when y = b", "");
	lint_says("when y = a | b", "when y = b | c", fault);
	lint_says("when y = a", "when y != a | b", "");
	lint_says("when y = a", "when y != b", fault);
	lint_says("when y present", "when y absent", "");
	lint_says("when y absent", "when y = a", "");
	lint_says("when y present", "when z absent", fault);
	lint_says("when y between(\"\",x) = a", "when y = b", fault);
	lint_says("const action login", "const action logout", "");
	lint_says("const action login", "const action login", fault);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_mapping_is_taken),
		cmocka_unit_test(each_fault_is_named_at_its_line_and_column),
		cmocka_unit_test(
		    a_blank_line_ends_a_statement_and_a_comment_does_not),
		cmocka_unit_test(
		    two_mappings_may_not_give_one_kind_from_the_same_rows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
