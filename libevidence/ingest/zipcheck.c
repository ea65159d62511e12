/* A zip by its directory and by its local headers, and where they differ. */
#define _GNU_SOURCE /* memrchr */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "ingest/zipcheck_own.h"

enum {
	WINDOW = 64 << 10,
	STEP = 4 << 10,             /* of the window where little is needed */
	TAIL = 65535 + ZIP_END_LEN, /* APPNOTE 4.3.16: comment up to 65,535 */
	FIRST_ROOM = 64,
	NAMES_MAX = 192 << 20,
	ID_ZIP64 = 0x0001,
	ID_TIME = 0x5455,
	ID_UNICODE = 0x7075,
};

uint32_t
ev_zipcheck_get16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

uint32_t
ev_zipcheck_get32(const unsigned char *p)
{
	return ev_zipcheck_get16(p) | ev_zipcheck_get16(p + 2) << 16;
}

/* More than INT64_MAX is INT64_MAX: beyond every file all the same. */
int64_t
ev_zipcheck_get64(const unsigned char *p)
{
	uint64_t n = (uint64_t)ev_zipcheck_get32(p) |
		     (uint64_t)ev_zipcheck_get32(p + 4) << 32;

	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

enum ev_rc
ev_zipcheck_at(struct ev_zipcheck *check, const unsigned char **data,
    size_t len, int64_t offset, struct ev_err *err)
{
	size_t got, want = len > STEP ? WINDOW : STEP;
	enum ev_rc rc;

	if (offset < 0 || offset > check->in->size ||
	    (int64_t)len > check->in->size - offset)
		return EV_EOF;
	if (offset < check->window_at ||
	    offset + (int64_t)len >
		check->window_at + (int64_t)check->window_len) {
		check->window_len = 0;
		rc = check->in->pread(check->in->ctx, check->window, want,
		    offset, &got, err);
		if (rc != EV_OK)
			return rc;
		if (got < len)
			return ev_fail(err, EV_INPUT,
			    "the zip ends at byte %jd, not at %jd",
			    (intmax_t)offset + (intmax_t)got,
			    (intmax_t)check->in->size);
		check->window_at = offset;
		check->window_len = got;
	}
	*data = check->window + (offset - check->window_at);
	return EV_OK;
}

const unsigned char *
ev_zipcheck_name(const struct ev_zipcheck *check, uint32_t name)
{
	static const unsigned char none[1];

	return check->names.data == NULL ? none : check->names.data + name;
}

static enum ev_rc
keep_name(struct ev_zipcheck *check, uint32_t *name, const void *data,
    size_t len, struct ev_err *err)
{
	*name = (uint32_t)check->names.len;
	return ev_buf_put(&check->names, data, len, err);
}

/* Zip64: only the fields that are all ones in the header, in this order. */
static void
zip64(struct ev_zipcheck_extra *extra, const unsigned char *p, size_t len)
{
	int64_t *field[] = { &extra->side->usize, &extra->side->csize,
		extra->header };
	size_t i;

	for (i = 0; i < 3; i++) {
		if (field[i] == NULL || *field[i] != UINT32_MAX)
			continue;
		if (len < 8) {
			*field[i] = INT64_MAX;
			continue;
		}
		*field[i] = ev_zipcheck_get64(p);
		p += 8;
		len -= 8;
	}
}

/* Info-ZIP's UTF-8 name counts where it was made of this name (4.6.9). */
static enum ev_rc
unicode(struct ev_zipcheck *check, struct ev_zip_side *side,
    const unsigned char *p, size_t len, struct ev_err *err)
{
	uLong crc;

	if (len < 5 || p[0] != 1)
		return EV_OK;
	crc = crc32(0, ev_zipcheck_name(check, side->name), side->name_len);
	if (crc != ev_zipcheck_get32(p + 1))
		return EV_OK;
	side->uni_len = (uint16_t)(len - 5);
	return keep_name(check, &side->uni, p + 5, len - 5, err);
}

enum ev_rc
ev_zipcheck_fields(struct ev_zipcheck *check, struct ev_zipcheck_extra *extra,
    int64_t offset, size_t extra_len, struct ev_err *err)
{
	struct ev_zip_side *side = extra->side;
	const unsigned char *p;
	size_t id, len;
	enum ev_rc rc;

	rc = ev_zipcheck_at(check, &p, side->name_len, offset, err);
	if (rc == EV_OK)
		rc = keep_name(check, &side->name, p, side->name_len, err);
	if (rc == EV_OK)
		rc = ev_zipcheck_at(check, &p, extra_len,
		    offset + side->name_len, err);
	/* What is not a sequence of fields holds none from there on. */
	while (rc == EV_OK && extra_len >= 4) {
		id = ev_zipcheck_get16(p);
		len = ev_zipcheck_get16(p + 2);
		if (len > extra_len - 4)
			break;
		if (id == ID_ZIP64)
			zip64(extra, p + 4, len);
		else if (id == ID_UNICODE)
			rc = unicode(check, side, p + 4, len, err);
		else if (id == ID_TIME && len >= 5 && (p[4] & 1) != 0) {
			extra->has_time = true;
			extra->time = (int32_t)ev_zipcheck_get32(p + 5);
		}
		p += 4 + len;
		extra_len -= 4 + len;
	}
	return rc;
}

enum ev_rc
ev_zipcheck_add(struct ev_zipcheck *check, struct ev_zip_found **out,
    int64_t header, struct ev_err *err)
{
	size_t room = check->room == 0 ? FIRST_ROOM : check->room * 2;
	struct ev_zip_found *found;

	if ((int64_t)check->count > check->in->member_limit) {
		check->limited = true;
		return EV_EOF;
	}
	if (check->count == check->room) {
		found = realloc(check->found, room * sizeof(*found));
		if (found == NULL)
			return ev_fail_sys(err, "cannot list %zu entries",
			    check->count);
		check->found = found;
		check->room = room;
	}
	*out = &check->found[check->count++];
	memset(*out, 0, sizeof(**out));
	(*out)->header = header;
	(*out)->data = (*out)->end = -1;
	return EV_OK;
}

/* Of one header the first in its directory comes first. */
static int
by_header(const void *a, const void *b)
{
	const struct ev_zip_found *x = a, *y = b;

	if (x->header != y->header)
		return x->header < y->header ? -1 : 1;
	return x->dir.name < y->dir.name ? -1 : x->dir.name > y->dir.name;
}

void
ev_zipcheck_sort(struct ev_zipcheck *check)
{
	size_t i;

	for (i = 1; i < check->count; i++) {
		if (by_header(&check->found[i - 1], &check->found[i]) > 0)
			break;
	}
	if (i < check->count)
		qsort(check->found, check->count, sizeof(*check->found),
		    by_header);
}

/* One central header at *offset, which moves on; EV_EOF: none stands there. */
static enum ev_rc
central(struct ev_zipcheck *check, size_t n, int64_t *offset,
    struct ev_err *err)
{
	const struct ev_zip_end *end = &check->end[n];
	struct ev_zip_found *found;
	struct ev_zipcheck_extra extra = { .side = NULL };
	const unsigned char *p;
	size_t extra_len, comment;
	int64_t header;
	enum ev_rc rc;

	rc = ev_zipcheck_at(check, &p, ZIP_CENTRAL_LEN, *offset, err);
	if (rc != EV_OK)
		return rc;
	if (ev_zipcheck_get32(p) != ZIP_CENTRAL)
		return EV_EOF;
	rc = ev_zipcheck_add(check, &found, -1, err);
	if (rc != EV_OK)
		return rc;
	found->state = EV_ZIP_DIR;
	found->dirs = 1U << n;
	found->made_by = (uint16_t)ev_zipcheck_get16(p + 4);
	found->dir.flags = (uint16_t)ev_zipcheck_get16(p + 8);
	found->dir.method = (uint16_t)ev_zipcheck_get16(p + 10);
	found->dir.crc = ev_zipcheck_get32(p + 16);
	found->dir.csize = ev_zipcheck_get32(p + 20);
	found->dir.usize = ev_zipcheck_get32(p + 24);
	found->dir.name_len = (uint16_t)ev_zipcheck_get16(p + 28);
	extra_len = ev_zipcheck_get16(p + 30);
	comment = ev_zipcheck_get16(p + 32);
	found->attributes = ev_zipcheck_get32(p + 38);
	header = ev_zipcheck_get32(p + 42);
	extra.side = &found->dir;
	extra.header = &header;
	rc = ev_zipcheck_fields(check, &extra, *offset + ZIP_CENTRAL_LEN,
	    extra_len, err);
	if (rc != EV_OK) {
		check->count--;
		return rc;
	}
	if (extra.has_time)
		found->state |= EV_ZIP_UTC;
	found->mtime = extra.time;
	/* In front of the file is as far outside as behind it. */
	if (__builtin_add_overflow(header, end->base, &found->header) ||
	    found->header < 0)
		found->header = INT64_MAX;
	*offset += (int64_t)ZIP_CENTRAL_LEN + found->dir.name_len +
		   (int64_t)extra_len + (int64_t)comment;
	return EV_OK;
}

enum ev_rc
ev_zipcheck_directory(struct ev_zipcheck *check, size_t n, struct ev_err *err)
{
	struct ev_zip_end *end = &check->end[n];
	int64_t offset = end->dir;
	enum ev_rc rc = EV_OK;

	if (!end->readable)
		return EV_OK;
	while (offset < end->dir_end && rc == EV_OK) {
		rc = central(check, n, &offset, err);
		if (rc == EV_OK)
			end->entries++;
	}
	if (rc != EV_OK && rc != EV_EOF)
		return rc;
	if (check->limited)
		return EV_OK;
	/* Short of its stated end, or past it. */
	if (offset != end->dir_end &&
	    (check->damaged < 0 || offset < check->damaged))
		check->damaged = offset < end->dir_end ? offset : end->dir_end;
	return EV_OK;
}

static enum ev_rc
has_central(struct ev_zipcheck *check, int64_t offset, bool *yes,
    struct ev_err *err)
{
	const unsigned char *p;
	enum ev_rc rc;

	*yes = false;
	rc = ev_zipcheck_at(check, &p, 4, offset, err);
	if (rc == EV_EOF)
		return EV_OK;
	if (rc == EV_OK)
		*yes = ev_zipcheck_get32(p) == ZIP_CENTRAL;
	return rc;
}

/*
 * Where the directory is: right before the end record, so that what stands
 * in front of the archive shifts every offset; or where it is stated to be.
 */
static enum ev_rc
locate(struct ev_zipcheck *check, struct ev_zip_end *end, int64_t size,
    int64_t stated, struct ev_err *err)
{
	enum ev_rc rc;

	end->dir_end = end->record;
	end->dir = end->record - size;
	if (size == 0 && end->stated == 0) {
		end->readable = true;
		end->base = end->dir - stated;
		return EV_OK;
	}
	if (size >= 0 && end->dir >= 0) {
		rc = has_central(check, end->dir, &end->readable, err);
		end->base = end->dir - stated;
		if (rc != EV_OK || end->readable)
			return rc;
	}
	end->base = 0;
	end->dir = stated;
	rc = has_central(check, stated, &end->readable, err);
	if (__builtin_add_overflow(stated, size, &end->dir_end) ||
	    end->dir_end > end->record)
		end->dir_end = end->record;
	if (!end->readable) {
		end->dir = end->dir_end = end->record;
		if (check->damaged < 0 || end->at < check->damaged)
			check->damaged = end->at;
	}
	return rc;
}

/* Zip64's locator stands right before the end record. */
static enum ev_rc
read_end64(struct ev_zipcheck *check, struct ev_zip_end *end, int64_t *size,
    int64_t *stated, struct ev_err *err)
{
	const unsigned char *p;
	int64_t record;
	enum ev_rc rc;

	rc = ev_zipcheck_at(check, &p, ZIP_LOCATOR_LEN,
	    end->at - ZIP_LOCATOR_LEN, err);
	if (rc != EV_OK || ev_zipcheck_get32(p) != ZIP_LOCATOR)
		return rc == EV_EOF ? EV_OK : rc;
	record = ev_zipcheck_get64(p + 8);
	rc = ev_zipcheck_at(check, &p, ZIP_END64_LEN, record, err);
	if (rc == EV_EOF ||
	    (rc == EV_OK && ev_zipcheck_get32(p) != ZIP_END64)) {
		/* Shifted by what stands in front. */
		record = end->at - ZIP_LOCATOR_LEN - ZIP_END64_LEN;
		rc = ev_zipcheck_at(check, &p, ZIP_END64_LEN, record, err);
	}
	if (rc != EV_OK || ev_zipcheck_get32(p) != ZIP_END64)
		return rc == EV_EOF ? EV_OK : rc;
	end->record = record;
	end->stated = ev_zipcheck_get64(p + 32);
	*size = ev_zipcheck_get64(p + 40);
	*stated = ev_zipcheck_get64(p + 48);
	return EV_OK;
}

enum ev_rc
ev_zipcheck_add_end(struct ev_zipcheck *check, int64_t offset,
    struct ev_err *err)
{
	struct ev_zip_end *end = &check->end[check->ends];
	const unsigned char *p;
	int64_t size, stated;
	enum ev_rc rc;
	size_t i;

	for (i = 0; i < check->ends; i++) {
		if (check->end[i].at == offset)
			return EV_OK;
	}
	if (check->ends == EV_ZIP_ENDS) {
		check->more_ends = true;
		return EV_EOF;
	}
	rc = ev_zipcheck_at(check, &p, ZIP_END_LEN, offset, err);
	if (rc != EV_OK)
		return rc;
	if (ev_zipcheck_get32(p) != ZIP_END)
		return EV_EOF;
	memset(end, 0, sizeof(*end));
	end->at = end->record = offset;
	end->stated = ev_zipcheck_get16(p + 10);
	size = ev_zipcheck_get32(p + 12);
	stated = ev_zipcheck_get32(p + 16);
	end->length = ZIP_END_LEN + (int64_t)ev_zipcheck_get16(p + 20);
	rc = read_end64(check, end, &size, &stated, err);
	if (rc == EV_OK)
		rc = locate(check, end, size, stated, err);
	if (rc == EV_OK)
		check->ends++;
	return rc;
}

/*
 * End records whose comment reaches to the very end of the file, and the last
 * one in any case: what the programs in use go by.
 */
static enum ev_rc
find_ends(struct ev_zipcheck *check, struct ev_err *err)
{
	int64_t size = check->in->size, from = size > TAIL ? size - TAIL : 0;
	unsigned char *tail;
	bool last = true;
	size_t len, i;
	enum ev_rc rc;

	tail = malloc(TAIL);
	if (tail == NULL)
		return ev_fail_sys(err, "cannot read the end of a zip");
	rc = check->in->pread(check->in->ctx, tail, TAIL, from, &len, err);
	for (i = len < ZIP_END_LEN ? 0 : len - ZIP_END_LEN + 1;
	     i-- > 0 && rc == EV_OK;) {
		if (ev_zipcheck_get32(tail + i) != ZIP_END)
			continue;
		if (last ||
		    i + ZIP_END_LEN + ev_zipcheck_get16(tail + i + 20) == len)
			rc = ev_zipcheck_add_end(check, from + (int64_t)i, err);
		last = false;
		if (rc == EV_EOF)
			break;
	}
	free(tail);
	return rc == EV_EOF ? EV_OK : rc;
}

bool
ev_zip_ends_in(const unsigned char *tail, size_t len, int64_t size)
{
	const unsigned char *p;
	int64_t at, dir;
	size_t i = len < ZIP_END_LEN ? 0 : len - ZIP_END_LEN + 1;

	while ((p = memrchr(tail, 'P', i)) != NULL) {
		i = (size_t)(p - tail);
		if (ev_zipcheck_get32(p) != ZIP_END)
			continue;
		/* A directory that fits in front of it, and is in sight. */
		at = size - (int64_t)(len - i);
		dir = at - (int64_t)ev_zipcheck_get32(tail + i + 12);
		return ev_zipcheck_get32(tail + i + 12) > ZIP_CENTRAL_LEN &&
		       dir >= 0 &&
		       (dir < size - (int64_t)len ||
			   ev_zipcheck_get32(tail + len - (size - dir)) ==
			       ZIP_CENTRAL);
	}
	return false;
}

enum ev_rc
ev_zipcheck_open(struct ev_zipcheck **out, const struct ev_source_in *in,
    struct ev_err *err)
{
	struct ev_zipcheck *check;
	enum ev_rc rc = EV_OK;
	size_t i;

	*out = NULL;
	check = calloc(1, sizeof(*check));
	if (check == NULL)
		return ev_fail_sys(err, "cannot check a zip");
	check->in = in;
	check->cut = check->damaged = -1;
	ev_buf_init(&check->names, NAMES_MAX);
	check->window = malloc(WINDOW);
	check->slack = calloc(EV_ZIP_SLACKS, sizeof(*check->slack));
	if (check->window == NULL || check->slack == NULL)
		rc = ev_fail_sys(err, "cannot check a zip");
	if (rc == EV_OK)
		rc = find_ends(check, err);
	for (i = 0; i < check->ends && rc == EV_OK; i++)
		rc = ev_zipcheck_directory(check, i, err);
	if (rc == EV_OK) {
		ev_zipcheck_sort(check);
		rc = ev_zipcheck_walk(check, err);
	}
	if (rc != EV_OK) {
		ev_zipcheck_free(check);
		return rc;
	}
	ev_zipcheck_compare(check);
	*out = check;
	return EV_OK;
}

void
ev_zipcheck_free(struct ev_zipcheck *check)
{
	if (check == NULL)
		return;
	free(check->found);
	free(check->slack);
	free(check->window);
	ev_buf_release(&check->names);
	free(check);
}
