/* A claim told to a person: reasons for, against, and what would change it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"
#include "weigh/case_run.h"
#include "weigh/gather.h"

enum { WIDTH = 80, OUT_LIMIT = 16 << 20, CELL = 1024 };

/* Words of a text, broken at the right edge, indented from the second on. */
static enum ev_rc
put_wrapped(struct ev_buf *out, const char *text, int first, int indent,
    struct ev_err *err)
{
	struct ev_buf safe;
	const char *at;
	enum ev_rc rc;
	size_t len, column = (size_t)first;

	ev_buf_init(&safe, OUT_LIMIT);
	rc = ev_text_safe(&safe, text, strlen(text), EV_TEXT_RUNNING, err);
	for (at = ev_buf_text(&safe); rc == EV_OK && *at != '\0';) {
		len = strcspn(at, " ");
		if (column > (size_t)indent && column + 1 + len > WIDTH) {
			rc = ev_buf_printf(out, err, "\n%*s", indent, "");
			column = (size_t)indent;
		} else if (column > (size_t)first) {
			rc = ev_buf_putc(out, ' ', err);
			column++;
		}
		if (rc == EV_OK)
			rc = ev_buf_put(out, at, len, err);
		column += len;
		at += len;
		while (*at == ' ')
			at++;
	}
	ev_buf_release(&safe);
	return rc == EV_OK ? ev_buf_putc(out, '\n', err) : rc;
}

/* "label    text", the text under itself. */
static enum ev_rc
put_field(struct ev_buf *out, const char *label, const char *text,
    struct ev_err *err)
{
	enum { INDENT = 16 };
	enum ev_rc rc;

	rc = ev_buf_printf(out, err, "%-*s", INDENT, label);
	return rc == EV_OK ? put_wrapped(out, text, INDENT, INDENT, err) : rc;
}

static const char *
text_of(const struct ev_json_node *node, const char *key)
{
	const char *text = node == NULL ? NULL : ev_json_get_text(node, key);

	return text == NULL ? "" : text;
}

static int64_t
int_of(const struct ev_json_node *node, const char *key)
{
	int64_t value = 0;

	(void)ev_json_get_int(node, key, &value);
	return value;
}

static bool
is_true(const struct ev_json_node *node, const char *key)
{
	const struct ev_json_node *flag = ev_json_get(node, key);

	return flag != NULL && flag->type == EV_JSON_BOOL && flag->value;
}

static const struct ev_json_node *
first_of(const struct ev_json_node *node, const char *key)
{
	const struct ev_json_node *array = ev_json_get(node, key);

	return array == NULL ? NULL : array->child;
}

/* Strings of an array in one cell; how many are left is said. */
static void
join(const struct ev_json_node *node, const char *between, size_t most,
    char cell[CELL])
{
	size_t at = 0, n = 0, left = 0;

	cell[0] = '\0';
	for (; node != NULL; node = node->next, n++) {
		if (n >= most || at + node->text_len + 8 > CELL) {
			left++;
			continue;
		}
		at += (size_t)snprintf(cell + at, CELL - at, "%s%s",
		    n > 0 ? between : "", node->text);
	}
	if (left > 0)
		(void)snprintf(cell + at, CELL - at, " and %zu more", left);
}

/* From 0 to the right for, to the left against: 1000 is 4 characters. */
static void
bar(const struct ev_json_node *item, char cell[32])
{
	const int64_t low = int_of(item, "l"), high = int_of(item, "h");
	const int64_t mid = int_of(item, "m");
	int64_t from = low / 250, to = high / 250, at = mid / 250, i;

	memset(cell, ' ', 31);
	cell[31] = '\0';
	for (i = from; i <= to; i++) {
		if (i >= -8 && i <= 20)
			cell[i + 9] = '-';
	}
	if (at >= -8 && at <= 20)
		cell[at + 9] = 'o';
	cell[9] = from <= 0 && to >= 0 && at != 0 ? '|' : cell[9];
	for (i = 30; i >= 0 && cell[i] == ' '; i--)
		cell[i] = '\0';
}

static enum ev_rc
put_where(struct ev_buf *out, const struct ev_json_node *item,
    struct ev_err *err)
{
	char facts[CELL], text[2 * CELL];
	const int64_t more = int_of(item, "fact_count") -
			     (int64_t)(ev_json_get(item, "facts") == NULL
					   ? 0
					   : ev_json_get(item, "facts")->count);

	join(first_of(item, "facts"), " ", 4, facts);
	(void)snprintf(text, sizeof(text), "%s%s; the first at %s", facts,
	    more > 0 ? " (and more)" : "", text_of(item, "at"));
	return put_field(out, "      facts", text, err);
}

static enum ev_rc
put_codes(struct ev_buf *out, const struct ev_json_node *item,
    const struct ev_listfile *codes, struct ev_err *err)
{
	const struct ev_json_node *code = first_of(item, "alternatives");
	const struct ev_list_row *row;
	enum ev_rc rc = EV_OK;

	for (; code != NULL && rc == EV_OK; code = code->next) {
		row =
		    codes == NULL ? NULL : ev_listfile_find(codes, code->text);
		rc = put_field(out, "      or else",
		    row == NULL ? code->text : row->cell[1], err);
	}
	return rc;
}

static enum ev_rc
put_item(struct ev_buf *out, const struct ev_json_node *item,
    const struct ev_listfile *codes, struct ev_err *err)
{
	const bool used = is_true(item, "used");
	const struct ev_json_node *depends = first_of(item, "depends_on");
	char cell[CELL], ends[32];
	enum ev_rc rc;

	(void)snprintf(cell, sizeof(cell), "%" PRId64 ".", int_of(item, "id"));
	bar(item, ends);
	rc = ev_buf_printf(out, err,
	    "%4s  %-10.10s%-4s %6" PRId64 " %6" PRId64 " %6" PRId64 "  %s\n",
	    cell, text_of(item, "rule"), text_of(item, "family"),
	    int_of(item, "l"), int_of(item, "m"), int_of(item, "h"),
	    used ? ends : "(not used)");
	if (rc == EV_OK)
		rc = ev_buf_printf(out, err, "      ");
	if (rc == EV_OK)
		rc = put_wrapped(out, text_of(item, "text"), 6, 6, err);
	(void)snprintf(cell, sizeof(cell), "%s%s%s", text_of(item, "shown"),
	    *text_of(item, "role") == '\0' ? "" : "; role ",
	    text_of(item, "role"));
	if (rc == EV_OK)
		rc = put_field(out, "      value", cell, err);
	if (rc == EV_OK && !used) {
		if (depends != NULL && depends->type == EV_JSON_NUMBER)
			(void)snprintf(cell, sizeof(cell), "%s with item %s",
			    text_of(item, "why"), depends->text);
		else
			(void)snprintf(cell, sizeof(cell), "%s",
			    text_of(item, "why"));
		rc = put_field(out, "      why not", cell, err);
	}
	if (rc == EV_OK)
		rc = put_where(out, item, err);
	join(first_of(item, "votes"), " ", 6, cell);
	if (rc == EV_OK && cell[0] != '\0')
		rc = put_field(out, "      databases", cell, err);
	if (rc == EV_OK && is_true(item, "stale"))
		rc = put_field(out, "      stale",
		    "the nearest database is over 180 days away: halved", err);
	if (rc == EV_OK && used)
		rc = put_field(out, "      source", text_of(item, "source"),
		    err);
	return rc == EV_OK && used ? put_codes(out, item, codes, err) : rc;
}

static enum ev_rc
put_items(struct ev_buf *out, const struct ev_json_node *root, const char *key,
    const char *title, const struct ev_listfile *codes, struct ev_err *err)
{
	const struct ev_json_node *item = first_of(root, key);
	enum ev_rc rc;

	rc = ev_buf_printf(out, err, "\n%s\n", title);
	if (rc == EV_OK && item == NULL)
		rc = ev_buf_puts(out, "      none\n", err);
	for (; item != NULL && rc == EV_OK; item = item->next)
		rc = put_item(out, item, codes, err);
	return rc;
}

static enum ev_rc
put_searched(struct ev_buf *out, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_json_node *row = first_of(root, "searched");
	char cell[CELL];
	enum ev_rc rc = EV_OK;

	for (; row != NULL && rc == EV_OK; row = row->next) {
		(void)snprintf(cell, sizeof(cell), "%s: %s",
		    text_of(row, "rule"), text_of(row, "finding"));
		rc = put_field(out, "  looked for", cell, err);
	}
	for (row = first_of(root, "missing"); row != NULL && rc == EV_OK;
	     row = row->next)
		rc = put_field(out, "  missing", row->text, err);
	return rc;
}

static enum ev_rc
put_families(struct ev_buf *out, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_json_node *f = first_of(root, "families");
	const struct ev_json_node *total = ev_json_get(root, "total");
	enum ev_rc rc;

	rc =
	    ev_buf_puts(out, "\nFAMILIES             low    mid   high\n", err);
	for (; f != NULL && rc == EV_OK; f = f->next)
		rc = ev_buf_printf(out, err,
		    "  %-14.14s%8" PRId64 "%7" PRId64 "%7" PRId64 "\n",
		    text_of(f, "id"), int_of(f, "l"), int_of(f, "m"),
		    int_of(f, "h"));
	if (rc == EV_OK && total != NULL)
		rc = ev_buf_printf(out, err,
		    "  total         %8" PRId64 "%7" PRId64 "%7" PRId64 "\n",
		    int_of(total, "l"), int_of(total, "m"), int_of(total, "h"));
	return rc;
}

static enum ev_rc
put_sensitivity(struct ev_buf *out, const struct ev_json_node *root,
    struct ev_err *err)
{
	const struct ev_json_node *row = first_of(root, "sensitivity");
	enum ev_rc rc;

	rc = ev_buf_printf(out, err, "\n%-29s%s\n", "WITHOUT",
	    "  low    mid   high  word");
	for (; row != NULL && rc == EV_OK; row = row->next)
		rc = ev_buf_printf(out, err,
		    "  %-24.24s%8" PRId64 "%7" PRId64 "%7" PRId64 "  %s%s\n",
		    text_of(row, "without"), int_of(row, "l"), int_of(row, "m"),
		    int_of(row, "h"), text_of(row, "word"),
		    is_true(row, "met") ? "" : " (not met)");
	return rc;
}

static enum ev_rc
put_head(struct ev_buf *out, const struct ev_json_node *root, const char *id,
    struct ev_err *err)
{
	const struct ev_json_node *window = ev_json_get(root, "window");
	const struct ev_json_node *rules = ev_json_get(root, "ruleset");
	char cell[CELL], more[CELL];
	enum ev_rc rc;

	join(first_of(root, "subjects"), " and ", 2, more);
	(void)snprintf(cell, sizeof(cell), "%s%s%.600s: %s %s", id,
	    *id == '\0' ? "" : "  ", more, text_of(root, "label"),
	    text_of(root, "object"));
	rc = put_wrapped(out, cell, 0, 4, err);
	if (rc == EV_OK && int_of(root, "days") > 0) {
		(void)snprintf(cell, sizeof(cell),
		    "sessions on %" PRId64 " days", int_of(root, "days"));
		rc = put_field(out, "Seen", cell, err);
	}
	if (rc == EV_OK)
		rc = put_field(out, "Hp", text_of(root, "hp"), err);
	join(first_of(root, "hd"), ", ", 40, more);
	(void)snprintf(cell, sizeof(cell),
	    "Not so; the items have another cause: %.900s",
	    more[0] == '\0' ? "chance" : more);
	if (rc == EV_OK)
		rc = put_field(out, "Hd", cell, err);
	(void)snprintf(cell, sizeof(cell), "%s%s, scale %s; threshold %s",
	    text_of(root, "word"),
	    strcmp(text_of(root, "side"), "hd") == 0   ? " support for Hd"
	    : strcmp(text_of(root, "side"), "hp") == 0 ? " support for Hp"
						       : "",
	    text_of(root, "scale"), is_true(root, "met") ? "met" : "not met");
	if (rc == EV_OK)
		rc = put_field(out, "Word", cell, err);
	if (*text_of(window, "from") != '\0') {
		(void)snprintf(cell, sizeof(cell), "%s to %s",
		    text_of(window, "from"), text_of(window, "to"));
		if (rc == EV_OK)
			rc = put_field(out, "Events", cell, err);
	}
	join(first_of(root, "flags"), ", ", 40, more);
	if (rc == EV_OK && more[0] != '\0')
		rc = put_field(out, "Flags", more, err);
	(void)snprintf(cell, sizeof(cell),
	    "%s version %" PRId64 ", SHA-256 %.16s...; every ratio is log10 in "
	    "thousandths and, unless its source says more, a declared "
	    "default, not a measurement",
	    text_of(rules, "id"), rules == NULL ? 0 : int_of(rules, "version"),
	    text_of(rules, "sha256"));
	return rc == EV_OK ? put_field(out, "Rules", cell, err) : rc;
}

static enum ev_rc
explain_line(struct ev_buf *out, const char *id, const char *line, size_t len,
    const struct ev_listfile *codes, struct ev_err *err)
{
	static const char title[] = "FOR   rule      fam     low    mid   high";
	const struct ev_json_node *root;
	struct ev_json_doc *doc = NULL;
	enum ev_rc rc;

	rc = ev_json_parse(&doc, line, len, err);
	if (rc != EV_OK)
		return rc;
	root = ev_json_root(doc);
	rc = put_head(out, root, id, err);
	if (rc == EV_OK)
		rc = put_items(out, root, "items", title, codes, err);
	if (rc == EV_OK)
		rc = put_items(out, root, "counter", "AGAINST", codes, err);
	if (rc == EV_OK)
		rc = put_searched(out, root, err);
	if (rc == EV_OK)
		rc = put_families(out, root, err);
	if (rc == EV_OK)
		rc = put_sensitivity(out, root, err);
	ev_json_free(doc);
	return rc;
}

static enum ev_rc
explain_account(struct ev_case *c, const char *account, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_run run = { 0 };
	struct ev_weigh *w = NULL;
	const char *at, *end;
	struct ev_buf lines;
	enum ev_rc rc;

	ev_buf_init(&lines, OUT_LIMIT);
	rc = ev_run_weigh(c, NULL, NULL, &run, &w, err);
	if (rc == EV_OK || rc == EV_PARTIAL)
		rc = ev_weigh_consider(w, account, &lines, err);
	at = ev_buf_text(&lines);
	if (rc == EV_OK && *at == '\0')
		rc = ev_buf_puts(out,
		    "nothing speaks for or against any "
		    "claim about this account\n",
		    err);
	while (rc == EV_OK && (end = strchr(at, '\n')) != NULL) {
		if (at != ev_buf_text(&lines))
			rc = ev_buf_putc(out, '\n', err);
		if (rc == EV_OK)
			rc = explain_line(out, "", at, (size_t)(end - at),
			    &w->alternatives, err);
		at = end + 1;
	}
	ev_weigh_free(w);
	ev_run_release(&run);
	ev_buf_release(&lines);
	return rc;
}

/* The sentences behind the codes, as the run had them. */
static enum ev_rc
read_codes(struct ev_case *c, struct ev_listfile *codes, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const void *bytes;
	size_t len;
	enum ev_rc rc;

	*codes = (struct ev_listfile){ 0 };
	rc = ev_db_prepare(ev_case_db(c), &st, err,
	    "SELECT bytes FROM datafile WHERE form = 'list' AND"
	    " name = 'alternatives.list' ORDER BY id DESC LIMIT 1",
	    "");
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "b", &bytes, &len);
	if (rc == EV_OK)
		rc = ev_listfile_parse(codes, "alternatives.list", bytes, len,
		    err);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_attrib_explain(struct ev_case *c, const char *what, struct ev_buf *out,
    struct ev_err *err)
{
	struct ev_listfile codes;
	struct ev_buf line;
	enum ev_rc rc;

	if (strchr(what, ':') != NULL)
		return explain_account(c, what, out, err);
	ev_buf_init(&line, OUT_LIMIT);
	rc = ev_attrib_line(c, what, &line, err);
	if (rc == EV_OK)
		rc = read_codes(c, &codes, err);
	if (rc == EV_OK) {
		rc = explain_line(out, what, ev_buf_text(&line), line.len,
		    &codes, err);
		ev_listfile_release(&codes);
	}
	ev_buf_release(&line);
	return rc;
}
