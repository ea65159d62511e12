/* Entries by hand: what an examiner noted, returned, disposed of, set apart. */
#ifndef EVIDENCE_REMARK_H
#define EVIDENCE_REMARK_H

#include <stdint.h>

#include "evidence/case.h"
#include "evidence/err.h"

struct ev_remark {
	const char *action;     /* examine return dispose correct quarantine */
	const char *const *ids; /* what it is about, NULL-terminated */
	const char *text;       /* UTF-8; needed but for quarantine */
	const char *reason;     /* of a quarantine: PRIVILEGE MEDICAL SOURCE */
};

/*
 * Append the entry, and a new head.  Each id must be of something in the
 * case; return and dispose are about exhibits or acquisitions, correct names
 * the entry it corrects, quarantine exhibits or artifacts: from then on their
 * bytes are neither read again nor shown until they are read under an
 * authority that is named.  EV_USE tells what is missing.
 */
EV_CHECK
enum ev_rc ev_remark_enter(struct ev_case *c, const struct ev_remark *what,
    int64_t *entry, struct ev_err *err);

#endif
