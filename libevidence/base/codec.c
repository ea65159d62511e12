/* Hexadecimal, base64 and decimal text, strictly. */
#include <string.h>

#include "evidence/text.h"

static const char base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
ev_text_hex(char *text, const void *data, size_t len)
{
	static const char digit[] = "0123456789abcdef";
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < len; i++) {
		*text++ = digit[p[i] >> 4];
		*text++ = digit[p[i] & 15];
	}
	*text = '\0';
}

int
ev_text_hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool
ev_text_unhex(void *data, size_t len, const char *text, size_t text_len)
{
	unsigned char *p = data;
	int high, low;
	size_t i;

	if (text_len % 2 != 0 || text_len / 2 != len)
		return false;
	for (i = 0; i < len; i++) {
		high = ev_text_hex_digit((unsigned char)text[2 * i]);
		low = ev_text_hex_digit((unsigned char)text[2 * i + 1]);
		if (high < 0 || low < 0)
			return false;
		p[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

enum ev_rc
ev_text_base64(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err)
{
	const unsigned char *p = data;
	enum ev_rc rc = EV_OK;
	char text[4];
	unsigned bits;
	size_t i, n;

	for (i = 0; i < len && rc == EV_OK; i += 3) {
		n = len - i < 3 ? len - i : 3;
		bits = (unsigned)p[i] << 16;
		bits |= n > 1 ? (unsigned)p[i + 1] << 8 : 0U;
		bits |= n > 2 ? (unsigned)p[i + 2] : 0U;
		text[0] = base64[bits >> 18];
		text[1] = base64[bits >> 12 & 63];
		text[2] = '=';
		text[3] = '=';
		if (n > 1)
			text[2] = base64[bits >> 6 & 63];
		if (n > 2)
			text[3] = base64[bits & 63];
		rc = ev_buf_put(out, text, sizeof(text), err);
	}
	return rc;
}

/* Four characters to 1 to 3 bytes; 0 if it is not the one canonical form. */
static size_t
unbase64_group(unsigned char data[3], const char *text, bool last)
{
	const char *at;
	unsigned bits = 0;
	size_t i, n = 4;

	if (last && text[3] == '=')
		n = text[2] == '=' ? 2 : 3;
	for (i = 0; i < 4; i++) {
		bits <<= 6;
		if (i >= n)
			continue;
		at = memchr(base64, text[i], 64);
		if (at == NULL)
			return 0;
		bits |= (unsigned)(at - base64);
	}
	/* RFC 4648, 3.5: pad bits are zero. */
	if ((n == 2 && (bits & 0xffff) != 0) || (n == 3 && (bits & 0xff) != 0))
		return 0;
	data[0] = (unsigned char)(bits >> 16);
	data[1] = (unsigned char)(bits >> 8 & 255);
	data[2] = (unsigned char)(bits & 255);
	return n - 1;
}

enum ev_rc
ev_text_unbase64(struct ev_buf *out, const char *text, size_t len,
    struct ev_err *err)
{
	unsigned char data[3];
	enum ev_rc rc = EV_OK;
	size_t i, n;

	if (len % 4 != 0)
		return ev_fail(err, EV_INPUT,
		    "base64 of %zu characters, not a multiple of 4", len);
	for (i = 0; i < len && rc == EV_OK; i += 4) {
		n = unbase64_group(data, text + i, i + 4 == len);
		if (n == 0)
			return ev_fail(err, EV_INPUT,
			    "byte %zu: not base64 (RFC 4648)", i);
		rc = ev_buf_put(out, data, n, err);
	}
	return rc;
}

bool
ev_text_int(int64_t *value, const char *text, size_t len, int64_t low,
    int64_t high)
{
	const bool minus = len > 0 && text[0] == '-';
	int64_t v = 0;
	size_t i = minus ? 1 : 0;

	if (i == len)
		return false;
	/* Summed downwards: there INT64_MIN has room. */
	for (; i < len; i++) {
		if (text[i] < '0' || text[i] > '9' ||
		    __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, text[i] - '0', &v))
			return false;
	}
	if (!minus && __builtin_sub_overflow((int64_t)0, v, &v))
		return false;
	if (v < low || v > high)
		return false;
	*value = v;
	return true;
}
