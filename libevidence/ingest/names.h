/* What is odd about the names in an archive; they are never used as paths. */
#ifndef EV_INGEST_NAMES_H
#define EV_INGEST_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

/* hostile.md 4. */
enum ev_name_oddity {
	EV_NAME_UNSAFE = 1,
	EV_NAME_CONTROL = 2,
	EV_NAME_BIDI = 4,
	EV_NAME_NUL = 8,
	EV_NAME_ENCODING = 16,
};

/* All that is odd about one name by itself: bits of enum ev_name_oddity. */
unsigned ev_name_odd(const void *name, size_t len);

/* Its note: "name-unsafe" and so on. */
const char *ev_name_word(enum ev_name_oddity oddity);

/*
 * The names of one archive, to find equal ones and twins (equal but for
 * Unicode form and letter case).  Names are kept as keyed 64-bit hashes.
 */
struct ev_names {
	struct ev_names_slot *slot;
	size_t used, room;
	uint64_t key[2];
	struct ev_buf folded;
};

EV_CHECK
enum ev_rc ev_names_init(struct ev_names *names, struct ev_err *err);
void ev_names_release(struct ev_names *names);

struct ev_name {
	const void *data;
	size_t len;
	int64_t ordinal;
	/* Set by add: the first member of that name, and the first that
	 * differs from it in form or case only; -1 none. */
	int64_t same, twin;
};

EV_CHECK
enum ev_rc ev_names_add(struct ev_names *names, struct ev_name *name,
    struct ev_err *err);

#endif
