/* What mail wraps its texts in: transfer encodings, encoded words, sets. */
#include <string.h>
#include <strings.h>

#include "evidence/text.h"
#include "ingest/charset.h"
#include "ingest/mime.h"

enum { PIECE = 3 << 10, SECTIONS = 64, WORD = 512 << 10 };

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
blanks(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && is_blank(text[i]))
		i++;
	return i;
}

static bool
is_word(const char *have, size_t len, const char *word)
{
	return strlen(word) == len && strncasecmp(have, word, len) == 0;
}

enum ev_mime_coding
ev_mime_coding(const char *name, size_t len)
{
	if (is_word(name, len, "base64"))
		return EV_MIME_BASE64;
	if (is_word(name, len, "quoted-printable"))
		return EV_MIME_QUOTED;
	return EV_MIME_AS_IS;
}

static int
base64_digit(unsigned char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static enum ev_rc
decode_base64(struct ev_mime_body *body, const unsigned char *data, size_t len,
    struct ev_err *err)
{
	unsigned char piece[PIECE + 3];
	enum ev_rc rc = EV_OK;
	unsigned value = 0;
	int digit, held = 0;
	size_t i, n = 0;

	for (i = 0; i < len && data[i] != '=' && rc == EV_OK; i++) {
		digit = base64_digit(data[i]);
		if (digit < 0) {
			body->damaged =
			    body->damaged || !is_blank((char)data[i]);
			continue;
		}
		value = (value << 6 | (unsigned)digit) & 0xffffffU;
		if (++held < 4)
			continue;
		held = 0;
		piece[n++] = (unsigned char)(value >> 16);
		piece[n++] = (unsigned char)(value >> 8);
		piece[n++] = (unsigned char)value;
		if (n >= PIECE) {
			rc = body->fn(body->ctx, piece, n, err);
			n = 0;
		}
	}
	/* Two digits are a byte and four bits, three two bytes and two. */
	body->damaged = body->damaged || held == 1;
	if (held >= 2)
		piece[n++] = (unsigned char)(value >> (held == 2 ? 4 : 10));
	if (held == 3)
		piece[n++] = (unsigned char)(value >> 2);
	for (; i < len; i++)
		body->damaged = body->damaged ||
				(data[i] != '=' && !is_blank((char)data[i]));
	return rc == EV_OK && n > 0 ? body->fn(body->ctx, piece, n, err) : rc;
}

/* One line of quoted-printable, then its end; blanks before that go. */
static enum ev_rc
quoted_line(struct ev_mime_body *body, const unsigned char *line, size_t len,
    size_t end, struct ev_err *err)
{
	const unsigned char *tail = line + len;
	unsigned char piece[PIECE];
	enum ev_rc rc = EV_OK;
	size_t i, n = 0;
	int high, low;
	bool soft;

	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t'))
		len--;
	soft = len > 0 && line[len - 1] == '=';
	len -= soft ? 1 : 0;
	for (i = 0; i < len && rc == EV_OK; i++) {
		piece[n++] = line[i];
		high = line[i] == '=' && i + 2 < len
			   ? ev_text_hex_digit(line[i + 1])
			   : -1;
		low = high < 0 ? -1 : ev_text_hex_digit(line[i + 2]);
		if (low >= 0) {
			piece[n - 1] = (unsigned char)(high * 16 + low);
			i += 2;
		} else if (line[i] == '=') {
			body->damaged = true;
		}
		if (n == PIECE) {
			rc = body->fn(body->ctx, piece, n, err);
			n = 0;
		}
	}
	if (rc == EV_OK && n > 0)
		rc = body->fn(body->ctx, piece, n, err);
	/* The line's end is the text's, unless the line goes on. */
	return rc == EV_OK && !soft && end > 0
		   ? body->fn(body->ctx, tail, end, err)
		   : rc;
}

/* Quoted by a mailbox: ">From ", ">>From " and so on. */
static bool
is_quoted(const unsigned char *line, size_t len)
{
	size_t i = 0;

	while (i < len && line[i] == '>')
		i++;
	return i > 0 && len - i >= 5 && memcmp(line + i, "From ", 5) == 0;
}

enum ev_rc
ev_mime_decode(struct ev_mime_body *body, const void *data, size_t len,
    struct ev_err *err)
{
	const unsigned char *line = data, *stop = line + len, *lf, *next;
	enum ev_rc rc = EV_OK;
	size_t text;

	if (len == 0)
		return EV_OK;
	if (body->coding == EV_MIME_BASE64)
		return decode_base64(body, data, len, err);
	if (body->coding == EV_MIME_AS_IS && !body->unquote)
		return body->fn(body->ctx, data, len, err);
	for (; line < stop && rc == EV_OK; line = next) {
		lf = memchr(line, '\n', (size_t)(stop - line));
		next = lf == NULL ? stop : lf + 1;
		if (body->unquote && is_quoted(line, (size_t)(next - line))) {
			body->unquoted = true;
			line++;
		}
		if (body->coding == EV_MIME_AS_IS) {
			rc = body->fn(body->ctx, line, (size_t)(next - line),
			    err);
			continue;
		}
		text = (size_t)(next - line);
		while (text > 0 &&
		       (line[text - 1] == '\n' || line[text - 1] == '\r'))
			text--;
		rc = quoted_line(body, line, text, (size_t)(next - line) - text,
		    err);
	}
	return rc;
}

/* The sets of captures.md 2.4 by the names that mail gives them. */
static bool
find_charset(enum ev_charset *set, const char *name, size_t len)
{
	static const struct {
		const char *name;
		enum ev_charset set;
	} names[] = { { "", EV_CHARSET_UTF8 }, { "utf-8", EV_CHARSET_UTF8 },
		{ "utf8", EV_CHARSET_UTF8 }, { "us-ascii", EV_CHARSET_UTF8 },
		{ "ascii", EV_CHARSET_UTF8 },
		{ "iso-8859-1", EV_CHARSET_LATIN1 },
		{ "latin1", EV_CHARSET_LATIN1 },
		{ "windows-1252", EV_CHARSET_CP1252 },
		{ "cp1252", EV_CHARSET_CP1252 },
		{ "utf-16le", EV_CHARSET_UTF16LE },
		{ "utf-16be", EV_CHARSET_UTF16BE } };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!is_word(name, len, names[i].name))
			continue;
		*set = names[i].set;
		return true;
	}
	return false;
}

static bool
is_ascii(const unsigned char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len && data[i] < 0x80; i++)
		;
	return i == len;
}

enum ev_rc
ev_mime_text(struct ev_buf *out, const char *charset, size_t charset_len,
    const void *data, size_t len, struct ev_err *err)
{
	enum ev_charset set = EV_CHARSET_UTF8;
	bool known = find_charset(&set, charset, charset_len);
	const size_t from = out->len;
	enum ev_rc rc;
	size_t i, n;

	if (!known && !is_ascii(data, len)) {
		rc = ev_buf_put(out, data, len, err);
		return rc == EV_OK ? EV_EOF : rc;
	}
	rc =
	    ev_charset_text(out, known ? set : EV_CHARSET_UTF8, data, len, err);
	if (rc != EV_OK)
		return rc;
	for (i = n = from; i < out->len; i++) {
		if (out->data[i] == '\r' && i + 1 < out->len &&
		    out->data[i + 1] == '\n')
			continue;
		out->data[n++] = out->data[i];
	}
	out->len = n;
	return EV_OK;
}

struct word {
	const char *charset, *text;
	size_t charset_len, text_len;
	char coding; /* B or Q */
	size_t len;  /* of all of it */
};

/* =?charset?B?text?= */
static bool
find_word(struct word *w, const char *text, size_t len)
{
	const char *stop = text + len, *p, *end;

	if (len < 8 || memcmp(text, "=?", 2) != 0)
		return false;
	w->charset = text + 2;
	p = memchr(w->charset, '?', (size_t)(stop - w->charset));
	if (p == NULL || stop - p < 4 || p[2] != '?')
		return false;
	w->charset_len = (size_t)(p - w->charset);
	/* RFC 2231, 5: a language may follow. */
	end = memchr(w->charset, '*', w->charset_len);
	if (end != NULL)
		w->charset_len = (size_t)(end - w->charset);
	w->coding = (char)(p[1] & ~0x20);
	w->text = p + 3;
	p = memchr(w->text, '?', (size_t)(stop - w->text));
	if (p == NULL || p + 1 >= stop || p[1] != '=' ||
	    memchr(w->text, ' ', (size_t)(p - w->text)) != NULL)
		return false;
	w->text_len = (size_t)(p - w->text);
	w->len = (size_t)(p + 2 - text);
	return w->coding == 'B' || w->coding == 'Q';
}

static enum ev_rc
put(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	return ev_buf_put(ctx, data, len, err);
}

/* The bytes of an encoded word behind those in out. */
static enum ev_rc
decode_word(struct ev_buf *out, const struct word *w, struct ev_err *err)
{
	struct ev_mime_body body = { .coding = EV_MIME_BASE64,
		.fn = put,
		.ctx = out };
	enum ev_rc rc = EV_OK;
	int high, low;
	size_t i;
	char c;

	if (w->coding == 'B')
		return ev_mime_decode(&body, w->text, w->text_len, err);
	for (i = 0; i < w->text_len && rc == EV_OK; i++) {
		c = w->text[i] == '_' ? ' ' : w->text[i];
		high = c == '=' && i + 2 < w->text_len
			   ? ev_text_hex_digit((unsigned char)w->text[i + 1])
			   : -1;
		low = high < 0
			  ? -1
			  : ev_text_hex_digit((unsigned char)w->text[i + 2]);
		if (low >= 0) {
			c = (char)(high * 16 + low);
			i += 2;
		}
		rc = ev_buf_putc(out, c, err);
	}
	return rc;
}

/* The bytes in raw as text; where they are none, as what stood there. */
static enum ev_rc
flush_words(struct ev_buf *out, struct ev_buf *raw, const struct word *w,
    const char *from, const char *to, struct ev_err *err)
{
	const size_t before = out->len;
	enum ev_rc rc;

	rc = ev_mime_text(out, w->charset, w->charset_len, raw->data, raw->len,
	    err);
	ev_buf_clear(raw);
	if (rc != EV_EOF)
		return rc;
	out->len = before;
	return ev_buf_put(out, from, (size_t)(to - from), err);
}

/* Encoded words with nothing but blanks between them are one text. */
static enum ev_rc
run_of_words(struct ev_buf *out, const char **at, const char *stop,
    struct ev_err *err)
{
	struct word first = { .charset = "" }, next;
	struct ev_buf raw;
	const char *from = *at, *p = from;
	enum ev_rc rc = EV_OK;
	size_t skip = 0;

	ev_buf_init(&raw, WORD);
	(void)find_word(&first, p, (size_t)(stop - p));
	next = first;
	while (rc == EV_OK) {
		if (next.charset_len != first.charset_len ||
		    strncasecmp(next.charset, first.charset,
			first.charset_len) != 0) {
			rc = flush_words(out, &raw, &first, from, p, err);
			from = p;
			first = next;
		}
		if (rc == EV_OK)
			rc = decode_word(&raw, &next, err);
		p += skip + next.len;
		skip = blanks(p, (size_t)(stop - p));
		if (skip == 0 ||
		    !find_word(&next, p + skip, (size_t)(stop - p) - skip))
			break;
	}
	if (rc == EV_OK)
		rc = flush_words(out, &raw, &first, from, p, err);
	ev_buf_release(&raw);
	*at = p;
	return rc;
}

enum ev_rc
ev_mime_words(struct ev_buf *out, const char *value, size_t len,
    struct ev_err *err)
{
	const char *p, *stop;
	struct word w;
	enum ev_rc rc = EV_OK;
	size_t n = blanks(value, len);

	p = value + n;
	stop = value + len;
	while (stop > p && is_blank(stop[-1]))
		stop--;
	while (p < stop && rc == EV_OK) {
		if (find_word(&w, p, (size_t)(stop - p))) {
			rc = run_of_words(out, &p, stop, err);
		} else if (*p == '\r' || *p == '\n') {
			/* A fold is its line's end; the blank stays. */
			p++;
		} else {
			rc = ev_buf_putc(out, *p++, err);
		}
	}
	return rc;
}

/* One parameter of a value: its name up to *, and what stands behind =. */
struct param {
	const char *name, *value;
	size_t name_len, value_len;
	bool quoted, extended;
	int section; /* of name*N, -1: none */
};

/* Fill p from *at on, which goes behind it; false: there are no more. */
static bool
next_param(struct param *p, const char **at, const char *stop)
{
	const char *q = *at, *star;

	while (q < stop && *q != ';') {
		if (*q++ != '"')
			continue;
		while (q < stop && *q != '"')
			q += *q == '\\' && q + 1 < stop ? 2 : 1;
		q += q < stop;
	}
	if (q >= stop)
		return false;
	q++;
	q += blanks(q, (size_t)(stop - q));
	p->name = q;
	while (q < stop && *q != '=' && *q != ';')
		q++;
	p->name_len = (size_t)(q - p->name);
	q += q < stop && *q == '=';
	q += blanks(q, (size_t)(stop - q));
	p->quoted = q < stop && *q == '"';
	p->value = p->quoted ? ++q : q;
	while (q < stop && (p->quoted ? *q != '"' : *q != ';' && !is_blank(*q)))
		q += *q == '\\' && p->quoted && q + 1 < stop ? 2 : 1;
	p->value_len = (size_t)(q - p->value);
	*at = q + (p->quoted && q < stop);
	while (p->name_len > 0 && p->name[p->name_len - 1] == ' ')
		p->name_len--;
	p->extended = p->name_len > 0 && p->name[p->name_len - 1] == '*';
	p->name_len -= p->extended;
	star = memchr(p->name, '*', p->name_len);
	p->section = -1;
	if (star == NULL)
		return true;
	p->section = 0;
	for (q = star + 1; q < p->name + p->name_len; q++)
		p->section = *q >= '0' && *q <= '9' && p->section < SECTIONS
				 ? p->section * 10 + (*q - '0')
				 : SECTIONS;
	p->name_len = (size_t)(star - p->name);
	return true;
}

/* RFC 2231, 4: charset'language'text with % escapes; later parts text only. */
static enum ev_rc
put_extended(struct ev_buf *raw, struct param *p, bool first, struct word *set,
    struct ev_err *err)
{
	const char *q = p->value, *stop = q + p->value_len, *tick;
	enum ev_rc rc = EV_OK;
	int high, low;

	if (first) {
		tick = memchr(q, '\'', (size_t)(stop - q));
		if (tick != NULL) {
			set->charset = q;
			set->charset_len = (size_t)(tick - q);
			q = tick + 1;
			tick = memchr(q, '\'', (size_t)(stop - q));
			q = tick == NULL ? q : tick + 1;
		}
	}
	for (; q < stop && rc == EV_OK; q++) {
		high = *q == '%' && q + 2 < stop
			   ? ev_text_hex_digit((unsigned char)q[1])
			   : -1;
		low = high < 0 ? -1 : ev_text_hex_digit((unsigned char)q[2]);
		rc = ev_buf_putc(raw, low < 0 ? *q : (char)(high * 16 + low),
		    err);
		q += low < 0 ? 0 : 2;
	}
	return rc;
}

static enum ev_rc
put_plain(struct ev_buf *raw, const struct param *p, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < p->value_len && rc == EV_OK; i++) {
		if (p->quoted && p->value[i] == '\\' && i + 1 < p->value_len)
			i++;
		rc = ev_buf_putc(raw, p->value[i], err);
	}
	return rc;
}

enum ev_rc
ev_mime_param(struct ev_buf *out, const char *value, size_t len,
    const char *name, struct ev_err *err)
{
	struct word set = { .charset = "", .charset_len = 0 };
	const char *at = value, *stop = value + len;
	struct ev_buf raw;
	struct param p;
	enum ev_rc rc = EV_OK;
	bool found = false, extended = false;
	int want = 0;

	ev_buf_init(&raw, WORD);
	while (rc == EV_OK && next_param(&p, &at, stop)) {
		if (!is_word(p.name, p.name_len, name) ||
		    (p.section < 0 && found) ||
		    (p.section >= 0 && p.section != want))
			continue;
		extended = extended || p.extended;
		rc = p.extended ? put_extended(&raw, &p, want == 0, &set, err)
				: put_plain(&raw, &p, err);
		found = true;
		want++;
	}
	if (rc == EV_OK && !found)
		rc = EV_EOF;
	else if (rc == EV_OK && extended)
		rc = ev_mime_text(out, set.charset, set.charset_len, raw.data,
		    raw.len, err);
	else if (rc == EV_OK)
		rc = ev_mime_words(out, ev_buf_text(&raw), raw.len, err);
	ev_buf_release(&raw);
	return rc == EV_EOF && found ? EV_OK : rc;
}
