/* A bundle being made: does what it withholds stand elsewhere in it? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "evidence/text.h"
#include "ingest/fact_rows.h"
#include "out/leak.h"
#include "out/rederive.h"
#include "out/withhold.h"
#include "seal/record.h"
#include "store/vault_room.h"

enum {
	CHUNK = 1 << 20,
	GROW = 256,
	SAID = 6, /* places of one value, in the message */
	WHERE = 256,
	LEAF = 16 << 20,
	STREAMS = 16, /* members under way at once, archives nested */
};

/* Something that must not be found. */
struct sought {
	char kind; /* of its id */
	int64_t id;
	const char *what; /* column, or "SHA-256" */
	/*
	 * Says whom or what the fact is about: facts that are shown may say
	 * it as well, and then it is no secret.
	 */
	bool context, shown;
	int places;
};

struct place {
	size_t tag;
	int64_t offset;
	char where[WHERE];
};

struct check {
	struct bundle *b;
	struct ev_leak *leak;
	struct sought *sought;
	size_t count;
	struct place *place;
	size_t places;
	bool facts; /* facts.jsonl is being looked at */
	const char *where;
	unsigned char *chunk;
	struct {
		int64_t ordinal;
		struct ev_leak_scan scan;
	} stream[STREAMS];
	size_t next;
};

/* Columns that tell what a fact is about rather than what it says. */
static const char *const contexts[] = { "account", "handle", "name", "accuracy",
	"app", "app_version", "audience", "by", "carrier", "city_said",
	"client", "conv_name", "conv_type", "conversation", "created_via",
	"device_model", "group", "group_name", "group_type", "hash_alg",
	"label", "lang", "language", "locale", "location_declared", "method",
	"model", "network", "os", "os_version", "owner_id", "reason",
	"recipient", "region_said", "service", "source", "tool", "tool_version",
	"type", "tz_declared", "ua", NULL };

static bool
is_context(const char *column)
{
	size_t i;

	for (i = 0; contexts[i] != NULL; i++) {
		if (strcmp(contexts[i], column) == 0)
			return true;
	}
	return false;
}

static enum ev_rc
seek(struct check *k, const struct sought *what, struct ev_err *err)
{
	struct sought *grown;

	if (k->count % GROW == 0) {
		grown = realloc(k->sought, (k->count + GROW) * sizeof(*grown));
		if (grown == NULL)
			return ev_fail_sys(err, "cannot seek so much");
		k->sought = grown;
	}
	k->sought[k->count++] = *what;
	return EV_OK;
}

/* Words, numbers, flags and dates alone tell nobody anything. */
static bool
tells(const struct ev_column *column)
{
	return column->type == EV_C_TEXT || column->type == EV_C_ID ||
	       column->type == EV_C_IP || column->type == EV_C_URL;
}

static enum ev_rc
seek_fact(struct check *k, const struct ev_fact_row *row, struct ev_err *err)
{
	const struct ev_kind_info *kind = ev_kind_info(row->fact.kind);
	struct sought s = { .kind = 'F', .id = row->place.fact };
	const struct ev_fact_value *v;
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < row->fact.count; i++) {
		v = &row->fact.value[i];
		s.what = kind->columns[v->column].name;
		s.context = is_context(s.what);
		if (!tells(&kind->columns[v->column]) &&
		    strcmp(s.what, "lat") != 0 && strcmp(s.what, "lon") != 0)
			continue;
		rc = seek(k, &s, err);
		if (rc == EV_OK && !v->null && v->text != NULL)
			rc = ev_leak_value(k->leak, k->count - 1, v->text,
			    v->text_len, err);
		if ((rc == EV_OK || rc == EV_EOF) && v->has_raw)
			rc = ev_leak_value(k->leak, k->count - 1, v->raw,
			    v->raw_len, err);
		rc = rc == EV_EOF ? EV_OK : rc;
	}
	return rc;
}

static enum ev_rc
seek_facts(struct check *k, struct ev_err *err)
{
	struct ev_fact_rows *rows = NULL;
	const struct withhold_id *id;
	struct ev_fact_row row;
	size_t count, i;
	enum ev_rc rc;

	id = withhold_ids(k->b->withhold, &count);
	rc = ev_fact_rows_new(&rows, ev_case_db(k->b->c), err);
	for (i = 0; rc == EV_OK && i < count; i++) {
		if (id[i].kind != 'F')
			continue;
		rc = ev_fact_rows_get(rows, id[i].id, &row, err);
		if (rc == EV_OK)
			rc = seek_fact(k, &row, err);
	}
	ev_fact_rows_free(rows);
	return rc;
}

/* A digest, as bytes, in hex, and in base64 without its last character. */
static enum ev_rc
seek_digest(struct check *k, const struct sought *what, struct ev_bytes digest,
    struct ev_err *err)
{
	char hex[2 * EV_SHA512 + 1];
	struct ev_buf base64;
	enum ev_rc rc;

	if (digest.data == NULL || digest.len == 0)
		return EV_OK;
	ev_buf_init(&base64, (size_t)2 * EV_SHA512);
	rc = seek(k, what, err);
	if (rc == EV_OK)
		rc = ev_leak_bytes(k->leak, k->count - 1, digest.data,
		    digest.len, err);
	ev_text_hex(hex, digest.data, digest.len);
	if (rc == EV_OK)
		rc =
		    ev_leak_bytes(k->leak, k->count - 1, hex, strlen(hex), err);
	if (rc == EV_OK)
		rc = ev_text_base64(&base64, digest.data, digest.len, err);
	if (rc == EV_OK)
		rc = ev_leak_bytes(k->leak, k->count - 1, base64.data,
		    digest.len * 4 / 3, err);
	ev_buf_release(&base64);
	return rc;
}

static enum ev_rc
seek_artifact(struct check *k, int64_t artifact, struct ev_err *err)
{
	static const char *const names[] = { "SHA-256", "SHA-512", "MD5",
		"SHA-1" };
	struct sought s = { .kind = 'A', .id = artifact };
	struct ev_bytes digest[4];
	struct ev_stmt *st = NULL;
	enum ev_rc rc;
	size_t i;

	/* The digest of nothing tells nothing. */
	rc = ev_db_prepare(ev_case_db(k->b->c), &st, err,
	    "SELECT sha256, sha512, md5, sha1 FROM artifact WHERE id = ? AND"
	    " size > 0",
	    "i", artifact);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "bbbb", &digest[0].data, &digest[0].len,
		    &digest[1].data, &digest[1].len, &digest[2].data,
		    &digest[2].len, &digest[3].data, &digest[3].len);
	for (i = 0; rc == EV_OK && i < 4; i++) {
		s.what = names[i];
		rc = seek_digest(k, &s, digest[i], err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* The root over the exhibits of an acquisition is as good as a digest. */
static enum ev_rc
seek_root(struct check *k, int64_t acquisition, struct ev_err *err)
{
	struct sought s = { .kind = 'I', .id = acquisition, .what = "root" };
	unsigned char root[EV_SHA256];
	struct ev_stmt *st = NULL;
	struct ev_buf hashes;
	const void *sha256;
	enum ev_rc rc;
	size_t len;

	ev_buf_init(&hashes, BUNDLE_TEXT);
	rc = ev_db_prepare(ev_case_db(k->b->c), &st, err,
	    "SELECT sha256 FROM exhibit WHERE acquisition = ? ORDER BY id", "i",
	    acquisition);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "b", &sha256, &len);
		if (rc == EV_OK)
			rc = ev_buf_put(&hashes, sha256, len, err);
	}
	ev_db_finish(st);
	if (rc == EV_EOF)
		rc = ev_record_root(root, hashes.data, hashes.len / EV_SHA256,
		    err);
	if (rc == EV_OK)
		rc = seek_digest(k, &s, EV_BYTES(root, sizeof(root)), err);
	ev_buf_release(&hashes);
	return rc;
}

static enum ev_rc
seek_digests(struct check *k, struct ev_err *err)
{
	const struct withhold_id *id;
	int64_t last = 0, acquisition;
	enum ev_rc rc = EV_OK;
	size_t count, i;

	id = withhold_ids(k->b->withhold, &count);
	for (i = 0; rc == EV_OK && i < count; i++) {
		if (i > 0 && id[i].kind == id[i - 1].kind &&
		    id[i].id == id[i - 1].id)
			continue;
		if (id[i].kind == 'A')
			rc = seek_artifact(k, id[i].id, err);
		if (id[i].kind != 'E')
			continue;
		rc = ev_db_int(ev_case_db(k->b->c), &acquisition, err,
		    "SELECT acquisition FROM exhibit WHERE id = ?", "i",
		    id[i].id);
		if (rc == EV_OK && acquisition != last)
			rc = seek_root(k, acquisition, err);
		last = acquisition;
	}
	return rc;
}

static enum ev_rc
met(void *ctx, size_t tag, int64_t offset, struct ev_err *err)
{
	struct check *k = ctx;
	struct sought *s = &k->sought[tag];
	struct place *p;
	size_t i;

	s->shown |= k->facts;
	for (i = 0; i < k->places; i++) {
		if (k->place[i].tag == tag &&
		    strcmp(k->place[i].where, k->where) == 0)
			return EV_OK;
	}
	if (s->places++ > SAID)
		return EV_OK;
	if (k->places % GROW == 0) {
		p = realloc(k->place, (k->places + GROW) * sizeof(*p));
		if (p == NULL)
			return ev_fail_sys(err, "cannot keep what was found");
		k->place = p;
	}
	p = &k->place[k->places++];
	p->tag = tag;
	p->offset = offset;
	(void)snprintf(p->where, sizeof(p->where), "%s", k->where);
	return EV_OK;
}

static enum ev_rc
look_at(struct check *k, int fd, int64_t offset, int64_t size,
    struct ev_err *err)
{
	struct ev_leak_scan scan;
	enum ev_rc rc = EV_OK;
	size_t n;

	ev_leak_begin(&scan, k->leak);
	while (rc == EV_OK && size > 0) {
		n = size > CHUNK ? CHUNK : (size_t)size;
		rc = ev_fs_pread(fd, k->chunk, n, offset, err);
		if (rc == EV_OK)
			rc = ev_leak_feed(&scan, k->chunk, n, met, k, err);
		offset += (int64_t)n;
		size -= (int64_t)n;
	}
	return rc;
}

/* Everything that is no exhibit.  Databases of addresses name every address. */
static enum ev_rc
look_at_parts(struct check *k, struct ev_err *err)
{
	const struct ev_part *part;
	struct ev_leak_scan scan;
	size_t count, i;
	enum ev_rc rc;

	rc = ev_container_parts(k->b->k, &part, &count, err);
	for (i = 0; rc == EV_OK && i < count; i++) {
		k->where = part[i].name;
		k->facts = strcmp(k->where, "data/index/facts.jsonl") == 0;
		ev_leak_begin(&scan, k->leak);
		rc = ev_leak_feed(&scan, k->where, strlen(k->where), met, k,
		    err);
		if (rc == EV_OK &&
		    strncmp(k->where, "data/exhibits/", 14) != 0 &&
		    strncmp(k->where, "data/case/geo/", 14) != 0)
			rc = look_at(k, part[i].fd, part[i].offset,
			    part[i].digests.size, err);
	}
	k->facts = false;
	return rc;
}

static enum ev_rc
on_bytes(void *ctx, int64_t ordinal, int64_t at, struct ev_bytes bytes,
    struct ev_err *err)
{
	struct check *k = ctx;
	struct ev_leak_scan *scan = NULL;
	size_t i;

	for (i = 0; at > 0 && i < STREAMS; i++) {
		if (k->stream[i].ordinal == ordinal)
			scan = &k->stream[i].scan;
	}
	if (scan == NULL) {
		i = k->next++ % STREAMS;
		k->stream[i].ordinal = ordinal;
		scan = &k->stream[i].scan;
		ev_leak_begin(scan, k->leak);
	}
	return ev_leak_feed(scan, bytes.data, bytes.len, met, k, err);
}

static enum ev_rc
find_map(void *ctx, const unsigned char sha256[EV_SHA256], struct ev_buf *out,
    struct ev_err *err)
{
	struct check *k = ctx;

	return rederive_case_map(k->b->c, sha256, out, err);
}

/* What is packed into an exhibit, as the reading child unpacks it. */
static enum ev_rc
look_inside(struct check *k, int64_t artifact, const struct ev_vault_span *span,
    const struct ev_digests *digests, struct ev_err *err)
{
	const struct rederive_sink sink = { .ctx = k, .bytes = on_bytes };
	const struct rederive_source source = { .ctx = k, .map = find_map };
	const struct rederive_exhibit exhibit = { "", 0, span->fd, span->offset,
		span->size, digests };
	struct ev_json_doc *doc = NULL;
	struct rederive *r = NULL;
	struct ev_buf leaf;
	enum ev_rc rc;
	size_t i;

	for (i = 0; i < STREAMS; i++)
		k->stream[i].ordinal = -1;
	ev_buf_init(&leaf, LEAF);
	rc = rederive_case_entry(k->b->c, artifact, k->b->head, &leaf, err);
	if (rc == EV_OK)
		rc = ev_json_parse(&doc, leaf.data, leaf.len, err);
	if (rc == EV_OK)
		rc = rederive_open(&r, &source,
		    ev_json_get(ev_json_root(doc), "after"), &sink, err);
	if (rc == EV_OK)
		rc = rederive_exhibit(r, &exhibit, err);
	rederive_close(r);
	ev_json_free(doc);
	ev_buf_release(&leaf);
	return rc;
}

struct looked {
	int64_t exhibit, artifact, members;
	struct ev_digests digests;
};

static enum ev_rc
exhibit_row(struct ev_stmt *st, struct looked *x, struct ev_err *err)
{
	const void *sha256, *sha512;
	size_t n256, n512;
	int64_t crc;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "iiiibbi", &x->exhibit, &x->artifact,
	    &x->members, &x->digests.size, &sha256, &n256, &sha512, &n512,
	    &crc);
	if (rc != EV_OK)
		return rc;
	if (n256 != EV_SHA256 || n512 != EV_SHA512)
		return ev_fail(err, EV_INPUT, "an exhibit without digests");
	memcpy(x->digests.sha256, sha256, EV_SHA256);
	memcpy(x->digests.sha512, sha512, EV_SHA512);
	x->digests.crc32 = (uint32_t)crc;
	x->digests.have = EV_VAULT_WANT;
	return EV_OK;
}

static enum ev_rc
look_at_exhibit(struct check *k, const struct looked *x, struct ev_err *err)
{
	struct ev_vault_span span = { .fd = -1 };
	char name[EV_ID_TEXT];
	enum ev_rc rc;

	ev_id_print(name, 'E', x->exhibit);
	k->where = name;
	rc = ev_vault_find(ev_case_db(k->b->c), k->b->vault, x->exhibit, &span,
	    err);
	if (rc == EV_OK)
		rc = look_at(k, span.fd, span.offset, span.size, err);
	if (rc == EV_OK && x->members > 0)
		rc = look_inside(k, x->artifact, &span, &x->digests, err);
	if (span.fd >= 0)
		(void)close(span.fd);
	return rc;
}

static enum ev_rc
look_at_exhibits(struct check *k, struct ev_err *err)
{
	static const char sql[] =
	    "SELECT e.id, a.id, (SELECT count(*) FROM artifact m WHERE"
	    " m.exhibit = e.id AND m.ordinal > 0), e.size, e.sha256, e.sha512,"
	    " e.crc32 FROM exhibit e JOIN artifact a ON a.exhibit = e.id AND"
	    " a.ordinal = 0 JOIN acquisition q ON q.id = e.acquisition WHERE"
	    " q.copy <= ? ORDER BY e.id";
	struct ev_stmt *st = NULL;
	struct looked x;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(k->b->c), &st, err, sql, "i", k->b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = exhibit_row(st, &x, err);
		if (rc == EV_OK &&
		    !withhold_has(k->b->withhold, 'E', x.exhibit))
			rc = look_at_exhibit(k, &x, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* Is such a file text as it stands? */
static bool
searchable(const char *media)
{
	static const char *const known[] = { "application/json",
		"application/x-ndjson", "application/xml",
		"application/javascript", "image/svg+xml", "inode/x-empty",
		NULL };
	size_t i;

	if (strncmp(media, "text/", 5) == 0)
		return true;
	for (i = 0; known[i] != NULL; i++) {
		if (strcmp(known[i], media) == 0)
			return true;
	}
	return false;
}

/* Exhibits with a part that is neither text nor an archive that was opened. */
static enum ev_rc
count_unsearched(struct check *k, int64_t *count, struct ev_err *err)
{
	static const char sql[] =
	    "SELECT a.exhibit, a.media FROM artifact a JOIN exhibit e ON e.id ="
	    " a.exhibit JOIN acquisition q ON q.id = e.acquisition WHERE"
	    " q.copy <= ?1 AND a.type = 'f' AND NOT EXISTS (SELECT 1 FROM"
	    " reading r WHERE r.artifact = a.id AND r.outcome = 'container' AND"
	    " r.entry <= ?1) ORDER BY a.exhibit";
	struct ev_stmt *st = NULL;
	int64_t exhibit, last = 0;
	const char *media;
	enum ev_rc rc;

	*count = 0;
	rc = ev_db_prepare(ev_case_db(k->b->c), &st, err, sql, "i", k->b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "is", &exhibit, &media);
		if (rc != EV_OK || exhibit == last || searchable(media) ||
		    withhold_has(k->b->withhold, 'E', exhibit))
			continue;
		last = exhibit;
		(*count)++;
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* Which line of a list that is: by its id, or by its number. */
static void
name_line(struct check *k, struct place *p)
{
	static const char *const keys[] = { "fact", "artifact", "exhibit",
		"listing" };
	const char *id = NULL, *at, *end, *text;
	struct ev_json_doc *doc = NULL;
	int64_t seq = 1;
	struct ev_buf all;
	struct ev_err why;
	size_t i, len = strlen(p->where);

	if (len < 6 || strcmp(p->where + len - 6, ".jsonl") != 0)
		return;
	ev_buf_init(&all, BUNDLE_TEXT);
	if (ev_container_read(k->b->k, p->where, &all, &why) != EV_OK ||
	    p->offset >= (int64_t)all.len)
		goto out;
	text = at = ev_buf_text(&all);
	for (end = at; end < text + p->offset; end++) {
		if (*end == '\n') {
			at = end + 1;
			seq++;
		}
	}
	end = strchr(end, '\n');
	if (end != NULL &&
	    ev_json_parse(&doc, at, (size_t)(end - at), &why) == EV_OK) {
		for (i = 0; id == NULL && i < sizeof(keys) / sizeof(keys[0]);
		     i++)
			id = ev_json_get_text(ev_json_root(doc), keys[i]);
	}
	if (id != NULL)
		(void)snprintf(p->where + len, sizeof(p->where) - len,
		    " (%.20s)", id);
	else
		(void)snprintf(p->where + len, sizeof(p->where) - len,
		    " (line %" PRId64 ")", seq);
out:
	ev_json_free(doc);
	ev_buf_release(&all);
}

static enum ev_rc
refuse(struct check *k, const struct place *first, struct ev_err *err)
{
	const struct sought *s = &k->sought[first->tag];
	char id[EV_ID_TEXT];
	struct ev_buf list;
	struct place *p;
	size_t said = 0;
	bool log = false;
	enum ev_rc rc = EV_OK;

	ev_buf_init(&list, 4096);
	ev_id_print(id, s->kind, s->id);
	for (p = k->place; rc == EV_OK && p < k->place + k->places; p++) {
		if (p->tag != first->tag || ++said > SAID)
			continue;
		log |= strncmp(p->where, "data/custody/", 13) == 0;
		name_line(k, p);
		rc = ev_buf_printf(&list, err, "%s %s", said > 1 ? "," : "",
		    p->where);
	}
	if (rc == EV_OK)
		rc = ev_fail(err, EV_USE,
		    "%s (%s) is to be withheld and also stands in%.340s%s: %s",
		    id, s->what, ev_buf_text(&list),
		    said > SAID ? " and elsewhere" : "",
		    log ? "what the log says cannot be withheld"
			: "withhold what shows it as well");
	ev_buf_release(&list);
	return rc;
}

static enum ev_rc
look_everywhere(struct check *k, struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	rc = seek_facts(k, err);
	if (rc == EV_OK)
		rc = seek_digests(k, err);
	if (rc != EV_OK)
		return rc;
	ev_leak_ready(k->leak);
	rc = look_at_parts(k, err);
	if (rc == EV_OK)
		rc = look_at_exhibits(k, err);
	for (i = 0; rc == EV_OK && i < k->places; i++) {
		const struct sought *s = &k->sought[k->place[i].tag];

		if (!s->context || !s->shown)
			rc = refuse(k, &k->place[i], err);
	}
	return rc;
}

enum ev_rc
withhold_check(struct bundle *b, int64_t *unsearched, struct ev_err *err)
{
	struct check *k;
	enum ev_rc rc;

	k = calloc(1, sizeof(*k));
	if (k == NULL)
		return ev_fail_sys(err, "cannot seek what is withheld");
	k->b = b;
	k->chunk = malloc(CHUNK);
	rc = k->chunk == NULL ? ev_fail_sys(err, "cannot seek what is withheld")
			      : ev_leak_new(&k->leak, err);
	if (rc == EV_OK)
		rc = look_everywhere(k, err);
	if (rc == EV_OK)
		rc = count_unsearched(k, unsearched, err);
	ev_leak_free(k->leak);
	free(k->sought);
	free(k->place);
	free(k->chunk);
	free(k);
	return rc;
}

enum ev_rc
withhold_secrets(struct bundle *b, int64_t *count, struct ev_err *err)
{
	static const char sql[] =
	    "SELECT DISTINCT a.exhibit FROM reading_note n JOIN reading r ON"
	    " r.id = n.reading JOIN artifact a ON a.id = r.artifact WHERE"
	    " n.word = 'har-secrets' AND r.entry <= ?1";
	struct ev_stmt *st = NULL;
	int64_t exhibit;
	enum ev_rc rc;

	*count = 0;
	rc = ev_db_prepare(ev_case_db(b->c), &st, err, sql, "i", b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "i", &exhibit);
		if (rc == EV_OK && !withhold_has(b->withhold, 'E', exhibit))
			(*count)++;
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}
