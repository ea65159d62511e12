/*
 * jsonread: the first two bytes choose leniencies, many and the portions, the
 * rest is the text.  Beyond memory errors it is wrong if the portions change
 * anything, if a token's bytes are not those of the text, if skipping finds
 * another end, or if a record is judged otherwise than a stream.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/jsonread.h"
#include "evidence/text.h"

struct given {
	const uint8_t *data;
	size_t len, at, chunk;
};

struct outcome {
	uint64_t sum; /* over all tokens */
	enum ev_rc rc;
	enum ev_json_stop stop;
	int64_t offset, end;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                  \
	do {                     \
		if (!(x))        \
			abort(); \
	} while (0)

static enum ev_rc
give(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct given *g = ctx;
	size_t n = g->len - g->at;

	(void)err;
	if (n > cap)
		n = cap;
	if (n > g->chunk)
		n = g->chunk;
	memcpy(data, g->data + g->at, n);
	g->at += n;
	*got = n;
	return n == 0 ? EV_EOF : EV_OK;
}

/* FNV-1a. */
static void
add(uint64_t *sum, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < len; i++)
		*sum = (*sum ^ p[i]) * 1099511628211U;
}

static void
add_token(uint64_t *sum, const struct ev_json_token *t)
{
	add(sum, &t->event, sizeof(t->event));
	add(sum, &t->depth, sizeof(t->depth));
	add(sum, &t->offset, sizeof(t->offset));
	add(sum, &t->length, sizeof(t->length));
	add(sum, &t->notes, sizeof(t->notes));
	add(sum, t->text, t->text_len);
}

static void
check_token(const struct given *g, const struct ev_json_token *t, int64_t end)
{
	const unsigned odd = EV_JSON_N_BAD_UTF8 | EV_JSON_N_SURROGATE;

	MUST(t->offset >= end && t->raw_len == (size_t)t->length);
	MUST((size_t)t->offset + t->raw_len <= g->len);
	MUST(memcmp(t->raw, g->data + t->offset, t->raw_len) == 0);
	MUST(t->depth >= 0 && t->depth <= 64 && t->text_len <= t->raw_len);
	MUST(((t->notes & odd) == 0) == ev_text_is_utf8(t->text, t->text_len));
	if (t->event == EV_JSON_E_STRING || t->event == EV_JSON_E_KEY)
		MUST(((t->notes & EV_JSON_N_NUL) != 0) ==
		     (memchr(t->text, 0, t->text_len) != NULL));
}

static struct outcome
run(const uint8_t *data, size_t len, size_t chunk,
    const struct ev_jsonread_opts *opts, bool skip)
{
	struct given g = { data, len, 0, chunk };
	const struct ev_stream in = { .ctx = &g, .read = give };
	struct outcome o = { .sum = 14695981039346656037U };
	struct ev_jsonread *r = NULL;
	struct ev_json_token token;
	struct ev_err err;

	MUST(ev_jsonread_new(&r, &in, 0, opts, &err) == EV_OK);
	while ((o.rc = ev_jsonread_next(r, &token, &err)) == EV_OK) {
		check_token(&g, &token, o.end);
		o.end = ev_jsonread_offset(r);
		add_token(&o.sum, &token);
		if (skip && (token.event == EV_JSON_E_OBJECT ||
				token.event == EV_JSON_E_ARRAY)) {
			o.rc = ev_jsonread_skip(r, &token, &err);
			if (o.rc != EV_OK)
				break;
			check_token(&g, &token, o.end);
			o.end = ev_jsonread_offset(r);
		}
	}
	o.stop = ev_jsonread_stop(r, &o.offset);
	MUST((o.rc == EV_INPUT) == (o.stop != EV_JSON_S_NONE));
	MUST(o.rc == EV_INPUT || o.rc == EV_EOF);
	MUST(o.offset >= 0 && (size_t)o.offset <= len);
	ev_jsonread_free(r);
	return o;
}

static void
check_nodes(const struct ev_json_node *node, const uint8_t *data, size_t len)
{
	const struct ev_json_node *child;
	size_t count = 0, at = node->offset;

	MUST(node->length > 0 && node->offset + node->length <= len);
	MUST(memchr("{[\"'-0123456789tfn", data[node->offset], 18) != NULL);
	for (child = node->child; child != NULL; child = child->next) {
		MUST(child->offset > at);
		MUST((child->key != NULL) == (node->type == EV_JSON_OBJECT));
		check_nodes(child, data, len); /* at most 64 deep */
		at = child->offset + child->length - 1;
		count++;
	}
	MUST(count == node->count && at < node->offset + node->length);
}

static void
run_record(const uint8_t *data, size_t len, unsigned tolerate,
    const struct outcome *stream)
{
	struct ev_json_doc *doc = NULL;
	struct ev_err err;
	int64_t offset;
	enum ev_rc rc;

	rc = ev_json_record(&doc, data, len, tolerate, &err);
	MUST((rc == EV_OK) == (stream->rc == EV_EOF));
	MUST(ev_json_record_stop(doc, &offset) == stream->stop);
	MUST(offset == stream->offset);
	if (rc == EV_OK)
		check_nodes(ev_json_root(doc), data, len);
	/* Again in the same memory. */
	MUST(ev_json_record(&doc, data, len, tolerate, &err) == rc);
	ev_json_free(doc);
	if (ev_json_parse(&doc, data, len, &err) == EV_OK)
		MUST(tolerate != 0 || rc == EV_OK);
	ev_json_free(doc);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ev_jsonread_opts opts = { 0 };
	struct outcome whole, parts, skipped;

	if (len < 2)
		return 0;
	opts.tolerate = data[0] & 31;
	opts.many = (data[0] & 32) != 0;
	if ((data[0] & 64) != 0)
		opts.max_token = 24;
	if ((data[0] & 128) != 0)
		opts.max_depth = 3;
	whole = run(data + 2, len - 2, len, &opts, false);
	parts =
	    run(data + 2, len - 2, (size_t)(data[1] % 16) + 1, &opts, false);
	MUST(whole.sum == parts.sum && whole.rc == parts.rc &&
	     whole.stop == parts.stop && whole.offset == parts.offset &&
	     whole.end == parts.end);
	skipped = run(data + 2, len - 2, len, &opts, true);
	MUST(whole.rc == skipped.rc && whole.stop == skipped.stop &&
	     whole.offset == skipped.offset);
	if (!opts.many && opts.max_token == 0 && opts.max_depth == 0 &&
	    (len < 5 || memcmp(data + 2, "\xef\xbb\xbf", 3) != 0))
		run_record(data + 2, len - 2, opts.tolerate, &whole);
	return 0;
}
