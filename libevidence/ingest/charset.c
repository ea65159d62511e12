/* Bytes of other character sets as UTF-8. */
#include <stdint.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/charset.h"

/* Code points of 0x80 to 0x9f in Windows-1252; 0: not assigned. */
static const uint16_t cp1252[32] = { 0x20ac, 0, 0x201a, 0x0192, 0x201e, 0x2026,
	0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017d, 0, 0,
	0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122,
	0x0161, 0x203a, 0x0153, 0, 0x017e, 0x0178 };

enum ev_charset
ev_charset_find(const char *name)
{
	static const char *const names[] = { "utf-8", "utf-16le", "utf-16be",
		"cp1252", "latin1" };
	size_t i;

	for (i = 0; name != NULL && i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return (enum ev_charset)i;
	return EV_CHARSET_UTF8;
}

size_t
ev_charset_unit(enum ev_charset charset)
{
	return charset == EV_CHARSET_UTF16LE || charset == EV_CHARSET_UTF16BE
		   ? 2
		   : 1;
}

enum ev_rc
ev_charset_put(struct ev_buf *out, uint32_t c, struct ev_err *err)
{
	unsigned char utf8[4];
	size_t n = 0;

	if (c < 0x80) {
		utf8[n++] = (unsigned char)c;
	} else if (c < 0x800) {
		utf8[n++] = (unsigned char)(0xc0 | c >> 6);
		utf8[n++] = (unsigned char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		utf8[n++] = (unsigned char)(0xe0 | c >> 12);
		utf8[n++] = (unsigned char)(0x80 | (c >> 6 & 63));
		utf8[n++] = (unsigned char)(0x80 | (c & 63));
	} else {
		utf8[n++] = (unsigned char)(0xf0 | c >> 18);
		utf8[n++] = (unsigned char)(0x80 | (c >> 12 & 63));
		utf8[n++] = (unsigned char)(0x80 | (c >> 6 & 63));
		utf8[n++] = (unsigned char)(0x80 | (c & 63));
	}
	return ev_buf_put(out, utf8, n, err);
}

/* One character at p; 0: there is none. */
static size_t
take(uint32_t *c, enum ev_charset charset, const unsigned char *p, size_t len)
{
	uint32_t low;
	size_t be = charset == EV_CHARSET_UTF16BE;

	if (charset == EV_CHARSET_LATIN1 || charset == EV_CHARSET_CP1252) {
		*c = *p;
		if (charset == EV_CHARSET_CP1252 && *p >= 0x80 && *p < 0xa0)
			*c = cp1252[*p - 0x80];
		return *c == 0 ? 0 : 1;
	}
	if (len < 2)
		return 0;
	*c = (uint32_t)p[1 - be] << 8 | p[be];
	if (*c == 0 || (*c >= 0xdc00 && *c <= 0xdfff))
		return 0;
	if (*c < 0xd800 || *c > 0xdbff)
		return 2;
	if (len < 4)
		return 0;
	low = (uint32_t)p[3 - be] << 8 | p[2 + be];
	if (low < 0xdc00 || low > 0xdfff)
		return 0;
	*c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
	return 4;
}

enum ev_rc
ev_charset_text(struct ev_buf *out, enum ev_charset charset,
    const unsigned char *data, size_t len, struct ev_err *err)
{
	size_t at = 0, n, start = out->len;
	enum ev_rc rc = EV_OK;
	uint32_t c = 0;

	if (len == 0)
		return EV_OK;
	if (charset == EV_CHARSET_UTF8) {
		rc = ev_buf_put(out, data, len, err);
		if (rc == EV_OK && (!ev_text_is_utf8(data, len) ||
				       memchr(data, '\0', len) != NULL))
			return EV_EOF;
		return rc;
	}
	while (at < len && rc == EV_OK) {
		n = take(&c, charset, data + at, len - at);
		if (n == 0) {
			ev_buf_cut(out, start);
			rc = ev_buf_put(out, data, len, err);
			return rc == EV_OK ? EV_EOF : rc;
		}
		rc = ev_charset_put(out, c, err);
		at += n;
	}
	return rc;
}
