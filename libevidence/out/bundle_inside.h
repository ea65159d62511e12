/* A bundle being made: what its files share. */
#ifndef EV_OUT_BUNDLE_INSIDE_H
#define EV_OUT_BUNDLE_INSIDE_H

#include <stdint.h>

#include "case/stamping.h"
#include "evidence/bundle.h"
#include "out/container.h"
#include "seal/merkle.h"
#include "seal/unzip.h"

enum {
	BUNDLE_LOOSE = 900, /* exhibits that are entries of their own */
	BUNDLE_TEXT = 256 << 20,
	BUNDLE_NAME = 160,
	BUNDLE_SIGNERS = 99,
};

struct volumes;
struct withhold;

struct bundle {
	struct ev_case *c;
	const struct ev_bundle *how;
	struct ev_container *k;
	int64_t head; /* everything up to this entry, and nothing after it */
	int64_t when; /* instant of that entry: the date of all files */
	char when_text[40];
	int vault;
	struct withhold *withhold; /* NULL: nothing is */
	int64_t withheld;          /* lines */
	int64_t unsearched;        /* exhibits: see withhold_check() */
	int64_t secrets;           /* exhibits: see withhold_secrets() */
	struct volumes *volumes;   /* NULL: it is all one */
	int64_t volume;            /* that is being made, from 1 */
	bool planning;             /* no exhibits yet */
	bool external;             /* stamped by somebody else */
	struct ev_signer *signer[BUNDLE_SIGNERS];
	size_t signers;
};

/* How many exhibits the head covers whose bytes are stored. */
EV_CHECK
enum ev_rc bundle_exhibit_count(struct bundle *b, int64_t *count,
    struct ev_err *err);

/* Each adds the parts of one folder. */
EV_CHECK
enum ev_rc bundle_exhibits(struct bundle *b, struct ev_err *err);
EV_CHECK
enum ev_rc bundle_index(struct bundle *b, struct ev_err *err);
EV_CHECK
enum ev_rc bundle_custody(struct bundle *b, struct ev_err *err);
EV_CHECK
enum ev_rc bundle_case(struct bundle *b, struct ev_err *err);
EV_CHECK
enum ev_rc bundle_time(struct bundle *b, struct ev_err *err);
/*
 * Load the keys of all signers and what is to travel with their signatures,
 * and see that each can sign now and was enrolled by the head.
 */
EV_CHECK
enum ev_rc bundle_signers(struct bundle *b, struct ev_err *err);
void bundle_signers_free(struct bundle *b);
/* META-INF: signatures, evidence record, archive time stamp. */
EV_CHECK
enum ev_rc bundle_seal(struct bundle *b, struct ev_err *err);

/*
 * One more round over all that is in k: the manifest of the round before gets
 * its number, then come the new manifest and its token by place (c as in
 * ev_stamp_token()).  Where no token is had, k is as it was.
 */
EV_CHECK
enum ev_rc bundle_round(struct ev_container *k, int round, struct ev_case *c,
    const struct ev_stamp_place *place, struct ev_stamp *stamp,
    struct ev_err *err);

/* A bundle that exists, read. */
struct bundle_file {
	int fd;
	struct ev_zip_source source;
	struct ev_unzip *zip;
};
/* To be closed, also after a failure. */
EV_CHECK
enum ev_rc bundle_open(struct bundle_file *f, const char *path,
    struct ev_err *err);
void bundle_close(struct bundle_file *f);
/* How many rounds of archive time stamps it has. */
int bundle_rounds(const struct bundle_file *f);

/* The folder that a path lies in. */
enum { BUNDLE_PATH = 4096 };
void bundle_folder(char folder[BUNDLE_PATH], const char *path);

/*
 * A line of a salted list into the open part, and its salt as a line of
 * salts: or, where row says that it is withheld, the row and its leaf.
 */
struct ev_withheld;
EV_CHECK
enum ev_rc bundle_salted(struct bundle *b, struct ev_salter *salter,
    int64_t number, struct ev_bytes line, struct ev_withheld *row,
    struct ev_buf *salts, struct ev_err *err);

/* A line and its newline into the open part. */
EV_CHECK
enum ev_rc bundle_line(void *b, const void *line, size_t len,
    struct ev_err *err);

/* printf for part names; EV_LIMIT if it does not fit. */
EV_PRINTF(3, 4)
EV_CHECK
enum ev_rc bundle_name(char name[BUNDLE_NAME], struct ev_err *err,
    const char *fmt, ...);

#endif
