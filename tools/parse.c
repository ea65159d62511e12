/* ev-parse: reads what others wrote, in a cage.  Started by other tools. */
#define _GNU_SOURCE
#include <locale.h>
#include <malloc.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/sandbox.h"
#include "ingest/job.h"
#include "ingest/kind.h"
#include "seal/digest.h"

enum { KEEP = 64 << 20 }; /* bytes of freed memory that stay ours */

/* Standard error is a pipe that the parent cuts at 64 KiB; no stdio here. */
static int
fail(const struct ev_err *err)
{
	ssize_t n;

	n = write(STDERR_FILENO, err->msg, strlen(err->msg));
	if (n >= 0)
		n = write(STDERR_FILENO, "\n", 1);
	return n < 0 ? 3 : 2;
}

/*
 * What the C library and OpenSSL would otherwise open files for, once the
 * cage is shut.  OpenSSL keeps what it loaded as long as digest lives.
 */
static enum ev_rc
open_what_is_needed(struct ev_digest *digest, struct ev_err *err)
{
	struct ev_digests none;
	enum ev_rc rc;

	(void)setlocale(LC_ALL, "C.UTF-8");
	tzset();
	/* A page that was given back costs 14 us when it is wanted again. */
	(void)mallopt(M_TRIM_THRESHOLD, KEEP);
	(void)mallopt(M_MMAP_THRESHOLD, KEEP / 8);
	rc = ev_digest_init(digest, EV_D_ALL, err);
	return rc == EV_OK ? ev_digest_final(digest, &none, err) : rc;
}

static enum ev_rc
enter_cage(struct ev_child_cage *cage, struct ev_err *err)
{
	struct ev_sandbox_report report;
	enum ev_rc rc;

	rc = ev_sandbox_child(&report, err);
	cage->landlock_abi = report.landlock_abi;
	cage->seccomp = report.seccomp;
	cage->limits = report.limits;
#ifndef EV_SANITIZED
	if (rc == EV_OK && cage->landlock_abi == 0 && !cage->seccomp)
		rc = ev_fail(err, EV_SYS,
		    "this system has neither Landlock nor seccomp");
#endif
	return rc;
}

int
main(int argc, char **argv)
{
	/* As the parent alone can say: --no-sandbox was asked for. */
	bool open_cage = argc == 2 && strcmp(argv[1], "-n") == 0;
	struct ev_child_cage cage = { .landlock_abi = 0 };
	struct ev_media *media = NULL;
	struct ev_job *job = NULL;
	struct ev_digest digest = { .want = 0 };
	struct ev_err err;
	enum ev_rc rc;

	if (argc > 2 || (argc == 2 && !open_cage)) {
		(void)ev_fail(&err, EV_USE,
		    "ev-parse is started by other programs of evidence");
		return fail(&err);
	}
	rc = open_what_is_needed(&digest, &err);
	if (rc == EV_OK)
		rc = ev_media_new(&media, &err);
	if (rc == EV_OK)
		rc = ev_job_new(&job, STDIN_FILENO, STDOUT_FILENO, &err);
	if (rc == EV_OK && !open_cage)
		rc = enter_cage(&cage, &err);
	if (rc == EV_OK)
		rc = ev_job_run(job, media, &cage, &err);
	ev_job_free(job);
	ev_media_free(media);
	ev_digest_release(&digest);
	return rc == EV_OK ? 0 : fail(&err);
}
