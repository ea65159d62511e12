/* Records of labels and values, shown to the mappings. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/pairs.h"
#include "ingest/pairs_own.h"

enum { SECTIONS = 4096 };

/* How many records of a section a path from the document may look at. */
static int64_t
wanted_by(const struct ev_place *place, const char *name, size_t len)
{
	const struct ev_path *path = &place->path;
	size_t i;

	if (place->source != EV_SRC_PATH || path->count < 2 ||
	    path->anchor == EV_FROM_ELEMENT ||
	    path->step[0].type != EV_STEP_KEY)
		return 0;
	for (i = 0; i < path->step[0].key_count && name != NULL; i++)
		if (ev_key_is(&path->step[0].key[i], name, len))
			break;
	if (name != NULL && i == path->step[0].key_count)
		return 0;
	return path->step[1].type == EV_STEP_INDEX
		   ? (int64_t)path->step[1].index + 1
		   : 1;
}

/* The most of all places of a mapping; a NULL name: in any section. */
static int64_t
wanted(const struct ev_pairs *p, const char *name, size_t len)
{
	const struct ev_mapping *m;
	int64_t most = 0, n;
	size_t i, k;

	for (i = 0; i < p->pass->run_count; i++) {
		m = p->pass->run[i].m;
		n = m->platform == NULL
			? wanted_by(&m->platform_place, name, len)
			: 0;
		most = n > most ? n : most;
		for (k = 0; k < m->field_count; k++) {
			n = m->field[k].fixed
				? 0
				: wanted_by(&m->field[k].place, name, len);
			most = n > most ? n : most;
		}
		for (k = 0; k < m->when_count; k++) {
			n = wanted_by(&m->when[k].place, name, len);
			most = n > most ? n : most;
		}
		n = m->expect_path ? wanted_by(&m->expect, name, len) : 0;
		most = n > most ? n : most;
	}
	return most;
}

bool
ev_pairs_wanted(const struct ev_pairs *p)
{
	return p->start != NULL || (!p->flat && wanted(p, NULL, 0) > 0);
}

/* Does this step lead into a section of that name? */
static bool
leads_to(const struct ev_step *step, const char *name, size_t len)
{
	size_t i;

	if (step->type == EV_STEP_MEMBERS)
		return true;
	if (step->type != EV_STEP_KEY)
		return false;
	for (i = 0; i < step->key_count; i++)
		if (ev_key_is(&step->key[i], name, len))
			return true;
	return false;
}

static bool
is_read(const struct ev_pairs *p, const char *name, size_t len)
{
	const struct ev_path *path;
	size_t i;

	for (i = 0; i < p->pass->state_count; i++) {
		path = p->pass->state[i].path;
		if (path == NULL ||
		    (path->count > 1 && leads_to(&path->step[0], name, len)))
			return true;
	}
	return false;
}

enum ev_rc
ev_pairs_enter(struct ev_pairs *p, const void *name, size_t len)
{
	struct ev_pairs_section *section;
	enum ev_rc rc;
	size_t i;

	for (i = 0; i < p->sections; i++)
		if (p->section[i].name.len == len &&
		    (len == 0 ||
			memcmp(p->section[i].name.data, name, len) == 0)) {
			p->at_section = i;
			return EV_OK;
		}
	if (p->sections == SECTIONS)
		return ev_fail(p->err, EV_LIMIT,
		    "at most %d sections were expected", SECTIONS);
	if ((p->sections & (p->sections - 1)) == 0) {
		section = realloc(p->section,
		    (p->sections == 0 ? 1 : 2 * p->sections) *
			sizeof(*section));
		if (section == NULL)
			return ev_fail_sys(p->err, "cannot read an artifact");
		p->section = section;
	}
	section = &p->section[p->sections];
	memset(section, 0, sizeof(*section));
	ev_buf_init(&section->name, EV_ROW_LIMIT);
	rc = ev_buf_put(&section->name, name, len, p->err);
	if (rc != EV_OK) {
		ev_buf_release(&section->name);
		return rc;
	}
	section->wanted = wanted(p, ev_buf_text(&section->name), len);
	section->read = is_read(p, ev_buf_text(&section->name), len);
	section->key.type = EV_JSON_ARRAY;
	section->key.key_len = len;
	if (!ev_text_is_utf8(name, len) ||
	    (len > 0 && memchr(name, '\0', len) != NULL))
		section->key.key_notes = EV_JSON_N_BAD_UTF8;
	p->at_section = p->sections++;
	return EV_OK;
}

void
ev_pairs_link(struct ev_pairs *p)
{
	struct ev_json_node **end = &p->root.child;
	struct ev_pairs_section *section;
	struct ev_pairs_kept *kept;
	size_t i;

	for (i = 0; i < p->sections; i++) {
		section = &p->section[i];
		section->key.key = ev_buf_text(&section->name);
		if (section->kept == NULL)
			continue;
		section->key.child = section->kept->node;
		for (kept = section->kept; kept != NULL; kept = kept->next)
			kept->node->next =
			    kept->next == NULL ? NULL : kept->next->node;
		*end = &section->key;
		end = &section->key.next;
	}
}

void
ev_pairs_drop(struct ev_pairs *p)
{
	struct ev_pairs_kept *kept, *next;
	size_t i;

	for (i = 0; i < p->sections; i++) {
		ev_buf_release(&p->section[i].name);
		for (kept = p->section[i].kept; kept != NULL; kept = next) {
			next = kept->next;
			free(kept);
		}
	}
	free(p->section);
}

/* A copy of the record's fields, its values without their source. */
static enum ev_rc
keep(struct ev_pairs *p, struct ev_pairs_section *section)
{
	const struct ev_json_node *from;
	struct ev_json_node *to;
	struct ev_pairs_kept *kept;
	size_t size = sizeof(*kept) + sizeof(*to), n = 1;
	char *text;

	for (from = p->node->child; from != NULL; from = from->next, n++)
		size += sizeof(*to) + from->key_len + from->text_len + 2;
	if (size > EV_ROW_LIMIT - p->kept_bytes)
		return EV_OK;
	kept = calloc(1, size);
	if (kept == NULL)
		return ev_fail_sys(p->err, "cannot read an artifact");
	p->kept_bytes += size;
	to = kept->node;
	text = (char *)(to + n);
	*to = *p->node;
	to->next = NULL;
	to->child = n > 1 ? to + 1 : NULL;
	for (from = p->node->child; from != NULL; from = from->next) {
		*++to = *from;
		to->child = NULL;
		to->notes &= EV_JSON_N_BAD_UTF8;
		to->next = from->next == NULL ? NULL : to + 1;
		to->key = text;
		memcpy(text, from->key, from->key_len);
		text += from->key_len + 1;
		to->text = text;
		if (from->text_len > 0)
			memcpy(text, from->text, from->text_len);
		text += from->text_len + 1;
	}
	if (section->last == NULL)
		section->kept = kept;
	else
		section->last->next = kept;
	section->last = kept;
	return EV_OK;
}

/* The nodes below a value: its lines, or what stands between its commas. */
static void
add_line(struct ev_pairs *p, struct ev_json_node *value, size_t from,
    size_t len, const struct ev_pairs_line *line)
{
	struct ev_json_node *node;
	const char *text = ev_buf_text(&p->text) + from;
	size_t skip = from - line->at, whole;

	while (len > 0 && strchr(" \t\r", *text) != NULL && *text != '\0') {
		text++;
		skip++;
		len--;
	}
	while (len > 0 && strchr(" \t\r", text[len - 1]) != NULL &&
	       text[len - 1] != '\0')
		len--;
	if (len == 0)
		return;
	node = &p->node[p->nodes++];
	memset(node, 0, sizeof(*node));
	node->type = EV_JSON_STRING;
	node->notes = value->notes & ~(unsigned)EV_JSON_N_SOURCE;
	node->text = text;
	node->text_len = len;
	/* A part has a place of its own if no reference stands before it. */
	whole = (size_t)(line->to - line->from);
	node->offset = (size_t)(line->from - p->from);
	node->length = whole;
	if (skip + len <= whole &&
	    memcmp(p->lines->data + (line->from - p->lines->base) + skip, text,
		len) == 0) {
		node->offset += skip;
		node->length = len;
	}
	if (value->count++ == 0)
		value->child = node;
	else
		node[-1].next = node;
}

static void
add_lines(struct ev_pairs *p, const struct ev_pairs_field *field,
    struct ev_json_node *value)
{
	const void *data = p->line.data;
	const struct ev_pairs_line *line = data;
	size_t end = field->text + field->text_len, i, from, to, stop;
	const char *text = ev_buf_text(&p->text), *comma;
	bool list = ev_pairs_in(p->list, text + field->key, field->key_len);

	if (field->lines == 0)
		return;
	line += field->line;
	for (i = 0; i < field->lines; i++) {
		from = line[i].at;
		stop = i + 1 < field->lines ? line[i + 1].at : end;
		for (; from < stop; from = to + 1) {
			comma =
			    list ? memchr(text + from, ',', stop - from) : NULL;
			to = comma == NULL ? stop : (size_t)(comma - text);
			add_line(p, value, from,
			    to - from - (to == stop && to < end ? 1 : 0),
			    &line[i]);
		}
	}
}

static size_t
count_nodes(const struct ev_pairs *p)
{
	size_t n = 1 + p->count + p->carrieds, i;

	n += p->line.len / sizeof(struct ev_pairs_line);
	if (p->list == NULL)
		return n;
	for (i = 0; i < p->text.len; i++)
		n += p->text.data[i] == ',';
	return n;
}

static void
add_field(struct ev_pairs *p, size_t i)
{
	const struct ev_pairs_field *field = &p->field[i];
	struct ev_json_node *node = &p->node[1 + i];

	node->type = EV_JSON_STRING;
	node->key = ev_buf_text(&p->text) + field->key;
	node->key_len = field->key_len;
	if (!ev_text_is_utf8(node->key, node->key_len) ||
	    memchr(node->key, '\0', node->key_len) != NULL)
		node->key_notes = EV_JSON_N_BAD_UTF8;
	node->text = ev_buf_text(&p->text) + field->text;
	node->text_len = field->text_len;
	node->notes = field->notes | EV_JSON_N_SOURCE;
	node->offset = (size_t)(field->from - p->from);
	node->length = (size_t)(field->to - field->from);
	add_lines(p, field, node);
}

/* The record as an object: its labels, then what is carried into it. */
static enum ev_rc
build(struct ev_pairs *p)
{
	struct ev_json_node *node;
	size_t i, n = count_nodes(p), fields = p->count;

	free(p->node);
	p->node = calloc(n, sizeof(*p->node));
	if (p->node == NULL)
		return ev_fail_sys(p->err, "cannot read an artifact");
	p->nodes = 1 + p->count + p->carrieds;
	for (i = 0; i < p->count; i++)
		add_field(p, i);
	for (i = 0; i < p->carrieds; i++) {
		node = &p->node[1 + p->count];
		if (p->carried[i].level > p->depth)
			continue;
		node += fields - p->count;
		node->type = EV_JSON_STRING;
		node->key = ev_buf_text(&p->carried[i].key);
		node->key_len = p->carried[i].key.len;
		node->text = ev_buf_text(&p->carried[i].text);
		node->text_len = p->carried[i].text.len;
		node->notes = p->carried[i].notes;
		fields++;
	}
	for (i = 0; i + 1 < fields; i++)
		p->node[1 + i].next = &p->node[2 + i];
	p->node->type = EV_JSON_OBJECT;
	p->node->length = (size_t)(p->to - p->from);
	p->node->count = fields;
	p->node->child = fields > 0 ? p->node + 1 : NULL;
	return EV_OK;
}

/* The states of those rows paths that go through this record. */
static size_t
take_states(struct ev_pairs *p, const struct ev_pairs_section *section,
    const struct ev_record *record, int64_t number)
{
	static const struct ev_json_node none = { .type = EV_JSON_ARRAY };
	struct ev_pass *pass = p->pass;
	struct ev_state *to;
	const struct ev_step *step;
	size_t i, n = 0;

	for (i = 0; i < pass->state_count; i++) {
		to = &pass->stack[n];
		*to = pass->state[i];
		to->at[0].node = to->path == NULL ? record->root : &p->root;
		to->at[0].data = to->path == NULL ? record->data : NULL;
		if (to->path == NULL) {
			n++;
			continue;
		}
		step = to->path->step;
		if (section == NULL || to->path->count < 2 ||
		    !leads_to(step, section->key.key, section->key.key_len) ||
		    (step[1].type != EV_STEP_ITER &&
			(step[1].type != EV_STEP_INDEX ||
			    (int64_t)step[1].index + 1 != number)))
			continue;
		if (step->type == EV_STEP_MEMBERS) {
			to->at[++to->level].node = &none;
			to->key = &section->key;
		}
		if (step[1].type == EV_STEP_ITER) {
			to->at[++to->level].node = record->root;
			to->at[to->level].data = record->data;
		}
		to->pos = 2;
		n++;
	}
	return n;
}

/* Count its keys, and that of its section once. */
static enum ev_rc
walk(struct ev_pairs *p, struct ev_pairs_section *section)
{
	struct ev_shape *shape = p->pass->shape;
	struct ev_shape_node *at = ev_shape_root(shape), *below = NULL;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < p->pass->state_count; i++)
		if (p->pass->state[i].path == NULL)
			return ev_shape_walk(shape, at, p->node, p->err);
	if (section == NULL)
		return EV_OK;
	if (!section->shown || section->read)
		rc = ev_shape_key(shape, at, &section->key, &below, p->err);
	section->shown = true;
	if (rc == EV_OK && below != NULL)
		below = ev_shape_element(below);
	return rc == EV_OK && below != NULL
		   ? ev_shape_walk(shape, below, p->node, p->err)
		   : rc;
}

static enum ev_rc
set_pointer(struct ev_pairs *p, const struct ev_pairs_section *section,
    int64_t number)
{
	struct ev_buf *out = &p->pass->pointer;
	char text[32];
	enum ev_rc rc;

	ev_buf_clear(out);
	snprintf(text, sizeof(text), "%s%jd", section == NULL ? "rec:" : "/",
	    (intmax_t)number);
	if (section == NULL)
		return ev_buf_puts(out, text, p->err);
	rc = ev_buf_puts(out, "section/", p->err);
	if (rc == EV_OK && section->key.key_notes != 0)
		rc = ev_text_safe(out, section->name.data, section->name.len,
		    EV_TEXT_NAME, p->err);
	else if (rc == EV_OK && section->name.len > 0)
		rc = ev_buf_put(out, section->name.data, section->name.len,
		    p->err);
	return rc == EV_OK ? ev_buf_puts(out, text, p->err) : rc;
}

static enum ev_rc
lose(struct ev_pairs *p)
{
	const struct ev_loss loss = { -1, p->from, p->to, "too-long",
		"a record of at most 16 MiB and 1024 labels was expected" };
	enum ev_rc rc = EV_OK;

	if (!p->collect)
		rc = ev_pass_set_aside(p->pass, &loss, p->err);
	if (rc == EV_OK && !p->collect)
		rc = ev_pass_settle(p->pass, p->to, p->err);
	return rc;
}

enum ev_rc
ev_pairs_show(struct ev_pairs *p)
{
	struct ev_pairs_section *section = NULL;
	struct ev_record record = { NULL, NULL, p->from, p->from, p->to,
		false };
	int64_t number;
	enum ev_rc rc;

	if (p->at_section < p->sections)
		section = &p->section[p->at_section];
	number = section == NULL ? ++p->records : ++section->records;
	if (p->to - p->from > EV_ROW_LIMIT || p->from < p->lines->base)
		p->too_long = true;
	if (p->too_long)
		return lose(p);
	if (p->collect && (section == NULL || number > section->wanted))
		return EV_OK;
	rc = build(p);
	if (rc != EV_OK)
		return rc;
	if (p->collect)
		return section == NULL ? EV_OK : keep(p, section);
	record.root = p->node;
	record.data = p->lines->data + (p->from - p->lines->base);
	record.plain = p->plain;
	if (section != NULL)
		section->key.key = ev_buf_text(&section->name);
	rc = set_pointer(p, section, number);
	if (rc == EV_OK && p->flat)
		rc = ev_pass_record(p->pass, &record, p->err);
	else if (rc == EV_OK)
		rc = walk(p, section);
	if (rc == EV_OK && !p->flat)
		rc = ev_pass_visit(p->pass, &record, p->pass->stack,
		    take_states(p, section, &record, number), p->err);
	return rc == EV_OK ? ev_pass_settle(p->pass, p->to, p->err) : rc;
}
