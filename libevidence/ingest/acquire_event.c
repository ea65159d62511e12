/* What the reading child tells of an exhibit, in order, into rows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/acquire.h"

/*
 * Findings about the exhibit itself (ordinal 0), whose digests we made, are
 * inserted as they come.  A member's digest is known at its end only, and what
 * was told of one that ends failed is void: its findings wait in the spool
 * until the outermost member around it has ended.  So the tables never hold a
 * row whose artifact is missing, whenever a batch is committed.
 */
enum {
	R_FACT,
	R_DUPLICATE,
	R_ASIDE,
	R_IGNORED,
	R_NOTE,
	R_KEY,
	R_ROWS,
	R_TOTAL
};

enum {
	BATCH_FACTS = 1024, /* between looks at the clock */
	FINGERPRINT = 65,
};

static const char sql_abandon[] =
    "UPDATE reading SET b_read = -1 WHERE entry IS NULL AND b_read >= 0"
    " AND artifact IN (SELECT id FROM artifact WHERE exhibit = ?)";
static const char sql_move_aside[] =
    "UPDATE set_aside SET reading = ? WHERE reading = ?";
static const char sql_move_note[] =
    "UPDATE reading_note SET reading = ? WHERE reading = ?";
static const char sql_member[] =
    "SELECT id FROM artifact WHERE exhibit = ? AND ordinal = ?";

/* The end of a member, as it waits in the spool. */
struct ended {
	struct ev_member member; /* path_len bytes of path follow */
	int64_t parent;
	char media[EV_MEDIA_TYPE];
	struct ev_digests digests;
	enum ev_outcome outcome;
	struct ev_byte_count bytes;
	char fingerprint[FINGERPRINT];
	size_t message_len; /* behind the path, with its NUL */
};

/* Findings with two strings or less. */
struct packed {
	int mapping;
	int64_t a, b, c;
	struct ev_row_count rows;
	size_t first_len, second_len; /* with their NULs */
};

static struct ev_open *
find(struct ev_acquire *a, int64_t ordinal)
{
	size_t n = a->depth;

	while (n > 0) {
		if (a->open[--n].member.ordinal == ordinal)
			return &a->open[n];
	}
	return NULL;
}

static enum ev_rc
on_begin(void *ctx, uint64_t tag, struct ev_err *err)
{
	struct ev_acquire *a = ctx;
	enum ev_rc rc;

	a->now = &a->slot[tag % EV_SLOTS];
	if (a->now->tag != tag || tag < a->done || tag >= a->taken)
		return ev_fail(err, EV_USE, "an exhibit that was not given");
	rc = ev_slot_store(a, a->now, err);
	if (rc != EV_OK)
		return rc;
	a->now->begun++;
	a->depth = 0;
	a->failed_count = 0;
	ev_spool_clear(&a->spool);
	if (a->now->begun > 1 || (a->now->known && a->receive != 0))
		rc = ev_db_run(a->db, err, sql_abandon, "i", a->now->exhibit);
	return rc;
}

/* The number of its row: an old one if there is one. */
static enum ev_rc
number_artifact(struct ev_acquire *a, int64_t ordinal, int64_t *id,
    struct ev_err *err)
{
	enum ev_rc rc = EV_EOF;

	if (a->now->known || a->now->begun > 1)
		rc = ev_db_int(a->db, id, err, sql_member, "ii",
		    a->now->exhibit, ordinal);
	if (rc == EV_EOF) {
		*id = a->next_artifact++;
		rc = EV_OK;
	}
	return rc;
}

/* A re-reading of some artifacts leaves the others as they are. */
static bool
is_wanted(const struct ev_acquire *a, const struct ev_open *open)
{
	size_t i;

	if (a->again == NULL)
		return true;
	for (i = 0; a->again[i] != 0; i++) {
		if (a->again[i] == open->artifact)
			return true;
	}
	return a->depth > 0 && a->open[a->depth - 1].wanted;
}

static enum ev_rc
on_member(void *ctx, const struct ev_member *member, struct ev_err *err)
{
	struct ev_acquire *a = ctx;
	const struct ev_open *around = find(a, member->parent);
	struct ev_open *open = &a->open[a->depth];
	enum ev_rc rc;

	if (a->depth == EV_CHILD_OPEN)
		return ev_fail(err, EV_USE, "too many members are open");
	open->member = *member;
	ev_buf_clear(&open->path);
	if (member->ordinal == 0)
		rc = ev_buf_put(&open->path, a->now->name, a->now->name_len,
		    err);
	else
		rc = ev_buf_put(&open->path, member->path, member->path_len,
		    err);
	if (rc == EV_OK)
		rc = number_artifact(a, member->ordinal, &open->artifact, err);
	if (rc == EV_OK && open->digest.want == 0)
		rc = ev_digest_init(&open->digest, a->want, err);
	else if (rc == EV_OK)
		rc = ev_digest_reset(&open->digest, err);
	if (rc != EV_OK)
		return rc;
	open->member.path = ev_buf_text(&open->path);
	open->member.path_len = open->path.len;
	open->parent = around == NULL ? 0 : around->artifact;
	open->reading = a->next_reading++;
	open->media[0] = '\0';
	open->rowed = open->facts = false;
	open->wanted = is_wanted(a, open);
	a->depth++;
	ev_acquire_told(a, false);
	return EV_OK;
}

static enum ev_rc
on_data(void *ctx, int64_t ordinal, const void *data, size_t len,
    struct ev_err *err)
{
	struct ev_open *open = find(ctx, ordinal);

	if (open == NULL)
		return ev_fail(err, EV_USE, "bytes of no member");
	return ev_digest_update(&open->digest, data, len, err);
}

static enum ev_rc
on_media(void *ctx, int64_t ordinal, const char *type, struct ev_err *err)
{
	struct ev_open *open = find(ctx, ordinal);

	if (open == NULL)
		return ev_fail(err, EV_USE, "a type of no member");
	(void)snprintf(open->media, sizeof(open->media), "%s", type);
	return EV_OK;
}

/* The rows that findings about ordinal 0 point at. */
static enum ev_rc
make_rows(struct ev_acquire *a, struct ev_open *open, struct ev_err *err)
{
	const struct ev_row_at at = { open->reading, open->artifact };
	enum ev_rc rc;

	if (open->rowed)
		return EV_OK;
	rc = ev_row_artifact(a, open, a->now->digests, err);
	if (rc == EV_OK)
		rc = ev_row_reading(a, &at, NULL, err);
	open->rowed = true;
	return rc;
}

/*
 * Where a finding goes: EV_OK at once, with the rows it points at made;
 * EV_EOF to the spool; *open NULL: nowhere, nobody asked for it.
 */
static enum ev_rc
place(struct ev_acquire *a, int64_t ordinal, struct ev_open **open,
    struct ev_err *err)
{
	*open = find(a, ordinal);
	if (*open == NULL)
		return ev_fail(err, EV_USE, "a finding of no member");
	if (!(*open)->wanted) {
		*open = NULL;
		return EV_OK;
	}
	return ordinal == 0 ? make_rows(a, *open, err) : EV_EOF;
}

static enum ev_rc
begin_record(struct ev_acquire *a, const struct ev_open *open, int type,
    struct ev_err *err)
{
	const struct ev_spool_record record = {
		.type = type,
		.ordinal = open->member.ordinal,
		.reading = open->reading,
		.artifact = open->artifact,
	};

	return ev_spool_begin(&a->spool, &record, err);
}

static enum ev_rc
put_packed(struct ev_acquire *a, const struct ev_open *open, int type,
    struct packed *p, const char *const text[2], struct ev_err *err)
{
	static const char nul = '\0';
	enum ev_rc rc;

	rc = begin_record(a, open, type, err);
	if (rc == EV_OK)
		rc = ev_buf_put(&a->spool.buf, p, sizeof(*p), err);
	if (rc == EV_OK && p->first_len > 0)
		rc = ev_buf_put(&a->spool.buf, text[0], p->first_len - 1, err);
	if (rc == EV_OK && p->first_len > 0)
		rc = ev_buf_put(&a->spool.buf, &nul, 1, err);
	if (rc == EV_OK && p->second_len > 0)
		rc = ev_buf_put(&a->spool.buf, text[1], p->second_len, err);
	return rc == EV_OK ? ev_spool_end(&a->spool, err) : rc;
}

static enum ev_rc
on_fact(void *ctx, int64_t ordinal, const struct ev_fact *fact,
    struct ev_err *err)
{
	struct ev_acquire *a = ctx;
	struct ev_row_at at;
	struct ev_open *open;
	enum ev_rc rc;

	rc = place(a, ordinal, &open, err);
	if (open == NULL || (rc != EV_OK && rc != EV_EOF))
		return rc;
	if (rc == EV_EOF) {
		rc = begin_record(a, open, R_FACT, err);
		if (rc == EV_OK)
			rc = ev_fact_encode(&a->spool.buf, fact, err);
		return rc == EV_OK ? ev_spool_end(&a->spool, err) : rc;
	}
	at.reading = open->reading;
	at.artifact = open->artifact;
	open->facts = true;
	rc = ev_row_fact(a, &at, fact, err);
	if (rc == EV_OK && a->batch_facts % BATCH_FACTS == 0)
		rc = ev_acquire_batch(a, err);
	return rc;
}

/* All other findings: packed, then put or inserted. */
static enum ev_rc
insert_packed(struct ev_acquire *a, const struct ev_row_at *at, int type,
    const struct packed *p, const char *const text[2], struct ev_err *err)
{
	const struct ev_duplicate duplicate = { p->mapping, p->a, p->b, p->c };
	const struct ev_set_aside aside = { p->mapping, p->a, p->b, text[0],
		text[1] };
	const struct ev_member_note note = { text[0], text[1], p->a };
	const struct ev_unknown_key key = { text[0],
		p->first_len == 0 ? 0 : p->first_len - 1, p->a };

	switch (type) {
	case R_DUPLICATE:
		return ev_row_duplicate(a, at, &duplicate, err);
	case R_ASIDE:
		return ev_row_aside(a, at, &aside, err);
	case R_IGNORED:
		return ev_row_ignored(a, at, p->a, p->b, err);
	case R_NOTE:
		return ev_row_note(a, at, &note, err);
	case R_KEY:
		return ev_row_key(a, at, &key, err);
	default:
		return ev_row_rows(a, at, p->mapping, &p->rows, err);
	}
}

static enum ev_rc
on_packed(struct ev_acquire *a, int64_t ordinal, int type, struct packed *p,
    const char *const text[2], struct ev_err *err)
{
	struct ev_row_at at;
	struct ev_open *open;
	enum ev_rc rc;

	rc = place(a, ordinal, &open, err);
	if (open == NULL || (rc != EV_OK && rc != EV_EOF))
		return rc;
	if (rc == EV_EOF)
		return put_packed(a, open, type, p, text, err);
	at.reading = open->reading;
	at.artifact = open->artifact;
	open->facts = open->facts || type == R_IGNORED;
	return insert_packed(a, &at, type, p, text, err);
}

static enum ev_rc
on_duplicate(void *ctx, int64_t ordinal, const struct ev_duplicate *row,
    struct ev_err *err)
{
	static const char *const none[2] = { "", "" };
	struct packed p = {
		.mapping = row->mapping,
		.a = row->offset,
		.b = row->length,
		.c = row->first_offset,
	};

	return on_packed(ctx, ordinal, R_DUPLICATE, &p, none, err);
}

static enum ev_rc
on_set_aside(void *ctx, int64_t ordinal, const struct ev_set_aside *what,
    struct ev_err *err)
{
	const char *const text[2] = { what->reason, what->message };
	struct packed p = {
		.mapping = what->mapping,
		.a = what->offset,
		.b = what->length,
		.first_len = strlen(what->reason) + 1,
		.second_len = strlen(what->message) + 1,
	};

	return on_packed(ctx, ordinal, R_ASIDE, &p, text, err);
}

static enum ev_rc
on_ignored(void *ctx, int64_t ordinal, int64_t offset, int64_t length,
    struct ev_err *err)
{
	static const char *const none[2] = { "", "" };
	struct packed p = { .a = offset, .b = length };

	return on_packed(ctx, ordinal, R_IGNORED, &p, none, err);
}

static enum ev_rc
on_note(void *ctx, int64_t ordinal, const struct ev_member_note *note,
    struct ev_err *err)
{
	const char *const text[2] = { note->word, note->detail };
	struct packed p = {
		.a = note->offset,
		.first_len = strlen(note->word) + 1,
		.second_len = strlen(note->detail) + 1,
	};

	return on_packed(ctx, ordinal, R_NOTE, &p, text, err);
}

static enum ev_rc
on_unknown_key(void *ctx, int64_t ordinal, const struct ev_unknown_key *key,
    struct ev_err *err)
{
	const char *const text[2] = { key->path, "" };
	struct packed p = {
		.a = key->times,
		.first_len = key->len + 1,
	};

	return on_packed(ctx, ordinal, R_KEY, &p, text, err);
}

static enum ev_rc
on_rows(void *ctx, int64_t ordinal, int mapping,
    const struct ev_row_count *rows, struct ev_err *err)
{
	static const char *const none[2] = { "", "" };
	struct packed p = { .mapping = mapping, .rows = *rows };

	return on_packed(ctx, ordinal, R_ROWS, &p, none, err);
}

/*
 * The exhibit itself has ended.  Facts of one that ends failed are void: they
 * stay with a reading that never ends, and the failure gets one of its own,
 * with what was set aside and noted.
 */
static enum ev_rc
end_exhibit(struct ev_acquire *a, struct ev_open *open,
    const struct ev_member_total *total, struct ev_err *err)
{
	struct ev_row_at at = { open->reading, open->artifact };
	enum ev_rc rc;

	if (!open->rowed) {
		rc = ev_row_artifact(a, open, a->now->digests, err);
		return rc == EV_OK ? ev_row_reading(a, &at, total, err) : rc;
	}
	if (total->outcome != EV_O_FAILED || !open->facts)
		return ev_row_reading_end(a, &at, total, err);
	at.reading = a->next_reading++;
	rc = ev_row_reading(a, &at, total, err);
	if (rc == EV_OK)
		rc = ev_db_run(a->db, err, sql_move_aside, "ii", at.reading,
		    open->reading);
	if (rc == EV_OK)
		rc = ev_db_run(a->db, err, sql_move_note, "ii", at.reading,
		    open->reading);
	return rc;
}

/*
 * A member of a re-reading that is not what it was is no reading of that
 * artifact: it ends failed, and says so.
 */
static enum ev_rc
insert_member(struct ev_acquire *a, const struct ev_open *open,
    const struct ev_digests *d, struct ev_member_total *total,
    struct ev_err *err)
{
	static const struct ev_byte_count none;
	const struct ev_row_at at = { open->reading, open->artifact };
	struct ev_err differs;
	enum ev_rc rc;

	rc = ev_row_artifact(a, open, d, &differs);
	if (rc == EV_MISMATCH && total->outcome != EV_O_FAILED) {
		total->outcome = EV_O_FAILED;
		total->bytes = none;
		total->message = differs.msg;
	} else if (rc != EV_OK && rc != EV_MISMATCH) {
		*err = differs;
		return rc;
	}
	rc = ev_row_reading(a, &at, total, err);
	if (total->message == differs.msg)
		total->message = NULL;
	return rc;
}

static enum ev_rc
spool_total(struct ev_acquire *a, const struct ev_open *open,
    const struct ev_digests *d, const struct ev_member_total *total,
    struct ev_err *err)
{
	struct ended end;
	enum ev_rc rc;

	memset(&end, 0, sizeof(end));
	end.member = open->member;
	end.parent = open->parent;
	memcpy(end.media, open->media, sizeof(end.media));
	end.digests = *d;
	end.outcome = total->outcome;
	end.bytes = total->bytes;
	(void)snprintf(end.fingerprint, sizeof(end.fingerprint), "%s",
	    total->fingerprint);
	end.message_len = strlen(total->message) + 1;
	rc = begin_record(a, open, R_TOTAL, err);
	if (rc == EV_OK)
		rc = ev_buf_put(&a->spool.buf, &end, sizeof(end), err);
	if (rc == EV_OK)
		rc = ev_buf_put(&a->spool.buf, open->path.data, open->path.len,
		    err);
	if (rc == EV_OK)
		rc = ev_buf_put(&a->spool.buf, total->message, end.message_len,
		    err);
	return rc == EV_OK ? ev_spool_end(&a->spool, err) : rc;
}

static enum ev_rc
replay_total(struct ev_acquire *a, const struct ev_spool_record *r,
    struct ev_err *err)
{
	struct ev_member_total total;
	struct ev_open open;
	struct ended end;
	const char *path = (const char *)r->data + sizeof(end);

	memcpy(&end, r->data, sizeof(end));
	memset(&open, 0, sizeof(open));
	open.member = end.member;
	open.member.path = path;
	open.artifact = r->artifact;
	open.reading = r->reading;
	open.parent = end.parent;
	memcpy(open.media, end.media, sizeof(open.media));
	total.outcome = end.outcome;
	total.bytes = end.bytes;
	total.fingerprint = end.fingerprint;
	total.message = path + end.member.path_len;
	return insert_member(a, &open, &end.digests, &total, err);
}

/* Of a member that ended failed only these count. */
static bool
is_void(const struct ev_acquire *a, const struct ev_spool_record *r)
{
	size_t i;

	if (r->type == R_ASIDE || r->type == R_NOTE || r->type == R_TOTAL)
		return false;
	for (i = 0; i < a->failed_count; i++) {
		if (a->failed[i] == r->ordinal)
			return true;
	}
	return false;
}

static enum ev_rc
replay_one(struct ev_acquire *a, const struct ev_spool_record *r,
    struct ev_err *err)
{
	const struct ev_row_at at = { r->reading, r->artifact };
	const char *text[2];
	struct ev_fact fact;
	struct packed p;
	enum ev_rc rc;

	if (is_void(a, r))
		return EV_OK;
	if (r->type == R_TOTAL)
		return replay_total(a, r, err);
	if (r->type == R_FACT) {
		rc = ev_fact_decode(&fact, r->data, r->len, err);
		return rc == EV_OK ? ev_row_fact(a, &at, &fact, err) : rc;
	}
	memcpy(&p, r->data, sizeof(p));
	text[0] = (const char *)r->data + sizeof(p);
	text[1] = text[0] + p.first_len;
	return insert_packed(a, &at, r->type, &p, text, err);
}

/* All of it within one batch: rows may come before those they point at. */
static enum ev_rc
replay(struct ev_acquire *a, struct ev_err *err)
{
	struct ev_spool_record record;
	enum ev_rc rc;

	rc = ev_db_run(a->db, err, "PRAGMA defer_foreign_keys=ON", "");
	ev_spool_rewind(&a->spool);
	while (rc == EV_OK) {
		rc = ev_spool_next(&a->spool, &record, err);
		if (rc == EV_OK)
			rc = replay_one(a, &record, err);
	}
	ev_spool_clear(&a->spool);
	a->failed_count = 0;
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
remember_failed(struct ev_acquire *a, int64_t ordinal, struct ev_err *err)
{
	int64_t *failed;

	if (a->failed_count == a->failed_cap) {
		failed = realloc(a->failed,
		    (2 * a->failed_cap + 16) * sizeof(*failed));
		if (failed == NULL)
			return ev_fail_sys(err, "cannot remember a member");
		a->failed = failed;
		a->failed_cap = 2 * a->failed_cap + 16;
	}
	a->failed[a->failed_count++] = ordinal;
	return EV_OK;
}

/*
 * A member has ended.  One that failed is listed with no bytes: what came of
 * them is no artifact (hostile.md 10).
 */
static enum ev_rc
end_member(struct ev_acquire *a, struct ev_open *open,
    struct ev_member_total *total, struct ev_err *err)
{
	struct ev_digests d;
	enum ev_rc rc = EV_OK;

	if (total->outcome == EV_O_FAILED) {
		rc = ev_digest_reset(&open->digest, err);
		if (rc == EV_OK && !ev_spool_empty(&a->spool))
			rc = remember_failed(a, open->member.ordinal, err);
	}
	if (rc == EV_OK)
		rc = ev_digest_final(&open->digest, &d, err);
	/* The exhibit's own row first: it is what the member is in. */
	if (rc == EV_OK && a->open[0].wanted)
		rc = make_rows(a, &a->open[0], err);
	if (rc != EV_OK || !open->wanted)
		return rc;
	if (a->depth == 1 && ev_spool_empty(&a->spool))
		return insert_member(a, open, &d, total, err);
	return spool_total(a, open, &d, total, err);
}

static enum ev_rc
on_total(void *ctx, int64_t ordinal, const struct ev_member_total *told,
    struct ev_err *err)
{
	struct ev_member_total total = *told;
	struct ev_acquire *a = ctx;
	struct ev_open *open = find(a, ordinal);
	enum ev_rc rc;

	if (open == NULL || open != &a->open[a->depth - 1])
		return ev_fail(err, EV_USE, "the end of no member");
	a->depth--;
	if (ordinal == 0)
		return open->wanted ? end_exhibit(a, open, &total, err) : EV_OK;
	rc = end_member(a, open, &total, err);
	if (rc == EV_OK && a->depth == 1 && !ev_spool_empty(&a->spool))
		rc = replay(a, err);
	return rc;
}

static enum ev_rc
on_end(void *ctx, uint64_t tag, struct ev_err *err)
{
	struct ev_acquire *a = ctx;

	if (a->now == NULL || a->now->tag != tag)
		return ev_fail(err, EV_USE, "the end of no exhibit");
	a->now->ended = true;
	a->bytes_read += a->now->size - a->now_read;
	a->now_read = 0;
	a->now = NULL;
	ev_acquire_told(a, false);
	return ev_acquire_batch(a, err);
}

static enum ev_rc
on_progress(void *ctx, uint64_t tag, int64_t bytes, struct ev_err *err)
{
	struct ev_acquire *a = ctx;

	(void)err;
	if (a->now == NULL || a->now->tag != tag)
		return EV_OK;
	a->bytes_read += bytes - a->now_read;
	a->now_read = bytes;
	ev_acquire_told(a, false);
	return EV_OK;
}

const struct ev_child_events ev_acquire_events = {
	.exhibit_begin = on_begin,
	.member = on_member,
	.data = on_data,
	.media = on_media,
	.fact = on_fact,
	.duplicate = on_duplicate,
	.set_aside = on_set_aside,
	.ignored = on_ignored,
	.note = on_note,
	.unknown_key = on_unknown_key,
	.rows = on_rows,
	.total = on_total,
	.exhibit_end = on_end,
	.progress = on_progress,
};
