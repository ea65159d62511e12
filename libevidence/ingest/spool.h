/* Findings that wait for the end of their member, in memory or on disc. */
#ifndef EV_INGEST_SPOOL_H
#define EV_INGEST_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

/*
 * What a reading child says of a member counts when the member has ended
 * well; until then nobody knows its digest.  Records wait in memory up to
 * EV_SPOOL_MEMORY bytes, the others in a file without a name.
 */
enum { EV_SPOOL_MEMORY = 4 << 20 };

struct ev_spool {
	int dir; /* where that file is made */
	int fd;  /* -1: none yet */
	int64_t written;
	struct ev_buf buf;
	size_t at;    /* where the record that is being put begins */
	int64_t read; /* bytes of the file handed back */
	struct ev_buf back;
};

struct ev_spool_record {
	int type; /* the user's own */
	int64_t ordinal;
	int64_t reading, artifact;
	const unsigned char *data;
	size_t len;
};

void ev_spool_init(struct ev_spool *spool, int dir);
void ev_spool_release(struct ev_spool *spool);
/* Forget all records; keep memory and file. */
void ev_spool_clear(struct ev_spool *spool);
bool ev_spool_empty(const struct ev_spool *spool);

/* Begin a record; what is put into spool->buf until the end is its data. */
EV_CHECK
enum ev_rc ev_spool_begin(struct ev_spool *spool,
    const struct ev_spool_record *record, struct ev_err *err);
EV_CHECK
enum ev_rc ev_spool_end(struct ev_spool *spool, struct ev_err *err);

/* Records in the order put; EV_EOF behind the last.  Data is borrowed. */
void ev_spool_rewind(struct ev_spool *spool);
EV_CHECK
enum ev_rc ev_spool_next(struct ev_spool *spool, struct ev_spool_record *record,
    struct ev_err *err);

#endif
