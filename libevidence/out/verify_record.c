/* A bundle's evidence records, and the lists that they cover. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "out/manifest.h"
#include "out/verify_inside.h"
#include "seal/record.h"
#include "seal/stamp.h"

enum { NAME = 96, ID = 24 };

static int
by_hash(const void *a, const void *b)
{
	return memcmp(a, b, EV_SHA256);
}

/* The record holds exactly the hashes of what it must cover. */
static void
check_record(struct verify *v, const char *name, const struct ev_record *r,
    struct ev_buf *want)
{
	const size_t count = want->len / EV_SHA256;

	if (count > 0)
		qsort(want->data, count, EV_SHA256, by_hash);
	if (ev_record_count(r) != count ||
	    memcmp(ev_record_hashes(r), want->data, want->len) != 0)
		verify_say(v, "time", EV_VERIFY_FAILED,
		    "%s covers %zu hashes, not the %zu of its files", name,
		    ev_record_count(r), count);
	else
		verify_say(v, "time", EV_VERIFY_OK,
		    "%s covers all %zu files it must, and nothing else", name,
		    count);
}

/* want: SHA-256 of what it must cover; wide: their SHA-512, or empty. */
static void
record_of(struct verify *v, const char *name, struct ev_buf *want,
    const struct ev_buf *wide)
{
	struct ev_stamp stamp, newest;
	struct ev_record *record = NULL;
	struct ev_buf der;
	struct ev_err why;
	enum ev_rc rc;

	ev_buf_init(&der, EV_VERIFY_LIST);
	rc = verify_read(v, name, &der, &why);
	if (rc == EV_OK)
		rc = ev_record_read(&record, EV_BYTES_BUF(&der), &why);
	if (rc == EV_OK) {
		check_record(v, name, record, want);
		if (wide->len > 0)
			ev_record_wide(record, wide->data,
			    wide->len / EV_SHA512);
		rc = ev_record_verify(record, v->trust, &stamp, &newest, &why);
	}
	if (rc == EV_OK) {
		verify_say_stamp(v, name, &stamp);
		if (ev_record_stamps(record) > 1)
			verify_say(v, "time", EV_VERIFY_OK,
			    "%s was renewed %zu times, last by %s", name,
			    ev_record_stamps(record) - 1,
			    newest.authority.subject);
	} else {
		verify_say(v, "time", EV_VERIFY_FAILED, "%s: %s", name,
		    why.msg);
	}
	ev_record_free(record);
	ev_buf_release(&der);
}

static enum ev_rc
bundle_record(struct verify *v, struct ev_err *err)
{
	static const char name[] = "META-INF/evidencerecord001.ers";
	static const char list[] = "META-INF/ASiCEvidenceRecordManifest001.xml";
	const struct ev_manifest_asic what = { name, "", EV_SCOPE_RECORD };
	struct ev_buf xml, want, wide;
	size_t i;
	enum ev_rc rc;

	if (verify_part(v, name) == NULL) {
		verify_say(v, "time", EV_VERIFY_FAILED, "%s is missing", name);
		return EV_OK;
	}
	ev_buf_init(&xml, EV_VERIFY_LIST);
	ev_buf_init(&want, EV_VERIFY_LIST);
	ev_buf_init(&wide, EV_VERIFY_LIST);
	rc = verify_manifest(v, list, &what, &xml, err);
	for (i = 0; rc == EV_OK && i < v->count; i++) {
		if (ev_part_is_payload(v->part[i].name))
			rc = ev_buf_put(&want, v->part[i].digests.sha256,
			    EV_SHA256, err);
	}
	if (rc == EV_OK)
		record_of(v, name, &want, &wide);
	ev_buf_release(&xml);
	ev_buf_release(&want);
	ev_buf_release(&wide);
	return rc == EV_EOF ? EV_OK : rc;
}

/* The line of an exhibit in the index, from *at on, else from the start. */
static const char *
index_line(const char *index, const char **at, const char *id)
{
	char needle[ID + 16];
	const char *hit;

	(void)snprintf(needle, sizeof(needle), "\"exhibit\":\"%s\"", id);
	hit = strstr(*at, needle);
	if (hit == NULL)
		hit = strstr(index, needle);
	if (hit == NULL)
		return NULL;
	while (hit > index && hit[-1] != '\n')
		hit--;
	*at = hit;
	return hit;
}

/* "HEX  E000001" is what the index says of that exhibit. */
static bool
index_says(const char *line, size_t width, const char *hex)
{
	char needle[2 * EV_SHA512 + 24];
	const char *hit;

	(void)snprintf(needle, sizeof(needle), "\"sha%d\":\"%.*s\"",
	    width == EV_SHA512 ? 512 : 256, (int)(2 * width), hex);
	hit = strstr(line, needle);
	return hit != NULL && hit < line + strcspn(line, "\n");
}

/* One line of a list; NULL: it is none, or not of such an exhibit. */
static const char *
list_line(const char *line, size_t width, const char *index, const char **at,
    struct ev_buf *out)
{
	unsigned char hash[EV_SHA512];
	const char *end = strchr(line, '\n'), *of, *id = line + 2 * width + 2;
	char name[ID];
	struct ev_err err;

	if (end == NULL || end <= id || (size_t)(end - id) >= sizeof(name) ||
	    id[-1] != ' ' || id[-2] != ' ' ||
	    !ev_text_unhex(hash, width, line, 2 * width) ||
	    ev_buf_put(out, hash, width, &err) != EV_OK)
		return NULL;
	(void)snprintf(name, sizeof(name), "%.*s", (int)(end - id), id);
	of = index_line(index, at, name);
	if (of == NULL || !index_says(of, width, line))
		return NULL;
	return end + 1;
}

/* The hashes of a list, each that of its exhibit; EV_EOF: that was said. */
static enum ev_rc
read_list(struct verify *v, const char *name, size_t width,
    const struct ev_buf *index, struct ev_buf *out, struct ev_err *err)
{
	const char *at = ev_buf_text(index), *line;
	struct ev_buf text;
	size_t n = 0;
	enum ev_rc rc;

	ev_buf_init(&text, EV_VERIFY_LIST);
	rc = verify_read(v, name, &text, err);
	for (line = ev_buf_text(&text);
	     rc == EV_OK && line != NULL && *line != '\0'; n++)
		line = list_line(line, width, ev_buf_text(index), &at, out);
	if (rc == EV_OK && line == NULL) {
		verify_say(v, "time", EV_VERIFY_FAILED,
		    "%s: line %zu is no digest and exhibit of the index", name,
		    n);
		rc = EV_EOF;
	}
	if (rc == EV_INPUT || rc == EV_LIMIT) {
		verify_say(v, "time", EV_VERIFY_FAILED, "%s", err->msg);
		rc = EV_EOF;
	}
	ev_buf_release(&text);
	return rc;
}

/* I000001.tst, I000001-2.tst and so on: over what the record is over. */
static enum ev_rc
check_tokens(struct verify *v, const char *name, const struct ev_buf *want,
    struct ev_err *err)
{
	const size_t stem = strlen(name) - strlen(".ers");
	unsigned char root[EV_SHA256];
	struct ev_stamp stamp;
	struct ev_buf der;
	struct ev_err why;
	enum ev_rc rc;
	size_t i;

	if (want->len == 0)
		return EV_OK; /* said of the record */
	rc = ev_record_root(root, want->data, want->len / EV_SHA256, err);
	for (i = 0; rc == EV_OK && i < v->count; i++) {
		const char *tst = v->part[i].name;

		if (strncmp(tst, name, stem) != 0 ||
		    (tst[stem] != '.' && tst[stem] != '-') ||
		    strcmp(tst + strlen(tst) - 4, ".tst") != 0)
			continue;
		ev_buf_init(&der, EV_VERIFY_DER);
		rc = verify_read(v, tst, &der, err);
		if (rc == EV_OK && ev_stamp_verify(EV_BYTES_BUF(&der), root,
				       v->trust, &stamp, &why) != EV_OK)
			verify_say(v, "time", EV_VERIFY_FAILED, "%s: %s", tst,
			    why.msg);
		ev_buf_release(&der);
	}
	return rc;
}

/* data/time/I000001.ers over the hashes of I000001-sha256.txt. */
static enum ev_rc
acquisition_record(struct verify *v, const char *name,
    const struct ev_buf *index, struct ev_err *err)
{
	const int stem = (int)(strlen(name) - strlen(".ers"));
	char narrow_list[NAME + 16], wide_list[NAME + 16];
	struct ev_buf want, wide;
	enum ev_rc rc;

	(void)snprintf(narrow_list, sizeof(narrow_list), "%.*s-sha256.txt",
	    stem, name);
	(void)snprintf(wide_list, sizeof(wide_list), "%.*s-sha512.txt", stem,
	    name);
	ev_buf_init(&want, EV_VERIFY_LIST);
	ev_buf_init(&wide, EV_VERIFY_LIST);
	rc = read_list(v, narrow_list, EV_SHA256, index, &want, err);
	if (rc == EV_OK && verify_part(v, wide_list) != NULL)
		rc = read_list(v, wide_list, EV_SHA512, index, &wide, err);
	if (rc == EV_OK)
		record_of(v, name, &want, &wide);
	if (rc == EV_OK)
		rc = check_tokens(v, name, &want, err);
	ev_buf_release(&want);
	ev_buf_release(&wide);
	return rc == EV_EOF ? EV_OK : rc;
}

enum ev_rc
verify_records(struct verify *v, struct ev_err *err)
{
	struct ev_err why;
	struct ev_buf index;
	enum ev_rc rc;
	size_t i, len;

	rc = bundle_record(v, err);
	ev_buf_init(&index, EV_VERIFY_LIST);
	/* Where it is missing or too long, every list differs from it. */
	if (verify_read(v, "data/index/exhibits.jsonl", &index, &why) != EV_OK)
		ev_buf_clear(&index);
	for (i = 0; rc == EV_OK && i < v->count; i++) {
		len = strlen(v->part[i].name);
		if (strncmp(v->part[i].name, "data/time/I", 11) == 0 &&
		    len < NAME &&
		    strcmp(v->part[i].name + len - 4, ".ers") == 0)
			rc =
			    acquisition_record(v, v->part[i].name, &index, err);
	}
	ev_buf_release(&index);
	return rc;
}
