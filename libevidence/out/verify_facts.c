/* A bundle's exhibits, artifacts and facts, derived again from the bytes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/case.h"
#include "evidence/text.h"
#include "out/rederive.h"
#include "out/verify_places.h"

enum { SAID_MAX = 20 };

struct work {
	struct verify *v;
	struct verify_index *x;
	struct places places;
	int64_t exhibit; /* being derived */
	int64_t acquisition;
	int64_t entry;
	struct rederive *r;
	struct ev_buf name;
	int64_t artifacts, facts; /* derived and equal */
	int64_t unseen;           /* members of exhibits that are withheld */
	int said;
	bool bad;
};

/* kind 0: an entry of the log. */
static void
differs(struct work *w, char kind, int64_t id, const char *what)
{
	char name[EV_ID_TEXT + 8];

	w->bad = true;
	if (++w->said > SAID_MAX)
		return;
	if (kind == 0)
		(void)snprintf(name, sizeof(name), "entry %" PRId64, id);
	else
		ev_id_print(name, kind, id);
	verify_say(w->v, "facts", EV_VERIFY_FAILED, "%s: %s", name, what);
}

/* A member of a line must say what was derived. */
static bool
says_text(const struct ev_json_node *root, const char *key, const char *want)
{
	const char *have = ev_json_get_text(root, key);

	return have != NULL && strcmp(have, want) == 0;
}

static bool
says_int(const struct ev_json_node *root, const char *key, int64_t want)
{
	int64_t have;

	return ev_json_get_int(root, key, &have) && have == want;
}

static bool
has_name(const struct ev_json_node *root, const struct rederive_artifact *is)
{
	struct ev_buf name;
	struct ev_err why;
	bool same;

	ev_buf_init(&name, EV_VERIFY_TEXT);
	same = index_bytes(root, "member", &name, &why) == EV_OK &&
	       name.len == is->path_len &&
	       memcmp(ev_buf_text(&name), is->path, name.len) == 0;
	ev_buf_release(&name);
	return same;
}

static const char *
compare_artifact(const struct ev_json_node *root,
    const struct rederive_artifact *is)
{
	char hex[2 * EV_SHA512 + 1];

	ev_text_hex(hex, is->digests.sha256, EV_SHA256);
	if (!says_text(root, "sha256", hex))
		return "its bytes have another SHA-256";
	ev_text_hex(hex, is->digests.sha512, EV_SHA512);
	if (!says_text(root, "sha512", hex))
		return "its bytes have another SHA-512";
	if (!says_int(root, "size", is->digests.size))
		return "it has another size";
	if (!says_int(root, "place", is->place))
		return "it stands elsewhere in its archive";
	return has_name(root, is) ? NULL : "it has another name";
}

/* One fact, derived: the next line of its artifact must be its line. */
static enum ev_rc
on_fact(void *ctx, const struct rederive_artifact *is,
    const struct ev_fact *fact, struct ev_err *err)
{
	struct work *w = ctx;
	struct index_artifact *a = index_find(w->x, w->exhibit, is->ordinal);
	const struct lists_line *line;
	struct ev_json_doc *doc = NULL;
	struct ev_fact_origin origin;
	struct ev_buf out;
	enum ev_rc rc;

	if (a == NULL || a->fact == a->fact_end) {
		differs(w, 'E', w->exhibit,
		    "a fact in its bytes stands in no line of facts.jsonl");
		return EV_OK;
	}
	line = &w->x->l.line[LISTS_FACTS][a->fact++];
	ev_buf_init(&out, EV_VERIFY_LIST);
	rc = ev_json_parse(&doc, line->text, line->len, err);
	if (rc == EV_OK) {
		rederive_origin(w->r, is, fact, &origin);
		origin.fact = index_id(ev_json_root(doc), "fact", 'F');
		origin.artifact = a->id;
		origin.acquisition = w->acquisition;
		rc = ev_fact_line(&out, fact, &origin, err);
	}
	if (rc == EV_OK && (out.len != line->len ||
			       memcmp(out.data, line->text, out.len) != 0))
		differs(w, 'F', origin.fact,
		    "the bytes and the mapping give another fact");
	else if (rc == EV_OK)
		w->facts++;
	ev_json_free(doc);
	ev_buf_release(&out);
	return rc;
}

static enum ev_rc
compare_reading(struct work *w, struct index_artifact *a,
    const struct ev_member_total *total, struct ev_err *err)
{
	const struct lists_line *line;
	const struct ev_json_node *root, *bytes;
	struct ev_json_doc *doc = NULL;
	enum ev_rc rc;

	if (a->reading == SIZE_MAX)
		return EV_OK; /* not read under this entry */
	line = &w->x->l.line[LISTS_READINGS][a->reading];
	rc = ev_json_parse(&doc, line->text, line->len, err);
	if (rc != EV_OK)
		return rc;
	root = ev_json_root(doc);
	bytes = ev_json_get(root, "bytes");
	if (!says_text(root, "outcome", ev_outcome_name(total->outcome)))
		differs(w, 'A', a->id, "it ends otherwise");
	else if (bytes == NULL || !says_int(bytes, "read", total->bytes.read) ||
		 !says_int(bytes, "set_aside", total->bytes.set_aside) ||
		 !says_int(bytes, "ignored", total->bytes.ignored) ||
		 !says_int(bytes, "frame", total->bytes.frame))
		differs(w, 'A', a->id, "its bytes are accounted for otherwise");
	ev_json_free(doc);
	return EV_OK;
}

static enum ev_rc
on_artifact(void *ctx, const struct rederive_artifact *is,
    const struct ev_member_total *total, struct ev_err *err)
{
	struct work *w = ctx;
	struct index_artifact *a = index_find(w->x, w->exhibit, is->ordinal);
	struct ev_json_doc *doc = NULL;
	const char *what;
	enum ev_rc rc;

	if (a == NULL) {
		if (total->outcome != EV_O_FAILED)
			differs(w, 'E', w->exhibit,
			    "a member in it stands in no line of "
			    "artifacts.jsonl");
		return EV_OK;
	}
	a->met = true;
	rc = ev_json_parse(&doc, a->line->text, a->line->len, err);
	if (rc != EV_OK)
		return rc;
	what = total->outcome == EV_O_FAILED
		   ? NULL
		   : compare_artifact(ev_json_root(doc), is);
	ev_json_free(doc);
	if (what != NULL)
		differs(w, 'A', a->id, what);
	else
		w->artifacts++;
	if (a->fact != a->fact_end)
		differs(w, 'A', a->id,
		    "facts.jsonl has facts that are not in its bytes");
	return compare_reading(w, a, total, err);
}

/* Which lines of facts and readings an artifact has under this entry. */
static void
point_at_lines(struct work *w)
{
	struct index_artifact *a;
	size_t i;

	for (i = 0; i < w->x->count; i++) {
		a = &w->x->artifact[i];
		a->reading = SIZE_MAX;
		a->fact = a->fact_end = 0;
		a->met = false;
	}
	for (i = 0; i < w->x->l.count[LISTS_READINGS]; i++) {
		a = index_number(w->x, w->x->reading_artifact[i]);
		if (a != NULL &&
		    w->x->l.line[LISTS_READINGS][i].entry == w->entry)
			a->reading = i;
	}
	for (i = 0; i < w->x->l.count[LISTS_FACTS]; i++) {
		a = index_number(w->x, w->x->fact_artifact[i]);
		if (a == NULL || w->x->l.line[LISTS_FACTS][i].entry != w->entry)
			continue;
		if (a->fact_end == 0)
			a->fact = i;
		a->fact_end = i + 1;
	}
}

/* The artifacts of an exhibit whose bytes are in another volume. */
static void
meet_all(struct work *w, int64_t exhibit)
{
	struct index_artifact *a = index_find(w->x, exhibit, 0);

	for (; a != NULL && a < w->x->artifact + w->x->count &&
	       a->exhibit == exhibit;
	     a++)
		a->met = true;
}

static enum ev_rc
derive_exhibit(struct work *w, const struct ev_json_node *root,
    struct ev_err *err)
{
	struct rederive_exhibit x = { .fd = w->v->fd };
	const struct place *place;
	enum ev_rc rc;

	w->exhibit = index_id(root, "exhibit", 'E');
	w->acquisition = index_id(root, "acquisition", 'I');
	place = places_find(&w->places, index_id(root, "stored", 'E'));
	if (place == NULL) {
		/* It was said, or the bytes are in another volume. */
		if (verify_volume_of(w->v, index_id(root, "stored", 'E')) != 0)
			meet_all(w, w->exhibit);
		return EV_OK;
	}
	ev_buf_clear(&w->name);
	rc = index_bytes(root, "name", &w->name, err);
	if (rc != EV_OK)
		return rc == EV_EOF ? ev_fail(err, EV_MISMATCH,
					  "exhibits.jsonl: a line has no name")
				    : rc;
	x.name = ev_buf_text(&w->name);
	x.name_len = w->name.len;
	x.offset = place->offset;
	x.size = place->digests.size;
	x.digests = &place->digests;
	return rederive_exhibit(w->r, &x, err);
}

/* Does the entry read any artifact of this exhibit? */
static bool
is_read(struct work *w, int64_t exhibit)
{
	const struct index_artifact *a = index_find(w->x, exhibit, 0);

	for (; a != NULL && a < w->x->artifact + w->x->count &&
	       a->exhibit == exhibit;
	     a++) {
		if (a->reading != SIZE_MAX)
			return true;
	}
	return false;
}

static enum ev_rc
derive_all(struct work *w, struct ev_err *err)
{
	const size_t n = w->x->l.count[LISTS_EXHIBITS];
	const struct lists_line *line;
	struct ev_json_doc *doc;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < n; i++) {
		line = &w->x->l.line[LISTS_EXHIBITS][i];
		doc = NULL;
		rc = ev_json_parse(&doc, line->text, line->len, err);
		if (rc == EV_OK &&
		    is_read(w, index_id(ev_json_root(doc), "exhibit", 'E')))
			rc = derive_exhibit(w, ev_json_root(doc), err);
		ev_json_free(doc);
	}
	for (i = 0; rc == EV_OK && i < w->x->count; i++) {
		if (w->x->artifact[i].reading == SIZE_MAX ||
		    w->x->artifact[i].met)
			continue;
		if (index_withheld(w->x, w->x->artifact[i].exhibit))
			w->unseen++;
		else
			differs(w, 'A', w->x->artifact[i].id,
			    "it is not in the bytes of its exhibit");
	}
	return rc;
}

/* The mapping file with that hash, in the bundle. */
static enum ev_rc
find_map(void *ctx, const unsigned char sha256[EV_SHA256], struct ev_buf *out,
    struct ev_err *err)
{
	static const char folder[] = "data/case/mappings/";
	struct verify *v = ctx;
	char hex[2 * EV_SHA256 + 1];
	size_t i;

	for (i = 0; i < v->count; i++) {
		if (strncmp(v->part[i].name, folder, sizeof(folder) - 1) == 0 &&
		    memcmp(v->part[i].digests.sha256, sha256, EV_SHA256) == 0)
			return verify_read(v, v->part[i].name, out, err);
	}
	ev_text_hex(hex, sha256, EV_SHA256);
	return ev_fail(err, EV_MISMATCH,
	    "the mapping with SHA-256 %s is not in the bundle", hex);
}

/* One entry of the log that says read: its mappings, and what it read. */
static enum ev_rc
derive_entry(struct work *w, const struct lists_line *entry, struct ev_err *err)
{
	const struct rederive_sink sink = { w, on_fact, on_artifact, NULL };
	const struct rederive_source source = { .ctx = w->v,
		.map = find_map,
		.no_sandbox = w->v->how->no_sandbox,
		.broker = w->v->broker };
	struct ev_json_doc *doc = NULL;
	struct ev_err why;
	enum ev_rc rc;

	w->entry = entry->entry;
	point_at_lines(w);
	rc = ev_json_parse(&doc, entry->text, entry->len, err);
	if (rc == EV_OK) {
		rc = rederive_open(&w->r, &source,
		    ev_json_get(ev_json_root(doc), "after"), &sink, &why);
		if (rc == EV_MISMATCH || rc == EV_INPUT) {
			differs(w, 0, w->entry, why.msg);
			rc = EV_OK;
			w->r = NULL;
		} else if (rc != EV_OK) {
			*err = why;
		}
	}
	if (rc == EV_OK && w->r != NULL)
		rc = derive_all(w, err);
	rederive_close(w->r);
	w->r = NULL;
	ev_json_free(doc);
	return rc;
}

/* The verdict on all entries. */
static void
conclude(struct work *w)
{
	if (w->said > SAID_MAX)
		verify_say(w->v, "facts", EV_VERIFY_FAILED,
		    "and %d more differences", w->said - SAID_MAX);
	if (!w->bad && w->x->l.reads > 0)
		verify_say(w->v, "facts", EV_VERIFY_OK,
		    "%" PRId64 " artifacts and %" PRId64 " facts derived again "
		    "from the bytes by the mappings in the bundle, all equal",
		    w->artifacts, w->facts);
	if (w->unseen > 0)
		verify_say(w->v, "facts", EV_VERIFY_UNCHECKED,
		    "%" PRId64 " artifacts, whose exhibits are withheld, were "
		    "not derived again",
		    w->unseen);
}

enum ev_rc
verify_facts(struct verify *v, struct ev_err *err)
{
	struct work w = { .v = v };
	enum ev_rc rc;
	size_t i;

	ev_buf_init(&w.name, EV_VERIFY_TEXT);
	rc = verify_index(v, err);
	w.x = v->index;
	if (rc == EV_OK)
		rc = verify_withheld(v, err);
	if (rc == EV_OK)
		rc = verify_volumes(v, err);
	if (rc == EV_OK)
		rc = places_check(v, w.x, &w.places, err);
	if (rc == EV_OK && v->how->quick) {
		verify_say(v, "facts", EV_VERIFY_UNCHECKED,
		    "not derived again from the bytes (--quick)");
	} else {
		for (i = 0; rc == EV_OK && i < w.x->l.reads; i++)
			rc = derive_entry(&w, &w.x->l.read[i], err);
		if (rc == EV_OK)
			conclude(&w);
	}
	places_release(&w.places);
	ev_buf_release(&w.name);
	if (rc == EV_INPUT || rc == EV_MISMATCH) {
		verify_say(v, "facts", EV_VERIFY_FAILED, "%s", err->msg);
		return EV_OK;
	}
	return rc == EV_EOF ? EV_OK : rc;
}
