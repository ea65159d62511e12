/* The frame around a signature, which the signature itself does not cover. */
#include <openssl/pkcs7.h>
#include <string.h>

#include "seal/x509.h"

static bool
plain_algorithm(const X509_ALGOR *algo, int *nid)
{
	const ASN1_OBJECT *object = NULL;
	int type = V_ASN1_UNDEF;

	X509_ALGOR_get0(&object, &type, NULL, algo);
	*nid = OBJ_obj2nid(object);
	return type == V_ASN1_UNDEF || type == V_ASN1_NULL;
}

static enum ev_rc
sig_accept(const X509_ALGOR *digest, const X509_ALGOR *signature,
    struct ev_err *err)
{
	static const struct {
		int digest, signature[3];
	} allowed[] = {
		{ NID_sha256,
		    { NID_ecdsa_with_SHA256, NID_sha256WithRSAEncryption,
			NID_rsaEncryption } },
		{ NID_sha384,
		    { NID_ecdsa_with_SHA384, NID_sha384WithRSAEncryption,
			NID_rsaEncryption } },
		{ NID_sha512,
		    { NID_ecdsa_with_SHA512, NID_sha512WithRSAEncryption,
			NID_rsaEncryption } },
	};
	int d = NID_undef, s = NID_undef, i;
	bool plain = plain_algorithm(digest, &d), strong = false;
	size_t n;

	plain = plain_algorithm(signature, &s) && plain;
	for (n = 0; n < sizeof(allowed) / sizeof(allowed[0]); n++) {
		strong = strong || d == allowed[n].digest;
		for (i = 0; i < 3; i++) {
			if (plain && d == allowed[n].digest &&
			    s == allowed[n].signature[i])
				return EV_OK;
		}
	}
	if (!strong)
		return ev_fail(err, EV_MISMATCH,
		    "digest %s: at least SHA-256 is needed", OBJ_nid2sn(d));
	return ev_fail(err, EV_MISMATCH, "%s over %s is not accepted",
	    OBJ_nid2sn(s), OBJ_nid2sn(d));
}

/* Equal to the byte: OpenSSL's own comparison ignores case and blanks. */
static bool
same_name(const X509_NAME *a, const X509_NAME *b)
{
	const unsigned char *x = NULL, *y = NULL;
	size_t x_len = 0, y_len = 0;

	return X509_NAME_get0_der(a, &x, &x_len) == 1 &&
	       X509_NAME_get0_der(b, &y, &y_len) == 1 && x_len == y_len &&
	       memcmp(x, y, x_len) == 0;
}

enum ev_rc
ev_frame_check(const PKCS7 *p7, X509 *cert, long version, struct ev_err *err)
{
	const PKCS7_SIGNED *data = p7->d.sign;
	const PKCS7_SIGNER_INFO *signer;
	enum ev_rc rc;

	if (sk_PKCS7_SIGNER_INFO_num(data->signer_info) != 1)
		return ev_fail(err, EV_MISMATCH, "not one signer");
	signer = sk_PKCS7_SIGNER_INFO_value(data->signer_info, 0);
	rc = sig_accept(signer->digest_alg, signer->digest_enc_alg, err);
	if (rc != EV_OK)
		return rc;
	if (ASN1_INTEGER_get(data->version) != version ||
	    ASN1_INTEGER_get(signer->version) != 1)
		return ev_fail(err, EV_MISMATCH,
		    "versions %ld and %ld, not %ld and 1",
		    ASN1_INTEGER_get(data->version),
		    ASN1_INTEGER_get(signer->version), version);
	if (sk_X509_ALGOR_num(data->md_algs) != 1 ||
	    X509_ALGOR_cmp(sk_X509_ALGOR_value(data->md_algs, 0),
		signer->digest_alg) != 0)
		return ev_fail(err, EV_MISMATCH,
		    "other digests announced than used");
	if (!same_name(signer->issuer_and_serial->issuer,
		X509_get_issuer_name(cert)))
		return ev_fail(err, EV_MISMATCH,
		    "the signer's issuer is not spelt as in its certificate");
	return EV_OK;
}

/* The next element at *p: its content, and *p behind it. */
static const unsigned char *
element(const unsigned char **p, const unsigned char *end, int want, long *len)
{
	const unsigned char *content;
	int tag = 0, class = 0, rc;

	if (*p >= end)
		return NULL;
	rc = ASN1_get_object(p, len, &tag, &class, end - *p);
	/* 0x80: an error; 0x01: an indefinite length; 0x20: constructed. */
	if ((rc & 0xa1) != (want == V_ASN1_SEQUENCE ? 0x20 : 0) ||
	    class != V_ASN1_UNIVERSAL || tag != want)
		return NULL;
	content = *p;
	*p += *len;
	return content;
}

/* The digest that an ESSCertIDv2 names; SHA-256 when it names none. */
static const EVP_MD *
ess_digest(const unsigned char **p, const unsigned char *end)
{
	const unsigned char *alg = *p;
	X509_ALGOR *parsed;
	int nid;

	if (alg >= end || *alg == V_ASN1_OCTET_STRING)
		return EVP_sha256();
	parsed = d2i_X509_ALGOR(NULL, p, end - *p);
	if (parsed == NULL)
		return NULL;
	nid = OBJ_obj2nid(parsed->algorithm);
	X509_ALGOR_free(parsed);
	if (nid == NID_sha256 || nid == NID_sha384 || nid == NID_sha512)
		return EVP_get_digestbynid(nid);
	return NULL;
}

bool
ev_ess_names(const ASN1_TYPE *value, bool v2, X509 *cert)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	const unsigned char *p, *end;
	const EVP_MD *md = EVP_sha1();
	unsigned hash_len = 0;
	long len = 0;
	int depth;

	if (value == NULL || ASN1_TYPE_get(value) != V_ASN1_SEQUENCE)
		return false;
	p = ASN1_STRING_get0_data(value->value.sequence);
	end = p + ASN1_STRING_length(value->value.sequence);
	/* SigningCertificate, certs, the first ESSCertID. */
	for (depth = 0; depth < 3; depth++) {
		p = element(&p, end, V_ASN1_SEQUENCE, &len);
		if (p == NULL)
			return false;
		end = p + len;
	}
	if (v2)
		md = ess_digest(&p, end);
	p = element(&p, end, V_ASN1_OCTET_STRING, &len);
	if (p == NULL || md == NULL ||
	    X509_digest(cert, md, hash, &hash_len) != 1)
		return false;
	return len == (long)hash_len && memcmp(p, hash, hash_len) == 0;
}
