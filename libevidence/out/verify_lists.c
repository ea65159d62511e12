/* A bundle's index: its lines, checked against the roots in the log. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "out/verify_lists.h"

enum { NAME = 96, GROW = 1024 };

static const char *const stems[LISTS_FILES] = { "artifacts", "exhibits",
	"facts", "readings" };

struct cursor {
	struct lists_cursor at;
	struct ev_buf salts;
};

void
lists_release(struct lists *l)
{
	size_t i;

	for (i = 0; i < LISTS_FILES; i++) {
		ev_buf_release(&l->text[i]);
		free(l->line[i]);
	}
	free(l->read);
	free(l->row);
	memset(l, 0, sizeof(*l));
}

static enum ev_rc
keep(struct lists_line **list, size_t *count, const struct lists_line *line,
    struct ev_err *err)
{
	void *grown;

	if (*count % GROW == 0) {
		grown = realloc(*list, (*count + GROW) * sizeof(**list));
		if (grown == NULL)
			return ev_fail_sys(err, "cannot keep the index");
		*list = grown;
	}
	(*list)[(*count)++] = *line;
	return EV_OK;
}

/* "artifacts I000001": which file that list stands in, LISTS_FILES if none. */
static size_t
file_of(const char *list)
{
	size_t i, len;

	for (i = 0; i < LISTS_FILES; i++) {
		len = strlen(stems[i]);
		if (strncmp(list, stems[i], len) == 0 && list[len] == ' ')
			return i;
	}
	return LISTS_FILES;
}

static enum ev_rc
keep_row(struct lists *l, const struct ev_withheld *row, struct ev_err *err)
{
	void *grown;

	if (l->rows % GROW == 0) {
		grown = realloc(l->row, (l->rows + GROW) * sizeof(*l->row));
		if (grown == NULL)
			return ev_fail_sys(err, "cannot keep the index");
		l->row = grown;
	}
	l->row[l->rows++] = *row;
	return EV_OK;
}

enum ev_rc
lists_leaf(struct lists *l, struct lists_cursor *at, struct lists_line *line,
    unsigned char leaf[EV_SHA256], struct ev_err *err)
{
	const char *end = strchr(at->line, '\n');
	const char *salt_end = strchr(at->salt, '\n');
	unsigned char salt[EV_SHA256];
	struct ev_withheld row;
	size_t salt_len;

	if (end == NULL || salt_end == NULL)
		return ev_fail(err, EV_MISMATCH, "it or its salts end early");
	line->text = at->line;
	line->len = (size_t)(end - at->line);
	salt_len = (size_t)(salt_end - at->salt);
	line->withheld = salt_len == strlen(EV_WITHHELD_SALT) &&
			 memcmp(at->salt, EV_WITHHELD_SALT, salt_len) == 0;
	at->line = end + 1;
	if (!line->withheld) {
		if (!ev_text_unhex(salt, sizeof(salt), at->salt, salt_len))
			return ev_fail(err, EV_MISMATCH, "a line has no salt");
		at->salt = salt_end + 1;
		return ev_merkle_salted(leaf, salt, line->text, line->len, err);
	}
	at->salt = salt_end + 1;
	if (!ev_withheld_read_line(&row, line->text, line->len))
		return ev_fail(err, EV_MISMATCH,
		    "a line without salt does not say that it is withheld");
	memcpy(leaf, row.leaf, EV_SHA256);
	return keep_row(l, &row, err);
}

/* The next count lines with their salts: their root. */
static enum ev_rc
root_of(struct lists *l, size_t file, struct cursor *at, int64_t entry,
    int64_t count, unsigned char root[EV_SHA256], struct ev_err *err)
{
	unsigned char leaf[EV_SHA256];
	struct ev_merkle_head head;
	struct lists_line line = { .entry = entry };
	struct ev_merkle tree;
	enum ev_rc rc;

	rc = ev_merkle_init(&tree, err);
	while (rc == EV_OK && count-- > 0) {
		rc = lists_leaf(l, &at->at, &line, leaf, err);
		if (rc == EV_MISMATCH)
			rc = ev_fail(err, EV_MISMATCH, "%s.jsonl: %s",
			    stems[file], err->msg);
		if (rc == EV_OK)
			rc = ev_merkle_add_leaf(&tree, leaf, err);
		if (rc == EV_OK)
			rc = keep(&l->line[file], &l->count[file], &line, err);
	}
	if (rc == EV_OK)
		rc = ev_merkle_head(&tree, &head, err);
	if (rc == EV_OK)
		memcpy(root, head.root, EV_SHA256);
	ev_merkle_release(&tree);
	return rc;
}

/* One {"count","list","root"} of an entry. */
static enum ev_rc
check_list(struct verify *v, struct lists *l, struct cursor *cursor,
    const struct ev_json_node *node, int64_t entry, struct ev_err *err)
{
	const char *list = ev_json_get_text(node, "list");
	const char *hex = ev_json_get_text(node, "root");
	unsigned char root[EV_SHA256], want[EV_SHA256];
	int64_t count = -1;
	size_t file;
	enum ev_rc rc;

	file = list == NULL ? LISTS_FILES : file_of(list);
	if (file == LISTS_FILES)
		return EV_OK; /* a list of another kind */
	if (hex == NULL || !ev_json_get_int(node, "count", &count) ||
	    count < 0 || !ev_text_unhex(want, sizeof(want), hex, strlen(hex)))
		return ev_fail(err, EV_MISMATCH,
		    "entry %" PRId64 ": a list without count or root", entry);
	rc = root_of(l, file, &cursor[file], entry, count, root, err);
	if (rc == EV_OK && memcmp(root, want, sizeof(root)) != 0)
		verify_say(v, "facts", EV_VERIFY_FAILED,
		    "the lines of '%.64s' are not those that entry %" PRId64
		    " of the log counted",
		    list, entry);
	return rc;
}

static enum ev_rc
check_entry(struct verify *v, struct lists *l, struct cursor *cursor,
    const struct lists_line *line, struct ev_err *err)
{
	const struct ev_json_node *after, *list, *n;
	struct ev_json_doc *doc = NULL;
	const char *action;
	struct ev_err why;
	enum ev_rc rc = EV_OK;

	if (ev_json_parse(&doc, line->text, line->len, &why) != EV_OK)
		return EV_OK; /* said by verify_log */
	action = ev_json_get_text(ev_json_root(doc), "action");
	if (action != NULL && strcmp(action, "read") == 0)
		rc = keep(&l->read, &l->reads, line, err);
	after = ev_json_get(ev_json_root(doc), "after");
	list = after == NULL ? NULL : ev_json_get(after, "lists");
	n = list == NULL ? NULL : list->child;
	for (; rc == EV_OK && n != NULL; n = n->next) {
		if (n->type == EV_JSON_OBJECT)
			rc = check_list(v, l, cursor, n, line->entry, err);
	}
	ev_json_free(doc);
	return rc;
}

static enum ev_rc
read_files(struct verify *v, struct lists *l, struct cursor *cursor,
    struct ev_err *err)
{
	char name[NAME];
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < LISTS_FILES; i++) {
		ev_buf_init(&l->text[i], EV_VERIFY_LIST);
		ev_buf_init(&cursor[i].salts, EV_VERIFY_LIST);
		(void)snprintf(name, sizeof(name), "data/index/%s.jsonl",
		    stems[i]);
		rc = verify_read(v, name, &l->text[i], err);
		(void)snprintf(name, sizeof(name), "data/index/%s.salts",
		    stems[i]);
		if (rc == EV_OK)
			rc = verify_read(v, name, &cursor[i].salts, err);
		cursor[i].at.line = ev_buf_text(&l->text[i]);
		cursor[i].at.salt = ev_buf_text(&cursor[i].salts);
	}
	return rc;
}

static enum ev_rc
walk(struct verify *v, struct lists *l, struct cursor *cursor,
    struct ev_err *err)
{
	const char *text = ev_buf_text(&v->log_text), *end;
	struct lists_line line = { .entry = 0 };
	enum ev_rc rc = EV_OK;
	size_t i;

	while (rc == EV_OK && (end = strchr(text, '\n')) != NULL) {
		line.text = text;
		line.len = (size_t)(end - text);
		line.entry++;
		rc = check_entry(v, l, cursor, &line, err);
		text = end + 1;
	}
	for (i = 0; rc == EV_OK && i < LISTS_FILES; i++) {
		if (*cursor[i].at.line != '\0' || *cursor[i].at.salt != '\0')
			verify_say(v, "facts", EV_VERIFY_FAILED,
			    "%s.jsonl has lines that no entry of the log "
			    "counts",
			    stems[i]);
	}
	return rc;
}

enum ev_rc
lists_check(struct verify *v, struct lists *l, struct ev_err *err)
{
	struct cursor cursor[LISTS_FILES];
	bool before = v->failed;
	enum ev_rc rc;
	size_t i;

	memset(l, 0, sizeof(*l));
	memset(cursor, 0, sizeof(cursor));
	rc = read_files(v, l, cursor, err);
	if (rc == EV_OK)
		rc = walk(v, l, cursor, err);
	for (i = 0; i < LISTS_FILES; i++)
		ev_buf_release(&cursor[i].salts);
	if (rc == EV_MISMATCH || rc == EV_INPUT || rc == EV_LIMIT) {
		verify_say(v, "facts", EV_VERIFY_FAILED, "%s", err->msg);
		return EV_EOF;
	}
	if (rc == EV_OK && v->failed == before)
		verify_say(v, "facts", EV_VERIFY_OK,
		    "%zu exhibits, %zu artifacts, %zu readings and %zu facts "
		    "are the lines whose roots the log holds",
		    l->count[LISTS_EXHIBITS], l->count[LISTS_ARTIFACTS],
		    l->count[LISTS_READINGS], l->count[LISTS_FACTS]);
	return rc;
}
