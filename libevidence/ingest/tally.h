/* Every byte of an artifact counted once: read, set aside, ignored, frame. */
#ifndef EV_INGEST_TALLY_H
#define EV_INGEST_TALLY_H

#include "ingest/reading.h"

/* In the order of precedence where spans overlap. */
enum ev_span {
	EV_SPAN_READ,
	EV_SPAN_SET_ASIDE,
	EV_SPAN_IGNORED,
	EV_SPAN_FRAME, /* what no span covers */
	EV_SPANS,
};

struct ev_tally_span {
	int64_t from, to;
	enum ev_span what;
};

/* One pass: spans in any order since the last flush. */
struct ev_tally {
	struct ev_tally_span *span;
	size_t count, cap;
	int64_t done;               /* all before is settled */
	int64_t cover[EV_SPANS];    /* how far each reaches */
	struct ev_tally_span *tile; /* what is settled, ascending */
	size_t tiles, tiles_cap;
	bool keep; /* more than one pass: tiles are kept */
	struct ev_byte_count bytes;
	const struct ev_sink *sink; /* is told what is ignored, or NULL */
	int64_t ignored;            /* where such a stretch began, -1: none */
};

void ev_tally_init(struct ev_tally *tally, bool keep);
void ev_tally_release(struct ev_tally *tally);

EV_CHECK
enum ev_rc ev_tally_add(struct ev_tally *tally, enum ev_span what,
    int64_t offset, int64_t length, struct ev_err *err);

/* No span that is still to come begins before upto. */
EV_CHECK
enum ev_rc ev_tally_flush(struct ev_tally *tally, int64_t upto,
    struct ev_err *err);

/* All is settled: the last stretch is told. */
EV_CHECK
enum ev_rc ev_tally_end(struct ev_tally *tally, struct ev_err *err);

/*
 * Several kept tallies of one artifact as one, by precedence: all's bytes are
 * counted and its sink, if any, is told.
 */
EV_CHECK
enum ev_rc ev_tally_union(struct ev_tally *all, const struct ev_tally *tally,
    size_t count, int64_t size, struct ev_err *err);

#endif
