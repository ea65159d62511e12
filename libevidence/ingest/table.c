/* Rows of a table, keyed by its header, shown to the mappings. */
#include <stdio.h>
#include <string.h>

#include "ingest/table.h"

void
ev_table_init(struct ev_table *table, struct ev_pass *pass, struct ev_err *err)
{
	memset(table, 0, sizeof(*table));
	table->pass = pass;
	table->err = err;
	ev_buf_init(&table->text, 4 * (size_t)EV_ROW_LIMIT);
	ev_buf_init(&table->name_text, 2 * (size_t)EV_ROW_LIMIT);
}

void
ev_table_release(struct ev_table *table)
{
	ev_buf_release(&table->text);
	ev_buf_release(&table->name_text);
}

void
ev_table_begin(struct ev_table *table)
{
	ev_buf_clear(&table->text);
	table->cells = 0;
}

enum ev_rc
ev_table_add(struct ev_table *table, size_t offset, size_t length,
    size_t text_len, unsigned notes)
{
	struct ev_table_cell *cell;

	if (table->cells == EV_TABLE_COLUMNS)
		return ev_fail(table->err, EV_INPUT,
		    "at most %d columns were expected", EV_TABLE_COLUMNS);
	cell = &table->cell[table->cells++];
	cell->offset = offset;
	cell->length = length;
	cell->text = table->text.len - text_len;
	cell->text_len = text_len;
	cell->notes = notes;
	return ev_buf_putc(&table->text, '\0', table->err);
}

static enum ev_rc
add_name(struct ev_table *table, const char *name, size_t len)
{
	struct ev_buf *text = &table->name_text;
	size_t i, same = 1, at = text->len;
	enum ev_rc rc;

	for (i = 0; i < table->names; i++)
		same += table->name[i].bare == len &&
			memcmp(text->data + table->name[i].at, name, len) == 0;
	rc = ev_buf_put(text, name, len, table->err);
	if (rc == EV_OK && same > 1)
		rc = ev_buf_printf(text, table->err, "#%zu", same);
	table->name[table->names].at = at;
	table->name[table->names].bare = len;
	table->name[table->names++].len = text->len - at;
	return rc == EV_OK ? ev_buf_putc(text, '\0', table->err) : rc;
}

enum ev_rc
ev_table_header(struct ev_table *table)
{
	const char *text = ev_buf_text(&table->text);
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_buf_clear(&table->name_text);
	table->names = 0;
	for (i = 0; i < table->cells && rc == EV_OK; i++)
		rc = add_name(table, text + table->cell[i].text,
		    table->cell[i].text_len);
	return rc;
}

enum ev_rc
ev_table_count(struct ev_table *table)
{
	char number[24];
	enum ev_rc rc = EV_OK;

	table->counted = true;
	while (table->names < table->cells && rc == EV_OK) {
		snprintf(number, sizeof(number), "%zu", table->names + 1);
		rc = add_name(table, number, strlen(number));
	}
	return rc;
}

enum ev_rc
ev_table_lose(struct ev_table *table, const struct ev_table_row *row,
    const char *reason, const char *message)
{
	const struct ev_loss loss = { -1, row->from, row->end, reason,
		message };

	return ev_pass_lose_record(table->pass, &loss, table->err);
}

static void
fill_node(struct ev_table *table, size_t i)
{
	const struct ev_table_cell *cell = &table->cell[i];
	struct ev_json_node *node = &table->node[i + 1];

	memset(node, 0, sizeof(*node));
	node->type = EV_JSON_STRING;
	node->notes = cell->notes;
	node->offset = cell->offset;
	node->length = cell->length;
	node->key = ev_buf_text(&table->name_text) + table->name[i].at;
	node->key_len = table->name[i].len;
	node->text = ev_buf_text(&table->text) + cell->text;
	node->text_len = cell->text_len;
	node->next = i + 1 < table->cells ? node + 1 : NULL;
}

/* The row as an object: header to cell. */
static enum ev_rc
show(struct ev_table *table, const struct ev_table_row *row)
{
	struct ev_record record = { table->node, row->data, row->from,
		row->from, row->to, row->plain };
	struct ev_buf *pointer = &table->pass->pointer;
	enum ev_rc rc;
	size_t i;

	memset(&table->node[0], 0, sizeof(table->node[0]));
	table->node[0].type = EV_JSON_OBJECT;
	table->node[0].length = (size_t)(row->to - row->from);
	table->node[0].count = table->cells;
	table->node[0].child = table->cells > 0 ? &table->node[1] : NULL;
	for (i = 0; i < table->cells; i++)
		fill_node(table, i);
	ev_buf_clear(pointer);
	rc = ev_buf_printf(pointer, table->err, "row:%jd",
	    (intmax_t)table->number);
	return rc == EV_OK ? ev_pass_record(table->pass, &record, table->err)
			   : rc;
}

enum ev_rc
ev_table_show(struct ev_table *table, const struct ev_table_row *row)
{
	char message[96];
	enum ev_rc rc = EV_OK;

	table->number++;
	if (table->cells > table->names) {
		snprintf(message, sizeof(message),
		    "%zu columns were expected, there are %zu", table->names,
		    table->cells);
		return ev_table_lose(table, row, "row-width", message);
	}
	if (table->cells < table->names && !table->counted)
		rc = ev_pass_note(table->pass, "short-row", "", row->from,
		    table->err);
	return rc == EV_OK ? show(table, row) : rc;
}
