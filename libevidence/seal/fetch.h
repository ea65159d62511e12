/* One DER value by HTTP, for the other files of this floor. */
#ifndef EV_SEAL_FETCH_H
#define EV_SEAL_FETCH_H

#include <stddef.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "seal/bytes.h"

/* As ev_stamp_fetch() has it; a request with data is a POST, else a GET. */
struct ev_fetch {
	const char *url;
	int seconds, tries;
	struct ev_bytes request;
	const char *type;   /* of the request; NULL: none */
	const char *expect; /* of the reply; NULL: any */
	size_t limit;
};
EV_CHECK
enum ev_rc ev_fetch(const struct ev_fetch *what, struct ev_buf *reply,
    struct ev_err *err);

#endif
