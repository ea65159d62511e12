/* Findings that wait for the end of their member, in memory or on disc. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "ingest/spool.h"

/* One record, and what the file may be short of. */
enum { RECORD_LIMIT = 128 << 20 };

struct head {
	int64_t ordinal, reading, artifact;
	uint64_t len;
	int type;
};

void
ev_spool_init(struct ev_spool *s, int dir)
{
	memset(s, 0, sizeof(*s));
	s->dir = dir;
	s->fd = -1;
	ev_buf_init(&s->buf, EV_SPOOL_MEMORY + RECORD_LIMIT);
	ev_buf_init(&s->back, RECORD_LIMIT);
}

void
ev_spool_release(struct ev_spool *s)
{
	if (s->fd >= 0)
		(void)close(s->fd);
	s->fd = -1;
	ev_buf_release(&s->buf);
	ev_buf_release(&s->back);
}

void
ev_spool_clear(struct ev_spool *s)
{
	ev_buf_clear(&s->buf);
	s->written = s->read = 0;
	s->at = 0;
}

bool
ev_spool_empty(const struct ev_spool *s)
{
	return s->written == 0 && s->buf.len == 0;
}

enum ev_rc
ev_spool_begin(struct ev_spool *s, const struct ev_spool_record *record,
    struct ev_err *err)
{
	struct head head;

	memset(&head, 0, sizeof(head));
	head.ordinal = record->ordinal;
	head.reading = record->reading;
	head.artifact = record->artifact;
	head.type = record->type;
	s->at = s->buf.len;
	return ev_buf_put(&s->buf, &head, sizeof(head), err);
}

/* Where O_TMPFILE is not known, a named file that is unlinked at once. */
static enum ev_rc
open_file(struct ev_spool *s, struct ev_err *err)
{
	static const char name[] = ".findings";

	s->fd = openat(s->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->fd < 0) {
		(void)unlinkat(s->dir, name, 0);
		s->fd = openat(s->dir, name,
		    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
		if (s->fd >= 0)
			(void)unlinkat(s->dir, name, 0);
	}
	if (s->fd < 0)
		return ev_fail_sys(err, "cannot make a file for findings");
	return EV_OK;
}

enum ev_rc
ev_spool_end(struct ev_spool *s, struct ev_err *err)
{
	const uint64_t len = s->buf.len - s->at - sizeof(struct head);
	enum ev_rc rc = EV_OK;

	memcpy(s->buf.data + s->at + offsetof(struct head, len), &len,
	    sizeof(len));
	if (s->buf.len < EV_SPOOL_MEMORY)
		return EV_OK;
	if (s->fd < 0)
		rc = open_file(s, err);
	if (rc == EV_OK && lseek(s->fd, s->written, SEEK_SET) < 0)
		rc = ev_fail_sys(err, "cannot seek in the findings");
	if (rc == EV_OK)
		rc = ev_fs_write(s->fd, s->buf.data, s->buf.len, err);
	if (rc == EV_OK)
		s->written += (int64_t)s->buf.len;
	ev_buf_clear(&s->buf);
	return rc;
}

void
ev_spool_rewind(struct ev_spool *s)
{
	s->read = 0;
	s->at = 0;
}

static void
fill(struct ev_spool_record *record, const struct head *head)
{
	record->type = head->type;
	record->ordinal = head->ordinal;
	record->reading = head->reading;
	record->artifact = head->artifact;
	record->len = (size_t)head->len;
}

static enum ev_rc
next_in_file(struct ev_spool *s, struct ev_spool_record *record,
    struct ev_err *err)
{
	struct head head;
	enum ev_rc rc;

	rc = ev_fs_pread(s->fd, &head, sizeof(head), s->read, err);
	if (rc != EV_OK)
		return rc;
	fill(record, &head);
	ev_buf_clear(&s->back);
	rc = ev_buf_reserve(&s->back, record->len, err);
	if (rc == EV_OK)
		rc = ev_fs_pread(s->fd, s->back.data, record->len,
		    s->read + (int64_t)sizeof(head), err);
	record->data = s->back.data;
	s->read += (int64_t)(sizeof(head) + record->len);
	return rc;
}

enum ev_rc
ev_spool_next(struct ev_spool *s, struct ev_spool_record *record,
    struct ev_err *err)
{
	struct head head;

	memset(record, 0, sizeof(*record));
	if (s->read < s->written)
		return next_in_file(s, record, err);
	if (s->at == s->buf.len)
		return EV_EOF;
	memcpy(&head, s->buf.data + s->at, sizeof(head));
	fill(record, &head);
	record->data = s->buf.data + s->at + sizeof(head);
	s->at += sizeof(head) + record->len;
	return EV_OK;
}
