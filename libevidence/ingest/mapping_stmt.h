/* The statements of a .map file, as a table. */
#ifndef EV_INGEST_MAPPING_STMT_H
#define EV_INGEST_MAPPING_STMT_H

#include "ingest/glob.h"
#include "ingest/mapping_scan.h"

/* A column's name as written: a view into the file. */
struct ev_view_name {
	const char *data;
	size_t len;
};

/* A mapping that is being read. */
struct ev_draft {
	struct ev_mapping *m;
	struct ev_view_name *name; /* of each of m's fields */
	unsigned seen;             /* a bit for each statement of ev_stmts */
};

struct ev_stmt_info {
	const char *word;
	/* At the first word behind; leaves what it does not take. */
	enum ev_rc (*fn)(struct ev_scan *s, struct ev_draft *d);
	bool once;
};
extern const struct ev_stmt_info ev_stmts[]; /* up to a NULL word */

#endif
