/* When a reading child dies: who did it, and what is read again. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "evidence/text.h"
#include "ingest/child_state.h"

enum { MESSAGE = 400, SAID = 160 };

static const int64_t MILLION = 1000000;

/* How the process ended, as a reason of captures.md and a sentence. */
struct verdict {
	const char *reason;
	char message[MESSAGE];
};

/* The first line of what it said, made safe. */
static void
last_words(const struct ev_proc *proc, struct verdict *verdict)
{
	struct ev_buf text;
	struct ev_err err;
	size_t len = strnlen(ev_buf_text(&proc->said), proc->said.len);

	ev_buf_init(&text, MESSAGE);
	len = len == 0 ? 0 : strcspn(ev_buf_text(&proc->said), "\n");
	if (len > SAID)
		len = SAID;
	if (len > 0 && ev_text_safe(&text, proc->said.data, len, EV_TEXT_NAME,
			   &err) == EV_OK) {
		len = strlen(verdict->message);
		(void)snprintf(verdict->message + len, MESSAGE - len, ": %s",
		    ev_buf_text(&text));
	}
	ev_buf_release(&text);
}

static void
judge_signal(const struct ev_child *child, int signal, struct verdict *verdict)
{
	const char *name = sigabbrev_np(signal);
	bool spent =
	    child->proc.cpu_us + MILLION / 2 >= (int64_t)child->cpu * MILLION;

	/* A limit that is soft and hard at once ends in SIGKILL. */
	if (signal == SIGXCPU || (signal == SIGKILL && spent)) {
		verdict->reason = "limit-cpu";
		(void)snprintf(verdict->message, MESSAGE,
		    "reading took more than %ju seconds of processor time",
		    (uintmax_t)child->cpu);
		return;
	}
	(void)snprintf(verdict->message, MESSAGE,
	    signal == SIGSYS ? "the reader was ended by SIG%s: it asked for "
			       "what its sandbox "
			       "refuses"
			     : "the reader was ended by SIG%s",
	    name == NULL ? "?" : name);
}

static void
judge(const struct ev_child *child, enum child_end end, const char *why,
    int status, struct verdict *verdict)
{
	verdict->reason = "reader-died";
	switch (end) {
	case CHILD_STALLED:
		verdict->reason = "limit-stall";
		(void)snprintf(verdict->message, MESSAGE,
		    "the reader said nothing for %jd seconds",
		    (intmax_t)child->limits.stall);
		return;
	case CHILD_FLOODED:
		verdict->reason = "limit-output";
		(void)snprintf(verdict->message, MESSAGE, "%s", why);
		return;
	case CHILD_LIED:
		(void)snprintf(verdict->message, MESSAGE, "%s", why);
		return;
	case CHILD_ENDED:
		break;
	}
	if (WIFSIGNALED(status)) {
		judge_signal(child, WTERMSIG(status), verdict);
		return;
	}
	(void)snprintf(verdict->message, MESSAGE,
	    "the reader ended with status %d", WEXITSTATUS(status));
	last_words(&child->proc, verdict);
}

/* Nothing of the exhibit can be read: the parent says so in its stead. */
static enum ev_rc
give_up(struct ev_child *child, struct given *given,
    const struct verdict *verdict, struct ev_err *err)
{
	const struct ev_child_events *to = &child->events;
	const struct ev_member member = { .parent = -1,
		.path = given->exhibit.name,
		.path_len = given->exhibit.name_len,
		.declared_size = given->exhibit.size,
		.type = 'f' };
	const struct ev_set_aside what = { .mapping = -1,
		.length = given->exhibit.size,
		.reason = verdict->reason,
		.message = verdict->message };
	const struct ev_member_total total = { .outcome = EV_O_FAILED,
		.fingerprint = "",
		.message = verdict->message };
	enum ev_rc rc;

	rc = to->exhibit_begin(to->ctx, given->exhibit.tag, err);
	if (rc == EV_OK)
		rc = to->member(to->ctx, &member, err);
	if (rc == EV_OK)
		rc = to->set_aside(to->ctx, 0, &what, err);
	if (rc == EV_OK)
		rc = to->total(to->ctx, 0, &total, err);
	if (rc == EV_OK)
		rc = to->exhibit_end(to->ctx, given->exhibit.tag, err);
	TAILQ_REMOVE(&child->queue, given, entry);
	ev_child_forget(child, given);
	return rc;
}

static bool
is_dead(const struct given *given, int64_t ordinal)
{
	size_t i;

	for (i = 0; i < given->dead_count; i++) {
		if (given->dead[i].ordinal == ordinal)
			return true;
	}
	return false;
}

/* This member is passed over from now on. */
static enum ev_rc
add_dead(struct given *given, int64_t ordinal, int64_t offset,
    const struct verdict *verdict, struct ev_err *err)
{
	struct ev_hear_dead *dead = &given->dead[given->dead_count];
	char *message;

	message = malloc(MESSAGE + 40);
	if (message == NULL)
		return ev_fail_sys(err, "cannot note a death");
	(void)snprintf(message, MESSAGE + 40, "%s, after byte %jd",
	    verdict->message, (intmax_t)offset);
	dead->ordinal = ordinal;
	dead->reason = verdict->reason;
	dead->message = given->messages[given->dead_count] = message;
	dead->offset = offset;
	given->dead_count++;
	return EV_OK;
}

/*
 * After a death the exhibits in hand are read again, each by a process of
 * its own.  The one that was being read is read carefully, and when that
 * fails as well, the member is known: it is passed over.  What cannot be
 * passed over ends the reading there; what fails even then, all of it.
 */
static enum ev_rc
punish(struct ev_child *child, const struct verdict *verdict,
    struct ev_err *err)
{
	struct given *given = TAILQ_FIRST(&child->queue);
	int64_t ordinal, offset;

	ordinal = ev_hear_current(&child->hear, &offset);
	if (!child->alone || !given->careful) {
		given->careful = true;
		return EV_OK;
	}
	if (ordinal == 0 || given->stop >= 0)
		return give_up(child, given, verdict, err);
	if (is_dead(given, ordinal) || given->dead_count == EV_FRAME_SKIPS) {
		given->stop = ordinal;
		return EV_OK;
	}
	return add_dead(given, ordinal, offset, verdict, err);
}

enum ev_rc
ev_child_bury(struct ev_child *child, enum child_end end, const char *why,
    struct ev_err *err)
{
	bool idle = TAILQ_FIRST(&child->queue) == child->next;
	struct verdict verdict = { .message = "" };
	struct given *given;
	char said[MESSAGE];
	int status;

	(void)snprintf(said, sizeof(said), "%s", why);
	status = ev_proc_end(&child->proc, end != CHILD_ENDED);
	judge(child, end, said, status, &verdict);
	if (child->exhibit_fd >= 0)
		(void)close(child->exhibit_fd);
	child->exhibit_fd = -1;
	ev_buf_clear(&child->out);
	child->out_pos = 0;
	ev_frame_in_release(&child->in);
	if (!child->hear.hello)
		return ev_fail(err, EV_SYS, "no reading child: %s",
		    verdict.message);
	if (idle)
		return EV_OK;
	for (given = TAILQ_FIRST(&child->queue); given != child->next;
	     given = TAILQ_NEXT(given, entry))
		given->alone = true;
	child->next = TAILQ_FIRST(&child->queue);
	return punish(child, &verdict, err);
}
