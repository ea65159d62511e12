/* reader mail: a message, or a mailbox of them, and the mail within mail. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "evidence/text.h"
#include "ingest/mailmsg.h"
#include "ingest/textline.h"

enum { CANDIDATES = 1024 };

/*
 * A mailbox is read line by line; the message at hand is held whole.  Of the
 * dialects two end a message by its Content-Length, in which lines "From "
 * need no quotes: where the length leads to the next message it is followed,
 * else the lines decide, as in the other two.
 */
struct box {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_textlines lines;
	struct ev_mailmsg *msg;
	struct ev_buf data;
	int64_t from, to; /* in the view: data[0], and the end of it all */
	bool mailbox;
	bool preamble;          /* it begins as neither: a mailbox may follow */
	bool header;            /* its end has not come */
	bool blank;             /* the line before was empty */
	bool too_long;          /* the message is not held */
	int64_t want;           /* of data, by its Content-Length; -1: none */
	size_t cut[CANDIDATES]; /* lines "From " before that */
	size_t cuts;
	int64_t number;
};

static enum ev_rc
note(struct box *b, const char *word, int64_t number, int64_t at)
{
	char detail[32];

	(void)snprintf(detail, sizeof(detail), "rec:%jd", (intmax_t)number);
	return ev_pass_note(b->pass, word, detail, at, b->err);
}

static enum ev_rc
note_odd(struct box *b, int64_t at)
{
	static const struct {
		unsigned odd;
		const char *word;
	} words[] = { { EV_MAIL_DAMAGED, "mail-damaged" },
		{ EV_MAIL_UNQUOTED, "mail-from-quoted" },
		{ EV_MAIL_CHARSET, "mail-charset" },
		{ EV_MAIL_BROKEN, "mail-header" },
		{ EV_MAIL_LONG, "mail-too-much" } };
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]) && rc == EV_OK; i++)
		if ((b->msg->odd & words[i].odd) != 0)
			rc = note(b, words[i].word, b->number, at);
	return rc;
}

/* Parts that lie too deep to be read. */
static enum ev_rc
lose_deep(struct box *b)
{
	const struct ev_mail_span *deep = &b->msg->deep;
	const struct ev_loss loss = { -1, b->from + (int64_t)deep->from,
		b->from + (int64_t)deep->to, "too-deep",
		"parts within parts, at most 16 of them, were expected" };

	return deep->from == deep->to
		   ? EV_OK
		   : ev_pass_set_aside(b->pass, &loss, b->err);
}

static enum ev_rc
lose(struct box *b, const struct ev_mail_span *at, const char *reason,
    const char *message)
{
	struct ev_err why;
	struct ev_loss loss = { -1, b->from + (int64_t)at->from,
		b->from + (int64_t)at->to, reason, why.msg };

	(void)snprintf(why.msg, sizeof(why.msg), "%s", message);
	return ev_pass_lose_record(b->pass, &loss, b->err);
}

static enum ev_rc
show_one(struct box *b, const struct ev_mail_span *at)
{
	const char *data = ev_buf_text(&b->data);
	struct ev_record record = { NULL, b->data.data, b->from,
		b->from + (int64_t)at->from, b->from + (int64_t)at->to, false };
	char pointer[EV_MAIL_NUMBER + 48];
	enum ev_rc rc;

	rc = ev_mailmsg_read(b->msg, data, at, b->err);
	if (rc == EV_INPUT || rc == EV_LIMIT)
		return lose(b, at, rc == EV_INPUT ? "syntax" : "too-long",
		    b->err->msg);
	if (rc == EV_OK)
		rc = note_odd(b, record.from);
	if (rc == EV_OK)
		rc = lose_deep(b);
	if (rc != EV_OK)
		return rc;
	record.root = b->msg->tree.root;
	(void)snprintf(pointer, sizeof(pointer), "rec:%jd%s%s",
	    (intmax_t)b->number,
	    at->number[0] == '\0' ? "" : "/part:", at->number);
	ev_buf_clear(&b->pass->pointer);
	rc = ev_buf_puts(&b->pass->pointer, pointer, b->err);
	return rc == EV_OK ? ev_pass_record(b->pass, &record, b->err) : rc;
}

/* data[from, to) and the messages that are parts of it, outermost first. */
static enum ev_rc
show(struct box *b, size_t from, size_t to)
{
	struct ev_mail_span *queue, at = { from, to, "" };
	size_t next = 0, count = 0, i;
	enum ev_rc rc;

	queue = calloc(EV_MAIL_NESTED, sizeof(*queue));
	if (queue == NULL)
		return ev_fail_sys(b->err, "cannot read a message");
	b->number++;
	/* Where lines "From " stand as they are, none was quoted. */
	b->msg->mailbox = b->mailbox && (b->want < 0 || b->cuts == 0);
	for (;;) {
		rc = show_one(b, &at);
		for (i = 0; rc == EV_OK && i < b->msg->nesteds &&
			    count < EV_MAIL_NESTED;
		     i++)
			queue[count++] = b->msg->nested[i];
		if (rc != EV_OK || next == count)
			break;
		at = queue[next++];
	}
	free(queue);
	return rc;
}

/* One message of a mailbox: without its first line and the empty last one. */
static enum ev_rc
show_cut(struct box *b, size_t from, size_t to)
{
	const char *data = ev_buf_text(&b->data), *lf;
	size_t end = to;

	if (!b->mailbox)
		return show(b, from, to);
	lf = memchr(data + from, '\n', to - from);
	from = lf == NULL ? to : (size_t)(lf - data) + 1;
	if (end > from && data[end - 1] == '\n' &&
	    (end - 1 == from || data[end - 2] == '\n'))
		end--;
	else if (end - from >= 2 && data[end - 1] == '\n' &&
		 data[end - 2] == '\r' &&
		 (end - 2 == from || data[end - 3] == '\n'))
		end -= 2;
	return show(b, from, end);
}

static void
begin(struct box *b, int64_t at)
{
	ev_buf_clear(&b->data);
	b->from = at;
	b->header = true;
	b->blank = b->too_long = false;
	b->want = -1;
	b->cuts = 0;
}

/* A length that led nowhere: messages begin at the lines that were met. */
static enum ev_rc
give_up_length(struct box *b)
{
	size_t i, from = 0;
	enum ev_rc rc;

	b->want = -1;
	rc = note(b, "mbox-content-length", b->number + 1, b->from);
	for (i = 0; i < b->cuts && rc == EV_OK; i++) {
		rc = show_cut(b, from, b->cut[i]);
		from = b->cut[i];
	}
	b->cuts = 0;
	if (from == 0)
		return rc;
	memmove(b->data.data, b->data.data + from, b->data.len - from);
	b->data.len -= from;
	b->from += (int64_t)from;
	return rc;
}

static enum ev_rc
end_message(struct box *b)
{
	const struct ev_mail_span all = { 0, (size_t)(b->to - b->from), "" };
	enum ev_rc rc = EV_OK;

	if (b->preamble) {
		b->number++;
		return lose(b, &all, "syntax",
		    "a header field, or a mailbox's line From, was expected");
	}
	if (b->too_long) {
		b->number++;
		return lose(b, &all, "too-long",
		    "a message of at most 64 MiB was expected");
	}
	if (b->want >= 0 && (int64_t)b->data.len < b->want)
		rc = give_up_length(b);
	if (rc == EV_OK && b->data.len > 0)
		rc = show_cut(b, 0, b->data.len);
	return rc == EV_OK ? ev_pass_settle(b->pass, b->to, b->err) : rc;
}

/* The header is at its end: does it say how long the body is? */
static void
find_length(struct box *b)
{
	const char *data = ev_buf_text(&b->data);
	struct ev_mail_head *h = &b->msg->head[0];
	const struct ev_mail_field *f;
	const char *lf = memchr(data, '\n', b->data.len);
	int64_t length;
	size_t at, to;

	b->header = false;
	if (lf == NULL ||
	    ev_mail_head(h, data, (size_t)(lf - data) + 1, b->data.len) != NULL)
		return;
	f = ev_mail_find(h, data, "Content-Length");
	if (f == NULL)
		return;
	for (at = f->value, to = at + f->value_len;
	     at < to && (data[at] == ' ' || data[at] == '\t'); at++)
		;
	while (to > at && ev_mail_is_blank(data[to - 1]))
		to--;
	if (ev_text_int(&length, data + at, to - at, 0, EV_MAIL_MESSAGE))
		b->want = (int64_t)b->data.len + length;
}

/* Does this line begin the next message? */
static enum ev_rc
judge_line(struct box *b, const struct ev_textline *line, bool *begins)
{
	const char *text = (const char *)line->data;
	bool from = !line->too_long && ev_mail_from_line(text, line->len);
	int64_t have = (int64_t)b->data.len;
	enum ev_rc rc = EV_OK;

	*begins = b->preamble && from && b->blank;
	if (!b->mailbox)
		return EV_OK;
	if (!from && b->blank && !line->too_long && line->len >= 5 &&
	    memcmp(text, "From ", 5) == 0)
		rc = note(b, "mbox-from-line", b->number + 1, line->from);
	if (b->want < 0) {
		*begins = from && b->blank;
	} else if (have < b->want && b->cuts == CANDIDATES) {
		*begins = from && b->blank;
		if (*begins)
			rc = give_up_length(b);
	} else if (have < b->want) {
		if (from && b->blank)
			b->cut[b->cuts++] = b->data.len;
	} else if (from) {
		*begins = true;
	} else if (line->len > 0 || have > b->want + 2) {
		rc = give_up_length(b);
	}
	return rc;
}

static enum ev_rc
take_line(struct box *b, const struct ev_textline *line)
{
	const size_t len = (size_t)(line->to - line->from);
	enum ev_rc rc = EV_OK;

	b->too_long = b->too_long || line->too_long ||
		      b->data.len + len > EV_MAIL_MESSAGE;
	if (b->too_long) {
		b->want = -1;
		ev_buf_clear(&b->data);
	} else {
		rc = ev_buf_put(&b->data, line->data, len, b->err);
	}
	b->blank = !line->too_long && line->len == 0;
	b->to = line->to;
	if (rc == EV_OK && b->mailbox && b->header && b->blank && !b->too_long)
		find_length(b);
	return rc;
}

/* What is this: a mailbox, a message, or neither? */
static void
first_line(struct box *b, const struct ev_textline *line)
{
	const char *text = (const char *)line->data;

	b->mailbox = !line->too_long && ev_mail_from_line(text, line->len);
	b->preamble = !b->mailbox && !line->too_long &&
		      !ev_mail_is_field(text, line->len);
}

static enum ev_rc
read_all(struct box *b)
{
	struct ev_textline line;
	bool first = true, begins;
	enum ev_rc rc;

	while ((rc = ev_textlines_next(&b->lines, &line, b->err)) == EV_OK) {
		begins = first;
		if (first)
			first_line(b, &line);
		else
			rc = judge_line(b, &line, &begins);
		if (rc == EV_OK && begins && !first) {
			rc = end_message(b);
			b->mailbox = true;
			b->preamble = false;
		}
		if (begins)
			begin(b, line.from);
		first = false;
		if (rc == EV_OK)
			rc = take_line(b, &line);
		if (rc != EV_OK)
			return rc;
	}
	return rc == EV_EOF && !first ? end_message(b) : rc;
}

enum ev_rc
ev_read_mail(struct ev_pass *pass, struct ev_err *err)
{
	struct box *b = calloc(1, sizeof(*b));
	enum ev_rc rc;

	if (b == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	b->pass = pass;
	b->err = err;
	ev_textlines_init(&b->lines, &pass->view);
	ev_buf_init(&b->data, 2 * (size_t)EV_MAIL_MESSAGE);
	rc = ev_mailmsg_new(&b->msg, err);
	if (rc == EV_OK)
		rc = read_all(b);
	ev_mailmsg_free(b->msg);
	ev_textlines_release(&b->lines);
	ev_buf_release(&b->data);
	free(b);
	return rc == EV_EOF ? EV_OK : rc;
}
