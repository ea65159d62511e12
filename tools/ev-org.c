/* ev-org: registers of listed organisations, and what ties things to them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "evidence/org.h"
#include "evidence/text.h"

enum { OPT_BASIS = CLI_OWN, OPT_FORMAT, OPT_FROM, OPT_SOURCE, OPT_TO };

struct own {
	struct ev_org_import import;
	struct ev_org_anchor anchor;
};

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	CLI_LONG_LIST,
	CLI_LONG_WRITE,
	{ "basis", required_argument, NULL, OPT_BASIS },
	{ "format", required_argument, NULL, OPT_FORMAT },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "source", required_argument, NULL, OPT_SOURCE },
	{ "to", required_argument, NULL, OPT_TO },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-org import [-hjqv] [case] file [--format csv] [--source NAME]\n"
    "       ev-org list [-hjqv] [case] [--columns A,B] [--where KEY=VALUE]\n"
    "           [--csv]\n"
    "       ev-org show [-hjqv] [case] org\n"
    "       ev-org anchor [-hjqv] [case] org type value --basis ID [--from T]\n"
    "           [--to T]\n";

static enum ev_rc
open_case(struct cli *cli, enum ev_case_mode mode, struct ev_case **c,
    struct ev_err *err)
{
	const struct ev_act act = cli_act(cli);

	return ev_case_open(c, cli->dir, mode, &act, err);
}

static void
show_fault(void *ctx, const struct ev_org_fault *fault)
{
	struct cli *cli = ctx;

	if (fault->length == 0)
		cli_warn(cli, "%s: not read", fault->what);
	else
		cli_warn(cli, "set aside: bytes %" PRId64 "+%" PRId64 ": %s",
		    fault->offset, fault->length, fault->what);
}

static enum ev_rc
run_import(struct cli *cli, struct ev_err *err)
{
	struct own *own = cli->own;
	struct ev_org_result r = { 0 };
	struct ev_case *c = NULL;
	enum ev_rc rc;

	own->import.file = cli->argv[0];
	rc = open_case(cli, EV_CASE_WRITE, &c, err);
	if (rc == EV_OK)
		rc = ev_org_import(c, &own->import, &r, show_fault, cli, err);
	ev_case_close(c);
	if (rc != EV_OK && rc != EV_PARTIAL)
		return rc;
	if (cli->json)
		(void)printf("{\"known\":%d,\"listings\":%" PRId64
			     ",\"organisations\":%" PRId64
			     ",\"records\":%" PRId64
			     ",\"schema\":\"evidence/org-import/1\","
			     "\"set_aside\":%" PRId64 "}\n",
		    r.known ? 1 : 0, r.listings, r.organisations, r.records,
		    r.set_aside);
	else if (r.known)
		(void)printf("this very file was imported before: nothing "
			     "changed\n");
	else
		(void)printf("%" PRId64 " records: %" PRId64
			     " organisations new, %" PRId64
			     " listings, %" PRId64 " set aside\n",
		    r.records, r.organisations, r.listings, r.set_aside);
	return rc;
}

static enum ev_rc
run_list(struct cli *cli, struct ev_err *err)
{
	const struct ev_table_opts opts = cli_table(cli);
	struct ev_case *c = NULL;
	int64_t rows;
	enum ev_rc rc;

	rc = open_case(cli, EV_CASE_READ, &c, err);
	if (rc == EV_OK)
		rc = ev_org_list(c, &opts, &rows, err);
	ev_case_close(c);
	return rc;
}

static enum ev_rc
org_number(const char *text, int64_t *number, struct ev_err *err)
{
	char kind;

	if (!ev_id_parse(text, &kind, number) || kind != 'O')
		return ev_fail(err, EV_USE,
		    "'%.64s' is no organisation such as O000001", text);
	return EV_OK;
}

static enum ev_rc
run_show(struct cli *cli, struct ev_err *err)
{
	const struct ev_table_opts opts = cli_table(cli);
	struct ev_case *c = NULL;
	int64_t org = 0;
	enum ev_rc rc;

	rc = org_number(cli->argv[0], &org, err);
	if (rc == EV_OK)
		rc = open_case(cli, EV_CASE_READ, &c, err);
	if (rc == EV_OK)
		rc = ev_org_show(c, org, &opts, err);
	ev_case_close(c);
	return rc;
}

static enum ev_rc
run_anchor(struct cli *cli, struct ev_err *err)
{
	struct own *own = cli->own;
	struct ev_case *c = NULL;
	enum ev_rc rc;

	if (own->anchor.basis == NULL)
		return cli_usage(cli, err, "--basis is missing");
	own->anchor.type = cli->argv[1];
	own->anchor.value = cli->argv[2];
	rc = org_number(cli->argv[0], &own->anchor.org, err);
	if (rc == EV_OK)
		rc = open_case(cli, EV_CASE_WRITE, &c, err);
	if (rc == EV_OK)
		rc = ev_org_anchor(c, &own->anchor, err);
	ev_case_close(c);
	return rc;
}

static const struct cli_command commands[] = {
	{ "import", CLI_TAKES_WRITE " format source", CLI_CASE, 1, 1,
	    run_import },
	{ "list", CLI_TAKES_LIST, CLI_CASE, 0, 0, run_list },
	{ "show", "", CLI_CASE, 1, 1, run_show },
	{ "anchor", CLI_TAKES_WRITE " basis from to", CLI_CASE, 3, 3,
	    run_anchor },
};

int
main(int argc, char *argv[])
{
	struct own own = { .import.file = NULL };
	struct cli cli = {
		.tool = "ev-org",
		.usage = usage,
		.letters = CLI_SHORT,
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
		.own = &own,
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch == OPT_BASIS)
			own.anchor.basis = optarg;
		else if (ch == OPT_FORMAT)
			own.import.format = optarg;
		else if (ch == OPT_FROM)
			own.anchor.from = optarg;
		else if (ch == OPT_SOURCE)
			own.import.source = optarg;
		else if (ch == OPT_TO)
			own.anchor.to = optarg;
		else if (!cli_option(&cli, ch, &status))
			return status;
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
