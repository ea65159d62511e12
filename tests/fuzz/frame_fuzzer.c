/*
 * frame: what a hijacked child could send.  Once as it stands, through the
 * decoder of frames; once as a row of messages (type u8, length u16, body),
 * past the CRC, to the state that believes them or not.  What is believed
 * keeps the order and the sums that child.h promises.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/frame.h"
#include "ingest/hear.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { SIZE = 100 };

struct heard {
	int64_t open[EV_CHILD_OPEN];
	size_t depth;
	int64_t next;
	int begun, ended;
};

static void
must(int holds)
{
	if (!holds)
		abort();
}

static int
is_open(const struct heard *heard, int64_t ordinal)
{
	size_t i;

	for (i = 0; i < heard->depth; i++) {
		if (heard->open[i] == ordinal)
			return 1;
	}
	return 0;
}

static enum ev_rc
on_begin(void *ctx, uint64_t tag, struct ev_err *err)
{
	struct heard *heard = ctx;

	(void)err;
	must(tag == 7 && heard->begun++ == 0);
	return EV_OK;
}

static enum ev_rc
on_member(void *ctx, const struct ev_member *member, struct ev_err *err)
{
	struct heard *heard = ctx;

	(void)err;
	must(heard->begun && !heard->ended && member->ordinal == heard->next++);
	must(heard->depth < EV_CHILD_OPEN);
	must(heard->depth == 0
		 ? member->parent == -1 && member->ordinal == 0
		 : member->parent == heard->open[heard->depth - 1]);
	must(member->ordinal != 0 || member->declared_size == SIZE);
	heard->open[heard->depth++] = member->ordinal;
	return EV_OK;
}

static enum ev_rc
on_data(void *ctx, int64_t ordinal, const void *data, size_t len,
    struct ev_err *err)
{
	(void)data;
	(void)err;
	must(ordinal > 0 && len > 0 && is_open(ctx, ordinal));
	return EV_OK;
}

static enum ev_rc
on_media(void *ctx, int64_t ordinal, const char *type, struct ev_err *err)
{
	(void)err;
	must(is_open(ctx, ordinal) && type[0] != '\0' && strlen(type) < 128);
	return EV_OK;
}

static enum ev_rc
on_fact(void *ctx, int64_t ordinal, const struct ev_fact *fact,
    struct ev_err *err)
{
	(void)err;
	must(is_open(ctx, ordinal) && fact->mapping < 3 && fact->offset >= 0);
	return EV_OK;
}

static enum ev_rc
on_duplicate(void *ctx, int64_t ordinal, const struct ev_duplicate *row,
    struct ev_err *err)
{
	(void)err;
	must(is_open(ctx, ordinal) && row->mapping >= 0 && row->mapping < 3);
	return EV_OK;
}

static enum ev_rc
on_set_aside(void *ctx, int64_t ordinal, const struct ev_set_aside *what,
    struct ev_err *err)
{
	(void)err;
	must(is_open(ctx, ordinal) && what->mapping < 3 && what->offset >= 0 &&
	     what->length >= 0 && what->reason[0] != '\0');
	return EV_OK;
}

static enum ev_rc
on_ignored(void *ctx, int64_t ordinal, int64_t offset, int64_t length,
    struct ev_err *err)
{
	(void)err;
	must(is_open(ctx, ordinal) && offset >= 0 && length > 0);
	return EV_OK;
}

static enum ev_rc
on_note(void *ctx, int64_t ordinal, const struct ev_member_note *note,
    struct ev_err *err)
{
	(void)err;
	must(is_open(ctx, ordinal) && note->word[0] != '\0');
	return EV_OK;
}

static enum ev_rc
on_unknown_key(void *ctx, int64_t ordinal, const struct ev_unknown_key *key,
    struct ev_err *err)
{
	(void)err;
	must(is_open(ctx, ordinal) && key->times > 0);
	return EV_OK;
}

static enum ev_rc
on_rows(void *ctx, int64_t ordinal, int mapping,
    const struct ev_row_count *rows, struct ev_err *err)
{
	(void)err;
	must(is_open(ctx, ordinal) && mapping >= 0 && mapping < 3);
	must(rows->found ==
	     rows->read + rows->duplicated + rows->set_aside + rows->ignored);
	return EV_OK;
}

static enum ev_rc
on_total(void *ctx, int64_t ordinal, const struct ev_member_total *total,
    struct ev_err *err)
{
	struct heard *heard = ctx;
	int64_t sum = total->bytes.read + total->bytes.set_aside +
		      total->bytes.ignored + total->bytes.frame;

	(void)err;
	must(heard->depth > 0 && heard->open[heard->depth - 1] == ordinal);
	must(total->outcome < EV_OUTCOMES);
	must(ordinal != 0 || sum == (total->outcome == EV_O_FAILED ? 0 : SIZE));
	heard->depth--;
	return EV_OK;
}

static enum ev_rc
on_end(void *ctx, uint64_t tag, struct ev_err *err)
{
	struct heard *heard = ctx;

	(void)err;
	must(tag == 7 && heard->depth == 0 && heard->next > 0);
	must(heard->ended++ == 0);
	return EV_OK;
}

static enum ev_rc
on_progress(void *ctx, uint64_t tag, int64_t bytes, struct ev_err *err)
{
	(void)ctx;
	(void)err;
	must(tag == 7 && bytes >= 0 && bytes <= SIZE);
	return EV_OK;
}

static void
as_frames(const uint8_t *data, size_t len)
{
	struct ev_frame_in in;
	struct ev_frame frame;
	unsigned char *room;
	struct ev_err err;
	enum ev_rc rc;
	size_t cap;

	ev_frame_in_init(&in);
	do {
		while ((rc = ev_frame_next(&in, &frame, &err)) == EV_OK)
			must(frame.len <= EV_MESSAGE_MAX);
		if (rc != EV_EOF || len == 0)
			break;
		if (ev_frame_room(&in, &room, &cap, &err) != EV_OK)
			abort();
		cap = cap < len ? cap : len;
		memcpy(room, data, cap);
		ev_frame_fed(&in, cap);
		data += cap;
		len -= cap;
	} while (1);
	ev_frame_in_release(&in);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct ev_hear hear;
	const struct ev_child_exhibit exhibit = { .tag = 7,
		.name = "x",
		.name_len = 1,
		.size = SIZE };
	struct heard heard = { .depth = 0 };
	const struct ev_child_events events = { &heard, on_begin, on_member,
		on_data, on_media, on_fact, on_duplicate, on_set_aside,
		on_ignored, on_note, on_unknown_key, on_rows, on_total, on_end,
		on_progress };
	struct ev_frame frame;
	struct ev_err err;

	as_frames(data, len);
	ev_hear_init(&hear, &events, 3);
	ev_hear_expect(&hear, &exhibit, NULL, 0);
	hear.hello = true;
	while (len >= 3) {
		frame.type = data[0];
		frame.len = (size_t)data[1] | (size_t)data[2] << 8;
		data += 3;
		len -= 3;
		if (frame.len > len)
			frame.len = len;
		frame.body = data;
		if (ev_hear_frame(&hear, &frame, &err) != EV_OK)
			break;
		data += frame.len;
		len -= frame.len;
	}
	return 0;
}
