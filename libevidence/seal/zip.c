/* A store-only zip writer whose bytes depend on nothing but its input. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "seal/zip.h"

enum state { IDLE, WITHIN, FINISHED, BROKEN };

/* More than any directory that the reader takes. */
enum { DIRECTORY_LIMIT = 1 << 30 };

struct ev_zip {
	struct ev_zip_sink sink;
	uint32_t dos;
	int64_t offset;
	enum state state;
	struct ev_zip_entry *entry;
	char **name; /* what entry[n].name borrows */
	size_t count, cap;
	int64_t left; /* bytes of the entry still to come */
	uint32_t crc; /* of those that came */
	struct ev_buf head;
};

static const char first_name[] = "mimetype";

enum ev_rc
ev_zip_new(struct ev_zip **out, const struct ev_zip_sink *sink, int64_t when,
    struct ev_err *err)
{
	struct ev_zip *zip;

	*out = NULL;
	zip = calloc(1, sizeof(*zip));
	if (zip == NULL)
		return ev_fail_sys(err, "cannot begin a zip");
	zip->sink = *sink;
	zip->dos = ev_zip_dos(when);
	ev_buf_init(&zip->head, DIRECTORY_LIMIT);
	*out = zip;
	return EV_OK;
}

void
ev_zip_free(struct ev_zip *zip)
{
	size_t n;

	if (zip == NULL)
		return;
	for (n = 0; n < zip->count; n++)
		free(zip->name[n]);
	free(zip->name);
	free(zip->entry);
	ev_buf_release(&zip->head);
	free(zip);
}

int64_t
ev_zip_offset(const struct ev_zip *zip)
{
	return zip->offset;
}

static enum ev_rc
put_bytes(struct ev_zip *zip, const void *data, size_t len, struct ev_err *err)
{
	enum ev_rc rc;

	if (len == 0)
		return EV_OK;
	rc = zip->sink.write(zip->sink.ctx, data, len, err);
	if (rc != EV_OK) {
		zip->state = BROKEN;
		return rc;
	}
	zip->offset += (int64_t)len;
	return EV_OK;
}

static enum ev_rc
make_room(struct ev_zip *zip, struct ev_err *err)
{
	struct ev_zip_entry *entry;
	const size_t cap = zip->cap == 0 ? 64 : 2 * zip->cap;
	char **name;

	if (zip->count < zip->cap)
		return EV_OK;
	entry = realloc(zip->entry, cap * sizeof(*entry));
	if (entry == NULL)
		return ev_fail_sys(err, "cannot keep %zu entries", cap);
	zip->entry = entry;
	name = realloc(zip->name, cap * sizeof(*name));
	if (name == NULL)
		return ev_fail_sys(err, "cannot keep %zu entries", cap);
	zip->name = name;
	zip->cap = cap;
	return EV_OK;
}

enum ev_rc
ev_zip_begin(struct ev_zip *zip, const char *name, uint32_t crc, int64_t size,
    struct ev_err *err)
{
	struct ev_zip_entry entry = { name, crc, zip->dos, size, zip->offset };
	char *owned;
	enum ev_rc rc;

	if (zip->state != IDLE)
		return ev_fail(err, EV_USE,
		    "'%.100s' cannot be begun now: the zip is not at rest",
		    name);
	if (zip->count > 0 && strcmp(name, first_name) == 0)
		return ev_fail(err, EV_USE, "'%s' must come first", first_name);
	rc = make_room(zip, err);
	if (rc != EV_OK)
		return rc;
	ev_buf_clear(&zip->head);
	rc = ev_zip_local(&zip->head, &entry, err);
	if (rc != EV_OK)
		return rc;
	owned = strdup(name);
	if (owned == NULL)
		return ev_fail_sys(err, "cannot keep a name");
	entry.name = owned;
	zip->name[zip->count] = owned;
	zip->entry[zip->count] = entry;
	zip->count++;
	zip->state = WITHIN;
	zip->left = size;
	zip->crc = 0;
	return put_bytes(zip, zip->head.data, zip->head.len, err);
}

static enum ev_rc
broken(struct ev_zip *zip, struct ev_err *err, const char *how)
{
	zip->state = BROKEN;
	return ev_fail(err, EV_MISMATCH,
	    "'%.100s' %s: it changed while it was written",
	    zip->name[zip->count - 1], how);
}

enum ev_rc
ev_zip_write(struct ev_zip *zip, const void *data, size_t len,
    struct ev_err *err)
{
	if (zip->state != WITHIN)
		return ev_fail(err, EV_USE, "no entry was begun");
	if ((uint64_t)len > (uint64_t)zip->left)
		return broken(zip, err, "is longer than announced");
	zip->left -= (int64_t)len;
	zip->crc = (uint32_t)crc32_z(zip->crc, data, len);
	return put_bytes(zip, data, len, err);
}

enum ev_rc
ev_zip_end(struct ev_zip *zip, struct ev_err *err)
{
	if (zip->state != WITHIN)
		return ev_fail(err, EV_USE, "no entry was begun");
	if (zip->left != 0)
		return broken(zip, err, "is shorter than announced");
	if (zip->crc != zip->entry[zip->count - 1].crc)
		return broken(zip, err, "has another CRC than announced");
	zip->state = IDLE;
	return EV_OK;
}

enum ev_rc
ev_zip_put(struct ev_zip *zip, const char *name, const void *data, size_t len,
    struct ev_err *err)
{
	const uint32_t crc = (uint32_t)crc32_z(0, len == 0 ? NULL : data, len);
	enum ev_rc rc;

	/* crc32_z() of NULL is the CRC of nothing: 0. */
	rc = ev_zip_begin(zip, name, crc, (int64_t)len, err);
	if (rc == EV_OK && len > 0)
		rc = ev_zip_write(zip, data, len, err);
	return rc == EV_OK ? ev_zip_end(zip, err) : rc;
}

enum ev_rc
ev_zip_finish(struct ev_zip *zip, struct ev_err *err)
{
	enum ev_rc rc;

	if (zip->state != IDLE)
		return ev_fail(err, EV_USE, "the zip is not at rest");
	ev_buf_clear(&zip->head);
	rc = ev_zip_directory(&zip->head, zip->entry, zip->count, zip->offset,
	    err);
	if (rc == EV_OK)
		rc = put_bytes(zip, zip->head.data, zip->head.len, err);
	zip->state = rc == EV_OK ? FINISHED : BROKEN;
	return rc;
}
