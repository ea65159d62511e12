/* The mapping files of a run: found, read, kept in the case. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "ingest/acquire.h"

static const char suffix[] = ".map";

static const char sql_row[] =
    "INSERT OR IGNORE INTO mapping(name, version, kind, file)"
    " VALUES(?, ?, ?, ?)";
static const char sql_find[] =
    "SELECT id FROM mapping WHERE name = ? AND version = ? AND file = ?";

/* Room for one more file. */
static enum ev_rc
grow(struct ev_maps *m, struct ev_err *err)
{
	const size_t n = m->count + 1;
	void *map, *text, *name, *file;

	map = realloc(m->map, n * sizeof(*m->map));
	if (map != NULL)
		m->map = map;
	text = realloc(m->text, n * sizeof(*m->text));
	if (text != NULL)
		m->text = text;
	name = realloc(m->name, n * sizeof(*m->name));
	if (name != NULL)
		m->name = name;
	file = realloc(m->file, n * sizeof(*m->file));
	if (file != NULL)
		m->file = file;
	if (map == NULL || text == NULL || name == NULL || file == NULL)
		return ev_fail_sys(err, "cannot keep a mapping file");
	return EV_OK;
}

static enum ev_rc
add_file(struct ev_maps *m, int dir, const char *path, const char *name,
    struct ev_err *err)
{
	struct ev_buf *text;
	enum ev_rc rc;

	rc = grow(m, err);
	if (rc != EV_OK)
		return rc;
	text = &m->text[m->count];
	ev_buf_init(text, EV_MAP_LIMIT);
	m->name[m->count] = strdup(name);
	m->file[m->count] = 0;
	m->count++;
	if (m->name[m->count - 1] == NULL)
		return ev_fail_sys(err, "cannot keep a mapping file");
	rc = ev_fs_read_all(text, dir, path, err);
	if (rc == EV_OK)
		rc = ev_mapset_add(m->set, name, text->data, text->len, err);
	return rc;
}

static int
is_map(const struct dirent *entry)
{
	const size_t len = strlen(entry->d_name);

	return len >= sizeof(suffix) && entry->d_name[0] != '.' &&
	       strcmp(entry->d_name + len - sizeof(suffix) + 1, suffix) == 0;
}

static int
compare(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

/* All of DATA/mappings, in the order of their names' bytes. */
static enum ev_rc
add_folder(struct ev_maps *m, const char *data, struct ev_err *err)
{
	struct dirent **entry = NULL;
	struct ev_buf path;
	enum ev_rc rc;
	int dir = -1, n = 0, i;

	ev_buf_init(&path, EV_MAP_LIMIT);
	rc = ev_buf_printf(&path, err, "%s/mappings", data);
	if (rc == EV_OK)
		rc = ev_fs_dir(&dir, ev_buf_text(&path), err);
	if (rc == EV_OK) {
		n = scandirat(dir, ".", &entry, is_map, compare);
		if (n < 0)
			rc = ev_fail_sys(err, "cannot list '%.200s'",
			    ev_buf_text(&path));
	}
	for (i = 0; i < n; i++) {
		if (rc == EV_OK)
			rc = add_file(m, dir, entry[i]->d_name,
			    entry[i]->d_name, err);
		free(entry[i]);
	}
	free(entry);
	if (dir >= 0)
		(void)close(dir);
	ev_buf_release(&path);
	return rc;
}

/* --map FILE: its name in the case is the last part of its path. */
static enum ev_rc
add_named(struct ev_maps *m, const char *file, struct ev_err *err)
{
	const char *slash = strrchr(file, '/');
	const char *name = slash == NULL ? file : slash + 1;
	char *folder;
	enum ev_rc rc;
	int dir;

	folder = slash == NULL ? strdup(".")
			       : strndup(file, (size_t)(slash - file) + 1);
	if (folder == NULL)
		return ev_fail_sys(err, "cannot open '%.200s'", file);
	dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (dir < 0)
		return ev_fail_sys(err, "cannot open '%.200s'", file);
	rc = add_file(m, dir, name, name, err);
	(void)close(dir);
	return rc;
}

/* ID=GLOB: one more glob for a mapping of the set. */
static enum ev_rc
add_glob(struct ev_maps *m, const char *text, size_t n, struct ev_err *err)
{
	const char *equals = strchr(text, '=');
	char *id;
	enum ev_rc rc;

	id = strndup(text, (size_t)(equals - text));
	if (id == NULL)
		return ev_fail_sys(err, "cannot add '%.200s'", text);
	rc = ev_mapset_add_glob(m->set, id, equals + 1, err);
	free(id);
	m->glob[n] = text;
	return rc;
}

static bool
is_glob(const char *text)
{
	const size_t id = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_"
				       ".");

	return id > 0 && text[id] == '=';
}

enum ev_rc
ev_maps_load(struct ev_maps *m, const struct ev_ingest_opts *opts,
    struct ev_err *err)
{
	size_t count = 0, globs = 0, i;
	enum ev_rc rc;

	memset(m, 0, sizeof(*m));
	while (opts->maps != NULL && opts->maps[count] != NULL)
		count++;
	m->glob = calloc(count + 1, sizeof(*m->glob));
	if (m->glob == NULL)
		return ev_fail_sys(err, "cannot read mappings");
	rc = ev_mapset_new(&m->set, err);
	if (rc == EV_OK && opts->data != NULL)
		rc = add_folder(m, opts->data, err);
	for (i = 0; rc == EV_OK && i < count; i++) {
		if (!is_glob(opts->maps[i]))
			rc = add_named(m, opts->maps[i], err);
	}
	for (i = 0; rc == EV_OK && i < count; i++) {
		if (is_glob(opts->maps[i]))
			rc = add_glob(m, opts->maps[i], globs++, err);
	}
	for (i = 0; rc == EV_OK && i < m->count; i++) {
		m->map[i].name = m->name[i];
		m->map[i].text = ev_buf_text(&m->text[i]);
		m->map[i].len = m->text[i].len;
	}
	if (rc == EV_OK) {
		m->row = calloc(ev_mapset_count(m->set) + 1, sizeof(*m->row));
		if (m->row == NULL)
			rc = ev_fail_sys(err, "cannot read mappings");
	}
	return rc;
}

void
ev_maps_release(struct ev_maps *m)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		ev_buf_release(&m->text[i]);
		free(m->name[i]);
	}
	free(m->map);
	free(m->text);
	free(m->name);
	free(m->file);
	free(m->glob);
	free(m->row);
	ev_mapset_free(m->set);
	memset(m, 0, sizeof(*m));
}

enum ev_rc
ev_maps_keep(struct ev_maps *m, struct ev_case *c, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < m->count; i++)
		rc = ev_case_datafile(c, "mapping", m->name[i], m->map[i].text,
		    m->map[i].len, &m->file[i], err);
	memset(m->row, 0, ev_mapset_count(m->set) * sizeof(*m->row));
	return rc;
}

enum ev_rc
ev_maps_row(struct ev_maps *m, struct ev_db *db, int mapping, int64_t *row,
    struct ev_err *err)
{
	const struct ev_mapset_entry *entry;
	int64_t file = 0;
	enum ev_rc rc;
	size_t i;

	*row = m->row[mapping];
	if (*row != 0)
		return EV_OK;
	entry = ev_mapset_entry(m->set, mapping);
	for (i = 0; i < m->count; i++) {
		if (strcmp(m->name[i], entry->file) == 0)
			file = m->file[i];
	}
	rc = ev_db_run(db, err, sql_row, "sisi", entry->id, entry->version,
	    ev_kind_info(entry->kind)->name, file);
	if (rc == EV_OK)
		rc = ev_db_int(db, row, err, sql_find, "sii", entry->id,
		    entry->version, file);
	m->row[mapping] = *row;
	return rc;
}
