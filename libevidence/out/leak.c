/* Values that must not be somewhere, sought in streams of bytes. */
#include <stdlib.h>
#include <string.h>

#include "evidence/buf.h"
#include "out/leak.h"

enum {
	BUCKETS = 4096,
	GROW = 64,
	HEAD = 4,   /* bytes by which forms are found */
	EDGES = 10, /* a shorter value must stand as a word of its own */
	DIGITS = 9, /* of a number that is sought by its digits */
	CORE = 10,  /* of a longer one: what no dialling prefix changes */
	CORE_MOST = 20,
	GAP = 3, /* bytes that may stand between two digits */
	POOL = 256 << 20,
};

struct form {
	size_t tag, next; /* next: of its bucket, from 1 */
	size_t at, len;   /* its bytes in the pool, folded */
	bool edges;
};

struct core {
	size_t tag, len;
	char digit[CORE_MOST];
};

struct ev_leak {
	struct form *form;
	size_t forms;
	struct ev_buf pool;
	struct core *core;
	size_t cores;
	size_t bucket[BUCKETS];
	unsigned char first[65536 / 8]; /* the first two bytes of any form */
	unsigned char fold[256];
	bool word[256], gap[256];
};

static size_t
bucket_of(const unsigned char *folded)
{
	const size_t n = ((size_t)folded[0] << 24) ^ ((size_t)folded[1] << 16) ^
			 ((size_t)folded[2] << 8) ^ folded[3];

	return (n * 2654435761U >> 12) % BUCKETS;
}

enum ev_rc
ev_leak_new(struct ev_leak **out, struct ev_err *err)
{
	static const unsigned char gaps[] = { ' ', '-', '.', '(', ')', '/',
		'\0', '\t', 0xc2, 0xa0 };
	struct ev_leak *leak;
	size_t i;

	*out = NULL;
	leak = calloc(1, sizeof(*leak));
	if (leak == NULL)
		return ev_fail_sys(err, "cannot seek values");
	for (i = 0; i < 256; i++) {
		leak->fold[i] =
		    (unsigned char)(i >= 'A' && i <= 'Z' ? i + 32 : i);
		leak->word[i] = (i >= 'a' && i <= 'z') ||
				(i >= 'A' && i <= 'Z') ||
				(i >= '0' && i <= '9');
	}
	for (i = 0; i < sizeof(gaps); i++)
		leak->gap[gaps[i]] = true;
	ev_buf_init(&leak->pool, POOL);
	*out = leak;
	return EV_OK;
}

void
ev_leak_free(struct ev_leak *leak)
{
	if (leak == NULL)
		return;
	ev_buf_release(&leak->pool);
	free(leak->form);
	free(leak->core);
	free(leak);
}

static enum ev_rc
add_form(struct ev_leak *leak, size_t tag, const unsigned char *data,
    size_t len, bool edges, struct ev_err *err)
{
	const size_t at = leak->pool.len;
	struct form *f;
	enum ev_rc rc;
	size_t i;

	len = len > EV_LEAK_FORM ? EV_LEAK_FORM : len;
	rc = ev_buf_put(&leak->pool, data, len, err);
	if (rc != EV_OK)
		return rc;
	for (i = at; i < leak->pool.len; i++)
		leak->pool.data[i] = leak->fold[leak->pool.data[i]];
	if (leak->forms % GROW == 0) {
		f = realloc(leak->form, (leak->forms + GROW) * sizeof(*f));
		if (f == NULL)
			return ev_fail_sys(err, "cannot seek values");
		leak->form = f;
	}
	for (i = leak->forms; i > 0 && leak->form[i - 1].tag == tag; i--) {
		f = &leak->form[i - 1];
		if (f->len == len && memcmp(leak->pool.data + f->at,
					 leak->pool.data + at, len) == 0) {
			ev_buf_cut(&leak->pool, at);
			return EV_OK;
		}
	}
	leak->form[leak->forms++] =
	    (struct form){ .tag = tag, .at = at, .len = len, .edges = edges };
	return EV_OK;
}

enum ev_rc
ev_leak_bytes(struct ev_leak *leak, size_t tag, const void *data, size_t len,
    struct ev_err *err)
{
	if (len < HEAD)
		return ev_fail(err, EV_USE, "too short to be sought");
	return add_form(leak, tag, data, len, false, err);
}

/* One character of UTF-8; a byte that is none stands for itself. */
static uint32_t
next_char(const unsigned char **at, const unsigned char *end)
{
	static const unsigned char more[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 1, 1, 2, 3 };
	uint32_t c = *(*at)++;
	unsigned n = more[c >> 4];

	if (n == 0 || end - *at < (ptrdiff_t)n)
		return c;
	c &= 0x3fU >> n;
	for (; n > 0; n--)
		c = c << 6 | (*(*at)++ & 0x3fU);
	return c;
}

struct form_out {
	unsigned char bytes[EV_LEAK_FORM];
	size_t len;
	bool full;
};

static void
put(struct form_out *o, const void *data, size_t len)
{
	if (o->full || len > sizeof(o->bytes) - o->len) {
		o->full = true;
		return;
	}
	memcpy(o->bytes + o->len, data, len);
	o->len += len;
}

static void
put_unit(struct form_out *o, unsigned unit, bool big)
{
	const unsigned char low = unit & 0xff, high = unit >> 8 & 0xff;
	const unsigned char two[2] = { big ? high : low, big ? low : high };

	put(o, two, sizeof(two));
}

static void
put_escape(struct form_out *o, unsigned unit)
{
	static const char hex[] = "0123456789abcdef";
	const char text[6] = { '\\', 'u', hex[unit >> 12 & 15],
		hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15] };

	put(o, text, sizeof(text));
}

enum how {
	UTF16_LE,
	UTF16_BE,
	JSON,
	JSON_SLASH,
	JSON_ASCII,
	JSON_BOTH,
	HTML,
	URL,
	HOWS
};

static void
put_json(struct form_out *o, uint32_t c, const unsigned char *from, size_t len,
    enum how how)
{
	const bool ascii = how == JSON_ASCII || how == JSON_BOTH;
	const bool slash = how == JSON_SLASH || how == JSON_BOTH;

	if (c == '"' || c == '\\' || (c == '/' && slash))
		put(o, "\\", 1);
	else if (c == '\n')
		put(o, "\\n", 2);
	if (c == '\n')
		return;
	if (!ascii || c < 0x80) {
		put(o, from, len);
	} else if (c > 0xffff) {
		put_escape(o, (unsigned)(0xd800 + ((c - 0x10000) >> 10)));
		put_escape(o, (unsigned)(0xdc00 + ((c - 0x10000) & 0x3ff)));
	} else {
		put_escape(o, (unsigned)c);
	}
}

static void
put_html(struct form_out *o, uint32_t c, const unsigned char *from, size_t len)
{
	if (c == '&')
		put(o, "&amp;", 5);
	else if (c == '<')
		put(o, "&lt;", 4);
	else if (c == '>')
		put(o, "&gt;", 4);
	else if (c == '"')
		put(o, "&quot;", 6);
	else if (c == '\'')
		put(o, "&#39;", 5);
	else
		put(o, from, len);
}

static void
put_url(struct form_out *o, const struct ev_leak *leak,
    const unsigned char *from, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < len; i++) {
		const char text[3] = { '%', hex[from[i] >> 4],
			hex[from[i] & 15] };

		if (leak->word[from[i]] || strchr("-._~", from[i]) != NULL)
			put(o, &from[i], 1);
		else
			put(o, text, sizeof(text));
	}
}

static void
write_form(const struct ev_leak *leak, enum how how, const unsigned char *data,
    size_t len, struct form_out *o)
{
	const unsigned char *at = data, *end = data + len, *from;
	uint32_t c;
	size_t n;

	o->len = 0;
	o->full = false;
	while (at < end && !o->full) {
		from = at;
		c = next_char(&at, end);
		n = (size_t)(at - from);
		if (how == HTML)
			put_html(o, c, from, n);
		else if (how == URL)
			put_url(o, leak, from, n);
		else if (how != UTF16_LE && how != UTF16_BE)
			put_json(o, c, from, n, how);
		else if (c <= 0xffff)
			put_unit(o, (unsigned)c, how == UTF16_BE);
		else {
			c -= 0x10000;
			put_unit(o, 0xd800 + (c >> 10), how == UTF16_BE);
			put_unit(o, 0xdc00 + (c & 0x3ff), how == UTF16_BE);
		}
	}
}

/* A number: its digits, less what may be dialled before it. */
static enum ev_rc
add_core(struct ev_leak *leak, size_t tag, const unsigned char *data,
    size_t len, struct ev_err *err)
{
	char digit[CORE_MOST];
	struct core *c;
	size_t n = 0, i;

	for (i = 0; i < len; i++) {
		if (data[i] >= '0' && data[i] <= '9') {
			if (n == sizeof(digit))
				return EV_OK;
			digit[n++] = (char)data[i];
		} else if (data[i] != '+' && !leak->gap[data[i]]) {
			return EV_OK;
		}
	}
	if (n < DIGITS)
		return EV_OK;
	if (leak->cores % GROW == 0) {
		c = realloc(leak->core, (leak->cores + GROW) * sizeof(*c));
		if (c == NULL)
			return ev_fail_sys(err, "cannot seek values");
		leak->core = c;
	}
	c = &leak->core[leak->cores++];
	c->tag = tag;
	/* Numbers of telephones have 15 digits at most (E.164). */
	c->len = n > 15 ? n : n > CORE ? CORE : DIGITS;
	memcpy(c->digit, digit + n - c->len, c->len);
	return EV_OK;
}

enum ev_rc
ev_leak_value(struct ev_leak *leak, size_t tag, const void *data, size_t len,
    struct ev_err *err)
{
	struct form_out o;
	enum ev_rc rc;
	int how;

	if (len < EV_LEAK_LEAST)
		return EV_EOF;
	len = len > EV_LEAK_MOST ? EV_LEAK_MOST : len;
	rc = add_form(leak, tag, data, len, len < EDGES, err);
	for (how = 0; rc == EV_OK && how < HOWS; how++) {
		write_form(leak, (enum how)how, data, len, &o);
		rc = add_form(leak, tag, o.bytes, o.len,
		    len < EDGES && how > UTF16_BE, err);
	}
	return rc == EV_OK ? add_core(leak, tag, data, len, err) : rc;
}

void
ev_leak_ready(struct ev_leak *leak)
{
	const unsigned char *bytes;
	unsigned two;
	size_t i, n;

	for (i = 0; i < leak->forms; i++) {
		struct form *f = &leak->form[i];

		bytes = leak->pool.data + f->at;
		two = (unsigned)bytes[0] << 8 | bytes[1];
		leak->first[two / 8] |= (unsigned char)(1U << two % 8);
		n = bucket_of(bytes);
		f->next = leak->bucket[n];
		leak->bucket[n] = i + 1;
	}
}

void
ev_leak_begin(struct ev_leak_scan *scan, const struct ev_leak *leak)
{
	scan->leak = leak;
	scan->at = 0;
	scan->kept = 0;
	scan->digits = 0;
	scan->gap = 0;
}

/* Bytes to look at: offset is where the first of them stands. */
struct view {
	const unsigned char *data;
	size_t len;
	size_t seen; /* forms that end within these were met before */
	int64_t offset;
};

static bool
stands_alone(const struct ev_leak *leak, const struct view *v, size_t i,
    size_t len)
{
	return (i == 0 || !leak->word[v->data[i - 1]]) &&
	       (i + len >= v->len || !leak->word[v->data[i + len]]);
}

static enum ev_rc
look_at(const struct ev_leak *leak, const struct view *v, size_t i,
    ev_leak_fn *found, void *ctx, struct ev_err *err)
{
	unsigned char head[HEAD];
	const struct form *f;
	enum ev_rc rc = EV_OK;
	size_t n, k;

	for (k = 0; k < HEAD; k++)
		head[k] = leak->fold[v->data[i + k]];
	for (n = leak->bucket[bucket_of(head)]; rc == EV_OK && n != 0;
	     n = f->next) {
		f = &leak->form[n - 1];
		if (f->len > v->len - i || i + f->len <= v->seen)
			continue;
		for (k = 0; k < f->len; k++) {
			if (leak->fold[v->data[i + k]] !=
			    leak->pool.data[f->at + k])
				break;
		}
		if (k == f->len &&
		    (!f->edges || stands_alone(leak, v, i, f->len)))
			rc = found(ctx, f->tag, v->offset + (int64_t)i, err);
	}
	return rc;
}

static enum ev_rc
look(const struct ev_leak *leak, const struct view *v, size_t to,
    ev_leak_fn *found, void *ctx, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	unsigned two;
	size_t i;

	for (i = 0; rc == EV_OK && i < to && i + HEAD <= v->len; i++) {
		two = (unsigned)leak->fold[v->data[i]] << 8 |
		      leak->fold[v->data[i + 1]];
		if ((leak->first[two / 8] >> two % 8 & 1) != 0)
			rc = look_at(leak, v, i, found, ctx, err);
	}
	return rc;
}

/* The digit just met ends a number that is sought? */
static enum ev_rc
look_digits(struct ev_leak_scan *s, int64_t offset, ev_leak_fn *found,
    void *ctx, struct ev_err *err)
{
	const struct ev_leak *leak = s->leak;
	const struct core *c;
	enum ev_rc rc = EV_OK;
	size_t i, k;

	for (i = 0; rc == EV_OK && i < leak->cores; i++) {
		c = &leak->core[i];
		if (s->digits < c->len)
			continue;
		for (k = 1; k <= c->len; k++) {
			if (s->digit[(s->digits - k) % sizeof(s->digit)] !=
			    c->digit[c->len - k])
				break;
		}
		if (k > c->len)
			rc = found(ctx, c->tag, offset, err);
	}
	return rc;
}

static enum ev_rc
feed_digits(struct ev_leak_scan *s, const unsigned char *data, size_t len,
    ev_leak_fn *found, void *ctx, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	if (s->leak->cores == 0)
		return EV_OK;
	for (i = 0; rc == EV_OK && i < len; i++) {
		if (data[i] >= '0' && data[i] <= '9') {
			s->digit[s->digits++ % sizeof(s->digit)] =
			    (char)data[i];
			s->gap = 0;
			rc =
			    look_digits(s, s->at + (int64_t)i, found, ctx, err);
		} else if (s->digits > 0 &&
			   (!s->leak->gap[data[i]] || ++s->gap > GAP)) {
			s->digits = 0;
			s->gap = 0;
		}
	}
	return rc;
}

/* What is kept for forms that go over the edge of two pieces. */
static void
keep_tail(struct ev_leak_scan *s, const unsigned char *data, size_t len)
{
	size_t old;

	if (len >= EV_LEAK_FORM) {
		memcpy(s->tail, data + len - EV_LEAK_FORM, EV_LEAK_FORM);
		s->kept = EV_LEAK_FORM;
		return;
	}
	old = s->kept > EV_LEAK_FORM - len ? EV_LEAK_FORM - len : s->kept;
	memmove(s->tail, s->tail + s->kept - old, old);
	if (len > 0)
		memcpy(s->tail + old, data, len);
	s->kept = old + len;
}

enum ev_rc
ev_leak_feed(struct ev_leak_scan *s, const void *data, size_t len,
    ev_leak_fn *found, void *ctx, struct ev_err *err)
{
	const size_t more = len > EV_LEAK_FORM ? EV_LEAK_FORM : len;
	struct view edge = { s->tail, s->kept + more, s->kept,
		s->at - (int64_t)s->kept };
	struct view whole = { data, len, 0, s->at };
	enum ev_rc rc = EV_OK;

	if (len == 0)
		return EV_OK;
	if (s->kept > 0) {
		memcpy(s->tail + s->kept, data, more);
		rc = look(s->leak, &edge, s->kept, found, ctx, err);
	}
	if (rc == EV_OK)
		rc = look(s->leak, &whole, len, found, ctx, err);
	if (rc == EV_OK)
		rc = feed_digits(s, data, len, found, ctx, err);
	keep_tail(s, data, len);
	s->at += (int64_t)len;
	return rc;
}
