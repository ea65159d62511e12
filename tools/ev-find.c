/* ev-find: facts by the words in them. */
#include <stdio.h>

#include "cli.h"
#include "evidence/find.h"

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	CLI_LONG_LIST,
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-find [-hjqv] [case] word ... [--columns A,B]\n"
    "           [--where KEY=VALUE] [--csv]\n";

static enum ev_rc
run(struct cli *cli, struct ev_err *err)
{
	const struct ev_table_opts opts = cli_table(cli);
	struct ev_case *c = NULL;
	int64_t rows = 0;
	enum ev_rc rc;

	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_find_words(c, (const char *const *)cli->argv,
		    (size_t)cli->argc, &opts, &rows, err);
	ev_case_close(c);
	if (rc == EV_OK && rows == 0)
		return ev_fail(err, EV_MISMATCH, "nothing found");
	return rc;
}

static const struct cli_command commands[] = {
	{ NULL, NULL, CLI_CASE, 1, -1, run },
};

int
main(int argc, char *argv[])
{
	struct cli cli = {
		.tool = "ev-find",
		.usage = usage,
		.letters = CLI_SHORT,
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (!cli_option(&cli, ch, &status))
			return status;
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
