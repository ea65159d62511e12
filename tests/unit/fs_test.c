/* base/fs: no way out of a folder, and files put in place whole. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <seccomp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"

static struct ev_err err;
static char where[] = "fs_test.XXXXXX";
static int dir;

static int
setup(void **state)
{
	(void)state;
	if (mkdtemp(where) == NULL || chmod(where, 0755) != 0 ||
	    ev_fs_dir(&dir, where, &err) != EV_OK)
		return -1;
	return ev_fs_put(dir, "file", "content", 7, 0644, false, &err) == EV_OK
		   ? 0
		   : -1;
}

static int
teardown(void **state)
{
	static const char *const left[] = { "file", "link", "fifo", "new",
		"sub/inner", "up" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(left) / sizeof(left[0]); i++)
		(void)unlinkat(dir, left[i], 0);
	(void)unlinkat(dir, "sub", AT_REMOVEDIR);
	(void)close(dir);
	return rmdir(where);
}

static int
files_in(int fd)
{
	struct dirent *entry;
	int count = 0;
	DIR *d;

	fd = openat(fd, ".", O_RDONLY | O_DIRECTORY);
	d = fdopendir(fd);
	assert_non_null(d);
	while ((entry = readdir(d)) != NULL)
		count++;
	(void)closedir(d);
	return count - 2;
}

static void
a_file_is_read_whole_up_to_the_limit(void **state)
{
	struct ev_buf buf;

	(void)state;
	ev_buf_init(&buf, 7);
	assert_int_equal(ev_fs_read_all(&buf, dir, "file", &err), EV_OK);
	assert_string_equal(ev_buf_text(&buf), "content");
	ev_buf_release(&buf);
	ev_buf_init(&buf, 6);
	assert_int_equal(ev_fs_read_all(&buf, dir, "file", &err), EV_LIMIT);
	assert_string_equal(err.msg, "'file': more than 6 bytes");
	ev_buf_release(&buf);
	assert_int_equal(ev_fs_read_all(&buf, dir, "none", &err), EV_SYS);
	assert_int_equal(err.errnum, ENOENT);
	assert_string_equal(err.msg,
	    "cannot open 'none': No such file or directory");
}

/* What an operand names is the user's own, wherever it is. */
static void
a_path_of_the_user_may_lead_anywhere(void **state)
{
	char path[PATH_MAX + 64], absolute[PATH_MAX];
	struct ev_buf buf;

	(void)state;
	assert_non_null(realpath(where, absolute));
	(void)snprintf(path, sizeof(path), "%s/../%s/file", absolute, where);
	ev_buf_init(&buf, 1024);
	assert_int_equal(ev_fs_read_all(&buf, AT_FDCWD, path, &err), EV_OK);
	assert_string_equal(ev_buf_text(&buf), "content");
	ev_buf_release(&buf);
	ev_buf_init(&buf, 1024);
	assert_int_equal(ev_fs_read_all(&buf, AT_FDCWD, absolute, &err),
	    EV_INPUT);
	ev_buf_release(&buf);
}

#define N64 "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"

struct way {
	const char *path;
	int errnum;      /* 0: it opens */
	const char *msg; /* NULL: not looked at */
};

static const struct way ways[] = {
	{ "file", 0, NULL },
	{ "sub/inner", 0, NULL },
	{ ".//sub/./inner", 0, NULL },
	{ "sub/", 0, NULL },
	{ "link", ELOOP, "cannot open 'link': a symbolic link is in it" },
	{ "up/file", ELOOP, "cannot open 'up/file': a symbolic link is in it" },
	{ "up/", ELOOP, "cannot open 'up/': a symbolic link is in it" },
	{ "file/", ENOTDIR, "cannot open 'file/': Not a directory" },
	{ "file/x", ENOTDIR, "cannot open 'file/x': Not a directory" },
	{ "none/x", ENOENT, "cannot open 'none/x': No such file or directory" },
	{ "sub/" N64 N64 N64 N64, ENAMETOOLONG, NULL },
	{ "", ENOENT, "cannot open '': No such file or directory" },
	{ "../fs_test", EXDEV,
	    "cannot open '../fs_test': it leads out of its folder" },
	{ "sub/../file", EXDEV,
	    "cannot open 'sub/../file': it leads out of its folder" },
	{ "/etc/passwd", EXDEV,
	    "cannot open '/etc/passwd': it leads out of its folder" },
};

/* The first way that goes wrong, or -1. */
static int
wrong_way(void)
{
	const int count = (int)(sizeof(ways) / sizeof(ways[0]));
	enum ev_rc rc;
	int fd, i;

	for (i = 0; i < count; i++) {
		rc = ev_fs_open(&fd, dir, ways[i].path, NULL, &err);
		if (ways[i].errnum == 0) {
			/* To be read, not only to be pointed at. */
			if (rc != EV_OK || (fcntl(fd, F_GETFL) & O_PATH) != 0 ||
			    close(fd) != 0)
				return i;
			continue;
		}
		if (rc != EV_SYS || fd != -1 || err.errnum != ways[i].errnum)
			return i;
		if (ways[i].msg != NULL && strcmp(err.msg, ways[i].msg) != 0)
			return i;
	}
	return -1;
}

static void
links_and_ways_out_are_refused(void **state)
{
	(void)state;
	assert_int_equal(mkdirat(dir, "sub", 0755), 0);
	assert_int_equal(symlinkat("file", dir, "link"), 0);
	assert_int_equal(symlinkat(".", dir, "up"), 0);
	assert_int_equal(linkat(dir, "file", dir, "sub/inner", 0), 0);
	assert_int_equal(wrong_way(), -1);
}

static void
a_kernel_without_openat2_makes_no_difference(void **state)
{
	scmp_filter_ctx filter;
	int status, left;
	pid_t pid;

	(void)state;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		filter = seccomp_init(SCMP_ACT_ALLOW);
		if (seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS),
			SCMP_SYS(openat2), 0) != 0 ||
		    seccomp_load(filter) != 0)
			_exit(100);
		seccomp_release(filter);
		left = dup(0);
		(void)close(left);
		if (wrong_way() >= 0)
			_exit(wrong_way());
		/* No descriptor is left open. */
		_exit(dup(0) == left ? 99 : 98);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 99);
}

static void
a_folder_that_is_a_link_is_refused(void **state)
{
	char path[64];
	int fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/up", where);
	assert_int_equal(ev_fs_dir(&fd, path, &err), EV_SYS);
	assert_int_equal(fd, -1);
	(void)snprintf(path, sizeof(path), "%s/up//", where);
	assert_int_equal(ev_fs_dir(&fd, path, &err), EV_SYS);
	assert_int_equal(ev_fs_dir(&fd, "/", &err), EV_OK);
	(void)close(fd);
	(void)snprintf(path, sizeof(path), "%s/file", where);
	assert_int_equal(ev_fs_dir(&fd, path, &err), EV_SYS);
	assert_int_equal(err.errnum, ENOTDIR);
}

static void
a_fifo_neither_hangs_nor_is_read(void **state)
{
	struct ev_buf buf;

	(void)state;
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	ev_buf_init(&buf, 64);
	assert_int_equal(ev_fs_read_all(&buf, dir, "fifo", &err), EV_INPUT);
	assert_string_equal(err.msg, "'fifo': not a regular file");
	ev_buf_release(&buf);
}

static void
the_owner_reads_without_touching_atime(void **state)
{
	const struct timespec old[2] = { { 1000000, 0 }, { 2000000, 0 } };
	bool noatime = false;
	struct stat st;
	char byte;
	int fd;

	(void)state;
	assert_int_equal(utimensat(dir, "file", old, 0), 0);
	assert_int_equal(ev_fs_open(&fd, dir, "file", &noatime, &err), EV_OK);
	assert_true(noatime);
	assert_int_equal(read(fd, &byte, 1), 1);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_atim.tv_sec, 1000000);
	(void)close(fd);
}

static void
another_user_s_file_is_read_and_its_atime_may_change(void **state)
{
	bool noatime = true;
	int status, fd;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (seteuid(65534) != 0 ||
		    ev_fs_open(&fd, dir, "file", &noatime, &err) != EV_OK)
			_exit(2);
		_exit(noatime ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void
a_write_that_fails_leaves_the_old_file_and_nothing_else(void **state)
{
	const struct rlimit small = { 4, RLIM_INFINITY };
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	const int before = files_in(dir);
	struct ev_buf buf;

	(void)state;
	assert_true(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(ev_fs_put(dir, "file", "longer", 6, 0644, true, &err),
	    EV_SYS);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
	assert_string_equal(err.msg,
	    "cannot write 'file': cannot write: File too large");
	assert_int_equal(files_in(dir), before);
	ev_buf_init(&buf, 64);
	assert_int_equal(ev_fs_read_all(&buf, dir, "file", &err), EV_OK);
	assert_string_equal(ev_buf_text(&buf), "content");
	ev_buf_release(&buf);
}

static void
pread_gives_all_or_says_what_is_missing(void **state)
{
	char data[8] = "";
	int fd;

	(void)state;
	assert_int_equal(ev_fs_open(&fd, dir, "file", NULL, &err), EV_OK);
	assert_int_equal(ev_fs_pread(fd, data, 4, 3, &err), EV_OK);
	assert_string_equal(data, "tent");
	assert_int_equal(ev_fs_pread(fd, data, 5, 3, &err), EV_INPUT);
	assert_string_equal(err.msg, "the file ends at byte 7, 1 bytes short");
	(void)close(fd);
}

static void
a_name_in_a_message_is_escaped(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(ev_fs_open(&fd, dir, "a\x1b[2J\n\xff", NULL, &err),
	    EV_SYS);
	assert_string_equal(err.msg,
	    "cannot open 'a\\u{001B}[2J\\u{000A}\\xFF': "
	    "No such file or directory");
}

static void
put_replaces_only_when_told(void **state)
{
	const int before = files_in(dir);
	struct ev_buf buf;
	struct stat st;

	(void)state;
	ev_buf_init(&buf, 64);
	assert_int_equal(ev_fs_put(dir, "new", "one", 3, 0444, false, &err),
	    EV_OK);
	assert_int_equal(ev_fs_put(dir, "new", "two", 3, 0444, false, &err),
	    EV_USE);
	assert_string_equal(err.msg, "cannot write 'new': it exists already");
	assert_int_equal(ev_fs_read_all(&buf, dir, "new", &err), EV_OK);
	assert_string_equal(ev_buf_text(&buf), "one");
	assert_int_equal(fstatat(dir, "new", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0444);
	assert_int_equal(ev_fs_put(dir, "new", "three", 5, 0640, true, &err),
	    EV_OK);
	ev_buf_clear(&buf);
	assert_int_equal(ev_fs_read_all(&buf, dir, "new", &err), EV_OK);
	assert_string_equal(ev_buf_text(&buf), "three");
	assert_int_equal(fstatat(dir, "new", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	/* Nothing of ours is left behind. */
	assert_int_equal(files_in(dir), before + 1);
	ev_buf_release(&buf);
}

static void
put_takes_a_plain_name_only(void **state)
{
	static const char *const bad[] = { "", ".", "..", "a/b", "/a" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(ev_fs_put(dir, bad[i], "x", 1, 0600, true,
				     &err),
		    EV_USE);
}

static void
a_full_disc_is_an_error(void **state)
{
	int fd;

	(void)state;
	fd = open("/dev/full", O_WRONLY);
	if (fd < 0)
		skip();
	assert_int_equal(ev_fs_write(fd, "x", 1, &err), EV_SYS);
	assert_int_equal(err.errnum, ENOSPC);
	(void)close(fd);
	assert_int_equal(ev_fs_sync(-1, "nothing", &err), EV_SYS);
	assert_int_equal(err.errnum, EBADF);
}

static void
the_program_knows_its_folder(void **state)
{
	struct ev_buf buf;
	int fd, found;

	(void)state;
	ev_buf_init(&buf, 4096);
	assert_int_equal(ev_fs_self(&buf, &err), EV_OK);
	assert_int_equal(ev_fs_dir(&fd, ev_buf_text(&buf), &err), EV_OK);
	found = openat(fd, "fs_test", O_RDONLY);
	assert_true(found >= 0);
	(void)close(found);
	(void)close(fd);
	ev_buf_release(&buf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_is_read_whole_up_to_the_limit),
		cmocka_unit_test(a_path_of_the_user_may_lead_anywhere),
		cmocka_unit_test(links_and_ways_out_are_refused),
		cmocka_unit_test(a_kernel_without_openat2_makes_no_difference),
		cmocka_unit_test(a_folder_that_is_a_link_is_refused),
		cmocka_unit_test(a_fifo_neither_hangs_nor_is_read),
		cmocka_unit_test(the_owner_reads_without_touching_atime),
		cmocka_unit_test(
		    another_user_s_file_is_read_and_its_atime_may_change),
		cmocka_unit_test(
		    a_write_that_fails_leaves_the_old_file_and_nothing_else),
		cmocka_unit_test(pread_gives_all_or_says_what_is_missing),
		cmocka_unit_test(a_name_in_a_message_is_escaped),
		cmocka_unit_test(put_replaces_only_when_told),
		cmocka_unit_test(put_takes_a_plain_name_only),
		cmocka_unit_test(a_full_disc_is_an_error),
		cmocka_unit_test(the_program_knows_its_folder),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
