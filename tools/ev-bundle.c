/* ev-bundle: the case as one signed container that stands alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bundle_words.h"
#include "evidence/text.h"

enum {
	OPT_ALLOW_SELF = CLI_OWN,
	OPT_CHAIN,
	OPT_CHECKPOINT,
	OPT_DRAFT,
	OPT_ENCRYPT_TO,
	OPT_PROFILE,
	OPT_SIGN,
	OPT_TSA,
	OPT_VOLUME_SIZE,
	OPT_WITHHOLD,
};
enum {
	LIST_MAX = 8,
	WITHHOLD_MAX = 4096,
	PROFILE_LIMIT = 256 << 10,
	CERT_LIMIT = 1 << 20
};

struct own {
	struct ev_bundle how;
	const char *keys[LIST_MAX + 1], *tsa[LIST_MAX + 1];
	const char *chains[LIST_MAX + 1];
	size_t key_count, tsa_count, chain_count;
	const char *withhold[WITHHOLD_MAX + 1];
	size_t withhold_count;
	const char *certs[LIST_MAX];
	struct ev_buf cert[LIST_MAX];
	size_t cert_count;
};

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	CLI_LONG_WRITE,
	CLI_LONG_PASS,
	{ "allow-self-stamped", no_argument, NULL, OPT_ALLOW_SELF },
	{ "chain", required_argument, NULL, OPT_CHAIN },
	{ "checkpoint", required_argument, NULL, OPT_CHECKPOINT },
	{ "draft", no_argument, NULL, OPT_DRAFT },
	{ "encrypt-to", required_argument, NULL, OPT_ENCRYPT_TO },
	{ "output", required_argument, NULL, 'o' },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "sign", required_argument, NULL, OPT_SIGN },
	{ "tsa", required_argument, NULL, OPT_TSA },
	{ "volume-size", required_argument, NULL, OPT_VOLUME_SIZE },
	{ "withhold", required_argument, NULL, OPT_WITHHOLD },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-bundle [-hjqv] [case] -o FILE [--profile NAME] [--draft]\n"
    "           [--checkpoint N] [--sign KEY] [--chain PEM] [--pass P]\n"
    "           [--tsa URL] [--allow-self-stamped] [--withhold ID=CODE]\n"
    "           [--encrypt-to CERT] [--volume-size N]\n";

static enum ev_rc
write_bundle(struct cli *cli, struct own *own, struct ev_err *err)
{
	struct ev_act act = cli_act(cli);
	struct cli_bar bar;
	struct bundle_printing print = { cli, &bar };
	struct ev_bundle_result result;
	struct ev_case *c = NULL;
	enum ev_rc rc;

	act.after_close = true;
	rc = ev_case_open(&c, cli->dir, EV_CASE_WRITE, &act, err);
	if (rc != EV_OK)
		return rc;
	cli_bar_begin(&bar, cli, "writing");
	own->how.progress = cli_bar_show;
	own->how.progress_ctx = &bar;
	own->how.wrote = bundle_print;
	own->how.wrote_ctx = &print;
	rc = ev_bundle_write(c, &own->how, &result, err);
	cli_bar_end(&bar);
	ev_case_close(c);
	return rc;
}

static enum ev_rc
read_certs(struct own *own, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < own->cert_count; i++) {
		ev_buf_init(&own->cert[i], CERT_LIMIT);
		rc = bundle_file(own->certs[i], "certificate", &own->cert[i],
		    err);
	}
	own->how.recipient = own->cert;
	own->how.recipients = own->cert_count;
	return rc;
}

static enum ev_rc
run(struct cli *cli, struct ev_err *err)
{
	struct own *own = cli->own;
	const struct ev_pass pass = cli_asker(cli);
	struct ev_buf profile;
	enum ev_rc rc = EV_OK;
	size_t i;

	if (own->how.out == NULL)
		return cli_usage(cli, err, "-o is missing");
	ev_buf_init(&profile, PROFILE_LIMIT);
	own->how.pass = &pass;
	if (own->chain_count > 0)
		own->how.chains = own->chains;
	if (own->key_count > 0)
		own->how.keys = own->keys;
	if (own->tsa_count > 0)
		own->how.tsa = own->tsa;
	own->how.withhold = own->withhold;
	if (own->how.profile_name != NULL) {
		rc = bundle_profile(own->how.profile_name, &profile, err);
		own->how.profile = ev_buf_text(&profile);
	}
	if (rc == EV_OK)
		rc = read_certs(own, err);
	if (rc == EV_OK)
		rc = write_bundle(cli, own, err);
	for (i = 0; i < own->cert_count; i++)
		ev_buf_release(&own->cert[i]);
	ev_buf_release(&profile);
	return rc;
}

static const struct cli_command commands[] = {
	{ NULL, NULL, CLI_CASE, 0, 0, run },
};

static bool
take_own(struct own *own, int ch)
{
	switch (ch) {
	case OPT_ALLOW_SELF:
		own->how.allow_self_stamped = true;
		return true;
	case OPT_CHAIN:
		if (own->chain_count == LIST_MAX)
			return false;
		own->chains[own->chain_count++] = optarg;
		return true;
	case OPT_CHECKPOINT:
		return ev_text_int(&own->how.checkpoint, optarg, strlen(optarg),
		    1, INT64_MAX);
	case OPT_DRAFT:
		own->how.draft = true;
		return true;
	case OPT_ENCRYPT_TO:
		if (own->cert_count == LIST_MAX)
			return false;
		own->certs[own->cert_count++] = optarg;
		return true;
	case OPT_PROFILE:
		own->how.profile_name = optarg;
		return true;
	case OPT_SIGN:
		if (own->key_count == LIST_MAX)
			return false;
		own->keys[own->key_count++] = optarg;
		return true;
	case OPT_TSA:
		if (own->tsa_count == LIST_MAX)
			return false;
		own->tsa[own->tsa_count++] = optarg;
		return true;
	case OPT_VOLUME_SIZE:
		return bundle_size(&own->how.volume_size, optarg);
	case OPT_WITHHOLD:
		if (own->withhold_count == WITHHOLD_MAX)
			return false;
		own->withhold[own->withhold_count++] = optarg;
		return true;
	default:
		own->how.out = optarg;
		return true;
	}
}

int
main(int argc, char *argv[])
{
	struct own own = { .key_count = 0 };
	struct cli cli = {
		.tool = "ev-bundle",
		.usage = usage,
		.letters = CLI_SHORT "o:",
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
		.own = &own,
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch == 'o' || (ch >= CLI_OWN && ch <= OPT_WITHHOLD)) {
			if (!take_own(&own, ch))
				return cli_misused(&cli);
		} else if (!cli_option(&cli, ch, &status)) {
			return status;
		}
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
