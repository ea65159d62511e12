/* A container being put together: the zip, written in one pass. */
#define _GNU_SOURCE /* sync_file_range */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "out/container_inside.h"
#include "seal/envelope.h"
#include "seal/hashing.h"

enum {
	PATH = 4096,
	LARGE = EV_HASHING_PIECE, /* a part that is hashed in a thread */
	WRITE_BEHIND = 16 << 20,  /* as the vault does it */
};

/* Lanes: the file as a whole, and the part that is being written. */
enum { WHOLE, PART, LANES };

static const char mimetype[] = "mimetype";

struct writer {
	int fd;
	struct ev_envelope *envelope; /* NULL: the file is not encrypted */
	struct ev_hashing *h;
	unsigned char *piece; /* of h, being filled; NULL: none */
	size_t used;
	unsigned lanes; /* that the piece is for */
	int64_t written, behind;
	struct ev_digest digest; /* of small parts */
	unsigned char *chunk;
	int64_t done, total;
	const struct ev_container_out *out;
};

static enum ev_rc
need_piece(struct writer *w, struct ev_err *err)
{
	struct ev_digests none;

	if (w->piece == NULL)
		w->piece = ev_hashing_room(w->h);
	if (w->piece != NULL)
		return EV_OK;
	if (ev_hashing_result(w->h, WHOLE, &none, err) != EV_OK)
		return err->rc;
	return ev_hashing_result(w->h, PART, &none, err) != EV_OK
		   ? err->rc
		   : ev_fail(err, EV_CRYPTO, "a hash failed");
}

/* Hand the piece on: threads hash it while it is written here. */
static enum ev_rc
flush(struct writer *w, struct ev_err *err)
{
	enum ev_rc rc;

	if (w->piece == NULL || w->used == 0)
		return EV_OK;
	ev_hashing_publish(w->h, w->used, w->lanes);
	rc = w->envelope == NULL
		 ? ev_fs_write(w->fd, w->piece, w->used, err)
		 : ev_envelope_write(w->envelope, w->piece, w->used, err);
	w->written += (int64_t)w->used;
	if (w->envelope == NULL && w->written - w->behind >= WRITE_BEHIND) {
		(void)sync_file_range(w->fd, w->behind, w->written - w->behind,
		    SYNC_FILE_RANGE_WRITE);
		w->behind = w->written;
	}
	w->piece = NULL;
	w->used = 0;
	return rc;
}

/* Headers and small parts are gathered; what lies in the piece stays there. */
static enum ev_rc
to_file(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	const unsigned char *from = data;
	struct writer *w = ctx;
	enum ev_rc rc = EV_OK;
	size_t n;

	if (from == w->piece) {
		w->used = len;
		return flush(w, err);
	}
	while (rc == EV_OK && len > 0) {
		rc = need_piece(w, err);
		if (rc != EV_OK)
			break;
		n = EV_HASHING_PIECE - w->used;
		n = n > len ? len : n;
		memcpy(w->piece + w->used, from, n);
		w->used += n;
		from += n;
		len -= n;
		if (w->used == EV_HASHING_PIECE)
			rc = flush(w, err);
	}
	return rc;
}

static void
told(struct writer *w, size_t n)
{
	w->done += (int64_t)n;
	if (w->out->told != NULL)
		w->out->told(w->out->ctx, w->done, w->total);
}

static enum ev_rc
copy_small(struct writer *w, struct ev_zip *zip, const struct ev_part *part,
    struct ev_digests *is, struct ev_err *err)
{
	const size_t len = (size_t)part->digests.size;
	enum ev_rc rc = EV_OK;

	if (len > 0)
		rc = ev_fs_pread(part->fd, w->chunk, len, part->offset, err);
	if (rc == EV_OK && len > 0)
		rc = ev_digest_update(&w->digest, w->chunk, len, err);
	if (rc == EV_OK && len > 0)
		rc = ev_zip_write(zip, w->chunk, len, err);
	told(w, len);
	return rc == EV_OK ? ev_digest_final(&w->digest, is, err) : rc;
}

static enum ev_rc
copy_large(struct writer *w, struct ev_zip *zip, const struct ev_part *part,
    struct ev_digests *is, struct ev_err *err)
{
	int64_t left = part->digests.size, at = part->offset;
	enum ev_rc rc;
	size_t n;

	(void)posix_fadvise(part->fd, at, left, POSIX_FADV_SEQUENTIAL);
	rc = flush(w, err);
	w->lanes = 1U << WHOLE | 1U << PART;
	while (rc == EV_OK && left > 0) {
		n = left > EV_HASHING_PIECE ? EV_HASHING_PIECE : (size_t)left;
		rc = need_piece(w, err);
		if (rc == EV_OK)
			rc = ev_fs_pread(part->fd, w->piece, n, at, err);
		if (rc == EV_OK)
			rc = ev_zip_write(zip, w->piece, n, err);
		left -= (int64_t)n;
		at += (int64_t)n;
		told(w, n);
	}
	w->lanes = 1U << WHOLE;
	return rc == EV_OK ? ev_hashing_result(w->h, PART, is, err) : rc;
}

static enum ev_rc
write_part(struct writer *w, struct ev_zip *zip, const struct ev_part *part,
    struct ev_err *err)
{
	struct ev_digests is;
	enum ev_rc rc;

	rc = ev_zip_begin(zip, part->name, part->digests.crc32,
	    part->digests.size, err);
	if (rc == EV_OK)
		rc = part->digests.size > LARGE
			 ? copy_large(w, zip, part, &is, err)
			 : copy_small(w, zip, part, &is, err);
	if (rc == EV_OK && !ev_same(is.sha256, part->digests.sha256, EV_SHA256))
		return ev_fail(err, EV_MISMATCH,
		    "'%.64s' is no longer what was received: its SHA-256 "
		    "differs",
		    part->name);
	return rc == EV_OK ? ev_zip_end(zip, err) : rc;
}

static enum ev_rc
write_all(struct writer *w, struct ev_container *k,
    struct ev_container_written *written, struct ev_err *err)
{
	const struct ev_zip_sink sink = { w, to_file };
	const struct ev_part *part;
	struct ev_zip *zip = NULL;
	size_t count, i;
	enum ev_rc rc;

	rc = ev_container_parts(k, &part, &count, err);
	if (rc != EV_OK)
		return rc;
	for (i = 0; i < count; i++)
		w->total += part[i].digests.size;
	if (w->envelope != NULL && w->total > EV_ENVELOPE_MOST)
		return ev_fail(err, EV_USE,
		    "it is too long to be encrypted in one file: OpenSSL opens "
		    "2 GiB at most");
	rc = ev_zip_new(&zip, &sink, w->out->when, err);
	for (i = 0; rc == EV_OK && i < count; i++) {
		if (strcmp(part[i].name, mimetype) == 0)
			rc = write_part(w, zip, &part[i], err);
	}
	for (i = 0; rc == EV_OK && i < count; i++) {
		if (strcmp(part[i].name, mimetype) != 0)
			rc = write_part(w, zip, &part[i], err);
	}
	if (rc == EV_OK)
		rc = ev_zip_finish(zip, err);
	if (rc == EV_OK)
		rc = flush(w, err);
	if (rc == EV_OK)
		rc = ev_hashing_result(w->h, WHOLE, &written->zip, err);
	if (rc == EV_OK && w->envelope != NULL)
		rc = ev_envelope_end(w->envelope, written->sealed, err);
	ev_zip_free(zip);
	return rc;
}

static enum ev_rc
open_file(struct writer *w, char path[PATH], struct ev_err *err)
{
	static const unsigned want[LANES] = { EV_D_SHA256, EV_D_SHA256 };
	enum ev_rc rc;

	if (snprintf(path, PATH, "%s.XXXXXX", w->out->path) >= PATH)
		return ev_fail(err, EV_LIMIT, "path is too long");
	w->chunk = malloc(LARGE);
	if (w->chunk == NULL)
		return ev_fail_sys(err, "cannot write '%.128s'", w->out->path);
	rc = ev_digest_init(&w->digest, EV_D_SHA256, err);
	if (rc == EV_OK)
		rc = ev_hashing_start(&w->h, want, LANES, err);
	if (rc != EV_OK)
		return rc;
	w->lanes = 1U << WHOLE;
	w->fd = mkstemp(path);
	if (w->fd < 0)
		return ev_fail_sys(err, "cannot write '%.128s'", w->out->path);
	return w->out->recipients == 0
		   ? EV_OK
		   : ev_envelope_new(&w->envelope, w->fd, w->out->recipient,
			 w->out->recipients, err);
}

enum ev_rc
ev_container_write(struct ev_container *k, const struct ev_container_out *out,
    struct ev_container_written *written, struct ev_err *err)
{
	struct writer w = { .fd = -1, .out = out };
	struct ev_container_written own;
	char path[PATH];
	enum ev_rc rc;

	if (access(out->path, F_OK) == 0)
		return ev_fail(err, EV_USE, "'%.128s' exists already",
		    out->path);
	rc = open_file(&w, path, err);
	if (rc == EV_OK)
		rc = write_all(&w, k, written == NULL ? &own : written, err);
	if (rc == EV_OK && fchmod(w.fd, 0644) != 0)
		rc = ev_fail_sys(err, "cannot set the mode of '%.128s'",
		    out->path);
	if (rc == EV_OK)
		rc = ev_fs_sync(w.fd, out->path, err);
	if (rc == EV_OK && link(path, out->path) != 0)
		rc =
		    ev_fail_sys(err, "cannot put '%.128s' in place", out->path);
	if (w.fd >= 0) {
		(void)close(w.fd);
		(void)unlink(path);
	}
	ev_envelope_free(w.envelope);
	ev_hashing_stop(w.h);
	ev_digest_release(&w.digest);
	free(w.chunk);
	return rc;
}
