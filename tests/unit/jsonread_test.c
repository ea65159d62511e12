/* base/jsonread: what is JSON, what is not and where, in any portions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/jsonread.h"

/* A text given chunk bytes at a time. */
struct given {
	const char *data;
	size_t len, at, chunk;
};

static enum ev_rc
give(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct given *g = ctx;
	size_t n = g->len - g->at;

	(void)err;
	*got = 0;
	if (n == 0)
		return EV_EOF;
	if (n > cap)
		n = cap;
	if (n > g->chunk)
		n = g->chunk;
	memcpy(data, g->data + g->at, n);
	g->at += n;
	*got = n;
	return EV_OK;
}

/* Every token of a text in one line, and how it ended. */
struct outcome {
	char tokens[4096];
	enum ev_rc rc;
	enum ev_json_stop stop;
	int64_t offset;
	int64_t used[5];
	bool bom;
	char msg[512];
};

static const char event_code[] = "{}[]ksn+-0";

static void
note(struct outcome *o, const struct ev_json_token *t)
{
	const size_t len = strlen(o->tokens);
	char *to = o->tokens + len;
	const size_t room = sizeof(o->tokens) - len;

	(void)snprintf(to, room, "%c%d@%d+%d", event_code[t->event], t->depth,
	    (int)t->offset, (int)t->length);
	if (t->event == EV_JSON_E_KEY || t->event == EV_JSON_E_STRING ||
	    t->event == EV_JSON_E_NUMBER)
		(void)snprintf(to + strlen(to), room - strlen(to), "=%.*s",
		    (int)t->text_len, t->text);
	if (t->notes != 0)
		(void)snprintf(to + strlen(to), room - strlen(to), "!%u",
		    t->notes);
	(void)snprintf(to + strlen(to), room - strlen(to), " ");
}

static void
read_all(struct outcome *o, const char *data, size_t len, size_t chunk,
    const struct ev_jsonread_opts *opts)
{
	struct given g = { data, len, 0, chunk };
	const struct ev_stream in = { .ctx = &g, .read = give };
	struct ev_jsonread *r = NULL;
	struct ev_json_token token;
	struct ev_err err;
	int i;

	memset(o, 0, sizeof(*o));
	assert_int_equal(ev_jsonread_new(&r, &in, 0, opts, &err), EV_OK);
	while ((o->rc = ev_jsonread_next(r, &token, &err)) == EV_OK) {
		assert_true(token.raw_len == (size_t)token.length);
		assert_memory_equal(token.raw, data + token.offset,
		    token.raw_len);
		note(o, &token);
	}
	o->stop = ev_jsonread_stop(r, &o->offset);
	o->bom = ev_jsonread_bom(r);
	for (i = 0; i < 5; i++)
		o->used[i] = ev_jsonread_used(r, 1U << i);
	if (o->rc == EV_INPUT) {
		(void)snprintf(o->msg, sizeof(o->msg), "%s", err.msg);
		/* Every later call says the same. */
		memset(&err, 0, sizeof(err));
		assert_int_equal(ev_jsonread_next(r, &token, &err), EV_INPUT);
		assert_string_equal(err.msg, o->msg);
	}
	ev_jsonread_free(r);
}

static struct outcome
read_text(const char *text, const struct ev_jsonread_opts *opts)
{
	static const size_t chunks[] = { 1, 2, 3, 7, 1 << 20 };
	struct outcome first, again;
	size_t i;

	read_all(&first, text, strlen(text), 1 << 20, opts);
	for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		read_all(&again, text, strlen(text), chunks[i], opts);
		assert_string_equal(again.tokens, first.tokens);
		assert_string_equal(again.msg, first.msg);
		assert_int_equal(again.rc, first.rc);
		assert_int_equal(again.stop, first.stop);
		assert_int_equal(again.offset, first.offset);
		assert_memory_equal(again.used, first.used, sizeof(first.used));
	}
	return first;
}

static const struct ev_jsonread_opts strict = { 0 };

static void
tokens_come_with_their_bytes(void **state)
{
	struct outcome o;

	(void)state;
	o = read_text(" {\"a\" : [1, -2.5e+3,true ,false,null],\n"
		      "        \"b\\u0063\":{} , \"\":\"x\\ny\"}\r\n\t ",
	    &strict);
	assert_int_equal(o.rc, EV_EOF);
	assert_string_equal(o.tokens,
	    "{0@1+1 k1@2+3=a [1@8+1 n2@9+1=1 n2@12+7=-2.5e+3 +2@20+4 "
	    "-2@26+5 02@32+4 ]1@36+1 k1@47+9=bc {1@57+1 }1@58+1 k1@62+2= "
	    "s1@65+6=x\ny }0@71+1 ");
}

static void
what_rfc_8259_allows_is_read(void **state)
{
	static const char *const good[] = { "0", "-0", "-0.0e-0", "1E+2",
		"1e999", "123456789012345678901234567890", "0.1", "\"\"",
		"null", "true", "false", "[]", "{}", " [ ] ", "\t{\r}\n",
		"[[]]", "[{}]", "{\"\":0}", "[1,2]", "[\"\\u0041\"]",
		"[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "\"\x7f\"",
		"\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
		"\"\\uD83D\\uDE00\"", "\"\xe2\x80\xa8\"", "\"\xef\xbf\xbf\"",
		"{\"a\":1,\"a\":2}", "[1e1,1E-1]", "\"\\u2028\"", "\"/\"",
		"\"'\"", "[\"\\\\u0000\"]", "\xef\xbb\xbf[]" };
	struct outcome o;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		o = read_text(good[i], &strict);
		if (o.rc != EV_EOF)
			print_error("%s: %s\n", good[i], o.msg);
		assert_int_equal(o.rc, EV_EOF);
		assert_true(o.bom == (good[i][0] == '\xef'));
	}
}

struct bad {
	const char *text;
	enum ev_json_stop stop;
	int offset;
};

static void
refuse(const struct bad *bad, size_t count, const struct ev_jsonread_opts *opts)
{
	struct outcome o;
	size_t i;

	for (i = 0; i < count; i++) {
		o = read_text(bad[i].text, opts);
		if (o.rc != EV_INPUT || o.offset != bad[i].offset ||
		    o.stop != bad[i].stop)
			print_error("%s: %d %d %s\n", bad[i].text,
			    (int)o.offset, (int)o.stop, o.msg);
		assert_int_equal(o.rc, EV_INPUT);
		assert_int_equal(o.stop, bad[i].stop);
		assert_int_equal(o.offset, bad[i].offset);
	}
}

#define REFUSE(bad, opts) refuse(bad, sizeof(bad) / sizeof((bad)[0]), opts)

static void
what_rfc_8259_forbids_ends_at_its_byte(void **state)
{
	static const struct bad bad[] = {
		/* numbers */
		{ "01", EV_JSON_S_SYNTAX, 1 },
		{ "-01", EV_JSON_S_SYNTAX, 2 },
		{ "[-]", EV_JSON_S_SYNTAX, 2 },
		{ "[1.]", EV_JSON_S_SYNTAX, 3 },
		{ "[.5]", EV_JSON_S_SYNTAX, 1 },
		{ "[+1]", EV_JSON_S_SYNTAX, 1 },
		{ "[1e]", EV_JSON_S_SYNTAX, 3 },
		{ "[1e+]", EV_JSON_S_SYNTAX, 4 },
		{ "[1.2.3]", EV_JSON_S_SYNTAX, 4 },
		{ "[1-2]", EV_JSON_S_SYNTAX, 2 },
		{ "[1ee2]", EV_JSON_S_SYNTAX, 3 },
		{ "[0x1]", EV_JSON_S_SYNTAX, 2 },
		{ "[1_000]", EV_JSON_S_SYNTAX, 2 },
		{ "[NaN]", EV_JSON_S_SYNTAX, 1 },
		{ "[Infinity]", EV_JSON_S_SYNTAX, 1 },
		{ "[-Infinity]", EV_JSON_S_SYNTAX, 2 },
		{ "[1 000]", EV_JSON_S_SYNTAX, 3 },
		{ "[\xef\xbc\x91]", EV_JSON_S_SYNTAX, 1 },
		/* literals */
		{ "[nul]", EV_JSON_S_SYNTAX, 4 },
		{ "[True]", EV_JSON_S_SYNTAX, 1 },
		{ "[truefalse]", EV_JSON_S_SYNTAX, 5 },
		{ "[truE]", EV_JSON_S_SYNTAX, 4 },
		{ "undefined", EV_JSON_S_SYNTAX, 0 },
		/* strings */
		{ "[\"a\nb\"]", EV_JSON_S_SYNTAX, 3 },
		{ "[\"\t\"]", EV_JSON_S_SYNTAX, 2 },
		{ "[\"\x1f\"]", EV_JSON_S_SYNTAX, 2 },
		{ "[\"\\x41\"]", EV_JSON_S_SYNTAX, 3 },
		{ "[\"\\a\"]", EV_JSON_S_SYNTAX, 3 },
		{ "[\"\\'\"]", EV_JSON_S_SYNTAX, 3 },
		{ "[\"\\0\"]", EV_JSON_S_SYNTAX, 3 },
		{ "[\"\\U0041\"]", EV_JSON_S_SYNTAX, 3 },
		{ "[\"\\u004\"]", EV_JSON_S_SYNTAX, 7 },
		{ "[\"\\u00g1\"]", EV_JSON_S_SYNTAX, 6 },
		{ "[\"\\\xc3\xa9\"]", EV_JSON_S_SYNTAX, 3 },
		{ "['a']", EV_JSON_S_SYNTAX, 1 },
		/* structure */
		{ "[1,]", EV_JSON_S_SYNTAX, 3 },
		{ "[,1]", EV_JSON_S_SYNTAX, 1 },
		{ "[1,,2]", EV_JSON_S_SYNTAX, 3 },
		{ "[,]", EV_JSON_S_SYNTAX, 1 },
		{ "[1 2]", EV_JSON_S_SYNTAX, 3 },
		{ "[1:2]", EV_JSON_S_SYNTAX, 2 },
		{ "{\"a\":1,}", EV_JSON_S_SYNTAX, 7 },
		{ "{,}", EV_JSON_S_SYNTAX, 1 },
		{ "{\"a\"}", EV_JSON_S_SYNTAX, 4 },
		{ "{\"a\":}", EV_JSON_S_SYNTAX, 5 },
		{ "{\"a\" \"b\"}", EV_JSON_S_SYNTAX, 5 },
		{ "{\"a\"::1}", EV_JSON_S_SYNTAX, 5 },
		{ "{\"a\":1 \"b\":2}", EV_JSON_S_SYNTAX, 7 },
		{ "{a:1}", EV_JSON_S_SYNTAX, 1 },
		{ "{1:1}", EV_JSON_S_SYNTAX, 1 },
		{ "{null:1}", EV_JSON_S_SYNTAX, 1 },
		{ "{'a':1}", EV_JSON_S_SYNTAX, 1 },
		{ "{[]:1}", EV_JSON_S_SYNTAX, 1 },
		{ "[1}", EV_JSON_S_SYNTAX, 2 },
		{ "{\"a\":1]", EV_JSON_S_SYNTAX, 6 },
		{ "]", EV_JSON_S_SYNTAX, 0 },
		{ "}", EV_JSON_S_SYNTAX, 0 },
		{ ",", EV_JSON_S_SYNTAX, 0 },
		/* behind the value */
		{ "[]]", EV_JSON_S_SYNTAX, 2 },
		{ "[] []", EV_JSON_S_SYNTAX, 3 },
		{ "{};", EV_JSON_S_SYNTAX, 2 },
		{ "1 2", EV_JSON_S_SYNTAX, 2 },
		{ "\"a\"x", EV_JSON_S_SYNTAX, 3 },
		{ "[]\xef\xbb\xbf", EV_JSON_S_SYNTAX, 2 },
		/* not of JSON */
		{ "/**/[]", EV_JSON_S_SYNTAX, 0 },
		{ "[]//", EV_JSON_S_SYNTAX, 2 },
		{ "[]#", EV_JSON_S_SYNTAX, 2 },
		{ "[\f]", EV_JSON_S_SYNTAX, 1 },
		{ "[\xc2\xa0]", EV_JSON_S_SYNTAX, 1 },
		{ "[\xe2\x81\xa0]", EV_JSON_S_SYNTAX, 1 },
		{ "[\xff]", EV_JSON_S_SYNTAX, 1 },
		{ "<html>", EV_JSON_S_SYNTAX, 0 },
		{ "window.x = []", EV_JSON_S_SYNTAX, 0 },
		{ "\xef\xbb\xbf\xef\xbb\xbf[]", EV_JSON_S_SYNTAX, 3 },
		/* cut short */
		{ "", EV_JSON_S_TRUNCATED, 0 },
		{ " ", EV_JSON_S_TRUNCATED, 1 },
		{ "\xef\xbb\xbf", EV_JSON_S_TRUNCATED, 3 },
		{ "[", EV_JSON_S_TRUNCATED, 1 },
		{ "{", EV_JSON_S_TRUNCATED, 1 },
		{ "[1", EV_JSON_S_TRUNCATED, 2 },
		{ "[1,", EV_JSON_S_TRUNCATED, 3 },
		{ "-", EV_JSON_S_TRUNCATED, 1 },
		{ "[1.", EV_JSON_S_TRUNCATED, 3 },
		{ "[1e+", EV_JSON_S_TRUNCATED, 4 },
		{ "tru", EV_JSON_S_TRUNCATED, 3 },
		{ "\"a", EV_JSON_S_TRUNCATED, 2 },
		{ "\"\\", EV_JSON_S_TRUNCATED, 2 },
		{ "\"\\u00", EV_JSON_S_TRUNCATED, 5 },
		{ "{\"a\"", EV_JSON_S_TRUNCATED, 4 },
		{ "{\"a\":", EV_JSON_S_TRUNCATED, 5 },
		{ "{\"a\":1", EV_JSON_S_TRUNCATED, 6 },
		{ "{\"a\":1,", EV_JSON_S_TRUNCATED, 7 },
		{ "[\"a\",\n4\n,1,", EV_JSON_S_TRUNCATED, 11 },
	};

	(void)state;
	REFUSE(bad, &strict);
}

static void
a_raw_nul_is_syntax_wherever_it_stands(void **state)
{
	static const struct {
		const char *text;
		size_t len, at;
	} bad[] = {
		{ "[1]\0", 4, 3 },
		{ "[  \0]", 5, 3 },
		{ "[\"a\0b\"]", 7, 3 },
		{ "[12\0]", 5, 3 },
		{ "[true\0]", 7, 5 },
		{ "{\"a\0\":1}", 8, 3 },
		{ "[\"a\\\0\"]", 7, 4 },
	};
	struct outcome o;
	size_t i, chunk;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (chunk = 1; chunk < 9; chunk++) {
			read_all(&o, bad[i].text, bad[i].len, chunk, &strict);
			assert_int_equal(o.rc, EV_INPUT);
			assert_int_equal(o.stop, EV_JSON_S_SYNTAX);
			assert_int_equal(o.offset, bad[i].at);
		}
	}
}

static void
other_encodings_are_named(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} bad[] = {
		{ "\xff\xfe[\0]\0", 6 },
		{ "\xfe\xff\0[\0]", 6 },
		{ "[\0]\0", 4 },
		{ "\0[\0]", 4 },
		{ "[\0\0\0]\0\0\0", 8 },
		{ "\xff\xfe", 2 },
	};
	struct outcome o;
	size_t i, chunk;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		for (chunk = 1; chunk < 9; chunk++) {
			read_all(&o, bad[i].text, bad[i].len, chunk, &strict);
			assert_int_equal(o.rc, EV_INPUT);
			assert_int_equal(o.stop, EV_JSON_S_ENCODING);
			assert_int_equal(o.offset, 0);
		}
	}
}

static void
strings_that_are_not_text_are_kept_with_a_note(void **state)
{
	static const struct {
		const char *text;
		unsigned notes;
		const char *decoded;
		size_t len;
	} odd[] = {
		{ "\"\\uD800\"", EV_JSON_N_SURROGATE, "\xed\xa0\x80", 3 },
		{ "\"\\uDFFF\"", EV_JSON_N_SURROGATE, "\xed\xbf\xbf", 3 },
		{ "\"\\uD800\\uE000\"", EV_JSON_N_SURROGATE,
		    "\xed\xa0\x80\xee\x80\x80", 6 },
		{ "\"\xff, and a text that is longer\"", EV_JSON_N_BAD_UTF8,
		    "\xff, and a text that is longer", 28 },
		{ "\"\\uD800x\"", EV_JSON_N_SURROGATE, "\xed\xa0\x80x", 4 },
		{ "\"\\uDE00\\uD83D\"", EV_JSON_N_SURROGATE,
		    "\xed\xb8\x80\xed\xa0\xbd", 6 },
		{ "\"\\uD800\\uD83D\\uDE00\"", EV_JSON_N_SURROGATE,
		    "\xed\xa0\x80\xf0\x9f\x98\x80", 7 },
		{ "\"\\uD83D\\n\"", EV_JSON_N_SURROGATE, "\xed\xa0\xbd\n", 4 },
		{ "\"good\\u0000evil\"", EV_JSON_N_NUL, "good\0evil", 9 },
		{ "\"a\xff"
		  "b\"",
		    EV_JSON_N_BAD_UTF8,
		    "a\xff"
		    "b",
		    3 },
		{ "\"\xed\xa0\x80\"", EV_JSON_N_BAD_UTF8, "\xed\xa0\x80", 3 },
		{ "\"\xc0\x80\"", EV_JSON_N_BAD_UTF8, "\xc0\x80", 2 },
		{ "\"0123456789abcdef\xc3\"", EV_JSON_N_BAD_UTF8,
		    "0123456789abcdef\xc3", 17 },
		{ "\"\\n\xe2\x82\"", EV_JSON_N_BAD_UTF8, "\n\xe2\x82", 3 },
		{ "\"\\u0000\\uDC00\xff\"",
		    EV_JSON_N_NUL | EV_JSON_N_SURROGATE | EV_JSON_N_BAD_UTF8,
		    "\0\xed\xb0\x80\xff", 5 },
		{ "\"\\uD83D\\uDE00\\u00e9\\u20AC\\\\\\/\\b\\f\\r\\t\"", 0,
		    "\xf0\x9f\x98\x80\xc3\xa9\xe2\x82\xac\\/\b\f\r\t", 15 },
	};
	struct ev_jsonread *r = NULL;
	struct ev_json_token token;
	struct ev_err err;
	size_t i;

	(void)state;
	assert_int_equal(ev_jsonread_new(&r, NULL, 0, &strict, &err), EV_OK);
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(ev_jsonread_restart(r, odd[i].text,
				     strlen(odd[i].text), 100, &err),
		    EV_OK);
		assert_int_equal(ev_jsonread_next(r, &token, &err), EV_OK);
		assert_int_equal(token.notes, odd[i].notes);
		assert_int_equal(token.offset, 100);
		assert_int_equal(token.text_len, odd[i].len);
		assert_memory_equal(token.text, odd[i].decoded, odd[i].len);
		assert_int_equal(ev_jsonread_next(r, &token, &err), EV_EOF);
	}
	ev_jsonread_free(r);
}

static void
each_leniency_is_asked_for_and_its_first_use_told(void **state)
{
	static const struct {
		const char *text;
		enum ev_json_tolerate what;
		int used;
		const char *tokens;
	} lenient[] = {
		{ "{a_$1: {\"b\":1, c :2}}", EV_JSON_T_BARE_KEY, 1,
		    "{0@0+1 k1@1+4=a_$1 {1@7+1 k2@8+3=b n2@12+1=1 k2@15+1=c "
		    "n2@18+1=2 }1@19+1 }0@20+1 " },
		{ "[1, [2 , ] , ]", EV_JSON_T_TRAILING_COMMA, 7,
		    "[0@0+1 n1@1+1=1 [1@4+1 n2@5+1=2 ]1@9+1 ]0@13+1 " },
		{ "{\"a\":1,}", EV_JSON_T_TRAILING_COMMA, 6,
		    "{0@0+1 k1@1+3=a n1@5+1=1 }0@7+1 " },
		{ "[] ;; ", EV_JSON_T_SEMICOLON, 3, "[0@0+1 ]0@1+1 " },
		{ "[\"a\", \"\\x0Bz\\xe9\"]", EV_JSON_T_HEX_ESCAPE, 7,
		    "[0@0+1 s1@1+3=a s1@6+11=\x0bz\xc3\xa9!8 ]0@17+1 " },
		{ "{'a':'\"\\'b'}", EV_JSON_T_SINGLE_QUOTE, 1,
		    "{0@0+1 k1@1+3=a s1@5+6=\"'b }0@11+1 " },
	};
	struct ev_jsonread_opts opts = { 0 };
	struct outcome o;
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(lenient) / sizeof(lenient[0]); i++) {
		opts.tolerate = lenient[i].what;
		o = read_text(lenient[i].text, &opts);
		assert_string_equal(o.msg, "");
		assert_string_equal(o.tokens, lenient[i].tokens);
		for (j = 0; j < 5; j++)
			assert_int_equal(o.used[j],
			    lenient[i].what == 1U << j ? lenient[i].used : -1);
		opts.tolerate = 31 & ~(unsigned)lenient[i].what;
		o = read_text(lenient[i].text, &opts);
		assert_int_equal(o.rc, EV_INPUT);
		assert_int_equal(o.stop, EV_JSON_S_SYNTAX);
	}
}

static void
leniency_has_its_bounds(void **state)
{
	static const struct bad bad[] = {
		{ "[,]", EV_JSON_S_SYNTAX, 1 },
		{ "{,}", EV_JSON_S_SYNTAX, 1 },
		{ "[1,,]", EV_JSON_S_SYNTAX, 3 },
		{ "{1a:1}", EV_JSON_S_SYNTAX, 1 },
		{ "{a-b:1}", EV_JSON_S_SYNTAX, 2 },
		{ "[a]", EV_JSON_S_SYNTAX, 1 },
		{ "[1;]", EV_JSON_S_SYNTAX, 2 },
		{ ";[]", EV_JSON_S_SYNTAX, 0 },
		{ "[];[]", EV_JSON_S_SYNTAX, 3 },
		{ "[\"\\xg0\"]", EV_JSON_S_SYNTAX, 4 },
		{ "[\"\\x0\"]", EV_JSON_S_SYNTAX, 5 },
		{ "['a\"]", EV_JSON_S_TRUNCATED, 5 },
		{ "[\"a']", EV_JSON_S_TRUNCATED, 5 },
		{ "['a\n']", EV_JSON_S_SYNTAX, 3 },
		{ "[NaN]", EV_JSON_S_SYNTAX, 1 },
		{ "[1] // x", EV_JSON_S_SYNTAX, 4 },
	};
	const struct ev_jsonread_opts opts = { .tolerate = 31 };

	(void)state;
	REFUSE(bad, &opts);
}

static void
many_values_follow_one_another(void **state)
{
	const struct ev_jsonread_opts many = { .many = true };
	static const struct bad bad[] = {
		{ "1 01", EV_JSON_S_SYNTAX, 3 },
		{ "1[]", EV_JSON_S_SYNTAX, 1 },
		{ "truefalse", EV_JSON_S_SYNTAX, 4 },
		{ "{},{}", EV_JSON_S_SYNTAX, 2 },
		{ "{}\n{", EV_JSON_S_TRUNCATED, 4 },
	};
	struct outcome o;

	(void)state;
	o = read_text("{}\n[1]\r\n2 \"x\"{}", &many);
	assert_string_equal(o.tokens,
	    "{0@0+1 }0@1+1 [0@3+1 n1@4+1=1 ]0@5+1 n0@8+1=2 s0@10+3=x "
	    "{0@13+1 }0@14+1 ");
	assert_int_equal(o.rc, EV_EOF);
	o = read_text(" \n", &many);
	assert_int_equal(o.rc, EV_EOF);
	assert_string_equal(o.tokens, "");
	REFUSE(bad, &many);
}

/* count times open, then a 1, then count times close. */
static char *
nested(const char *open, const char *close, size_t count)
{
	const size_t a = strlen(open), b = strlen(close);
	char *text = malloc(count * (a + b) + 2);
	size_t i;

	assert_non_null(text);
	for (i = 0; i < count; i++) {
		memcpy(text + i * a, open, a);
		memcpy(text + count * a + 1 + i * b, close, b);
	}
	text[count * a] = '1';
	text[count * (a + b) + 1] = '\0';
	return text;
}

static void
depth_ends_at_the_bracket_that_is_too_deep(void **state)
{
	const struct ev_jsonread_opts deep = { .max_depth = 100000 };
	struct outcome *o = malloc(sizeof(*o));
	char *text;

	(void)state;
	assert_non_null(o);
	text = nested("[", "]", 64);
	*o = read_text(text, &strict);
	assert_int_equal(o->rc, EV_EOF);
	free(text);
	text = nested("[", "]", 65);
	*o = read_text(text, &strict);
	assert_int_equal(o->rc, EV_INPUT);
	assert_int_equal(o->stop, EV_JSON_S_TOO_DEEP);
	assert_int_equal(o->offset, 64);
	free(text);
	text = nested("{\"a\":", "}", 50000);
	*o = read_text(text, &strict);
	assert_int_equal(o->stop, EV_JSON_S_TOO_DEEP);
	assert_int_equal(o->offset, 64 * 5);
	free(text);
	text = nested("[", "]", 100000);
	*o = read_text(text, &strict);
	assert_int_equal(o->stop, EV_JSON_S_TOO_DEEP);
	assert_int_equal(o->offset, 64);
	read_all(o, text, 100000, 4096, &strict); /* not closed */
	assert_int_equal(o->stop, EV_JSON_S_TOO_DEEP);
	read_all(o, text, strlen(text), 4096, &deep);
	assert_int_equal(o->rc, EV_EOF);
	free(text);
	text = nested("[{\"a\":", "}]", 100000);
	read_all(o, text, strlen(text), 4096, &deep);
	assert_int_equal(o->stop, EV_JSON_S_TOO_DEEP);
	assert_int_equal(o->offset, 50000 * 6);
	free(text);
	free(o);
}

/* A value of len bytes inside an array. */
static void
one_token(size_t len, char first, char fill, struct outcome *o)
{
	char *text = malloc(len + 3);

	assert_non_null(text);
	text[0] = '[';
	memset(text + 1, fill, len);
	text[1] = first;
	if (first == '"')
		text[len] = '"';
	text[len + 1] = ']';
	text[len + 2] = '\0';
	read_all(o, text, len + 2, 65536, &strict);
	free(text);
}

static void
a_token_of_more_than_16_mib_is_too_long(void **state)
{
	const size_t most = 16 << 20;
	struct outcome *o = malloc(sizeof(*o));

	(void)state;
	assert_non_null(o);
	one_token(most, '"', 'x', o);
	assert_int_equal(o->rc, EV_EOF);
	one_token(most, '1', '2', o);
	assert_int_equal(o->rc, EV_EOF);
	one_token(most + 1, '"', 'x', o);
	assert_int_equal(o->stop, EV_JSON_S_TOO_LONG);
	assert_int_equal(o->offset, 1);
	one_token(most + 1, '1', '2', o);
	assert_int_equal(o->stop, EV_JSON_S_TOO_LONG);
	assert_int_equal(o->offset, 1);
	one_token(3 * most, '"', 'x', o);
	assert_int_equal(o->stop, EV_JSON_S_TOO_LONG);
	free(o);
}

static void
a_small_limit_holds_too(void **state)
{
	const struct ev_jsonread_opts opts = { .max_token = 5 };
	static const struct bad bad[] = {
		{ "[\"abcd\"]", EV_JSON_S_TOO_LONG, 1 },
		{ "[123456]", EV_JSON_S_TOO_LONG, 1 },
	};
	struct outcome o;

	(void)state;
	REFUSE(bad, &opts);
	o = read_text("[\"abc\",12345]", &opts);
	assert_int_equal(o.rc, EV_EOF);
}

static void
a_container_can_be_skipped(void **state)
{
	static const char text[] = "[{\"a\":[1,{\"b\":\"\\uD800\"}]}, 7]";
	const struct ev_jsonread_opts opts = { 0 };
	struct ev_jsonread *r = NULL;
	struct ev_json_token token;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_jsonread_new(&r, NULL, 0, &opts, &err), EV_OK);
	assert_int_equal(ev_jsonread_restart(r, text, strlen(text), 0, &err),
	    EV_OK);
	assert_int_equal(ev_jsonread_skip(r, &token, &err), EV_USE);
	assert_int_equal(ev_jsonread_next(r, &token, &err), EV_OK);
	assert_int_equal(ev_jsonread_next(r, &token, &err), EV_OK);
	assert_int_equal(token.event, EV_JSON_E_OBJECT);
	assert_int_equal(ev_jsonread_skip(r, &token, &err), EV_OK);
	assert_int_equal(token.event, EV_JSON_E_OBJECT_END);
	assert_int_equal(token.depth, 1);
	assert_int_equal(token.offset, 24);
	assert_int_equal(ev_jsonread_offset(r), 25);
	assert_int_equal(ev_jsonread_skip(r, &token, &err), EV_USE);
	assert_int_equal(ev_jsonread_next(r, &token, &err), EV_OK);
	assert_int_equal(token.event, EV_JSON_E_NUMBER);
	assert_int_equal(ev_jsonread_next(r, &token, &err), EV_OK);
	assert_int_equal(ev_jsonread_next(r, &token, &err), EV_EOF);
	ev_jsonread_free(r);
}

static void
skipping_still_checks_what_it_skips(void **state)
{
	static const char text[] = "[[1,\"\\q\"]]";
	const struct ev_jsonread_opts opts = { 0 };
	struct ev_jsonread *r = NULL;
	struct ev_json_token token;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_jsonread_new(&r, NULL, 0, &opts, &err), EV_OK);
	assert_int_equal(ev_jsonread_restart(r, text, strlen(text), 0, &err),
	    EV_OK);
	assert_int_equal(ev_jsonread_next(r, &token, &err), EV_OK);
	assert_int_equal(ev_jsonread_skip(r, &token, &err), EV_INPUT);
	assert_string_equal(err.msg,
	    "byte 6: 'q' where an escape of JSON was expected");
	ev_jsonread_free(r);
}

static enum ev_rc
fail_to_give(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	(void)ctx;
	(void)data;
	(void)cap;
	*got = 0;
	return ev_fail(err, EV_SYS, "the disc is gone");
}

static void
a_failing_stream_is_not_the_end_of_the_text(void **state)
{
	const struct ev_stream in = { .read = fail_to_give };
	const struct ev_jsonread_opts opts = { .many = true };
	struct ev_jsonread *r = NULL;
	struct ev_json_token token;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_jsonread_new(&r, &in, 0, &opts, &err), EV_OK);
	assert_int_equal(ev_jsonread_next(r, &token, &err), EV_SYS);
	assert_string_equal(err.msg, "the disc is gone");
	assert_int_equal(ev_jsonread_next(r, &token, &err), EV_SYS);
	ev_jsonread_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tokens_come_with_their_bytes),
		cmocka_unit_test(what_rfc_8259_allows_is_read),
		cmocka_unit_test(what_rfc_8259_forbids_ends_at_its_byte),
		cmocka_unit_test(a_raw_nul_is_syntax_wherever_it_stands),
		cmocka_unit_test(other_encodings_are_named),
		cmocka_unit_test(
		    strings_that_are_not_text_are_kept_with_a_note),
		cmocka_unit_test(
		    each_leniency_is_asked_for_and_its_first_use_told),
		cmocka_unit_test(leniency_has_its_bounds),
		cmocka_unit_test(many_values_follow_one_another),
		cmocka_unit_test(depth_ends_at_the_bracket_that_is_too_deep),
		cmocka_unit_test(a_token_of_more_than_16_mib_is_too_long),
		cmocka_unit_test(a_small_limit_holds_too),
		cmocka_unit_test(a_container_can_be_skipped),
		cmocka_unit_test(skipping_still_checks_what_it_skips),
		cmocka_unit_test(a_failing_stream_is_not_the_end_of_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
