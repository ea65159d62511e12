/* A run as a case keeps it. */
#ifndef EV_WEIGH_CASE_RUN_H
#define EV_WEIGH_CASE_RUN_H

#include "case/custody.h"
#include "evidence/attrib.h"
#include "weigh/claim.h"

struct ev_run {
	int64_t id;
	int64_t entry;
	struct ev_buf order, headline;
};

/* One run, or the newest (id 0).  EV_EOF: there is none. */
EV_CHECK
enum ev_rc ev_run_load(struct ev_case *c, int64_t id, struct ev_run *run,
    struct ev_err *err);
void ev_run_release(struct ev_run *run);

/* The newest run computed again, over another window where one is given. */
EV_CHECK
enum ev_rc ev_run_weigh(struct ev_case *c, const char *from, const char *to,
    struct ev_run *run, struct ev_weigh **w, struct ev_err *err);

/* Each claim of a run, in order. */
typedef enum ev_rc ev_run_line_fn(void *ctx, int64_t id, const char *line,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_run_lines(struct ev_case *c, int64_t run, ev_run_line_fn *line,
    void *ctx, struct ev_err *err);

#endif
