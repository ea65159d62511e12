/* Lines of a view in a character set, as UTF-8 text with their places. */
#ifndef EV_INGEST_CHARLINE_H
#define EV_INGEST_CHARLINE_H

#include "ingest/charset.h"
#include "ingest/textline.h"

struct ev_charlines {
	struct ev_textlines lines; /* used as a window over the view */
	enum ev_charset charset;
	int64_t at; /* view offset of the next line */
	struct ev_buf text;
};

/* A line without the blanks around it. */
struct ev_charline {
	const char *text; /* UTF-8; borrowed until the next line */
	size_t len;
	size_t blanks;      /* before it */
	int64_t from, to;   /* of the text, in the view */
	int64_t start, end; /* of the line, with its blanks and its end */
	bool bad;           /* not of the character set: text is its bytes */
	bool too_long;      /* over EV_ROW_LIMIT: text is empty */
};

void ev_charlines_init(struct ev_charlines *lines, struct ev_view *view,
    enum ev_charset charset);
void ev_charlines_release(struct ev_charlines *lines);

/*
 * The next line, EV_EOF behind the last one; the bytes from hold on stay at
 * hand.  hold is lines->at, or less.
 */
EV_CHECK
enum ev_rc ev_charlines_next(struct ev_charlines *lines, int64_t hold,
    struct ev_charline *line, struct ev_err *err);

/* The view offset of the line's text n bytes on, n at a character's start. */
int64_t ev_charline_place(const struct ev_charlines *lines,
    const struct ev_charline *line, size_t n);

bool ev_charline_blank(char c);

/* Pass over a byte order mark of UTF-16 and note it; at the first byte only. */
EV_CHECK
enum ev_rc ev_charlines_bom(struct ev_textlines *lines, enum ev_charset charset,
    struct ev_pass *pass, struct ev_err *err);

#endif
