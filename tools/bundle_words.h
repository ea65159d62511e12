/* What the files of ev-bundle share. */
#ifndef BUNDLE_WORDS_H
#define BUNDLE_WORDS_H

#include "cli.h"
#include "evidence/bundle.h"

/* A file, whole, appended to text; what names it in an error. */
EV_CHECK
enum ev_rc bundle_file(const char *path, const char *what, struct ev_buf *text,
    struct ev_err *err);
/* A profile by its name in the data folder, or by its path. */
EV_CHECK
enum ev_rc bundle_profile(const char *name, struct ev_buf *text,
    struct ev_err *err);
/* "700M": bytes, or KiB, MiB, GiB by a letter; false if it is no size. */
bool bundle_size(int64_t *size, const char *text);

/* What was written, a file at a time; ctx is a struct bundle_printing. */
struct bundle_printing {
	const struct cli *cli;
	struct cli_bar *bar;
};
void bundle_print(void *ctx, const struct ev_bundle_result *r);

#endif
