/* A tar header block and the records that extend it, strictly read. */
#include <string.h>

#include "evidence/text.h"
#include "ingest/tarhead.h"

enum {
	NAME = 0,
	NAME_LEN = 100,
	MODE = 100,
	SIZE = 124,
	MTIME = 136,
	CHECKSUM = 148,
	TYPE = 156,
	LINK = 157,
	MAGIC = 257,
	PREFIX = 345,
	PREFIX_LEN = 155,
	EXTENDED = 482,
	FIELD_MAX = 128 << 10,
	DIGITS = 18, /* of a number that fits */
};

bool
ev_tarhead_zero(const unsigned char block[EV_TAR_BLOCK])
{
	size_t i;

	for (i = 0; i < EV_TAR_BLOCK; i++) {
		if (block[i] != 0)
			return false;
	}
	return true;
}

/* Octal with blanks or NUL around it, or GNU's base 256. */
static bool
number(const unsigned char *field, size_t len, int64_t *value)
{
	uint64_t n = 0;
	size_t i = 0;

	*value = 0;
	if ((field[0] & 0x80) != 0) {
		/* Two's complement; the first bit only says that it is. */
		n = (field[0] & 0x40) != 0 ? UINT64_MAX : 0;
		for (i = 0; i < len; i++) {
			if (len - i > 8 &&
			    field[i] != (n == 0 ? (i == 0 ? 0x80 : 0) : 0xff))
				return false;
			n = n << 8 | (i == 0 ? field[0] & 0x7fU : field[i]);
		}
		*value = (int64_t)n;
		return true;
	}
	while (i < len && field[i] == ' ')
		i++;
	for (; i < len && field[i] >= '0' && field[i] <= '7'; i++) {
		if (n >> 60 != 0)
			return false;
		n = n << 3 | (field[i] - (unsigned)'0');
	}
	*value = (int64_t)n;
	return i == len || field[i] == ' ' || field[i] == '\0';
}

bool
ev_tarhead_valid(const unsigned char block[EV_TAR_BLOCK])
{
	int64_t stated, plain = 0, with_sign = 0;
	size_t i;
	int byte;

	if (!number(block + CHECKSUM, 8, &stated))
		return false;
	for (i = 0; i < EV_TAR_BLOCK; i++) {
		byte = i >= CHECKSUM && i < CHECKSUM + 8 ? ' ' : block[i];
		plain += byte;
		with_sign += byte < 128 ? byte : byte - 256;
	}
	/* A block of blanks or zeros is no header, whatever its sum. */
	return (stated == plain || stated == with_sign) && block[NAME] != ' ' &&
	       !ev_tarhead_zero(block);
}

static const char *
text(const unsigned char *field, size_t max, size_t *len)
{
	*len = strnlen((const char *)field, max);
	return (const char *)field;
}

bool
ev_tarhead_parse(struct ev_tarhead *head,
    const unsigned char block[EV_TAR_BLOCK])
{
	memset(head, 0, sizeof(*head));
	head->type = block[TYPE] == '\0' ? '0' : (char)block[TYPE];
	head->name = text(block + NAME, NAME_LEN, &head->name_len);
	head->link = text(block + LINK, NAME_LEN, &head->link_len);
	/* GNU's magic is "ustar  " and its prefix is something else. */
	head->prefix = "";
	if (memcmp(block + MAGIC, "ustar\0", 6) == 0)
		head->prefix =
		    text(block + PREFIX, PREFIX_LEN, &head->prefix_len);
	if (!number(block + MODE, 8, &head->mode))
		head->mode = 0;
	head->has_mtime = number(block + MTIME, 12, &head->mtime);
	head->extended = head->type == 'S' && block[EXTENDED] != 0;
	return number(block + SIZE, 12, &head->size) && head->size >= 0;
}

void
ev_tarpax_init(struct ev_tarpax *pax)
{
	memset(pax, 0, sizeof(*pax));
	ev_buf_init(&pax->path, FIELD_MAX);
	ev_buf_init(&pax->link, FIELD_MAX);
	ev_buf_init(&pax->mtime, FIELD_MAX);
}

void
ev_tarpax_release(struct ev_tarpax *pax)
{
	ev_buf_release(&pax->path);
	ev_buf_release(&pax->link);
	ev_buf_release(&pax->mtime);
	ev_tarpax_init(pax);
}

static bool
is(const char *key, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(key, name, len) == 0;
}

static enum ev_rc
keep(struct ev_buf *to, bool *has, const char *value, size_t len,
    struct ev_err *err)
{
	*has = true;
	ev_buf_clear(to);
	return ev_buf_put(to, value, len, err);
}

static enum ev_rc
set(struct ev_tarpax *pax, const char *key, const char *end, struct ev_err *err)
{
	const char *equals = memchr(key, '=', (size_t)(end - key));
	const char *value;
	size_t key_len, len;

	if (equals == NULL)
		return ev_fail(err, EV_INPUT, "a pax record without '='");
	value = equals + 1;
	key_len = (size_t)(equals - key);
	len = (size_t)(end - value);
	if (is(key, key_len, "path") || is(key, key_len, "GNU.sparse.name"))
		return keep(&pax->path, &pax->has_path, value, len, err);
	if (is(key, key_len, "linkpath"))
		return keep(&pax->link, &pax->has_link, value, len, err);
	if (is(key, key_len, "mtime"))
		return keep(&pax->mtime, &pax->has_mtime, value, len, err);
	if (is(key, key_len, "size")) {
		pax->has_size =
		    ev_text_int(&pax->size, value, len, 0, INT64_MAX / 2);
		if (!pax->has_size)
			return ev_fail(err, EV_INPUT,
			    "a pax size that is none");
	}
	if (key_len > 11 && memcmp(key, "GNU.sparse.", 11) == 0)
		pax->sparse = true;
	return EV_OK;
}

enum ev_rc
ev_tarpax_parse(struct ev_tarpax *pax, const void *data, size_t len,
    struct ev_err *err)
{
	const char *p = data, *blank;
	int64_t record;
	enum ev_rc rc;

	while (len > 0 && *p != '\0') {
		blank = memchr(p, ' ', len < 20 ? len : 20);
		if (blank == NULL ||
		    !ev_text_int(&record, p, (size_t)(blank - p), 5,
			INT32_MAX) ||
		    (size_t)record > len || p[record - 1] != '\n' ||
		    blank + 1 >= p + record - 1)
			return ev_fail(err, EV_INPUT,
			    "a malformed pax record, %zu bytes before the end",
			    len);
		rc = set(pax, blank + 1, p + record - 1, err);
		if (rc != EV_OK)
			return rc;
		p += record;
		len -= (size_t)record;
	}
	return EV_OK;
}

bool
ev_tarpax_time(const struct ev_tarpax *pax, int64_t *seconds, int64_t *us)
{
	const char *text = ev_buf_text(&pax->mtime);
	const char *dot = memchr(text, '.', pax->mtime.len);
	size_t whole = dot == NULL ? pax->mtime.len : (size_t)(dot - text);
	int64_t unit = 100000;
	bool negative = whole > 0 && text[0] == '-';

	*us = 0;
	if (whole > DIGITS || !ev_text_int(seconds, text + negative,
				  whole - negative, 0, INT64_MAX / 2))
		return false;
	while (dot != NULL && ++dot < text + pax->mtime.len) {
		if (*dot < '0' || *dot > '9')
			return false;
		*us += unit * (*dot - '0');
		unit /= 10;
	}
	if (!negative)
		return true;
	*seconds = -*seconds;
	if (*us > 0) {
		*us = 1000000 - *us;
		*seconds -= 1;
	}
	return true;
}
