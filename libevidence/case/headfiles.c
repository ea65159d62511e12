/* What stands in heads/, held against the database. */
#define _GNU_SOURCE /* fdopendir, openat */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/headfiles.h"
#include "evidence/text.h"

enum { TOKEN_LIMIT = 1 << 20, WHAT = 300 };

void
ev_head_name(char name[EV_HEAD_NAME], int64_t size)
{
	(void)snprintf(name, EV_HEAD_NAME, "%06jd.note", (intmax_t)size);
}

void
ev_token_name(char name[EV_HEAD_NAME], int64_t size, int64_t n)
{
	if (n == 1)
		(void)snprintf(name, EV_HEAD_NAME, "%06jd.tst", (intmax_t)size);
	else
		(void)snprintf(name, EV_HEAD_NAME, "%06jd-%jd.tst",
		    (intmax_t)size, (intmax_t)n);
}

/* The number in a file name of heads/, 0 if it is none. */
static int64_t
note_number(const char *name)
{
	const char *dot = strchr(name, '.');
	int64_t n;

	if (dot == NULL || strcmp(dot, ".note") != 0 ||
	    !ev_text_int(&n, name, (size_t)(dot - name), 1, INT64_MAX))
		return 0;
	return n;
}

enum ev_rc
ev_head_files(struct ev_case *c, ev_head_file_fn *each, void *ctx,
    struct ev_err *err)
{
	const struct dirent *e;
	enum ev_rc rc = EV_OK;
	int64_t n;
	DIR *dir;
	int fd;

	fd = openat(c->heads_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		rc = ev_fail_sys(err, "cannot list 'heads'");
		if (fd >= 0)
			(void)close(fd);
		return rc;
	}
	while (rc == EV_OK && (e = readdir(dir)) != NULL) {
		n = note_number(e->d_name);
		if (n > 0)
			rc = each(ctx, n, err);
	}
	(void)closedir(dir);
	return rc;
}

struct check {
	struct ev_case *c;
	ev_signed_fn *told;
	void *ctx;
	int64_t newest; /* head of the database */
};

/* A note that no row names: removed there, or written by a broken run. */
static enum ev_rc
check_note(void *ctx, int64_t size, struct ev_err *err)
{
	struct check *k = ctx;
	char what[WHAT], name[EV_HEAD_NAME];
	int64_t rows = 0;
	enum ev_rc rc;

	rc = ev_db_int(k->c->db, &rows, err,
	    "SELECT count(*) FROM head WHERE size = ?", "i", size);
	if (rc != EV_OK || rows > 0)
		return rc;
	ev_head_name(name, size);
	if (size < k->newest) {
		(void)snprintf(what, sizeof(what),
		    "head %jd was removed: heads/%s is not in the database",
		    (intmax_t)size, name);
		k->told(k->ctx, EV_CUSTODY_FAILED, size, what);
	} else {
		(void)snprintf(what, sizeof(what),
		    "head %jd: heads/%s is not in the database: a command was "
		    "interrupted, or it was removed there",
		    (intmax_t)size, name);
		k->told(k->ctx, EV_CUSTODY_UNCHECKED, size, what);
	}
	return EV_OK;
}

static void
check_token(struct check *k, const char *name, int64_t size, const void *der,
    size_t len)
{
	char what[WHAT];
	struct ev_buf file;
	struct ev_err why;

	ev_buf_init(&file, TOKEN_LIMIT);
	if (ev_fs_read_all(&file, k->c->heads_fd, name, &why) != EV_OK) {
		(void)snprintf(what, sizeof(what),
		    "the copy of a token over head %jd is missing: %.200s",
		    (intmax_t)size, why.msg);
		k->told(k->ctx, EV_CUSTODY_FAILED, size, what);
	} else if (file.len != len ||
		   (len > 0 && memcmp(file.data, der, len) != 0)) {
		(void)snprintf(what, sizeof(what),
		    "heads/%s differs from the database: a token over head %jd",
		    name, (intmax_t)size);
		k->told(k->ctx, EV_CUSTODY_FAILED, size, what);
	}
	ev_buf_release(&file);
}

static enum ev_rc
check_tokens(struct check *k, struct ev_err *err)
{
	char name[EV_HEAD_NAME];
	struct ev_stmt *st = NULL;
	int64_t size, last = 0, n = 0;
	const void *der;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(k->c->db, &st, err,
	    "SELECT number, der FROM token WHERE subject = 'head'"
	    " ORDER BY number, id",
	    "");
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "ib", &size, &der, &len);
		if (rc != EV_OK)
			break;
		n = size == last ? n + 1 : 1;
		last = size;
		ev_token_name(name, size, n);
		check_token(k, name, size, der, len);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_head_files_check(struct ev_case *c, ev_signed_fn *told, void *ctx,
    struct ev_err *err)
{
	struct check k = { .c = c, .told = told, .ctx = ctx };
	enum ev_rc rc;

	rc = ev_db_int(c->db, &k.newest, err,
	    "SELECT coalesce(max(size), 0) FROM head", "");
	if (rc == EV_OK)
		rc = ev_head_files(c, check_note, &k, err);
	return rc == EV_OK ? check_tokens(&k, err) : rc;
}
