/* Bytes of other character sets as UTF-8. */
#ifndef EV_INGEST_CHARSET_H
#define EV_INGEST_CHARSET_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

enum ev_charset {
	EV_CHARSET_UTF8,
	EV_CHARSET_UTF16LE,
	EV_CHARSET_UTF16BE,
	EV_CHARSET_CP1252,
	EV_CHARSET_LATIN1,
};

/* NULL is utf-8; a name that is none of these, too. */
enum ev_charset ev_charset_find(const char *name);

/* Bytes of a character that is plain: 1, of UTF-16 2. */
size_t ev_charset_unit(enum ev_charset charset);

/*
 * Append data as UTF-8.  EV_EOF: it is not of that character set, and the
 * bytes were appended as they are.
 */
EV_CHECK
enum ev_rc ev_charset_text(struct ev_buf *out, enum ev_charset charset,
    const unsigned char *data, size_t len, struct ev_err *err);

/* Append one code point as UTF-8. */
EV_CHECK
enum ev_rc ev_charset_put(struct ev_buf *out, uint32_t c, struct ev_err *err);

#endif
