/* What rows of a large document will want of what stands above them. */
#include <stdlib.h>
#include <string.h>

#include "ingest/read_json.h"

enum {
	WANTS = 4096,        /* under way at once */
	VALUES = 1024,       /* of one parent */
	VALUE_LIMIT = 65536, /* bytes of one */
};

/* A path that begins at an open parent, and how far it has come. */
struct want {
	size_t parent; /* in active */
	const struct ev_path *path;
	size_t pos;
	uint64_t rank;
};

struct ahead_frame {
	bool object;
	int64_t index;
	struct ev_state *state;
	size_t n;
	size_t want, want_end; /* in wants */
	bool parent;           /* the newest of active is this container */
	bool root;
};

struct ev_ahead {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_json_feed *feed;
	struct ev_jsonread *reader;
	struct ev_parents *parents;
	/* The parents that are open; their places do not move. */
	struct ev_parent active[EV_JSON_DEPTH + 2];
	size_t actives;
	struct want *want;
	size_t wants;
	struct ev_state *room;
	struct ahead_frame frame[EV_JSON_DEPTH + 2];
	size_t depth;
	struct ev_buf key;
	/* Elements of a level are measured first; few are too large. */
	bool quick, large;
};

static void
release_parent(struct ev_parent *parent)
{
	size_t i;

	for (i = 0; i < parent->count; i++) {
		ev_json_free(parent->value[i].doc);
		free(parent->value[i].data);
	}
	free(parent->value);
	memset(parent, 0, sizeof(*parent));
}

void
ev_parents_release(struct ev_parents *parents)
{
	size_t i;

	for (i = 0; i < parents->count; i++)
		release_parent(&parents->parent[i]);
	free(parents->parent);
	memset(parents, 0, sizeof(*parents));
}

static int
by_start(const void *a, const void *b)
{
	const struct ev_parent *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

const struct ev_parent *
ev_parents_find(const struct ev_parents *parents, int64_t start)
{
	const struct ev_parent key = { .start = start };

	if (parents->count == 0)
		return NULL;
	return bsearch(&key, parents->parent, parents->count, sizeof(key),
	    by_start);
}

/* The parent at the top of active is kept for good. */
static enum ev_rc
keep_parent(struct ev_ahead *a)
{
	struct ev_parents *parents = a->parents;
	struct ev_parent *bigger;
	size_t cap;

	if (parents->count == parents->cap) {
		cap = parents->cap == 0 ? 8 : 2 * parents->cap;
		bigger = realloc(parents->parent, cap * sizeof(*bigger));
		if (bigger == NULL)
			return ev_fail_sys(a->err, "cannot read an artifact");
		parents->parent = bigger;
		parents->cap = cap;
	}
	parents->parent[parents->count++] = a->active[--a->actives];
	memset(&a->active[a->actives], 0, sizeof(a->active[0]));
	return EV_OK;
}

static void
add_want(struct ev_ahead *a, const struct want *want)
{
	size_t i;

	for (i = a->frame[a->depth].want; i < a->wants; i++)
		if (a->want[i].path == want->path &&
		    a->want[i].parent == want->parent &&
		    a->want[i].pos == want->pos &&
		    a->want[i].rank == want->rank)
			return;
	if (a->wants < WANTS)
		a->want[a->wants++] = *want;
}

/* Does this place of a mapping begin at level of this rows path? */
static void
want_place(struct ev_ahead *a, const struct ev_place *place,
    const struct ev_state *state, bool document)
{
	const struct want want = { a->actives - 1, &place->path, 0, 0 };
	int level = -1;

	if (place->source != EV_SRC_PATH)
		return;
	if (place->path.anchor == EV_FROM_DOCUMENT ||
	    (document && place->path.anchor == EV_FROM_ELEMENT))
		level = 0;
	else if (place->path.anchor == EV_FROM_ABOVE && state->path != NULL)
		level = ev_path_levels(state->path) - place->path.up;
	if (level == state->level)
		add_want(a, &want);
}

static void
want_all(struct ev_ahead *a, const struct ev_state *state)
{
	const struct ev_mapping *m = a->pass->run[state->run].m;
	size_t i;

	for (i = 0; i < m->field_count; i++)
		if (!m->field[i].fixed)
			want_place(a, &m->field[i].place, state, false);
	for (i = 0; i < m->when_count; i++)
		want_place(a, &m->when[i].place, state, false);
	if (m->platform == NULL)
		want_place(a, &m->platform_place, state, false);
	if (m->expect_path)
		want_place(a, &m->expect, state, true);
}

static bool
ends(const struct ev_state *state)
{
	return state->path == NULL || state->pos == state->path->count;
}

/* Which of a step's keys this is, -1: none; any index of an array fits [*]. */
static int
fits(const struct ev_ahead *a, const struct ahead_frame *from,
    const struct ev_step *step)
{
	size_t k;

	if (!from->object)
		return step->type == EV_STEP_ITER ||
			       (step->type == EV_STEP_INDEX &&
				   (int64_t)step->index == from->index)
			   ? 0
			   : -1;
	if (step->type == EV_STEP_MEMBERS)
		return 0;
	for (k = 0; step->type == EV_STEP_KEY && k < step->key_count; k++)
		if (ev_key_is(&step->key[k], ev_buf_text(&a->key), a->key.len))
			return (int)k;
	return -1;
}

/* States and wants behind a key or an index of the innermost container. */
static void
match(struct ev_ahead *a, struct ahead_frame *to)
{
	struct ahead_frame *from;
	struct want want;
	const struct ev_step *step;
	size_t i;
	int key;

	to->want = a->wants;
	to->n = 0;
	if (a->depth == 0) {
		memcpy(to->state, a->pass->state,
		    a->pass->state_count * sizeof(*to->state));
		to->n = a->pass->state_count;
		for (i = 0; i < to->n; i++)
			to->state[i].fresh = true;
		return;
	}
	from = &a->frame[a->depth - 1];
	for (i = 0; i < from->n; i++) {
		step = &from->state[i].path->step[from->state[i].pos];
		if (fits(a, from, step) < 0)
			continue;
		to->state[to->n] = from->state[i];
		to->state[to->n].pos++;
		to->state[to->n].fresh =
		    step->type == EV_STEP_ITER || step->type == EV_STEP_MEMBERS;
		to->state[to->n].level += to->state[to->n].fresh ? 1 : 0;
		to->n++;
	}
	for (i = from->want; i < from->want_end; i++) {
		want = a->want[i];
		if (want.pos == want.path->count)
			continue;
		key = fits(a, from, &want.path->step[want.pos]);
		if (key < 0)
			continue;
		want.pos++;
		want.rank = want.rank << 2 | (uint64_t)(key > 3 ? 3 : key);
		add_want(a, &want);
	}
	from->index++;
}

static enum ev_rc
keep_value(struct ev_ahead *a, const struct want *want, const void *data,
    size_t len)
{
	struct ev_parent *parent = &a->active[want->parent];
	struct ev_parent_value *value;
	void *bigger;

	if (len > VALUE_LIMIT || parent->count == VALUES)
		return EV_OK;
	if ((parent->count & (parent->count - 1)) == 0) {
		bigger = realloc(parent->value,
		    (parent->count == 0 ? 1 : 2 * parent->count) *
			sizeof(*value));
		if (bigger == NULL)
			return ev_fail_sys(a->err, "cannot read an artifact");
		parent->value = bigger;
	}
	value = &parent->value[parent->count];
	memset(value, 0, sizeof(*value));
	value->data = malloc(len);
	if (value->data == NULL)
		return ev_fail_sys(a->err, "cannot read an artifact");
	memcpy(value->data, data, len);
	value->len = len;
	value->path = want->path;
	value->rank = want->rank;
	parent->count++;
	return EV_OK;
}

static bool
is_open(const struct ev_json_token *token)
{
	return token->event == EV_JSON_E_OBJECT ||
	       token->event == EV_JSON_E_ARRAY;
}

/* Values that paths end in; of a container, its bytes to its end. */
static enum ev_rc
keep_values(struct ev_ahead *a, const struct ahead_frame *at,
    const struct ev_json_token *token, bool *skipped)
{
	struct ev_json_token last = *token;
	const unsigned char *data = token->raw;
	size_t i, len = token->raw_len;
	enum ev_rc rc = EV_OK;
	bool any = false;

	for (i = at->want; i < a->wants; i++)
		any = any || a->want[i].pos == a->want[i].path->count;
	*skipped = false;
	if (!any)
		return EV_OK;
	if (is_open(token)) {
		if (at->n > 0)
			return EV_OK; /* rows lie in it */
		a->feed->keep = token->offset;
		a->feed->overflow = false;
		rc = ev_jsonread_skip(a->reader, &last, a->err);
		*skipped = true;
		len = (size_t)(last.offset + last.length - token->offset);
		if (rc != EV_OK || a->feed->overflow || len > VALUE_LIMIT)
			return rc;
		data = a->feed->data + (token->offset - a->feed->base);
	}
	for (i = at->want; i < a->wants && rc == EV_OK; i++)
		if (a->want[i].pos == a->want[i].path->count)
			rc = keep_value(a, &a->want[i], data, len);
	return rc;
}

/* An element of a level that may turn out to be too large to be held. */
static void
begin_parent(struct ev_ahead *a, struct ahead_frame *at, int64_t start)
{
	size_t i, n = 0;
	bool fresh = false;

	for (i = 0; i < at->n; i++) {
		while (at->object && !ends(&at->state[i]) &&
		       at->state[i].path->step[at->state[i].pos].type ==
			   EV_STEP_ITER) {
			at->state[i].pos++;
			at->state[i].level++;
			at->state[i].fresh = true;
		}
		if (ends(&at->state[i]))
			continue;
		fresh = fresh || at->state[i].fresh;
		if (n != i)
			at->state[n] = at->state[i];
		n++;
	}
	at->n = n;
	at->parent = fresh;
	if (!fresh)
		return;
	a->active[a->actives].start = start;
	a->actives++;
	for (i = 0; i < at->n; i++)
		if (at->state[i].fresh)
			want_all(a, &at->state[i]);
}

static struct ahead_frame *
new_frame(struct ev_ahead *a, const struct ev_json_token *token)
{
	struct ahead_frame *at = &a->frame[a->depth];

	memset(at, 0, sizeof(*at));
	at->state = a->room + a->depth * a->pass->state_count;
	at->object = token->event == EV_JSON_E_OBJECT;
	at->root = a->depth == 0;
	match(a, at);
	return at;
}

/* An element of a level that nothing above it looks into. */
static bool
is_element(const struct ev_ahead *a, const struct ahead_frame *at)
{
	size_t i;

	if (at->n == 0 || at->want < a->wants)
		return false;
	for (i = 0; i < at->n; i++)
		if (!at->state[i].fresh || at->state[i].level == 0)
			return false;
	return true;
}

static enum ev_rc
measure(struct ev_ahead *a, const struct ev_json_token *token)
{
	struct ev_json_token last;
	enum ev_rc rc;

	rc = ev_jsonread_skip(a->reader, &last, a->err);
	a->large = a->large || rc != EV_OK ||
		   last.offset + last.length - token->offset > EV_ROW_LIMIT;
	return rc;
}

static enum ev_rc
open_value(struct ev_ahead *a, const struct ev_json_token *token)
{
	struct ahead_frame *at = new_frame(a, token);
	struct ev_json_token last;
	enum ev_rc rc;
	bool skipped;

	rc = keep_values(a, at, token, &skipped);
	if (rc != EV_OK || skipped || !is_open(token)) {
		a->wants = at->want;
		return rc;
	}
	if (a->quick && is_element(a, at))
		return measure(a, token);
	begin_parent(a, at, token->offset);
	at->want_end = a->wants;
	if (at->n == 0 && at->want == at->want_end)
		return ev_jsonread_skip(a->reader, &last, a->err);
	a->depth++;
	return EV_OK;
}

static enum ev_rc
close_value(struct ev_ahead *a, const struct ev_json_token *token)
{
	struct ahead_frame *at = &a->frame[--a->depth];
	struct ev_parent *parent;

	a->wants = at->want;
	if (!at->parent)
		return EV_OK;
	parent = &a->active[a->actives - 1];
	if (at->root ||
	    token->offset + token->length - parent->start > EV_ROW_LIMIT)
		return keep_parent(a);
	release_parent(parent);
	a->actives--;
	return EV_OK;
}

enum ev_rc
ev_ahead_key(struct ev_ahead *a, const struct ev_json_token *token,
    struct ev_err *err)
{
	ev_buf_clear(&a->key);
	return ev_buf_put(&a->key, token->text, token->text_len, err);
}

static enum ev_rc
look(struct ev_ahead *a, const struct ev_json_token *token)
{
	if (token->event == EV_JSON_E_KEY)
		return ev_ahead_key(a, token, a->err);
	if (token->event == EV_JSON_E_OBJECT_END ||
	    token->event == EV_JSON_E_ARRAY_END)
		return close_value(a, token);
	return open_value(a, token);
}

static enum ev_rc
look_over(struct ev_ahead *a, unsigned tolerate)
{
	const struct ev_jsonread_opts opts = { .tolerate = tolerate,
		.max_depth = EV_JSON_DEPTH };
	const struct ev_stream stream = { a->feed, ev_json_feed_read, NULL };
	struct ev_json_token token;
	enum ev_rc rc;

	rc = ev_jsonread_new(&a->reader, &stream, a->feed->base, &opts, a->err);
	while (rc == EV_OK &&
	       (rc = ev_jsonread_next(a->reader, &token, a->err)) == EV_OK) {
		rc = look(a, &token);
		a->feed->keep = ev_jsonread_offset(a->reader);
	}
	/* What a broken text left open is not read whole, either. */
	if (rc == EV_EOF || rc == EV_INPUT)
		rc = EV_OK;
	while (rc == EV_OK && a->actives > 0) {
		a->active[a->actives - 1].broken = true;
		rc = keep_parent(a);
	}
	return rc;
}

void
ev_ahead_free(struct ev_ahead *a)
{
	if (a == NULL)
		return;
	while (a->actives > 0)
		release_parent(&a->active[--a->actives]);
	ev_jsonread_free(a->reader);
	ev_buf_release(&a->key);
	free(a->room);
	free(a->want);
	free(a);
}

enum ev_rc
ev_ahead_new(struct ev_ahead **out, struct ev_pass *pass, struct ev_err *err)
{
	struct ev_ahead *a;

	*out = NULL;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	a->pass = pass;
	a->err = err;
	ev_buf_init(&a->key, 2 * (size_t)EV_ROW_LIMIT);
	a->room =
	    calloc((EV_JSON_DEPTH + 2) * pass->state_count, sizeof(*a->room));
	a->want = calloc(WANTS, sizeof(*a->want));
	if (a->room == NULL || a->want == NULL) {
		ev_ahead_free(a);
		return ev_fail_sys(err, "cannot read an artifact");
	}
	*out = a;
	return EV_OK;
}

enum ev_rc
ev_json_parents(struct ev_pass *pass, struct ev_json_feed *feed,
    struct ev_parents *parents, bool *large, struct ev_err *err)
{
	unsigned tolerate = ev_json_tolerate(pass->run[0].m);
	struct ev_ahead *a = NULL;
	enum ev_rc rc;

	rc = ev_ahead_new(&a, pass, err);
	if (rc != EV_OK)
		return rc;
	a->feed = feed;
	a->parents = parents;
	a->quick = !*large;
	rc = look_over(a, tolerate);
	*large = a->large;
	if (parents->count > 1)
		qsort(parents->parent, parents->count, sizeof(*parents->parent),
		    by_start);
	ev_ahead_free(a);
	return rc;
}

const struct ev_parent *
ev_ahead_open(struct ev_ahead *a, const struct ev_json_token *token)
{
	struct ahead_frame *at = new_frame(a, token);

	begin_parent(a, at, token->offset);
	at->want_end = a->wants;
	a->depth++;
	if (!at->parent)
		return NULL;
	a->active[a->actives - 1].partial = true;
	return &a->active[a->actives - 1];
}

void
ev_ahead_close(struct ev_ahead *a)
{
	struct ahead_frame *at = &a->frame[--a->depth];

	a->wants = at->want;
	if (at->parent)
		release_parent(&a->active[--a->actives]);
}

enum ev_rc
ev_ahead_pass(struct ev_ahead *a, const struct ev_json_token *token)
{
	struct ahead_frame *at;
	enum ev_rc rc = EV_OK;
	bool skipped;

	if (a->depth == 0)
		return EV_OK;
	at = new_frame(a, token);
	if (!is_open(token))
		rc = keep_values(a, at, token, &skipped);
	a->wants = at->want;
	return rc;
}
