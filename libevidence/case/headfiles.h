/* What stands in heads/, held against the database. */
#ifndef EV_CASE_HEADFILES_H
#define EV_CASE_HEADFILES_H

#include "case/case.h"
#include "case/signed.h"

/* The file of a head: "000042.note"; of its nth token: "000042.tst", -2.tst. */
enum { EV_HEAD_NAME = 64 };
void ev_head_name(char name[EV_HEAD_NAME], int64_t size);
void ev_token_name(char name[EV_HEAD_NAME], int64_t size, int64_t n);

/* The size of each head that has a file, in no order. */
typedef enum ev_rc ev_head_file_fn(void *ctx, int64_t size, struct ev_err *err);
EV_CHECK
enum ev_rc ev_head_files(struct ev_case *c, ev_head_file_fn *each, void *ctx,
    struct ev_err *err);

/*
 * Tell of each head that has a file and no row, and of each token whose file
 * is missing or another.  (A row without its file is the log check's.)
 */
EV_CHECK
enum ev_rc ev_head_files_check(struct ev_case *c, ev_signed_fn *told, void *ctx,
    struct ev_err *err);

#endif
