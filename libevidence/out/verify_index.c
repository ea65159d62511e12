/* A bundle's index, loaded: artifacts by place and number, their lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/case.h"
#include "evidence/text.h"
#include "out/verify_index.h"

enum { KEY = 32 };

enum ev_rc
index_bytes(const struct ev_json_node *root, const char *key,
    struct ev_buf *out, struct ev_err *err)
{
	const struct ev_json_node *n = ev_json_get(root, key);
	char hex_key[KEY];
	const char *hex;
	enum ev_rc rc;
	size_t len;

	if (n != NULL && n->type == EV_JSON_STRING)
		return ev_buf_put(out, n->text, n->text_len, err);
	(void)snprintf(hex_key, sizeof(hex_key), "%s_hex", key);
	hex = ev_json_get_text(root, hex_key);
	if (hex == NULL)
		return EV_EOF;
	len = strlen(hex) / 2;
	rc = ev_buf_reserve(out, len + 1, err);
	if (rc != EV_OK)
		return rc;
	if (!ev_text_unhex(out->data + out->len, len, hex, strlen(hex)))
		return ev_fail(err, EV_MISMATCH, "'%s' is no hex", hex_key);
	out->len += len;
	out->data[out->len] = '\0';
	return EV_OK;
}

int64_t
index_id(const struct ev_json_node *root, const char *key, char kind)
{
	const char *text = ev_json_get_text(root, key);
	int64_t number;
	char is;

	if (text == NULL || !ev_id_parse(text, &is, &number) || is != kind)
		return 0;
	return number;
}

static int
by_place(const void *a, const void *b)
{
	const struct index_artifact *x = a, *y = b;

	if (x->exhibit != y->exhibit)
		return x->exhibit < y->exhibit ? -1 : 1;
	if (x->ordinal != y->ordinal)
		return x->ordinal < y->ordinal ? -1 : 1;
	return 0;
}

static int
by_id(const void *a, const void *b)
{
	const struct index_artifact *const *x = a, *const *y = b;

	return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

struct index_artifact *
index_find(struct verify_index *x, int64_t exhibit, int64_t ordinal)
{
	const struct index_artifact key = { .exhibit = exhibit,
		.ordinal = ordinal };

	if (x->count == 0)
		return NULL;
	return bsearch(&key, x->artifact, x->count, sizeof(key), by_place);
}

struct index_artifact *
index_number(struct verify_index *x, int64_t id)
{
	const struct index_artifact key = { .id = id }, *pointer = &key;
	struct index_artifact **at;

	if (x->count == 0)
		return NULL;
	at = bsearch(&pointer, x->numbered, x->count, sizeof(*x->numbered),
	    by_id);
	return at == NULL ? NULL : *at;
}

static enum ev_rc
load_artifacts(struct verify_index *x, struct ev_err *err)
{
	const size_t n = x->l.count[LISTS_ARTIFACTS];
	const struct ev_json_node *root;
	struct ev_json_doc *doc;
	enum ev_rc rc = EV_OK;
	struct index_artifact *a;
	size_t i, kept = 0;

	x->artifact = calloc(n + 1, sizeof(*x->artifact));
	if (x->artifact == NULL)
		return ev_fail_sys(err, "cannot keep the artifacts");
	for (i = 0; rc == EV_OK && i < n; i++) {
		if (x->l.line[LISTS_ARTIFACTS][i].withheld)
			continue;
		a = &x->artifact[kept++];
		a->line = &x->l.line[LISTS_ARTIFACTS][i];
		doc = NULL;
		rc = ev_json_parse(&doc, a->line->text, a->line->len, err);
		root = rc == EV_OK ? ev_json_root(doc) : NULL;
		if (rc == EV_OK &&
		    !ev_json_get_int(root, "ordinal", &a->ordinal))
			rc = ev_fail(err, EV_MISMATCH,
			    "artifacts.jsonl: a line has no ordinal");
		if (rc == EV_OK) {
			a->id = index_id(root, "artifact", 'A');
			a->exhibit = index_id(root, "exhibit", 'E');
		}
		ev_json_free(doc);
	}
	x->count = rc == EV_OK ? kept : 0;
	qsort(x->artifact, x->count, sizeof(*x->artifact), by_place);
	x->numbered = calloc(n + 1, sizeof(struct index_artifact *));
	if (rc == EV_OK && x->numbered == NULL)
		return ev_fail_sys(err, "cannot keep the artifacts");
	for (i = 0; i < x->count; i++)
		x->numbered[i] = &x->artifact[i];
	qsort(x->numbered, x->count, sizeof(*x->numbered), by_id);
	return rc;
}

/* The artifact that each line of facts or readings is about. */
static enum ev_rc
load_owners(struct verify_index *x, enum lists_file file, int64_t **out,
    struct ev_err *err)
{
	const size_t n = x->l.count[file];
	const struct lists_line *line;
	struct ev_json_doc *doc;
	enum ev_rc rc = EV_OK;
	size_t i;

	*out = calloc(n + 1, sizeof(**out));
	if (*out == NULL)
		return ev_fail_sys(err, "cannot keep the index");
	for (i = 0; rc == EV_OK && i < n; i++) {
		line = &x->l.line[file][i];
		doc = NULL;
		rc = ev_json_parse(&doc, line->text, line->len, err);
		if (rc == EV_OK)
			(*out)[i] =
			    index_id(ev_json_root(doc), "artifact", 'A');
		ev_json_free(doc);
	}
	return rc;
}

static int
by_number(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The exhibits that are withheld. */
static enum ev_rc
load_withheld(struct verify_index *x, struct ev_err *err)
{
	int64_t number;
	char kind;
	size_t i;

	x->withheld = calloc(x->l.rows + 1, sizeof(*x->withheld));
	if (x->withheld == NULL)
		return ev_fail_sys(err, "cannot keep the index");
	for (i = 0; i < x->l.rows; i++) {
		if (ev_id_parse(x->l.row[i].id, &kind, &number) && kind == 'E')
			x->withheld[x->withheld_count++] = number;
	}
	qsort(x->withheld, x->withheld_count, sizeof(*x->withheld), by_number);
	return EV_OK;
}

bool
index_withheld(const struct verify_index *x, int64_t exhibit)
{
	return x->withheld_count > 0 &&
	       bsearch(&exhibit, x->withheld, x->withheld_count,
		   sizeof(exhibit), by_number) != NULL;
}

void
index_free(struct verify_index *x)
{
	if (x == NULL)
		return;
	free(x->artifact);
	free(x->numbered);
	free(x->fact_artifact);
	free(x->reading_artifact);
	free(x->withheld);
	lists_release(&x->l);
	free(x);
}

enum ev_rc
verify_index(struct verify *v, struct ev_err *err)
{
	struct verify_index *x;
	enum ev_rc rc;

	x = calloc(1, sizeof(*x));
	if (x == NULL)
		return ev_fail_sys(err, "cannot read the index");
	rc = lists_check(v, &x->l, err);
	if (rc == EV_OK)
		rc = load_artifacts(x, err);
	if (rc == EV_OK)
		rc = load_owners(x, LISTS_FACTS, &x->fact_artifact, err);
	if (rc == EV_OK)
		rc = load_owners(x, LISTS_READINGS, &x->reading_artifact, err);
	if (rc == EV_OK)
		rc = load_withheld(x, err);
	if (rc == EV_INPUT || rc == EV_MISMATCH) {
		verify_say(v, "facts", EV_VERIFY_FAILED, "%s", err->msg);
		rc = EV_EOF;
	}
	if (rc == EV_OK)
		v->index = x;
	else
		index_free(x);
	return rc;
}
