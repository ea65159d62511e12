/* A text file of ours cut in place into lines and words. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "weigh/line.h"

enum ev_rc
ev_lines_fail(const struct ev_lines *lines, struct ev_err *err, const char *fmt,
    ...)
{
	char reason[256];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return ev_fail(err, EV_INPUT, "%s:%d: %s", lines->name, lines->line,
	    reason);
}

static enum ev_rc
check_bytes(struct ev_lines *lines, const void *text, size_t len,
    struct ev_err *err)
{
	const char *at = text, *end = at + len, *stop;
	size_t part;

	while (at < end) {
		lines->line++;
		stop = memchr(at, '\n', (size_t)(end - at));
		part = (size_t)((stop == NULL ? end : stop) - at);
		if (memchr(at, '\0', part) != NULL)
			return ev_lines_fail(lines, err, "a NUL byte");
		if (memchr(at, '\r', part) != NULL)
			return ev_lines_fail(lines, err,
			    "a carriage return: lines end with LF alone");
		if (!ev_text_is_utf8(at, part))
			return ev_lines_fail(lines, err, "not UTF-8");
		at += part + 1;
	}
	lines->line = 0;
	return EV_OK;
}

enum ev_rc
ev_lines_open(struct ev_lines *lines, const char *name, const void *text,
    size_t len, size_t limit, struct ev_err *err)
{
	enum ev_rc rc;

	*lines = (struct ev_lines){ .name = name };
	if (len > limit)
		return ev_fail(err, EV_LIMIT,
		    "%s: more than the %zu bytes such a file may have", name,
		    limit);
	rc = check_bytes(lines, text, len, err);
	if (rc != EV_OK)
		return rc;
	lines->text = malloc(len + 1);
	if (lines->text == NULL)
		return ev_fail_sys(err, "cannot read '%s'", name);
	if (len > 0)
		memcpy(lines->text, text, len);
	lines->text[len] = '\0';
	lines->next = len > 0 ? lines->text : NULL;
	return EV_OK;
}

void
ev_lines_release(struct ev_lines *lines)
{
	free(lines->text);
	lines->text = NULL;
	lines->next = NULL;
}

bool
ev_lines_next(struct ev_lines *lines, char **line)
{
	char *end;

	if (lines->next == NULL)
		return false;
	*line = lines->next;
	lines->line++;
	end = strchr(*line, '\n');
	if (end == NULL) {
		lines->next = NULL;
		return true;
	}
	*end = '\0';
	lines->next = end[1] == '\0' ? NULL : end + 1;
	return true;
}

void
ev_line_uncomment(char *line)
{
	bool quoted = false;
	char before = ' ';
	char *at;

	for (at = line; *at != '\0'; at++) {
		if (quoted && *at == '\\' && at[1] != '\0') {
			at++;
			continue;
		}
		if (*at == '"')
			quoted = !quoted;
		if (*at == '#' && !quoted &&
		    (before == ' ' || before == '\t')) {
			*at = '\0';
			return;
		}
		before = *at;
	}
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

char *
ev_line_word(char **at)
{
	char *start = *at;

	while (is_blank(*start))
		start++;
	*at = start;
	if (*start == '\0')
		return NULL;
	while (**at != '\0' && !is_blank(**at))
		(*at)++;
	if (**at != '\0') {
		**at = '\0';
		(*at)++;
	}
	return start;
}

char *
ev_line_string(char **at)
{
	char *start = *at, *from, *to;

	while (is_blank(*start))
		start++;
	if (*start != '"')
		return NULL;
	start++;
	for (from = to = start; *from != '\0' && *from != '"'; from++) {
		if (*from == '\\') {
			from++;
			if (*from != '"' && *from != '\\')
				return NULL;
		}
		*to++ = *from;
	}
	if (*from != '"')
		return NULL;
	*at = from + 1;
	*to = '\0';
	return start;
}

char *
ev_line_cell(char **at)
{
	char *start = *at, *end;

	if (start == NULL)
		return NULL;
	end = strchr(start, '\t');
	if (end == NULL) {
		*at = NULL;
		return start;
	}
	*end = '\0';
	*at = end + 1;
	return start;
}

bool
ev_line_over(const char *at)
{
	while (is_blank(*at))
		at++;
	return *at == '\0';
}

enum ev_rc
ev_grow(void **array, size_t *room, size_t count, size_t size,
    struct ev_err *err)
{
	size_t want, bytes;
	void *more;

	if (count < *room)
		return EV_OK;
	want = *room < 16 ? 16 : *room + *room / 2;
	if (__builtin_mul_overflow(want, size, &bytes))
		return ev_fail(err, EV_LIMIT, "too many rows to hold");
	more = realloc(*array, bytes);
	if (more == NULL)
		return ev_fail_sys(err, "cannot hold %zu rows", want);
	*array = more;
	*room = want;
	return EV_OK;
}
