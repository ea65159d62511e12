/* Instants in UTC, parsed strictly, printed one way, with the basis kept. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

#include "evidence/when.h"

enum {
	DAYS_4 = 4 * 365 + 1, /* with their leap day */
	DAYS_100 = 25 * DAYS_4 - 1,
	DAYS_400 = 4 * DAYS_100 + 1,
	EPOCH_DAY = 719162, /* 1970-01-01, counted from 0001-01-01 */
	LAST_DAY = 3652058, /* 9999-12-31, counted so */
	DAY_SECONDS = 86400,
	MICRO = 1000000,
	DATE_TEXT = 19, /* YYYY-MM-DDThh:mm:ss */
};

/* Days of a common year before each month, and of the year. */
static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304,
	334, 365 };

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days before the month, of 1 to 13. */
static int
days_before(int year, int month)
{
	return before[month - 1] + (month > 2 && is_leap(year) ? 1 : 0);
}

bool
ev_when_civil(int64_t *us, int year, int month, int day, int hour, int minute,
    int second, int micro)
{
	int64_t days, seconds;
	int y;

	if (year < 1 || year > 9999 || month < 1 || month > 12)
		return false;
	if (day < 1 ||
	    day > days_before(year, month + 1) - days_before(year, month))
		return false;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return false;
	if (second < 0 || second > 60 || micro < 0 || micro >= MICRO)
		return false;
	y = year - 1;
	days = (int64_t)y * 365 + y / 4 - y / 100 + y / 400;
	days += days_before(year, month) + day - 1;
	seconds = ((int64_t)hour * 60 + minute) * 60 + second;
	seconds += (days - EPOCH_DAY) * DAY_SECONDS;
	if (seconds >= (int64_t)(LAST_DAY + 1 - EPOCH_DAY) * DAY_SECONDS)
		return false;
	*us = seconds * MICRO + micro;
	return true;
}

/* The year, month and day of a day counted from 0001-01-01. */
static void
civil_of(int64_t days, int *year, int *month, int *day)
{
	int n = (int)days;
	int y, k;

	y = 400 * (n / DAYS_400) + 1;
	n %= DAYS_400;
	/* The last year of each period is longer: 4 would be one too many. */
	k = n / DAYS_100 > 3 ? 3 : n / DAYS_100;
	y += 100 * k;
	n -= k * DAYS_100;
	y += 4 * (n / DAYS_4);
	n %= DAYS_4;
	k = n / 365 > 3 ? 3 : n / 365;
	y += k;
	n -= k * 365;
	*year = y;
	for (*month = 12; days_before(y, *month) > n; (*month)--)
		continue;
	*day = n - days_before(y, *month) + 1;
}

static char *
put_digits(char *to, int value, int count)
{
	int i;

	for (i = count - 1; i >= 0; i--) {
		to[i] = (char)('0' + value % 10);
		value /= 10;
	}
	return to + count;
}

static char *
put_date(char *to, int year, int month, int day)
{
	to = put_digits(to, year, 4);
	*to++ = '-';
	to = put_digits(to, month, 2);
	*to++ = '-';
	return put_digits(to, day, 2);
}

static char *
put_time(char *to, int second)
{
	to = put_digits(to, second / 3600, 2);
	*to++ = ':';
	to = put_digits(to, second / 60 % 60, 2);
	*to++ = ':';
	return put_digits(to, second % 60, 2);
}

void
ev_when_print(char text[EV_WHEN_TEXT], int64_t us, enum ev_when_prec prec)
{
	const int64_t day_us = (int64_t)DAY_SECONDS * MICRO;
	int64_t days = us / day_us, rest = us % day_us;
	int year, month, day, micro;
	char *to;

	if (rest < 0) {
		rest += day_us;
		days--;
	}
	days += EPOCH_DAY;
	if (days < 0 || days > LAST_DAY) {
		(void)snprintf(text, EV_WHEN_TEXT, "out of range: %jd us",
		    (intmax_t)us);
		return;
	}
	civil_of(days, &year, &month, &day);
	to = put_date(text, year, month, day);
	*to++ = 'T';
	to = put_time(to, (int)(rest / MICRO));
	micro = (int)(rest % MICRO);
	if (prec == EV_PREC_US || prec == EV_PREC_MS)
		*to++ = '.';
	if (prec == EV_PREC_US)
		to = put_digits(to, micro, 6);
	else if (prec == EV_PREC_MS)
		to = put_digits(to, micro / 1000, 3);
	*to++ = 'Z';
	*to = '\0';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The number of exactly count digits, or -1. */
static int
digits(const char *text, int count)
{
	int value = 0, i;

	for (i = 0; i < count; i++) {
		if (!is_digit(text[i]))
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

/*
 * time-secfrac at text: micros cut, not rounded, so that an instant never
 * moves into the next second.  The bytes used, 0 if it is none.
 */
static size_t
fraction(int *micro, enum ev_when_prec *prec, const char *text, size_t len)
{
	size_t i;
	int unit = MICRO / 10;

	*micro = 0;
	for (i = 1; i < len && is_digit(text[i]); i++) {
		*micro += unit * (text[i] - '0');
		unit /= 10;
	}
	*prec = i <= 4 ? EV_PREC_MS : EV_PREC_US;
	return i > 1 ? i : 0;
}

/* time-offset, the whole of text; -00:00 is UTC too (RFC 3339, 4.3). */
static bool
zone(int *minutes, const char *text, size_t len)
{
	int hour, minute;

	*minutes = 0;
	if (len == 1)
		return text[0] == 'Z' || text[0] == 'z';
	if (len != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
		return false;
	hour = digits(text + 1, 2);
	minute = digits(text + 4, 2);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59)
		return false;
	*minutes = (hour * 60 + minute) * (text[0] == '-' ? -1 : 1);
	return true;
}

bool
ev_when_parse(int64_t *us, enum ev_when_prec *prec, const char *text,
    size_t len)
{
	const int64_t first = -(int64_t)EPOCH_DAY * DAY_SECONDS * MICRO;
	const int64_t end =
	    (int64_t)(LAST_DAY + 1 - EPOCH_DAY) * DAY_SECONDS * MICRO;
	enum ev_when_prec unit = EV_PREC_S;
	size_t at = DATE_TEXT, used;
	int micro = 0, minutes;
	int64_t when;

	if (len <= DATE_TEXT || text[4] != '-' || text[7] != '-' ||
	    (text[10] != 'T' && text[10] != 't') || text[13] != ':' ||
	    text[16] != ':')
		return false;
	if (text[at] == '.') {
		used = fraction(&micro, &unit, text + at, len - at);
		if (used == 0)
			return false;
		at += used;
	}
	if (!zone(&minutes, text + at, len - at))
		return false;
	if (!ev_when_civil(&when, digits(text, 4), digits(text + 5, 2),
		digits(text + 8, 2), digits(text + 11, 2), digits(text + 14, 2),
		digits(text + 17, 2), micro))
		return false;
	when -= (int64_t)minutes * 60 * MICRO;
	if (when < first || when >= end)
		return false;
	/* A leap second ends a day of UTC (RFC 3339, 5.7). */
	if (digits(text + 17, 2) == 60 &&
	    (when - micro) % ((int64_t)DAY_SECONDS * MICRO) != 0)
		return false;
	*us = when;
	if (prec != NULL)
		*prec = unit;
	return true;
}

static int64_t
micros(const struct timespec *ts)
{
	return (int64_t)ts->tv_sec * MICRO + ts->tv_nsec / 1000;
}

/* Where the kernel does not say, the clock is not known to be right. */
static bool
is_synced(void)
{
	struct timex tx;
	int state;

	memset(&tx, 0, sizeof(tx));
	state = adjtimex(&tx);
	return state >= 0 && state != TIME_ERROR &&
	       (tx.status & STA_UNSYNC) == 0;
}

enum ev_rc
ev_when_now(struct ev_clock *clock, struct ev_err *err)
{
	memset(clock, 0, sizeof(*clock));
	return ev_when_again(clock, err);
}

enum ev_rc
ev_when_again(struct ev_clock *clock, struct ev_err *err)
{
	struct timespec wall, boot;
#ifdef EV_TEST_HOOKS
	const char *now = getenv("EV_NOW");

	if (now != NULL) {
		memset(clock, 0, sizeof(*clock));
		if (!ev_when_parse(&clock->wall_us, NULL, now, strlen(now)))
			return ev_fail(err, EV_USE,
			    "EV_NOW is no RFC 3339 instant");
		return EV_OK;
	}
#endif
	if (clock_gettime(CLOCK_REALTIME, &wall) < 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &boot) < 0)
		return ev_fail_sys(err, "cannot read the clock");
	clock->wall_us = micros(&wall);
	clock->boot_us = micros(&boot);
	if (clock->asked_us == 0 || clock->boot_us - clock->asked_us >= MICRO) {
		clock->synced = is_synced();
		clock->asked_us = clock->boot_us;
	}
	return EV_OK;
}
