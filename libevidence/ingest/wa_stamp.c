/* The date and time that a line of a chat begins with, in any locale. */
#include <string.h>
#include <strings.h>

#include "ingest/wa_stamp.h"

struct scan {
	const unsigned char *data;
	size_t len, at;
};

size_t
ev_wa_mark(const unsigned char *p, size_t len)
{
	if (len < 3 || p[0] != 0xe2)
		return 0;
	if (p[1] == 0x80 &&
	    (p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xaa && p[2] <= 0xae)))
		return 3;
	return p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9 ? 3 : 0;
}

/* Blanks, also U+00A0 and U+202F, and direction marks. */
static bool
blanks(struct scan *s)
{
	size_t from = s->at, left, n;
	const unsigned char *p;

	for (;; s->at += n) {
		left = s->len - s->at;
		p = s->data + s->at;
		n = ev_wa_mark(p, left);
		if (n == 0 && left > 0 && (*p == ' ' || *p == '\t'))
			n = 1;
		if (n == 0 && left > 1 && memcmp(p, "\xc2\xa0", 2) == 0)
			n = 2;
		if (n == 0 && left > 2 && memcmp(p, "\xe2\x80\xaf", 3) == 0)
			n = 3;
		if (n == 0)
			return s->at > from;
	}
}

/* A digit of Latin, Arabic, Persian, Devanagari or Bengali writing. */
static int
digit(struct scan *s)
{
	static const struct {
		const char *lead;
		unsigned char zero;
	} sets[] = { { "", '0' }, { "\xd9", 0xa0 }, { "\xdb", 0xb0 },
		{ "\xe0\xa5", 0xa6 }, { "\xe0\xa7", 0xa6 } };
	const unsigned char *p = s->data + s->at;
	size_t i, n;

	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		n = strlen(sets[i].lead);
		if (s->len - s->at <= n ||
		    (n > 0 && memcmp(p, sets[i].lead, n) != 0) ||
		    p[n] < sets[i].zero || p[n] > sets[i].zero + 9)
			continue;
		s->at += n + 1;
		return p[n] - sets[i].zero;
	}
	return -1;
}

/* Digits read, 0: none. */
static int
number(struct scan *s, int *value, int most)
{
	size_t before;
	int digits, d;

	*value = 0;
	for (digits = 0; digits <= most; digits++) {
		before = s->at;
		d = digit(s);
		if (d < 0)
			return digits;
		if (digits == most) {
			s->at = before;
			return 0;
		}
		*value = *value * 10 + d;
	}
	return digits;
}

static bool
take(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if (s->len - s->at < n ||
	    strncasecmp((const char *)s->data + s->at, word, n) != 0)
		return false;
	s->at += n;
	return true;
}

/* Words for the half of the day, before or behind the time. */
static int
half(struct scan *s)
{
	static const char *const am[] = { "a.m.", "a. m.", "a.\xc2\xa0m.",
		"a.\xe2\x80\xafm.", "am", "\xec\x98\xa4\xec\xa0\x84",
		"\xe4\xb8\x8a\xe5\x8d\x88", "\xe5\x8d\x88\xe5\x89\x8d",
		"\xd9\x82.\xd8\xb8.", "\xd9\x82.\xd8\xb8", "\xd8\xb5", NULL };
	static const char *const pm[] = { "p.m.", "p. m.", "p.\xc2\xa0m.",
		"p.\xe2\x80\xafm.", "pm", "\xec\x98\xa4\xed\x9b\x84",
		"\xe4\xb8\x8b\xe5\x8d\x88", "\xe5\x8d\x88\xe5\xbe\x8c",
		"\xd8\xa8.\xd8\xb8.", "\xd8\xa8.\xd8\xb8", "\xd9\x85", NULL };
	int i;

	for (i = 0; am[i] != NULL; i++)
		if (take(s, am[i]))
			return 1;
	for (i = 0; pm[i] != NULL; i++)
		if (take(s, pm[i]))
			return 2;
	return 0;
}

static bool
separator(struct scan *s, char *which)
{
	if (s->at == s->len || strchr("/.-", s->data[s->at]) == NULL ||
	    s->data[s->at] == '\0')
		return false;
	if (*which != '\0' && s->data[s->at] != (unsigned char)*which)
		return false;
	*which = (char)s->data[s->at++];
	blanks(s);
	return true;
}

static bool
read_date(struct scan *s, struct ev_wa_stamp *stamp)
{
	char which = '\0';
	int first, last;

	first = number(s, &stamp->part[0], 4);
	blanks(s);
	if ((first != 1 && first != 2 && first != 4) || !separator(s, &which) ||
	    number(s, &stamp->part[1], 2) == 0)
		return false;
	blanks(s);
	if (!separator(s, &which))
		return false;
	last = number(s, &stamp->part[2], 4);
	stamp->year_first = first == 4;
	if (stamp->year_first ? last != 1 && last != 2 : last != 2 && last != 4)
		return false;
	if (!stamp->year_first && last == 2)
		stamp->part[2] += 2000;
	if (which == '.')
		take(s, ".");
	return true;
}

static bool
read_time(struct scan *s, struct ev_wa_stamp *stamp)
{
	size_t before;

	stamp->half = half(s);
	blanks(s);
	if (number(s, &stamp->hour, 2) == 0 || (!take(s, ":") && !take(s, ".")))
		return false;
	if (number(s, &stamp->minute, 2) != 2)
		return false;
	stamp->second = -1;
	if ((take(s, ":") || take(s, ".")) && number(s, &stamp->second, 2) != 2)
		return false;
	before = s->at;
	blanks(s);
	if (stamp->half == 0)
		stamp->half = half(s);
	if (stamp->half == 0)
		s->at = before;
	return true;
}

bool
ev_wa_stamp_read(struct ev_wa_stamp *stamp, const unsigned char *line,
    size_t len)
{
	struct scan s = { line, len, 0 };
	bool bracket, comma;

	memset(stamp, 0, sizeof(*stamp));
	while (ev_wa_mark(line + s.at, len - s.at) > 0)
		s.at += 3;
	bracket = take(&s, "[");
	stamp->from = s.at;
	if (!read_date(&s, stamp))
		return false;
	comma = take(&s, ",") || take(&s, "\xd8\x8c");
	if (!blanks(&s) && !comma)
		return false;
	if (!read_time(&s, stamp))
		return false;
	stamp->to = s.at;
	blanks(&s);
	if (bracket ? !take(&s, "]") : !take(&s, "-"))
		return false;
	if (s.at < len && line[s.at] != ' ')
		return false;
	s.at += s.at < len;
	stamp->end = s.at;
	return true;
}

static bool
is_month(int month)
{
	return month >= 1 && month <= 12;
}

enum ev_wa_order
ev_wa_stamp_order(const struct ev_wa_stamp *stamp)
{
	if (stamp->year_first ||
	    is_month(stamp->part[0]) == is_month(stamp->part[1]))
		return EV_WA_OPEN;
	return is_month(stamp->part[1]) ? EV_WA_DMY : EV_WA_MDY;
}

static enum ev_rc
put_one(struct ev_buf *out, const struct ev_wa_stamp *stamp, int year,
    int month, int day, struct ev_err *err)
{
	int hour = stamp->hour;
	enum ev_rc rc;

	if (stamp->half != 0 && (hour < 1 || hour > 12))
		return EV_OK;
	if (stamp->half != 0)
		hour = hour % 12 + (stamp->half == 2 ? 12 : 0);
	rc = ev_buf_printf(out, err, "%04d-%02d-%02d %02d:%02d", year, month,
	    day, hour, stamp->minute);
	if (rc == EV_OK && stamp->second >= 0)
		rc = ev_buf_printf(out, err, ":%02d", stamp->second);
	return rc;
}

enum ev_rc
ev_wa_stamp_put(struct ev_buf *out, const struct ev_wa_stamp *stamp,
    enum ev_wa_order order, struct ev_err *err)
{
	const int *part = stamp->part;
	enum ev_wa_order own = ev_wa_stamp_order(stamp);
	enum ev_rc rc;

	if (stamp->year_first)
		return put_one(out, stamp, part[0], part[1], part[2], err);
	if (order == EV_WA_OPEN)
		order = own;
	if (order == EV_WA_MDY)
		return put_one(out, stamp, part[2], part[0], part[1], err);
	rc = put_one(out, stamp, part[2], part[1], part[0], err);
	if (rc != EV_OK || order == EV_WA_DMY || part[0] == part[1])
		return rc;
	rc = ev_buf_putc(out, '|', err);
	return rc == EV_OK ? put_one(out, stamp, part[2], part[0], part[1], err)
			   : rc;
}
