/* A .map file: aliases and mappings, and what a whole mapping must hold. */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/mapping_stmt.h"
#include "ingest/reader.h"

static enum ev_rc
check_text(struct ev_scan *s)
{
	const struct ev_map_file *file = s->file;
	size_t i;

	if (file->len > EV_MAP_BYTES)
		return ev_scan_fail(s, 0, "at most 262144 bytes expected");
	if (file->len >= 3 && memcmp(file->text, "\xef\xbb\xbf", 3) == 0)
		return ev_scan_fail(s, 0, "no byte order mark expected");
	for (i = 0; i < file->len; i++)
		if ((file->text[i] > 0 && file->text[i] < 0x20 &&
			file->text[i] != '\t' && file->text[i] != '\n') ||
		    file->text[i] == '\0' || file->text[i] == 0x7f)
			return ev_scan_fail(s, i,
			    "text expected, not byte 0x%02x",
			    (unsigned)(unsigned char)file->text[i]);
	if (!ev_text_is_utf8(file->text, file->len))
		return ev_scan_fail(s, 0, "UTF-8 expected");
	return EV_OK;
}

static enum ev_rc
parse_alias(struct ev_scan *s, struct ev_map_file *file)
{
	struct ev_alias *alias;
	void *list = file->alias;
	const char *name;
	enum ev_rc rc;
	size_t len, i;

	ev_scan_skip(s);
	rc = ev_scan_name(s, &name, &len, "the name of an alias");
	for (i = 0; i < file->alias_count && rc == EV_OK; i++)
		if (strlen(file->alias[i].name) == len &&
		    memcmp(file->alias[i].name, name, len) == 0)
			rc = ev_scan_fail(s, s->word_at,
			    "an alias expected that is not there yet");
	if (rc == EV_OK)
		rc = ev_scan_grow(s, &list, file->alias_count, sizeof(*alias));
	file->alias = list;
	if (rc != EV_OK)
		return rc;
	alias = &file->alias[file->alias_count];
	alias->name = strndup(name, len);
	if (alias->name == NULL)
		return ev_fail_sys(s->err, "cannot keep an alias");
	file->alias_count++;
	ev_scan_skip(s);
	if (!ev_scan_take(s, '='))
		return ev_scan_fail(s, s->at, "'=' expected");
	return ev_scan_list(s, &alias->words, "a key", false);
}

/* The text of a const as a value of its column. */
static enum ev_rc
check_const(struct ev_scan *s, struct ev_field *field,
    const struct ev_column *column)
{
	const char *text = field->text.data;
	size_t i;

	if (column->words != NULL) {
		for (i = 0; column->words[i] != NULL; i++)
			if (strcmp(column->words[i], text) == 0)
				return EV_OK;
		return ev_scan_fail(s, field->at,
		    "a word of the vocabulary of '%s' expected", column->name);
	}
	switch (column->type) {
	case EV_C_BOOL:
		field->number = strcmp(text, "true") == 0;
		if (field->number == 0 && strcmp(text, "false") != 0)
			return ev_scan_fail(s, field->at,
			    "true or false expected");
		return EV_OK;
	case EV_C_INT:
		if (!ev_text_int(&field->number, text, field->text.len,
			-INT32_MAX, INT32_MAX))
			return ev_scan_fail(s, field->at, "a number expected");
		return EV_OK;
	case EV_C_COUNTRY:
		if (field->text.len != 2 || text[0] < 'A' || text[0] > 'Z' ||
		    text[1] < 'A' || text[1] > 'Z')
			return ev_scan_fail(s, field->at,
			    "two capital letters expected");
		return EV_OK;
	case EV_C_TIME:
	case EV_C_IP:
	case EV_C_PORT:
	case EV_C_URL:
		return ev_scan_fail(s, field->at,
		    "a field expected: '%s' cannot be a constant",
		    column->name);
	case EV_C_TEXT:
	case EV_C_ID:
	case EV_C_WORD:
		break;
	}
	if (field->text.len == 0)
		return ev_scan_fail(s, field->at, "some text expected");
	return EV_OK;
}

static enum ev_rc
check_above(struct ev_scan *s, const struct ev_mapping *m,
    const struct ev_place *place)
{
	size_t i;
	int levels = m->rows_count == 0 ? 0 : EV_MAP_LEVELS;

	if (place->source != EV_SRC_PATH || place->path.anchor != EV_FROM_ABOVE)
		return EV_OK;
	for (i = 0; i < m->rows_count; i++)
		if (ev_path_levels(&m->rows[i]) < levels)
			levels = ev_path_levels(&m->rows[i]);
	if (place->path.up <= levels)
		return EV_OK;
	return ev_scan_fail(s, place->path.at,
	    "at most %d '^' expected: the rows open no more levels", levels);
}

static enum ev_rc
check_field(struct ev_scan *s, const struct ev_draft *d, size_t n)
{
	const struct ev_kind_info *kind = ev_kind_info(d->m->entry.kind);
	struct ev_field *field = &d->m->field[n];
	const struct ev_column *column;
	size_t i;

	if (d->name == NULL)
		return ev_scan_fail(s, field->at, "a column expected");
	field->column =
	    ev_kind_column(d->m->entry.kind, d->name[n].data, d->name[n].len);
	if (field->column < 0)
		return ev_scan_fail(s, field->at,
		    "a column of kind '%s' expected", kind->name);
	for (i = 0; i < n; i++)
		if (d->m->field[i].column == field->column)
			return ev_scan_fail(s, field->at,
			    "a column once expected");
	column = &kind->columns[field->column];
	if (field->fixed)
		return check_const(s, field, column);
	if (field->place.source == EV_SRC_HOLDER &&
	    field->column != EV_COL_ACCOUNT)
		return ev_scan_fail(s, field->place.path.at,
		    "%%holder expected for the column account only");
	if (!ev_conv_fits(field->conv.info, column->type))
		return ev_scan_fail(s, field->at,
		    "another converter expected: '%s' cannot hold '%s'",
		    column->name, field->conv.info->name);
	return check_above(s, d->m, &field->place);
}

static int
by_column(const void *a, const void *b)
{
	const struct ev_field *x = a, *y = b;

	return x->column - y->column;
}

/* What of a mapping's one-time statements it cannot do without. */
static enum ev_rc
check_whole(struct ev_scan *s, const struct ev_draft *d)
{
	static const char *const needed[] = { "version", "platform", "match",
		"reader", "kind" };
	size_t i, k;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		for (k = 0; ev_stmts[k].word != NULL; k++)
			if (strcmp(ev_stmts[k].word, needed[i]) == 0 &&
			    (d->seen & 1U << k) == 0)
				return ev_scan_fail(s, d->m->at,
				    "'%s' expected in this mapping", needed[i]);
	if (d->m->field_count == 0)
		return ev_scan_fail(s, d->m->at,
		    "'field' expected in this mapping");
	if (d->m->field_count > EV_FACT_VALUES - 2)
		return ev_scan_fail(s, d->m->at, "fewer columns expected");
	if (strcmp(d->m->reader->name, "blocks") == 0 &&
	    ev_reader_option(d->m, "mark") == NULL)
		return ev_scan_fail(s, d->m->at,
		    "'mark=' expected behind the reader");
	if (ev_reader_has(d->m, "style", "next-line") &&
	    ev_reader_option(d->m, "labels") == NULL)
		return ev_scan_fail(s, d->m->at,
		    "'labels=' expected behind the reader: a line is a label "
		    "or a value by it");
	return EV_OK;
}

/* Each byte above 0x7f as the code point of its number, in UTF-8. */
static enum ev_rc
escape_keys(struct ev_path *path, struct ev_err *err)
{
	const unsigned char *from;
	struct ev_key *key;
	size_t i, k, n;
	char *to;

	for (i = 0; i < path->count; i++)
		for (k = 0; k < path->step[i].key_count; k++) {
			key = &path->step[i].key[k];
			key->meta.data = to = malloc(2 * key->name.len + 1);
			if (to == NULL)
				return ev_fail_sys(err, "cannot keep a key");
			from = (const unsigned char *)key->name.data;
			for (n = 0; n < key->name.len; n++) {
				if (from[n] >= 0x80)
					*to++ = (char)(0xc0 | from[n] >> 6);
				*to++ = from[n] >= 0x80
					    ? (char)(0x80 | (from[n] & 63))
					    : (char)from[n];
			}
			*to = '\0';
			key->meta.len = (size_t)(to - key->meta.data);
		}
	return EV_OK;
}

static enum ev_rc
escape_all_keys(struct ev_mapping *m, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < m->rows_count && rc == EV_OK; i++)
		rc = escape_keys(&m->rows[i], err);
	for (i = 0; i < m->when_count && rc == EV_OK; i++)
		rc = escape_keys(&m->when[i].place.path, err);
	for (i = 0; i < m->field_count && rc == EV_OK; i++)
		rc = escape_keys(&m->field[i].place.path, err);
	for (i = 0; i < m->known_count && rc == EV_OK; i++)
		rc = escape_keys(&m->known[i], err);
	if (rc == EV_OK)
		rc = escape_keys(&m->platform_place.path, err);
	if (rc == EV_OK)
		rc = escape_keys(&m->expect.path, err);
	return rc;
}

static enum ev_rc
finish(struct ev_scan *s, struct ev_draft *d)
{
	struct ev_mapping *m = d->m;
	enum ev_rc rc;
	size_t i;

	rc = check_whole(s, d);
	for (i = 0; i < m->field_count && rc == EV_OK; i++)
		rc = check_field(s, d, i);
	for (i = 0; i < m->when_count && rc == EV_OK; i++)
		rc = check_above(s, m, &m->when[i].place);
	for (i = 0; i < m->known_count && rc == EV_OK; i++) {
		struct ev_place place = { EV_SRC_PATH, 0, m->known[i], false,
			{ NULL, 0 }, { NULL, 0 } };

		rc = check_above(s, m, &place);
	}
	if (rc == EV_OK)
		rc = check_above(s, m, &m->platform_place);
	if (rc == EV_OK && ev_reader_has(m, "keys", "meta"))
		rc = escape_all_keys(m, s->err);
	if (rc != EV_OK)
		return rc;
	if (m->field != NULL)
		qsort(m->field, m->field_count, sizeof(*m->field), by_column);
	m->limit_list = calloc(m->limits.count + 1, sizeof(*m->limit_list));
	if (m->limit_list == NULL)
		return ev_fail_sys(s->err, "cannot keep a mapping");
	for (i = 0; i < m->limits.count; i++)
		m->limit_list[i] = m->limits.word[i].data;
	m->entry.limits = m->limit_list;
	m->entry.id = m->id;
	m->entry.title = m->title != NULL ? m->title : "";
	return EV_OK;
}

static enum ev_rc
parse_stmt(struct ev_scan *s, struct ev_draft *d, const char *word, size_t len)
{
	enum ev_rc rc;
	size_t i, at = s->word_at;

	for (i = 0; ev_stmts[i].word != NULL; i++)
		if (strlen(ev_stmts[i].word) == len &&
		    memcmp(ev_stmts[i].word, word, len) == 0)
			break;
	if (ev_stmts[i].word == NULL)
		return ev_scan_fail(s, at, "a statement expected");
	if (ev_stmts[i].once && (d->seen & 1U << i) != 0)
		return ev_scan_fail(s, at, "'%s' once expected",
		    ev_stmts[i].word);
	d->seen |= 1U << i;
	ev_scan_skip(s);
	rc = ev_stmts[i].fn(s, d);
	if (rc != EV_OK)
		return rc;
	ev_scan_skip(s);
	if (!ev_scan_end(s))
		return ev_scan_fail(s, s->at, "the end of the line expected");
	return EV_OK;
}

/* id: [a-z0-9_]+ ( "." [a-z0-9_]+ )* */
static enum ev_rc
parse_id(struct ev_scan *s, struct ev_draft *d)
{
	const char *text = s->file->text;
	size_t from;
	char c;

	ev_scan_skip(s);
	from = s->at;
	while ((c = ev_scan_peek(s)) == '_' || c == '.' ||
	       (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
		if (c == '.' && (s->at == from || text[s->at - 1] == '.'))
			break;
		s->at++;
	}
	if (s->at == from || text[s->at - 1] == '.' || s->at - from > 64)
		return ev_scan_fail(s, from, "the id of a mapping expected");
	d->m->id = strndup(text + from, s->at - from);
	if (d->m->id == NULL)
		return ev_fail_sys(s->err, "cannot keep a mapping");
	ev_scan_skip(s);
	if (!ev_scan_end(s))
		return ev_scan_fail(s, s->at, "the end of the line expected");
	return EV_OK;
}

/* Go to the next line that holds something; its first word. */
static enum ev_rc
next_stmt(struct ev_scan *s, const char **word, size_t *len)
{
	for (;;) {
		ev_scan_skip(s);
		if (s->at >= s->file->len)
			return EV_EOF;
		if (ev_scan_peek(s) != '\n')
			break;
		s->at++;
	}
	if (s->at > 0 && s->file->text[s->at - 1] != '\n')
		return ev_scan_fail(s, s->at,
		    "a statement at the beginning of its line expected");
	return ev_scan_name(s, word, len, "a statement");
}

static enum ev_rc
begin_mapping(struct ev_scan *s, struct ev_map_list *list, struct ev_draft *d)
{
	void *grown = list->mapping;
	enum ev_rc rc;
	size_t at = s->word_at;

	rc = ev_scan_grow(s, &grown, list->count, sizeof(*list->mapping));
	list->mapping = grown;
	if (rc != EV_OK)
		return rc;
	d->m = calloc(1, sizeof(*d->m));
	if (d->m == NULL)
		return ev_fail_sys(s->err, "cannot keep a mapping");
	list->mapping[list->count++] = d->m;
	d->m->at = at;
	d->m->entry.file = s->file->name;
	d->m->file = s->file;
	d->seen = 0;
	return parse_id(s, d);
}

static bool
is(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(word, name, len) == 0;
}

enum ev_rc
ev_map_parse(struct ev_map_file *file, struct ev_map_list *list,
    struct ev_err *err)
{
	struct ev_scan s = { file, 0, 0, err };
	struct ev_draft d = { NULL, NULL, 0 };
	const char *word = NULL;
	enum ev_rc rc;
	size_t len = 0;

	rc = check_text(&s);
	while (rc == EV_OK && (rc = next_stmt(&s, &word, &len)) == EV_OK) {
		if (is(word, len, "mapping")) {
			rc = d.m != NULL ? finish(&s, &d) : EV_OK;
			if (rc == EV_OK)
				rc = begin_mapping(&s, list, &d);
		} else if (is(word, len, "alias")) {
			rc = d.m != NULL ? finish(&s, &d) : EV_OK;
			d.m = NULL;
			if (rc == EV_OK)
				rc = parse_alias(&s, file);
		} else if (d.m != NULL) {
			rc = parse_stmt(&s, &d, word, len);
		} else {
			rc = ev_scan_fail(&s, s.word_at,
			    "'alias' or 'mapping' expected");
		}
	}
	if (rc == EV_EOF)
		rc = d.m != NULL ? finish(&s, &d) : EV_OK;
	if (rc == EV_OK && list->count == 0)
		rc = ev_scan_fail(&s, 0, "a mapping expected");
	free(d.name);
	return rc;
}
