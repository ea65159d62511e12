/* Digests met before, as far back as a bounded memory reaches. */
#ifndef EV_INGEST_SEEN_H
#define EV_INGEST_SEEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"

/*
 * Two tables of at most EV_SEEN_HALF entries: the newest go into one, and when
 * it is full the other one is forgotten and takes its place.
 */
enum { EV_SEEN_HALF = 1 << 19 };

struct ev_seen_entry {
	uint64_t digest[2]; /* both 0: empty */
	int64_t offset;
};
struct ev_seen_table {
	struct ev_seen_entry *entry;
	size_t slots, used;
};
struct ev_seen {
	struct ev_seen_table now, before;
	bool forgot; /* once anything was */
};

void ev_seen_release(struct ev_seen *seen);

/*
 * Has this digest (at least 16 bytes of it count) been met?  Then *first is
 * the offset that came with it; else it is kept.
 */
EV_CHECK
enum ev_rc ev_seen_add(struct ev_seen *seen, const unsigned char *digest,
    int64_t offset, int64_t *first, struct ev_err *err);

#endif
