/* ev-list: what is in a case, as rows. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "evidence/catalog.h"

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	CLI_LONG_LIST,
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-list [-hjqv] [case] list [--columns A,B] [--where KEY=VALUE]\n"
    "           [--csv]\n";

static enum ev_rc
no_list(struct cli *cli, struct ev_err *err)
{
	const char *const *name;
	char text[256] = "";
	size_t at = 0;

	for (name = ev_catalog_names(); *name != NULL && at < 220; name++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, " %s",
		    *name);
	return cli_usage(cli, err, "the lists are:%s", text);
}

static enum ev_rc
run(struct cli *cli, struct ev_err *err)
{
	const struct ev_table_opts opts = cli_table(cli);
	const char *const *name = ev_catalog_names();
	struct ev_case *c = NULL;
	int64_t rows = 0;
	enum ev_rc rc;

	while (*name != NULL &&
	       (cli->argc == 0 || strcmp(*name, cli->argv[0]) != 0))
		name++;
	if (*name == NULL)
		return no_list(cli, err);
	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_catalog_write(c, *name, &opts, &rows, err);
	ev_case_close(c);
	if (rc == EV_OK)
		cli_tell(cli, "%" PRId64 " rows", rows);
	return rc;
}

static const struct cli_command commands[] = {
	{ NULL, NULL, CLI_CASE, 1, 1, run },
};

int
main(int argc, char *argv[])
{
	struct cli cli = {
		.tool = "ev-list",
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
