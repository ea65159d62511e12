/* A fact out of its canonical line: what a bundle's facts.jsonl holds. */
#include <string.h>

#include "evidence/text.h"
#include "weigh/weigh_inside.h"

struct reader {
	const struct ev_json_node *root;
	struct ev_fact fact;
	struct ev_fact_origin origin;
	char member[4096], fact_root[4096]; /* of names that are not UTF-8 */
};

static enum ev_rc
bad(const char *what, struct ev_err *err)
{
	return ev_fail(err, EV_INPUT, "a fact's line has no usable '%s'", what);
}

static bool
read_id(const struct reader *r, const char *key, char letter, int64_t *number)
{
	const char *text = ev_json_get_text(r->root, key);
	char kind;

	return text != NULL && ev_id_parse(text, &kind, number) &&
	       kind == letter;
}

/* A string, or {"hex":...} for bytes that are not UTF-8. */
static bool
read_bytes(const struct ev_json_node *node, char room[4096], const void **data,
    size_t *len)
{
	const char *hex;

	if (node == NULL)
		return false;
	if (node->type == EV_JSON_STRING) {
		*data = node->text;
		*len = node->text_len;
		return true;
	}
	hex = ev_json_get_text(node, "hex");
	if (hex == NULL || strlen(hex) > 8192 || strlen(hex) % 2 != 0)
		return false;
	*len = strlen(hex) / 2;
	*data = room;
	return ev_text_unhex(room, *len, hex, strlen(hex));
}

static bool
read_basis(const char *name, enum ev_basis *basis)
{
	int i;

	for (i = EV_BASIS_UTC_EXPLICIT; i <= EV_BASIS_AMBIGUOUS; i++) {
		*basis = (enum ev_basis)i;
		if (name != NULL && strcmp(ev_basis_name(*basis), name) == 0)
			return true;
	}
	return false;
}

static bool
read_instant(const struct ev_json_node *node, const char *key, int64_t *us)
{
	const char *text = ev_json_get_text(node, key);

	return text != NULL && ev_when_parse(us, NULL, text, strlen(text));
}

static bool
read_time(const struct reader *r, struct ev_fact_value *value, const char *name)
{
	const struct ev_json_node *times = ev_json_get(r->root, "times");
	const struct ev_json_node *time =
	    times == NULL ? NULL : ev_json_get(times, name);

	if (time == NULL)
		return false;
	value->time.has_utc =
	    value->text != NULL &&
	    ev_when_parse(&value->time.utc, NULL, value->text, value->text_len);
	value->time.has_alt = read_instant(time, "alt", &value->time.alt);
	return read_basis(ev_json_get_text(time, "basis"),
		   &value->time.basis) &&
	       read_instant(time, "lo", &value->time.lo) &&
	       read_instant(time, "hi", &value->time.hi);
}

static bool
read_column(struct reader *r, const struct ev_column *column, int index,
    bool *present)
{
	const struct ev_json_node *columns = ev_json_get(r->root, "columns");
	const struct ev_json_node *times = ev_json_get(r->root, "times");
	const struct ev_json_node *node =
	    columns == NULL ? NULL : ev_json_get(columns, column->name);
	struct ev_fact_value *value = &r->fact.value[r->fact.count];

	*value = (struct ev_fact_value){ .column = index };
	*present =
	    node != NULL || (column->type == EV_C_TIME && times != NULL &&
				ev_json_get(times, column->name) != NULL);
	if (!*present)
		return true;
	if (node != NULL && node->type == EV_JSON_STRING) {
		value->text = node->text;
		value->text_len = node->text_len;
	} else if (node != NULL && node->type == EV_JSON_BOOL) {
		value->number = node->value;
	} else if (node != NULL && node->type == EV_JSON_NUMBER) {
		if (!ev_text_int(&value->number, node->text, node->text_len,
			INT64_MIN, INT64_MAX))
			return false;
	} else if (node != NULL) {
		return false;
	}
	return column->type != EV_C_TIME || read_time(r, value, column->name);
}

static enum ev_rc
read_columns(struct reader *r, struct ev_err *err)
{
	const struct ev_kind_info *info = ev_kind_info(r->fact.kind);
	bool present;
	size_t i;

	for (i = 0; i < info->count; i++) {
		if (r->fact.count == EV_FACT_VALUES)
			return bad("number of columns", err);
		if (!read_column(r, &info->columns[i], (int)i, &present))
			return bad(info->columns[i].name, err);
		r->fact.count += present;
	}
	return EV_OK;
}

static enum ev_rc
read_fact(struct reader *r, struct ev_err *err)
{
	const char *kind = ev_json_get_text(r->root, "kind");
	const char *basis = ev_json_get_text(r->root, "account_basis");
	const void *bytes;
	int i;

	r->fact.kind =
	    kind == NULL ? EV_KINDS : ev_kind_find(kind, strlen(kind));
	if (r->fact.kind == EV_KINDS)
		return bad("kind", err);
	r->fact.platform = ev_json_get_text(r->root, "platform");
	if (r->fact.platform == NULL)
		return bad("platform", err);
	if (!read_id(r, "fact", 'F', &r->origin.fact))
		return bad("fact", err);
	if (!read_id(r, "artifact", 'A', &r->origin.artifact))
		return bad("artifact", err);
	if (!read_id(r, "acquisition", 'I', &r->origin.acquisition))
		return bad("acquisition", err);
	if (!ev_json_get_int(r->root, "offset", &r->fact.offset) ||
	    !ev_json_get_int(r->root, "length", &r->fact.length))
		return bad("offset", err);
	r->fact.account_basis = EV_AB_NONE;
	for (i = EV_AB_RECORD; i <= EV_AB_NONE; i++) {
		if (basis != NULL &&
		    strcmp(basis,
			ev_account_basis_name((enum ev_account_basis)i)) == 0)
			r->fact.account_basis = (enum ev_account_basis)i;
	}
	if (!read_bytes(ev_json_get(r->root, "member"), r->member,
		&r->origin.member, &r->origin.member_len))
		return bad("member", err);
	if (!read_bytes(ev_json_get(r->root, "root"), r->fact_root, &bytes,
		&r->fact.root_len))
		return bad("root", err);
	r->fact.root = bytes;
	return read_columns(r, err);
}

enum ev_rc
ev_weigh_line(struct ev_weigh *w, const void *line, size_t len,
    const struct ev_weigh_place *place, struct ev_err *err)
{
	struct ev_json_doc *doc = NULL;
	struct reader r;
	enum ev_rc rc;

	memset(&r, 0, sizeof(r));
	rc = ev_json_parse(&doc, line, len, err);
	if (rc != EV_OK)
		return rc;
	r.root = ev_json_root(doc);
	rc = r.root != NULL && r.root->type == EV_JSON_OBJECT
		 ? read_fact(&r, err)
		 : bad("object", err);
	if (rc == EV_OK)
		rc = ev_weigh_fact(w, &r.fact, &r.origin, place, err);
	ev_json_free(doc);
	return rc;
}
