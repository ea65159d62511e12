/* The date and time that a line of a chat begins with, in any locale. */
#ifndef EV_INGEST_WA_STAMP_H
#define EV_INGEST_WA_STAMP_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/buf.h"
#include "evidence/err.h"

struct ev_wa_stamp {
	int part[3];              /* as they stand: day, month and year */
	bool year_first;          /* the first has four digits */
	int hour, minute, second; /* second -1: none */
	int half;                 /* 0: 24 hours, 1: before noon, 2: after */
	size_t from, to;          /* where it stands in the line */
	size_t end;               /* where what it stamps begins */
};

enum ev_wa_order { EV_WA_OPEN, EV_WA_DMY, EV_WA_MDY };

/* False: the line begins with none. */
bool ev_wa_stamp_read(struct ev_wa_stamp *stamp, const unsigned char *line,
    size_t len);

/* Which order the stamp alone allows; EV_WA_OPEN: both, or it has none. */
enum ev_wa_order ev_wa_stamp_order(const struct ev_wa_stamp *stamp);

/*
 * "2017-03-06 00:45:10"; of an order that is open both readings, parted by
 * "|".  Nothing is put for a date or time that is none.
 */
EV_CHECK
enum ev_rc ev_wa_stamp_put(struct ev_buf *out, const struct ev_wa_stamp *stamp,
    enum ev_wa_order order, struct ev_err *err);

/* Bytes of a direction mark at p (U+200E, 200F, 202A to 202E, 2066 to 2069). */
size_t ev_wa_mark(const unsigned char *p, size_t len);

#endif
