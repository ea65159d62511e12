/* What the reading child says: each finding as a message to its parent. */
#ifndef EV_INGEST_TELL_H
#define EV_INGEST_TELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "ingest/child.h"
#include "ingest/reading.h"

/*
 * Messages are gathered and written when 256 KiB have come together, or at
 * each message when careful is set: after a death the parent must know how
 * far the child had come.  A failed write is EV_SYS and stays.
 */
struct ev_tell {
	int fd;
	bool careful;
	bool lost; /* the parent cannot be reached: end */
	struct ev_buf out;
	struct ev_buf text; /* of a message or detail made safe */
};

void ev_tell_init(struct ev_tell *tell, int fd);
void ev_tell_release(struct ev_tell *tell);

EV_CHECK
enum ev_rc ev_tell_flush(struct ev_tell *tell, struct ev_err *err);

EV_CHECK
enum ev_rc ev_tell_hello(struct ev_tell *tell, const struct ev_child_cage *cage,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_begin(struct ev_tell *tell, uint64_t tag,
    struct ev_err *err);
/* Of ordinal 0 the parent knows the path: it is not sent. */
EV_CHECK
enum ev_rc ev_tell_member(struct ev_tell *tell, const struct ev_member *member,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_data(struct ev_tell *tell, int64_t ordinal, const void *data,
    size_t len, struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_media(struct ev_tell *tell, int64_t ordinal,
    const char *type, struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_fact(struct ev_tell *tell, int64_t ordinal,
    const struct ev_fact *fact, struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_duplicate(struct ev_tell *tell, int64_t ordinal,
    const struct ev_duplicate *row, struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_set_aside(struct ev_tell *tell, int64_t ordinal,
    const struct ev_set_aside *what, struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_note(struct ev_tell *tell, int64_t ordinal,
    const struct ev_member_note *note, struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_ignored(struct ev_tell *tell, int64_t ordinal,
    int64_t offset, int64_t length, struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_unknown_key(struct ev_tell *tell, int64_t ordinal,
    const struct ev_unknown_key *key, struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_rows(struct ev_tell *tell, int64_t ordinal, int mapping,
    const struct ev_row_count *rows, struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_total(struct ev_tell *tell, int64_t ordinal,
    const struct ev_member_total *total, struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_progress(struct ev_tell *tell, uint64_t tag, int64_t bytes,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_tell_end(struct ev_tell *tell, uint64_t tag, struct ev_err *err);

#endif
