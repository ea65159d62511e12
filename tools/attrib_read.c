/* ev-attrib: what only looks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "attrib_words.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"

enum { OUT_LIMIT = 64 << 20 };

enum ev_rc
attrib_window(struct cli *cli, const char **from, const char **to,
    struct ev_err *err)
{
	const char *window = attrib_text(cli, OPT_WINDOW);
	struct attrib_own *own = cli->own;
	int64_t a, b;
	enum ev_rc rc;

	*from = *to = NULL;
	if (window == NULL)
		return EV_OK;
	rc = cli_range(&a, &b, window, err);
	if (rc != EV_OK)
		return rc;
	ev_when_print(own->from, a, EV_PREC_US);
	ev_when_print(own->to, b, EV_PREC_US);
	*from = own->from;
	*to = own->to;
	return EV_OK;
}

static enum ev_rc
rows(struct cli *cli, enum ev_attrib_table which, struct ev_err *err)
{
	const struct ev_table_opts opts = cli_table(cli);
	struct ev_case *c = NULL;
	int64_t count = 0;
	enum ev_rc rc;

	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_attrib_rows(c, which, &opts, &count, err);
	ev_case_close(c);
	if (rc == EV_OK)
		cli_tell(cli, "%" PRId64 " rows", count);
	return rc;
}

enum ev_rc
attrib_list(struct cli *cli, struct ev_err *err)
{
	return rows(cli, EV_ATTRIB_CLAIMS, err);
}

enum ev_rc
attrib_links(struct cli *cli, struct ev_err *err)
{
	return rows(cli, EV_ATTRIB_LINKS, err);
}

enum ev_rc
attrib_geo(struct cli *cli, struct ev_err *err)
{
	const struct ev_table_opts opts = cli_table(cli);
	struct ev_case *c = NULL;
	enum ev_rc rc;

	if (cli->argc == 0)
		return rows(cli, EV_ATTRIB_GEO, err);
	if (cli->argc == 1)
		return cli_usage(cli, err, "an address needs its instant");
	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_attrib_geo(c, cli->argv[0], cli->argv[1], &opts, err);
	ev_case_close(c);
	return rc;
}

enum ev_rc
attrib_explain(struct cli *cli, struct ev_err *err)
{
	struct ev_case *c = NULL;
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, OUT_LIMIT);
	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK && cli->json) {
		rc = ev_attrib_line(c, cli->argv[0], &out, err);
		if (rc == EV_OK)
			rc = ev_buf_putc(&out, '\n', err);
	} else if (rc == EV_OK) {
		rc = ev_attrib_explain(c, cli->argv[0], &out, err);
	}
	if (rc == EV_OK)
		(void)fwrite(ev_buf_text(&out), 1, out.len, stdout);
	ev_case_close(c);
	ev_buf_release(&out);
	return rc;
}

static void
say(void *ctx, const char *what)
{
	struct cli *cli = ctx;
	struct ev_buf out;
	struct ev_err err;
	struct ev_jw j;

	ev_buf_init(&out, 1 << 16);
	if (cli->json) {
		ev_jw_init(&j, &out);
		ev_jw_object(&j);
		ev_jw_key_text(&j, "schema", "evidence/attrib-verify/1");
		ev_jw_key_text(&j, "what", what);
		ev_jw_close(&j);
		if (ev_jw_end(&j, &err) == EV_OK)
			(void)printf("%s\n", ev_buf_text(&out));
	} else if (ev_text_safe(&out, what, strlen(what), EV_TEXT_NAME, &err) ==
		   EV_OK) {
		(void)printf("%s\n", ev_buf_text(&out));
	}
	ev_buf_release(&out);
}

enum ev_rc
attrib_verify(struct cli *cli, struct ev_err *err)
{
	const bool all = cli_seen(cli, OPT_ALL);
	struct ev_case *c = NULL;
	int64_t checked = 0;
	enum ev_rc rc;

	if (all == (cli->argc == 1))
		return cli_usage(cli, err, "a claim, or --all");
	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_attrib_verify(c, all ? NULL : cli->argv[0], &checked,
		    say, cli, err);
	ev_case_close(c);
	if (rc == EV_OK && !cli->quiet && !cli->json)
		(void)printf("%" PRId64
			     " claims computed again from the facts, all "
			     "equal\n",
		    checked);
	return rc;
}

enum ev_rc
attrib_headline(struct cli *cli, struct ev_err *err)
{
	struct ev_attrib_count what = {
		.country = attrib_text(cli, OPT_COUNTRY),
		.registered = attrib_text(cli, OPT_REGISTER),
	};
	const struct ev_table_opts opts = cli_table(cli);
	struct ev_case *c = NULL;
	enum ev_rc rc;

	if (what.country == NULL || strlen(what.country) != 2 ||
	    what.country[0] < 'A' || what.country[0] > 'Z' ||
	    what.country[1] < 'A' || what.country[1] > 'Z')
		return cli_usage(cli, err,
		    "--country takes two capital letters (ISO 3166)");
	rc = attrib_window(cli, &what.from, &what.to, err);
	if (rc == EV_OK)
		rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_attrib_headline(c, &what, &opts, err);
	ev_case_close(c);
	return rc;
}

enum ev_rc
attrib_lint(struct cli *cli, struct ev_err *err)
{
	enum ev_rc rc, worst = EV_OK;
	struct ev_err fault;
	struct ev_buf data;
	int i;

	ev_buf_init(&data, 1 << 16);
	rc = cli_data(&data, err);
	for (i = 0; i < cli->argc && rc == EV_OK; i++) {
		if (ev_attrib_lint(cli->argv[i], ev_buf_text(&data), &fault) ==
		    EV_OK)
			continue;
		if (worst != EV_OK)
			cli_warn(cli, "%s", err->msg);
		worst = fault.rc;
		*err = fault;
	}
	ev_buf_release(&data);
	return rc != EV_OK ? rc : worst;
}
