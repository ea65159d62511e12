/* Which pairs of accounts are asked about, and what pairs add up to. */
#include <stdlib.h>
#include <string.h>

#include "weigh/canon.h"
#include "weigh/line.h"
#include "weigh/link.h"
#include "weigh/weigh_inside.h"

struct candidates {
	uint64_t *pair;
	size_t count, room;
};

static enum ev_rc
add_pair(struct candidates *c, uint32_t a, uint32_t b, struct ev_err *err)
{
	void *array = c->pair;
	enum ev_rc rc;

	rc = ev_grow(&array, &c->room, c->count, sizeof(*c->pair), err);
	if (rc != EV_OK)
		return rc;
	c->pair = array;
	c->pair[c->count++] = (uint64_t)a << 32 | b;
	return EV_OK;
}

bool
ev_account_named(const struct ev_weigh *w, uint32_t account)
{
	const char *colon = strchr(w->account[account], ':');

	return colon == NULL || colon[1] != '@';
}

/* Accounts of one value that may be linked by it, in pairs. */
static enum ev_rc
add_group(struct ev_weigh *w, size_t from, size_t to, struct candidates *c,
    struct ev_err *err)
{
	enum { FANOUT_MAX = 1000 };
	uint32_t account[FANOUT_MAX];
	size_t n = 0, i, k;
	enum ev_rc rc = EV_OK;

	for (i = from; i < to; i++) {
		const struct ev_obs *obs = w->by_value[i];

		if (!ev_role_links(obs->role) || obs->is_default ||
		    (obs->canon & (EV_CANON_RAW | EV_CANON_IDN)) != 0 ||
		    !ev_account_named(w, obs->account) ||
		    (n > 0 && account[n - 1] == obs->account) ||
		    n == FANOUT_MAX)
			continue;
		account[n++] = obs->account;
	}
	for (i = 0; i < n && rc == EV_OK; i++) {
		for (k = i + 1; k < n && rc == EV_OK; k++)
			rc = add_pair(c, account[i], account[k], err);
	}
	return rc;
}

static int
compare_pairs(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static enum ev_rc
find_candidates(struct ev_weigh *w, struct candidates *c, struct ev_err *err)
{
	size_t from, to, i, n = 0;
	enum ev_rc rc = EV_OK;

	for (from = 0; from < w->obs_count && rc == EV_OK; from = to) {
		const struct ev_obs *first = w->by_value[from];

		for (to = from + 1;
		     to < w->obs_count &&
		     w->by_value[to]->type == first->type &&
		     strcmp(w->by_value[to]->key, first->key) == 0;
		     to++)
			;
		if (first->type != EV_T_OTHER && first->degree >= 2 &&
		    first->degree <= w->rules.fanout)
			rc = add_group(w, from, to, c, err);
	}
	if (c->count > 1)
		qsort(c->pair, c->count, sizeof(*c->pair), compare_pairs);
	for (i = 0; i < c->count; i++) {
		if (n == 0 || c->pair[n - 1] != c->pair[i])
			c->pair[n++] = c->pair[i];
	}
	c->count = n;
	return rc;
}

static enum ev_rc
ask_pair(struct ev_weigh *w, uint32_t a, uint32_t b, struct ev_items *items,
    struct ev_err *err)
{
	const struct ev_threshold *t = &w->rules.threshold[EV_ASKS_OPERATOR];
	struct ev_result r = { .asks = EV_ASKS_OPERATOR,
		.a = a,
		.b = b,
		.org = UINT32_MAX };
	enum ev_rc rc;

	ev_items_clear(items);
	rc = ev_weigh_pair(w, a, b, &ev_filter_none, items, err);
	if (rc != EV_OK)
		return rc;
	w->pairs++;
	ev_result_fill(w, &r, items);
	if (!r.met && (t->associated < 0 || r.total.l < t->associated))
		return EV_OK;
	r.claimed = w->order.asks[EV_ASKS_OPERATOR];
	return ev_result_add(w, &r, err);
}

/* The least account of a component; paths are halved on the way. */
static uint32_t
find_root(uint32_t *parent, uint32_t i)
{
	while (parent[i] != i) {
		parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

static bool
is_reviewed(const struct ev_weigh *w, uint32_t root)
{
	size_t i;

	for (i = 0; i < w->order.exams; i++) {
		const struct ev_exam *exam = &w->order.exam[i];

		if (strcmp(exam->verb, "flag") == 0 &&
		    strcmp(exam->subject, "component") == 0 &&
		    strcmp(exam->word, "reviewed") == 0 &&
		    strcmp(exam->value, w->account[root]) == 0)
			return true;
	}
	return false;
}

/* Only pairs that meet the threshold join; weaker ones never do. */
static enum ev_rc
join_components(struct ev_weigh *w, struct ev_err *err)
{
	const size_t n = w->account_count;
	uint32_t a, b, i;
	size_t k;

	w->component = calloc(n + 1, sizeof(*w->component));
	w->component_size = calloc(n + 1, sizeof(*w->component_size));
	w->reviewed = calloc(n + 1, sizeof(*w->reviewed));
	if (w->component == NULL || w->component_size == NULL ||
	    w->reviewed == NULL)
		return ev_fail_sys(err, "cannot hold the components");
	for (i = 0; i < n; i++)
		w->component[i] = i;
	for (k = 0; k < w->result_count; k++) {
		if (!w->result[k].met)
			continue;
		a = find_root(w->component, w->result[k].a);
		b = find_root(w->component, w->result[k].b);
		if (a < b)
			w->component[b] = a;
		else
			w->component[a] = b;
	}
	for (i = 0; i < n; i++) {
		w->component[i] = find_root(w->component, i);
		w->component_size[w->component[i]]++;
	}
	for (i = 0; i < n; i++) {
		if (w->component_size[i] <= EV_COMPONENT_MAX)
			continue;
		w->reviewed[i] = is_reviewed(w, i);
		w->oversized += !w->reviewed[i];
	}
	return EV_OK;
}

enum ev_rc
ev_ask_pairs(struct ev_weigh *w, struct ev_err *err)
{
	struct candidates c = { NULL, 0, 0 };
	struct ev_items items = { 0 };
	enum ev_rc rc;
	size_t i;

	rc = find_candidates(w, &c, err);
	for (i = 0; i < c.count && rc == EV_OK; i++)
		rc = ask_pair(w, (uint32_t)(c.pair[i] >> 32),
		    (uint32_t)c.pair[i], &items, err);
	w->pair_results = w->result_count;
	ev_items_release(&items);
	free(c.pair);
	return rc == EV_OK ? join_components(w, err) : rc;
}

const struct ev_result *
ev_pair_find(const struct ev_weigh *w, uint32_t a, uint32_t b)
{
	const uint32_t x = a < b ? a : b, y = a < b ? b : a;
	size_t low = 0, high = w->pair_results, middle;
	const struct ev_result *r;

	while (low < high) {
		middle = low + (high - low) / 2;
		r = &w->result[middle];
		if (r->a < x || (r->a == x && r->b < y))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == w->pair_results || w->result[low].a != x ||
	    w->result[low].b != y)
		return NULL;
	return &w->result[low];
}

bool
ev_component_expanded(const struct ev_weigh *w, uint32_t account)
{
	const uint32_t root = w->component[account];

	return w->component_size[root] <= EV_COMPONENT_MAX || w->reviewed[root];
}
