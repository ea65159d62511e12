/* Artifacts and facts, derived again from the bytes of an exhibit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "evidence/text.h"
#include "out/rederive.h"

enum {
	MAPS_MAX = 4096,
	MAP_LIMIT = 1 << 20,
	FACTS_LIMIT = 1 << 30,
	NAME_LIMIT = 1 << 20,
	SMALL = 1 << 20, /* an exhibit that is given in memory */
};

/* A member that is being told of. */
struct open {
	int64_t ordinal, place;
	int64_t at; /* bytes heard */
	struct ev_buf path, facts;
	struct ev_digest digest; /* made once, used again */
};

struct rederive {
	const struct rederive_sink *sink;
	struct ev_mapset *set;
	struct ev_child_map *map;
	struct ev_buf *text; /* of each file */
	char (*sha256)[2 * EV_SHA256 + 1];
	size_t maps;
	const char **glob; /* NULL-terminated */
	struct ev_buf parser, small;
	struct ev_child_opts opts;
	struct ev_child_events events;
	struct ev_child *child;
	const struct rederive_exhibit *now;
	struct open open[EV_CHILD_OPEN];
	size_t depth;
	char origin_sha256[2 * EV_SHA256 + 1];
};

static struct open *
find(struct rederive *r, int64_t ordinal)
{
	size_t n = r->depth;

	while (n > 0) {
		if (r->open[--n].ordinal == ordinal)
			return &r->open[n];
	}
	return NULL;
}

static enum ev_rc
on_begin(void *ctx, uint64_t tag, struct ev_err *err)
{
	struct rederive *r = ctx;

	(void)tag;
	(void)err;
	r->depth = 0;
	return EV_OK;
}

static enum ev_rc
on_member(void *ctx, const struct ev_member *m, struct ev_err *err)
{
	struct rederive *r = ctx;
	struct open *o;
	enum ev_rc rc;

	if (r->depth == EV_CHILD_OPEN)
		return ev_fail(err, EV_USE, "too many members are open");
	o = &r->open[r->depth++];
	o->ordinal = m->ordinal;
	o->place = m->index;
	o->at = 0;
	ev_buf_clear(&o->path);
	ev_buf_clear(&o->facts);
	rc = m->ordinal == 0
		 ? ev_buf_put(&o->path, r->now->name, r->now->name_len, err)
		 : ev_buf_put(&o->path, m->path, m->path_len, err);
	if (rc == EV_OK)
		rc = o->digest.want == 0 ? ev_digest_init(&o->digest,
					       EV_D_SHA256 | EV_D_SHA512, err)
					 : ev_digest_reset(&o->digest, err);
	return rc;
}

static enum ev_rc
on_data(void *ctx, int64_t ordinal, const void *data, size_t len,
    struct ev_err *err)
{
	struct rederive *r = ctx;
	struct open *o = find(r, ordinal);
	enum ev_rc rc;

	if (o == NULL)
		return ev_fail(err, EV_USE, "bytes of no member");
	if (r->sink->bytes != NULL) {
		rc = r->sink->bytes(r->sink->ctx, ordinal, o->at,
		    EV_BYTES(data, len), err);
		if (rc != EV_OK)
			return rc;
	}
	o->at += (int64_t)len;
	return ev_digest_update(&o->digest, data, len, err);
}

static enum ev_rc
on_fact(void *ctx, int64_t ordinal, const struct ev_fact *fact,
    struct ev_err *err)
{
	struct rederive *r = ctx;
	struct open *o = find(r, ordinal);
	struct ev_buf one;
	uint64_t len;
	enum ev_rc rc;

	if (o == NULL)
		return ev_fail(err, EV_USE, "a fact of no member");
	if (r->sink->fact == NULL)
		return EV_OK;
	ev_buf_init(&one, FACTS_LIMIT);
	rc = ev_fact_encode(&one, fact, err);
	len = one.len;
	if (rc == EV_OK)
		rc = ev_buf_put(&o->facts, &len, sizeof(len), err);
	if (rc == EV_OK)
		rc = ev_buf_put(&o->facts, one.data, one.len, err);
	ev_buf_release(&one);
	return rc;
}

static enum ev_rc
hand_over(struct rederive *r, struct open *o,
    const struct rederive_artifact *is, struct ev_err *err)
{
	struct ev_fact fact;
	size_t at = 0;
	uint64_t len;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && at < o->facts.len) {
		memcpy(&len, o->facts.data + at, sizeof(len));
		at += sizeof(len);
		rc =
		    ev_fact_decode(&fact, o->facts.data + at, (size_t)len, err);
		if (rc == EV_OK)
			rc = r->sink->fact(r->sink->ctx, is, &fact, err);
		at += (size_t)len;
	}
	return rc;
}

static enum ev_rc
on_total(void *ctx, int64_t ordinal, const struct ev_member_total *total,
    struct ev_err *err)
{
	struct rederive *r = ctx;
	struct rederive_artifact is;
	struct open *o = find(r, ordinal);
	enum ev_rc rc = EV_OK;

	if (o == NULL || r->depth == 0 || o != &r->open[r->depth - 1])
		return ev_fail(err, EV_USE, "an end of no member");
	memset(&is, 0, sizeof(is));
	is.ordinal = o->ordinal;
	is.place = o->place;
	is.path = ev_buf_text(&o->path);
	is.path_len = o->path.len;
	if (ordinal == 0)
		is.digests = *r->now->digests;
	else
		rc = ev_digest_final(&o->digest, &is.digests, err);
	if (rc == EV_OK && total->outcome != EV_O_FAILED)
		rc = hand_over(r, o, &is, err);
	if (rc == EV_OK && r->sink->artifact != NULL)
		rc = r->sink->artifact(r->sink->ctx, &is, total, err);
	r->depth--;
	return rc;
}

/* What is told and not looked at here. */
static enum ev_rc
no_media(void *ctx, int64_t ordinal, const char *type, struct ev_err *err)
{
	(void)ctx;
	(void)ordinal;
	(void)type;
	(void)err;
	return EV_OK;
}

static enum ev_rc
no_duplicate(void *ctx, int64_t ordinal, const struct ev_duplicate *row,
    struct ev_err *err)
{
	(void)ctx;
	(void)ordinal;
	(void)row;
	(void)err;
	return EV_OK;
}

static enum ev_rc
no_aside(void *ctx, int64_t ordinal, const struct ev_set_aside *what,
    struct ev_err *err)
{
	(void)ctx;
	(void)ordinal;
	(void)what;
	(void)err;
	return EV_OK;
}

static enum ev_rc
no_ignored(void *ctx, int64_t ordinal, int64_t offset, int64_t length,
    struct ev_err *err)
{
	(void)ctx;
	(void)ordinal;
	(void)offset;
	(void)length;
	(void)err;
	return EV_OK;
}

static enum ev_rc
no_note(void *ctx, int64_t ordinal, const struct ev_member_note *note,
    struct ev_err *err)
{
	(void)ctx;
	(void)ordinal;
	(void)note;
	(void)err;
	return EV_OK;
}

static enum ev_rc
no_key(void *ctx, int64_t ordinal, const struct ev_unknown_key *key,
    struct ev_err *err)
{
	(void)ctx;
	(void)ordinal;
	(void)key;
	(void)err;
	return EV_OK;
}

static enum ev_rc
no_rows(void *ctx, int64_t ordinal, int mapping,
    const struct ev_row_count *rows, struct ev_err *err)
{
	(void)ctx;
	(void)ordinal;
	(void)mapping;
	(void)rows;
	(void)err;
	return EV_OK;
}

static enum ev_rc
no_end(void *ctx, uint64_t tag, struct ev_err *err)
{
	(void)ctx;
	(void)tag;
	(void)err;
	return EV_OK;
}

static enum ev_rc
no_progress(void *ctx, uint64_t tag, int64_t bytes, struct ev_err *err)
{
	(void)ctx;
	(void)tag;
	(void)bytes;
	(void)err;
	return EV_OK;
}

static enum ev_rc
add_map(struct rederive *r, const struct rederive_source *source,
    const struct ev_json_node *n, struct ev_err *err)
{
	const char *file = ev_json_get_text(n, "file");
	const char *hex = ev_json_get_text(n, "sha256");
	struct ev_child_map *map = &r->map[r->maps];
	unsigned char want[EV_SHA256];
	enum ev_rc rc;

	if (file == NULL || hex == NULL || r->maps == MAPS_MAX)
		return ev_fail(err, EV_MISMATCH,
		    "an entry that does not say its mappings");
	if (!ev_text_unhex(want, sizeof(want), hex, strlen(hex)))
		return ev_fail(err, EV_MISMATCH, "a mapping without SHA-256");
	ev_buf_init(&r->text[r->maps], MAP_LIMIT);
	rc = source->map(source->ctx, want, &r->text[r->maps], err);
	if (rc != EV_OK)
		return rc;
	(void)snprintf(r->sha256[r->maps], sizeof(*r->sha256), "%s", hex);
	map->name = file;
	map->text = ev_buf_text(&r->text[r->maps]);
	map->len = r->text[r->maps].len;
	r->maps++;
	return ev_mapset_add(r->set, file, map->text, map->len, err);
}

static enum ev_rc
add_maps(struct rederive *r, const struct rederive_source *source,
    const struct ev_json_node *read, struct ev_err *err)
{
	const struct ev_json_node *list, *n;
	size_t count;
	enum ev_rc rc;

	list = read == NULL ? NULL : ev_json_get(read, "mappings");
	if (list == NULL)
		return ev_fail(err, EV_MISMATCH,
		    "an entry that does not say its mappings");
	count = list->count + 1;
	r->map = calloc(count, sizeof(*r->map));
	r->text = calloc(count, sizeof(*r->text));
	r->sha256 = calloc(count, sizeof(*r->sha256));
	if (r->map == NULL || r->text == NULL || r->sha256 == NULL)
		return ev_fail_sys(err, "cannot read the mappings");
	rc = ev_mapset_new(&r->set, err);
	for (n = list->child; rc == EV_OK && n != NULL; n = n->next)
		rc = add_map(r, source, n, err);
	return rc;
}

static enum ev_rc
add_globs(struct rederive *r, const struct ev_json_node *read,
    struct ev_err *err)
{
	const struct ev_json_node *list = ev_json_get(read, "globs"), *n;
	const char *equals;
	size_t at = 0;
	enum ev_rc rc = EV_OK;
	char *id;

	r->glob = calloc(list == NULL ? 1 : list->count + 1, sizeof(*r->glob));
	if (r->glob == NULL)
		return ev_fail_sys(err, "cannot read the globs");
	for (n = list == NULL ? NULL : list->child; rc == EV_OK && n != NULL;
	     n = n->next) {
		equals = strchr(n->text, '=');
		if (equals == NULL)
			return ev_fail(err, EV_MISMATCH, "a glob without =");
		id = strndup(n->text, (size_t)(equals - n->text));
		if (id == NULL)
			return ev_fail_sys(err, "cannot read the globs");
		rc = ev_mapset_add_glob(r->set, id, equals + 1, err);
		free(id);
		r->glob[at++] = n->text;
	}
	return rc;
}

static enum ev_rc
start(struct rederive *r, const struct rederive_source *source,
    const struct ev_json_node *read, struct ev_err *err)
{
	const char *formats = ev_json_get_text(read, "formats");
	const char *limits = ev_json_get_text(read, "limits");
	enum ev_rc rc = EV_OK;

	r->events = (struct ev_child_events){ .ctx = r,
		.exhibit_begin = on_begin,
		.member = on_member,
		.data = on_data,
		.media = no_media,
		.fact = on_fact,
		.duplicate = no_duplicate,
		.set_aside = no_aside,
		.ignored = no_ignored,
		.note = no_note,
		.unknown_key = no_key,
		.rows = no_rows,
		.total = on_total,
		.exhibit_end = no_end,
		.progress = no_progress };
	r->opts = (struct ev_child_opts){ .maps = r->map,
		.map_count = r->maps,
		.globs = r->glob,
		.formats = formats == NULL ? "" : formats,
		.limits = limits == NULL ? "" : limits,
		.no_sandbox = source->no_sandbox,
		.broker = source->broker,
		.only = source->only,
		.read = true };

	r->opts.mapping_count = (int)ev_mapset_count(r->set);
	ev_buf_init(&r->parser, NAME_LIMIT);
	ev_buf_init(&r->small, SMALL + 2);
	if (source->broker == NULL)
		rc = ev_child_parser(&r->parser, err);
	r->opts.parser = ev_buf_text(&r->parser);
	return rc == EV_OK
		   ? ev_child_start(&r->child, &r->opts, &r->events, err)
		   : rc;
}

enum ev_rc
rederive_open(struct rederive **out, const struct rederive_source *source,
    const struct ev_json_node *read, const struct rederive_sink *sink,
    struct ev_err *err)
{
	struct rederive *r;
	enum ev_rc rc;
	size_t i;

	*out = NULL;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return ev_fail_sys(err, "cannot derive anything again");
	r->sink = sink;
	for (i = 0; i < EV_CHILD_OPEN; i++) {
		ev_buf_init(&r->open[i].path, NAME_LIMIT);
		ev_buf_init(&r->open[i].facts, FACTS_LIMIT);
	}
	rc = add_maps(r, source, read, err);
	if (rc == EV_OK)
		rc = add_globs(r, read, err);
	if (rc == EV_OK)
		rc = start(r, source, read, err);
	if (rc != EV_OK) {
		rederive_close(r);
		return rc;
	}
	*out = r;
	return EV_OK;
}

void
rederive_close(struct rederive *r)
{
	size_t i;

	if (r == NULL)
		return;
	ev_child_free(r->child);
	ev_mapset_free(r->set);
	for (i = 0; i < r->maps; i++)
		ev_buf_release(&r->text[i]);
	for (i = 0; i < EV_CHILD_OPEN; i++) {
		ev_buf_release(&r->open[i].path);
		ev_buf_release(&r->open[i].facts);
		if (r->open[i].digest.want != 0)
			ev_digest_release(&r->open[i].digest);
	}
	ev_buf_release(&r->parser);
	ev_buf_release(&r->small);
	free(r->map);
	free(r->text);
	free(r->sha256);
	free(r->glob);
	free(r);
}

enum ev_rc
rederive_exhibit(struct rederive *r, const struct rederive_exhibit *x,
    struct ev_err *err)
{
	struct ev_child_exhibit exhibit = { .tag = 1,
		.name = x->name,
		.name_len = x->name_len,
		.fd = x->fd,
		.offset = x->offset,
		.size = x->size };
	enum ev_rc rc = EV_OK;

	r->now = x;
	/* One that is given as a file costs a process of its own. */
	if (x->size <= SMALL) {
		ev_buf_clear(&r->small);
		rc = ev_buf_reserve(&r->small, (size_t)x->size + 1, err);
		if (rc == EV_OK && x->size > 0)
			rc = ev_fs_pread(x->fd, r->small.data, (size_t)x->size,
			    x->offset, err);
		exhibit.data = r->small.data;
		exhibit.fd = -1;
	}
	if (rc == EV_OK)
		rc = ev_child_give(r->child, &exhibit, err);
	return rc == EV_OK ? ev_child_drain(r->child, err) : rc;
}

void
rederive_origin(struct rederive *r, const struct rederive_artifact *of,
    const struct ev_fact *fact, struct ev_fact_origin *origin)
{
	const struct ev_mapset_entry *entry;
	size_t i;

	memset(origin, 0, sizeof(*origin));
	entry = ev_mapset_entry(r->set, fact->mapping);
	ev_text_hex(r->origin_sha256, of->digests.sha256, EV_SHA256);
	origin->sha256 = r->origin_sha256;
	origin->member = of->path;
	origin->member_len = of->path_len;
	origin->mapping = entry->id;
	origin->mapping_version = entry->version;
	origin->mapping_sha256 = "";
	for (i = 0; i < r->maps; i++) {
		if (strcmp(r->map[i].name, entry->file) == 0)
			origin->mapping_sha256 = r->sha256[i];
	}
}
