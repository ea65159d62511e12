/* Until when keys and hashes are good, by a data file. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "case/horizon.h"
#include "evidence/text.h"
#include "evidence/when.h"

enum { WORDS = 6, FILE_LIMIT = 64 << 10, YEAR_MIN = 2000, YEAR_MAX = 9999 };

static const int64_t day_us = INT64_C(86400) * 1000000;

/* A line cut into words; the last may stand in quotes. */
struct words {
	const char *at[WORDS];
	size_t len[WORDS];
	size_t count;
};

static bool
cut(struct words *w, const char *line, size_t len)
{
	const char *end = line + len, *from;

	w->count = 0;
	while (line < end) {
		if (*line == ' ') {
			line++;
			continue;
		}
		if (w->count == WORDS)
			return false;
		from = line;
		if (*line == '"') {
			line = memchr(from + 1, '"', (size_t)(end - from) - 1);
			if (line == NULL || line + 1 != end)
				return false;
			w->at[w->count] = from + 1;
			w->len[w->count++] = (size_t)(line - from) - 1;
			return true;
		}
		while (line < end && *line != ' ')
			line++;
		w->at[w->count] = from;
		w->len[w->count++] = (size_t)(line - from);
	}
	return true;
}

static bool
word_is(const struct words *w, size_t n, const char *text)
{
	return n < w->count && w->len[n] == strlen(text) &&
	       memcmp(w->at[n], text, w->len[n]) == 0;
}

static bool
take(char *to, size_t size, const struct words *w, size_t n)
{
	if (n >= w->count || w->len[n] == 0 || w->len[n] >= size ||
	    !ev_text_is_utf8(w->at[n], w->len[n]))
		return false;
	memcpy(to, w->at[n], w->len[n]);
	to[w->len[n]] = '\0';
	return true;
}

static bool
take_year(int64_t *year, const struct words *w, size_t n)
{
	*year = 0;
	return word_is(w, n, "none") ||
	       (n < w->count &&
		   ev_text_int(year, w->at[n], w->len[n], YEAR_MIN, YEAR_MAX));
}

static bool
take_source(const struct ev_horizons *h, size_t *source, const struct words *w,
    size_t n)
{
	for (*source = 0; *source < h->sources; ++*source) {
		if (word_is(w, n, h->source[*source].id))
			return true;
	}
	return false;
}

/* What was expected; NULL: the line is good. */
static const char *
read_line(struct ev_horizons *h, const struct words *w)
{
	struct ev_horizon *line = &h->line[h->count];
	const bool key = word_is(w, 0, "key"), digest = word_is(w, 0, "digest");
	const size_t at = key ? 3 : 2;

	if (word_is(w, 0, "horizons"))
		return w->count == 2 && w->len[1] == 10 ? NULL
							: "horizons YYYY-MM-DD";
	if (word_is(w, 0, "source")) {
		if (h->sources == EV_HORIZON_LINES || w->count != 3 ||
		    !take(h->source[h->sources].id, EV_HORIZON_WORD, w, 1) ||
		    !take(h->source[h->sources].text, sizeof(h->source[0].text),
			w, 2))
			return "source ID \"TEXT\"";
		h->sources++;
		return NULL;
	}
	if (!key && !digest)
		return "horizons, source, key or digest";
	line->bits = 0;
	if (h->count == EV_HORIZON_LINES || w->count != at + 2 ||
	    !take(line->name, EV_HORIZON_WORD, w, 1) ||
	    (key && !ev_text_int(&line->bits, w->at[2], w->len[2], 1, 65536)) ||
	    !take_year(&line->year, w, at) ||
	    !take_source(h, &line->source, w, at + 1))
		return key ? "key NAME BITS YEAR SOURCE"
			   : "digest NAME YEAR SOURCE";
	h->count++;
	return NULL;
}

static enum ev_rc
read_text(struct ev_horizons *h, const char *path, const char *text,
    struct ev_err *err)
{
	const char *stop, *want;
	struct words w;
	int number = 0;

	for (; *text != '\0'; text = stop + 1) {
		number++;
		stop = strchr(text, '\n');
		if (stop == NULL)
			return ev_fail(err, EV_INPUT,
			    "%.128s:%d: the last line does not end", path,
			    number);
		if (stop == text || *text == '#')
			continue;
		want = cut(&w, text, (size_t)(stop - text))
			   ? read_line(h, &w)
			   : "words, at most one in quotes at the end";
		if (want != NULL)
			return ev_fail(err, EV_INPUT, "%.128s:%d: expected %s",
			    path, number, want);
	}
	return EV_OK;
}

enum ev_rc
ev_horizons_read(struct ev_horizons *h, const char *path, struct ev_err *err)
{
	struct ev_buf text;
	enum ev_rc rc;

	memset(h, 0, sizeof(*h));
	ev_buf_init(&text, FILE_LIMIT);
	rc = ev_fs_read_all(&text, AT_FDCWD, path, err);
	if (rc == EV_OK && text.len != strlen(ev_buf_text(&text)))
		rc = ev_fail(err, EV_INPUT, "%.128s: a NUL in it", path);
	if (rc == EV_OK)
		rc = read_text(h, path, ev_buf_text(&text), err);
	ev_buf_release(&text);
	return rc;
}

/* The line of the largest size that is not above bits. */
static const struct ev_horizon *
find(const struct ev_horizons *h, const char *name, int64_t bits)
{
	const struct ev_horizon *best = NULL;
	size_t i;

	for (i = 0; i < h->count; i++) {
		if (strcmp(h->line[i].name, name) == 0 &&
		    h->line[i].bits <= bits &&
		    (best == NULL || h->line[i].bits > best->bits))
			best = &h->line[i];
	}
	return best;
}

static void
sooner(const struct ev_horizons *h, const struct ev_horizon *line,
    struct ev_ends *ends)
{
	int64_t at = 0;

	if (line->year == 0 ||
	    !ev_when_civil(&at, (int)line->year, 12, 31, 23, 59, 59, 0) ||
	    at >= ends->at)
		return;
	ends->at = at;
	if (line->bits == 0)
		(void)snprintf(ends->why, sizeof(ends->why),
		    "%s is not held good for longer (%s)", line->name,
		    h->source[line->source].text);
	else
		(void)snprintf(ends->why, sizeof(ends->why),
		    "%s keys from %d bits are not held good for longer (%s)",
		    line->name, (int)line->bits, h->source[line->source].text);
}

/* "EC P-256" or "RSA 3072". */
static bool
key_size(const char *key, char name[EV_HORIZON_WORD], int64_t *bits)
{
	const char *digits = key + strcspn(key, "0123456789");
	const size_t len = strcspn(key, " ");

	if (len >= EV_HORIZON_WORD)
		return false;
	memcpy(name, key, len);
	name[len] = '\0';
	return ev_text_int(bits, digits, strlen(digits), 1, 65536);
}

enum ev_rc
ev_horizon_ends(const struct ev_horizons *h, const struct ev_cert *cert,
    struct ev_ends *ends, struct ev_err *err)
{
	const struct ev_horizon *key = NULL, *digest = find(h, "SHA-256", 0);
	char name[EV_HORIZON_WORD];
	int64_t bits = 0;

	if (key_size(cert->key, name, &bits))
		key = find(h, name, bits);
	if (key == NULL || digest == NULL)
		return ev_fail(err, EV_INPUT, "no horizon is known for %s",
		    key == NULL ? cert->key : "SHA-256");
	ends->at = cert->not_after;
	(void)snprintf(ends->why, sizeof(ends->why),
	    "the certificate of %.300s ends", cert->subject);
	sooner(h, key, ends);
	sooner(h, digest, ends);
	return EV_OK;
}

enum ev_rc
ev_doctor_tell(const struct ev_ends *ends, const char *proof, const char *id,
    ev_doctor_fn *found, void *ctx, bool *due, struct ev_err *err)
{
	struct ev_doctor_finding f = { .proof = proof,
		.id = id,
		.why = ends->why };
	char at[EV_WHEN_TEXT], day[11];
	int64_t year = 0;
	struct ev_clock now;
	enum ev_rc rc;

	rc = ev_when_now(&now, err);
	if (rc != EV_OK)
		return rc;
	ev_when_print(at, ends->at, EV_PREC_S);
	(void)snprintf(day, sizeof(day), "%.10s", at);
	if (!ev_text_int(&year, at, 4, 1, YEAR_MAX))
		return ev_fail(err, EV_INPUT, "'%.32s' is no instant", at);
	f.ends = day;
	f.year = (int)year;
	f.due = ends->at - now.wall_us < EV_DOCTOR_DAYS * day_us;
	*due = *due || f.due;
	found(ctx, &f);
	return EV_OK;
}
