/* What is left of a claim without each thing that it rests on. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weigh/line.h"
#include "weigh/sensitivity.h"

static enum ev_rc
add_row(struct ev_variations *v, struct ev_variation **row, struct ev_err *err)
{
	void *array = v->row;
	enum ev_rc rc;

	rc = ev_grow(&array, &v->room, v->count, sizeof(*v->row), err);
	if (rc != EV_OK)
		return rc;
	v->row = array;
	*row = &v->row[v->count++];
	**row = (struct ev_variation){ .what = "" };
	return EV_OK;
}

/* Words as steps of one ladder: nothing said is the step below the first. */
static int
ladder(int step)
{
	if (step == INT_MIN)
		return -1;
	return step <= -100 ? -1 + (step + 100) : step;
}

static enum ev_rc
without_items(const struct ev_weigh *w, const struct ev_result *r,
    struct ev_items *items, struct ev_variations *v, struct ev_err *err)
{
	struct ev_variation *row;
	struct ev_sum base;
	enum ev_rc rc = EV_OK;
	bool *skip, *used;
	size_t i;

	skip = calloc(items->count + 1, sizeof(*skip));
	used = calloc(items->count + 1, sizeof(*used));
	if (skip == NULL || used == NULL) {
		rc = ev_fail_sys(err, "cannot hold the items");
		goto out;
	}
	ev_combine_without(w, r->asks, items, NULL, &base);
	for (i = 0; i < items->count; i++)
		used[i] = items->item[i].used &&
			  items->item[i].direction != EV_DIR_NEUTRAL;
	for (i = 0; i < items->count && rc == EV_OK; i++) {
		if (!used[i])
			continue;
		rc = add_row(v, &row, err);
		if (rc != EV_OK)
			break;
		(void)snprintf(row->what, sizeof(row->what), "item %zu", i + 1);
		skip[i] = true;
		ev_combine_without(w, r->asks, items, skip, &row->sum);
		skip[i] = false;
		if (ladder(base.step) - ladder(row->sum.step) >= 2)
			v->dependent = true;
	}
	/* Leave the marks as they were. */
	ev_combine_without(w, r->asks, items, NULL, &base);
out:
	free(skip);
	free(used);
	return rc;
}

/* The whole question again, with a filter. */
static enum ev_rc
again(const struct ev_weigh *w, const struct ev_result *r,
    const struct ev_filter *f, struct ev_sum *sum, struct ev_err *err)
{
	struct ev_items items = { 0 };
	enum ev_rc rc;

	rc = ev_result_items(w, r, f, &items, err);
	if (rc == EV_OK)
		ev_combine(w, r->asks, &items, sum);
	ev_items_release(&items);
	return rc;
}

static enum ev_rc
collect_exhibits(const struct ev_weigh *w, const struct ev_items *items,
    struct ev_set *exhibits, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i, k;

	for (i = 0; i < items->count; i++) {
		for (k = 0; k < items->item[i].count && rc == EV_OK; k++)
			rc = ev_set_add(exhibits,
			    w->obs[items->item[i].obs[k]].exhibit, err);
	}
	return rc;
}

static enum ev_rc
without_exhibits(const struct ev_weigh *w, const struct ev_result *r,
    const struct ev_items *items, struct ev_variations *v, struct ev_err *err)
{
	struct ev_filter f = ev_filter_none;
	struct ev_set exhibits = { 0 };
	struct ev_variation *row;
	enum ev_rc rc;
	size_t i;

	rc = collect_exhibits(w, items, &exhibits, err);
	for (i = 0; i < exhibits.count && rc == EV_OK; i++) {
		rc = add_row(v, &row, err);
		if (rc != EV_OK)
			break;
		(void)snprintf(row->what, sizeof(row->what),
		    "exhibit E%06" PRId64, exhibits.n[i]);
		f.exhibit = exhibits.n[i];
		rc = again(w, r, &f, &row->sum, err);
	}
	ev_set_release(&exhibits);
	return rc;
}

uint64_t
ev_source_files(const struct ev_weigh *w, size_t file)
{
	struct ev_geo_source one, other;
	uint64_t bits = 0;
	size_t i;

	ev_geo_source(w->geo, file, &one);
	for (i = 0; i < ev_geo_count(w->geo); i++) {
		ev_geo_source(w->geo, i, &other);
		if (other.role == one.role &&
		    strcmp(other.source, one.source) == 0)
			bits |= UINT64_C(1) << i;
	}
	return bits;
}

int
ev_votes_minimum(const struct ev_weigh *w, int left)
{
	if (w->vote_sources < 3 || left >= 3)
		return 3;
	return left < 1 ? 1 : left;
}

static bool
has_address(const struct ev_weigh *w, const struct ev_items *items)
{
	size_t i, k;

	for (i = 0; i < items->count; i++) {
		for (k = 0; k < items->item[i].count; k++) {
			if (w->obs[items->item[i].obs[k]].type == EV_T_IP)
				return true;
		}
	}
	return false;
}

/* Each database left out, and each snapshot of those that have several. */
static enum ev_rc
without_files(const struct ev_weigh *w, const struct ev_result *r,
    struct ev_variations *v, struct ev_err *err)
{
	struct ev_filter f = ev_filter_none;
	struct ev_geo_source source;
	struct ev_variation *row;
	uint64_t bits, self;
	enum ev_rc rc = EV_OK;
	size_t i;
	bool first;

	for (i = 0; i < ev_geo_count(w->geo) && rc == EV_OK; i++) {
		ev_geo_source(w->geo, i, &source);
		bits = ev_source_files(w, i);
		self = UINT64_C(1) << i;
		first = (bits & (self - 1)) == 0;
		if (first) {
			rc = add_row(v, &row, err);
			if (rc != EV_OK)
				break;
			(void)snprintf(row->what, sizeof(row->what),
			    "database %.80s", source.source);
			f.without = bits;
			f.minimum =
			    source.role == EV_GEO_VOTE
				? ev_votes_minimum(w, w->vote_sources - 1)
				: 3;
			rc = again(w, r, &f, &row->sum, err);
		}
		if (rc != EV_OK || bits == self)
			continue;
		rc = add_row(v, &row, err);
		if (rc != EV_OK)
			break;
		(void)snprintf(row->what, sizeof(row->what),
		    "snapshot %.40s %.12s", source.source, source.sha256);
		f.without = self;
		f.minimum = 3;
		rc = again(w, r, &f, &row->sum, err);
	}
	return rc;
}

enum ev_rc
ev_sensitivity(const struct ev_weigh *w, const struct ev_result *r,
    struct ev_items *items, struct ev_variations *out, struct ev_err *err)
{
	enum ev_rc rc;

	rc = without_items(w, r, items, out, err);
	if (rc == EV_OK)
		rc = without_exhibits(w, r, items, out, err);
	if (rc == EV_OK && has_address(w, items))
		rc = without_files(w, r, out, err);
	return rc;
}
