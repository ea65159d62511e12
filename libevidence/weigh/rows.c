/* The tables behind the claims. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/when.h"
#include "weigh/canon.h"
#include "weigh/claim.h"
#include "weigh/link.h"

static enum ev_rc
end_row(struct ev_jw *j, struct ev_buf *out, struct ev_err *err)
{
	enum ev_rc rc;

	ev_jw_close(j);
	rc = ev_jw_end(j, err);
	return rc == EV_OK ? ev_buf_putc(out, '\n', err) : rc;
}

static bool
is_located(const struct ev_obs *obs)
{
	return obs->type == EV_T_IP && (obs->canon & EV_CANON_RAW) == 0;
}

static void
put_votes(const struct ev_weigh *w, struct ev_jw *j)
{
	char built[EV_WHEN_TEXT], start[EV_ADDR_TEXT], end[EV_ADDR_TEXT];
	const struct ev_geo_vote *vote;
	struct ev_geo_source source;
	size_t i;

	ev_jw_key(j, "votes");
	ev_jw_array(j);
	for (i = 0; i < w->answer->votes; i++) {
		vote = &w->answer->vote[i];
		ev_geo_source(w->geo, vote->file, &source);
		ev_when_print(built, source.built_us, EV_PREC_S);
		ev_addr_print(start, &vote->start);
		ev_addr_print(end, &vote->end);
		ev_jw_object(j);
		ev_jw_key_text(j, "built", built);
		ev_jw_key_text(j, "country", vote->cc);
		ev_jw_key_int(j, "days", vote->days);
		ev_jw_key_text(j, "end", end);
		ev_jw_key_text(j, "raw", vote->raw);
		ev_jw_key_text(j, "registered", vote->registered);
		ev_jw_key_text(j, "sha256", source.sha256);
		ev_jw_key_text(j, "source", source.source);
		ev_jw_key_text(j, "start", start);
		ev_jw_close(j);
	}
	ev_jw_close(j);
}

static enum ev_rc
put_geo(const struct ev_weigh *w, const struct ev_obs *obs, struct ev_buf *out,
    struct ev_err *err)
{
	char time[EV_WHEN_TEXT] = "", fact[EV_ID_TEXT], port[16] = "";
	struct ev_buf flags;
	struct ev_jw j;
	enum ev_rc rc;

	ev_buf_init(&flags, 256);
	ev_locate(w, obs, &ev_filter_none, w->answer);
	rc = ev_geo_flag_names(&flags, w->answer->flags, err);
	if (obs->has_utc)
		ev_when_print(time, obs->utc, EV_PREC_S);
	if (obs->port >= 0)
		(void)snprintf(port, sizeof(port), "%" PRId32, obs->port);
	ev_id_print(fact, 'F', obs->fact);
	ev_jw_init(&j, out);
	ev_jw_object(&j);
	ev_jw_key_text(&j, "account", w->account[obs->account]);
	ev_jw_key_int(&j, "asn", w->answer->asn);
	ev_jw_key_text(&j, "class", w->answer->class);
	ev_jw_key_text(&j, "country", w->answer->cc);
	ev_jw_key_text(&j, "fact", fact);
	ev_jw_key_text(&j, "flags", ev_buf_text(&flags));
	ev_jw_key_text(&j, "ip", obs->value);
	ev_jw_key_text(&j, "port", port);
	ev_jw_key_text(&j, "result", ev_geo_result_name(w->answer->result));
	ev_jw_key_text(&j, "schema", "geo-1");
	ev_jw_key(&j, "stale");
	ev_jw_bool(&j, w->answer->stale);
	ev_jw_key_text(&j, "time", time);
	put_votes(w, &j);
	ev_buf_release(&flags);
	return rc == EV_OK ? end_row(&j, out, err) : rc;
}

enum ev_rc
ev_weigh_geo_rows(struct ev_weigh *w, struct ev_buf *out, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < w->obs_count && rc == EV_OK; i++) {
		if (is_located(&w->obs[i]))
			rc = put_geo(w, &w->obs[i], out, err);
	}
	return rc;
}

/* The same for an address that no fact need speak of. */
enum ev_rc
ev_weigh_geo_one(struct ev_weigh *w, const struct ev_addr *addr, int64_t at_us,
    struct ev_buf *out, struct ev_err *err)
{
	const struct ev_geo_question q = { .addr = *addr,
		.at_us = at_us,
		.minimum = ev_filter_none.minimum };
	char time[EV_WHEN_TEXT], ip[EV_ADDR_TEXT];
	struct ev_buf flags;
	struct ev_jw j;
	enum ev_rc rc;

	ev_buf_init(&flags, 256);
	ev_geo_ask(w->geo, &q, w->answer);
	rc = ev_geo_flag_names(&flags, w->answer->flags, err);
	ev_when_print(time, at_us, EV_PREC_S);
	ev_addr_print(ip, addr);
	ev_jw_init(&j, out);
	ev_jw_object(&j);
	ev_jw_key_int(&j, "asn", w->answer->asn);
	ev_jw_key_text(&j, "class", w->answer->class);
	ev_jw_key_text(&j, "country", w->answer->cc);
	ev_jw_key_text(&j, "flags", ev_buf_text(&flags));
	ev_jw_key_text(&j, "ip", ip);
	ev_jw_key_text(&j, "result", ev_geo_result_name(w->answer->result));
	ev_jw_key(&j, "stale");
	ev_jw_bool(&j, w->answer->stale);
	ev_jw_key_text(&j, "time", time);
	put_votes(w, &j);
	ev_buf_release(&flags);
	return rc == EV_OK ? end_row(&j, out, err) : rc;
}

struct link {
	const struct ev_result *r; /* NULL: joined by a path alone */
	uint32_t a, b;
	int64_t bottleneck, steps;
};

static int
family_count(uint32_t bits)
{
	int n = 0;

	for (; bits != 0; bits &= bits - 1)
		n++;
	return n;
}

static enum ev_rc
put_link(const struct ev_weigh *w, const struct link *link, struct ev_buf *out,
    struct ev_err *err)
{
	static const struct ev_lmh none = { 0, 0, 0 };
	const struct ev_lmh *total = link->r == NULL ? &none : &link->r->total;
	struct ev_jw j;

	ev_jw_init(&j, out);
	ev_jw_object(&j);
	ev_jw_key_text(&j, "a", w->account[link->a]);
	ev_jw_key_text(&j, "b", w->account[link->b]);
	ev_jw_key_int(&j, "bottleneck", link->bottleneck);
	ev_jw_key_text(&j, "component",
	    w->component[link->a] == w->component[link->b]
		? w->account[w->component[link->a]]
		: "");
	ev_jw_key_int(&j, "families",
	    link->r == NULL ? 0 : family_count(link->r->support));
	ev_jw_key_int(&j, "high", total->h);
	ev_jw_key_text(&j, "label",
	    link->r == NULL ? "same component" : ev_result_label(link->r));
	ev_jw_key_int(&j, "low", total->l);
	ev_jw_key_int(&j, "mid", total->m);
	ev_jw_key_text(&j, "schema", "link-1");
	ev_jw_key_int(&j, "steps", link->steps);
	return end_row(&j, out, err);
}

/* All pairs of one component: an edge, or a path over edges. */
static enum ev_rc
put_component(const struct ev_weigh *w, const uint32_t *member, size_t n,
    const struct ev_edge *edge, size_t count, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_tree tree;
	struct link link;
	enum ev_rc rc;
	size_t i, k;

	rc = ev_tree_build(&tree, edge, count, err);
	for (i = 0; i < n && rc == EV_OK; i++) {
		for (k = i + 1; k < n && rc == EV_OK; k++) {
			link = (struct link){ .a = member[i], .b = member[k] };
			link.r = ev_pair_find(w, link.a, link.b);
			if (ev_tree_bottleneck(&tree, link.a, link.b,
				&link.bottleneck, &link.steps))
				rc = put_link(w, &link, out, err);
		}
	}
	ev_tree_release(&tree);
	return rc;
}

/* Accounts and edges, those of one component in a run. */
struct grouped {
	uint64_t *member; /* component << 32 | account */
	uint64_t *edge;   /* component << 32 | number of its result */
	size_t members, edges;
};

static int
compare_grouped(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static enum ev_rc
group(const struct ev_weigh *w, struct grouped *g, struct ev_err *err)
{
	uint32_t account, root;
	size_t i;

	*g = (struct grouped){ .members = 0 };
	g->member = calloc(w->account_count + 1, sizeof(*g->member));
	g->edge = calloc(w->pair_results + 1, sizeof(*g->edge));
	if (g->member == NULL || g->edge == NULL)
		return ev_fail_sys(err, "cannot hold the components");
	for (account = 0; account < w->account_count; account++) {
		root = w->component[account];
		if (w->component_size[root] > 1 &&
		    w->component_size[root] <= EV_COMPONENT_MAX)
			g->member[g->members++] =
			    (uint64_t)root << 32 | account;
	}
	for (i = 0; i < w->pair_results && i < UINT32_MAX; i++) {
		root = w->component[w->result[i].a];
		if (w->result[i].met &&
		    w->component_size[root] <= EV_COMPONENT_MAX)
			g->edge[g->edges++] = (uint64_t)root << 32 | i;
	}
	qsort(g->member, g->members, sizeof(*g->member), compare_grouped);
	qsort(g->edge, g->edges, sizeof(*g->edge), compare_grouped);
	return EV_OK;
}

static enum ev_rc
put_components(const struct ev_weigh *w, const struct grouped *g,
    struct ev_buf *out, struct ev_err *err)
{
	struct ev_edge *edge = calloc(g->edges + 1, sizeof(*edge));
	uint32_t member[EV_COMPONENT_MAX];
	size_t i, k = 0, n, count;
	enum ev_rc rc = EV_OK;

	if (edge == NULL)
		return ev_fail_sys(err, "cannot hold a component");
	for (i = 0; i < g->members && rc == EV_OK; i += n) {
		const uint64_t root = g->member[i] >> 32;

		for (n = 0; i + n < g->members && n < EV_COMPONENT_MAX &&
			    g->member[i + n] >> 32 == root;
		     n++)
			member[n] = (uint32_t)g->member[i + n];
		for (count = 0; k < g->edges && g->edge[k] >> 32 == root; k++) {
			const struct ev_result *r =
			    &w->result[(uint32_t)g->edge[k]];

			edge[count++] =
			    (struct ev_edge){ r->a, r->b, r->total.l };
		}
		rc = put_component(w, member, n, edge, count, out, err);
	}
	free(edge);
	return rc;
}

enum ev_rc
ev_weigh_link_rows(struct ev_weigh *w, struct ev_buf *out, struct ev_err *err)
{
	struct grouped g;
	enum ev_rc rc;
	size_t i;

	rc = group(w, &g, err);
	if (rc == EV_OK)
		rc = put_components(w, &g, out, err);
	free(g.member);
	free(g.edge);
	/* What stands outside of components, or in one not expanded. */
	for (i = 0; i < w->pair_results && rc == EV_OK; i++) {
		const struct ev_result *r = &w->result[i];
		const struct link link = { .r = r, .a = r->a, .b = r->b };

		if (w->component[r->a] != w->component[r->b] ||
		    w->component_size[w->component[r->a]] > EV_COMPONENT_MAX)
			rc = put_link(w, &link, out, err);
	}
	return rc;
}

/* Every answer about one account, claimed or not. */
enum ev_rc
ev_weigh_consider(struct ev_weigh *w, const char *account, struct ev_buf *out,
    struct ev_err *err)
{
	const uint32_t a = ev_account_find(w, account);
	enum ev_rc rc = EV_OK;
	size_t patch, i;

	if (a == UINT32_MAX)
		return ev_fail(err, EV_USE, "no fact speaks of '%s'", account);
	for (i = 0; i < w->result_count && rc == EV_OK; i++) {
		if (w->result[i].a != a && w->result[i].b != a)
			continue;
		rc = ev_claim_line(w, &w->result[i], out, &patch, err);
		if (rc == EV_OK)
			rc = ev_buf_putc(out, '\n', err);
	}
	return rc;
}

static int
compare_addresses(const void *a, const void *b)
{
	return ev_addr_compare(a, b);
}

enum ev_rc
ev_weigh_extract(struct ev_weigh *w, const char *sha256, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_addr *addrs = calloc(w->obs_count + 1, sizeof(*addrs));
	struct ev_geo_source source;
	size_t i, n = 0;
	enum ev_rc rc;

	if (addrs == NULL)
		return ev_fail_sys(err, "cannot hold the addresses");
	for (i = 0; i < w->obs_count; i++) {
		if (is_located(&w->obs[i]))
			addrs[n++] = w->obs[i].addr;
	}
	if (n > 1)
		qsort(addrs, n, sizeof(*addrs), compare_addresses);
	rc = ev_fail(err, EV_USE, "no database has the SHA-256 %s", sha256);
	for (i = 0; i < ev_geo_count(w->geo); i++) {
		ev_geo_source(w->geo, i, &source);
		if (strcmp(source.sha256, sha256) != 0)
			continue;
		rc = ev_geo_extract(w->geo, i, addrs, n, out, err);
		break;
	}
	free(addrs);
	return rc;
}
