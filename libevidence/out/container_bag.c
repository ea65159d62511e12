/* A container being put together: bag manifests, ASiC manifests, the zip. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "out/container_inside.h"
#include "out/manifest.h"

enum { CHUNK = 1 << 20, TEXT_LIMIT = 256 << 20, PATH = 4096 };

static const char mimetype[] = "mimetype";
static const char asice[] = "application/vnd.etsi.asic-e+zip";

static enum ev_rc
list_file(struct ev_container *k, const struct ev_bag_list *list,
    struct ev_err *err)
{
	const struct ev_part *part;
	struct ev_buf text;
	size_t count;
	enum ev_rc rc;

	ev_buf_init(&text, TEXT_LIMIT);
	rc = ev_container_parts(k, &part, &count, err);
	if (rc == EV_OK)
		rc = ev_manifest_bag(&text, part, count, list->wide, list->pick,
		    err);
	if (rc == EV_OK)
		rc = ev_container_add(k, list->name, EV_BYTES_BUF(&text), err);
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
bag_info_part(struct ev_container *k, const char *bag_info, struct ev_err *err)
{
	const struct ev_part *part;
	struct ev_buf text;
	size_t count;
	enum ev_rc rc;

	ev_buf_init(&text, TEXT_LIMIT);
	rc = ev_container_parts(k, &part, &count, err);
	if (rc == EV_OK)
		rc = ev_buf_puts(&text, bag_info, err);
	if (rc == EV_OK)
		rc = ev_manifest_oxum(&text, part, count, err);
	if (rc == EV_OK)
		rc = ev_container_add(k, "bag-info.txt", EV_BYTES_BUF(&text),
		    err);
	ev_buf_release(&text);
	return rc;
}

enum ev_rc
ev_container_bag(struct ev_container *k, const char *bag_info,
    unsigned char content[EV_SHA256], struct ev_err *err)
{
	static const char bagit[] = "BagIt-Version: 1.0\n"
				    "Tag-File-Character-Encoding: UTF-8\n";
	const struct ev_part *tag;
	enum ev_rc rc;
	size_t i;

	rc = ev_container_add(k, "bagit.txt",
	    EV_BYTES(bagit, sizeof(bagit) - 1), err);
	if (rc == EV_OK)
		rc = ev_container_add(k, mimetype,
		    EV_BYTES(asice, sizeof(asice) - 1), err);
	if (rc == EV_OK)
		rc = bag_info_part(k, bag_info, err);
	for (i = 0; rc == EV_OK && i < EV_BAG_LISTS; i++)
		rc = list_file(k, &ev_bag_lists[i], err);
	if (rc != EV_OK)
		return rc;
	tag = ev_container_find(k, "tagmanifest-sha256.txt");
	memcpy(content, tag->digests.sha256, EV_SHA256);
	return EV_OK;
}

enum ev_rc
ev_container_preview(struct ev_container *k, const char *reference,
    const char *media, enum ev_container_scope scope, struct ev_buf *xml,
    struct ev_err *err)
{
	const struct ev_manifest_asic what = { reference, media, scope };
	const struct ev_part *part;
	size_t count;
	enum ev_rc rc;

	rc = ev_container_parts(k, &part, &count, err);
	return rc == EV_OK ? ev_manifest_xml(xml, part, count, &what, err) : rc;
}

enum ev_rc
ev_container_manifest(struct ev_container *k, const char *name,
    const char *reference, const char *media, enum ev_container_scope scope,
    struct ev_err *err)
{
	struct ev_buf xml;
	enum ev_rc rc;

	ev_buf_init(&xml, TEXT_LIMIT);
	rc = ev_container_preview(k, reference, media, scope, &xml, err);
	if (rc == EV_OK)
		rc = ev_container_add(k, name, EV_BYTES_BUF(&xml), err);
	ev_buf_release(&xml);
	return rc;
}

/* Writing the zip. */
struct writer {
	int fd;
	struct ev_digest digest;
	unsigned char *chunk;
	int64_t done, total;
	const struct ev_container_out *out;
};

static enum ev_rc
to_file(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	struct writer *w = ctx;

	return ev_fs_write(w->fd, data, len, err);
}

static enum ev_rc
copy_part(struct writer *w, struct ev_zip *zip, const struct ev_part *part,
    struct ev_err *err)
{
	int64_t left = part->digests.size, at = part->offset;
	struct ev_digests is;
	enum ev_rc rc = EV_OK;
	size_t n;

	while (rc == EV_OK && left > 0) {
		n = left > CHUNK ? CHUNK : (size_t)left;
		rc = ev_fs_pread(part->fd, w->chunk, n, at, err);
		if (rc == EV_OK)
			rc = ev_digest_update(&w->digest, w->chunk, n, err);
		if (rc == EV_OK)
			rc = ev_zip_write(zip, w->chunk, n, err);
		left -= (int64_t)n;
		at += (int64_t)n;
		w->done += (int64_t)n;
		if (w->out->told != NULL)
			w->out->told(w->out->ctx, w->done, w->total);
	}
	if (rc != EV_OK)
		return rc;
	rc = ev_digest_final(&w->digest, &is, err);
	if (rc == EV_OK && !ev_same(is.sha256, part->digests.sha256, EV_SHA256))
		return ev_fail(err, EV_MISMATCH,
		    "'%.64s' is no longer what was received: its SHA-256 "
		    "differs",
		    part->name);
	return rc;
}

static enum ev_rc
write_part(struct writer *w, struct ev_zip *zip, const struct ev_part *part,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_zip_begin(zip, part->name, part->digests.crc32,
	    part->digests.size, err);
	if (rc == EV_OK)
		rc = copy_part(w, zip, part, err);
	if (rc == EV_OK)
		rc = ev_zip_end(zip, err);
	return rc;
}

static enum ev_rc
write_all(struct writer *w, struct ev_container *k, struct ev_err *err)
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
	rc = ev_zip_new(&zip, &sink, w->out->when, err);
	if (rc == EV_OK)
		rc = ev_zip_put(zip, mimetype, asice, sizeof(asice) - 1, err);
	for (i = 0; rc == EV_OK && i < count; i++) {
		if (strcmp(part[i].name, mimetype) != 0)
			rc = write_part(w, zip, &part[i], err);
	}
	if (rc == EV_OK)
		rc = ev_zip_finish(zip, err);
	ev_zip_free(zip);
	return rc;
}

enum ev_rc
ev_container_write(struct ev_container *k, const struct ev_container_out *out,
    struct ev_err *err)
{
	struct writer w = { .fd = -1, .out = out };
	char path[PATH];
	enum ev_rc rc;

	if (access(out->path, F_OK) == 0)
		return ev_fail(err, EV_USE, "'%.128s' exists already",
		    out->path);
	if (snprintf(path, sizeof(path), "%s.XXXXXX", out->path) >=
	    (int)sizeof(path))
		return ev_fail(err, EV_LIMIT, "path is too long");
	w.chunk = malloc(CHUNK);
	if (w.chunk == NULL)
		return ev_fail_sys(err, "cannot write '%.128s'", out->path);
	rc = ev_digest_init(&w.digest, EV_D_SHA256, err);
	if (rc == EV_OK) {
		w.fd = mkstemp(path);
		if (w.fd < 0)
			rc = ev_fail_sys(err, "cannot write '%.128s'",
			    out->path);
	}
	if (rc == EV_OK)
		rc = write_all(&w, k, err);
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
	ev_digest_release(&w.digest);
	free(w.chunk);
	return rc;
}
