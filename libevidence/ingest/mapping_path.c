/* Paths, places and converters of a .map file. */
#include <stdlib.h>
#include <string.h>

#include "ingest/mapping_scan.h"

static bool
is_bare_start(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool
is_segment_start(char c)
{
	return is_bare_start(c) || c == '"' || c == '~' || c == '@' ||
	       c == '{' || c == '[';
}

static enum ev_rc
add_step(struct ev_scan *s, struct ev_path *path, enum ev_step_type type,
    struct ev_step **step)
{
	void *list = path->step;
	enum ev_rc rc;

	if (path->count == EV_MAP_STEPS)
		return ev_scan_fail(s, s->at, "at most %d steps expected",
		    EV_MAP_STEPS);
	rc = ev_scan_grow(s, &list, path->count, sizeof(*path->step));
	path->step = list;
	if (rc != EV_OK)
		return rc;
	*step = &path->step[path->count++];
	(*step)->type = type;
	return EV_OK;
}

static enum ev_rc
add_key(struct ev_scan *s, struct ev_step *step, struct ev_word *name,
    bool fold, int alias)
{
	void *list = step->key;
	struct ev_key *key;
	enum ev_rc rc;

	rc = ev_scan_grow(s, &list, step->key_count, sizeof(*step->key));
	step->key = list;
	if (rc != EV_OK) {
		free(name->data);
		return rc;
	}
	key = &step->key[step->key_count++];
	key->name = *name;
	key->fold = fold;
	key->alias = alias;
	return EV_OK;
}

static enum ev_rc
add_alias(struct ev_scan *s, struct ev_step *step)
{
	const struct ev_words *words = NULL;
	struct ev_word copy;
	const char *name;
	enum ev_rc rc;
	size_t len, i;
	int alias = -1;

	rc = ev_scan_name(s, &name, &len, "the name of an alias");
	if (rc != EV_OK)
		return rc;
	for (i = 0; i < s->file->alias_count; i++)
		if (strlen(s->file->alias[i].name) == len &&
		    memcmp(s->file->alias[i].name, name, len) == 0) {
			words = &s->file->alias[i].words;
			alias = (int)i;
		}
	if (words == NULL)
		return ev_scan_fail(s, s->word_at,
		    "an alias expected that stands above it in this file");
	for (i = 0; i < words->count; i++) {
		copy.len = words->word[i].len;
		copy.data = strdup(words->word[i].data);
		if (copy.data == NULL)
			return ev_fail_sys(s->err, "cannot keep a mapping");
		rc = add_key(s, step, &copy, false, alias);
		if (rc != EV_OK)
			return rc;
	}
	return EV_OK;
}

/* key *( "|" key ) */
static enum ev_rc
scan_keys(struct ev_scan *s, struct ev_path *path)
{
	struct ev_step *step = NULL;
	struct ev_word word = { NULL, 0 };
	enum ev_rc rc;
	bool fold;

	rc = add_step(s, path, EV_STEP_KEY, &step);
	while (rc == EV_OK && step != NULL) {
		if (ev_scan_take(s, '@')) {
			rc = add_alias(s, step);
		} else {
			fold = ev_scan_take(s, '~');
			rc = ev_scan_text(s, &word, "a key");
			if (rc == EV_OK)
				rc = add_key(s, step, &word, fold, -1);
		}
		if (rc != EV_OK || !ev_scan_take(s, '|'))
			break;
	}
	return rc;
}

static enum ev_rc
scan_index(struct ev_scan *s, struct ev_path *path, bool iterations)
{
	struct ev_step *step = NULL;
	size_t from = s->at++;
	int64_t index = 0;
	enum ev_rc rc;
	bool star;

	star = ev_scan_take(s, '*');
	if (star && !iterations)
		return ev_scan_fail(s, from,
		    "no [*] expected: a column has one value");
	rc = add_step(s, path, star ? EV_STEP_ITER : EV_STEP_INDEX, &step);
	if (rc == EV_OK && !star)
		rc = ev_scan_uint(s, &index);
	if (rc != EV_OK || step == NULL)
		return rc;
	step->index = (size_t)index;
	if (!ev_scan_take(s, ']'))
		return ev_scan_fail(s, s->at, "']' expected");
	return EV_OK;
}

static enum ev_rc
scan_segment(struct ev_scan *s, struct ev_path *path, bool iterations)
{
	struct ev_step *step;
	enum ev_rc rc = EV_OK;
	size_t from = s->at;

	if (ev_scan_take(s, '{')) {
		if (!ev_scan_take(s, '*') || !ev_scan_take(s, '}'))
			return ev_scan_fail(s, from, "{*} expected");
		if (!iterations)
			return ev_scan_fail(s, from,
			    "no {*} expected: a column has one value");
		rc = add_step(s, path, EV_STEP_MEMBERS, &step);
	} else if (ev_scan_peek(s) != '[') {
		rc = scan_keys(s, path);
	}
	while (rc == EV_OK && ev_scan_peek(s) == '[')
		rc = scan_index(s, path, iterations);
	return rc;
}

static enum ev_rc
scan_anchor(struct ev_scan *s, struct ev_path *path)
{
	if (ev_scan_take(s, '$')) {
		path->anchor = EV_FROM_DOCUMENT;
		return EV_OK;
	}
	while (ev_scan_take(s, '^')) {
		path->anchor = EV_FROM_ABOVE;
		if (++path->up > EV_MAP_LEVELS)
			return ev_scan_fail(s, path->at,
			    "at most %d levels expected", EV_MAP_LEVELS);
	}
	return EV_OK;
}

enum ev_rc
ev_scan_path(struct ev_scan *s, struct ev_path *path, bool iterations)
{
	enum ev_rc rc;
	bool dot;

	memset(path, 0, sizeof(*path));
	path->at = s->at;
	rc = scan_anchor(s, path);
	if (rc != EV_OK)
		return rc;
	dot = ev_scan_take(s, '.');
	while (rc == EV_OK && is_segment_start(ev_scan_peek(s))) {
		rc = scan_segment(s, path, iterations);
		dot = rc == EV_OK && ev_scan_take(s, '.');
	}
	if (rc != EV_OK)
		return rc;
	/* "." alone is the element itself; any other path ends in a segment. */
	if ((dot && (path->count > 0 || path->anchor != EV_FROM_ELEMENT)) ||
	    s->at == path->at)
		return ev_scan_fail(s, s->at, "a path expected");
	if (strchr(" \t\n", ev_scan_peek(s)) == NULL)
		return ev_scan_fail(s, s->at,
		    "a blank expected behind the path");
	return EV_OK;
}

static enum ev_rc
scan_percent(struct ev_scan *s, struct ev_place *place)
{
	static const struct {
		const char *name;
		enum ev_source source;
	} words[] = { { "key", EV_SRC_KEY }, { "member", EV_SRC_MEMBER },
		{ "record", EV_SRC_RECORD }, { "holder", EV_SRC_HOLDER } };
	const char *name;
	enum ev_rc rc;
	size_t len, i;

	rc = ev_scan_name(s, &name, &len, "key, member, record, holder or 1-9");
	if (rc != EV_OK)
		return rc;
	if (len == 1 && *name >= '1' && *name <= '9') {
		place->source = EV_SRC_CAPTURE;
		place->capture = *name - '0';
		return EV_OK;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strlen(words[i].name) == len &&
		    memcmp(words[i].name, name, len) == 0) {
			place->source = words[i].source;
			return EV_OK;
		}
	return ev_scan_fail(s, s->word_at,
	    "%%key, %%member, %%record, %%holder or %%1 to %%9 expected");
}

/* Is the next word this one, with an opening parenthesis behind it? */
static bool
take_call(struct ev_scan *s, const char *name)
{
	size_t len = strlen(name);

	if (s->file->len - s->at <= len ||
	    memcmp(s->file->text + s->at, name, len) != 0)
		return false;
	s->at += len;
	return true;
}

static enum ev_rc
scan_cut(struct ev_scan *s, struct ev_place *place)
{
	struct ev_words words = { NULL, 0 };
	size_t from = s->at;
	enum ev_rc rc;

	if (!take_call(s, "between("))
		return EV_OK;
	rc = ev_scan_args(s, &words);
	if (rc == EV_OK && words.count != 2)
		rc = ev_scan_fail(s, from, "between(A,B) expected");
	if (rc != EV_OK) {
		ev_words_release(&words);
		return rc;
	}
	place->cut = true;
	place->from = words.word[0];
	place->to = words.word[1];
	free(words.word);
	ev_scan_skip(s);
	return EV_OK;
}

enum ev_rc
ev_scan_place(struct ev_scan *s, struct ev_place *place)
{
	enum ev_rc rc;

	memset(place, 0, sizeof(*place));
	place->path.at = s->at;
	if (ev_scan_take(s, '%'))
		rc = scan_percent(s, place);
	else
		rc = ev_scan_path(s, &place->path, false);
	if (rc != EV_OK)
		return rc;
	ev_scan_skip(s);
	return scan_cut(s, place);
}

enum ev_rc
ev_scan_conv(struct ev_scan *s, struct ev_conv *conv)
{
	struct ev_words words = { NULL, 0 };
	const char *name, *part, *wrong;
	size_t len, from = s->at, i;
	enum ev_rc rc;

	memset(conv, 0, sizeof(*conv));
	rc = ev_scan_name(s, &name, &len, "a converter");
	if (rc == EV_OK && ev_scan_take(s, ':')) {
		rc = ev_scan_name(s, &part, &len, "a name behind ':'");
		len = s->at - from;
	}
	if (rc != EV_OK)
		return rc;
	conv->info = ev_conv_find(name, len);
	if (conv->info == NULL)
		return ev_scan_fail(s, from, "a converter expected, not '%.*s'",
		    (int)(len > 40 ? 40 : len), name);
	if (ev_scan_take(s, '('))
		rc = ev_scan_args(s, &words);
	if (rc == EV_OK && words.count > 0) {
		conv->arg = calloc(words.count, sizeof(*conv->arg));
		if (conv->arg == NULL)
			rc = ev_fail_sys(s->err, "cannot keep a converter");
	}
	if (rc != EV_OK) {
		ev_words_release(&words);
		return rc;
	}
	for (i = 0; i < words.count; i++)
		conv->arg[i] = words.word[i].data;
	conv->arg_count = words.count;
	free(words.word);
	wrong = ev_conv_check(conv);
	if (wrong != NULL)
		return ev_scan_fail(s, from, "%s", wrong);
	return EV_OK;
}

int
ev_path_levels(const struct ev_path *path)
{
	int levels = 0;
	size_t i;

	for (i = 0; i < path->count; i++)
		levels += path->step[i].type == EV_STEP_ITER ||
			  path->step[i].type == EV_STEP_MEMBERS;
	return levels;
}
