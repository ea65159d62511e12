/* What a court asks of a bundle: the head of a profile file. */
#include <string.h>

#include "evidence/text.h"
#include "out/profile.h"

enum { FILE_LIMIT = 256 << 10, LINE = 4096, WORDS = 4 };

struct line {
	char text[LINE];
	const char *word[WORDS];
	size_t count;
	int number;
};

/* Split at blanks; a comment ends the line. */
static bool
split(struct line *l)
{
	char *p = l->text;

	l->count = 0;
	for (;;) {
		while (*p == ' ' || *p == '\t')
			*p++ = '\0';
		if (*p == '\0' || *p == '#')
			break;
		if (l->count == WORDS)
			return false;
		l->word[l->count++] = p;
		while (*p != '\0' && *p != ' ' && *p != '\t')
			p++;
	}
	*p = '\0';
	return true;
}

/* "+05:00" and nothing else. */
static bool
zone(const char *text, int *minutes)
{
	int64_t hours, rest;

	if (strlen(text) != 6 || (text[0] != '+' && text[0] != '-') ||
	    text[3] != ':' || !ev_text_int(&hours, text + 1, 2, 0, 14) ||
	    !ev_text_int(&rest, text + 4, 2, 0, 59))
		return false;
	*minutes = (int)(hours * 60 + rest) * (text[0] == '-' ? -1 : 1);
	return true;
}

static const char *
take(struct ev_profile *p, const struct line *l)
{
	const char *const *w = l->word;

	if (strcmp(w[0], "profile") == 0) {
		if (l->count != 2 || strlen(w[1]) >= sizeof(p->name))
			return "profile NAME";
		memcpy(p->name, w[1], strlen(w[1]) + 1);
	} else if (strcmp(w[0], "version") == 0) {
		if (l->count != 2 ||
		    !ev_text_int(&p->version, w[1], strlen(w[1]), 1, 1000000))
			return "version NUMBER";
	} else if (strcmp(w[0], "zone") == 0) {
		if (l->count < 2 || !zone(w[1], &p->zone_minutes))
			return "zone +HH:MM \"NAME\"";
	} else if (strcmp(w[0], "require") == 0) {
		if (l->count != 3 || strcmp(w[1], "stamp") != 0 ||
		    (strcmp(w[2], "any") != 0 && strcmp(w[2], "external") != 0))
			return "require stamp any|external";
		p->external_stamp = strcmp(w[2], "external") == 0;
	} else {
		return "profile, version, zone or require";
	}
	return NULL;
}

enum ev_rc
ev_profile_read(struct ev_profile *profile, const char *name, const char *text,
    size_t len, struct ev_err *err)
{
	struct line l = { .number = 0 };
	const char *p = text, *end, *want;

	memset(profile, 0, sizeof(*profile));
	if (len > FILE_LIMIT || !ev_text_is_utf8(text, len))
		return ev_fail(err, EV_INPUT,
		    "%.64s: not UTF-8 text of at most 256 KiB", name);
	while ((size_t)(p - text) < len) {
		l.number++;
		end = memchr(p, '\n', len - (size_t)(p - text));
		if (end == NULL || end - p >= LINE ||
		    memchr(p, '\0', (size_t)(end - p)) != NULL)
			return ev_fail(err, EV_INPUT,
			    "%.64s:%d: a line is cut or too long", name,
			    l.number);
		memcpy(l.text, p, (size_t)(end - p));
		l.text[end - p] = '\0';
		p = end + 1;
		want = split(&l) ? NULL : "at most four words";
		if (want == NULL && l.count > 0)
			want = take(profile, &l);
		if (want != NULL)
			return ev_fail(err, EV_INPUT, "%.64s:%d: expected %s",
			    name, l.number, want);
	}
	if (profile->name[0] == '\0' || profile->version == 0)
		return ev_fail(err, EV_INPUT,
		    "%.64s: profile or version is missing", name);
	return EV_OK;
}
