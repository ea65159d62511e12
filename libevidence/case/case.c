/* A case folder: open, lock, describe, close. */
#define _GNU_SOURCE /* F_OFD_SETLK */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/custody.h"
#include "evidence/text.h"
#include "evidence/when.h"

enum { LOCK_TEXT = 512, SELF_CHUNK = 65536 };

static const char sql_case[] =
    "SELECT case_id, number, title, created, log_pub, list_key"
    " FROM case_info WHERE id = 1";
static const char sql_role[] = "SELECT role FROM actor WHERE actor = ?";
static const char sql_only[] = "SELECT actor, role FROM actor LIMIT 2";

bool
ev_id_parse(const char *text, char *kind, int64_t *number)
{
	if (text[0] < 'A' || text[0] > 'Z' || strlen(text) < 2)
		return false;
	if (!ev_text_int(number, text + 1, strlen(text) - 1, 1, INT64_MAX))
		return false;
	*kind = text[0];
	return true;
}

void
ev_id_print(char text[EV_ID_TEXT], char kind, int64_t number)
{
	(void)snprintf(text, EV_ID_TEXT, "%c%06jd", kind, (intmax_t)number);
}

enum ev_rc
ev_case_new(struct ev_case **out, const char *dir, struct ev_err *err)
{
	struct ev_case *c;
	size_t len = strlen(dir);

	*out = NULL;
	while (len > 1 && dir[len - 1] == '/')
		len--;
	if (len >= EV_CASE_PATH - 64)
		return ev_fail(err, EV_LIMIT, "case path is too long");
	c = calloc(1, sizeof(*c));
	if (c == NULL)
		return ev_fail_sys(err, "cannot open '%s'", dir);
	memcpy(c->dir, dir, len);
	c->dir_fd = c->heads_fd = c->lock_fd = -1;
	ev_buf_init(&c->line, EV_CASE_LINE);
	c->info = (struct ev_case_info){
		.case_id = c->case_id,
		.number = c->number,
		.title = c->title,
		.created = c->created,
		.dir = c->dir,
	};
	*out = c;
	return EV_OK;
}

void
ev_case_leave(struct ev_case *c)
{
	ev_db_finish(c->log_last);
	ev_db_finish(c->log_append);
	c->log_last = c->log_append = NULL;
	c->last.turn = 0;
	ev_db_close(c->db);
	c->db = NULL;
}

void
ev_case_close(struct ev_case *c)
{
	if (c == NULL)
		return;
	ev_logkey_free(c->log_pub);
	ev_case_leave(c);
	if (c->lock_fd >= 0)
		(void)close(c->lock_fd);
	if (c->heads_fd >= 0)
		(void)close(c->heads_fd);
	if (c->dir_fd >= 0)
		(void)close(c->dir_fd);
	ev_cleanse(c->list_key, sizeof(c->list_key));
	ev_buf_release(&c->line);
	free(c);
}

/* Locks on these cannot be relied on (hostile.md 11). */
static enum ev_rc
check_disk(struct ev_case *c, struct ev_err *err)
{
	static const unsigned long network[] = {
		0x6969,     /* NFS */
		0x517b,     /* SMB */
		0xff534d42, /* CIFS */
		0xfe534d42, /* SMB2 */
		0x01021997, /* 9p */
		0x00c36400, /* Ceph */
	};
	struct statfs fs;
	size_t i;

	if (fstatfs(c->dir_fd, &fs) != 0)
		return ev_fail_sys(err, "cannot tell the file system");
	for (i = 0; i < sizeof(network) / sizeof(network[0]); i++) {
		if ((unsigned long)fs.f_type == network[i])
			return ev_fail(err, EV_USE,
			    "lies on a network file system: a case there may "
			    "only be read");
	}
	return EV_OK;
}

static enum ev_rc
say_holder(struct ev_case *c, struct ev_err *err)
{
	char text[LOCK_TEXT] = { 0 };
	ssize_t n;

	n = pread(c->lock_fd, text, sizeof(text) - 1, 0);
	if (n <= 0)
		(void)snprintf(text, sizeof(text), "another program");
	text[strcspn(text, "\n")] = '\0';
	return ev_fail(err, EV_USE, "is being written by %s", text);
}

/* The kernel drops the lock at death: text without a lock is stale. */
static enum ev_rc
take_lock(struct ev_case *c, struct ev_err *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char text[LOCK_TEXT], when[EV_WHEN_TEXT];
	struct utsname host;
	struct ev_clock clock;
	enum ev_rc rc;
	int len;

	c->lock_fd = openat(c->dir_fd, "case.lock",
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (c->lock_fd < 0)
		return ev_fail_sys(err, "cannot open 'case.lock'");
	if (fcntl(c->lock_fd, F_OFD_SETLK, &lock) != 0) {
		if (errno == EAGAIN || errno == EACCES)
			return say_holder(c, err);
		return ev_fail_sys(err, "cannot lock 'case.lock'");
	}
	rc = ev_when_now(&clock, err);
	if (rc != EV_OK)
		return rc;
	ev_when_print(when, clock.wall_us, EV_PREC_S);
	memset(&host, 0, sizeof(host));
	(void)uname(&host);
	len = snprintf(text, sizeof(text),
	    "%s, process %jd on %s, user %ju, "
	    "since %s\n",
	    c->act.tool, (intmax_t)getpid(), host.nodename, (uintmax_t)getuid(),
	    when);
	if (ftruncate(c->lock_fd, 0) != 0)
		return ev_fail_sys(err, "cannot write 'case.lock'");
	return ev_fs_write(c->lock_fd, text, (size_t)len, err);
}

enum ev_rc
ev_case_tool(struct ev_case *c, struct ev_err *err)
{
	unsigned char chunk[SELF_CHUNK];
	struct ev_digests out;
	struct ev_digest d;
	enum ev_rc rc;
	ssize_t n = 0;
	int fd;

	rc = ev_digest_init(&d, EV_D_SHA256, err);
	if (rc != EV_OK)
		return rc;
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		rc = ev_fail_sys(err, "cannot read this program's own file");
	while (rc == EV_OK && (n = read(fd, chunk, sizeof(chunk))) > 0)
		rc = ev_digest_update(&d, chunk, (size_t)n, err);
	if (rc == EV_OK && n < 0)
		rc = ev_fail_sys(err, "cannot read this program's own file");
	if (rc == EV_OK)
		rc = ev_digest_final(&d, &out, err);
	if (rc == EV_OK)
		ev_text_hex(c->tool_sha256, out.sha256, EV_SHA256);
	if (fd >= 0)
		(void)close(fd);
	ev_digest_release(&d);
	return rc;
}

static enum ev_rc
keep_word(char *to, size_t cap, const char *from, struct ev_err *err)
{
	if (from == NULL || strlen(from) >= cap)
		return ev_fail(err, EV_INPUT, "case_info does not fit");
	memcpy(to, from, strlen(from) + 1);
	return EV_OK;
}

static enum ev_rc
load_row(struct ev_case *c, struct ev_stmt *st, struct ev_err *err)
{
	const char *id, *number, *title, *created, *pub;
	const void *key;
	size_t pub_len, key_len;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "sssstb", &id, &number, &title, &created, &pub,
	    &pub_len, &key, &key_len);
	if (rc == EV_OK)
		rc = keep_word(c->case_id, sizeof(c->case_id), id, err);
	if (rc == EV_OK)
		rc = keep_word(c->number, sizeof(c->number), number, err);
	if (rc == EV_OK)
		rc = keep_word(c->title, sizeof(c->title), title, err);
	if (rc == EV_OK)
		rc = keep_word(c->created, sizeof(c->created), created, err);
	if (rc == EV_OK && key_len != sizeof(c->list_key))
		rc = ev_fail(err, EV_INPUT, "case_info holds no list key");
	if (rc != EV_OK)
		return rc;
	memcpy(c->list_key, key, key_len);
	return ev_logkey_read(&c->log_pub, pub, pub_len, NULL, err);
}

enum ev_rc
ev_case_load(struct ev_case *c, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err, sql_case, "");
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_INPUT, "case_info is empty");
	if (rc == EV_OK)
		rc = load_row(c, st, err);
	ev_db_finish(st);
	return rc;
}

/* The only actor, where none was named. */
static enum ev_rc
only_actor(struct ev_case *c, struct ev_err *err)
{
	const char *actor, *role;
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err, sql_only, "");
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "ss", &actor, &role);
	if (rc == EV_OK)
		rc = keep_word(c->actor, sizeof(c->actor), actor, err);
	if (rc == EV_OK)
		rc = keep_word(c->role, sizeof(c->role), role, err);
	if (rc == EV_OK && ev_db_step(st, err) == EV_OK)
		rc = ev_fail(err, EV_USE,
		    "several persons are enrolled: say whose act this is "
		    "with --as @name");
	else if (rc == EV_EOF)
		rc = ev_fail(err, EV_INPUT, "nobody is enrolled");
	ev_db_finish(st);
	return rc;
}

static enum ev_rc
named_actor(struct ev_case *c, const char *actor, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *role = NULL;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err, sql_role, "s", actor);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE, "'%.64s' is not enrolled", actor);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "s", &role);
	if (rc == EV_OK)
		rc = keep_word(c->role, sizeof(c->role), role, err);
	if (rc == EV_OK)
		rc = keep_word(c->actor, sizeof(c->actor), actor, err);
	ev_db_finish(st);
	return rc;
}

static enum ev_rc
open_for_writing(struct ev_case *c, const struct ev_act *act,
    struct ev_err *err)
{
	enum ev_rc rc;

	c->act = *act;
	rc = act->actor == NULL ? only_actor(c, err)
				: named_actor(c, act->actor, err);
	c->act.actor = c->actor;
	if (rc == EV_OK)
		rc = ev_case_may_write(c, err);
	if (rc == EV_OK)
		rc = ev_case_tool(c, err);
	if (rc == EV_OK)
		rc = ev_custody_mend(c, err);
	/* A run was killed before its head: a signature may be over it. */
	if (rc == EV_OK)
		rc = ev_custody_seal(c, err);
	return rc;
}

static enum ev_rc
open_parts(struct ev_case *c, enum ev_case_mode mode, const struct ev_act *act,
    struct ev_err *err)
{
	char path[EV_CASE_PATH];
	enum ev_rc rc;

	rc = ev_fs_dir(&c->dir_fd, c->dir, err);
	if (rc != EV_OK)
		return rc;
	(void)snprintf(path, sizeof(path), "%.4000s/heads", c->dir);
	if (mode == EV_CASE_WRITE) {
		c->act = *act;
		if (faccessat(c->dir_fd, "case.db", F_OK,
			AT_SYMLINK_NOFOLLOW) != 0)
			return ev_fail_sys(err, "cannot find 'case.db'");
		rc = check_disk(c, err);
		if (rc == EV_OK)
			rc = take_lock(c, err);
	}
	if (rc == EV_OK)
		rc = ev_fs_dir(&c->heads_fd, path, err);
	(void)snprintf(path, sizeof(path), "%.4000s/case.db", c->dir);
	if (rc == EV_OK)
		rc = ev_db_open(&c->db, path,
		    mode == EV_CASE_WRITE ? EV_DB_WRITE : EV_DB_READ, err);
	if (rc == EV_OK)
		rc = ev_case_load(c, err);
	if (rc == EV_OK && mode == EV_CASE_WRITE)
		rc = open_for_writing(c, act, err);
	return rc;
}

enum ev_rc
ev_case_open(struct ev_case **out, const char *dir, enum ev_case_mode mode,
    const struct ev_act *act, struct ev_err *err)
{
	struct ev_case *c;
	enum ev_rc rc;

	*out = NULL;
	if (mode == EV_CASE_WRITE && (act == NULL || act->tool == NULL))
		return ev_fail(err, EV_USE, "writing needs somebody who acts");
	rc = ev_case_new(&c, dir, err);
	if (rc != EV_OK)
		return rc;
	rc = open_parts(c, mode, act, err);
	if (rc != EV_OK) {
		ev_case_close(c);
		return strncmp(err->msg, dir, strlen(dir)) == 0
			   ? rc
			   : ev_fail_in(err, dir);
	}
	*out = c;
	return EV_OK;
}

const struct ev_case_info *
ev_case_info(const struct ev_case *c)
{
	return &c->info;
}

struct ev_db *
ev_case_db(struct ev_case *c)
{
	return c->db;
}

int
ev_case_dir_fd(const struct ev_case *c)
{
	return c->dir_fd;
}

int
ev_case_heads_fd(const struct ev_case *c)
{
	return c->heads_fd;
}

const struct ev_act *
ev_case_act(const struct ev_case *c)
{
	return &c->act;
}

const struct ev_logkey *
ev_case_log_key(const struct ev_case *c)
{
	return c->log_pub;
}

enum ev_rc
ev_case_list_key(struct ev_case *c, const char *name,
    unsigned char key[EV_SHA256], struct ev_err *err)
{
	return ev_hmac_sha256(key, c->list_key, name, strlen(name), err);
}

enum ev_rc
ev_case_log_secret(struct ev_case *c, struct ev_logkey **key,
    struct ev_err *err)
{
	struct ev_buf pem;
	enum ev_rc rc;

	*key = NULL;
	ev_buf_init(&pem, 65536);
	rc = ev_fs_read_all(&pem, c->dir_fd, "log.key", err);
	if (rc == EV_OK)
		rc = ev_logkey_read(key, pem.data, pem.len, NULL, err);
	if (pem.data != NULL)
		ev_cleanse(pem.data, pem.cap);
	ev_buf_release(&pem);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, "log.key");
}
