/*
 * mapping: the text of a .map file.  Beyond memory errors it is wrong if a
 * refusal names no place, or if what was taken is not taken again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/mapping.h"
#include "ingest/reading.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static enum ev_rc
no_line(void *ctx, const char *line, struct ev_err *err)
{
	(void)ctx;
	(void)line;
	(void)err;
	return EV_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct ev_mapping_file file = { "m", data, len };
	const struct ev_mapping_print print = { NULL, no_line };
	struct ev_mapset *set = NULL;
	struct ev_err err = { 0 };
	enum ev_rc rc;

	if (ev_mapset_new(&set, &err) != EV_OK)
		return 0;
	rc = ev_mapset_add(set, "m", data, len, &err);
	if (rc != EV_OK && strncmp(err.msg, "m:", 2) != 0)
		abort();
	if ((rc == EV_OK) != (ev_mapset_count(set) > 0))
		abort();
	ev_mapset_free(set);
	if (ev_mapping_lint(&file, 1, &print, &err) == EV_OK && rc != EV_OK)
		abort();
	return 0;
}
