/* An exhibit, handed to a reading child as a descriptor. */
#ifndef EV_INGEST_HANDON_H
#define EV_INGEST_HANDON_H

#include "ingest/child.h"

/*
 * A descriptor of its own that can only be read from: a sealed copy in
 * memory, or the exhibit's file itself if it is large.  The caller closes it.
 */
EV_CHECK
enum ev_rc ev_hand_on(int *fd, const struct ev_child_exhibit *exhibit,
    struct ev_err *err);

/* Where the exhibit begins in that descriptor. */
int64_t ev_hand_on_offset(const struct ev_child_exhibit *exhibit);

#endif
