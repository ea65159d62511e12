/* Claims and counts computed from facts: pure, so that anyone can repeat it. */
#ifndef EV_WEIGH_WEIGH_H
#define EV_WEIGH_WEIGH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "ingest/fact.h"

/*
 * A computation is wholly given by
 *   - the order, one canonical JSON object: what was asked, over which
 *     window, by which files, with which examiner's entries, anchors and
 *     organisations (evidence-rules(5), The order).  A case keeps it in
 *     claim_run.args, a bundle in data/case/order.json;
 *   - the files it names, by SHA-256;
 *   - the facts.
 * The same three give the same bytes.  No database, file or clock is
 * touched here.  Call: new; file for each file; fact or line for each fact,
 * in ascending order of its number; end; then ask.
 */
struct ev_weigh;

/* EV_INPUT: the order does not say what it must.  order is not kept. */
EV_CHECK
enum ev_rc ev_weigh_new(struct ev_weigh **w, const void *order, size_t len,
    struct ev_err *err);
void ev_weigh_free(struct ev_weigh *w);

/*
 * Give one file; form and name are those of datafile.  bytes are borrowed
 * until the end.  A geo file may be the extract of a larger one
 * (ev_weigh_extract).  EV_INPUT "name:line: reason" for a faulty file, EV_USE
 * for one that the order does not name.
 */
struct ev_weigh_file {
	const char *form; /* "rules" "scale" "list" "geo" "asn" */
	const char *name;
	const void *bytes;
	size_t len;
};
EV_CHECK
enum ev_rc ev_weigh_file(struct ev_weigh *w, const struct ev_weigh_file *file,
    struct ev_err *err);

/* Whether the file says that it is an extract, and of what (hex SHA-256). */
bool ev_weigh_file_whole(const struct ev_weigh_file *file, char hex[65]);

/* Where the artifact of a fact stands (artifacts.jsonl has both). */
struct ev_weigh_place {
	int64_t exhibit; /* E number */
	int64_t ordinal; /* 0: the exhibit itself, else a member of it */
};

/*
 * One fact.  mapping and the mapping's names in origin are not looked at;
 * nothing is borrowed after the call.
 */
EV_CHECK
enum ev_rc ev_weigh_fact(struct ev_weigh *w, const struct ev_fact *fact,
    const struct ev_fact_origin *origin, const struct ev_weigh_place *place,
    struct ev_err *err);

/* The same from its canonical line (a line of facts.jsonl). */
EV_CHECK
enum ev_rc ev_weigh_line(struct ev_weigh *w, const void *line, size_t len,
    const struct ev_weigh_place *place, struct ev_err *err);

/* Which kinds are read; facts of others may be left out. */
bool ev_weigh_reads(enum ev_kind kind);

/*
 * Compute.  EV_USE: a file that the order names is missing.  EV_PARTIAL:
 * done, but items were set aside or a component was not expanded.
 */
EV_CHECK
enum ev_rc ev_weigh_end(struct ev_weigh *w, struct ev_err *err);

/* What may be said: claims in the order asks, subject, object. */
struct ev_weigh_claim {
	const char *asks;    /* "same-operator" "organisation" "country" */
	const char *subject; /* platform:id, two parted by a blank */
	const char *object;  /* O000001, AF, "" for pairs */
	int64_t low, mid, high;
	bool met;
	const char *label; /* "same operator" "associated" "attributed to" */
	const char *word;  /* of the scale, "none" */
	int families;      /* that support */
	const char *from, *to; /* "" if nothing is dated */
	const char *flags;     /* words parted by blanks */
	const char *line;      /* canonical JSON, no newline */
	size_t len;
};
size_t ev_weigh_count(const struct ev_weigh *w);
const struct ev_weigh_claim *ev_weigh_claim(const struct ev_weigh *w, size_t i);

/* Let claim i say that it supersedes the line with this SHA-256 (hex). */
EV_CHECK
enum ev_rc ev_weigh_supersede(struct ev_weigh *w, size_t i, const char *sha256,
    struct ev_err *err);
/* The order again, with what claims supersede. */
EV_CHECK
enum ev_rc ev_weigh_order(const struct ev_weigh *w, struct ev_buf *out,
    struct ev_err *err);

/*
 * The headline figures, a canonical line each, with a newline: for every
 * country that any account may have been operated from, and every register.
 */
EV_CHECK
enum ev_rc ev_weigh_headline(struct ev_weigh *w, struct ev_buf *out,
    struct ev_err *err);
/* The same for one country and one register (NULL: every one). */
EV_CHECK
enum ev_rc ev_weigh_figures(struct ev_weigh *w, const char *country,
    const char *registered, struct ev_buf *out, struct ev_err *err);

/*
 * A canonical line for every account and question that any fact speaks to,
 * claimed or not: what was used, what was not, and why.
 */
EV_CHECK
enum ev_rc ev_weigh_consider(struct ev_weigh *w, const char *account,
    struct ev_buf *out, struct ev_err *err);

/* The tables behind the claims, a canonical line a row, with a newline. */
EV_CHECK
enum ev_rc ev_weigh_geo_rows(struct ev_weigh *w, struct ev_buf *out,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_weigh_link_rows(struct ev_weigh *w, struct ev_buf *out,
    struct ev_err *err);

/*
 * The rows of one database that the addresses of the facts matched, as CSV
 * ranges that name the whole by its SHA-256: what a bundle carries in place
 * of a large database, or of one that may not be passed on.  sha256 is that
 * of the whole.  Looking up in the extract gives what the whole gives.
 */
EV_CHECK
enum ev_rc ev_weigh_extract(struct ev_weigh *w, const char *sha256,
    struct ev_buf *out, struct ev_err *err);

/* In numbers, for the log and the summary. */
struct ev_weigh_counts {
	int64_t facts, observations, accounts;
	int64_t pairs; /* looked at */
	int64_t claims, met;
	int64_t unused;        /* items set aside */
	int64_t public_values; /* identifiers on too many accounts */
	int64_t oversized;     /* components not expanded */
};
void ev_weigh_counted(const struct ev_weigh *w, struct ev_weigh_counts *counts);

#endif
