/* Every byte of an artifact counted once: read, set aside, ignored, frame. */
#include <stdlib.h>
#include <string.h>

#include "ingest/tally.h"

enum { TILES = 8 << 20 }; /* of a pass among several */

void
ev_tally_init(struct ev_tally *tally, bool keep)
{
	memset(tally, 0, sizeof(*tally));
	tally->keep = keep;
	tally->ignored = -1;
}

void
ev_tally_release(struct ev_tally *tally)
{
	free(tally->span);
	free(tally->tile);
	memset(tally, 0, sizeof(*tally));
}

static enum ev_rc
push(struct ev_tally_span **list, size_t *count, size_t *cap,
    const struct ev_tally_span *span, struct ev_err *err)
{
	struct ev_tally_span *bigger;
	size_t wanted;

	if (*count == *cap) {
		wanted = *cap == 0 ? 256 : 2 * *cap;
		bigger = realloc(*list, wanted * sizeof(*bigger));
		if (bigger == NULL)
			return ev_fail_sys(err, "cannot account for bytes");
		*list = bigger;
		*cap = wanted;
	}
	(*list)[(*count)++] = *span;
	return EV_OK;
}

enum ev_rc
ev_tally_add(struct ev_tally *tally, enum ev_span what, int64_t offset,
    int64_t length, struct ev_err *err)
{
	struct ev_tally_span span = { offset, offset + length, what };

	if (length <= 0)
		return EV_OK;
	if (offset < tally->done)
		return ev_fail(err, EV_USE, "byte %jd is accounted for already",
		    (intmax_t)offset);
	return push(&tally->span, &tally->count, &tally->cap, &span, err);
}

static void
count_bytes(struct ev_byte_count *bytes, enum ev_span what, int64_t length)
{
	switch (what) {
	case EV_SPAN_READ:
		bytes->read += length;
		return;
	case EV_SPAN_SET_ASIDE:
		bytes->set_aside += length;
		return;
	case EV_SPAN_IGNORED:
		bytes->ignored += length;
		return;
	case EV_SPAN_FRAME:
	case EV_SPANS:
		break;
	}
	bytes->frame += length;
}

enum ev_rc
ev_tally_end(struct ev_tally *tally, struct ev_err *err)
{
	const struct ev_sink *sink = tally->sink;
	int64_t from = tally->ignored;

	tally->ignored = -1;
	if (from < 0 || sink == NULL)
		return EV_OK;
	return sink->ignored(sink->ctx, from, tally->done - from, err);
}

static enum ev_rc
settle(struct ev_tally *tally, int64_t to, enum ev_span what,
    struct ev_err *err)
{
	struct ev_tally_span tile = { tally->done, to, what };
	enum ev_rc rc = EV_OK;

	count_bytes(&tally->bytes, what, to - tally->done);
	if (what != EV_SPAN_IGNORED)
		rc = ev_tally_end(tally, err);
	else if (tally->ignored < 0)
		tally->ignored = tally->done;
	tally->done = to;
	if (!tally->keep || rc != EV_OK)
		return rc;
	if (tally->tiles > 0 && tally->tile[tally->tiles - 1].what == what) {
		tally->tile[tally->tiles - 1].to = to;
		return EV_OK;
	}
	if (tally->tiles == TILES)
		return ev_fail(err, EV_LIMIT,
		    "more spans than several readers can share");
	return push(&tally->tile, &tally->tiles, &tally->tiles_cap, &tile, err);
}

/* Settle up to a place at which no span begins in between. */
static enum ev_rc
advance(struct ev_tally *tally, int64_t to, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	int64_t until;
	int what;

	while (tally->done < to && rc == EV_OK) {
		for (what = 0; what < EV_SPAN_FRAME; what++)
			if (tally->cover[what] > tally->done)
				break;
		until = what == EV_SPAN_FRAME || tally->cover[what] > to
			    ? to
			    : tally->cover[what];
		rc = settle(tally, until, (enum ev_span)what, err);
	}
	return rc;
}

static int
by_start(const void *a, const void *b)
{
	const struct ev_tally_span *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

enum ev_rc
ev_tally_flush(struct ev_tally *tally, int64_t upto, struct ev_err *err)
{
	const struct ev_tally_span *span = tally->span;
	enum ev_rc rc = EV_OK;
	size_t i;

	if (tally->count > 1)
		qsort(tally->span, tally->count, sizeof(*span), by_start);
	for (i = 0; i < tally->count && rc == EV_OK; i++) {
		if (span[i].from >= upto)
			break;
		rc = advance(tally, span[i].from, err);
		if (span[i].to > tally->cover[span[i].what])
			tally->cover[span[i].what] = span[i].to;
	}
	if (i > 0 && i < tally->count)
		memmove(tally->span, tally->span + i,
		    (tally->count - i) * sizeof(*span));
	tally->count -= i;
	if (rc == EV_OK)
		rc = advance(tally, upto, err);
	return rc;
}

enum ev_rc
ev_tally_union(struct ev_tally *all, const struct ev_tally *tally, size_t count,
    int64_t size, struct ev_err *err)
{
	size_t at[64] = { 0 }, i;
	const struct ev_tally_span *tile;
	enum ev_span what;
	enum ev_rc rc = EV_OK;
	int64_t from, to;

	while ((from = all->done) < size && rc == EV_OK) {
		what = EV_SPAN_FRAME;
		to = size;
		for (i = 0; i < count && i < 64; i++) {
			while (at[i] < tally[i].tiles &&
			       tally[i].tile[at[i]].to <= from)
				at[i]++;
			if (at[i] == tally[i].tiles)
				continue;
			tile = &tally[i].tile[at[i]];
			if (tile->what < what)
				what = tile->what;
			if (tile->to < to)
				to = tile->to;
		}
		rc = settle(all, to, what, err);
	}
	return rc == EV_OK ? ev_tally_end(all, err) : rc;
}
