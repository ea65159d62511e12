/* ev-verify: check a bundle, or a case, and say what differs. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "evidence/case.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/verify.h"

enum {
	OPT_HEAD = CLI_OWN,
	OPT_NO_SANDBOX,
	OPT_PIN,
	OPT_QUICK,
	OPT_TRUST,
};
enum { NOTE_LIMIT = 16384, LINE_LIMIT = 1 << 20, LINE = 512, FILES = 999 };

struct own {
	struct ev_verify how;
	const char *head;
	struct cli *cli;
	const char *heading; /* to be said before the next finding */
	int64_t count[EV_VERIFY_NOTE + 1];
};

/* clang-format off */
static const struct option options[] = {
	CLI_LONG,
	{ "head", required_argument, NULL, OPT_HEAD },
	{ "no-sandbox", no_argument, NULL, OPT_NO_SANDBOX },
	{ "pin", required_argument, NULL, OPT_PIN },
	{ "quick", no_argument, NULL, OPT_QUICK },
	{ "trust", required_argument, NULL, OPT_TRUST },
	{ NULL, 0, NULL, 0 },
};
/* clang-format on */

static const char usage[] =
    "usage: ev-verify [-hjqv] bundle ... | case [--trust PEM] [--pin SHA256]\n"
    "           [--head FILE] [--quick] [--no-sandbox]\n";

static const char *const words[] = { "ok", "FAILED", "not checked", "note" };

static void
print_json(const struct ev_verify_finding *f)
{
	static const char *const keys[] = { "ok", "failed", "not-checked",
		"note" };
	struct ev_buf out;
	struct ev_err err;
	struct ev_jw w;

	ev_buf_init(&out, LINE_LIMIT);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "group", f->group);
	ev_jw_key_text(&w, "schema", "evidence/verify/1");
	ev_jw_key_text(&w, "state", keys[f->state]);
	ev_jw_key_text(&w, "what", f->what);
	ev_jw_close(&w);
	if (ev_jw_end(&w, &err) == EV_OK)
		(void)printf("%s\n", ev_buf_text(&out));
	ev_buf_release(&out);
}

static void
show(void *ctx, const struct ev_verify_finding *f)
{
	struct own *own = ctx;
	struct ev_buf out;
	struct ev_err err;

	own->count[f->state]++;
	if (own->cli->json) {
		print_json(f);
		return;
	}
	if (own->cli->quiet && f->state != EV_VERIFY_FAILED)
		return;
	if (own->heading != NULL)
		(void)printf("%s:\n", own->heading);
	own->heading = NULL;
	ev_buf_init(&out, LINE_LIMIT);
	if (ev_text_safe(&out, f->what, strlen(f->what), EV_TEXT_NAME, &err) ==
	    EV_OK)
		(void)printf("%-10s  %-11s  %s\n", f->group, words[f->state],
		    ev_buf_text(&out));
	ev_buf_release(&out);
}

static void
show_case(void *ctx, const struct ev_case_finding *c)
{
	const struct ev_verify_finding f = { c->area,
		c->bad ? EV_VERIFY_FAILED : EV_VERIFY_NOTE, c->what };

	show(ctx, &f);
}

static enum ev_rc
read_head(struct own *own, struct ev_buf *head, struct ev_err *err)
{
	char chunk[4096];
	enum ev_rc rc = EV_OK;
	size_t n;
	FILE *f;

	f = fopen(own->head, "re");
	if (f == NULL)
		return ev_fail_sys(err, "cannot open '%s'", own->head);
	while (rc == EV_OK && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		rc = ev_buf_put(head, chunk, n, err);
	if (rc == EV_OK && ferror(f))
		rc = ev_fail_sys(err, "cannot read '%s'", own->head);
	(void)fclose(f);
	return rc;
}

static enum ev_rc
verify_case(struct own *own, struct ev_err *err)
{
	struct ev_case *c = NULL;
	enum ev_rc rc;

	rc = ev_case_open(&c, own->cli->dir, EV_CASE_READ, NULL, err);
	if (rc == EV_OK)
		rc = ev_case_check(c, own->how.quick, own->how.head, show_case,
		    own, err);
	ev_case_close(c);
	return rc;
}

/* The verdict, in words that say no more than was checked. */
static void
conclude(const struct own *own, enum ev_rc rc)
{
	const char *verdict;

	if (own->cli->json || (own->cli->quiet && rc != EV_MISMATCH))
		return;
	if (rc == EV_OK)
		verdict = "intact; signer and time established";
	else if (rc == EV_PARTIAL)
		verdict = "intact; not established: see \"not checked\"";
	else if (rc == EV_MISMATCH)
		verdict = "ALTERED, INCOMPLETE OR INVALID: see \"FAILED\"";
	else
		return;
	(void)printf("%" PRId64 " ok, %" PRId64 " failed, %" PRId64
		     " not checked: %s\n",
	    own->count[EV_VERIFY_OK], own->count[EV_VERIFY_FAILED],
	    own->count[EV_VERIFY_UNCHECKED], verdict);
}

/* Several files are the volumes of one set, all of them. */
static enum ev_rc
check_set(struct own *own, const struct ev_verify_volume *volume, size_t count,
    struct ev_err *err)
{
	struct ev_verify_finding f = { .group = "container",
		.state = EV_VERIFY_FAILED };
	const struct ev_verify_volume *first = volume;
	const int64_t before = own->count[EV_VERIFY_FAILED];
	char what[LINE];
	bool whole = true;
	int64_t n, met;
	size_t i;

	f.what = what;
	for (i = 0; i < count; i++) {
		if (count == 1 || (volume[i].of == first->of && first->of > 0 &&
				      memcmp(volume[i].set, first->set,
					  sizeof(first->set)) == 0))
			continue;
		if (volume[i].of == 0)
			(void)snprintf(what, sizeof(what),
			    "'%.200s' is no volume of a set: check it alone",
			    own->cli->argv[i]);
		else
			(void)snprintf(what, sizeof(what),
			    "'%.200s' is no volume of the set that '%.200s' is "
			    "of",
			    own->cli->argv[i], own->cli->argv[0]);
		show(own, &f);
		whole = false;
	}
	for (n = 1; whole && n <= first->of; n++) {
		for (i = 0, met = 0; i < count; i++)
			met += volume[i].number == n;
		if (met == 1)
			continue;
		(void)snprintf(what, sizeof(what),
		    met == 0 ? "volume %" PRId64 " of %" PRId64
			       " is missing: the set is incomplete"
			     : "volume %" PRId64 " of %" PRId64
			       " is named twice",
		    n, first->of);
		show(own, &f);
	}
	return own->count[EV_VERIFY_FAILED] == before
		   ? EV_OK
		   : ev_fail(err, EV_MISMATCH, "the set is incomplete");
}

static enum ev_rc
verify_files(struct own *own, struct ev_err *err)
{
	struct ev_verify_volume volume[FILES] = { { .of = 0 } };
	enum ev_rc rc = EV_OK, worst = EV_OK;
	struct ev_err why = { .rc = EV_OK };
	int i;

	for (i = 0; i < own->cli->argc; i++) {
		own->how.path = own->cli->argv[i];
		own->how.volume = &volume[i];
		own->heading = own->cli->argc > 1 ? own->how.path : NULL;
		rc = ev_verify_bundle(&own->how, show, own, err);
		if (rc != EV_OK && rc != EV_PARTIAL && rc != EV_MISMATCH)
			return rc;
		if (rc == EV_MISMATCH || worst == EV_OK) {
			worst = rc;
			why = *err;
		}
	}
	rc = check_set(own, volume, (size_t)i, err);
	if (rc == EV_OK && worst != EV_OK) {
		rc = worst;
		*err = why;
	}
	conclude(own, rc);
	return rc;
}

static enum ev_rc
run(struct cli *cli, struct ev_err *err)
{
	struct own *own = cli->own;
	struct ev_buf head;
	enum ev_rc rc = EV_OK;

	own->cli = cli;
	if ((cli->dir == NULL) == (cli->argc == 0))
		return cli_usage(cli, err,
		    "name a bundle, the volumes of one, or a case");
	ev_buf_init(&head, NOTE_LIMIT);
	if (own->head != NULL) {
		rc = read_head(own, &head, err);
		own->how.head = &head;
	}
	if (rc == EV_OK && cli->dir != NULL)
		rc = verify_case(own, err);
	else if (rc == EV_OK)
		rc = verify_files(own, err);
	ev_buf_release(&head);
	return rc;
}

static const struct cli_command commands[] = {
	{ NULL, NULL, CLI_CASE_MAYBE, 0, FILES, run },
};

int
main(int argc, char *argv[])
{
	struct own own = { .head = NULL };
	struct cli cli = {
		.tool = "ev-verify",
		.usage = usage,
		.letters = CLI_SHORT,
		.options = options,
		.commands = commands,
		.command_count = sizeof(commands) / sizeof(commands[0]),
		.own = &own,
	};
	int ch, status;

	while ((ch = cli_next(&cli, argc, argv)) != -1) {
		if (ch == OPT_HEAD)
			own.head = optarg;
		else if (ch == OPT_NO_SANDBOX)
			own.how.no_sandbox = true;
		else if (ch == OPT_PIN)
			own.how.pin = optarg;
		else if (ch == OPT_QUICK)
			own.how.quick = true;
		else if (ch == OPT_TRUST)
			own.how.trust = optarg;
		else if (!cli_option(&cli, ch, &status))
			return status;
	}
	return cli_run(&cli, argc - optind, argv + optind);
}
