/* The inside of a container, for the files of this room. */
#ifndef EV_OUT_CONTAINER_INSIDE_H
#define EV_OUT_CONTAINER_INSIDE_H

#include <stdbool.h>

#include "out/container.h"
#include "seal/zip.h"

struct ev_container {
	struct ev_part *part;
	char **name; /* owned, in order of adding */
	size_t count;
	bool sorted;
	int *file; /* descriptors taken over */
	size_t files;
	int spool;
	int64_t end;   /* of the spool */
	int64_t begun; /* where the open part begins */
	char *open;    /* name of the open part */
	struct ev_digest digest;
};

#endif
