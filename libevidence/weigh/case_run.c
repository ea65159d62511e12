/* Claims entered in a case, listed out of it, and computed again. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "weigh/case_run.h"
#include "weigh/gather.h"

enum { ORDER_LIMIT = 16 << 20, HEADLINE_LIMIT = 16 << 20 };

static const char sql_last_run[] =
    "SELECT id, args, coalesce(headline, ''), entry FROM claim_run"
    " WHERE entry IS NOT NULL ORDER BY id DESC LIMIT 1";
static const char sql_run[] =
    "SELECT id, args, coalesce(headline, ''), entry FROM claim_run"
    " WHERE id = ? AND entry IS NOT NULL";
static const char sql_add_run[] =
    "INSERT INTO claim_run(args, headline, entry) VALUES(?, ?, ?)";
static const char sql_add_claim[] =
    "INSERT INTO claim(asks, subject, object, low, mid, high, met, label,"
    " line, run, entry) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char sql_replace[] =
    "UPDATE claim SET superseded = ?1 WHERE superseded IS NULL AND id <> ?1"
    " AND asks = ?2 AND subject = ?3 AND object = ?4 AND run < ?5";
static const char sql_current[] =
    "SELECT line FROM claim WHERE run = ? AND asks = ? AND subject = ?"
    " AND object = ?";
static const char sql_claim[] =
    "SELECT line, run FROM claim WHERE id = ? AND entry IS NOT NULL";
static const char sql_lines[] =
    "SELECT id, line FROM claim WHERE run = ? AND entry IS NOT NULL"
    " ORDER BY id";

enum ev_rc
ev_run_load(struct ev_case *c, int64_t id, struct ev_run *run,
    struct ev_err *err)
{
	const char *args, *headline;
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	*run = (struct ev_run){ 0 };
	ev_buf_init(&run->order, ORDER_LIMIT);
	ev_buf_init(&run->headline, HEADLINE_LIMIT);
	rc = id == 0 ? ev_db_prepare(ev_case_db(c), &st, err, sql_last_run, "")
		     : ev_db_prepare(ev_case_db(c), &st, err, sql_run, "i", id);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "issi", &run->id, &args, &headline,
		    &run->entry);
	if (rc == EV_OK)
		rc = ev_buf_puts(&run->order, args, err);
	if (rc == EV_OK)
		rc = ev_buf_puts(&run->headline, headline, err);
	ev_db_finish(st);
	return rc;
}

void
ev_run_release(struct ev_run *run)
{
	ev_buf_release(&run->order);
	ev_buf_release(&run->headline);
}

/* As above, but having none is an error that says what to do. */
static enum ev_rc
need_run(struct ev_case *c, struct ev_run *run, struct ev_err *err)
{
	enum ev_rc rc = ev_run_load(c, 0, run, err);

	if (rc == EV_EOF)
		return ev_fail(err, EV_USE,
		    "nothing was weighed in this case yet: ev-attrib run");
	return rc;
}

static enum ev_rc
hex_of(const void *data, size_t len, char hex[2 * EV_SHA256 + 1],
    struct ev_err *err)
{
	unsigned char sha256[EV_SHA256];
	enum ev_rc rc = ev_sha256(sha256, data, len, err);

	if (rc == EV_OK)
		ev_text_hex(hex, sha256, sizeof(sha256));
	return rc;
}

/* The line of the run before about the same question; "" if none. */
static enum ev_rc
old_line(struct ev_case *c, int64_t run, const struct ev_weigh_claim *claim,
    struct ev_buf *line, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *text;
	enum ev_rc rc;

	ev_buf_clear(line);
	rc = ev_db_prepare(ev_case_db(c), &st, err, sql_current, "isss", run,
	    claim->asks, claim->subject, claim->object);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "s", &text);
	if (rc == EV_OK)
		rc = ev_buf_puts(line, text, err);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* What the old line itself superseded, "" if nothing; false if malformed. */
static bool
old_supersedes(const struct ev_buf *line, char hex[2 * EV_SHA256 + 1])
{
	static const char key[] = "\"supersedes\":\"";
	const char *at = strstr(ev_buf_text(line), key);
	size_t len;

	if (at == NULL)
		return false;
	at += sizeof(key) - 1;
	len = strcspn(at, "\"");
	if (len > (size_t)2 * EV_SHA256)
		return false;
	memcpy(hex, at, len);
	hex[len] = '\0';
	return true;
}

/* Equal but for what the old one superseded? */
static bool
says_the_same(const struct ev_weigh_claim *claim, const struct ev_buf *old,
    const char *supersedes)
{
	static const char key[] = "\"supersedes\":\"";
	const char *at = strstr(claim->line, key);
	size_t head, skip = strlen(supersedes);

	if (at == NULL || old->len != claim->len + skip)
		return false;
	head = (size_t)(at - claim->line) + sizeof(key) - 1;
	return memcmp(claim->line, old->data, head) == 0 &&
	       memcmp(claim->line + head, old->data + head + skip,
		   claim->len - head) == 0;
}

/*
 * A claim that says what it said keeps what it superseded; one that says
 * something else supersedes the line before.
 */
static enum ev_rc
chain_claims(struct ev_case *c, struct ev_weigh *w, int64_t run, bool *changed,
    struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	struct ev_buf old;
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_buf_init(&old, ORDER_LIMIT);
	for (i = 0; i < ev_weigh_count(w) && rc == EV_OK; i++) {
		rc = old_line(c, run, ev_weigh_claim(w, i), &old, err);
		if (rc != EV_OK)
			break;
		if (old.len == 0) {
			*changed = true;
			continue;
		}
		if (!old_supersedes(&old, hex) ||
		    !says_the_same(ev_weigh_claim(w, i), &old, hex)) {
			*changed = true;
			rc = hex_of(old.data, old.len, hex, err);
		}
		if (rc == EV_OK && hex[0] != '\0')
			rc = ev_weigh_supersede(w, i, hex, err);
	}
	ev_buf_release(&old);
	return rc;
}

static enum ev_rc
add_claims(struct ev_case *c, struct ev_weigh *w, int64_t run, int64_t entry,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < ev_weigh_count(w) && rc == EV_OK; i++) {
		const struct ev_weigh_claim *k = ev_weigh_claim(w, i);

		rc = ev_db_run(ev_case_db(c), err, sql_add_claim, "sssiiiissii",
		    k->asks, k->subject, k->object, k->low, k->mid, k->high,
		    (int64_t)k->met, k->label, k->line, run, entry);
		if (rc == EV_OK)
			rc = ev_db_run(ev_case_db(c), err, sql_replace, "isssi",
			    ev_db_last_id(ev_case_db(c)), k->asks, k->subject,
			    k->object, run);
	}
	return rc;
}

static enum ev_rc
write_after(struct ev_case *c, struct ev_weigh *w, int64_t run,
    const struct ev_run *now, struct ev_buf *after, struct ev_err *err)
{
	char order[2 * EV_SHA256 + 1], headline[2 * EV_SHA256 + 1], name[48];
	struct ev_weigh_counts counts;
	struct ev_list list;
	struct ev_jw j;
	enum ev_rc rc;
	size_t i;

	ev_weigh_counted(w, &counts);
	(void)snprintf(name, sizeof(name), "claims %" PRId64, run);
	rc = ev_list_init(&list, c, name, err);
	for (i = 0; i < ev_weigh_count(w) && rc == EV_OK; i++)
		rc = ev_list_add(&list, ev_weigh_claim(w, i)->line,
		    ev_weigh_claim(w, i)->len, err);
	if (rc == EV_OK)
		rc = hex_of(now->order.data, now->order.len, order, err);
	if (rc == EV_OK)
		rc = hex_of(now->headline.data, now->headline.len, headline,
		    err);
	ev_jw_init(&j, after);
	ev_jw_object(&j);
	ev_jw_key_int(&j, "claims", counts.claims);
	ev_jw_key_int(&j, "facts", counts.facts);
	if (rc == EV_OK)
		ev_jw_key_text(&j, "headline_sha256", headline);
	ev_jw_key(&j, "lists");
	ev_jw_array(&j);
	if (rc == EV_OK)
		rc = ev_list_write(&list, name, &j, err);
	ev_jw_close(&j);
	ev_jw_key_int(&j, "met", counts.met);
	if (rc == EV_OK)
		ev_jw_key_text(&j, "order_sha256", order);
	ev_jw_key_int(&j, "run", run);
	ev_jw_close(&j);
	ev_list_release(&list);
	return rc == EV_OK ? ev_jw_end(&j, err) : rc;
}

static enum ev_rc
enter_run(struct ev_case *c, struct ev_weigh *w, const struct ev_run *now,
    int64_t *run, struct ev_err *err)
{
	struct ev_entry entry = { .action = "weigh" };
	struct ev_buf after;
	int64_t seq = 0;
	enum ev_rc rc;

	ev_buf_init(&after, 1 << 20);
	rc = ev_db_int(ev_case_db(c), run, err,
	    "SELECT coalesce(max(id), 0) + 1 FROM claim_run", "");
	if (rc == EV_OK)
		rc = write_after(c, w, *run, now, &after, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(ev_case_db(c), err, sql_add_run, "ssi",
		    ev_buf_text(&now->order), ev_buf_text(&now->headline), seq);
	if (rc == EV_OK)
		rc = add_claims(c, w, *run, seq, err);
	ev_buf_release(&after);
	return rc;
}

/* The same claims and counts out of the same order: nothing to enter. */
static bool
is_unchanged(const struct ev_weigh *w, const struct ev_run *before,
    const struct ev_run *now, int64_t before_claims)
{
	return before->id > 0 && before_claims == (int64_t)ev_weigh_count(w) &&
	       before->order.len == now->order.len &&
	       before->headline.len == now->headline.len &&
	       memcmp(before->order.data, now->order.data, now->order.len) ==
		   0 &&
	       (now->headline.len == 0 ||
		   memcmp(before->headline.data, now->headline.data,
		       now->headline.len) == 0);
}

static void
fill_summary(const struct ev_weigh *w, int64_t votes,
    struct ev_attrib_summary *s)
{
	struct ev_weigh_counts counts;

	ev_weigh_counted(w, &counts);
	s->facts = counts.facts;
	s->observations = counts.observations;
	s->accounts = counts.accounts;
	s->pairs = counts.pairs;
	s->claims = counts.claims;
	s->met = counts.met;
	s->public_values = counts.public_values;
	s->oversized = counts.oversized;
	s->databases = votes;
}

/* Within the transaction: compute, compare with the run before, enter. */
static enum ev_rc
weigh_case(struct ev_case *c, const struct ev_attrib_opts *opts,
    struct ev_attrib_summary *summary, struct ev_err *err)
{
	struct ev_run before = { 0 }, now = { 0 };
	struct ev_weigh *w = NULL;
	int64_t files[EV_GATHER_FILES] = { 0 }, claims = 0, votes = 0;
	bool changed = false, partial;
	enum ev_rc rc;

	ev_buf_init(&now.order, ORDER_LIMIT);
	ev_buf_init(&now.headline, HEADLINE_LIMIT);
	rc = ev_run_load(c, 0, &before, err);
	if (rc == EV_OK || rc == EV_EOF)
		rc = ev_gather_files(c, opts, files, err);
	if (rc == EV_OK)
		rc = ev_gather_order(c, opts, files, &now.order, err);
	if (rc == EV_OK)
		rc = ev_gather_weigh(c, now.order.data, now.order.len, 0, &w,
		    err);
	partial = rc == EV_PARTIAL;
	if (rc == EV_OK || partial)
		rc = chain_claims(c, w, before.id, &changed, err);
	if (rc == EV_OK) {
		ev_buf_clear(&now.order);
		rc = ev_weigh_order(w, &now.order, err);
	}
	if (rc == EV_OK)
		rc = ev_weigh_headline(w, &now.headline, err);
	if (rc == EV_OK)
		rc = ev_db_int(ev_case_db(c), &claims, err,
		    "SELECT count(*) FROM claim WHERE run = ?", "i", before.id);
	if (rc == EV_OK)
		rc = ev_db_int(ev_case_db(c), &votes, err,
		    "SELECT count(DISTINCT name) FROM geo_source"
		    " WHERE role = 'vote'",
		    "");
	if (rc == EV_OK) {
		fill_summary(w, votes, summary);
		summary->unchanged =
		    !changed && is_unchanged(w, &before, &now, claims);
		summary->run = before.id;
		if (!summary->unchanged)
			rc = enter_run(c, w, &now, &summary->run, err);
	}
	ev_weigh_free(w);
	ev_run_release(&before);
	ev_run_release(&now);
	return rc == EV_OK && partial ? EV_PARTIAL : rc;
}

enum ev_rc
ev_attrib_run(struct ev_case *c, const struct ev_attrib_opts *opts,
    struct ev_attrib_summary *summary, struct ev_err *err)
{
	bool partial;
	enum ev_rc rc;

	*summary = (struct ev_attrib_summary){ 0 };
	rc = ev_db_begin(ev_case_db(c), err);
	if (rc != EV_OK)
		return rc;
	rc = weigh_case(c, opts, summary, err);
	partial = rc == EV_PARTIAL;
	if (rc == EV_OK || partial)
		rc = ev_db_commit(ev_case_db(c), err);
	if (rc != EV_OK) {
		ev_db_rollback(ev_case_db(c));
		return rc;
	}
	rc = ev_custody_seal(c, err);
	return rc == EV_OK && partial ? EV_PARTIAL : rc;
}

enum ev_rc
ev_run_weigh(struct ev_case *c, const char *from, const char *to,
    struct ev_run *run, struct ev_weigh **w, struct ev_err *err)
{
	const struct ev_json_node *node;
	struct ev_json_doc *doc = NULL;
	struct ev_buf order;
	struct ev_jw j;
	enum ev_rc rc;

	*w = NULL;
	rc = need_run(c, run, err);
	if (rc != EV_OK)
		return rc;
	if (from == NULL && to == NULL)
		return ev_gather_weigh(c, run->order.data, run->order.len,
		    run->entry, w, err);
	/* The same order over another window. */
	ev_buf_init(&order, ORDER_LIMIT);
	rc = ev_json_parse(&doc, run->order.data, run->order.len, err);
	if (rc == EV_OK) {
		ev_jw_init(&j, &order);
		ev_jw_object(&j);
		for (node = ev_json_root(doc)->child; node != NULL;
		     node = node->next) {
			if (strcmp(node->key, "window") == 0)
				break;
			ev_jw_key(&j, node->key);
			ev_jw_raw(&j, ev_buf_text(&run->order) + node->offset,
			    node->length);
		}
		ev_jw_key(&j, "window");
		ev_jw_object(&j);
		ev_jw_key_text(&j, "from", from == NULL ? "" : from);
		ev_jw_key_text(&j, "to", to == NULL ? "" : to);
		ev_jw_close(&j);
		ev_jw_close(&j);
		rc = ev_jw_end(&j, err);
	}
	if (rc == EV_OK)
		rc = ev_gather_weigh(c, order.data, order.len, run->entry, w,
		    err);
	ev_json_free(doc);
	ev_buf_release(&order);
	return rc;
}

enum ev_rc
ev_attrib_line(struct ev_case *c, const char *what, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	int64_t id, run;
	const char *line;
	char letter;
	enum ev_rc rc;

	if (!ev_id_parse(what, &letter, &id) || letter != 'C')
		return ev_fail(err, EV_USE, "'%s' is no claim (C000001)", what);
	rc = ev_db_prepare(ev_case_db(c), &st, err, sql_claim, "i", id);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE, "the case has no claim %s", what);
	else if (rc == EV_OK)
		rc = ev_db_row(st, err, "si", &line, &run);
	if (rc == EV_OK)
		rc = ev_buf_puts(out, line, err);
	ev_db_finish(st);
	return rc;
}

enum ev_rc
ev_run_lines(struct ev_case *c, int64_t run, ev_run_line_fn *line, void *ctx,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *text;
	int64_t id;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(c), &st, err, sql_lines, "i", run);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "is", &id, &text);
		if (rc == EV_OK)
			rc = line(ctx, id, text, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

struct check {
	const struct ev_weigh *w;
	int64_t only; /* 0: all */
	int64_t checked, bad;
	ev_attrib_said_fn *said;
	void *ctx;
};

static void
say(struct check *k, int64_t id, const char *what)
{
	char text[256], name[EV_ID_TEXT];

	ev_id_print(name, 'C', id);
	(void)snprintf(text, sizeof(text), "%s: %s", name, what);
	k->bad++;
	k->said(k->ctx, text);
}

static enum ev_rc
check_line(void *ctx, int64_t id, const char *line, struct ev_err *err)
{
	struct check *k = ctx;
	struct ev_claim_row old = { .patch = 0 };
	const struct ev_weigh_claim *now;
	enum ev_rc rc;
	size_t i;

	if (k->only != 0 && k->only != id)
		return EV_OK;
	k->checked++;
	ev_buf_init(&old.line, ORDER_LIMIT);
	ev_buf_init(&old.text, ORDER_LIMIT);
	rc = ev_buf_puts(&old.line, line, err);
	if (rc == EV_OK && ev_claim_read(&old, err) != EV_OK) {
		say(k, id, "the stored line is no claim");
		goto out;
	}
	for (i = 0; i < ev_weigh_count(k->w) && rc == EV_OK; i++) {
		now = ev_weigh_claim(k->w, i);
		if (strcmp(now->asks, old.pub.asks) != 0 ||
		    strcmp(now->subject, old.pub.subject) != 0 ||
		    strcmp(now->object, old.pub.object) != 0)
			continue;
		if (now->len != old.line.len ||
		    memcmp(now->line, line, now->len) != 0)
			say(k, id, "the facts and the rules give another line");
		goto out;
	}
	say(k, id, "the facts and the rules give no such claim");
out:
	ev_claim_row_release(&old);
	return rc;
}

static enum ev_rc
check_headline(struct ev_weigh *w, const struct ev_run *run, struct check *k,
    struct ev_err *err)
{
	struct ev_buf now;
	enum ev_rc rc;

	ev_buf_init(&now, HEADLINE_LIMIT);
	rc = ev_weigh_headline(w, &now, err);
	if (rc == EV_OK &&
	    strcmp(ev_buf_text(&now), ev_buf_text(&run->headline)) != 0) {
		k->bad++;
		k->said(k->ctx, "the headline figures: the claims give others");
	}
	ev_buf_release(&now);
	return rc;
}

static enum ev_rc
run_of(struct ev_case *c, const char *claim, int64_t *id, int64_t *run,
    struct ev_err *err)
{
	char letter;
	enum ev_rc rc;

	if (!ev_id_parse(claim, &letter, id) || letter != 'C')
		return ev_fail(err, EV_USE, "'%s' is no claim (C000001)",
		    claim);
	rc = ev_db_int(ev_case_db(c), run, err,
	    "SELECT run FROM claim WHERE id = ? AND entry IS NOT NULL", "i",
	    *id);
	if (rc == EV_EOF)
		return ev_fail(err, EV_USE, "the case has no claim %s", claim);
	return rc;
}

enum ev_rc
ev_attrib_verify(struct ev_case *c, const char *claim, int64_t *checked,
    ev_attrib_said_fn *said, void *ctx, struct ev_err *err)
{
	struct check k = { .said = said, .ctx = ctx };
	struct ev_run run = { 0 };
	struct ev_weigh *w = NULL;
	struct ev_err why;
	int64_t number = 0;
	enum ev_rc rc = EV_OK;

	*checked = 0;
	if (claim != NULL)
		rc = run_of(c, claim, &k.only, &number, err);
	if (rc != EV_OK)
		return rc;
	rc = number == 0 ? need_run(c, &run, err)
			 : ev_run_load(c, number, &run, err);
	if (rc != EV_OK)
		goto out;
	rc = ev_gather_weigh(c, run.order.data, run.order.len, run.entry, &w,
	    &why);
	/* A file that is not what the order names is a finding. */
	if (w == NULL && (rc == EV_USE || rc == EV_INPUT)) {
		k.bad++;
		said(ctx, why.msg);
		rc = EV_OK;
	} else if (w == NULL) {
		*err = why;
	} else {
		k.w = w;
		rc = ev_run_lines(c, run.id, check_line, &k, err);
		if (rc == EV_OK && claim == NULL)
			rc = check_headline(w, &run, &k, err);
	}
out:
	ev_weigh_free(w);
	ev_run_release(&run);
	*checked = k.checked;
	if (rc == EV_OK && k.bad > 0 && k.checked == 0)
		return ev_fail(err, EV_MISMATCH,
		    "the claims cannot be computed again");
	if (rc == EV_OK && k.bad > 0)
		return ev_fail(err, EV_MISMATCH,
		    "%" PRId64 " of %" PRId64 " claims checked differ", k.bad,
		    k.checked);
	return rc;
}
