/* An archive as one stream of members, read by place and never unpacked. */
#ifndef EV_INGEST_SOURCE_H
#define EV_INGEST_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stream.h"
#include "evidence/err.h"
#include "ingest/child.h"

/*
 * hostile.md 5.  Where a member lies and what it is called is found by
 * readers of our own: the cross-checked directory of a zip, the headers of a
 * tar, the members of a gzip file.  libarchive decodes, one member at a time
 * and behind a header that we write, or, for formats that are asked for by
 * name, reads the whole.  Nothing is ever written to a file system.
 */
enum ev_container {
	EV_CT_NONE,
	EV_CT_ZIP,
	EV_CT_TAR,
	EV_CT_GZIP,
	EV_CT_XZ,
	EV_CT_ZSTD,
	/* From here on only when asked for. */
	EV_CT_7ZIP,
	EV_CT_RAR,
	EV_CT_RAR5,
	EV_CT_ISO9660,
	EV_CT_CAB,
	EV_CT_LHA,
	EV_CT_XAR,
	EV_CT_CPIO,
	EV_CT_AR,
	EV_CT_BZIP2,
	EV_CT_LZ4,
	EV_CT_COMPRESS,
	EV_CONTAINERS,
};

/* As --formats names it. */
const char *ev_container_name(enum ev_container container);

/* By its first bytes: 64 KiB where there are as many. */
enum ev_container ev_container_sniff(const unsigned char *head, size_t len);

/*
 * Whether a zip ends in the last bytes of a file: something else may stand
 * in front of it.  tail is its end, 64 KiB and 22 bytes where there are as
 * many; size that of the file.
 */
bool ev_zip_ends_in(const unsigned char *tail, size_t len, int64_t size);

/*
 * Bit 1 << c of *set for each container c that is opened: the defaults and
 * those named, parted by commas or blanks.  EV_INPUT names an unknown one.
 */
EV_CHECK
enum ev_rc ev_container_set(uint32_t *set, const char *names,
    struct ev_err *err);

/* The bytes of an archive. */
struct ev_source_in {
	struct ev_stream stream; /* from byte 0; rewind is not used */
	/*
	 * For a zip, and formats that seek: up to len bytes at offset; fewer
	 * only at the end.  NULL: only the stream.
	 */
	void *ctx;
	enum ev_rc (*pread)(void *ctx, void *data, size_t len, int64_t offset,
	    size_t *got, struct ev_err *err);
	int64_t size; /* -1 unknown; known where pread is */
	int64_t member_limit;
	const void *name; /* of the archive, for what it does not name */
	size_t name_len;
};

struct ev_source_entry {
	const void *name; /* raw bytes, NUL and all */
	size_t name_len;
	char type;    /* as in struct ev_member */
	int64_t size; /* as declared, -1 unknown */
	bool has_mtime;
	int64_t mtime;
	/* Not to be read: a reason of captures.md 2.7 and why. */
	const char *refused;
	const char *why;
	bool no_facts; /* ambiguous: typed and hashed, not read */
	const struct ev_member_note *notes;
	size_t note_count;
	/* Set by the stream when it fails: what is wrong, as a reason. */
	const char *broken;
};

/*
 * What a walk tells.  The stream of an entry ends with the member; EV_INPUT
 * from it means that the member is damaged (entry->broken says how) and the
 * walk goes on.  It need not be read to its end.  Any other value than EV_OK
 * from a call ends the walk with it.
 */
struct ev_source_out {
	void *ctx;
	enum ev_rc (*entry)(void *ctx, struct ev_source_entry *entry,
	    const struct ev_stream *stream, struct ev_err *err);
	/* On the archive itself. */
	enum ev_rc (*note)(void *ctx, const struct ev_member_note *note,
	    struct ev_err *err);
	enum ev_rc (*set_aside)(void *ctx, const struct ev_set_aside *what,
	    struct ev_err *err);
};

/*
 * All members of an archive.  Damage is told and is no error: EV_OK.  Errors
 * are those of in, out and memory, and EV_LIMIT.
 */
EV_CHECK
enum ev_rc ev_source_walk(enum ev_container container,
    const struct ev_source_in *in, const struct ev_source_out *out,
    struct ev_err *err);

/* Whether it needs pread. */
bool ev_container_seeks(enum ev_container container);

#endif
