/* Texts in the wrappings of their platforms. */
#include <string.h>

#include "evidence/text.h"
#include "ingest/charset.h"
#include "ingest/conv.h"
#include "ingest/html.h"

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
		} else if (*p == '&' &&
			   (n = ev_html_reference(&c, p, left)) > 0) {
			rc = ev_charset_put(out->text, c, err);
		} else {
			n = 1;
			rc = ev_buf_putc(out->text, *p, err);
		}
		p += n;
		left -= n;
	}
	/* The last paragraph's end parts it from nothing. */
	while (rc == EV_OK && out->text->len > 0 &&
	       out->text->data[out->text->len - 1] == '\n')
		ev_buf_cut(out->text, out->text->len - 1);
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
