/* What else a bundle says of its case: all of it follows from the log. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/register.h"
#include "evidence/case.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "out/verify_index.h"
#include "out/withheld.h"
#include "weigh/weigh.h"

enum { LINE = 4096, NAME = 96 };

static const char log_name[] = "data/custody/log.jsonl";
static const char case_name[] = "data/case/case.json";
static const char files_name[] = "data/case/files.jsonl";
static const char register_name[] = "data/case/register.jsonl";
static const char order_name[] = "data/case/order.json";
static const char headline_name[] = "data/case/headline.jsonl";

extern const char *const ev_verify_recipe[];

/* A line of a file, parsed; EV_EOF ends the walk early. */
typedef enum ev_rc row_fn(struct verify *v, void *ctx,
    const struct ev_json_node *root, int64_t number, struct ev_err *err);

static enum ev_rc
each_row(struct verify *v, const char *name, const char *text, row_fn *fn,
    void *ctx, struct ev_err *err)
{
	struct ev_json_doc *doc;
	enum ev_rc rc = EV_OK;
	int64_t number = 0;
	const char *end;

	for (; rc == EV_OK && (end = strchr(text, '\n')) != NULL;
	     text = end + 1) {
		doc = NULL;
		number++;
		rc = ev_json_parse(&doc, text, (size_t)(end - text), err);
		if (rc == EV_OK)
			rc = fn(v, ctx, ev_json_root(doc), number, err);
		else
			rc = ev_fail_in(err, name);
		ev_json_free(doc);
	}
	return rc;
}

static bool
same_text(const struct ev_json_node *a, const char *key, const char *want)
{
	const char *have = ev_json_get_text(a, key);

	return have != NULL && want != NULL && strcmp(have, want) == 0;
}

/* Does the log name this hash anywhere? */
static bool
in_log(const struct verify *v, const char *hex)
{
	return strlen(hex) == (size_t)2 * EV_SHA256 &&
	       strstr(ev_buf_text(&v->log_text), hex) != NULL;
}

/* What the first and the last entry say. */
struct ends {
	char number[LINE], title[LINE], created[EV_WHEN_TEXT];
	char at[EV_WHEN_TEXT]; /* of the last, to the second */
	int64_t listings;      /* records of all registers */
	char order[2 * EV_SHA256 + 1], headline[2 * EV_SHA256 + 1];
};

static void
copy(char *to, size_t size, const struct ev_json_node *root, const char *key)
{
	const char *text = ev_json_get_text(root, key);

	(void)snprintf(to, size, "%s", text == NULL ? "" : text);
}

static enum ev_rc
log_row(struct verify *v, void *ctx, const struct ev_json_node *root,
    int64_t number, struct ev_err *err)
{
	const struct ev_json_node *after = ev_json_get(root, "after");
	const char *at = ev_json_get_text(root, "at");
	struct ends *e = ctx;
	int64_t us, records;

	(void)v;
	(void)err;
	if (number == 1 && after != NULL) {
		copy(e->number, sizeof(e->number), after, "number");
		copy(e->title, sizeof(e->title), after, "title");
		copy(e->created, sizeof(e->created), after, "created");
	}
	if (after != NULL && same_text(root, "action", "weigh") &&
	    ev_json_get(after, "order_sha256") != NULL) {
		copy(e->order, sizeof(e->order), after, "order_sha256");
		copy(e->headline, sizeof(e->headline), after,
		    "headline_sha256");
	}
	if (after != NULL && ev_json_get(after, "register") != NULL &&
	    ev_json_get_int(after, "records", &records))
		e->listings += records;
	e->at[0] = '\0';
	if (at != NULL && ev_when_parse(&us, NULL, at, strlen(at)))
		ev_when_print(e->at, us, EV_PREC_S);
	return EV_OK;
}

/* case.json says nothing that the log does not. */
static enum ev_rc
check_case(struct verify *v, const struct ends *e, struct ev_err *err)
{
	const struct {
		const char *key, *want;
	} say[] = { { "case", v->case_id }, { "number", e->number },
		{ "title", e->title }, { "created", e->created },
		{ "head_at", e->at }, { "schema", "evidence/case/1" } };
	const struct ev_json_node *root;
	struct ev_json_doc *doc = NULL;
	bool before = v->failed;
	struct ev_buf text;
	int64_t head;
	enum ev_rc rc;
	size_t i;

	ev_buf_init(&text, EV_VERIFY_TEXT);
	rc = verify_read(v, case_name, &text, err);
	if (rc == EV_OK)
		rc = ev_json_parse(&doc, ev_buf_text(&text), text.len, err);
	if (rc != EV_OK)
		rc = ev_fail_in(err, case_name);
	root = rc == EV_OK ? ev_json_root(doc) : NULL;
	for (i = 0; rc == EV_OK && i < sizeof(say) / sizeof(say[0]); i++) {
		if (!same_text(root, say[i].key, say[i].want))
			verify_say(v, "log", EV_VERIFY_FAILED,
			    "%s: its '%s' is not what the log says", case_name,
			    say[i].key);
	}
	if (rc == EV_OK &&
	    (!ev_json_get_int(root, "head", &head) || head != v->log.size))
		verify_say(v, "log", EV_VERIFY_FAILED,
		    "%s: its 'head' is not the last entry of the log",
		    case_name);
	if (rc == EV_OK && v->failed == before)
		verify_say(v, "log", EV_VERIFY_OK,
		    "%s says of the case what the log says", case_name);
	ev_json_free(doc);
	ev_buf_release(&text);
	return rc;
}

/* An extract stands for the whole database, whose hash it names. */
static bool
is_extract_of(struct verify *v, const char *path, const char *name,
    const char *hex)
{
	struct ev_weigh_file file = { .form = "geo", .name = name };
	char whole[2 * EV_SHA256 + 1];
	struct ev_buf bytes;
	struct ev_err why;
	bool is = false;

	ev_buf_init(&bytes, EV_VERIFY_LIST);
	if (verify_read(v, path, &bytes, &why) == EV_OK) {
		file.bytes = ev_buf_text(&bytes);
		file.len = bytes.len;
		is = ev_weigh_file_whole(&file, whole) &&
		     strcmp(whole, hex) == 0;
	}
	ev_buf_release(&bytes);
	return is;
}

/* A line of files.jsonl: its file is here, is this one, and was used. */
static enum ev_rc
files_row(struct verify *v, void *ctx, const struct ev_json_node *root,
    int64_t number, struct ev_err *err)
{
	const char *path = ev_json_get_text(root, "path");
	const char *hex = ev_json_get_text(root, "sha256");
	const char *name = ev_json_get_text(root, "name");
	char have[2 * EV_SHA256 + 1];
	const struct ev_part *part;

	(void)ctx;
	(void)err;
	if (hex == NULL || name == NULL) {
		verify_say(v, "claims", EV_VERIFY_FAILED,
		    "%s: line %" PRId64 " tells no file", files_name, number);
		return EV_OK;
	}
	/* Others may be of earlier runs, or were never asked. */
	if ((same_text(root, "form", "mapping") ||
		same_text(root, "form", "register")) &&
	    !in_log(v, hex))
		verify_say(v, "claims", EV_VERIFY_FAILED,
		    "%s: line %" PRId64 ": no entry of the log names '%.64s' "
		    "by that hash",
		    files_name, number, name);
	if (path == NULL)
		return EV_OK;
	part = verify_part(v, path);
	if (part == NULL) {
		verify_say(v, "claims", EV_VERIFY_FAILED,
		    "'%.128s' is named in %s and missing", path, files_name);
		return EV_OK;
	}
	ev_text_hex(have, part->digests.sha256, EV_SHA256);
	if (strcmp(have, hex) != 0 && !is_extract_of(v, path, name, hex))
		verify_say(v, "claims", EV_VERIFY_FAILED,
		    "'%.128s' is not the file that was used: its SHA-256 is "
		    "not that of %s",
		    path, files_name);
	return EV_OK;
}

static enum ev_rc
check_files(struct verify *v, struct ev_err *err)
{
	static const char *const folders[] = { "data/case/mappings/",
		"data/case/rules/", "data/case/geo/", "data/case/registers/" };
	struct ev_buf text;
	char want[LINE];
	enum ev_rc rc;
	size_t i, n;

	ev_buf_init(&text, EV_VERIFY_LIST);
	rc = verify_read(v, files_name, &text, err);
	if (rc == EV_OK)
		rc = each_row(v, files_name, ev_buf_text(&text), files_row,
		    NULL, err);
	for (i = 0; rc == EV_OK && i < v->count; i++) {
		for (n = 0; n < sizeof(folders) / sizeof(folders[0]); n++) {
			if (strncmp(v->part[i].name, folders[n],
				strlen(folders[n])) != 0)
				continue;
			(void)snprintf(want, sizeof(want), "\"path\":\"%s\"",
			    v->part[i].name);
			if (strstr(ev_buf_text(&text), want) == NULL)
				verify_say(v, "claims", EV_VERIFY_FAILED,
				    "'%s' stands in no line of %s",
				    v->part[i].name, files_name);
		}
	}
	ev_buf_release(&text);
	return rc;
}

/* Order and figures are those whose hashes the newest entry weigh has. */
static void
check_weighed(struct verify *v, const char *name, const char *hex)
{
	const struct ev_part *part = verify_part(v, name);
	char have[2 * EV_SHA256 + 1];

	if (part == NULL && hex[0] == '\0')
		return;
	if (part != NULL)
		ev_text_hex(have, part->digests.sha256, EV_SHA256);
	if (hex[0] == '\0')
		verify_say(v, "claims", EV_VERIFY_FAILED,
		    "%s: no entry of the log tells that claims were computed",
		    name);
	else if (part == NULL)
		verify_say(v, "claims", EV_VERIFY_FAILED, "%s is missing",
		    name);
	else if (strcmp(have, hex) != 0)
		verify_say(v, "claims", EV_VERIFY_FAILED,
		    "%s is not the one whose SHA-256 the log has", name);
}

/* The records of the registers, each with its hash. */
struct record {
	unsigned char sha256[EV_SHA256];
	int64_t offset, length;
	struct ev_buf text; /* of the fields, each with its NUL */
};

struct records {
	const struct ev_buf *bytes;
	struct record *record;
	size_t count;
	int64_t rows; /* of register.jsonl */
};

static const struct {
	enum ev_register_field field;
	const char *key;
} told[] = { { EV_R_AUTHORITY, "authority" }, { EV_R_LAW, "law" },
	{ EV_R_SECTION, "section" }, { EV_R_REF, "ref" },
	{ EV_R_LISTED_ON, "listed_on" }, { EV_R_DELISTED_ON, "delisted_on" } };
enum { TOLD = sizeof(told) / sizeof(told[0]) };

static enum ev_rc
on_record(void *ctx, const struct ev_register_record *r, struct ev_err *err)
{
	struct records *all = ctx;
	struct record *one;
	enum ev_rc rc;
	void *grown;
	size_t i;

	grown = realloc(all->record, (all->count + 1) * sizeof(*all->record));
	if (grown == NULL)
		return ev_fail_sys(err, "cannot read a register");
	all->record = grown;
	one = &all->record[all->count++];
	memset(one, 0, sizeof(*one));
	ev_buf_init(&one->text, EV_VERIFY_LIST);
	one->offset = r->offset;
	one->length = r->length;
	rc = ev_sha256(one->sha256, all->bytes->data + r->offset,
	    (size_t)r->length, err);
	/* Of names that are written in several ways, the first one stands. */
	if (rc == EV_OK)
		rc = ev_text_fold(&one->text, r->field[EV_R_NAME],
		    strlen(r->field[EV_R_NAME]), err);
	if (rc == EV_OK)
		rc = ev_buf_putc(&one->text, '\0', err);
	for (i = 0; rc == EV_OK && i < TOLD; i++)
		rc = ev_buf_put(&one->text, r->field[told[i].field],
		    strlen(r->field[told[i].field]) + 1, err);
	return rc;
}

static enum ev_rc
on_fault(void *ctx, int64_t offset, int64_t length, const char *what,
    struct ev_err *err)
{
	(void)ctx;
	(void)offset;
	(void)length;
	(void)what;
	(void)err;
	return EV_OK;
}

/* The field that a line tells otherwise than its record; NULL: none. */
static const char *
differs_in(const struct record *r, const struct ev_json_node *root)
{
	const char *want = ev_buf_text(&r->text);
	const char *name = ev_json_get_text(root, "name");
	struct ev_buf folded;
	struct ev_err why;
	bool same;
	size_t i;

	ev_buf_init(&folded, EV_VERIFY_TEXT);
	same = name != NULL &&
	       ev_text_fold(&folded, name, strlen(name), &why) == EV_OK &&
	       strcmp(ev_buf_text(&folded), want) == 0;
	ev_buf_release(&folded);
	if (!same)
		return "name";
	want += strlen(want) + 1;
	for (i = 0; i < TOLD; i++) {
		if (!same_text(root, told[i].key, want))
			return told[i].key;
		want += strlen(want) + 1;
	}
	return NULL;
}

static enum ev_rc
register_row(struct verify *v, void *ctx, const struct ev_json_node *root,
    int64_t number, struct ev_err *err)
{
	const char *hex = ev_json_get_text(root, "record_sha256");
	struct records *all = ctx;
	char have[2 * EV_SHA256 + 1];
	int64_t offset = -1, length = -1;
	const char *key = NULL;
	bool met = false;
	size_t i;

	(void)err;
	all->rows++;
	(void)ev_json_get_int(root, "offset", &offset);
	(void)ev_json_get_int(root, "length", &length);
	for (i = 0; i < all->count && hex != NULL; i++) {
		const struct record *r = &all->record[i];

		ev_text_hex(have, r->sha256, EV_SHA256);
		if (r->offset != offset || r->length != length ||
		    strcmp(have, hex) != 0)
			continue;
		met = true;
		key = differs_in(r, root);
		if (key == NULL)
			return EV_OK;
	}
	verify_say(v, "claims", EV_VERIFY_FAILED,
	    met ? "%s: line %" PRId64 ": its '%s' is not that of the register"
		: "%s: line %" PRId64 " is no record of a register that is "
		  "here%s",
	    register_name, number, met ? key : "");
	return EV_OK;
}

static enum ev_rc
check_register(struct verify *v, int64_t listings, struct ev_err *err)
{
	static const char folder[] = "data/case/registers/";
	struct records all = { .count = 0 };
	const struct ev_register_sink sink = { &all, on_record, on_fault };
	struct ev_buf text, bytes;
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_buf_init(&text, EV_VERIFY_LIST);
	ev_buf_init(&bytes, EV_VERIFY_LIST);
	all.bytes = &bytes;
	for (i = 0; rc == EV_OK && i < v->count; i++) {
		if (strncmp(v->part[i].name, folder, sizeof(folder) - 1) != 0)
			continue;
		ev_buf_clear(&bytes);
		rc = verify_read(v, v->part[i].name, &bytes, err);
		if (rc == EV_OK)
			rc = ev_register_csv(ev_buf_text(&bytes), bytes.len,
			    &sink, err);
	}
	if (rc == EV_OK)
		rc = verify_read(v, register_name, &text, err);
	if (rc == EV_OK)
		rc = each_row(v, register_name, ev_buf_text(&text),
		    register_row, &all, err);
	if (rc == EV_OK && all.rows != listings)
		verify_say(v, "claims", EV_VERIFY_FAILED,
		    "%s has %" PRId64 " lines, the log tells of %" PRId64
		    " records",
		    register_name, all.rows, listings);
	for (i = 0; i < all.count; i++)
		ev_buf_release(&all.record[i].text);
	free(all.record);
	ev_buf_release(&text);
	ev_buf_release(&bytes);
	return rc;
}

/*
 * An enrolled person's certificate travels as a convenience: it is that one,
 * written as the writer writes it.
 */
static enum ev_rc
pki_row(struct verify *v, void *ctx, const struct ev_json_node *root,
    int64_t number, struct ev_err *err)
{
	const struct ev_json_node *after = ev_json_get(root, "after");
	const char *actor, *hex;
	char name[NAME], have[2 * EV_SHA256 + 1] = "";
	struct ev_buf pem, again;
	struct ev_cert cert;
	struct ev_err why;
	enum ev_rc rc;

	(void)ctx;
	(void)number;
	if (!same_text(root, "action", "enrol") || after == NULL)
		return EV_OK;
	actor = ev_json_get_text(after, "actor");
	hex = ev_json_get_text(after, "cert_sha256");
	if (actor == NULL || hex == NULL || actor[0] != '@' ||
	    snprintf(name, sizeof(name), "data/pki/%s.pem", actor + 1) >=
		(int)sizeof(name) ||
	    verify_part(v, name) == NULL)
		return EV_OK;
	ev_buf_init(&pem, EV_VERIFY_TEXT);
	ev_buf_init(&again, EV_VERIFY_TEXT);
	rc = verify_read(v, name, &pem, err);
	if (rc == EV_OK &&
	    ev_cert_read(&cert, EV_BYTES_BUF(&pem), &why) == EV_OK &&
	    ev_cert_pem(EV_BYTES_BUF(&pem), &again, &why) == EV_OK &&
	    strcmp(ev_buf_text(&pem), ev_buf_text(&again)) == 0)
		ev_text_hex(have, cert.sha256, EV_SHA256);
	if (rc == EV_OK && strcmp(have, hex) != 0)
		verify_say(v, "signatures", EV_VERIFY_FAILED,
		    "%s is not the certificate that the log enrols for %.64s",
		    name, actor);
	ev_buf_release(&pem);
	ev_buf_release(&again);
	return rc;
}

/* I000001-sha256.txt lists the exhibits of that acquisition, all of them. */
static enum ev_rc
check_list(struct verify *v, const char *name, struct ev_err *err)
{
	const struct lists *l = &v->index->l;
	const char *id = name + strlen("data/time/"), *sha256, *exhibit;
	struct ev_json_doc *doc;
	struct ev_buf want, have;
	enum ev_rc rc = EV_OK;
	size_t i;

	ev_buf_init(&want, EV_VERIFY_LIST);
	ev_buf_init(&have, EV_VERIFY_LIST);
	for (i = 0; rc == EV_OK && i < l->count[LISTS_EXHIBITS]; i++) {
		const struct lists_line *line = &l->line[LISTS_EXHIBITS][i];
		const struct ev_json_node *root;
		const char *of;

		doc = NULL;
		rc = ev_json_parse(&doc, line->text, line->len, err);
		root = rc == EV_OK ? ev_json_root(doc) : NULL;
		of =
		    root == NULL ? NULL : ev_json_get_text(root, "acquisition");
		if (of != NULL && strncmp(id, of, strlen(of)) == 0 &&
		    id[strlen(of)] == '-') {
			sha256 = ev_json_get_text(root, "sha256");
			exhibit = ev_json_get_text(root, "exhibit");
			rc = ev_buf_printf(&want, err, "%s  %s\n",
			    sha256 == NULL ? "" : sha256,
			    exhibit == NULL ? "" : exhibit);
		}
		ev_json_free(doc);
	}
	if (rc == EV_OK)
		rc = verify_read(v, name, &have, err);
	if (rc == EV_OK && strcmp(ev_buf_text(&want), ev_buf_text(&have)) != 0)
		verify_say(v, "time", EV_VERIFY_FAILED,
		    "%s is not the list of the exhibits of that acquisition",
		    name);
	ev_buf_release(&want);
	ev_buf_release(&have);
	return rc;
}

static enum ev_rc
check_lists(struct verify *v, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < v->count; i++) {
		if (v->index != NULL &&
		    strncmp(v->part[i].name, "data/time/I", 11) == 0 &&
		    strstr(v->part[i].name, "-sha256.txt") != NULL)
			rc = check_list(v, v->part[i].name, err);
	}
	return rc;
}

/* What the bag says of itself, and the recipe, which each version has. */
static enum ev_rc
check_texts(struct verify *v, const struct ends *e, struct ev_err *err)
{
	struct ev_buf have, want;
	enum ev_rc rc;

	ev_buf_init(&have, EV_VERIFY_TEXT);
	ev_buf_init(&want, EV_VERIFY_TEXT);
	rc = ev_buf_printf(&want, err,
	    "\nBagging-Date: %.10s\nExternal-Description: ", e->at);
	if (rc == EV_OK)
		rc = ev_text_safe(&want, e->title, strlen(e->title),
		    EV_TEXT_NAME, err);
	if (rc == EV_OK)
		rc = ev_buf_printf(&want, err,
		    "\nExternal-Identifier: %s\nEvidence-Head: %" PRId64 "\n",
		    v->case_id, v->log.size);
	if (rc == EV_OK)
		rc = verify_read(v, "bag-info.txt", &have, err);
	if (rc == EV_OK &&
	    strstr(ev_buf_text(&have), ev_buf_text(&want)) == NULL)
		verify_say(v, "payload", EV_VERIFY_FAILED,
		    "bag-info.txt tells another case, head or date than the "
		    "log");
	ev_buf_clear(&have);
	if (rc == EV_OK)
		rc = verify_read(v, "VERIFY.txt", &have, err);
	if (rc == EV_OK && strcmp(ev_buf_text(&have), ev_verify_recipe[0]) != 0)
		verify_say(v, "payload", EV_VERIFY_NOTE,
		    "VERIFY.txt is not the recipe that this program knows: "
		    "see who signed it before you run it");
	ev_buf_release(&have);
	ev_buf_release(&want);
	return rc;
}

/* What has a place in a bundle; META-INF is looked at elsewhere. */
static void
check_places(struct verify *v)
{
	static const char *const known[] = { "META-INF/", "VERIFY.txt",
		"bag-info.txt", "bagit.txt", "data/annex/", "data/case/",
		"data/court/", "data/custody/", "data/exhibits/",
		"data/index/artifacts.", "data/index/exhibits",
		"data/index/facts.", "data/index/readings.",
		"data/index/volumes.jsonl", "data/pki/", "data/time/",
		"index.html", "manifest-sha", "mimetype", "tagmanifest-sha" };
	size_t i, n;

	for (i = 0; i < v->count; i++) {
		for (n = 0; n < sizeof(known) / sizeof(known[0]); n++) {
			if (strncmp(v->part[i].name, known[n],
				strlen(known[n])) == 0)
				break;
		}
		if (n == sizeof(known) / sizeof(known[0]))
			verify_say(v, "container", EV_VERIFY_FAILED,
			    "'%s' has no place in a bundle: it was added",
			    v->part[i].name);
	}
}

enum ev_rc
verify_case(struct verify *v, struct ev_err *err)
{
	struct ends *e;
	enum ev_rc rc;

	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return ev_fail_sys(err, "cannot check the case");
	check_places(v);
	rc = each_row(v, log_name, ev_buf_text(&v->log_text), log_row, e, err);
	if (rc == EV_OK)
		rc = check_case(v, e, err);
	if (rc == EV_OK)
		rc = check_texts(v, e, err);
	if (rc == EV_OK)
		rc = each_row(v, log_name, ev_buf_text(&v->log_text), pki_row,
		    NULL, err);
	if (rc == EV_OK)
		rc = check_lists(v, err);
	if (rc == EV_OK)
		rc = check_files(v, err);
	if (rc == EV_OK)
		rc = check_register(v, e->listings, err);
	if (rc == EV_OK && verify_part(v, EV_WITHHELD_ORDERS) == NULL) {
		check_weighed(v, order_name, e->order);
		check_weighed(v, headline_name, e->headline);
	}
	free(e);
	if (rc == EV_INPUT || rc == EV_MISMATCH || rc == EV_LIMIT) {
		verify_say(v, "log", EV_VERIFY_FAILED, "%s", err->msg);
		rc = EV_OK;
	}
	return rc;
}
