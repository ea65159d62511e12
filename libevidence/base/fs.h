/* Open beneath a directory; write, fsync, rename, fsync. */
#ifndef EV_BASE_FS_H
#define EV_BASE_FS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "evidence/buf.h"
#include "evidence/err.h"

/*
 * A directory to work beneath; *fd is -1 on error.  path itself is never
 * followed as a link; the folders on the way to it are the caller's.
 */
EV_CHECK
enum ev_rc ev_fs_dir(int *fd, const char *path, struct ev_err *err);

/*
 * Open path beneath dir for reading: no link and no ".." anywhere in it, no
 * way out of dir (openat2 RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS, or step by
 * step where the kernel has no openat2), O_NOATIME where the owner may
 * (noatime false: it could not).  noatime may be NULL.
 */
EV_CHECK
enum ev_rc ev_fs_open(int *fd, int dir, const char *path, bool *noatime,
    struct ev_err *err);

/* All len bytes, or an error; EINTR and short writes are gone on with. */
EV_CHECK
enum ev_rc ev_fs_write(int fd, const void *data, size_t len,
    struct ev_err *err);

/* Exactly len bytes at offset: EV_INPUT if the file is shorter. */
EV_CHECK
enum ev_rc ev_fs_pread(int fd, void *data, size_t len, int64_t offset,
    struct ev_err *err);

/*
 * A whole file of at most buf->limit bytes, appended to buf.  Beneath dir as
 * ev_fs_open has it; with AT_FDCWD the path is the user's own, which may
 * begin at the root, go up and follow links.
 */
EV_CHECK
enum ev_rc ev_fs_read_all(struct ev_buf *buf, int dir, const char *path,
    struct ev_err *err);

/*
 * Put a whole file in place so that a crash leaves the old state or the new
 * one: temporary file, fsync, rename, fsync of dir.  replace false: EV_USE if
 * name exists.
 */
EV_CHECK
enum ev_rc ev_fs_put(int dir, const char *name, const void *data, size_t len,
    mode_t mode, bool replace, struct ev_err *err);

/* fsync, once: a failure is never retried. */
EV_CHECK
enum ev_rc ev_fs_sync(int fd, const char *what, struct ev_err *err);

/* The folder of this program, for finding ev-parse and the casefiles. */
EV_CHECK
enum ev_rc ev_fs_self(struct ev_buf *dir, struct ev_err *err);

#endif
