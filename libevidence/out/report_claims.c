/* The report: claims with their reasons. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"
#include "out/report_inside.h"

enum { BAR_UNIT = 100, BAR_HALF = 60 }; /* thousandths to a unit of the bar */

static enum ev_rc
put_member(struct report *r, const char *label,
    const struct ev_json_node *object, const char *key, struct ev_err *err)
{
	const char *text = ev_json_get_text(object, key);
	enum ev_rc rc;

	if (text == NULL || text[0] == '\0')
		return EV_OK;
	rc = report_printf(r, err, "<p><b>%s</b> ", label);
	if (rc == EV_OK)
		rc = report_text(r, text, strlen(text), err);
	return rc == EV_OK ? report_raw(r, "</p>\n", err) : rc;
}

/* A list of texts, or of objects that each name a code, in one line. */
static enum ev_rc
put_array(struct report *r, const char *label,
    const struct ev_json_node *object, const char *key, struct ev_err *err)
{
	const struct ev_json_node *list = ev_json_get(object, key), *n;
	enum ev_rc rc;

	if (list == NULL || list->type != EV_JSON_ARRAY || list->child == NULL)
		return EV_OK;
	rc = report_printf(r, err, "<p><b>%s</b> ", label);
	for (n = list->child; rc == EV_OK && n != NULL; n = n->next) {
		if (n->type == EV_JSON_STRING)
			rc = report_text(r, n->text, n->text_len, err);
		if (rc == EV_OK && n->type == EV_JSON_OBJECT &&
		    ev_json_get_text(n, "rule") != NULL)
			rc =
			    report_escaped(r, ev_json_get_text(n, "rule"), err);
		if (rc == EV_OK && n->next != NULL)
			rc = report_raw(r, ", ", err);
	}
	return rc == EV_OK ? report_raw(r, "</p>\n", err) : rc;
}

/* Low to high as a bar about zero, mid as a notch. */
static enum ev_rc
put_bar(struct report *r, int64_t low, int64_t mid, int64_t high,
    struct ev_err *err)
{
	int64_t from = low / BAR_UNIT, to = high / BAR_UNIT,
		at = mid / BAR_UNIT;

	from = from < -BAR_HALF ? -BAR_HALF : from;
	to = to > BAR_HALF ? BAR_HALF : to;
	at = at < -BAR_HALF ? -BAR_HALF : at > BAR_HALF ? BAR_HALF : at;
	if (to <= from)
		to = from + 1;
	return report_printf(r, err,
	    "<svg viewBox=\"-60 0 120 4\" preserveAspectRatio=\"none\" "
	    "role=\"img\" aria-label=\"low %" PRId64 ", mid %" PRId64
	    ", high %" PRId64
	    " thousandths\"><rect class=\"bar%s\" x=\"%" PRId64
	    "\" y=\"1\" width=\"%" PRId64 "\" height=\"2\"/>"
	    "<line class=\"axis\" x1=\"0\" x2=\"0\" y1=\"0\" y2=\"4\"/>"
	    "<line class=\"axis\" x1=\"%" PRId64 "\" x2=\"%" PRId64
	    "\" y1=\".5\" y2=\"3.5\"/></svg>",
	    low, mid, high, high < 0 ? "against" : "", from, to - from, at, at);
}

static enum ev_rc
put_facts(struct report *r, const struct ev_json_node *item, struct ev_err *err)
{
	const struct ev_json_node *list = ev_json_get(item, "facts"), *n;
	enum ev_rc rc = EV_OK;
	int shown = 0;

	n = list == NULL ? NULL : list->child;
	for (; rc == EV_OK && n != NULL && shown < 8; n = n->next, shown++) {
		rc = report_text(r, n->text, n->text_len, err);
		if (rc == EV_OK)
			rc = report_raw(r, " ", err);
	}
	if (rc == EV_OK && n != NULL)
		rc = report_printf(r, err, "and %zu more",
		    list->count - (size_t)shown);
	return rc;
}

static enum ev_rc
put_item(struct report *r, const struct ev_json_node *item, struct ev_err *err)
{
	const char *rule = ev_json_get_text(item, "rule");
	const char *why = ev_json_get_text(item, "why");
	const struct ev_json_node *used = ev_json_get(item, "used");
	int64_t l = 0, m = 0, h = 0;
	enum ev_rc rc;

	(void)ev_json_get_int(item, "l", &l);
	(void)ev_json_get_int(item, "m", &m);
	(void)ev_json_get_int(item, "h", &h);
	rc = report_printf(r, err, "<tr%s><td>",
	    h < 0 ? " class=\"against\"" : "");
	if (rc == EV_OK)
		rc = report_escaped(r, rule == NULL ? "" : rule, err);
	if (rc == EV_OK)
		rc = report_printf(r, err,
		    "</td><td class=\"n\">%" PRId64
		    "</td><td class=\"n\">%" PRId64
		    "</td><td class=\"n\">%" PRId64 "</td><td>",
		    l, m, h);
	if (rc == EV_OK)
		rc = put_facts(r, item, err);
	if (rc == EV_OK && used != NULL && used->type == EV_JSON_BOOL &&
	    !used->value)
		rc = report_raw(r, "<br>not used: ", err);
	if (rc == EV_OK && why != NULL)
		rc = report_text(r, why, strlen(why), err);
	return rc == EV_OK ? report_raw(r, "</td></tr>\n", err) : rc;
}

static enum ev_rc
put_items(struct report *r, const struct ev_json_node *claim, const char *key,
    const char *caption, struct ev_err *err)
{
	const struct ev_json_node *list = ev_json_get(claim, key), *n;
	enum ev_rc rc;

	if (list == NULL || list->child == NULL)
		return EV_OK;
	rc = report_printf(r, err,
	    "<table><caption>%s</caption><thead><tr><th>rule</th><th>low</th>"
	    "<th>mid</th><th>high</th><th>facts, and why</th></tr></thead>"
	    "<tbody>\n",
	    caption);
	for (n = list->child; rc == EV_OK && n != NULL; n = n->next) {
		if (n->type == EV_JSON_OBJECT)
			rc = put_item(r, n, err);
	}
	return rc == EV_OK ? report_raw(r, "</tbody></table>\n", err) : rc;
}

struct claim {
	int64_t id, low, mid, high, met;
	const char *asks, *subject, *object, *label, *line;
	size_t line_len;
};

static enum ev_rc
put_summary(struct report *r, const struct claim *k,
    const struct ev_json_node *claim, struct ev_err *err)
{
	const char *word = ev_json_get_text(claim, "word");
	char id[EV_ID_TEXT];
	enum ev_rc rc;

	ev_id_print(id, 'C', k->id);
	rc = report_printf(r, err, "<details id=\"%s\"><summary%s>%s ", id,
	    k->met != 0 ? " class=\"met\"" : "", id);
	if (rc == EV_OK)
		rc = report_text(r, k->subject, strlen(k->subject), err);
	if (rc == EV_OK)
		rc = report_raw(r, ": ", err);
	if (rc == EV_OK)
		rc = report_escaped(r, k->label, err);
	if (rc == EV_OK && k->object[0] != '\0')
		rc = report_raw(r, " ", err);
	if (rc == EV_OK)
		rc = report_text(r, k->object, strlen(k->object), err);
	if (rc == EV_OK)
		rc = report_printf(r, err, " (%s; ",
		    k->met != 0 ? "threshold met" : "threshold not met");
	if (rc == EV_OK)
		rc = report_escaped(r, word == NULL ? "" : word, err);
	return rc == EV_OK ? report_raw(r, ")</summary>\n", err) : rc;
}

static enum ev_rc
put_claim(struct report *r, const struct claim *k, struct ev_err *err)
{
	const struct ev_json_node *claim;
	struct ev_json_doc *doc = NULL;
	enum ev_rc rc;

	rc = ev_json_parse(&doc, k->line, k->line_len, err);
	if (rc != EV_OK)
		return ev_fail_in(err, "a claim");
	claim = ev_json_root(doc);
	rc = put_summary(r, k, claim, err);
	if (rc == EV_OK)
		rc = put_bar(r, k->low, k->mid, k->high, err);
	if (rc == EV_OK)
		rc = put_member(r, "Proposition", claim, "hp", err);
	if (rc == EV_OK)
		rc = put_array(r, "Against these alternatives:", claim, "hd",
		    err);
	if (rc == EV_OK)
		rc = put_member(r, "In words:", claim, "word", err);
	if (rc == EV_OK)
		rc = put_items(r, claim, "items", "What speaks for it", err);
	if (rc == EV_OK)
		rc = put_items(r, claim, "counter", "What speaks against it",
		    err);
	if (rc == EV_OK)
		rc =
		    put_array(r, "Looked for as well:", claim, "searched", err);
	if (rc == EV_OK)
		rc = put_array(r, "What would change the answer:", claim,
		    "missing", err);
	if (rc == EV_OK)
		rc = report_raw(r, "</details>\n", err);
	ev_json_free(doc);
	return rc;
}

static enum ev_rc
put_claims(struct report *r, struct ev_err *err)
{
	static const char sql[] =
	    "SELECT id, asks, subject, object, label, low, mid, high, met,"
	    " line FROM claim WHERE entry <= ?1 AND run = (SELECT max(run)"
	    " FROM claim WHERE entry <= ?1) ORDER BY met DESC, id";
	struct ev_stmt *st = NULL;
	struct claim k;
	int64_t n = 0;
	enum ev_rc rc;

	rc = report_raw(r,
	    "<section id=\"claims\"><h2>What is claimed, for "
	    "and against</h2>\n",
	    err);
	if (rc == EV_OK)
		rc = ev_db_prepare(r->db, &st, err, sql, "i", r->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "issssiiiit", &k.id, &k.asks,
			    &k.subject, &k.object, &k.label, &k.low, &k.mid,
			    &k.high, &k.met, &k.line, &k.line_len);
		if (rc == EV_OK)
			rc = put_claim(r, &k, err);
		if (rc == EV_OK)
			n++;
	}
	ev_db_finish(st);
	if (rc == EV_EOF && n == 0)
		rc = report_raw(r, "<p>Nothing is claimed.</p>\n", err);
	return rc == EV_OK || rc == EV_EOF ? report_raw(r, "</section>\n", err)
					   : rc;
}

enum ev_rc
report_claims(struct report *r, struct ev_err *err)
{
	enum ev_rc rc;

	rc = report_headline(r, err);
	return rc == EV_OK ? put_claims(r, err) : rc;
}
