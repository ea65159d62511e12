/* One message of mail as a record: header, relays, texts, attachments. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "evidence/text.h"
#include "ingest/mailmsg.h"
#include "ingest/mime.h"

enum {
	TEXT = 16 << 20, /* of one part, decoded */
	WORDS = 1 << 20,
	BOUNDARY = 200,
};

/* A part whose header has been read into head[level]. */
struct part {
	size_t from, to;
	size_t level;
	const char *number;
};

enum ev_rc
ev_mailmsg_new(struct ev_mailmsg **out, struct ev_err *err)
{
	struct ev_mailmsg *m = calloc(1, sizeof(*m));

	*out = NULL;
	if (m == NULL)
		return ev_fail_sys(err, "cannot read an artifact");
	ev_nodes_init(&m->tree, EV_MAIL_MESSAGE);
	ev_buf_init(&m->word, WORDS);
	ev_buf_init(&m->raw, TEXT);
	ev_buf_init(&m->text, 2 * (size_t)TEXT);
	ev_buf_init(&m->html, 2 * (size_t)TEXT);
	*out = m;
	return ev_digest_init(&m->digest, EV_D_SHA256, err);
}

void
ev_mailmsg_free(struct ev_mailmsg *m)
{
	if (m == NULL)
		return;
	ev_nodes_release(&m->tree);
	ev_buf_release(&m->word);
	ev_buf_release(&m->raw);
	ev_buf_release(&m->text);
	ev_buf_release(&m->html);
	ev_digest_release(&m->digest);
	free(m);
}

static bool
is_field(const struct ev_mailmsg *m, const struct ev_mail_field *f,
    const char *name)
{
	return f->name_len == strlen(name) &&
	       strncasecmp(m->data + f->name, name, f->name_len) == 0;
}

/* A header's value as text, below up; its place is that of the value. */
static enum ev_rc
add_words(struct ev_mailmsg *m, struct ev_json_node *up, const char *key,
    const struct ev_mail_piece *value, struct ev_err *err)
{
	struct ev_mail_piece p = *value;
	enum ev_rc rc;

	if (p.text == NULL)
		return EV_OK;
	ev_mail_trim(&p);
	ev_buf_clear(&m->word);
	rc = ev_mime_words(&m->word, p.text, p.len, err);
	if (rc == EV_OK)
		ev_nodes_at(ev_nodes_text(&m->tree, up, key, m->word.data,
				m->word.len),
		    (size_t)(p.text - m->data), p.len);
	return rc;
}

/* NAME, or NAME#2 where it is the second of its name. */
static const char *
key_of(struct ev_mailmsg *m, const struct ev_mail_head *h, size_t i)
{
	const struct ev_mail_field *f = &h->field[i];
	char text[300];
	size_t k, n = 1;

	for (k = 0; k < i; k++)
		n += h->field[k].name_len == f->name_len &&
		     strncasecmp(m->data + h->field[k].name, m->data + f->name,
			 f->name_len) == 0;
	if (n == 1 || f->name_len > 256)
		return ev_nodes_keep(&m->tree, m->data + f->name, f->name_len);
	(void)snprintf(text, sizeof(text), "%.*s#%zu", (int)f->name_len,
	    m->data + f->name, n);
	return ev_nodes_keep(&m->tree, text, strlen(text));
}

static struct ev_mail_piece
value_of(const struct ev_mailmsg *m, const struct ev_mail_field *f)
{
	struct ev_mail_piece p = { NULL, 0 };

	if (f != NULL)
		p = (struct ev_mail_piece){ m->data + f->value, f->value_len };
	return p;
}

static enum ev_rc
add_header(struct ev_mailmsg *m, struct ev_err *err)
{
	const struct ev_mail_head *h = &m->head[0];
	struct ev_json_node *up;
	struct ev_mail_piece value;
	enum ev_rc rc = EV_OK;
	size_t i;

	up = ev_nodes_object(&m->tree, m->tree.root, "header");
	for (i = 0; i < h->count && rc == EV_OK; i++) {
		value = value_of(m, &h->field[i]);
		rc = add_words(m, up, key_of(m, h, i), &value, err);
	}
	return rc;
}

/* To whom it went, as far as the header says. */
static enum ev_rc
add_recipients(struct ev_mailmsg *m, struct ev_err *err)
{
	static const char *const names[] = { "To", "Cc", "Bcc" };
	const struct ev_mail_head *h = &m->head[0];
	struct ev_mail_piece v;
	enum ev_rc rc = EV_OK;
	size_t i, k;

	ev_buf_clear(&m->word);
	for (i = 0; i < 3; i++) {
		for (k = 0; k < h->count && rc == EV_OK; k++) {
			if (!is_field(m, &h->field[k], names[i]))
				continue;
			v = value_of(m, &h->field[k]);
			if (m->word.len > 0)
				rc = ev_buf_puts(&m->word, ", ", err);
			if (rc == EV_OK)
				rc =
				    ev_mime_words(&m->word, v.text, v.len, err);
		}
	}
	if (rc == EV_OK && m->word.len > 0)
		(void)ev_nodes_text(&m->tree, m->tree.root, "recipients",
		    m->word.data, m->word.len);
	return rc;
}

/* What is read out of the header's fields. */
static enum ev_rc
add_known(struct ev_mailmsg *m, struct ev_err *err)
{
	const struct ev_mail_head *h = &m->head[0];
	struct ev_mail_piece v, address, name;
	struct ev_json_node *up = m->tree.root;
	enum ev_rc rc = EV_OK;

	v = value_of(m, ev_mail_find(h, m->data, "From"));
	if (v.text != NULL) {
		ev_mail_address(&address, &name, v.text, v.len);
		rc = add_words(m, up, "from-address", &address, err);
		if (rc == EV_OK)
			rc = add_words(m, up, "from-name", &name, err);
	}
	v = value_of(m, ev_mail_find(h, m->data, "Message-ID"));
	if (rc == EV_OK)
		rc = add_words(m, up, "message-id", &v, err);
	v = value_of(m, ev_mail_find(h, m->data, "X-Originating-IP"));
	if (v.text == NULL)
		return rc == EV_OK ? add_recipients(m, err) : rc;
	while (v.len > 0 && (ev_mail_is_blank(v.text[0]) || v.text[0] == '['))
		v.text++, v.len--;
	while (v.len > 0 && (ev_mail_is_blank(v.text[v.len - 1]) ||
				v.text[v.len - 1] == ']'))
		v.len--;
	if (rc == EV_OK)
		rc = add_words(m, up, "originating-ip", &v, err);
	return rc == EV_OK ? add_recipients(m, err) : rc;
}

static enum ev_rc
add_hop(struct ev_mailmsg *m, struct ev_json_node *up,
    const struct ev_mail_field *f, int64_t ordinal, struct ev_err *err)
{
	struct ev_mail_piece value = value_of(m, f);
	struct ev_json_node *node = ev_nodes_object(&m->tree, up, NULL);
	struct ev_mail_hop hop;
	const struct {
		const char *key;
		const struct ev_mail_piece *piece;
	} pieces[] = { { "from", &hop.from }, { "ip", &hop.ip },
		{ "by", &hop.by }, { "with", &hop.with }, { "id", &hop.id },
		{ "for", &hop.recipient }, { "date", &hop.date } };
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_mail_received(&hop, value.text, value.len);
	ev_nodes_at(node, f->name, f->value + f->value_len - f->name);
	(void)ev_nodes_int(&m->tree, node, "ordinal", ordinal);
	for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]) && rc == EV_OK; i++)
		rc = add_words(m, node, pieces[i].key, pieces[i].piece, err);
	return rc;
}

/* Each relay puts its field in front: the last one is the first in time. */
static enum ev_rc
add_received(struct ev_mailmsg *m, struct ev_err *err)
{
	const struct ev_mail_head *h = &m->head[0];
	struct ev_json_node *up = NULL;
	enum ev_rc rc = EV_OK;
	int64_t left = 0;
	size_t i;

	for (i = 0; i < h->count; i++)
		left += is_field(m, &h->field[i], "Received");
	if (left > 0)
		up = ev_nodes_array(&m->tree, m->tree.root, "received");
	for (i = 0; i < h->count && rc == EV_OK; i++)
		if (is_field(m, &h->field[i], "Received"))
			rc = add_hop(m, up, &h->field[i], left--, err);
	return rc;
}

static enum ev_rc
to_buf(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	return ev_buf_put(ctx, data, len, err);
}

struct sum {
	struct ev_digest *digest;
	int64_t size;
};

static enum ev_rc
to_digest(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	struct sum *sum = ctx;

	sum->size += (int64_t)len;
	return ev_digest_update(sum->digest, data, len, err);
}

/* A field of the part's header. */
static struct ev_mail_piece
field_of(const struct ev_mailmsg *m, const struct part *p, const char *name)
{
	struct ev_mail_piece v =
	    value_of(m, ev_mail_find(&m->head[p->level], m->data, name));

	if (v.text != NULL)
		ev_mail_trim(&v);
	return v;
}

static bool
begins(const struct ev_mail_piece *v, const char *word)
{
	return v->text != NULL && v->len >= strlen(word) &&
	       strncasecmp(v->text, word, strlen(word)) == 0;
}

static void
prepare(const struct ev_mailmsg *m, const struct part *p,
    struct ev_mime_body *body, ev_mime_fn *fn, void *ctx)
{
	struct ev_mail_piece v = field_of(m, p, "Content-Transfer-Encoding");

	memset(body, 0, sizeof(*body));
	body->coding = ev_mime_coding(v.text == NULL ? "" : v.text, v.len);
	body->unquote = m->mailbox;
	body->fn = fn;
	body->ctx = ctx;
}

static void
remember(struct ev_mailmsg *m, const struct ev_mime_body *body)
{
	m->odd |= body->damaged ? EV_MAIL_DAMAGED : 0;
	m->odd |= body->unquoted ? EV_MAIL_UNQUOTED : 0;
}

/* A text that is no attachment, behind those that came before it. */
static enum ev_rc
add_part_text(struct ev_mailmsg *m, const struct part *p, bool html,
    struct ev_err *err)
{
	struct ev_buf *out = html ? &m->html : &m->text;
	struct ev_mail_span *at = html ? &m->html_at : &m->text_at;
	size_t *count = html ? &m->htmls : &m->texts,
	       from = m->head[p->level].end;
	struct ev_mail_piece type = field_of(m, p, "Content-Type");
	struct ev_mime_body body;
	enum ev_rc rc;

	ev_buf_clear(&m->raw);
	ev_buf_clear(&m->word);
	prepare(m, p, &body, to_buf, &m->raw);
	rc = ev_mime_decode(&body, m->data + from, p->to - from, err);
	remember(m, &body);
	if (rc == EV_OK && type.text != NULL)
		rc = ev_mime_param(&m->word, type.text, type.len, "charset",
		    err);
	if (rc == EV_EOF)
		rc = EV_OK;
	if (rc == EV_OK && (*count)++ > 0)
		rc = ev_buf_putc(out, '\n', err);
	if (rc == EV_OK)
		rc = ev_mime_text(out, ev_buf_text(&m->word), m->word.len,
		    m->raw.data, m->raw.len, err);
	if (rc == EV_EOF)
		m->odd |= EV_MAIL_CHARSET;
	if (rc == EV_LIMIT)
		m->odd |= EV_MAIL_LONG;
	at->from = from;
	at->to = p->to;
	return rc == EV_EOF || rc == EV_LIMIT ? EV_OK : rc;
}

/* The name that a part gives its content; EV_EOF: none. */
static enum ev_rc
part_name(struct ev_mailmsg *m, const struct part *p, struct ev_err *err)
{
	struct ev_mail_piece v = field_of(m, p, "Content-Disposition");
	enum ev_rc rc = EV_EOF;

	ev_buf_clear(&m->word);
	if (v.text != NULL)
		rc = ev_mime_param(&m->word, v.text, v.len, "filename", err);
	v = field_of(m, p, "Content-Type");
	if (rc == EV_EOF && v.text != NULL)
		rc = ev_mime_param(&m->word, v.text, v.len, "name", err);
	return rc;
}

/* m->word holds its name, if it has one. */
static enum ev_rc
add_attachment(struct ev_mailmsg *m, const struct part *p, bool named,
    struct ev_err *err)
{
	const size_t from = m->head[p->level].end;
	struct ev_mail_piece type = field_of(m, p, "Content-Type");
	struct sum sum = { &m->digest, 0 };
	struct ev_json_node *node;
	struct ev_digests have;
	struct ev_mime_body body;
	char hex[2 * EV_SHA256 + 1];
	enum ev_rc rc;
	size_t n = 0;

	prepare(m, p, &body, to_digest, &sum);
	rc = ev_mime_decode(&body, m->data + from, p->to - from, err);
	remember(m, &body);
	if (rc == EV_OK)
		rc = ev_digest_final(&m->digest, &have, err);
	if (rc != EV_OK)
		return rc;
	if (m->attachments == NULL)
		m->attachments =
		    ev_nodes_array(&m->tree, m->tree.root, "attachments");
	node = ev_nodes_object(&m->tree, m->attachments, NULL);
	ev_nodes_at(node, p->from, p->to - p->from);
	(void)ev_nodes_word(&m->tree, node, "part",
	    p->number[0] == '\0' ? "1" : p->number);
	if (named)
		(void)ev_nodes_text(&m->tree, node, "name", m->word.data,
		    m->word.len);
	while (n < type.len && type.text[n] != ';' &&
	       !ev_mail_is_blank(type.text[n]))
		n++;
	if (n > 0)
		(void)ev_nodes_text(&m->tree, node, "type", type.text, n);
	ev_text_hex(hex, have.sha256, EV_SHA256);
	(void)ev_nodes_word(&m->tree, node, "sha256", hex);
	(void)ev_nodes_int(&m->tree, node, "size", sum.size);
	return EV_OK;
}

static enum ev_rc
walk_leaf(struct ev_mailmsg *m, const struct part *p, struct ev_err *err)
{
	struct ev_mail_piece type = field_of(m, p, "Content-Type");
	struct ev_mail_piece how = field_of(m, p, "Content-Disposition");
	enum ev_rc named = part_name(m, p, err);
	struct ev_mail_span *nested;
	struct ev_mime_body body;

	if (named != EV_OK && named != EV_EOF)
		return named;
	if (begins(&type, "message/rfc822")) {
		prepare(m, p, &body, NULL, NULL);
		if (m->nesteds == EV_MAIL_NESTED) {
			m->odd |= EV_MAIL_LONG;
		} else if (body.coding == EV_MIME_AS_IS) {
			nested = &m->nested[m->nesteds++];
			nested->from = m->head[p->level].end;
			nested->to = p->to;
			(void)snprintf(nested->number, EV_MAIL_NUMBER, "%s",
			    p->number);
		}
	} else if (named == EV_EOF && !begins(&how, "attachment") &&
		   (type.text == NULL || begins(&type, "text/plain") ||
		       begins(&type, "text/html"))) {
		return add_part_text(m, p, begins(&type, "text/html"), err);
	}
	return add_attachment(m, p, named == EV_OK, err);
}

/*
 * Parts within parts: as deep as EV_MAIL_DEPTH.
 * NOLINTBEGIN(misc-no-recursion)
 */
static enum ev_rc walk(struct ev_mailmsg *m, const struct part *p,
    struct ev_err *err);

static enum ev_rc
walk_below(struct ev_mailmsg *m, const struct part *up, size_t from, size_t to,
    int ordinal, struct ev_err *err)
{
	char number[EV_MAIL_NUMBER];
	struct part p = { from, to, up->level + 1, number };

	(void)snprintf(number, sizeof(number), "%s%s%d", up->number,
	    up->number[0] == '\0' ? "" : ".", ordinal);
	if (p.level == EV_MAIL_DEPTH) {
		if (m->deep.from == m->deep.to)
			m->deep = (struct ev_mail_span){ from, to, "" };
		return EV_OK;
	}
	if (++m->parts > EV_MAIL_PARTS) {
		m->odd |= EV_MAIL_LONG;
		return EV_OK;
	}
	/* A part need not have a header at all. */
	(void)ev_mail_head(&m->head[p.level], m->data, from, to);
	return walk(m, &p, err);
}

/* Is this line a delimiter: 1, or the last one: 2? */
static int
is_delimiter(const char *line, size_t len, const char *boundary)
{
	size_t n = strlen(boundary);

	if (len < n + 2 || memcmp(line, "--", 2) != 0 ||
	    memcmp(line + 2, boundary, n) != 0)
		return 0;
	line += n + 2;
	len -= n + 2;
	if (len >= 2 && memcmp(line, "--", 2) == 0)
		return 2;
	while (len > 0 && ev_mail_is_blank(*line))
		line++, len--;
	return len == 0 ? 1 : 0;
}

static enum ev_rc
walk_multipart(struct ev_mailmsg *m, const struct part *p, const char *boundary,
    struct ev_err *err)
{
	size_t at = m->head[p->level].end, next, end, begun = 0;
	const char *lf;
	enum ev_rc rc = EV_OK;
	int what = 0, ordinal = 0;

	for (; at < p->to && rc == EV_OK && what != 2; at = next) {
		lf = memchr(m->data + at, '\n', p->to - at);
		next = lf == NULL ? p->to : (size_t)(lf - m->data) + 1;
		what = is_delimiter(m->data + at, next - at, boundary);
		if (what == 0)
			continue;
		/* The line's end before a delimiter is the delimiter's. */
		end = at;
		if (end > begun && m->data[end - 1] == '\n')
			end--;
		if (end > begun && m->data[end - 1] == '\r')
			end--;
		if (ordinal > 0)
			rc = walk_below(m, p, begun, end, ordinal, err);
		begun = next;
		ordinal++;
	}
	if (rc == EV_OK && what != 2 && ordinal > 0 && begun < p->to) {
		m->odd |= EV_MAIL_DAMAGED;
		rc = walk_below(m, p, begun, p->to, ordinal, err);
	}
	return rc;
}

static enum ev_rc
walk(struct ev_mailmsg *m, const struct part *p, struct ev_err *err)
{
	struct ev_mail_piece type = field_of(m, p, "Content-Type");
	char boundary[BOUNDARY + 1];
	enum ev_rc rc;

	m->odd |= m->head[p->level].broken ? EV_MAIL_BROKEN : 0;
	if (!begins(&type, "multipart/"))
		return walk_leaf(m, p, err);
	ev_buf_clear(&m->word);
	rc = ev_mime_param(&m->word, type.text, type.len, "boundary", err);
	if (rc != EV_OK && rc != EV_EOF)
		return rc;
	if (rc == EV_EOF || m->word.len == 0 || m->word.len > BOUNDARY ||
	    memchr(m->word.data, '\0', m->word.len) != NULL) {
		m->odd |= EV_MAIL_DAMAGED;
		return walk_leaf(m, p, err);
	}
	(void)snprintf(boundary, sizeof(boundary), "%.*s", (int)m->word.len,
	    ev_buf_text(&m->word));
	return walk_multipart(m, p, boundary, err);
}
/* NOLINTEND(misc-no-recursion) */

static void
add_texts(struct ev_mailmsg *m)
{
	const struct {
		const char *key;
		const struct ev_buf *text;
		const struct ev_mail_span *at;
		size_t count;
	} texts[] = { { "text", &m->text, &m->text_at, m->texts },
		{ "html", &m->html, &m->html_at, m->htmls } };
	struct ev_json_node *node;
	size_t i;

	for (i = 0; i < 2; i++) {
		if (texts[i].count == 0)
			continue;
		node = ev_nodes_text(&m->tree, m->tree.root, texts[i].key,
		    ev_buf_text(texts[i].text), texts[i].text->len);
		if (texts[i].count == 1)
			ev_nodes_at(node, texts[i].at->from,
			    texts[i].at->to - texts[i].at->from);
	}
}

enum ev_rc
ev_mailmsg_read(struct ev_mailmsg *m, const char *data,
    const struct ev_mail_span *at, struct ev_err *err)
{
	struct part whole = { at->from, at->to, 0, at->number };
	const char *wrong;
	enum ev_rc rc;

	m->data = data;
	m->texts = m->htmls = m->parts = m->nesteds = 0;
	m->odd = 0;
	m->deep.from = m->deep.to = 0;
	m->attachments = NULL;
	ev_buf_clear(&m->text);
	ev_buf_clear(&m->html);
	ev_nodes_clear(&m->tree);
	wrong = ev_mail_head(&m->head[0], data, at->from, at->to);
	if (wrong != NULL)
		return ev_fail(err, m->head[0].count > 0 ? EV_LIMIT : EV_INPUT,
		    "%s", wrong);
	rc = add_header(m, err);
	if (rc == EV_OK)
		rc = add_known(m, err);
	if (rc == EV_OK)
		rc = add_received(m, err);
	if (rc == EV_OK)
		rc = walk(m, &whole, err);
	if (rc != EV_OK)
		return rc;
	add_texts(m);
	m->tree.root->offset = at->from;
	m->tree.root->length = at->to - at->from;
	return ev_nodes_end(&m->tree, err);
}
