/* A bundle's index: its lines, checked against the roots in the log. */
#ifndef EV_OUT_VERIFY_LISTS_H
#define EV_OUT_VERIFY_LISTS_H

#include "evidence/json.h"
#include "out/verify_inside.h"

enum lists_file {
	LISTS_ARTIFACTS,
	LISTS_EXHIBITS,
	LISTS_FACTS,
	LISTS_READINGS,
	LISTS_FILES
};

/* One line of the index, and the entry that counts it. */
struct lists_line {
	const char *text; /* not NUL-terminated */
	size_t len;
	int64_t entry;
};

struct lists {
	struct ev_buf text[LISTS_FILES];
	struct lists_line *line[LISTS_FILES];
	size_t count[LISTS_FILES];
	/* Entries with action read, in order; borrowed from log_text. */
	struct lists_line *read;
	size_t reads;
};

/*
 * Read the four files and their salts, compute the root of each list that the
 * log names, and say what differs.  EV_EOF: they are not fit to go on with.
 */
EV_CHECK
enum ev_rc lists_check(struct verify *v, struct lists *l, struct ev_err *err);
void lists_release(struct lists *l);

#endif
