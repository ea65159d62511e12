/* Two accounts: the values they share, and the sessions that met or parted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weigh/canon.h"
#include "weigh/hits.h"

static const int64_t hour_us = INT64_C(3600000000);

enum {
	PRODUCT = 1 << 16, /* up to here every pair of sessions is looked at */
	NEAR = 64,         /* beyond it, so many neighbours of each */
};

struct pairing {
	const struct ev_weigh *w;
	const struct ev_filter *f;
	struct ev_items *items;
	struct ev_hits *tally; /* one a rule, for addresses and sessions */
};

/* Observations of one account, in a row or by pointers. */
struct run {
	const struct ev_obs *const *obs;
	size_t count;
};

static bool
has_type(const struct ev_rule *rule, enum ev_type type)
{
	return rule->match == EV_M_PAIR && rule->asks == EV_ASKS_OPERATOR &&
	       (rule->types >> type & 1) != 0 && ev_rule_computed(rule);
}

static void
view_both(struct ev_view *view, const struct ev_obs *x, const struct ev_obs *y)
{
	*view = (struct ev_view){ .paired = true };
	view->word[EV_F_ROLE] = ev_role_name(x->role);
	view->other[EV_F_ROLE] = ev_role_name(y->role);
	view->word[EV_F_PLACE] = ev_place_name(x->place);
	view->other[EV_F_PLACE] = ev_place_name(y->place);
	view->word[EV_F_FORM] = x->form;
	view->other[EV_F_FORM] = y->form;
	if (x->verified != EV_MISSING && y->verified != EV_MISSING)
		view->word[EV_F_VERIFIED] =
		    x->verified == EV_YES && y->verified == EV_YES ? "yes"
								   : "no";
	view->word[EV_F_HOUSEHOLD] =
	    x->household || y->household ? "yes" : "no";
	view->number[EV_F_DEGREE] = x->degree;
	view->has[EV_F_DEGREE] = true;
	if (x->timed)
		view->word[EV_F_BASIS] = ev_basis_name(x->basis);
	if (y->timed)
		view->other[EV_F_BASIS] = ev_basis_name(y->basis);
	if (x->port >= 0 && y->port >= 0)
		view->word[EV_F_PORT] = x->port == y->port ? "same" : "other";
	if (!x->timed || !y->timed)
		return;
	view->has[EV_F_DT] = true;
	view->dt_lo = x->lo > y->hi   ? x->lo - y->hi
		      : y->lo > x->hi ? y->lo - x->hi
				      : 0;
	view->dt_hi =
	    x->hi - y->lo > y->hi - x->lo ? x->hi - y->lo : y->hi - x->lo;
}

/* Of an address, with the files that are not left out. */
struct network {
	const char *class;
	unsigned flags;
	bool known;
};

static struct network
network_of(const struct pairing *p, const struct ev_obs *x)
{
	struct ev_geo_answer *answer = p->w->answer;

	if (p->f->without == 0)
		return (
		    struct network){ x->net_class, x->net_flags, x->net_known };
	ev_locate(p->w, x, p->f, answer);
	return (struct network){ answer->class, answer->flags,
		answer->flags_known };
}

static void
view_network(const struct pairing *p, struct ev_view *view,
    const struct ev_obs *x, const struct ev_obs *y)
{
	const struct network a = network_of(p, x), b = network_of(p, y);

	view->word[EV_F_CLASS] = a.class;
	view->other[EV_F_CLASS] = b.class;
	view->flags = a.flags & b.flags;
	view->flags_known = a.known && b.known;
}

/* Nothing more is learnt from a second pair of these. */
static bool
is_single(const struct ev_rule *rule)
{
	size_t i;

	for (i = 0; i < rule->whens; i++) {
		if (rule->when[i].field == EV_F_DT ||
		    ev_field_aggregate(rule->when[i].field))
			return false;
	}
	return true;
}

/* Roles that link nobody are worth a word; others are another rule's. */
static bool
worth_telling(const struct ev_obs *x, const struct ev_obs *y, const char *why)
{
	return strncmp(why, "role ", 5) != 0 || !ev_role_links(x->role) ||
	       !ev_role_links(y->role);
}

static enum ev_rc
weigh_two(const struct pairing *p, struct ev_hits *t, struct ev_view *view,
    const struct ev_obs *x, const struct ev_obs *y, struct ev_err *err)
{
	char why[EV_WHY];
	const char *barred;
	enum ev_truth truth;
	enum ev_rc rc;

	truth = ev_conditions(t->rule, view, false, why);
	if (truth == EV_TRUE && t->rule->direction == EV_DIR_FOR &&
	    (!ev_role_links(x->role) || !ev_role_links(y->role))) {
		/* Both roles must link, whatever the rule says. */
		truth = EV_FALSE;
		(void)snprintf(why, EV_WHY, "role %s",
		    ev_role_name(ev_role_links(x->role) ? y->role : x->role));
	}
	/* How many used a line does not matter to where the two were. */
	barred = (t->rule->types >> EV_T_SESSION & 1) != 0
		     ? ""
		     : ev_obs_barred(p->w, x);
	if (truth == EV_TRUE && *barred != '\0') {
		truth = EV_FALSE;
		(void)snprintf(why, EV_WHY, "%s", barred);
	}
	if (truth == EV_TRUE) {
		rc = ev_hits_hit(t, p->w, x, err);
		return rc == EV_OK ? ev_hits_hit(t, p->w, y, err) : rc;
	}
	if (!worth_telling(x, y, why))
		return EV_OK;
	rc = ev_hits_miss(t, p->w, x, why, err);
	return rc == EV_OK ? ev_hits_miss(t, p->w, y, why, err) : rc;
}

static enum ev_rc
end_tally(const struct pairing *p, struct ev_hits *t, struct ev_err *err)
{
	struct ev_view view = { .paired = false };
	const struct ev_obs *first;
	struct ev_item *item;
	enum ev_rc rc;

	rc = ev_hits_end(t, &view, p->items, &item, err);
	if (rc != EV_OK || item == NULL)
		return rc;
	first = &p->w->obs[item->obs[0]];
	item->role = first->role;
	ev_canon_mask(item->shown, EV_SHOWN, first->type, first->value);
	return EV_OK;
}

/* One value that both have: an item a rule at most. */
static enum ev_rc
weigh_value(const struct pairing *p, const struct run *x, const struct run *y,
    struct ev_err *err)
{
	const struct ev_weigh *w = p->w;
	struct ev_view view;
	struct ev_hits t;
	enum ev_rc rc = EV_OK;
	size_t r, i, k;

	for (r = 0; r < w->rules.rules && rc == EV_OK; r++) {
		if (!has_type(&w->rules.rule[r], x->obs[0]->type))
			continue;
		ev_hits_init(&t, &w->rules.rule[r]);
		for (i = 0; i < x->count && i < NEAR && rc == EV_OK; i++) {
			for (k = 0; k < y->count && k < NEAR && rc == EV_OK;
			     k++) {
				view_both(&view, x->obs[i], y->obs[k]);
				rc = weigh_two(p, &t, &view, x->obs[i],
				    y->obs[k], err);
			}
		}
		if (rc == EV_OK)
			rc = end_tally(p, &t, err);
		ev_hits_release(&t);
	}
	return rc;
}

static enum ev_rc
meet(const struct pairing *p, enum ev_type type, const struct ev_obs *x,
    const struct ev_obs *y, struct ev_err *err)
{
	const struct ev_weigh *w = p->w;
	struct ev_view view;
	enum ev_rc rc = EV_OK;
	bool viewed = false;
	size_t r;

	for (r = 0; r < w->rules.rules && rc == EV_OK; r++) {
		const struct ev_rule *rule = &w->rules.rule[r];

		if (!has_type(rule, type) ||
		    (is_single(rule) && p->tally[r].hit.count > 0))
			continue;
		if (!viewed) {
			view_both(&view, x, y);
			view_network(p, &view, x, y);
			viewed = true;
		}
		rc = weigh_two(p, &p->tally[r], &view, x, y, err);
	}
	return rc;
}

static int
compare_lo(const void *a, const void *b)
{
	const struct ev_obs *const *x = a, *const *y = b;

	if ((*x)->lo != (*y)->lo)
		return (*x)->lo < (*y)->lo ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

/*
 * Sessions of two accounts in the order of time: every pair of them, or of
 * many the neighbours within window.
 */
static enum ev_rc
meet_all(const struct pairing *p, enum ev_type type, const struct run *x,
    const struct run *y, struct ev_err *err)
{
	const bool whole = x->count * y->count <= PRODUCT;
	const int64_t window = 2 * hour_us;
	size_t i, k, from = 0, near;
	enum ev_rc rc = EV_OK;

	for (i = 0; i < x->count && rc == EV_OK; i++) {
		while (!whole && from < y->count &&
		       y->obs[from]->lo < x->obs[i]->lo - window)
			from++;
		for (k = from, near = 0; k < y->count && rc == EV_OK; k++) {
			if (!whole &&
			    (++near > NEAR ||
				y->obs[k]->lo > x->obs[i]->hi + window))
				break;
			if (type == EV_T_SESSION &&
			    strcmp(x->obs[i]->key, y->obs[k]->key) == 0)
				continue;
			rc = meet(p, type, x->obs[i], y->obs[k], err);
		}
	}
	/* Rules that ask for no time need one pair, however far apart. */
	if (rc == EV_OK && !whole && type == EV_T_IP)
		rc = meet(p, type, x->obs[0], y->obs[0], err);
	return rc;
}

static const struct ev_obs **
take_run(const struct ev_weigh *w, const struct ev_filter *f, size_t from,
    size_t to)
{
	const struct ev_obs **run = calloc(to - from + 1, sizeof(*run));
	size_t i, n = 0;

	if (run == NULL)
		return NULL;
	for (i = from; i < to; i++) {
		if (ev_filter_takes(f, w, &w->obs[i]))
			run[n++] = &w->obs[i];
	}
	return run;
}

static enum ev_rc
weigh_group(const struct pairing *p, const size_t x[2], const size_t y[2],
    struct ev_err *err)
{
	const struct ev_obs **a = take_run(p->w, p->f, x[0], x[1]);
	const struct ev_obs **b = take_run(p->w, p->f, y[0], y[1]);
	struct run left = { a, 0 }, right = { b, 0 };
	enum ev_rc rc = EV_OK;

	if (a == NULL || b == NULL) {
		rc = ev_fail_sys(err, "cannot compare two accounts");
		goto out;
	}
	while (a[left.count] != NULL)
		left.count++;
	while (b[right.count] != NULL)
		right.count++;
	if (left.count == 0 || right.count == 0)
		goto out;
	if (a[0]->type == EV_T_IP) {
		qsort(a, left.count, sizeof(*a), compare_lo);
		qsort(b, right.count, sizeof(*b), compare_lo);
		rc = meet_all(p, EV_T_IP, &left, &right, err);
	} else {
		rc = weigh_value(p, &left, &right, err);
	}
out:
	free(a);
	free(b);
	return rc;
}

static int
compare_key(const struct ev_obs *x, const struct ev_obs *y)
{
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return strcmp(x->key, y->key);
}

static size_t
group_end(const struct ev_weigh *w, size_t from, size_t end)
{
	size_t to = from + 1;

	while (to < end && compare_key(&w->obs[from], &w->obs[to]) == 0)
		to++;
	return to;
}

static enum ev_rc
join(const struct pairing *p, uint32_t a, uint32_t b, struct ev_err *err)
{
	const struct ev_weigh *w = p->w;
	size_t x[2] = { w->first[a], 0 }, y[2] = { w->first[b], 0 };
	const size_t x_end = w->first[a + 1], y_end = w->first[b + 1];
	enum ev_rc rc = EV_OK;
	int order;

	while (x[0] < x_end && y[0] < y_end && rc == EV_OK) {
		order = compare_key(&w->obs[x[0]], &w->obs[y[0]]);
		x[1] = order <= 0 ? group_end(w, x[0], x_end) : x[0];
		y[1] = order >= 0 ? group_end(w, y[0], y_end) : y[0];
		if (order == 0 && w->obs[x[0]].type != EV_T_OTHER)
			rc = weigh_group(p, x, y, err);
		x[0] = x[1];
		y[0] = y[1];
	}
	return rc;
}

/* Sessions whose instants are known well enough to be set side by side. */
static const struct ev_obs **
take_sessions(const struct pairing *p, uint32_t account, size_t *count)
{
	const struct ev_weigh *w = p->w;
	const size_t from = w->first[account], to = w->first[account + 1];
	const struct ev_obs **run = calloc(to - from + 1, sizeof(*run));
	size_t i;

	*count = 0;
	for (i = from; run != NULL && i < to; i++) {
		if (w->obs[i].session && w->obs[i].timed &&
		    w->obs[i].type == EV_T_IP &&
		    (w->obs[i].canon & EV_CANON_RAW) == 0 &&
		    w->obs[i].hi - w->obs[i].lo <= hour_us &&
		    ev_filter_takes(p->f, w, &w->obs[i]))
			run[(*count)++] = &w->obs[i];
	}
	if (run != NULL && *count > 1)
		qsort(run, *count, sizeof(*run), compare_lo);
	return run;
}

static enum ev_rc
weigh_sessions(const struct pairing *p, uint32_t a, uint32_t b,
    struct ev_err *err)
{
	struct run x, y;
	const struct ev_obs **left = take_sessions(p, a, &x.count);
	const struct ev_obs **right = take_sessions(p, b, &y.count);
	enum ev_rc rc;

	x.obs = left;
	y.obs = right;
	if (left == NULL || right == NULL)
		rc = ev_fail_sys(err, "cannot compare two accounts");
	else
		rc = meet_all(p, EV_T_SESSION, &x, &y, err);
	free(left);
	free(right);
	return rc;
}

enum ev_rc
ev_weigh_pair(const struct ev_weigh *w, uint32_t a, uint32_t b,
    const struct ev_filter *f, struct ev_items *items, struct ev_err *err)
{
	struct pairing p = { .w = w, .f = f, .items = items };
	enum ev_rc rc;
	size_t r;

	p.tally = calloc(w->rules.rules, sizeof(*p.tally));
	if (p.tally == NULL)
		return ev_fail_sys(err, "cannot compare two accounts");
	for (r = 0; r < w->rules.rules; r++)
		ev_hits_init(&p.tally[r], &w->rules.rule[r]);
	rc = join(&p, a, b, err);
	if (rc == EV_OK)
		rc = weigh_sessions(&p, a, b, err);
	for (r = 0; r < w->rules.rules; r++) {
		if (rc == EV_OK && (has_type(p.tally[r].rule, EV_T_IP) ||
				       has_type(p.tally[r].rule, EV_T_SESSION)))
			rc = end_tally(&p, &p.tally[r], err);
		ev_hits_release(&p.tally[r]);
	}
	free(p.tally);
	return rc;
}
