/* A bundle's handovers: the signatures of people over heads. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "case/signed.h"
#include "evidence/json.h"
#include "evidence/text.h"
#include "out/verify_inside.h"

enum { NAME = 128 };

/* The next line of the log; false behind the last. */
static bool
next_line(const char **at, const char **line, size_t *len)
{
	const char *end = strchr(*at, '\n');

	if (end == NULL)
		return false;
	*line = *at;
	*len = (size_t)(end - *at);
	*at = end + 1;
	return true;
}

static enum ev_rc
enrolled(const struct verify *v, const char *actor, struct ev_enrolled *who,
    struct ev_err *err)
{
	static const char word[] = "{\"action\":\"enrol\",";
	const char *at = ev_buf_text(&v->log_text), *line;
	enum ev_rc rc = EV_EOF;
	size_t len;

	while (rc == EV_EOF && next_line(&at, &line, &len)) {
		if (len > sizeof(word) &&
		    memcmp(line, word, sizeof(word) - 1) == 0)
			rc = ev_signed_enrol(line, len, actor, who, err);
	}
	return rc == EV_EOF
		   ? ev_fail(err, EV_MISMATCH, "'%.64s' is not enrolled", actor)
		   : rc;
}

/* What the entry says of the file, and the file itself. */
static enum ev_rc
check_file(struct verify *v, const struct ev_json_node *root, const char *name,
    int64_t size, struct ev_err *err)
{
	const char *actor = ev_json_get_text(root, "actor");
	const char *want =
	    ev_json_get_text(ev_json_get(root, "after"), "signature_sha256");
	char note_name[NAME], hex[2 * EV_SHA256 + 1];
	unsigned char digest[EV_SHA256];
	struct ev_enrolled who = { .name = "" };
	struct ev_buf p7s, note;
	enum ev_rc rc;

	(void)snprintf(note_name, sizeof(note_name),
	    "data/custody/heads/%06" PRId64 ".note", size);
	ev_buf_init(&p7s, EV_VERIFY_DER);
	ev_buf_init(&note, EV_NOTE_LIMIT);
	rc = enrolled(v, actor == NULL ? "" : actor, &who, err);
	if (rc == EV_OK)
		rc = verify_read(v, name, &p7s, err);
	if (rc == EV_OK)
		rc = verify_read(v, note_name, &note, err);
	if (rc == EV_OK)
		rc = ev_signed_verify(EV_BYTES_BUF(&p7s), EV_BYTES_BUF(&note),
		    who.cert_sha256, err);
	if (rc == EV_OK)
		rc = ev_sha256(digest, p7s.data, p7s.len, err);
	if (rc == EV_OK && want != NULL) {
		ev_text_hex(hex, digest, sizeof(digest));
		if (strcmp(hex, want) != 0)
			rc = ev_fail(err, EV_MISMATCH,
			    "it is not the one that was entered");
	}
	ev_buf_release(&p7s);
	ev_buf_release(&note);
	return rc;
}

static void
check_line(struct verify *v, const char *line, size_t len)
{
	char name[NAME], file[EV_SIGNED_NAME];
	const struct ev_json_node *root;
	struct ev_json_doc *doc = NULL;
	const char *actor;
	struct ev_err why;
	int64_t size, seq = 0;

	/* What is no JSON was told already. */
	if (ev_json_parse(&doc, line, len, &why) != EV_OK)
		return;
	root = ev_json_root(doc);
	if (ev_signed_place(root, file, &size)) {
		(void)ev_json_get_int(root, "seq", &seq);
		(void)snprintf(name, sizeof(name), "data/custody/heads/%s",
		    file);
		actor = ev_json_get_text(root, "actor");
		if (check_file(v, root, name, size, &why) == EV_OK)
			verify_say(v, "log", EV_VERIFY_OK,
			    "entry %" PRId64
			    ": %.64s signed the head of %" PRId64 " entries",
			    seq, actor, size);
		else
			verify_say(v, "log", EV_VERIFY_FAILED,
			    "entry %" PRId64 ": %s: %s", seq, name, why.msg);
	}
	ev_json_free(doc);
}

enum ev_rc
verify_signed(struct verify *v, struct ev_err *err)
{
	static const char *const words[] = { "{\"action\":\"transfer-",
		"{\"action\":\"refuse\"", "{\"action\":\"verify\"" };
	const char *at = ev_buf_text(&v->log_text), *line;
	size_t len, i;

	(void)err;
	while (next_line(&at, &line, &len)) {
		for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			if (len > strlen(words[i]) &&
			    memcmp(line, words[i], strlen(words[i])) == 0)
				check_line(v, line, len);
		}
	}
	return EV_OK;
}
