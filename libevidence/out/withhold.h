/* A bundle being made: what it withholds, and whether that shows elsewhere. */
#ifndef EV_OUT_WITHHOLD_H
#define EV_OUT_WITHHOLD_H

#include "out/bundle_inside.h"
#include "out/withheld.h"

/*
 * An order is ID=CODE: an exhibit, with everything that was read from it; or
 * a fact, and with it what would show it: the artifact that it was read from,
 * the archives about that, the exhibit, and the other facts of that artifact,
 * whose lines hold its SHA-256.  NULL stands for nothing withheld.
 */
struct withhold;

/* One id that is withheld, and the order that it follows from. */
struct withhold_id {
	char kind;
	int64_t id;
	size_t order;
};

/*
 * EV_USE: an order that is none, a reason that is not in the list, an id that
 * the head does not cover, or no authoriser who was enrolled.
 */
EV_CHECK
enum ev_rc withhold_new(struct withhold **w, struct bundle *b,
    struct ev_err *err);
void withhold_free(struct withhold *w);

/* The orders, in their order; and everything withheld, by kind and number. */
const struct ev_withheld *withhold_orders(const struct withhold *w,
    size_t *count);
const struct withhold_id *withhold_ids(const struct withhold *w, size_t *count);
bool withhold_has(const struct withhold *w, char kind, int64_t id);

/* Does a segment of the vault hold an exhibit that is withheld? */
EV_CHECK
enum ev_rc withhold_segment(struct bundle *b, int64_t segment, int64_t *count,
    struct ev_err *err);
/* Are exhibits of this acquisition withheld? */
EV_CHECK
enum ev_rc withhold_acquisition(struct bundle *b, int64_t acquisition,
    bool *yes, struct ev_err *err);

/*
 * Is this line of "exhibits", "artifacts", "readings" or "facts" withheld?
 * Then *row says by what, less its leaf.
 */
EV_CHECK
enum ev_rc withhold_line(const struct withhold *w, const char *list,
    const void *line, size_t len, bool *yes, struct ev_withheld *row,
    struct ev_err *err);

/* The same of a claim, which is if it cites, or may rest on, what is. */
EV_CHECK
enum ev_rc withhold_claim(const struct withhold *w, int64_t id,
    const void *line, size_t len, bool *yes, struct ev_withheld *row,
    struct ev_err *err);

/*
 * Seek the values of the facts that were named and the digests of all
 * artifacts withheld in everything that the bundle holds by now.  EV_USE names
 * where one stands.  *unsearched: exhibits that could not be looked into.
 */
EV_CHECK
enum ev_rc withhold_check(struct bundle *b, int64_t *unsearched,
    struct ev_err *err);

/*
 * Exhibits that would let their holder act as somebody else, by what their
 * reading noted (har-secrets), and that are not withheld.
 */
EV_CHECK
enum ev_rc withhold_secrets(struct bundle *b, int64_t *count,
    struct ev_err *err);

#endif
