/* The parent's end of one ev-parse: started in its cage, fed, decoded. */
#ifndef EV_INGEST_CHILD_H
#define EV_INGEST_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"
#include "ingest/reading.h"

/*
 * One child types and reads the exhibits it is given, in turn, and tells of
 * each: the exhibit itself (ordinal 0) and every member inside it, in the
 * order met.  Jobs go down fd 0 as a stream; small exhibits travel in it,
 * larger ones are read from fd 3 (a read-only descriptor, pread at an
 * offset).  Frames come up fd 1.  hostile.md 3.
 */
struct ev_member {
	int64_t ordinal;  /* 0 the exhibit, members from 1 in reading order */
	int64_t parent;   /* ordinal of its archive; -1 for 0 */
	int64_t index;    /* its place in that archive, from 1 */
	const void *path; /* path inside the exhibit, "!/" joins; raw bytes */
	size_t path_len;
	int64_t declared_size; /* -1 unknown */
	bool has_mtime;
	int64_t mtime; /* microseconds */
	char type;     /* 'f' file, 'd' directory, 'l' link, 'o' other */
};

struct ev_member_note {
	const char *word;
	const char *detail; /* "" none */
	int64_t offset;     /* in the member; -1: none in particular */
};

struct ev_unknown_key {
	const char *path;
	size_t len;
	int64_t times;
};

/* Last of a member; of a failed one the message says why. */
struct ev_member_total {
	enum ev_outcome outcome;
	struct ev_byte_count bytes;
	const char *fingerprint; /* 64 hex digits or "" */
	const char *message;     /* "" unless failed */
};

/*
 * Order: exhibit_begin; member 0; for each member in turn its member, data
 * and findings, total; total of 0; exhibit_end.  The data and findings of an
 * archive and of the members inside it interleave, so up to EV_CHILD_OPEN
 * ordinals are open at once; a total closes the innermost.  Facts and data of
 * a member that ends failed are void; all but files end empty.  All of this
 * has been checked on the way up: ordinals in order, spans inside the
 * artifact, words of [a-z0-9-], messages one line of UTF-8, mapping below
 * mapping_count, the equations of captures.md 5.  Paths and details are
 * foreign bytes.
 */
enum { EV_CHILD_OPEN = 10 };

struct ev_child_events {
	void *ctx;
	/* May come again for one tag: all since its last begin is void. */
	enum ev_rc (
	    *exhibit_begin)(void *ctx, uint64_t tag, struct ev_err *err);
	enum ev_rc (*member)(void *ctx, const struct ev_member *member,
	    struct ev_err *err);
	/* Decompressed bytes of that member (not for ordinal 0). */
	enum ev_rc (*data)(void *ctx, int64_t ordinal, const void *data,
	    size_t len, struct ev_err *err);
	/* Its media type by libmagic. */
	enum ev_rc (*media)(void *ctx, int64_t ordinal, const char *type,
	    struct ev_err *err);
	enum ev_rc (*fact)(void *ctx, int64_t ordinal,
	    const struct ev_fact *fact, struct ev_err *err);
	enum ev_rc (*duplicate)(void *ctx, int64_t ordinal,
	    const struct ev_duplicate *row, struct ev_err *err);
	enum ev_rc (*set_aside)(void *ctx, int64_t ordinal,
	    const struct ev_set_aside *what, struct ev_err *err);
	enum ev_rc (*ignored)(void *ctx, int64_t ordinal, int64_t offset,
	    int64_t length, struct ev_err *err);
	enum ev_rc (*note)(void *ctx, int64_t ordinal,
	    const struct ev_member_note *note, struct ev_err *err);
	enum ev_rc (*unknown_key)(void *ctx, int64_t ordinal,
	    const struct ev_unknown_key *key, struct ev_err *err);
	enum ev_rc (*rows)(void *ctx, int64_t ordinal, int mapping,
	    const struct ev_row_count *rows, struct ev_err *err);
	enum ev_rc (*total)(void *ctx, int64_t ordinal,
	    const struct ev_member_total *total, struct ev_err *err);
	enum ev_rc (*exhibit_end)(void *ctx, uint64_t tag, struct ev_err *err);
	/* Bytes of the current exhibit that the child has consumed. */
	enum ev_rc (*progress)(void *ctx, uint64_t tag, int64_t bytes,
	    struct ev_err *err);
};

struct ev_broker;

/* One file of mappings: both ends build the same set from the same texts. */
struct ev_child_map {
	const char *name;
	const void *text;
	size_t len;
};

/* Borrowed for the life of the child. */
struct ev_child_opts {
	const char *parser; /* path of ev-parse; not needed with a broker */
	const struct ev_broker *broker; /* who starts it, or NULL: we do */
	const struct ev_child_map *maps;
	size_t map_count;
	int mapping_count;        /* ev_mapset_count() of that set */
	const char *const *globs; /* "ID=GLOB", NULL-terminated, or NULL */
	const char *formats;      /* extra archive formats, "" none */
	const char *limits;       /* "NAME=VALUE ..." that differ, "" none */
	bool no_sandbox;
	bool read;        /* false: hash and type members, read no facts */
	const char *only; /* tell of members of this path only; "": of 0 only */
};

/* In force in the child; both missing and not no_sandbox: refused. */
struct ev_child_cage {
	int landlock_abi; /* 0: none */
	bool seccomp;
	bool limits;
};

struct ev_child_exhibit {
	uint64_t tag;     /* the caller's own */
	const void *name; /* path below the source */
	size_t name_len;
	const void *data; /* valid until exhibit_end; or NULL: fd */
	int fd;
	int64_t offset; /* in fd */
	int64_t size;
};

struct ev_child;

EV_CHECK
enum ev_rc ev_child_start(struct ev_child **child,
    const struct ev_child_opts *opts, const struct ev_child_events *events,
    struct ev_err *err);

/*
 * Give one exhibit.  Writes what the pipe takes and handles the frames that
 * have come meanwhile; may return before the exhibit is done, so that the
 * parent hashes the next one while the child reads.  Exhibits that are given
 * as fd are done one at a time.  A child that dies is started again: the
 * member it died on ends failed (EV_O_FAILED, with signal or limit), all
 * other members are read; other exhibits of the batch are read again.
 */
EV_CHECK
enum ev_rc ev_child_give(struct ev_child *child,
    const struct ev_child_exhibit *exhibit, struct ev_err *err);

/* Wait until at most that many of what was given are not done. */
EV_CHECK
enum ev_rc ev_child_wait(struct ev_child *child, size_t most,
    struct ev_err *err);

/* Wait until everything given is done. */
EV_CHECK
enum ev_rc ev_child_drain(struct ev_child *child, struct ev_err *err);

const struct ev_child_cage *ev_child_cage(const struct ev_child *child);

/* Ends the process if it still runs.  Takes NULL. */
void ev_child_free(struct ev_child *child);

/* The path of ev-parse: ../libexec/evidence/ev-parse from this program. */
EV_CHECK
enum ev_rc ev_child_parser(struct ev_buf *path, struct ev_err *err);

#endif
