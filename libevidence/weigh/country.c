/* An account and a country: sessions, clocks, numbers, statements. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/when.h"
#include "weigh/canon.h"
#include "weigh/hits.h"

/* One session and what the databases say about its address. */
struct spot {
	const struct ev_obs *obs;
	enum ev_geo_result result;
	const char *class;
	char cc[3]; /* that all name, or the claim's if any does */
	bool same;  /* one names the claim's */
	bool stale, flags_known;
	unsigned flags;
	int64_t asn;
};

struct asking {
	const struct ev_weigh *w;
	const struct ev_filter *f;
	struct ev_items *items;
	const char *cc;
	size_t from, to; /* observations of the account */
	struct spot *spot;
	size_t spots;
};

/* (day, network): all sessions of one are one observation. */
static int64_t
cell_of(int64_t day, int64_t asn)
{
	/* Days fit 24 bits for ten thousand years, networks 32. */
	return day * INT64_C(0x100000000) + asn;
}

static const char *
yes(bool is)
{
	return is ? "yes" : "no";
}

static void
view_one(struct ev_view *view, const struct ev_obs *x)
{
	*view = (struct ev_view){ .paired = false };
	view->word[EV_F_ROLE] = ev_role_name(x->role);
	view->word[EV_F_PLACE] = ev_place_name(x->place);
	view->word[EV_F_HOUSEHOLD] = yes(x->household);
	if (x->verified != EV_MISSING)
		view->word[EV_F_VERIFIED] = yes(x->verified == EV_YES);
	if (x->timed)
		view->word[EV_F_BASIS] = ev_basis_name(x->basis);
	view->number[EV_F_DEGREE] = x->degree;
	view->has[EV_F_DEGREE] = true;
}

static void
view_session(struct ev_view *view, const struct spot *spot)
{
	view_one(view, spot->obs);
	view->word[EV_F_CLASS] = spot->class;
	view->word[EV_F_VOTES] = ev_geo_result_name(spot->result);
	view->word[EV_F_STALE] = yes(spot->stale);
	view->flags = spot->flags;
	view->flags_known = spot->flags_known;
	view->cc_same = spot->same;
	memcpy(view->cc, spot->cc, sizeof(view->cc));
}

static bool
is_session(const struct asking *q, const struct ev_obs *x)
{
	return x->type == EV_T_IP && x->session && x->timed &&
	       (x->canon & EV_CANON_RAW) == 0 && ev_filter_takes(q->f, q->w, x);
}

static enum ev_rc
locate_sessions(struct asking *q, struct ev_err *err)
{
	struct ev_geo_answer *answer = q->w->answer;
	struct spot *spot;
	size_t i;

	q->spot = calloc(q->to - q->from + 1, sizeof(*q->spot));
	if (q->spot == NULL)
		return ev_fail_sys(err, "cannot hold the sessions");
	for (i = q->from; i < q->to; i++) {
		if (!is_session(q, &q->w->obs[i]))
			continue;
		ev_locate(q->w, &q->w->obs[i], q->f, answer);
		spot = &q->spot[q->spots++];
		*spot = (struct spot){ .obs = &q->w->obs[i],
			.result = answer->result,
			.class = answer->class,
			.same = ev_geo_says(answer, q->cc),
			.stale = answer->stale,
			.flags_known = answer->flags_known,
			.flags = answer->flags,
			.asn = answer->asn };
		(void)snprintf(spot->cc, sizeof(spot->cc), "%.2s",
		    spot->same ? q->cc : answer->cc);
	}
	return EV_OK;
}

/* Located session days, and those that are all for another country. */
static enum ev_rc
count_shares(const struct asking *q, int64_t *share, bool *any,
    struct ev_err *err)
{
	struct ev_set located = { 0 }, elsewhere = { 0 };
	enum ev_rc rc = EV_OK;
	int64_t day, cell;
	size_t i;

	for (i = 0; i < q->spots && rc == EV_OK; i++) {
		const struct spot *spot = &q->spot[i];

		if (spot->result == EV_GEO_NONE)
			continue;
		(void)ev_obs_day(spot->obs, &day);
		cell = cell_of(day, spot->asn);
		rc = ev_set_add(&located, cell, err);
		if (rc == EV_OK && spot->result == EV_GEO_ALL && !spot->same)
			rc = ev_set_add(&elsewhere, cell, err);
	}
	*any = located.count > 0;
	*share = located.count == 0
		     ? 0
		     : (int64_t)elsewhere.count * 1000 / (int64_t)located.count;
	ev_set_release(&located);
	ev_set_release(&elsewhere);
	return rc;
}

/* Sessions a rule holds for, of one exhibit, fresh or stale. */
struct part {
	int64_t exhibit;
	bool stale;
	struct ev_hits tally;
};
struct parts {
	struct part *part;
	size_t count;
};

static void
release_parts(struct parts *parts)
{
	size_t i;

	for (i = 0; i < parts->count; i++)
		ev_hits_release(&parts->part[i].tally);
	free(parts->part);
}

static enum ev_rc
find_part(struct parts *parts, const struct ev_rule *rule, int64_t exhibit,
    bool stale, struct ev_hits **tally, struct ev_err *err)
{
	struct part *more;
	size_t i;

	for (i = 0; i < parts->count; i++) {
		if (parts->part[i].exhibit == exhibit &&
		    parts->part[i].stale == stale) {
			*tally = &parts->part[i].tally;
			return EV_OK;
		}
	}
	more = realloc(parts->part, (parts->count + 1) * sizeof(*more));
	if (more == NULL)
		return ev_fail_sys(err, "cannot hold the sessions");
	parts->part = more;
	more[parts->count].exhibit = exhibit;
	more[parts->count].stale = stale;
	ev_hits_init(&more[parts->count].tally, rule);
	*tally = &more[parts->count++].tally;
	return EV_OK;
}

/* One fact of each day and network stands for the others. */
static enum ev_rc
hit_session(struct ev_hits *t, const struct ev_weigh *w, const struct ev_obs *x,
    int64_t asn, struct ev_err *err)
{
	const size_t before = t->cells.count;
	int64_t day;
	enum ev_rc rc;

	(void)ev_obs_day(x, &day);
	rc = ev_set_add(&t->cells, cell_of(day, asn), err);
	if (rc == EV_OK && asn > 0)
		rc = ev_set_add(&t->asns, asn, err);
	t->asn_missing = t->asn_missing || asn == 0;
	if (rc == EV_OK && t->cells.count > before)
		rc = ev_hits_hit(t, w, x, err);
	return rc;
}

static enum ev_rc
match_sessions(const struct asking *q, const struct ev_rule *rule,
    struct parts *parts, struct ev_err *err)
{
	/* A rule that modifies looks at all exhibits together. */
	const bool whole = rule->direction != EV_DIR_FOR;
	struct ev_hits *tally;
	struct ev_view view;
	char why[EV_WHY];
	enum ev_truth truth;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < q->spots && rc == EV_OK; i++) {
		const struct spot *spot = &q->spot[i];

		view_session(&view, spot);
		truth = ev_conditions(rule, &view, false, why);
		if (truth == EV_FALSE && why[0] == '\0')
			continue;
		rc = find_part(parts, rule, whole ? 0 : spot->obs->exhibit,
		    !whole && spot->stale, &tally, err);
		if (rc == EV_OK && truth == EV_TRUE)
			rc =
			    hit_session(tally, q->w, spot->obs, spot->asn, err);
		else if (rc == EV_OK)
			rc = ev_hits_miss(tally, q->w, spot->obs, why, err);
	}
	return rc;
}

static void
halve(struct ev_lmh *lr)
{
	/* Towards 0: C's division truncates. */
	lr->l /= 2;
	lr->m /= 2;
	lr->h /= 2;
}

static bool
halves(const struct ev_weigh *w)
{
	size_t i;

	for (i = 0; i < w->rules.rules; i++) {
		if (w->rules.rule[i].lr == EV_LR_HALVE &&
		    w->rules.rule[i].asks == EV_ASKS_COUNTRY)
			return true;
	}
	return false;
}

static enum ev_rc
weigh_sessions(const struct asking *q, const struct ev_rule *rule,
    int64_t share, struct ev_err *err)
{
	struct parts parts = { NULL, 0 };
	struct ev_item *item;
	struct ev_view view;
	enum ev_rc rc;
	size_t i;

	rc = match_sessions(q, rule, &parts, err);
	for (i = 0; i < parts.count && rc == EV_OK; i++) {
		view = (struct ev_view){ .paired = false };
		view.has[EV_F_SHARE] = share >= 0;
		view.number[EV_F_SHARE] = share;
		rc = ev_hits_end(&parts.part[i].tally, &view, q->items, &item,
		    err);
		if (rc != EV_OK || item == NULL)
			continue;
		item->stale = parts.part[i].stale;
		if (item->stale && rule->direction == EV_DIR_FOR &&
		    halves(q->w))
			halve(&item->lr);
		item->role = EV_R_CONTROLS;
		if (item->days >= 0)
			(void)snprintf(item->shown, EV_SHOWN,
			    "%s, %d day%s, %d network%s", q->cc,
			    (int)item->days, item->days == 1 ? "" : "s",
			    (int)item->asns, item->asns == 1 ? "" : "s");
	}
	release_parts(&parts);
	return rc;
}

/* How an offset stands to the country at an instant. */
static const char *
offset_relation(const struct ev_weigh *w, const struct ev_obs *x,
    const char *cc)
{
	const int64_t at = x->has_utc ? x->utc : x->lo;
	const char *seen[3] = { NULL, NULL, NULL };
	int64_t from, to;
	bool uses = false;
	size_t i, k, countries = 0;

	for (i = 0; i < w->offsets.rows; i++) {
		const struct ev_list_row *row = &w->offsets.row[i];

		if (strcmp(row->cell[0], x->word) != 0)
			continue;
		from = INT64_MIN;
		to = INT64_MAX;
		if (row->cell[2][0] != '-')
			(void)ev_when_parse(&from, NULL, row->cell[2],
			    strlen(row->cell[2]));
		if (row->cell[3][0] != '-')
			(void)ev_when_parse(&to, NULL, row->cell[3],
			    strlen(row->cell[3]));
		if (at < from || at >= to)
			continue;
		uses = uses || strcmp(row->cell[1], cc) == 0;
		for (k = 0; k < countries && k < 3; k++) {
			if (strcmp(seen[k], row->cell[1]) == 0)
				break;
		}
		if (k == countries && countries < 3)
			seen[countries++] = row->cell[1];
	}
	if (!uses)
		return "other";
	return countries <= 2 ? "same" : "shared";
}

static bool
has_warning(const struct asking *q)
{
	size_t i;

	for (i = q->from; i < q->to; i++) {
		if (q->w->obs[i].kind == EV_K_PLATFORM_CLAIM &&
		    strcmp(q->w->obs[i].key, "vpn-warning") == 0 &&
		    ev_filter_takes(q->f, q->w, &q->w->obs[i]))
			return true;
	}
	return false;
}

/* What one observation that is no session says; false: nothing here. */
static bool
view_other(const struct asking *q, struct ev_view *view, const struct ev_obs *x)
{
	view_one(view, x);
	if (x->kind == EV_K_IDENTIFIER) {
		if (x->type != EV_T_PHONE || (x->canon & EV_CANON_RAW) != 0 ||
		    x->is_default)
			return false;
		(void)ev_canon_phone_country(&q->w->codes, x->value, view->cc);
		view->cc_same = strcmp(view->cc, q->cc) == 0;
		return view->cc[0] != '\0';
	}
	if (x->type != EV_T_OTHER)
		return false;
	if (x->kind == EV_K_SETTING) {
		view->word[EV_F_OFFSET] =
		    x->timed ? offset_relation(q->w, x, q->cc) : NULL;
		return true;
	}
	if (strcmp(x->key, "based-in") != 0 && strcmp(x->key, "location") != 0)
		return false;
	view->word[EV_F_WARNING] = yes(has_warning(q));
	(void)snprintf(view->cc, sizeof(view->cc), "%.2s", x->word);
	view->cc_same = strcmp(view->cc, q->cc) == 0;
	return true;
}

static void
show_other(struct ev_item *item, const struct ev_obs *x)
{
	if (x->kind != EV_K_IDENTIFIER) {
		(void)snprintf(item->shown, EV_SHOWN, "%s", x->word);
		return;
	}
	ev_canon_mask(item->shown, EV_SHOWN, x->type, x->value);
	item->role = x->role;
}

/* One item an exhibit, as with sessions. */
static enum ev_rc
weigh_other(const struct asking *q, const struct ev_rule *rule,
    struct ev_err *err)
{
	struct parts parts = { NULL, 0 };
	struct ev_hits *tally;
	struct ev_item *item;
	struct ev_view view;
	char why[EV_WHY];
	enum ev_truth truth;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = q->from; i < q->to && rc == EV_OK; i++) {
		const struct ev_obs *x = &q->w->obs[i];

		if ((int)x->kind != rule->kind ||
		    !ev_filter_takes(q->f, q->w, x) || !view_other(q, &view, x))
			continue;
		truth = ev_conditions(rule, &view, false, why);
		if (truth == EV_FALSE && why[0] == '\0')
			continue;
		rc = find_part(&parts, rule, x->exhibit, false, &tally, err);
		if (rc == EV_OK && truth == EV_TRUE)
			rc = ev_hits_hit(tally, q->w, x, err);
		else if (rc == EV_OK)
			rc = ev_hits_miss(tally, q->w, x, why, err);
	}
	for (i = 0; i < parts.count && rc == EV_OK; i++) {
		view = (struct ev_view){ .paired = false };
		rc = ev_hits_end(&parts.part[i].tally, &view, q->items, &item,
		    err);
		if (rc == EV_OK && item != NULL)
			show_other(item, &q->w->obs[item->obs[0]]);
	}
	release_parts(&parts);
	return rc;
}

enum ev_rc
ev_weigh_country(const struct ev_weigh *w, uint32_t a, const char cc[3],
    const struct ev_filter *f, struct ev_items *items, struct ev_err *err)
{
	struct asking q = { .w = w, .f = f, .items = items, .cc = cc };
	int64_t share = 0;
	enum ev_rc rc;
	bool any = false;
	size_t r;

	q.from = w->first[a];
	q.to = w->first[a + 1];
	rc = locate_sessions(&q, err);
	if (rc == EV_OK)
		rc = count_shares(&q, &share, &any, err);
	for (r = 0; r < w->rules.rules && rc == EV_OK; r++) {
		const struct ev_rule *rule = &w->rules.rule[r];

		if (rule->asks != EV_ASKS_COUNTRY || rule->match != EV_M_ONE ||
		    !ev_rule_computed(rule))
			continue;
		if (rule->kind == EV_K_LOGIN)
			rc = weigh_sessions(&q, rule, any ? share : -1, err);
		else
			rc = weigh_other(&q, rule, err);
	}
	free(q.spot);
	return rc;
}
