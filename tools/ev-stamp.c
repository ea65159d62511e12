/* ev-stamp: have heads and acquisitions stamped by time-stamp authorities. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "evidence/bundle.h"
#include "evidence/json.h"
#include "evidence/stamp.h"
#include "evidence/text.h"

enum {
	OPT_CHAIN = CLI_OWN,
	OPT_CRL,
	OPT_SELF,
	OPT_SHA512,
	OPT_TIMEOUT,
	OPT_TRIES,
	OPT_TSA,
	OPT_TSQ_OUT,
	OPT_TSR_IN,
};
enum { TSA_MAX = 8, FILE_MAX = 32, LINE_LIMIT = 65536 };
enum { SECOND = 1000000, SKEW = 5 };

struct own {
	const char *tsa[TSA_MAX + 1];
	size_t count;
	struct ev_stamping how;
	const char *file[FILE_MAX + 1];
	size_t files;
	const char *out;
	bool sha512;
};

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	CLI_LONG_WRITE,
	{ "chain", required_argument, NULL, OPT_CHAIN },
	{ "crl", required_argument, NULL, OPT_CRL },
	{ "output", required_argument, NULL, 'o' },
	{ "self", no_argument, NULL, OPT_SELF },
	{ "sha512", no_argument, NULL, OPT_SHA512 },
	{ "timeout", required_argument, NULL, OPT_TIMEOUT },
	{ "tries", required_argument, NULL, OPT_TRIES },
	{ "tsa", required_argument, NULL, OPT_TSA },
	{ "tsq-out", required_argument, NULL, OPT_TSQ_OUT },
	{ "tsr-in", required_argument, NULL, OPT_TSR_IN },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-stamp [-hjqv] [case] [--chain FILE] [--crl FILE] [--self]\n"
    "           [--tsa URL] [--timeout SECONDS] [--tries N] [--tsq-out F]\n"
    "           [--tsr-in F]\n"
    "       ev-stamp renew [-hjqv] [case] [--self] [--sha512] [--tsa URL]\n"
    "           [--timeout SECONDS] [--tries N]\n"
    "       ev-stamp renew [-hjqv] bundle -o FILE --tsa URL\n"
    "           [--timeout SECONDS] [--tries N]\n";

static enum ev_rc
print_json(const struct ev_stamped *s, struct ev_err *err)
{
	struct ev_buf out;
	struct ev_jw w;
	enum ev_rc rc;

	ev_buf_init(&out, LINE_LIMIT);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	if (s->done)
		ev_jw_key_text(&w, "at", s->at);
	ev_jw_key_int(&w, "done", s->done ? 1 : 0);
	ev_jw_key_int(&w, "number", s->number);
	if (s->done) {
		ev_jw_key_text(&w, "policy", s->policy);
	}
	ev_jw_key_text(&w, "schema", "evidence/stamp/1");
	if (s->done) {
		ev_jw_key_int(&w, "self_issued", s->self_issued ? 1 : 0);
		ev_jw_key_int(&w, "skew_us", s->skew_us);
	}
	ev_jw_key_text(&w, "subject", s->subject);
	ev_jw_key_text(&w, "tsa", s->tsa);
	if (!s->done)
		ev_jw_key_text(&w, "why", s->why);
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	if (rc == EV_OK)
		(void)printf("%s\n", ev_buf_text(&out));
	ev_buf_release(&out);
	return rc;
}

/* A time, or what became of it. */
static const char *
state_of(const struct ev_stamped *s)
{
	if (s->number == 0)
		return s->done ? "kept" : "not had";
	return s->done ? s->at : "queued";
}

/* Who, or why not; and what to know of the time. */
static enum ev_rc
put_last(struct ev_buf *out, const struct ev_stamped *s, struct ev_err *err)
{
	const int64_t skew = s->skew_us / SECOND;
	enum ev_rc rc = EV_OK;

	if (s->done || s->number == 0)
		rc = ev_text_safe(out, s->tsa, strlen(s->tsa), EV_TEXT_NAME,
		    err);
	if (rc == EV_OK && !s->done)
		rc = ev_buf_puts(out, s->number == 0 ? ": " : "", err);
	if (rc == EV_OK && !s->done)
		rc = ev_text_safe(out, s->why, strlen(s->why), EV_TEXT_NAME,
		    err);
	if (rc == EV_OK && s->self_issued)
		rc = ev_buf_puts(out,
		    ": self-issued: shows order, is no proof of a date to"
		    " anyone else",
		    err);
	else if (rc == EV_OK && s->number > 0 && s->done &&
		 (skew >= SKEW || skew <= -SKEW))
		rc = ev_buf_printf(out, err,
		    ": the clock of this machine is %" PRId64 " s %s",
		    skew < 0 ? -skew : skew, skew < 0 ? "ahead" : "behind");
	return rc;
}

static void
show(void *ctx, const struct ev_stamped *s)
{
	struct cli *cli = ctx;
	char number[EV_ID_TEXT];
	struct ev_buf out;
	struct ev_err err;

	if (cli->json) {
		(void)print_json(s, &err);
		return;
	}
	if (s->number == 0)
		(void)snprintf(number, sizeof(number), "-");
	else if (strcmp(s->subject, "acquisition") != 0 &&
		 strcmp(s->subject, "record") != 0)
		(void)snprintf(number, sizeof(number), "%" PRId64, s->number);
	else
		ev_id_print(number, 'I', s->number);
	ev_buf_init(&out, LINE_LIMIT);
	if (put_last(&out, s, &err) == EV_OK)
		(void)printf("%-11s %-8s %-24s %s\n", s->subject, number,
		    state_of(s), ev_buf_text(&out));
	ev_buf_release(&out);
}

static enum ev_rc
run(struct cli *cli, struct ev_err *err)
{
	struct own *own = cli->own;
	struct ev_act act = cli_act(cli);
	struct ev_case *c = NULL;
	enum ev_rc rc;

	act.after_close = true;
	own->how.tsa = own->count > 0 ? own->tsa : NULL;
	own->how.files = own->file;
	if (own->how.tsq_out != NULL && (own->count > 0 || own->how.self))
		return cli_usage(cli, err,
		    "--tsq-out asks nobody: leave --tsa and --self out");
	rc = ev_case_open(&c, cli->dir, EV_CASE_WRITE, &act, err);
	if (rc == EV_OK)
		rc = ev_stamp_case(c, &own->how, show, cli, err);
	ev_case_close(c);
	return rc;
}

static enum ev_rc
renew_bundle(struct cli *cli, struct ev_err *err)
{
	struct own *own = cli->own;
	const struct ev_bundle_renewal how = { .path = cli->argv[0],
		.out = own->out,
		.tsa = own->tsa,
		.seconds = own->how.seconds,
		.tries = own->how.tries };

	if (own->out == NULL || own->count == 0 || own->how.self || own->sha512)
		return cli_usage(cli, err,
		    "a bundle is renewed with -o FILE and --tsa URL");
	return ev_bundle_renew(&how, show, cli, err);
}

static enum ev_rc
run_renew(struct cli *cli, struct ev_err *err)
{
	struct own *own = cli->own;
	const struct ev_act act = cli_act(cli);
	struct ev_case *c = NULL;
	enum ev_rc rc;

	if (cli->argc == 1)
		return renew_bundle(cli, err);
	if (cli->dir == NULL)
		return cli_usage(cli, err, "name one case, or one bundle");
	if (own->out != NULL || own->how.self == (own->count > 0))
		return cli_usage(cli, err,
		    "a case is renewed with --tsa URL, or --self");
	own->how.tsa = own->tsa;
	rc = ev_case_open(&c, cli->dir, EV_CASE_WRITE, &act, err);
	if (rc == EV_OK)
		rc = ev_stamp_renew(c, &own->how, own->sha512, show, cli, err);
	ev_case_close(c);
	return rc;
}

static const struct cli_command commands[] = {
	{ "renew", CLI_TAKES_WRITE " output self sha512 timeout tries tsa",
	    CLI_CASE_MAYBE, 0, 1, run_renew },
	{ NULL,
	    CLI_TAKES_WRITE " chain crl self timeout tries tsa tsq-out tsr-in",
	    CLI_CASE, 0, 0, run },
};

static bool
number(int *to, int high)
{
	int64_t n;

	if (!ev_text_int(&n, optarg, strlen(optarg), 1, high))
		return false;
	*to = (int)n;
	return true;
}

static bool
take_own(struct own *own, int ch)
{
	switch (ch) {
	case OPT_CHAIN:
	case OPT_CRL:
		if (own->files == FILE_MAX)
			return false;
		own->file[own->files++] = optarg;
		return true;
	case OPT_SELF:
		own->how.self = true;
		return true;
	case OPT_SHA512:
		own->sha512 = true;
		return true;
	case OPT_TIMEOUT:
		return number(&own->how.seconds, 3600);
	case OPT_TRIES:
		return number(&own->how.tries, 100);
	case OPT_TSA:
		if (own->count == TSA_MAX)
			return false;
		own->tsa[own->count++] = optarg;
		return true;
	case OPT_TSQ_OUT:
		own->how.tsq_out = optarg;
		return true;
	default:
		own->how.tsr_in = optarg;
		return true;
	}
}

int
main(int argc, char *argv[])
{
	struct own own = { .count = 0 };
	struct cli cli = {
		.tool = "ev-stamp",
		.usage = usage,
		.letters = CLI_SHORT "o:",
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
		.own = &own,
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch == 'o') {
			own.out = optarg;
		} else if (ch >= OPT_CHAIN && ch <= OPT_TSR_IN) {
			if (!take_own(&own, ch))
				return cli_misused(&cli);
		} else if (!cli_option(&cli, ch, &status)) {
			return status;
		}
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
