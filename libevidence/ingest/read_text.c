/* reader text-pairs: plain text of labels and values, as records of them. */
#include <stdlib.h>
#include <string.h>

#include "ingest/charline.h"
#include "ingest/pairs.h"

struct page {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_charlines lines;
	struct ev_pairs pairs;
	bool next_line;
	const struct ev_words *labels; /* NULL: whatever stands before ":" */

	/* The label at hand and its value so far. */
	bool open;
	struct ev_buf label; /* empty: what a page line cut off */
	int64_t from;
	struct ev_pairs_value value;
};

/* The pair at hand is whole. */
static enum ev_rc
flush(struct page *p)
{
	if (!p->open)
		return EV_OK;
	p->open = false;
	ev_pairs_value_trim(&p->value);
	return ev_pairs_add(&p->pairs, ev_buf_text(&p->label), p->label.len,
	    p->from, &p->value);
}

static enum ev_rc
begin(struct page *p, const char *label, size_t len, int64_t from, int64_t at)
{
	enum ev_rc rc = flush(p);

	p->open = true;
	p->from = from;
	ev_buf_clear(&p->label);
	ev_pairs_value_clear(&p->value, at);
	if (rc == EV_OK && len > 0)
		rc = ev_buf_put(&p->label, label, len, p->err);
	return rc;
}

/* What of a line is the value, n bytes into its text. */
static enum ev_rc
put(struct page *p, const struct ev_charline *line, size_t n)
{
	while (n < line->len && ev_charline_blank(line->text[n]))
		n++;
	return ev_pairs_value_add(&p->value, line->text + n, line->len - n,
	    ev_charline_place(&p->lines, line, n), line->to, line->bad, p->err);
}

/* Bytes of the label that the line begins with; 0: none. */
static size_t
known_label(const struct page *p, const struct ev_charline *line)
{
	const struct ev_word *word;
	size_t i, most = 0, n;

	for (i = 0; i < p->labels->count; i++) {
		word = &p->labels->word[i];
		if (word->len <= most || word->len > line->len ||
		    memcmp(line->text, word->data, word->len) != 0)
			continue;
		n = word->len;
		while (n < line->len && ev_charline_blank(line->text[n]))
			n++;
		if ((n < line->len && line->text[n] == ':') ||
		    (p->next_line && n == line->len))
			most = word->len;
	}
	return most;
}

/* Up to the first colon that a blank or nothing follows. */
static size_t
any_label(const struct ev_charline *line)
{
	const char *colon = line->text, *end = line->text + line->len;

	while ((colon = memchr(colon, ':', (size_t)(end - colon))) != NULL) {
		if (colon + 1 == end || ev_charline_blank(colon[1]))
			return (size_t)(colon - line->text);
		colon++;
	}
	return 0;
}

static enum ev_rc
take_label(struct page *p, const struct ev_charline *line, size_t len)
{
	size_t n = len, label = len;
	enum ev_rc rc;

	while (label > 0 && ev_charline_blank(line->text[label - 1]))
		label--;
	while (n < line->len && line->text[n] != ':')
		n++;
	rc = begin(p, line->text, label, line->from, line->to);
	return rc == EV_OK && n + 1 < line->len ? put(p, line, n + 1) : rc;
}

/* Is this line more of the value at hand? */
static bool
continues(const struct page *p, const struct ev_charline *line)
{
	return p->open &&
	       (p->next_line || p->labels != NULL || line->blanks > 0);
}

static enum ev_rc
empty_line(struct page *p)
{
	if (!p->open)
		return EV_OK;
	return p->next_line ? ev_pairs_value_line(&p->value, p->err) : flush(p);
}

/* A page line ends a value; more of it may stand behind. */
static enum ev_rc
page_line(struct page *p, const struct ev_charline *line)
{
	enum ev_rc rc = flush(p);

	(void)ev_pairs_page(&p->pairs, line->text, line->len);
	return rc;
}

static enum ev_rc
lose(struct page *p, const struct ev_charline *line, const char *reason,
    const char *message)
{
	const struct ev_loss loss = { -1, line->start, line->end, reason,
		message };
	enum ev_rc rc = flush(p);

	if (rc == EV_OK && !p->pairs.collect)
		rc = ev_pass_set_aside(p->pass, &loss, p->err);
	return rc;
}

static enum ev_rc
one_line(struct page *p, const struct ev_charline *line)
{
	size_t label;
	enum ev_rc rc;

	if (line->too_long)
		return lose(p, line, "too-long",
		    "a line of at most 16 MiB was expected");
	if (line->bad && ev_charset_unit(p->lines.charset) == 2)
		return lose(p, line, "bad-encoding",
		    "a line of this character set was expected");
	if (line->len == 0)
		return empty_line(p);
	if (ev_pairs_page(&p->pairs, line->text, line->len))
		return page_line(p, line);
	label = p->labels != NULL ? known_label(p, line) : any_label(line);
	if (label > 0)
		return take_label(p, line, label);
	/* What a page line cut off has no label. */
	if (!p->open && p->pairs.page && p->pairs.last != EV_PAIRS_NOTHING) {
		rc = begin(p, "", 0, line->from, line->from);
		return rc == EV_OK ? put(p, line, 0) : rc;
	}
	if (continues(p, line)) {
		rc = ev_pairs_value_line(&p->value, p->err);
		return rc == EV_OK ? put(p, line, 0) : rc;
	}
	rc = flush(p);
	return rc == EV_OK ? ev_pairs_ignore(&p->pairs, line->from, line->to)
			   : rc;
}

/* The first byte that must stay at hand. */
static int64_t
hold(struct page *p)
{
	int64_t from = p->lines.at;

	if (p->open && from - p->from <= EV_ROW_LIMIT)
		from = p->from;
	return ev_pairs_hold(&p->pairs, from);
}

/* More than can be held: the record at hand, and all behind it. */
static enum ev_rc
lose_rest(struct page *p)
{
	const struct ev_err why = *p->err;
	int64_t from = p->lines.at;

	if (p->open)
		from = p->from;
	if (p->pairs.count > 0 && p->pairs.from < from)
		from = p->pairs.from;
	p->open = false;
	if (p->pairs.collect)
		return EV_OK;
	return ev_pass_lose_rest(p->pass, from, "too-long", why.msg, p->err);
}

static enum ev_rc
read_page(struct page *p)
{
	struct ev_charline line;
	enum ev_rc rc;

	rc = ev_charlines_bom(&p->lines.lines, p->lines.charset, p->pass,
	    p->err);
	p->lines.at = (int64_t)p->lines.lines.pos;
	while (rc == EV_OK) {
		rc = ev_charlines_next(&p->lines, hold(p), &line, p->err);
		if (rc == EV_OK)
			rc = one_line(p, &line);
	}
	if (rc == EV_EOF)
		rc = flush(p);
	if (rc == EV_OK)
		rc = ev_pairs_end(&p->pairs);
	return rc == EV_LIMIT ? lose_rest(p) : rc;
}

/* By what labels records begin is looked for before any row is told. */
static enum ev_rc
first_pass(struct page *p)
{
	bool whole;
	enum ev_rc rc;

	if (!ev_pairs_wanted(&p->pairs))
		return EV_OK;
	rc = ev_textlines_fill(&p->lines.lines, &whole, p->err);
	if (rc == EV_OK && !whole && !p->pass->can_rewind)
		return ev_pass_note(p->pass, "parent-not-read", "", 0, p->err);
	if (rc != EV_OK)
		return rc;
	p->pairs.collect = true;
	rc = read_page(p);
	if (rc == EV_OK)
		rc = ev_pairs_again(&p->pairs);
	if (rc == EV_OK)
		rc =
		    ev_textlines_again(&p->lines.lines, p->pass, whole, p->err);
	return rc;
}

enum ev_rc
ev_read_text_pairs(struct ev_pass *pass, struct ev_err *err)
{
	const struct ev_mapping *m = pass->run[0].m;
	const char *style = ev_reader_option(m, "style");
	struct page *p;
	enum ev_rc rc;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	p->pass = pass;
	p->err = err;
	p->next_line = style != NULL && strcmp(style, "next-line") == 0;
	ev_charlines_init(&p->lines, &pass->view,
	    ev_charset_find(ev_reader_option(m, "charset")));
	ev_pairs_init(&p->pairs, pass, &p->lines.lines, err);
	p->pairs.flat = true;
	p->pairs.plain = p->lines.charset != EV_CHARSET_UTF8;
	p->labels = p->pairs.labels;
	ev_pairs_value_init(&p->value);
	ev_buf_init(&p->label, EV_ROW_LIMIT);
	rc = first_pass(p);
	if (rc == EV_OK)
		rc = read_page(p);
	ev_pairs_value_release(&p->value);
	ev_buf_release(&p->label);
	ev_pairs_release(&p->pairs);
	ev_charlines_release(&p->lines);
	free(p);
	return rc;
}
