/* Pieces of evidence, and the small sets they are compared by. */
#include <stdlib.h>
#include <string.h>

#include "weigh/line.h"
#include "weigh/weigh_inside.h"

static void
item_release(struct ev_item *item)
{
	free(item->obs);
	item->obs = NULL;
}

void
ev_items_clear(struct ev_items *items)
{
	size_t i;

	for (i = 0; i < items->count; i++)
		item_release(&items->item[i]);
	items->count = 0;
}

void
ev_items_release(struct ev_items *items)
{
	ev_items_clear(items);
	free(items->item);
	*items = (struct ev_items){ 0 };
}

enum ev_rc
ev_items_add(struct ev_items *items, const struct ev_rule *rule,
    struct ev_item **item, struct ev_err *err)
{
	void *array = items->item;
	enum ev_rc rc;

	rc = ev_grow(&array, &items->room, items->count, sizeof(*items->item),
	    err);
	if (rc != EV_OK)
		return rc;
	items->item = array;
	*item = &items->item[items->count++];
	**item = (struct ev_item){ .rule = rule,
		.role = EV_ROLES,
		.days = -1,
		.asns = -1,
		.stays = SIZE_MAX };
	if (rule == NULL)
		return EV_OK;
	(*item)->family = rule->family;
	(*item)->direction = rule->direction;
	(*item)->lr = (*item)->full =
	    (struct ev_lmh){ rule->low, rule->mid, rule->high };
	return EV_OK;
}

/* Observations of one item are few, and come nearly in order. */
enum ev_rc
ev_item_cite(struct ev_item *item, uint32_t obs, struct ev_err *err)
{
	void *array = item->obs;
	size_t at = item->count;
	enum ev_rc rc;

	while (at > 0 && item->obs[at - 1] > obs)
		at--;
	if (at > 0 && item->obs[at - 1] == obs)
		return EV_OK;
	rc = ev_grow(&array, &item->room, item->count, sizeof(*item->obs), err);
	if (rc != EV_OK)
		return rc;
	item->obs = array;
	memmove(&item->obs[at + 1], &item->obs[at],
	    (item->count - at) * sizeof(*item->obs));
	item->obs[at] = obs;
	item->count++;
	return EV_OK;
}

enum ev_rc
ev_set_add(struct ev_set *set, int64_t n, struct ev_err *err)
{
	size_t low = 0, high = set->count, middle;
	void *array = set->n;
	enum ev_rc rc;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (set->n[middle] < n)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < set->count && set->n[low] == n)
		return EV_OK;
	rc = ev_grow(&array, &set->room, set->count, sizeof(*set->n), err);
	if (rc != EV_OK)
		return rc;
	set->n = array;
	memmove(&set->n[low + 1], &set->n[low],
	    (set->count - low) * sizeof(*set->n));
	set->n[low] = n;
	set->count++;
	return EV_OK;
}

void
ev_set_release(struct ev_set *set)
{
	free(set->n);
	*set = (struct ev_set){ 0 };
}
