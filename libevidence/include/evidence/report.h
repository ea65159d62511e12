/* The human reading of a case: one self-contained HTML page. */
#ifndef EVIDENCE_REPORT_H
#define EVIDENCE_REPORT_H

#include <stdint.h>

#include "evidence/case.h"
#include "evidence/err.h"

struct ev_withheld;
struct ev_report {
	int64_t head; /* as the case was at that entry; 0: as it is */
	bool draft;
	/* What a bundle withholds: then only what cannot tell of it is said. */
	const struct ev_withheld *withheld;
	size_t withheld_count;
	enum ev_rc (*write)(void *ctx, const void *data, size_t len,
	    struct ev_err *err);
	void *ctx;
};

/*
 * One page without script, network or anything outside itself.  Evidence can
 * become neither markup nor script: it is escaped, and the page's policy
 * allows none.  The same case at the same head gives the same bytes.
 */
EV_CHECK
enum ev_rc ev_report_html(struct ev_case *c, const struct ev_report *how,
    struct ev_err *err);

#endif
