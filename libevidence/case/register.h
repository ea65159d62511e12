/* A register as text: records with their place in the file. */
#ifndef EV_CASE_REGISTER_H
#define EV_CASE_REGISTER_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

enum ev_register_field {
	EV_R_NAME,
	EV_R_ALIASES, /* parted by ; */
	EV_R_QUALITY,
	EV_R_AUTHORITY,
	EV_R_LAW,
	EV_R_SECTION,
	EV_R_REF,
	EV_R_LISTED_ON,
	EV_R_DELISTED_ON,
	EV_R_STATUS,
	EV_R_REMARKS,
	EV_R_FIELDS,
};

/* One record; fields are NUL-terminated UTF-8, "" where there is no column. */
struct ev_register_record {
	const char *field[EV_R_FIELDS];
	int64_t offset, length; /* bytes in the file, line end left out */
};

/* What is read, in file order; fault NULL what: a record, else why not. */
struct ev_register_sink {
	void *ctx;
	enum ev_rc (*record)(void *ctx, const struct ev_register_record *r,
	    struct ev_err *err);
	enum ev_rc (*fault)(void *ctx, int64_t offset, int64_t length,
	    const char *what, struct ev_err *err);
};

/*
 * The plain CSV of court.md 3: RFC 4180 with a header that names columns in
 * any order; name is needed, unknown columns are told as faults of length 0.
 * EV_INPUT: the header is missing, or names no column 'name'.
 */
EV_CHECK
enum ev_rc ev_register_csv(const void *data, size_t len,
    const struct ev_register_sink *sink, struct ev_err *err);

#endif
