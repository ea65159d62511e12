/* ev-attrib: claims about accounts, with their reasons for and against. */
#include <stdio.h>
#include <string.h>

#include "attrib_words.h"

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	CLI_LONG_LIST,
	CLI_LONG_WRITE,
	{ "all", no_argument, NULL, OPT_ALL },
	{ "asks", required_argument, NULL, OPT_ASKS },
	{ "built", required_argument, NULL, OPT_BUILT },
	{ "country", required_argument, NULL, OPT_COUNTRY },
	{ "licence", required_argument, NULL, OPT_LICENCE },
	{ "reason", required_argument, NULL, OPT_REASON },
	{ "register", required_argument, NULL, OPT_REGISTER },
	{ "rules", required_argument, NULL, OPT_RULES },
	{ "source", required_argument, NULL, OPT_SOURCE },
	{ "window", required_argument, NULL, OPT_WINDOW },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

#define ENTRY CLI_TAKES_WRITE " reason"

static const struct cli_command commands[] = {
	{ "run", CLI_TAKES_WRITE " asks rules window", CLI_CASE, 0, 0,
	    attrib_run },
	{ "list", CLI_TAKES_LIST, CLI_CASE, 0, 0, attrib_list },
	{ "explain", "", CLI_CASE, 1, 1, attrib_explain },
	{ "verify", "all", CLI_CASE, 0, 1, attrib_verify },
	{ "headline", CLI_TAKES_LIST " country register window", CLI_CASE, 0, 0,
	    attrib_headline },
	{ "geo", CLI_TAKES_LIST, CLI_CASE, 0, 2, attrib_geo },
	{ "links", CLI_TAKES_LIST, CLI_CASE, 0, 0, attrib_links },
	{ "db", CLI_TAKES_WRITE " built licence source", CLI_CASE, 1, 1,
	    attrib_db },
	{ "role", ENTRY, CLI_CASE, 2, 2, attrib_role },
	{ "flag", ENTRY, CLI_CASE, 3, 3, attrib_flag },
	{ "grade", ENTRY, CLI_CASE, 2, 2, attrib_grade },
	{ "depend", ENTRY, CLI_CASE, 2, 60, attrib_depend },
	{ "lint", "", CLI_NO_CASE, 1, -1, attrib_lint },
};

static const char usage[] =
    "usage: ev-attrib run [-hjqv] [case] [--asks Q] [--rules FILE]\n"
    "           [--window A..B]\n"
    "       ev-attrib list [-hjqv] [case] [--columns A,B]\n"
    "           [--where KEY=VALUE] [--csv]\n"
    "       ev-attrib explain [-hjqv] [case] claim | account\n"
    "       ev-attrib verify [-hjqv] [case] claim | --all\n"
    "       ev-attrib headline [-hjqv] [case] --country C [--register NAME]\n"
    "           [--window A..B] [--columns A,B] [--where KEY=VALUE] [--csv]\n"
    "       ev-attrib geo [-hjqv] [case] [ip time] [--columns A,B]\n"
    "           [--where KEY=VALUE] [--csv]\n"
    "       ev-attrib links [-hjqv] [case] [--columns A,B]\n"
    "           [--where KEY=VALUE] [--csv]\n"
    "       ev-attrib db [-hjqv] [case] file --source NAME [--built DATE]\n"
    "           [--licence ID] [--as vote|asn|class|exits]\n"
    "       ev-attrib role [-hjqv] [case] fact role --reason R\n"
    "       ev-attrib flag [-hjqv] [case] type value household --reason R\n"
    "       ev-attrib flag [-hjqv] [case] component account reviewed\n"
    "           --reason R\n"
    "       ev-attrib grade [-hjqv] [case] fact grade --reason R\n"
    "       ev-attrib depend [-hjqv] [case] fact fact ... --reason R\n"
    "       ev-attrib lint [-hjqv] file ...\n";

int
main(int argc, char *argv[])
{
	struct attrib_own own = { .role = NULL };
	struct cli cli = {
		.tool = "ev-attrib",
		.usage = usage,
		.letters = CLI_SHORT,
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
		.own = &own,
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch >= CLI_OWN && ch < OPT_END) {
			own.text[ch - CLI_OWN] = optarg;
			continue;
		}
		/* A person has an @; what a database is used as has none. */
		if (ch == CLI_AS && optarg[0] != '@') {
			own.role = optarg;
			continue;
		}
		if (!cli_option(&cli, ch, &status))
			return status;
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
