/* The members of an archive, summed for readers that ask about them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/job_item.h"

enum { STEP = 64 << 10, GRACE = 16 << 20 };

struct one {
	char *name; /* owned */
	size_t len;
	struct ev_sibling sibling;
};

struct ev_sibling_table {
	struct ev_item *item; /* the archive */
	struct ev_digest digest;
	struct one *one;
	size_t count, cap;
	int64_t bytes;
	bool loaded;
	struct ev_err why; /* it could not be: EV_LIMIT */
};

void
ev_sibling_table_free(struct ev_sibling_table *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->count; i++)
		free(t->one[i].name);
	free(t->one);
	ev_digest_release(&t->digest);
	free(t);
}

static enum ev_rc
add_name(struct ev_sibling_table *t, const struct ev_source_entry *entry,
    struct ev_err *err)
{
	struct one *bigger = t->one;
	size_t cap = t->cap;

	if (t->count == cap) {
		cap = cap == 0 ? 64 : 2 * cap;
		bigger = realloc(t->one, cap * sizeof(*bigger));
		if (bigger == NULL)
			return ev_fail_sys(err, "cannot list an archive");
		t->one = bigger;
		t->cap = cap;
	}
	bigger[t->count].name = malloc(entry->name_len + 1);
	if (bigger[t->count].name == NULL)
		return ev_fail_sys(err, "cannot list an archive");
	memcpy(bigger[t->count].name, entry->name, entry->name_len);
	bigger[t->count].len = entry->name_len;
	t->count++;
	return EV_OK;
}

/* hostile.md 10, as for members that are sent up. */
static enum ev_rc
count_bytes(struct ev_sibling_table *t, size_t len, struct ev_err *err)
{
	const struct ev_job *job = t->item->job;

	t->bytes += (int64_t)len;
	if (t->bytes > job->limits.output ||
	    (t->bytes > GRACE &&
		t->bytes / job->limits.ratio > job->exhibit.size))
		return ev_fail(err, EV_LIMIT,
		    "the archive expands to too many bytes");
	return EV_OK;
}

static enum ev_rc
on_entry(void *ctx, struct ev_source_entry *entry,
    const struct ev_stream *stream, struct ev_err *err)
{
	struct ev_sibling_table *t = ctx;
	unsigned char data[STEP];
	enum ev_rc rc = EV_OK;
	size_t got;

	if (entry->type != 'f' || entry->refused != NULL || entry->no_facts)
		return EV_OK;
	while (rc == EV_OK && (rc = stream->read(stream->ctx, data,
				   sizeof(data), &got, err)) == EV_OK) {
		rc = count_bytes(t, got, err);
		if (rc == EV_OK)
			rc = ev_digest_update(&t->digest, data, got, err);
	}
	/* A member that is damaged has no digest to speak of. */
	if (rc == EV_INPUT)
		return ev_digest_reset(&t->digest, err);
	if (rc == EV_EOF)
		rc = add_name(t, entry, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_digest_final(&t->digest, &t->one[t->count - 1].sibling.digests,
	    err);
	t->one[t->count - 1].sibling.size =
	    t->one[t->count - 1].sibling.digests.size;
	return rc;
}

static enum ev_rc
on_note(void *ctx, const struct ev_member_note *note, struct ev_err *err)
{
	(void)ctx;
	(void)note;
	(void)err;
	return EV_OK;
}

static enum ev_rc
on_set_aside(void *ctx, const struct ev_set_aside *what, struct ev_err *err)
{
	(void)ctx;
	(void)what;
	(void)err;
	return EV_OK;
}

static enum ev_rc
load(struct ev_sibling_table *t, struct ev_err *err)
{
	struct ev_source_in in = { .member_limit =
				       t->item->job->limits.members };
	const struct ev_source_out out = { .ctx = t,
		.entry = on_entry,
		.note = on_note,
		.set_aside = on_set_aside };
	enum ev_rc rc;

	if (t->loaded) {
		*err = t->why;
		return t->why.rc;
	}
	t->loaded = true;
	ev_item_seek(t->item, &in);
	rc = ev_digest_init(&t->digest,
	    EV_D_SHA256 | EV_D_SHA512 | EV_D_MD5 | EV_D_SHA1, err);
	if (rc == EV_OK)
		rc = ev_source_walk(EV_CT_ZIP, &in, &out, err);
	if (rc == EV_LIMIT)
		t->why = *err;
	return rc;
}

static enum ev_rc
find(void *ctx, const void *name, size_t len, struct ev_sibling *sibling,
    struct ev_err *err)
{
	struct ev_sibling_table *t = ctx;
	enum ev_rc rc = load(t, err);
	size_t i;

	if (rc != EV_OK)
		return rc;
	for (i = 0; i < t->count; i++) {
		if (t->one[i].len != len ||
		    memcmp(t->one[i].name, name, len) != 0)
			continue;
		*sibling = t->one[i].sibling;
		return EV_OK;
	}
	return EV_EOF;
}

static bool
has(const struct ev_digests *d, const char *algorithm, const char *hex)
{
	const struct {
		const char *name;
		const unsigned char *sum;
		size_t size;
	} sums[] = { { "sha256", d->sha256, EV_SHA256 },
		{ "sha512", d->sha512, EV_SHA512 },
		{ "sha1", d->sha1, EV_SHA1 }, { "md5", d->md5, EV_MD5 } };
	char text[2 * EV_SHA512 + 1];
	size_t i;

	for (i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		if (strcmp(sums[i].name, algorithm) != 0)
			continue;
		ev_text_hex(text, sums[i].sum, sums[i].size);
		return strcmp(text, hex) == 0;
	}
	return false;
}

static enum ev_rc
with(void *ctx, const char *algorithm, const char *hex,
    char name[EV_SIBLING_NAME], struct ev_err *err)
{
	struct ev_sibling_table *t = ctx;
	enum ev_rc rc = load(t, err);
	size_t i, len;

	if (rc != EV_OK)
		return rc;
	for (i = 0; i < t->count; i++) {
		if (!has(&t->one[i].sibling.digests, algorithm, hex))
			continue;
		len = t->one[i].len < EV_SIBLING_NAME ? t->one[i].len
						      : EV_SIBLING_NAME - 1;
		memcpy(name, t->one[i].name, len);
		name[len] = '\0';
		return EV_OK;
	}
	return EV_EOF;
}

enum ev_rc
ev_item_siblings(struct ev_item *item, struct ev_siblings *siblings,
    struct ev_err *err)
{
	struct ev_item *up = item->up;

	siblings->ctx = NULL;
	if (up == NULL || !up->is_zip)
		return EV_EOF;
	if (up->siblings == NULL) {
		up->siblings = calloc(1, sizeof(*up->siblings));
		if (up->siblings == NULL)
			return ev_fail_sys(err, "cannot list an archive");
		up->siblings->item = up;
	}
	siblings->ctx = up->siblings;
	siblings->find = find;
	siblings->with = with;
	return EV_OK;
}
