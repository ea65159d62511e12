/* Between zipcheck.c and zipwalk.c. */
#ifndef EV_INGEST_ZIPCHECK_OWN_H
#define EV_INGEST_ZIPCHECK_OWN_H

#include "ingest/zipcheck.h"

enum {
	ZIP_LOCAL = 0x04034b50,
	ZIP_CENTRAL = 0x02014b50,
	ZIP_END = 0x06054b50,
	ZIP_END64 = 0x06064b50,
	ZIP_LOCATOR = 0x07064b50,
	ZIP_DESCRIPTOR = 0x08074b50,
	ZIP_SIGNATURE = 0x05054b50,
	ZIP_EXTRA_DATA = 0x08064b50,
	ZIP_LOCAL_LEN = 30,
	ZIP_CENTRAL_LEN = 46,
	ZIP_END_LEN = 22,
	ZIP_END64_LEN = 56,
	ZIP_LOCATOR_LEN = 20,
	ZIP_ENCRYPTED = 1,
	ZIP_STREAMED = 8, /* sizes follow the data */
	ZIP_UTF8 = 0x800,
};

uint32_t ev_zipcheck_get16(const unsigned char *p);
uint32_t ev_zipcheck_get32(const unsigned char *p);
int64_t ev_zipcheck_get64(const unsigned char *p);

/*
 * len (at most 64 KiB) bytes at offset, borrowed until the next call.
 * EV_EOF: the file ends before.
 */
EV_CHECK
enum ev_rc ev_zipcheck_at(struct ev_zipcheck *check, const unsigned char **data,
    size_t len, int64_t offset, struct ev_err *err);

/*
 * The variable part of a header, name and extra fields, at offset; dir also
 * fills the entry's offset in the archive, where Zip64 states it.
 */
struct ev_zipcheck_extra {
	struct ev_zip_side *side;
	int64_t *header; /* NULL: a local header */
	bool has_time;
	int32_t time;
};
EV_CHECK
enum ev_rc ev_zipcheck_fields(struct ev_zipcheck *check,
    struct ev_zipcheck_extra *extra, int64_t offset, size_t extra_len,
    struct ev_err *err);

/* The directory of end n: its entries are added or marked. */
EV_CHECK
enum ev_rc ev_zipcheck_directory(struct ev_zipcheck *check, size_t n,
    struct ev_err *err);
/* One more end record, at offset; EV_EOF: there is none. */
EV_CHECK
enum ev_rc ev_zipcheck_add_end(struct ev_zipcheck *check, int64_t offset,
    struct ev_err *err);

/* A new entry at its header's offset, behind all others; sort later. */
EV_CHECK
enum ev_rc ev_zipcheck_add(struct ev_zipcheck *check,
    struct ev_zip_found **found, int64_t header, struct ev_err *err);
void ev_zipcheck_sort(struct ev_zipcheck *check);

/* The local headers from byte 0. */
EV_CHECK
enum ev_rc ev_zipcheck_walk(struct ev_zipcheck *check, struct ev_err *err);
/* What differs, what overlaps. */
void ev_zipcheck_compare(struct ev_zipcheck *check);

#endif
