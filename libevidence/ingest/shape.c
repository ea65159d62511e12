/* Which keys the mappings know, and which ones they met that they do not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/pass.h"
#include "ingest/shape_node.h"

enum {
	UNKNOWN_KEYS = 4096, /* told apart; more are counted together */
	KEY_SHOWN = 256,     /* bytes of one */
	NODE_KEYS = 1024,
};

struct ev_shape {
	struct ev_shape_node root;
	size_t unknowns;
};

/* As deep as the mappings' paths.  NOLINTBEGIN(misc-no-recursion) */
static void
release(struct ev_shape_node *node)
{
	size_t i;

	for (i = 0; i < node->edges; i++) {
		release(node->edge[i].below);
		free(node->edge[i].below);
	}
	for (i = 0; i < node->unknowns; i++)
		free(node->unknown[i].name);
	free(node->edge);
	free(node->unknown);
	if (node->member != NULL)
		release(node->member);
	if (node->element != NULL)
		release(node->element);
	free(node->member);
	free(node->element);
}
/* NOLINTEND(misc-no-recursion) */

enum ev_rc
ev_shape_new(struct ev_shape **shape, struct ev_err *err)
{
	*shape = calloc(1, sizeof(**shape));
	if (*shape == NULL)
		return ev_fail_sys(err, "cannot keep the keys of a file");
	return EV_OK;
}

void
ev_shape_free(struct ev_shape *shape)
{
	if (shape == NULL)
		return;
	release(&shape->root);
	free(shape);
}

struct ev_shape_node *
ev_shape_root(struct ev_shape *shape)
{
	return &shape->root;
}

static bool
same_key(const struct ev_key *a, const struct ev_key *b)
{
	return a->name.len == b->name.len && a->fold == b->fold &&
	       memcmp(a->name.data, b->name.data, a->name.len) == 0;
}

/* A list that may be grown by one, doubling. */
static enum ev_rc
room(void **list, size_t count, size_t *cap, size_t size, struct ev_err *err)
{
	size_t wanted = *cap == 0 ? 8 : 2 * *cap;
	void *bigger;

	if (count < *cap)
		return EV_OK;
	bigger = realloc(*list, wanted * size);
	if (bigger == NULL)
		return ev_fail_sys(err, "cannot keep the keys of a file");
	*list = bigger;
	*cap = wanted;
	return EV_OK;
}

static enum ev_rc
new_node(struct ev_shape_node **node, struct ev_err *err)
{
	if (*node != NULL)
		return EV_OK;
	*node = calloc(1, sizeof(**node));
	if (*node == NULL)
		return ev_fail_sys(err, "cannot keep the keys of a file");
	return EV_OK;
}

static enum ev_rc
add_edge(struct ev_shape_node *at, const struct ev_key *key,
    const struct ev_map_file *file, struct ev_shape_node **below,
    struct ev_err *err)
{
	void *list = at->edge;
	struct ev_shape_edge *edge;
	enum ev_rc rc;
	size_t i;

	for (i = 0; i < at->edges; i++)
		if (same_key(at->edge[i].key, key)) {
			*below = at->edge[i].below;
			return EV_OK;
		}
	rc = room(&list, at->edges, &at->edges_cap, sizeof(*edge), err);
	at->edge = list;
	if (rc != EV_OK)
		return rc;
	edge = &at->edge[at->edges];
	memset(edge, 0, sizeof(*edge));
	rc = new_node(&edge->below, err);
	if (rc != EV_OK)
		return rc;
	at->edges++;
	edge->key = key;
	edge->alias = key->alias < 0 ? NULL : &file->alias[key->alias];
	*below = edge->below;
	return EV_OK;
}

/* As deep as the path has steps.  NOLINTBEGIN(misc-no-recursion) */
static enum ev_rc
add_steps(struct ev_shape_node *at, const struct ev_step *step, size_t n,
    const struct ev_map_file *file, struct ev_err *err)
{
	struct ev_shape_node *below = NULL;
	enum ev_rc rc = EV_OK;
	size_t i;

	if (n == 0)
		return EV_OK;
	switch (step->type) {
	case EV_STEP_ITER:
	case EV_STEP_INDEX:
		rc = new_node(&at->element, err);
		below = at->element;
		break;
	case EV_STEP_MEMBERS:
		rc = new_node(&at->member, err);
		below = at->member;
		break;
	case EV_STEP_KEY:
		for (i = 0; i < step->key_count && rc == EV_OK; i++) {
			rc = add_edge(at, &step->key[i], file, &below, err);
			if (rc == EV_OK)
				rc = add_steps(below, step + 1, n - 1, file,
				    err);
		}
		return rc;
	}
	if (rc == EV_OK)
		rc = add_steps(below, step + 1, n - 1, file, err);
	return rc;
}

/* NOLINTEND(misc-no-recursion) */

/* How many of a rows path's steps lead to its level n. */
static size_t
steps_to(const struct ev_path *rows, int level)
{
	size_t i;

	if (level == 0)
		return 0;
	for (i = 0; i < rows->count; i++)
		if ((rows->step[i].type == EV_STEP_ITER ||
			rows->step[i].type == EV_STEP_MEMBERS) &&
		    --level == 0)
			return i + 1;
	return rows->count;
}

/* A path that begins at the rows' elements, or above them. */
static enum ev_rc
add_path(struct ev_shape *shape, const struct ev_mapping *m,
    const struct ev_path *path, const struct ev_path *rows, struct ev_err *err)
{
	struct ev_step all[2 * EV_MAP_STEPS];
	size_t n = 0;

	if (rows != NULL && path->anchor == EV_FROM_ELEMENT)
		n = rows->count;
	else if (rows != NULL && path->anchor == EV_FROM_ABOVE)
		n = steps_to(rows, ev_path_levels(rows) - path->up);
	if (n > 0)
		memcpy(all, rows->step, n * sizeof(*all));
	if (path->count > 0)
		memcpy(all + n, path->step, path->count * sizeof(*all));
	return add_steps(&shape->root, all, n + path->count, m->file, err);
}

static enum ev_rc
add_place(struct ev_shape *shape, const struct ev_mapping *m,
    const struct ev_place *place, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	if (place->source != EV_SRC_PATH)
		return EV_OK;
	if (m->rows_count == 0)
		return add_path(shape, m, &place->path, NULL, err);
	for (i = 0; i < m->rows_count && rc == EV_OK; i++)
		rc = add_path(shape, m, &place->path, &m->rows[i], err);
	return rc;
}

enum ev_rc
ev_shape_add(struct ev_shape *shape, const struct ev_mapping *m,
    struct ev_err *err)
{
	struct ev_place place = { 0 };
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < m->rows_count && rc == EV_OK; i++)
		rc = add_path(shape, m, &m->rows[i], NULL, err);
	for (i = 0; i < m->when_count && rc == EV_OK; i++)
		rc = add_place(shape, m, &m->when[i].place, err);
	for (i = 0; i < m->field_count && rc == EV_OK; i++)
		if (!m->field[i].fixed)
			rc = add_place(shape, m, &m->field[i].place, err);
	for (i = 0; i < m->known_count && rc == EV_OK; i++) {
		place.path = m->known[i];
		rc = add_place(shape, m, &place, err);
	}
	if (rc == EV_OK && m->platform == NULL)
		rc = add_place(shape, m, &m->platform_place, err);
	if (rc == EV_OK && m->expect_path && m->expect.source == EV_SRC_PATH)
		rc = add_path(shape, m, &m->expect.path, NULL, err);
	return rc;
}

bool
ev_shape_open(const struct ev_shape_node *at)
{
	return at->edges > 0 || at->member != NULL || at->element != NULL;
}

struct ev_shape_node *
ev_shape_element(struct ev_shape_node *at)
{
	return at->element;
}

static enum ev_rc
count_unknown(struct ev_shape *shape, struct ev_shape_node *at,
    const char *name, size_t len, struct ev_err *err)
{
	void *list = at->unknown;
	struct ev_shape_unknown *unknown;
	enum ev_rc rc;
	size_t i, k;

	for (i = 0; i < at->unknowns; i++) {
		k = (at->last_unknown + 1 + i) % at->unknowns;
		unknown = &at->unknown[k];
		if (unknown->len == len &&
		    memcmp(unknown->name, name, len) == 0) {
			unknown->times++;
			at->last_unknown = k;
			return EV_OK;
		}
	}
	if (shape->unknowns == UNKNOWN_KEYS || at->unknowns == NODE_KEYS ||
	    len > KEY_SHOWN) {
		at->others++;
		return EV_OK;
	}
	rc =
	    room(&list, at->unknowns, &at->unknowns_cap, sizeof(*unknown), err);
	at->unknown = list;
	if (rc != EV_OK)
		return rc;
	unknown = &at->unknown[at->unknowns];
	unknown->name = malloc(len + 1);
	if (unknown->name == NULL)
		return ev_fail_sys(err, "cannot keep the keys of a file");
	memcpy(unknown->name, name, len);
	unknown->name[len] = '\0';
	unknown->len = len;
	unknown->times = 1;
	at->last_unknown = at->unknowns++;
	shape->unknowns++;
	return EV_OK;
}

enum ev_rc
ev_shape_key(struct ev_shape *shape, struct ev_shape_node *at,
    const struct ev_json_node *key, struct ev_shape_node **below,
    struct ev_err *err)
{
	struct ev_shape_edge *edge;
	size_t i, k;

	*below = NULL;
	/* Records of one file have their keys in one order. */
	for (i = 0; i < at->edges; i++) {
		k = at->last_edge + 1 + i;
		if (k >= at->edges)
			k -= at->edges;
		edge = &at->edge[k];
		if (ev_key_is(edge->key, key->key, key->key_len)) {
			edge->seen = true;
			at->last_edge = k;
			*below = edge->below;
			return EV_OK;
		}
	}
	if (at->member != NULL) {
		at->member_seen = true;
		*below = at->member;
		return EV_OK;
	}
	if (at->edges == 0)
		return EV_OK;
	return count_unknown(shape, at, key->key, key->key_len, err);
}

/* As deep as the mappings' paths.  NOLINTBEGIN(misc-no-recursion) */
enum ev_rc
ev_shape_walk(struct ev_shape *shape, struct ev_shape_node *at,
    const struct ev_json_node *node, struct ev_err *err)
{
	const struct ev_json_node *child;
	struct ev_shape_node *below;
	enum ev_rc rc = EV_OK;

	if (node->child == NULL)
		return EV_OK;
	if (node->type == EV_JSON_ARRAY || node->type == EV_JSON_STRING) {
		if (at->element == NULL)
			return EV_OK;
		for (child = node->child; child != NULL && rc == EV_OK;
		     child = child->next)
			rc = ev_shape_walk(shape, at->element, child, err);
		return rc;
	}
	if (at->edges == 0 && at->member == NULL)
		return at->element == NULL
			   ? EV_OK
			   : ev_shape_walk(shape, at->element, node, err);
	for (child = node->child; child != NULL && rc == EV_OK;
	     child = child->next) {
		rc = ev_shape_key(shape, at, child, &below, err);
		if (rc == EV_OK && below != NULL && child->child != NULL)
			rc = ev_shape_walk(shape, below, child, err);
	}
	return rc;
}
/* NOLINTEND(misc-no-recursion) */
