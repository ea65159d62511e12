/* A case counted, and a case checked. */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "case/case_inside.h"
#include "case/custody.h"
#include "store/vault.h"

struct counting {
	size_t at; /* of an int64_t in struct ev_case_counts */
	const char *sql;
};

#define COUNT(field, text)                                   \
	{                                                    \
		offsetof(struct ev_case_counts, field), text \
	}
/* clang-format off */
static const struct counting countings[] = {
	COUNT(acquisitions, "SELECT count(*) FROM acquisition"),
	COUNT(unfinished,
	    "SELECT count(*) FROM acquisition WHERE copy IS NULL"),
	COUNT(exhibits, "SELECT count(*) FROM exhibit"),
	COUNT(exhibit_bytes, "SELECT coalesce(sum(size), 0) FROM exhibit"),
	COUNT(artifacts, "SELECT count(*) FROM artifact"),
	COUNT(facts, "SELECT count(*) FROM fact_now"),
	COUNT(accounts, "SELECT count(*) FROM (SELECT DISTINCT platform,"
	    " account FROM fact_now WHERE account IS NOT NULL)"),
	COUNT(set_aside, "SELECT count(*) FROM set_aside s JOIN reading_now r"
	    " ON r.id = s.reading"),
	COUNT(unread, "SELECT count(*) FROM reading_now WHERE outcome IN"
	    " ('unmapped', 'not-confirmed', 'failed')"),
	COUNT(organisations, "SELECT count(*) FROM org"),
	COUNT(claims, "SELECT count(*) FROM claim WHERE entry IS NOT NULL"
	    " AND superseded IS NULL"),
	COUNT(entries, "SELECT count(*) FROM log"),
	COUNT(heads, "SELECT count(*) FROM head"),
	COUNT(unstamped, "SELECT count(*) FROM log WHERE action <> 'stamp'"
	    " AND seq > (SELECT coalesce(max(number), 0) FROM token"
	    " WHERE subject = 'head')"),
	COUNT(queued, "SELECT count(*) FROM stamp_queue"),
	COUNT(actors, "SELECT count(*) FROM actor"),
	COUNT(authorities, "SELECT count(*) FROM authority"),
	COUNT(closed, "SELECT coalesce(min(seq), 0) FROM log WHERE action ="
	    " 'close'"),
	COUNT(offer, "SELECT coalesce(max(seq), 0) FROM log WHERE action ="
	    " 'transfer-out' AND seq > (SELECT coalesce(max(seq), 0) FROM log"
	    " WHERE action IN ('transfer-in', 'refuse'))"),
};
/* clang-format on */

enum ev_rc
ev_case_count(struct ev_case *c, struct ev_case_counts *counts,
    struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	for (i = 0; i < sizeof(countings) / sizeof(countings[0]); i++) {
		int64_t *to =
		    (void *)((unsigned char *)counts + countings[i].at);

		rc = ev_db_int(c->db, to, err, countings[i].sql, "");
		if (rc != EV_OK)
			return rc;
	}
	return EV_OK;
}

struct findings {
	ev_case_finding_fn *found;
	void *ctx;
	bool bad;
};

static void
tell(struct findings *to, bool bad, const char *area, const char *what)
{
	const struct ev_case_finding f = { bad, area, what, 0 };

	if (bad)
		to->bad = true;
	to->found(to->ctx, &f);
}

static enum ev_rc
rows_of(struct ev_case *c, const char *sql, struct findings *to,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *text;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err, sql, "");
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "s", &text);
		if (rc == EV_OK && text != NULL)
			tell(to, true, "database", text);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
check_database(struct ev_case *c, struct findings *to, struct ev_err *err)
{
	enum ev_rc rc;

	rc = rows_of(c,
	    "SELECT integrity_check FROM pragma_integrity_check"
	    " WHERE integrity_check <> 'ok'",
	    to, err);
	if (rc == EV_OK)
		rc = rows_of(c,
		    "SELECT 'table ' || \"table\" || ' row ' ||"
		    " coalesce(rowid, 0) || ' points to a missing row of ' ||"
		    " parent FROM pragma_foreign_key_check",
		    to, err);
	return rc;
}

static void
log_finding(void *ctx, const struct ev_custody_finding *f)
{
	if (f->state != EV_CUSTODY_OK)
		tell(ctx, f->state == EV_CUSTODY_FAILED, "log", f->what);
}

static enum ev_rc
check_unfinished(struct ev_case *c, struct findings *to, struct ev_err *err)
{
	char what[160];
	int64_t n = 0;
	enum ev_rc rc;

	rc = ev_db_int(c->db, &n, err,
	    "SELECT count(*) FROM acquisition WHERE copy IS NULL", "");
	if (rc != EV_OK || n == 0)
		return rc;
	(void)snprintf(what, sizeof(what),
	    "%jd acquisition%s begun and not "
	    "finished: repeat the same ev-ingest",
	    (intmax_t)n, n == 1 ? " was" : "s were");
	tell(to, false, "database", what);
	return EV_OK;
}

static void
vault_finding(void *ctx, const struct ev_vault_finding *f)
{
	struct findings *to = ctx;
	const struct ev_case_finding more = { f->bad, "vault", f->what,
		f->exhibit };

	if (f->bad)
		to->bad = true;
	to->found(to->ctx, &more);
}

static enum ev_rc
check_vault(struct ev_case *c, bool quick, struct findings *to,
    struct ev_err *err)
{
	enum ev_rc rc;
	int dir;

	dir = openat(c->dir_fd, "vault",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0) {
		tell(to, true, "vault", "the folder 'vault' is missing");
		return EV_OK;
	}
	rc = ev_vault_check(c->db, dir, quick, vault_finding, to, err);
	(void)close(dir);
	return rc == EV_MISMATCH ? EV_OK : rc;
}

enum ev_rc
ev_case_check(struct ev_case *c, bool quick, const struct ev_buf *head,
    ev_case_finding_fn *found, void *ctx, struct ev_err *err)
{
	struct findings to = { found, ctx, false };
	enum ev_rc rc;

	rc = check_database(c, &to, err);
	if (rc == EV_OK)
		rc = check_unfinished(c, &to, err);
	if (rc == EV_OK) {
		rc = ev_custody_verify(c, head, log_finding, &to, err);
		if (rc == EV_MISMATCH)
			rc = EV_OK;
	}
	if (rc == EV_OK)
		rc = check_vault(c, quick, &to, err);
	if (rc == EV_OK && to.bad)
		return ev_fail(err, EV_MISMATCH, "the case is not as it was");
	return rc;
}
