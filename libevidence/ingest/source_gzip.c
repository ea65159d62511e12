/* A gzip file, member by member (RFC 1952): one stream, every seam noted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "ingest/source_own.h"

enum {
	BLOCK = 64 << 10,
	HOLD_MAX = 1 << 20, /* of a member that is held until it is complete */
	FIELD_MAX = 64 << 10,
	NOTES_MAX = 8, /* of one word; more are counted */
	HEADER = 10,
	FHCRC = 2,
	FEXTRA = 4,
	FNAME = 8,
	FCOMMENT = 16,
	RESERVED = 0xe0,
};

enum odd { ODD_CRC, ODD_ISIZE, ODD_EMPTY, ODDS };

struct gzip {
	const struct ev_source_in *in;
	const struct ev_source_out *out;
	struct ev_source_entry *entry;
	z_stream z;
	unsigned char data[BLOCK];
	size_t pos, len;    /* in data */
	int64_t offset;     /* of data[0] in the file */
	bool eof;           /* of the file */
	int64_t members;    /* complete or begun */
	int64_t begun;      /* where the current one begins */
	bool inside;        /* between header and trailer */
	bool done;          /* no more members */
	bool damaged;       /* what follows end is set aside */
	int64_t end;        /* of the last complete member */
	uint32_t crc, size; /* of the current one, so far */
	struct ev_buf name; /* of the first */
	uint32_t mtime;
	struct ev_buf hold; /* output of a later member */
	size_t hold_pos;
	bool holding, passing;
	int64_t odd[ODDS];        /* how many */
	int64_t odd_offset[ODDS]; /* of the first */
	struct ev_err why;
	const char *reason; /* NULL: undamaged */
};

static int64_t
at(const struct gzip *g)
{
	return g->offset + (int64_t)g->pos;
}

/* Have n bytes at pos (n <= HEADER), or eof: EV_EOF. */
static enum ev_rc
need(struct gzip *g, size_t n, struct ev_err *err)
{
	enum ev_rc rc;
	size_t got;

	while (g->len - g->pos < n) {
		if (g->eof)
			return EV_EOF;
		memmove(g->data, g->data + g->pos, g->len - g->pos);
		g->offset += (int64_t)g->pos;
		g->len -= g->pos;
		g->pos = 0;
		rc = g->in->stream.read(g->in->stream.ctx, g->data + g->len,
		    BLOCK - g->len, &got, err);
		if (rc != EV_OK && rc != EV_EOF)
			return rc;
		g->eof = rc == EV_EOF;
		g->len += got;
	}
	return EV_OK;
}

/* Damage: what it is, kept for the walk to tell. */
static enum ev_rc
damage(struct gzip *g, const char *reason, const char *what, struct ev_err *err)
{
	g->damaged = true;
	g->done = true;
	g->reason = reason;
	(void)ev_fail(err, EV_INPUT, "gzip member at byte %jd: %s at byte %jd",
	    (intmax_t)g->begun, what, (intmax_t)at(g));
	g->why = *err;
	return EV_INPUT;
}

/* Bytes up to a NUL; kept in name where it is not NULL. */
static enum ev_rc
skip_text(struct gzip *g, struct ev_buf *name, struct ev_err *err)
{
	enum ev_rc rc;
	size_t n;

	for (n = 0; n < FIELD_MAX; n++) {
		rc = need(g, 1, err);
		if (rc != EV_OK)
			return rc;
		if (g->data[g->pos++] == '\0')
			return EV_OK;
		if (name != NULL)
			rc = ev_buf_put(name, g->data + g->pos - 1, 1, err);
		if (rc != EV_OK)
			return rc;
	}
	return damage(g, "too-long", "a name or comment over 64 KiB", err);
}

static enum ev_rc
skip_extra(struct gzip *g, struct ev_err *err)
{
	enum ev_rc rc;
	size_t n;

	rc = need(g, 2, err);
	if (rc != EV_OK)
		return rc;
	n = (size_t)g->data[g->pos] | (size_t)g->data[g->pos + 1] << 8;
	g->pos += 2;
	for (; n > 0 && rc == EV_OK; n--) {
		rc = need(g, 1, err);
		if (rc == EV_OK)
			g->pos++;
	}
	return rc;
}

static uint32_t
get32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

static enum ev_rc
read_fields(struct gzip *g, int flags, struct ev_err *err)
{
	bool first = g->members == 1;
	enum ev_rc rc = EV_OK;

	if ((flags & FEXTRA) != 0)
		rc = skip_extra(g, err);
	if (rc == EV_OK && (flags & FNAME) != 0)
		rc = skip_text(g, first ? &g->name : NULL, err);
	if (rc == EV_OK && (flags & FCOMMENT) != 0)
		rc = skip_text(g, NULL, err);
	if (rc == EV_OK && (flags & FHCRC) != 0) {
		rc = need(g, 2, err);
		if (rc == EV_OK)
			g->pos += 2;
	}
	return rc;
}

/* A member's header, where one begins at pos; EV_EOF: none does. */
static enum ev_rc
read_header(struct gzip *g, struct ev_err *err)
{
	enum ev_rc rc;
	int flags;

	rc = need(g, 3, err);
	if (rc != EV_OK)
		return rc;
	if (memcmp(g->data + g->pos, "\x1f\x8b\x08", 3) != 0)
		return EV_EOF;
	g->begun = at(g);
	g->members++;
	g->passing = false;
	rc = need(g, HEADER, err);
	if (rc == EV_OK) {
		flags = g->data[g->pos + 3];
		if (g->members == 1)
			g->mtime = get32(g->data + g->pos + 4);
		if ((flags & RESERVED) != 0)
			return damage(g, "syntax", "reserved flags", err);
		g->pos += HEADER;
		rc = read_fields(g, flags, err);
	}
	if (rc == EV_EOF)
		return damage(g, "truncated", "the header ends", err);
	if (rc != EV_OK)
		return rc;
	if (inflateReset(&g->z) != Z_OK)
		return damage(g, "syntax", "inflate cannot begin", err);
	g->crc = 0;
	g->size = 0;
	g->inside = true;
	/*
	 * A member behind the first is given only when it is complete, so
	 * that one that is cut short does not spoil those before it.
	 */
	g->holding = g->members > 1;
	g->passing = !g->holding;
	return EV_OK;
}

static void
note_odd(struct gzip *g, enum odd odd, int64_t offset)
{
	if (g->odd[odd]++ == 0)
		g->odd_offset[odd] = offset;
}

static enum ev_rc
read_trailer(struct gzip *g, struct ev_err *err)
{
	enum ev_rc rc;

	rc = need(g, 8, err);
	if (rc == EV_EOF)
		return damage(g, "truncated", "the trailer ends", err);
	if (rc != EV_OK)
		return rc;
	if (get32(g->data + g->pos) != g->crc)
		note_odd(g, ODD_CRC, at(g));
	if (get32(g->data + g->pos + 4) != g->size)
		note_odd(g, ODD_ISIZE, at(g) + 4);
	if (g->size == 0 && g->z.total_out == 0)
		note_odd(g, ODD_EMPTY, g->begun);
	g->pos += 8;
	g->inside = false;
	g->holding = false;
	g->end = at(g);
	return EV_OK;
}

/* Decode up to cap bytes of the current member; its trailer if it ends. */
static enum ev_rc
decode(struct gzip *g, unsigned char *to, size_t cap, size_t *got,
    struct ev_err *err)
{
	enum ev_rc rc;
	int n;

	*got = 0;
	rc = need(g, 1, err);
	if (rc == EV_EOF)
		return damage(g, "truncated", "the data end", err);
	if (rc != EV_OK)
		return rc;
	g->z.next_in = g->data + g->pos;
	g->z.avail_in = (uInt)(g->len - g->pos);
	g->z.next_out = to;
	g->z.avail_out = (uInt)cap;
	n = inflate(&g->z, Z_NO_FLUSH);
	g->pos = g->len - g->z.avail_in;
	*got = cap - g->z.avail_out;
	g->crc = (uint32_t)crc32(g->crc, to, (uInt)*got);
	g->size += (uint32_t)*got;
	if (n == Z_MEM_ERROR)
		return ev_fail(err, EV_LIMIT, "no memory to inflate");
	if (n != Z_OK && n != Z_STREAM_END && n != Z_BUF_ERROR)
		return damage(g, "syntax", "the data cannot be inflated", err);
	return n == Z_STREAM_END ? read_trailer(g, err) : EV_OK;
}

/* The next member, or the end of all. */
static enum ev_rc
next_member(struct gzip *g, struct ev_err *err)
{
	enum ev_rc rc;

	rc = read_header(g, err);
	if (rc == EV_EOF)
		g->done = true;
	return rc;
}

/* Fill hold with a member; one over HOLD_MAX is passed on as it comes. */
static enum ev_rc
hold(struct gzip *g, struct ev_err *err)
{
	enum ev_rc rc;
	size_t got;

	ev_buf_clear(&g->hold);
	g->hold_pos = 0;
	do {
		if (g->hold.len >= HOLD_MAX) {
			g->holding = false;
			g->passing = true;
			return EV_OK;
		}
		rc = ev_buf_reserve(&g->hold, BLOCK, err);
		if (rc != EV_OK)
			return rc;
		rc = decode(g, g->hold.data + g->hold.len, BLOCK, &got, err);
		g->hold.len += got;
	} while (rc == EV_OK && g->inside);
	return rc;
}

static enum ev_rc
gzip_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct gzip *g = ctx;
	enum ev_rc rc = EV_OK;

	*got = 0;
	for (;;) {
		if (g->hold_pos < g->hold.len) {
			*got = g->hold.len - g->hold_pos;
			if (*got > cap)
				*got = cap;
			memcpy(data, g->hold.data + g->hold_pos, *got);
			g->hold_pos += *got;
			return EV_OK;
		}
		if (g->done)
			return EV_EOF;
		if (!g->inside)
			rc = next_member(g, err);
		else if (g->holding)
			rc = hold(g, err);
		else
			rc = decode(g, data, cap, got, err);
		if (rc == EV_INPUT && g->damaged && !g->passing) {
			ev_buf_clear(&g->hold);
			return EV_EOF;
		}
		if (rc == EV_INPUT && g->damaged)
			g->entry->broken = g->reason;
		if (rc != EV_OK || *got > 0)
			return rc;
	}
}

/* Bytes behind the last member. */
static enum ev_rc
tail_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct gzip *g = ctx;
	enum ev_rc rc;

	*got = 0;
	rc = need(g, 1, err);
	if (rc != EV_OK)
		return rc;
	*got = g->len - g->pos < cap ? g->len - g->pos : cap;
	memcpy(data, g->data + g->pos, *got);
	g->pos += *got;
	return EV_OK;
}

static enum ev_rc
give_tail(struct gzip *g, struct ev_err *err)
{
	const struct ev_stream stream = { .ctx = g, .read = tail_read };
	const struct ev_member_note note = { .word = "gzip-trailing",
		.detail = "bytes behind the last gzip member",
		.offset = at(g) };
	struct ev_source_entry entry = { .type = 'f', .size = -1 };
	char name[64];
	enum ev_rc rc;

	rc = need(g, 1, err);
	if (rc != EV_OK)
		return rc == EV_EOF ? EV_OK : rc;
	(void)snprintf(name, sizeof(name), "gzip-trailing-%jd",
	    (intmax_t)note.offset);
	entry.name = name;
	entry.name_len = strlen(name);
	entry.no_facts = true;
	rc = g->out->note(g->out->ctx, &note, err);
	if (rc == EV_OK)
		rc = g->out->entry(g->out->ctx, &entry, &stream, err);
	return rc;
}

static enum ev_rc
tell_oddities(struct gzip *g, struct ev_err *err)
{
	static const struct {
		const char *word;
		const char *text;
	} odd[ODDS] = {
		[ODD_CRC] = { "gzip-crc", "wrong CRC" },
		[ODD_ISIZE] = { "gzip-isize", "wrong ISIZE" },
		[ODD_EMPTY] = { "gzip-empty", "empty members" },
	};
	struct ev_member_note note;
	char detail[96];
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < ODDS && rc == EV_OK; i++) {
		if (g->odd[i] == 0 || (i == ODD_EMPTY && g->members == 1))
			continue;
		(void)snprintf(detail, sizeof(detail),
		    "%s: %jd of %jd members, the first at this byte",
		    odd[i].text, (intmax_t)g->odd[i], (intmax_t)g->members);
		note.word = odd[i].word;
		note.detail = detail;
		note.offset = g->odd_offset[i];
		rc = g->out->note(g->out->ctx, &note, err);
	}
	return rc;
}

/* What cannot be decoded is one span, to the end of the file. */
static enum ev_rc
set_rest_aside(struct gzip *g, struct ev_err *err)
{
	struct ev_set_aside what = { .mapping = -1,
		.offset = g->end,
		.reason = g->reason,
		.message = g->why.msg };
	enum ev_rc rc;

	while ((rc = need(g, 1, err)) == EV_OK)
		g->pos = g->len;
	if (rc != EV_EOF)
		return rc;
	what.length = at(g) - g->end;
	return g->out->set_aside(g->out->ctx, &what, err);
}

static enum ev_rc
walk(struct gzip *g, struct ev_err *err)
{
	const struct ev_stream stream = { .ctx = g, .read = gzip_read };
	struct ev_source_entry entry = { .type = 'f', .size = -1 };
	unsigned char data[4096];
	enum ev_rc rc;
	size_t got;

	g->entry = &entry;
	rc = next_member(g, err);
	if (rc == EV_INPUT && g->damaged)
		return set_rest_aside(g, err);
	if (rc != EV_OK)
		return rc == EV_EOF ? EV_OK : rc;
	if (g->name.len == 0)
		rc = ev_source_inner_name(&g->name, g->in, err);
	entry.name = ev_buf_text(&g->name);
	entry.name_len = g->name.len;
	if (g->mtime != 0)
		(void)ev_source_mtime(&entry, g->mtime, 0);
	if (rc == EV_OK)
		rc = g->out->entry(g->out->ctx, &entry, &stream, err);
	/* Where it was not wanted, what comes behind it is found even so. */
	while (rc == EV_OK)
		rc = gzip_read(g, data, sizeof(data), &got, err);
	if (rc != EV_EOF && !(rc == EV_INPUT && g->damaged))
		return rc;
	rc = tell_oddities(g, err);
	if (rc != EV_OK)
		return rc;
	return g->damaged ? set_rest_aside(g, err) : give_tail(g, err);
}

enum ev_rc
ev_source_gzip(const struct ev_source_in *in, const struct ev_source_out *out,
    struct ev_err *err)
{
	struct gzip *g;
	enum ev_rc rc;

	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return ev_fail_sys(err, "cannot read a gzip file");
	g->in = in;
	g->out = out;
	ev_buf_init(&g->name, (size_t)1 << 20);
	ev_buf_init(&g->hold, HOLD_MAX + (size_t)2 * BLOCK);
	if (inflateInit2(&g->z, -MAX_WBITS) != Z_OK)
		rc = ev_fail(err, EV_LIMIT, "no memory to inflate");
	else
		rc = walk(g, err);
	(void)inflateEnd(&g->z);
	ev_buf_release(&g->hold);
	ev_buf_release(&g->name);
	free(g);
	return rc;
}
