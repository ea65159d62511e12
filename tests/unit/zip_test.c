/* seal/zip and seal/unzip: bytes that can be foretold, and nothing else. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "seal/bytes.h"
#include "seal/unzip.h"
#include "seal/zip.h"
#include "seal/ziprec.h"

enum { LIMIT = 64 << 20 };

/* 2025-07-24T10:00:02Z */
static const int64_t when = INT64_C(1753351202000000);
static const char mimetype[] = "application/vnd.etsi.asic-e+zip";

static enum ev_rc
sink_buf(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	return ev_buf_put(ctx, data, len, err);
}

static struct ev_zip *
begin(struct ev_buf *out)
{
	struct ev_zip_sink sink = { out, sink_buf };
	struct ev_zip *zip = NULL;
	struct ev_err err;

	ev_buf_init(out, LIMIT);
	assert_int_equal(ev_zip_new(&zip, &sink, when, &err), EV_OK);
	return zip;
}

static void
put(struct ev_zip *zip, const char *name, const char *text)
{
	struct ev_err err;

	assert_int_equal(ev_zip_put(zip, name, text, strlen(text), &err),
	    EV_OK);
}

/* A small container as a bundle is one. */
static void
make(struct ev_buf *out)
{
	struct ev_zip *zip = begin(out);
	struct ev_err err;

	put(zip, "mimetype", mimetype);
	put(zip, "data/E000001.txt", "as received\n");
	put(zip, "data/empty", "");
	assert_int_equal(ev_zip_begin(zip, "data/later", 0x352441c2, 3, &err),
	    EV_OK);
	assert_int_equal(ev_zip_write(zip, "a", 1, &err), EV_OK);
	assert_int_equal(ev_zip_write(zip, "bc", 2, &err), EV_OK);
	assert_int_equal(ev_zip_end(zip, &err), EV_OK);
	assert_int_equal(ev_zip_finish(zip, &err), EV_OK);
	assert_int_equal(ev_zip_offset(zip), out->len);
	ev_zip_free(zip);
}

static enum ev_rc
open_bytes(const struct ev_buf *buf, struct ev_err *err)
{
	struct ev_bytes bytes = EV_BYTES_BUF(buf);
	const struct ev_zip_source source = ev_unzip_bytes(&bytes);
	struct ev_unzip *zip;
	enum ev_rc rc;
	size_t n;

	rc = ev_unzip_open(&zip, &source, err);
	if (rc != EV_OK) {
		assert_null(zip);
		return rc;
	}
	for (n = 0; rc == EV_OK && n < ev_unzip_count(zip); n++)
		rc = ev_unzip_check(zip, ev_unzip_entry(zip, n), err);
	ev_unzip_free(zip);
	return rc;
}

static void
the_mimetype_stands_at_byte_38(void **state)
{
	struct ev_buf buf;

	(void)state;
	make(&buf);
	assert_memory_equal(buf.data, "PK\x03\x04\x0a\0\0\0\0\0", 10);
	assert_memory_equal(buf.data + 38, mimetype, sizeof(mimetype) - 1);
	ev_buf_release(&buf);
}

static void
the_same_input_gives_the_same_bytes(void **state)
{
	struct ev_buf a, b;

	(void)state;
	make(&a);
	make(&b);
	assert_int_equal(a.len, b.len);
	assert_memory_equal(a.data, b.data, a.len);
	ev_buf_release(&a);
	ev_buf_release(&b);
}

static void
what_was_written_is_read_back(void **state)
{
	struct ev_bytes bytes;
	struct ev_zip_source source;
	const struct ev_zip_entry *entry;
	struct ev_unzip *zip;
	struct ev_buf buf;
	struct ev_err err;
	char text[8];

	(void)state;
	make(&buf);
	bytes = EV_BYTES_BUF(&buf);
	source = ev_unzip_bytes(&bytes);
	assert_int_equal(ev_unzip_open(&zip, &source, &err), EV_OK);
	assert_int_equal(ev_unzip_count(zip), 4);
	assert_string_equal(ev_unzip_entry(zip, 0)->name, "mimetype");
	assert_null(ev_unzip_entry(zip, 4));
	assert_null(ev_unzip_find(zip, "DATA/LATER"));
	entry = ev_unzip_find(zip, "data/later");
	assert_non_null(entry);
	assert_int_equal(entry->size, 3);
	assert_int_equal(entry->crc, 0x352441c2);
	assert_int_equal(entry->dos, ev_zip_dos(when));
	assert_int_equal(ev_unzip_read(zip, entry, text, 2, 1, &err), EV_OK);
	assert_memory_equal(text, "bc", 2);
	assert_int_equal(ev_unzip_read(zip, entry, text, 3, 1, &err), EV_USE);
	assert_int_equal(ev_unzip_read(zip, entry, text, 1, -1, &err), EV_USE);
	ev_unzip_free(zip);
	ev_buf_release(&buf);
}

static void
every_flipped_bit_and_every_cut_is_found(void **state)
{
	struct ev_buf buf;
	struct ev_err err;
	enum ev_rc rc;
	size_t n, len;
	int bit;

	(void)state;
	make(&buf);
	assert_int_equal(open_bytes(&buf, &err), EV_OK);
	for (n = 0; n < buf.len; n++) {
		for (bit = 0; bit < 8; bit++) {
			buf.data[n] ^= (unsigned char)(1 << bit);
			rc = open_bytes(&buf, &err);
			assert_true(rc == EV_MISMATCH || rc == EV_LIMIT);
			buf.data[n] ^= (unsigned char)(1 << bit);
		}
	}
	len = buf.len;
	for (buf.len = 0; buf.len < len; buf.len++)
		assert_int_equal(open_bytes(&buf, &err), EV_MISMATCH);
	assert_int_equal(ev_buf_putc(&buf, 'x', &err), EV_OK);
	assert_int_equal(open_bytes(&buf, &err), EV_MISMATCH);
	ev_buf_release(&buf);
}

/* Where the directory of make() begins. */
static size_t
directory_at(const struct ev_buf *buf)
{
	return ev_zip_get(buf->data + buf->len - 6, 4);
}

static void
assert_refused(struct ev_buf *buf, const char *msg)
{
	struct ev_err err = { .msg = "" };

	assert_int_equal(open_bytes(buf, &err), EV_MISMATCH);
	if (strstr(err.msg, msg) == NULL)
		fail_msg("'%s', not '%s'", err.msg, msg);
	ev_buf_release(buf);
}

/* Write value at a place of the first header of the directory. */
static void
poke(struct ev_buf *buf, size_t at, unsigned char value)
{
	make(buf);
	buf->data[directory_at(buf) + at] = value;
}

static void
each_deviation_has_its_own_message(void **state)
{
	struct ev_buf buf;

	(void)state;
	poke(&buf, 8, 1);
	assert_refused(&buf, "entry 1 ('mimetype') has flags");
	poke(&buf, 10, 8);
	assert_refused(&buf,
	    "entry 1 ('mimetype') has a method other than stored");
	poke(&buf, 20, 30);
	assert_refused(&buf, "entry 1 ('mimetype') has two different sizes");
	poke(&buf, 30, 4);
	assert_refused(&buf, "entry 1 ('mimetype') has an extra field");
	poke(&buf, 32, 1);
	assert_refused(&buf, "entry 1 ('mimetype') has a comment");
	poke(&buf, 34, 1);
	assert_refused(&buf, "entry 1 ('mimetype') has another disk");
	poke(&buf, 41, 0xa1);
	assert_refused(&buf, "entry 1 ('mimetype') has a mode other than 0644");
	poke(&buf, 46, '/');
	assert_refused(&buf, "') has a name that is not allowed");
	poke(&buf, 46, 0xe9);
	assert_refused(&buf, "') has a name that is not allowed");
	poke(&buf, 46, 'n');
	assert_refused(&buf, "differ for 'nimetype': name");
	poke(&buf, 16, 0);
	assert_refused(&buf, "differ for 'mimetype': CRC");
	poke(&buf, 12, 0);
	assert_refused(&buf, "differ for 'mimetype': date");
	poke(&buf, 42, 1);
	assert_refused(&buf, "1 bytes before 'mimetype' belong to nothing");
	poke(&buf, 5, 0);
	assert_refused(&buf, "the directory is not as it must be");
	poke(&buf, 6, 20);
	assert_refused(&buf, "the directory is not as it must be");
}

/* The same for the end record, counted from the end of the file. */
static void
poke_end(struct ev_buf *buf, size_t from_end, unsigned char value)
{
	make(buf);
	buf->data[buf->len - from_end] = value;
}

static void
end_records_that_contradict_the_file_are_named(void **state)
{
	struct ev_buf buf;
	struct ev_err err;

	(void)state;
	poke_end(&buf, 22, 'Q');
	assert_refused(&buf, "no end record");
	poke_end(&buf, 18, 1);
	assert_refused(&buf, "speaks of more than one disk");
	poke_end(&buf, 14, 3);
	assert_refused(&buf, "speaks of more than one disk");
	poke_end(&buf, 2, 1);
	assert_refused(&buf, "the end record announces a comment");
	poke_end(&buf, 10, 0);
	assert_refused(&buf, "where the end records begin");
	make(&buf);
	memset(buf.data + buf.len - 10, 0xff, 4);
	assert_refused(&buf, "the Zip64 end records are missing");
	poke(&buf, 0, 'X');
	assert_refused(&buf, "entry 1 of the directory is missing");
	make(&buf);
	buf.data[buf.len - 14] = buf.data[buf.len - 12] = 3;
	assert_refused(&buf, "the directory has more than its 3 entries");
	make(&buf);
	buf.data[buf.len - 14] = buf.data[buf.len - 12] = 200;
	assert_refused(&buf, "of directory cannot hold 200 entries");
	poke(&buf, 29, 2);
	assert_refused(&buf, "') is longer than the directory");
	ev_buf_init(&buf, LIMIT);
	assert_int_equal(ev_buf_puts(&buf, "PK", &err), EV_OK);
	assert_refused(&buf, "2 bytes are too few for a zip");
}

static void
end_records_of_zip64_where_none_are_needed_are_refused(void **state)
{
	struct ev_zip_entry entry = { "a", 0, 0, 0, 0 };
	struct ev_buf buf, far;
	struct ev_err err;
	size_t start;

	(void)state;
	ev_buf_init(&buf, LIMIT);
	ev_buf_init(&far, LIMIT);
	assert_int_equal(ev_zip_local(&buf, &entry, &err), EV_OK);
	start = buf.len;
	assert_int_equal(ev_zip_directory(&far, &entry, 1, INT64_C(1) << 32,
			     &err),
	    EV_OK);
	assert_int_equal(ev_buf_put(&buf, far.data, far.len, &err), EV_OK);
	/* The offset in the Zip64 end record: the true one. */
	memset(buf.data + buf.len - 22 - 20 - 8, 0, 8);
	buf.data[buf.len - 22 - 20 - 8] = (unsigned char)start;
	assert_refused(&buf, "the directory is not as it must be");
	ev_buf_release(&far);
}

/* The longest name, and every number that needs Zip64. */
static void
records_have_room_or_say_that_they_have_not(void **state)
{
	char name[EV_ZIP_NAME];
	struct ev_zip_entry entry = { name, 1, 2, INT64_C(1) << 40,
		INT64_C(1) << 41 };
	struct ev_buf whole, cut;
	struct ev_err err;
	size_t local, n;
	enum ev_rc rc;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	ev_buf_init(&whole, LIMIT);
	assert_int_equal(ev_zip_local(&whole, &entry, &err), EV_OK);
	local = whole.len;
	assert_int_equal(local, EV_ZIP_LOCAL + strlen(name) + 20);
	assert_int_equal((int64_t)local, ev_zip_local_size(&entry));
	assert_int_equal(ev_zip_directory(&whole, &entry, 1, INT64_C(1) << 42,
			     &err),
	    EV_OK);
	assert_int_equal(whole.len - local, EV_ZIP_CENTRAL + strlen(name) + 28 +
						EV_ZIP_END64 + EV_ZIP_LOCATOR +
						EV_ZIP_END);
	for (n = 0; n < whole.len; n++) {
		ev_buf_init(&cut, n);
		rc = ev_zip_local(&cut, &entry, &err);
		assert_int_equal(rc, n < local ? EV_LIMIT : EV_OK);
		if (rc == EV_OK)
			assert_int_equal(ev_zip_directory(&cut, &entry, 1,
					     INT64_C(1) << 42, &err),
			    EV_LIMIT);
		ev_buf_release(&cut);
	}
	ev_buf_release(&whole);
}

static void
bytes_that_belong_to_nothing_are_found(void **state)
{
	struct ev_zip_entry entry[2] = { { "a", 0, 0, 0, 0 },
		{ "b", 0, 0, 0, 0 } };
	struct ev_buf buf;
	struct ev_err err;

	(void)state;
	/* A prefix. */
	ev_buf_init(&buf, LIMIT);
	assert_int_equal(ev_buf_puts(&buf, "#!/bin/sh\n", &err), EV_OK);
	entry[0].offset = (int64_t)buf.len;
	assert_int_equal(ev_zip_local(&buf, &entry[0], &err), EV_OK);
	assert_int_equal(ev_zip_directory(&buf, entry, 1, (int64_t)buf.len,
			     &err),
	    EV_OK);
	assert_refused(&buf, "byte 0: 10 bytes before 'a' belong to nothing");
	/* A gap before the directory. */
	ev_buf_init(&buf, LIMIT);
	entry[0].offset = 0;
	assert_int_equal(ev_zip_local(&buf, &entry[0], &err), EV_OK);
	assert_int_equal(ev_buf_puts(&buf, "hidden", &err), EV_OK);
	assert_int_equal(ev_zip_directory(&buf, entry, 1, (int64_t)buf.len,
			     &err),
	    EV_OK);
	assert_refused(&buf, "byte 31: 6 bytes before the directory");
	/* Two entries that share a local header. */
	ev_buf_init(&buf, LIMIT);
	assert_int_equal(ev_zip_local(&buf, &entry[0], &err), EV_OK);
	assert_int_equal(ev_zip_directory(&buf, entry, 2, (int64_t)buf.len,
			     &err),
	    EV_OK);
	assert_refused(&buf, "byte 0: 'b' overlaps what stands before it");
	/* An entry longer than the file. */
	ev_buf_init(&buf, LIMIT);
	entry[0].size = 1000;
	assert_int_equal(ev_zip_local(&buf, &entry[0], &err), EV_OK);
	assert_int_equal(ev_zip_directory(&buf, entry, 1, (int64_t)buf.len,
			     &err),
	    EV_OK);
	assert_refused(&buf, "byte 0: 'a' reaches into the directory");
	/* Two zips, one behind the other. */
	make(&buf);
	assert_int_equal(ev_buf_reserve(&buf, buf.len, &err), EV_OK);
	memcpy(buf.data + buf.len, buf.data, buf.len);
	buf.len *= 2;
	assert_refused(&buf, "where the end records begin");
}

static void
a_name_twice_is_refused_whatever_its_case(void **state)
{
	struct ev_zip *zip;
	struct ev_buf buf;
	struct ev_err err;

	(void)state;
	zip = begin(&buf);
	put(zip, "data/x", "1");
	put(zip, "data/y", "2");
	put(zip, "data/X", "3");
	assert_int_equal(ev_zip_finish(zip, &err), EV_OK);
	ev_zip_free(zip);
	assert_refused(&buf, "is there twice, letter case ignored");
	zip = begin(&buf);
	put(zip, "data/x", "1");
	put(zip, "data/x", "1");
	assert_int_equal(ev_zip_finish(zip, &err), EV_OK);
	ev_zip_free(zip);
	assert_refused(&buf, "'data/x' is there twice");
}

static void
the_writer_refuses_what_the_reader_would(void **state)
{
	static const char *const bad[] = { "", "/a", "a/", "a//b", "../a",
		"a/./b", "a/..", "a b", "a\\b", "caf\xc3\xa9", "a\nb" };
	struct ev_zip *zip;
	struct ev_buf buf;
	struct ev_err err;
	size_t n;

	(void)state;
	zip = begin(&buf);
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++)
		assert_int_equal(ev_zip_put(zip, bad[n], "x", 1, &err), EV_USE);
	assert_true(ev_zip_name_ok("...", 3));
	assert_true(ev_zip_name_ok("a.", 2));
	assert_true(ev_zip_name_ok(".a", 2));
	assert_true(ev_zip_name_ok("a/b./.c", 7));
	put(zip, "a", "x");
	assert_int_equal(ev_zip_put(zip, "mimetype", "x", 1, &err), EV_USE);
	assert_int_equal(ev_zip_write(zip, "x", 1, &err), EV_USE);
	assert_int_equal(ev_zip_end(zip, &err), EV_USE);
	assert_int_equal(ev_zip_finish(zip, &err), EV_OK);
	assert_int_equal(ev_zip_put(zip, "b", "x", 1, &err), EV_USE);
	ev_zip_free(zip);
	ev_buf_release(&buf);
}

static void
bytes_other_than_the_announced_ones_end_the_zip(void **state)
{
	static const struct {
		uint32_t crc;
		int64_t size;
		const char *msg;
	} bad[] = {
		{ 0x352441c2, 2, "'a' is longer than announced" },
		{ 0x352441c2, 4, "'a' is shorter than announced" },
		{ 0x352441c3, 3, "'a' has another CRC than announced" },
	};
	struct ev_zip *zip;
	struct ev_buf buf;
	struct ev_err err;
	size_t n;
	enum ev_rc rc;

	(void)state;
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		zip = begin(&buf);
		assert_int_equal(ev_zip_begin(zip, "a", bad[n].crc, bad[n].size,
				     &err),
		    EV_OK);
		rc = ev_zip_write(zip, "abc", 3, &err);
		if (rc == EV_OK)
			rc = ev_zip_end(zip, &err);
		assert_int_equal(rc, EV_MISMATCH);
		assert_memory_equal(err.msg, bad[n].msg, strlen(bad[n].msg));
		assert_int_equal(ev_zip_finish(zip, &err), EV_USE);
		ev_zip_free(zip);
		ev_buf_release(&buf);
	}
}

static void
dates_are_utc_and_stay_within_what_dos_knows(void **state)
{
	(void)state;
	assert_int_equal(ev_zip_dos(when),
	    45U << 25 | 7U << 21 | 24U << 16 | 10U << 11 | 1U);
	assert_int_equal(ev_zip_dos(0), 1U << 21 | 1U << 16);
	assert_int_equal(ev_zip_dos(INT64_C(4354819198) * 1000000),
	    127U << 25 | 12U << 21 | 31U << 16 | 23U << 11 | 59U << 5 | 29U);
	assert_int_equal(ev_zip_dos(INT64_C(4354819200) * 1000000),
	    127U << 25 | 12U << 21 | 31U << 16 | 23U << 11 | 59U << 5 | 29U);
}

/* A file of which only head and tail are kept; zeros in between. */
struct hollow {
	struct ev_buf head, tail;
	int64_t tail_at;
	int64_t second_at; /* the header of the second entry */
	struct ev_buf second;
};

static void
copy_part(unsigned char *data, size_t len, int64_t offset,
    const struct ev_buf *part, int64_t at)
{
	size_t n;
	int64_t place;

	for (n = 0; n < len; n++) {
		place = offset + (int64_t)n - at;
		if (place >= 0 && place < (int64_t)part->len)
			data[n] = part->data[place];
	}
}

static enum ev_rc
read_hollow(void *ctx, void *data, size_t len, int64_t offset,
    struct ev_err *err)
{
	const struct hollow *h = ctx;

	(void)err;
	memset(data, 0, len);
	copy_part(data, len, offset, &h->head, 0);
	copy_part(data, len, offset, &h->second, h->second_at);
	copy_part(data, len, offset, &h->tail, h->tail_at);
	return EV_OK;
}

static void
make_hollow(struct hollow *h, struct ev_zip_entry entry[2])
{
	struct ev_err err;

	ev_buf_init(&h->head, LIMIT);
	ev_buf_init(&h->second, LIMIT);
	ev_buf_init(&h->tail, LIMIT);
	assert_int_equal(ev_zip_local(&h->head, &entry[0], &err), EV_OK);
	h->second_at = ev_zip_local_size(&entry[0]) + entry[0].size;
	assert_int_equal(h->head.len, ev_zip_local_size(&entry[0]));
	entry[1].offset = h->second_at;
	assert_int_equal(ev_zip_local(&h->second, &entry[1], &err), EV_OK);
	h->tail_at = h->second_at + (int64_t)h->second.len + entry[1].size;
	assert_int_equal(ev_zip_directory(&h->tail, entry, 2, h->tail_at, &err),
	    EV_OK);
}

static void
free_hollow(struct hollow *h)
{
	ev_buf_release(&h->head);
	ev_buf_release(&h->second);
	ev_buf_release(&h->tail);
}

static void
sizes_beyond_4_gib_use_zip64(void **state)
{
	struct ev_zip_entry entry[2] = { { "big", 0x11223344, 0x21 << 16,
					     INT64_C(0xffffffff), 0 },
		{ "small", 0, 0x21 << 16, 10, 0 } };
	struct hollow h;
	struct ev_zip_source source = { &h, read_hollow, 0 };
	struct ev_unzip *zip;
	struct ev_err err;

	(void)state;
	make_hollow(&h, entry);
	assert_int_equal(h.head.len, 30 + 3 + 20);
	assert_int_equal(h.second.len, 30 + 5);
	source.size = h.tail_at + (int64_t)h.tail.len;
	assert_int_equal(ev_unzip_open(&zip, &source, &err), EV_OK);
	assert_int_equal(ev_unzip_find(zip, "big")->size, 0xffffffff);
	assert_int_equal(ev_unzip_find(zip, "small")->offset, h.second_at);
	ev_unzip_free(zip);
	/* One byte less, and every field has room for it. */
	free_hollow(&h);
	entry[0].size--;
	make_hollow(&h, entry);
	assert_int_equal(h.head.len, 30 + 3);
	source.size = h.tail_at + (int64_t)h.tail.len;
	assert_int_equal(ev_unzip_open(&zip, &source, &err), EV_OK);
	ev_unzip_free(zip);
	free_hollow(&h);
}

static void
more_than_65534_entries_use_zip64(void **state)
{
	struct ev_bytes bytes;
	struct ev_zip_source source;
	struct ev_unzip *read;
	struct ev_zip *zip;
	struct ev_buf buf;
	struct ev_err err;
	char name[16];
	int n;

	(void)state;
	zip = begin(&buf);
	for (n = 0; n < 70000; n++) {
		(void)snprintf(name, sizeof(name), "E%06d", n);
		put(zip, name, "");
	}
	assert_int_equal(ev_zip_finish(zip, &err), EV_OK);
	ev_zip_free(zip);
	bytes = EV_BYTES_BUF(&buf);
	source = ev_unzip_bytes(&bytes);
	assert_int_equal(ev_unzip_open(&read, &source, &err), EV_OK);
	assert_int_equal(ev_unzip_count(read), 70000);
	assert_non_null(ev_unzip_find(read, "E069999"));
	ev_unzip_free(read);
	ev_buf_release(&buf);
}

/* For tests/interop/zip.sh: a small container, and a hollow one of 4 GiB. */
static void
write_at(int fd, const struct ev_buf *buf, int64_t at)
{
	assert_int_equal(pwrite(fd, buf->data, buf->len, (off_t)at), buf->len);
}

static int
create(const char *dir, const char *name)
{
	char path[4096];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	return fd;
}

static void
other_tools_get_their_files(void **state)
{
	/* The CRC-32 of 4 GiB + 1 of zeros. */
	struct ev_zip_entry entry[2] = { { "big", 0, 0x21 << 16,
					     (INT64_C(1) << 32) + 1, 0 },
		{ "small", 0, 0x21 << 16, 0, 0 } };
	const char *dir = getenv("EV_INTEROP_DIR");
	struct hollow h;
	struct ev_buf buf;
	int fd;

	(void)state;
	if (dir == NULL)
		return;
	make(&buf);
	fd = create(dir, "small.zip");
	write_at(fd, &buf, 0);
	assert_int_equal(close(fd), 0);
	ev_buf_release(&buf);
	make_hollow(&h, entry);
	fd = create(dir, "big.zip");
	write_at(fd, &h.head, 0);
	write_at(fd, &h.second, h.second_at);
	write_at(fd, &h.tail, h.tail_at);
	assert_int_equal(close(fd), 0);
	free_hollow(&h);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_mimetype_stands_at_byte_38),
		cmocka_unit_test(the_same_input_gives_the_same_bytes),
		cmocka_unit_test(what_was_written_is_read_back),
		cmocka_unit_test(every_flipped_bit_and_every_cut_is_found),
		cmocka_unit_test(each_deviation_has_its_own_message),
		cmocka_unit_test(
		    end_records_that_contradict_the_file_are_named),
		cmocka_unit_test(
		    end_records_of_zip64_where_none_are_needed_are_refused),
		cmocka_unit_test(records_have_room_or_say_that_they_have_not),
		cmocka_unit_test(bytes_that_belong_to_nothing_are_found),
		cmocka_unit_test(a_name_twice_is_refused_whatever_its_case),
		cmocka_unit_test(the_writer_refuses_what_the_reader_would),
		cmocka_unit_test(
		    bytes_other_than_the_announced_ones_end_the_zip),
		cmocka_unit_test(dates_are_utc_and_stay_within_what_dos_knows),
		cmocka_unit_test(sizes_beyond_4_gib_use_zip64),
		cmocka_unit_test(more_than_65534_entries_use_zip64),
		cmocka_unit_test(other_tools_get_their_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
