/* A caged process gone bad: twelve acts, each tried from inside the cage. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/sandbox.h"

/*
 * rogue [-LSuvx] FOLDER: try the twelve; a line for each, "denied (why)" or
 * "DONE"; the last says how many were denied.  Exit 0 if all were.
 *	-L -S	as on a kernel without Landlock, without seccomp
 *	-u	as nobody (root otherwise stays root until the cage)
 *	-v	in the cage of ev-verify, which is forked and not run anew
 *	-x	without the cage: then every act must succeed
 * rogue [-LS] -- PROGRAM...: run another program on such a kernel.
 * FOLDER may be written to by all, and holds a file "there" likewise.
 */
enum { NOBODY = 65534, EXTRA = 5, DENIED = 10, DONE = 11, BROKEN = 12 };

static const char *folder;
static bool forked; /* -v */

static int
in_folder(const char *name, char *path, size_t size)
{
	return snprintf(path, size, "%s/%s", folder, name);
}

static long
act_open(void)
{
	char path[4096];

	(void)in_folder("there", path, sizeof(path));
	return syscall(SYS_openat, AT_FDCWD, path, O_RDONLY, 0);
}

static long
act_create(void)
{
	char path[4096];

	(void)in_folder("made", path, sizeof(path));
	return syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT, 0666);
}

static long
act_truncate(void)
{
	char path[4096];

	(void)in_folder("there", path, sizeof(path));
	return syscall(SYS_truncate, path, 0L);
}

static long
act_stat(void)
{
	struct stat st;
	char path[4096];

	(void)in_folder("there", path, sizeof(path));
	return syscall(SYS_newfstatat, AT_FDCWD, path, &st, 0);
}

static long
act_socket(void)
{
	return syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
}

/* Standard input is an unbound UDP socket. */
static long
act_connect(void)
{
	const struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons(9),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	return syscall(SYS_connect, STDIN_FILENO, &to, sizeof(to));
}

static long
act_fork(void)
{
	long pid = syscall(SYS_clone, SIGCHLD, 0L, 0L, 0L, 0L);

	if (pid == 0)
		_exit(0);
	return pid;
}

static long
act_execve(void)
{
	static char program[] = "/bin/true";
	char *argv[] = { program, NULL };
	char *env[] = { NULL };

	return syscall(SYS_execve, program, argv, env);
}

static long
act_ptrace(void)
{
	return syscall(SYS_ptrace, PTRACE_SEIZE, getppid(), 0L, 0L);
}

static long
act_kill(void)
{
	return syscall(SYS_kill, getppid(), 0);
}

/* A descriptor that the parent left open. */
static long
act_write(void)
{
	return syscall(SYS_write, EXTRA, "x", 1L);
}

static long
act_mmap(void)
{
	void *p = mmap(NULL, (size_t)1 << 30, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? -1 : 0;
}

/* The errors that mean no; any other means that the act was badly tried. */
static const struct {
	const char *name;
	long (*act)(void);
	int no[2];
} acts[] = {
	{ "open a file", act_open, { EPERM, EACCES } },
	{ "create a file", act_create, { EPERM, EACCES } },
	{ "truncate a file", act_truncate, { EPERM, EACCES } },
	{ "stat a file", act_stat, { EPERM, EACCES } },
	{ "make a socket", act_socket, { EPERM, EACCES } },
	{ "connect a socket", act_connect, { EPERM, EACCES } },
	{ "fork", act_fork, { EPERM, EAGAIN } },
	{ "run a program", act_execve, { EPERM, EACCES } },
	{ "trace its parent", act_ptrace, { EPERM, EACCES } },
	{ "signal its parent", act_kill, { EPERM, EACCES } },
	{ "write to a left-over descriptor", act_write, { EBADF, EPERM } },
	{ "map 1 GiB", act_mmap, { ENOMEM, ENOMEM } },
};
enum { ACTS = sizeof(acts) / sizeof(acts[0]) };

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(BROKEN);
}

static enum ev_rc
enter(struct ev_err *err)
{
	const struct ev_sandbox_limits limits = { .memory = 0 };
	struct ev_sandbox_report report;

	return forked ? ev_sandbox_forked(EXTRA, &limits, &report, err)
		      : ev_sandbox_child(&report, err);
}

/* In the process that is to be caged: into the cage, then the act. */
static int
act(size_t n, bool caged)
{
	struct ev_err err;

	if (caged && enter(&err) != EV_OK) {
		(void)fprintf(stderr, "%s\n", err.msg);
		return BROKEN;
	}
	if (acts[n].act() >= 0)
		return DONE;
	return errno == acts[n].no[0] || errno == acts[n].no[1] ? DENIED
								: BROKEN;
}

static _Noreturn void
become(size_t n, bool caged)
{
	const struct ev_sandbox_limits limits = { .memory = 0 };
	struct ev_err err;
	char number[16], path[4096];
	int fd, self;

	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		die("socket");
	(void)in_folder("extra", path, sizeof(path));
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	/* Were it that number already, it would still close at exec. */
	if (fd < 0 || dup2(fd, EXTRA) < 0 || fcntl(EXTRA, F_SETFD, 0) < 0)
		die(path);
	if (forked)
		_exit(act(n, caged));
	self = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (self < 0)
		die("/proc/self/exe");
	if (caged && ev_sandbox_parent(&limits, &err) != EV_OK) {
		(void)fprintf(stderr, "%s\n", err.msg);
		_exit(BROKEN);
	}
	(void)snprintf(number, sizeof(number), "%zu", n);
	{
		char name[] = "rogue-act", free_act[] = "free", in[] = "caged";
		char *argv[] = { name, number, caged ? in : free_act,
			(char *)(uintptr_t)(const void *)folder, NULL };
		char *env[] = { NULL };

		(void)fexecve(self, argv, env);
	}
	die("fexecve");
}

/* Denied, done, or (-1) tried badly. */
static int
try(size_t n, bool caged, const char **how)
{
	int status;
	pid_t pid;

	(void)fflush(stdout);
	pid = fork();
	if (pid == 0)
		become(n, caged);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		die("fork");
	*how = "refused";
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS) {
		*how = "ended by SIGSYS";
		return DENIED;
	}
	if (!WIFEXITED(status))
		return BROKEN;
	/* /bin/true in its place. */
	return WEXITSTATUS(status) == 0 ? DONE : WEXITSTATUS(status);
}

/* A kernel that lacks them, for this program and what it starts. */
static void
hide(bool no_landlock, bool no_seccomp)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int n = 0;

	if (filter == NULL)
		die("seccomp_init");
	if (no_landlock)
		n = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
		    SCMP_SYS(landlock_create_ruleset), 0);
	if (n == 0 && no_seccomp)
		n = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EINVAL),
		    SCMP_SYS(prctl), 1, SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP));
	if (n == 0)
		n = seccomp_load(filter);
	if (n < 0)
		die("seccomp");
	seccomp_release(filter);
}

static int
try_all(bool caged)
{
	const char *how;
	int denied = 0, result;
	size_t n;

	for (n = 0; n < ACTS; n++) {
		result = try(n, caged, &how);
		if (result == DENIED)
			(void)printf("%s: denied (%s)\n", acts[n].name, how);
		else
			(void)printf("%s: %s\n", acts[n].name,
			    result == DONE ? "DONE" : "BADLY TRIED");
		denied += result == DENIED;
	}
	(void)printf("%d of %d denied\n", denied, (int)ACTS);
	return denied == (caged ? (int)ACTS : 0) ? 0 : 1;
}

int
main(int argc, char **argv)
{
	bool no_landlock = false, no_seccomp = false, caged = true,
	     user = false;
	int c;

	if (argc == 4 && strcmp(argv[0], "rogue-act") == 0) {
		folder = argv[3];
		return act((size_t)strtoul(argv[1], NULL, 10),
		    strcmp(argv[2], "caged") == 0);
	}
	while ((c = getopt(argc, argv, "+LSuvx")) != -1) {
		no_landlock = no_landlock || c == 'L';
		no_seccomp = no_seccomp || c == 'S';
		user = user || c == 'u';
		forked = forked || c == 'v';
		caged = caged && c != 'x';
		if (c == '?')
			return 2;
	}
	if (optind == argc)
		return 2;
#ifdef EV_SANITIZED
	(void)printf("this build has no cage: skipped\n");
	return 77;
#endif
	if (no_landlock || no_seccomp)
		hide(no_landlock, no_seccomp);
	if (strcmp(argv[optind - 1], "--") == 0) {
		(void)execv(argv[optind], argv + optind);
		die(argv[optind]);
	}
	folder = argv[optind];
	if (user && setresuid(NOBODY, NOBODY, NOBODY) < 0)
		die("setresuid");
	return try_all(caged);
}
