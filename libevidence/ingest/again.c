/* Artifacts read anew: old facts stay, and no longer count. */
#include <stdlib.h>
#include <string.h>

#include "case/custody.h"
#include "ingest/acquire.h"

/* By hand: an entry quarantine names the exhibit or an artifact of it. */
#define NOT_SET_APART                                                     \
	" ((SELECT count(*) FROM log WHERE action = 'quarantine') = 0 OR" \
	" NOT EXISTS (SELECT 1 FROM log l JOIN artifact m ON m.exhibit =" \
	" e.id WHERE l.action = 'quarantine' AND (instr(l.leaf,"          \
	" printf('\"E%06d\"', e.id)) > 0 OR instr(l.leaf,"                \
	" printf('\"A%06d\"', m.id)) > 0)))"

/* Quarantined material is read under an authority that was named. */
static const char sql_all[] =
    "SELECT e.id FROM exhibit e JOIN acquisition q ON q.id = e.acquisition"
    " WHERE q.copy IS NOT NULL AND (?1 <> 0 OR (q.quarantine = '' "
    "AND" NOT_SET_APART ")) ORDER BY e.id";
static const char sql_one[] =
    "SELECT e.id, q.copy IS NOT NULL, ?2 <> 0 OR (q.quarantine = '' "
    "AND" NOT_SET_APART ") FROM artifact a JOIN exhibit e ON e.id = a.exhibit"
    " JOIN acquisition q ON q.id = e.acquisition WHERE a.id = ?1";

struct exhibits {
	int64_t *id;
	size_t count, cap;
};

static enum ev_rc
add(struct exhibits *list, int64_t id, struct ev_err *err)
{
	int64_t *grown;

	if (list->count > 0 && list->id[list->count - 1] == id)
		return EV_OK;
	if (list->count == list->cap) {
		grown =
		    realloc(list->id, (2 * list->cap + 64) * sizeof(*grown));
		if (grown == NULL)
			return ev_fail_sys(err, "cannot list the exhibits");
		list->id = grown;
		list->cap = 2 * list->cap + 64;
	}
	list->id[list->count++] = id;
	return EV_OK;
}

static enum ev_rc
list_all(struct ev_acquire *a, struct exhibits *list, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	int64_t id;
	enum ev_rc rc;

	rc = ev_db_prepare(a->db, &st, err, sql_all, "i", a->opts->authority);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "i", &id);
		if (rc == EV_OK)
			rc = add(list, id, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static int
compare(const void *a, const void *b)
{
	const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static enum ev_rc
list_one(struct ev_acquire *a, int64_t artifact, struct exhibits *list,
    struct ev_err *err)
{
	int64_t id = 0, copied = 0, open = 0;
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	rc = ev_db_prepare(a->db, &st, err, sql_one, "ii", artifact,
	    a->opts->authority);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "iii", &id, &copied, &open);
	ev_db_finish(st);
	if (rc == EV_EOF || (rc == EV_OK && copied == 0))
		return ev_fail(err, EV_INPUT, "no artifact A%06jd",
		    (intmax_t)artifact);
	if (rc == EV_OK && open == 0)
		return ev_fail(err, EV_USE,
		    "A%06jd is in quarantine: name the authority under which"
		    " it may be read",
		    (intmax_t)artifact);
	return rc == EV_OK ? add(list, id, err) : rc;
}

static enum ev_rc
list_exhibits(struct ev_acquire *a, struct exhibits *list, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i, kept = 0;

	if (a->again == NULL)
		return list_all(a, list, err);
	for (i = 0; rc == EV_OK && a->again[i] != 0; i++)
		rc = list_one(a, a->again[i], list, err);
	if (rc != EV_OK || list->count == 0)
		return rc;
	qsort(list->id, list->count, sizeof(*list->id), compare);
	for (i = 1; i < list->count; i++) {
		if (list->id[i] != list->id[kept])
			list->id[++kept] = list->id[i];
	}
	list->count = kept + 1;
	return EV_OK;
}

static enum ev_rc
read_all(struct ev_acquire *a, const struct exhibits *list, struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	rc = ev_acquire_begin(a, err);
	if (rc == EV_OK)
		rc = ev_maps_keep(&a->maps, a->c, err);
	for (i = 0; rc == EV_OK && i < list->count; i++) {
		rc = ev_slot_exhibit(a, list->id[i], err);
		if (a->opts->stop != NULL && *a->opts->stop != 0)
			return ev_fail(err, EV_SYS,
			    "interrupted: nothing was read anew");
	}
	if (rc == EV_OK)
		rc = ev_slot_drain(a, err);
	return rc == EV_OK ? ev_acquire_conclude(a, err) : rc;
}

enum ev_rc
ev_ingest_again(struct ev_case *c, const int64_t *artifacts,
    const struct ev_ingest_opts *opts, struct ev_err *err)
{
	struct exhibits list = { NULL, 0, 0 };
	struct ev_acquire *a;
	struct ev_err later;
	bool partial;
	enum ev_rc rc;

	a = malloc(sizeof(*a));
	if (a == NULL)
		return ev_fail_sys(err, "cannot begin to read");
	rc = ev_acquire_start(a, c, opts, err);
	if (rc == EV_OK) {
		a->again = artifacts;
		a->first_reading = a->next_reading;
		rc = list_exhibits(a, &list, err);
	}
	if (rc == EV_OK)
		rc = read_all(a, &list, err);
	partial = a->partial;
	ev_acquire_stop(a);
	free(list.id);
	free(a);
	if (ev_custody_seal(c, &later) != EV_OK && rc == EV_OK) {
		*err = later;
		rc = later.rc;
	}
	if (rc == EV_OK && partial)
		return ev_fail(err, EV_PARTIAL,
		    "something was not read: see the account");
	return rc;
}
