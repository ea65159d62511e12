/* The words of a .map file, one after the other, with their places. */
#ifndef EV_INGEST_MAPPING_SCAN_H
#define EV_INGEST_MAPPING_SCAN_H

#include "ingest/mapping.h"

struct ev_scan {
	const struct ev_map_file *file;
	size_t at;
	size_t word_at; /* where the last word or path began */
	struct ev_err *err;
};

/* EV_INPUT "name:line:column: what" for the place at. */
EV_PRINTF(3, 4)
enum ev_rc ev_scan_fail(const struct ev_scan *s, size_t at, const char *fmt,
    ...);

/* Go over blanks, comments and continued lines. */
void ev_scan_skip(struct ev_scan *s);
/* Nothing of this statement is left (after a skip). */
bool ev_scan_end(const struct ev_scan *s);
/* The next byte, 0 at the end. */
char ev_scan_peek(const struct ev_scan *s);
/* Take c if it comes next. */
bool ev_scan_take(struct ev_scan *s, char c);

/* [a-z0-9_-]+, a view into the file. */
EV_CHECK
enum ev_rc ev_scan_name(struct ev_scan *s, const char **name, size_t *len,
    const char *what);
/* text = string / bare; an owned copy. */
EV_CHECK
enum ev_rc ev_scan_text(struct ev_scan *s, struct ev_word *word,
    const char *what);
/* glob, value = string / visible characters; an owned copy. */
EV_CHECK
enum ev_rc ev_scan_visible(struct ev_scan *s, struct ev_word *word,
    const char *what);
/* one *( "|" one ), appended. */
EV_CHECK
enum ev_rc ev_scan_list(struct ev_scan *s, struct ev_words *words,
    const char *what, bool visible);
/* "(" text *( "," text ) ")", "(" taken already; appended. */
EV_CHECK
enum ev_rc ev_scan_args(struct ev_scan *s, struct ev_words *words);
EV_CHECK
enum ev_rc ev_scan_uint(struct ev_scan *s, int64_t *value);

/* Append to a list of the mapping: at most EV_MAP_LIST, zeroed. */
EV_CHECK
enum ev_rc ev_scan_grow(struct ev_scan *s, void **list, size_t count,
    size_t size);
EV_CHECK
enum ev_rc ev_scan_add_word(struct ev_scan *s, struct ev_words *words,
    struct ev_word *word);

/* path; iterations: [*] and {*} may stand in it. */
EV_CHECK
enum ev_rc ev_scan_path(struct ev_scan *s, struct ev_path *path,
    bool iterations);
/* fpath [cut], conv. */
EV_CHECK
enum ev_rc ev_scan_place(struct ev_scan *s, struct ev_place *place);
EV_CHECK
enum ev_rc ev_scan_conv(struct ev_scan *s, struct ev_conv *conv);

#endif
