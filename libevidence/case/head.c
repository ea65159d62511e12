/* Heads of the log: signed, kept outside the database, checked. */
#define _GNU_SOURCE /* fdopendir, openat */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "case/case_inside.h"
#include "case/custody.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"

enum { HEAD_NAME = 64, WHAT = 320, CANON_DEPTH = 12 };

static const char sql_head[] =
    "SELECT size, note FROM head ORDER BY size DESC LIMIT 1";
static const char sql_heads[] =
    "SELECT size, root, note FROM head ORDER BY size";
static const char sql_add_head[] =
    "INSERT INTO head(size, at, root, note) VALUES(?, ?, ?, ?)";

enum ev_rc
ev_custody_head(struct ev_case *c, struct ev_buf *note, int64_t *size,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *text;
	enum ev_rc rc;
	size_t len;

	*size = 0;
	rc = ev_db_prepare(c->db, &st, err, sql_head, "");
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "it", size, &text, &len);
	if (rc == EV_OK)
		rc = ev_buf_put(note, text, len, err);
	ev_db_finish(st);
	return rc;
}

/* The head over the first upto entries; all of them if upto is 0. */
static enum ev_rc
tree_head(struct ev_case *c, int64_t upto, struct ev_merkle_head *head,
    struct ev_err *err)
{
	struct ev_custody_entry entry;
	struct ev_custody *log = NULL;
	struct ev_merkle tree;
	enum ev_rc rc;

	rc = ev_merkle_init(&tree, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_custody_open(&log, c, err);
	while (rc == EV_OK && (upto == 0 || tree.size < upto)) {
		rc = ev_custody_next(log, &entry, err);
		if (rc == EV_OK)
			rc = ev_merkle_add(&tree, entry.leaf, entry.leaf_len,
			    err);
	}
	if (rc == EV_OK || rc == EV_EOF)
		rc = ev_merkle_head(&tree, head, err);
	ev_custody_close(log);
	ev_merkle_release(&tree);
	return rc;
}

static void
head_name(char name[HEAD_NAME], int64_t size)
{
	(void)snprintf(name, HEAD_NAME, "%06jd.note", (intmax_t)size);
}

static enum ev_rc
add_row(struct ev_case *c, const struct ev_merkle_head *head,
    const struct ev_buf *note, struct ev_err *err)
{
	char at[EV_WHEN_TEXT];
	struct ev_clock clock;
	enum ev_rc rc;

	rc = ev_when_now(&clock, err);
	if (rc == EV_OK)
		rc = ev_db_begin(c->db, err);
	if (rc != EV_OK)
		return rc;
	ev_when_print(at, clock.wall_us, EV_PREC_MS);
	rc = ev_db_run(c->db, err, sql_add_head, "isbt", head->size, at,
	    (const void *)head->root, sizeof(head->root),
	    (const char *)note->data, note->len);
	if (rc == EV_OK)
		return ev_db_commit(c->db, err);
	ev_db_rollback(c->db);
	return rc;
}

enum ev_rc
ev_custody_seal(struct ev_case *c, struct ev_err *err)
{
	struct ev_logkey *key = NULL;
	struct ev_merkle_head head;
	char name[HEAD_NAME];
	struct ev_buf note;
	int64_t newest = 0, entries = 0;
	enum ev_rc rc;

	ev_buf_init(&note, EV_NOTE_LIMIT);
	rc = ev_db_int(c->db, &entries, err, "SELECT count(*) FROM log", "");
	if (rc == EV_OK)
		rc = ev_db_int(c->db, &newest, err,
		    "SELECT coalesce(max(size), 0) FROM head", "");
	if (rc != EV_OK || newest >= entries)
		goto out;
	rc = tree_head(c, 0, &head, err);
	if (rc == EV_OK)
		rc = ev_case_log_secret(c, &key, err);
	if (rc == EV_OK)
		rc = ev_note_make(&note, c->case_id, &head, key, err);
	ev_logkey_free(key);
	if (rc != EV_OK)
		goto out;
	head_name(name, head.size);
	rc =
	    ev_fs_put(c->heads_fd, name, note.data, note.len, 0444, false, err);
	if (rc == EV_OK)
		rc = add_row(c, &head, &note, err);
out:
	ev_buf_release(&note);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, "cannot seal the log");
}

/* A note file is taken up if it signs the log as it is. */
static enum ev_rc
mend_one(struct ev_case *c, const char *name, struct ev_err *err)
{
	struct ev_merkle_head head;
	struct ev_note note;
	struct ev_buf buf;
	int64_t entries = 0, known = 0;
	enum ev_rc rc;

	ev_buf_init(&buf, EV_NOTE_LIMIT);
	rc = ev_fs_read_all(&buf, c->heads_fd, name, err);
	if (rc == EV_OK)
		rc = ev_note_parse(&note, buf.data, buf.len, err);
	if (rc == EV_OK)
		rc = ev_note_verify(&note, c->case_id, c->log_pub, err);
	if (rc == EV_OK)
		rc = ev_db_int(c->db, &known, err,
		    "SELECT count(*) FROM head WHERE size = ?", "i",
		    note.head.size);
	if (rc == EV_OK && known == 0)
		rc = ev_db_int(c->db, &entries, err, "SELECT count(*) FROM log",
		    "");
	if (rc != EV_OK || known != 0)
		goto out;
	if (note.head.size > entries)
		rc = ev_fail(err, EV_INPUT,
		    "covers %jd entries, but the log has %jd: an older "
		    "database was put back or the log was cut",
		    (intmax_t)note.head.size, (intmax_t)entries);
	if (rc == EV_OK)
		rc = tree_head(c, note.head.size, &head, err);
	if (rc == EV_OK &&
	    memcmp(head.root, note.head.root, sizeof(head.root)) != 0)
		rc = ev_fail(err, EV_INPUT, "does not fit the log");
	if (rc == EV_OK)
		rc = add_row(c, &head, &buf, err);
out:
	ev_buf_release(&buf);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, name);
}

/* The number in a file name of heads/, 0 if it is none. */
static int64_t
note_number(const char *name)
{
	const char *dot = strchr(name, '.');
	int64_t n;

	if (dot == NULL || strcmp(dot, ".note") != 0 ||
	    !ev_text_int(&n, name, (size_t)(dot - name), 1, INT64_MAX))
		return 0;
	return n;
}

enum ev_rc
ev_custody_mend(struct ev_case *c, struct ev_err *err)
{
	int64_t newest = 0, last = 0, n;
	char name[HEAD_NAME];
	const struct dirent *e;
	enum ev_rc rc;
	DIR *dir;
	int fd;

	rc = ev_db_int(c->db, &newest, err,
	    "SELECT coalesce(max(size), 0) FROM head", "");
	if (rc != EV_OK)
		return rc;
	fd = openat(c->heads_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (dir == NULL) {
		rc = ev_fail_sys(err, "cannot list 'heads'");
		if (fd >= 0)
			(void)close(fd);
		return rc;
	}
	while ((e = readdir(dir)) != NULL) {
		n = note_number(e->d_name);
		if (n > last)
			last = n;
	}
	(void)closedir(dir);
	if (last <= newest)
		return EV_OK;
	head_name(name, last);
	return mend_one(c, name, err);
}

struct check {
	struct ev_case *c;
	ev_custody_finding_fn *found;
	void *ctx;
	bool failed;
	struct ev_stmt *heads; /* by size */
	bool more;             /* a head stands in head */
	struct ev_merkle_head head;
	struct ev_buf note;
	int64_t covered; /* size of the newest head that fits */
	int64_t count;   /* heads that fit */
	int64_t last_us;
	const struct ev_note *outside;
	bool outside_seen;
};

EV_PRINTF(4, 5)
static void
say(struct check *k, enum ev_custody_state state, int64_t seq, const char *fmt,
    ...)
{
	struct ev_custody_finding f = { .seq = seq };
	char what[WHAT];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	f.state = state;
	f.what = what;
	if (state == EV_CUSTODY_FAILED)
		k->failed = true;
	k->found(k->ctx, &f);
}

/*
 * Write a parsed value again, as the canonical writer would.  The depth is
 * counted down, not the input's.  NOLINTBEGIN(misc-no-recursion)
 */
static void
again(struct ev_jw *w, const struct ev_json_node *node, int depth)
{
	const struct ev_json_node *n;
	int64_t number;

	switch (node->type) {
	case EV_JSON_OBJECT:
	case EV_JSON_ARRAY:
		if (node->type == EV_JSON_OBJECT)
			ev_jw_object(w);
		else
			ev_jw_array(w);
		for (n = node->child; n != NULL && depth > 0; n = n->next) {
			if (node->type == EV_JSON_OBJECT)
				ev_jw_key(w, n->key);
			again(w, n, depth - 1);
		}
		ev_jw_close(w);
		break;
	case EV_JSON_STRING:
		ev_jw_str(w, node->text, node->text_len);
		break;
	case EV_JSON_NUMBER:
		if (ev_text_int(&number, node->text, node->text_len, INT64_MIN,
			INT64_MAX))
			ev_jw_int(w, number);
		else
			ev_jw_text(w, "not an integer");
		break;
	case EV_JSON_BOOL:
		ev_jw_bool(w, node->value);
		break;
	case EV_JSON_NULL:
		ev_jw_text(w, "null is not allowed");
		break;
	}
}
/* NOLINTEND(misc-no-recursion) */

static bool
same_text(const struct ev_json_node *root, const char *key, const char *text)
{
	const char *have = ev_json_get_text(root, key);

	return have != NULL && text != NULL && strcmp(have, text) == 0;
}

/* The leaf is canonical, and the columns say what it says. */
static enum ev_rc
check_leaf(struct check *k, const struct ev_custody_entry *e,
    struct ev_err *err)
{
	struct ev_json_doc *doc = NULL;
	const struct ev_json_node *root;
	struct ev_buf copy;
	struct ev_jw w;
	struct ev_err why;
	int64_t seq;

	if (ev_json_parse(&doc, e->leaf, e->leaf_len, &why) != EV_OK) {
		say(k, EV_CUSTODY_FAILED, e->seq,
		    "entry %jd is not JSON: %.200s", (intmax_t)e->seq, why.msg);
		return EV_OK;
	}
	root = ev_json_root(doc);
	ev_buf_init(&copy, e->leaf_len * 2 + 1024);
	ev_jw_init(&w, &copy);
	again(&w, root, CANON_DEPTH);
	if (ev_jw_end(&w, &why) != EV_OK || copy.len != e->leaf_len ||
	    memcmp(copy.data, e->leaf, copy.len) != 0)
		say(k, EV_CUSTODY_FAILED, e->seq,
		    "entry %jd is not in canonical form", (intmax_t)e->seq);
	if (!ev_json_get_int(root, "seq", &seq) || seq != e->seq ||
	    !same_text(root, "at", e->at) ||
	    !same_text(root, "action", e->action) ||
	    !same_text(root, "actor", e->actor))
		say(k, EV_CUSTODY_FAILED, e->seq,
		    "entry %jd: its columns differ from its line",
		    (intmax_t)e->seq);
	ev_buf_release(&copy);
	ev_json_free(doc);
	(void)err;
	return EV_OK;
}

static void
check_clock(struct check *k, const struct ev_custody_entry *e)
{
	int64_t us;

	if (e->at == NULL || !ev_when_parse(&us, NULL, e->at, strlen(e->at))) {
		say(k, EV_CUSTODY_FAILED, e->seq, "entry %jd has no instant",
		    (intmax_t)e->seq);
		return;
	}
	if (us < k->last_us)
		say(k, EV_CUSTODY_UNCHECKED, e->seq,
		    "entry %jd: the clock ran backwards by %jd s",
		    (intmax_t)e->seq, (intmax_t)((k->last_us - us) / 1000000));
	k->last_us = us;
}

static enum ev_rc
next_head(struct check *k, struct ev_err *err)
{
	const void *root;
	const char *note;
	size_t root_len, len;
	enum ev_rc rc;

	k->more = false;
	rc = ev_db_step(k->heads, err);
	if (rc == EV_EOF)
		return EV_OK;
	if (rc == EV_OK)
		rc = ev_db_row(k->heads, err, "ibt", &k->head.size, &root,
		    &root_len, &note, &len);
	if (rc != EV_OK)
		return rc;
	if (root_len != sizeof(k->head.root))
		return ev_fail(err, EV_INPUT, "a head without a root");
	memcpy(k->head.root, root, root_len);
	ev_buf_clear(&k->note);
	k->more = true;
	return ev_buf_put(&k->note, note, len, err);
}

/* The copy in heads/ is the same, to the byte. */
static void
check_copy(struct check *k)
{
	char name[HEAD_NAME];
	struct ev_buf file;
	struct ev_err why;

	head_name(name, k->head.size);
	ev_buf_init(&file, EV_NOTE_LIMIT);
	if (ev_fs_read_all(&file, k->c->heads_fd, name, &why) != EV_OK)
		say(k, EV_CUSTODY_FAILED, k->head.size,
		    "the copy of head %jd is missing: %.200s",
		    (intmax_t)k->head.size, why.msg);
	else if (file.len != k->note.len ||
		 memcmp(file.data, k->note.data, file.len) != 0)
		say(k, EV_CUSTODY_FAILED, k->head.size,
		    "heads/%s differs from the database", name);
	ev_buf_release(&file);
}

static void
check_head(struct check *k, const struct ev_merkle_head *now)
{
	struct ev_note note;
	struct ev_err why;

	if (ev_note_parse(&note, k->note.data, k->note.len, &why) != EV_OK ||
	    ev_note_verify(&note, k->c->case_id, k->c->log_pub, &why) !=
		EV_OK) {
		say(k, EV_CUSTODY_FAILED, now->size, "head %jd: %.200s",
		    (intmax_t)now->size, why.msg);
		return;
	}
	if (note.head.size != now->size || k->head.size != now->size ||
	    strcmp(note.origin, k->c->case_id) != 0 ||
	    memcmp(note.head.root, now->root, EV_SHA256) != 0 ||
	    memcmp(k->head.root, now->root, EV_SHA256) != 0) {
		say(k, EV_CUSTODY_FAILED, k->covered + 1,
		    "head %jd does not fit the log: an entry from %jd to %jd "
		    "was changed, added or removed",
		    (intmax_t)now->size, (intmax_t)k->covered + 1,
		    (intmax_t)now->size);
		return;
	}
	check_copy(k);
	k->covered = now->size;
	k->count++;
}

static void
check_outside(struct check *k, const struct ev_merkle_head *now)
{
	k->outside_seen = true;
	if (memcmp(k->outside->head.root, now->root, EV_SHA256) == 0)
		say(k, EV_CUSTODY_OK, now->size,
		    "the log extends the head of %jd entries kept elsewhere",
		    (intmax_t)now->size);
	else
		say(k, EV_CUSTODY_FAILED, now->size,
		    "the log does not extend the head of %jd entries kept "
		    "elsewhere: it was rewritten",
		    (intmax_t)now->size);
}

static enum ev_rc
check_entry(struct check *k, const struct ev_custody_entry *e,
    struct ev_merkle *tree, struct ev_err *err)
{
	struct ev_merkle_head now;
	enum ev_rc rc;

	if (e->seq != tree->size + 1)
		say(k, EV_CUSTODY_FAILED, e->seq, "entry %jd follows entry %jd",
		    (intmax_t)e->seq, (intmax_t)tree->size);
	rc = check_leaf(k, e, err);
	if (rc == EV_OK)
		rc = ev_merkle_add(tree, e->leaf, e->leaf_len, err);
	if (rc != EV_OK)
		return rc;
	check_clock(k, e);
	if (!(k->more && k->head.size == tree->size) &&
	    !(k->outside != NULL && k->outside->head.size == tree->size))
		return EV_OK;
	rc = ev_merkle_head(tree, &now, err);
	if (rc != EV_OK)
		return rc;
	if (k->outside != NULL && k->outside->head.size == tree->size)
		check_outside(k, &now);
	if (!k->more || k->head.size != tree->size)
		return EV_OK;
	check_head(k, &now);
	return next_head(k, err);
}

static enum ev_rc
check_end(struct check *k, int64_t entries, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && k->more) {
		say(k, EV_CUSTODY_FAILED, k->head.size,
		    "head %jd covers entries that are gone: the log has %jd",
		    (intmax_t)k->head.size, (intmax_t)entries);
		rc = next_head(k, err);
	}
	if (k->outside != NULL && !k->outside_seen)
		say(k, EV_CUSTODY_FAILED, entries,
		    "the head kept elsewhere covers %jd entries, the log has "
		    "%jd: its tail was cut or an older case put back",
		    (intmax_t)k->outside->head.size, (intmax_t)entries);
	if (k->covered < entries)
		say(k, EV_CUSTODY_UNCHECKED, k->covered + 1,
		    "entries %jd to %jd are not covered by a head",
		    (intmax_t)k->covered + 1, (intmax_t)entries);
	if (entries == 0)
		say(k, EV_CUSTODY_FAILED, 0, "the log is empty");
	if (!k->failed)
		say(k, EV_CUSTODY_OK, 0,
		    "%jd entries and %jd heads recomputed, all equal",
		    (intmax_t)entries, (intmax_t)k->count);
	if (k->outside == NULL)
		say(k, EV_CUSTODY_UNCHECKED, 0,
		    "a cut tail or an older copy of the whole case would not "
		    "show: compare with a head that is kept elsewhere "
		    "(--head)");
	return rc;
}

static enum ev_rc
check_log(struct check *k, struct ev_err *err)
{
	struct ev_custody_entry entry;
	struct ev_custody *log = NULL;
	struct ev_merkle tree;
	enum ev_rc rc;

	rc = ev_merkle_init(&tree, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_custody_open(&log, k->c, err);
	if (rc == EV_OK)
		rc = next_head(k, err);
	while (rc == EV_OK) {
		rc = ev_custody_next(log, &entry, err);
		if (rc == EV_OK)
			rc = check_entry(k, &entry, &tree, err);
	}
	if (rc == EV_EOF)
		rc = check_end(k, tree.size, err);
	ev_custody_close(log);
	ev_merkle_release(&tree);
	return rc;
}

/* A note kept elsewhere counts only if the log key signed it. */
static enum ev_rc
take_outside(struct check *k, struct ev_note *note, const struct ev_buf *head,
    struct ev_err *err)
{
	enum ev_rc rc;

	if (head == NULL)
		return EV_OK;
	rc = ev_note_parse(note, head->data, head->len, err);
	if (rc == EV_OK)
		rc = ev_note_verify(note, NULL, k->c->log_pub, err);
	if (rc != EV_OK)
		return ev_fail_in(err, "the head kept elsewhere");
	if (strcmp(note->origin, k->c->case_id) != 0)
		return ev_fail(err, EV_USE,
		    "the head kept elsewhere is of another case");
	k->outside = note;
	return EV_OK;
}

enum ev_rc
ev_custody_verify(struct ev_case *c, const struct ev_buf *head,
    ev_custody_finding_fn *found, void *ctx, struct ev_err *err)
{
	struct check k = { .c = c,
		.found = found,
		.ctx = ctx,
		.last_us = INT64_MIN };
	struct ev_note note;
	bool mine = !ev_db_in_transaction(c->db);
	enum ev_rc rc;

	ev_buf_init(&k.note, EV_NOTE_LIMIT);
	rc = take_outside(&k, &note, head, err);
	if (rc == EV_OK && mine)
		rc = ev_db_begin_read(c->db, err);
	if (rc == EV_OK)
		rc = ev_db_prepare(c->db, &k.heads, err, sql_heads, "");
	if (rc == EV_OK)
		rc = check_log(&k, err);
	ev_db_finish(k.heads);
	ev_buf_release(&k.note);
	if (mine)
		ev_db_rollback(c->db);
	if (rc == EV_OK && k.failed)
		return ev_fail(err, EV_MISMATCH, "the log was altered");
	return rc;
}
