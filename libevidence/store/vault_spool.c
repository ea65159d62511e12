/* The vault's large exhibits: copied, hashed and named in one pass. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "seal/hashing.h"
#include "store/vault_room.h"

enum {
	HASHERS = 2,
	/* How much may wait to be written before the disc is set to work. */
	WRITE_BEHIND = 16 << 20,
};

/* Only where the file system knows no O_TMPFILE. */
static const char spool_name[] = ".spool";

/* Fill pieces up, so that a pipe's small reads do not make small writes. */
static enum ev_rc
fill(const struct ev_stream *in, unsigned char *piece, size_t *len,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t got;

	*len = 0;
	while (rc == EV_OK && *len < EV_HASHING_PIECE) {
		got = 0;
		rc = in->read(in->ctx, piece + *len, EV_HASHING_PIECE - *len,
		    &got, err);
		*len += got;
	}
	return rc;
}

static enum ev_rc
copy(struct ev_vault *v, struct ev_hashing *h,
    const struct ev_vault_spool *what, struct ev_err *err)
{
	enum ev_rc rc = EV_OK, wrote;
	unsigned char *piece;
	int64_t begun = 0;
	size_t len;

	while (rc == EV_OK && (piece = ev_hashing_room(h)) != NULL) {
		rc = fill(what->in, piece, &len, err);
		if (rc != EV_OK && rc != EV_EOF)
			return rc;
		ev_hashing_publish(h, len, ~0U);
		wrote =
		    v->dir < 0 ? EV_OK : ev_fs_write(v->spool, piece, len, err);
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
collect(struct ev_hashing *h, struct ev_digests *out, struct ev_err *err)
{
	struct ev_digests wide;
	enum ev_rc rc;

	rc = ev_hashing_result(h, 1, out, err);
	if (rc == EV_OK)
		rc = ev_hashing_result(h, 0, &wide, err);
	if (rc != EV_OK)
		return rc;
	memcpy(out->sha512, wide.sha512, sizeof(wide.sha512));
	out->have |= wide.have;
	return EV_OK;
}

enum ev_rc
ev_vault_spool(struct ev_vault *v, const struct ev_vault_spool *what,
    struct ev_digests *digests, struct ev_err *err)
{
	/* SHA-512 takes as long as all others of the usual set together. */
	const unsigned want[HASHERS] = { what->want & EV_D_SHA512,
		what->want & ~(unsigned)EV_D_SHA512 };
	struct ev_hashing *h = NULL;
	enum ev_rc rc;

	memset(digests, 0, sizeof(*digests));
	if ((what->want & EV_VAULT_WANT) != EV_VAULT_WANT)
		return ev_fail(err, EV_USE, "not the digests of an exhibit");
	rc = open_spool(v, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_hashing_start(&h, want, HASHERS, err);
	if (rc == EV_OK)
		rc = copy(v, h, what, err);
	if (rc == EV_OK)
		rc = collect(h, digests, err);
	ev_hashing_stop(h);
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
