/* Values that must not be somewhere, sought in streams of bytes. */
#ifndef EV_OUT_LEAK_H
#define EV_OUT_LEAK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"

/*
 * A set of values, each sought in the forms that files give it: UTF-8, UTF-16
 * in both orders, escaped as JSON, HTML and URLs do it, in any ASCII case; a
 * number of nine digits or more also with whatever stands between its digits
 * and without the prefix by which a telephone number is dialled.  Of a long
 * value its beginning is sought.  Pure.
 */
struct ev_leak;

enum {
	EV_LEAK_LEAST = 6,  /* a shorter value stands everywhere */
	EV_LEAK_MOST = 96,  /* bytes of a value that are sought */
	EV_LEAK_FORM = 256, /* bytes of one form */
};

EV_CHECK
enum ev_rc ev_leak_new(struct ev_leak **leak, struct ev_err *err);
void ev_leak_free(struct ev_leak *leak);

/* tag: the caller's own.  EV_EOF: the value is too short to be sought. */
EV_CHECK
enum ev_rc ev_leak_value(struct ev_leak *leak, size_t tag, const void *data,
    size_t len, struct ev_err *err);
/* Only these bytes, such as a digest as it stands. */
EV_CHECK
enum ev_rc ev_leak_bytes(struct ev_leak *leak, size_t tag, const void *data,
    size_t len, struct ev_err *err);
/* All values are there: to be called once, before the first scan. */
void ev_leak_ready(struct ev_leak *leak);

/* Where one stream is; several may be under way. */
struct ev_leak_scan {
	const struct ev_leak *leak;
	int64_t at; /* bytes that went through */
	size_t kept;
	unsigned char tail[2 * EV_LEAK_FORM];
	unsigned digits, gap; /* the digits met last, and what parts them */
	char digit[32];
};

/* Offset: of the first byte, or of the last digit. */
typedef enum ev_rc ev_leak_fn(void *ctx, size_t tag, int64_t offset,
    struct ev_err *err);

void ev_leak_begin(struct ev_leak_scan *scan, const struct ev_leak *leak);
EV_CHECK
enum ev_rc ev_leak_feed(struct ev_leak_scan *scan, const void *data, size_t len,
    ev_leak_fn *found, void *ctx, struct ev_err *err);

#endif
