/* One pass of the mappings over one artifact: what comes out of it. */
#ifndef EV_INGEST_READING_H
#define EV_INGEST_READING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stream.h"
#include "evidence/buf.h"
#include "evidence/err.h"
#include "ingest/fact.h"
#include "ingest/siblings.h"

/* How an artifact ends (captures.md, Accounting). */
enum ev_outcome {
	EV_O_READ,
	EV_O_LOSS, /* read-with-loss */
	EV_O_EMPTY,
	EV_O_NOT_CONFIRMED,
	EV_O_UNMAPPED,
	EV_O_CONTAINER,
	EV_O_MEDIA,
	EV_O_FORK,
	EV_O_FAILED,
	EV_OUTCOMES,
};
const char *ev_outcome_name(enum ev_outcome outcome);

/* Rows and bytes: of one mapping over one artifact, and of all of them. */
struct ev_row_count {
	int64_t found, read, duplicated, set_aside, ignored; /* rows */
	int64_t facts;
	int64_t nulls;
	int64_t declared; /* -1: the source declares no count */
};
struct ev_byte_count {
	int64_t read, set_aside, ignored, frame; /* sum: the artifact's size */
};

struct ev_set_aside {
	int mapping; /* index, -1: none in particular */
	int64_t offset, length;
	const char *reason;  /* a word of captures.md, Set-aside reasons */
	const char *message; /* what was expected and what was there */
};

/* A row that equals an earlier one: its span, where that one began. */
struct ev_duplicate {
	int mapping;
	int64_t offset, length, first_offset;
};

/* What one reading of one artifact tells, in this order. */
struct ev_sink {
	void *ctx;
	enum ev_rc (
	    *fact)(void *ctx, const struct ev_fact *fact, struct ev_err *err);
	enum ev_rc (*duplicate)(void *ctx, const struct ev_duplicate *row,
	    struct ev_err *err);
	enum ev_rc (*set_aside)(void *ctx, const struct ev_set_aside *what,
	    struct ev_err *err);
	/*
	 * Content that lies in no row, or in a row that every mapping's `when`
	 * refused: in order, none touching another, together
	 * ev_byte_count.ignored.
	 */
	enum ev_rc (*ignored)(void *ctx, int64_t offset, int64_t length,
	    struct ev_err *err);
	/* A note on the whole artifact: word, and a detail or "". */
	enum ev_rc (*note)(void *ctx, const char *word, const char *detail,
	    int64_t offset, struct ev_err *err);
	/* A key that no mapping names, with how often it occurred. */
	enum ev_rc (*unknown_key)(void *ctx, const char *path, size_t len,
	    int64_t times, struct ev_err *err);
	/* Once for each mapping that ran. */
	enum ev_rc (*rows)(void *ctx, int mapping,
	    const struct ev_row_count *rows, struct ev_err *err);
	/* Last: totals; fingerprint is 64 hex digits or "". */
	enum ev_rc (*total)(void *ctx, enum ev_outcome outcome,
	    const struct ev_byte_count *bytes, const char *fingerprint,
	    struct ev_err *err);
};

/* A set of mappings, parsed. */
struct ev_mapset;

EV_CHECK
enum ev_rc ev_mapset_new(struct ev_mapset **set, struct ev_err *err);
void ev_mapset_free(struct ev_mapset *set);

/*
 * Add all mappings of one .map file.  name is for messages.  EV_INPUT:
 * "name:line:column: what", and nothing of the file is added.
 */
EV_CHECK
enum ev_rc ev_mapset_add(struct ev_mapset *set, const char *name,
    const void *text, size_t len, struct ev_err *err);

/* --map ID=GLOB: one more glob for that mapping. */
EV_CHECK
enum ev_rc ev_mapset_add_glob(struct ev_mapset *set, const char *id,
    const char *glob, struct ev_err *err);

struct ev_mapset_entry {
	const char *id;
	int64_t version;
	const char *file;  /* name given to add */
	const char *title; /* "" if none */
	enum ev_kind kind;
	const char *const *limits; /* NULL-terminated sentences */
	/* The count is that of a declared fact of another member. */
	bool expect_declared;
};
size_t ev_mapset_count(const struct ev_mapset *set);
const struct ev_mapset_entry *ev_mapset_entry(const struct ev_mapset *set,
    int mapping);

/* The member to be read. */
struct ev_reading_in {
	const void *path; /* member path, raw bytes, captures.md 2.2 */
	size_t path_len;
	const void *head; /* its first bytes, up to 65,536 */
	size_t head_len;
	int64_t size;      /* -1 if not known yet */
	const char *media; /* media type by libmagic, "" if not asked */
	/* From byte 0; rewind is needed only when two mappings want
	 * different readers. */
	struct ev_stream stream;
	const struct ev_siblings *siblings; /* NULL: none to ask about */
};

/*
 * What reading would come to by name and head alone: EV_O_READ (a mapping is
 * confirmed), EV_O_NOT_CONFIRMED, EV_O_MEDIA, EV_O_FORK or EV_O_UNMAPPED.
 */
enum ev_outcome ev_reading_sniff(const struct ev_mapset *set,
    const struct ev_reading_in *in);

/*
 * Read the member by all confirmed mappings; the stream is always read to
 * its end.  A bad row is a finding, not an error: EV_OK with set-aside rows.
 * Errors are those of the stream, the sink and memory.  Both equations of
 * captures.md 5 hold on return, else EV_USE.
 */
EV_CHECK
enum ev_rc ev_reading_run(const struct ev_mapset *set,
    const struct ev_reading_in *in, const struct ev_sink *sink,
    struct ev_err *err);

#endif
