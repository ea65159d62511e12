/* The files below a folder, in one order everywhere. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "evidence/buf.h"
#include "ingest/walk.h"

enum {
	/* Of the names of one folder. */
	NAMES_LIMIT = 1 << 30,
	/* A path is opened beneath the root, so this many bytes are all. */
	PATH_ROOM = PATH_MAX - 1,
};

/*
 * One folder that is being listed: its names, sorted.  A folder's name ends in
 * a slash; behind the NUL stands the type, 0 where it is not known.
 */
struct level {
	struct ev_buf names;
	const char **name;
	size_t count, next;
	size_t prefix; /* of the path: this folder's own */
};

struct ev_walk {
	int root;
	bool sizes;
	struct level *level;
	size_t depth, cap;
	char path[PATH_MAX];
	char trouble[128];
};

enum ev_rc
ev_walk_new(struct ev_walk **out, int root, bool sizes, struct ev_err *err)
{
	*out = calloc(1, sizeof(**out));
	if (*out == NULL)
		return ev_fail_sys(err, "cannot list a folder");
	(*out)->root = root;
	(*out)->sizes = sizes;
	return EV_OK;
}

static void
pop(struct ev_walk *w)
{
	struct level *level = &w->level[--w->depth];

	ev_buf_release(&level->names);
	free(level->name);
}

void
ev_walk_free(struct ev_walk *w)
{
	if (w == NULL)
		return;
	while (w->depth > 0)
		pop(w);
	free(w->level);
	free(w);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static const struct {
	mode_t mode;
	unsigned char entry; /* of readdir(3) */
	char type;
} types[] = {
	{ S_IFREG, DT_REG, 'f' },
	{ S_IFDIR, DT_DIR, '/' },
	{ S_IFLNK, DT_LNK, 'l' },
	{ S_IFIFO, DT_FIFO, 'p' },
	{ S_IFSOCK, DT_SOCK, 's' },
	{ S_IFCHR, DT_CHR, 'c' },
	{ S_IFBLK, DT_BLK, 'b' },
};

static char
type_of(mode_t mode)
{
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if ((mode & S_IFMT) == types[i].mode)
			return types[i].type;
	}
	return 'o';
}

/* 0: neither the folder nor the file itself would say. */
static char
entry_type(int dir, const struct dirent *entry)
{
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (entry->d_type == types[i].entry)
			return types[i].type;
	}
	if (fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return 0;
	return type_of(st.st_mode);
}

/*
 * The slash behind a folder's name makes the order of the names that of the
 * whole paths: "a.b" comes before "a/c".
 */
static enum ev_rc
list(struct level *level, DIR *dir, struct ev_err *err)
{
	const struct dirent *entry;
	enum ev_rc rc = EV_OK;
	size_t at, n;
	char type;

	errno = 0;
	while (rc == EV_OK && (entry = readdir(dir)) != NULL) {
		errno = 0;
		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		type = entry_type(dirfd(dir), entry);
		rc = ev_buf_puts(&level->names, entry->d_name, err);
		if (rc == EV_OK && type == '/')
			rc = ev_buf_putc(&level->names, '/', err);
		if (rc == EV_OK)
			rc = ev_buf_putc(&level->names, '\0', err);
		if (rc == EV_OK)
			rc = ev_buf_putc(&level->names, type, err);
		level->count++;
		errno = 0;
	}
	if (rc == EV_OK && errno != 0)
		return ev_fail_sys(err, "cannot list a folder to its end");
	if (rc != EV_OK)
		return rc;
	level->name = calloc(level->count + 1, sizeof(*level->name));
	if (level->name == NULL)
		return ev_fail_sys(err, "cannot list a folder");
	for (at = n = 0; n < level->count; n++) {
		level->name[n] = (const char *)level->names.data + at;
		at += strlen(level->name[n]) + 2;
	}
	qsort(level->name, level->count, sizeof(*level->name), compare);
	return EV_OK;
}

/* A new level for the folder at w->path[0, prefix). */
static enum ev_rc
push(struct ev_walk *w, size_t prefix, struct ev_err *err)
{
	struct level *level;
	enum ev_rc rc;
	DIR *dir;
	int fd;

	if (w->level == NULL || w->depth == w->cap) {
		level = realloc(w->level, (w->cap + 16) * sizeof(*level));
		if (level == NULL)
			return ev_fail_sys(err, "cannot list a folder");
		w->level = level;
		w->cap += 16;
	}
	w->path[prefix] = '\0';
	rc = ev_fs_open(&fd, w->root, prefix == 0 ? "." : w->path, NULL, err);
	if (rc != EV_OK)
		return rc;
	dir = fdopendir(fd);
	if (dir == NULL) {
		(void)close(fd);
		return ev_fail_sys(err, "cannot list a folder");
	}
	level = &w->level[w->depth];
	memset(level, 0, sizeof(*level));
	ev_buf_init(&level->names, NAMES_LIMIT);
	level->prefix = prefix;
	w->depth++;
	rc = list(level, dir, err);
	(void)closedir(dir);
	if (rc != EV_OK)
		pop(w);
	return rc;
}

static void
describe(struct ev_walk *w, struct ev_walk_item *item, char type)
{
	struct stat st;

	item->type = type;
	if (type != 0 && !w->sizes)
		return;
	item->type = 'o';
	if (fstatat(w->root, w->path, &st, AT_SYMLINK_NOFOLLOW) != 0) {
		item->trouble = strerror(errno);
		return;
	}
	item->type = type_of(st.st_mode);
	item->size = st.st_size;
}

/* Name a path in item; one that is too long to be opened, by its start. */
static void
name_item(struct ev_walk *w, struct ev_walk_item *item, size_t len)
{
	memset(item, 0, sizeof(*item));
	item->path = w->path;
	item->len = len;
	item->trouble = "";
}

enum ev_rc
ev_walk_next(struct ev_walk *w, struct ev_walk_item *item, struct ev_err *err)
{
	struct level *level;
	const char *name;
	size_t len;
	enum ev_rc rc;

	if (w->level == NULL) {
		rc = push(w, 0, err);
		if (rc != EV_OK)
			return rc;
	}
	while (w->depth > 0) {
		level = &w->level[w->depth - 1];
		if (level->next == level->count) {
			pop(w);
			continue;
		}
		name = level->name[level->next++];
		len = strlen(name);
		if (len > PATH_ROOM - level->prefix) {
			name_item(w, item, level->prefix);
			item->type = 'o';
			item->trouble = "a path longer than this system opens";
			w->path[item->len] = '\0';
			return EV_OK;
		}
		memcpy(w->path + level->prefix, name, len + 1);
		len += level->prefix;
		name_item(w, item, len);
		if (w->path[len - 1] != '/') {
			describe(w, item, name[strlen(name) + 1]);
			return EV_OK;
		}
		if (push(w, len, err) == EV_OK)
			continue;
		(void)snprintf(w->trouble, sizeof(w->trouble), "%.127s",
		    err->msg);
		item->type = 'd';
		item->trouble = w->trouble;
		return EV_OK;
	}
	return EV_EOF;
}
