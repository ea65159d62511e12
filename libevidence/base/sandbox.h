/* Give up what this process no longer needs. */
#ifndef EV_BASE_SANDBOX_H
#define EV_BASE_SANDBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/err.h"

/*
 * The cage of a reading child (hostile.md, The sandbox).  A build with
 * sanitizers or coverage (EV_SANITIZED) needs the calls that are refused:
 * there only descriptors, user and NO_NEW_PRIVS are seen to, and the report
 * says that nothing else is in force.
 */
struct ev_sandbox_limits {
	uint64_t memory; /* bytes of address space; 0: 512 MiB */
	uint64_t cpu;    /* seconds; 0: 60 */
	uint64_t files;  /* open at once; 0: 16 */
};

/* What is in force. */
struct ev_sandbox_report {
	int landlock_abi; /* what the kernel offers; 0: no Landlock */
	bool seccomp;
	bool limits;
};

/*
 * Between fork and exec: descriptors from 3 on close at exec, AS, CPU, CORE
 * and NOFILE are limited, and root becomes nobody (65534).  Calls only what
 * is safe after fork.  A program below a folder that nobody may not search
 * must be opened before and run by execveat(fd, "", AT_EMPTY_PATH).  After a
 * failure the process must end: it may have lost rights already.
 */
EV_CHECK
enum ev_rc ev_sandbox_parent(const struct ev_sandbox_limits *limits,
    struct ev_err *err);

/*
 * In the new program, when everything is loaded and before the first foreign
 * byte: no new process (NPROC) or file (FSIZE; so stdout must be a pipe), no
 * new privilege, no core or ptrace (DUMPABLE), Landlock without a rule, and
 * seccomp's short list: read pread64 write lseek brk mmap munmap mremap
 * madvise close exit_group rt_sigreturn futex clock_gettime getrandom, and
 * mmap never executable.  In a build with EV_TEST_HOOKS any other call kills;
 * else it fails with EPERM.  A kernel without Landlock or seccomp is no
 * error: the caller judges by the report, and may not read without both.
 */
EV_CHECK
enum ev_rc ev_sandbox_child(struct ev_sandbox_report *report,
    struct ev_err *err);

/*
 * Both at once, for a process that was forked and goes on without exec, and
 * ends by _exit().  Descriptors from first_other on are closed.  Its work is
 * done by others, so poll, ppoll and recvmsg are allowed too, which lead
 * nowhere but to what it holds.  It ends when its parent does.
 */
EV_CHECK
enum ev_rc ev_sandbox_forked(unsigned first_other,
    const struct ev_sandbox_limits *limits, struct ev_sandbox_report *report,
    struct ev_err *err);

/* What the kernel would put in force; limits are left false. */
void ev_sandbox_offers(struct ev_sandbox_report *report);

#endif
