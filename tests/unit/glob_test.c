/* ingest/glob: paths, captures, and patterns made to be slow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ingest/glob.h"

static bool
match(const char *pattern, const char *path)
{
	return ev_glob_match(pattern, path, strlen(path), NULL, NULL);
}

static void
captured(const char *pattern, const char *path, size_t n, const char *want)
{
	struct ev_capture capture[EV_GLOB_CAPTURES];
	size_t count;

	assert_true(
	    ev_glob_match(pattern, path, strlen(path), capture, &count));
	assert_true(n < count);
	assert_int_equal(capture[n].len, strlen(want));
	assert_memory_equal(path + capture[n].offset, want, strlen(want));
}

static void
one_star_stays_in_its_folder_and_two_do_not(void **state)
{
	(void)state;
	assert_true(match("*.js", "a.js"));
	assert_false(match("*.js", "data/a.js"));
	assert_true(match("**.js", "data/a.js"));
	assert_true(match("data/?.js", "data/a.js"));
	assert_false(match("data?a.js", "data/a.js"));
	assert_true(match("[a-c]x", "bx"));
	assert_false(match("[a-c]x", "dx"));
	assert_false(match("A.js", "a.js"));
	assert_true(match("x?y", "x\xc3\xa9y"));
	assert_false(match("x??y", "x\xc3\xa9y"));
	assert_false(match("a.js", "a.jsx"));
	assert_false(match("a.jsx", "a.js"));
	assert_true(match("a*b*c", "aXbYbZc"));
}

static void
a_leading_double_star_also_matches_no_folder(void **state)
{
	(void)state;
	assert_true(match("**/data/a.js", "data/a.js"));
	assert_true(match("**/data/a.js", "x.zip!/data/a.js"));
	assert_false(match("**/data/a.js", "xdata/a.js"));
	assert_true(match("a/**/b", "a/x/y/b"));
	assert_false(match("a/**/b", "a/b"));
}

static void
stars_take_as_little_as_they_can_from_the_left(void **state)
{
	(void)state;
	captured("**/*-ip-audit.txt", "return/14-ip-audit.txt", 0, "return");
	captured("**/*-ip-audit.txt", "return/14-ip-audit.txt", 1, "14");
	captured("**/*-ip-audit.txt", "14-ip-audit.txt", 0, "");
	captured("**/*-ip-audit.txt", "14-ip-audit.txt", 1, "14");
	captured("**/m/*-*", "a/m/1-2-3", 1, "1");
	captured("**/m/*-*", "a/m/1-2-3", 2, "2-3");
	captured("*b*b", "abbb", 0, "a");
	captured("*b*b", "abbb", 1, "b");
}

static void
a_pattern_made_to_be_slow_is_not(void **state)
{
	char path[8001];

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_false(match("**a**a**a**a**a**a**a**a**a**a**a**b", path));
	assert_false(match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b", path));
	assert_true(match("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*", path));
}

static void
broken_patterns_are_named(void **state)
{
	(void)state;
	assert_null(ev_glob_check("**/data/[a-z]*.js"));
	assert_non_null(ev_glob_check(""));
	assert_non_null(ev_glob_check("a[b"));
	assert_non_null(ev_glob_check("a[]b"));
	assert_non_null(ev_glob_check("a***b"));
	assert_non_null(ev_glob_check("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a"));
}

/* evidence-mapping(5) to the letter; NOLINTBEGIN(misc-no-recursion) */
static bool
plain(const char *p, const char *path, size_t at, struct ev_capture *capture,
    size_t *count)
{
	const size_t first = *count, len = strlen(path);
	const bool deep = p[0] == '*' && p[1] == '*';
	size_t to;

	if (*p == '\0')
		return at == len;
	if (*p != '*' && (at == len || (*p == '?' && path[at] == '/')))
		return false;
	if (*p == '[')
		return (path[at] == 'a' || path[at] == 'b') &&
		       plain(p + 4, path, at + 1, capture, count);
	if (*p != '*')
		return (*p == '?' || *p == path[at]) &&
		       plain(p + 1, path, at + 1, capture, count);
	for (to = at; to <= len; to++) {
		*count = first + 1;
		capture[first].offset = at;
		capture[first].len = to - at;
		if (plain(p + (deep ? 2 : 1), path, to, capture, count))
			return true;
		if (!deep && path[to] == '/')
			break;
	}
	*count = first;
	return false;
}
/* NOLINTEND(misc-no-recursion) */

static bool
expected(const char *p, const char *path, struct ev_capture *capture,
    size_t *count)
{
	if (strncmp(p, "**/", 3) == 0) {
		capture[0].offset = capture[0].len = 0;
		*count = 1;
		if (plain(p + 3, path, 0, capture, count))
			return true;
	}
	*count = 0;
	return plain(p, path, 0, capture, count);
}

static void
same_match(const char *pattern, const char *path)
{
	struct ev_capture want[16], have[EV_GLOB_CAPTURES];
	size_t want_count, have_count, i;
	bool match = expected(pattern, path, want, &want_count);

	if (ev_glob_match(pattern, path, strlen(path), have, &have_count) !=
	    match)
		fail_msg("%s and %s: %d", pattern, path, !match);
	if (!match)
		return;
	assert_int_equal(have_count, want_count);
	for (i = 0; i < have_count; i++) {
		assert_int_equal(have[i].offset, want[i].offset);
		assert_int_equal(have[i].len, want[i].len);
	}
}

/* n as digits, each a part. */
static void
spell(char *text, const char *const *parts, unsigned count, unsigned n)
{
	size_t len;

	*text = '\0';
	for (; n > 0; n /= count + 1) {
		if (n % (count + 1) == 0)
			continue;
		len = strlen(parts[n % (count + 1) - 1]);
		memcpy(text, parts[n % (count + 1) - 1], len + 1);
		text += len;
	}
}

static void
short_patterns_match_as_the_page_says(void **state)
{
	static const char *const in[] = { "a", "b", "/", "*", "**/", "?",
		"[ab]" };
	static const char *const of[] = { "a", "b", "/" };
	char pattern[64], path[64];
	unsigned p, n;

	(void)state;
	for (p = 1; p < 8 * 8 * 8 * 8; p++) {
		spell(pattern, in, 7, p);
		if (ev_glob_check(pattern) != NULL)
			continue;
		for (n = 0; n < 4 * 4 * 4 * 4; n++) {
			spell(path, of, 3, n);
			same_match(pattern, path);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_patterns_match_as_the_page_says),
		cmocka_unit_test(one_star_stays_in_its_folder_and_two_do_not),
		cmocka_unit_test(a_leading_double_star_also_matches_no_folder),
		cmocka_unit_test(
		    stars_take_as_little_as_they_can_from_the_left),
		cmocka_unit_test(a_pattern_made_to_be_slow_is_not),
		cmocka_unit_test(broken_patterns_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
