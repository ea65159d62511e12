/* ev-custody: the log held against itself, and its newest head. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "custody_words.h"
#include "evidence/custody.h"
#include "evidence/handover.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum { KEPT_LIMIT = 1 << 20 };

void
custody_finding(void *ctx, const struct ev_custody_finding *f)
{
	static const char *const words[] = { "ok", "FAILED", "not checked" };
	static const char *const keys[] = { "ok", "failed", "not-checked" };
	struct cli *cli = ctx;
	struct ev_buf out;
	struct ev_err err;
	struct ev_jw w;

	ev_buf_init(&out, CUSTODY_LINE);
	if (cli->json) {
		ev_jw_init(&w, &out);
		ev_jw_object(&w);
		ev_jw_key_text(&w, "schema", "evidence/custody-verify/1");
		ev_jw_key_int(&w, "seq", f->seq);
		ev_jw_key_text(&w, "state", keys[f->state]);
		ev_jw_key_text(&w, "what", f->what);
		ev_jw_close(&w);
		if (ev_jw_end(&w, &err) == EV_OK)
			(void)printf("%s\n", ev_buf_text(&out));
	} else if (ev_text_safe(&out, f->what, strlen(f->what), EV_TEXT_NAME,
		       &err) == EV_OK) {
		(void)printf("%-11s %s\n", words[f->state], ev_buf_text(&out));
	}
	ev_buf_release(&out);
}

enum ev_rc
custody_read(struct ev_buf *buf, const char *path, struct ev_err *err)
{
	char chunk[4096];
	enum ev_rc rc = EV_OK;
	size_t n;
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL)
		return ev_fail_sys(err, "cannot open '%s'", path);
	while (rc == EV_OK && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		rc = ev_buf_put(buf, chunk, n, err);
	if (rc == EV_OK && ferror(f))
		rc = ev_fail_sys(err, "cannot read '%s'", path);
	(void)fclose(f);
	return rc;
}

enum ev_rc
custody_verify(struct cli *cli, struct ev_err *err)
{
	const char *kept = custody_given(cli, OPT_HEAD);
	const bool proof = custody_given(cli, OPT_PROOF) != NULL;
	struct ev_case *c = NULL;
	struct ev_buf head;
	enum ev_rc rc = EV_OK;

	if (proof && kept == NULL)
		return custody_proof(cli, err);
	if (proof || custody_given(cli, OPT_LOG_KEY) != NULL)
		return cli_usage(cli, err,
		    "--proof and --log-key belong together, --head does not");
	if (cli->dir == NULL)
		return cli_usage(cli, err, "no case was named");
	ev_buf_init(&head, KEPT_LIMIT);
	if (kept != NULL)
		rc = ev_custody_is_code(kept) ? ev_buf_puts(&head, kept, err)
					      : custody_read(&head, kept, err);
	if (rc == EV_OK)
		rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_custody_verify(c, kept == NULL ? NULL : &head,
		    custody_finding, cli, err);
	ev_case_close(c);
	ev_buf_release(&head);
	return rc;
}

static enum ev_rc
print_head(const struct cli *cli, const struct ev_buf *note, int64_t size,
    struct ev_err *err)
{
	struct ev_buf out;
	struct ev_jw w;
	enum ev_rc rc;

	if (!cli->json) {
		(void)fputs(ev_buf_text(note), stdout);
		return EV_OK;
	}
	ev_buf_init(&out, CUSTODY_LINE);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "note", ev_buf_text(note));
	ev_jw_key_text(&w, "schema", "evidence/head/1");
	ev_jw_key_int(&w, "size", size);
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	if (rc == EV_OK)
		(void)printf("%s\n", ev_buf_text(&out));
	ev_buf_release(&out);
	return rc;
}

/* Sign the newest head as a second officer; the signature goes to p7s. */
static enum ev_rc
countersign(struct cli *cli, struct ev_case *c, struct ev_buf *p7s,
    struct ev_err *err)
{
	const struct ev_pass pass = cli_asker(cli);
	const struct ev_handover_key key = {
		custody_given(cli, OPT_COUNTERSIGN), &pass
	};
	int64_t entry = 0;
	enum ev_rc rc;

	rc = ev_handover_countersign(c, &key, &entry, err);
	if (rc == EV_OK)
		rc = ev_handover_signature(c, entry, p7s, err);
	return rc;
}

/* FILE, and FILE.p7s where there is a signature: both or none. */
static enum ev_rc
export_head(const char *path, const struct ev_buf *note,
    const struct ev_buf *p7s, struct ev_err *err)
{
	struct ev_buf name;
	enum ev_rc rc;

	ev_buf_init(&name, CUSTODY_NOTE);
	rc = ev_buf_printf(&name, err, "%s.p7s", path);
	if (rc == EV_OK)
		rc = custody_write(path, note, err);
	if (rc == EV_OK && p7s->len > 0) {
		rc = custody_write(ev_buf_text(&name), p7s, err);
		if (rc != EV_OK)
			(void)unlink(path);
	}
	ev_buf_release(&name);
	return rc;
}

enum ev_rc
custody_head(struct cli *cli, struct ev_err *err)
{
	const char *path = custody_given(cli, OPT_EXPORT);
	bool second = cli_seen(cli, OPT_COUNTERSIGN);
	struct ev_act act = custody_act(cli);
	struct ev_case *c = NULL;
	struct ev_buf note, p7s;
	int64_t size = 0;
	enum ev_rc rc;

	if (second && path == NULL)
		return cli_usage(cli, err, "--countersign needs --export");
	ev_buf_init(&note, CUSTODY_NOTE);
	ev_buf_init(&p7s, CUSTODY_DER);
	rc = second ? ev_case_open(&c, cli->dir, EV_CASE_WRITE, &act, err)
		    : ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK && second)
		rc = countersign(cli, c, &p7s, err);
	if (rc == EV_OK)
		rc = ev_custody_head(c, &note, &size, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_INPUT, "the log has no head");
	if (rc == EV_OK && path != NULL)
		rc = export_head(path, &note, &p7s, err);
	else if (rc == EV_OK)
		rc = print_head(cli, &note, size, err);
	ev_case_close(c);
	ev_buf_release(&note);
	ev_buf_release(&p7s);
	return rc;
}
