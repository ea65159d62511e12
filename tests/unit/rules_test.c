/* Rule files: what is read, and what is refused with its line. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "weigh/rules.h"

#define HEAD                                                            \
	"ruleset t\nversion 1\nformat 1\nscale s\nfanout 20\n"          \
	"threshold same-operator low 3000 families 2 associated 1000\n" \
	"threshold organisation low 3000 families 1 anyof F1 F2\n"      \
	"threshold country low 2000 families 2\n"                       \
	"family F1 cap 4000 \"contact\"\nfamily F3 cap 2000 \"network\"\n"
#define RULE                                                              \
	"rule R1\nversion 1\ntext \"t\"\nasks same-operator\nfamily F1\n" \
	"direction for\nmatch pair email\nsource declared \"d\"\n"        \
	"alternatives household\n"

static char *
slurp(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *text;
	long size;

	assert_non_null(file);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	assert_true(size >= 0);
	rewind(file);
	text = malloc((size_t)size + 1);
	assert_non_null(text);
	*len = fread(text, 1, (size_t)size, file);
	assert_int_equal(*len, size);
	(void)fclose(file);
	return text;
}

static void
the_starter_ruleset_and_its_lists_are_read(void **state)
{
	static const char *const dir = "../share/evidence/rules";
	static const char *const lists[] = { "alternatives.list",
		"calling-codes.list", "countries.list", "defaults.list",
		"tracking.list", "utc-offsets.list" };
	struct ev_listfile list, codes = { 0 };
	struct ev_ruleset set;
	struct ev_scale scale;
	struct ev_err err;
	char path[128], *text;
	size_t len, i;

	(void)state;
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, lists[i]);
		text = slurp(path, &len);
		assert_int_equal(ev_listfile_parse(&list, path, text, len,
				     &err),
		    EV_OK);
		free(text);
		assert_true(list.rows > 0);
		if (i == 0)
			codes = list;
		else
			ev_listfile_release(&list);
	}
	(void)snprintf(path, sizeof(path), "%s/starter.rules", dir);
	text = slurp(path, &len);
	assert_int_equal(ev_ruleset_parse(&set, path, text, len, &err), EV_OK);
	free(text);
	assert_int_equal(ev_ruleset_codes(&set, path, &codes, &err), EV_OK);
	assert_string_equal(set.name, "starter");
	assert_int_equal(set.fanout, 20);
	assert_int_equal(set.threshold[EV_ASKS_COUNTRY].low, 2000);
	assert_int_equal(set.threshold[EV_ASKS_ORGANISATION].anyof,
	    1 << 1 | 1 << 2 | 1 << 4 | 1 << 5);
	assert_string_equal(set.rule[0].id, "R101");
	assert_int_equal(set.rule[0].high, 5000);
	assert_string_equal(set.rule[0].source, "declared: starter default");
	ev_ruleset_release(&set);
	ev_listfile_release(&codes);
	(void)snprintf(path, sizeof(path), "%s/enfsi-2015.scale", dir);
	text = slurp(path, &len);
	assert_int_equal(ev_scale_parse(&scale, path, text, len, &err), EV_OK);
	free(text);
	assert_string_equal(scale.word[ev_scale_step(&scale, 300)],
	    "no support");
	assert_string_equal(scale.word[ev_scale_step(&scale, 301)], "weak");
	assert_string_equal(scale.word[ev_scale_step(&scale, -2000)],
	    "moderately strong");
	assert_string_equal(scale.word[ev_scale_step(&scale, 9000)],
	    "extremely strong");
	ev_scale_release(&scale);
}

static void
a_faulty_rule_file_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
		{ HEAD RULE "lr 1 2 3\nwhen language = ps\n",
		    "x:21: unknown field 'language'" },
		{ HEAD RULE "lr 1 2 3\nwhen nationality = AF\n",
		    "x:21: unknown field 'nationality'" },
		{ HEAD RULE "lr 1 2 3\nweight 5\n",
		    "x:21: unknown key 'weight'" },
		{ HEAD RULE "lr 1 2 3\n" RULE "lr 1 2 3\n",
		    "x:21: rule 'R1' is given twice" },
		{ HEAD RULE "lr 3 2 1\n",
		    "x:20: low <= mid <= high does not hold: 3 2 1" },
		{ HEAD RULE "lr -1 2 3\n",
		    "x:20: rule R1: the ratio does not go with direction for" },
		{ HEAD RULE, "x:19: rule R1 has no 'lr'" },
		{ HEAD RULE "lr 1 2 3\nwhen dt <= 2\n",
		    "x:21: '2' has no unit (s, m, h, d)" },
		{ HEAD RULE "lr 1 2 3\nwhen role = owner\n",
		    "x:21: 'owner' is no word of 'role'" },
		{ HEAD RULE "lr 1 2 3\nwhen role < posts\n",
		    "x:21: 'role' holds words: = != or in" },
		{ HEAD RULE "lr 1 2 3\nlr 1 2 3\n", "x:21: a second 'lr'" },
		{ HEAD RULE "lr halve\n",
		    "x:20: rule R1: halve and add go with direction modify" },
		{ HEAD RULE "lr 1 2 3 4\n", "x:20: more than 'lr' takes: '4'" },
		{ HEAD RULE "lr 1 2 3\ncause c broken-by R9\n",
		    "x:11: rule R1: no rule 'R9' is given" },
		{ "ruleset t\nrule R1\n",
		    "x:2: no threshold of 'same-operator'" },
		{ HEAD, "x:10: no rule stands here" },
		{ HEAD "fanout 3\n", "x:11: a second 'fanout'" },
		{ HEAD "when degree = 1\n",
		    "x:11: 'when' does not belong before the rules" },
		{ HEAD RULE "lr 1 2 3\r\n",
		    "x:20: a carriage return: lines end with LF alone" },
		{ HEAD RULE "lr 1 2 3\nfamily F9\n",
		    "x:21: a second 'family'" },
		{ HEAD "rule R1\nversion 1\ntext \"t\"\nasks organisation\n"
		       "family F1\ndirection for\nmatch anchor username\n"
		       "lr 1 2 3\nsource declared \"d\"\nalternatives fan\n",
		    "x:20: rule R1: a name alone ties nobody to an "
		    "organisation" },
	};
	struct ev_ruleset set;
	struct ev_err err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ev_ruleset_parse(&set, "x", cases[i].text,
				     strlen(cases[i].text), &err),
		    EV_INPUT);
		assert_string_equal(err.msg, cases[i].fault);
		assert_null(set.rule);
	}
}

static void
an_unknown_alternative_is_refused(void **state)
{
	static const char rules[] = HEAD RULE "lr 1 2 3\n";
	static const char known[] = "household\tA household.\n";
	static const char other[] = "fan\tA fan.\n";
	struct ev_listfile codes;
	struct ev_ruleset set;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_ruleset_parse(&set, "x", rules, strlen(rules),
			     &err),
	    EV_OK);
	assert_int_equal(ev_listfile_parse(&codes, "alternatives.list", known,
			     strlen(known), &err),
	    EV_OK);
	assert_int_equal(ev_ruleset_codes(&set, "x", &codes, &err), EV_OK);
	ev_listfile_release(&codes);
	assert_int_equal(ev_listfile_parse(&codes, "alternatives.list", other,
			     strlen(other), &err),
	    EV_OK);
	assert_int_equal(ev_ruleset_codes(&set, "x", &codes, &err), EV_INPUT);
	assert_string_equal(err.msg,
	    "x:11: rule R1: unknown alternative 'household'");
	ev_listfile_release(&codes);
	ev_ruleset_release(&set);
}

static void
faulty_lists_and_scales_are_refused_with_their_line(void **state)
{
	struct ev_listfile list;
	struct ev_scale scale;
	struct ev_asnfile asn;
	struct ev_err err;
	static const char zone[] = "# c\n+04:30\tAF\t-\tlater\n";
	static const char steps[] = "0\tnone\n10\ta\n10\tb\n";
	static const char twice[] = "1 fixed - s\n1 mobile - s\n";
	static const char class[] = "64500 home - s\n";

	(void)state;
	assert_int_equal(ev_listfile_parse(&list, "d/utc-offsets.list", zone,
			     strlen(zone), &err),
	    EV_INPUT);
	assert_string_equal(err.msg,
	    "d/utc-offsets.list:2: column 4 may not be 'later'");
	assert_int_equal(ev_scale_parse(&scale, "s", steps, strlen(steps),
			     &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "s:3: the steps begin at 0 and ascend");
	assert_int_equal(ev_asnfile_parse(&asn, "a", twice, strlen(twice),
			     &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "a: AS1 has two classes from one day");
	assert_int_equal(ev_asnfile_parse(&asn, "a", class, strlen(class),
			     &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "a:1: 'home' is no class");
}

static void
a_network_has_the_class_of_its_day(void **state)
{
	static const char text[] = "64501 fixed - registry\n"
				   "AS64500 mobile 2024-01-01 registry\n"
				   "64500 fixed - an older registry\n";
	struct ev_asnfile asn;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_asnfile_parse(&asn, "a", text, strlen(text), &err),
	    EV_OK);
	assert_string_equal(ev_asnfile_find(&asn, 64500,
				INT64_C(1704067200000000))
				->class,
	    "mobile");
	assert_string_equal(ev_asnfile_find(&asn, 64500,
				INT64_C(1704067199999999))
				->class,
	    "fixed");
	assert_string_equal(ev_asnfile_find(&asn, 64501, 0)->source,
	    "registry");
	assert_null(ev_asnfile_find(&asn, 64499, 0));
	assert_null(ev_asnfile_find(&asn, 64502, 0));
	ev_asnfile_release(&asn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_starter_ruleset_and_its_lists_are_read),
		cmocka_unit_test(a_faulty_rule_file_is_refused_with_its_line),
		cmocka_unit_test(an_unknown_alternative_is_refused),
		cmocka_unit_test(
		    faulty_lists_and_scales_are_refused_with_their_line),
		cmocka_unit_test(a_network_has_the_class_of_its_day),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
