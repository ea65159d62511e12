/* A zip by its directory and by its local headers, and where they differ. */
#ifndef EV_INGEST_ZIPCHECK_H
#define EV_INGEST_ZIPCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "ingest/source.h"

/*
 * hostile.md 5.1.  APPNOTE 6.3.10 lets a zip say two things: its readers
 * choose.  This one reads every central directory that an end record leads
 * to, and the local headers from byte 0, and keeps both.  Memory: about 200
 * bytes an entry; no size that is stated is allocated.
 */

/* What a header, central or local, says of an entry. */
struct ev_zip_side {
	int64_t csize, usize; /* INT64_MAX: more than that, or malformed */
	uint32_t crc;
	uint32_t name; /* in names */
	uint32_t uni;  /* in names: the name in extra field 0x7075 */
	uint16_t name_len, uni_len;
	uint16_t flags, method;
};

enum ev_zip_state {
	EV_ZIP_DIR = 1,         /* dir is filled */
	EV_ZIP_LOCAL = 2,       /* local is filled */
	EV_ZIP_META = 4,        /* CRC, size or flags differ */
	EV_ZIP_NAME = 8,        /* the names differ */
	EV_ZIP_CONTENT = 16,    /* method, length or encryption differ */
	EV_ZIP_ONLY = 32,       /* not in every reading */
	EV_ZIP_OVERLAP = 64,    /* shares bytes with another or a directory */
	EV_ZIP_CUT = 128,       /* goes beyond the end of the file */
	EV_ZIP_NO_HEADER = 256, /* no local header where there should be one */
	EV_ZIP_UTC = 512,       /* mtime is set */
	EV_ZIP_DESCRIPTOR = 1024, /* a data descriptor that says otherwise */
};

struct ev_zip_found {
	int64_t header; /* of its local header in the file */
	int64_t data;   /* where its bytes begin, once the local one is read */
	int64_t end;    /* behind them and their descriptor */
	struct ev_zip_side dir, local;
	uint32_t attributes; /* of the directory */
	uint32_t dirs;       /* bit n: in directory n */
	int32_t mtime;       /* extra field 0x5455: seconds, UTC */
	uint16_t made_by;
	uint16_t state; /* bits of enum ev_zip_state */
};

/* An end record and the directory it leads to. */
struct ev_zip_end {
	int64_t at;     /* of the record */
	int64_t length; /* with its comment */
	int64_t dir, dir_end;
	int64_t base;    /* what stated offsets are short of */
	int64_t stated;  /* entries */
	int64_t entries; /* found */
	int64_t record;  /* of the Zip64 end record, or at */
	bool readable;   /* its directory was found */
};

/* Bytes that belong to no entry and no structure. */
struct ev_zip_slack {
	int64_t offset, length;
};

enum {
	EV_ZIP_ENDS = 16,
	EV_ZIP_SLACKS = 1024, /* more gaps become one */
};

struct ev_zipcheck {
	const struct ev_source_in *in;
	struct ev_zip_found *found; /* by header */
	size_t count, room;
	struct ev_buf names;
	struct ev_zip_end end[EV_ZIP_ENDS];
	size_t ends;
	struct ev_zip_slack *slack; /* by offset */
	size_t slacks;
	bool more_ends;  /* than are kept */
	bool overlap;    /* nothing is to be expanded */
	bool limited;    /* more entries than member_limit */
	int64_t cut;     /* from here on the file is incomplete; -1 */
	int64_t damaged; /* a directory cannot be read from here on; -1 */
	unsigned char *window;
	int64_t window_at;
	size_t window_len;
};

/* in is borrowed; it must have pread and size. */
EV_CHECK
enum ev_rc ev_zipcheck_open(struct ev_zipcheck **check,
    const struct ev_source_in *in, struct ev_err *err);
void ev_zipcheck_free(struct ev_zipcheck *check);

/* A name of a side; borrowed. */
const unsigned char *ev_zipcheck_name(const struct ev_zipcheck *check,
    uint32_t name);

#endif
