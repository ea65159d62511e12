/* Heads of the log as signed notes (C2SP signed-note, tlog-checkpoint). */
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "seal/logkey.h"
#include "seal/note.h"

/* EM DASH and a space begin each line of a signature. */
static const char line_start[] = "\xe2\x80\x94 ";

enum {
	ROOT_TEXT = 44, /* base64 of 32 bytes */
	SIG_TEXT = 4 * ((EV_NOTE_KEY_ID + EV_NOTE_SIG_CAP + 2) / 3),
};

/* Printable ASCII without a space or '+': what C2SP allows a key name. */
static bool
name_ok(const char *name, size_t len)
{
	size_t n;

	for (n = 0; n < len; n++) {
		if (name[n] <= ' ' || name[n] > '~' || name[n] == '+')
			return false;
	}
	return len > 0 && len < EV_NOTE_NAME;
}

static enum ev_rc
check_name(const char *name, struct ev_err *err)
{
	if (name_ok(name, strlen(name)))
		return EV_OK;
	return ev_fail(err, EV_USE,
	    "'%.64s' cannot name a log: printable ASCII without space or '+'",
	    name);
}

static enum ev_rc
put_line(struct ev_buf *note, struct ev_bytes text, const char *name,
    const struct ev_logkey *key, struct ev_err *err)
{
	unsigned char sig[EV_NOTE_KEY_ID + EV_NOTE_SIG];
	char base64[4 * ((sizeof(sig) + 2) / 3) + 1];
	enum ev_rc rc;

	rc = ev_logkey_id(key, name, sig, err);
	if (rc == EV_OK)
		rc = ev_logkey_sign(key, text, sig + EV_NOTE_KEY_ID, err);
	if (rc != EV_OK)
		return rc;
	(void)EVP_EncodeBlock((unsigned char *)base64, sig, sizeof(sig));
	return ev_buf_printf(note, err, "%s%s %s\n", line_start, name, base64);
}

enum ev_rc
ev_note_make(struct ev_buf *note, const char *origin,
    const struct ev_merkle_head *head, const struct ev_logkey *key,
    struct ev_err *err)
{
	char text[EV_NOTE_NAME + 24 + ROOT_TEXT + 4], root[ROOT_TEXT + 1];
	enum ev_rc rc;
	int len;

	rc = check_name(origin, err);
	if (rc != EV_OK)
		return rc;
	if (head->size < 0)
		return ev_fail(err, EV_USE, "a head of %jd entries",
		    (intmax_t)head->size);
	(void)EVP_EncodeBlock((unsigned char *)root, head->root, EV_SHA256);
	len = snprintf(text, sizeof(text), "%s\n%jd\n%s\n", origin,
	    (intmax_t)head->size, root);
	if (len < 0 || (size_t)len >= sizeof(text))
		return ev_fail(err, EV_LIMIT, "a head is too long");
	rc = ev_buf_printf(note, err, "%s\n", text);
	if (rc != EV_OK)
		return rc;
	return put_line(note, EV_BYTES(text, (size_t)len), origin, key, err);
}

enum ev_rc
ev_note_countersign(struct ev_buf *note, const char *name,
    const struct ev_logkey *key, struct ev_err *err)
{
	struct ev_note parsed;
	enum ev_rc rc;

	rc = check_name(name, err);
	if (rc == EV_OK)
		rc = ev_note_parse(&parsed, note->data, note->len, err);
	if (rc != EV_OK)
		return rc;
	if (parsed.lines == EV_NOTE_LINES)
		return ev_fail(err, EV_LIMIT, "more than %d signatures",
		    EV_NOTE_LINES);
	/* The text moves when note grows: room first, then the pointer. */
	rc = ev_buf_reserve(note, EV_NOTE_NAME + SIG_TEXT, err);
	if (rc != EV_OK)
		return rc;
	return put_line(note, EV_BYTES(note->data, parsed.text_len), name, key,
	    err);
}

/* The next line without its LF; false when there is no LF any more. */
static bool
next_line(struct ev_bytes *rest, const char **line, size_t *len)
{
	const char *end;

	*line = rest->data;
	end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
	if (end == NULL)
		return false;
	*len = (size_t)(end - *line);
	rest->data = end + 1;
	rest->len -= *len + 1;
	return true;
}

/* Canonical base64 of at most cap bytes; false if it is not that. */
static bool
unbase64(unsigned char *out, size_t cap, size_t *out_len, const char *text,
    size_t len)
{
	unsigned char data[SIG_TEXT / 4 * 3];
	char again[SIG_TEXT + 1];
	size_t size;
	int n;

	if (len == 0 || len % 4 != 0 || len > SIG_TEXT)
		return false;
	n = EVP_DecodeBlock(data, (const unsigned char *)text, (int)len);
	if (n < 0)
		return false;
	size = (size_t)n;
	if (text[len - 1] == '=')
		size--;
	if (text[len - 2] == '=')
		size--;
	/* EVP_DecodeBlock() skips blanks and takes stray bits. */
	(void)EVP_EncodeBlock((unsigned char *)again, data, (int)size);
	if (strlen(again) != len || memcmp(again, text, len) != 0 || size > cap)
		return false;
	memcpy(out, data, size);
	*out_len = size;
	return true;
}

static bool
parse_size(int64_t *size, const char *text, size_t len)
{
	int64_t value = 0;
	size_t n;

	if (len == 0 || (text[0] == '0' && len > 1))
		return false;
	for (n = 0; n < len; n++) {
		if (text[n] < '0' || text[n] > '9' ||
		    __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, text[n] - '0', &value))
			return false;
	}
	*size = value;
	return true;
}

static enum ev_rc
parse_text(struct ev_note *note, struct ev_bytes *rest, struct ev_err *err)
{
	const char *line = NULL;
	size_t len = 0, got = 0;

	if (!next_line(rest, &line, &len) || !name_ok(line, len))
		return ev_fail(err, EV_INPUT, "line 1 of a head is no origin");
	memcpy(note->origin, line, len);
	if (!next_line(rest, &line, &len) ||
	    !parse_size(&note->head.size, line, len))
		return ev_fail(err, EV_INPUT, "line 2 of a head is no size");
	if (!next_line(rest, &line, &len) ||
	    !unbase64(note->head.root, EV_SHA256, &got, line, len) ||
	    got != EV_SHA256)
		return ev_fail(err, EV_INPUT,
		    "line 3 of a head is no root in base64");
	note->text_len =
	    (size_t)((const unsigned char *)rest->data - note->text);
	if (!next_line(rest, &line, &len) || len != 0)
		return ev_fail(err, EV_INPUT,
		    "line 4 of a head is not empty: no extension is known");
	return EV_OK;
}

static bool
parse_line(struct ev_note_line *out, const char *line, size_t len)
{
	const size_t start = sizeof(line_start) - 1;
	unsigned char data[EV_NOTE_KEY_ID + EV_NOTE_SIG_CAP];
	const char *space;
	size_t name_len, got = 0;

	if (len <= start || memcmp(line, line_start, start) != 0)
		return false;
	line += start;
	len -= start;
	space = memchr(line, ' ', len);
	if (space == NULL)
		return false;
	name_len = (size_t)(space - line);
	if (!name_ok(line, name_len) ||
	    !unbase64(data, sizeof(data), &got, space + 1,
		len - name_len - 1) ||
	    got <= EV_NOTE_KEY_ID)
		return false;
	memcpy(out->name, line, name_len);
	memcpy(out->id, data, EV_NOTE_KEY_ID);
	out->sig_len = got - EV_NOTE_KEY_ID;
	memcpy(out->sig, data + EV_NOTE_KEY_ID, out->sig_len);
	return true;
}

enum ev_rc
ev_note_parse(struct ev_note *note, const void *data, size_t len,
    struct ev_err *err)
{
	struct ev_bytes rest = { data, len };
	const char *line;
	size_t line_len;
	enum ev_rc rc;

	memset(note, 0, sizeof(*note));
	note->text = data;
	if (len > EV_NOTE_LIMIT)
		return ev_fail(err, EV_INPUT, "a head of more than %d bytes",
		    EV_NOTE_LIMIT);
	rc = parse_text(note, &rest, err);
	if (rc != EV_OK)
		return rc;
	while (rest.len > 0) {
		if (note->lines == EV_NOTE_LINES)
			return ev_fail(err, EV_INPUT,
			    "a head with more than %d signatures",
			    EV_NOTE_LINES);
		if (!next_line(&rest, &line, &line_len) ||
		    !parse_line(&note->line[note->lines], line, line_len))
			return ev_fail(err, EV_INPUT,
			    "line %zu of a head is no signature",
			    note->lines + 5);
		note->lines++;
	}
	if (note->lines == 0)
		return ev_fail(err, EV_INPUT, "a head without a signature");
	return EV_OK;
}

enum ev_rc
ev_note_verify(const struct ev_note *note, const char *name,
    const struct ev_logkey *key, struct ev_err *err)
{
	const char *want = name == NULL ? note->origin : name;
	unsigned char id[EV_NOTE_KEY_ID];
	const struct ev_note_line *line;
	enum ev_rc rc;
	size_t n;

	rc = ev_logkey_id(key, want, id, err);
	if (rc != EV_OK)
		return rc;
	for (n = 0; n < note->lines; n++) {
		line = &note->line[n];
		if (strcmp(line->name, want) != 0 ||
		    memcmp(line->id, id, sizeof(id)) != 0)
			continue;
		if (line->sig_len != EV_NOTE_SIG)
			return ev_fail(err, EV_MISMATCH,
			    "the head's signature has %zu bytes, not %d",
			    line->sig_len, EV_NOTE_SIG);
		rc = ev_logkey_verify(key, EV_BYTES(note->text, note->text_len),
		    line->sig, err);
		return rc == EV_OK ? EV_OK : ev_fail_in(err, "the head");
	}
	return ev_fail(err, EV_MISMATCH,
	    "the head is not signed by this key of '%s'", want);
}
