/* Several hashes over one pass of a stream. */
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <string.h>
#include <zlib.h>

#include "seal/digest.h"
#include "seal/ossl.h"

/* Small enough to be in the cache still when the next algorithm reads it. */
enum { PIECE = 32768 };

enum { ALGORITHMS = 4 };

static const struct {
	unsigned bit;
	const char *name;
	size_t offset;
} algorithm[ALGORITHMS] = {
	{ EV_D_SHA256, "SHA256", offsetof(struct ev_digests, sha256) },
	{ EV_D_SHA512, "SHA512", offsetof(struct ev_digests, sha512) },
	{ EV_D_MD5, "MD5", offsetof(struct ev_digests, md5) },
	{ EV_D_SHA1, "SHA1", offsetof(struct ev_digests, sha1) },
};

enum ev_rc
ev_digest_init(struct ev_digest *d, unsigned want, struct ev_err *err)
{
	size_t n;

	memset(d, 0, sizeof(*d));
	if (want == 0 || (want & ~(unsigned)EV_D_ALL) != 0)
		return ev_fail(err, EV_USE, "no set of digests: 0x%x", want);
	d->want = want;
	for (n = 0; n < ALGORITHMS; n++) {
		if ((want & algorithm[n].bit) == 0)
			continue;
		/* Fetched once: an implicit fetch per stream costs more. */
		d->algo[n] = EVP_MD_fetch(NULL, algorithm[n].name, NULL);
		d->ctx[n] = EVP_MD_CTX_new();
		if (d->algo[n] == NULL || d->ctx[n] == NULL) {
			ev_digest_release(d);
			return ev_fail_ossl(err, EV_CRYPTO,
			    "%s is not available", algorithm[n].name);
		}
	}
	return ev_digest_reset(d, err);
}

enum ev_rc
ev_digest_reset(struct ev_digest *d, struct ev_err *err)
{
	size_t n;

	d->crc = 0;
	d->size = 0;
	for (n = 0; n < ALGORITHMS; n++) {
		if (d->ctx[n] == NULL)
			continue;
		if (EVP_DigestInit_ex2(d->ctx[n], d->algo[n], NULL) != 1)
			return ev_fail_ossl(err, EV_CRYPTO, "cannot begin %s",
			    algorithm[n].name);
	}
	return EV_OK;
}

static enum ev_rc
update_piece(struct ev_digest *d, const unsigned char *data, size_t len,
    struct ev_err *err)
{
	size_t n;

	for (n = 0; n < ALGORITHMS; n++) {
		if (d->ctx[n] == NULL)
			continue;
		if (EVP_DigestUpdate(d->ctx[n], data, len) != 1)
			return ev_fail_ossl(err, EV_CRYPTO,
			    "cannot go on with %s", algorithm[n].name);
	}
	if ((d->want & EV_D_CRC32) != 0)
		d->crc = (uint32_t)crc32_z(d->crc, data, len);
	return EV_OK;
}

enum ev_rc
ev_digest_update(struct ev_digest *d, const void *data, size_t len,
    struct ev_err *err)
{
	const unsigned char *p = data;
	size_t piece;
	enum ev_rc rc;

	if (__builtin_add_overflow(d->size, len, &d->size))
		return ev_fail(err, EV_LIMIT, "a stream is too long to count");
	while (len > 0) {
		piece = len < PIECE ? len : PIECE;
		rc = update_piece(d, p, piece, err);
		if (rc != EV_OK)
			return rc;
		p += piece;
		len -= piece;
	}
	return EV_OK;
}

enum ev_rc
ev_digest_final(struct ev_digest *d, struct ev_digests *out, struct ev_err *err)
{
	size_t n;

	memset(out, 0, sizeof(*out));
	for (n = 0; n < ALGORITHMS; n++) {
		if (d->ctx[n] == NULL)
			continue;
		if (EVP_DigestFinal_ex(d->ctx[n],
			(unsigned char *)out + algorithm[n].offset, NULL) != 1)
			return ev_fail_ossl(err, EV_CRYPTO, "cannot end %s",
			    algorithm[n].name);
	}
	out->have = d->want;
	out->crc32 = d->crc;
	out->size = d->size;
	return ev_digest_reset(d, err);
}

void
ev_digest_release(struct ev_digest *d)
{
	size_t n;

	if (d == NULL)
		return;
	for (n = 0; n < ALGORITHMS; n++) {
		EVP_MD_CTX_free(d->ctx[n]);
		EVP_MD_free(d->algo[n]);
	}
	memset(d, 0, sizeof(*d));
}

enum ev_rc
ev_sha256(unsigned char out[EV_SHA256], const void *data, size_t len,
    struct ev_err *err)
{
	if (EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) != 1)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot compute SHA-256");
	return EV_OK;
}

enum ev_rc
ev_hmac_sha256(unsigned char out[EV_SHA256], const unsigned char key[EV_SHA256],
    const void *data, size_t len, struct ev_err *err)
{
	unsigned out_len = 0;

	if (HMAC(EVP_sha256(), key, EV_SHA256, data, len, out, &out_len) ==
		NULL ||
	    out_len != EV_SHA256)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot compute HMAC");
	return EV_OK;
}

enum ev_rc
ev_random(void *data, size_t len, struct ev_err *err)
{
	if (RAND_bytes_ex(NULL, data, len, 0) != 1)
		return ev_fail_ossl(err, EV_CRYPTO, "no random bytes");
	return EV_OK;
}

bool
ev_same(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

void
ev_cleanse(void *data, size_t len)
{
	if (data != NULL)
		OPENSSL_cleanse(data, len);
}
