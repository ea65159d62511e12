/* One more archive time stamp over a whole bundle. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case/stamping.h"
#include "evidence/verify.h"
#include "evidence/when.h"
#include "out/bundle_inside.h"
#include "out/manifest.h"

enum { CHUNK = 1 << 20, WHAT = 256 };

struct renewal {
	const struct ev_bundle_renewal *how;
	ev_stamped_fn *told;
	void *ctx;
	struct bundle_file in;
	struct ev_digest digest;
	unsigned char *chunk;
	struct ev_container *k;
	int64_t when;
	int rounds;
};

/* The first thing that is wrong with a bundle. */
struct fault {
	char what[WHAT];
};

static void
hear(void *ctx, const struct ev_verify_finding *f)
{
	struct fault *fault = ctx;

	if (f->state == EV_VERIFY_FAILED && fault->what[0] == '\0')
		(void)snprintf(fault->what, WHAT, "%s", f->what);
}

/* Only what is whole is worth a stamp. */
static enum ev_rc
check_whole(const char *path, struct ev_err *err)
{
	const struct ev_verify how = { .path = path, .quick = true };
	struct fault fault = { "" };
	enum ev_rc rc;

	rc = ev_verify_bundle(&how, hear, &fault, err);
	if (rc == EV_MISMATCH)
		return ev_fail(err, EV_MISMATCH, "'%.128s': %s", path,
		    fault.what);
	return rc == EV_PARTIAL ? EV_OK : rc;
}

/* The date of the entries, which the new ones get too. */
static int64_t
dos_instant(uint32_t dos)
{
	const int date = (int)(dos >> 16), time = (int)(dos & 0xffff);
	int64_t us = 0;

	if (!ev_when_civil(&us, 1980 + (date >> 9), date >> 5 & 15, date & 31,
		time >> 11, time >> 5 & 63, (time & 31) * 2, 0))
		return 0;
	return us;
}

static enum ev_rc
copy_entry(struct renewal *r, const struct ev_zip_entry *e, struct ev_err *err)
{
	struct ev_digests digests;
	int64_t at = 0;
	enum ev_rc rc = EV_OK;
	size_t n;
	int fd;

	while (rc == EV_OK && at < e->size) {
		n = e->size - at > CHUNK ? CHUNK : (size_t)(e->size - at);
		rc = ev_unzip_read(r->in.zip, e, r->chunk, n, at, err);
		if (rc == EV_OK)
			rc = ev_digest_update(&r->digest, r->chunk, n, err);
		at += (int64_t)n;
	}
	if (rc == EV_OK)
		rc = ev_digest_final(&r->digest, &digests, err);
	if (rc != EV_OK)
		return rc;
	fd = fcntl(r->in.fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return ev_fail_sys(err, "cannot read '%.128s'", r->how->path);
	return ev_container_file(r->k, e->name, fd,
	    e->offset + ev_zip_local_size(e), &digests, err);
}

static enum ev_rc
copy_all(struct renewal *r, struct ev_err *err)
{
	const struct ev_zip_entry *e;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < ev_unzip_count(r->in.zip); i++) {
		e = ev_unzip_entry(r->in.zip, i);
		if (strcmp(e->name, "mimetype") == 0)
			r->when = dos_instant(e->dos);
		rc = copy_entry(r, e, err);
	}
	r->rounds = bundle_rounds(&r->in);
	return rc;
}

static void
tell(const struct renewal *r, const char *tsa, const struct ev_stamp *stamp,
    const char *why)
{
	struct ev_stamped what = { .subject = "archive",
		.number = r->rounds + 1,
		.tsa = tsa,
		.at = "",
		.policy = "",
		.why = why };
	char at[EV_WHEN_TEXT];

	if (stamp != NULL)
		ev_stamped_fill(&what, at, stamp);
	r->told(r->ctx, &what);
}

/* A round by each authority that answers. */
static enum ev_rc
add_rounds(struct renewal *r, struct ev_err *err)
{
	struct ev_stamp_place place = { NULL, r->how->seconds, r->how->tries };
	const char *const *tsa;
	struct ev_stamp stamp;
	int done = 0, missed = 0;
	enum ev_rc rc = EV_OK;

	for (tsa = r->how->tsa; *tsa != NULL; tsa++) {
		place.url = *tsa;
		rc = bundle_round(r->k, r->rounds + 1, NULL, &place, &stamp,
		    err);
		tell(r, *tsa, rc == EV_OK ? &stamp : NULL,
		    rc == EV_OK ? "" : err->msg);
		if (rc == EV_OK) {
			r->rounds++;
			done++;
		} else if (rc == EV_SYS || rc == EV_MISMATCH ||
			   rc == EV_INPUT) {
			missed++;
		} else {
			return rc;
		}
	}
	if (done == 0)
		return rc;
	return missed == 0 ? EV_OK
			   : ev_fail(err, EV_PARTIAL,
				 "%d of %d authorities did not answer", missed,
				 missed + done);
}

static enum ev_rc
renew(struct renewal *r, struct ev_err *err)
{
	struct ev_container_out out = { .path = r->how->out };
	struct ev_err partial;
	enum ev_rc rc, stamped = EV_OK;

	rc = bundle_open(&r->in, r->how->path, err);
	if (rc == EV_OK) {
		r->chunk = malloc(CHUNK);
		if (r->chunk == NULL)
			rc = ev_fail_sys(err, "cannot copy '%.128s'",
			    r->how->path);
	}
	if (rc == EV_OK)
		rc = copy_all(r, err);
	if (rc == EV_OK)
		stamped = rc = add_rounds(r, err);
	if (rc != EV_OK && rc != EV_PARTIAL)
		return rc;
	partial = *err;
	out.when = r->when;
	rc = ev_container_write(r->k, &out, NULL, err);
	if (rc == EV_OK) {
		rc = check_whole(r->how->out, err);
		if (rc != EV_OK)
			(void)unlink(r->how->out);
	}
	if (rc == EV_OK && stamped != EV_OK) {
		*err = partial;
		return stamped;
	}
	return rc;
}

enum ev_rc
ev_bundle_renew(const struct ev_bundle_renewal *how, ev_stamped_fn *told,
    void *ctx, struct ev_err *err)
{
	struct renewal r = { .how = how,
		.told = told,
		.ctx = ctx,
		.in = { .fd = -1 } };
	char folder[BUNDLE_PATH];
	enum ev_rc rc;

	if (how->tsa == NULL || how->tsa[0] == NULL)
		return ev_fail(err, EV_USE, "no authority was named");
	if (access(how->out, F_OK) == 0)
		return ev_fail(err, EV_USE, "'%.128s' exists already",
		    how->out);
	bundle_folder(folder, how->out);
	rc = check_whole(how->path, err);
	if (rc == EV_OK)
		rc = ev_container_new(&r.k, folder, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_digest_init(&r.digest, EV_D_SHA256 | EV_D_SHA512 | EV_D_CRC32,
	    err);
	if (rc == EV_OK)
		rc = renew(&r, err);
	ev_digest_release(&r.digest);
	ev_container_free(r.k);
	bundle_close(&r.in);
	free(r.chunk);
	return rc;
}
