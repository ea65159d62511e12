/* Exhibits kept once, in store-only zip segments, appended, never rewritten. */
#ifndef EV_STORE_VAULT_H
#define EV_STORE_VAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stream.h"
#include "evidence/err.h"
#include "seal/digest.h"
#include "store/db.h"

/*
 * The folder vault/ of a case (evidence-case(5)): P0001.zip and so on are
 * segments, ordinary zips of stored entries E000001, E000002...; an exhibit
 * above EV_VAULT_SMALL bytes is a file E000123 of its own.  Rows of the tables
 * segment and exhibit name what counts: bytes behind a segment's committed
 * length and files without a row are unnamed, and the next writer takes their
 * place over.
 */
enum {
	EV_VAULT_SMALL = 64 << 20,  /* bytes of an exhibit in a segment */
	EV_VAULT_SEGMENT = 1 << 30, /* bytes of a segment at most */
	EV_VAULT_ENTRIES = 60000,   /* exhibits in one */
	EV_VAULT_BATCH = 64 << 20,  /* bytes after which to sync */
	EV_VAULT_WANT = EV_D_SHA256 | EV_D_SHA512 | EV_D_CRC32,
};

struct ev_vault;

/* The columns of an exhibit's row that are not found in its bytes. */
struct ev_vault_row {
	int64_t acquisition;
	const void *name; /* path below the source, raw bytes */
	size_t name_len;
	const int64_t *mtime; /* microseconds; NULL: not known */
	const char *notes;    /* words parted by blanks, "" none */
};

/*
 * For writing.  db and dir (the folder vault/) are borrowed; the caller holds
 * the lock of the case.  Unnamed files that an interrupted run left under
 * names of ours are removed.
 */
EV_CHECK
enum ev_rc ev_vault_open(struct ev_vault **vault, struct ev_db *db, int dir,
    struct ev_err *err);
/* One that inserts rows and touches no file: for a run that is rolled back. */
EV_CHECK
enum ev_rc ev_vault_dry(struct ev_vault **vault, struct ev_db *db,
    struct ev_err *err);
void ev_vault_free(struct ev_vault *vault);

/* Read everything back and compare before it is named (--paranoid). */
void ev_vault_paranoid(struct ev_vault *vault, bool on);

/*
 * Append an exhibit of at most EV_VAULT_SMALL bytes, whose digests (at least
 * EV_VAULT_WANT) are known, and insert its row, within a transaction of the
 * caller.  Bytes that the vault has already are not stored again: the row
 * points at them.
 */
EV_CHECK
enum ev_rc ev_vault_add(struct ev_vault *vault, const struct ev_vault_row *row,
    const void *data, const struct ev_digests *digests, int64_t *exhibit,
    struct ev_err *err);

/*
 * Make durable what was appended and write the segment's new length, within
 * the same transaction; the caller commits next.  A failure is never retried:
 * roll back, and end the run.
 */
EV_CHECK
enum ev_rc ev_vault_sync(struct ev_vault *vault, struct ev_err *err);
/* Bytes appended since the last sync. */
int64_t ev_vault_waiting(const struct ev_vault *vault);

/* The same, and close the open segment: directory, fsync, mode 0444. */
EV_CHECK
enum ev_rc ev_vault_seal(struct ev_vault *vault, struct ev_err *err);

/* What a spool tells while it runs: bytes so far. */
typedef void ev_vault_told_fn(void *ctx, int64_t bytes);
struct ev_vault_spool {
	const struct ev_stream *in;
	unsigned want;          /* EV_D_*, EV_VAULT_WANT among them */
	ev_vault_told_fn *told; /* or NULL */
	void *ctx;
};

/*
 * Copy a stream of any length into a file without a name, hashing on the way
 * (reading and writing in this thread, a thread for each long hash).  Then
 * either keep it, which syncs it, names it and inserts the row within a
 * transaction of the caller, or drop it.  One at a time.
 */
EV_CHECK
enum ev_rc ev_vault_spool(struct ev_vault *vault,
    const struct ev_vault_spool *what, struct ev_digests *digests,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_vault_keep(struct ev_vault *vault, const struct ev_vault_row *row,
    const struct ev_digests *digests, int64_t *exhibit, struct ev_err *err);
void ev_vault_drop(struct ev_vault *vault);

/* Where the bytes of an exhibit lie. */
struct ev_vault_span {
	int fd; /* read-only; the caller closes it */
	int64_t offset;
	int64_t size;
};

/* EV_INPUT: no such exhibit, or its file is missing or too short. */
EV_CHECK
enum ev_rc ev_vault_find(struct ev_db *db, int dir, int64_t exhibit,
    struct ev_vault_span *span, struct ev_err *err);

/* One finding of ev_vault_check(). */
struct ev_vault_finding {
	bool bad;         /* false: unnamed bytes or files */
	const char *what; /* one sentence, printable */
	int64_t exhibit;  /* whose bytes, 0: none */
};
typedef void ev_vault_finding_fn(void *ctx, const struct ev_vault_finding *f);

/*
 * Compare the folder with its rows: every byte of every segment is either an
 * exhibit's, re-hashed, or a header that the rows fix.  quick: lengths only.
 * EV_MISMATCH if anything is bad; every finding is told first.
 */
EV_CHECK
enum ev_rc ev_vault_check(struct ev_db *db, int dir, bool quick,
    ev_vault_finding_fn *found, void *ctx, struct ev_err *err);

#endif
