/* One member: told, looked at, opened or read, and its end told. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/job_item.h"

enum {
	TAIL = (64 << 10) + 21, /* of a zip: its end record and comment */
	LINK_MAX = 1024,        /* bytes of a link's target that are noted */
	SPOOL_STEP = 256 << 10,
};

/* What went wrong with the bytes or the memory, as a reason. */
static const char *
reason_of(const struct ev_err *err, const char *broken)
{
	if (err->rc == EV_LIMIT || (err->rc == EV_SYS && err->errnum == ENOMEM))
		return "limit-memory";
	if (err->rc == EV_USE)
		return "reader-died";
	return broken == NULL ? "syntax" : broken;
}

/*
 * After a failure while a member was read.  EV_OK: told, go on with the next;
 * EV_LIMIT: nothing more of the exhibit; else the parent is out of reach.
 * It calls itself once at most.  NOLINTBEGIN(misc-no-recursion)
 */
static enum ev_rc
judge(struct ev_item *item, const char *broken, enum ev_rc rc,
    struct ev_err *err)
{
	struct ev_job *job = item->job;
	struct ev_err why = *err;

	if (job->tell.lost)
		return rc;
	if (job->stop_reason != NULL) {
		rc = ev_item_end_failed(item, job->stop_reason,
		    job->stop_message, err);
		return rc == EV_OK
			   ? ev_fail(err, EV_LIMIT, "%s", job->stop_message)
			   : rc;
	}
	if (item->feed.broken)
		why = item->feed.why;
	/* Its bytes are of no use, but what follows begins behind them. */
	if (!item->feed.broken && item->ordinal > 0) {
		rc = ev_feed_drain(&item->feed, err);
		if (rc != EV_OK && (job->tell.lost || job->stop_reason != NULL))
			return judge(item, broken, rc, err);
	}
	return ev_item_end_failed(item, reason_of(&why, broken), why.msg, err);
}
/* NOLINTEND(misc-no-recursion) */

/* A nested archive that has to be sought in is held in memory. */
static enum ev_rc
spool(struct ev_item *item, struct ev_err *err)
{
	struct ev_stream stream = ev_feed_stream(&item->feed);
	struct ev_buf *to = &item->spool;
	enum ev_rc rc;
	size_t got;

	do {
		rc = ev_buf_reserve(to, SPOOL_STEP, err);
		if (rc != EV_OK)
			return rc;
		rc = stream.read(stream.ctx, to->data + to->len, SPOOL_STEP,
		    &got, err);
		to->len += got;
		item->job->spooled += (int64_t)got;
		if (item->job->spooled > EV_ITEM_SPOOL)
			return ev_fail(err, EV_LIMIT,
			    "archives inside archives of more than %d bytes",
			    EV_ITEM_SPOOL);
	} while (rc == EV_OK);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
spool_pread(void *ctx, void *data, size_t len, int64_t offset, size_t *got,
    struct ev_err *err)
{
	const struct ev_item *item = ctx;
	int64_t left = (int64_t)item->spool.len - offset;

	(void)err;
	*got = 0;
	if (offset < 0 || left <= 0)
		return EV_OK;
	*got = (int64_t)len < left ? len : (size_t)left;
	memcpy(data, item->spool.data + offset, *got);
	return EV_OK;
}

void
ev_item_seek(struct ev_item *item, struct ev_source_in *in)
{
	if (item->ordinal == 0) {
		in->ctx = item->job;
		in->pread = ev_job_pread;
		in->size = item->job->exhibit.size;
	} else {
		in->ctx = item;
		in->pread = spool_pread;
		in->size = (int64_t)item->spool.len;
	}
}

static enum ev_rc on_entry(void *ctx, struct ev_source_entry *entry,
    const struct ev_stream *stream, struct ev_err *err);

static enum ev_rc
on_note(void *ctx, const struct ev_member_note *what, struct ev_err *err)
{
	return ev_item_note(ctx, what->word, what->detail, what->offset, err);
}

static enum ev_rc
on_set_aside(void *ctx, const struct ev_set_aside *what, struct ev_err *err)
{
	struct ev_item *item = ctx;

	item->aside += what->length;
	return ev_item_set_aside(item, what, err);
}

/* The archive's name without the folders around it. */
static const void *
base_name(const struct ev_item *item, size_t *len)
{
	const char *path = ev_buf_text(&item->path);
	const char *slash = memrchr(path, '/', item->path.len);
	size_t from = slash == NULL ? 0 : (size_t)(slash - path) + 1;

	*len = item->path.len - from;
	return path + from;
}

static enum ev_rc
walk(struct ev_item *item, enum ev_container container, struct ev_err *err)
{
	struct ev_source_in in = { .stream = ev_feed_stream(&item->feed),
		.size = -1,
		.member_limit = item->job->limits.members };
	const struct ev_source_out out = { .ctx = item,
		.entry = on_entry,
		.note = on_note,
		.set_aside = on_set_aside };
	enum ev_rc rc;

	in.name = base_name(item, &in.name_len);
	if (item->ordinal > 0 && ev_container_seeks(container)) {
		rc = spool(item, err);
		if (rc != EV_OK)
			return rc;
	}
	if (item->ordinal == 0 || ev_container_seeks(container))
		ev_item_seek(item, &in);
	item->is_zip = container == EV_CT_ZIP;
	if (!item->has_names) {
		rc = ev_names_init(&item->names, err);
		if (rc != EV_OK)
			return rc;
		item->has_names = true;
	}
	return ev_source_walk(container, &in, &out, err);
}

/* The walk ended early: said on the archive, which itself is whole. */
static enum ev_rc
cut_short(struct ev_item *item, const struct ev_err *why, struct ev_err *err)
{
	const struct ev_job *job = item->job;
	bool stopped = job->stop_reason != NULL;
	const struct ev_set_aside what = { .mapping = -1,
		.reason = stopped ? job->stop_reason : reason_of(why, NULL),
		.message = stopped ? job->stop_message : why->msg };

	return ev_item_set_aside(item, &what, err);
}

static enum ev_rc
open_archive(struct ev_item *item, enum ev_container container,
    struct ev_err *err)
{
	struct ev_job *job = item->job;
	char media[EV_MEDIA_TYPE];
	struct ev_err why;
	enum ev_rc rc, walked;
	bool stopped;

	rc = ev_item_media(item, EV_O_UNMAPPED, media, err);
	if (rc != EV_OK)
		return rc;
	walked = walk(item, container, &why);
	stopped = job->stop_reason != NULL;
	/* A member is hashed whole, whatever became of what is in it. */
	if (item->feed.broken || job->tell.lost ||
	    (stopped && item->ordinal > 0 && !item->feed.eof)) {
		*err = item->feed.broken ? item->feed.why : why;
		return err->rc;
	}
	if (item->ordinal > 0)
		rc = ev_feed_drain(&item->feed, err);
	if (rc == EV_OK && walked != EV_OK)
		rc = cut_short(item, &why, err);
	if (rc == EV_OK)
		rc = ev_item_end_container(item, err);
	if (rc == EV_OK && stopped)
		rc = ev_fail(err, EV_LIMIT, "%s", job->stop_message);
	return rc;
}

/*
 * Whether members were asked for.  Then all archives are opened, those too
 * that lead elsewhere: a member's number counts what lies in them.
 */
static bool
leads_on(const struct ev_item *item)
{
	return !item->job->only || item->job->only_path.len > 0;
}

/* Typed and hashed, not opened: it is too deep, or was not asked for. */
static enum ev_rc
keep_shut(struct ev_item *item, bool deep, struct ev_err *err)
{
	const struct ev_set_aside what = { .mapping = -1,
		.reason = "limit-depth",
		.message = "too many archives inside one another: not opened" };
	char media[EV_MEDIA_TYPE];
	enum ev_rc rc;

	rc = ev_item_media(item, EV_O_UNMAPPED, media, err);
	if (rc == EV_OK && item->ordinal > 0)
		rc = ev_feed_drain(&item->feed, err);
	if (rc == EV_OK && deep)
		rc = ev_item_set_aside(item, &what, err);
	return rc == EV_OK ? ev_item_end_container(item, err) : rc;
}

/* A zip behind something else, where the end can be seen. */
static enum ev_rc
sniff_end(struct ev_item *item, enum ev_container *container,
    struct ev_err *err)
{
	const struct ev_feed *feed = &item->feed;
	int64_t size = item->job->exhibit.size;
	unsigned char *tail;
	enum ev_rc rc;
	size_t len;

	if (item->ordinal > 0) {
		if (feed->eof && feed->lead.len > 0 &&
		    ev_zip_ends_in(feed->lead.data, feed->lead.len,
			(int64_t)feed->lead.len))
			*container = EV_CT_ZIP;
		return EV_OK;
	}
	tail = malloc(TAIL);
	if (tail == NULL)
		return ev_fail_sys(err, "cannot look at the end of a file");
	rc = ev_job_pread(item->job, tail, TAIL, size > TAIL ? size - TAIL : 0,
	    &len, err);
	if (rc == EV_OK && ev_zip_ends_in(tail, len, size))
		*container = EV_CT_ZIP;
	free(tail);
	return rc;
}

/* A file that is an archive is opened, any other is read. */
static enum ev_rc
read_file(struct ev_item *item, const struct ev_source_entry *entry,
    struct ev_err *err)
{
	enum ev_container container;
	char detail[64];
	enum ev_rc rc;

	rc = ev_feed_look(&item->feed, EV_ITEM_HEAD, err);
	if (rc != EV_OK)
		return rc;
	container =
	    ev_container_sniff(item->feed.lead.data, item->feed.lead.len);
	if (container == EV_CT_NONE && !ev_item_mapped(item)) {
		rc = sniff_end(item, &container, err);
		if (rc != EV_OK)
			return rc;
	}
	if (container == EV_CT_NONE && item->muted && item->ordinal > 0)
		return ev_item_end_empty(item, err);
	if (container == EV_CT_NONE)
		return ev_item_read(item, entry, err);
	if ((item->job->formats & (1U << container)) == 0) {
		(void)snprintf(detail, sizeof(detail),
		    "%s is opened by --formats %s only",
		    ev_container_name(container), ev_container_name(container));
		rc = ev_item_note(item, "format-off", detail, -1, err);
		return rc == EV_OK ? ev_item_read(item, entry, err) : rc;
	}
	if (entry != NULL && entry->no_facts)
		return ev_item_read(item, entry, err);
	if (!leads_on(item))
		return keep_shut(item, false, err);
	if (item->depth >= item->job->limits.depth)
		return keep_shut(item, true, err);
	return open_archive(item, container, err);
}

static bool
passed_over(const struct ev_job *job, int64_t ordinal)
{
	size_t i;

	for (i = 0; i < job->exhibit.skips; i++) {
		if (job->exhibit.skip[i] == ordinal)
			return true;
	}
	return false;
}

/* It killed a child before: the parent knows why. */
static enum ev_rc
end_dead(struct ev_item *item, struct ev_err *err)
{
	const struct ev_member_total total = { .outcome = EV_O_FAILED,
		.fingerprint = "",
		.message = "" };
	enum ev_rc rc;

	item->feed.send = false;
	rc = item->ordinal == 0 ? EV_OK : ev_feed_drain(&item->feed, err);
	if (rc != EV_OK &&
	    (item->job->tell.lost || item->job->stop_reason != NULL))
		return rc;
	return ev_item_end(item, &total, err);
}

/* Where a link leads is text about it; nothing goes there. */
static enum ev_rc
read_other(struct ev_item *item, const struct ev_source_entry *entry,
    struct ev_err *err)
{
	char target[LINK_MAX + 1];
	enum ev_rc rc;
	size_t len;

	item->feed.send = false;
	if (entry->type != 'l')
		return ev_item_end_empty(item, err);
	rc = ev_feed_look(&item->feed, LINK_MAX, err);
	if (rc != EV_OK)
		return rc;
	len = item->feed.lead.len < LINK_MAX ? item->feed.lead.len : LINK_MAX;
	if (len > 0)
		memcpy(target, item->feed.lead.data, len);
	target[len] = '\0';
	if (len > 0)
		rc = ev_item_note(item, "link-target", target, -1, err);
	return rc == EV_OK ? ev_item_end_empty(item, err) : rc;
}

/* What is odd about its name, and what its archive says of it. */
static enum ev_rc
tell_notes(struct ev_item *item, const struct ev_source_entry *entry,
    struct ev_err *err)
{
	struct ev_name name = { .data = entry->name,
		.len = entry->name_len,
		.ordinal = item->ordinal };
	unsigned odd = ev_name_odd(entry->name, entry->name_len);
	char detail[64];
	enum ev_rc rc = EV_OK;
	unsigned bit;
	size_t i;

	for (bit = EV_NAME_UNSAFE; bit <= EV_NAME_ENCODING && rc == EV_OK;
	     bit <<= 1) {
		if ((odd & bit) != 0)
			rc = ev_item_note(item,
			    ev_name_word((enum ev_name_oddity)bit), "", -1,
			    err);
	}
	if (rc == EV_OK)
		rc = ev_names_add(&item->up->names, &name, err);
	if (rc == EV_OK && (name.same >= 0 || name.twin >= 0)) {
		(void)snprintf(detail, sizeof(detail), "member %jd",
		    (intmax_t)(name.same >= 0 ? name.same : name.twin));
		rc = ev_item_note(item,
		    name.same >= 0 ? "name-dup" : "name-twin", detail, -1, err);
	}
	for (i = 0; i < entry->note_count && rc == EV_OK; i++)
		rc = ev_item_note(item, entry->notes[i].word,
		    entry->notes[i].detail, entry->notes[i].offset, err);
	return rc;
}

static enum ev_rc
read_item(struct ev_item *item, struct ev_source_entry *entry,
    struct ev_err *err)
{
	enum ev_rc rc;

	if (passed_over(item->job, item->ordinal))
		return end_dead(item, err);
	rc =
	    entry == NULL || item->muted ? EV_OK : tell_notes(item, entry, err);
	if (rc == EV_OK && entry != NULL && entry->refused != NULL)
		return ev_item_end_failed(item, entry->refused, entry->why,
		    err);
	if (rc != EV_OK)
		;
	else if (entry != NULL && entry->type != 'f')
		rc = read_other(item, entry, err);
	else
		rc = read_file(item, entry, err);
	if (rc == EV_OK || item->ended)
		return rc;
	return judge(item, entry == NULL ? NULL : entry->broken, rc, err);
}

/* Its path and its place, and that it begins. */
static enum ev_rc
begin_member(struct ev_item *item, const struct ev_source_entry *entry,
    struct ev_err *err)
{
	struct ev_item *up = item->up;
	struct ev_job *job = item->job;
	struct ev_member member = { .ordinal = item->ordinal,
		.parent = up->ordinal,
		.index = up->children + 1,
		.declared_size = entry->size < -1 ? -1 : entry->size,
		.has_mtime = entry->has_mtime,
		.mtime = entry->mtime,
		.type = entry->type };
	enum ev_rc rc = EV_OK;

	if (up->ordinal > 0) {
		rc = ev_buf_put(&item->path, up->path.data, up->path.len, err);
		if (rc == EV_OK)
			rc = ev_buf_puts(&item->path, "!/", err);
	}
	if (rc == EV_OK)
		rc = ev_buf_put(&item->path, entry->name, entry->name_len, err);
	if (rc != EV_OK)
		return rc;
	member.path = item->path.data;
	member.path_len = item->path.len;
	item->declared = member.declared_size;
	item->muted = job->only &&
		      (job->only_path.len != item->path.len ||
			  memcmp(job->only_path.data, ev_buf_text(&item->path),
			      item->path.len) != 0);
	item->feed.ordinal = item->ordinal;
	item->feed.send = entry->type == 'f' && !item->muted;
	rc = ev_tell_member(&job->tell, &member, err);
	if (rc == EV_OK) {
		up->children++;
		job->next++;
	}
	return rc;
}

/* From here on nothing of the exhibit is read: it killed too often. */
static enum ev_rc
check_stop(struct ev_job *job, struct ev_err *err)
{
	if (job->exhibit.stop >= 0 && job->next >= job->exhibit.stop)
		return ev_job_stop(job, err, "reader-died",
		    "reading ends before member %jd, which its readers do not "
		    "survive",
		    (intmax_t)job->next);
	return EV_OK;
}

static enum ev_rc
on_entry(void *ctx, struct ev_source_entry *entry,
    const struct ev_stream *stream, struct ev_err *err)
{
	struct ev_item *up = ctx, *item;
	struct ev_job *job = up->job;
	enum ev_rc rc;

	rc = check_stop(job, err);
	if (rc == EV_OK && job->next > job->limits.members)
		rc = ev_job_stop(job, err, "limit-members",
		    "more than %jd members", (intmax_t)job->limits.members);
	if (rc == EV_OK)
		rc = ev_item_new(&item, job, stream, err);
	if (rc != EV_OK)
		return rc;
	item->up = up;
	item->depth = up->depth + 1;
	item->ordinal = job->next;
	rc = begin_member(item, entry, err);
	if (rc == EV_OK)
		rc = read_item(item, entry, err);
	ev_item_free(item);
	return rc == EV_OK ? check_stop(job, err) : rc;
}

enum ev_rc
ev_job_exhibit(struct ev_job *job, struct ev_err *err)
{
	const struct ev_stream stream = ev_job_stream(job);
	struct ev_member member = { .parent = -1, .type = 'f' };
	struct ev_item *item;
	enum ev_rc rc;

	rc = ev_item_new(&item, job, &stream, err);
	if (rc != EV_OK)
		return rc;
	job->next = 1;
	item->declared = member.declared_size = job->exhibit.size;
	item->muted = job->only && job->only_path.len > 0;
	rc = ev_buf_put(&item->path, job->name.data, job->name.len, err);
	if (rc == EV_OK)
		rc = ev_tell_member(&job->tell, &member, err);
	if (rc == EV_OK)
		rc = read_item(item, NULL, err);
	ev_item_free(item);
	/* A limit was told of; the next exhibit begins afresh. */
	return rc == EV_LIMIT && job->stop_reason != NULL ? EV_OK : rc;
}
