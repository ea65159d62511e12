/* What a bundle does not show, in the lines that stand for it. */
#ifndef EV_OUT_WITHHELD_H
#define EV_OUT_WITHHELD_H

#include <stdbool.h>

#include "evidence/buf.h"
#include "evidence/case.h"
#include "evidence/err.h"
#include "evidence/json.h"
#include "seal/digest.h"

/*
 * Pure: the writer writes these lines, the verifier reads them
 * (evidence-bundle(5), Withholding).  In place of a line of a salted list
 * stands its leaf, and in place of its salt EV_WITHHELD_SALT:
 *
 *	{"by":"F000007","leaf":HEX,"reason":CODE,"withheld":"A000002"}
 *
 * by is the order that it follows from: a line of data/court/withheld.jsonl,
 *
 *	{"authoriser":"@name","reason":CODE,"withheld":"F000007"}
 */
#define EV_WITHHELD_SALT "-"
#define EV_WITHHELD_ORDERS "data/court/withheld.jsonl"

/* An order, or a line that is withheld by one. */
struct ev_withheld {
	char id[EV_ID_TEXT];
	char by[EV_ID_TEXT];           /* of a line */
	char reason[16];               /* one of ev_withheld_codes */
	char authoriser[64];           /* of an order; "@name" */
	unsigned char leaf[EV_SHA256]; /* of a line */
};

/* The closed list of reasons, NULL-terminated. */
extern const char *const ev_withheld_codes[];
bool ev_withheld_code(const char *code);

EV_CHECK
enum ev_rc ev_withheld_line(struct ev_buf *out, const struct ev_withheld *line,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_withheld_order(struct ev_buf *out,
    const struct ev_withheld *order, struct ev_err *err);

/* Strictly: false for anything that the two above would not have written. */
bool ev_withheld_read_line(struct ev_withheld *line, const void *text,
    size_t len);
bool ev_withheld_read_order(struct ev_withheld *order, const void *text,
    size_t len);

#endif
