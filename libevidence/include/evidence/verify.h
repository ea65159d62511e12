/* Re-derive everything in a bundle and say what differs. */
#ifndef EVIDENCE_VERIFY_H
#define EVIDENCE_VERIFY_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

/* Which volume of a set a bundle is; of 0: of none. */
struct ev_verify_volume {
	int64_t number, of;
	unsigned char set[32]; /* the same in all volumes of a set */
};

struct ev_verify {
	const char *path;  /* of the bundle */
	const char *trust; /* PEM file of roots, or NULL: nobody is trusted */
	const char *pin;   /* SHA-256 of the signer's certificate, or the
			    * content digest, in hex; NULL */
	const struct ev_buf *head; /* a head kept elsewhere, or NULL */
	/* Filled in, or NULL; the caller sees to it that all are there. */
	struct ev_verify_volume *volume;
	bool quick;      /* neither facts nor claims are derived again */
	bool stop;       /* at the first failure: one is enough to know */
	bool no_sandbox; /* read it in this process */
};

enum ev_verify_state {
	EV_VERIFY_OK,
	EV_VERIFY_FAILED,
	EV_VERIFY_UNCHECKED, /* and why */
	EV_VERIFY_NOTE,      /* worth knowing, and no check */
};

/* One check. */
struct ev_verify_finding {
	const char *group; /* container payload signatures time log ... */
	enum ev_verify_state state;
	const char *what; /* one sentence; names in it are safe to print */
};
typedef void ev_verify_fn(void *ctx, const struct ev_verify_finding *f);

/*
 * EV_OK: intact, complete, signer and time trusted.  EV_MISMATCH: altered,
 * incomplete or invalid.  EV_PARTIAL: intact, but trust or time is not
 * established.  Others: it could not be read at all.  Nothing inside the
 * bundle is trusted because it is inside.
 */
EV_CHECK
enum ev_rc ev_verify_bundle(const struct ev_verify *how, ev_verify_fn *found,
    void *ctx, struct ev_err *err);

#endif
