/* A text file of ours cut in place into lines and words. */
#ifndef EV_WEIGH_LINE_H
#define EV_WEIGH_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/err.h"

struct ev_lines {
	const char *name; /* for messages; borrowed */
	char *text;       /* owned until taken: tokens lie in it */
	char *next;       /* where the next line begins; NULL at the end */
	int line;         /* number of the line last returned */
};

/*
 * Copy len bytes.  EV_INPUT, with the line, for what is not UTF-8 or holds a
 * NUL or a carriage return; EV_LIMIT for more than limit bytes.
 */
EV_CHECK
enum ev_rc ev_lines_open(struct ev_lines *lines, const char *name,
    const void *text, size_t len, size_t limit, struct ev_err *err);
void ev_lines_release(struct ev_lines *lines);

/* The next line without its end; false behind the last. */
bool ev_lines_next(struct ev_lines *lines, char **line);

/* End the line before a # that stands at its start or behind a blank. */
void ev_line_uncomment(char *line);

/* The next word; NULL at the end.  *at moves behind it. */
char *ev_line_word(char **at);
/* The next "string": \" and \\ only.  NULL if there is none. */
char *ev_line_string(char **at);
/* Cut at the next tab; NULL at the end. */
char *ev_line_cell(char **at);
/* Is there nothing but blanks left? */
bool ev_line_over(const char *at);

/* EV_INPUT: "name:line: reason". */
EV_PRINTF(3, 4)
enum ev_rc ev_lines_fail(const struct ev_lines *lines, struct ev_err *err,
    const char *fmt, ...);

/* Room for one more in a growing array of size bytes each. */
EV_CHECK
enum ev_rc ev_grow(void **array, size_t *room, size_t count, size_t size,
    struct ev_err *err);

#endif
