/* A record that a reader makes up of what it found, as nodes of JSON. */
#ifndef EV_INGEST_NODES_H
#define EV_INGEST_NODES_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"
#include "evidence/json.h"

/*
 * Nodes stay where they are until the tree is cleared.  The first failure is
 * remembered and told by ev_nodes_end(): until then every call gives a node
 * that may be written to.  A key is borrowed, a text is copied; a text that
 * is not UTF-8, or holds a NUL, is noted as such.
 */
struct ev_nodes {
	struct ev_nodes_chunk *chunk; /* the one that is filled */
	size_t held, limit;           /* bytes */
	struct ev_json_node *root;    /* an object */
	struct ev_json_node scrap;    /* given out once it has failed */
	enum ev_rc rc;
	struct ev_err err;
};

/* limit: bytes of all nodes and texts of one record. */
void ev_nodes_init(struct ev_nodes *t, size_t limit);
void ev_nodes_release(struct ev_nodes *t);
/* For the next record; root is an empty object. */
void ev_nodes_clear(struct ev_nodes *t);

/* Below an object with its key, below an array with NULL. */
struct ev_json_node *ev_nodes_object(struct ev_nodes *t,
    struct ev_json_node *up, const char *key);
struct ev_json_node *ev_nodes_array(struct ev_nodes *t, struct ev_json_node *up,
    const char *key);
struct ev_json_node *ev_nodes_text(struct ev_nodes *t, struct ev_json_node *up,
    const char *key, const void *text, size_t len);
struct ev_json_node *ev_nodes_word(struct ev_nodes *t, struct ev_json_node *up,
    const char *key, const char *word);
struct ev_json_node *ev_nodes_int(struct ev_nodes *t, struct ev_json_node *up,
    const char *key, int64_t number);

/* The same scalar under another key; nothing of NULL or a container. */
void ev_nodes_copy(struct ev_nodes *t, struct ev_json_node *up, const char *key,
    const struct ev_json_node *from);

/* Where it stands: bytes of the record's data; as found is what is there. */
void ev_nodes_at(struct ev_json_node *node, size_t offset, size_t length);

/* A copy of text that lives as long as the nodes, for keys; NUL-terminated. */
const char *ev_nodes_keep(struct ev_nodes *t, const void *text, size_t len);

EV_CHECK
enum ev_rc ev_nodes_end(struct ev_nodes *t, struct ev_err *err);

#endif
