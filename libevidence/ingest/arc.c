/* The format that came before WARC. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/arc.h"
#include "ingest/httpbody.h"
#include "ingest/nodes.h"

enum {
	HEAD = 64 << 10, /* bytes of a record's line, and of a version block */
	NODES = 1 << 20,
	DATE = 14,
	WHY = 160,
};

static const char filedesc[] = "filedesc://";

struct arc {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_textlines *lines;
	struct ev_buf raw;   /* the line, and the record's number */
	struct ev_buf block; /* of the version block */
	struct ev_http http;
	struct ev_nodes nodes;
	int64_t number, from, to;
	size_t line; /* bytes of raw that are the line */
};

/* Where the words of a record's line stand in it. */
struct head {
	size_t url, ip, date, type, type_end;
	int64_t length;
};

bool
ev_arc_begins(const unsigned char *data, size_t len)
{
	return len >= strlen(filedesc) &&
	       memcmp(data, filedesc, strlen(filedesc)) == 0;
}

static bool
is_date(const char *word, size_t len)
{
	size_t i = 0;

	while (i < len && word[i] >= '0' && word[i] <= '9')
		i++;
	return i == len && len == DATE;
}

/*
 * A URL may hold blanks: the address is the word before the first that is a
 * date, and the length the last one.
 */
static const char *
parse_head(struct head *h, const char *line, size_t len)
{
	size_t at = 0, from, before = 0;

	memset(h, 0, sizeof(*h));
	while (at < len && h->date == 0) {
		while (at < len && line[at] == ' ')
			at++;
		from = at;
		while (at < len && line[at] != ' ')
			at++;
		if (before > 0 && is_date(line + from, at - from)) {
			h->ip = before;
			h->date = from;
		}
		before = from;
	}
	if (h->date == 0)
		return "a line \"URL address date type length\" was expected";
	while (at < len && line[at] == ' ')
		at++;
	h->type = at;
	while (at < len && line[at] != ' ')
		at++;
	h->type_end = at;
	from = len;
	while (from > h->type_end && line[from - 1] != ' ')
		from--;
	if (from <= h->type_end ||
	    !ev_text_int(&h->length, line + from, len - from, 0, INT64_MAX))
		return "a record's line that ends with its length was expected";
	return NULL;
}

static enum ev_rc
nowhere(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	(void)ctx;
	(void)data;
	(void)len;
	(void)err;
	return EV_OK;
}

static enum ev_rc
read_block(struct arc *a, int64_t left, bool is_http)
{
	const unsigned char *data;
	enum ev_rc rc = EV_OK;
	size_t n;

	ev_http_clear(&a->http);
	ev_buf_clear(&a->block);
	while (left > 0 && rc == EV_OK) {
		rc = ev_textlines_take(a->lines, left, &data, &n, a->err);
		if (rc == EV_EOF)
			return ev_fail(a->err, EV_EOF,
			    "the file ends %jd bytes before the end of the "
			    "record",
			    (intmax_t)left);
		if (rc != EV_OK)
			return rc;
		left -= (int64_t)n;
		if (is_http)
			rc = ev_http_feed(&a->http, data, n, nowhere, nowhere,
			    NULL, a->err);
		else if (a->number == 1 && a->block.len + n <= HEAD)
			rc = ev_buf_put(&a->block, data, n, a->err);
	}
	return rc;
}

/* "1 0 Name" in the first line of the version block. */
static void
add_version(struct arc *a)
{
	const char *text = ev_buf_text(&a->block), *end, *blank;
	size_t len;

	end = memchr(text, '\n', a->block.len);
	len = end == NULL ? a->block.len : (size_t)(end - text);
	if (len > 0 && text[len - 1] == '\r')
		len--;
	blank = memchr(text, ' ', len);
	if (blank != NULL)
		blank =
		    memchr(blank + 1, ' ', len - (size_t)(blank + 1 - text));
	if (blank == NULL)
		return;
	(void)ev_nodes_text(&a->nodes, a->nodes.root, "arc-version", text,
	    (size_t)(blank - text));
	(void)ev_nodes_text(&a->nodes, a->nodes.root, "arc-origin", blank + 1,
	    len - (size_t)(blank + 1 - text));
}

/* 20040120221107 as an instant; the format's dates are of Greenwich. */
static void
add_date(struct arc *a, const char *digits, size_t at)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s",
	    digits, digits + 4, digits + 6, digits + 8, digits + 10,
	    digits + 12);
	ev_nodes_at(ev_nodes_word(&a->nodes, a->nodes.root, "arc-date", text),
	    at, DATE);
}

static enum ev_rc
show(struct arc *a, const struct head *h)
{
	struct ev_record record = { NULL, NULL, a->from, a->from, a->to,
		false };
	const char *line = ev_buf_text(&a->raw), *status;
	struct ev_json_node *root;
	char pointer[32];
	enum ev_rc rc;

	ev_nodes_clear(&a->nodes);
	root = a->nodes.root;
	(void)ev_nodes_text(&a->nodes, root, "arc-url", line, h->ip - 1);
	(void)ev_nodes_text(&a->nodes, root, "arc-ip", line + h->ip,
	    h->date - 1 - h->ip);
	add_date(a, line + h->date, h->date);
	(void)ev_nodes_text(&a->nodes, root, "arc-type", line + h->type,
	    h->type_end - h->type);
	(void)ev_nodes_int(&a->nodes, root, "arc-length", h->length);
	if (a->number == 1)
		add_version(a);
	status = ev_http_status(&a->http);
	if (status != NULL)
		(void)ev_nodes_text(&a->nodes, root, "http-status", status, 3);
	(void)snprintf(pointer, sizeof(pointer), "rec:%jd",
	    (intmax_t)a->number);
	/* Of a record only its line is held: its number makes it its own. */
	rc = ev_buf_puts(&a->raw, pointer, a->err);
	if (rc == EV_OK)
		rc = ev_nodes_end(&a->nodes, a->err);
	if (rc != EV_OK)
		return rc;
	root->length = a->raw.len;
	record.root = root;
	record.data = a->raw.data;
	ev_buf_clear(&a->pass->pointer);
	rc = ev_buf_puts(&a->pass->pointer, pointer, a->err);
	return rc == EV_OK ? ev_pass_record(a->pass, &record, a->err) : rc;
}

/* One record, its line at hand.  EV_INPUT, EV_EOF with a message: none. */
static enum ev_rc
read_record(struct arc *a, const struct ev_textline *line)
{
	struct ev_textline end;
	struct head h;
	const char *wrong;
	enum ev_rc rc;

	a->number++;
	a->from = line->from;
	if (line->too_long || line->len > HEAD)
		return ev_fail(a->err, EV_INPUT,
		    "a record's line of at most 64 KiB was expected");
	wrong = parse_head(&h, (const char *)line->data, line->len);
	if (wrong != NULL)
		return ev_fail(a->err, EV_INPUT, "%s", wrong);
	ev_buf_clear(&a->raw);
	rc = ev_buf_put(&a->raw, line->data, line->len, a->err);
	if (rc == EV_OK)
		rc = read_block(a, h.length, a->number > 1);
	if (rc != EV_OK)
		return rc;
	a->to = a->lines->base + (int64_t)a->lines->pos;
	rc = ev_textlines_next(a->lines, &end, a->err);
	if (rc == EV_OK && (end.too_long || end.len > 0))
		return ev_fail(a->err, EV_INPUT,
		    "a line end was expected where the record's length ends");
	if (rc != EV_OK && rc != EV_EOF)
		return rc;
	return show(a, &h);
}

/* Nothing tells where a next record begins: the rest is set aside. */
static enum ev_rc
lose_rest(struct arc *a, enum ev_rc why)
{
	char message[WHY];
	size_t i;

	(void)snprintf(message, sizeof(message), "%.150s", a->err->msg);
	for (i = 0; i < a->pass->run_count; i++) {
		a->pass->run[i].rows.found++;
		a->pass->run[i].rows.set_aside++;
	}
	return ev_pass_lose_rest(a->pass, a->from,
	    why == EV_EOF ? "truncated" : "syntax", message, a->err);
}

static enum ev_rc
read_all(struct arc *a)
{
	struct ev_textline line;
	enum ev_rc rc;

	for (;;) {
		rc = ev_textlines_next(a->lines, &line, a->err);
		if (rc != EV_OK)
			return rc == EV_EOF ? EV_OK : rc;
		if (!line.too_long && line.len == 0)
			continue;
		rc = read_record(a, &line);
		if (rc == EV_INPUT || rc == EV_EOF)
			return lose_rest(a, rc);
		if (rc == EV_OK)
			rc = ev_pass_settle(a->pass, a->to, a->err);
		if (rc != EV_OK)
			return rc;
	}
}

enum ev_rc
ev_read_arc(struct ev_pass *pass, struct ev_textlines *lines,
    struct ev_err *err)
{
	struct arc *a = calloc(1, sizeof(*a));
	enum ev_rc rc;

	if (a == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	a->pass = pass;
	a->err = err;
	a->lines = lines;
	ev_buf_init(&a->raw, 2 * (size_t)HEAD);
	ev_buf_init(&a->block, HEAD);
	ev_http_init(&a->http);
	ev_nodes_init(&a->nodes, NODES);
	rc = read_all(a);
	ev_buf_release(&a->raw);
	ev_buf_release(&a->block);
	ev_http_release(&a->http);
	ev_nodes_release(&a->nodes);
	free(a);
	return rc;
}
