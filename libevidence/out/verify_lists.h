/* A bundle's index: its lines, checked against the roots in the log. */
#ifndef EV_OUT_VERIFY_LISTS_H
#define EV_OUT_VERIFY_LISTS_H

#include "evidence/json.h"
#include "out/verify_inside.h"
#include "out/withheld.h"

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
	bool withheld; /* text is what stands for it: out/withheld.h */
};

struct lists {
	struct ev_buf text[LISTS_FILES];
	struct lists_line *line[LISTS_FILES];
	size_t count[LISTS_FILES];
	/* Entries with action read, in order; borrowed from log_text. */
	struct lists_line *read;
	size_t reads;
	/* What stands for lines that are withheld, in order. */
	struct ev_withheld *row;
	size_t rows;
};

/* Where the walk through the lines of one file is. */
struct lists_cursor {
	const char *line, *salt;
};
/*
 * The leaf of the next line, which is its own or stands for one withheld:
 * then it is kept among the rows.  EV_MISMATCH: there is none, or no salt.
 */
EV_CHECK
enum ev_rc lists_leaf(struct lists *l, struct lists_cursor *at,
    struct lists_line *line, unsigned char leaf[EV_SHA256], struct ev_err *err);

/*
 * Read the four files and their salts, compute the root of each list that the
 * log names, and say what differs.  EV_EOF: they are not fit to go on with.
 */
EV_CHECK
enum ev_rc lists_check(struct verify *v, struct lists *l, struct ev_err *err);
void lists_release(struct lists *l);

#endif
