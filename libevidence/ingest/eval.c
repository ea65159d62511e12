/* One row to one fact: when, const, field, required, store. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/pass.h"

/* What evaluating a row comes to. */
struct eval {
	struct ev_pass *pass;
	struct ev_run *run;
	const struct ev_row *row;
	struct ev_fact *fact;
	struct ev_err *err;
	bool refused; /* dupkey refuse met a key twice */
	int ip;       /* column that gave a port, -1: none */
	int64_t port;
	bool lost;    /* a parent was not read to where a column stands */
	bool unknown; /* nor to where a test looks */
};

static const struct ev_column *
column_info(const struct eval *e, int column)
{
	return &ev_kind_info(e->run->m->entry.kind)->columns[column];
}

/* "column:word", once. */
static enum ev_rc
note(struct eval *e, int column, const char *word)
{
	struct ev_buf *notes = &e->pass->notes;
	char text[96];
	int len;

	len = snprintf(text, sizeof(text), "%s%s:%s", notes->len > 0 ? " " : "",
	    column_info(e, column)->name, word);
	return ev_buf_put(notes, text, (size_t)len, e->err);
}

static enum ev_rc
note_words(struct eval *e, int column, const char *words)
{
	enum ev_rc rc = EV_OK;
	char word[EV_CONV_NOTES];
	size_t len;

	while (*words != '\0' && rc == EV_OK) {
		len = strcspn(words, " ");
		memcpy(word, words, len);
		word[len] = '\0';
		rc = note(e, column, word);
		words += len;
		words += *words == ' ';
	}
	return rc;
}

static bool
in_words(const struct ev_words *words, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		if (words->word[i].len == len &&
		    memcmp(words->word[i].data, text, len) == 0)
			return true;
	return false;
}

static enum ev_rc
test(struct eval *e, const struct ev_when *when, bool *holds)
{
	struct ev_value value = { 0 };
	bool there;
	enum ev_rc rc;

	value.scratch = &e->pass->raw[EV_FACT_VALUES - 1];
	rc = ev_value_get(e->pass, e->row, &when->place, &value, e->err);
	if (rc != EV_OK)
		return rc;
	e->refused = e->refused || value.refused;
	e->unknown = e->unknown || value.parent_lost;
	there = value.found != EV_FOUND_NOTHING && value.found != EV_FOUND_CUT;
	switch (when->test) {
	case EV_TEST_PRESENT:
		*holds = there;
		return EV_OK;
	case EV_TEST_ABSENT:
		*holds = !there;
		return EV_OK;
	case EV_TEST_ANY:
		*holds = value.found == EV_FOUND_TEXT &&
			 in_words(&when->words, value.text, value.len);
		return EV_OK;
	case EV_TEST_NONE:
		break;
	}
	*holds = value.found != EV_FOUND_TEXT ||
		 !in_words(&when->words, value.text, value.len);
	return EV_OK;
}

static struct ev_fact_value *
add_value(struct eval *e, int column)
{
	struct ev_fact_value *value = &e->fact->value[e->fact->count++];

	memset(value, 0, sizeof(*value));
	value->column = column;
	return value;
}

static void
keep_raw(struct ev_fact_value *value, const struct ev_value *from)
{
	value->has_raw = true;
	value->raw = from->raw;
	value->raw_len = from->raw_len;
}

/* A column that is NULL, with the reason. */
static enum ev_rc
add_null(struct eval *e, int column, const struct ev_value *from,
    const char *words)
{
	struct ev_fact_value *value = add_value(e, column);

	value->null = true;
	keep_raw(value, from);
	e->run->rows.nulls++;
	return note_words(e, column, words);
}

/* A word of null: nothing to note, and what stood there is kept. */
static enum ev_rc
keep_null(struct eval *e, const struct ev_field *field,
    const struct ev_value *from)
{
	struct ev_fact_value *value = add_value(e, field->column);

	value->null = true;
	keep_raw(value, from);
	return EV_OK;
}

static void
add_fixed(struct eval *e, const struct ev_field *field)
{
	struct ev_fact_value *value = add_value(e, field->column);

	value->text = field->text.data;
	value->text_len = field->text.len;
	value->number = field->number;
}

static bool
in_vocabulary(const struct ev_column *column, const struct ev_buf *text)
{
	size_t i;

	for (i = 0; column->words != NULL && column->words[i] != NULL; i++)
		if (strcmp(column->words[i], ev_buf_text(text)) == 0)
			return true;
	return column->words == NULL;
}

/* Is what was found the value as it would be printed? */
static bool
as_found(enum ev_column_type type, const struct ev_fact_value *value,
    const struct ev_value *from)
{
	char number[24];
	const char *text = value->text;
	size_t len = value->text_len;

	if (type == EV_C_TIME)
		return false;
	if (type == EV_C_INT || type == EV_C_PORT) {
		len = (size_t)snprintf(number, sizeof(number), "%jd",
		    (intmax_t)value->number);
		text = number;
	} else if (type == EV_C_BOOL) {
		text = value->number != 0 ? "true" : "false";
		len = strlen(text);
	}
	return from->raw_len == len &&
	       (len == 0 || memcmp(from->raw, text, len) == 0);
}

static enum ev_rc
store_parsed(struct eval *e, const struct ev_field *field,
    const struct ev_value *from, const struct ev_value_out *out)
{
	const struct ev_column *column = column_info(e, field->column);
	struct ev_fact_value *value;

	if (!in_vocabulary(column, out->text))
		return add_null(e, field->column, from, "unknown-word");
	value = add_value(e, field->column);
	value->text = ev_buf_text(out->text);
	value->text_len = out->text->len;
	value->number = out->number;
	value->time = out->time;
	if (!as_found(column->type, value, from))
		keep_raw(value, from);
	if (out->has_port) {
		e->ip = field->column;
		e->port = out->port;
	}
	return note_words(e, field->column, out->notes);
}

static enum ev_rc
convert(struct eval *e, const struct ev_field *field,
    const struct ev_value *from, size_t slot)
{
	const struct ev_value_in in = { from->node, from->text, from->len };
	struct ev_value_out out;
	enum ev_rc rc;

	memset(&out, 0, sizeof(out));
	out.text = &e->pass->text[slot];
	ev_buf_clear(out.text);
	rc = field->conv.info->fn(&field->conv, &in, &out, e->err);
	if (rc == EV_OK)
		return store_parsed(e, field, from, &out);
	if (rc != EV_EOF || out.absent)
		return rc == EV_EOF ? EV_OK : rc;
	return add_null(e, field->column, from,
	    out.notes[0] != '\0' ? out.notes : "not-parsed");
}

/* Null and redacted words, and the empty string but for text. */
static enum ev_rc
store_text(struct eval *e, const struct ev_field *field,
    const struct ev_value *from, size_t slot)
{
	const struct ev_mapping *m = e->run->m;

	if (in_words(&m->redacted, from->text, from->len) ||
	    in_words(&m->redacted, from->raw, from->raw_len))
		return add_null(e, field->column, from, "redacted-by-source");
	if (in_words(&m->nulls, from->text, from->len) ||
	    in_words(&m->nulls, from->raw, from->raw_len))
		return from->raw_len == 0 ? EV_OK : keep_null(e, field, from);
	if (from->len == 0 && strcmp(field->conv.info->name, "text") != 0)
		return EV_OK;
	return convert(e, field, from, slot);
}

/* What the reader says of a value. */
static enum ev_rc
note_reader(struct eval *e, int column, unsigned notes)
{
	enum ev_rc rc = EV_OK;

	if ((notes & EV_JSON_N_SPLIT) != 0)
		rc = note(e, column, "page-split");
	if (rc == EV_OK && (notes & EV_JSON_N_INHERITED) != 0)
		rc = note(e, column, "inherited");
	return rc;
}

static enum ev_rc
store_field(struct eval *e, const struct ev_field *field, size_t slot)
{
	struct ev_value value = { 0 };
	enum ev_rc rc;

	value.scratch = &e->pass->raw[slot];
	rc = ev_value_get(e->pass, e->row, &field->place, &value, e->err);
	e->refused = e->refused || value.refused;
	e->lost = e->lost || value.parent_lost;
	if (rc == EV_OK && value.alt_both)
		rc = note(e, field->column, "alt-both");
	if (rc == EV_OK && value.dup)
		rc = note(e, field->column, "dup-key");
	if (rc == EV_OK && value.node != NULL)
		rc = note_reader(e, field->column, value.node->notes);
	if (rc != EV_OK)
		return rc;
	switch (value.found) {
	case EV_FOUND_NOTHING:
		return EV_OK;
	case EV_FOUND_NODE:
		if (field->conv.info->whole)
			return convert(e, field, &value, slot);
		return add_null(e, field->column, &value, "not-scalar");
	case EV_FOUND_BROKEN:
		return add_null(e, field->column, &value, value.note);
	case EV_FOUND_MANY:
		return add_null(e, field->column, &value, "");
	case EV_FOUND_CUT:
		return add_null(e, field->column, &value, "not-parsed");
	case EV_FOUND_TEXT:
		break;
	}
	return store_text(e, field, &value, slot);
}

/* ip's port is port, created_ip's created_port. */
static int
port_column(const struct eval *e)
{
	const char *name = column_info(e, e->ip)->name;
	char port[32];
	size_t len = strlen(name) - 2;

	snprintf(port, sizeof(port), "%.*sport", (int)len, name);
	return ev_kind_column(e->run->m->entry.kind, port, len + 4);
}

/* A field for the port wins over the port behind an address. */
static enum ev_rc
store_port(struct eval *e)
{
	struct ev_fact *fact = e->fact;
	struct ev_fact_value *value, ip = { 0 };
	int column = port_column(e);
	size_t i;

	if (column < 0)
		return EV_OK;
	for (i = 0; i < fact->count; i++)
		if (fact->value[i].column == e->ip)
			ip = fact->value[i];
	for (i = 0; i < fact->count && fact->value[i].column < column; i++)
		;
	value = &fact->value[i];
	if (i < fact->count && value->column == column && value->null &&
	    in_words(&e->run->m->nulls, value->raw, value->raw_len)) {
		/* A word for nothing says nothing against the address. */
		value->null = false;
		value->number = e->port;
		value->raw = ip.raw;
		value->raw_len = ip.raw_len;
		return EV_OK;
	}
	if (i < fact->count && value->column == column) {
		if (!value->null && value->number != e->port)
			return note(e, column, "port-differs");
		return EV_OK;
	}
	memmove(value + 1, value, (fact->count - i) * sizeof(*value));
	fact->count++;
	memset(value, 0, sizeof(*value));
	value->column = column;
	value->number = e->port;
	value->has_raw = ip.has_raw;
	value->raw = ip.raw;
	value->raw_len = ip.raw_len;
	return EV_OK;
}

static enum ev_rc
store_fields(struct eval *e)
{
	const struct ev_mapping *m = e->run->m;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < m->field_count && rc == EV_OK; i++) {
		if (m->field[i].fixed)
			add_fixed(e, &m->field[i]);
		else if (m->field[i].place.source != EV_SRC_HOLDER)
			rc = store_field(e, &m->field[i], i);
	}
	if (rc == EV_OK && e->ip >= 0)
		rc = store_port(e);
	return rc;
}

static bool
has_column(const struct ev_fact *fact, int column)
{
	size_t i;

	for (i = 0; i < fact->count; i++)
		if (fact->value[i].column == column)
			return !fact->value[i].null;
	return false;
}

static enum ev_account_basis
account_basis(const struct eval *e)
{
	const struct ev_mapping *m = e->run->m;
	const struct ev_field *field = &m->field[0];

	if (m->field_count == 0 || field->column != EV_COL_ACCOUNT)
		return EV_AB_NONE;
	if (field->place.source == EV_SRC_HOLDER)
		return EV_AB_HOLDER;
	if (!has_column(e->fact, EV_COL_ACCOUNT))
		return EV_AB_NONE;
	if (field->fixed)
		return EV_AB_DOCUMENT;
	if (field->place.source == EV_SRC_MEMBER ||
	    field->place.source == EV_SRC_CAPTURE)
		return EV_AB_PATH;
	if (field->place.source == EV_SRC_PATH &&
	    field->place.path.anchor != EV_FROM_ELEMENT)
		return EV_AB_DOCUMENT;
	return EV_AB_RECORD;
}

/* The platform where the document names it; NULL: not parsed. */
static enum ev_rc
find_platform(struct eval *e, const char **platform)
{
	const struct ev_mapping *m = e->run->m;
	struct ev_value value = { 0 };
	struct ev_value_out out;
	struct ev_value_in in;
	enum ev_rc rc;

	*platform = m->platform;
	if (m->platform != NULL)
		return EV_OK;
	value.scratch = &e->pass->raw[EV_FACT_VALUES - 1];
	rc = ev_value_get(e->pass, e->row, &m->platform_place, &value, e->err);
	if (rc != EV_OK || value.found != EV_FOUND_TEXT)
		return rc;
	memset(&out, 0, sizeof(out));
	out.text = &e->pass->text[EV_FACT_VALUES - 1];
	ev_buf_clear(out.text);
	in.node = value.node;
	in.text = value.text;
	in.len = value.len;
	rc = m->platform_conv.info->fn(&m->platform_conv, &in, &out, e->err);
	if (rc == EV_OK && out.text->len > 0 &&
	    strspn(ev_buf_text(out.text),
		"abcdefghijklmnopqrstuvwxyz0123456789-") == out.text->len)
		*platform = ev_buf_text(out.text);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
set_aside(struct eval *e, const char *reason, const char *message)
{
	const struct ev_fact *fact = e->fact;
	const struct ev_loss loss = { (int)(e->run - e->pass->run),
		fact->offset, fact->offset + fact->length, reason, message };

	e->run->rows.set_aside++;
	return ev_pass_set_aside(e->pass, &loss, e->err);
}

/* What a row must have, else it is set aside; *done if it was. */
static enum ev_rc
check_required(struct eval *e, bool *done)
{
	const struct ev_mapping *m = e->run->m;
	char message[128];
	enum ev_rc rc;
	size_t i;

	*done = true;
	if (e->refused)
		return set_aside(e, "dup-key",
		    "the mapping refuses a key that stands twice");
	rc = find_platform(e, &e->fact->platform);
	if (rc != EV_OK)
		return rc;
	if (e->fact->platform == NULL)
		return set_aside(e, "required", "the platform is not named");
	for (i = 0; i < m->field_count; i++) {
		if (!m->field[i].required ||
		    m->field[i].place.source == EV_SRC_HOLDER ||
		    has_column(e->fact, m->field[i].column))
			continue;
		snprintf(message, sizeof(message),
		    "column '%s' was expected, and nothing was parsed for it",
		    column_info(e, m->field[i].column)->name);
		return set_aside(e, "required", message);
	}
	*done = false;
	return EV_OK;
}

static enum ev_rc
digest_value(struct ev_digest *digest, const struct ev_fact_value *value,
    struct ev_err *err)
{
	const struct ev_fact_time *t = &value->time;
	int64_t head[8];
	enum ev_rc rc;

	head[0] = value->column;
	head[1] = value->null;
	head[2] = (int64_t)value->text_len;
	head[3] = value->number;
	head[4] = t->has_utc ? t->utc : 0;
	head[5] = t->lo;
	head[6] = t->hi;
	head[7] = value->has_raw ? (int64_t)value->raw_len : -1;
	rc = ev_digest_update(digest, head, sizeof(head), err);
	if (rc == EV_OK && value->text_len > 0)
		rc =
		    ev_digest_update(digest, value->text, value->text_len, err);
	if (rc == EV_OK && value->has_raw && value->raw_len > 0)
		rc = ev_digest_update(digest, value->raw, value->raw_len, err);
	return rc;
}

/* The row's bytes and columns: equal ones make a row a duplicate. */
static enum ev_rc
find_duplicate(struct eval *e, const void *data, size_t len, int64_t *first)
{
	struct ev_digest *digest = &e->pass->digest;
	struct ev_digests digests;
	enum ev_rc rc;
	size_t i;
	int64_t offset, length;

	rc = ev_digest_update(digest, &e->run->index, sizeof(e->run->index),
	    e->err);
	if (rc == EV_OK)
		rc = ev_digest_update(digest, data, len, e->err);
	for (i = 0; i < e->fact->count && rc == EV_OK; i++)
		rc = digest_value(digest, &e->fact->value[i], e->err);
	if (rc == EV_OK)
		rc = ev_digest_final(digest, &digests, e->err);
	if (rc != EV_OK)
		return rc;
	ev_view_span(&e->pass->view, e->fact->offset,
	    e->fact->offset + e->fact->length, &offset, &length);
	return ev_seen_add(&e->pass->seen, digests.sha256, offset, first,
	    e->err);
}

static enum ev_rc
note_same_id(struct eval *e)
{
	struct ev_digest *digest = &e->pass->digest;
	const int *column = e->run->id;
	const struct ev_fact_value *value;
	struct ev_digests digests;
	enum ev_rc rc;
	int64_t first;
	size_t i, k;

	if (column[0] < 0 || !has_column(e->fact, column[0]))
		return EV_OK;
	rc = ev_digest_update(digest, &e->run->index, sizeof(e->run->index),
	    e->err);
	for (i = 0; i < e->fact->count && rc == EV_OK; i++)
		for (k = 0; k < 2 && rc == EV_OK; k++) {
			value = &e->fact->value[i];
			if (value->column != column[k] || value->null)
				continue;
			rc = ev_digest_update(digest, value->text,
			    value->text_len, e->err);
			if (rc == EV_OK)
				rc = ev_digest_update(digest, "", 1, e->err);
		}
	if (rc == EV_OK)
		rc = ev_digest_final(digest, &digests, e->err);
	if (rc == EV_OK)
		rc = ev_seen_add(&e->pass->ids, digests.sha256, 0, &first,
		    e->err);
	if (rc == EV_OK && first >= 0)
		rc = note(e, column[0], "same-id");
	return rc;
}

static enum ev_rc
emit_duplicate(struct eval *e, int64_t first)
{
	const struct ev_sink *sink = e->pass->sink;
	struct ev_duplicate row;

	e->run->rows.duplicated++;
	row.mapping = e->run->index;
	row.first_offset = first;
	ev_view_span(&e->pass->view, e->fact->offset,
	    e->fact->offset + e->fact->length, &row.offset, &row.length);
	return sink->duplicate(sink->ctx, &row, e->err);
}

static enum ev_rc
emit_fact(struct eval *e)
{
	struct ev_pass *pass = e->pass;
	struct ev_fact *fact = e->fact;
	enum ev_rc rc = EV_OK;
	int64_t from = fact->offset;

	if (e->lost)
		rc = ev_pass_note(pass, "parent-not-read", "", from, e->err);
	if (rc != EV_OK)
		return rc;
	e->run->rows.read++;
	e->run->rows.facts++;
	fact->account_basis = account_basis(e);
	fact->pointer = ev_buf_text(&pass->pointer);
	fact->pointer_len = pass->pointer.len;
	fact->root = pass->path;
	fact->root_len = e->run->root;
	fact->notes = ev_buf_text(&pass->notes);
	fact->notes_len = pass->notes.len;
	ev_view_span(&pass->view, from, from + fact->length, &fact->offset,
	    &fact->length);
	return pass->sink->fact(pass->sink->ctx, fact, e->err);
}

/* A number in the document that says how many rows there should be. */
static enum ev_rc
read_expected(struct eval *e)
{
	struct ev_value value = { 0 };
	struct ev_place place = e->run->m->expect;
	struct ev_row row = *e->row;
	struct ev_value_out out;
	struct ev_value_in in;
	struct ev_conv conv = { ev_conv_find("int", 3), NULL, 0 };
	enum ev_rc rc;

	if (!e->run->m->expect_path || e->run->expected)
		return EV_OK;
	e->run->expected = true;
	if (place.source == EV_SRC_PATH && place.path.anchor == EV_FROM_ELEMENT)
		place.path.anchor = EV_FROM_DOCUMENT;
	value.scratch = &e->pass->raw[EV_FACT_VALUES - 1];
	rc = ev_value_get(e->pass, &row, &place, &value, e->err);
	if (rc != EV_OK || value.found != EV_FOUND_TEXT)
		return rc;
	memset(&out, 0, sizeof(out));
	in.node = value.node;
	in.text = value.text;
	in.len = value.len;
	rc = conv.info->fn(&conv, &in, &out, e->err);
	if (rc == EV_OK)
		e->run->rows.declared = out.number;
	return rc == EV_EOF ? EV_OK : rc;
}

/* when: *refused if one does not hold. */
static enum ev_rc
check_when(struct eval *e, bool *refused)
{
	const struct ev_mapping *m = e->run->m;
	enum ev_rc rc = EV_OK;
	bool holds = true;
	size_t i;

	for (i = 0; i < m->when_count && rc == EV_OK && holds; i++)
		rc = test(e, &m->when[i], &holds);
	*refused = !holds;
	return rc;
}

enum ev_rc
ev_pass_row(struct ev_pass *pass, const struct ev_row *row, struct ev_err *err)
{
	const struct ev_record *record = row->record;
	struct eval e = { pass, &pass->run[row->state->run], row, &pass->fact,
		err, false, -1, 0, false, false };
	const void *data = record->data + row->node->offset;
	size_t len = row->node->length;
	int64_t from = record->offset + (int64_t)row->node->offset, first = -1;
	enum ev_rc rc;
	bool done = false;

	e.fact->kind = e.run->m->entry.kind;
	e.fact->mapping = e.run->index;
	e.fact->count = 0;
	e.fact->offset = from;
	e.fact->length = (int64_t)len;
	if (row->state->path == NULL || row->node == record->root) {
		e.fact->offset = record->from;
		e.fact->length = record->to - record->from;
	}
	ev_buf_clear(&pass->notes);
	e.run->rows.found++;
	rc = read_expected(&e);
	if (rc == EV_OK)
		rc = check_when(&e, &done);
	if (rc == EV_OK && e.unknown)
		return set_aside(&e, "too-long",
		    "what a test looks at stands behind 16 MiB of rows");
	if (rc == EV_OK && done) {
		e.run->rows.ignored++;
		return ev_pass_span(pass, EV_SPAN_IGNORED, e.fact->offset,
		    e.fact->offset + e.fact->length, err);
	}
	if (rc == EV_OK)
		rc = store_fields(&e);
	if (rc == EV_OK)
		rc = check_required(&e, &done);
	if (rc != EV_OK || done)
		return rc;
	rc = ev_pass_span(pass, EV_SPAN_READ, e.fact->offset,
	    e.fact->offset + e.fact->length, err);
	if (rc == EV_OK && len > 0)
		rc = find_duplicate(&e, data, len, &first);
	if (rc == EV_OK && first >= 0)
		return emit_duplicate(&e, first);
	if (rc == EV_OK)
		rc = note_same_id(&e);
	return rc == EV_OK ? emit_fact(&e) : rc;
}
