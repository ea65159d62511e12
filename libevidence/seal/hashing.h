/* Hashes of bytes on their way, each in a thread of its own. */
#ifndef EV_SEAL_HASHING_H
#define EV_SEAL_HASHING_H

#include <stddef.h>

#include "evidence/err.h"
#include "seal/digest.h"

/*
 * One thread fills pieces, and may go on using one until it asks for the next
 * but EV_HASHING_PIECES; each lane hashes those that are meant for it.
 */
enum {
	EV_HASHING_PIECE = 1 << 20, /* bytes of a piece at most */
	EV_HASHING_PIECES = 8,
	EV_HASHING_LANES = 4,
};

struct ev_hashing;

/* want: EV_D_* of each lane. */
EV_CHECK
enum ev_rc ev_hashing_start(struct ev_hashing **h, const unsigned *want,
    size_t lanes, struct ev_err *err);
/* Ends the threads, whatever they do.  Takes NULL. */
void ev_hashing_stop(struct ev_hashing *h);

/* Room for a piece; waits for it.  NULL: a lane has failed. */
unsigned char *ev_hashing_room(struct ev_hashing *h);
/* The piece that room was given for holds len bytes for these lanes (bits). */
void ev_hashing_publish(struct ev_hashing *h, size_t len, unsigned lanes);

/*
 * The digests of all that was published for a lane since the last call, whose
 * error this tells too.
 */
EV_CHECK
enum ev_rc ev_hashing_result(struct ev_hashing *h, size_t lane,
    struct ev_digests *digests, struct ev_err *err);

#endif
