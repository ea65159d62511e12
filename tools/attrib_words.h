/* The words of ev-attrib and their options. */
#ifndef EV_TOOLS_ATTRIB_WORDS_H
#define EV_TOOLS_ATTRIB_WORDS_H

#include "cli.h"
#include "evidence/attrib.h"

enum {
	OPT_ALL = CLI_OWN,
	OPT_ASKS,
	OPT_BUILT,
	OPT_COUNTRY,
	OPT_LICENCE,
	OPT_REASON,
	OPT_REGISTER,
	OPT_RULES,
	OPT_SOURCE,
	OPT_WINDOW,
	OPT_END,
};

struct attrib_own {
	const char *text[OPT_END - CLI_OWN]; /* values, by option */
	const char *role;                    /* --as without an @: of db */
	char from[64], to[64];               /* of --window */
};

static inline const char *
attrib_text(const struct cli *cli, int option)
{
	const struct attrib_own *own = cli->own;

	return own->text[option - CLI_OWN];
}

/* Open the case for writing; EV_USE for an --as that is no person. */
EV_CHECK
enum ev_rc attrib_open(struct cli *cli, struct ev_case **c, struct ev_err *err);
/* --window cut in two; EV_USE if it is none. */
EV_CHECK
enum ev_rc attrib_window(struct cli *cli, const char **from, const char **to,
    struct ev_err *err);

/* attrib_write.c: what enters something in the case. */
EV_CHECK
enum ev_rc attrib_run(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_db(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_role(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_flag(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_grade(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_depend(struct cli *cli, struct ev_err *err);

/* attrib_read.c: what only looks. */
EV_CHECK
enum ev_rc attrib_list(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_explain(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_verify(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_headline(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_geo(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_links(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc attrib_lint(struct cli *cli, struct ev_err *err);

#endif
