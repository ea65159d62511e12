/* Whole paths against patterns, and what each star took. */
#include <stdint.h>
#include <string.h>

#include "ingest/glob.h"

enum {
	STARS = 16,
	PATH_LIMIT = 8192, /* longer names match nothing */
	WORDS = PATH_LIMIT / 64 + 1,
};

struct star {
	const char *next; /* the pattern behind it */
	size_t from, to;  /* what it takes of the path */
	bool deep;        /* crosses "/" */
};

/*
 * "As little as it can, from the left" is the first success of a backtracking
 * search.  Whether the pattern behind a star matches the path from a place on
 * does not depend on how the search got there: a place that was tried once is
 * not tried again, which bounds the time.
 */
struct matcher {
	const char *path;
	size_t len;
	size_t depth, seen; /* stars at work; stars with a cleared row */
	struct star star[STARS];
	uint64_t tried[STARS][WORDS];
};

/* One class, *p behind its "[" and left behind its "]". */
static bool
in_class(const char **p, unsigned char c)
{
	unsigned char low, high;
	bool hit = false;

	do {
		low = (unsigned char)*(*p)++;
		high = low;
		if ((*p)[0] == '-' && (*p)[1] != ']') {
			high = (unsigned char)(*p)[1];
			*p += 2;
		}
		hit = hit || (c >= low && c <= high);
	} while (**p != ']');
	(*p)++;
	return hit && c != '/';
}

/* Does one pattern character take this byte?  *p moves behind it. */
static bool
take_one(const char **p, unsigned char c)
{
	if (**p == '?') {
		(*p)++;
		return c != '/' && (c & 0xc0) != 0x80;
	}
	if (**p == '[') {
		(*p)++;
		return in_class(p, c);
	}
	return (unsigned char)*(*p)++ == c;
}

static void
push(struct matcher *m, const char **p, size_t at)
{
	struct star *star = &m->star[m->depth];

	if (m->depth == m->seen)
		memset(m->tried[m->seen++], 0, (m->len / 64 + 1) * 8);
	m->depth++;
	star->deep = (*p)[1] == '*';
	*p += star->deep ? 2 : 1;
	star->next = *p;
	star->from = at;
	star->to = at;
}

/* Is this the first time that the innermost star ends where it does? */
static bool
first_time(struct matcher *m)
{
	size_t to = m->star[m->depth - 1].to;
	uint64_t *word = &m->tried[m->depth - 1][to / 64];
	uint64_t bit = (uint64_t)1 << (to % 64);

	if ((*word & bit) != 0)
		return false;
	*word |= bit;
	return true;
}

/* On to where the byte behind the star stands: it can end nowhere before. */
static void
pass_over(const struct matcher *m, struct star *star)
{
	const char c = *star->next;

	if (c == '\0' || c == '*' || c == '?' || c == '[')
		return;
	while (star->to < m->len && m->path[star->to] != c &&
	       (star->deep || m->path[star->to] != '/'))
		star->to++;
}

/*
 * Let the innermost star that can still do so end one byte later.  An end
 * that was tried before has been widened to all later ones then, too.
 */
static bool
widen(struct matcher *m, const char **p, size_t *at)
{
	struct star *star;

	while (m->depth > 0) {
		star = &m->star[m->depth - 1];
		if (star->to < m->len &&
		    (star->deep || m->path[star->to] != '/')) {
			star->to++;
			pass_over(m, star);
			if (first_time(m)) {
				*p = star->next;
				*at = star->to;
				return true;
			}
		}
		m->depth--;
	}
	return false;
}

static bool
run(struct matcher *m, const char *p)
{
	size_t at = 0;
	bool ok;

	for (;;) {
		if (*p == '*') {
			push(m, &p, at);
			ok = first_time(m);
			m->depth -= ok ? 0 : 1;
		} else if (*p == '\0') {
			if (at == m->len)
				return true;
			ok = false;
		} else {
			ok = at < m->len &&
			     take_one(&p, (unsigned char)m->path[at++]);
			/* The rest of a character that "?" has taken. */
			while (ok && p[-1] == '?' && at < m->len &&
			       (m->path[at] & 0xc0) == 0x80)
				at++;
		}
		if (!ok && !widen(m, &p, &at))
			return false;
	}
}

static void
put_captures(const struct matcher *m, struct ev_capture *capture, size_t *count,
    size_t first)
{
	size_t i;

	for (i = 0; i < m->depth && i + first < EV_GLOB_CAPTURES; i++) {
		capture[i + first].offset = m->star[i].from;
		capture[i + first].len = m->star[i].to - m->star[i].from;
		*count = i + first + 1;
	}
}

/* What follows the last star, "?" or class can only be the path's end. */
static bool
ends_alike(const char *pattern, const char *path, size_t len)
{
	const char *p = pattern + strlen(pattern);

	while (p > pattern && p[-1] != '*' && p[-1] != '?' && p[-1] != ']') {
		if (len == 0 || path[len - 1] != p[-1])
			return false;
		p--;
		len--;
	}
	return true;
}

bool
ev_glob_match(const char *pattern, const char *path, size_t len,
    struct ev_capture capture[EV_GLOB_CAPTURES], size_t *count)
{
	struct ev_capture unused[EV_GLOB_CAPTURES];
	size_t unused_count;
	const bool deep = strncmp(pattern, "**/", 3) == 0;
	struct matcher m;

	if (capture == NULL) {
		capture = unused;
		count = &unused_count;
	}
	*count = 0;
	if (len > PATH_LIMIT - 1 ||
	    !ends_alike(deep ? pattern + 3 : pattern, path, len))
		return false;
	m.path = path;
	m.len = len;
	m.depth = m.seen = 0;
	if (deep) {
		if (run(&m, pattern + 3)) {
			capture[0].offset = capture[0].len = 0;
			*count = 1;
			put_captures(&m, capture, count, 1);
			return true;
		}
		m.depth = m.seen = 0;
	}
	if (!run(&m, pattern))
		return false;
	put_captures(&m, capture, count, 0);
	return true;
}

const char *
ev_glob_check(const char *pattern)
{
	const char *p = pattern, *end;
	size_t stars = 0;

	if (*p == '\0')
		return "an empty pattern";
	for (; *p != '\0'; p++) {
		if (*p == '*') {
			stars++;
			p += p[1] == '*' ? 1 : 0;
			if (p[1] == '*')
				return "three or more stars together";
		}
		if (*p != '[')
			continue;
		end = strchr(p + 1, ']');
		if (end == NULL || end == p + 1)
			return "'[' without its characters and ']'";
		for (; p < end; p++)
			if ((*p & 0x80) != 0)
				return "a class of other than ASCII";
		p = end;
	}
	if (stars > STARS)
		return "more than 16 stars";
	return (size_t)(p - pattern) > EV_GLOB_LEN ? "a pattern over 1024 bytes"
						   : NULL;
}
