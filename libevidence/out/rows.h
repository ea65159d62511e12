/* A query's rows as rows of a table: every list is written this way. */
#ifndef EV_OUT_ROWS_H
#define EV_OUT_ROWS_H

#include "evidence/table.h"
#include "store/db.h"

/* Columns in short: text of evidence, word, number; H: hidden unless named. */
#define EV_T(n)                         \
	{                               \
		n, EV_TABLE_TEXT, false \
	}
#define EV_W(n)                         \
	{                               \
		n, EV_TABLE_WORD, false \
	}
#define EV_N(n)                           \
	{                                 \
		n, EV_TABLE_NUMBER, false \
	}
#define EV_HT(n)                       \
	{                              \
		n, EV_TABLE_TEXT, true \
	}
#define EV_HW(n)                       \
	{                              \
		n, EV_TABLE_WORD, true \
	}
#define EV_HN(n)                         \
	{                                \
		n, EV_TABLE_NUMBER, true \
	}

/*
 * Write what is left of st into t.  how has a letter for each column: t text
 * of evidence, w word, i number, h bytes in hex, or the letter of a typed id
 * in upper case ('E' makes 1 to E000001).  NULL leaves the cell empty.
 */
EV_CHECK
enum ev_rc ev_rows_write(struct ev_table *t, struct ev_stmt *st,
    const char *how, struct ev_err *err);

#endif
