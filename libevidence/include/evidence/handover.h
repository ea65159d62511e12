/* A case changes hands: the offer, and its acceptance or refusal. */
#ifndef EVIDENCE_HANDOVER_H
#define EVIDENCE_HANDOVER_H

#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/case.h"
#include "evidence/err.h"
#include "evidence/pass.h"

/* The key of the acting person: evidence.md, section 7. */
struct ev_handover_key {
	const char *key;            /* file or pkcs11: URI; NULL: as enrolled */
	const struct ev_pass *pass; /* NULL: none to be had */
};

/*
 * The acting person, who holds the case (the last receiver, else who opened
 * it), offers it to somebody else who is enrolled with a certificate: entry
 * transfer-out, and the giver's signature over the head that ends with it.
 * EV_USE: an offer is open, or the case is held by somebody else and no
 * authoriser was named.
 */
EV_CHECK
enum ev_rc ev_handover_offer(struct ev_case *c, const char *to,
    const struct ev_handover_key *key, int64_t *entry, struct ev_err *err);

/* The open offer and to whom it is made; entry 0: none is open. */
enum { EV_HANDOVER_NAME = 256 };
EV_CHECK
enum ev_rc ev_handover_open(struct ev_case *c, int64_t *entry,
    char to[EV_HANDOVER_NAME], struct ev_err *err);

/*
 * The person to whom the case is offered checks everything again (the giver's
 * signature, the log against the offer's head, every byte of the vault); each
 * finding is told.  All is well: the receiver signs the same head as the
 * giver, entry transfer-in.  Something is not: entry refuse says what failed
 * and names exhibits and artifacts, signed too, and EV_MISMATCH.  entry is
 * that of the answer.
 */
EV_CHECK
enum ev_rc ev_handover_accept(struct ev_case *c,
    const struct ev_handover_key *key, ev_case_finding_fn *found, void *ctx,
    int64_t *entry, struct ev_err *err);

/* Either party ends the open offer: entry refuse, signed. */
EV_CHECK
enum ev_rc ev_handover_refuse(struct ev_case *c, const char *reason,
    const struct ev_handover_key *key, int64_t *entry, struct ev_err *err);

/*
 * A second officer checks the log and signs its head: entry verify, and the
 * signature over the head that ends with it.  EV_MISMATCH: the log is not as
 * it was, and nothing is signed.
 */
EV_CHECK
enum ev_rc ev_handover_countersign(struct ev_case *c,
    const struct ev_handover_key *key, int64_t *entry, struct ev_err *err);

/* The signature of that entry, DER, appended to p7s. */
EV_CHECK
enum ev_rc ev_handover_signature(struct ev_case *c, int64_t entry,
    struct ev_buf *p7s, struct ev_err *err);

#endif
