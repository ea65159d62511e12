/* A bundle's index, loaded: artifacts by place and number, their lines. */
#ifndef EV_OUT_VERIFY_INDEX_H
#define EV_OUT_VERIFY_INDEX_H

#include "out/verify_lists.h"

/* One artifact of the index, and how far its facts were met. */
struct index_artifact {
	int64_t id, exhibit, ordinal;
	const struct lists_line *line;
	size_t reading;        /* index of its line under this entry */
	size_t fact, fact_end; /* its fact lines under this entry */
	bool met;
};

struct verify_index {
	struct lists l;
	struct index_artifact *artifact;  /* by exhibit and ordinal */
	struct index_artifact **numbered; /* the same, by A number */
	size_t count;
	int64_t *fact_artifact;    /* A number of each fact line */
	int64_t *reading_artifact; /* and of each reading line */
	int64_t *withheld;         /* exhibits, by number */
	size_t withheld_count;
};

/*
 * Check the lists against the log and load them into v->index.  EV_EOF: they
 * are not fit to go on with, and why was said.
 */
EV_CHECK
enum ev_rc verify_index(struct verify *v, struct ev_err *err);
void index_free(struct verify_index *x);

/* Is the exhibit withheld? */
bool index_withheld(const struct verify_index *x, int64_t exhibit);

/*
 * verify_withheld.c: what stands for lines that are withheld follows from an
 * order in the bundle, and each order is by somebody whom the log enrols.
 */
EV_CHECK
enum ev_rc verify_withheld(struct verify *v, struct ev_err *err);
/* The orders, to be freed.  EV_MISMATCH: a line is none. */
EV_CHECK
enum ev_rc verify_withheld_orders(struct verify *v, struct ev_withheld **order,
    size_t *count, struct ev_err *err);
/* Claims by the root in the log, where they cannot be computed again. */
EV_CHECK
enum ev_rc verify_withheld_claims(struct verify *v, struct ev_err *err);

/* NULL: there is none. */
struct index_artifact *index_find(struct verify_index *x, int64_t exhibit,
    int64_t ordinal);
struct index_artifact *index_number(struct verify_index *x, int64_t id);

/*
 * Bytes that a line tells as text, or in hex under key_hex; appended to out.
 * EV_EOF: it tells neither.
 */
EV_CHECK
enum ev_rc index_bytes(const struct ev_json_node *root, const char *key,
    struct ev_buf *out, struct ev_err *err);

/* The number in a typed id of a line; 0 if it is not there. */
int64_t index_id(const struct ev_json_node *root, const char *key, char kind);

#endif
