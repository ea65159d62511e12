/* Databases that are text: IPFire's export, CSV ranges, lists of Tor exits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "evidence/when.h"
#include "weigh/geo_inside.h"
#include "weigh/line.h"
#include "weigh/rules_word.h"

enum { GEO_LIMIT = 512 << 20 };

struct reader {
	struct ev_geo_data *data;
	struct ev_lines lines;
};

static enum ev_rc
add_range(struct reader *r, const struct ev_geo_range *range,
    struct ev_err *err)
{
	struct ev_geo_data *d = r->data;
	void *array = d->range;
	const struct ev_geo_range *last;
	enum ev_rc rc;

	if (ev_addr_compare(&range->start, &range->end) > 0 ||
	    range->start.v6 != range->end.v6)
		return ev_lines_fail(&r->lines, err,
		    "the range ends before it begins");
	last = d->ranges > 0 ? &d->range[d->ranges - 1] : NULL;
	if (last != NULL && ev_addr_compare(&last->end, &range->start) >= 0)
		return ev_lines_fail(&r->lines, err,
		    "%s the range of the line before",
		    ev_addr_compare(&last->start, &range->start) > 0
			? "not sorted: stands behind"
			: "overlaps");
	rc = ev_grow(&array, &d->range_room, d->ranges, sizeof(*d->range), err);
	if (rc != EV_OK)
		return rc;
	d->range = array;
	d->range[d->ranges++] = *range;
	if (range->start.v6)
		d->about.v6 = true;
	else
		d->about.v4 = true;
	return EV_OK;
}

/* An address, or an IPv4 address as one number. */
static bool
parse_address(struct ev_addr *addr, const char *text)
{
	int64_t number;
	size_t i;

	if (ev_addr_parse(addr, text))
		return true;
	if (!ev_text_int(&number, text, strlen(text), 0, UINT32_MAX))
		return false;
	*addr = (struct ev_addr){ 0 };
	for (i = 0; i < 4; i++)
		addr->b[i] = (unsigned char)(number >> (24 - 8 * i));
	return true;
}

static int
month_number(const char *name)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int i;

	for (i = 0; i < 12; i++) {
		if (memcmp(names + (ptrdiff_t)3 * i, name, 3) == 0)
			return i + 1;
	}
	return 0;
}

/* "Thu, 25 Jun 2026 04:33:59 GMT" (RFC 9110, 5.6.7). */
static bool
parse_http_date(int64_t *us, const char *text)
{
	int64_t day, year, hour, minute, second;
	int month;

	if (strlen(text) != 29 || strcmp(text + 25, " GMT") != 0)
		return false;
	month = month_number(text + 8);
	return month > 0 && ev_text_int(&day, text + 5, 2, 1, 31) &&
	       ev_text_int(&year, text + 12, 4, 1990, 9999) &&
	       ev_text_int(&hour, text + 17, 2, 0, 23) &&
	       ev_text_int(&minute, text + 20, 2, 0, 59) &&
	       ev_text_int(&second, text + 23, 2, 0, 60) &&
	       ev_when_civil(us, (int)year, month, (int)day, (int)hour,
		   (int)minute, (int)second, 0);
}

static enum ev_rc
ipfire_comment(struct reader *r, const char *line, struct ev_err *err)
{
	static const char key[] = "# Generated:";

	if (strncmp(line, key, sizeof(key) - 1) != 0)
		return EV_OK;
	line += sizeof(key) - 1;
	while (*line == ' ')
		line++;
	if (!parse_http_date(&r->data->about.built_us, line))
		return ev_lines_fail(&r->lines, err,
		    "'%s' is no date (RFC 9110)", line);
	r->data->about.has_built = true;
	return EV_OK;
}

static enum ev_rc
ipfire_line(struct reader *r, char *line, struct ev_err *err)
{
	struct ev_geo_range range = { 0 };
	char *end, *country;

	if (*line == '#')
		return ipfire_comment(r, line, err);
	if (*line == '\0')
		return EV_OK;
	end = strchr(line, ',');
	country = end == NULL ? NULL : strchr(end + 1, ',');
	if (country == NULL)
		return ev_lines_fail(&r->lines, err,
		    "a row is start,end,country");
	*end++ = '\0';
	*country++ = '\0';
	if (!parse_address(&range.start, line) ||
	    !parse_address(&range.end, end))
		return ev_lines_fail(&r->lines, err, "'%s,%s' is no range",
		    line, end);
	if (strlen(country) != 2)
		return ev_lines_fail(&r->lines, err, "'%s' is no code",
		    country);
	memcpy(range.row.raw, country, 3);
	return add_range(r, &range, err);
}

enum {
	COL_START,
	COL_END,
	COL_COUNTRY,
	COL_ASN,
	COL_CLASS,
	COL_FLAGS,
	COL_REGISTERED,
	COLS
};
static const char *const columns[COLS] = { "start", "end", "country", "asn",
	"class", "flags", "registered" };

enum { CELLS = 16 };

/* Cut in place at commas; a cell may stand in double quotes. */
static bool
cut_csv(char *line, char *cell[CELLS], size_t *count)
{
	char *at = line, *to;

	for (*count = 0; *count < CELLS; (*count)++) {
		cell[*count] = at;
		if (*at == '"') {
			to = ++at;
			cell[*count] = to;
			for (; *at != '\0'; at++) {
				if (*at == '"' && at[1] != '"')
					break;
				if (*at == '"')
					at++;
				*to++ = *at;
			}
			if (*at != '"' || (at[1] != ',' && at[1] != '\0'))
				return false;
			at++;
			if (*at == '\0') {
				*to = '\0';
				(*count)++;
				return true;
			}
			*to = '\0';
			at++;
			continue;
		}
		at = strchr(at, ',');
		if (at == NULL) {
			(*count)++;
			return true;
		}
		*at++ = '\0';
	}
	return false;
}

static enum ev_rc
csv_header(struct reader *r, char *line, int place[COLS], struct ev_err *err)
{
	char *cell[CELLS];
	size_t count, i, k;

	for (k = 0; k < COLS; k++)
		place[k] = -1;
	if (!cut_csv(line, cell, &count))
		return ev_lines_fail(&r->lines, err, "no header of columns");
	for (i = 0; i < count; i++) {
		for (k = 0; k < COLS; k++) {
			if (strcmp(columns[k], cell[i]) != 0)
				continue;
			if (place[k] >= 0)
				return ev_lines_fail(&r->lines, err,
				    "column '%s' stands twice", cell[i]);
			place[k] = (int)i;
		}
	}
	if (place[COL_START] < 0 || place[COL_END] < 0)
		return ev_lines_fail(&r->lines, err,
		    "the header names no 'start' and 'end'");
	r->data->has_asn = place[COL_ASN] >= 0;
	r->data->has_class = place[COL_CLASS] >= 0;
	r->data->has_flags = place[COL_FLAGS] >= 0;
	return EV_OK;
}

static enum ev_rc
csv_flags(struct reader *r, const char *text, uint16_t *flags,
    struct ev_err *err)
{
	unsigned flag;
	size_t len;

	while (*text != '\0') {
		len = strcspn(text, " |;");
		flag = ev_geo_flag(text, len);
		if (len > 0 && flag == 0)
			return ev_lines_fail(&r->lines, err,
			    "'%s' holds no known flag", text);
		*flags |= (uint16_t)flag;
		text += len + (text[len] != '\0');
	}
	return EV_OK;
}

static enum ev_rc
csv_row(struct reader *r, char *cell[CELLS], const int place[COLS],
    struct ev_err *err)
{
	struct ev_geo_range range = { 0 };
	const char *text;
	int64_t asn;
	enum ev_rc rc = EV_OK;

	if (!parse_address(&range.start, cell[place[COL_START]]) ||
	    !parse_address(&range.end, cell[place[COL_END]]))
		return ev_lines_fail(&r->lines, err, "'%s' to '%s' is no range",
		    cell[place[COL_START]], cell[place[COL_END]]);
	if (place[COL_COUNTRY] >= 0) {
		text = cell[place[COL_COUNTRY]];
		if (strlen(text) >= sizeof(range.row.raw))
			return ev_lines_fail(&r->lines, err, "'%s' is no code",
			    text);
		memcpy(range.row.raw, text, strlen(text) + 1);
	}
	if (place[COL_REGISTERED] >= 0 &&
	    ev_country_code(cell[place[COL_REGISTERED]]))
		memcpy(range.row.registered, cell[place[COL_REGISTERED]], 3);
	if (place[COL_ASN] >= 0 && *cell[place[COL_ASN]] != '\0') {
		text = cell[place[COL_ASN]];
		text += strncmp(text, "AS", 2) == 0 ? 2 : 0;
		if (!ev_text_int(&asn, text, strlen(text), 0, UINT32_MAX))
			return ev_lines_fail(&r->lines, err,
			    "'%s' is no network", text);
		range.row.asn = (uint32_t)asn;
	}
	if (place[COL_CLASS] >= 0 && *cell[place[COL_CLASS]] != '\0') {
		range.row.class =
		    ev_field_word(EV_F_CLASS, cell[place[COL_CLASS]]);
		if (range.row.class == NULL)
			return ev_lines_fail(&r->lines, err, "'%s' is no class",
			    cell[place[COL_CLASS]]);
	}
	if (place[COL_FLAGS] >= 0)
		rc =
		    csv_flags(r, cell[place[COL_FLAGS]], &range.row.flags, err);
	return rc == EV_OK ? add_range(r, &range, err) : rc;
}

/* Head lines of an extract: what it was taken from (ev_geo_extract). */
static enum ev_rc
extract_comment(struct reader *r, const char *line, struct ev_err *err)
{
	static const char of[] = "# extract of ", built[] = "# built ";
	static const char families[] = "# families";
	struct ev_geo_about *about = &r->data->about;
	unsigned char sha256[32];

	if (strncmp(line, of, sizeof(of) - 1) == 0) {
		line += sizeof(of) - 1;
		if (!ev_text_unhex(sha256, sizeof(sha256), line, strlen(line)))
			return ev_lines_fail(&r->lines, err,
			    "'%s' is no SHA-256", line);
		ev_text_hex(about->sha256, sha256, sizeof(sha256));
		about->extract = true;
	} else if (strncmp(line, built, sizeof(built) - 1) == 0) {
		line += sizeof(built) - 1;
		if (!ev_when_parse(&about->built_us, NULL, line, strlen(line)))
			return ev_lines_fail(&r->lines, err,
			    "'%s' is no instant", line);
		about->has_built = true;
	} else if (about->extract &&
		   strncmp(line, families, sizeof(families) - 1) == 0) {
		/* Also those of which no row was used. */
		about->v4 = strstr(line, " 4") != NULL;
		about->v6 = strstr(line, " 6") != NULL;
	}
	return EV_OK;
}

static enum ev_rc
read_csv(struct reader *r, struct ev_err *err)
{
	bool headed = false;
	int place[COLS];
	char *line, *cell[CELLS];
	size_t count, columns_seen = 0;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && ev_lines_next(&r->lines, &line)) {
		if (*line == '#') {
			rc = extract_comment(r, line, err);
			continue;
		}
		if (*line == '\0')
			continue;
		if (!headed) {
			headed = true;
			for (columns_seen = 1, count = 0; line[count] != '\0';
			     count++)
				columns_seen += line[count] == ',';
			rc = csv_header(r, line, place, err);
			continue;
		}
		if (!cut_csv(line, cell, &count) || count != columns_seen)
			rc = ev_lines_fail(&r->lines, err,
			    "the row has not the header's %zu columns",
			    columns_seen);
		else
			rc = csv_row(r, cell, place, err);
	}
	if (rc == EV_OK && r->data->ranges == 0 && !r->data->about.extract)
		rc = ev_lines_fail(&r->lines, err, "no range stands here");
	return rc;
}

static enum ev_rc
read_ipfire(struct reader *r, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	char *line;

	while (rc == EV_OK && ev_lines_next(&r->lines, &line))
		rc = ipfire_line(r, line, err);
	if (rc == EV_OK && !r->data->about.has_built)
		rc = ev_fail(err, EV_INPUT,
		    "%s: no '# Generated:' line says when it was built",
		    r->lines.name);
	if (rc == EV_OK && r->data->ranges == 0)
		rc = ev_lines_fail(&r->lines, err, "no range stands here");
	return rc;
}

static int
compare_exit(const void *a, const void *b)
{
	const struct ev_geo_exit *x = a, *y = b;
	int order = ev_addr_compare(&x->addr, &y->addr);

	if (order != 0)
		return order;
	return x->at_us < y->at_us ? -1 : x->at_us > y->at_us;
}

static enum ev_rc
exit_line(struct reader *r, char *line, struct ev_err *err)
{
	struct ev_geo_data *d = r->data;
	const char *key = ev_line_word(&line), *ip, *day, *time;
	void *array = d->exit;
	struct ev_geo_exit exit;
	char text[24];
	enum ev_rc rc;

	if (key == NULL || strcmp(key, "ExitAddress") != 0)
		return EV_OK;
	ip = ev_line_word(&line);
	day = ev_line_word(&line);
	time = ev_line_word(&line);
	if (time == NULL || strlen(day) != 10 || strlen(time) != 8 ||
	    !ev_addr_parse(&exit.addr, ip))
		return ev_lines_fail(&r->lines, err,
		    "not ExitAddress IP YYYY-MM-DD HH:MM:SS");
	(void)snprintf(text, sizeof(text), "%.10sT%.8sZ", day, time);
	if (!ev_when_parse(&exit.at_us, NULL, text, strlen(text)))
		return ev_lines_fail(&r->lines, err, "'%s' is no instant",
		    text);
	rc = ev_grow(&array, &d->exit_room, d->exits, sizeof(*d->exit), err);
	if (rc != EV_OK)
		return rc;
	d->exit = array;
	d->exit[d->exits++] = exit;
	/* The list is as old as its newest line. */
	if (!d->about.has_built || exit.at_us > d->about.built_us)
		d->about.built_us = exit.at_us;
	d->about.has_built = true;
	return EV_OK;
}

static enum ev_rc
read_exits(struct reader *r, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	char *line;

	while (rc == EV_OK && ev_lines_next(&r->lines, &line))
		rc = exit_line(r, line, err);
	if (rc == EV_OK && r->data->exits == 0)
		rc = ev_lines_fail(&r->lines, err, "no exit stands here");
	if (rc == EV_OK)
		qsort(r->data->exit, r->data->exits, sizeof(*r->data->exit),
		    compare_exit);
	return rc;
}

static bool
starts_line(const char *text, const char *with)
{
	size_t len = strlen(with);

	for (; text != NULL && *text != '\0'; text = strchr(text, '\n')) {
		if (*text == '\n')
			text++;
		if (strncmp(text, with, len) == 0)
			return true;
	}
	return false;
}

/* The first line that is neither empty nor a comment. */
static const char *
first_line(const char *text)
{
	while (text != NULL && (*text == '#' || *text == '\n')) {
		text = strchr(text, '\n');
		if (text != NULL)
			text++;
	}
	return text == NULL ? "" : text;
}

enum ev_rc
ev_geo_read(struct ev_geo_data *data, const char *name, const void *bytes,
    size_t len, struct ev_err *err)
{
	struct reader r = { .data = data };
	const char *first;
	enum ev_rc rc;

	*data = (struct ev_geo_data){ 0 };
	if (ev_geo_mmdb_is(bytes, len))
		return ev_geo_mmdb_open(data, name, bytes, len, err);
	rc = ev_lines_open(&r.lines, name, bytes, len, GEO_LIMIT, err);
	if (rc != EV_OK)
		return rc;
	first = first_line(r.lines.text);
	if (starts_line(r.lines.text, "ExitAddress ")) {
		data->about.format = "tor-exits";
		rc = read_exits(&r, err);
	} else if (first[strspn(first, "0123456789abcdefABCDEF:.")] == ',') {
		data->about.format = "ipfire-text";
		rc = read_ipfire(&r, err);
	} else {
		data->about.format = "csv-ranges";
		rc = read_csv(&r, err);
	}
	ev_lines_release(&r.lines);
	data->about.rows = data->exits > 0 ? data->exits : data->ranges;
	if (rc != EV_OK)
		ev_geo_data_release(data);
	return rc;
}
