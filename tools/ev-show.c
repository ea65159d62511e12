/* ev-show: one thing of a case whole. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "evidence/show.h"
#include "evidence/text.h"

enum { OPT_CONTEXT = CLI_OWN, OPT_NO_SANDBOX, OPT_RAW };
enum { CONTEXT_MAX = 1 << 20 };

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	{ "context", required_argument, NULL, OPT_CONTEXT },
	{ "no-sandbox", no_argument, NULL, OPT_NO_SANDBOX },
	{ "raw", no_argument, NULL, OPT_RAW },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-show [-hjqv] [case] id [--raw] [--context N] [--no-sandbox]\n";

static enum ev_rc
to_stdout(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	(void)ctx;
	if (fwrite(data, 1, len, stdout) != len)
		return ev_fail_sys(err, "cannot write standard output");
	return EV_OK;
}

static enum ev_rc
run(struct cli *cli, struct ev_err *err)
{
	struct ev_show *how = cli->own;
	struct ev_case *c = NULL;
	enum ev_rc rc;

	if (how->raw && isatty(STDOUT_FILENO))
		return ev_fail(err, EV_USE,
		    "raw evidence is not written to a terminal");
	how->json = cli->json;
	how->write = to_stdout;
	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_show_id(c, cli->argv[0], how, err);
	ev_case_close(c);
	return rc;
}

static const struct cli_command commands[] = {
	{ NULL, NULL, CLI_CASE, 1, 1, run },
};

int
main(int argc, char *argv[])
{
	struct ev_show how = { .context = 0 };
	struct cli cli = {
		.tool = "ev-show",
		.usage = usage,
		.letters = CLI_SHORT,
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
		.own = &how,
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch == OPT_CONTEXT) {
			if (!ev_text_int(&how.context, optarg, strlen(optarg),
				0, CONTEXT_MAX))
				return cli_misused(&cli);
		} else if (ch == OPT_RAW) {
			how.raw = true;
		} else if (ch == OPT_NO_SANDBOX) {
			how.no_sandbox = true;
		} else if (!cli_option(&cli, ch, &status)) {
			return status;
		}
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
