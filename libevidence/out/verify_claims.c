/* A bundle's claims and counts, computed again from its facts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "out/verify_index.h"
#include "out/verify_report.h"
#include "weigh/weigh.h"

enum { SAID_MAX = 20 };

static const char order_name[] = "data/case/order.json";
static const char claims_name[] = "data/case/claims.jsonl";
static const char headline_name[] = "data/case/headline.jsonl";
static const char files_name[] = "data/case/files.jsonl";

/* What is borrowed while the weighing runs. */
struct weighing {
	struct verify *v;
	struct ev_weigh *w;
	struct ev_buf order, files;
	struct ev_buf *file; /* bytes of each file given */
	size_t file_count;
	int64_t *entry; /* of each reading line's artifact: the newest */
};

/* One file of files.jsonl, where the order names it. */
static enum ev_rc
give_file(struct weighing *g, const struct ev_json_node *root,
    struct ev_err *err)
{
	const char *form = ev_json_get_text(root, "form");
	const char *path = ev_json_get_text(root, "path");
	struct ev_weigh_file file = { .form = form,
		.name = ev_json_get_text(root, "name") };
	struct ev_buf *bytes;
	char whole[65];
	void *grown;
	enum ev_rc rc;

	if (form == NULL || path == NULL || file.name == NULL ||
	    strcmp(form, "mapping") == 0 || strcmp(form, "register") == 0 ||
	    strcmp(form, "profile") == 0)
		return EV_OK;
	grown = realloc(g->file, (g->file_count + 1) * sizeof(*g->file));
	if (grown == NULL)
		return ev_fail_sys(err, "cannot read '%.64s'", path);
	g->file = grown;
	bytes = &g->file[g->file_count++];
	ev_buf_init(bytes, EV_VERIFY_LIST);
	rc = verify_read(g->v, path, bytes, err);
	if (rc != EV_OK)
		return rc;
	file.bytes = ev_buf_text(bytes);
	file.len = bytes->len;
	rc = ev_weigh_file(g->w, &file, err);
	if (rc == EV_OK && ev_weigh_file_whole(&file, whole))
		verify_say(g->v, "claims", EV_VERIFY_UNCHECKED,
		    "%.100s holds the rows used of a database with SHA-256 %s: "
		    "whether that one says the same is for who has it",
		    path, whole);
	return rc == EV_USE ? EV_OK : rc;
}

static enum ev_rc
give_files(struct weighing *g, struct ev_err *err)
{
	struct ev_json_doc *doc;
	const char *line, *end;
	enum ev_rc rc;

	rc = verify_read(g->v, files_name, &g->files, err);
	for (line = ev_buf_text(&g->files);
	     rc == EV_OK && (end = strchr(line, '\n')) != NULL;
	     line = end + 1) {
		doc = NULL;
		rc = ev_json_parse(&doc, line, (size_t)(end - line), err);
		if (rc == EV_OK)
			rc = give_file(g, ev_json_root(doc), err);
		ev_json_free(doc);
	}
	return rc;
}

/* A fact counts if its entry is that of its artifact's newest reading. */
static enum ev_rc
newest_readings(struct weighing *g, struct ev_err *err)
{
	struct verify_index *x = g->v->index;
	const struct index_artifact *a;
	size_t i;

	g->entry = calloc(x->count + 1, sizeof(*g->entry));
	if (g->entry == NULL)
		return ev_fail_sys(err, "cannot find the newest readings");
	for (i = 0; i < x->l.count[LISTS_READINGS]; i++) {
		a = index_number(x, x->reading_artifact[i]);
		if (a != NULL)
			g->entry[a - x->artifact] =
			    x->l.line[LISTS_READINGS][i].entry;
	}
	return EV_OK;
}

static enum ev_rc
give_facts(struct weighing *g, struct ev_err *err)
{
	struct verify_index *x = g->v->index;
	const struct index_artifact *a;
	const struct lists_line *line;
	struct ev_weigh_place place;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < x->l.count[LISTS_FACTS]; i++) {
		line = &x->l.line[LISTS_FACTS][i];
		a = index_number(x, x->fact_artifact[i]);
		if (a == NULL || g->entry[a - x->artifact] != line->entry)
			continue;
		place.exhibit = a->exhibit;
		place.ordinal = a->ordinal;
		rc = ev_weigh_line(g->w, line->text, line->len, &place, err);
	}
	return rc;
}

static enum ev_rc
compare_claims(struct weighing *g, struct ev_err *err)
{
	const struct ev_weigh_claim *claim;
	const char *line, *end;
	struct ev_buf have;
	size_t i = 0, bad = 0;
	enum ev_rc rc;

	ev_buf_init(&have, EV_VERIFY_LIST);
	rc = verify_read(g->v, claims_name, &have, err);
	for (line = ev_buf_text(&have);
	     rc == EV_OK && (end = strchr(line, '\n')) != NULL;
	     line = end + 1, i++) {
		claim =
		    i < ev_weigh_count(g->w) ? ev_weigh_claim(g->w, i) : NULL;
		if (claim != NULL && claim->len == (size_t)(end - line) &&
		    memcmp(claim->line, line, claim->len) == 0)
			continue;
		if (++bad <= SAID_MAX)
			verify_say(g->v, "claims", EV_VERIFY_FAILED,
			    "line %zu of claims.jsonl is not what the facts "
			    "and the rules give",
			    i + 1);
	}
	if (rc == EV_OK && i != ev_weigh_count(g->w))
		verify_say(g->v, "claims", EV_VERIFY_FAILED,
		    "the facts and the rules give %zu claims, the bundle has "
		    "%zu",
		    ev_weigh_count(g->w), i);
	else if (rc == EV_OK && bad == 0)
		verify_say(g->v, "claims", EV_VERIFY_OK,
		    "%zu claims computed again from the facts by the rules in "
		    "the bundle, all equal",
		    i);
	ev_buf_release(&have);
	return rc;
}

static enum ev_rc
compare_headline(struct weighing *g, struct ev_err *err)
{
	struct ev_buf have, want;
	enum ev_rc rc;

	ev_buf_init(&have, EV_VERIFY_LIST);
	ev_buf_init(&want, EV_VERIFY_LIST);
	rc = verify_read(g->v, headline_name, &have, err);
	if (rc == EV_OK)
		rc = ev_weigh_headline(g->w, &want, err);
	if (rc == EV_OK &&
	    (have.len != want.len ||
		(have.len > 0 && memcmp(have.data, want.data, have.len) != 0)))
		verify_say(g->v, "claims", EV_VERIFY_FAILED,
		    "headline.jsonl is not what the claims give");
	else if (rc == EV_OK)
		verify_say(g->v, "claims", EV_VERIFY_OK,
		    "the headline figures computed again, all equal");
	ev_buf_release(&have);
	ev_buf_release(&want);
	return rc;
}

static enum ev_rc
weigh_again(struct weighing *g, struct ev_err *err)
{
	enum ev_rc rc;

	rc = verify_read(g->v, order_name, &g->order, err);
	if (rc == EV_OK)
		rc = ev_weigh_new(&g->w, ev_buf_text(&g->order), g->order.len,
		    err);
	if (rc == EV_OK)
		rc = give_files(g, err);
	if (rc == EV_OK)
		rc = newest_readings(g, err);
	if (rc == EV_OK)
		rc = give_facts(g, err);
	if (rc == EV_OK)
		rc = ev_weigh_end(g->w, err);
	if (rc == EV_OK || rc == EV_PARTIAL)
		rc = compare_claims(g, err);
	if (rc == EV_OK)
		rc = compare_headline(g, err);
	return rc == EV_OK ? verify_report(g->v, g->w, err) : rc;
}

enum ev_rc
verify_claims(struct verify *v, struct ev_err *err)
{
	struct weighing g = { .v = v };
	enum ev_rc rc;
	size_t i;

	if (verify_part(v, order_name) == NULL) {
		if (verify_part(v, claims_name) == NULL ||
		    verify_part(v, claims_name)->digests.size > 0)
			verify_say(v, "claims", EV_VERIFY_FAILED,
			    "%s is missing", order_name);
		return verify_report(v, NULL, err);
	}
	if (verify_part(v, EV_WITHHELD_ORDERS) != NULL) {
		rc = verify_withheld_claims(v, err);
		return rc == EV_OK ? verify_report(v, NULL, err) : rc;
	}
	if (v->index == NULL || v->how->quick) {
		verify_say(v, "claims", EV_VERIFY_UNCHECKED,
		    v->how->quick ? "not computed again (--quick)"
				  : "the facts are not fit to compute with");
		return verify_report(v, NULL, err);
	}
	ev_buf_init(&g.order, EV_VERIFY_LIST);
	ev_buf_init(&g.files, EV_VERIFY_LIST);
	rc = weigh_again(&g, err);
	ev_weigh_free(g.w);
	for (i = 0; i < g.file_count; i++)
		ev_buf_release(&g.file[i]);
	free(g.file);
	free(g.entry);
	ev_buf_release(&g.order);
	ev_buf_release(&g.files);
	if (rc == EV_OK || rc == EV_SYS)
		return rc;
	verify_say(v, "claims", EV_VERIFY_FAILED, "%s", err->msg);
	return EV_OK;
}
