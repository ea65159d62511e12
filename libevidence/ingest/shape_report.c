/* The keys that were met: what no mapping knows, and the file's shape. */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/shape_node.h"
#include "seal/digest.h"

enum { PATH_SHOWN = 4096 };

/* Key paths gathered for the fingerprint, and the way to where we are. */
struct report {
	const struct ev_sink *sink;
	struct ev_buf path;
	char **list;
	size_t count, cap;
	struct ev_err *err;
};

static bool
is_bare(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!((name[i] >= 'A' && name[i] <= 'Z') ||
			(name[i] >= 'a' && name[i] <= 'z') ||
			(name[i] >= '0' && name[i] <= '9') || name[i] == '_' ||
			name[i] == '-'))
			return false;
	return len > 0;
}

/* A segment as a path of the mapping language has it. */
static enum ev_rc
push_name(struct report *r, const char *name, size_t len)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	if (r->path.len > 0)
		rc = ev_buf_putc(&r->path, '.', r->err);
	if (rc == EV_OK && (!ev_text_is_utf8(name, len) ||
			       (len > 0 && memchr(name, '\0', len) != NULL)))
		return ev_text_safe(&r->path, name, len, EV_TEXT_NAME, r->err);
	if (rc == EV_OK && is_bare(name, len))
		return ev_buf_put(&r->path, name, len, r->err);
	if (rc == EV_OK)
		rc = ev_buf_putc(&r->path, '"', r->err);
	for (i = 0; i < len && rc == EV_OK; i++) {
		if (name[i] == '"' || name[i] == '\\')
			rc = ev_buf_putc(&r->path, '\\', r->err);
		if (rc == EV_OK)
			rc = ev_buf_putc(&r->path, name[i], r->err);
	}
	if (rc == EV_OK)
		rc = ev_buf_putc(&r->path, '"', r->err);
	return rc;
}

/* The path as it stands is one of the file's. */
static enum ev_rc
gather(struct report *r)
{
	char **bigger;
	size_t cap;

	if (r->count == r->cap) {
		cap = r->cap == 0 ? 64 : 2 * r->cap;
		bigger = realloc(r->list, cap * sizeof(*bigger));
		if (bigger == NULL)
			return ev_fail_sys(r->err, "cannot keep key paths");
		r->list = bigger;
		r->cap = cap;
	}
	r->list[r->count] = strdup(ev_buf_text(&r->path));
	if (r->list[r->count] == NULL)
		return ev_fail_sys(r->err, "cannot keep key paths");
	r->count++;
	return EV_OK;
}

static enum ev_rc
tell_unknown(struct report *r, const struct ev_shape_node *node)
{
	const struct ev_shape_unknown *unknown;
	size_t i, mark = r->path.len;
	enum ev_rc rc = EV_OK;

	for (i = 0; i < node->unknowns && rc == EV_OK; i++) {
		unknown = &node->unknown[i];
		rc = push_name(r, unknown->name, unknown->len);
		if (rc == EV_OK)
			rc = gather(r);
		if (rc == EV_OK)
			rc = r->sink->unknown_key(r->sink->ctx,
			    ev_buf_text(&r->path), r->path.len, unknown->times,
			    r->err);
		r->path.len = mark;
	}
	if (rc == EV_OK && node->others > 0) {
		rc = push_name(r, "...", 3);
		if (rc == EV_OK)
			rc = r->sink->unknown_key(r->sink->ctx,
			    ev_buf_text(&r->path), r->path.len, node->others,
			    r->err);
		r->path.len = mark;
	}
	return rc;
}

/* An alias of which no member occurs where unknown keys do. */
static enum ev_rc
tell_labels(struct report *r, const struct ev_shape_node *node)
{
	const struct ev_alias *alias;
	enum ev_rc rc = EV_OK;
	bool seen, first;
	size_t i, k;

	if (node->unknowns == 0 && node->others == 0)
		return EV_OK;
	for (i = 0; i < node->edges && rc == EV_OK; i++) {
		alias = node->edge[i].alias;
		if (alias == NULL)
			continue;
		seen = false;
		first = true;
		for (k = 0; k < node->edges; k++)
			if (node->edge[k].alias == alias) {
				seen = seen || node->edge[k].seen;
				first = first && k >= i;
			}
		if (!seen && first)
			rc = r->sink->note(r->sink->ctx, "unknown-label",
			    alias->name, 0, r->err);
	}
	return rc;
}

/* As deep as the mappings' paths.  NOLINTBEGIN(misc-no-recursion) */
static enum ev_rc
tell(struct report *r, const struct ev_shape_node *node)
{
	const struct ev_key *key;
	size_t i, mark = r->path.len;
	enum ev_rc rc;

	rc = tell_unknown(r, node);
	if (rc == EV_OK)
		rc = tell_labels(r, node);
	for (i = 0; i < node->edges && rc == EV_OK; i++) {
		if (!node->edge[i].seen)
			continue;
		key = node->edge[i].key;
		rc = push_name(r, key->name.data, key->name.len);
		if (rc == EV_OK)
			rc = gather(r);
		if (rc == EV_OK)
			rc = tell(r, node->edge[i].below);
		r->path.len = mark;
	}
	if (rc == EV_OK && node->member != NULL && node->member_seen) {
		rc = ev_buf_puts(&r->path, mark > 0 ? ".{*}" : "{*}", r->err);
		if (rc == EV_OK)
			rc = tell(r, node->member);
		r->path.len = mark;
	}
	if (rc == EV_OK && node->element != NULL) {
		rc = ev_buf_puts(&r->path, "[*]", r->err);
		if (rc == EV_OK)
			rc = tell(r, node->element);
		r->path.len = mark;
	}
	return rc;
}

/* NOLINTEND(misc-no-recursion) */

static int
by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

/* SHA-256 of the sorted paths, each with a line feed behind it. */
static enum ev_rc
digest(struct report *r, char fingerprint[65])
{
	struct ev_digests digests;
	struct ev_digest state;
	enum ev_rc rc;
	size_t i;

	qsort(r->list, r->count, sizeof(*r->list), by_text);
	rc = ev_digest_init(&state, EV_D_SHA256, r->err);
	if (rc != EV_OK)
		return rc;
	for (i = 0; i < r->count && rc == EV_OK; i++) {
		rc = ev_digest_update(&state, r->list[i], strlen(r->list[i]),
		    r->err);
		if (rc == EV_OK)
			rc = ev_digest_update(&state, "\n", 1, r->err);
	}
	if (rc == EV_OK)
		rc = ev_digest_final(&state, &digests, r->err);
	if (rc == EV_OK)
		ev_text_hex(fingerprint, digests.sha256, EV_SHA256);
	ev_digest_release(&state);
	return rc;
}

enum ev_rc
ev_shape_report(struct ev_shape *shape, const struct ev_sink *sink,
    char fingerprint[65], struct ev_err *err)
{
	struct report r = { sink, { 0 }, NULL, 0, 0, err };
	enum ev_rc rc;
	size_t i;

	fingerprint[0] = '\0';
	ev_buf_init(&r.path, (size_t)4 * PATH_SHOWN);
	rc = tell(&r, ev_shape_root(shape));
	if (rc == EV_OK && r.count > 0)
		rc = digest(&r, fingerprint);
	for (i = 0; i < r.count; i++)
		free(r.list[i]);
	free(r.list);
	ev_buf_release(&r.path);
	return rc;
}
