/* The lists of an acquisition that enter the log by their roots. */
#ifndef EV_INGEST_ACQUIRE_LISTS_H
#define EV_INGEST_ACQUIRE_LISTS_H

#include <pthread.h>

#include "case/custody.h"
#include "ingest/acquire.h"

enum { EV_LISTS_FIRST, EV_LISTS_SECOND, EV_LISTS, EV_LIST_NAME = 64 };

/* Two lists that stand in one entry, in this order. */
struct ev_lists {
	char name[EV_LISTS][EV_LIST_NAME];
	struct ev_list list[EV_LISTS];
	size_t made;
	int64_t number; /* of what the lines are about */
	struct ev_db *db;
	bool own; /* db is a handle of this struct's, and a thread uses it */
	pthread_t thread;
	bool running;
	enum ev_rc rc;
	struct ev_err err;
};

void ev_lists_init(struct ev_lists *lists);
void ev_lists_release(struct ev_lists *lists);

/*
 * Exhibits and artifacts: commits what is pending, begins the next batch and
 * starts the work; ev_lists_wait() ends it.  A dry run does it at once.
 */
EV_CHECK
enum ev_rc ev_lists_copied(struct ev_lists *lists, struct ev_acquire *a,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_lists_wait(struct ev_lists *lists, struct ev_err *err);

/*
 * Facts of the readings that entry is going to count: as ev_lists_copied(),
 * unless the acquisition was resumed.
 */
EV_CHECK
enum ev_rc ev_lists_to_come(struct ev_lists *lists, struct ev_acquire *a,
    int64_t entry, struct ev_err *err);
/* What is left of facts and readings, now that entry counts them. */
EV_CHECK
enum ev_rc ev_lists_read(struct ev_lists *lists, struct ev_acquire *a,
    int64_t entry, struct ev_err *err);

/* The array of both, as custody.h has it. */
EV_CHECK
enum ev_rc ev_lists_write(struct ev_lists *lists, struct ev_jw *w,
    struct ev_err *err);

#endif
