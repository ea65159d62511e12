/* UTF-8 checked, and made safe to print. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "evidence/text.h"

enum {
	JOINER_NON = 0x200c,
	JOINER = 0x200d,
	FOLD_LIMIT = 1 << 20, /* utf8proc needs 72 times as much at worst */
};

/* What stands before a joiner decides whether the joiner stays. */
enum script {
	SCRIPT_OTHER,
	SCRIPT_ARABIC,
	SCRIPT_EMOJI,
};

static bool
is_continuation(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The character at p and its bytes; 0 if it is not UTF-8 (RFC 3629, 4). */
static size_t
decode(int32_t *cp, const unsigned char *p, size_t len)
{
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	if (p[0] < 0xc2 || p[0] > 0xf4 || len < 2 || !is_continuation(p[1]))
		return 0;
	if (p[0] < 0xe0) {
		*cp = (p[0] & 0x1f) << 6 | (p[1] & 0x3f);
		return 2;
	}
	if (len < 3 || !is_continuation(p[2]))
		return 0;
	if (p[0] < 0xf0) {
		*cp = (p[0] & 0xf) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f);
		if (*cp < 0x800 || (*cp >= 0xd800 && *cp <= 0xdfff))
			return 0;
		return 3;
	}
	if (len < 4 || !is_continuation(p[3]))
		return 0;
	*cp = (p[0] & 7) << 18 | (p[1] & 0x3f) << 12 | (p[2] & 0x3f) << 6 |
	      (p[3] & 0x3f);
	return *cp < 0x10000 || *cp > 0x10ffff ? 0 : 4;
}

bool
ev_text_is_utf8(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t word;
	size_t i = 0, n;
	int32_t cp;

	while (i < len) {
		if (len - i >= sizeof(word)) {
			memcpy(&word, p + i, sizeof(word));
			if ((word & 0x8080808080808080U) == 0) {
				i += sizeof(word);
				continue;
			}
		}
		n = decode(&cp, p + i, len - i);
		if (n == 0)
			return false;
		i += n;
	}
	return true;
}

struct range {
	int32_t first, last;
};

static bool
is_in(const struct range *ranges, size_t count, int32_t cp)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (cp >= ranges[i].first && cp <= ranges[i].last)
			return true;
	}
	return false;
}

/* Marks of category Cf that print as a sign around a number or word. */
static bool
is_visible_format(int32_t cp)
{
	static const struct range visible[] = { { 0x0600, 0x0605 },
		{ 0x06dd, 0x06dd }, { 0x070f, 0x070f }, { 0x0890, 0x0891 },
		{ 0x08e2, 0x08e2 }, { 0x110bd, 0x110bd },
		{ 0x110cd, 0x110cd } };

	return is_in(visible, sizeof(visible) / sizeof(visible[0]), cp);
}

/* Letters and marks that print as nothing, and so can part two equal names. */
static bool
is_blank_letter(int32_t cp)
{
	static const struct range blank[] = { { 0x034f, 0x034f },
		{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
		{ 0x2800, 0x2800 }, { 0x3164, 0x3164 }, { 0xffa0, 0xffa0 } };

	return is_in(blank, sizeof(blank) / sizeof(blank[0]), cp);
}

static bool
must_escape(int32_t cp, enum ev_text_mode mode)
{
	utf8proc_category_t category;

	if (cp < 0x7f)
		return cp < 0x20 || cp == '\\';
	category = utf8proc_category(cp);
	if (category == UTF8PROC_CATEGORY_CF)
		return mode == EV_TEXT_NAME || !is_visible_format(cp);
	if (mode == EV_TEXT_NAME && is_blank_letter(cp))
		return true;
	/* Noncharacters and unassigned ones are both Cn. */
	return category == UTF8PROC_CATEGORY_CC ||
	       category == UTF8PROC_CATEGORY_CN ||
	       category == UTF8PROC_CATEGORY_CS ||
	       category == UTF8PROC_CATEGORY_ZL ||
	       category == UTF8PROC_CATEGORY_ZP;
}

static enum script
script_of(int32_t cp)
{
	static const struct range arabic[] = { { 0x0620, 0x064a },
		{ 0x066e, 0x066f }, { 0x0671, 0x06d3 }, { 0x06d5, 0x06d5 },
		{ 0x06e5, 0x06e6 }, { 0x06ee, 0x06ef }, { 0x06fa, 0x06fc },
		{ 0x06ff, 0x06ff }, { 0x0750, 0x077f }, { 0x0870, 0x0887 },
		{ 0x0889, 0x088e }, { 0x08a0, 0x08c9 }, { 0xfb50, 0xfbb1 },
		{ 0xfbd3, 0xfd3d }, { 0xfd50, 0xfdfb }, { 0xfe70, 0xfefc } };
	const utf8proc_property_t *property;

	if (cp < 0x80)
		return SCRIPT_OTHER;
	if (is_in(arabic, sizeof(arabic) / sizeof(arabic[0]), cp))
		return SCRIPT_ARABIC;
	property = utf8proc_get_property(cp);
	if (property->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC)
		return SCRIPT_EMOJI;
	return SCRIPT_OTHER;
}

/* Vowel signs, variation selectors, skin tones: part of what is before. */
static bool
is_extension(int32_t cp)
{
	utf8proc_category_t category;

	if (cp >= 0x1f3fb && cp <= 0x1f3ff)
		return true;
	category = utf8proc_category(cp);
	return category == UTF8PROC_CATEGORY_MN ||
	       category == UTF8PROC_CATEGORY_ME;
}

/* Whether the joiner cp, behind before and ahead of p, does something. */
static bool
is_needed_joiner(int32_t cp, enum script before, const unsigned char *p,
    size_t len)
{
	int32_t next;

	if (before == SCRIPT_OTHER || len == 0 || decode(&next, p, len) == 0)
		return false;
	if (before == SCRIPT_EMOJI && cp != JOINER)
		return false;
	return script_of(next) == before;
}

/* What else is changed, on top of the escapes. */
enum form {
	FORM_PLAIN,
	FORM_HTML,
	FORM_CSV,
	FORM_JSON,
};

struct safe {
	struct ev_buf *out;
	enum ev_text_mode mode;
	enum form form;
	enum script before; /* of the last character, marks left out */
	const unsigned char *p;
	size_t len; /* left at p */
};

static const char *
replacement(unsigned char c, enum form form)
{
	static const char markup[] = "&<>\"'";
	static const char *const reference[] = { "&amp;", "&lt;", "&gt;",
		"&quot;", "&#39;" };
	const char *at;

	if (form == FORM_JSON)
		return NULL;
	if (c == '\\')
		return "\\\\";
	if (form == FORM_CSV)
		return c == '"' ? "\"\"" : NULL;
	if (form == FORM_PLAIN || c == 0)
		return NULL;
	at = strchr(markup, c);
	return at == NULL ? NULL : reference[at - markup];
}

/* Printable ASCII at p that stands for itself. */
static size_t
plain_run(const struct safe *safe)
{
	const unsigned char *p = safe->p;
	size_t n = 0;

	while (n < safe->len && p[n] >= 0x20 && p[n] < 0x7f &&
	       replacement(p[n], safe->form) == NULL)
		n++;
	return n;
}

/* The character cp of n bytes at p. */
static enum ev_rc
put_char(struct safe *safe, int32_t cp, size_t n, struct ev_err *err)
{
	const enum script before = safe->before;
	char text[16];
	bool escape;

	escape = must_escape(cp, safe->mode);
	if (escape && safe->mode == EV_TEXT_RUNNING &&
	    (cp == JOINER || cp == JOINER_NON))
		escape =
		    !is_needed_joiner(cp, before, safe->p + n, safe->len - n);
	if (escape || !is_extension(cp))
		safe->before = script_of(cp);
	if (!escape)
		return ev_buf_put(safe->out, safe->p, n, err);
	if (safe->form != FORM_JSON)
		(void)snprintf(text, sizeof(text), "\\u{%04X}", (unsigned)cp);
	else if (cp < 0x10000)
		(void)snprintf(text, sizeof(text), "\\u%04x", (unsigned)cp);
	else
		(void)snprintf(text, sizeof(text), "\\u%04x\\u%04x",
		    0xd7c0U + ((unsigned)cp >> 10),
		    0xdc00U + ((unsigned)cp & 0x3ffU));
	return ev_buf_puts(safe->out, text, err);
}

/* What is at p, and of how many bytes. */
static enum ev_rc
put_next(struct safe *safe, size_t *used, struct ev_err *err)
{
	const char *other;
	char text[8];
	int32_t cp;

	*used = plain_run(safe);
	if (*used > 0) {
		safe->before = SCRIPT_OTHER;
		return ev_buf_put(safe->out, safe->p, *used, err);
	}
	other = replacement(safe->p[0], safe->form);
	*used = decode(&cp, safe->p, safe->len);
	if (*used > 0 && other == NULL)
		return put_char(safe, cp, *used, err);
	safe->before = SCRIPT_OTHER;
	*used = 1;
	if (other != NULL)
		return ev_buf_puts(safe->out, other, err);
	(void)snprintf(text, sizeof(text), "\\x%02X", (unsigned)safe->p[0]);
	return ev_buf_puts(safe->out, text, err);
}

static enum ev_rc
put_safe(struct safe *safe, const void *data, size_t len, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t used;

	safe->before = SCRIPT_OTHER;
	safe->p = data;
	safe->len = len;
	while (safe->len > 0 && rc == EV_OK) {
		rc = put_next(safe, &used, err);
		safe->p += used;
		safe->len -= used;
	}
	return rc;
}

enum ev_rc
ev_text_safe(struct ev_buf *out, const void *data, size_t len,
    enum ev_text_mode mode, struct ev_err *err)
{
	struct safe safe = { .out = out, .mode = mode, .form = FORM_PLAIN };

	return put_safe(&safe, data, len, err);
}

enum ev_rc
ev_text_json(struct ev_buf *out, const void *json, size_t len,
    struct ev_err *err)
{
	struct safe safe = { .out = out,
		.mode = EV_TEXT_NAME,
		.form = FORM_JSON };

	return put_safe(&safe, json, len, err);
}

enum ev_rc
ev_text_html(struct ev_buf *out, const void *data, size_t len,
    enum ev_text_mode mode, struct ev_err *err)
{
	struct safe safe = { .out = out, .mode = mode, .form = FORM_HTML };

	return put_safe(&safe, data, len, err);
}

/* What a spreadsheet takes for the start of a formula, full width too. */
static bool
is_formula(const unsigned char *p, size_t len)
{
	int32_t cp;

	if (len == 0 || decode(&cp, p, len) == 0)
		return false;
	return cp == '=' || cp == '+' || cp == '-' || cp == '@' || cp == '\t' ||
	       cp == '\r' || cp == 0xff1d || cp == 0xff0b || cp == 0xff0d ||
	       cp == 0xff20;
}

enum ev_rc
ev_text_csv(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err)
{
	struct safe safe = { .out = out,
		.mode = EV_TEXT_RUNNING,
		.form = FORM_CSV };
	enum ev_rc rc;

	rc = ev_buf_puts(out, is_formula(data, len) ? "\"'" : "\"", err);
	if (rc == EV_OK)
		rc = put_safe(&safe, data, len, err);
	if (rc == EV_OK)
		rc = ev_buf_putc(out, '"', err);
	return rc;
}

/*
 * The bytes at p that nothing behind them can change: ASCII but for the last
 * one before a character that might combine with it.
 */
static size_t
alone(const unsigned char *p, size_t len)
{
	size_t n;

	for (n = 0; n < len && p[n] < 0x80; n++)
		continue;
	return n > 0 && n < len ? n - 1 : n;
}

/* The bytes at p before the next ASCII character, which begins anew. */
static size_t
joined(const unsigned char *p, size_t len)
{
	size_t n;

	for (n = 1; n < len && p[n] >= 0x80; n++)
		continue;
	return n;
}

static enum ev_rc
fold_ascii(struct ev_buf *out, const unsigned char *p, size_t len,
    struct ev_err *err)
{
	unsigned char *to;
	enum ev_rc rc;
	size_t i;

	rc = ev_buf_put(out, p, len, err);
	if (rc != EV_OK)
		return rc;
	to = out->data + out->len - len;
	for (i = 0; i < len; i++) {
		if (to[i] >= 'A' && to[i] <= 'Z')
			to[i] = (unsigned char)(to[i] - 'A' + 'a');
	}
	return EV_OK;
}

static enum ev_rc
fold_other(struct ev_buf *out, const unsigned char *p, size_t len,
    struct ev_err *err)
{
	const utf8proc_option_t options = UTF8PROC_STABLE | UTF8PROC_COMPAT |
					  UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD;
	utf8proc_uint8_t *folded = NULL;
	utf8proc_ssize_t n;
	enum ev_rc rc;

	n = utf8proc_map(p, (utf8proc_ssize_t)len, &folded, options);
	if (n < 0)
		return ev_fail(err, EV_SYS, "cannot fold a text: %s",
		    utf8proc_errmsg(n));
	rc = ev_buf_put(out, folded, (size_t)n, err);
	free(folded);
	return rc;
}

enum ev_rc
ev_text_fold(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err)
{
	const unsigned char *p = data;
	enum ev_rc rc = EV_OK;
	size_t n;

	if (len > FOLD_LIMIT)
		return ev_fail(err, EV_LIMIT,
		    "text of more than %d bytes is not folded", FOLD_LIMIT);
	if (!ev_text_is_utf8(data, len))
		return ev_fail(err, EV_INPUT, "text that is not UTF-8");
	while (rc == EV_OK && len > 0) {
		n = alone(p, len);
		if (n > 0)
			rc = fold_ascii(out, p, n, err);
		else {
			n = joined(p, len);
			rc = fold_other(out, p, n, err);
		}
		p += n;
		len -= n;
	}
	return rc;
}
