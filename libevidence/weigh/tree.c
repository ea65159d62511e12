/* Maximum spanning trees, and the weakest edge between two members. */
#include <stdlib.h>
#include <string.h>

#include "weigh/link.h"

static int
compare_edges(const void *a, const void *b)
{
	const struct ev_edge *x = a, *y = b;

	if (x->low != y->low)
		return x->low > y->low ? -1 : 1;
	if (x->a != y->a)
		return x->a < y->a ? -1 : 1;
	return x->b < y->b ? -1 : x->b > y->b;
}

static int
compare_members(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

struct forest {
	uint32_t *member; /* sorted */
	size_t *parent;
	size_t count;
};

static size_t
find_member(const struct forest *f, uint32_t member)
{
	const uint32_t *at = bsearch(&member, f->member, f->count,
	    sizeof(*f->member), compare_members);

	return at == NULL ? SIZE_MAX : (size_t)(at - f->member);
}

static size_t
find_root(struct forest *f, size_t i)
{
	while (f->parent[i] != i) {
		f->parent[i] = f->parent[f->parent[i]];
		i = f->parent[i];
	}
	return i;
}

static enum ev_rc
plant(struct forest *f, const struct ev_edge *edges, size_t count,
    struct ev_err *err)
{
	size_t i, n = 0;

	f->member = calloc(2 * count + 1, sizeof(*f->member));
	f->parent = calloc(2 * count + 1, sizeof(*f->parent));
	if (f->member == NULL || f->parent == NULL)
		return ev_fail_sys(err, "cannot hold a component");
	for (i = 0; i < count; i++) {
		f->member[2 * i] = edges[i].a;
		f->member[2 * i + 1] = edges[i].b;
	}
	qsort(f->member, 2 * count, sizeof(*f->member), compare_members);
	for (i = 0; i < 2 * count; i++) {
		if (n == 0 || f->member[n - 1] != f->member[i])
			f->member[n++] = f->member[i];
	}
	f->count = n;
	for (i = 0; i < n; i++)
		f->parent[i] = i;
	return EV_OK;
}

enum ev_rc
ev_tree_build(struct ev_tree *tree, const struct ev_edge *edges, size_t count,
    struct ev_err *err)
{
	struct forest f = { NULL, NULL, 0 };
	struct ev_edge *sorted = NULL;
	enum ev_rc rc = EV_OK;
	size_t i, x, y;

	*tree = (struct ev_tree){ NULL, 0 };
	if (count == 0)
		return EV_OK;
	sorted = malloc(count * sizeof(*sorted));
	if (sorted == NULL)
		return ev_fail_sys(err, "cannot hold a component");
	memcpy(sorted, edges, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), compare_edges);
	rc = plant(&f, edges, count, err);
	for (i = 0; i < count && rc == EV_OK; i++) {
		x = find_root(&f, find_member(&f, sorted[i].a));
		y = find_root(&f, find_member(&f, sorted[i].b));
		if (x == y)
			continue;
		f.parent[x] = y;
		sorted[tree->count++] = sorted[i];
	}
	free(f.member);
	free(f.parent);
	if (rc != EV_OK) {
		free(sorted);
		return rc;
	}
	tree->edge = sorted;
	return EV_OK;
}

void
ev_tree_release(struct ev_tree *tree)
{
	free(tree->edge);
	*tree = (struct ev_tree){ NULL, 0 };
}

/*
 * Walk from a, over edges of the tree only, until b: a tree has one path.
 * Components are at most EV_COMPONENT_MAX accounts, so plain sweeps do.
 */
bool
ev_tree_bottleneck(const struct ev_tree *tree, uint32_t a, uint32_t b,
    int64_t *low, int64_t *steps)
{
	struct reach {
		bool seen;
		int64_t low, steps;
	} * from;
	size_t i, k;
	bool grown = true, found = false;

	from = calloc(2 * tree->count + 1, sizeof(*from));
	/* Of edge i: ends 2i and 2i + 1. */
	for (i = 0; from != NULL && i < tree->count; i++) {
		if (tree->edge[i].a == a)
			from[2 * i] = (struct reach){ true, INT64_MAX, 0 };
		if (tree->edge[i].b == a)
			from[2 * i + 1] = (struct reach){ true, INT64_MAX, 0 };
	}
	while (from != NULL && grown && !found) {
		grown = false;
		for (i = 0; i < tree->count && !found; i++) {
			const size_t at = from[2 * i].seen ? 2 * i : 2 * i + 1;
			const size_t to = at ^ 1;
			uint32_t end;

			if (!from[at].seen || from[to].seen)
				continue;
			from[to] = from[at];
			from[to].steps++;
			if (tree->edge[i].low < from[to].low)
				from[to].low = tree->edge[i].low;
			grown = true;
			end = to % 2 == 0 ? tree->edge[i].a : tree->edge[i].b;
			for (k = 0; k < tree->count; k++) {
				if (tree->edge[k].a == end && !from[2 * k].seen)
					from[2 * k] = from[to];
				if (tree->edge[k].b == end &&
				    !from[2 * k + 1].seen)
					from[2 * k + 1] = from[to];
			}
			if (end == b) {
				*low = from[to].low;
				*steps = from[to].steps;
				found = true;
			}
		}
	}
	free(from);
	return found;
}
