/* Digests as a WARC record labels them, and what the bytes say. */
#ifndef EV_INGEST_WARCSUM_H
#define EV_INGEST_WARCSUM_H

#include <stddef.h>

#include "seal/digest.h"

enum ev_sum {
	EV_SUM_NONE, /* no such field */
	EV_SUM_OK,
	EV_SUM_DIFFERS,
	EV_SUM_UNCHECKED,
};

/* The word that stands in a record: "ok" "differs" "not checked". */
const char *ev_sum_word(enum ev_sum sum);

/*
 * The algorithm of "sha1:X", "sha256:X" or "md5:X", as EV_D_*; 0 for others.
 * *rest is what follows the colon.
 */
unsigned ev_sum_algorithm(const char *label, size_t len, const char **rest);

/*
 * Whether the digest that a label claims is the one computed, in base32, hex
 * or, as some programs write, base64 (RFC 4648), of the first two in small or
 * large letters; EV_SUM_UNCHECKED if it is none of them.
 */
enum ev_sum ev_sum_compare(const char *label, size_t len,
    const struct ev_digests *have);

#endif
