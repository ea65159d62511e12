/* From a record to its rows: every path's steps, in document order. */
#include <string.h>
#include <strings.h>

#include "ingest/pass.h"

/* The states at a node, and those that go on to one of its children. */
struct fan {
	const struct ev_state *from;
	size_t n;
	struct ev_state *to;
	size_t count;
};

struct visitor {
	struct ev_pass *pass;
	const struct ev_record *record;
	struct ev_err *err;
};

bool
ev_key_is_other(const struct ev_key *key, const char *text, size_t len)
{
	if (key->fold && key->name.len == len &&
	    strncasecmp(key->name.data, text, len) == 0)
		return true;
	return key->meta.len == len && len > 0 &&
	       memcmp(key->meta.data, text, len) == 0;
}

static bool
at_end(const struct ev_state *state)
{
	return state->path == NULL || state->pos == state->path->count;
}

static const struct ev_step *
next_step(const struct ev_state *state)
{
	return &state->path->step[state->pos];
}

static void
enter(struct ev_state *state, const struct ev_json_node *node,
    const struct ev_record *record)
{
	struct ev_level *level = &state->at[++state->level];

	level->node = node;
	level->data = record->plain ? NULL : record->data;
	level->parent = NULL;
}

/* "[*] on an object visits that object once." */
static void
settle_object(struct visitor *v, struct ev_state *state,
    const struct ev_json_node *node)
{
	while (node->type == EV_JSON_OBJECT && !at_end(state) &&
	       next_step(state)->type == EV_STEP_ITER) {
		enter(state, node, v->record);
		state->pos++;
	}
}

/* Which alternative of a step this object has: the first one present. */
static enum ev_rc
choose(struct visitor *v, struct ev_state *state,
    const struct ev_json_node *object)
{
	const struct ev_step *step = next_step(state);
	const struct ev_json_node *child;
	size_t i;
	bool chosen = false;

	state->winner = 0;
	if (step->type != EV_STEP_KEY || step->key_count < 2)
		return EV_OK;
	for (i = 0; i < step->key_count; i++) {
		for (child = object->child; child != NULL; child = child->next)
			if (ev_key_is(&step->key[i], child->key,
				child->key_len))
				break;
		if (child == NULL)
			continue;
		if (chosen)
			return ev_pass_note(v->pass, "alt-both",
			    step->key[i].name.data,
			    v->record->offset + (int64_t)child->key_offset,
			    v->err);
		state->winner = i;
		chosen = true;
	}
	return EV_OK;
}

/* May this occurrence of a key that stands twice be gone into? */
static enum ev_rc
accept_twice(struct visitor *v, const struct ev_state *state,
    const struct ev_json_node *object, const struct ev_json_node *child,
    bool *accept)
{
	const struct ev_json_node *other;
	const struct ev_loss loss = { (int)state->run,
		v->record->offset + (int64_t)child->offset,
		v->record->offset + (int64_t)(child->offset + child->length),
		"dup-key", "the mapping refuses a key that stands twice" };
	enum ev_rc rc;
	bool first = true, behind = false;

	rc = ev_pass_note(v->pass, "dup-key",
	    (child->key_notes & ~(unsigned)EV_JSON_N_DUP) == 0 ? child->key
							       : "",
	    v->record->offset + (int64_t)child->key_offset, v->err);
	if (rc != EV_OK)
		return rc;
	for (other = object->child; other != NULL; other = other->next) {
		if (other == child) {
			behind = true;
			continue;
		}
		if (other->key_len != child->key_len ||
		    memcmp(other->key, child->key, child->key_len) != 0)
			continue;
		if (!behind)
			first = false;
		else
			break;
	}
	switch (v->pass->run[state->run].m->dupkey) {
	case EV_DUP_ALL:
		*accept = true;
		return EV_OK;
	case EV_DUP_FIRST:
		*accept = first;
		return EV_OK;
	case EV_DUP_LAST:
		*accept = other == NULL;
		return EV_OK;
	case EV_DUP_REFUSE:
		break;
	}
	*accept = false;
	return ev_pass_set_aside(v->pass, &loss, v->err);
}

/* The states that go on from an object into one of its members. */
static enum ev_rc
match_member(struct visitor *v, struct fan *fan,
    const struct ev_json_node *object, const struct ev_json_node *child)
{
	const struct ev_step *step;
	struct ev_state *to;
	enum ev_rc rc;
	bool accept;
	size_t i;

	fan->count = 0;
	for (i = 0; i < fan->n; i++) {
		step = next_step(&fan->from[i]);
		accept = step->type == EV_STEP_MEMBERS ||
			 (step->type == EV_STEP_KEY &&
			     ev_key_is(&step->key[fan->from[i].winner],
				 child->key, child->key_len));
		if (accept && (child->key_notes & EV_JSON_N_DUP) != 0) {
			rc = accept_twice(v, &fan->from[i], object, child,
			    &accept);
			if (rc != EV_OK)
				return rc;
		}
		if (!accept)
			continue;
		to = &fan->to[fan->count++];
		*to = fan->from[i];
		to->pos++;
		if (step->type == EV_STEP_MEMBERS) {
			enter(to, child, v->record);
			to->key = child;
		}
	}
	return EV_OK;
}

static void
match_element(struct visitor *v, struct fan *fan,
    const struct ev_json_node *child, size_t index)
{
	const struct ev_step *step;
	struct ev_state *to;
	size_t i;

	fan->count = 0;
	for (i = 0; i < fan->n; i++) {
		step = next_step(&fan->from[i]);
		if (step->type != EV_STEP_ITER &&
		    (step->type != EV_STEP_INDEX || step->index != index))
			continue;
		to = &fan->to[fan->count++];
		*to = fan->from[i];
		to->pos++;
		if (step->type == EV_STEP_ITER)
			enter(to, child, v->record);
	}
}

static enum ev_rc
ignore(struct visitor *v, const struct ev_json_node *node)
{
	int64_t from = v->record->offset + (int64_t)node->offset;

	return ev_pass_span(v->pass, EV_SPAN_IGNORED, from,
	    from + (int64_t)node->length, v->err);
}

/*
 * Every step down takes a step of a path: the depth is bounded by theirs, not
 * by the input's.  NOLINTBEGIN(misc-no-recursion)
 */
static enum ev_rc visit(struct visitor *v, const struct ev_json_node *node,
    size_t depth, size_t n, bool covered);

static enum ev_rc
visit_children(struct visitor *v, const struct ev_json_node *node, size_t depth,
    size_t n, bool covered)
{
	struct ev_state *from = v->pass->stack + depth * v->pass->state_count;
	struct fan fan = { from, n, from + v->pass->state_count, 0 };
	size_t mark = v->pass->pointer.len, index = 0, i;
	const struct ev_json_node *child;
	enum ev_rc rc = EV_OK;
	bool object = node->type == EV_JSON_OBJECT;

	for (i = 0; i < n && object && rc == EV_OK; i++)
		rc = choose(v, &from[i], node);
	for (child = node->child; child != NULL && rc == EV_OK;
	     child = child->next, index++) {
		if (object)
			rc = match_member(v, &fan, node, child);
		else
			match_element(v, &fan, child, index);
		if (rc != EV_OK)
			return rc;
		if (fan.count == 0) {
			rc = covered ? EV_OK : ignore(v, child);
			continue;
		}
		rc = object
			 ? ev_pass_push_key(v->pass, child->key, child->key_len,
			       v->err)
			 : ev_pass_push_index(v->pass, (int64_t)index, v->err);
		if (rc == EV_OK)
			rc = visit(v, child, depth + 1, fan.count, covered);
		v->pass->pointer.len = mark;
	}
	return rc;
}

static enum ev_rc
visit(struct visitor *v, const struct ev_json_node *node, size_t depth,
    size_t n, bool covered)
{
	struct ev_state *state = v->pass->stack + depth * v->pass->state_count;
	struct ev_row row = { v->record, node, NULL };
	enum ev_rc rc = EV_OK;
	size_t i, open = 0;

	for (i = 0; i < n && rc == EV_OK; i++) {
		settle_object(v, &state[i], node);
		if (!at_end(&state[i])) {
			if (open != i)
				state[open] = state[i];
			open++;
			continue;
		}
		if (node->type == EV_JSON_NULL)
			continue;
		row.state = &state[i];
		rc = ev_pass_row(v->pass, &row, v->err);
		covered = true;
	}
	if (rc != EV_OK)
		return rc;
	/* An empty container that a path goes through is frame; the lines of
	 * a value that is a text stand below it. */
	if (open > 0 &&
	    (node->type == EV_JSON_OBJECT || node->type == EV_JSON_ARRAY ||
		(node->type == EV_JSON_STRING && node->child != NULL)))
		return visit_children(v, node, depth, open, covered);
	return covered ? EV_OK : ignore(v, node);
}
/* NOLINTEND(misc-no-recursion) */

enum ev_rc
ev_pass_visit(struct ev_pass *pass, const struct ev_record *record,
    struct ev_state *state, size_t n, struct ev_err *err)
{
	struct visitor v = { pass, record, err };

	if (n > 0 && state != pass->stack)
		memcpy(pass->stack, state, n * sizeof(*state));
	return visit(&v, record->root, 0, n, false);
}

enum ev_rc
ev_pass_record(struct ev_pass *pass, const struct ev_record *record,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < pass->state_count; i++) {
		pass->stack[i] = pass->state[i];
		pass->stack[i].at[0].node = record->root;
		pass->stack[i].at[0].data = record->plain ? NULL : record->data;
	}
	if (pass->shape != NULL)
		rc = ev_shape_walk(pass->shape, ev_shape_root(pass->shape),
		    record->root, err);
	if (rc == EV_OK)
		rc = ev_pass_visit(pass, record, pass->stack, pass->state_count,
		    err);
	return rc;
}
