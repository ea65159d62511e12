#define _GNU_SOURCE /* O_NOFOLLOW and openat as the others have them */

/* From a case to an order, its files and its facts. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "ingest/fact_rows.h"
#include "weigh/gather.h"
#include "weigh/geo.h"
#include "weigh/rules.h"

enum { FILE_LIMIT = 512 << 20, PATH_LIMIT = 1 << 16 };

static const char sql_votes[] =
    "SELECT count(*) FROM geo_source WHERE role = 'vote' AND name <> 'ipfire'";
static const char sql_known_geo[] =
    "SELECT count(*) FROM geo_source g JOIN datafile d ON d.id = g.file"
    " WHERE g.name = 'ipfire' AND d.id = ?";
static const char sql_geo[] =
    "INSERT INTO geo_source(name, role, format, built, licence, file, entry)"
    " VALUES('ipfire', 'vote', 'ipfire-text', ?, 'CC-BY-SA-4.0', ?, ?)";
static const char sql_files[] =
    "SELECT d.form, d.name, d.sha256, '', '', '', '' FROM datafile d"
    " WHERE d.id IN (?, ?, ?, ?, ?, ?, ?, ?)"
    " UNION ALL"
    " SELECT d.form, d.name, d.sha256, g.name, g.role, g.licence, g.built"
    " FROM geo_source g JOIN datafile d ON d.id = g.file"
    /* What came with Tor serves only where nobody added anything. */
    " WHERE NOT (d.name LIKE 'tor-geoipdb%' AND EXISTS (SELECT 1 FROM"
    " geo_source h WHERE h.role = 'vote' AND h.name <> 'ipfire'))"
    " ORDER BY 1, 2, 3";
static const char sql_anchors[] =
    "SELECT org, type, value, basis, coalesce(t_from, ''), coalesce(t_to, ''),"
    " entry FROM anchor ORDER BY id";
static const char sql_exams[] =
    "SELECT verb, subject, args, entry FROM examination"
    " WHERE verb IN ('role', 'flag', 'grade', 'depend') ORDER BY id";
static const char sql_orgs[] = "SELECT id, name FROM org ORDER BY id";
static const char sql_org_lists[] =
    "SELECT DISTINCT s.name FROM listing l JOIN list_source s"
    " ON s.id = l.source WHERE l.org = ? ORDER BY 1";
static const char sql_registers[] =
    "SELECT s.name, d.sha256, s.records FROM list_source s JOIN datafile d"
    " ON d.id = s.file WHERE s.id = (SELECT max(t.id) FROM list_source t"
    " WHERE t.name = s.name) ORDER BY 1";
static const char sql_bytes[] =
    "SELECT bytes FROM datafile WHERE form = ? AND name = ? AND sha256 = ?";
static const char sql_facts[] =
    "SELECT f.id, f.kind, a.exhibit, a.ordinal FROM fact f"
    " JOIN reading r ON r.id = f.reading JOIN artifact a ON a.id = f.artifact"
    " WHERE r.entry <= ?1 AND NOT EXISTS (SELECT 1 FROM reading s WHERE"
    " s.artifact = r.artifact AND s.id > r.id AND s.entry <= ?1)"
    " ORDER BY f.id";

enum ev_rc
ev_gather_read(struct ev_buf *buf, const char *path, struct ev_err *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash == NULL ? path : slash + 1;
	char *folder;
	enum ev_rc rc;
	int dir;

	folder = slash == NULL ? strdup(".")
			       : strndup(path, (size_t)(slash - path) + 1);
	if (folder == NULL)
		return ev_fail_sys(err, "cannot open '%.200s'", path);
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (dir < 0)
		return ev_fail_sys(err, "cannot open '%.200s'", path);
	rc = ev_fs_read_all(buf, dir, name, err);
	(void)close(dir);
	return rc;
}

static enum ev_rc
keep_file(struct ev_case *c, const char *form, const char *path,
    const char *name, int64_t *id, struct ev_err *err)
{
	struct ev_buf bytes;
	enum ev_rc rc;

	ev_buf_init(&bytes, FILE_LIMIT);
	rc = ev_gather_read(&bytes, path, err);
	if (rc == EV_OK)
		rc = ev_case_datafile(c, form, name, bytes.data, bytes.len, id,
		    err);
	ev_buf_release(&bytes);
	return rc;
}

/* The scale that the rule file names; the file must parse for that. */
static enum ev_rc
read_scale_name(const char *path, struct ev_buf *name, struct ev_err *err)
{
	struct ev_ruleset set;
	struct ev_buf text;
	enum ev_rc rc;

	ev_buf_init(&text, 1 << 21);
	rc = ev_gather_read(&text, path, err);
	if (rc == EV_OK)
		rc = ev_ruleset_parse(&set, path, ev_buf_text(&text), text.len,
		    err);
	if (rc == EV_OK) {
		rc = ev_buf_printf(name, err, "%s.scale", set.scale);
		ev_ruleset_release(&set);
	}
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
keep_rules(struct ev_case *c, const struct ev_attrib_opts *opts,
    int64_t files[8], struct ev_err *err)
{
	static const char *const lists[] = { "alternatives.list",
		"calling-codes.list", "countries.list", "defaults.list",
		"tracking.list", "utc-offsets.list" };
	const char *slash;
	struct ev_buf path, scale;
	enum ev_rc rc;
	size_t i;

	ev_buf_init(&path, PATH_LIMIT);
	ev_buf_init(&scale, PATH_LIMIT);
	rc = opts->rules != NULL ? ev_buf_puts(&path, opts->rules, err)
				 : ev_buf_printf(&path, err,
				       "%s/rules/starter.rules", opts->data);
	if (rc == EV_OK)
		rc = read_scale_name(ev_buf_text(&path), &scale, err);
	slash = strrchr(ev_buf_text(&path), '/');
	if (rc == EV_OK)
		rc = keep_file(c, "rules", ev_buf_text(&path),
		    slash == NULL ? ev_buf_text(&path) : slash + 1, &files[0],
		    err);
	for (i = 0; i < 7 && rc == EV_OK; i++) {
		const char *name = i == 0 ? ev_buf_text(&scale) : lists[i - 1];

		ev_buf_clear(&path);
		rc = ev_buf_printf(&path, err, "%s/rules/%s", opts->data, name);
		if (rc == EV_OK)
			rc = keep_file(c, i == 0 ? "scale" : "list",
			    ev_buf_text(&path), name, &files[i + 1], err);
	}
	ev_buf_release(&path);
	ev_buf_release(&scale);
	return rc;
}

/* One of Tor's two files, if it is there and not known yet. */
static enum ev_rc
keep_tor(struct ev_case *c, const char *name, struct ev_err *err)
{
	const char *subject[] = { "tor-geoipdb", NULL };
	struct ev_entry entry = { .action = "examine",
		.subject = subject,
		.note =
		    "the databases of addresses installed with this system" };
	char path[64], kept[64], built[EV_WHEN_TEXT];
	struct ev_geo_about about;
	struct ev_buf bytes;
	int64_t id, known = 0, seq;
	enum ev_rc rc;

	(void)snprintf(path, sizeof(path), "/usr/share/tor/%s", name);
	(void)snprintf(kept, sizeof(kept), "tor-geoipdb %s", name);
	if (access(path, R_OK) != 0)
		return EV_OK;
	ev_buf_init(&bytes, FILE_LIMIT);
	rc = ev_gather_read(&bytes, path, err);
	if (rc == EV_OK)
		rc = ev_case_datafile(c, "geo", kept, bytes.data, bytes.len,
		    &id, err);
	if (rc == EV_OK)
		rc = ev_db_int(ev_case_db(c), &known, err, sql_known_geo, "i",
		    id);
	if (rc != EV_OK || known > 0)
		goto out;
	rc = ev_geo_describe(&about, path, bytes.data, bytes.len, err);
	if (rc != EV_OK)
		goto out;
	ev_when_print(built, about.built_us, EV_PREC_S);
	rc = ev_custody_append(c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(ev_case_db(c), err, sql_geo, "sii", built, id,
		    seq);
out:
	ev_buf_release(&bytes);
	return rc;
}

enum ev_rc
ev_gather_files(struct ev_case *c, const struct ev_attrib_opts *opts,
    int64_t files[8], struct ev_err *err)
{
	int64_t votes;
	enum ev_rc rc;

	rc = keep_rules(c, opts, files, err);
	if (rc == EV_OK)
		rc = ev_db_int(ev_case_db(c), &votes, err, sql_votes, "");
	if (rc != EV_OK || votes > 0)
		return rc;
	rc = keep_tor(c, "geoip", err);
	return rc == EV_OK ? keep_tor(c, "geoip6", err) : rc;
}

static void
put_id(struct ev_jw *j, const char *key, char letter, int64_t number)
{
	char id[EV_ID_TEXT];

	ev_id_print(id, letter, number);
	ev_jw_key_text(j, key, id);
}

static enum ev_rc
put_anchors(struct ev_case *c, struct ev_jw *j, struct ev_err *err)
{
	const char *type, *value, *basis, *from, *to;
	struct ev_stmt *st = NULL;
	int64_t org, entry;
	enum ev_rc rc;

	ev_jw_key(j, "anchors");
	ev_jw_array(j);
	rc = ev_db_prepare(ev_case_db(c), &st, err, sql_anchors, "");
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "isssssi", &org, &type, &value, &basis,
		    &from, &to, &entry);
		if (rc != EV_OK)
			break;
		ev_jw_object(j);
		ev_jw_key_text(j, "basis", basis);
		ev_jw_key_int(j, "entry", entry);
		ev_jw_key_text(j, "from", from);
		put_id(j, "org", 'O', org);
		ev_jw_key_text(j, "to", to);
		ev_jw_key_text(j, "type", type);
		ev_jw_key_text(j, "value", value);
		ev_jw_close(j);
	}
	ev_jw_close(j);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* args hold facts, value and word, in their order. */
static enum ev_rc
put_exam(struct ev_jw *j, const char *verb, const char *subject,
    const char *args, int64_t entry, struct ev_err *err)
{
	const struct ev_json_node *root, *facts;
	struct ev_json_doc *doc = NULL;
	const char *text;
	enum ev_rc rc;

	rc = ev_json_parse(&doc, args, strlen(args), err);
	if (rc != EV_OK)
		return ev_fail_in(err, "an examiner's entry");
	root = ev_json_root(doc);
	facts = ev_json_get(root, "facts");
	ev_jw_object(j);
	ev_jw_key_int(j, "entry", entry);
	ev_jw_key(j, "facts");
	if (facts != NULL)
		ev_jw_raw(j, args + facts->offset, facts->length);
	else
		ev_jw_raw(j, "[]", 2);
	ev_jw_key_text(j, "subject", subject);
	text = ev_json_get_text(root, "value");
	ev_jw_key_text(j, "value", text == NULL ? "" : text);
	ev_jw_key_text(j, "verb", verb);
	text = ev_json_get_text(root, "word");
	ev_jw_key_text(j, "word", text == NULL ? "" : text);
	ev_jw_close(j);
	ev_json_free(doc);
	return EV_OK;
}

static enum ev_rc
put_exams(struct ev_case *c, struct ev_jw *j, struct ev_err *err)
{
	const char *verb, *subject, *args;
	struct ev_stmt *st = NULL;
	int64_t entry;
	enum ev_rc rc;

	ev_jw_key(j, "exams");
	ev_jw_array(j);
	rc = ev_db_prepare(ev_case_db(c), &st, err, sql_exams, "");
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "sssi", &verb, &subject, &args, &entry);
		if (rc == EV_OK)
			rc = put_exam(j, verb, subject, args, entry, err);
	}
	ev_jw_close(j);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
put_files(struct ev_case *c, const int64_t files[8], struct ev_jw *j,
    struct ev_err *err)
{
	const char *form, *name, *source, *role, *licence, *built;
	struct ev_stmt *st = NULL;
	const void *sha256;
	char hex[2 * EV_SHA256 + 1];
	size_t len;
	enum ev_rc rc;

	ev_jw_key(j, "files");
	ev_jw_array(j);
	rc = ev_db_prepare(ev_case_db(c), &st, err, sql_files, "iiiiiiii",
	    files[0], files[1], files[2], files[3], files[4], files[5],
	    files[6], files[7]);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "ssbssss", &form, &name, &sha256, &len,
		    &source, &role, &licence, &built);
		if (rc != EV_OK)
			break;
		ev_text_hex(hex, sha256, len);
		ev_jw_object(j);
		ev_jw_key_text(j, "built", built);
		ev_jw_key_text(j, "form", form);
		ev_jw_key_text(j, "licence", licence);
		ev_jw_key_text(j, "name", name);
		ev_jw_key_text(j, "role", role);
		ev_jw_key_text(j, "sha256", hex);
		ev_jw_key_text(j, "source", source);
		ev_jw_close(j);
	}
	ev_jw_close(j);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
put_org(struct ev_case *c, struct ev_jw *j, int64_t id, const char *name,
    struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *list;
	enum ev_rc rc;

	ev_jw_object(j);
	put_id(j, "id", 'O', id);
	ev_jw_key_text(j, "name", name);
	ev_jw_key(j, "registers");
	ev_jw_array(j);
	rc = ev_db_prepare(ev_case_db(c), &st, err, sql_org_lists, "i", id);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "s", &list);
		if (rc == EV_OK)
			ev_jw_text(j, list);
	}
	ev_jw_close(j);
	ev_jw_close(j);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
put_orgs(struct ev_case *c, struct ev_jw *j, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *name;
	int64_t id;
	enum ev_rc rc;

	ev_jw_key(j, "orgs");
	ev_jw_array(j);
	rc = ev_db_prepare(ev_case_db(c), &st, err, sql_orgs, "");
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "is", &id, &name);
		if (rc == EV_OK)
			rc = put_org(c, j, id, name, err);
	}
	ev_jw_close(j);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
put_registers(struct ev_case *c, struct ev_jw *j, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	char hex[2 * EV_SHA256 + 1];
	const char *name;
	const void *sha256;
	int64_t records;
	size_t len;
	enum ev_rc rc;

	ev_jw_key(j, "registers");
	ev_jw_array(j);
	rc = ev_db_prepare(ev_case_db(c), &st, err, sql_registers, "");
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "sbi", &name, &sha256, &len, &records);
		if (rc != EV_OK)
			break;
		ev_text_hex(hex, sha256, len);
		ev_jw_object(j);
		ev_jw_key_text(j, "name", name);
		ev_jw_key_int(j, "records", records);
		ev_jw_key_text(j, "sha256", hex);
		ev_jw_close(j);
	}
	ev_jw_close(j);
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

static void
put_asks(struct ev_jw *j, const char *asks)
{
	enum ev_asks question;

	ev_jw_key(j, "asks");
	ev_jw_array(j);
	for (question = 0; question < EV_ASKS; question++) {
		if (asks == NULL || strcmp(asks, ev_asks_name(question)) == 0)
			ev_jw_text(j, ev_asks_name(question));
	}
	ev_jw_close(j);
}

static enum ev_rc
rules_name(struct ev_case *c, int64_t id, struct ev_jw *j, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *name;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(c), &st, err,
	    "SELECT name FROM datafile WHERE id = ?", "i", id);
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_OK)
		rc = ev_db_row(st, err, "s", &name);
	if (rc == EV_OK)
		ev_jw_key_text(j, "ruleset", name);
	ev_db_finish(st);
	return rc;
}

enum ev_rc
ev_gather_order(struct ev_case *c, const struct ev_attrib_opts *opts,
    const int64_t files[8], struct ev_buf *order, struct ev_err *err)
{
	struct ev_jw j;
	enum ev_rc rc;

	ev_jw_init(&j, order);
	ev_jw_object(&j);
	rc = put_anchors(c, &j, err);
	put_asks(&j, opts->asks);
	if (rc == EV_OK)
		rc = put_exams(c, &j, err);
	if (rc == EV_OK)
		rc = put_files(c, files, &j, err);
	ev_jw_key_text(&j, "mode", "court");
	if (rc == EV_OK)
		rc = put_orgs(c, &j, err);
	if (rc == EV_OK)
		rc = put_registers(c, &j, err);
	if (rc == EV_OK)
		rc = rules_name(c, files[0], &j, err);
	ev_jw_key_text(&j, "schema", "order-1");
	ev_jw_key(&j, "supersedes");
	ev_jw_raw(&j, "[]", 2);
	ev_jw_key(&j, "window");
	ev_jw_object(&j);
	ev_jw_key_text(&j, "from", opts->from == NULL ? "" : opts->from);
	ev_jw_key_text(&j, "to", opts->to == NULL ? "" : opts->to);
	ev_jw_close(&j);
	ev_jw_close(&j);
	return rc == EV_OK ? ev_jw_end(&j, err) : rc;
}

static enum ev_rc
feed_file(struct ev_case *c, struct ev_weigh *w,
    const struct ev_json_node *node, struct ev_err *err)
{
	struct ev_weigh_file file = { .form = ev_json_get_text(node, "form"),
		.name = ev_json_get_text(node, "name") };
	const char *hex = ev_json_get_text(node, "sha256");
	unsigned char sha256[EV_SHA256];
	struct ev_stmt *st = NULL;
	enum ev_rc rc;

	if (file.form == NULL || file.name == NULL || hex == NULL ||
	    !ev_text_unhex(sha256, sizeof(sha256), hex, strlen(hex)))
		return ev_fail(err, EV_INPUT, "the order names no file");
	rc = ev_db_prepare(ev_case_db(c), &st, err, sql_bytes, "ssb", file.form,
	    file.name, (const void *)sha256, sizeof(sha256));
	if (rc == EV_OK)
		rc = ev_db_step(st, err);
	if (rc == EV_EOF)
		rc = ev_fail(err, EV_USE, "the case does not hold '%s'",
		    file.name);
	else if (rc == EV_OK)
		rc = ev_db_row(st, err, "b", &file.bytes, &file.len);
	if (rc == EV_OK && file.bytes == NULL)
		rc = ev_fail(err, EV_USE, "the bytes of '%s' were not kept",
		    file.name);
	if (rc == EV_OK)
		rc = ev_weigh_file(w, &file, err);
	ev_db_finish(st);
	return rc;
}

static enum ev_rc
feed_files(struct ev_case *c, struct ev_weigh *w, const void *order, size_t len,
    struct ev_err *err)
{
	const struct ev_json_node *files, *node = NULL;
	struct ev_json_doc *doc = NULL;
	enum ev_rc rc;

	rc = ev_json_parse(&doc, order, len, err);
	if (rc != EV_OK)
		return rc;
	files = ev_json_get(ev_json_root(doc), "files");
	if (files != NULL)
		node = files->child;
	for (; node != NULL && rc == EV_OK; node = node->next)
		rc = feed_file(c, w, node, err);
	ev_json_free(doc);
	return rc;
}

static enum ev_rc
feed_facts(struct ev_case *c, struct ev_weigh *w, int64_t upto,
    struct ev_err *err)
{
	struct ev_fact_rows *rows = NULL;
	struct ev_weigh_place place;
	struct ev_stmt *st = NULL;
	struct ev_fact_row row;
	const char *kind;
	int64_t id;
	enum ev_rc rc;

	rc = ev_fact_rows_new(&rows, ev_case_db(c), err);
	if (rc == EV_OK)
		rc = ev_db_prepare(ev_case_db(c), &st, err, sql_facts, "i",
		    upto);
	while (rc == EV_OK && (rc = ev_db_step(st, err)) == EV_OK) {
		rc = ev_db_row(st, err, "isii", &id, &kind, &place.exhibit,
		    &place.ordinal);
		if (rc != EV_OK ||
		    !ev_weigh_reads(ev_kind_find(kind, strlen(kind))))
			continue;
		rc = ev_fact_rows_get(rows, id, &row, err);
		if (rc == EV_OK)
			rc = ev_weigh_fact(w, &row.fact, &row.origin, &place,
			    err);
	}
	ev_db_finish(st);
	ev_fact_rows_free(rows);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
ev_gather_weigh(struct ev_case *c, const void *order, size_t len, int64_t upto,
    struct ev_weigh **w, struct ev_err *err)
{
	enum ev_rc rc;

	*w = NULL;
	if (upto == 0)
		upto = INT64_MAX;
	rc = ev_weigh_new(w, order, len, err);
	if (rc == EV_OK)
		rc = feed_files(c, *w, order, len, err);
	if (rc == EV_OK)
		rc = feed_facts(c, *w, upto, err);
	if (rc == EV_OK)
		rc = ev_weigh_end(*w, err);
	if (rc != EV_OK && rc != EV_PARTIAL) {
		ev_weigh_free(*w);
		*w = NULL;
	}
	return rc;
}
