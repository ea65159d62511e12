/* Writing the custody log: entries, heads, and lists that enter by root. */
#ifndef EV_CASE_CUSTODY_H
#define EV_CASE_CUSTODY_H

#include "case/case.h"
#include "evidence/custody.h"
#include "evidence/json.h"
#include "seal/merkle.h"

struct ev_entry {
	const char *action;         /* evidence-case(5), The log */
	int64_t authority;          /* W number, 0: none */
	const char *const *subject; /* typed ids, NULL-terminated; or NULL */
	const char *before;         /* canonical JSON object, or NULL */
	const char *after;          /* canonical JSON object, or NULL */
	const char *note;           /* free text, or NULL */
};

/*
 * Append one entry within the transaction that the caller began; what the
 * entry covers belongs in the same transaction.  Actor, purpose, place, tool,
 * clock come from the case.
 */
EV_CHECK
enum ev_rc ev_custody_append(struct ev_case *c, const struct ev_entry *entry,
    int64_t *seq, struct ev_err *err);

/* The same for an entry that covers nothing else: its own transaction. */
EV_CHECK
enum ev_rc ev_custody_enter(struct ev_case *c, const struct ev_entry *entry,
    int64_t *seq, struct ev_err *err);

/*
 * Sign a checkpoint over the log as it is and keep it, in heads/ first.  Every
 * writing command ends with it; call it outside a transaction.  Does nothing
 * if the newest head covers the newest entry.
 */
EV_CHECK
enum ev_rc ev_custody_seal(struct ev_case *c, struct ev_err *err);

/*
 * The head over the log as it is, within the caller's transaction or without
 * one, and its note: the same bytes that ev_custody_seal() will keep.
 */
EV_CHECK
enum ev_rc ev_custody_note(struct ev_case *c, struct ev_merkle_head *head,
    struct ev_buf *note, struct ev_err *err);

/* The note of the head over size entries, appended; EV_EOF: there is none. */
EV_CHECK
enum ev_rc ev_custody_head_of(struct ev_case *c, int64_t size,
    struct ev_buf *note, struct ev_err *err);

/*
 * A list of many things that enters the log as a count and a root: lines are
 * salted leaves (seal/merkle.h), numbered from 1.  name tells lists apart and
 * is part of the list's key; it stands in the entry: "artifacts I000001".
 */
struct ev_list {
	struct ev_salter salter;
	struct ev_merkle tree;
	int64_t count;
};
EV_CHECK
enum ev_rc ev_list_init(struct ev_list *list, struct ev_case *c,
    const char *name, struct ev_err *err);
EV_CHECK
enum ev_rc ev_list_add(struct ev_list *list, const void *line, size_t len,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_list_root(struct ev_list *list, unsigned char root[EV_SHA256],
    struct ev_err *err);
void ev_list_release(struct ev_list *list);

/*
 * How a list stands in an entry: after (or before) holds "lists", an array of
 * {"count":N,"list":NAME,"root":HEX}.  Writes one such object.
 */
EV_CHECK
enum ev_rc ev_list_write(struct ev_list *list, const char *name,
    struct ev_jw *w, struct ev_err *err);

/* ev_list_add() in the shape of ev_line_fn (ingest/lines.h): ctx is list. */
EV_CHECK
enum ev_rc ev_list_line(void *list, const void *line, size_t len,
    struct ev_err *err);

#endif
