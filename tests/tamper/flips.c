/* Single bits flipped, one at a time; after each the verifier must say so. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "evidence/case.h"
#include "evidence/custody.h"
#include "evidence/verify.h"
#include "seal/bytes.h"
#include "seal/unzip.h"

/*
 * flips bundle FILE [COUNT]: of a bundle, in memory, by the library: every
 *	bit, or COUNT of them evenly spread.  FAILED must name the entry, or
 *	the byte.
 * flips case FOLDER COPY [COUNT]: of the log of a case, where it lies in
 *	case.db, and of every head: found by what ev-custody verify does.  The
 *	second folder is a copy of the first, for half of the work.  The case
 *	was closed, so that its database is one file.
 * A line for each flip that was not found; then the count.  Exit 0: all were.
 */
enum { WORKERS = 2, SHOWN = 20, BITS = 8, LIMIT = 1 << 30 };

struct span {
	int fd;
	int64_t at, len; /* in the file */
	char name[256];
};

struct work {
	const char *path; /* of what is verified */
	struct span *span;
	size_t spans;
	uint64_t flips, step; /* flips at all; every step-th is done */
	struct ev_case *open; /* of a case */
	int db;
	/* Of one verification. */
	const char *want;
	bool failed, named;
	char said[512];
};

static _Noreturn void
die(const char *what)
{
	perror(what);
	exit(2);
}

static void
on_finding(void *ctx, const struct ev_verify_finding *f)
{
	struct work *w = ctx;

	if (f->state != EV_VERIFY_FAILED)
		return;
	w->failed = true;
	w->named = w->named || strstr(f->what, w->want) != NULL ||
		   strstr(f->what, "byte ") != NULL ||
		   strstr(f->what, "is there twice") != NULL ||
		   strstr(f->what, "entry ") != NULL;
	(void)snprintf(w->said, sizeof(w->said), "%s", f->what);
}

static void
on_custody(void *ctx, const struct ev_custody_finding *f)
{
	struct work *w = ctx;

	if (f->state != EV_CUSTODY_FAILED)
		return;
	w->failed = true;
	w->named = true;
	(void)snprintf(w->said, sizeof(w->said), "%s", f->what);
}

/* SQLite reads its pages anew when the file's change counter has moved. */
static void
touch(int db)
{
	unsigned char counter[4];

	if (pread(db, counter, 4, 24) != 4)
		die("pread");
	counter[3]++;
	if (pwrite(db, counter, 4, 24) != 4)
		die("pwrite");
}

static enum ev_rc
look(struct work *w, struct ev_err *err)
{
	const struct ev_verify how = { .path = w->path,
		.quick = true,
		.stop = true,
		.no_sandbox = true };
	w->failed = w->named = false;
	w->said[0] = '\0';
	if (w->open == NULL)
		return ev_verify_bundle(&how, on_finding, w, err);
	touch(w->db);
	return ev_custody_verify(w->open, NULL, on_custody, w, err);
}

static void
flip(const struct span *s, int64_t at, unsigned bit)
{
	unsigned char c;

	if (pread(s->fd, &c, 1, s->at + at) != 1)
		die("pread");
	c ^= (unsigned char)(1U << bit);
	if (pwrite(s->fd, &c, 1, s->at + at) != 1)
		die("pwrite");
}

/* One flip, looked at and taken back; whether it was found and named. */
static bool
one(struct work *w, const struct span *s, int64_t at, unsigned bit)
{
	struct ev_err err = { .msg = "" };
	enum ev_rc rc;
	bool good;

	w->want = s->name;
	flip(s, at, bit);
	rc = look(w, &err);
	flip(s, at, bit);
	good = rc == EV_MISMATCH && w->failed && w->named;
	if (!good)
		(void)printf("%s: byte %" PRId64 " bit %u: %s: %s\n", s->name,
		    s->at + at, bit,
		    rc != EV_MISMATCH ? "not found" : "not named",
		    w->said[0] == '\0' ? err.msg : w->said);
	return good;
}

/* Every step-th flip, less those of the other workers. */
static uint64_t
some(struct work *w, uint64_t worker, uint64_t *done)
{
	uint64_t n = 0, bad = 0, turn;
	size_t i;
	int64_t bit;

	for (i = 0; i < w->spans; i++) {
		for (bit = 0; bit < w->span[i].len * BITS; bit++, n++) {
			if (n % w->step != 0)
				continue;
			turn = n / w->step;
			/* Evenly spread, and yet each of the eight bits. */
			if (turn % WORKERS != worker)
				continue;
			bad += !one(w, &w->span[i], bit / BITS,
			    (unsigned)((bit + (w->step > 1 ? bit / BITS : 0)) %
				       BITS));
			++*done;
			if (bad >= SHOWN)
				return bad;
		}
	}
	return bad;
}

static struct span *
more(struct work *w)
{
	struct span *s;

	w->span = realloc(w->span, (w->spans + 1) * sizeof(*s));
	if (w->span == NULL)
		die("memory");
	s = &w->span[w->spans++];
	memset(s, 0, sizeof(*s));
	return s;
}

/* Each worker has a copy of its own to flip bits in. */
static void
open_bundle(struct work *w, const char *path)
{
	static char self[64];
	struct ev_bytes bytes;
	struct ev_zip_source source;
	struct ev_unzip *zip;
	struct ev_buf buf;
	struct ev_err err;
	struct span *s;
	int64_t at = 0;
	size_t i;
	int fd;

	ev_buf_init(&buf, LIMIT);
	if (ev_fs_read_all(&buf, AT_FDCWD, path, &err) != EV_OK) {
		(void)fprintf(stderr, "flips: %s\n", err.msg);
		exit(2);
	}
	fd = memfd_create("bundle", MFD_CLOEXEC);
	if (fd < 0 || ev_fs_write(fd, buf.data, buf.len, &err) != EV_OK)
		die("memfd");
	(void)snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	w->path = self;
	bytes = EV_BYTES_BUF(&buf);
	source = ev_unzip_bytes(&bytes);
	if (ev_unzip_open(&zip, &source, &err) != EV_OK) {
		(void)fprintf(stderr, "flips: %s: %s\n", path, err.msg);
		exit(2);
	}
	for (i = 0; i <= ev_unzip_count(zip); i++) {
		const struct ev_zip_entry *e = ev_unzip_entry(zip, i);

		s = more(w);
		s->fd = fd;
		s->at = at;
		at = e == NULL ? (int64_t)buf.len
			       : e->offset + ev_zip_local_size(e) + e->size;
		s->len = at - s->at;
		(void)snprintf(s->name, sizeof(s->name), "%s",
		    e == NULL ? "the directory" : e->name);
	}
	ev_unzip_free(zip);
	ev_buf_release(&buf);
}

static void
add_file(struct work *w, const char *path)
{
	struct stat st;
	struct span *s = more(w);

	(void)chmod(path, 0644);
	s->fd = open(path, O_RDWR | O_CLOEXEC);
	if (s->fd < 0 || fstat(s->fd, &st) < 0)
		die(path);
	s->len = st.st_size;
	(void)snprintf(s->name, sizeof(s->name), "%s", path);
}

/* Each entry, where its bytes stand in case.db. */
static void
add_entries(struct work *w, const char *path, const struct ev_buf *db)
{
	struct ev_custody_entry entry;
	struct ev_custody *log = NULL;
	const unsigned char *found;
	struct ev_err err;
	struct span *s;
	char file[4096];

	(void)snprintf(file, sizeof(file), "%s/case.db", path);
	w->db = open(file, O_RDWR | O_CLOEXEC);
	if (w->db < 0)
		die(file);
	if (ev_case_open(&w->open, path, EV_CASE_READ, NULL, &err) != EV_OK ||
	    ev_custody_open(&log, w->open, &err) != EV_OK) {
		(void)fprintf(stderr, "flips: %s\n", err.msg);
		exit(2);
	}
	while (ev_custody_next(log, &entry, &err) == EV_OK) {
		found = memmem(db->data, db->len, entry.leaf, entry.leaf_len);
		if (found == NULL) {
			(void)fprintf(stderr,
			    "flips: entry %" PRId64 " lies in pieces\n",
			    entry.seq);
			exit(2);
		}
		s = more(w);
		s->fd = w->db;
		s->at = found - db->data;
		s->len = (int64_t)entry.leaf_len;
		(void)snprintf(s->name, sizeof(s->name), "entry %" PRId64,
		    entry.seq);
	}
	ev_custody_close(log);
}

static void
open_case(struct work *w, const char *path)
{
	char file[4096];
	struct ev_err err;
	struct ev_buf db;
	glob_t heads;
	size_t i;

	w->path = path;
	ev_buf_init(&db, LIMIT);
	(void)snprintf(file, sizeof(file), "%s/case.db", path);
	if (ev_fs_read_all(&db, AT_FDCWD, file, &err) != EV_OK) {
		(void)fprintf(stderr, "flips: %s\n", err.msg);
		exit(2);
	}
	add_entries(w, path, &db);
	(void)snprintf(file, sizeof(file), "%s/heads/*.note", path);
	if (glob(file, 0, NULL, &heads) != 0)
		die(file);
	for (i = 0; i < heads.gl_pathc; i++)
		add_file(w, heads.gl_pathv[i]);
	globfree(&heads);
	ev_buf_release(&db);
}

/* In processes of their own, each with a copy of its own. */
static uint64_t
all(struct work *w, char **path, uint64_t *done)
{
	uint64_t sum[2] = { 0, 0 }, part[2];
	int pipes[2], status;
	uint64_t n;

	if (pipe(pipes) < 0)
		die("pipe");
	for (n = 0; n < WORKERS; n++) {
		(void)fflush(stdout);
		if (fork() != 0)
			continue;
		w->spans = 0;
		if (w->open != NULL)
			open_case(w, path[n]);
		else
			open_bundle(w, path[0]);
		part[0] = 0;
		part[1] = some(w, n, &part[0]);
		(void)fflush(stdout);
		_exit(write(pipes[1], part, sizeof(part)) == sizeof(part) ? 0
									  : 2);
	}
	for (n = 0; n < WORKERS; n++) {
		if (wait(&status) < 0 || status != 0 ||
		    read(pipes[0], part, sizeof(part)) != sizeof(part))
			die("a worker failed");
		sum[0] += part[0];
		sum[1] += part[1];
	}
	*done = sum[0];
	return sum[1];
}

static int
usage(void)
{
	(void)fprintf(stderr,
	    "usage: flips bundle FILE [COUNT] | case FOLDER COPY [COUNT]\n");
	return 2;
}

int
main(int argc, char **argv)
{
	struct work w = { .step = 1, .want = "" };
	const int paths = argc > 1 && strcmp(argv[1], "case") == 0 ? 2 : 1;
	uint64_t done = 0, bad, count;
	struct ev_err err = { .msg = "" };
	enum ev_rc rc;
	size_t i;

	if (argc < 2 + paths || argc > 3 + paths ||
	    (paths == 1 && strcmp(argv[1], "bundle") != 0))
		return usage();
	if (paths == 2)
		open_case(&w, argv[2]);
	else
		open_bundle(&w, argv[2]);
	for (i = 0; i < w.spans; i++)
		w.flips += (uint64_t)w.span[i].len * BITS;
	count =
	    argc == 3 + paths ? strtoull(argv[2 + paths], NULL, 10) : w.flips;
	if (count > 0 && count < w.flips)
		w.step = w.flips / count;
	rc = look(&w, &err);
	if (rc != EV_OK && rc != EV_PARTIAL) {
		(void)fprintf(stderr, "flips: %s before any flip: %s\n",
		    argv[2], w.said[0] == '\0' ? err.msg : w.said);
		return 2;
	}
	bad = all(&w, argv + 2, &done);
	(void)printf("%" PRIu64 " of %" PRIu64 " flips, of %" PRIu64
		     " bits, found and named\n",
	    done - bad, done, w.flips);
	return bad == 0 && done > 0 ? 0 : 1;
}
