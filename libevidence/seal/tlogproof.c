/* Proofs of one entry as text: C2SP tlog-proof. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "seal/tlogproof.h"

static const char first_line[] = "c2sp.org/tlog-proof@v1";
static const char extra_word[] = "extra ";
static const char index_word[] = "index ";

enum ev_rc
ev_tlog_proof_write(struct ev_buf *out, struct ev_bytes extra,
    const struct ev_tlog_proof *proof, struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	rc = ev_buf_printf(out, err, "%s\n", first_line);
	if (rc == EV_OK && extra.len > 0) {
		rc = ev_buf_puts(out, extra_word, err);
		if (rc == EV_OK)
			rc = ev_text_base64(out, extra.data, extra.len, err);
		if (rc == EV_OK)
			rc = ev_buf_putc(out, '\n', err);
	}
	if (rc == EV_OK)
		rc = ev_buf_printf(out, err, "%s%jd\n", index_word,
		    (intmax_t)proof->index);
	for (i = 0; rc == EV_OK && i < proof->path.count; i++) {
		rc = ev_text_base64(out, proof->path.hash[i], EV_SHA256, err);
		if (rc == EV_OK)
			rc = ev_buf_putc(out, '\n', err);
	}
	if (rc == EV_OK)
		rc = ev_buf_putc(out, '\n', err);
	return rc == EV_OK
		   ? ev_buf_put(out, proof->note.data, proof->note.len, err)
		   : rc;
}

/* What is left to parse. */
struct rest {
	const char *at, *end;
	int number; /* of the line that was taken last */
};

static bool
take_line(struct rest *r, const char **line, size_t *len)
{
	const char *lf = r->at == r->end
			     ? NULL
			     : memchr(r->at, '\n', (size_t)(r->end - r->at));

	r->number++;
	if (lf == NULL)
		return false;
	*line = r->at;
	*len = (size_t)(lf - r->at);
	r->at = lf + 1;
	return true;
}

static bool
begins(const char *line, size_t len, const char *word)
{
	return len > strlen(word) && memcmp(line, word, strlen(word)) == 0;
}

static enum ev_rc
bad_line(const struct rest *r, const char *what, struct ev_err *err)
{
	return ev_fail(err, EV_INPUT, "line %d of a proof is no %s", r->number,
	    what);
}

static enum ev_rc
take_hash(struct ev_merkle_proof *path, const struct rest *r, const char *line,
    size_t len, struct ev_err *err)
{
	struct ev_buf hash;
	bool fits;

	if (path->count == EV_MERKLE_DEPTH)
		return ev_fail(err, EV_INPUT, "a proof of more than %d hashes",
		    EV_MERKLE_DEPTH);
	ev_buf_init(&hash, EV_SHA256);
	fits = ev_text_unbase64(&hash, line, len, err) == EV_OK &&
	       hash.len == EV_SHA256;
	if (fits)
		memcpy(path->hash[path->count++], hash.data, EV_SHA256);
	ev_buf_release(&hash);
	return fits ? EV_OK : bad_line(r, "hash in base64", err);
}

enum ev_rc
ev_tlog_proof_parse(struct ev_tlog_proof *proof, struct ev_buf *extra,
    struct ev_bytes text, struct ev_err *err)
{
	struct rest r = { text.data, (const char *)text.data + text.len, 0 };
	const char *line = NULL;
	size_t len = 0;
	enum ev_rc rc = EV_OK;

	memset(proof, 0, sizeof(*proof));
	if (!take_line(&r, &line, &len) || len != strlen(first_line) ||
	    memcmp(line, first_line, len) != 0)
		return bad_line(&r, first_line, err);
	if (!take_line(&r, &line, &len))
		return bad_line(&r, "index", err);
	if (begins(line, len, extra_word)) {
		rc = ev_text_unbase64(extra, line + strlen(extra_word),
		    len - strlen(extra_word), err);
		if (rc != EV_OK || !take_line(&r, &line, &len))
			return bad_line(&r, "base64", err);
	}
	if (!begins(line, len, index_word) ||
	    (line[strlen(index_word)] == '0' && len > strlen(index_word) + 1) ||
	    !ev_text_int(&proof->index, line + strlen(index_word),
		len - strlen(index_word), 0, INT64_MAX))
		return bad_line(&r, "index", err);
	while (rc == EV_OK) {
		if (!take_line(&r, &line, &len))
			return bad_line(&r, "hash, and no empty line", err);
		if (len == 0)
			break;
		rc = take_hash(&proof->path, &r, line, len, err);
	}
	proof->note = EV_BYTES(r.at, (size_t)(r.end - r.at));
	return rc;
}
