/* Digests as a WARC record labels them, and what the bytes say. */
#include <string.h>
#include <strings.h>

#include "evidence/text.h"
#include "ingest/warcsum.h"

static const struct {
	const char *name;
	unsigned algorithm;
	size_t size;
} algorithms[] = {
	{ "sha1", EV_D_SHA1, EV_SHA1 },
	{ "sha-1", EV_D_SHA1, EV_SHA1 },
	{ "sha256", EV_D_SHA256, EV_SHA256 },
	{ "sha-256", EV_D_SHA256, EV_SHA256 },
	{ "md5", EV_D_MD5, EV_MD5 },
};

const char *
ev_sum_word(enum ev_sum sum)
{
	static const char *const words[] = { "", "ok", "differs",
		"not checked" };

	return words[sum];
}

unsigned
ev_sum_algorithm(const char *label, size_t len, const char **rest)
{
	const char *colon = memchr(label, ':', len);
	size_t i;

	if (colon == NULL)
		return 0;
	*rest = colon + 1;
	for (i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		if (strlen(algorithms[i].name) == (size_t)(colon - label) &&
		    strncasecmp(label, algorithms[i].name,
			(size_t)(colon - label)) == 0)
			return algorithms[i].algorithm;
	}
	return 0;
}

static const unsigned char *
bytes_of(const struct ev_digests *have, unsigned algorithm, size_t *size)
{
	if ((have->have & algorithm) == 0)
		return NULL;
	switch (algorithm) {
	case EV_D_SHA1:
		*size = EV_SHA1;
		return have->sha1;
	case EV_D_SHA256:
		*size = EV_SHA256;
		return have->sha256;
	case EV_D_MD5:
		*size = EV_MD5;
		return have->md5;
	default:
		return NULL;
	}
}

/* Exactly size bytes from base32 digits; padding may follow. */
static bool
from_base32(unsigned char *data, size_t size, const char *text, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	const size_t want = (size * 8 + 4) / 5;
	const char *at;
	unsigned bits = 0, value = 0;
	size_t i, n = 0;
	char c;

	while (len > want && text[len - 1] == '=')
		len--;
	if (len != want)
		return false;
	for (i = 0; i < len; i++) {
		c = text[i];
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		at = c == '\0' ? NULL : strchr(digits, c);
		if (at == NULL)
			return false;
		value = (value << 5 | (unsigned)(at - digits)) & 0xfffU;
		bits += 5;
		if (bits >= 8) {
			bits -= 8;
			data[n++] = (unsigned char)(value >> bits);
		}
	}
	return (value & ((1U << bits) - 1)) == 0;
}

static int
base64_digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	if (at != NULL)
		return (int)(at - digits);
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* The same from base64 digits, of RFC 4648, 4 or 5. */
static bool
from_base64(unsigned char *data, size_t size, const char *text, size_t len)
{
	const size_t want = (size * 8 + 5) / 6;
	unsigned bits = 0, value = 0;
	size_t i, n = 0;
	int digit;

	while (len > want && text[len - 1] == '=')
		len--;
	if (len != want)
		return false;
	for (i = 0; i < len; i++) {
		digit = base64_digit(text[i]);
		if (digit < 0)
			return false;
		value = (value << 6 | (unsigned)digit) & 0xfffU;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			data[n++] = (unsigned char)(value >> bits);
		}
	}
	return (value & ((1U << bits) - 1)) == 0;
}

enum ev_sum
ev_sum_compare(const char *label, size_t len, const struct ev_digests *have)
{
	unsigned char claimed[EV_SHA256];
	const unsigned char *bytes;
	const char *rest = NULL;
	unsigned algorithm = ev_sum_algorithm(label, len, &rest);
	size_t size = 0;

	bytes = bytes_of(have, algorithm, &size);
	if (bytes == NULL)
		return EV_SUM_UNCHECKED;
	len -= (size_t)(rest - label);
	if (!ev_text_unhex(claimed, size, rest, len) &&
	    !from_base32(claimed, size, rest, len) &&
	    !from_base64(claimed, size, rest, len))
		return EV_SUM_UNCHECKED;
	return memcmp(claimed, bytes, size) == 0 ? EV_SUM_OK : EV_SUM_DIFFERS;
}
