/* ev-case: people and authorities. */
#include <stdio.h>
#include <string.h>

#include "case_words.h"

enum { RANGE = 64 };

static const char *
given(const struct cli *cli, int option)
{
	const struct case_own *own = cli->own;

	return own->text[option - CLI_OWN];
}

static enum ev_rc
person_of(struct cli *cli, struct ev_person *who, const struct ev_pass *pass,
    struct ev_err *err)
{
	static const int needed[] = { OPT_ACTOR, OPT_ROLE, OPT_OFFICE };
	static const char *const names[] = { "actor", "role", "office" };
	const struct case_own *own = cli->own;
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (given(cli, needed[i]) == NULL)
			return cli_usage(cli, err, "--%s is missing", names[i]);
	}
	*who = (struct ev_person){
		.name = given(cli, OPT_ACTOR),
		.id = given(cli, OPT_ID),
		.role = given(cli, OPT_ROLE),
		.office = given(cli, OPT_OFFICE),
		.cert = given(cli, OPT_CERT),
		.key = given(cli, OPT_KEY),
		.self_signed = own->self_signed,
		.pass = pass,
	};
	if (who->self_signed && who->key != NULL)
		return cli_usage(cli, err,
		    "--self-signed makes a key: --key cannot be given too");
	return EV_OK;
}

enum ev_rc
case_init(struct cli *cli, struct ev_err *err)
{
	struct ev_act act = cli_act(cli);
	struct ev_case_new what = {
		.number = given(cli, OPT_NUMBER),
		.title = given(cli, OPT_TITLE),
	};
	const struct ev_pass pass = cli_asker(cli);
	enum ev_rc rc;

	if (what.number == NULL || what.title == NULL)
		return cli_usage(cli, err, "--number and --title are needed");
	rc = person_of(cli, &what.actor, &pass, err);
	if (rc == EV_OK)
		rc = ev_case_init(cli->dir, &what, &act, err);
	if (rc == EV_OK && what.actor.self_signed && !cli->quiet)
		cli_warn(cli,
		    "the key in '%s/self.key' is for trying out: a "
		    "court will want one that an authority certified",
		    cli->dir);
	return rc;
}

enum ev_rc
case_enrol(struct cli *cli, struct ev_err *err)
{
	struct ev_act act = cli_act(cli);
	struct ev_case *c = NULL;
	const struct ev_pass pass = cli_asker(cli);
	struct ev_person who = { 0 };
	enum ev_rc rc;

	act.after_close = true;
	rc = person_of(cli, &who, &pass, err);
	if (rc == EV_OK && who.cert == NULL && who.key == NULL)
		rc = cli_usage(cli, err, "--cert is missing");
	if (rc == EV_OK)
		rc = ev_case_open(&c, cli->dir, EV_CASE_WRITE, &act, err);
	if (rc == EV_OK)
		rc = ev_case_enrol(c, &who, err);
	ev_case_close(c);
	return rc;
}

/* "A..B" into two texts of its own; either side may be empty. */
static enum ev_rc
range_of(struct cli *cli, int option, char text[RANGE], const char *end[2],
    struct ev_err *err)
{
	const char *value = given(cli, option);
	int64_t from, to;
	enum ev_rc rc;
	char *dots;

	end[0] = end[1] = NULL;
	if (value == NULL)
		return EV_OK;
	rc = cli_range(&from, &to, value, err);
	if (rc != EV_OK)
		return rc;
	if (snprintf(text, RANGE, "%s", value) >= RANGE)
		return cli_usage(cli, err, "'%s' is too long", value);
	dots = strstr(text, "..");
	*dots = '\0';
	end[0] = text;
	end[1] = dots + 2;
	return EV_OK;
}

enum ev_rc
case_authority(struct cli *cli, struct ev_err *err)
{
	const struct case_own *own = cli->own;
	struct ev_act act = cli_act(cli);
	char conduct[RANGE], valid[RANGE], name[EV_ID_TEXT];
	const char *conducts[2], *valids[2];
	struct ev_authority a = {
		.type = given(cli, OPT_TYPE),
		.issuer = given(cli, OPT_ISSUER),
		.ref = given(cli, OPT_REF),
		.law = given(cli, OPT_LAW),
		.section = given(cli, OPT_SECTION),
		.accounts = own->accounts,
		.classes = own->classes,
		.file = given(cli, OPT_FILE),
	};
	struct ev_case *c = NULL;
	int64_t id = 0;
	enum ev_rc rc;

	if (a.type == NULL || a.issuer == NULL || a.ref == NULL)
		return cli_usage(cli, err,
		    "--type, --issuer and --ref are needed");
	rc = range_of(cli, OPT_CONDUCT, conduct, conducts, err);
	if (rc == EV_OK)
		rc = range_of(cli, OPT_VALID, valid, valids, err);
	if (rc != EV_OK)
		return rc;
	a.conduct_from = conducts[0];
	a.conduct_to = conducts[1];
	a.valid_from = valids[0];
	a.valid_to = valids[1];
	rc = ev_case_open(&c, cli->dir, EV_CASE_WRITE, &act, err);
	if (rc == EV_OK)
		rc = ev_case_authority(c, &a, &id, err);
	ev_case_close(c);
	if (rc == EV_OK) {
		ev_id_print(name, 'W', id);
		(void)printf("%s\n", name);
	}
	return rc;
}
