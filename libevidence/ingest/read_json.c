/* reader json: one document, read whole if small, in one stream if not. */
#include <stdlib.h>
#include <string.h>

#include "ingest/read_json.h"

enum {
	WHOLE = 4 << 20, /* bytes of a document that is read into nodes */
	BLOCK = 256 * 1024,
};

unsigned
ev_json_tolerate(const struct ev_mapping *m)
{
	static const struct {
		const char *word;
		unsigned flag;
	} words[] = { { "bare-key", EV_JSON_T_BARE_KEY },
		{ "trailing-comma", EV_JSON_T_TRAILING_COMMA },
		{ "semicolon", EV_JSON_T_SEMICOLON },
		{ "hex-escape", EV_JSON_T_HEX_ESCAPE },
		{ "single-quote", EV_JSON_T_SINGLE_QUOTE } };
	unsigned flags = 0;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (ev_reader_has(m, "tolerate", words[i].word))
			flags |= words[i].flag;
	return flags;
}

enum ev_rc
ev_json_note_used(struct ev_pass *pass, const int64_t used[5],
    struct ev_err *err)
{
	static const char *const words[] = { "bare-key", "trailing-comma",
		"semicolon", "hex-escape", "single-quote" };
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < 5 && rc == EV_OK; i++)
		if (used[i] >= 0)
			rc = ev_pass_note(pass, words[i],
			    1 << i == EV_JSON_T_HEX_ESCAPE
				? ""
				: "not the platform's own JSON writer",
			    used[i], err);
	return rc;
}

const char *
ev_json_reason(enum ev_json_stop stop)
{
	switch (stop) {
	case EV_JSON_S_TRUNCATED:
		return "truncated";
	case EV_JSON_S_TOO_DEEP:
		return "too-deep";
	case EV_JSON_S_TOO_LONG:
		return "too-long";
	case EV_JSON_S_ENCODING:
		return "bad-encoding";
	case EV_JSON_S_SYNTAX:
	case EV_JSON_S_NONE:
		break;
	}
	return "syntax";
}

const char *
ev_json_message(const struct ev_err *err)
{
	const char *colon;

	if (strncmp(err->msg, "byte ", 5) != 0)
		return err->msg;
	colon = strstr(err->msg, ": ");
	return colon == NULL ? err->msg : colon + 2;
}

/* Such rows, or rows within elements that may be too large to be held. */
bool
ev_json_looks_up(const struct ev_pass *pass)
{
	const struct ev_mapping *m;
	size_t i, k;

	for (i = 0; i < pass->run_count; i++) {
		m = pass->run[i].m;
		if (m->platform == NULL || m->expect_path)
			return true;
		for (k = 0; k < m->rows_count; k++)
			if (ev_path_levels(&m->rows[k]) > 1)
				return true;
		for (k = 0; k < m->field_count; k++)
			if (m->field[k].place.source == EV_SRC_PATH &&
			    m->field[k].place.path.anchor != EV_FROM_ELEMENT)
				return true;
		for (k = 0; k < m->when_count; k++)
			if (m->when[k].place.source == EV_SRC_PATH &&
			    m->when[k].place.path.anchor != EV_FROM_ELEMENT)
				return true;
	}
	return false;
}

static enum ev_rc
make_room(struct ev_json_feed *feed, size_t want, struct ev_err *err)
{
	unsigned char *bigger;
	size_t drop = 0, cap;

	if (feed->keep > feed->base)
		drop = (size_t)(feed->keep - feed->base);
	if (drop > feed->given)
		drop = feed->given;
	if (drop > 0 && feed->cap - feed->len < want) {
		memmove(feed->data, feed->data + drop, feed->len - drop);
		feed->len -= drop;
		feed->given -= drop;
		feed->base += (int64_t)drop;
	}
	if (feed->cap - feed->len >= want)
		return EV_OK;
	cap = feed->cap == 0 ? 4 * (size_t)BLOCK : 2 * feed->cap;
	while (cap - feed->len < want)
		cap *= 2;
	bigger = realloc(feed->data, cap);
	if (bigger == NULL)
		return ev_fail_sys(err, "cannot hold a row");
	feed->data = bigger;
	feed->cap = cap;
	return EV_OK;
}

enum ev_rc
ev_json_feed_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct ev_json_feed *feed = ctx;
	enum ev_rc rc;
	size_t more = 0;

	*got = 0;
	if (feed->given == feed->len) {
		if (feed->view == NULL)
			return EV_EOF;
		/* A row over the limit is followed, but not kept. */
		if (feed->len > EV_ROW_LIMIT + (size_t)BLOCK &&
		    feed->keep <= feed->base) {
			feed->overflow = true;
			feed->base += (int64_t)feed->len;
			feed->len = feed->given = 0;
		}
		rc = make_room(feed, cap < BLOCK ? cap : BLOCK, err);
		if (rc == EV_OK)
			rc = ev_view_read(feed->view, feed->data + feed->len,
			    cap < BLOCK ? cap : BLOCK, &more, err);
		if (rc != EV_OK)
			return rc;
		feed->len += more;
	}
	*got = feed->len - feed->given;
	if (*got > cap)
		*got = cap;
	memcpy(data, feed->data + feed->given, *got);
	feed->given += *got;
	return EV_OK;
}

enum ev_rc
ev_json_feed_fill(struct ev_json_feed *feed, size_t cap, bool *all,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t more;

	*all = false;
	while (feed->len < cap) {
		rc = make_room(feed, BLOCK, err);
		if (rc == EV_OK)
			rc = ev_view_read(feed->view, feed->data + feed->len,
			    BLOCK, &more, err);
		if (rc == EV_EOF) {
			*all = true;
			return EV_OK;
		}
		if (rc != EV_OK)
			return rc;
		feed->len += more;
	}
	return EV_OK;
}

/* The value at hand: what of the mappings leads to it. */
struct place {
	size_t n;                    /* states, in room */
	struct ev_shape_node *shape; /* or NULL */
};

/* A container that is gone through token by token. */
struct frame {
	struct ev_json_node key; /* of states that {*} brought here */
	struct ev_buf key_text;
	bool object;
	int64_t index; /* of the next element */
	size_t pointer;
	struct place place;
	struct ev_state *state;
};

struct walk {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_json_feed *feed;
	struct ev_jsonread *reader;
	unsigned tolerate;
	const struct ev_parents *parents;
	struct ev_ahead *ahead; /* instead, as long as nothing is known */
	struct ev_json_doc *doc;
	struct ev_json_node key; /* of the value that comes */
	struct ev_buf key_text;
	struct ev_state *room; /* a frame's states each */
	struct frame frame[EV_JSON_DEPTH + 2];
	size_t depth;
	int64_t broken; /* where reading a row began that failed, -1 */
};

static void
add_used(int64_t used[5], int i, int64_t at)
{
	if (at >= 0 && (used[i] < 0 || at < used[i]))
		used[i] = at;
}

static bool
ends(const struct ev_state *state)
{
	return state->path == NULL || state->pos == state->path->count;
}

static const struct ev_step *
step_of(const struct ev_state *state)
{
	return &state->path->step[state->pos];
}

static void
go_down(struct ev_state *state, bool level)
{
	state->pos++;
	state->fresh = level;
	if (level)
		memset(&state->at[++state->level], 0, sizeof(state->at[0]));
}

/* The states behind a key or an index of the innermost container. */
static void
match(struct walk *w, struct ev_state *to, struct place *place, int64_t index)
{
	const struct frame *from = &w->frame[w->depth - 1];
	const struct ev_step *step;
	size_t i, k;
	bool hit;

	place->n = 0;
	for (i = 0; i < from->place.n; i++) {
		step = step_of(&from->state[i]);
		hit = false;
		if (!from->object) {
			hit = step->type == EV_STEP_ITER ||
			      (step->type == EV_STEP_INDEX &&
				  (int64_t)step->index == index);
		} else if (step->type == EV_STEP_KEY) {
			for (k = 0; k < step->key_count && !hit; k++)
				hit = ev_key_is(&step->key[k], w->key.key,
				    w->key.key_len);
		} else {
			hit = step->type == EV_STEP_MEMBERS;
		}
		if (!hit)
			continue;
		to[place->n] = from->state[i];
		go_down(&to[place->n], step->type == EV_STEP_ITER ||
					   step->type == EV_STEP_MEMBERS);
		if (step->type == EV_STEP_MEMBERS)
			to[place->n].key = &w->key;
		place->n++;
	}
}

/* Where the next value stands, and its pointer. */
static enum ev_rc
locate(struct walk *w, struct ev_state *to, struct place *place)
{
	struct frame *frame;
	enum ev_rc rc;

	size_t i;

	if (w->depth == 0) {
		memcpy(to, w->pass->state, w->pass->state_count * sizeof(*to));
		place->n = w->pass->state_count;
		for (i = 0; i < place->n; i++)
			to[i].fresh = true;
		place->shape = ev_shape_root(w->pass->shape);
		return EV_OK;
	}
	frame = &w->frame[w->depth - 1];
	w->pass->pointer.len = frame->pointer;
	match(w, to, place, frame->index);
	if (frame->object) {
		place->shape = NULL;
		rc = EV_OK;
		if (frame->place.shape != NULL)
			rc = ev_shape_key(w->pass->shape, frame->place.shape,
			    &w->key, &place->shape, w->err);
		if (rc != EV_OK)
			return rc;
		return ev_pass_push_key(w->pass, w->key.key, w->key.key_len,
		    w->err);
	}
	place->shape = frame->place.shape == NULL
			   ? NULL
			   : ev_shape_element(frame->place.shape);
	return ev_pass_push_index(w->pass, frame->index++, w->err);
}

static enum ev_rc
keep_key(struct walk *w, const struct ev_json_token *token)
{
	enum ev_rc rc;

	ev_buf_clear(&w->key_text);
	rc = ev_buf_put(&w->key_text, token->text, token->text_len, w->err);
	memset(&w->key, 0, sizeof(w->key));
	w->key.key = ev_buf_text(&w->key_text);
	w->key.key_len = token->text_len;
	w->key.key_notes = token->notes;
	if (rc == EV_OK && w->ahead != NULL)
		rc = ev_ahead_key(w->ahead, token, w->err);
	return rc;
}

static bool
is_open(const struct ev_json_token *token)
{
	return token->event == EV_JSON_E_OBJECT ||
	       token->event == EV_JSON_E_ARRAY;
}

/* Is this value read whole? */
static bool
wants_whole(const struct walk *w, const struct ev_json_token *token,
    const struct ev_state *state, size_t n)
{
	const struct ev_parent *parent;
	size_t i;

	if (!is_open(token))
		return n > 0;
	parent = ev_parents_find(w->parents, token->offset);
	/* Of a broken text the row it breaks off in is lost, as any would. */
	if (parent != NULL && (!parent->broken || w->depth == 0))
		return false;
	for (i = 0; i < n && parent != NULL; i++)
		if (ends(&state[i]))
			return true;
	for (i = 0; i < n && parent == NULL; i++)
		if (ends(&state[i]) || (state[i].fresh && state[i].level > 0) ||
		    (token->event == EV_JSON_E_OBJECT &&
			step_of(&state[i])->type == EV_STEP_ITER))
			return true;
	return false;
}

/* A row that is over the limit, or cannot be held. */
static enum ev_rc
lose_row(struct walk *w, const struct ev_state *state, size_t n,
    const struct ev_loss *loss)
{
	struct ev_loss one = *loss;
	enum ev_rc rc = EV_OK;
	bool told = false;
	size_t i;

	for (i = 0; i < n && rc == EV_OK; i++) {
		if (!ends(&state[i]))
			continue;
		one.run = (int)state[i].run;
		w->pass->run[one.run].rows.found++;
		w->pass->run[one.run].rows.set_aside++;
		rc = ev_pass_set_aside(w->pass, &one, w->err);
		told = true;
	}
	one.run = -1;
	if (rc == EV_OK && !told)
		rc = ev_pass_set_aside(w->pass, &one, w->err);
	return rc;
}

/* Show the value, whose bytes are at hand, to the mappings. */
static enum ev_rc
show(struct walk *w, struct ev_state *state, const struct place *place,
    struct ev_record *record)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < place->n; i++) {
		if (!state[i].fresh)
			continue;
		state[i].at[state[i].level].node = record->root;
		state[i].at[state[i].level].data = record->data;
		state[i].at[state[i].level].parent = NULL;
	}
	if (place->shape != NULL)
		rc = ev_shape_walk(w->pass->shape, place->shape, record->root,
		    w->err);
	if (rc == EV_OK)
		rc = ev_pass_visit(w->pass, record, state, place->n, w->err);
	return rc;
}

/* To the end of the value; its bytes are kept. */
static enum ev_rc
take_whole(struct walk *w, const struct ev_json_token *token,
    struct ev_state *state, const struct place *place)
{
	struct ev_json_token last = *token;
	struct ev_record record = { NULL, NULL, token->offset, token->offset, 0,
		false };
	struct ev_loss loss = { -1, token->offset, 0, "too-long", "" };
	enum ev_rc rc = EV_OK;

	w->feed->keep = token->offset;
	w->feed->overflow = false;
	w->broken = token->offset;
	if (is_open(token))
		rc = ev_jsonread_skip(w->reader, &last, w->err);
	if (rc != EV_OK)
		return rc;
	w->broken = -1;
	record.to = loss.to = last.offset + last.length;
	if (w->feed->overflow || record.to - record.from > EV_ROW_LIMIT) {
		w->feed->overflow = false;
		loss.message = "a row of at most 16 MiB was expected";
		rc = lose_row(w, state, place->n, &loss);
	} else {
		record.data = w->feed->data + (record.offset - w->feed->base);
		rc = ev_json_record(&w->doc, record.data,
		    (size_t)(record.to - record.from), w->tolerate, w->err);
		if (rc == EV_LIMIT || rc == EV_INPUT) {
			loss.message = ev_json_message(w->err);
			if (rc == EV_INPUT)
				loss.reason = "syntax";
			rc = lose_row(w, state, place->n, &loss);
		} else if (rc == EV_OK) {
			record.root = ev_json_root(w->doc);
			rc = show(w, state, place, &record);
		}
	}
	if (rc == EV_OK)
		rc = ev_pass_settle(w->pass, record.to, w->err);
	w->feed->keep = record.to;
	return rc;
}

/* A value that no row lies in. */
static enum ev_rc
pass_over(struct walk *w, const struct ev_json_token *token)
{
	struct ev_json_token last = *token;
	enum ev_rc rc = EV_OK;

	w->broken = token->offset;
	if (is_open(token))
		rc = ev_jsonread_skip(w->reader, &last, w->err);
	if (rc != EV_OK)
		return rc;
	w->broken = -1;
	rc = ev_pass_span(w->pass, EV_SPAN_IGNORED, token->offset,
	    last.offset + last.length, w->err);
	if (rc == EV_OK)
		rc = ev_pass_settle(w->pass, last.offset + last.length, w->err);
	return rc;
}

/* The key of a {*}, which the keys within must not overwrite. */
static enum ev_rc
keep_own_key(struct walk *w, struct frame *frame, struct ev_state *state)
{
	enum ev_rc rc;

	if (frame->key_text.limit == 0)
		ev_buf_init(&frame->key_text, 2 * (size_t)EV_ROW_LIMIT);
	ev_buf_clear(&frame->key_text);
	rc = ev_buf_put(&frame->key_text, w->key.key, w->key.key_len, w->err);
	frame->key = w->key;
	frame->key.key = ev_buf_text(&frame->key_text);
	state->key = &frame->key;
	return rc;
}

/* Go into a container token by token. */
static enum ev_rc
go_into(struct walk *w, const struct ev_json_token *token,
    struct ev_state *state, struct place *place)
{
	const struct ev_parent *parent =
	    w->ahead != NULL ? ev_ahead_open(w->ahead, token)
			     : ev_parents_find(w->parents, token->offset);
	struct frame *frame = &w->frame[w->depth];
	struct ev_loss loss = { -1, token->offset, token->offset + 1,
		"too-long", "a row of at most 16 MiB was expected" };
	enum ev_rc rc = EV_OK;
	size_t i, n = 0;

	if (parent != NULL && parent->broken) {
		loss.reason = "syntax";
		loss.message = "the text breaks off before the row ends";
	}
	frame->object = token->event == EV_JSON_E_OBJECT;
	for (i = 0; i < place->n && rc == EV_OK; i++)
		if (state[i].key == &w->key)
			rc = keep_own_key(w, frame, &state[i]);
	for (i = 0; i < place->n && rc == EV_OK; i++) {
		if (state[i].fresh)
			state[i].at[state[i].level].parent = parent;
		while (frame->object && !ends(&state[i]) &&
		       step_of(&state[i])->type == EV_STEP_ITER) {
			go_down(&state[i], true);
			state[i].at[state[i].level].parent = parent;
		}
		if (ends(&state[i])) {
			rc = lose_row(w, &state[i], 1, &loss);
			continue;
		}
		if (n != i)
			state[n] = state[i];
		n++;
	}
	frame->state = state;
	frame->place.n = n;
	frame->place.shape = place->shape;
	frame->index = 0;
	frame->pointer = w->pass->pointer.len;
	w->depth++;
	return rc;
}

static enum ev_rc
one_value(struct walk *w, const struct ev_json_token *token)
{
	struct ev_state *state = w->room + w->depth * w->pass->state_count;
	struct place place = { 0, NULL };
	enum ev_rc rc;
	bool whole;

	rc = locate(w, state, &place);
	if (rc != EV_OK)
		return rc;
	whole = wants_whole(w, token, state, place.n);
	if (!whole && is_open(token) &&
	    (place.n > 0 ||
		(place.shape != NULL && ev_shape_open(place.shape))))
		return go_into(w, token, state, &place);
	if (w->ahead != NULL)
		rc = ev_ahead_pass(w->ahead, token);
	if (rc != EV_OK)
		return rc;
	return whole ? take_whole(w, token, state, &place)
		     : pass_over(w, token);
}

static enum ev_rc
one_token(struct walk *w, const struct ev_json_token *token)
{
	switch (token->event) {
	case EV_JSON_E_KEY:
		return keep_key(w, token);
	case EV_JSON_E_OBJECT_END:
	case EV_JSON_E_ARRAY_END:
		w->depth--;
		if (w->ahead != NULL)
			ev_ahead_close(w->ahead);
		return EV_OK;
	case EV_JSON_E_OBJECT:
	case EV_JSON_E_ARRAY:
	case EV_JSON_E_STRING:
	case EV_JSON_E_NUMBER:
	case EV_JSON_E_TRUE:
	case EV_JSON_E_FALSE:
	case EV_JSON_E_NULL:
		break;
	}
	return one_value(w, token);
}

/* Where the key or value that broke off at a fault began. */
static int64_t
torn_from(const struct walk *w, int64_t fault)
{
	const struct ev_json_feed *feed = w->feed;
	size_t i;

	if (feed->overflow || feed->keep < feed->base)
		return fault;
	for (i = (size_t)(feed->keep - feed->base);
	     i < feed->len && feed->base + (int64_t)i < fault; i++)
		if (feed->data[i] == '\0' ||
		    strchr(" \t\r\n,:", feed->data[i]) == NULL)
			return feed->base + (int64_t)i;
	return fault;
}

/* The rest of the view, from where nothing can be read any more. */
static enum ev_rc
lose_rest(struct walk *w)
{
	char message[sizeof(w->err->msg)];
	int64_t from;
	const char *reason;
	enum ev_rc rc;

	memcpy(message, ev_json_message(w->err),
	    strlen(ev_json_message(w->err)) + 1);
	reason = ev_json_reason(ev_jsonread_stop(w->reader, &from));
	from = w->broken >= 0 ? w->broken : torn_from(w, from);
	rc = ev_pass_lose_rest(w->pass, from, reason, message, w->err);
	return rc;
}

static enum ev_rc
note_walk_used(struct walk *w)
{
	int64_t used[5] = { -1, -1, -1, -1, -1 };
	int i;

	for (i = 0; i < 5; i++)
		add_used(used, i,
		    ev_jsonread_used(w->reader,
			(enum ev_json_tolerate)(1 << i)));
	return ev_json_note_used(w->pass, used, w->err);
}

static enum ev_rc
walk(struct walk *w)
{
	const struct ev_jsonread_opts opts = { .tolerate = w->tolerate,
		.max_depth = EV_JSON_DEPTH };
	const struct ev_stream stream = { w->feed, ev_json_feed_read, NULL };
	struct ev_json_token token;
	enum ev_rc rc;
	size_t i;

	w->room = calloc((EV_JSON_DEPTH + 2) * w->pass->state_count,
	    sizeof(*w->room));
	if (w->room == NULL)
		return ev_fail_sys(w->err, "cannot read an artifact");
	ev_buf_init(&w->key_text, 2 * (size_t)EV_ROW_LIMIT);
	rc = ev_jsonread_new(&w->reader, &stream, w->feed->base, &opts, w->err);
	while (rc == EV_OK &&
	       (rc = ev_jsonread_next(w->reader, &token, w->err)) == EV_OK) {
		rc = one_token(w, &token);
		if (rc == EV_OK && w->broken < 0)
			w->feed->keep = ev_jsonread_offset(w->reader);
	}
	if (rc == EV_EOF)
		rc = EV_OK;
	if (rc == EV_INPUT)
		rc = lose_rest(w);
	if (rc == EV_OK)
		rc = note_walk_used(w);
	ev_jsonread_free(w->reader);
	ev_ahead_free(w->ahead);
	ev_json_free(w->doc);
	ev_buf_release(&w->key_text);
	for (i = 0; i < EV_JSON_DEPTH + 2; i++)
		ev_buf_release(&w->frame[i].key_text);
	free(w->room);
	return rc;
}

/* A small document as one record; *done false if it must be walked. */
static enum ev_rc
read_whole(struct ev_pass *pass, const struct ev_json_feed *feed,
    unsigned tolerate, bool *done, struct ev_err *err)
{
	struct ev_record record = { NULL, feed->data, 0, 0, 0, false };
	int64_t used[5] = { -1, -1, -1, -1, -1 };
	struct ev_json_doc *doc = NULL;
	enum ev_rc rc;
	int i;

	rc = ev_json_record(&doc, feed->data, feed->len, tolerate, err);
	*done = rc == EV_OK;
	if (rc == EV_OK) {
		record.root = ev_json_root(doc);
		record.from = (int64_t)record.root->offset;
		record.to = record.from + (int64_t)record.root->length;
		rc = ev_pass_record(pass, &record, err);
		for (i = 0; i < 5 && rc == EV_OK; i++)
			add_used(used, i,
			    ev_json_record_used(doc,
				(enum ev_json_tolerate)(1 << i)));
		if (rc == EV_OK)
			rc = ev_json_note_used(pass, used, err);
	} else if (rc == EV_INPUT || rc == EV_LIMIT) {
		rc = EV_OK;
	}
	ev_json_free(doc);
	return rc;
}

static bool
is_blank(const struct ev_json_feed *feed)
{
	size_t i;

	for (i = 0; i < feed->len; i++)
		if (feed->data[i] == '\0' ||
		    strchr(" \t\r\n", feed->data[i]) == NULL)
			return false;
	return true;
}

static enum ev_rc
start_again(struct ev_pass *pass, struct ev_json_feed *feed, struct ev_err *err)
{
	feed->given = 0;
	feed->keep = 0;
	if (feed->view == NULL)
		return EV_OK;
	feed->len = 0;
	feed->base = 0;
	return ev_pass_rewind(pass, err);
}

/* The first pass, or two where elements are too large; then to the start. */
static enum ev_rc
look_ahead(struct ev_pass *pass, struct ev_json_feed *feed,
    struct ev_parents *parents, struct ev_err *err)
{
	bool large = false;
	enum ev_rc rc;

	rc = ev_json_parents(pass, feed, parents, &large, err);
	if (rc == EV_OK)
		rc = start_again(pass, feed, err);
	if (rc != EV_OK || !large)
		return rc;
	ev_parents_release(parents);
	rc = ev_json_parents(pass, feed, parents, &large, err);
	if (rc == EV_OK)
		rc = start_again(pass, feed, err);
	return rc;
}

enum ev_rc
ev_read_json(struct ev_pass *pass, struct ev_err *err)
{
	struct ev_parents parents = { NULL, 0, 0 };
	struct ev_json_feed feed = { &pass->view, NULL, 0, 0, 0, 0, 0, false };
	struct walk *w;
	unsigned tolerate = ev_json_tolerate(pass->run[0].m);
	bool all, done = false;
	enum ev_rc rc;

	w = calloc(1, sizeof(*w));
	if (w == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	rc = ev_json_feed_fill(&feed, EV_ROW_LIMIT, &all, err);
	if (rc == EV_OK && all && is_blank(&feed))
		goto out;
	if (rc == EV_OK && all && feed.len <= WHOLE)
		rc = read_whole(pass, &feed, tolerate, &done, err);
	if (rc != EV_OK || done)
		goto out;
	if (all)
		feed.view = NULL;
	if (ev_json_looks_up(pass))
		rc = all || pass->can_rewind
			 ? look_ahead(pass, &feed, &parents, err)
			 : ev_ahead_new(&w->ahead, pass, err);
	w->pass = pass;
	w->err = err;
	w->feed = &feed;
	w->tolerate = tolerate;
	w->parents = &parents;
	w->broken = -1;
	if (rc == EV_OK)
		rc = walk(w);
out:
	ev_parents_release(&parents);
	free(feed.data);
	free(w);
	return rc;
}
