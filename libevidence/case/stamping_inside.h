/* What the two files of stamping share. */
#ifndef EV_CASE_STAMPING_INSIDE_H
#define EV_CASE_STAMPING_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "case/stamping.h"

/* What asks for a token: a head, or the exhibits of an acquisition. */
struct subject {
	const char *kind;
	int64_t number;
	unsigned char imprint[EV_SHA256];
	unsigned char *hash; /* of an acquisition: 32 bytes each */
	size_t count;
};

struct work {
	struct ev_case *c;
	const struct ev_stamping *how;
	ev_stamped_fn *told;
	void *ctx;
	bool queued;
};

static const char sql_last[] =
    "SELECT size, note FROM head ORDER BY size DESC LIMIT 1";
/* The tsa of requests that people carry. */
extern const char stamping_by_hand[];

void stamping_release(struct subject *s);
EV_CHECK
enum ev_rc stamping_acquisition(struct ev_case *c, int64_t id,
    struct subject *s, struct ev_err *err);
void stamping_tell(struct work *w, const struct subject *s, const char *tsa,
    const struct ev_stamp *stamp, const char *why);
/* Verify a token and keep it: file, entry, row. */
EV_CHECK
enum ev_rc stamping_keep(struct work *w, const struct subject *s,
    const char *tsa, struct ev_bytes token, struct ev_err *err);
EV_CHECK
enum ev_rc stamping_queue(struct work *w, const struct subject *s,
    const char *tsa, struct ev_bytes request, const char *why,
    struct ev_err *err);
/* The reply of one authority, and the token in it. */
EV_CHECK
enum ev_rc stamping_fetch(struct ev_case *c, const struct ev_stamp_place *place,
    struct ev_bytes request, struct ev_buf *token, struct ev_err *err);

/* Seal the log, and have its newest head stamped, whatever was before. */
EV_CHECK
enum ev_rc stamping_head(struct work *w, const char *tsa, struct ev_err *err);
/* What an entry stamp tells; imprint and form may be NULL. */
struct stamp_told {
	const unsigned char *imprint;
	const char *form; /* of a renewal */
	const char *tsa;
	const struct ev_stamp *stamp;
	struct ev_bytes token;
};
EV_CHECK
enum ev_rc stamping_line(struct ev_buf *out, const struct stamp_told *told,
    struct ev_err *err);

/* stamping_wait.c: requests that wait for their answer. */
EV_CHECK
enum ev_rc stamping_write_out(struct work *w, const struct subject *s,
    struct ev_err *err);
EV_CHECK
enum ev_rc stamping_read(struct work *w, const char *from, struct ev_err *err);
EV_CHECK
enum ev_rc stamping_retry(struct work *w, struct ev_err *err);

/*
 * stamping_keep.c: what the authorities of the newest tokens are judged by
 * later, from files given by hand and, with fetch, by HTTP.
 */
EV_CHECK
enum ev_rc stamping_gather(struct work *w, bool fetch, struct ev_err *err);
/* EV_PARTIAL where a request waits. */
EV_CHECK
enum ev_rc stamping_end(struct work *w, struct ev_err *err);

#endif
