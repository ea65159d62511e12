/* ev-custody: the case changes hands. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "custody_words.h"
#include "evidence/custody.h"
#include "evidence/handover.h"
#include "evidence/json.h"
#include "evidence/receipt.h"
#include "evidence/remark.h"

/* What was done, in one object or in words. */
static enum ev_rc
print_json(int64_t entry, const char *what, const char *code,
    struct ev_err *err)
{
	struct ev_buf out;
	struct ev_jw w;
	enum ev_rc rc;

	ev_buf_init(&out, CUSTODY_LINE);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "code", code);
	ev_jw_key_int(&w, "entry", entry);
	ev_jw_key_text(&w, "schema", "evidence/handover/1");
	ev_jw_key_text(&w, "state", what);
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	if (rc == EV_OK)
		(void)printf("%s\n", ev_buf_text(&out));
	ev_buf_release(&out);
	return rc;
}

static enum ev_rc
print_done(struct cli *cli, struct ev_case *c, int64_t entry, const char *what,
    struct ev_err *err)
{
	char code[EV_CUSTODY_CODE];
	struct ev_buf note;
	int64_t size;
	enum ev_rc rc;

	ev_buf_init(&note, CUSTODY_NOTE);
	rc = ev_custody_head(c, &note, &size, err);
	if (rc == EV_OK || rc == EV_EOF) {
		ev_custody_code(code, &note);
		rc = EV_OK;
		if (cli->json)
			rc = print_json(entry, what, code, err);
		else if (!cli->quiet)
			(void)printf("entry %" PRId64 ": %s\nhead %s\n", entry,
			    what, code);
	}
	ev_buf_release(&note);
	return rc;
}

typedef enum ev_rc act_fn(struct cli *cli, struct ev_case *c,
    const struct ev_handover_key *key, int64_t *entry, struct ev_err *err);

/* Open for writing, act with the key of --sign, say what was done. */
static enum ev_rc
with_key(struct cli *cli, act_fn *act, const char *what, struct ev_err *err)
{
	struct ev_act who = custody_act(cli);
	const struct ev_pass pass = cli_asker(cli);
	const struct ev_handover_key key = { custody_given(cli, OPT_SIGN),
		&pass };
	struct ev_case *c = NULL;
	int64_t entry = 0;
	enum ev_rc rc;

	rc = ev_case_open(&c, cli->dir, EV_CASE_WRITE, &who, err);
	if (rc == EV_OK)
		rc = act(cli, c, &key, &entry, err);
	if (rc == EV_OK)
		rc = print_done(cli, c, entry, what, err);
	ev_case_close(c);
	return rc;
}

static enum ev_rc
act_transfer(struct cli *cli, struct ev_case *c,
    const struct ev_handover_key *key, int64_t *entry, struct ev_err *err)
{
	return ev_handover_offer(c, custody_given(cli, OPT_TO), key, entry,
	    err);
}

enum ev_rc
custody_transfer(struct cli *cli, struct ev_err *err)
{
	if (custody_given(cli, OPT_TO) == NULL)
		return cli_usage(cli, err, "--to is missing");
	return with_key(cli, act_transfer, "the case is offered", err);
}

static enum ev_rc
act_accept(struct cli *cli, struct ev_case *c,
    const struct ev_handover_key *key, int64_t *entry, struct ev_err *err)
{
	return ev_handover_accept(c, key, cli_finding, cli, entry, err);
}

enum ev_rc
custody_accept(struct cli *cli, struct ev_err *err)
{
	return with_key(cli, act_accept,
	    "the case is accepted, every byte hashed again", err);
}

static enum ev_rc
act_refuse(struct cli *cli, struct ev_case *c,
    const struct ev_handover_key *key, int64_t *entry, struct ev_err *err)
{
	return ev_handover_refuse(c, custody_given(cli, OPT_REASON), key, entry,
	    err);
}

enum ev_rc
custody_refuse(struct cli *cli, struct ev_err *err)
{
	const char *reason = custody_given(cli, OPT_REASON);

	if (reason == NULL || reason[0] == '\0')
		return cli_usage(cli, err, "--reason is missing");
	return with_key(cli, act_refuse, "the case is refused", err);
}

/* --format, else by the file's ending. */
static enum ev_rc
receipt_form(struct cli *cli, const char *path, enum ev_receipt_form *form,
    struct ev_err *err)
{
	const char *format = custody_given(cli, OPT_FORMAT);
	size_t len = path == NULL ? 0 : strlen(path);

	bool html = len > 5 && strcmp(path + len - 5, ".html") == 0;

	if (format != NULL) {
		html = strcmp(format, "html") == 0;
		if (!html && strcmp(format, "text") != 0)
			return cli_usage(cli, err,
			    "'%s' is no format: text and html are", format);
	} else if (cli->json) {
		*form = EV_RECEIPT_JSON;
		return EV_OK;
	}
	*form = html ? EV_RECEIPT_HTML : EV_RECEIPT_TEXT;
	return EV_OK;
}

enum ev_rc
custody_receipt(struct cli *cli, struct ev_err *err)
{
	const char *path = custody_given(cli, OPT_OUT);
	struct ev_case *c = NULL;
	enum ev_receipt_form form = EV_RECEIPT_TEXT;
	struct ev_buf out;
	enum ev_rc rc;

	rc = receipt_form(cli, path, &form, err);
	if (rc != EV_OK)
		return rc;
	ev_buf_init(&out, CUSTODY_LINE);
	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_receipt(c, form, &out, err);
	if (rc == EV_OK)
		rc = custody_write(path, &out, err);
	ev_case_close(c);
	ev_buf_release(&out);
	return rc;
}

/* Enter it, and print its number. */
static enum ev_rc
remark(struct cli *cli, const struct ev_remark *what, struct ev_err *err)
{
	struct ev_act who = custody_act(cli);
	struct ev_case *c = NULL;
	int64_t entry = 0;
	enum ev_rc rc;

	rc = ev_case_open(&c, cli->dir, EV_CASE_WRITE, &who, err);
	if (rc == EV_OK)
		rc = ev_remark_enter(c, what, &entry, err);
	ev_case_close(c);
	if (rc == EV_OK)
		(void)printf("%" PRId64 "\n", entry);
	return rc;
}

enum ev_rc
custody_note(struct cli *cli, struct ev_err *err)
{
	const char *action = custody_given(cli, OPT_ACTION);
	const struct ev_remark what = {
		.action = action == NULL ? "examine" : action,
		.ids = (const char *const *)cli->argv,
		.text = custody_given(cli, OPT_TEXT),
	};

	if (what.text == NULL)
		return cli_usage(cli, err, "--text is missing");
	if (strcmp(what.action, "quarantine") == 0)
		return cli_usage(cli, err,
		    "quarantine is a command of its own");
	return remark(cli, &what, err);
}

enum ev_rc
custody_quarantine(struct cli *cli, struct ev_err *err)
{
	const struct ev_remark what = {
		.action = "quarantine",
		.ids = (const char *const *)cli->argv,
		.text = custody_given(cli, OPT_TEXT),
		.reason = custody_given(cli, OPT_REASON),
	};

	if (what.reason == NULL)
		return cli_usage(cli, err, "--reason is missing");
	return remark(cli, &what, err);
}
