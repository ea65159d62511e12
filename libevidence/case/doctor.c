/* What of a case will need renewal, and what ails its surroundings. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "case/case_inside.h"
#include "case/horizon.h"
#include "case/stamping.h"
#include "evidence/when.h"
#include "seal/record.h"

enum { WHAT = 256, ROOM = 1 << 30 };

struct doctor {
	struct ev_case *c;
	struct ev_horizons horizons;
	ev_doctor_fn *found;
	void *ctx;
	bool due;
};

/* The tokens over the newest head that has any: one that lasts is enough. */
static const char sql_heads[] =
    "SELECT number, digest, der FROM token WHERE subject = 'head' AND"
    " number = (SELECT max(number) FROM token WHERE subject = 'head')";
static const char sql_records[] =
    "SELECT acquisition, der FROM record ORDER BY acquisition";
static const char sql_people[] =
    "SELECT actor, cert FROM actor WHERE length(cert) > 0 ORDER BY actor";

static void
ails(struct doctor *d, const char *why)
{
	const struct ev_doctor_finding f = { .proof = "surroundings",
		.id = "",
		.ends = "",
		.why = why };

	d->found(d->ctx, &f);
}

static enum ev_rc
tell(struct doctor *d, const struct ev_ends *ends, const char *proof,
    const char *id, struct ev_err *err)
{
	return ev_doctor_tell(ends, proof, id, d->found, d->ctx, &d->due, err);
}

static enum ev_rc
token_ends(struct doctor *d, struct ev_bytes token,
    const unsigned char imprint[EV_SHA256], struct ev_ends *ends,
    struct ev_err *err)
{
	struct ev_stamp stamp;
	enum ev_rc rc;

	rc = ev_stamp_verify(token, imprint, NULL, &stamp, err);
	return rc == EV_OK
		   ? ev_horizon_ends(&d->horizons, &stamp.authority, ends, err)
		   : rc;
}

static enum ev_rc
check_heads(struct doctor *d, struct ev_err *err)
{
	struct ev_ends ends, best = { .at = INT64_MIN };
	struct ev_stmt *st = NULL;
	const void *digest, *der;
	char id[EV_ID_TEXT];
	int64_t number = 0;
	size_t len, size;
	enum ev_rc rc;

	rc = ev_db_prepare(d->c->db, &st, err, sql_heads, "");
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "ibb", &number, &digest, &size,
			    &der, &len);
		if (rc == EV_OK && size != EV_SHA256)
			rc = ev_fail(err, EV_INPUT, "a token without digest");
		if (rc == EV_OK)
			rc = token_ends(d, EV_BYTES(der, len), digest, &ends,
			    err);
		if (rc == EV_OK && ends.at > best.at)
			best = ends;
	}
	ev_db_finish(st);
	if (rc != EV_EOF)
		return rc;
	if (best.at == INT64_MIN) {
		ails(d, "no head of the log is stamped: ev-stamp");
		return EV_OK;
	}
	(void)snprintf(id, sizeof(id), "%" PRId64, number);
	return tell(d, &best, "head", id, err);
}

static enum ev_rc
one_record(struct doctor *d, int64_t acquisition, struct ev_bytes der,
    struct ev_err *err)
{
	struct ev_record *record = NULL;
	struct ev_stamp first, stamp;
	struct ev_ends ends;
	char id[EV_ID_TEXT];
	enum ev_rc rc;

	ev_id_print(id, 'I', acquisition);
	rc = ev_record_read(&record, der, err);
	if (rc == EV_OK)
		rc = ev_record_verify(record, NULL, &first, &stamp, err);
	if (rc == EV_OK)
		rc =
		    ev_horizon_ends(&d->horizons, &stamp.authority, &ends, err);
	if (rc == EV_OK)
		rc = tell(d, &ends, "record", id, err);
	else
		(void)ev_fail_in(err, id);
	ev_record_free(record);
	return rc;
}

static enum ev_rc
check_records(struct doctor *d, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	int64_t acquisition;
	const void *der;
	enum ev_rc rc;
	size_t len;

	rc = ev_db_prepare(d->c->db, &st, err, sql_records, "");
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "ib", &acquisition, &der, &len);
		if (rc == EV_OK)
			rc =
			    one_record(d, acquisition, EV_BYTES(der, len), err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* Signatures stand by their time stamps; a new one needs a valid key. */
static enum ev_rc
check_people(struct doctor *d, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	struct ev_cert cert;
	struct ev_ends ends;
	const char *actor;
	const void *der;
	enum ev_rc rc;
	size_t len;

	rc = ev_db_prepare(d->c->db, &st, err, sql_people, "");
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "sb", &actor, &der, &len);
		if (rc == EV_OK)
			rc = ev_cert_read(&cert, EV_BYTES(der, len), err);
		if (rc == EV_OK)
			rc = ev_horizon_ends(&d->horizons, &cert, &ends, err);
		if (rc == EV_OK)
			rc = tell(d, &ends, "certificate", actor, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
check_waiting(struct doctor *d, struct ev_err *err)
{
	struct ev_case_counts n;
	char why[WHAT];
	enum ev_rc rc;

	rc = ev_case_count(d->c, &n, err);
	if (rc != EV_OK)
		return rc;
	if (n.unstamped > 0) {
		(void)snprintf(why, sizeof(why),
		    "%" PRId64 " log entries are not covered by a time stamp:"
		    " ev-stamp",
		    n.unstamped);
		ails(d, why);
	}
	if (n.queued > 0) {
		(void)snprintf(why, sizeof(why),
		    "%" PRId64 " requests wait for a time-stamp authority:"
		    " ev-stamp",
		    n.queued);
		ails(d, why);
	}
	return EV_OK;
}

static void
no_list(void *ctx, const char *kind, const char *who, const char *what)
{
	char why[WHAT];

	(void)kind;
	(void)snprintf(why, sizeof(why),
	    "%s is kept for %.80s: ev-stamp, or give it with --crl", what, who);
	ails(ctx, why);
}

/* A secret that others may read. */
static void
check_keys(struct doctor *d)
{
	static const char *const keys[] = { "log.key", "self.key",
		"stamp.key" };
	struct stat st;
	char why[WHAT];
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (fstatat(d->c->dir_fd, keys[i], &st, AT_SYMLINK_NOFOLLOW) !=
			0 ||
		    (st.st_mode & 0377) == 0)
			continue;
		(void)snprintf(why, sizeof(why),
		    "%s has mode %04o, not 0400: others may read or change it",
		    keys[i], (unsigned)st.st_mode & 07777);
		ails(d, why);
	}
}

static void
check_machine(struct doctor *d)
{
	struct ev_sandbox_report cage;
	struct statvfs fs;
	char why[WHAT];

	if (fstatvfs(d->c->dir_fd, &fs) == 0 &&
	    (uint64_t)fs.f_bavail * fs.f_frsize < ROOM) {
		(void)snprintf(why, sizeof(why),
		    "less than 1 GiB is left where the case lies");
		ails(d, why);
	}
	ev_sandbox_offers(&cage);
	if (cage.landlock_abi == 0)
		ails(d, "this kernel has no Landlock: a reading child is caged"
			" by seccomp alone");
	if (!cage.seccomp)
		ails(d, "this kernel has no seccomp: ev-ingest reads only with"
			" --no-sandbox");
}

static enum ev_rc
check_clock(struct doctor *d, struct ev_err *err)
{
	char at[EV_WHEN_TEXT], why[WHAT];
	struct ev_clock now;
	int64_t newest = 0, gen = 0;
	enum ev_rc rc;

	rc = ev_when_now(&now, err);
	if (rc == EV_OK)
		rc = ev_db_int(d->c->db, &gen, err,
		    "SELECT coalesce(max(gen_us), 0) FROM token", "");
	if (rc != EV_OK)
		return rc;
	newest = gen;
	if (!now.synced)
		ails(d, "the clock of this machine is not synchronised");
	if (newest > now.wall_us) {
		ev_when_print(at, newest, EV_PREC_S);
		(void)snprintf(why, sizeof(why),
		    "the clock is behind a time stamp of %s", at);
		ails(d, why);
	}
	return EV_OK;
}

/* Only the owner of the machine can do that; we say it and never do it. */
static void
check_vault(struct doctor *d)
{
	char why[EV_CASE_PATH + WHAT];

	if (faccessat(d->c->dir_fd, "vault", F_OK, 0) != 0) {
		ails(d, "the folder 'vault' is missing");
		return;
	}
	(void)snprintf(why, sizeof(why),
	    "what is stored is read-only and root can change it; against that:"
	    " chattr +i %s/vault/*",
	    d->c->dir);
	ails(d, why);
}

enum ev_rc
ev_case_doctor(struct ev_case *c, const struct ev_doctor *how,
    ev_doctor_fn *found, void *ctx, struct ev_err *err)
{
	struct doctor d = { .c = c, .found = found, .ctx = ctx };
	enum ev_rc rc;

	rc = ev_horizons_read(&d.horizons, how->horizons, err);
	if (rc == EV_OK)
		rc = check_heads(&d, err);
	if (rc == EV_OK)
		rc = check_records(&d, err);
	if (rc == EV_OK)
		rc = check_people(&d, err);
	if (rc == EV_OK)
		rc = check_waiting(&d, err);
	if (rc == EV_OK)
		rc = ev_stamp_unkept(c, no_list, &d, err);
	if (rc == EV_OK)
		rc = check_clock(&d, err);
	if (rc != EV_OK)
		return rc;
	check_keys(&d);
	check_machine(&d);
	check_vault(&d);
	return d.due ? ev_fail(err, EV_MISMATCH, "something is due for renewal")
		     : EV_OK;
}
