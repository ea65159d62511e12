/*
 * base/jsonread: the grammar of RFC 8259, rule by rule: 95 texts that every
 * reader takes, 188 that none may take, 35 on which readers differ, with our
 * answer.  Each text is also read whole as a record, and must end alike.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/jsonread.h"

enum answer {
	TAKEN,
	REFUSED, /* syntax, or the text ends */
	LONE,    /* taken, but the string is no text: a lone surrogate */
	BAD,     /* taken, but the string is no text: bad UTF-8 */
	ENCODING,
	DEEP,
};

struct rule {
	const char *rule, *text;
	size_t len;
	enum answer answer;
};

/* clang-format off */
#define T(rule, text) { rule, text, sizeof(text) - 1, TAKEN },
#define R(rule, text) { rule, text, sizeof(text) - 1, REFUSED },
#define O(rule, text, answer) { rule, text, sizeof(text) - 1, answer },
static const struct rule taken[] = {
	T("an empty array", "[]")
	T("an empty array with blanks in it", "[   ]")
	T("an array in an array", "[[ ]   ]")
	T("the empty string in an array", "[\"\"]")
	T("an array ends behind a blank", "[\"z\" ]")
	T("false alone", "[false]")
	T("values of each type", "[null, 2, \"two\", {}]")
	T("null alone", "[null]")
	T("an array over two lines", "[7\n]")
	T("a blank before the array", " [7]")
	T("an empty place is a null", "[4,null,null,null,5]")
	T("a blank behind the array", "[6] ")
	T("a plain number", "[321e45]")
	T("minus zero as a whole number", "[-0]")
	T("an exponent of zero", "[0e+2]")
	T("an exponent without a sign", "[0e3]")
	T("a capital exponent", "[3E44]")
	T("a negative capital exponent", "[3E-4]")
	T("a positive capital exponent", "[3E+4]")
	T("an exponent", "[321e40]")
	T("a negative exponent", "[7e-3]")
	T("a positive exponent", "[7e+3]")
	T("a number behind a blank", "[ 8]")
	T("a number close to zero",
	    "[-0.000000000000000000000000000000000000"
	    "0000000000000000000000000000000000000000"
	    "009]")
	T("a negative whole number", "[-321]")
	T("a negative one", "[-2]")
	T("minus zero with a fraction", "[-0.0]")
	T("a fraction with an exponent", "[321.654e78]")
	T("a simple whole number", "[321]")
	T("a simple fraction", "[321.654321]")
	T("a large whole number", "[98765432109876543210]")
	T("an object", "{\"pqrs\":\"tuvw\",\"xy\":\"zz\"}")
	T("an object of one member", "{\"pqrs\":\"tuvw\"}")
	T("a key twice", "{\"p\":\"q\",\"p\":\"r\"}")
	T("a key twice with its value", "{\"p\":\"q\",\"p\":\"q\"}")
	T("an empty object", "{}")
	T("an empty key", "{\"\":1}")
	T("a key with an escaped NUL", "{\"po\\u0000st\": 43}")
	T("numbers at the edge of a double",
	    "{ \"low\": -2.0e+27, \"high\": 2.0e+27 }")
	T("long strings as values",
	    "{\"q\":[{\"no\": \"yyyyyyyyyyyyyyyyyyyyyyyyyy"
	    "yyyyyyyyyyyyyyyyyy\"}], \"no\": \"yyyyyyyyyy"
	    "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\"}")
	T("a simple object of an array", "{\"p\":[]}")
	T("a key and text of another script",
	    "{\"name\":\"\\u0646\\u0645\\u0648\\u0646\\u0647 "
	    "\\u0645\\u062a\\u0646\" }")
	T("an object over lines", "{\n\"p\": \"q\"\n}")
	T("a code point by 4 digits", "[\"\\u0061\\u0062\\u00e9\\u0633\"]")
	T("a pair of surrogates", "[\"\\ud83d\\ude00\"]")
	T("two pairs of surrogates", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]")
	T("every short escape", "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]")
	T("an escaped backslash before u", "[\"\\\\u0041\"]")
	T("an escaped quote", "[\"\\\"\"]")
	T("what only looks like a comment", "[\"p/*q*/r/*s//e\"]")
	T("an escaped backslash before a letter", "[\"\\\\b\"]")
	T("an escaped backslash before n", "[\"\\\\n\"]")
	T("an escaped control character", "[\"\\u0011\"]")
	T("an escaped noncharacter U+FFFF", "[\"\\uFFFF\"]")
	T("a string in an array", "[\"qwer\"]")
	T("a string behind a blank", "[ \"qwer\"]")
	T("the last code point of all", "[\"\\uDBFF\\uDFFF\"]")
	T("a surrogate pair in capitals", "[\"new\\u00A0line\"]")
	T("a noncharacter by a pair", "[\"\\uDBFF\\uDFFE\"]")
	T("U+10FFFF in UTF-8", "[\"\364\217\277\277\"]")
	T("U+FFFF in UTF-8", "[\"\357\277\277\"]")
	T("an escaped NUL", "[\"\\u0000\"]")
	T("a comma by its number", "[\"\\u002c\"]")
	T("the number pi in UTF-8", "[\"\317\200\"]")
	T("a reserved code point in UTF-8", "[\"\360\233\277\277\"]")
	T("a word of plain letters", "[\"qwer zxcv\"]")
	T("the empty string alone", " \"\" ")
	T("U+2028 in UTF-8", "[\"\342\200\250\"]")
	T("U+2029 in UTF-8", "[\"\342\200\251\"]")
	T("U+2028 and U+2029 escaped", "[\"\\u2028\\u2029\"]")
	T("a code point of two bytes, escaped", "[\"\\u0121\"]")
	T("a code point of three bytes, escaped", "[\"\\u0821\"]")
	T("a code point of two bytes", "[\"\304\241\"]")
	T("an escape with digits of both cases", "[\"\\uA66D \\ua66d\"]")
	T("a blank of another kind inside text", "[\"p\342\200\211q\"]")
	T("escaped U+10FFFE", "[\"\\uDBFF\\uDFFE\\u0020\"]")
	T("escaped U+1FFFE", "[\"\\uD83F\\uDFFE\"]")
	T("escaped zero-width space", "[\"\\u200B\"]")
	T("escaped invisible plus", "[\"\\u2064\"]")
	T("escaped U+FDD0", "[\"\\uFDD0\"]")
	T("escaped U+FFFE", "[\"\\uFFFE\"]")
	T("an escaped quote by its number", "[\"\\u0022\"]")
	T("an escaped backslash by its number", "[\"\\u005C\"]")
	T("a text in four scripts",
	    "[\"\342\202\254\360\235\204\236 \330\271\"]")
	T("a DEL inside a string", "[\"p\177q\"]")
	T("false at the top", "false")
	T("a number at the top", "43")
	T("a negative number at the top", "-0.2")
	T("null at the top", "null")
	T("a string at the top", "\"qwer\"")
	T("true at the top", "true")
	T("an empty string at the top", "\"\"")
	T("a line feed at the end", "[\"p\"]\n")
	T("true in an array", "[true]")
	T("blanks of each kind around values", "\t[\r\n 1 ,\t2 ]\r\n")
};

static const struct rule refused[] = {
	R("a bare word in an array behind a value", "[1 true]")
	R("a byte that is no UTF-8 in an array", "[p\344]")
	R("a colon for a comma", "[\"\": 2]")
	R("a comma behind the array", "[\"\"],")
	R("a comma and a number behind the array", "[1],2")
	R("two commas in a row", "[2,,3]")
	R("a comma twice before the end", "[\"p\",,]")
	R("a comma before the end twice", "[\"p\",,\"q\"]")
	R("the array is closed twice", "[\"p\"]]")
	R("a comma at the end of the array", "[\"\",]")
	R("an array not closed", "[\"p\"")
	R("a comma missing between arrays", "[2[3]]")
	R("a byte that is no UTF-8 for a value", "[\377]")
	R("an array that opens within a comma", "[p, q]")
	R("only a comma", "[,]")
	R("only a minus", "[-]")
	R("a comma missing", "[\"p\" \"q\"]")
	R("a line feed and a value without a comma", "[\"q\"\n,5\n,3,,")
	R("a comma first", "[,2]")
	R("an array that ends behind a comma", "[2,")
	R("an array over lines, not closed", "[4,\n5\n,2")
	R("an array open around an object", "[{}")
	R("a vertical tab among values", "[\"q\013\"\013]")
	R("a star behind a number", "[3*]")
	R("two commas at the end", "[2,,]")
	R("a number and no end", "[2")
	R("a number and a comma and no end", "[3, ")
	R("a half false", "[fals]")
	R("a half null", "[nul]")
	R("a half true", "[tru]")
	R("a word cut at the end", "tru")
	R("the word false cut", "fals")
	R("the word null cut", "nul")
	R("two signs before a number", "[++567]")
	R("a sign and a fraction before nothing", "[+.5]")
	R("a plus before a number", "[+2]")
	R("a plus before infinity", "[+Inf]")
	R("a minus and a bare zero before digits", "[-02]")
	R("a minus and two fractions", "[-1.0.]")
	R("a minus and a fraction without digits", "[-2.]")
	R("a minus and a word", "[-NaN]")
	R("a fraction without a whole part", "[.-3]")
	R("a fraction alone", "[.3e-4]")
	R("two fractions", "[0.2.3]")
	R("a zero, a capital exponent and no digits", "[0.4E]")
	R("a zero, a capital exponent with a plus and no digits", "[0.4E+]")
	R("a zero fraction, an exponent and nothing", "[0.4e]")
	R("a zero fraction, an exponent with a plus and nothing", "[0.4e+]")
	R("a capital exponent without digits", "[0E]")
	R("a capital exponent with a plus without digits", "[0E+]")
	R("a zero with an exponent and nothing", "[0e]")
	R("a zero with an exponent and a plus", "[0e+]")
	R("a zero with a dot and an exponent", "[0.e2]")
	R("a fraction cut", "[2.0e]")
	R("a fraction, an exponent, a minus", "[2.0e-]")
	R("a fraction, an exponent, a plus", "[2.0e+]")
	R("a group of digits parted by a blank", "[2 000.0]")
	R("an exponent with a comma", "[9.e+]")
	R("a whole part with a dot only", "[3.]")
	R("a dot before an exponent", "[3.e4]")
	R("a dot before a capital exponent", "[3.E4]")
	R("a dot and a minus exponent", "[3.e-4]")
	R("a dot and a plus exponent", "[3.e+4]")
	R("an expression", "[2+3]")
	R("a hexadecimal number of one digit", "[0x2]")
	R("a hexadecimal number", "[0x43]")
	R("infinity", "[Infinity]")
	R("minus infinity", "[-Infinity]")
	R("a word for infinity", "[Inf]")
	R("a digit of another script", "[\357\274\222]")
	R("an exponent twice", "[0e+-2]")
	R("not a number", "[NaN]")
	R("a minus before not a number", "[-nan]")
	R("a minus and a letter", "[-qwe]")
	R("a minus, a blank and a digit", "[- 2]")
	R("a minus twice", "[--3]")
	R("a whole number with a leading zero", "[-013]")
	R("a number that begins with a dot", "[.456]")
	R("a number that ends in a letter", "[2.5-]")
	R("letters inside a number", "[2.3xyz]")
	R("digits, then letters", "[765qwe]")
	R("a real with a bad byte behind it", "[2e2\345]")
	R("a number with a bad byte behind it", "[321\345]")
	R("an exponent with a bad byte", "[0e5\345]")
	R("a zero before digits", "[013]")
	R("a minus with a zero before digits and a fraction", "[-013.2]")
	R("a number cut at its sign", "-")
	R("a bracket and a bad word", "[\177]")
	R("an object with a bad word", "[\"p\": 4]")
	R("two keys and no comma", "{\"p\" \"q\"}")
	R("two colons", "{\"p\"::\"q\"}")
	R("a key of an emoji without quotes",
	    "{\360\237\207\250\360\237\207\255}")
	R("a comma for a colon", "{\"p\",\"q\"}")
	R("a comma for a colon before a value", "{\"p\", 2}")
	R("a comma twice in an object", "{\"p\":1,,\"q\":2}")
	R("a garbage word at the end", "{\"p\":\"b\" 123}")
	R("a key without quotes", "{p: \"q\"}")
	R("a number as key", "{2:2}")
	R("a number with an exponent as key", "{9999E9999:1}")
	R("null as key", "{null:null,null:null}")
	R("a missing colon", "{\"p\" q}")
	R("a missing value", "{\"p\":")
	R("a missing value and an end", "{\"p\":}")
	R("a missing key", "{:\"q\"}")
	R("a missing comma between members", "{\"p\":1 \"q\":2}")
	R("an object that begins with a comma", "{,\"p\":1}")
	R("a comma at the end", "{\"id\":0,}")
	R("commas at the end", "{\"id\":0,,,,,}")
	R("a comma alone in an object", "{,}")
	R("single quotes", "{'p':0}")
	R("a single quote for a value", "{\"p\":'q'}")
	R("a comment behind the object", "{\"p\":\"q\"}/**/")
	R("a comment cut behind the object", "{\"p\":\"q\"}/**//")
	R("a slash comment behind the object", "{\"p\":\"q\"}//")
	R("a slash comment cut behind the object", "{\"p\":\"q\"}/")
	R("a hash comment behind the object", "{\"p\":\"q\"}#")
	R("a value and a brace too many", "{\"p\":\"q\"}}")
	R("a word behind the object", "{\"p\": true} \"x\"")
	R("an object not closed", "{\"p\":\"q\"")
	R("an object cut in a key", "{\"p")
	R("an object cut behind a key", "{\"p\"")
	R("an object cut behind a comma", "{\"p\":\"q\",")
	R("an object cut at its start", "{")
	R("an array closed as an object", "[\"p\"}")
	R("an object closed as an array", "{\"p\":1]")
	R("an escape that is none", "[\"\\p\"]")
	R("a capital escape", "[\"\\U00e9\"]")
	R("an escaped single quote", "[\"\\'\"]")
	R("an escaped bell", "[\"\\a\"]")
	R("a hexadecimal escape", "[\"\\x00\"]")
	R("an escaped emoji", "[\"\\\360\237\214\200\"]")
	R("an escape of a bad byte", "[\"\\\345\"]")
	R("an escape with no digits", "[\"\\u\"]")
	R("an escape with one digit", "[\"\\u0\"]")
	R("an escape with two digits", "[\"\\u00\"]")
	R("an escape with three digits", "[\"\\u00A\"]")
	R("an escape with a letter that is no digit", "[\"\\u00g0\"]")
	R("an escape in braces", "[\"\\u{61}\"]")
	R("an escape cut by the end", "[\"\\u00")
	R("a surrogate and a cut escape", "[\"\\uD834\\u")
	R("a surrogate and an escape cut in its digits", "[\"\\uD834\\uDd")
	R("a surrogate and a bare escape", "[\"\\uD800\\u\"]")
	R("a surrogate and an escape of one digit", "[\"\\uD800\\u1\"]")
	R("a surrogate and an escape of two digits", "[\"\\uD800\\u1x\"]")
	R("a surrogate, then a bad escape", "[\"\\uD800\\q\"]")
	R("a bad byte behind an escape", "[\"\\u\345\"]")
	R("a backslash and the end", "[\"\\")
	R("a backslash and a closed array", "[\"\\\"]")
	R("three backslashes before a quote", "[\"\\\\\\\"]")
	R("a raw line feed", "[\"new\nline\"]")
	R("a raw carriage return", "[\"new\rline\"]")
	R("a raw tab", "[\"\t\"]")
	R("a raw NUL", "[\"p\000q\"]")
	R("a string not closed", "[\"p]")
	R("a string that is a quote", "\"")
	R("a string cut at the top", "\"qwer")
	R("a single quote at the top", "'")
	R("single quotes around a value", "['single']")
	R("a bare word of letters", "qwer")
	R("a bare word in an array", "[qwer]")
	R("a string without quotes and an escape", "[\\n]")
	R("an escaped word outside a string", "[\\u0020\"qwer\"]")
	R("two values at the top", "\"p\" \"q\"")
	R("a value and letters at the top", "1x")
	R("an array and a word", "[1]x")
	R("nothing but a blank", " ")
	R("nothing at all", "")
	R("only an angle bracket", "<")
	R("an angle bracket with null in it", "<null>")
	R("an angle bracket and a dot in an array", "[<null>]")
	R("a comment alone", "/*x*/")
	R("a word in capitals", "[True]")
	R("null in capitals", "[NULL]")
	R("a form feed for a blank", "[\014]")
	R("a no-break space for a blank", "[\302\240]")
	R("a word joiner for a blank", "[\342\201\240]")
	R("a byte order mark of two bytes", "\357\273[]")
	R("a byte order mark and nothing", "\357\273\277")
	R("an open array alone", "[")
	R("a closing bracket alone", "]")
	R("a backslash alone", "\\")
	R("a letter of another script", "\303\245")
	R("a byte that is no UTF-8", "\345")
	R("a semicolon behind the array", "[1];")
	R("an assignment before the array", "x = [1]")
	R("a literal with a letter behind it", "[nulll]")
};

static const struct rule open_to_each[] = {
	O("a negative exponent beyond any double", "[321.654e-789]", TAKEN)
	O("an exponent beyond any double",
	    "[0.5e00669999999999999999999999999999999"
	    "9999999999999999999999999999999999999999"
	    "99999999999969999999006]", TAKEN)
	O("a negative whole number with such an exponent", "[-2e+9998]", TAKEN)
	O("a positive one", "[2.6e+9998]", TAKEN)
	O("a fraction over the range, negative", "[-321321e321321]", TAKEN)
	O("a fraction over the range, positive", "[321321e321322]", TAKEN)
	O("a fraction under the range", "[321e-10000001]", TAKEN)
	O("a negative whole number of more than 64 bits",
	    "[-321321321321321321321321321321]", TAKEN)
	O("a positive one of more than 64 bits",
	    "[200000000000000000000001]", TAKEN)
	O("a negative one of more than 128 bits",
	    "[-47346237467327689463274983264647932847"
	    "4328943]", TAKEN)
	O("a lone low surrogate in a key", "{\"\\uDFAB\":1}", LONE)
	O("a high surrogate without its second", "[\"\\uDBDA\"]", LONE)
	O("a high surrogate with a wrong second", "[\"\\uD899\\u2345\"]", LONE)
	O("UTF-16LE with its mark",
	    "\377\376[\000\"\000\350\000\"\000]\000", ENCODING)
	O("a bad sequence of UTF-8", "[\"\377\361\231\376\"]", BAD)
	O("a surrogate in UTF-8", "[\"\355\241\200\"]", BAD)
	O("half a pair, then an escape", "[\"\\uD801\\n\"]", LONE)
	O("half a pair, then a letter", "[\"\\uDd1fb\"]", LONE)
	O("two halves of pairs, then an escape",
	    "[\"\\uD801\\uD801\\n\"]", LONE)
	O("a lone surrogate", "[\"\\ud801\"]", LONE)
	O("half a pair, then letters", "[\"\\ud801xyz\"]", LONE)
	O("bytes that are no UTF-8", "[\"\376\"]", BAD)
	O("a pair the wrong way round", "[\"\\uDd1f\\uD835\"]", LONE)
	O("a letter of Latin-1", "[\"\350\"]", BAD)
	O("a lone second half", "[\"\\uDFAC\"]", LONE)
	O("a lone continuation byte", "[\"\202\"]", BAD)
	O("a code point beyond U+10FFFF", "[\"\364\277\276\277\"]", BAD)
	O("two bytes for a slash", "[\"\300\257\"]", BAD)
	O("six bytes", "[\"\374\203\277\277\277\276\"]", BAD)
	O("six bytes for NUL", "[\"\374\200\200\200\200\200\"]", BAD)
	O("a sequence cut short", "[\"\340\376\"]", BAD)
	O("UTF-16BE without a mark",
	    "\000[\000\"\000\350\000\"\000]", ENCODING)
	O("UTF-16LE without a mark",
	    "[\000\"\000\350\000\"\000]\000", ENCODING)
	O("a mark of UTF-8 before an object", "\357\273\277{}", TAKEN)
};
/* clang-format on */

enum { DEEP_RECORD = 500, HOSTILE_DEPTH = 100000 };

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
	n = n > cap ? cap : n;
	n = n > g->chunk ? g->chunk : n;
	*got = n;
	if (n == 0)
		return EV_EOF;
	memcpy(data, g->data + g->at, n);
	g->at += n;
	return EV_OK;
}

static enum answer
answer_of(const char *data, size_t len, size_t chunk)
{
	const struct ev_jsonread_opts opts = { .max_depth = 64 };
	struct given g = { data, len, 0, chunk };
	const struct ev_stream in = { .ctx = &g, .read = give };
	struct ev_jsonread *r = NULL;
	struct ev_json_token token;
	enum ev_json_stop stop;
	struct ev_err err;
	unsigned notes = 0;
	int64_t at;
	enum ev_rc rc;

	assert_int_equal(ev_jsonread_new(&r, &in, 0, &opts, &err), EV_OK);
	while ((rc = ev_jsonread_next(r, &token, &err)) == EV_OK)
		notes |= token.notes;
	stop = ev_jsonread_stop(r, &at);
	ev_jsonread_free(r);
	if (rc == EV_EOF)
		return (notes & EV_JSON_N_SURROGATE) != 0  ? LONE
		       : (notes & EV_JSON_N_BAD_UTF8) != 0 ? BAD
							   : TAKEN;
	assert_int_equal(rc, EV_INPUT);
	assert_true(at >= 0 && at <= (int64_t)len);
	return stop == EV_JSON_S_ENCODING   ? ENCODING
	       : stop == EV_JSON_S_TOO_DEEP ? DEEP
					    : REFUSED;
}

/* By the stream in any portions, and as one record, which has no mark. */
static void
holds(const struct rule *r)
{
	static const size_t chunks[] = { 1, 3, 1 << 20 };
	struct ev_json_doc *doc = NULL;
	enum answer is;
	struct ev_err err;
	bool record;
	size_t i;

	for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
		is = answer_of(r->text, r->len, chunks[i]);
		if (is != r->answer)
			fail_msg("%s, %zu bytes at a time: answer %d, not %d",
			    r->rule, chunks[i], (int)is, (int)r->answer);
	}
	if (r->len >= 3 && memcmp(r->text, "\xef\xbb\xbf", 3) == 0)
		return;
	record = ev_json_record(&doc, r->text, r->len, 0, &err) == EV_OK;
	if (record !=
	    (r->answer == TAKEN || r->answer == LONE || r->answer == BAD))
		fail_msg("%s: a record is judged otherwise", r->rule);
	ev_json_free(doc);
}

static void
what_all_take_is_taken(void **state)
{
	const size_t count = sizeof(taken) / sizeof(taken[0]);
	size_t i;

	(void)state;
	for (i = 0; i < count; i++)
		holds(&taken[i]);
	assert_int_equal(count, 95);
	print_message("%zu of 95 taken\n", count);
}

/* Opened so often and never closed. */
static void
never_closed(const char *open)
{
	const size_t len = strlen(open), total = len * HOSTILE_DEPTH;
	char *text = malloc(total);
	size_t i;

	assert_non_null(text);
	for (i = 0; i < HOSTILE_DEPTH; i++)
		memcpy(text + i * len, open, len);
	assert_int_equal(answer_of(text, total, 4096), DEEP);
	free(text);
}

static void
what_none_takes_is_refused(void **state)
{
	const size_t count = sizeof(refused) / sizeof(refused[0]);
	size_t i;

	(void)state;
	for (i = 0; i < count; i++)
		holds(&refused[i]);
	never_closed("[");
	never_closed("[{\"\":");
	assert_int_equal(count + 2, 188);
	print_message("%zu of 188 refused\n", count + 2);
}

static void
what_readers_differ_on_has_our_answer(void **state)
{
	static const char *const words[] = { "taken", "refused",
		"no text (lone surrogate)", "no text (bad UTF-8)",
		"refused (UTF-16)", "refused (too deep)" };
	const size_t count = sizeof(open_to_each) / sizeof(open_to_each[0]);
	char deep[2 * DEEP_RECORD];
	const struct rule last = { "500 arrays in arrays", deep, sizeof(deep),
		DEEP };
	size_t i;

	(void)state;
	for (i = 0; i < count; i++) {
		holds(&open_to_each[i]);
		print_message("%s: %s\n", open_to_each[i].rule,
		    words[open_to_each[i].answer]);
	}
	memset(deep, '[', DEEP_RECORD);
	memset(deep + DEEP_RECORD, ']', DEEP_RECORD);
	holds(&last);
	print_message("%s: %s\n", last.rule, words[last.answer]);
	assert_int_equal(count + 1, 35);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_all_take_is_taken),
		cmocka_unit_test(what_none_takes_is_refused),
		cmocka_unit_test(what_readers_differ_on_has_our_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
