/* The format that came before WARC. */
#ifndef EV_INGEST_ARC_H
#define EV_INGEST_ARC_H

#include "ingest/textline.h"

/* Does a version block stand here? */
bool ev_arc_begins(const unsigned char *data, size_t len);

/*
 * The records of an ARC file from where lines stands: a line each, with
 * "URL address date type ... length", and as many bytes.  Part of the reader
 * warc; keys arc-url arc-ip arc-date arc-type arc-length and http-status; of
 * the first, which describes the file, arc-version and arc-origin.
 */
EV_CHECK
enum ev_rc ev_read_arc(struct ev_pass *pass, struct ev_textlines *lines,
    struct ev_err *err);

#endif
