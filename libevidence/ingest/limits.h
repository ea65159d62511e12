/* How much reading one exhibit may cost, and the names of those limits. */
#ifndef EV_INGEST_LIMITS_H
#define EV_INGEST_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/err.h"

/* hostile.md 10; all are of one exhibit. */
struct ev_limits {
	int64_t ratio;   /* expanded to stored, once 16 MiB are passed */
	int64_t output;  /* expanded bytes */
	int64_t members; /* of all archives in it */
	int64_t depth;   /* archives in archives */
	int64_t memory;  /* bytes of address space of the reading child */
	int64_t cpu;     /* seconds, and twice as many per GiB */
	int64_t stall;   /* seconds without a word from the child */
};

/*
 * The defaults, then "NAME=VALUE NAME=VALUE ..." over them: limit-ratio,
 * limit-output and so on.  halved: for formats that are off by default.
 * EV_INPUT names what is wrong.
 */
EV_CHECK
enum ev_rc ev_limits_parse(struct ev_limits *limits, const char *text,
    bool halved, struct ev_err *err);

#endif
