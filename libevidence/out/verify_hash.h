/* SHA-512 of spans of a bundle, by a caged process beside the one that asks. */
#ifndef EV_OUT_VERIFY_HASH_H
#define EV_OUT_VERIFY_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/err.h"
#include "seal/digest.h"

/* What asks writes to one descriptor and reads the answer from the other. */
struct verify_hasher {
	int to, from; /* 0: there is none */
};

/*
 * In the asked one: answer until nobody asks, then end.  source is the bundle.
 * Reads only lengths and bytes to hash, so that nothing in them matters.
 */
_Noreturn void verify_hash_serve(int source, int from, int to);

EV_CHECK
enum ev_rc verify_hash_ask(const struct verify_hasher *h, int64_t offset,
    int64_t size, struct ev_err *err);
EV_CHECK
enum ev_rc verify_hash_answer(const struct verify_hasher *h,
    unsigned char sha512[EV_SHA512], struct ev_err *err);

#endif
