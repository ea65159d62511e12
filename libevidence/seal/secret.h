/* How a passphrase reaches the functions that need one. */
#ifndef EV_SEAL_SECRET_H
#define EV_SEAL_SECRET_H

#include "evidence/buf.h"
#include "evidence/err.h"

/*
 * get appends the passphrase for what ("key 'x.p12'") to secret.  It is
 * called only when one is needed; the buffer is cleansed afterwards by the
 * caller of get.
 */
struct ev_pass {
	void *ctx;
	enum ev_rc (*get)(void *ctx, const char *what, struct ev_buf *secret,
	    struct ev_err *err);
};

/* A pass that always answers with the content of a buffer. */
struct ev_pass ev_pass_buf(struct ev_buf *secret);

#endif
