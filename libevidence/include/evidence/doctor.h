/* What will need renewal, by which year, and what ails the surroundings. */
#ifndef EVIDENCE_DOCTOR_H
#define EVIDENCE_DOCTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/case.h"
#include "evidence/err.h"

/* Due: less than this is left. */
enum { EV_DOCTOR_DAYS = 180 };

struct ev_doctor {
	const char *horizons; /* a file such as casefiles/algorithms.horizon */
};

struct ev_doctor_finding {
	/* "head", "record", "certificate", "archive"; or "surroundings" */
	const char *proof;
	const char *id;   /* "42", "I000001", "@name", a path; "" there */
	int year;         /* by which it must be renewed; 0: none is known */
	const char *ends; /* the last day, as printed; "" where year is 0 */
	bool due;
	const char *why; /* what ends then, or what is wrong */
};
typedef void ev_doctor_fn(void *ctx, const struct ev_doctor_finding *f);

/*
 * Each proof that the case keeps, with the day on which it stops to be one:
 * the end of its authority's certificate or the horizon of an algorithm,
 * whichever is earlier.  The newest stamped head stands for all before it.
 * EV_MISMATCH if anything is due; EV_INPUT "FILE:LINE: ..." for the horizons.
 */
EV_CHECK
enum ev_rc ev_case_doctor(struct ev_case *c, const struct ev_doctor *how,
    ev_doctor_fn *found, void *ctx, struct ev_err *err);

/* The same of a bundle: its newest archive time stamp carries all in it. */
EV_CHECK
enum ev_rc ev_bundle_doctor(const char *path, const struct ev_doctor *how,
    ev_doctor_fn *found, void *ctx, struct ev_err *err);

#endif
