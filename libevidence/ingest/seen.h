/* Digests met before, as far back as a bounded memory reaches. */
#ifndef EV_INGEST_SEEN_H
#define EV_INGEST_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"

/*
 * Two tables of at most EV_SEEN_HALF entries: the newest go into one, and when
 * it is full the other one is forgotten and takes its place.  At least that
 * many rows back, and up to twice as many, are remembered.
 */
enum { EV_SEEN_HALF = 1 << 18 };

struct ev_seen_table {
	uint64_t *word; /* an entry is one word, or two and an offset */
	size_t slots, used;
};
struct ev_seen {
	bool brief; /* 8 bytes of the digest, no offset: a hint only */
	struct ev_seen_table now, before;
	bool forgot; /* once anything was */
};

void ev_seen_init(struct ev_seen *seen, bool brief);
void ev_seen_release(struct ev_seen *seen);

/*
 * Has this digest (at least 16 bytes of it) been met?  Then *first is the
 * offset that came with it, 0 if brief; else it is kept, and *first is -1.
 */
EV_CHECK
enum ev_rc ev_seen_add(struct ev_seen *seen, const unsigned char *digest,
    int64_t offset, int64_t *first, struct ev_err *err);

#endif
