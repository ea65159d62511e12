/* One ev-parse as a process: its pipes, its cage, its end. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "ingest/broker.h"
#include "ingest/proc.h"

enum {
	SAID_MAX = 64 << 10,
	PIPE_SIZE = 1 << 20,
	EXHIBIT = 3, /* descriptor of the exhibit in the child */
	HIGH = 10,   /* first of the numbers that the pipes move to */
	MILLION = 1000000,
};

void
ev_proc_init(struct ev_proc *proc)
{
	memset(proc, 0, sizeof(*proc));
	proc->pid = -1;
	proc->broker = -1;
	proc->job = proc->job_in = proc->frames = proc->errors = -1;
	ev_buf_init(&proc->said, SAID_MAX + 1);
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}

static enum ev_rc
make_pipe(int *in, int *out, struct ev_err *err)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return ev_fail_sys(err, "cannot make a pipe");
	*in = fd[0];
	*out = fd[1];
	return EV_OK;
}

/* Larger pipes mean fewer wake-ups; a system that refuses them still works. */
static enum ev_rc
set_up_end(int fd, struct ev_err *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return ev_fail_sys(err, "cannot set up a pipe");
	(void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
	return EV_OK;
}

/* The child's ends, in the order of its descriptors. */
struct ends {
	int fd[4];
	int program;
};

static void
complain(const struct ev_err *err)
{
	ssize_t n;

	n = write(STDERR_FILENO, err->msg, strlen(err->msg));
	(void)n;
}

/*
 * Between fork and exec: only calls that are safe there.  The descriptors
 * first move out of each other's way.
 */
static _Noreturn void
become(struct ends *ends, const struct ev_proc_opts *opts)
{
	static char program[] = "ev-parse", free_flag[] = "-n";
	static char zone[] = "TZ=UTC0", locale[] = "LC_ALL=C.UTF-8";
#ifdef EV_SANITIZED
	/* The sandbox lets no leak checker look about; the parent has one. */
	static char asan[] = "ASAN_OPTIONS=detect_leaks=0";
	char *env[] = { zone, locale, asan, NULL };
#else
	char *env[] = { zone, locale, NULL };
#endif
	char *argv[] = { program, opts->no_sandbox ? free_flag : NULL, NULL };
	const struct ev_sandbox_limits limits = { .memory = opts->memory,
		.cpu = opts->cpu };
	struct ev_err err = { .msg = "" };
	int i;

	/* An interrupt from the terminal is for the parent to answer. */
	(void)setpgid(0, 0);
	for (i = 0; i < 4; i++) {
		if (ends->fd[i] >= 0)
			ends->fd[i] = fcntl(ends->fd[i], F_DUPFD_CLOEXEC, HIGH);
	}
	ends->program = fcntl(ends->program, F_DUPFD_CLOEXEC, HIGH);
	for (i = 0; i < 4; i++) {
		if (ends->fd[i] >= 0 && dup2(ends->fd[i], i) < 0)
			_exit(126);
	}
	if (ev_sandbox_parent(&limits, &err) != EV_OK) {
		complain(&err);
		_exit(126);
	}
	/* The cage closes all others at exec. */
	if (ends->fd[EXHIBIT] >= 0 && fcntl(EXHIBIT, F_SETFD, 0) < 0)
		_exit(126);
	(void)fexecve(ends->program, argv, env);
	(void)ev_fail_sys(&err, "cannot run it");
	complain(&err);
	_exit(127);
}

enum ev_rc
ev_proc_start(struct ev_proc *proc, const struct ev_proc_opts *opts,
    struct ev_err *err)
{
	struct ends ends = { .fd = { -1, -1, -1, opts->exhibit },
		.program = -1 };
	enum ev_rc rc;

	ev_buf_clear(&proc->said);
	proc->broker = -1;
	if (opts->broker != NULL)
		return ev_broker_start(proc, opts, err);
	ends.program = open(opts->program, O_PATH | O_CLOEXEC);
	if (ends.program < 0)
		return ev_fail_sys(err, "cannot find the reading child '%s'",
		    opts->program);
	rc = make_pipe(&proc->job_in, &proc->job, err);
	if (rc == EV_OK)
		rc = make_pipe(&proc->frames, &ends.fd[1], err);
	if (rc == EV_OK)
		rc = make_pipe(&proc->errors, &ends.fd[2], err);
	if (rc == EV_OK)
		rc = set_up_end(proc->job, err);
	if (rc == EV_OK)
		rc = set_up_end(proc->frames, err);
	if (rc == EV_OK)
		rc = set_up_end(proc->errors, err);
	if (rc != EV_OK)
		goto out;
	ends.fd[0] = proc->job_in;
	proc->pid = fork();
	if (proc->pid == 0)
		become(&ends, opts);
	if (proc->pid < 0)
		rc = ev_fail_sys(err, "cannot start a reading child");
out:
	close_fd(&ends.program);
	close_fd(&ends.fd[1]);
	close_fd(&ends.fd[2]);
	if (rc != EV_OK)
		(void)ev_proc_end(proc, true);
	return rc;
}

enum ev_rc
ev_proc_hear_errors(struct ev_proc *proc, struct ev_err *err)
{
	char text[4096];
	enum ev_rc rc;
	size_t room;
	ssize_t n;

	while (proc->errors >= 0) {
		n = read(proc->errors, text, sizeof(text));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return EV_OK;
		if (n <= 0) {
			close_fd(&proc->errors);
			return EV_OK;
		}
		/* The rest is read and dropped: it must not block. */
		room = SAID_MAX - proc->said.len;
		if ((size_t)n < room)
			room = (size_t)n;
		rc = ev_buf_put(&proc->said, text, room, err);
		if (rc != EV_OK)
			return rc;
	}
	return EV_OK;
}

int
ev_proc_end(struct ev_proc *proc, bool end)
{
	struct rusage used;
	struct ev_err err;
	int status = 0;

	memset(&used, 0, sizeof(used));
	if (proc->pid > 0 && proc->broker < 0 && end)
		(void)kill(proc->pid, SIGKILL);
	close_fd(&proc->job);
	close_fd(&proc->job_in);
	close_fd(&proc->frames);
	while (proc->pid > 0 && proc->broker < 0 &&
	       wait4(proc->pid, &status, 0, &used) < 0) {
		if (errno != EINTR)
			break;
	}
	proc->cpu_us = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * MILLION +
		       used.ru_utime.tv_usec + used.ru_stime.tv_usec;
	if (proc->pid > 0 && proc->broker >= 0)
		status = ev_broker_end(proc, end, &proc->cpu_us);
	proc->pid = -1;
	/* What cannot be heard any more is no loss. */
	if (ev_proc_hear_errors(proc, &err) != EV_OK)
		close_fd(&proc->errors);
	close_fd(&proc->errors);
	return status;
}

void
ev_proc_let_go(struct ev_proc *proc)
{
	close_fd(&proc->job);
	close_fd(&proc->job_in);
	close_fd(&proc->frames);
	close_fd(&proc->errors);
}

void
ev_proc_release(struct ev_proc *proc)
{
	(void)ev_proc_end(proc, true);
	ev_buf_release(&proc->said);
}
