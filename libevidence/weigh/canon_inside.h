/* What canon*.c share. */
#ifndef EV_WEIGH_CANON_INSIDE_H
#define EV_WEIGH_CANON_INSIDE_H

#include "weigh/canon.h"

EV_CHECK
enum ev_rc ev_canon_url(const struct ev_canon *in, struct ev_buf *out,
    unsigned *flags, struct ev_err *err);

#endif
