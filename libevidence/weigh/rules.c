/* Rule files: one key a line, stanzas opened by rule; everything checked. */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/fact.h"
#include "weigh/line.h"
#include "weigh/rules.h"
#include "weigh/rules_word.h"

enum { RULES_LIMIT = 1 << 20, LR_MAX = 10000, NUMBER_MAX = 1000000000 };

enum { IN_HEAD = 1, IN_RULE = 2, MANY = 4 };

struct parser {
	struct ev_ruleset *set;
	struct ev_lines lines;
	struct ev_rule *rule; /* the stanza; NULL in the head */
	unsigned seen;        /* keys of this stanza, bits of keys[] */
	unsigned seen_head;
	char *at; /* the rest of the line */
};

typedef enum ev_rc key_fn(struct parser *p, struct ev_err *err);

static enum ev_rc
take_word(struct parser *p, const char **word, struct ev_err *err)
{
	*word = ev_line_word(&p->at);
	if (*word == NULL)
		return ev_lines_fail(&p->lines, err, "a word is missing");
	return EV_OK;
}

static enum ev_rc
take_int(struct parser *p, int64_t *value, int64_t low, int64_t high,
    struct ev_err *err)
{
	const char *word = ev_line_word(&p->at);

	if (word == NULL)
		return ev_lines_fail(&p->lines, err, "a number is missing");
	if (!ev_text_int(value, word, strlen(word), low, high))
		return ev_lines_fail(&p->lines, err,
		    "'%s' is not an integer from %jd to %jd", word,
		    (intmax_t)low, (intmax_t)high);
	return EV_OK;
}

static enum ev_rc
take_string(struct parser *p, const char **text, struct ev_err *err)
{
	*text = ev_line_string(&p->at);
	if (*text == NULL)
		return ev_lines_fail(&p->lines, err,
		    "a string in double quotes is missing");
	return EV_OK;
}

static enum ev_rc
key_ruleset(struct parser *p, struct ev_err *err)
{
	return take_word(p, &p->set->name, err);
}

static enum ev_rc
key_version(struct parser *p, struct ev_err *err)
{
	return take_int(p,
	    p->rule != NULL ? &p->rule->version : &p->set->version, 1,
	    NUMBER_MAX, err);
}

static enum ev_rc
key_format(struct parser *p, struct ev_err *err)
{
	int64_t format;

	return take_int(p, &format, 1, 1, err);
}

static enum ev_rc
key_scale(struct parser *p, struct ev_err *err)
{
	return take_word(p, &p->set->scale, err);
}

static enum ev_rc
key_fanout(struct parser *p, struct ev_err *err)
{
	return take_int(p, &p->set->fanout, 2, 1000, err);
}

static enum ev_rc
find_family(struct parser *p, const char *id, size_t *index, struct ev_err *err)
{
	size_t i;

	for (i = 0; i < p->set->families; i++) {
		if (strcmp(p->set->family[i].id, id) == 0) {
			*index = i;
			return EV_OK;
		}
	}
	return ev_lines_fail(&p->lines, err, "no family '%s' is declared", id);
}

/* anyof lists come before the families: kept as text until the end. */
static enum ev_rc
key_threshold(struct parser *p, struct ev_err *err)
{
	struct ev_threshold *t;
	const char *word;
	int asks;
	enum ev_rc rc;

	rc = take_word(p, &word, err);
	if (rc != EV_OK)
		return rc;
	asks = ev_asks_find(word);
	if (asks < 0)
		return ev_lines_fail(&p->lines, err, "unknown question '%s'",
		    word);
	t = &p->set->threshold[asks];
	if (t->set)
		return ev_lines_fail(&p->lines, err,
		    "a second threshold of '%s'", word);
	*t = (struct ev_threshold){ .set = true, .low = -1, .associated = -1 };
	while ((word = ev_line_word(&p->at)) != NULL) {
		if (strcmp(word, "low") == 0)
			rc = take_int(p, &t->low, 1, LR_MAX, err);
		else if (strcmp(word, "families") == 0)
			rc = take_int(p, &t->families, 1, EV_FAMILIES, err);
		else if (strcmp(word, "associated") == 0)
			rc = take_int(p, &t->associated, 1, LR_MAX, err);
		else if (strcmp(word, "anyof") == 0)
			break;
		else
			return ev_lines_fail(&p->lines, err,
			    "unknown word '%s'", word);
		if (rc != EV_OK)
			return rc;
	}
	if (t->low < 0 || t->families == 0)
		return ev_lines_fail(&p->lines, err,
		    "a threshold states low and families");
	if (word == NULL)
		return EV_OK;
	/* F1 to F16 by number: the families are declared further down. */
	while ((word = ev_line_word(&p->at)) != NULL) {
		int64_t n;

		if (word[0] != 'F' || !ev_text_int(&n, word + 1,
					  strlen(word + 1), 1, EV_FAMILIES))
			return ev_lines_fail(&p->lines, err,
			    "'%s' is no family", word);
		t->anyof |= UINT32_C(1) << n;
	}
	return EV_OK;
}

static enum ev_rc
key_family_head(struct parser *p, struct ev_err *err)
{
	struct ev_family *family;
	const char *word;
	size_t i;
	enum ev_rc rc;
	int64_t n;

	if (p->set->families == EV_FAMILIES)
		return ev_lines_fail(&p->lines, err, "more than %d families",
		    EV_FAMILIES);
	family = &p->set->family[p->set->families];
	rc = take_word(p, &family->id, err);
	if (rc != EV_OK)
		return rc;
	if (family->id[0] != 'F' || !ev_text_int(&n, family->id + 1,
					strlen(family->id + 1), 1, EV_FAMILIES))
		return ev_lines_fail(&p->lines, err,
		    "a family is F1 to F%d, not '%s'", EV_FAMILIES, family->id);
	for (i = 0; i < p->set->families; i++) {
		if (strcmp(p->set->family[i].id, family->id) == 0)
			return ev_lines_fail(&p->lines, err,
			    "family '%s' is declared twice", family->id);
	}
	rc = take_word(p, &word, err);
	if (rc != EV_OK)
		return rc;
	if (strcmp(word, "cap") != 0)
		return ev_lines_fail(&p->lines, err,
		    "'cap' was expected, not '%s'", word);
	rc = take_int(p, &family->cap, 1, LR_MAX, err);
	if (rc != EV_OK)
		return rc;
	rc = take_string(p, &family->name, err);
	if (rc != EV_OK)
		return rc;
	p->set->families++;
	return EV_OK;
}

static enum ev_rc
key_family(struct parser *p, struct ev_err *err)
{
	const char *word;
	enum ev_rc rc;

	if (p->rule == NULL)
		return key_family_head(p, err);
	rc = take_word(p, &word, err);
	if (rc != EV_OK)
		return rc;
	return find_family(p, word, &p->rule->family, err);
}

static enum ev_rc
key_text(struct parser *p, struct ev_err *err)
{
	return take_string(p, &p->rule->text, err);
}

static enum ev_rc
key_asks(struct parser *p, struct ev_err *err)
{
	const char *word;
	enum ev_rc rc;
	int asks;

	rc = take_word(p, &word, err);
	if (rc != EV_OK)
		return rc;
	asks = ev_asks_find(word);
	if (asks < 0)
		return ev_lines_fail(&p->lines, err, "unknown question '%s'",
		    word);
	p->rule->asks = (enum ev_asks)asks;
	return EV_OK;
}

static enum ev_rc
key_direction(struct parser *p, struct ev_err *err)
{
	const char *word;
	enum ev_rc rc;
	int direction;

	rc = take_word(p, &word, err);
	if (rc != EV_OK)
		return rc;
	direction = ev_direction_find(word);
	if (direction < 0)
		return ev_lines_fail(&p->lines, err, "unknown direction '%s'",
		    word);
	p->rule->direction = (enum ev_direction)direction;
	return EV_OK;
}

static enum ev_rc
take_types(struct parser *p, struct ev_err *err)
{
	char *list = ev_line_word(&p->at), *comma;
	enum ev_type type;

	if (list == NULL)
		return ev_lines_fail(&p->lines, err, "a type is missing");
	while (list != NULL) {
		comma = strchr(list, ',');
		if (comma != NULL)
			*comma++ = '\0';
		type = ev_type_find(list);
		if (type == EV_TYPES ||
		    (type == EV_T_STATEMENT && p->rule->match != EV_M_ANCHOR) ||
		    (type == EV_T_SESSION && p->rule->match != EV_M_PAIR))
			return ev_lines_fail(&p->lines, err,
			    "unknown type '%s'", list);
		p->rule->types |= UINT32_C(1) << type;
		list = comma;
	}
	return EV_OK;
}

static enum ev_rc
key_match(struct parser *p, struct ev_err *err)
{
	static const char *const forms[] = { "pair", "anchor", "one", "coshare",
		"neardup", "enter" };
	const char *word, *kind;
	enum ev_rc rc;
	size_t i;

	rc = take_word(p, &word, err);
	if (rc != EV_OK)
		return rc;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (strcmp(word, forms[i]) == 0)
			break;
	}
	if (i == sizeof(forms) / sizeof(forms[0]))
		return ev_lines_fail(&p->lines, err, "unknown match '%s'",
		    word);
	p->rule->match = (enum ev_match)i;
	p->rule->kind = -1;
	if (p->rule->match == EV_M_PAIR || p->rule->match == EV_M_ANCHOR)
		return take_types(p, err);
	if (p->rule->match != EV_M_ONE)
		return EV_OK;
	rc = take_word(p, &kind, err);
	if (rc != EV_OK)
		return rc;
	if (ev_kind_find(kind, strlen(kind)) == EV_KINDS)
		return ev_lines_fail(&p->lines, err, "unknown kind '%s'", kind);
	p->rule->kind = (int)ev_kind_find(kind, strlen(kind));
	return EV_OK;
}

static enum ev_rc
when_number(struct parser *p, struct ev_when *when, char *word,
    struct ev_err *err)
{
	static const struct {
		char unit;
		int64_t us;
	} units[] = { { 's', INT64_C(1000000) }, { 'm', INT64_C(60000000) },
		{ 'h', INT64_C(3600000000) }, { 'd', INT64_C(86400000000) } };
	size_t len = strlen(word), i;
	int64_t scale = 1;

	if (ev_field_form(when->field) == EV_FF_TIME) {
		scale = 0;
		for (i = 0; i < 4; i++) {
			if (len > 0 && word[len - 1] == units[i].unit)
				scale = units[i].us;
		}
		if (scale == 0)
			return ev_lines_fail(&p->lines, err,
			    "'%s' has no unit (s, m, h, d)", word);
		len--;
	}
	if (!ev_text_int(&when->number, word, len, 0, 1000000))
		return ev_lines_fail(&p->lines, err,
		    "'%s' is not a number from 0 to 1000000", word);
	when->number *= scale;
	return EV_OK;
}

static enum ev_rc
when_words(struct parser *p, struct ev_when *when, char *list,
    struct ev_err *err)
{
	char *comma;

	if (when->op != EV_OP_EQ && when->op != EV_OP_NE)
		return ev_lines_fail(&p->lines, err,
		    "'%s' holds words: = != or in", ev_field_name(when->field));
	while (list != NULL) {
		comma = strchr(list, ',');
		if (comma != NULL)
			*comma++ = '\0';
		if (when->words == EV_WHEN_WORDS)
			return ev_lines_fail(&p->lines, err,
			    "more than %d words", EV_WHEN_WORDS);
		when->word[when->words] = ev_field_word(when->field, list);
		if (when->word[when->words] == NULL)
			return ev_lines_fail(&p->lines, err,
			    "'%s' is no word of '%s'", list,
			    ev_field_name(when->field));
		when->words++;
		list = comma;
	}
	return EV_OK;
}

static enum ev_rc
key_when(struct parser *p, struct ev_err *err)
{
	static const char *const ops[] = { "=", "!=", "<", "<=", ">",
		">=", "in" };
	struct ev_when *when = &p->rule->when[p->rule->whens];
	const char *field, *op;
	char *value;
	size_t i;

	if (p->rule->whens == EV_RULE_WHENS)
		return ev_lines_fail(&p->lines, err, "more than %d conditions",
		    EV_RULE_WHENS);
	field = ev_line_word(&p->at);
	op = ev_line_word(&p->at);
	value = ev_line_word(&p->at);
	if (value == NULL)
		return ev_lines_fail(&p->lines, err,
		    "a condition is FIELD OP VALUE");
	when->field = ev_field_find(field);
	if (when->field == EV_FIELDS)
		return ev_lines_fail(&p->lines, err, "unknown field '%s'",
		    field);
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strcmp(ops[i], op) == 0)
			break;
	}
	if (i == sizeof(ops) / sizeof(ops[0]))
		return ev_lines_fail(&p->lines, err, "unknown operator '%s'",
		    op);
	when->op = i == 6 ? EV_OP_EQ : (enum ev_op)i;
	p->rule->whens++;
	if (ev_field_form(when->field) == EV_FF_NUMBER ||
	    ev_field_form(when->field) == EV_FF_TIME) {
		if (i == 6)
			return ev_lines_fail(&p->lines, err,
			    "'%s' is a number: no 'in'", field);
		return when_number(p, when, value, err);
	}
	return when_words(p, when, value, err);
}

static enum ev_rc
key_lr(struct parser *p, struct ev_err *err)
{
	struct ev_rule *rule = p->rule;
	char *before = p->at, *word;
	enum ev_rc rc;

	while (*before == ' ' || *before == '\t')
		before++;
	rule->lr = EV_LR_FIXED;
	if (*before >= 'a' && *before <= 'z') {
		word = ev_line_word(&p->at);
		if (strcmp(word, "surprisal") == 0) {
			rule->lr = EV_LR_SURPRISAL;
			return EV_OK;
		}
		if (strcmp(word, "halve") == 0) {
			rule->lr = EV_LR_HALVE;
			return EV_OK;
		}
		if (strcmp(word, "add") != 0)
			return ev_lines_fail(&p->lines, err,
			    "unknown ratio '%s'", word);
		rule->lr = EV_LR_ADD;
	}
	rc = take_int(p, &rule->low, -LR_MAX, LR_MAX, err);
	if (rc == EV_OK)
		rc = take_int(p, &rule->mid, -LR_MAX, LR_MAX, err);
	if (rc == EV_OK)
		rc = take_int(p, &rule->high, -LR_MAX, LR_MAX, err);
	if (rc != EV_OK)
		return rc;
	if (rule->low > rule->mid || rule->mid > rule->high)
		return ev_lines_fail(&p->lines, err,
		    "low <= mid <= high does not hold: %jd %jd %jd",
		    (intmax_t)rule->low, (intmax_t)rule->mid,
		    (intmax_t)rule->high);
	return EV_OK;
}

static enum ev_rc
key_source(struct parser *p, struct ev_err *err)
{
	const char *form, *text;
	enum ev_rc rc;
	char *source, *end;
	size_t len;

	source = p->at;
	while (*source == ' ' || *source == '\t')
		source++;
	end = source + strlen(source);
	rc = take_word(p, &form, err);
	if (rc != EV_OK)
		return rc;
	if (strcmp(form, "declared") != 0 && strcmp(form, "published") != 0 &&
	    strcmp(form, "measured") != 0)
		return ev_lines_fail(&p->lines, err, "unknown source '%s'",
		    form);
	rc = take_string(p, &text, err);
	if (rc != EV_OK)
		return rc;
	if (*text == '\0')
		return ev_lines_fail(&p->lines, err, "an empty source");
	/* One string again: "declared: starter default". */
	len = strlen(form);
	if ((size_t)(end - source) < len + 2 + strlen(text))
		return ev_lines_fail(&p->lines, err, "a source too short");
	if (!ev_line_over(p->at))
		return ev_lines_fail(&p->lines, err, "more than one string");
	memmove(source + len + 2, text, strlen(text) + 1);
	memcpy(source + len, ": ", 2);
	p->at = end;
	p->rule->source = source;
	return EV_OK;
}

static enum ev_rc
key_cause(struct parser *p, struct ev_err *err)
{
	const char *word;
	enum ev_rc rc;

	rc = take_word(p, &p->rule->cause, err);
	if (rc != EV_OK)
		return rc;
	word = ev_line_word(&p->at);
	if (word == NULL)
		return EV_OK;
	if (strcmp(word, "broken-by") != 0)
		return ev_lines_fail(&p->lines, err,
		    "'broken-by' was expected, not '%s'", word);
	return take_word(p, &p->rule->broken_by, err);
}

static enum ev_rc
key_alternatives(struct parser *p, struct ev_err *err)
{
	const char *word;

	while ((word = ev_line_word(&p->at)) != NULL) {
		if (p->rule->codes == EV_RULE_CODES)
			return ev_lines_fail(&p->lines, err,
			    "more than %d alternatives", EV_RULE_CODES);
		p->rule->code[p->rule->codes++] = word;
	}
	if (p->rule->codes == 0)
		return ev_lines_fail(&p->lines, err,
		    "no alternative stands here");
	return EV_OK;
}

static enum ev_rc key_rule(struct parser *p, struct ev_err *err);

static const struct {
	const char *name;
	unsigned where;
	bool needed;
	key_fn *take;
} keys[] = {
	{ "ruleset", IN_HEAD, true, key_ruleset },
	{ "version", IN_HEAD | IN_RULE, true, key_version },
	{ "format", IN_HEAD, true, key_format },
	{ "scale", IN_HEAD, true, key_scale },
	{ "fanout", IN_HEAD, true, key_fanout },
	{ "threshold", IN_HEAD | MANY, false, key_threshold },
	{ "family", IN_HEAD | IN_RULE, true, key_family },
	{ "rule", IN_HEAD | IN_RULE | MANY, false, key_rule },
	{ "text", IN_RULE, true, key_text },
	{ "asks", IN_RULE, true, key_asks },
	{ "direction", IN_RULE, true, key_direction },
	{ "match", IN_RULE, true, key_match },
	{ "when", IN_RULE | MANY, false, key_when },
	{ "lr", IN_RULE, true, key_lr },
	{ "source", IN_RULE, true, key_source },
	{ "cause", IN_RULE, false, key_cause },
	{ "alternatives", IN_RULE, true, key_alternatives },
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static enum ev_rc
check_seen(struct parser *p, unsigned where, struct ev_err *err)
{
	unsigned seen = where == IN_RULE ? p->seen : p->seen_head;
	size_t i;

	for (i = 0; i < KEYS; i++) {
		if ((keys[i].where & where) == 0 || !keys[i].needed ||
		    (seen & (1U << i)) != 0)
			continue;
		return ev_lines_fail(&p->lines, err, "%s%s has no '%s'",
		    where == IN_RULE ? "rule " : "the file",
		    where == IN_RULE ? p->rule->id : "", keys[i].name);
	}
	return EV_OK;
}

/* What the keys of a rule say together. */
static enum ev_rc
check_rule(struct parser *p, struct ev_err *err)
{
	const struct ev_rule *r = p->rule;
	const uint32_t names = UINT32_C(1) << EV_T_USERNAME;
	bool modifies;
	enum ev_rc rc;

	rc = check_seen(p, IN_RULE, err);
	if (rc != EV_OK)
		return rc;
	modifies = r->lr == EV_LR_HALVE || r->lr == EV_LR_ADD;
	if (modifies != (r->direction == EV_DIR_MODIFY))
		return ev_lines_fail(&p->lines, err,
		    "rule %s: halve and add go with direction modify", r->id);
	if (r->lr == EV_LR_FIXED &&
	    ((r->direction == EV_DIR_FOR && r->low < 0) ||
		(r->direction == EV_DIR_AGAINST && r->high > 0) ||
		(r->direction == EV_DIR_NEUTRAL &&
		    (r->low != 0 || r->high != 0))))
		return ev_lines_fail(&p->lines, err,
		    "rule %s: the ratio does not go with direction %s", r->id,
		    ev_direction_name(r->direction));
	if (r->match == EV_M_ANCHOR && r->direction == EV_DIR_FOR &&
	    (r->types & ~names) == 0)
		return ev_lines_fail(&p->lines, err,
		    "rule %s: a name alone ties nobody to an organisation",
		    r->id);
	if ((r->match == EV_M_ANCHOR && r->asks != EV_ASKS_ORGANISATION) ||
	    (r->match == EV_M_PAIR && r->asks != EV_ASKS_OPERATOR))
		return ev_lines_fail(&p->lines, err,
		    "rule %s: that match does not answer %s", r->id,
		    ev_asks_name(r->asks));
	return EV_OK;
}

static enum ev_rc
close_stanza(struct parser *p, struct ev_err *err)
{
	size_t i;

	if (p->rule != NULL)
		return check_rule(p, err);
	for (i = 0; i < EV_ASKS; i++) {
		if (!p->set->threshold[i].set)
			return ev_lines_fail(&p->lines, err,
			    "no threshold of '%s'",
			    ev_asks_name((enum ev_asks)i));
	}
	return check_seen(p, IN_HEAD, err);
}

static enum ev_rc
key_rule(struct parser *p, struct ev_err *err)
{
	struct ev_ruleset *set = p->set;
	const char *id;
	void *array = set->rule;
	size_t i;
	enum ev_rc rc;

	rc = close_stanza(p, err);
	if (rc == EV_OK)
		rc = take_word(p, &id, err);
	if (rc != EV_OK)
		return rc;
	for (i = 0; i < set->rules; i++) {
		if (strcmp(set->rule[i].id, id) == 0)
			return ev_lines_fail(&p->lines, err,
			    "rule '%s' is given twice", id);
	}
	rc = ev_grow(&array, &set->room, set->rules, sizeof(*set->rule), err);
	if (rc != EV_OK)
		return rc;
	set->rule = array;
	p->rule = &set->rule[set->rules++];
	*p->rule =
	    (struct ev_rule){ .id = id, .line = p->lines.line, .kind = -1 };
	p->seen = 0;
	return EV_OK;
}

static enum ev_rc
parse_line(struct parser *p, char *line, struct ev_err *err)
{
	unsigned where = p->rule != NULL ? IN_RULE : IN_HEAD, *seen;
	const char *key;
	size_t i;
	enum ev_rc rc;

	ev_line_uncomment(line);
	p->at = line;
	key = ev_line_word(&p->at);
	if (key == NULL)
		return EV_OK;
	for (i = 0; i < KEYS; i++) {
		if (strcmp(keys[i].name, key) == 0)
			break;
	}
	if (i == KEYS)
		return ev_lines_fail(&p->lines, err, "unknown key '%s'", key);
	if ((keys[i].where & where) == 0)
		return ev_lines_fail(&p->lines, err, "'%s' does not belong %s",
		    key, where == IN_RULE ? "in a rule" : "before the rules");
	seen = where == IN_RULE ? &p->seen : &p->seen_head;
	if ((*seen & (1U << i)) != 0 && (keys[i].where & MANY) == 0 &&
	    !(where == IN_HEAD && keys[i].take == key_family))
		return ev_lines_fail(&p->lines, err, "a second '%s'", key);
	*seen |= 1U << i;
	rc = keys[i].take(p, err);
	if (rc == EV_OK && !ev_line_over(p->at))
		return ev_lines_fail(&p->lines, err,
		    "more than '%s' takes: '%s'", key, p->at);
	return rc;
}

static enum ev_rc
check_whole(struct parser *p, struct ev_err *err)
{
	struct ev_ruleset *set = p->set;
	size_t i, k;

	for (i = 0; i < set->rules; i++) {
		if (set->rule[i].broken_by == NULL)
			continue;
		for (k = 0; k < set->rules; k++) {
			if (strcmp(set->rule[k].id, set->rule[i].broken_by) ==
			    0)
				break;
		}
		if (k < set->rules)
			continue;
		p->lines.line = set->rule[i].line;
		return ev_lines_fail(&p->lines, err,
		    "rule %s: no rule '%s' is given", set->rule[i].id,
		    set->rule[i].broken_by);
	}
	return EV_OK;
}

enum ev_rc
ev_ruleset_parse(struct ev_ruleset *set, const char *name, const void *text,
    size_t len, struct ev_err *err)
{
	struct parser p = { .set = set };
	enum ev_rc rc;
	char *line;

	*set = (struct ev_ruleset){ 0 };
	rc = ev_lines_open(&p.lines, name, text, len, RULES_LIMIT, err);
	if (rc != EV_OK)
		return rc;
	while (rc == EV_OK && ev_lines_next(&p.lines, &line))
		rc = parse_line(&p, line, err);
	if (rc == EV_OK && p.rule == NULL)
		rc = ev_lines_fail(&p.lines, err, "no rule stands here");
	if (rc == EV_OK)
		rc = close_stanza(&p, err);
	if (rc == EV_OK)
		rc = check_whole(&p, err);
	set->text = p.lines.text;
	if (rc != EV_OK)
		ev_ruleset_release(set);
	return rc;
}

void
ev_ruleset_release(struct ev_ruleset *set)
{
	free(set->rule);
	free(set->text);
	*set = (struct ev_ruleset){ 0 };
}

enum ev_rc
ev_ruleset_codes(const struct ev_ruleset *set, const char *name,
    const struct ev_listfile *codes, struct ev_err *err)
{
	size_t i, k;

	for (i = 0; i < set->rules; i++) {
		for (k = 0; k < set->rule[i].codes; k++) {
			if (ev_listfile_find(codes, set->rule[i].code[k]) !=
			    NULL)
				continue;
			return ev_fail(err, EV_INPUT,
			    "%s:%d: rule %s: unknown alternative '%s'", name,
			    set->rule[i].line, set->rule[i].id,
			    set->rule[i].code[k]);
		}
	}
	return EV_OK;
}
