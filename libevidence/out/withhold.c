/* A bundle being made: what it withholds. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "out/withhold.h"

enum { GROW = 256, ORDERS = 4096 };

struct withhold {
	struct ev_withheld *order;
	size_t orders;
	struct withhold_id *id; /* by kind, number and order */
	size_t count;
};

static int
by_id(const void *a, const void *b)
{
	const struct withhold_id *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static const struct withhold_id *
find(const struct withhold *w, char kind, int64_t id)
{
	const struct withhold_id key = { kind, id, 0 };
	size_t low = 0, high = w->count, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (by_id(&w->id[mid], &key) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < w->count && w->id[low].kind == kind && w->id[low].id == id
		   ? &w->id[low]
		   : NULL;
}

bool
withhold_has(const struct withhold *w, char kind, int64_t id)
{
	return w != NULL && find(w, kind, id) != NULL;
}

const struct ev_withheld *
withhold_orders(const struct withhold *w, size_t *count)
{
	*count = w->orders;
	return w->order;
}

const struct withhold_id *
withhold_ids(const struct withhold *w, size_t *count)
{
	*count = w->count;
	return w->id;
}

static enum ev_rc
add(struct withhold *w, char kind, int64_t id, size_t order, struct ev_err *err)
{
	struct withhold_id *grown;

	if (w->count % GROW == 0) {
		grown = realloc(w->id, (w->count + GROW) * sizeof(*grown));
		if (grown == NULL)
			return ev_fail_sys(err, "cannot withhold so much");
		w->id = grown;
	}
	w->id[w->count++] = (struct withhold_id){ kind, id, order };
	return EV_OK;
}

/* Every artifact of an exhibit. */
/* Each artifact that a query with one number gives. */
static enum ev_rc
add_artifacts(struct withhold *w, struct bundle *b, const char *sql,
    int64_t number, size_t order, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	int64_t id;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(b->c), &st, err, sql, "i", number);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "i", &id);
		if (rc == EV_OK)
			rc = add(w, 'A', id, order, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
add_exhibit(struct withhold *w, struct bundle *b, int64_t exhibit, size_t order,
    struct ev_err *err)
{
	enum ev_rc rc = add(w, 'E', exhibit, order, err);

	return rc == EV_OK ? add_artifacts(w, b,
				 "SELECT id FROM artifact WHERE exhibit = ?",
				 exhibit, order, err)
			   : rc;
}

/* The artifact, the archives about it, and the exhibit as received. */
static enum ev_rc
add_artifact(struct withhold *w, struct bundle *b, int64_t artifact,
    size_t order, struct ev_err *err)
{
	static const char sql[] =
	    "WITH RECURSIVE up(id) AS (SELECT ?1 UNION SELECT a.parent FROM"
	    " artifact a JOIN up ON a.id = up.id WHERE a.parent IS NOT NULL)"
	    " SELECT id FROM up UNION SELECT z.id FROM artifact a JOIN artifact"
	    " z ON z.exhibit = a.exhibit AND z.ordinal = 0 WHERE a.id = ?1";
	int64_t id;
	enum ev_rc rc;

	rc = ev_db_int(ev_case_db(b->c), &id, err,
	    "SELECT exhibit FROM artifact WHERE id = ?", "i", artifact);
	if (rc == EV_OK)
		rc = add(w, 'E', id, order, err);
	return rc == EV_OK ? add_artifacts(w, b, sql, artifact, order, err)
			   : rc;
}

/* What an order names must be covered by the head. */
static enum ev_rc
take_id(struct withhold *w, struct bundle *b, size_t order, struct ev_err *err)
{
	struct ev_db *db = ev_case_db(b->c);
	const char *name = w->order[order].id;
	int64_t id, artifact = 0;
	enum ev_rc rc;
	char kind;

	if (!ev_id_parse(name, &kind, &id) || (kind != 'E' && kind != 'F'))
		return ev_fail(err, EV_USE,
		    "'%s' is neither an exhibit nor a fact", name);
	ev_id_print(w->order[order].id, kind, id);
	if (kind == 'E')
		rc = ev_db_int(db, &id, err,
		    "SELECT x.id FROM exhibit x JOIN acquisition q ON q.id ="
		    " x.acquisition WHERE x.id = ? AND q.copy <= ?",
		    "ii", id, b->head);
	else
		rc = ev_db_int(db, &artifact, err,
		    "SELECT f.artifact FROM fact f JOIN reading r ON r.id ="
		    " f.reading WHERE f.id = ? AND r.entry <= ?",
		    "ii", id, b->head);
	if (rc == EV_EOF)
		return ev_fail(err, EV_USE,
		    "the head of %" PRId64 " entries covers no %s", b->head,
		    name);
	if (rc != EV_OK || kind == 'E')
		return rc == EV_OK ? add_exhibit(w, b, id, order, err) : rc;
	rc = add(w, 'F', id, order, err);
	return rc == EV_OK ? add_artifact(w, b, artifact, order, err) : rc;
}

static enum ev_rc
take_order(struct withhold *w, struct bundle *b, const char *text,
    struct ev_err *err)
{
	struct ev_withheld *o = &w->order[w->orders];
	const char *code = strchr(text, '=');
	size_t len = code == NULL ? 0 : (size_t)(code - text), i;
	struct ev_buf list;
	enum ev_rc rc = EV_OK;

	if (len == 0 || len >= sizeof(o->id))
		return ev_fail(err, EV_USE, "'%.64s' is not ID=CODE", text);
	memcpy(o->id, text, len);
	o->id[len] = '\0';
	if (!ev_withheld_code(code + 1)) {
		ev_buf_init(&list, 1024);
		for (i = 0; rc == EV_OK && ev_withheld_codes[i] != NULL; i++)
			rc = ev_buf_printf(&list, err, " %s",
			    ev_withheld_codes[i]);
		if (rc == EV_OK)
			rc = ev_fail(err, EV_USE,
			    "'%.64s' is no reason to withhold; it is one of%s",
			    code + 1, ev_buf_text(&list));
		ev_buf_release(&list);
		return rc;
	}
	(void)snprintf(o->reason, sizeof(o->reason), "%s", code + 1);
	(void)snprintf(o->authoriser, sizeof(o->authoriser), "%s",
	    ev_case_act(b->c)->authoriser);
	rc = take_id(w, b, w->orders, err);
	for (i = 0; rc == EV_OK && i < w->orders; i++) {
		if (strcmp(w->order[i].id, o->id) == 0)
			return ev_fail(err, EV_USE, "%s is withheld twice",
			    o->id);
	}
	w->orders++;
	return rc;
}

static enum ev_rc
check_authoriser(struct bundle *b, struct ev_err *err)
{
	const char *who = ev_case_act(b->c)->authoriser;
	int64_t n = 0;
	enum ev_rc rc;

	if (who == NULL)
		return ev_fail(err, EV_USE,
		    "somebody must authorise what is withheld: name them with "
		    "--authoriser");
	rc = ev_db_int(ev_case_db(b->c), &n, err,
	    "SELECT count(*) FROM actor WHERE actor = ? AND entry <= ?", "si",
	    who, b->head);
	if (rc == EV_OK && n == 0)
		return ev_fail(err, EV_USE,
		    "'%.64s', who is to authorise, was not enrolled at the "
		    "head of %" PRId64 " entries",
		    who, b->head);
	return rc;
}

enum ev_rc
withhold_new(struct withhold **out, struct bundle *b, struct ev_err *err)
{
	const char *const *text = b->how->withhold;
	struct withhold *w;
	enum ev_rc rc;
	size_t n = 0;

	*out = NULL;
	if (text == NULL || text[0] == NULL)
		return EV_OK;
	rc = check_authoriser(b, err);
	if (rc != EV_OK)
		return rc;
	while (text[n] != NULL)
		n++;
	w = calloc(1, sizeof(*w));
	if (w != NULL && n <= ORDERS)
		w->order = calloc(n, sizeof(*w->order));
	if (w == NULL || w->order == NULL) {
		withhold_free(w);
		return n > ORDERS
			   ? ev_fail(err, EV_LIMIT,
				 "more than %d orders to withhold", ORDERS)
			   : ev_fail_sys(err, "cannot withhold");
	}
	for (; rc == EV_OK && *text != NULL; text++)
		rc = take_order(w, b, *text, err);
	if (rc != EV_OK) {
		withhold_free(w);
		return rc;
	}
	qsort(w->id, w->count, sizeof(*w->id), by_id);
	*out = w;
	return EV_OK;
}

void
withhold_free(struct withhold *w)
{
	if (w == NULL)
		return;
	free(w->order);
	free(w->id);
	free(w);
}

enum ev_rc
withhold_segment(struct bundle *b, int64_t segment, int64_t *count,
    struct ev_err *err)
{
	const struct withhold *w = b->withhold;
	int64_t in, last = 0;
	enum ev_rc rc = EV_OK;
	size_t i;

	*count = 0;
	for (i = 0; w != NULL && rc == EV_OK && i < w->count; i++) {
		if (w->id[i].kind != 'E' || w->id[i].id == last)
			continue;
		last = w->id[i].id;
		rc = ev_db_int(ev_case_db(b->c), &in, err,
		    "SELECT count(*) FROM exhibit WHERE id = ? AND stored = id"
		    " AND segment = ?",
		    "ii", last, segment);
		*count += in;
	}
	return rc;
}

enum ev_rc
withhold_acquisition(struct bundle *b, int64_t acquisition, bool *yes,
    struct ev_err *err)
{
	const struct withhold *w = b->withhold;
	enum ev_rc rc = EV_OK;
	int64_t in;
	size_t i;

	*yes = false;
	for (i = 0; w != NULL && rc == EV_OK && i < w->count && !*yes; i++) {
		if (w->id[i].kind != 'E')
			continue;
		rc = ev_db_int(ev_case_db(b->c), &in, err,
		    "SELECT count(*) FROM exhibit WHERE id = ? AND"
		    " acquisition = ?",
		    "ii", w->id[i].id, acquisition);
		*yes = rc == EV_OK && in > 0;
	}
	return rc;
}

static void
fill_row(const struct withhold *w, const struct withhold_id *by,
    const char *name, struct ev_withheld *row)
{
	const struct ev_withheld *o = &w->order[by->order];

	(void)snprintf(row->id, sizeof(row->id), "%s", name);
	(void)snprintf(row->by, sizeof(row->by), "%s", o->id);
	(void)snprintf(row->reason, sizeof(row->reason), "%s", o->reason);
}

/* By which member a line of each list is known, and which may withhold it. */
static const struct {
	const char *list, *id, *owner;
} lists[] = {
	{ "artifacts", "artifact", "artifact" },
	{ "exhibits", "exhibit", "exhibit" },
	{ "facts", "fact", "artifact" },
	{ "readings", "artifact", "artifact" },
};

static const struct withhold_id *
named(const struct withhold *w, const char *name)
{
	int64_t id;
	char kind;

	return name != NULL && ev_id_parse(name, &kind, &id) ? find(w, kind, id)
							     : NULL;
}

enum ev_rc
withhold_line(const struct withhold *w, const char *list, const void *line,
    size_t len, bool *yes, struct ev_withheld *row, struct ev_err *err)
{
	const struct withhold_id *by;
	struct ev_json_doc *doc = NULL;
	const struct ev_json_node *root;
	const char *name;
	enum ev_rc rc;
	size_t i = 0;

	*yes = false;
	if (w == NULL)
		return EV_OK;
	while (strcmp(lists[i].list, list) != 0)
		i++;
	rc = ev_json_parse(&doc, line, len, err);
	if (rc != EV_OK)
		return rc;
	root = ev_json_root(doc);
	name = ev_json_get_text(root, lists[i].id);
	by = named(w, name);
	if (by == NULL)
		by = named(w, ev_json_get_text(root, lists[i].owner));
	if (by != NULL) {
		fill_row(w, by, name == NULL ? "" : name, row);
		*yes = true;
	}
	ev_json_free(doc);
	return EV_OK;
}

/* The first thing withheld that a text cites, wherever it does. */
static const struct withhold_id *
cited(const struct withhold *w, const char *text, size_t len)
{
	const struct withhold_id *by = NULL;
	char name[EV_ID_TEXT];
	size_t i, n;

	for (i = 0; by == NULL && i + 1 < len; i++) {
		if (text[i] != 'F' && text[i] != 'A' && text[i] != 'E')
			continue;
		for (n = 1; i + n < len && n < sizeof(name) - 1 &&
			    text[i + n] >= '0' && text[i + n] <= '9';
		     n++)
			;
		memcpy(name, text + i, n);
		name[n] = '\0';
		by = named(w, name);
	}
	return by;
}

/* Does a claim rest on facts that it only counts? */
static bool
cut_short(const struct ev_json_node *root)
{
	const struct ev_json_node *side, *item, *facts;
	int64_t count;
	size_t i;

	for (i = 0; i < 2; i++) {
		side = ev_json_get(root, i == 0 ? "items" : "counter");
		item = side == NULL ? NULL : side->child;
		for (; item != NULL; item = item->next) {
			facts = ev_json_get(item, "facts");
			if (facts == NULL ||
			    !ev_json_get_int(item, "fact_count", &count) ||
			    count > (int64_t)facts->count)
				return true;
		}
	}
	return false;
}

enum ev_rc
withhold_claim(const struct withhold *w, int64_t id, const void *line,
    size_t len, bool *yes, struct ev_withheld *row, struct ev_err *err)
{
	const struct withhold_id *by;
	struct ev_json_doc *doc = NULL;
	char name[EV_ID_TEXT];
	enum ev_rc rc;

	*yes = false;
	if (w == NULL)
		return EV_OK;
	rc = ev_json_parse(&doc, line, len, err);
	if (rc != EV_OK)
		return rc;
	by = cited(w, line, len);
	if (by == NULL && cut_short(ev_json_root(doc)))
		by = &w->id[0];
	if (by != NULL) {
		ev_id_print(name, 'C', id);
		fill_row(w, by, name, row);
		*yes = true;
	}
	ev_json_free(doc);
	return EV_OK;
}
