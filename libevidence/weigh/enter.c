/* What a person adds by hand: databases and an examiner's entries. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "weigh/canon.h"
#include "weigh/case_run.h"
#include "weigh/gather.h"
#include "weigh/geo.h"

enum { FILE_LIMIT = 512 << 20, LINE_LIMIT = 1 << 20 };

static const char sql_source[] =
    "INSERT INTO geo_source(name, role, format, built, licence, file, entry)"
    " VALUES(?, ?, ?, ?, ?, ?, ?)";
static const char sql_same[] =
    "SELECT count(*) FROM geo_source WHERE name = ? AND role = ?"
    " AND file = ?";
static const char sql_exam[] =
    "INSERT INTO examination(verb, subject, args, entry) VALUES(?, ?, ?, ?)";
static const char sql_fact[] = "SELECT count(*) FROM fact_now WHERE id = ?";

static bool
ends_in(const char *name, const char *end)
{
	size_t len = strlen(name), tail = strlen(end);

	return len > tail && strcmp(name + len - tail, end) == 0;
}

/* A day is its first instant. */
static bool
parse_built(const char *text, int64_t *us)
{
	char day[32];

	if (strlen(text) == 10) {
		(void)snprintf(day, sizeof(day), "%sT00:00:00Z", text);
		text = day;
	}
	return ev_when_parse(us, NULL, text, strlen(text));
}

/* What the file is; its build by --built, else by its own word. */
static enum ev_rc
describe(const struct ev_attrib_db *db, const struct ev_buf *bytes,
    struct ev_geo_about *about, struct ev_err *err)
{
	struct ev_asnfile classes;
	enum ev_rc rc;

	*about = (struct ev_geo_about){ .format = "asn-classes" };
	if (ends_in(db->file, ".asn")) {
		rc = ev_asnfile_parse(&classes, db->file, ev_buf_text(bytes),
		    bytes->len, err);
		if (rc == EV_OK)
			ev_asnfile_release(&classes);
	} else {
		rc = ev_geo_describe(about, db->file, ev_buf_text(bytes),
		    bytes->len, err);
	}
	if (rc != EV_OK)
		return rc;
	if (db->built != NULL) {
		if (!parse_built(db->built, &about->built_us))
			return ev_fail(err, EV_USE,
			    "--built '%s' is no day (2025-01-31) or instant",
			    db->built);
	} else if (!about->has_built) {
		return ev_fail(err, EV_USE,
		    "'%s' does not say when it was built: use --built",
		    db->file);
	}
	return EV_OK;
}

static enum ev_rc
db_line(struct ev_buf *after, const struct ev_attrib_db *db,
    const struct ev_geo_about *about, const char *built,
    const struct ev_buf *bytes, struct ev_err *err)
{
	unsigned char sha256[EV_SHA256];
	char hex[2 * EV_SHA256 + 1];
	struct ev_jw j;
	enum ev_rc rc;

	rc = ev_sha256(sha256, bytes->data, bytes->len, err);
	if (rc != EV_OK)
		return rc;
	ev_text_hex(hex, sha256, sizeof(sha256));
	ev_jw_init(&j, after);
	ev_jw_object(&j);
	ev_jw_key_text(&j, "built", built);
	ev_jw_key_text(&j, "format", about->format);
	ev_jw_key_text(&j, "licence", db->licence == NULL ? "" : db->licence);
	ev_jw_key_text(&j, "role", db->as == NULL ? "vote" : db->as);
	ev_jw_key_text(&j, "sha256", hex);
	ev_jw_key_int(&j, "size", (int64_t)bytes->len);
	ev_jw_key_text(&j, "source", db->source);
	ev_jw_key_text(&j, "verb", "db");
	ev_jw_close(&j);
	return ev_jw_end(&j, err);
}

static enum ev_rc
db_rows(struct ev_case *c, const struct ev_attrib_db *db,
    const struct ev_geo_about *about, const struct ev_buf *bytes,
    struct ev_err *err)
{
	const char *slash = strrchr(db->file, '/');
	const char *name = slash == NULL ? db->file : slash + 1;
	const char *as = db->as == NULL ? "vote" : db->as;
	const char *subject[] = { db->source, NULL };
	struct ev_entry entry = { .action = "examine", .subject = subject };
	char built[EV_WHEN_TEXT];
	struct ev_buf after;
	int64_t id, same = 0, seq;
	enum ev_rc rc;

	ev_when_print(built, about->built_us, EV_PREC_S);
	ev_buf_init(&after, LINE_LIMIT);
	rc = ev_case_datafile(c,
	    strcmp(about->format, "asn-classes") == 0 ? "asn" : "geo", name,
	    bytes->data, bytes->len, &id, err);
	if (rc == EV_OK)
		rc = ev_db_int(ev_case_db(c), &same, err, sql_same, "ssi",
		    db->source, as, id);
	if (rc != EV_OK || same > 0)
		goto out;
	rc = db_line(&after, db, about, built, bytes, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(ev_case_db(c), err, sql_source, "sssssii",
		    db->source, as, about->format, built,
		    db->licence == NULL ? "" : db->licence, id, seq);
out:
	ev_buf_release(&after);
	return rc;
}

/* End a transaction: keep or undo it, then sign a head. */
static enum ev_rc
finish(struct ev_case *c, enum ev_rc rc, struct ev_err *err)
{
	if (rc == EV_OK)
		rc = ev_db_commit(ev_case_db(c), err);
	if (rc != EV_OK) {
		ev_db_rollback(ev_case_db(c));
		return rc;
	}
	return ev_custody_seal(c, err);
}

enum ev_rc
ev_attrib_db(struct ev_case *c, const struct ev_attrib_db *db,
    struct ev_err *err)
{
	struct ev_geo_about about;
	enum ev_geo_role role;
	struct ev_buf bytes;
	enum ev_rc rc;

	if (db->as != NULL && !ev_geo_role_find(&role, db->as))
		return ev_fail(err, EV_USE,
		    "--as is vote, asn, class or exits, not '%s'", db->as);
	ev_buf_init(&bytes, FILE_LIMIT);
	rc = ev_gather_read(&bytes, db->file, err);
	if (rc == EV_OK)
		rc = describe(db, &bytes, &about, err);
	if (rc == EV_OK)
		rc = ev_db_begin(ev_case_db(c), err);
	if (rc == EV_OK)
		rc = finish(c, db_rows(c, db, &about, &bytes, err), err);
	ev_buf_release(&bytes);
	return rc;
}

/* An entry taken apart: what goes in the order (gather.c, put_exam). */
struct exam {
	const char *verb, *subject, *value, *word;
	const char *const *facts;
	int fact_count;
};

static enum ev_rc
check_fact(struct ev_case *c, const char *fact, struct ev_err *err)
{
	int64_t number, found = 0;
	char letter;
	enum ev_rc rc;

	if (!ev_id_parse(fact, &letter, &number) || letter != 'F')
		return ev_fail(err, EV_USE, "'%s' is no fact (F000001)", fact);
	rc = ev_db_int(ev_case_db(c), &found, err, sql_fact, "i", number);
	if (rc == EV_OK && found == 0)
		return ev_fail(err, EV_USE,
		    "the case has no fact %s that counts", fact);
	return rc;
}

static enum ev_rc
take_role(struct ev_case *c, const struct ev_attrib_entry *e, struct exam *exam,
    struct ev_err *err)
{
	exam->subject = e->args[0];
	exam->word = e->args[1];
	if (ev_role_find(exam->word) == EV_ROLES)
		return ev_fail(err, EV_USE, "'%s' is no role", exam->word);
	return check_fact(c, exam->subject, err);
}

static enum ev_rc
take_grade(struct ev_case *c, const struct ev_attrib_entry *e,
    struct exam *exam, struct ev_err *err)
{
	exam->subject = e->args[0];
	exam->word = e->args[1];
	if (strlen(exam->word) != 2 || exam->word[0] < 'A' ||
	    exam->word[0] > 'F' || exam->word[1] < '1' || exam->word[1] > '6')
		return ev_fail(err, EV_USE,
		    "a grade is A to F and 1 to 6, not '%s'", exam->word);
	return check_fact(c, exam->subject, err);
}

static enum ev_rc
take_depend(struct ev_case *c, const struct ev_attrib_entry *e,
    struct exam *exam, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	int i;

	exam->subject = e->args[0];
	exam->facts = e->args;
	exam->fact_count = e->count;
	for (i = 0; i < e->count && rc == EV_OK; i++)
		rc = check_fact(c, e->args[i], err);
	return rc;
}

/* A value is entered as it is compared. */
static enum ev_rc
take_flag(const struct ev_attrib_entry *e, struct exam *exam,
    struct ev_buf *value, struct ev_err *err)
{
	struct ev_canon in = { .platform = "" };
	unsigned flags;
	enum ev_rc rc;

	exam->subject = e->args[0];
	exam->value = e->args[1];
	exam->word = e->args[2];
	if (strcmp(exam->subject, "component") == 0) {
		if (strcmp(exam->word, "reviewed") != 0)
			return ev_fail(err, EV_USE,
			    "a component is flagged 'reviewed', not '%s'",
			    exam->word);
		return EV_OK;
	}
	in.type = ev_type_find(exam->subject);
	if (in.type >= EV_T_SESSION)
		return ev_fail(err, EV_USE, "'%s' is no type of identifier",
		    exam->subject);
	if (strcmp(exam->word, "household") != 0)
		return ev_fail(err, EV_USE,
		    "a value is flagged 'household', not '%s'", exam->word);
	/* Scoped values are written as "platform:value" already. */
	if (in.type == EV_T_COOKIE || in.type == EV_T_PUSH_TOKEN ||
	    in.type == EV_T_SSO || in.type == EV_T_CARD)
		return EV_OK;
	in.raw = exam->value;
	in.len = strlen(exam->value);
	rc = ev_canon(&in, value, &flags, err);
	if (rc == EV_OK && (flags & EV_CANON_RAW) != 0)
		return ev_fail(err, EV_USE, "'%s' is no %s", e->args[1],
		    exam->subject);
	exam->value = ev_buf_text(value);
	return rc;
}

static enum ev_rc
exam_line(const struct exam *exam, bool whole, const char *reason,
    struct ev_buf *out, struct ev_err *err)
{
	struct ev_jw j;
	int i;

	ev_jw_init(&j, out);
	ev_jw_object(&j);
	ev_jw_key(&j, "facts");
	ev_jw_array(&j);
	for (i = 0; i < exam->fact_count; i++)
		ev_jw_text(&j, exam->facts[i]);
	ev_jw_close(&j);
	if (whole) {
		ev_jw_key_text(&j, "reason", reason);
		ev_jw_key_text(&j, "subject", exam->subject);
	}
	ev_jw_key_text(&j, "value", exam->value == NULL ? "" : exam->value);
	if (whole)
		ev_jw_key_text(&j, "verb", exam->verb);
	ev_jw_key_text(&j, "word", exam->word == NULL ? "" : exam->word);
	ev_jw_close(&j);
	return ev_jw_end(&j, err);
}

static enum ev_rc
exam_rows(struct ev_case *c, const struct exam *exam, const char *reason,
    struct ev_err *err)
{
	const char *subject[] = { exam->subject, NULL };
	struct ev_entry entry = { .action = "examine",
		.subject = exam->fact_count > 0 ? exam->facts : subject };
	struct ev_buf after, args;
	int64_t seq;
	enum ev_rc rc;

	ev_buf_init(&after, LINE_LIMIT);
	ev_buf_init(&args, LINE_LIMIT);
	rc = exam_line(exam, true, reason, &after, err);
	if (rc == EV_OK)
		rc = exam_line(exam, false, reason, &args, err);
	entry.after = ev_buf_text(&after);
	if (rc == EV_OK)
		rc = ev_custody_append(c, &entry, &seq, err);
	if (rc == EV_OK)
		rc = ev_db_run(ev_case_db(c), err, sql_exam, "sssi", exam->verb,
		    exam->subject, ev_buf_text(&args), seq);
	ev_buf_release(&after);
	ev_buf_release(&args);
	return rc;
}

enum ev_rc
ev_attrib_enter(struct ev_case *c, const struct ev_attrib_entry *entry,
    struct ev_err *err)
{
	struct exam exam = { .verb = entry->verb };
	struct ev_buf value;
	enum ev_rc rc;

	if (entry->reason == NULL || *entry->reason == '\0')
		return ev_fail(err, EV_USE, "an entry needs --reason");
	ev_buf_init(&value, LINE_LIMIT);
	if (strcmp(entry->verb, "role") == 0)
		rc = take_role(c, entry, &exam, err);
	else if (strcmp(entry->verb, "grade") == 0)
		rc = take_grade(c, entry, &exam, err);
	else if (strcmp(entry->verb, "depend") == 0)
		rc = take_depend(c, entry, &exam, err);
	else
		rc = take_flag(entry, &exam, &value, err);
	if (rc == EV_OK)
		rc = ev_db_begin(ev_case_db(c), err);
	if (rc == EV_OK)
		rc = finish(c, exam_rows(c, &exam, entry->reason, err), err);
	ev_buf_release(&value);
	return rc;
}

/* Alternatives beside the file, else the installed ones. */
static enum ev_rc
read_codes(const char *file, const char *data, struct ev_listfile *codes,
    struct ev_err *err)
{
	const char *slash = strrchr(file, '/');
	struct ev_buf path, text;
	enum ev_rc rc;

	ev_buf_init(&path, 1 << 16);
	ev_buf_init(&text, FILE_LIMIT);
	rc = ev_buf_printf(&path, err, "%.*salternatives.list",
	    slash == NULL ? 0 : (int)(slash + 1 - file), file);
	if (rc == EV_OK &&
	    ev_gather_read(&text, ev_buf_text(&path), err) != EV_OK) {
		ev_buf_clear(&path);
		ev_buf_clear(&text);
		rc = ev_buf_printf(&path, err, "%s/rules/alternatives.list",
		    data);
		if (rc == EV_OK)
			rc = ev_gather_read(&text, ev_buf_text(&path), err);
	}
	if (rc == EV_OK)
		rc = ev_listfile_parse(codes, ev_buf_text(&path),
		    ev_buf_text(&text), text.len, err);
	ev_buf_release(&path);
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
lint_rules(const char *file, const char *data, const struct ev_buf *text,
    struct ev_err *err)
{
	struct ev_listfile codes;
	struct ev_ruleset set;
	enum ev_rc rc;

	rc = ev_ruleset_parse(&set, file, ev_buf_text(text), text->len, err);
	if (rc != EV_OK)
		return rc;
	rc = read_codes(file, data, &codes, err);
	if (rc == EV_OK) {
		rc = ev_ruleset_codes(&set, file, &codes, err);
		ev_listfile_release(&codes);
	}
	ev_ruleset_release(&set);
	return rc;
}

enum ev_rc
ev_attrib_lint(const char *file, const char *data, struct ev_err *err)
{
	struct ev_geo_about about;
	struct ev_listfile list;
	struct ev_asnfile asn;
	struct ev_scale scale;
	struct ev_buf text;
	enum ev_rc rc;

	ev_buf_init(&text, FILE_LIMIT);
	rc = ev_gather_read(&text, file, err);
	if (rc == EV_OK && ends_in(file, ".rules")) {
		rc = lint_rules(file, data, &text, err);
	} else if (rc == EV_OK && ends_in(file, ".scale")) {
		rc = ev_scale_parse(&scale, file, ev_buf_text(&text), text.len,
		    err);
		if (rc == EV_OK)
			ev_scale_release(&scale);
	} else if (rc == EV_OK && ends_in(file, ".list")) {
		rc = ev_listfile_parse(&list, file, ev_buf_text(&text),
		    text.len, err);
		if (rc == EV_OK)
			ev_listfile_release(&list);
	} else if (rc == EV_OK && ends_in(file, ".asn")) {
		rc = ev_asnfile_parse(&asn, file, ev_buf_text(&text), text.len,
		    err);
		if (rc == EV_OK)
			ev_asnfile_release(&asn);
	} else if (rc == EV_OK) {
		rc = ev_geo_describe(&about, file, ev_buf_text(&text), text.len,
		    err);
	}
	ev_buf_release(&text);
	return rc;
}
