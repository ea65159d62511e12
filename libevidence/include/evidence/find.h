/* Facts by the words in them. */
#ifndef EVIDENCE_FIND_H
#define EVIDENCE_FIND_H

#include <stdint.h>

#include "evidence/case.h"
#include "evidence/err.h"
#include "evidence/table.h"

/*
 * Facts that hold all of words (count of them; a word of several is sought as
 * a phrase), case and width folded, in names, posts, messages and
 * biographies.  *rows 0: none does.  EV_USE: the case has no index yet, or a
 * word is empty.
 */
EV_CHECK
enum ev_rc ev_find_words(struct ev_case *c, const char *const *words,
    size_t count, const struct ev_table_opts *opts, int64_t *rows,
    struct ev_err *err);

#endif
