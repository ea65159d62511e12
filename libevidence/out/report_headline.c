/* The report: the headline figures as one table, each with its unknowns. */
#include <inttypes.h>
#include <string.h>

#include "evidence/json.h"
#include "out/report_inside.h"

struct figure {
	const char *country, *what, *of_what;
	int64_t court, low, high, possible, unknown, insufficient, of;
};

static const char head[] =
    "<section id=\"headline\"><h2>Counts, with what is not known</h2>\n"
    "<p><b>Met</b>: a claim of that country meets its threshold. <b>Least to "
    "greatest</b>: the same when each database alone, each capture alone and "
    "all exhibits but one are asked. <b>Possible</b>: those, and what "
    "the facts leave open. <b>Too little</b>: there are facts on location, "
    "and they reach neither. <b>Unknown</b>: there is no such fact. "
    "Accounts are those a fact of the case speaks of; operators are the same, "
    "linked accounts counted once. Nothing is said of anything else.</p>\n"
    "<table><caption>In the bars: met, then what else is possible, then "
    "what remains of all counted.</caption><thead><tr><th>country</th>"
    "<th>counted</th><th>met</th><th>least to greatest</th><th>possible</th>"
    "<th>too little</th><th>unknown</th><th>of</th><th></th></tr></thead>"
    "<tbody>\n";

static void
read_figure(struct figure *f, const struct ev_json_node *line)
{
	const struct {
		const char *key;
		int64_t *to;
	} numbers[] = { { "court", &f->court }, { "court_lo", &f->low },
		{ "court_hi", &f->high }, { "possible", &f->possible },
		{ "unknown", &f->unknown },
		{ "insufficient", &f->insufficient }, { "of", &f->of } };
	const struct ev_json_node *list = ev_json_get(line, "register");
	size_t i;

	*f = (struct figure){ .country = ev_json_get_text(line, "country"),
		.what = ev_json_get_text(line, "figure") };
	if (list != NULL)
		f->of_what = ev_json_get_text(list, "name");
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)ev_json_get_int(line, numbers[i].key, numbers[i].to);
}

static enum ev_rc
put_numbers(struct report *r, const struct figure *f, struct ev_err *err)
{
	return report_printf(r, err,
	    "</td><td class=\"n\">%" PRId64 "</td><td class=\"n\">%" PRId64
	    " to %" PRId64 "</td><td class=\"n\">%" PRId64
	    "</td><td class=\"n\">%" PRId64 "</td><td class=\"n\">%" PRId64
	    "</td><td class=\"n\">%" PRId64 "</td><td>",
	    f->court, f->low, f->high, f->possible, f->insufficient, f->unknown,
	    f->of);
}

static enum ev_rc
put_bar(struct report *r, const struct figure *f, struct ev_err *err)
{
	if (f->of <= 0 || f->court < 0 || f->possible < f->court ||
	    f->of < f->possible)
		return EV_OK; /* not figures of ours: the numbers stand */
	return report_printf(r, err,
	    "<svg viewBox=\"0 0 %" PRId64 " 4\""
	    " preserveAspectRatio=\"none\" role=\"img\""
	    " aria-label=\"%" PRId64 " met, %" PRId64 " possible, of %" PRId64
	    "\"><rect class=\"open\" width=\"%" PRId64 "\" height=\"4\"/>"
	    "<rect class=\"maybe\" width=\"%" PRId64 "\" height=\"4\"/>"
	    "<rect class=\"bar\" width=\"%" PRId64 "\" height=\"4\"/></svg>",
	    f->of, f->court, f->possible, f->of, f->of, f->possible, f->court);
}

static enum ev_rc
put_row(struct report *r, const struct figure *f, struct ev_err *err)
{
	enum ev_rc rc;

	rc = report_raw(r, "<tr><td>", err);
	if (rc == EV_OK && f->country != NULL)
		rc = report_text(r, f->country, strlen(f->country), err);
	if (rc == EV_OK)
		rc = report_raw(r, "</td><td>", err);
	if (rc == EV_OK && f->what != NULL)
		rc = report_escaped(r, f->what, err);
	if (rc == EV_OK && f->of_what != NULL)
		rc = report_raw(r, " of ", err);
	if (rc == EV_OK && f->of_what != NULL)
		rc = report_text(r, f->of_what, strlen(f->of_what), err);
	if (rc == EV_OK)
		rc = put_numbers(r, f, err);
	if (rc == EV_OK)
		rc = put_bar(r, f, err);
	return rc == EV_OK ? report_raw(r, "</td></tr>\n", err) : rc;
}

static enum ev_rc
put_line(struct report *r, const char *line, size_t len, struct ev_err *err)
{
	struct ev_json_doc *doc = NULL;
	struct figure f;
	enum ev_rc rc;

	rc = ev_json_parse(&doc, line, len, err);
	if (rc != EV_OK)
		return ev_fail_in(err, "a headline figure");
	read_figure(&f, ev_json_root(doc));
	rc = put_row(r, &f, err);
	ev_json_free(doc);
	return rc;
}

static enum ev_rc
put_lines(struct report *r, const char *text, struct ev_err *err)
{
	const char *end;
	enum ev_rc rc;

	rc = report_raw(r, head, err);
	while (rc == EV_OK && *text != '\0') {
		end = strchr(text, '\n');
		if (end == NULL)
			end = text + strlen(text);
		rc = put_line(r, text, (size_t)(end - text), err);
		text = *end == '\0' ? end : end + 1;
	}
	return rc == EV_OK ? report_raw(r, "</tbody></table></section>\n", err)
			   : rc;
}

enum ev_rc
report_headline(struct report *r, struct ev_err *err)
{
	const char *text = NULL;
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	rc = ev_db_prepare(r->db, &st, err,
	    "SELECT headline FROM claim_run WHERE entry <= ? ORDER BY id DESC"
	    " LIMIT 1",
	    "i", r->head);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "s", &text);
	if (rc == EV_OK && text != NULL && text[0] != '\0')
		rc = put_lines(r, text, err);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}
