/* The readers: their names, options, and what each hands to the mappings. */
#ifndef EV_INGEST_READER_H
#define EV_INGEST_READER_H

#include "ingest/mapping.h"

struct ev_pass;

enum ev_option_type {
	EV_OPT_WORDS, /* a list, parted by commas, of words */
	EV_OPT_WORD,  /* one of words */
	EV_OPT_CHAR,  /* one character, or "tab" */
	EV_OPT_COUNT, /* a number */
	EV_OPT_TEXT,
	EV_OPT_LABELS, /* one label, or @ and an alias */
};

struct ev_option_info {
	const char *name;
	enum ev_option_type type;
	const char *words; /* parted by blanks */
};

/* A new reader is one new file and one line in reader.c. */
struct ev_reader {
	const char *name;
	const struct ev_option_info *options; /* up to a NULL name */
	/* Read the pass's view to its end. */
	enum ev_rc (*read)(struct ev_pass *pass, struct ev_err *err);
	/* Its pointers are RFC 6901 from the start of the document. */
	bool json;
};

const struct ev_reader *ev_reader_find(const char *name, size_t len);

/* NULL, or what is wrong with an option. */
const char *ev_reader_check(const struct ev_reader *reader,
    const struct ev_option *option, const struct ev_map_file *file);

/* The value of an option, NULL if it is not given. */
const char *ev_reader_option(const struct ev_mapping *m, const char *name);
/* Is word in the list that the option holds? */
bool ev_reader_has(const struct ev_mapping *m, const char *name,
    const char *word);

enum ev_rc ev_read_json(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_jsonl(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_csv(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_blocks(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_html_pairs(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_html_table(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_text_pairs(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_text_table(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_tg_html(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_wa_text(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_file(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_warc(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_mail(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_har(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_wacz(struct ev_pass *pass, struct ev_err *err);
enum ev_rc ev_read_tsr(struct ev_pass *pass, struct ev_err *err);

#endif
