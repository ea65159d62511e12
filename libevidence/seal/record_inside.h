/* What the files of evidence records share. */
#ifndef EV_SEAL_RECORD_INSIDE_H
#define EV_SEAL_RECORD_INSIDE_H

#include "seal/ersasn1.h"
#include "seal/record.h"
#include "seal/x509.h"

struct ev_record {
	EV_ERS *ers;
	unsigned char (*hash)[EV_SHA256]; /* of the first time stamp */
	size_t count;
	const unsigned char *wide;
	size_t wide_count;
};

/* A width is that of a hash: EV_SHA256 or EV_SHA512 bytes. */

/* A copy in ascending order, for the caller to free.  EV_USE: of nothing. */
EV_CHECK
enum ev_rc record_sort(unsigned char **out, const unsigned char *hash,
    size_t count, size_t width, struct ev_err *err);
/* RFC 4998, 4.2: the hash of sorted hashes; one passes through. */
EV_CHECK
enum ev_rc record_root(unsigned char *root, const unsigned char *sorted,
    size_t count, size_t width, struct ev_err *err);
/* The hash of bytes, of that width. */
EV_CHECK
enum ev_rc record_hash(unsigned char *out, size_t width, struct ev_bytes bytes,
    struct ev_err *err);
/* Algorithm, group (count 0: none) and token. */
bool record_fill(EV_ERS_STAMP *stamp, const unsigned char *hash, size_t count,
    size_t width, struct ev_bytes token);
/* Begin a chain: its one stamp, to be filled; NULL: out of memory. */
EV_ERS_STAMP *record_chain(EV_ERS *ers);
/* Name a hash among those that the record uses, once. */
bool record_announce(EV_ERS *ers, size_t width);
EV_CHECK
enum ev_rc record_der(EV_ERS *ers, struct ev_buf *out, struct ev_err *err);

/* The width of what an algorithm makes; 0: it is not one of ours. */
size_t record_width(const X509_ALGOR *algo);
struct ev_bytes record_token(const EV_ERS_STAMP *stamp);
/*
 * What the first time stamp of chain n (not the first) covers: of each of
 * count SHA-512 the hash of it and of that of all chains before; ascending,
 * for the caller to free (RFC 4998, 5.2).
 */
EV_CHECK
enum ev_rc record_rehash(const EV_ERS *ers, int n, const unsigned char *wide,
    size_t count, unsigned char **out, struct ev_err *err);

#endif
