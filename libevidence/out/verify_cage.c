/* The checks of a bundle, run in a caged process of their own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/sandbox.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "ingest/broker.h"
#include "ingest/child.h"
#include "out/verify_cage.h"

enum {
	SOURCE = 3, /* the child's descriptors: the bundle, */
	SAY,        /* findings go up here, */
	ASK,        /* and readers are asked for here */
	HASH_TO,    /* and long entries are hashed beside */
	HASH_FROM,
	FIRST_OTHER,
	GIVEN = HASH_TO,
	HIGH = 10,
	TEXT = 64 << 10,
	CHUNK = 64 << 10,
	CPU = 3600, /* seconds, and per GiB: */
	CPU_GIB = 240,
	GIB_SHIFT = 30,
	SORTED = 4096,
};
static const uint64_t MEMORY = UINT64_C(4) << 30;

static const char *const groups[] = { "container", "payload", "signatures",
	"time", "log", "facts", "claims", "report" };
enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

enum kind { SAYS_FINDING = 1, SAYS_END };

/* What goes up the pipe: this, and len bytes of text. */
struct says {
	uint32_t kind, state, group;
	uint32_t rc, failed, untrusted;
	int32_t errnum;
	uint32_t len;
	struct ev_verify_volume volume;
};

/* The parent's view of the child. */
struct cage {
	struct verify *v;
	struct ev_broker_server server;
	struct ev_buf heard;
	pid_t pid;
	int say;
	size_t last; /* group of the last finding */
	bool ended, lied;
	enum ev_rc rc;
	struct ev_err why;
};

/* In the child. */

static void
say(const struct says *head, const char *text)
{
	struct ev_err err;

	/* Nobody hears: there is nothing left to do. */
	if (ev_fs_write(SAY, head, sizeof(*head), &err) != EV_OK ||
	    ev_fs_write(SAY, text, head->len, &err) != EV_OK)
		_exit(2);
}

static void
say_finding(void *ctx, const struct ev_verify_finding *f)
{
	struct says head = { .kind = SAYS_FINDING,
		.state = (uint32_t)f->state,
		.len = (uint32_t)strlen(f->what) };

	(void)ctx;
	while (head.group < GROUPS - 1 &&
	       strcmp(groups[head.group], f->group) != 0)
		head.group++;
	say(&head, f->what);
}

static void
say_end(const struct verify *v, enum ev_rc rc, const struct ev_err *err)
{
	const char *text = rc == EV_OK ? "" : err->msg;
	const struct says head = { .kind = SAYS_END,
		.rc = (uint32_t)rc,
		.failed = v->failed,
		.untrusted = v->untrusted,
		.errnum = rc == EV_OK ? 0 : err->errnum,
		.len = (uint32_t)strlen(text),
		.volume = v->volume };

	say(&head, text);
}

/* 0 to 2 lead nowhere, 3 to 5 are the three given; others follow. */
static bool
keep_descriptors(int source, int say_to, int ask_at)
{
	int fd[GIVEN] = { -1, -1, -1, source, say_to, ask_at }, i;

	fd[0] = fd[1] = fd[2] = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (i = 0; i < GIVEN; i++) {
		fd[i] = fcntl(fd[i], F_DUPFD_CLOEXEC, HIGH);
		if (fd[i] < 0)
			return false;
	}
	for (i = 0; i < GIVEN; i++) {
		if (dup2(fd[i], i) < 0)
			return false;
	}
	return true;
}

static struct ev_sandbox_limits
limits_of(const struct verify *v)
{
	const uint64_t gib = (uint64_t)v->source.size >> GIB_SHIFT;
	const struct ev_sandbox_limits limits = { .memory = MEMORY,
		.cpu = CPU + CPU_GIB * gib };

	return limits;
}

/* A process in the same cage, for one hash of two; none: both are made here. */
static void
begin_hasher(struct verify *v)
{
	const struct ev_sandbox_limits limits = limits_of(v);
	struct ev_sandbox_report report;
	int to[2], from[2];
	struct ev_err err;
	pid_t pid;

	if (pipe2(to, O_CLOEXEC) < 0)
		return;
	if (pipe2(from, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0) {
		if (dup3(to[0], HIGH, O_CLOEXEC) != HIGH ||
		    dup3(from[1], HIGH + 1, O_CLOEXEC) != HIGH + 1 ||
		    dup2(HIGH, HASH_TO) < 0 || dup2(HIGH + 1, HASH_FROM) < 0 ||
		    ev_sandbox_forked(FIRST_OTHER, &limits, &report, &err) !=
			EV_OK)
			_exit(2);
		verify_hash_serve(SOURCE, HASH_TO, HASH_FROM);
	}
	if (pid < 0 || dup3(to[1], HIGH, O_CLOEXEC) != HIGH ||
	    dup3(from[0], HIGH + 1, O_CLOEXEC) != HIGH + 1 ||
	    dup2(HIGH, HASH_TO) < 0 || dup2(HIGH + 1, HASH_FROM) < 0)
		return;
	v->hasher.to = HASH_TO;
	v->hasher.from = HASH_FROM;
}

static enum ev_rc
enter(struct verify *v, struct ev_err *err)
{
	const struct ev_sandbox_limits limits = limits_of(v);
	struct ev_sandbox_report report;
	enum ev_rc rc;

	rc = ev_sandbox_forked(FIRST_OTHER, &limits, &report, err);
	if (rc != EV_OK)
		return rc;
	if (report.landlock_abi == 0 && !report.seccomp)
		return ev_fail(err, EV_SYS,
		    "this system has neither Landlock nor seccomp: nothing is "
		    "read without a sandbox");
	if (report.landlock_abi == 0 || !report.seccomp)
		verify_say(v, "container", EV_VERIFY_NOTE,
		    "this system has no %s: the bundle is read with half a "
		    "sandbox",
		    report.seccomp ? "Landlock" : "seccomp");
	return EV_OK;
}

static _Noreturn void
be_child(struct verify *v, int say_to, int ask_at,
    enum ev_rc (*checks)(struct verify *v, struct ev_err *err))
{
	const struct ev_broker broker = { ASK };
	struct ev_err err = { .msg = "" };
	enum ev_rc rc;

	if (!keep_descriptors(v->fd, say_to, ask_at))
		_exit(2);
	v->fd = SOURCE;
	begin_hasher(v);
	v->broker = &broker;
	v->found = say_finding;
	rc = enter(v, &err);
	if (rc == EV_OK)
		rc = checks(v, &err);
	say_end(v, rc, &err);
	_exit(0);
}

/* In the parent. */

static int
by_byte(const void *a, const void *b)
{
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

/* What the C library and OpenSSL would otherwise open files for. */
static enum ev_rc
warm_up(struct ev_err *err)
{
	unsigned char hash[EV_SHA256], *bytes;
	struct ev_clock now;
	enum ev_rc rc;

	tzset();
	bytes = calloc(1, SORTED);
	if (bytes == NULL)
		return ev_fail_sys(err, "cannot begin");
	qsort(bytes, SORTED, 1, by_byte); /* asks for the machine's memory */
	free(bytes);
	rc = ev_when_now(&now, err);
	return rc == EV_OK ? ev_sha256(hash, "", 0, err) : rc;
}

/* One message, whole; false: it is none of ours. */
static bool
take(struct cage *c, const struct says *head, const char *text)
{
	const struct ev_verify_finding f = {
		.group = groups[head->group < GROUPS ? head->group : 0],
		.state = (enum ev_verify_state)head->state,
		.what = text,
	};

	if (strlen(text) != head->len || !ev_text_is_utf8(text, head->len) ||
	    c->ended || head->group >= GROUPS || head->state > EV_VERIFY_NOTE ||
	    head->rc > EV_CRYPTO)
		return false;
	if (head->kind == SAYS_FINDING) {
		c->last = head->group;
		c->v->failed = c->v->failed || f.state == EV_VERIFY_FAILED;
		c->v->found(c->v->ctx, &f);
		return true;
	}
	c->ended = true;
	c->v->failed = c->v->failed || head->failed != 0;
	c->v->untrusted = head->untrusted != 0;
	c->v->volume = head->volume;
	c->rc = (enum ev_rc)head->rc;
	c->why.rc = c->rc;
	c->why.errnum = head->errnum;
	(void)snprintf(c->why.msg, sizeof(c->why.msg), "%s", text);
	return head->kind == SAYS_END;
}

static void
take_all(struct cage *c)
{
	char text[TEXT + 1];
	struct says head;
	size_t at = 0;

	while (!c->lied && c->heard.len - at >= sizeof(head)) {
		memcpy(&head, c->heard.data + at, sizeof(head));
		if (head.len > TEXT) {
			c->lied = true;
			break;
		}
		if (c->heard.len - at - sizeof(head) < head.len)
			break;
		memcpy(text, c->heard.data + at + sizeof(head), head.len);
		text[head.len] = '\0';
		c->lied = !take(c, &head, text);
		at += sizeof(head) + head.len;
	}
	c->heard.len -= at;
	if (at > 0)
		memmove(c->heard.data, c->heard.data + at, c->heard.len);
}

/* EV_EOF: nothing more will come. */
static enum ev_rc
hear(struct cage *c, struct ev_err *err)
{
	enum ev_rc rc;
	ssize_t n;

	rc = ev_buf_reserve(&c->heard, CHUNK, err);
	if (rc != EV_OK)
		return rc;
	n = read(c->say, c->heard.data + c->heard.len, CHUNK);
	if (n < 0)
		return errno == EINTR
			   ? EV_OK
			   : ev_fail_sys(err, "cannot hear the caged process");
	c->heard.len += (size_t)n;
	take_all(c);
	return n == 0 || c->lied ? EV_EOF : EV_OK;
}

/* Until it ends: its findings are passed on, its readers are started. */
static enum ev_rc
attend(struct cage *c, struct ev_err *err)
{
	struct pollfd fds[] = { { .fd = c->say, .events = POLLIN },
		{ .fd = c->server.socket, .events = POLLIN } };
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK) {
		if (poll(fds, 2, -1) < 0) {
			if (errno == EINTR)
				continue;
			return ev_fail_sys(err, "cannot wait");
		}
		if (fds[1].revents != 0) {
			rc = ev_broker_serve(&c->server, err);
			c->lied = rc == EV_INPUT;
			if (rc == EV_EOF) {
				fds[1].fd = -1;
				rc = EV_OK;
			}
		}
		if (rc == EV_OK && fds[0].revents != 0)
			rc = hear(c, err);
	}
	return rc == EV_EOF || rc == EV_INPUT ? EV_OK : rc;
}

/* It did not end as it should: that is the bundle's doing. */
static void
say_death(struct cage *c, int status)
{
	const char *group = groups[c->last];

	if (c->lied)
		verify_say(c->v, group, EV_VERIFY_FAILED,
		    "the process that reads the bundle was taken over: it "
		    "said what it cannot say, and was ended");
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		verify_say(c->v, group, EV_VERIFY_FAILED,
		    "limit-cpu: reading the bundle took too much processor "
		    "time");
	else if (WIFSIGNALED(status))
		verify_say(c->v, group, EV_VERIFY_FAILED,
		    "the process that reads the bundle was ended by SIG%s; "
		    "what comes behind the last line was not checked",
		    sigabbrev_np(WTERMSIG(status)));
	else
		verify_say(c->v, group, EV_VERIFY_FAILED,
		    "the process that reads the bundle ended early, with "
		    "status %d; what comes behind the last line was not "
		    "checked",
		    WEXITSTATUS(status));
}

static enum ev_rc
bury(struct cage *c, struct ev_err *err)
{
	int status = 0;

	if (!c->ended)
		(void)kill(c->pid, SIGKILL);
	while (waitpid(c->pid, &status, 0) < 0) {
		if (errno != EINTR)
			return ev_fail_sys(err, "cannot wait");
	}
	c->pid = -1;
	if (!c->ended || c->lied) {
		say_death(c, status);
		return EV_OK;
	}
	if (c->rc != EV_OK)
		*err = c->why;
	return c->rc;
}

static enum ev_rc
begin(struct cage *c,
    enum ev_rc (*checks)(struct verify *v, struct ev_err *err),
    struct ev_err *err)
{
	int say_pipe[2] = { -1, -1 }, ask[2] = { -1, -1 };
	enum ev_rc rc = EV_OK;

	if (pipe2(say_pipe, O_CLOEXEC) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ask) < 0)
		rc = ev_fail_sys(err, "cannot make a pipe");
	if (rc == EV_OK) {
		c->pid = fork();
		if (c->pid == 0)
			be_child(c->v, say_pipe[1], ask[1], checks);
		if (c->pid < 0)
			rc = ev_fail_sys(err, "cannot begin a caged process");
	}
	if (say_pipe[1] >= 0)
		(void)close(say_pipe[1]);
	if (ask[1] >= 0)
		(void)close(ask[1]);
	c->say = say_pipe[0];
	c->server.socket = ask[0];
	return rc;
}

enum ev_rc
verify_caged(struct verify *v,
    enum ev_rc (*checks)(struct verify *v, struct ev_err *err),
    struct ev_err *err)
{
	struct cage c = { .v = v, .pid = -1, .say = -1 };
	struct ev_buf parser;
	struct ev_err after;
	enum ev_rc rc;

	ev_broker_init(&c.server);
	ev_buf_init(&c.heard, (size_t)4 * TEXT);
	ev_buf_init(&parser, TEXT);
	rc = ev_child_parser(&parser, err);
	if (rc == EV_OK)
		rc = warm_up(err);
	c.server.source = v->fd;
	c.server.size = v->source.size;
	c.server.parser = ev_buf_text(&parser);
	if (rc == EV_OK)
		rc = begin(&c, checks, err);
	if (rc == EV_OK)
		rc = attend(&c, err);
	if (c.pid > 0 && rc == EV_OK)
		rc = bury(&c, err);
	else if (c.pid > 0)
		(void)bury(&c, &after);
	ev_broker_release(&c.server);
	if (c.say >= 0)
		(void)close(c.say);
	if (c.server.socket >= 0)
		(void)close(c.server.socket);
	ev_buf_release(&c.heard);
	ev_buf_release(&parser);
	return rc;
}
