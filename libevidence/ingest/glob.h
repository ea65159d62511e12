/* Whole paths against patterns, and what each star took. */
#ifndef EV_INGEST_GLOB_H
#define EV_INGEST_GLOB_H

#include <stdbool.h>
#include <stddef.h>

enum {
	EV_GLOB_CAPTURES = 9,
	EV_GLOB_LEN = 1024, /* bytes of a pattern */
};

struct ev_capture {
	size_t offset, len; /* in the path */
};

/*
 * evidence-mapping(5), Which mapping reads which member: "*" and "?" do not
 * cross "/", "**" does, a leading "**" + "/" also matches no folder, [a-z] is
 * a class.  Each star takes as little as it can; capture (NULL if not wanted)
 * receives the first nine from the left, *count how many there are.  Time is
 * at most proportional to pattern times path.
 */
bool ev_glob_match(const char *pattern, const char *path, size_t len,
    struct ev_capture capture[EV_GLOB_CAPTURES], size_t *count);

/* NULL, or what is wrong with a pattern. */
const char *ev_glob_check(const char *pattern);

#endif
