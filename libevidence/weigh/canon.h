/* One way to write an identifier, so that equal ones are equal bytes. */
#ifndef EV_WEIGH_CANON_H
#define EV_WEIGH_CANON_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "weigh/rules.h"

/* What was noticed on the way. */
enum {
	EV_CANON_RAW = 1,       /* not what its type must be: kept, no link */
	EV_CANON_IDN = 2,       /* non-ASCII domain: no link */
	EV_CANON_UNCHECKED = 4, /* a checksum exists and is not computed */
};

/*
 * Append the canonical value of raw (attribution.md, Normalisation) to out;
 * platform scopes what one platform hands out.  tracking may be NULL.  What
 * cannot be read is appended as it is, with EV_CANON_RAW in flags.
 */
struct ev_canon {
	enum ev_type type;
	const char *platform;
	const char *raw;
	size_t len;
	const struct ev_listfile *tracking;
};
EV_CHECK
enum ev_rc ev_canon(const struct ev_canon *in, struct ev_buf *out,
    unsigned *flags, struct ev_err *err);

/* An e-mail without dots and +tag; false if that changes nothing to see. */
EV_CHECK
enum ev_rc ev_canon_alias(const char *email, struct ev_buf *out,
    struct ev_err *err);

/*
 * What a URL names: an invite ("tg:X"), an account ("x:@name"), or neither
 * (EV_TYPES).  The value is appended.
 */
EV_CHECK
enum ev_rc ev_canon_target(const char *url, size_t len, enum ev_type *type,
    struct ev_buf *out, struct ev_err *err);

/* Does a star pattern match the whole of text? */
bool ev_canon_glob(const char *pattern, const char *text);

/* Two capital letters of the country whose calling code begins phone. */
bool ev_canon_phone_country(const struct ev_listfile *codes, const char *phone,
    char cc[3]);

/*
 * The country that a text names: a code, an English name, or what stands
 * behind its last comma.
 */
bool ev_canon_country(const struct ev_listfile *names, const char *text,
    char cc[3]);

/* "+04:30" of "+4:30", "UTC+04:30", "GMT+0430"; false for anything else. */
bool ev_canon_offset(char offset[8], const char *text);

/* Parts of a text that look like identifiers (attribution.md 2). */
struct ev_found {
	enum ev_type type;
	const char *text;
	size_t len;
};
/* The next one from *at on; false at the end. */
bool ev_canon_next(const char *text, size_t len, size_t *at,
    struct ev_found *found);

/* The value as it may be shown: all but the last two characters hidden. */
void ev_canon_mask(char *out, size_t cap, enum ev_type type, const char *value);

#endif
