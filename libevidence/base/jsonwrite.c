/* Records in with their byte spans; reproducible bytes out. */
#include <stdio.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"

enum { HEX_STEP = 64 };

static const int64_t INT_LIMIT = (int64_t)1 << 53; /* RFC 8785, 3.2.2.3 */

void
ev_jw_init(struct ev_jw *w, struct ev_buf *out)
{
	memset(w, 0, sizeof(*w));
	w->out = out;
	w->rc = EV_OK;
}

static void
misuse(struct ev_jw *w, const char *what)
{
	if (w->rc == EV_OK)
		w->rc = ev_fail(&w->err, EV_USE, "JSON: %s", what);
}

static void
put(struct ev_jw *w, const void *data, size_t len)
{
	if (w->rc == EV_OK)
		w->rc = ev_buf_put(w->out, data, len, &w->err);
}

/* Before each value: its comma, and whether one may stand here at all. */
static void
begin_value(struct ev_jw *w)
{
	if (w->rc != EV_OK)
		return;
	if (w->level[w->depth].object) {
		if (!w->level[w->depth].keyed)
			misuse(w, "a value without its key");
		w->level[w->depth].keyed = false;
		return;
	}
	if (w->level[w->depth].any) {
		if (w->depth == 0)
			misuse(w, "a second value");
		put(w, ",", 1);
	}
	w->level[w->depth].any = true;
}

static void
open_level(struct ev_jw *w, bool object)
{
	begin_value(w);
	if (w->rc == EV_OK && w->depth + 1 >= EV_JW_DEPTH)
		misuse(w, "nested too deep");
	if (w->rc != EV_OK)
		return;
	put(w, object ? "{" : "[", 1);
	w->depth++;
	memset(&w->level[w->depth], 0, sizeof(w->level[w->depth]));
	w->level[w->depth].object = object;
}

void
ev_jw_object(struct ev_jw *w)
{
	open_level(w, true);
}

void
ev_jw_array(struct ev_jw *w)
{
	open_level(w, false);
}

void
ev_jw_close(struct ev_jw *w)
{
	if (w->rc != EV_OK)
		return;
	if (w->depth == 0)
		misuse(w, "nothing to close");
	else if (w->level[w->depth].keyed)
		misuse(w, "a key without its value");
	if (w->rc != EV_OK)
		return;
	put(w, w->level[w->depth].object ? "}" : "]", 1);
	w->depth--;
}

/* Printable ASCII that needs no escape, so that bytes compare as they stand. */
static bool
is_plain_key(const char *key)
{
	for (; *key != '\0'; key++) {
		if (*key < 0x20 || *key > 0x7e || *key == '"' || *key == '\\')
			return false;
	}
	return true;
}

/* RFC 8785, 3.2.3: ascending; for ASCII the order of its bytes. */
static bool
is_ascending(const struct ev_jw *w, const char *key, size_t len)
{
	const size_t last_len = w->level[w->depth].key_len;
	const size_t least = len < last_len ? len : last_len;
	int order;

	order = memcmp(w->out->data + w->level[w->depth].key, key, least);
	return order < 0 || (order == 0 && last_len < len);
}

void
ev_jw_key(struct ev_jw *w, const char *key)
{
	const size_t len = strlen(key);

	if (w->rc != EV_OK)
		return;
	if (!w->level[w->depth].object)
		misuse(w, "a key outside an object");
	else if (w->level[w->depth].keyed)
		misuse(w, "a key without its value");
	else if (!is_plain_key(key))
		misuse(w, "a key that is not plain ASCII");
	else if (w->level[w->depth].any && !is_ascending(w, key, len))
		w->rc = ev_fail(&w->err, EV_USE,
		    "JSON: key '%.80s' is not behind the one before it", key);
	if (w->rc != EV_OK)
		return;
	if (w->level[w->depth].any)
		put(w, ",", 1);
	put(w, "\"", 1);
	w->level[w->depth].any = true;
	w->level[w->depth].keyed = true;
	w->level[w->depth].key = w->out->len;
	w->level[w->depth].key_len = len;
	put(w, key, len);
	put(w, "\":", 2);
}

void
ev_jw_text(struct ev_jw *w, const char *text)
{
	if (text == NULL)
		text = "";
	ev_jw_str(w, text, strlen(text));
}

/* RFC 8785, 3.2.2.2: the short escape where JSON has one, else \u00xx. */
static void
put_escaped(struct ev_jw *w, unsigned char c)
{
	static const char code[] = "\b\t\n\f\r\"\\", letter[] = "btnfr\"\\";
	const char *at = c == 0 ? NULL : strchr(code, c);
	char text[8];
	int len;

	if (at != NULL)
		len = snprintf(text, sizeof(text), "\\%c", letter[at - code]);
	else
		len = snprintf(text, sizeof(text), "\\u%04x", (unsigned)c);
	put(w, text, (size_t)len);
}

void
ev_jw_str(struct ev_jw *w, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t i, from = 0;

	if (w->rc != EV_OK)
		return;
	if (!ev_text_is_utf8(data, len))
		misuse(w, "text that is not UTF-8");
	begin_value(w);
	put(w, "\"", 1);
	for (i = 0; i < len && w->rc == EV_OK; i++) {
		if (p[i] >= 0x20 && p[i] != '"' && p[i] != '\\')
			continue;
		put(w, p + from, i - from);
		put_escaped(w, p[i]);
		from = i + 1;
	}
	if (w->rc == EV_OK && from < len)
		put(w, p + from, len - from);
	put(w, "\"", 1);
}

void
ev_jw_int(struct ev_jw *w, int64_t value)
{
	char text[24], *from = text + sizeof(text);
	int64_t rest;

	if (value <= -INT_LIMIT || value >= INT_LIMIT) {
		misuse(w, "a number of 2^53 or more: write it as a string");
		return;
	}
	begin_value(w);
	rest = value < 0 ? -value : value;
	do {
		*--from = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (value < 0)
		*--from = '-';
	put(w, from, (size_t)(text + sizeof(text) - from));
}

void
ev_jw_bool(struct ev_jw *w, bool value)
{
	begin_value(w);
	put(w, value ? "true" : "false", value ? 4 : 5);
}

void
ev_jw_raw(struct ev_jw *w, const void *data, size_t len)
{
	if (len == 0)
		misuse(w, "an empty value");
	begin_value(w);
	put(w, data, len);
}

void
ev_jw_key_text(struct ev_jw *w, const char *key, const char *text)
{
	if (text == NULL)
		return;
	ev_jw_key(w, key);
	ev_jw_text(w, text);
}

void
ev_jw_key_int(struct ev_jw *w, const char *key, int64_t value)
{
	ev_jw_key(w, key);
	ev_jw_int(w, value);
}

void
ev_jw_key_bytes(struct ev_jw *w, const char *key, const char *hex_key,
    const void *data, size_t len)
{
	const unsigned char *p = data;
	char hex[2 * HEX_STEP + 1];
	size_t step;

	if (ev_text_is_utf8(data, len)) {
		ev_jw_key(w, key);
		ev_jw_str(w, len == 0 ? "" : data, len);
		return;
	}
	ev_jw_key(w, hex_key);
	begin_value(w);
	put(w, "\"", 1);
	for (; len > 0 && w->rc == EV_OK; p += step, len -= step) {
		step = len < HEX_STEP ? len : HEX_STEP;
		ev_text_hex(hex, p, step);
		put(w, hex, 2 * step);
	}
	put(w, "\"", 1);
}

enum ev_rc
ev_jw_end(struct ev_jw *w, struct ev_err *err)
{
	if (w->rc == EV_OK && w->depth > 0)
		misuse(w, "an object or array was not closed");
	if (w->rc == EV_OK && !w->level[0].any)
		misuse(w, "no value");
	if (w->rc != EV_OK)
		*err = w->err;
	return w->rc;
}
