/* Claims as lines: written, counted, and linked to what they replace. */
#ifndef EV_WEIGH_CLAIM_H
#define EV_WEIGH_CLAIM_H

#include "weigh/weigh_inside.h"

EV_CHECK
enum ev_rc ev_weigh_geo_one(struct ev_weigh *w, const struct ev_addr *addr,
    int64_t at_us, struct ev_buf *out, struct ev_err *err);

/* Of count sorted texts of size bytes each, every one once. */
size_t ev_unique_text(char *text, size_t size, size_t count);

/* Fill row->pub from row->line; row->text is made. */
EV_CHECK
enum ev_rc ev_claim_read(struct ev_claim_row *row, struct ev_err *err);

#endif
