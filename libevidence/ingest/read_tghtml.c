/* reader tg-html: the messages of a chat that Telegram wrote as a page. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/html.h"
#include "ingest/pairs.h"

enum role {
	ROLE_NONE,
	ROLE_MESSAGE,
	ROLE_SERVICE, /* a day, a pin, a join: not told as a record */
	ROLE_FORWARD,
	ROLE_REPLY,
	ROLE_VALUE, /* ROLE_VALUE + field: its text is that value */
};

/* What a record holds, in this order. */
enum field {
	F_ID,
	F_DATE,
	F_NAME,
	F_FORWARD,
	F_FORWARD_DATE,
	F_REPLY,
	F_MEDIA,
	F_MEDIA_TYPE,
	F_MEDIA_STATUS,
	F_TEXT,
	F_CHAT, /* the page's own, carried into each */
	FIELDS,
};

static const char *const keys[FIELDS] = { "id", "date", "from_name",
	"forwarded_from", "forwarded_date", "reply_to", "media", "media_type",
	"media_status", "text", "chat" };

struct chat {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_html html;
	struct ev_pairs_value value[FIELDS];
	bool set[FIELDS];
	int at;        /* the value that text goes to, -1: none */
	int64_t begun; /* where the text of its element begins */
	bool parted;   /* an element stands within it */
	struct ev_buf last_name;
	bool inside, service, forward, joined, too_long;
	int64_t from;
	int64_t number;
};

static enum ev_rc
take_attr(struct chat *c, enum field field, const struct ev_html_slice *attr)
{
	struct ev_pairs_value *value = &c->value[field];
	enum ev_rc rc;

	if (attr->data == NULL || c->set[field])
		return EV_OK;
	c->set[field] = true;
	ev_pairs_value_clear(value, attr->at);
	rc = ev_pairs_value_put(value, attr->data, attr->len, attr->at, true,
	    c->err);
	ev_pairs_value_trim(value);
	return rc;
}

static void
fill_node(const struct chat *c, int field, struct ev_json_node *node)
{
	const struct ev_pairs_value *value = &c->value[field];

	memset(node, 0, sizeof(*node));
	node->type = EV_JSON_STRING;
	node->key = keys[field];
	node->key_len = strlen(keys[field]);
	node->text = ev_buf_text(&value->text);
	node->text_len = value->text.len;
	if (field == F_NAME && !c->set[F_NAME]) {
		node->text = ev_buf_text(&c->last_name);
		node->text_len = c->last_name.len;
		node->notes = EV_JSON_N_INHERITED;
	} else if (field != F_CHAT) {
		node->notes = EV_JSON_N_SOURCE;
		node->offset = (size_t)(value->from - c->from);
		node->length = (size_t)(value->to - value->from);
	}
	if (!ev_text_is_utf8(node->text, node->text_len) ||
	    (node->text_len > 0 &&
		memchr(node->text, '\0', node->text_len) != NULL))
		node->notes |= EV_JSON_N_BAD_UTF8;
}

static enum ev_rc
show(struct chat *c, int64_t to)
{
	struct ev_json_node node[FIELDS + 1];
	struct ev_record record = { node, NULL, c->from, c->from, to, false };
	char pointer[32];
	enum ev_rc rc;
	size_t n = 0;
	int i;

	for (i = 0; i < FIELDS; i++)
		if (c->set[i] ||
		    (i == F_NAME && c->joined && c->last_name.len > 0))
			fill_node(c, i, &node[++n]);
	memset(node, 0, sizeof(node[0]));
	node->type = EV_JSON_OBJECT;
	node->count = n;
	node->length = (size_t)(to - c->from);
	node->child = n > 0 ? node + 1 : NULL;
	for (i = 1; i < (int)n; i++)
		node[i].next = &node[i + 1];
	record.data = c->html.lines.data + (c->from - c->html.lines.base);
	snprintf(pointer, sizeof(pointer), "rec:%jd", (intmax_t)c->number);
	ev_buf_clear(&c->pass->pointer);
	rc = ev_buf_puts(&c->pass->pointer, pointer, c->err);
	return rc == EV_OK ? ev_pass_record(c->pass, &record, c->err) : rc;
}

static enum ev_rc
end_message(struct chat *c)
{
	struct ev_loss loss = { -1, c->from, c->html.at, "too-long",
		"a message of at most 16 MiB was expected" };
	struct ev_buf *name = &c->value[F_NAME].text;
	enum ev_rc rc;

	c->inside = false;
	c->number++;
	if (c->too_long || c->from < c->html.lines.base)
		rc = ev_pass_lose_record(c->pass, &loss, c->err);
	else
		rc = show(c, c->html.at);
	/* Who is not named in a message that joins no other is not known. */
	if (c->set[F_NAME] || !c->joined)
		ev_buf_clear(&c->last_name);
	if (rc == EV_OK && c->set[F_NAME] && name->len > 0)
		rc = ev_buf_put(&c->last_name, name->data, name->len, c->err);
	return rc == EV_OK ? ev_pass_settle(c->pass, c->html.at, c->err) : rc;
}

static void
begin_message(struct chat *c, const struct ev_html_token *token)
{
	int i;

	for (i = 0; i < F_CHAT; i++)
		c->set[i] = false;
	c->inside = true;
	c->too_long = c->forward = false;
	c->at = -1;
	c->joined = ev_html_has(&token->attr[EV_HTML_CLASS], "joined");
	c->from = token->from;
}

static void
begin_value(struct chat *c, enum field field, int64_t at, int *role)
{
	if (c->set[field] || c->at >= 0)
		return;
	*role = ROLE_VALUE + (int)field;
	c->set[field] = true;
	c->at = (int)field;
	c->begun = at;
	c->parted = false;
	ev_pairs_value_clear(&c->value[field], at);
}

static void
end_value(struct chat *c, int64_t at)
{
	struct ev_pairs_value *value = &c->value[c->at];

	/* Of an element with nothing else in it, all that stands there. */
	ev_pairs_value_trim(value);
	if (c->at == F_NAME && !c->parted) {
		value->from = c->begun;
		value->to = at;
	}
	c->at = -1;
}

static enum ev_rc
close_to(struct chat *c, size_t depth, int64_t at)
{
	enum ev_rc rc = EV_OK;
	int role;

	while (c->html.depth > depth && rc == EV_OK) {
		role = c->html.open[--c->html.depth].role;
		if (role == ROLE_MESSAGE)
			rc = end_message(c);
		else if (role == ROLE_SERVICE)
			c->service = false;
		else if (role == ROLE_FORWARD)
			c->forward = false;
		else if (role >= ROLE_VALUE)
			end_value(c, at);
	}
	return rc;
}

/* What stands in a message. */
static enum ev_rc
open_within(struct chat *c, const struct ev_html_token *token, int *role)
{
	const struct ev_html_slice *class = &token->attr[EV_HTML_CLASS];
	const struct ev_html_slice *href = &token->attr[EV_HTML_HREF];
	bool in_reply = c->html.depth > 0 &&
			c->html.open[c->html.depth - 1].role == ROLE_REPLY;

	if (c->at == F_NAME || c->at == F_FORWARD) {
		c->parted = true;
		if (c->at == F_FORWARD && ev_html_has(class, "date"))
			return take_attr(c, F_FORWARD_DATE,
			    &token->attr[EV_HTML_TITLE]);
		return EV_OK;
	}
	if (c->at >= 0)
		return EV_OK;
	if (in_reply && strcmp(token->name, "a") == 0)
		return take_attr(c, F_REPLY, href);
	if (ev_html_has(class, "forwarded")) {
		*role = ROLE_FORWARD;
		c->forward = true;
	} else if (ev_html_has(class, "reply_to")) {
		*role = ROLE_REPLY;
	} else if (ev_html_has(class, "date") && !c->forward) {
		return take_attr(c, F_DATE, &token->attr[EV_HTML_TITLE]);
	} else if (ev_html_has(class, "from_name")) {
		begin_value(c, c->forward ? F_FORWARD : F_NAME, token->to,
		    role);
	} else if (ev_html_has(class, "text")) {
		begin_value(c, F_TEXT, token->to, role);
	} else if (ev_html_has(class, "title")) {
		begin_value(c, F_MEDIA_TYPE, token->to, role);
	} else if (ev_html_has(class, "description")) {
		begin_value(c, F_MEDIA_STATUS, token->to, role);
	} else if (strcmp(token->name, "a") == 0) {
		return take_attr(c, F_MEDIA, href);
	}
	return EV_OK;
}

static enum ev_rc
open_element(struct chat *c, const struct ev_html_token *token)
{
	const struct ev_html_slice *class = &token->attr[EV_HTML_CLASS];
	int role = ROLE_NONE;
	enum ev_rc rc;

	rc = close_to(c, ev_html_implied(&c->html, token->name), token->from);
	if (rc == EV_OK && c->at >= 0 && strcmp(token->name, "br") == 0)
		rc = ev_pairs_value_line(&c->value[c->at], c->err);
	if (rc == EV_OK && c->inside) {
		rc = open_within(c, token, &role);
	} else if (rc == EV_OK && ev_html_has(class, "message")) {
		role =
		    ev_html_has(class, "service") ? ROLE_SERVICE : ROLE_MESSAGE;
		if (role == ROLE_MESSAGE && !c->service && !token->empty) {
			begin_message(c, token);
			rc = take_attr(c, F_ID, &token->attr[EV_HTML_ID]);
		} else {
			c->service = !token->empty;
			role = ROLE_SERVICE;
		}
	} else if (rc == EV_OK && !c->service && !token->empty &&
		   ev_html_has(class, "text") && ev_html_has(class, "bold")) {
		begin_value(c, F_CHAT, token->to, &role);
	}
	if (rc == EV_OK && !token->empty)
		rc = ev_html_push(&c->html, token->name, role, c->err);
	return rc;
}

/* Is text at this depth within another element than the value's own? */
static bool
is_aside(const struct chat *c)
{
	return (c->at == F_NAME || c->at == F_FORWARD) && c->html.depth > 0 &&
	       c->html.open[c->html.depth - 1].role < ROLE_VALUE;
}

static enum ev_rc
take_text(struct chat *c, const struct ev_html_token *token)
{
	const unsigned char *text = token->data;
	size_t len = token->len, skip;
	enum ev_rc rc;

	if (c->at >= 0 && !is_aside(c))
		return ev_pairs_value_put(&c->value[c->at], token->data,
		    token->len, token->from, true, c->err);
	if (c->inside || ev_textlines_blank(text, len))
		return EV_OK;
	for (skip = 0; ev_textlines_blank(text, skip + 1); skip++)
		;
	rc = ev_pass_span(c->pass, EV_SPAN_IGNORED, token->from + (int64_t)skip,
	    token->to, c->err);
	return rc == EV_OK ? ev_pass_settle(c->pass, token->from, c->err) : rc;
}

static int64_t
hold(struct chat *c)
{
	if (!c->inside || c->too_long)
		return c->html.at;
	c->too_long = c->html.at - c->from > EV_ROW_LIMIT;
	return c->too_long ? c->html.at : c->from;
}

static enum ev_rc
read_chat(struct chat *c)
{
	struct ev_html_token token;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK) {
		ev_html_hold(&c->html, hold(c));
		rc = ev_html_next(&c->html, &token, c->err);
		if (rc != EV_OK)
			break;
		if (token.event == EV_HTML_TEXT)
			rc = take_text(c, &token);
		else if (token.event == EV_HTML_OPEN)
			rc = open_element(c, &token);
		else
			rc = close_to(c, ev_html_closes(&c->html, token.name),
			    token.from);
	}
	return rc;
}

/* A message that the page ends in is set aside, and all behind it. */
static enum ev_rc
end_chat(struct chat *c, enum ev_rc rc)
{
	struct ev_err why;
	const char *reason = "too-long";

	if (rc == EV_EOF && !c->inside)
		return EV_OK;
	if (rc == EV_EOF)
		rc = ev_fail(c->err, EV_INPUT,
		    "the page ends where more of a message was expected");
	if (rc != EV_INPUT && rc != EV_LIMIT)
		return rc;
	if (rc == EV_INPUT)
		reason = "truncated";
	else if (c->html.depth == EV_HTML_DEPTH)
		reason = "too-deep";
	why = *c->err;
	return ev_pass_lose_rest(c->pass, c->inside ? c->from : c->html.at,
	    reason, why.msg, c->err);
}

enum ev_rc
ev_read_tg_html(struct ev_pass *pass, struct ev_err *err)
{
	struct chat *c;
	enum ev_rc rc;
	int i;

	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	c->pass = pass;
	c->err = err;
	c->at = -1;
	ev_html_init(&c->html, &pass->view);
	ev_buf_init(&c->last_name, EV_ROW_LIMIT);
	for (i = 0; i < FIELDS; i++)
		ev_pairs_value_init(&c->value[i]);
	rc = end_chat(c, read_chat(c));
	for (i = 0; i < FIELDS; i++)
		ev_pairs_value_release(&c->value[i]);
	ev_buf_release(&c->last_name);
	ev_html_release(&c->html);
	free(c);
	return rc;
}
