/* Growable bytes with a hard cap. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/buf.h"

enum { FIRST_CAP = 64 };

void
ev_buf_init(struct ev_buf *buf, size_t limit)
{
	memset(buf, 0, sizeof(*buf));
	buf->limit = limit;
}

void
ev_buf_release(struct ev_buf *buf)
{
	if (buf == NULL)
		return;
	free(buf->data);
	ev_buf_init(buf, buf->limit);
}

void
ev_buf_cut(struct ev_buf *buf, size_t len)
{
	if (len >= buf->len)
		return;
	buf->len = len;
	buf->data[len] = '\0';
}

void
ev_buf_clear(struct ev_buf *buf)
{
	buf->len = 0;
	if (buf->data != NULL)
		buf->data[0] = '\0';
}

enum ev_rc
ev_buf_reserve(struct ev_buf *buf, size_t len, struct ev_err *err)
{
	unsigned char *data;
	size_t need, cap;

	if (__builtin_add_overflow(buf->len, len, &need) || need > buf->limit)
		return ev_fail(err, EV_LIMIT, "more than %zu bytes",
		    buf->limit);
	if (need < buf->cap)
		return EV_OK;
	cap = buf->cap == 0 ? FIRST_CAP : buf->cap;
	while (cap <= need) {
		if (__builtin_mul_overflow(cap, (size_t)2, &cap))
			return ev_fail(err, EV_LIMIT, "a size overflows");
	}
	data = realloc(buf->data, cap);
	if (data == NULL)
		return ev_fail_sys(err, "cannot grow a buffer to %zu bytes",
		    cap);
	buf->data = data;
	buf->cap = cap;
	buf->data[buf->len] = '\0';
	return EV_OK;
}

enum ev_rc
ev_buf_put(struct ev_buf *buf, const void *data, size_t len, struct ev_err *err)
{
	enum ev_rc rc;

	/* There is room already, as there nearly always is. */
	if (buf->data == NULL || len >= buf->cap - buf->len ||
	    len > buf->limit - buf->len) {
		rc = ev_buf_reserve(buf, len, err);
		if (rc != EV_OK)
			return rc;
	}
	if (len > 0)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
	return EV_OK;
}

enum ev_rc
ev_buf_puts(struct ev_buf *buf, const char *text, struct ev_err *err)
{
	return ev_buf_put(buf, text, strlen(text), err);
}

enum ev_rc
ev_buf_putc(struct ev_buf *buf, char c, struct ev_err *err)
{
	return ev_buf_put(buf, &c, 1, err);
}

enum ev_rc
ev_buf_printf(struct ev_buf *buf, struct ev_err *err, const char *fmt, ...)
{
	enum ev_rc rc;
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		return ev_fail_sys(err, "cannot format '%s'", fmt);
	rc = ev_buf_reserve(buf, (size_t)len, err);
	if (rc != EV_OK)
		return rc;
	va_start(ap, fmt);
	(void)vsnprintf((char *)buf->data + buf->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	buf->len += (size_t)len;
	return EV_OK;
}

const char *
ev_buf_text(const struct ev_buf *buf)
{
	return buf->data == NULL ? "" : (const char *)buf->data;
}
