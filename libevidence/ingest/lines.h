/* Exhibits, artifacts and readings as the lines whose roots the log holds. */
#ifndef EV_INGEST_LINES_H
#define EV_INGEST_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"
#include "store/db.h"

/*
 * Each list that enters the log by count and root (case/custody.h, struct
 * ev_list) is made of the lines that these functions give, in their order,
 * and so are the .jsonl files of a bundle (evidence-bundle(5)):
 *
 *	exhibits I000001   the exhibits of an acquisition, by number
 *	artifacts I000001  their artifacts, by number
 *	readings 42        the readings that entry 42 (action read) counts
 *	facts 42           the facts of those readings, by number
 *
 * The first two enter with the entry copy of the acquisition, the others with
 * the entry read.  A line is canonical JSON.  A name that is not UTF-8 stands
 * as member_hex or name_hex.
 */
typedef enum ev_rc ev_line_fn(void *ctx, const void *line, size_t len,
    struct ev_err *err);

EV_CHECK
enum ev_rc ev_lines_exhibits(struct ev_db *db, int64_t acquisition,
    ev_line_fn *line, void *ctx, struct ev_err *err);
EV_CHECK
enum ev_rc ev_lines_artifacts(struct ev_db *db, int64_t acquisition,
    ev_line_fn *line, void *ctx, struct ev_err *err);
/* entry is that of the rows; it may be set before the log has it. */
EV_CHECK
enum ev_rc ev_lines_readings(struct ev_db *db, int64_t entry, ev_line_fn *line,
    void *ctx, struct ev_err *err);
EV_CHECK
enum ev_rc ev_lines_facts(struct ev_db *db, int64_t entry, ev_line_fn *line,
    void *ctx, struct ev_err *err);
/* Of the whole readings from first on that no entry counts yet. */
EV_CHECK
enum ev_rc ev_lines_facts_to_come(struct ev_db *db, int64_t first,
    ev_line_fn *line, void *ctx, struct ev_err *err);

#endif
