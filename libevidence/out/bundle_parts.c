/* A bundle being made: index, log, time. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "case/custody.h"
#include "case/signed.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "ingest/lines.h"
#include "out/manifest.h"
#include "out/withhold.h"
#include "seal/cert.h"
#include "seal/keep.h"
#include "seal/record.h"

enum { LINE_LIMIT = 1 << 20, SALT_LINE = 2 * EV_SHA256 + 1 };

/* One file of the index: its lists in the order of their entries. */
struct index_file {
	const char *stem;  /* "facts" */
	const char *entry; /* action of the entry that counts them */
	char kind;         /* 'I': by acquisition; 0: by entry */
	enum ev_rc (*lines)(struct ev_db *, int64_t, ev_line_fn *, void *,
	    struct ev_err *);
};

static const struct index_file index_files[] = {
	{ "artifacts", "copy", 'I', ev_lines_artifacts },
	{ "exhibits", "copy", 'I', ev_lines_exhibits },
	{ "facts", "read", 0, ev_lines_facts },
	{ "readings", "read", 0, ev_lines_readings },
};

/* The entries that count lists, and what each is about. */
static const char sql_copies[] =
    "SELECT copy, id FROM acquisition WHERE copy <= ? ORDER BY copy";
static const char sql_reads[] =
    "SELECT seq, seq FROM log WHERE action = 'read' AND seq <= ?"
    " ORDER BY seq";

struct salting {
	struct bundle *b;
	const char *stem;
	struct ev_salter salter;
	struct ev_buf *salts;
	int64_t count;
};

enum ev_rc
bundle_salted(struct bundle *b, struct ev_salter *salter, int64_t number,
    struct ev_bytes line, struct ev_withheld *row, struct ev_buf *salts,
    struct ev_err *err)
{
	char hex[SALT_LINE];
	unsigned char salt[EV_SHA256];
	struct ev_buf out;
	enum ev_rc rc;

	rc = ev_salter_salt(salter, number, salt, err);
	if (rc == EV_OK && row == NULL) {
		ev_text_hex(hex, salt, sizeof(salt));
		rc = ev_buf_printf(salts, err, "%s\n", hex);
		return rc == EV_OK ? bundle_line(b, line.data, line.len, err)
				   : rc;
	}
	/* The salt of what is withheld never leaves the case. */
	ev_buf_init(&out, LINE_LIMIT);
	if (rc == EV_OK)
		rc =
		    ev_merkle_salted(row->leaf, salt, line.data, line.len, err);
	ev_cleanse(salt, sizeof(salt));
	if (rc == EV_OK)
		rc = ev_buf_puts(salts, EV_WITHHELD_SALT "\n", err);
	if (rc == EV_OK)
		rc = ev_withheld_line(&out, row, err);
	if (rc == EV_OK)
		rc = bundle_line(b, out.data, out.len, err);
	b->withheld++;
	ev_buf_release(&out);
	return rc;
}

static enum ev_rc
salted_line(void *ctx, const void *line, size_t len, struct ev_err *err)
{
	struct salting *s = ctx;
	struct ev_withheld row;
	bool yes = false;
	enum ev_rc rc;

	rc = withhold_line(s->b->withhold, s->stem, line, len, &yes, &row, err);
	return rc == EV_OK
		   ? bundle_salted(s->b, &s->salter, ++s->count,
			 EV_BYTES(line, len), yes ? &row : NULL, s->salts, err)
		   : rc;
}

static enum ev_rc
one_list(struct bundle *b, const struct index_file *f, int64_t number,
    struct ev_buf *salts, struct ev_err *err)
{
	struct salting s = { .b = b, .stem = f->stem, .salts = salts };
	unsigned char key[EV_SHA256];
	char name[BUNDLE_NAME], id[EV_ID_TEXT];
	enum ev_rc rc;

	if (f->kind != 0)
		ev_id_print(id, f->kind, number);
	else
		(void)snprintf(id, sizeof(id), "%" PRId64, number);
	rc = bundle_name(name, err, "%s %s", f->stem, id);
	if (rc == EV_OK)
		rc = ev_case_list_key(b->c, name, key, err);
	if (rc == EV_OK)
		rc = ev_salter_init(&s.salter, key, err);
	ev_cleanse(key, sizeof(key));
	if (rc != EV_OK)
		return rc;
	rc = f->lines(ev_case_db(b->c), number, salted_line, &s, err);
	ev_salter_release(&s.salter);
	return rc;
}

static enum ev_rc
one_index(struct bundle *b, const struct index_file *f, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	char name[BUNDLE_NAME];
	int64_t entry, number;
	struct ev_buf salts;
	enum ev_rc rc;

	ev_buf_init(&salts, BUNDLE_TEXT);
	rc = bundle_name(name, err, "data/index/%s.jsonl", f->stem);
	if (rc == EV_OK)
		rc = ev_container_begin(b->k, name, err);
	if (rc == EV_OK)
		rc = ev_db_prepare(ev_case_db(b->c), &st, err,
		    f->kind != 0 ? sql_copies : sql_reads, "i", b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "ii", &entry, &number);
		if (rc == EV_OK)
			rc = one_list(b, f, number, &salts, err);
	}
	ev_db_finish(st);
	if (rc == EV_EOF)
		rc = ev_container_end(b->k, err);
	if (rc == EV_OK)
		rc = bundle_name(name, err, "data/index/%s.salts", f->stem);
	if (rc == EV_OK)
		rc = ev_container_add(b->k, name, EV_BYTES_BUF(&salts), err);
	ev_buf_release(&salts);
	return rc;
}

enum ev_rc
bundle_index(struct bundle *b, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0;
	     rc == EV_OK && i < sizeof(index_files) / sizeof(index_files[0]);
	     i++)
		rc = one_index(b, &index_files[i], err);
	return rc;
}

static enum ev_rc
log_part(struct bundle *b, struct ev_err *err)
{
	struct ev_custody_entry entry;
	struct ev_custody *log = NULL;
	enum ev_rc rc;

	rc = ev_container_begin(b->k, "data/custody/log.jsonl", err);
	if (rc == EV_OK)
		rc = ev_custody_open(&log, b->c, err);
	while (rc == EV_OK) {
		rc = ev_custody_next(log, &entry, err);
		if (rc != EV_OK || entry.seq > b->head)
			break;
		rc = bundle_line(b, entry.leaf, entry.leaf_len, err);
	}
	ev_custody_close(log);
	return rc == EV_OK || rc == EV_EOF ? ev_container_end(b->k, err) : rc;
}

/* Rows of (number, bytes), each a part; fmt takes the number. */
static enum ev_rc
heads_part(struct bundle *b, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	char name[BUNDLE_NAME];
	const char *note;
	int64_t size;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(b->c), &st, err,
	    "SELECT size, note FROM head WHERE size <= ? ORDER BY size", "i",
	    b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "it", &size, &note, &len);
		if (rc == EV_OK)
			rc = bundle_name(name, err,
			    "data/custody/heads/%06" PRId64 ".note", size);
		if (rc == EV_OK)
			rc = ev_container_add(b->k, name, EV_BYTES(note, len),
			    err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* Tokens over heads or acquisitions; several over one are numbered. */
static enum ev_rc
tokens_part(struct bundle *b, const char *subject, struct ev_err *err)
{
	bool head = strcmp(subject, "head") == 0;
	int64_t number, last = 0, n = 0;
	char name[BUNDLE_NAME], stem[64], nth[24];
	struct ev_stmt *st = NULL;
	const void *der;
	bool yes;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(b->c), &st, err,
	    "SELECT number, der FROM token WHERE subject = ? AND entry <= ?"
	    " ORDER BY number, id",
	    "si", subject, b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "ib", &number, &der, &len);
		if (rc != EV_OK)
			break;
		n = number == last ? n + 1 : 1;
		last = number;
		rc = withhold_acquisition(b, head ? 0 : number, &yes, err);
		if (rc != EV_OK)
			break;
		if (yes)
			continue;
		if (head)
			(void)snprintf(stem, sizeof(stem),
			    "custody/heads/%06" PRId64, number);
		else
			(void)snprintf(stem, sizeof(stem), "time/I%06" PRId64,
			    number);
		(void)snprintf(nth, sizeof(nth), "-%" PRId64, n);
		rc = bundle_name(name, err, "data/%s%s.tst", stem,
		    n == 1 ? "" : nth);
		if (rc == EV_OK)
			rc = ev_container_add(b->k, name, EV_BYTES(der, len),
			    err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* A person's signature over a head, where a line of the log has one. */
static enum ev_rc
signature_part(struct bundle *b, const char *leaf, size_t len,
    struct ev_err *err)
{
	char name[BUNDLE_NAME], file[EV_SIGNED_NAME];
	struct ev_json_doc *doc = NULL;
	struct ev_buf p7s;
	int64_t size;
	enum ev_rc rc;

	rc = ev_json_parse(&doc, leaf, len, err);
	if (rc != EV_OK || !ev_signed_place(ev_json_root(doc), file, &size)) {
		ev_json_free(doc);
		return rc;
	}
	ev_json_free(doc);
	ev_buf_init(&p7s, BUNDLE_TEXT);
	rc = ev_fs_read_all(&p7s, ev_case_heads_fd(b->c), file, err);
	if (rc == EV_OK)
		rc = bundle_name(name, err, "data/custody/heads/%s", file);
	if (rc == EV_OK)
		rc = ev_container_add(b->k, name, EV_BYTES_BUF(&p7s), err);
	ev_buf_release(&p7s);
	return rc;
}

static enum ev_rc
signatures_part(struct bundle *b, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	const char *leaf;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(b->c), &st, err,
	    "SELECT leaf FROM log WHERE seq <= ? AND action IN ('transfer-out',"
	    " 'transfer-in', 'refuse', 'verify') ORDER BY seq",
	    "i", b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "t", &leaf, &len);
		if (rc == EV_OK)
			rc = signature_part(b, leaf, len, err);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
bundle_custody(struct bundle *b, struct ev_err *err)
{
	struct ev_buf pem;
	enum ev_rc rc;

	ev_buf_init(&pem, LINE_LIMIT);
	rc = log_part(b, err);
	if (rc == EV_OK)
		rc = ev_logkey_public_pem(ev_case_log_key(b->c), &pem, err);
	if (rc == EV_OK)
		rc = ev_container_add(b->k, "data/custody/log-key.pem",
		    EV_BYTES_BUF(&pem), err);
	if (rc == EV_OK)
		rc = heads_part(b, err);
	if (rc == EV_OK)
		rc = tokens_part(b, "head", err);
	if (rc == EV_OK)
		rc = signatures_part(b, err);
	ev_buf_release(&pem);
	return rc;
}

/* The exhibits of an acquisition: their hashes, and the list of them. */
static enum ev_rc
hash_list(struct bundle *b, int64_t acquisition, struct ev_buf *hashes,
    struct ev_buf *text, struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	struct ev_stmt *st = NULL;
	const void *sha256;
	int64_t id;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(b->c), &st, err,
	    "SELECT id, sha256 FROM exhibit WHERE acquisition = ? ORDER BY id",
	    "i", acquisition);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "ib", &id, &sha256, &len);
		if (rc == EV_OK && len != EV_SHA256)
			rc = ev_fail(err, EV_INPUT, "an exhibit without hash");
		if (rc == EV_OK)
			rc = ev_buf_put(hashes, sha256, len, err);
		if (rc != EV_OK)
			break;
		ev_text_hex(hex, sha256, len);
		rc = ev_buf_printf(text, err, "%s  E%06" PRId64 "\n", hex, id);
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* The renewals of a record that the head covers, in their order. */
static enum ev_rc
renew_record(struct bundle *b, int64_t acquisition, struct ev_buf *der,
    struct ev_buf *wide, struct ev_err *err)
{
	struct ev_record_renewal renewal;
	struct ev_stmt *st = NULL;
	struct ev_buf next;
	const char *form;
	const void *token;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(b->c), &st, err,
	    "SELECT form, der FROM renewal WHERE acquisition = ? AND entry <= ?"
	    " ORDER BY id",
	    "ii", acquisition, b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "sb", &form, &token, &len);
		if (rc != EV_OK)
			break;
		memset(&renewal, 0, sizeof(renewal));
		renewal.record = EV_BYTES_BUF(der);
		if (strcmp(form, "hash-tree") == 0) {
			if (wide->len == 0)
				rc =
				    ev_stamp_wide(b->c, acquisition, wide, err);
			renewal.wide = wide->data;
			renewal.count = wide->len / EV_SHA512;
		}
		ev_buf_init(&next, BUNDLE_TEXT);
		if (rc == EV_OK)
			rc = ev_record_renew(&renewal, EV_BYTES(token, len),
			    &next, err);
		ev_buf_release(der);
		*der = next;
	}
	ev_db_finish(st);
	return rc == EV_EOF ? EV_OK : rc;
}

/* Digests and exhibits in the order of the list of their SHA-256. */
static enum ev_rc
wide_list(struct bundle *b, int64_t acquisition, const struct ev_buf *narrow,
    const struct ev_buf *wide, struct ev_err *err)
{
	char hex[2 * EV_SHA512 + 1], name[BUNDLE_NAME];
	const char *line = ev_buf_text(narrow);
	struct ev_buf text;
	enum ev_rc rc;
	size_t i;

	if (wide->len == 0)
		return EV_OK;
	ev_buf_init(&text, BUNDLE_TEXT);
	rc = bundle_name(name, err, "data/time/I%06" PRId64 "-sha512.txt",
	    acquisition);
	for (i = 0; rc == EV_OK && i < wide->len && *line != '\0';
	     i += EV_SHA512) {
		ev_text_hex(hex, wide->data + i, EV_SHA512);
		rc = ev_buf_printf(&text, err, "%s%.*s\n", hex,
		    (int)strcspn(line + 64, "\n"), line + 64);
		line += strcspn(line, "\n") + 1;
	}
	if (rc == EV_OK)
		rc = ev_container_add(b->k, name, EV_BYTES_BUF(&text), err);
	ev_buf_release(&text);
	return rc;
}

/*
 * The record of one acquisition, as it was at the head: the case keeps only
 * the newest one, so that it is built again about the tokens of that time.
 */
static enum ev_rc
record_part(struct bundle *b, int64_t acquisition, struct ev_bytes token,
    struct ev_err *err)
{
	char ers[BUNDLE_NAME], list[BUNDLE_NAME];
	struct ev_buf hashes, text, der, wide;
	enum ev_rc rc;
	bool yes;

	/* The hashes of all of them would tell what is withheld by trying. */
	rc = withhold_acquisition(b, acquisition, &yes, err);
	if (rc != EV_OK || yes)
		return rc;

	ev_buf_init(&hashes, BUNDLE_TEXT);
	ev_buf_init(&text, BUNDLE_TEXT);
	ev_buf_init(&der, BUNDLE_TEXT);
	ev_buf_init(&wide, BUNDLE_TEXT);
	rc = bundle_name(ers, err, "data/time/I%06" PRId64 ".ers", acquisition);
	if (rc == EV_OK)
		rc = bundle_name(list, err,
		    "data/time/I%06" PRId64 "-sha256.txt", acquisition);
	if (rc == EV_OK)
		rc = hash_list(b, acquisition, &hashes, &text, err);
	if (rc == EV_OK)
		rc = ev_record_build(hashes.data, hashes.len / EV_SHA256, token,
		    &der, err);
	if (rc == EV_OK)
		rc = renew_record(b, acquisition, &der, &wide, err);
	if (rc == EV_OK)
		rc = ev_container_add(b->k, ers, EV_BYTES_BUF(&der), err);
	if (rc == EV_OK)
		rc = ev_container_add(b->k, list, EV_BYTES_BUF(&text), err);
	if (rc == EV_OK)
		rc = wide_list(b, acquisition, &text, &wide, err);
	ev_buf_release(&hashes);
	ev_buf_release(&text);
	ev_buf_release(&der);
	ev_buf_release(&wide);
	return rc;
}

/*
 * The token that a record is about: the one that its renewals rest on, else
 * the first of an authority, else of us.
 */
static const char sql_records[] =
    "SELECT t.number, t.der FROM token t WHERE t.subject = 'acquisition' AND"
    " t.id = coalesce((SELECT r.base FROM renewal r WHERE r.acquisition ="
    " t.number AND r.entry <= ?1 ORDER BY r.id LIMIT 1), (SELECT u.id"
    " FROM token u WHERE u.subject = 'acquisition' AND u.number = t.number AND"
    " u.entry <= ?1 ORDER BY u.self_issued, u.entry LIMIT 1))"
    " ORDER BY t.number";

/* What was kept of authorities, in one file of PEM for each sort. */
static enum ev_rc
kept_part(struct bundle *b, const char *name, const char *sql,
    struct ev_err *err)
{
	struct ev_kept one = { .source = "" };
	struct ev_stmt *st = NULL;
	struct ev_buf pem;
	enum ev_rc rc;

	ev_buf_init(&pem, BUNDLE_TEXT);
	rc = ev_db_prepare(ev_case_db(b->c), &st, err, sql, "i", b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "sb", &one.kind, &one.der.data,
			    &one.der.len);
		if (rc == EV_OK)
			rc = ev_kept_pem(&one, &pem, err);
	}
	ev_db_finish(st);
	if (rc == EV_EOF)
		rc = pem.len == 0 ? EV_OK
				  : ev_container_add(b->k, name,
					EV_BYTES_BUF(&pem), err);
	ev_buf_release(&pem);
	return rc;
}

static enum ev_rc
pki_parts(struct bundle *b, struct ev_err *err)
{
	enum ev_rc rc;

	rc = kept_part(b, EV_PKI_CERTIFICATES,
	    "SELECT kind, der FROM kept WHERE kind = 'certificate' AND"
	    " entry <= ? ORDER BY id",
	    err);
	if (rc == EV_OK)
		rc = kept_part(b, EV_PKI_REVOCATION,
		    "SELECT kind, der FROM kept WHERE kind <> 'certificate' AND"
		    " entry <= ? ORDER BY id",
		    err);
	return rc;
}

enum ev_rc
bundle_time(struct bundle *b, struct ev_err *err)
{
	struct ev_stmt *st = NULL;
	int64_t acquisition;
	const void *der;
	size_t len;
	enum ev_rc rc;

	rc = ev_db_prepare(ev_case_db(b->c), &st, err, sql_records, "i",
	    b->head);
	while (rc == EV_OK) {
		rc = ev_db_step(st, err);
		if (rc == EV_OK)
			rc = ev_db_row(st, err, "ib", &acquisition, &der, &len);
		if (rc == EV_OK)
			rc = record_part(b, acquisition, EV_BYTES(der, len),
			    err);
	}
	ev_db_finish(st);
	if (rc == EV_EOF)
		rc = tokens_part(b, "acquisition", err);
	return rc == EV_OK ? pki_parts(b, err) : rc;
}
