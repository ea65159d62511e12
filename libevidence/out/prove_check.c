/* A proof of one thing, checked without the case. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "case/case.h"
#include "evidence/json.h"
#include "evidence/prove.h"
#include "evidence/text.h"
#include "seal/tlogproof.h"

enum { EXTRA_LIMIT = 64 << 20, WHAT = 320 };

struct proof {
	ev_custody_finding_fn *found;
	void *ctx;
	bool failed;
	struct ev_tlog_proof log;
	struct ev_note note;
	struct ev_buf extra;
	struct ev_json_doc *doc;
	const struct ev_json_node *root;
	struct ev_json_doc *entry; /* the line that is the leaf */
};

EV_PRINTF(3, 4)
static void
say(struct proof *p, bool fine, const char *fmt, ...)
{
	struct ev_custody_finding f = { .seq = p->log.index + 1 };
	char what[WHAT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	f.state = fine ? EV_CUSTODY_OK : EV_CUSTODY_FAILED;
	f.what = what;
	p->failed = p->failed || !fine;
	p->found(p->ctx, &f);
}

static enum ev_rc
parse(struct proof *p, const struct ev_buf *text, struct ev_err *err)
{
	const char *schema;
	enum ev_rc rc;

	rc = ev_tlog_proof_parse(&p->log, &p->extra, EV_BYTES_BUF(text), err);
	if (rc == EV_OK)
		rc = ev_note_parse(&p->note, p->log.note.data, p->log.note.len,
		    err);
	if (rc == EV_OK)
		rc = ev_json_parse(&p->doc, p->extra.data, p->extra.len, err);
	if (rc != EV_OK)
		return ev_fail_in(err, "the proof");
	p->root = ev_json_root(p->doc);
	schema = ev_json_get_text(p->root, "schema");
	if (schema == NULL || strcmp(schema, "evidence/proof/1") != 0)
		return ev_fail(err, EV_INPUT,
		    "the proof is of another program: its extra is not ours");
	return EV_OK;
}

static void
check_head(struct proof *p, const struct ev_logkey *key)
{
	struct ev_err why;

	if (ev_note_verify(&p->note, NULL, key, &why) == EV_OK)
		say(p, true,
		    "the head of %" PRId64 " entries is signed by the "
		    "log key of %.200s",
		    p->note.head.size, p->note.origin);
	else
		say(p, false, "%.200s", why.msg);
}

/* The entry is a leaf under the head, at its own number. */
static enum ev_rc
check_entry(struct proof *p, struct ev_err *err)
{
	const struct ev_json_node *leaf = ev_json_get(p->root, "entry");
	unsigned char hash[EV_SHA256];
	struct ev_err why;
	int64_t seq = 0;
	enum ev_rc rc;

	if (leaf == NULL || leaf->type != EV_JSON_STRING)
		return ev_fail(err, EV_INPUT, "the proof shows no entry");
	rc = ev_merkle_leaf(hash, leaf->text, leaf->text_len, err);
	if (rc != EV_OK)
		return rc;
	if (ev_merkle_check(&p->note.head, p->log.index, hash, &p->log.path,
		&why) != EV_OK) {
		say(p, false, "the entry: %.200s", why.msg);
		return EV_OK;
	}
	if (ev_json_parse(&p->entry, leaf->text, leaf->text_len, &why) !=
		EV_OK ||
	    !ev_json_get_int(ev_json_root(p->entry), "seq", &seq) ||
	    seq != p->log.index + 1)
		say(p, false, "the entry is not number %" PRId64,
		    p->log.index + 1);
	else
		say(p, true, "entry %" PRId64 " is under that head", seq);
	return EV_OK;
}

/* Count and root of the list, as the entry has them. */
static bool
list_of(const struct proof *p, const char *name, struct ev_merkle_head *head)
{
	const struct ev_json_node *n;
	const char *have, *root;

	n = ev_json_get(ev_json_get(ev_json_root(p->entry), "after"), "lists");
	for (n = n == NULL ? NULL : n->child; n != NULL; n = n->next) {
		have = ev_json_get_text(n, "list");
		root = ev_json_get_text(n, "root");
		if (have != NULL && root != NULL && strcmp(have, name) == 0 &&
		    ev_json_get_int(n, "count", &head->size) &&
		    ev_text_unhex(head->root, EV_SHA256, root, strlen(root)))
			return true;
	}
	return false;
}

static bool
path_of(const struct proof *p, struct ev_merkle_proof *path)
{
	const struct ev_json_node *n = ev_json_get(p->root, "path");

	memset(path, 0, sizeof(*path));
	if (n == NULL || n->type != EV_JSON_ARRAY)
		return false;
	for (n = n->child; n != NULL; n = n->next) {
		if (path->count == EV_MERKLE_DEPTH ||
		    n->type != EV_JSON_STRING ||
		    !ev_text_unhex(path->hash[path->count++], EV_SHA256,
			n->text, n->text_len))
			return false;
	}
	return true;
}

/* The line is in the list that the entry counts. */
static enum ev_rc
check_line(struct proof *p, const struct ev_json_node *line, struct ev_err *err)
{
	const char *name = ev_json_get_text(p->root, "list");
	const char *salt = ev_json_get_text(p->root, "salt");
	unsigned char key[EV_SHA256], leaf[EV_SHA256];
	struct ev_merkle_head head = { .size = 0 };
	struct ev_merkle_proof path;
	struct ev_err why;
	int64_t number = 0;
	enum ev_rc rc;

	if (name == NULL || salt == NULL || line->type != EV_JSON_STRING ||
	    !ev_text_unhex(key, sizeof(key), salt, strlen(salt)) ||
	    !ev_json_get_int(p->root, "number", &number) || !path_of(p, &path))
		return ev_fail(err, EV_INPUT,
		    "the proof shows a line without its path");
	if (!list_of(p, name, &head)) {
		say(p, false, "the entry counts no '%.64s'", name);
		return EV_OK;
	}
	rc = ev_merkle_salted(leaf, key, line->text, line->text_len, err);
	if (rc != EV_OK)
		return rc;
	if (ev_merkle_check(&head, number - 1, leaf, &path, &why) == EV_OK)
		say(p, true,
		    "the line is number %" PRId64 " of %" PRId64
		    " in '%.64s', which that entry counts",
		    number, head.size, name);
	else
		say(p, false, "the line: %.200s", why.msg);
	return EV_OK;
}

static enum ev_rc
check_all(struct proof *p, const struct ev_logkey *key, struct ev_buf *shown,
    struct ev_err *err)
{
	const struct ev_json_node *line = ev_json_get(p->root, "line");
	const struct ev_json_node *show =
	    line == NULL ? ev_json_get(p->root, "entry") : line;
	enum ev_rc rc;

	check_head(p, key);
	rc = check_entry(p, err);
	if (rc == EV_OK && line != NULL && p->entry != NULL)
		rc = check_line(p, line, err);
	if (rc == EV_OK && p->failed)
		rc = ev_fail(err, EV_MISMATCH, "the proof does not hold");
	return rc == EV_OK ? ev_buf_put(shown, show->text, show->text_len, err)
			   : rc;
}

enum ev_rc
ev_prove_check(const struct ev_buf *proof, struct ev_case *c,
    const struct ev_buf *key, ev_custody_finding_fn *found, void *ctx,
    struct ev_buf *shown, struct ev_err *err)
{
	struct proof p = { .found = found, .ctx = ctx };
	struct ev_logkey *own = NULL;
	enum ev_rc rc;

	ev_buf_init(&p.extra, EXTRA_LIMIT);
	rc = parse(&p, proof, err);
	if (rc == EV_OK && c == NULL)
		rc = ev_logkey_read(&own, key->data, key->len, NULL, err);
	if (rc == EV_OK)
		rc = check_all(&p, c == NULL ? own : ev_case_log_key(c), shown,
		    err);
	ev_logkey_free(own);
	ev_json_free(p.entry);
	ev_json_free(p.doc);
	ev_buf_release(&p.extra);
	return rc;
}
