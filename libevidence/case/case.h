/* What the rooms above may reach of an open case. */
#ifndef EV_CASE_CASE_H
#define EV_CASE_CASE_H

#include "evidence/case.h"
#include "seal/digest.h"
#include "seal/note.h"
#include "seal/sign.h"
#include "store/db.h"

struct ev_db *ev_case_db(struct ev_case *c);

/* The folder, for openat; and vault/ and heads/ beneath it. */
int ev_case_dir_fd(const struct ev_case *c);

/* heads/ beneath it. */
int ev_case_heads_fd(const struct ev_case *c);

/* Who acts; its members are NULL in a case that is open for reading. */
const struct ev_act *ev_case_act(const struct ev_case *c);

/*
 * The key that signs for the acting person: key, or NULL for the one that
 * they were enrolled with.  EV_USE: none is known.  Load it late: no child
 * that reads foreign bytes may still run.
 */
EV_CHECK
enum ev_rc ev_case_signer(struct ev_case *c, const char *key,
    const struct ev_pass *pass, struct ev_signer **signer, struct ev_err *err);

/* The private log key; the caller frees it at once after use. */
EV_CHECK
enum ev_rc ev_case_log_secret(struct ev_case *c, struct ev_logkey **key,
    struct ev_err *err);

/* The public half of the log key. */
const struct ev_logkey *ev_case_log_key(const struct ev_case *c);

/*
 * The key of one list (evidence-case(5)): HMAC-SHA-256(case list key, name),
 * where name is such as "artifacts I000001".  Never leaves the case.
 */
EV_CHECK
enum ev_rc ev_case_list_key(struct ev_case *c, const char *name,
    unsigned char key[EV_SHA256], struct ev_err *err);

/* Keep a file that decides how things are read, once: its datafile row. */
EV_CHECK
enum ev_rc ev_case_datafile(struct ev_case *c, const char *form,
    const char *name, const void *bytes, size_t len, int64_t *id,
    struct ev_err *err);

#endif
