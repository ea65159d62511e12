/* ev-ingest: captured data into a case, with an account of every byte. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest_words.h"

enum {
	OPT_AGAIN = CLI_OWN,
	OPT_AUTHORITY,
	OPT_DRY_RUN,
	OPT_FORMATS,
	OPT_HASH,
	OPT_LIMIT,
	OPT_MAP,
	OPT_NO_SANDBOX,
	OPT_PARANOID,
	OPT_QUARANTINE,
	OPT_RECEIVED_FROM,
	OPT_TYPED_FROM,
};

enum { DATA_LIMIT = 4096 };

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	CLI_LONG_WRITE,
	{ "again", no_argument, NULL, OPT_AGAIN },
	{ "authority", required_argument, NULL, OPT_AUTHORITY },
	{ "dry-run", no_argument, NULL, OPT_DRY_RUN },
	{ "formats", required_argument, NULL, OPT_FORMATS },
	{ "hash", required_argument, NULL, OPT_HASH },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "map", required_argument, NULL, OPT_MAP },
	{ "no-sandbox", no_argument, NULL, OPT_NO_SANDBOX },
	{ "paranoid", no_argument, NULL, OPT_PARANOID },
	{ "quarantine", required_argument, NULL, OPT_QUARANTINE },
	{ "received-from", required_argument, NULL, OPT_RECEIVED_FROM },
	{ "typed-from", required_argument, NULL, OPT_TYPED_FROM },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-ingest [-hjqv] [case] SOURCE... [--authority ID]\n"
    "           [--received-from WHO] [--typed-from EXHIBIT]\n"
    "           [--quarantine CODE] [--map FILE|ID=GLOB]...\n"
    "           [--hash md5,sha1] [--formats NAME,...]\n"
    "           [--limit NAME=VALUE]... [--dry-run] [--paranoid]\n"
    "           [--no-sandbox] [--as @name] [--authoriser @name]\n"
    "           [--place T] [--purpose T]\n"
    "       ev-ingest --again [-hjqv] [case] [ARTIFACT...]\n"
    "           [--authority ID] [--map FILE|ID=GLOB]...\n"
    "           [--formats NAME,...] [--limit NAME=VALUE]...\n"
    "           [--no-sandbox] [--as @name] [--authoriser @name]\n"
    "           [--place T] [--purpose T]\n"
    "       ev-ingest lint [-hjqv] FILE...\n"
    "       ev-ingest try [-hjqv] FILE SAMPLE\n";

/* The one thing that a handler may touch. */
static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
	stop = number;
}

static void
hear_signals(void)
{
	struct sigaction action = { .sa_handler = on_signal };

	(void)sigemptyset(&action.sa_mask);
	/* The second one ends the program at once: a kill, and no harm. */
	action.sa_flags = (int)SA_RESETHAND;
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

/* "W000001" to 1. */
static enum ev_rc
number_of(struct cli *cli, const char *text, char kind, int64_t *number,
    struct ev_err *err)
{
	char found;

	*number = 0;
	if (text == NULL)
		return EV_OK;
	if (!ev_id_parse(text, &found, number) || found != kind)
		return cli_usage(cli, err, "'%s' is not %c and a number", text,
		    kind);
	return EV_OK;
}

static enum ev_rc
artifacts_of(struct cli *cli, int64_t **out, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	int64_t *id;
	int i;

	*out = NULL;
	if (cli->argc == 0)
		return EV_OK;
	*out = id = calloc((size_t)cli->argc + 1, sizeof(*id));
	if (id == NULL)
		return ev_fail_sys(err, "cannot keep the artifacts");
	for (i = 0; rc == EV_OK && i < cli->argc; i++)
		rc = number_of(cli, cli->argv[i], 'A', &id[i], err);
	return rc;
}

static enum ev_rc
work(struct cli *cli, struct ev_case *c, struct ev_err *err)
{
	struct ingest_own *own = cli->own;
	int64_t *artifacts = NULL;
	enum ev_rc rc;

	if (!own->again)
		return ev_ingest(c, (const char *const *)cli->argv, &own->opts,
		    err);
	rc = artifacts_of(cli, &artifacts, err);
	if (rc == EV_OK)
		rc = ev_ingest_again(c, artifacts, &own->opts, err);
	free(artifacts);
	return rc;
}

static enum ev_rc
check(struct cli *cli, struct ev_err *err)
{
	struct ingest_own *own = cli->own;
	enum ev_rc rc;

	if (!own->again && cli->argc == 0)
		return cli_usage(cli, err, "no source");
	if (own->again &&
	    (cli_seen(cli, OPT_RECEIVED_FROM) ||
		cli_seen(cli, OPT_TYPED_FROM) ||
		cli_seen(cli, OPT_QUARANTINE) || cli_seen(cli, OPT_HASH) ||
		cli_seen(cli, OPT_DRY_RUN) || cli_seen(cli, OPT_PARANOID)))
		return cli_usage(cli, err,
		    "--again stores nothing: an option"
		    " does not fit");
	rc = number_of(cli, own->authority, 'W', &own->opts.authority, err);
	if (rc == EV_OK)
		rc = number_of(cli, own->typed_from, 'E', &own->opts.typed_from,
		    err);
	return rc;
}

static enum ev_rc
run(struct cli *cli, struct ev_err *err)
{
	const struct ev_act act = cli_act(cli);
	struct ingest_own *own = cli->own;
	struct ev_ingest_report report;
	struct ev_case *c = NULL;
	struct ev_buf data;
	enum ev_rc rc;

	ev_buf_init(&data, DATA_LIMIT);
	own->cli = cli;
	rc = check(cli, err);
	if (rc == EV_OK)
		rc = cli_data(&data, err);
	if (rc == EV_OK)
		rc = ev_case_open(&c, cli->dir, EV_CASE_WRITE, &act, err);
	if (rc == EV_OK) {
		own->opts.data = ev_buf_text(&data);
		own->opts.maps = own->maps;
		own->opts.limits = own->limits;
		own->opts.stop = &stop;
		own->opts.progress = cli_bar_show;
		own->opts.progress_ctx = &own->bar;
		ingest_report(own, &report);
		own->opts.report = &report;
		hear_signals();
		cli_bar_begin(&own->bar, cli, "ingesting");
		rc = work(cli, c, err);
		cli_bar_end(&own->bar);
		ingest_report_end(own);
	}
	ev_case_close(c);
	ev_buf_release(&data);
	return rc;
}

static const struct cli_command commands[] = {
	{ "lint", "", CLI_NO_CASE, 1, -1, ingest_lint },
	{ "try", "", CLI_NO_CASE, 2, 2, ingest_try },
	{ NULL, NULL, CLI_CASE, 0, -1, run },
};

/* One value more of an option that may be given several times. */
static bool
append(const char **list, size_t *count)
{
	if (*count == INGEST_LIST_MAX)
		return false;
	list[(*count)++] = optarg;
	return true;
}

static bool
take(struct ingest_own *own, int ch)
{
	switch (ch) {
	case OPT_AGAIN:
		own->again = true;
		return true;
	case OPT_AUTHORITY:
		own->authority = optarg;
		return true;
	case OPT_DRY_RUN:
		own->opts.dry_run = true;
		return true;
	case OPT_FORMATS:
		own->opts.formats = optarg;
		return true;
	case OPT_HASH:
		own->opts.hash = optarg;
		return true;
	case OPT_LIMIT:
		return append(own->limits, &own->limit_count);
	case OPT_MAP:
		return append(own->maps, &own->map_count);
	case OPT_NO_SANDBOX:
		own->opts.no_sandbox = true;
		return true;
	case OPT_PARANOID:
		own->opts.paranoid = true;
		return true;
	case OPT_QUARANTINE:
		own->opts.quarantine = optarg;
		return true;
	case OPT_RECEIVED_FROM:
		own->opts.received_from = optarg;
		return true;
	case OPT_TYPED_FROM:
		own->typed_from = optarg;
		return true;
	default:
		return false;
	}
}

int
main(int argc, char *argv[])
{
	static struct ingest_own own;
	struct cli cli = {
		.tool = "ev-ingest",
		.usage = usage,
		.letters = CLI_SHORT,
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
		.own = &own,
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch >= CLI_OWN && take(&own, ch))
			continue;
		if (ch >= CLI_OWN)
			ch = '?';
		if (!cli_option(&cli, ch, &status))
			return status;
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
