/* A set of bundles that hold the exhibits of one head between them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out/volumes.h"
#include "out/withhold.h"

enum {
	GROW = 1024,
	LINE_LIMIT = 4096,
	/* Of a part, in two headers, manifests and ASiC manifests. */
	PART_COST = 1600,
	META_COST = 128 << 10,
};

struct where {
	int64_t exhibit, volume;
};

struct volumes {
	struct where *at; /* by exhibit */
	size_t count;
	int64_t volumes;
	/* While it is made. */
	int64_t room, used;
};

/* Exhibits that the head covers, each once; those of a segment together. */
static const char sql_stored[] =
    "SELECT e.id, e.size, coalesce(e.segment, 0) FROM exhibit e WHERE e.id IN"
    " (SELECT x.stored FROM exhibit x JOIN acquisition q ON q.id ="
    " x.acquisition WHERE q.copy <= ?) ORDER BY e.id";

void
volumes_free(struct volumes *p)
{
	if (p == NULL)
		return;
	free(p->at);
	free(p);
}

int64_t
volumes_count(const struct volumes *p)
{
	return p->volumes;
}

/* What every volume holds: all parts but exhibits. */
static enum ev_rc
common_size(struct bundle *b, int64_t *size, struct ev_err *err)
{
	const struct ev_part *part;
	size_t count, i;
	enum ev_rc rc;

	*size = META_COST;
	rc = ev_container_parts(b->k, &part, &count, err);
	for (i = 0; rc == EV_OK && i < count; i++) {
		if (strncmp(part[i].name, "data/exhibits/", 14) != 0)
			*size += part[i].digests.size + PART_COST;
	}
	return rc;
}

static enum ev_rc
place(struct volumes *p, const struct where *w, struct ev_err *err)
{
	void *grown;

	if (p->count % GROW == 0) {
		grown = realloc(p->at, (p->count + GROW) * sizeof(*p->at));
		if (grown == NULL)
			return ev_fail_sys(err, "cannot plan the volumes");
		p->at = grown;
	}
	p->at[p->count++] = *w;
	return EV_OK;
}

/* The next exhibits that go together; a new volume where they do not fit. */
static enum ev_rc
fit(struct volumes *p, const char *what, int64_t number, int64_t size,
    struct ev_err *err)
{
	if (size > p->room)
		return ev_fail(err, EV_USE,
		    "%s %" PRId64 " alone has %" PRId64
		    " bytes: a volume of that size has room for %" PRId64,
		    what, number, size, p->room);
	if (p->used + size > p->room) {
		p->volumes++;
		p->used = 0;
	}
	if (p->volumes > VOLUMES_MOST)
		return ev_fail(err, EV_USE, "more than %d volumes",
		    VOLUMES_MOST);
	p->used += size;
	return EV_OK;
}

/* The bytes of a segment's exhibits that go along. */
static enum ev_rc
segment_size(struct bundle *b, int64_t segment, int64_t *size,
    struct ev_err *err)
{
	*size = 0;
	return ev_db_int(ev_case_db(b->c), size, err,
	    "SELECT coalesce(max(committed), 0) FROM segment WHERE id = ?", "i",
	    segment);
}

static enum ev_rc
plan_all(struct volumes *p, struct bundle *b, bool each, struct ev_err *err)
{
	int64_t size, segment, last = 0;
	struct ev_stmt *st = NULL;
	struct where w;
	enum ev_rc rc;

	rc =
	    ev_db_prepare(ev_case_db(b->c), &st, err, sql_stored, "i", b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "iii", &w.exhibit, &size,
			    &segment);
		if (rc != EV_OK || withhold_has(b->withhold, 'E', w.exhibit))
			continue;
		if (each || segment == 0) {
			rc =
			    fit(p, "exhibit", w.exhibit, size + PART_COST, err);
		} else if (segment != last) {
			rc = segment_size(b, segment, &size, err);
			if (rc == EV_OK)
				rc = fit(p, "segment", segment,
				    size + PART_COST, err);
			last = segment;
		}
		w.volume = p->volumes;
		if (rc == EV_OK)
			rc = place(p, &w, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
volumes_plan(struct volumes **out, struct bundle *b, int64_t size,
    struct ev_err *err)
{
	struct volumes *p;
	int64_t common = 0, count = 0;
	enum ev_rc rc;

	*out = NULL;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return ev_fail_sys(err, "cannot plan the volumes");
	p->volumes = 1;
	rc = common_size(b, &common, err);
	if (rc == EV_OK)
		rc = bundle_exhibit_count(b, &count, err);
	/* A line each in two lists, at most. */
	p->room = size - common - count * 128;
	if (rc == EV_OK && p->room <= 0)
		rc = ev_fail(err, EV_USE,
		    "what each volume holds besides exhibits has %" PRId64
		    " bytes: more than a volume of %" PRId64,
		    common, size);
	if (rc == EV_OK)
		rc = plan_all(p, b, count <= BUNDLE_LOOSE, err);
	if (rc != EV_OK) {
		volumes_free(p);
		return rc;
	}
	*out = p;
	return EV_OK;
}

bool
volumes_here(const struct bundle *b, int64_t exhibit)
{
	const struct volumes *p = b->volumes;
	size_t low = 0, high, mid;

	if (p == NULL)
		return !b->planning;
	high = p->count;
	while (low < high) {
		mid = low + (high - low) / 2;
		if (p->at[mid].exhibit < exhibit)
			low = mid + 1;
		else
			high = mid;
	}
	return low < p->count && p->at[low].exhibit == exhibit &&
	       p->at[low].volume == b->volume;
}

enum ev_rc
volumes_segment_here(struct bundle *b, int64_t segment, bool *here,
    struct ev_err *err)
{
	const struct volumes *p = b->volumes;
	enum ev_rc rc = EV_OK;
	int64_t in = 0;
	size_t i;

	*here = p == NULL && !b->planning;
	for (i = 0; p != NULL && rc == EV_OK && !*here && i < p->count; i++) {
		if (p->at[i].volume != b->volume)
			continue;
		rc = ev_db_int(ev_case_db(b->c), &in, err,
		    "SELECT count(*) FROM exhibit WHERE id = ? AND segment = ?",
		    "ii", p->at[i].exhibit, segment);
		*here = rc == EV_OK && in > 0;
	}
	return rc;
}

enum ev_rc
volumes_part(struct bundle *b, struct ev_err *err)
{
	const struct volumes *p = b->volumes;
	char id[EV_ID_TEXT];
	struct ev_buf line;
	struct ev_jw w;
	enum ev_rc rc;
	size_t i;

	if (p == NULL)
		return EV_OK;
	ev_buf_init(&line, LINE_LIMIT);
	rc = ev_container_begin(b->k, EV_VOLUMES, err);
	for (i = 0; rc == EV_OK && i < p->count; i++) {
		ev_buf_clear(&line);
		ev_id_print(id, 'E', p->at[i].exhibit);
		ev_jw_init(&w, &line);
		ev_jw_object(&w);
		ev_jw_key_text(&w, "exhibit", id);
		ev_jw_key_int(&w, "volume", p->at[i].volume);
		ev_jw_close(&w);
		rc = ev_jw_end(&w, err);
		if (rc == EV_OK)
			rc = bundle_line(b, line.data, line.len, err);
	}
	ev_buf_release(&line);
	return rc == EV_OK ? ev_container_end(b->k, err) : rc;
}

enum ev_rc
volumes_info(const struct bundle *b, struct ev_buf *text, struct ev_err *err)
{
	if (b->volumes == NULL)
		return EV_OK;
	return ev_buf_printf(text, err,
	    EV_VOLUMES_GROUP "%s/%" PRId64 "\n" EV_VOLUMES_COUNT "%" PRId64
			     " of %" PRId64 "\n",
	    ev_case_info(b->c)->case_id, b->head, b->volume,
	    b->volumes->volumes);
}
