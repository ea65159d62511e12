/* The receipt of a handover: what the log says of it, for paper. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "case/custody.h"
#include "case/signed.h"
#include "evidence/json.h"
#include "evidence/receipt.h"
#include "out/sheet.h"

static const char sql_offer[] =
    "SELECT seq, leaf FROM log WHERE action = 'transfer-out'"
    " ORDER BY seq DESC LIMIT 1";
static const char sql_answer[] =
    "SELECT seq, leaf FROM log WHERE seq > ? AND action IN ('transfer-in',"
    " 'refuse') ORDER BY seq LIMIT 1";

/* One of the two entries; doc is NULL where there is none. */
struct side {
	int64_t seq;
	struct ev_buf leaf;
	struct ev_json_doc *doc;
	const struct ev_json_node *root, *after;
	struct ev_enrolled who; /* its actor */
	char sha256[65];        /* of its signature */
	char name[EV_SIGNED_NAME];
};

struct receipt {
	struct ev_case *c;
	struct side offer, answer;
	bool accepted, refused;
	struct ev_buf both; /* the note that the offer ended with */
	struct ev_buf now;  /* and the answer */
	char code[EV_CUSTODY_CODE];
};

static const char *
text_of(const struct ev_json_node *node, const char *key)
{
	const char *text = ev_json_get_text(node, key);

	return text == NULL ? "" : text;
}

static int64_t
int_of(const struct ev_json_node *node, const char *key)
{
	int64_t value = 0;

	return ev_json_get_int(node, key, &value) ? value : 0;
}

static enum ev_rc
load_side(struct receipt *r, struct side *s, const char *sql, int64_t after,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *leaf;
	int64_t size;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(r->c), &st, err, sql,
	    after == 0 ? "" : "i", after);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "it", &s->seq, &leaf, &len);
	if (rc == EV_OK)
		rc = ev_buf_put(&s->leaf, leaf, len, err);
	ev_db_finish(st);
	if (rc == EV_OK)
		rc = ev_json_parse(&s->doc, s->leaf.data, s->leaf.len, err);
	if (rc != EV_OK)
		return rc;
	s->root = ev_json_root(s->doc);
	s->after = ev_json_get(s->root, "after");
	rc = ev_signed_enrolled(r->c, text_of(s->root, "actor"), &s->who, err);
	if (rc == EV_OK && !ev_signed_place(s->root, s->name, &size))
		rc = ev_fail(err, EV_INPUT, "entry %jd is signed by nobody",
		    (intmax_t)s->seq);
	if (rc == EV_OK)
		rc = ev_signed_digest(r->c, s->name, s->sha256, err);
	return rc;
}

static enum ev_rc
load_head(struct receipt *r, int64_t size, struct ev_buf *note,
    struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_custody_head_of(r->c, size, note, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_INPUT,
		    "there is no head of %jd entries: the handover was broken "
		    "off",
		    (intmax_t)size);
	return rc;
}

static enum ev_rc
load(struct receipt *r, struct ev_err *err)
{
	const char *action;
	enum ev_rc rc;

	rc = load_side(r, &r->offer, sql_offer, 0, err);
	if (rc == EV_EOF)
		return ev_fail(err, EV_USE,
		    "this case was never handed over: ev-custody transfer "
		    "begins it");
	if (rc == EV_OK)
		rc = load_head(r, r->offer.seq, &r->both, err);
	if (rc != EV_OK)
		return rc;
	rc = load_side(r, &r->answer, sql_answer, r->offer.seq, err);
	if (rc == EV_EOF) {
		ev_custody_code(r->code, &r->both);
		return EV_OK;
	}
	if (rc == EV_OK)
		rc = load_head(r, r->answer.seq, &r->now, err);
	if (rc != EV_OK)
		return rc;
	action = text_of(r->answer.root, "action");
	r->accepted = strcmp(action, "transfer-in") == 0;
	r->refused = !r->accepted;
	ev_custody_code(r->code, &r->now);
	return EV_OK;
}

static void
put_case(const struct receipt *r, struct sheet *s)
{
	const struct ev_case_info *info = ev_case_info(r->c);

	sheet_heading(s, "The case");
	sheet_row(s, "number", "%s", info->number);
	sheet_row(s, "title", "%s", info->title);
	sheet_row(s, "id", "%s", info->case_id);
	sheet_row(s, "created", "%s", info->created);
}

static void
put_head(const struct receipt *r, struct sheet *s)
{
	int64_t size = r->answer.doc == NULL ? r->offer.seq : r->answer.seq;

	sheet_heading(s, "The head of its custody log");
	sheet_code(s, r->code);
	sheet_para(s,
	    "This is the log of %" PRId64 " entries. Keep this sheet, or "
	    "write the eight groups down, where who holds the case cannot "
	    "reach: they show later whether an entry was changed, the end of "
	    "the log cut off, or an older copy of the case put back.",
	    size);
}

static void
put_side(struct sheet *s, const char *heading, const struct side *side)
{
	const char *place = ev_json_get_text(side->root, "place");
	const char *purpose = ev_json_get_text(side->root, "purpose");
	const char *authoriser = ev_json_get_text(side->root, "authoriser");

	sheet_heading(s, heading);
	sheet_row(s, "person", "%s (%s)", side->who.name,
	    text_of(side->root, "actor"));
	sheet_row(s, "role, office", "%s, %s", side->who.role,
	    side->who.office);
	sheet_row(s, "when", "%s, entry %" PRId64, text_of(side->root, "at"),
	    side->seq);
	if (place != NULL)
		sheet_row(s, "place", "%s", place);
	if (purpose != NULL)
		sheet_row(s, "purpose", "%s", purpose);
	if (authoriser != NULL)
		sheet_row(s, "authorised by", "%s", authoriser);
	sheet_row(s, "signature", "heads/%s", side->name);
	sheet_row(s, "its SHA-256", "%s", side->sha256);
	sheet_row(s, "certificate", "%s", side->who.cert_sha256);
}

static void
put_counts(const struct receipt *r, struct sheet *s)
{
	static const char *const keys[] = { "exhibits", "bytes", "artifacts",
		"facts" };
	size_t i;

	sheet_heading(s, "What is in it");
	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		sheet_row(s, keys[i], "%" PRId64,
		    int_of(r->offer.after, keys[i]));
	if (r->accepted)
		sheet_para(s,
		    "Before signing, the receiver's program counted the same, "
		    "held the log against the giver's head, and hashed every "
		    "byte of every exhibit again: all as the case says.");
}

static void
put_failures(const struct receipt *r, struct sheet *s)
{
	const struct ev_json_node *n;

	sheet_heading(s, "Why it was refused");
	sheet_para(s, "%s", text_of(r->answer.after, "reason"));
	n = ev_json_get(r->answer.after, "failed");
	for (n = n == NULL ? NULL : n->child; n != NULL; n = n->next)
		sheet_row(s, "failed", "%s", n->text == NULL ? "" : n->text);
}

/* A command for each signature over one note. */
static void
put_openssl(struct sheet *s, int64_t head, const char *first,
    const char *second)
{
	sheet_lines(s,
	    "check=\"openssl cms -verify -cades -binary -inform DER -purpose "
	    "any\"\n"
	    "check=\"$check -CAfile ROOTS.pem -content heads/%06" PRId64
	    ".note -out /dev/null\"\n"
	    "$check -in heads/%s\n%s%s%s",
	    head, first, second == NULL ? "" : "$check -in heads/",
	    second == NULL ? "" : second, second == NULL ? "" : "\n");
}

static void
put_recipe(const struct receipt *r, struct sheet *s)
{
	sheet_heading(s, "How to check");
	sheet_para(s, "With this sheet as a file, or with its eight groups:");
	sheet_lines(s,
	    "ev-custody verify CASE --head THIS-FILE\n"
	    "ev-custody verify CASE --head \"%s\"\n",
	    r->code);
	sheet_para(s,
	    "With stock tools alone, in the folder of the case: ROOTS.pem are "
	    "the roots that you trust, each note must be the one below, and "
	    "the signatures are over the note.");
	put_openssl(s, r->offer.seq, r->offer.name,
	    r->accepted ? r->answer.name : NULL);
	if (r->refused)
		put_openssl(s, r->answer.seq, r->answer.name, NULL);
	sheet_lines(s, "sha256sum heads/%s%s%s\ncat heads/%06" PRId64 ".note\n",
	    r->offer.name, r->answer.doc == NULL ? "" : " heads/",
	    r->answer.doc == NULL ? "" : r->answer.name, r->offer.seq);
}

static void
put_notes(const struct receipt *r, struct sheet *s)
{
	sheet_heading(s, r->accepted ? "The head that both signed"
				     : "The head that the giver signed");
	sheet_lines(s, "%s", ev_buf_text(&r->both));
	if (r->answer.doc == NULL)
		return;
	sheet_heading(s, r->accepted ? "The head after the handover"
				     : "The head after the refusal");
	sheet_lines(s, "%s", ev_buf_text(&r->now));
}

static void
put_end(const struct receipt *r, struct sheet *s)
{
	sheet_heading(s, "What this sheet does not say");
	sheet_para(s,
	    "It does not say that the data is true, nor what happened to it "
	    "before it was received into the case. Times are those of the "
	    "machines. Whether the certificates belong to these persons is "
	    "for who issued them to say.");
	if (!r->accepted)
		return;
	sheet_heading(s, "In ink, where wanted");
	sheet_lines(s,
	    "\ngiver    ______________________________  date ____________\n"
	    "\nreceiver ______________________________  date ____________\n");
}

static enum ev_rc
put_sheet(const struct receipt *r, bool html, struct ev_buf *out,
    struct ev_err *err)
{
	struct sheet s;

	sheet_open(&s, out, html,
	    r->accepted  ? "Receipt of a handover"
	    : r->refused ? "Record of a refused handover"
			 : "Offer of a handover, not yet answered");
	put_case(r, &s);
	put_head(r, &s);
	put_side(&s, r->accepted ? "Given by" : "Offered by", &r->offer);
	if (r->answer.doc != NULL)
		put_side(&s, r->accepted ? "Received by" : "Refused by",
		    &r->answer);
	else
		sheet_row(&s, "offered to", "%s",
		    text_of(r->offer.after, "to"));
	if (r->refused)
		put_failures(r, &s);
	put_counts(r, &s);
	put_recipe(r, &s);
	put_notes(r, &s);
	put_end(r, &s);
	return sheet_close(&s, err);
}

static void
json_side(struct ev_jw *w, const char *key, const struct side *side)
{
	ev_jw_key(w, key);
	ev_jw_object(w);
	ev_jw_key_text(w, "actor", text_of(side->root, "actor"));
	ev_jw_key_text(w, "at", text_of(side->root, "at"));
	ev_jw_key_text(w, "cert_sha256", side->who.cert_sha256);
	ev_jw_key_int(w, "entry", side->seq);
	ev_jw_key_text(w, "name", side->who.name);
	ev_jw_key_text(w, "office", side->who.office);
	ev_jw_key_text(w, "role", side->who.role);
	ev_jw_key_text(w, "signature", side->name);
	ev_jw_key_text(w, "signature_sha256", side->sha256);
	ev_jw_close(w);
}

static enum ev_rc
put_json(const struct receipt *r, struct ev_buf *out, struct ev_err *err)
{
	const struct ev_case_info *info = ev_case_info(r->c);
	struct ev_jw w;
	enum ev_rc rc;

	ev_jw_init(&w, out);
	ev_jw_object(&w);
	if (r->answer.doc != NULL)
		json_side(&w, "answer", &r->answer);
	ev_jw_key_int(&w, "artifacts", int_of(r->offer.after, "artifacts"));
	ev_jw_key_int(&w, "bytes", int_of(r->offer.after, "bytes"));
	ev_jw_key_text(&w, "case", info->case_id);
	ev_jw_key_text(&w, "code", r->code);
	ev_jw_key_int(&w, "exhibits", int_of(r->offer.after, "exhibits"));
	ev_jw_key_int(&w, "facts", int_of(r->offer.after, "facts"));
	ev_jw_key_text(&w, "head",
	    ev_buf_text(r->answer.doc == NULL ? &r->both : &r->now));
	ev_jw_key_text(&w, "number", info->number);
	json_side(&w, "offer", &r->offer);
	ev_jw_key_text(&w, "schema", "evidence/receipt/1");
	ev_jw_key_text(&w, "signed_head", ev_buf_text(&r->both));
	ev_jw_key_text(&w, "state",
	    r->accepted  ? "accepted"
	    : r->refused ? "refused"
			 : "open");
	ev_jw_key_text(&w, "to", text_of(r->offer.after, "to"));
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	return rc == EV_OK ? ev_buf_putc(out, '\n', err) : rc;
}

enum ev_rc
ev_receipt(struct ev_case *c, enum ev_receipt_form form, struct ev_buf *out,
    struct ev_err *err)
{
	enum { LEAF_LIMIT = 4 << 20 };
	struct receipt r = { .c = c };
	enum ev_rc rc;

	ev_buf_init(&r.offer.leaf, LEAF_LIMIT);
	ev_buf_init(&r.answer.leaf, LEAF_LIMIT);
	ev_buf_init(&r.both, EV_NOTE_LIMIT);
	ev_buf_init(&r.now, EV_NOTE_LIMIT);
	rc = load(&r, err);
	if (rc == EV_OK && form == EV_RECEIPT_JSON)
		rc = put_json(&r, out, err);
	else if (rc == EV_OK)
		rc = put_sheet(&r, form == EV_RECEIPT_HTML, out, err);
	ev_json_free(r.offer.doc);
	ev_json_free(r.answer.doc);
	ev_buf_release(&r.offer.leaf);
	ev_buf_release(&r.answer.leaf);
	ev_buf_release(&r.both);
	ev_buf_release(&r.now);
	return rc;
}
