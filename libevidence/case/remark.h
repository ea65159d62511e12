/* Whether material is set apart, for whoever would read or show it. */
#ifndef EV_CASE_REMARK_H
#define EV_CASE_REMARK_H

#include "case/case.h"
#include "evidence/remark.h"

/* The entry that set an artifact apart; 0: none, or it was lifted since. */
EV_CHECK
enum ev_rc ev_quarantine_of(struct ev_case *c, int64_t artifact, int64_t *entry,
    struct ev_err *err);

#endif
