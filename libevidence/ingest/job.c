/* What ev-parse does: jobs come down, exhibits are read, findings go up. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ingest/job.h"
#include "ingest/job_state.h"

enum {
	EXHIBIT = 3,           /* descriptor of a large exhibit */
	CONTENT_MAX = 1 << 20, /* of a small one */
	NAME_MAX_BYTES = 1 << 20,
	TELL_EVERY = 4 << 20, /* bytes between two words of progress */
};

enum ev_rc
ev_job_new(struct ev_job **out, int in, int fd, struct ev_err *err)
{
	struct ev_job *job;
	enum ev_rc rc;

	*out = NULL;
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		return ev_fail_sys(err, "cannot take a job");
	job->in_fd = in;
	ev_frame_in_init(&job->in);
	ev_tell_init(&job->tell, fd);
	ev_buf_init(&job->only_path, NAME_MAX_BYTES);
	ev_buf_init(&job->name, NAME_MAX_BYTES);
	ev_buf_init(&job->content, CONTENT_MAX);
	rc = ev_mapset_new(&job->set, err);
	if (rc != EV_OK) {
		ev_job_free(job);
		return rc;
	}
	*out = job;
	return EV_OK;
}

void
ev_job_free(struct ev_job *job)
{
	if (job == NULL)
		return;
	ev_mapset_free(job->set);
	ev_frame_in_release(&job->in);
	ev_tell_release(&job->tell);
	ev_buf_release(&job->only_path);
	ev_buf_release(&job->name);
	ev_buf_release(&job->content);
	free(job);
}

/*
 * The next job frame; EV_EOF: the parent has no more.  Before a wait all
 * that was found goes up.
 */
static enum ev_rc
next_frame(struct ev_job *job, struct ev_frame *frame, struct ev_err *err)
{
	unsigned char *room;
	enum ev_rc rc;
	size_t cap;
	ssize_t n;

	for (;;) {
		rc = ev_frame_next(&job->in, frame, err);
		if (rc != EV_EOF)
			return rc;
		rc = ev_tell_flush(&job->tell, err);
		if (rc == EV_OK)
			rc = ev_frame_room(&job->in, &room, &cap, err);
		if (rc != EV_OK)
			return rc;
		n = read(job->in_fd, room, cap);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ev_fail_sys(err, "cannot read a job");
		if (n == 0 && ev_frame_at_boundary(&job->in))
			return EV_EOF;
		if (n == 0)
			return ev_fail(err, EV_INPUT, "a job breaks off");
		ev_frame_fed(&job->in, (size_t)n);
	}
}

/* A pair of texts, each with a NUL behind it. */
static enum ev_rc
get_pair(const struct ev_frame *frame, struct ev_buf *a, struct ev_buf *b,
    struct ev_err *err)
{
	struct ev_wire wire = { .data = frame->body, .len = frame->len };
	const void *data[2];
	size_t len[2];
	enum ev_rc rc;

	data[0] = ev_wire_get_bytes(&wire, &len[0]);
	data[1] = ev_wire_get_bytes(&wire, &len[1]);
	if (!ev_wire_done(&wire))
		return ev_fail(err, EV_INPUT, "a malformed set-up frame");
	ev_buf_clear(a);
	ev_buf_clear(b);
	rc = ev_buf_put(a, data[0], len[0], err);
	return rc == EV_OK ? ev_buf_put(b, data[1], len[1], err) : rc;
}

static enum ev_rc
add_mapping(struct ev_job *job, const struct ev_frame *frame,
    struct ev_err *err)
{
	struct ev_buf name, text;
	enum ev_rc rc;

	ev_buf_init(&name, EV_MESSAGE_MAX);
	ev_buf_init(&text, EV_MESSAGE_MAX);
	rc = get_pair(frame, &name, &text, err);
	if (rc == EV_OK && frame->type == EV_F_MAP)
		rc = ev_mapset_add(job->set, ev_buf_text(&name),
		    ev_buf_text(&text), text.len, err);
	else if (rc == EV_OK)
		rc = ev_mapset_add_glob(job->set, ev_buf_text(&name),
		    ev_buf_text(&text), err);
	ev_buf_release(&name);
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
set_up(struct ev_job *job, const struct ev_frame *frame, struct ev_err *err)
{
	struct ev_wire wire = { .data = frame->body, .len = frame->len };
	struct ev_buf text[2];
	const void *data;
	enum ev_rc rc = EV_OK;
	unsigned flags;
	size_t len, i;

	flags = (unsigned)ev_wire_get(&wire, 1);
	for (i = 0; i < 2; i++) {
		ev_buf_init(&text[i], EV_FRAME_MAX);
		data = ev_wire_get_bytes(&wire, &len);
		if (rc == EV_OK)
			rc = ev_buf_put(&text[i], data, len, err);
	}
	data = ev_wire_get_bytes(&wire, &len);
	if (rc == EV_OK)
		rc = ev_buf_put(&job->only_path, data, len, err);
	if (rc == EV_OK && !ev_wire_done(&wire))
		rc = ev_fail(err, EV_INPUT, "a malformed set-up frame");
	if (rc == EV_OK)
		rc =
		    ev_container_set(&job->formats, ev_buf_text(&text[0]), err);
	if (rc == EV_OK)
		rc = ev_limits_parse(&job->limits, ev_buf_text(&text[1]),
		    text[0].len > 0, err);
	job->read = (flags & EV_SETUP_READ) != 0;
	job->only = (flags & EV_SETUP_ONLY) != 0;
	ev_buf_release(&text[0]);
	ev_buf_release(&text[1]);
	return rc;
}

/* Progress also says that the child lives. */
static enum ev_rc
seen(struct ev_job *job, size_t len, struct ev_err *err)
{
	int64_t bytes;

	job->seen += (int64_t)len;
	if (job->seen - job->told < TELL_EVERY)
		return EV_OK;
	job->told = job->seen;
	bytes = job->seen;
	if (bytes > job->exhibit.size)
		bytes = job->exhibit.size;
	return ev_tell_progress(&job->tell, job->exhibit.tag, bytes, err);
}

enum ev_rc
ev_job_pread(void *ctx, void *data, size_t len, int64_t offset, size_t *got,
    struct ev_err *err)
{
	struct ev_job *job = ctx;
	int64_t left = job->exhibit.size - offset;
	ssize_t n;

	*got = 0;
	if (offset < 0 || left <= 0)
		return EV_OK;
	if ((int64_t)len > left)
		len = (size_t)left;
	if (job->exhibit.offset < 0) {
		memcpy(data, job->content.data + offset, len);
		*got = len;
		return seen(job, len, err);
	}
	while (*got < len) {
		n = pread(EXHIBIT, (unsigned char *)data + *got, len - *got,
		    job->exhibit.offset + offset + (int64_t)*got);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ev_fail_sys(err, "cannot read the exhibit");
		if (n == 0)
			return ev_fail(err, EV_INPUT,
			    "the exhibit ends at byte %jd, not %jd",
			    (intmax_t)offset + (intmax_t)*got,
			    (intmax_t)job->exhibit.size);
		*got += (size_t)n;
	}
	return seen(job, len, err);
}

static enum ev_rc
exhibit_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct ev_job *job = ctx;
	enum ev_rc rc;

	rc = ev_job_pread(job, data, cap, job->position, got, err);
	job->position += (int64_t)*got;
	if (rc != EV_OK)
		return rc;
	return *got == 0 ? EV_EOF : EV_OK;
}

static enum ev_rc
exhibit_rewind(void *ctx, struct ev_err *err)
{
	struct ev_job *job = ctx;

	(void)err;
	job->position = 0;
	return EV_OK;
}

struct ev_stream
ev_job_stream(struct ev_job *job)
{
	const struct ev_stream stream = { .ctx = job,
		.read = exhibit_read,
		.rewind = exhibit_rewind };

	return stream;
}

/* An exhibit frame, and the content where it comes in the pipe. */
static enum ev_rc
take_exhibit(struct ev_job *job, struct ev_frame *frame, struct ev_err *err)
{
	struct ev_frame_exhibit *exhibit = &job->exhibit;
	enum ev_rc rc;

	rc = ev_frame_get_exhibit(exhibit, frame, err);
	if (rc != EV_OK)
		return rc;
	ev_buf_clear(&job->name);
	ev_buf_clear(&job->content);
	rc = ev_buf_put(&job->name, exhibit->name, exhibit->name_len, err);
	exhibit->name = NULL;
	if (rc != EV_OK || exhibit->offset >= 0)
		return rc;
	rc = next_frame(job, frame, err);
	if (rc == EV_OK && (frame->type != EV_F_CONTENT ||
			       (int64_t)frame->len != exhibit->size))
		return ev_fail(err, EV_INPUT, "an exhibit without its bytes");
	return rc == EV_OK
		   ? ev_buf_put(&job->content, frame->body, frame->len, err)
		   : rc;
}

static enum ev_rc
read_exhibit(struct ev_job *job, struct ev_err *err)
{
	const uint64_t tag = job->exhibit.tag;
	enum ev_rc rc;

	job->position = job->seen = job->told = 0;
	job->next = job->expanded = job->spooled = 0;
	job->stop_reason = NULL;
	job->tell.careful = job->exhibit.careful;
	rc = ev_tell_begin(&job->tell, tag, err);
	if (rc == EV_OK)
		rc = ev_job_exhibit(job, err);
	if (rc == EV_OK)
		rc = ev_tell_end(&job->tell, tag, err);
	return rc;
}

enum ev_rc
ev_job_run(struct ev_job *job, const struct ev_media *media,
    const struct ev_child_cage *cage, struct ev_err *err)
{
	struct ev_frame frame;
	bool ready = false;
	enum ev_rc rc;

	job->media = media;
	while ((rc = next_frame(job, &frame, err)) == EV_OK) {
		if (!ready && frame.type == EV_F_SETUP) {
			rc = set_up(job, &frame, err);
			if (rc == EV_OK)
				rc = ev_tell_hello(&job->tell, cage, err);
			ready = true;
		} else if (!ready && (frame.type == EV_F_MAP ||
					 frame.type == EV_F_GLOB)) {
			rc = add_mapping(job, &frame, err);
		} else if (ready && frame.type == EV_F_EXHIBIT) {
			rc = take_exhibit(job, &frame, err);
			if (rc == EV_OK)
				rc = read_exhibit(job, err);
		} else {
			rc = ev_fail(err, EV_INPUT,
			    "a job frame of type %d out of turn", frame.type);
		}
		if (rc != EV_OK)
			return rc;
	}
	return rc == EV_EOF ? EV_OK : rc;
}
