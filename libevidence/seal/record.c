/* RFC 4998 evidence records: one token for many artifacts. */
#include <stdlib.h>
#include <string.h>

#include "seal/record_inside.h"

static int
compare_narrow(const void *a, const void *b)
{
	return memcmp(a, b, EV_SHA256);
}

static int
compare_wide(const void *a, const void *b)
{
	return memcmp(a, b, EV_SHA512);
}

enum ev_rc
record_sort(unsigned char **out, const unsigned char *hash, size_t count,
    size_t width, struct ev_err *err)
{
	*out = NULL;
	if (count == 0)
		return ev_fail(err, EV_USE, "an evidence record of nothing");
	if (count > EV_RECORD_COUNT)
		return ev_fail(err, EV_LIMIT,
		    "an evidence record of more than %d hashes",
		    EV_RECORD_COUNT);
	*out = malloc(count * width);
	if (*out == NULL)
		return ev_fail_sys(err, "cannot sort %zu hashes", count);
	memcpy(*out, hash, count * width);
	qsort(*out, count, width,
	    width == EV_SHA512 ? compare_wide : compare_narrow);
	return EV_OK;
}

enum ev_rc
record_hash(unsigned char *out, size_t width, struct ev_bytes bytes,
    struct ev_err *err)
{
	const EVP_MD *md = width == EV_SHA512 ? EVP_sha512() : EVP_sha256();

	if (EVP_Digest(bytes.data, bytes.len, out, NULL, md, NULL) != 1)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot hash");
	return EV_OK;
}

enum ev_rc
record_root(unsigned char *root, const unsigned char *sorted, size_t count,
    size_t width, struct ev_err *err)
{
	if (count == 1) {
		memcpy(root, sorted, width);
		return EV_OK;
	}
	return record_hash(root, width, EV_BYTES(sorted, count * width), err);
}

enum ev_rc
ev_record_root(unsigned char root[EV_SHA256], const unsigned char *hash,
    size_t count, struct ev_err *err)
{
	unsigned char *copy;
	enum ev_rc rc;

	rc = record_sort(&copy, hash, count, EV_SHA256, err);
	if (rc == EV_OK)
		rc = record_root(root, copy, count, EV_SHA256, err);
	free(copy);
	return rc;
}

static X509_ALGOR *
new_algorithm(size_t width)
{
	const int nid = width == EV_SHA512 ? NID_sha512 : NID_sha256;
	X509_ALGOR *algo = X509_ALGOR_new();

	if (algo != NULL &&
	    X509_ALGOR_set0(algo, OBJ_nid2obj(nid), V_ASN1_UNDEF, NULL) == 1)
		return algo;
	X509_ALGOR_free(algo);
	return NULL;
}

static EV_ERS_HASHES *
new_group(const unsigned char *hash, size_t count, size_t width)
{
	EV_ERS_HASHES *group = sk_ASN1_OCTET_STRING_new_null();
	ASN1_OCTET_STRING *one;
	size_t n;

	for (n = 0; group != NULL && n < count; n++) {
		one = ASN1_OCTET_STRING_new();
		if (one == NULL ||
		    ASN1_OCTET_STRING_set(one, hash + n * width, (int)width) !=
			1 ||
		    sk_ASN1_OCTET_STRING_push(group, one) <= 0) {
			ASN1_OCTET_STRING_free(one);
			sk_ASN1_OCTET_STRING_pop_free(group,
			    ASN1_OCTET_STRING_free);
			return NULL;
		}
	}
	return group;
}

bool
record_fill(EV_ERS_STAMP *stamp, const unsigned char *hash, size_t count,
    size_t width, struct ev_bytes token)
{
	const unsigned char *p = token.data;
	EV_ERS_HASHES *group;

	stamp->algorithm = new_algorithm(width);
	if (stamp->algorithm == NULL)
		return false;
	if (count > 0) {
		stamp->tree = sk_EV_ERS_HASHES_new_null();
		group = new_group(hash, count, width);
		if (stamp->tree == NULL || group == NULL ||
		    sk_EV_ERS_HASHES_push(stamp->tree, group) <= 0) {
			sk_ASN1_OCTET_STRING_pop_free(group,
			    ASN1_OCTET_STRING_free);
			return false;
		}
	}
	ASN1_TYPE_free(stamp->token);
	stamp->token = d2i_ASN1_TYPE(NULL, &p, (long)token.len);
	return stamp->token != NULL &&
	       ASN1_TYPE_get(stamp->token) == V_ASN1_SEQUENCE &&
	       p == (const unsigned char *)token.data + token.len;
}

bool
record_announce(EV_ERS *ers, size_t width)
{
	X509_ALGOR *algo;
	int n;

	for (n = 0; n < sk_X509_ALGOR_num(ers->algorithms); n++) {
		if (record_width(sk_X509_ALGOR_value(ers->algorithms, n)) ==
		    width)
			return true;
	}
	algo = new_algorithm(width);
	if (algo != NULL && sk_X509_ALGOR_push(ers->algorithms, algo) > 0)
		return true;
	X509_ALGOR_free(algo);
	return false;
}

enum ev_rc
record_der(EV_ERS *ers, struct ev_buf *out, struct ev_err *err)
{
	unsigned char *der = NULL;
	const int len = i2d_EV_ERS(ers, &der);
	enum ev_rc rc;

	if (len <= 0)
		rc = ev_fail_ossl(err, EV_CRYPTO,
		    "cannot make an evidence record");
	else
		rc = ev_buf_put(out, der, (size_t)len, err);
	OPENSSL_free(der);
	return rc;
}

EV_ERS_STAMP *
record_chain(EV_ERS *ers)
{
	EV_ERS_STAMP *stamp = EV_ERS_STAMP_new();
	EV_ERS_CHAIN *chain = sk_EV_ERS_STAMP_new_null();

	if (stamp == NULL || chain == NULL ||
	    sk_EV_ERS_STAMP_push(chain, stamp) <= 0) {
		EV_ERS_STAMP_free(stamp);
		sk_EV_ERS_STAMP_free(chain);
		return NULL;
	}
	if (sk_EV_ERS_CHAIN_push(ers->sequence, chain) <= 0) {
		sk_EV_ERS_STAMP_pop_free(chain, EV_ERS_STAMP_free);
		return NULL;
	}
	return stamp;
}

static bool
fill_record(EV_ERS *ers, const unsigned char *hash, size_t count,
    struct ev_bytes token)
{
	EV_ERS_STAMP *stamp = record_chain(ers);

	if (stamp == NULL)
		return false;
	return ASN1_INTEGER_set(ers->version, 1) == 1 &&
	       record_announce(ers, EV_SHA256) &&
	       record_fill(stamp, hash, count, EV_SHA256, token);
}

enum ev_rc
ev_record_build(const unsigned char *hashes, size_t count,
    struct ev_bytes token, struct ev_buf *out, struct ev_err *err)
{
	unsigned char *copy;
	EV_ERS *ers = NULL;
	enum ev_rc rc;

	rc = record_sort(&copy, hashes, count, EV_SHA256, err);
	if (rc != EV_OK)
		return rc;
	if (token.len > 0 && token.len <= EV_STAMP_LIMIT)
		ers = EV_ERS_new();
	if (ers != NULL && fill_record(ers, copy, count, token))
		rc = record_der(ers, out, err);
	else
		rc = ev_fail_ossl(err, EV_CRYPTO,
		    "cannot make an evidence record");
	EV_ERS_free(ers);
	free(copy);
	return rc;
}
