/* A sheet for paper, as text of 80 columns or as one HTML page. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "out/sheet.h"
#include "seal/digest.h"

enum { COLUMNS = 78, WORDS = 8192, TITLE = 128 };

static const char style[] =
    "body{font:15px/1.45 system-ui,sans-serif;margin:0 auto;max-width:46rem;"
    "padding:1rem}h1{font-size:1.5rem}h2{font-size:1.05rem;margin:1.2rem 0 "
    ".2rem;border-bottom:1px solid #888}th{text-align:start;font-weight:400;"
    "padding-right:1rem;white-space:nowrap;color:#555}th,td{vertical-align:"
    "top}td{overflow-wrap:anywhere}pre{font-size:.8rem;white-space:pre-wrap;"
    "overflow-wrap:anywhere;margin:.3rem 0}.code{font:1.5rem/1.6 monospace}"
    "@media print{body{font-size:10pt;max-width:none}h2{break-after:avoid}}";

static void
put(struct sheet *s, const char *text)
{
	if (s->rc == EV_OK)
		s->rc = ev_buf_puts(s->out, text, &s->err);
}

static void
put_safe(struct sheet *s, const char *text, size_t len)
{
	if (s->rc != EV_OK)
		return;
	s->rc = s->html
		    ? ev_text_html(s->out, text, len, EV_TEXT_NAME, &s->err)
		    : ev_text_safe(s->out, text, len, EV_TEXT_NAME, &s->err);
}

/* Another block begins: a blank line before it, a table ends. */
static void
begin(struct sheet *s)
{
	if (s->table && s->html)
		put(s, "</table>\n");
	if (!s->html && !s->gap)
		put(s, "\n");
	s->table = false;
	s->gap = false;
}

/* No script, no network, no style but this one. */
static void
html_top(struct sheet *s, const char *title)
{
	unsigned char hash[EV_SHA256];

	put(s, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset="
	       "\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" "
	       "content=\"default-src 'none'; base-uri 'none'; form-action "
	       "'none'; style-src 'sha256-");
	if (s->rc == EV_OK)
		s->rc = ev_sha256(hash, style, strlen(style), &s->err);
	if (s->rc == EV_OK)
		s->rc = ev_text_base64(s->out, hash, sizeof(hash), &s->err);
	put(s, "'\">\n<title>");
	put_safe(s, title, strlen(title));
	put(s, "</title><style>");
	put(s, style);
	put(s, "</style></head>\n<body><h1>");
	put_safe(s, title, strlen(title));
	put(s, "</h1>\n");
}

void
sheet_open(struct sheet *s, struct ev_buf *out, bool html, const char *title)
{
	char line[TITLE];
	size_t i;

	*s = (struct sheet){ .out = out, .html = html };
	if (html) {
		html_top(s, title);
		return;
	}
	(void)snprintf(line, sizeof(line), "%s\n", title);
	for (i = 0; line[i] != '\0'; i++)
		line[i] = line[i] >= 'a' && line[i] <= 'z'
			      ? (char)(line[i] - 'a' + 'A')
			      : line[i];
	put(s, line);
}

void
sheet_heading(struct sheet *s, const char *text)
{
	begin(s);
	put(s, s->html ? "<h2>" : "");
	put_safe(s, text, strlen(text));
	put(s, s->html ? "</h2>\n" : "\n\n");
	s->gap = true;
}

void
sheet_row(struct sheet *s, const char *label, const char *fmt, ...)
{
	char value[WORDS], start[TITLE];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(value, sizeof(value), fmt, ap);
	va_end(ap);
	if (!s->table) {
		begin(s);
		put(s, s->html ? "<table>\n" : "");
	}
	s->table = true;
	(void)snprintf(start, sizeof(start),
	    s->html ? "<tr><th>%s</th><td>" : "%-14s", label);
	put(s, start);
	put_safe(s, value, strlen(value));
	put(s, s->html ? "</td></tr>\n" : "\n");
}

/* Words until the line is full; a word that is longer has its own. */
static void
wrap(struct sheet *s, const char *text)
{
	size_t used = 0, len;

	while (*text != '\0') {
		len = strcspn(text, " ");
		if (used > 0 && used + 1 + len > COLUMNS) {
			put(s, "\n");
			used = 0;
		}
		if (used > 0) {
			put(s, " ");
			used++;
		}
		put_safe(s, text, len);
		used += len;
		text += len + strspn(text + len, " ");
	}
	put(s, "\n");
}

void
sheet_para(struct sheet *s, const char *fmt, ...)
{
	char text[WORDS];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	begin(s);
	if (!s->html) {
		wrap(s, text);
		return;
	}
	put(s, "<p>");
	put_safe(s, text, strlen(text));
	put(s, "</p>\n");
}

void
sheet_lines(struct sheet *s, const char *fmt, ...)
{
	char text[WORDS];
	const char *line = text, *end;
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	begin(s);
	put(s, s->html ? "<pre>\n" : "");
	while ((end = strchr(line, '\n')) != NULL) {
		put_safe(s, line, (size_t)(end - line));
		put(s, "\n");
		line = end + 1;
	}
	put(s, s->html ? "</pre>\n" : "");
}

void
sheet_code(struct sheet *s, const char *code)
{
	begin(s);
	put(s, s->html ? "<p class=\"code\">" : "    ");
	put_safe(s, code, strlen(code));
	put(s, s->html ? "</p>\n" : "\n");
}

enum ev_rc
sheet_close(struct sheet *s, struct ev_err *err)
{
	if (s->table && s->html)
		put(s, "</table>\n");
	put(s, s->html ? "</body></html>\n" : "");
	if (s->rc != EV_OK)
		*err = s->err;
	return s->rc;
}
