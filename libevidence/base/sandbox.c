/* Give up what this process no longer needs. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/sandbox.h"

/*
 * ASan cannot start under a limit of address space, LeakSanitizer opens /proc
 * and traces its own process at exit, gcov writes files.
 */
#ifdef EV_SANITIZED
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/*
 * EPERM lets a program of ours go on that meets a call nobody thought of; a
 * test build is killed, so that the call is found.
 */
#ifdef EV_TEST_HOOKS
static const uint32_t REFUSE = SCMP_ACT_KILL_PROCESS;
#else
static const uint32_t REFUSE = SCMP_ACT_ERRNO(EPERM);
#endif

enum {
	FIRST_OTHER = 3, /* behind standard input, output and error */
	NOBODY = 65534,
	MEMORY = 512 << 20,
	CPU = 60,
	FILES = 16,
};

/*
 * struct landlock_ruleset_attr as of ABI 6.  Debian 12's header knows ABI 2
 * only; the kernel takes as many bytes as its ABI has.
 */
struct ruleset {
	uint64_t fs;
	uint64_t net;
	uint64_t scoped;
};

static const uint64_t FS_ABI_1 = (1U << 13) - 1;
static const uint64_t FS_REFER = 1U << 13;     /* ABI 2 */
static const uint64_t FS_TRUNCATE = 1U << 14;  /* ABI 3 */
static const uint64_t FS_IOCTL_DEV = 1U << 15; /* ABI 5 */
static const uint64_t NET_TCP = 3;             /* ABI 4: bind, connect */
static const uint64_t SCOPED = 3; /* ABI 6: abstract sockets, signals */

static enum ev_rc
limit(int resource, uint64_t value, const char *name, struct ev_err *err)
{
	const struct rlimit rl = { .rlim_cur = value, .rlim_max = value };

	if (setrlimit((__rlimit_resource_t)resource, &rl) < 0)
		return ev_fail_sys(err, "cannot limit %s", name);
	return EV_OK;
}

static enum ev_rc
limit_before(const struct ev_sandbox_limits *limits, struct ev_err *err)
{
	const uint64_t memory = limits->memory == 0 ? MEMORY : limits->memory;
	const uint64_t cpu = limits->cpu == 0 ? CPU : limits->cpu;
	const uint64_t files = limits->files == 0 ? FILES : limits->files;
	enum ev_rc rc;

	rc = limit(RLIMIT_AS, memory, "AS", err);
	if (rc == EV_OK)
		rc = limit(RLIMIT_CPU, cpu, "CPU", err);
	if (rc == EV_OK)
		rc = limit(RLIMIT_CORE, 0, "CORE", err);
	if (rc == EV_OK)
		rc = limit(RLIMIT_NOFILE, files, "NOFILE", err);
	return rc;
}

/*
 * By system call: glibc's functions signal the other threads of a process,
 * and a child of fork in a program with threads has none to answer.
 */
static enum ev_rc
become_nobody(struct ev_err *err)
{
	if (geteuid() != 0 && getuid() != 0)
		return EV_OK;
	if (syscall(SYS_setgroups, 0, NULL) < 0)
		return ev_fail_sys(err, "cannot leave the groups of root");
	if (syscall(SYS_setresgid, NOBODY, NOBODY, NOBODY) < 0)
		return ev_fail_sys(err, "cannot leave the group of root");
	if (syscall(SYS_setresuid, NOBODY, NOBODY, NOBODY) < 0)
		return ev_fail_sys(err, "cannot become nobody");
	return EV_OK;
}

/* One by one, as /proc tells them; nothing here allocates, after fork. */
static int
close_each_at_exec(void)
{
	_Alignas(struct dirent64) char room[2048];
	const struct dirent64 *entry;
	ssize_t n, at;
	int dir, fd, saved;

	dir = open("/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	while ((n = getdents64(dir, room, sizeof(room))) > 0) {
		for (at = 0; at < n; at += entry->d_reclen) {
			entry = (const void *)(room + at);
			fd = (int)strtol(entry->d_name, NULL, 10);
			if (fd >= FIRST_OTHER &&
			    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 &&
			    errno != EBADF)
				break;
		}
		if (at < n)
			break;
	}
	saved = errno;
	(void)close(dir);
	errno = saved;
	return n == 0 ? 0 : -1;
}

/*
 * All but the three, at exec.  A kernel before 5.9 has no close_range, one
 * before 5.11 not this flag.
 */
static int
close_at_exec(void)
{
	if (syscall(SYS_close_range, FIRST_OTHER, ~0U, CLOSE_RANGE_CLOEXEC) ==
	    0)
		return 0;
	return errno == ENOSYS || errno == EINVAL ? close_each_at_exec() : -1;
}

enum ev_rc
ev_sandbox_parent(const struct ev_sandbox_limits *limits, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	if (close_at_exec() < 0)
		return ev_fail_sys(err, "cannot close other descriptors");
	if (!SANITIZED)
		rc = limit_before(limits, err);
	if (rc == EV_OK)
		rc = become_nobody(err);
	return rc;
}

/* Deny all: a ruleset without a rule.  The ABI, or 0 without Landlock. */
static enum ev_rc
landlock(int *abi, struct ev_err *err)
{
	struct ruleset set = { .fs = FS_ABI_1 };
	size_t size = sizeof(set.fs);
	enum ev_rc rc = EV_OK;
	long n;
	int fd;

	*abi = 0;
	n = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	if (n < 1)
		return EV_OK;
	if (n >= 2)
		set.fs |= FS_REFER;
	if (n >= 3)
		set.fs |= FS_TRUNCATE;
	if (n >= 4) {
		set.net = NET_TCP;
		size += sizeof(set.net);
	}
	if (n >= 5)
		set.fs |= FS_IOCTL_DEV;
	if (n >= 6) {
		set.scoped = SCOPED;
		size += sizeof(set.scoped);
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &set, size, 0);
	if (fd < 0)
		return ev_fail_sys(err, "cannot make a Landlock ruleset");
	if (syscall(SYS_landlock_restrict_self, fd, 0) < 0)
		rc = ev_fail_sys(err, "cannot enter the Landlock ruleset");
	else
		*abi = (int)n;
	(void)close(fd);
	return rc;
}

static enum ev_rc
fail_seccomp(struct ev_err *err, int negative)
{
	errno = -negative;
	return ev_fail_sys(err, "cannot build the seccomp filter");
}

/* What a process that asks others needs besides. */
static int
allow_asking(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(poll), SCMP_SYS(ppoll),
		SCMP_SYS(recvmsg) };
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]) && n == 0; i++)
		n = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	return n;
}

static int
allow_calls(scmp_filter_ctx filter)
{
	static const int calls[] = { SCMP_SYS(read), SCMP_SYS(pread64),
		SCMP_SYS(write), SCMP_SYS(lseek), SCMP_SYS(brk),
		SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise),
		SCMP_SYS(close), SCMP_SYS(exit_group), SCMP_SYS(rt_sigreturn),
		SCMP_SYS(futex), SCMP_SYS(clock_gettime), SCMP_SYS(getrandom) };
	size_t i;
	int n = 0;

	for (i = 0; i < sizeof(calls) / sizeof(calls[0]) && n == 0; i++)
		n = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
	if (n == 0)
		n = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
		    SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return n;
}

static enum ev_rc
seccomp(bool *on, bool asks, struct ev_err *err)
{
	scmp_filter_ctx filter;
	enum ev_rc rc = EV_OK;
	int n;

	*on = false;
	/* EFAULT: the kernel knows filters, and missed ours. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) < 0 &&
	    errno == EINVAL)
		return EV_OK;
	filter = seccomp_init(REFUSE);
	if (filter == NULL)
		return ev_fail(err, EV_SYS, "cannot begin a seccomp filter");
	/* Another architecture's calls (i386, x32) have other numbers. */
	n = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	if (n == 0)
		n = allow_calls(filter);
	if (n == 0 && asks)
		n = allow_asking(filter);
	if (n == 0)
		n = seccomp_load(filter);
	if (n < 0)
		rc = fail_seccomp(err, n);
	else
		*on = true;
	seccomp_release(filter);
	return rc;
}

static enum ev_rc
limit_after(struct ev_err *err)
{
	enum ev_rc rc;

	rc = limit(RLIMIT_NPROC, 0, "NPROC", err);
	if (rc == EV_OK)
		rc = limit(RLIMIT_FSIZE, 0, "FSIZE", err);
	return rc;
}

static enum ev_rc
enter(struct ev_sandbox_report *report, bool asks, struct ev_err *err)
{
	enum ev_rc rc;

	memset(report, 0, sizeof(*report));
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return ev_fail_sys(err, "cannot give up new privileges");
	if (SANITIZED)
		return EV_OK;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return ev_fail_sys(err, "cannot refuse to be traced");
	rc = limit_after(err);
	report->limits = rc == EV_OK;
	if (rc == EV_OK)
		rc = landlock(&report->landlock_abi, err);
	if (rc == EV_OK)
		rc = seccomp(&report->seccomp, asks, err);
	return rc;
}

enum ev_rc
ev_sandbox_child(struct ev_sandbox_report *report, struct ev_err *err)
{
	return enter(report, false, err);
}

enum ev_rc
ev_sandbox_forked(unsigned first_other, const struct ev_sandbox_limits *limits,
    struct ev_sandbox_report *report, struct ev_err *err)
{
	enum ev_rc rc;

	if (syscall(SYS_close_range, first_other, ~0U, 0) < 0)
		return ev_fail_sys(err, "cannot close other descriptors");
	rc = ev_sandbox_parent(limits, err);
	/* Changing the user has cleared what stood here before. */
	if (rc == EV_OK && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		rc = ev_fail_sys(err, "cannot end with the parent");
	return rc == EV_OK ? enter(report, true, err) : rc;
}

void
ev_sandbox_offers(struct ev_sandbox_report *report)
{
	const long n = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);

	memset(report, 0, sizeof(*report));
	report->landlock_abi = n < 1 ? 0 : (int)n;
	report->seccomp = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0;
}
