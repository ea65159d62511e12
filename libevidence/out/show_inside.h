/* A thing being shown: what its files share. */
#ifndef EV_OUT_SHOW_INSIDE_H
#define EV_OUT_SHOW_INSIDE_H

#include "case/case.h"
#include "evidence/json.h"
#include "evidence/show.h"

struct show {
	struct ev_case *c;
	const struct ev_show *how;
};

EV_CHECK
enum ev_rc show_puts(struct show *s, const char *text, struct ev_err *err);
/* Text of evidence, escaped. */
EV_CHECK
enum ev_rc show_safe(struct show *s, const void *data, size_t len,
    struct ev_err *err);
/* JSON, with what a terminal would obey as escapes within its strings. */
EV_CHECK
enum ev_rc show_json(struct show *s, const void *data, size_t len,
    struct ev_err *err);
/* A line for each member; text is what object was parsed from. */
EV_CHECK
enum ev_rc show_object(struct show *s, const struct ev_json_node *object,
    const char *text, struct ev_err *err);

/* show_fact.c: the line of a fact, its bytes, and its re-derivation. */
EV_CHECK
enum ev_rc show_fact(struct show *s, int64_t id, struct ev_err *err);
/* The bytes of a set-aside span, an artifact or an exhibit. */
EV_CHECK
enum ev_rc show_span(struct show *s, char kind, int64_t id, struct ev_err *err);

#endif
