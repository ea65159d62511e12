/*
 * log_entries append CASE COUNT, log_entries verify CASE: the custody log of a
 * real case, by the calls that the programs make.  Appends in transactions of
 * 10,000 and seals; verifies all of it as ev-custody verify does.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/case.h"
#include "case/custody.h"

enum { BATCH = 10000 };

static enum ev_rc
append(struct ev_case *c, int64_t count, struct ev_err *err)
{
	struct ev_db *db = ev_case_db(c);
	const char *subject[] = { NULL, NULL };
	struct ev_entry entry = { .action = "examine",
		.subject = subject,
		.note = "looked at the post and its two replies" };
	int64_t n, seq;
	enum ev_rc rc = EV_OK;
	char name[32];

	subject[0] = name;
	for (n = 0; rc == EV_OK && n < count; n++) {
		if (n % BATCH == 0)
			rc = ev_db_begin(db, err);
		(void)snprintf(name, sizeof(name), "F%06jd", (intmax_t)n + 1);
		if (rc == EV_OK)
			rc = ev_custody_append(c, &entry, &seq, err);
		if (rc == EV_OK && (n % BATCH == BATCH - 1 || n == count - 1))
			rc = ev_db_commit(db, err);
	}
	return rc == EV_OK ? ev_custody_seal(c, err) : rc;
}

static void
found(void *ctx, const struct ev_custody_finding *f)
{
	(void)ctx;
	printf("%d %s\n", (int)f->state, f->what);
}

int
main(int argc, char *argv[])
{
	const struct ev_act act = { .tool = "log_entries" };
	struct ev_case *c = NULL;
	struct ev_err err;
	enum ev_rc rc;

	if (argc < 3)
		return 2;
	if (strcmp(argv[1], "append") == 0) {
		rc = ev_case_open(&c, argv[2], EV_CASE_WRITE, &act, &err);
		if (rc == EV_OK)
			rc = append(c, strtoll(argv[3], NULL, 10), &err);
	} else {
		rc = ev_case_open(&c, argv[2], EV_CASE_READ, NULL, &err);
		if (rc == EV_OK)
			rc = ev_custody_verify(c, NULL, found, NULL, &err);
	}
	ev_case_close(c);
	if (rc != EV_OK)
		(void)fprintf(stderr, "%s\n", err.msg);
	return rc == EV_OK ? 0 : 1;
}
