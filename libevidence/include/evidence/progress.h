/* How far long work has come, told to the caller. */
#ifndef EVIDENCE_PROGRESS_H
#define EVIDENCE_PROGRESS_H

#include <stdint.h>

struct ev_progress {
	int64_t bytes_done;
	int64_t bytes_total; /* -1: not known */
	int64_t members;     /* files, archive members or rows so far */
	int64_t elapsed_us;  /* since the work began */
};

/*
 * Called often (per batch or mebibyte, not per byte) from the thread that
 * made the call; must return soon.  ctx is the caller's own.
 */
typedef void ev_progress_fn(void *ctx, const struct ev_progress *progress);

#endif
