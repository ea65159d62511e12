/*
 * zipcheck: a zip, read by directory and by local headers.  What comes out is
 * in order, inside the file, and clean only where nothing is shared.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/zipcheck.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct bytes {
	const uint8_t *data;
	size_t len;
};

static enum ev_rc
read_at(void *ctx, void *data, size_t len, int64_t offset, size_t *got,
    struct ev_err *err)
{
	const struct bytes *bytes = ctx;

	(void)err;
	*got = 0;
	if (offset < 0 || (uint64_t)offset >= bytes->len)
		return EV_OK;
	*got = bytes->len - (size_t)offset;
	if (*got > len)
		*got = len;
	memcpy(data, bytes->data + offset, *got);
	return EV_OK;
}

static void
check_entries(const struct ev_zipcheck *check, int64_t size)
{
	const unsigned local = EV_ZIP_LOCAL | EV_ZIP_DIR;
	const struct ev_zip_found *found;
	int64_t reach = 0;
	size_t i;

	for (i = 0; i < check->count; i++) {
		found = &check->found[i];
		if (i > 0 && found->header < check->found[i - 1].header)
			abort();
		if ((found->state & local) == 0)
			abort();
		if ((found->state & EV_ZIP_LOCAL) != 0 &&
		    (found->header < 0 || found->data < found->header ||
			found->data > size))
			abort();
		if (found->end > size ||
		    (found->end >= 0 && found->end < found->data))
			abort();
		/* A clean one is its own: nothing before reaches into it. */
		if (!check->overlap && found->end >= 0 &&
		    found->header < reach &&
		    (i == 0 || check->found[i - 1].header != found->header))
			abort();
		if (found->end > reach)
			reach = found->end;
		if (found->dir.name > check->names.len ||
		    found->dir.name_len > check->names.len - found->dir.name ||
		    found->local.name > check->names.len ||
		    found->local.name_len >
			check->names.len - found->local.name)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes bytes = { data, len };
	const struct ev_source_in in = { .ctx = &bytes,
		.pread = read_at,
		.size = (int64_t)len,
		.member_limit = 1000 };
	struct ev_zipcheck *check;
	struct ev_err err;
	int64_t last = 0;
	size_t i;

	(void)ev_zip_ends_in(data, len, (int64_t)len);
	if (ev_zipcheck_open(&check, &in, &err) != EV_OK)
		return 0;
	check_entries(check, (int64_t)len);
	for (i = 0; i < check->slacks; i++) {
		if (check->slack[i].offset < last || check->slack[i].length < 1)
			abort();
		last = check->slack[i].offset + check->slack[i].length;
		if (last > (int64_t)len)
			abort();
	}
	ev_zipcheck_free(check);
	return 0;
}
