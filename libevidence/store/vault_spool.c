/* The vault's large exhibits: copied, hashed and named in one pass. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "store/vault_room.h"

enum {
	PIECES = 8,
	PIECE = 1 << 20,
	HASHERS = 2,
	/* How much may wait to be written before the disc is set to work. */
	WRITE_BEHIND = 16 << 20,
};

/* Only where the file system knows no O_TMPFILE. */
static const char spool_name[] = ".spool";

struct ring;

struct hasher {
	struct ring *ring;
	pthread_t thread;
	bool started;
	unsigned want;
	uint64_t done; /* pieces */
	struct ev_digests digests;
	struct ev_err err;
	enum ev_rc rc;
};

/* Pieces are filled by one thread and hashed by each of the others. */
struct ring {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	unsigned char *piece[PIECES];
	size_t len[PIECES];
	uint64_t filled; /* pieces */
	bool ended, failed;
	struct hasher hasher[HASHERS];
};

/* The next piece, or NULL at the end. */
static const unsigned char *
take(struct hasher *h, size_t *len)
{
	const unsigned char *piece = NULL;
	struct ring *r = h->ring;
	size_t n;

	(void)pthread_mutex_lock(&r->lock);
	while (h->done == r->filled && !r->ended)
		(void)pthread_cond_wait(&r->moved, &r->lock);
	if (h->done < r->filled && !r->failed) {
		n = (size_t)(h->done % PIECES);
		piece = r->piece[n];
		*len = r->len[n];
	}
	(void)pthread_mutex_unlock(&r->lock);
	return piece;
}

static void
taken(struct hasher *h, enum ev_rc rc)
{
	struct ring *r = h->ring;

	(void)pthread_mutex_lock(&r->lock);
	h->done++;
	if (rc != EV_OK)
		r->failed = true;
	(void)pthread_cond_broadcast(&r->moved);
	(void)pthread_mutex_unlock(&r->lock);
}

static void *
hash_pieces(void *arg)
{
	const unsigned char *piece;
	struct hasher *h = arg;
	struct ev_digest digest;
	size_t len = 0;

	h->rc = ev_digest_init(&digest, h->want, &h->err);
	if (h->rc != EV_OK) {
		taken(h, h->rc);
		return NULL;
	}
	while (h->rc == EV_OK && (piece = take(h, &len)) != NULL) {
		h->rc = ev_digest_update(&digest, piece, len, &h->err);
		taken(h, h->rc);
	}
	if (h->rc == EV_OK)
		h->rc = ev_digest_final(&digest, &h->digests, &h->err);
	ev_digest_release(&digest);
	return NULL;
}

static uint64_t
slowest(const struct ring *r)
{
	uint64_t least = r->filled;
	int n;

	for (n = 0; n < HASHERS; n++) {
		if (r->hasher[n].started && r->hasher[n].done < least)
			least = r->hasher[n].done;
	}
	return least;
}

/* Wait for a piece that nobody reads any more. */
static bool
room(struct ring *r, size_t *n)
{
	bool ok;

	(void)pthread_mutex_lock(&r->lock);
	while (!r->failed && r->filled - slowest(r) >= PIECES)
		(void)pthread_cond_wait(&r->moved, &r->lock);
	*n = (size_t)(r->filled % PIECES);
	ok = !r->failed;
	(void)pthread_mutex_unlock(&r->lock);
	return ok;
}

static void
publish(struct ring *r, size_t n, size_t len, bool end)
{
	(void)pthread_mutex_lock(&r->lock);
	if (len > 0) {
		r->len[n] = len;
		r->filled++;
	}
	r->ended = r->ended || end;
	(void)pthread_cond_broadcast(&r->moved);
	(void)pthread_mutex_unlock(&r->lock);
}

static void
ring_stop(struct ring *r)
{
	int n;

	publish(r, 0, 0, true);
	for (n = 0; n < HASHERS; n++) {
		if (r->hasher[n].started)
			(void)pthread_join(r->hasher[n].thread, NULL);
		r->hasher[n].started = false;
	}
	for (n = 0; n < PIECES; n++)
		free(r->piece[n]);
	(void)pthread_cond_destroy(&r->moved);
	(void)pthread_mutex_destroy(&r->lock);
}

static enum ev_rc
ring_start(struct ring *r, unsigned want, struct ev_err *err)
{
	struct hasher *h;
	int n;

	memset(r, 0, sizeof(*r));
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_cond_init(&r->moved, NULL);
	for (n = 0; n < PIECES; n++) {
		r->piece[n] = malloc(PIECE);
		if (r->piece[n] == NULL)
			return ev_fail_sys(err, "cannot copy an exhibit");
	}
	/* SHA-512 takes as long as all others of the usual set together. */
	r->hasher[0].want = want & EV_D_SHA512;
	r->hasher[1].want = want & ~(unsigned)EV_D_SHA512;
	for (n = 0; n < HASHERS; n++) {
		h = &r->hasher[n];
		h->ring = r;
		errno = pthread_create(&h->thread, NULL, hash_pieces, h);
		if (errno != 0)
			return ev_fail_sys(err, "cannot start a thread");
		h->started = true;
	}
	return EV_OK;
}

/* Fill pieces up, so that a pipe's small reads do not make small writes. */
static enum ev_rc
fill(const struct ev_stream *in, unsigned char *piece, size_t *len,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t got;

	*len = 0;
	while (rc == EV_OK && *len < PIECE) {
		got = 0;
		rc = in->read(in->ctx, piece + *len, PIECE - *len, &got, err);
		*len += got;
	}
	return rc;
}

static enum ev_rc
copy(struct ev_vault *v, struct ring *r, const struct ev_vault_spool *what,
    struct ev_err *err)
{
	int64_t begun = 0;
	enum ev_rc rc = EV_OK, wrote;
	size_t n, len;

	while (rc == EV_OK && room(r, &n)) {
		rc = fill(what->in, r->piece[n], &len, err);
		if (rc != EV_OK && rc != EV_EOF)
			return rc;
		publish(r, n, len, rc == EV_EOF);
		wrote = v->dir < 0
			    ? EV_OK
			    : ev_fs_write(v->spool, r->piece[n], len, err);
		if (wrote != EV_OK)
			return wrote;
		v->spool_size += (int64_t)len;
		if (v->dir >= 0 && v->spool_size - begun >= WRITE_BEHIND) {
			(void)sync_file_range(v->spool, begun,
			    v->spool_size - begun, SYNC_FILE_RANGE_WRITE);
			begun = v->spool_size;
		}
		if (what->told != NULL)
			what->told(what->ctx, v->spool_size);
	}
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
open_spool(struct ev_vault *v, struct ev_err *err)
{
	ev_vault_drop(v);
	v->spool_size = 0;
	if (v->dir < 0)
		return EV_OK;
	v->spool = openat(v->dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	v->spool_named = false;
	if (v->spool >= 0)
		return EV_OK;
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return ev_fail_sys(err, "cannot make a file in the vault");
	(void)unlinkat(v->dir, spool_name, 0);
	v->spool = openat(v->dir, spool_name,
	    O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	v->spool_named = v->spool >= 0;
	return v->spool >= 0
		   ? EV_OK
		   : ev_fail_sys(err, "cannot make a file in the vault");
}

static enum ev_rc
collect(const struct ring *r, struct ev_digests *out, struct ev_err *err)
{
	const struct ev_digests *d;
	int n;

	*out = r->hasher[1].digests;
	for (n = 0; n < HASHERS; n++) {
		if (r->hasher[n].rc != EV_OK) {
			*err = r->hasher[n].err;
			return r->hasher[n].rc;
		}
	}
	d = &r->hasher[0].digests;
	memcpy(out->sha512, d->sha512, sizeof(d->sha512));
	out->have |= d->have;
	return EV_OK;
}

enum ev_rc
ev_vault_spool(struct ev_vault *v, const struct ev_vault_spool *what,
    struct ev_digests *digests, struct ev_err *err)
{
	struct ring ring;
	enum ev_rc rc;

	memset(digests, 0, sizeof(*digests));
	if ((what->want & EV_VAULT_WANT) != EV_VAULT_WANT)
		return ev_fail(err, EV_USE, "not the digests of an exhibit");
	rc = open_spool(v, err);
	if (rc != EV_OK)
		return rc;
	rc = ring_start(&ring, what->want, err);
	if (rc == EV_OK)
		rc = copy(v, &ring, what, err);
	ring_stop(&ring);
	if (rc == EV_OK)
		rc = collect(&ring, digests, err);
	if (rc == EV_OK && digests->size != v->spool_size)
		rc = ev_fail(err, EV_SYS, "hashed %jd bytes but wrote %jd",
		    (intmax_t)digests->size, (intmax_t)v->spool_size);
	if (rc != EV_OK)
		ev_vault_drop(v);
	return rc;
}

void
ev_vault_drop(struct ev_vault *v)
{
	if (v->spool < 0)
		return;
	(void)close(v->spool);
	v->spool = -1;
	if (v->spool_named)
		(void)unlinkat(v->dir, spool_name, 0);
	v->spool_named = false;
}

/*
 * Give the spool its name.  What stands there already can only be an unnamed
 * file of a broken run: no row has this number yet.
 */
static enum ev_rc
give_name(struct ev_vault *v, const char *name, struct ev_err *err)
{
	char self[64];
	int rc;

	if (unlinkat(v->dir, name, 0) != 0 && errno != ENOENT)
		return ev_fail_sys(err, "cannot take the place of '%s'", name);
	if (v->spool_named) {
		rc = renameat2(v->dir, spool_name, v->dir, name,
		    RENAME_NOREPLACE);
	} else {
		(void)snprintf(self, sizeof(self), "/proc/self/fd/%d",
		    v->spool);
		rc = linkat(AT_FDCWD, self, v->dir, name, AT_SYMLINK_FOLLOW);
	}
	if (rc != 0)
		return ev_fail_sys(err, "cannot name '%s'", name);
	v->spool_named = false;
	return ev_fs_sync(v->dir, "the vault", err);
}

enum ev_rc
ev_vault_keep(struct ev_vault *v, const struct ev_vault_row *row,
    const struct ev_digests *d, int64_t *exhibit, struct ev_err *err)
{
	struct ev_vault_place place;
	char name[EV_VAULT_NAME];
	enum ev_rc rc;

	*exhibit = 0;
	if (v->spool < 0 && v->dir >= 0)
		return ev_fail(err, EV_USE, "nothing was spooled");
	rc = ev_vault_same(v, d, &place, err);
	if (rc == EV_EOF)
		memset(&place, 0, sizeof(place));
	if (rc == EV_EOF && v->dir < 0)
		rc = EV_OK;
	if (rc == EV_EOF) {
		ev_vault_exhibit_name(name, v->next);
		rc = ev_fs_sync(v->spool, "an exhibit", err);
		if (rc == EV_OK)
			rc = ev_vault_length(v->spool, d->size, err);
		if (rc == EV_OK && v->paranoid) {
			(void)posix_fadvise(v->spool, 0, 0,
			    POSIX_FADV_DONTNEED);
			rc = ev_vault_rehash(v->spool, 0, d, err);
		}
		if (rc == EV_OK && fchmod(v->spool, 0444) != 0)
			rc = ev_fail_sys(err, "cannot set the mode of '%s'",
			    name);
		if (rc == EV_OK)
			rc = give_name(v, name, err);
	}
	if (rc == EV_OK)
		rc = ev_vault_insert(v, row, d, &place, exhibit, err);
	ev_vault_drop(v);
	return rc;
}
