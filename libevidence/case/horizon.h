/* Until when keys and hashes are good, by a data file. */
#ifndef EV_CASE_HORIZON_H
#define EV_CASE_HORIZON_H

#include "evidence/doctor.h"
#include "seal/stamp.h"

enum { EV_HORIZON_LINES = 64, EV_HORIZON_WORD = 32, EV_HORIZON_WHY = 512 };

struct ev_horizons {
	struct ev_horizon {
		char name[EV_HORIZON_WORD]; /* "RSA", "SHA-256" */
		int64_t bits;               /* 0: a digest */
		int64_t year;               /* 0: none stated */
		size_t source;
	} line[EV_HORIZON_LINES];
	size_t count;
	struct {
		char id[EV_HORIZON_WORD];
		char text[192];
	} source[EV_HORIZON_LINES];
	size_t sources;
};

/* Strictly; EV_INPUT "FILE:LINE: what was expected". */
EV_CHECK
enum ev_rc ev_horizons_read(struct ev_horizons *h, const char *path,
    struct ev_err *err);

/* The day on which a certificate, or what it signed, stops to be a proof. */
struct ev_ends {
	int64_t at; /* an instant */
	char why[EV_HORIZON_WHY];
};

/*
 * The earliest of the certificate's end, its key's horizon and that of
 * SHA-256.  EV_INPUT: no line covers the key.
 */
EV_CHECK
enum ev_rc ev_horizon_ends(const struct ev_horizons *h,
    const struct ev_cert *cert, struct ev_ends *ends, struct ev_err *err);

/* Tell of a proof that ends; true: it is due. */
EV_CHECK
enum ev_rc ev_doctor_tell(const struct ev_ends *ends, const char *proof,
    const char *id, ev_doctor_fn *found, void *ctx, bool *due,
    struct ev_err *err);

#endif
