/* The byte account of ev-ingest as JSON lines. */
#include <stdio.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"
#include "ingest_words.h"

enum { LINE_LIMIT = 64 << 20 };

/* In the order of enum ev_ingest_about. */
static const char *const about[] = { "loss", "set-aside", "left-out", "unread",
	"declared", "missing", "unknown-key", "note", "limit" };

static void
put_json(struct ev_jw *w, const struct ev_buf *out)
{
	struct ev_buf shown;
	struct ev_err err;

	ev_buf_init(&shown, out->limit * 6);
	ev_jw_close(w);
	if (ev_jw_end(w, &err) == EV_OK &&
	    ev_text_json(&shown, out->data, out->len, &err) == EV_OK)
		(void)printf("%s\n", ev_buf_text(&shown));
	ev_buf_release(&shown);
}

void
ingest_json_totals(const struct ev_ingest_totals *t)
{
	char id[EV_ID_TEXT];
	struct ev_buf out;
	struct ev_jw w;
	int i;

	ev_buf_init(&out, LINE_LIMIT);
	ev_id_print(id, 'I', t->acquisition);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "acquisition", t->acquisition == 0 ? NULL : id);
	ev_jw_key_int(&w, "artifacts", t->artifacts);
	ev_jw_key_int(&w, "bytes_frame", t->bytes_frame);
	ev_jw_key_int(&w, "bytes_ignored", t->bytes_ignored);
	ev_jw_key_int(&w, "bytes_read", t->bytes_read);
	ev_jw_key_int(&w, "bytes_set_aside", t->bytes_set_aside);
	ev_jw_key_int(&w, "bytes_stored", t->stored_bytes);
	ev_jw_key_int(&w, "entry", t->entry);
	ev_jw_key_int(&w, "exhibit_bytes", t->exhibit_bytes);
	ev_jw_key_int(&w, "exhibits", t->exhibits);
	ev_jw_key_int(&w, "facts", t->facts);
	ev_jw_key_int(&w, "left_out", t->left_out);
	ev_jw_key_int(&w, "nulls", t->nulls);
	ev_jw_key(&w, "outcomes");
	ev_jw_array(&w);
	for (i = 0; i < EV_INGEST_OUTCOMES; i++) {
		if (t->outcome[i] == 0)
			continue;
		ev_jw_object(&w);
		ev_jw_key_int(&w, "count", t->outcome[i]);
		ev_jw_key_text(&w, "outcome", ev_ingest_outcome(i));
		ev_jw_close(&w);
	}
	ev_jw_close(&w);
	ev_jw_key_int(&w, "rows_duplicated", t->duplicated);
	ev_jw_key_int(&w, "rows_found", t->found);
	ev_jw_key_int(&w, "rows_ignored", t->ignored);
	ev_jw_key_int(&w, "rows_read", t->read);
	ev_jw_key_int(&w, "rows_set_aside", t->set_aside);
	ev_jw_key_text(&w, "schema", "evidence/ingest/1");
	ev_jw_key_bytes(&w, "source", "source_hex", t->source, t->source_len);
	put_json(&w, &out);
	ev_buf_release(&out);
}

void
ingest_json_item(const struct ev_ingest_item *item)
{
	struct ev_buf out;
	struct ev_jw w;

	ev_buf_init(&out, LINE_LIMIT);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "about", about[item->about]);
	ev_jw_key_int(&w, "bytes", item->bytes);
	ev_jw_key_int(&w, "count", item->count);
	ev_jw_key_text(&w, "id", item->id[0] == '\0' ? NULL : item->id);
	if (item->name_len > 0)
		ev_jw_key_bytes(&w, "name", "name_hex", item->name,
		    item->name_len);
	ev_jw_key_int(&w, "offset", item->offset);
	ev_jw_key_text(&w, "schema", "evidence/ingest-item/1");
	ev_jw_key_text(&w, "text", item->text);
	ev_jw_key_text(&w, "word", item->word);
	put_json(&w, &out);
	ev_buf_release(&out);
}
