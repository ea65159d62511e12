/* The log checked: recomputed, held against its heads and signatures. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "base/jsoncanon.h"
#include "base/jsonlex.h"
#include "case/case_inside.h"
#include "case/custody.h"
#include "case/headfiles.h"
#include "case/kept.h"
#include "case/signed.h"
#include "evidence/json.h"
#include "evidence/when.h"

enum { WHAT = 320, LINE = INT_MAX };

static const char sql_heads[] =
    "SELECT size, root, note, at FROM head ORDER BY size";

/* What the entries say of the clocks that they were made by. */
struct clocks {
	int64_t wall_us, boot_us; /* of the entry before */
	int64_t unsynced;         /* entries without a synchronised clock */
	int64_t tokens, skew_us;  /* of authorities; the largest difference */
};

/* A clock that is slewed stays well below this. */
static const int64_t step_us = INT64_C(60) * 1000000;

struct check {
	struct ev_case *c;
	ev_custody_finding_fn *found;
	void *ctx;
	bool failed;
	struct ev_stmt *heads; /* by size */
	bool more;             /* a head stands in head */
	struct ev_merkle_head head;
	struct ev_buf note;
	char head_at[EV_WHEN_TEXT];
	int64_t covered; /* size of the newest head that fits */
	int64_t count;   /* heads that fit */
	struct clocks clocks;
	struct ev_kept kept;      /* heads that were kept elsewhere */
	struct ev_buf line, text; /* room for an entry's */
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

/* What is looked for in an entry's line. */
enum { ACTION, ACTOR, AFTER_AT, AFTER_SELF, AT, BOOT, SYNCED, SEQ, SAID };

/* A token's genTime against the entry that keeps it. */
static void
check_skew(struct check *k, const struct ev_canon_member *said, int64_t us)
{
	struct clocks *clocks = &k->clocks;
	int64_t self = 1, gen;

	if (!ev_canon_is(&said[ACTION], "stamp") ||
	    !ev_canon_text(&said[AFTER_AT], &k->text) ||
	    !ev_canon_int(&said[AFTER_SELF], &self) || self != 0 ||
	    !ev_when_parse(&gen, NULL, ev_buf_text(&k->text), k->text.len))
		return;
	clocks->tokens++;
	if (us - gen > clocks->skew_us || gen - us > clocks->skew_us)
		clocks->skew_us = us > gen ? us - gen : gen - us;
}

static void
check_clock(struct check *k, const struct ev_custody_entry *e,
    const struct ev_canon_member *said)
{
	struct clocks *last = &k->clocks;
	int64_t us, boot = 0, synced = 0;

	if (e->at == NULL || !ev_when_parse(&us, NULL, e->at, strlen(e->at))) {
		say(k, EV_CUSTODY_FAILED, e->seq, "entry %jd has no instant",
		    (intmax_t)e->seq);
		return;
	}
	if (!ev_canon_int(&said[BOOT], &boot) ||
	    !ev_canon_int(&said[SYNCED], &synced))
		say(k, EV_CUSTODY_FAILED, e->seq,
		    "entry %jd does not say by which clock it was made",
		    (intmax_t)e->seq);
	if (us < last->wall_us)
		say(k, EV_CUSTODY_UNCHECKED, e->seq,
		    "entry %jd: the clock ran backwards by %jd s",
		    (intmax_t)e->seq,
		    (intmax_t)((last->wall_us - us) / 1000000));
	else if (last->boot_us > 0 &&
		 boot - last->boot_us > us - last->wall_us + step_us)
		say(k, EV_CUSTODY_UNCHECKED, e->seq,
		    "entry %jd: by its running time the machine went on %jd s "
		    "more than its clock: that was set back, or it is another "
		    "machine",
		    (intmax_t)e->seq,
		    (intmax_t)((boot - last->boot_us - us + last->wall_us) /
			       1000000));
	if (synced != 1)
		last->unsynced++;
	check_skew(k, said, us);
	last->wall_us = us;
	last->boot_us = boot;
}

/* Why a line is not as it should be. */
static void
say_form(struct check *k, const struct ev_custody_entry *e)
{
	struct ev_json_doc *doc = NULL;
	struct ev_err why;

	if (ev_json_parse(&doc, e->leaf, e->leaf_len, &why) != EV_OK)
		say(k, EV_CUSTODY_FAILED, e->seq,
		    "entry %jd is not JSON: %.200s", (intmax_t)e->seq, why.msg);
	else
		say(k, EV_CUSTODY_FAILED, e->seq,
		    "entry %jd is not in canonical form", (intmax_t)e->seq);
	ev_json_free(doc);
}

/* The leaf is canonical, and the columns say what it says. */
static enum ev_rc
check_leaf(struct check *k, const struct ev_custody_entry *e,
    struct ev_err *err)
{
	struct ev_canon_member said[SAID] = {
		[ACTION] = { .key = "action" },
		[ACTOR] = { .key = "actor" },
		[AFTER_AT] = { .outer = "after", .key = "at" },
		[AFTER_SELF] = { .outer = "after", .key = "self_issued" },
		[AT] = { .key = "at" },
		[BOOT] = { .outer = "clock", .key = "boot_us" },
		[SYNCED] = { .outer = "clock", .key = "synced" },
		[SEQ] = { .key = "seq" },
	};
	static const char pad[EV_JSONLEX_PAD] = { 0 };
	enum ev_rc rc;
	int64_t seq;

	ev_buf_clear(&k->line);
	rc = ev_buf_put(&k->line, e->leaf, e->leaf_len, err);
	if (rc == EV_OK)
		rc = ev_buf_put(&k->line, pad, sizeof(pad), err);
	if (rc != EV_OK)
		return rc;
	if (!ev_json_canon(k->line.data, e->leaf_len, said, SAID)) {
		say_form(k, e);
		return EV_OK;
	}
	if (!ev_canon_int(&said[SEQ], &seq) || seq != e->seq || e->at == NULL ||
	    e->action == NULL || e->actor == NULL ||
	    !ev_canon_is(&said[AT], e->at) ||
	    !ev_canon_is(&said[ACTION], e->action) ||
	    !ev_canon_is(&said[ACTOR], e->actor))
		say(k, EV_CUSTODY_FAILED, e->seq,
		    "entry %jd: its columns differ from its line",
		    (intmax_t)e->seq);
	check_clock(k, e, said);
	return EV_OK;
}

static void
end_clock(struct check *k, int64_t entries)
{
	const struct clocks *clocks = &k->clocks;

	if (clocks->tokens > 0)
		say(k, EV_CUSTODY_OK, 0,
		    "%jd stamp%s of authorities: this clock was at most %jd s "
		    "away from theirs",
		    (intmax_t)clocks->tokens, clocks->tokens == 1 ? "" : "s",
		    (intmax_t)((clocks->skew_us + 999999) / 1000000));
	if (clocks->unsynced > 0)
		say(k, EV_CUSTODY_UNCHECKED, 0,
		    "%jd of %jd entries were made while the clock was not "
		    "known to be synchronised",
		    (intmax_t)clocks->unsynced, (intmax_t)entries);
}

static enum ev_rc
next_head(struct check *k, struct ev_err *err)
{
	const void *root;
	const char *note, *when;
	size_t root_len, len;
	enum ev_rc rc;

	k->more = false;
	rc = ev_db_step(k->heads, err);
	if (rc == EV_EOF)
		return EV_OK;
	if (rc == EV_OK)
		rc = ev_db_row(k->heads, err, "ibts", &k->head.size, &root,
		    &root_len, &note, &len, &when);
	if (rc != EV_OK)
		return rc;
	if (root_len != sizeof(k->head.root))
		return ev_fail(err, EV_INPUT, "a head without a root");
	memcpy(k->head.root, root, root_len);
	(void)snprintf(k->head_at, sizeof(k->head_at), "%s", when);
	ev_buf_clear(&k->note);
	k->more = true;
	return ev_buf_put(&k->note, note, len, err);
}

/* The copy in heads/ is the same, to the byte. */
static void
check_copy(struct check *k)
{
	char name[EV_HEAD_NAME];
	struct ev_buf file;
	struct ev_err why;

	ev_head_name(name, k->head.size);
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
check_kept(struct check *k, struct ev_kept_head *kept,
    const struct ev_merkle_head *now)
{
	kept->seen = true;
	if (memcmp(kept->root, now->root, kept->known) == 0)
		say(k, EV_CUSTODY_OK, now->size,
		    "the log extends the head of %jd entries kept elsewhere",
		    (intmax_t)now->size);
	else
		say(k, EV_CUSTODY_FAILED, now->size,
		    "the log does not extend the head of %jd entries kept "
		    "elsewhere: it was rewritten",
		    (intmax_t)now->size);
}

/* A code does not tell how many entries: the head that has it does. */
static void
check_codes(struct check *k, const struct ev_merkle_head *now)
{
	struct ev_kept_head *kept;
	size_t i;

	for (i = 0; i < k->kept.count; i++) {
		kept = &k->kept.head[i];
		if (kept->size == 0 &&
		    memcmp(kept->root, now->root, kept->known) == 0)
			check_kept(k, kept, now);
	}
}

static void
check_head(struct check *k, const struct ev_merkle_head *now, const char *when)
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
	if (when == NULL || strcmp(k->head_at, when) != 0)
		say(k, EV_CUSTODY_FAILED, now->size,
		    "head %jd has not the instant of its last entry",
		    (intmax_t)now->size);
	check_copy(k);
	check_codes(k, now);
	k->covered = now->size;
	k->count++;
}

/* Whether a kept head is of this size. */
static bool
is_kept(const struct check *k, int64_t size)
{
	size_t i;

	for (i = 0; i < k->kept.count; i++) {
		if (k->kept.head[i].size == size)
			return true;
	}
	return false;
}

static enum ev_rc
check_entry(struct check *k, const struct ev_custody_entry *e,
    struct ev_merkle *tree, struct ev_err *err)
{
	struct ev_merkle_head now;
	enum ev_rc rc;
	size_t i;

	if (e->seq != tree->size + 1)
		say(k, EV_CUSTODY_FAILED, e->seq, "entry %jd follows entry %jd",
		    (intmax_t)e->seq, (intmax_t)tree->size);
	rc = check_leaf(k, e, err);
	if (rc == EV_OK)
		rc = ev_merkle_add(tree, e->leaf, e->leaf_len, err);
	if (rc != EV_OK)
		return rc;
	if (!(k->more && k->head.size == tree->size) && !is_kept(k, tree->size))
		return EV_OK;
	rc = ev_merkle_head(tree, &now, err);
	if (rc != EV_OK)
		return rc;
	for (i = 0; i < k->kept.count; i++) {
		if (k->kept.head[i].size == tree->size)
			check_kept(k, &k->kept.head[i], &now);
	}
	if (!k->more || k->head.size != tree->size)
		return EV_OK;
	check_head(k, &now, e->at);
	return next_head(k, err);
}

static void
check_unseen(struct check *k, int64_t entries)
{
	const struct ev_kept_head *kept;
	size_t i;

	for (i = 0; i < k->kept.count; i++) {
		kept = &k->kept.head[i];
		if (kept->seen)
			continue;
		if (kept->size == 0)
			say(k, EV_CUSTODY_FAILED, entries,
			    "no head of this log has the code kept elsewhere: "
			    "its tail was cut, it was rewritten, an older case "
			    "was put back, or the code was mistyped");
		else
			say(k, EV_CUSTODY_FAILED, entries,
			    "the head kept elsewhere covers %jd entries, the "
			    "log has %jd: its tail was cut or an older case "
			    "put back",
			    (intmax_t)kept->size, (intmax_t)entries);
	}
}

static void
signed_finding(void *ctx, enum ev_custody_state state, int64_t seq,
    const char *what)
{
	say(ctx, state, seq, "%s", what);
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
	check_unseen(k, entries);
	if (k->covered < entries)
		say(k, EV_CUSTODY_UNCHECKED, k->covered + 1,
		    "entries %jd to %jd are not covered by a head",
		    (intmax_t)k->covered + 1, (intmax_t)entries);
	if (entries == 0)
		say(k, EV_CUSTODY_FAILED, 0, "the log is empty");
	if (rc == EV_OK)
		rc = ev_head_files_check(k->c, signed_finding, k, err);
	if (rc == EV_OK)
		rc = ev_signed_check(k->c, signed_finding, k, err);
	end_clock(k, entries);
	if (!k->failed)
		say(k, EV_CUSTODY_OK, 0,
		    "%jd entries and %jd heads recomputed, all equal",
		    (intmax_t)entries, (intmax_t)k->count);
	if (k->kept.count == 0)
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

enum ev_rc
ev_custody_verify(struct ev_case *c, const struct ev_buf *head,
    ev_custody_finding_fn *found, void *ctx, struct ev_err *err)
{
	struct check k = { .c = c,
		.found = found,
		.ctx = ctx,
		.clocks.wall_us = INT64_MIN };
	bool mine = !ev_db_in_transaction(c->db);
	enum ev_rc rc = EV_OK;

	ev_buf_init(&k.note, EV_NOTE_LIMIT);
	ev_buf_init(&k.line, LINE);
	ev_buf_init(&k.text, LINE);
	if (head != NULL)
		rc = ev_kept_read(&k.kept, c, head, err);
	if (rc == EV_OK && mine)
		rc = ev_db_begin_read(c->db, err);
	if (rc == EV_OK)
		rc = ev_db_prepare(c->db, &k.heads, err, sql_heads, "");
	if (rc == EV_OK)
		rc = check_log(&k, err);
	ev_db_finish(k.heads);
	ev_buf_release(&k.note);
	ev_buf_release(&k.line);
	ev_buf_release(&k.text);
	if (mine)
		ev_db_rollback(c->db);
	if (rc == EV_OK && k.failed)
		return ev_fail(err, EV_MISMATCH,
		    "the log, a head or a signature is not as it was");
	return rc;
}
