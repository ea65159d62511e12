/* The entity that an HTTP/1 message carries, as it streams by. */
#include <string.h>
#include <strings.h>

#include "evidence/text.h"
#include "ingest/httpbody.h"

enum state {
	IN_HEAD,
	IN_BODY,
	CHUNK_SIZE,
	CHUNK_EXTENSION,
	CHUNK_DATA,
	CHUNK_END,
	IN_TRAILER, /* behind the last chunk: whatever comes is no entity */
	LOST,       /* no message, or chunks that do not fit */
};

void
ev_http_init(struct ev_http *h)
{
	memset(h, 0, sizeof(*h));
	ev_buf_init(&h->head, EV_HTTP_HEAD);
}

void
ev_http_release(struct ev_http *h)
{
	ev_buf_release(&h->head);
}

void
ev_http_clear(struct ev_http *h)
{
	ev_buf_clear(&h->head);
	h->state = IN_HEAD;
	h->has_head = h->chunked = h->broken = false;
	h->left = 0;
	h->size_len = 0;
}

/* The line at from without its end; the next begins at *next. */
static size_t
line_at(const struct ev_http *h, size_t from, size_t *next)
{
	const char *text = (const char *)h->head.data;
	const char *end = memchr(text + from, '\n', h->head.len - from);
	size_t to = end == NULL ? h->head.len : (size_t)(end - text);

	*next = end == NULL ? to : to + 1;
	return to > from && text[to - 1] == '\r' ? to - 1 : to;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t';
}

const char *
ev_http_field(const struct ev_http *h, const char *name, size_t *len)
{
	const char *text = (const char *)h->head.data;
	size_t from, to, next, n = strlen(name);

	if (!h->has_head)
		return NULL;
	(void)line_at(h, 0, &next);
	while (next < h->head.len) {
		from = next;
		to = line_at(h, from, &next);
		if (to - from <= n || text[from + n] != ':' ||
		    strncasecmp(text + from, name, n) != 0)
			continue;
		from += n + 1;
		while (from < to && blank(text[from]))
			from++;
		while (to > from && blank(text[to - 1]))
			to--;
		*len = to - from;
		return text + from;
	}
	return NULL;
}

const char *
ev_http_status(const struct ev_http *h)
{
	const char *text = (const char *)h->head.data;
	const char *at;
	size_t next;

	if (!h->has_head || line_at(h, 0, &next) < 12 ||
	    memcmp(text, "HTTP/", 5) != 0)
		return NULL;
	at = memchr(text, ' ', 12);
	if (at == NULL || at + 4 > text + h->head.len)
		return NULL;
	return strspn(at + 1, "0123456789") == 3 ? at + 1 : NULL;
}

/* The last coding applied is the first to be undone (RFC 9112, 6.1). */
static bool
says_chunked(const struct ev_http *h)
{
	size_t len;
	const char *value = ev_http_field(h, "Transfer-Encoding", &len);

	return value != NULL && len >= 7 &&
	       strncasecmp(value + len - 7, "chunked", 7) == 0;
}

/* Take bytes of the head; how many it had. */
static enum ev_rc
take_head(struct ev_http *h, const unsigned char *data, size_t len,
    size_t *taken, struct ev_err *err)
{
	const unsigned char *p;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < len && rc == EV_OK && h->state == IN_HEAD; i++) {
		if (h->head.len == EV_HTTP_HEAD) {
			h->state = LOST;
			break;
		}
		rc = ev_buf_putc(&h->head, (char)data[i], err);
		if (data[i] != '\n' || rc != EV_OK)
			continue;
		p = h->head.data + h->head.len;
		if (h->head.len < 2 ||
		    (p[-2] != '\n' &&
			(h->head.len < 3 || p[-2] != '\r' || p[-3] != '\n')))
			continue;
		h->has_head = true;
		h->chunked = says_chunked(h);
		h->state = h->chunked ? CHUNK_SIZE : IN_BODY;
	}
	*taken = i;
	return rc;
}

static void
lose(struct ev_http *h)
{
	h->broken = true;
	h->state = LOST;
}

/* A size line is at its end: how long is the chunk? */
static void
chunk_begins(struct ev_http *h)
{
	size_t i;
	int digit;

	while (h->size_len > 0 && (h->size[h->size_len - 1] == '\r' ||
				      blank(h->size[h->size_len - 1])))
		h->size_len--;
	h->left = 0;
	for (i = 0; i < h->size_len; i++) {
		digit = ev_text_hex_digit((unsigned char)h->size[i]);
		if (digit < 0 || h->left > INT64_MAX >> 8) {
			lose(h);
			return;
		}
		h->left = h->left * 16 + digit;
	}
	if (h->size_len == 0) {
		lose(h);
		return;
	}
	h->size_len = 0;
	h->state = h->left == 0 ? IN_TRAILER : CHUNK_DATA;
}

/* One byte of what stands between the chunks. */
static void
between(struct ev_http *h, unsigned char c)
{
	switch (h->state) {
	case CHUNK_SIZE:
		if (c == '\n')
			chunk_begins(h);
		else if (c == ';')
			h->state = CHUNK_EXTENSION;
		else if (h->size_len == sizeof(h->size))
			lose(h);
		else
			h->size[h->size_len++] = (char)c;
		break;
	case CHUNK_EXTENSION:
		if (c == '\n')
			chunk_begins(h);
		break;
	case CHUNK_END:
		if (c == '\n')
			h->state = CHUNK_SIZE;
		else if (c != '\r')
			lose(h);
		break;
	default:
		break;
	}
}

static enum ev_rc
take_chunks(struct ev_http *h, const unsigned char *data, size_t len,
    ev_http_fn *entity, void *ctx, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t n;

	while (len > 0 && rc == EV_OK && h->state != IN_TRAILER &&
	       h->state != LOST) {
		n = 1;
		if (h->state == CHUNK_DATA) {
			n = (uint64_t)h->left < len ? (size_t)h->left : len;
			rc = entity(ctx, data, n, err);
			h->left -= (int64_t)n;
			if (h->left == 0)
				h->state = CHUNK_END;
		} else {
			between(h, *data);
		}
		data += n;
		len -= n;
	}
	return rc;
}

enum ev_rc
ev_http_feed(struct ev_http *h, const unsigned char *data, size_t len,
    ev_http_fn *body, ev_http_fn *entity, void *ctx, struct ev_err *err)
{
	size_t taken = 0;
	enum ev_rc rc = EV_OK;

	if (h->state == IN_HEAD)
		rc = take_head(h, data, len, &taken, err);
	data += taken;
	len -= taken;
	if (rc != EV_OK || len == 0 || !h->has_head)
		return rc;
	rc = body(ctx, data, len, err);
	if (rc != EV_OK)
		return rc;
	return h->chunked ? take_chunks(h, data, len, entity, ctx, err)
			  : entity(ctx, data, len, err);
}

void
ev_http_end(struct ev_http *h)
{
	if (h->chunked && h->state != IN_TRAILER)
		h->broken = true;
}
