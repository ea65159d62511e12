/* Many bundles, judged by the library in one process: one line a finding. */
#include <stdio.h>
#include <string.h>

#include "evidence/verify.h"

/*
 * judge [ROOTS.pem]: of each bundle whose name is a line of standard input,
 * its findings, as GROUP STATE SENTENCE; then "=", the status that ev-verify
 * would end with, and what is told of it.  A name behind "--quick " is judged
 * as ev-verify --quick does.
 */
static void
on_finding(void *ctx, const struct ev_verify_finding *f)
{
	static const char *const word[] = { "ok", "FAILED", "not checked",
		"note" };

	(void)ctx;
	printf("%s %s %s\n", f->group, word[f->state], f->what);
}

int
main(int argc, char **argv)
{
	struct ev_verify how = { .trust = argc > 1 ? argv[1] : NULL,
		.no_sandbox = true };
	struct ev_err err;
	static const char quick[] = "--quick ";
	char path[4096];
	enum ev_rc rc;

	while (fgets(path, sizeof(path), stdin) != NULL) {
		path[strcspn(path, "\n")] = '\0';
		how.quick = strncmp(path, quick, sizeof(quick) - 1) == 0;
		how.path = path + (how.quick ? sizeof(quick) - 1 : 0);
		memset(&err, 0, sizeof(err));
		rc = ev_verify_bundle(&how, on_finding, NULL, &err);
		printf("= %d %s\n",
		    rc == EV_OK         ? 0
		    : rc == EV_MISMATCH ? 1
		    : rc == EV_PARTIAL  ? 3
					: 2,
		    err.msg);
		if (fflush(stdout) != 0)
			return 2;
	}
	return 0;
}
