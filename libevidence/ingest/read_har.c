/* reader har: what a browser recorded, an exchange a record. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "evidence/text.h"
#include "ingest/mime.h"
#include "ingest/nodes.h"
#include "ingest/read_json.h"

enum { KEY = 32, SUMMARY = 200, ALGORITHM = 7 };

struct har {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_json_feed feed;
	struct ev_jsonread *reader;
	struct ev_json_doc *doc;
	struct ev_nodes nodes;
	struct ev_digest digest;
	char key[KEY]; /* of the value that comes */
	bool in_log, in_entries;
	int64_t number;
	int64_t broken; /* where an entry begins that is not read yet, -1 */
	/* What logs somebody in, of all entries. */
	int64_t cookies, authorizations, first_secret;
};

/* The same scalar under another key. */
static void
copy(struct har *h, const char *key, const struct ev_json_node *from)
{
	ev_nodes_copy(&h->nodes, h->nodes.root, key, from);
}

static bool
is_text(const struct ev_json_node *node, const char *word)
{
	return node != NULL && node->type == EV_JSON_STRING &&
	       node->text_len == strlen(word) &&
	       strncasecmp(node->text, word, node->text_len) == 0;
}

/* A header by its name, in whatever case. */
static const struct ev_json_node *
header(const struct ev_json_node *message, const char *name)
{
	const struct ev_json_node *headers = ev_json_get(message, "headers"),
				  *one;

	if (headers == NULL || headers->type != EV_JSON_ARRAY)
		return NULL;
	for (one = headers->child; one != NULL; one = one->next)
		if (is_text(ev_json_get(one, "name"), name))
			return ev_json_get(one, "value");
	return NULL;
}

static void
count_secrets(struct har *h, const struct ev_json_node *message, int64_t at)
{
	const struct ev_json_node *cookies = ev_json_get(message, "cookies");
	int64_t before = h->cookies + h->authorizations;

	if (cookies != NULL && cookies->count > 0)
		h->cookies += (int64_t)cookies->count;
	else if (header(message, "Cookie") != NULL ||
		 header(message, "Set-Cookie") != NULL)
		h->cookies++;
	if (header(message, "Authorization") != NULL ||
	    header(message, "Proxy-Authorization") != NULL)
		h->authorizations++;
	if (before == 0 && h->cookies + h->authorizations > 0)
		h->first_secret = at;
}

struct sum {
	struct ev_digest *digest;
	int64_t size;
};

static enum ev_rc
sum_body(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	struct sum *sum = ctx;

	sum->size += (int64_t)len;
	return ev_digest_update(sum->digest, data, len, err);
}

static enum ev_rc
note_body(struct har *h, int64_t at, int64_t stated, int64_t found)
{
	char detail[63];

	(void)snprintf(detail, sizeof(detail),
	    "entry %jd: %jd bytes stated, %jd found", (intmax_t)h->number,
	    (intmax_t)stated, (intmax_t)found);
	return ev_pass_note(h->pass, "har-body-size", detail, at, h->err);
}

/* The body as the recording holds it, and whether it is as long as it says. */
static enum ev_rc
add_body(struct har *h, const struct ev_json_node *content, int64_t at)
{
	const struct ev_json_node *text = ev_json_get(content, "text");
	struct sum sum = { &h->digest, 0 };
	struct ev_mime_body body = { .coding = EV_MIME_AS_IS,
		.fn = sum_body,
		.ctx = &sum };
	char hex[ALGORITHM + 2 * EV_SHA256 + 1] = "sha256:";
	struct ev_digests have;
	int64_t stated = -1;
	enum ev_rc rc;

	copy(h, "encoding", ev_json_get(content, "encoding"));
	if (content == NULL || !ev_json_get_int(content, "size", &stated))
		stated = -1;
	if (text == NULL || text->type != EV_JSON_STRING ||
	    (text->notes & EV_JSON_N_BAD_UTF8) != 0 ||
	    (text->text_len == 0 && stated > 0)) {
		(void)ev_nodes_word(&h->nodes, h->nodes.root, "body",
		    "missing");
		return EV_OK;
	}
	if (is_text(ev_json_get(content, "encoding"), "base64"))
		body.coding = EV_MIME_BASE64;
	rc = ev_mime_decode(&body, text->text, text->text_len, h->err);
	if (rc == EV_OK)
		rc = ev_digest_final(&h->digest, &have, h->err);
	if (rc != EV_OK)
		return rc;
	ev_text_hex(hex + ALGORITHM, have.sha256, EV_SHA256);
	(void)ev_nodes_word(&h->nodes, h->nodes.root, "body-digest", hex);
	(void)ev_nodes_int(&h->nodes, h->nodes.root, "body-size", sum.size);
	(void)ev_nodes_word(&h->nodes, h->nodes.root, "body",
	    body.damaged ? "damaged" : "whole");
	if (body.damaged || (stated >= 0 && stated != sum.size))
		return note_body(h, at, stated, sum.size);
	return EV_OK;
}

/* "GET, 200, text/html" */
static void
add_summary(struct har *h, const struct ev_json_node *request,
    const struct ev_json_node *response)
{
	const struct ev_json_node *parts[] = { ev_json_get(request, "method"),
		ev_json_get(response, "status"),
		ev_json_get(ev_json_get(response, "content"), "mimeType") };
	char text[SUMMARY];
	size_t i, len = 0, room;
	int n;

	for (i = 0; i < 3; i++) {
		if (parts[i] == NULL || parts[i]->text_len == 0 ||
		    (parts[i]->notes & ~(unsigned)EV_JSON_N_HEX) != 0)
			continue;
		room = parts[i]->text_len < 60 ? parts[i]->text_len : 60;
		n = snprintf(text + len, sizeof(text) - len, "%s%.*s",
		    len > 0 ? ", " : "", (int)room, parts[i]->text);
		if (n > 0)
			len += (size_t)n;
	}
	if (len > 0 && ev_text_is_utf8(text, len))
		(void)ev_nodes_text(&h->nodes, h->nodes.root, "summary", text,
		    len);
}

/* Some browsers put version 6 in brackets. */
static void
add_server(struct har *h, const struct ev_json_node *from)
{
	struct ev_json_node *node;

	if (from == NULL || from->type != EV_JSON_STRING ||
	    from->text_len < 2 || from->text[0] != '[' ||
	    from->text[from->text_len - 1] != ']') {
		copy(h, "server-ip", from);
		return;
	}
	node = ev_nodes_text(&h->nodes, h->nodes.root, "server-ip",
	    from->text + 1, from->text_len - 2);
	ev_nodes_at(node, from->offset, from->length);
}

static enum ev_rc
build(struct har *h, const struct ev_json_node *entry, int64_t at)
{
	const struct ev_json_node *request = ev_json_get(entry, "request");
	const struct ev_json_node *response = ev_json_get(entry, "response");
	const struct ev_json_node *content = ev_json_get(response, "content");
	enum ev_rc rc;

	ev_nodes_clear(&h->nodes);
	copy(h, "started", ev_json_get(entry, "startedDateTime"));
	add_server(h, ev_json_get(entry, "serverIPAddress"));
	copy(h, "page", ev_json_get(entry, "pageref"));
	copy(h, "method", ev_json_get(request, "method"));
	copy(h, "url", ev_json_get(request, "url"));
	copy(h, "http-version", ev_json_get(request, "httpVersion"));
	copy(h, "user-agent", header(request, "User-Agent"));
	copy(h, "status", ev_json_get(response, "status"));
	copy(h, "location", ev_json_get(response, "redirectURL"));
	copy(h, "server-date", header(response, "Date"));
	copy(h, "type", ev_json_get(content, "mimeType"));
	copy(h, "size", ev_json_get(content, "size"));
	count_secrets(h, request, at);
	count_secrets(h, response, at);
	add_summary(h, request, response);
	rc = add_body(h, content, at);
	h->nodes.root->length = entry->length;
	return rc == EV_OK ? ev_nodes_end(&h->nodes, h->err) : rc;
}

/* An entry whose bytes are at hand. */
static enum ev_rc
show(struct har *h, struct ev_record *record, struct ev_loss *loss)
{
	char pointer[48];
	enum ev_rc rc;

	record->data = h->feed.data + (record->offset - h->feed.base);
	rc = ev_json_record(&h->doc, record->data,
	    (size_t)(record->to - record->from), 0, h->err);
	if (rc == EV_INPUT || rc == EV_LIMIT) {
		loss->reason = rc == EV_INPUT ? "syntax" : "too-long";
		loss->message = ev_json_message(h->err);
		return ev_pass_lose_record(h->pass, loss, h->err);
	}
	if (rc == EV_OK)
		rc = build(h, ev_json_root(h->doc), record->from);
	if (rc != EV_OK)
		return rc;
	record->root = h->nodes.root;
	(void)snprintf(pointer, sizeof(pointer), "/log/entries/%jd",
	    (intmax_t)h->number);
	ev_buf_clear(&h->pass->pointer);
	rc = ev_buf_puts(&h->pass->pointer, pointer, h->err);
	return rc == EV_OK ? ev_pass_record(h->pass, record, h->err) : rc;
}

static enum ev_rc
one_entry(struct har *h, const struct ev_json_token *token)
{
	struct ev_json_token last = *token;
	struct ev_record record = { NULL, NULL, token->offset, token->offset, 0,
		false };
	struct ev_loss loss = { -1, token->offset, 0, "too-long",
		"an entry of at most 16 MiB was expected" };
	enum ev_rc rc;

	h->feed.keep = token->offset;
	h->feed.overflow = false;
	h->broken = token->offset;
	rc = ev_jsonread_skip(h->reader, &last, h->err);
	if (rc != EV_OK)
		return rc;
	h->broken = -1;
	record.to = loss.to = last.offset + last.length;
	if (h->feed.overflow || record.to - record.from > EV_ROW_LIMIT)
		rc = ev_pass_lose_record(h->pass, &loss, h->err);
	else
		rc = show(h, &record, &loss);
	h->number++;
	h->feed.overflow = false;
	return rc == EV_OK ? ev_pass_settle(h->pass, record.to, h->err) : rc;
}

/* What is no entry: the browser, the pages. */
static enum ev_rc
pass_over(struct har *h, const struct ev_json_token *token)
{
	struct ev_json_token last = *token;
	enum ev_rc rc = EV_OK;

	if (token->event == EV_JSON_E_OBJECT || token->event == EV_JSON_E_ARRAY)
		rc = ev_jsonread_skip(h->reader, &last, h->err);
	if (rc == EV_OK)
		rc = ev_pass_span(h->pass, EV_SPAN_IGNORED, token->offset,
		    last.offset + last.length, h->err);
	return rc == EV_OK
		   ? ev_pass_settle(h->pass, last.offset + last.length, h->err)
		   : rc;
}

static enum ev_rc
one_token(struct har *h, const struct ev_json_token *token)
{
	const bool object = token->event == EV_JSON_E_OBJECT;

	if (token->event == EV_JSON_E_KEY) {
		(void)snprintf(h->key, sizeof(h->key), "%.*s",
		    (int)(token->text_len < KEY ? token->text_len : KEY - 1),
		    token->text);
		return EV_OK;
	}
	if (token->event == EV_JSON_E_OBJECT_END ||
	    token->event == EV_JSON_E_ARRAY_END) {
		h->in_log = h->in_log && token->depth > 1;
		h->in_entries = h->in_entries && token->depth > 2;
		return EV_OK;
	}
	if (token->depth == 0 && object)
		return EV_OK;
	if (token->depth == 1 && object && strcmp(h->key, "log") == 0) {
		h->in_log = true;
		return EV_OK;
	}
	if (token->depth == 2 && token->event == EV_JSON_E_ARRAY && h->in_log &&
	    strcmp(h->key, "entries") == 0) {
		h->in_entries = true;
		return EV_OK;
	}
	return token->depth == 3 && h->in_entries && object
		   ? one_entry(h, token)
		   : pass_over(h, token);
}

static enum ev_rc
lose_rest(struct har *h)
{
	struct ev_err why = *h->err;
	const char *reason;
	int64_t from;

	reason = ev_json_reason(ev_jsonread_stop(h->reader, &from));
	if (h->broken >= 0)
		from = h->broken;
	return ev_pass_lose_rest(h->pass, from, reason, ev_json_message(&why),
	    h->err);
}

/* Whoever holds the recording may act as the one who made it. */
static enum ev_rc
note_secrets(struct har *h)
{
	char detail[64];

	if (h->cookies + h->authorizations == 0)
		return EV_OK;
	(void)snprintf(detail, sizeof(detail),
	    "cookies in %jd places, authorization in %jd", (intmax_t)h->cookies,
	    (intmax_t)h->authorizations);
	return ev_pass_note(h->pass, "har-secrets", detail, h->first_secret,
	    h->err);
}

static enum ev_rc
read_all(struct har *h)
{
	const struct ev_jsonread_opts opts = { .max_depth = EV_JSON_DEPTH };
	const struct ev_stream stream = { &h->feed, ev_json_feed_read, NULL };
	struct ev_json_token token;
	enum ev_rc rc;

	rc = ev_digest_init(&h->digest, EV_D_SHA256, h->err);
	if (rc == EV_OK)
		rc = ev_jsonread_new(&h->reader, &stream, 0, &opts, h->err);
	while (rc == EV_OK &&
	       (rc = ev_jsonread_next(h->reader, &token, h->err)) == EV_OK) {
		rc = one_token(h, &token);
		if (rc == EV_OK)
			h->feed.keep = ev_jsonread_offset(h->reader);
	}
	if (rc == EV_INPUT)
		rc = lose_rest(h);
	return rc == EV_OK || rc == EV_EOF ? note_secrets(h) : rc;
}

enum ev_rc
ev_read_har(struct ev_pass *pass, struct ev_err *err)
{
	struct har *h = calloc(1, sizeof(*h));
	enum ev_rc rc;

	if (h == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	h->pass = pass;
	h->err = err;
	h->feed.view = &pass->view;
	h->broken = -1;
	ev_nodes_init(&h->nodes, 4 * (size_t)EV_ROW_LIMIT);
	rc = read_all(h);
	ev_jsonread_free(h->reader);
	ev_json_free(h->doc);
	ev_nodes_release(&h->nodes);
	ev_digest_release(&h->digest);
	free(h->feed.data);
	free(h);
	return rc;
}
