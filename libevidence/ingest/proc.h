/* One ev-parse as a process: its pipes, its cage, its end. */
#ifndef EV_INGEST_PROC_H
#define EV_INGEST_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "evidence/buf.h"
#include "evidence/err.h"

struct ev_broker;

struct ev_proc {
	pid_t pid;  /* -1 none */
	int broker; /* socket to who started it; -1: we did */
	int job;    /* written to; non-blocking */
	int job_in; /* its other end, kept open: no write raises SIGPIPE */
	int frames; /* read from; non-blocking */
	int errors; /* read from; non-blocking */
	struct ev_buf said; /* on its standard error, at most 64 KiB */
	int64_t cpu_us;     /* processor time it took, once it has ended */
};

struct ev_proc_opts {
	const char *program;
	const struct ev_broker *broker; /* who starts it, or NULL: we do */
	int exhibit;                    /* becomes descriptor 3; -1 none */
	bool span; /* with a broker: this span of its file becomes it */
	int64_t offset, size;
	uint64_t memory; /* bytes; 0: the sandbox's default */
	uint64_t cpu;    /* seconds; 0: the sandbox's default */
	bool no_sandbox;
};

/* A process that is none: may be ended. */
void ev_proc_init(struct ev_proc *proc);

/*
 * Fork and exec with nothing but those descriptors and TZ=UTC0,
 * LC_ALL=C.UTF-8.  A program that cannot be run shows as one that ends at
 * once and says why.
 */
EV_CHECK
enum ev_rc ev_proc_start(struct ev_proc *proc, const struct ev_proc_opts *opts,
    struct ev_err *err);

/* Take in what stands on its standard error. */
EV_CHECK
enum ev_rc ev_proc_hear_errors(struct ev_proc *proc, struct ev_err *err);

/*
 * Close the pipes, end the process (by its id; kill) or wait for its end,
 * and tell the status as of waitpid(2).  What it said stays readable.
 */
int ev_proc_end(struct ev_proc *proc, bool kill);

/* Close the pipes, which others have by now; the process runs on. */
void ev_proc_let_go(struct ev_proc *proc);

void ev_proc_release(struct ev_proc *proc);

#endif
