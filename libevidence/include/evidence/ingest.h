/* Captured data into a case: stored, hashed, read, and accounted for. */
#ifndef EVIDENCE_INGEST_H
#define EVIDENCE_INGEST_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/case.h"
#include "evidence/err.h"
#include "evidence/progress.h"

/* How artifacts ended: order of captures, Accounting; names by the function. */
enum { EV_INGEST_OUTCOMES = 9 };
const char *ev_ingest_outcome(int outcome);

/* What one acquisition, or one re-reading, came to. */
struct ev_ingest_totals {
	int64_t acquisition; /* I number; 0: a re-reading, or a dry run */
	int64_t entry;       /* of the log, "read"; 0: a dry run */
	const void *source;  /* as named; raw bytes */
	size_t source_len;
	int64_t exhibits, exhibit_bytes;
	int64_t stored_bytes; /* of these, not in the vault before */
	int64_t artifacts;    /* exhibits and members */
	int64_t left_out;     /* of the source: links, unreadable files... */
	int64_t outcome[EV_INGEST_OUTCOMES];
	int64_t bytes_read, bytes_set_aside, bytes_ignored, bytes_frame;
	int64_t found, read, duplicated, set_aside, ignored; /* rows */
	int64_t facts, nulls;
	int landlock_abi; /* the reading child's cage */
	bool seccomp, limits;
};

/* One line of the lists behind the totals. */
enum ev_ingest_about {
	EV_INGEST_LOSS,      /* word: reason; count spans, bytes */
	EV_INGEST_SET_ASIDE, /* id S..., name, word: reason, bytes at offset */
	EV_INGEST_LEFT_OUT,  /* name, word: why; text says more */
	EV_INGEST_UNREAD,    /* id A..., name, word: outcome, text: message */
	EV_INGEST_DECLARED,  /* id, name, word: mapping; count found, bytes:
				  declared by the source */
	EV_INGEST_MISSING,   /* id of the manifest, name: declared, not there */
	EV_INGEST_UNKNOWN_KEY, /* name: path of the key, count */
	EV_INGEST_NOTE,        /* word, count of artifacts */
	EV_INGEST_LIMIT,       /* word: mapping, text: a sentence */
};
struct ev_ingest_item {
	enum ev_ingest_about about;
	char id[EV_ID_TEXT]; /* "" none */
	const void *name;    /* foreign bytes */
	size_t name_len;
	const char *word;
	const char *text;
	int64_t count, bytes, offset;
};

/* Called for each source when it is done: begin, then the items in order. */
struct ev_ingest_report {
	void *ctx;
	void (*begin)(void *ctx, const struct ev_ingest_totals *totals);
	void (*item)(void *ctx, const struct ev_ingest_item *item);
};

/* All borrowed; NULL or 0 where not given. */
struct ev_ingest_opts {
	const char *data;          /* folder that holds mappings/ */
	const char *const *maps;   /* "FILE" or "ID=GLOB", NULL-terminated */
	const char *hash;          /* "md5,sha1" */
	const char *formats;       /* "7zip,rar" */
	const char *const *limits; /* "NAME=VALUE", NULL-terminated */
	int64_t authority;         /* W number */
	const char *received_from;
	const char *quarantine; /* code: stored and hashed, not read */
	int64_t typed_from;     /* E number that a typed table stands for */
	bool dry_run;           /* write nothing, account for everything */
	bool paranoid;
	bool no_sandbox;
	const struct ev_ingest_report *report;
	ev_progress_fn *progress;
	void *progress_ctx;
	/* Not 0: finish what is in hand, commit it, and stop (EV_SYS, EINTR);
	 * the same call again goes on from there. */
	const volatile sig_atomic_t *stop;
};

/*
 * Acquire sources (NULL-terminated): files, folders, "-" for standard input.
 * The order on disc is that of evidence-case(5): the intent "receive"; bytes
 * into the vault and rows in batches; "copy" with the root over the lines of
 * all artifacts and "read" with those of readings and facts; one head at the
 * end.  A source whose acquisition was interrupted is gone on with.
 * EV_PARTIAL: done, but something was set aside, left out or not read.
 */
EV_CHECK
enum ev_rc ev_ingest(struct ev_case *c, const char *const *sources,
    const struct ev_ingest_opts *opts, struct ev_err *err);

/* Read artifacts (A numbers, 0-terminated; NULL: all) anew. */
EV_CHECK
enum ev_rc ev_ingest_again(struct ev_case *c, const int64_t *artifacts,
    const struct ev_ingest_opts *opts, struct ev_err *err);

#endif
