/* The statements of a .map file, one function each. */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/mapping_scan.h"
#include "ingest/mapping_stmt.h"
#include "ingest/reader.h"

static enum ev_rc
stmt_version(struct ev_scan *s, struct ev_draft *d)
{
	size_t from = s->at;
	enum ev_rc rc;

	rc = ev_scan_uint(s, &d->m->entry.version);
	if (rc == EV_OK && d->m->entry.version == 0)
		rc = ev_scan_fail(s, from, "a version from 1 expected");
	return rc;
}

static enum ev_rc
stmt_title(struct ev_scan *s, struct ev_draft *d)
{
	struct ev_word word;
	enum ev_rc rc;

	rc = ev_scan_text(s, &word, "a title");
	if (rc == EV_OK)
		d->m->title = word.data;
	return rc;
}

static enum ev_rc
stmt_platform(struct ev_scan *s, struct ev_draft *d)
{
	const char *name;
	size_t len, from = s->at;
	enum ev_rc rc;

	/* A name, unless a converter stands behind it. */
	rc = ev_scan_name(s, &name, &len, "a platform or a path");
	if (rc == EV_OK) {
		ev_scan_skip(s);
		if (ev_scan_end(s)) {
			if (memchr(name, '_', len) != NULL)
				return ev_scan_fail(s, from,
				    "a platform of a-z, 0-9 and - expected");
			d->m->platform = strndup(name, len);
			return d->m->platform != NULL
				   ? EV_OK
				   : ev_fail_sys(s->err,
					 "cannot keep a mapping");
		}
	}
	s->at = from;
	rc = ev_scan_place(s, &d->m->platform_place);
	if (rc == EV_OK)
		rc = ev_scan_conv(s, &d->m->platform_conv);
	if (rc == EV_OK && d->m->platform_conv.info->type != EV_CV_TEXT)
		rc = ev_scan_fail(s, from, "a converter to text expected");
	return rc;
}

static enum ev_rc
stmt_match(struct ev_scan *s, struct ev_draft *d)
{
	const char *wrong;
	size_t i, from = s->at;
	enum ev_rc rc;

	rc = ev_scan_list(s, &d->m->match, "a glob", true);
	for (i = 0; i < d->m->match.count && rc == EV_OK; i++) {
		wrong = ev_glob_check(d->m->match.word[i].data);
		if (wrong != NULL)
			rc = ev_scan_fail(s, from, "a glob expected, not %s",
			    wrong);
	}
	return rc;
}

static enum ev_rc
stmt_probe(struct ev_scan *s, struct ev_draft *d)
{
	void *list = d->m->probe;
	struct ev_words *words;
	enum ev_rc rc;
	size_t i, from = s->at;

	rc = ev_scan_grow(s, &list, d->m->probe_count, sizeof(*d->m->probe));
	d->m->probe = list;
	if (rc != EV_OK)
		return rc;
	words = &d->m->probe[d->m->probe_count++];
	rc = ev_scan_list(s, words, "a probe", false);
	for (i = 0; i < words->count && rc == EV_OK; i++)
		if (words->word[i].len == 0)
			rc = ev_scan_fail(s, from,
			    "a probe of some bytes expected");
	return rc;
}

static enum ev_rc
stmt_unwrap(struct ev_scan *s, struct ev_draft *d)
{
	static const struct {
		const char *name;
		enum ev_unwrap what;
	} names[] = { { "pgp-clear", EV_UNWRAP_PGP_CLEAR },
		{ "js-assign", EV_UNWRAP_JS_ASSIGN } };
	struct ev_unwrap_step *step;
	const char *name;
	enum ev_rc rc;
	size_t len, i;

	while (!ev_scan_end(s)) {
		rc = ev_scan_name(s, &name, &len, "pgp-clear or js-assign");
		if (rc != EV_OK)
			return rc;
		for (i = 0; i < 2; i++)
			if (strlen(names[i].name) == len &&
			    memcmp(names[i].name, name, len) == 0)
				break;
		if (i == 2 || d->m->unwrap_count == 2)
			return ev_scan_fail(s, s->word_at,
			    "pgp-clear or js-assign expected, each once");
		step = &d->m->unwrap[d->m->unwrap_count++];
		step->what = names[i].what;
		step->optional = ev_scan_take(s, '?');
		if (d->m->unwrap_count == 2 &&
		    step->what <= d->m->unwrap[0].what)
			return ev_scan_fail(s, s->word_at,
			    "pgp-clear before js-assign expected, each once");
		ev_scan_skip(s);
	}
	return EV_OK;
}

/* name "=" value */
static enum ev_rc
scan_option(struct ev_scan *s, struct ev_mapping *m)
{
	void *list = m->option;
	struct ev_option *option;
	const char *name, *wrong;
	size_t len, from = s->at;
	enum ev_rc rc;

	rc = ev_scan_name(s, &name, &len, "an option of the reader");
	if (rc == EV_OK && !ev_scan_take(s, '='))
		rc = ev_scan_fail(s, s->at, "'=' expected");
	if (rc == EV_OK)
		rc = ev_scan_grow(s, &list, m->option_count, sizeof(*option));
	m->option = list;
	if (rc != EV_OK)
		return rc;
	option = &m->option[m->option_count++];
	option->name.data = strndup(name, len);
	option->name.len = len;
	if (option->name.data == NULL)
		return ev_fail_sys(s->err, "cannot keep a mapping");
	if (ev_reader_option(m, option->name.data) != option->value.data)
		return ev_scan_fail(s, from, "an option once expected");
	rc = ev_scan_visible(s, &option->value, "a value");
	if (rc != EV_OK)
		return rc;
	wrong = ev_reader_check(m->reader, option, s->file);
	if (wrong != NULL)
		return ev_scan_fail(s, from, "%s expected", wrong);
	return EV_OK;
}

static enum ev_rc
stmt_reader(struct ev_scan *s, struct ev_draft *d)
{
	const char *name;
	enum ev_rc rc;
	size_t len;

	rc = ev_scan_name(s, &name, &len, "a reader");
	if (rc != EV_OK)
		return rc;
	d->m->reader = ev_reader_find(name, len);
	if (d->m->reader == NULL)
		return ev_scan_fail(s, s->word_at, "a reader expected");
	for (;;) {
		ev_scan_skip(s);
		if (ev_scan_end(s))
			return EV_OK;
		rc = scan_option(s, d->m);
		if (rc != EV_OK)
			return rc;
	}
}

static enum ev_rc
add_path(struct ev_scan *s, struct ev_path **paths, size_t *count)
{
	void *list = *paths;
	enum ev_rc rc;

	rc = ev_scan_grow(s, &list, *count, sizeof(**paths));
	*paths = list;
	if (rc == EV_OK)
		rc = ev_scan_path(s, &(*paths)[(*count)++], true);
	return rc;
}

static enum ev_rc
stmt_rows(struct ev_scan *s, struct ev_draft *d)
{
	const struct ev_path *path;
	size_t from = s->at;
	enum ev_rc rc;

	rc = add_path(s, &d->m->rows, &d->m->rows_count);
	if (rc != EV_OK)
		return rc;
	path = &d->m->rows[d->m->rows_count - 1];
	if (path->anchor == EV_FROM_ABOVE)
		return ev_scan_fail(s, from, "a path from the record expected");
	if (ev_path_levels(path) > EV_MAP_LEVELS)
		return ev_scan_fail(s, from, "at most %d [*] or {*} expected",
		    EV_MAP_LEVELS);
	return EV_OK;
}

static enum ev_rc
stmt_known(struct ev_scan *s, struct ev_draft *d)
{
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && !ev_scan_end(s)) {
		rc = add_path(s, &d->m->known, &d->m->known_count);
		ev_scan_skip(s);
	}
	return rc;
}

static enum ev_rc
scan_test(struct ev_scan *s, struct ev_when *when)
{
	const char *name;
	enum ev_rc rc;
	size_t len;

	if (ev_scan_take(s, '!')) {
		if (!ev_scan_take(s, '='))
			return ev_scan_fail(s, s->at, "!= expected");
		when->test = EV_TEST_NONE;
		return ev_scan_list(s, &when->words, "text", false);
	}
	if (ev_scan_take(s, '=')) {
		when->test = EV_TEST_ANY;
		return ev_scan_list(s, &when->words, "text", false);
	}
	rc = ev_scan_name(s, &name, &len, "present, absent, = or !=");
	if (rc != EV_OK)
		return rc;
	if (len == 7 && memcmp(name, "present", 7) == 0)
		when->test = EV_TEST_PRESENT;
	else if (len == 6 && memcmp(name, "absent", 6) == 0)
		when->test = EV_TEST_ABSENT;
	else
		return ev_scan_fail(s, s->word_at,
		    "present, absent, = or != expected");
	return EV_OK;
}

static enum ev_rc
stmt_when(struct ev_scan *s, struct ev_draft *d)
{
	void *list = d->m->when;
	struct ev_when *when;
	enum ev_rc rc;

	rc = ev_scan_grow(s, &list, d->m->when_count, sizeof(*when));
	d->m->when = list;
	if (rc != EV_OK)
		return rc;
	when = &d->m->when[d->m->when_count++];
	rc = ev_scan_place(s, &when->place);
	if (rc == EV_OK && when->place.source == EV_SRC_HOLDER)
		rc = ev_scan_fail(s, when->place.path.at, "a value expected");
	if (rc == EV_OK)
		rc = scan_test(s, when);
	return rc;
}

static enum ev_rc
stmt_kind(struct ev_scan *s, struct ev_draft *d)
{
	const char *name;
	enum ev_rc rc;
	size_t len;

	rc = ev_scan_name(s, &name, &len, "a kind of fact");
	if (rc != EV_OK)
		return rc;
	d->m->entry.kind = ev_kind_find(name, len);
	if (d->m->entry.kind == EV_KINDS)
		return ev_scan_fail(s, s->word_at, "a kind of fact expected");
	return EV_OK;
}

/* Columns are looked up when the whole mapping is known. */
static enum ev_rc
add_field(struct ev_scan *s, struct ev_draft *d, struct ev_field **field)
{
	void *list = d->m->field, *names = d->name;
	const char *name;
	enum ev_rc rc;
	size_t len;

	rc = ev_scan_name(s, &name, &len, "a column");
	if (rc == EV_OK)
		rc = ev_scan_grow(s, &list, d->m->field_count, sizeof(**field));
	d->m->field = list;
	if (rc == EV_OK)
		rc = ev_scan_grow(s, &names, d->m->field_count,
		    sizeof(*d->name));
	d->name = names;
	if (rc != EV_OK)
		return rc;
	d->name[d->m->field_count].data = name;
	d->name[d->m->field_count].len = len;
	*field = &d->m->field[d->m->field_count++];
	(*field)->at = s->word_at;
	ev_scan_skip(s);
	return EV_OK;
}

static enum ev_rc
stmt_const(struct ev_scan *s, struct ev_draft *d)
{
	struct ev_field *field = NULL;
	enum ev_rc rc;

	rc = add_field(s, d, &field);
	if (rc != EV_OK)
		return rc;
	field->fixed = true;
	return ev_scan_text(s, &field->text, "text");
}

static enum ev_rc
stmt_field(struct ev_scan *s, struct ev_draft *d)
{
	struct ev_field *field = NULL;
	const char *name;
	enum ev_rc rc;
	size_t len;

	rc = add_field(s, d, &field);
	if (rc == EV_OK)
		rc = ev_scan_place(s, &field->place);
	if (rc == EV_OK)
		rc = ev_scan_conv(s, &field->conv);
	if (rc != EV_OK)
		return rc;
	ev_scan_skip(s);
	if (ev_scan_end(s))
		return EV_OK;
	rc = ev_scan_name(s, &name, &len, "required, or the end of the line");
	if (rc == EV_OK && (len != 8 || memcmp(name, "required", 8) != 0))
		rc = ev_scan_fail(s, s->word_at,
		    "required, or the end of the line expected");
	field->required = true;
	return rc;
}

static enum ev_rc
scan_strings(struct ev_scan *s, struct ev_words *words)
{
	struct ev_word word;
	enum ev_rc rc = EV_OK;

	do {
		if (ev_scan_peek(s) != '"')
			return ev_scan_fail(s, s->at, "a string expected");
		rc = ev_scan_text(s, &word, "a string");
		if (rc == EV_OK)
			rc = ev_scan_add_word(s, words, &word);
		ev_scan_skip(s);
	} while (rc == EV_OK && !ev_scan_end(s));
	return rc;
}

static enum ev_rc
stmt_null(struct ev_scan *s, struct ev_draft *d)
{
	return scan_strings(s, &d->m->nulls);
}

static enum ev_rc
stmt_redacted(struct ev_scan *s, struct ev_draft *d)
{
	return scan_strings(s, &d->m->redacted);
}

static enum ev_rc
stmt_limit(struct ev_scan *s, struct ev_draft *d)
{
	struct ev_word word;
	enum ev_rc rc;

	rc = ev_scan_text(s, &word, "a sentence");
	if (rc == EV_OK)
		rc = ev_scan_add_word(s, &d->m->limits, &word);
	return rc;
}

static enum ev_rc
stmt_dupkey(struct ev_scan *s, struct ev_draft *d)
{
	static const char *const names[] = { "all", "first", "last", "refuse" };
	const char *name;
	enum ev_rc rc;
	size_t len, i;

	rc = ev_scan_name(s, &name, &len, "all, first, last or refuse");
	for (i = 0; i < 4 && rc == EV_OK; i++)
		if (strlen(names[i]) == len &&
		    memcmp(names[i], name, len) == 0) {
			d->m->dupkey = (enum ev_dupkey)i;
			return EV_OK;
		}
	if (rc == EV_OK)
		rc = ev_scan_fail(s, s->word_at,
		    "all, first, last or refuse expected");
	return rc;
}

static enum ev_rc
stmt_expect(struct ev_scan *s, struct ev_draft *d)
{
	const char *name;
	enum ev_rc rc;
	size_t len, from;

	rc = ev_scan_name(s, &name, &len, "count or some");
	if (rc != EV_OK)
		return rc;
	if (len == 4 && memcmp(name, "some", 4) == 0) {
		d->m->expect_some = true;
		return EV_OK;
	}
	if (len != 5 || memcmp(name, "count", 5) != 0)
		return ev_scan_fail(s, s->word_at, "count or some expected");
	ev_scan_skip(s);
	from = s->at;
	rc = ev_scan_name(s, &name, &len, "declared or a path");
	if (rc == EV_OK && len == 8 && memcmp(name, "declared", 8) == 0) {
		d->m->entry.expect_declared = true;
		return EV_OK;
	}
	s->at = from;
	if (d->m->expect_path)
		return ev_scan_fail(s, from, "one count path expected");
	d->m->expect_path = true;
	return ev_scan_place(s, &d->m->expect);
}

const struct ev_stmt_info ev_stmts[] = {
	{ "version", stmt_version, true },
	{ "title", stmt_title, true },
	{ "platform", stmt_platform, true },
	{ "match", stmt_match, true },
	{ "probe", stmt_probe, false },
	{ "unwrap", stmt_unwrap, true },
	{ "reader", stmt_reader, true },
	{ "rows", stmt_rows, false },
	{ "when", stmt_when, false },
	{ "kind", stmt_kind, true },
	{ "const", stmt_const, false },
	{ "field", stmt_field, false },
	{ "null", stmt_null, true },
	{ "redacted", stmt_redacted, true },
	{ "dupkey", stmt_dupkey, true },
	{ "known", stmt_known, false },
	{ "expect", stmt_expect, false },
	{ "limit", stmt_limit, false },
	{ NULL, NULL, false },
};
