/* What a court asks of a bundle: the head of a profile file. */
#ifndef EV_OUT_PROFILE_H
#define EV_OUT_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"

/*
 * A .profile file (evidence-bundle(5)) is read strictly: UTF-8, LF, at most
 * 256 KiB, one keyword a line.  Known are profile, version, zone and require
 * stamp; anything else is refused by line.
 */
struct ev_profile {
	char name[33];
	int64_t version;
	int zone_minutes;    /* fixed offset from UTC for printed times */
	bool external_stamp; /* require stamp external */
};

/* EV_INPUT "NAME:LINE: what was expected". */
EV_CHECK
enum ev_rc ev_profile_read(struct ev_profile *profile, const char *name,
    const char *text, size_t len, struct ev_err *err);

#endif
