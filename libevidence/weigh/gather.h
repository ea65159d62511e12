/* From a case to an order, its files and its facts. */
#ifndef EV_WEIGH_GATHER_H
#define EV_WEIGH_GATHER_H

#include "case/custody.h"
#include "evidence/attrib.h"
#include "weigh/weigh.h"

/* A file named by a person or by us; at most buf->limit bytes. */
EV_CHECK
enum ev_rc ev_gather_read(struct ev_buf *buf, const char *path,
    struct ev_err *err);

/*
 * Keep the rule file, its scale and the lists with the case, and Tor's
 * databases where the case has none of its own; within a transaction.
 * *rules is the number of the rule file's row.
 */
EV_CHECK
enum ev_rc ev_gather_files(struct ev_case *c, const struct ev_attrib_opts *opts,
    int64_t rules[8], struct ev_err *err);
enum { EV_GATHER_FILES = 8 }; /* rules, scale, six lists */

/* The order of a run over the case as it is. */
EV_CHECK
enum ev_rc ev_gather_order(struct ev_case *c, const struct ev_attrib_opts *opts,
    const int64_t files[8], struct ev_buf *order, struct ev_err *err);

/*
 * Make a computation of an order: its files and facts out of the case.  upto
 * is the log entry at which the facts are taken, 0: as they are now.
 */
EV_CHECK
enum ev_rc ev_gather_weigh(struct ev_case *c, const void *order, size_t len,
    int64_t upto, struct ev_weigh **w, struct ev_err *err);

#endif
