/* What a reading tells, as lines of text to compare with. */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ingest/reading.h"

struct transcript {
	struct ev_buf out;
	/* The sample, and how it is fed: chunk 0 is all that is asked for. */
	const char *data;
	size_t len, at, chunk;
	bool no_rewind;
	struct ev_byte_count bytes;
	enum ev_outcome outcome;
	struct ev_row_count rows[8]; /* by mapping */
	int totals;
	bool quiet; /* facts are counted, not written */
	int64_t facts;
	int64_t ignored, ignored_to; /* bytes told, and where they end */
};

static inline enum ev_rc
transcript_value(struct transcript *t, const struct ev_column *column,
    const struct ev_fact_value *value, struct ev_err *err)
{
	char text[EV_WHEN_TEXT];
	enum ev_rc rc;

	rc = ev_buf_printf(&t->out, err, " %s=", column->name);
	if (rc != EV_OK || value->null)
		return rc != EV_OK ? rc : ev_buf_puts(&t->out, "NULL", err);
	if (column->type == EV_C_TIME) {
		if (value->time.has_utc)
			ev_when_print(text, value->time.utc, value->time.prec);
		return ev_buf_printf(&t->out, err, "%s/%s",
		    value->time.has_utc ? text : "-",
		    ev_basis_name(value->time.basis));
	}
	if (column->type == EV_C_INT || column->type == EV_C_BOOL ||
	    column->type == EV_C_PORT)
		return ev_buf_printf(&t->out, err, "%jd",
		    (intmax_t)value->number);
	return ev_buf_put(&t->out, value->text, value->text_len, err);
}

static inline enum ev_rc
transcript_fact(void *ctx, const struct ev_fact *fact, struct ev_err *err)
{
	const struct ev_kind_info *info = ev_kind_info(fact->kind);
	struct transcript *t = ctx;
	enum ev_rc rc;
	size_t i;

	t->facts++;
	if (t->quiet)
		return EV_OK;
	rc = ev_buf_printf(&t->out, err, "%s %.*s %jd+%jd", info->name,
	    (int)fact->pointer_len, fact->pointer, (intmax_t)fact->offset,
	    (intmax_t)fact->length);
	for (i = 0; i < fact->count && rc == EV_OK; i++) {
		rc = transcript_value(t, &info->columns[fact->value[i].column],
		    &fact->value[i], err);
		if (rc == EV_OK && fact->value[i].has_raw)
			rc = ev_buf_printf(&t->out, err, "<%.*s>",
			    (int)fact->value[i].raw_len, fact->value[i].raw);
	}
	if (rc == EV_OK && fact->notes_len > 0)
		rc = ev_buf_printf(&t->out, err, " !%.*s", (int)fact->notes_len,
		    fact->notes);
	return rc == EV_OK ? ev_buf_putc(&t->out, '\n', err) : rc;
}

static inline enum ev_rc
transcript_duplicate(void *ctx, const struct ev_duplicate *row,
    struct ev_err *err)
{
	struct transcript *t = ctx;

	return ev_buf_printf(&t->out, err, "duplicate %jd+%jd of %jd\n",
	    (intmax_t)row->offset, (intmax_t)row->length,
	    (intmax_t)row->first_offset);
}

static inline enum ev_rc
transcript_set_aside(void *ctx, const struct ev_set_aside *what,
    struct ev_err *err)
{
	struct transcript *t = ctx;

	return ev_buf_printf(&t->out, err, "set-aside %jd+%jd %s: %s\n",
	    (intmax_t)what->offset, (intmax_t)what->length, what->reason,
	    what->message);
}

/* Told in order, with a gap between any two. */
static inline enum ev_rc
transcript_ignored(void *ctx, int64_t offset, int64_t length,
    struct ev_err *err)
{
	struct transcript *t = ctx;

	if (length < 1 || offset < t->ignored_to ||
	    (offset == t->ignored_to && t->ignored > 0))
		return ev_fail(err, EV_USE, "ignored: %jd+%jd behind %jd",
		    (intmax_t)offset, (intmax_t)length,
		    (intmax_t)t->ignored_to);
	t->ignored += length;
	t->ignored_to = offset + length;
	return EV_OK;
}

static inline enum ev_rc
transcript_note(void *ctx, const char *word, const char *detail, int64_t offset,
    struct ev_err *err)
{
	struct transcript *t = ctx;

	return ev_buf_printf(&t->out, err, "note %s %jd %s\n", word,
	    (intmax_t)offset, detail);
}

static inline enum ev_rc
transcript_unknown(void *ctx, const char *path, size_t len, int64_t times,
    struct ev_err *err)
{
	struct transcript *t = ctx;

	return ev_buf_printf(&t->out, err, "unknown %.*s %jd\n", (int)len, path,
	    (intmax_t)times);
}

static inline enum ev_rc
transcript_rows(void *ctx, int mapping, const struct ev_row_count *rows,
    struct ev_err *err)
{
	struct transcript *t = ctx;

	if (mapping < 8)
		t->rows[mapping] = *rows;
	if (rows->declared < 0)
		return EV_OK;
	return ev_buf_printf(&t->out, err, "declared %jd\n",
	    (intmax_t)rows->declared);
}

static inline enum ev_rc
transcript_total(void *ctx, enum ev_outcome outcome,
    const struct ev_byte_count *bytes, const char *fingerprint,
    struct ev_err *err)
{
	struct transcript *t = ctx;

	(void)fingerprint;
	t->totals++;
	t->outcome = outcome;
	t->bytes = *bytes;
	return ev_buf_printf(&t->out, err, "total %s %jd %jd %jd %jd\n",
	    ev_outcome_name(outcome), (intmax_t)bytes->read,
	    (intmax_t)bytes->set_aside, (intmax_t)bytes->ignored,
	    (intmax_t)bytes->frame);
}

static inline enum ev_rc
transcript_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct transcript *t = ctx;

	(void)err;
	*got = t->len - t->at;
	if (*got > cap)
		*got = cap;
	if (t->chunk > 0 && *got > t->chunk)
		*got = t->chunk;
	if (*got == 0)
		return EV_EOF;
	memcpy(data, t->data + t->at, *got);
	t->at += *got;
	return EV_OK;
}

static inline enum ev_rc
transcript_rewind(void *ctx, struct ev_err *err)
{
	struct transcript *t = ctx;

	(void)err;
	t->at = 0;
	return EV_OK;
}

/* Read t's sample as a member at path by a set of mappings. */
static inline enum ev_rc
transcript_run(struct transcript *t, const struct ev_mapset *set,
    const char *path, struct ev_err *err)
{
	const struct ev_sink sink = { t, transcript_fact, transcript_duplicate,
		transcript_set_aside, transcript_ignored, transcript_note,
		transcript_unknown, transcript_rows, transcript_total };
	struct ev_reading_in in;

	memset(&in, 0, sizeof(in));
	in.path = path;
	in.path_len = strlen(path);
	in.head = t->data;
	in.head_len = t->len > 65536 ? 65536 : t->len;
	in.size = -1;
	in.media = "";
	in.stream.ctx = t;
	in.stream.read = transcript_read;
	in.stream.rewind = t->no_rewind ? NULL : transcript_rewind;
	t->at = 0;
	t->ignored = t->ignored_to = 0;
	ev_buf_release(&t->out);
	ev_buf_init(&t->out, (size_t)1 << 30);
	return ev_reading_run(set, &in, &sink, err);
}

static inline bool
transcript_adds_up(const struct transcript *t)
{
	const struct ev_row_count *rows;
	size_t i;

	for (i = 0; i < 8; i++) {
		rows = &t->rows[i];
		if (rows->found != rows->read + rows->duplicated +
				       rows->set_aside + rows->ignored)
			return false;
	}
	if (t->ignored != t->bytes.ignored && t->ignored > 0)
		return false;
	return t->totals == 1 && t->bytes.read + t->bytes.set_aside +
					 t->bytes.ignored + t->bytes.frame ==
				     (int64_t)t->len;
}

#endif
