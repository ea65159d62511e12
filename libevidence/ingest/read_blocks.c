/* reader blocks: JSON fragments below mark lines, as older X answers are. */
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/read_json.h"
#include "ingest/textline.h"

struct blocks {
	struct ev_pass *pass;
	struct ev_err *err;
	const char *mark;
	size_t mark_len;
	struct ev_buf value; /* what stands behind the last mark */
	struct ev_buf text;  /* the lines of fragments at hand */
	int64_t marked;      /* where the mark line begins, -1: used */
	int64_t from;        /* where text begins in the view */
	int64_t number;      /* of the record */
	struct ev_jsonread *reader;
	struct ev_json_doc *doc;
};

static bool
is_mark(const struct blocks *b, const struct ev_textline *line)
{
	return line->len >= b->mark_len &&
	       memcmp(line->data, b->mark, b->mark_len) == 0;
}

/* "-", "=", "*" and blanks; one of the three at least. */
static bool
is_rule(const struct ev_textline *line)
{
	size_t i;
	bool any = false;

	for (i = 0; i < line->len; i++) {
		if (line->data[i] == '-' || line->data[i] == '=' ||
		    line->data[i] == '*')
			any = true;
		else if (line->data[i] != ' ' && line->data[i] != '\t')
			return false;
	}
	return any;
}

/* A record: the fragment's members behind the key mark. */
static enum ev_rc
show(struct blocks *b, const unsigned char *data, int64_t from, size_t len)
{
	const struct ev_json_node *json = ev_json_root(b->doc);
	struct ev_json_node root = *json, mark = { .type = EV_JSON_STRING };
	struct ev_record record = { &root, data, from, from,
		from + (int64_t)len, false };
	char pointer[32];
	enum ev_rc rc;

	if (json->type == EV_JSON_OBJECT) {
		mark.key = "mark";
		mark.key_len = strlen(mark.key);
		mark.text = ev_buf_text(&b->value);
		mark.text_len = b->value.len;
		if (!ev_text_is_utf8(b->value.data, b->value.len) ||
		    memchr(mark.text, '\0', mark.text_len) != NULL)
			mark.notes = EV_JSON_N_BAD_UTF8;
		mark.next = json->child;
		root.child = &mark;
		root.count++;
	}
	if (b->marked >= 0)
		record.from = b->marked;
	b->marked = -1;
	snprintf(pointer, sizeof(pointer), "rec:%jd", (intmax_t)++b->number);
	ev_buf_clear(&b->pass->pointer);
	rc = ev_buf_puts(&b->pass->pointer, pointer, b->err);
	if (rc == EV_OK)
		rc = ev_pass_record(b->pass, &record, b->err);
	return rc;
}

static enum ev_rc
lose(struct blocks *b, size_t from, size_t to, const char *reason)
{
	struct ev_loss loss = { -1, b->from + (int64_t)from,
		b->from + (int64_t)to, reason, ev_json_message(b->err) };

	return ev_pass_lose_record(b->pass, &loss, b->err);
}

/* All fragments of the text at hand; a broken one takes the rest along. */
static enum ev_rc
flush(struct blocks *b)
{
	struct ev_json_token token, last;
	enum ev_rc rc;
	int64_t at, behind = 0;

	if (b->text.len == 0)
		return EV_OK;
	rc = ev_jsonread_restart(b->reader, b->text.data, b->text.len, 0,
	    b->err);
	while (rc == EV_OK &&
	       (rc = ev_jsonread_next(b->reader, &token, b->err)) == EV_OK) {
		last = token;
		if (token.event == EV_JSON_E_OBJECT ||
		    token.event == EV_JSON_E_ARRAY)
			rc = ev_jsonread_skip(b->reader, &last, b->err);
		behind = token.offset;
		if (rc == EV_OK)
			rc = ev_json_record(&b->doc,
			    b->text.data + token.offset,
			    (size_t)(last.offset + last.length - token.offset),
			    0, b->err);
		if (rc != EV_OK)
			break;
		behind = last.offset + last.length;
		rc = show(b, b->text.data + token.offset,
		    b->from + token.offset, (size_t)(behind - token.offset));
	}
	if (rc == EV_INPUT)
		rc = lose(b, (size_t)behind, b->text.len,
		    ev_json_reason(ev_jsonread_stop(b->reader, &at)));
	else if (rc == EV_LIMIT)
		rc = lose(b, (size_t)behind, b->text.len, "too-long");
	ev_buf_clear(&b->text);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
begin_mark(struct blocks *b, const struct ev_textline *line)
{
	const char *text = (const char *)line->data + b->mark_len;
	size_t len = line->len - b->mark_len;

	b->marked = line->from;
	while (len > 0 && (*text == ' ' || *text == '\t')) {
		text++;
		len--;
	}
	while (len > 0 && strchr(" \t*-=", text[len - 1]) != NULL &&
	       text[len - 1] != '\0')
		len--;
	ev_buf_clear(&b->value);
	return ev_buf_put(&b->value, text, len, b->err);
}

/* Lines of one text stand one behind the other: none is left out between. */
static enum ev_rc
one_line(struct blocks *b, const struct ev_textline *line)
{
	struct ev_loss loss = { -1, line->from, line->to, "syntax",
		"a mark line or a JSON fragment was expected" };
	enum ev_rc rc;

	if (line->too_long || is_mark(b, line) || is_rule(line)) {
		rc = flush(b);
		if (rc == EV_OK && line->too_long) {
			loss.reason = "too-long";
			return ev_pass_set_aside(b->pass, &loss, b->err);
		}
		if (rc == EV_OK && is_mark(b, line))
			rc = begin_mark(b, line);
		return rc;
	}
	if (b->text.len == 0) {
		if (ev_textlines_blank(line->data, line->len))
			return EV_OK;
		if (strchr("{[",
			line->data[strspn((const char *)line->data, " \t")]) ==
		    NULL)
			return ev_pass_set_aside(b->pass, &loss, b->err);
		b->from = line->from;
	}
	rc = ev_buf_put(&b->text, line->data, (size_t)(line->to - line->from),
	    b->err);
	if (rc != EV_LIMIT)
		return rc;
	rc = lose(b, 0, b->text.len, "too-long");
	ev_buf_clear(&b->text);
	if (rc == EV_OK)
		rc = ev_pass_set_aside(b->pass, &loss, b->err);
	return rc;
}

enum ev_rc
ev_read_blocks(struct ev_pass *pass, struct ev_err *err)
{
	const struct ev_jsonread_opts opts = { .many = true,
		.max_depth = EV_JSON_DEPTH };
	struct blocks b = { .pass = pass, .err = err, .marked = -1 };
	struct ev_textlines lines;
	struct ev_textline line;
	enum ev_rc rc;

	b.mark = ev_reader_option(pass->run[0].m, "mark");
	b.mark_len = strlen(b.mark);
	ev_buf_init(&b.value, EV_ROW_LIMIT);
	ev_buf_init(&b.text, EV_ROW_LIMIT);
	ev_textlines_init(&lines, &pass->view);
	rc = ev_jsonread_new(&b.reader, NULL, 0, &opts, err);
	while (rc == EV_OK &&
	       (rc = ev_textlines_next(&lines, &line, err)) == EV_OK) {
		rc = one_line(&b, &line);
		if (rc == EV_OK && b.text.len == 0)
			rc = ev_pass_settle(pass,
			    b.marked >= 0 ? b.marked : line.to, err);
	}
	if (rc == EV_EOF)
		rc = flush(&b);
	ev_jsonread_free(b.reader);
	ev_json_free(b.doc);
	ev_buf_release(&b.value);
	ev_buf_release(&b.text);
	ev_textlines_release(&lines);
	return rc;
}
