/* Addresses, ports, e-mail and phone. */
#include <string.h>

#include "evidence/text.h"
#include "ingest/conv.h"
#include "ingest/ip.h"

static void
trim(const char **text, size_t *len)
{
	while (*len > 0 && strchr(" \t\r\n", **text) != NULL) {
		(*text)++;
		(*len)--;
	}
	while (*len > 0 && strchr(" \t\r\n", (*text)[*len - 1]) != NULL)
		(*len)--;
}

static bool
read_port(int64_t *port, const char *text, size_t len)
{
	if (len > 1 && text[0] == '0')
		return false;
	return ev_text_int(port, text, len, 0, UINT16_MAX);
}

/* 1.2.3.4:5 or [v6]:5; what stands before the port is left in text. */
static bool
split_port(const char **text, size_t *len, struct ev_value_out *out)
{
	const char *colon, *close;

	if (**text == '[') {
		close = memchr(*text, ']', *len);
		if (close == NULL)
			return false;
		colon = close + 1;
		if (colon < *text + *len) {
			if (*colon != ':')
				return false;
			out->has_port = read_port(&out->port, colon + 1,
			    (size_t)(*text + *len - colon - 1));
			if (!out->has_port)
				return false;
		}
		(*text)++;
		*len = (size_t)(close - *text);
		return memchr(*text, ':', *len) != NULL;
	}
	colon = memchr(*text, ':', *len);
	if (colon == NULL || memchr(*text, '.', *len) == NULL ||
	    memchr(colon + 1, ':', *len - (size_t)(colon + 1 - *text)) != NULL)
		return true;
	out->has_port = read_port(&out->port, colon + 1,
	    (size_t)(*text + *len - colon - 1));
	*len = (size_t)(colon - *text);
	return out->has_port;
}

/* variant 1: a port may stand behind it. */
enum ev_rc
ev_conv_ip(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	const char *text = in->text;
	char printed[EV_IP_TEXT];
	size_t len = in->len;
	struct ev_ip ip;

	trim(&text, &len);
	if (len == 0)
		return EV_EOF;
	if (conv->info->variant == 1 && !split_port(&text, &len, out)) {
		out->has_port = false;
		return EV_EOF;
	}
	if (!ev_ip_parse(&ip, text, len)) {
		out->has_port = false;
		return EV_EOF;
	}
	if (ip.mapped)
		ev_conv_note(out, "v4-mapped");
	if (out->has_port && out->port == 0)
		ev_conv_note(out, "port-zero");
	ev_ip_print(printed, &ip);
	return ev_buf_puts(out->text, printed, err);
}

enum ev_rc
ev_conv_port(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	const char *text = in->text;
	size_t len = in->len;

	(void)conv;
	(void)err;
	trim(&text, &len);
	if (!read_port(&out->number, text, len))
		return EV_EOF;
	if (out->number == 0)
		ev_conv_note(out, "port-zero");
	return EV_OK;
}

enum ev_rc
ev_conv_email(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	const char *text = in->text;
	size_t len = in->len, at, i;
	enum ev_rc rc;
	char c;

	(void)conv;
	trim(&text, &len);
	for (at = len; at > 0 && text[at - 1] != '@'; at--)
		;
	if (at < 2 || at == len || memchr(text + at, '.', len - at) == NULL)
		return EV_EOF;
	for (i = 0; i < len; i++)
		if ((unsigned char)text[i] <= 0x20 || text[i] == 0x7f)
			return EV_EOF;
	rc = ev_buf_put(out->text, text, at, err);
	for (i = at; i < len && rc == EV_OK; i++) {
		c = text[i];
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		rc = ev_buf_putc(out->text, c, err);
	}
	return rc;
}

/*
 * "+" and 7 to 15 digits (E.164).  phone(intl): the "+" may be missing;
 * phone(+92): digits behind one 0, or without, are a number of that country.
 */
enum ev_rc
ev_conv_phone(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	const char *arg = conv->arg_count > 0 ? conv->arg[0] : "";
	const char *text = in->text;
	size_t len = in->len, i, n = 0;
	char digits[16] = "";
	enum ev_rc rc;
	bool plus;

	trim(&text, &len);
	plus = len > 0 && text[0] == '+';
	if (!plus && *arg == '\0')
		return EV_EOF;
	for (i = plus ? 1 : 0; i < len; i++) {
		if (strchr(" -().", text[i]) != NULL && text[i] != '\0')
			continue;
		if (text[i] < '0' || text[i] > '9' || n == 15)
			return EV_EOF;
		digits[n++] = text[i];
	}
	i = !plus && *arg == '+' && n > 0 && digits[0] == '0' ? 1 : 0;
	if (n < i + (!plus && *arg == '+' ? 8 - strlen(arg) : 7) ||
	    n - i + (!plus && *arg == '+' ? strlen(arg) - 1 : 0) > 15 ||
	    digits[i] == '0')
		return EV_EOF;
	rc = ev_buf_puts(out->text, !plus && *arg == '+' ? arg : "+", err);
	if (rc == EV_OK)
		rc = ev_buf_put(out->text, digits + i, n - i, err);
	return rc;
}
