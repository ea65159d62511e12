/* Exhibits in hand: opened, hashed, stored, given to the reading child. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "ingest/acquire.h"

enum { READ_SIZE = 1 << 20, BIG_STEP = 4 << 20 };

static const char sql_here[] =
    "SELECT id FROM exhibit WHERE sha256 = ? AND size = ? AND name = ?"
    " AND acquisition = ?";
static const char sql_complete[] =
    "SELECT count(*) FROM reading r JOIN artifact a ON a.id = r.artifact"
    " WHERE a.exhibit = ? AND a.ordinal = 0 AND r.b_read >= 0";
static const char sql_left_out[] =
    "INSERT INTO left_out(acquisition, name, reason, message)"
    " VALUES(?, ?, ?, ?)";
static const char sql_exhibit[] =
    "SELECT name, size, sha256, sha512, md5, sha1, crc32 FROM exhibit"
    " WHERE id = ?";

enum ev_rc
ev_slot_left_out(struct ev_acquire *a, const char *name, const char *reason,
    const char *message, struct ev_err *err)
{
	a->totals.left_out++;
	return ev_db_run(a->db, err, sql_left_out, "ibss", a->acquisition, name,
	    strlen(name), reason, message);
}

/* Slots that are done are free again, oldest first. */
static void
retire(struct ev_acquire *a)
{
	struct ev_slot *slot;

	while (a->done < a->taken) {
		slot = &a->slot[a->done % EV_SLOTS];
		if (!slot->stored || (slot->given && !slot->ended))
			break;
		if (slot->span.fd >= 0)
			(void)close(slot->span.fd);
		free(slot->name);
		memset(slot, 0, sizeof(*slot));
		slot->span.fd = -1;
		a->done++;
	}
}

/* Make the oldest slots free, waiting for whatever they wait for. */
static enum ev_rc
make_way(struct ev_acquire *a, struct ev_err *err)
{
	struct ev_slot *slot = &a->slot[a->done % EV_SLOTS];
	size_t left;
	enum ev_rc rc;

	rc = ev_slot_store(a, slot, err);
	if (rc == EV_OK && slot->given && !slot->ended) {
		/* Half of them, so that the child never runs dry. */
		left = (size_t)(a->taken - a->done) / 2;
		rc = ev_child_wait(a->child, left, err);
	}
	retire(a);
	return rc;
}

/* The first byte of the arena that is in use; false: none is. */
static bool
arena_first(const struct ev_acquire *a, size_t *at)
{
	const struct ev_slot *slot;
	uint64_t tag;

	for (tag = a->done; tag < a->taken; tag++) {
		slot = &a->slot[tag % EV_SLOTS];
		if (slot->cap > 0) {
			*at = (size_t)(slot->data - a->arena);
			return true;
		}
	}
	return false;
}

/* Slots are freed in the order taken, so the arena is a ring. */
static bool
arena_take(struct ev_acquire *a, size_t len, unsigned char **data)
{
	size_t first = 0, end = EV_ARENA;

	if (!arena_first(a, &first)) {
		a->arena_at = 0;
	} else if (a->arena_at <= first) {
		end = first; /* it went round: free up to the oldest */
	} else if (len > EV_ARENA - a->arena_at) {
		a->arena_at = 0;
		end = first;
	}
	/* Never filled to the brim: full and empty would look the same. */
	if (a->arena_at + len >= end)
		return false;
	*data = a->arena + a->arena_at;
	a->arena_at += len;
	return true;
}

static enum ev_rc
take_slot(struct ev_acquire *a, const char *name, struct ev_slot **out,
    struct ev_err *err)
{
	struct ev_slot *slot;
	enum ev_rc rc = EV_OK;

	retire(a);
	while (rc == EV_OK && a->taken - a->done == EV_SLOTS)
		rc = make_way(a, err);
	if (rc != EV_OK)
		return rc;
	slot = &a->slot[a->taken % EV_SLOTS];
	memset(slot, 0, sizeof(*slot));
	slot->span.fd = -1;
	slot->tag = a->taken;
	slot->name = strdup(name);
	if (slot->name == NULL)
		return ev_fail_sys(err, "cannot take in an exhibit");
	slot->name_len = strlen(name);
	slot->digests = &slot->job.digests;
	*out = slot;
	return EV_OK;
}

/* It was not to be: the slot is free again. */
static void
untake(struct ev_slot *slot)
{
	free(slot->name);
	slot->name = NULL;
	slot->cap = 0;
}

static enum ev_rc
find_here(struct ev_acquire *a, struct ev_slot *slot, struct ev_err *err)
{
	const struct ev_digests *d = slot->digests;
	int64_t readings;
	enum ev_rc rc;

	rc = ev_db_int(a->db, &slot->exhibit, err, sql_here, "bibi", d->sha256,
	    sizeof(d->sha256), d->size, slot->name, slot->name_len,
	    a->acquisition);
	if (rc != EV_OK)
		return rc;
	slot->known = true;
	rc = ev_db_int(a->db, &readings, err, sql_complete, "i", slot->exhibit);
	slot->complete = rc == EV_OK && readings > 0;
	return rc;
}

/* The row of one exhibit, and its bytes where they were not spooled. */
static enum ev_rc
store(struct ev_acquire *a, struct ev_slot *slot, bool spooled,
    struct ev_err *err)
{
	const struct ev_vault_row row = {
		.acquisition = a->acquisition,
		.name = slot->name,
		.name_len = slot->name_len,
		.mtime = slot->has_mtime ? &slot->mtime : NULL,
		.notes = slot->notes,
	};
	enum ev_rc rc = EV_EOF;

	if (a->resumed)
		rc = find_here(a, slot, err);
	if (rc == EV_EOF && spooled)
		rc = ev_vault_keep(a->vault, &row, slot->digests,
		    &slot->exhibit, err);
	else if (rc == EV_EOF)
		rc = ev_vault_add(a->vault, &row, slot->data, slot->digests,
		    &slot->exhibit, err);
	if (rc != EV_OK)
		return rc;
	if (spooled)
		ev_vault_drop(a->vault);
	slot->stored = true;
	a->totals.exhibits++;
	a->totals.exhibit_bytes += slot->size;
	return EV_OK;
}

enum ev_rc
ev_slot_store(struct ev_acquire *a, struct ev_slot *slot, struct ev_err *err)
{
	struct ev_slot *next;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && a->stored <= slot->tag) {
		next = &a->slot[a->stored % EV_SLOTS];
		if (!next->stored) {
			rc = ev_hasher_wait(a->hasher, &next->job, err);
			if (rc == EV_OK)
				rc = store(a, next, false, err);
		}
		if (rc == EV_OK)
			a->stored++;
	}
	return rc;
}

/* Store what has been hashed meanwhile; wait for nothing. */
static enum ev_rc
store_ready(struct ev_acquire *a, struct ev_err *err)
{
	struct ev_slot *next;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && a->stored < a->taken) {
		next = &a->slot[a->stored % EV_SLOTS];
		if (!next->stored && !ev_hasher_poll(a->hasher, &next->job))
			break;
		rc = ev_slot_store(a, next, err);
	}
	return rc;
}

static enum ev_rc
give(struct ev_acquire *a, struct ev_slot *slot, struct ev_err *err)
{
	const struct ev_child_exhibit exhibit = {
		.tag = slot->tag,
		.name = slot->name,
		.name_len = slot->name_len,
		.data = slot->span.fd >= 0 ? NULL : slot->data,
		.fd = slot->span.fd,
		.offset = slot->span.offset,
		.size = slot->size,
	};

	slot->given = true;
	return ev_child_give(a->child, &exhibit, err);
}

/*
 * One that is small goes to the child while it is hashed; one that may have
 * been read by the run before, or is large, when it is stored.
 */
static enum ev_rc
give_taken(struct ev_acquire *a, struct ev_slot *slot, struct ev_err *err)
{
	const bool early = slot->cap > 0 && !a->resumed;
	enum ev_rc rc = EV_OK;

	a->taken++;
	a->bytes_copied += slot->size;
	if (!early) {
		rc = ev_slot_store(a, slot, err);
		if (rc == EV_OK && slot->complete) {
			a->bytes_read += slot->size;
			return EV_OK;
		}
		if (rc == EV_OK && slot->cap == 0 && slot->span.fd < 0 &&
		    !a->opts->dry_run)
			rc = ev_vault_find(a->db, a->vault_dir, slot->exhibit,
			    &slot->span, err);
	}
	if (rc == EV_OK)
		rc = give(a, slot, err);
	/* The one big buffer is not free before the child has read it. */
	if (rc == EV_OK && slot->cap == 0 && slot->span.fd < 0)
		rc = ev_child_wait(a->child, 0, err);
	if (rc == EV_OK)
		rc = store_ready(a, err);
	if (rc == EV_OK)
		rc = ev_acquire_batch(a, err);
	ev_acquire_told(a, false);
	return rc;
}

enum ev_rc
ev_slot_drain(struct ev_acquire *a, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	if (a->taken > a->done)
		rc = ev_slot_store(a, &a->slot[(a->taken - 1) % EV_SLOTS], err);
	if (rc == EV_OK)
		rc = ev_child_wait(a->child, 0, err);
	retire(a);
	return rc;
}

static void
set_stat(struct ev_slot *slot, const struct stat *st)
{
	/* Years 1 to 9999, in seconds. */
	if (st->st_mtim.tv_sec < -62135596800 ||
	    st->st_mtim.tv_sec > 253402300799)
		return;
	slot->has_mtime = true;
	slot->mtime =
	    (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
}

static bool
same_file(const struct stat *a, const struct stat *b)
{
	return a->st_size == b->st_size && a->st_ino == b->st_ino &&
	       a->st_dev == b->st_dev &&
	       memcmp(&a->st_mtim, &b->st_mtim, sizeof(a->st_mtim)) == 0 &&
	       memcmp(&a->st_ctim, &b->st_ctim, sizeof(a->st_ctim)) == 0;
}

/* Up to cap bytes; *len is less only at the file's end. */
static enum ev_rc
read_up_to(int fd, unsigned char *data, size_t cap, size_t *len,
    struct ev_err *err)
{
	ssize_t n;

	*len = 0;
	while (*len < cap) {
		n = read(fd, data + *len, cap - *len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ev_fail_sys(err, "cannot read");
		if (n == 0)
			break;
		*len += (size_t)n;
	}
	return EV_OK;
}

/* The one buffer for exhibits of more than EV_SLOT_DATA bytes. */
static enum ev_rc
big_room(struct ev_acquire *a, size_t cap, struct ev_err *err)
{
	unsigned char *big;

	if (cap <= a->big_cap)
		return EV_OK;
	cap = (cap + BIG_STEP - 1) / BIG_STEP * BIG_STEP;
	free(a->big);
	a->big_cap = 0;
	a->big = big = malloc(cap);
	if (big == NULL)
		return ev_fail_sys(err, "cannot read an exhibit");
	a->big_cap = cap;
	return EV_OK;
}

/* Room for the file and one byte more, which shows that it grew. */
static enum ev_rc
find_room(struct ev_acquire *a, struct ev_slot *slot, size_t size,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	if (size > EV_SLOT_DATA) {
		/* Whoever had the buffer before is stored by now. */
		rc = big_room(a, size + 1, err);
		slot->data = a->big;
		slot->cap = 0;
		return rc;
	}
	while (rc == EV_OK && !arena_take(a, size + 1, &slot->data))
		rc = make_way(a, err);
	slot->cap = size + 1;
	return rc;
}

/* A failed read of one file is told and listed; it does not end the run. */
static enum ev_rc
unreadable(struct ev_acquire *a, const char *name, const struct ev_err *why,
    struct ev_err *err)
{
	return ev_slot_left_out(a, name,
	    why->errnum == ENOENT ? "vanished" : "unreadable", why->msg, err);
}

static enum ev_rc
changed(struct ev_acquire *a, const char *name, struct ev_err *err)
{
	return ev_slot_left_out(a, name, "source-changed",
	    "the file was changed while it was read", err);
}

static void
hash(struct ev_acquire *a, struct ev_slot *slot, size_t len)
{
	slot->size = (int64_t)len;
	slot->job.data = slot->data;
	slot->job.len = len;
	ev_hasher_give(a->hasher, &slot->job);
}

static enum ev_rc
small_file(struct ev_acquire *a, int fd, const struct stat *st,
    struct ev_slot *slot, struct ev_err *err)
{
	const size_t size = (size_t)st->st_size;
	const char *name = slot->name;
	struct ev_err why = { .msg = "cannot be read from its start" };
	struct stat after;
	size_t len = 0;
	ssize_t n;
	enum ev_rc rc;

	rc = find_room(a, slot, size, err);
	if (rc != EV_OK)
		goto out;
	/* One byte less than asked for, and a regular file is at its end. */
	n = read(fd, slot->data, size + 1);
	if (n >= 0 && (size_t)n == size)
		len = size;
	else if (lseek(fd, 0, SEEK_SET) < 0 ||
		 read_up_to(fd, slot->data, size + 1, &len, &why) != EV_OK) {
		rc = unreadable(a, name, &why, err);
		goto out;
	}
	if (len != size || fstat(fd, &after) != 0 || !same_file(st, &after)) {
		rc = changed(a, name, err);
		goto out;
	}
	hash(a, slot, len);
	return give_taken(a, slot, err);
out:
	untake(slot);
	return rc;
}

/* A file or pipe as a stream, behind bytes that were read from it before. */
struct source {
	struct ev_acquire *a;
	int fd;
	const unsigned char *first;
	size_t first_len;
	int64_t copied;
	bool failed;
};

static enum ev_rc
read_source(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct source *s = ctx;
	enum ev_rc rc;

	if (s->a->opts->stop != NULL && *s->a->opts->stop != 0) {
		s->a->stopped = true;
		return ev_fail(err, EV_SYS, "interrupted");
	}
	if (s->first_len > 0) {
		*got = s->first_len < cap ? s->first_len : cap;
		memcpy(data, s->first, *got);
		s->first += *got;
		s->first_len -= *got;
		return EV_OK;
	}
	rc = read_up_to(s->fd, data, cap < READ_SIZE ? cap : READ_SIZE, got,
	    err);
	s->failed = rc != EV_OK;
	return rc == EV_OK && *got == 0 ? EV_EOF : rc;
}

static void
spool_told(void *ctx, int64_t bytes)
{
	struct source *s = ctx;

	s->a->bytes_copied += bytes - s->copied;
	s->copied = bytes;
	ev_acquire_told(s->a, false);
}

/* Copy the stream; st is of a file, NULL of a pipe. */
static enum ev_rc
spool(struct ev_acquire *a, struct source *s, const struct stat *st,
    struct ev_slot *slot, struct ev_err *err)
{
	const struct ev_stream in = { s, read_source, NULL };
	const struct ev_vault_spool what = { &in, a->want, spool_told, s };
	struct stat after;
	struct ev_err why;
	enum ev_rc rc;

	rc = ev_vault_spool(a->vault, &what, &slot->job.digests, &why);
	if (rc != EV_OK && s->failed) {
		rc = unreadable(a, slot->name, &why, err);
		goto out;
	}
	if (rc != EV_OK) {
		*err = why;
		goto out;
	}
	if (st != NULL && (fstat(s->fd, &after) != 0 ||
			      slot->job.digests.size != st->st_size ||
			      !same_file(st, &after))) {
		ev_vault_drop(a->vault);
		rc = changed(a, slot->name, err);
		goto out;
	}
	slot->size = slot->job.digests.size;
	slot->job.done = true;
	a->bytes_copied -= slot->size; /* give_taken counts it */
	/* Numbers follow the order of the source. */
	if (a->taken > a->done)
		rc = ev_slot_store(a, &a->slot[(a->taken - 1) % EV_SLOTS], err);
	if (rc == EV_OK)
		rc = store(a, slot, true, err);
	if (rc == EV_OK && a->opts->dry_run) {
		slot->span.fd = fcntl(s->fd, F_DUPFD_CLOEXEC, 0);
		if (slot->span.fd < 0)
			rc = ev_fail_sys(err, "cannot read an exhibit");
	}
	if (rc == EV_OK)
		return give_taken(a, slot, err);
out:
	untake(slot);
	return rc;
}

enum ev_rc
ev_slot_file(struct ev_acquire *a, int dir, const char *path, const char *name,
    struct ev_err *err)
{
	struct ev_slot *slot = NULL;
	struct source source = { .a = a };
	struct ev_err why;
	struct stat st;
	bool noatime;
	enum ev_rc rc;
	int fd;

	if (ev_fs_open(&fd, dir, path, &noatime, &why) != EV_OK)
		return unreadable(a, name, &why, err);
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return ev_slot_left_out(a, name, "not-a-file",
		    "neither a file nor a folder", err);
	}
	rc = take_slot(a, name, &slot, err);
	if (rc == EV_OK) {
		set_stat(slot, &st);
		if (!noatime)
			(void)snprintf(slot->notes, sizeof(slot->notes),
			    "atime-may-change");
		if (st.st_size > EV_SLOT_DATA)
			(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
		source.fd = fd;
		if (st.st_size <= EV_VAULT_SMALL)
			rc = small_file(a, fd, &st, slot, err);
		else
			rc = spool(a, &source, &st, slot, err);
	}
	(void)close(fd);
	return rc;
}

enum ev_rc
ev_slot_stdin(struct ev_acquire *a, struct ev_err *err)
{
	struct source source = { .a = a, .fd = STDIN_FILENO };
	struct ev_slot *slot = NULL;
	struct ev_err why;
	size_t len = 0;
	enum ev_rc rc;

	rc = take_slot(a, "stdin", &slot, err);
	if (rc == EV_OK)
		rc = big_room(a, EV_VAULT_SMALL + 1, err);
	if (rc != EV_OK)
		return rc;
	if (read_up_to(STDIN_FILENO, a->big, EV_VAULT_SMALL + 1, &len, &why) !=
	    EV_OK) {
		untake(slot);
		return unreadable(a, "stdin", &why, err);
	}
	slot->data = a->big;
	if (len > EV_VAULT_SMALL) {
		source.first = a->big;
		source.first_len = len;
		return spool(a, &source, NULL, slot, err);
	}
	hash(a, slot, len);
	return give_taken(a, slot, err);
}

/* The digests of a row, as if they had just been made. */
static enum ev_rc
load_digests(struct ev_slot *slot, struct ev_stmt *st, struct ev_err *err)
{
	struct ev_digests *d = &slot->job.digests;
	const void *name, *sum[4];
	unsigned char *const to[4] = { d->sha256, d->sha512, d->md5, d->sha1 };
	const size_t size[4] = { EV_SHA256, EV_SHA512, EV_MD5, EV_SHA1 };
	size_t name_len, len[4];
	int64_t crc;
	enum ev_rc rc;
	int i;

	rc = ev_db_row(st, err, "bibbbbi", &name, &name_len, &slot->size,
	    &sum[0], &len[0], &sum[1], &len[1], &sum[2], &len[2], &sum[3],
	    &len[3], &crc);
	if (rc != EV_OK)
		return rc;
	for (i = 0; i < 4; i++) {
		if (len[i] != size[i])
			continue;
		memcpy(to[i], sum[i], size[i]);
		d->have |= 1U << i;
	}
	d->crc32 = (uint32_t)crc;
	d->size = slot->size;
	slot->job.done = true;
	free(slot->name);
	slot->name = calloc(1, name_len + 1);
	if (slot->name == NULL)
		return ev_fail_sys(err, "cannot read an exhibit");
	if (name_len > 0)
		memcpy(slot->name, name, name_len);
	slot->name_len = name_len;
	return EV_OK;
}

/* Small exhibits share a child, and travel to it. */
static enum ev_rc
load_bytes(struct ev_acquire *a, struct ev_slot *slot, struct ev_err *err)
{
	enum ev_rc rc;

	rc = find_room(a, slot, (size_t)slot->size, err);
	if (rc == EV_OK)
		rc = ev_fs_pread(slot->span.fd, slot->data, (size_t)slot->size,
		    slot->span.offset, err);
	(void)close(slot->span.fd);
	slot->span.fd = -1;
	return rc;
}

enum ev_rc
ev_slot_exhibit(struct ev_acquire *a, int64_t exhibit, struct ev_err *err)
{
	struct ev_slot *slot = NULL;
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	rc = take_slot(a, "", &slot, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_db_prepare(a->db, &st, err, sql_exhibit, "i", exhibit);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = load_digests(slot, st, err);
	ev_db_finish(st);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_INPUT, "no exhibit E%06jd",
		    (intmax_t)exhibit);
	slot->exhibit = exhibit;
	slot->known = slot->stored = true;
	if (rc == EV_OK)
		rc = ev_vault_find(a->db, a->vault_dir, exhibit, &slot->span,
		    err);
	if (rc == EV_OK && slot->size <= EV_SLOT_DATA)
		rc = load_bytes(a, slot, err);
	if (rc == EV_OK) {
		a->totals.exhibits++;
		a->totals.exhibit_bytes += slot->size;
		return give_taken(a, slot, err);
	}
	untake(slot);
	return rc;
}
