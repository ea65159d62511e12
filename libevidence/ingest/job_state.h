/* Between job.c, job_feed.c and job_member.c: the exhibit being read. */
#ifndef EV_INGEST_JOB_STATE_H
#define EV_INGEST_JOB_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stream.h"
#include "evidence/buf.h"
#include "ingest/frame.h"
#include "ingest/kind.h"
#include "ingest/limits.h"
#include "ingest/names.h"
#include "ingest/reading.h"
#include "ingest/source.h"
#include "ingest/tell.h"

struct ev_job {
	int in_fd;
	struct ev_frame_in in;
	struct ev_tell tell;
	const struct ev_media *media;
	/* The set-up. */
	struct ev_mapset *set;
	struct ev_limits limits;
	uint32_t formats; /* bits of enum ev_container */
	bool read, only;
	struct ev_buf only_path;
	/* The exhibit. */
	struct ev_frame_exhibit exhibit;
	struct ev_buf name;
	struct ev_buf content; /* where it came in the pipe */
	int64_t position;      /* of the stream over it */
	int64_t seen, told;    /* bytes read; of them, told as progress */
	int64_t next;          /* ordinal */
	int64_t expanded;      /* bytes of all members */
	int64_t spooled;       /* bytes of nested archives held in memory */
	/* A limit was passed: nothing more of this exhibit is read. */
	const char *stop_reason; /* NULL: go on */
	char stop_message[256];
};

/*
 * The bytes of one member on their way: looked ahead at, counted against the
 * limits, sent up once each, and then read or drained.
 */
struct ev_feed {
	struct ev_job *job;
	struct ev_stream in;
	int64_t ordinal;
	bool send;          /* as data of ordinal */
	struct ev_buf lead; /* what was looked at */
	size_t lead_pos;    /* of it, what was read */
	int64_t bytes;      /* taken from in */
	bool eof;
	bool broken; /* in failed: why says how, and reading is over */
	struct ev_err why;
};

void ev_feed_init(struct ev_feed *feed, struct ev_job *job,
    const struct ev_stream *in);
void ev_feed_release(struct ev_feed *feed);

/*
 * Make lead hold want bytes, or all there are: then eof is set.  Fails as in
 * does.
 */
EV_CHECK
enum ev_rc ev_feed_look(struct ev_feed *feed, size_t want, struct ev_err *err);

/* The same bytes as a stream, lead first; it can be rewound if in can, or
 * if lead holds all. */
struct ev_stream ev_feed_stream(struct ev_feed *feed);

/* Take what is left. */
EV_CHECK
enum ev_rc ev_feed_drain(struct ev_feed *feed, struct ev_err *err);

/* Pass no limit on the way: reason, and EV_LIMIT. */
EV_CHECK EV_PRINTF(4, 5) enum ev_rc ev_job_stop(struct ev_job *job,
    struct ev_err *err, const char *reason, const char *fmt, ...);

/* Bytes of the exhibit itself. */
EV_CHECK
enum ev_rc ev_job_pread(void *job, void *data, size_t len, int64_t offset,
    size_t *got, struct ev_err *err);
struct ev_stream ev_job_stream(struct ev_job *job);

/* Member 0 and all that is in it. */
EV_CHECK
enum ev_rc ev_job_exhibit(struct ev_job *job, struct ev_err *err);

#endif
