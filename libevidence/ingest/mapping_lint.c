/* Faults of mapping files, one by one and between them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/buf.h"
#include "evidence/mapping.h"
#include "ingest/mapping.h"

static bool
same_word(const struct ev_word *a, const struct ev_word *b)
{
	return a->len == b->len &&
	       (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static bool
same_step(const struct ev_step *a, const struct ev_step *b)
{
	size_t i;

	if (a->type != b->type || a->index != b->index ||
	    a->key_count != b->key_count)
		return false;
	for (i = 0; i < a->key_count; i++)
		if (!same_word(&a->key[i].name, &b->key[i].name) ||
		    a->key[i].fold != b->key[i].fold)
			return false;
	return true;
}

static bool
same_path(const struct ev_path *a, const struct ev_path *b)
{
	size_t i;

	if (a->anchor != b->anchor || a->up != b->up || a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++)
		if (!same_step(&a->step[i], &b->step[i]))
			return false;
	return true;
}

static bool
same_place(const struct ev_place *a, const struct ev_place *b)
{
	return a->source == b->source && a->capture == b->capture &&
	       same_path(&a->path, &b->path) && a->cut == b->cut &&
	       (!a->cut || (same_word(&a->from, &b->from) &&
			       same_word(&a->to, &b->to)));
}

static bool
has_word(const struct ev_words *words, const struct ev_word *word)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		if (same_word(&words->word[i], word))
			return true;
	return false;
}

/* Can no value satisfy both?  a has the lesser test. */
static bool
excludes(const struct ev_when *a, const struct ev_when *b)
{
	size_t i, shared = 0;

	if (a->test == EV_TEST_PRESENT)
		return b->test == EV_TEST_ABSENT;
	if (a->test == EV_TEST_ABSENT)
		return b->test == EV_TEST_ANY;
	if (a->test != EV_TEST_ANY)
		return false;
	for (i = 0; i < a->words.count; i++)
		shared += has_word(&b->words, &a->words.word[i]);
	return b->test == EV_TEST_ANY ? shared == 0 : shared == a->words.count;
}

static bool
tests_exclude(const struct ev_mapping *a, const struct ev_mapping *b)
{
	size_t i, k;

	for (i = 0; i < a->when_count; i++)
		for (k = 0; k < b->when_count; k++)
			if (same_place(&a->when[i].place, &b->when[k].place) &&
			    (a->when[i].test < b->when[k].test
				    ? excludes(&a->when[i], &b->when[k])
				    : excludes(&b->when[k], &a->when[i])))
				return true;
	return false;
}

/* Facts of another word of one vocabulary are other facts. */
static bool
constants_differ(const struct ev_mapping *a, const struct ev_mapping *b)
{
	size_t i, k;

	for (i = 0; i < a->field_count; i++)
		for (k = 0; k < b->field_count; k++)
			if (a->field[i].fixed && b->field[k].fixed &&
			    a->field[i].column == b->field[k].column &&
			    !same_word(&a->field[i].text, &b->field[k].text))
				return true;
	return false;
}

static bool
share_glob(const struct ev_mapping *a, const struct ev_mapping *b)
{
	size_t i;

	for (i = 0; i < a->match.count; i++)
		if (has_word(&b->match, &a->match.word[i]))
			return true;
	return false;
}

static bool
share_rows(const struct ev_mapping *a, const struct ev_mapping *b)
{
	size_t i, k;

	if (a->rows_count == 0 || b->rows_count == 0)
		return a->rows_count == b->rows_count;
	for (i = 0; i < a->rows_count; i++)
		for (k = 0; k < b->rows_count; k++)
			if (same_path(&a->rows[i], &b->rows[k]))
				return true;
	return false;
}

static enum ev_rc
tell_pair(const struct ev_mapping *a, const struct ev_mapping *b,
    const struct ev_mapping_print *print, struct ev_err *err)
{
	size_t line, column;
	struct ev_buf buf;
	enum ev_rc rc;

	ev_map_where(b->file->text, b->at, &line, &column);
	ev_buf_init(&buf, 4096);
	rc = ev_buf_printf(&buf, err,
	    "%s:%zu:%zu: other rows or tests expected: '%s' gives %s from the "
	    "rows of '%s'",
	    b->file->name, line, column, b->id,
	    ev_kind_info(b->entry.kind)->name, a->id);
	if (rc == EV_OK)
		rc = print->line(print->ctx, ev_buf_text(&buf), err);
	ev_buf_release(&buf);
	return rc;
}

/* No two mappings give one kind from the same rows. */
static enum ev_rc
compare_all(const struct ev_mapset *set, const struct ev_mapping_print *print,
    bool *fault, struct ev_err *err)
{
	const struct ev_mapping *a, *b;
	enum ev_rc rc = EV_OK;
	size_t i, k;

	for (i = 0; i < set->count; i++)
		for (k = i + 1; k < set->count && rc == EV_OK; k++) {
			a = set->mapping[i];
			b = set->mapping[k];
			if (a->entry.kind != b->entry.kind ||
			    a->reader != b->reader || !share_glob(a, b) ||
			    !share_rows(a, b) || constants_differ(a, b) ||
			    tests_exclude(a, b))
				continue;
			*fault = true;
			rc = tell_pair(a, b, print, err);
		}
	return rc;
}

enum ev_rc
ev_mapping_lint(const struct ev_mapping_file *files, size_t count,
    const struct ev_mapping_print *print, struct ev_err *err)
{
	struct ev_mapset *set = NULL;
	bool fault = false;
	enum ev_rc rc;
	size_t i;

	rc = ev_mapset_new(&set, err);
	for (i = 0; i < count && rc == EV_OK; i++) {
		rc = ev_mapset_add(set, files[i].name, files[i].text,
		    files[i].len, err);
		if (rc != EV_INPUT)
			continue;
		fault = true;
		rc = print->line(print->ctx, err->msg, err);
	}
	if (rc == EV_OK)
		rc = compare_all(set, print, &fault, err);
	ev_mapset_free(set);
	if (rc == EV_OK && fault)
		return ev_fail(err, EV_MISMATCH, "the mappings have faults");
	return rc;
}
