/* What the reading child says: each finding as a message to its parent. */
#include <string.h>

#include "base/fs.h"
#include "evidence/text.h"
#include "ingest/frame.h"
#include "ingest/tell.h"

enum {
	WRITE_SIZE = 256 << 10,
	DATA_SIZE = 128 << 10, /* of one data frame */
	TEXT_MAX = 2048,       /* of a message or a detail */
	OUT_MAX = 2 * EV_MESSAGE_MAX,
};

void
ev_tell_init(struct ev_tell *tell, int fd)
{
	memset(tell, 0, sizeof(*tell));
	tell->fd = fd;
	ev_buf_init(&tell->out, OUT_MAX);
	ev_buf_init(&tell->text, (size_t)TEXT_MAX * 10);
}

void
ev_tell_release(struct ev_tell *tell)
{
	ev_buf_release(&tell->out);
	ev_buf_release(&tell->text);
}

enum ev_rc
ev_tell_flush(struct ev_tell *tell, struct ev_err *err)
{
	enum ev_rc rc;

	if (tell->lost)
		return ev_fail(err, EV_SYS, "the parent is gone");
	if (tell->out.len == 0)
		return EV_OK;
	rc = ev_fs_write(tell->fd, tell->out.data, tell->out.len, err);
	tell->lost = rc != EV_OK;
	ev_buf_clear(&tell->out);
	return rc;
}

static enum ev_rc
begin(struct ev_tell *tell, size_t *at, struct ev_err *err)
{
	if (tell->lost)
		return ev_fail(err, EV_SYS, "the parent is gone");
	return ev_frame_begin(&tell->out, at, err);
}

/* Begin a message about a member. */
static enum ev_rc
begin_of(struct ev_tell *tell, size_t *at, int64_t ordinal, struct ev_err *err)
{
	enum ev_rc rc;

	rc = begin(tell, at, err);
	if (rc == EV_OK)
		rc = ev_wire_put(&tell->out, (uint64_t)ordinal, 8, err);
	return rc;
}

/* End the message that began at at; rc is how its body went. */
static enum ev_rc
end(struct ev_tell *tell, size_t at, enum ev_frame_type type, enum ev_rc rc,
    struct ev_err *err)
{
	if (rc == EV_OK)
		rc = ev_frame_end(&tell->out, at, type, err);
	if (rc != EV_OK) {
		/* Nothing of a message that could not be made. */
		if (tell->out.len > at)
			tell->out.len = at;
		return rc;
	}
	if (tell->careful || tell->out.len >= WRITE_SIZE)
		rc = ev_tell_flush(tell, err);
	return rc;
}

static enum ev_rc
put_numbers(struct ev_tell *tell, const int64_t *value, size_t count,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < count && rc == EV_OK; i++)
		rc = ev_wire_put(&tell->out, (uint64_t)value[i], 8, err);
	return rc;
}

static bool
is_line(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return false;
	}
	return ev_text_is_utf8(text, len);
}

/* One line of UTF-8, or made one by escapes. */
static enum ev_rc
put_text(struct ev_tell *tell, const char *text, struct ev_err *err)
{
	size_t len = strnlen(text, TEXT_MAX);
	enum ev_rc rc;

	if (is_line(text, len))
		return ev_wire_put_bytes(&tell->out, text, len, err);
	ev_buf_clear(&tell->text);
	rc = ev_text_safe(&tell->text, text, len, EV_TEXT_NAME, err);
	if (rc == EV_OK)
		rc = ev_wire_put_bytes(&tell->out, tell->text.data,
		    tell->text.len, err);
	return rc;
}

/* A word of ours. */
static enum ev_rc
put_word(struct ev_tell *tell, const char *word, struct ev_err *err)
{
	return ev_wire_put_bytes(&tell->out, word, strlen(word), err);
}

enum ev_rc
ev_tell_hello(struct ev_tell *tell, const struct ev_child_cage *cage,
    struct ev_err *err)
{
	enum ev_rc rc;
	size_t at = 0;

	rc = begin(tell, &at, err);
	if (rc == EV_OK)
		rc = ev_wire_put(&tell->out, (uint64_t)cage->landlock_abi, 4,
		    err);
	if (rc == EV_OK)
		rc = ev_wire_put(&tell->out, cage->seccomp, 1, err);
	if (rc == EV_OK)
		rc = ev_wire_put(&tell->out, cage->limits, 1, err);
	rc = end(tell, at, EV_F_HELLO, rc, err);
	return rc == EV_OK ? ev_tell_flush(tell, err) : rc;
}

enum ev_rc
ev_tell_begin(struct ev_tell *tell, uint64_t tag, struct ev_err *err)
{
	enum ev_rc rc;
	size_t at = 0;

	rc = begin(tell, &at, err);
	if (rc == EV_OK)
		rc = ev_wire_put(&tell->out, tag, 8, err);
	return end(tell, at, EV_F_BEGIN, rc, err);
}

enum ev_rc
ev_tell_member(struct ev_tell *tell, const struct ev_member *member,
    struct ev_err *err)
{
	const int64_t number[] = { member->parent, member->index,
		member->declared_size, member->has_mtime ? member->mtime : 0 };
	size_t len = member->ordinal == 0 ? 0 : member->path_len;
	enum ev_rc rc;
	size_t at = 0;

	rc = begin_of(tell, &at, member->ordinal, err);
	if (rc == EV_OK)
		rc = put_numbers(tell, number, 4, err);
	if (rc == EV_OK)
		rc = ev_wire_put(&tell->out, member->has_mtime, 1, err);
	if (rc == EV_OK)
		rc = ev_wire_put(&tell->out, (unsigned char)member->type, 1,
		    err);
	if (rc == EV_OK)
		rc = ev_wire_put_bytes(&tell->out, member->path, len, err);
	return end(tell, at, EV_F_MEMBER, rc, err);
}

enum ev_rc
ev_tell_data(struct ev_tell *tell, int64_t ordinal, const void *data,
    size_t len, struct ev_err *err)
{
	const unsigned char *p = data;
	enum ev_rc rc = EV_OK;
	size_t at = 0, n;

	for (; len > 0 && rc == EV_OK; p += n, len -= n) {
		n = len < DATA_SIZE ? len : DATA_SIZE;
		rc = begin_of(tell, &at, ordinal, err);
		if (rc == EV_OK)
			rc = ev_buf_put(&tell->out, p, n, err);
		rc = end(tell, at, EV_F_DATA, rc, err);
	}
	return rc;
}

enum ev_rc
ev_tell_media(struct ev_tell *tell, int64_t ordinal, const char *type,
    struct ev_err *err)
{
	enum ev_rc rc;
	size_t at = 0;

	rc = begin_of(tell, &at, ordinal, err);
	if (rc == EV_OK)
		rc = put_word(tell, type, err);
	return end(tell, at, EV_F_MEDIA, rc, err);
}

enum ev_rc
ev_tell_fact(struct ev_tell *tell, int64_t ordinal, const struct ev_fact *fact,
    struct ev_err *err)
{
	enum ev_rc rc;
	size_t at = 0;

	rc = begin_of(tell, &at, ordinal, err);
	if (rc == EV_OK)
		rc = ev_fact_encode(&tell->out, fact, err);
	return end(tell, at, EV_F_FACT, rc, err);
}

enum ev_rc
ev_tell_duplicate(struct ev_tell *tell, int64_t ordinal,
    const struct ev_duplicate *row, struct ev_err *err)
{
	const int64_t number[] = { row->mapping, row->offset, row->length,
		row->first_offset };
	enum ev_rc rc;
	size_t at = 0;

	rc = begin_of(tell, &at, ordinal, err);
	if (rc == EV_OK)
		rc = put_numbers(tell, number, 4, err);
	return end(tell, at, EV_F_DUPLICATE, rc, err);
}

enum ev_rc
ev_tell_set_aside(struct ev_tell *tell, int64_t ordinal,
    const struct ev_set_aside *what, struct ev_err *err)
{
	const int64_t number[] = { what->mapping, what->offset, what->length };
	enum ev_rc rc;
	size_t at = 0;

	rc = begin_of(tell, &at, ordinal, err);
	if (rc == EV_OK)
		rc = put_numbers(tell, number, 3, err);
	if (rc == EV_OK)
		rc = put_word(tell, what->reason, err);
	if (rc == EV_OK)
		rc = put_text(tell, what->message, err);
	return end(tell, at, EV_F_SET_ASIDE, rc, err);
}

enum ev_rc
ev_tell_ignored(struct ev_tell *tell, int64_t ordinal, int64_t offset,
    int64_t length, struct ev_err *err)
{
	const int64_t number[] = { offset, length };
	enum ev_rc rc;
	size_t at = 0;

	rc = begin_of(tell, &at, ordinal, err);
	if (rc == EV_OK)
		rc = put_numbers(tell, number, 2, err);
	return end(tell, at, EV_F_IGNORED, rc, err);
}

enum ev_rc
ev_tell_note(struct ev_tell *tell, int64_t ordinal,
    const struct ev_member_note *note, struct ev_err *err)
{
	enum ev_rc rc;
	size_t at = 0;

	rc = begin_of(tell, &at, ordinal, err);
	if (rc == EV_OK)
		rc = put_numbers(tell, &note->offset, 1, err);
	if (rc == EV_OK)
		rc = put_word(tell, note->word, err);
	if (rc == EV_OK)
		rc = put_text(tell, note->detail, err);
	return end(tell, at, EV_F_NOTE, rc, err);
}

enum ev_rc
ev_tell_unknown_key(struct ev_tell *tell, int64_t ordinal,
    const struct ev_unknown_key *key, struct ev_err *err)
{
	enum ev_rc rc;
	size_t at = 0;

	rc = begin_of(tell, &at, ordinal, err);
	if (rc == EV_OK)
		rc = put_numbers(tell, &key->times, 1, err);
	if (rc == EV_OK)
		rc = ev_wire_put_bytes(&tell->out, key->path, key->len, err);
	return end(tell, at, EV_F_UNKNOWN_KEY, rc, err);
}

enum ev_rc
ev_tell_rows(struct ev_tell *tell, int64_t ordinal, int mapping,
    const struct ev_row_count *rows, struct ev_err *err)
{
	const int64_t number[] = { mapping, rows->found, rows->read,
		rows->duplicated, rows->set_aside, rows->ignored, rows->facts,
		rows->nulls, rows->declared };
	enum ev_rc rc;
	size_t at = 0;

	rc = begin_of(tell, &at, ordinal, err);
	if (rc == EV_OK)
		rc = put_numbers(tell, number,
		    sizeof(number) / sizeof(number[0]), err);
	return end(tell, at, EV_F_ROWS, rc, err);
}

enum ev_rc
ev_tell_total(struct ev_tell *tell, int64_t ordinal,
    const struct ev_member_total *total, struct ev_err *err)
{
	const int64_t number[] = { total->outcome, total->bytes.read,
		total->bytes.set_aside, total->bytes.ignored,
		total->bytes.frame };
	enum ev_rc rc;
	size_t at = 0;

	rc = begin_of(tell, &at, ordinal, err);
	if (rc == EV_OK)
		rc = put_numbers(tell, number, 5, err);
	if (rc == EV_OK)
		rc = put_word(tell, total->fingerprint, err);
	if (rc == EV_OK)
		rc = put_text(tell, total->message, err);
	return end(tell, at, EV_F_TOTAL, rc, err);
}

enum ev_rc
ev_tell_progress(struct ev_tell *tell, uint64_t tag, int64_t bytes,
    struct ev_err *err)
{
	enum ev_rc rc;
	size_t at = 0;

	rc = begin(tell, &at, err);
	if (rc == EV_OK)
		rc = ev_wire_put(&tell->out, tag, 8, err);
	if (rc == EV_OK)
		rc = put_numbers(tell, &bytes, 1, err);
	rc = end(tell, at, EV_F_PROGRESS, rc, err);
	/* It also says that the child is alive: it must not wait. */
	return rc == EV_OK ? ev_tell_flush(tell, err) : rc;
}

enum ev_rc
ev_tell_end(struct ev_tell *tell, uint64_t tag, struct ev_err *err)
{
	enum ev_rc rc;
	size_t at = 0;

	rc = begin(tell, &at, err);
	if (rc == EV_OK)
		rc = ev_wire_put(&tell->out, tag, 8, err);
	return end(tell, at, EV_F_END, rc, err);
}
