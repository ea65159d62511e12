/* The words of a .map file, one after the other, with their places. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/buf.h"
#include "evidence/text.h"
#include "ingest/mapping_scan.h"

enum { WORD_LIMIT = 4096 };

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool
is_bare(char c)
{
	return (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr(name_chars, c) != NULL);
}

void
ev_map_where(const char *text, size_t at, size_t *line, size_t *column)
{
	size_t i;

	*line = *column = 1;
	for (i = 0; i < at; i++) {
		if (text[i] == '\n') {
			(*line)++;
			*column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) {
			(*column)++;
		}
	}
}

enum ev_rc
ev_scan_fail(const struct ev_scan *s, size_t at, const char *fmt, ...)
{
	char what[256];
	size_t line, column;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	ev_map_where(s->file->text, at, &line, &column);
	return ev_fail(s->err, EV_INPUT, "%s:%zu:%zu: %s", s->file->name, line,
	    column, what);
}

char
ev_scan_peek(const struct ev_scan *s)
{
	return s->at < s->file->len ? s->file->text[s->at] : '\0';
}

bool
ev_scan_take(struct ev_scan *s, char c)
{
	if (ev_scan_peek(s) != c || c == '\0')
		return false;
	s->at++;
	return true;
}

static void
skip_comment(struct ev_scan *s)
{
	while (s->at < s->file->len && s->file->text[s->at] != '\n')
		s->at++;
}

/*
 * At a line feed: is the statement continued?  Lines that hold a comment only
 * are not there at all; a line of blanks ends it.
 */
static bool
continue_line(struct ev_scan *s)
{
	const char *text = s->file->text;
	size_t at = s->at, end = s->file->len, p;

	while (at < end && text[at] == '\n') {
		p = at + 1;
		if (p < end && text[p] == '#') {
			while (p < end && text[p] != '\n')
				p++;
			at = p;
			continue;
		}
		if (p == end || !is_blank(text[p]))
			return false;
		while (p < end && is_blank(text[p]))
			p++;
		if (p == end || text[p] == '\n')
			return false;
		s->at = p;
		return true;
	}
	return false;
}

void
ev_scan_skip(struct ev_scan *s)
{
	const char *text = s->file->text;

	for (;;) {
		while (is_blank(ev_scan_peek(s)))
			s->at++;
		if (ev_scan_peek(s) == '#' &&
		    (s->at == 0 || is_blank(text[s->at - 1]) ||
			text[s->at - 1] == '\n'))
			skip_comment(s);
		if (ev_scan_peek(s) != '\n' || !continue_line(s))
			return;
	}
}

bool
ev_scan_end(const struct ev_scan *s)
{
	return s->at >= s->file->len || s->file->text[s->at] == '\n';
}

enum ev_rc
ev_scan_name(struct ev_scan *s, const char **name, size_t *len,
    const char *what)
{
	s->word_at = s->at;
	*name = s->file->text + s->at;
	while (ev_scan_peek(s) != '\0' &&
	       strchr(name_chars, ev_scan_peek(s)) != NULL)
		s->at++;
	*len = s->at - s->word_at;
	if (*len == 0)
		return ev_scan_fail(s, s->at, "%s expected", what);
	return EV_OK;
}

static enum ev_rc
put_code_point(struct ev_scan *s, struct ev_buf *out, unsigned c)
{
	unsigned char utf8[3];
	size_t len;

	if (c == 0 || (c >= 0xd800 && c <= 0xdfff))
		return ev_scan_fail(s, s->at,
		    "a character expected, neither U+0000 nor a surrogate");
	if (c < 0x80) {
		utf8[0] = (unsigned char)c;
		len = 1;
	} else if (c < 0x800) {
		utf8[0] = (unsigned char)(0xc0 | c >> 6);
		utf8[1] = (unsigned char)(0x80 | (c & 63));
		len = 2;
	} else {
		utf8[0] = (unsigned char)(0xe0 | c >> 12);
		utf8[1] = (unsigned char)(0x80 | (c >> 6 & 63));
		utf8[2] = (unsigned char)(0x80 | (c & 63));
		len = 3;
	}
	return ev_buf_put(out, utf8, len, s->err);
}

/* Behind a backslash. */
static enum ev_rc
put_escape(struct ev_scan *s, struct ev_buf *out)
{
	static const char from[] = "\"\\tn", to[] = "\"\\\t\n";
	unsigned char code[2];
	const char *at;
	char c = ev_scan_peek(s);

	at = c == '\0' ? NULL : strchr(from, c);
	if (at != NULL) {
		s->at++;
		return ev_buf_putc(out, to[at - from], s->err);
	}
	if (c != 'u' || s->at + 5 > s->file->len ||
	    !ev_text_unhex(code, 2, s->file->text + s->at + 1, 4))
		return ev_scan_fail(s, s->at - 1,
		    "\\\", \\\\, \\t, \\n or \\uXXXX expected");
	s->at += 5;
	return put_code_point(s, out, (unsigned)code[0] << 8 | code[1]);
}

static enum ev_rc
keep(struct ev_scan *s, struct ev_word *word, const void *data, size_t len)
{
	word->data = malloc(len + 1);
	if (word->data == NULL)
		return ev_fail_sys(s->err, "cannot keep a word");
	if (len > 0)
		memcpy(word->data, data, len);
	word->data[len] = '\0';
	word->len = len;
	return EV_OK;
}

/* At its opening quote. */
static enum ev_rc
scan_string(struct ev_scan *s, struct ev_word *word)
{
	struct ev_buf buf;
	enum ev_rc rc = EV_OK;
	char c;

	ev_buf_init(&buf, WORD_LIMIT);
	s->at++;
	while (rc == EV_OK && (c = ev_scan_peek(s)) != '"') {
		if (ev_scan_end(s)) {
			rc = ev_scan_fail(s, s->word_at,
			    "a closing quote expected on the same line");
			break;
		}
		s->at++;
		if (c == '\\')
			rc = put_escape(s, &buf);
		else
			rc = ev_buf_putc(&buf, c, s->err);
	}
	s->at++;
	if (rc == EV_LIMIT)
		rc = ev_scan_fail(s, s->word_at, "at most 4096 bytes expected");
	if (rc == EV_OK)
		rc = keep(s, word, buf.data, buf.len);
	ev_buf_release(&buf);
	return rc;
}

enum ev_rc
ev_scan_text(struct ev_scan *s, struct ev_word *word, const char *what)
{
	s->word_at = s->at;
	if (ev_scan_peek(s) == '"')
		return scan_string(s, word);
	while (is_bare(ev_scan_peek(s)))
		s->at++;
	if (s->at == s->word_at)
		return ev_scan_fail(s, s->at, "%s expected", what);
	return keep(s, word, s->file->text + s->word_at, s->at - s->word_at);
}

enum ev_rc
ev_scan_visible(struct ev_scan *s, struct ev_word *word, const char *what)
{
	char c;

	s->word_at = s->at;
	if (ev_scan_peek(s) == '"')
		return scan_string(s, word);
	while ((c = ev_scan_peek(s)) > 0x20 && c < 0x7f && c != '"' && c != '#')
		s->at++;
	if (s->at == s->word_at ||
	    (s->at - s->word_at == 1 && s->file->text[s->word_at] == '|'))
		return ev_scan_fail(s, s->word_at, "%s expected", what);
	return keep(s, word, s->file->text + s->word_at, s->at - s->word_at);
}

enum ev_rc
ev_scan_grow(struct ev_scan *s, void **list, size_t count, size_t size)
{
	void *bigger;

	if (count >= EV_MAP_LIST)
		return ev_scan_fail(s, s->at, "at most %d of these expected",
		    EV_MAP_LIST);
	if ((count & (count - 1)) != 0)
		return EV_OK;
	bigger = realloc(*list, (count == 0 ? 1 : 2 * count) * size);
	if (bigger == NULL)
		return ev_fail_sys(s->err, "cannot keep a mapping");
	*list = bigger;
	memset((char *)bigger + count * size, 0,
	    (count == 0 ? 1 : count) * size);
	return EV_OK;
}

enum ev_rc
ev_scan_add_word(struct ev_scan *s, struct ev_words *words,
    struct ev_word *word)
{
	void *list = words->word;
	enum ev_rc rc;

	rc = ev_scan_grow(s, &list, words->count, sizeof(*words->word));
	words->word = list;
	if (rc != EV_OK) {
		free(word->data);
		return rc;
	}
	words->word[words->count++] = *word;
	return EV_OK;
}

enum ev_rc
ev_scan_list(struct ev_scan *s, struct ev_words *words, const char *what,
    bool visible)
{
	struct ev_word word = { NULL, 0 };
	enum ev_rc rc;

	for (;;) {
		ev_scan_skip(s);
		rc = visible ? ev_scan_visible(s, &word, what)
			     : ev_scan_text(s, &word, what);
		if (rc == EV_OK)
			rc = ev_scan_add_word(s, words, &word);
		if (rc != EV_OK)
			return rc;
		ev_scan_skip(s);
		if (!ev_scan_take(s, '|'))
			return EV_OK;
		if (!is_blank(ev_scan_peek(s)) && ev_scan_peek(s) != '\n')
			return ev_scan_fail(s, s->at,
			    "a blank expected behind '|'");
	}
}

/* bare, or "+" and digits, as phone(+92) has it. */
static enum ev_rc
scan_arg(struct ev_scan *s, struct ev_word *word)
{
	size_t from = s->at;

	if (!ev_scan_take(s, '+'))
		return ev_scan_text(s, word, "text");
	while (ev_scan_peek(s) >= '0' && ev_scan_peek(s) <= '9')
		s->at++;
	return keep(s, word, s->file->text + from, s->at - from);
}

enum ev_rc
ev_scan_args(struct ev_scan *s, struct ev_words *words)
{
	struct ev_word word = { NULL, 0 };
	enum ev_rc rc;

	for (;;) {
		ev_scan_skip(s);
		rc = scan_arg(s, &word);
		if (rc == EV_OK)
			rc = ev_scan_add_word(s, words, &word);
		if (rc != EV_OK)
			return rc;
		ev_scan_skip(s);
		if (ev_scan_take(s, ')'))
			return EV_OK;
		if (!ev_scan_take(s, ','))
			return ev_scan_fail(s, s->at, "',' or ')' expected");
	}
}

enum ev_rc
ev_scan_uint(struct ev_scan *s, int64_t *value)
{
	size_t from = s->at;

	while (ev_scan_peek(s) >= '0' && ev_scan_peek(s) <= '9')
		s->at++;
	if (!ev_text_int(value, s->file->text + from, s->at - from, 0,
		INT32_MAX))
		return ev_scan_fail(s, from,
		    "a number up to 2147483647 expected");
	return EV_OK;
}
