/* The pure entry: an order, its files, facts; then claims and counts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "seal/digest.h"
#include "weigh/line.h"
#include "weigh/weigh_inside.h"

/* Offsets into it are size_t; this bounds memory, not the format. */
static const size_t strings_limit = (size_t)16 << 30;
enum { SCRATCH_LIMIT = 1 << 20 };

const struct ev_filter ev_filter_none = { 0, 0, 3 };

static const char *const role_names[EV_ROLES] = { "controls", "claims",
	"lists-as-contact", "posts", "quotes", "reposts", "mentions",
	"denounces", "unknown" };
static const char *const place_names[] = { NULL, "bio", "website", "contact",
	"post" };

const char *
ev_role_name(enum ev_role role)
{
	return role < EV_ROLES ? role_names[role] : "";
}

enum ev_role
ev_role_find(const char *name)
{
	size_t i;

	for (i = 0; i < EV_ROLES; i++) {
		if (strcmp(role_names[i], name) == 0)
			break;
	}
	return (enum ev_role)i;
}

bool
ev_role_links(enum ev_role role)
{
	return role == EV_R_CONTROLS || role == EV_R_CLAIMS ||
	       role == EV_R_LISTS;
}

const char *
ev_place_name(enum ev_place place)
{
	return place_names[place];
}

const char *
ev_str(const struct ev_weigh *w, ev_at at)
{
	return (const char *)w->strings.data + at;
}

enum ev_rc
ev_keep(struct ev_weigh *w, const void *text, size_t len, ev_at *at,
    struct ev_err *err)
{
	enum ev_rc rc;

	*at = w->strings.len;
	rc = EV_OK;
	if (len > 0)
		rc = ev_buf_put(&w->strings, text, len, err);
	return rc == EV_OK ? ev_buf_putc(&w->strings, '\0', err) : rc;
}

enum ev_rc
ev_weigh_new(struct ev_weigh **out, const void *order, size_t len,
    struct ev_err *err)
{
	struct ev_weigh *w;
	enum ev_rc rc;

	*out = NULL;
	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return ev_fail_sys(err, "cannot weigh");
	ev_buf_init(&w->strings, strings_limit);
	ev_buf_init(&w->scratch, SCRATCH_LIMIT);
	/* Place 0 is the empty string. */
	rc = ev_buf_putc(&w->strings, '\0', err);
	if (rc == EV_OK)
		rc = ev_order_read(&w->order, order, len, err);
	if (rc == EV_OK)
		rc = ev_geo_new(&w->geo, err);
	if (rc == EV_OK) {
		w->answer = calloc(1, sizeof(*w->answer));
		if (w->answer == NULL)
			rc = ev_fail_sys(err, "cannot weigh");
	}
	if (rc != EV_OK) {
		ev_weigh_free(w);
		return rc;
	}
	*out = w;
	return EV_OK;
}

void
ev_weigh_free(struct ev_weigh *w)
{
	size_t i;

	if (w == NULL)
		return;
	ev_order_release(&w->order);
	ev_ruleset_release(&w->rules);
	ev_listfile_release(&w->alternatives);
	ev_listfile_release(&w->defaults);
	ev_listfile_release(&w->tracking);
	ev_listfile_release(&w->offsets);
	ev_listfile_release(&w->codes);
	ev_listfile_release(&w->countries);
	ev_scale_release(&w->scale);
	for (i = 0; i < w->asn_count; i++)
		ev_asnfile_release(&w->asn[i]);
	ev_geo_free(w->geo);
	ev_buf_release(&w->strings);
	ev_buf_release(&w->scratch);
	for (i = 0; i < w->claim_count; i++)
		ev_claim_row_release(&w->claim[i]);
	free(w->obs);
	free(w->holder);
	free(w->handle);
	free(w->admin);
	free(w->subject);
	free(w->account);
	free(w->first);
	free(w->by_value);
	free(w->answer);
	free(w->result);
	free(w->claim);
	free(w->component);
	free(w->component_size);
	free(w->reviewed);
	free(w);
}

static struct ev_listfile *
list_slot(struct ev_weigh *w, const char *name)
{
	static const char *const names[] = { "alternatives.list",
		"defaults.list", "tracking.list", "utc-offsets.list",
		"calling-codes.list", "countries.list" };
	struct ev_listfile *const slots[] = { &w->alternatives, &w->defaults,
		&w->tracking, &w->offsets, &w->codes, &w->countries };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i], name) == 0)
			return slots[i];
	}
	return NULL;
}

static enum ev_rc
take_geo(struct ev_weigh *w, const struct ev_weigh_file *file,
    const struct ev_order_file *named, struct ev_err *err)
{
	struct ev_geo_file geo = { .name = named->name,
		.source = named->source,
		.sha256 = named->sha256,
		.built_us = named->built_us,
		.bytes = file->bytes,
		.len = file->len };

	if (!ev_geo_role_find(&geo.role, named->role))
		return ev_fail(err, EV_INPUT,
		    "the order gives '%s' no known role", named->name);
	return ev_geo_add(w->geo, &geo, NULL, err);
}

static enum ev_rc
take_file(struct ev_weigh *w, const struct ev_weigh_file *file,
    const struct ev_order_file *named, struct ev_err *err)
{
	struct ev_listfile *slot;
	enum ev_rc rc;

	if (strcmp(file->form, "geo") == 0)
		return take_geo(w, file, named, err);
	if (strcmp(file->form, "asn") == 0) {
		if (w->asn_count == EV_GEO_FILES)
			return ev_fail(err, EV_LIMIT,
			    "more than %d lists of classes", EV_GEO_FILES);
		rc = ev_asnfile_parse(&w->asn[w->asn_count], file->name,
		    file->bytes, file->len, err);
		if (rc != EV_OK)
			return rc;
		return ev_geo_classes(w->geo, &w->asn[w->asn_count++], err);
	}
	if (strcmp(file->form, "rules") == 0) {
		ev_ruleset_release(&w->rules);
		w->have_rules = true;
		return ev_ruleset_parse(&w->rules, file->name, file->bytes,
		    file->len, err);
	}
	if (strcmp(file->form, "scale") == 0) {
		ev_scale_release(&w->scale);
		return ev_scale_parse(&w->scale, file->name, file->bytes,
		    file->len, err);
	}
	slot = list_slot(w, file->name);
	if (slot == NULL)
		return EV_OK;
	ev_listfile_release(slot);
	return ev_listfile_parse(slot, file->name, file->bytes, file->len, err);
}

bool
ev_weigh_file_whole(const struct ev_weigh_file *file, char hex[65])
{
	static const char mark[] = "# extract of ";
	const size_t skip = sizeof(mark) - 1;
	unsigned char sha256[EV_SHA256];

	if (strcmp(file->form, "geo") != 0 || file->len <= skip + 64 ||
	    memcmp(file->bytes, mark, skip) != 0 ||
	    !ev_text_unhex(sha256, sizeof(sha256),
		(const char *)file->bytes + skip, 64))
		return false;
	ev_text_hex(hex, sha256, sizeof(sha256));
	return true;
}

/* The digest of the whole, or what an extract says that it is of. */
static enum ev_rc
file_digest(const struct ev_weigh_file *file, char hex[65], struct ev_err *err)
{
	unsigned char sha256[EV_SHA256];
	enum ev_rc rc;

	if (ev_weigh_file_whole(file, hex))
		return EV_OK;
	rc = ev_sha256(sha256, file->bytes, file->len, err);
	if (rc == EV_OK)
		ev_text_hex(hex, sha256, sizeof(sha256));
	return rc;
}

enum ev_rc
ev_weigh_file(struct ev_weigh *w, const struct ev_weigh_file *file,
    struct ev_err *err)
{
	struct ev_order_file *named;
	char hex[65];
	size_t i;
	enum ev_rc rc;

	rc = file_digest(file, hex, err);
	if (rc != EV_OK)
		return rc;
	if (w->facts > 0)
		return ev_fail(err, EV_USE, "files come before facts");
	for (i = 0; i < w->order.files; i++) {
		named = &w->order.file[i];
		if (named->given || strcmp(named->form, file->form) != 0 ||
		    strcmp(named->name, file->name) != 0 ||
		    strcmp(named->sha256, hex) != 0)
			continue;
		named->given = true;
		return take_file(w, file, named, err);
	}
	return ev_fail(err, EV_USE,
	    "'%s' with the SHA-256 %.16s... is not in the order", file->name,
	    hex);
}

enum ev_rc
ev_weigh_fact(struct ev_weigh *w, const struct ev_fact *fact,
    const struct ev_fact_origin *origin, const struct ev_weigh_place *place,
    struct ev_err *err)
{
	if (w->settled)
		return ev_fail(err, EV_USE, "a fact behind the end");
	return ev_observe(w, fact, origin, place, err);
}

static enum ev_rc
check_files(const struct ev_weigh *w, struct ev_err *err)
{
	size_t i;

	for (i = 0; i < w->order.files; i++) {
		if (!w->order.file[i].given)
			return ev_fail(err, EV_USE,
			    "'%s', which the order names, is missing",
			    w->order.file[i].name);
	}
	if (!w->have_rules || w->scale.steps == 0)
		return ev_fail(err, EV_USE,
		    "the order names no rules, or no scale");
	return w->alternatives.rows == 0
		   ? EV_OK
		   : ev_ruleset_codes(&w->rules, w->order.ruleset,
			 &w->alternatives, err);
}

/* Files that vote, and how many sources they are of. */
static void
count_sources(struct ev_weigh *w)
{
	struct ev_geo_source a, b;
	size_t i, k;

	for (i = 0; i < ev_geo_count(w->geo); i++) {
		ev_geo_source(w->geo, i, &a);
		if (a.role != EV_GEO_VOTE)
			continue;
		for (k = 0; k < i; k++) {
			ev_geo_source(w->geo, k, &b);
			if (b.role == EV_GEO_VOTE &&
			    strcmp(a.source, b.source) == 0)
				break;
		}
		w->vote_files |= UINT64_C(1) << i;
		w->vote_sources += k == i;
	}
}

enum ev_rc
ev_weigh_end(struct ev_weigh *w, struct ev_err *err)
{
	enum ev_rc rc;

	if (w->ended)
		return ev_fail(err, EV_USE, "computed already");
	rc = check_files(w, err);
	if (rc != EV_OK)
		return rc;
	count_sources(w);
	rc = ev_settle(w, err);
	if (rc == EV_OK)
		rc = ev_ask_pairs(w, err);
	if (rc == EV_OK && w->order.asks[EV_ASKS_ORGANISATION])
		rc = ev_ask_orgs(w, err);
	if (rc == EV_OK && w->order.asks[EV_ASKS_COUNTRY])
		rc = ev_ask_countries(w, err);
	if (rc == EV_OK)
		rc = ev_claims_write(w, err);
	if (rc != EV_OK)
		return rc;
	w->ended = true;
	return w->oversized > 0 ? EV_PARTIAL : EV_OK;
}

bool
ev_filter_takes(const struct ev_filter *f, const struct ev_weigh *w,
    const struct ev_obs *obs)
{
	(void)w;
	return f->exhibit == 0 || obs->exhibit != f->exhibit;
}

void
ev_locate(const struct ev_weigh *w, const struct ev_obs *obs,
    const struct ev_filter *f, struct ev_geo_answer *answer)
{
	struct ev_geo_question q = { .addr = obs->addr,
		.at_us = obs->has_utc ? obs->utc : obs->lo,
		.without = f->without,
		.minimum = f->minimum };

	ev_geo_ask(w->geo, &q, answer);
}

void
ev_weigh_counted(const struct ev_weigh *w, struct ev_weigh_counts *counts)
{
	size_t i;

	*counts = (struct ev_weigh_counts){ .facts = w->facts,
		.observations = (int64_t)w->obs_count,
		.accounts = (int64_t)w->account_count,
		.pairs = w->pairs,
		.claims = (int64_t)w->claim_count,
		.unused = w->unused,
		.public_values = w->public_values,
		.oversized = w->oversized };
	for (i = 0; i < w->claim_count; i++)
		counts->met += w->claim[i].pub.met;
}

enum ev_rc
ev_weigh_order(const struct ev_weigh *w, struct ev_buf *out, struct ev_err *err)
{
	const struct ev_json_node *node;
	struct ev_jw j;

	ev_jw_init(&j, out);
	ev_jw_object(&j);
	for (node = ev_json_root(w->order.doc)->child; node != NULL;
	     node = node->next) {
		ev_jw_key(&j, node->key);
		if (strcmp(node->key, "supersedes") == 0)
			ev_claims_superseded(w, &j);
		else
			ev_jw_raw(&j, w->order.text + node->offset,
			    node->length);
	}
	ev_jw_close(&j);
	return ev_jw_end(&j, err);
}

enum ev_rc
ev_result_add(struct ev_weigh *w, const struct ev_result *r, struct ev_err *err)
{
	void *array = w->result;
	enum ev_rc rc;

	rc = ev_grow(&array, &w->result_room, w->result_count,
	    sizeof(*w->result), err);
	if (rc != EV_OK)
		return rc;
	w->result = array;
	w->result[w->result_count++] = *r;
	return EV_OK;
}
