/* An account and an organisation: what both give as theirs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weigh/canon.h"
#include "weigh/hits.h"
#include "weigh/link.h"

struct asking {
	const struct ev_weigh *w;
	const struct ev_filter *f;
	struct ev_items *items;
	uint32_t account;
	const char *org;
};

static bool
has_type(const struct ev_rule *rule, enum ev_type type)
{
	return rule->match == EV_M_ANCHOR &&
	       rule->asks == EV_ASKS_ORGANISATION &&
	       (rule->types >> type & 1) != 0 && ev_rule_computed(rule);
}

/* Observations of an account with that value: [from, to). */
static void
find_value(const struct ev_weigh *w, uint32_t account, enum ev_type type,
    const char *key, size_t range[2])
{
	size_t low = w->first[account], high = w->first[account + 1], middle;
	const size_t end = high;
	const struct ev_obs *obs;

	while (low < high) {
		middle = low + (high - low) / 2;
		obs = &w->obs[middle];
		if (obs->type < type ||
		    (obs->type == type && strcmp(obs->key, key) < 0))
			low = middle + 1;
		else
			high = middle;
	}
	range[0] = range[1] = low;
	while (range[1] < end && w->obs[range[1]].type == type &&
	       strcmp(w->obs[range[1]].key, key) == 0)
		range[1]++;
}

/* A statement of one account that names another as its own. */
static const struct ev_obs *
find_statement(const struct asking *q, uint32_t from, const char *about)
{
	size_t range[2], i;

	find_value(q->w, from, EV_T_ACCOUNT, about, range);
	for (i = range[0]; i < range[1]; i++) {
		if (ev_role_links(q->w->obs[i].role) &&
		    ev_filter_takes(q->f, q->w, &q->w->obs[i]))
			return &q->w->obs[i];
	}
	return NULL;
}

static void
view_one(struct ev_view *view, const struct ev_obs *x)
{
	*view = (struct ev_view){ .paired = false };
	view->word[EV_F_ROLE] = ev_role_name(x->role);
	view->word[EV_F_PLACE] = ev_place_name(x->place);
	view->word[EV_F_FORM] = x->form;
	view->word[EV_F_HOUSEHOLD] = x->household ? "yes" : "no";
	if (x->verified != EV_MISSING)
		view->word[EV_F_VERIFIED] =
		    x->verified == EV_YES ? "yes" : "no";
	if (x->timed)
		view->word[EV_F_BASIS] = ev_basis_name(x->basis);
	view->number[EV_F_DEGREE] = x->degree;
	view->has[EV_F_DEGREE] = true;
}

static enum ev_rc
weigh_one(const struct asking *q, struct ev_hits *t, struct ev_view *view,
    const struct ev_obs *x, struct ev_err *err)
{
	const bool supports = t->rule->direction == EV_DIR_FOR;
	char why[EV_WHY];
	enum ev_truth truth;

	truth = ev_conditions(t->rule, view, false, why);
	if (truth == EV_TRUE && supports && !ev_role_links(x->role)) {
		truth = EV_FALSE;
		(void)snprintf(why, EV_WHY, "role %s", ev_role_name(x->role));
	}
	if (truth == EV_TRUE && supports && *ev_obs_barred(q->w, x) != '\0') {
		truth = EV_FALSE;
		(void)snprintf(why, EV_WHY, "%s", ev_obs_barred(q->w, x));
	}
	if (truth == EV_TRUE)
		return ev_hits_hit(t, q->w, x, err);
	if (strncmp(why, "role ", 5) == 0 && ev_role_links(x->role))
		return EV_OK;
	return ev_hits_miss(t, q->w, x, why, err);
}

static enum ev_rc
end_tally(const struct asking *q, struct ev_hits *t,
    const struct ev_anchor *anchor, struct ev_err *err)
{
	struct ev_view view = { .paired = false };
	struct ev_item *item;
	enum ev_rc rc;

	rc = ev_hits_end(t, &view, q->items, &item, err);
	if (rc != EV_OK || item == NULL)
		return rc;
	item->role = q->w->obs[item->obs[0]].role;
	ev_canon_mask(item->shown, EV_SHOWN, anchor->type, anchor->value);
	return EV_OK;
}

static bool
in_time(const struct ev_anchor *anchor, const struct ev_obs *x)
{
	return !x->timed || (x->hi >= anchor->from_us && x->lo < anchor->to_us);
}

/* What the account says about an anchor, by one rule. */
static enum ev_rc
weigh_rule(const struct asking *q, const struct ev_rule *rule,
    const struct ev_anchor *anchor, struct ev_err *err)
{
	const struct ev_weigh *w = q->w;
	const struct ev_obs *back = NULL;
	struct ev_hits t;
	struct ev_view view;
	size_t range[2], i;
	enum ev_rc rc = EV_OK;

	if (anchor->account != UINT32_MAX)
		back =
		    find_statement(q, anchor->account, w->account[q->account]);
	find_value(w, q->account, anchor->type, anchor->value, range);
	ev_hits_init(&t, rule);
	for (i = range[0]; i < range[1] && rc == EV_OK; i++) {
		const struct ev_obs *x = &w->obs[i];

		if (!ev_filter_takes(q->f, w, x) || !in_time(anchor, x))
			continue;
		view_one(&view, x);
		view.word[EV_F_RECIPROCAL] = back != NULL ? "yes" : "no";
		rc = weigh_one(q, &t, &view, x, err);
	}
	if (rc == EV_OK && back != NULL && t.hit.count > 0 &&
	    rule->direction == EV_DIR_FOR)
		rc = ev_hits_hit(&t, w, back, err);
	if (rc == EV_OK)
		rc = end_tally(q, &t, anchor, err);
	ev_hits_release(&t);
	return rc;
}

/* What an anchored account says about this one. */
static enum ev_rc
weigh_answer(const struct asking *q, const struct ev_rule *rule,
    const struct ev_anchor *anchor, struct ev_err *err)
{
	const struct ev_weigh *w = q->w;
	struct ev_hits t;
	struct ev_view view;
	size_t range[2], i;
	enum ev_rc rc = EV_OK;

	if (anchor->account == UINT32_MAX)
		return EV_OK;
	find_value(w, anchor->account, EV_T_ACCOUNT, w->account[q->account],
	    range);
	ev_hits_init(&t, rule);
	for (i = range[0]; i < range[1] && rc == EV_OK; i++) {
		if (!ev_filter_takes(q->f, w, &w->obs[i]))
			continue;
		view_one(&view, &w->obs[i]);
		rc = weigh_one(q, &t, &view, &w->obs[i], err);
	}
	if (rc == EV_OK)
		rc = end_tally(q, &t, anchor, err);
	ev_hits_release(&t);
	return rc;
}

static size_t
strongest_family(const struct ev_weigh *w, const struct ev_sum *sum)
{
	size_t best = 0, i;

	for (i = 1; i < w->rules.families; i++) {
		if (sum->family[i].l > sum->family[best].l)
			best = i;
	}
	return best;
}

static enum ev_rc
add_inherited(const struct asking *q, const struct ev_items *pair,
    const struct ev_sum *sum, const struct ev_anchor *anchor,
    struct ev_err *err)
{
	enum { CEILING = 3000 };
	struct ev_item *item;
	enum ev_rc rc;
	size_t i, k;

	rc = ev_items_add(q->items, NULL, &item, err);
	if (rc != EV_OK)
		return rc;
	item->direction = EV_DIR_FOR;
	item->family = strongest_family(q->w, sum);
	item->lr.l = sum->total.l < CEILING ? sum->total.l : CEILING;
	item->lr.m = sum->total.m < CEILING ? sum->total.m : CEILING;
	item->lr.h = sum->total.h < CEILING ? sum->total.h : CEILING;
	item->full = item->lr;
	item->inherited = q->w->account[anchor->account];
	(void)snprintf(item->shown, EV_SHOWN, "%s",
	    q->w->account[anchor->account]);
	for (i = 0; i < pair->count; i++) {
		for (k = 0; pair->item[i].used && k < pair->item[i].count &&
			    rc == EV_OK;
		     k++)
			rc = ev_item_cite(item, pair->item[i].obs[k], err);
	}
	return rc;
}

/* One step only: from an account of the organisation, by one met pair. */
static enum ev_rc
inherit(const struct asking *q, const struct ev_anchor *anchor,
    struct ev_err *err)
{
	const struct ev_result *met;
	struct ev_items pair = { 0 };
	struct ev_sum sum;
	enum ev_rc rc;

	if (anchor->account == UINT32_MAX || anchor->account == q->account)
		return EV_OK;
	met = ev_pair_find(q->w, q->account, anchor->account);
	if (met == NULL || !met->met)
		return EV_OK;
	rc = ev_weigh_pair(q->w, met->a, met->b, q->f, &pair, err);
	if (rc == EV_OK) {
		ev_combine(q->w, EV_ASKS_OPERATOR, &pair, &sum);
		if (sum.met)
			rc = add_inherited(q, &pair, &sum, anchor, err);
	}
	ev_items_release(&pair);
	return rc;
}

enum ev_rc
ev_weigh_org(const struct ev_weigh *w, uint32_t a, uint32_t org,
    const struct ev_filter *f, struct ev_items *items, struct ev_err *err)
{
	const struct asking q = { w, f, items, a, w->order.org[org].id };
	enum ev_rc rc = EV_OK;
	size_t i, r;

	for (i = 0; i < w->order.anchors && rc == EV_OK; i++) {
		const struct ev_anchor *anchor = &w->order.anchor[i];

		if (strcmp(anchor->org, q.org) != 0 || anchor->account == a)
			continue;
		for (r = 0; r < w->rules.rules && rc == EV_OK; r++) {
			const struct ev_rule *rule = &w->rules.rule[r];

			if (has_type(rule, anchor->type))
				rc = weigh_rule(&q, rule, anchor, err);
			if (rc == EV_OK && has_type(rule, EV_T_STATEMENT))
				rc = weigh_answer(&q, rule, anchor, err);
		}
		if (rc == EV_OK)
			rc = inherit(&q, anchor, err);
	}
	return rc;
}
