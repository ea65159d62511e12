/*
 * fact: a fact as ev-parse would send it.  What is taken must encode to the
 * same bytes again, and have a canonical line.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/fact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct ev_fact fact;
	const struct ev_fact_origin origin = { .sha256 = "",
		.member = "",
		.mapping = "",
		.mapping_sha256 = "" };
	struct ev_buf wire, line;
	struct ev_err err;

	if (ev_fact_decode(&fact, data, len, &err) != EV_OK)
		return 0;
	ev_buf_init(&wire, 64 << 20);
	ev_buf_init(&line, 64 << 20);
	if (ev_fact_encode(&wire, &fact, &err) != EV_OK || wire.len != len ||
	    memcmp(wire.data, data, len) != 0)
		abort();
	if (ev_fact_line(&line, &fact, &origin, &err) != EV_OK)
		abort();
	ev_buf_release(&wire);
	ev_buf_release(&line);
	return 0;
}
