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
EV_CHECK
enum ev_rc bundle_print(const struct cli *cli, const struct ev_bundle_result *r,
    struct ev_err *err);

#endif
