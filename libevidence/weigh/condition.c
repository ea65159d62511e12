/* The conditions of a rule, true, false, or not to be told. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "weigh/weigh_inside.h"

bool
ev_field_aggregate(enum ev_field field)
{
	return field == EV_F_DAYS || field == EV_F_ASNS ||
	       field == EV_F_ITEMS || field == EV_F_SHARE || field == EV_F_LEAD;
}

static bool
compare(enum ev_op op, int64_t value, int64_t limit)
{
	switch (op) {
	case EV_OP_EQ:
		return value == limit;
	case EV_OP_NE:
		return value != limit;
	case EV_OP_LT:
		return value < limit;
	case EV_OP_LE:
		return value <= limit;
	case EV_OP_GT:
		return value > limit;
	case EV_OP_GE:
		return value >= limit;
	}
	return false;
}

/* It holds only if it holds for all values that are possible. */
static enum ev_truth
condition_dt(const struct ev_when *when, const struct ev_view *view)
{
	bool low, high;

	if (!view->has[EV_F_DT])
		return EV_UNKNOWN;
	low = compare(when->op, view->dt_lo, when->number);
	high = compare(when->op, view->dt_hi, when->number);
	if (low != high)
		return EV_UNKNOWN;
	return low ? EV_TRUE : EV_FALSE;
}

static enum ev_truth
found(const struct ev_when *when, bool among)
{
	if (when->op == EV_OP_NE)
		among = !among;
	return among ? EV_TRUE : EV_FALSE;
}

static enum ev_truth
condition_flag(const struct ev_when *when, const struct ev_view *view)
{
	bool among = false;
	size_t i;

	if (!view->flags_known)
		return EV_UNKNOWN;
	for (i = 0; i < when->words; i++) {
		if ((view->flags &
			ev_geo_flag(when->word[i], strlen(when->word[i]))) != 0)
			among = true;
	}
	return found(when, among);
}

static enum ev_truth
condition_cc(const struct ev_when *when, const struct ev_view *view)
{
	bool among = false;
	size_t i;

	if (view->cc[0] == '\0' && !view->cc_same)
		return EV_UNKNOWN;
	for (i = 0; i < when->words; i++) {
		if (strcmp(when->word[i], "same") == 0)
			among = among || view->cc_same;
		else if (strcmp(when->word[i], "other") == 0)
			among = among || !view->cc_same;
		else
			among = among || strcmp(when->word[i], view->cc) == 0;
	}
	return found(when, among);
}

static enum ev_truth
condition_word(const struct ev_when *when, const char *word)
{
	bool among = false;
	size_t i;

	if (word == NULL)
		return EV_UNKNOWN;
	for (i = 0; i < when->words; i++)
		among = among || strcmp(when->word[i], word) == 0;
	return found(when, among);
}

enum ev_truth
ev_condition(const struct ev_when *when, const struct ev_view *view)
{
	enum ev_truth one, two;

	if (when->field == EV_F_DT)
		return condition_dt(when, view);
	if (when->field == EV_F_FLAG)
		return condition_flag(when, view);
	if (when->field == EV_F_CC)
		return condition_cc(when, view);
	if (when->words == 0) {
		if (!view->has[when->field])
			return EV_UNKNOWN;
		return compare(when->op, view->number[when->field],
			   when->number)
			   ? EV_TRUE
			   : EV_FALSE;
	}
	one = condition_word(when, view->word[when->field]);
	if (!view->paired || view->other[when->field] == NULL)
		return one;
	two = condition_word(when, view->other[when->field]);
	if (one == EV_FALSE || two == EV_FALSE)
		return EV_FALSE;
	return one == EV_UNKNOWN ? one : two;
}

/* Which of the two accounts does not fulfil a condition on words. */
static const char *
culprit(const struct ev_when *when, const struct ev_view *view)
{
	if (view->paired && view->other[when->field] != NULL &&
	    condition_word(when, view->word[when->field]) == EV_TRUE)
		return view->other[when->field];
	return view->word[when->field];
}

static void
say_unknown(const struct ev_when *when, char why[EV_WHY])
{
	if (when->field == EV_F_DT)
		(void)snprintf(why, EV_WHY, "dt not certain");
	else
		(void)snprintf(why, EV_WHY, "missing %s",
		    ev_field_name(when->field));
}

enum ev_truth
ev_conditions(const struct ev_rule *rule, const struct ev_view *view,
    bool aggregate, char why[EV_WHY])
{
	const struct ev_when *unknown = NULL, *barred = NULL;
	size_t i;

	why[0] = '\0';
	for (i = 0; i < rule->whens; i++) {
		const struct ev_when *when = &rule->when[i];
		enum ev_truth truth;

		if (ev_field_aggregate(when->field) != aggregate)
			continue;
		truth = ev_condition(when, view);
		if (truth == EV_TRUE)
			continue;
		if (truth == EV_UNKNOWN) {
			/* That an instant is not certain says most. */
			if (unknown == NULL || when->field == EV_F_DT)
				unknown = when;
			continue;
		}
		/* Excluded by role or basis is worth saying; else no match. */
		if (when->field != EV_F_ROLE && when->field != EV_F_BASIS)
			return EV_FALSE;
		if (barred == NULL || when->field == EV_F_ROLE)
			barred = when;
	}
	if (barred != NULL && (barred->field == EV_F_ROLE || unknown == NULL ||
				  unknown->field != EV_F_DT)) {
		(void)snprintf(why, EV_WHY, "%s %s",
		    ev_field_name(barred->field), culprit(barred, view));
		return EV_FALSE;
	}
	if (unknown != NULL) {
		say_unknown(unknown, why);
		return EV_UNKNOWN;
	}
	return EV_TRUE;
}
