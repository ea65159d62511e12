/* What the files of this floor share: one computation, taken apart. */
#ifndef EV_WEIGH_WEIGH_INSIDE_H
#define EV_WEIGH_WEIGH_INSIDE_H

#include "evidence/case.h"
#include "evidence/json.h"
#include "weigh/geo.h"
#include "weigh/rules.h"
#include "weigh/weigh.h"

/* Roles and places, in the order of the words of a rule. */
enum ev_role {
	EV_R_CONTROLS,
	EV_R_CLAIMS,
	EV_R_LISTS,
	EV_R_POSTS,
	EV_R_QUOTES,
	EV_R_REPOSTS,
	EV_R_MENTIONS,
	EV_R_DENOUNCES,
	EV_R_UNKNOWN,
	EV_ROLES,
};
const char *ev_role_name(enum ev_role role);
/* EV_ROLES if there is none. */
enum ev_role ev_role_find(const char *name);
bool ev_role_links(enum ev_role role);

enum ev_place {
	EV_P_NONE,
	EV_P_BIO,
	EV_P_WEBSITE,
	EV_P_CONTACT,
	EV_P_POST,
};
const char *ev_place_name(enum ev_place place);

enum { EV_NO = 0, EV_YES = 1, EV_MISSING = 2 };

/* A string in ev_weigh.strings. */
typedef size_t ev_at;

/* One thing that one fact says about one account. */
struct ev_obs {
	enum ev_type type;
	enum ev_kind kind;
	enum ev_role role;
	enum ev_place place;
	const char *form; /* of the post, NULL: none */
	int verified;     /* EV_NO EV_YES EV_MISSING */
	unsigned canon;   /* EV_CANON_* */
	bool is_default;  /* in defaults.list */
	bool session;     /* shows where the account was used from */
	int32_t port;     /* -1: none */
	uint32_t account; /* index, after settling */
	uint32_t degree;  /* of (type, key), after settling */
	bool household;   /* examiner's flag */
	const char *value, *key, *word; /* after settling */
	ev_at value_at, key_at, word_at;
	struct ev_addr addr; /* of IP */
	bool timed, has_utc;
	enum ev_basis basis;
	int64_t utc, lo, hi; /* microseconds */
	int64_t fact, artifact, exhibit, acquisition, offset, length;
	uint32_t record; /* equal for facts out of one record */
	/* Of an address: what all files together say of its network. */
	const char *net_class;
	unsigned net_flags;
	bool net_known;
	/* Who the subject is, before settling. */
	enum { EV_WHO_ID, EV_WHO_HANDLE, EV_WHO_HOLDER } who;
	ev_at platform_at, account_at, member_at;
	size_t member_len;
	int64_t ordinal;
	const char *name; /* of the account, while settling */
};

/* account facts with holder=true, and names that accounts had. */
struct ev_holder {
	ev_at platform_at, account_at, root_at;
	size_t root_len;
	int64_t exhibit, acquisition, ordinal;
};
struct ev_handle {
	ev_at name_at;    /* "x:@name", folded */
	ev_at account_at; /* "x:123" */
	const char *name, *account;
};
/* Owners and admins of a group control its invites. */
struct ev_admin {
	ev_at group_at; /* "telegram:channel:1" */
	size_t obs;     /* pattern for the observation to be made */
};

/* What the order says beside the facts. */
struct ev_order_file {
	const char *form, *name, *sha256, *source, *role, *licence, *built;
	int64_t built_us;
	bool given;
};
struct ev_anchor {
	const char *org, *basis;
	enum ev_type type;
	const char *value; /* canonical, after settling */
	ev_at value_at;
	int64_t from_us, to_us; /* INT64_MIN, INT64_MAX: open */
	int64_t entry;
	uint32_t account; /* of type account: its index; UINT32_MAX */
};
struct ev_org {
	const char *id, *name;
	const struct ev_json_node *registers; /* array of names */
};
struct ev_register {
	const char *name, *sha256;
	int64_t records;
};
struct ev_exam {
	const char *verb, *subject, *value, *word; /* as the verb takes them */
	int64_t entry;
	const struct ev_json_node *facts; /* of depend */
};
struct ev_supersede {
	const char *asks, *subject, *object, *sha256;
};

struct ev_order {
	char *text; /* the order itself */
	size_t len;
	struct ev_json_doc *doc;
	const char *ruleset;
	bool asks[EV_ASKS];
	bool windowed;
	int64_t from_us, to_us;
	const char *from, *to;
	size_t files, anchors, orgs, registers, exams, supersedes;
	struct ev_order_file *file;
	struct ev_anchor *anchor;
	struct ev_org *org;
	struct ev_register *reg;
	struct ev_exam *exam;
	struct ev_supersede *supersede;
};
EV_CHECK
enum ev_rc ev_order_read(struct ev_order *order, const void *text, size_t len,
    struct ev_err *err);
void ev_order_release(struct ev_order *order);

/* Three numbers: thousandths of log10 of a likelihood ratio. */
struct ev_lmh {
	int64_t l, m, h;
};

/* One piece of evidence for or against one claim. */
enum { EV_WHY = 48, EV_SHOWN = 96 };
struct ev_item {
	const struct ev_rule *rule; /* NULL: inherited */
	size_t family;
	enum ev_direction direction;
	struct ev_lmh lr;
	uint32_t *obs; /* that it rests on, by fact; indices */
	size_t count, room;
	enum ev_role role;
	char shown[EV_SHOWN];
	char why[EV_WHY]; /* "": it may be used */
	bool stale;
	int64_t days, asns; /* -1: not counted */
	/* By ev_combine. */
	bool used;
	size_t stays;          /* index of the item it fell to; SIZE_MAX */
	const char *inherited; /* "a b" of the pair, or NULL */
	struct ev_lmh full;    /* before halving */
};

struct ev_items {
	struct ev_item *item;
	size_t count, room;
};
void ev_items_release(struct ev_items *items);
void ev_items_clear(struct ev_items *items);
EV_CHECK
enum ev_rc ev_items_add(struct ev_items *items, const struct ev_rule *rule,
    struct ev_item **item, struct ev_err *err);
EV_CHECK
enum ev_rc ev_item_cite(struct ev_item *item, uint32_t obs, struct ev_err *err);

/* What the items of one claim come to. */
struct ev_sum {
	struct ev_lmh total;
	struct ev_lmh family[EV_FAMILIES]; /* both sides */
	uint32_t any;                      /* families with used items */
	uint32_t support;                  /* with L > 0 after step 3 */
	int families;
	bool met;
	int step; /* of the scale: negative for Hd, INT_MIN: none */
};

/* One question about one or two accounts, answered. */
struct ev_result {
	enum ev_asks asks;
	uint32_t a, b; /* b: UINT32_MAX but for pairs */
	uint32_t org;  /* index; UINT32_MAX */
	char cc[3];
	struct ev_lmh total;
	uint32_t support;
	bool met, located; /* located: sessions were seen from there */
	bool claimed;
	int64_t from, to; /* of what is dated; from > to: nothing is */
	size_t strongest; /* family of a pair */
	uint32_t used;    /* items */
};

struct ev_claim_row {
	struct ev_weigh_claim pub; /* borrows from text and line */
	struct ev_buf text, line;
	size_t patch; /* where the value of supersedes stands in line */
};

/* A string that is likely to come again. */
struct ev_last {
	ev_at at; /* 0: none yet */
	size_t len;
};

struct ev_weigh {
	struct ev_last last_platform, last_member;
	struct ev_order order;
	struct ev_ruleset rules;
	bool have_rules;
	struct ev_listfile alternatives, defaults, tracking, offsets, codes,
	    countries;
	struct ev_scale scale;
	size_t asn_count;
	struct ev_asnfile asn[EV_GEO_FILES];
	struct ev_geo *geo;
	uint64_t vote_files; /* bits */
	int vote_sources;

	struct ev_buf strings;
	struct ev_buf scratch;
	size_t obs_count, obs_room;
	struct ev_obs *obs; /* by account, type, key, fact, after settling */
	size_t holder_count, holder_room;
	struct ev_holder *holder;
	size_t handle_count, handle_room;
	struct ev_handle *handle;
	size_t admin_count, admin_room;
	struct ev_admin *admin;
	size_t subject_count, subject_room;
	ev_at *subject; /* accounts that facts speak of, unsorted */

	size_t account_count;
	const char **account; /* sorted */
	size_t *first;        /* its first observation; count + 1 of them */
	const struct ev_obs **by_value; /* by (type, key, account, fact) */
	struct ev_geo_answer *answer;   /* scratch */

	size_t pair_results; /* of operators, first; by a, b */
	size_t result_count, result_room;
	struct ev_result *result;
	size_t claim_count, claim_room;
	struct ev_claim_row *claim;
	uint32_t *component;    /* of each account: its least member */
	size_t *component_size; /* by least member */
	bool *reviewed;         /* by least member */
	bool settled, ended, partial;
	int64_t facts, pairs, unused, public_values, oversized;
};

/* String at a place; stable once settled. */
const char *ev_str(const struct ev_weigh *w, ev_at at);
EV_CHECK
enum ev_rc ev_keep(struct ev_weigh *w, const void *text, size_t len, ev_at *at,
    struct ev_err *err);

/* observe.c */
EV_CHECK
enum ev_rc ev_observe(struct ev_weigh *w, const struct ev_fact *fact,
    const struct ev_fact_origin *origin, const struct ev_weigh_place *place,
    struct ev_err *err);
/* settle.c: subjects resolved, roles, order, degrees. */
EV_CHECK
enum ev_rc ev_settle(struct ev_weigh *w, struct ev_err *err);
/* The index of an account; UINT32_MAX. */
uint32_t ev_account_find(const struct ev_weigh *w, const char *name);
/* "x:@name" to "x:123" where one account alone had it; else name itself. */
const char *ev_handle_account(const struct ev_weigh *w, const char *name);

/*
 * What is left out of a computation, for sensitivity and intervals: files by
 * bit, one exhibit (0: none), and how many answers make "all".
 */
struct ev_filter {
	uint64_t without;
	int64_t exhibit;
	int minimum;
};
extern const struct ev_filter ev_filter_none;
bool ev_filter_takes(const struct ev_filter *f, const struct ev_weigh *w,
    const struct ev_obs *obs);

/* The answer about an observation's address at its time. */
void ev_locate(const struct ev_weigh *w, const struct ev_obs *obs,
    const struct ev_filter *f, struct ev_geo_answer *answer);

/* condition.c: what the fields of a rule are, for one match. */
enum ev_truth { EV_FALSE, EV_TRUE, EV_UNKNOWN };
struct ev_view {
	const char *word[EV_FIELDS];  /* NULL: missing */
	const char *other[EV_FIELDS]; /* of the second account; NULL: none */
	int64_t number[EV_FIELDS];
	bool has[EV_FIELDS]; /* number */
	unsigned flags;
	bool flags_known;
	char cc[3];   /* the country that the value names; "" */
	bool cc_same; /* it is the claim's, whatever else it names */
	bool paired;  /* other counts */
	int64_t dt_lo, dt_hi;
};
enum ev_truth ev_condition(const struct ev_when *when,
    const struct ev_view *view);
/*
 * All conditions of a rule, but for those on aggregates (days asns items
 * share objects lead) where aggregate is false, or only those.  why says
 * what was missing, where the answer is EV_UNKNOWN, and what excluded it,
 * where that is a role or a basis; "" otherwise.
 */
enum ev_truth ev_conditions(const struct ev_rule *rule,
    const struct ev_view *view, bool aggregate, char why[EV_WHY]);
bool ev_field_aggregate(enum ev_field field);

/* combine.c: the algorithm of attribution.md 5; sorts and marks the items. */
void ev_items_sort(const struct ev_weigh *w, struct ev_items *items);
void ev_combine(const struct ev_weigh *w, enum ev_asks asks,
    struct ev_items *items, struct ev_sum *sum);
/* The same without some items: skip[i] true leaves item i out. */
void ev_combine_without(const struct ev_weigh *w, enum ev_asks asks,
    struct ev_items *items, const bool *skip, struct ev_sum *sum);

/* What was looked for, for one claim. */
EV_CHECK
enum ev_rc ev_weigh_pair(const struct ev_weigh *w, uint32_t a, uint32_t b,
    const struct ev_filter *f, struct ev_items *items, struct ev_err *err);
EV_CHECK
enum ev_rc ev_weigh_org(const struct ev_weigh *w, uint32_t a, uint32_t org,
    const struct ev_filter *f, struct ev_items *items, struct ev_err *err);
EV_CHECK
enum ev_rc ev_weigh_country(const struct ev_weigh *w, uint32_t a,
    const char cc[3], const struct ev_filter *f, struct ev_items *items,
    struct ev_err *err);
/* Whether this program computes that rule at all. */
bool ev_rule_computed(const struct ev_rule *rule);

/* The same for a result, and what it comes to. */
EV_CHECK
enum ev_rc ev_result_items(const struct ev_weigh *w, const struct ev_result *r,
    const struct ev_filter *f, struct ev_items *items, struct ev_err *err);

/* Walk through all questions (link.c, questions.c). */
EV_CHECK
enum ev_rc ev_ask_pairs(struct ev_weigh *w, struct ev_err *err);
EV_CHECK
enum ev_rc ev_ask_orgs(struct ev_weigh *w, struct ev_err *err);
EV_CHECK
enum ev_rc ev_ask_countries(struct ev_weigh *w, struct ev_err *err);
EV_CHECK
enum ev_rc ev_result_add(struct ev_weigh *w, const struct ev_result *r,
    struct ev_err *err);
/* Sum, met, located, window of a result from its items. */
void ev_result_fill(const struct ev_weigh *w, struct ev_result *r,
    struct ev_items *items);

/* claims.c */
EV_CHECK
enum ev_rc ev_claims_write(struct ev_weigh *w, struct ev_err *err);
void ev_claims_superseded(const struct ev_weigh *w, struct ev_jw *j);
void ev_claim_row_release(struct ev_claim_row *row);

/* claim.c: the canonical line of a result. */
EV_CHECK
enum ev_rc ev_claim_line(const struct ev_weigh *w, const struct ev_result *r,
    struct ev_buf *out, size_t *patch, struct ev_err *err);
/* The words of the claim: attribution.md 1. */
const char *ev_result_label(const struct ev_result *r);
const char *ev_step_word(const struct ev_weigh *w, int step);
int ev_total_step(const struct ev_weigh *w, const struct ev_lmh *total);

/* sensitivity.c */
struct ev_variation {
	char what[96]; /* "item R301 F000012", "exhibit E000001", ... */
	struct ev_sum sum;
};
struct ev_variations {
	struct ev_variation *row;
	size_t count, room;
	bool dependent; /* two words are lost by one of them */
};
EV_CHECK
enum ev_rc ev_sensitivity(const struct ev_weigh *w, const struct ev_result *r,
    struct ev_items *items, struct ev_variations *out, struct ev_err *err);

/* Small sets of numbers, sorted, for exhibits and the like. */
struct ev_set {
	int64_t *n;
	size_t count, room;
};
EV_CHECK
enum ev_rc ev_set_add(struct ev_set *set, int64_t n, struct ev_err *err);
void ev_set_release(struct ev_set *set);

#endif
