/* Facts into the tables of a case, and out of them again. */
#ifndef EV_INGEST_FACT_ROWS_H
#define EV_INGEST_FACT_ROWS_H

#include "ingest/fact.h"
#include "store/db.h"

/*
 * A fact is a row of fact, one of the table of its kind, and one of fact_time
 * for each time column (schema/002-facts.sql).  Statements are prepared once
 * for each kind; a loaded fact borrows from them.
 */
struct ev_fact_rows;

/* db is borrowed. */
EV_CHECK
enum ev_rc ev_fact_rows_new(struct ev_fact_rows **rows, struct ev_db *db,
    struct ev_err *err);
void ev_fact_rows_free(struct ev_fact_rows *rows);

/* Row numbers: of the fact, and of what it comes from. */
struct ev_fact_place {
	int64_t fact;
	int64_t reading;
	int64_t artifact;
	int64_t mapping; /* row of the table mapping, not the index in a set */
};

/* Insert, within a transaction of the caller. */
EV_CHECK
enum ev_rc ev_fact_rows_put(struct ev_fact_rows *rows,
    const struct ev_fact_place *place, const struct ev_fact *fact,
    struct ev_err *err);

/* A fact read back.  Its member mapping, an index in a set, is -1. */
struct ev_fact_row {
	struct ev_fact_place place;
	struct ev_fact fact;
	struct ev_fact_origin origin;
};

/* Borrowed until the next get.  EV_EOF: there is no such fact. */
EV_CHECK
enum ev_rc ev_fact_rows_get(struct ev_fact_rows *rows, int64_t id,
    struct ev_fact_row *row, struct ev_err *err);

/* The two statements of a kind: its columns in order, behind the number. */
struct ev_fact_sql {
	const char *insert, *select;
};
extern const struct ev_fact_sql ev_fact_sql[EV_KINDS];

#endif
