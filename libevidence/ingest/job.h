/* What ev-parse does: jobs come down, exhibits are read, findings go up. */
#ifndef EV_INGEST_JOB_H
#define EV_INGEST_JOB_H

#include "evidence/err.h"
#include "ingest/child.h"
#include "ingest/kind.h"

struct ev_job;

/* in: descriptor the jobs come from; out: where messages go. */
EV_CHECK
enum ev_rc ev_job_new(struct ev_job **job, int in, int out, struct ev_err *err);
void ev_job_free(struct ev_job *job);

/*
 * In the cage: take the set-up, greet with what is in force, then read one
 * exhibit after another until no more come.  media is borrowed.
 */
EV_CHECK
enum ev_rc ev_job_run(struct ev_job *job, const struct ev_media *media,
    const struct ev_child_cage *cage, struct ev_err *err);

#endif
