/* The receipt of a handover, for paper. */
#ifndef EVIDENCE_RECEIPT_H
#define EVIDENCE_RECEIPT_H

#include "evidence/buf.h"
#include "evidence/case.h"
#include "evidence/err.h"

enum ev_receipt_form {
	EV_RECEIPT_TEXT,
	EV_RECEIPT_HTML, /* one page, no script, nothing from outside */
	EV_RECEIPT_JSON, /* one object, schema evidence/receipt/1 */
};

/*
 * The newest handover as its entries have it, appended to out: both parties,
 * the counts, the heads as notes and as code, the signatures' digests, how to
 * check them; of a refusal what failed.  The same log gives the same bytes.
 * EV_USE: nothing was ever offered.
 */
EV_CHECK
enum ev_rc ev_receipt(struct ev_case *c, enum ev_receipt_form form,
    struct ev_buf *out, struct ev_err *err);

#endif
