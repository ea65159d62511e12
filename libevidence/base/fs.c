/* Open beneath a directory; write, fsync, rename, fsync. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "evidence/text.h"

enum {
	CHUNK = 65536,
	TRIES = 16,     /* of what a race with another process can refuse */
	SHOWN = 256,    /* bytes of a path in a message */
	TEMP_NAME = 32, /* ".ev-put-" and 16 hex digits */
};

/* A path is foreign text: a message shows it escaped, and its start only. */
static const char *
show(char shown[SHOWN], const char *path)
{
	struct ev_buf safe;
	struct ev_err ignored;
	const int saved = errno;

	ev_buf_init(&safe, (size_t)16 * SHOWN);
	if (ev_text_safe(&safe, path, strnlen(path, SHOWN), EV_TEXT_NAME,
		&ignored) != EV_OK)
		ev_buf_clear(&safe);
	(void)snprintf(shown, SHOWN, "%s", ev_buf_text(&safe));
	ev_buf_release(&safe);
	errno = saved;
	return shown;
}

/* What openat2(2) means by two of its errors. */
static enum ev_rc
fail_open(struct ev_err *err, const char *path)
{
	char shown[SHOWN];
	const int saved = errno;

	show(shown, path);
	if (saved == EXDEV)
		(void)ev_fail(err, EV_SYS,
		    "cannot open '%s': it leads out of its folder", shown);
	else if (saved == ELOOP)
		(void)ev_fail(err, EV_SYS,
		    "cannot open '%s': a symbolic link is in it", shown);
	else
		(void)ev_fail_sys(err, "cannot open '%s'", shown);
	err->errnum = saved;
	return EV_SYS;
}

/* The next part of a path, and the rest behind its slashes; 0: no more. */
static size_t
next_part(const char **path)
{
	size_t len;

	while (**path == '/')
		(*path)++;
	for (len = 0; (*path)[len] != '\0' && (*path)[len] != '/'; len++)
		continue;
	return len;
}

/* Absolute, or with a part that goes up. */
static bool
leads_out(const char *path)
{
	size_t len;

	if (path[0] == '/')
		return true;
	for (; (len = next_part(&path)) > 0; path += len) {
		if (len == 2 && path[0] == '.' && path[1] == '.')
			return true;
	}
	return false;
}

/* One step down; a link is ELOOP, also where a folder was asked for. */
static int
step(int dir, const char *part, size_t len, int flags)
{
	char name[NAME_MAX + 1];
	struct stat st;
	int fd;

	if (len > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(name, part, len);
	name[len] = '\0';
	fd = openat(dir, name, flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOTDIR &&
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	}
	return fd;
}

/*
 * What openat2 does, step by step, for a kernel before 5.6 and for valgrind.
 * Without a part that goes up nothing but a link could lead out.
 */
static int
walk(int dir, const char *path, int flags)
{
	int at = dir, fd = -1, how, saved;
	const char *part, *rest;
	size_t len;
	bool last;

	errno = ENOENT;
	while ((len = next_part(&path)) > 0) {
		part = path;
		path += len;
		rest = path;
		last = next_part(&rest) == 0;
		/* A slash behind the last part asks for a folder. */
		how = last ? flags : O_PATH;
		if (*path == '/')
			how |= O_DIRECTORY;
		fd = step(at, part, len, how);
		if (at != dir) {
			saved = errno;
			(void)close(at);
			errno = saved;
		}
		at = fd;
		if (last || fd < 0)
			break;
	}
	return fd;
}

/* glibc has no wrapper for openat2(2). */
static int
open_beneath(int dir, const char *path, int flags)
{
	struct open_how how;
	long fd;
	int i;

	if (leads_out(path)) {
		errno = EXDEV;
		return -1;
	}
	memset(&how, 0, sizeof(how));
	how.flags = (unsigned)flags | O_CLOEXEC | O_NOFOLLOW;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
	/* EAGAIN: a rename elsewhere made it unsure that we stay beneath. */
	for (i = 0; i < TRIES; i++) {
		fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	if (fd < 0 && errno == ENOSYS)
		return walk(dir, path, flags);
	return (int)fd;
}

enum ev_rc
ev_fs_dir(int *fd, const char *path, struct ev_err *err)
{
	char *bare;
	size_t len = strlen(path);

	*fd = -1;
	/* A slash behind a link would follow it in spite of O_NOFOLLOW. */
	while (len > 1 && path[len - 1] == '/')
		len--;
	bare = strndup(path, len);
	if (bare == NULL)
		return ev_fail_sys(err, "cannot copy a path");
	*fd = open(bare, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	free(bare);
	if (*fd < 0)
		return fail_open(err, path);
	return EV_OK;
}

enum ev_rc
ev_fs_open(int *fd, int dir, const char *path, bool *noatime,
    struct ev_err *err)
{
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;

	if (noatime != NULL)
		*noatime = true;
	*fd = open_beneath(dir, path, flags | O_NOATIME);
	if (*fd < 0 && errno == EPERM) {
		/* open(2): only the owner may ask for O_NOATIME. */
		if (noatime != NULL)
			*noatime = false;
		*fd = open_beneath(dir, path, flags);
	}
	if (*fd < 0)
		return fail_open(err, path);
	return EV_OK;
}

enum ev_rc
ev_fs_write(int fd, const void *data, size_t len, struct ev_err *err)
{
	const unsigned char *p = data;
	ssize_t n;

	while (len > 0) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ev_fail_sys(err, "cannot write");
		if (n == 0)
			return ev_fail(err, EV_SYS,
			    "cannot write: nothing was taken");
		p += n;
		len -= (size_t)n;
	}
	return EV_OK;
}

enum ev_rc
ev_fs_pread(int fd, void *data, size_t len, int64_t offset, struct ev_err *err)
{
	unsigned char *p = data;
	ssize_t n;

	while (len > 0) {
		n = pread(fd, p, len, offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ev_fail_sys(err, "cannot read at byte %jd",
			    (intmax_t)offset);
		if (n == 0)
			return ev_fail(err, EV_INPUT,
			    "the file ends at byte %jd, %zu bytes short",
			    (intmax_t)offset, len);
		p += n;
		len -= (size_t)n;
		offset += n;
	}
	return EV_OK;
}

/* Append what fd still holds; one byte past the limit is looked for. */
static enum ev_rc
read_rest(struct ev_buf *buf, int fd, struct ev_err *err)
{
	enum ev_rc rc;
	size_t room;
	ssize_t n;
	char extra;

	for (;;) {
		room = buf->limit - buf->len;
		if (room > CHUNK)
			room = CHUNK;
		rc = ev_buf_reserve(buf, room, err);
		if (rc != EV_OK)
			return rc;
		if (room > 0)
			n = read(fd, buf->data + buf->len, room);
		else
			n = read(fd, &extra, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ev_fail_sys(err, "cannot read");
		if (n == 0)
			return EV_OK;
		if (room == 0)
			return ev_fail(err, EV_LIMIT, "more than %zu bytes",
			    buf->limit);
		buf->len += (size_t)n;
		buf->data[buf->len] = '\0';
	}
}

enum ev_rc
ev_fs_read_all(struct ev_buf *buf, int dir, const char *path,
    struct ev_err *err)
{
	char shown[SHOWN], quoted[SHOWN + 16];
	struct stat st;
	enum ev_rc rc;
	int fd;

	if (dir == AT_FDCWD) {
		/* Not to wait for the writer of a pipe. */
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		rc = fd >= 0 ? EV_OK
			     : ev_fail_sys(err, "cannot open '%s'",
				   show(shown, path));
	} else {
		rc = ev_fs_open(&fd, dir, path, NULL, err);
	}
	if (rc != EV_OK)
		return rc;
	if (fstat(fd, &st) < 0)
		rc = ev_fail_sys(err, "cannot stat");
	else if (!S_ISREG(st.st_mode))
		rc = ev_fail(err, EV_INPUT, "not a regular file");
	else
		rc = read_rest(buf, fd, err);
	(void)close(fd);
	if (rc == EV_OK)
		return EV_OK;
	(void)snprintf(quoted, sizeof(quoted), "'%s'", show(shown, path));
	return ev_fail_in(err, quoted);
}

/* A name no file has yet, in the folder itself: rename stays in one place. */
static enum ev_rc
open_temp(int *fd, char name[TEMP_NAME], int dir, struct ev_err *err)
{
	uint64_t number;
	int i;

	*fd = -1;
	for (i = 0; i < TRIES && *fd < 0; i++) {
		if (getrandom(&number, sizeof(number), 0) !=
		    (ssize_t)sizeof(number))
			return ev_fail_sys(err, "cannot get random bytes");
		(void)snprintf(name, TEMP_NAME, ".ev-put-%016jx",
		    (uintmax_t)number);
		*fd = openat(dir, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    S_IRUSR | S_IWUSR);
		if (*fd < 0 && errno != EEXIST)
			break;
	}
	if (*fd < 0)
		return ev_fail_sys(err, "cannot create a temporary file");
	return EV_OK;
}

static enum ev_rc
fill(int fd, const void *data, size_t len, mode_t mode, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_fs_write(fd, data, len, err);
	if (rc == EV_OK && fchmod(fd, mode) < 0)
		rc = ev_fail_sys(err, "cannot set the mode");
	if (rc == EV_OK)
		rc = ev_fs_sync(fd, "the new file", err);
	return rc;
}

static enum ev_rc
place(int dir, const char *temp, const char *name, bool replace,
    struct ev_err *err)
{
	const unsigned flags = replace ? 0 : RENAME_NOREPLACE;

	if (renameat2(dir, temp, dir, name, flags) == 0)
		return EV_OK;
	if (!replace && errno == EINVAL) {
		/* No RENAME_NOREPLACE here: link(2) never replaces. */
		if (linkat(dir, temp, dir, name, 0) == 0) {
			(void)unlinkat(dir, temp, 0);
			return EV_OK;
		}
	}
	if (!replace && errno == EEXIST)
		return ev_fail(err, EV_USE, "it exists already");
	return ev_fail_sys(err, "cannot rename");
}

enum ev_rc
ev_fs_put(int dir, const char *name, const void *data, size_t len, mode_t mode,
    bool replace, struct ev_err *err)
{
	char temp[TEMP_NAME], shown[SHOWN], quoted[SHOWN + 32];
	bool left = false;
	enum ev_rc rc;
	int fd = -1;

	if (name[0] == '\0' || strchr(name, '/') != NULL ||
	    strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return ev_fail(err, EV_USE, "no plain file name");
	rc = open_temp(&fd, temp, dir, err);
	if (rc != EV_OK)
		goto out;
	left = true;
	rc = fill(fd, data, len, mode, err);
	if (close(fd) < 0 && rc == EV_OK)
		rc = ev_fail_sys(err, "cannot close");
	if (rc == EV_OK)
		rc = place(dir, temp, name, replace, err);
	if (rc != EV_OK)
		goto out;
	left = false;
	rc = ev_fs_sync(dir, "the folder", err);
out:
	if (left)
		(void)unlinkat(dir, temp, 0);
	if (rc == EV_OK)
		return EV_OK;
	(void)snprintf(quoted, sizeof(quoted), "cannot write '%s'",
	    show(shown, name));
	return ev_fail_in(err, quoted);
}

enum ev_rc
ev_fs_sync(int fd, const char *what, struct ev_err *err)
{
	if (fsync(fd) < 0)
		return ev_fail_sys(err, "cannot sync %s", what);
	return EV_OK;
}

enum ev_rc
ev_fs_self(struct ev_buf *dir, struct ev_err *err)
{
	char path[PATH_MAX];
	const char *slash;
	ssize_t len;

	len = readlink("/proc/self/exe", path, sizeof(path));
	if (len < 0)
		return ev_fail_sys(err, "cannot find this program's folder");
	slash = memrchr(path, '/', (size_t)len);
	if (slash == NULL || len == (ssize_t)sizeof(path))
		return ev_fail(err, EV_SYS,
		    "cannot find this program's folder: its path is too long");
	return ev_buf_put(dir, path, slash == path ? 1 : (size_t)(slash - path),
	    err);
}
