/* ev-list: what is in a case, as rows. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"
#include "evidence/catalog.h"
#include "evidence/text.h"

enum { NARROW = 80, WIDEST = 4096 };

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
to_stdout(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	(void)ctx;
	if (fwrite(data, 1, len, stdout) != len)
		return ev_fail_sys(err, "cannot write standard output");
	return EV_OK;
}

/* Of the terminal, else $COLUMNS, else 80; a pipe is not limited. */
static int
width(void)
{
	struct winsize w;
	const char *text;
	int64_t n;

	if (!isatty(STDOUT_FILENO))
		return 0;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	text = getenv("COLUMNS");
	if (text != NULL && ev_text_int(&n, text, strlen(text), 1, WIDEST))
		return (int)n;
	return NARROW;
}

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
	const struct ev_table_opts opts = {
		.form = cli->json  ? EV_TABLE_JSON
			: cli->csv ? EV_TABLE_CSV
				   : EV_TABLE_TERMINAL,
		.columns = cli->columns,
		.where = cli->where,
		.where_count = cli->where_count,
		.width = width(),
		.write = to_stdout,
	};
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
