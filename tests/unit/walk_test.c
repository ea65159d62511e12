/* ingest/walk: the same order everywhere, and nothing followed. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fs.h"
#include "ingest/walk.h"

static struct ev_err err;

static int
setup(void **state)
{
	char *path = strdup("walk.XXXXXX");

	assert_non_null(path);
	assert_non_null(mkdtemp(path));
	*state = path;
	return 0;
}

static int
teardown(void **state)
{
	char command[128];

	(void)snprintf(command, sizeof(command),
	    "chmod -R u+rwx %s && rm -rf %s", (char *)*state, (char *)*state);
	assert_int_equal(system(command), 0);
	free(*state);
	return 0;
}

static void
put(int dir, const char *name, const char *text)
{
	const int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	(void)close(fd);
}

/* All items as "type path size;", in order. */
static void
walk(const char *root, bool sizes, char *out, size_t cap)
{
	struct ev_walk_item item;
	struct ev_walk *w = NULL;
	size_t len = 0;
	int dir;

	assert_int_equal(ev_fs_dir(&dir, root, &err), EV_OK);
	assert_int_equal(ev_walk_new(&w, dir, sizes, &err), EV_OK);
	out[0] = '\0';
	while (ev_walk_next(w, &item, &err) == EV_OK) {
		assert_int_equal(strlen(item.path), item.len);
		len += (size_t)snprintf(out + len, cap - len, "%c %s %d;",
		    item.type, item.path, sizes ? (int)item.size : 0);
	}
	ev_walk_free(w);
	(void)close(dir);
}

static void
paths_come_in_the_order_of_their_bytes(void **state)
{
	char out[512];
	int dir;

	assert_int_equal(ev_fs_dir(&dir, *state, &err), EV_OK);
	assert_int_equal(mkdirat(dir, "a", 0700), 0);
	assert_int_equal(mkdirat(dir, "a/z", 0700), 0);
	assert_int_equal(mkdirat(dir, "nothing", 0700), 0);
	put(dir, "a/c", "1");
	put(dir, "a.b", "22");
	put(dir, "a0", "333");
	put(dir, "a/z/\xff", "");
	put(dir, "B", "4444");
	walk(*state, true, out, sizeof(out));
	assert_string_equal(out, "f B 4;f a.b 2;f a/c 1;f a/z/\xff 0;f a0 3;");
	walk(*state, false, out, sizeof(out));
	assert_string_equal(out, "f B 0;f a.b 0;f a/c 0;f a/z/\xff 0;f a0 0;");
	(void)close(dir);
}

static void
links_and_fifos_are_named_and_not_followed(void **state)
{
	char out[512];
	int dir;

	assert_int_equal(ev_fs_dir(&dir, *state, &err), EV_OK);
	assert_int_equal(mkdirat(dir, "d", 0700), 0);
	put(dir, "d/f", "x");
	assert_int_equal(symlinkat("d", dir, "l"), 0);
	assert_int_equal(symlinkat("..", dir, "up"), 0);
	assert_int_equal(mkfifoat(dir, "p", 0600), 0);
	walk(*state, false, out, sizeof(out));
	assert_string_equal(out, "f d/f 0;l l 0;p p 0;l up 0;");
	(void)close(dir);
}

static void
a_folder_deeper_than_paths_go_is_named_and_left(void **state)
{
	char name[256], *out;
	int dir, next, depth;

	memset(name, 'n', 200);
	name[200] = '\0';
	assert_int_equal(ev_fs_dir(&dir, *state, &err), EV_OK);
	for (depth = 0; depth < 40; depth++) {
		assert_int_equal(mkdirat(dir, name, 0700), 0);
		next = openat(dir, name, O_RDONLY | O_DIRECTORY);
		assert_true(next >= 0);
		(void)close(dir);
		dir = next;
	}
	(void)close(dir);
	out = malloc(1 << 16);
	assert_non_null(out);
	walk(*state, false, out, 1 << 16);
	assert_int_equal(out[0], 'o');
	assert_true(strlen(out) < 4200);
	free(out);
}

static void
a_folder_that_may_not_be_entered_is_named(void **state)
{
	char out[512];
	int dir;

	if (geteuid() == 0)
		skip();
	assert_int_equal(ev_fs_dir(&dir, *state, &err), EV_OK);
	assert_int_equal(mkdirat(dir, "closed", 0000), 0);
	put(dir, "open", "x");
	walk(*state, false, out, sizeof(out));
	assert_string_equal(out, "d closed/ 0;f open 0;");
	(void)close(dir);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(paths_come_in_the_order_of_their_bytes),
		T(links_and_fifos_are_named_and_not_followed),
		T(a_folder_deeper_than_paths_go_is_named_and_left),
		T(a_folder_that_may_not_be_entered_is_named),
	};

	return cmocka_run_group_tests_name("walk", tests, NULL, NULL);
}
