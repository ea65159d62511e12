/* What a member is: its media type by its bytes. */
#include <magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/kind.h"

enum {
	FLAGS = MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF,
	BLOCK = 64,
};

struct ev_media {
	magic_t cookie;
};

static const char unknown[] = "application/octet-stream";

enum ev_rc
ev_media_new(struct ev_media **out, struct ev_err *err)
{
	struct ev_media *media;

	*out = NULL;
	media = calloc(1, sizeof(*media));
	if (media == NULL)
		return ev_fail_sys(err, "cannot load libmagic");
	media->cookie = magic_open(
	    MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF);
	if (media->cookie == NULL || magic_load(media->cookie, NULL) != 0) {
		(void)ev_fail(err, EV_SYS, "cannot load libmagic: %s",
		    media->cookie == NULL ? "out of memory"
					  : magic_error(media->cookie));
		ev_media_free(media);
		return EV_SYS;
	}
	*out = media;
	return EV_OK;
}

void
ev_media_free(struct ev_media *media)
{
	if (media == NULL)
		return;
	if (media->cookie != NULL)
		magic_close(media->cookie);
	free(media);
}

static const struct {
	size_t len;
	const char *magic;
	const char *type;
} signature[] = {
	{ 8, "\x89PNG\r\n\x1a\n", "image/png" },
	{ 3, "\xff\xd8\xff", "image/jpeg" },
	{ 6, "GIF87a", "image/gif" },
	{ 6, "GIF89a", "image/gif" },
	{ 3, "\x1f\x8b\x08", "application/gzip" },
	{ 6,
	    "\xfd"
	    "7zXZ\0",
	    "application/x-xz" },
	{ 4, "\x28\xb5\x2f\xfd", "application/zstd" },
	{ 16, "SQLite format 3\0", "application/vnd.sqlite3" },
	{ 5, "%PDF-", "application/pdf" },
};

const char *
ev_media_sniff(const unsigned char *head, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(signature) / sizeof(signature[0]); i++) {
		if (len >= signature[i].len &&
		    memcmp(head, signature[i].magic, signature[i].len) == 0)
			return signature[i].type;
	}
	return "";
}

static size_t
skip_blanks(const unsigned char *head, size_t len, size_t i)
{
	while (i < len && (head[i] == ' ' || head[i] == '\t' ||
			      head[i] == '\r' || head[i] == '\n'))
		i++;
	return i;
}

const char *
ev_media_sniff_text(const unsigned char *head, size_t len)
{
	size_t i = 0;

	if (len >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	i = skip_blanks(head, len, i);
	if (i == len || (head[i] != '{' && head[i] != '['))
		return "";
	i = skip_blanks(head, len, i + 1);
	if (i < len && strchr("\"{[]}-0123456789tfn", head[i]) != NULL &&
	    head[i] != '\0')
		return "application/json";
	return "";
}

static bool
is_control(unsigned char c)
{
	return (c < ' ' && c != '\t' && c != '\n' && c != '\f' && c != '\r') ||
	       c == 0x7f;
}

/* Whether text holds a control that no text has; many bytes at a time. */
static bool
has_control(const unsigned char *data, size_t len)
{
	unsigned bad = 0;
	size_t i, k;

	for (i = 0; i + BLOCK <= len && bad == 0; i += BLOCK) {
		for (k = 0; k < BLOCK; k++)
			bad |= is_control(data[i + k]);
	}
	for (; i < len && bad == 0; i++)
		bad |= is_control(data[i]);
	return bad != 0;
}

/* Text that says by its first line what it is. */
static const char *const opening[] = { "From ",
	"Received:", "Return-Path:", "Delivered-To:", "MIME-Version:",
	"Message-ID:", "Date:", "Subject:", "To:", "X-", "BEGIN:", "WARC/",
	"HTTP/" };

/*
 * Text that is nothing but text by its first bytes.  libmagic's search for
 * words of programming languages in it takes 0.5 to 2.5 ms, a hundred times
 * what its tests for encoding, JSON and CSV take, and tells us nothing.
 */
static bool
is_plain(const unsigned char *data, size_t len)
{
	size_t i, from = 0;

	if (has_control(data, len))
		return false;
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		from = 3;
	from = skip_blanks(data, len, from);
	if (from == len || strchr("<#%\\-;/*.!@", data[from]) != NULL)
		return false;
	for (i = 0; i < sizeof(opening) / sizeof(opening[0]); i++) {
		size_t n = strlen(opening[i]);

		if (len - from >= n && memcmp(data + from, opening[i], n) == 0)
			return false;
	}
	return true;
}

/* One media type as RFC 6838 writes it, and in small letters. */
static bool
is_type(const char *text)
{
	static const char allowed[] =
	    "abcdefghijklmnopqrstuvwxyz0123456789-+._/";

	return strchr(text, '/') != NULL && strlen(text) < EV_MEDIA_TYPE &&
	       text[strspn(text, allowed)] == '\0';
}

void
ev_media_type(const struct ev_media *media, char type[EV_MEDIA_TYPE],
    const void *data, size_t len)
{
	const char *found;

	if (len > EV_MEDIA_LOOK)
		len = EV_MEDIA_LOOK;
	(void)magic_setflags(media->cookie,
	    is_plain(data, len) ? FLAGS | MAGIC_NO_CHECK_SOFT : FLAGS);
	found = magic_buffer(media->cookie, data, len);
	if (found == NULL || !is_type(found))
		found = unknown;
	(void)snprintf(type, EV_MEDIA_TYPE, "%s", found);
}
