/* The canonical line of a claim (evidence-rules(5), Claims). */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/when.h"
#include "weigh/canon.h"
#include "weigh/claim.h"
#include "weigh/weigh_inside.h"

enum { FACTS_SHOWN = 64 };

const char *
ev_result_label(const struct ev_result *r)
{
	switch (r->asks) {
	case EV_ASKS_OPERATOR:
		return r->met ? "same operator" : "associated";
	case EV_ASKS_ORGANISATION:
		return r->met ? "attributed to" : "not attributed";
	case EV_ASKS_COUNTRY:
	case EV_ASKS:
		break;
	}
	if (r->met)
		return "operated from";
	return r->located ? "sessions observed from" : "not located";
}

static void
put_id(struct ev_jw *j, char letter, int64_t number)
{
	char text[EV_ID_TEXT];

	ev_id_print(text, letter, number);
	ev_jw_text(j, text);
}

static void
put_lmh(struct ev_jw *j, const struct ev_lmh *v, const char *key)
{
	ev_jw_key(j, key);
	ev_jw_object(j);
	ev_jw_key_int(j, "h", v->h);
	ev_jw_key_int(j, "l", v->l);
	ev_jw_key_int(j, "m", v->m);
	ev_jw_close(j);
}

static const struct ev_exam *
find_grade(const struct ev_weigh *w, const struct ev_item *item)
{
	const struct ev_exam *found = NULL;
	int64_t fact;
	char letter;
	size_t i, k;

	for (i = 0; i < w->order.exams; i++) {
		const struct ev_exam *exam = &w->order.exam[i];

		if (strcmp(exam->verb, "grade") != 0 ||
		    !ev_id_parse(exam->subject, &letter, &fact))
			continue;
		for (k = 0; k < item->count; k++) {
			if (w->obs[item->obs[k]].fact == fact)
				found = exam;
		}
	}
	return found;
}

static enum ev_rc
put_artifacts(const struct ev_weigh *w, const struct ev_item *item,
    struct ev_jw *j, struct ev_err *err)
{
	struct ev_set set = { 0 };
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < item->count && rc == EV_OK; i++)
		rc = ev_set_add(&set, w->obs[item->obs[i]].artifact, err);
	ev_jw_key(j, "artifacts");
	ev_jw_array(j);
	for (i = 0; i < set.count; i++)
		put_id(j, 'A', set.n[i]);
	ev_jw_close(j);
	ev_set_release(&set);
	return rc;
}

/* Where the first of them stands in the sealed bytes. */
static void
put_at(const struct ev_weigh *w, const struct ev_item *item, struct ev_jw *j)
{
	const struct ev_obs *obs = &w->obs[item->obs[0]];
	char text[96], id[EV_ID_TEXT];

	ev_id_print(id, 'A', obs->artifact);
	(void)snprintf(text, sizeof(text), "%s bytes %" PRId64 "+%" PRId64, id,
	    obs->offset, obs->length);
	ev_jw_key_text(j, "at", text);
}

static enum ev_rc
put_facts(const struct ev_weigh *w, const struct ev_item *item, struct ev_jw *j,
    struct ev_err *err)
{
	struct ev_set set = { 0 };
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < item->count && rc == EV_OK; i++)
		rc = ev_set_add(&set, w->obs[item->obs[i]].fact, err);
	ev_jw_key_int(j, "fact_count", (int64_t)set.count);
	ev_jw_key(j, "facts");
	ev_jw_array(j);
	for (i = 0; i < set.count && i < FACTS_SHOWN; i++)
		put_id(j, 'F', set.n[i]);
	ev_jw_close(j);
	ev_set_release(&set);
	return rc;
}

static int
compare_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

enum { VOTE = 64, VOTES = 256 };

/* "source=CC@build", each once. */
static void
put_votes(const struct ev_weigh *w, const struct ev_item *item, struct ev_jw *j)
{
	char(*text)[VOTE] = calloc(VOTES, VOTE);
	struct ev_geo_source source;
	char built[EV_WHEN_TEXT];
	size_t i, k, n = 0;

	ev_jw_key(j, "votes");
	ev_jw_array(j);
	for (i = 0; text != NULL && i < item->count; i++) {
		if (w->obs[item->obs[i]].type != EV_T_IP ||
		    (w->obs[item->obs[i]].canon & EV_CANON_RAW) != 0)
			continue;
		ev_locate(w, &w->obs[item->obs[i]], &ev_filter_none, w->answer);
		for (k = 0; k < w->answer->votes && n < VOTES; k++) {
			ev_geo_source(w->geo, w->answer->vote[k].file, &source);
			ev_when_print(built, source.built_us, EV_PREC_S);
			(void)snprintf(text[n], VOTE, "%.32s=%.14s@%.10s",
			    source.source,
			    w->answer->vote[k].cc[0] != '\0'
				? w->answer->vote[k].cc
				: "none",
			    built);
			n++;
		}
		/* Keep room: what is there already is not kept twice. */
		qsort(text, n, VOTE, compare_text);
		n = ev_unique_text(text[0], VOTE, n);
	}
	for (i = 0; i < n; i++)
		ev_jw_text(j, text[i]);
	ev_jw_close(j);
	free(text);
}

size_t
ev_unique_text(char *text, size_t size, size_t count)
{
	size_t i, n = 0;

	for (i = 0; i < count; i++) {
		if (n > 0 &&
		    strcmp(text + (n - 1) * size, text + i * size) == 0)
			continue;
		if (n != i)
			memcpy(text + n * size, text + i * size, size);
		n++;
	}
	return n;
}

static void
put_codes(const struct ev_item *item, struct ev_jw *j)
{
	size_t i;

	ev_jw_key(j, "alternatives");
	ev_jw_array(j);
	for (i = 0; item->rule != NULL && i < item->rule->codes; i++)
		ev_jw_text(j, item->rule->code[i]);
	ev_jw_close(j);
}

static void
put_depends(const struct ev_items *items, const struct ev_item *item,
    struct ev_jw *j)
{
	(void)items;
	ev_jw_key(j, "depends_on");
	ev_jw_array(j);
	if (item->stays != SIZE_MAX)
		ev_jw_int(j, (int64_t)item->stays + 1);
	if (item->inherited != NULL)
		ev_jw_text(j, item->inherited);
	ev_jw_close(j);
}

static const char *
item_why(const struct ev_item *item)
{
	if (item->why[0] != '\0')
		return item->why;
	return item->stays != SIZE_MAX ? "common cause" : "";
}

static enum ev_rc
put_item(const struct ev_weigh *w, const struct ev_items *items, size_t i,
    struct ev_jw *j, struct ev_err *err)
{
	const struct ev_item *item = &items->item[i];
	const struct ev_exam *grade = find_grade(w, item);
	enum ev_rc rc;

	ev_jw_object(j);
	ev_jw_key_text(j, "admiralty", grade == NULL ? "F6" : grade->word);
	put_codes(item, j);
	rc = put_artifacts(w, item, j, err);
	put_at(w, item, j);
	if (item->days >= 0)
		ev_jw_key_int(j, "days", item->days);
	put_depends(items, item, j);
	ev_jw_key_text(j, "direction", ev_direction_name(item->direction));
	if (rc == EV_OK)
		rc = put_facts(w, item, j, err);
	ev_jw_key_text(j, "family", w->rules.family[item->family].id);
	ev_jw_key_int(j, "h", item->lr.h);
	ev_jw_key_int(j, "id", (int64_t)i + 1);
	ev_jw_key_int(j, "l", item->lr.l);
	ev_jw_key_int(j, "m", item->lr.m);
	if (item->asns >= 0)
		ev_jw_key_int(j, "networks", item->asns);
	ev_jw_key_text(j, "role",
	    item->role == EV_ROLES ? "" : ev_role_name(item->role));
	ev_jw_key_text(j, "rule",
	    item->rule == NULL ? "inherited" : item->rule->id);
	ev_jw_key_int(j, "rule_version",
	    item->rule == NULL ? w->rules.version : item->rule->version);
	ev_jw_key_text(j, "shown", item->shown);
	ev_jw_key_text(j, "source",
	    item->rule == NULL ? "computed: a met claim of same operator"
			       : item->rule->source);
	ev_jw_key(j, "stale");
	ev_jw_bool(j, item->stale);
	ev_jw_key_text(j, "text",
	    item->rule == NULL
		? "One operator also runs an account of the organisation."
		: item->rule->text);
	ev_jw_key(j, "used");
	ev_jw_bool(j, item->used);
	put_votes(w, item, j);
	ev_jw_key_text(j, "why", item_why(item));
	ev_jw_close(j);
	return rc;
}

static enum ev_rc
put_items(const struct ev_weigh *w, const struct ev_items *items, bool counter,
    struct ev_jw *j, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_jw_key(j, counter ? "counter" : "items");
	ev_jw_array(j);
	for (i = 0; i < items->count && rc == EV_OK; i++) {
		if (counter == (items->item[i].direction == EV_DIR_AGAINST))
			rc = put_item(w, items, i, j, err);
	}
	ev_jw_close(j);
	return rc;
}

static void
put_data(const struct ev_weigh *w, struct ev_jw *j)
{
	size_t i;

	ev_jw_key(j, "data");
	ev_jw_array(j);
	for (i = 0; i < w->order.files; i++) {
		if (strcmp(w->order.file[i].form, "rules") == 0)
			continue;
		ev_jw_object(j);
		ev_jw_key_text(j, "name", w->order.file[i].name);
		ev_jw_key_text(j, "sha256", w->order.file[i].sha256);
		ev_jw_close(j);
	}
	ev_jw_close(j);
}

static void
put_families(const struct ev_weigh *w, const struct ev_sum *sum,
    struct ev_jw *j)
{
	size_t i;

	ev_jw_key(j, "families");
	ev_jw_array(j);
	for (i = 0; i < w->rules.families; i++) {
		if ((sum->any >> i & 1) == 0)
			continue;
		ev_jw_object(j);
		ev_jw_key_int(j, "h", sum->family[i].h);
		ev_jw_key_text(j, "id", w->rules.family[i].id);
		ev_jw_key_int(j, "l", sum->family[i].l);
		ev_jw_key_int(j, "m", sum->family[i].m);
		ev_jw_close(j);
	}
	ev_jw_close(j);
}

enum { WORD = 48, WORDS = 128 };

/* Words of a small vocabulary, sorted, each once. */
struct words {
	char text[WORDS][WORD];
	size_t count;
};

static void
add_word(struct words *words, const char *word)
{
	if (words->count == WORDS)
		words->count = ev_unique_text(words->text[0], WORD, WORDS);
	if (words->count < WORDS)
		(void)snprintf(words->text[words->count++], WORD, "%s", word);
	qsort(words->text, words->count, WORD, compare_text);
}

static void
put_words(struct words *words, const char *key, struct ev_jw *j)
{
	size_t i;

	words->count = ev_unique_text(words->text[0], WORD, words->count);
	ev_jw_key(j, key);
	ev_jw_array(j);
	for (i = 0; i < words->count; i++)
		ev_jw_text(j, words->text[i]);
	ev_jw_close(j);
}

/* Hd names its alternatives; those of an organisation are always there. */
static void
put_hd(const struct ev_result *r, const struct ev_items *items, struct ev_jw *j)
{
	static const char *const always[] = { "journalist", "researcher", "fan",
		"impersonator", "shared-device" };
	struct words words = { .count = 0 };
	const struct ev_item *item;
	size_t i, k;

	for (i = 0; r->asks == EV_ASKS_ORGANISATION && i < 5; i++)
		add_word(&words, always[i]);
	for (i = 0; i < items->count; i++) {
		item = &items->item[i];
		for (k = 0; item->used && item->direction == EV_DIR_FOR &&
			    item->rule != NULL && k < item->rule->codes;
		     k++)
			add_word(&words, item->rule->code[k]);
	}
	put_words(&words, "hd", j);
}

static void
put_hp(const struct ev_weigh *w, const struct ev_result *r, struct ev_jw *j)
{
	char text[1024];

	if (r->asks == EV_ASKS_OPERATOR)
		(void)snprintf(text, sizeof(text),
		    "The accounts %.200s and %.200s were controlled by one "
		    "person or team.",
		    w->account[r->a], w->account[r->b]);
	else if (r->asks == EV_ASKS_ORGANISATION)
		(void)snprintf(text, sizeof(text),
		    "The account %.200s was run by, or spoke for, %.12s.",
		    w->account[r->a], w->order.org[r->org].id);
	else
		(void)snprintf(text, sizeof(text),
		    "The account %.200s was operated from %s.",
		    w->account[r->a], r->cc);
	ev_jw_key_text(j, "hp", text);
}

static bool
found_rule(const struct ev_items *items, const struct ev_rule *rule)
{
	size_t i;

	for (i = 0; i < items->count; i++) {
		if (items->item[i].rule == rule &&
		    items->item[i].why[0] == '\0')
			return true;
	}
	return false;
}

/* Every counter-rule, and every rule that is not computed. */
static void
put_searched(const struct ev_weigh *w, const struct ev_result *r,
    const struct ev_items *items, struct ev_jw *j)
{
	const char *finding;
	size_t i;

	ev_jw_key(j, "searched");
	ev_jw_array(j);
	for (i = 0; i < w->rules.rules; i++) {
		const struct ev_rule *rule = &w->rules.rule[i];
		bool computed = ev_rule_computed(rule);

		/* What would support was looked for too, and is an item. */
		if (rule->asks != r->asks ||
		    (computed && (rule->direction == EV_DIR_FOR ||
				     rule->lr == EV_LR_ADD)))
			continue;
		finding = !computed                 ? "not computed"
			  : found_rule(items, rule) ? "found"
						    : "searched, none found";
		ev_jw_object(j);
		ev_jw_key_text(j, "finding", finding);
		ev_jw_key_text(j, "rule", rule->id);
		ev_jw_close(j);
	}
	ev_jw_close(j);
}

static bool
has_setting(const struct ev_weigh *w, uint32_t account)
{
	size_t i;

	for (i = w->first[account]; i < w->first[account + 1]; i++) {
		if (w->obs[i].kind == EV_K_SETTING)
			return true;
	}
	return false;
}

static void
put_missing(const struct ev_weigh *w, const struct ev_result *r,
    const struct ev_items *items, struct ev_jw *j)
{
	struct words words = { .count = 0 };
	const struct ev_item *item;
	size_t i, k;

	for (i = 0; i < items->count; i++) {
		item = &items->item[i];
		if (strncmp(item->why, "missing ", 8) == 0)
			add_word(&words, item->why + 8);
		if (strcmp(item->why, "dt not certain") == 0)
			add_word(&words, "certain time");
		for (k = 0; k < item->count && k < FACTS_SHOWN; k++) {
			const struct ev_obs *obs = &w->obs[item->obs[k]];

			if (obs->type != EV_T_IP ||
			    (obs->canon & EV_CANON_RAW) != 0)
				continue;
			ev_locate(w, obs, &ev_filter_none, w->answer);
			if (strcmp(w->answer->class, "unknown") == 0)
				add_word(&words, "network class");
			if (r->asks == EV_ASKS_COUNTRY &&
			    w->answer->result == EV_GEO_THIN)
				add_word(&words, "a third database");
			if (obs->port < 0)
				add_word(&words, "port");
		}
	}
	if (r->asks == EV_ASKS_COUNTRY && !has_setting(w, r->a))
		add_word(&words, "utc offset of the client");
	put_words(&words, "missing", j);
}

static void
put_ruleset(const struct ev_weigh *w, struct ev_jw *j)
{
	const char *sha256 = "";
	size_t i;

	for (i = 0; i < w->order.files; i++) {
		if (strcmp(w->order.file[i].form, "rules") == 0)
			sha256 = w->order.file[i].sha256;
	}
	ev_jw_key(j, "ruleset");
	ev_jw_object(j);
	ev_jw_key_text(j, "id", w->rules.name);
	ev_jw_key_text(j, "sha256", sha256);
	ev_jw_key_int(j, "version", w->rules.version);
	ev_jw_close(j);
}

static void
put_sensitivity(const struct ev_weigh *w, const struct ev_variations *v,
    struct ev_jw *j)
{
	size_t i;

	ev_jw_key(j, "sensitivity");
	ev_jw_array(j);
	for (i = 0; i < v->count; i++) {
		const struct ev_sum *sum = &v->row[i].sum;

		ev_jw_object(j);
		ev_jw_key_int(j, "h", sum->total.h);
		ev_jw_key_int(j, "l", sum->total.l);
		ev_jw_key_int(j, "m", sum->total.m);
		ev_jw_key(j, "met");
		ev_jw_bool(j, sum->met);
		ev_jw_key_text(j, "without", v->row[i].what);
		ev_jw_key_text(j, "word", ev_step_word(w, sum->step));
		ev_jw_close(j);
	}
	ev_jw_close(j);
}

static void
put_flags(const struct ev_weigh *w, const struct ev_items *items,
    const struct ev_variations *v, struct ev_jw *j)
{
	struct words words = { .count = 0 };
	const struct ev_item *item;
	size_t i, k;

	if (v->dependent)
		add_word(&words, "single-item-dependent");
	for (i = 0; i < items->count; i++) {
		item = &items->item[i];
		if (!item->used)
			continue;
		if (item->stale)
			add_word(&words, "stale");
		for (k = 0; item->rule != NULL && k < item->rule->codes; k++) {
			if (strcmp(item->rule->code[k], "cross-border-sim") ==
				0 ||
			    strcmp(item->rule->code[k], "disputed") == 0)
				add_word(&words, item->rule->code[k]);
		}
		for (k = 0; k < item->count && k < FACTS_SHOWN; k++) {
			const struct ev_obs *obs = &w->obs[item->obs[k]];

			if (obs->type == EV_T_IP &&
			    (obs->canon & EV_CANON_RAW) == 0 &&
			    strcmp(ev_addr_class(&obs->addr),
				"documentation") == 0)
				add_word(&words, "documentation-address");
		}
	}
	put_words(&words, "flags", j);
}

static int64_t
count_days(const struct ev_items *items)
{
	int64_t days = 0;
	size_t i;

	for (i = 0; i < items->count; i++) {
		if (items->item[i].used &&
		    items->item[i].direction == EV_DIR_FOR &&
		    items->item[i].days > days)
			days = items->item[i].days;
	}
	return days;
}

static void
put_window(const struct ev_result *r, struct ev_jw *j)
{
	char from[EV_WHEN_TEXT] = "", to[EV_WHEN_TEXT] = "";

	if (r->from <= r->to) {
		ev_when_print(from, r->from, EV_PREC_S);
		ev_when_print(to, r->to, EV_PREC_S);
	}
	ev_jw_key(j, "window");
	ev_jw_object(j);
	ev_jw_key_text(j, "from", from);
	ev_jw_key_text(j, "to", to);
	ev_jw_close(j);
}

static const char *
side_of(int step)
{
	if (step == INT_MIN)
		return "neither";
	return step <= -100 ? "hd" : "hp";
}

static enum ev_rc
write_line(const struct ev_weigh *w, const struct ev_result *r,
    struct ev_items *items, const struct ev_variations *v, struct ev_jw *j,
    size_t *patch, struct ev_err *err)
{
	struct ev_sum sum;
	enum ev_rc rc;

	ev_combine(w, r->asks, items, &sum);
	ev_jw_object(j);
	ev_jw_key_text(j, "asks", ev_asks_name(r->asks));
	rc = put_items(w, items, true, j, err);
	put_data(w, j);
	if (r->asks == EV_ASKS_COUNTRY)
		ev_jw_key_int(j, "days", count_days(items));
	put_families(w, &sum, j);
	put_flags(w, items, v, j);
	put_hd(r, items, j);
	put_hp(w, r, j);
	if (rc == EV_OK)
		rc = put_items(w, items, false, j, err);
	ev_jw_key_text(j, "label", ev_result_label(r));
	ev_jw_key(j, "met");
	ev_jw_bool(j, r->met);
	put_missing(w, r, items, j);
	ev_jw_key_text(j, "object",
	    r->org != UINT32_MAX ? w->order.org[r->org].id : r->cc);
	put_ruleset(w, j);
	ev_jw_key_text(j, "scale", w->rules.scale);
	ev_jw_key_text(j, "schema", "claim-1");
	put_searched(w, r, items, j);
	put_sensitivity(w, v, j);
	ev_jw_key_text(j, "side", side_of(sum.step));
	ev_jw_key(j, "subjects");
	ev_jw_array(j);
	ev_jw_text(j, w->account[r->a]);
	if (r->b != UINT32_MAX)
		ev_jw_text(j, w->account[r->b]);
	ev_jw_close(j);
	ev_jw_key(j, "supersedes");
	*patch = j->out->len;
	ev_jw_text(j, "");
	put_lmh(j, &sum.total, "total");
	put_window(r, j);
	ev_jw_key_text(j, "word", ev_step_word(w, sum.step));
	ev_jw_close(j);
	return rc;
}

enum ev_rc
ev_claim_line(const struct ev_weigh *w, const struct ev_result *r,
    struct ev_buf *out, size_t *patch, struct ev_err *err)
{
	struct ev_variations v = { 0 };
	struct ev_items items = { 0 };
	struct ev_jw j;
	enum ev_rc rc;

	ev_jw_init(&j, out);
	rc = ev_result_items(w, r, &ev_filter_none, &items, err);
	if (rc == EV_OK) {
		ev_items_sort(w, &items);
		rc = ev_sensitivity(w, r, &items, &v, err);
	}
	if (rc == EV_OK)
		rc = write_line(w, r, &items, &v, &j, patch, err);
	if (rc == EV_OK)
		rc = ev_jw_end(&j, err);
	free(v.row);
	ev_items_release(&items);
	return rc;
}
