/* From items to one sum: the steps of evidence-rules(5), in their order. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "weigh/weigh_inside.h"

static int64_t
fact_at(const struct ev_weigh *w, const struct ev_item *item, size_t i)
{
	return w->obs[item->obs[i]].fact;
}

static const char *
item_rule(const struct ev_item *item)
{
	return item->rule == NULL ? "inherited" : item->rule->id;
}

static int
compare_items(const struct ev_weigh *w, const struct ev_item *a,
    const struct ev_item *b)
{
	int order = strcmp(item_rule(a), item_rule(b));
	size_t i;

	if (order != 0)
		return order;
	for (i = 0; i < a->count && i < b->count; i++) {
		if (fact_at(w, a, i) != fact_at(w, b, i))
			return fact_at(w, a, i) < fact_at(w, b, i) ? -1 : 1;
	}
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	order = strcmp(a->why, b->why);
	if (order == 0)
		order = strcmp(a->shown, b->shown);
	if (order == 0 && a->inherited != NULL && b->inherited != NULL)
		order = strcmp(a->inherited, b->inherited);
	return order;
}

/* Step 1.  Few items: an insertion sort, which needs no context. */
void
ev_items_sort(const struct ev_weigh *w, struct ev_items *items)
{
	struct ev_item held;
	size_t i, k;

	for (i = 1; i < items->count; i++) {
		held = items->item[i];
		for (k = i;
		     k > 0 && compare_items(w, &items->item[k - 1], &held) > 0;
		     k--)
			items->item[k] = items->item[k - 1];
		items->item[k] = held;
	}
}

static bool
counts(const struct ev_item *item, const bool *skip, size_t i)
{
	return item->why[0] == '\0' && (skip == NULL || !skip[i]) &&
	       (item->direction == EV_DIR_FOR ||
		   item->direction == EV_DIR_AGAINST);
}

static bool
shares_record(const struct ev_weigh *w, const struct ev_item *a,
    const struct ev_item *b)
{
	size_t i, k;

	for (i = 0; i < a->count; i++) {
		for (k = 0; k < b->count; k++) {
			if (w->obs[a->obs[i]].record ==
			    w->obs[b->obs[k]].record)
				return true;
		}
	}
	return false;
}

/* Does an item of that rule apply?  Then the cause is not common. */
static bool
is_broken(const struct ev_items *items, const char *rule, const bool *skip)
{
	size_t i;

	for (i = 0; rule != NULL && i < items->count; i++) {
		if (counts(&items->item[i], skip, i) &&
		    strcmp(item_rule(&items->item[i]), rule) == 0)
			return true;
	}
	return false;
}

static bool
shares_cause(const struct ev_items *items, const struct ev_item *a,
    const struct ev_item *b, const bool *skip)
{
	return a->rule != NULL && b->rule != NULL && a->rule->cause != NULL &&
	       b->rule->cause != NULL &&
	       strcmp(a->rule->cause, b->rule->cause) == 0 &&
	       !is_broken(items, a->rule->broken_by, skip) &&
	       !is_broken(items, b->rule->broken_by, skip);
}

static bool
cites(const struct ev_weigh *w, const struct ev_item *item,
    const struct ev_json_node *facts)
{
	const struct ev_json_node *node;
	int64_t fact;
	char letter;
	size_t i;

	for (node = facts == NULL ? NULL : facts->child; node != NULL;
	     node = node->next) {
		if (node->type != EV_JSON_STRING ||
		    !ev_id_parse(node->text, &letter, &fact))
			continue;
		for (i = 0; i < item->count; i++) {
			if (fact_at(w, item, i) == fact)
				return true;
		}
	}
	return false;
}

/* Joined by an examiner's entry. */
static bool
is_joined(const struct ev_weigh *w, const struct ev_item *a,
    const struct ev_item *b)
{
	const struct ev_exam *exam;
	size_t i;

	for (i = 0; i < w->order.exams; i++) {
		exam = &w->order.exam[i];
		if (strcmp(exam->verb, "depend") == 0 &&
		    cites(w, a, exam->facts) && cites(w, b, exam->facts))
			return true;
	}
	return false;
}

static int
compare_lmh(const struct ev_lmh *a, const struct ev_lmh *b)
{
	if (a->l != b->l)
		return a->l < b->l ? -1 : 1;
	if (a->m != b->m)
		return a->m < b->m ? -1 : 1;
	if (a->h != b->h)
		return a->h < b->h ? -1 : 1;
	return 0;
}

/* The weightier of two of one side; of equal ones the first in order. */
static bool
outweighs(const struct ev_item *a, const struct ev_item *b)
{
	int order = compare_lmh(&a->lr, &b->lr);

	return a->direction == EV_DIR_AGAINST ? order < 0 : order > 0;
}

static size_t
root_of(const struct ev_items *items, size_t i)
{
	while (items->item[i].stays != i)
		i = items->item[i].stays;
	return i;
}

/*
 * Step 2.  Groups within one side: what speaks for and what speaks against
 * out of one record must not silence each other.
 */
static void
join_causes(const struct ev_weigh *w, struct ev_items *items, const bool *skip)
{
	struct ev_item *a, *b;
	size_t i, k, x, y;

	for (i = 0; i < items->count; i++)
		items->item[i].stays = i;
	for (i = 0; i < items->count; i++) {
		for (k = i + 1; k < items->count; k++) {
			a = &items->item[i];
			b = &items->item[k];
			if (!counts(a, skip, i) || !counts(b, skip, k) ||
			    a->direction != b->direction ||
			    (!shares_record(w, a, b) &&
				!shares_cause(items, a, b, skip) &&
				!is_joined(w, a, b)))
				continue;
			x = root_of(items, i);
			y = root_of(items, k);
			if (x == y)
				continue;
			if (outweighs(&items->item[y], &items->item[x]))
				items->item[x].stays = y;
			else
				items->item[y].stays = x;
		}
	}
	for (i = 0; i < items->count; i++)
		items->item[i].stays = root_of(items, i);
	for (i = 0; i < items->count; i++) {
		items->item[i].used = items->item[i].stays == i &&
				      items->item[i].why[0] == '\0' &&
				      (skip == NULL || !skip[i]);
		if (items->item[i].stays == i)
			items->item[i].stays = SIZE_MAX;
	}
}

/* No exhibit and no acquisition in common. */
static bool
is_apart(const struct ev_weigh *w, const struct ev_item *a,
    const struct ev_item *b)
{
	const struct ev_obs *x, *y;
	size_t i, k;

	for (i = 0; i < a->count; i++) {
		for (k = 0; k < b->count; k++) {
			x = &w->obs[a->obs[i]];
			y = &w->obs[b->obs[k]];
			if (x->exhibit == y->exhibit ||
			    x->acquisition == y->acquisition)
				return false;
		}
	}
	return true;
}

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static struct ev_item *
strongest(struct ev_items *items, size_t family, enum ev_direction direction)
{
	struct ev_item *best = NULL, *item;
	size_t i;

	for (i = 0; i < items->count; i++) {
		item = &items->item[i];
		if (item->used && item->family == family &&
		    item->direction == direction &&
		    (best == NULL || outweighs(item, best)))
			best = item;
	}
	return best;
}

static const struct ev_item *
add_rule(const struct ev_items *items, size_t family)
{
	const struct ev_item *item;
	size_t i;

	for (i = 0; i < items->count; i++) {
		item = &items->item[i];
		if (item->used && item->direction == EV_DIR_MODIFY &&
		    item->family == family && item->rule != NULL &&
		    item->rule->lr == EV_LR_ADD)
			return item;
	}
	return NULL;
}

/* Step 3: the strongest item, a bonus, the cap. */
static struct ev_lmh
weigh_support(const struct ev_weigh *w, struct ev_items *items, size_t family)
{
	enum { BONUS = 300 };
	const struct ev_item *best, *add, *next = NULL, *item;
	struct ev_lmh sum = { 0, 0, 0 };
	int64_t cap;
	size_t i;

	best = strongest(items, family, EV_DIR_FOR);
	if (best == NULL)
		return sum;
	sum = best->lr;
	add = add_rule(items, family);
	for (i = 0; i < items->count && add == NULL; i++) {
		item = &items->item[i];
		if (item == best || !item->used || item->family != family ||
		    item->direction != EV_DIR_FOR || !is_apart(w, best, item))
			continue;
		if (next == NULL || outweighs(item, next))
			next = item;
	}
	if (add != NULL) {
		sum.l += add->lr.l;
		sum.m += add->lr.m;
		sum.h += add->lr.h;
	} else if (next != NULL) {
		sum.l += least(BONUS, next->lr.l);
		sum.m += least(BONUS, next->lr.m);
		sum.h += least(BONUS, next->lr.h);
	}
	cap = w->rules.family[family].cap;
	sum.l = least(sum.l, cap);
	sum.m = least(sum.m, cap);
	sum.h = least(sum.h, cap);
	return sum;
}

/* "F3" is 3; the parser let nothing else through. */
static unsigned
family_number(const char *id)
{
	unsigned n = 0;

	for (id++; *id != '\0'; id++)
		n = n * 10 + (unsigned)(*id - '0');
	return n;
}

static bool
meets(const struct ev_weigh *w, enum ev_asks asks, const struct ev_sum *sum)
{
	const struct ev_threshold *t = &w->rules.threshold[asks];
	bool any = t->anyof == 0;
	size_t i;

	for (i = 0; i < w->rules.families; i++) {
		if ((sum->support >> i & 1) != 0 &&
		    (t->anyof >> family_number(w->rules.family[i].id) & 1) != 0)
			any = true;
	}
	return any && sum->total.l >= t->low && sum->families >= t->families;
}

int
ev_total_step(const struct ev_weigh *w, const struct ev_lmh *total)
{
	if (total->l > 0)
		return (int)ev_scale_step(&w->scale, total->l);
	/* Step 0 is "no support": against, it is worded alike. */
	if (total->h < 0)
		return -(int)ev_scale_step(&w->scale, total->h) - 100;
	return INT_MIN;
}

const char *
ev_step_word(const struct ev_weigh *w, int step)
{
	if (step == INT_MIN)
		return "none";
	if (step <= -100)
		step = -(step + 100);
	return w->scale.steps == 0 ? "" : w->scale.word[step];
}

void
ev_combine_without(const struct ev_weigh *w, enum ev_asks asks,
    struct ev_items *items, const bool *skip, struct ev_sum *sum)
{
	const struct ev_item *against;
	struct ev_lmh family;
	size_t i;

	*sum = (struct ev_sum){ 0 };
	join_causes(w, items, skip);
	for (i = 0; i < w->rules.families; i++) {
		family = weigh_support(w, items, i);
		if (strongest(items, i, EV_DIR_FOR) != NULL)
			sum->any |= UINT32_C(1) << i;
		if (family.l > 0) {
			sum->support |= UINT32_C(1) << i;
			sum->families++;
		}
		/* Step 4: against, the weightiest alone, uncapped. */
		against = strongest(items, i, EV_DIR_AGAINST);
		if (against != NULL) {
			sum->any |= UINT32_C(1) << i;
			family.l += against->lr.l;
			family.m += against->lr.m;
			family.h += against->lr.h;
		}
		sum->family[i] = family;
		sum->total.l += family.l;
		sum->total.m += family.m;
		sum->total.h += family.h;
	}
	sum->met = meets(w, asks, sum);
	sum->step = ev_total_step(w, &sum->total);
}

void
ev_combine(const struct ev_weigh *w, enum ev_asks asks, struct ev_items *items,
    struct ev_sum *sum)
{
	ev_items_sort(w, items);
	ev_combine_without(w, asks, items, NULL, sum);
}
