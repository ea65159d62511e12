/* JSON from hostile hands: one token at a time, with its bytes. */
#include <stdlib.h>
#include <string.h>

#include "base/jsonlex.h"
#include "base/jsonread.h"
#include "evidence/text.h"

enum {
	FIRST_WINDOW = 65536,
	DEPTH = 64,
	DEPTH_LIMIT = 1 << 20,
	TOKEN = 16 << 20,
	TOKEN_LIMIT = 1 << 30,
	TOLERANCES = 5,
	END = -1, /* instead of a byte: there is none, or reading failed */
};

/* What may come next. */
enum state {
	AT_START, /* of the text: a mark is looked for */
	AT_TOP,   /* the first value */
	AT_REST,  /* what follows a whole value */
	AT_FIRST, /* the first member or the end of a container */
	AT_COLON,
	AT_COMMA, /* or the end of the container */
};

struct ev_jsonread {
	const struct ev_stream *in; /* NULL: all is in the window */
	struct ev_jsonread_opts opts;
	unsigned char *window;
	size_t cap;   /* of data; EV_JSONLEX_PAD more are there */
	size_t len;   /* of data */
	size_t start; /* the token being read: kept by more() */
	size_t pos;
	int64_t base; /* offset of window[0] */
	int64_t end;  /* behind the last token */
	bool at_end;
	bool bom;
	bool opened; /* the last token opened a container */
	bool bare;   /* the last token has no end of its own: 1, true */
	bool skipping;
	enum state state;
	int depth;
	uint64_t *objects; /* a bit a level: object, not array */
	struct ev_buf text;
	int64_t used[TOLERANCES];
	enum ev_json_stop stop;
	int64_t stop_offset;
	enum ev_rc rc; /* once not EV_OK, for ever */
	struct ev_err err;
};

static int64_t
offset_of(const struct ev_jsonread *r, size_t index)
{
	return r->base + (int64_t)index;
}

static void
stop(struct ev_jsonread *r, enum ev_json_stop why, size_t index,
    const char *message)
{
	if (r->rc != EV_OK)
		return;
	r->stop = why;
	r->stop_offset = offset_of(r, index);
	r->rc = ev_fail(&r->err, EV_INPUT, "byte %jd: %s",
	    (intmax_t)r->stop_offset, message);
}

/* The byte at index is not what was expected there. */
static void
unexpected(struct ev_jsonread *r, size_t index, const char *expected)
{
	const unsigned char c = r->window[index];

	if (r->rc != EV_OK)
		return;
	stop(r, EV_JSON_S_SYNTAX, index, "");
	if (c > 0x20 && c < 0x7f)
		r->rc = ev_fail(&r->err, EV_INPUT,
		    "byte %jd: '%c' where %s was expected",
		    (intmax_t)r->stop_offset, c, expected);
	else
		r->rc = ev_fail(&r->err, EV_INPUT,
		    "byte %jd: 0x%02x where %s was expected",
		    (intmax_t)r->stop_offset, c, expected);
}

/* The input ended too early, unless reading it failed. */
static void
cut(struct ev_jsonread *r, const char *expected)
{
	if (r->rc != EV_OK)
		return;
	stop(r, EV_JSON_S_TRUNCATED, r->len, "");
	r->rc = ev_fail(&r->err, EV_INPUT,
	    "byte %jd: the text ends where %s was expected",
	    (intmax_t)r->stop_offset, expected);
}

/* Whether what is allowed; its first use is remembered. */
static bool
tolerates(struct ev_jsonread *r, enum ev_json_tolerate what, int64_t offset)
{
	int i;

	if ((r->opts.tolerate & what) == 0)
		return false;
	for (i = 0; i < TOLERANCES; i++) {
		if (what == 1U << i && r->used[i] < 0)
			r->used[i] = offset;
	}
	return true;
}

static enum ev_rc
hold(struct ev_jsonread *r, size_t cap, struct ev_err *err)
{
	unsigned char *window;

	if (cap <= r->cap)
		return EV_OK;
	window = realloc(r->window, cap + EV_JSONLEX_PAD);
	if (window == NULL)
		return ev_fail_sys(err, "cannot hold %zu bytes", cap);
	r->window = window;
	r->cap = cap;
	return EV_OK;
}

/* The window doubles while one token fills it. */
static bool
grow(struct ev_jsonread *r)
{
	const size_t most = r->opts.max_token + 1;

	if (r->cap >= most) {
		stop(r, EV_JSON_S_TOO_LONG, r->start,
		    "a token is longer than the limit");
		return false;
	}
	r->rc = hold(r, r->cap > most / 2 ? most : 2 * r->cap, &r->err);
	return r->rc == EV_OK;
}

/* Read on, keeping what is from start on; false at the end or on failure. */
static bool
more(struct ev_jsonread *r)
{
	size_t got = 0;
	enum ev_rc rc;

	if (r->at_end || r->rc != EV_OK)
		return false;
	if (r->start > 0) {
		memmove(r->window, r->window + r->start, r->len - r->start);
		r->base += (int64_t)r->start;
		r->pos -= r->start;
		r->len -= r->start;
		r->start = 0;
	}
	if (r->len == r->cap && !grow(r))
		return false;
	rc = r->in->read(r->in->ctx, r->window + r->len, r->cap - r->len, &got,
	    &r->err);
	if (rc == EV_OK && (got == 0 || got > r->cap - r->len))
		rc = ev_fail(&r->err, EV_USE, "a stream gave %zu bytes", got);
	if (rc == EV_OK)
		r->len += got;
	else if (rc == EV_EOF)
		r->at_end = true;
	else
		r->rc = rc;
	memset(r->window + r->len, 0, EV_JSONLEX_PAD);
	return rc == EV_OK;
}

/* Whether index is in the window, if need be after reading on. */
static bool
have(struct ev_jsonread *r, size_t ahead)
{
	while (r->len - r->pos <= ahead) {
		if (!more(r))
			return false;
	}
	return true;
}

/* The next byte that is no white space, or END. */
static int
peek(struct ev_jsonread *r)
{
	const uint64_t blanks = UINT64_MAX / 255 * ' ';
	const unsigned char *p;
	uint64_t word;

	for (;;) {
		p = r->window + r->pos;
		for (;; p++) {
			if (*p > ' ')
				break;
			if (*p == '\n') {
				/* Indentation follows. */
				memcpy(&word, p + 1, sizeof(word));
				if (word == blanks)
					p += sizeof(word);
			} else if (*p != ' ' && *p != '\r' && *p != '\t')
				break;
		}
		r->pos = (size_t)(p - r->window);
		if (r->pos < r->len)
			return *p;
		r->start = r->pos;
		if (!more(r))
			return END;
	}
}

static bool
in_object(const struct ev_jsonread *r)
{
	const unsigned level = (unsigned)r->depth - 1;

	return r->depth > 0 && (r->objects[level / 64] >> level % 64 & 1) != 0;
}

/* The token from start to pos. */
static enum ev_rc
emit(struct ev_jsonread *r, struct ev_json_token *token,
    enum ev_json_event event)
{
	token->event = event;
	token->depth = r->depth;
	token->offset = offset_of(r, r->start);
	token->raw = r->window + r->start;
	token->raw_len = r->pos - r->start;
	token->length = (int64_t)token->raw_len;
	token->text = (const char *)token->raw;
	token->text_len = token->raw_len;
	token->notes = 0;
	if (token->raw_len > r->opts.max_token)
		stop(r, EV_JSON_S_TOO_LONG, r->start,
		    "a token is longer than the limit");
	r->end = offset_of(r, r->pos);
	r->opened = false;
	r->bare = false;
	return r->rc;
}

static void
end_value(struct ev_jsonread *r)
{
	r->state = r->depth == 0 ? AT_REST : AT_COMMA;
}

static enum ev_rc
open_container(struct ev_jsonread *r, struct ev_json_token *token, bool object)
{
	const unsigned level = (unsigned)r->depth;
	enum ev_rc rc;

	if (r->depth >= r->opts.max_depth) {
		stop(r, EV_JSON_S_TOO_DEEP, r->pos, "nested too deep");
		return r->rc;
	}
	r->start = r->pos++;
	rc = emit(r, token, object ? EV_JSON_E_OBJECT : EV_JSON_E_ARRAY);
	if (object)
		r->objects[level / 64] |= (uint64_t)1 << level % 64;
	else
		r->objects[level / 64] &= ~((uint64_t)1 << level % 64);
	r->depth++;
	r->state = AT_FIRST;
	r->opened = true;
	return rc;
}

static enum ev_rc
close_container(struct ev_jsonread *r, struct ev_json_token *token)
{
	const bool object = in_object(r);

	r->start = r->pos++;
	r->depth--;
	end_value(r);
	return emit(r, token,
	    object ? EV_JSON_E_OBJECT_END : EV_JSON_E_ARRAY_END);
}

/* count hexadecimal digits from ahead on. */
static bool
check_hex(struct ev_jsonread *r, size_t ahead, size_t count)
{
	for (; count > 0; ahead++, count--) {
		if (!have(r, ahead)) {
			cut(r, "a hexadecimal digit");
			return false;
		}
		if (ev_text_hex_digit(r->window[r->pos + ahead]) < 0) {
			unexpected(r, r->pos + ahead, "a hexadecimal digit");
			return false;
		}
	}
	return true;
}

/* RFC 8259, 7: the escape at pos is one, and is passed over. */
static bool
check_escape(struct ev_jsonread *r)
{
	size_t digits = 0;
	unsigned char c;
	int64_t at;
	bool known;

	if (!have(r, 1)) {
		cut(r, "an escape");
		return false;
	}
	at = offset_of(r, r->pos);
	c = r->window[r->pos + 1];
	known = c != 0 && strchr("\"\\/bfnrtu", c) != NULL;
	if (c == 'u')
		digits = 4;
	if (c == 'x' && tolerates(r, EV_JSON_T_HEX_ESCAPE, at)) {
		known = true;
		digits = 2;
	}
	if (c == '\'' && tolerates(r, EV_JSON_T_SINGLE_QUOTE, at))
		known = true;
	if (!known) {
		unexpected(r, r->pos + 1, "an escape of JSON");
		return false;
	}
	if (!check_hex(r, 2, digits))
		return false;
	r->pos += 2 + digits;
	return true;
}

static enum ev_rc
decode(struct ev_jsonread *r, struct ev_json_token *token, bool escaped,
    bool high)
{
	const unsigned char *body = token->raw + 1;
	const size_t len = token->raw_len - 2;

	token->text = (const char *)body;
	token->text_len = len;
	if (r->skipping || r->rc != EV_OK)
		return r->rc;
	if (high && !ev_text_is_utf8(body, len))
		token->notes |= EV_JSON_N_BAD_UTF8;
	if (!escaped)
		return EV_OK;
	ev_buf_clear(&r->text);
	r->rc = ev_buf_reserve(&r->text, len, &r->err);
	if (r->rc != EV_OK)
		return r->rc;
	token->text = (const char *)r->text.data;
	token->text_len =
	    ev_jsonlex_decode((char *)r->text.data, body, len, &token->notes);
	return EV_OK;
}

static enum ev_rc
string(struct ev_jsonread *r, struct ev_json_token *token,
    enum ev_json_event event)
{
	const unsigned char quote = r->window[r->pos];
	bool escaped = false, high = false;
	unsigned char c;

	r->start = r->pos++;
	for (;;) {
		r->pos += ev_jsonlex_scan(r->window + r->pos, quote, &high);
		if (r->pos == r->len) {
			if (more(r))
				continue;
			cut(r, "the end of a string");
			return r->rc;
		}
		c = r->window[r->pos];
		if (c == quote)
			break;
		if (c != '\\') {
			unexpected(r, r->pos, "text without raw controls");
			return r->rc;
		}
		escaped = true;
		if (!check_escape(r))
			return r->rc;
	}
	r->pos++;
	(void)emit(r, token, event);
	return decode(r, token, escaped, high);
}

static bool
is_in_number(unsigned char c)
{
	return ev_jsonlex_is_digit(c) || c == '.' || c == '-' || c == '+' ||
	       c == 'e' || c == 'E';
}

static enum ev_rc
number(struct ev_jsonread *r, struct ev_json_token *token)
{
	size_t end;
	bool whole;

	r->start = r->pos;
	do {
		while (is_in_number(r->window[r->pos]))
			r->pos++;
	} while (r->pos == r->len && more(r));
	if (r->rc != EV_OK)
		return r->rc;
	end = (size_t)(ev_jsonlex_number(r->window + r->start, &whole) -
		       r->window);
	if (whole && end == r->pos) {
		end_value(r);
		(void)emit(r, token, EV_JSON_E_NUMBER);
		r->bare = true;
	} else if (end == r->len)
		cut(r, "a digit");
	else
		unexpected(r, end, whole ? "the end of a number" : "a digit");
	return r->rc;
}

static enum ev_rc
literal(struct ev_jsonread *r, struct ev_json_token *token,
    enum ev_json_event event, const char *word)
{
	size_t i;

	r->start = r->pos;
	for (i = 0; word[i] != '\0'; i++) {
		if (!have(r, i)) {
			cut(r, word);
			return r->rc;
		}
		if (r->window[r->pos + i] != (unsigned char)word[i]) {
			unexpected(r, r->pos + i, word);
			return r->rc;
		}
	}
	r->pos += i;
	end_value(r);
	(void)emit(r, token, event);
	r->bare = true;
	return r->rc;
}

static enum ev_rc
value(struct ev_jsonread *r, struct ev_json_token *token, int c)
{
	const int64_t at = offset_of(r, r->pos);

	switch (c) {
	case END:
		cut(r, "a value");
		return r->rc;
	case '{':
		return open_container(r, token, true);
	case '[':
		return open_container(r, token, false);
	case '"':
		end_value(r);
		return string(r, token, EV_JSON_E_STRING);
	case 't':
		return literal(r, token, EV_JSON_E_TRUE, "true");
	case 'f':
		return literal(r, token, EV_JSON_E_FALSE, "false");
	case 'n':
		return literal(r, token, EV_JSON_E_NULL, "null");
	default:
		break;
	}
	if (c == '-' || ev_jsonlex_is_digit((unsigned char)c))
		return number(r, token);
	if (c == '\'' && tolerates(r, EV_JSON_T_SINGLE_QUOTE, at)) {
		end_value(r);
		return string(r, token, EV_JSON_E_STRING);
	}
	unexpected(r, r->pos, "a value");
	return r->rc;
}

static bool
is_name(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       c == '$' || ev_jsonlex_is_digit(c);
}

static enum ev_rc
key(struct ev_jsonread *r, struct ev_json_token *token, int c)
{
	const int64_t at = offset_of(r, r->pos);

	if (c == END) {
		cut(r, "a key");
		return r->rc;
	}
	r->state = AT_COLON;
	if (c == '"')
		return string(r, token, EV_JSON_E_KEY);
	if (c == '\'' && tolerates(r, EV_JSON_T_SINGLE_QUOTE, at))
		return string(r, token, EV_JSON_E_KEY);
	if (!is_name((unsigned char)c) ||
	    ev_jsonlex_is_digit((unsigned char)c) ||
	    !tolerates(r, EV_JSON_T_BARE_KEY, at)) {
		unexpected(r, r->pos, "a key");
		return r->rc;
	}
	r->start = r->pos;
	while (have(r, 0) && is_name(r->window[r->pos]))
		r->pos++;
	if (r->rc != EV_OK)
		return r->rc;
	return emit(r, token, EV_JSON_E_KEY);
}

/* In a container: the separator, then the key, value or end behind it. */
static enum ev_rc
inside(struct ev_jsonread *r, struct ev_json_token *token, int c)
{
	const int closer = in_object(r) ? '}' : ']';
	int64_t comma;

	if (c == END) {
		cut(r,
		    closer == '}' ? "more of an object" : "more of an array");
		return r->rc;
	}
	if (r->state == AT_COLON) {
		if (c != ':') {
			unexpected(r, r->pos, "':'");
			return r->rc;
		}
		r->pos++;
		return value(r, token, peek(r));
	}
	if (c == closer)
		return close_container(r, token);
	if (r->state == AT_COMMA) {
		if (c != ',') {
			unexpected(r, r->pos,
			    closer == '}' ? "',' or '}'" : "',' or ']'");
			return r->rc;
		}
		comma = offset_of(r, r->pos++);
		c = peek(r);
		if (c == closer &&
		    tolerates(r, EV_JSON_T_TRAILING_COMMA, comma))
			return close_container(r, token);
	}
	return closer == '}' ? key(r, token, c) : value(r, token, c);
}

/* Before, between and behind whole values. */
static enum ev_rc
outside(struct ev_jsonread *r, struct ev_json_token *token, int c)
{
	if (r->state == AT_REST) {
		while (c == ';' && tolerates(r, EV_JSON_T_SEMICOLON,
				       offset_of(r, r->pos))) {
			r->pos++;
			r->bare = false;
			c = peek(r);
		}
		if (c != END && !r->opts.many)
			unexpected(r, r->pos, "the end of the text");
		else if (c != END && r->bare && offset_of(r, r->pos) == r->end)
			unexpected(r, r->pos, "white space behind a value");
	}
	if (r->rc != EV_OK)
		return r->rc;
	if (c == END && (r->state == AT_REST || r->opts.many)) {
		r->rc = EV_EOF;
		return EV_EOF;
	}
	return value(r, token, c);
}

/* The first bytes of a file: a mark, or another encoding than UTF-8. */
static void
begin(struct ev_jsonread *r)
{
	const unsigned char *p;

	(void)have(r, 2);
	p = r->window;
	if (r->rc == EV_OK && r->len >= 2 &&
	    ((p[0] == 0xff && p[1] == 0xfe) || (p[0] == 0xfe && p[1] == 0xff) ||
		(p[0] == 0) != (p[1] == 0)))
		stop(r, EV_JSON_S_ENCODING, 0, "the text is not UTF-8");
	if (r->in != NULL && r->len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
		r->bom = true;
		r->pos = 3;
	}
}

enum ev_rc
ev_jsonread_next(struct ev_jsonread *r, struct ev_json_token *token,
    struct ev_err *err)
{
	int c;

	if (r->state == AT_START) {
		begin(r);
		r->state = AT_TOP;
	}
	if (r->rc == EV_OK) {
		c = peek(r);
		if (r->rc == EV_OK)
			(void)(r->depth > 0 ? inside(r, token, c)
					    : outside(r, token, c));
	}
	if (r->rc != EV_OK && r->rc != EV_EOF)
		*err = r->err;
	return r->rc;
}

enum ev_rc
ev_jsonread_skip(struct ev_jsonread *r, struct ev_json_token *token,
    struct ev_err *err)
{
	const int depth = r->depth - 1;
	enum ev_rc rc;

	if (r->rc == EV_OK && !r->opened)
		return ev_fail(err, EV_USE,
		    "only what was just opened can be skipped");
	r->skipping = true;
	do {
		rc = ev_jsonread_next(r, token, err);
	} while (rc == EV_OK && r->depth > depth);
	r->skipping = false;
	return rc;
}

enum ev_json_stop
ev_jsonread_stop(const struct ev_jsonread *r, int64_t *offset)
{
	*offset = r->stop_offset;
	return r->stop;
}

int64_t
ev_jsonread_used(const struct ev_jsonread *r, enum ev_json_tolerate what)
{
	int i;

	for (i = 0; i < TOLERANCES; i++) {
		if (what == 1U << i)
			return r->used[i];
	}
	return -1;
}

bool
ev_jsonread_bom(const struct ev_jsonread *r)
{
	return r->bom;
}

int64_t
ev_jsonread_offset(const struct ev_jsonread *r)
{
	return r->end;
}

/* As new, but for the memory. */
static void
reset(struct ev_jsonread *r, int64_t base)
{
	int i;

	r->len = 0;
	r->start = 0;
	r->pos = 0;
	r->base = base;
	r->end = base;
	r->at_end = r->in == NULL;
	r->bom = false;
	r->opened = false;
	r->bare = false;
	r->state = AT_START;
	r->depth = 0;
	for (i = 0; i < TOLERANCES; i++)
		r->used[i] = -1;
	r->stop = EV_JSON_S_NONE;
	r->stop_offset = base;
	r->rc = EV_OK;
}

enum ev_rc
ev_jsonread_restart(struct ev_jsonread *r, const void *data, size_t len,
    int64_t base, struct ev_err *err)
{
	enum ev_rc rc;

	if (r->in != NULL)
		return ev_fail(err, EV_USE, "this reader has its stream");
	rc = hold(r, len, err);
	if (rc != EV_OK)
		return rc;
	reset(r, base);
	if (len > 0)
		memcpy(r->window, data, len);
	memset(r->window + len, 0, EV_JSONLEX_PAD);
	r->len = len;
	return EV_OK;
}

enum ev_rc
ev_jsonread_new(struct ev_jsonread **out, const struct ev_stream *in,
    int64_t base, const struct ev_jsonread_opts *opts, struct ev_err *err)
{
	struct ev_jsonread *r;
	enum ev_rc rc;

	*out = NULL;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return ev_fail_sys(err, "cannot begin to read JSON");
	r->in = in;
	r->opts = *opts;
	if (r->opts.max_depth == 0)
		r->opts.max_depth = DEPTH;
	if (r->opts.max_token == 0)
		r->opts.max_token = TOKEN;
	ev_buf_init(&r->text, r->opts.max_token);
	reset(r, base);
	if (r->opts.max_depth < 0 || r->opts.max_depth > DEPTH_LIMIT ||
	    r->opts.max_token > TOKEN_LIMIT) {
		rc = ev_fail(err, EV_USE, "limits of JSON out of range");
		goto out;
	}
	r->objects =
	    calloc((size_t)r->opts.max_depth / 64 + 1, sizeof(*r->objects));
	if (r->objects == NULL) {
		rc = ev_fail_sys(err, "cannot begin to read JSON");
		goto out;
	}
	rc = hold(r, FIRST_WINDOW, err);
	if (rc == EV_OK)
		memset(r->window, 0, EV_JSONLEX_PAD);
out:
	if (rc == EV_OK)
		*out = r;
	else
		ev_jsonread_free(r);
	return rc;
}

void
ev_jsonread_free(struct ev_jsonread *r)
{
	if (r == NULL)
		return;
	ev_buf_release(&r->text);
	free(r->objects);
	free(r->window);
	free(r);
}
