/* The inside of JSON strings and numbers: found fast, then decoded. */
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "base/jsonlex.h"
#include "evidence/json.h"
#include "evidence/text.h"

#if defined(__SSE2__)

size_t
ev_jsonlex_scan(const unsigned char *p, unsigned char quote, bool *high)
{
	const __m128i quotes = _mm_set1_epi8((char)quote);
	const __m128i escape = _mm_set1_epi8('\\');
	const __m128i control = _mm_set1_epi8(0x1f);
	const unsigned char *at = p;
	unsigned special, top;
	__m128i data, hit;

	for (;; at += sizeof(data)) {
		memcpy(&data, at, sizeof(data));
		hit = _mm_cmpeq_epi8(data, quotes);
		hit = _mm_or_si128(hit, _mm_cmpeq_epi8(data, escape));
		/* Unsigned: a byte of at most 0x1f is its own minimum. */
		hit = _mm_or_si128(hit,
		    _mm_cmpeq_epi8(_mm_min_epu8(data, control), data));
		special = (unsigned)_mm_movemask_epi8(hit);
		top = (unsigned)_mm_movemask_epi8(data);
		if (special != 0)
			break;
		if (top != 0)
			*high = true;
	}
	if ((top & (special ^ (special - 1))) != 0)
		*high = true;
	return (size_t)(at - p) + (size_t)__builtin_ctz(special);
}

#else

size_t
ev_jsonlex_scan(const unsigned char *p, unsigned char quote, bool *high)
{
	const uint64_t ones = UINT64_MAX / 255, tops = ones * 0x80;
	const unsigned char *at = p;
	uint64_t word, quoted, escaped;

	/* Eight at a time until one of them may be special. */
	for (;; at += sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		quoted = word ^ ones * quote;
		escaped = word ^ ones * '\\';
		if ((((word - ones * 0x20) & ~word) |
			((quoted - ones) & ~quoted) |
			((escaped - ones) & ~escaped)) &
		    tops)
			break;
		if ((word & tops) != 0)
			*high = true;
	}
	for (; *at >= 0x20 && *at != quote && *at != '\\'; at++) {
		if (*at >= 0x80)
			*high = true;
	}
	return (size_t)(at - p);
}

#endif

static uint32_t
hex(const unsigned char *p, int count)
{
	uint32_t value = 0;
	int i;

	for (i = 0; i < count; i++)
		value = value << 4 | (uint32_t)ev_text_hex_digit(p[i]);
	return value;
}

/* The bytes of UTF-8's scheme, for surrogates too. */
static size_t
encode(char *out, uint32_t cp)
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

/* \uXXXX at p, and the second half of a pair (RFC 8259, 7); bytes used. */
static size_t
decode_unicode(uint32_t *cp, const unsigned char *p, size_t len,
    unsigned *notes)
{
	uint32_t low;

	*cp = hex(p + 2, 4);
	if (*cp == 0)
		*notes |= EV_JSON_N_NUL;
	if (*cp < 0xd800 || *cp > 0xdfff)
		return 6;
	if (*cp < 0xdc00 && len >= 12 && p[6] == '\\' && p[7] == 'u') {
		low = hex(p + 8, 4);
		if (low >= 0xdc00 && low <= 0xdfff) {
			*cp = 0x10000 + ((*cp - 0xd800) << 10) + (low - 0xdc00);
			return 12;
		}
	}
	*notes |= EV_JSON_N_SURROGATE;
	return 6;
}

/* One escape at p to *cp; the bytes used. */
static size_t
decode_escape(uint32_t *cp, const unsigned char *p, size_t len, unsigned *notes)
{
	static const char letter[] = "bfnrt", code[] = "\b\f\n\r\t";
	const char *at;

	if (p[1] == 'u')
		return decode_unicode(cp, p, len, notes);
	if (p[1] == 'x') {
		*notes |= EV_JSON_N_HEX;
		*cp = hex(p + 2, 2);
		if (*cp == 0)
			*notes |= EV_JSON_N_NUL;
		return 4;
	}
	at = memchr(letter, p[1], sizeof(letter) - 1);
	*cp = at == NULL ? p[1] : (uint32_t)code[at - letter];
	return 2;
}

size_t
ev_jsonlex_decode(char *out, const unsigned char *p, size_t len,
    unsigned *notes)
{
	const unsigned char *at;
	char *to = out;
	uint32_t cp;
	size_t n;

	for (; len > 0; p += n, len -= n) {
		if (*p == '\\') {
			n = decode_escape(&cp, p, len, notes);
			to += encode(to, cp);
			continue;
		}
		at = memchr(p, '\\', len);
		n = at == NULL ? len : (size_t)(at - p);
		memcpy(to, p, n);
		to += n;
	}
	return (size_t)(to - out);
}

bool
ev_jsonlex_is_digit(unsigned char c)
{
	return c >= '0' && c <= '9';
}

static const unsigned char *
digits(const unsigned char *p)
{
	while (ev_jsonlex_is_digit(*p))
		p++;
	return p;
}

const unsigned char *
ev_jsonlex_number(const unsigned char *p, bool *whole)
{
	*whole = false;
	if (*p == '-')
		p++;
	if (!ev_jsonlex_is_digit(*p))
		return p;
	p = *p == '0' ? p + 1 : digits(p);
	if (*p == '.') {
		p++;
		if (!ev_jsonlex_is_digit(*p))
			return p;
		p = digits(p);
	}
	if (*p == 'e' || *p == 'E') {
		p++;
		if (*p == '+' || *p == '-')
			p++;
		if (!ev_jsonlex_is_digit(*p))
			return p;
		p = digits(p);
	}
	*whole = true;
	return p;
}
