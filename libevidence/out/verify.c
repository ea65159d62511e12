/* Re-derive everything in a bundle and say what differs. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "evidence/text.h"
#include "out/manifest.h"
#include "out/verify_cage.h"
#include "out/verify_index.h"
#include "seal/envelope.h"

enum { CHUNK = 1 << 20, LARGE = 1 << 20, WHAT = 1024 };

/* A sentence that was cut may end within a character. */
static void
make_utf8(char *text)
{
	size_t len = strlen(text), whole = len;
	char *c;

	while (whole > 0 && len - whole < 4 && !ev_text_is_utf8(text, whole))
		whole--;
	if (ev_text_is_utf8(text, whole)) {
		text[whole] = '\0';
		return;
	}
	for (c = text; *c != '\0'; c++) {
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	}
}

void
verify_say(struct verify *v, const char *group, enum ev_verify_state state,
    const char *fmt, ...)
{
	struct ev_verify_finding f = { .group = group, .state = state };
	char what[WHAT];
	va_list ap;

	if (v->mute)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	make_utf8(what);
	f.what = what;
	if (state == EV_VERIFY_FAILED)
		v->failed = true;
	v->found(v->ctx, &f);
}

bool
verify_enough(const struct verify *v)
{
	return v->failed && v->how->stop;
}

static int
by_name(const void *a, const void *b)
{
	const struct ev_part *x = a, *y = b;

	return strcmp(x->name, y->name);
}

const struct ev_part *
verify_part(const struct verify *v, const char *name)
{
	const struct ev_part key = { .name = name };

	if (v->count == 0)
		return NULL;
	return bsearch(&key, v->part, v->count, sizeof(key), by_name);
}

enum ev_rc
verify_read(struct verify *v, const char *name, struct ev_buf *out,
    struct ev_err *err)
{
	const struct ev_zip_entry *entry = ev_unzip_find(v->zip, name);
	enum ev_rc rc;
	size_t len;

	if (entry == NULL)
		return ev_fail(err, EV_INPUT, "'%.64s' is missing", name);
	if ((uint64_t)entry->size > out->limit)
		return ev_fail(err, EV_LIMIT, "'%.64s' is longer than %zu",
		    name, out->limit);
	len = (size_t)entry->size;
	rc = ev_buf_reserve(out, len, err);
	if (rc == EV_OK && len > 0)
		rc = ev_unzip_read(v->zip, entry, out->data + out->len, len, 0,
		    err);
	if (rc == EV_OK && out->data != NULL) {
		out->len += len;
		out->data[out->len] = '\0';
	}
	return rc;
}

static enum ev_rc
read_at(void *ctx, void *data, size_t len, int64_t offset, struct ev_err *err)
{
	const struct verify *v = ctx;

	return ev_fs_pread(v->fd, data, len, offset, err);
}

/* What hashing needs: of all, or of all but SHA-512. */
struct hashing {
	struct ev_digest all, beside;
	unsigned char *chunk;
};

/* All hashes of an entry in one pass; a long one's SHA-512 is made beside. */
static enum ev_rc
hash_entry(struct verify *v, const struct ev_zip_entry *entry,
    struct hashing *h, struct ev_part *part, struct ev_err *err)
{
	const bool beside = v->hasher.to > 0 && entry->size > LARGE;
	struct ev_digest *digest = beside ? &h->beside : &h->all;
	int64_t at = 0;
	enum ev_rc rc = EV_OK;
	size_t n;

	if (beside)
		rc = verify_hash_ask(&v->hasher,
		    entry->offset + ev_zip_local_size(entry), entry->size, err);
	while (rc == EV_OK && at < entry->size) {
		n = entry->size - at > CHUNK ? CHUNK
					     : (size_t)(entry->size - at);
		rc = ev_unzip_read(v->zip, entry, h->chunk, n, at, err);
		if (rc == EV_OK)
			rc = ev_digest_update(digest, h->chunk, n, err);
		at += (int64_t)n;
	}
	if (rc == EV_OK)
		rc = ev_digest_final(digest, &part->digests, err);
	if (rc == EV_OK && beside)
		rc = verify_hash_answer(&v->hasher, part->digests.sha512, err);
	if (rc == EV_OK && beside)
		part->digests.have |= EV_D_SHA512;
	if (rc == EV_OK && part->digests.crc32 != entry->crc)
		verify_say(v, "container", EV_VERIFY_FAILED,
		    "'%s': its CRC-32 is not that of the directory",
		    entry->name);
	return rc;
}

static enum ev_rc
hash_all(struct verify *v, struct ev_err *err)
{
	struct hashing h;
	size_t i;
	enum ev_rc rc;

	memset(&h, 0, sizeof(h));
	rc =
	    ev_digest_init(&h.all, EV_D_SHA256 | EV_D_SHA512 | EV_D_CRC32, err);
	if (rc == EV_OK)
		rc = ev_digest_init(&h.beside, EV_D_SHA256 | EV_D_CRC32, err);
	if (rc != EV_OK)
		return rc;
	h.chunk = malloc(CHUNK);
	v->part = calloc(ev_unzip_count(v->zip) + 1, sizeof(*v->part));
	if (h.chunk == NULL || v->part == NULL)
		rc = ev_fail_sys(err, "cannot hash the bundle");
	for (i = 0; rc == EV_OK && i < ev_unzip_count(v->zip); i++) {
		const struct ev_zip_entry *entry = ev_unzip_entry(v->zip, i);
		struct ev_part *part = &v->part[v->count];

		part->name = entry->name;
		part->fd = v->fd;
		rc = hash_entry(v, entry, &h, part, err);
		v->count++;
		if (rc == EV_OK && verify_enough(v))
			rc = EV_EOF;
	}
	free(h.chunk);
	ev_digest_release(&h.all);
	ev_digest_release(&h.beside);
	if (rc == EV_OK)
		qsort(v->part, v->count, sizeof(*v->part), by_name);
	return rc;
}

/* The writer puts mimetype first and the others in C-locale order. */
static void
check_order(struct verify *v)
{
	const char *before, *name;
	size_t i;

	for (i = 2; i < ev_unzip_count(v->zip); i++) {
		before = ev_unzip_entry(v->zip, i - 1)->name;
		name = ev_unzip_entry(v->zip, i)->name;
		if (strcmp(before, name) < 0)
			continue;
		verify_say(v, "container", EV_VERIFY_FAILED,
		    "'%s' stands behind '%s': not the order of the writer",
		    name, before);
		return;
	}
}

enum ev_rc
verify_container(struct verify *v, struct ev_err *err)
{
	static const char mime[] = "application/vnd.etsi.asic-e+zip";
	struct ev_buf buf;
	struct ev_err why;
	enum ev_rc rc;

	rc = ev_unzip_open(&v->zip, &v->source, &why);
	if (rc == EV_MISMATCH || rc == EV_INPUT || rc == EV_LIMIT) {
		verify_say(v, "container", EV_VERIFY_FAILED, "%s", why.msg);
		return EV_EOF;
	}
	if (rc != EV_OK) {
		*err = why;
		return rc;
	}
	verify_say(v, "container", EV_VERIFY_OK,
	    "a zip that every reader reads alike: %zu entries, stored, no "
	    "byte between or behind them",
	    ev_unzip_count(v->zip));
	rc = hash_all(v, err);
	if (rc != EV_OK)
		return rc;
	check_order(v);
	ev_buf_init(&buf, EV_VERIFY_TEXT);
	if (ev_unzip_count(v->zip) == 0 ||
	    strcmp(ev_unzip_entry(v->zip, 0)->name, "mimetype") != 0 ||
	    verify_read(v, "mimetype", &buf, &why) != EV_OK ||
	    strcmp(ev_buf_text(&buf), mime) != 0)
		verify_say(v, "container", EV_VERIFY_FAILED,
		    "the first entry is not 'mimetype' with %s", mime);
	else
		verify_say(v, "container", EV_VERIFY_OK, "an %s", mime);
	ev_buf_release(&buf);
	return EV_OK;
}

/* A list must be, byte for byte, what the entries make of it. */
static enum ev_rc
same_list(struct verify *v, const char *group, const char *name,
    const struct ev_buf *want, struct ev_err *err)
{
	struct ev_buf have;
	enum ev_rc rc;
	size_t i = 0;

	ev_buf_init(&have, EV_VERIFY_LIST);
	rc = verify_read(v, name, &have, err);
	if (rc == EV_INPUT || rc == EV_LIMIT) {
		verify_say(v, group, EV_VERIFY_FAILED, "%s", err->msg);
		rc = EV_OK;
		goto out;
	}
	if (rc != EV_OK)
		goto out;
	while (i < have.len && i < want->len && have.data[i] == want->data[i])
		i++;
	if (i == have.len && i == want->len)
		verify_say(v, group, EV_VERIFY_OK,
		    "%s names every file it must, each with its digest", name);
	else
		verify_say(v, group, EV_VERIFY_FAILED,
		    "%s differs at byte %zu from what the files make of it",
		    name, i);
out:
	ev_buf_release(&have);
	return rc;
}

struct named {
	char name[EV_ZIP_NAME];
	unsigned char sha256[EV_SHA256];
};

/* Which line of a manifest tells of which file, so that it can be named. */
static bool
next_line(const char **text, struct named *line)
{
	const char *end = strchr(*text, '\n'), *name = *text + 66;
	size_t len;

	if (end == NULL || end - *text < 67 || (*text)[64] != ' ' ||
	    (*text)[65] != ' ' ||
	    !ev_text_unhex(line->sha256, EV_SHA256, *text, 64))
		return false;
	len = (size_t)(end - name);
	if (len >= sizeof(line->name))
		return false;
	memcpy(line->name, name, len);
	line->name[len] = '\0';
	*text = end + 1;
	return true;
}

/* Missing, altered and unlisted files, each by name. */
static enum ev_rc
name_faults(struct verify *v, const char *list, bool (*pick)(const char *),
    struct ev_err *err)
{
	const struct ev_part *part;
	struct ev_buf have;
	struct named line;
	const char *text;
	size_t i = 0;
	enum ev_rc rc;

	ev_buf_init(&have, EV_VERIFY_LIST);
	rc = verify_read(v, list, &have, err);
	if (rc != EV_OK) {
		ev_buf_release(&have);
		return rc == EV_INPUT || rc == EV_LIMIT ? EV_OK : rc;
	}
	text = ev_buf_text(&have);
	while (next_line(&text, &line)) {
		part = verify_part(v, line.name);
		while (i < v->count && strcmp(v->part[i].name, line.name) < 0) {
			if (pick(v->part[i].name))
				verify_say(v, "payload", EV_VERIFY_FAILED,
				    "'%s' is in no list: it was added",
				    v->part[i].name);
			i++;
		}
		if (part == NULL)
			verify_say(v, "payload", EV_VERIFY_FAILED,
			    "'%.128s' is listed and missing", line.name);
		else if (!ev_same(part->digests.sha256, line.sha256, EV_SHA256))
			verify_say(v, "payload", EV_VERIFY_FAILED,
			    "'%s' was altered: its SHA-256 is not that of %s",
			    part->name, list);
		if (i < v->count && strcmp(v->part[i].name, line.name) == 0)
			i++;
	}
	for (; i < v->count; i++) {
		if (pick(v->part[i].name))
			verify_say(v, "payload", EV_VERIFY_FAILED,
			    "'%s' is in no list: it was added",
			    v->part[i].name);
	}
	ev_buf_release(&have);
	return EV_OK;
}

static enum ev_rc
check_oxum(struct verify *v, struct ev_err *err)
{
	struct ev_buf want, have;
	enum ev_rc rc;

	ev_buf_init(&want, EV_VERIFY_TEXT);
	ev_buf_init(&have, EV_VERIFY_TEXT);
	rc = ev_manifest_oxum(&want, v->part, v->count, err);
	if (rc == EV_OK)
		rc = verify_read(v, "bag-info.txt", &have, err);
	if (rc == EV_INPUT || rc == EV_LIMIT) {
		verify_say(v, "payload", EV_VERIFY_FAILED, "%s", err->msg);
		rc = EV_OK;
	} else if (rc == EV_OK &&
		   strstr(ev_buf_text(&have), ev_buf_text(&want)) == NULL) {
		verify_say(v, "payload", EV_VERIFY_FAILED,
		    "bag-info.txt: Payload-Oxum is not what is there");
	}
	ev_buf_release(&want);
	ev_buf_release(&have);
	return rc;
}

/* The pin may be the content digest, which an export prints. */
static void
check_pin(struct verify *v)
{
	const struct ev_part *tags = verify_part(v, "tagmanifest-sha256.txt");

	if (!v->pinned || tags == NULL ||
	    !ev_same(tags->digests.sha256, v->pin, EV_SHA256))
		return;
	v->pinned = false;
	verify_say(v, "payload", EV_VERIFY_OK,
	    "the content digest is the one you pinned");
}

enum ev_rc
verify_payload(struct verify *v, struct ev_err *err)
{
	const struct ev_bag_list *list;
	struct ev_buf want;
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_buf_init(&want, EV_VERIFY_LIST);
	for (i = 0; rc == EV_OK && i < EV_BAG_LISTS; i++) {
		list = &ev_bag_lists[i];
		ev_buf_clear(&want);
		rc = ev_manifest_bag(&want, v->part, v->count, list->wide,
		    list->pick, err);
		if (rc == EV_OK)
			rc = same_list(v, "payload", list->name, &want, err);
		if (rc == EV_OK && v->failed && !list->wide)
			rc = name_faults(v, list->name, list->pick, err);
	}
	ev_buf_release(&want);
	check_pin(v);
	return rc == EV_OK ? check_oxum(v, err) : rc;
}

static bool
is_encrypted(int fd)
{
	unsigned char head[32];
	const ssize_t n = pread(fd, head, sizeof(head), 0);

	return n > 0 && ev_envelope_is(head, (size_t)n);
}

static enum ev_rc
open_all(struct verify *v, struct ev_err *err)
{
	struct stat st;
	struct ev_buf pem;
	enum ev_rc rc = EV_OK;

	v->fd = open(v->how->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (v->fd < 0 || fstat(v->fd, &st) != 0)
		return ev_fail_sys(err, "cannot open '%.128s'", v->how->path);
	if (!S_ISREG(st.st_mode))
		return ev_fail(err, EV_INPUT, "'%.128s' is not a file",
		    v->how->path);
	if (is_encrypted(v->fd))
		return ev_fail(err, EV_INPUT,
		    "'%.128s' is an encrypted file (CMS AuthEnvelopedData); "
		    "who has the key opens it first: openssl cms -decrypt "
		    "-inform DER -in FILE -recip CERT.pem -inkey KEY.pem -out "
		    "NAME.asice",
		    v->how->path);
	v->source.ctx = v;
	v->source.read = read_at;
	v->source.size = st.st_size;
	if (v->how->pin != NULL) {
		if (!ev_text_unhex(v->pin, EV_SHA256, v->how->pin,
			strlen(v->how->pin)))
			return ev_fail(err, EV_USE,
			    "'%.80s' is no SHA-256 in hex", v->how->pin);
		v->pinned = true;
	}
	if (v->how->trust == NULL)
		return EV_OK;
	ev_buf_init(&pem, EV_VERIFY_LIST);
	rc = ev_fs_read_all(&pem, AT_FDCWD, v->how->trust, err);
	if (rc == EV_OK)
		rc = ev_trust_add(&v->trust, EV_BYTES_BUF(&pem), err);
	ev_buf_release(&pem);
	return rc;
}

static enum ev_rc
run_checks(struct verify *v, struct ev_err *err)
{
	static enum ev_rc (*const checks[])(struct verify *,
	    struct ev_err *) = {
		verify_container,
		verify_payload,
		verify_existed,
		verify_log,
		verify_signatures,
		verify_time,
		verify_facts,
		verify_case,
		verify_claims,
	};
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && !verify_enough(v) &&
		    i < sizeof(checks) / sizeof(checks[0]);
	     i++)
		rc = checks[i](v, err);
	return rc == EV_EOF ? EV_OK : rc;
}

/* Foreign bytes are read in a cage, unless the user would not have it. */
static enum ev_rc
run_apart(struct verify *v, struct ev_err *err)
{
#ifdef EV_SANITIZED
	/* These builds leave the cage out (base/sandbox.h). */
	return run_checks(v, err);
#endif
	if (!v->how->no_sandbox)
		return verify_caged(v, run_checks, err);
	verify_say(v, "container", EV_VERIFY_NOTE,
	    "the bundle is read without a sandbox (--no-sandbox)");
	return run_checks(v, err);
}

enum ev_rc
ev_verify_bundle(const struct ev_verify *how, ev_verify_fn *found, void *ctx,
    struct ev_err *err)
{
	struct verify v = { .how = how, .found = found, .ctx = ctx, .fd = -1 };
	enum ev_rc rc;

	ev_buf_init(&v.log_text, EV_VERIFY_LIST);
	rc = open_all(&v, err);
	if (rc == EV_OK)
		rc = run_apart(&v, err);
	if (how->volume != NULL)
		*how->volume = v.volume;
	index_free(v.index);
	free(v.where);
	ev_buf_release(&v.log_text);
	ev_logkey_free(v.log_key);
	ev_trust_free(v.trust);
	ev_unzip_free(v.zip);
	free(v.part);
	if (v.fd >= 0)
		(void)close(v.fd);
	if (rc != EV_OK)
		return rc;
	if (v.failed)
		return ev_fail(err, EV_MISMATCH,
		    "the bundle is altered, incomplete or invalid");
	if (v.untrusted)
		return ev_fail(err, EV_PARTIAL,
		    "the bundle is intact; whom and when it comes from is "
		    "not established");
	return EV_OK;
}
