/* Exhibits kept once, in store-only zip segments, appended, never rewritten. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/fs.h"
#include "evidence/text.h"
#include "store/vault_room.h"

enum {
	/* Of a directory entry: 46 bytes and a name (APPNOTE 4.3.12). */
	ENTRY_BYTES = 46 + EV_VAULT_NAME,
	END_BYTES = 22,
	HEADER_LIMIT = 1024,
	WRITE_BEHIND = 8 << 20,
	DIRECTORY_LIMIT = EV_VAULT_ENTRIES * (ENTRY_BYTES + 1),
};

/* What each step of the writing of a segment may read back. */
static const char sql_open_segment[] =
    "SELECT id, committed, entries FROM segment WHERE closed = 0";
static const char sql_new_segment[] =
    "INSERT INTO segment(id, committed, entries, closed) VALUES(?, 0, 0, 0)";
static const char sql_grow[] =
    "UPDATE segment SET committed = ?, entries = ? WHERE id = ?";
static const char sql_close[] =
    "UPDATE segment SET committed = ?, closed = 1 WHERE id = ?";
static const char sql_same[] =
    "SELECT stored, coalesce(segment, 0), offset FROM exhibit"
    " WHERE sha256 = ? AND size = ? AND sha512 = ? AND stored = id";
static const char sql_insert[] =
    "INSERT INTO exhibit(id, acquisition, name, size, mtime_us, sha256,"
    " sha512, md5, sha1, crc32, stored, segment, offset, notes)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char sql_entries[] =
    "SELECT id, size, offset, crc32 FROM exhibit"
    " WHERE segment = ? AND stored = id ORDER BY offset";
static const char sql_since[] =
    "SELECT size, offset, sha256 FROM exhibit"
    " WHERE segment = ? AND stored = id AND offset >= ? ORDER BY offset";

void
ev_vault_segment_name(char name[EV_VAULT_NAME], int64_t segment)
{
	(void)snprintf(name, EV_VAULT_NAME, "P%04jd.zip", (intmax_t)segment);
}

void
ev_vault_exhibit_name(char name[EV_VAULT_NAME], int64_t exhibit)
{
	(void)snprintf(name, EV_VAULT_NAME, "E%06jd", (intmax_t)exhibit);
}

void
ev_vault_entry(struct ev_zip_entry *entry, struct ev_vault_stored *stored)
{
	ev_vault_exhibit_name(stored->name, stored->exhibit);
	entry->name = stored->name;
	entry->crc = stored->crc;
	entry->dos = ev_zip_dos(0);
	entry->size = stored->size;
	entry->offset = stored->offset - ev_zip_local_size(entry);
}

/* The number behind the first letter of a file's name, or -1. */
static int64_t
number_in(const char *name)
{
	int64_t number;
	size_t len;

	len = name[0] == '\0' ? 0 : strspn(name + 1, "0123456789");
	if (!ev_text_int(&number, name + 1, len, 0, INT64_MAX))
		return -1;
	return number;
}

enum ev_rc
ev_vault_named(struct ev_db *db, const char *name, bool *ours, bool *named,
    struct ev_err *err)
{
	char own[EV_VAULT_NAME] = "";
	int64_t number, rows = 0;
	enum ev_rc rc = EV_OK;

	number = number_in(name);
	if (number >= 0 && name[0] == 'P') {
		ev_vault_segment_name(own, number);
		rc = ev_db_int(db, &rows, err,
		    "SELECT count(*) FROM segment WHERE id = ?", "i", number);
	} else if (number >= 0 && name[0] == 'E') {
		ev_vault_exhibit_name(own, number);
		rc = ev_db_int(db, &rows, err,
		    "SELECT count(*) FROM exhibit WHERE id = ? AND stored = id"
		    " AND segment IS NULL",
		    "i", number);
	}
	*ours = strcmp(own, name) == 0;
	*named = *ours && rows > 0;
	return rc;
}

/*
 * A run that was killed leaves at most files that no row names.  They are
 * evidence of nothing: their source is read again.
 */
static enum ev_rc
sweep(struct ev_vault *v, struct ev_err *err)
{
	const struct dirent *entry;
	enum ev_rc rc = EV_OK;
	bool ours, named;
	DIR *dir;
	int fd;

	fd = openat(v->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		if (fd >= 0)
			(void)close(fd);
		return ev_fail_sys(err, "cannot list the vault");
	}
	while (rc == EV_OK && (entry = readdir(dir)) != NULL) {
		rc = ev_vault_named(v->db, entry->d_name, &ours, &named, err);
		if (rc != EV_OK || !ours || named)
			continue;
		if (unlinkat(v->dir, entry->d_name, 0) != 0)
			rc = ev_fail_sys(err, "cannot take the place of '%s'",
			    entry->d_name);
	}
	(void)closedir(dir);
	return rc;
}

static enum ev_rc
vault_new(struct ev_vault **out, struct ev_db *db, int dir, struct ev_err *err)
{
	struct ev_vault *v;
	enum ev_rc rc;

	*out = NULL;
	v = calloc(1, sizeof(*v));
	if (v == NULL)
		return ev_fail_sys(err, "cannot open the vault");
	v->db = db;
	v->dir = dir;
	v->fd = v->spool = -1;
	ev_buf_init(&v->header, HEADER_LIMIT);
	rc = ev_db_int(db, &v->next, err,
	    "SELECT coalesce(max(id), 0) + 1 FROM exhibit", "");
	if (rc == EV_OK)
		rc = ev_db_prepare(db, &v->insert, err, sql_insert, NULL);
	if (rc == EV_OK)
		rc = ev_db_prepare(db, &v->same, err, sql_same, NULL);
	if (rc == EV_OK && dir >= 0)
		rc = sweep(v, err);
	if (rc != EV_OK) {
		ev_vault_free(v);
		return rc;
	}
	*out = v;
	return EV_OK;
}

enum ev_rc
ev_vault_open(struct ev_vault **out, struct ev_db *db, int dir,
    struct ev_err *err)
{
	return vault_new(out, db, dir, err);
}

enum ev_rc
ev_vault_dry(struct ev_vault **out, struct ev_db *db, struct ev_err *err)
{
	return vault_new(out, db, -1, err);
}

void
ev_vault_free(struct ev_vault *v)
{
	if (v == NULL)
		return;
	ev_vault_drop(v);
	if (v->fd >= 0)
		(void)close(v->fd);
	ev_db_finish(v->insert);
	ev_db_finish(v->same);
	ev_buf_release(&v->header);
	free(v);
}

void
ev_vault_paranoid(struct ev_vault *v, bool on)
{
	v->paranoid = on;
}

int64_t
ev_vault_waiting(const struct ev_vault *v)
{
	return v->end - v->synced;
}

/* The file of a segment, cut to its committed length. */
static enum ev_rc
open_segment_file(struct ev_vault *v, struct ev_err *err)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;
	char name[EV_VAULT_NAME];
	struct stat st;

	ev_vault_segment_name(name, v->segment);
	/* Killed between the 0444 of a closing and its commit. */
	if (fstatat(v->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISREG(st.st_mode) && (st.st_mode & S_IWUSR) == 0 &&
	    fchmodat(v->dir, name, 0600, 0) != 0)
		return ev_fail_sys(err, "cannot write to '%s'", name);
	v->fd = openat(v->dir, name, flags, 0600);
	if (v->fd < 0 || fstat(v->fd, &st) != 0)
		return ev_fail_sys(err, "cannot open segment '%s'", name);
	if (!S_ISREG(st.st_mode) || st.st_size < v->end)
		return ev_fail(err, EV_INPUT,
		    "segment '%s' is shorter than the %jd bytes of its row",
		    name, (intmax_t)v->end);
	if (st.st_size > v->end && ftruncate(v->fd, v->end) != 0)
		return ev_fail_sys(err, "cannot cut '%s'", name);
	if (lseek(v->fd, v->end, SEEK_SET) < 0)
		return ev_fail_sys(err, "cannot seek in '%s'", name);
	/* A new file's name must last as long as what a row says of it. */
	return v->end > 0 ? EV_OK : ev_fs_sync(v->dir, "the vault", err);
}

/* The one that is being written, else a new one. */
static enum ev_rc
open_segment(struct ev_vault *v, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	rc = ev_db_prepare(v->db, &st, err, sql_open_segment, "");
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "iii", &v->segment, &v->end,
		    &v->entries);
	ev_db_finish(st);
	if (rc == EV_EOF) {
		v->end = v->entries = 0;
		rc = ev_db_int(v->db, &v->segment, err,
		    "SELECT coalesce(max(id), 0) + 1 FROM segment", "");
		if (rc == EV_OK)
			rc = ev_db_run(v->db, err, sql_new_segment, "i",
			    v->segment);
	}
	v->synced = v->behind = v->end;
	return rc == EV_OK ? open_segment_file(v, err) : rc;
}

enum ev_rc
ev_vault_directory(struct ev_buf *out, struct ev_db *db, int64_t segment,
    int64_t start, struct ev_err *err)
{
	struct ev_vault_stored *stored = NULL;
	struct ev_zip_entry *entry = NULL;
	struct ev_stmt *st = NULL;
	int64_t crc;
	size_t n = 0;
	enum ev_rc rc;

	stored = calloc(EV_VAULT_ENTRIES, sizeof(*stored));
	entry = calloc(EV_VAULT_ENTRIES, sizeof(*entry));
	if (stored == NULL || entry == NULL) {
		rc = ev_fail_sys(err, "cannot close a segment");
		goto out;
	}
	rc = ev_db_prepare(db, &st, err, sql_entries, "i", segment);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		if (n == EV_VAULT_ENTRIES) {
			rc = ev_fail(err, EV_INPUT,
			    "segment %jd has too many rows", (intmax_t)segment);
			break;
		}
		rc = ev_db_row(st, err, "iiii", &stored[n].exhibit,
		    &stored[n].size, &stored[n].offset, &crc);
		stored[n].crc = (uint32_t)crc;
		ev_vault_entry(&entry[n], &stored[n]);
		n++;
	}
	if (rc == EV_EOF)
		rc = ev_zip_directory(out, entry, n, start, err);
out:
	ev_db_finish(st);
	free(stored);
	free(entry);
	return rc;
}

enum ev_rc
ev_vault_seal(struct ev_vault *v, struct ev_err *err)
{
	struct ev_buf directory;
	enum ev_rc rc;

	if (v->dir < 0)
		return EV_OK;
	/* One that an interrupted run left open is closed with this one. */
	if (v->fd < 0) {
		int64_t open = 0;

		rc = ev_db_int(v->db, &open, err,
		    "SELECT count(*) FROM segment WHERE closed = 0", "");
		if (rc == EV_OK && open > 0)
			rc = open_segment(v, err);
		if (rc != EV_OK || open == 0)
			return rc;
	}
	rc = ev_vault_sync(v, err);
	if (rc != EV_OK)
		return rc;
	ev_buf_init(&directory, DIRECTORY_LIMIT);
	rc = ev_vault_directory(&directory, v->db, v->segment, v->end, err);
	if (rc == EV_OK)
		rc = ev_fs_write(v->fd, directory.data, directory.len, err);
	if (rc == EV_OK)
		rc = ev_fs_sync(v->fd, "a segment", err);
	if (rc == EV_OK && fchmod(v->fd, 0444) != 0)
		rc = ev_fail_sys(err, "cannot make a segment read-only");
	if (rc == EV_OK)
		rc = ev_db_run(v->db, err, sql_close, "ii",
		    v->end + (int64_t)directory.len, v->segment);
	ev_buf_release(&directory);
	(void)close(v->fd);
	v->fd = -1;
	v->end = v->synced = v->entries = 0;
	return rc;
}

enum ev_rc
ev_vault_same(struct ev_vault *v, const struct ev_digests *d,
    struct ev_vault_place *place, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_bind(v->same, err, "bib", d->sha256, sizeof(d->sha256),
	    d->size, d->sha512, sizeof(d->sha512));
	if (rc == EV_OK)
		rc = ev_db_step(v->same, err);
	if (rc == EV_OK)
		rc = ev_db_row(v->same, err, "iii", &place->stored,
		    &place->segment, &place->offset);
	return rc;
}

enum ev_rc
ev_vault_insert(struct ev_vault *v, const struct ev_vault_row *row,
    const struct ev_digests *d, const struct ev_vault_place *place,
    int64_t *exhibit, struct ev_err *err)
{
	const int64_t *segment = place->segment == 0 ? NULL : &place->segment;
	const int64_t stored = place->stored == 0 ? v->next : place->stored;
	enum ev_rc rc;

	rc = ev_db_bind(v->insert, err, "iibinbbbbiinis", v->next,
	    row->acquisition, row->name, row->name_len, d->size, row->mtime,
	    d->sha256, sizeof(d->sha256), d->sha512, sizeof(d->sha512),
	    (d->have & EV_D_MD5) == 0 ? NULL : d->md5, sizeof(d->md5),
	    (d->have & EV_D_SHA1) == 0 ? NULL : d->sha1, sizeof(d->sha1),
	    (int64_t)d->crc32, stored, segment, place->offset, row->notes);
	if (rc == EV_OK)
		rc = ev_db_put(v->insert, err);
	if (rc == EV_OK)
		*exhibit = v->next++;
	return rc;
}

/* Header and bytes in one call; what it leaves over, one by one. */
static enum ev_rc
write_entry(struct ev_vault *v, const void *data, size_t len,
    struct ev_err *err)
{
	struct iovec part[2];
	size_t skip;
	ssize_t n;
	enum ev_rc rc;

	part[0].iov_base = v->header.data;
	part[0].iov_len = v->header.len;
	memcpy(&part[1].iov_base, &data, sizeof(data));
	part[1].iov_len = len;
	n = writev(v->fd, part, len == 0 ? 1 : 2);
	if (n < 0 && errno != EINTR)
		return ev_fail_sys(err, "cannot write to the vault");
	skip = n < 0 ? 0 : (size_t)n;
	if (skip == v->header.len + len)
		return EV_OK;
	if (skip < v->header.len) {
		rc = ev_fs_write(v->fd, v->header.data + skip,
		    v->header.len - skip, err);
		skip = 0;
	} else {
		rc = EV_OK;
		skip -= v->header.len;
	}
	if (rc == EV_OK)
		rc = ev_fs_write(v->fd, (const unsigned char *)data + skip,
		    len - skip, err);
	return rc;
}

/* Let the disc work while the next bytes are read: a sync then waits less. */
static void
write_behind(struct ev_vault *v)
{
	if (v->behind < v->synced)
		v->behind = v->synced;
	if (v->end - v->behind < WRITE_BEHIND)
		return;
	(void)sync_file_range(v->fd, v->behind, v->end - v->behind,
	    SYNC_FILE_RANGE_WRITE);
	v->behind = v->end;
}

/* A segment with room for one more entry of that size. */
static enum ev_rc
make_room(struct ev_vault *v, int64_t size, struct ev_err *err)
{
	int64_t need;
	enum ev_rc rc;

	if (v->fd < 0) {
		rc = open_segment(v, err);
		if (rc != EV_OK)
			return rc;
	}
	need = v->end + HEADER_LIMIT + size + END_BYTES +
	       (v->entries + 1) * ENTRY_BYTES;
	if (v->entries < EV_VAULT_ENTRIES &&
	    (need <= EV_VAULT_SEGMENT || v->entries == 0))
		return EV_OK;
	rc = ev_vault_seal(v, err);
	return rc == EV_OK ? open_segment(v, err) : rc;
}

enum ev_rc
ev_vault_add(struct ev_vault *v, const struct ev_vault_row *row,
    const void *data, const struct ev_digests *d, int64_t *exhibit,
    struct ev_err *err)
{
	struct ev_vault_place place;
	struct ev_vault_stored stored;
	struct ev_zip_entry entry;
	enum ev_rc rc;

	*exhibit = 0;
	if (d->size > EV_VAULT_SMALL ||
	    (d->have & EV_VAULT_WANT) != EV_VAULT_WANT)
		return ev_fail(err, EV_USE, "not an exhibit for a segment");
	rc = ev_vault_same(v, d, &place, err);
	if (rc == EV_OK)
		return ev_vault_insert(v, row, d, &place, exhibit, err);
	if (rc != EV_EOF)
		return rc;
	memset(&place, 0, sizeof(place));
	if (v->dir < 0)
		return ev_vault_insert(v, row, d, &place, exhibit, err);
	rc = make_room(v, d->size, err);
	if (rc != EV_OK)
		return rc;
	stored.exhibit = v->next;
	stored.size = d->size;
	stored.crc = d->crc32;
	stored.offset = v->end;
	ev_vault_entry(&entry, &stored);
	entry.offset = v->end;
	ev_buf_clear(&v->header);
	rc = ev_zip_local(&v->header, &entry, err);
	if (rc == EV_OK)
		rc = write_entry(v, data, (size_t)d->size, err);
	if (rc != EV_OK)
		return rc;
	place.segment = v->segment;
	place.offset = v->end + (int64_t)v->header.len;
	v->end = place.offset + d->size;
	v->entries++;
	write_behind(v);
	return ev_vault_insert(v, row, d, &place, exhibit, err);
}

/* Read back what this batch wrote, from the disc and not from memory. */
static enum ev_rc
reread(struct ev_vault *v, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	struct ev_digests d;
	int64_t offset;
	const void *sha;
	size_t len;
	enum ev_rc rc;

	(void)posix_fadvise(v->fd, v->synced, v->end - v->synced,
	    POSIX_FADV_DONTNEED);
	rc = ev_db_prepare(v->db, &st, err, sql_since, "ii", v->segment,
	    v->synced);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "iib", &d.size, &offset, &sha, &len);
		if (rc != EV_OK)
			break;
		memcpy(d.sha256, sha, sizeof(d.sha256));
		d.have = EV_D_SHA256;
		rc = ev_vault_rehash(v->fd, offset, &d, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* A write that was reported and not done shows in the length. */
enum ev_rc
ev_vault_length(int fd, int64_t length, struct ev_err *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return ev_fail_sys(err, "cannot see what was written");
	if (st.st_size == length)
		return EV_OK;
	return ev_fail(err, EV_SYS,
	    "%jd bytes were written to the vault, and %jd are there",
	    (intmax_t)length, (intmax_t)st.st_size);
}

enum ev_rc
ev_vault_sync(struct ev_vault *v, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	if (v->fd < 0 || v->end == v->synced)
		return EV_OK;
	if (fdatasync(v->fd) != 0)
		return ev_fail_sys(err, "cannot make a segment durable");
	rc = ev_vault_length(v->fd, v->end, err);
	if (rc != EV_OK)
		return rc;
	if (v->paranoid)
		rc = reread(v, err);
	if (rc == EV_OK)
		rc = ev_db_run(v->db, err, sql_grow, "iii", v->end, v->entries,
		    v->segment);
	if (rc == EV_OK)
		v->synced = v->end;
	return rc;
}
