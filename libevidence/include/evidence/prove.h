/* One thing of a case shown with its proofs, and without the rest. */
#ifndef EVIDENCE_PROVE_H
#define EVIDENCE_PROVE_H

#include "evidence/buf.h"
#include "evidence/case.h"
#include "evidence/custody.h"
#include "evidence/err.h"

/*
 * Append a C2SP tlog-proof (evidence-case(5), Proofs): that an entry of the
 * log is under its newest head.  id is an entry's number, or an exhibit,
 * artifact, fact or claim: then the entry is the one that counts it, and the
 * file also holds its line, the line's salt and the path to the root in that
 * entry.  EV_USE: there is no such thing, or it is in quarantine.
 */
EV_CHECK
enum ev_rc ev_prove(struct ev_case *c, const char *id, struct ev_buf *out,
    struct ev_err *err);

/*
 * Check such a file against the log key: that of c, or where c is NULL the
 * PEM in key.  Each step is told; shown gets the line that was proved, or the
 * entry.  EV_MISMATCH if one fails, EV_INPUT if it is no such file.
 */
EV_CHECK
enum ev_rc ev_prove_check(const struct ev_buf *proof, struct ev_case *c,
    const struct ev_buf *key, ev_custody_finding_fn *found, void *ctx,
    struct ev_buf *shown, struct ev_err *err);

#endif
