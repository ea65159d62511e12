/* What geo*.c share: one database, parsed. */
#ifndef EV_WEIGH_GEO_INSIDE_H
#define EV_WEIGH_GEO_INSIDE_H

#include "weigh/geo.h"

/* What a row says, whatever the file. */
struct ev_geo_row {
	char raw[16];       /* country as the file has it */
	char registered[3]; /* "" if the file has none */
	const char *class;  /* NULL: the file has none */
	uint16_t flags;
	uint32_t asn; /* 0: none */
};

struct ev_geo_range {
	struct ev_addr start, end;
	struct ev_geo_row row;
};

/* Tor said: this address was an exit at that instant. */
struct ev_geo_exit {
	struct ev_addr addr;
	int64_t at_us;
};

struct ev_geo_mmdb;

struct ev_geo_data {
	struct ev_geo_about about;
	bool has_class, has_flags, has_asn; /* columns of CSV */
	size_t ranges, range_room;
	struct ev_geo_range *range; /* sorted, disjoint */
	size_t exits, exit_room;
	struct ev_geo_exit *exit; /* by address, then time */
	struct ev_geo_mmdb *mmdb;
};

void ev_geo_data_release(struct ev_geo_data *data);

/* Tell the format by the bytes and parse them. */
EV_CHECK
enum ev_rc ev_geo_read(struct ev_geo_data *data, const char *name,
    const void *bytes, size_t len, struct ev_err *err);

/* The row that holds an address; false if none. */
bool ev_geo_find(const struct ev_geo_data *data, const struct ev_addr *addr,
    struct ev_geo_range *found);

bool ev_geo_mmdb_is(const void *bytes, size_t len);
EV_CHECK
enum ev_rc ev_geo_mmdb_open(struct ev_geo_data *data, const char *name,
    const void *bytes, size_t len, struct ev_err *err);
bool ev_geo_mmdb_find(const struct ev_geo_mmdb *mmdb,
    const struct ev_addr *addr, struct ev_geo_range *found);
void ev_geo_mmdb_close(struct ev_geo_mmdb *mmdb);

#endif
