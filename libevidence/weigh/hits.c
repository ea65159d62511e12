/* What one rule finds among the observations of one question. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weigh/canon.h"
#include "weigh/hits.h"

static const int64_t day_us = INT64_C(86400000000);

void
ev_hits_init(struct ev_hits *t, const struct ev_rule *rule)
{
	*t = (struct ev_hits){ .rule = rule };
}

void
ev_hits_release(struct ev_hits *t)
{
	free(t->hit.obs);
	free(t->miss.obs);
	ev_set_release(&t->days);
	ev_set_release(&t->asns);
	ev_set_release(&t->cells);
}

bool
ev_rule_tells(const struct ev_rule *rule)
{
	return rule->direction == EV_DIR_FOR;
}

bool
ev_obs_day(const struct ev_obs *obs, int64_t *day)
{
	int64_t us = obs->has_utc ? obs->utc : obs->lo;

	*day = us / day_us - (us % day_us < 0);
	return obs->timed && obs->has_utc;
}

const char *
ev_obs_barred(const struct ev_weigh *w, const struct ev_obs *obs)
{
	if ((obs->canon & EV_CANON_RAW) != 0)
		return "not canonical";
	if ((obs->canon & EV_CANON_IDN) != 0)
		return "idn";
	if (obs->is_default)
		return "default value";
	if (obs->degree > w->rules.fanout)
		return "public-identifier";
	return "";
}

enum ev_rc
ev_hits_hit(struct ev_hits *t, const struct ev_weigh *w,
    const struct ev_obs *obs, struct ev_err *err)
{
	int64_t day;
	enum ev_rc rc;

	rc = ev_item_cite(&t->hit, (uint32_t)(obs - w->obs), err);
	if (rc == EV_OK && ev_obs_day(obs, &day))
		rc = ev_set_add(&t->days, day, err);
	return rc;
}

enum ev_rc
ev_hits_miss(struct ev_hits *t, const struct ev_weigh *w,
    const struct ev_obs *obs, const char *why, struct ev_err *err)
{
	if (*why == '\0' || !ev_rule_tells(t->rule))
		return EV_OK;
	if (t->miss.count == 0)
		(void)snprintf(t->miss.why, EV_WHY, "%s", why);
	if (strcmp(t->miss.why, why) != 0 || t->miss.count >= EV_HITS_MISSES)
		return EV_OK;
	return ev_item_cite(&t->miss, (uint32_t)(obs - w->obs), err);
}

static enum ev_rc
move_item(const struct ev_rule *rule, struct ev_item *from,
    struct ev_items *items, struct ev_item **item, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_items_add(items, rule, item, err);
	if (rc != EV_OK)
		return rc;
	(*item)->obs = from->obs;
	(*item)->count = from->count;
	(*item)->room = from->room;
	(void)memcpy((*item)->why, from->why, EV_WHY);
	*from = (struct ev_item){ 0 };
	return EV_OK;
}

enum ev_rc
ev_hits_end(struct ev_hits *t, struct ev_view *view, struct ev_items *items,
    struct ev_item **item, struct ev_err *err)
{
	enum ev_truth truth;
	char why[EV_WHY];
	enum ev_rc rc;

	*item = NULL;
	if (t->hit.count == 0) {
		if (t->miss.count == 0)
			return EV_OK;
		return move_item(t->rule, &t->miss, items, item, err);
	}
	view->number[EV_F_DAYS] = (int64_t)t->days.count;
	view->has[EV_F_DAYS] = true;
	view->number[EV_F_ASNS] = (int64_t)t->asns.count;
	/* A network that is not known may be a further one, or may not. */
	view->has[EV_F_ASNS] = !t->asn_missing || t->asns.count >= 2;
	truth = ev_conditions(t->rule, view, true, why);
	if (truth == EV_FALSE ||
	    (truth == EV_UNKNOWN && t->rule->direction == EV_DIR_AGAINST))
		return EV_OK;
	rc = move_item(t->rule, &t->hit, items, item, err);
	if (rc != EV_OK)
		return rc;
	(*item)->days = (int64_t)t->days.count;
	(*item)->asns = (int64_t)t->asns.count;
	if (truth == EV_UNKNOWN)
		(void)memcpy((*item)->why, why, EV_WHY);
	return EV_OK;
}
