/* A record that a reader makes up of what it found, as nodes of JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/nodes.h"

enum { CHUNK = 64 << 10, ALIGN = 16 };

struct ev_nodes_chunk {
	struct ev_nodes_chunk *before;
	size_t used, size;
	_Alignas(ALIGN) unsigned char data[];
};

/* A node, and which of its children came last. */
struct grown {
	struct ev_json_node node;
	struct grown *last;
};

void
ev_nodes_init(struct ev_nodes *t, size_t limit)
{
	memset(t, 0, sizeof(*t));
	t->limit = limit;
}

void
ev_nodes_release(struct ev_nodes *t)
{
	struct ev_nodes_chunk *chunk;

	while ((chunk = t->chunk) != NULL) {
		t->chunk = chunk->before;
		free(chunk);
	}
	t->held = 0;
	t->root = NULL;
}

static void *
room(struct ev_nodes *t, size_t len)
{
	struct ev_nodes_chunk *chunk = t->chunk;
	size_t size = len > CHUNK ? len : CHUNK;
	void *at;

	if (t->rc != EV_OK)
		return NULL;
	len = (len + ALIGN - 1) / ALIGN * ALIGN;
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (chunk == NULL || chunk->size - chunk->used < len) {
		if (t->held + size > t->limit) {
			t->rc = ev_fail(&t->err, EV_LIMIT,
			    "a record of more than %zu bytes", t->limit);
			return NULL;
		}
		chunk = malloc(sizeof(*chunk) + size);
		if (chunk == NULL) {
			t->rc = ev_fail_sys(&t->err, "cannot hold a record");
			return NULL;
		}
		chunk->before = t->chunk;
		chunk->used = 0;
		chunk->size = size;
		t->chunk = chunk;
		t->held += size;
	}
	at = chunk->data + chunk->used;
	chunk->used += len;
	return at;
}

static struct ev_json_node *
add(struct ev_nodes *t, struct ev_json_node *up, const char *key,
    enum ev_json_type type)
{
	struct grown *one = room(t, sizeof(*one)), *above = (void *)up;
	struct ev_json_node *node = one == NULL ? &t->scrap : &one->node;

	if (one != NULL)
		memset(one, 0, sizeof(*one));
	else
		memset(node, 0, sizeof(*node));
	node->type = type;
	node->text = "";
	if (key != NULL) {
		node->key = key;
		node->key_len = strlen(key);
	}
	if (one == NULL || up == NULL || up == &t->scrap)
		return node;
	if (above->last == NULL)
		up->child = node;
	else
		above->last->node.next = node;
	above->last = one;
	up->count++;
	return node;
}

void
ev_nodes_clear(struct ev_nodes *t)
{
	ev_nodes_release(t);
	t->rc = EV_OK;
	t->root = add(t, NULL, NULL, EV_JSON_OBJECT);
}

struct ev_json_node *
ev_nodes_object(struct ev_nodes *t, struct ev_json_node *up, const char *key)
{
	return add(t, up, key, EV_JSON_OBJECT);
}

struct ev_json_node *
ev_nodes_array(struct ev_nodes *t, struct ev_json_node *up, const char *key)
{
	return add(t, up, key, EV_JSON_ARRAY);
}

const char *
ev_nodes_keep(struct ev_nodes *t, const void *text, size_t len)
{
	char *copy = room(t, len + 1);

	if (copy == NULL)
		return "";
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

struct ev_json_node *
ev_nodes_text(struct ev_nodes *t, struct ev_json_node *up, const char *key,
    const void *text, size_t len)
{
	struct ev_json_node *node = add(t, up, key, EV_JSON_STRING);

	node->text = ev_nodes_keep(t, text, len);
	node->text_len = t->rc == EV_OK ? len : 0;
	if (!ev_text_is_utf8(node->text, node->text_len) ||
	    memchr(node->text, '\0', node->text_len) != NULL)
		node->notes |= EV_JSON_N_BAD_UTF8;
	return node;
}

struct ev_json_node *
ev_nodes_word(struct ev_nodes *t, struct ev_json_node *up, const char *key,
    const char *word)
{
	return ev_nodes_text(t, up, key, word, strlen(word));
}

struct ev_json_node *
ev_nodes_int(struct ev_nodes *t, struct ev_json_node *up, const char *key,
    int64_t number)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%jd", (intmax_t)number);
	return ev_nodes_word(t, up, key, text);
}

void
ev_nodes_copy(struct ev_nodes *t, struct ev_json_node *up, const char *key,
    const struct ev_json_node *from)
{
	struct ev_json_node *node;

	if (from == NULL || from->type == EV_JSON_OBJECT ||
	    from->type == EV_JSON_ARRAY)
		return;
	node = ev_nodes_text(t, up, key, from->text, from->text_len);
	node->type = from->type;
	node->notes = from->notes;
	node->offset = from->offset;
	node->length = from->length;
	node->value = from->value;
}

void
ev_nodes_at(struct ev_json_node *node, size_t offset, size_t length)
{
	node->offset = offset;
	node->length = length;
	if (node->type == EV_JSON_STRING)
		node->notes |= EV_JSON_N_SOURCE;
}

enum ev_rc
ev_nodes_end(struct ev_nodes *t, struct ev_err *err)
{
	if (t->rc != EV_OK)
		*err = t->err;
	return t->rc;
}
