/* Registers of listed organisations, and what ties things to them. */
#ifndef EVIDENCE_ORG_H
#define EVIDENCE_ORG_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/case.h"
#include "evidence/err.h"
#include "evidence/table.h"

struct ev_org_import {
	const char *file;
	const char *format; /* "csv"; NULL: that */
	const char *source; /* name of the list; NULL: the file's own */
};

/* What an import came to; told of each record that was set aside. */
struct ev_org_result {
	int64_t records, organisations, listings, set_aside, warnings;
	bool known; /* this very file was imported before: nothing changed */
};
struct ev_org_fault {
	int64_t offset, length; /* in the file; 0 0: of a column */
	const char *what;
};
typedef void ev_org_fault_fn(void *ctx, const struct ev_org_fault *fault);

/*
 * Import one register (court.md 3).  The file is kept with the case; each
 * listing cites its record's bytes and their SHA-256.  A bad record is set
 * aside and the rest is read: EV_PARTIAL.  EV_INPUT: no record at all.
 */
EV_CHECK
enum ev_rc ev_org_import(struct ev_case *c, const struct ev_org_import *how,
    struct ev_org_result *result, ev_org_fault_fn *fault, void *ctx,
    struct ev_err *err);

/* One row an organisation, or (org not 0) its names, listings and anchors. */
EV_CHECK
enum ev_rc ev_org_list(struct ev_case *c, const struct ev_table_opts *opts,
    int64_t *rows, struct ev_err *err);
EV_CHECK
enum ev_rc ev_org_show(struct ev_case *c, int64_t org,
    const struct ev_table_opts *opts, struct ev_err *err);

/* An identifier, account or media item that is an organisation's. */
struct ev_org_anchor {
	int64_t org;
	const char *type; /* "account" "url" "invite" "email" ... */
	const char *value;
	const char *basis;     /* a fact or listing, typed id */
	const char *from, *to; /* RFC 3339, NULL: open */
};
/* An examiner's entry.  EV_USE: no such organisation, type or basis. */
EV_CHECK
enum ev_rc ev_org_anchor(struct ev_case *c, const struct ev_org_anchor *anchor,
    struct ev_err *err);

#endif
