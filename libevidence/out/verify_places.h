/* Where the bytes of exhibits lie in a bundle: entries, and segments. */
#ifndef EV_OUT_VERIFY_PLACES_H
#define EV_OUT_VERIFY_PLACES_H

#include "out/verify_index.h"

/* The bytes of one exhibit, hashed. */
struct place {
	int64_t exhibit;
	int64_t offset; /* in the bundle */
	struct ev_digests digests;
	bool segment; /* within one, not an entry of its own */
	bool told;    /* a line of exhibits.jsonl has them */
};

struct places {
	struct place *place; /* by exhibit */
	size_t count;
};

/*
 * Find and hash the exhibits in v, and compare them with the lines of x:
 * each line has its bytes, all bytes have a line, each segment is a zip that
 * every reader reads alike, and exhibits-sha256.txt lists what lies in them.
 * What differs is said.
 */
EV_CHECK
enum ev_rc places_check(struct verify *v, const struct verify_index *x,
    struct places *places, struct ev_err *err);
void places_release(struct places *places);

/* NULL: there is none. */
const struct place *places_find(const struct places *places, int64_t exhibit);

#endif
