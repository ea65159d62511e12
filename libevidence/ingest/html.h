/* A page as tags and texts, one after the other; nothing is repaired or run. */
#ifndef EV_INGEST_HTML_H
#define EV_INGEST_HTML_H

#include "ingest/textline.h"

enum {
	EV_HTML_NAME = 16,   /* room for a tag's name; longer ones are "" */
	EV_HTML_DEPTH = 256, /* elements that may be open at once */
};

enum ev_html_event { EV_HTML_OPEN, EV_HTML_CLOSE, EV_HTML_TEXT };

/* The attributes that readers look at. */
enum ev_html_attr {
	EV_HTML_CLASS,
	EV_HTML_ID,
	EV_HTML_TITLE,
	EV_HTML_HREF,
	EV_HTML_ATTRS,
};

struct ev_html_slice {
	const unsigned char *data; /* NULL: there is none */
	size_t len;
	int64_t at; /* view offset */
};

/* Borrowed until the next one. */
struct ev_html_token {
	enum ev_html_event event;
	int64_t from, to;        /* in the view */
	char name[EV_HTML_NAME]; /* of a tag, in lower case */
	bool empty;              /* a tag that nothing closes */
	struct ev_html_slice attr[EV_HTML_ATTRS];
	const unsigned char *data; /* of a text, as it stands */
	size_t len;
};

/* An element that is open; role is the reader's own, 0 none. */
struct ev_html_element {
	char name[EV_HTML_NAME];
	int role;
};

struct ev_html {
	struct ev_textlines lines; /* used as a window over the view */
	int64_t at;                /* view offset of the next token */
	char raw[EV_HTML_NAME]; /* script, style and the like: until its end */
	struct ev_html_element open[EV_HTML_DEPTH];
	size_t depth;
};

void ev_html_init(struct ev_html *html, struct ev_view *view);
void ev_html_release(struct ev_html *html);

/*
 * EV_EOF: the page has ended.  EV_INPUT: it ends within a tag or comment.
 * EV_LIMIT: a token is longer than EV_ROW_LIMIT.
 */
EV_CHECK
enum ev_rc ev_html_next(struct ev_html *html, struct ev_html_token *token,
    struct ev_err *err);

/* Keep the bytes from this place on at hand. */
void ev_html_hold(struct ev_html *html, int64_t from);

/* EV_LIMIT: too deep. */
EV_CHECK
enum ev_rc ev_html_push(struct ev_html *html, const char *name, int role,
    struct ev_err *err);
/* How many elements stay open behind this end tag; all, if it ends none. */
size_t ev_html_closes(const struct ev_html *html, const char *name);
/* How many stay open before this tag, whose end may have been left out. */
size_t ev_html_implied(const struct ev_html *html, const char *name);

/* Is word one of the blank-parted words of an attribute? */
bool ev_html_has(const struct ev_html_slice *attr, const char *word);

/* Append text with its references decoded; unknown ones stay. */
EV_CHECK
enum ev_rc ev_html_decode(struct ev_buf *out, const void *data, size_t len,
    struct ev_err *err);

/* One reference at its "&": its length, 0 if it is none that we know. */
size_t ev_html_reference(uint32_t *c, const char *p, size_t len);

#endif
