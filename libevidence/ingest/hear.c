/* What the child said, believed only where it can be true. */
#include <string.h>

#include "evidence/text.h"
#include "ingest/hear.h"

enum {
	WORD_MAX = 64,
	MEDIA_MAX = 127,
	TEXT_MAX = 32 << 10,
	PATH_MAX_BYTES = 1 << 20,
	FINGERPRINT = 64,
};

/* Microseconds: the years 1 to 9999. */
static const int64_t FIRST = -62135596800000000;
static const int64_t LAST = 253402300799999999;
static const int64_t OUTPUT_MAX = (int64_t)256 << 30;

void
ev_hear_init(struct ev_hear *hear, const struct ev_child_events *events,
    int mapping_count)
{
	memset(hear, 0, sizeof(*hear));
	hear->events = events;
	hear->mapping_count = mapping_count;
	hear->output_max = OUTPUT_MAX;
}

void
ev_hear_expect(struct ev_hear *hear, const struct ev_child_exhibit *exhibit,
    const struct ev_hear_dead *dead, size_t dead_count)
{
	hear->expect = exhibit;
	hear->dead = dead;
	hear->dead_count = dead_count;
	hear->begun = hear->ended = false;
	hear->next = 0;
	hear->output = hear->progress = 0;
	hear->depth = 0;
}

static enum ev_rc
lie(struct ev_hear *hear, struct ev_err *err, const char *what)
{
	hear->lied = true;
	return ev_fail(err, EV_INPUT, "the reading child sent %s", what);
}

/* A word of [a-z0-9-], NUL-terminated into word. */
static bool
get_word(struct ev_wire *wire, char *word, size_t size, const char *others)
{
	const char *data;
	size_t len, i;

	data = ev_wire_get_bytes(wire, &len);
	if (wire->bad || len == 0 || len >= size)
		return false;
	for (i = 0; i < len; i++) {
		if (!(data[i] >= 'a' && data[i] <= 'z') &&
		    !(data[i] >= '0' && data[i] <= '9') &&
		    (data[i] == '\0' || strchr(others, data[i]) == NULL))
			return false;
	}
	memcpy(word, data, len);
	word[len] = '\0';
	return true;
}

/* One line of UTF-8, NUL-terminated into text. */
static bool
get_text(struct ev_wire *wire, struct ev_buf *text, struct ev_err *err)
{
	const unsigned char *data;
	size_t len, i;

	data = ev_wire_get_bytes(wire, &len);
	if (wire->bad || len > TEXT_MAX || !ev_text_is_utf8(data, len))
		return false;
	for (i = 0; i < len; i++) {
		if (data[i] < ' ' || data[i] == 0x7f)
			return false;
	}
	ev_buf_clear(text);
	return ev_buf_put(text, data, len, err) == EV_OK;
}

/* The member a finding is about; NULL: it is not open. */
static struct ev_hear_open *
get_open(struct ev_hear *hear, struct ev_wire *wire)
{
	int64_t ordinal = ev_wire_get_signed(wire);
	size_t i;

	for (i = hear->depth; i-- > 0;) {
		if (hear->open[i].ordinal == ordinal)
			return wire->bad ? NULL : &hear->open[i];
	}
	return NULL;
}

/* A span of the member: the end is kept until its size is known. */
static bool
span(struct ev_hear_open *open, int64_t offset, int64_t length)
{
	int64_t reach;

	if (offset < 0 || length < 0 ||
	    __builtin_add_overflow(offset, length, &reach))
		return false;
	if (reach > open->reach)
		open->reach = reach;
	return true;
}

static bool
mapping_known(const struct ev_hear *hear, int64_t mapping)
{
	return mapping >= 0 && mapping < hear->mapping_count;
}

static enum ev_rc
hear_hello(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	uint64_t abi = ev_wire_get(wire, 4);
	uint64_t seccomp = ev_wire_get(wire, 1);
	uint64_t limits = ev_wire_get(wire, 1);

	if (!ev_wire_done(wire) || hear->hello || abi > 1000 || seccomp > 1 ||
	    limits > 1)
		return lie(hear, err, "a greeting that is none");
	hear->hello = true;
	hear->cage.landlock_abi = (int)abi;
	hear->cage.seccomp = seccomp != 0;
	hear->cage.limits = limits != 0;
	return EV_OK;
}

static enum ev_rc
hear_begin(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	uint64_t tag = ev_wire_get(wire, 8);

	if (!ev_wire_done(wire) || hear->begun || hear->expect == NULL ||
	    tag != hear->expect->tag)
		return lie(hear, err, "the begin of an exhibit out of turn");
	hear->begun = true;
	return hear->events->exhibit_begin(hear->events->ctx, tag, err);
}

/* Its parent is the innermost open member, and a file. */
static bool
may_follow(const struct ev_hear *hear, const struct ev_member *member)
{
	const struct ev_hear_open *top;

	if (hear->depth == 0)
		return member->ordinal == 0 && hear->next == 0 &&
		       member->parent == -1 && member->type == 'f';
	top = &hear->open[hear->depth - 1];
	return member->ordinal == hear->next &&
	       member->parent == top->ordinal && top->type == 'f' &&
	       member->index == top->children + 1 &&
	       hear->depth < EV_CHILD_OPEN;
}

static enum ev_rc
hear_member(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_member member;
	struct ev_hear_open *open;
	uint64_t flag;

	memset(&member, 0, sizeof(member));
	member.ordinal = ev_wire_get_signed(wire);
	member.parent = ev_wire_get_signed(wire);
	member.index = ev_wire_get_signed(wire);
	member.declared_size = ev_wire_get_signed(wire);
	member.mtime = ev_wire_get_signed(wire);
	flag = ev_wire_get(wire, 1);
	member.has_mtime = flag != 0;
	member.type = (char)ev_wire_get(wire, 1);
	member.path = ev_wire_get_bytes(wire, &member.path_len);
	if (!ev_wire_done(wire) || !hear->begun || hear->ended || flag > 1 ||
	    member.type == '\0' || strchr("fdlo", member.type) == NULL ||
	    member.declared_size < -1 || member.path_len > PATH_MAX_BYTES ||
	    member.mtime < FIRST || member.mtime > LAST ||
	    (!member.has_mtime && member.mtime != 0))
		return lie(hear, err, "a member that cannot be");
	if (!may_follow(hear, &member))
		return lie(hear, err, "a member out of turn");
	if (hear->depth > 0)
		hear->open[hear->depth - 1].children++;
	open = &hear->open[hear->depth++];
	memset(open, 0, sizeof(*open));
	open->ordinal = member.ordinal;
	open->type = member.type;
	hear->next++;
	if (member.ordinal == 0) {
		member.path = hear->expect->name;
		member.path_len = hear->expect->name_len;
		member.declared_size = hear->expect->size;
	}
	return hear->events->member(hear->events->ctx, &member, err);
}

static enum ev_rc
hear_data(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_hear_open *open = get_open(hear, wire);

	if (open == NULL || open->ordinal == 0 || open->type != 'f' ||
	    wire->len == 0)
		return lie(hear, err, "bytes of no member");
	open->bytes += (int64_t)wire->len;
	hear->output += (int64_t)wire->len;
	if (hear->output > hear->output_max) {
		hear->lied = true;
		return ev_fail(err, EV_LIMIT,
		    "more than %jd bytes out of one exhibit",
		    (intmax_t)hear->output_max);
	}
	return hear->events->data(hear->events->ctx, open->ordinal, wire->data,
	    wire->len, err);
}

static enum ev_rc
hear_media(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_hear_open *open = get_open(hear, wire);
	char type[MEDIA_MAX + 1];

	if (open == NULL || open->media || open->type != 'f' ||
	    !get_word(wire, type, sizeof(type), "-+./_") || !ev_wire_done(wire))
		return lie(hear, err, "a media type that is none");
	open->media = true;
	return hear->events->media(hear->events->ctx, open->ordinal, type, err);
}

static enum ev_rc
hear_fact(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_hear_open *open = get_open(hear, wire);
	enum ev_rc rc;

	if (open == NULL || open->type != 'f')
		return lie(hear, err, "a fact of no member");
	rc = ev_fact_decode(&hear->fact, wire->data, wire->len, err);
	if (rc == EV_INPUT)
		hear->lied = true;
	if (rc != EV_OK)
		return rc;
	if (!mapping_known(hear, hear->fact.mapping) ||
	    !span(open, hear->fact.offset, hear->fact.length))
		return lie(hear, err, "a fact without a source");
	return hear->events->fact(hear->events->ctx, open->ordinal, &hear->fact,
	    err);
}

static enum ev_rc
hear_duplicate(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_hear_open *open = get_open(hear, wire);
	int64_t mapping = ev_wire_get_signed(wire);
	struct ev_duplicate row;

	row.offset = ev_wire_get_signed(wire);
	row.length = ev_wire_get_signed(wire);
	row.first_offset = ev_wire_get_signed(wire);
	if (open == NULL || !ev_wire_done(wire) ||
	    !mapping_known(hear, mapping) ||
	    !span(open, row.offset, row.length) ||
	    !span(open, row.first_offset, 0))
		return lie(hear, err, "a duplicate that cannot be");
	row.mapping = (int)mapping;
	return hear->events->duplicate(hear->events->ctx, open->ordinal, &row,
	    err);
}

static enum ev_rc
hear_set_aside(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_hear_open *open = get_open(hear, wire);
	int64_t mapping = ev_wire_get_signed(wire);
	struct ev_set_aside what;
	char reason[WORD_MAX + 1];
	struct ev_buf text;
	enum ev_rc rc;

	ev_buf_init(&text, TEXT_MAX);
	memset(&what, 0, sizeof(what));
	what.offset = ev_wire_get_signed(wire);
	what.length = ev_wire_get_signed(wire);
	if (open == NULL || !get_word(wire, reason, sizeof(reason), "-") ||
	    !get_text(wire, &text, err) || !ev_wire_done(wire) ||
	    (mapping != -1 && !mapping_known(hear, mapping)) ||
	    !span(open, what.offset, what.length)) {
		ev_buf_release(&text);
		return lie(hear, err, "a span set aside that cannot be");
	}
	what.mapping = (int)mapping;
	what.reason = reason;
	what.message = ev_buf_text(&text);
	open->set_aside++;
	rc = hear->events->set_aside(hear->events->ctx, open->ordinal, &what,
	    err);
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
hear_ignored(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_hear_open *open = get_open(hear, wire);
	int64_t offset = ev_wire_get_signed(wire);
	int64_t length = ev_wire_get_signed(wire);

	if (open == NULL || !ev_wire_done(wire) || length < 1 ||
	    !span(open, offset, length) ||
	    (open->ignored > 0 && offset <= open->ignored_to))
		return lie(hear, err, "an ignored span that cannot be");
	open->ignored += length;
	open->ignored_to = offset + length;
	return hear->events->ignored(hear->events->ctx, open->ordinal, offset,
	    length, err);
}

static enum ev_rc
hear_note(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_hear_open *open = get_open(hear, wire);
	struct ev_member_note note;
	char word[WORD_MAX + 1];
	struct ev_buf text;
	enum ev_rc rc;

	ev_buf_init(&text, TEXT_MAX);
	note.offset = ev_wire_get_signed(wire);
	if (open == NULL || !get_word(wire, word, sizeof(word), "-") ||
	    !get_text(wire, &text, err) || !ev_wire_done(wire) ||
	    note.offset < -1) {
		ev_buf_release(&text);
		return lie(hear, err, "a note that cannot be");
	}
	note.word = word;
	note.detail = ev_buf_text(&text);
	rc = hear->events->note(hear->events->ctx, open->ordinal, &note, err);
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
hear_unknown_key(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_hear_open *open = get_open(hear, wire);
	struct ev_unknown_key key;

	key.times = ev_wire_get_signed(wire);
	key.path = ev_wire_get_bytes(wire, &key.len);
	if (open == NULL || !ev_wire_done(wire) || key.times < 1 ||
	    key.len > PATH_MAX_BYTES)
		return lie(hear, err, "an unknown key that cannot be");
	return hear->events->unknown_key(hear->events->ctx, open->ordinal, &key,
	    err);
}

/* Non-negative, and the parts are the sum. */
static bool
adds_up(const int64_t *part, size_t count, int64_t sum)
{
	int64_t total = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (part[i] < 0 ||
		    __builtin_add_overflow(total, part[i], &total))
			return false;
	}
	return total == sum;
}

static enum ev_rc
hear_rows(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_hear_open *open = get_open(hear, wire);
	struct ev_row_count rows;
	int64_t mapping, part[4];
	size_t i;

	mapping = ev_wire_get_signed(wire);
	rows.found = ev_wire_get_signed(wire);
	for (i = 0; i < 4; i++)
		part[i] = ev_wire_get_signed(wire);
	rows.read = part[0];
	rows.duplicated = part[1];
	rows.set_aside = part[2];
	rows.ignored = part[3];
	rows.facts = ev_wire_get_signed(wire);
	rows.nulls = ev_wire_get_signed(wire);
	rows.declared = ev_wire_get_signed(wire);
	if (open == NULL || !ev_wire_done(wire) ||
	    !mapping_known(hear, mapping) || !adds_up(part, 4, rows.found) ||
	    rows.facts < 0 || rows.nulls < 0 || rows.declared < -1)
		return lie(hear, err, "rows that do not add up");
	open->read = true;
	return hear->events->rows(hear->events->ctx, open->ordinal,
	    (int)mapping, &rows, err);
}

static bool
fingerprint_valid(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] == '\0' ||
		    strchr("0123456789abcdef", text[i]) == NULL)
			return false;
	}
	return len == 0 || len == FINGERPRINT;
}

/* Whether the outcome is one that the bytes heard allow. */
static bool
total_valid(const struct ev_hear *hear, const struct ev_hear_open *open,
    const struct ev_member_total *total)
{
	const int64_t part[] = { total->bytes.read, total->bytes.set_aside,
		total->bytes.ignored, total->bytes.frame };
	int64_t size = open->ordinal == 0 ? hear->expect->size : open->bytes;

	if (total->outcome == EV_O_FAILED)
		return adds_up(part, 4, 0);
	if (open->type != 'f')
		return open->bytes == 0 && total->outcome == EV_O_EMPTY &&
		       adds_up(part, 4, 0);
	if (open->reach > size ||
	    (total->outcome != EV_O_CONTAINER && open->children > 0))
		return false;
	if ((open->read || open->ignored > 0) &&
	    open->ignored != total->bytes.ignored)
		return false;
	return adds_up(part, 4, size);
}

/* The parent's own words about a member that killed a child. */
static enum ev_rc
tell_dead(struct ev_hear *hear, const struct ev_hear_open *open,
    struct ev_member_total *total, struct ev_err *err)
{
	struct ev_set_aside what = { .mapping = -1 };
	size_t i;

	for (i = 0; i < hear->dead_count; i++) {
		if (hear->dead[i].ordinal == open->ordinal)
			break;
	}
	if (i == hear->dead_count)
		return EV_OK;
	if (total->outcome != EV_O_FAILED)
		return lie(hear, err, "a member that it was told to pass over");
	total->message = what.message = hear->dead[i].message;
	what.reason = hear->dead[i].reason;
	what.offset = hear->dead[i].offset;
	return hear->events->set_aside(hear->events->ctx, open->ordinal, &what,
	    err);
}

static enum ev_rc
hear_total(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	struct ev_hear_open *open = get_open(hear, wire);
	int64_t outcome = ev_wire_get_signed(wire);
	struct ev_member_total total;
	char print[FINGERPRINT + 1] = "";
	struct ev_buf text;
	const char *data;
	enum ev_rc rc;
	size_t len;

	ev_buf_init(&text, TEXT_MAX);
	memset(&total, 0, sizeof(total));
	total.bytes.read = ev_wire_get_signed(wire);
	total.bytes.set_aside = ev_wire_get_signed(wire);
	total.bytes.ignored = ev_wire_get_signed(wire);
	total.bytes.frame = ev_wire_get_signed(wire);
	data = ev_wire_get_bytes(wire, &len);
	if (open == NULL || open != &hear->open[hear->depth - 1] ||
	    outcome < 0 || outcome >= EV_OUTCOMES ||
	    !fingerprint_valid(data, len) || !get_text(wire, &text, err) ||
	    !ev_wire_done(wire)) {
		ev_buf_release(&text);
		return lie(hear, err, "a total that cannot be");
	}
	memcpy(print, data, len);
	total.outcome = (enum ev_outcome)outcome;
	total.fingerprint = print;
	total.message = ev_buf_text(&text);
	if (total_valid(hear, open, &total))
		rc = tell_dead(hear, open, &total, err);
	else
		rc = lie(hear, err, "a total that does not add up");
	if (rc == EV_OK) {
		hear->depth--;
		rc = hear->events->total(hear->events->ctx, open->ordinal,
		    &total, err);
	}
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
hear_progress(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	uint64_t tag = ev_wire_get(wire, 8);
	int64_t bytes = ev_wire_get_signed(wire);

	if (!ev_wire_done(wire) || !hear->begun || hear->ended ||
	    tag != hear->expect->tag || bytes < hear->progress ||
	    bytes > hear->expect->size)
		return lie(hear, err, "progress that cannot be");
	hear->progress = bytes;
	return hear->events->progress(hear->events->ctx, tag, bytes, err);
}

static enum ev_rc
hear_end(struct ev_hear *hear, struct ev_wire *wire, struct ev_err *err)
{
	uint64_t tag = ev_wire_get(wire, 8);

	if (!ev_wire_done(wire) || !hear->begun || hear->ended ||
	    tag != hear->expect->tag || hear->depth != 0 || hear->next == 0)
		return lie(hear, err, "the end of an exhibit out of turn");
	hear->ended = true;
	return hear->events->exhibit_end(hear->events->ctx, tag, err);
}

static const struct {
	enum ev_frame_type type;
	enum ev_rc (*hear)(struct ev_hear *, struct ev_wire *, struct ev_err *);
} message[] = {
	{ EV_F_BEGIN, hear_begin },
	{ EV_F_MEMBER, hear_member },
	{ EV_F_DATA, hear_data },
	{ EV_F_MEDIA, hear_media },
	{ EV_F_FACT, hear_fact },
	{ EV_F_DUPLICATE, hear_duplicate },
	{ EV_F_SET_ASIDE, hear_set_aside },
	{ EV_F_IGNORED, hear_ignored },
	{ EV_F_NOTE, hear_note },
	{ EV_F_UNKNOWN_KEY, hear_unknown_key },
	{ EV_F_ROWS, hear_rows },
	{ EV_F_TOTAL, hear_total },
	{ EV_F_PROGRESS, hear_progress },
	{ EV_F_END, hear_end },
};

enum ev_rc
ev_hear_frame(struct ev_hear *hear, const struct ev_frame *frame,
    struct ev_err *err)
{
	struct ev_wire wire = { .data = frame->body, .len = frame->len };
	size_t i;

	if (!hear->hello)
		return frame->type == EV_F_HELLO
			   ? hear_hello(hear, &wire, err)
			   : lie(hear, err, "something before its greeting");
	for (i = 0; i < sizeof(message) / sizeof(message[0]); i++) {
		if ((int)message[i].type == frame->type)
			return message[i].hear(hear, &wire, err);
	}
	return lie(hear, err, "a message of a type that is none");
}

int64_t
ev_hear_current(const struct ev_hear *hear, int64_t *offset)
{
	const struct ev_hear_open *top;

	*offset = 0;
	if (!hear->begun || hear->depth == 0)
		return hear->next;
	top = &hear->open[hear->depth - 1];
	/* Between two members: the archive is at its next one. */
	if (top->children > 0)
		return hear->next;
	*offset = top->ordinal == 0 ? hear->progress : top->bytes;
	return top->ordinal;
}
