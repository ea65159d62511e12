/* reader jsonl: a document a line; what is lost with a bad one is its line. */
#include <stdio.h>
#include <string.h>

#include "ingest/read_json.h"
#include "ingest/textline.h"

struct jsonl {
	struct ev_pass *pass;
	struct ev_json_doc *doc;
	unsigned tolerate;
	int64_t used[5];
	int64_t number; /* of the line, from 1 */
	struct ev_err *err;
};

static void
keep_used(struct jsonl *j, int64_t offset)
{
	int64_t at;
	int i;

	for (i = 0; i < 5; i++) {
		at = ev_json_record_used(j->doc,
		    (enum ev_json_tolerate)(1 << i));
		if (at >= 0 && j->used[i] < 0)
			j->used[i] = offset + at;
	}
}

static enum ev_rc
one_line(struct jsonl *j, const struct ev_textline *line)
{
	struct ev_record record = { NULL, line->data, line->from, 0, 0, false };
	struct ev_loss loss = { -1, line->from, line->to, "too-long",
		"a line of at most 16 MiB was expected" };
	char pointer[32];
	int64_t at;
	enum ev_rc rc;

	if (line->too_long)
		return ev_pass_lose_record(j->pass, &loss, j->err);
	rc =
	    ev_json_record(&j->doc, line->data, line->len, j->tolerate, j->err);
	if (rc == EV_INPUT || rc == EV_LIMIT) {
		loss.message = ev_json_message(j->err);
		if (rc == EV_INPUT)
			loss.reason =
			    ev_json_reason(ev_json_record_stop(j->doc, &at));
		return ev_pass_lose_record(j->pass, &loss, j->err);
	}
	if (rc != EV_OK)
		return rc;
	keep_used(j, line->from);
	record.root = ev_json_root(j->doc);
	record.from = line->from + (int64_t)record.root->offset;
	record.to = record.from + (int64_t)record.root->length;
	snprintf(pointer, sizeof(pointer), "line:%jd", (intmax_t)j->number);
	ev_buf_clear(&j->pass->pointer);
	rc = ev_buf_puts(&j->pass->pointer, pointer, j->err);
	if (rc == EV_OK)
		rc = ev_pass_record(j->pass, &record, j->err);
	return rc;
}

enum ev_rc
ev_read_jsonl(struct ev_pass *pass, struct ev_err *err)
{
	struct jsonl j = { pass, NULL, ev_json_tolerate(pass->run[0].m),
		{ -1, -1, -1, -1, -1 }, 0, err };
	struct ev_textlines lines;
	struct ev_textline line;
	enum ev_rc rc;

	ev_textlines_init(&lines, &pass->view);
	while ((rc = ev_textlines_next(&lines, &line, err)) == EV_OK) {
		j.number++;
		if (line.too_long || !ev_textlines_blank(line.data, line.len))
			rc = one_line(&j, &line);
		if (rc == EV_OK)
			rc = ev_pass_settle(pass, line.to, err);
		if (rc != EV_OK)
			break;
	}
	if (rc == EV_EOF)
		rc = ev_json_note_used(pass, j.used, err);
	ev_json_free(j.doc);
	ev_textlines_release(&lines);
	return rc;
}
