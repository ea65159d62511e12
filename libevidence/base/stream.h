/* Bytes that are read once, from wherever they come. */
#ifndef EV_BASE_STREAM_H
#define EV_BASE_STREAM_H

#include <stddef.h>

#include "evidence/err.h"

/*
 * read puts up to cap bytes at data: EV_OK with *got > 0, EV_EOF with
 * *got 0 at the end.  rewind, where it is not NULL, starts again at byte 0.
 */
struct ev_stream {
	void *ctx;
	enum ev_rc (*read)(void *ctx, unsigned char *data, size_t cap,
	    size_t *got, struct ev_err *err);
	enum ev_rc (*rewind)(void *ctx, struct ev_err *err);
};

#endif
