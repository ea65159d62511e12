/* base/json: whole records as nodes, with what is odd about them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/jsonread.h"
#include "evidence/json.h"

static struct ev_err err;

static void
a_record_becomes_nodes_in_document_order(void **state)
{
	static const char text[] =
	    " {\"id\": 1623411536243965954, \"a\\u0062\": [true, null, {}],"
	    " \"s\":\"x\\ny\"} ";
	const struct ev_json_node *root, *node, *inner;
	struct ev_json_doc *doc = NULL;
	int64_t id;

	(void)state;
	assert_int_equal(ev_json_parse(&doc, text, strlen(text), &err), EV_OK);
	root = ev_json_root(doc);
	assert_int_equal(root->type, EV_JSON_OBJECT);
	assert_int_equal(root->count, 3);
	assert_int_equal(root->offset, 1);
	assert_int_equal(root->length, strlen(text) - 2);
	assert_null(root->key);
	node = root->child;
	assert_string_equal(node->key, "id");
	assert_string_equal(node->text, "1623411536243965954");
	assert_int_equal(node->key_offset, 2);
	assert_int_equal(node->key_length, 4);
	node = node->next;
	assert_string_equal(node->key, "ab");
	assert_int_equal(node->type, EV_JSON_ARRAY);
	assert_int_equal(node->count, 3);
	assert_memory_equal(text + node->offset, "[true, null, {}]",
	    node->length);
	inner = node->child;
	assert_true(inner->type == EV_JSON_BOOL && inner->value);
	assert_null(inner->key);
	assert_int_equal(inner->next->type, EV_JSON_NULL);
	assert_int_equal(inner->next->next->type, EV_JSON_OBJECT);
	assert_null(inner->next->next->child);
	assert_null(inner->next->next->next);
	assert_ptr_equal(node->next, ev_json_get(root, "s"));
	assert_string_equal(ev_json_get_text(root, "s"), "x\ny");
	assert_null(node->next->next);
	assert_true(ev_json_get_int(root, "id", &id));
	assert_true(id == INT64_C(1623411536243965954));
	assert_null(ev_json_get(root, "none"));
	assert_null(ev_json_get_text(root, "id"));
	assert_false(ev_json_get_int(root, "s", &id));
	assert_null(ev_json_get(NULL, "id"));
	ev_json_free(doc);
}

static void
siblings_end_with_their_container(void **state)
{
	static const char text[] = "[[1,[2]],[3,[4],5],{\"a\":[]},6]";
	static const size_t counts[] = { 2, 3, 1, 0 };
	const struct ev_json_node *node, *inner;
	struct ev_json_doc *doc = NULL;
	size_t i = 0, n;

	(void)state;
	assert_int_equal(ev_json_parse(&doc, text, strlen(text), &err), EV_OK);
	for (node = ev_json_root(doc)->child; node != NULL; node = node->next) {
		n = 0;
		for (inner = node->child; inner != NULL; inner = inner->next)
			n++;
		assert_int_equal(n, counts[i]);
		assert_int_equal(node->count, counts[i++]);
	}
	assert_int_equal(i, 4);
	ev_json_free(doc);
}

static void
only_integers_are_integers(void **state)
{
	static const char text[] = "{\"a\":1.0,\"b\":1e2,\"c\":-7,"
				   "\"d\":9223372036854775808,\"e\":-0}";
	struct ev_json_doc *doc = NULL;
	const struct ev_json_node *root;
	int64_t v;

	(void)state;
	assert_int_equal(ev_json_parse(&doc, text, strlen(text), &err), EV_OK);
	root = ev_json_root(doc);
	assert_false(ev_json_get_int(root, "a", &v));
	assert_false(ev_json_get_int(root, "b", &v));
	assert_true(ev_json_get_int(root, "c", &v) && v == -7);
	assert_false(ev_json_get_int(root, "d", &v));
	assert_string_equal(ev_json_get(root, "d")->text,
	    "9223372036854775808");
	assert_string_equal(ev_json_get(root, "e")->text, "-0");
	ev_json_free(doc);
}

static void
our_own_texts_are_strict(void **state)
{
	static const struct {
		const char *text, *msg;
	} bad[] = {
		{ "{\"a\":1,\"a\":2}",
		    "byte 1: a key that its object holds twice" },
		{ "{\"b\":{\"a\":1,\"\\u0061\":2}}",
		    "byte 6: a key that its object holds twice" },
		{ "[\"\\u0000\"]", "byte 1: a string that is not text" },
		{ "[\"\\ud800\"]", "byte 1: a string that is not text" },
		{ "[\"\xff\"]", "byte 1: a string that is not text" },
		{ "{\"\\u0000\":1}", "byte 1: a key that is not text" },
		{ "[1,]", "byte 3: ']' where a value was expected" },
		{ "[] x",
		    "byte 3: 'x' where the end of the text was expected" },
		{ "", "byte 0: the text ends where a value was expected" },
		{ "\xef\xbb\xbf[]", "byte 0: 0xef where a value was expected" },
	};
	struct ev_json_doc *doc;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(ev_json_parse(&doc, bad[i].text,
				     strlen(bad[i].text), &err),
		    EV_INPUT);
		assert_null(doc);
		assert_string_equal(err.msg, bad[i].msg);
	}
	assert_int_equal(ev_json_parse(&doc, NULL, 0, &err), EV_INPUT);
}

static void
the_same_key_is_found_however_it_is_spelt(void **state)
{
	static const char text[] =
	    "{\"account\":1,\"b\":2,\"acc\\u006funt\":3,\"c\":{\"b\":4},"
	    "\"\\u0061ccount\":5,\"\":6,\"accounts\":7}";
	static const bool dup[] = { true, false, true, false, true, false,
		false };
	struct ev_json_doc *doc = NULL;
	const struct ev_json_node *node;
	size_t i = 0;

	(void)state;
	assert_int_equal(ev_json_record(&doc, text, strlen(text), 0, &err),
	    EV_OK);
	for (node = ev_json_root(doc)->child; node != NULL; node = node->next)
		assert_int_equal(node->key_notes, dup[i++] ? EV_JSON_N_DUP : 0);
	assert_int_equal(i, 7);
	node = ev_json_get(ev_json_root(doc), "c")->child;
	assert_int_equal(node->key_notes, 0);
	ev_json_free(doc);
}

static void
duplicates_among_many_keys_are_found(void **state)
{
	enum { KEYS = 1000000 };
	const size_t room = (size_t)KEYS * 12 + 100;
	char *text = malloc(room);
	struct ev_json_doc *doc = NULL;
	const struct ev_json_node *node;
	size_t len = 1, marked = 0;
	int i;

	(void)state;
	assert_non_null(text);
	text[0] = '{';
	for (i = 0; i < KEYS; i++)
		len += (size_t)snprintf(text + len, room - len, "\"%x\":%d,",
		    (unsigned)i * 2654435761U % 16777216U, i % 10);
	len += (size_t)snprintf(text + len, room - len,
	    "\"last\":1,\"l\\u0061st\":2}");
	assert_int_equal(ev_json_record(&doc, text, len, 0, &err), EV_OK);
	for (node = ev_json_root(doc)->child; node != NULL; node = node->next)
		marked += node->key_notes == EV_JSON_N_DUP ? 1 : 0;
	/* An odd factor is a permutation of 2^24: only ours are equal. */
	assert_int_equal(marked, 2);
	assert_int_equal(ev_json_root(doc)->count, KEYS + 2);
	ev_json_free(doc);
	free(text);
}

static void
a_record_may_be_odd_and_is_noted(void **state)
{
	static const char text[] = "{\"\\udc00\":\"a\\u0000b\",\"n\":"
				   "\"\xff\",\"t\":\"\\x0b\"}";
	struct ev_json_doc *doc = NULL;
	const struct ev_json_node *node;

	(void)state;
	assert_int_equal(ev_json_record(&doc, text, strlen(text),
			     EV_JSON_T_HEX_ESCAPE, &err),
	    EV_OK);
	node = ev_json_root(doc)->child;
	assert_int_equal(node->key_notes, EV_JSON_N_SURROGATE);
	assert_int_equal(node->notes, EV_JSON_N_NUL);
	assert_int_equal(node->text_len, 3);
	assert_memory_equal(node->text, "a\0b", 4);
	assert_int_equal(node->next->notes, EV_JSON_N_BAD_UTF8);
	assert_int_equal(node->next->next->notes, EV_JSON_N_HEX);
	assert_int_equal(ev_json_record_used(doc, EV_JSON_T_HEX_ESCAPE), 34);
	assert_int_equal(ev_json_record_used(doc, EV_JSON_T_BARE_KEY), -1);
	ev_json_free(doc);
}

static void
a_doc_is_used_again_and_again(void **state)
{
	struct ev_json_doc *doc = NULL, *first;
	char text[64];
	int64_t v, offset;
	int i;

	(void)state;
	assert_int_equal(ev_json_record(&doc, "[]", 2, 0, &err), EV_OK);
	first = doc;
	for (i = 0; i < 1000; i++) {
		(void)snprintf(text, sizeof(text), "{\"n\":%d,\"s\":\"%0*d\"}",
		    i, i % 30, i);
		assert_int_equal(ev_json_record(&doc, text, strlen(text), 0,
				     &err),
		    EV_OK);
		assert_true(ev_json_get_int(ev_json_root(doc), "n", &v));
		assert_int_equal(v, i);
	}
	assert_ptr_equal(doc, first);
	assert_int_equal(ev_json_record(&doc, "[1,", 3, 0, &err), EV_INPUT);
	assert_int_equal(ev_json_record_stop(doc, &offset),
	    EV_JSON_S_TRUNCATED);
	assert_int_equal(offset, 3);
	assert_int_equal(ev_json_record(&doc, "[1]", 3, 0, &err), EV_OK);
	assert_int_equal(ev_json_record_stop(doc, &offset), EV_JSON_S_NONE);
	assert_int_equal(ev_json_record(&doc, "[1,]", 4,
			     EV_JSON_T_TRAILING_COMMA, &err),
	    EV_OK);
	ev_json_free(doc);
}

/* count times fill between brackets. */
static char *
array_of(const char *fill, size_t count, size_t *len)
{
	const size_t n = strlen(fill);
	char *text = malloc(n * count + 4);
	size_t i;

	assert_non_null(text);
	text[0] = '[';
	for (i = 0; i < count; i++)
		memcpy(text + 1 + i * n, fill, n);
	memcpy(text + 1 + n * count, "0]", 3);
	*len = n * count + 3;
	return text;
}

static void
limits_of_a_record_hold(void **state)
{
	struct ev_json_doc *doc = NULL;
	int64_t offset;
	size_t len;
	char *text;

	(void)state;
	text = array_of("0,", 1 << 21, &len);
	assert_int_equal(ev_json_record(&doc, text, len, 0, &err), EV_LIMIT);
	free(text);
	text = array_of("[", 64, &len);
	assert_int_equal(ev_json_record(&doc, text, len, 0, &err), EV_INPUT);
	assert_int_equal(ev_json_record_stop(doc, &offset), EV_JSON_S_TOO_DEEP);
	assert_int_equal(offset, 64);
	free(text);
	text = array_of("          ", 1677722, &len);
	assert_int_equal(ev_json_record(&doc, text, len, 0, &err), EV_INPUT);
	assert_int_equal(ev_json_record_stop(doc, &offset), EV_JSON_S_TOO_LONG);
	ev_json_free(doc);
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_becomes_nodes_in_document_order),
		cmocka_unit_test(siblings_end_with_their_container),
		cmocka_unit_test(only_integers_are_integers),
		cmocka_unit_test(our_own_texts_are_strict),
		cmocka_unit_test(the_same_key_is_found_however_it_is_spelt),
		cmocka_unit_test(duplicates_among_many_keys_are_found),
		cmocka_unit_test(a_record_may_be_odd_and_is_noted),
		cmocka_unit_test(a_doc_is_used_again_and_again),
		cmocka_unit_test(limits_of_a_record_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
