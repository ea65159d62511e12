/* One thing of a case whole; a fact derived again before the reader's eyes. */
#ifndef EVIDENCE_SHOW_H
#define EVIDENCE_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/case.h"
#include "evidence/err.h"

struct ev_show {
	bool json;
	bool raw;        /* the bytes and nothing else, as they are */
	int64_t context; /* bytes to show before and behind a record */
	bool no_sandbox;
	enum ev_rc (*write)(void *ctx, const void *data, size_t len,
	    struct ev_err *err);
	void *ctx;
};

/*
 * id is a typed id (E A I F S W C), "@name", a number of the log, or
 * "platform:id".  Of a fact the record's own bytes are read from the exhibit
 * and the mapping is run over them again: EV_MISMATCH if that gives another
 * fact.  EV_USE: there is no such thing.
 */
EV_CHECK
enum ev_rc ev_show_id(struct ev_case *c, const char *id,
    const struct ev_show *how, struct ev_err *err);

#endif
