/* An exhibit, handed to a reading child as a descriptor. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "ingest/handon.h"

enum {
	MEMORY_FILE = 64 << 20, /* larger ones are read from their file */
	COPY = 256 << 10,
};

static bool
by_file(const struct ev_child_exhibit *exhibit)
{
	return exhibit->data == NULL && exhibit->size > MEMORY_FILE;
}

/* A sealed copy begins at its own byte 0. */
int64_t
ev_hand_on_offset(const struct ev_child_exhibit *exhibit)
{
	return by_file(exhibit) ? exhibit->offset : 0;
}

/* A descriptor of our own that can only be read from. */
static enum ev_rc
reopen(int *out, int fd, struct ev_err *err)
{
	char path[64];
	int flags;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	*out = open(path, O_RDONLY | O_CLOEXEC);
	if (*out >= 0)
		return EV_OK;
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || (flags & O_ACCMODE) != O_RDONLY)
		return ev_fail(err, EV_USE,
		    "an exhibit that could be written to is not handed on");
	*out = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	return *out < 0 ? ev_fail_sys(err, "cannot hand on an exhibit") : EV_OK;
}

/* The bytes of an exhibit, from memory or from its file, into fd. */
static enum ev_rc
copy_exhibit(int fd, const struct ev_child_exhibit *exhibit, struct ev_err *err)
{
	int64_t done = 0;
	enum ev_rc rc = EV_OK;
	unsigned char *data;
	size_t n;

	if (exhibit->data != NULL)
		return ev_fs_write(fd, exhibit->data, (size_t)exhibit->size,
		    err);
	data = malloc(COPY);
	if (data == NULL)
		return ev_fail_sys(err, "cannot copy an exhibit");
	while (rc == EV_OK && done < exhibit->size) {
		n = COPY;
		if ((int64_t)n > exhibit->size - done)
			n = (size_t)(exhibit->size - done);
		rc = ev_fs_pread(exhibit->fd, data, n, exhibit->offset + done,
		    err);
		if (rc == EV_OK)
			rc = ev_fs_write(fd, data, n, err);
		done += (int64_t)n;
	}
	free(data);
	return rc;
}

enum ev_rc
ev_hand_on(int *out, const struct ev_child_exhibit *exhibit, struct ev_err *err)
{
	const int seals =
	    F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL;
	enum ev_rc rc;
	int fd;

	*out = -1;
	if (by_file(exhibit))
		return reopen(out, exhibit->fd, err);
	fd = memfd_create("exhibit", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return ev_fail_sys(err, "cannot make a file in memory");
	rc = copy_exhibit(fd, exhibit, err);
	if (rc == EV_OK && fcntl(fd, F_ADD_SEALS, seals) < 0)
		rc = ev_fail_sys(err, "cannot seal a file in memory");
	if (rc == EV_OK)
		rc = reopen(out, fd, err);
	(void)close(fd);
	return rc;
}
