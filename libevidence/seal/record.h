/* RFC 4998 evidence records: one token for many artifacts. */
#ifndef EV_SEAL_RECORD_H
#define EV_SEAL_RECORD_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "seal/bytes.h"
#include "seal/digest.h"
#include "seal/stamp.h"

/*
 * The flat form: one ArchiveTimeStamp whose reduced hash tree is one
 * PartialHashtree with all hashes, ascending.  The root is the SHA-256 of
 * their concatenation (RFC 4998, 4.2); a single hash is its own root.  Equal
 * hashes are kept as often as they come, as `sort` without -u keeps them.
 */

enum { EV_RECORD_COUNT = 4 << 20 }; /* more are EV_LIMIT */

/* hashes: count times 32 bytes, in any order.  EV_USE: there is none. */
EV_CHECK
enum ev_rc ev_record_root(unsigned char root[EV_SHA256],
    const unsigned char *hashes, size_t count, struct ev_err *err);

/* The record of hashes whose root the token covers (not checked), DER. */
EV_CHECK
enum ev_rc ev_record_build(const unsigned char *hashes, size_t count,
    struct ev_bytes token, struct ev_buf *der, struct ev_err *err);

struct ev_record;

/*
 * A record lasts as long as its newest token; one more carries it on (RFC
 * 4998, 5.2).  With wide NULL the new token covers the newest one and joins
 * its chain (time-stamp renewal).  Else SHA-256 is given up: wide has count
 * SHA-512 of the same data objects, 64 bytes each in any order, and the token,
 * over a SHA-512, covers them and all that is in the record (hash-tree
 * renewal, a new chain).
 */
struct ev_record_renewal {
	struct ev_bytes record;
	const unsigned char *wide;
	size_t count;
};
/* What the token must cover: *len is 32 (SHA-256) or 64 (SHA-512). */
EV_CHECK
enum ev_rc ev_record_renewal_imprint(const struct ev_record_renewal *renewal,
    unsigned char imprint[EV_SHA512], size_t *len, struct ev_err *err);
/* The renewed record; that the token covers it is not checked. */
EV_CHECK
enum ev_rc ev_record_renew(const struct ev_record_renewal *renewal,
    struct ev_bytes token, struct ev_buf *der, struct ev_err *err);

/*
 * Parse, strictly.  EV_INPUT: no record, or none of the flat form: the first
 * time stamp of each chain has one group with a hash of every object (or no
 * group, where there is one object), later ones have none.
 */
EV_CHECK
enum ev_rc ev_record_read(struct ev_record **record, struct ev_bytes der,
    struct ev_err *err);
void ev_record_free(struct ev_record *record);

/* Its first token; borrowed for the life of the record. */
struct ev_bytes ev_record_token(const struct ev_record *record);
size_t ev_record_count(const struct ev_record *record);
/* All of them, 32 bytes each, ascending. */
const unsigned char *ev_record_hashes(const struct ev_record *record);
bool ev_record_has(const struct ev_record *record,
    const unsigned char hash[EV_SHA256]);

/* How many time stamps, and chains, it has. */
size_t ev_record_stamps(const struct ev_record *record);
size_t ev_record_chains(const struct ev_record *record);
/*
 * The SHA-512 of its objects, 64 bytes each in any order, which a record of
 * more than one chain is verified with; borrowed until then.
 */
void ev_record_wide(struct ev_record *record, const unsigned char *wide,
    size_t count);

/*
 * Recompute the roots and verify each token over its own, newest first: one
 * that is trusted shows how long the one before it existed.  stamp is the
 * first token's, as from ev_stamp_verify(); newest, where not NULL, the last
 * one's.  EV_MISMATCH also where a later token states an earlier time.  That
 * the record holds exactly the hashes of a list is for the caller to compare:
 * count and ev_record_hashes(), ascending.
 */
EV_CHECK
enum ev_rc ev_record_verify(const struct ev_record *record,
    const struct ev_trust *trust, struct ev_stamp *stamp,
    struct ev_stamp *newest, struct ev_err *err);

#endif
