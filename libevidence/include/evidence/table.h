/* Rows to a terminal, CSV or JSON lines. */
#ifndef EVIDENCE_TABLE_H
#define EVIDENCE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"

enum ev_table_form {
	EV_TABLE_TERMINAL, /* aligned, as wide as told; text made safe */
	EV_TABLE_CSV,      /* RFC 4180, a header; text cells quoted */
	EV_TABLE_JSON,     /* an object a row, keys sorted, with "schema" */
	EV_TABLE_HTML,     /* a table element; evidence within bdi */
};

enum ev_table_type {
	EV_TABLE_TEXT,   /* names, paths, messages: from evidence */
	EV_TABLE_WORD,   /* ours: ids, words of a vocabulary, instants */
	EV_TABLE_NUMBER, /* aligned to the right */
};

struct ev_table_column {
	const char *name; /* lower case; the key in JSON */
	enum ev_table_type type;
	bool hidden; /* shown only when columns names it; JSON has all */
};

struct ev_table_opts {
	enum ev_table_form form;
	const char *schema;       /* "evidence/facts/1" */
	const char *columns;      /* "A,B": these, in this order; NULL: all */
	const char *const *where; /* "KEY=VALUE", all must hold; or NULL */
	size_t where_count;
	int width; /* of the terminal, in columns; 0: not limited */
	/* Where it goes; len bytes. */
	enum ev_rc (*write)(void *ctx, const void *data, size_t len,
	    struct ev_err *err);
	void *ctx;
};

enum { EV_TABLE_COLUMNS = 48 };

struct ev_table;

/*
 * columns is borrowed.  EV_USE: columns or where name a column that there is
 * not.  A terminal table is kept until the end, up to a million rows (more:
 * EV_LIMIT); the other forms are written row by row.
 */
EV_CHECK
enum ev_rc ev_table_new(struct ev_table **t,
    const struct ev_table_column *columns, size_t count,
    const struct ev_table_opts *opts, struct ev_err *err);
void ev_table_free(struct ev_table *t);

/* Set cells of the row to come; a cell that is not set is empty. */
EV_CHECK
enum ev_rc ev_table_text(struct ev_table *t, size_t column, const void *data,
    size_t len, struct ev_err *err);
/* A NUL-terminated text; NULL leaves the cell empty. */
EV_CHECK
enum ev_rc ev_table_word(struct ev_table *t, size_t column, const char *word,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_table_number(struct ev_table *t, size_t column, int64_t value,
    struct ev_err *err);

/* The row is whole; where decides whether it is shown. */
EV_CHECK
enum ev_rc ev_table_row(struct ev_table *t, struct ev_err *err);

/* Write what is not written yet; rows is how many were shown. */
EV_CHECK
enum ev_rc ev_table_end(struct ev_table *t, int64_t *rows, struct ev_err *err);

#endif
