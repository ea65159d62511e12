/* A bundle that is a volume of a set: which, and what the others hold. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "out/manifest.h"
#include "out/verify_index.h"
#include "out/volumes.h"

enum { GROW = 1024, NUMBER = 20 };

struct verify_where {
	int64_t exhibit, volume;
};

static int
by_exhibit(const void *a, const void *b)
{
	const struct verify_where *x = a, *y = b;

	return x->exhibit < y->exhibit ? -1 : x->exhibit > y->exhibit;
}

int64_t
verify_volume_of(const struct verify *v, int64_t exhibit)
{
	const struct verify_where key = { .exhibit = exhibit }, *at;

	if (v->where_count == 0)
		return 0;
	at = bsearch(&key, v->where, v->where_count, sizeof(key), by_exhibit);
	return at == NULL ? 0 : at->volume;
}

/* The line of bag-info.txt that begins so; NULL: there is none. */
static const char *
info_line(const char *info, const char *key)
{
	const size_t len = strlen(key);
	const char *at;

	for (at = info; at != NULL; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (strncmp(at, key, len) == 0)
			return at + len;
		if (*at == '\0')
			break;
	}
	return NULL;
}

static bool
take_count(struct verify *v, const char *text)
{
	const char *end = text == NULL ? NULL : strchr(text, '\n');
	const char *of = text == NULL ? NULL : strstr(text, " of ");

	return end != NULL && of != NULL && of < end &&
	       ev_text_int(&v->volume.number, text, (size_t)(of - text), 1,
		   VOLUMES_MOST) &&
	       ev_text_int(&v->volume.of, of + 4, (size_t)(end - of) - 4,
		   v->volume.number, VOLUMES_MOST);
}

/* What all volumes of a set have alike, as one digest. */
static enum ev_rc
set_digest(struct verify *v, const char *group, struct ev_err *err)
{
	static const char own[] = "data/index/exhibits-sha256.txt";
	char hex[2 * EV_SHA256 + 1];
	const struct ev_part *part;
	struct ev_buf text;
	enum ev_rc rc;
	size_t i;

	ev_buf_init(&text, EV_VERIFY_LIST);
	rc = ev_buf_put(&text, group, strcspn(group, "\n"), err);
	for (i = 0; rc == EV_OK && i < v->count; i++) {
		part = &v->part[i];
		if (!ev_part_is_payload(part->name) ||
		    strncmp(part->name, "data/exhibits/", 14) == 0 ||
		    strcmp(part->name, own) == 0)
			continue;
		ev_text_hex(hex, part->digests.sha256, EV_SHA256);
		rc = ev_buf_printf(&text, err, "\n%s  %s", hex, part->name);
	}
	if (rc == EV_OK)
		rc = ev_sha256(v->volume.set, text.data, text.len, err);
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
take_line(struct verify *v, const char *line, size_t len, struct ev_err *err)
{
	const struct ev_json_node *root;
	struct ev_json_doc *doc = NULL;
	struct verify_where w = { .volume = 0 };
	void *grown;
	enum ev_rc rc;

	rc = ev_json_parse(&doc, line, len, err);
	if (rc != EV_OK)
		return rc;
	root = ev_json_root(doc);
	w.exhibit = index_id(root, "exhibit", 'E');
	if (w.exhibit == 0 || !ev_json_get_int(root, "volume", &w.volume) ||
	    w.volume < 1 || w.volume > v->volume.of ||
	    (v->where_count > 0 &&
		v->where[v->where_count - 1].exhibit >= w.exhibit))
		rc = ev_fail(err, EV_MISMATCH,
		    EV_VOLUMES ": line %zu says of no exhibit where it is",
		    v->where_count + 1);
	ev_json_free(doc);
	if (rc == EV_OK && v->where_count % GROW == 0) {
		grown = realloc(v->where,
		    (v->where_count + GROW) * sizeof(*v->where));
		if (grown == NULL)
			return ev_fail_sys(err, "cannot keep the volumes");
		v->where = grown;
	}
	if (rc == EV_OK)
		v->where[v->where_count++] = w;
	return rc;
}

static enum ev_rc
take_lines(struct verify *v, struct ev_err *err)
{
	const char *line, *end;
	struct ev_buf text;
	enum ev_rc rc;

	ev_buf_init(&text, EV_VERIFY_LIST);
	rc = verify_read(v, EV_VOLUMES, &text, err);
	for (line = ev_buf_text(&text);
	     rc == EV_OK && (end = strchr(line, '\n')) != NULL; line = end + 1)
		rc = take_line(v, line, (size_t)(end - line), err);
	ev_buf_release(&text);
	return rc;
}

enum ev_rc
verify_volumes(struct verify *v, struct ev_err *err)
{
	const char *count, *group;
	struct ev_buf info;
	enum ev_rc rc;

	ev_buf_init(&info, EV_VERIFY_TEXT);
	rc = verify_read(v, "bag-info.txt", &info, err);
	if (rc != EV_OK)
		goto out; /* said by the checks of the payload */
	count = info_line(ev_buf_text(&info), EV_VOLUMES_COUNT);
	group = info_line(ev_buf_text(&info), EV_VOLUMES_GROUP);
	if (count == NULL && group == NULL &&
	    verify_part(v, EV_VOLUMES) == NULL)
		goto out;
	if (group == NULL || !take_count(v, count)) {
		verify_say(v, "container", EV_VERIFY_FAILED,
		    "bag-info.txt does not say which volume of which set this "
		    "is");
		goto out;
	}
	rc = set_digest(v, group, err);
	if (rc == EV_OK)
		rc = take_lines(v, err);
	if (rc == EV_OK)
		verify_say(v, "container", EV_VERIFY_NOTE,
		    "volume %" PRId64 " of %" PRId64 " of the set %.*s",
		    v->volume.number, v->volume.of, (int)strcspn(group, "\n"),
		    group);
out:
	ev_buf_release(&info);
	if (rc != EV_INPUT && rc != EV_LIMIT && rc != EV_MISMATCH)
		return rc;
	if (verify_part(v, "bag-info.txt") != NULL)
		verify_say(v, "container", EV_VERIFY_FAILED, "%s", err->msg);
	return EV_OK;
}
