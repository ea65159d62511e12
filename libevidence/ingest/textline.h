/* A view line by line, each line whole. */
#ifndef EV_INGEST_TEXTLINE_H
#define EV_INGEST_TEXTLINE_H

#include "ingest/pass.h"

struct ev_textlines {
	struct ev_view *view;
	unsigned char *data;
	size_t pos, len, cap;
	int64_t base; /* view offset of data[0] */
	bool at_end;
};

struct ev_textline {
	const unsigned char *data; /* borrowed until the next line */
	size_t len;                /* without LF, and a CR before it */
	int64_t from, to;          /* in the view, with them */
	bool too_long;             /* over EV_ROW_LIMIT: data is NULL */
};

void ev_textlines_init(struct ev_textlines *lines, struct ev_view *view);
void ev_textlines_release(struct ev_textlines *lines);

/* EV_EOF behind the last line. */
EV_CHECK
enum ev_rc ev_textlines_next(struct ev_textlines *lines,
    struct ev_textline *line, struct ev_err *err);

/* More bytes behind what is held; EV_EOF if there are none. */
EV_CHECK
enum ev_rc ev_textlines_more(struct ev_textlines *lines, struct ev_err *err);

/*
 * Take up to most bytes from where the next line would begin: *got > 0 at
 * *data, borrowed as a line is.  EV_EOF if there are none.
 */
EV_CHECK
enum ev_rc ev_textlines_take(struct ev_textlines *lines, int64_t most,
    const unsigned char **data, size_t *got, struct ev_err *err);

/*
 * Hold the view from its first byte on, up to EV_ROW_LIMIT: whole if that is
 * all of it.  Then begin again, by what is held or by reading it again.
 */
EV_CHECK
enum ev_rc ev_textlines_fill(struct ev_textlines *lines, bool *whole,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_textlines_again(struct ev_textlines *lines, struct ev_pass *pass,
    bool whole, struct ev_err *err);

/* Blanks, tabs and line ends only. */
bool ev_textlines_blank(const unsigned char *data, size_t len);

#endif
