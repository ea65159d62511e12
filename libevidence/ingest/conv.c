/* From a value as found to a column's value: the table, and the plain ones. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "evidence/text.h"
#include "ingest/conv.h"
#include "ingest/conv_time.h"

static const int64_t INT_LIMIT = ((int64_t)1 << 53) - 1;

static ev_conv_fn conv_text, conv_id, conv_int, conv_bool, conv_map, conv_e7,
    conv_deg;

enum { PAIRS = -2, MANY = 64 };

static const struct ev_conv_info converters[] = {
	{ "id", EV_CV_ID, false, 0, 0, conv_id, 0 },
	{ "text", EV_CV_TEXT, false, 0, 0, conv_text, 0 },
	{ "path", EV_CV_TEXT, false, 0, 0, conv_text, 0 },
	{ "int", EV_CV_INT, false, 0, 0, conv_int, 0 },
	{ "bool", EV_CV_BOOL, false, 0, MANY, conv_bool, 0 },
	{ "map", EV_CV_TEXT, false, 2, PAIRS, conv_map, 0 },
	{ "text:meta", EV_CV_TEXT, false, 0, 0, ev_conv_meta, 0 },
	{ "tg-text", EV_CV_TEXT, true, 0, 0, ev_conv_tg_text, 0 },
	{ "tg-peer", EV_CV_ID, false, 0, 1, ev_conv_tg_peer, 0 },
	{ "html", EV_CV_TEXT, false, 0, 0, ev_conv_html, 0 },
	{ "member-id", EV_CV_ID, false, 1, 1, ev_conv_member_id, 0 },
	{ "profile-id", EV_CV_ID, false, 0, 0, ev_conv_profile, 1 },
	{ "profile-name", EV_CV_TEXT, false, 0, 0, ev_conv_profile, 0 },
	{ "ip", EV_CV_IP, false, 0, 0, ev_conv_ip, 0 },
	{ "ipport", EV_CV_IP, false, 0, 0, ev_conv_ip, 1 },
	{ "port", EV_CV_PORT, false, 0, 0, ev_conv_port, 0 },
	{ "url", EV_CV_URL, false, 0, 0, conv_text, 0 },
	{ "email", EV_CV_TEXT, false, 0, 0, ev_conv_email, 0 },
	{ "phone", EV_CV_ID, false, 0, 1, ev_conv_phone, 0 },
	{ "country", EV_CV_COUNTRY, false, 0, 0, ev_conv_country, 0 },
	{ "e7", EV_CV_INT, false, 0, 0, conv_e7, 0 },
	{ "deg", EV_CV_INT, false, 0, 0, conv_deg, 0 },
	{ "time:iso", EV_CV_TIME, false, 0, 1, ev_conv_time, EV_FORM_ISO },
	{ "time:twitter", EV_CV_TIME, false, 0, 1, ev_conv_time,
	    EV_FORM_CTIME },
	{ "time:ctime", EV_CV_TIME, false, 0, 1, ev_conv_time, EV_FORM_CTIME },
	{ "time:ymdhms", EV_CV_TIME, false, 0, 1, ev_conv_time,
	    EV_FORM_YMDHMS },
	{ "time:dmy12", EV_CV_TIME, false, 0, 1, ev_conv_time, EV_FORM_DMY12 },
	{ "time:tg-title", EV_CV_TIME, false, 0, 1, ev_conv_time,
	    EV_FORM_DMY_DOTS },
	{ "time:ymd-dots", EV_CV_TIME, false, 0, 1, ev_conv_time,
	    EV_FORM_YMD_DOTS },
	{ "time:ymd8", EV_CV_TIME, false, 0, 1, ev_conv_time, EV_FORM_YMD8 },
	{ "time:us", EV_CV_TIME, false, 0, 1, ev_conv_time, EV_FORM_US },
	{ "time:mail", EV_CV_TIME, false, 0, 1, ev_conv_time, EV_FORM_MAIL },
	{ "time:wa", EV_CV_TIME, false, 0, 1, ev_conv_either, EV_FORM_ISO },
	{ "time:epoch", EV_CV_TIME, false, 0, 0, ev_conv_epoch, 0 },
	{ "time:epoch-ms", EV_CV_TIME, false, 0, 0, ev_conv_epoch, 3 },
	{ "time:epoch-us", EV_CV_TIME, false, 0, 0, ev_conv_epoch, 6 },
};

const struct ev_conv_info *
ev_conv_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(converters) / sizeof(converters[0]); i++)
		if (strlen(converters[i].name) == len &&
		    memcmp(converters[i].name, name, len) == 0)
			return &converters[i];
	return NULL;
}

const char *
ev_conv_check(const struct ev_conv *conv)
{
	const struct ev_conv_info *info = conv->info;
	int count = (int)conv->arg_count;

	if (info->most == PAIRS && (count < 2 || count % 2 != 0))
		return "pairs of a value and its word expected";
	if (info->most != PAIRS && (count < info->least || count > info->most))
		return info->least == info->most ? info->most == 0
						       ? "no argument expected"
						       : "one argument expected"
						 : "fewer arguments expected";
	if ((info->fn == ev_conv_time || info->fn == ev_conv_either) &&
	    count == 1 && !ev_conv_zone(conv->arg[0], NULL))
		return "utc-declared, utc-convention, exporter-local or naive"
		       " expected";
	if (info->fn == ev_conv_phone && count == 1 &&
	    strcmp(conv->arg[0], "intl") != 0 &&
	    (conv->arg[0][0] != '+' || strlen(conv->arg[0]) < 2 ||
		strlen(conv->arg[0]) > 4))
		return "intl, or + and the code of a country expected";
	if (info->fn == ev_conv_member_id && conv->arg[0][0] == '\0')
		return "text that ends the id expected";
	if (info->fn == ev_conv_tg_peer && count == 1 &&
	    strcmp(conv->arg[0], "user") != 0 &&
	    strcmp(conv->arg[0], "channel") != 0 &&
	    strcmp(conv->arg[0], "chat") != 0)
		return "user, channel or chat expected";
	return NULL;
}

bool
ev_conv_fits(const struct ev_conv_info *info, enum ev_column_type type)
{
	switch (type) {
	case EV_C_TEXT:
	case EV_C_WORD:
		return info->type == EV_CV_TEXT || info->type == EV_CV_ID ||
		       info->type == EV_CV_URL || info->type == EV_CV_COUNTRY ||
		       (info->type == EV_CV_IP && info->variant == 0);
	case EV_C_ID:
		return info->type == EV_CV_ID;
	case EV_C_INT:
		return info->type == EV_CV_INT;
	case EV_C_BOOL:
		return info->type == EV_CV_BOOL;
	case EV_C_TIME:
		return info->type == EV_CV_TIME;
	case EV_C_IP:
		return info->type == EV_CV_IP;
	case EV_C_PORT:
		return info->type == EV_CV_PORT;
	case EV_C_URL:
		return info->type == EV_CV_URL;
	case EV_C_COUNTRY:
		return info->type == EV_CV_COUNTRY;
	}
	return false;
}

void
ev_conv_note(struct ev_value_out *out, const char *word)
{
	size_t have = strlen(out->notes), len = strlen(word);
	const char *at = out->notes;

	while ((at = strstr(at, word)) != NULL) {
		if ((at == out->notes || at[-1] == ' ') &&
		    (at[len] == ' ' || at[len] == '\0'))
			return;
		at += len;
	}
	if (have + len + 2 > sizeof(out->notes))
		return;
	if (have > 0)
		out->notes[have++] = ' ';
	memcpy(out->notes + have, word, len + 1);
}

static enum ev_rc
conv_text(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	(void)conv;
	return ev_buf_put(out->text, in->text, in->len, err);
}

/* Has a spreadsheet or a double been at these digits? */
static bool
is_rounded(const char *text, size_t len)
{
	size_t i, zeros = 0;

	for (i = 0; i < len; i++) {
		if ((text[i] == 'E' || text[i] == 'e') && i > 0 &&
		    i + 1 < len && text[i + 1] == '+')
			return strspn(text, "0123456789.") == i;
		if (text[i] < '0' || text[i] > '9') {
			if (i == 0 && text[i] == '-')
				continue;
			if (text[i] != '.')
				return false;
		}
	}
	while (zeros < len && text[len - zeros - 1] == '0')
		zeros++;
	return len >= 17 && zeros >= 8 && memchr(text, '.', len) == NULL;
}

static enum ev_rc
conv_id(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	size_t digits = 0;

	(void)conv;
	if (is_rounded(in->text, in->len)) {
		ev_conv_note(out, "precision-lost");
		return EV_EOF;
	}
	while (digits < in->len && in->text[digits] >= '0' &&
	       in->text[digits] <= '9')
		digits++;
	if (digits > 0 && in->len - digits == 2 &&
	    memcmp(in->text + digits, ".0", 2) == 0) {
		ev_conv_note(out, "precision-lost");
		return EV_EOF;
	}
	return ev_buf_put(out->text, in->text, in->len, err);
}

/* Digits, or one to three and groups of three behind commas. */
static enum ev_rc
conv_int(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	char digits[24];
	size_t i, n = 0, group = 0;
	bool grouped = false;

	(void)conv;
	(void)err;
	for (i = 0; i < in->len; i++) {
		if (in->text[i] == ',') {
			if (grouped ? group != 3 : group < 1 || group > 3)
				return EV_EOF;
			grouped = true;
			group = 0;
			continue;
		}
		if (n == sizeof(digits))
			return EV_EOF;
		digits[n++] = in->text[i];
		group += in->text[i] != '-';
	}
	if (grouped && group != 3)
		return EV_EOF;
	if (!ev_text_int(&out->number, digits, n, -INT_LIMIT, INT_LIMIT))
		return EV_EOF;
	return EV_OK;
}

static bool
is_word(const struct ev_value_in *in, const char *word)
{
	return strlen(word) == in->len &&
	       strncasecmp(in->text, word, in->len) == 0;
}

static enum ev_rc
conv_bool(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	static const char *const yes[] = { "true", "yes", "1" };
	static const char *const no[] = { "false", "no", "0" };
	size_t i;

	(void)err;
	for (i = 0; i < conv->arg_count; i++)
		if (is_word(in, conv->arg[i])) {
			out->number = 1;
			return EV_OK;
		}
	for (i = 0; i < 3; i++) {
		out->number = is_word(in, yes[i]);
		if (out->number != 0 || is_word(in, no[i]))
			return EV_OK;
	}
	return EV_EOF;
}

static enum ev_rc
conv_map(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	size_t i;

	for (i = 0; i + 1 < conv->arg_count; i += 2)
		if (is_word(in, conv->arg[i]))
			return ev_buf_puts(out->text, conv->arg[i + 1], err);
	ev_conv_note(out, "unknown-word");
	return EV_EOF;
}

static enum ev_rc
conv_e7(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	(void)conv;
	(void)err;
	if (!ev_text_int(&out->number, in->text, in->len, -1800000000,
		1800000000))
		return EV_EOF;
	return EV_OK;
}

/* Decimal degrees; the eighth decimal, a millimetre, rounds. */
static enum ev_rc
conv_deg(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	int64_t value = 0;
	size_t i = 0, whole = 0, decimals = 0;
	bool minus;

	(void)conv;
	(void)err;
	minus = in->len > 0 && in->text[0] == '-';
	for (i = minus ? 1 : 0; i < in->len && in->text[i] >= '0' &&
				in->text[i] <= '9' && whole < 4;
	     i++, whole++)
		value = value * 10 + (in->text[i] - '0');
	if (whole == 0 || whole > 3)
		return EV_EOF;
	if (i < in->len && in->text[i++] != '.')
		return EV_EOF;
	for (; i < in->len; i++, decimals++) {
		if (in->text[i] < '0' || in->text[i] > '9')
			return EV_EOF;
		if (decimals < 7)
			value = value * 10 + (in->text[i] - '0');
		else if (decimals == 7)
			value += in->text[i] >= '5';
	}
	for (; decimals < 7; decimals++)
		value *= 10;
	if (value > 1800000000)
		return EV_EOF;
	out->number = minus ? -value : value;
	return EV_OK;
}
