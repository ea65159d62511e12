/* Instants in UTC, parsed strictly, printed one way, with the basis kept. */
#ifndef EVIDENCE_WHEN_H
#define EVIDENCE_WHEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"

/*
 * An instant is a count of microseconds since 1970-01-01T00:00:00Z in an
 * int64_t, leap seconds not counted (second 60 is read as the next second 0).
 * The years are 0001 to 9999.
 */

/* Smallest unit that a text states (captures.md, Time). */
enum ev_when_prec {
	EV_PREC_US,
	EV_PREC_MS,
	EV_PREC_S,
	EV_PREC_MIN,
	EV_PREC_DAY,
	EV_PREC_MONTH,
	EV_PREC_YEAR,
};

enum { EV_WHEN_TEXT = 40 }; /* room for any printed instant */

/* YYYY-MM-DDThh:mm:ss[.mmm|.mmmmmm]Z: the fraction as prec says. */
void ev_when_print(char text[EV_WHEN_TEXT], int64_t us, enum ev_when_prec prec);

/* RFC 3339 with a zone, nothing before or behind; prec may be NULL. */
bool ev_when_parse(int64_t *us, enum ev_when_prec *prec, const char *text,
    size_t len);

/* A calendar date to an instant; false for an impossible one. */
bool ev_when_civil(int64_t *us, int year, int month, int day, int hour,
    int minute, int second, int micro);

/*
 * What the clock says: wall time, microseconds since boot, and whether the
 * kernel calls the clock synchronised (adjtimex).  In test builds EV_NOW (an
 * RFC 3339 instant) fixes the wall time and sets boot to 0, synced to false.
 */
struct ev_clock {
	int64_t wall_us;
	int64_t boot_us;
	bool synced;
	int64_t asked_us; /* when synced was asked for, since boot */
};
EV_CHECK
enum ev_rc ev_when_now(struct ev_clock *clock, struct ev_err *err);
/*
 * The same over a clock that was read before, or zeroed: the kernel, which is
 * slow to answer, is asked for synced once in a second.
 */
EV_CHECK
enum ev_rc ev_when_again(struct ev_clock *clock, struct ev_err *err);

#endif
