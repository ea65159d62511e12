/* A member that has begun and not ended: made, told of, ended. */
#include <stdlib.h>
#include <string.h>

#include "ingest/job_item.h"

enum { PATH_LIMIT = 1 << 20 }; /* bytes of a member path */

enum ev_rc
ev_item_new(struct ev_item **out, struct ev_job *job,
    const struct ev_stream *stream, struct ev_err *err)
{
	struct ev_item *item;

	*out = NULL;
	item = calloc(1, sizeof(*item));
	if (item == NULL)
		return ev_fail_sys(err, "cannot begin a member");
	item->job = job;
	item->declared = -1;
	ev_buf_init(&item->path, PATH_LIMIT);
	ev_buf_init(&item->spool, (size_t)2 * EV_ITEM_SPOOL);
	ev_feed_init(&item->feed, job, stream);
	*out = item;
	return EV_OK;
}

void
ev_item_free(struct ev_item *item)
{
	if (item == NULL)
		return;
	item->job->spooled -= (int64_t)item->spool.len;
	ev_buf_release(&item->spool);
	ev_buf_release(&item->path);
	ev_feed_release(&item->feed);
	ev_names_release(&item->names);
	ev_sibling_table_free(item->siblings);
	free(item);
}

enum ev_rc
ev_item_note(struct ev_item *item, const char *word, const char *detail,
    int64_t offset, struct ev_err *err)
{
	const struct ev_member_note what = { .word = word,
		.detail = detail,
		.offset = offset };

	if (item->muted)
		return EV_OK;
	return ev_tell_note(&item->job->tell, item->ordinal, &what, err);
}

enum ev_rc
ev_item_set_aside(struct ev_item *item, const struct ev_set_aside *what,
    struct ev_err *err)
{
	if (item->muted)
		return EV_OK;
	return ev_tell_set_aside(&item->job->tell, item->ordinal, what, err);
}

enum ev_rc
ev_item_end(struct ev_item *item, const struct ev_member_total *total,
    struct ev_err *err)
{
	item->ended = true;
	return ev_tell_total(&item->job->tell, item->ordinal, total, err);
}

enum ev_rc
ev_item_end_failed(struct ev_item *item, const char *reason,
    const char *message, struct ev_err *err)
{
	const struct ev_set_aside what = { .mapping = -1,
		.offset = item->feed.bytes,
		.reason = reason,
		.message = message };
	const struct ev_member_total total = { .outcome = EV_O_FAILED,
		.fingerprint = "",
		.message = message };
	enum ev_rc rc;

	rc = ev_item_set_aside(item, &what, err);
	return rc == EV_OK ? ev_item_end(item, &total, err) : rc;
}

enum ev_rc
ev_item_end_empty(struct ev_item *item, struct ev_err *err)
{
	const struct ev_member_total total = { .outcome = EV_O_EMPTY,
		.fingerprint = "",
		.message = "" };

	return ev_item_end(item, &total, err);
}

int64_t
ev_item_size(const struct ev_item *item)
{
	return item->ordinal == 0 ? item->job->exhibit.size : item->feed.bytes;
}

enum ev_rc
ev_item_end_container(struct ev_item *item, struct ev_err *err)
{
	struct ev_member_total total = { .outcome = EV_O_CONTAINER,
		.fingerprint = "",
		.message = "" };
	int64_t size = ev_item_size(item);

	if (item->muted && item->ordinal > 0)
		size = 0;
	total.bytes.set_aside = item->aside < size ? item->aside : size;
	total.bytes.frame = size - total.bytes.set_aside;
	return ev_item_end(item, &total, err);
}
