/* Between child.c and child_death.c: the exhibits given, and their readers. */
#ifndef EV_INGEST_CHILD_STATE_H
#define EV_INGEST_CHILD_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "ingest/child.h"
#include "ingest/frame.h"
#include "ingest/hear.h"
#include "ingest/limits.h"
#include "ingest/proc.h"

/* An exhibit given and not ended. */
struct given {
	TAILQ_ENTRY(given) entry;
	struct ev_child_exhibit exhibit;
	bool alone;   /* gets a process of its own */
	bool careful; /* after a death: each frame at once */
	int64_t stop; /* read nothing from this ordinal on; -1 */
	struct ev_hear_dead dead[EV_FRAME_SKIPS];
	char *messages[EV_FRAME_SKIPS]; /* of dead, owned */
	size_t dead_count;
};
TAILQ_HEAD(given_list, given);

struct ev_child {
	struct ev_child_opts opts;
	struct ev_child_events events;
	struct ev_limits limits;
	struct ev_buf setup; /* frames that begin each process's job */
	struct given_list queue;
	size_t queued;
	struct given *next; /* first that is not written to the process */
	struct ev_proc proc;
	bool alone; /* the process serves one exhibit */
	int served; /* exhibits written to it */
	int64_t served_bytes;
	uint64_t cpu;   /* seconds it was allowed */
	bool handed;    /* its exhibit is its descriptor 3 */
	int exhibit_fd; /* ours: what it reads as descriptor 3, -1 none */
	struct ev_buf out;
	size_t out_pos;
	struct ev_frame_in in;
	struct ev_hear hear;
	int64_t heard; /* when the last frame came, ms */
	bool failed;   /* an error ended it: only free is left */
};

/* Why a process ended before its time. */
enum child_end {
	CHILD_ENDED, /* by itself */
	CHILD_STALLED,
	CHILD_LIED, /* err says how */
	CHILD_FLOODED,
};

/*
 * Bury the process and decide what is read again.  why is what was wrong
 * where the parent ended it.  EV_SYS: it could not even begin.
 */
EV_CHECK
enum ev_rc ev_child_bury(struct ev_child *child, enum child_end end,
    const char *why, struct ev_err *err);

void ev_child_forget(struct ev_child *child, struct given *given);

#endif
