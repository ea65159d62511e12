/* A zip: members where the cross-checker found them, decoded one by one. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "ingest/source_own.h"
#include "ingest/zipcheck_own.h"

enum {
	NOTES = 6,
	DETAIL = 640,
	SHOWN = 200, /* bytes of a name in a detail */
	HEADER = 64, /* room for the header that we write */
	MADE_UNIX = 3,
	MADE_DARWIN = 19,
	S_TYPE = 0170000,
	S_DIR = 0040000,
	S_REG = 0100000,
	S_LINK = 0120000,
	SETUID = 06000,
	TARGET_MAX = 4096,
	DOS_DIR = 0x10,
};

static const int64_t HUGE_SIZE = (int64_t)1 << 62;

/* One reading of one entry, on its way out. */
struct member {
	const struct ev_source_in *in;
	const struct ev_zip_found *found;
	const struct ev_zip_side *side; /* method and length are its */
	struct ev_source_entry *entry;
	unsigned char header[HEADER];
	size_t header_len, header_pos;
	int64_t offset, left; /* of its bytes in the file */
	int64_t total;        /* decoded */
	uLong crc;
	struct ev_unpack *unpack;
};

static void
put16(unsigned char **p, uint32_t value)
{
	*(*p)++ = (unsigned char)value;
	*(*p)++ = (unsigned char)(value >> 8);
}

static void
put32(unsigned char **p, uint32_t value)
{
	put16(p, value);
	put16(p, value >> 16);
}

static void
put64(unsigned char **p, int64_t value)
{
	put32(p, (uint32_t)value);
	put32(p, (uint32_t)(value >> 32));
}

/*
 * What libarchive sees before the bytes: method and lengths, a name of ours,
 * no flag but the two that belong to the method.
 */
static void
write_header(struct member *m)
{
	int64_t usize = m->side->usize < HUGE_SIZE ? m->side->usize : HUGE_SIZE;
	unsigned char *p = m->header;

	put32(&p, ZIP_LOCAL);
	put16(&p, 45);
	put16(&p, m->side->flags & 6U);
	put16(&p, m->side->method);
	put32(&p, 0);
	put32(&p, m->side->crc);
	put32(&p, UINT32_MAX);
	put32(&p, UINT32_MAX);
	put16(&p, 1);
	put16(&p, 20);
	*p++ = 'm';
	put16(&p, 1);
	put16(&p, 16);
	put64(&p, usize);
	put64(&p, m->side->csize);
	m->header_len = (size_t)(p - m->header);
}

static enum ev_rc
stored_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct member *m = ctx;
	enum ev_rc rc;

	*got = 0;
	if (m->left == 0)
		return EV_EOF;
	if ((int64_t)cap > m->left)
		cap = (size_t)m->left;
	rc = m->in->pread(m->in->ctx, data, cap, m->offset, got, err);
	if (rc == EV_OK && *got == 0)
		return ev_fail(err, EV_INPUT, "the zip ends at byte %jd",
		    (intmax_t)m->offset);
	m->offset += (int64_t)*got;
	m->left -= (int64_t)*got;
	return rc;
}

static enum ev_rc
packed_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct member *m = ctx;

	*got = m->header_len - m->header_pos;
	if (*got == 0)
		return stored_read(m, data, cap, got, err);
	if (*got > cap)
		*got = cap;
	memcpy(data, m->header + m->header_pos, *got);
	m->header_pos += *got;
	return EV_OK;
}

static enum ev_rc
decode(struct member *m, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	const struct ev_stream packed = { .ctx = m, .read = packed_read };
	struct ev_stream inner;
	enum ev_rc rc = EV_OK;

	if (m->side->method == 0)
		return stored_read(m, data, cap, got, err);
	*got = 0;
	if (m->unpack == NULL) {
		write_header(m);
		rc = ev_unpack_open(&m->unpack, EV_CT_ZIP, &packed, err);
	}
	if (rc == EV_OK) {
		inner = ev_unpack_stream(m->unpack);
		rc = inner.read(inner.ctx, data, cap, got, err);
	}
	if (rc != EV_OK && rc != EV_EOF && m->unpack != NULL)
		m->entry->broken = ev_unpack_reason(m->unpack);
	return rc;
}

EV_PRINTF(4, 5)
static enum ev_rc
lose(struct member *m, const char *reason, struct ev_err *err, const char *fmt,
    ...)
{
	char text[160];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	m->entry->broken = reason;
	return ev_fail(err, EV_INPUT, "%s", text);
}

/* Where directory and local header differ, either may be right. */
static enum ev_rc
check_end(struct member *m, struct ev_err *err)
{
	const struct ev_zip_side *side = m->side, *other = side;

	if ((m->found->state & EV_ZIP_META) != 0)
		other =
		    side == &m->found->dir ? &m->found->local : &m->found->dir;
	if (m->total != side->usize && m->total != other->usize) {
		return lose(m, "zip-size", err,
		    "%jd bytes, where %jd are stated", (intmax_t)m->total,
		    (intmax_t)side->usize);
	}
	if (m->unpack != NULL && ev_unpack_warned(m->unpack)) {
		return lose(m, "zip-size", err,
		    "the compressed bytes end before the %jd that are stated",
		    (intmax_t)side->csize);
	}
	if ((uint32_t)m->crc != side->crc && (uint32_t)m->crc != other->crc) {
		return lose(m, "zip-crc", err,
		    "CRC-32 is %08x, where %08x is stated", (unsigned)m->crc,
		    side->crc);
	}
	return EV_EOF;
}

static enum ev_rc
member_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct member *m = ctx;
	int64_t most = m->side->usize;
	enum ev_rc rc;

	if ((m->found->state & EV_ZIP_META) != 0) {
		if (m->found->dir.usize > most)
			most = m->found->dir.usize;
		if (m->found->local.usize > most)
			most = m->found->local.usize;
	}
	rc = decode(m, data, cap, got, err);
	if (rc == EV_EOF)
		return check_end(m, err);
	if (rc != EV_OK)
		return rc;
	m->total += (int64_t)*got;
	m->crc = crc32(m->crc, data, (uInt)*got);
	if (m->total <= most)
		return EV_OK;
	*got = 0;
	return lose(m, "zip-size", err,
	    "more than the %jd bytes that are stated", (intmax_t)most);
}

/* A link's target is short; more is data in the guise of a link. */
static char
type_of_mode(unsigned mode, int64_t usize, bool slash)
{
	switch (mode & S_TYPE) {
	case S_DIR:
		return usize == 0 ? 'd' : 'f';
	case S_LINK:
		return usize <= TARGET_MAX ? 'l' : 'f';
	case S_REG:
		return slash && usize == 0 ? 'd' : 'f';
	default:
		/* Info-ZIP calls what it read from a pipe a pipe. */
		return usize == 0 ? 'o' : 'f';
	}
}

static char
type_of(const struct ev_zip_found *found, const unsigned char *name, size_t len)
{
	bool dir = (found->state & EV_ZIP_DIR) != 0;
	int64_t usize = dir ? found->dir.usize : found->local.usize;
	unsigned made = found->made_by >> 8, mode = found->attributes >> 16;
	bool slash = len > 0 && name[len - 1] == '/';

	if (dir && (made == MADE_UNIX || made == MADE_DARWIN) &&
	    (mode & S_TYPE) != 0)
		return type_of_mode(mode, usize, slash);
	slash = slash || (found->attributes & DOS_DIR) != 0;
	return slash && usize == 0 ? 'd' : 'f';
}

struct notes {
	struct ev_member_note note[NOTES];
	char detail[NOTES][DETAIL];
	size_t count;
};

/* The next note; its detail is filled by the caller. */
static char *
add(struct notes *notes, const char *word, int64_t offset)
{
	struct ev_member_note *note = &notes->note[notes->count];

	note->word = word;
	note->detail = notes->detail[notes->count];
	note->offset = offset;
	notes->detail[notes->count][0] = '\0';
	return notes->detail[notes->count++];
}

static int
shown(size_t len)
{
	return (int)(len < SHOWN ? len : SHOWN);
}

static const char *
text_of(const struct ev_zipcheck *check, uint32_t name)
{
	return (const char *)ev_zipcheck_name(check, name);
}

/* Every way in which one entry can be read in two. */
static void
say_ambiguous(const struct ev_zipcheck *check, const struct ev_zip_found *found,
    char *detail)
{
	const struct ev_zip_side *dir = &found->dir, *local = &found->local;
	const struct ev_zip_side *side = dir->uni_len > 0 ? dir : local;

	if ((found->state & EV_ZIP_ONLY) != 0 && found->dirs == 0)
		(void)snprintf(detail, DETAIL, "in no directory");
	else if ((found->state & EV_ZIP_ONLY) != 0)
		(void)snprintf(detail, DETAIL, "not in every reading");
	else if ((found->state & EV_ZIP_CONTENT) != 0)
		(void)snprintf(detail, DETAIL,
		    "directory: method %u, %jd bytes, flags %04x; local "
		    "header: method %u, %jd bytes, flags %04x",
		    dir->method, (intmax_t)dir->csize, dir->flags,
		    local->method, (intmax_t)local->csize, local->flags);
	else if (side->uni_len > 0)
		(void)snprintf(detail, DETAIL,
		    "named '%.*s', in extra field 7075 '%.*s'",
		    shown(side->name_len), text_of(check, side->name),
		    shown(side->uni_len), text_of(check, side->uni));
	else
		(void)snprintf(detail, DETAIL,
		    "in the directory '%.*s', in the local header '%.*s'",
		    shown(dir->name_len), text_of(check, dir->name),
		    shown(local->name_len), text_of(check, local->name));
}

static void
say_meta(const struct ev_zip_found *found, char *detail)
{
	const struct ev_zip_side *dir = &found->dir, *local = &found->local;

	(void)snprintf(detail, DETAIL,
	    "directory: CRC %08x, %jd bytes, flags %04x; local header: CRC "
	    "%08x, %jd bytes, flags %04x%s",
	    dir->crc, (intmax_t)dir->usize, dir->flags, local->crc,
	    (intmax_t)local->usize, local->flags,
	    (found->state & EV_ZIP_DESCRIPTOR) != 0
		? "; no descriptor that fits"
		: "");
}

/* Of two readings one may end in time. */
static bool
is_cut(const struct ev_zipcheck *check, const struct ev_zip_found *found,
    const struct ev_zip_side *side)
{
	if ((found->state & EV_ZIP_CUT) == 0)
		return false;
	return found->data < 0 || side->csize > check->in->size - found->data ||
	       ((side->flags & ZIP_STREAMED) != 0 && side->csize == 0);
}

/* Why an entry is listed and not read; NULL: it is read. */
static const char *
refusal(const struct ev_zipcheck *check, const struct ev_zip_found *found,
    const struct ev_zip_side *side, const char **why)
{
	static const uint16_t method[] = { 0, 8, 9, 12, 14, 93, 95, 98 };
	size_t i;

	if (check->overlap) {
		*why = "entries of this zip share bytes: nothing is expanded";
		return "zip-overlap";
	}
	if (is_cut(check, found, side)) {
		*why = "it goes beyond the end of the zip";
		return "truncated";
	}
	if ((found->state & EV_ZIP_LOCAL) == 0) {
		*why = "no local header stands where the directory says";
		return "syntax";
	}
	if ((side->flags & (ZIP_ENCRYPTED | 0x40 | 0x2000)) != 0) {
		*why = "the member is encrypted";
		return "encrypted";
	}
	for (i = 0; i < sizeof(method) / sizeof(method[0]); i++) {
		if (side->method == method[i])
			return NULL;
	}
	*why = "its compression method is not read";
	return "syntax";
}

/* Where its header is, if that is a place. */
static int64_t
place(const struct ev_zipcheck *check, const struct ev_zip_found *found)
{
	return found->header < check->in->size ? found->header : -1;
}

/* What one member is given out as. */
struct reading {
	const struct ev_zip_side *side;
	uint32_t name;
	size_t name_len;
};

static enum ev_rc
give_reading(const struct ev_zipcheck *check, const struct ev_zip_found *found,
    const struct reading *reading, const struct ev_source_out *out,
    struct ev_err *err)
{
	bool ambiguous =
	    (found->state & (EV_ZIP_NAME | EV_ZIP_CONTENT | EV_ZIP_ONLY)) != 0;
	struct member m = { .in = check->in,
		.found = found,
		.side = reading->side,
		.offset = found->data,
		.left = reading->side->csize,
		.crc = crc32(0, NULL, 0) };
	const struct ev_stream stream = { .ctx = &m, .read = member_read };
	struct ev_source_entry entry = { .size = reading->side->usize,
		.name_len = reading->name_len,
		.no_facts = ambiguous };
	unsigned mode = found->attributes >> 16;
	struct notes notes = { .count = 0 };
	enum ev_rc rc;

	m.entry = &entry;
	entry.name = ev_zipcheck_name(check, reading->name);
	entry.type = type_of(found, entry.name, entry.name_len);
	if ((found->state & EV_ZIP_UTC) != 0)
		(void)ev_source_mtime(&entry, found->mtime, 0);
	if (ambiguous)
		say_ambiguous(check, found,
		    add(&notes, "zip-ambiguous", place(check, found)));
	if ((found->state & EV_ZIP_META) != 0)
		say_meta(found,
		    add(&notes, "zip-meta-differs", place(check, found)));
	if (entry.type == 'f' && found->made_by >> 8 == MADE_UNIX &&
	    (mode & S_TYPE) != 0 && (mode & S_TYPE) != S_REG)
		(void)snprintf(add(&notes, "special-file", -1), DETAIL,
		    "mode %o, and it has bytes", mode);
	if (found->made_by >> 8 == MADE_UNIX && (mode & SETUID) != 0)
		(void)snprintf(add(&notes, "setuid", -1), DETAIL, "%o",
		    mode & 07777);
	entry.notes = notes.note;
	entry.note_count = notes.count;
	entry.refused = refusal(check, found, reading->side, &entry.why);
	rc = out->entry(out->ctx, &entry, &stream, err);
	ev_unpack_free(m.unpack);
	return rc;
}

/* An entry as often as it can be read in different ways. */
static enum ev_rc
give_entry(const struct ev_zipcheck *check, const struct ev_zip_found *found,
    const struct ev_source_out *out, struct ev_err *err)
{
	bool dir = (found->state & EV_ZIP_DIR) != 0;
	bool local = (found->state & EV_ZIP_LOCAL) != 0;
	const struct ev_zip_side *first = dir ? &found->dir : &found->local;
	struct reading reading = { first, first->name, first->name_len };
	enum ev_rc rc;

	rc = give_reading(check, found, &reading, out, err);
	if (rc != EV_OK || (found->state & (EV_ZIP_NAME | EV_ZIP_CONTENT)) == 0)
		return rc;
	if (dir && local) {
		bool other = (found->state & EV_ZIP_CONTENT) != 0 ||
			     found->dir.name_len != found->local.name_len ||
			     memcmp(ev_zipcheck_name(check, found->dir.name),
				 ev_zipcheck_name(check, found->local.name),
				 found->dir.name_len) != 0;

		reading = (struct reading){ &found->local, found->local.name,
			found->local.name_len };
		/* A streamed header leaves its sizes to the directory. */
		if (found->local.csize == 0 &&
		    (found->local.flags & ZIP_STREAMED) != 0)
			reading.side = &found->dir;
		if (other)
			rc = give_reading(check, found, &reading, out, err);
	}
	first = found->dir.uni_len > 0 ? &found->dir : &found->local;
	if (rc == EV_OK && first->uni_len > 0 &&
	    (found->state & EV_ZIP_NAME) != 0) {
		reading.name = first->uni;
		reading.name_len = first->uni_len;
		rc = give_reading(check, found, &reading, out, err);
	}
	return rc;
}

/* Bytes that are nothing of the zip's own are a member of ours. */
static enum ev_rc
give_slack(const struct ev_zipcheck *check, const struct ev_zip_slack *slack,
    const struct ev_source_out *out, struct ev_err *err)
{
	struct member m = { .in = check->in,
		.offset = slack->offset,
		.left = slack->length };
	const struct ev_stream stream = { .ctx = &m, .read = stored_read };
	char name[48], detail[80];
	struct ev_member_note note = { .word = "zip-slack",
		.detail = detail,
		.offset = slack->offset };
	struct ev_source_entry entry = { .name = name,
		.type = 'f',
		.size = slack->length,
		.no_facts = true };
	const char *where = "between its parts";
	enum ev_rc rc;

	m.entry = &entry;
	if (slack->offset == 0)
		where = "in front of the zip";
	else if (slack->offset + slack->length == check->in->size)
		where = "behind the zip";
	(void)snprintf(name, sizeof(name), "zip-slack-%jd",
	    (intmax_t)slack->offset);
	(void)snprintf(detail, sizeof(detail), "%jd bytes %s",
	    (intmax_t)slack->length, where);
	entry.name_len = strlen(name);
	rc = out->note(out->ctx, &note, err);
	return rc == EV_OK ? out->entry(out->ctx, &entry, &stream, err) : rc;
}

static enum ev_rc
tell_end(const struct ev_zipcheck *check, const struct ev_zip_end *end,
    const struct ev_source_out *out, struct ev_err *err)
{
	char detail[120];
	struct ev_member_note note = { .detail = detail, .offset = end->at };
	int64_t found = end->entries;
	enum ev_rc rc = EV_OK;

	if (check->ends > 1) {
		note.word = "zip-ends";
		(void)snprintf(detail, sizeof(detail),
		    "one of %zu end records; its directory is at byte %jd",
		    check->ends, (intmax_t)end->dir);
		rc = out->note(out->ctx, &note, err);
	}
	/* Without Zip64 the count is stated modulo 65,536. */
	if (end->record == end->at)
		found &= 0xffff;
	if (rc == EV_OK && found != end->stated && !check->limited) {
		note.word = "zip-count";
		(void)snprintf(detail, sizeof(detail),
		    "%jd entries stated, %jd found", (intmax_t)end->stated,
		    (intmax_t)end->entries);
		rc = out->note(out->ctx, &note, err);
	}
	if (rc == EV_OK && end->length > ZIP_END_LEN) {
		note.word = "zip-comment";
		(void)snprintf(detail, sizeof(detail), "a comment of %jd bytes",
		    (intmax_t)(end->length - ZIP_END_LEN));
		rc = out->note(out->ctx, &note, err);
	}
	return rc;
}

/* What cannot be read of the zip, as spans of it. */
static enum ev_rc
tell_losses(const struct ev_zipcheck *check, const struct ev_source_out *out,
    struct ev_err *err)
{
	struct ev_set_aside what = { .mapping = -1 };
	int64_t cut = check->cut;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < check->count && check->ends == 0; i++) {
		if ((check->found[i].state & EV_ZIP_CUT) != 0 &&
		    check->found[i].header < cut)
			cut = check->found[i].header;
	}
	if (cut >= 0) {
		what.reason = "truncated";
		what.message = "the zip ends before its directory does";
		what.offset = cut;
		what.length = check->in->size - cut;
		rc = out->set_aside(out->ctx, &what, err);
	}
	if (rc == EV_OK && check->damaged >= 0) {
		what.reason = "syntax";
		what.message = "the directory cannot be read from here on";
		what.offset = check->damaged;
		what.length = 0;
		rc = out->set_aside(out->ctx, &what, err);
	}
	return rc;
}

static enum ev_rc
tell_archive(const struct ev_zipcheck *check, const struct ev_source_out *out,
    struct ev_err *err)
{
	struct ev_member_note note = { .word = "zip-overlap",
		.detail = "two entries, or an entry and a directory, share "
			  "bytes" };
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < check->ends && rc == EV_OK; i++)
		rc = tell_end(check, &check->end[i], out, err);
	for (i = 0; i < check->count && check->overlap && rc == EV_OK; i++) {
		if ((check->found[i].state & EV_ZIP_OVERLAP) == 0)
			continue;
		note.offset = place(check, &check->found[i]);
		rc = out->note(out->ctx, &note, err);
		break;
	}
	return rc == EV_OK ? tell_losses(check, out, err) : rc;
}

enum ev_rc
ev_source_zip(const struct ev_source_in *in, const struct ev_source_out *out,
    struct ev_err *err)
{
	struct ev_zipcheck *check;
	size_t i = 0, s = 0;
	enum ev_rc rc;

	rc = ev_zipcheck_open(&check, in, err);
	if (rc != EV_OK)
		return rc;
	rc = tell_archive(check, out, err);
	while (rc == EV_OK && (i < check->count || s < check->slacks)) {
		if (s < check->slacks &&
		    (i == check->count ||
			check->slack[s].offset <= check->found[i].header))
			rc = give_slack(check, &check->slack[s++], out, err);
		else
			rc = give_entry(check, &check->found[i++], out, err);
	}
	ev_zipcheck_free(check);
	return rc;
}
