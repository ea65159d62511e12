/* ev-attrib: what enters something in the case. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "attrib_words.h"
#include "evidence/json.h"

static enum ev_rc
open_case(struct cli *cli, struct ev_case **c, struct ev_err *err)
{
	const struct ev_act act = cli_act(cli);

	return ev_case_open(c, cli->dir, EV_CASE_WRITE, &act, err);
}

enum ev_rc
attrib_open(struct cli *cli, struct ev_case **c, struct ev_err *err)
{
	const struct attrib_own *own = cli->own;

	if (own->role != NULL)
		return cli_usage(cli, err, "--as names a person: @name");
	return open_case(cli, c, err);
}

static enum ev_rc
print_json(const struct ev_attrib_summary *s, struct ev_err *err)
{
	struct ev_buf out;
	struct ev_jw j;
	enum ev_rc rc;

	ev_buf_init(&out, 4096);
	ev_jw_init(&j, &out);
	ev_jw_object(&j);
	ev_jw_key_int(&j, "accounts", s->accounts);
	ev_jw_key_int(&j, "claims", s->claims);
	ev_jw_key_int(&j, "databases", s->databases);
	ev_jw_key_int(&j, "facts", s->facts);
	ev_jw_key_int(&j, "met", s->met);
	ev_jw_key_int(&j, "observations", s->observations);
	ev_jw_key_int(&j, "oversized", s->oversized);
	ev_jw_key_int(&j, "pairs", s->pairs);
	ev_jw_key_int(&j, "public_values", s->public_values);
	ev_jw_key_int(&j, "run", s->run);
	ev_jw_key_text(&j, "schema", "evidence/attrib-run/1");
	ev_jw_key(&j, "unchanged");
	ev_jw_bool(&j, s->unchanged);
	ev_jw_close(&j);
	rc = ev_jw_end(&j, err);
	if (rc == EV_OK)
		(void)printf("%s\n", ev_buf_text(&out));
	ev_buf_release(&out);
	return rc;
}

static void
print_summary(const struct ev_attrib_summary *s)
{
	(void)printf("facts read        %8" PRId64 "\n"
		     "observations      %8" PRId64 " of %" PRId64 " accounts\n"
		     "pairs looked at   %8" PRId64 "\n"
		     "public values     %8" PRId64
		     " (on too many accounts to link)\n"
		     "databases voting  %8" PRId64 "%s\n"
		     "claims            %8" PRId64 ", %" PRId64
		     " meet their threshold\n",
	    s->facts, s->observations, s->accounts, s->pairs, s->public_values,
	    s->databases,
	    s->databases == 0 ? " (no address is located: ev-attrib db)" : "",
	    s->claims, s->met);
	if (s->oversized > 0)
		(void)printf("not expanded      %8" PRId64
			     " components of more than 200 accounts\n",
		    s->oversized);
	if (s->unchanged)
		(void)printf("nothing changed since run %" PRId64
			     ": nothing was entered\n",
		    s->run);
}

enum ev_rc
attrib_run(struct cli *cli, struct ev_err *err)
{
	struct ev_attrib_opts opts = {
		.rules = attrib_text(cli, OPT_RULES),
		.asks = attrib_text(cli, OPT_ASKS),
	};
	struct ev_attrib_summary summary;
	struct ev_case *c = NULL;
	struct ev_buf data;
	bool partial = false;
	enum ev_rc rc;

	if (opts.asks != NULL && strcmp(opts.asks, "same-operator") != 0 &&
	    strcmp(opts.asks, "organisation") != 0 &&
	    strcmp(opts.asks, "country") != 0)
		return cli_usage(cli, err,
		    "--asks is same-operator, organisation or country");
	ev_buf_init(&data, 1 << 16);
	rc = attrib_window(cli, &opts.from, &opts.to, err);
	if (rc == EV_OK)
		rc = cli_data(&data, err);
	opts.data = ev_buf_text(&data);
	if (rc == EV_OK)
		rc = attrib_open(cli, &c, err);
	if (rc == EV_OK) {
		rc = ev_attrib_run(c, &opts, &summary, err);
		partial = rc == EV_PARTIAL;
	}
	ev_case_close(c);
	ev_buf_release(&data);
	if (rc != EV_OK && !partial)
		return rc;
	if (cli->json)
		rc = print_json(&summary, err);
	else if (!cli->quiet)
		print_summary(&summary);
	return rc == EV_OK && partial ? EV_PARTIAL : rc;
}

enum ev_rc
attrib_db(struct cli *cli, struct ev_err *err)
{
	const struct attrib_own *own = cli->own;
	const struct ev_attrib_db db = {
		.file = cli->argv[0],
		.source = attrib_text(cli, OPT_SOURCE),
		.built = attrib_text(cli, OPT_BUILT),
		.licence = attrib_text(cli, OPT_LICENCE),
		.as = own->role,
	};
	struct ev_case *c = NULL;
	enum ev_rc rc;

	if (db.source == NULL)
		return cli_usage(cli, err, "--source NAME is missing");
	rc = open_case(cli, &c, err);
	if (rc == EV_OK)
		rc = ev_attrib_db(c, &db, err);
	ev_case_close(c);
	return rc;
}

static enum ev_rc
enter(struct cli *cli, const char *verb, struct ev_err *err)
{
	const char *args[64];
	struct ev_attrib_entry entry = {
		.verb = verb,
		.args = args,
		.count = cli->argc,
		.reason = attrib_text(cli, OPT_REASON),
	};
	struct ev_case *c = NULL;
	enum ev_rc rc;
	int i;

	if (entry.reason == NULL)
		return cli_usage(cli, err, "--reason R is missing");
	for (i = 0; i < cli->argc && i < 63; i++)
		args[i] = cli->argv[i];
	args[i] = NULL;
	rc = attrib_open(cli, &c, err);
	if (rc == EV_OK)
		rc = ev_attrib_enter(c, &entry, err);
	ev_case_close(c);
	return rc;
}

enum ev_rc
attrib_role(struct cli *cli, struct ev_err *err)
{
	return enter(cli, "role", err);
}

enum ev_rc
attrib_flag(struct cli *cli, struct ev_err *err)
{
	return enter(cli, "flag", err);
}

enum ev_rc
attrib_grade(struct cli *cli, struct ev_err *err)
{
	return enter(cli, "grade", err);
}

enum ev_rc
attrib_depend(struct cli *cli, struct ev_err *err)
{
	return enter(cli, "depend", err);
}
