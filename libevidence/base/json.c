/* Records in with their byte spans; reproducible bytes out. */
#include <stdlib.h>
#include <string.h>

#include "base/jsonread.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum {
	LONGEST = 16 << 20,
	DEPTH = 64,
	MOST_NODES = 1 << 21, /* 256 MiB of them */
	FIRST_NODES = 64,
	FEW = 8, /* keys compared each with each */
};

struct member {
	struct ev_json_node *node;
};

struct ev_json_doc {
	struct ev_jsonread *reader;
	unsigned tolerate;
	struct ev_json_node *nodes;
	unsigned char *depth; /* of each node */
	size_t count, cap;
	char *text; /* all decoded text, each with a NUL */
	size_t text_len, text_cap;
	struct member *members; /* room for sorting */
	size_t members_cap;
	enum ev_json_stop stop;   /* where the reader did not say it */
	struct ev_json_token key; /* waits for its value */
	const char *key_text;
};

static enum ev_rc
new_doc(struct ev_json_doc **out, unsigned tolerate, struct ev_err *err)
{
	const struct ev_jsonread_opts opts = { .tolerate = tolerate,
		.max_depth = DEPTH,
		.max_token = LONGEST };
	struct ev_json_doc *doc;
	enum ev_rc rc;

	*out = NULL;
	doc = calloc(1, sizeof(*doc));
	if (doc == NULL)
		return ev_fail_sys(err, "cannot hold a record");
	doc->tolerate = tolerate;
	rc = ev_jsonread_new(&doc->reader, NULL, 0, &opts, err);
	if (rc != EV_OK) {
		ev_json_free(doc);
		return rc;
	}
	*out = doc;
	return EV_OK;
}

/*
 * A text of len bytes decodes to no more than len + 1 with the NULs: quotes,
 * or the separator behind a scalar, leave room for each but the last.
 */
static enum ev_rc
start(struct ev_json_doc *doc, const void *data, size_t len, struct ev_err *err)
{
	char *text;

	doc->count = 0;
	doc->text_len = 0;
	doc->key_text = NULL;
	doc->stop = EV_JSON_S_NONE;
	if (len > LONGEST) {
		doc->stop = EV_JSON_S_TOO_LONG;
		return ev_fail(err, EV_INPUT,
		    "byte 0: a text of more than %d bytes", LONGEST);
	}
	if (len + 1 > doc->text_cap) {
		text = realloc(doc->text, len + 1);
		if (text == NULL)
			return ev_fail_sys(err, "cannot hold a record");
		doc->text = text;
		doc->text_cap = len + 1;
	}
	return ev_jsonread_restart(doc->reader, data, len, 0, err);
}

static const char *
keep(struct ev_json_doc *doc, const char *text, size_t len)
{
	char *kept = doc->text + doc->text_len;

	memcpy(kept, text, len);
	kept[len] = '\0';
	doc->text_len += len + 1;
	return kept;
}

static enum ev_rc
grow(struct ev_json_doc *doc, struct ev_err *err)
{
	const size_t cap = doc->cap == 0 ? FIRST_NODES : 2 * doc->cap;
	struct ev_json_node *nodes;
	unsigned char *depth;

	if (cap > MOST_NODES)
		return ev_fail(err, EV_LIMIT, "more than %d values",
		    MOST_NODES);
	nodes = realloc(doc->nodes, cap * sizeof(*nodes));
	if (nodes == NULL)
		return ev_fail_sys(err, "cannot hold %zu values", cap);
	doc->nodes = nodes;
	depth = realloc(doc->depth, cap);
	if (depth == NULL)
		return ev_fail_sys(err, "cannot hold %zu values", cap);
	doc->depth = depth;
	doc->cap = cap;
	return EV_OK;
}

static enum ev_json_type
type_of(enum ev_json_event event)
{
	switch (event) {
	case EV_JSON_E_OBJECT:
	case EV_JSON_E_OBJECT_END:
		return EV_JSON_OBJECT;
	case EV_JSON_E_ARRAY:
	case EV_JSON_E_ARRAY_END:
		return EV_JSON_ARRAY;
	case EV_JSON_E_KEY:
	case EV_JSON_E_STRING:
		return EV_JSON_STRING;
	case EV_JSON_E_NUMBER:
		return EV_JSON_NUMBER;
	case EV_JSON_E_TRUE:
	case EV_JSON_E_FALSE:
		return EV_JSON_BOOL;
	case EV_JSON_E_NULL:
		break;
	}
	return EV_JSON_NULL;
}

static enum ev_rc
add(struct ev_json_doc *doc, const struct ev_json_token *token,
    struct ev_err *err)
{
	struct ev_json_node *node;
	enum ev_rc rc;

	if (doc->count == doc->cap) {
		rc = grow(doc, err);
		if (rc != EV_OK)
			return rc;
	}
	node = &doc->nodes[doc->count];
	memset(node, 0, sizeof(*node));
	doc->depth[doc->count++] = (unsigned char)token->depth;
	node->type = type_of(token->event);
	node->notes = token->notes;
	node->offset = (size_t)token->offset;
	node->length = (size_t)token->length;
	node->value = token->event == EV_JSON_E_TRUE;
	if (node->type != EV_JSON_OBJECT && node->type != EV_JSON_ARRAY) {
		node->text = keep(doc, token->text, token->text_len);
		node->text_len = token->text_len;
	}
	if (doc->key_text != NULL) {
		node->key = doc->key_text;
		node->key_len = doc->key.text_len;
		node->key_notes = doc->key.notes;
		node->key_offset = (size_t)doc->key.offset;
		node->key_length = (size_t)doc->key.length;
		doc->key_text = NULL;
	}
	return EV_OK;
}

/* Every token to a node; containers get their length at their end. */
static enum ev_rc
fill(struct ev_json_doc *doc, struct ev_err *err)
{
	size_t open[DEPTH] = { 0 };
	struct ev_json_token token;
	struct ev_json_node *node;
	enum ev_rc rc;

	while ((rc = ev_jsonread_next(doc->reader, &token, err)) == EV_OK) {
		if (token.event == EV_JSON_E_KEY) {
			doc->key = token;
			doc->key_text = keep(doc, token.text, token.text_len);
			continue;
		}
		if (token.event == EV_JSON_E_OBJECT_END ||
		    token.event == EV_JSON_E_ARRAY_END) {
			node = &doc->nodes[open[token.depth]];
			node->length = (size_t)(token.offset + token.length) -
				       node->offset;
			continue;
		}
		if (token.event == EV_JSON_E_OBJECT ||
		    token.event == EV_JSON_E_ARRAY)
			open[token.depth] = doc->count;
		rc = add(doc, &token, err);
		if (rc != EV_OK)
			return rc;
	}
	return rc == EV_EOF ? EV_OK : rc;
}

/* Pointers, now that no node moves any more. */
static void
join(struct ev_json_doc *doc)
{
	struct ev_json_node *parent[DEPTH + 1] = { NULL };
	struct ev_json_node *last[DEPTH + 1] = { NULL };
	struct ev_json_node *node;
	size_t i, d;

	for (i = 0; i < doc->count; i++) {
		node = &doc->nodes[i];
		d = doc->depth[i];
		if (last[d] != NULL)
			last[d]->next = node;
		else if (d > 0)
			parent[d]->child = node;
		if (d > 0)
			parent[d]->count++;
		last[d] = node;
		if (d < DEPTH) {
			parent[d + 1] = node;
			last[d + 1] = NULL;
		}
	}
}

static bool
same_key(const struct ev_json_node *a, const struct ev_json_node *b)
{
	return a->key_len == b->key_len &&
	       memcmp(a->key, b->key, a->key_len) == 0;
}

/* By length first: most keys differ in it, and any order will do. */
static int
compare(const void *a, const void *b)
{
	const struct ev_json_node *x = ((const struct member *)a)->node;
	const struct ev_json_node *y = ((const struct member *)b)->node;

	if (x->key_len != y->key_len)
		return x->key_len < y->key_len ? -1 : 1;
	return memcmp(x->key, y->key, x->key_len);
}

static void
mark_few(struct ev_json_node *object)
{
	struct ev_json_node *a, *b;

	for (a = object->child; a != NULL; a = a->next) {
		for (b = a->next; b != NULL; b = b->next) {
			if (!same_key(a, b))
				continue;
			a->key_notes |= EV_JSON_N_DUP;
			b->key_notes |= EV_JSON_N_DUP;
		}
	}
}

static enum ev_rc
mark_many(struct ev_json_doc *doc, const struct ev_json_node *object,
    struct ev_err *err)
{
	const size_t count = object->count;
	struct member *members;
	struct ev_json_node *node;
	size_t i = 0;

	if (count > doc->members_cap) {
		members = realloc(doc->members, count * sizeof(*members));
		if (members == NULL)
			return ev_fail_sys(err, "cannot compare %zu keys",
			    count);
		doc->members = members;
		doc->members_cap = count;
	}
	members = doc->members;
	for (node = object->child; node != NULL; node = node->next)
		members[i++].node = node;
	qsort(members, count, sizeof(*members), compare);
	for (i = 1; i < count; i++) {
		if (!same_key(members[i - 1].node, members[i].node))
			continue;
		members[i - 1].node->key_notes |= EV_JSON_N_DUP;
		members[i].node->key_notes |= EV_JSON_N_DUP;
	}
	return EV_OK;
}

static enum ev_rc
mark_duplicates(struct ev_json_doc *doc, struct ev_err *err)
{
	struct ev_json_node *node;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < doc->count && rc == EV_OK; i++) {
		node = &doc->nodes[i];
		if (node->type != EV_JSON_OBJECT)
			continue;
		if (node->count <= FEW)
			mark_few(node);
		else
			rc = mark_many(doc, node, err);
	}
	return rc;
}

enum ev_rc
ev_json_record(struct ev_json_doc **doc, const void *data, size_t len,
    unsigned tolerate, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	if (*doc != NULL && (*doc)->tolerate != tolerate) {
		ev_json_free(*doc);
		*doc = NULL;
	}
	if (*doc == NULL)
		rc = new_doc(doc, tolerate, err);
	if (rc == EV_OK)
		rc = start(*doc, data, len, err);
	if (rc == EV_OK)
		rc = fill(*doc, err);
	if (rc == EV_OK) {
		join(*doc);
		rc = mark_duplicates(*doc, err);
	}
	return rc;
}

enum ev_json_stop
ev_json_record_stop(const struct ev_json_doc *doc, int64_t *offset)
{
	*offset = 0;
	if (doc == NULL || doc->stop != EV_JSON_S_NONE)
		return doc == NULL ? EV_JSON_S_NONE : doc->stop;
	return ev_jsonread_stop(doc->reader, offset);
}

int64_t
ev_json_record_used(const struct ev_json_doc *doc, enum ev_json_tolerate what)
{
	return ev_jsonread_used(doc->reader, what);
}

/* What a text of ours never has: strings that are no text, a key twice. */
static enum ev_rc
be_strict(const struct ev_json_doc *doc, struct ev_err *err)
{
	const struct ev_json_node *node;
	size_t i;

	for (i = 0; i < doc->count; i++) {
		node = &doc->nodes[i];
		if ((node->key_notes & EV_JSON_N_DUP) != 0)
			return ev_fail(err, EV_INPUT,
			    "byte %zu: a key that its object holds twice",
			    node->key_offset);
		if (node->key_notes != 0)
			return ev_fail(err, EV_INPUT,
			    "byte %zu: a key that is not text",
			    node->key_offset);
		if (node->notes != 0)
			return ev_fail(err, EV_INPUT,
			    "byte %zu: a string that is not text",
			    node->offset);
	}
	return EV_OK;
}

enum ev_rc
ev_json_parse(struct ev_json_doc **doc, const void *data, size_t len,
    struct ev_err *err)
{
	enum ev_rc rc;

	*doc = NULL;
	rc = ev_json_record(doc, data, len, 0, err);
	if (rc == EV_OK)
		rc = be_strict(*doc, err);
	if (rc != EV_OK) {
		ev_json_free(*doc);
		*doc = NULL;
	}
	return rc;
}

const struct ev_json_node *
ev_json_root(const struct ev_json_doc *doc)
{
	return doc->count == 0 ? NULL : doc->nodes;
}

void
ev_json_free(struct ev_json_doc *doc)
{
	if (doc == NULL)
		return;
	ev_jsonread_free(doc->reader);
	free(doc->nodes);
	free(doc->depth);
	free(doc->text);
	free(doc->members);
	free(doc);
}

const struct ev_json_node *
ev_json_get(const struct ev_json_node *object, const char *key)
{
	const size_t len = strlen(key);
	const struct ev_json_node *node;

	if (object == NULL || object->type != EV_JSON_OBJECT)
		return NULL;
	for (node = object->child; node != NULL; node = node->next) {
		if (node->key_len == len && memcmp(node->key, key, len) == 0)
			return node;
	}
	return NULL;
}

const char *
ev_json_get_text(const struct ev_json_node *object, const char *key)
{
	const struct ev_json_node *node = ev_json_get(object, key);

	if (node == NULL || node->type != EV_JSON_STRING)
		return NULL;
	return node->text;
}

bool
ev_json_get_int(const struct ev_json_node *object, const char *key,
    int64_t *value)
{
	const struct ev_json_node *node = ev_json_get(object, key);

	if (node == NULL || node->type != EV_JSON_NUMBER)
		return false;
	return ev_text_int(value, node->text, node->text_len, INT64_MIN,
	    INT64_MAX);
}
