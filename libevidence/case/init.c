/* A case folder is made whole or not at all. */
#define _GNU_SOURCE /* renameat2 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/custody.h"
#include "evidence/json.h"
#include "evidence/when.h"

enum { PEM_LIMIT = 65536, LINE_LIMIT = 1 << 20, UUID = 16 };

static const char sql_case[] =
    "INSERT INTO case_info(id, case_id, number, title, created, log_pub,"
    " list_key) VALUES(1, ?, ?, ?, ?, ?, ?)";

static const char suffix[] = ".evcase";

/* RFC 9562, version 4. */
static enum ev_rc
make_id(char id[64], struct ev_err *err)
{
	unsigned char b[UUID];
	enum ev_rc rc;

	rc = ev_random(b, sizeof(b), err);
	if (rc != EV_OK)
		return rc;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	(void)snprintf(id, 64,
	    "urn:uuid:%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
	    "%02x%02x%02x%02x%02x%02x",
	    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
	    b[11], b[12], b[13], b[14], b[15]);
	return EV_OK;
}

static enum ev_rc
make_log_key(struct ev_case *c, struct ev_buf *pub, struct ev_err *err)
{
	struct ev_logkey *key = NULL;
	struct ev_buf pem;
	enum ev_rc rc;

	ev_buf_init(&pem, PEM_LIMIT);
	rc = ev_logkey_make(&key, err);
	if (rc == EV_OK)
		rc = ev_logkey_private_pem(key, NULL, &pem, err);
	if (rc == EV_OK)
		rc = ev_fs_put(c->dir_fd, "log.key", pem.data, pem.len, 0400,
		    false, err);
	if (rc == EV_OK)
		rc = ev_logkey_public_pem(key, pub, err);
	ev_logkey_free(key);
	if (pem.data != NULL)
		ev_cleanse(pem.data, pem.cap);
	ev_buf_release(&pem);
	return rc;
}

static enum ev_rc
open_entry(struct ev_case *c, const struct ev_case_new *what,
    const struct ev_buf *pub, struct ev_err *err)
{
	struct ev_entry entry = { .action = "open" };
	struct ev_buf after;
	struct ev_jw w;
	int64_t seq;
	enum ev_rc rc;

	ev_buf_init(&after, LINE_LIMIT);
	ev_jw_init(&w, &after);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "case", c->case_id);
	ev_jw_key_text(&w, "created", c->created);
	ev_jw_key_text(&w, "log_key", ev_buf_text(pub));
	ev_jw_key_text(&w, "number", what->number);
	ev_jw_key_text(&w, "title", what->title);
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(c, &entry, &seq, err);
	ev_buf_release(&after);
	return rc;
}

static enum ev_rc
fill(struct ev_case *c, const struct ev_case_new *what,
    const struct ev_buf *pub, struct ev_err *err)
{
	struct ev_clock clock;
	enum ev_rc rc;

	rc = ev_when_now(&clock, err);
	if (rc == EV_OK)
		rc = make_id(c->case_id, err);
	if (rc == EV_OK)
		rc = ev_random(c->list_key, sizeof(c->list_key), err);
	if (rc == EV_OK)
		rc = ev_case_actor_id(&what->actor, c->actor, err);
	if (rc == EV_OK)
		rc = ev_case_tool(c, err);
	if (rc != EV_OK)
		return rc;
	ev_when_print(c->created, clock.wall_us, EV_PREC_S);
	(void)snprintf(c->role, sizeof(c->role), "%s", what->actor.role);
	c->act.actor = c->actor;
	rc = ev_db_begin(c->db, err);
	if (rc == EV_OK)
		rc = ev_db_run(c->db, err, sql_case, "sssssb", c->case_id,
		    what->number, what->title, c->created, ev_buf_text(pub),
		    (const void *)c->list_key, sizeof(c->list_key));
	if (rc == EV_OK)
		rc = open_entry(c, what, pub, err);
	if (rc == EV_OK)
		rc = ev_case_add_person(c, &what->actor, err);
	if (rc == EV_OK)
		return ev_db_commit(c->db, err);
	ev_db_rollback(c->db);
	return rc;
}

static enum ev_rc
make_parts(struct ev_case *c, const struct ev_case_new *what,
    struct ev_err *err)
{
	char path[EV_CASE_PATH];
	struct ev_buf pub;
	enum ev_rc rc;

	ev_buf_init(&pub, PEM_LIMIT);
	rc = ev_fs_dir(&c->dir_fd, c->dir, err);
	if (rc == EV_OK && (mkdirat(c->dir_fd, "heads", 0755) != 0 ||
			       mkdirat(c->dir_fd, "vault", 0755) != 0))
		rc = ev_fail_sys(err, "cannot make 'heads' and 'vault'");
	(void)snprintf(path, sizeof(path), "%.4000s/heads", c->dir);
	if (rc == EV_OK)
		rc = ev_fs_dir(&c->heads_fd, path, err);
	(void)snprintf(path, sizeof(path), "%.4000s/case.db", c->dir);
	if (rc == EV_OK)
		rc = ev_db_open(&c->db, path, EV_DB_CREATE, err);
	if (rc == EV_OK)
		rc = make_log_key(c, &pub, err);
	if (rc == EV_OK)
		rc = fill(c, what, &pub, err);
	if (rc == EV_OK)
		rc = ev_case_load(c, err);
	if (rc == EV_OK)
		rc = ev_custody_seal(c, err);
	if (rc == EV_OK)
		rc = ev_fs_sync(c->dir_fd, c->dir, err);
	ev_buf_release(&pub);
	return rc;
}

/* Remove what make_parts left; nothing else was ever in there. */
static void
remove_parts(struct ev_case *c)
{
	static const char *const parts[] = { "heads/000001.note",
		"heads/000002.note", "case.db", "case.db-wal", "case.db-shm",
		"case.lock", "log.key", "self.key" };
	int fd = c->dir_fd;
	size_t i;

	if (fd < 0)
		return;
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		(void)unlinkat(fd, parts[i], 0);
	(void)unlinkat(fd, "heads", AT_REMOVEDIR);
	(void)unlinkat(fd, "vault", AT_REMOVEDIR);
	(void)rmdir(c->dir);
}

static enum ev_rc
check_names(const char *dir, const struct ev_case_new *what, struct ev_err *err)
{
	size_t len = strlen(dir), end = strlen(suffix);

	while (len > 1 && dir[len - 1] == '/')
		len--;
	if (len <= end || memcmp(dir + len - end, suffix, end) != 0 ||
	    dir[len - end - 1] == '/')
		return ev_fail(err, EV_USE,
		    "a case is named NAME.evcase, not '%.128s'", dir);
	if (what->number[0] == '\0' || what->actor.name[0] == '\0' ||
	    what->actor.role[0] == '\0')
		return ev_fail(err, EV_USE,
		    "number, actor and role may not be empty");
	if (access(dir, F_OK) == 0)
		return ev_fail(err, EV_USE, "'%.128s' exists already", dir);
	return EV_OK;
}

static enum ev_rc
put_in_place(struct ev_case *c, const char *dir, struct ev_err *err)
{
	char parent[EV_CASE_PATH], *slash;
	enum ev_rc rc;
	int fd = -1;

	ev_case_leave(c);
	if (renameat2(AT_FDCWD, c->dir, AT_FDCWD, dir, RENAME_NOREPLACE) != 0)
		return ev_fail_sys(err, "cannot put '%.128s' in place", dir);
	(void)snprintf(parent, sizeof(parent), "%s", c->dir);
	slash = strrchr(parent, '/');
	if (slash == NULL)
		(void)snprintf(parent, sizeof(parent), ".");
	else
		slash[slash == parent ? 1 : 0] = '\0';
	rc = ev_fs_dir(&fd, parent, err);
	if (rc == EV_OK)
		rc = ev_fs_sync(fd, parent, err);
	if (fd >= 0)
		(void)close(fd);
	return rc;
}

/* "a/b.evcase" is built as "a/.b.evcase.XXXXXX". */
static enum ev_rc
work_name(char path[EV_CASE_PATH], const char *dir, struct ev_err *err)
{
	const char *base;
	int len;

	base = strrchr(dir, '/');
	base = base == NULL ? dir : base + 1;
	len = snprintf(path, EV_CASE_PATH, "%.*s.%s.XXXXXX", (int)(base - dir),
	    dir, base);
	if (len < 0 || len >= EV_CASE_PATH)
		return ev_fail(err, EV_LIMIT, "case path is too long");
	if (mkdtemp(path) == NULL)
		return ev_fail_sys(err, "cannot make a folder beside '%.128s'",
		    dir);
	if (chmod(path, 0755) != 0)
		return ev_fail_sys(err, "cannot set the mode of '%.128s'",
		    path);
	return EV_OK;
}

enum ev_rc
ev_case_init(const char *dir, const struct ev_case_new *what,
    const struct ev_act *act, struct ev_err *err)
{
	char path[EV_CASE_PATH], name[EV_CASE_PATH];
	struct ev_case *c = NULL;
	enum ev_rc rc;
	size_t len;

	rc = check_names(dir, what, err);
	if (rc != EV_OK)
		return rc;
	if (snprintf(name, sizeof(name), "%s", dir) >= (int)sizeof(name))
		return ev_fail(err, EV_LIMIT, "case path is too long");
	for (len = strlen(name); len > 1 && name[len - 1] == '/'; len--)
		name[len - 1] = '\0';
	rc = work_name(path, name, err);
	if (rc == EV_OK)
		rc = ev_case_new(&c, path, err);
	if (rc != EV_OK)
		return rc;
	c->act = *act;
	rc = make_parts(c, what, err);
	if (rc == EV_OK)
		rc = put_in_place(c, name, err);
	if (rc != EV_OK) {
		ev_case_leave(c);
		remove_parts(c);
	}
	ev_case_close(c);
	return rc;
}

static enum ev_rc
migrate_entry(struct ev_case *c, int64_t from, int64_t to, struct ev_err *err)
{
	struct ev_entry entry = { .action = "migrate" };
	char before[64], after[64];
	int64_t seq;
	enum ev_rc rc;

	(void)snprintf(before, sizeof(before), "{\"format\":%jd}",
	    (intmax_t)from);
	(void)snprintf(after, sizeof(after), "{\"format\":%jd}", (intmax_t)to);
	entry.before = before;
	entry.after = after;
	rc = ev_db_begin(c->db, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_custody_append(c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_commit(c->db, err);
	else
		ev_db_rollback(c->db);
	return rc == EV_OK ? ev_custody_seal(c, err) : rc;
}

enum ev_rc
ev_case_migrate(const char *dir, const struct ev_act *act, int64_t *from,
    int64_t *to, struct ev_err *err)
{
	char path[EV_CASE_PATH];
	struct ev_act any = *act;
	struct ev_case *c = NULL;
	enum ev_rc rc;

	any.after_close = true;
	*from = *to = 0;
	if (snprintf(path, sizeof(path), "%s/case.db", dir) >=
	    (int)sizeof(path))
		return ev_fail(err, EV_LIMIT, "case path is too long");
	rc = ev_db_migrate(path, from, to, err);
	if (rc != EV_OK || *from == *to)
		return rc;
	rc = ev_case_open(&c, dir, EV_CASE_WRITE, &any, err);
	if (rc == EV_OK)
		rc = migrate_entry(c, *from, *to, err);
	ev_case_close(c);
	return rc;
}
