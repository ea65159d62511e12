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

/* Parse, strictly.  EV_INPUT: no record, or none of the flat form. */
EV_CHECK
enum ev_rc ev_record_read(struct ev_record **record, struct ev_bytes der,
    struct ev_err *err);
void ev_record_free(struct ev_record *record);

/* Borrowed for the life of the record. */
struct ev_bytes ev_record_token(const struct ev_record *record);
size_t ev_record_count(const struct ev_record *record);
/* All of them, 32 bytes each, ascending. */
const unsigned char *ev_record_hashes(const struct ev_record *record);
bool ev_record_has(const struct ev_record *record,
    const unsigned char hash[EV_SHA256]);

/*
 * Recompute the root and verify the token over it; stamp as from
 * ev_stamp_verify().  That the record holds exactly the hashes of a list is
 * for the caller to compare: count and ev_record_hashes(), ascending.
 */
EV_CHECK
enum ev_rc ev_record_verify(const struct ev_record *record,
    const struct ev_trust *trust, struct ev_stamp *stamp, struct ev_err *err);

#endif
