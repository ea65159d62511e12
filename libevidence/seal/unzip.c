/* A reader of our own zips that takes nothing but what the writer writes. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "evidence/text.h"
#include "seal/bytes.h"
#include "seal/unzip.h"
#include "seal/ziprec.h"

enum {
	DIRECTORY_LIMIT = 1 << 28,
	PIECE = 32768,
	NAMED = 200, /* an entry in a message, */
	SHOWN = 40,  /* and bytes of its name there */
};

struct ev_unzip {
	struct ev_zip_source source;
	struct ev_buf directory; /* with the end records */
	struct ev_buf names;     /* each with its NUL */
	struct ev_zip_entry *entry;
	const struct ev_zip_entry **by_name; /* letter case ignored */
	size_t count;
	int64_t start, size; /* of the directory, without the end records */
};

static enum ev_rc
bytes_read(void *ctx, void *data, size_t len, int64_t offset,
    struct ev_err *err)
{
	const struct ev_bytes *bytes = ctx;

	if (offset < 0 || (uint64_t)offset > bytes->len ||
	    len > bytes->len - (size_t)offset)
		return ev_fail(err, EV_INPUT, "no %zu bytes at %jd", len,
		    (intmax_t)offset);
	if (len > 0)
		memcpy(data, (const unsigned char *)bytes->data + offset, len);
	return EV_OK;
}

struct ev_zip_source
ev_unzip_bytes(struct ev_bytes *bytes)
{
	const struct ev_zip_source source = { bytes, bytes_read,
		(int64_t)bytes->len };

	return source;
}

/* The three numbers that the end records give. */
static enum ev_rc
read_end64(struct ev_unzip *zip, const unsigned char *end, uint64_t number[3],
    struct ev_err *err)
{
	const unsigned char *locator = end + EV_ZIP_END64;
	size_t n;

	if (ev_zip_get(end, 4) != EV_ZIP_END64_SIG ||
	    ev_zip_get(locator, 4) != EV_ZIP_LOCATOR_SIG)
		return ev_fail(err, EV_MISMATCH,
		    "byte %jd: the Zip64 end records are missing",
		    (intmax_t)(zip->source.size - EV_ZIP_END - EV_ZIP_LOCATOR -
			       EV_ZIP_END64));
	for (n = 0; n < 3; n++)
		number[n] = ev_zip_get(end + 32 + 8 * n, 8);
	return EV_OK;
}

static enum ev_rc
check_end(const unsigned char *end, int64_t at, struct ev_err *err)
{
	if (ev_zip_get(end, 4) != EV_ZIP_END_SIG)
		return ev_fail(err, EV_MISMATCH,
		    "byte %jd: no end record: not a zip, bytes behind its end"
		    " or a comment",
		    (intmax_t)at);
	if (ev_zip_get(end + 4, 2) != 0 || ev_zip_get(end + 6, 2) != 0 ||
	    ev_zip_get(end + 8, 2) != ev_zip_get(end + 10, 2))
		return ev_fail(err, EV_MISMATCH,
		    "byte %jd: the end record speaks of more than one disk",
		    (intmax_t)at);
	if (ev_zip_get(end + 20, 2) != 0)
		return ev_fail(err, EV_MISMATCH,
		    "byte %jd: the end record announces a comment",
		    (intmax_t)at);
	return EV_OK;
}

/* Find the directory, and that it and the end records fill the file's end. */
static enum ev_rc
read_end(struct ev_unzip *zip, struct ev_err *err)
{
	unsigned char end[EV_ZIP_END64 + EV_ZIP_LOCATOR + EV_ZIP_END];
	const unsigned char *last = end + EV_ZIP_END64 + EV_ZIP_LOCATOR;
	uint64_t number[3];
	int64_t length = EV_ZIP_END;
	const int64_t file = zip->source.size;
	size_t got;
	enum ev_rc rc;

	if (file < EV_ZIP_END)
		return ev_fail(err, EV_MISMATCH,
		    "%jd bytes are too few for a zip", (intmax_t)file);
	memset(end, 0, sizeof(end));
	got = file < (int64_t)sizeof(end) ? EV_ZIP_END : sizeof(end);
	rc = zip->source.read(zip->source.ctx, end + sizeof(end) - got, got,
	    file - (int64_t)got, err);
	if (rc == EV_OK)
		rc = check_end(last, file - EV_ZIP_END, err);
	if (rc != EV_OK)
		return rc;
	number[0] = ev_zip_get(last + 8, 2);
	number[1] = ev_zip_get(last + 12, 4);
	number[2] = ev_zip_get(last + 16, 4);
	if (number[0] == 0xffff || number[1] == UINT32_MAX ||
	    number[2] == UINT32_MAX) {
		length = sizeof(end);
		rc = read_end64(zip, end, number, err);
		if (rc != EV_OK)
			return rc;
	}
	if (number[0] > EV_UNZIP_ENTRIES || number[1] > DIRECTORY_LIMIT)
		return ev_fail(err, EV_LIMIT,
		    "byte %jd: the end record speaks of a directory of %ju "
		    "entries and %ju bytes",
		    (intmax_t)(file - length), (uintmax_t)number[0],
		    (uintmax_t)number[1]);
	if (number[2] > (uint64_t)file ||
	    (int64_t)(number[1] + number[2]) != file - length)
		return ev_fail(err, EV_MISMATCH,
		    "%ju bytes of directory at %ju do not end at byte %jd,"
		    " where the end records begin",
		    (uintmax_t)number[1], (uintmax_t)number[2],
		    (intmax_t)(file - length));
	zip->count = (size_t)number[0];
	zip->size = (int64_t)number[1];
	zip->start = (int64_t)number[2];
	return EV_OK;
}

static enum ev_rc
read_directory(struct ev_unzip *zip, struct ev_err *err)
{
	const size_t len = (size_t)(zip->source.size - zip->start);
	enum ev_rc rc;

	rc = ev_buf_reserve(&zip->directory, len, err);
	if (rc != EV_OK)
		return rc;
	rc = zip->source.read(zip->source.ctx, zip->directory.data, len,
	    zip->start, err);
	if (rc == EV_OK)
		zip->directory.len = len;
	return rc;
}

/* What must stand in the fixed part of a central header. */
static const struct {
	int offset, bytes;
	uint64_t value;
	const char *what;
} fixed[] = {
	{ 8, 2, 0, "flags (encryption, data descriptor, UTF-8 or others)" },
	{ 10, 2, 0, "a method other than stored" },
	{ 32, 2, 0, "a comment" },
	{ 34, 2, 0, "another disk" },
	{ 36, 2, 0, "internal attributes" },
	{ 38, 4, UINT64_C(0100644) << 16, "a mode other than 0644" },
};

/* "entry 3 ('name')"; a name that is not allowed is shown escaped. */
static void
name_entry(char out[NAMED], const unsigned char *head, size_t left, size_t n)
{
	size_t len = ev_zip_get(head + 28, 2);
	struct ev_buf safe;
	struct ev_err err;

	if (len > left - EV_ZIP_CENTRAL)
		len = left - EV_ZIP_CENTRAL;
	if (len > SHOWN)
		len = SHOWN;
	ev_buf_init(&safe, NAMED);
	if (ev_text_safe(&safe, head + EV_ZIP_CENTRAL, len, EV_TEXT_NAME,
		&err) != EV_OK)
		ev_buf_clear(&safe);
	(void)snprintf(out, NAMED, "entry %zu ('%.160s')", n + 1,
	    ev_buf_text(&safe));
	ev_buf_release(&safe);
}

static enum ev_rc
check_fixed(const unsigned char *head, const char *entry, struct ev_err *err)
{
	size_t i;

	for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		if (ev_zip_get(head + fixed[i].offset, fixed[i].bytes) !=
		    fixed[i].value)
			return ev_fail(err, EV_MISMATCH, "%s has %s", entry,
			    fixed[i].what);
	}
	if (ev_zip_get(head + 20, 4) != ev_zip_get(head + 24, 4))
		return ev_fail(err, EV_MISMATCH, "%s has two different sizes",
		    entry);
	return EV_OK;
}

/* Size and offset, from the extra field where the fixed one overflows. */
static enum ev_rc
read_numbers(struct ev_zip_entry *entry, const unsigned char *head,
    const char *named, struct ev_err *err)
{
	const size_t name_len = ev_zip_get(head + 28, 2);
	const size_t extra_len = ev_zip_get(head + 30, 2);
	const unsigned char *extra = head + EV_ZIP_CENTRAL + name_len;
	uint64_t size = ev_zip_get(head + 24, 4);
	uint64_t offset = ev_zip_get(head + 42, 4);
	const bool size64 = size == UINT32_MAX, offset64 = offset == UINT32_MAX;
	const size_t body = (size64 ? 16U : 0U) + (offset64 ? 8U : 0U);

	if (extra_len != (body == 0 ? 0 : body + 4) ||
	    (body != 0 && (ev_zip_get(extra, 2) != 1 ||
			      ev_zip_get(extra + 2, 2) != body)))
		return ev_fail(err, EV_MISMATCH,
		    "%s has an extra field that is not Zip64's", named);
	if (size64)
		size = ev_zip_get(extra + 4, 8);
	if (offset64)
		offset = ev_zip_get(extra + 4 + body - 8, 8);
	if (size > INT64_MAX || offset > INT64_MAX)
		return ev_fail(err, EV_MISMATCH,
		    "%s has an impossible size or offset", named);
	entry->size = (int64_t)size;
	entry->offset = (int64_t)offset;
	return EV_OK;
}

/* One central header; its name goes to names, where it may move yet. */
static enum ev_rc
read_central(struct ev_unzip *zip, size_t n, size_t *at, struct ev_err *err)
{
	const unsigned char *head = zip->directory.data + *at;
	const size_t left = (size_t)zip->size - *at;
	struct ev_zip_entry *entry = &zip->entry[n];
	char named[NAMED];
	size_t name_len, len;
	enum ev_rc rc;

	if (left < EV_ZIP_CENTRAL || ev_zip_get(head, 4) != EV_ZIP_CENTRAL_SIG)
		return ev_fail(err, EV_MISMATCH,
		    "byte %jd: entry %zu of the directory is missing",
		    (intmax_t)(zip->start + (int64_t)*at), n + 1);
	name_entry(named, head, left, n);
	rc = check_fixed(head, named, err);
	if (rc != EV_OK)
		return rc;
	name_len = ev_zip_get(head + 28, 2);
	len = EV_ZIP_CENTRAL + name_len + ev_zip_get(head + 30, 2);
	if (len > left)
		return ev_fail(err, EV_MISMATCH,
		    "%s is longer than the directory", named);
	if (!ev_zip_name_ok((const char *)head + EV_ZIP_CENTRAL, name_len))
		return ev_fail(err, EV_MISMATCH,
		    "%s has a name that is not allowed", named);
	rc = read_numbers(entry, head, named, err);
	if (rc == EV_OK)
		rc = ev_buf_put(&zip->names, head + EV_ZIP_CENTRAL, name_len,
		    err);
	if (rc == EV_OK)
		rc = ev_buf_putc(&zip->names, '\0', err);
	entry->dos = (uint32_t)(ev_zip_get(head + 14, 2) << 16 |
				ev_zip_get(head + 12, 2));
	entry->crc = (uint32_t)ev_zip_get(head + 16, 4);
	*at += len;
	return rc;
}

static enum ev_rc
read_entries(struct ev_unzip *zip, struct ev_err *err)
{
	const char *name;
	size_t n, at = 0;
	enum ev_rc rc = EV_OK;

	/* Each entry takes 46 bytes that are really there. */
	if (zip->count > (size_t)zip->size / EV_ZIP_CENTRAL)
		return ev_fail(err, EV_MISMATCH,
		    "%jd bytes of directory cannot hold %zu entries",
		    (intmax_t)zip->size, zip->count);
	zip->entry = calloc(zip->count + 1, sizeof(*zip->entry));
	zip->by_name = calloc(zip->count + 1, sizeof(*zip->by_name));
	if (zip->entry == NULL || zip->by_name == NULL)
		return ev_fail_sys(err, "cannot keep %zu entries", zip->count);
	for (n = 0; rc == EV_OK && n < zip->count; n++)
		rc = read_central(zip, n, &at, err);
	if (rc == EV_OK && at != (size_t)zip->size)
		rc = ev_fail(err, EV_MISMATCH,
		    "byte %jd: the directory has more than its %zu entries",
		    (intmax_t)(zip->start + (int64_t)at), zip->count);
	if (rc != EV_OK)
		return rc;
	name = ev_buf_text(&zip->names);
	for (n = 0; n < zip->count; n++) {
		zip->entry[n].name = name;
		zip->by_name[n] = &zip->entry[n];
		name += strlen(name) + 1;
	}
	return EV_OK;
}

static const struct {
	size_t from, to;
	const char *what;
} local_field[] = {
	{ 0, 4, "signature" },
	{ 4, 6, "version" },
	{ 6, 8, "flags" },
	{ 8, 10, "method" },
	{ 10, 14, "date" },
	{ 14, 18, "CRC" },
	{ 18, 26, "size" },
	{ 26, 28, "length of the name" },
	{ 28, 30, "extra field" },
};

static const char *
field_at(size_t n, size_t name_len)
{
	size_t i;

	for (i = 0; i < sizeof(local_field) / sizeof(local_field[0]); i++) {
		if (n >= local_field[i].from && n < local_field[i].to)
			return local_field[i].what;
	}
	return n < EV_ZIP_LOCAL + name_len ? "name" : "extra field";
}

static enum ev_rc
check_local(const struct ev_unzip *zip, const struct ev_zip_entry *entry,
    struct ev_buf *want, struct ev_err *err)
{
	unsigned char have[EV_ZIP_LOCAL + EV_ZIP_NAME + 20];
	enum ev_rc rc;
	size_t n;

	ev_buf_clear(want);
	rc = ev_zip_local(want, entry, err);
	if (rc == EV_OK)
		rc = zip->source.read(zip->source.ctx, have, want->len,
		    entry->offset, err);
	if (rc != EV_OK)
		return rc;
	for (n = 0; n < want->len; n++) {
		if (have[n] != want->data[n])
			return ev_fail(err, EV_MISMATCH,
			    "byte %jd: local header and directory differ for"
			    " '%.100s': %s",
			    (intmax_t)(entry->offset + (int64_t)n), entry->name,
			    field_at(n, strlen(entry->name)));
	}
	return EV_OK;
}

/* That the entries fill the file up to the directory, one by one. */
static enum ev_rc
check_place(const struct ev_zip_entry *entry, int64_t at, int64_t end,
    struct ev_err *err)
{
	const intmax_t gap = (intmax_t)(entry->offset - at);

	if (gap > 0)
		return ev_fail(err, EV_MISMATCH,
		    "byte %jd: %jd bytes before '%.100s' belong to nothing",
		    (intmax_t)at, gap, entry->name);
	if (gap < 0)
		return ev_fail(err, EV_MISMATCH,
		    "byte %jd: '%.100s' overlaps what stands before it",
		    (intmax_t)entry->offset, entry->name);
	if (entry->size > end - at - ev_zip_local_size(entry))
		return ev_fail(err, EV_MISMATCH,
		    "byte %jd: '%.100s' reaches into the directory",
		    (intmax_t)at, entry->name);
	return EV_OK;
}

static enum ev_rc
check_entries(const struct ev_unzip *zip, struct ev_err *err)
{
	const struct ev_zip_entry *entry;
	struct ev_buf want;
	enum ev_rc rc = EV_OK;
	int64_t at = 0;
	size_t n;

	ev_buf_init(&want, EV_ZIP_LOCAL + EV_ZIP_NAME + 20);
	for (n = 0; rc == EV_OK && n < zip->count; n++) {
		entry = &zip->entry[n];
		rc = check_place(entry, at, zip->start, err);
		if (rc == EV_OK)
			rc = check_local(zip, entry, &want, err);
		if (rc == EV_OK)
			at += ev_zip_local_size(entry) + entry->size;
	}
	ev_buf_release(&want);
	if (rc == EV_OK && at != zip->start)
		rc = ev_fail(err, EV_MISMATCH,
		    "byte %jd: %jd bytes before the directory belong to"
		    " nothing",
		    (intmax_t)at, (intmax_t)(zip->start - at));
	return rc;
}

static char
fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Independent of any locale, unlike strcasecmp(). */
static int
compare_fold(const char *a, const char *b)
{
	while (*a != '\0' && fold(*a) == fold(*b)) {
		a++;
		b++;
	}
	return (unsigned char)fold(*a) - (unsigned char)fold(*b);
}

static int
by_name(const void *a, const void *b)
{
	const struct ev_zip_entry *const *x = a, *const *y = b;

	return compare_fold((*x)->name, (*y)->name);
}

static enum ev_rc
check_names(struct ev_unzip *zip, struct ev_err *err)
{
	const char *a, *b;
	size_t n;

	qsort(zip->by_name, zip->count, sizeof(*zip->by_name), by_name);
	for (n = 1; n < zip->count; n++) {
		a = zip->by_name[n - 1]->name;
		b = zip->by_name[n]->name;
		if (compare_fold(a, b) == 0)
			return ev_fail(err, EV_MISMATCH,
			    "'%.100s' is there twice%s", a,
			    strcmp(a, b) == 0 ? "" : ", letter case ignored");
	}
	return EV_OK;
}

/* Whatever no check above names: the directory as the writer writes it. */
static enum ev_rc
check_rebuilt(const struct ev_unzip *zip, struct ev_err *err)
{
	struct ev_buf want;
	enum ev_rc rc;
	size_t n;

	ev_buf_init(&want, zip->directory.limit);
	rc = ev_zip_directory(&want, zip->entry, zip->count, zip->start, err);
	for (n = 0; rc == EV_OK && n < want.len; n++) {
		if (n >= zip->directory.len ||
		    want.data[n] != zip->directory.data[n])
			rc = ev_fail(err, EV_MISMATCH,
			    "byte %jd: the directory is not as it must be",
			    (intmax_t)(zip->start + (int64_t)n));
	}
	if (rc == EV_OK && want.len != zip->directory.len)
		rc = ev_fail(err, EV_MISMATCH,
		    "byte %jd: the end records are not as they must be",
		    (intmax_t)(zip->start + (int64_t)want.len));
	ev_buf_release(&want);
	return rc;
}

enum ev_rc
ev_unzip_open(struct ev_unzip **out, const struct ev_zip_source *source,
    struct ev_err *err)
{
	struct ev_unzip *zip;
	enum ev_rc rc;

	*out = NULL;
	zip = calloc(1, sizeof(*zip));
	if (zip == NULL)
		return ev_fail_sys(err, "cannot open a zip");
	zip->source = *source;
	ev_buf_init(&zip->directory, DIRECTORY_LIMIT + 256);
	ev_buf_init(&zip->names, DIRECTORY_LIMIT);
	rc = read_end(zip, err);
	if (rc == EV_OK)
		rc = read_directory(zip, err);
	if (rc == EV_OK)
		rc = read_entries(zip, err);
	if (rc == EV_OK)
		rc = check_names(zip, err);
	if (rc == EV_OK)
		rc = check_entries(zip, err);
	if (rc == EV_OK)
		rc = check_rebuilt(zip, err);
	if (rc != EV_OK) {
		ev_unzip_free(zip);
		return rc;
	}
	*out = zip;
	return EV_OK;
}

void
ev_unzip_free(struct ev_unzip *zip)
{
	if (zip == NULL)
		return;
	ev_buf_release(&zip->directory);
	ev_buf_release(&zip->names);
	free(zip->entry);
	free(zip->by_name);
	free(zip);
}

size_t
ev_unzip_count(const struct ev_unzip *zip)
{
	return zip->count;
}

const struct ev_zip_entry *
ev_unzip_entry(const struct ev_unzip *zip, size_t n)
{
	return n < zip->count ? &zip->entry[n] : NULL;
}

const struct ev_zip_entry *
ev_unzip_find(const struct ev_unzip *zip, const char *name)
{
	const struct ev_zip_entry wanted = { .name = name };
	const struct ev_zip_entry *key = &wanted;
	const struct ev_zip_entry *const *found;

	found = bsearch(&key, zip->by_name, zip->count, sizeof(*zip->by_name),
	    by_name);
	return found != NULL && strcmp((*found)->name, name) == 0 ? *found
								  : NULL;
}

enum ev_rc
ev_unzip_read(const struct ev_unzip *zip, const struct ev_zip_entry *entry,
    void *data, size_t len, int64_t at, struct ev_err *err)
{
	if (at < 0 || at > entry->size || len > (uint64_t)(entry->size - at))
		return ev_fail(err, EV_USE, "'%.100s' has no %zu bytes at %jd",
		    entry->name, len, (intmax_t)at);
	return zip->source.read(zip->source.ctx, data, len,
	    entry->offset + ev_zip_local_size(entry) + at, err);
}

enum ev_rc
ev_unzip_check(const struct ev_unzip *zip, const struct ev_zip_entry *entry,
    struct ev_err *err)
{
	unsigned char data[PIECE];
	uint32_t crc = 0;
	int64_t at;
	size_t len;
	enum ev_rc rc;

	for (at = 0; at < entry->size; at += (int64_t)len) {
		len = entry->size - at < PIECE ? (size_t)(entry->size - at)
					       : PIECE;
		rc = ev_unzip_read(zip, entry, data, len, at, err);
		if (rc != EV_OK)
			return rc;
		crc = (uint32_t)crc32_z(crc, data, len);
	}
	if (crc != entry->crc)
		return ev_fail(err, EV_MISMATCH,
		    "'%.100s' has the CRC %08x, not %08x", entry->name, crc,
		    entry->crc);
	return EV_OK;
}
