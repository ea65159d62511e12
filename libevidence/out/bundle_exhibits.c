/* A bundle being made: exhibits, each an entry, or in segments. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "evidence/text.h"
#include "out/volumes.h"
#include "out/withhold.h"
#include "seal/unzip.h"
#include "store/vault_room.h"

enum { CHUNK = 1 << 20 };

/* Bytes of exhibits that the head covers, each once. */
static const char sql_stored[] =
    "SELECT e.id, e.size, e.sha256, e.sha512, e.crc32, (SELECT a.media FROM"
    " artifact a WHERE a.exhibit = e.id AND a.ordinal = 0), e.segment"
    " FROM exhibit e WHERE e.id IN (SELECT x.stored FROM exhibit x JOIN"
    " acquisition q ON q.id = x.acquisition WHERE q.copy <= ?) ORDER BY e.id";
static const char sql_count[] =
    "SELECT count(DISTINCT x.stored) FROM exhibit x JOIN acquisition q"
    " ON q.id = x.acquisition WHERE q.copy <= ?";
static const char sql_segments[] =
    "SELECT s.id, s.entries, s.closed, count(*) FROM segment s JOIN exhibit e"
    " ON e.segment = s.id AND e.stored = e.id WHERE e.id IN (SELECT x.stored"
    " FROM exhibit x JOIN acquisition q ON q.id = x.acquisition WHERE"
    " q.copy <= ?) GROUP BY s.id ORDER BY s.id";
static const char sql_in_segment[] =
    "SELECT e.id, e.size, e.sha256, e.sha512, e.crc32, e.offset FROM exhibit"
    " e WHERE e.segment = ?1 AND e.stored = e.id AND e.id IN (SELECT x.stored"
    " FROM exhibit x JOIN acquisition q ON q.id = x.acquisition WHERE"
    " q.copy <= ?2) ORDER BY e.offset";

static const char *
ending_of(const char *media)
{
	static const char *const known[][2] = {
		{ "application/json", "json" },
		{ "application/pdf", "pdf" },
		{ "application/zip", "zip" },
		{ "application/gzip", "gz" },
		{ "image/gif", "gif" },
		{ "image/jpeg", "jpg" },
		{ "image/png", "png" },
		{ "text/csv", "csv" },
		{ "text/plain", "txt" },
		{ "video/mp4", "mp4" },
	};
	size_t i;

	for (i = 0; media != NULL && i < sizeof(known) / sizeof(known[0]);
	     i++) {
		if (strcmp(media, known[i][0]) == 0)
			return known[i][1];
	}
	return "bin";
}

struct stored {
	int64_t id;
	struct ev_digests digests;
	const char *media;
	bool loose; /* lies in no segment */
};

static enum ev_rc
stored_digests(struct stored *s, struct ev_bytes sha256, struct ev_bytes sha512,
    int64_t crc, struct ev_err *err)
{
	if (sha256.len != EV_SHA256 || sha512.len != EV_SHA512 || crc < 0 ||
	    crc > UINT32_MAX)
		return ev_fail(err, EV_INPUT,
		    "exhibit %" PRId64 " has no digests", s->id);
	memcpy(s->digests.sha256, sha256.data, EV_SHA256);
	memcpy(s->digests.sha512, sha512.data, EV_SHA512);
	s->digests.crc32 = (uint32_t)crc;
	s->digests.have = EV_D_SHA256 | EV_D_SHA512 | EV_D_CRC32;
	return EV_OK;
}

static enum ev_rc
stored_row(struct ev_stmt *st, struct stored *s, struct ev_err *err)
{
	const void *sha256, *sha512;
	int64_t crc, segment;
	size_t n256, n512;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "iibbisn", &s->id, &s->digests.size, &sha256,
	    &n256, &sha512, &n512, &crc, &s->media, &segment, &s->loose);
	return rc == EV_OK ? stored_digests(s, EV_BYTES(sha256, n256),
				 EV_BYTES(sha512, n512), crc, err)
			   : rc;
}

/* The same of one in a segment, and where its bytes begin there. */
static enum ev_rc
segment_row(struct ev_stmt *st, struct stored *s, int64_t *offset,
    struct ev_err *err)
{
	const void *sha256, *sha512;
	size_t n256, n512;
	int64_t crc;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "iibbii", &s->id, &s->digests.size, &sha256,
	    &n256, &sha512, &n512, &crc, offset);
	return rc == EV_OK ? stored_digests(s, EV_BYTES(sha256, n256),
				 EV_BYTES(sha512, n512), crc, err)
			   : rc;
}

static enum ev_rc
add_exhibit(struct bundle *b, const struct stored *s, struct ev_err *err)
{
	struct ev_vault_span span;
	char name[BUNDLE_NAME];
	enum ev_rc rc;

	rc = bundle_name(name, err, "data/exhibits/E%06" PRId64 ".%s", s->id,
	    ending_of(s->media));
	if (rc == EV_OK)
		rc = ev_vault_find(ev_case_db(b->c), b->vault, s->id, &span,
		    err);
	if (rc == EV_OK)
		rc = ev_container_file(b->k, name, span.fd, span.offset,
		    &s->digests, err);
	return rc;
}

/* A whole file of the vault, hashed here: its digests stand nowhere. */
static enum ev_rc
hash_file(int fd, struct ev_digests *digests, struct ev_err *err)
{
	unsigned char *chunk;
	struct ev_digest d;
	ssize_t n = 0;
	enum ev_rc rc;

	rc = ev_digest_init(&d, EV_D_SHA256 | EV_D_SHA512 | EV_D_CRC32, err);
	if (rc != EV_OK)
		return rc;
	chunk = malloc(CHUNK);
	if (chunk == NULL)
		rc = ev_fail_sys(err, "cannot hash a segment");
	while (rc == EV_OK && (n = read(fd, chunk, CHUNK)) > 0)
		rc = ev_digest_update(&d, chunk, (size_t)n, err);
	if (rc == EV_OK && n < 0)
		rc = ev_fail_sys(err, "cannot read a segment");
	if (rc == EV_OK)
		rc = ev_digest_final(&d, digests, err);
	free(chunk);
	ev_digest_release(&d);
	return rc;
}

/* A segment, and how much of it the head covers. */
struct segment {
	int64_t id, entries, closed, covered;
	int fd;
	struct ev_zip *zip; /* NULL: the file is taken over as it is */
};

static enum ev_rc
zip_exhibit(const struct segment *g, const struct stored *s, int64_t offset,
    struct ev_err *err)
{
	char name[EV_VAULT_NAME];
	unsigned char *chunk;
	int64_t left = s->digests.size;
	enum ev_rc rc;
	size_t n;

	chunk = malloc(CHUNK);
	if (chunk == NULL)
		return ev_fail_sys(err, "cannot copy a segment");
	ev_vault_exhibit_name(name, s->id);
	rc = ev_zip_begin(g->zip, name, s->digests.crc32, left, err);
	while (rc == EV_OK && left > 0) {
		n = left > CHUNK ? CHUNK : (size_t)left;
		rc = ev_fs_pread(g->fd, chunk, n, offset, err);
		if (rc == EV_OK)
			rc = ev_zip_write(g->zip, chunk, n, err);
		offset += (int64_t)n;
		left -= (int64_t)n;
	}
	free(chunk);
	return rc == EV_OK ? ev_zip_end(g->zip, err) : rc;
}

/* Its exhibits, re-hashed, so that nothing altered leaves the house. */
static enum ev_rc
walk_segment(struct bundle *b, const struct segment *g, struct ev_buf *list,
    struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	struct ev_stmt *st = NULL;
	struct stored s;
	int64_t offset;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(b->c), &st, err, sql_in_segment, "ii",
	    g->id, b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = segment_row(st, &s, &offset, err);
		if (rc != EV_OK)
			break;
		if (withhold_has(b->withhold, 'E', s.id))
			continue;
		rc = ev_vault_rehash(g->fd, offset, &s.digests, err);
		if (rc == EV_MISMATCH)
			rc = ev_fail(err, EV_MISMATCH,
			    "E%06" PRId64 " in the vault is no longer what "
			    "was received",
			    s.id);
		if (rc == EV_OK && g->zip != NULL)
			rc = zip_exhibit(g, &s, offset, err);
		ev_text_hex(hex, s.digests.sha256, EV_SHA256);
		if (rc == EV_OK)
			rc = ev_buf_printf(list, err, "%s  E%06" PRId64 "\n",
			    hex, s.id);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
read_at(void *ctx, void *data, size_t len, int64_t offset, struct ev_err *err)
{
	const struct segment *g = ctx;

	return ev_fs_pread(g->fd, data, len, offset, err);
}

/* What lies between the exhibits must be as the vault wrote it, too. */
static enum ev_rc
check_frame(struct segment *g, const char *file, struct ev_err *err)
{
	struct ev_zip_source source = { g, read_at, 0 };
	struct ev_unzip *zip = NULL;
	struct stat st;
	enum ev_rc rc;

	if (fstat(g->fd, &st) != 0)
		return ev_fail_sys(err, "cannot read segment '%s'", file);
	source.size = st.st_size;
	rc = ev_unzip_open(&zip, &source, err);
	if (rc == EV_OK && (int64_t)ev_unzip_count(zip) != g->entries)
		rc = ev_fail(err, EV_MISMATCH, "it has %zu entries",
		    ev_unzip_count(zip));
	ev_unzip_free(zip);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, file);
}

static enum ev_rc
to_part(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	struct bundle *b = ctx;

	return ev_container_put(b->k, data, len, err);
}

/*
 * One that holds exhibits which are withheld or which the head does not cover,
 * or that was never closed: written anew without them, as the vault would have
 * closed it.
 */
static enum ev_rc
rewrite_segment(struct bundle *b, struct segment *g, const char *name,
    struct ev_buf *list, struct ev_err *err)
{
	const struct ev_zip_sink sink = { b, to_part };
	enum ev_rc rc;

	rc = ev_container_begin(b->k, name, err);
	if (rc == EV_OK)
		rc = ev_zip_new(&g->zip, &sink, 0, err);
	if (rc == EV_OK)
		rc = walk_segment(b, g, list, err);
	if (rc == EV_OK)
		rc = ev_zip_finish(g->zip, err);
	ev_zip_free(g->zip);
	g->zip = NULL;
	return rc == EV_OK ? ev_container_end(b->k, err) : rc;
}

static enum ev_rc
add_segment(struct bundle *b, struct segment *g, struct ev_buf *list,
    struct ev_err *err)
{
	char name[BUNDLE_NAME], file[EV_VAULT_NAME];
	struct ev_digests digests;
	int64_t withheld;
	enum ev_rc rc;
	bool here;

	ev_vault_segment_name(file, g->id);
	rc = bundle_name(name, err, "data/exhibits/%s", file);
	if (rc == EV_OK)
		rc = withhold_segment(b, g->id, &withheld, err);
	if (rc == EV_OK)
		rc = volumes_segment_here(b, g->id, &here, err);
	if (rc != EV_OK || withheld == g->covered || !here)
		return rc;
	g->fd = openat(b->vault, file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (g->fd < 0)
		return ev_fail_sys(err, "cannot open segment '%s'", file);
	g->covered -= withheld;
	if (g->closed == 0 || g->covered != g->entries) {
		rc = rewrite_segment(b, g, name, list, err);
		(void)close(g->fd);
		return rc;
	}
	rc = check_frame(g, file, err);
	if (rc == EV_OK)
		rc = walk_segment(b, g, list, err);
	if (rc == EV_OK)
		rc = hash_file(g->fd, &digests, err);
	if (rc != EV_OK) {
		(void)close(g->fd);
		return rc;
	}
	return ev_container_file(b->k, name, g->fd, 0, &digests, err);
}

/* The segments, and their list for `sha256sum -c` once they are unzipped. */
static enum ev_rc
add_segments(struct bundle *b, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	struct segment g = { .fd = -1 };
	struct ev_buf list;
	enum ev_rc rc;

	ev_buf_init(&list, BUNDLE_TEXT);
	rc = ev_db_prepare(ev_case_db(b->c), &st, err, sql_segments, "i",
	    b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "iiii", &g.id, &g.entries,
			    &g.closed, &g.covered);
		if (rc == EV_OK)
			rc = add_segment(b, &g, &list, err);
	}
	ev_db_finish(st);
	if (rc == EV_EOF)
		rc = ev_container_add(b->k, "data/index/exhibits-sha256.txt",
		    EV_BYTES_BUF(&list), err);
	ev_buf_release(&list);
	return rc;
}

enum ev_rc
bundle_exhibit_count(struct bundle *b, int64_t *count, struct ev_err *err)
{
	return ev_db_int(ev_case_db(b->c), count, err, sql_count, "i", b->head);
}

enum ev_rc
bundle_exhibits(struct bundle *b, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	struct stored s;
	int64_t count = 0;
	bool each;
	enum ev_rc rc;

	rc = bundle_exhibit_count(b, &count, err);
	each = count <= BUNDLE_LOOSE;
	if (rc == EV_OK)
		rc = ev_db_prepare(ev_case_db(b->c), &st, err, sql_stored, "i",
		    b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = stored_row(st, &s, err);
		if (rc == EV_OK && (each || s.loose) &&
		    !withhold_has(b->withhold, 'E', s.id) &&
		    volumes_here(b, s.id))
			rc = add_exhibit(b, &s, err);
	}
	ev_db_finish(st);
	if (rc != EV_EOF)
		return rc;
	return each ? EV_OK : add_segments(b, err);
}
