/* libarchive, by named formats only: one member's bytes, or a whole archive. */
#define _GNU_SOURCE
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/source_own.h"

enum {
	BLOCK = 64 << 10,
	RETRIES = 16, /* headers in a row that libarchive would try again */
};

/* What libarchive reads from. */
struct supply {
	const struct ev_source_in *in; /* to seek in, NULL: stream only */
	struct ev_stream stream;
	int64_t offset; /* in in */
	bool failed;    /* below: err says how */
	struct ev_err err;
	unsigned char data[BLOCK];
};

struct ev_unpack {
	struct archive *archive;
	const unsigned char *block; /* decoded, not yet taken */
	size_t left;
	int64_t gap;    /* zeros before it: a sparse file's hole */
	int64_t offset; /* of what was taken */
	bool done;
	bool whole;           /* one stream: what is lost is all of it */
	bool warned;          /* it gave bytes, and a warning with them */
	int64_t size;         /* as stated, where a hole may end it; -1 */
	const char *reason;   /* after a failure */
	struct supply supply; /* last: its buffer is not cleared */
};

static la_ssize_t
on_read(struct archive *archive, void *ctx, const void **data)
{
	struct supply *supply = ctx;
	enum ev_rc rc;
	size_t got = 0;

	*data = supply->data;
	if (supply->in != NULL) {
		rc = supply->in->pread(supply->in->ctx, supply->data, BLOCK,
		    supply->offset, &got, &supply->err);
		supply->offset += (int64_t)got;
	} else {
		rc = supply->stream.read(supply->stream.ctx, supply->data,
		    BLOCK, &got, &supply->err);
	}
	if (rc == EV_OK || rc == EV_EOF)
		return (la_ssize_t)got;
	supply->failed = true;
	archive_set_error(archive, EIO, "%s", supply->err.msg);
	return ARCHIVE_FATAL;
}

static la_int64_t
on_skip(struct archive *archive, void *ctx, la_int64_t request)
{
	struct supply *supply = ctx;
	int64_t left;

	(void)archive;
	if (supply->in == NULL || request <= 0)
		return 0;
	left = supply->in->size - supply->offset;
	if (request > left)
		request = left < 0 ? 0 : left;
	supply->offset += request;
	return request;
}

static la_int64_t
on_seek(struct archive *archive, void *ctx, la_int64_t offset, int whence)
{
	struct supply *supply = ctx;
	int64_t base = 0, to;

	if (whence == SEEK_CUR)
		base = supply->offset;
	else if (whence == SEEK_END)
		base = supply->in->size;
	if (__builtin_add_overflow(base, offset, &to) || to < 0 ||
	    to > supply->in->size) {
		archive_set_error(archive, EINVAL, "a seek to nowhere");
		return ARCHIVE_FATAL;
	}
	supply->offset = to;
	return to;
}

/* No guess and no question. */
static const char *
no_passphrase(struct archive *archive, void *ctx)
{
	(void)archive;
	(void)ctx;
	return NULL;
}

/* Never archive_read_support_format_all(): each is named. */
static const struct {
	enum ev_container container;
	int (*support)(struct archive *);
	bool filter; /* the bytes behind it are raw */
} format[] = {
	{ EV_CT_ZIP, archive_read_support_format_zip_streamable, false },
	{ EV_CT_TAR, archive_read_support_format_tar, false },
	{ EV_CT_XZ, archive_read_support_filter_xz, true },
	{ EV_CT_ZSTD, archive_read_support_filter_zstd, true },
	{ EV_CT_7ZIP, archive_read_support_format_7zip, false },
	{ EV_CT_RAR, archive_read_support_format_rar, false },
	{ EV_CT_RAR5, archive_read_support_format_rar5, false },
	{ EV_CT_ISO9660, archive_read_support_format_iso9660, false },
	{ EV_CT_CAB, archive_read_support_format_cab, false },
	{ EV_CT_LHA, archive_read_support_format_lha, false },
	{ EV_CT_XAR, archive_read_support_format_xar, false },
	{ EV_CT_CPIO, archive_read_support_format_cpio, false },
	{ EV_CT_AR, archive_read_support_format_ar, false },
	{ EV_CT_BZIP2, archive_read_support_filter_bzip2, true },
	{ EV_CT_LZ4, archive_read_support_filter_lz4, true },
	{ EV_CT_COMPRESS, archive_read_support_filter_compress, true },
};

static bool
is_filter(enum ev_container container)
{
	size_t i;

	for (i = 0; i < sizeof(format) / sizeof(format[0]); i++) {
		if (format[i].container == container)
			return format[i].filter;
	}
	return false;
}

static int
support(struct archive *archive, enum ev_container container)
{
	size_t i;
	int n = ARCHIVE_FATAL;

	for (i = 0; i < sizeof(format) / sizeof(format[0]); i++) {
		if (format[i].container != container)
			continue;
		n = format[i].support(archive);
		if (n >= ARCHIVE_WARN && format[i].filter)
			n = archive_read_support_format_raw(archive);
	}
	/* The CRC of a zip member is computed by us, once. */
	if (n >= ARCHIVE_WARN && container == EV_CT_ZIP)
		(void)archive_read_set_option(archive, "zip", "ignorecrc32",
		    "1");
	return n;
}

/* What libarchive says is wrong, in our words and with a reason. */
static enum ev_rc
fail(struct ev_unpack *unpack, const char *what, struct ev_err *err)
{
	const char *message = archive_error_string(unpack->archive);
	int number = archive_errno(unpack->archive);

	unpack->done = true;
	unpack->reason = "syntax";
	if (unpack->supply.failed) {
		*err = unpack->supply.err;
		return err->rc;
	}
	if (message == NULL)
		message = "no reason given";
	if (strcasestr(message, "truncated") != NULL ||
	    strcasestr(message, "premature end") != NULL ||
	    strcasestr(message, "no progress") != NULL)
		unpack->reason = "truncated";
	if (strcasestr(message, "encrypted") != NULL ||
	    strcasestr(message, "passphrase") != NULL)
		unpack->reason = "encrypted";
	(void)ev_fail(err, number == ENOMEM ? EV_SYS : EV_INPUT, "%s: %s", what,
	    message);
	err->errnum = number == ENOMEM ? ENOMEM : 0;
	return err->rc;
}

static enum ev_rc
open_supply(struct ev_unpack *unpack, enum ev_container container,
    struct ev_err *err)
{
	struct supply *supply = &unpack->supply;
	struct archive *a = unpack->archive;
	int n;

	n = support(a, container);
	if (n >= ARCHIVE_WARN)
		n = archive_read_set_passphrase_callback(a, NULL,
		    no_passphrase);
	if (n >= ARCHIVE_WARN)
		n = archive_read_set_read_callback(a, on_read);
	if (n >= ARCHIVE_WARN)
		n = archive_read_set_skip_callback(a, on_skip);
	if (n >= ARCHIVE_WARN && supply->in != NULL)
		n = archive_read_set_seek_callback(a, on_seek);
	if (n >= ARCHIVE_WARN)
		n = archive_read_set_callback_data(a, supply);
	if (n >= ARCHIVE_WARN)
		n = archive_read_open1(a);
	return n < ARCHIVE_WARN ? fail(unpack, "cannot be opened", err) : EV_OK;
}

static enum ev_rc
unpack_new(struct ev_unpack **out, const struct ev_source_in *in,
    const struct ev_stream *stream, struct ev_err *err)
{
	struct ev_unpack *unpack;

	*out = NULL;
	unpack = malloc(sizeof(*unpack));
	if (unpack == NULL)
		return ev_fail_sys(err, "cannot open an archive");
	memset(unpack, 0, offsetof(struct ev_unpack, supply.data));
	unpack->supply.in = in;
	unpack->size = -1;
	if (stream != NULL)
		unpack->supply.stream = *stream;
	unpack->archive = archive_read_new();
	if (unpack->archive == NULL) {
		free(unpack);
		return ev_fail_sys(err, "cannot open an archive");
	}
	*out = unpack;
	return EV_OK;
}

void
ev_unpack_free(struct ev_unpack *unpack)
{
	if (unpack == NULL)
		return;
	(void)archive_read_free(unpack->archive);
	free(unpack);
}

const char *
ev_unpack_reason(const struct ev_unpack *unpack)
{
	return unpack->reason;
}

enum ev_rc
ev_unpack_open(struct ev_unpack **out, enum ev_container container,
    const struct ev_stream *in, struct ev_err *err)
{
	struct archive_entry *entry;
	enum ev_rc rc;

	rc = unpack_new(out, NULL, in, err);
	if (rc == EV_OK)
		rc = open_supply(*out, container, err);
	if (rc == EV_OK &&
	    archive_read_next_header((*out)->archive, &entry) < ARCHIVE_WARN)
		rc = fail(*out, "cannot be decoded", err);
	/* A sparse file ends where it says, be it in a hole. */
	if (rc == EV_OK && container == EV_CT_TAR &&
	    archive_entry_size_is_set(entry))
		(*out)->size = archive_entry_size(entry);
	return rc;
}

bool
ev_unpack_warned(const struct ev_unpack *unpack)
{
	return unpack->warned;
}

/* The next block that is not empty; a hole before it becomes gap. */
static enum ev_rc
next_block(struct ev_unpack *unpack, struct ev_err *err)
{
	const void *data = NULL;
	la_int64_t offset = 0;
	size_t len = 0;
	int n;

	do {
		n = archive_read_data_block(unpack->archive, &data, &len,
		    &offset);
		if (n == ARCHIVE_EOF && unpack->size > unpack->offset) {
			unpack->gap = unpack->size - unpack->offset;
			return EV_OK;
		}
		if (n == ARCHIVE_EOF) {
			unpack->done = true;
			return EV_EOF;
		}
		unpack->warned = unpack->warned || n == ARCHIVE_WARN;
		/* A warning with bytes: what it warns of is checked by us. */
		if (n < ARCHIVE_WARN || (n == ARCHIVE_WARN && len == 0) ||
		    offset < unpack->offset)
			return fail(unpack, "cannot be decoded", err);
	} while (len == 0);
	unpack->block = data;
	unpack->left = len;
	unpack->gap = offset - unpack->offset;
	return EV_OK;
}

static enum ev_rc
unpack_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct ev_unpack *unpack = ctx;
	enum ev_rc rc;

	*got = 0;
	if (unpack->done)
		return EV_EOF;
	if (unpack->left == 0 && unpack->gap == 0) {
		rc = next_block(unpack, err);
		if (rc != EV_OK)
			return rc;
	}
	if (unpack->gap > 0) {
		*got = unpack->gap < (int64_t)cap ? (size_t)unpack->gap : cap;
		memset(data, 0, *got);
		unpack->gap -= (int64_t)*got;
	} else {
		*got = unpack->left < cap ? unpack->left : cap;
		memcpy(data, unpack->block, *got);
		unpack->block += *got;
		unpack->left -= *got;
	}
	unpack->offset += (int64_t)*got;
	return EV_OK;
}

struct ev_stream
ev_unpack_stream(struct ev_unpack *unpack)
{
	const struct ev_stream stream = { .ctx = unpack, .read = unpack_read };

	return stream;
}

/* The stream of an entry: says on it how it broke. */
struct told {
	struct ev_unpack *unpack;
	struct ev_source_entry *entry;
};

static enum ev_rc
told_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct told *told = ctx;
	enum ev_rc rc;

	rc = unpack_read(told->unpack, data, cap, got, err);
	if (rc != EV_OK && rc != EV_EOF)
		told->entry->broken = told->unpack->reason;
	return rc;
}

static enum ev_rc
give_entry(struct ev_unpack *unpack, struct ev_source_entry *entry,
    const struct ev_source_out *out, struct ev_err *err)
{
	struct told told = { .unpack = unpack, .entry = entry };
	const struct ev_stream stream = { .ctx = &told, .read = told_read };

	unpack->left = 0;
	unpack->gap = unpack->offset = 0;
	unpack->done = false;
	return out->entry(out->ctx, entry, &stream, err);
}

static char
type_of(struct archive_entry *from)
{
	if (archive_entry_hardlink(from) != NULL)
		return 'l';
	switch (archive_entry_filetype(from)) {
	case AE_IFDIR:
		return 'd';
	case AE_IFLNK:
		return 'l';
	case AE_IFREG:
	case 0:
		return 'f';
	default:
		return 'o';
	}
}

static enum ev_rc
give_member(struct ev_unpack *unpack, struct archive_entry *from,
    const struct ev_source_out *out, struct ev_err *err)
{
	struct ev_source_entry entry = { .size = -1 };
	const char *name = archive_entry_pathname(from);

	if (name == NULL)
		name = archive_entry_pathname_utf8(from);
	entry.name = name == NULL ? "" : name;
	entry.name_len = strlen(entry.name);
	entry.type = type_of(from);
	if (archive_entry_size_is_set(from))
		entry.size = archive_entry_size(from);
	if (archive_entry_mtime_is_set(from))
		ev_source_mtime(&entry, archive_entry_mtime(from),
		    archive_entry_mtime_nsec(from) / 1000);
	if (archive_entry_is_encrypted(from)) {
		entry.refused = "encrypted";
		entry.why = "the member is encrypted";
	}
	return give_entry(unpack, &entry, out, err);
}

/* Where reading an archive ends before its end. */
static enum ev_rc
rest_lost(struct ev_unpack *unpack, const struct ev_source_in *in,
    const struct ev_source_out *out, struct ev_err *err)
{
	struct ev_set_aside what = { .mapping = -1 };
	struct ev_err why;

	if (fail(unpack, "cannot be read on", &why) != EV_INPUT) {
		*err = why;
		return why.rc;
	}
	what.reason = unpack->reason;
	what.message = why.msg;
	if (in->pread != NULL) {
		what.offset = unpack->whole ? 0 : unpack->supply.offset;
		what.length = in->size - what.offset;
	}
	return out->set_aside(out->ctx, &what, err);
}

static enum ev_rc
walk_members(struct ev_unpack *unpack, const struct ev_source_in *in,
    const struct ev_source_out *out, struct ev_err *err)
{
	struct archive_entry *entry;
	enum ev_rc rc = EV_OK;
	int n, retries = 0;

	while (rc == EV_OK) {
		n = archive_read_next_header(unpack->archive, &entry);
		if (n == ARCHIVE_EOF)
			return EV_OK;
		if (n == ARCHIVE_RETRY && ++retries < RETRIES)
			continue;
		if (n < ARCHIVE_WARN)
			return rest_lost(unpack, in, out, err);
		retries = 0;
		rc = give_member(unpack, entry, out, err);
	}
	return rc;
}

/* A filter alone: what is behind it is the only member. */
static enum ev_rc
walk_filter(struct ev_unpack *unpack, const struct ev_source_in *in,
    const struct ev_source_out *out, struct ev_err *err)
{
	struct ev_source_entry entry = { .type = 'f', .size = -1 };
	struct archive_entry *raw;
	struct ev_buf name;
	enum ev_rc rc;

	ev_buf_init(&name, (size_t)1 << 20);
	if (archive_read_next_header(unpack->archive, &raw) < ARCHIVE_WARN)
		return rest_lost(unpack, in, out, err);
	rc = ev_source_inner_name(&name, in, err);
	entry.name = ev_buf_text(&name);
	entry.name_len = name.len;
	if (rc == EV_OK)
		rc = give_entry(unpack, &entry, out, err);
	ev_buf_release(&name);
	return rc;
}

enum ev_rc
ev_source_archive(enum ev_container container, const struct ev_source_in *in,
    const struct ev_source_out *out, struct ev_err *err)
{
	struct ev_unpack *unpack;
	enum ev_rc rc;

	rc = unpack_new(&unpack, in->pread == NULL ? NULL : in, &in->stream,
	    err);
	if (rc != EV_OK)
		return rc;
	unpack->whole = is_filter(container);
	if (open_supply(unpack, container, err) != EV_OK)
		rc = rest_lost(unpack, in, out, err);
	else if (is_filter(container))
		rc = walk_filter(unpack, in, out, err);
	else
		rc = walk_members(unpack, in, out, err);
	ev_unpack_free(unpack);
	return rc;
}
