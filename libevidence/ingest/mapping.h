/* What a .map file says, parsed: evidence-mapping(5) as structs. */
#ifndef EV_INGEST_MAPPING_H
#define EV_INGEST_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ingest/conv.h"
#include "ingest/fact.h"
#include "ingest/reading.h"

enum {
	EV_MAP_BYTES = 256 * 1024, /* of one file */
	EV_MAP_STEPS = 24,         /* of one path */
	EV_MAP_LEVELS = 8,         /* that the rows of one path open */
	EV_MAP_LIST = 256,         /* members of any one list */
};

/* A string of the file; never holds a NUL, data[len] is one. */
struct ev_word {
	char *data;
	size_t len;
};

struct ev_words {
	struct ev_word *word;
	size_t count;
};

enum ev_step_type {
	EV_STEP_KEY,     /* keys, the first one present wins */
	EV_STEP_MEMBERS, /* {*} */
	EV_STEP_ITER,    /* [*] */
	EV_STEP_INDEX,   /* [n] */
};

struct ev_key {
	struct ev_word name;
	struct ev_word meta; /* keys=meta: the name as Meta escapes it */
	bool fold;           /* "~": ASCII case ignored */
	int alias;           /* index of the alias it came from, -1: none */
};

struct ev_step {
	enum ev_step_type type;
	size_t index;
	struct ev_key *key;
	size_t key_count;
};

enum ev_anchor {
	EV_FROM_ELEMENT,
	EV_FROM_ABOVE, /* up levels above it */
	EV_FROM_DOCUMENT,
};

struct ev_path {
	enum ev_anchor anchor;
	int up;
	struct ev_step *step;
	size_t count;
	size_t at; /* where it stands in the file, for messages */
};

enum ev_source {
	EV_SRC_PATH,
	EV_SRC_KEY,
	EV_SRC_MEMBER,
	EV_SRC_RECORD,
	EV_SRC_HOLDER,
	EV_SRC_CAPTURE,
};

/* fpath [cut]: where a value comes from, and which part of it. */
struct ev_place {
	enum ev_source source;
	int capture; /* 1 to 9 */
	struct ev_path path;
	bool cut;
	struct ev_word from, to;
};

struct ev_field {
	int column;
	bool required;
	bool fixed; /* const: text, and number for the integer types */
	struct ev_word text;
	int64_t number;
	struct ev_place place;
	struct ev_conv conv;
	size_t at;
};

enum ev_test {
	EV_TEST_PRESENT,
	EV_TEST_ABSENT,
	EV_TEST_ANY,  /* = */
	EV_TEST_NONE, /* != */
};

struct ev_when {
	struct ev_place place;
	enum ev_test test;
	struct ev_words words;
};

enum ev_dupkey {
	EV_DUP_ALL,
	EV_DUP_FIRST,
	EV_DUP_LAST,
	EV_DUP_REFUSE,
};

enum ev_unwrap {
	EV_UNWRAP_PGP_CLEAR = 1,
	EV_UNWRAP_JS_ASSIGN = 2,
};

struct ev_unwrap_step {
	enum ev_unwrap what;
	bool optional;
};

struct ev_option {
	struct ev_word name, value;
};

struct ev_reader;

struct ev_mapping {
	const struct ev_map_file *file;
	struct ev_mapset_entry entry; /* what others may see */
	char *id, *title;             /* those of entry, owned; title or NULL */
	char *platform;               /* or NULL: platform_place */
	struct ev_place platform_place;
	struct ev_conv platform_conv;
	struct ev_words match;
	struct ev_words *probe; /* ANDed; each of alternatives */
	size_t probe_count;
	struct ev_unwrap_step unwrap[4];
	size_t unwrap_count;
	const struct ev_reader *reader;
	struct ev_option *option;
	size_t option_count;
	struct ev_path *rows; /* none: the reader's records */
	size_t rows_count;
	struct ev_when *when;
	size_t when_count;
	struct ev_field *field; /* ascending by column, const ones too */
	size_t field_count;
	struct ev_words nulls, redacted;
	enum ev_dupkey dupkey;
	struct ev_path *known;
	size_t known_count;
	bool expect_some, expect_declared, expect_path;
	struct ev_place expect;
	struct ev_words limits;
	const char **limit_list; /* the same, NULL-terminated, for entry */
	size_t at;               /* where it begins in its file */
};

struct ev_alias {
	char *name;
	struct ev_words words;
};

struct ev_map_file {
	char *name;
	char *text;
	size_t len;
	struct ev_alias *alias;
	size_t alias_count;
};

struct ev_mapset {
	struct ev_map_file **file;
	size_t file_count;
	struct ev_mapping **mapping;
	size_t count;
};

/*
 * Parse one file: EV_INPUT with "name:line:column: what was expected".  The
 * mappings are appended to *list; on failure the caller frees what is there.
 */
struct ev_map_list {
	struct ev_mapping **mapping;
	size_t count;
};
EV_CHECK
enum ev_rc ev_map_parse(struct ev_map_file *file, struct ev_map_list *list,
    struct ev_err *err);

void ev_mapping_free(struct ev_mapping *m);
void ev_map_file_release(struct ev_map_file *file);
void ev_words_release(struct ev_words *words);
void ev_path_release(struct ev_path *path);

/* Levels that a rows path opens. */
int ev_path_levels(const struct ev_path *path);

/* Line and column of a place in a text, both from 1. */
void ev_map_where(const char *text, size_t at, size_t *line, size_t *column);

#endif
