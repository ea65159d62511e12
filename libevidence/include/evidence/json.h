/* Records in with their byte spans; reproducible bytes out. */
#ifndef EVIDENCE_JSON_H
#define EVIDENCE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

/*
 * Writing.  The restricted canonical form of evidence-case(5): RFC 8785 with
 * ASCII keys in ascending order, compact, strings, booleans and integers
 * below 2^53 only.  The writer remembers its first error and does nothing
 * more; ev_jw_end() returns it.  A key out of order, a key twice, a number
 * out of range or text that is not UTF-8 is EV_USE.
 */
enum { EV_JW_DEPTH = 16 };
struct ev_jw {
	struct ev_buf *out; /* borrowed */
	struct ev_err err;
	enum ev_rc rc;
	int depth;
	struct {
		bool object;
		bool any;
		bool keyed;          /* a key waits for its value */
		size_t key, key_len; /* last key: where it stands in out */
	} level[EV_JW_DEPTH];
};

void ev_jw_init(struct ev_jw *w, struct ev_buf *out);
void ev_jw_object(struct ev_jw *w);
void ev_jw_array(struct ev_jw *w);
void ev_jw_close(struct ev_jw *w); /* the innermost object or array */
void ev_jw_key(struct ev_jw *w, const char *key);
void ev_jw_text(struct ev_jw *w, const char *text); /* NULL writes "" */
void ev_jw_str(struct ev_jw *w, const void *data, size_t len);
void ev_jw_int(struct ev_jw *w, int64_t value);
void ev_jw_bool(struct ev_jw *w, bool value);
/* Bytes that are a canonical value already. */
void ev_jw_raw(struct ev_jw *w, const void *data, size_t len);
/* key and value at once; the ones with NULL text write nothing at all. */
void ev_jw_key_text(struct ev_jw *w, const char *key, const char *text);
void ev_jw_key_int(struct ev_jw *w, const char *key, int64_t value);
/*
 * A name in evidence: a string where it is UTF-8, else its hex under hex_key.
 * data may be NULL where len is 0.
 */
void ev_jw_key_bytes(struct ev_jw *w, const char *key, const char *hex_key,
    const void *data, size_t len);
EV_CHECK
enum ev_rc ev_jw_end(struct ev_jw *w, struct ev_err *err);

/*
 * Reading a whole text of at most 16 MiB that is ours (a log line, a claim, a
 * configuration): strict RFC 8259, no duplicate keys, depth 64.  Nodes stand
 * in one array in document order; children are linked by next.
 */
enum ev_json_type {
	EV_JSON_NULL,
	EV_JSON_BOOL,
	EV_JSON_NUMBER,
	EV_JSON_STRING,
	EV_JSON_ARRAY,
	EV_JSON_OBJECT,
};

struct ev_json_node {
	enum ev_json_type type;
	unsigned notes; /* EV_JSON_N_*, of the value */
	unsigned key_notes;
	size_t offset, length;         /* the value's bytes in the text */
	size_t key_offset, key_length; /* the key's, with quotes; 0 if none */
	const char *key;               /* decoded; NULL outside objects */
	size_t key_len;
	const char *text; /* strings decoded, other scalars as written */
	size_t text_len;
	bool value;   /* of a boolean */
	size_t count; /* children */
	struct ev_json_node *child, *next;
};

struct ev_json_doc;

/* EV_INPUT names the byte.  The text is borrowed for the life of doc. */
EV_CHECK
enum ev_rc ev_json_parse(struct ev_json_doc **doc, const void *data, size_t len,
    struct ev_err *err);
const struct ev_json_node *ev_json_root(const struct ev_json_doc *doc);
void ev_json_free(struct ev_json_doc *doc);

/* The member of that name, or NULL. */
const struct ev_json_node *ev_json_get(const struct ev_json_node *object,
    const char *key);
/* The text of a string member, or NULL if missing or no string. */
const char *ev_json_get_text(const struct ev_json_node *object,
    const char *key);
/* An integer member in int64_t; false if missing or not an integer. */
bool ev_json_get_int(const struct ev_json_node *object, const char *key,
    int64_t *value);

/* What was odd about a string (hostile.md, JSON). */
enum {
	EV_JSON_N_BAD_UTF8 = 1,
	EV_JSON_N_SURROGATE = 2, /* a lone \uD800 to \uDFFF */
	EV_JSON_N_NUL = 4,       /* \u0000 */
	EV_JSON_N_HEX = 8,       /* \xHH, tolerated */
	EV_JSON_N_DUP = 16,      /* key: occurs more than once in its object */
	/* Of readers of other syntaxes: */
	EV_JSON_N_SOURCE = 32,     /* as found is what its span holds */
	EV_JSON_N_SPLIT = 64,      /* a page line parted it from its label */
	EV_JSON_N_INHERITED = 128, /* it stands in an earlier record */
};

#endif
