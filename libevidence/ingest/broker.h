/* Reading children, started by one process for another that may start none. */
#ifndef EV_INGEST_BROKER_H
#define EV_INGEST_BROKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"
#include "ingest/proc.h"

/*
 * A caged process can neither fork nor open.  It asks over a socket
 * (SOCK_SEQPACKET); the other end starts ev-parse in a cage of its own, with
 * a span of one file as its exhibit, and sends back the pipes.  Numbers are
 * all that goes down: whoever answers reads nothing foreign.
 */
enum { EV_BROKER_PROCS = 4 }; /* at once */

/* The asking end. */
struct ev_broker {
	int socket;
};

/* As ev_proc_start(); pid is then a number of the broker's. */
EV_CHECK
enum ev_rc ev_broker_start(struct ev_proc *proc,
    const struct ev_proc_opts *opts, struct ev_err *err);
/* End it or wait for its end: status as of waitpid(2); -1: nobody answers. */
int ev_broker_end(const struct ev_proc *proc, bool kill, int64_t *cpu_us);

/* The answering end. */
struct ev_broker_server {
	int socket;
	int source;         /* the file whose spans are handed on */
	int64_t size;       /* of it */
	const char *parser; /* path of ev-parse */
	bool no_sandbox;
	struct ev_proc proc[EV_BROKER_PROCS];
};

void ev_broker_init(struct ev_broker_server *server);
/*
 * Answer one request.  EV_EOF: the other end is closed.  EV_INPUT: it asked
 * for what cannot be, and deserves no further answer.
 */
EV_CHECK
enum ev_rc ev_broker_serve(struct ev_broker_server *server, struct ev_err *err);
/* Ends what still runs. */
void ev_broker_release(struct ev_broker_server *server);

#endif
