/* Making CAdES signatures (ETSI EN 319 122-1) with OpenSSL's CMS. */
#include <stdbool.h>
#include <string.h>

#include "seal/cms.h"
#include "seal/signer.h"

enum { P7S_LIMIT = 16 << 20 };

static const int64_t second_us = 1000000;

static const unsigned flags =
    CMS_BINARY | CMS_DETACHED | CMS_NOSMIMECAP | CMS_CADES;

static enum ev_rc
put_cms(CMS_ContentInfo *cms, struct ev_buf *out, struct ev_err *err)
{
	unsigned char *der = NULL;
	const int len = i2d_CMS_ContentInfo(cms, &der);
	enum ev_rc rc;

	if (len <= 0)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot write a signature");
	else
		rc = ev_buf_put(out, der, (size_t)len, err);
	OPENSSL_free(der);
	return rc;
}

/* OpenSSL adds now, unless a time is there already. */
static bool
put_time(CMS_SignerInfo *si, int64_t when)
{
	ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)(when / second_us));
	bool done;

	done = time != NULL &&
	       CMS_signed_add1_attr_by_NID(si, NID_pkcs9_signingTime,
		   ASN1_STRING_type(time), time, -1) == 1;
	ASN1_TIME_free(time);
	return done;
}

static enum ev_rc
put_company(CMS_ContentInfo *cms, const struct ev_signer *s, struct ev_err *err)
{
	STACK_OF(X509_CRL) * crls;
	STACK_OF(X509) * certs;
	bool done = true;
	enum ev_rc rc;
	int n;

	rc = ev_signer_company(s, &certs, &crls, err);
	if (rc != EV_OK)
		return rc;
	for (n = 0; done && n < sk_X509_num(certs); n++)
		done = CMS_add1_cert(cms, sk_X509_value(certs, n)) == 1;
	for (n = 0; done && n < sk_X509_CRL_num(crls); n++)
		done = CMS_add1_crl(cms, sk_X509_CRL_value(crls, n)) == 1;
	if (!done)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot add to a signature");
	sk_X509_free(certs);
	sk_X509_CRL_free(crls);
	return rc;
}

enum ev_rc
ev_cades_sign(const struct ev_signer *s, struct ev_bytes content, int64_t when,
    struct ev_buf *p7s, struct ev_err *err)
{
	BIO *bio = ev_bio_bytes(content);
	CMS_ContentInfo *cms;
	CMS_SignerInfo *si = NULL;
	enum ev_rc rc;

	rc = ev_signer_fit(s, when, err);
	if (rc != EV_OK) {
		BIO_free_all(bio);
		return rc;
	}
	cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);
	if (cms != NULL)
		si = CMS_add1_signer(cms, s->cert, s->key, EVP_sha256(),
		    flags | CMS_PARTIAL);
	if (si == NULL || bio == NULL || !put_time(si, when))
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot sign");
	else
		rc = put_company(cms, s, err);
	if (rc == EV_OK && CMS_final(cms, bio, NULL, flags) != 1)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot sign");
	if (rc == EV_OK)
		rc = put_cms(cms, p7s, err);
	CMS_ContentInfo_free(cms);
	BIO_free_all(bio);
	return rc;
}

enum ev_rc
ev_cms_parse(CMS_ContentInfo **cms, CMS_SignerInfo **si, struct ev_bytes p7s,
    struct ev_err *err)
{
	const unsigned char *p = p7s.data;
	STACK_OF(CMS_SignerInfo) * signers;
	unsigned char *again = NULL;
	bool same;
	int len;

	*si = NULL;
	*cms = NULL;
	if (p7s.len == 0 || p7s.len > P7S_LIMIT)
		return ev_fail(err, EV_MISMATCH, "a signature of %zu bytes",
		    p7s.len);
	*cms = d2i_CMS_ContentInfo(NULL, &p, (long)p7s.len);
	if (*cms == NULL)
		return ev_fail_ossl(err, EV_MISMATCH,
		    "the signature is not DER");
	if (p != (const unsigned char *)p7s.data + p7s.len)
		return ev_fail(err, EV_MISMATCH,
		    "%zu bytes behind the signature's end",
		    p7s.len - (size_t)(p - (const unsigned char *)p7s.data));
	len = i2d_CMS_ContentInfo(*cms, &again);
	same = len > 0 && (size_t)len == p7s.len &&
	       memcmp(again, p7s.data, p7s.len) == 0;
	OPENSSL_free(again);
	if (!same)
		return ev_fail_ossl(err, EV_MISMATCH,
		    "the signature is not DER: it does not re-encode to"
		    " itself");
	if (OBJ_obj2nid(CMS_get0_type(*cms)) != NID_pkcs7_signed)
		return ev_fail(err, EV_MISMATCH,
		    "the signature is not signed data");
	signers = CMS_get0_SignerInfos(*cms);
	if (sk_CMS_SignerInfo_num(signers) != 1)
		return ev_fail(err, EV_MISMATCH,
		    "the signature has %d signers, not one",
		    signers == NULL ? 0 : sk_CMS_SignerInfo_num(signers));
	*si = sk_CMS_SignerInfo_value(signers, 0);
	return EV_OK;
}

enum ev_rc
ev_cms_token(struct ev_bytes *token, CMS_SignerInfo *si, struct ev_err *err)
{
	const int count = CMS_unsigned_get_attr_count(si);
	X509_ATTRIBUTE *attr;
	ASN1_TYPE *value;
	int nid;

	token->data = NULL;
	token->len = 0;
	if (count <= 0)
		return EV_OK;
	attr = CMS_unsigned_get_attr(si, 0);
	nid = OBJ_obj2nid(X509_ATTRIBUTE_get0_object(attr));
	if (nid != NID_id_smime_aa_timeStampToken)
		return ev_fail(err, EV_MISMATCH,
		    "an unsigned attribute that is no time stamp: %s",
		    OBJ_nid2sn(nid));
	if (count != 1 || X509_ATTRIBUTE_count(attr) != 1)
		return ev_fail(err, EV_MISMATCH,
		    "more than one unsigned attribute");
	value = X509_ATTRIBUTE_get0_type(attr, 0);
	if (value == NULL || ASN1_TYPE_get(value) != V_ASN1_SEQUENCE)
		return ev_fail(err, EV_MISMATCH,
		    "the signature's time stamp is no token");
	token->data = ASN1_STRING_get0_data(value->value.sequence);
	token->len = (size_t)ASN1_STRING_length(value->value.sequence);
	return EV_OK;
}

enum ev_rc
ev_cades_imprint(struct ev_bytes p7s, unsigned char imprint[EV_SHA256],
    struct ev_err *err)
{
	const ASN1_OCTET_STRING *value;
	CMS_ContentInfo *cms;
	CMS_SignerInfo *si;
	enum ev_rc rc;

	rc = ev_cms_parse(&cms, &si, p7s, err);
	if (rc == EV_OK) {
		value = CMS_SignerInfo_get0_signature(si);
		rc = ev_sha256(imprint, ASN1_STRING_get0_data(value),
		    (size_t)ASN1_STRING_length(value), err);
	}
	CMS_ContentInfo_free(cms);
	return rc;
}

enum ev_rc
ev_cades_add_token(struct ev_bytes p7s, struct ev_bytes token,
    struct ev_buf *out, struct ev_err *err)
{
	unsigned char imprint[EV_SHA256];
	struct ev_stamp stamp;
	CMS_ContentInfo *cms;
	CMS_SignerInfo *si;
	enum ev_rc rc;

	rc = ev_cms_parse(&cms, &si, p7s, err);
	if (rc == EV_OK && CMS_unsigned_get_attr_count(si) > 0)
		rc = ev_fail(err, EV_USE, "the signature is stamped already");
	if (rc == EV_OK)
		rc = ev_cades_imprint(p7s, imprint, err);
	if (rc == EV_OK)
		rc = ev_stamp_verify(token, imprint, NULL, &stamp, err);
	if (rc == EV_OK &&
	    CMS_unsigned_add1_attr_by_NID(si, NID_id_smime_aa_timeStampToken,
		V_ASN1_SEQUENCE, token.data, (int)token.len) != 1)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot add a token");
	if (rc == EV_OK)
		rc = put_cms(cms, out, err);
	CMS_ContentInfo_free(cms);
	return rc;
}

enum ev_rc
ev_cades_token(struct ev_bytes p7s, struct ev_buf *token, struct ev_err *err)
{
	struct ev_bytes found;
	CMS_ContentInfo *cms;
	CMS_SignerInfo *si;
	enum ev_rc rc;

	rc = ev_cms_parse(&cms, &si, p7s, err);
	if (rc == EV_OK)
		rc = ev_cms_token(&found, si, err);
	if (rc == EV_OK && found.data == NULL)
		rc = EV_EOF;
	if (rc == EV_OK)
		rc = ev_buf_put(token, found.data, found.len, err);
	CMS_ContentInfo_free(cms);
	return rc;
}
