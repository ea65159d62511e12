/* A tar header block and the records that extend it, strictly read. */
#ifndef EV_INGEST_TARHEAD_H
#define EV_INGEST_TARHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

enum { EV_TAR_BLOCK = 512 };

/* POSIX.1-1988 ustar, its v7 and GNU relatives. */
struct ev_tarhead {
	char type;
	const char *name, *prefix, *link; /* in the block: not terminated */
	size_t name_len, prefix_len, link_len;
	int64_t size;
	int64_t mode;
	bool has_mtime;
	int64_t mtime;
	bool extended; /* a GNU sparse map goes on in the next block */
};

/* Whether its checksum holds, summed as unsigned or as signed bytes. */
bool ev_tarhead_valid(const unsigned char block[EV_TAR_BLOCK]);
bool ev_tarhead_zero(const unsigned char block[EV_TAR_BLOCK]);

/* false: the size is none. */
bool ev_tarhead_parse(struct ev_tarhead *head,
    const unsigned char block[EV_TAR_BLOCK]);

/* POSIX.1-2001 extended header: what we use of it. */
struct ev_tarpax {
	struct ev_buf path, link, mtime;
	bool has_path, has_link, has_mtime, has_size, sparse;
	int64_t size;
};

void ev_tarpax_init(struct ev_tarpax *pax);
void ev_tarpax_release(struct ev_tarpax *pax);
/* EV_INPUT: not a sequence of records; those before it stand. */
EV_CHECK
enum ev_rc ev_tarpax_parse(struct ev_tarpax *pax, const void *data, size_t len,
    struct ev_err *err);
/* Seconds and microseconds of a decimal; false if it is none or too far. */
bool ev_tarpax_time(const struct ev_tarpax *pax, int64_t *seconds, int64_t *us);

#endif
