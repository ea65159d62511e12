/* What a place of a mapping holds at a row. */
#include <stdio.h>
#include <string.h>

#include "base/jsonread.h"
#include "ingest/pass.h"

enum { FOUND = 8 };

struct finder {
	const struct ev_json_node *node[FOUND];
	const unsigned char *data[FOUND];
	size_t count;
	bool more; /* than fit */
	bool alt_both, dup;
};

static void
found(struct finder *f, const struct ev_json_node *node,
    const unsigned char *data)
{
	if (f->count == FOUND) {
		f->more = true;
		return;
	}
	f->node[f->count] = node;
	f->data[f->count++] = data;
}

static const struct ev_json_node *
member(const struct ev_json_node *child, const struct ev_key *key)
{
	while (child != NULL && !ev_key_is(key, child->key, child->key_len))
		child = child->next;
	return child;
}

/*
 * Follow the steps; a key that stands twice is followed each time, which goes
 * as deep as the path has steps.  NOLINTBEGIN(misc-no-recursion)
 */
static void
find(struct finder *f, const struct ev_json_node *node,
    const unsigned char *data, const struct ev_step *step,
    const struct ev_step *end)
{
	const struct ev_json_node *child = NULL;
	size_t i, k;

	for (; step < end; step++, node = child) {
		if (step->type == EV_STEP_INDEX) {
			if (node->type == EV_JSON_OBJECT)
				return;
			child = node->child;
			for (i = 0; i < step->index && child != NULL; i++)
				child = child->next;
		} else {
			if (node->type != EV_JSON_OBJECT)
				return;
			child = NULL;
			for (i = 0; i < step->key_count && child == NULL; i++)
				child = member(node->child, &step->key[i]);
			for (k = i; k < step->key_count && child != NULL; k++)
				f->alt_both =
				    f->alt_both ||
				    member(node->child, &step->key[k]) != NULL;
		}
		if (child == NULL)
			return;
		if ((child->key_notes & EV_JSON_N_DUP) == 0)
			continue;
		f->dup = true;
		while (child != NULL && !f->more) {
			find(f, child, data, step + 1, end);
			child = member(child->next, &step->key[i - 1]);
		}
		return;
	}
	found(f, node, data);
}
/* NOLINTEND(misc-no-recursion) */

/* Of a parent that was not read whole. */
static enum ev_rc
find_collected(struct finder *f, const struct ev_parent *parent,
    const struct ev_path *path, struct ev_err *err)
{
	struct ev_parent_value *value;
	uint64_t least = UINT64_MAX;
	enum ev_rc rc;
	size_t i;

	for (i = 0; i < parent->count; i++) {
		value = &parent->value[i];
		if (value->path != path)
			continue;
		f->alt_both = f->alt_both ||
			      (least != UINT64_MAX && value->rank != least);
		if (value->rank < least)
			least = value->rank;
	}
	for (i = 0; i < parent->count; i++) {
		value = &parent->value[i];
		if (value->path != path || value->rank != least)
			continue;
		rc = EV_OK;
		if (value->doc == NULL)
			rc = ev_json_record(&value->doc, value->data,
			    value->len,
			    EV_JSON_T_HEX_ESCAPE | EV_JSON_T_SINGLE_QUOTE |
				EV_JSON_T_BARE_KEY | EV_JSON_T_TRAILING_COMMA,
			    err);
		if (rc != EV_OK)
			return rc;
		found(f, ev_json_root(value->doc), value->data);
	}
	f->dup = f->dup || f->count > 1;
	return EV_OK;
}

static void
set_node(struct ev_value *value, const struct ev_json_node *node,
    const unsigned char *data)
{
	const unsigned bad =
	    EV_JSON_N_BAD_UTF8 | EV_JSON_N_SURROGATE | EV_JSON_N_NUL;

	value->node = node;
	value->text = value->raw = node->text;
	value->len = value->raw_len = node->text_len;
	value->found = EV_FOUND_TEXT;
	if (node->type == EV_JSON_NULL) {
		value->found = EV_FOUND_NOTHING;
	} else if (node->type == EV_JSON_OBJECT ||
		   node->type == EV_JSON_ARRAY) {
		value->found = EV_FOUND_NODE;
		value->text = "";
		value->len = 0;
		if (data == NULL)
			return;
		value->raw = (const char *)data + node->offset;
		value->raw_len = node->length;
	} else if (node->type == EV_JSON_STRING && node->notes != 0) {
		/* What stands between the quotes, as it stands there. */
		if (data != NULL && (node->notes & EV_JSON_N_SOURCE) != 0) {
			value->raw = (const char *)data + node->offset;
			value->raw_len = node->length;
		} else if (data != NULL && node->length >= 2) {
			value->raw = (const char *)data + node->offset + 1;
			value->raw_len = node->length - 2;
		}
		if ((node->notes & bad) == 0)
			return;
		value->found = EV_FOUND_BROKEN;
		value->note =
		    (node->notes & EV_JSON_N_BAD_UTF8) != 0 ? "bad-encoding"
		    : (node->notes & EV_JSON_N_NUL) != 0    ? "nul"
							    : "lone-surrogate";
	}
}

static bool
all_equal(const struct finder *f)
{
	size_t i;

	for (i = 1; i < f->count; i++)
		if (f->node[i]->type != f->node[0]->type ||
		    f->node[i]->type == EV_JSON_OBJECT ||
		    f->node[i]->type == EV_JSON_ARRAY ||
		    f->node[i]->text_len != f->node[0]->text_len ||
		    memcmp(f->node[i]->text, f->node[0]->text,
			f->node[0]->text_len) != 0)
			return false;
	return !f->more;
}

/* All raws, a line each. */
static enum ev_rc
keep_all(struct ev_value *value, const struct finder *f, struct ev_err *err)
{
	struct ev_buf *out = value->scratch;
	struct ev_value one;
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_buf_clear(out);
	for (i = 0; i < f->count && rc == EV_OK; i++) {
		set_node(&one, f->node[i], f->data[i]);
		if (i > 0)
			rc = ev_buf_putc(out, '\n', err);
		if (rc == EV_OK && one.raw_len > 0)
			rc = ev_buf_put(out, one.raw, one.raw_len, err);
	}
	value->found = EV_FOUND_MANY;
	value->raw = ev_buf_text(out);
	value->raw_len = out->len;
	return rc;
}

static enum ev_rc
get_path(struct ev_pass *pass, const struct ev_row *row,
    const struct ev_path *path, struct ev_value *value, struct ev_err *err)
{
	struct ev_level level = { row->node,
		row->record->plain ? NULL : row->record->data, NULL };
	struct finder f;
	enum ev_rc rc;
	size_t i;

	if (path->anchor == EV_FROM_ABOVE)
		level = row->state->at[row->state->level - path->up];
	else if (path->anchor == EV_FROM_DOCUMENT)
		level = row->state->at[0];
	f.count = 0;
	f.more = f.alt_both = f.dup = false;
	if (level.node != NULL) {
		find(&f, level.node, level.data, path->step,
		    path->count > 0 ? &path->step[path->count] : path->step);
	} else if (level.parent != NULL) {
		rc = find_collected(&f, level.parent, path, err);
		if (rc != EV_OK)
			return rc;
		value->parent_lost = level.parent->partial && f.count == 0;
	} else {
		value->parent_lost = true;
	}
	value->alt_both = f.alt_both;
	if (f.count == 0)
		return EV_OK;
	i = 0;
	if (f.count > 1 || f.more) {
		value->dup = true;
		switch (pass->run[row->state->run].m->dupkey) {
		case EV_DUP_ALL:
			if (!all_equal(&f))
				return keep_all(value, &f, err);
			break;
		case EV_DUP_FIRST:
			break;
		case EV_DUP_LAST:
			i = f.count - 1;
			break;
		case EV_DUP_REFUSE:
			value->refused = true;
			break;
		}
	}
	set_node(value, f.node[i], f.data[i]);
	return EV_OK;
}

static void
set_text(struct ev_value *value, const char *text, size_t len)
{
	value->found = EV_FOUND_TEXT;
	value->text = value->raw = text;
	value->len = value->raw_len = len;
}

static const char *
find_text(const char *text, size_t len, const struct ev_word *word)
{
	size_t i;

	for (i = 0; i + word->len <= len; i++)
		if (memcmp(text + i, word->data, word->len) == 0)
			return text + i;
	return NULL;
}

/* The text between the first A and the next B. */
static void
cut(struct ev_value *value, const struct ev_place *place)
{
	const char *end = value->text + value->len, *at = value->text;

	if (place->from.len > 0) {
		at = find_text(value->text, value->len, &place->from);
		if (at == NULL) {
			value->found = EV_FOUND_CUT;
			return;
		}
		at += place->from.len;
	}
	value->len = (size_t)(end - at);
	value->text = at;
	if (place->to.len > 0)
		at = find_text(at, value->len, &place->to);
	if (place->to.len > 0 && at != NULL)
		value->len = (size_t)(at - value->text);
}

enum ev_rc
ev_value_get(struct ev_pass *pass, const struct ev_row *row,
    const struct ev_place *place, struct ev_value *value, struct ev_err *err)
{
	const struct ev_run *run = &pass->run[row->state->run];
	const struct ev_json_node *key = row->state->key;
	enum ev_rc rc = EV_OK;
	size_t n;

	switch (place->source) {
	case EV_SRC_PATH:
		rc = get_path(pass, row, &place->path, value, err);
		break;
	case EV_SRC_KEY:
		if (key == NULL)
			break;
		if ((key->key_notes & ~(unsigned)EV_JSON_N_DUP) != 0) {
			value->found = EV_FOUND_BROKEN;
			value->note = "bad-encoding";
			break;
		}
		set_text(value, key->key, key->key_len);
		break;
	case EV_SRC_MEMBER:
		set_text(value, pass->path, pass->path_len);
		break;
	case EV_SRC_RECORD:
		snprintf(pass->number, sizeof(pass->number), "%jd",
		    (intmax_t)run->rows.found);
		set_text(value, pass->number, strlen(pass->number));
		break;
	case EV_SRC_CAPTURE:
		n = (size_t)place->capture - 1;
		if (n < run->captures)
			set_text(value, pass->path + run->capture[n].offset,
			    run->capture[n].len);
		break;
	case EV_SRC_HOLDER:
		break;
	}
	if (rc == EV_OK && place->cut && value->found == EV_FOUND_TEXT)
		cut(value, place);
	return rc;
}
