/* The readers: their names and options. */
#include <string.h>

#include "evidence/text.h"
#include "ingest/reader.h"

#define TOLERATE "bare-key trailing-comma semicolon hex-escape single-quote"
#define CHARSETS "utf-8 utf-16le utf-16be cp1252 latin1"

static const struct ev_option_info json_options[] = {
	{ "tolerate", EV_OPT_WORDS, TOLERATE },
	{ "keys", EV_OPT_WORD, "meta" },
	{ NULL, EV_OPT_TEXT, NULL },
};
static const struct ev_option_info jsonl_options[] = {
	{ "tolerate", EV_OPT_WORDS, TOLERATE },
	{ NULL, EV_OPT_TEXT, NULL },
};
static const struct ev_option_info csv_options[] = {
	{ "delim", EV_OPT_CHAR, NULL },
	{ "quote", EV_OPT_CHAR, NULL },
	{ "header", EV_OPT_WORD, "1 none" },
	{ "skip", EV_OPT_COUNT, NULL },
	{ "charset", EV_OPT_WORD, CHARSETS },
	{ "tables", EV_OPT_WORD, "one blank ruled" },
	{ NULL, EV_OPT_TEXT, NULL },
};
static const struct ev_option_info pairs_options[] = {
	{ "markup", EV_OPT_WORD, "meta list" },
	{ "start", EV_OPT_LABELS, NULL },
	{ "carry", EV_OPT_LABELS, NULL },
	{ "list", EV_OPT_LABELS, NULL },
	{ "skip", EV_OPT_TEXT, NULL },
	{ "empty", EV_OPT_TEXT, NULL },
	{ NULL, EV_OPT_TEXT, NULL },
};
static const struct ev_option_info html_table_options[] = {
	{ "after", EV_OPT_TEXT, NULL },
	{ NULL, EV_OPT_TEXT, NULL },
};
static const struct ev_option_info text_pairs_options[] = {
	{ "style", EV_OPT_WORD, "colon next-line" },
	{ "labels", EV_OPT_LABELS, NULL },
	{ "charset", EV_OPT_WORD, CHARSETS },
	{ "start", EV_OPT_LABELS, NULL },
	{ "carry", EV_OPT_LABELS, NULL },
	{ "list", EV_OPT_LABELS, NULL },
	{ "skip", EV_OPT_TEXT, NULL },
	{ "empty", EV_OPT_TEXT, NULL },
	{ NULL, EV_OPT_TEXT, NULL },
};
static const struct ev_option_info text_table_options[] = {
	{ "after", EV_OPT_TEXT, NULL },
	{ "charset", EV_OPT_WORD, CHARSETS },
	{ NULL, EV_OPT_TEXT, NULL },
};
static const struct ev_option_info blocks_options[] = {
	{ "mark", EV_OPT_TEXT, NULL },
	{ NULL, EV_OPT_TEXT, NULL },
};
static const struct ev_option_info wa_options[] = {
	{ "order", EV_OPT_WORD, "auto dmy mdy" },
	{ NULL, EV_OPT_TEXT, NULL },
};
static const struct ev_option_info no_options[] = {
	{ NULL, EV_OPT_TEXT, NULL },
};

static const struct ev_reader readers[] = {
	{ "json", json_options, ev_read_json, true },
	{ "jsonl", jsonl_options, ev_read_jsonl, false },
	{ "csv", csv_options, ev_read_csv, false },
	{ "html-pairs", pairs_options, ev_read_html_pairs, false },
	{ "html-table", html_table_options, ev_read_html_table, false },
	{ "text-pairs", text_pairs_options, ev_read_text_pairs, false },
	{ "text-table", text_table_options, ev_read_text_table, false },
	{ "blocks", blocks_options, ev_read_blocks, false },
	{ "file", no_options, ev_read_file, false },
	{ "tg-html", no_options, ev_read_tg_html, false },
	{ "wa-text", wa_options, ev_read_wa_text, false },
	{ "mail", no_options, ev_read_mail, false },
	{ "warc", no_options, ev_read_warc, false },
	{ "har", no_options, ev_read_har, false },
	{ "wacz", no_options, ev_read_wacz, false },
	{ "tsr", no_options, ev_read_tsr, false },
};

const struct ev_reader *
ev_reader_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (strlen(readers[i].name) == len &&
		    memcmp(readers[i].name, name, len) == 0)
			return &readers[i];
	return NULL;
}

/* Is text[len] one of the words, which are parted by sep? */
static bool
in_list(const char *words, char sep, const char *text, size_t len)
{
	const char *p = words, *end;

	for (;;) {
		end = strchr(p, sep);
		if (end == NULL)
			end = p + strlen(p);
		if ((size_t)(end - p) == len && memcmp(p, text, len) == 0)
			return true;
		if (*end == '\0')
			return false;
		p = end + 1;
	}
}

static bool
all_in_list(const char *words, const char *text)
{
	const char *end;

	for (;;) {
		end = strchr(text, ',');
		if (end == NULL)
			return in_list(words, ' ', text, strlen(text));
		if (!in_list(words, ' ', text, (size_t)(end - text)))
			return false;
		text = end + 1;
	}
}

static const char *
check_value(const struct ev_option_info *info, const struct ev_word *value,
    const struct ev_map_file *file)
{
	int64_t count;
	size_t i;

	switch (info->type) {
	case EV_OPT_WORDS:
		if (all_in_list(info->words, value->data))
			return NULL;
		return info->words;
	case EV_OPT_WORD:
		if (in_list(info->words, ' ', value->data, value->len))
			return NULL;
		return info->words;
	case EV_OPT_CHAR:
		if (strcmp(value->data, "tab") == 0 ||
		    (value->len == 1 && strchr("\n\r", *value->data) == NULL))
			return NULL;
		return "one character, or tab";
	case EV_OPT_COUNT:
		if (ev_text_int(&count, value->data, value->len, 0, 1000))
			return NULL;
		return "a number up to 1000";
	case EV_OPT_LABELS:
		if (*value->data != '@')
			return value->len > 0 ? NULL : "a label";
		for (i = 0; i < file->alias_count; i++)
			if (strcmp(file->alias[i].name, value->data + 1) == 0)
				return NULL;
		return "an alias that stands above it";
	case EV_OPT_TEXT:
		break;
	}
	return value->len > 0 ? NULL : "text";
}

const char *
ev_reader_check(const struct ev_reader *reader, const struct ev_option *option,
    const struct ev_map_file *file)
{
	const struct ev_option_info *info;

	for (info = reader->options; info->name != NULL; info++)
		if (strcmp(info->name, option->name.data) == 0)
			return check_value(info, &option->value, file);
	return "an option of this reader";
}

const char *
ev_reader_option(const struct ev_mapping *m, const char *name)
{
	size_t i;

	for (i = 0; i < m->option_count; i++)
		if (strcmp(m->option[i].name.data, name) == 0)
			return m->option[i].value.data;
	return NULL;
}

bool
ev_reader_has(const struct ev_mapping *m, const char *name, const char *word)
{
	const char *value = ev_reader_option(m, name);

	return value != NULL && in_list(value, ',', word, strlen(word));
}
