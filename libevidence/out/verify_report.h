/* A bundle's report, written again from its data. */
#ifndef EV_OUT_VERIFY_REPORT_H
#define EV_OUT_VERIFY_REPORT_H

#include "out/verify_index.h"
#include "weigh/weigh.h"

/*
 * index.html must be, byte for byte, what this version of the program makes
 * of the log, the index, the register and the claims.  w: the claims as they
 * were computed again, or NULL if the bundle has none.
 */
EV_CHECK
enum ev_rc verify_report(struct verify *v, const struct ev_weigh *w,
    struct ev_err *err);

#endif
