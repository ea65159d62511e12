#define _GNU_SOURCE /* memfd_create */

/* MaxMind DB files, read through libmaxminddb. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <maxminddb.h>

#include "weigh/geo_inside.h"

struct ev_geo_mmdb {
	MMDB_s db;
	int fd;
};

bool
ev_geo_mmdb_is(const void *bytes, size_t len)
{
	static const char mark[] = "\xab\xcd\xefMaxMind.com";

	/* The metadata stand in the last 128 KiB. */
	const size_t tail = (size_t)128 * 1024;
	const char *from = bytes;

	if (len > tail) {
		from += len - tail;
		len = tail;
	}
	return memmem(from, len, mark, sizeof(mark) - 1) != NULL;
}

static bool
write_all(int fd, const unsigned char *bytes, size_t len)
{
	ssize_t got;

	while (len > 0) {
		got = write(fd, bytes, len);
		if (got <= 0)
			return false;
		bytes += got;
		len -= (size_t)got;
	}
	return true;
}

enum ev_rc
ev_geo_mmdb_open(struct ev_geo_data *data, const char *name, const void *bytes,
    size_t len, struct ev_err *err)
{
	struct ev_geo_mmdb *mmdb;
	char path[64];
	int status;

	mmdb = calloc(1, sizeof(*mmdb));
	if (mmdb == NULL)
		return ev_fail_sys(err, "cannot read '%s'", name);
	/* The library opens paths only, and these bytes come from the case. */
	mmdb->fd = memfd_create("mmdb", MFD_CLOEXEC);
	if (mmdb->fd == -1 || !write_all(mmdb->fd, bytes, len)) {
		(void)ev_fail_sys(err, "cannot hold '%s' in memory", name);
		if (mmdb->fd != -1)
			(void)close(mmdb->fd);
		free(mmdb);
		return EV_SYS;
	}
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", mmdb->fd);
	status = MMDB_open(path, MMDB_MODE_MMAP, &mmdb->db);
	(void)close(mmdb->fd);
	if (status != MMDB_SUCCESS) {
		free(mmdb);
		return ev_fail(err, EV_INPUT, "%s: no whole MaxMind DB: %s",
		    name, MMDB_strerror(status));
	}
	data->mmdb = mmdb;
	data->about.format = "mmdb";
	data->about.has_built = mmdb->db.metadata.build_epoch > 0 &&
				mmdb->db.metadata.build_epoch < UINT32_MAX;
	if (data->about.has_built)
		data->about.built_us =
		    (int64_t)mmdb->db.metadata.build_epoch * 1000000;
	data->about.v4 = true;
	data->about.v6 = mmdb->db.metadata.ip_version == 6;
	data->about.rows = mmdb->db.metadata.node_count;
	data->has_asn = true;
	return EV_OK;
}

void
ev_geo_mmdb_close(struct ev_geo_mmdb *mmdb)
{
	if (mmdb == NULL)
		return;
	MMDB_close(&mmdb->db);
	free(mmdb);
}

static bool
get_text(MMDB_entry_s *entry, const char *const *path, char *text, size_t cap)
{
	MMDB_entry_data_s data;

	if (MMDB_aget_value(entry, &data, path) != MMDB_SUCCESS ||
	    !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING ||
	    data.data_size == 0 || data.data_size >= cap)
		return false;
	memcpy(text, data.utf8_string, data.data_size);
	text[data.data_size] = '\0';
	return true;
}

static void
read_entry(MMDB_entry_s *entry, struct ev_geo_row *row)
{
	static const char *const iso[] = { "country", "iso_code", NULL };
	static const char *const code[] = { "country_code", NULL };
	static const char *const plain[] = { "country", NULL };
	static const char *const home[] = { "registered_country", "iso_code",
		NULL };
	static const char *const asn[] = { "autonomous_system_number", NULL };
	MMDB_entry_data_s data;

	if (!get_text(entry, iso, row->raw, sizeof(row->raw)) &&
	    !get_text(entry, code, row->raw, sizeof(row->raw)))
		(void)get_text(entry, plain, row->raw, sizeof(row->raw));
	(void)get_text(entry, home, row->registered, sizeof(row->registered));
	if (MMDB_aget_value(entry, &data, asn) == MMDB_SUCCESS &&
	    data.has_data && data.type == MMDB_DATA_TYPE_UINT32)
		row->asn = data.uint32;
}

/* The block of an address: its first bits bits kept, or filled up. */
static void
block_of(const struct ev_addr *addr, unsigned bits, struct ev_geo_range *range)
{
	unsigned size = addr->v6 ? 16 : 4, i, keep;

	range->start = range->end = *addr;
	for (i = 0; i < size; i++) {
		keep = bits >= 8 * (i + 1) ? 8 : bits <= 8 * i ? 0 : bits % 8;
		range->start.b[i] &= (unsigned char)(0xff00U >> keep);
		range->end.b[i] |= (unsigned char)(0xffU >> keep);
	}
}

bool
ev_geo_mmdb_find(const struct ev_geo_mmdb *mmdb, const struct ev_addr *addr,
    struct ev_geo_range *found)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };
	const struct sockaddr *where;
	MMDB_lookup_result_s result;
	unsigned bits;
	int status;

	if (addr->v6) {
		if (mmdb->db.metadata.ip_version != 6)
			return false;
		memcpy(&six.sin6_addr, addr->b, 16);
		where = (const struct sockaddr *)&six;
	} else {
		memcpy(&four.sin_addr, addr->b, 4);
		where = (const struct sockaddr *)&four;
	}
	result = MMDB_lookup_sockaddr(&mmdb->db, where, &status);
	if (status != MMDB_SUCCESS || !result.found_entry)
		return false;
	bits = result.netmask;
	/* IPv4 in a tree of 128 bits is counted from the tree's root. */
	if (!addr->v6 && mmdb->db.metadata.ip_version == 6)
		bits = bits > 96 ? bits - 96 : 0;
	*found = (struct ev_geo_range){ 0 };
	block_of(addr, bits, found);
	read_entry(&result.entry, &found->row);
	return true;
}
