/* A second thread that hashes exhibits while the first reads and writes. */
#ifndef EV_INGEST_HASHER_H
#define EV_INGEST_HASHER_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/err.h"
#include "seal/digest.h"

/* One piece of work; zeroed by its owner, who keeps data until it is done. */
struct ev_hash_job {
	const void *data;
	size_t len;
	bool done; /* by ev_hasher_wait() and ev_hasher_poll() only */
	enum ev_rc rc;
	struct ev_err err;
	struct ev_digests digests;
	struct ev_hash_job *next;
};

struct ev_hasher;

/* want: EV_D_*. */
EV_CHECK
enum ev_rc ev_hasher_new(struct ev_hasher **hasher, unsigned want,
    struct ev_err *err);
/* Ends the thread when the work given to it is done. */
void ev_hasher_free(struct ev_hasher *hasher);

void ev_hasher_give(struct ev_hasher *hasher, struct ev_hash_job *job);
/* Has it been done?  Jobs are done in the order given. */
bool ev_hasher_poll(struct ev_hasher *hasher, struct ev_hash_job *job);
EV_CHECK
enum ev_rc ev_hasher_wait(struct ev_hasher *hasher, struct ev_hash_job *job,
    struct ev_err *err);

#endif
