/* Identifiers inside running text, by fixed patterns and nothing cleverer. */
#include <string.h>

#include "evidence/text.h"
#include "weigh/canon.h"
#include "weigh/canon_inside.h"
#include "weigh/canon_sum.h"

/* Where a word ends. */
static bool
is_gap(char c)
{
	return (unsigned char)c <= ' ' || ev_ascii_is_in(c, "<>\"'`()[]{}|,;");
}

static size_t
word_length(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && !is_gap(text[n]))
		n++;
	while (n > 0 && ev_ascii_is_in(text[n - 1], ".:!?*"))
		n--;
	return n;
}

static bool
has_prefix(const char *text, size_t len, const char *prefix)
{
	size_t i, n = strlen(prefix);

	if (len < n)
		return false;
	for (i = 0; i < n; i++) {
		if (ev_ascii_lower(text[i]) != prefix[i])
			return false;
	}
	return true;
}

static bool
is_url(const char *word, size_t len)
{
	static const char *const heads[] = { "http://", "https://", "www.",
		"t.me/", "telegram.me/", "chat.whatsapp.com/", "discord.gg/",
		"discord.com/invite/", "x.com/", "twitter.com/",
		"facebook.com/", "instagram.com/" };
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		if (has_prefix(word, len, heads[i]))
			return len > strlen(heads[i]);
	}
	return false;
}

static bool
is_handle(const char *word, size_t len, size_t *name)
{
	size_t n = 1;

	if (len < 3 || *word != '@')
		return false;
	while (n < len && (ev_ascii_is_alnum(word[n]) || word[n] == '_' ||
			      (word[n] == '.' && n + 1 < len &&
				  ev_ascii_is_alnum(word[n + 1]))))
		n++;
	*name = n;
	return n >= 3;
}

static bool
is_email(const char *word, size_t len)
{
	const char *at = memchr(word, '@', len), *dot;
	size_t i, domain;

	if (at == NULL || at == word)
		return false;
	domain = len - (size_t)(at + 1 - word);
	dot = memchr(at + 1, '.', domain);
	if (dot == NULL || dot == at + 1 || dot + 1 >= word + len)
		return false;
	for (i = 0; i < len; i++) {
		if (word + i != at && !ev_ascii_is_alnum(word[i]) &&
		    !ev_ascii_is_in(word[i], ".-_+%"))
			return false;
	}
	return true;
}

/* From the plus on, over blanks and dashes between digits. */
static size_t
phone_length(const char *text, size_t len)
{
	size_t i, digits = 0, end = 0;

	if (len < 8 || *text != '+' || !ev_ascii_is_digit(text[1]))
		return 0;
	for (i = 1; i < len; i++) {
		if (ev_ascii_is_digit(text[i])) {
			digits++;
			end = i + 1;
		} else if (!ev_ascii_is_in(text[i], " -()") || i - end > 1) {
			break;
		}
		if (digits > 15)
			return 0;
	}
	return digits >= 7 ? end : 0;
}

static bool
is_wallet(const char *word, size_t len)
{
	size_t i;

	if (len == 42 && word[0] == '0' && word[1] == 'x') {
		for (i = 2; i < len; i++) {
			if (ev_text_hex_digit((unsigned char)word[i]) < 0)
				return false;
		}
		return true;
	}
	return ev_sum_base58(word, len) ||
	       (has_prefix(word, len, "bc1") && ev_sum_bech32(word, len));
}

static bool
look(const char *text, size_t len, struct ev_found *found)
{
	size_t word = word_length(text, len), name;

	found->text = text;
	found->len = word;
	found->type = EV_TYPES;
	if (*text == '+') {
		found->len = phone_length(text, len);
		found->type = EV_T_PHONE;
		return found->len > 0;
	}
	if (word == 0)
		return false;
	if (is_url(text, word))
		found->type = EV_T_URL;
	else if (is_handle(text, word, &name)) {
		found->type = EV_T_ACCOUNT;
		found->len = name;
	} else if (is_email(text, word))
		found->type = EV_T_EMAIL;
	else if (is_wallet(text, word))
		found->type = EV_T_WALLET;
	else if (ev_sum_iban(text, word))
		found->type = EV_T_IBAN;
	return found->type != EV_TYPES;
}

bool
ev_canon_next(const char *text, size_t len, size_t *at, struct ev_found *found)
{
	while (*at < len) {
		if ((*at == 0 || is_gap(text[*at - 1])) &&
		    look(text + *at, len - *at, found)) {
			*at += found->len;
			return true;
		}
		(*at)++;
	}
	return false;
}
