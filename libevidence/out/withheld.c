/* What a bundle does not show, in the lines that stand for it. */
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "out/withheld.h"

enum { LINE_LIMIT = 4096 };

const char *const ev_withheld_codes[] = { "VICTIM", "MINOR", "THIRD-PARTY",
	"SOURCE", "PRIVILEGE", "SECURITY", "ONGOING", "OUT-OF-SCOPE", "ORDER",
	NULL };

bool
ev_withheld_code(const char *code)
{
	size_t i;

	for (i = 0; ev_withheld_codes[i] != NULL; i++) {
		if (strcmp(ev_withheld_codes[i], code) == 0)
			return true;
	}
	return false;
}

enum ev_rc
ev_withheld_line(struct ev_buf *out, const struct ev_withheld *line,
    struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	struct ev_jw w;

	ev_text_hex(hex, line->leaf, EV_SHA256);
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "by", line->by);
	ev_jw_key_text(&w, "leaf", hex);
	ev_jw_key_text(&w, "reason", line->reason);
	ev_jw_key_text(&w, "withheld", line->id);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

enum ev_rc
ev_withheld_order(struct ev_buf *out, const struct ev_withheld *order,
    struct ev_err *err)
{
	struct ev_jw w;

	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "authoriser", order->authoriser);
	ev_jw_key_text(&w, "reason", order->reason);
	ev_jw_key_text(&w, "withheld", order->id);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

static bool
take(char *to, size_t size, const struct ev_json_node *root, const char *key)
{
	const char *text = ev_json_get_text(root, key);

	return text != NULL && snprintf(to, size, "%s", text) < (int)size;
}

/* Written again, it must be the same bytes: nothing can hide in a line. */
static bool
same(struct ev_withheld *x, const void *text, size_t len,
    enum ev_rc (
	*print)(struct ev_buf *, const struct ev_withheld *, struct ev_err *))
{
	struct ev_buf again;
	struct ev_err why;
	bool equal;

	ev_buf_init(&again, LINE_LIMIT);
	equal = print(&again, x, &why) == EV_OK && again.len == len &&
		memcmp(again.data, text, len) == 0;
	ev_buf_release(&again);
	return equal && ev_withheld_code(x->reason);
}

bool
ev_withheld_read_line(struct ev_withheld *line, const void *text, size_t len)
{
	struct ev_json_doc *doc = NULL;
	const struct ev_json_node *root;
	const char *hex;
	struct ev_err why;
	bool ok;

	memset(line, 0, sizeof(*line));
	if (ev_json_parse(&doc, text, len, &why) != EV_OK)
		return false;
	root = ev_json_root(doc);
	hex = ev_json_get_text(root, "leaf");
	ok = hex != NULL &&
	     ev_text_unhex(line->leaf, EV_SHA256, hex, strlen(hex)) &&
	     take(line->by, sizeof(line->by), root, "by") &&
	     take(line->reason, sizeof(line->reason), root, "reason") &&
	     take(line->id, sizeof(line->id), root, "withheld") &&
	     same(line, text, len, ev_withheld_line);
	ev_json_free(doc);
	return ok;
}

bool
ev_withheld_read_order(struct ev_withheld *order, const void *text, size_t len)
{
	struct ev_json_doc *doc = NULL;
	const struct ev_json_node *root;
	struct ev_err why;
	bool ok;

	memset(order, 0, sizeof(*order));
	if (ev_json_parse(&doc, text, len, &why) != EV_OK)
		return false;
	root = ev_json_root(doc);
	ok = take(order->authoriser, sizeof(order->authoriser), root,
		 "authoriser") &&
	     take(order->reason, sizeof(order->reason), root, "reason") &&
	     take(order->id, sizeof(order->id), root, "withheld") &&
	     same(order, text, len, ev_withheld_order);
	ev_json_free(doc);
	return ok;
}
