/* What one rule finds among the observations of one question. */
#ifndef EV_WEIGH_HITS_H
#define EV_WEIGH_HITS_H

#include "weigh/weigh_inside.h"

enum { EV_HITS_MISSES = 16 };

struct ev_hits {
	const struct ev_rule *rule;
	struct ev_item hit;  /* observations for which all conditions hold */
	struct ev_item miss; /* some of those excluded, and the first why */
	struct ev_set days;  /* UTC days of hits */
	struct ev_set asns;  /* networks of hits */
	bool asn_missing;    /* of some hit */
	struct ev_set cells; /* (day, network) seen, one fact each */
};

void ev_hits_init(struct ev_hits *t, const struct ev_rule *rule);
void ev_hits_release(struct ev_hits *t);

EV_CHECK
enum ev_rc ev_hits_hit(struct ev_hits *t, const struct ev_weigh *w,
    const struct ev_obs *obs, struct ev_err *err);
/* why "" is ignored. */
EV_CHECK
enum ev_rc ev_hits_miss(struct ev_hits *t, const struct ev_weigh *w,
    const struct ev_obs *obs, const char *why, struct ev_err *err);

/*
 * The item that comes of it, if any: used, or with its reason.  view holds
 * the aggregates but days and asns.  *item is NULL where there is none.
 */
EV_CHECK
enum ev_rc ev_hits_end(struct ev_hits *t, struct ev_view *view,
    struct ev_items *items, struct ev_item **item, struct ev_err *err);

/* The UTC day of an observation; false if it is not certain to be one. */
bool ev_obs_day(const struct ev_obs *obs, int64_t *day);

/* Why an observation may not be compared at all; "" if it may. */
const char *ev_obs_barred(const struct ev_weigh *w, const struct ev_obs *obs);

/* Does a rule say why it left something out?  Only those that support do. */
bool ev_rule_tells(const struct ev_rule *rule);

#endif
