/*
 * Our JSON reader against yajl and jansson: json_oracle COUNT FILE ...
 * Each file, and COUNT damaged forms of each, are read by all three.  They
 * must agree on what is JSON, and ours and yajl on every token, but for what
 * is known of them.  yajl reads overlong UTF-8, and an unfinished string
 * behind the value.  jansson refuses what we note (bad UTF-8, a lone
 * surrogate), a NUL in a key and a number that no C type holds.  Neither
 * knows a byte order mark or a limit of 64 levels.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_parse.h>

#include "base/jsonread.h"

enum {
	LARGEST = 1 << 20,
	DAMAGED = 4096, /* of the start of a file */
	DEPTH = 1000,
};

/* Tokens in one notation, whoever read them. */
struct trace {
	char *text;
	size_t len, cap;
};

static void
add(struct trace *t, char event, const void *text, size_t len)
{
	if (t->len + len + 2 > t->cap) {
		t->cap = 2 * (t->len + len + 2);
		t->text = realloc(t->text, t->cap);
		if (t->text == NULL)
			exit(2);
	}
	t->text[t->len++] = event;
	if (len > 0)
		memcpy(t->text + t->len, text, len);
	t->len += len;
	t->text[t->len++] = '\n';
}

static int
on_null(void *t)
{
	add(t, '0', NULL, 0);
	return 1;
}

static int
on_bool(void *t, int value)
{
	add(t, value ? '+' : '-', NULL, 0);
	return 1;
}

static int
on_number(void *t, const char *text, size_t len)
{
	add(t, 'n', text, len);
	return 1;
}

static int
on_string(void *t, const unsigned char *text, size_t len)
{
	add(t, 's', text, len);
	return 1;
}

static int
on_key(void *t, const unsigned char *text, size_t len)
{
	add(t, 'k', text, len);
	return 1;
}

static int
on_object(void *t)
{
	add(t, '{', NULL, 0);
	return 1;
}

static int
on_object_end(void *t)
{
	add(t, '}', NULL, 0);
	return 1;
}

static int
on_array(void *t)
{
	add(t, '[', NULL, 0);
	return 1;
}

static int
on_array_end(void *t)
{
	add(t, ']', NULL, 0);
	return 1;
}

static bool
by_yajl(struct trace *t, const unsigned char *data, size_t len)
{
	static const yajl_callbacks calls = { on_null, on_bool, NULL, NULL,
		on_number, on_string, on_object, on_key, on_object_end,
		on_array, on_array_end };
	yajl_handle h = yajl_alloc(&calls, NULL, t);
	bool good;

	t->len = 0;
	good = yajl_parse(h, data, len) == yajl_status_ok &&
	       yajl_complete_parse(h) == yajl_status_ok;
	yajl_free(h);
	return good;
}

/* *undecided: it holds numbers in C types, and this one does not fit. */
static bool
by_jansson(bool *undecided, const unsigned char *data, size_t len)
{
	json_error_t error;
	json_t *json;

	json = json_loadb((const char *)data, len,
	    JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
	*undecided =
	    json == NULL &&
	    (json_error_code(&error) == json_error_numeric_overflow ||
		json_error_code(&error) == json_error_null_byte_in_key);
	json_decref(json);
	return json != NULL;
}

/* How we judged. */
struct verdict {
	bool good;
	bool behind; /* refused for what follows the value */
	unsigned notes;
};

static struct verdict
by_us(struct trace *t, const unsigned char *data, size_t len)
{
	static const char code[] = "{}[]ksn+-0";
	const struct ev_jsonread_opts opts = { .max_depth = DEPTH };
	struct ev_jsonread *r = NULL;
	struct ev_json_token token = { .depth = -1 };
	struct verdict v = { 0 };
	struct ev_err err;
	enum ev_rc rc;

	t->len = 0;
	rc = ev_jsonread_new(&r, NULL, 0, &opts, &err);
	if (rc == EV_OK)
		rc = ev_jsonread_restart(r, data, len, 0, &err);
	while (rc == EV_OK) {
		rc = ev_jsonread_next(r, &token, &err);
		if (rc != EV_OK)
			break;
		v.notes |= token.notes;
		if (token.event >= EV_JSON_E_KEY &&
		    token.event <= EV_JSON_E_NUMBER)
			add(t, code[token.event], token.text, token.text_len);
		else
			add(t, code[token.event], NULL, 0);
	}
	ev_jsonread_free(r);
	v.good = rc == EV_EOF;
	v.behind = rc == EV_INPUT && token.depth == 0 &&
		   token.event != EV_JSON_E_OBJECT &&
		   token.event != EV_JSON_E_ARRAY;
	return v;
}

static int
complain(const char *what, const unsigned char *data, size_t len)
{
	size_t i;

	(void)printf("%s: ", what);
	for (i = 0; i < len && i < 400; i++)
		(void)printf(data[i] >= 0x20 && data[i] < 0x7f ? "%c"
							       : "\\x%02x",
		    data[i]);
	(void)printf("\n");
	return 1;
}

static int
compare(struct trace traces[2], const unsigned char *data, size_t len)
{
	const unsigned no_text = EV_JSON_N_BAD_UTF8 | EV_JSON_N_SURROGATE;
	struct trace *us = &traces[0], *them = &traces[1];
	struct verdict v;
	bool undecided, other;
	int bad = 0;

	v = by_us(us, data, len);
	other = by_yajl(them, data, len);
	if (other != v.good && !v.behind && (v.notes & EV_JSON_N_BAD_UTF8) == 0)
		bad |=
		    complain(other ? "yajl reads" : "yajl refuses", data, len);
	if (v.good && other && v.notes == 0 &&
	    (us->len != them->len ||
		memcmp(us->text, them->text, us->len) != 0))
		bad |= complain("yajl reads otherwise", data, len);
	other = by_jansson(&undecided, data, len);
	if (!undecided && other != (v.good && (v.notes & no_text) == 0))
		bad |= complain(other ? "jansson reads" : "jansson refuses",
		    data, len);
	return bad;
}

static uint32_t
next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* One to three bytes changed, put in or taken out. */
static size_t
damage(unsigned char *to, const unsigned char *data, size_t len, uint32_t *seed)
{
	static const char bytes[] = "{}[]:,\"\\/ue0123456789+-.E tfn\n"
				    "\x01\x7f\x80\xc3\xed\xa0\xf0\xff";
	uint32_t times = next(seed) % 3 + 1;
	size_t at;

	memcpy(to, data, len);
	for (; times > 0; times--) {
		at = next(seed) % (len + 1);
		if (next(seed) % 3 == 0 && at < len) {
			memmove(to + at, to + at + 1, len - at - 1);
			len--;
			continue;
		}
		if (next(seed) % 2 == 0 || at == len) {
			memmove(to + at + 1, to + at, len - at);
			len++;
		}
		to[at] = (unsigned char)bytes[next(seed) % (sizeof(bytes) - 1)];
	}
	return len;
}

static int
try_file(const char *path, long count, struct trace traces[2], long *tried)
{
	static unsigned char data[LARGEST], changed[DAMAGED + 8];
	FILE *f = fopen(path, "rb");
	uint32_t seed = 1;
	size_t len, n;
	int bad;

	if (f == NULL)
		return complain("no such file", (const unsigned char *)path,
		    strlen(path));
	len = fread(data, 1, sizeof(data), f);
	(void)fclose(f);
	if (len == sizeof(data) ||
	    (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0))
		return 0;
	bad = compare(traces, data, len);
	(*tried)++;
	if (len > DAMAGED)
		return bad;
	for (; count > 0; count--) {
		n = damage(changed, data, len, &seed);
		bad |= compare(traces, changed, n);
		(*tried)++;
	}
	return bad;
}

int
main(int argc, char *argv[])
{
	struct trace traces[2] = { { 0 } };
	long count, tried = 0;
	int bad = 0, i;

	if (argc < 3)
		return 2;
	count = strtol(argv[1], NULL, 10);
	for (i = 2; i < argc; i++)
		bad |= try_file(argv[i], count, traces, &tried);
	(void)printf("%ld texts read by three readers\n", tried);
	free(traces[0].text);
	free(traces[1].text);
	return bad;
}
