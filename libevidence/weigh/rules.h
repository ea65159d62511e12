/* Rule files: how facts weigh for and against a claim, parsed strictly. */
#ifndef EV_WEIGH_RULES_H
#define EV_WEIGH_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"

/* The format is evidence-rules(5).  Every fault is "name:line: reason". */

enum ev_asks {
	EV_ASKS_OPERATOR,
	EV_ASKS_ORGANISATION,
	EV_ASKS_COUNTRY,
	EV_ASKS,
};
const char *ev_asks_name(enum ev_asks asks);

enum ev_direction {
	EV_DIR_FOR,
	EV_DIR_AGAINST,
	EV_DIR_NEUTRAL,
	EV_DIR_MODIFY,
};
const char *ev_direction_name(enum ev_direction direction);

enum ev_lr {
	EV_LR_FIXED,     /* low mid high */
	EV_LR_SURPRISAL, /* by the rarity of a name */
	EV_LR_HALVE,     /* towards 0 */
	EV_LR_ADD,       /* in place of the bonus */
};

/* What a rule looks at. */
enum ev_match {
	EV_M_PAIR,   /* an equal value on two accounts */
	EV_M_ANCHOR, /* a value of the account that is an anchor */
	EV_M_ONE,    /* one fact of the account */
	EV_M_COSHARE,
	EV_M_NEARDUP,
	EV_M_ENTER,
};

/* The types of observations (evidence-rules(5), Types). */
enum ev_type {
	EV_T_EMAIL,
	EV_T_EMAIL_ALIAS,
	EV_T_PHONE,
	EV_T_PHONE_NATIONAL,
	EV_T_DEVICE,
	EV_T_AD_ID,
	EV_T_PUSH_TOKEN,
	EV_T_COOKIE,
	EV_T_SSO,
	EV_T_CARD,
	EV_T_WALLET,
	EV_T_IBAN,
	EV_T_DOMAIN,
	EV_T_TRACKER,
	EV_T_CERTIFICATE,
	EV_T_FAVICON,
	EV_T_INVITE,
	EV_T_PUBLIC_KEY,
	EV_T_IP,
	EV_T_URL,
	EV_T_MEDIA,
	EV_T_USERNAME,
	EV_T_ACCOUNT,   /* an account that is named */
	EV_T_SESSION,   /* matches only: sessions, the addresses not compared */
	EV_T_STATEMENT, /* matches only: what an anchored account says */
	EV_T_OTHER,
	EV_TYPES,
};
const char *ev_type_name(enum ev_type type);
/* EV_TYPES if there is none of that name. */
enum ev_type ev_type_find(const char *name);

/* The closed list of what a condition may speak of. */
enum ev_field {
	EV_F_ROLE,
	EV_F_PLACE,
	EV_F_VERIFIED,
	EV_F_BASIS,
	EV_F_FORM,
	EV_F_QUALITY,
	EV_F_DEGREE,
	EV_F_HOUSEHOLD,
	EV_F_DT,
	EV_F_PORT,
	EV_F_DAYS,
	EV_F_ASNS,
	EV_F_CLASS,
	EV_F_FLAG,
	EV_F_VOTES,
	EV_F_STALE,
	EV_F_CC,
	EV_F_OFFSET,
	EV_F_ITEMS,
	EV_F_LEAD,
	EV_F_OBJECTS,
	EV_F_WINDOW,
	EV_F_DISTANCE,
	EV_F_JACCARD,
	EV_F_SURPRISAL,
	EV_F_RECIPROCAL,
	EV_F_WARNING,
	EV_F_SHARE,
	EV_FIELDS,
};
const char *ev_field_name(enum ev_field field);

enum ev_op { EV_OP_EQ, EV_OP_NE, EV_OP_LT, EV_OP_LE, EV_OP_GT, EV_OP_GE };

enum { EV_WHEN_WORDS = 16, EV_RULE_WHENS = 12, EV_RULE_CODES = 16 };

/* FIELD OP VALUE.  "in" is EV_OP_EQ with several words. */
struct ev_when {
	enum ev_field field;
	enum ev_op op;
	size_t words;                    /* 0: number holds */
	const char *word[EV_WHEN_WORDS]; /* any of them */
	int64_t number;                  /* times in microseconds */
};

struct ev_rule {
	const char *id;
	int64_t version;
	const char *text;
	enum ev_asks asks;
	size_t family; /* index in the ruleset */
	enum ev_direction direction;
	enum ev_match match;
	uint32_t types; /* bits 1 << enum ev_type, of pair and anchor */
	int kind;       /* enum ev_kind, of one; else -1 */
	enum ev_lr lr;
	int64_t low, mid, high;
	const char *source; /* as written: declared "...", ... */
	const char *cause;  /* NULL: none */
	const char *broken_by;
	size_t whens;
	struct ev_when when[EV_RULE_WHENS];
	size_t codes;
	const char *code[EV_RULE_CODES]; /* alternatives */
	int line;                        /* where it begins */
};

struct ev_family {
	const char *id;
	const char *name;
	int64_t cap;
};

struct ev_threshold {
	bool set;
	int64_t low;
	int64_t families;
	int64_t associated; /* -1: there is no such step */
	uint32_t anyof;     /* bits of families; 0: any will do */
};

enum { EV_FAMILIES = 16 };

struct ev_ruleset {
	const char *name;
	int64_t version;
	const char *scale;
	int64_t fanout;
	struct ev_threshold threshold[EV_ASKS];
	size_t families;
	struct ev_family family[EV_FAMILIES];
	size_t rules;
	struct ev_rule *rule;
	char *text; /* every string lies in it */
	size_t room;
};

/* A list: lines of columns parted by tabs (casefiles/rules, *.list). */
enum { EV_LIST_COLUMNS = 4 };
struct ev_list_row {
	const char *cell[EV_LIST_COLUMNS]; /* NULL: the line has fewer */
	int line;
};
struct ev_listfile {
	size_t rows;
	struct ev_list_row *row;
	char *text;
	size_t room;
};

/*
 * Parse one rule file of at most 1 MiB.  codes, where not NULL, are the
 * known alternatives: a rule that names another is refused.
 */
EV_CHECK
enum ev_rc ev_ruleset_parse(struct ev_ruleset *set, const char *name,
    const void *text, size_t len, struct ev_err *err);
void ev_ruleset_release(struct ev_ruleset *set);

/* EV_INPUT "name:line: ..." for a rule whose alternative is not in codes. */
EV_CHECK
enum ev_rc ev_ruleset_codes(const struct ev_ruleset *set, const char *name,
    const struct ev_listfile *codes, struct ev_err *err);

/*
 * Parse one list of at most 4 MiB.  Its columns follow from its name: lists
 * this program knows are checked cell by cell; others need one column.
 */
EV_CHECK
enum ev_rc ev_listfile_parse(struct ev_listfile *list, const char *name,
    const void *text, size_t len, struct ev_err *err);
void ev_listfile_release(struct ev_listfile *list);
/* The first row whose first cell is key; NULL if none. */
const struct ev_list_row *ev_listfile_find(const struct ev_listfile *list,
    const char *key);

/* A verbal scale: ascending lower ends and their words. */
enum { EV_SCALE_STEPS = 16 };
struct ev_scale {
	size_t steps;
	int64_t lower[EV_SCALE_STEPS];
	const char *word[EV_SCALE_STEPS];
	char *text;
};
EV_CHECK
enum ev_rc ev_scale_parse(struct ev_scale *scale, const char *name,
    const void *text, size_t len, struct ev_err *err);
void ev_scale_release(struct ev_scale *scale);
/* The step of a value (of its magnitude); 0 for what is below the first. */
size_t ev_scale_step(const struct ev_scale *scale, int64_t value);

/* What a network is, at a day: lines "ASN class from source". */
struct ev_asn_row {
	int64_t asn;
	int64_t from_us; /* INT64_MIN: always */
	const char *class;
	const char *source;
};
struct ev_asnfile {
	size_t rows;
	struct ev_asn_row *row; /* by asn, then from */
	char *text;
	size_t room;
};
EV_CHECK
enum ev_rc ev_asnfile_parse(struct ev_asnfile *file, const char *name,
    const void *text, size_t len, struct ev_err *err);
void ev_asnfile_release(struct ev_asnfile *file);
/* NULL: that network is in no line. */
const struct ev_asn_row *ev_asnfile_find(const struct ev_asnfile *file,
    int64_t asn, int64_t at_us);

#endif
