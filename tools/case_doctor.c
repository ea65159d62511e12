/* ev-case doctor: what will need renewal, and by which year. */
#include <stdio.h>
#include <string.h>

#include "case_words.h"
#include "evidence/doctor.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum { LINE_LIMIT = 1 << 20 };

static enum ev_rc
print_json(const struct ev_doctor_finding *f, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_jw w;

	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "due", f->due ? 1 : 0);
	if (f->year != 0)
		ev_jw_key_text(&w, "ends", f->ends);
	ev_jw_key_text(&w, "id", f->id);
	ev_jw_key_text(&w, "proof", f->proof);
	ev_jw_key_text(&w, "schema", "evidence/doctor/1");
	ev_jw_key_text(&w, "why", f->why);
	if (f->year != 0)
		ev_jw_key_int(&w, "year", f->year);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

static enum ev_rc
print_line(const struct ev_doctor_finding *f, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_buf id;
	enum ev_rc rc;

	ev_buf_init(&id, LINE_LIMIT);
	rc = ev_text_safe(&id, f->id, strlen(f->id), EV_TEXT_NAME, err);
	if (rc == EV_OK && f->year == 0)
		rc = ev_buf_printf(out, err, "%-4s %-12s ", "note", f->proof);
	else if (rc == EV_OK)
		rc = ev_buf_printf(out, err,
		    "%-4s %-12s %-10s renew by %d (%s): ",
		    f->due ? "DUE" : "ok", f->proof, ev_buf_text(&id), f->year,
		    f->ends);
	if (rc == EV_OK)
		rc = ev_text_safe(out, f->why, strlen(f->why), EV_TEXT_NAME,
		    err);
	ev_buf_release(&id);
	return rc;
}

static void
show(void *ctx, const struct ev_doctor_finding *f)
{
	struct cli *cli = ctx;
	struct ev_buf out;
	struct ev_err err;
	enum ev_rc rc;

	if (cli->quiet && !f->due)
		return;
	ev_buf_init(&out, LINE_LIMIT);
	rc = cli->json ? print_json(f, &out, &err) : print_line(f, &out, &err);
	if (rc == EV_OK)
		(void)printf("%s\n", ev_buf_text(&out));
	ev_buf_release(&out);
}

enum ev_rc
case_doctor(struct cli *cli, struct ev_err *err)
{
	struct ev_doctor how = { NULL };
	struct ev_case *c = NULL;
	struct ev_buf path;
	struct ev_err other;
	enum ev_rc rc, due = EV_OK;
	int n;

	ev_buf_init(&path, LINE_LIMIT);
	rc = cli_data(&path, err);
	if (rc == EV_OK)
		rc = ev_buf_puts(&path, "/algorithms.horizon", err);
	how.horizons = ev_buf_text(&path);
	if (rc == EV_OK)
		rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		due = rc = ev_case_doctor(c, &how, show, cli, err);
	ev_case_close(c);
	for (n = 0; (rc == EV_OK || rc == EV_MISMATCH) && n < cli->argc; n++) {
		rc = ev_bundle_doctor(cli->argv[n], &how, show, cli, &other);
		if (rc != EV_OK) {
			*err = other;
			due = rc;
		}
	}
	ev_buf_release(&path);
	return rc == EV_OK ? due : rc;
}
