/* A view line by line, each line whole. */
#include <stdlib.h>
#include <string.h>

#include "ingest/textline.h"

enum { BLOCK = 256 * 1024 };

void
ev_textlines_init(struct ev_textlines *lines, struct ev_view *view)
{
	memset(lines, 0, sizeof(*lines));
	lines->view = view;
}

void
ev_textlines_release(struct ev_textlines *lines)
{
	free(lines->data);
	memset(lines, 0, sizeof(*lines));
}

enum ev_rc
ev_textlines_more(struct ev_textlines *lines, struct ev_err *err)
{
	unsigned char *bigger;
	enum ev_rc rc;
	size_t cap, got;

	if (lines->at_end)
		return EV_EOF;
	if (lines->pos > 0 && lines->cap - lines->len < BLOCK) {
		memmove(lines->data, lines->data + lines->pos,
		    lines->len - lines->pos);
		lines->base += (int64_t)lines->pos;
		lines->len -= lines->pos;
		lines->pos = 0;
	}
	if (lines->cap - lines->len < BLOCK) {
		cap = lines->cap == 0 ? 2 * (size_t)BLOCK : 2 * lines->cap;
		bigger = realloc(lines->data, cap);
		if (bigger == NULL)
			return ev_fail_sys(err, "cannot hold a line");
		lines->data = bigger;
		lines->cap = cap;
	}
	rc = ev_view_read(lines->view, lines->data + lines->len, BLOCK, &got,
	    err);
	if (rc == EV_OK)
		lines->len += got;
	else if (rc == EV_EOF)
		lines->at_end = true;
	return rc;
}

enum ev_rc
ev_textlines_take(struct ev_textlines *lines, int64_t most,
    const unsigned char **data, size_t *got, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && lines->pos == lines->len)
		rc = ev_textlines_more(lines, err);
	if (rc != EV_OK)
		return rc;
	*got = lines->len - lines->pos;
	if ((uint64_t)most < *got)
		*got = (size_t)most;
	*data = lines->data + lines->pos;
	lines->pos += *got;
	return EV_OK;
}

/* Of a line over the limit only its end is looked for. */
static enum ev_rc
pass_over(struct ev_textlines *lines, struct ev_textline *line,
    struct ev_err *err)
{
	const unsigned char *end;
	enum ev_rc rc = EV_OK;

	line->too_long = true;
	line->data = NULL;
	line->len = 0;
	while (rc == EV_OK) {
		end = memchr(lines->data + lines->pos, '\n',
		    lines->len - lines->pos);
		lines->pos =
		    end == NULL ? lines->len : (size_t)(end - lines->data) + 1;
		if (end != NULL)
			break;
		rc = ev_textlines_more(lines, err);
	}
	line->to = lines->base + (int64_t)lines->pos;
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_textlines_next(struct ev_textlines *lines, struct ev_textline *line,
    struct ev_err *err)
{
	const unsigned char *end = NULL;
	size_t looked = 0, len;
	enum ev_rc rc = EV_OK;

	line->too_long = false;
	line->from = lines->base + (int64_t)lines->pos;
	for (;;) {
		len = lines->len - lines->pos;
		if (len > looked)
			end = memchr(lines->data + lines->pos + looked, '\n',
			    len - looked);
		if (end != NULL || rc == EV_EOF)
			break;
		if (len > EV_ROW_LIMIT)
			return pass_over(lines, line, err);
		looked = len;
		rc = ev_textlines_more(lines, err);
		if (rc != EV_OK && rc != EV_EOF)
			return rc;
	}
	if (len == 0)
		return EV_EOF;
	line->data = lines->data + lines->pos;
	line->len = end == NULL ? len : (size_t)(end - line->data);
	lines->pos += end == NULL ? len : line->len + 1;
	line->to = lines->base + (int64_t)lines->pos;
	if (end != NULL && line->len > 0 && line->data[line->len - 1] == '\r')
		line->len--;
	return EV_OK;
}

enum ev_rc
ev_textlines_fill(struct ev_textlines *lines, bool *whole, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && lines->len <= EV_ROW_LIMIT)
		rc = ev_textlines_more(lines, err);
	*whole = rc == EV_EOF;
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_textlines_again(struct ev_textlines *lines, struct ev_pass *pass, bool whole,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	lines->pos = 0;
	if (whole)
		return EV_OK;
	rc = ev_pass_rewind(pass, err);
	lines->len = 0;
	lines->base = 0;
	lines->at_end = false;
	return rc;
}

bool
ev_textlines_blank(const unsigned char *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (data[i] != ' ' && data[i] != '\t' && data[i] != '\r' &&
		    data[i] != '\n')
			return false;
	return true;
}
