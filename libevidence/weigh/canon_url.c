/* URLs: one form (RFC 3986, 6.2.2), and what they name. */
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "weigh/canon.h"
#include "weigh/canon_inside.h"

/* Parts of a URL, borrowed. */
struct part {
	const char *text;
	size_t len;
};
struct url {
	struct part scheme, host, port, path, query;
	bool has_query;
};

static bool
part_is(const struct part *part, const char *text)
{
	size_t i;

	if (strlen(text) != part->len)
		return false;
	for (i = 0; i < part->len; i++) {
		if (ev_ascii_lower(part->text[i]) != text[i])
			return false;
	}
	return true;
}

static bool
begins(const struct part *part, const char *text)
{
	struct part head = *part;

	if (part->len < strlen(text))
		return false;
	head.len = strlen(text);
	return part_is(&head, text);
}

/* A blank or a control: nowhere in a URL as it is (RFC 3986, 2). */
static bool
is_control(char c)
{
	return (unsigned char)c <= ' ' || c == '\x7f';
}

static void
skip(struct part *part, size_t len)
{
	part->text += len;
	part->len -= len;
}

/* RFC 3986, 3.1: a letter, then letters, digits and + - . up to "://". */
static void
cut_scheme(struct part *rest, struct part *scheme)
{
	size_t n = 0;

	if (rest->len == 0 || !ev_ascii_is_alpha(*rest->text))
		return;
	while (n < rest->len && (ev_ascii_is_alnum(rest->text[n]) ||
				    ev_ascii_is_in(rest->text[n], "+-.")))
		n++;
	if (n + 3 > rest->len || memcmp(rest->text + n, "://", 3) != 0)
		return;
	*scheme = (struct part){ rest->text, n };
	skip(rest, n + 3);
}

/* Neither blanks nor controls, and a port of digits, if any. */
static bool
may_be_host(const struct url *url)
{
	size_t i;

	for (i = 0; i < url->host.len; i++) {
		if (is_control(url->host.text[i]))
			return false;
	}
	for (i = 0; i < url->port.len; i++) {
		if (!ev_ascii_is_digit(url->port.text[i]))
			return false;
	}
	return url->host.len > 0 &&
	       memchr(url->host.text, '.', url->host.len) != NULL;
}

/* scheme://host[:port][/path][?query][#fragment]; the scheme may be missing. */
static bool
split_url(const char *text, size_t len, struct url *url)
{
	struct part rest = { text, len };
	const char *at;
	size_t i;

	*url = (struct url){ .scheme = { "", 0 } };
	at = memchr(text, '#', len);
	if (at != NULL)
		rest.len = (size_t)(at - text);
	cut_scheme(&rest, &url->scheme);
	url->host = (struct part){ rest.text, 0 };
	while (rest.len > 0 && !ev_ascii_is_in(*rest.text, "/?")) {
		skip(&rest, 1);
		url->host.len++;
	}
	/* Whoever stands in front of the last @ is not the host. */
	for (i = url->host.len; i > 0; i--) {
		if (url->host.text[i - 1] == '@')
			break;
	}
	skip(&url->host, i);
	at = memchr(url->host.text, ':', url->host.len);
	if (at != NULL && *url->host.text != '[') {
		url->port = (struct part){ at + 1,
			url->host.len - (size_t)(at + 1 - url->host.text) };
		url->host.len = (size_t)(at - url->host.text);
	}
	at = memchr(rest.text, '?', rest.len);
	url->path = rest;
	if (at != NULL) {
		url->path.len = (size_t)(at - rest.text);
		url->query =
		    (struct part){ at + 1, rest.len - url->path.len - 1 };
		url->has_query = true;
	}
	return may_be_host(url);
}

static int
hex_at(const struct part *part, size_t i)
{
	return i < part->len ? ev_text_hex_digit((unsigned char)part->text[i])
			     : -1;
}

/*
 * Percent-encodings: unreserved characters plain, the others in capitals;
 * blanks and controls encoded, so that none is lost at an end; and a % that
 * encodes nothing, so that it never will.
 */
static enum ev_rc
put_encoded(struct ev_buf *out, const struct part *part, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	int high, low, value;
	size_t i;
	char c;

	for (i = 0; i < part->len && rc == EV_OK; i++) {
		c = part->text[i];
		if (c != '%') {
			rc = is_control(c) ? ev_buf_printf(out, err, "%%%02X",
						 (unsigned)c)
					   : ev_buf_putc(out, c, err);
			continue;
		}
		high = hex_at(part, i + 1);
		low = hex_at(part, i + 2);
		if (high < 0 || low < 0) {
			rc = ev_buf_puts(out, "%25", err);
			continue;
		}
		value = high * 16 + low;
		i += 2;
		if (ev_ascii_is_alnum((char)value) ||
		    ev_ascii_is_in((char)value, "-._~"))
			rc = ev_buf_putc(out, (char)value, err);
		else
			rc = ev_buf_printf(out, err, "%%%02X", (unsigned)value);
	}
	return rc;
}

static void
drop_segment(struct ev_buf *out, size_t start)
{
	size_t len = out->len;

	while (len > start && out->data[len - 1] != '/')
		len--;
	ev_buf_cut(out, len > start ? len - 1 : start);
}

/* Segments "." and ".." are gone (RFC 3986, 5.2.4). */
static enum ev_rc
put_path(struct ev_buf *out, const struct part *path, struct ev_err *err)
{
	size_t start = out->len, from = 0, to, mark;
	struct part segment, put;
	enum ev_rc rc = EV_OK;
	bool open = false, up;

	while (from < path->len && rc == EV_OK) {
		from++; /* the slash */
		for (to = from; to < path->len && path->text[to] != '/'; to++)
			;
		segment = (struct part){ path->text + from, to - from };
		from = to;
		mark = out->len;
		rc = ev_buf_putc(out, '/', err);
		if (rc == EV_OK)
			rc = put_encoded(out, &segment, err);
		if (rc != EV_OK)
			break;
		put = (struct part){ (const char *)out->data + mark + 1,
			out->len - mark - 1 };
		up = part_is(&put, "..");
		open = up || part_is(&put, ".");
		if (open)
			ev_buf_cut(out, mark);
		if (up)
			drop_segment(out, start);
	}
	if (rc == EV_OK && (open || out->len == start))
		rc = ev_buf_putc(out, '/', err);
	return rc;
}

bool
ev_canon_glob(const char *pattern, const char *text)
{
	const char *star = NULL, *again = NULL;

	while (*text != '\0') {
		if (*pattern == '*') {
			star = pattern++;
			again = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star != NULL) {
			pattern = star + 1;
			text = ++again;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return *pattern == '\0';
}

static bool
is_tracking(const struct ev_listfile *tracking, const struct part *pair)
{
	char name[64];
	size_t len, i;

	for (len = 0; len < pair->len && pair->text[len] != '='; len++)
		;
	if (tracking == NULL || len >= sizeof(name))
		return false;
	memcpy(name, pair->text, len);
	name[len] = '\0';
	for (i = 0; i < tracking->rows; i++) {
		if (ev_canon_glob(tracking->row[i].cell[0], name))
			return true;
	}
	return false;
}

/* One name=value, unless it tracks and is nothing else. */
static enum ev_rc
put_pair(struct ev_buf *out, const struct part *pair, char before,
    const struct ev_listfile *tracking, struct ev_err *err)
{
	size_t mark = out->len;
	struct part put;
	enum ev_rc rc;

	if (pair->len == 0)
		return EV_OK;
	rc = ev_buf_putc(out, before, err);
	if (rc == EV_OK)
		rc = put_encoded(out, pair, err);
	if (rc != EV_OK)
		return rc;
	put = (struct part){ (const char *)out->data + mark + 1,
		out->len - mark - 1 };
	if (is_tracking(tracking, &put))
		ev_buf_cut(out, mark);
	return EV_OK;
}

static enum ev_rc
put_query(struct ev_buf *out, const struct url *url,
    const struct ev_listfile *tracking, struct ev_err *err)
{
	struct part rest = url->query, pair;
	enum ev_rc rc = EV_OK;
	char before = '?';
	size_t mark;

	while (url->has_query && rc == EV_OK) {
		pair = (struct part){ rest.text, 0 };
		while (pair.len < rest.len && rest.text[pair.len] != '&')
			pair.len++;
		mark = out->len;
		rc = put_pair(out, &pair, before, tracking, err);
		if (out->len > mark)
			before = '&';
		if (pair.len == rest.len)
			break;
		skip(&rest, pair.len + 1);
	}
	return rc;
}

static bool
default_port(const struct url *url)
{
	return url->port.len == 0 ||
	       (part_is(&url->scheme, "http") && part_is(&url->port, "80")) ||
	       ((url->scheme.len == 0 || part_is(&url->scheme, "https")) &&
		   part_is(&url->port, "443"));
}

enum ev_rc
ev_canon_url(const struct ev_canon *in, struct ev_buf *out, unsigned *flags,
    struct ev_err *err)
{
	struct url url;
	enum ev_rc rc;
	size_t i;

	if (!split_url(in->raw, in->len, &url)) {
		*flags |= EV_CANON_RAW;
		return ev_buf_put(out, in->raw, in->len, err);
	}
	rc = EV_OK;
	for (i = 0; i < url.scheme.len && rc == EV_OK; i++)
		rc = ev_buf_putc(out, ev_ascii_lower(url.scheme.text[i]), err);
	if (rc == EV_OK)
		rc = ev_buf_puts(out, url.scheme.len == 0 ? "https://" : "://",
		    err);
	for (i = 0; i < url.host.len && rc == EV_OK; i++) {
		if ((unsigned char)url.host.text[i] >= 0x80)
			*flags |= EV_CANON_IDN;
		rc = ev_buf_putc(out, ev_ascii_lower(url.host.text[i]), err);
	}
	if (rc == EV_OK && !default_port(&url)) {
		rc = ev_buf_putc(out, ':', err);
		if (rc == EV_OK)
			rc = ev_buf_put(out, url.port.text, url.port.len, err);
	}
	if (rc == EV_OK)
		rc = put_path(out, &url.path, err);
	return rc == EV_OK ? put_query(out, &url, in->tracking, err) : rc;
}

/* Cut the first segment of a path: what stands between its slashes. */
static struct part
first_segment(struct part *path)
{
	struct part segment;

	while (path->len > 0 && *path->text == '/')
		skip(path, 1);
	segment = (struct part){ path->text, 0 };
	while (path->len > 0 && *path->text != '/') {
		skip(path, 1);
		segment.len++;
	}
	while (path->len > 0 && *path->text == '/')
		skip(path, 1);
	return segment;
}

static const struct {
	const char *host, *before, *tag;
} invites[] = {
	{ "t.me", "joinchat", "tg" },
	{ "telegram.me", "joinchat", "tg" },
	{ "chat.whatsapp.com", NULL, "wa" },
	{ "discord.gg", NULL, "dc" },
	{ "discord.com", "invite", "dc" },
	{ "discordapp.com", "invite", "dc" },
};

static const struct {
	const char *host, *platform;
} profiles[] = {
	{ "x.com", "x" },
	{ "twitter.com", "x" },
	{ "mobile.twitter.com", "x" },
	{ "t.me", "telegram" },
	{ "telegram.me", "telegram" },
	{ "facebook.com", "facebook" },
	{ "m.facebook.com", "facebook" },
	{ "instagram.com", "instagram" },
	{ "tiktok.com", "tiktok" },
};

/* First segments that are pages of the platform, not people. */
static const char *const pages[] = { "home", "i", "search", "intent", "share",
	"hashtag", "explore", "settings", "login", "signup", "about", "help",
	"privacy", "tos", "groups", "events", "watch", "marketplace", "pages",
	"sharer", "sharer.php", "story.php", "permalink.php", "photo.php", "p",
	"reel", "reels", "stories", "accounts", "c", "s", "joinchat",
	"addstickers", "proxy", "socks", "discover", "tag", "music" };

static bool
is_page(const struct part *segment)
{
	size_t i;

	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		if (part_is(segment, pages[i]))
			return true;
	}
	return false;
}

static enum ev_rc
put_invite(const struct part *host, struct part path, struct ev_buf *out,
    bool *found, struct ev_err *err)
{
	struct part code = first_segment(&path);
	const char *tag = NULL;
	enum ev_rc rc;
	size_t i;

	if ((part_is(host, "t.me") || part_is(host, "telegram.me")) &&
	    code.len > 1 && *code.text == '+') {
		skip(&code, 1);
		tag = "tg";
	}
	for (i = 0; i < sizeof(invites) / sizeof(invites[0]) && tag == NULL;
	     i++) {
		if (!part_is(host, invites[i].host))
			continue;
		if (invites[i].before != NULL) {
			if (!part_is(&code, invites[i].before))
				continue;
			code = first_segment(&path);
		}
		tag = invites[i].tag;
	}
	*found = tag != NULL && code.len > 0;
	if (!*found)
		return EV_OK;
	rc = ev_buf_printf(out, err, "%s:", tag);
	return rc == EV_OK ? put_encoded(out, &code, err) : rc;
}

static bool
is_name(const struct part *name)
{
	size_t i;

	for (i = 0; i < name->len; i++) {
		if (!ev_ascii_is_alnum(name->text[i]) && name->text[i] != '_' &&
		    name->text[i] != '.')
			return false;
	}
	return name->len >= 2 && name->len <= 64;
}

/* A profile, not something on it: the path has one segment. */
static enum ev_rc
put_profile(const struct url *url, const struct part *host, struct ev_buf *out,
    bool *found, struct ev_err *err)
{
	struct part path = url->path, name = first_segment(&path), id;
	const char *platform = NULL;
	enum ev_rc rc;
	size_t i;

	*found = false;
	for (i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		if (part_is(host, profiles[i].host))
			platform = profiles[i].platform;
	}
	if (platform == NULL)
		return EV_OK;
	if (part_is(&name, "profile.php") && begins(&url->query, "id=")) {
		id = url->query;
		skip(&id, 3);
		for (i = 0;
		     i < id.len && id.text[i] >= '0' && id.text[i] <= '9'; i++)
			;
		*found = i > 0;
		return *found ? ev_buf_printf(out, err, "%s:%.*s", platform,
				    (int)i, id.text)
			      : EV_OK;
	}
	/* t.me/s/name is the public view of name. */
	if (part_is(&name, "s") && strcmp(platform, "telegram") == 0)
		name = first_segment(&path);
	if (name.len > 0 && *name.text == '@')
		skip(&name, 1);
	if (path.len > 0 || is_page(&name) || !is_name(&name))
		return EV_OK;
	*found = true;
	rc = ev_buf_printf(out, err, "%s:@", platform);
	return rc == EV_OK ? ev_text_fold(out, name.text, name.len, err) : rc;
}

enum ev_rc
ev_canon_target(const char *text, size_t len, enum ev_type *type,
    struct ev_buf *out, struct ev_err *err)
{
	struct url url;
	struct part host;
	bool found;
	enum ev_rc rc;

	*type = EV_TYPES;
	if (!split_url(text, len, &url))
		return EV_OK;
	host = url.host;
	if (begins(&host, "www."))
		skip(&host, 4);
	rc = put_invite(&host, url.path, out, &found, err);
	if (rc != EV_OK || found) {
		*type = EV_T_INVITE;
		return rc;
	}
	rc = put_profile(&url, &host, out, &found, err);
	if (rc == EV_OK && found)
		*type = EV_T_ACCOUNT;
	return rc;
}
