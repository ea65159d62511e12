/* JSON from hostile hands: one token at a time, with its bytes. */
#ifndef EV_BASE_JSONREAD_H
#define EV_BASE_JSONREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stream.h"
#include "evidence/err.h"
#include "evidence/json.h"

/*
 * A streaming reader in constant memory: RFC 8259 strict but for what
 * tolerate allows, no recursion, no number ever converted.  Used by ev-parse
 * over captured files of any size.
 */
enum ev_json_tolerate {
	EV_JSON_T_BARE_KEY = 1,
	EV_JSON_T_TRAILING_COMMA = 2,
	EV_JSON_T_SEMICOLON = 4,
	EV_JSON_T_HEX_ESCAPE = 8,
	EV_JSON_T_SINGLE_QUOTE = 16,
};

enum ev_json_event {
	EV_JSON_E_OBJECT, /* { */
	EV_JSON_E_OBJECT_END,
	EV_JSON_E_ARRAY, /* [ */
	EV_JSON_E_ARRAY_END,
	EV_JSON_E_KEY,
	EV_JSON_E_STRING,
	EV_JSON_E_NUMBER,
	EV_JSON_E_TRUE,
	EV_JSON_E_FALSE,
	EV_JSON_E_NULL,
};

struct ev_json_token {
	enum ev_json_event event;
	int depth;      /* of the containers around it, 0 at the top */
	int64_t offset; /* of its first byte in the stream */
	int64_t length; /* bytes, quotes included */
	const unsigned char
	    *raw; /* those bytes; borrowed until the next call */
	size_t raw_len;
	const char *text; /* decoded: strings and keys; raw otherwise; */
			  /* borrowed as raw is, no NUL behind it */
	size_t text_len;
	unsigned notes; /* EV_JSON_N_* */
};

struct ev_jsonread_opts {
	unsigned tolerate;
	int max_depth;    /* 64 if 0 */
	size_t max_token; /* 16 MiB if 0 */
	bool many; /* further values may follow (JSON lines, fragments) */
};

/* Why reading ended, in the words of captures.md (Set-aside reasons). */
enum ev_json_stop {
	EV_JSON_S_NONE,
	EV_JSON_S_SYNTAX,
	EV_JSON_S_TRUNCATED,
	EV_JSON_S_TOO_DEEP,
	EV_JSON_S_TOO_LONG,
	EV_JSON_S_ENCODING, /* UTF-16 or UTF-32 */
};

struct ev_jsonread;

/*
 * in is borrowed; base is the offset of its first byte.  A byte order mark
 * there is passed over.  in NULL: what ev_jsonread_restart() gives is read.
 */
EV_CHECK
enum ev_rc ev_jsonread_new(struct ev_jsonread **r, const struct ev_stream *in,
    int64_t base, const struct ev_jsonread_opts *opts, struct ev_err *err);
void ev_jsonread_free(struct ev_jsonread *r);

/*
 * Of a reader without a stream: begin anew with len bytes, copied, the first
 * at offset base.  For records, which have no byte order mark.
 */
EV_CHECK
enum ev_rc ev_jsonread_restart(struct ev_jsonread *r, const void *data,
    size_t len, int64_t base, struct ev_err *err);

/*
 * EV_OK: token is filled.  EV_EOF: the value (with many: the stream) ended
 * and nothing but white space followed.  EV_INPUT: stop and offset say what
 * and where; err says it in words; every later call says the same.  Nothing
 * but white space is EV_EOF with many, else truncated.
 *
 * A string with a lone surrogate, \u0000 or bad UTF-8 is a token with notes:
 * its text is then no text, and only raw may be shown.
 */
EV_CHECK
enum ev_rc ev_jsonread_next(struct ev_jsonread *r, struct ev_json_token *token,
    struct ev_err *err);

/*
 * Skip to the end of the container whose opening token came last, without
 * decoding; token is its closing token.
 */
EV_CHECK
enum ev_rc ev_jsonread_skip(struct ev_jsonread *r, struct ev_json_token *token,
    struct ev_err *err);

enum ev_json_stop ev_jsonread_stop(const struct ev_jsonread *r,
    int64_t *offset);

/* First offset at which each kind of leniency was used, -1 if never. */
int64_t ev_jsonread_used(const struct ev_jsonread *r,
    enum ev_json_tolerate what);

/* Whether the stream began with a byte order mark. */
bool ev_jsonread_bom(const struct ev_jsonread *r);

/* Bytes consumed so far: the offset behind the last token. */
int64_t ev_jsonread_offset(const struct ev_jsonread *r);

/*
 * Parse one record (a row of a captured file) of at most 16 MiB into nodes.
 * Unlike ev_json_parse() it keeps duplicate keys, each with EV_JSON_N_DUP,
 * and strings that are not text, with their notes.  doc is reused from one
 * call to the next when *doc is not NULL, and is the caller's to free in any
 * case.  Same failures as the reader; EV_LIMIT: more than 2^21 values.
 */
EV_CHECK
enum ev_rc ev_json_record(struct ev_json_doc **doc, const void *data,
    size_t len, unsigned tolerate, struct ev_err *err);

/* Why and where the last ev_json_record() on doc ended; as of a reader. */
enum ev_json_stop ev_json_record_stop(const struct ev_json_doc *doc,
    int64_t *offset);
int64_t ev_json_record_used(const struct ev_json_doc *doc,
    enum ev_json_tolerate what);

#endif
