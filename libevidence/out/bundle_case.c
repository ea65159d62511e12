/* A bundle being made: what the case holds besides exhibits and log. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"
#include "out/manifest.h"
#include "out/withhold.h"
#include "seal/cert.h"
#include "weigh/case_run.h"
#include "weigh/gather.h"

enum {
	LINE_LIMIT = 16 << 20,
	STEM = 96,
	GEO_WHOLE = 16 << 20, /* a larger database travels as an extract */
};

static enum ev_rc
case_part(struct bundle *b, struct ev_err *err)
{
	const struct ev_case_info *info = ev_case_info(b->c);
	struct ev_buf out;
	struct ev_jw w;
	enum ev_rc rc;

	ev_buf_init(&out, LINE_LIMIT);
	ev_jw_init(&w, &out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "case", info->case_id);
	ev_jw_key_text(&w, "created", info->created);
	ev_jw_key_int(&w, "draft", b->how->draft ? 1 : 0);
	ev_jw_key_int(&w, "head", b->head);
	ev_jw_key_text(&w, "head_at", b->when_text);
	ev_jw_key_text(&w, "number", info->number);
	ev_jw_key_text(&w, "profile", b->how->profile_name);
	ev_jw_key_text(&w, "schema", "evidence/case/1");
	ev_jw_key_text(&w, "title", info->title);
	ev_jw_key_text(&w, "tool", "evidence " EV_VERSION);
	ev_jw_close(&w);
	rc = ev_jw_end(&w, err);
	if (rc == EV_OK)
		rc = ev_container_add(b->k, "data/case/case.json",
		    EV_BYTES_BUF(&out), err);
	ev_buf_release(&out);
	return rc;
}

/* The salts of the claims' list, which is known by the number of its run. */
static enum ev_rc
claim_salter(struct bundle *b, struct ev_salter *salter, struct ev_err *err)
{
	unsigned char key[EV_SHA256];
	char name[BUNDLE_NAME];
	int64_t run = 0;
	enum ev_rc rc;

	rc = ev_db_int(ev_case_db(b->c), &run, err,
	    "SELECT coalesce(max(run), 0) FROM claim WHERE entry <= ?", "i",
	    b->head);
	if (rc == EV_OK)
		rc = bundle_name(name, err, "claims %" PRId64, run);
	if (rc == EV_OK)
		rc = ev_case_list_key(b->c, name, key, err);
	if (rc == EV_OK)
		rc = ev_salter_init(salter, key, err);
	ev_cleanse(key, sizeof(key));
	return rc;
}

static enum ev_rc
claim_lines(struct bundle *b, struct ev_salter *salter, struct ev_buf *salts,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	struct ev_withheld row;
	int64_t id, number = 0;
	const char *line;
	bool yes = false;
	enum ev_rc rc;
	size_t len;

	rc = ev_db_prepare(ev_case_db(b->c), &st, err,
	    "SELECT id, line FROM claim WHERE entry <= ?1 AND run ="
	    " (SELECT max(run) FROM claim WHERE entry <= ?1) ORDER BY id",
	    "i", b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "it", &id, &line, &len);
		if (rc == EV_OK)
			rc = withhold_claim(b->withhold, id, line, len, &yes,
			    &row, err);
		if (rc == EV_OK)
			rc = bundle_salted(b, salter, ++number,
			    EV_BYTES(line, len), yes ? &row : NULL, salts, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* The claims.  Their salts are of use only where a line is withheld. */
static enum ev_rc
claims_part(struct bundle *b, struct ev_err *err)
{
	struct ev_salter salter = { .mac = NULL };
	struct ev_buf salts;
	enum ev_rc rc;

	ev_buf_init(&salts, BUNDLE_TEXT);
	rc = claim_salter(b, &salter, err);
	if (rc == EV_OK)
		rc = ev_container_begin(b->k, "data/case/claims.jsonl", err);
	if (rc == EV_OK)
		rc = claim_lines(b, &salter, &salts, err);
	if (rc == EV_OK)
		rc = ev_container_end(b->k, err);
	if (rc == EV_OK && b->withhold != NULL)
		rc = ev_container_add(b->k, "data/case/claims.salts",
		    EV_BYTES_BUF(&salts), err);
	ev_salter_release(&salter);
	ev_buf_release(&salts);
	return rc;
}

/* What is withheld, why, and who authorised it. */
static enum ev_rc
orders_part(struct bundle *b, struct ev_err *err)
{
	const struct ev_withheld *order;
	struct ev_buf line;
	enum ev_rc rc;
	size_t count, i;

	if (b->withhold == NULL)
		return EV_OK;
	order = withhold_orders(b->withhold, &count);
	ev_buf_init(&line, LINE_LIMIT);
	rc = ev_container_begin(b->k, EV_WITHHELD_ORDERS, err);
	for (i = 0; rc == EV_OK && i < count; i++) {
		ev_buf_clear(&line);
		rc = ev_withheld_order(&line, &order[i], err);
		if (rc == EV_OK)
			rc = bundle_line(b, line.data, line.len, err);
	}
	ev_buf_release(&line);
	return rc == EV_OK ? ev_container_end(b->k, err) : rc;
}

/* What the newest run of the claims was asked, or counted: as it stands. */
static enum ev_rc
run_part(struct bundle *b, const char *name, const char *sql,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *text;
	enum ev_rc rc;
	size_t len;

	rc = ev_db_prepare(ev_case_db(b->c), &st, err, sql, "i", b->head);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "t", &text, &len);
	if (rc == EV_OK)
		rc = ev_container_add(b->k, name,
		    EV_BYTES(text == NULL ? "" : text, len), err);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
register_line(struct ev_stmt *st, struct ev_buf *out, struct ev_err *err)
{
	const char *name, *authority, *law, *section, *ref, *on, *off, *status;
	char id[EV_ID_TEXT], org_id[EV_ID_TEXT], hex[2 * EV_SHA256 + 1];
	int64_t listing, org, offset, length;
	const void *sha256;
	struct ev_jw w;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_row(st, err, "iissssssssiib", &listing, &org, &name,
	    &authority, &law, &section, &ref, &on, &off, &status, &offset,
	    &length, &sha256, &len);
	if (rc != EV_OK)
		return rc;
	ev_id_print(id, 'L', listing);
	ev_id_print(org_id, 'O', org);
	ev_text_hex(hex, sha256, len == EV_SHA256 ? len : 0);
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "authority", authority);
	ev_jw_key_text(&w, "delisted_on", off);
	ev_jw_key_text(&w, "law", law);
	ev_jw_key_int(&w, "length", length);
	ev_jw_key_text(&w, "listed_on", on);
	ev_jw_key_text(&w, "listing", id);
	ev_jw_key_text(&w, "name", name);
	ev_jw_key_int(&w, "offset", offset);
	ev_jw_key_text(&w, "org", org_id);
	ev_jw_key_text(&w, "record_sha256", hex);
	ev_jw_key_text(&w, "ref", ref);
	ev_jw_key_text(&w, "section", section);
	ev_jw_key_text(&w, "status", status);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

static enum ev_rc
register_part(struct bundle *b, struct ev_err *err)
{
	static const char sql[] =
	    "SELECT l.id, l.org, o.name, l.authority, l.law, l.section, l.ref,"
	    " l.listed_on, l.delisted_on, l.status, l.offset, l.length,"
	    " l.record_sha256 FROM listing l JOIN org o ON o.id = l.org"
	    " JOIN list_source s ON s.id = l.source WHERE s.entry <= ?"
	    " ORDER BY l.id";
	struct ev_stmt *st = NULL;
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, LINE_LIMIT);
	rc = ev_container_begin(b->k, "data/case/register.jsonl", err);
	if (rc == EV_OK)
		rc = ev_db_prepare(ev_case_db(b->c), &st, err, sql, "i",
		    b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc != EV_OK)
			break;
		ev_buf_clear(&out);
		rc = register_line(st, &out, err);
		if (rc == EV_OK)
			rc = bundle_line(b, out.data, out.len, err);
	}
	ev_db_finish(st);
	ev_buf_release(&out);
	return rc == EV_EOF ? ev_container_end(b->k, err) : rc;
}

/* A file's own name, made fit for a part: what is odd becomes a hyphen. */
static void
stem_of(char stem[STEM], const char *name)
{
	const char *base = strrchr(name, '/');
	size_t i;

	base = base == NULL ? name : base + 1;
	for (i = 0; base[i] != '\0' && i < STEM - 1; i++) {
		char c = base[i];

		stem[i] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
				  (c >= '0' && c <= '9') || c == '.' || c == '_'
			      ? c
			      : '-';
	}
	stem[i] = '\0';
}

struct datafile {
	int64_t id;
	const char *form, *name;
	const void *sha256, *bytes; /* bytes NULL: too large to go whole */
	size_t sha256_len, len;
};

/* What the files' parts share; the weighing is made when one is asked for. */
struct files {
	struct bundle *b;
	struct ev_weigh *w;
	struct ev_buf lines;
};

/* The files that an entry up to the head named; the others came later. */
static const char sql_files[] =
    "SELECT d.id, d.form, d.name, d.sha256, CASE WHEN d.form <> 'geo' OR"
    " length(d.bytes) <= ?2 THEN d.bytes END FROM datafile d WHERE"
    " EXISTS (SELECT 1 FROM list_source s WHERE s.file = d.id AND"
    " s.entry <= ?1) OR EXISTS (SELECT 1 FROM geo_source g WHERE"
    " g.file = d.id AND g.entry <= ?1) OR EXISTS (SELECT 1 FROM claim_run r"
    " WHERE r.entry <= ?1 AND instr(r.args, lower(hex(d.sha256))) > 0) OR"
    " EXISTS (SELECT 1 FROM log l WHERE l.seq <= ?1 AND l.action = 'read'"
    " AND instr(l.leaf, lower(hex(d.sha256))) > 0) ORDER BY d.id";

static const char *
folder_of(const char *form)
{
	if (strcmp(form, "mapping") == 0)
		return "mappings";
	if (strcmp(form, "geo") == 0 || strcmp(form, "asn") == 0)
		return "geo";
	if (strcmp(form, "register") == 0)
		return "registers";
	return "rules";
}

static enum ev_rc
file_line(const struct datafile *f, const char *path, struct ev_buf *out,
    struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	struct ev_jw w;

	ev_text_hex(hex, f->sha256, f->sha256_len);
	ev_jw_init(&w, out);
	ev_jw_object(&w);
	ev_jw_key_text(&w, "form", f->form);
	ev_jw_key_text(&w, "name", f->name);
	ev_jw_key_text(&w, "path", path);
	ev_jw_key_text(&w, "sha256", hex);
	ev_jw_close(&w);
	return ev_jw_end(&w, err);
}

/* Compute the head's claims again, once; EV_EOF if it has none. */
static enum ev_rc
weigh_once(struct files *p, struct ev_err *err)
{
	struct ev_run run = { 0 };
	int64_t id = 0;
	enum ev_rc rc;

	if (p->w != NULL)
		return EV_OK;
	rc = ev_db_int(ev_case_db(p->b->c), &id, err,
	    "SELECT coalesce(max(id), -1) FROM claim_run WHERE entry <= ?", "i",
	    p->b->head);
	if (rc == EV_OK)
		rc = ev_run_load(p->b->c, id, &run, err);
	if (rc == EV_OK)
		rc = ev_gather_weigh(p->b->c, run.order.data, run.order.len,
		    run.entry, &p->w, err);
	ev_run_release(&run);
	return rc == EV_PARTIAL ? EV_OK : rc;
}

/* The rows of a large database that the claims rest on; none if they do not. */
static enum ev_rc
extract_of(struct files *p, const struct datafile *f, struct ev_buf *out,
    struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	enum ev_rc rc = weigh_once(p, err);

	if (rc == EV_EOF)
		return EV_OK;
	ev_text_hex(hex, f->sha256, f->sha256_len);
	if (rc == EV_OK)
		rc = ev_weigh_extract(p->w, hex, out, err);
	return rc == EV_USE ? EV_OK : rc;
}

/* The part that holds a file; *name is empty if none needs to. */
static enum ev_rc
file_bytes(struct files *p, const struct datafile *f, char name[BUNDLE_NAME],
    struct ev_err *err)
{
	struct ev_bytes bytes = EV_BYTES(f->bytes, f->len);
	const char *end = "";
	struct ev_buf extract;
	char stem[STEM];
	enum ev_rc rc = EV_OK;

	name[0] = '\0';
	ev_buf_init(&extract, BUNDLE_TEXT);
	/* The rows used tell which addresses were asked for. */
	if (f->bytes == NULL && p->b->withhold == NULL) {
		rc = extract_of(p, f, &extract, err);
		bytes = EV_BYTES_BUF(&extract);
		end = ".extract.csv";
	}
	if (rc == EV_OK && bytes.data != NULL) {
		stem_of(stem, f->name);
		rc = bundle_name(name, err, "data/case/%s/%04" PRId64 "-%s%s",
		    folder_of(f->form), f->id, stem, end);
		if (rc == EV_OK)
			rc = ev_container_add(p->b->k, name, bytes, err);
	}
	ev_buf_release(&extract);
	return rc;
}

/* One file as it was used, and its line in files.jsonl. */
static enum ev_rc
file_part(struct files *p, const struct datafile *f, struct ev_err *err)
{
	char name[BUNDLE_NAME];
	struct ev_buf line;
	enum ev_rc rc;

	if (f->sha256_len != EV_SHA256)
		return ev_fail(err, EV_INPUT, "a file without SHA-256");
	rc = file_bytes(p, f, name, err);
	if (rc != EV_OK)
		return rc;
	ev_buf_init(&line, LINE_LIMIT);
	rc = file_line(f, name[0] == '\0' ? NULL : name, &line, err);
	if (rc == EV_OK)
		rc = ev_buf_put(&p->lines, line.data, line.len, err);
	if (rc == EV_OK)
		rc = ev_buf_putc(&p->lines, '\n', err);
	ev_buf_release(&line);
	return rc;
}

static enum ev_rc
files_part(struct bundle *b, struct ev_err *err)
{
	struct files p = { .b = b };
	struct ev_stmt *st = NULL;
	struct datafile f = { 0 };
	enum ev_rc rc;

	ev_buf_init(&p.lines, LINE_LIMIT);
	rc = ev_db_prepare(ev_case_db(b->c), &st, err, sql_files, "ii", b->head,
	    (int64_t)GEO_WHOLE);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc =
			    ev_db_row(st, err, "issbb", &f.id, &f.form, &f.name,
				&f.sha256, &f.sha256_len, &f.bytes, &f.len);
		if (rc == EV_OK)
			rc = file_part(&p, &f, err);
	}
	ev_db_finish(st);
	if (rc == EV_EOF)
		rc = ev_container_add(b->k, "data/case/files.jsonl",
		    EV_BYTES_BUF(&p.lines), err);
	ev_buf_release(&p.lines);
	ev_weigh_free(p.w);
	return rc;
}

/* Certificates as a convenience; nobody trusts them for lying here. */
static enum ev_rc
pki_part(struct bundle *b, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	char name[BUNDLE_NAME];
	const char *actor;
	const void *der;
	struct ev_buf pem;
	size_t len;
	enum ev_rc rc;

	ev_buf_init(&pem, LINE_LIMIT);
	rc = ev_db_prepare(ev_case_db(b->c), &st, err,
	    "SELECT actor, cert FROM actor WHERE length(cert) > 0 AND"
	    " entry <= ? ORDER BY actor",
	    "i", b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "sb", &actor, &der, &len);
		if (rc != EV_OK)
			break;
		ev_buf_clear(&pem);
		rc = ev_cert_pem(EV_BYTES(der, len), &pem, err);
		if (rc == EV_OK)
			rc = bundle_name(name, err, "data/pki/%s.pem",
			    actor + 1);
		if (rc == EV_OK)
			rc = ev_container_add(b->k, name, EV_BYTES_BUF(&pem),
			    err);
	}
	ev_db_finish(st);
	ev_buf_release(&pem);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
bundle_case(struct bundle *b, struct ev_err *err)
{
	enum ev_rc rc;

	rc = case_part(b, err);
	if (rc == EV_OK)
		rc = register_part(b, err);
	if (rc == EV_OK)
		rc = claims_part(b, err);
	if (rc == EV_OK)
		rc = run_part(b, "data/case/order.json",
		    "SELECT args FROM claim_run WHERE entry <= ?"
		    " ORDER BY id DESC LIMIT 1",
		    err);
	if (rc == EV_OK)
		rc = run_part(b, "data/case/headline.jsonl",
		    "SELECT headline FROM claim_run WHERE entry <= ?"
		    " ORDER BY id DESC LIMIT 1",
		    err);
	if (rc == EV_OK)
		rc = files_part(b, err);
	if (rc == EV_OK)
		rc = orders_part(b, err);
	if (rc == EV_OK && b->how->profile != NULL)
		rc = ev_container_add(b->k, "data/court/profile.txt",
		    EV_BYTES(b->how->profile, strlen(b->how->profile)), err);
	return rc == EV_OK ? pki_part(b, err) : rc;
}
