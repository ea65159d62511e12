/* UTF-8 checked, and made safe to print. */
#ifndef EVIDENCE_TEXT_H
#define EVIDENCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

enum ev_text_mode {
	EV_TEXT_NAME,    /* names and ids: every control and format escaped */
	EV_TEXT_RUNNING, /* running text: joiners stay where needed */
};

/* Well-formed UTF-8 (RFC 3629): no overlong form, no surrogate. */
bool ev_text_is_utf8(const void *data, size_t len);

/*
 * Append data so that it can be printed anywhere: C0, DEL, C1, backslash,
 * bidi and other format characters, noncharacters and unassigned ones become
 * \u{202E} (the backslash itself \\, so that it reverses), bytes that are
 * not UTF-8 \xE9 (hostile.md, Output).  The result is one line of UTF-8.
 */
EV_CHECK
enum ev_rc ev_text_safe(struct ev_buf *out, const void *data, size_t len,
    enum ev_text_mode mode, struct ev_err *err);

/* The same for markup: after the escapes above, & < > " ' as references. */
EV_CHECK
enum ev_rc ev_text_html(struct ev_buf *out, const void *data, size_t len,
    enum ev_text_mode mode, struct ev_err *err);

/*
 * A JSON text, without a line feed, as JSON that means the same and can be
 * printed: what ev_text_safe() would escape (but not the backslash) becomes
 * \u202e, beyond U+FFFF a pair of surrogates.  For the screen: what is hashed
 * or stored is never written so.
 */
EV_CHECK
enum ev_rc ev_text_json(struct ev_buf *out, const void *json, size_t len,
    struct ev_err *err);

/*
 * One CSV cell of evidence, escaped as running text and quoted; = + - @ TAB CR
 * (and the full-width signs) at its start get a '.
 */
EV_CHECK
enum ev_rc ev_text_csv(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err);

/* Lower-case hex of len bytes into text[2 * len + 1]. */
void ev_text_hex(char *text, const void *data, size_t len);

/* The value of a hexadecimal digit, or -1. */
int ev_text_hex_digit(unsigned char c);

/* Exactly len bytes from 2 * len hex digits; false if it is not that. */
bool ev_text_unhex(void *data, size_t len, const char *text, size_t text_len);

/* RFC 4648 base64 with padding, appended; and back, strictly. */
EV_CHECK
enum ev_rc ev_text_base64(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_text_unbase64(struct ev_buf *out, const char *text, size_t len,
    struct ev_err *err);

/* A decimal integer in [low, high], the whole of text; false otherwise. */
bool ev_text_int(int64_t *value, const char *text, size_t len, int64_t low,
    int64_t high);

/*
 * Case-folded NFKC (utf8proc), for comparison only, of at most 1 MiB;
 * EV_INPUT if not UTF-8.
 */
EV_CHECK
enum ev_rc ev_text_fold(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err);

#endif
