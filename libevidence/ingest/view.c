/* An artifact without its wrappings, every byte still known by its place. */
#include <stdlib.h>
#include <string.h>

#include "ingest/view.h"

enum state {
	VIEW_NEW,
	VIEW_PLAIN,
	VIEW_PGP,     /* in the body of a clear-signed text */
	VIEW_ARMOUR,  /* in the signature block */
	VIEW_TRAILER, /* behind it */
};

static const char pgp_begin[] = "-----BEGIN PGP SIGNED MESSAGE-----";
static const char pgp_signature[] = "-----BEGIN PGP SIGNATURE-----";
static const char pgp_end[] = "-----END PGP SIGNATURE-----";

enum ev_rc
ev_view_init(struct ev_view *view, const struct ev_stream *in,
    const struct ev_unwrap_step *step, size_t step_count, struct ev_err *err)
{
	memset(view, 0, sizeof(*view));
	view->in = in;
	view->step = step;
	view->step_count = step_count;
	view->trailer = -1;
	view->buffer = malloc(EV_VIEW_BUFFER);
	if (view->buffer == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	return EV_OK;
}

void
ev_view_release(struct ev_view *view)
{
	free(view->buffer);
	free(view->segment);
	view->buffer = NULL;
	view->segment = NULL;
}

/* Have at least want bytes in the buffer behind pos, or all there are. */
static enum ev_rc
need(struct ev_view *view, size_t want, struct ev_err *err)
{
	enum ev_rc rc;
	size_t got;

	while (view->len - view->pos < want && !view->at_end) {
		if (view->pos > 0 && EV_VIEW_BUFFER - view->pos < want) {
			memmove(view->buffer, view->buffer + view->pos,
			    view->len - view->pos);
			view->base += (int64_t)view->pos;
			view->len -= view->pos;
			view->pos = 0;
		} else if (view->pos == view->len) {
			view->base += (int64_t)view->pos;
			view->pos = view->len = 0;
		}
		got = 0;
		rc = view->in->read(view->in->ctx, view->buffer + view->len,
		    EV_VIEW_BUFFER - view->len, &got, err);
		if (rc == EV_EOF)
			view->at_end = true;
		else if (rc != EV_OK)
			return rc;
		else if (got == 0 || got > EV_VIEW_BUFFER - view->len)
			return ev_fail(err, EV_USE,
			    "a stream gave %zu bytes of %zu", got,
			    (size_t)EV_VIEW_BUFFER - view->len);
		view->len += got;
	}
	return EV_OK;
}

static bool
starts(const struct ev_view *view, size_t at, const char *text)
{
	size_t len = strlen(text);

	return view->len - at >= len &&
	       memcmp(view->buffer + at, text, len) == 0;
}

/* The start of the line behind at, or the end of what is held. */
static size_t
next_line(const struct ev_view *view, size_t at)
{
	const unsigned char *p;

	p = memchr(view->buffer + at, '\n', view->len - at);
	return p == NULL ? view->len : (size_t)(p - view->buffer) + 1;
}

/* RFC 9580, 7: armour headers, an empty line, the text. */
static void
begin_pgp(struct ev_view *view, bool optional)
{
	size_t at = view->pos, next;
	bool headless;

	while (at < view->len && strchr("\r\n", view->buffer[at]) != NULL &&
	       view->buffer[at] != '\0')
		at++;
	headless = at == view->pos && starts(view, at, "Hash:");
	if (!headless && !starts(view, at, pgp_begin)) {
		view->missing = optional ? NULL : "pgp-clear";
		return;
	}
	for (next = next_line(view, at); next < view->len; at = next) {
		next = next_line(view, at);
		if (next - at == 1 ||
		    (next - at == 2 && view->buffer[at] == '\r')) {
			view->pgp = true;
			view->headless = headless;
			view->pgp_at = view->base + (int64_t)view->pos;
			view->pos = next;
			view->state = VIEW_PGP;
			view->line_start = true;
			return;
		}
	}
	view->missing = "pgp-clear";
}

static bool
is_name(unsigned char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '$';
}

static void
begin_js(struct ev_view *view, bool optional)
{
	size_t at = view->pos, name, end;

	view->missing = optional ? NULL : "js-assign";
	while (at < view->len && view->buffer[at] != '\0' &&
	       strchr(" \t\r\n", view->buffer[at]) != NULL)
		at++;
	if (!starts(view, at, "window."))
		return;
	name = at;
	at += strlen("window.");
	while (at < view->len && is_name(view->buffer[at]))
		at++;
	end = at;
	while (at < view->len &&
	       (view->buffer[at] == ' ' || view->buffer[at] == '\t'))
		at++;
	if (end == name + strlen("window.") || at == view->len ||
	    view->buffer[at] != '=')
		return;
	view->missing = NULL;
	view->js = true;
	view->js_at = view->base + (int64_t)name;
	if (end - name >= sizeof(view->js_name))
		end = name + sizeof(view->js_name) - 1;
	memcpy(view->js_name, view->buffer + name, end - name);
	view->pos = at + 1;
	view->line_start = false;
}

enum ev_rc
ev_view_begin(struct ev_view *view, struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	rc = need(view, EV_VIEW_HEAD, err);
	if (rc != EV_OK)
		return rc;
	view->state = VIEW_PLAIN;
	if (starts(view, 0, "\xef\xbb\xbf")) {
		view->bom = true;
		view->pos = 3;
	}
	for (i = 0; i < view->step_count && view->missing == NULL; i++) {
		if (view->step[i].what == EV_UNWRAP_PGP_CLEAR)
			begin_pgp(view, view->step[i].optional);
		else
			begin_js(view, view->step[i].optional);
	}
	return EV_OK;
}

static enum ev_rc
add_segment(struct ev_view *view, int64_t artifact, struct ev_err *err)
{
	const struct ev_segment *last;
	struct ev_segment *bigger;
	size_t cap;

	if (view->count > view->first) {
		last = &view->segment[view->count - 1];
		if (last->artifact + (view->out - last->view) == artifact)
			return EV_OK;
	}
	if (view->first > 0 && view->count == view->cap) {
		memmove(view->segment, view->segment + view->first,
		    (view->count - view->first) * sizeof(*view->segment));
		view->count -= view->first;
		view->first = 0;
	}
	if (view->count == view->cap) {
		cap = view->cap == 0 ? 64 : 2 * view->cap;
		bigger = realloc(view->segment, cap * sizeof(*bigger));
		if (bigger == NULL)
			return ev_fail_sys(err, "cannot read an artifact");
		view->segment = bigger;
		view->cap = cap;
	}
	view->segment[view->count].view = view->out;
	view->segment[view->count++].artifact = artifact;
	return EV_OK;
}

/* How much of what is held comes next, whole: to the end of the line. */
static enum ev_rc
pgp_line(struct ev_view *view, size_t *len, struct ev_err *err)
{
	enum ev_rc rc;
	size_t end;

	*len = 0;
	rc = need(view, sizeof(pgp_signature), err);
	if (rc != EV_OK)
		return rc;
	if (view->line_start && starts(view, view->pos, pgp_signature)) {
		view->signature = true;
		view->signature_at = view->base + (int64_t)view->pos;
		view->state = VIEW_ARMOUR;
		return EV_OK;
	}
	if (view->line_start && starts(view, view->pos, "- "))
		view->pos += 2;
	end = next_line(view, view->pos);
	view->line_start = end > view->pos && view->buffer[end - 1] == '\n';
	*len = end - view->pos;
	return EV_OK;
}

/* The signature block to its end, then white space only. */
static enum ev_rc
pass_armour(struct ev_view *view, struct ev_err *err)
{
	enum ev_rc rc;
	size_t end;

	for (;;) {
		rc = need(view, 4096, err);
		if (rc != EV_OK || view->pos == view->len)
			return rc;
		if (view->state == VIEW_ARMOUR) {
			if (starts(view, view->pos, pgp_end)) {
				view->pos += strlen(pgp_end);
				view->state = VIEW_TRAILER;
				continue;
			}
			end = next_line(view, view->pos);
			view->pos = end;
			continue;
		}
		if (view->trailer < 0 &&
		    (view->buffer[view->pos] == '\0' ||
			strchr(" \t\r\n", view->buffer[view->pos]) == NULL))
			view->trailer = view->base + (int64_t)view->pos;
		view->pos = view->trailer < 0 ? view->pos + 1 : view->len;
	}
}

enum ev_rc
ev_view_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct ev_view *view = ctx;
	enum ev_rc rc = EV_OK;
	size_t len;

	*got = 0;
	while (*got < cap) {
		len = 0;
		if (view->state == VIEW_PGP)
			rc = pgp_line(view, &len, err);
		else if (view->state == VIEW_PLAIN) {
			rc = need(view, 1, err);
			len = view->len - view->pos;
		}
		if (rc != EV_OK)
			return rc;
		if (view->state == VIEW_ARMOUR)
			rc = pass_armour(view, err);
		if (rc != EV_OK || len == 0)
			break;
		/* A line that does not fit begins anew, but not as a line. */
		if (len > cap - *got) {
			len = cap - *got;
			view->line_start = false;
		}
		rc = add_segment(view, view->base + (int64_t)view->pos, err);
		if (rc != EV_OK)
			return rc;
		memcpy(data + *got, view->buffer + view->pos, len);
		view->pos += len;
		view->out += (int64_t)len;
		*got += len;
		if (view->state == VIEW_PLAIN)
			break;
	}
	if (rc != EV_OK)
		return rc;
	return *got > 0 ? EV_OK : EV_EOF;
}

enum ev_rc
ev_view_drain(struct ev_view *view, int64_t *size, struct ev_err *err)
{
	unsigned char unused[4096];
	enum ev_rc rc;
	size_t got;

	do {
		rc = ev_view_read(view, unused, sizeof(unused), &got, err);
		ev_view_forget(view, view->out);
	} while (rc == EV_OK);
	if (rc != EV_EOF)
		return rc;
	*size = view->base + (int64_t)view->len;
	return EV_OK;
}

static int64_t
artifact_of(const struct ev_view *view, int64_t at)
{
	size_t low = view->first, high = view->count, middle;

	if (low == high)
		return at;
	while (high - low > 1) {
		middle = low + (high - low) / 2;
		if (view->segment[middle].view <= at)
			low = middle;
		else
			high = middle;
	}
	return view->segment[low].artifact + (at - view->segment[low].view);
}

void
ev_view_span(const struct ev_view *view, int64_t from, int64_t to,
    int64_t *offset, int64_t *length)
{
	*offset = artifact_of(view, from);
	*length = to > from ? artifact_of(view, to - 1) + 1 - *offset : 0;
}

void
ev_view_forget(struct ev_view *view, int64_t before)
{
	while (view->count - view->first > 1 &&
	       view->segment[view->first + 1].view <= before)
		view->first++;
}
