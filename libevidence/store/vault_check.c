/* The vault read back: where an exhibit lies, and whether all is as named. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "evidence/text.h"
#include "store/vault_room.h"

enum {
	CHUNK = 1 << 18,
	SENTENCE = 400,
	HEADER_LIMIT = 1024,
	SAFE_LIMIT = 8192,
	DIRECTORY_LIMIT = 16 << 20,
};

static const char sql_find[] =
    "SELECT size, coalesce(segment, 0), offset, stored FROM exhibit"
    " WHERE id = ?";
static const char sql_segments[] =
    "SELECT id, committed, entries, closed FROM segment ORDER BY id";
static const char sql_inside[] =
    "SELECT id, size, offset, crc32, sha256, sha512 FROM exhibit"
    " WHERE segment = ? AND stored = id ORDER BY offset";
static const char sql_large[] =
    "SELECT id, size, 0, crc32, sha256, sha512 FROM exhibit"
    " WHERE segment IS NULL AND stored = id ORDER BY id";
/* A row that points at another must agree with it in everything. */
static const char sql_pointers[] =
    "SELECT e.id FROM exhibit e LEFT JOIN exhibit s ON s.id = e.stored"
    " WHERE e.stored <> e.id AND (s.id IS NULL OR s.stored <> s.id"
    " OR s.sha256 <> e.sha256 OR s.sha512 <> e.sha512 OR s.size <> e.size"
    " OR s.crc32 <> e.crc32 OR s.segment IS NOT e.segment"
    " OR s.offset <> e.offset)"
    " UNION SELECT id FROM exhibit WHERE segment IS NOT NULL"
    " AND segment NOT IN (SELECT id FROM segment)";

struct check {
	struct ev_db *db;
	int dir;
	bool quick, bad;
	ev_vault_finding_fn *found;
	void *ctx;
	struct ev_digest digest; /* EV_VAULT_WANT */
	unsigned char *chunk;
};

EV_PRINTF(4, 5)
static void
tell(struct check *c, bool bad, int64_t exhibit, const char *fmt, ...)
{
	char what[SENTENCE];
	struct ev_vault_finding f = { bad, what, exhibit };
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	c->bad = c->bad || bad;
	if (c->found != NULL)
		c->found(c->ctx, &f);
}

static int
open_file(int dir, const char *name, struct stat *st)
{
	int fd;

	fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
		return fd;
	(void)close(fd);
	errno = EINVAL;
	return -1;
}

enum ev_rc
ev_vault_find(struct ev_db *db, int dir, int64_t exhibit,
    struct ev_vault_span *span, struct ev_err *err)
{
	int64_t segment = 0, stored = 0;
	char name[EV_VAULT_NAME];
	struct ev_stmt *st = NULL;
	struct stat file;
	enum ev_rc rc;

	span->fd = -1;
	rc = ev_db_prepare(db, &st, err, sql_find, "i", exhibit);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "iiii", &span->size, &segment,
		    &span->offset, &stored);
	ev_db_finish(st);
	if (rc == EV_EOF)
		return ev_fail(err, EV_INPUT, "no exhibit E%06jd",
		    (intmax_t)exhibit);
	if (rc != EV_OK)
		return rc;
	if (segment != 0)
		ev_vault_segment_name(name, segment);
	else
		ev_vault_exhibit_name(name, stored);
	span->fd = open_file(dir, name, &file);
	if (span->fd < 0)
		return ev_fail(err, EV_INPUT,
		    "exhibit E%06jd: vault/%s is missing or no file",
		    (intmax_t)exhibit, name);
	if (span->size <= file.st_size &&
	    span->offset <= file.st_size - span->size)
		return EV_OK;
	(void)close(span->fd);
	span->fd = -1;
	return ev_fail(err, EV_INPUT,
	    "exhibit E%06jd: vault/%s ends at byte %jd", (intmax_t)exhibit,
	    name, (intmax_t)file.st_size);
}

/* Hash size bytes at offset of fd. */
static enum ev_rc
hash_range(struct ev_digest *digest, unsigned char *chunk, int fd,
    int64_t offset, int64_t size, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t len;

	while (rc == EV_OK && size > 0) {
		len = size < CHUNK ? (size_t)size : CHUNK;
		rc = ev_fs_pread(fd, chunk, len, offset, err);
		if (rc == EV_OK)
			rc = ev_digest_update(digest, chunk, len, err);
		offset += (int64_t)len;
		size -= (int64_t)len;
	}
	return rc;
}

enum ev_rc
ev_vault_rehash(int fd, int64_t offset, const struct ev_digests *want,
    struct ev_err *err)
{
	struct ev_digests got;
	struct ev_digest digest;
	unsigned char *chunk;
	enum ev_rc rc;

	chunk = malloc(CHUNK);
	if (chunk == NULL)
		return ev_fail_sys(err, "cannot read back");
	rc = ev_digest_init(&digest, EV_D_SHA256, err);
	if (rc == EV_OK) {
		rc = hash_range(&digest, chunk, fd, offset, want->size, err);
		if (rc == EV_OK)
			rc = ev_digest_final(&digest, &got, err);
		ev_digest_release(&digest);
	}
	free(chunk);
	if (rc == EV_OK && !ev_same(got.sha256, want->sha256, EV_SHA256))
		return ev_fail(err, EV_MISMATCH,
		    "the disc gave back other bytes than were written");
	return rc;
}

/* One exhibit as its row says. */
struct held {
	struct ev_vault_stored stored;
	const void *sha256, *sha512;
	size_t sha256_len, sha512_len;
};

static enum ev_rc
next_held(struct ev_stmt *st, struct held *h, struct ev_err *err)
{
	int64_t crc;
	enum ev_rc rc;

	rc = ev_db_step(st, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_db_row(st, err, "iiiibb", &h->stored.exhibit, &h->stored.size,
	    &h->stored.offset, &crc, &h->sha256, &h->sha256_len, &h->sha512,
	    &h->sha512_len);
	h->stored.crc = (uint32_t)crc;
	return rc;
}

static enum ev_rc
check_bytes(struct check *c, int fd, const struct held *h, struct ev_err *err)
{
	struct ev_digests d;
	enum ev_rc rc;

	rc = ev_digest_reset(&c->digest, err);
	if (rc == EV_OK)
		rc = hash_range(&c->digest, c->chunk, fd, h->stored.offset,
		    h->stored.size, err);
	if (rc == EV_OK)
		rc = ev_digest_final(&c->digest, &d, err);
	if (rc != EV_OK)
		return rc;
	if (!ev_same(d.sha256, h->sha256, EV_SHA256))
		tell(c, true, h->stored.exhibit,
		    "exhibit E%06jd: its bytes have another SHA-256",
		    (intmax_t)h->stored.exhibit);
	else if (!ev_same(d.sha512, h->sha512, EV_SHA512))
		tell(c, true, h->stored.exhibit,
		    "exhibit E%06jd: its row has another SHA-512",
		    (intmax_t)h->stored.exhibit);
	else if (d.crc32 != h->stored.crc)
		tell(c, true, h->stored.exhibit,
		    "exhibit E%06jd: its row has another CRC-32",
		    (intmax_t)h->stored.exhibit);
	return EV_OK;
}

/* Do these bytes stand at offset? */
static bool
stands(int fd, const struct ev_buf *want, int64_t offset)
{
	unsigned char *got;
	struct ev_err err;
	bool equal;

	got = malloc(want->len + 1);
	if (got == NULL)
		return false;
	equal = ev_fs_pread(fd, got, want->len, offset, &err) == EV_OK &&
		ev_same(got, want->data, want->len);
	free(got);
	return equal;
}

/* The local header of an entry, and that nothing stands before it. */
static enum ev_rc
check_header(struct check *c, int fd, struct held *h, int64_t end,
    struct ev_err *err)
{
	struct ev_zip_entry entry;
	struct ev_buf header;
	enum ev_rc rc;

	ev_vault_entry(&entry, &h->stored);
	if (entry.offset != end) {
		tell(c, true, h->stored.exhibit,
		    "exhibit E%06jd: its row says byte %jd of its segment"
		    " where the one before ends at %jd",
		    (intmax_t)h->stored.exhibit, (intmax_t)entry.offset,
		    (intmax_t)end);
		return EV_OK;
	}
	ev_buf_init(&header, HEADER_LIMIT);
	rc = ev_zip_local(&header, &entry, err);
	if (rc == EV_OK && !stands(fd, &header, entry.offset))
		tell(c, true, h->stored.exhibit,
		    "exhibit E%06jd: its header in the segment"
		    " differs from its row",
		    (intmax_t)h->stored.exhibit);
	ev_buf_release(&header);
	return rc;
}

struct segment {
	int64_t id, committed, entries, closed;
	char name[EV_VAULT_NAME];
	struct stat st;
	int fd;
};

static enum ev_rc
check_inside(struct check *c, struct segment *s, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	struct ev_buf directory;
	int64_t end = 0, count = 0;
	struct held h;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err, sql_inside, "i", s->id);
	while (rc == EV_OK && (rc = next_held(st, &h, err)) == EV_OK) {
		count++;
		if (h.stored.offset < 0 ||
		    h.stored.size > s->st.st_size - h.stored.offset) {
			tell(c, true, h.stored.exhibit,
			    "exhibit E%06jd: vault/%s is too short",
			    (intmax_t)h.stored.exhibit, s->name);
			continue;
		}
		if (!c->quick)
			rc = check_header(c, s->fd, &h, end, err);
		if (rc == EV_OK && !c->quick)
			rc = check_bytes(c, s->fd, &h, err);
		end = h.stored.offset + h.stored.size;
	}
	ev_db_finish(st);
	if (rc != EV_EOF)
		return rc;
	if (count != s->entries)
		tell(c, true, 0, "vault/%s: %jd exhibits, its row says %jd",
		    s->name, (intmax_t)count, (intmax_t)s->entries);
	if (s->closed == 0) {
		if (end != s->committed)
			tell(c, true, 0,
			    "vault/%s: its exhibits end at byte %jd,"
			    " its row says %jd",
			    s->name, (intmax_t)end, (intmax_t)s->committed);
		return EV_OK;
	}
	ev_buf_init(&directory, DIRECTORY_LIMIT);
	rc = ev_vault_directory(&directory, c->db, s->id, end, err);
	if (rc == EV_OK && (!stands(s->fd, &directory, end) ||
			       s->committed != end + (int64_t)directory.len))
		tell(c, true, 0,
		    "vault/%s: its directory differs from its rows", s->name);
	ev_buf_release(&directory);
	return rc;
}

static enum ev_rc
check_segment(struct check *c, struct segment *s, struct ev_err *err)
{
	enum ev_rc rc;

	ev_vault_segment_name(s->name, s->id);
	s->fd = open_file(c->dir, s->name, &s->st);
	if (s->fd < 0) {
		tell(c, true, 0, "vault/%s is missing or no file", s->name);
		return EV_OK;
	}
	if (s->st.st_size < s->committed)
		tell(c, true, 0, "vault/%s: %jd bytes, its row says %jd",
		    s->name, (intmax_t)s->st.st_size, (intmax_t)s->committed);
	else if (s->st.st_size > s->committed)
		tell(c, s->closed != 0, 0,
		    "vault/%s: %jd unnamed bytes behind"
		    " byte %jd",
		    s->name, (intmax_t)(s->st.st_size - s->committed),
		    (intmax_t)s->committed);
	rc = check_inside(c, s, err);
	(void)close(s->fd);
	return rc;
}

static enum ev_rc
check_segments(struct check *c, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	struct segment s;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err, sql_segments, "");
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "iiii", &s.id, &s.committed, &s.entries,
		    &s.closed);
		if (rc == EV_OK)
			rc = check_segment(c, &s, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
check_large(struct check *c, struct ev_err *err)
{
	char name[EV_VAULT_NAME];
	struct ev_stmt *st = NULL;
	struct stat file;
	struct held h;
	enum ev_rc rc;
	int fd;

	rc = ev_db_prepare(c->db, &st, err, sql_large, "");
	while (rc == EV_OK && (rc = next_held(st, &h, err)) == EV_OK) {
		ev_vault_exhibit_name(name, h.stored.exhibit);
		fd = open_file(c->dir, name, &file);
		if (fd < 0) {
			tell(c, true, h.stored.exhibit,
			    "vault/%s is missing or no file", name);
			continue;
		}
		if (file.st_size != h.stored.size)
			tell(c, true, h.stored.exhibit,
			    "vault/%s: %jd bytes, its row says %jd", name,
			    (intmax_t)file.st_size, (intmax_t)h.stored.size);
		else if (!c->quick)
			rc = check_bytes(c, fd, &h, err);
		(void)close(fd);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
check_pointers(struct check *c, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	int64_t id;
	enum ev_rc rc;

	rc = ev_db_prepare(c->db, &st, err, sql_pointers, "");
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "i", &id);
		if (rc == EV_OK)
			tell(c, true, id,
			    "exhibit E%06jd: its row points at other"
			    " bytes",
			    (intmax_t)id);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
check_name(struct check *c, const char *name, struct ev_err *err)
{
	struct ev_buf safe;
	bool ours, named;
	enum ev_rc rc;

	rc = ev_vault_named(c->db, name, &ours, &named, err);
	if (rc != EV_OK || named)
		return rc;
	ev_buf_init(&safe, SAFE_LIMIT);
	rc = ev_text_safe(&safe, name, strlen(name), EV_TEXT_NAME, err);
	if (rc == EV_OK)
		tell(c, false, 0, "vault/%.300s: an unnamed file",
		    ev_buf_text(&safe));
	ev_buf_release(&safe);
	return rc;
}

static enum ev_rc
check_names(struct check *c, struct ev_err *err)
{
	const struct dirent *entry;
	enum ev_rc rc = EV_OK;
	DIR *dir;
	int fd;

	fd = openat(c->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return ev_fail_sys(err, "cannot list the vault");
	}
	while (rc == EV_OK && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 &&
		    strcmp(entry->d_name, "..") != 0)
			rc = check_name(c, entry->d_name, err);
	}
	(void)closedir(dir);
	return rc;
}

enum ev_rc
ev_vault_check(struct ev_db *db, int dir, bool quick,
    ev_vault_finding_fn *found, void *ctx, struct ev_err *err)
{
	struct check c = {
		.db = db,
		.dir = dir,
		.quick = quick,
		.found = found,
		.ctx = ctx,
	};
	enum ev_rc rc;

	c.chunk = malloc(CHUNK);
	if (c.chunk == NULL)
		return ev_fail_sys(err, "cannot check the vault");
	rc = ev_digest_init(&c.digest, EV_VAULT_WANT, err);
	if (rc == EV_OK)
		rc = check_segments(&c, err);
	if (rc == EV_OK)
		rc = check_large(&c, err);
	if (rc == EV_OK)
		rc = check_pointers(&c, err);
	if (rc == EV_OK)
		rc = check_names(&c, err);
	ev_digest_release(&c.digest);
	free(c.chunk);
	if (rc == EV_OK && c.bad)
		return ev_fail(err, EV_MISMATCH,
		    "the vault is not what the case says");
	return rc;
}
