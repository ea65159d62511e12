/* A set of bundles that hold the exhibits of one head between them. */
#ifndef EV_OUT_VOLUMES_H
#define EV_OUT_VOLUMES_H

#include "out/bundle_inside.h"

/*
 * Each volume is a whole bundle, but that it holds only some of the exhibits:
 * bag-info.txt says Bag-Count and Bag-Group-Identifier (RFC 8493, 2.2.2), and
 * EV_VOLUMES, equal in all of them, which volume holds which exhibit, a line
 * for each in the order of their numbers:
 *
 *	{"exhibit":"E000001","volume":2}
 */
#define EV_VOLUMES "data/index/volumes.jsonl"
#define EV_VOLUMES_COUNT "Bag-Count: "
#define EV_VOLUMES_GROUP "Bag-Group-Identifier: "

enum { VOLUMES_MOST = 999 };

struct volumes;

/*
 * Where each exhibit goes, so that no file is longer than size.  EV_USE: what
 * each volume holds besides exhibits, or one exhibit or segment, is too long.
 */
EV_CHECK
enum ev_rc volumes_plan(struct volumes **p, struct bundle *b, int64_t size,
    struct ev_err *err);
void volumes_free(struct volumes *p);
int64_t volumes_count(const struct volumes *p);

/* Is that exhibit, or segment, in the volume being made?  No plan: yes. */
bool volumes_here(const struct bundle *b, int64_t exhibit);
EV_CHECK
enum ev_rc volumes_segment_here(struct bundle *b, int64_t segment, bool *here,
    struct ev_err *err);

/* The part EV_VOLUMES, and the two lines of bag-info.txt. */
EV_CHECK
enum ev_rc volumes_part(struct bundle *b, struct ev_err *err);
EV_CHECK
enum ev_rc volumes_info(const struct bundle *b, struct ev_buf *text,
    struct ev_err *err);

#endif
