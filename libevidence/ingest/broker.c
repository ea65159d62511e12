/* Reading children, started by one process for another that may start none. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ingest/broker.h"
#include "ingest/child.h"
#include "ingest/handon.h"

enum { PIPES = 4, MESSAGE = 256 };

enum what { ASK_START = 1, ASK_END, ASK_KILL };

struct ask {
	uint32_t what;
	uint32_t number; /* of the process; 0: none yet */
	uint64_t memory, cpu;
	int64_t offset, size; /* of the exhibit; size -1: none */
};

struct answer {
	uint32_t number; /* 0: it could not be started */
	int32_t status;
	int64_t cpu_us;
	char why[MESSAGE];
};

/* One packet, whole, and the descriptors that came with it. */
static bool
receive(int socket, void *data, size_t len, int fd[PIPES], size_t *fds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * PIPES)];
	} room;
	struct iovec io = { data, len };
	struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1 };
	const struct cmsghdr *c;
	ssize_t n;

	memset(&room, 0, sizeof(room));
	msg.msg_control = room.bytes;
	msg.msg_controllen = sizeof(room.bytes);
	*fds = 0;
	do {
		n = recvmsg(socket, &msg, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	c = CMSG_FIRSTHDR(&msg);
	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS) {
		*fds = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fd, CMSG_DATA(c), *fds * sizeof(int));
	}
	return n == (ssize_t)len;
}

static bool
ask(int socket, const struct ask *question, struct answer *answer,
    int fd[PIPES], size_t *fds)
{
	ssize_t n;

	*fds = 0;
	do {
		n = write(socket, question, sizeof(*question));
	} while (n < 0 && errno == EINTR);
	if (n != (ssize_t)sizeof(*question) ||
	    !receive(socket, answer, sizeof(*answer), fd, fds))
		return false;
	answer->why[MESSAGE - 1] = '\0';
	return true;
}

enum ev_rc
ev_broker_start(struct ev_proc *proc, const struct ev_proc_opts *opts,
    struct ev_err *err)
{
	const struct ask question = { .what = ASK_START,
		.memory = opts->memory,
		.cpu = opts->cpu,
		.offset = opts->offset,
		.size = opts->span ? opts->size : -1 };
	struct answer answer;
	int fd[PIPES];
	size_t fds;

	if (!ask(opts->broker->socket, &question, &answer, fd, &fds))
		return ev_fail(err, EV_SYS,
		    "nobody starts a reading child any more");
	if (answer.number == 0 || fds != PIPES)
		return ev_fail(err, EV_SYS, "%s", answer.why);
	proc->pid = (pid_t)answer.number;
	proc->broker = opts->broker->socket;
	proc->job = fd[0];
	proc->job_in = fd[1];
	proc->frames = fd[2];
	proc->errors = fd[3];
	return EV_OK;
}

int
ev_broker_end(const struct ev_proc *proc, bool kill, int64_t *cpu_us)
{
	const struct ask question = { .what = kill ? ASK_KILL : ASK_END,
		.number = (uint32_t)proc->pid };
	struct answer answer;
	int fd[PIPES];
	size_t fds;

	*cpu_us = 0;
	if (!ask(proc->broker, &question, &answer, fd, &fds))
		return -1;
	*cpu_us = answer.cpu_us;
	return answer.status;
}

void
ev_broker_init(struct ev_broker_server *server)
{
	size_t i;

	memset(server, 0, sizeof(*server));
	server->socket = server->source = -1;
	for (i = 0; i < EV_BROKER_PROCS; i++)
		ev_proc_init(&server->proc[i]);
}

void
ev_broker_release(struct ev_broker_server *server)
{
	size_t i;

	for (i = 0; i < EV_BROKER_PROCS; i++)
		ev_proc_release(&server->proc[i]);
}

/* The pipes are the other's from here on. */
static enum ev_rc
send_answer(const struct ev_broker_server *server, struct answer *answer,
    struct ev_proc *proc, struct ev_err *err)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * PIPES)];
	} room;
	struct iovec io = { answer, sizeof(*answer) };
	struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t n;

	memset(&room, 0, sizeof(room));
	if (proc != NULL) {
		const int fd[PIPES] = { proc->job, proc->job_in, proc->frames,
			proc->errors };

		msg.msg_control = room.bytes;
		msg.msg_controllen = sizeof(room.bytes);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(fd));
		memcpy(CMSG_DATA(c), fd, sizeof(fd));
	}
	do {
		n = sendmsg(server->socket, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (proc != NULL)
		ev_proc_let_go(proc);
	return n == (ssize_t)sizeof(*answer)
		   ? EV_OK
		   : ev_fail_sys(err, "cannot answer the caged process");
}

static enum ev_rc
open_span(const struct ev_broker_server *server, const struct ask *question,
    int *fd, struct ev_err *err)
{
	const struct ev_child_exhibit exhibit = { .fd = server->source,
		.offset = question->offset,
		.size = question->size };

	if (question->offset < 0 || question->size < 0 ||
	    question->size > server->size ||
	    question->offset > server->size - question->size)
		return ev_fail(err, EV_INPUT,
		    "an exhibit was asked for that is not in the file");
	return ev_hand_on(fd, &exhibit, err);
}

static enum ev_rc
start(struct ev_broker_server *server, const struct ask *question,
    struct ev_err *err)
{
	struct ev_proc_opts opts = { .program = server->parser,
		.exhibit = -1,
		.memory = question->memory,
		.cpu = question->cpu,
		.no_sandbox = server->no_sandbox };
	struct answer answer = { .number = 0 };
	struct ev_proc *proc;
	struct ev_err why;
	enum ev_rc rc = EV_OK;
	uint32_t n = 0;

	while (n < EV_BROKER_PROCS && server->proc[n].pid > 0)
		n++;
	if (n == EV_BROKER_PROCS)
		return ev_fail(err, EV_INPUT,
		    "too many reading children were asked for");
	proc = &server->proc[n];
	if (question->size != -1) {
		rc = open_span(server, question, &opts.exhibit, err);
		if (rc == EV_INPUT)
			return rc;
	}
	if (rc == EV_OK)
		rc = ev_proc_start(proc, &opts, &why);
	else
		why = *err;
	if (opts.exhibit >= 0)
		(void)close(opts.exhibit);
	if (rc == EV_OK)
		answer.number = n + 1;
	else
		(void)snprintf(answer.why, sizeof(answer.why), "%.255s",
		    why.msg);
	return send_answer(server, &answer, rc == EV_OK ? proc : NULL, err);
}

enum ev_rc
ev_broker_serve(struct ev_broker_server *server, struct ev_err *err)
{
	struct answer answer = { .number = 0 };
	struct ask question;
	struct ev_proc *proc;
	int fd[PIPES];
	size_t fds, i;
	bool whole;

	whole = receive(server->socket, &question, sizeof(question), fd, &fds);
	for (i = 0; i < fds; i++)
		(void)close(fd[i]);
	if (!whole)
		return EV_EOF;
	if (question.what == ASK_START)
		return start(server, &question, err);
	if (question.number < 1 || question.number > EV_BROKER_PROCS ||
	    (question.what != ASK_END && question.what != ASK_KILL))
		return ev_fail(err, EV_INPUT,
		    "the caged process asked for something unknown");
	proc = &server->proc[question.number - 1];
	answer.number = question.number;
	answer.status = ev_proc_end(proc, question.what == ASK_KILL);
	answer.cpu_us = proc->cpu_us;
	return send_answer(server, &answer, NULL, err);
}
