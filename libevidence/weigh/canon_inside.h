/* What canon*.c share. */
#ifndef EV_WEIGH_CANON_INSIDE_H
#define EV_WEIGH_CANON_INSIDE_H

#include <string.h>

#include "weigh/canon.h"

/* ASCII alone, whatever the locale. */
static inline char
ev_ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline bool
ev_ascii_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool
ev_ascii_is_alpha(char c)
{
	c = ev_ascii_lower(c);
	return c >= 'a' && c <= 'z';
}

static inline bool
ev_ascii_is_alnum(char c)
{
	return ev_ascii_is_alpha(c) || ev_ascii_is_digit(c);
}

/* strchr() would find the NUL that ends set. */
static inline bool
ev_ascii_is_in(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

EV_CHECK
enum ev_rc ev_canon_url(const struct ev_canon *in, struct ev_buf *out,
    unsigned *flags, struct ev_err *err);

#endif
