/* Who did what, when, under which authority: the custody log of a case. */
#ifndef EVIDENCE_CUSTODY_H
#define EVIDENCE_CUSTODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/case.h"
#include "evidence/err.h"

/* One entry.  The strings are borrowed: valid until the next call on log. */
struct ev_custody_entry {
	int64_t seq;
	const char *at;
	const char *action;
	const char *actor;
	const char *leaf; /* the stored line, byte for byte, no newline */
	size_t leaf_len;
};

struct ev_custody;

/* Read the log of an open case, oldest entry first. */
EV_CHECK
enum ev_rc ev_custody_open(struct ev_custody **log, struct ev_case *c,
    struct ev_err *err);
/* EV_OK: entry is filled.  EV_EOF: no more entries. */
EV_CHECK
enum ev_rc ev_custody_next(struct ev_custody *log,
    struct ev_custody_entry *entry, struct ev_err *err);
void ev_custody_close(struct ev_custody *log);

/* One line of what ev_custody_verify() finds. */
enum ev_custody_state {
	EV_CUSTODY_OK,
	EV_CUSTODY_FAILED,
	EV_CUSTODY_UNCHECKED,
};

struct ev_custody_finding {
	enum ev_custody_state state;
	int64_t seq;      /* the entry or head size concerned, 0 if none */
	const char *what; /* one sentence */
};
typedef void ev_custody_finding_fn(void *ctx,
    const struct ev_custody_finding *f);

/*
 * The code of a head for paper: eight groups of four hexadecimal digits, the
 * first half of its root.  note is a whole note; code is "" if it is none.
 */
enum {
	EV_CUSTODY_CODE_BYTES = 16,
	EV_CUSTODY_CODE = 40, /* with its NUL */
};
void ev_custody_code(char code[EV_CUSTODY_CODE], const struct ev_buf *note);
/* Such a code, its groups parted by blanks, hyphens or nothing? */
bool ev_custody_is_code(const char *text);

/*
 * Recompute everything: sequence without gap, each leaf canonical and equal
 * to its columns, instants (backwards is said, not failed), each head's
 * signature and root, the copies in heads/ equal and complete, the signatures
 * of people over heads.  head, where not NULL, was kept elsewhere: a note, a
 * receipt with notes in it, or a code: the log must extend it.  EV_MISMATCH
 * if anything failed.
 */
EV_CHECK
enum ev_rc ev_custody_verify(struct ev_case *c, const struct ev_buf *head,
    ev_custody_finding_fn *found, void *ctx, struct ev_err *err);

/* The newest head: its note, borrowed text in note; EV_EOF if none. */
EV_CHECK
enum ev_rc ev_custody_head(struct ev_case *c, struct ev_buf *note,
    int64_t *size, struct ev_err *err);

#endif
