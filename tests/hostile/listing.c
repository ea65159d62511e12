/* Print what a reading child tells of files: for the tests in this folder. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/fs.h"
#include "evidence/buf.h"
#include "evidence/text.h"
#include "ingest/child.h"
#include "ingest/reading.h"

/*
 * listing [-n] [-f FORMATS] [-l LIMITS] [-m MAP] [-o ONLY] PARSER FILE...:
 * a line for each event, words parted by blanks, foreign bytes escaped:
 *	exhibit TAG
 *	member ORDINAL PARENT TYPE DECLARED MTIME 'PATH'
 *	media ORDINAL TYPE
 *	note ORDINAL WORD OFFSET 'DETAIL'
 *	aside ORDINAL REASON OFFSET LENGTH 'MESSAGE'
 *	fact ORDINAL KIND OFFSET LENGTH
 *	total ORDINAL OUTCOME BYTES CRC 'FIRST BYTES'
 *	end TAG
 * A begin that comes again says "void" first.
 */
enum { OPEN = 16, FIRST = 48, LINE = 1 << 20, MAPS = 16 };

struct member {
	int64_t ordinal, bytes;
	unsigned long crc;
	unsigned char first[FIRST];
	size_t first_len;
};

struct listing {
	struct member open[OPEN];
	size_t depth;
	bool begun;
	int set_aside, failed;
};

static void
quote(const void *data, size_t len)
{
	struct ev_buf text;
	struct ev_err err;

	ev_buf_init(&text, (size_t)16 * LINE);
	if (ev_text_safe(&text, data, len, EV_TEXT_NAME, &err) != EV_OK)
		abort();
	(void)printf(" '%s'\n", ev_buf_text(&text));
	ev_buf_release(&text);
}

static struct member *
find(struct listing *listing, int64_t ordinal)
{
	size_t i;

	for (i = 0; i < listing->depth; i++) {
		if (listing->open[i].ordinal == ordinal)
			return &listing->open[i];
	}
	abort();
}

static enum ev_rc
on_begin(void *ctx, uint64_t tag, struct ev_err *err)
{
	struct listing *listing = ctx;

	(void)err;
	if (listing->begun)
		(void)printf("void\n");
	listing->begun = true;
	listing->depth = 0;
	(void)printf("exhibit %ju\n", (uintmax_t)tag);
	return EV_OK;
}

static enum ev_rc
on_member(void *ctx, const struct ev_member *member, struct ev_err *err)
{
	struct listing *listing = ctx;
	struct member *open = &listing->open[listing->depth++];

	(void)err;
	memset(open, 0, sizeof(*open));
	open->ordinal = member->ordinal;
	open->crc = crc32(0, NULL, 0);
	(void)printf("member %jd %jd %c %jd ", (intmax_t)member->ordinal,
	    (intmax_t)member->parent, member->type,
	    (intmax_t)member->declared_size);
	if (member->has_mtime)
		(void)printf("%jd", (intmax_t)member->mtime);
	else
		(void)printf("-");
	quote(member->path, member->path_len);
	return EV_OK;
}

static enum ev_rc
on_data(void *ctx, int64_t ordinal, const void *data, size_t len,
    struct ev_err *err)
{
	struct member *open = find(ctx, ordinal);
	size_t n = FIRST - open->first_len;

	(void)err;
	if (n > len)
		n = len;
	memcpy(open->first + open->first_len, data, n);
	open->first_len += n;
	open->bytes += (int64_t)len;
	open->crc = crc32(open->crc, data, (uInt)len);
	return EV_OK;
}

static enum ev_rc
on_media(void *ctx, int64_t ordinal, const char *type, struct ev_err *err)
{
	(void)ctx;
	(void)err;
	(void)printf("media %jd %s\n", (intmax_t)ordinal, type);
	return EV_OK;
}

static enum ev_rc
on_fact(void *ctx, int64_t ordinal, const struct ev_fact *fact,
    struct ev_err *err)
{
	(void)ctx;
	(void)err;
	(void)printf("fact %jd %s %jd %jd\n", (intmax_t)ordinal,
	    ev_kind_info(fact->kind)->name, (intmax_t)fact->offset,
	    (intmax_t)fact->length);
	return EV_OK;
}

static enum ev_rc
on_duplicate(void *ctx, int64_t ordinal, const struct ev_duplicate *row,
    struct ev_err *err)
{
	(void)ctx;
	(void)err;
	(void)printf("duplicate %jd %jd %jd\n", (intmax_t)ordinal,
	    (intmax_t)row->offset, (intmax_t)row->length);
	return EV_OK;
}

static enum ev_rc
on_set_aside(void *ctx, int64_t ordinal, const struct ev_set_aside *what,
    struct ev_err *err)
{
	struct listing *listing = ctx;

	(void)err;
	listing->set_aside++;
	(void)printf("aside %jd %s %jd %jd", (intmax_t)ordinal, what->reason,
	    (intmax_t)what->offset, (intmax_t)what->length);
	quote(what->message, strlen(what->message));
	return EV_OK;
}

static enum ev_rc
on_ignored(void *ctx, int64_t ordinal, int64_t offset, int64_t length,
    struct ev_err *err)
{
	(void)ctx;
	(void)ordinal;
	(void)offset;
	(void)length;
	(void)err;
	return EV_OK;
}

static enum ev_rc
on_note(void *ctx, int64_t ordinal, const struct ev_member_note *note,
    struct ev_err *err)
{
	(void)ctx;
	(void)err;
	(void)printf("note %jd %s %jd", (intmax_t)ordinal, note->word,
	    (intmax_t)note->offset);
	quote(note->detail, strlen(note->detail));
	return EV_OK;
}

static enum ev_rc
on_unknown_key(void *ctx, int64_t ordinal, const struct ev_unknown_key *key,
    struct ev_err *err)
{
	(void)ctx;
	(void)err;
	(void)printf("key %jd %jd", (intmax_t)ordinal, (intmax_t)key->times);
	quote(key->path, key->len);
	return EV_OK;
}

static enum ev_rc
on_rows(void *ctx, int64_t ordinal, int mapping,
    const struct ev_row_count *rows, struct ev_err *err)
{
	(void)ctx;
	(void)err;
	(void)printf("rows %jd %d %jd\n", (intmax_t)ordinal, mapping,
	    (intmax_t)rows->found);
	return EV_OK;
}

static enum ev_rc
on_total(void *ctx, int64_t ordinal, const struct ev_member_total *total,
    struct ev_err *err)
{
	struct listing *listing = ctx;
	struct member *open = find(listing, ordinal);

	(void)err;
	listing->depth--;
	if (total->outcome == EV_O_FAILED)
		listing->failed++;
	(void)printf("total %jd %s %jd %08lx", (intmax_t)ordinal,
	    ev_outcome_name(total->outcome), (intmax_t)open->bytes, open->crc);
	if (total->outcome == EV_O_FAILED)
		quote(total->message, strlen(total->message));
	else
		quote(open->first, open->first_len);
	return EV_OK;
}

static enum ev_rc
on_end(void *ctx, uint64_t tag, struct ev_err *err)
{
	struct listing *listing = ctx;

	(void)err;
	listing->begun = false;
	(void)printf("end %ju\n", (uintmax_t)tag);
	return EV_OK;
}

static enum ev_rc
on_progress(void *ctx, uint64_t tag, int64_t bytes, struct ev_err *err)
{
	(void)ctx;
	(void)tag;
	(void)bytes;
	(void)err;
	return EV_OK;
}

static enum ev_rc
give(struct ev_child *child, const char *path, uint64_t tag, struct ev_err *err)
{
	const char *slash = strrchr(path, '/');
	struct ev_child_exhibit exhibit = { .tag = tag };
	struct stat st;
	enum ev_rc rc;

	exhibit.name = slash == NULL ? path : slash + 1;
	exhibit.name_len = strlen(exhibit.name);
	exhibit.fd = open(path, O_RDONLY | O_CLOEXEC);
	if (exhibit.fd < 0 || fstat(exhibit.fd, &st) < 0)
		return ev_fail_sys(err, "cannot open '%s'", path);
	exhibit.size = st.st_size;
	rc = ev_child_give(child, &exhibit, err);
	if (rc == EV_OK)
		rc = ev_child_drain(child, err);
	(void)close(exhibit.fd);
	return rc;
}

/* The mappings of one file more; the set only counts them. */
static enum ev_rc
add_map(struct ev_child_opts *opts, struct ev_child_map *maps,
    struct ev_mapset *set, const char *path, struct ev_err *err)
{
	struct ev_buf text;
	enum ev_rc rc;

	if (opts->map_count == MAPS)
		return ev_fail(err, EV_USE, "too many files of mappings");
	/* Kept until the end of the program. */
	ev_buf_init(&text, LINE);
	rc = ev_fs_read_all(&text, AT_FDCWD, path, err);
	if (rc == EV_OK)
		rc = ev_mapset_add(set, path, text.data, text.len, err);
	maps[opts->map_count].name = path;
	maps[opts->map_count].text = text.data;
	maps[opts->map_count].len = text.len;
	opts->map_count++;
	opts->maps = maps;
	opts->mapping_count = (int)ev_mapset_count(set);
	return rc;
}

static void
free_maps(struct ev_child_opts *opts)
{
	size_t i;

	for (i = 0; i < opts->map_count; i++) {
		const void *text = opts->maps[i].text;

		free((void *)(uintptr_t)text);
	}
}

static int
usage(void)
{
	(void)fprintf(stderr,
	    "usage: listing [-n] [-f FORMATS] [-l LIMITS] [-m MAP] "
	    "[-o ONLY] PARSER FILE...\n");
	return 2;
}

int
main(int argc, char **argv)
{
	struct ev_child_opts opts = { .read = true };
	struct listing listing = { .depth = 0 };
	const struct ev_child_events events = { &listing, on_begin, on_member,
		on_data, on_media, on_fact, on_duplicate, on_set_aside,
		on_ignored, on_note, on_unknown_key, on_rows, on_total, on_end,
		on_progress };
	struct ev_child_map maps[MAPS];
	struct ev_mapset *set = NULL;
	struct ev_child *child = NULL;
	struct ev_err err;
	enum ev_rc rc;
	uint64_t tag = 1;
	int c;

	rc = ev_mapset_new(&set, &err);
	while ((c = getopt(argc, argv, "nf:l:m:o:")) != -1) {
		if (c == 'n')
			opts.no_sandbox = true;
		else if (c == 'f')
			opts.formats = optarg;
		else if (c == 'l')
			opts.limits = optarg;
		else if (c == 'm' && rc == EV_OK)
			rc = add_map(&opts, maps, set, optarg, &err);
		else if (c == 'o')
			opts.only = optarg;
		else
			return usage();
	}
	if (argc - optind < 2)
		return usage();
	opts.parser = argv[optind++];
	if (rc == EV_OK)
		rc = ev_child_start(&child, &opts, &events, &err);
	while (rc == EV_OK && optind < argc)
		rc = give(child, argv[optind++], tag++, &err);
	ev_child_free(child);
	free_maps(&opts);
	ev_mapset_free(set);
	if (rc != EV_OK) {
		(void)fprintf(stderr, "listing: %s\n", err.msg);
		return 2;
	}
	return listing.set_aside + listing.failed > 0 ? 3 : 0;
}
