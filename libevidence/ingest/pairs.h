/* From labels and their values, one after the other, to records. */
#ifndef EV_INGEST_PAIRS_H
#define EV_INGEST_PAIRS_H

#include "ingest/textline.h"

enum {
	EV_PAIRS_FIELDS = 1024,   /* labels of one record */
	EV_PAIRS_CARRIED = 16,    /* carry labels at work at once */
	EV_PAIRS_LEVELS = 72,     /* headings within headings */
	EV_PAIRS_LINES = 1 << 19, /* lines of one record's values */
};

/* A line of a value: where it begins in its text, its source in the view. */
struct ev_pairs_line {
	size_t at;
	int64_t from, to;
};

/* A value while it is being collected; reused for the next one. */
struct ev_pairs_value {
	struct ev_buf text; /* a line feed between its lines */
	struct ev_buf line; /* struct ev_pairs_line */
	int64_t from, to;   /* its source in the view; without text equal */
	bool bad;           /* not of its character set */
};

/* One label and its value, of the record at hand. */
struct ev_pairs_field {
	size_t key, key_len;   /* in the record's text */
	size_t text, text_len; /* there, too */
	size_t line, lines;    /* in the record's lines */
	int64_t from, to;      /* the value's source in the view */
	unsigned notes;        /* EV_JSON_N_* */
};

/* A value that stands in all later records under its heading. */
struct ev_pairs_carried {
	struct ev_buf key, text;
	unsigned notes;
	size_t level;
};

/* To what a value without a label would belong. */
enum ev_pairs_last { EV_PAIRS_NOTHING, EV_PAIRS_FIELD, EV_PAIRS_CARRY };

struct ev_pairs_kept;
struct ev_pairs_section;

struct ev_pairs {
	struct ev_pass *pass;
	struct ev_textlines *lines; /* holds the bytes of the record at hand */
	struct ev_err *err;
	bool collect; /* first pass: keep what $ names, only */
	const struct ev_words *start, *carry, *list, *labels;
	struct ev_words one[4]; /* where an option is a label, not an alias */
	struct ev_word word[4];
	const char *skip, *empty;
	bool definitions; /* "X Definition" is frame */
	bool flat;        /* there are no sections: $ is the record */
	bool plain;       /* a value is what was found, whatever its source */

	/* The record at hand, if count > 0. */
	struct ev_pairs_field field[EV_PAIRS_FIELDS];
	size_t count;
	struct ev_buf text, line;
	int64_t from, to;
	bool too_long;
	struct ev_json_node *node;
	size_t nodes;

	struct ev_pairs_carried carried[EV_PAIRS_CARRIED];
	size_t carrieds;
	struct {
		struct ev_buf start;   /* the label that begins a record */
		bool told;             /* it is one of the option's */
		size_t number;         /* of the level, as they are met */
		int64_t starts, tolds; /* how often each kind came */
		bool at_start;         /* the last label was the start */
		size_t widest;         /* fields of its widest record */
	} level[EV_PAIRS_LEVELS];
	size_t depth;
	size_t levels; /* met so far */
	/* By number: do the option's labels begin its records?  A first
	 * pass decides. */
	struct ev_buf decided;
	bool page; /* a page line was met, and no label since */
	enum ev_pairs_last last;

	struct ev_pairs_section *section; /* those met */
	size_t sections, at_section;      /* sections: there is none */
	int64_t records;                  /* outside sections */
	struct ev_pairs_kept *kept;
	size_t kept_bytes;
	struct ev_json_node root; /* of the document, as $ sees it */
};

/* Options of the pass's mapping; lines is the reader's window. */
void ev_pairs_init(struct ev_pairs *p, struct ev_pass *pass,
    struct ev_textlines *lines, struct ev_err *err);
void ev_pairs_release(struct ev_pairs *p);

/* Does any path look at the document from a row? */
bool ev_pairs_wanted(const struct ev_pairs *p);
/* The first pass is over: forget all but what it kept. */
EV_CHECK
enum ev_rc ev_pairs_again(struct ev_pairs *p);

/* What follows stands in this section; a NULL name: in none. */
EV_CHECK
enum ev_rc ev_pairs_section(struct ev_pairs *p, const void *name, size_t len);
/* A heading begins, or ends: no record crosses it. */
EV_CHECK
enum ev_rc ev_pairs_heading(struct ev_pairs *p, bool begins);

/*
 * A label (text, trimmed, without its colon) that begins at from in the view,
 * and its value.  A label of no length: a value without one.
 */
EV_CHECK
enum ev_rc ev_pairs_add(struct ev_pairs *p, const char *label, size_t len,
    int64_t from, const struct ev_pairs_value *value);
/* The page is over. */
EV_CHECK
enum ev_rc ev_pairs_end(struct ev_pairs *p);

/* Text outside of all pairs: a page line is frame, all else ignored. */
EV_CHECK
enum ev_rc ev_pairs_stray(struct ev_pairs *p, const void *text, size_t len,
    int64_t from);
/* The same, of text that is no page line and has no blanks around it. */
EV_CHECK
enum ev_rc ev_pairs_ignore(struct ev_pairs *p, int64_t from, int64_t to);
/* Is it a page line: the option's text, and a number at most? */
bool ev_pairs_page(struct ev_pairs *p, const void *text, size_t len);

/* The first byte that must stay at hand: the record's, or this one. */
int64_t ev_pairs_hold(struct ev_pairs *p, int64_t otherwise);

/* Blanks and line ends around a text go. */
void ev_pairs_trim(const char **text, size_t *len);

void ev_pairs_value_init(struct ev_pairs_value *value);
void ev_pairs_value_release(struct ev_pairs_value *value);
/* Empty; it would stand at this place. */
void ev_pairs_value_clear(struct ev_pairs_value *value, int64_t at);
/*
 * Text of the value's present line, as it stands in the view; of a page its
 * references are decoded.  Blanks at the beginning of a line are dropped.
 */
EV_CHECK
enum ev_rc ev_pairs_value_put(struct ev_pairs_value *value, const void *text,
    size_t len, int64_t from, bool page, struct ev_err *err);
/* A whole line of its own text, without blanks around it. */
EV_CHECK
enum ev_rc ev_pairs_value_add(struct ev_pairs_value *value, const char *text,
    size_t len, int64_t from, int64_t to, bool bad, struct ev_err *err);
/* The line is over: what comes is another one. */
EV_CHECK
enum ev_rc ev_pairs_value_line(struct ev_pairs_value *value,
    struct ev_err *err);
/*
 * The first n bytes of the text go, and the blanks behind them; they end with
 * the first ":" of the source, which lines holds.
 */
void ev_pairs_value_cut(struct ev_pairs_value *value, size_t n,
    const struct ev_textlines *lines);
/* Blanks and line feeds at the end go. */
void ev_pairs_value_trim(struct ev_pairs_value *value);

#endif
