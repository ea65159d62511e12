/* A reader of our own zips that takes nothing but what the writer writes. */
#ifndef EV_SEAL_UNZIP_H
#define EV_SEAL_UNZIP_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"
#include "seal/zip.h"

/* Where the zip is; read fills all len bytes or fails. */
struct ev_zip_source {
	void *ctx;
	enum ev_rc (*read)(void *ctx, void *data, size_t len, int64_t offset,
	    struct ev_err *err);
	int64_t size;
};

/* A zip in memory: ctx of the source is the struct ev_bytes. */
struct ev_bytes;
struct ev_zip_source ev_unzip_bytes(struct ev_bytes *bytes);

struct ev_unzip;

enum { EV_UNZIP_ENTRIES = 1 << 20 }; /* more are EV_LIMIT */

/*
 * Read the directory and check that the file is, byte for byte, what the
 * writer of zip.h makes of it: two readers cannot see two different things.
 * EV_MISMATCH names the entry, the byte and the deviation: end records
 * missing or contradicting, prefix, gap, overlap, trailing bytes or comment,
 * more than one disk, encryption or other flags, method, extra fields, mode,
 * name not allowed, name twice (letter case ignored), local header not equal
 * to the directory.  The bytes of the entries are not read.
 */
EV_CHECK
enum ev_rc ev_unzip_open(struct ev_unzip **zip,
    const struct ev_zip_source *source, struct ev_err *err);
void ev_unzip_free(struct ev_unzip *zip);

/* Entries in file order; name is borrowed for the life of zip. */
size_t ev_unzip_count(const struct ev_unzip *zip);
const struct ev_zip_entry *ev_unzip_entry(const struct ev_unzip *zip, size_t n);
/* By name, or NULL. */
const struct ev_zip_entry *ev_unzip_find(const struct ev_unzip *zip,
    const char *name);

/* len bytes of an entry from at; EV_USE when they go beyond its end. */
EV_CHECK
enum ev_rc ev_unzip_read(const struct ev_unzip *zip,
    const struct ev_zip_entry *entry, void *data, size_t len, int64_t at,
    struct ev_err *err);
/* Read an entry whole and compare its CRC.  EV_MISMATCH names it. */
EV_CHECK
enum ev_rc ev_unzip_check(const struct ev_unzip *zip,
    const struct ev_zip_entry *entry, struct ev_err *err);

#endif
