/* A page as tags and texts, one after the other; nothing is repaired or run. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ingest/charset.h"
#include "ingest/html.h"

void
ev_html_init(struct ev_html *html, struct ev_view *view)
{
	memset(html, 0, sizeof(*html));
	ev_textlines_init(&html->lines, view);
	html->at = view->out;
	html->lines.base = view->out;
}

void
ev_html_release(struct ev_html *html)
{
	ev_textlines_release(&html->lines);
}

void
ev_html_hold(struct ev_html *html, int64_t from)
{
	html->lines.pos = (size_t)(from - html->lines.base);
}

static const unsigned char *
bytes(const struct ev_html *html)
{
	return html->lines.data + (html->at - html->lines.base);
}

static size_t
at_hand(const struct ev_html *html)
{
	return (size_t)(html->lines.base + (int64_t)html->lines.len - html->at);
}

/* More than n bytes of the token at hand; EV_EOF if there are no more. */
static enum ev_rc
need(struct ev_html *html, size_t n, struct ev_err *err)
{
	enum ev_rc rc;

	while (at_hand(html) <= n) {
		if (at_hand(html) > EV_ROW_LIMIT)
			return ev_fail(err, EV_LIMIT,
			    "a piece of at most 16 MiB was expected");
		rc = ev_textlines_more(&html->lines, err);
		if (rc != EV_OK)
			return rc;
	}
	return EV_OK;
}

static bool
is_letter(unsigned char c)
{
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

static bool
is_blank(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static enum ev_rc
cut_short(enum ev_rc rc, struct ev_err *err)
{
	return rc == EV_EOF ? ev_fail(err, EV_INPUT,
				  "the page ends within a tag or a comment")
			    : rc;
}

/* *n bytes on, the text ends with the end of word; letters in any case. */
static enum ev_rc
find(struct ev_html *html, size_t *n, const char *word, struct ev_err *err)
{
	const unsigned char *p;
	size_t len = strlen(word), left;
	enum ev_rc rc;

	for (;;) {
		rc = need(html, *n + len - 1, err);
		if (rc != EV_OK)
			return cut_short(rc, err);
		left = at_hand(html) - *n - (len - 1);
		p = memchr(bytes(html) + *n, word[0], left);
		if (p == NULL) {
			*n += left;
			continue;
		}
		*n = (size_t)(p - bytes(html));
		if (strncasecmp((const char *)p, word, len) == 0)
			break;
		++*n;
	}
	*n += len;
	return EV_OK;
}

/* The ">" of a tag; one within quotes is none. */
static enum ev_rc
find_end(struct ev_html *html, size_t *n, struct ev_err *err)
{
	unsigned char quote = 0, c, last = 0;
	enum ev_rc rc;

	for (;; ++*n) {
		rc = need(html, *n, err);
		if (rc != EV_OK)
			return cut_short(rc, err);
		c = bytes(html)[*n];
		if (quote != 0) {
			if (c == quote)
				quote = 0;
		} else if (c == '>') {
			break;
		} else if ((c == '"' || c == '\'') && last == '=') {
			quote = c;
		}
		if (!is_blank(c))
			last = c;
	}
	++*n;
	return EV_OK;
}

static void
keep_attr(struct ev_html_token *token, const unsigned char *name, size_t len,
    const struct ev_html_slice *value)
{
	static const char *const names[EV_HTML_ATTRS] = { "class", "id",
		"title", "href" };
	int i;

	for (i = 0; i < EV_HTML_ATTRS; i++)
		if (strlen(names[i]) == len && token->attr[i].data == NULL &&
		    strncasecmp(names[i], (const char *)name, len) == 0)
			token->attr[i] = *value;
}

/* What stands between a tag's name and its ">". */
static void
read_attrs(struct ev_html_token *token, const unsigned char *p,
    const unsigned char *end)
{
	const unsigned char *start = p, *name, *name_end;
	struct ev_html_slice value;
	int64_t from = token->to - 1 - (end - start);
	unsigned char quote;

	while (p < end) {
		while (p < end && (is_blank(*p) || *p == '/'))
			p++;
		name = p;
		while (p < end && !is_blank(*p) && *p != '=' && *p != '/')
			p++;
		name_end = p;
		while (p < end && is_blank(*p))
			p++;
		if (p == end || *p != '=') {
			if (p == name && p < end)
				p++;
			continue;
		}
		for (p++; p < end && is_blank(*p); p++)
			;
		quote = p < end && (*p == '"' || *p == '\'') ? *p++ : 0;
		value.data = p;
		value.at = from + (p - start);
		while (p < end && (quote != 0 ? *p != quote : !is_blank(*p)))
			p++;
		value.len = (size_t)(p - value.data);
		p += quote != 0 && p < end;
		keep_attr(token, name, (size_t)(name_end - name), &value);
	}
}

static bool
in_words(const char *words, const char *name)
{
	size_t len = strlen(name);
	const char *p = words;

	for (; len > 0 && (p = strstr(p, name)) != NULL; p += len)
		if ((p == words || p[-1] == ' ') &&
		    (p[len] == ' ' || p[len] == '\0'))
			return true;
	return false;
}

static enum ev_rc
read_tag(struct ev_html *html, struct ev_html_token *token, struct ev_err *err)
{
	size_t n = 1, len = 0;
	const unsigned char *p;
	enum ev_rc rc;

	token->event = bytes(html)[1] == '/' ? EV_HTML_CLOSE : EV_HTML_OPEN;
	rc = find_end(html, &n, err);
	if (rc != EV_OK)
		return rc;
	p = bytes(html) + (token->event == EV_HTML_CLOSE ? 2 : 1);
	while (!is_blank(p[len]) && p[len] != '>' && p[len] != '/')
		len++;
	if (len < EV_HTML_NAME) {
		memcpy(token->name, p, len);
		for (size_t i = 0; i < len; i++)
			if (is_letter(p[i]))
				token->name[i] |= 0x20;
	}
	token->from = html->at;
	token->to = html->at + (int64_t)n;
	if (token->event == EV_HTML_OPEN) {
		read_attrs(token, p + len, bytes(html) + n - 1);
		token->empty = bytes(html)[n - 2] == '/' ||
			       in_words("area base br col embed hr img input"
					" link meta param source track wbr",
				   token->name);
		if (!token->empty && in_words("script style title textarea"
					      " noscript template svg",
					 token->name))
			memcpy(html->raw, token->name, sizeof(html->raw));
	}
	html->at = token->to;
	return EV_OK;
}

/* What is no tag: a comment, a declaration, an instruction. */
static enum ev_rc
pass_over(struct ev_html *html, struct ev_err *err)
{
	size_t n = 2;
	enum ev_rc rc;

	rc = need(html, 3, err);
	if (rc == EV_OK && memcmp(bytes(html), "<!--", 4) == 0) {
		n = 4;
		rc = find(html, &n, "-->", err);
	} else if (rc == EV_OK || rc == EV_EOF) {
		rc = find(html, &n, ">", err);
	}
	if (rc == EV_OK)
		html->at += (int64_t)n;
	return rc;
}

/* Script, style and their like end where their end tag stands. */
static enum ev_rc
pass_over_raw(struct ev_html *html, struct ev_err *err)
{
	char end[EV_HTML_NAME + 2] = "</";
	size_t n = 0;
	enum ev_rc rc;

	memcpy(end + 2, html->raw, sizeof(html->raw));
	html->raw[0] = '\0';
	rc = find(html, &n, end, err);
	if (rc == EV_OK)
		html->at += (int64_t)(n - strlen(end));
	return rc;
}

enum mark { MARK_NONE, MARK_TAG, MARK_OTHER };

/* What the "<" n bytes on begins. */
static enum ev_rc
look(struct ev_html *html, size_t n, enum mark *mark, struct ev_err *err)
{
	enum ev_rc rc;
	const unsigned char *p;

	*mark = MARK_NONE;
	rc = need(html, n + 1, err);
	if (rc != EV_OK)
		return rc == EV_EOF ? EV_OK : rc;
	p = bytes(html) + n + 1;
	if (*p == '!' || *p == '?')
		*mark = MARK_OTHER;
	else if (is_letter(*p))
		*mark = MARK_TAG;
	if (*p != '/')
		return EV_OK;
	rc = need(html, n + 2, err);
	if (rc == EV_OK && is_letter(bytes(html)[n + 2]))
		*mark = MARK_TAG;
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
read_text(struct ev_html *html, struct ev_html_token *token, struct ev_err *err)
{
	const unsigned char *p;
	enum mark mark = MARK_NONE;
	size_t n = 0;
	enum ev_rc rc;

	for (;;) {
		rc = need(html, n, err);
		if (rc == EV_EOF)
			break;
		if (rc != EV_OK)
			return rc;
		p = memchr(bytes(html) + n, '<', at_hand(html) - n);
		n = p == NULL ? at_hand(html) : (size_t)(p - bytes(html));
		if (p == NULL)
			continue;
		rc = look(html, n, &mark, err);
		if (rc != EV_OK)
			return rc;
		if (mark != MARK_NONE)
			break;
		n++;
	}
	token->event = EV_HTML_TEXT;
	token->from = html->at;
	token->to = html->at + (int64_t)n;
	token->data = bytes(html);
	token->len = n;
	html->at = token->to;
	return EV_OK;
}

enum ev_rc
ev_html_next(struct ev_html *html, struct ev_html_token *token,
    struct ev_err *err)
{
	enum mark mark;
	enum ev_rc rc;

	memset(token, 0, sizeof(*token));
	for (;;) {
		rc = html->raw[0] != '\0' ? pass_over_raw(html, err) : EV_OK;
		if (rc == EV_OK)
			rc = need(html, 0, err);
		if (rc != EV_OK)
			return rc;
		if (*bytes(html) != '<')
			return read_text(html, token, err);
		rc = look(html, 0, &mark, err);
		if (rc != EV_OK)
			return rc;
		if (mark == MARK_TAG)
			return read_tag(html, token, err);
		if (mark == MARK_NONE)
			return read_text(html, token, err);
		rc = pass_over(html, err);
		if (rc != EV_OK)
			return rc;
	}
}

enum ev_rc
ev_html_push(struct ev_html *html, const char *name, int role,
    struct ev_err *err)
{
	struct ev_html_element *element;

	if (html->depth == EV_HTML_DEPTH)
		return ev_fail(err, EV_LIMIT,
		    "at most %d open elements were expected", EV_HTML_DEPTH);
	element = &html->open[html->depth++];
	memcpy(element->name, name, sizeof(element->name));
	element->role = role;
	return EV_OK;
}

size_t
ev_html_closes(const struct ev_html *html, const char *name)
{
	size_t i;

	for (i = html->depth; i > 0; i--)
		if (strcmp(html->open[i - 1].name, name) == 0)
			return i - 1;
	return html->depth;
}

size_t
ev_html_implied(const struct ev_html *html, const char *name)
{
	const char *top;

	if (html->depth == 0 || !in_words("li p tr td th dt dd option", name))
		return html->depth;
	top = html->open[html->depth - 1].name;
	if (strcmp(top, name) == 0 ||
	    (in_words("td th", name) && in_words("td th", top)) ||
	    (in_words("dt dd", name) && in_words("dt dd", top)))
		return html->depth - 1;
	if (strcmp(name, "tr") == 0 && in_words("td th", top) &&
	    html->depth > 1 &&
	    strcmp(html->open[html->depth - 2].name, "tr") == 0)
		return html->depth - 2;
	return html->depth;
}

bool
ev_html_has(const struct ev_html_slice *attr, const char *word)
{
	size_t len = strlen(word), i, from;

	for (i = 0; attr->data != NULL && i < attr->len; i++) {
		from = i;
		while (i < attr->len && !is_blank(attr->data[i]))
			i++;
		if (i - from == len &&
		    memcmp(attr->data + from, word, len) == 0)
			return true;
	}
	return false;
}

/* U+00A0 to U+00FF by their names, in this order. */
static const char latin[] =
    "nbsp iexcl cent pound curren yen brvbar sect uml copy ordf laquo not shy "
    "reg macr deg plusmn sup2 sup3 acute micro para middot cedil sup1 ordm "
    "raquo frac14 frac12 frac34 iquest Agrave Aacute Acirc Atilde Auml Aring "
    "AElig Ccedil Egrave Eacute Ecirc Euml Igrave Iacute Icirc Iuml ETH Ntilde "
    "Ograve Oacute Ocirc Otilde Ouml times Oslash Ugrave Uacute Ucirc Uuml "
    "Yacute THORN szlig agrave aacute acirc atilde auml aring aelig ccedil "
    "egrave eacute ecirc euml igrave iacute icirc iuml eth ntilde ograve "
    "oacute ocirc otilde ouml divide oslash ugrave uacute ucirc uuml yacute "
    "thorn yuml ";

static const struct {
	const char *name;
	uint32_t c;
} names[] = { { "amp", '&' }, { "lt", '<' }, { "gt", '>' }, { "quot", '"' },
	{ "apos", '\'' }, { "ndash", 0x2013 }, { "mdash", 0x2014 },
	{ "hellip", 0x2026 }, { "lsquo", 0x2018 }, { "rsquo", 0x2019 },
	{ "ldquo", 0x201c }, { "rdquo", 0x201d }, { "bull", 0x2022 },
	{ "euro", 0x20ac }, { "trade", 0x2122 }, { "zwnj", 0x200c },
	{ "zwj", 0x200d }, { "lrm", 0x200e }, { "rlm", 0x200f } };

static bool
named(uint32_t *c, const char *name, size_t len)
{
	const char *p = latin, *end;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == len &&
		    memcmp(names[i].name, name, len) == 0) {
			*c = names[i].c;
			return true;
		}
	for (*c = 0xa0; *p != '\0'; p = end + 1, ++*c) {
		end = strchr(p, ' ');
		if ((size_t)(end - p) == len && memcmp(p, name, len) == 0)
			return true;
	}
	return false;
}

size_t
ev_html_reference(uint32_t *c, const char *p, size_t len)
{
	char digits[12];
	size_t n = 0, at;
	bool hex;

	if (len > 12)
		len = 12;
	for (at = 1; at < len && p[at] != ';'; at++)
		;
	if (at == len || at < 3)
		return 0;
	if (p[1] != '#')
		return named(c, p + 1, at - 1) ? at + 1 : 0;
	hex = p[2] == 'x' || p[2] == 'X';
	n = at - 2 - hex;
	memcpy(digits, p + 2 + hex, n);
	digits[n] = '\0';
	if (n == 0 || n > 8 ||
	    strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != n)
		return 0;
	*c = (uint32_t)strtoul(digits, NULL, hex ? 16 : 10);
	if (*c == 0 || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return at + 1;
}

enum ev_rc
ev_html_decode(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err)
{
	const char *p = data, *end = p + len, *amp;
	enum ev_rc rc = EV_OK;
	uint32_t c;
	size_t n;

	while (p < end && rc == EV_OK) {
		amp = memchr(p, '&', (size_t)(end - p));
		n = (size_t)((amp == NULL ? end : amp) - p);
		if (n > 0)
			rc = ev_buf_put(out, p, n, err);
		p += n;
		if (rc != EV_OK || p == end)
			break;
		n = ev_html_reference(&c, p, (size_t)(end - p));
		rc = n > 0 ? ev_charset_put(out, c, err)
			   : ev_buf_putc(out, '&', err);
		p += n > 0 ? n : 1;
	}
	return rc;
}
