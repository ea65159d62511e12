/* The order: what was asked, by which files, with which entries. */
#include <stdlib.h>
#include <string.h>

#include "evidence/when.h"
#include "weigh/rules_word.h"
#include "weigh/weigh_inside.h"

enum { ORDER_LIMIT = 16 << 20 };

static enum ev_rc
bad(const char *what, struct ev_err *err)
{
	return ev_fail(err, EV_INPUT, "the order says no usable '%s'", what);
}

static const char *
text_of(const struct ev_json_node *node, const char *key)
{
	const char *text = ev_json_get_text(node, key);

	return text == NULL ? "" : text;
}

static enum ev_rc
read_instant(int64_t *us, const char *text, int64_t open, struct ev_err *err)
{
	*us = open;
	if (*text == '\0' || ev_when_parse(us, NULL, text, strlen(text)))
		return EV_OK;
	return bad("instant", err);
}

/* An array member, and room for its elements. */
static enum ev_rc
open_array(const struct ev_json_node *root, const char *key, size_t size,
    const struct ev_json_node **first, void **rows, size_t *count,
    struct ev_err *err)
{
	const struct ev_json_node *array = ev_json_get(root, key);

	*first = NULL;
	*rows = NULL;
	*count = 0;
	if (array == NULL)
		return EV_OK;
	if (array->type != EV_JSON_ARRAY)
		return bad(key, err);
	*rows = calloc(array->count + 1, size);
	if (*rows == NULL)
		return ev_fail_sys(err, "cannot hold the order");
	*first = array->child;
	*count = array->count;
	return EV_OK;
}

static enum ev_rc
read_files(struct ev_order *o, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_json_node *node;
	struct ev_order_file *file;
	void *rows;
	enum ev_rc rc;

	rc = open_array(root, "files", sizeof(*o->file), &node, &rows,
	    &o->files, err);
	file = o->file = rows;
	for (; rc == EV_OK && node != NULL; node = node->next, file++) {
		file->form = text_of(node, "form");
		file->name = text_of(node, "name");
		file->sha256 = text_of(node, "sha256");
		file->source = text_of(node, "source");
		file->role = text_of(node, "role");
		file->licence = text_of(node, "licence");
		file->built = text_of(node, "built");
		rc = read_instant(&file->built_us, file->built, 0, err);
		if (rc == EV_OK && strlen(file->sha256) != 64)
			rc = bad("files", err);
	}
	return rc;
}

static enum ev_rc
read_anchors(struct ev_order *o, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_json_node *node;
	struct ev_anchor *anchor;
	void *rows;
	enum ev_rc rc;

	rc = open_array(root, "anchors", sizeof(*o->anchor), &node, &rows,
	    &o->anchors, err);
	anchor = o->anchor = rows;
	for (; rc == EV_OK && node != NULL; node = node->next, anchor++) {
		anchor->org = text_of(node, "org");
		anchor->basis = text_of(node, "basis");
		anchor->type = ev_type_find(text_of(node, "type"));
		anchor->value = text_of(node, "value");
		anchor->account = UINT32_MAX;
		(void)ev_json_get_int(node, "entry", &anchor->entry);
		if (anchor->type == EV_TYPES || *anchor->value == '\0')
			return bad("anchors", err);
		rc = read_instant(&anchor->from_us, text_of(node, "from"),
		    INT64_MIN, err);
		if (rc == EV_OK)
			rc = read_instant(&anchor->to_us, text_of(node, "to"),
			    INT64_MAX, err);
	}
	return rc;
}

static enum ev_rc
read_exams(struct ev_order *o, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_json_node *node;
	struct ev_exam *exam;
	void *rows;
	enum ev_rc rc;

	rc = open_array(root, "exams", sizeof(*o->exam), &node, &rows,
	    &o->exams, err);
	exam = o->exam = rows;
	for (; rc == EV_OK && node != NULL; node = node->next, exam++) {
		exam->verb = text_of(node, "verb");
		exam->subject = text_of(node, "subject");
		exam->value = text_of(node, "value");
		exam->word = text_of(node, "word");
		exam->facts = ev_json_get(node, "facts");
		(void)ev_json_get_int(node, "entry", &exam->entry);
	}
	return rc;
}

static enum ev_rc
read_orgs(struct ev_order *o, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_json_node *node;
	struct ev_org *org;
	void *rows;
	enum ev_rc rc;

	rc = open_array(root, "orgs", sizeof(*o->org), &node, &rows, &o->orgs,
	    err);
	org = o->org = rows;
	for (; rc == EV_OK && node != NULL; node = node->next, org++) {
		org->id = text_of(node, "id");
		org->name = text_of(node, "name");
		org->registers = ev_json_get(node, "registers");
	}
	return rc;
}

static enum ev_rc
read_registers(struct ev_order *o, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_json_node *node;
	struct ev_register *reg;
	void *rows;
	enum ev_rc rc;

	rc = open_array(root, "registers", sizeof(*o->reg), &node, &rows,
	    &o->registers, err);
	reg = o->reg = rows;
	for (; rc == EV_OK && node != NULL; node = node->next, reg++) {
		reg->name = text_of(node, "name");
		reg->sha256 = text_of(node, "sha256");
		if (!ev_json_get_int(node, "records", &reg->records))
			return bad("registers", err);
	}
	return rc;
}

static enum ev_rc
read_supersedes(struct ev_order *o, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_json_node *node;
	struct ev_supersede *row;
	void *rows;
	enum ev_rc rc;

	rc = open_array(root, "supersedes", sizeof(*o->supersede), &node, &rows,
	    &o->supersedes, err);
	row = o->supersede = rows;
	for (; rc == EV_OK && node != NULL; node = node->next, row++) {
		row->asks = text_of(node, "asks");
		row->subject = text_of(node, "subject");
		row->object = text_of(node, "object");
		row->sha256 = text_of(node, "sha256");
	}
	return rc;
}

static enum ev_rc
read_head(struct ev_order *o, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_json_node *asks = ev_json_get(root, "asks"), *node;
	const struct ev_json_node *window = ev_json_get(root, "window");
	enum ev_rc rc;
	int question;

	if (strcmp(text_of(root, "schema"), "order-1") != 0)
		return bad("schema", err);
	if (strcmp(text_of(root, "mode"), "court") != 0)
		return bad("mode", err);
	o->ruleset = text_of(root, "ruleset");
	if (*o->ruleset == '\0')
		return bad("ruleset", err);
	if (asks == NULL || asks->type != EV_JSON_ARRAY)
		return bad("asks", err);
	for (node = asks->child; node != NULL; node = node->next) {
		question = node->type == EV_JSON_STRING
			       ? ev_asks_find(node->text)
			       : -1;
		if (question < 0)
			return bad("asks", err);
		o->asks[question] = true;
	}
	o->from = window == NULL ? "" : text_of(window, "from");
	o->to = window == NULL ? "" : text_of(window, "to");
	o->windowed = *o->from != '\0' || *o->to != '\0';
	rc = read_instant(&o->from_us, o->from, INT64_MIN, err);
	return rc == EV_OK ? read_instant(&o->to_us, o->to, INT64_MAX, err)
			   : rc;
}

enum ev_rc
ev_order_read(struct ev_order *order, const void *text, size_t len,
    struct ev_err *err)
{
	const struct ev_json_node *root;
	enum ev_rc rc;

	*order = (struct ev_order){ 0 };
	if (len > ORDER_LIMIT)
		return ev_fail(err, EV_LIMIT, "an order of more than %d bytes",
		    ORDER_LIMIT);
	order->text = malloc(len + 1);
	if (order->text == NULL)
		return ev_fail_sys(err, "cannot hold the order");
	memcpy(order->text, text, len);
	order->text[len] = '\0';
	order->len = len;
	rc = ev_json_parse(&order->doc, order->text, len, err);
	if (rc != EV_OK)
		return ev_fail_in(err, "the order");
	root = ev_json_root(order->doc);
	if (root == NULL || root->type != EV_JSON_OBJECT)
		return bad("object", err);
	rc = read_head(order, root, err);
	if (rc == EV_OK)
		rc = read_files(order, root, err);
	if (rc == EV_OK)
		rc = read_anchors(order, root, err);
	if (rc == EV_OK)
		rc = read_exams(order, root, err);
	if (rc == EV_OK)
		rc = read_orgs(order, root, err);
	if (rc == EV_OK)
		rc = read_registers(order, root, err);
	return rc == EV_OK ? read_supersedes(order, root, err) : rc;
}

void
ev_order_release(struct ev_order *order)
{
	free(order->file);
	free(order->anchor);
	free(order->exam);
	free(order->org);
	free(order->reg);
	free(order->supersede);
	ev_json_free(order->doc);
	free(order->text);
	*order = (struct ev_order){ 0 };
}
