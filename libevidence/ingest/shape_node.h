/* The tree of known paths, for the files that build and print it. */
#ifndef EV_INGEST_SHAPE_NODE_H
#define EV_INGEST_SHAPE_NODE_H

#include "ingest/shape.h"

struct ev_shape_edge {
	const struct ev_key *key;
	const struct ev_alias *alias; /* it came from one, or NULL */
	struct ev_shape_node *below;
	bool seen;
};

struct ev_shape_unknown {
	char *name;
	size_t len;
	int64_t times;
};

struct ev_shape_node {
	struct ev_shape_edge *edge;
	size_t edges, edges_cap;
	struct ev_shape_node *member;  /* {*} */
	struct ev_shape_node *element; /* [*], [n] */
	bool member_seen;
	struct ev_shape_unknown *unknown;
	size_t unknowns, unknowns_cap;
	int64_t others;                 /* times of keys that were not kept */
	size_t last_edge, last_unknown; /* where the last key was found */
};

#endif
