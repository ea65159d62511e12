/* The canonical scan against a tree that is written again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsoncanon.h"
#include "base/jsonlex.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum { MOST = 1024, DEPTH = 12 };

static const char *const lines[] = {
	"{\"action\":\"stamp\",\"after\":{\"at\":\"2026-01-02T03:04:05Z\","
	"\"list\":[1,-20,true,false,\"\\u0001\\n\\\"\\\\\"],"
	"\"self_issued\":0},\"at\":\"2026-01-02T03:04:05.678Z\",\"clock\":{"
	"\"boot_us\":12345678901,\"synced\":1},\"note\":\"\xd9\xbe\xc3\xa9 "
	"\xf0\x9f\x98\x80\x7f\",\"seq\":9007199254740991,\"subject\":[]}",
	"{\"a\":{},\"b\":[[],{}],\"ba\":{\"x\":[{\"y\":\"\\b\\t\\f\\r\"}]}}",
	"[0,-1,[[[[[[[[[[[]]]]]]]]]]]]",
	"[[[[[[[[[[[[[1]]]]]]]]]]]]]",
	"\"text\"",
	"-9007199254740991",
	"{\"\":1,\" \":2,\"~\":3}",
};

/* What mutations are made of: what JSON gives a meaning to, and what not. */
static const char bytes[] = "{}[]\",:\\ \n\t0123456789-+.eEtfnulabfrs\x01\x1f"
			    "\x7f\x80\xc3\xa9\xed\xa0\xff";

/* NOLINTBEGIN(misc-no-recursion) */
static void
again(struct ev_jw *w, const struct ev_json_node *node, int depth)
{
	const struct ev_json_node *n;
	int64_t number;

	switch (node->type) {
	case EV_JSON_OBJECT:
	case EV_JSON_ARRAY:
		if (depth == 0)
			ev_jw_close(w); /* too deep: a misuse or other bytes */
		if (node->type == EV_JSON_OBJECT)
			ev_jw_object(w);
		else
			ev_jw_array(w);
		for (n = node->child; n != NULL && depth > 0; n = n->next) {
			if (node->type == EV_JSON_OBJECT)
				ev_jw_key(w, n->key);
			again(w, n, depth - 1);
		}
		ev_jw_close(w);
		break;
	case EV_JSON_STRING:
		ev_jw_str(w, node->text, node->text_len);
		break;
	case EV_JSON_NUMBER:
		if (ev_text_int(&number, node->text, node->text_len, INT64_MIN,
			INT64_MAX))
			ev_jw_int(w, number);
		else
			ev_jw_text(w, "not an integer");
		break;
	case EV_JSON_BOOL:
		ev_jw_bool(w, node->value);
		break;
	case EV_JSON_NULL:
		ev_jw_text(w, "null is not allowed");
		break;
	}
}
/* NOLINTEND(misc-no-recursion) */

/* Parsed strictly and written by the writer it is the same again. */
static bool
is_written(const unsigned char *text, size_t len)
{
	struct ev_json_doc *doc = NULL;
	struct ev_buf copy;
	struct ev_err err;
	struct ev_jw w;
	bool same;

	if (ev_json_parse(&doc, text, len, &err) != EV_OK)
		return false;
	ev_buf_init(&copy, 65536);
	ev_jw_init(&w, &copy);
	again(&w, ev_json_root(doc), DEPTH);
	same = ev_jw_end(&w, &err) == EV_OK && copy.len == len &&
	       memcmp(copy.data, text, len) == 0;
	ev_buf_release(&copy);
	ev_json_free(doc);
	return same;
}

static bool
is_canonical(const unsigned char *text, size_t len)
{
	unsigned char *padded = calloc(1, len + EV_JSONLEX_PAD);
	bool is;

	assert_non_null(padded);
	memcpy(padded, text, len);
	is = ev_json_canon(padded, len, NULL, 0);
	free(padded);
	return is;
}

static void
same_answer(const unsigned char *text, size_t len)
{
	if (is_canonical(text, len) != is_written(text, len))
		fail_msg("scan says %d of %.*s", is_canonical(text, len),
		    (int)len, (const char *)text);
}

static void
lines_of_ours_are_canonical(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		same_answer((const unsigned char *)lines[i], strlen(lines[i]));
		assert_int_equal(is_canonical((const unsigned char *)lines[i],
				     strlen(lines[i])),
		    i != 3); /* one level too many */
	}
}

/* Every byte of every line exchanged, put in and left out. */
static void
one_edit_is_judged_as_the_writer_would(void **state)
{
	unsigned char text[MOST];
	size_t i, at, n, len;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		len = strlen(lines[i]);
		for (at = 0; at <= len; at++) {
			for (n = 0; n < sizeof(bytes); n++) {
				memcpy(text, lines[i], at);
				text[at] = (unsigned char)bytes[n];
				memcpy(text + at + 1, lines[i] + at, len - at);
				same_answer(text, len + 1);
				if (at == len)
					continue;
				memcpy(text, lines[i], len);
				text[at] = (unsigned char)bytes[n];
				same_answer(text, len);
			}
			if (at == len)
				continue;
			memcpy(text, lines[i], at);
			memcpy(text + at, lines[i] + at + 1, len - at - 1);
			same_answer(text, len - 1);
		}
	}
}

static void
escapes_have_one_spelling(void **state)
{
	char text[16];
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		(void)snprintf(text, sizeof(text), "\"\\u%04x\"", (unsigned)c);
		same_answer((const unsigned char *)text, strlen(text));
		(void)snprintf(text, sizeof(text), "\"\\u%04X\"", (unsigned)c);
		same_answer((const unsigned char *)text, strlen(text));
		(void)snprintf(text, sizeof(text), "\"\\%c\"", c == 0 ? 1 : c);
		same_answer((const unsigned char *)text, strlen(text));
	}
}

static void
members_are_found_where_they_stand(void **state)
{
	struct ev_canon_member m[] = {
		{ .key = "at" },
		{ .outer = "after", .key = "at" },
		{ .outer = "clock", .key = "boot_us" },
		{ .key = "seq" },
		{ .key = "clock" },
		{ .key = "a" },
		{ .outer = "clock", .key = "boot" },
	};
	unsigned char text[MOST] = { 0 };
	struct ev_buf out;
	int64_t v;

	(void)state;
	memcpy(text, lines[0], strlen(lines[0]));
	assert_true(ev_json_canon(text, strlen(lines[0]), m, 7));
	assert_true(ev_canon_is(&m[0], "2026-01-02T03:04:05.678Z"));
	assert_false(ev_canon_is(&m[0], "2026-01-02T03:04:05.678"));
	assert_true(ev_canon_is(&m[1], "2026-01-02T03:04:05Z"));
	assert_true(ev_canon_int(&m[2], &v));
	assert_int_equal(v, INT64_C(12345678901));
	assert_true(ev_canon_int(&m[3], &v));
	assert_int_equal(v, INT64_C(9007199254740991));
	assert_false(ev_canon_int(&m[4], &v));
	assert_false(ev_canon_is(&m[4], "{"));
	assert_null(m[5].at);
	assert_null(m[6].at);
	assert_false(ev_canon_is(&m[5], ""));
	ev_buf_init(&out, 64);
	assert_false(ev_canon_text(&m[3], &out));
	assert_true(ev_canon_text(&m[1], &out));
	assert_string_equal(ev_buf_text(&out), "2026-01-02T03:04:05Z");
	ev_buf_release(&out);
}

static void
escaped_text_is_compared_decoded(void **state)
{
	static const char line[] = "{\"a\":\"x\\ny\\u0002\"}";
	struct ev_canon_member m = { .key = "a" };
	unsigned char text[64] = { 0 };

	(void)state;
	memcpy(text, line, strlen(line));
	assert_true(ev_json_canon(text, strlen(line), &m, 1));
	assert_true(ev_canon_is(&m, "x\ny\002"));
	assert_false(ev_canon_is(&m, "x\\ny\\u0002"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_ours_are_canonical),
		cmocka_unit_test(one_edit_is_judged_as_the_writer_would),
		cmocka_unit_test(escapes_have_one_spelling),
		cmocka_unit_test(members_are_found_where_they_stand),
		cmocka_unit_test(escaped_text_is_compared_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
