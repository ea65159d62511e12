/* reader html-pairs: pages of labels and values, as records of them. */
#include <stdlib.h>
#include <string.h>

#include "ingest/html.h"
#include "ingest/pairs.h"

enum { FRAMES = 64 };

/* What an element is to a page of labels. */
enum role {
	ROLE_NONE,
	ROLE_SECTION,
	ROLE_FRAME, /* a label and its value */
	ROLE_ROW,   /* a table row that has no cell yet */
	ROLE_LABEL, /* the label alone, where it is an element of its own */
	ROLE_VALUE,
	ROLE_HEADING, /* markup=list: its text names the section */
};

enum where { OUTSIDE, IN_LABEL, IN_VALUE, BEHIND };

struct frame {
	struct ev_buf label;
	int64_t from; /* its tag */
	enum where where;
	bool heading; /* its value holds labels */
	bool valued;
};

struct page {
	struct ev_pass *pass;
	struct ev_err *err;
	struct ev_html html;
	struct ev_pairs pairs;
	struct ev_pairs_value value; /* of the innermost frame */
	struct ev_buf text;          /* of a heading */
	bool in_heading;
	bool list;
	struct frame frame[FRAMES + 1]; /* the first: outside of all */
	size_t frames;
};

static struct frame *
innermost(struct page *p)
{
	return &p->frame[p->frames];
}

/* The outer label turns out to be a heading: what it held is stray. */
static enum ev_rc
make_heading(struct page *p, struct frame *frame)
{
	enum ev_rc rc = EV_OK;

	frame->heading = true;
	ev_pairs_value_trim(&p->value);
	if (p->value.text.len > 0 && !p->pairs.collect)
		rc = ev_pass_span(p->pass, EV_SPAN_IGNORED, p->value.from,
		    p->value.to, p->err);
	return rc == EV_OK ? ev_pairs_heading(&p->pairs, true) : rc;
}

static enum ev_rc
begin_frame(struct page *p, int64_t from)
{
	struct frame *outer = innermost(p), *frame;
	enum ev_rc rc = EV_OK;

	if (outer->where == IN_VALUE && !outer->heading)
		rc = make_heading(p, outer);
	if (rc != EV_OK)
		return rc;
	/* A label within another one, or behind it: that has no value. */
	if (p->frames > 0 && !outer->heading) {
		outer->where = BEHIND;
		outer->valued = true;
	}
	if (p->frames == FRAMES)
		return ev_fail(p->err, EV_LIMIT,
		    "at most %d labels within labels were expected", FRAMES);
	frame = &p->frame[++p->frames];
	ev_buf_clear(&frame->label);
	frame->from = from;
	frame->where = IN_LABEL;
	frame->heading = frame->valued = false;
	ev_pairs_value_clear(&p->value, from);
	return EV_OK;
}

static void
begin_value(struct page *p, int64_t at)
{
	struct frame *frame = innermost(p);

	frame->where = IN_VALUE;
	frame->valued = true;
	ev_pairs_value_clear(&p->value, at);
}

/* Blanks around a label go, and a colon at its end. */
static void
trim_label(const struct ev_buf *label, const char **text, size_t *len)
{
	*text = ev_buf_text(label);
	*len = label->len;
	ev_pairs_trim(text, len);
	while (*len > 0 && (*text)[*len - 1] == ':') {
		--*len;
		ev_pairs_trim(text, len);
	}
}

static enum ev_rc
add_pair(struct page *p, const struct frame *frame)
{
	const char *label;
	size_t len;

	trim_label(&frame->label, &label, &len);
	ev_pairs_value_trim(&p->value);
	return ev_pairs_add(&p->pairs, label, len, frame->from, &p->value);
}

static enum ev_rc
end_value(struct page *p)
{
	struct frame *frame = innermost(p);
	enum ev_rc rc;

	frame->where = BEHIND;
	rc = frame->heading ? ev_pairs_heading(&p->pairs, false)
			    : add_pair(p, frame);
	/* What follows in an outer value stands behind a label. */
	ev_pairs_value_clear(&p->value, p->html.at);
	return rc;
}

/* markup=list: "Label: value", or a text that is no pair. */
static enum ev_rc
end_item(struct page *p)
{
	struct frame *frame = innermost(p);
	struct ev_err *err = p->err;
	const char *colon, *label;
	size_t len;
	enum ev_rc rc;

	ev_pairs_value_trim(&p->value);
	label = ev_buf_text(&p->value.text);
	colon = memchr(label, ':', p->value.text.len);
	if (colon == NULL)
		return p->value.text.len == 0 || p->pairs.collect
			   ? EV_OK
			   : ev_pass_span(p->pass, EV_SPAN_IGNORED,
				 p->value.from, p->value.to, err);
	len = (size_t)(colon - label);
	rc = ev_buf_put(&frame->label, label, len, err);
	if (rc == EV_OK)
		ev_pairs_value_cut(&p->value, len + 1, &p->html.lines);
	return rc == EV_OK ? add_pair(p, frame) : rc;
}

static enum ev_rc
end_frame(struct page *p)
{
	struct frame *frame = innermost(p);
	enum ev_rc rc = EV_OK;

	if (p->list)
		rc = frame->heading ? ev_pairs_heading(&p->pairs, false)
				    : end_item(p);
	else if (!frame->valued)
		rc = add_pair(p, frame);
	p->frames--;
	ev_pairs_value_clear(&p->value, p->html.at);
	return rc;
}

static enum ev_rc
end_heading(struct page *p)
{
	const char *text;
	size_t len;

	p->in_heading = false;
	trim_label(&p->text, &text, &len);
	return ev_pairs_section(&p->pairs, len > 0 ? text : NULL, len);
}

static enum ev_rc
close_element(struct page *p, int role)
{
	switch (role) {
	case ROLE_SECTION:
		return ev_pairs_section(&p->pairs, NULL, 0);
	case ROLE_FRAME:
		return end_frame(p);
	case ROLE_LABEL:
		innermost(p)->where = BEHIND;
		return EV_OK;
	case ROLE_VALUE:
		return end_value(p);
	case ROLE_HEADING:
		return end_heading(p);
	default:
		return EV_OK;
	}
}

static enum ev_rc
close_to(struct page *p, size_t depth)
{
	enum ev_rc rc = EV_OK;

	while (p->html.depth > depth && rc == EV_OK)
		rc = close_element(p, p->html.open[--p->html.depth].role);
	return rc;
}

/* A cell: the first of its row is a label, the second its value. */
static enum ev_rc
open_cell(struct page *p, const struct ev_html_token *token, int *role)
{
	struct ev_html_element *row;
	struct frame *frame = innermost(p);

	if (p->html.depth == 0)
		return EV_OK;
	row = &p->html.open[p->html.depth - 1];
	if (row->role == ROLE_ROW) {
		row->role = ROLE_FRAME;
		*role = ROLE_LABEL;
		return begin_frame(p, token->from);
	}
	if (row->role == ROLE_FRAME && strcmp(row->name, "tr") == 0 &&
	    frame->where == BEHIND && !frame->valued) {
		*role = ROLE_VALUE;
		begin_value(p, token->to);
	}
	return EV_OK;
}

static bool
is_word(const struct ev_html_slice *attr, const char *word)
{
	return attr->len == strlen(word) &&
	       memcmp(attr->data, word, attr->len) == 0;
}

static enum ev_rc
open_div(struct page *p, const struct ev_html_token *token, int *role)
{
	const struct ev_html_slice *class = &token->attr[EV_HTML_CLASS];
	struct frame *frame = innermost(p);

	if (class->data == NULL)
		return EV_OK;
	if ((ev_html_has(class, "t") && ev_html_has(class, "i")) ||
	    (ev_html_has(class, "div_table") && ev_html_has(class, "inner"))) {
		*role = ROLE_FRAME;
		return begin_frame(p, token->from);
	}
	if (frame->where == IN_LABEL &&
	    (is_word(class, "m") || ev_html_has(class, "most_inner"))) {
		*role = ROLE_VALUE;
		begin_value(p, token->to);
	} else if (is_word(class, "p") && frame->where == IN_VALUE) {
		return ev_pairs_value_line(&p->value, p->err);
	}
	return EV_OK;
}

static enum ev_rc
open_meta(struct page *p, const struct ev_html_token *token, int *role)
{
	static const char property[] = "property-";
	const struct ev_html_slice *id = &token->attr[EV_HTML_ID];
	const size_t n = sizeof(property) - 1;

	if (id->len > n && memcmp(id->data, property, n) == 0 &&
	    p->frames == 0) {
		*role = ROLE_SECTION;
		return ev_pairs_section(&p->pairs, id->data + n, id->len - n);
	}
	if (strcmp(token->name, "div") == 0)
		return open_div(p, token, role);
	if (strcmp(token->name, "tr") == 0)
		*role = ROLE_ROW;
	else if (strcmp(token->name, "td") == 0 ||
		 strcmp(token->name, "th") == 0)
		return open_cell(p, token, role);
	return EV_OK;
}

static enum ev_rc
open_list(struct page *p, const struct ev_html_token *token, int *role)
{
	const char *name = token->name;
	enum ev_rc rc;

	if (name[0] == 'h' && name[1] >= '1' && name[1] <= '6' &&
	    name[2] == '\0' && p->frames == 0) {
		*role = ROLE_HEADING;
		p->in_heading = true;
		ev_buf_clear(&p->text);
		return EV_OK;
	}
	if (strcmp(name, "li") != 0)
		return EV_OK;
	*role = ROLE_FRAME;
	rc = begin_frame(p, token->from);
	innermost(p)->where = IN_VALUE;
	return rc;
}

static enum ev_rc
open_element(struct page *p, const struct ev_html_token *token)
{
	struct frame *frame = innermost(p);
	int role = ROLE_NONE;
	enum ev_rc rc;

	rc = close_to(p, ev_html_implied(&p->html, token->name));
	if (rc == EV_OK && strcmp(token->name, "br") == 0 &&
	    frame->where == IN_VALUE)
		rc = ev_pairs_value_line(&p->value, p->err);
	if (rc == EV_OK && !token->empty)
		rc = p->list ? open_list(p, token, &role)
			     : open_meta(p, token, &role);
	if (rc == EV_OK && !token->empty)
		rc = ev_html_push(&p->html, token->name, role, p->err);
	return rc;
}

static enum ev_rc
close_tag(struct page *p, const struct ev_html_token *token)
{
	struct frame *frame = innermost(p);
	enum ev_rc rc = EV_OK;

	if (strcmp(token->name, "p") == 0 && frame->where == IN_VALUE)
		rc = ev_pairs_value_line(&p->value, p->err);
	return rc == EV_OK ? close_to(p, ev_html_closes(&p->html, token->name))
			   : rc;
}

static enum ev_rc
take_text(struct page *p, const struct ev_html_token *token)
{
	struct frame *frame = innermost(p);
	const char *text = (const char *)token->data;
	size_t len = token->len;

	ev_pairs_trim(&text, &len);
	if (p->in_heading)
		return ev_html_decode(&p->text, token->data, token->len,
		    p->err);
	if (ev_pairs_page(&p->pairs, text, len))
		return frame->where == IN_VALUE
			   ? ev_pairs_value_line(&p->value, p->err)
			   : EV_OK;
	if (frame->where == IN_LABEL)
		return ev_html_decode(&frame->label, token->data, token->len,
		    p->err);
	if (frame->where == IN_VALUE && !frame->heading)
		return ev_pairs_value_put(&p->value, token->data, token->len,
		    token->from, true, p->err);
	return ev_pairs_stray(&p->pairs, token->data, token->len, token->from);
}

/* The first byte that must stay at hand. */
static int64_t
hold(struct page *p)
{
	int64_t from = p->html.at;

	if (p->frames > 0 && !innermost(p)->heading &&
	    innermost(p)->from < from)
		from = innermost(p)->from;
	from = p->html.at - from > EV_ROW_LIMIT ? p->html.at : from;
	return ev_pairs_hold(&p->pairs, from);
}

static enum ev_rc
read_page(struct page *p)
{
	struct ev_html_token token;
	enum ev_rc rc;

	for (;;) {
		ev_html_hold(&p->html, hold(p));
		rc = ev_html_next(&p->html, &token, p->err);
		if (rc != EV_OK)
			break;
		if (token.event == EV_HTML_TEXT)
			rc = take_text(p, &token);
		else if (token.event == EV_HTML_OPEN)
			rc = open_element(p, &token);
		else
			rc = close_tag(p, &token);
		if (rc != EV_OK)
			break;
	}
	return rc;
}

/* Where what cannot be read any more begins: with the record at hand. */
static int64_t
lost_from(const struct page *p)
{
	int64_t from = p->html.at;
	size_t i;

	for (i = 1; i <= p->frames; i++)
		if (!p->frame[i].heading && p->frame[i].where != BEHIND &&
		    p->frame[i].from < from)
			from = p->frame[i].from;
	if (p->pairs.count > 0 && p->pairs.from < from)
		from = p->pairs.from;
	return from;
}

/* May a record be cut off at the end of the page? */
static bool
is_open(const struct page *p)
{
	size_t i;

	for (i = 0; i < p->html.depth; i++)
		if (p->html.open[i].role != ROLE_NONE)
			return true;
	return false;
}

static enum ev_rc
end_page(struct page *p, enum ev_rc rc)
{
	const char *reason = "too-long";
	struct ev_err why;

	if (rc != EV_EOF && rc != EV_INPUT && rc != EV_LIMIT)
		return rc;
	if (rc == EV_EOF && !is_open(p))
		return ev_pairs_end(&p->pairs);
	if (rc == EV_EOF)
		rc = ev_fail(p->err, EV_INPUT,
		    "the page ends where more of a record was expected");
	if (rc == EV_INPUT)
		reason = "truncated";
	else if (p->html.depth == EV_HTML_DEPTH || p->frames == FRAMES)
		reason = "too-deep";
	if (p->pairs.collect)
		return EV_OK;
	why = *p->err;
	return ev_pass_lose_rest(p->pass, lost_from(p), reason, why.msg,
	    p->err);
}

static void
begin_page(struct page *p)
{
	p->html.at = 0;
	p->html.depth = 0;
	p->html.raw[0] = '\0';
	p->frames = 0;
	p->in_heading = false;
	ev_pairs_value_clear(&p->value, 0);
}

/* What $ names is looked for before any row is told. */
static enum ev_rc
first_pass(struct page *p)
{
	bool whole;
	enum ev_rc rc;

	if (!ev_pairs_wanted(&p->pairs))
		return EV_OK;
	rc = ev_textlines_fill(&p->html.lines, &whole, p->err);
	if (rc == EV_OK && !whole && !p->pass->can_rewind)
		return ev_pass_note(p->pass, "parent-not-read", "", 0, p->err);
	if (rc != EV_OK)
		return rc;
	p->pairs.collect = true;
	rc = end_page(p, read_page(p));
	if (rc == EV_OK)
		rc = ev_pairs_again(&p->pairs);
	if (rc == EV_OK)
		rc = ev_textlines_again(&p->html.lines, p->pass, whole, p->err);
	begin_page(p);
	return rc;
}

static void
release(struct page *p)
{
	size_t i;

	for (i = 0; i <= FRAMES; i++)
		ev_buf_release(&p->frame[i].label);
	ev_buf_release(&p->text);
	ev_pairs_value_release(&p->value);
	ev_pairs_release(&p->pairs);
	ev_html_release(&p->html);
	free(p);
}

enum ev_rc
ev_read_html_pairs(struct ev_pass *pass, struct ev_err *err)
{
	const char *markup = ev_reader_option(pass->run[0].m, "markup");
	struct page *p;
	enum ev_rc rc;
	size_t i;

	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	p->pass = pass;
	p->err = err;
	p->list = markup != NULL && strcmp(markup, "list") == 0;
	ev_html_init(&p->html, &pass->view);
	ev_pairs_init(&p->pairs, pass, &p->html.lines, err);
	p->pairs.definitions = !p->list;
	ev_pairs_value_init(&p->value);
	ev_buf_init(&p->text, EV_ROW_LIMIT);
	for (i = 0; i <= FRAMES; i++)
		ev_buf_init(&p->frame[i].label, EV_ROW_LIMIT);
	rc = first_pass(p);
	if (rc == EV_OK)
		rc = end_page(p, read_page(p));
	release(p);
	return rc;
}
