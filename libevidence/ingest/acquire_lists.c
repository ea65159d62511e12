/* The lists of an acquisition that enter the log by their roots. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ingest/acquire_lists.h"
#include "ingest/lines.h"

/* Rows are read in their order: a small cache does. */
enum { PATH_LIMIT = 8192, CACHE_KIB = 8192 };

void
ev_lists_init(struct ev_lists *l)
{
	memset(l, 0, sizeof(*l));
}

void
ev_lists_release(struct ev_lists *l)
{
	if (l->running)
		(void)pthread_join(l->thread, NULL);
	l->running = false;
	while (l->made > 0)
		ev_list_release(&l->list[--l->made]);
	if (l->own)
		ev_db_close(l->db);
	l->db = NULL;
}

/* The keys come from the case, so this is done by the thread that has it. */
static enum ev_rc
make(struct ev_lists *l, struct ev_case *c, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && l->made < EV_LISTS) {
		rc = ev_list_init(&l->list[l->made], c, l->name[l->made], err);
		if (rc == EV_OK)
			l->made++;
	}
	return rc;
}

static void *
copied(void *arg)
{
	struct ev_lists *l = arg;

	l->rc = ev_lines_exhibits(l->db, l->number, ev_list_line,
	    &l->list[EV_LISTS_FIRST], &l->err);
	if (l->rc == EV_OK)
		l->rc = ev_lines_artifacts(l->db, l->number, ev_list_line,
		    &l->list[EV_LISTS_SECOND], &l->err);
	return NULL;
}

static void *
facts(void *arg)
{
	struct ev_lists *l = arg;

	l->rc = ev_lines_facts_to_come(l->db, l->number, ev_list_line,
	    &l->list[EV_LISTS_FIRST], &l->err);
	return NULL;
}

static enum ev_rc
second_handle(struct ev_lists *l, struct ev_acquire *a, struct ev_err *err)
{
	struct ev_buf path;
	enum ev_rc rc;

	ev_buf_init(&path, PATH_LIMIT);
	rc = ev_buf_printf(&path, err, "%s/case.db", ev_case_info(a->c)->dir);
	if (rc == EV_OK)
		rc = ev_db_open(&l->db, ev_buf_text(&path), EV_DB_READ, err);
	l->own = rc == EV_OK;
	ev_buf_release(&path);
	return rc == EV_OK ? ev_db_cache(l->db, CACHE_KIB, err) : rc;
}

/* Over what is committed by now; the next batch is begun. */
static enum ev_rc
begin_thread(struct ev_lists *l, struct ev_acquire *a, void *(*work)(void *),
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_acquire_commit(a, err);
	if (rc == EV_OK)
		rc = second_handle(l, a, err);
	if (rc == EV_OK)
		rc = ev_acquire_begin(a, err);
	if (rc != EV_OK)
		return rc;
	errno = pthread_create(&l->thread, NULL, work, l);
	if (errno != 0)
		return ev_fail_sys(err, "cannot start a thread");
	l->running = true;
	return EV_OK;
}

enum ev_rc
ev_lists_copied(struct ev_lists *l, struct ev_acquire *a, struct ev_err *err)
{
	enum ev_rc rc;

	l->number = a->acquisition;
	(void)snprintf(l->name[EV_LISTS_FIRST], EV_LIST_NAME, "exhibits I%06jd",
	    (intmax_t)a->acquisition);
	(void)snprintf(l->name[EV_LISTS_SECOND], EV_LIST_NAME,
	    "artifacts I%06jd", (intmax_t)a->acquisition);
	rc = make(l, a->c, err);
	if (rc == EV_OK && a->opts->dry_run) {
		l->db = a->db;
		(void)copied(l);
		return EV_OK;
	}
	return rc == EV_OK ? begin_thread(l, a, copied, err) : rc;
}

enum ev_rc
ev_lists_wait(struct ev_lists *l, struct ev_err *err)
{
	if (l->running)
		(void)pthread_join(l->thread, NULL);
	l->running = false;
	if (l->rc != EV_OK)
		*err = l->err;
	return l->rc;
}

enum ev_rc
ev_lists_to_come(struct ev_lists *l, struct ev_acquire *a, int64_t entry,
    struct ev_err *err)
{
	enum ev_rc rc;

	(void)snprintf(l->name[EV_LISTS_FIRST], EV_LIST_NAME, "facts %jd",
	    (intmax_t)entry);
	(void)snprintf(l->name[EV_LISTS_SECOND], EV_LIST_NAME, "readings %jd",
	    (intmax_t)entry);
	l->number = a->first_reading;
	rc = make(l, a->c, err);
	/* What was begun before counts too: which, only the entry tells. */
	if (rc != EV_OK || a->opts->dry_run || a->resumed)
		return rc;
	return begin_thread(l, a, facts, err);
}

enum ev_rc
ev_lists_read(struct ev_lists *l, struct ev_acquire *a, int64_t entry,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	if (!l->running)
		rc = ev_lines_facts(a->db, entry, ev_list_line,
		    &l->list[EV_LISTS_FIRST], err);
	if (rc == EV_OK)
		rc = ev_lines_readings(a->db, entry, ev_list_line,
		    &l->list[EV_LISTS_SECOND], err);
	return rc == EV_OK ? ev_lists_wait(l, err) : rc;
}

enum ev_rc
ev_lists_write(struct ev_lists *l, struct ev_jw *w, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_jw_array(w);
	for (i = 0; rc == EV_OK && i < EV_LISTS; i++)
		rc = ev_list_write(&l->list[i], l->name[i], w, err);
	ev_jw_close(w);
	return rc;
}
