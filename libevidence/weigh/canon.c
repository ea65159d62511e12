/* One way to write an identifier: a function a type. */
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "weigh/address.h"
#include "weigh/canon.h"
#include "weigh/canon_inside.h"
#include "weigh/canon_sum.h"

enum { VALUE_MAX = 4096 };

static enum ev_rc
put_lower(struct ev_buf *out, const char *text, size_t len, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < len && rc == EV_OK; i++)
		rc = ev_buf_putc(out, ev_ascii_lower(text[i]), err);
	return rc;
}

typedef enum ev_rc canon_fn(const struct ev_canon *in, struct ev_buf *out,
    unsigned *flags, struct ev_err *err);

static enum ev_rc
canon_email(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	const char *at = memchr(in->raw, '@', in->len);
	size_t i;

	if (at == NULL || at == in->raw || at + 1 == in->raw + in->len)
		*flags |= EV_CANON_RAW;
	for (i = 0; i < in->len; i++) {
		if ((unsigned char)in->raw[i] <= ' ' ||
		    (in->raw[i] == '@' && in->raw + i != at))
			*flags |= EV_CANON_RAW;
		if ((unsigned char)in->raw[i] >= 0x80 && at != NULL &&
		    in->raw + i > at)
			*flags |= EV_CANON_IDN;
	}
	return put_lower(out, in->raw, in->len, err);
}

enum ev_rc
ev_canon_alias(const char *email, struct ev_buf *out, struct ev_err *err)
{
	const char *at = strchr(email, '@');
	enum ev_rc rc = EV_OK;
	const char *c;

	if (at == NULL)
		return EV_OK;
	for (c = email; c < at && *c != '+' && rc == EV_OK; c++) {
		if (*c != '.')
			rc = ev_buf_putc(out, *c, err);
	}
	return rc == EV_OK ? ev_buf_puts(out, at, err) : rc;
}

static enum ev_rc
canon_phone(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i, digits = 0;

	for (i = 0; i < in->len && rc == EV_OK; i++) {
		if (ev_ascii_is_digit(in->raw[i]) ||
		    (i == 0 && in->raw[i] == '+')) {
			digits += ev_ascii_is_digit(in->raw[i]);
			rc = ev_buf_putc(out, in->raw[i], err);
		} else if (!ev_ascii_is_in(in->raw[i], " -().")) {
			*flags |= EV_CANON_RAW;
		}
	}
	if (digits < 7 || digits > 15 || in->raw[0] != '+')
		*flags |= EV_CANON_RAW;
	return rc;
}

static bool
is_uuid(const char *text, size_t len)
{
	size_t i;

	if (len != 36)
		return false;
	for (i = 0; i < len; i++) {
		if (i == 8 || i == 13 || i == 18 || i == 23) {
			if (text[i] != '-')
				return false;
		} else if (!(ev_text_hex_digit((unsigned char)text[i]) >= 0)) {
			return false;
		}
	}
	return true;
}

/* UUID, IMEI, 32 or 40 hex digits, 16 hex digits, or an id as it came. */
static enum ev_rc
canon_device(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	size_t i, hex = 0, digits = 0, zero = 0;

	for (i = 0; i < in->len; i++) {
		hex += (ev_text_hex_digit((unsigned char)in->raw[i]) >= 0);
		digits += ev_ascii_is_digit(in->raw[i]);
		zero += in->raw[i] == '0' || in->raw[i] == '-';
	}
	if (in->len < 6 || zero == in->len)
		*flags |= EV_CANON_RAW;
	if (is_uuid(in->raw, in->len))
		return put_lower(out, in->raw, in->len, err);
	if (digits == in->len && in->len == 15) {
		if (!ev_sum_luhn(in->raw, in->len)) {
			*flags |= EV_CANON_RAW;
			return ev_buf_put(out, in->raw, in->len, err);
		}
		return ev_buf_put(out, in->raw, 14, err);
	}
	if (hex == in->len)
		return put_lower(out, in->raw, in->len, err);
	return ev_buf_put(out, in->raw, in->len, err);
}

/* What a platform hands out means something there alone. */
static enum ev_rc
canon_scoped(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	enum ev_rc rc;

	if (in->len == 0)
		*flags |= EV_CANON_RAW;
	rc = ev_buf_printf(out, err, "%s:", in->platform);
	return rc == EV_OK ? ev_buf_put(out, in->raw, in->len, err) : rc;
}

static enum ev_rc
canon_wallet(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	size_t i, start;
	enum ev_rc rc;

	if (in->len == 42 && in->raw[0] == '0' &&
	    ev_ascii_lower(in->raw[1]) == 'x') {
		for (i = 2; i < in->len; i++) {
			if (!(ev_text_hex_digit((unsigned char)in->raw[i]) >=
				0))
				*flags |= EV_CANON_RAW;
		}
		*flags |= EV_CANON_UNCHECKED;
		return put_lower(out, in->raw, in->len, err);
	}
	if (ev_sum_base58(in->raw, in->len))
		return ev_buf_put(out, in->raw, in->len, err);
	start = out->len;
	rc = put_lower(out, in->raw, in->len, err);
	if (rc == EV_OK &&
	    !ev_sum_bech32((const char *)out->data + start, in->len))
		*flags |= EV_CANON_RAW;
	return rc;
}

static enum ev_rc
canon_iban(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	size_t i, start = out->len;
	enum ev_rc rc = EV_OK;
	char c;

	for (i = 0; i < in->len && rc == EV_OK; i++) {
		c = in->raw[i];
		if (c == ' ')
			continue;
		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		rc = ev_buf_putc(out, c, err);
	}
	if (rc == EV_OK &&
	    (out->len == start || !ev_sum_iban((const char *)out->data + start,
				      out->len - start)))
		*flags |= EV_CANON_RAW;
	return rc;
}

static enum ev_rc
canon_ip(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	char text[EV_ADDR_TEXT];
	struct ev_addr addr;

	if (in->len < sizeof(text)) {
		memcpy(text, in->raw, in->len);
		text[in->len] = '\0';
		if (ev_addr_parse(&addr, text)) {
			ev_addr_print(text, &addr);
			return ev_buf_puts(out, text, err);
		}
	}
	*flags |= EV_CANON_RAW;
	return ev_buf_put(out, in->raw, in->len, err);
}

static enum ev_rc
canon_invite(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	enum ev_type type;
	size_t start = out->len;
	enum ev_rc rc;

	/* Already "tg:X", as anchors and mappings may have it. */
	if (in->len > 3 && in->raw[2] == ':' &&
	    (memcmp(in->raw, "tg", 2) == 0 || memcmp(in->raw, "wa", 2) == 0 ||
		memcmp(in->raw, "dc", 2) == 0))
		return ev_buf_put(out, in->raw, in->len, err);
	rc = ev_canon_target(in->raw, in->len, &type, out, err);
	if (rc != EV_OK || type == EV_T_INVITE)
		return rc;
	ev_buf_cut(out, start);
	*flags |= EV_CANON_RAW;
	return ev_buf_put(out, in->raw, in->len, err);
}

static bool
all_digits(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (!ev_ascii_is_digit(text[i]))
			return false;
	}
	return len > 0;
}

static enum ev_rc
canon_tracker(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	const char *raw = in->raw, *dash;
	size_t len = in->len;

	if (len > 3 && memcmp(raw, "UA-", 3) == 0) {
		/* The property behind the second dash is left out. */
		dash = memchr(raw + 3, '-', len - 3);
		if (dash != NULL)
			len = (size_t)(dash - raw);
		if (!all_digits(raw + 3, len - 3))
			*flags |= EV_CANON_RAW;
	} else if (len > 4 && memcmp(raw, "pub-", 4) == 0) {
		if (len != 20 || !all_digits(raw + 4, 16))
			*flags |= EV_CANON_RAW;
	} else if (len <= 2 || memcmp(raw, "G-", 2) != 0) {
		if (len < 8 || !all_digits(raw, len))
			*flags |= EV_CANON_RAW;
	}
	return ev_buf_put(out, raw, len, err);
}

static enum ev_rc
canon_digest(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	size_t i;

	for (i = 0; i < in->len; i++) {
		if (!(ev_text_hex_digit((unsigned char)in->raw[i]) >= 0))
			*flags |= EV_CANON_RAW;
	}
	if (in->len != 64)
		*flags |= EV_CANON_RAW;
	return put_lower(out, in->raw, in->len, err);
}

static bool
blank(unsigned char c)
{
	return c == ' ' || c == '\t';
}

static void
cut_blanks(struct ev_buf *out, size_t start)
{
	while (out->len > start && blank(out->data[out->len - 1]))
		ev_buf_cut(out, out->len - 1);
}

static enum ev_rc
canon_name(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	size_t start = out->len, at;
	enum ev_rc rc;

	rc = ev_text_fold(out, in->raw, in->len, err);
	if (rc != EV_OK)
		return rc;
	/* Folding makes these of others. */
	cut_blanks(out, start);
	for (at = start;
	     at < out->len && (out->data[at] == '@' || blank(out->data[at]));
	     at++)
		;
	if (at > start)
		memmove(out->data + start, out->data + at, out->len - at);
	ev_buf_cut(out, out->len - (at - start));
	if (out->len == start)
		*flags |= EV_CANON_RAW;
	return EV_OK;
}

/* "x:123" and "x:@name" stay; a profile's URL becomes "x:@name". */
static enum ev_rc
canon_account(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	const char *colon = memchr(in->raw, ':', in->len);
	enum ev_type type;
	size_t start = out->len, name, rest;
	enum ev_rc rc;

	rc = ev_canon_target(in->raw, in->len, &type, out, err);
	if (rc != EV_OK || type == EV_T_ACCOUNT)
		return rc;
	ev_buf_cut(out, start);
	if (colon == NULL || colon == in->raw ||
	    colon + 1 == in->raw + in->len) {
		*flags |= EV_CANON_RAW;
		return ev_buf_put(out, in->raw, in->len, err);
	}
	if (colon[1] != '@')
		return ev_buf_put(out, in->raw, in->len, err);
	rc = ev_buf_put(out, in->raw, (size_t)(colon + 2 - in->raw), err);
	name = out->len;
	rest = (size_t)(in->raw + in->len - (colon + 2));
	if (rc == EV_OK)
		rc = ev_text_fold(out, colon + 2, rest, err);
	if (rc != EV_OK)
		return rc;
	/* Folding makes blanks and slashes of others; no name has one. */
	cut_blanks(out, name);
	if (out->len > name &&
	    memchr(out->data + name, '/', out->len - name) == NULL)
		return EV_OK;
	ev_buf_cut(out, start);
	*flags |= EV_CANON_RAW;
	return ev_buf_put(out, in->raw, in->len, err);
}

static enum ev_rc
canon_plain(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	if (in->len == 0)
		*flags |= EV_CANON_RAW;
	return ev_buf_put(out, in->raw, in->len, err);
}

static canon_fn *const canons[EV_TYPES] = {
	[EV_T_EMAIL] = canon_email,
	[EV_T_EMAIL_ALIAS] = canon_email,
	[EV_T_PHONE] = canon_phone,
	[EV_T_PHONE_NATIONAL] = canon_plain,
	[EV_T_DEVICE] = canon_device,
	[EV_T_AD_ID] = canon_device,
	[EV_T_PUSH_TOKEN] = canon_scoped,
	[EV_T_COOKIE] = canon_scoped,
	[EV_T_SSO] = canon_scoped,
	[EV_T_CARD] = canon_scoped,
	[EV_T_WALLET] = canon_wallet,
	[EV_T_IBAN] = canon_iban,
	[EV_T_DOMAIN] = canon_name,
	[EV_T_TRACKER] = canon_tracker,
	[EV_T_CERTIFICATE] = canon_digest,
	[EV_T_FAVICON] = canon_digest,
	[EV_T_INVITE] = canon_invite,
	[EV_T_PUBLIC_KEY] = canon_plain,
	[EV_T_IP] = canon_ip,
	[EV_T_URL] = ev_canon_url,
	[EV_T_MEDIA] = canon_digest,
	[EV_T_USERNAME] = canon_name,
	[EV_T_ACCOUNT] = canon_account,
	[EV_T_OTHER] = canon_plain,
};

enum ev_rc
ev_canon(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	struct ev_canon cut = *in;

	*flags = 0;
	while (cut.len > 0 && (*cut.raw == ' ' || *cut.raw == '\t')) {
		cut.raw++;
		cut.len--;
	}
	while (cut.len > 0 &&
	       (cut.raw[cut.len - 1] == ' ' || cut.raw[cut.len - 1] == '\t'))
		cut.len--;
	if (cut.len > VALUE_MAX || cut.len == 0 || canons[cut.type] == NULL ||
	    !ev_text_is_utf8(cut.raw, cut.len)) {
		*flags = EV_CANON_RAW;
		return ev_buf_put(out, cut.raw,
		    cut.len > VALUE_MAX ? VALUE_MAX : cut.len, err);
	}
	return canons[cut.type](&cut, out, flags, err);
}

bool
ev_canon_phone_country(const struct ev_listfile *codes, const char *phone,
    char cc[3])
{
	const struct ev_list_row *best = NULL;
	size_t i, len, longest = 0;

	if (codes == NULL || *phone != '+')
		return false;
	for (i = 0; i < codes->rows; i++) {
		len = strlen(codes->row[i].cell[0]);
		if (len > longest &&
		    strncmp(codes->row[i].cell[0], phone + 1, len) == 0) {
			longest = len;
			best = &codes->row[i];
		}
	}
	if (best == NULL || best->cell[1][0] == '-')
		return false;
	memcpy(cc, best->cell[1], 3);
	return true;
}

/* The names are English: letters without case, no more. */
static bool
same_name(const char *name, const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (ev_ascii_lower(name[i]) != ev_ascii_lower(text[i]))
			return false;
	}
	return name[len] == '\0';
}

static bool
find_country(const struct ev_listfile *names, const char *text, char cc[3])
{
	size_t len = strlen(text), i;

	while (*text == ' ') {
		text++;
		len--;
	}
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '.'))
		len--;
	for (i = 0; i < names->rows && len > 0; i++) {
		if (!same_name(names->row[i].cell[0], text, len))
			continue;
		memcpy(cc, names->row[i].cell[1], 3);
		return true;
	}
	return false;
}

bool
ev_canon_country(const struct ev_listfile *names, const char *text, char cc[3])
{
	const char *comma = strrchr(text, ',');

	if (strlen(text) == 2 && text[0] >= 'A' && text[0] <= 'Z' &&
	    text[1] >= 'A' && text[1] <= 'Z') {
		memcpy(cc, text, 3);
		return true;
	}
	if (names == NULL)
		return false;
	return find_country(names, text, cc) ||
	       (comma != NULL && find_country(names, comma + 1, cc));
}

bool
ev_canon_offset(char offset[8], const char *text)
{
	int64_t hour, minute = 0;
	size_t digits;
	char sign;

	if (strncmp(text, "UTC", 3) == 0 || strncmp(text, "GMT", 3) == 0) {
		text += 3;
		if (*text == '\0') {
			memcpy(offset, "+00:00", 7);
			return true;
		}
	}
	sign = *text++;
	if (sign != '+' && sign != '-')
		return false;
	digits = strspn(text, "0123456789");
	if (digits == 4 && text[4] == '\0') {
		if (!ev_text_int(&hour, text, 2, 0, 14) ||
		    !ev_text_int(&minute, text + 2, 2, 0, 59))
			return false;
	} else {
		if (digits < 1 || digits > 2 ||
		    !ev_text_int(&hour, text, digits, 0, 14))
			return false;
		if (text[digits] == ':'
			? strlen(text + digits) != 3 ||
			      !ev_text_int(&minute, text + digits + 1, 2, 0, 59)
			: text[digits] != '\0')
			return false;
	}
	(void)snprintf(offset, 8, "%c%02d:%02d", sign, (int)hour, (int)minute);
	return true;
}

void
ev_canon_mask(char *out, size_t cap, enum ev_type type, const char *value)
{
	size_t len = strlen(value), keep = 2, from;

	if (type == EV_T_INVITE || type == EV_T_ACCOUNT || type == EV_T_URL ||
	    type == EV_T_DOMAIN || type == EV_T_USERNAME ||
	    type == EV_T_TRACKER) {
		/* Public by its nature. */
		(void)snprintf(out, cap, "%s", value);
		return;
	}
	if (len <= keep) {
		(void)snprintf(out, cap, "**");
		return;
	}
	/* Not inside a character. */
	for (from = len - keep;
	     from > 0 && ((unsigned char)value[from] & 0xc0) == 0x80;)
		from--;
	(void)snprintf(out, cap, "%s ***%s", ev_type_name(type), value + from);
}
