/* One message of mail as a record: header, relays, texts, attachments. */
#ifndef EV_INGEST_MAILMSG_H
#define EV_INGEST_MAILMSG_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "ingest/mailhead.h"
#include "ingest/nodes.h"
#include "seal/digest.h"

enum {
	EV_MAIL_DEPTH = 16,         /* parts within parts */
	EV_MAIL_PARTS = 1000,       /* of one message */
	EV_MAIL_NESTED = 256,       /* messages within one of a mailbox */
	EV_MAIL_MESSAGE = 64 << 20, /* bytes */
	EV_MAIL_NUMBER = 96,        /* of a part: 2.1.3 */
};

/* Bytes of the message; number is "" for the message itself. */
struct ev_mail_span {
	size_t from, to;
	char number[EV_MAIL_NUMBER];
};

/* What was odd about a message. */
enum {
	EV_MAIL_DAMAGED = 1,  /* a transfer encoding is not kept to */
	EV_MAIL_UNQUOTED = 2, /* ">From " became "From " */
	EV_MAIL_CHARSET = 4,  /* a character set that is not known */
	EV_MAIL_BROKEN = 8,   /* a header line that is no field */
	EV_MAIL_LONG = 16, /* a text over 16 MiB, or too many parts: left out */
};

/*
 * Made once, used for many.  data is borrowed for a message; the record, in
 * tree, counts its places in data.
 */
struct ev_mailmsg {
	const char *data;
	bool mailbox; /* lines of bodies are quoted as a mailbox does */
	struct ev_nodes tree;
	struct ev_mail_head head[EV_MAIL_DEPTH];
	struct ev_buf word, raw, text, html;
	struct ev_mail_span text_at,
	    html_at; /* where they stand, if in one place */
	size_t texts, htmls;
	struct ev_json_node *attachments; /* NULL: none yet */
	struct ev_digest digest;
	size_t parts;
	unsigned odd; /* EV_MAIL_* */
	/* Messages within it, in order, and what is too deep to be read. */
	struct ev_mail_span nested[EV_MAIL_NESTED];
	size_t nesteds;
	struct ev_mail_span deep; /* from == to: nothing */
};

EV_CHECK
enum ev_rc ev_mailmsg_new(struct ev_mailmsg **m, struct ev_err *err);
void ev_mailmsg_free(struct ev_mailmsg *m);

/*
 * Read the message that is data[from, to): tree holds its record.  EV_INPUT:
 * it is none, and err says why.  EV_LIMIT: too much for one record.
 *
 *	header        each field by its name as written, the second NAME#2
 *	from-address from-name message-id originating-ip
 *	recipients    of To, Cc and Bcc, joined
 *	received      [] ordinal from ip by with id for date; ordinal 1 is the
 *	              first relay, whose field stands last
 *	text html     of the parts that are no attachment, joined
 *	attachments   [] part name type size sha256
 */
EV_CHECK
enum ev_rc ev_mailmsg_read(struct ev_mailmsg *m, const char *data,
    const struct ev_mail_span *at, struct ev_err *err);

#endif
