/* ev-bundle: the case as one signed container that stands alone. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"
#include "evidence/bundle.h"
#include "evidence/json.h"
#include "evidence/text.h"

enum {
	OPT_ALLOW_SELF = CLI_OWN,
	OPT_CHAIN,
	OPT_CHECKPOINT,
	OPT_DRAFT,
	OPT_PROFILE,
	OPT_SIGN,
	OPT_TSA,
	OPT_WITHHOLD,
};
enum {
	LIST_MAX = 8,
	WITHHOLD_MAX = 4096,
	PROFILE_LIMIT = 256 << 10,
	LINE_LIMIT = 65536
};

struct own {
	struct ev_bundle how;
	const char *keys[LIST_MAX + 1], *tsa[LIST_MAX + 1];
	const char *chains[LIST_MAX + 1];
	size_t key_count, tsa_count, chain_count;
	const char *withhold[WITHHOLD_MAX + 1];
	size_t withhold_count;
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
	{ "output", required_argument, NULL, 'o' },
	{ "profile", required_argument, NULL, OPT_PROFILE },
	{ "sign", required_argument, NULL, OPT_SIGN },
	{ "tsa", required_argument, NULL, OPT_TSA },
	{ "withhold", required_argument, NULL, OPT_WITHHOLD },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-bundle [-hjqv] [case] -o FILE [--profile NAME] [--draft]\n"
    "           [--checkpoint N] [--sign KEY] [--chain PEM] [--pass P]\n"
    "           [--tsa URL] [--allow-self-stamped] [--withhold ID=CODE]\n";

/* A profile by its name in the data folder, or by its path. */
static enum ev_rc
read_profile(const char *name, struct ev_buf *text, struct ev_err *err)
{
	struct ev_buf path;
	char chunk[4096];
	enum ev_rc rc;
	size_t n;
	FILE *f;

	ev_buf_init(&path, 8192);
	if (strchr(name, '/') != NULL) {
		rc = ev_buf_puts(&path, name, err);
	} else {
		rc = cli_data(&path, err);
		if (rc == EV_OK)
			rc = ev_buf_printf(&path, err, "/profiles/%s.profile",
			    name);
	}
	f = rc == EV_OK ? fopen(ev_buf_text(&path), "re") : NULL;
	if (rc == EV_OK && f == NULL)
		rc = ev_fail_sys(err, "cannot open profile '%s'",
		    ev_buf_text(&path));
	while (rc == EV_OK && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		rc = ev_buf_put(text, chunk, n, err);
	if (f != NULL)
		(void)fclose(f);
	ev_buf_release(&path);
	return rc;
}

static enum ev_rc
print_result(const struct cli *cli, const struct ev_bundle_result *r,
    struct ev_err *err)
{
	struct ev_buf out;
	struct ev_jw w;
	enum ev_rc rc;

	if (!cli->json) {
		(void)printf("content digest  %s\n"
			     "file SHA-256    %s\n"
			     "head            %" PRId64 " entries\n"
			     "files           %" PRId64 ", %" PRId64 " bytes\n",
		    r->content, r->sha256, r->head, r->parts, r->bytes);
		if (r->withheld > 0)
			(void)printf("withheld        %" PRId64 " lines\n"
				     "leak check      not possible in %" PRId64
				     " exhibits\n",
			    r->withheld, r->unsearched);
		return EV_OK;
	}
	ev_buf_init(&out, LINE_LIMIT);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_int(&w, "bytes", r->bytes);
	ev_jw_key_text(&w, "content", r->content);
	ev_jw_key_int(&w, "files", r->parts);
	ev_jw_key_int(&w, "head", r->head);
	ev_jw_key_text(&w, "schema", "evidence/bundle/1");
	ev_jw_key_text(&w, "sha256", r->sha256);
	if (r->withheld > 0) {
		ev_jw_key_int(&w, "unsearched", r->unsearched);
		ev_jw_key_int(&w, "withheld", r->withheld);
	}
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	if (rc == EV_OK)
		(void)printf("%s\n", ev_buf_text(&out));
	ev_buf_release(&out);
	return rc;
}

static enum ev_rc
write_bundle(struct cli *cli, struct own *own, struct ev_err *err)
{
	struct ev_act act = cli_act(cli);
	struct ev_bundle_result result;
	struct ev_case *c = NULL;
	struct cli_bar bar;
	enum ev_rc rc;

	act.after_close = true;
	rc = ev_case_open(&c, cli->dir, EV_CASE_WRITE, &act, err);
	if (rc != EV_OK)
		return rc;
	cli_bar_begin(&bar, cli, "writing");
	own->how.progress = cli_bar_show;
	own->how.progress_ctx = &bar;
	rc = ev_bundle_write(c, &own->how, &result, err);
	cli_bar_end(&bar);
	ev_case_close(c);
	return rc == EV_OK ? print_result(cli, &result, err) : rc;
}

static enum ev_rc
run(struct cli *cli, struct ev_err *err)
{
	struct own *own = cli->own;
	const struct ev_pass pass = cli_asker(cli);
	struct ev_buf profile;
	enum ev_rc rc = EV_OK;

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
		rc = read_profile(own->how.profile_name, &profile, err);
		own->how.profile = ev_buf_text(&profile);
	}
	if (rc == EV_OK)
		rc = write_bundle(cli, own, err);
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
