/* Where the bytes of exhibits lie in a bundle: entries, and segments. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/case.h"
#include "evidence/text.h"
#include "out/verify_places.h"

enum { CHUNK = 1 << 20, GROW = 1024, SAID_MAX = 20 };

static const char folder[] = "data/exhibits/";
static const char list_name[] = "data/index/exhibits-sha256.txt";

/* A segment within the bundle, read as a zip of its own. */
struct segment {
	struct verify *v;
	const char *name; /* of its entry */
	int64_t offset;   /* of its bytes in the bundle */
	struct ev_unzip *zip;
};

/* The work of finding: what is kept, and what it needs. */
struct search {
	struct verify *v;
	struct places *places;
	struct ev_digest digest;
	unsigned char *chunk;
	bool segments;
	int said;
	size_t elsewhere;
};

void
places_release(struct places *places)
{
	free(places->place);
	memset(places, 0, sizeof(*places));
}

static int
by_exhibit(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	return x->exhibit < y->exhibit ? -1 : x->exhibit > y->exhibit;
}

static struct place *
find(const struct places *places, int64_t exhibit)
{
	const struct place key = { .exhibit = exhibit };

	if (places->count == 0)
		return NULL;
	return bsearch(&key, places->place, places->count, sizeof(key),
	    by_exhibit);
}

const struct place *
places_find(const struct places *places, int64_t exhibit)
{
	return find(places, exhibit);
}

/* What is wrong with one exhibit; a flood of it is cut short. */
static void
differs(struct search *s, int64_t exhibit, const char *what)
{
	char id[EV_ID_TEXT];

	if (++s->said > SAID_MAX) {
		s->v->failed = true;
		return;
	}
	ev_id_print(id, 'E', exhibit);
	verify_say(s->v, "facts", EV_VERIFY_FAILED, "%s: %s", id, what);
}

static enum ev_rc
keep(struct search *s, const struct place *place, struct ev_err *err)
{
	struct places *p = s->places;
	void *grown;

	if (p->count % GROW == 0) {
		grown =
		    realloc(p->place, (p->count + GROW) * sizeof(*p->place));
		if (grown == NULL)
			return ev_fail_sys(err, "cannot list the exhibits");
		p->place = grown;
	}
	p->place[p->count++] = *place;
	return EV_OK;
}

/* "E000001" and then rest: its number, 0 if it is not written so. */
static int64_t
number_of(const char *name, const char **rest)
{
	size_t len = 1 + (name[0] == '\0' ? 0 : strspn(name + 1, "0123456789"));
	char text[EV_ID_TEXT], again[EV_ID_TEXT], kind;
	int64_t number;

	if (name[0] != 'E' || len >= sizeof(text))
		return 0;
	memcpy(text, name, len);
	text[len] = '\0';
	if (!ev_id_parse(text, &kind, &number) || kind != 'E')
		return 0;
	ev_id_print(again, 'E', number);
	*rest = name + len;
	return strcmp(again, text) == 0 ? number : 0;
}

static enum ev_rc
hash_span(struct search *s, int64_t offset, int64_t size,
    struct ev_digests *digests, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t n;

	while (rc == EV_OK && size > 0) {
		n = size > CHUNK ? CHUNK : (size_t)size;
		rc = s->v->source.read(s->v->source.ctx, s->chunk, n, offset,
		    err);
		if (rc == EV_OK)
			rc = ev_digest_update(&s->digest, s->chunk, n, err);
		offset += (int64_t)n;
		size -= (int64_t)n;
	}
	return rc == EV_OK ? ev_digest_final(&s->digest, digests, err) : rc;
}

static enum ev_rc
segment_entry(struct search *s, const struct segment *g,
    const struct ev_zip_entry *entry, struct ev_err *err)
{
	struct place place = { .segment = true };
	const char *rest = NULL;
	enum ev_rc rc;

	place.exhibit = number_of(entry->name, &rest);
	if (place.exhibit == 0 || *rest != '\0') {
		verify_say(s->v, "facts", EV_VERIFY_FAILED,
		    "%s: '%s' in it is not the name of an exhibit", g->name,
		    entry->name);
		return EV_OK;
	}
	place.offset = g->offset + entry->offset + ev_zip_local_size(entry);
	rc = hash_span(s, place.offset, entry->size, &place.digests, err);
	if (rc != EV_OK)
		return rc;
	if (place.digests.crc32 != entry->crc)
		differs(s, place.exhibit,
		    "its CRC-32 is not that of its segment's directory");
	return keep(s, &place, err);
}

static enum ev_rc
read_segment(void *ctx, void *data, size_t len, int64_t offset,
    struct ev_err *err)
{
	const struct segment *g = ctx;

	return g->v->source.read(g->v->source.ctx, data, len,
	    g->offset + offset, err);
}

static enum ev_rc
find_segment(struct search *s, const struct ev_zip_entry *in,
    struct ev_err *err)
{
	struct segment g = { .v = s->v,
		.name = in->name,
		.offset = in->offset + ev_zip_local_size(in) };
	const struct ev_zip_source source = { &g, read_segment, in->size };
	struct ev_err why;
	enum ev_rc rc;
	size_t i;

	s->segments = true;
	rc = ev_unzip_open(&g.zip, &source, &why);
	if (rc == EV_MISMATCH || rc == EV_INPUT || rc == EV_LIMIT) {
		verify_say(s->v, "facts", EV_VERIFY_FAILED, "%s: %s", in->name,
		    why.msg);
		return EV_OK;
	}
	if (rc != EV_OK)
		*err = why;
	for (i = 0; rc == EV_OK && i < ev_unzip_count(g.zip); i++)
		rc = segment_entry(s, &g, ev_unzip_entry(g.zip, i), err);
	ev_unzip_free(g.zip);
	return rc;
}

/* "P0001.zip" */
static bool
is_segment(const char *name)
{
	size_t digits = name[0] == 'P' ? strspn(name + 1, "0123456789") : 0;

	return digits >= 4 && strcmp(name + 1 + digits, ".zip") == 0;
}

static enum ev_rc
find_entry(struct search *s, const struct ev_part *part, struct ev_err *err)
{
	const struct ev_zip_entry *entry = ev_unzip_find(s->v->zip, part->name);
	const char *name = part->name + sizeof(folder) - 1, *rest = NULL;
	struct place place = { .digests = part->digests };

	if (entry == NULL)
		return EV_OK; /* said by the checks of the container */
	if (is_segment(name))
		return find_segment(s, entry, err);
	place.exhibit = number_of(name, &rest);
	if (place.exhibit == 0 || *rest != '.' || strchr(rest, '/') != NULL) {
		verify_say(s->v, "facts", EV_VERIFY_FAILED,
		    "'%s' is neither an exhibit nor a segment", part->name);
		return EV_OK;
	}
	place.offset = entry->offset + ev_zip_local_size(entry);
	return keep(s, &place, err);
}

static enum ev_rc
find_all(struct search *s, struct ev_err *err)
{
	struct places *p = s->places;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < s->v->count; i++) {
		if (strncmp(s->v->part[i].name, folder, sizeof(folder) - 1) ==
		    0)
			rc = find_entry(s, &s->v->part[i], err);
	}
	if (rc != EV_OK || p->count == 0)
		return rc;
	qsort(p->place, p->count, sizeof(*p->place), by_exhibit);
	for (i = 1; i < p->count; i++) {
		if (p->place[i].exhibit == p->place[i - 1].exhibit)
			differs(s, p->place[i].exhibit,
			    "it is in the bundle twice");
	}
	return EV_OK;
}

static bool
says_hex(const struct ev_json_node *root, const char *key, const void *data,
    size_t len)
{
	const char *have = ev_json_get_text(root, key);
	char hex[2 * EV_SHA512 + 1];

	ev_text_hex(hex, data, len);
	return have != NULL && strcmp(have, hex) == 0;
}

/* A line of exhibits.jsonl: are its bytes here, and are they these? */
static enum ev_rc
check_line(struct search *s, const struct lists_line *line, struct ev_err *err)
{
	const struct ev_json_node *root;
	struct ev_json_doc *doc = NULL;
	struct place *place;
	int64_t exhibit, size, stored, volume;
	enum ev_rc rc;

	rc = ev_json_parse(&doc, line->text, line->len, err);
	if (rc != EV_OK)
		return rc;
	root = ev_json_root(doc);
	exhibit = index_id(root, "exhibit", 'E');
	stored = index_id(root, "stored", 'E');
	volume = verify_volume_of(s->v, stored);
	place = find(s->places, stored);
	if (volume != 0 && (place == NULL) == (volume == s->v->volume.number)) {
		differs(s, exhibit,
		    place == NULL
			? "its bytes are not in this volume, as they should be"
			: "its bytes should be in another volume");
	} else if (place == NULL && volume != 0) {
		s->elsewhere++;
	} else if (place == NULL) {
		differs(s, exhibit, "its bytes are not in the bundle");
	} else {
		place->told = true;
		if (!says_hex(root, "sha256", place->digests.sha256, EV_SHA256))
			differs(s, exhibit, "its bytes have another SHA-256");
		if (!says_hex(root, "sha512", place->digests.sha512, EV_SHA512))
			differs(s, exhibit, "its bytes have another SHA-512");
		if (!ev_json_get_int(root, "size", &size) ||
		    size != place->digests.size)
			differs(s, exhibit, "it has another size");
	}
	ev_json_free(doc);
	return EV_OK;
}

static enum ev_rc
check_lines(struct search *s, const struct verify_index *x, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < x->l.count[LISTS_EXHIBITS]; i++)
		if (!x->l.line[LISTS_EXHIBITS][i].withheld)
			rc = check_line(s, &x->l.line[LISTS_EXHIBITS][i], err);
	for (i = 0; rc == EV_OK && i < s->places->count; i++) {
		if (!s->places->place[i].told)
			differs(s, s->places->place[i].exhibit,
			    "no line of exhibits.jsonl tells of it");
	}
	return rc;
}

/* The list that `sha256sum -c` takes must be what the segments make of it. */
static enum ev_rc
check_list(struct search *s, struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1], id[EV_ID_TEXT];
	const struct place *place;
	struct ev_buf want, have;
	enum ev_rc rc = EV_OK;
	size_t i;

	if (verify_part(s->v, list_name) == NULL && !s->segments)
		return EV_OK;
	ev_buf_init(&want, EV_VERIFY_LIST);
	ev_buf_init(&have, EV_VERIFY_LIST);
	for (i = 0; rc == EV_OK && i < s->places->count; i++) {
		place = &s->places->place[i];
		if (!place->segment)
			continue;
		ev_text_hex(hex, place->digests.sha256, EV_SHA256);
		ev_id_print(id, 'E', place->exhibit);
		rc = ev_buf_printf(&want, err, "%s  %s\n", hex, id);
	}
	if (rc == EV_OK)
		rc = verify_read(s->v, list_name, &have, err);
	if (rc == EV_INPUT || rc == EV_LIMIT) {
		verify_say(s->v, "facts", EV_VERIFY_FAILED, "%s", err->msg);
		rc = EV_OK;
	} else if (rc == EV_OK &&
		   strcmp(ev_buf_text(&want), ev_buf_text(&have)) != 0) {
		verify_say(s->v, "facts", EV_VERIFY_FAILED,
		    "%s is not the list of what lies in the segments",
		    list_name);
	}
	ev_buf_release(&want);
	ev_buf_release(&have);
	return rc;
}

enum ev_rc
places_check(struct verify *v, const struct verify_index *x,
    struct places *places, struct ev_err *err)
{
	struct search s = { .v = v, .places = places };
	bool before = v->failed;
	size_t shown = 0, i;
	enum ev_rc rc;

	memset(places, 0, sizeof(*places));
	rc = ev_digest_init(&s.digest, EV_D_SHA256 | EV_D_SHA512 | EV_D_CRC32,
	    err);
	if (rc != EV_OK)
		return rc;
	s.chunk = malloc(CHUNK);
	if (s.chunk == NULL)
		rc = ev_fail_sys(err, "cannot hash the exhibits");
	if (rc == EV_OK)
		rc = find_all(&s, err);
	if (rc == EV_OK)
		rc = check_lines(&s, x, err);
	if (rc == EV_OK)
		rc = check_list(&s, err);
	if (rc == EV_OK && s.said > SAID_MAX)
		verify_say(v, "facts", EV_VERIFY_FAILED,
		    "and %d more differences", s.said - SAID_MAX);
	for (i = 0; i < x->l.count[LISTS_EXHIBITS]; i++)
		shown += !x->l.line[LISTS_EXHIBITS][i].withheld;
	if (rc == EV_OK && v->failed == before && places->count > 0)
		verify_say(v, "facts", EV_VERIFY_OK,
		    "the bytes of %zu exhibits have the digests and sizes of "
		    "their lines",
		    shown - s.elsewhere);
	if (rc == EV_OK && s.elsewhere > 0)
		verify_say(v, "facts", EV_VERIFY_UNCHECKED,
		    "the bytes of %zu exhibits are in other volumes",
		    s.elsewhere);
	free(s.chunk);
	ev_digest_release(&s.digest);
	return rc;
}
