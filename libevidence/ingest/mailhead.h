/* The header of a message: its fields, and what some of them hold. */
#ifndef EV_INGEST_MAILHEAD_H
#define EV_INGEST_MAILHEAD_H

#include <stdbool.h>
#include <stddef.h>

enum {
	EV_MAIL_FIELDS = 1000,
	EV_MAIL_HEAD = 256 << 10, /* bytes */
};

/* Places in the message's bytes; a value keeps its folds. */
struct ev_mail_field {
	size_t name, name_len, value, value_len;
};

struct ev_mail_head {
	struct ev_mail_field field[EV_MAIL_FIELDS];
	size_t count;
	size_t end;  /* where the body begins */
	bool broken; /* a line was neither a field nor part of one */
};

/*
 * The fields from a place up to an empty line, or to the end (RFC 5322, 2.2).
 * NULL, or what is wrong: there is no field, or more than may be.
 */
const char *ev_mail_head(struct ev_mail_head *h, const char *data, size_t from,
    size_t to);

/* Whether a line begins a field. */
bool ev_mail_is_field(const char *line, size_t len);

/* The first field of that name, in whatever case, or NULL. */
const struct ev_mail_field *ev_mail_find(const struct ev_mail_head *h,
    const char *data, const char *name);

/* A piece of a value. */
struct ev_mail_piece {
	const char *text; /* NULL: not there */
	size_t len;
};
bool ev_mail_is_blank(char c);
void ev_mail_trim(struct ev_mail_piece *p);

/*
 * The first mailbox of an address list (RFC 5322, 3.4): its address, and the
 * name as it is written, quotes taken off.
 */
void ev_mail_address(struct ev_mail_piece *address, struct ev_mail_piece *name,
    const char *value, size_t len);

/*
 * What a relay wrote (RFC 5321, 4.4).  ip is the first address in brackets
 * before "by", or in parentheses; it was seen by that relay.
 */
struct ev_mail_hop {
	struct ev_mail_piece from, ip, by, with, id, recipient, date;
};
void ev_mail_received(struct ev_mail_hop *hop, const char *value, size_t len);

/*
 * Whether a line begins a message of a mailbox: "From ", whoever it was, and
 * a date as asctime(3) writes it, a zone before or behind the year allowed.
 */
bool ev_mail_from_line(const char *line, size_t len);

#endif
