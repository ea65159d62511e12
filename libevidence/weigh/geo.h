/* What an IP address said about a country, per database, at a date. */
#ifndef EV_WEIGH_GEO_H
#define EV_WEIGH_GEO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "weigh/address.h"

/*
 * A database is one file: one snapshot of one source, for the address
 * families it has rows of.  For an address at an instant, each source votes
 * once, from its snapshot nearest in time (a tie: the earlier).
 */
struct ev_geo;

enum { EV_GEO_FILES = 64 };

enum ev_geo_role {
	EV_GEO_VOTE,  /* countries */
	EV_GEO_ASN,   /* networks */
	EV_GEO_CLASS, /* classes and flags of ranges */
	EV_GEO_EXITS, /* Tor exits */
};
bool ev_geo_role_find(enum ev_geo_role *role, const char *name);

/* What a file is, and what it says of itself. */
struct ev_geo_about {
	const char *format; /* "ipfire-text" "csv-ranges" "mmdb" "tor-exits" */
	bool has_built;
	int64_t built_us;
	bool extract;    /* of a larger file, with */
	char sha256[65]; /* that file's digest; else "" */
	bool v4, v6;     /* families it has rows of */
	size_t rows;
};

struct ev_geo_file {
	const char *name;   /* for messages and data[] */
	const char *source; /* "ipfire" */
	const char *sha256; /* of the whole, hex */
	enum ev_geo_role role;
	int64_t built_us;
	const void *bytes;
	size_t len;
};

EV_CHECK
enum ev_rc ev_geo_new(struct ev_geo **geo, struct ev_err *err);
void ev_geo_free(struct ev_geo *geo);

/*
 * Read one database; nothing is borrowed.  EV_INPUT "name:line: ..." for what
 * is not sorted, overlaps, or is no database; EV_LIMIT for one too many.
 * about may be NULL.
 */
EV_CHECK
enum ev_rc ev_geo_add(struct ev_geo *geo, const struct ev_geo_file *file,
    struct ev_geo_about *about, struct ev_err *err);

/* Only look: what a file says of itself, fully parsed. */
EV_CHECK
enum ev_rc ev_geo_describe(struct ev_geo_about *about, const char *name,
    const void *bytes, size_t len, struct ev_err *err);

/* Flags, as bits. */
enum {
	EV_GF_VPN = 1,
	EV_GF_HOSTING = 2,
	EV_GF_RELAY = 4,
	EV_GF_TOR = 8,
	EV_GF_ANYCAST = 16,
	EV_GF_SATELLITE = 32,
	EV_GF_CGNAT = 64,
	EV_GF_DROP = 128,
	EV_GF_DOCUMENTATION = 256, /* of the address itself */
};
/* 0 if there is no such flag. */
unsigned ev_geo_flag(const char *name, size_t len);
/* Names parted by blanks, appended. */
EV_CHECK
enum ev_rc ev_geo_flag_names(struct ev_buf *out, unsigned flags,
    struct ev_err *err);

/* The answer of one file. */
struct ev_geo_vote {
	size_t file;        /* in the order added */
	char raw[16];       /* as the database has it */
	char registered[3]; /* MMDB registered_country, or "" */
	char cc[3];         /* "" if the answer is no country */
	struct ev_addr start, end;
	int64_t days; /* between the event and the build */
};

enum ev_geo_result { EV_GEO_ALL, EV_GEO_SPLIT, EV_GEO_THIN, EV_GEO_NONE };
const char *ev_geo_result_name(enum ev_geo_result result);

struct ev_geo_answer {
	enum ev_geo_result result;
	char cc[3]; /* what all that answer say; "" if they differ or none */
	size_t votes;
	struct ev_geo_vote vote[EV_GEO_FILES];
	bool stale;        /* nearest snapshot over 180 days away */
	int64_t asn;       /* 0: not known */
	const char *class; /* "unknown" if nothing tells */
	unsigned flags;
	bool flags_known;
};

/* Which files are left out of an answer, as bits in the order added. */
struct ev_geo_question {
	struct ev_addr addr;
	int64_t at_us;
	uint64_t without;
	int minimum; /* of answers for "all": 3, fewer if files are left out */
};

/* The networks' classes, borrowed until the last question. */
struct ev_asnfile;
EV_CHECK
enum ev_rc ev_geo_classes(struct ev_geo *geo, const struct ev_asnfile *classes,
    struct ev_err *err);

/* Never fails: nobody answers is an answer too. */
void ev_geo_ask(const struct ev_geo *geo, const struct ev_geo_question *q,
    struct ev_geo_answer *answer);
/* Did any vote say that country? */
bool ev_geo_says(const struct ev_geo_answer *answer, const char *cc);

size_t ev_geo_count(const struct ev_geo *geo);
struct ev_geo_source {
	const char *name, *source, *sha256;
	enum ev_geo_role role;
	int64_t built_us;
};
void ev_geo_source(const struct ev_geo *geo, size_t file,
    struct ev_geo_source *out);

/* The rows of one file that the addresses match (weigh.h, extract). */
EV_CHECK
enum ev_rc ev_geo_extract(const struct ev_geo *geo, size_t file,
    const struct ev_addr *addrs, size_t count, struct ev_buf *out,
    struct ev_err *err);

#endif
