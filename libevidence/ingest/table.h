/* Rows of a table, keyed by its header, shown to the mappings. */
#ifndef EV_INGEST_TABLE_H
#define EV_INGEST_TABLE_H

#include "ingest/pass.h"

enum { EV_TABLE_COLUMNS = 4096 };

/* A cell of the row at hand. */
struct ev_table_cell {
	size_t offset, length; /* its source, from the row's first byte */
	size_t text, text_len; /* in the table's text */
	unsigned notes;        /* EV_JSON_N_* */
};

struct ev_table {
	struct ev_pass *pass;
	struct ev_err *err;
	int64_t number; /* of rows behind headers, so far */

	struct ev_buf text; /* of the row's cells */
	struct ev_table_cell cell[EV_TABLE_COLUMNS];
	size_t cells;

	struct ev_buf name_text;
	struct {
		size_t at, len;
		size_t bare; /* bytes of it before "#2" */
	} name[EV_TABLE_COLUMNS];
	size_t names;
	bool counted; /* there is no header */
	struct ev_json_node node[EV_TABLE_COLUMNS + 1];
};

/* Where the row at hand stands. */
struct ev_table_row {
	const unsigned char *data; /* its first byte, at from */
	int64_t from, to;          /* in the view */
	int64_t end;               /* where what is lost with it ends */
	bool plain; /* a cell's text is what was found, whatever data holds */
};

void ev_table_init(struct ev_table *table, struct ev_pass *pass,
    struct ev_err *err);
void ev_table_release(struct ev_table *table);

/* The cells of another row follow. */
void ev_table_begin(struct ev_table *table);
/*
 * The next cell.  The caller has appended text_len bytes to table->text for
 * it.  EV_INPUT with a message: more columns than a table may have.
 */
EV_CHECK
enum ev_rc ev_table_add(struct ev_table *table, size_t offset, size_t length,
    size_t text_len, unsigned notes);

/* The row at hand is the header; a second column of one name is NAME#2. */
EV_CHECK
enum ev_rc ev_table_header(struct ev_table *table);
/* There is no header: columns are "1", "2" and so on, as many as cells. */
EV_CHECK
enum ev_rc ev_table_count(struct ev_table *table);

/*
 * Show the row at hand.  One with fewer cells than the header is noted
 * short-row, one with more is set aside.
 */
EV_CHECK
enum ev_rc ev_table_show(struct ev_table *table,
    const struct ev_table_row *row);
/* Set the row aside; it counts as one. */
EV_CHECK
enum ev_rc ev_table_lose(struct ev_table *table, const struct ev_table_row *row,
    const char *reason, const char *message);

#endif
