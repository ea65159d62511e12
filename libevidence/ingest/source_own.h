/* A walk for each kind of archive; see source.h. */
#ifndef EV_INGEST_SOURCE_OWN_H
#define EV_INGEST_SOURCE_OWN_H

#include "evidence/buf.h"
#include "ingest/source.h"

bool ev_tar_sniff(const unsigned char *head, size_t len);

EV_CHECK
enum ev_rc ev_source_zip(const struct ev_source_in *in,
    const struct ev_source_out *out, struct ev_err *err);
EV_CHECK
enum ev_rc ev_source_tar(const struct ev_source_in *in,
    const struct ev_source_out *out, struct ev_err *err);
EV_CHECK
enum ev_rc ev_source_gzip(const struct ev_source_in *in,
    const struct ev_source_out *out, struct ev_err *err);
/* By libarchive: a filter alone, or a format asked for by name. */
EV_CHECK
enum ev_rc ev_source_archive(enum ev_container container,
    const struct ev_source_in *in, const struct ev_source_out *out,
    struct ev_err *err);

/*
 * libarchive on the bytes of one member: a zip member behind a local header
 * of our own, or a tar member from its first header on.
 */
struct ev_unpack;

EV_CHECK
enum ev_rc ev_unpack_open(struct ev_unpack **unpack,
    enum ev_container container, const struct ev_stream *in,
    struct ev_err *err);
/* Its decoded bytes; EV_INPUT: they cannot be decoded. */
struct ev_stream ev_unpack_stream(struct ev_unpack *unpack);
/* After EV_INPUT: what is wrong, as a reason of captures.md 2.7. */
const char *ev_unpack_reason(const struct ev_unpack *unpack);
/* Whether it complained of a length while it gave bytes. */
bool ev_unpack_warned(const struct ev_unpack *unpack);
void ev_unpack_free(struct ev_unpack *unpack);

/* Set the time of an entry, if it is of the years 1 to 9999. */
bool ev_source_mtime(struct ev_source_entry *entry, int64_t seconds,
    int64_t us);

/* The name of what a compressed file holds: its own without the ending. */
EV_CHECK
enum ev_rc ev_source_inner_name(struct ev_buf *name,
    const struct ev_source_in *in, struct ev_err *err);

#endif
