/* The words of ev-custody and their options. */
#ifndef EV_TOOLS_CUSTODY_WORDS_H
#define EV_TOOLS_CUSTODY_WORDS_H

#include "cli.h"

enum {
	OPT_ACTION = CLI_OWN,
	OPT_COUNTERSIGN,
	OPT_EXPORT,
	OPT_FORMAT,
	OPT_HEAD,
	OPT_LOG_KEY,
	OPT_OUT,
	OPT_PROOF,
	OPT_REASON,
	OPT_SIGN,
	OPT_TEXT,
	OPT_TO,
	OPT_END,
};

enum { CUSTODY_LINE = 1 << 20, CUSTODY_NOTE = 16384, CUSTODY_DER = 4 << 20 };

struct custody_own {
	const char *text[OPT_END - CLI_OWN]; /* values, by option */
};

/* The value of an option, or NULL. */
const char *custody_given(const struct cli *cli, int option);

/* Who acts; the case may be closed. */
struct ev_act custody_act(const struct cli *cli);

/* Text from evidence, printed between two texts of ours. */
void custody_say(const char *before, const char *text, const char *after);

/* A file of its own, never over another; NULL: standard output. */
EV_CHECK
enum ev_rc custody_write(const char *path, const struct ev_buf *buf,
    struct ev_err *err);

/* custody_check.c: the log held against itself, and its newest head. */
EV_CHECK
enum ev_rc custody_verify(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc custody_head(struct cli *cli, struct ev_err *err);

/* custody_prove.c: one thing with its proofs. */
EV_CHECK
enum ev_rc custody_prove(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc custody_proof(struct cli *cli, struct ev_err *err);

/* custody_check.c: one line a finding, and a file read whole. */
struct ev_custody_finding;
void custody_finding(void *cli, const struct ev_custody_finding *f);
EV_CHECK
enum ev_rc custody_read(struct ev_buf *buf, const char *path,
    struct ev_err *err);

/* custody_hand.c: the case changes hands. */
EV_CHECK
enum ev_rc custody_transfer(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc custody_accept(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc custody_refuse(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc custody_receipt(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc custody_note(struct cli *cli, struct ev_err *err);
EV_CHECK
enum ev_rc custody_quarantine(struct cli *cli, struct ev_err *err);

#endif
