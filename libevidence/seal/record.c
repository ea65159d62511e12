/* RFC 4998 evidence records: one token for many artifacts. */
#include <stdlib.h>
#include <string.h>

#include "seal/ersasn1.h"
#include "seal/ossl.h"
#include "seal/record.h"

enum { DER_LIMIT = 256 << 20 };

struct ev_record {
	unsigned char (*hash)[EV_SHA256];
	size_t count;
	struct ev_buf token;
};

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, EV_SHA256);
}

/* A sorted copy, for the caller to free. */
static enum ev_rc
sorted(unsigned char (**out)[EV_SHA256], const unsigned char *hash,
    size_t count, struct ev_err *err)
{
	size_t size;

	*out = NULL;
	if (count == 0)
		return ev_fail(err, EV_USE, "an evidence record of nothing");
	if (count > EV_RECORD_COUNT)
		return ev_fail(err, EV_LIMIT,
		    "an evidence record of more than %d hashes",
		    EV_RECORD_COUNT);
	size = count * EV_SHA256;
	*out = malloc(size);
	if (*out == NULL)
		return ev_fail_sys(err, "cannot sort %zu hashes", count);
	memcpy(*out, hash, size);
	qsort(*out, count, EV_SHA256, compare);
	return EV_OK;
}

/* RFC 4998, 4.2: concatenated in ascending order; one passes through. */
static enum ev_rc
root_of(unsigned char root[EV_SHA256], unsigned char (*hash)[EV_SHA256],
    size_t count, struct ev_err *err)
{
	if (count == 1) {
		memcpy(root, hash[0], EV_SHA256);
		return EV_OK;
	}
	return ev_sha256(root, hash[0], count * EV_SHA256, err);
}

enum ev_rc
ev_record_root(unsigned char root[EV_SHA256], const unsigned char *hash,
    size_t count, struct ev_err *err)
{
	unsigned char(*copy)[EV_SHA256];
	enum ev_rc rc;

	rc = sorted(&copy, hash, count, err);
	if (rc == EV_OK)
		rc = root_of(root, copy, count, err);
	free(copy);
	return rc;
}

static bool
put_algorithm(X509_ALGOR **out)
{
	X509_ALGOR *algo = X509_ALGOR_new();

	if (algo == NULL || X509_ALGOR_set0(algo, OBJ_nid2obj(NID_sha256),
				V_ASN1_UNDEF, NULL) != 1) {
		X509_ALGOR_free(algo);
		return false;
	}
	*out = algo;
	return true;
}

static EV_ERS_HASHES *
new_group(unsigned char (*hash)[EV_SHA256], size_t count)
{
	EV_ERS_HASHES *group = sk_ASN1_OCTET_STRING_new_null();
	ASN1_OCTET_STRING *one;
	size_t n;

	for (n = 0; group != NULL && n < count; n++) {
		one = ASN1_OCTET_STRING_new();
		if (one == NULL ||
		    ASN1_OCTET_STRING_set(one, hash[n], EV_SHA256) != 1 ||
		    sk_ASN1_OCTET_STRING_push(group, one) <= 0) {
			ASN1_OCTET_STRING_free(one);
			sk_ASN1_OCTET_STRING_pop_free(group,
			    ASN1_OCTET_STRING_free);
			return NULL;
		}
	}
	return group;
}

static bool
fill_stamp(EV_ERS_STAMP *stamp, unsigned char (*hash)[EV_SHA256], size_t count,
    struct ev_bytes token)
{
	const unsigned char *p = token.data;
	EV_ERS_HASHES *group;

	if (!put_algorithm(&stamp->algorithm))
		return false;
	stamp->tree = sk_EV_ERS_HASHES_new_null();
	group = new_group(hash, count);
	if (stamp->tree == NULL || group == NULL ||
	    sk_EV_ERS_HASHES_push(stamp->tree, group) <= 0) {
		sk_ASN1_OCTET_STRING_pop_free(group, ASN1_OCTET_STRING_free);
		return false;
	}
	ASN1_TYPE_free(stamp->token);
	stamp->token = d2i_ASN1_TYPE(NULL, &p, (long)token.len);
	return stamp->token != NULL &&
	       ASN1_TYPE_get(stamp->token) == V_ASN1_SEQUENCE &&
	       p == (const unsigned char *)token.data + token.len;
}

static bool
fill_record(EV_ERS *ers, unsigned char (*hash)[EV_SHA256], size_t count,
    struct ev_bytes token)
{
	EV_ERS_STAMP *stamp = EV_ERS_STAMP_new();
	EV_ERS_CHAIN *chain = sk_EV_ERS_STAMP_new_null();
	X509_ALGOR *algo = NULL;

	if (stamp == NULL || chain == NULL ||
	    sk_EV_ERS_STAMP_push(chain, stamp) <= 0) {
		EV_ERS_STAMP_free(stamp);
		sk_EV_ERS_STAMP_free(chain);
		return false;
	}
	if (sk_EV_ERS_CHAIN_push(ers->sequence, chain) <= 0) {
		sk_EV_ERS_STAMP_pop_free(chain, EV_ERS_STAMP_free);
		return false;
	}
	if (ASN1_INTEGER_set(ers->version, 1) != 1 || !put_algorithm(&algo))
		return false;
	if (sk_X509_ALGOR_push(ers->algorithms, algo) <= 0) {
		X509_ALGOR_free(algo);
		return false;
	}
	return fill_stamp(stamp, hash, count, token);
}

enum ev_rc
ev_record_build(const unsigned char *hashes, size_t count,
    struct ev_bytes token, struct ev_buf *out, struct ev_err *err)
{
	unsigned char(*copy)[EV_SHA256];
	unsigned char *der = NULL;
	EV_ERS *ers = NULL;
	enum ev_rc rc;
	int len = -1;

	rc = sorted(&copy, hashes, count, err);
	if (rc != EV_OK)
		return rc;
	if (token.len > 0 && token.len <= EV_STAMP_LIMIT)
		ers = EV_ERS_new();
	if (ers != NULL && fill_record(ers, copy, count, token))
		len = i2d_EV_ERS(ers, &der);
	if (len <= 0)
		rc = ev_fail_ossl(err, EV_CRYPTO,
		    "cannot make an evidence record");
	else
		rc = ev_buf_put(out, der, (size_t)len, err);
	OPENSSL_free(der);
	EV_ERS_free(ers);
	free(copy);
	return rc;
}

static bool
is_sha256(const X509_ALGOR *algo)
{
	return algo != NULL && OBJ_obj2nid(algo->algorithm) == NID_sha256;
}

/* Parsed to the last byte, and written again to the same bytes. */
static enum ev_rc
parse_der(EV_ERS **ers, struct ev_bytes in, struct ev_err *err)
{
	const unsigned char *p = in.data;
	unsigned char *again = NULL;
	bool same;
	int len;

	*ers = NULL;
	if (in.len == 0 || in.len > DER_LIMIT)
		return ev_fail(err, EV_INPUT, "an evidence record of %zu bytes",
		    in.len);
	*ers = d2i_EV_ERS(NULL, &p, (long)in.len);
	if (*ers == NULL)
		return ev_fail_ossl(err, EV_INPUT,
		    "the evidence record is not DER");
	if (p != (const unsigned char *)in.data + in.len)
		return ev_fail(err, EV_INPUT,
		    "bytes behind the evidence record's end");
	len = i2d_EV_ERS(*ers, &again);
	same = len > 0 && (size_t)len == in.len &&
	       memcmp(again, in.data, in.len) == 0;
	OPENSSL_free(again);
	if (!same)
		return ev_fail_ossl(err, EV_INPUT,
		    "the evidence record does not re-encode to itself");
	return EV_OK;
}

/* The one time stamp of the flat form, or NULL with the reason in err. */
static EV_ERS_STAMP *
flat_stamp(EV_ERS *ers, struct ev_err *err)
{
	EV_ERS_CHAIN *chain;
	EV_ERS_STAMP *stamp;
	const char *why = NULL;

	if (ASN1_INTEGER_get(ers->version) != 1)
		why = "a version other than 1";
	else if (sk_X509_ALGOR_num(ers->algorithms) != 1 ||
		 !is_sha256(sk_X509_ALGOR_value(ers->algorithms, 0)))
		why = "other digests than SHA-256";
	else if (ers->crypto_infos != NULL || ers->encryption_info != NULL)
		why = "attributes that are not known";
	else if (sk_EV_ERS_CHAIN_num(ers->sequence) != 1)
		why = "not one chain of time stamps";
	if (why == NULL) {
		chain = sk_EV_ERS_CHAIN_value(ers->sequence, 0);
		stamp = sk_EV_ERS_STAMP_value(chain, 0);
		if (sk_EV_ERS_STAMP_num(chain) != 1)
			why = "not one time stamp";
		else if (!is_sha256(stamp->algorithm))
			why = "other digests than SHA-256";
		else if (stamp->attributes != NULL)
			why = "attributes that are not known";
		else if (sk_EV_ERS_HASHES_num(stamp->tree) != 1)
			why = "not one group of hashes";
		else if (ASN1_TYPE_get(stamp->token) != V_ASN1_SEQUENCE)
			why = "no token";
		else
			return stamp;
	}
	(void)ev_fail(err, EV_INPUT, "the evidence record has %s", why);
	return NULL;
}

static enum ev_rc
take_hashes(struct ev_record *r, EV_ERS_HASHES *group, struct ev_err *err)
{
	const int count = sk_ASN1_OCTET_STRING_num(group);
	const ASN1_OCTET_STRING *one;
	int n;

	if (count < 1)
		return ev_fail(err, EV_INPUT, "an evidence record of nothing");
	/* Each of them was read from the input: count is no mere claim. */
	r->hash = calloc((size_t)count, EV_SHA256);
	if (r->hash == NULL)
		return ev_fail_sys(err, "cannot keep %d hashes", count);
	for (n = 0; n < count; n++) {
		one = sk_ASN1_OCTET_STRING_value(group, n);
		if (ASN1_STRING_length(one) != EV_SHA256)
			return ev_fail(err, EV_INPUT,
			    "hash %d of the evidence record has %d bytes",
			    n + 1, ASN1_STRING_length(one));
		memcpy(r->hash[n], ASN1_STRING_get0_data(one), EV_SHA256);
		if (n > 0 && compare(r->hash[n - 1], r->hash[n]) > 0)
			return ev_fail(err, EV_INPUT,
			    "hash %d of the evidence record is out of order",
			    n + 1);
	}
	r->count = (size_t)count;
	return EV_OK;
}

enum ev_rc
ev_record_read(struct ev_record **out, struct ev_bytes der, struct ev_err *err)
{
	struct ev_record *r;
	EV_ERS_STAMP *stamp = NULL;
	EV_ERS *ers;
	ASN1_STRING *token;
	enum ev_rc rc;

	*out = NULL;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return ev_fail_sys(err, "cannot read an evidence record");
	ev_buf_init(&r->token, EV_STAMP_LIMIT);
	rc = parse_der(&ers, der, err);
	if (rc == EV_OK) {
		stamp = flat_stamp(ers, err);
		rc = stamp == NULL ? err->rc : EV_OK;
	}
	if (rc == EV_OK && stamp != NULL)
		rc =
		    take_hashes(r, sk_EV_ERS_HASHES_value(stamp->tree, 0), err);
	if (rc == EV_OK && stamp != NULL) {
		token = stamp->token->value.sequence;
		rc = ev_buf_put(&r->token, ASN1_STRING_get0_data(token),
		    (size_t)ASN1_STRING_length(token), err);
	}
	EV_ERS_free(ers);
	if (rc != EV_OK) {
		ev_record_free(r);
		return rc;
	}
	*out = r;
	return EV_OK;
}

void
ev_record_free(struct ev_record *r)
{
	if (r == NULL)
		return;
	free(r->hash);
	ev_buf_release(&r->token);
	free(r);
}

struct ev_bytes
ev_record_token(const struct ev_record *r)
{
	return EV_BYTES_BUF(&r->token);
}

size_t
ev_record_count(const struct ev_record *r)
{
	return r->count;
}

const unsigned char *
ev_record_hashes(const struct ev_record *r)
{
	return r->hash[0];
}

bool
ev_record_has(const struct ev_record *r, const unsigned char hash[EV_SHA256])
{
	return bsearch(hash, r->hash, r->count, EV_SHA256, compare) != NULL;
}

enum ev_rc
ev_record_verify(const struct ev_record *r, const struct ev_trust *trust,
    struct ev_stamp *stamp, struct ev_err *err)
{
	unsigned char root[EV_SHA256];
	enum ev_rc rc;

	rc = root_of(root, r->hash, r->count, err);
	if (rc != EV_OK)
		return rc;
	rc = ev_stamp_verify(EV_BYTES_BUF(&r->token), root, trust, stamp, err);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, "the evidence record");
}
