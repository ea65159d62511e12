/* An artifact without its wrappings, every byte still known by its place. */
#ifndef EV_INGEST_VIEW_H
#define EV_INGEST_VIEW_H

#include "base/stream.h"
#include "ingest/mapping.h"

enum {
	EV_VIEW_BUFFER = 256 * 1024,
	EV_VIEW_HEAD = 64 * 1024, /* in which wrappings are looked for */
	EV_VIEW_NAME = 128,
};

/* From here on view offset v is artifact offset artifact + (v - view). */
struct ev_segment {
	int64_t view, artifact;
};

/*
 * A stream over another one that leaves out a byte order mark and what the
 * unwrap steps take away.  It only ever removes bytes.
 */
struct ev_view {
	const struct ev_stream *in;
	const struct ev_unwrap_step *step;
	size_t step_count;
	unsigned char *buffer;
	size_t pos, len;
	bool at_end;
	int64_t base; /* artifact offset of buffer[0] */
	int64_t out;  /* view bytes given so far */
	int state;
	bool line_start;
	struct ev_segment *segment; /* from first on */
	size_t first, count, cap;

	/* What was met, once reading has begun. */
	bool bom, pgp, headless, signature, js;
	int64_t pgp_at, signature_at, js_at;
	char js_name[EV_VIEW_NAME];
	const char *missing; /* a wrapping that must be there and is not */
	int64_t trailer;     /* text behind the signature, -1: none */
};

EV_CHECK
enum ev_rc ev_view_init(struct ev_view *view, const struct ev_stream *in,
    const struct ev_unwrap_step *step, size_t step_count, struct ev_err *err);
void ev_view_release(struct ev_view *view);

/* Look for the wrappings; nothing is given out yet. */
EV_CHECK
enum ev_rc ev_view_begin(struct ev_view *view, struct ev_err *err);

/* As struct ev_stream's read; ctx is the view. */
EV_CHECK
enum ev_rc ev_view_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err);

/* Read to the end of the artifact, whatever is left; its size. */
EV_CHECK
enum ev_rc ev_view_drain(struct ev_view *view, int64_t *size,
    struct ev_err *err);

/* The artifact's span of a span of the view that was given out. */
void ev_view_span(const struct ev_view *view, int64_t from, int64_t to,
    int64_t *offset, int64_t *length);

/* Spans that begin before this view offset are not asked for any more. */
void ev_view_forget(struct ev_view *view, int64_t before);

#endif
