/* The checks of a bundle, run in a caged process of their own. */
#ifndef EV_OUT_VERIFY_CAGE_H
#define EV_OUT_VERIFY_CAGE_H

#include "out/verify_inside.h"

/*
 * Fork; the child closes what it does not need, enters the sandbox, and runs
 * the checks: all that is foreign in the bundle is read there.  Its findings
 * come up a pipe, strictly decoded; its reading children are started here.
 * A child that dies or babbles is a finding, FAILED.  EV_SYS where neither
 * Landlock nor seccomp is to be had.
 */
EV_CHECK
enum ev_rc verify_caged(struct verify *v,
    enum ev_rc (*checks)(struct verify *v, struct ev_err *err),
    struct ev_err *err);

#endif
