/* The inside of a JSON string: found fast, then decoded. */
#ifndef EV_BASE_JSONSTR_H
#define EV_BASE_JSONSTR_H

#include <stdbool.h>
#include <stddef.h>

/* Readable bytes that must follow a text that is scanned, the first a NUL. */
enum { EV_JSONSTR_PAD = 16 };

/*
 * The first byte at p that a string cannot hold as it is: quote, backslash or
 * a control; the NUL behind the text is one.  *high is set if a byte of 0x80
 * or more stands before it.
 */
size_t ev_jsonstr_scan(const unsigned char *p, unsigned char quote, bool *high);

/*
 * Decode the len bytes between the quotes, whose escapes were checked, to at
 * most len bytes at out; the bytes written.  A lone surrogate becomes the
 * three bytes that UTF-8 forbids, so that it is neither lost nor taken for
 * text.  *notes: EV_JSON_N_SURROGATE, _NUL and _HEX.
 */
size_t ev_jsonstr_decode(char *out, const unsigned char *p, size_t len,
    unsigned *notes);

/* The value of a hexadecimal digit, or -1. */
int ev_jsonstr_hex(unsigned char c);

#endif
