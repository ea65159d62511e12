/* A sheet for paper, as text of 80 columns or as one HTML page. */
#ifndef EV_OUT_SHEET_H
#define EV_OUT_SHEET_H

#include <stdbool.h>

#include "evidence/buf.h"
#include "evidence/err.h"

/*
 * Text that is given may come from evidence: it is made safe, and in HTML
 * escaped.  The first error stays, and nothing is done after it; sheet_close()
 * returns it.
 */
struct sheet {
	struct ev_buf *out; /* borrowed */
	bool html;
	bool table; /* rows stand open */
	bool gap;   /* a blank line was just written */
	enum ev_rc rc;
	struct ev_err err;
};

void sheet_open(struct sheet *s, struct ev_buf *out, bool html,
    const char *title);
void sheet_heading(struct sheet *s, const char *text);
/* A label and what it says. */
EV_PRINTF(3, 4)
void sheet_row(struct sheet *s, const char *label, const char *fmt, ...);
/* A paragraph, wrapped. */
EV_PRINTF(2, 3) void sheet_para(struct sheet *s, const char *fmt, ...);
/* Lines to be copied, each ending with a line feed; no backslash in them. */
EV_PRINTF(2, 3) void sheet_lines(struct sheet *s, const char *fmt, ...);
/* A code to be read off the paper. */
void sheet_code(struct sheet *s, const char *code);
EV_CHECK
enum ev_rc sheet_close(struct sheet *s, struct ev_err *err);

#endif
