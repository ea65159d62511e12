/* ev-case: make a case, enrol people, record authorities, look after it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "case_words.h"

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	CLI_LONG_WRITE,
	CLI_LONG_PASS,
	{ "account", required_argument, NULL, OPT_ACCOUNT },
	{ "actor", required_argument, NULL, OPT_ACTOR },
	{ "cert", required_argument, NULL, OPT_CERT },
	{ "class", required_argument, NULL, OPT_CLASS },
	{ "conduct", required_argument, NULL, OPT_CONDUCT },
	{ "file", required_argument, NULL, OPT_FILE },
	{ "id", required_argument, NULL, OPT_ID },
	{ "issuer", required_argument, NULL, OPT_ISSUER },
	{ "key", required_argument, NULL, OPT_KEY },
	{ "law", required_argument, NULL, OPT_LAW },
	{ "number", required_argument, NULL, OPT_NUMBER },
	{ "office", required_argument, NULL, OPT_OFFICE },
	{ "quick", no_argument, NULL, OPT_QUICK },
	{ "ref", required_argument, NULL, OPT_REF },
	{ "role", required_argument, NULL, OPT_ROLE },
	{ "section", required_argument, NULL, OPT_SECTION },
	{ "self-signed", no_argument, NULL, OPT_SELF_SIGNED },
	{ "title", required_argument, NULL, OPT_TITLE },
	{ "type", required_argument, NULL, OPT_TYPE },
	{ "valid", required_argument, NULL, OPT_VALID },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static enum ev_rc
run_migrate(struct cli *cli, struct ev_err *err)
{
	struct ev_act act = cli_act(cli);
	int64_t from = 0, to = 0;
	enum ev_rc rc;

	rc = ev_case_migrate(cli->dir, &act, &from, &to, err);
	if (rc == EV_OK && !cli->quiet)
		(void)printf("format %" PRId64 " to %" PRId64 "\n", from, to);
	return rc;
}

static enum ev_rc
run_close(struct cli *cli, struct ev_err *err)
{
	struct ev_act act = cli_act(cli);
	struct ev_case *c = NULL;
	bool already = false;
	int64_t entry = 0;
	enum ev_rc rc;

	act.after_close = true;
	rc = ev_case_open(&c, cli->dir, EV_CASE_WRITE, &act, err);
	if (rc == EV_OK)
		rc = ev_case_finish(c, &entry, &already, err);
	ev_case_close(c);
	if (rc == EV_OK && !cli->quiet)
		(void)printf("%s by entry %" PRId64 "\n",
		    already ? "was closed before," : "closed", entry);
	return rc;
}

#define PERSON "actor cert id key office pass role"

static const struct cli_command commands[] = {
	{ "init", CLI_TAKES_WRITE " " PERSON " number self-signed title",
	    CLI_CASE, 0, 0, case_init },
	{ "status", "", CLI_CASE, 0, 0, case_status },
	{ "enrol", CLI_TAKES_WRITE " " PERSON, CLI_CASE, 0, 0, case_enrol },
	{ "authority add",
	    CLI_TAKES_WRITE " account class conduct file issuer law ref "
			    "section type valid",
	    CLI_CASE, 0, 0, case_authority },
	{ "check", "quick", CLI_CASE, 0, 0, case_check },
	{ "doctor", "", CLI_CASE, 0, -1, case_doctor },
	{ "close", CLI_TAKES_WRITE, CLI_CASE, 0, 0, run_close },
	{ "migrate", CLI_TAKES_WRITE, CLI_CASE, 0, 0, run_migrate },
};

static const char usage[] =
    "usage: ev-case init [-hjqv] case --number N --title T --actor NAME\n"
    "           [--id WORD] --role ROLE --office OFFICE\n"
    "           [--cert FILE] [--key KEY | --self-signed] [--pass P]\n"
    "       ev-case status [-hjqv] [case]\n"
    "       ev-case enrol [-hjqv] [case] --actor NAME [--id WORD]\n"
    "           --role ROLE --office OFFICE [--cert FILE] [--key KEY]\n"
    "           [--pass P]\n"
    "       ev-case authority add [-hjqv] [case] --type T --issuer WHO\n"
    "           --ref REF [--law L] [--section S]\n"
    "           [--account PLATFORM:TYPE:VALUE] [--class C]\n"
    "           [--conduct A..B] [--valid A..B] [--file F]\n"
    "       ev-case check [-hjqv] [case] [--quick]\n"
    "       ev-case doctor [-hjqv] [case] [bundle ...]\n"
    "       ev-case close [-hjqv] [case]\n"
    "       ev-case migrate [-hjqv] [case]\n";

/* false: more than fit. */
static bool
take_own(struct case_own *own, int ch)
{
	switch (ch) {
	case OPT_ACCOUNT:
		if (own->account_count == CASE_LIST_MAX)
			return false;
		own->accounts[own->account_count++] = optarg;
		return true;
	case OPT_CLASS:
		if (own->class_count == CASE_LIST_MAX)
			return false;
		own->classes[own->class_count++] = optarg;
		return true;
	case OPT_QUICK:
		own->quick = true;
		return true;
	case OPT_SELF_SIGNED:
		own->self_signed = true;
		return true;
	default:
		own->text[ch - CLI_OWN] = optarg;
		return true;
	}
}

int
main(int argc, char *argv[])
{
	struct case_own own = { .self_signed = false };
	struct cli cli = {
		.tool = "ev-case",
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
			if (!take_own(&own, ch))
				return cli_misused(&cli);
		} else if (!cli_option(&cli, ch, &status)) {
			return status;
		}
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
