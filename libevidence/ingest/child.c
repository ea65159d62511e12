/* The parent's end of one ev-parse: started in its cage, fed, decoded. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "ingest/child_state.h"
#include "ingest/handon.h"

enum {
	BATCH = 2048, /* exhibits that one process serves */
	BURST = 16,   /* given, between looks at the pipes */
	BATCH_BYTES = 256 << 20,
	SMALL = 1 << 20, /* larger ones are not sent in the pipe */
	COPY = 256 << 10,
	SETUP_MAX = 80 << 20,
	OUT_MAX = SETUP_MAX + 4 * SMALL,
	PATHS_MAX = 4096,
	GIB_SHIFT = 30,
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static enum ev_rc
put_pair(struct ev_buf *out, enum ev_frame_type type, const char *name,
    const struct ev_child_map *map, struct ev_err *err)
{
	const char *glob = strchr(name, '=');
	size_t at, name_len = strlen(name);
	enum ev_rc rc;

	if (map == NULL && (glob == NULL || glob == name))
		return ev_fail(err, EV_USE, "'%s' is not ID=GLOB", name);
	if (map == NULL)
		name_len = (size_t)(glob - name);
	rc = ev_frame_begin(out, &at, err);
	if (rc == EV_OK)
		rc = ev_wire_put_bytes(out, name, name_len, err);
	if (rc == EV_OK && map != NULL)
		rc = ev_wire_put_bytes(out, map->text, map->len, err);
	if (rc == EV_OK && map == NULL)
		rc = ev_wire_put_bytes(out, glob + 1, strlen(glob + 1), err);
	return rc == EV_OK ? ev_frame_end(out, at, type, err) : rc;
}

/* Mappings and globs first: the setup frame says that they are complete. */
static enum ev_rc
make_setup(struct ev_buf *out, const struct ev_child_opts *opts,
    struct ev_err *err)
{
	const char *text[] = { opts->formats, opts->limits, opts->only };
	unsigned flags = 0;
	enum ev_rc rc = EV_OK;
	size_t i, at;

	for (i = 0; i < opts->map_count && rc == EV_OK; i++)
		rc = put_pair(out, EV_F_MAP, opts->maps[i].name, &opts->maps[i],
		    err);
	for (i = 0;
	     opts->globs != NULL && opts->globs[i] != NULL && rc == EV_OK; i++)
		rc = put_pair(out, EV_F_GLOB, opts->globs[i], NULL, err);
	if (rc == EV_OK)
		rc = ev_frame_begin(out, &at, err);
	if (rc != EV_OK)
		return rc;
	if (opts->read)
		flags |= EV_SETUP_READ;
	if (opts->only != NULL)
		flags |= EV_SETUP_ONLY;
	rc = ev_wire_put(out, flags, 1, err);
	for (i = 0; i < 3 && rc == EV_OK; i++)
		rc = ev_wire_put_bytes(out, text[i] == NULL ? "" : text[i],
		    text[i] == NULL ? 0 : strlen(text[i]), err);
	return rc == EV_OK ? ev_frame_end(out, at, EV_F_SETUP, err) : rc;
}

static void
stop_process(struct ev_child *child)
{
	/* All it was given is done, and it holds nothing. */
#ifdef EV_SANITIZED
	(void)ev_proc_end(&child->proc, false);
#else
	(void)ev_proc_end(&child->proc, true);
#endif
	if (child->exhibit_fd >= 0)
		(void)close(child->exhibit_fd);
	child->exhibit_fd = -1;
	ev_buf_clear(&child->out);
	child->out_pos = 0;
	ev_frame_in_release(&child->in);
}

/* The exhibit as descriptor 3, opened here or by who starts the process. */
static enum ev_rc
hand_on(struct ev_child *child, const struct ev_child_exhibit *exhibit,
    struct ev_proc_opts *opts, struct ev_err *err)
{
	enum ev_rc rc;

	if (opts->broker != NULL) {
		if (exhibit->data != NULL)
			return ev_fail(err, EV_USE,
			    "an exhibit in memory is not handed on by others");
		opts->span = true;
		opts->offset = exhibit->offset;
		opts->size = exhibit->size;
		return EV_OK;
	}
	rc = ev_hand_on(&child->exhibit_fd, exhibit, err);
	opts->exhibit = child->exhibit_fd;
	return rc;
}

/* A process for given alone, or for a batch. */
static enum ev_rc
start_process(struct ev_child *child, const struct given *given,
    struct ev_err *err)
{
	int64_t size = BATCH_BYTES;
	struct ev_proc_opts opts = { .program = child->opts.parser,
		.exhibit = -1,
		.broker = child->opts.broker,
		.memory = (uint64_t)child->limits.memory,
		.no_sandbox = child->opts.no_sandbox };
	enum ev_rc rc = EV_OK;

	child->alone = given != NULL && given->alone;
	if (child->alone)
		size = given->exhibit.size;
	child->handed = child->alone && (given->exhibit.data == NULL ||
					    given->exhibit.size > SMALL);
	if (child->handed)
		rc = hand_on(child, &given->exhibit, &opts, err);
	if (rc != EV_OK)
		return rc;
	child->cpu =
	    (uint64_t)(child->limits.cpu +
		       2 * child->limits.cpu * ((size >> GIB_SHIFT) + 1));
	opts.cpu = child->cpu;
	child->served = 0;
	child->served_bytes = 0;
	ev_hear_init(&child->hear, &child->events, child->opts.mapping_count);
	child->hear.output_max = child->limits.output;
	rc = ev_buf_put(&child->out, child->setup.data, child->setup.len, err);
	if (rc == EV_OK)
		rc = ev_proc_start(&child->proc, &opts, err);
	child->heard = now_ms();
	return rc;
}

/* Small exhibits travel behind their description. */
static enum ev_rc
write_content(struct ev_child *child, const struct given *given,
    struct ev_err *err)
{
	enum ev_rc rc;
	size_t at;

	rc = ev_frame_begin(&child->out, &at, err);
	if (rc == EV_OK)
		rc = ev_buf_put(&child->out, given->exhibit.data,
		    (size_t)given->exhibit.size, err);
	if (rc == EV_OK)
		rc = ev_frame_end(&child->out, at, EV_F_CONTENT, err);
	return rc;
}

static enum ev_rc
write_given(struct ev_child *child, struct given *given, struct ev_err *err)
{
	struct ev_frame_exhibit exhibit = { .tag = given->exhibit.tag,
		.size = given->exhibit.size,
		.offset = -1,
		.careful = given->careful,
		.stop = given->stop,
		.skips = given->dead_count,
		.name = given->exhibit.name,
		.name_len = given->exhibit.name_len };
	enum ev_rc rc;
	size_t i;

	for (i = 0; i < given->dead_count; i++)
		exhibit.skip[i] = given->dead[i].ordinal;
	if (child->handed)
		exhibit.offset = ev_hand_on_offset(&given->exhibit);
	rc = ev_frame_put_exhibit(&child->out, &exhibit, err);
	if (rc == EV_OK && exhibit.offset < 0)
		rc = write_content(child, given, err);
	child->next = TAILQ_NEXT(given, entry);
	child->served++;
	child->served_bytes += given->exhibit.size;
	return rc;
}

/* The first given that the process works on; NULL: it is idle. */
static struct given *
working_on(const struct ev_child *child)
{
	struct given *first = TAILQ_FIRST(&child->queue);

	return first == child->next ? NULL : first;
}

static void
expect_next(struct ev_child *child)
{
	const struct given *given = working_on(child);

	if (given == NULL)
		child->hear.expect = NULL;
	else
		ev_hear_expect(&child->hear, &given->exhibit, given->dead,
		    given->dead_count);
}

/* The next exhibit goes to the out buffer; EV_EOF: not now. */
static enum ev_rc
feed(struct ev_child *child, struct ev_err *err)
{
	struct given *given = child->next;
	enum ev_rc rc;

	if (given == NULL || child->out.len - child->out_pos >= COPY)
		return EV_EOF;
	if (child->proc.pid > 0 &&
	    (given->alone || child->alone || child->served >= BATCH ||
		child->served_bytes >= BATCH_BYTES)) {
		if (working_on(child) != NULL)
			return EV_EOF;
		stop_process(child);
	}
	if (child->proc.pid <= 0) {
		rc = start_process(child, given, err);
		if (rc != EV_OK)
			return rc;
	}
	child->out.len -= child->out_pos;
	memmove(child->out.data, child->out.data + child->out_pos,
	    child->out.len);
	child->out_pos = 0;
	rc = write_given(child, given, err);
	if (rc == EV_OK && child->hear.expect == NULL)
		expect_next(child);
	return rc;
}

static enum ev_rc
write_out(struct ev_child *child, struct ev_err *err)
{
	ssize_t n;

	while (child->out_pos < child->out.len) {
		n = write(child->proc.job, child->out.data + child->out_pos,
		    child->out.len - child->out_pos);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return EV_OK;
		if (n < 0)
			return ev_fail_sys(err,
			    "cannot write to the reading child");
		child->out_pos += (size_t)n;
	}
	return EV_OK;
}

/* Neither Landlock nor seccomp: nothing foreign is read. */
static enum ev_rc
check_cage(const struct ev_child *child, struct ev_err *err)
{
	const struct ev_child_cage *cage = &child->hear.cage;

#ifdef EV_SANITIZED
	/* These builds leave the cage out and say so (base/sandbox.h). */
	return EV_OK;
#endif
	if (cage->landlock_abi > 0 || cage->seccomp || child->opts.no_sandbox)
		return EV_OK;
	return ev_fail(err, EV_SYS,
	    "this system has neither Landlock nor seccomp: nothing is read "
	    "without a sandbox");
}

/* The exhibit in hand has ended: the next one is expected. */
static void
done(struct ev_child *child)
{
	struct given *given = working_on(child);

	if (given == NULL)
		return;
	TAILQ_REMOVE(&child->queue, given, entry);
	ev_child_forget(child, given);
	expect_next(child);
}

/* All frames that are complete. */
static enum ev_rc
hear_frames(struct ev_child *child, struct ev_err *err)
{
	struct ev_frame frame;
	bool hello;
	enum ev_rc rc;

	while ((rc = ev_frame_next(&child->in, &frame, err)) == EV_OK) {
		hello = child->hear.hello;
		rc = ev_hear_frame(&child->hear, &frame, err);
		if (rc == EV_OK && !hello)
			rc = check_cage(child, err);
		if (rc != EV_OK)
			return rc;
		if (child->hear.ended)
			done(child);
	}
	if (rc == EV_INPUT)
		child->hear.lied = true;
	return rc == EV_EOF ? EV_OK : rc;
}

/* Read what has come; *gone: nothing will come any more. */
static enum ev_rc
read_frames(struct ev_child *child, bool *gone, struct ev_err *err)
{
	unsigned char *room;
	enum ev_rc rc;
	size_t cap;
	ssize_t n;

	*gone = false;
	rc = ev_frame_room(&child->in, &room, &cap, err);
	if (rc != EV_OK)
		return rc;
	do {
		n = read(child->proc.frames, room, cap);
	} while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EAGAIN)
		return EV_OK;
	if (n < 0)
		return ev_fail_sys(err, "cannot hear the reading child");
	*gone = n == 0;
	ev_frame_fed(&child->in, (size_t)n);
	child->heard = now_ms();
	rc = hear_frames(child, err);
	if (rc == EV_INPUT && child->hear.lied)
		return ev_child_bury(child, CHILD_LIED, err->msg, err);
	if (rc == EV_LIMIT && child->hear.lied)
		return ev_child_bury(child, CHILD_FLOODED, err->msg, err);
	if (rc == EV_OK && *gone)
		rc = ev_child_bury(child, CHILD_ENDED, "", err);
	return rc;
}

/* Milliseconds until the child has been silent for too long. */
static int
patience(const struct ev_child *child)
{
	int64_t left = child->heard + child->limits.stall * 1000 - now_ms();

	if (left < 0)
		return 0;
	return left < 60000 ? (int)left : 60000;
}

/* Move what can be moved; wait for something to move where wait is set. */
static enum ev_rc
turn(struct ev_child *child, bool wait, bool *moved, struct ev_err *err)
{
	struct ev_proc *proc = &child->proc;
	bool writing = child->out_pos < child->out.len, gone;
	struct pollfd fds[] = { { .fd = proc->frames, .events = POLLIN },
		{ .fd = proc->errors, .events = POLLIN },
		{ .fd = writing ? proc->job : -1, .events = POLLOUT } };
	enum ev_rc rc = EV_OK;
	int n;

	*moved = false;
	n = poll(fds, 3, wait ? patience(child) : 0);
	if (n < 0 && errno == EINTR)
		return EV_OK;
	if (n < 0)
		return ev_fail_sys(err, "cannot wait for the reading child");
	if (n == 0) {
		if (wait && patience(child) == 0)
			return ev_child_bury(child, CHILD_STALLED, "", err);
		return EV_OK;
	}
	*moved = true;
	if (fds[1].revents != 0)
		rc = ev_proc_hear_errors(proc, err);
	if (rc == EV_OK && (fds[2].revents & POLLOUT) != 0)
		rc = write_out(child, err);
	if (rc == EV_OK && fds[0].revents != 0)
		rc = read_frames(child, &gone, err);
	return rc;
}

/* Until at most that many are in the queue, or (no wait) nothing moves. */
static enum ev_rc
pump(struct ev_child *child, bool wait, size_t most, struct ev_err *err)
{
	bool moved = true;
	enum ev_rc rc = EV_OK;

	if (child->failed)
		return ev_fail(err, EV_USE, "this reading child has failed");
	child->heard = now_ms();
	while (rc == EV_OK && child->queued > most && (wait || moved)) {
		while ((rc = feed(child, err)) == EV_OK)
			;
		if (rc == EV_EOF)
			rc = turn(child, wait, &moved, err);
	}
	child->failed = rc != EV_OK;
	return rc;
}

enum ev_rc
ev_child_start(struct ev_child **out, const struct ev_child_opts *opts,
    const struct ev_child_events *events, struct ev_err *err)
{
	struct ev_child *child;
	bool moved;
	enum ev_rc rc;

	*out = NULL;
	child = calloc(1, sizeof(*child));
	if (child == NULL)
		return ev_fail_sys(err, "cannot start a reading child");
	child->opts = *opts;
	child->events = *events;
	child->exhibit_fd = -1;
	TAILQ_INIT(&child->queue);
	ev_proc_init(&child->proc);
	ev_buf_init(&child->setup, SETUP_MAX);
	ev_buf_init(&child->out, OUT_MAX);
	ev_frame_in_init(&child->in);
	rc = ev_limits_parse(&child->limits, opts->limits,
	    opts->formats != NULL && opts->formats[0] != '\0', err);
	if (rc == EV_OK)
		rc = make_setup(&child->setup, opts, err);
	if (rc == EV_OK)
		rc = start_process(child, NULL, err);
	while (rc == EV_OK && !child->hear.hello)
		rc = turn(child, true, &moved, err);
	if (rc != EV_OK) {
		ev_child_free(child);
		return rc;
	}
	*out = child;
	return EV_OK;
}

enum ev_rc
ev_child_give(struct ev_child *child, const struct ev_child_exhibit *exhibit,
    struct ev_err *err)
{
	struct given *given;

	if (exhibit->size < 0 || (exhibit->data == NULL && exhibit->fd < 0))
		return ev_fail(err, EV_USE, "an exhibit without bytes");
	given = calloc(1, sizeof(*given));
	if (given == NULL)
		return ev_fail_sys(err, "cannot give an exhibit");
	given->exhibit = *exhibit;
	given->stop = -1;
	given->alone = exhibit->data == NULL || exhibit->size > SMALL;
	TAILQ_INSERT_TAIL(&child->queue, given, entry);
	child->queued++;
	if (child->next == NULL)
		child->next = given;
	if (child->queued % BURST != 0 && !given->alone)
		return EV_OK;
	return pump(child, false, 0, err);
}

enum ev_rc
ev_child_wait(struct ev_child *child, size_t most, struct ev_err *err)
{
	return pump(child, true, most, err);
}

enum ev_rc
ev_child_drain(struct ev_child *child, struct ev_err *err)
{
	return pump(child, true, 0, err);
}

const struct ev_child_cage *
ev_child_cage(const struct ev_child *child)
{
	return &child->hear.cage;
}

void
ev_child_forget(struct ev_child *child, struct given *given)
{
	size_t i;

	if (child->next == given)
		child->next = TAILQ_NEXT(given, entry);
	child->queued--;
	for (i = 0; i < given->dead_count; i++)
		free(given->messages[i]);
	free(given);
}

void
ev_child_free(struct ev_child *child)
{
	struct given *given;

	if (child == NULL)
		return;
	while ((given = TAILQ_FIRST(&child->queue)) != NULL) {
		TAILQ_REMOVE(&child->queue, given, entry);
		child->next = NULL;
		ev_child_forget(child, given);
	}
	stop_process(child);
	ev_proc_release(&child->proc);
	ev_buf_release(&child->setup);
	ev_buf_release(&child->out);
	free(child);
}

enum ev_rc
ev_child_parser(struct ev_buf *path, struct ev_err *err)
{
	struct ev_buf dir;
	enum ev_rc rc;

	ev_buf_init(&dir, PATHS_MAX);
	rc = ev_fs_self(&dir, err);
	if (rc == EV_OK)
		rc = ev_buf_printf(path, err, "%s/../libexec/evidence/ev-parse",
		    ev_buf_text(&dir));
	ev_buf_release(&dir);
	return rc;
}
