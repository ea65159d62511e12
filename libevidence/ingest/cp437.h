/* Names that are not UTF-8, read as the IBM PC's character set. */
#ifndef EV_INGEST_CP437_H
#define EV_INGEST_CP437_H

#include <stddef.h>

#include "evidence/buf.h"
#include "evidence/err.h"

/* Append data as UTF-8, a NUL as U+FFFD (APPNOTE, D.1: names of a zip). */
EV_CHECK
enum ev_rc ev_cp437(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err);

#endif
