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
	const char *text; /* decoded: strings and keys; raw otherwise */
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
	EV_JSON_S_ENCODING, /* UTF-16, or bad UTF-8 outside a string */
};

struct ev_jsonread;

/* in is borrowed; base is the offset of its first byte. */
EV_CHECK
enum ev_rc ev_jsonread_new(struct ev_jsonread **r, const struct ev_stream *in,
    int64_t base, const struct ev_jsonread_opts *opts, struct ev_err *err);
void ev_jsonread_free(struct ev_jsonread *r);

/*
 * EV_OK: token is filled.  EV_EOF: the value (with many: the stream) ended
 * and nothing but white space followed.  EV_INPUT: stop and offset say what
 * and where; err says it in words; every later call says the same.
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

/* Bytes consumed so far: the offset behind the last token. */
int64_t ev_jsonread_offset(const struct ev_jsonread *r);

/*
 * Parse one record (a row of a captured file) of at most 16 MiB into nodes.
 * Unlike ev_json_parse() it keeps duplicate keys, each with EV_JSON_N_DUP,
 * and strings that are not text, with their notes.  doc is reused from one
 * call to the next when *doc is not NULL.  Same failures as the reader.
 */
EV_CHECK
enum ev_rc ev_json_record(struct ev_json_doc **doc, const void *data,
    size_t len, unsigned tolerate, struct ev_err *err);

#endif
