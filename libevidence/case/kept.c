/* Heads that were kept elsewhere: a note, a receipt, or the code off one. */
#include <string.h>

#include "case/case_inside.h"
#include "case/kept.h"
#include "evidence/custody.h"
#include "evidence/text.h"

/* EM DASH and a space begin each line of a signature. */
static const char line_start[] = "\xe2\x80\x94 ";

bool
ev_custody_is_code(const char *text)
{
	size_t digits = 0;

	for (; *text != '\0'; text++) {
		if (ev_text_hex_digit((unsigned char)*text) >= 0)
			digits++;
		else if (strchr(" -\r\n", *text) == NULL)
			return false;
	}
	return digits == (size_t)2 * EV_CUSTODY_CODE_BYTES;
}

static void
take_code(struct ev_kept *kept, const char *text)
{
	struct ev_kept_head *head = &kept->head[kept->count++];
	size_t n = 0;
	int digit;

	memset(head, 0, sizeof(*head));
	head->known = EV_CUSTODY_CODE_BYTES;
	for (; *text != '\0'; text++) {
		digit = ev_text_hex_digit((unsigned char)*text);
		if (digit < 0)
			continue;
		head->root[n / 2] |=
		    (unsigned char)(n % 2 == 0 ? digit << 4 : digit);
		n++;
	}
}

static enum ev_rc
take_note(struct ev_kept *kept, struct ev_case *c, const char *text, size_t len,
    struct ev_err *err)
{
	struct ev_kept_head *head;
	struct ev_note note;
	enum ev_rc rc;

	rc = ev_note_parse(&note, text, len, err);
	if (rc == EV_OK)
		rc = ev_note_verify(&note, NULL, c->log_pub, err);
	if (rc != EV_OK)
		return ev_fail_in(err, "the head kept elsewhere");
	if (strcmp(note.origin, c->case_id) != 0)
		return ev_fail(err, EV_USE,
		    "the head kept elsewhere is of another case");
	if (kept->count == EV_KEPT_HEADS)
		return ev_fail(err, EV_LIMIT, "more than %d heads",
		    EV_KEPT_HEADS);
	head = &kept->head[kept->count++];
	memset(head, 0, sizeof(*head));
	head->size = note.head.size;
	head->known = EV_SHA256;
	memcpy(head->root, note.head.root, EV_SHA256);
	return EV_OK;
}

/* The end of the note that begins at text: behind its signatures. */
static size_t
note_length(const char *text)
{
	const char *at = text, *end;
	int line = 0;

	for (; (end = strchr(at, '\n')) != NULL; at = end + 1, line++) {
		if (line >= 4 &&
		    strncmp(at, line_start, sizeof(line_start) - 1) != 0)
			break;
	}
	return (size_t)(at - text);
}

bool
ev_kept_next(const char **at, struct ev_bytes *text)
{
	static const char start[] = "urn:uuid:";
	const char *line, *from = *at;
	struct ev_note note;
	struct ev_err err;

	while ((line = strstr(*at, start)) != NULL) {
		*at = line + sizeof(start) - 1;
		if (line != from && line[-1] != '\n')
			continue;
		*text = EV_BYTES(line, note_length(line));
		if (ev_note_parse(&note, line, text->len, &err) != EV_OK)
			continue;
		*at = line + text->len;
		return true;
	}
	return false;
}

static enum ev_rc
find_notes(struct ev_kept *kept, struct ev_case *c, const char *text,
    struct ev_err *err)
{
	struct ev_bytes note;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && ev_kept_next(&text, &note))
		rc = take_note(kept, c, note.data, note.len, err);
	return rc;
}

enum ev_rc
ev_kept_read(struct ev_kept *kept, struct ev_case *c, const struct ev_buf *text,
    struct ev_err *err)
{
	const char *all = ev_buf_text(text);
	struct ev_note note;
	enum ev_rc rc;

	kept->count = 0;
	if (ev_custody_is_code(all)) {
		take_code(kept, all);
		return EV_OK;
	}
	if (ev_note_parse(&note, text->data, text->len, err) == EV_OK)
		return take_note(kept, c, all, text->len, err);
	rc = find_notes(kept, c, all, err);
	if (rc == EV_OK && kept->count == 0)
		return ev_fail(err, EV_USE,
		    "what was kept elsewhere holds no head of this case: "
		    "neither a note, nor a receipt, nor eight groups of four");
	return rc;
}

void
ev_custody_code(char code[EV_CUSTODY_CODE], const struct ev_buf *note)
{
	enum { GROUP = 2 };
	struct ev_note parsed;
	struct ev_err err;
	size_t i, n = 0;

	code[0] = '\0';
	if (ev_note_parse(&parsed, note->data, note->len, &err) != EV_OK)
		return;
	for (i = 0; i < EV_CUSTODY_CODE_BYTES; i += GROUP) {
		if (i > 0)
			code[n++] = ' ';
		ev_text_hex(code + n, parsed.head.root + i, GROUP);
		n += (size_t)2 * GROUP;
	}
}
