/* A query's rows as rows of a table. */
#include <string.h>

#include "case/case.h"
#include "evidence/text.h"
#include "out/rows.h"

enum { HEX_MAX = 129 };

static enum ev_rc
put_hex(struct ev_table *t, size_t n, const void *data, size_t len,
    struct ev_err *err)
{
	char hex[HEX_MAX];

	if (len * 2 >= sizeof(hex))
		return EV_OK;
	ev_text_hex(hex, data, len);
	return ev_table_word(t, n, hex, err);
}

/* One cell of the current row. */
static enum ev_rc
put_cell(struct ev_table *t, struct ev_stmt *st, const char *how, size_t n,
    struct ev_err *err)
{
	char letters[EV_TABLE_COLUMNS + 1], id[EV_ID_TEXT];
	size_t len, count = strlen(how);
	const void *data;
	int64_t number;
	bool null;
	enum ev_rc rc;

	memset(letters, '-', count);
	letters[count] = '\0';
	if (strchr("twh", how[n]) != NULL) {
		letters[n] = 'b';
		rc = ev_db_row(st, err, letters, &data, &len);
		if (rc != EV_OK || data == NULL)
			return rc;
		if (how[n] == 'h')
			return put_hex(t, n, data, len, err);
		return ev_table_text(t, n, data, len, err);
	}
	letters[n] = 'n';
	rc = ev_db_row(st, err, letters, &number, &null);
	if (rc != EV_OK || null)
		return rc;
	if (how[n] == 'i')
		return ev_table_number(t, n, number, err);
	ev_id_print(id, how[n], number);
	return ev_table_word(t, n, id, err);
}

enum ev_rc
ev_rows_write(struct ev_table *t, struct ev_stmt *st, const char *how,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t n;

	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		for (n = 0; rc == EV_OK && how[n] != '\0'; n++)
			rc = put_cell(t, st, how, n, err);
		if (rc == EV_OK)
			rc = ev_table_row(t, err);
	}
	return rc == EV_EOF ? EV_OK : rc;
}
