/* The header of a message: its fields, and what some of them hold. */
#include <string.h>
#include <strings.h>

#include "ingest/mailhead.h"

bool
ev_mail_is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void
ev_mail_trim(struct ev_mail_piece *p)
{
	while (p->len > 0 && ev_mail_is_blank(p->text[0]))
		p->text++, p->len--;
	while (p->len > 0 && ev_mail_is_blank(p->text[p->len - 1]))
		p->len--;
}

/* The length of a field's name, 0: the line is none. */
static size_t
name_length(const char *line, size_t len)
{
	size_t i = 0, end;

	while (i < len && line[i] > ' ' && line[i] < 0x7f && line[i] != ':')
		i++;
	end = i;
	while (i < len && (line[i] == ' ' || line[i] == '\t'))
		i++;
	return i < len && line[i] == ':' ? end : 0;
}

bool
ev_mail_is_field(const char *line, size_t len)
{
	return name_length(line, len) > 0;
}

static void
take_line(struct ev_mail_head *h, const char *data, size_t at, size_t len)
{
	struct ev_mail_field *last = &h->field[h->count];
	size_t n = name_length(data + at, len), colon;

	if (ev_mail_is_blank(data[at]) && h->count > 0) {
		last--;
		last->value_len = at + len - last->value;
		return;
	}
	if (n == 0) {
		h->broken = true;
		return;
	}
	colon = (size_t)((const char *)memchr(data + at, ':', len) - data);
	last->name = at;
	last->name_len = n;
	last->value = colon + 1;
	last->value_len = at + len - last->value;
	h->count++;
}

const char *
ev_mail_head(struct ev_mail_head *h, const char *data, size_t from, size_t to)
{
	const char *lf;
	size_t at = from, len, next;

	h->count = 0;
	h->end = from;
	h->broken = false;
	for (; at < to; at = next) {
		lf = memchr(data + at, '\n', to - at);
		next = lf == NULL ? to : (size_t)(lf - data) + 1;
		len = next - at - (lf != NULL);
		if (len > 0 && data[at + len - 1] == '\r')
			len--;
		if (len == 0) {
			at = next;
			break;
		}
		if (h->count == EV_MAIL_FIELDS || next - from > EV_MAIL_HEAD)
			return "a header of at most 1,000 fields and 256 KiB "
			       "was expected";
		take_line(h, data, at, len);
		if (h->count == 0)
			return "a header field was expected";
	}
	h->end = at;
	return h->count == 0 ? "a header field was expected" : NULL;
}

const struct ev_mail_field *
ev_mail_find(const struct ev_mail_head *h, const char *data, const char *name)
{
	size_t i, len = strlen(name);

	for (i = 0; i < h->count; i++)
		if (h->field[i].name_len == len &&
		    strncasecmp(data + h->field[i].name, name, len) == 0)
			return &h->field[i];
	return NULL;
}

/* The next of these characters outside quotes and comments, or the end. */
static size_t
find_outside(const char *text, size_t len, size_t at, const char *any)
{
	bool quoted = false;
	int depth = 0;

	for (; at < len; at++) {
		if (text[at] == '\\' && (quoted || depth > 0)) {
			at++;
		} else if (quoted) {
			quoted = text[at] != '"';
		} else if (depth == 0 && text[at] != '\0' &&
			   strchr(any, text[at]) != NULL) {
			return at;
		} else if (text[at] == '"' && depth == 0) {
			quoted = true;
		} else if (text[at] == '(') {
			depth++;
		} else if (text[at] == ')' && depth > 0) {
			depth--;
		}
	}
	return len;
}

static void
unquote(struct ev_mail_piece *p)
{
	ev_mail_trim(p);
	if (p->len >= 2 && p->text[0] == '"' && p->text[p->len - 1] == '"') {
		p->text++;
		p->len -= 2;
		ev_mail_trim(p);
	}
}

void
ev_mail_address(struct ev_mail_piece *address, struct ev_mail_piece *name,
    const char *value, size_t len)
{
	size_t open = find_outside(value, len, 0, "<"), end;
	const char *paren;

	*name = (struct ev_mail_piece){ value, open };
	if (open < len) {
		end = find_outside(value, len, open, ">");
		*address =
		    (struct ev_mail_piece){ value + open + 1, end - open - 1 };
		unquote(name);
		ev_mail_trim(address);
		return;
	}
	end = find_outside(value, len, 0, ",;");
	*address = (struct ev_mail_piece){ value, end };
	*name = (struct ev_mail_piece){ NULL, 0 };
	paren = memchr(value, '(', end);
	if (paren != NULL) {
		address->len = (size_t)(paren - value);
		*name =
		    (struct ev_mail_piece){ paren + 1, end - address->len - 1 };
		ev_mail_trim(name);
		if (name->len > 0 && name->text[name->len - 1] == ')')
			name->len--;
		ev_mail_trim(name);
	}
	ev_mail_trim(address);
}

/* Where a clause of a Received field begins: a word of its own. */
static size_t
find_clause(const char *text, size_t len, const char *word)
{
	size_t at = 0, n = strlen(word);

	while (at < len) {
		if ((at == 0 || ev_mail_is_blank(text[at - 1])) &&
		    len - at > n && strncasecmp(text + at, word, n) == 0 &&
		    ev_mail_is_blank(text[at + n]))
			return at;
		/* On to the next blank that stands in no comment. */
		at = find_outside(text, len, at, " \t\r\n");
		while (at < len && ev_mail_is_blank(text[at]))
			at++;
	}
	return len;
}

/* The word behind a clause's own. */
static struct ev_mail_piece
clause(const char *text, size_t len, const char *word)
{
	struct ev_mail_piece p = { NULL, 0 };
	size_t at = find_clause(text, len, word), end;

	if (at == len)
		return p;
	at += strlen(word);
	while (at < len && ev_mail_is_blank(text[at]))
		at++;
	end = find_outside(text, len, at, " \t\r\n;");
	p = (struct ev_mail_piece){ text + at, end - at };
	if (p.len >= 2 && p.text[0] == '<' && p.text[p.len - 1] == '>') {
		p.text++;
		p.len -= 2;
	}
	return p;
}

/* What a pair of brackets holds that could be an address. */
static struct ev_mail_piece
within(const char *text, size_t len, char open, char close)
{
	struct ev_mail_piece p = { NULL, 0 };
	const char *at = text, *stop = text + len, *end;

	while (
	    at < stop && (at = memchr(at, open, (size_t)(stop - at))) != NULL) {
		at++;
		end = memchr(at, close, (size_t)(stop - at));
		if (end == NULL)
			break;
		p = (struct ev_mail_piece){ at, (size_t)(end - at) };
		if (p.len > 5 && strncasecmp(p.text, "IPv6:", 5) == 0) {
			p.text += 5;
			p.len -= 5;
		}
		if (p.len >= 2 &&
		    strspn(p.text, "0123456789abcdefABCDEF.:") >= p.len &&
		    (memchr(p.text, '.', p.len) != NULL ||
			memchr(p.text, ':', p.len) != NULL))
			return p;
		at = open == '(' ? at : end;
	}
	return (struct ev_mail_piece){ NULL, 0 };
}

void
ev_mail_received(struct ev_mail_hop *hop, const char *value, size_t len)
{
	size_t semicolon = find_outside(value, len, 0, ";"), by;
	size_t from = find_clause(value, semicolon, "from");

	memset(hop, 0, sizeof(*hop));
	if (semicolon < len) {
		hop->date = (struct ev_mail_piece){ value + semicolon + 1,
			len - semicolon - 1 };
		ev_mail_trim(&hop->date);
	}
	by = find_clause(value, semicolon, "by");
	hop->from = clause(value, semicolon, "from");
	hop->by = clause(value, semicolon, "by");
	hop->with = clause(value, semicolon, "with");
	hop->id = clause(value, semicolon, "id");
	hop->recipient = clause(value, semicolon, "for");
	if (from >= by)
		return;
	hop->ip = within(value + from, by - from, '[', ']');
	if (hop->ip.text == NULL)
		hop->ip = within(value + from, by - from, '(', ')');
}

static bool
is_one_of(const char *word, size_t len, const char *names)
{
	for (; *names != '\0'; names += 3)
		if (len == 3 && memcmp(word, names, 3) == 0)
			return true;
	return false;
}

/* Digits, with this between them every second one: 21:33 or 21:33:37. */
static bool
is_clock(const char *word, size_t len)
{
	size_t i;

	if (len != 4 && len != 5 && len != 7 && len != 8)
		return false;
	for (i = 0; i < len; i++)
		if (i % 3 == len % 3 ? word[i] != ':'
				     : word[i] < '0' || word[i] > '9')
			return false;
	return true;
}

static bool
is_digits(const char *word, size_t len, size_t least, size_t most)
{
	size_t i = 0;

	while (i < len && word[i] >= '0' && word[i] <= '9')
		i++;
	return i == len && len >= least && len <= most;
}

static struct ev_mail_piece
next_word(const char *line, size_t len, size_t *at)
{
	struct ev_mail_piece p;
	size_t from;

	while (*at < len && ev_mail_is_blank(line[*at]))
		(*at)++;
	from = *at;
	while (*at < len && !ev_mail_is_blank(line[*at]))
		(*at)++;
	p = (struct ev_mail_piece){ line + from, *at - from };
	return p;
}

/* The rest of a date behind its day's name. */
static bool
is_date(const char *line, size_t len, size_t at)
{
	struct ev_mail_piece p = next_word(line, len, &at);
	int i;

	if (!is_one_of(p.text, p.len, "JanFebMarAprMayJunJulAugSepOctNovDec"))
		return false;
	p = next_word(line, len, &at);
	if (!is_digits(p.text, p.len, 1, 2))
		return false;
	p = next_word(line, len, &at);
	if (!is_clock(p.text, p.len))
		return false;
	for (i = 0; i < 2; i++) {
		p = next_word(line, len, &at);
		if (is_digits(p.text, p.len, 4, 4))
			return true;
	}
	return false;
}

bool
ev_mail_from_line(const char *line, size_t len)
{
	struct ev_mail_piece p;
	size_t at = 5;

	if (len < 5 || memcmp(line, "From ", 5) != 0)
		return false;
	while (at < len) {
		p = next_word(line, len, &at);
		if (is_one_of(p.text, p.len, "MonTueWedThuFriSatSun") &&
		    is_date(line, len, at))
			return true;
	}
	return false;
}
