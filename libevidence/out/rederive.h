/* Artifacts and facts, derived again from the bytes of an exhibit. */
#ifndef EV_OUT_REDERIVE_H
#define EV_OUT_REDERIVE_H

#include "case/case.h"
#include "evidence/json.h"
#include "ingest/child.h"
#include "seal/bytes.h"
#include "seal/digest.h"

/* A member met, all of its bytes read. */
struct rederive_artifact {
	int64_t ordinal, place;
	const void *path; /* of the exhibit itself: its name */
	size_t path_len;
	struct ev_digests digests;
};

/*
 * Facts come before the artifact they are of; those of failed ones not.
 * What is NULL is not told.
 */
struct rederive_sink {
	void *ctx;
	enum ev_rc (*fact)(void *ctx, const struct rederive_artifact *of,
	    const struct ev_fact *fact, struct ev_err *err);
	enum ev_rc (*artifact)(void *ctx, const struct rederive_artifact *is,
	    const struct ev_member_total *total, struct ev_err *err);
	/* Bytes of a member from at on, not of the exhibit. */
	enum ev_rc (*bytes)(void *ctx, int64_t ordinal, int64_t at,
	    struct ev_bytes bytes, struct ev_err *err);
};

/* Where mapping files come from: a bundle, or a case. */
struct rederive_source {
	void *ctx;
	/* The file with that hash, appended; EV_MISMATCH: it is not there. */
	enum ev_rc (*map)(void *ctx, const unsigned char sha256[EV_SHA256],
	    struct ev_buf *out, struct ev_err *err);
	bool no_sandbox;
	const struct ev_broker *broker; /* ev_child_opts.broker */
	const char *only; /* ev_child_opts.only; NULL: everything */
};

struct rederive;

/*
 * read is the object "after" of an entry read: it names the mappings, globs,
 * formats and limits.  It, source and sink are borrowed.
 */
EV_CHECK
enum ev_rc rederive_open(struct rederive **r,
    const struct rederive_source *source, const struct ev_json_node *read,
    const struct rederive_sink *sink, struct ev_err *err);
void rederive_close(struct rederive *r);

struct rederive_exhibit {
	const void *name;
	size_t name_len;
	int fd;
	int64_t offset, size;
	const struct ev_digests *digests; /* of the whole, known already */
};
EV_CHECK
enum ev_rc rederive_exhibit(struct rederive *r,
    const struct rederive_exhibit *x, struct ev_err *err);

/* A mapping file that a case holds, for ev_rederive_source.map. */
EV_CHECK
enum ev_rc rederive_case_map(struct ev_case *c,
    const unsigned char sha256[EV_SHA256], struct ev_buf *out,
    struct ev_err *err);
/*
 * The leaf of the log entry that counts the newest reading of an artifact, up
 * to entry head (0: all).  EV_USE: it was not read.
 */
EV_CHECK
enum ev_rc rederive_case_entry(struct ev_case *c, int64_t artifact,
    int64_t head, struct ev_buf *leaf, struct ev_err *err);

/* Where a fact comes from, as far as the bytes tell: no numbers. */
void rederive_origin(struct rederive *r, const struct rederive_artifact *of,
    const struct ev_fact *fact, struct ev_fact_origin *origin);

#endif
