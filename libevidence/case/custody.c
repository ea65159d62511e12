/* The custody log: one line an act, appended and never changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/case_inside.h"
#include "case/custody.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"

struct ev_custody {
	struct ev_stmt *st;
};

static const char sql_log[] =
    "SELECT seq, at, action, actor, leaf FROM log ORDER BY seq";
static const char sql_last[] =
    "SELECT seq, at FROM log ORDER BY seq DESC LIMIT 1";
static const char sql_append[] =
    "INSERT INTO log(seq, at, action, actor, leaf) VALUES(?, ?, ?, ?, ?)";

enum ev_rc
ev_custody_open(struct ev_custody **out, struct ev_case *c, struct ev_err *err)
{
	struct ev_custody *log;
	enum ev_rc rc;

	*out = NULL;
	log = calloc(1, sizeof(*log));
	if (log == NULL)
		return ev_fail_sys(err, "cannot read the log");
	rc = ev_db_prepare(c->db, &log->st, err, sql_log, "");
	if (rc != EV_OK) {
		ev_custody_close(log);
		return rc;
	}
	*out = log;
	return EV_OK;
}

enum ev_rc
ev_custody_next(struct ev_custody *log, struct ev_custody_entry *entry,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_step(log->st, err);
	if (rc != EV_OK)
		return rc;
	return ev_db_row(log->st, err, "issst", &entry->seq, &entry->at,
	    &entry->action, &entry->actor, &entry->leaf, &entry->leaf_len);
}

void
ev_custody_close(struct ev_custody *log)
{
	if (log == NULL)
		return;
	ev_db_finish(log->st);
	free(log);
}

/* Prepared once for a case: preparing takes longer than an entry itself. */
static enum ev_rc
ready(struct ev_case *c, struct ev_stmt **st, const char *sql,
    struct ev_err *err)
{
	return *st != NULL ? EV_OK : ev_db_prepare(c->db, st, err, sql, NULL);
}

/* The newest entry's number and instant; 0 and INT64_MIN if there is none. */
static enum ev_rc
last_entry(struct ev_case *c, int64_t *seq, int64_t *at, struct ev_err *err)
{
	const char *text = NULL;
	struct ev_err why;
	enum ev_rc rc, end;

	*seq = 0;
	*at = INT64_MIN;
	if (c->last.turn == ev_db_turn(c->db)) {
		*seq = c->last.seq;
		*at = c->last.us;
		return EV_OK;
	}
	rc = ready(c, &c->log_last, sql_last, err);
	if (rc == EV_OK)
		rc = ev_db_bind(c->log_last, err, "");
	if (rc == EV_OK)
		rc = ev_db_step(c->log_last, err);
	if (rc == EV_OK)
		rc = ev_db_row(c->log_last, err, "is", seq, &text);
	if (rc == EV_OK &&
	    (text == NULL || !ev_when_parse(at, NULL, text, strlen(text))))
		rc = ev_fail(err, EV_INPUT, "log entry %jd has no instant",
		    (intmax_t)*seq);
	if (text == NULL)
		return rc == EV_EOF ? EV_OK : rc;
	/* To the end: a statement that stands on a row holds a lock. */
	end = ev_db_step(c->log_last, &why);
	return rc == EV_OK && end != EV_EOF
		   ? ev_fail(err, why.rc, "%s", why.msg)
		   : rc;
}

struct line {
	int64_t seq;
	int64_t before_us; /* of the entry before */
	int64_t now_us;    /* as printed, to milliseconds */
	const struct ev_clock *clock;
	char at[EV_WHEN_TEXT];
};

static void
write_clock(struct ev_jw *w, const struct line *line)
{
	ev_jw_key(w, "clock");
	ev_jw_object(w);
	if (line->now_us < line->before_us)
		ev_jw_key_int(w, "backwards_us",
		    line->before_us - line->now_us);
	ev_jw_key_int(w, "boot_us", line->clock->boot_us);
	ev_jw_key_int(w, "synced", line->clock->synced ? 1 : 0);
	ev_jw_close(w);
}

static void
write_subject(struct ev_jw *w, const char *const *subject)
{
	size_t i;

	ev_jw_key(w, "subject");
	ev_jw_array(w);
	for (i = 0; subject != NULL && subject[i] != NULL; i++)
		ev_jw_text(w, subject[i]);
	ev_jw_close(w);
}

static enum ev_rc
write_line(struct ev_buf *out, struct ev_case *c, const struct ev_entry *entry,
    const struct line *line, struct ev_err *err)
{
	char authority[EV_ID_TEXT], tool[EV_CASE_WORD];
	struct ev_jw w;

	(void)snprintf(tool, sizeof(tool), "%.200s %s", c->act.tool,
	    EV_VERSION);
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "action", entry->action);
	ev_jw_key_text(&w, "actor", c->actor);
	if (entry->after != NULL) {
		ev_jw_key(&w, "after");
		ev_jw_raw(&w, entry->after, strlen(entry->after));
	}
	ev_jw_key_text(&w, "at", line->at);
	ev_jw_key_text(&w, "authoriser", c->act.authoriser);
	if (entry->authority != 0) {
		ev_id_print(authority, 'W', entry->authority);
		ev_jw_key_text(&w, "authority", authority);
	}
	if (entry->before != NULL) {
		ev_jw_key(&w, "before");
		ev_jw_raw(&w, entry->before, strlen(entry->before));
	}
	write_clock(&w, line);
	ev_jw_key_text(&w, "note", entry->note);
	ev_jw_key_text(&w, "place", c->act.place);
	ev_jw_key_text(&w, "purpose", c->act.purpose);
	ev_jw_key_text(&w, "role", c->role);
	ev_jw_key_int(&w, "seq", line->seq);
	write_subject(&w, entry->subject);
	ev_jw_key_text(&w, "tool", tool);
	ev_jw_key_text(&w, "tool_sha256", c->tool_sha256);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

/* The line of an entry, in c->line. */
static enum ev_rc
make_line(struct ev_case *c, const struct ev_entry *entry, struct line *line,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = last_entry(c, &line->seq, &line->before_us, err);
	if (rc == EV_OK)
		rc = ev_when_again(&c->clock, err);
	if (rc != EV_OK)
		return rc;
	line->seq++;
	line->clock = &c->clock;
	ev_when_print(line->at, c->clock.wall_us, EV_PREC_MS);
	line->now_us = c->clock.wall_us - c->clock.wall_us % 1000;
	ev_buf_clear(&c->line);
	return write_line(&c->line, c, entry, line, err);
}

enum ev_rc
ev_custody_append(struct ev_case *c, const struct ev_entry *entry, int64_t *seq,
    struct ev_err *err)
{
	struct line line;
	enum ev_rc rc;

	*seq = 0;
	if (!ev_db_in_transaction(c->db))
		return ev_fail(err, EV_USE,
		    "a log entry outside a transaction");
	rc = ev_case_may_enter(c, entry->action, err);
	if (rc != EV_OK)
		return rc;
	rc = make_line(c, entry, &line, err);
	if (rc == EV_OK)
		rc = ready(c, &c->log_append, sql_append, err);
	if (rc == EV_OK)
		rc = ev_db_bind(c->log_append, err, "issst", line.seq, line.at,
		    entry->action, c->actor, (const char *)c->line.data,
		    c->line.len);
	if (rc == EV_OK)
		rc = ev_db_put(c->log_append, err);
	if (rc != EV_OK)
		return ev_fail_in(err, "cannot append to the log");
	c->last.turn = ev_db_turn(c->db);
	c->last.seq = line.seq;
	c->last.us = line.now_us;
	*seq = line.seq;
	return EV_OK;
}

enum ev_rc
ev_custody_enter(struct ev_case *c, const struct ev_entry *entry, int64_t *seq,
    struct ev_err *err)
{
	enum ev_rc rc = ev_db_begin(c->db, err);

	if (rc != EV_OK)
		return rc;
	rc = ev_custody_append(c, entry, seq, err);
	if (rc == EV_OK)
		return ev_db_commit(c->db, err);
	ev_db_rollback(c->db);
	return rc;
}

enum ev_rc
ev_list_init(struct ev_list *list, struct ev_case *c, const char *name,
    struct ev_err *err)
{
	unsigned char key[EV_SHA256];
	enum ev_rc rc;

	memset(list, 0, sizeof(*list));
	rc = ev_case_list_key(c, name, key, err);
	if (rc == EV_OK)
		rc = ev_salter_init(&list->salter, key, err);
	ev_cleanse(key, sizeof(key));
	if (rc != EV_OK)
		return rc;
	rc = ev_merkle_init(&list->tree, err);
	if (rc != EV_OK)
		ev_salter_release(&list->salter);
	return rc;
}

enum ev_rc
ev_list_add(struct ev_list *list, const void *line, size_t len,
    struct ev_err *err)
{
	unsigned char salt[EV_SHA256], leaf[EV_SHA256];
	enum ev_rc rc;

	rc = ev_salter_salt(&list->salter, list->count + 1, salt, err);
	if (rc == EV_OK)
		rc = ev_merkle_salted(leaf, salt, line, len, err);
	if (rc == EV_OK)
		rc = ev_merkle_add_leaf(&list->tree, leaf, err);
	if (rc == EV_OK)
		list->count++;
	return rc;
}

enum ev_rc
ev_list_root(struct ev_list *list, unsigned char root[EV_SHA256],
    struct ev_err *err)
{
	struct ev_merkle_head head;
	enum ev_rc rc;

	rc = ev_merkle_head(&list->tree, &head, err);
	if (rc == EV_OK)
		memcpy(root, head.root, EV_SHA256);
	return rc;
}

void
ev_list_release(struct ev_list *list)
{
	ev_merkle_release(&list->tree);
	ev_salter_release(&list->salter);
}

enum ev_rc
ev_list_write(struct ev_list *list, const char *name, struct ev_jw *w,
    struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	unsigned char root[EV_SHA256];
	enum ev_rc rc;

	rc = ev_list_root(list, root, err);
	if (rc != EV_OK)
		return rc;
	ev_text_hex(hex, root, sizeof(root));
	ev_jw_object(w);
	ev_jw_key_int(w, "count", list->count);
	ev_jw_key_text(w, "list", name);
	ev_jw_key_text(w, "root", hex);
	ev_jw_close(w);
	return EV_OK;
}

enum ev_rc
ev_list_line(void *list, const void *line, size_t len, struct ev_err *err)
{
	return ev_list_add(list, line, len, err);
}
