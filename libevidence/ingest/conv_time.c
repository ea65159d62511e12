/* Times as platforms write them, with what they say of their zone. */
#include <string.h>
#include <strings.h>

#include "evidence/when.h"
#include "ingest/conv_time.h"

static const int64_t SECOND = 1000000;
static const int64_t MINUTE = 60 * (int64_t)1000000;
static const int64_t HOUR = 3600 * (int64_t)1000000;
static const int64_t DAY = 86400 * (int64_t)1000000;
static const int64_t FIRST = -62135596800000000; /* 0001-01-01 */
static const int64_t LAST = 253402300799999999;  /* 9999-12-31 */
static const int64_t YEAR_1990 = 631152000000000;

enum zone { ZONE_NONE, ZONE_UTC, ZONE_OFFSET, ZONE_ABBREV };

/* What of a date has been read. */
struct date {
	const char *p, *end;
	bool bad;
	int year, month, day, hour, minute, second, micro;
	int weekday; /* 0 Sunday; -1 none */
	enum ev_when_prec prec;
	enum zone zone;
	int offset; /* minutes east */
};

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char days[] = "SunMonTueWedThuFriSat";

static bool
at_digit(const struct date *d)
{
	return d->p < d->end && *d->p >= '0' && *d->p <= '9';
}

/* From least to most digits. */
static int
number(struct date *d, int least, int most)
{
	int value = 0, digits = 0;

	while (digits < most && at_digit(d)) {
		value = value * 10 + (*d->p++ - '0');
		digits++;
	}
	if (digits < least)
		d->bad = true;
	return value;
}

static bool
take(struct date *d, char c)
{
	if (d->p == d->end || *d->p != c)
		return false;
	d->p++;
	return true;
}

static void
expect(struct date *d, char c)
{
	if (!take(d, c))
		d->bad = true;
}

static bool
take_word(struct date *d, const char *word)
{
	size_t len = strlen(word);

	if ((size_t)(d->end - d->p) < len || memcmp(d->p, word, len) != 0)
		return false;
	d->p += len;
	return true;
}

/* One of a list of names of three letters: its index, or -1. */
static int
take_name(struct date *d, const char *names)
{
	const char *name;

	if (d->end - d->p < 3)
		return -1;
	for (name = names; *name != '\0'; name += 3)
		if (strncasecmp(d->p, name, 3) == 0) {
			d->p += 3;
			return (int)((name - names) / 3);
		}
	return -1;
}

static void
month_name(struct date *d)
{
	d->month = take_name(d, months) + 1;
	if (d->month == 0)
		d->bad = true;
}

/* hh:mm[:ss[.fraction]] */
static void
clock_time(struct date *d, bool seconds)
{
	int digits = 0, micro = 0;

	d->hour = number(d, 1, 2);
	expect(d, ':');
	d->minute = number(d, 2, 2);
	d->prec = EV_PREC_MIN;
	if (!take(d, ':')) {
		d->bad = d->bad || seconds;
		return;
	}
	d->second = number(d, 2, 2);
	d->prec = EV_PREC_S;
	if (!take(d, '.'))
		return;
	for (; at_digit(d) && digits < 9; d->p++, digits++)
		if (digits < 6)
			micro = micro * 10 + (*d->p - '0');
	if (digits == 0)
		d->bad = true;
	d->prec = digits <= 3 ? EV_PREC_MS : EV_PREC_US;
	for (; digits < 6; digits++)
		micro *= 10;
	d->micro = micro;
}

/* ±hh, ±hhmm, ±hh:mm */
static bool
take_offset(struct date *d)
{
	bool west = d->p < d->end && *d->p == '-';
	int hours, minutes = 0;

	if (!take(d, '+') && !take(d, '-'))
		return false;
	hours = number(d, 2, 2);
	if (take(d, ':') || at_digit(d))
		minutes = number(d, 2, 2);
	if (hours > 14 || minutes > 59)
		d->bad = true;
	d->offset = (west ? -1 : 1) * (60 * hours + minutes);
	d->zone = d->offset == 0 ? ZONE_UTC : ZONE_OFFSET;
	return true;
}

/*
 * Z, UTC, GMT, UT, a numeric offset, both, or two to five capital letters,
 * which may mean several zones.  Nothing leaves the zone open.
 */
static void
zone(struct date *d)
{
	const char *from = d->p;

	if (take_offset(d))
		return;
	if (take_word(d, "UTC") || take_word(d, "GMT") || take_word(d, "UT") ||
	    take_word(d, "Z")) {
		if (d->p < d->end && *d->p >= 'A' && *d->p <= 'Z') {
			d->p = from;
		} else {
			d->zone = ZONE_UTC;
			if (d->p + 1 < d->end && d->p[0] == ' ' &&
			    (d->p[1] == '+' || d->p[1] == '-'))
				d->p++;
			take_offset(d);
			return;
		}
	}
	while (d->p < d->end && *d->p >= 'A' && *d->p <= 'Z')
		d->p++;
	if (d->p - from >= 2 && d->p - from <= 5)
		d->zone = ZONE_ABBREV;
	else
		d->p = from;
}

static void
ymd(struct date *d, char sep)
{
	d->year = number(d, 4, 4);
	if (sep != '\0')
		expect(d, sep);
	d->month = number(d, 2, 2);
	if (sep != '\0')
		expect(d, sep);
	d->day = number(d, 2, 2);
	d->prec = EV_PREC_DAY;
}

static void
read_iso(struct date *d, bool whole)
{
	d->year = number(d, 4, 4);
	d->prec = EV_PREC_YEAR;
	d->month = d->day = 1;
	if (!whole && d->p == d->end)
		return;
	expect(d, '-');
	d->month = number(d, 2, 2);
	d->prec = EV_PREC_MONTH;
	if (!whole && d->p == d->end)
		return;
	expect(d, '-');
	d->day = number(d, 2, 2);
	d->prec = EV_PREC_DAY;
	if (!whole && d->p == d->end)
		return;
	if (!take(d, 'T'))
		expect(d, ' ');
	clock_time(d, whole);
	take(d, ' ');
	zone(d);
}

/* Wed Aug 30 22:20:03 +0000 2023; the zone may be a word or missing. */
static void
read_ctime(struct date *d)
{
	/* One column may hold both forms. */
	if (at_digit(d)) {
		read_iso(d, true);
		return;
	}
	d->weekday = take_name(d, days);
	if (d->weekday < 0)
		d->bad = true;
	expect(d, ' ');
	month_name(d);
	expect(d, ' ');
	take(d, ' ');
	d->day = number(d, 1, 2);
	expect(d, ' ');
	clock_time(d, true);
	expect(d, ' ');
	if (!at_digit(d)) {
		zone(d);
		expect(d, ' ');
	}
	d->year = number(d, 4, 4);
}

/* hh:mm:ssAM, with 12 AM as the first hour of the day. */
static void
half_day(struct date *d)
{
	bool pm;

	take(d, ' ');
	pm = take_word(d, "PM") || take_word(d, "pm");
	if (!pm && !take_word(d, "AM") && !take_word(d, "am"))
		return;
	if (d->hour < 1 || d->hour > 12)
		d->bad = true;
	d->hour = d->hour % 12 + (pm ? 12 : 0);
}

static void
read_dmy12(struct date *d)
{
	bool bracket;

	d->day = number(d, 1, 2);
	expect(d, '/');
	d->month = number(d, 1, 2);
	expect(d, '/');
	d->year = number(d, 4, 4);
	expect(d, ' ');
	clock_time(d, false);
	half_day(d);
	take(d, ' ');
	bracket = take(d, '(');
	zone(d);
	if (bracket)
		expect(d, ')');
}

static void
read_us(struct date *d)
{
	d->month = number(d, 1, 2);
	expect(d, '/');
	d->day = number(d, 1, 2);
	expect(d, '/');
	d->year = number(d, 4, 4);
	d->prec = EV_PREC_DAY;
	if (d->p == d->end)
		return;
	expect(d, ' ');
	clock_time(d, false);
	half_day(d);
	take(d, ' ');
	zone(d);
}

static void
read_dmy_dots(struct date *d)
{
	d->day = number(d, 2, 2);
	expect(d, '.');
	d->month = number(d, 2, 2);
	expect(d, '.');
	d->year = number(d, 4, 4);
	expect(d, ' ');
	clock_time(d, true);
	take(d, ' ');
	zone(d);
}

/* RFC 5322, 3.3; a comment behind the zone is passed over. */
static void
read_mail(struct date *d)
{
	d->weekday = take_name(d, days);
	if (d->weekday >= 0) {
		expect(d, ',');
		expect(d, ' ');
	}
	take(d, ' ');
	d->day = number(d, 1, 2);
	expect(d, ' ');
	month_name(d);
	expect(d, ' ');
	d->year = number(d, 4, 4);
	expect(d, ' ');
	clock_time(d, false);
	take(d, ' ');
	zone(d);
	if (take_word(d, " (") && d->end[-1] == ')')
		d->p = d->end;
}

static void
read_form(struct date *d, enum ev_time_form form)
{
	switch (form) {
	case EV_FORM_ISO:
	case EV_FORM_YMDHMS:
		read_iso(d, form == EV_FORM_YMDHMS);
		return;
	case EV_FORM_CTIME:
		read_ctime(d);
		return;
	case EV_FORM_DMY12:
		read_dmy12(d);
		return;
	case EV_FORM_DMY_DOTS:
		read_dmy_dots(d);
		return;
	case EV_FORM_YMD_DOTS:
		ymd(d, '.');
		return;
	case EV_FORM_YMD8:
		ymd(d, '\0');
		return;
	case EV_FORM_US:
		read_us(d);
		return;
	case EV_FORM_MAIL:
		read_mail(d);
		return;
	}
}

static int64_t
unit(enum ev_when_prec prec)
{
	switch (prec) {
	case EV_PREC_US:
		return 1;
	case EV_PREC_MS:
		return 1000;
	case EV_PREC_S:
		return SECOND;
	case EV_PREC_MIN:
		return 60 * SECOND;
	case EV_PREC_DAY:
		return DAY;
	case EV_PREC_MONTH:
		return 31 * DAY;
	case EV_PREC_YEAR:
		break;
	}
	return 366 * DAY;
}

static int64_t
clamp(int64_t us)
{
	return us < FIRST ? FIRST : us > LAST ? LAST : us;
}

/*
 * The instant is the wall time less its offset; what is cut off a text may be
 * a whole unit, and whether a program cut or rounded is not known.
 */
static void
set_bounds(struct ev_fact_time *time, int64_t us)
{
	bool vague = time->basis > EV_BASIS_UTC_DECLARED;

	time->lo = time->prec >= EV_PREC_DAY ? us : us - unit(time->prec);
	time->hi = us + unit(time->prec);
	if (vague) {
		time->lo -= 14 * HOUR;
		time->hi += 12 * HOUR;
	}
	time->lo = clamp(time->lo);
	time->hi = clamp(time->hi);
	time->has_utc =
	    time->basis <= EV_BASIS_UTC_CONVENTION && us >= FIRST && us <= LAST;
	time->utc = time->has_utc ? us : 0;
}

bool
ev_conv_zone(const char *word, enum ev_basis *basis)
{
	static const enum ev_basis may[] = { EV_BASIS_UTC_DECLARED,
		EV_BASIS_UTC_CONVENTION, EV_BASIS_EXPORTER_LOCAL,
		EV_BASIS_NAIVE };
	size_t i;

	for (i = 0; i < sizeof(may) / sizeof(may[0]); i++)
		if (strcmp(ev_basis_name(may[i]), word) == 0) {
			if (basis != NULL)
				*basis = may[i];
			return true;
		}
	return false;
}

static enum ev_basis
basis_of(const struct date *d, const char *word)
{
	enum ev_basis basis = EV_BASIS_NAIVE;

	switch (d->zone) {
	case ZONE_UTC:
		return EV_BASIS_UTC_EXPLICIT;
	case ZONE_OFFSET:
		return EV_BASIS_OFFSET_EXPLICIT;
	case ZONE_ABBREV:
		return EV_BASIS_ABBREV;
	case ZONE_NONE:
		break;
	}
	if (word != NULL)
		ev_conv_zone(word, &basis);
	return basis;
}

static bool
read_date(struct date *d, int64_t *us, enum ev_time_form form,
    const struct ev_value_in *in)
{
	memset(d, 0, sizeof(*d));
	d->p = in->text;
	d->end = in->text + in->len;
	while (d->p < d->end && d->end[-1] == ' ')
		d->end--;
	while (d->p < d->end && *d->p == ' ')
		d->p++;
	d->weekday = -1;
	d->prec = EV_PREC_DAY;
	read_form(d, form);
	return !d->bad && d->p == d->end &&
	       ev_when_civil(us, d->year, d->month, d->day, d->hour, d->minute,
		   d->second, d->micro);
}

/* Does a leap second end at this midnight (IERS Bulletin C)? */
static bool
is_leap_second(int64_t us)
{
	/* Months since January 1972. */
	static const int16_t ends[] = { 6, 12, 24, 36, 48, 60, 72, 84, 96, 114,
		126, 138, 162, 192, 216, 228, 246, 258, 270, 288, 306, 324, 408,
		444, 486, 522, 540 };
	int64_t end = 0;
	size_t i;

	for (i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (ev_when_civil(&end, 1972 + ends[i] / 12, 1 + ends[i] % 12,
			1, 0, 0, 0, 0) &&
		    us >= end && us < end + SECOND)
			return true;
	return false;
}

enum ev_rc
ev_conv_time(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	struct ev_fact_time *time = &out->time;
	struct date d;
	int64_t us, day;

	(void)err;
	if (!read_date(&d, &us, (enum ev_time_form)conv->info->variant, in))
		return EV_EOF;
	if (d.second == 60 && !is_leap_second(us - d.offset * MINUTE))
		return EV_EOF;
	/* 1970-01-01 was a Thursday. */
	day = (us - FIRST) / DAY + FIRST / DAY;
	if (d.weekday >= 0 && d.weekday != (int)(((day + 4) % 7 + 7) % 7))
		ev_conv_note(out, "weekday-differs");
	time->prec = d.prec;
	time->basis = basis_of(&d, conv->arg_count > 0 ? conv->arg[0] : NULL);
	set_bounds(time, us - d.offset * MINUTE);
	if (us < YEAR_1990)
		ev_conv_note(out, "implausible");
	return EV_OK;
}

/*
 * A time of a chat's line, as its reader puts it: one reading, or two parted
 * by "|" where the order of day and month is open.
 */
enum ev_rc
ev_conv_either(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	const char *bar = memchr(in->text, '|', in->len);
	struct ev_value_in part = { NULL, in->text, in->len };
	struct ev_fact_time *time = &out->time, first;
	enum ev_rc rc;

	if (bar != NULL)
		part.len = (size_t)(bar - in->text);
	rc = ev_conv_time(conv, &part, out, err);
	if (bar == NULL || rc != EV_OK)
		return rc;
	first = *time;
	part.text = bar + 1;
	part.len = in->len - part.len - 1;
	rc = ev_conv_time(conv, &part, out, err);
	if (rc != EV_OK)
		return rc;
	/* The second one stands in the middle of its bounds, as any does. */
	time->has_alt = true;
	time->alt = time->hi - 12 * HOUR - unit(time->prec);
	if (first.lo < time->lo)
		time->lo = first.lo;
	if (first.hi > time->hi)
		time->hi = first.hi;
	time->basis = EV_BASIS_AMBIGUOUS;
	time->has_utc = false;
	time->utc = 0;
	return EV_OK;
}

/* variant: the power of ten by which the count is finer than seconds. */
enum ev_rc
ev_conv_epoch(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	struct ev_fact_time *time = &out->time;
	const char *p = in->text, *end = in->text + in->len;
	int power = conv->info->variant, digits = 0;
	bool minus, fraction = false;
	int64_t us = 0;

	(void)err;
	minus = p < end && *p == '-';
	for (p += minus ? 1 : 0; p < end; p++) {
		if (*p == '.' && !fraction && digits > 0 && power == 0) {
			fraction = true;
			continue;
		}
		if (*p < '0' || *p > '9' || ++digits > 18)
			return EV_EOF;
		if (fraction && power++ == 6)
			return EV_EOF;
		us = us * 10 + (*p - '0');
	}
	if (digits == 0 || (fraction && power == 0))
		return EV_EOF;
	time->prec = power == 0   ? EV_PREC_S
		     : power <= 3 ? EV_PREC_MS
				  : EV_PREC_US;
	for (; power < 6; power++)
		if (__builtin_mul_overflow(us, (int64_t)10, &us))
			return EV_EOF;
	if (us == 0) {
		ev_conv_note(out, "zero-time");
		return EV_EOF;
	}
	us = minus ? -us : us;
	if (us < FIRST || us > LAST)
		return EV_EOF;
	time->basis = EV_BASIS_EPOCH;
	set_bounds(time, us);
	if (us < YEAR_1990)
		ev_conv_note(out, "implausible");
	return EV_OK;
}
