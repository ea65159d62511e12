/* From a value as found to a column's value: the fixed list of converters. */
#ifndef EV_INGEST_CONV_H
#define EV_INGEST_CONV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "evidence/json.h"
#include "ingest/fact.h"

/* What a converter yields, and so which columns may have it. */
enum ev_conv_type {
	EV_CV_TEXT,
	EV_CV_ID, /* an id: for id and text columns */
	EV_CV_INT,
	EV_CV_BOOL,
	EV_CV_TIME,
	EV_CV_IP,
	EV_CV_PORT,
	EV_CV_URL,
	EV_CV_COUNTRY,
};

struct ev_conv;

/* What a converter is given, and what it says. */
struct ev_value_in {
	const struct ev_json_node *node; /* NULL for % values */
	const char *text; /* decoded, cut, without the null words */
	size_t len;
};

enum { EV_CONV_NOTES = 128 };

struct ev_value_out {
	struct ev_buf *text; /* empty on entry; holds the text of the value */
	int64_t number;
	struct ev_fact_time time;
	bool has_port; /* ipport: port follows */
	int64_t port;
	bool absent; /* not parsed because it is another column's value */
	char notes[EV_CONV_NOTES]; /* words parted by blanks */
};

/*
 * EV_OK: parsed.  EV_EOF: not parsed, notes may say why.  Anything else is a
 * failure of memory.
 */
typedef enum ev_rc ev_conv_fn(const struct ev_conv *conv,
    const struct ev_value_in *in, struct ev_value_out *out, struct ev_err *err);

struct ev_conv_info {
	const char *name;
	enum ev_conv_type type;
	bool whole;      /* takes objects and arrays, too */
	int least, most; /* arguments; pairs of -2 */
	ev_conv_fn *fn;
	int variant; /* the converter's own */
};

struct ev_conv {
	const struct ev_conv_info *info;
	char **arg; /* arg_count strings */
	size_t arg_count;
};

/* NULL if there is none of that name. */
const struct ev_conv_info *ev_conv_find(const char *name, size_t len);

/* NULL, or what is wrong with the arguments. */
const char *ev_conv_check(const struct ev_conv *conv);

/* May a column of this type hold what this converter yields? */
bool ev_conv_fits(const struct ev_conv_info *info, enum ev_column_type type);

/* Add a word to notes unless it is there; drops what has no room. */
void ev_conv_note(struct ev_value_out *out, const char *word);

/* Those that have a file of their own. */
ev_conv_fn ev_conv_time, ev_conv_epoch, ev_conv_either;
ev_conv_fn ev_conv_ip, ev_conv_port, ev_conv_email, ev_conv_phone;
ev_conv_fn ev_conv_country;
ev_conv_fn ev_conv_meta, ev_conv_html, ev_conv_tg_text, ev_conv_tg_peer;
ev_conv_fn ev_conv_profile, ev_conv_member_id;

/*
 * Undo Meta's byte-wise escapes: true if all code points are at most U+00FF,
 * one is above U+007F and the bytes they name are UTF-8, which is then in out.
 */
EV_CHECK
enum ev_rc ev_conv_unmeta(struct ev_buf *out, bool *changed, const char *text,
    size_t len, struct ev_err *err);

#endif
