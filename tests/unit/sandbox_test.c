/* base/sandbox: what a caged process cannot do, and what it still can. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sandbox.h"

#ifdef EV_SANITIZED
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

/* No cage closes: in a sanitized build, and where valgrind could not live. */
static bool
uncaged(void)
{
	return SANITIZED || getenv("EV_TEST_UNCAGED") != NULL;
}

/* What the kernel shall seem not to have. */
enum {
	NO_LANDLOCK = 1,
	NO_SECCOMP = 2,
	NO_CLOSE_RANGE = 4,
};

enum { LARGE = 600 << 20 };

static bool
can_open(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool
can_create(void)
{
	return open("caged", O_WRONLY | O_CREAT, 0600) >= 0;
}

static bool
can_truncate(void)
{
	return truncate("sandbox_test.tmp", 0) == 0;
}

static bool
can_stat(void)
{
	struct stat st;

	return stat("/etc/passwd", &st) == 0;
}

static bool
can_make_a_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) >= 0;
}

static bool
can_fork(void)
{
	const pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid > 0;
}

static bool
can_exec(void)
{
	char *const argv[] = { NULL };

	return execve("/bin/true", argv, argv) == 0;
}

static bool
can_trace(void)
{
	return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static bool
can_signal(void)
{
	return kill(getppid(), 0) == 0;
}

static bool
can_map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool
can_map_much(void)
{
	void *p;

	p = mmap(NULL, LARGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return false;
	return munmap(p, LARGE) == 0;
}

static bool
can_raise_a_limit(void)
{
	const struct rlimit rl = { 64, 64 };

	return setrlimit(RLIMIT_NOFILE, &rl) == 0;
}

static bool
can_become_root(void)
{
	return setresuid(0, 0, 0) == 0;
}

/* Allowed: what a reader lives on. */
static bool
can_work(void)
{
	struct timespec ts;
	char *p;
	size_t i;

	for (i = 1; i < 1 << 24; i *= 2) {
		p = malloc(i);
		if (p == NULL)
			return false;
		memset(p, 1, i);
		p = realloc(p, 2 * i);
		if (p == NULL)
			return false;
		free(p);
	}
	return clock_gettime(CLOCK_MONOTONIC, &ts) == 0 &&
	       lseek(0, 0, SEEK_CUR) >= -1;
}

static void
seem_without(unsigned what)
{
	scmp_filter_ctx filter;
	int n;

	filter = seccomp_init(SCMP_ACT_ALLOW);
	n = what & NO_LANDLOCK
		? seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), 444, 0)
		: 0;
	if (n == 0 && (what & NO_SECCOMP))
		n = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL),
		    SCMP_SYS(prctl), 1,
		    SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
	if (n == 0 && (what & NO_CLOSE_RANGE))
		n = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
		    SCMP_SYS(close_range), 0);
	if (n == 0)
		n = seccomp_load(filter);
	seccomp_release(filter);
	if (n != 0)
		_exit(100);
}

/* Wait status of a caged process that tries one thing: exit 1 if it could. */
static int
caged(bool (*try)(void), unsigned without, struct ev_sandbox_report *report)
{
	const struct ev_sandbox_limits limits = { 0 };
	struct ev_err err;
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (without != 0)
			seem_without(without);
		if (ev_sandbox_parent(&limits, &err) != EV_OK ||
		    ev_sandbox_child(report, &err) != EV_OK)
			_exit(101);
		if (write(ends[1], report, sizeof(*report)) !=
		    (ssize_t)sizeof(*report))
			_exit(102);
		_exit(try() ? 1 : 0);
	}
	(void)close(ends[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) < 100)
		assert_int_equal(read(ends[0], report, sizeof(*report)),
		    (ssize_t)sizeof(*report));
	(void)close(ends[0]);
	return status;
}

/* Refused calls fail in a release build, and kill in a test build. */
static bool
refused(int status)
{
#ifdef EV_TEST_HOOKS
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
#else
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
#endif
}

static void
a_caged_process_can_do_none_of_these(void **state)
{
	static bool (*const tries[])(void) = { can_open, can_create,
		can_truncate, can_stat, can_make_a_socket, can_fork, can_exec,
		can_trace, can_signal, can_map_code, can_raise_a_limit,
		can_become_root };
	struct ev_sandbox_report report;
	size_t i;
	int fd;

	(void)state;
	if (uncaged())
		skip();
	fd = open("sandbox_test.tmp", O_WRONLY | O_CREAT, 0666);
	assert_true(fd >= 0);
	(void)close(fd);
	for (i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		assert_true(refused(caged(tries[i], 0, &report)));
	assert_int_equal(unlink("sandbox_test.tmp"), 0);
	assert_true(report.seccomp && report.limits);
}

static void
memory_has_an_end(void **state)
{
	struct ev_sandbox_report report;

	(void)state;
	if (uncaged())
		skip();
	assert_true(can_map_much());
	assert_int_equal(caged(can_map_much, 0, &report), 0);
}

static void
a_caged_process_can_still_work(void **state)
{
	struct ev_sandbox_report report;
	int status;

	(void)state;
	status = caged(can_work, 0, &report);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
}

static void
without_seccomp_landlock_still_denies_files(void **state)
{
	struct ev_sandbox_report report;

	(void)state;
	if (uncaged())
		skip();
	assert_int_equal(caged(can_open, NO_SECCOMP, &report), 0);
	assert_false(report.seccomp);
	if (report.landlock_abi == 0)
		skip();
	assert_int_equal(caged(can_create, NO_SECCOMP, &report), 0);
	assert_int_equal(caged(can_trace, NO_SECCOMP, &report), 0);
	/* Not Landlock's, but of a limit and of the user. */
	assert_int_equal(caged(can_become_root, NO_SECCOMP, &report), 0);
	assert_int_equal(caged(can_fork, NO_SECCOMP, &report), 0);
}

static void
without_landlock_seccomp_still_denies_files(void **state)
{
	struct ev_sandbox_report report;

	(void)state;
	if (uncaged())
		skip();
	assert_true(refused(caged(can_open, NO_LANDLOCK, &report)));
	assert_int_equal(report.landlock_abi, 0);
	assert_true(report.seccomp);
}

static void
without_both_the_report_says_so(void **state)
{
	struct ev_sandbox_report report;
	int status;

	(void)state;
	if (getenv("EV_TEST_UNCAGED") != NULL)
		skip();
	status = caged(can_work, NO_LANDLOCK | NO_SECCOMP, &report);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	assert_int_equal(report.landlock_abi, 0);
	assert_false(report.seccomp);
	assert_true(report.limits == !SANITIZED);
}

static bool
others_close_at_exec(void)
{
	return fcntl(3, F_GETFD) == FD_CLOEXEC &&
	       (fcntl(0, F_GETFD) & FD_CLOEXEC) == 0 &&
	       (getuid() != 0 && geteuid() != 0 && getgid() != 0);
}

static void
next_program(unsigned without)
{
	const struct ev_sandbox_limits limits = { 0 };
	struct ev_err err;
	int status, fd;
	pid_t pid;

	fd = dup2(0, 3);
	assert_int_equal(fd, 3);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (without != 0)
			seem_without(without);
		if (ev_sandbox_parent(&limits, &err) != EV_OK)
			_exit(101);
		_exit(others_close_at_exec() ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (getgid() == 0)
		assert_int_equal(WEXITSTATUS(status), 1);
	(void)close(fd);
}

static void
the_next_program_gets_three_descriptors_and_no_root(void **state)
{
	(void)state;
	next_program(0);
}

/* Of Linux 5.10, or one that a container's filter keeps it from. */
static void
without_close_range_each_descriptor_closes(void **state)
{
	(void)state;
	next_program(NO_CLOSE_RANGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_caged_process_can_do_none_of_these),
		cmocka_unit_test(memory_has_an_end),
		cmocka_unit_test(a_caged_process_can_still_work),
		cmocka_unit_test(without_seccomp_landlock_still_denies_files),
		cmocka_unit_test(without_landlock_seccomp_still_denies_files),
		cmocka_unit_test(without_both_the_report_says_so),
		cmocka_unit_test(
		    the_next_program_gets_three_descriptors_and_no_root),
		cmocka_unit_test(without_close_range_each_descriptor_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
