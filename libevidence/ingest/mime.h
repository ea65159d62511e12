/* What mail wraps its texts in: transfer encodings, encoded words, sets. */
#ifndef EV_INGEST_MIME_H
#define EV_INGEST_MIME_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/buf.h"
#include "evidence/err.h"

enum ev_mime_coding { EV_MIME_AS_IS, EV_MIME_BASE64, EV_MIME_QUOTED };

typedef enum ev_rc ev_mime_fn(void *ctx, const void *data, size_t len,
    struct ev_err *err);

/* Of a Content-Transfer-Encoding; unknown ones are taken as they are. */
enum ev_mime_coding ev_mime_coding(const char *name, size_t len);

/*
 * A body decoded (RFC 2045, 6.7 and 6.8), in pieces.  unquote: one > is taken
 * from lines that begin with any number of it and "From ".  *damaged is set
 * where the encoding is not kept to; what can be decoded is.
 */
struct ev_mime_body {
	enum ev_mime_coding coding;
	bool unquote, unquoted; /* to be done; was done */
	bool damaged;
	ev_mime_fn *fn;
	void *ctx;
};
EV_CHECK
enum ev_rc ev_mime_decode(struct ev_mime_body *body, const void *data,
    size_t len, struct ev_err *err);

/*
 * Append a text of that character set as UTF-8, lines ended by LF.  EV_EOF: it
 * is none that is known, or the bytes are not of it; they stand as they are.
 */
EV_CHECK
enum ev_rc ev_mime_text(struct ev_buf *out, const char *charset,
    size_t charset_len, const void *data, size_t len, struct ev_err *err);

/*
 * Append a header's value without its folds (RFC 5322, 2.2.3) and with its
 * encoded words decoded (RFC 2047); one that cannot be decoded stands as it
 * is.
 */
EV_CHECK
enum ev_rc ev_mime_words(struct ev_buf *out, const char *value, size_t len,
    struct ev_err *err);

/*
 * A parameter of a structured value ("; name=value"), appended to out: quotes
 * taken off, RFC 2231's name*, name*0 and percent escapes put together.
 * EV_EOF: there is none.
 */
EV_CHECK
enum ev_rc ev_mime_param(struct ev_buf *out, const char *value, size_t len,
    const char *name, struct ev_err *err);

#endif
