/* The header of a WARC record: its fields, and how they may be written. */
#ifndef EV_INGEST_WARCHEAD_H
#define EV_INGEST_WARCHEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"

/* hostile.md 7 */
enum {
	EV_WARC_FIELDS = 1000,
	EV_WARC_HEAD = 256 << 10,
	EV_WARC_LINE = 64 << 10,
};

struct ev_warc_field {
	size_t name, name_len; /* in text, each ended by a NUL */
	size_t value, value_len;
	size_t offset, length; /* of the value as written, from the record */
	bool bad;              /* not UTF-8, or with a NUL */
};

struct ev_warc_head {
	struct ev_buf text;
	struct ev_warc_field field[EV_WARC_FIELDS];
	size_t count;
	size_t size;     /* bytes of lines so far */
	bool lf, folded; /* lines that end with LF alone; lines joined */
	bool brackets;   /* around the URI: taken off */
};

void ev_warc_head_init(struct ev_warc_head *h);
void ev_warc_head_release(struct ev_warc_head *h);
void ev_warc_head_clear(struct ev_warc_head *h);

/* The version line; NULL, or what is wrong with it. */
const char *ev_warc_version(const unsigned char *line, size_t len);

/*
 * One line, without its end, at offset in the record.  Fields named as the
 * standard names them, in whatever case, are spelled as there; the second of
 * one name is NAME#2.  EV_INPUT says what is wrong.
 */
EV_CHECK
enum ev_rc ev_warc_head_line(struct ev_warc_head *h, const unsigned char *line,
    size_t len, size_t offset, struct ev_err *err);

/* A field's value, NULL if it is not there. */
const char *ev_warc_field(const struct ev_warc_head *h, const char *name,
    size_t *len);

/* Content-Length: exactly one, ASCII digits, at most 18 of them. */
EV_CHECK
enum ev_rc ev_warc_length(const struct ev_warc_head *h, int64_t *length,
    struct ev_err *err);

#endif
