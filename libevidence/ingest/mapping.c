/* A set of mappings. */
#include <stdlib.h>
#include <string.h>

#include "ingest/glob.h"
#include "ingest/mapping.h"

void
ev_words_release(struct ev_words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		free(words->word[i].data);
	free(words->word);
}

void
ev_path_release(struct ev_path *path)
{
	size_t i, k;

	for (i = 0; i < path->count; i++) {
		for (k = 0; k < path->step[i].key_count; k++) {
			free(path->step[i].key[k].name.data);
			free(path->step[i].key[k].meta.data);
		}
		free(path->step[i].key);
	}
	free(path->step);
}

static void
release_place(struct ev_place *place)
{
	ev_path_release(&place->path);
	free(place->from.data);
	free(place->to.data);
}

static void
release_conv(struct ev_conv *conv)
{
	size_t i;

	for (i = 0; i < conv->arg_count; i++)
		free(conv->arg[i]);
	free(conv->arg);
}

static void
release_fields(struct ev_mapping *m)
{
	size_t i;

	for (i = 0; i < m->field_count; i++) {
		free(m->field[i].text.data);
		release_place(&m->field[i].place);
		release_conv(&m->field[i].conv);
	}
	free(m->field);
	for (i = 0; i < m->when_count; i++) {
		release_place(&m->when[i].place);
		ev_words_release(&m->when[i].words);
	}
	free(m->when);
}

void
ev_mapping_free(struct ev_mapping *m)
{
	size_t i;

	if (m == NULL)
		return;
	release_fields(m);
	for (i = 0; i < m->probe_count; i++)
		ev_words_release(&m->probe[i]);
	free(m->probe);
	for (i = 0; i < m->option_count; i++) {
		free(m->option[i].name.data);
		free(m->option[i].value.data);
	}
	free(m->option);
	for (i = 0; i < m->rows_count; i++)
		ev_path_release(&m->rows[i]);
	free(m->rows);
	for (i = 0; i < m->known_count; i++)
		ev_path_release(&m->known[i]);
	free(m->known);
	release_place(&m->platform_place);
	release_conv(&m->platform_conv);
	release_place(&m->expect);
	ev_words_release(&m->match);
	ev_words_release(&m->nulls);
	ev_words_release(&m->redacted);
	ev_words_release(&m->limits);
	free(m->limit_list);
	free(m->platform);
	free(m->id);
	free(m->title);
	free(m);
}

void
ev_map_file_release(struct ev_map_file *file)
{
	size_t i;

	for (i = 0; i < file->alias_count; i++) {
		free(file->alias[i].name);
		ev_words_release(&file->alias[i].words);
	}
	free(file->alias);
	free(file->name);
	free(file->text);
}

enum ev_rc
ev_mapset_new(struct ev_mapset **set, struct ev_err *err)
{
	*set = calloc(1, sizeof(**set));
	if (*set == NULL)
		return ev_fail_sys(err, "cannot keep mappings");
	return EV_OK;
}

void
ev_mapset_free(struct ev_mapset *set)
{
	size_t i;

	if (set == NULL)
		return;
	for (i = 0; i < set->count; i++)
		ev_mapping_free(set->mapping[i]);
	free(set->mapping);
	for (i = 0; i < set->file_count; i++) {
		ev_map_file_release(set->file[i]);
		free(set->file[i]);
	}
	free(set->file);
	free(set);
}

static struct ev_map_file *
new_file(const char *name, const void *text, size_t len)
{
	struct ev_map_file *file;

	file = calloc(1, sizeof(*file));
	if (file == NULL)
		return NULL;
	file->name = strdup(name);
	file->text = malloc(len + 1);
	if (file->name == NULL || file->text == NULL) {
		ev_map_file_release(file);
		free(file);
		return NULL;
	}
	if (len > 0)
		memcpy(file->text, text, len);
	file->text[len] = '\0';
	file->len = len;
	return file;
}

static struct ev_mapping *
find(const struct ev_mapset *set, const char *id)
{
	size_t i;

	for (i = 0; i < set->count; i++)
		if (strcmp(set->mapping[i]->id, id) == 0)
			return set->mapping[i];
	return NULL;
}

static enum ev_rc
check_ids(const struct ev_mapset *set, const struct ev_map_file *file,
    const struct ev_map_list *list, struct ev_err *err)
{
	const struct ev_mapping *other;
	size_t i, k, line, column;

	for (i = 0; i < list->count; i++) {
		other = find(set, list->mapping[i]->id);
		for (k = 0; k < i && other == NULL; k++)
			if (strcmp(list->mapping[k]->id,
				list->mapping[i]->id) == 0)
				other = list->mapping[k];
		if (other == NULL)
			continue;
		ev_map_where(file->text, list->mapping[i]->at, &line, &column);
		return ev_fail(err, EV_INPUT,
		    "%s:%zu:%zu: another id expected: '%s' is also in %s",
		    file->name, line, column, other->id, other->entry.file);
	}
	return EV_OK;
}

/* Take file and list over; on failure nothing has changed. */
static enum ev_rc
append(struct ev_mapset *set, struct ev_map_file *file,
    const struct ev_map_list *list, struct ev_err *err)
{
	void *files, *mappings;

	files = realloc(set->file, (set->file_count + 1) * sizeof(*set->file));
	if (files == NULL)
		return ev_fail_sys(err, "cannot keep mappings");
	set->file = files;
	mappings = realloc(set->mapping,
	    (set->count + list->count) * sizeof(*set->mapping));
	if (mappings == NULL)
		return ev_fail_sys(err, "cannot keep mappings");
	set->mapping = mappings;
	set->file[set->file_count++] = file;
	memcpy(set->mapping + set->count, list->mapping,
	    list->count * sizeof(*list->mapping));
	set->count += list->count;
	return EV_OK;
}

enum ev_rc
ev_mapset_add(struct ev_mapset *set, const char *name, const void *text,
    size_t len, struct ev_err *err)
{
	struct ev_map_list list = { NULL, 0 };
	struct ev_map_file *file;
	enum ev_rc rc;
	size_t i;

	if (len > EV_MAP_BYTES)
		return ev_fail(err, EV_INPUT,
		    "%s:1:1: at most 262144 bytes expected", name);
	file = new_file(name, text, len);
	if (file == NULL)
		return ev_fail_sys(err, "cannot keep '%s'", name);
	rc = ev_map_parse(file, &list, err);
	if (rc == EV_OK)
		rc = check_ids(set, file, &list, err);
	if (rc == EV_OK)
		rc = append(set, file, &list, err);
	if (rc != EV_OK) {
		for (i = 0; i < list.count; i++)
			ev_mapping_free(list.mapping[i]);
		ev_map_file_release(file);
		free(file);
	}
	free(list.mapping);
	return rc;
}

enum ev_rc
ev_mapset_add_glob(struct ev_mapset *set, const char *id, const char *glob,
    struct ev_err *err)
{
	struct ev_mapping *m = find(set, id);
	const char *wrong = ev_glob_check(glob);
	struct ev_word *words;
	char *copy;

	if (m == NULL)
		return ev_fail(err, EV_INPUT, "no mapping is named '%s'", id);
	if (wrong != NULL)
		return ev_fail(err, EV_INPUT, "glob '%s': %s", glob, wrong);
	copy = strdup(glob);
	words = realloc(m->match.word,
	    (m->match.count + 1) * sizeof(*m->match.word));
	if (words != NULL)
		m->match.word = words;
	if (words == NULL || copy == NULL) {
		free(copy);
		return ev_fail_sys(err, "cannot keep a glob");
	}
	words[m->match.count].data = copy;
	words[m->match.count++].len = strlen(copy);
	return EV_OK;
}

size_t
ev_mapset_count(const struct ev_mapset *set)
{
	return set->count;
}

const struct ev_mapset_entry *
ev_mapset_entry(const struct ev_mapset *set, int mapping)
{
	if (mapping < 0 || (size_t)mapping >= set->count)
		return NULL;
	return &set->mapping[mapping]->entry;
}
