/* One pass over an artifact: set up, read, account, report. */
#include <stdlib.h>
#include <string.h>

#include "ingest/pass.h"

static enum ev_rc
make_states(struct ev_pass *pass, struct ev_err *err)
{
	size_t i, k, n = 0;

	for (i = 0; i < pass->run_count; i++)
		n += pass->run[i].m->rows_count > 0 ? pass->run[i].m->rows_count
						    : 1;
	pass->state = calloc(n + 1, sizeof(*pass->state));
	pass->stack =
	    calloc((n + 1) * (EV_MAP_STEPS + 2), sizeof(*pass->stack));
	if (pass->state == NULL || pass->stack == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	for (i = 0; i < pass->run_count; i++) {
		k = 0;
		do {
			pass->state[pass->state_count].run = i;
			if (pass->run[i].m->rows_count > 0)
				pass->state[pass->state_count].path =
				    &pass->run[i].m->rows[k];
			pass->state_count++;
		} while (++k < pass->run[i].m->rows_count);
	}
	return EV_OK;
}

static enum ev_rc
make_shape(struct ev_pass *pass, struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	rc = ev_shape_new(&pass->shape, err);
	for (i = 0; i < pass->run_count && rc == EV_OK; i++)
		rc = ev_shape_add(pass->shape, pass->run[i].m, err);
	return rc;
}

void
ev_pass_release(struct ev_pass *pass)
{
	size_t i;

	for (i = 0; i < EV_FACT_VALUES; i++) {
		ev_buf_release(&pass->text[i]);
		ev_buf_release(&pass->raw[i]);
	}
	ev_buf_release(&pass->pointer);
	ev_buf_release(&pass->notes);
	ev_digest_release(&pass->digest);
	ev_seen_release(&pass->seen);
	ev_seen_release(&pass->ids);
	ev_shape_free(pass->shape);
	ev_view_release(&pass->view);
	free(pass->run);
	free(pass->state);
	free(pass->stack);
}

/* The columns that number the rows of a kind, -1: none does. */
static void
find_id(struct ev_run *run)
{
	enum ev_kind kind = run->m->entry.kind;
	const char *name = kind == EV_K_POST      ? "post_id"
			   : kind == EV_K_MESSAGE ? "message_id"
			   : kind == EV_K_DEVICE  ? "device_id"
			   : kind == EV_K_ACCOUNT ? "account"
						  : "";

	run->id[0] = ev_kind_column(kind, name, strlen(name));
	run->id[1] = ev_kind_column(kind, "conversation", 12);
}

enum ev_rc
ev_pass_init(struct ev_pass *pass, const struct ev_reading_in *in,
    const struct ev_buf *path, const struct ev_sink *sink, struct ev_err *err)
{
	const struct ev_mapping *m = pass->run[0].m;
	enum ev_rc rc;
	size_t i;

	pass->in = in;
	pass->sink = sink;
	pass->path = ev_buf_text(path);
	pass->path_len = path->len;
	pass->can_rewind = in->stream.rewind != NULL;
	for (i = 0; i < EV_FACT_VALUES; i++) {
		ev_buf_init(&pass->text[i], 3 * (size_t)EV_ROW_LIMIT);
		ev_buf_init(&pass->raw[i], 2 * (size_t)EV_ROW_LIMIT);
	}
	ev_buf_init(&pass->pointer, 2 * (size_t)EV_ROW_LIMIT);
	ev_buf_init(&pass->notes, 16384);
	ev_seen_init(&pass->seen, false);
	ev_seen_init(&pass->ids, true);
	for (i = 0; i < pass->run_count; i++)
		find_id(&pass->run[i]);
	pass->stream.ctx = &pass->view;
	pass->stream.read = ev_view_read;
	rc = ev_digest_init(&pass->digest, EV_D_SHA256, err);
	if (rc == EV_OK)
		rc = make_states(pass, err);
	if (rc == EV_OK)
		rc = make_shape(pass, err);
	if (rc == EV_OK)
		rc = ev_view_init(&pass->view, &in->stream, m->unwrap,
		    m->unwrap_count, err);
	return rc;
}

static enum ev_rc
note_at(struct ev_pass *pass, const char *word, const char *detail, int64_t at,
    struct ev_err *err)
{
	return pass->sink->note(pass->sink->ctx, word, detail, at, err);
}

/* What the wrappings say of themselves. */
static enum ev_rc
note_wrappings(struct ev_pass *pass, struct ev_err *err)
{
	const struct ev_view *view = &pass->view;
	enum ev_rc rc = EV_OK;

	if (view->bom)
		rc = note_at(pass, "bom", "", 0, err);
	if (rc == EV_OK && view->headless)
		rc = note_at(pass, "armour-headless", "", view->pgp_at, err);
	if (rc == EV_OK && view->pgp)
		rc = view->signature
			 ? note_at(pass, "pgp-signature",
			       "present, not checked", view->signature_at, err)
			 : note_at(pass, "pgp-signature", "missing",
			       view->pgp_at, err);
	if (rc == EV_OK && view->js)
		rc = note_at(pass, "js-name", view->js_name, view->js_at, err);
	return rc;
}

/* What stands behind a signature block was signed by nobody. */
static enum ev_rc
lose_trailer(struct ev_pass *pass, struct ev_err *err)
{
	const struct ev_set_aside what = { -1, pass->view.trailer,
		pass->size - pass->view.trailer, "syntax",
		"text behind the signature block" };
	enum ev_rc rc;

	if (pass->view.trailer < 0)
		return EV_OK;
	pass->set_aside_any = true;
	rc = ev_tally_add(&pass->tally, EV_SPAN_SET_ASIDE, what.offset,
	    what.length, err);
	if (rc == EV_OK)
		rc = pass->sink->set_aside(pass->sink->ctx, &what, err);
	return rc;
}

static enum ev_rc
lose_all(struct ev_pass *pass, const char *reason, const char *message,
    struct ev_err *err)
{
	const struct ev_set_aside what = { pass->run[0].index, 0, pass->size,
		reason, message };
	enum ev_rc rc;

	pass->set_aside_any = true;
	rc = ev_tally_add(&pass->tally, EV_SPAN_SET_ASIDE, 0, pass->size, err);
	if (rc == EV_OK)
		rc = pass->sink->set_aside(pass->sink->ctx, &what, err);
	return rc;
}

enum ev_rc
ev_pass_read(struct ev_pass *pass, struct ev_err *err)
{
	const struct ev_reader *reader = pass->run[0].m->reader;
	enum ev_rc rc;

	rc = ev_view_begin(&pass->view, err);
	if (rc == EV_OK && pass->view.missing == NULL)
		rc = reader->read(pass, err);
	if (rc == EV_OK)
		rc = ev_view_drain(&pass->view, &pass->size, err);
	if (rc == EV_OK && pass->view.missing != NULL)
		rc = lose_all(pass, "no-wrapper",
		    pass->view.missing[0] == 'p'
			? "a clear-signed text was expected"
			: "'window.NAME =' was expected",
		    err);
	if (rc == EV_OK)
		rc = note_wrappings(pass, err);
	if (rc == EV_OK)
		rc = lose_trailer(pass, err);
	if (rc == EV_OK)
		rc = ev_tally_flush(&pass->tally, pass->size, err);
	if (rc == EV_OK)
		rc = ev_tally_end(&pass->tally, err);
	return rc;
}

enum ev_rc
ev_pass_report(struct ev_pass *pass, struct ev_err *err)
{
	const struct ev_row_count *rows;
	enum ev_rc rc = EV_OK;
	size_t i;

	if (pass->seen.forgot)
		rc = ev_pass_note(pass, "duplicate-window",
		    "equal rows far apart were not looked for", 0, err);
	for (i = 0; i < pass->run_count && rc == EV_OK; i++) {
		rows = &pass->run[i].rows;
		if (rows->found != rows->read + rows->duplicated +
				       rows->set_aside + rows->ignored)
			return ev_fail(err, EV_USE,
			    "mapping '%s': rows that are not accounted for",
			    pass->run[i].m->id);
		if (pass->run[i].m->expect_some && rows->found == 0)
			rc = ev_pass_note(pass, "expect-some",
			    pass->run[i].m->id, 0, err);
		if (rc == EV_OK)
			rc = pass->sink->rows(pass->sink->ctx,
			    pass->run[i].index, rows, err);
	}
	return rc;
}
