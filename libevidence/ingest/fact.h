/* One typed statement read from a record: kinds, columns, canonical line. */
#ifndef EV_INGEST_FACT_H
#define EV_INGEST_FACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "evidence/when.h"

/*
 * captures.md, Fact kinds, as one table.  Pure: no database here, so that
 * ev-parse can link it.  Order is the wire's and the schema's: append only.
 */
enum ev_kind {
	EV_K_ACCOUNT,
	EV_K_LOGIN,
	EV_K_IDENTIFIER,
	EV_K_DEVICE,
	EV_K_POST,
	EV_K_MESSAGE,
	EV_K_MEMBERSHIP,
	EV_K_EDGE,
	EV_K_MEDIA,
	EV_K_RENAME,
	EV_K_PLATFORM_CLAIM,
	EV_K_STATUS,
	EV_K_PLACE,
	EV_K_ACTIVITY,
	EV_K_SETTING,
	EV_K_HOP,
	EV_K_CAPTURE,
	EV_K_DECLARED,
	EV_KINDS,
};

enum ev_column_type {
	EV_C_TEXT,
	EV_C_ID, /* text that is compared, never computed with */
	EV_C_INT,
	EV_C_BOOL, /* 0 or 1 */
	EV_C_TIME, /* has companions: struct ev_fact_time */
	EV_C_IP,   /* RFC 5952 text */
	EV_C_PORT, /* 0 to 65535 */
	EV_C_URL,
	EV_C_COUNTRY, /* ISO 3166 alpha-2 */
	EV_C_WORD,    /* one of words */
};

struct ev_column {
	const char *name;
	enum ev_column_type type;
	const char *const *words; /* NULL-terminated vocabulary, or NULL */
};

/* The columns that every kind has, before its own. */
enum {
	EV_COL_ACCOUNT,
	EV_COL_HANDLE,
	EV_COL_NAME,
	EV_COL_T,
	EV_COL_T_LOCAL,
	EV_COL_COMMON,
};

struct ev_kind_info {
	const char *name;
	const struct ev_column *columns; /* common ones first */
	size_t count;
};

const struct ev_kind_info *ev_kind_info(enum ev_kind kind);
/* EV_KINDS if there is no such kind. */
enum ev_kind ev_kind_find(const char *name, size_t len);
/* -1 if the kind has no such column. */
int ev_kind_column(enum ev_kind kind, const char *name, size_t len);

/* captures.md, Time. */
enum ev_basis {
	EV_BASIS_UTC_EXPLICIT,
	EV_BASIS_OFFSET_EXPLICIT,
	EV_BASIS_EPOCH,
	EV_BASIS_UTC_DECLARED,
	EV_BASIS_UTC_CONVENTION,
	EV_BASIS_EXPORTER_LOCAL,
	EV_BASIS_ABBREV,
	EV_BASIS_NAIVE,
	EV_BASIS_AMBIGUOUS,
};
const char *ev_basis_name(enum ev_basis basis);
const char *ev_prec_name(enum ev_when_prec prec);

struct ev_fact_time {
	bool has_utc;
	int64_t utc; /* microseconds */
	enum ev_basis basis;
	enum ev_when_prec prec;
	int64_t lo, hi; /* microseconds; the instant is in [lo, hi] */
	bool has_alt;
	int64_t alt; /* the second reading of an ambiguous date */
};

/* One column of one fact.  Pointers are borrowed from the fact's maker. */
struct ev_fact_value {
	int column;       /* index in the kind's columns */
	bool null;        /* nothing parsed: only raw and a note speak */
	const char *text; /* all types but the integer ones */
	size_t text_len;
	int64_t number; /* INT BOOL PORT */
	struct ev_fact_time time;
	bool has_raw;    /* the value as found differs from text */
	const char *raw; /* not necessarily UTF-8 */
	size_t raw_len;
};

enum { EV_FACT_VALUES = 32 };

enum ev_account_basis {
	EV_AB_RECORD,
	EV_AB_DOCUMENT,
	EV_AB_HOLDER,
	EV_AB_PATH,
	EV_AB_NONE,
};
const char *ev_account_basis_name(enum ev_account_basis basis);

struct ev_fact {
	enum ev_kind kind;
	const char *platform; /* NUL-terminated, [a-z0-9-] */
	int mapping;          /* index of the mapping in its set */
	enum ev_account_basis account_basis;
	int64_t offset, length; /* bytes in the artifact */
	const char *pointer;    /* RFC 6901, row:N, line:N, ... */
	size_t pointer_len;
	const char *root; /* captures.md, Fact kinds; bytes */
	size_t root_len;
	const char *notes; /* words parted by blanks, "" if none */
	size_t notes_len;
	size_t count; /* of values; ascending by column */
	struct ev_fact_value value[EV_FACT_VALUES];
};

/* The value of a column, NULL if the fact has none. */
const struct ev_fact_value *ev_fact_get(const struct ev_fact *fact,
    const char *column);

/*
 * Wire form between ev-parse and its parent: binary, little-endian, length
 * before every string.  Decoding is strict: unknown kind, column, word, a
 * column twice or out of order, a length past the end, text that is not
 * UTF-8 outside raw, bytes left over: EV_INPUT.  The decoded fact borrows
 * from data.
 */
EV_CHECK
enum ev_rc ev_fact_encode(struct ev_buf *out, const struct ev_fact *fact,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_fact_decode(struct ev_fact *fact, const void *data, size_t len,
    struct ev_err *err);

/* Where a fact comes from, beside what it says: its birth certificate. */
struct ev_fact_origin {
	int64_t fact;        /* F number, 0: leave it out */
	int64_t artifact;    /* A number */
	int64_t acquisition; /* I number */
	const char *sha256;  /* of the artifact, 64 hex digits */
	const void *member;  /* member path; bytes */
	size_t member_len;
	const char *mapping; /* id */
	int64_t mapping_version;
	const char *mapping_sha256; /* of its file, 64 hex digits */
};

/*
 * The canonical line (evidence-facts(5)): one object, keys sorted, NULL
 * columns left out; times as printed text, their companions under "times";
 * raw values under "raw" (bytes that are not UTF-8 as {"hex":...}).  This is
 * the leaf whose salted hash enters the log, and the line of facts.jsonl.
 */
EV_CHECK
enum ev_rc ev_fact_line(struct ev_buf *out, const struct ev_fact *fact,
    const struct ev_fact_origin *origin, struct ev_err *err);

/* Equal in kind, platform, columns, span, pointer, notes and root. */
bool ev_fact_equal(const struct ev_fact *a, const struct ev_fact *b);

#endif
