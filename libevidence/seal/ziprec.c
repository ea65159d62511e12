/* The records of a zip file (APPNOTE 6.3.10, 4.3). */
#include <stdlib.h>
#include <string.h>

#include "evidence/when.h"
#include "seal/zip.h"
#include "seal/ziprec.h"

enum {
	STORED = 0,
	NEED_STORED = 10,
	NEED_ZIP64 = 45,
	MADE_BY_UNIX = 3 << 8,
	MADE_BY_STORED = 20,
	ZIP64_TAG = 1,
	EXTRA_HEAD = 4, /* tag and length */
};

static const uint32_t mode_0644 = UINT32_C(0100644) << 16;

/* Bytes put one behind the other, least significant first. */
struct put {
	unsigned char *at;
};

static void
put_le(struct put *p, uint64_t value, int bytes)
{
	for (; bytes > 0; bytes--) {
		*p->at++ = (unsigned char)(value & 0xff);
		value >>= 8;
	}
}

uint64_t
ev_zip_get(const unsigned char *data, int bytes)
{
	uint64_t value = 0;

	while (bytes > 0)
		value = value << 8 | data[--bytes];
	return value;
}

static bool
part_ok(const char *part, size_t len)
{
	if (len == 0 || (len == 1 && part[0] == '.'))
		return false;
	return len != 2 || part[0] != '.' || part[1] != '.';
}

bool
ev_zip_name_ok(const char *name, size_t len)
{
	size_t n, start = 0;

	if (len == 0 || len > EV_ZIP_NAME)
		return false;
	for (n = 0; n < len; n++) {
		if (name[n] <= ' ' || name[n] > '~' || name[n] == '\\')
			return false;
		if (name[n] != '/')
			continue;
		if (!part_ok(name + start, n - start))
			return false;
		start = n + 1;
	}
	return part_ok(name + start, len - start);
}

uint32_t
ev_zip_dos(int64_t when)
{
	const uint32_t first = 1 << 5 | 1; /* 1980-01-01 */
	char text[EV_WHEN_TEXT];
	unsigned long year, month, day, hour, minute, second;

	/* YYYY-MM-DDThh:mm:ssZ */
	ev_when_print(text, when, EV_PREC_S);
	year = strtoul(text, NULL, 10);
	month = strtoul(text + 5, NULL, 10);
	day = strtoul(text + 8, NULL, 10);
	hour = strtoul(text + 11, NULL, 10);
	minute = strtoul(text + 14, NULL, 10);
	second = strtoul(text + 17, NULL, 10);
	if (year < 1980)
		return first << 16;
	if (year > 2107)
		return UINT32_C(0xff9fbf7d); /* 2107-12-31T23:59:58 */
	return (uint32_t)((year - 1980) << 25 | month << 21 | day << 16 |
			  hour << 11 | minute << 5 | second / 2);
}

static bool
big(int64_t value)
{
	return value >= INT64_C(0xffffffff);
}

static uint32_t
field32(int64_t value)
{
	return big(value) ? UINT32_C(0xffffffff) : (uint32_t)value;
}

int64_t
ev_zip_local_size(const struct ev_zip_entry *entry)
{
	return (int64_t)(EV_ZIP_LOCAL + strlen(entry->name) +
			 (big(entry->size) ? EXTRA_HEAD + 16 : 0));
}

static enum ev_rc
check_entry(const struct ev_zip_entry *entry, struct ev_err *err)
{
	if (!ev_zip_name_ok(entry->name, strlen(entry->name)))
		return ev_fail(err, EV_USE,
		    "'%.100s' cannot be a name in a container", entry->name);
	if (entry->size < 0 || entry->offset < 0)
		return ev_fail(err, EV_USE, "'%.100s' has no size or place",
		    entry->name);
	return EV_OK;
}

/* What local and central header have in common, from `version needed` on. */
static void
put_common(struct put *p, const struct ev_zip_entry *entry, bool zip64,
    size_t extra)
{
	put_le(p, zip64 ? NEED_ZIP64 : NEED_STORED, 2);
	put_le(p, 0, 2);
	put_le(p, STORED, 2);
	put_le(p, entry->dos & 0xffff, 2);
	put_le(p, entry->dos >> 16, 2);
	put_le(p, entry->crc, 4);
	put_le(p, field32(entry->size), 4);
	put_le(p, field32(entry->size), 4);
	put_le(p, strlen(entry->name), 2);
	put_le(p, extra == 0 ? 0 : EXTRA_HEAD + extra, 2);
}

static void
put_name(struct put *p, const char *name)
{
	const size_t len = strlen(name);

	memcpy(p->at, name, len);
	p->at += len;
}

enum ev_rc
ev_zip_local(struct ev_buf *out, const struct ev_zip_entry *entry,
    struct ev_err *err)
{
	const size_t extra = big(entry->size) ? 16 : 0;
	unsigned char head[EV_ZIP_LOCAL + EV_ZIP_NAME + EXTRA_HEAD + 16];
	struct put p = { head };
	enum ev_rc rc;

	rc = check_entry(entry, err);
	if (rc != EV_OK)
		return rc;
	put_le(&p, EV_ZIP_LOCAL_SIG, 4);
	put_common(&p, entry, extra != 0, extra);
	put_name(&p, entry->name);
	if (extra != 0) {
		put_le(&p, ZIP64_TAG, 2);
		put_le(&p, extra, 2);
		put_le(&p, (uint64_t)entry->size, 8);
		put_le(&p, (uint64_t)entry->size, 8);
	}
	return ev_buf_put(out, head, (size_t)(p.at - head), err);
}

static enum ev_rc
put_central(struct ev_buf *out, const struct ev_zip_entry *entry,
    struct ev_err *err)
{
	const size_t extra =
	    (big(entry->size) ? 16U : 0U) + (big(entry->offset) ? 8U : 0U);
	unsigned char head[EV_ZIP_CENTRAL + EV_ZIP_NAME + EXTRA_HEAD + 24];
	struct put p = { head };
	enum ev_rc rc;

	rc = check_entry(entry, err);
	if (rc != EV_OK)
		return rc;
	put_le(&p, EV_ZIP_CENTRAL_SIG, 4);
	put_le(&p, MADE_BY_UNIX | (extra != 0 ? NEED_ZIP64 : MADE_BY_STORED),
	    2);
	put_common(&p, entry, extra != 0, extra);
	put_le(&p, 0, 2); /* comment */
	put_le(&p, 0, 2); /* disk */
	put_le(&p, 0, 2); /* internal attributes */
	put_le(&p, mode_0644, 4);
	put_le(&p, field32(entry->offset), 4);
	put_name(&p, entry->name);
	if (extra != 0) {
		put_le(&p, ZIP64_TAG, 2);
		put_le(&p, extra, 2);
	}
	if (big(entry->size)) {
		put_le(&p, (uint64_t)entry->size, 8);
		put_le(&p, (uint64_t)entry->size, 8);
	}
	if (big(entry->offset))
		put_le(&p, (uint64_t)entry->offset, 8);
	return ev_buf_put(out, head, (size_t)(p.at - head), err);
}

static enum ev_rc
put_end(struct ev_buf *out, size_t count, int64_t start, int64_t size,
    struct ev_err *err)
{
	const bool zip64 = count >= 0xffff || big(start) || big(size);
	const uint64_t few = count >= 0xffff ? 0xffff : count;
	unsigned char end[EV_ZIP_END64 + EV_ZIP_LOCATOR + EV_ZIP_END];
	struct put p = { end };

	if (zip64) {
		put_le(&p, EV_ZIP_END64_SIG, 4);
		put_le(&p, EV_ZIP_END64 - 12, 8);
		put_le(&p, MADE_BY_UNIX | NEED_ZIP64, 2);
		put_le(&p, NEED_ZIP64, 2);
		put_le(&p, 0, 4);
		put_le(&p, 0, 4);
		put_le(&p, count, 8);
		put_le(&p, count, 8);
		put_le(&p, (uint64_t)size, 8);
		put_le(&p, (uint64_t)start, 8);
		put_le(&p, EV_ZIP_LOCATOR_SIG, 4);
		put_le(&p, 0, 4);
		put_le(&p, (uint64_t)(start + size), 8);
		put_le(&p, 1, 4);
	}
	put_le(&p, EV_ZIP_END_SIG, 4);
	put_le(&p, 0, 2);
	put_le(&p, 0, 2);
	put_le(&p, few, 2);
	put_le(&p, few, 2);
	put_le(&p, field32(size), 4);
	put_le(&p, field32(start), 4);
	put_le(&p, 0, 2);
	return ev_buf_put(out, end, (size_t)(p.at - end), err);
}

enum ev_rc
ev_zip_directory(struct ev_buf *out, const struct ev_zip_entry *entry,
    size_t count, int64_t start, struct ev_err *err)
{
	const size_t before = out->len;
	enum ev_rc rc;
	size_t n;

	for (n = 0; n < count; n++) {
		rc = put_central(out, &entry[n], err);
		if (rc != EV_OK)
			return rc;
	}
	return put_end(out, count, start, (int64_t)(out->len - before), err);
}
