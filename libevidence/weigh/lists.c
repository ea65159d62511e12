/* Lists, scales and network classes: columns parted by tabs or blanks. */
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "evidence/when.h"
#include "weigh/line.h"
#include "weigh/rules.h"
#include "weigh/rules_word.h"

enum { LIST_LIMIT = 4 << 20, SCALE_LIMIT = 1 << 16, ASN_LIMIT = 16 << 20 };

enum cell {
	CELL_NONE,
	CELL_WORD,
	CELL_TEXT,
	CELL_TYPE,
	CELL_OFFSET,
	CELL_CC,
	CELL_WHEN,
	CELL_DIGITS
};

/* The lists this program knows, by the name of their file. */
static const struct {
	const char *name;
	enum cell cell[EV_LIST_COLUMNS];
} known[] = {
	{ "alternatives.list", { CELL_WORD, CELL_TEXT } },
	{ "calling-codes.list", { CELL_DIGITS, CELL_CC } },
	{ "countries.list", { CELL_TEXT, CELL_CC } },
	{ "defaults.list", { CELL_TYPE, CELL_TEXT } },
	{ "tracking.list", { CELL_WORD } },
	{ "utc-offsets.list", { CELL_OFFSET, CELL_CC, CELL_WHEN, CELL_WHEN } },
};

static bool
is_offset(const char *text)
{
	int64_t hour, minute;

	return strlen(text) == 6 && (text[0] == '+' || text[0] == '-') &&
	       text[3] == ':' && ev_text_int(&hour, text + 1, 2, 0, 14) &&
	       ev_text_int(&minute, text + 4, 2, 0, 59);
}

static bool
cell_fits(enum cell cell, const char *text)
{
	int64_t us;

	switch (cell) {
	case CELL_NONE:
		return false;
	case CELL_WORD:
		return *text != '\0' && strchr(text, ' ') == NULL;
	case CELL_TEXT:
		return *text != '\0';
	case CELL_TYPE:
		return ev_type_find(text) != EV_TYPES;
	case CELL_OFFSET:
		return is_offset(text);
	case CELL_CC:
		return ev_country_code(text) || strcmp(text, "-") == 0;
	case CELL_WHEN:
		return strcmp(text, "-") == 0 ||
		       ev_when_parse(&us, NULL, text, strlen(text));
	case CELL_DIGITS:
		return *text != '\0' &&
		       strspn(text, "0123456789") == strlen(text);
	}
	return false;
}

static const enum cell *
known_cells(const char *name)
{
	static const enum cell any[EV_LIST_COLUMNS] = { CELL_TEXT };
	const char *base = strrchr(name, '/');
	size_t i;

	base = base == NULL ? name : base + 1;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (strcmp(known[i].name, base) == 0)
			return known[i].cell;
	}
	return any;
}

static enum ev_rc
cut_row(struct ev_lines *lines, char *line, const enum cell *cells,
    struct ev_list_row *row, struct ev_err *err)
{
	char *at = line, *cell;
	size_t i;

	*row = (struct ev_list_row){ .line = lines->line };
	for (i = 0; (cell = ev_line_cell(&at)) != NULL; i++) {
		if (i == EV_LIST_COLUMNS)
			return ev_lines_fail(lines, err, "more than %d columns",
			    EV_LIST_COLUMNS);
		if (!cell_fits(cells[i], cell))
			return ev_lines_fail(lines, err,
			    "column %zu may not be '%s'", i + 1, cell);
		row->cell[i] = cell;
	}
	if (i < EV_LIST_COLUMNS && cells[i] != CELL_NONE)
		return ev_lines_fail(lines, err, "column %zu is missing",
		    i + 1);
	return EV_OK;
}

enum ev_rc
ev_listfile_parse(struct ev_listfile *list, const char *name, const void *text,
    size_t len, struct ev_err *err)
{
	const enum cell *cells = known_cells(name);
	struct ev_lines lines;
	void *array = NULL;
	enum ev_rc rc;
	char *line;

	*list = (struct ev_listfile){ 0 };
	rc = ev_lines_open(&lines, name, text, len, LIST_LIMIT, err);
	while (rc == EV_OK && ev_lines_next(&lines, &line)) {
		if (*line == '#' || *line == '\0')
			continue;
		rc = ev_grow(&array, &list->room, list->rows,
		    sizeof(*list->row), err);
		list->row = array;
		if (rc == EV_OK)
			rc = cut_row(&lines, line, cells,
			    &list->row[list->rows++], err);
	}
	list->text = lines.text;
	if (rc != EV_OK)
		ev_listfile_release(list);
	return rc;
}

void
ev_listfile_release(struct ev_listfile *list)
{
	free(list->row);
	free(list->text);
	*list = (struct ev_listfile){ 0 };
}

const struct ev_list_row *
ev_listfile_find(const struct ev_listfile *list, const char *key)
{
	size_t i;

	for (i = 0; i < list->rows; i++) {
		if (strcmp(list->row[i].cell[0], key) == 0)
			return &list->row[i];
	}
	return NULL;
}

static enum ev_rc
scale_line(struct ev_scale *scale, struct ev_lines *lines, char *line,
    struct ev_err *err)
{
	const char *number = ev_line_cell(&line), *word = ev_line_cell(&line);
	int64_t lower;

	if (scale->steps == EV_SCALE_STEPS)
		return ev_lines_fail(lines, err, "more than %d steps",
		    EV_SCALE_STEPS);
	if (word == NULL || *word == '\0' || line != NULL)
		return ev_lines_fail(lines, err,
		    "a step is a number, a tab, a word");
	if (!ev_text_int(&lower, number, strlen(number), 0, 100000))
		return ev_lines_fail(lines, err, "'%s' is no lower end",
		    number);
	if (scale->steps == 0 ? lower != 0
			      : lower <= scale->lower[scale->steps - 1])
		return ev_lines_fail(lines, err,
		    "the steps begin at 0 and ascend");
	scale->lower[scale->steps] = lower;
	scale->word[scale->steps++] = word;
	return EV_OK;
}

enum ev_rc
ev_scale_parse(struct ev_scale *scale, const char *name, const void *text,
    size_t len, struct ev_err *err)
{
	struct ev_lines lines;
	enum ev_rc rc;
	char *line;

	*scale = (struct ev_scale){ 0 };
	rc = ev_lines_open(&lines, name, text, len, SCALE_LIMIT, err);
	while (rc == EV_OK && ev_lines_next(&lines, &line)) {
		if (*line != '#' && *line != '\0')
			rc = scale_line(scale, &lines, line, err);
	}
	if (rc == EV_OK && scale->steps == 0)
		rc = ev_lines_fail(&lines, err, "no step stands here");
	scale->text = lines.text;
	if (rc != EV_OK)
		ev_scale_release(scale);
	return rc;
}

void
ev_scale_release(struct ev_scale *scale)
{
	free(scale->text);
	*scale = (struct ev_scale){ 0 };
}

size_t
ev_scale_step(const struct ev_scale *scale, int64_t value)
{
	int64_t size = value < 0 ? -value : value;
	size_t i = scale->steps;

	while (i > 1 && size < scale->lower[i - 1])
		i--;
	return i > 0 ? i - 1 : 0;
}

static enum ev_rc
asn_line(struct ev_asn_row *row, struct ev_lines *lines, char *line,
    struct ev_err *err)
{
	const char *asn = ev_line_word(&line), *class = ev_line_word(&line);
	const char *from = ev_line_word(&line);
	char day[24];

	if (from == NULL)
		return ev_lines_fail(lines, err,
		    "a line is ASN class from source");
	if (strncmp(asn, "AS", 2) == 0)
		asn += 2;
	if (!ev_text_int(&row->asn, asn, strlen(asn), 1, UINT32_MAX))
		return ev_lines_fail(lines, err, "'%s' is no network", asn);
	row->class = ev_field_word(EV_F_CLASS, class);
	if (row->class == NULL)
		return ev_lines_fail(lines, err, "'%s' is no class", class);
	row->from_us = INT64_MIN;
	if (strcmp(from, "-") != 0) {
		if (strlen(from) != 10)
			return ev_lines_fail(lines, err,
			    "'%s' is no day (YYYY-MM-DD) and not -", from);
		memcpy(day, from, 10);
		memcpy(day + 10, "T00:00:00Z", 11);
		if (!ev_when_parse(&row->from_us, NULL, day, 20))
			return ev_lines_fail(lines, err,
			    "'%s' is no day (YYYY-MM-DD) and not -", from);
	}
	while (*line == ' ' || *line == '\t')
		line++;
	if (*line == '\0')
		return ev_lines_fail(lines, err, "the source is missing");
	row->source = line;
	return EV_OK;
}

static int
compare_asn(const void *a, const void *b)
{
	const struct ev_asn_row *x = a, *y = b;

	if (x->asn != y->asn)
		return x->asn < y->asn ? -1 : 1;
	if (x->from_us != y->from_us)
		return x->from_us < y->from_us ? -1 : 1;
	return 0;
}

static enum ev_rc
asn_unique(const struct ev_asnfile *file, const char *name, struct ev_err *err)
{
	size_t i;

	for (i = 1; i < file->rows; i++) {
		if (compare_asn(&file->row[i - 1], &file->row[i]) == 0)
			return ev_fail(err, EV_INPUT,
			    "%s: AS%jd has two classes from one day", name,
			    (intmax_t)file->row[i].asn);
	}
	return EV_OK;
}

enum ev_rc
ev_asnfile_parse(struct ev_asnfile *file, const char *name, const void *text,
    size_t len, struct ev_err *err)
{
	struct ev_lines lines;
	void *array = NULL;
	enum ev_rc rc;
	char *line;

	*file = (struct ev_asnfile){ 0 };
	rc = ev_lines_open(&lines, name, text, len, ASN_LIMIT, err);
	while (rc == EV_OK && ev_lines_next(&lines, &line)) {
		ev_line_uncomment(line);
		if (ev_line_over(line))
			continue;
		rc = ev_grow(&array, &file->room, file->rows,
		    sizeof(*file->row), err);
		file->row = array;
		if (rc == EV_OK)
			rc = asn_line(&file->row[file->rows++], &lines, line,
			    err);
	}
	file->text = lines.text;
	if (rc == EV_OK && file->rows > 1) {
		qsort(file->row, file->rows, sizeof(*file->row), compare_asn);
		rc = asn_unique(file, name, err);
	}
	if (rc != EV_OK)
		ev_asnfile_release(file);
	return rc;
}

void
ev_asnfile_release(struct ev_asnfile *file)
{
	free(file->row);
	free(file->text);
	*file = (struct ev_asnfile){ 0 };
}

const struct ev_asn_row *
ev_asnfile_find(const struct ev_asnfile *file, int64_t asn, int64_t at_us)
{
	size_t low = 0, high = file->rows, middle;
	const struct ev_asn_row *row;

	/* The last row that is not behind (asn, at). */
	while (low < high) {
		middle = low + (high - low) / 2;
		row = &file->row[middle];
		if (row->asn < asn ||
		    (row->asn == asn && row->from_us <= at_us))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0 || file->row[low - 1].asn != asn)
		return NULL;
	return &file->row[low - 1];
}
