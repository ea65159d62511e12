/* Votes about an address: nearest snapshot per source, counted. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/when.h"
#include "weigh/geo_inside.h"
#include "weigh/rules.h"
#include "weigh/rules_word.h"

enum { STALE_DAYS = 180 };
static const int64_t day_us = INT64_C(86400000000);

struct database {
	char *name, *source;
	char sha256[65];
	enum ev_geo_role role;
	size_t first; /* file of the same source that was added first */
	int64_t built_us;
	struct ev_geo_data data;
};

struct ev_geo {
	size_t count;
	struct database file[EV_GEO_FILES];
	size_t class_files;
	const struct ev_asnfile *classes[EV_GEO_FILES];
};

static const char *const role_names[] = { "vote", "asn", "class", "exits" };
static const char *const result_names[] = { "all", "split", "thin", "none" };
static const struct {
	const char *name;
	unsigned bit;
} flag_names[] = {
	{ "anycast", EV_GF_ANYCAST },
	{ "cgnat", EV_GF_CGNAT },
	{ "documentation", EV_GF_DOCUMENTATION },
	{ "drop", EV_GF_DROP },
	{ "hosting", EV_GF_HOSTING },
	{ "relay", EV_GF_RELAY },
	{ "satellite", EV_GF_SATELLITE },
	{ "tor", EV_GF_TOR },
	{ "vpn", EV_GF_VPN },
};

bool
ev_geo_role_find(enum ev_geo_role *role, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(role_names) / sizeof(role_names[0]); i++) {
		if (strcmp(role_names[i], name) == 0) {
			*role = (enum ev_geo_role)i;
			return true;
		}
	}
	return false;
}

const char *
ev_geo_result_name(enum ev_geo_result result)
{
	return result_names[result];
}

unsigned
ev_geo_flag(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++) {
		if (strlen(flag_names[i].name) == len &&
		    memcmp(flag_names[i].name, name, len) == 0)
			return flag_names[i].bit;
	}
	return 0;
}

enum ev_rc
ev_geo_flag_names(struct ev_buf *out, unsigned flags, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	bool any = false;
	size_t i;

	for (i = 0; i < sizeof(flag_names) / sizeof(flag_names[0]); i++) {
		if ((flags & flag_names[i].bit) == 0 || rc != EV_OK)
			continue;
		rc = ev_buf_printf(out, err, "%s%s", any ? " " : "",
		    flag_names[i].name);
		any = true;
	}
	return rc;
}

enum ev_rc
ev_geo_new(struct ev_geo **geo, struct ev_err *err)
{
	*geo = calloc(1, sizeof(**geo));
	if (*geo == NULL)
		return ev_fail_sys(err, "cannot look addresses up");
	return EV_OK;
}

void
ev_geo_data_release(struct ev_geo_data *data)
{
	free(data->range);
	free(data->exit);
	ev_geo_mmdb_close(data->mmdb);
	*data = (struct ev_geo_data){ 0 };
}

void
ev_geo_free(struct ev_geo *geo)
{
	size_t i;

	if (geo == NULL)
		return;
	for (i = 0; i < geo->count; i++) {
		free(geo->file[i].name);
		free(geo->file[i].source);
		ev_geo_data_release(&geo->file[i].data);
	}
	free(geo);
}

enum ev_rc
ev_geo_add(struct ev_geo *geo, const struct ev_geo_file *file,
    struct ev_geo_about *about, struct ev_err *err)
{
	struct database *db;
	enum ev_rc rc;

	if (geo->count == EV_GEO_FILES)
		return ev_fail(err, EV_LIMIT,
		    "%s: more than %d databases at once", file->name,
		    EV_GEO_FILES);
	db = &geo->file[geo->count];
	*db =
	    (struct database){ .role = file->role, .built_us = file->built_us };
	rc = ev_geo_read(&db->data, file->name, file->bytes, file->len, err);
	if (rc != EV_OK)
		return rc;
	(void)snprintf(db->sha256, sizeof(db->sha256), "%s", file->sha256);
	db->name = strdup(file->name);
	db->source = strdup(file->source);
	geo->count++;
	if (db->name == NULL || db->source == NULL)
		return ev_fail_sys(err, "cannot keep '%s'", file->name);
	while (strcmp(geo->file[db->first].source, db->source) != 0)
		db->first++;
	if (about != NULL)
		*about = db->data.about;
	return EV_OK;
}

enum ev_rc
ev_geo_describe(struct ev_geo_about *about, const char *name, const void *bytes,
    size_t len, struct ev_err *err)
{
	struct ev_geo_data data;
	enum ev_rc rc;

	rc = ev_geo_read(&data, name, bytes, len, err);
	if (rc != EV_OK)
		return rc;
	*about = data.about;
	ev_geo_data_release(&data);
	return EV_OK;
}

enum ev_rc
ev_geo_classes(struct ev_geo *geo, const struct ev_asnfile *classes,
    struct ev_err *err)
{
	if (geo->class_files == EV_GEO_FILES)
		return ev_fail(err, EV_LIMIT, "more than %d lists of classes",
		    EV_GEO_FILES);
	geo->classes[geo->class_files++] = classes;
	return EV_OK;
}

size_t
ev_geo_count(const struct ev_geo *geo)
{
	return geo->count;
}

void
ev_geo_source(const struct ev_geo *geo, size_t file, struct ev_geo_source *out)
{
	const struct database *db = &geo->file[file];

	*out = (struct ev_geo_source){ .name = db->name,
		.source = db->source,
		.sha256 = db->sha256,
		.role = db->role,
		.built_us = db->built_us };
}

bool
ev_geo_find(const struct ev_geo_data *data, const struct ev_addr *addr,
    struct ev_geo_range *found)
{
	size_t low = 0, high = data->ranges, middle;

	if (data->mmdb != NULL)
		return ev_geo_mmdb_find(data->mmdb, addr, found);
	while (low < high) {
		middle = low + (high - low) / 2;
		if (ev_addr_compare(&data->range[middle].start, addr) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || ev_addr_compare(&data->range[low - 1].end, addr) < 0)
		return false;
	*found = data->range[low - 1];
	return true;
}

static int64_t
distance(const struct database *db, int64_t at_us)
{
	return db->built_us < at_us ? at_us - db->built_us
				    : db->built_us - at_us;
}

static bool
takes_part(const struct database *db, const struct ev_geo_question *q)
{
	return q->addr.v6 ? db->data.about.v6 : db->data.about.v4;
}

/* Is file i the snapshot of its source that speaks about this question? */
static bool
is_nearest(const struct ev_geo *geo, size_t i, const struct ev_geo_question *q)
{
	const struct database *db = &geo->file[i], *other;
	int64_t mine = distance(db, q->at_us), theirs;
	size_t k;

	if (!takes_part(db, q) || (q->without >> i & 1) != 0)
		return false;
	for (k = 0; k < geo->count; k++) {
		other = &geo->file[k];
		if (k == i || other->role != db->role ||
		    (q->without >> k & 1) != 0 || !takes_part(other, q) ||
		    other->first != db->first)
			continue;
		theirs = distance(other, q->at_us);
		if (theirs < mine)
			return false;
		/* A tie: the earlier; of one day, the one given first. */
		if (theirs == mine &&
		    (other->built_us < db->built_us ||
			(other->built_us == db->built_us && k < i)))
			return false;
	}
	return true;
}

static bool
is_country(const char *raw)
{
	static const char *const none[] = { "EU", "AP", "A1", "A2", "O1", "T1",
		"ZZ", "XX" };
	size_t i;

	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (strcmp(none[i], raw) == 0)
			return false;
	}
	return ev_country_code(raw);
}

/* A database that has no row for the address says nothing at all. */
static bool
cast_vote(const struct database *db, const struct ev_geo_question *q,
    struct ev_geo_answer *answer, size_t file)
{
	struct ev_geo_vote *vote = &answer->vote[answer->votes];
	struct ev_geo_range range;

	if (!ev_geo_find(&db->data, &q->addr, &range))
		return false;
	*vote = (struct ev_geo_vote){ .file = file,
		.days = distance(db, q->at_us) / day_us,
		.start = range.start,
		.end = range.end };
	memcpy(vote->raw, range.row.raw, sizeof(vote->raw));
	memcpy(vote->registered, range.row.registered,
	    sizeof(vote->registered));
	if (is_country(vote->raw))
		memcpy(vote->cc, vote->raw, 3);
	answer->votes++;
	return true;
}

static void
count_votes(struct ev_geo_answer *answer, int minimum)
{
	const char *first = NULL;
	bool differ = false;
	int answers = 0;
	size_t i;

	for (i = 0; i < answer->votes; i++) {
		if (answer->vote[i].cc[0] == '\0')
			continue;
		answers++;
		if (first == NULL)
			first = answer->vote[i].cc;
		else if (strcmp(first, answer->vote[i].cc) != 0)
			differ = true;
	}
	if (answers == 0) {
		answer->result = EV_GEO_NONE;
		return;
	}
	if (differ) {
		answer->result = EV_GEO_SPLIT;
		return;
	}
	memcpy(answer->cc, first, 3);
	answer->result = answers >= minimum ? EV_GEO_ALL : EV_GEO_THIN;
}

/* Network, class and flags: files made for it go before those that vote. */
static void
describe_network(const struct ev_geo *geo, const struct ev_geo_question *q,
    struct ev_geo_answer *answer)
{
	static const enum ev_geo_role order[] = { EV_GEO_CLASS, EV_GEO_ASN,
		EV_GEO_VOTE };
	struct ev_geo_range range;
	const struct database *db;
	size_t i, k;

	for (k = 0; k < sizeof(order) / sizeof(order[0]); k++) {
		for (i = 0; i < geo->count; i++) {
			db = &geo->file[i];
			if (db->role != order[k] || !is_nearest(geo, i, q) ||
			    !ev_geo_find(&db->data, &q->addr, &range))
				continue;
			if (answer->asn == 0)
				answer->asn = range.row.asn;
			if (answer->class == NULL)
				answer->class = range.row.class;
			answer->flags |= range.row.flags;
			if (db->data.has_flags)
				answer->flags_known = true;
		}
	}
}

static bool
is_exit(const struct ev_geo_data *data, const struct ev_geo_question *q)
{
	size_t low = 0, high = data->exits, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (ev_addr_compare(&data->exit[middle].addr, &q->addr) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < data->exits &&
	       ev_addr_compare(&data->exit[low].addr, &q->addr) == 0;
	     low++) {
		if (data->exit[low].at_us - q->at_us <= day_us &&
		    q->at_us - data->exit[low].at_us <= day_us)
			return true;
	}
	return false;
}

/*
 * An address that is known for hiding its users has the class of what hides
 * them, whatever the network is: it never places anybody.
 */
static void
settle_class(const struct ev_geo *geo, const struct ev_geo_question *q,
    struct ev_geo_answer *answer)
{
	const struct ev_asn_row *row;
	size_t i;

	for (i = 0; i < geo->class_files && answer->class == NULL; i++) {
		row = answer->asn == 0 ? NULL
				       : ev_asnfile_find(geo->classes[i],
					     answer->asn, q->at_us);
		if (row != NULL)
			answer->class = row->class;
	}
	if (answer->class == NULL)
		answer->class = "unknown";
	if ((answer->flags & (EV_GF_VPN | EV_GF_RELAY | EV_GF_TOR)) != 0)
		answer->class = "vpn";
	else if ((answer->flags & EV_GF_HOSTING) != 0)
		answer->class = "hosting";
	else if ((answer->flags & EV_GF_ANYCAST) != 0)
		answer->class = "cdn";
	else if ((answer->flags & EV_GF_SATELLITE) != 0)
		answer->class = "satellite";
	if (strcmp(answer->class, "mobile") == 0)
		answer->flags |= EV_GF_CGNAT;
	if (strcmp(answer->class, "unknown") != 0)
		answer->flags_known = true;
}

void
ev_geo_ask(const struct ev_geo *geo, const struct ev_geo_question *q,
    struct ev_geo_answer *answer)
{
	int64_t nearest = INT64_MAX;
	size_t i;

	answer->result = EV_GEO_NONE;
	memset(answer->cc, 0, sizeof(answer->cc));
	answer->votes = 0;
	answer->stale = false;
	answer->asn = 0;
	answer->class = NULL;
	answer->flags = 0;
	answer->flags_known = false;
	if (!ev_addr_located(&q->addr)) {
		answer->class = "unknown";
		if (strcmp(ev_addr_class(&q->addr), "cgnat") == 0) {
			answer->flags = EV_GF_CGNAT;
			answer->flags_known = true;
		}
		return;
	}
	for (i = 0; i < geo->count; i++) {
		if (geo->file[i].role == EV_GEO_EXITS &&
		    (q->without >> i & 1) == 0 &&
		    is_exit(&geo->file[i].data, q)) {
			answer->flags |= EV_GF_TOR;
			answer->flags_known = true;
		}
		if (geo->file[i].role != EV_GEO_VOTE ||
		    !is_nearest(geo, i, q) ||
		    !cast_vote(&geo->file[i], q, answer, i))
			continue;
		if (distance(&geo->file[i], q->at_us) < nearest)
			nearest = distance(&geo->file[i], q->at_us);
	}
	answer->stale = answer->votes > 0 && nearest > STALE_DAYS * day_us;
	count_votes(answer, q->minimum);
	describe_network(geo, q, answer);
	settle_class(geo, q, answer);
	if (strcmp(ev_addr_class(&q->addr), "documentation") == 0)
		answer->flags |= EV_GF_DOCUMENTATION;
}

bool
ev_geo_says(const struct ev_geo_answer *answer, const char *cc)
{
	size_t i;

	for (i = 0; i < answer->votes; i++) {
		if (strcmp(answer->vote[i].cc, cc) == 0)
			return true;
	}
	return false;
}

static enum ev_rc
extract_row(const struct ev_geo_data *data, const struct ev_geo_range *range,
    struct ev_buf *out, struct ev_err *err)
{
	char start[EV_ADDR_TEXT], end[EV_ADDR_TEXT];
	enum ev_rc rc;

	ev_addr_print(start, &range->start);
	ev_addr_print(end, &range->end);
	rc = ev_buf_printf(out, err, "%s,%s,%s", start, end, range->row.raw);
	if (rc == EV_OK && data->has_asn)
		rc = ev_buf_printf(out, err, ",%" PRIu32, range->row.asn);
	if (rc == EV_OK && data->has_class)
		rc = ev_buf_printf(out, err, ",%s",
		    range->row.class == NULL ? "" : range->row.class);
	if (rc == EV_OK && data->has_flags)
		rc = ev_buf_putc(out, ',', err);
	if (rc == EV_OK && data->has_flags)
		rc = ev_geo_flag_names(out, range->row.flags, err);
	if (rc == EV_OK && data->mmdb != NULL)
		rc = ev_buf_printf(out, err, ",%s", range->row.registered);
	return rc == EV_OK ? ev_buf_putc(out, '\n', err) : rc;
}

/* Columns that the whole does not have must be missing here too. */
static enum ev_rc
extract_head(const struct database *db, struct ev_buf *out, struct ev_err *err)
{
	const struct ev_geo_data *data = &db->data;
	char built[EV_WHEN_TEXT];

	ev_when_print(built, db->built_us, EV_PREC_S);
	return ev_buf_printf(out, err,
	    "# extract of %s\n# format %s\n# built %s\n# families%s%s\n"
	    "start,end,country%s%s%s%s\n",
	    db->sha256, data->about.format, built, data->about.v4 ? " 4" : "",
	    data->about.v6 ? " 6" : "", data->has_asn ? ",asn" : "",
	    data->has_class ? ",class" : "", data->has_flags ? ",flags" : "",
	    data->mmdb != NULL ? ",registered" : "");
}

enum ev_rc
ev_geo_extract(const struct ev_geo *geo, size_t file,
    const struct ev_addr *addrs, size_t count, struct ev_buf *out,
    struct ev_err *err)
{
	const struct database *db = &geo->file[file];
	struct ev_geo_range range, last = { 0 };
	bool any = false;
	size_t i;
	enum ev_rc rc;

	rc = extract_head(db, out, err);
	/* Addresses ascend, so do the ranges: each is written once. */
	for (i = 0; i < count && rc == EV_OK; i++) {
		if (!ev_geo_find(&db->data, &addrs[i], &range))
			continue;
		if (any && ev_addr_compare(&last.start, &range.start) == 0)
			continue;
		rc = extract_row(&db->data, &range, out, err);
		last = range;
		any = true;
	}
	return rc;
}
