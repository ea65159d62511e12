/* The counts that are quoted in public, with their uncertainty. */
#include <stdlib.h>
#include <string.h>

#include "evidence/when.h"
#include "weigh/line.h"
#include "weigh/link.h"
#include "weigh/sensitivity.h"

/* One account or organisation of a figure, over all variations. */
struct figure {
	const struct ev_weigh *w;
	const char *cc;
	const struct ev_register *reg; /* NULL: no organisations are counted */
	size_t countries;              /* results about cc, by account */
	size_t *country;               /* their numbers */
	size_t orgs;                   /* results about organisations of reg */
	size_t *org;
	bool *base_country, *base_org; /* met, with nothing left out */
	bool *now_country, *now_org;   /* met, in one variation */
	bool *seen; /* scratch, an account or organisation each */
};

struct count {
	int64_t accounts, operators, organisations, pairs;
};

static bool
overlaps(const struct ev_weigh *w, const struct ev_result *r)
{
	if (!w->order.windowed || r->from > r->to)
		return true;
	return r->from < w->order.to_us && r->to >= w->order.from_us;
}

static bool
on_register(const struct ev_org *org, const char *name)
{
	const struct ev_json_node *node =
	    org->registers == NULL ? NULL : org->registers->child;

	for (; node != NULL; node = node->next) {
		if (node->type == EV_JSON_STRING &&
		    strcmp(node->text, name) == 0)
			return true;
	}
	return false;
}

static bool
windows_meet(const struct ev_result *a, const struct ev_result *b)
{
	return a->from > a->to || b->from > b->to ||
	       (a->from <= b->to && b->from <= a->to);
}

static void
release_figure(struct figure *f)
{
	free(f->country);
	free(f->org);
	free(f->base_country);
	free(f->base_org);
	free(f->now_country);
	free(f->now_org);
	free(f->seen);
}

static enum ev_rc
open_figure(struct figure *f, struct ev_err *err)
{
	const struct ev_weigh *w = f->w;
	size_t n = w->result_count + 1, i;

	f->country = calloc(n, sizeof(*f->country));
	f->org = calloc(n, sizeof(*f->org));
	f->base_country = calloc(n, sizeof(bool));
	f->base_org = calloc(n, sizeof(bool));
	f->now_country = calloc(n, sizeof(bool));
	f->now_org = calloc(n, sizeof(bool));
	f->seen = calloc(w->account_count + w->order.orgs + 1, sizeof(bool));
	if (f->country == NULL || f->org == NULL || f->base_country == NULL ||
	    f->base_org == NULL || f->now_country == NULL ||
	    f->now_org == NULL || f->seen == NULL)
		return ev_fail_sys(err, "cannot count");
	for (i = w->pair_results; i < w->result_count; i++) {
		const struct ev_result *r = &w->result[i];

		if (r->asks == EV_ASKS_COUNTRY && strcmp(r->cc, f->cc) == 0) {
			f->base_country[f->countries] =
			    r->met && overlaps(w, r);
			f->country[f->countries++] = i;
		} else if (r->asks == EV_ASKS_ORGANISATION && f->reg != NULL &&
			   on_register(&w->order.org[r->org], f->reg->name)) {
			f->base_org[f->orgs] = r->met && overlaps(w, r);
			f->org[f->orgs++] = i;
		}
	}
	return EV_OK;
}

static void
reset(struct figure *f)
{
	memcpy(f->now_country, f->base_country, f->countries * sizeof(bool));
	memcpy(f->now_org, f->base_org, f->orgs * sizeof(bool));
}

/* Number of the result about that account; SIZE_MAX: none. */
static size_t
find_country(const struct figure *f, uint32_t account)
{
	size_t low = 0, high = f->countries, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (f->w->result[f->country[middle]].a < account)
			low = middle + 1;
		else
			high = middle;
	}
	return low < f->countries && f->w->result[f->country[low]].a == account
		   ? low
		   : SIZE_MAX;
}

static void
forget(struct figure *f)
{
	memset(f->seen, 0,
	    (f->w->account_count + f->w->order.orgs) * sizeof(bool));
}

static struct count
count_now(struct figure *f)
{
	const struct ev_weigh *w = f->w;
	struct count c = { 0, 0, 0, 0 };
	uint32_t root;
	size_t i, k;

	forget(f);
	for (i = 0; i < f->countries; i++) {
		if (!f->now_country[i])
			continue;
		c.accounts++;
		root = w->component[w->result[f->country[i]].a];
		if (!ev_component_expanded(w, root) || f->seen[root])
			continue;
		f->seen[root] = true;
		c.operators++;
	}
	forget(f);
	for (i = 0; i < f->orgs; i++) {
		const struct ev_result *r = &w->result[f->org[i]];

		k = find_country(f, r->a);
		if (!f->now_org[i] || k == SIZE_MAX || !f->now_country[k] ||
		    !windows_meet(r, &w->result[f->country[k]]) ||
		    f->seen[w->account_count + r->org])
			continue;
		f->seen[w->account_count + r->org] = true;
		c.organisations++;
	}
	return c;
}

static void
widen(struct count *low, struct count *high, const struct count *c)
{
	int64_t *const lows[] = { &low->accounts, &low->operators,
		&low->organisations };
	int64_t *const highs[] = { &high->accounts, &high->operators,
		&high->organisations };
	const int64_t values[] = { c->accounts, c->operators,
		c->organisations };
	size_t i;

	for (i = 0; i < 3; i++) {
		if (values[i] < *lows[i])
			*lows[i] = values[i];
		if (values[i] > *highs[i])
			*highs[i] = values[i];
	}
}

static enum ev_rc
is_met(const struct ev_weigh *w, const struct ev_result *r,
    const struct ev_filter *filter, bool *met, struct ev_err *err)
{
	struct ev_items items = { 0 };
	struct ev_sum sum;
	enum ev_rc rc;

	rc = ev_result_items(w, r, filter, &items, err);
	if (rc == EV_OK) {
		ev_combine(w, r->asks, &items, &sum);
		*met = sum.met && overlaps(w, r);
	}
	ev_items_release(&items);
	return rc;
}

/* Again with some databases: addresses speak in both kinds of result. */
static enum ev_rc
vary_files(struct figure *f, uint64_t without, struct count *low,
    struct count *high, struct ev_err *err)
{
	const struct ev_filter filter = { .without = without,
		.minimum = ev_votes_minimum(f->w, 1) };
	struct count c;
	enum ev_rc rc = EV_OK;
	size_t i;

	reset(f);
	for (i = 0; i < f->countries && rc == EV_OK; i++)
		rc = is_met(f->w, &f->w->result[f->country[i]], &filter,
		    &f->now_country[i], err);
	for (i = 0; i < f->orgs && rc == EV_OK; i++)
		rc = is_met(f->w, &f->w->result[f->org[i]], &filter,
		    &f->now_org[i], err);
	if (rc != EV_OK)
		return rc;
	c = count_now(f);
	widen(low, high, &c);
	return EV_OK;
}

/* Each database alone, and each snapshot alone. */
static enum ev_rc
vary_databases(struct figure *f, struct count *low, struct count *high,
    struct ev_err *err)
{
	const struct ev_weigh *w = f->w;
	uint64_t self, source;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < ev_geo_count(w->geo) && rc == EV_OK; i++) {
		self = UINT64_C(1) << i;
		if ((w->vote_files & self) == 0)
			continue;
		source = ev_source_files(w, i);
		if ((source & (self - 1)) == 0)
			rc = vary_files(f, w->vote_files & ~source, low, high,
			    err);
		if (rc == EV_OK && source != self)
			rc = vary_files(f, w->vote_files & ~self, low, high,
			    err);
	}
	return rc;
}

/* One exhibit and one result about the country that it speaks for. */
struct use {
	int64_t exhibit;
	size_t country; /* SIZE_MAX: of an organisation's account alone */
};
struct uses {
	struct use *use;
	size_t count, room;
};

static int
compare_uses(const void *a, const void *b)
{
	const struct use *x = a, *y = b;

	if (x->exhibit != y->exhibit)
		return x->exhibit < y->exhibit ? -1 : 1;
	return x->country < y->country ? -1 : x->country > y->country;
}

static enum ev_rc
add_uses(const struct ev_weigh *w, uint32_t account, size_t country,
    struct uses *uses, struct ev_err *err)
{
	void *array = uses->use;
	int64_t last = 0;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = w->first[account]; i < w->first[account + 1] && rc == EV_OK;
	     i++) {
		/* Mostly one exhibit, so this drops most repeats. */
		if (w->obs[i].exhibit == last)
			continue;
		last = w->obs[i].exhibit;
		rc = ev_grow(&array, &uses->room, uses->count,
		    sizeof(*uses->use), err);
		if (rc != EV_OK)
			break;
		uses->use = array;
		uses->use[uses->count++] = (struct use){ last, country };
	}
	return rc;
}

/* Without the exhibit of uses [from, to). */
static enum ev_rc
vary_exhibit(struct figure *f, const struct use *use, size_t count,
    struct count *low, struct count *high, struct ev_err *err)
{
	const struct ev_filter filter = { .exhibit = use->exhibit,
		.minimum = 3 };
	const struct ev_weigh *w = f->w;
	struct count c;
	enum ev_rc rc = EV_OK;
	size_t i, k;

	reset(f);
	for (i = 0; i < count && rc == EV_OK; i++) {
		k = use[i].country;
		if (k != SIZE_MAX && (i == 0 || use[i - 1].country != k))
			rc = is_met(w, &w->result[f->country[k]], &filter,
			    &f->now_country[k], err);
	}
	/* An organisation's own exhibits speak for its accounts too. */
	for (i = 0; i < f->orgs && rc == EV_OK; i++)
		rc = is_met(w, &w->result[f->org[i]], &filter, &f->now_org[i],
		    err);
	if (rc != EV_OK)
		return rc;
	c = count_now(f);
	widen(low, high, &c);
	return EV_OK;
}

static enum ev_rc
vary_exhibits(struct figure *f, struct count *low, struct count *high,
    struct ev_err *err)
{
	const struct ev_weigh *w = f->w;
	struct uses uses = { NULL, 0, 0 };
	enum ev_rc rc = EV_OK;
	size_t i, to;

	for (i = 0; i < f->countries && rc == EV_OK; i++)
		rc = add_uses(w, w->result[f->country[i]].a, i, &uses, err);
	for (i = 0; i < f->orgs && rc == EV_OK; i++)
		rc = add_uses(w, w->result[f->org[i]].a, SIZE_MAX, &uses, err);
	if (uses.count > 1)
		qsort(uses.use, uses.count, sizeof(*uses.use), compare_uses);
	for (i = 0; i < uses.count && rc == EV_OK; i = to) {
		for (to = i + 1; to < uses.count &&
				 uses.use[to].exhibit == uses.use[i].exhibit;
		     to++)
			;
		rc = vary_exhibit(f, &uses.use[i], to - i, low, high, err);
	}
	free(uses.use);
	return rc;
}

/* What is not court: possible, unknown, and how many there are at all. */
struct rest {
	int64_t of, possible, unknown;
};

static struct rest
rest_accounts(const struct figure *f)
{
	enum { POSSIBLE = 1000 };
	const struct ev_weigh *w = f->w;
	struct rest rest = { 0, 0, 0 };
	uint32_t account;
	size_t i = w->pair_results;
	bool any;

	while (i < w->result_count && w->result[i].asks != EV_ASKS_COUNTRY)
		i++;
	for (account = 0; account < w->account_count; account++) {
		if (!ev_account_named(w, account))
			continue;
		rest.of++;
		any = false;
		for (; i < w->result_count && w->result[i].a == account; i++) {
			any = any || w->result[i].used > 0;
			rest.possible += strcmp(w->result[i].cc, f->cc) == 0 &&
					 w->result[i].total.h >= POSSIBLE;
		}
		rest.unknown += !any;
	}
	return rest;
}

static struct rest
rest_operators(struct figure *f)
{
	enum { POSSIBLE = 1000 };
	const struct ev_weigh *w = f->w;
	struct rest rest = { 0, 0, 0 };
	uint32_t account, root;
	size_t i;

	/* Components in which any member has a location item. */
	forget(f);
	for (i = w->pair_results; i < w->result_count; i++) {
		if (w->result[i].asks == EV_ASKS_COUNTRY &&
		    w->result[i].used > 0)
			f->seen[w->component[w->result[i].a]] = true;
	}
	for (account = 0; account < w->account_count; account++) {
		if (!ev_account_named(w, account) ||
		    w->component[account] != account ||
		    !ev_component_expanded(w, account))
			continue;
		rest.of++;
		rest.unknown += !f->seen[account];
	}
	forget(f);
	for (i = 0; i < f->countries; i++) {
		const struct ev_result *r = &w->result[f->country[i]];

		root = w->component[r->a];
		if (r->total.h < POSSIBLE || f->seen[root] ||
		    !ev_component_expanded(w, root))
			continue;
		f->seen[root] = true;
		rest.possible++;
	}
	return rest;
}

static struct rest
rest_organisations(struct figure *f)
{
	enum { POSSIBLE = 1000 };
	const struct ev_weigh *w = f->w;
	struct rest rest = { 0, 0, 0 };
	size_t i, k;

	forget(f);
	for (i = 0; i < f->orgs; i++) {
		if (w->result[f->org[i]].used > 0)
			f->seen[w->account_count + w->result[f->org[i]].org] =
			    true;
	}
	for (i = 0; i < w->order.orgs; i++) {
		if (!on_register(&w->order.org[i], f->reg->name))
			continue;
		rest.of++;
		rest.unknown += !f->seen[w->account_count + i];
	}
	forget(f);
	for (i = 0; i < f->orgs; i++) {
		const struct ev_result *r = &w->result[f->org[i]];

		k = find_country(f, r->a);
		if (r->total.h < POSSIBLE || k == SIZE_MAX ||
		    w->result[f->country[k]].total.h < POSSIBLE ||
		    f->seen[w->account_count + r->org])
			continue;
		f->seen[w->account_count + r->org] = true;
		rest.possible++;
	}
	return rest;
}

static void
put_ruleset(const struct ev_weigh *w, struct ev_jw *j)
{
	ev_jw_key(j, "ruleset");
	ev_jw_object(j);
	ev_jw_key_text(j, "id", w->rules.name);
	ev_jw_key_int(j, "version", w->rules.version);
	ev_jw_close(j);
}

struct row {
	const char *figure, *set;
	int64_t court, low, high;
	struct rest rest;
};

static enum ev_rc
put_row(const struct figure *f, const struct row *row, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_jw j;
	enum ev_rc rc;

	ev_jw_init(&j, out);
	ev_jw_object(&j);
	ev_jw_key_text(&j, "country", f->cc);
	ev_jw_key_int(&j, "court", row->court);
	ev_jw_key_int(&j, "court_hi", row->high);
	ev_jw_key_int(&j, "court_lo", row->low);
	ev_jw_key_text(&j, "expected", "not computed (no prior)");
	ev_jw_key_text(&j, "figure", row->figure);
	ev_jw_key_int(&j, "insufficient",
	    row->rest.of - row->rest.possible - row->rest.unknown);
	ev_jw_key_int(&j, "of", row->rest.of);
	ev_jw_key_int(&j, "possible", row->rest.possible);
	if (f->reg != NULL && strcmp(row->figure, "organisations") == 0) {
		ev_jw_key(&j, "register");
		ev_jw_object(&j);
		ev_jw_key_text(&j, "name", f->reg->name);
		ev_jw_key_int(&j, "records", f->reg->records);
		ev_jw_key_text(&j, "sha256", f->reg->sha256);
		ev_jw_close(&j);
	}
	put_ruleset(f->w, &j);
	ev_jw_key_text(&j, "schema", "headline-1");
	ev_jw_key_text(&j, "set", row->set);
	ev_jw_key_int(&j, "unknown", row->rest.unknown);
	ev_jw_key(&j, "window");
	ev_jw_object(&j);
	ev_jw_key_text(&j, "from", f->w->order.from);
	ev_jw_key_text(&j, "to", f->w->order.to);
	ev_jw_close(&j);
	ev_jw_close(&j);
	rc = ev_jw_end(&j, err);
	return rc == EV_OK ? ev_buf_putc(out, '\n', err) : rc;
}

static enum ev_rc
put_accounts(struct figure *f, const struct count n[3], struct ev_buf *out,
    struct ev_err *err)
{
	const struct row accounts = { "accounts",
		"every account that a fact of the case speaks of",
		n[0].accounts, n[1].accounts, n[2].accounts, rest_accounts(f) };
	const struct row operators = { "operators",
		"the same, linked accounts counted once", n[0].operators,
		n[1].operators, n[2].operators, rest_operators(f) };
	enum ev_rc rc;

	rc = put_row(f, &accounts, out, err);
	return rc == EV_OK ? put_row(f, &operators, out, err) : rc;
}

/* One register, or none: then accounts and operators. */
static enum ev_rc
put_figure(struct ev_weigh *w, const char *cc, const struct ev_register *reg,
    struct ev_buf *out, struct ev_err *err)
{
	struct figure f = { .w = w, .cc = cc, .reg = reg };
	struct count n[3]; /* base, least, greatest */
	struct row row = { .figure = "organisations",
		.set = "organisations of the register" };
	enum ev_rc rc;

	rc = open_figure(&f, err);
	if (rc != EV_OK)
		goto out;
	reset(&f);
	n[0] = n[1] = n[2] = count_now(&f);
	rc = vary_databases(&f, &n[1], &n[2], err);
	if (rc == EV_OK)
		rc = vary_exhibits(&f, &n[1], &n[2], err);
	if (rc != EV_OK)
		goto out;
	if (reg == NULL) {
		rc = put_accounts(&f, n, out, err);
		goto out;
	}
	row.court = n[0].organisations;
	row.low = n[1].organisations;
	row.high = n[2].organisations;
	row.rest = rest_organisations(&f);
	rc = put_row(&f, &row, out, err);
out:
	release_figure(&f);
	return rc;
}

enum ev_rc
ev_weigh_figures(struct ev_weigh *w, const char *country, const char *name,
    struct ev_buf *out, struct ev_err *err)
{
	bool found = name == NULL;
	enum ev_rc rc;
	size_t i;

	if (!w->order.asks[EV_ASKS_COUNTRY])
		return ev_fail(err, EV_USE,
		    "the run did not ask for countries: nothing to count");
	rc = put_figure(w, country, NULL, out, err);
	for (i = 0; i < w->order.registers && rc == EV_OK; i++) {
		if (name != NULL && strcmp(w->order.reg[i].name, name) != 0)
			continue;
		found = true;
		if (w->order.asks[EV_ASKS_ORGANISATION])
			rc = put_figure(w, country, &w->order.reg[i], out, err);
	}
	if (rc == EV_OK && !found)
		return ev_fail(err, EV_USE, "no register is called '%s'", name);
	return rc;
}

enum ev_rc
ev_weigh_headline(struct ev_weigh *w, struct ev_buf *out, struct ev_err *err)
{
	enum { POSSIBLE = 1000 };
	char last[3] = "";
	enum ev_rc rc = EV_OK;

	if (!w->order.asks[EV_ASKS_COUNTRY])
		return EV_OK;
	/* Countries in order, each once. */
	for (;;) {
		const char *next = NULL;
		size_t i;

		for (i = w->pair_results; i < w->result_count; i++) {
			const struct ev_result *r = &w->result[i];

			if (r->asks == EV_ASKS_COUNTRY &&
			    r->total.h >= POSSIBLE && strcmp(r->cc, last) > 0 &&
			    (next == NULL || strcmp(r->cc, next) < 0))
				next = r->cc;
		}
		if (next == NULL || rc != EV_OK)
			return rc;
		memcpy(last, next, 3);
		rc = ev_weigh_figures(w, last, NULL, out, err);
	}
}
