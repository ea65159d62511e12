/* The words of ev-case and their options. */
#ifndef EV_TOOLS_CASE_WORDS_H
#define EV_TOOLS_CASE_WORDS_H

#include "cli.h"
#include "evidence/case.h"

enum {
	OPT_ACCOUNT = CLI_OWN,
	OPT_ACTOR,
	OPT_CERT,
	OPT_CLASS,
	OPT_CONDUCT,
	OPT_FILE,
	OPT_ID,
	OPT_ISSUER,
	OPT_KEY,
	OPT_LAW,
	OPT_NUMBER,
	OPT_OFFICE,
	OPT_QUICK,
	OPT_REF,
	OPT_ROLE,
	OPT_SECTION,
	OPT_SELF_SIGNED,
	OPT_TITLE,
	OPT_TYPE,
	OPT_VALID,
	OPT_END,
};

enum { CASE_LIST_MAX = 64 };

struct case_own {
	const char *text[OPT_END - CLI_OWN]; /* values, by option */
	const char *accounts[CASE_LIST_MAX + 1];
	const char *classes[CASE_LIST_MAX + 1];
	size_t account_count, class_count;
	bool self_signed, quick;
};

/* case_people.c */
EV_CHECK
enum ev_rc case_init(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc case_enrol(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc case_authority(struct cli *cli, struct ev_err *err);

/* case_show.c: counts, heads, what is open, and the next useful command. */
EV_CHECK
enum ev_rc case_status(struct cli *cli, struct ev_err *err);
/* One line a finding. */
EV_CHECK
enum ev_rc case_check(struct cli *cli, struct ev_err *err);

/* case_doctor.c: what will need renewal, and by which year. */
EV_CHECK
enum ev_rc case_doctor(struct cli *cli, struct ev_err *err);

#endif
