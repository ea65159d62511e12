/* What the child said, believed only where it can be true. */
#ifndef EV_INGEST_HEAR_H
#define EV_INGEST_HEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "ingest/child.h"
#include "ingest/frame.h"

/* A member that has begun and not ended. */
struct ev_hear_open {
	int64_t ordinal;
	char type;
	bool media; /* its media type was told */
	int64_t bytes;
	int64_t reach; /* furthest end of a span */
	int64_t children;
	int64_t set_aside; /* how often */
	int64_t ignored;   /* bytes */
	int64_t ignored_to;
	bool read; /* rows of it were told */
};

/* A member that killed a child before: the parent's reason stands. */
struct ev_hear_dead {
	int64_t ordinal;
	const char *reason;
	const char *message;
	int64_t offset;
};

/*
 * The state that decides which message may come next.  hostile.md 3: a
 * hijacked child can lie about a member, but it cannot leave the protocol.
 */
struct ev_hear {
	const struct ev_child_events *events;
	int mapping_count;
	int64_t output_max; /* decompressed bytes of one exhibit */
	/* Set for the exhibit that must come next; NULL: none may. */
	const struct ev_child_exhibit *expect;
	const struct ev_hear_dead *dead;
	size_t dead_count;

	bool lied; /* an EV_INPUT or EV_LIMIT is the child's, not the events' */
	bool hello;
	struct ev_child_cage cage;
	bool begun; /* the exhibit expected has begun */
	bool ended; /* and ended */
	int64_t next;
	int64_t output, progress;
	struct ev_hear_open open[EV_CHILD_OPEN];
	size_t depth;
	struct ev_fact fact;
};

void ev_hear_init(struct ev_hear *hear, const struct ev_child_events *events,
    int mapping_count);

/* The exhibit that must come next. */
void ev_hear_expect(struct ev_hear *hear,
    const struct ev_child_exhibit *exhibit, const struct ev_hear_dead *dead,
    size_t dead_count);

/*
 * One message.  EV_INPUT: the child broke the protocol; EV_LIMIT: it passed
 * output_max; all else comes from the events.
 */
EV_CHECK
enum ev_rc ev_hear_frame(struct ev_hear *hear, const struct ev_frame *frame,
    struct ev_err *err);

/* The innermost member that is open, else the one that would come next. */
int64_t ev_hear_current(const struct ev_hear *hear, int64_t *offset);

#endif
