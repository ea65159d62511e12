/*
 * valgrind_shim.so, preloaded into a program that runs under valgrind: what
 * valgrind cannot live with, and the clock of the tests.
 *
 *	RLIMIT_NOFILE, RLIMIT_AS	valgrind has its own files and memory
 *	RLIMIT_FSIZE 0			it writes its log
 *	a seccomp filter		it makes calls of its own
 *	Landlock			valgrind 3.19 does not know its calls
 *	EV_TEST_NOW			as EV_NOW in a build with EV_TEST_HOOKS
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define SHOWN __attribute__((visibility("default")))

/* A ruleset of ABI 1 that binds nobody; all else is the C library's. */
SHOWN long
syscall(long number, ...)
{
	static long (*next)(long, ...);
	long a[6];
	va_list ap;
	int i;

	va_start(ap, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_landlock_create_ruleset)
		return a[2] != 0 ? 1 : open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (number == SYS_landlock_restrict_self)
		return 0;
	if (next == NULL)
		*(void **)&next = dlsym(RTLD_NEXT, "syscall");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

SHOWN int
setrlimit(__rlimit_resource_t resource, const struct rlimit *rl)
{
	if (resource == RLIMIT_NOFILE || resource == RLIMIT_AS ||
	    (resource == RLIMIT_FSIZE && rl->rlim_cur == 0))
		return 0;
	return (int)syscall(SYS_prlimit64, 0, resource, rl, NULL);
}

/* Asks the kernel by a call that valgrind 3.19 does not know. */
SHOWN int
seccomp_attr_set(scmp_filter_ctx filter, enum scmp_filter_attr attr,
    uint32_t value)
{
	(void)attr;
	(void)value;
	return filter != NULL ? 0 : -EINVAL;
}

SHOWN int
seccomp_load(const scmp_filter_ctx filter)
{
	return filter != NULL ? 0 : -EINVAL;
}

SHOWN int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	const char *now = getenv("EV_TEST_NOW");
	const char *end;
	struct tm tm;

	if (now == NULL || (clock != CLOCK_REALTIME && clock != CLOCK_BOOTTIME))
		return (int)syscall(SYS_clock_gettime, clock, ts);
	memset(&tm, 0, sizeof(tm));
	memset(ts, 0, sizeof(*ts));
	end = strptime(now, "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (end == NULL || *end != '\0') {
		errno = EINVAL;
		return -1;
	}
	if (clock == CLOCK_REALTIME)
		ts->tv_sec = timegm(&tm);
	return 0;
}

SHOWN int
adjtimex(struct timex *tx)
{
	if (getenv("EV_TEST_NOW") == NULL)
		return (int)syscall(SYS_adjtimex, tx);
	tx->status = STA_UNSYNC;
	return TIME_ERROR;
}
