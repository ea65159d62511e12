/* How a passphrase or PIN reaches the library. */
#ifndef EVIDENCE_PASS_H
#define EVIDENCE_PASS_H

#include "evidence/buf.h"
#include "evidence/err.h"

/*
 * get appends the passphrase for what ("'x.p12'", "the log key") to secret.
 * It is called once for a key that needs one, and not at all for one that
 * does not; who calls it cleanses the buffer.
 */
struct ev_pass {
	void *ctx;
	enum ev_rc (*get)(void *ctx, const char *what, struct ev_buf *secret,
	    struct ev_err *err);
};

#endif
