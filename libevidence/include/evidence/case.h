/* A case folder: create, open, lock, describe, close. */
#ifndef EVIDENCE_CASE_H
#define EVIDENCE_CASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "evidence/pass.h"

struct ev_case;

enum ev_case_mode {
	EV_CASE_READ,  /* takes no lock, blocks nobody */
	EV_CASE_WRITE, /* the only writer; EV_USE names the holder if busy */
};

/* Who acts, and why: borrowed by the case until it is closed. */
struct ev_act {
	const char *tool;       /* "ev-ingest" */
	const char *actor;      /* "@name"; NULL: the only actor */
	const char *purpose;    /* NULL: not said */
	const char *place;      /* NULL: not said */
	const char *authoriser; /* "@name" or NULL */
	bool after_close;       /* the act is one that a closed case allows */
};

struct ev_person {
	const char *name; /* as a person writes it */
	const char *id;   /* without @; NULL: from the name */
	const char *role; /* "examiner" */
	const char *office;
	const char *cert; /* PEM file of the certificate, or NULL */
	const char *key;  /* file or pkcs11: URI, or NULL: none is kept */
	bool self_signed; /* make key and certificate, for trying out */
	const struct ev_pass *pass; /* for key; NULL: none to be had */
};

struct ev_case_new {
	const char *number;
	const char *title;
	struct ev_person actor;
};

/*
 * Make the folder dir, which must not exist and ends in ".evcase", its
 * database, log key, first actor and log (entries open and enrol), and its
 * first head.  A failure leaves no folder behind.
 */
EV_CHECK
enum ev_rc ev_case_init(const char *dir, const struct ev_case_new *what,
    const struct ev_act *act, struct ev_err *err);

/*
 * Open dir.  act may be NULL for reading.  For writing the actor is resolved
 * (EV_USE: unknown, or several and none was named), and a broken head of an
 * interrupted run is made good.
 */
EV_CHECK
enum ev_rc ev_case_open(struct ev_case **out, const char *dir,
    enum ev_case_mode mode, const struct ev_act *act, struct ev_err *err);
void ev_case_close(struct ev_case *c);

/*
 * Bring a case of an older format up to this one: entry migrate.  from and to
 * are format numbers; equal if there was nothing to do.
 */
EV_CHECK
enum ev_rc ev_case_migrate(const char *dir, const struct ev_act *act,
    int64_t *from, int64_t *to, struct ev_err *err);

/*
 * Seal the case for good: entry close, the last head, the database settled
 * into one file.  From then on only what changes nothing in it is entered:
 * stamps, exports, handovers, people.  Opening for another act is EV_USE, and
 * so is closing with an acquisition or a handover open; EV_MISMATCH: the log
 * is not as it was.  already: it had been closed before, by entry.
 */
EV_CHECK
enum ev_rc ev_case_finish(struct ev_case *c, int64_t *entry, bool *already,
    struct ev_err *err);

struct ev_case_info {
	const char *case_id; /* urn:uuid:..., the origin of the log */
	const char *number;
	const char *title;
	const char *created;
	const char *dir;
};
const struct ev_case_info *ev_case_info(const struct ev_case *c);

/* Enrol a person: entry enrol, and a new head. */
EV_CHECK
enum ev_rc ev_case_enrol(struct ev_case *c, const struct ev_person *person,
    struct ev_err *err);

/* An order or a consent (court.md 2): entry authorise, and a new head. */
struct ev_authority {
	const char *type;
	const char *issuer;
	const char *ref;
	const char *law, *section;             /* NULL: not stated */
	const char *conduct_from, *conduct_to; /* RFC 3339, NULL: open */
	const char *valid_from, *valid_to;
	const char *const
	    *accounts; /* "PLATFORM:TYPE:VALUE", NULL-terminated */
	const char *const *classes;
	const char *file; /* the document, hashed; NULL: none */
};
EV_CHECK
enum ev_rc ev_case_authority(struct ev_case *c,
    const struct ev_authority *authority, int64_t *id, struct ev_err *err);

/* What is in a case, in numbers. */
struct ev_case_counts {
	int64_t acquisitions, unfinished; /* unfinished: no entry copy */
	int64_t exhibits, exhibit_bytes, artifacts;
	int64_t facts, accounts, set_aside, unread;
	int64_t organisations, claims;
	int64_t entries, heads, unstamped, queued; /* heads without a token */
	int64_t actors, authorities;
	int64_t offer;  /* the entry of a handover that is open, 0: none */
	int64_t closed; /* the entry close, 0: none */
};
EV_CHECK
enum ev_rc ev_case_count(struct ev_case *c, struct ev_case_counts *counts,
    struct ev_err *err);

/* One finding of ev_case_check(). */
struct ev_case_finding {
	bool bad;         /* false: worth knowing, such as unnamed bytes */
	const char *area; /* "database", "log", "vault" */
	const char *what;
	int64_t exhibit; /* whose bytes, 0: none */
};
typedef void ev_case_finding_fn(void *ctx, const struct ev_case_finding *f);

/*
 * Database, log and heads, every exhibit re-hashed (quick: lengths only).
 * head, where not NULL, is a head kept elsewhere: see ev_custody_verify().
 * EV_MISMATCH if anything is bad.
 */
EV_CHECK
enum ev_rc ev_case_check(struct ev_case *c, bool quick,
    const struct ev_buf *head, ev_case_finding_fn *found, void *ctx,
    struct ev_err *err);

/* A typed id: "E000001" is kind 'E', number 1; false if it is none. */
bool ev_id_parse(const char *text, char *kind, int64_t *number);
enum { EV_ID_TEXT = 24 };
void ev_id_print(char text[EV_ID_TEXT], char kind, int64_t number);

#endif
