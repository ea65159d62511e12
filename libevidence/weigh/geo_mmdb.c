#define _GNU_SOURCE /* memmem */

/* MaxMind DB files, read through libmaxminddb. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <maxminddb.h>

#include "weigh/geo_inside.h"

enum {
	MARK = 14,      /* length of mark */
	SEPARATOR = 16, /* zeros between the tree and the data */
};

static const char mark[] = "\xab\xcd\xefMaxMind.com";

struct ev_geo_mmdb {
	MMDB_s db; /* points into bytes; never given to MMDB_close() */
	unsigned char *bytes;
};

/* The last mark: the metadata stand in the last 128 KiB. */
static const unsigned char *
find_mark(const unsigned char *bytes, size_t len)
{
	const size_t tail = (size_t)128 * 1024;
	const unsigned char *from = bytes, *end = bytes + len, *found = NULL;

	if (len > tail)
		from += len - tail;
	while ((from = memmem(from, (size_t)(end - from), mark, MARK)) != NULL)
		found = from++;
	return found;
}

bool
ev_geo_mmdb_is(const void *bytes, size_t len)
{
	return find_mark(bytes, len) != NULL;
}

/* A number of the metadata, within its range. */
static bool
get_number(MMDB_entry_s *start, const char *key, uint64_t least, uint64_t most,
    uint64_t *number)
{
	const char *const path[] = { key, NULL };
	MMDB_entry_data_s data;

	if (MMDB_aget_value(start, &data, path) != MMDB_SUCCESS ||
	    !data.has_data)
		return false;
	if (data.type == MMDB_DATA_TYPE_UINT16)
		*number = data.uint16;
	else if (data.type == MMDB_DATA_TYPE_UINT32)
		*number = data.uint32;
	else if (data.type == MMDB_DATA_TYPE_UINT64)
		*number = data.uint64;
	else
		return false;
	return *number >= least && *number <= most;
}

static bool
read_metadata(MMDB_s *db)
{
	/* The same encoding as the data, so the same reader. */
	const MMDB_s metadata = { .data_section = db->metadata_section,
		.data_section_size = db->metadata_section_size };
	MMDB_entry_s start = { &metadata, 0 };
	uint64_t nodes, bits, version, major, built;

	if (!get_number(&start, "node_count", 1, UINT32_MAX, &nodes) ||
	    !get_number(&start, "record_size", 24, 32, &bits) ||
	    !get_number(&start, "ip_version", 4, 6, &version) ||
	    !get_number(&start, "binary_format_major_version", 2, 2, &major) ||
	    !get_number(&start, "build_epoch", 0, UINT64_MAX, &built) ||
	    bits % 4 != 0 || version == 5)
		return false;
	db->metadata.node_count = (uint32_t)nodes;
	db->metadata.record_size = (uint16_t)bits;
	db->metadata.ip_version = (uint16_t)version;
	db->metadata.binary_format_major_version = (uint16_t)major;
	db->metadata.build_epoch = built;
	db->full_record_byte_size = (uint16_t)(bits * 2 / 8);
	db->depth = version == 6 ? 128 : 32;
	return true;
}

/* Where IPv4 begins in a tree of IPv6: behind 96 zeros. */
static bool
find_four(MMDB_s *db)
{
	MMDB_search_node_s node;
	uint32_t at = 0;
	uint16_t bits = 0;

	while (db->depth == 128 && bits < 96 && at < db->metadata.node_count) {
		if (MMDB_read_node(db, at, &node) != MMDB_SUCCESS ||
		    node.left_record > UINT32_MAX)
			return false;
		at = (uint32_t)node.left_record;
		bits++;
	}
	db->ipv4_start_node.node_value = at;
	db->ipv4_start_node.netmask = bits;
	return true;
}

/*
 * What MMDB_open() does, for bytes that are in memory: it takes paths only,
 * and a caged process opens none.
 */
static bool
open_bytes(MMDB_s *db, const unsigned char *bytes, size_t len)
{
	const unsigned char *meta = find_mark(bytes, len), *end = bytes + len;
	uint64_t tree;

	if (meta == NULL || len > UINT32_MAX)
		return false;
	db->filename = "";
	db->file_content = bytes;
	db->file_size = (ssize_t)len;
	db->metadata_section = meta + MARK;
	db->metadata_section_size = (uint32_t)(end - db->metadata_section);
	if (db->metadata_section_size == 0 || !read_metadata(db))
		return false;
	tree = (uint64_t)db->metadata.node_count * db->full_record_byte_size;
	if (tree + SEPARATOR + 3 > (uint64_t)(meta - bytes))
		return false;
	db->data_section = bytes + tree + SEPARATOR;
	db->data_section_size = (uint32_t)(len - tree - SEPARATOR);
	return find_four(db);
}

enum ev_rc
ev_geo_mmdb_open(struct ev_geo_data *data, const char *name, const void *bytes,
    size_t len, struct ev_err *err)
{
	struct ev_geo_mmdb *mmdb;

	mmdb = calloc(1, sizeof(*mmdb));
	if (mmdb != NULL)
		mmdb->bytes = malloc(len + 1);
	if (mmdb == NULL || mmdb->bytes == NULL) {
		free(mmdb);
		return ev_fail_sys(err, "cannot read '%s'", name);
	}
	memcpy(mmdb->bytes, bytes, len);
	if (!open_bytes(&mmdb->db, mmdb->bytes, len)) {
		ev_geo_mmdb_close(mmdb);
		return ev_fail(err, EV_INPUT, "%s: no whole MaxMind DB", name);
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
	free(mmdb->bytes);
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
