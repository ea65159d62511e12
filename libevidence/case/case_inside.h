/* The inside of a case, for the files of this room. */
#ifndef EV_CASE_CASE_INSIDE_H
#define EV_CASE_CASE_INSIDE_H

#include "case/case.h"
#include "evidence/buf.h"
#include "evidence/when.h"

enum {
	EV_CASE_PATH = 4096,
	EV_CASE_WORD = 256,
	EV_CASE_LINE = 4 << 20, /* an entry of the log */
};

struct ev_case {
	char dir[EV_CASE_PATH];
	int dir_fd, heads_fd, lock_fd;
	struct ev_db *db;
	struct ev_case_info info;
	char case_id[64], number[EV_CASE_WORD], created[40];
	char title[EV_CASE_PATH];
	unsigned char list_key[EV_SHA256];
	struct ev_logkey *log_pub;
	struct ev_act act; /* actor resolved */
	char actor[EV_CASE_WORD], role[EV_CASE_WORD];
	char tool_sha256[2 * EV_SHA256 + 1];
	struct ev_stmt *log_last, *log_append; /* prepared when needed */
	struct ev_clock clock;
	struct ev_buf line; /* room for an entry's */
	struct {
		int64_t turn; /* of the database in which this was so */
		int64_t seq, us;
	} last;         /* entry */
	int64_t closed; /* the entry close, 0: none; known when writing */
};

/* Close its database alone. */
void ev_case_leave(struct ev_case *c);

/* EV_USE: the case was closed, and who acts did not allow for that. */
EV_CHECK
enum ev_rc ev_case_may_write(struct ev_case *c, struct ev_err *err);
/* EV_USE: the case was closed, and the action would change it. */
EV_CHECK
enum ev_rc ev_case_may_enter(const struct ev_case *c, const char *action,
    struct ev_err *err);
/* The entry close; 0: none. */
EV_CHECK
enum ev_rc ev_case_closed(struct ev_case *c, int64_t *entry,
    struct ev_err *err);

/* A head that a broken run wrote to heads/ but not to the database. */
EV_CHECK
enum ev_rc ev_custody_mend(struct ev_case *c, struct ev_err *err);

/* Insert one actor: entry enrol and row, within the caller's transaction. */
EV_CHECK
enum ev_rc ev_case_add_person(struct ev_case *c, const struct ev_person *who,
    struct ev_err *err);

/* Fill in what the database says of the case. */
EV_CHECK
enum ev_rc ev_case_load(struct ev_case *c, struct ev_err *err);

/* An empty case struct with no descriptor open; EV_SYS if out of memory. */
EV_CHECK
enum ev_rc ev_case_new(struct ev_case **c, const char *dir, struct ev_err *err);

/* SHA-256 of the running program. */
EV_CHECK
enum ev_rc ev_case_tool(struct ev_case *c, struct ev_err *err);

/* "@" + id, or name in lower case with hyphens. */
EV_CHECK
enum ev_rc ev_case_actor_id(const struct ev_person *who, char id[EV_CASE_WORD],
    struct ev_err *err);

#endif
