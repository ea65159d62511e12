/* One reader over one artifact, for all mappings that want it. */
#ifndef EV_INGEST_PASS_H
#define EV_INGEST_PASS_H

#include <string.h>

#include "evidence/json.h"
#include "ingest/glob.h"
#include "ingest/mapping.h"
#include "ingest/reader.h"
#include "ingest/seen.h"
#include "ingest/shape.h"
#include "ingest/tally.h"
#include "ingest/view.h"
#include "seal/digest.h"

enum {
	EV_ROW_LIMIT =
	    16 << 20, /* bytes of a row, and of a parent read whole */
	EV_POINTER_LIMIT = 64 * 1024,
	EV_PATH_LIMIT = 64 * 1024,
};

/* What of a parent over 16 MiB a first pass collected for one path. */
struct ev_parent_value {
	const struct ev_path *path;
	uint64_t rank; /* which alternatives it took: the least wins */
	struct ev_json_doc *doc;
	unsigned char *data; /* its bytes, owned */
	size_t len;
};
struct ev_parent {
	int64_t start; /* view offset */
	struct ev_parent_value *value;
	size_t count;
	bool partial; /* it goes on behind what was collected */
	bool broken;  /* a fault of the text left it open */
};

/* An element of a level: its node in data, or what a first pass knows. */
struct ev_level {
	const struct ev_json_node *node; /* NULL: parent */
	const unsigned char *data;       /* NULL: a plain record */
	const struct ev_parent *parent;  /* NULL: nothing is known */
};

/* How far one rows path has come at one node. */
struct ev_state {
	size_t run;
	const struct ev_path *path; /* NULL: the record is the row */
	size_t pos;
	int level;
	bool fresh; /* the level was entered at this very node */
	struct ev_level at[EV_MAP_LEVELS + 1];
	size_t winner; /* of the next step's alternatives, at this node */
	const struct ev_json_node *key; /* of the innermost {*}, or NULL */
};

/* One mapping in this pass. */
struct ev_run {
	int index; /* in the set */
	const struct ev_mapping *m;
	struct ev_row_count rows;
	struct ev_capture capture[EV_GLOB_CAPTURES];
	size_t captures;
	size_t root; /* bytes of path */
	int id[2];   /* columns that together number a row, or -1 */
	bool expected;
};

struct ev_record {
	const struct ev_json_node *root;
	const unsigned char *data; /* what the nodes' offsets count in */
	int64_t offset;            /* view offset of data[0] */
	int64_t from, to;          /* the record's span in the view */
	bool plain; /* node texts are what was found, whatever data holds */
};

/* Notes on the artifact, each word and detail once. */
enum { EV_PASS_NOTES = 64 };

struct ev_pass {
	const struct ev_reading_in *in;
	const struct ev_sink *sink;
	const char *path; /* UTF-8 reading of the member path */
	size_t path_len;
	struct ev_view view;
	struct ev_stream stream; /* the view, as readers want it */
	struct ev_run *run;
	size_t run_count;
	struct ev_shape *shape; /* NULL: the reader knows no keys */
	struct ev_tally tally;
	int64_t size;    /* of the artifact, once drained */
	bool can_rewind; /* ev_pass_rewind may be called */

	/* Begin states of a record, and room for those of each depth. */
	struct ev_state *state;
	size_t state_count;
	struct ev_state *stack; /* EV_MAP_STEPS + 2 times state_count */

	/* The row at work. */
	struct ev_buf pointer;
	bool flat_pointer; /* of the record: rows below it have no other */
	struct ev_buf notes;
	struct ev_buf text[EV_FACT_VALUES];
	struct ev_buf raw[EV_FACT_VALUES];
	char number[32];
	struct ev_fact fact;
	struct ev_digest digest;
	struct ev_seen seen, ids;
	bool set_aside_any;

	struct {
		char word[24];
		char detail[64];
	} noted[EV_PASS_NOTES];
	size_t noted_count;
};

/* Set up for the runs that pass holds already; then the pass itself. */
EV_CHECK
enum ev_rc ev_pass_init(struct ev_pass *pass, const struct ev_reading_in *in,
    const struct ev_buf *path, const struct ev_sink *sink, struct ev_err *err);
EV_CHECK
enum ev_rc ev_pass_read(struct ev_pass *pass, struct ev_err *err);
/* The rows of each run, counted and told. */
EV_CHECK
enum ev_rc ev_pass_report(struct ev_pass *pass, struct ev_err *err);
/* All but its tally. */
void ev_pass_release(struct ev_pass *pass);

/* Show one record to all mappings; pointer holds where it is. */
EV_CHECK
enum ev_rc ev_pass_record(struct ev_pass *pass, const struct ev_record *record,
    struct ev_err *err);

/*
 * Go on from these states into a record's root; the pointer names it.  The
 * states are copied, unless they are the first n of pass->stack.
 */
EV_CHECK
enum ev_rc ev_pass_visit(struct ev_pass *pass, const struct ev_record *record,
    struct ev_state *state, size_t n, struct ev_err *err);

/* Evaluate one row: ev_row.c. */
struct ev_row {
	const struct ev_record *record;
	const struct ev_json_node *node;
	struct ev_state *state;
};
EV_CHECK
enum ev_rc ev_pass_row(struct ev_pass *pass, const struct ev_row *row,
    struct ev_err *err);

/* Account for a span of the view. */
EV_CHECK
enum ev_rc ev_pass_span(struct ev_pass *pass, enum ev_span what, int64_t from,
    int64_t to, struct ev_err *err);

/* A span of the view in which nothing could be read, and why. */
struct ev_loss {
	int run; /* -1: all */
	int64_t from, to;
	const char *reason;
	const char *message;
};
EV_CHECK
enum ev_rc ev_pass_set_aside(struct ev_pass *pass, const struct ev_loss *loss,
    struct ev_err *err);

/* The same, and each run whose rows are the records counts a row lost. */
EV_CHECK
enum ev_rc ev_pass_lose_record(struct ev_pass *pass, const struct ev_loss *loss,
    struct ev_err *err);

/* The same for all from a place to the end of the view, read or not yet. */
EV_CHECK
enum ev_rc ev_pass_lose_rest(struct ev_pass *pass, int64_t from,
    const char *reason, const char *message, struct ev_err *err);

/* A note on the artifact; at is a view offset. */
EV_CHECK
enum ev_rc ev_pass_note(struct ev_pass *pass, const char *word,
    const char *detail, int64_t at, struct ev_err *err);

/* Nothing before this view offset is spoken of any more. */
EV_CHECK
enum ev_rc ev_pass_settle(struct ev_pass *pass, int64_t before,
    struct ev_err *err);

/* Begin the view again at its first byte. */
EV_CHECK
enum ev_rc ev_pass_rewind(struct ev_pass *pass, struct ev_err *err);

/* Pointers: "/key" and "/n" of RFC 6901. */
EV_CHECK
enum ev_rc ev_pass_push_key(struct ev_pass *pass, const char *key, size_t len,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_pass_push_index(struct ev_pass *pass, int64_t index,
    struct ev_err *err);

/* Does this key of a step name that key of an object?  Asked very often. */
bool ev_key_is_other(const struct ev_key *key, const char *text, size_t len);

static inline bool
ev_key_is(const struct ev_key *key, const char *text, size_t len)
{
	/* The last letter tells most keys of one length apart. */
	if (key->name.len == len &&
	    (len == 0 || (key->name.data[len - 1] == text[len - 1] &&
			     memcmp(key->name.data, text, len) == 0)))
		return true;
	return (key->fold || key->meta.len > 0) &&
	       ev_key_is_other(key, text, len);
}

/* What a place holds at a row: path lookups, cuts and % values. */
enum ev_found {
	EV_FOUND_NOTHING, /* missing or null */
	EV_FOUND_TEXT,
	EV_FOUND_NODE,   /* an object or array */
	EV_FOUND_BROKEN, /* a string that is not text: note says why */
	EV_FOUND_MANY,   /* a key twice, with other values */
	EV_FOUND_CUT,    /* the text to cut at is not there */
};
struct ev_value {
	struct ev_buf *scratch; /* the caller's, for raws that are joined */
	enum ev_found found;
	const struct ev_json_node *node;
	const char *text; /* after the cut */
	size_t len;
	const char *raw; /* as found */
	size_t raw_len;
	bool alt_both, dup;
	bool refused; /* dupkey refuse */
	bool parent_lost;
	const char *note; /* of EV_FOUND_BROKEN */
};
/* value is all zero but for scratch. */
EV_CHECK
enum ev_rc ev_value_get(struct ev_pass *pass, const struct ev_row *row,
    const struct ev_place *place, struct ev_value *value, struct ev_err *err);

#endif
