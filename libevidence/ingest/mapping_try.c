/* What mapping files would read from a sample, as JSON lines. */
#include <string.h>

#include "evidence/json.h"
#include "evidence/mapping.h"
#include "evidence/text.h"
#include "ingest/mapping.h"
#include "seal/digest.h"

enum { LINE_LIMIT = 64 << 20 };

struct trial {
	const struct ev_mapset *set;
	const struct ev_mapping_sample *sample;
	const struct ev_mapping_print *print;
	char sha256[2 * EV_SHA256 + 1]; /* of the sample */
	struct ev_buf line;
	struct ev_jw w;
	size_t at; /* in the sample */
	bool partial;
};

static void
begin(struct trial *t)
{
	ev_buf_clear(&t->line);
	ev_jw_init(&t->w, &t->line);
	ev_jw_object(&t->w);
}

static enum ev_rc
finish(struct trial *t, struct ev_err *err)
{
	enum ev_rc rc;

	ev_jw_close(&t->w);
	rc = ev_jw_end(&t->w, err);
	if (rc == EV_OK)
		rc = t->print->line(t->print->ctx, ev_buf_text(&t->line), err);
	return rc;
}

/* NULL: none in particular. */
static const struct ev_mapping *
mapping(const struct trial *t, int index)
{
	return index < 0 ? NULL : t->set->mapping[index];
}

static enum ev_rc
try_fact(void *ctx, const struct ev_fact *fact, struct ev_err *err)
{
	struct trial *t = ctx;
	const struct ev_mapping *m = t->set->mapping[fact->mapping];
	unsigned char digest[EV_SHA256];
	char hex[2 * EV_SHA256 + 1];
	struct ev_fact_origin origin = { 0 };
	enum ev_rc rc;

	rc = ev_sha256(digest, m->file->text, m->file->len, err);
	if (rc != EV_OK)
		return rc;
	ev_text_hex(hex, digest, sizeof(digest));
	origin.sha256 = t->sha256;
	origin.member = t->sample->path;
	origin.member_len = t->sample->path_len;
	origin.mapping = m->id;
	origin.mapping_version = m->entry.version;
	origin.mapping_sha256 = hex;
	ev_buf_clear(&t->line);
	rc = ev_fact_line(&t->line, fact, &origin, err);
	if (rc == EV_OK)
		rc = t->print->line(t->print->ctx, ev_buf_text(&t->line), err);
	return rc;
}

static enum ev_rc
try_duplicate(void *ctx, const struct ev_duplicate *row, struct ev_err *err)
{
	struct trial *t = ctx;

	begin(t);
	ev_jw_key_int(&t->w, "first", row->first_offset);
	ev_jw_key_int(&t->w, "length", row->length);
	ev_jw_key_text(&t->w, "mapping", t->set->mapping[row->mapping]->id);
	ev_jw_key_int(&t->w, "offset", row->offset);
	ev_jw_key_text(&t->w, "schema", "duplicate-1");
	return finish(t, err);
}

static enum ev_rc
try_set_aside(void *ctx, const struct ev_set_aside *what, struct ev_err *err)
{
	struct trial *t = ctx;
	const struct ev_mapping *m = mapping(t, what->mapping);

	t->partial = true;
	begin(t);
	ev_jw_key_int(&t->w, "length", what->length);
	if (m != NULL)
		ev_jw_key_text(&t->w, "mapping", m->id);
	ev_jw_key_text(&t->w, "message", what->message);
	ev_jw_key_int(&t->w, "offset", what->offset);
	ev_jw_key_text(&t->w, "reason", what->reason);
	ev_jw_key_text(&t->w, "schema", "set-aside-1");
	return finish(t, err);
}

static enum ev_rc
try_ignored(void *ctx, int64_t offset, int64_t length, struct ev_err *err)
{
	struct trial *t = ctx;

	begin(t);
	ev_jw_key_int(&t->w, "length", length);
	ev_jw_key_int(&t->w, "offset", offset);
	ev_jw_key_text(&t->w, "schema", "ignored-1");
	return finish(t, err);
}

static enum ev_rc
try_note(void *ctx, const char *word, const char *detail, int64_t offset,
    struct ev_err *err)
{
	struct trial *t = ctx;

	t->partial = t->partial || strcmp(word, "unknown-label") == 0;
	begin(t);
	if (ev_text_is_utf8(detail, strlen(detail)) && *detail != '\0')
		ev_jw_key_text(&t->w, "detail", detail);
	ev_jw_key_int(&t->w, "offset", offset);
	ev_jw_key_text(&t->w, "schema", "note-1");
	ev_jw_key_text(&t->w, "word", word);
	return finish(t, err);
}

static enum ev_rc
try_unknown(void *ctx, const char *path, size_t len, int64_t times,
    struct ev_err *err)
{
	struct trial *t = ctx;
	struct ev_buf safe;
	enum ev_rc rc;

	ev_buf_init(&safe, LINE_LIMIT);
	rc = ev_text_safe(&safe, path, len, EV_TEXT_NAME, err);
	begin(t);
	ev_jw_key_text(&t->w, "path", ev_buf_text(&safe));
	ev_jw_key_text(&t->w, "schema", "unknown-key-1");
	ev_jw_key_int(&t->w, "times", times);
	if (rc == EV_OK)
		rc = finish(t, err);
	ev_buf_release(&safe);
	return rc;
}

static enum ev_rc
try_rows(void *ctx, int index, const struct ev_row_count *rows,
    struct ev_err *err)
{
	struct trial *t = ctx;

	begin(t);
	if (rows->declared >= 0)
		ev_jw_key_int(&t->w, "declared", rows->declared);
	ev_jw_key_int(&t->w, "duplicated", rows->duplicated);
	ev_jw_key_int(&t->w, "facts", rows->facts);
	ev_jw_key_int(&t->w, "found", rows->found);
	ev_jw_key_int(&t->w, "ignored", rows->ignored);
	ev_jw_key_text(&t->w, "mapping", t->set->mapping[index]->id);
	ev_jw_key_int(&t->w, "nulls", rows->nulls);
	ev_jw_key_int(&t->w, "read", rows->read);
	ev_jw_key_text(&t->w, "schema", "rows-1");
	ev_jw_key_int(&t->w, "set_aside", rows->set_aside);
	return finish(t, err);
}

static enum ev_rc
try_total(void *ctx, enum ev_outcome outcome, const struct ev_byte_count *bytes,
    const char *fingerprint, struct ev_err *err)
{
	struct trial *t = ctx;

	t->partial = t->partial || outcome == EV_O_UNMAPPED ||
		     outcome == EV_O_NOT_CONFIRMED;
	begin(t);
	if (*fingerprint != '\0')
		ev_jw_key_text(&t->w, "fingerprint", fingerprint);
	ev_jw_key_int(&t->w, "frame", bytes->frame);
	ev_jw_key_int(&t->w, "ignored", bytes->ignored);
	ev_jw_key_text(&t->w, "outcome", ev_outcome_name(outcome));
	ev_jw_key_int(&t->w, "read", bytes->read);
	ev_jw_key_text(&t->w, "schema", "artifact-1");
	ev_jw_key_int(&t->w, "set_aside", bytes->set_aside);
	return finish(t, err);
}

static enum ev_rc
read_sample(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct trial *t = ctx;

	(void)err;
	*got = t->sample->len - t->at;
	if (*got > cap)
		*got = cap;
	if (*got == 0)
		return EV_EOF;
	memcpy(data, (const unsigned char *)t->sample->data + t->at, *got);
	t->at += *got;
	return EV_OK;
}

static enum ev_rc
rewind_sample(void *ctx, struct ev_err *err)
{
	struct trial *t = ctx;

	(void)err;
	t->at = 0;
	return EV_OK;
}

static enum ev_rc
run(struct trial *t, struct ev_err *err)
{
	const struct ev_sink sink = { t, try_fact, try_duplicate, try_set_aside,
		try_ignored, try_note, try_unknown, try_rows, try_total };
	const struct ev_mapping_sample *sample = t->sample;
	struct ev_reading_in in = { 0 };
	unsigned char digest[EV_SHA256];
	enum ev_rc rc;

	in.path = sample->path;
	in.path_len = sample->path_len;
	in.head = sample->data;
	in.head_len = sample->len > 65536 ? 65536 : sample->len;
	in.size = (int64_t)sample->len;
	in.media = sample->media != NULL ? sample->media : "";
	in.stream.ctx = t;
	in.stream.read = read_sample;
	in.stream.rewind = rewind_sample;
	rc = ev_sha256(digest, sample->data, sample->len, err);
	if (rc != EV_OK)
		return rc;
	ev_text_hex(t->sha256, digest, sizeof(digest));
	return ev_reading_run(t->set, &in, &sink, err);
}

enum ev_rc
ev_mapping_try(const struct ev_mapping_file *files, size_t count,
    const struct ev_mapping_sample *sample,
    const struct ev_mapping_print *print, struct ev_err *err)
{
	struct ev_mapset *set = NULL;
	struct trial t;
	enum ev_rc rc;
	size_t i;

	memset(&t, 0, sizeof(t));
	t.sample = sample;
	t.print = print;
	ev_buf_init(&t.line, LINE_LIMIT);
	rc = ev_mapset_new(&set, err);
	for (i = 0; i < count && rc == EV_OK; i++)
		rc = ev_mapset_add(set, files[i].name, files[i].text,
		    files[i].len, err);
	t.set = set;
	if (rc == EV_OK)
		rc = run(&t, err);
	ev_mapset_free(set);
	ev_buf_release(&t.line);
	if (rc == EV_OK && t.partial)
		return ev_fail(err, EV_PARTIAL, "not all of it was read");
	return rc;
}
