/* openat2 for a valgrind that does not know it: component by component. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ARGUMENTS = 6 };

/* One step down, never through a link. */
static int
step(int dir, const char *name, int flags, unsigned mode)
{
	struct stat st;
	int fd;

	fd = openat(dir, name, flags | O_NOFOLLOW, mode);
	if (fd < 0 && errno == ENOTDIR &&
	    fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode))
		errno = ELOOP;
	return fd;
}

static long
open_beneath(int dir, const char *path, const struct open_how *how)
{
	char *copy, *name, *next;
	int at = dir, fd = -1, saved, depth = 0;

	copy = strdup(path);
	if (copy == NULL)
		return -1;
	if (path[0] == '/' && (how->resolve & RESOLVE_BENEATH) != 0) {
		errno = EXDEV;
		free(copy);
		return -1;
	}
	for (name = copy; name != NULL; name = next) {
		next = strchr(name, '/');
		if (next != NULL)
			*next++ = '\0';
		depth += strcmp(name, "..") == 0 ? -1 : 1;
		if (depth < 0) {
			errno = EXDEV;
			fd = -1;
		} else if (next == NULL) {
			fd = step(at, name, (int)how->flags,
			    (unsigned)how->mode);
		} else {
			fd = step(at, name[0] == '\0' ? "." : name,
			    O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
		}
		saved = errno;
		if (at != dir)
			(void)close(at);
		errno = saved;
		at = fd;
		if (fd < 0)
			break;
	}
	free(copy);
	return fd;
}

long syscall(long number, ...);

long
syscall(long number, ...)
{
	long (*real)(long, ...);
	long a[ARGUMENTS];
	va_list ap;
	int i;

	va_start(ap, number);
	for (i = 0; i < ARGUMENTS; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_openat2)
		return open_beneath((int)a[0], (const char *)a[1],
		    (const struct open_how *)a[2]);
	*(void **)&real = dlsym(RTLD_NEXT, "syscall");
	return real(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
