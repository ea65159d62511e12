/* Claims of a case: computed, listed, explained, computed again. */
#ifndef EVIDENCE_ATTRIB_H
#define EVIDENCE_ATTRIB_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/case.h"
#include "evidence/err.h"
#include "evidence/table.h"

struct ev_attrib_opts {
	const char *data;      /* folder of casefiles, for rules and lists */
	const char *rules;     /* a rule file; NULL: data/rules/starter.rules */
	const char *asks;      /* one question; NULL: all three */
	const char *from, *to; /* RFC 3339, [from, to); NULL: open */
};

struct ev_attrib_summary {
	int64_t facts, observations, accounts, pairs;
	int64_t claims, met;
	int64_t public_values; /* identifiers on too many accounts to link */
	int64_t oversized;     /* components that were not expanded */
	int64_t databases;     /* that vote */
	int64_t run;           /* number of this run */
	bool unchanged;        /* equal to the run before: nothing entered */
};

/*
 * Compute the claims of the case from its facts, and enter them (action
 * weigh).  EV_PARTIAL: done, but a component was not expanded.  EV_INPUT: a
 * rule file, list or database is faulty ("name:line: reason").
 */
EV_CHECK
enum ev_rc ev_attrib_run(struct ev_case *c, const struct ev_attrib_opts *opts,
    struct ev_attrib_summary *summary, struct ev_err *err);

/* Tables of the newest run: EV_USE where there is none. */
enum ev_attrib_table {
	EV_ATTRIB_CLAIMS,
	EV_ATTRIB_GEO,
	EV_ATTRIB_LINKS,
};
EV_CHECK
enum ev_rc ev_attrib_rows(struct ev_case *c, enum ev_attrib_table which,
    const struct ev_table_opts *opts, int64_t *rows, struct ev_err *err);

/* What the databases say about one address at one instant. */
EV_CHECK
enum ev_rc ev_attrib_geo(struct ev_case *c, const char *ip, const char *at,
    const struct ev_table_opts *opts, struct ev_err *err);

/*
 * The counts for one country; of one register, or of all (NULL).  window:
 * claims and events in [from, to) only.
 */
struct ev_attrib_count {
	const char *country, *registered, *from, *to;
};
EV_CHECK
enum ev_rc ev_attrib_headline(struct ev_case *c,
    const struct ev_attrib_count *what, const struct ev_table_opts *opts,
    struct ev_err *err);

/*
 * The reasons of a claim (C000001), or of all that was considered about an
 * account (platform:id), as text of at most 80 columns.
 */
EV_CHECK
enum ev_rc ev_attrib_explain(struct ev_case *c, const char *what,
    struct ev_buf *out, struct ev_err *err);
/* The line itself, as stored. */
EV_CHECK
enum ev_rc ev_attrib_line(struct ev_case *c, const char *what,
    struct ev_buf *out, struct ev_err *err);

/*
 * Compute claims anew from the facts and compare bytes: of one claim, or all
 * of the newest run (NULL).  said is told of each that differs, and why where
 * that can be told.  EV_MISMATCH: one differs.
 */
typedef void ev_attrib_said_fn(void *ctx, const char *what);
EV_CHECK
enum ev_rc ev_attrib_verify(struct ev_case *c, const char *claim,
    int64_t *checked, ev_attrib_said_fn *said, void *ctx, struct ev_err *err);

/* Add a database of addresses or a list of networks. */
struct ev_attrib_db {
	const char *file;
	const char *source;
	const char *built;   /* RFC 3339 day or instant; NULL: the file says */
	const char *licence; /* NULL: not stated */
	const char *as;      /* vote asn class exits; NULL: vote */
};
EV_CHECK
enum ev_rc ev_attrib_db(struct ev_case *c, const struct ev_attrib_db *db,
    struct ev_err *err);

/* An examiner's entry (action examine). */
struct ev_attrib_entry {
	const char *verb; /* role flag grade depend */
	const char *const *args;
	int count;
	const char *reason;
};
EV_CHECK
enum ev_rc ev_attrib_enter(struct ev_case *c,
    const struct ev_attrib_entry *entry, struct ev_err *err);

/*
 * The faults of a rule file, scale, list or network list, by its name's
 * ending: EV_INPUT "name:line: reason".  data as above, for alternatives.
 */
EV_CHECK
enum ev_rc ev_attrib_lint(const char *file, const char *data,
    struct ev_err *err);

#endif
