/* Several hashes over one pass of a stream. */
#ifndef EV_SEAL_DIGEST_H
#define EV_SEAL_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"

/*
 * SHA-256 is identity, SHA-512 the second manifest; MD5 and SHA-1 are for
 * looking things up and never shown as integrity; the CRC-32 is what a zip
 * header wants.
 */
enum {
	EV_D_SHA256 = 1,
	EV_D_SHA512 = 2,
	EV_D_MD5 = 4,
	EV_D_SHA1 = 8,
	EV_D_CRC32 = 16,
	EV_D_ALL = 31,
};

enum { EV_SHA256 = 32, EV_SHA512 = 64, EV_MD5 = 16, EV_SHA1 = 20 };

struct ev_digests {
	unsigned have; /* EV_D_*: which of the following are set */
	unsigned char sha256[EV_SHA256];
	unsigned char sha512[EV_SHA512];
	unsigned char md5[EV_MD5];
	unsigned char sha1[EV_SHA1];
	uint32_t crc32;
	int64_t size; /* bytes that went through; always set */
};

/* Embedded; the contexts within are made once and used for many streams. */
struct ev_digest {
	unsigned want;
	void *algo[4];
	void *ctx[4];
	uint32_t crc;
	int64_t size;
};

/* Make ready for the first stream.  EV_USE for a mask that is not EV_D_*. */
EV_CHECK
enum ev_rc ev_digest_init(struct ev_digest *d, unsigned want,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_digest_update(struct ev_digest *d, const void *data, size_t len,
    struct ev_err *err);
/* Fill out, and make ready for the next stream. */
EV_CHECK
enum ev_rc ev_digest_final(struct ev_digest *d, struct ev_digests *out,
    struct ev_err *err);
/* Forget the stream that was begun. */
EV_CHECK
enum ev_rc ev_digest_reset(struct ev_digest *d, struct ev_err *err);
void ev_digest_release(struct ev_digest *d);

/* SHA-256 of bytes in memory. */
EV_CHECK
enum ev_rc ev_sha256(unsigned char out[EV_SHA256], const void *data, size_t len,
    struct ev_err *err);

/* HMAC-SHA-256 (RFC 2104) with a key of 32 bytes. */
EV_CHECK
enum ev_rc ev_hmac_sha256(unsigned char out[EV_SHA256],
    const unsigned char key[EV_SHA256], const void *data, size_t len,
    struct ev_err *err);

/* Bytes nobody can guess. */
EV_CHECK
enum ev_rc ev_random(void *data, size_t len, struct ev_err *err);

/* Equality in a time that does not depend on the content. */
bool ev_same(const void *a, const void *b, size_t len);

/* Overwrite a secret; unlike memset it is not optimised away. */
void ev_cleanse(void *data, size_t len);

#endif
