/* A member that is no archive: typed, and read by the mappings. */
#include <stdio.h>
#include <string.h>

#include "ingest/job_item.h"

/* The sink of a reading: findings go up under the member's ordinal. */
static enum ev_rc
sink_fact(void *ctx, const struct ev_fact *fact, struct ev_err *err)
{
	struct ev_item *item = ctx;

	return ev_tell_fact(&item->job->tell, item->ordinal, fact, err);
}

static enum ev_rc
sink_duplicate(void *ctx, const struct ev_duplicate *row, struct ev_err *err)
{
	struct ev_item *item = ctx;

	return ev_tell_duplicate(&item->job->tell, item->ordinal, row, err);
}

static enum ev_rc
sink_set_aside(void *ctx, const struct ev_set_aside *what, struct ev_err *err)
{
	return ev_item_set_aside(ctx, what, err);
}

static enum ev_rc
sink_ignored(void *ctx, int64_t offset, int64_t length, struct ev_err *err)
{
	struct ev_item *item = ctx;

	return ev_tell_ignored(&item->job->tell, item->ordinal, offset, length,
	    err);
}

static enum ev_rc
sink_note(void *ctx, const char *word, const char *detail, int64_t offset,
    struct ev_err *err)
{
	return ev_item_note(ctx, word, detail, offset, err);
}

static enum ev_rc
sink_unknown_key(void *ctx, const char *path, size_t len, int64_t times,
    struct ev_err *err)
{
	const struct ev_unknown_key key = { .path = path,
		.len = len,
		.times = times };
	struct ev_item *item = ctx;

	return ev_tell_unknown_key(&item->job->tell, item->ordinal, &key, err);
}

static enum ev_rc
sink_rows(void *ctx, int mapping, const struct ev_row_count *rows,
    struct ev_err *err)
{
	struct ev_item *item = ctx;

	return ev_tell_rows(&item->job->tell, item->ordinal, mapping, rows,
	    err);
}

static enum ev_rc
sink_total(void *ctx, enum ev_outcome outcome,
    const struct ev_byte_count *bytes, const char *fingerprint,
    struct ev_err *err)
{
	struct ev_item *item = ctx;

	(void)err;
	item->outcome = outcome;
	item->bytes = *bytes;
	(void)snprintf(item->fingerprint, sizeof(item->fingerprint), "%s",
	    fingerprint);
	return EV_OK;
}

/* libmagic is asked where neither signature nor mapping has settled it. */
enum ev_rc
ev_item_media(struct ev_item *item, enum ev_outcome sniffed, char *type,
    struct ev_err *err)
{
	struct ev_feed *feed = &item->feed;
	const char *quick;
	enum ev_rc rc;

	quick = ev_media_sniff(feed->lead.data, feed->lead.len);
	if (quick[0] == '\0' && sniffed == EV_O_READ)
		quick = ev_media_sniff_text(feed->lead.data, feed->lead.len);
	if (quick[0] != '\0') {
		(void)snprintf(type, EV_MEDIA_TYPE, "%s", quick);
	} else {
		rc = ev_feed_look(feed, EV_MEDIA_LOOK, err);
		if (rc != EV_OK)
			return rc;
		ev_media_type(item->job->media, type, ev_buf_text(&feed->lead),
		    feed->lead.len);
	}
	if (item->muted)
		return EV_OK;
	return ev_tell_media(&item->job->tell, item->ordinal, type, err);
}

/* Typed and hashed: no mapping is asked for facts. */
static enum ev_rc
pass_over(struct ev_item *item, enum ev_outcome sniffed, bool ambiguous,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_feed_drain(&item->feed, err);
	if (rc != EV_OK)
		return rc;
	memset(&item->bytes, 0, sizeof(item->bytes));
	item->bytes.ignored = ev_item_size(item);
	item->outcome = ambiguous ? EV_O_NOT_CONFIRMED : sniffed;
	return EV_OK;
}

static enum ev_rc
run_mappings(struct ev_item *item, const struct ev_reading_in *in,
    struct ev_err *err)
{
	const struct ev_sink sink = { .ctx = item,
		.fact = sink_fact,
		.duplicate = sink_duplicate,
		.set_aside = sink_set_aside,
		.ignored = sink_ignored,
		.note = sink_note,
		.unknown_key = sink_unknown_key,
		.rows = sink_rows,
		.total = sink_total };
	enum ev_rc rc;

	rc = ev_reading_run(item->job->set, in, &sink, err);
	if (rc != EV_OK)
		return rc;
	/* To its very end: that is where a CRC or a size turns out wrong. */
	return ev_feed_drain(&item->feed, err);
}

bool
ev_item_mapped(const struct ev_item *item)
{
	const struct ev_buf *lead = &item->feed.lead;
	const struct ev_reading_in in = { .path = ev_buf_text(&item->path),
		.path_len = item->path.len,
		.head = ev_buf_text(lead),
		.head_len = lead->len < EV_ITEM_HEAD ? lead->len : EV_ITEM_HEAD,
		.size = item->declared,
		.media = "" };

	return ev_reading_sniff(item->job->set, &in) == EV_O_READ;
}

enum ev_rc
ev_item_read(struct ev_item *item, const struct ev_source_entry *entry,
    struct ev_err *err)
{
	struct ev_feed *feed = &item->feed;
	struct ev_member_total total = { .fingerprint = "", .message = "" };
	struct ev_reading_in in = { .path = ev_buf_text(&item->path),
		.path_len = item->path.len,
		.size = item->declared };
	bool ambiguous = entry != NULL && entry->no_facts;
	struct ev_siblings siblings;
	char media[EV_MEDIA_TYPE];
	enum ev_outcome sniffed;
	enum ev_rc rc;

	in.head = ev_buf_text(&feed->lead);
	in.head_len =
	    feed->lead.len < EV_ITEM_HEAD ? feed->lead.len : EV_ITEM_HEAD;
	in.media = "";
	sniffed = ev_reading_sniff(item->job->set, &in);
	rc = ev_item_media(item, sniffed, media, err);
	if (rc != EV_OK)
		return rc;
	in.media = media;
	in.head = ev_buf_text(&feed->lead);
	if (feed->eof)
		in.size = feed->bytes;
	if (feed->eof && feed->bytes == 0 && !item->muted)
		return ev_item_end_empty(item, err);
	in.stream = ev_feed_stream(feed);
	rc = ev_item_siblings(item, &siblings, err);
	if (rc != EV_OK && rc != EV_EOF)
		return rc;
	in.siblings = rc == EV_OK ? &siblings : NULL;
	if (item->muted || ambiguous || !item->job->read)
		rc = pass_over(item, ev_reading_sniff(item->job->set, &in),
		    ambiguous, err);
	else
		rc = run_mappings(item, &in, err);
	if (rc != EV_OK)
		return rc;
	total.outcome = item->outcome;
	total.bytes = item->bytes;
	total.fingerprint = item->fingerprint;
	if (item->muted && item->ordinal > 0)
		memset(&total.bytes, 0, sizeof(total.bytes));
	return ev_item_end(item, &total, err);
}
