/* One pass of the mappings over one artifact. */
#define _GNU_SOURCE /* memmem */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "ingest/cp437.h"
#include "ingest/pass.h"

enum { SOUGHT = 64 };

static const char *const outcome_names[] = {
	[EV_O_READ] = "read",
	[EV_O_LOSS] = "read-with-loss",
	[EV_O_EMPTY] = "empty",
	[EV_O_NOT_CONFIRMED] = "not-confirmed",
	[EV_O_UNMAPPED] = "unmapped",
	[EV_O_CONTAINER] = "container",
	[EV_O_MEDIA] = "media",
	[EV_O_FORK] = "fork",
	[EV_O_FAILED] = "failed",
};

const char *
ev_outcome_name(enum ev_outcome outcome)
{
	return outcome_names[outcome];
}

/* What is under work while one artifact is read. */
struct reading {
	struct ev_reading_in in;
	const struct ev_sink *sink;
	struct ev_buf path; /* UTF-8 */
	struct ev_run *run; /* all confirmed mappings */
	size_t run_count;
	bool *done; /* runs that a pass has taken */
	struct ev_tally *tally;
	size_t passes;
	int64_t size;
	char fingerprint[65];
	bool lost;
	struct ev_err *err;
};

static bool
is_media(const char *media)
{
	return strncmp(media, "image/", 6) == 0 ||
	       strncmp(media, "audio/", 6) == 0 ||
	       strncmp(media, "video/", 6) == 0;
}

/* Resource forks that macOS puts into archives: "__MACOSX/", "._name". */
static bool
is_fork(const char *path, size_t len)
{
	const char *name = path;
	size_t i;

	for (i = 0; i < len; i++)
		if (path[i] == '/')
			name = path + i + 1;
	if ((size_t)(path + len - name) >= 2 && memcmp(name, "._", 2) == 0)
		return true;
	for (i = 0; i + 9 <= len; i++)
		if ((i == 0 || path[i - 1] == '/') &&
		    memcmp(path + i, "__MACOSX/", 9) == 0)
			return true;
	return false;
}

static bool
same_words(const struct ev_word *a, const struct ev_word *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

/* What was sought in a head already: mappings of one family seek the same. */
struct sought {
	size_t count;
	struct {
		const struct ev_word *word;
		bool hit;
	} seek[SOUGHT];
};

static bool
holds(const void *head, size_t len, const struct ev_word *word,
    struct sought *sought)
{
	size_t n;
	bool hit;

	for (n = 0; n < sought->count; n++) {
		if (same_words(sought->seek[n].word, word))
			return sought->seek[n].hit;
	}
	hit = memmem(head, len, word->data, word->len) != NULL;
	if (n < SOUGHT) {
		sought->seek[n].word = word;
		sought->seek[n].hit = hit;
		sought->count++;
	}
	return hit;
}

static bool
is_probed(const struct ev_mapping *m, const struct ev_reading_in *in,
    struct sought *sought)
{
	size_t i, k, len = in->head_len;
	bool hit;

	if (len > EV_VIEW_HEAD)
		len = EV_VIEW_HEAD;
	for (i = 0; i < m->probe_count; i++) {
		hit = false;
		for (k = 0; k < m->probe[i].count && !hit; k++)
			hit =
			    holds(in->head, len, &m->probe[i].word[k], sought);
		if (!hit)
			return false;
	}
	return true;
}

/* Innermost archive, and what a leading "**" took below it. */
static size_t
root_of(const char *glob, const char *path, size_t len,
    const struct ev_capture *first)
{
	size_t i, root = 0;

	for (i = 0; i + 1 < len; i++)
		if (path[i] == '!' && path[i + 1] == '/')
			root = i + 2;
	if (strncmp(glob, "**/", 3) != 0 || first->len == 0)
		return root;
	return first->len + 1 > root ? first->len + 1 : root;
}

/* The last byte alone rules out most patterns. */
static bool
may_match(const struct ev_mapping *m, const char *path, size_t len)
{
	const struct ev_word *glob;
	size_t i;
	char c;

	for (i = 0; i < m->match.count; i++) {
		glob = &m->match.word[i];
		c = glob->data[glob->len - 1];
		if (c == '*' || c == '?' || c == ']' ||
		    (len > 0 && path[len - 1] == c))
			return true;
	}
	return false;
}

static bool
is_matched(struct ev_run *run, const char *path, size_t len)
{
	const struct ev_mapping *m = run->m;
	size_t i;

	for (i = 0; i < m->match.count; i++)
		if (ev_glob_match(m->match.word[i].data, path, len,
			run->capture, &run->captures)) {
			run->root = root_of(m->match.word[i].data, path, len,
			    &run->capture[0]);
			return true;
		}
	return false;
}

/* The path as text: as it is, or read as CP437 (hostile.md, Names). */
static enum ev_rc
path_text(struct ev_buf *out, const struct ev_reading_in *in,
    struct ev_err *err)
{
	ev_buf_init(out, 4 * (size_t)EV_PATH_LIMIT);
	if (ev_text_is_utf8(in->path, in->path_len) &&
	    memchr(in->path, '\0', in->path_len) == NULL)
		return ev_buf_put(out, in->path, in->path_len, err);
	return ev_cp437(out, in->path, in->path_len, err);
}

/* Confirmed mappings into run (if not NULL); how the name and head end. */
static enum ev_outcome
look(const struct ev_mapset *set, const struct ev_reading_in *in,
    const struct ev_buf *path, struct ev_run *run, size_t *count)
{
	const char *text = ev_buf_text(path);
	struct sought sought;
	struct ev_run one;
	bool named = false;
	size_t i;

	*count = 0;
	sought.count = 0;
	if (is_fork(text, path->len))
		return EV_O_FORK;
	for (i = 0; i < set->count; i++) {
		if (!may_match(set->mapping[i], text, path->len))
			continue;
		memset(&one, 0, sizeof(one));
		one.index = (int)i;
		one.m = set->mapping[i];
		one.rows.declared = -1;
		if (!is_matched(&one, text, path->len))
			continue;
		named = true;
		if (!is_probed(one.m, in, &sought))
			continue;
		if (run != NULL)
			run[*count] = one;
		(*count)++;
	}
	if (*count > 0)
		return EV_O_READ;
	if (is_media(in->media))
		return EV_O_MEDIA;
	return named ? EV_O_NOT_CONFIRMED : EV_O_UNMAPPED;
}

enum ev_outcome
ev_reading_sniff(const struct ev_mapset *set, const struct ev_reading_in *in)
{
	enum ev_outcome outcome = EV_O_UNMAPPED;
	struct ev_buf path;
	struct ev_err err;
	size_t count;

	if (path_text(&path, in, &err) == EV_OK)
		outcome = look(set, in, &path, NULL, &count);
	ev_buf_release(&path);
	return outcome;
}

/* Equal unwrap, reader and options: one pass serves both. */
static bool
share(const struct ev_mapping *a, const struct ev_mapping *b)
{
	size_t i;

	if (a->reader != b->reader || a->unwrap_count != b->unwrap_count ||
	    a->option_count != b->option_count)
		return false;
	for (i = 0; i < a->unwrap_count; i++)
		if (a->unwrap[i].what != b->unwrap[i].what ||
		    a->unwrap[i].optional != b->unwrap[i].optional)
			return false;
	for (i = 0; i < a->option_count; i++)
		if (!same_words(&a->option[i].name, &b->option[i].name) ||
		    !same_words(&a->option[i].value, &b->option[i].value))
			return false;
	return true;
}

/* All runs from first on that can share a pass with it. */
static enum ev_rc
take_runs(struct ev_pass *pass, struct reading *r, size_t first)
{
	size_t i;

	pass->run = calloc(r->run_count, sizeof(*pass->run));
	if (pass->run == NULL)
		return ev_fail_sys(r->err, "cannot read an artifact");
	for (i = first; i < r->run_count; i++) {
		if (r->done[i] || !share(r->run[first].m, r->run[i].m))
			continue;
		r->done[i] = true;
		pass->run[pass->run_count++] = r->run[i];
	}
	return EV_OK;
}

static void
keep_counts(struct reading *r, const struct ev_pass *pass)
{
	size_t i, k;

	for (i = 0; i < pass->run_count; i++)
		for (k = 0; k < r->run_count; k++)
			if (r->run[k].index == pass->run[i].index)
				r->run[k].rows = pass->run[i].rows;
}

static enum ev_rc
one_pass(struct reading *r, size_t first)
{
	struct ev_pass *pass;
	char fingerprint[65];
	enum ev_rc rc;

	pass = calloc(1, sizeof(*pass));
	if (pass == NULL)
		return ev_fail_sys(r->err, "cannot read an artifact");
	ev_tally_init(&pass->tally, r->passes > 1);
	if (r->passes == 1)
		pass->tally.sink = r->sink;
	rc = take_runs(pass, r, first);
	if (rc == EV_OK)
		rc = ev_pass_init(pass, &r->in, &r->path, r->sink, r->err);
	if (rc == EV_OK)
		rc = ev_pass_read(pass, r->err);
	if (rc == EV_OK)
		rc = ev_shape_report(pass->shape, r->sink, fingerprint, r->err);
	if (rc == EV_OK && r->fingerprint[0] == '\0')
		memcpy(r->fingerprint, fingerprint, sizeof(fingerprint));
	if (rc == EV_OK)
		rc = ev_pass_report(pass, r->err);
	if (rc == EV_OK) {
		r->lost = r->lost || pass->set_aside_any;
		r->size = pass->size;
		keep_counts(r, pass);
		r->tally[first] = pass->tally;
	} else {
		ev_tally_release(&pass->tally);
	}
	ev_pass_release(pass);
	free(pass);
	return rc;
}

/* An artifact that is read more than once and can not be rewound. */
enum { HELD = 64 << 20 };

struct memory {
	struct ev_buf data;
	size_t at;
	struct ev_stream more; /* behind data; its read is NULL: nothing */
};

static enum ev_rc
memory_read(void *ctx, unsigned char *data, size_t cap, size_t *got,
    struct ev_err *err)
{
	struct memory *memory = ctx;

	*got = memory->data.len - memory->at;
	if (*got > cap)
		*got = cap;
	if (*got == 0 && memory->more.read != NULL)
		return memory->more.read(memory->more.ctx, data, cap, got, err);
	if (*got == 0)
		return EV_EOF;
	memcpy(data, memory->data.data + memory->at, *got);
	memory->at += *got;
	return EV_OK;
}

static enum ev_rc
memory_rewind(void *ctx, struct ev_err *err)
{
	struct memory *memory = ctx;

	(void)err;
	memory->at = 0;
	return EV_OK;
}

/*
 * Hold the artifact, so that it can be read again; of one over the limit the
 * rest is read once.
 */
static enum ev_rc
hold(struct memory *memory, struct ev_reading_in *in, struct ev_err *err)
{
	const struct ev_stream stream = in->stream;
	unsigned char data[16384];
	enum ev_rc rc;
	size_t got = 0;

	do {
		rc = stream.read(stream.ctx, data, sizeof(data), &got, err);
		if (rc == EV_OK)
			rc = ev_buf_put(&memory->data, data, got, err);
	} while (rc == EV_OK && memory->data.len < HELD);
	in->stream.ctx = memory;
	in->stream.read = memory_read;
	in->stream.rewind = rc == EV_EOF ? memory_rewind : NULL;
	if (rc == EV_OK)
		memory->more = stream;
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
drain(const struct ev_stream *in, int64_t *size, struct ev_err *err)
{
	unsigned char data[16384];
	enum ev_rc rc;
	size_t got = 0;

	*size = 0;
	while ((rc = in->read(in->ctx, data, sizeof(data), &got, err)) == EV_OK)
		*size += (int64_t)got;
	return rc == EV_EOF ? EV_OK : rc;
}

static void
count_passes(struct reading *r)
{
	size_t i, k;

	r->passes = 0;
	for (i = 0; i < r->run_count; i++) {
		for (k = 0; k < i; k++)
			if (share(r->run[k].m, r->run[i].m))
				break;
		r->passes += k == i;
	}
}

/* A mapping for which the artifact would have to be read once more. */
static enum ev_rc
not_again(struct reading *r, size_t i)
{
	r->done[i] = true;
	r->lost = true;
	return r->sink->note(r->sink->ctx, "not-read-again", r->run[i].m->id, 0,
	    r->err);
}

static enum ev_rc
all_passes(struct reading *r)
{
	struct ev_stream *stream = &r->in.stream;
	enum ev_rc rc = EV_OK;
	bool again = false;
	size_t i;

	r->done = calloc(r->run_count, sizeof(*r->done));
	r->tally = calloc(r->run_count, sizeof(*r->tally));
	if (r->done == NULL || r->tally == NULL)
		return ev_fail_sys(r->err, "cannot read an artifact");
	for (i = 0; i < r->run_count && rc == EV_OK; i++) {
		if (r->done[i])
			continue;
		if (again && stream->rewind == NULL) {
			rc = not_again(r, i);
			continue;
		}
		if (again)
			rc = stream->rewind(stream->ctx, r->err);
		again = true;
		if (rc == EV_OK)
			rc = one_pass(r, i);
	}
	return rc;
}

static enum ev_rc
sum_bytes(const struct reading *r, struct ev_byte_count *bytes)
{
	struct ev_tally all;
	enum ev_rc rc;
	size_t i, n = 0;

	if (r->passes == 1) {
		*bytes = r->tally[0].bytes;
		return EV_OK;
	}
	for (i = 0; i < r->run_count; i++)
		if (r->tally[i].tiles > 0)
			r->tally[n++] = r->tally[i];
	for (i = n; i < r->run_count; i++)
		memset(&r->tally[i], 0, sizeof(r->tally[i]));
	ev_tally_init(&all, false);
	all.sink = r->sink;
	rc = ev_tally_union(&all, r->tally, n, r->size, r->err);
	*bytes = all.bytes;
	return rc;
}

static enum ev_outcome
outcome_of(const struct reading *r, const struct ev_byte_count *bytes)
{
	int64_t found = 0;
	bool only_file = true;
	size_t i;

	for (i = 0; i < r->run_count; i++) {
		found += r->run[i].rows.found;
		only_file =
		    only_file && strcmp(r->run[i].m->reader->name, "file") == 0;
	}
	if (r->lost)
		return EV_O_LOSS;
	if (only_file && is_media(r->in.media))
		return EV_O_MEDIA;
	if (found == 0 && bytes->ignored == 0)
		return EV_O_EMPTY;
	return EV_O_READ;
}

static enum ev_rc
read_mapped(struct reading *r)
{
	struct ev_byte_count bytes;
	const struct ev_stream stream = r->in.stream;
	struct memory memory = { { 0 }, 0, { NULL, NULL, NULL } };
	enum ev_rc rc = EV_OK;

	count_passes(r);
	ev_buf_init(&memory.data, 2 * (size_t)HELD);
	if (r->passes > 1 && r->in.stream.rewind == NULL)
		rc = hold(&memory, &r->in, r->err);
	if (rc == EV_OK)
		rc = all_passes(r);
	ev_buf_release(&memory.data);
	r->in.stream = stream;
	if (rc == EV_OK)
		rc = sum_bytes(r, &bytes);
	if (rc != EV_OK)
		return rc;
	if (bytes.read + bytes.set_aside + bytes.ignored + bytes.frame !=
	    r->size)
		return ev_fail(r->err, EV_USE,
		    "bytes that are not accounted for: %jd of %jd",
		    (intmax_t)(bytes.read + bytes.set_aside + bytes.ignored +
			       bytes.frame),
		    (intmax_t)r->size);
	return r->sink->total(r->sink->ctx, outcome_of(r, &bytes), &bytes,
	    r->fingerprint, r->err);
}

static enum ev_rc
read_unmapped(struct reading *r, enum ev_outcome outcome)
{
	struct ev_byte_count bytes = { 0 };
	enum ev_rc rc;

	rc = drain(&r->in.stream, &bytes.ignored, r->err);
	if (rc == EV_OK && bytes.ignored == 0 && outcome == EV_O_NOT_CONFIRMED)
		outcome = EV_O_EMPTY;
	if (rc == EV_OK)
		rc = r->sink->total(r->sink->ctx, outcome, &bytes, "", r->err);
	return rc;
}

enum ev_rc
ev_reading_run(const struct ev_mapset *set, const struct ev_reading_in *in,
    const struct ev_sink *sink, struct ev_err *err)
{
	struct reading r;
	enum ev_outcome outcome;
	enum ev_rc rc;
	size_t i;

	memset(&r, 0, sizeof(r));
	r.in = *in;
	r.sink = sink;
	r.err = err;
	rc = path_text(&r.path, in, err);
	if (rc != EV_OK)
		goto out;
	r.run = calloc(set->count + 1, sizeof(*r.run));
	if (r.run == NULL) {
		rc = ev_fail_sys(err, "cannot read an artifact");
		goto out;
	}
	outcome = look(set, in, &r.path, r.run, &r.run_count);
	rc =
	    outcome == EV_O_READ ? read_mapped(&r) : read_unmapped(&r, outcome);
out:
	for (i = 0; r.tally != NULL && i < r.run_count; i++)
		ev_tally_release(&r.tally[i]);
	free(r.tally);
	free(r.done);
	free(r.run);
	ev_buf_release(&r.path);
	return rc;
}
