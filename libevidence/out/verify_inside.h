/* A bundle being verified: what its checks share. */
#ifndef EV_OUT_VERIFY_INSIDE_H
#define EV_OUT_VERIFY_INSIDE_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/verify.h"
#include "out/container.h"
#include "out/verify_hash.h"
#include "seal/cert.h"
#include "seal/merkle.h"
#include "seal/note.h"
#include "seal/unzip.h"

enum {
	EV_VERIFY_TEXT = 1 << 20,   /* of one finding */
	EV_VERIFY_DER = 1 << 20,    /* of a signature or token */
	EV_VERIFY_LIST = 256 << 20, /* of a list that is read whole */
};

struct ev_broker;
struct verify_index;
struct verify_where;

struct verify {
	const struct ev_verify *how;
	ev_verify_fn *found;
	void *ctx;
	int fd;
	struct ev_zip_source source;
	struct verify_hasher hasher; /* of long entries, where there is one */
	const struct ev_broker *broker; /* who starts readers; NULL: we do */
	struct ev_unzip *zip;
	struct ev_part *part; /* every entry, in C-locale order */
	size_t count;
	struct ev_trust *trust;
	unsigned char pin[EV_SHA256];
	bool pinned, pin_met; /* met: it signed */
	/* What the log says, once it is checked. */
	struct ev_logkey *log_key;
	char case_id[EV_NOTE_NAME];
	struct ev_merkle_head log;  /* over data/custody/log.jsonl */
	struct ev_buf log_text;     /* its bytes */
	struct verify_index *index; /* once it was found fit, or NULL */
	int signers; /* pairs of manifest and signature, from 1 on */
	/* A volume of a set, and where the set has each exhibit. */
	struct ev_verify_volume volume;
	struct verify_where *where;
	size_t where_count;
	/* Results. */
	bool failed, untrusted;
	bool mute; /* look, and say nothing */
};

EV_PRINTF(4, 5)
void verify_say(struct verify *v, const char *group, enum ev_verify_state state,
    const char *fmt, ...);

/* Whether it has failed, and that is all that was asked. */
bool verify_enough(const struct verify *v);

/* verify_volumes.c: which volume this is, and which has an exhibit (or 0). */
EV_CHECK
enum ev_rc verify_volumes(struct verify *v, struct ev_err *err);
int64_t verify_volume_of(const struct verify *v, int64_t exhibit);

/* Find an entry; NULL without a word if it is not there. */
const struct ev_part *verify_part(const struct verify *v, const char *name);

/* A whole entry, appended to out; EV_LIMIT past out's own limit. */
EV_CHECK
enum ev_rc verify_read(struct verify *v, const char *name, struct ev_buf *out,
    struct ev_err *err);

/*
 * An ASiC manifest must be what the files make of it; have becomes its bytes.
 * EV_EOF: it is not, and that was said.
 */
struct ev_manifest_asic;
EV_CHECK
enum ev_rc verify_manifest(struct verify *v, const char *name,
    const struct ev_manifest_asic *what, struct ev_buf *have,
    struct ev_err *err);

/* When what existed, who says so, and whether that one is trusted. */
struct ev_stamp;
void verify_say_stamp(struct verify *v, const char *what,
    const struct ev_stamp *stamp);

/* The evidence records, said. */
EV_CHECK
enum ev_rc verify_records(struct verify *v, struct ev_err *err);

/* Whether name is a manifest or token of the archive rounds there are. */
bool verify_is_round(const struct verify *v, const char *name);

/*
 * Before any token is judged: what the bundle keeps of authorities is at hand,
 * and a trusted archive time stamp shows how long all that it covers exists.
 */
EV_CHECK
enum ev_rc verify_existed(struct verify *v, struct ev_err *err);
/* The rounds of archive time stamps, newest first, said. */
EV_CHECK
enum ev_rc verify_archive(struct verify *v, struct ev_err *err);

/*
 * The checks, in order.  They return an error only where the bundle could
 * not be read; what is wrong with it is said.
 */
EV_CHECK
enum ev_rc verify_container(struct verify *v, struct ev_err *err);
EV_CHECK
enum ev_rc verify_payload(struct verify *v, struct ev_err *err);
EV_CHECK
enum ev_rc verify_signatures(struct verify *v, struct ev_err *err);
EV_CHECK
enum ev_rc verify_time(struct verify *v, struct ev_err *err);
EV_CHECK
enum ev_rc verify_log(struct verify *v, struct ev_err *err);
/* The signatures of people over heads that the log's entries speak of. */
EV_CHECK
enum ev_rc verify_signed(struct verify *v, struct ev_err *err);
EV_CHECK
enum ev_rc verify_facts(struct verify *v, struct ev_err *err);
EV_CHECK
enum ev_rc verify_case(struct verify *v, struct ev_err *err);
EV_CHECK
enum ev_rc verify_claims(struct verify *v, struct ev_err *err);

#endif
