/* The entity that an HTTP/1 message carries, as it streams by. */
#ifndef EV_INGEST_HTTPBODY_H
#define EV_INGEST_HTTPBODY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

enum { EV_HTTP_HEAD = 256 << 10 }; /* bytes of a start line and its fields */

/*
 * A message as a WARC block has it: a start line and fields, an empty line,
 * the body.  A body in chunks (RFC 9112, 7.1) is put together; nothing else
 * is undone, no content coding either.
 */
struct ev_http {
	int state;
	struct ev_buf head; /* whole once has_head is set */
	bool has_head;
	bool chunked;
	bool broken;   /* the chunks do not follow one another, or none ends */
	int64_t left;  /* of the chunk */
	char size[24]; /* its size line so far */
	size_t size_len;
};

typedef enum ev_rc ev_http_fn(void *ctx, const void *data, size_t len,
    struct ev_err *err);

void ev_http_init(struct ev_http *h);
void ev_http_release(struct ev_http *h);
/* For the next message. */
void ev_http_clear(struct ev_http *h);

/*
 * The next bytes.  body gets those behind the head as they stand, entity
 * those of the entity.
 */
EV_CHECK
enum ev_rc ev_http_feed(struct ev_http *h, const unsigned char *data,
    size_t len, ev_http_fn *body, ev_http_fn *entity, void *ctx,
    struct ev_err *err);
/* There is no more: a body in chunks must have ended. */
void ev_http_end(struct ev_http *h);

/* The value of the first field of that name, blanks cut off, or NULL. */
const char *ev_http_field(const struct ev_http *h, const char *name,
    size_t *len);
/* The three digits of a status line, or NULL. */
const char *ev_http_status(const struct ev_http *h);

#endif
