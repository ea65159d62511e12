/* What the parts of an acquisition share. */
#ifndef EV_INGEST_ACQUIRE_H
#define EV_INGEST_ACQUIRE_H

#include "case/case.h"
#include "evidence/ingest.h"
#include "ingest/child.h"
#include "ingest/fact_rows.h"
#include "ingest/hasher.h"
#include "ingest/spool.h"
#include "store/vault.h"

enum {
	EV_SLOTS = 256,         /* exhibits in hand at once */
	EV_SLOT_DATA = 1 << 20, /* larger ones are read by the child from
				      the vault */
	EV_ARENA = 16 << 20,    /* bytes of all small ones in hand */
	EV_MEDIA_TYPE = 128,
	EV_NOTES = 128,
	EV_MAP_LIMIT = 256 << 10, /* captures.md 2.1 */
	EV_ENTRY_LIMIT = 1 << 20,
	EV_LINE_LIMIT = 128 << 20,
};

/* The mapping files of a run, as text, as a set, and as rows. */
struct ev_maps {
	struct ev_child_map *map;
	struct ev_buf *text;
	char **name;
	int64_t *file; /* rows of datafile */
	size_t count;
	const char **glob; /* "ID=GLOB", NULL-terminated */
	struct ev_mapset *set;
	int64_t *row; /* of mapping, by index in set; 0 not made yet */
};
EV_CHECK
enum ev_rc ev_maps_load(struct ev_maps *maps, const struct ev_ingest_opts *opts,
    struct ev_err *err);
/* Keep the files in the case: within a transaction. */
EV_CHECK
enum ev_rc ev_maps_keep(struct ev_maps *maps, struct ev_case *c,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_maps_row(struct ev_maps *maps, struct ev_db *db, int mapping,
    int64_t *row, struct ev_err *err);
void ev_maps_release(struct ev_maps *maps);

/* One exhibit in hand, from its opening until the child is done with it. */
struct ev_slot {
	uint64_t tag;
	char *name; /* raw bytes */
	size_t name_len;
	unsigned char *data; /* in the arena or the big buffer; NULL: span */
	size_t cap;          /* arena bytes held */
	int64_t size;
	bool has_mtime;
	int64_t mtime;
	char notes[EV_NOTES];
	struct ev_hash_job job;
	const struct ev_digests *digests;
	struct ev_vault_span span; /* fd -1: none */
	bool stored;               /* its row is there */
	bool known;                /* its artifacts may be there already */
	bool complete;             /* read by the run that is gone on with */
	bool given, ended;
	int64_t exhibit;
	int64_t artifact; /* of ordinal 0; a member's is this + ordinal */
	int64_t members;  /* highest ordinal so far */
	int begun;        /* times the child began with it */
};

/* A member that the child is at, innermost last. */
struct ev_open {
	struct ev_member member; /* its path is here: */
	struct ev_buf path;
	int64_t artifact, parent, reading;
	char media[EV_MEDIA_TYPE];
	bool wanted; /* false: of a re-reading that asks for others */
	bool rowed;  /* ordinal 0: artifact and reading rows are there */
	bool facts;  /* some were inserted under this reading */
	struct ev_digest digest;
};

struct ev_acquire {
	struct ev_case *c;
	struct ev_db *db;
	const struct ev_ingest_opts *opts;
	struct ev_maps maps;
	struct ev_vault *vault; /* NULL: dry run, or a re-reading */
	int vault_dir;
	struct ev_child *child;
	struct ev_child_opts child_opts;
	struct ev_buf parser, limits;
	struct ev_hasher *hasher;
	unsigned want;
	struct ev_fact_rows *facts;
	struct ev_stmt *artifact, *reading, *reading_end, *rows, *aside,
	    *duplicate, *ignored, *note, *key, *seen;

	/* The source in hand. */
	int64_t acquisition;
	int64_t receive; /* its entry; 0: a re-reading */
	bool resumed;
	const int64_t *again; /* artifacts asked for, or NULL */
	int64_t first_reading;
	struct ev_ingest_totals totals;
	int64_t planned_bytes, planned_files;
	bool partial; /* something calls for exit status 3 */

	/* Exhibits in hand: slot[done % EV_SLOTS] is the oldest. */
	struct ev_slot slot[EV_SLOTS];
	uint64_t taken, stored, done; /* tags */
	unsigned char *arena;
	size_t arena_at;
	unsigned char *big;
	size_t big_cap;

	/* What the child tells. */
	struct ev_slot *now;
	struct ev_open open[EV_CHILD_OPEN];
	size_t depth;
	struct ev_spool spool;
	int64_t *failed; /* ordinals of members that failed, in the spool */
	size_t failed_count, failed_cap;
	int64_t now_read;
	int64_t next_artifact, next_reading, next_fact;

	/* Batches and progress. */
	int64_t committed_us, begun_us, told_us;
	int64_t batch_facts;
	int64_t bytes_copied, bytes_read;
	bool stopped;
};

/* acquire.c */
EV_CHECK
enum ev_rc ev_acquire_begin(struct ev_acquire *a, struct ev_err *err);
EV_CHECK
enum ev_rc ev_acquire_commit(struct ev_acquire *a, struct ev_err *err);
/* Commit if a batch is full or a second old. */
EV_CHECK
enum ev_rc ev_acquire_batch(struct ev_acquire *a, struct ev_err *err);
void ev_acquire_told(struct ev_acquire *a, bool now);
int64_t ev_acquire_clock(void);
EV_CHECK
enum ev_rc ev_acquire_start(struct ev_acquire *a, struct ev_case *c,
    const struct ev_ingest_opts *opts, struct ev_err *err);
void ev_acquire_stop(struct ev_acquire *a);
/* Entries, account, commit. */
EV_CHECK
enum ev_rc ev_acquire_conclude(struct ev_acquire *a, struct ev_err *err);

/* acquire_slot.c: bytes into the vault. */
EV_CHECK
enum ev_rc ev_slot_file(struct ev_acquire *a, int dir, const char *path,
    const char *name, struct ev_err *err);
EV_CHECK
enum ev_rc ev_slot_stdin(struct ev_acquire *a, struct ev_err *err);
/* Store everything that is in hand up to that one. */
EV_CHECK
enum ev_rc ev_slot_store(struct ev_acquire *a, struct ev_slot *slot,
    struct ev_err *err);
/* Finish everything in hand. */
EV_CHECK
enum ev_rc ev_slot_drain(struct ev_acquire *a, struct ev_err *err);
EV_CHECK
enum ev_rc ev_slot_left_out(struct ev_acquire *a, const char *name,
    const char *reason, const char *message, struct ev_err *err);
/* A slot for an exhibit that is in the vault already. */
EV_CHECK
enum ev_rc ev_slot_exhibit(struct ev_acquire *a, int64_t exhibit,
    struct ev_err *err);

/* acquire_event.c: what the child tells. */
extern const struct ev_child_events ev_acquire_events;

/* acquire_row.c: into the tables. */
EV_CHECK
enum ev_rc ev_row_prepare(struct ev_acquire *a, struct ev_err *err);
void ev_row_finish(struct ev_acquire *a);
EV_CHECK
enum ev_rc ev_row_artifact(struct ev_acquire *a, const struct ev_open *open,
    const struct ev_digests *d, struct ev_err *err);
/* Where a finding belongs. */
struct ev_row_at {
	int64_t reading, artifact;
};
EV_CHECK
enum ev_rc ev_row_fact(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_fact *fact, struct ev_err *err);
EV_CHECK
enum ev_rc ev_row_duplicate(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_duplicate *row, struct ev_err *err);
EV_CHECK
enum ev_rc ev_row_aside(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_set_aside *what, struct ev_err *err);
EV_CHECK
enum ev_rc ev_row_ignored(struct ev_acquire *a, const struct ev_row_at *at,
    int64_t offset, int64_t length, struct ev_err *err);
EV_CHECK
enum ev_rc ev_row_note(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_member_note *note, struct ev_err *err);
EV_CHECK
enum ev_rc ev_row_key(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_unknown_key *key, struct ev_err *err);
EV_CHECK
enum ev_rc ev_row_rows(struct ev_acquire *a, const struct ev_row_at *at,
    int mapping, const struct ev_row_count *rows, struct ev_err *err);
/* total NULL: begun, not yet at its end (b_read is -1 until then). */
EV_CHECK
enum ev_rc ev_row_reading(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_member_total *total, struct ev_err *err);
EV_CHECK
enum ev_rc ev_row_reading_end(struct ev_acquire *a, const struct ev_row_at *at,
    const struct ev_member_total *total, struct ev_err *err);

/* acquire_log.c: the entries. */
EV_CHECK
enum ev_rc ev_acquire_receive(struct ev_acquire *a, const char *source,
    const char *form, struct ev_err *err);
EV_CHECK
enum ev_rc ev_acquire_finish(struct ev_acquire *a, struct ev_err *err);

/* account.c: what the readings that entry counts came to. */
EV_CHECK
enum ev_rc ev_account(struct ev_acquire *a, struct ev_err *err);
EV_CHECK
enum ev_rc ev_account_tell(struct ev_acquire *a, struct ev_err *err);
/* declared.c: the counts that a manifest states, to what they are about. */
EV_CHECK
enum ev_rc ev_account_declared(struct ev_acquire *a, int64_t entry,
    struct ev_err *err);
/* words.c: the full text of the facts that entry counts. */
EV_CHECK
enum ev_rc ev_acquire_words(struct ev_acquire *a, int64_t entry,
    struct ev_err *err);

#endif
