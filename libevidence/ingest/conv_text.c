/* Texts in the wrappings of their platforms. */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/conv.h"

static enum ev_rc
put_code_point(struct ev_buf *out, uint32_t c, struct ev_err *err)
{
	unsigned char utf8[4];
	size_t len = 0;

	if (c < 0x80) {
		utf8[len++] = (unsigned char)c;
	} else if (c < 0x800) {
		utf8[len++] = (unsigned char)(0xc0 | c >> 6);
		utf8[len++] = (unsigned char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		utf8[len++] = (unsigned char)(0xe0 | c >> 12);
		utf8[len++] = (unsigned char)(0x80 | (c >> 6 & 63));
		utf8[len++] = (unsigned char)(0x80 | (c & 63));
	} else {
		utf8[len++] = (unsigned char)(0xf0 | c >> 18);
		utf8[len++] = (unsigned char)(0x80 | (c >> 12 & 63));
		utf8[len++] = (unsigned char)(0x80 | (c >> 6 & 63));
		utf8[len++] = (unsigned char)(0x80 | (c & 63));
	}
	return ev_buf_put(out, utf8, len, err);
}

enum ev_rc
ev_conv_unmeta(struct ev_buf *out, bool *changed, const char *text, size_t len,
    struct ev_err *err)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i, start = out->len;
	enum ev_rc rc = EV_OK;
	bool high = false;

	*changed = false;
	for (i = 0; i < len && rc == EV_OK; i++) {
		if (p[i] < 0x80) {
			rc = ev_buf_putc(out, text[i], err);
			continue;
		}
		/* U+0080 to U+00FF are C2 80 to C3 BF. */
		if ((p[i] != 0xc2 && p[i] != 0xc3) || i + 1 == len)
			break;
		rc = ev_buf_putc(out,
		    (char)((p[i] == 0xc3 ? 0x40 : 0) | p[i + 1]), err);
		high = true;
		i++;
	}
	if (rc != EV_OK)
		return rc;
	if (i < len || !high ||
	    !ev_text_is_utf8(out->data + start, out->len - start)) {
		ev_buf_cut(out, start);
		return ev_buf_put(out, text, len, err);
	}
	*changed = true;
	return EV_OK;
}

enum ev_rc
ev_conv_meta(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	enum ev_rc rc;
	bool changed;

	(void)conv;
	rc = ev_conv_unmeta(out->text, &changed, in->text, in->len, err);
	if (rc == EV_OK && changed)
		ev_conv_note(out, "mojibake");
	return rc;
}

/* A string, or an array of strings and {type,text}, joined. */
enum ev_rc
ev_conv_tg_text(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	const struct ev_json_node *part, *text;
	enum ev_rc rc = EV_OK;

	(void)conv;
	if (in->node == NULL || in->node->type != EV_JSON_ARRAY) {
		if (in->node != NULL && in->node->type == EV_JSON_OBJECT) {
			ev_conv_note(out, "not-scalar");
			return EV_EOF;
		}
		return ev_buf_put(out->text, in->text, in->len, err);
	}
	for (part = in->node->child; part != NULL && rc == EV_OK;
	     part = part->next) {
		text = part->type == EV_JSON_OBJECT ? ev_json_get(part, "text")
						    : part;
		if (text == NULL || text->type != EV_JSON_STRING ||
		    (text->notes & (EV_JSON_N_BAD_UTF8 | EV_JSON_N_SURROGATE |
				       EV_JSON_N_NUL)) != 0) {
			ev_conv_note(out, "not-scalar");
			return EV_EOF;
		}
		if (text->text_len > 0)
			rc = ev_buf_put(out->text, text->text, text->text_len,
			    err);
	}
	return rc;
}

/* user1, channel1 or -1001, chat1, bare 1 as peer:1 or the kind given. */
enum ev_rc
ev_conv_tg_peer(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	static const char *const from[] = { "user", "channel", "chat", "-100",
		"" };
	static const char *const to[] = { "user", "channel", "chat", "channel",
		"peer" };
	const char *kind;
	enum ev_rc rc;
	size_t i, k, len = 0;

	for (i = 0; i < 5; i++) {
		len = strlen(from[i]);
		if (in->len > len && memcmp(in->text, from[i], len) == 0)
			break;
	}
	if (i == 5)
		return EV_EOF;
	for (k = len; k < in->len; k++)
		if (in->text[k] < '0' || in->text[k] > '9')
			return EV_EOF;
	kind = i == 4 && conv->arg_count > 0 ? conv->arg[0] : to[i];
	rc = ev_buf_puts(out->text, kind, err);
	if (rc == EV_OK)
		rc = ev_buf_putc(out->text, ':', err);
	if (rc == EV_OK)
		rc = ev_buf_put(out->text, in->text + len, in->len - len, err);
	return rc;
}

/* One reference at its "&"; 0 if it is none that we know. */
static size_t
reference(uint32_t *c, const char *p, size_t len)
{
	static const struct {
		const char *name;
		uint32_t c;
	} names[] = { { "amp;", '&' }, { "lt;", '<' }, { "gt;", '>' },
		{ "quot;", '"' }, { "apos;", '\'' }, { "nbsp;", 0xa0 },
		{ "middot;", 0xb7 }, { "laquo;", 0xab }, { "raquo;", 0xbb },
		{ "ndash;", 0x2013 }, { "mdash;", 0x2014 },
		{ "hellip;", 0x2026 }, { "lsquo;", 0x2018 },
		{ "rsquo;", 0x2019 }, { "ldquo;", 0x201c },
		{ "rdquo;", 0x201d }, { "zwnj;", 0x200c }, { "zwj;", 0x200d },
		{ "lrm;", 0x200e }, { "rlm;", 0x200f } };
	char digits[12];
	size_t i, n = 0, at = 2;
	bool hex;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		n = strlen(names[i].name);
		if (len > n && memcmp(p + 1, names[i].name, n) == 0) {
			*c = names[i].c;
			return n + 1;
		}
	}
	if (len < 4 || p[1] != '#')
		return 0;
	hex = p[2] == 'x' || p[2] == 'X';
	for (at += hex, n = 0; at < len && p[at] != ';' && n < 8; at++)
		digits[n++] = p[at];
	digits[n] = '\0';
	if (at == len || p[at] != ';' || n == 0 ||
	    strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != n)
		return 0;
	*c = (uint32_t)strtoul(digits, NULL, hex ? 16 : 10);
	if (*c == 0 || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return at + 1;
}

static bool
is_tag(const char *p, size_t len, const char *name)
{
	size_t i, n = strlen(name);

	for (i = 0; i < n; i++)
		if (i >= len || (p[i] | 0x20) != (name[i] | 0x20))
			return false;
	return n < len && strchr(" \t\n\r/>", p[n]) != NULL;
}

enum ev_rc
ev_conv_html(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	const char *p = in->text, *close;
	size_t left = in->len, n;
	enum ev_rc rc = EV_OK;
	uint32_t c = 0;

	(void)conv;
	while (left > 0 && rc == EV_OK) {
		close = *p == '<' ? memchr(p, '>', left) : NULL;
		if (close != NULL) {
			n = (size_t)(close - p) + 1;
			if (is_tag(p + 1, n - 1, "br") ||
			    is_tag(p + 1, n - 1, "/p"))
				rc = ev_buf_putc(out->text, '\n', err);
		} else if (*p == '&' && (n = reference(&c, p, left)) > 0) {
			rc = put_code_point(out->text, c, err);
		} else {
			n = 1;
			rc = ev_buf_putc(out->text, *p, err);
		}
		p += n;
		left -= n;
	}
	return rc;
}

static bool
all_digits(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return len > 0;
}

/* Of an id, a vanity name or a profile URL, the part that names the page. */
static void
profile_part(const char **text, size_t *len)
{
	const char *p, *end = *text + *len, *query;

	for (p = *text; p + 3 < end; p++)
		if ((p[0] == '?' || p[0] == '&') &&
		    memcmp(p + 1, "id=", 3) == 0) {
			*text = p + 4;
			for (p = *text; p < end && *p != '&' && *p != '#'; p++)
				;
			*len = (size_t)(p - *text);
			return;
		}
	for (query = *text; query < end && *query != '?' && *query != '#';
	     query++)
		;
	end = query;
	while (end > *text && end[-1] == '/')
		end--;
	for (p = end; p > *text && p[-1] != '/'; p--)
		;
	*text = p;
	*len = (size_t)(end - p);
}

/* variant 1: what is all digits; 0: what is not. */
enum ev_rc
ev_conv_profile(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	const char *text = in->text;
	size_t len = in->len;

	profile_part(&text, &len);
	if (len == 0)
		return EV_EOF;
	if (all_digits(text, len) != (conv->info->variant == 1)) {
		out->absent = true;
		return EV_EOF;
	}
	return ev_buf_put(out->text, text, len, err);
}

/* The part of a file name before the first S. */
enum ev_rc
ev_conv_member_id(const struct ev_conv *conv, const struct ev_value_in *in,
    struct ev_value_out *out, struct ev_err *err)
{
	const char *name = in->text, *end = in->text + in->len, *p;
	size_t n = strlen(conv->arg[0]);

	for (p = name; p < end; p++)
		if (*p == '/')
			name = p + 1;
	for (p = name; (size_t)(end - p) >= n; p++)
		if (memcmp(p, conv->arg[0], n) == 0)
			break;
	if ((size_t)(end - p) < n || p == name)
		return EV_EOF;
	return ev_buf_put(out->text, name, (size_t)(p - name), err);
}
