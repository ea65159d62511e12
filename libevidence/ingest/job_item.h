/* Between the parts of job: a member that has begun and not ended. */
#ifndef EV_INGEST_JOB_ITEM_H
#define EV_INGEST_JOB_ITEM_H

#include "ingest/job_state.h"
#include "ingest/siblings.h"

enum {
	EV_ITEM_HEAD = 64 << 10,   /* bytes that probes and sniffers see */
	EV_ITEM_SPOOL = 128 << 20, /* nested archives held in memory at once */
};

/* Those around it are reached by up. */
struct ev_item {
	struct ev_job *job;
	struct ev_item *up;
	int64_t ordinal;
	int64_t depth; /* archives around it */
	int64_t declared;
	struct ev_buf path;
	struct ev_feed feed;
	struct ev_names names; /* of its own members */
	bool has_names;
	int64_t children;
	int64_t aside; /* bytes of its spans set aside */
	bool muted;    /* only others were asked for */
	bool ended;    /* total was told */
	bool is_zip;   /* an archive that can be sought in */
	struct ev_sibling_table *siblings; /* its members; NULL: not asked */
	struct ev_buf spool;
	/* What the mappings said at the end. */
	enum ev_outcome outcome;
	struct ev_byte_count bytes;
	char fingerprint[65];
};

EV_CHECK
enum ev_rc ev_item_new(struct ev_item **item, struct ev_job *job,
    const struct ev_stream *stream, struct ev_err *err);
void ev_item_free(struct ev_item *item);

/* The size of an artifact whose bytes have all been taken. */
int64_t ev_item_size(const struct ev_item *item);

/* The bytes of an archive that is a zip, as a walk wants them. */
void ev_item_seek(struct ev_item *item, struct ev_source_in *in);

/* What its readers may ask about its neighbours.  EV_EOF: nothing. */
EV_CHECK
enum ev_rc ev_item_siblings(struct ev_item *item, struct ev_siblings *siblings,
    struct ev_err *err);
void ev_sibling_table_free(struct ev_sibling_table *t);

/* Findings about it; nothing of a member that was not asked for. */
EV_CHECK
enum ev_rc ev_item_note(struct ev_item *item, const char *word,
    const char *detail, int64_t offset, struct ev_err *err);
EV_CHECK
enum ev_rc ev_item_set_aside(struct ev_item *item,
    const struct ev_set_aside *what, struct ev_err *err);

/* Its media type, told and into type[EV_MEDIA_TYPE]. */
EV_CHECK
enum ev_rc ev_item_media(struct ev_item *item, enum ev_outcome sniffed,
    char *type, struct ev_err *err);

/* Whether a mapping is confirmed for it. */
bool ev_item_mapped(const struct ev_item *item);

/* The mappings over it, to its end. */
EV_CHECK
enum ev_rc ev_item_read(struct ev_item *item,
    const struct ev_source_entry *entry, struct ev_err *err);

/* Its end: of no more than one kind. */
EV_CHECK
enum ev_rc ev_item_end(struct ev_item *item,
    const struct ev_member_total *total, struct ev_err *err);
/* No artifact comes of it: why is the last that is said of it. */
EV_CHECK
enum ev_rc ev_item_end_failed(struct ev_item *item, const char *reason,
    const char *message, struct ev_err *err);
EV_CHECK
enum ev_rc ev_item_end_empty(struct ev_item *item, struct ev_err *err);
EV_CHECK
enum ev_rc ev_item_end_container(struct ev_item *item, struct ev_err *err);

#endif
