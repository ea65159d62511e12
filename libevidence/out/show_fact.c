/* A fact, its record's bytes from the exhibit, and its derivation again. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "case/remark.h"
#include "evidence/text.h"
#include "ingest/fact_rows.h"
#include "out/rederive.h"
#include "out/show_inside.h"
#include "store/vault.h"

enum {
	LINE_LIMIT = 64 << 20,
	SPAN_LIMIT = 256 << 20,
	NAME_LIMIT = 1 << 20,
	CHUNK = 1 << 20,
	ROW = 16,
};

/* Which bytes of which artifact. */
struct span {
	int64_t artifact, exhibit, ordinal;
	int64_t from, to; /* to INT64_MAX: up to the end */
	struct ev_buf member, name;
	struct ev_vault_span at;
	struct ev_digests digests; /* of the exhibit */
	struct ev_buf bytes;       /* those that were met */
};

struct again {
	struct span *span;
	struct rederive *r;
	const struct ev_buf *line;
	const struct ev_fact_origin *origin;
	const struct ev_fact *fact;
	int64_t entry; /* that counts the fact's reading; 0: the newest one */
	int64_t later; /* that counts a newer reading, 0 none */
	bool met, equal;
	struct show *raw; /* write bytes as they come, keep none */
};

static const char sql_span[] =
    "SELECT a.exhibit, a.ordinal, a.member, e.name, e.sha256, e.sha512,"
    " e.size FROM artifact a JOIN exhibit e ON e.id = a.exhibit"
    " WHERE a.id = ?";

static void
span_init(struct span *x)
{
	memset(x, 0, sizeof(*x));
	x->at.fd = -1;
	x->to = INT64_MAX;
	ev_buf_init(&x->member, NAME_LIMIT);
	ev_buf_init(&x->name, NAME_LIMIT);
	ev_buf_init(&x->bytes, SPAN_LIMIT);
}

static void
span_release(struct span *x)
{
	if (x->at.fd >= 0)
		(void)close(x->at.fd);
	ev_buf_release(&x->member);
	ev_buf_release(&x->name);
	ev_buf_release(&x->bytes);
}

static enum ev_rc
span_row(struct span *x, struct ev_stmt *st, struct ev_err *err)
{
	const void *member, *name, *sha256, *sha512;
	size_t member_len, name_len, n256, n512;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "iibbbbi", &x->exhibit, &x->ordinal, &member,
	    &member_len, &name, &name_len, &sha256, &n256, &sha512, &n512,
	    &x->digests.size);
	if (rc != EV_OK)
		return rc;
	if (n256 != EV_SHA256 || n512 != EV_SHA512)
		return ev_fail(err, EV_INPUT, "an exhibit without digests");
	memcpy(x->digests.sha256, sha256, n256);
	memcpy(x->digests.sha512, sha512, n512);
	rc = ev_buf_put(&x->member, member, member_len, err);
	return rc == EV_OK ? ev_buf_put(&x->name, name, name_len, err) : rc;
}

/* Where the exhibit's bytes lie, and what the member is called. */
static enum ev_rc
span_open(struct show *s, struct span *x, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	int64_t apart = 0;
	enum ev_rc rc;
	int dir;

	rc = ev_quarantine_of(s->c, x->artifact, &apart, err);
	if (rc == EV_OK && apart != 0)
		rc = ev_fail(err, EV_USE,
		    "A%06" PRId64 " is in quarantine since entry %" PRId64
		    ": it is shown once it was read under an authority "
		    "(ev-ingest --again A%06" PRId64 " --authority)",
		    x->artifact, apart, x->artifact);
	if (rc == EV_OK)
		rc = ev_db_prepare(ev_case_db(s->c), &st, err, sql_span, "i",
		    x->artifact);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE, "there is no artifact %" PRId64,
		    x->artifact);
	if (rc == EV_OK)
		rc = span_row(x, st, err);
	ev_db_finish(st);
	if (rc != EV_OK)
		return rc;
	dir = openat(ev_case_dir_fd(s->c), "vault",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return ev_fail_sys(err, "cannot open 'vault'");
	rc = ev_vault_find(ev_case_db(s->c), dir, x->exhibit, &x->at, err);
	(void)close(dir);
	return rc;
}

/* Bytes from at on: what of them lies in the span is kept, or written. */
static enum ev_rc
take_bytes(struct again *g, int64_t at, const unsigned char *data, size_t len,
    struct ev_err *err)
{
	const struct span *x = g->span;
	int64_t from = at, to = at + (int64_t)len;

	if (from < x->from)
		from = x->from;
	if (to > x->to)
		to = x->to;
	if (from >= to)
		return EV_OK;
	data += from - at;
	len = (size_t)(to - from);
	if (g->raw != NULL)
		return g->raw->how->write(g->raw->how->ctx, data, len, err);
	return ev_buf_put(&g->span->bytes, data, len, err);
}

/* The exhibit itself: its bytes stand in the vault. */
static enum ev_rc
read_exhibit(struct again *g, struct ev_err *err)
{
	const struct ev_vault_span *at = &g->span->at;
	unsigned char chunk[1 << 16];
	int64_t offset = g->span->from;
	enum ev_rc rc = EV_OK;
	size_t n;

	while (rc == EV_OK && offset < at->size && offset < g->span->to) {
		n = at->size - offset > (int64_t)sizeof(chunk)
			? sizeof(chunk)
			: (size_t)(at->size - offset);
		rc = ev_fs_pread(at->fd, chunk, n, at->offset + offset, err);
		if (rc == EV_OK)
			rc = take_bytes(g, offset, chunk, n, err);
		offset += (int64_t)n;
	}
	return rc;
}

static enum ev_rc
on_bytes(void *ctx, int64_t ordinal, int64_t at, struct ev_bytes bytes,
    struct ev_err *err)
{
	struct again *g = ctx;

	if (ordinal != g->span->ordinal)
		return EV_OK;
	return take_bytes(g, at, bytes.data, bytes.len, err);
}

static enum ev_rc
on_fact(void *ctx, const struct rederive_artifact *of,
    const struct ev_fact *fact, struct ev_err *err)
{
	struct again *g = ctx;
	struct ev_fact_origin origin;
	struct ev_buf line;
	enum ev_rc rc;

	if (g->fact == NULL || of->ordinal != g->span->ordinal ||
	    fact->offset != g->fact->offset || fact->kind != g->fact->kind ||
	    fact->pointer_len != g->fact->pointer_len ||
	    memcmp(fact->pointer, g->fact->pointer, fact->pointer_len) != 0)
		return EV_OK;
	ev_buf_init(&line, LINE_LIMIT);
	rederive_origin(g->r, of, fact, &origin);
	origin.fact = g->origin->fact;
	origin.artifact = g->origin->artifact;
	origin.acquisition = g->origin->acquisition;
	if (strcmp(origin.mapping, g->origin->mapping) == 0) {
		rc = ev_fact_line(&line, fact, &origin, err);
		g->met = true;
		g->equal |= rc == EV_OK && line.len == g->line->len &&
			    memcmp(line.data, g->line->data, line.len) == 0;
	} else {
		rc = EV_OK; /* another mapping over the same row */
	}
	ev_buf_release(&line);
	return rc;
}

static enum ev_rc
find_map(void *ctx, const unsigned char sha256[EV_SHA256], struct ev_buf *out,
    struct ev_err *err)
{
	struct show *s = ctx;

	return rederive_case_map(s->c, sha256, out, err);
}

/* Run the reading child over the exhibit once more. */
static enum ev_rc
run_again(struct show *s, struct again *g, struct ev_err *err)
{
	struct span *x = g->span;
	const struct rederive_sink sink = { .ctx = g,
		.fact = on_fact,
		.bytes = on_bytes };
	const struct rederive_source source = { .ctx = s,
		.map = find_map,
		.no_sandbox = s->how->no_sandbox,
		.only = x->ordinal == 0 ? "" : ev_buf_text(&x->member) };
	const struct rederive_exhibit exhibit = { ev_buf_text(&x->name),
		x->name.len, x->at.fd, x->at.offset, x->at.size, &x->digests };
	struct ev_json_doc *doc = NULL;
	struct ev_buf leaf;
	enum ev_rc rc;

	ev_buf_init(&leaf, LINE_LIMIT);
	rc = rederive_case_entry(s->c, x->artifact, g->entry, &leaf, err);
	if (rc == EV_OK)
		rc = ev_json_parse(&doc, leaf.data, leaf.len, err);
	if (rc == EV_OK)
		rc = rederive_open(&g->r, &source,
		    ev_json_get(ev_json_root(doc), "after"), &sink, err);
	if (rc == EV_OK)
		rc = rederive_exhibit(g->r, &exhibit, err);
	rederive_close(g->r);
	g->r = NULL;
	ev_json_free(doc);
	ev_buf_release(&leaf);
	return rc;
}

/* The record as it stands in the artifact, line by line, escaped. */
static enum ev_rc
print_bytes(struct show *s, const struct span *x, struct ev_err *err)
{
	const char *text = ev_buf_text(&x->bytes), *end;
	size_t left = x->bytes.len, n;
	char head[96];
	enum ev_rc rc;

	(void)snprintf(head, sizeof(head),
	    "bytes %" PRId64 " to %" PRId64 " of A%06" PRId64 ":\n", x->from,
	    x->from + (int64_t)x->bytes.len, x->artifact);
	rc = show_puts(s, head, err);
	while (rc == EV_OK && left > 0) {
		end = memchr(text, '\n', left);
		n = end == NULL ? left : (size_t)(end - text);
		rc = show_puts(s, "| ", err);
		if (rc == EV_OK)
			rc = show_safe(s, text, n, err);
		if (rc == EV_OK)
			rc = show_puts(s, "\n", err);
		if (end != NULL)
			n++;
		text += n;
		left -= n;
	}
	return rc;
}

/* A fact that no longer counts is not shown as one that does. */
static enum ev_rc
print_later(struct show *s, const struct again *g, struct ev_err *err)
{
	char text[96];

	if (g->later == 0)
		return EV_OK;
	(void)snprintf(text, sizeof(text),
	    "superseded: read anew, entry %" PRId64
	    "; this fact no longer counts\n",
	    g->later);
	return show_puts(s, text, err);
}

static enum ev_rc
print_fact(struct show *s, const struct again *g, struct ev_err *err)
{
	struct ev_json_doc *doc = NULL;
	const char *verdict = g->equal ? "equal"
			      : g->met ? "DIFFERENT"
				       : "NOT FOUND";
	enum ev_rc rc;

	if (s->how->json) {
		rc = show_puts(s, "{\"derived_again\":", err);
		if (rc == EV_OK)
			rc = show_puts(s,
			    g->equal ? "\"equal\"" : "\"differs\"", err);
		if (rc == EV_OK)
			rc = show_puts(s, ",\"fact\":", err);
		if (rc == EV_OK)
			rc = show_json(s, g->line->data, g->line->len, err);
		return rc == EV_OK
			   ? show_puts(s, ",\"schema\":\"evidence/fact/1\"}\n",
				 err)
			   : rc;
	}
	rc = ev_json_parse(&doc, g->line->data, g->line->len, err);
	if (rc == EV_OK)
		rc = show_object(s, ev_json_root(doc), ev_buf_text(g->line),
		    err);
	ev_json_free(doc);
	if (rc == EV_OK)
		rc = print_bytes(s, g->span, err);
	if (rc == EV_OK)
		rc = print_later(s, g, err);
	if (rc == EV_OK)
		rc = show_puts(s, "derived again from these bytes: ", err);
	if (rc == EV_OK)
		rc = show_puts(s, verdict, err);
	return rc == EV_OK ? show_puts(s, "\n", err) : rc;
}

/* By which mappings the fact was read, and whether it still counts. */
static enum ev_rc
find_entries(struct show *s, int64_t reading, struct again *g,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_int(ev_case_db(s->c), &g->entry, err,
	    "SELECT coalesce(max(entry), 0) FROM reading WHERE id = ?", "i",
	    reading);
	if (rc == EV_OK)
		rc = ev_db_int(ev_case_db(s->c), &g->later, err,
		    "SELECT coalesce(max(s.entry), 0) FROM reading r JOIN"
		    " reading s ON s.artifact = r.artifact AND s.id > r.id"
		    " WHERE r.id = ?",
		    "i", reading);
	return rc;
}

static enum ev_rc
show_row_fact(struct show *s, const struct ev_fact_row *row, struct ev_err *err)
{
	struct ev_buf line;
	struct span x;
	struct again g = { .span = &x,
		.line = &line,
		.fact = &row->fact,
		.origin = &row->origin };
	enum ev_rc rc;

	span_init(&x);
	ev_buf_init(&line, LINE_LIMIT);
	x.artifact = row->place.artifact;
	x.from = row->fact.offset > s->how->context
		     ? row->fact.offset - s->how->context
		     : 0;
	x.to = row->fact.offset + row->fact.length + s->how->context;
	if (s->how->raw)
		g.raw = s;
	rc = ev_fact_line(&line, &row->fact, &row->origin, err);
	if (rc == EV_OK)
		rc = find_entries(s, row->place.reading, &g, err);
	if (rc == EV_OK)
		rc = span_open(s, &x, err);
	if (rc == EV_OK && x.ordinal == 0)
		rc = read_exhibit(&g, err);
	if (rc == EV_OK)
		rc = run_again(s, &g, err);
	if (rc == EV_OK && !s->how->raw)
		rc = print_fact(s, &g, err);
	if (rc == EV_OK && !g.equal)
		rc = ev_fail(err, EV_MISMATCH,
		    "the bytes give another fact than the case holds");
	span_release(&x);
	ev_buf_release(&line);
	return rc;
}

enum ev_rc
show_fact(struct show *s, int64_t id, struct ev_err *err)
{
	struct ev_fact_rows *rows = NULL;
	struct ev_fact_row row;
	enum ev_rc rc;

	rc = ev_fact_rows_new(&rows, ev_case_db(s->c), err);
	if (rc == EV_OK)
		rc = ev_fact_rows_get(rows, id, &row, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE, "there is no F%06" PRId64, id);
	if (rc == EV_OK)
		rc = show_row_fact(s, &row, err);
	ev_fact_rows_free(rows);
	return rc;
}

/* Fill in which bytes a set-aside span, an artifact or an exhibit is. */
static enum ev_rc
find_span(struct show *s, char kind, int64_t id, struct span *x,
    struct ev_err *err)
{
	struct ev_db *db = ev_case_db(s->c);
	struct ev_stmt *st = NULL;
	int64_t length;
	enum ev_rc rc;

	if (kind == 'A') {
		x->artifact = id;
		return EV_OK;
	}
	if (kind == 'E')
		return ev_db_int(db, &x->artifact, err,
		    "SELECT id FROM artifact WHERE exhibit = ? AND"
		    " ordinal = 0",
		    "i", id);
	rc = ev_db_prepare(db, &st, err,
	    "SELECT r.artifact, s.offset, s.length FROM set_aside s JOIN"
	    " reading r ON r.id = s.reading WHERE s.id = ?",
	    "i", id);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "iii", &x->artifact, &x->from, &length);
	if (rc == EV_OK)
		x->to = x->from + length;
	ev_db_finish(st);
	return rc;
}

enum ev_rc
show_span(struct show *s, char kind, int64_t id, struct ev_err *err)
{
	struct span x;
	struct again g = { .span = &x };
	enum ev_rc rc;

	span_init(&x);
	if (s->how->raw)
		g.raw = s;
	rc = find_span(s, kind, id, &x, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE, "there is no %c%06" PRId64, kind, id);
	if (rc == EV_OK)
		rc = span_open(s, &x, err);
	if (rc == EV_OK)
		rc = x.ordinal == 0 ? read_exhibit(&g, err)
				    : run_again(s, &g, err);
	if (rc == EV_OK && !s->how->raw && !s->how->json)
		rc = print_bytes(s, &x, err);
	span_release(&x);
	return rc;
}
