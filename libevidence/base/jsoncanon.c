/* Whether a text is in the one form that our JSON has. */
#include <string.h>

#include "base/jsoncanon.h"
#include "base/jsonlex.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum { DEPTH = 12 };

static const int64_t INT_END = (int64_t)1 << 53; /* RFC 8785, 3.2.2.3 */

/* A key without its quotes. */
struct key {
	const unsigned char *at;
	size_t len;
};

struct scan {
	const unsigned char *p;
	struct ev_canon_member *members;
	size_t count;
	struct ev_canon_member *wanted; /* the member being read, or NULL */
	int depth;
	struct {
		bool object;
		bool any;
		struct key key; /* the last one */
	} level[DEPTH + 1];
};

/* RFC 8785, 3.2.2.2: the escape at p is the one that its character has. */
static size_t
escape(const unsigned char *p)
{
	static const char taken[] = "\b\t\n\f\r";
	static const char lower[] = "0123456789abcdef";
	const char *digit;
	int c;

	if (p[1] != 0 && strchr("btnfr\"\\", p[1]) != NULL)
		return 2;
	if (memcmp(p, "\\u00", 4) != 0 || (p[4] != '0' && p[4] != '1') ||
	    p[5] == 0)
		return 0;
	digit = strchr(lower, p[5]);
	if (digit == NULL)
		return 0;
	c = (p[4] - '0') * 16 + (int)(digit - lower);
	return c == 0 || strchr(taken, c) != NULL ? 0 : 6;
}

static bool
string(struct scan *s)
{
	const unsigned char *from = ++s->p;
	bool high = false;
	size_t n;

	for (;;) {
		s->p += ev_jsonlex_scan(s->p, '"', &high);
		if (*s->p == '"')
			break;
		n = *s->p == '\\' ? escape(s->p) : 0;
		if (n == 0)
			return false;
		s->p += n;
	}
	s->p++;
	return !high || ev_text_is_utf8(from, (size_t)(s->p - 1 - from));
}

static bool
integer(struct scan *s)
{
	const bool minus = *s->p == '-';
	int64_t value = 0;

	s->p += minus ? 1 : 0;
	if (*s->p == '0') {
		s->p++;
		return !minus;
	}
	if (!ev_jsonlex_is_digit(*s->p))
		return false;
	for (; ev_jsonlex_is_digit(*s->p); s->p++) {
		value = value * 10 + (*s->p - '0');
		if (value >= INT_END)
			return false;
	}
	return true;
}

static bool
word(struct scan *s, const char *text)
{
	const size_t len = strlen(text);

	if (strncmp((const char *)s->p, text, len) != 0)
		return false;
	s->p += len;
	return true;
}

static bool
is_key(const struct key *key, const char *text)
{
	return *text == (char)*key->at &&
	       strncmp(text, (const char *)key->at, key->len) == 0 &&
	       text[key->len] == '\0';
}

static struct ev_canon_member *
find(const struct scan *s, const struct key *key)
{
	struct ev_canon_member *m;
	size_t i;

	if (s->depth > 2)
		return NULL;
	for (i = 0; i < s->count; i++) {
		m = &s->members[i];
		if ((m->outer == NULL) == (s->depth == 1) &&
		    is_key(key, m->key) &&
		    (m->outer == NULL ||
			(s->level[1].object &&
			    is_key(&s->level[1].key, m->outer))))
			return m;
	}
	return NULL;
}

/* RFC 8785, 3.2.3: plain ASCII, behind the key before it. */
static bool
key(struct scan *s)
{
	struct key *last = &s->level[s->depth].key, now;
	size_t least;
	int order;

	if (*s->p != '"')
		return false;
	now.at = ++s->p;
	while (*s->p >= 0x20 && *s->p <= 0x7e && *s->p != '"' && *s->p != '\\')
		s->p++;
	now.len = (size_t)(s->p - now.at);
	if (s->p[0] != '"' || s->p[1] != ':')
		return false;
	s->p += 2;
	if (s->level[s->depth].any) {
		least = now.len < last->len ? now.len : last->len;
		order = memcmp(last->at, now.at, least);
		if (order > 0 || (order == 0 && last->len >= now.len))
			return false;
	}
	*last = now;
	s->wanted = find(s, &now);
	if (s->wanted != NULL)
		s->wanted->at = s->p;
	return true;
}

static bool
open_container(struct scan *s)
{
	if (s->depth == DEPTH)
		return false;
	s->depth++;
	memset(&s->level[s->depth], 0, sizeof(s->level[s->depth]));
	s->level[s->depth].object = *s->p++ == '{';
	return true;
}

static bool
value(struct scan *s)
{
	bool good;

	switch (*s->p) {
	case '{':
	case '[':
		/* Its members are wanted, not the container. */
		if (s->wanted != NULL)
			s->wanted->len = 1;
		return open_container(s);
	case '"':
		good = string(s);
		break;
	case 't':
		good = word(s, "true");
		break;
	case 'f':
		good = word(s, "false");
		break;
	default:
		good = integer(s);
		break;
	}
	if (s->wanted != NULL)
		s->wanted->len = (size_t)(s->p - s->wanted->at);
	return good;
}

/* What follows a value or an opening bracket, up to the next value. */
static bool
between(struct scan *s)
{
	for (; s->depth > 0; s->depth--) {
		if (*s->p == (s->level[s->depth].object ? '}' : ']')) {
			s->p++;
			continue;
		}
		if (s->level[s->depth].any && *s->p++ != ',')
			return false;
		s->wanted = NULL;
		if (s->level[s->depth].object && !key(s))
			return false;
		s->level[s->depth].any = true;
		return true;
	}
	return true;
}

bool
ev_json_canon(const unsigned char *p, size_t len,
    struct ev_canon_member *members, size_t count)
{
	struct scan s = { .p = p, .members = members, .count = count };
	size_t i;

	for (i = 0; i < count; i++)
		members[i].at = NULL;
	do {
		if (!value(&s) || !between(&s))
			return false;
	} while (s.depth > 0);
	return s.p == p + len;
}

bool
ev_canon_is(const struct ev_canon_member *member, const char *text)
{
	const unsigned char *body = member->at + 1;
	const size_t len = strlen(text);
	struct ev_buf decoded;
	bool same;

	if (member->at == NULL || *member->at != '"')
		return false;
	if (memchr(body, '\\', member->len - 2) == NULL)
		return member->len - 2 == len && memcmp(body, text, len) == 0;
	ev_buf_init(&decoded, member->len);
	same = ev_canon_text(member, &decoded) && decoded.len == len &&
	       memcmp(decoded.data, text, len) == 0;
	ev_buf_release(&decoded);
	return same;
}

bool
ev_canon_text(const struct ev_canon_member *member, struct ev_buf *text)
{
	struct ev_err err;
	unsigned notes = 0;

	ev_buf_clear(text);
	if (member->at == NULL || *member->at != '"' ||
	    ev_buf_reserve(text, member->len, &err) != EV_OK)
		return false;
	text->len = ev_jsonlex_decode((char *)text->data, member->at + 1,
	    member->len - 2, &notes);
	text->data[text->len] = '\0';
	return true;
}

bool
ev_canon_int(const struct ev_canon_member *member, int64_t *value)
{
	return member->at != NULL &&
	       ev_text_int(value, (const char *)member->at, member->len,
		   INT64_MIN, INT64_MAX);
}
