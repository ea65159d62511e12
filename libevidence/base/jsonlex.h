/* The inside of JSON strings and numbers: found fast, then decoded. */
#ifndef EV_BASE_JSONLEX_H
#define EV_BASE_JSONLEX_H

#include <stdbool.h>
#include <stddef.h>

/* Readable bytes that must follow a text that is scanned, the first a NUL. */
enum { EV_JSONLEX_PAD = 16 };

/*
 * The first byte at p that a string cannot hold as it is: quote, backslash or
 * a control; the NUL behind the text is one.  *high is set if a byte of 0x80
 * or more stands before it.
 */
size_t ev_jsonlex_scan(const unsigned char *p, unsigned char quote, bool *high);

/*
 * Decode the len bytes between the quotes, whose escapes were checked, to at
 * most len bytes at out; the bytes written.  A lone surrogate becomes the
 * three bytes that UTF-8 forbids, so that it is neither lost nor taken for
 * text.  *notes: EV_JSON_N_SURROGATE, _NUL and _HEX.
 */
size_t ev_jsonlex_decode(char *out, const unsigned char *p, size_t len,
    unsigned *notes);

/*
 * RFC 8259, 6: where at p a number stops to be one; *whole if one ends there.
 * A NUL must follow the text.
 */
const unsigned char *ev_jsonlex_number(const unsigned char *p, bool *whole);

bool ev_jsonlex_is_digit(unsigned char c);

#endif
