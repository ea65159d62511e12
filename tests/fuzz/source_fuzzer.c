/*
 * source: an archive of the kind that the first byte picks, every member read
 * to its end.  Spans set aside lie inside the file; the walk ends.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/source.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/*
 * An LZMA header may ask for 4 GiB: in ev-parse the limit of its cage says
 * no, here the allocation is not a finding.
 */
int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char flag[] = "-malloc_limit_mb=6000";
	char **more = calloc((size_t)*argc + 2, sizeof(*more));
	int i;

	if (more == NULL)
		abort();
	for (i = 0; i < *argc; i++)
		more[i < 1 ? i : i + 1] = (*argv)[i];
	more[1] = flag;
	*argv = more;
	(*argc)++;
	return 0;
}

enum { MEMBER_MAX = 1 << 20, TOTAL_MAX = 8 << 20 };

struct bytes {
	const uint8_t *data;
	size_t len, pos;
	size_t total; /* decoded */
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

/* Short reads at odd places find the seams of a buffer. */
static enum ev_rc
read_on(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct bytes *bytes = ctx;

	if (cap > 777)
		cap = 777;
	(void)read_at(ctx, data, cap, (int64_t)bytes->pos, got, err);
	bytes->pos += *got;
	return *got == 0 ? EV_EOF : EV_OK;
}

static enum ev_rc
on_entry(void *ctx, struct ev_source_entry *entry,
    const struct ev_stream *stream, struct ev_err *err)
{
	static unsigned char data[4096];
	struct bytes *bytes = ctx;
	struct ev_err why;
	size_t got, taken = 0;
	enum ev_rc rc = EV_OK;

	if (memchr("fdlo", entry->type, 4) == NULL ||
	    (entry->name_len > 0 && entry->name == NULL))
		abort();
	if (entry->refused != NULL)
		return EV_OK;
	while (taken < MEMBER_MAX && bytes->total < TOTAL_MAX &&
	       (rc = stream->read(stream->ctx, data, sizeof(data), &got,
		    &why)) == EV_OK) {
		if (got == 0 || got > sizeof(data))
			abort();
		taken += got;
		bytes->total += got;
	}
	if (rc == EV_INPUT && why.msg[0] == '\0')
		abort();
	if (bytes->total >= TOTAL_MAX)
		return ev_fail(err, EV_LIMIT, "enough");
	return EV_OK;
}

static enum ev_rc
on_note(void *ctx, const struct ev_member_note *note, struct ev_err *err)
{
	(void)ctx;
	(void)err;
	if (note->word[0] == '\0' || note->offset < -1)
		abort();
	return EV_OK;
}

static enum ev_rc
on_set_aside(void *ctx, const struct ev_set_aside *what, struct ev_err *err)
{
	const struct bytes *bytes = ctx;

	(void)err;
	if (what->offset < 0 || what->length < 0 ||
	    what->offset + what->length > (int64_t)bytes->len)
		abort();
	return EV_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const enum ev_container kinds[] = { EV_CT_ZIP, EV_CT_TAR,
		EV_CT_GZIP, EV_CT_XZ, EV_CT_ZSTD };
	struct bytes bytes = { .pos = 0 };
	struct ev_source_in in = { .stream = { .ctx = &bytes, .read = read_on },
		.member_limit = 1000,
		.name = "a.tar.gz",
		.name_len = 8 };
	const struct ev_source_out out = { &bytes, on_entry, on_note,
		on_set_aside };
	enum ev_container kind;
	struct ev_err err;

	if (len == 0)
		return 0;
	kind = kinds[data[0] % (sizeof(kinds) / sizeof(kinds[0]))];
	bytes.data = data + 1;
	bytes.len = len - 1;
	in.ctx = &bytes;
	in.pread = read_at;
	in.size = (int64_t)bytes.len;
	if (ev_source_walk(kind, &in, &out, &err) == EV_USE)
		abort();
	return 0;
}
