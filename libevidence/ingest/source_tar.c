/* A tar, header by header: ustar, pax and GNU; what is damaged is passed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/source_own.h"
#include "ingest/tarhead.h"

enum {
	BLOCK = EV_TAR_BLOCK,
	BUFFER = 128 << 10,
	HEADER_MAX = 256 << 10, /* hostile.md 10: header 256 KiB */
	NAME_LIMIT = 64 << 10,
	NOTES = 6,
	SETUID = 06000,
};

struct tar {
	const struct ev_source_in *in;
	const struct ev_source_out *out;
	unsigned char data[BUFFER];
	size_t pos, len;
	int64_t offset; /* of data[0] */
	bool eof;
	/* The member. */
	int64_t begun;     /* its first header */
	struct ev_buf raw; /* its headers as they stand, for libarchive */
	size_t raw_pos;    /* of them, what libarchive took */
	struct ev_tarhead head;
	unsigned char block[BLOCK]; /* that head points into */
	struct ev_tarpax pax;
	struct ev_buf long_name, long_link;
	int64_t left; /* of its data, and then of the padding */
	int64_t padding;
	struct ev_source_entry *entry;
	struct ev_buf name, link;
	char when[80]; /* a time that is none */
	bool cut;      /* the file ended inside it */
	struct ev_unpack *unpack;
};

/* By its checksum (v7 has nothing else), or, if that is wrong, its magic. */
bool
ev_tar_sniff(const unsigned char *head, size_t len)
{
	return len >= BLOCK &&
	       (ev_tarhead_valid(head) || memcmp(head + 257, "ustar", 5) == 0);
}

static int64_t
at(const struct tar *t)
{
	return t->offset + (int64_t)t->pos;
}

/* Have n bytes at pos, n <= BUFFER / 2; EV_EOF: there are fewer. */
static enum ev_rc
need(struct tar *t, size_t n, struct ev_err *err)
{
	enum ev_rc rc;
	size_t got;

	while (t->len - t->pos < n) {
		if (t->eof)
			return EV_EOF;
		memmove(t->data, t->data + t->pos, t->len - t->pos);
		t->offset += (int64_t)t->pos;
		t->len -= t->pos;
		t->pos = 0;
		rc = t->in->stream.read(t->in->stream.ctx, t->data + t->len,
		    BUFFER - t->len, &got, err);
		if (rc != EV_OK && rc != EV_EOF)
			return rc;
		t->eof = rc == EV_EOF;
		t->len += got;
	}
	return EV_OK;
}

/* Up to cap bytes of the member's data. */
static enum ev_rc
take(struct tar *t, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	enum ev_rc rc;

	*got = 0;
	if (t->left == 0)
		return EV_EOF;
	rc = need(t, 1, err);
	if (rc == EV_EOF) {
		t->cut = true;
		if (t->entry != NULL)
			t->entry->broken = "truncated";
		return ev_fail(err, EV_INPUT,
		    "the tar ends at byte %jd, %jd bytes short of the member",
		    (intmax_t)at(t), (intmax_t)t->left);
	}
	if (rc != EV_OK)
		return rc;
	*got = t->len - t->pos < cap ? t->len - t->pos : cap;
	if ((int64_t)*got > t->left)
		*got = (size_t)t->left;
	memcpy(data, t->data + t->pos, *got);
	t->pos += *got;
	t->left -= (int64_t)*got;
	return EV_OK;
}

static enum ev_rc
data_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	return take(ctx, data, cap, got, err);
}

/* For libarchive: the member as it stands, headers and all. */
static enum ev_rc
whole_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct tar *t = ctx;

	*got = t->raw.len - t->raw_pos;
	if (*got == 0)
		return take(t, data, cap, got, err);
	if (*got > cap)
		*got = cap;
	memcpy(data, t->raw.data + t->raw_pos, *got);
	t->raw_pos += *got;
	return EV_OK;
}

/* A sparse file's holes are for libarchive to fill. */
static enum ev_rc
sparse_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct tar *t = ctx;
	const struct ev_stream whole = { .ctx = t, .read = whole_read };
	struct ev_stream inner;
	enum ev_rc rc = EV_OK;

	*got = 0;
	if (t->unpack == NULL)
		rc = ev_unpack_open(&t->unpack, EV_CT_TAR, &whole, err);
	if (rc == EV_OK) {
		inner = ev_unpack_stream(t->unpack);
		rc = inner.read(inner.ctx, data, cap, got, err);
	}
	if (rc != EV_OK && rc != EV_EOF && t->unpack != NULL && !t->cut)
		t->entry->broken = ev_unpack_reason(t->unpack);
	return rc;
}

static enum ev_rc
set_aside(struct tar *t, int64_t from, const char *reason, const char *message,
    struct ev_err *err)
{
	const struct ev_set_aside what = { .mapping = -1,
		.offset = from,
		.length = at(t) - from,
		.reason = reason,
		.message = message };

	return t->out->set_aside(t->out->ctx, &what, err);
}

static enum ev_rc
note(struct tar *t, const char *word, const char *detail, struct ev_err *err)
{
	const struct ev_member_note what = { .word = word,
		.detail = detail,
		.offset = at(t) };

	return t->out->note(t->out->ctx, &what, err);
}

/* Past what is left of the member and its padding. */
static enum ev_rc
skip_rest(struct tar *t, struct ev_err *err)
{
	unsigned char data[4096];
	enum ev_rc rc;
	size_t got;

	t->entry = NULL;
	while ((rc = take(t, data, sizeof(data), &got, err)) == EV_OK)
		;
	if (rc == EV_EOF) {
		t->left = t->padding;
		t->padding = 0;
		while ((rc = take(t, data, sizeof(data), &got, err)) == EV_OK)
			;
		/* Only padding is missing: the member is whole. */
		if (rc == EV_INPUT && t->cut) {
			t->cut = false;
			return EV_OK;
		}
	}
	return rc == EV_EOF ? EV_OK : rc;
}

static void
measure(struct tar *t, int64_t size)
{
	t->left = size;
	t->padding = (BLOCK - size % BLOCK) % BLOCK;
}

/* The content of a header that extends the next one, into buf. */
static enum ev_rc
read_extension(struct tar *t, struct ev_buf *buf, struct ev_err *err)
{
	static const unsigned char zero[BLOCK];
	enum ev_rc rc = EV_OK;
	size_t got;

	measure(t, t->head.size);
	while (rc == EV_OK && t->left > 0) {
		rc = ev_buf_reserve(buf, BLOCK, err);
		if (rc == EV_OK)
			rc = take(t, buf->data + buf->len, BLOCK, &got, err);
		if (rc == EV_OK)
			buf->len += got;
	}
	if (rc == EV_OK)
		rc = ev_buf_put(&t->raw, buf->data, buf->len, err);
	if (rc == EV_OK)
		rc = ev_buf_put(&t->raw, zero, (size_t)t->padding, err);
	return rc == EV_OK ? skip_rest(t, err) : rc;
}

/* L, K, x and their like; EV_EOF: the header is of a member. */
static enum ev_rc
extend(struct tar *t, struct ev_err *err)
{
	struct ev_buf buf, *to = NULL;
	bool pax;
	enum ev_rc rc;

	pax = t->head.type == 'x' || t->head.type == 'X';
	if (t->head.type == 'L')
		to = &t->long_name;
	else if (t->head.type == 'K')
		to = &t->long_link;
	else if (!pax && t->head.type != 'g')
		return EV_EOF;
	if (t->head.size > HEADER_MAX)
		return ev_fail(err, EV_INPUT, "a header of %jd bytes",
		    (intmax_t)t->head.size);
	ev_buf_init(&buf, HEADER_MAX + BLOCK);
	rc = read_extension(t, &buf, err);
	if (rc == EV_OK && pax)
		rc = ev_tarpax_parse(&t->pax, buf.data, buf.len, err);
	if (rc == EV_OK && to != NULL) {
		ev_buf_clear(to);
		/* GNU ends it with one NUL; others are part of the name. */
		if (buf.len > 0 && buf.data[buf.len - 1] == '\0')
			buf.len--;
		rc = ev_buf_put(to, buf.data, buf.len, err);
	}
	ev_buf_release(&buf);
	return rc;
}

static enum ev_rc
header_name(const struct tar *t, struct ev_buf *name, struct ev_err *err)
{
	const struct ev_tarhead *head = &t->head;
	enum ev_rc rc = EV_OK;

	if (head->prefix_len > 0) {
		rc = ev_buf_put(name, head->prefix, head->prefix_len, err);
		if (rc == EV_OK)
			rc = ev_buf_putc(name, '/', err);
	}
	return rc == EV_OK ? ev_buf_put(name, head->name, head->name_len, err)
			   : rc;
}

/* The name that counts: pax, then GNU's long name, then the header's. */
static enum ev_rc
choose_name(struct tar *t, struct ev_buf *plain, struct ev_err *err)
{
	const struct ev_buf *from = plain;
	enum ev_rc rc;

	ev_buf_clear(&t->name);
	ev_buf_clear(&t->link);
	rc = header_name(t, plain, err);
	if (t->long_name.len > 0)
		from = &t->long_name;
	if (t->pax.has_path)
		from = &t->pax.path;
	if (rc == EV_OK)
		rc = ev_buf_put(&t->name, from->data, from->len, err);
	if (rc == EV_OK && t->pax.has_link)
		rc = ev_buf_put(&t->link, t->pax.link.data, t->pax.link.len,
		    err);
	else if (rc == EV_OK && t->long_link.len > 0)
		rc = ev_buf_put(&t->link, t->long_link.data, t->long_link.len,
		    err);
	else if (rc == EV_OK)
		rc = ev_buf_put(&t->link, t->head.link, t->head.link_len, err);
	return rc;
}

static char
type_of(const struct tar *t)
{
	switch (t->head.type) {
	case '1':
	case '2':
		return 'l';
	case '3':
	case '4':
	case '6':
	case 'V':
	case 'M':
		return 'o';
	case '5':
	case 'D':
		return 'd';
	default:
		/* v7 marks a directory by a slash. */
		return t->head.size == 0 && t->name.len > 0 &&
			       t->name.data[t->name.len - 1] == '/'
			   ? 'd'
			   : 'f';
	}
}

static void
add(struct ev_source_entry *entry, struct ev_member_note *notes,
    const char *word, const char *detail)
{
	notes[entry->note_count].word = word;
	notes[entry->note_count].detail = detail;
	notes[entry->note_count].offset = -1;
	entry->note_count++;
}

static void
set_time(struct tar *t, struct ev_source_entry *entry,
    struct ev_member_note *notes)
{
	int64_t seconds = t->head.mtime, us = 0;
	bool known = t->head.has_mtime;

	if (t->pax.has_mtime)
		known = ev_tarpax_time(&t->pax, &seconds, &us);
	if (known && ev_source_mtime(entry, seconds, us))
		return;
	/* The instant is NULL, what stands there is kept. */
	(void)snprintf(t->when, sizeof(t->when), "mtime %.*s",
	    (int)(t->pax.mtime.len < 64 ? t->pax.mtime.len : 64),
	    ev_buf_text(&t->pax.mtime));
	if (!t->pax.has_mtime)
		(void)snprintf(t->when, sizeof(t->when), "mtime %jd",
		    (intmax_t)t->head.mtime);
	add(entry, notes, "implausible", t->when);
}

static enum ev_rc
give(struct tar *t, const struct ev_buf *plain, struct ev_err *err)
{
	bool sparse = t->head.type == 'S' || t->pax.sparse;
	const struct ev_stream stream = { .ctx = t,
		.read = sparse ? sparse_read : data_read };
	struct ev_member_note notes[NOTES];
	struct ev_source_entry entry = { .name = ev_buf_text(&t->name),
		.name_len = t->name.len,
		.size = sparse ? -1 : t->left,
		.notes = notes };
	char mode[16];

	entry.type = type_of(t);
	set_time(t, &entry, notes);
	if (entry.type == 'l')
		add(&entry, notes, "link-target", ev_buf_text(&t->link));
	(void)snprintf(mode, sizeof(mode), "%jo",
	    (uintmax_t)(t->head.mode & 07777));
	if ((t->head.mode & SETUID) != 0)
		add(&entry, notes, "setuid", mode);
	if (t->pax.has_path && !t->pax.sparse &&
	    (plain->len != t->name.len ||
		memcmp(plain->data, t->name.data, plain->len) != 0))
		add(&entry, notes, "tar-header-name", ev_buf_text(plain));
	if (sparse)
		add(&entry, notes, "tar-sparse", "");
	if (t->name.len > NAME_LIMIT) {
		entry.refused = "too-long";
		entry.why = "a name of more than 64 KiB";
	}
	t->entry = &entry;
	return t->out->entry(t->out->ctx, &entry, &stream, err);
}

/* Old GNU sparse maps go on in blocks behind the header. */
static enum ev_rc
read_map(struct tar *t, struct ev_err *err)
{
	bool more = t->head.extended;
	enum ev_rc rc = EV_OK;

	while (more && rc == EV_OK) {
		rc = need(t, BLOCK, err);
		if (rc == EV_EOF)
			return ev_fail(err, EV_INPUT, "the sparse map ends");
		if (rc == EV_OK)
			rc = ev_buf_put(&t->raw, t->data + t->pos, BLOCK, err);
		more = t->data[t->pos + 504] != 0;
		t->pos += BLOCK;
	}
	return rc;
}

/* How many bytes of data stand behind the header. */
static enum ev_rc
find_size(struct tar *t, struct ev_err *err)
{
	int64_t size = t->pax.has_size ? t->pax.size : t->head.size;
	enum ev_rc rc;

	/*
	 * A hard link states a size and, but for some pax writers, has no
	 * data: there the next header follows at once.
	 */
	if (t->head.type == '1' && size > 0) {
		rc = need(t, BLOCK, err);
		if (rc != EV_OK && rc != EV_EOF)
			return rc;
		if (rc == EV_EOF || ev_tarhead_valid(t->data + t->pos) ||
		    ev_tarhead_zero(t->data + t->pos))
			size = 0;
	}
	if (strchr("23456", t->head.type) != NULL)
		size = 0;
	measure(t, size);
	return EV_OK;
}

static void
forget_member(struct tar *t)
{
	ev_buf_clear(&t->raw);
	ev_buf_clear(&t->long_name);
	ev_buf_clear(&t->long_link);
	ev_tarpax_release(&t->pax);
	ev_unpack_free(t->unpack);
	t->unpack = NULL;
	t->raw_pos = 0;
	t->cut = false;
	t->entry = NULL;
}

static enum ev_rc
read_member(struct tar *t, struct ev_err *err)
{
	struct ev_buf plain;
	enum ev_rc rc;

	ev_buf_init(&plain, HEADER_MAX);
	rc = read_map(t, err);
	if (rc == EV_OK)
		rc = find_size(t, err);
	if (rc == EV_OK)
		rc = choose_name(t, &plain, err);
	if (rc == EV_OK)
		rc = give(t, &plain, err);
	ev_buf_release(&plain);
	if (rc == EV_OK)
		rc = skip_rest(t, err);
	return rc;
}

/* One header: an extension of the next, or a member. */
static enum ev_rc
read_header(struct tar *t, struct ev_err *err)
{
	struct ev_err why;
	enum ev_rc rc;

	if (t->raw.len == 0)
		t->begun = at(t);
	memcpy(t->block, t->data + t->pos, BLOCK);
	t->pos += BLOCK;
	rc = ev_buf_put(&t->raw, t->block, BLOCK, err);
	if (rc != EV_OK)
		return rc;
	if (ev_tarhead_parse(&t->head, t->block)) {
		rc = extend(t, err);
		if (rc == EV_OK)
			return EV_OK;
		if (rc == EV_EOF)
			rc = read_member(t, err);
	} else {
		rc =
		    ev_fail(err, EV_INPUT, "a header with a size that is none");
	}
	if (rc == EV_INPUT) {
		/* A fault of the tar; one of the stream comes again. */
		why = *err;
		rc = set_aside(t, t->begun, t->cut ? "truncated" : "syntax",
		    why.msg, err);
	}
	forget_member(t);
	return rc;
}

/* From a block that is no header to one that is; or to the end. */
static enum ev_rc
resync(struct tar *t, struct ev_err *err)
{
	int64_t from = t->raw.len > 0 ? t->begun : at(t);
	enum ev_rc rc;
	bool found;

	forget_member(t);
	do {
		t->pos += BLOCK;
		rc = need(t, BLOCK, err);
	} while (rc == EV_OK && !ev_tarhead_valid(t->data + t->pos) &&
		 !ev_tarhead_zero(t->data + t->pos));
	if (rc != EV_OK && rc != EV_EOF)
		return rc;
	found = rc == EV_OK;
	if (!found)
		t->pos = t->len;
	rc = set_aside(t, from, "syntax",
	    "no header with a valid checksum stands here", err);
	return rc == EV_OK && found ? note(t, "tar-resync", "", err) : rc;
}

/* To the end of the file, wherever that is. */
static enum ev_rc
tail_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct tar *t = ctx;
	enum ev_rc rc;

	*got = 0;
	rc = need(t, 1, err);
	if (rc != EV_OK)
		return rc;
	*got = t->len - t->pos < cap ? t->len - t->pos : cap;
	memcpy(data, t->data + t->pos, *got);
	t->pos += *got;
	return EV_OK;
}

/* Bytes behind the end, the zeros before them not counted. */
static enum ev_rc
give_tail(struct tar *t, struct ev_err *err)
{
	const struct ev_stream stream = { .ctx = t, .read = tail_read };
	struct ev_source_entry entry = { .type = 'f',
		.size = -1,
		.no_facts = true };
	char name[48];
	enum ev_rc rc;

	while ((rc = need(t, BLOCK, err)) == EV_OK &&
	       ev_tarhead_zero(t->data + t->pos))
		t->pos += BLOCK;
	if (rc != EV_OK && rc != EV_EOF)
		return rc;
	while (rc == EV_EOF && t->pos < t->len && t->data[t->pos] == 0)
		t->pos++;
	if (t->pos == t->len)
		return EV_OK;
	(void)snprintf(name, sizeof(name), "tar-trailing-%jd", (intmax_t)at(t));
	entry.name = name;
	entry.name_len = strlen(name);
	rc = note(t, "tar-trailing", "bytes behind the end of the tar", err);
	return rc == EV_OK ? t->out->entry(t->out->ctx, &entry, &stream, err)
			   : rc;
}

static enum ev_rc
walk(struct tar *t, struct ev_err *err)
{
	bool zero = false;
	enum ev_rc rc;

	for (;;) {
		rc = need(t, BLOCK, err);
		if (rc != EV_OK)
			break;
		if (ev_tarhead_zero(t->data + t->pos)) {
			t->pos += BLOCK;
			if (zero)
				return give_tail(t, err);
			zero = true;
			continue;
		}
		zero = false;
		rc = ev_tarhead_valid(t->data + t->pos) ? read_header(t, err)
							: resync(t, err);
		if (rc != EV_OK)
			return rc;
	}
	if (rc != EV_EOF)
		return rc;
	if (t->pos < t->len) {
		int64_t from = at(t);

		t->pos = t->len;
		return set_aside(t, from, "truncated",
		    "the tar ends inside a block", err);
	}
	return zero ? EV_OK : note(t, "tar-no-end", "", err);
}

enum ev_rc
ev_source_tar(const struct ev_source_in *in, const struct ev_source_out *out,
    struct ev_err *err)
{
	struct tar *t;
	enum ev_rc rc;

	t = calloc(1, sizeof(*t));
	if (t == NULL)
		return ev_fail_sys(err, "cannot read a tar");
	t->in = in;
	t->out = out;
	ev_buf_init(&t->raw, (size_t)8 * HEADER_MAX);
	ev_buf_init(&t->long_name, HEADER_MAX + BLOCK);
	ev_buf_init(&t->long_link, HEADER_MAX + BLOCK);
	ev_buf_init(&t->name, HEADER_MAX + BLOCK);
	ev_buf_init(&t->link, HEADER_MAX + BLOCK);
	ev_tarpax_init(&t->pax);
	rc = walk(t, err);
	ev_unpack_free(t->unpack);
	ev_tarpax_release(&t->pax);
	ev_buf_release(&t->raw);
	ev_buf_release(&t->long_name);
	ev_buf_release(&t->long_link);
	ev_buf_release(&t->name);
	ev_buf_release(&t->link);
	free(t);
	return rc;
}
