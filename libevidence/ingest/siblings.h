/* What a reader may ask about the other members of its member's archive. */
#ifndef EV_INGEST_SIBLINGS_H
#define EV_INGEST_SIBLINGS_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"
#include "seal/digest.h"

enum { EV_SIBLING_NAME = 1024 };

struct ev_sibling {
	int64_t size;
	struct ev_digests digests; /* SHA-256, SHA-512, SHA-1, MD5 */
};

/*
 * The archive is read once more for it, when first asked: each member is
 * summed as it would be unpacked.  A name is as it stands in the archive; of
 * two the first is meant.  EV_EOF: there is none.  EV_LIMIT: the archive is
 * too large or too odd to be read again; err says why.
 */
struct ev_siblings {
	void *ctx;
	enum ev_rc (*find)(void *ctx, const void *name, size_t len,
	    struct ev_sibling *sibling, struct ev_err *err);
	/* The first whose digest by that algorithm is hex; its name is cut. */
	enum ev_rc (*with)(void *ctx, const char *algorithm, const char *hex,
	    char name[EV_SIBLING_NAME], struct ev_err *err);
};

#endif
