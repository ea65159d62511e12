/* The options that tools share, and which command takes which. */
#include <stdio.h>
#include <string.h>

#include "cli.h"

int
cli_next(struct cli *cli, int argc, char *argv[])
{
	int ch;

	ch = getopt_long(argc, argv, cli->letters, cli->options, NULL);
	if (ch != -1 && !cli_seen(cli, ch) && cli->seen_count < CLI_SEEN_MAX)
		cli->seen[cli->seen_count++] = ch;
	return ch;
}

bool
cli_seen(const struct cli *cli, int ch)
{
	size_t i;

	for (i = 0; i < cli->seen_count; i++) {
		if (cli->seen[i] == ch)
			return true;
	}
	return false;
}

/* The options with an argument; false: none of them. */
static bool
take_value(struct cli *cli, int ch)
{
	switch (ch) {
	case CLI_COLUMNS:
		cli->columns = optarg;
		return true;
	case CLI_WHERE:
		if (cli->where_count == CLI_WHERE_MAX) {
			cli_warn(cli, "more than %d --where", CLI_WHERE_MAX);
			return false;
		}
		if (strchr(optarg, '=') == NULL) {
			cli_warn(cli, "'%s' is not KEY=VALUE", optarg);
			return false;
		}
		cli->where[cli->where_count++] = optarg;
		return true;
	case CLI_AS:
		cli->actor = optarg;
		return true;
	case CLI_PURPOSE:
		cli->purpose = optarg;
		return true;
	case CLI_PLACE:
		cli->place = optarg;
		return true;
	case CLI_AUTHORISER:
		cli->authoriser = optarg;
		return true;
	case CLI_PASS:
		cli->pass = optarg;
		return true;
	default:
		return false;
	}
}

bool
cli_option(struct cli *cli, int ch, int *status)
{
	struct ev_err err = { .rc = EV_OK };

	switch (ch) {
	case 'j':
		cli->json = true;
		return true;
	case 'q':
		cli->quiet = true;
		return true;
	case 'v':
		cli->verbose = true;
		return true;
	case CLI_NO_PROGRESS:
		cli->no_progress = true;
		return true;
	case CLI_CSV:
		cli->csv = true;
		return true;
	case 'h':
		(void)fputs(cli->usage, stdout);
		break;
	case CLI_VERSION:
		(void)printf("%s %s\n", cli->tool, EV_VERSION);
		break;
	default:
		if (take_value(cli, ch))
			return true;
		*status = cli_misused(cli);
		return false;
	}
	*status = cli_end(cli, EV_OK, &err);
	return false;
}

/* Is name, len long, one of the words of list? */
static bool
is_word(const char *list, const char *name, size_t len)
{
	size_t n;

	for (; *list != '\0'; list += n + strspn(list + n, " ")) {
		n = strcspn(list, " ");
		if (n == len && memcmp(list, name, len) == 0)
			return true;
	}
	return false;
}

/* Does this command take the option that getopt told as ch? */
static bool
takes(const struct cli *cli, const struct cli_command *command, int ch)
{
	const struct option *o;
	char letter = (char)ch;

	if (command->options == NULL || ch == CLI_VERSION ||
	    ch == CLI_NO_PROGRESS || (ch < 128 && strchr(CLI_SHORT, ch)))
		return true;
	for (o = cli->options; o->name != NULL; o++) {
		if (o->val == ch &&
		    is_word(command->options, o->name, strlen(o->name)))
			return true;
	}
	return ch < 128 && is_word(command->options, &letter, 1);
}

static const char *
name_of(const struct cli *cli, int ch)
{
	const struct option *o;

	for (o = cli->options; o->name != NULL; o++) {
		if (o->val == ch)
			return o->name;
	}
	return NULL;
}

bool
cli_fits(struct cli *cli, const struct cli_command *command)
{
	const char *name;
	size_t i;

	for (i = 0; i < cli->seen_count; i++) {
		if (takes(cli, command, cli->seen[i]))
			continue;
		name = name_of(cli, cli->seen[i]);
		if (name != NULL)
			cli_warn(cli, "--%s does not belong here", name);
		else
			cli_warn(cli, "-%c does not belong here", cli->seen[i]);
		return false;
	}
	return true;
}
