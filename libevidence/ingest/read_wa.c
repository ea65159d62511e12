/* reader wa-text: a chat as WhatsApp exports it, a message after another. */
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/textline.h"
#include "ingest/wa_stamp.h"

enum { SENDER = 512 }; /* bytes of a name at most */

struct chat {
	struct ev_pass *pass;
	struct ev_err *err;
	enum ev_wa_order order; /* of the whole file */
	struct ev_buf raw;      /* the lines of the message at hand */
	struct ev_buf text;     /* what it says */
	struct ev_buf time;
	struct ev_wa_stamp stamp;
	int64_t from, to;          /* to: without the last line's end */
	size_t text_from, text_to; /* in raw */
	size_t sender, sender_len; /* in raw; 0: a line of the system's */
	size_t named, named_to;    /* the sender with its marks */
	bool open, too_long;
	int64_t number;
};

static void
node_of(struct ev_json_node *node, const char *key, const void *text,
    size_t len)
{
	memset(node, 0, sizeof(*node));
	node->type = EV_JSON_STRING;
	node->key = key;
	node->key_len = strlen(key);
	node->text = text;
	node->text_len = len;
	node->notes = EV_JSON_N_SOURCE;
	if (!ev_text_is_utf8(text, len) ||
	    (len > 0 && memchr(text, '\0', len) != NULL))
		node->notes |= EV_JSON_N_BAD_UTF8;
}

static void
place(struct ev_json_node *node, size_t from, size_t to)
{
	node->offset = from;
	node->length = to - from;
}

/* The message as an object: time, sender, text; or time, system. */
static enum ev_rc
show(struct chat *c)
{
	struct ev_json_node node[4];
	struct ev_record record = { node, c->raw.data, c->from, c->from, c->to,
		false };
	char pointer[32];
	enum ev_rc rc;
	size_t n = 1;

	rc = ev_wa_stamp_put(&c->time, &c->stamp, c->order, c->err);
	if (rc != EV_OK)
		return rc;
	node_of(&node[n], "time", ev_buf_text(&c->time), c->time.len);
	if (c->time.len == 0)
		node_of(&node[n], "time", c->raw.data + c->stamp.from,
		    c->stamp.to - c->stamp.from);
	place(&node[n++], c->stamp.from, c->stamp.to);
	if (c->sender_len > 0) {
		node_of(&node[n], "sender", c->raw.data + c->sender,
		    c->sender_len);
		place(&node[n++], c->named, c->named_to);
	}
	node_of(&node[n], c->sender_len > 0 ? "text" : "system",
	    ev_buf_text(&c->text), c->text.len);
	place(&node[n++], c->text_from, c->text_to);
	memset(node, 0, sizeof(node[0]));
	node->type = EV_JSON_OBJECT;
	node->count = n - 1;
	node->length = (size_t)(c->to - c->from);
	node->child = node + 1;
	while (--n > 1)
		node[n - 1].next = &node[n];
	snprintf(pointer, sizeof(pointer), "rec:%jd", (intmax_t)c->number);
	ev_buf_clear(&c->pass->pointer);
	rc = ev_buf_puts(&c->pass->pointer, pointer, c->err);
	return rc == EV_OK ? ev_pass_record(c->pass, &record, c->err) : rc;
}

static enum ev_rc
flush(struct chat *c)
{
	struct ev_loss loss = { -1, c->from, c->to, "too-long",
		"a message of at most 16 MiB was expected" };
	enum ev_rc rc;

	if (!c->open)
		return EV_OK;
	c->open = false;
	c->number++;
	while (c->text.len > 0 && c->text.data[c->text.len - 1] == '\n')
		ev_buf_cut(&c->text, c->text.len - 1);
	rc =
	    c->too_long ? ev_pass_lose_record(c->pass, &loss, c->err) : show(c);
	return rc == EV_OK ? ev_pass_settle(c->pass, c->to, c->err) : rc;
}

/* "Name: text", or a line of the system's. */
static void
find_sender(struct chat *c, const struct ev_textline *line)
{
	const unsigned char *p = line->data;
	size_t at = c->stamp.end, end, i, n;

	c->sender_len = 0;
	end = line->len < at + SENDER ? line->len : at + SENDER;
	for (i = at; i < end; i++)
		if (p[i] == ':' && (i + 1 == line->len || p[i + 1] == ' '))
			break;
	c->text_from = at;
	if (i >= end)
		return;
	c->text_from = i + 1 < line->len ? i + 2 : i + 1;
	c->named = at;
	c->named_to = i;
	while ((n = ev_wa_mark(p + at, i - at)) > 0)
		at += n;
	while (i >= at + 3 && ev_wa_mark(p + i - 3, 3) > 0)
		i -= 3;
	c->sender = at;
	c->sender_len = i - at;
	if (c->sender_len == 0)
		c->text_from = c->stamp.end;
}

/* A line's text, behind the marks that it begins with. */
static enum ev_rc
put_text(struct chat *c, const struct ev_textline *line, size_t from)
{
	const unsigned char *p = line->data;
	enum ev_rc rc = EV_OK;
	size_t n, start = c->raw.len;

	while ((n = ev_wa_mark(p + from, line->len - from)) > 0)
		from += n;
	if (from < line->len)
		rc = ev_buf_put(&c->text, p + from, line->len - from, c->err);
	if (rc == EV_OK)
		rc = ev_buf_put(&c->raw, p, (size_t)(line->to - line->from),
		    c->err);
	if (line->len > 0) {
		c->to = line->from + (int64_t)line->len;
		c->text_to = start + line->len;
	}
	return rc;
}

static enum ev_rc
begin(struct chat *c, const struct ev_textline *line)
{
	c->open = true;
	c->too_long = false;
	c->from = line->from;
	ev_buf_clear(&c->raw);
	ev_buf_clear(&c->text);
	ev_buf_clear(&c->time);
	find_sender(c, line);
	return put_text(c, line, c->text_from);
}

static enum ev_rc
go_on(struct chat *c, const struct ev_textline *line)
{
	enum ev_rc rc;

	if (c->too_long || line->too_long ||
	    c->raw.len + line->len + 2 >= EV_ROW_LIMIT) {
		c->too_long = true;
		c->to = line->to;
		return EV_OK;
	}
	rc = ev_buf_putc(&c->text, '\n', c->err);
	return rc == EV_OK ? put_text(c, line, 0) : rc;
}

static enum ev_rc
one_line(struct chat *c, const struct ev_textline *line)
{
	const struct ev_loss loss = { -1, line->from, line->to, "too-long",
		"a line of at most 16 MiB was expected" };
	struct ev_wa_stamp stamp;
	enum ev_rc rc;

	if (!line->too_long && line->len < EV_ROW_LIMIT - 2 &&
	    ev_wa_stamp_read(&stamp, line->data, line->len)) {
		rc = flush(c);
		c->stamp = stamp;
		return rc == EV_OK ? begin(c, line) : rc;
	}
	if (c->open)
		return go_on(c, line);
	if (line->too_long)
		return ev_pass_set_aside(c->pass, &loss, c->err);
	if (ev_textlines_blank(line->data, line->len))
		return EV_OK;
	rc = ev_pass_span(c->pass, EV_SPAN_IGNORED, line->from,
	    line->from + (int64_t)line->len, c->err);
	return rc == EV_OK ? ev_pass_settle(c->pass, line->from, c->err) : rc;
}

/* What one date allows, all of the file have; two that differ decide none. */
static enum ev_rc
find_order(struct chat *c, struct ev_textlines *lines)
{
	bool seen[3] = { false, false, false };
	struct ev_wa_stamp stamp;
	struct ev_textline line;
	enum ev_rc rc;

	while ((rc = ev_textlines_next(lines, &line, c->err)) == EV_OK)
		if (!line.too_long &&
		    ev_wa_stamp_read(&stamp, line.data, line.len))
			seen[ev_wa_stamp_order(&stamp)] = true;
	if (seen[EV_WA_DMY] != seen[EV_WA_MDY])
		c->order = seen[EV_WA_DMY] ? EV_WA_DMY : EV_WA_MDY;
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
first_pass(struct chat *c, struct ev_textlines *lines)
{
	const char *order = ev_reader_option(c->pass->run[0].m, "order");
	bool whole;
	enum ev_rc rc;

	if (order != NULL && strcmp(order, "auto") != 0) {
		c->order = strcmp(order, "dmy") == 0 ? EV_WA_DMY : EV_WA_MDY;
		return EV_OK;
	}
	rc = ev_textlines_fill(lines, &whole, c->err);
	if (rc != EV_OK || (!whole && !c->pass->can_rewind))
		return rc;
	rc = find_order(c, lines);
	return rc == EV_OK ? ev_textlines_again(lines, c->pass, whole, c->err)
			   : rc;
}

enum ev_rc
ev_read_wa_text(struct ev_pass *pass, struct ev_err *err)
{
	struct chat c = { .pass = pass, .err = err };
	struct ev_textlines lines;
	struct ev_textline line;
	enum ev_rc rc;

	ev_buf_init(&c.raw, EV_ROW_LIMIT);
	ev_buf_init(&c.text, EV_ROW_LIMIT);
	ev_buf_init(&c.time, 256);
	ev_textlines_init(&lines, &pass->view);
	rc = first_pass(&c, &lines);
	while (rc == EV_OK &&
	       (rc = ev_textlines_next(&lines, &line, err)) == EV_OK)
		rc = one_line(&c, &line);
	if (rc == EV_EOF)
		rc = flush(&c);
	ev_buf_release(&c.raw);
	ev_buf_release(&c.text);
	ev_buf_release(&c.time);
	ev_textlines_release(&lines);
	return rc;
}
