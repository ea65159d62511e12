/* The files below a folder, in one order everywhere. */
#ifndef EV_INGEST_WALK_H
#define EV_INGEST_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"

/*
 * Paths come in ascending order of their bytes.  Nothing is followed and
 * nothing but folders is opened, each beneath the root.
 */
struct ev_walk_item {
	const char *path; /* below the root, raw bytes; until the next call */
	size_t len;
	/*
	 * 'f' file, else what is not read: 'l' link, 'p' fifo, 's' socket,
	 * 'c' 'b' device, 'd' folder that cannot be entered, 'o' other.
	 */
	char type;
	int64_t size;        /* of a file, if sizes are wanted */
	const char *trouble; /* of 'd' and 'o': why; else "" */
};

struct ev_walk;

/*
 * root is borrowed.  sizes: item.size is wanted; without it, what the folder
 * itself says of a name is enough where it says a type.
 */
EV_CHECK
enum ev_rc ev_walk_new(struct ev_walk **walk, int root, bool sizes,
    struct ev_err *err);
/* EV_EOF behind the last. */
EV_CHECK
enum ev_rc ev_walk_next(struct ev_walk *walk, struct ev_walk_item *item,
    struct ev_err *err);
void ev_walk_free(struct ev_walk *walk);

#endif
