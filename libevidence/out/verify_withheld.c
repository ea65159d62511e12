/* A bundle that withholds: its orders, and what stands for withheld lines. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "out/verify_index.h"

enum { SAID_MAX = 20, GROW = 64 };

static const char claims_name[] = "data/case/claims.jsonl";
static const char salts_name[] = "data/case/claims.salts";
static const char order_name[] = "data/case/order.json";
static const char headline_name[] = "data/case/headline.jsonl";

struct orders {
	struct ev_withheld *order;
	size_t *lines; /* that stand for it */
	size_t count;
};

/* Does the log enrol that person? */
static bool
is_enrolled(const struct verify *v, const char *actor)
{
	const char *line = ev_buf_text(&v->log_text), *end, *who;
	const struct ev_json_node *after;
	struct ev_json_doc *doc;
	struct ev_err why;
	bool found = false;

	for (; !found && (end = strchr(line, '\n')) != NULL; line = end + 1) {
		if (strncmp(line, "{\"action\":\"enrol\",", 18) != 0)
			continue;
		doc = NULL;
		if (ev_json_parse(&doc, line, (size_t)(end - line), &why) ==
		    EV_OK) {
			after = ev_json_get(ev_json_root(doc), "after");
			who = after == NULL ? NULL
					    : ev_json_get_text(after, "actor");
			found = who != NULL && strcmp(who, actor) == 0;
		}
		ev_json_free(doc);
	}
	return found;
}

static enum ev_rc
take_order(struct ev_withheld **order, size_t *count, const char *line,
    size_t len, struct ev_err *err)
{
	void *grown;

	if (*count % GROW == 0) {
		grown = realloc(*order, (*count + GROW) * sizeof(**order));
		if (grown == NULL)
			return ev_fail_sys(err, "cannot keep the orders");
		*order = grown;
	}
	if (!ev_withheld_read_order(&(*order)[*count], line, len))
		return ev_fail(err, EV_MISMATCH, "%s: line %zu orders nothing",
		    EV_WITHHELD_ORDERS, *count + 1);
	(*count)++;
	return EV_OK;
}

enum ev_rc
verify_withheld_orders(struct verify *v, struct ev_withheld **order,
    size_t *count, struct ev_err *err)
{
	const char *line, *end;
	struct ev_buf text;
	enum ev_rc rc;

	*order = NULL;
	*count = 0;
	ev_buf_init(&text, EV_VERIFY_LIST);
	rc = verify_read(v, EV_WITHHELD_ORDERS, &text, err);
	for (line = ev_buf_text(&text);
	     rc == EV_OK && (end = strchr(line, '\n')) != NULL; line = end + 1)
		rc = take_order(order, count, line, (size_t)(end - line), err);
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
read_orders(struct verify *v, struct orders *o, struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	rc = verify_withheld_orders(v, &o->order, &o->count, err);
	if (rc == EV_MISMATCH) {
		verify_say(v, "facts", EV_VERIFY_FAILED, "%s", err->msg);
		return EV_EOF;
	}
	for (i = 0; rc == EV_OK && i < o->count; i++) {
		if (!is_enrolled(v, o->order[i].authoriser))
			verify_say(v, "facts", EV_VERIFY_FAILED,
			    "%s: %s, who is to have authorised it, is nobody "
			    "whom the log enrols",
			    o->order[i].id, o->order[i].authoriser);
	}
	o->lines = calloc(o->count + 1, sizeof(*o->lines));
	if (rc == EV_OK && o->lines == NULL)
		rc = ev_fail_sys(err, "cannot keep the orders");
	return rc;
}

/* Of an artifact that is withheld nothing is shown. */
static void
match_shown(struct verify *v, const struct ev_withheld *row, int *said)
{
	int64_t number;
	char kind;

	if (!ev_id_parse(row->id, &kind, &number) || kind != 'A' ||
	    index_number(v->index, number) == NULL)
		return;
	if (++*said <= SAID_MAX)
		verify_say(v, "facts", EV_VERIFY_FAILED,
		    "%s stands on a line that is withheld, and its own line is "
		    "shown",
		    row->id);
	v->failed = true;
}

static void
match(struct verify *v, struct orders *o, const struct ev_withheld *row,
    int *said)
{
	size_t i;

	for (i = 0; i < o->count; i++) {
		if (strcmp(o->order[i].id, row->by) == 0 &&
		    strcmp(o->order[i].reason, row->reason) == 0) {
			o->lines[i]++;
			return;
		}
	}
	if (++*said <= SAID_MAX)
		verify_say(v, "facts", EV_VERIFY_FAILED,
		    "%s is withheld (%s), and no order says so", row->id,
		    row->reason);
	v->failed = true;
}

static void
say_orders(struct verify *v, const struct orders *o)
{
	size_t i;

	for (i = 0; i < o->count; i++) {
		if (o->lines[i] == 0)
			verify_say(v, "facts", EV_VERIFY_FAILED,
			    "%s is ordered to be withheld, and nothing stands "
			    "for it",
			    o->order[i].id);
		else if (i < SAID_MAX)
			verify_say(v, "facts", EV_VERIFY_UNCHECKED,
			    "%s is withheld (%s), as %s authorised: %zu lines "
			    "of the index stand by their salted leaves alone",
			    o->order[i].id, o->order[i].reason,
			    o->order[i].authoriser, o->lines[i]);
	}
	if (o->count > SAID_MAX)
		verify_say(v, "facts", EV_VERIFY_UNCHECKED,
		    "and %zu more orders to withhold: %s", o->count - SAID_MAX,
		    EV_WITHHELD_ORDERS);
}

enum ev_rc
verify_withheld(struct verify *v, struct ev_err *err)
{
	const struct lists *l = &v->index->l;
	struct orders o = { .count = 0 };
	enum ev_rc rc = EV_OK;
	int said = 0;
	size_t i;

	if (verify_part(v, EV_WITHHELD_ORDERS) == NULL && l->rows == 0)
		return EV_OK;
	if (verify_part(v, EV_WITHHELD_ORDERS) != NULL)
		rc = read_orders(v, &o, err);
	for (i = 0; rc == EV_OK && i < l->rows; i++) {
		match(v, &o, &l->row[i], &said);
		match_shown(v, &l->row[i], &said);
	}
	if (rc == EV_OK)
		say_orders(v, &o);
	free(o.order);
	free(o.lines);
	return rc == EV_EOF ? EV_OK : rc;
}

/* What the last entry weigh says of the claims that the bundle holds. */
struct weighed {
	unsigned char root[EV_SHA256];
	int64_t count;
	char order[2 * EV_SHA256 + 1], headline[2 * EV_SHA256 + 1];
	bool met;
};

static void
take_weigh(struct weighed *w, const struct ev_json_node *after)
{
	const struct ev_json_node *lists = ev_json_get(after, "lists");
	const struct ev_json_node *n = lists == NULL ? NULL : lists->child;
	const char *name, *root;

	for (; n != NULL; n = n->next) {
		name = ev_json_get_text(n, "list");
		root = ev_json_get_text(n, "root");
		if (name == NULL || strncmp(name, "claims ", 7) != 0 ||
		    root == NULL || !ev_json_get_int(n, "count", &w->count) ||
		    !ev_text_unhex(w->root, EV_SHA256, root, strlen(root)))
			continue;
		w->met = true;
		name = ev_json_get_text(after, "order_sha256");
		(void)snprintf(w->order, sizeof(w->order), "%s",
		    name == NULL ? "" : name);
		name = ev_json_get_text(after, "headline_sha256");
		(void)snprintf(w->headline, sizeof(w->headline), "%s",
		    name == NULL ? "" : name);
	}
}

static void
find_weigh(const struct verify *v, struct weighed *w)
{
	const char *line = ev_buf_text(&v->log_text), *end;
	const struct ev_json_node *after;
	struct ev_json_doc *doc;
	struct ev_err why;

	for (; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		if (strncmp(line, "{\"action\":\"weigh\",", 18) != 0)
			continue;
		doc = NULL;
		if (ev_json_parse(&doc, line, (size_t)(end - line), &why) ==
		    EV_OK) {
			after = ev_json_get(ev_json_root(doc), "after");
			if (after != NULL)
				take_weigh(w, after);
		}
		ev_json_free(doc);
	}
}

static enum ev_rc
claims_root(struct verify *v, unsigned char root[EV_SHA256], int64_t *count,
    size_t *rows, struct ev_err *err)
{
	unsigned char leaf[EV_SHA256];
	struct lists_line line = { .entry = 0 };
	struct lists l = { .rows = 0 };
	struct lists_cursor at;
	struct ev_buf text, salts;
	struct ev_merkle_head head;
	struct ev_merkle tree;
	enum ev_rc rc;

	ev_buf_init(&text, EV_VERIFY_LIST);
	ev_buf_init(&salts, EV_VERIFY_LIST);
	rc = ev_merkle_init(&tree, err);
	if (rc == EV_OK)
		rc = verify_read(v, claims_name, &text, err);
	if (rc == EV_OK)
		rc = verify_read(v, salts_name, &salts, err);
	at.line = ev_buf_text(&text);
	at.salt = ev_buf_text(&salts);
	while (rc == EV_OK && (*at.line != '\0' || *at.salt != '\0')) {
		rc = lists_leaf(&l, &at, &line, leaf, err);
		if (rc == EV_OK)
			rc = ev_merkle_add_leaf(&tree, leaf, err);
	}
	if (rc == EV_OK)
		rc = ev_merkle_head(&tree, &head, err);
	if (rc == EV_OK) {
		memcpy(root, head.root, EV_SHA256);
		*count = head.size;
		*rows = l.rows;
	}
	ev_merkle_release(&tree);
	lists_release(&l);
	ev_buf_release(&text);
	ev_buf_release(&salts);
	return rc;
}

/* A file of which the log holds the SHA-256. */
static void
check_named(struct verify *v, const char *name, const char *want)
{
	const struct ev_part *part = verify_part(v, name);
	char hex[2 * EV_SHA256 + 1];

	if (part == NULL)
		return;
	ev_text_hex(hex, part->digests.sha256, EV_SHA256);
	if (strcmp(hex, want) != 0)
		verify_say(v, "claims", EV_VERIFY_FAILED,
		    "%s is not the one that the log names", name);
}

enum ev_rc
verify_withheld_claims(struct verify *v, struct ev_err *err)
{
	unsigned char root[EV_SHA256];
	struct weighed w = { .met = false };
	int64_t count = 0;
	size_t rows = 0;
	enum ev_rc rc;

	rc = claims_root(v, root, &count, &rows, err);
	if (rc == EV_SYS || rc == EV_CRYPTO)
		return rc;
	if (rc != EV_OK) {
		verify_say(v, "claims", EV_VERIFY_FAILED, "%s: %s", claims_name,
		    err->msg);
		return EV_OK;
	}
	find_weigh(v, &w);
	if (!w.met && count == 0)
		return EV_OK;
	if (!w.met || w.count != count || memcmp(w.root, root, EV_SHA256) != 0)
		verify_say(v, "claims", EV_VERIFY_FAILED,
		    "the lines of %s are not those that the log counted",
		    claims_name);
	else
		verify_say(v, "claims", EV_VERIFY_OK,
		    "%" PRId64 " claims, of which %zu are withheld, are the "
		    "lines whose root the log holds",
		    count, rows);
	check_named(v, order_name, w.order);
	check_named(v, headline_name, w.headline);
	verify_say(v, "claims", EV_VERIFY_UNCHECKED,
	    "not computed again: facts that they may rest on are withheld");
	return EV_OK;
}
