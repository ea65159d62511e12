/* The bytes of one member: looked at, counted, sent up, read. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ingest/job_state.h"

enum {
	STEP = 64 << 10,
	LEAD_MAX = (1 << 20) + STEP,
	GRACE = 16 << 20, /* expanded before the ratio counts */
};

void
ev_feed_init(struct ev_feed *feed, struct ev_job *job,
    const struct ev_stream *in)
{
	memset(feed, 0, sizeof(*feed));
	feed->job = job;
	feed->in = *in;
	ev_buf_init(&feed->lead, LEAD_MAX);
}

void
ev_feed_release(struct ev_feed *feed)
{
	ev_buf_release(&feed->lead);
}

enum ev_rc
ev_job_stop(struct ev_job *job, struct ev_err *err, const char *reason,
    const char *fmt, ...)
{
	va_list ap;

	job->stop_reason = reason;
	va_start(ap, fmt);
	(void)vsnprintf(job->stop_message, sizeof(job->stop_message), fmt, ap);
	va_end(ap);
	return ev_fail(err, EV_LIMIT, "%s", job->stop_message);
}

/* hostile.md 10: over the whole nest. */
static enum ev_rc
count(struct ev_job *job, size_t len, struct ev_err *err)
{
	job->expanded += (int64_t)len;
	if (job->expanded > job->limits.output)
		return ev_job_stop(job, err, "limit-output",
		    "more than %jd bytes come out of one exhibit",
		    (intmax_t)job->limits.output);
	if (job->expanded > GRACE &&
	    job->expanded / job->limits.ratio > job->exhibit.size)
		return ev_job_stop(job, err, "limit-ratio",
		    "%jd bytes expand to more than %jd times as many",
		    (intmax_t)job->exhibit.size, (intmax_t)job->limits.ratio);
	return EV_OK;
}

/* Take bytes from below: each once. */
static enum ev_rc
pull(struct ev_feed *feed, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	enum ev_rc rc;

	*got = 0;
	if (feed->broken) {
		*err = feed->why;
		return feed->why.rc;
	}
	if (feed->eof)
		return EV_EOF;
	rc = feed->in.read(feed->in.ctx, data, cap, got, err);
	if (rc == EV_EOF) {
		feed->eof = true;
		return EV_EOF;
	}
	if (rc == EV_OK) {
		feed->bytes += (int64_t)*got;
		if (feed->ordinal > 0)
			rc = count(feed->job, *got, err);
	}
	if (rc == EV_OK && feed->send)
		rc = ev_tell_data(&feed->job->tell, feed->ordinal, data, *got,
		    err);
	if (rc != EV_OK) {
		feed->broken = true;
		feed->why = *err;
	}
	return rc;
}

enum ev_rc
ev_feed_look(struct ev_feed *feed, size_t want, struct ev_err *err)
{
	enum ev_rc rc;
	size_t got;

	while (feed->lead.len < want && !feed->eof) {
		rc = ev_buf_reserve(&feed->lead, STEP, err);
		if (rc != EV_OK)
			return rc;
		rc = pull(feed, feed->lead.data + feed->lead.len, STEP, &got,
		    err);
		if (rc != EV_OK && rc != EV_EOF)
			return rc;
		feed->lead.len += got;
	}
	return EV_OK;
}

static enum ev_rc
feed_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct ev_feed *feed = ctx;
	size_t left = feed->lead.len - feed->lead_pos;

	if (left == 0)
		return pull(feed, data, cap, got, err);
	*got = left < cap ? left : cap;
	memcpy(data, feed->lead.data + feed->lead_pos, *got);
	feed->lead_pos += *got;
	return EV_OK;
}

/*
 * Only what need not be taken again from below: all of it looked at, or the
 * exhibit itself, whose bytes are not sent.
 */
static enum ev_rc
feed_rewind(void *ctx, struct ev_err *err)
{
	struct ev_feed *feed = ctx;
	enum ev_rc rc = EV_OK;

	if (feed->bytes > (int64_t)feed->lead.len) {
		rc = feed->in.rewind(feed->in.ctx, err);
		ev_buf_clear(&feed->lead);
		feed->bytes = 0;
		feed->eof = false;
	}
	feed->lead_pos = 0;
	return rc;
}

struct ev_stream
ev_feed_stream(struct ev_feed *feed)
{
	struct ev_stream stream = { .ctx = feed, .read = feed_read };
	bool whole = feed->eof && feed->bytes == (int64_t)feed->lead.len;

	if (whole || (feed->in.rewind != NULL && !feed->send))
		stream.rewind = feed_rewind;
	return stream;
}

enum ev_rc
ev_feed_drain(struct ev_feed *feed, struct ev_err *err)
{
	unsigned char data[STEP];
	enum ev_rc rc;
	size_t got;

	feed->lead_pos = feed->lead.len;
	while ((rc = pull(feed, data, sizeof(data), &got, err)) == EV_OK)
		;
	return rc == EV_EOF ? EV_OK : rc;
}
