/* Whether a text is in the one form that our JSON has. */
#ifndef EV_BASE_JSONCANON_H
#define EV_BASE_JSONCANON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"

/* A member looked for; where its value stands. */
struct ev_canon_member {
	const char *outer; /* the object of the root that holds it, or NULL */
	const char *key;
	const unsigned char *at; /* its value's bytes; NULL: there is none */
	size_t len;
};

/*
 * Whether the len bytes at p, which 16 readable bytes must follow, the first
 * a NUL, are what the writer of evidence/json.h would write: the restricted
 * canonical form of evidence-case(5), of at most 12 nested containers and
 * without U+0000.  One look at each byte, no tree.  Each of the members is
 * filled; meaningless if the answer is no.
 */
bool ev_json_canon(const unsigned char *p, size_t len,
    struct ev_canon_member *members, size_t count);

/* Whether it is a string of this text.  Of a canonical text only. */
bool ev_canon_is(const struct ev_canon_member *member, const char *text);
/* Decode a string; text is cleared first.  false: it is none, or too long. */
bool ev_canon_text(const struct ev_canon_member *member, struct ev_buf *text);
/* An integer; false: it is none. */
bool ev_canon_int(const struct ev_canon_member *member, int64_t *value);

#endif
