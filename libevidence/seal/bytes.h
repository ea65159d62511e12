/* Bytes that belong to someone else, and how many they are. */
#ifndef EV_SEAL_BYTES_H
#define EV_SEAL_BYTES_H

#include <stddef.h>

/* Borrowed for the length of the call, or as the function says. */
struct ev_bytes {
	const void *data;
	size_t len;
};

#define EV_BYTES(d, n) ((struct ev_bytes){ (d), (n) })
/* The content of a struct ev_buf. */
#define EV_BYTES_BUF(b) ((struct ev_bytes){ (b)->data, (b)->len })

#endif
