/* What a member is: its media type by its bytes. */
#ifndef EV_INGEST_KIND_H
#define EV_INGEST_KIND_H

#include <stddef.h>

#include "evidence/err.h"

/*
 * The database of libmagic, loaded: before the cage closes, once a process.
 */
struct ev_media;

EV_CHECK
enum ev_rc ev_media_new(struct ev_media **media, struct ev_err *err);
void ev_media_free(struct ev_media *media);

enum {
	EV_MEDIA_TYPE = 128,     /* room for a type with its NUL */
	EV_MEDIA_LOOK = 1 << 20, /* bytes that are looked at */
};

/*
 * The types that a few first bytes settle, "" for all others: no libmagic.
 * A text that begins as JSON does counts where a mapping will read it.
 */
const char *ev_media_sniff(const unsigned char *head, size_t len);
const char *ev_media_sniff_text(const unsigned char *head, size_t len);

/*
 * By libmagic, from the whole content up to 1 MiB; never fails on content:
 * application/octet-stream.  Of text that does not begin like markup, a
 * script, a message or armour only the encoding, JSON and CSV are tested.
 */
void ev_media_type(const struct ev_media *media, char type[EV_MEDIA_TYPE],
    const void *data, size_t len);

#endif
