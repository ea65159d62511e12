/* Which accounts share an identifier, and how rare that identifier is. */
#ifndef EV_WEIGH_LINK_H
#define EV_WEIGH_LINK_H

#include "weigh/weigh_inside.h"

enum { EV_COMPONENT_MAX = 200 };

/* False for "x:@name": a name is no account. */
bool ev_account_named(const struct ev_weigh *w, uint32_t account);

/* What the pair came to, in any order; NULL: not worth keeping. */
const struct ev_result *ev_pair_find(const struct ev_weigh *w, uint32_t a,
    uint32_t b);

/* False for a component too large to believe that nobody has reviewed. */
bool ev_component_expanded(const struct ev_weigh *w, uint32_t account);

/*
 * The maximum spanning tree of a component: edges by weight, each with its
 * two ends.  The bottleneck of two members is the least edge between them.
 */
struct ev_edge {
	uint32_t a, b;
	int64_t low;
};
struct ev_tree {
	struct ev_edge *edge;
	size_t count;
};

/* edges in any order; members are what occurs in them. */
EV_CHECK
enum ev_rc ev_tree_build(struct ev_tree *tree, const struct ev_edge *edges,
    size_t count, struct ev_err *err);
void ev_tree_release(struct ev_tree *tree);
/* False if the tree does not connect them. */
bool ev_tree_bottleneck(const struct ev_tree *tree, uint32_t a, uint32_t b,
    int64_t *low, int64_t *steps);

#endif
