/* One thing of a case shown with its proofs, and without the rest. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "case/custody.h"
#include "case/remark.h"
#include "evidence/json.h"
#include "evidence/prove.h"
#include "evidence/text.h"
#include "ingest/lines.h"
#include "seal/tlogproof.h"

enum { LINE_LIMIT = 64 << 20, NAME = 48, KEY = 48 };

static enum ev_rc claim_lines(struct ev_db *db, int64_t run, ev_line_fn *line,
    void *ctx, struct ev_err *err);

/* Where the lines of a kind stand: the entry, the list, and its lines. */
static const struct kind {
	char kind;
	const char *sql;  /* entry, number of the list, artifact or 0 */
	const char *list; /* first word of its name */
	bool acquisition; /* whose number is the second, else the number */
	const char *key;  /* of the line: its id; NULL: its place */
	enum ev_rc (*lines)(struct ev_db *, int64_t, ev_line_fn *, void *,
	    struct ev_err *);
} kinds[] = {
	{ 'A',
	    "SELECT i.copy, i.id, 0 FROM artifact a JOIN exhibit e ON e.id ="
	    " a.exhibit JOIN acquisition i ON i.id = e.acquisition"
	    " WHERE a.id = ? AND i.copy IS NOT NULL",
	    "artifacts", true, "artifact", ev_lines_artifacts },
	{ 'C',
	    "SELECT k.entry, k.run, (SELECT count(*) FROM claim o WHERE"
	    " o.run = k.run AND o.id <= k.id) FROM claim k WHERE k.id = ?"
	    " AND k.entry IS NOT NULL",
	    "claims", false, NULL, claim_lines },
	{ 'E',
	    "SELECT i.copy, i.id, 0 FROM exhibit e JOIN acquisition i ON"
	    " i.id = e.acquisition WHERE e.id = ? AND i.copy IS NOT NULL",
	    "exhibits", true, "exhibit", ev_lines_exhibits },
	{ 'F',
	    "SELECT r.entry, r.entry, f.artifact FROM fact f JOIN reading r"
	    " ON r.id = f.reading WHERE f.id = ? AND r.entry IS NOT NULL",
	    "facts", false, "fact", ev_lines_facts },
};

struct prove {
	struct ev_case *c;
	const struct kind *kind; /* NULL: an entry */
	int64_t entry, list;     /* numbers */
	int64_t place;           /* of the line, from 1; 0: not seen yet */
	char name[NAME], key[KEY];
	struct ev_buf leaf; /* the entry's line */
	/* The list. */
	int64_t count, seen;
	unsigned char root[EV_SHA256], salt[EV_SHA256], hash[EV_SHA256];
	struct ev_buf line;
	struct ev_salter salter;
	struct ev_merkle_prover *prover;
	struct ev_merkle_proof path;
	/* The log. */
	struct ev_tlog_proof log;
	struct ev_buf note;
};

static enum ev_rc
claim_lines(struct ev_db *db, int64_t run, ev_line_fn *line, void *ctx,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *text;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(db, &st, err,
	    "SELECT line FROM claim WHERE run = ? ORDER BY id", "i", run);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "t", &text, &len);
		if (rc == EV_OK)
			rc = line(ctx, text, len, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* Which entry counts it, in which list. */
static enum ev_rc
locate(struct prove *p, const char *id, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	int64_t number = 0, third = 0, apart = 0;
	char kind = '\0';
	enum ev_rc rc;
	size_t i;

	if (ev_text_int(&p->entry, id, strlen(id), 1, INT64_MAX))
		return EV_OK;
	if (!ev_id_parse(id, &kind, &number))
		return ev_fail(err, EV_USE, "'%.64s' is no id", id);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (kinds[i].kind == kind)
			p->kind = &kinds[i];
	}
	if (p->kind == NULL)
		return ev_fail(err, EV_USE,
		    "'%.64s' is in no list of the log: entries, exhibits, "
		    "artifacts, facts and claims are",
		    id);
	rc = ev_db_prepare(ev_case_db(p->c), &st, err, p->kind->sql, "i",
	    number);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "iii", &p->entry, &p->list, &third);
	ev_db_finish(st);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE, "there is no %.64s in this case", id);
	if (rc == EV_OK && kind == 'F')
		rc = ev_quarantine_of(p->c, third, &apart, err);
	if (rc == EV_OK && apart != 0)
		rc = ev_fail(err, EV_USE,
		    "%.64s is of an artifact that is in quarantine since "
		    "entry %jd",
		    id, (intmax_t)apart);
	if (kind == 'C')
		p->place = third;
	(void)snprintf(p->key, sizeof(p->key), "\"%s\":\"%c%06jd\"",
	    p->kind->key == NULL ? "" : p->kind->key, kind, (intmax_t)number);
	return rc;
}

/* The list as the entry has it: count and root. */
static enum ev_rc
find_list(struct prove *p, struct ev_err *err)
{
	const struct ev_json_node *n;
	struct ev_json_doc *doc = NULL;
	const char *name, *root;
	enum ev_rc rc;

	(void)snprintf(p->name, sizeof(p->name),
	    p->kind->acquisition ? "%s I%06jd" : "%s %jd", p->kind->list,
	    (intmax_t)p->list);
	rc = ev_json_parse(&doc, p->leaf.data, p->leaf.len, err);
	if (rc != EV_OK)
		return rc;
	n = ev_json_get(ev_json_get(ev_json_root(doc), "after"), "lists");
	rc = EV_EOF;
	for (n = n == NULL ? NULL : n->child; n != NULL; n = n->next) {
		name = ev_json_get_text(n, "list");
		root = ev_json_get_text(n, "root");
		if (name == NULL || root == NULL || strcmp(name, p->name) != 0)
			continue;
		if (ev_json_get_int(n, "count", &p->count) &&
		    ev_text_unhex(p->root, EV_SHA256, root, strlen(root)))
			rc = EV_OK;
	}
	ev_json_free(doc);
	return rc == EV_OK ? EV_OK
			   : ev_fail(err, EV_INPUT, "entry %jd counts no '%s'",
				 (intmax_t)p->entry, p->name);
}

static bool
is_wanted(const struct prove *p, const void *line, size_t len)
{
	const char *at = line, *end = at + len;
	const size_t key = strlen(p->key);

	if (p->kind->key == NULL)
		return p->seen == p->place;
	for (; (size_t)(end - at) >= key; at++) {
		at = memchr(at, '"', (size_t)(end - at) - key + 1);
		if (at == NULL)
			return false;
		if (memcmp(at, p->key, key) == 0)
			return true;
	}
	return false;
}

/* The first pass finds the line's place, the second makes its path. */
static enum ev_rc
find_line(void *ctx, const void *line, size_t len, struct ev_err *err)
{
	struct prove *p = ctx;

	p->seen++;
	if (p->line.len > 0 || !is_wanted(p, line, len))
		return EV_OK;
	p->place = p->seen;
	return ev_buf_put(&p->line, line, len, err);
}

static enum ev_rc
add_line(void *ctx, const void *line, size_t len, struct ev_err *err)
{
	unsigned char salt[EV_SHA256], leaf[EV_SHA256];
	struct prove *p = ctx;
	enum ev_rc rc;

	rc = ev_salter_salt(&p->salter, ++p->seen, salt, err);
	if (rc == EV_OK)
		rc = ev_merkle_salted(leaf, salt, line, len, err);
	if (rc == EV_OK && p->seen == p->place) {
		memcpy(p->salt, salt, EV_SHA256);
		memcpy(p->hash, leaf, EV_SHA256);
	}
	ev_cleanse(salt, sizeof(salt));
	return rc == EV_OK ? ev_merkle_prover_add(p->prover, leaf, err) : rc;
}

static enum ev_rc
prove_line(struct prove *p, struct ev_err *err)
{
	struct ev_merkle_head head = { .size = p->count };
	unsigned char key[EV_SHA256];
	enum ev_rc rc;

	rc = p->kind->lines(ev_case_db(p->c), p->list, find_line, p, err);
	if (rc == EV_OK && (p->line.len == 0 || p->seen != p->count))
		rc = ev_fail(err, EV_MISMATCH,
		    "'%s' has %jd lines, entry %jd counted %jd", p->name,
		    (intmax_t)p->seen, (intmax_t)p->entry, (intmax_t)p->count);
	if (rc == EV_OK)
		rc = ev_case_list_key(p->c, p->name, key, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_salter_init(&p->salter, key, err);
	ev_cleanse(key, sizeof(key));
	if (rc == EV_OK)
		rc = ev_merkle_prover_new(&p->prover, p->place - 1, p->count,
		    err);
	p->seen = 0;
	if (rc == EV_OK)
		rc =
		    p->kind->lines(ev_case_db(p->c), p->list, add_line, p, err);
	if (rc == EV_OK)
		rc = ev_merkle_prover_end(p->prover, &p->path, err);
	memcpy(head.root, p->root, EV_SHA256);
	if (rc == EV_OK)
		rc = ev_merkle_check(&head, p->place - 1, p->hash, &p->path,
		    err);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, p->name);
}

/* The entry, and its path to the newest head. */
static enum ev_rc
prove_entry(struct prove *p, struct ev_err *err)
{
	struct ev_merkle_prover *prover = NULL;
	struct ev_custody_entry entry;
	struct ev_custody *log = NULL;
	unsigned char leaf[EV_SHA256];
	int64_t size = 0, n;
	enum ev_rc rc;

	rc = ev_custody_head(p->c, &p->note, &size, err);
	if (rc == EV_EOF || (rc == EV_OK && p->entry > size))
		return ev_fail(err, EV_USE,
		    "there is no entry %jd under a head of this log",
		    (intmax_t)p->entry);
	if (rc == EV_OK)
		rc = ev_merkle_prover_new(&prover, p->entry - 1, size, err);
	if (rc == EV_OK)
		rc = ev_custody_open(&log, p->c, err);
	for (n = 1; rc == EV_OK && n <= size; n++) {
		rc = ev_custody_next(log, &entry, err);
		if (rc == EV_OK)
			rc = ev_merkle_leaf(leaf, entry.leaf, entry.leaf_len,
			    err);
		if (rc == EV_OK)
			rc = ev_merkle_prover_add(prover, leaf, err);
		if (rc == EV_OK && n == p->entry)
			rc = ev_buf_put(&p->leaf, entry.leaf, entry.leaf_len,
			    err);
	}
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_MISMATCH,
		    "the newest head covers %jd entries, the log has fewer",
		    (intmax_t)size);
	if (rc == EV_OK)
		rc = ev_merkle_prover_end(prover, &p->log.path, err);
	p->log.index = p->entry - 1;
	p->log.note = EV_BYTES_BUF(&p->note);
	ev_custody_close(log);
	ev_merkle_prover_free(prover);
	return rc;
}

static enum ev_rc
write_extra(const struct prove *p, struct ev_buf *out, struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	struct ev_jw w;
	size_t i;

	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key(&w, "entry");
	ev_jw_str(&w, p->leaf.data, p->leaf.len);
	if (p->kind != NULL) {
		ev_jw_key(&w, "line");
		ev_jw_str(&w, p->line.data, p->line.len);
		ev_jw_key_text(&w, "list", p->name);
		ev_jw_key_int(&w, "number", p->place);
		ev_jw_key(&w, "path");
		ev_jw_array(&w);
		for (i = 0; i < p->path.count; i++) {
			ev_text_hex(hex, p->path.hash[i], EV_SHA256);
			ev_jw_text(&w, hex);
		}
		ev_jw_close(&w);
		ev_text_hex(hex, p->salt, EV_SHA256);
		ev_jw_key_text(&w, "salt", hex);
	}
	ev_jw_key_text(&w, "schema", "evidence/proof/1");
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

enum ev_rc
ev_prove(struct ev_case *c, const char *id, struct ev_buf *out,
    struct ev_err *err)
{
	struct prove p = { .c = c };
	struct ev_buf extra;
	enum ev_rc rc;

	ev_buf_init(&p.leaf, LINE_LIMIT);
	ev_buf_init(&p.line, LINE_LIMIT);
	ev_buf_init(&p.note, EV_NOTE_LIMIT);
	ev_buf_init(&extra, LINE_LIMIT);
	rc = ev_db_begin_read(ev_case_db(c), err);
	if (rc == EV_OK) {
		rc = locate(&p, id, err);
		if (rc == EV_OK)
			rc = prove_entry(&p, err);
		if (rc == EV_OK && p.kind != NULL)
			rc = find_list(&p, err);
		if (rc == EV_OK && p.kind != NULL)
			rc = prove_line(&p, err);
		ev_db_rollback(ev_case_db(c));
	}
	if (rc == EV_OK)
		rc = write_extra(&p, &extra, err);
	if (rc == EV_OK)
		rc =
		    ev_tlog_proof_write(out, EV_BYTES_BUF(&extra), &p.log, err);
	ev_merkle_prover_free(p.prover);
	ev_salter_release(&p.salter);
	ev_buf_release(&p.leaf);
	ev_buf_release(&p.line);
	ev_buf_release(&p.note);
	ev_buf_release(&extra);
	return rc;
}
