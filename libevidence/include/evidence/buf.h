/* Growable bytes with a hard cap. */
#ifndef EVIDENCE_BUF_H
#define EVIDENCE_BUF_H

#include <stddef.h>

#include "evidence/err.h"

/*
 * data[len] is always a readable NUL once anything was put, so a buffer of
 * text can be used as a string.  No buffer grows past its limit: EV_LIMIT.
 */
struct ev_buf {
	unsigned char *data; /* NULL while empty */
	size_t len;
	size_t cap;
	size_t limit; /* bytes */
};

/* An empty buffer that may hold limit bytes.  No allocation. */
void ev_buf_init(struct ev_buf *buf, size_t limit);
void ev_buf_release(struct ev_buf *buf);

/* Forget the content, keep the memory. */
void ev_buf_clear(struct ev_buf *buf);

/* Forget what stands behind its first len bytes. */
void ev_buf_cut(struct ev_buf *buf, size_t len);

/* Make room for len more bytes, so that data + len may be written to. */
EV_CHECK
enum ev_rc ev_buf_reserve(struct ev_buf *buf, size_t len, struct ev_err *err);

EV_CHECK
enum ev_rc ev_buf_put(struct ev_buf *buf, const void *data, size_t len,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_buf_puts(struct ev_buf *buf, const char *text,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_buf_putc(struct ev_buf *buf, char c, struct ev_err *err);

EV_CHECK EV_PRINTF(3, 4) enum ev_rc
    ev_buf_printf(struct ev_buf *buf, struct ev_err *err, const char *fmt, ...);

/* The content as a string, "" while empty; borrowed until the next put. */
const char *ev_buf_text(const struct ev_buf *buf);

#endif
