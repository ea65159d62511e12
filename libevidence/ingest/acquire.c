/* Acquisitions: one source after the other, in batches, in a fixed order. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "case/custody.h"
#include "ingest/acquire.h"
#include "ingest/walk.h"

enum {
	BATCH_US = 1000000, /* evidence.md 2 */
	TELL_US = 50000,
	OPTION_LIMIT = 1 << 16,
	BUSY_FACTS = 200000,
};

int64_t
ev_acquire_clock(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void
ev_acquire_told(struct ev_acquire *a, bool now)
{
	struct ev_progress p;

	if (a->opts->progress == NULL)
		return;
	p.elapsed_us = ev_acquire_clock() - a->begun_us;
	if (!now && p.elapsed_us - a->told_us < TELL_US)
		return;
	a->told_us = p.elapsed_us;
	/* Half the work is taking bytes in, the other half reading them. */
	p.bytes_done = (a->bytes_copied + a->bytes_read) / 2;
	p.bytes_total = a->planned_bytes;
	p.members = a->totals.artifacts;
	a->opts->progress(a->opts->progress_ctx, &p);
}

enum ev_rc
ev_acquire_begin(struct ev_acquire *a, struct ev_err *err)
{
	a->committed_us = ev_acquire_clock();
	a->batch_facts = 0;
	return ev_db_begin(a->db, err);
}

enum ev_rc
ev_acquire_commit(struct ev_acquire *a, struct ev_err *err)
{
	enum ev_rc rc;

	if (a->opts->dry_run)
		return EV_OK;
	if (a->receive != 0) {
		rc = ev_vault_sync(a->vault, err);
		if (rc != EV_OK)
			return rc;
	}
	return ev_db_commit(a->db, err);
}

enum ev_rc
ev_acquire_batch(struct ev_acquire *a, struct ev_err *err)
{
	enum ev_rc rc;

	if (a->opts->dry_run)
		return EV_OK;
	if ((a->vault == NULL || ev_vault_waiting(a->vault) < EV_VAULT_BATCH) &&
	    a->batch_facts < BUSY_FACTS &&
	    ev_acquire_clock() - a->committed_us < BATCH_US)
		return EV_OK;
	rc = ev_acquire_commit(a, err);
	return rc == EV_OK ? ev_acquire_begin(a, err) : rc;
}

/* "md5,sha1" to EV_D_*. */
static enum ev_rc
parse_hash(struct ev_acquire *a, const char *text, struct ev_err *err)
{
	size_t len;

	a->want = EV_VAULT_WANT;
	while (text != NULL && *text != '\0') {
		len = strcspn(text, ",");
		if (len == 3 && strncmp(text, "md5", len) == 0)
			a->want |= EV_D_MD5;
		else if (len == 4 && strncmp(text, "sha1", len) == 0)
			a->want |= EV_D_SHA1;
		else
			return ev_fail(err, EV_USE,
			    "'%.50s' is no hash to add: md5 or sha1", text);
		text += len + (text[len] == ',');
	}
	return EV_OK;
}

static enum ev_rc
join_limits(struct ev_acquire *a, struct ev_err *err)
{
	const char *const *limit = a->opts->limits;
	enum ev_rc rc = EV_OK;

	for (; rc == EV_OK && limit != NULL && *limit != NULL; limit++) {
		if (a->limits.len > 0)
			rc = ev_buf_putc(&a->limits, ' ', err);
		if (rc == EV_OK)
			rc = ev_buf_puts(&a->limits, *limit, err);
	}
	return rc;
}

static enum ev_rc
start_child(struct ev_acquire *a, struct ev_err *err)
{
	const struct ev_child_cage *cage;
	struct ev_child_events events;
	enum ev_rc rc;

	rc = ev_child_parser(&a->parser, err);
	if (rc != EV_OK)
		return rc;
	a->child_opts.parser = ev_buf_text(&a->parser);
	a->child_opts.maps = a->maps.map;
	a->child_opts.map_count = a->maps.count;
	a->child_opts.mapping_count = (int)ev_mapset_count(a->maps.set);
	a->child_opts.globs = a->maps.glob;
	a->child_opts.formats =
	    a->opts->formats == NULL ? "" : a->opts->formats;
	a->child_opts.limits = ev_buf_text(&a->limits);
	a->child_opts.no_sandbox = a->opts->no_sandbox;
	a->child_opts.read = a->opts->quarantine == NULL;
	events = ev_acquire_events;
	events.ctx = a;
	rc = ev_child_start(&a->child, &a->child_opts, &events, err);
	if (rc != EV_OK)
		return rc;
	cage = ev_child_cage(a->child);
	a->totals.landlock_abi = cage->landlock_abi;
	a->totals.seccomp = cage->seccomp;
	a->totals.limits = cage->limits;
	return EV_OK;
}

static enum ev_rc
next_numbers(struct ev_acquire *a, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_db_int(a->db, &a->next_artifact, err,
	    "SELECT coalesce(max(id), 0) + 1 FROM artifact", "");
	if (rc == EV_OK)
		rc = ev_db_int(a->db, &a->next_reading, err,
		    "SELECT coalesce(max(id), 0) + 1 FROM reading", "");
	if (rc == EV_OK)
		rc = ev_db_int(a->db, &a->next_fact, err,
		    "SELECT coalesce(max(id), 0) + 1 FROM fact", "");
	return rc;
}

enum ev_rc
ev_acquire_start(struct ev_acquire *a, struct ev_case *c,
    const struct ev_ingest_opts *opts, struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	memset(a, 0, sizeof(*a));
	a->c = c;
	a->db = ev_case_db(c);
	a->opts = opts;
	a->vault_dir = -1;
	a->begun_us = ev_acquire_clock();
	ev_buf_init(&a->parser, OPTION_LIMIT);
	ev_buf_init(&a->limits, OPTION_LIMIT);
	ev_spool_init(&a->spool, ev_case_dir_fd(c));
	for (i = 0; i < EV_CHILD_OPEN; i++)
		ev_buf_init(&a->open[i].path, EV_LINE_LIMIT);
	rc = parse_hash(a, opts->hash, err);
	if (rc == EV_OK)
		rc = join_limits(a, err);
	if (rc == EV_OK)
		rc = ev_maps_load(&a->maps, opts, err);
	if (rc == EV_OK)
		rc = next_numbers(a, err);
	if (rc == EV_OK)
		rc = ev_row_prepare(a, err);
	if (rc != EV_OK)
		return rc;
	/* Pages that many rows change are written to the database once. */
	rc = ev_db_run(a->db, err, "PRAGMA wal_autocheckpoint=16384", "");
	if (rc != EV_OK)
		return rc;
	a->vault_dir = openat(ev_case_dir_fd(c), "vault",
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (a->vault_dir < 0)
		return ev_fail_sys(err, "cannot open the vault");
	a->arena = malloc(EV_ARENA);
	if (a->arena == NULL)
		return ev_fail_sys(err, "cannot begin to ingest");
	rc = ev_hasher_new(&a->hasher, a->want, err);
	return rc == EV_OK ? start_child(a, err) : rc;
}

void
ev_acquire_stop(struct ev_acquire *a)
{
	size_t i;

	ev_db_rollback(a->db);
	ev_child_free(a->child);
	ev_hasher_free(a->hasher);
	for (; a->done < a->taken; a->done++) {
		struct ev_slot *slot = &a->slot[a->done % EV_SLOTS];

		if (slot->span.fd >= 0)
			(void)close(slot->span.fd);
		free(slot->name);
	}
	for (i = 0; i < EV_CHILD_OPEN; i++) {
		ev_buf_release(&a->open[i].path);
		ev_digest_release(&a->open[i].digest);
	}
	ev_vault_free(a->vault);
	ev_row_finish(a);
	ev_maps_release(&a->maps);
	ev_spool_release(&a->spool);
	ev_buf_release(&a->parser);
	ev_buf_release(&a->limits);
	free(a->failed);
	free(a->arena);
	free(a->big);
	if (a->vault_dir >= 0)
		(void)close(a->vault_dir);
}

/* Where a source is, and what form it has. */
struct source {
	const char *named;
	const char *form;
	int dir;    /* the folder itself, or the one that holds the file */
	char *file; /* its name there; NULL for a folder */
};

static enum ev_rc
open_file(struct source *s, struct ev_err *err)
{
	const char *slash = strrchr(s->named, '/');
	struct stat st;
	char *folder;

	s->form = "file";
	folder = slash == NULL
		     ? strdup(".")
		     : strndup(s->named, (size_t)(slash - s->named) + 1);
	s->file = strdup(slash == NULL ? s->named : slash + 1);
	if (folder != NULL)
		s->dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (s->file == NULL || s->dir < 0 ||
	    fstatat(s->dir, s->file, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return ev_fail_sys(err, "cannot open '%.200s'", s->named);
	if (!S_ISREG(st.st_mode))
		return ev_fail(err, EV_USE,
		    "'%.200s' is neither a file nor a folder", s->named);
	return EV_OK;
}

static enum ev_rc
open_source(struct source *s, struct ev_err *err)
{
	struct ev_err ignored;

	s->dir = -1;
	s->file = NULL;
	if (strcmp(s->named, "-") == 0) {
		s->form = "stdin";
		return EV_OK;
	}
	if (ev_fs_dir(&s->dir, s->named, &ignored) == EV_OK) {
		s->form = "folder";
		return EV_OK;
	}
	if (ignored.errnum == ENOTDIR || ignored.errnum == ELOOP)
		return open_file(s, err);
	*err = ignored;
	return err->rc;
}

static void
close_source(struct source *s)
{
	if (s->dir >= 0)
		(void)close(s->dir);
	free(s->file);
	s->file = NULL;
	s->dir = -1;
}

/* How much there is to do: for the entry and for the progress bar. */
static enum ev_rc
plan(struct ev_acquire *a, const struct source *s, struct ev_err *err)
{
	struct ev_walk *walk = NULL;
	struct ev_walk_item item;
	struct stat st;
	enum ev_rc rc;

	a->planned_bytes = a->planned_files = 0;
	if (s->dir < 0) {
		a->planned_bytes = -1;
		a->planned_files = 1;
		return EV_OK;
	}
	if (s->file != NULL) {
		if (fstatat(s->dir, s->file, &st, AT_SYMLINK_NOFOLLOW) != 0)
			return ev_fail_sys(err, "cannot open '%.200s'",
			    s->named);
		a->planned_bytes = st.st_size;
		a->planned_files = 1;
		return EV_OK;
	}
	rc = ev_walk_new(&walk, s->dir, true, err);
	while (rc == EV_OK && (rc = ev_walk_next(walk, &item, err)) == EV_OK) {
		if (item.type != 'f')
			continue;
		a->planned_bytes += item.size;
		a->planned_files++;
	}
	ev_walk_free(walk);
	return rc == EV_EOF ? EV_OK : rc;
}

static bool
interrupted(struct ev_acquire *a)
{
	if (a->opts->stop != NULL && *a->opts->stop != 0)
		a->stopped = true;
	return a->stopped;
}

static enum ev_rc
take_item(struct ev_acquire *a, int dir, const struct ev_walk_item *item,
    struct ev_err *err)
{
	static const struct {
		char type;
		const char *reason, *message;
	} others[] = {
		{ 'l', "link", "a symbolic link is not followed" },
		{ 'p', "fifo", "a pipe is not waited for" },
		{ 's', "socket", "a socket is not opened" },
		{ 'c', "device", "a device is not opened" },
		{ 'b', "device", "a device is not opened" },
	};
	size_t i;

	if (item->type == 'f')
		return ev_slot_file(a, dir, item->path, item->path, err);
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		if (others[i].type == item->type)
			return ev_slot_left_out(a, item->path, others[i].reason,
			    others[i].message, err);
	}
	return ev_slot_left_out(a, item->path, "unreadable", item->trouble,
	    err);
}

static enum ev_rc
take_folder(struct ev_acquire *a, int dir, struct ev_err *err)
{
	struct ev_walk *walk = NULL;
	struct ev_walk_item item;
	enum ev_rc rc;

	rc = ev_walk_new(&walk, dir, false, err);
	while (rc == EV_OK && !interrupted(a) &&
	       (rc = ev_walk_next(walk, &item, err)) == EV_OK)
		rc = take_item(a, dir, &item, err);
	ev_walk_free(walk);
	return rc == EV_EOF ? EV_OK : rc;
}

static enum ev_rc
take_source(struct ev_acquire *a, const struct source *s, struct ev_err *err)
{
	enum ev_rc rc;

	if (s->dir < 0)
		rc = ev_slot_stdin(a, err);
	else if (s->file != NULL)
		rc = ev_slot_file(a, s->dir, s->file, s->file, err);
	else
		rc = take_folder(a, s->dir, err);
	return rc == EV_OK ? ev_slot_drain(a, err) : rc;
}

static void
begin_totals(struct ev_acquire *a, const char *named)
{
	struct ev_ingest_totals *t = &a->totals;
	struct ev_ingest_totals fresh = {
		.source = named,
		.source_len = named == NULL ? 0 : strlen(named),
		.landlock_abi = t->landlock_abi,
		.seccomp = t->seccomp,
		.limits = t->limits,
	};

	*t = fresh;
	a->first_reading = 0;
	a->bytes_copied = a->bytes_read = 0;
	a->begun_us = ev_acquire_clock();
	a->told_us = 0;
}

/* The intent is durable before the first byte is taken. */
static enum ev_rc
intend(struct ev_acquire *a, const struct source *s, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_acquire_begin(a, err);
	if (rc == EV_OK && a->vault == NULL)
		rc = a->opts->dry_run
			 ? ev_vault_dry(&a->vault, a->db, err)
			 : ev_vault_open(&a->vault, a->db, a->vault_dir, err);
	if (rc == EV_OK)
		ev_vault_paranoid(a->vault, a->opts->paranoid);
	if (rc == EV_OK)
		rc = ev_acquire_receive(a, s->named, s->form, err);
	if (rc == EV_OK && !a->resumed)
		a->first_reading = a->next_reading;
	if (rc == EV_OK)
		rc = ev_maps_keep(&a->maps, a->c, err);
	if (rc == EV_OK)
		rc = ev_acquire_commit(a, err);
	if (rc == EV_OK && !a->opts->dry_run)
		rc = ev_acquire_begin(a, err);
	return rc;
}

/* Late indexes and full text, before the facts count. */
static enum ev_rc
build_late(struct ev_acquire *a, struct ev_err *err)
{
	int64_t any = 0;
	enum ev_rc rc;

	if (a->opts->dry_run || ev_db_has_late(a->db))
		return EV_OK;
	rc = ev_db_int(a->db, &any, err, "SELECT EXISTS(SELECT 1 FROM fact)",
	    "");
	if (rc != EV_OK || any == 0)
		return rc;
	rc = ev_acquire_commit(a, err);
	if (rc == EV_OK)
		rc = ev_db_late(a->db, err);
	return rc == EV_OK ? ev_acquire_begin(a, err) : rc;
}

enum ev_rc
ev_acquire_conclude(struct ev_acquire *a, struct ev_err *err)
{
	enum ev_rc rc;

	rc = build_late(a, err);
	if (rc == EV_OK)
		rc = ev_acquire_finish(a, err);
	if (rc == EV_OK)
		rc = ev_account(a, err);
	if (rc == EV_OK)
		rc = ev_acquire_commit(a, err);
	if (rc == EV_OK) {
		ev_acquire_told(a, true);
		rc = ev_account_tell(a, err);
	}
	/* A dry run leaves nothing of itself. */
	ev_db_rollback(a->db);
	if (rc == EV_OK && a->opts->dry_run) {
		ev_vault_free(a->vault);
		a->vault = NULL;
		rc = next_numbers(a, err);
	}
	return rc;
}

static enum ev_rc
acquire(struct ev_acquire *a, const char *named, struct ev_err *err)
{
	struct source s = { .named = named };
	enum ev_rc rc;

	begin_totals(a, named);
	rc = open_source(&s, err);
	if (rc == EV_OK)
		rc = plan(a, &s, err);
	if (rc == EV_OK)
		rc = intend(a, &s, err);
	if (rc == EV_OK)
		rc = take_source(a, &s, err);
	close_source(&s);
	if (!a->stopped)
		return rc == EV_OK ? ev_acquire_conclude(a, err) : rc;
	/* What is in hand is kept; the same command finds it again. */
	rc = ev_slot_drain(a, err);
	if (rc == EV_OK)
		rc = ev_acquire_commit(a, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_fail(err, EV_SYS,
	    "interrupted: repeat the command to go on from here");
	err->errnum = EINTR;
	return rc;
}

/* Sources that cannot be opened are told before anything is written. */
static enum ev_rc
try_sources(const char *const *sources, struct ev_err *err)
{
	struct source s;
	enum ev_rc rc = EV_OK;

	for (; rc == EV_OK && *sources != NULL; sources++) {
		memset(&s, 0, sizeof(s));
		s.named = *sources;
		rc = open_source(&s, err);
		close_source(&s);
	}
	return rc;
}

enum ev_rc
ev_ingest(struct ev_case *c, const char *const *sources,
    const struct ev_ingest_opts *opts, struct ev_err *err)
{
	struct ev_acquire *a;
	struct ev_err later;
	bool partial;
	enum ev_rc rc;

	rc = try_sources(sources, err);
	if (rc != EV_OK)
		return rc;
	a = malloc(sizeof(*a));
	if (a == NULL)
		return ev_fail_sys(err, "cannot begin to ingest");
	rc = ev_acquire_start(a, c, opts, err);
	for (; rc == EV_OK && *sources != NULL; sources++)
		rc = acquire(a, *sources, err);
	partial = a->partial;
	ev_acquire_stop(a);
	free(a);
	/* Keys are loaded now that the last child has ended. */
	if (!opts->dry_run && ev_custody_seal(c, &later) != EV_OK &&
	    rc == EV_OK) {
		*err = later;
		rc = later.rc;
	}
	if (rc == EV_OK && partial)
		return ev_fail(err, EV_PARTIAL,
		    "something was not read: see"
		    " the account");
	return rc;
}
