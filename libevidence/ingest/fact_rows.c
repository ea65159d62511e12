/* Facts into the tables of a case, and out of them again. */
#include <stdlib.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"
#include "ingest/fact_rows.h"

enum {
	/* What ev_json_parse() takes. */
	RAW_LIMIT = 16 << 20,
	ARENA_LIMIT = 1 << 28,
	MAPPINGS = 16, /* that are remembered */
};

static const char sql_insert[] =
    "INSERT INTO fact(id, kind, platform, reading, artifact, mapping, offset,"
    " length, pointer, root, account, handle, name, account_basis, t, t_local,"
    " notes, raw) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,"
    " ?)";
static const char sql_insert_time[] =
    "INSERT INTO fact_time(fact, col, utc, raw, basis, prec, lo, hi, alt)"
    " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char sql_select[] =
    "SELECT f.kind, f.platform, f.reading, f.artifact, f.mapping, f.offset,"
    " f.length, f.pointer, f.root, f.account, f.handle, f.name,"
    " f.account_basis, f.notes, f.raw FROM fact f WHERE f.id = ?";
static const char sql_artifact[] =
    "SELECT a.sha256, a.member, e.acquisition FROM artifact a"
    " JOIN exhibit e ON e.id = a.exhibit WHERE a.id = ?";
static const char sql_mapping[] =
    "SELECT m.name, m.version, d.sha256 FROM mapping m"
    " JOIN datafile d ON d.id = m.file WHERE m.id = ?";
static const char sql_select_time[] =
    "SELECT col, utc, raw, basis, prec, lo, hi, alt FROM fact_time"
    " WHERE fact = ?";

/* One row of fact_time; its raw text stands in the arena. */
struct loaded_time {
	int column;
	struct ev_fact_time time;
	bool has_raw;
	size_t raw, raw_len;
};

/* The artifact of the last fact, and mappings: most facts share them. */
struct artifact {
	int64_t id, acquisition;
	char sha256[2 * 32 + 1];
	bool is_member;
	struct ev_buf member;
};
struct mapping {
	int64_t id, version;
	char sha256[2 * 32 + 1];
	struct ev_buf name;
};

struct ev_fact_rows {
	struct ev_db *db;
	struct ev_stmt *insert, *insert_time, *select, *select_time;
	struct ev_stmt *select_artifact, *select_mapping;
	struct artifact artifact;
	struct mapping mapping[MAPPINGS]; /* by number, modulo */
	struct ev_stmt *kind_insert[EV_KINDS], *kind_select[EV_KINDS];
	struct ev_buf raw;   /* JSON being written */
	struct ev_buf notes; /* longer than the fact's own */
	struct ev_buf arena;
	struct ev_json_doc *doc;
	struct loaded_time time[EV_FACT_VALUES];
	size_t times;
};

enum ev_rc
ev_fact_rows_new(struct ev_fact_rows **out, struct ev_db *db,
    struct ev_err *err)
{
	struct ev_fact_rows *r;
	enum ev_rc rc;
	size_t n;

	*out = NULL;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return ev_fail_sys(err, "cannot prepare for facts");
	r->db = db;
	ev_buf_init(&r->raw, RAW_LIMIT);
	ev_buf_init(&r->notes, RAW_LIMIT);
	ev_buf_init(&r->arena, ARENA_LIMIT);
	ev_buf_init(&r->artifact.member, RAW_LIMIT);
	for (n = 0; n < MAPPINGS; n++)
		ev_buf_init(&r->mapping[n].name, RAW_LIMIT);
	rc = ev_db_prepare(db, &r->insert, err, sql_insert, NULL);
	if (rc == EV_OK)
		rc = ev_db_prepare(db, &r->insert_time, err, sql_insert_time,
		    NULL);
	if (rc == EV_OK)
		rc = ev_db_prepare(db, &r->select, err, sql_select, NULL);
	if (rc == EV_OK)
		rc = ev_db_prepare(db, &r->select_time, err, sql_select_time,
		    NULL);
	if (rc == EV_OK)
		rc = ev_db_prepare(db, &r->select_artifact, err, sql_artifact,
		    NULL);
	if (rc == EV_OK)
		rc = ev_db_prepare(db, &r->select_mapping, err, sql_mapping,
		    NULL);
	if (rc != EV_OK) {
		ev_fact_rows_free(r);
		return rc;
	}
	*out = r;
	return EV_OK;
}

void
ev_fact_rows_free(struct ev_fact_rows *r)
{
	size_t kind;

	if (r == NULL)
		return;
	ev_db_finish(r->insert);
	ev_db_finish(r->insert_time);
	ev_db_finish(r->select);
	ev_db_finish(r->select_time);
	ev_db_finish(r->select_artifact);
	ev_db_finish(r->select_mapping);
	ev_buf_release(&r->artifact.member);
	for (kind = 0; kind < MAPPINGS; kind++)
		ev_buf_release(&r->mapping[kind].name);
	for (kind = 0; kind < EV_KINDS; kind++) {
		ev_db_finish(r->kind_insert[kind]);
		ev_db_finish(r->kind_select[kind]);
	}
	ev_buf_release(&r->raw);
	ev_buf_release(&r->notes);
	ev_buf_release(&r->arena);
	ev_json_free(r->doc);
	free(r);
}

static bool
is_integer(enum ev_column_type type)
{
	return type == EV_C_INT || type == EV_C_BOOL || type == EV_C_PORT;
}

/* Text that a column of type TEXT gives back as it was. */
static bool
is_plain(const char *text, size_t len)
{
	return memchr(text, '\0', len) == NULL && ev_text_is_utf8(text, len);
}

/* Does this value's raw text stand with its companions in fact_time? */
static bool
raw_in_time(const struct ev_fact_value *v, enum ev_column_type type)
{
	return type == EV_C_TIME && !v->null && v->has_raw &&
	       is_plain(v->raw, v->raw_len);
}

static void
put_raw_value(struct ev_jw *w, const struct ev_fact_value *v)
{
	struct ev_buf hex;

	if (!v->has_raw) {
		ev_jw_raw(w, "null", 4);
		return;
	}
	/* A NUL is no text for ev_json_parse(). */
	if (is_plain(v->raw, v->raw_len)) {
		ev_jw_str(w, v->raw, v->raw_len);
		return;
	}
	ev_buf_init(&hex, 2 * RAW_LIMIT + 2);
	if (w->rc == EV_OK)
		w->rc = ev_buf_reserve(&hex, 2 * v->raw_len + 1, &w->err);
	if (w->rc == EV_OK) {
		ev_text_hex((char *)hex.data, v->raw, v->raw_len);
		ev_jw_object(w);
		ev_jw_key(w, "hex");
		ev_jw_str(w, hex.data, 2 * v->raw_len);
		ev_jw_close(w);
	}
	ev_buf_release(&hex);
}

/* The values that have something to say in raw, by their columns' names. */
static size_t
sort_raws(const struct ev_fact *fact, const struct ev_column *columns,
    const struct ev_fact_value *sorted[EV_FACT_VALUES])
{
	const struct ev_fact_value *v;
	size_t count = 0, i, k;

	for (i = 0; i < fact->count; i++) {
		v = &fact->value[i];
		if ((!v->has_raw && !v->null) ||
		    raw_in_time(v, columns[v->column].type))
			continue;
		for (k = count;
		     k > 0 && strcmp(columns[sorted[k - 1]->column].name,
				  columns[v->column].name) > 0;
		     k--)
			sorted[k] = sorted[k - 1];
		sorted[k] = v;
		count++;
	}
	return count;
}

/*
 * The column raw.  What would be too long for one JSON text stays in the
 * exhibit alone, where the span leads to it, and a note says so.
 */
static enum ev_rc
make_raw(struct ev_fact_rows *r, const struct ev_fact *fact, struct ev_err *err)
{
	const struct ev_column *columns = ev_kind_info(fact->kind)->columns;
	const struct ev_fact_value *sorted[EV_FACT_VALUES];
	struct ev_jw w;
	size_t count, i;
	enum ev_rc rc;

	ev_buf_clear(&r->raw);
	ev_buf_clear(&r->notes);
	rc = ev_buf_put(&r->notes, fact->notes, fact->notes_len, err);
	count = sort_raws(fact, columns, sorted);
	if (rc != EV_OK || count == 0)
		return rc;
	ev_jw_init(&w, &r->raw);
	ev_jw_object(&w);
	for (i = 0; i < count; i++) {
		ev_jw_key(&w, columns[sorted[i]->column].name);
		put_raw_value(&w, sorted[i]);
	}
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	if (rc != EV_LIMIT)
		return rc;
	ev_buf_clear(&r->raw);
	return ev_buf_puts(&r->notes,
	    fact->notes_len == 0 ? "raw-too-long" : " raw-too-long", err);
}

static enum ev_rc
put_time(struct ev_fact_rows *r, int64_t fact, const char *column,
    const struct ev_fact_value *v, struct ev_err *err)
{
	const struct ev_fact_time *t = &v->time;
	enum ev_rc rc;

	rc = ev_db_bind(r->insert_time, err, "isntssiin", fact, column,
	    t->has_utc ? &t->utc : NULL,
	    raw_in_time(v, EV_C_TIME) ? v->raw : NULL, v->raw_len,
	    ev_basis_name(t->basis), ev_prec_name(t->prec), t->lo, t->hi,
	    t->has_alt ? &t->alt : NULL);
	return rc == EV_OK ? ev_db_put(r->insert_time, err) : rc;
}

/* A value as its column holds it; printed is room for an instant. */
static void
to_db(struct ev_db_value *out, const struct ev_fact_value *v,
    enum ev_column_type type, char printed[EV_WHEN_TEXT])
{
	memset(out, 0, sizeof(*out));
	out->null = v->null || (type == EV_C_TIME && !v->time.has_utc);
	if (out->null)
		return;
	if (is_integer(type)) {
		out->number = v->number;
	} else if (type == EV_C_TIME) {
		ev_when_print(printed, v->time.utc, v->time.prec);
		out->text = printed;
		out->len = strlen(printed);
	} else {
		out->text = v->text == NULL ? "" : v->text;
		out->len = v->text_len;
	}
}

static enum ev_rc
put_fact(struct ev_fact_rows *r, const struct ev_fact_place *place,
    const struct ev_fact *fact, const struct ev_db_value *c, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_bind(r->insert, err, "issiiiiitbtttsttts", place->fact,
	    ev_kind_info(fact->kind)->name, fact->platform, place->reading,
	    place->artifact, place->mapping, fact->offset, fact->length,
	    fact->pointer, fact->pointer_len,
	    fact->root == NULL ? "" : fact->root, fact->root_len,
	    c[EV_COL_ACCOUNT].text, c[EV_COL_ACCOUNT].len,
	    c[EV_COL_HANDLE].text, c[EV_COL_HANDLE].len, c[EV_COL_NAME].text,
	    c[EV_COL_NAME].len, ev_account_basis_name(fact->account_basis),
	    c[EV_COL_T].text, c[EV_COL_T].len, c[EV_COL_T_LOCAL].text,
	    c[EV_COL_T_LOCAL].len, ev_buf_text(&r->notes), r->notes.len,
	    r->raw.len == 0 ? NULL : ev_buf_text(&r->raw));
	return rc == EV_OK ? ev_db_put(r->insert, err) : rc;
}

static enum ev_rc
put_kind(struct ev_fact_rows *r, enum ev_kind kind,
    const struct ev_db_value *value, size_t count, struct ev_err *err)
{
	struct ev_stmt **st = &r->kind_insert[kind];
	enum ev_rc rc = EV_OK;

	if (*st == NULL)
		rc = ev_db_prepare(r->db, st, err, ev_fact_sql[kind].insert,
		    NULL);
	if (rc == EV_OK)
		rc = ev_db_bind_array(*st, value, count, err);
	return rc == EV_OK ? ev_db_put(*st, err) : rc;
}

enum ev_rc
ev_fact_rows_put(struct ev_fact_rows *r, const struct ev_fact_place *place,
    const struct ev_fact *fact, struct ev_err *err)
{
	const struct ev_kind_info *info = ev_kind_info(fact->kind);
	char printed[EV_FACT_VALUES][EV_WHEN_TEXT];
	struct ev_db_value value[EV_FACT_VALUES];
	const struct ev_fact_value *v;
	enum ev_rc rc;
	size_t i;

	memset(value, 0, sizeof(value));
	for (i = 0; i < info->count; i++)
		value[i].null = true;
	for (i = 0; i < fact->count; i++) {
		v = &fact->value[i];
		to_db(&value[v->column], v, info->columns[v->column].type,
		    printed[i]);
	}
	rc = make_raw(r, fact, err);
	if (rc == EV_OK)
		rc = put_fact(r, place, fact, value, err);
	if (rc != EV_OK)
		return rc;
	/* Behind the common columns; the fact's number takes the last of
	 * their places. */
	memset(&value[EV_COL_COMMON - 1], 0, sizeof(value[0]));
	value[EV_COL_COMMON - 1].number = place->fact;
	rc = put_kind(r, fact->kind, &value[EV_COL_COMMON - 1],
	    info->count - EV_COL_COMMON + 1, err);
	for (i = 0; rc == EV_OK && i < fact->count; i++) {
		v = &fact->value[i];
		if (info->columns[v->column].type == EV_C_TIME && !v->null)
			rc = put_time(r, place->fact,
			    info->columns[v->column].name, v, err);
	}
	return rc;
}

/* A word of a fixed list, from its name; -1 if it is none. */
static int
find_basis(const char *name)
{
	int i;

	for (i = 0; i <= EV_BASIS_AMBIGUOUS; i++) {
		if (strcmp(ev_basis_name((enum ev_basis)i), name) == 0)
			return i;
	}
	return -1;
}

static int
find_prec(const char *name)
{
	int i;

	for (i = 0; i <= EV_PREC_YEAR; i++) {
		if (strcmp(ev_prec_name((enum ev_when_prec)i), name) == 0)
			return i;
	}
	return -1;
}

static int
find_account_basis(const char *name)
{
	int i;

	for (i = 0; i <= EV_AB_NONE; i++) {
		if (strcmp(ev_account_basis_name((enum ev_account_basis)i),
			name) == 0)
			return i;
	}
	return -1;
}

static enum ev_rc
get_time(struct ev_fact_rows *r, enum ev_kind kind, struct ev_err *err)
{
	struct loaded_time *t = &r->time[r->times];
	const char *column, *raw, *basis, *prec;
	bool no_utc, no_alt;
	size_t len;
	int n, m;
	enum ev_rc rc;

	if (r->times == EV_FACT_VALUES)
		return ev_fail(err, EV_INPUT, "a fact with too many times");
	rc = ev_db_row(r->select_time, err, "sntssiin", &column, &t->time.utc,
	    &no_utc, &raw, &len, &basis, &prec, &t->time.lo, &t->time.hi,
	    &t->time.alt, &no_alt);
	if (rc != EV_OK)
		return rc;
	t->column = ev_kind_column(kind, column, strlen(column));
	n = find_basis(basis);
	m = find_prec(prec);
	if (t->column < 0 || n < 0 || m < 0)
		return ev_fail(err, EV_INPUT, "a time of a fact that is none");
	t->time.basis = (enum ev_basis)n;
	t->time.prec = (enum ev_when_prec)m;
	t->time.has_utc = !no_utc;
	t->time.has_alt = !no_alt;
	t->has_raw = raw != NULL;
	t->raw = r->arena.len;
	t->raw_len = len;
	r->times++;
	return raw == NULL ? EV_OK : ev_buf_put(&r->arena, raw, len, err);
}

static enum ev_rc
get_times(struct ev_fact_rows *r, int64_t id, enum ev_kind kind,
    struct ev_err *err)
{
	enum ev_rc rc;

	r->times = 0;
	ev_buf_clear(&r->arena);
	rc = ev_db_bind(r->select_time, err, "i", id);
	while (rc == EV_OK && (rc = ev_db_step(r->select_time, err)) == EV_OK)
		rc = get_time(r, kind, err);
	return rc == EV_EOF ? EV_OK : rc;
}

/*
 * Decode {"hex":...} behind what the arena holds.  The arena grew to its full
 * size before: see get_fact().
 */
static enum ev_rc
get_hex(struct ev_fact_rows *r, const struct ev_json_node *node,
    struct ev_fact_value *v, struct ev_err *err)
{
	const struct ev_json_node *hex = ev_json_get(node, "hex");
	unsigned char *at;

	if (hex == NULL || hex->type != EV_JSON_STRING ||
	    hex->text_len % 2 != 0 ||
	    r->arena.cap - r->arena.len <= hex->text_len / 2)
		return ev_fail(err, EV_INPUT, "a raw value that is none");
	at = r->arena.data + r->arena.len;
	v->raw_len = hex->text_len / 2;
	if (!ev_text_unhex(at, v->raw_len, hex->text, hex->text_len))
		return ev_fail(err, EV_INPUT, "a raw value that is no hex");
	r->arena.len += v->raw_len;
	v->raw = (const char *)at;
	v->has_raw = true;
	return EV_OK;
}

static enum ev_rc
get_value(struct ev_fact_rows *r, const struct ev_column *column,
    const struct ev_db_value *db, struct ev_fact_value *v, struct ev_err *err)
{
	const struct ev_json_node *raw = NULL;
	size_t i;

	for (i = 0; i < r->times; i++) {
		if (r->time[i].column != v->column)
			continue;
		v->null = false;
		v->time = r->time[i].time;
		v->has_raw = r->time[i].has_raw;
		v->raw = (const char *)r->arena.data + r->time[i].raw;
		v->raw_len = r->time[i].raw_len;
	}
	if (column->type != EV_C_TIME && !db->null) {
		v->null = false;
		v->number = is_integer(column->type) ? db->number : 0;
		v->text = db->text;
		v->text_len = db->len;
	}
	if (r->doc != NULL)
		raw = ev_json_get(ev_json_root(r->doc), column->name);
	if (raw == NULL || raw->type == EV_JSON_NULL)
		return EV_OK;
	if (raw->type != EV_JSON_STRING)
		return get_hex(r, raw, v, err);
	v->has_raw = true;
	v->raw = raw->text;
	v->raw_len = raw->text_len;
	return EV_OK;
}

static enum ev_rc
get_values(struct ev_fact_rows *r, const struct ev_db_value *db,
    struct ev_fact *fact, struct ev_err *err)
{
	const struct ev_kind_info *info = ev_kind_info(fact->kind);
	const struct ev_json_node *root =
	    r->doc == NULL ? NULL : ev_json_root(r->doc);
	struct ev_fact_value *v;
	enum ev_rc rc = EV_OK;
	size_t i;

	fact->count = 0;
	for (i = 0; rc == EV_OK && i < info->count; i++) {
		v = &fact->value[fact->count];
		memset(v, 0, sizeof(*v));
		v->column = (int)i;
		v->null = true;
		rc = get_value(r, &info->columns[i], &db[i], v, err);
		if (!v->null || v->has_raw ||
		    (root != NULL &&
			ev_json_get(root, info->columns[i].name) != NULL))
			fact->count++;
	}
	return rc;
}

static enum ev_rc
get_kind(struct ev_fact_rows *r, int64_t id, enum ev_kind kind,
    struct ev_db_value *value, struct ev_err *err)
{
	struct ev_stmt **st = &r->kind_select[kind];
	enum ev_rc rc = EV_OK;

	if (*st == NULL)
		rc = ev_db_prepare(r->db, st, err, ev_fact_sql[kind].select,
		    NULL);
	if (rc == EV_OK)
		rc = ev_db_bind(*st, err, "i", id);
	if (rc == EV_OK)
		rc = ev_db_step(*st, err);
	if (rc == EV_EOF)
		return ev_fail(err, EV_INPUT,
		    "fact F%06jd has no row of its"
		    " kind",
		    (intmax_t)id);
	if (rc == EV_OK)
		rc = ev_db_row_array(*st, value,
		    ev_kind_info(kind)->count - EV_COL_COMMON, err);
	return rc;
}

/* The row of fact itself, as text where it is text. */
struct head {
	const char *kind, *basis, *raw;
	size_t raw_len;
};

static enum ev_rc
keep_sha256(char hex[2 * 32 + 1], const void *sha256, size_t len,
    struct ev_err *err)
{
	if (len != 32)
		return ev_fail(err, EV_INPUT, "a fact of no artifact");
	ev_text_hex(hex, sha256, len);
	return EV_OK;
}

static enum ev_rc
get_artifact(struct ev_fact_rows *r, int64_t id, struct ev_err *err)
{
	struct artifact *a = &r->artifact;
	const void *sha256, *member;
	size_t n, len;
	enum ev_rc rc;

	if (a->id == id)
		return EV_OK;
	a->id = 0;
	ev_buf_clear(&a->member);
	rc = ev_db_bind(r->select_artifact, err, "i", id);
	if (rc == EV_OK)
		rc = ev_db_step(r->select_artifact, err);
	if (rc == EV_OK)
		rc = ev_db_row(r->select_artifact, err, "bbi", &sha256, &n,
		    &member, &len, &a->acquisition);
	if (rc == EV_OK)
		rc = keep_sha256(a->sha256, sha256, n, err);
	if (rc == EV_OK && member != NULL)
		rc = ev_buf_put(&a->member, member, len, err);
	if (rc != EV_OK)
		return rc;
	a->is_member = member != NULL;
	a->id = id;
	return EV_OK;
}

static enum ev_rc
get_mapping(struct ev_fact_rows *r, int64_t id, struct ev_err *err)
{
	struct mapping *m = &r->mapping[(uint64_t)id % MAPPINGS];
	const void *sha256;
	const char *name;
	enum ev_rc rc;
	size_t n;

	if (m->id == id)
		return EV_OK;
	m->id = 0;
	ev_buf_clear(&m->name);
	rc = ev_db_bind(r->select_mapping, err, "i", id);
	if (rc == EV_OK)
		rc = ev_db_step(r->select_mapping, err);
	if (rc == EV_OK)
		rc = ev_db_row(r->select_mapping, err, "sib", &name,
		    &m->version, &sha256, &n);
	if (rc == EV_OK)
		rc = keep_sha256(m->sha256, sha256, n, err);
	if (rc == EV_OK)
		rc = ev_buf_puts(&m->name, name, err);
	if (rc == EV_OK)
		m->id = id;
	return rc;
}

/* Where the fact comes from. */
static enum ev_rc
get_origin(struct ev_fact_rows *r, struct ev_fact_row *row, struct ev_err *err)
{
	const struct mapping *m =
	    &r->mapping[(uint64_t)row->place.mapping % MAPPINGS];
	struct ev_fact_origin *o = &row->origin;
	enum ev_rc rc;

	rc = get_artifact(r, row->place.artifact, err);
	if (rc == EV_OK)
		rc = get_mapping(r, row->place.mapping, err);
	if (rc != EV_OK)
		return rc;
	o->fact = row->place.fact;
	o->artifact = row->place.artifact;
	o->sha256 = r->artifact.sha256;
	o->member =
	    r->artifact.is_member ? ev_buf_text(&r->artifact.member) : NULL;
	o->member_len = r->artifact.member.len;
	o->acquisition = r->artifact.acquisition;
	o->mapping = ev_buf_text(&m->name);
	o->mapping_version = m->version;
	o->mapping_sha256 = m->sha256;
	return EV_OK;
}

static enum ev_rc
get_head(struct ev_fact_rows *r, struct ev_fact_row *row, struct head *h,
    struct ev_db_value *c, struct ev_err *err)
{
	struct ev_fact *f = &row->fact;
	enum ev_rc rc;
	size_t i;

	rc = ev_db_row(r->select, err, "ssiiiiitbtttstt", &h->kind,
	    &f->platform, &row->place.reading, &row->place.artifact,
	    &row->place.mapping, &f->offset, &f->length, &f->pointer,
	    &f->pointer_len, &f->root, &f->root_len, &c[EV_COL_ACCOUNT].text,
	    &c[EV_COL_ACCOUNT].len, &c[EV_COL_HANDLE].text,
	    &c[EV_COL_HANDLE].len, &c[EV_COL_NAME].text, &c[EV_COL_NAME].len,
	    &h->basis, &f->notes, &f->notes_len, &h->raw, &h->raw_len);
	for (i = 0; i < EV_COL_COMMON; i++)
		c[i].null = c[i].text == NULL;
	return rc;
}

static enum ev_rc
finish_head(struct ev_fact_rows *r, struct ev_fact_row *row,
    const struct head *h, struct ev_err *err)
{
	int basis;

	row->fact.kind = ev_kind_find(h->kind, strlen(h->kind));
	basis = find_account_basis(h->basis);
	if (row->fact.kind == EV_KINDS || basis < 0)
		return ev_fail(err, EV_INPUT, "fact F%06jd: a row of no fact",
		    (intmax_t)row->place.fact);
	row->fact.account_basis = (enum ev_account_basis)basis;
	row->fact.mapping = -1;
	ev_json_free(r->doc);
	r->doc = NULL;
	return h->raw == NULL ? EV_OK
			      : ev_json_parse(&r->doc, h->raw, h->raw_len, err);
}

enum ev_rc
ev_fact_rows_get(struct ev_fact_rows *r, int64_t id, struct ev_fact_row *row,
    struct ev_err *err)
{
	struct ev_db_value value[EV_FACT_VALUES];
	struct head head;
	enum ev_rc rc;

	memset(row, 0, offsetof(struct ev_fact_row, fact.value));
	memset(value, 0, sizeof(value));
	rc = ev_db_bind(r->select, err, "i", id);
	if (rc == EV_OK)
		rc = ev_db_step(r->select, err);
	if (rc != EV_OK)
		return rc;
	row->place.fact = id;
	rc = get_head(r, row, &head, value, err);
	if (rc == EV_OK)
		rc = get_origin(r, row, err);
	if (rc == EV_OK)
		rc = finish_head(r, row, &head, err);
	if (rc == EV_OK)
		rc =
		    get_kind(r, id, row->fact.kind, &value[EV_COL_COMMON], err);
	if (rc == EV_OK)
		rc = get_times(r, id, row->fact.kind, err);
	/* Raw bytes are decoded into the arena, which may not move then. */
	if (rc == EV_OK)
		rc = ev_buf_reserve(&r->arena, head.raw_len + 1, err);
	if (rc == EV_OK)
		rc = get_values(r, value, &row->fact, err);
	return rc;
}
