/* A store-only zip writer whose bytes depend on nothing but its input. */
#ifndef EV_SEAL_ZIP_H
#define EV_SEAL_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

/*
 * APPNOTE 6.3.10, and nothing in it that can be left out: method STORED, CRC
 * and sizes in the local header, no data descriptor, no extra field but
 * Zip64's (only where a size or an offset needs it), no directory entries, no
 * comment, mode 0644, made by Unix.  Names are ASCII from 0x21 to 0x7e without
 * backslash, relative, no part of them empty, "." or "..".
 */
enum { EV_ZIP_NAME = 1024 };

/* One entry; name is borrowed. */
struct ev_zip_entry {
	const char *name;
	uint32_t crc;
	uint32_t dos; /* date << 16 | time, from ev_zip_dos() */
	int64_t size;
	int64_t offset; /* of its local header */
};

/* Whether the writer takes, and the reader expects, such a name. */
bool ev_zip_name_ok(const char *name, size_t len);

/* An instant as MS-DOS date and time, UTC, held within 1980 to 2107. */
uint32_t ev_zip_dos(int64_t when);

/* Headers alone, for who appends the bytes himself (the vault). */

/* Append the local header; EV_USE for a name or size that cannot be. */
EV_CHECK
enum ev_rc ev_zip_local(struct ev_buf *out, const struct ev_zip_entry *entry,
    struct ev_err *err);
/* How long that header is: the data begin at offset + this. */
int64_t ev_zip_local_size(const struct ev_zip_entry *entry);
/* Append directory and end records for a file in which they begin at start. */
EV_CHECK
enum ev_rc ev_zip_directory(struct ev_buf *out,
    const struct ev_zip_entry *entry, size_t count, int64_t start,
    struct ev_err *err);

/* A whole zip, written from front to back. */

struct ev_zip_sink {
	void *ctx;
	enum ev_rc (*write)(void *ctx, const void *data, size_t len,
	    struct ev_err *err);
};

struct ev_zip;

/* sink is copied; when is the date of every entry. */
EV_CHECK
enum ev_rc ev_zip_new(struct ev_zip **zip, const struct ev_zip_sink *sink,
    int64_t when, struct ev_err *err);
void ev_zip_free(struct ev_zip *zip);
/* An entry that is in memory.  "mimetype" can only be the first: EV_USE. */
EV_CHECK
enum ev_rc ev_zip_put(struct ev_zip *zip, const char *name, const void *data,
    size_t len, struct ev_err *err);
/* An entry whose CRC and size are known, followed by its bytes in pieces. */
EV_CHECK
enum ev_rc ev_zip_begin(struct ev_zip *zip, const char *name, uint32_t crc,
    int64_t size, struct ev_err *err);
EV_CHECK
enum ev_rc ev_zip_write(struct ev_zip *zip, const void *data, size_t len,
    struct ev_err *err);
/*
 * Close the entry that was begun.  EV_MISMATCH: the bytes were not the ones
 * announced, and the file is worthless.
 */
EV_CHECK
enum ev_rc ev_zip_end(struct ev_zip *zip, struct ev_err *err);
/* Directory and end records.  The zip is whole; nothing can be added. */
EV_CHECK
enum ev_rc ev_zip_finish(struct ev_zip *zip, struct ev_err *err);
/* Bytes written so far. */
int64_t ev_zip_offset(const struct ev_zip *zip);

#endif
