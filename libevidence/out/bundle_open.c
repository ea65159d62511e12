/* A bundle that exists: opened, and when it will need renewal. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "case/horizon.h"
#include "out/bundle_inside.h"
#include "out/manifest.h"

enum { DER_LIMIT = 16 << 20 };

static enum ev_rc
read_at(void *ctx, void *data, size_t len, int64_t offset, struct ev_err *err)
{
	const struct bundle_file *f = ctx;

	return ev_fs_pread(f->fd, data, len, offset, err);
}

enum ev_rc
bundle_open(struct bundle_file *f, const char *path, struct ev_err *err)
{
	struct stat st;

	memset(f, 0, sizeof(*f));
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &st) != 0)
		return ev_fail_sys(err, "cannot open '%.128s'", path);
	if (!S_ISREG(st.st_mode))
		return ev_fail(err, EV_INPUT, "'%.128s' is not a file", path);
	f->source.ctx = f;
	f->source.read = read_at;
	f->source.size = st.st_size;
	return ev_unzip_open(&f->zip, &f->source, err);
}

void
bundle_close(struct bundle_file *f)
{
	ev_unzip_free(f->zip);
	f->zip = NULL;
	if (f->fd >= 0)
		(void)close(f->fd);
	f->fd = -1;
}

int
bundle_rounds(const struct bundle_file *f)
{
	char manifest[EV_ROUND_NAME], token[EV_ROUND_NAME];
	int n;

	for (n = 0; n < EV_ROUNDS; n++) {
		ev_round_names(n + 1, true, manifest, token);
		if (ev_unzip_find(f->zip, token) == NULL)
			break;
	}
	return n;
}

static enum ev_rc
read_entry(const struct bundle_file *f, const char *name, struct ev_buf *out,
    struct ev_err *err)
{
	const struct ev_zip_entry *e = ev_unzip_find(f->zip, name);
	enum ev_rc rc;

	if (e == NULL)
		return ev_fail(err, EV_INPUT, "'%.64s' is missing", name);
	if ((uint64_t)e->size > out->limit)
		return ev_fail(err, EV_LIMIT, "'%.64s' is too long", name);
	rc = ev_buf_reserve(out, (size_t)e->size, err);
	if (rc == EV_OK && e->size > 0)
		rc = ev_unzip_read(f->zip, e, out->data, (size_t)e->size, 0,
		    err);
	if (rc == EV_OK)
		out->len = (size_t)e->size;
	return rc;
}

/* The newest round, which carries all before it. */
static enum ev_rc
newest_stamp(const struct bundle_file *f, struct ev_stamp *stamp,
    struct ev_err *err)
{
	char manifest[EV_ROUND_NAME], token[EV_ROUND_NAME];
	unsigned char imprint[EV_SHA256];
	struct ev_buf xml, der;
	enum ev_rc rc;

	ev_round_names(bundle_rounds(f), true, manifest, token);
	ev_buf_init(&xml, BUNDLE_TEXT);
	ev_buf_init(&der, DER_LIMIT);
	rc = read_entry(f, manifest, &xml, err);
	if (rc == EV_OK)
		rc = read_entry(f, token, &der, err);
	if (rc == EV_OK)
		rc = ev_sha256(imprint, xml.data, xml.len, err);
	if (rc == EV_OK)
		rc = ev_stamp_verify(EV_BYTES_BUF(&der), imprint, NULL, stamp,
		    err);
	ev_buf_release(&xml);
	ev_buf_release(&der);
	return rc;
}

enum ev_rc
ev_bundle_doctor(const char *path, const struct ev_doctor *how,
    ev_doctor_fn *found, void *ctx, struct ev_err *err)
{
	struct ev_horizons horizons;
	struct bundle_file f = { .fd = -1 };
	struct ev_stamp stamp;
	struct ev_ends ends;
	bool due = false;
	enum ev_rc rc;

	rc = ev_horizons_read(&horizons, how->horizons, err);
	if (rc != EV_OK)
		return rc;
	rc = bundle_open(&f, path, err);
	if (rc == EV_OK)
		rc = newest_stamp(&f, &stamp, err);
	bundle_close(&f);
	if (rc == EV_INPUT || rc == EV_MISMATCH || rc == EV_LIMIT)
		return ev_fail_in(err, path);
	if (rc == EV_OK)
		rc = ev_horizon_ends(&horizons, &stamp.authority, &ends, err);
	if (rc == EV_OK)
		rc = ev_doctor_tell(&ends, "archive", path, found, ctx, &due,
		    err);
	if (rc == EV_OK && due)
		return ev_fail(err, EV_MISMATCH,
		    "something is due for renewal");
	return rc;
}
