/* Heads that were kept elsewhere: a note, a receipt, or the code off one. */
#ifndef EV_CASE_KEPT_H
#define EV_CASE_KEPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "case/case.h"

enum { EV_KEPT_HEADS = 4 };

struct ev_kept_head {
	int64_t size; /* 0: only the code is known, not how many entries */
	unsigned char root[EV_SHA256]; /* of a code the first bytes */
	size_t known;                  /* bytes of root that are known */
	bool seen;                     /* the log was held against it */
};

struct ev_kept {
	struct ev_kept_head head[EV_KEPT_HEADS];
	size_t count;
};

/*
 * The next note that stands in a text, such as a receipt, with a line for
 * each of its lines: borrowed, and *at moves behind it.  false: no more.
 */
bool ev_kept_next(const char **at, struct ev_bytes *text);

/*
 * Read what somebody kept: a note, text or HTML with notes of this case in
 * it, or eight groups of four hexadecimal digits.  A note counts only if the
 * case's log key signed it (EV_MISMATCH).  EV_USE: it is nothing of the kind,
 * or of another case.
 */
EV_CHECK
enum ev_rc ev_kept_read(struct ev_kept *kept, struct ev_case *c,
    const struct ev_buf *text, struct ev_err *err);

#endif
