/* From labels and their values, one after the other, to records. */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/pairs.h"
#include "ingest/pairs_own.h"

/* The labels that an option names. */
static const struct ev_words *
labels(struct ev_pairs *p, const char *option, int slot)
{
	const struct ev_mapping *m = p->pass->run[0].m;
	const char *value = ev_reader_option(m, option);
	size_t i;

	if (value == NULL)
		return NULL;
	for (i = 0; *value == '@' && i < m->file->alias_count; i++)
		if (strcmp(m->file->alias[i].name, value + 1) == 0)
			return &m->file->alias[i].words;
	for (i = 0; i < m->option_count; i++)
		if (strcmp(m->option[i].name.data, option) == 0)
			p->word[slot] = m->option[i].value;
	p->one[slot].word = &p->word[slot];
	p->one[slot].count = 1;
	return &p->one[slot];
}

bool
ev_pairs_in(const struct ev_words *words, const void *text, size_t len)
{
	size_t i;

	for (i = 0; words != NULL && i < words->count; i++)
		if (words->word[i].len == len &&
		    memcmp(words->word[i].data, text, len) == 0)
			return true;
	return false;
}

static void
begin_level(struct ev_pairs *p)
{
	struct ev_buf *start = &p->level[p->depth].start;
	struct ev_buf keep = *start;

	memset(&p->level[p->depth], 0, sizeof(p->level[0]));
	*start = keep;
	ev_buf_clear(start);
	p->level[p->depth].number = p->levels++;
	p->last = EV_PAIRS_NOTHING;
	p->page = false;
}

void
ev_pairs_init(struct ev_pairs *p, struct ev_pass *pass,
    struct ev_textlines *lines, struct ev_err *err)
{
	const struct ev_mapping *m = pass->run[0].m;
	size_t i;

	memset(p, 0, sizeof(*p));
	p->pass = pass;
	pass->flat_pointer = true;
	p->lines = lines;
	p->err = err;
	p->start = labels(p, "start", 0);
	p->carry = labels(p, "carry", 1);
	p->list = labels(p, "list", 2);
	p->labels = labels(p, "labels", 3);
	p->skip = ev_reader_option(m, "skip");
	p->empty = ev_reader_option(m, "empty");
	ev_buf_init(&p->text, 2 * (size_t)EV_ROW_LIMIT);
	ev_buf_init(&p->line, EV_PAIRS_LINES * sizeof(struct ev_pairs_line));
	for (i = 0; i < EV_PAIRS_CARRIED; i++) {
		ev_buf_init(&p->carried[i].key, EV_ROW_LIMIT);
		ev_buf_init(&p->carried[i].text, EV_ROW_LIMIT);
	}
	for (i = 0; i < EV_PAIRS_LEVELS; i++)
		ev_buf_init(&p->level[i].start, EV_ROW_LIMIT);
	ev_buf_init(&p->decided, EV_ROW_LIMIT);
	p->root.type = EV_JSON_OBJECT;
	begin_level(p);
}

/* All but what was kept, and the names of sections. */
static void
forget(struct ev_pairs *p)
{
	size_t i;

	for (i = 0; i < p->sections; i++)
		p->section[i].records = 0;
	p->at_section = p->sections;
	p->count = p->carrieds = p->depth = p->levels = 0;
	p->records = 0;
	begin_level(p);
}

enum ev_rc
ev_pairs_again(struct ev_pairs *p)
{
	enum ev_rc rc = ev_pairs_end(p);

	p->count = 0;
	ev_buf_clear(&p->text);
	ev_buf_clear(&p->line);
	forget(p);
	p->collect = false;
	ev_pairs_link(p);
	return rc;
}

void
ev_pairs_release(struct ev_pairs *p)
{
	size_t i;

	ev_pairs_drop(p);
	for (i = 0; i < EV_PAIRS_CARRIED; i++) {
		ev_buf_release(&p->carried[i].key);
		ev_buf_release(&p->carried[i].text);
	}
	for (i = 0; i < EV_PAIRS_LEVELS; i++)
		ev_buf_release(&p->level[i].start);
	ev_buf_release(&p->text);
	ev_buf_release(&p->line);
	ev_buf_release(&p->decided);
	free(p->node);
}

int64_t
ev_pairs_hold(struct ev_pairs *p, int64_t otherwise)
{
	if (p->count == 0 || p->too_long || otherwise < p->from)
		return otherwise;
	if (otherwise - p->from <= EV_ROW_LIMIT)
		return p->from;
	p->too_long = true;
	return otherwise;
}

static enum ev_rc
close_record(struct ev_pairs *p)
{
	enum ev_rc rc = EV_OK;

	if (p->count > 0)
		rc = ev_pairs_show(p);
	p->count = 0;
	p->too_long = false;
	ev_buf_clear(&p->text);
	ev_buf_clear(&p->line);
	return rc;
}

static enum ev_rc
irregular(struct ev_pairs *p, const void *label, size_t len, int64_t at)
{
	char text[64];
	size_t n = len < sizeof(text) - 1 ? len : sizeof(text) - 1;

	if (p->collect ||
	    (p->at_section < p->sections && !p->section[p->at_section].read))
		return EV_OK;
	if (n > 0)
		memcpy(text, label, n);
	while (n > 0 && !ev_text_is_utf8(text, n))
		n--;
	text[n] = '\0';
	return ev_pass_note(p->pass, "pair-irregular", text, at, p->err);
}

/*
 * Of two orders of a heading's labels that is taken in which fewer are
 * missing; where as many are, the option's.  So where the first label stands
 * alone at the end, too, and the option's came nearly as often, it is the
 * first record that lacks what should begin it.
 */
static enum ev_rc
decide(struct ev_pairs *p, size_t depth)
{
	size_t number = p->level[depth].number;
	enum ev_rc rc = EV_OK;

	if (!p->collect || number >= p->decided.limit)
		return EV_OK;
	while (p->decided.len <= number && rc == EV_OK)
		rc = ev_buf_putc(&p->decided, 0, p->err);
	if (rc == EV_OK && p->level[depth].at_start &&
	    p->level[depth].tolds < p->level[depth].starts &&
	    2 * p->level[depth].tolds >= p->level[depth].starts)
		p->decided.data[number] = 1;
	return rc;
}

/* The level is over, and its last record with it. */
static enum ev_rc
end_level(struct ev_pairs *p)
{
	enum ev_rc rc = EV_OK;

	/* It may be that all its values belong to the label before. */
	if (p->count == 1 && p->level[p->depth].widest > 1 &&
	    p->level[p->depth].at_start)
		rc = irregular(p, p->text.data + p->field[0].key,
		    p->field[0].key_len, p->from);
	if (rc == EV_OK)
		rc = decide(p, p->depth);
	return rc == EV_OK ? close_record(p) : rc;
}

enum ev_rc
ev_pairs_section(struct ev_pairs *p, const void *name, size_t len)
{
	enum ev_rc rc;

	while (p->depth > 0) {
		rc = ev_pairs_heading(p, false);
		if (rc != EV_OK)
			return rc;
	}
	rc = end_level(p);
	p->depth = 0;
	p->carrieds = 0;
	begin_level(p);
	p->at_section = p->sections;
	if (rc == EV_OK && name != NULL)
		rc = ev_pairs_enter(p, name, len);
	return rc;
}

enum ev_rc
ev_pairs_heading(struct ev_pairs *p, bool begins)
{
	enum ev_rc rc = begins ? close_record(p) : end_level(p);

	if (begins && p->depth + 1 < EV_PAIRS_LEVELS) {
		p->depth++;
		begin_level(p);
	} else if (!begins && p->depth > 0) {
		while (p->carrieds > 0 &&
		       p->carried[p->carrieds - 1].level == p->depth)
			p->carrieds--;
		p->depth--;
		p->last = EV_PAIRS_NOTHING;
		p->page = false;
	}
	return rc;
}

bool
ev_pairs_page(struct ev_pairs *p, const void *text, size_t len)
{
	const char *at = text;
	size_t n = p->skip == NULL ? 0 : strlen(p->skip), i;

	if (n == 0 || len < n || memcmp(at, p->skip, n) != 0)
		return false;
	for (i = n; i < len; i++)
		if (strchr(" \t\r\n0123456789", at[i]) == NULL || at[i] == 0)
			return false;
	p->page = true;
	return true;
}

enum ev_rc
ev_pairs_ignore(struct ev_pairs *p, int64_t from, int64_t to)
{
	enum ev_rc rc;

	if (p->collect)
		return EV_OK;
	rc = ev_pass_span(p->pass, EV_SPAN_IGNORED, from, to, p->err);
	if (rc == EV_OK && p->count == 0)
		rc = ev_pass_settle(p->pass, from, p->err);
	return rc;
}

enum ev_rc
ev_pairs_stray(struct ev_pairs *p, const void *text, size_t len, int64_t from)
{
	const char *at = text;

	ev_pairs_trim(&at, &len);
	from += at - (const char *)text;
	if (len == 0 || ev_pairs_page(p, at, len))
		return EV_OK;
	return ev_pairs_ignore(p, from, from + (int64_t)len);
}

static enum ev_rc
ignore(struct ev_pairs *p, int64_t from, const struct ev_pairs_value *value)
{
	if (p->collect)
		return EV_OK;
	return ev_pass_span(p->pass, EV_SPAN_IGNORED, from, value->to, p->err);
}

static unsigned
notes_of(const struct ev_pairs_value *value)
{
	return value->bad ||
		       !ev_text_is_utf8(value->text.data, value->text.len) ||
		       (value->text.len > 0 && memchr(value->text.data, '\0',
						   value->text.len) != NULL)
		   ? EV_JSON_N_BAD_UTF8
		   : 0;
}

/* Append a value to the record's text and lines. */
static enum ev_rc
put_value(struct ev_pairs *p, struct ev_pairs_field *field,
    const struct ev_pairs_value *value)
{
	const void *data = value->line.data;
	const struct ev_pairs_line *from = data;
	struct ev_pairs_line line;
	size_t i, n = value->line.len / sizeof(line);
	enum ev_rc rc = EV_OK;

	for (i = 0; i < n && rc == EV_OK; i++) {
		line = from[i];
		line.at += p->text.len;
		rc = ev_buf_put(&p->line, &line, sizeof(line), p->err);
	}
	if (rc == EV_OK && value->text.len > 0)
		rc = ev_buf_put(&p->text, value->text.data, value->text.len,
		    p->err);
	field->lines += n;
	field->text_len = p->text.len - field->text;
	field->notes |= notes_of(value);
	if (value->to > p->to)
		p->to = value->to;
	return rc;
}

/* What a page line cut off from the label before it. */
static enum ev_rc
continue_last(struct ev_pairs *p, const struct ev_pairs_value *value)
{
	struct ev_pairs_carried *carried;
	struct ev_pairs_field *field;
	enum ev_rc rc = EV_OK;

	p->page = false;
	if (p->last == EV_PAIRS_CARRY) {
		carried = &p->carried[p->carrieds - 1];
		if (carried->text.len > 0)
			rc = ev_buf_putc(&carried->text, '\n', p->err);
		if (rc == EV_OK && value->text.len > 0)
			rc = ev_buf_put(&carried->text, value->text.data,
			    value->text.len, p->err);
		carried->notes |= notes_of(value) | EV_JSON_N_SPLIT;
		return rc == EV_OK ? ignore(p, value->from, value) : rc;
	}
	field = &p->field[p->count - 1];
	if (field->text_len > 0)
		rc = ev_buf_putc(&p->text, '\n', p->err);
	else
		field->from = value->from;
	if (rc == EV_OK)
		rc = put_value(p, field, value);
	field->to = value->to;
	field->notes |= EV_JSON_N_SPLIT;
	return rc;
}

static enum ev_rc
add_carried(struct ev_pairs *p, const char *label, size_t len,
    const struct ev_pairs_value *value)
{
	struct ev_pairs_carried *carried, last;
	enum ev_rc rc = close_record(p);
	size_t i;

	if (rc != EV_OK)
		return rc;
	/* It comes again: the one before is over. */
	for (i = 0; i < p->carrieds; i++)
		if (p->carried[i].level == p->depth &&
		    p->carried[i].key.len == len &&
		    memcmp(p->carried[i].key.data, label, len) == 0)
			break;
	if (i == EV_PAIRS_CARRIED)
		return ev_fail(p->err, EV_LIMIT,
		    "at most %d labels that carry were expected",
		    EV_PAIRS_CARRIED);
	if (i < p->carrieds) {
		last = p->carried[i];
		memmove(&p->carried[i], &p->carried[i + 1],
		    (p->carrieds - i - 1) * sizeof(last));
		p->carried[--p->carrieds] = last;
	}
	carried = &p->carried[p->carrieds++];
	carried->level = p->depth;
	carried->notes = notes_of(value);
	ev_buf_clear(&carried->key);
	ev_buf_clear(&carried->text);
	rc = ev_buf_put(&carried->key, label, len, p->err);
	if (rc == EV_OK && value->text.len > 0)
		rc = ev_buf_put(&carried->text, value->text.data,
		    value->text.len, p->err);
	p->last = EV_PAIRS_CARRY;
	return rc;
}

static bool
holds(const struct ev_pairs *p, const char *label, size_t len)
{
	size_t i;

	for (i = 0; i < p->count; i++)
		if (p->field[i].key_len == len &&
		    memcmp(p->text.data + p->field[i].key, label, len) == 0)
			return true;
	return false;
}

/* Close the record at hand where this label begins another one. */
static enum ev_rc
begin_record(struct ev_pairs *p, const char *label, size_t len, int64_t at)
{
	size_t number = p->level[p->depth].number;
	struct ev_buf *start = &p->level[p->depth].start;
	bool told = number < p->decided.len && p->decided.data[number] != 0 &&
		    ev_pairs_in(p->start, label, len);
	bool was = p->level[p->depth].told, is_start;
	enum ev_rc rc = EV_OK;

	is_start = told || (!was && start->len == len && len > 0 &&
			       memcmp(start->data, label, len) == 0);
	/* A record that begins before the label that begins records. */
	if (p->count > 0 && told && !was)
		rc = irregular(p, label, len, p->from);
	else if (p->count > 0 && !is_start && holds(p, label, len))
		rc = irregular(p, label, len, at);
	else if (p->count > 0 && !is_start)
		return EV_OK;
	if (rc == EV_OK)
		rc = close_record(p);
	p->level[p->depth].told = was || told;
	if (rc == EV_OK && (start->len == 0 || (told && !was))) {
		ev_buf_clear(start);
		rc = ev_buf_put(start, label, len, p->err);
	}
	return rc;
}

/* What decide() goes by: how often labels that may begin records came. */
static void
count_starts(struct ev_pairs *p, const char *label, size_t len)
{
	const struct ev_buf *start = &p->level[p->depth].start;

	p->level[p->depth].at_start =
	    start->len == len && memcmp(start->data, label, len) == 0;
	p->level[p->depth].starts += p->level[p->depth].at_start;
	if (!p->level[p->depth].at_start && ev_pairs_in(p->start, label, len))
		p->level[p->depth].tolds++;
	if (p->count > p->level[p->depth].widest)
		p->level[p->depth].widest = p->count;
}

static enum ev_rc
add_field(struct ev_pairs *p, const char *label, size_t len, int64_t from,
    const struct ev_pairs_value *value)
{
	struct ev_pairs_field *field;
	enum ev_rc rc;

	rc = begin_record(p, label, len, from);
	if (rc != EV_OK)
		return rc;
	if (p->count == EV_PAIRS_FIELDS) {
		p->too_long = true;
		p->to = value->to;
		p->last = EV_PAIRS_NOTHING;
		return EV_OK;
	}
	if (p->count == 0)
		p->from = p->to = from;
	field = &p->field[p->count++];
	memset(field, 0, sizeof(*field));
	field->key = p->text.len;
	field->key_len = len;
	rc = ev_buf_put(&p->text, label, len, p->err);
	field->text = p->text.len;
	field->line = p->line.len / sizeof(struct ev_pairs_line);
	field->from = value->from;
	field->to = value->to;
	p->last = EV_PAIRS_FIELD;
	count_starts(p, label, len);
	return rc == EV_OK ? put_value(p, field, value) : rc;
}

static bool
is_definition(const char *label, size_t len)
{
	static const char tail[] = " Definition";
	const size_t n = sizeof(tail) - 1;

	return len > n && memcmp(label + len - n, tail, n) == 0;
}

enum ev_rc
ev_pairs_add(struct ev_pairs *p, const char *label, size_t len, int64_t from,
    const struct ev_pairs_value *value)
{
	enum ev_rc rc;

	if (len == 0) {
		if (p->page && p->last != EV_PAIRS_NOTHING)
			return continue_last(p, value);
		p->page = false;
		if (value->text.len == 0)
			return EV_OK;
		rc = irregular(p, "", 0, value->from);
		return rc == EV_OK ? ignore(p, value->from, value) : rc;
	}
	p->page = false;
	if (p->definitions && is_definition(label, len)) {
		p->last = EV_PAIRS_NOTHING;
		return EV_OK;
	}
	if (p->empty != NULL && value->text.len == strlen(p->empty) &&
	    memcmp(ev_buf_text(&value->text), p->empty, value->text.len) == 0) {
		p->last = EV_PAIRS_NOTHING;
		return ignore(p, from, value);
	}
	if (!ev_pairs_in(p->carry, label, len))
		return add_field(p, label, len, from, value);
	rc = ignore(p, from, value);
	return rc == EV_OK ? add_carried(p, label, len, value) : rc;
}

enum ev_rc
ev_pairs_end(struct ev_pairs *p)
{
	return ev_pairs_section(p, NULL, 0);
}
