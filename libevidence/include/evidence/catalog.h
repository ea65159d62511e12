/* What is in a case, as rows. */
#ifndef EVIDENCE_CATALOG_H
#define EVIDENCE_CATALOG_H

#include <stdint.h>

#include "evidence/case.h"
#include "evidence/err.h"
#include "evidence/table.h"

/* The lists there are, NULL-terminated: "exhibits", "facts" and so on. */
const char *const *ev_catalog_names(void);

/*
 * Write one list; opts says how, less its schema, which is "evidence/NAME/1".
 * EV_USE: there is no such list.
 */
EV_CHECK
enum ev_rc ev_catalog_write(struct ev_case *c, const char *name,
    const struct ev_table_opts *opts, int64_t *rows, struct ev_err *err);

#endif
