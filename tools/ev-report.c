/* ev-report: the human reading of a case. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "evidence/report.h"

enum { OPT_FORMAT = CLI_OWN };

struct own {
	const char *format;
	const char *out;
};

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "output", required_argument, NULL, 'o' },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-report [-hjqv] [case] [--format html] [-o FILE]\n";

static enum ev_rc
to_file(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	FILE *f = ctx;

	if (fwrite(data, 1, len, f) != len)
		return ev_fail_sys(err, "cannot write the report");
	return EV_OK;
}

/* Never over another file; nothing is left of a report that failed. */
static enum ev_rc
to_path(struct ev_case *c, const char *path, struct ev_err *err)
{
	struct ev_report how = { .write = to_file };
	enum ev_rc rc;
	FILE *f;
	int fd;

	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (f == NULL)
		return ev_fail_sys(err, "cannot create '%s'", path);
	how.ctx = f;
	rc = ev_report_html(c, &how, err);
	if (rc == EV_OK && (fflush(f) != 0 || fsync(fd) != 0))
		rc = ev_fail_sys(err, "cannot write '%s'", path);
	if (fclose(f) != 0 && rc == EV_OK)
		rc = ev_fail_sys(err, "cannot write '%s'", path);
	if (rc != EV_OK)
		(void)unlink(path);
	return rc;
}

static enum ev_rc
run(struct cli *cli, struct ev_err *err)
{
	const struct ev_report how = { .write = to_file, .ctx = stdout };
	const struct own *own = cli->own;
	struct ev_case *c = NULL;
	enum ev_rc rc;

	if (own->format != NULL && strcmp(own->format, "html") != 0)
		return cli_usage(cli, err, "'%s' is no format: html is",
		    own->format);
	rc = ev_case_open(&c, cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK && own->out != NULL)
		rc = to_path(c, own->out, err);
	else if (rc == EV_OK)
		rc = ev_report_html(c, &how, err);
	ev_case_close(c);
	return rc;
}

static const struct cli_command commands[] = {
	{ NULL, NULL, CLI_CASE, 0, 0, run },
};

int
main(int argc, char *argv[])
{
	struct own own = { .format = NULL };
	struct cli cli = {
		.tool = "ev-report",
		.usage = usage,
		.letters = CLI_SHORT "o:",
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
		.own = &own,
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch == 'o')
			own.out = optarg;
		else if (ch == OPT_FORMAT)
			own.format = optarg;
		else if (!cli_option(&cli, ch, &status))
			return status;
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
