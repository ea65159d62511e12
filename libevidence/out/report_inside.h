/* A report being written: what its files share. */
#ifndef EV_OUT_REPORT_INSIDE_H
#define EV_OUT_REPORT_INSIDE_H

#include "case/case.h"
#include "evidence/report.h"
#include "store/db.h"

struct report {
	struct ev_db *db;
	const struct ev_case_info *info;
	const struct ev_report *how;
	int64_t head;
	char at[40];
};

/* The page, of a database that has the tables it asks for. */
EV_CHECK
enum ev_rc report_html(struct ev_db *db, const struct ev_case_info *info,
    const struct ev_report *how, struct ev_err *err);

/* Markup of ours. */
EV_CHECK
enum ev_rc report_raw(struct report *r, const char *markup, struct ev_err *err);
EV_PRINTF(3, 4)
EV_CHECK
enum ev_rc report_printf(struct report *r, struct ev_err *err, const char *fmt,
    ...);
/* Text of evidence: escaped, isolated in direction. */
EV_CHECK
enum ev_rc report_text(struct report *r, const void *data, size_t len,
    struct ev_err *err);

/* report_claims.c: claims with their reasons, behind the headline figures. */
EV_CHECK
enum ev_rc report_claims(struct report *r, struct ev_err *err);

/* report_withheld.c: in their place, what the bundle withholds, and why. */
EV_CHECK
enum ev_rc report_withheld(struct report *r, struct ev_err *err);

/* report_headline.c: the figures of the last run, by country. */
EV_CHECK
enum ev_rc report_headline(struct report *r, struct ev_err *err);

/* The same without isolation, where markup cannot stand: a title. */
EV_CHECK
enum ev_rc report_escaped(struct report *r, const char *text,
    struct ev_err *err);

/* report_page.c: up to the first heading's text, and behind everything. */
EV_CHECK
enum ev_rc report_open(struct report *r, const char *title, struct ev_err *err);
EV_CHECK
enum ev_rc report_close(struct report *r, struct ev_err *err);

#endif
