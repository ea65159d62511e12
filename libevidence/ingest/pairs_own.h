/* What the parts of pairs share: sections, and showing a record. */
#ifndef EV_INGEST_PAIRS_OWN_H
#define EV_INGEST_PAIRS_OWN_H

#include "ingest/pairs.h"

struct ev_pairs_section {
	struct ev_buf name;
	int64_t records;
	bool shown;              /* its key was counted */
	bool read;               /* a rows path goes there */
	int64_t wanted;          /* records that $ names, from 1 */
	struct ev_json_node key; /* under the root; its records below */
	struct ev_pairs_kept *kept, *last;
};

/* A record of which $ speaks: its nodes, then their texts. */
struct ev_pairs_kept {
	struct ev_pairs_kept *next;
	struct ev_json_node node[]; /* the record and its fields */
};

/* The section of that name, made if it is not known. */
EV_CHECK
enum ev_rc ev_pairs_enter(struct ev_pairs *p, const void *name, size_t len);
/* Make the document's tree of what was kept. */
void ev_pairs_link(struct ev_pairs *p);
/* Free sections and what was kept. */
void ev_pairs_drop(struct ev_pairs *p);
/* Show the record at hand to the mappings, or keep it. */
EV_CHECK
enum ev_rc ev_pairs_show(struct ev_pairs *p);

/* Is text one of the words?  NULL: there are none. */
bool ev_pairs_in(const struct ev_words *words, const void *text, size_t len);

#endif
