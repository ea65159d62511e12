/* ev-custody: one thing with its proofs, and such proofs checked. */
#include <stdio.h>
#include <string.h>

#include "custody_words.h"
#include "evidence/prove.h"
#include "evidence/text.h"

enum { PROOF_LIMIT = 128 << 20, KEY_LIMIT = 65536 };

enum ev_rc
custody_prove(struct cli *cli, struct ev_err *err)
{
	const char *path = custody_given(cli, OPT_OUT);
	struct ev_case *c = NULL;
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, PROOF_LIMIT);
	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_prove(c, cli->argv[0], &out, err);
	if (rc == EV_OK)
		rc = custody_write(path, &out, err);
	ev_case_close(c);
	ev_buf_release(&out);
	return rc;
}

/* The line that was proved: JSON as it is, safe to print. */
static enum ev_rc
print_line(const struct ev_buf *line, struct ev_err *err)
{
	struct ev_buf safe;
	enum ev_rc rc;

	ev_buf_init(&safe, PROOF_LIMIT);
	rc = ev_text_json(&safe, line->data, line->len, err);
	if (rc == EV_OK)
		(void)printf("%s\n", ev_buf_text(&safe));
	ev_buf_release(&safe);
	return rc;
}

enum ev_rc
custody_proof(struct cli *cli, struct ev_err *err)
{
	const char *key_file = custody_given(cli, OPT_LOG_KEY);
	struct ev_buf proof, key, line;
	struct ev_case *c = NULL;
	enum ev_rc rc;

	if (key_file == NULL && cli->dir == NULL)
		return cli_usage(cli, err,
		    "--proof needs the case, or --log-key");
	ev_buf_init(&proof, PROOF_LIMIT);
	ev_buf_init(&key, KEY_LIMIT);
	ev_buf_init(&line, PROOF_LIMIT);
	rc = custody_read(&proof, custody_given(cli, OPT_PROOF), err);
	if (rc == EV_OK && key_file != NULL)
		rc = custody_read(&key, key_file, err);
	else if (rc == EV_OK)
		rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_prove_check(&proof, c, &key, custody_finding, cli,
		    &line, err);
	if (rc == EV_OK && !cli->quiet)
		rc = print_line(&line, err);
	ev_case_close(c);
	ev_buf_release(&proof);
	ev_buf_release(&key);
	ev_buf_release(&line);
	return rc;
}
