/* A JSON document of any size: what its two passes share. */
#ifndef EV_INGEST_READ_JSON_H
#define EV_INGEST_READ_JSON_H

#include "base/jsonread.h"
#include "ingest/pass.h"

enum { EV_JSON_DEPTH = 64 };

/*
 * The view's bytes, kept from a place on: the reader of tokens takes them
 * from here, and a row is cut from here whole.
 */
struct ev_json_feed {
	struct ev_view *view; /* NULL: all is here */
	unsigned char *data;
	size_t len, cap;
	int64_t base;  /* view offset of data[0] */
	size_t given;  /* bytes of data that the token reader has */
	int64_t keep;  /* view offset from which bytes are kept */
	bool overflow; /* more than a row may have was asked to be kept */
};

EV_CHECK
enum ev_rc ev_json_feed_read(void *ctx, unsigned char *data, size_t cap,
    size_t *got, struct ev_err *err);
/* Fill with up to cap bytes of the view; *all if it ended. */
EV_CHECK
enum ev_rc ev_json_feed_fill(struct ev_json_feed *feed, size_t cap, bool *all,
    struct ev_err *err);

/* What of parents that are not read whole is needed, collected at once. */
struct ev_parents {
	struct ev_parent *parent; /* ascending by start */
	size_t count, cap;
};
/*
 * *large false: elements are only measured; set if any was too large, which
 * asks for another pass with *large true.
 */
EV_CHECK
enum ev_rc ev_json_parents(struct ev_pass *pass, struct ev_json_feed *feed,
    struct ev_parents *parents, bool *large, struct ev_err *err);
void ev_parents_release(struct ev_parents *parents);
const struct ev_parent *ev_parents_find(const struct ev_parents *parents,
    int64_t start);

/*
 * Where the artifact cannot be gone through twice: parents as far as they
 * have been read (partial).  Told of each token but those within a value that
 * ev_ahead_pass() was told of.  The parent of an opened container is borrowed
 * until its close; NULL if it is none.
 */
struct ev_ahead;
EV_CHECK
enum ev_rc ev_ahead_new(struct ev_ahead **a, struct ev_pass *pass,
    struct ev_err *err);
void ev_ahead_free(struct ev_ahead *a);
EV_CHECK
enum ev_rc ev_ahead_key(struct ev_ahead *a, const struct ev_json_token *token,
    struct ev_err *err);
const struct ev_parent *ev_ahead_open(struct ev_ahead *a,
    const struct ev_json_token *token);
void ev_ahead_close(struct ev_ahead *a);
EV_CHECK
enum ev_rc ev_ahead_pass(struct ev_ahead *a, const struct ev_json_token *token);

/* Does any mapping of this pass look above its rows' elements? */
bool ev_json_looks_up(const struct ev_pass *pass);

/* The tolerate= of a mapping as EV_JSON_T_*. */
unsigned ev_json_tolerate(const struct ev_mapping *m);

/* Note each leniency that was used, at its first view offset. */
EV_CHECK
enum ev_rc ev_json_note_used(struct ev_pass *pass, const int64_t used[5],
    struct ev_err *err);

/* The word of captured files for why reading stopped. */
const char *ev_json_reason(enum ev_json_stop stop);

/* err's message without the place it names, which is the view's. */
const char *ev_json_message(const struct ev_err *err);

#endif
