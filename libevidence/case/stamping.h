/* A token for something that is not in the case: a bundle's signature. */
#ifndef EV_CASE_STAMPING_H
#define EV_CASE_STAMPING_H

#include "case/case.h"
#include "evidence/stamp.h"
#include "evidence/when.h"
#include "seal/keep.h"
#include "seal/stamp.h"

/* What a token says, for who is told; at is room for what->at. */
void ev_stamped_fill(struct ev_stamped *what, char at[EV_WHEN_TEXT],
    const struct ev_stamp *stamp);

/*
 * Ask place (its url may be "self": the built-in authority, whose key is kept
 * with the case; c may be NULL else) for a token over imprint; it is checked
 * against the request, and appended to token.
 */
EV_CHECK
enum ev_rc ev_stamp_token(struct ev_case *c, const struct ev_stamp_place *place,
    const unsigned char imprint[EV_SHA256], struct ev_buf *token,
    struct ev_err *err);

/* The SHA-512 of an acquisition's exhibits, 64 bytes each, appended. */
EV_CHECK
enum ev_rc ev_stamp_wide(struct ev_case *c, int64_t acquisition,
    struct ev_buf *wide, struct ev_err *err);

/*
 * Tell of each authority, by its newest token, for whose certificates neither
 * list nor response of that time is kept; source is its name.
 */
EV_CHECK
enum ev_rc ev_stamp_unkept(struct ev_case *c, ev_unkept_fn *unkept, void *ctx,
    struct ev_err *err);

#endif
