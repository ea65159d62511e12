/* Claims as lines: written, read back, and linked to what they replace. */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "weigh/claim.h"
#include "weigh/line.h"

enum { LINE_LIMIT = 8 << 20 };

void
ev_claim_row_release(struct ev_claim_row *row)
{
	ev_buf_release(&row->text);
	ev_buf_release(&row->line);
}

static enum ev_rc
bad(const char *what, struct ev_err *err)
{
	return ev_fail(err, EV_INPUT, "a claim has no usable '%s'", what);
}

/* Words of an array, parted by blanks, as one string of text. */
static enum ev_rc
put_words(struct ev_buf *text, const struct ev_json_node *array, size_t *at,
    struct ev_err *err)
{
	const struct ev_json_node *node = array == NULL ? NULL : array->child;
	enum ev_rc rc = EV_OK;

	*at = text->len;
	for (; node != NULL && rc == EV_OK; node = node->next) {
		if (node->type != EV_JSON_STRING)
			return bad("array", err);
		rc = ev_buf_printf(text, err, "%s%s",
		    node == array->child ? "" : " ", node->text);
	}
	return rc == EV_OK ? ev_buf_putc(text, '\0', err) : rc;
}

static enum ev_rc
put_string(struct ev_buf *text, const struct ev_json_node *object,
    const char *key, size_t *at, struct ev_err *err)
{
	const char *value =
	    object == NULL ? NULL : ev_json_get_text(object, key);

	*at = text->len;
	if (value == NULL)
		return bad(key, err);
	return ev_buf_put(text, value, strlen(value) + 1, err);
}

static enum ev_rc
read_numbers(const struct ev_json_node *root, struct ev_weigh_claim *claim,
    struct ev_err *err)
{
	const struct ev_json_node *total = ev_json_get(root, "total");
	const struct ev_json_node *met = ev_json_get(root, "met");
	const struct ev_json_node *families = ev_json_get(root, "families");
	const struct ev_json_node *node;
	int64_t low;

	if (total == NULL || !ev_json_get_int(total, "l", &claim->low) ||
	    !ev_json_get_int(total, "m", &claim->mid) ||
	    !ev_json_get_int(total, "h", &claim->high))
		return bad("total", err);
	if (met == NULL || met->type != EV_JSON_BOOL)
		return bad("met", err);
	claim->met = met->value;
	if (families == NULL || families->type != EV_JSON_ARRAY)
		return bad("families", err);
	for (node = families->child; node != NULL; node = node->next) {
		if (ev_json_get_int(node, "l", &low) && low > 0)
			claim->families++;
	}
	return EV_OK;
}

static enum ev_rc
read_texts(const struct ev_json_node *root, struct ev_claim_row *row,
    struct ev_err *err)
{
	const struct ev_json_node *window = ev_json_get(root, "window");
	const char **const slot[] = { &row->pub.asks, &row->pub.object,
		&row->pub.label, &row->pub.word, &row->pub.from, &row->pub.to };
	static const char *const keys[] = { "asks", "object", "label", "word",
		"from", "to" };
	size_t at[8] = { 0 }, i;
	enum ev_rc rc;

	rc = put_words(&row->text, ev_json_get(root, "subjects"), &at[6], err);
	if (rc == EV_OK)
		rc = put_words(&row->text, ev_json_get(root, "flags"), &at[7],
		    err);
	for (i = 0; i < 6 && rc == EV_OK; i++)
		rc = put_string(&row->text, i < 4 ? root : window, keys[i],
		    &at[i], err);
	if (rc != EV_OK)
		return rc;
	/* The buffer no longer moves. */
	for (i = 0; i < 6; i++)
		*slot[i] = (const char *)row->text.data + at[i];
	row->pub.subject = (const char *)row->text.data + at[6];
	row->pub.flags = (const char *)row->text.data + at[7];
	return EV_OK;
}

enum ev_rc
ev_claim_read(struct ev_claim_row *row, struct ev_err *err)
{
	const struct ev_json_node *root;
	struct ev_json_doc *doc = NULL;
	enum ev_rc rc;

	ev_buf_init(&row->text, LINE_LIMIT);
	row->pub = (struct ev_weigh_claim){ .line = ev_buf_text(&row->line),
		.len = row->line.len };
	rc = ev_json_parse(&doc, row->line.data, row->line.len, err);
	if (rc != EV_OK)
		return rc;
	root = ev_json_root(doc);
	rc = root != NULL && root->type == EV_JSON_OBJECT
		 ? read_numbers(root, &row->pub, err)
		 : bad("object", err);
	if (rc == EV_OK)
		rc = read_texts(root, row, err);
	ev_json_free(doc);
	return rc;
}

/* Put the digest where the empty string stands. */
static enum ev_rc
patch(struct ev_claim_row *row, const char *sha256, struct ev_err *err)
{
	const size_t len = strlen(sha256);
	unsigned char *at;
	enum ev_rc rc;

	rc = ev_buf_reserve(&row->line, len + 1, err);
	if (rc != EV_OK)
		return rc;
	at = row->line.data + row->patch + 1;
	memmove(at + len, at, row->line.len - row->patch - 1);
	memcpy(at, sha256, len);
	row->line.len += len;
	row->line.data[row->line.len] = '\0';
	row->pub.line = ev_buf_text(&row->line);
	row->pub.len = row->line.len;
	return EV_OK;
}

static const char *
known_supersede(const struct ev_weigh *w, const struct ev_weigh_claim *c)
{
	const struct ev_supersede *s;
	size_t i;

	for (i = 0; i < w->order.supersedes; i++) {
		s = &w->order.supersede[i];
		if (strcmp(s->asks, c->asks) == 0 &&
		    strcmp(s->subject, c->subject) == 0 &&
		    strcmp(s->object, c->object) == 0)
			return s->sha256;
	}
	return NULL;
}

static enum ev_rc
write_claim(struct ev_weigh *w, const struct ev_result *r, struct ev_err *err)
{
	struct ev_claim_row *row;
	void *array = w->claim;
	const char *sha256;
	enum ev_rc rc;

	rc = ev_grow(&array, &w->claim_room, w->claim_count, sizeof(*w->claim),
	    err);
	if (rc != EV_OK)
		return rc;
	w->claim = array;
	row = &w->claim[w->claim_count++];
	*row = (struct ev_claim_row){ .patch = 0 };
	ev_buf_init(&row->line, LINE_LIMIT);
	ev_buf_init(&row->text, LINE_LIMIT);
	rc = ev_claim_line(w, r, &row->line, &row->patch, err);
	if (rc == EV_OK)
		rc = ev_claim_read(row, err);
	if (rc != EV_OK)
		return rc;
	sha256 = known_supersede(w, &row->pub);
	return sha256 == NULL ? EV_OK : patch(row, sha256, err);
}

enum ev_rc
ev_claims_write(struct ev_weigh *w, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; i < w->result_count && rc == EV_OK; i++) {
		if (w->result[i].claimed)
			rc = write_claim(w, &w->result[i], err);
	}
	return rc;
}

size_t
ev_weigh_count(const struct ev_weigh *w)
{
	return w->claim_count;
}

const struct ev_weigh_claim *
ev_weigh_claim(const struct ev_weigh *w, size_t i)
{
	return &w->claim[i].pub;
}

enum ev_rc
ev_weigh_supersede(struct ev_weigh *w, size_t i, const char *sha256,
    struct ev_err *err)
{
	unsigned char digest[32];
	struct ev_claim_row *row = &w->claim[i];

	if (!ev_text_unhex(digest, sizeof(digest), sha256, strlen(sha256)))
		return ev_fail(err, EV_USE, "'%s' is no SHA-256", sha256);
	if (row->line.data[row->patch + 1] != '"')
		return ev_fail(err, EV_USE, "the claim supersedes one already");
	return patch(row, sha256, err);
}

void
ev_claims_superseded(const struct ev_weigh *w, struct ev_jw *j)
{
	size_t i;

	ev_jw_array(j);
	for (i = 0; i < w->claim_count; i++) {
		const struct ev_claim_row *row = &w->claim[i];
		const char *at = ev_buf_text(&row->line) + row->patch + 1;

		if (*at == '"')
			continue;
		ev_jw_object(j);
		ev_jw_key_text(j, "asks", row->pub.asks);
		ev_jw_key_text(j, "object", row->pub.object);
		ev_jw_key(j, "sha256");
		ev_jw_str(j, at, 64);
		ev_jw_key_text(j, "subject", row->pub.subject);
		ev_jw_close(j);
	}
	ev_jw_close(j);
}
