/* A container being put together: its parts. */
#define _GNU_SOURCE /* O_TMPFILE */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "evidence/text.h"
#include "out/container_inside.h"

enum {
	PARTS_GROW = 64,
	FILES_GROW = 64,
	WANT = EV_D_SHA256 | EV_D_SHA512 | EV_D_CRC32,
	SMALL = 64 << 20, /* a part that is read whole */
};

/* Unnamed from the start, so that nothing is left behind by a kill. */
static enum ev_rc
open_spool(int *fd, const char *folder, struct ev_err *err)
{
	char name[4096];

	*fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (*fd >= 0)
		return EV_OK;
	if (snprintf(name, sizeof(name), "%s/.evidence.XXXXXX", folder) >=
	    (int)sizeof(name))
		return ev_fail(err, EV_LIMIT, "path is too long");
	*fd = mkostemp(name, O_CLOEXEC);
	if (*fd < 0)
		return ev_fail_sys(err,
		    "cannot make a temporary file in "
		    "'%.128s'",
		    folder);
	(void)unlink(name);
	return EV_OK;
}

enum ev_rc
ev_container_new(struct ev_container **out, const char *folder,
    struct ev_err *err)
{
	struct ev_container *k;
	enum ev_rc rc;

	*out = NULL;
	k = calloc(1, sizeof(*k));
	if (k == NULL)
		return ev_fail_sys(err, "cannot begin a container");
	k->spool = -1;
	rc = ev_digest_init(&k->digest, WANT, err);
	if (rc == EV_OK)
		rc = open_spool(&k->spool, folder, err);
	if (rc != EV_OK) {
		ev_container_free(k);
		return rc;
	}
	*out = k;
	return EV_OK;
}

void
ev_container_free(struct ev_container *k)
{
	size_t i;

	if (k == NULL)
		return;
	for (i = 0; i < k->count; i++)
		free(k->name[i]);
	for (i = 0; i < k->files; i++)
		(void)close(k->file[i]);
	if (k->spool >= 0)
		(void)close(k->spool);
	ev_digest_release(&k->digest);
	free(k->open);
	free(k->name);
	free(k->part);
	free(k->file);
	free(k);
}

static int
by_name(const void *a, const void *b)
{
	const struct ev_part *x = a, *y = b;

	return strcmp(x->name, y->name);
}

const struct ev_part *
ev_container_find(struct ev_container *k, const char *name)
{
	size_t i;

	for (i = 0; i < k->count; i++) {
		if (strcmp(k->part[i].name, name) == 0)
			return &k->part[i];
	}
	return NULL;
}

static enum ev_rc
check_name(struct ev_container *k, const char *name, struct ev_err *err)
{
	if (!ev_zip_name_ok(name, strlen(name)))
		return ev_fail(err, EV_USE, "'%.64s' is no name of a part",
		    name);
	if (k->sorted && k->count > 0 &&
	    strcmp(name, k->part[k->count - 1].name) > 0)
		return EV_OK;
	if (ev_container_find(k, name) != NULL)
		return ev_fail(err, EV_USE, "part '%.64s' is there already",
		    name);
	return EV_OK;
}

static enum ev_rc
append(struct ev_container *k, char *name, const struct ev_part *part,
    struct ev_err *err)
{
	void *parts, *names;

	if (k->count % PARTS_GROW == 0) {
		parts = realloc(k->part,
		    (k->count + PARTS_GROW) * sizeof(*k->part));
		if (parts != NULL)
			k->part = parts;
		names = realloc(k->name,
		    (k->count + PARTS_GROW) * sizeof(*k->name));
		if (names != NULL)
			k->name = names;
		if (parts == NULL || names == NULL)
			return ev_fail_sys(err, "cannot add a part");
	}
	k->sorted = k->count == 0 ||
		    (k->sorted && strcmp(k->part[k->count - 1].name, name) < 0);
	k->part[k->count] = *part;
	k->part[k->count].name = name;
	k->name[k->count++] = name;
	return EV_OK;
}

enum ev_rc
ev_container_rename(struct ev_container *k, const char *name,
    const char *new_name, struct ev_err *err)
{
	char *copy;
	size_t i, n;

	for (i = 0; i < k->count; i++) {
		if (strcmp(k->part[i].name, name) == 0)
			break;
	}
	if (i == k->count)
		return ev_fail(err, EV_USE, "no part '%.64s'", name);
	if (!ev_zip_name_ok(new_name, strlen(new_name)) ||
	    ev_container_find(k, new_name) != NULL)
		return ev_fail(err, EV_USE,
		    "'%.64s' is no name, or is there already", new_name);
	copy = strdup(new_name);
	if (copy == NULL)
		return ev_fail_sys(err, "cannot rename part '%.64s'", name);
	for (n = 0; k->name[n] != k->part[i].name; n++)
		;
	free(k->name[n]);
	k->name[n] = copy;
	k->part[i].name = copy;
	k->sorted = false;
	return EV_OK;
}

enum ev_rc
ev_container_begin(struct ev_container *k, const char *name, struct ev_err *err)
{
	enum ev_rc rc;

	if (k->open != NULL)
		return ev_fail(err, EV_USE, "part '%.64s' is still open",
		    k->open);
	rc = check_name(k, name, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_digest_reset(&k->digest, err);
	if (rc != EV_OK)
		return rc;
	k->open = strdup(name);
	if (k->open == NULL)
		return ev_fail_sys(err, "cannot add part '%.64s'", name);
	k->begun = k->end;
	return EV_OK;
}

enum ev_rc
ev_container_put(struct ev_container *k, const void *data, size_t len,
    struct ev_err *err)
{
	enum ev_rc rc;

	if (k->open == NULL)
		return ev_fail(err, EV_USE, "no part is open");
	rc = ev_digest_update(&k->digest, data, len, err);
	if (rc == EV_OK)
		rc = ev_fs_write(k->spool, data, len, err);
	if (rc == EV_OK)
		k->end += (int64_t)len;
	return rc;
}

enum ev_rc
ev_container_end(struct ev_container *k, struct ev_err *err)
{
	struct ev_part part = { .fd = k->spool, .offset = k->begun };
	enum ev_rc rc;

	if (k->open == NULL)
		return ev_fail(err, EV_USE, "no part is open");
	rc = ev_digest_final(&k->digest, &part.digests, err);
	if (rc == EV_OK)
		rc = append(k, k->open, &part, err);
	if (rc == EV_OK)
		k->open = NULL;
	return rc;
}

enum ev_rc
ev_container_add(struct ev_container *k, const char *name,
    struct ev_bytes bytes, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_container_begin(k, name, err);
	if (rc == EV_OK && bytes.len > 0)
		rc = ev_container_put(k, bytes.data, bytes.len, err);
	if (rc == EV_OK)
		rc = ev_container_end(k, err);
	return rc;
}

/*
 * Many exhibits lie in one segment: a file that is open already is not kept
 * open twice, so that the number of parts is not limited by descriptors.
 */
static enum ev_rc
take_over(struct ev_container *k, int fd, int *kept, struct ev_err *err)
{
	struct stat is, was;
	void *files;
	size_t i;

	*kept = fd;
	if (fstat(fd, &is) != 0) {
		(void)close(fd);
		return ev_fail_sys(err, "cannot add a file");
	}
	for (i = 0; i < k->files; i++) {
		if (fstat(k->file[i], &was) == 0 && was.st_dev == is.st_dev &&
		    was.st_ino == is.st_ino) {
			(void)close(fd);
			*kept = k->file[i];
			return EV_OK;
		}
	}
	if (k->files % FILES_GROW == 0) {
		files = realloc(k->file,
		    (k->files + FILES_GROW) * sizeof(*k->file));
		if (files == NULL) {
			(void)close(fd);
			return ev_fail_sys(err, "cannot add a file");
		}
		k->file = files;
	}
	k->file[k->files++] = fd;
	return EV_OK;
}

enum ev_rc
ev_container_file(struct ev_container *k, const char *name, int fd,
    int64_t offset, const struct ev_digests *digests, struct ev_err *err)
{
	struct ev_part part = { .offset = offset, .digests = *digests };
	enum ev_rc rc;
	char *copy;

	rc = take_over(k, fd, &part.fd, err);
	if (rc != EV_OK)
		return rc;
	if ((digests->have & WANT) != WANT)
		return ev_fail(err, EV_USE, "part '%.64s' lacks digests", name);
	rc = check_name(k, name, err);
	if (rc != EV_OK)
		return rc;
	copy = strdup(name);
	if (copy == NULL)
		return ev_fail_sys(err, "cannot add part '%.64s'", name);
	rc = append(k, copy, &part, err);
	if (rc != EV_OK)
		free(copy);
	return rc;
}

enum ev_rc
ev_container_parts(struct ev_container *k, const struct ev_part **parts,
    size_t *count, struct ev_err *err)
{
	if (k->open != NULL)
		return ev_fail(err, EV_USE, "part '%.64s' is still open",
		    k->open);
	if (!k->sorted && k->count > 1)
		qsort(k->part, k->count, sizeof(*k->part), by_name);
	k->sorted = true;
	*parts = k->part;
	*count = k->count;
	return EV_OK;
}

enum ev_rc
ev_container_read(struct ev_container *k, const char *name, struct ev_buf *out,
    struct ev_err *err)
{
	const struct ev_part *part = ev_container_find(k, name);
	enum ev_rc rc;
	size_t len;

	if (part == NULL)
		return ev_fail(err, EV_USE, "no part '%.64s'", name);
	if (part->digests.size > SMALL)
		return ev_fail(err, EV_LIMIT, "part '%.64s' is too long", name);
	len = (size_t)part->digests.size;
	rc = ev_buf_reserve(out, len, err);
	if (rc != EV_OK || len == 0)
		return rc;
	rc =
	    ev_fs_pread(part->fd, out->data + out->len, len, part->offset, err);
	if (rc == EV_OK) {
		out->len += len;
		out->data[out->len] = '\0';
	}
	return rc;
}
