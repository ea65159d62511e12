/* reader warc: the records of a web archive, each with its digests checked. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "evidence/text.h"
#include "ingest/arc.h"
#include "ingest/httpbody.h"
#include "ingest/textline.h"
#include "ingest/warchead.h"
#include "ingest/warcsum.h"

enum {
	EXTRAS = 96,           /* nodes of our own, besides the header's */
	INFO_LIMIT = 64 << 10, /* of a warcinfo block that is read */
	RESUMES = 64,          /* times that the file is read again */
	WHY = 160,
};

/* How a digest field is held against the bytes. */
struct sum {
	const char *label;
	size_t len;
	unsigned algorithm;
	enum ev_sum result;
	const char *why;               /* not checked */
	struct ev_digest digest, sent; /* sent: payload with its chunking */
	bool ready;
};

struct warc {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_textlines lines; /* a window over the view, too */
	struct ev_warc_head head;
	struct ev_buf raw; /* its bytes, and the record's number */
	struct ev_http http;
	bool is_http, is_info;
	struct ev_buf info; /* block of a warcinfo record */
	struct sum block, payload;
	struct ev_buf text; /* of the nodes of our own */
	struct ev_json_node node[1 + EV_WARC_FIELDS + EXTRAS];
	size_t nodes;
	struct ev_seen ids;
	struct ev_digest id_digest;
	int64_t from, block_from, to; /* the record, in the view */
	int64_t number;
	int64_t resume; /* a line that begins WARC/1. within it, -1: none */
	int resumes;
	bool resumed; /* the record was found by looking for it */
};

static int64_t
at(const struct warc *w)
{
	return w->lines.base + (int64_t)w->lines.pos;
}

static enum ev_rc
note(struct warc *w, const char *word, int64_t where)
{
	char detail[32];

	(void)snprintf(detail, sizeof(detail), "rec:%jd", (intmax_t)w->number);
	return ev_pass_note(w->pass, word, detail, where, w->err);
}

/* Give up the record; what was wrong stands in err. */
static enum ev_rc
faulty(struct warc *w, const char *why)
{
	return ev_fail(w->err, EV_INPUT, "%s", why);
}

/* The lines of a header up to the empty one. */
static enum ev_rc
read_head(struct warc *w)
{
	struct ev_textline line;
	const char *wrong;
	enum ev_rc rc;

	ev_warc_head_clear(&w->head);
	ev_buf_clear(&w->raw);
	rc = ev_textlines_next(&w->lines, &line, w->err);
	if (rc != EV_OK)
		return rc;
	w->from = line.from;
	wrong = line.too_long ? ev_warc_version((const unsigned char *)"", 0)
			      : ev_warc_version(line.data, line.len);
	if (wrong != NULL)
		return faulty(w, wrong);
	for (;;) {
		w->head.lf |= line.to - line.from == (int64_t)line.len + 1;
		rc = ev_buf_put(&w->raw, line.data,
		    (size_t)(line.to - line.from), w->err);
		if (rc == EV_OK)
			rc = ev_textlines_next(&w->lines, &line, w->err);
		if (rc == EV_EOF)
			return ev_fail(w->err, EV_EOF,
			    "the file ends within a header");
		if (rc == EV_OK && line.too_long)
			return faulty(w,
			    "a line of at most 64 KiB was expected");
		if (rc != EV_OK)
			return rc;
		if (line.len == 0)
			break;
		rc = ev_warc_head_line(&w->head, line.data, line.len,
		    (size_t)(line.from - w->from), w->err);
		if (rc != EV_OK)
			return rc == EV_LIMIT ? faulty(w, w->err->msg) : rc;
	}
	w->block_from = line.to;
	return EV_OK;
}

static enum ev_rc
begin_sum(struct warc *w, struct sum *s, const char *field)
{
	const char *rest;
	enum ev_rc rc = EV_OK;

	s->algorithm = 0;
	s->why = "";
	s->label = ev_warc_field(&w->head, field, &s->len);
	s->result = s->label == NULL ? EV_SUM_NONE : EV_SUM_UNCHECKED;
	if (s->label == NULL)
		return EV_OK;
	s->algorithm = ev_sum_algorithm(s->label, s->len, &rest);
	if (s->algorithm == 0) {
		s->why = "unknown algorithm";
		return EV_OK;
	}
	if (s->ready && s->digest.want != s->algorithm) {
		ev_digest_release(&s->digest);
		ev_digest_release(&s->sent);
		s->ready = false;
	}
	if (s->ready)
		return EV_OK;
	rc = ev_digest_init(&s->digest, s->algorithm, w->err);
	if (rc == EV_OK)
		rc = ev_digest_init(&s->sent, s->algorithm, w->err);
	s->ready = rc == EV_OK;
	return rc;
}

static bool
is_type(const struct warc *w, const char *type)
{
	size_t len;
	const char *have = ev_warc_field(&w->head, "WARC-Type", &len);

	return have != NULL && strcasecmp(have, type) == 0;
}

/* What the block is, and what of it is to be summed. */
static enum ev_rc
begin_block(struct warc *w)
{
	size_t len;
	const char *type = ev_warc_field(&w->head, "Content-Type", &len);
	enum ev_rc rc;

	w->is_http =
	    type != NULL && strncasecmp(type, "application/http", 16) == 0;
	w->is_info = type != NULL && is_type(w, "warcinfo") &&
		     strncasecmp(type, "application/warc-fields", 23) == 0;
	ev_http_clear(&w->http);
	ev_buf_clear(&w->info);
	rc = begin_sum(w, &w->block, "WARC-Block-Digest");
	if (rc == EV_OK)
		rc = begin_sum(w, &w->payload, "WARC-Payload-Digest");
	if (rc == EV_OK && w->payload.algorithm != 0 &&
	    (is_type(w, "revisit") || is_type(w, "continuation"))) {
		w->payload.algorithm = 0;
		w->payload.why = "the payload stands in another record";
	}
	return rc;
}

static enum ev_rc
sum_sent(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	struct warc *w = ctx;

	return w->payload.algorithm == 0
		   ? EV_OK
		   : ev_digest_update(&w->payload.sent, data, len, err);
}

static enum ev_rc
sum_entity(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	struct warc *w = ctx;

	return w->payload.algorithm == 0
		   ? EV_OK
		   : ev_digest_update(&w->payload.digest, data, len, err);
}

/* Bytes of the block. */
static enum ev_rc
take(struct warc *w, const unsigned char *data, size_t len)
{
	enum ev_rc rc = EV_OK;

	if (w->block.algorithm != 0)
		rc = ev_digest_update(&w->block.digest, data, len, w->err);
	if (rc == EV_OK && w->is_http)
		rc = ev_http_feed(&w->http, data, len, sum_sent, sum_entity, w,
		    w->err);
	else if (rc == EV_OK)
		rc = sum_entity(w, data, len, w->err);
	if (rc == EV_OK && w->is_info && w->info.len + len <= INFO_LIMIT)
		rc = ev_buf_put(&w->info, data, len, w->err);
	return rc;
}

static enum ev_rc
read_block(struct warc *w, int64_t left)
{
	const unsigned char *data;
	enum ev_rc rc;
	size_t n;

	while (left > 0) {
		rc = ev_textlines_take(&w->lines, left, &data, &n, w->err);
		if (rc == EV_EOF)
			return ev_fail(w->err, EV_EOF,
			    "the file ends %jd bytes before the end of the "
			    "record",
			    (intmax_t)left);
		if (rc != EV_OK)
			return rc;
		left -= (int64_t)n;
		rc = take(w, data, n);
		if (rc != EV_OK)
			return rc;
	}
	return EV_OK;
}

/* Two empty lines. */
static enum ev_rc
read_end(struct warc *w)
{
	struct ev_textline line;
	enum ev_rc rc;
	int i;

	for (i = 0; i < 2; i++) {
		rc = ev_textlines_next(&w->lines, &line, w->err);
		if (rc == EV_EOF)
			return ev_fail(w->err, EV_EOF,
			    "the file ends before the end of a record");
		if (rc != EV_OK)
			return rc;
		if (line.too_long || line.len > 0)
			return faulty(w, "two empty lines were expected where "
					 "the Content-Length ends");
		w->head.lf |= line.to - line.from == 1;
		w->to = line.to;
	}
	return EV_OK;
}

static enum ev_rc
finish(struct warc *w, struct sum *s, bool payload)
{
	struct ev_digests have, sent;
	enum ev_rc rc;

	if (s->algorithm == 0)
		return EV_OK;
	rc = ev_digest_final(&s->digest, &have, w->err);
	if (rc == EV_OK)
		rc = ev_digest_final(&s->sent, &sent, w->err);
	if (rc != EV_OK)
		return rc;
	s->result = ev_sum_compare(s->label, s->len, &have);
	if (s->result == EV_SUM_UNCHECKED)
		s->why = "not base32, hex or base64";
	if (!payload || !w->is_http)
		return EV_OK;
	if (!w->http.has_head) {
		s->result = EV_SUM_UNCHECKED;
		s->why = "the block is no HTTP message";
	} else if (w->http.chunked &&
		   ev_sum_compare(s->label, s->len, &sent) == EV_SUM_OK) {
		s->result = EV_SUM_OK;
		return note(w, "warc-chunked-digest", w->block_from);
	} else if (w->http.broken && s->result != EV_SUM_OK) {
		s->result = EV_SUM_UNCHECKED;
		s->why = "the chunks of the body do not follow one another";
	}
	return EV_OK;
}

static enum ev_rc
finish_sums(struct warc *w)
{
	enum ev_rc rc;

	ev_http_end(&w->http);
	rc = finish(w, &w->block, false);
	if (rc == EV_OK)
		rc = finish(w, &w->payload, true);
	if (rc == EV_OK && (w->block.result == EV_SUM_DIFFERS ||
			       w->payload.result == EV_SUM_DIFFERS))
		rc = note(w, "warc-digest-differs", w->from);
	return rc;
}

/* A node of the record: a key of ours, or the header's field. */
static struct ev_json_node *
add_node(struct warc *w, const char *key, size_t key_len)
{
	struct ev_json_node *node = &w->node[1 + w->nodes];

	memset(node, 0, sizeof(*node));
	node->type = EV_JSON_STRING;
	node->key = key;
	node->key_len = key_len;
	if (w->nodes > 0)
		node[-1].next = node;
	w->nodes++;
	return node;
}

static void
add_text(struct warc *w, const char *key, const char *text, size_t len)
{
	struct ev_json_node *node;

	if (text == NULL || w->nodes == EV_WARC_FIELDS + EXTRAS)
		return;
	node = add_node(w, key, strlen(key));
	node->text = text;
	node->text_len = len;
	if (!ev_text_is_utf8(text, len) || memchr(text, '\0', len) != NULL)
		node->notes = EV_JSON_N_BAD_UTF8;
}

static void
add_fields(struct warc *w)
{
	const struct ev_warc_field *f;
	const char *text = ev_buf_text(&w->head.text);
	struct ev_json_node *node;
	size_t i;

	for (i = 0; i < w->head.count; i++) {
		f = &w->head.field[i];
		node = add_node(w, text + f->name, f->name_len);
		node->text = text + f->value;
		node->text_len = f->value_len;
		node->offset = f->offset;
		node->length = f->length;
		node->notes = f->bad ? EV_JSON_N_BAD_UTF8 : 0;
	}
}

static void
add_sum(struct warc *w, const struct sum *s, const char *check, const char *why)
{
	const char *word = ev_sum_word(s->result);

	if (s->result == EV_SUM_NONE)
		return;
	add_text(w, check, word, strlen(word));
	if (s->why[0] != '\0')
		add_text(w, why, s->why, strlen(s->why));
}

/* One of the two speaks for the record: a wrong one, else a right one. */
static void
add_sums(struct warc *w)
{
	const struct sum *b = &w->block, *p = &w->payload, *one;

	add_sum(w, b, "block-check", "block-why");
	add_sum(w, p, "payload-check", "payload-why");
	one = p->result == EV_SUM_DIFFERS   ? p
	      : b->result == EV_SUM_DIFFERS ? b
	      : p->result == EV_SUM_OK      ? p
	      : b->result == EV_SUM_OK      ? b
	      : p->result != EV_SUM_NONE    ? p
					    : b;
	if (one->result == EV_SUM_NONE)
		return;
	add_text(w, "digest", one->label, one->len);
	if (one->result == EV_SUM_OK)
		add_text(w, "digest-ok", "true", 4);
	else if (one->result == EV_SUM_DIFFERS)
		add_text(w, "digest-ok", "false", 5);
}

static void
add_http(struct warc *w)
{
	static const struct {
		const char *key, *field;
	} fields[] = { { "http-date", "Date" }, { "http-server", "Server" },
		{ "http-type", "Content-Type" },
		{ "http-location", "Location" },
		{ "http-agent", "User-Agent" } };
	const char *value = ev_http_status(&w->http);
	size_t i, len;

	add_text(w, "http-status", value, 3);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		value = ev_http_field(&w->http, fields[i].field, &len);
		add_text(w, fields[i].key, value, len);
	}
}

/* The fields of a warcinfo block, as info-NAME with NAME in small letters. */
static enum ev_rc
add_info(struct warc *w)
{
	char *line = (char *)w->info.data, *end, *colon, *value, *stop, *p;
	enum ev_rc rc = EV_OK;
	size_t key;

	/* No more is put into text than was reserved: it must not move. */
	ev_buf_clear(&w->text);
	rc = ev_buf_reserve(&w->text, 3 * w->info.len + 16, w->err);
	stop = line + w->info.len;
	for (; rc == EV_OK && line < stop; line = end + 1) {
		end = memchr(line, '\n', (size_t)(stop - line));
		if (end == NULL)
			break;
		colon = memchr(line, ':', (size_t)(end - line));
		if (colon == NULL || colon == line)
			continue;
		key = w->text.len;
		rc = ev_buf_puts(&w->text, "info-", w->err);
		for (p = line; rc == EV_OK && p < colon; p++)
			rc = ev_buf_putc(&w->text,
			    (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p),
			    w->err);
		if (rc == EV_OK)
			rc = ev_buf_putc(&w->text, '\0', w->err);
		for (value = colon + 1; value < end && *value == ' '; value++)
			;
		p = end;
		while (p > value && (p[-1] == '\r' || p[-1] == ' '))
			p--;
		if (rc == EV_OK)
			add_text(w, (const char *)w->text.data + key, value,
			    (size_t)(p - value));
	}
	return rc;
}

static enum ev_rc
add_notes(struct warc *w)
{
	const char *id;
	unsigned char sha256[EV_SHA256];
	int64_t first;
	size_t len;
	enum ev_rc rc = EV_OK;

	if (w->head.lf)
		rc = ev_pass_note(w->pass, "warc-line-ends", "", w->from,
		    w->err);
	if (rc == EV_OK && w->head.folded)
		rc = note(w, "warc-folded", w->from);
	if (rc == EV_OK && w->head.brackets)
		rc = ev_pass_note(w->pass, "warc-uri-brackets", "", w->from,
		    w->err);
	if (rc == EV_OK && w->resumed)
		rc = note(w, "warc-resync", w->from);
	id = ev_warc_field(&w->head, "WARC-Record-ID", &len);
	if (rc != EV_OK || id == NULL)
		return rc;
	rc = ev_sha256(sha256, id, len, w->err);
	if (rc == EV_OK)
		rc = ev_seen_add(&w->ids, sha256, w->from, &first, w->err);
	return rc == EV_OK && first >= 0 ? note(w, "warc-dup-id", w->from) : rc;
}

static enum ev_rc
show(struct warc *w)
{
	struct ev_record record = { w->node, NULL, w->from, w->from, w->to,
		true };
	char pointer[32];
	enum ev_rc rc;

	/*
	 * Rows with equal bytes are one; of a record only the header is held,
	 * so its number tells it from another one with the same.
	 */
	(void)snprintf(pointer, sizeof(pointer), "rec:%jd",
	    (intmax_t)w->number);
	rc = ev_buf_puts(&w->raw, pointer, w->err);
	if (rc != EV_OK)
		return rc;
	record.data = w->raw.data;
	w->nodes = 0;
	add_fields(w);
	add_sums(w);
	if (w->is_http)
		add_http(w);
	rc = w->is_info ? add_info(w) : EV_OK;
	if (rc == EV_OK)
		rc = add_notes(w);
	if (rc != EV_OK)
		return rc;
	memset(&w->node[0], 0, sizeof(w->node[0]));
	w->node[0].type = EV_JSON_OBJECT;
	w->node[0].length = w->raw.len;
	w->node[0].count = w->nodes;
	w->node[0].child = w->nodes > 0 ? &w->node[1] : NULL;
	ev_buf_clear(&w->pass->pointer);
	rc = ev_buf_puts(&w->pass->pointer, pointer, w->err);
	return rc == EV_OK ? ev_pass_record(w->pass, &record, w->err) : rc;
}

/* One record, whole.  EV_INPUT, EV_EOF with a message: it is none. */
static enum ev_rc
read_record(struct warc *w)
{
	int64_t length;
	enum ev_rc rc;

	w->number++;
	w->block_from = -1;
	rc = read_head(w);
	if (rc == EV_OK)
		rc = ev_warc_length(&w->head, &length, w->err);
	if (rc == EV_OK)
		rc = begin_block(w);
	if (rc == EV_OK)
		rc = read_block(w, length);
	if (rc == EV_OK)
		rc = read_end(w);
	if (rc == EV_OK)
		rc = finish_sums(w);
	if (rc == EV_OK)
		rc = show(w);
	return rc;
}

/* Go to a place of the view, from its beginning on if that is behind us. */
static enum ev_rc
go_to(struct warc *w, int64_t where)
{
	enum ev_rc rc = EV_OK;
	size_t n;

	if (where < w->lines.base) {
		rc = ev_pass_rewind(w->pass, w->err);
		ev_textlines_release(&w->lines);
		ev_textlines_init(&w->lines, &w->pass->view);
	} else if (where < at(w)) {
		w->lines.pos = (size_t)(where - w->lines.base);
	}
	while (rc == EV_OK && at(w) < where) {
		n = w->lines.len - w->lines.pos;
		if (n == 0) {
			rc = ev_textlines_more(&w->lines, w->err);
			continue;
		}
		if ((uint64_t)(where - at(w)) < n)
			n = (size_t)(where - at(w));
		w->lines.pos += n;
	}
	return rc;
}

/* The next line that begins as a record does; the record ends before it. */
static enum ev_rc
look_for_next(struct warc *w)
{
	struct ev_textline line;
	enum ev_rc rc;

	do {
		rc = ev_textlines_next(&w->lines, &line, w->err);
	} while (rc == EV_OK && (line.too_long || line.len < 7 ||
				    memcmp(line.data, "WARC/1.", 7) != 0));
	if (rc != EV_OK)
		return rc;
	w->lines.pos = (size_t)(line.from - w->lines.base);
	return EV_OK;
}

/*
 * Set a faulty record aside.  A later line "WARC/1." may begin another one:
 * it is looked for behind the faulty one's first line, which is read again
 * where that can be done, else behind what was read.
 */
static enum ev_rc
lose_record(struct warc *w, enum ev_rc why)
{
	struct ev_loss loss = { -1, w->from, 0,
		why == EV_EOF ? "truncated" : "syntax", NULL };
	const int64_t behind = w->from + 1;
	char message[WHY];
	enum ev_rc rc = EV_OK;

	(void)snprintf(message, sizeof(message), "%.150s", w->err->msg);
	loss.message = message;
	if (w->block.ready)
		rc = ev_digest_reset(&w->block.digest, w->err);
	if (rc == EV_OK && w->payload.ready)
		rc = ev_digest_reset(&w->payload.digest, w->err);
	if (rc == EV_OK && w->payload.ready)
		rc = ev_digest_reset(&w->payload.sent, w->err);
	if (rc == EV_OK && at(w) > behind &&
	    (behind >= w->lines.base ||
		(w->pass->can_rewind && w->resumes++ < RESUMES)))
		rc = go_to(w, behind);
	if (rc == EV_OK)
		rc = look_for_next(w);
	loss.to = at(w);
	w->resumed = true;
	if (rc != EV_OK && rc != EV_EOF)
		return rc;
	w->err->msg[0] = '\0';
	why = ev_pass_lose_record(w->pass, &loss, w->err);
	return why == EV_OK ? rc : why;
}

/* Empty lines between records beyond the two are frame. */
static enum ev_rc
skip_empty(struct warc *w)
{
	enum ev_rc rc = EV_OK;
	unsigned char c;

	while (rc == EV_OK) {
		if (w->lines.pos == w->lines.len) {
			rc = ev_textlines_more(&w->lines, w->err);
			continue;
		}
		c = w->lines.data[w->lines.pos];
		if (c != '\r' && c != '\n')
			break;
		w->lines.pos++;
	}
	return rc;
}

static enum ev_rc
read_all(struct warc *w)
{
	enum ev_rc rc;

	for (;;) {
		rc = ev_pass_settle(w->pass, at(w), w->err);
		if (rc == EV_OK)
			rc = skip_empty(w);
		if (rc != EV_OK)
			return rc;
		w->from = at(w);
		rc = read_record(w);
		if (rc == EV_OK)
			w->resumed = false;
		else if (rc == EV_INPUT || rc == EV_EOF)
			rc = lose_record(w, rc);
		if (rc != EV_OK)
			return rc;
	}
}

/* The older format names itself in its first line: begin again with it. */
static enum ev_rc
read_either(struct warc *w)
{
	enum ev_rc rc = ev_textlines_more(&w->lines, w->err);

	if (rc == EV_OK && ev_arc_begins(w->lines.data, w->lines.len))
		return ev_read_arc(w->pass, &w->lines, w->err);
	return rc == EV_OK ? read_all(w) : rc;
}

enum ev_rc
ev_read_warc(struct ev_pass *pass, struct ev_err *err)
{
	struct warc *w = calloc(1, sizeof(*w));
	enum ev_rc rc;

	if (w == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	w->pass = pass;
	w->err = err;
	ev_textlines_init(&w->lines, &pass->view);
	ev_warc_head_init(&w->head);
	ev_buf_init(&w->raw, 4 * (size_t)EV_WARC_HEAD);
	ev_http_init(&w->http);
	ev_buf_init(&w->info, INFO_LIMIT);
	ev_buf_init(&w->text, 4 * (size_t)INFO_LIMIT);
	ev_seen_init(&w->ids, true);
	rc = read_either(w);
	ev_textlines_release(&w->lines);
	ev_warc_head_release(&w->head);
	ev_buf_release(&w->raw);
	ev_http_release(&w->http);
	ev_buf_release(&w->info);
	ev_buf_release(&w->text);
	ev_seen_release(&w->ids);
	if (w->block.ready) {
		ev_digest_release(&w->block.digest);
		ev_digest_release(&w->block.sent);
	}
	if (w->payload.ready) {
		ev_digest_release(&w->payload.digest);
		ev_digest_release(&w->payload.sent);
	}
	free(w);
	return rc == EV_EOF ? EV_OK : rc;
}
