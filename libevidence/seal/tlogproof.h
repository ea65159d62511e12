/* Proofs of one entry as text: C2SP tlog-proof. */
#ifndef EV_SEAL_TLOGPROOF_H
#define EV_SEAL_TLOGPROOF_H

#include "evidence/buf.h"
#include "evidence/err.h"
#include "seal/bytes.h"
#include "seal/merkle.h"

/*
 *	c2sp.org/tlog-proof@v1
 *	extra BASE64        what the application wants, may be missing
 *	index N             of the leaf, from 0
 *	BASE64(hash) ...    a line each, from the leaf up
 *	                    an empty line
 *	the head, a whole signed note (seal/note.h)
 */
struct ev_tlog_proof {
	int64_t index;
	struct ev_merkle_proof path;
	struct ev_bytes note; /* borrowed from what was parsed */
};

EV_CHECK
enum ev_rc ev_tlog_proof_write(struct ev_buf *out, struct ev_bytes extra,
    const struct ev_tlog_proof *proof, struct ev_err *err);
/* Strictly; extra is appended decoded.  EV_INPUT names the line. */
EV_CHECK
enum ev_rc ev_tlog_proof_parse(struct ev_tlog_proof *proof,
    struct ev_buf *extra, struct ev_bytes text, struct ev_err *err);

#endif
