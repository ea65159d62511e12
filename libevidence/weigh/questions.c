/* Which accounts are asked about organisations and countries. */
#include <stdlib.h>
#include <string.h>

#include "evidence/when.h"
#include "weigh/canon.h"
#include "weigh/line.h"
#include "weigh/link.h"
#include "weigh/weigh_inside.h"

struct pairs {
	uint64_t *pair; /* organisation << 32 | account */
	size_t count, room;
};

static enum ev_rc
add(struct pairs *p, uint32_t org, uint32_t account, struct ev_err *err)
{
	void *array = p->pair;
	enum ev_rc rc;

	rc = ev_grow(&array, &p->room, p->count, sizeof(*p->pair), err);
	if (rc != EV_OK)
		return rc;
	p->pair = array;
	p->pair[p->count++] = (uint64_t)account << 32 | org;
	return EV_OK;
}

static int
compare_pairs(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static uint32_t
find_org(const struct ev_weigh *w, const char *id)
{
	size_t i;

	for (i = 0; i < w->order.orgs; i++) {
		if (strcmp(w->order.org[i].id, id) == 0)
			return (uint32_t)i;
	}
	return UINT32_MAX;
}

/* Accounts with a value of the organisation, whatever their role. */
static enum ev_rc
add_holders(const struct ev_weigh *w, const struct ev_anchor *anchor,
    uint32_t org, struct pairs *p, struct ev_err *err)
{
	size_t low = 0, high = w->obs_count, middle;
	const struct ev_obs *obs;
	enum ev_rc rc = EV_OK;

	while (low < high) {
		middle = low + (high - low) / 2;
		obs = w->by_value[middle];
		if (obs->type < anchor->type ||
		    (obs->type == anchor->type &&
			strcmp(obs->key, anchor->value) < 0))
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < w->obs_count && rc == EV_OK; low++) {
		obs = w->by_value[low];
		if (obs->type != anchor->type ||
		    strcmp(obs->key, anchor->value) != 0)
			break;
		rc = add(p, org, obs->account, err);
	}
	return rc;
}

/* Accounts linked to an account of the organisation, or named by it. */
static enum ev_rc
add_linked(const struct ev_weigh *w, const struct ev_anchor *anchor,
    uint32_t org, struct pairs *p, struct ev_err *err)
{
	const uint32_t b = anchor->account;
	enum ev_rc rc = EV_OK;
	uint32_t named;
	size_t i;

	if (b == UINT32_MAX)
		return EV_OK;
	for (i = 0; i < w->pair_results && rc == EV_OK; i++) {
		const struct ev_result *r = &w->result[i];

		if (r->met && (r->a == b || r->b == b))
			rc = add(p, org, r->a == b ? r->b : r->a, err);
	}
	for (i = w->first[b]; i < w->first[b + 1] && rc == EV_OK; i++) {
		if (w->obs[i].type != EV_T_ACCOUNT)
			continue;
		named = ev_account_find(w, w->obs[i].key);
		if (named != UINT32_MAX && named != b)
			rc = add(p, org, named, err);
	}
	return rc;
}

static enum ev_rc
ask_org(struct ev_weigh *w, uint32_t account, uint32_t org,
    struct ev_items *items, struct ev_err *err)
{
	struct ev_result r = { .asks = EV_ASKS_ORGANISATION,
		.a = account,
		.b = UINT32_MAX,
		.org = org };
	enum ev_rc rc;

	ev_items_clear(items);
	rc = ev_weigh_org(w, account, org, &ev_filter_none, items, err);
	if (rc != EV_OK || items->count == 0)
		return rc;
	ev_result_fill(w, &r, items);
	r.claimed = r.met;
	return ev_result_add(w, &r, err);
}

enum ev_rc
ev_ask_orgs(struct ev_weigh *w, struct ev_err *err)
{
	struct pairs p = { NULL, 0, 0 };
	struct ev_items items = { 0 };
	enum ev_rc rc = EV_OK;
	uint64_t last = UINT64_MAX;
	uint32_t org;
	size_t i;

	for (i = 0; i < w->order.anchors && rc == EV_OK; i++) {
		org = find_org(w, w->order.anchor[i].org);
		if (org == UINT32_MAX) {
			rc = ev_fail(err, EV_INPUT,
			    "the order names no organisation '%s'",
			    w->order.anchor[i].org);
			break;
		}
		rc = add_holders(w, &w->order.anchor[i], org, &p, err);
		if (rc == EV_OK)
			rc = add_linked(w, &w->order.anchor[i], org, &p, err);
	}
	if (p.count > 1)
		qsort(p.pair, p.count, sizeof(*p.pair), compare_pairs);
	for (i = 0; i < p.count && rc == EV_OK; i++) {
		const uint32_t account = (uint32_t)(p.pair[i] >> 32);

		if (p.pair[i] != last && ev_account_named(w, account))
			rc = ask_org(w, account, (uint32_t)p.pair[i], &items,
			    err);
		last = p.pair[i];
	}
	ev_items_release(&items);
	free(p.pair);
	return rc;
}

enum { COUNTRIES = 676 }; /* AA to ZZ */

static void
mark(bool seen[COUNTRIES], const char *cc)
{
	if (cc[0] >= 'A' && cc[0] <= 'Z' && cc[1] >= 'A' && cc[1] <= 'Z')
		seen[(cc[0] - 'A') * 26 + (cc[1] - 'A')] = true;
}

/* Countries that use an offset, if at most two do. */
static void
mark_offset(const struct ev_weigh *w, const struct ev_obs *x,
    bool seen[COUNTRIES])
{
	const int64_t at = x->has_utc ? x->utc : x->lo;
	bool uses[COUNTRIES] = { false };
	int64_t from, to;
	size_t i, count = 0;

	for (i = 0; i < w->offsets.rows && x->timed; i++) {
		const char *const *cell = w->offsets.row[i].cell;

		from = INT64_MIN;
		to = INT64_MAX;
		if (strcmp(cell[0], x->word) != 0)
			continue;
		if (cell[2][0] != '-')
			(void)ev_when_parse(&from, NULL, cell[2],
			    strlen(cell[2]));
		if (cell[3][0] != '-')
			(void)ev_when_parse(&to, NULL, cell[3],
			    strlen(cell[3]));
		if (at >= from && at < to)
			mark(uses, cell[1]);
	}
	for (i = 0; i < COUNTRIES; i++)
		count += uses[i];
	for (i = 0; i < COUNTRIES && count <= 2; i++)
		seen[i] = seen[i] || uses[i];
}

static void
mark_obs(const struct ev_weigh *w, const struct ev_obs *x, bool seen[COUNTRIES])
{
	struct ev_geo_answer *answer = w->answer;
	char cc[3];
	size_t i;

	if (x->type == EV_T_IP && x->session && x->timed &&
	    (x->canon & EV_CANON_RAW) == 0) {
		ev_locate(w, x, &ev_filter_none, answer);
		for (i = 0; i < answer->votes; i++)
			mark(seen, answer->vote[i].cc);
	} else if (x->type == EV_T_PHONE && x->verified == EV_YES &&
		   ev_canon_phone_country(&w->codes, x->value, cc)) {
		mark(seen, cc);
	} else if (x->type == EV_T_OTHER && x->kind == EV_K_SETTING) {
		mark_offset(w, x, seen);
	} else if (x->type == EV_T_OTHER &&
		   (strcmp(x->key, "based-in") == 0 ||
		       strcmp(x->key, "location") == 0)) {
		mark(seen, x->word);
	}
}

static enum ev_rc
ask_country(struct ev_weigh *w, uint32_t account, const char cc[3],
    struct ev_items *items, struct ev_err *err)
{
	struct ev_result r = { .asks = EV_ASKS_COUNTRY,
		.a = account,
		.b = UINT32_MAX,
		.org = UINT32_MAX };
	enum ev_rc rc;

	memcpy(r.cc, cc, 3);
	ev_items_clear(items);
	rc = ev_weigh_country(w, account, cc, &ev_filter_none, items, err);
	if (rc != EV_OK || items->count == 0)
		return rc;
	ev_result_fill(w, &r, items);
	r.claimed = r.met || r.located;
	return ev_result_add(w, &r, err);
}

enum ev_rc
ev_ask_countries(struct ev_weigh *w, struct ev_err *err)
{
	struct ev_items items = { 0 };
	bool seen[COUNTRIES];
	enum ev_rc rc = EV_OK;
	uint32_t account;
	size_t i;

	for (account = 0; account < w->account_count && rc == EV_OK;
	     account++) {
		if (!ev_account_named(w, account))
			continue;
		memset(seen, 0, sizeof(seen));
		for (i = w->first[account]; i < w->first[account + 1]; i++)
			mark_obs(w, &w->obs[i], seen);
		for (i = 0; i < COUNTRIES && rc == EV_OK; i++) {
			const char cc[3] = { (char)('A' + i / 26),
				(char)('A' + i % 26), '\0' };

			if (seen[i])
				rc = ask_country(w, account, cc, &items, err);
		}
	}
	ev_items_release(&items);
	return rc;
}

static void
widen(struct ev_result *r, const struct ev_obs *obs)
{
	if (!obs->timed)
		return;
	if (obs->lo < r->from)
		r->from = obs->lo;
	if (obs->hi > r->to)
		r->to = obs->hi;
}

/* Where the databases differ, nothing was seen anywhere. */
static bool
takes_split(const struct ev_rule *rule)
{
	size_t i, k;

	for (i = 0; i < rule->whens; i++) {
		for (k = 0; rule->when[i].field == EV_F_VOTES &&
			    k < rule->when[i].words;
		     k++) {
			if (strcmp(rule->when[i].word[k], "split") == 0)
				return true;
		}
	}
	return false;
}

void
ev_result_fill(const struct ev_weigh *w, struct ev_result *r,
    struct ev_items *items)
{
	struct ev_sum sum;
	size_t i, k;

	ev_combine(w, r->asks, items, &sum);
	r->total = sum.total;
	r->support = sum.support;
	r->met = sum.met;
	r->from = INT64_MAX;
	r->to = INT64_MIN;
	r->used = 0;
	r->located = false;
	for (i = 0; i < items->count; i++) {
		const struct ev_item *item = &items->item[i];

		if (!item->used || item->direction == EV_DIR_NEUTRAL)
			continue;
		r->used++;
		if (item->direction == EV_DIR_FOR && item->rule != NULL &&
		    item->rule->kind == EV_K_LOGIN && !takes_split(item->rule))
			r->located = true;
		for (k = 0; k < item->count; k++)
			widen(r, &w->obs[item->obs[k]]);
	}
}

enum ev_rc
ev_result_items(const struct ev_weigh *w, const struct ev_result *r,
    const struct ev_filter *f, struct ev_items *items, struct ev_err *err)
{
	ev_items_clear(items);
	switch (r->asks) {
	case EV_ASKS_OPERATOR:
		return ev_weigh_pair(w, r->a, r->b, f, items, err);
	case EV_ASKS_ORGANISATION:
		return ev_weigh_org(w, r->a, r->org, f, items, err);
	case EV_ASKS_COUNTRY:
	case EV_ASKS:
		break;
	}
	return ev_weigh_country(w, r->a, r->cc, f, items, err);
}

bool
ev_rule_computed(const struct ev_rule *rule)
{
	const uint32_t not_yet =
	    UINT32_C(1) << EV_T_MEDIA | UINT32_C(1) << EV_T_USERNAME;

	if (rule->match == EV_M_COSHARE || rule->match == EV_M_NEARDUP ||
	    rule->match == EV_M_ENTER || rule->lr == EV_LR_SURPRISAL)
		return false;
	if (rule->match == EV_M_ONE)
		return rule->kind != EV_K_POST;
	if (rule->match == EV_M_ANCHOR)
		return (rule->types & UINT32_C(1) << EV_T_MEDIA) == 0;
	return (rule->types & ~not_yet) != 0;
}
