/* A bundle's custody log: entries, heads, and the tokens over them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/kept.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "out/verify_inside.h"
#include "seal/stamp.h"

enum { NAME = 96, HEADS_GROW = 64 };

static const char log_name[] = "data/custody/log.jsonl";
static const char key_name[] = "data/custody/log-key.pem";

struct heads {
	struct ev_merkle_head *head; /* of every size at which a note stands */
	size_t count;
	const struct ev_note *outside;
	bool outside_seen;
};

/* data/custody/heads/000042.note: its number, 0 if it is no such name. */
static int64_t
note_size(const char *name)
{
	static const char folder[] = "data/custody/heads/";
	const char *digits = name + sizeof(folder) - 1, *dot;
	int64_t n;

	if (strncmp(name, folder, sizeof(folder) - 1) != 0)
		return 0;
	dot = strstr(digits, ".note");
	if (dot == NULL || strcmp(dot, ".note") != 0 ||
	    !ev_text_int(&n, digits, (size_t)(dot - digits), 1, INT64_MAX))
		return 0;
	return n;
}

/* The first entry tells the case and the log key; the file must agree. */
static enum ev_rc
take_key(struct verify *v, const char *line, size_t len, struct ev_err *err)
{
	const struct ev_json_node *after;
	struct ev_json_doc *doc = NULL;
	const char *pem, *id;
	struct ev_buf file;
	struct ev_err why;
	enum ev_rc rc = EV_OK;

	ev_buf_init(&file, EV_VERIFY_TEXT);
	if (ev_json_parse(&doc, line, len, &why) != EV_OK) {
		verify_say(v, "log", EV_VERIFY_FAILED, "entry 1: %s", why.msg);
		goto out;
	}
	after = ev_json_get(ev_json_root(doc), "after");
	pem = after == NULL ? NULL : ev_json_get_text(after, "log_key");
	id = after == NULL ? NULL : ev_json_get_text(after, "case");
	if (pem == NULL || id == NULL || strlen(id) >= sizeof(v->case_id)) {
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "entry 1 does not open a case");
		goto out;
	}
	(void)snprintf(v->case_id, sizeof(v->case_id), "%s", id);
	rc = verify_read(v, key_name, &file, &why);
	if (rc != EV_OK || strcmp(ev_buf_text(&file), pem) != 0)
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "%s is not the key that entry 1 names", key_name);
	rc = ev_logkey_read(&v->log_key, pem, strlen(pem), NULL, &why);
	if (rc != EV_OK)
		verify_say(v, "log", EV_VERIFY_FAILED, "entry 1: %s", why.msg);
	rc = EV_OK;
out:
	ev_json_free(doc);
	ev_buf_release(&file);
	(void)err;
	return rc;
}

static void
check_entry(struct verify *v, const char *line, size_t len, int64_t seq)
{
	struct ev_json_doc *doc = NULL;
	struct ev_err why;
	int64_t number;

	if (ev_json_parse(&doc, line, len, &why) != EV_OK)
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "entry %" PRId64 " is not JSON: %s", seq, why.msg);
	else if (!ev_json_get_int(ev_json_root(doc), "seq", &number) ||
		 number != seq)
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "line %" PRId64 " holds another entry: one was removed, "
		    "added or moved",
		    seq);
	ev_json_free(doc);
}

static enum ev_rc
keep_head(struct verify *v, struct heads *h, struct ev_merkle *tree,
    struct ev_err *err)
{
	struct ev_merkle_head now;
	char name[NAME];
	enum ev_rc rc;
	void *grown;

	(void)snprintf(name, sizeof(name),
	    "data/custody/heads/%06" PRId64 ".note", tree->size);
	if (verify_part(v, name) == NULL &&
	    (h->outside == NULL || h->outside->head.size != tree->size))
		return EV_OK;
	rc = ev_merkle_head(tree, &now, err);
	if (rc != EV_OK)
		return rc;
	if (h->outside != NULL && h->outside->head.size == tree->size) {
		h->outside_seen = true;
		if (memcmp(h->outside->head.root, now.root, EV_SHA256) == 0)
			verify_say(v, "log", EV_VERIFY_OK,
			    "the log extends the head of %" PRId64
			    " entries that you kept",
			    now.size);
		else
			verify_say(v, "log", EV_VERIFY_FAILED,
			    "the log does not extend the head of %" PRId64
			    " entries that you kept: it was rewritten",
			    now.size);
	}
	if (h->count % HEADS_GROW == 0) {
		grown = realloc(h->head,
		    (h->count + HEADS_GROW) * sizeof(*h->head));
		if (grown == NULL)
			return ev_fail_sys(err, "cannot check the heads");
		h->head = grown;
	}
	h->head[h->count++] = now;
	return EV_OK;
}

static enum ev_rc
walk_log(struct verify *v, const struct ev_buf *log, struct heads *h,
    struct ev_err *err)
{
	const char *line = ev_buf_text(log), *end;
	struct ev_merkle tree;
	enum ev_rc rc;

	rc = ev_merkle_init(&tree, err);
	if (rc != EV_OK)
		return rc;
	while (rc == EV_OK && *line != '\0') {
		end = strchr(line, '\n');
		if (end == NULL) {
			verify_say(v, "log", EV_VERIFY_FAILED,
			    "the last line of %s is cut", log_name);
			break;
		}
		rc = ev_merkle_add(&tree, line, (size_t)(end - line), err);
		if (rc != EV_OK)
			break;
		if (tree.size == 1)
			rc = take_key(v, line, (size_t)(end - line), err);
		check_entry(v, line, (size_t)(end - line), tree.size);
		if (rc == EV_OK)
			rc = keep_head(v, h, &tree, err);
		line = end + 1;
	}
	if (rc == EV_OK)
		rc = ev_merkle_head(&tree, &v->log, err);
	ev_merkle_release(&tree);
	return rc;
}

static const struct ev_merkle_head *
head_of(const struct heads *h, int64_t size)
{
	size_t i;

	for (i = 0; i < h->count; i++) {
		if (h->head[i].size == size)
			return &h->head[i];
	}
	return NULL;
}

/* Tokens over a note: 000042.tst, 000042-2.tst and so on. */
static void
check_tokens(struct verify *v, const char *name, const struct ev_buf *note)
{
	unsigned char imprint[EV_SHA256];
	size_t stem = strlen(name) - strlen(".note"), i;
	struct ev_stamp stamp;
	struct ev_buf der;
	struct ev_err why;
	char at[EV_WHEN_TEXT];
	enum ev_rc rc;

	for (i = 0; i < v->count; i++) {
		const char *tst = v->part[i].name;
		size_t len = strlen(tst);

		if (strncmp(tst, name, stem) != 0 || len < stem + 4 ||
		    (tst[stem] != '.' && tst[stem] != '-') ||
		    strcmp(tst + len - 4, ".tst") != 0)
			continue;
		ev_buf_init(&der, EV_VERIFY_DER);
		rc = ev_sha256(imprint, note->data, note->len, &why);
		if (rc == EV_OK)
			rc = verify_read(v, tst, &der, &why);
		if (rc == EV_OK)
			rc = ev_stamp_verify(EV_BYTES_BUF(&der), imprint,
			    v->trust, &stamp, &why);
		ev_buf_release(&der);
		if (rc != EV_OK) {
			verify_say(v, "time", EV_VERIFY_FAILED, "%s: %s", tst,
			    why.msg);
			continue;
		}
		ev_when_print(at, stamp.at, EV_PREC_S);
		verify_say(v, "time",
		    stamp.self_issued || stamp.chain.state != EV_TRUST_OK
			? EV_VERIFY_NOTE
			: EV_VERIFY_OK,
		    "%s: the head existed at %s%s", tst, at,
		    stamp.self_issued ? " (self-issued: shows order only)"
				      : "");
	}
}

static void
check_note(struct verify *v, const char *name, int64_t size,
    const struct heads *h)
{
	const struct ev_merkle_head *now = head_of(h, size);
	struct ev_note note;
	struct ev_buf buf;
	struct ev_err why;
	enum ev_rc rc;

	ev_buf_init(&buf, EV_NOTE_LIMIT);
	rc = verify_read(v, name, &buf, &why);
	if (rc == EV_OK)
		rc = ev_note_parse(&note, buf.data, buf.len, &why);
	if (rc == EV_OK && v->log_key != NULL)
		rc = ev_note_verify(&note, v->case_id, v->log_key, &why);
	if (rc != EV_OK)
		verify_say(v, "log", EV_VERIFY_FAILED, "%s: %s", name, why.msg);
	else if (strcmp(note.origin, v->case_id) != 0)
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "%s is a head of another case", name);
	else if (now == NULL)
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "%s covers entries that are not in the log: its tail was "
		    "cut",
		    name);
	else if (note.head.size != size ||
		 memcmp(note.head.root, now->root, EV_SHA256) != 0)
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "%s does not fit the log: an entry up to %" PRId64
		    " was changed, added or removed",
		    name, size);
	else
		check_tokens(v, name, &buf);
	ev_buf_release(&buf);
}

static void
check_notes(struct verify *v, const struct heads *h)
{
	int64_t size, last = 0, count = 0;
	bool before = v->failed;
	size_t i;

	for (i = 0; i < v->count; i++) {
		size = note_size(v->part[i].name);
		if (size == 0)
			continue;
		check_note(v, v->part[i].name, size, h);
		last = size > last ? size : last;
		count++;
	}
	if (count == 0 || last < v->log.size)
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "entries %" PRId64 " to %" PRId64 " are covered by no head",
		    last + 1, v->log.size);
	else if (v->failed == before)
		verify_say(v, "log", EV_VERIFY_OK,
		    "%" PRId64 " entries and %" PRId64
		    " heads recomputed, all equal",
		    v->log.size, count);
}

/* The newest head on a receipt; err is of reading it as a note. */
static enum ev_rc
from_receipt(struct ev_note *note, const char *text, struct ev_err *err)
{
	struct ev_bytes bytes, best = { NULL, 0 };
	int64_t size = 0;

	while (ev_kept_next(&text, &bytes)) {
		if (ev_note_parse(note, bytes.data, bytes.len, err) == EV_OK &&
		    note->head.size >= size) {
			size = note->head.size;
			best = bytes;
		}
	}
	return best.data == NULL
		   ? err->rc
		   : ev_note_parse(note, best.data, best.len, err);
}

static enum ev_rc
take_outside(struct verify *v, struct ev_note *note, struct heads *h,
    struct ev_err *err)
{
	enum ev_rc rc;

	if (v->how->head == NULL) {
		verify_say(v, "log", EV_VERIFY_NOTE,
		    "a log whose tail was cut, or that was rewritten by who "
		    "has its key, shows only against a head that was kept "
		    "elsewhere (--head)");
		return EV_OK;
	}
	rc = ev_note_parse(note, v->how->head->data, v->how->head->len, err);
	if (rc != EV_OK)
		rc = from_receipt(note, ev_buf_text(v->how->head), err);
	if (rc != EV_OK)
		return ev_fail_in(err, "the head that was kept");
	h->outside = note;
	return EV_OK;
}

static void
end_outside(struct verify *v, const struct heads *h)
{
	struct ev_err why;

	if (h->outside == NULL)
		return;
	if (strcmp(h->outside->origin, v->case_id) != 0)
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "the head that you kept is of another case");
	else if (v->log_key != NULL && ev_note_verify(h->outside, v->case_id,
					   v->log_key, &why) != EV_OK)
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "the head that you kept: %s", why.msg);
	else if (!h->outside_seen)
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "the head that you kept covers %" PRId64
		    " entries, the log has %" PRId64 ": its tail was cut",
		    h->outside->head.size, v->log.size);
}

enum ev_rc
verify_log(struct verify *v, struct ev_err *err)
{
	struct heads h = { .count = 0 };
	struct ev_note outside;
	struct ev_buf *log = &v->log_text;
	enum ev_rc rc;

	rc = take_outside(v, &outside, &h, err);
	if (rc == EV_OK) {
		rc = verify_read(v, log_name, log, err);
		if (rc == EV_INPUT || rc == EV_LIMIT) {
			verify_say(v, "log", EV_VERIFY_FAILED, "%s", err->msg);
			rc = EV_EOF;
		}
	}
	if (rc == EV_OK && log->len > 0 &&
	    memchr(log->data, '\0', log->len) != NULL) {
		verify_say(v, "log", EV_VERIFY_FAILED, "%s holds a NUL",
		    log_name);
		rc = EV_EOF;
	}
	if (rc == EV_OK)
		rc = walk_log(v, log, &h, err);
	if (rc == EV_OK) {
		check_notes(v, &h);
		end_outside(v, &h);
		rc = verify_signed(v, err);
	}
	free(h.head);
	return rc == EV_EOF ? EV_OK : rc;
}
