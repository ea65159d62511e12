/* The canonical line of a fact: evidence-facts(5). */
#include <stdio.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"
#include "ingest/fact.h"

/* Values in the order of their columns' names, as a canonical object asks. */
struct sorted {
	size_t count;
	const struct ev_fact_value *value[EV_FACT_VALUES];
	const struct ev_column *column[EV_FACT_VALUES];
};

static void
sort_values(struct sorted *sorted, const struct ev_fact *fact)
{
	const struct ev_kind_info *info = ev_kind_info(fact->kind);
	const struct ev_column *column;
	size_t i, k;

	sorted->count = fact->count;
	for (i = 0; i < fact->count; i++) {
		column = &info->columns[fact->value[i].column];
		for (k = i; k > 0 && strcmp(sorted->column[k - 1]->name,
					 column->name) > 0;
		     k--) {
			sorted->column[k] = sorted->column[k - 1];
			sorted->value[k] = sorted->value[k - 1];
		}
		sorted->column[k] = column;
		sorted->value[k] = &fact->value[i];
	}
}

/* Text as it is; bytes that are not UTF-8 as {"hex":"..."}. */
static void
put_bytes(struct ev_jw *w, const void *data, size_t len)
{
	struct ev_buf hex;

	if (ev_text_is_utf8(data, len)) {
		ev_jw_str(w, data, len);
		return;
	}
	ev_buf_init(&hex, 2 * len + 2);
	if (w->rc == EV_OK)
		w->rc = ev_buf_reserve(&hex, 2 * len + 1, &w->err);
	if (w->rc == EV_OK) {
		ev_text_hex((char *)hex.data, data, len);
		ev_jw_object(w);
		ev_jw_key(w, "hex");
		ev_jw_str(w, hex.data, 2 * len);
		ev_jw_close(w);
	}
	ev_buf_release(&hex);
}

static void
put_instant(struct ev_jw *w, const char *key, int64_t us,
    enum ev_when_prec prec)
{
	char text[EV_WHEN_TEXT];

	ev_when_print(text, us, prec);
	ev_jw_key_text(w, key, text);
}

static void
put_columns(struct ev_jw *w, const struct sorted *sorted)
{
	const struct ev_fact_value *value;
	const char *name;
	size_t i;

	ev_jw_key(w, "columns");
	ev_jw_object(w);
	for (i = 0; i < sorted->count; i++) {
		value = sorted->value[i];
		name = sorted->column[i]->name;
		if (value->null)
			continue;
		switch (sorted->column[i]->type) {
		case EV_C_TIME:
			if (value->time.has_utc)
				put_instant(w, name, value->time.utc,
				    value->time.prec);
			break;
		case EV_C_INT:
		case EV_C_PORT:
			ev_jw_key_int(w, name, value->number);
			break;
		case EV_C_BOOL:
			ev_jw_key(w, name);
			ev_jw_bool(w, value->number != 0);
			break;
		case EV_C_TEXT:
		case EV_C_ID:
		case EV_C_IP:
		case EV_C_URL:
		case EV_C_COUNTRY:
		case EV_C_WORD:
			ev_jw_key(w, name);
			ev_jw_str(w, value->text, value->text_len);
			break;
		}
	}
	ev_jw_close(w);
}

static void
put_raw(struct ev_jw *w, const struct sorted *sorted)
{
	size_t i;
	bool any = false;

	for (i = 0; i < sorted->count; i++)
		any = any || sorted->value[i]->has_raw;
	if (!any)
		return;
	ev_jw_key(w, "raw");
	ev_jw_object(w);
	for (i = 0; i < sorted->count; i++) {
		if (!sorted->value[i]->has_raw)
			continue;
		ev_jw_key(w, sorted->column[i]->name);
		put_bytes(w, sorted->value[i]->raw, sorted->value[i]->raw_len);
	}
	ev_jw_close(w);
}

static bool
is_time(const struct sorted *sorted, size_t i)
{
	return sorted->column[i]->type == EV_C_TIME && !sorted->value[i]->null;
}

static void
put_times(struct ev_jw *w, const struct sorted *sorted)
{
	const struct ev_fact_time *time;
	bool any = false;
	size_t i;

	for (i = 0; i < sorted->count; i++)
		any = any || is_time(sorted, i);
	if (!any)
		return;
	ev_jw_key(w, "times");
	ev_jw_object(w);
	for (i = 0; i < sorted->count; i++) {
		if (!is_time(sorted, i))
			continue;
		time = &sorted->value[i]->time;
		ev_jw_key(w, sorted->column[i]->name);
		ev_jw_object(w);
		if (time->has_alt)
			put_instant(w, "alt", time->alt, time->prec);
		ev_jw_key_text(w, "basis", ev_basis_name(time->basis));
		put_instant(w, "hi", time->hi, EV_PREC_US);
		put_instant(w, "lo", time->lo, EV_PREC_US);
		ev_jw_key_text(w, "prec", ev_prec_name(time->prec));
		ev_jw_close(w);
	}
	ev_jw_close(w);
}

static void
put_number(struct ev_jw *w, const char *key, char letter, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%c%06lld", letter, (long long)number);
	ev_jw_key_text(w, key, text);
}

static void
put_origin(struct ev_jw *w, const struct ev_fact *fact,
    const struct ev_fact_origin *origin)
{
	if (origin->fact > 0)
		put_number(w, "fact", 'F', origin->fact);
	ev_jw_key_text(w, "kind", ev_kind_info(fact->kind)->name);
	ev_jw_key_int(w, "length", fact->length);
	ev_jw_key_text(w, "mapping", origin->mapping);
	ev_jw_key_text(w, "mapping_sha256", origin->mapping_sha256);
	ev_jw_key_int(w, "mapping_version", origin->mapping_version);
	ev_jw_key(w, "member");
	put_bytes(w, origin->member, origin->member_len);
}

enum ev_rc
ev_fact_line(struct ev_buf *out, const struct ev_fact *fact,
    const struct ev_fact_origin *origin, struct ev_err *err)
{
	struct sorted sorted;
	struct ev_jw w;

	sort_values(&sorted, fact);
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "account_basis",
	    ev_account_basis_name(fact->account_basis));
	put_number(&w, "acquisition", 'I', origin->acquisition);
	put_number(&w, "artifact", 'A', origin->artifact);
	ev_jw_key_text(&w, "artifact_sha256", origin->sha256);
	put_columns(&w, &sorted);
	put_origin(&w, fact, origin);
	if (fact->notes_len > 0) {
		ev_jw_key(&w, "notes");
		ev_jw_str(&w, fact->notes, fact->notes_len);
	}
	ev_jw_key_int(&w, "offset", fact->offset);
	ev_jw_key_text(&w, "platform", fact->platform);
	ev_jw_key(&w, "pointer");
	ev_jw_str(&w, fact->pointer, fact->pointer_len);
	put_raw(&w, &sorted);
	ev_jw_key(&w, "root");
	put_bytes(&w, fact->root, fact->root_len);
	ev_jw_key_text(&w, "schema", "fact-1");
	put_times(&w, &sorted);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}
