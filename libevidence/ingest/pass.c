/* One reader over one artifact: spans, notes, pointers. */
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/pass.h"

enum ev_rc
ev_pass_span(struct ev_pass *pass, enum ev_span what, int64_t from, int64_t to,
    struct ev_err *err)
{
	int64_t offset, length;

	ev_view_span(&pass->view, from, to, &offset, &length);
	return ev_tally_add(&pass->tally, what, offset, length, err);
}

enum ev_rc
ev_pass_set_aside(struct ev_pass *pass, const struct ev_loss *loss,
    struct ev_err *err)
{
	struct ev_set_aside what;
	enum ev_rc rc;

	what.mapping = loss->run < 0 ? -1 : pass->run[loss->run].index;
	what.reason = loss->reason;
	what.message = loss->message;
	ev_view_span(&pass->view, loss->from, loss->to, &what.offset,
	    &what.length);
	pass->set_aside_any = true;
	rc = ev_tally_add(&pass->tally, EV_SPAN_SET_ASIDE, what.offset,
	    what.length, err);
	if (rc == EV_OK)
		rc = pass->sink->set_aside(pass->sink->ctx, &what, err);
	return rc;
}

enum ev_rc
ev_pass_note(struct ev_pass *pass, const char *word, const char *detail,
    int64_t at, struct ev_err *err)
{
	int64_t offset, length;
	size_t i, count = pass->noted_count;

	for (i = 0; i < count; i++)
		if (strcmp(pass->noted[i].word, word) == 0 &&
		    strncmp(pass->noted[i].detail, detail,
			sizeof(pass->noted[i].detail) - 1) == 0)
			return EV_OK;
	if (count == EV_PASS_NOTES)
		return EV_OK;
	snprintf(pass->noted[count].word, sizeof(pass->noted[0].word), "%s",
	    word);
	snprintf(pass->noted[count].detail, sizeof(pass->noted[0].detail), "%s",
	    detail);
	pass->noted_count++;
	ev_view_span(&pass->view, at, at, &offset, &length);
	return pass->sink->note(pass->sink->ctx, word, detail, offset, err);
}

enum ev_rc
ev_pass_settle(struct ev_pass *pass, int64_t before, struct ev_err *err)
{
	int64_t offset, length;
	enum ev_rc rc;

	ev_view_span(&pass->view, before, before, &offset, &length);
	rc = ev_tally_flush(&pass->tally, offset, err);
	ev_view_forget(&pass->view, before);
	return rc;
}

enum ev_rc
ev_pass_lose_record(struct ev_pass *pass, const struct ev_loss *loss,
    struct ev_err *err)
{
	struct ev_loss one = *loss;
	size_t i, runs = 0;

	for (i = 0; i < pass->run_count; i++) {
		if (pass->run[i].m->rows_count > 0)
			continue;
		pass->run[i].rows.found++;
		pass->run[i].rows.set_aside++;
		one.run = (int)i;
		runs++;
	}
	if (runs != 1)
		one.run = -1;
	return ev_pass_set_aside(pass, &one, err);
}

enum ev_rc
ev_pass_lose_rest(struct ev_pass *pass, int64_t from, const char *reason,
    const char *message, struct ev_err *err)
{
	struct ev_set_aside what = { -1, 0, 0, reason, message };
	struct ev_view *view = &pass->view;
	int64_t unused, last, size;
	enum ev_rc rc;

	rc = ev_pass_settle(pass, from, err);
	ev_view_span(view, from, from, &what.offset, &unused);
	if (rc == EV_OK)
		rc = ev_view_drain(view, &size, err);
	if (rc != EV_OK)
		return rc;
	if (view->out > from) {
		ev_view_span(view, view->out - 1, view->out, &last, &unused);
		what.length = last + 1 - what.offset;
	}
	pass->set_aside_any = true;
	rc = ev_tally_add(&pass->tally, EV_SPAN_SET_ASIDE, what.offset,
	    what.length, err);
	if (rc == EV_OK)
		rc = pass->sink->set_aside(pass->sink->ctx, &what, err);
	return rc;
}

enum ev_rc
ev_pass_rewind(struct ev_pass *pass, struct ev_err *err)
{
	const struct ev_stream *in = pass->view.in;
	struct ev_view view;
	enum ev_rc rc;

	rc = in->rewind(in->ctx, err);
	if (rc == EV_OK)
		rc = ev_view_init(&view, in, pass->view.step,
		    pass->view.step_count, err);
	if (rc != EV_OK)
		return rc;
	ev_view_release(&pass->view);
	pass->view = view;
	return ev_view_begin(&pass->view, err);
}

/* RFC 6901, 3: "~" is "~0", "/" is "~1". */
enum ev_rc
ev_pass_push_key(struct ev_pass *pass, const char *key, size_t len,
    struct ev_err *err)
{
	struct ev_buf *out = &pass->pointer;
	enum ev_rc rc;
	size_t i, from = 0;

	if (pass->flat_pointer)
		return EV_OK;
	rc = ev_buf_putc(out, '/', err);
	/* A key that is no text is shown escaped; nothing resolves it. */
	if (rc == EV_OK && (!ev_text_is_utf8(key, len) ||
			       (len > 0 && memchr(key, '\0', len) != NULL)))
		return ev_text_safe(out, key, len, EV_TEXT_NAME, err);
	for (i = 0; i < len && rc == EV_OK; i++) {
		if (key[i] != '~' && key[i] != '/')
			continue;
		rc = ev_buf_put(out, key + from, i - from, err);
		if (rc == EV_OK)
			rc = ev_buf_puts(out, key[i] == '~' ? "~0" : "~1", err);
		from = i + 1;
	}
	if (rc == EV_OK && from < len)
		rc = ev_buf_put(out, key + from, len - from, err);
	return rc;
}

enum ev_rc
ev_pass_push_index(struct ev_pass *pass, int64_t index, struct ev_err *err)
{
	char text[24];
	size_t at = sizeof(text);

	if (pass->flat_pointer)
		return EV_OK;
	do {
		text[--at] = (char)('0' + index % 10);
		index /= 10;
	} while (index > 0);
	text[--at] = '/';
	return ev_buf_put(&pass->pointer, text + at, sizeof(text) - at, err);
}
