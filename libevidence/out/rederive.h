/* Artifacts and facts, derived again from the bytes of an exhibit. */
#ifndef EV_OUT_REDERIVE_H
#define EV_OUT_REDERIVE_H

#include "evidence/json.h"
#include "ingest/child.h"
#include "out/verify_inside.h"
#include "seal/digest.h"

/* A member met, all of its bytes read. */
struct rederive_artifact {
	int64_t ordinal, place;
	const void *path; /* of the exhibit itself: its name */
	size_t path_len;
	struct ev_digests digests;
};

/* Facts come before the artifact they are of; those of failed ones not. */
struct rederive_sink {
	void *ctx;
	enum ev_rc (*fact)(void *ctx, const struct rederive_artifact *of,
	    const struct ev_fact *fact, struct ev_err *err);
	enum ev_rc (*artifact)(void *ctx, const struct rederive_artifact *is,
	    const struct ev_member_total *total, struct ev_err *err);
};

struct rederive;

/*
 * read is the object "after" of an entry read: it names the mappings, globs,
 * formats and limits; the mapping files are found in the bundle by SHA-256.
 * EV_MISMATCH: one is not there.
 */
EV_CHECK
enum ev_rc rederive_open(struct rederive **r, struct verify *v,
    const struct ev_json_node *read, const struct rederive_sink *sink,
    struct ev_err *err);
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

/* Where a fact comes from, as far as the bytes tell: no numbers. */
void rederive_origin(struct rederive *r, const struct rederive_artifact *of,
    const struct ev_fact *fact, struct ev_fact_origin *origin);

#endif
