/* Checking CAdES signatures: OpenSSL's "OK" is not ours (hostile.md, 9). */
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>

#include "evidence/text.h"
#include "seal/cms.h"
#include "seal/signer.h"

/* One signature under examination; all but chains belongs to cms. */
struct sig {
	const struct ev_cades_check *ask;
	CMS_ContentInfo *cms;
	CMS_SignerInfo *si;
	STACK_OF(X509) * certs;
	STACK_OF(X509_CRL) * crls;
	X509 *cert;
	struct ev_bytes token;
};

/* Exactly these, once each, with one value. */
static const struct {
	int nid, type;
	const char *name;
} attribute[] = {
	{ NID_pkcs9_contentType, V_ASN1_OBJECT, "content-type" },
	{ NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING, "message-digest" },
	{ NID_pkcs9_signingTime, 0, "signing-time" },
	{ NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE,
	    "signing-certificate-v2" },
};

enum { ATTRIBUTES = sizeof(attribute) / sizeof(attribute[0]) };

/* RFC 5652, 5.1: of signed data over plain data. */
enum { VERSION = 1 };

static enum ev_rc
check_detached(struct sig *s, struct ev_err *err)
{
	ASN1_OCTET_STRING **content = CMS_get0_content(s->cms);

	if (OBJ_obj2nid(CMS_get0_eContentType(s->cms)) != NID_pkcs7_data)
		return ev_fail(err, EV_MISMATCH,
		    "the signature is over another type than data");
	if (content == NULL || *content != NULL)
		return ev_fail(err, EV_MISMATCH,
		    "the signature encloses content of its own");
	return EV_OK;
}

/* The value of an attribute that is there once; NULL otherwise. */
static ASN1_TYPE *
value_of(CMS_SignerInfo *si, int nid)
{
	const int at = CMS_signed_get_attr_by_NID(si, nid, -1);
	X509_ATTRIBUTE *attr;

	if (at < 0 || CMS_signed_get_attr_by_NID(si, nid, at) >= 0)
		return NULL;
	attr = CMS_signed_get_attr(si, at);
	if (X509_ATTRIBUTE_count(attr) != 1)
		return NULL;
	return X509_ATTRIBUTE_get0_type(attr, 0);
}

static enum ev_rc
check_attributes(struct sig *s, struct ev_err *err)
{
	const ASN1_TYPE *value;
	int n, type;

	for (n = 0; n < ATTRIBUTES; n++) {
		value = value_of(s->si, attribute[n].nid);
		if (value == NULL)
			return ev_fail(err, EV_MISMATCH,
			    "the signed attribute %s is not there once",
			    attribute[n].name);
		type = ASN1_TYPE_get(value);
		if (attribute[n].type != 0 ? type != attribute[n].type
					   : type != V_ASN1_UTCTIME &&
						 type != V_ASN1_GENERALIZEDTIME)
			return ev_fail(err, EV_MISMATCH,
			    "the signed attribute %s has no such value",
			    attribute[n].name);
	}
	n = CMS_signed_get_attr_count(s->si);
	if (n != ATTRIBUTES)
		return ev_fail(err, EV_MISMATCH,
		    "%d signed attributes too many", n - ATTRIBUTES);
	return EV_OK;
}

static enum ev_rc
find_cert(struct sig *s, struct ev_err *err)
{
	X509 *cert;
	int n;

	s->certs = CMS_get1_certs(s->cms);
	s->crls = CMS_get1_crls(s->cms);
	for (n = 0; n < sk_X509_num(s->certs); n++) {
		cert = sk_X509_value(s->certs, n);
		if (CMS_SignerInfo_cert_cmp(s->si, cert) != 0)
			continue;
		CMS_SignerInfo_set1_signer_cert(s->si, cert);
		s->cert = cert;
		return EV_OK;
	}
	return ev_fail_ossl(err, EV_MISMATCH,
	    "the signer's certificate is not enclosed");
}

/* OpenSSL's CMS hides the frame; its PKCS#7 shows that of the same bytes. */
static enum ev_rc
check_frame(struct sig *s, struct ev_err *err)
{
	const unsigned char *p = s->ask->p7s.data;
	PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)s->ask->p7s.len);
	enum ev_rc rc;

	if (p7 == NULL || !PKCS7_type_is_signed(p7) || p7->d.sign == NULL)
		rc = ev_fail_ossl(err, EV_MISMATCH,
		    "not signed data that names its signer by issuer and"
		    " serial number");
	else
		rc = ev_frame_check(p7, s->cert, VERSION, err);
	PKCS7_free(p7);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, "the signature");
}

static enum ev_rc
check_cert(struct sig *s, const struct ev_cert *signer, struct ev_err *err)
{
	const ASN1_TYPE *ess =
	    value_of(s->si, NID_id_smime_aa_signingCertificateV2);
	char hex[2 * EV_SHA256 + 1];
	enum ev_rc rc;

	if (!ev_ess_names(ess, true, s->cert))
		return ev_fail_ossl(err, EV_MISMATCH,
		    "signing-certificate-v2 names another certificate");
	rc = ev_key_accept(X509_get0_pubkey(s->cert), err);
	if (rc != EV_OK)
		return rc;
	/* Without the extension every use is allowed: UINT32_MAX. */
	if ((X509_get_key_usage(s->cert) &
		(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
		return ev_fail(err, EV_MISMATCH,
		    "the signer's certificate is not for signatures");
	if (s->ask->pin != NULL &&
	    !ev_same(s->ask->pin, signer->sha256, EV_SHA256)) {
		ev_text_hex(hex, signer->sha256, EV_SHA256);
		return ev_fail(err, EV_MISMATCH,
		    "signed with the certificate %s, which is not the expected"
		    " one",
		    hex);
	}
	return EV_OK;
}

/* The digest of the content is the one that was signed. */
static enum ev_rc
check_content(struct sig *s, struct ev_err *err)
{
	const ASN1_TYPE *type = value_of(s->si, NID_pkcs9_contentType);
	const ASN1_TYPE *md = value_of(s->si, NID_pkcs9_messageDigest);
	unsigned char hash[EVP_MAX_MD_SIZE];
	X509_ALGOR *algo = NULL;
	const EVP_MD *digest;
	unsigned len = 0;

	CMS_SignerInfo_get0_algs(s->si, NULL, NULL, &algo, NULL);
	digest = EVP_get_digestbyobj(algo->algorithm);
	if (digest == NULL ||
	    EVP_Digest(s->ask->content.data, s->ask->content.len, hash, &len,
		digest, NULL) != 1)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot hash the content");
	if (OBJ_obj2nid(type->value.object) != NID_pkcs7_data)
		return ev_fail(err, EV_MISMATCH,
		    "the signed attribute content-type is not data");
	if (ASN1_STRING_length(md->value.octet_string) != (int)len ||
	    memcmp(ASN1_STRING_get0_data(md->value.octet_string), hash, len) !=
		0)
		return ev_fail(err, EV_MISMATCH,
		    "the content is not what was signed");
	return EV_OK;
}

static enum ev_rc
check_signature(struct sig *s, struct ev_err *err)
{
	BIO *content;
	int good;

	if (CMS_SignerInfo_verify(s->si) != 1)
		return ev_fail_ossl(err, EV_MISMATCH,
		    "the signature value is not by the signer's key");
	/* All of it once more by OpenSSL's own way; the chain comes later. */
	content = ev_bio_bytes(s->ask->content);
	good = content == NULL
		   ? 0
		   : CMS_verify(s->cms, NULL, NULL, content, NULL,
			 CMS_BINARY | CMS_DETACHED | CMS_NO_SIGNER_CERT_VERIFY);
	BIO_free_all(content);
	if (good != 1)
		return ev_fail_ossl(err, EV_MISMATCH,
		    "the signature does not verify");
	return EV_OK;
}

static enum ev_rc
check_stamp(struct sig *s, struct ev_cades *result, struct ev_err *err)
{
	const ASN1_OCTET_STRING *value = CMS_SignerInfo_get0_signature(s->si);
	unsigned char imprint[EV_SHA256];
	enum ev_rc rc;

	rc = ev_cms_token(&s->token, s->si, err);
	if (rc != EV_OK || s->token.data == NULL)
		return rc;
	rc = ev_sha256(imprint, ASN1_STRING_get0_data(value),
	    (size_t)ASN1_STRING_length(value), err);
	if (rc == EV_OK)
		rc = ev_stamp_verify(s->token, imprint, s->ask->trust,
		    &result->stamp, err);
	if (rc == EV_INPUT || rc == EV_MISMATCH)
		return ev_fail_in(err, "the signature's time stamp");
	result->stamped = rc == EV_OK;
	return rc;
}

static enum ev_rc
check_chain(struct sig *s, struct ev_cades *result, struct ev_err *err)
{
	const ASN1_TYPE *time = value_of(s->si, NID_pkcs9_signingTime);
	const struct ev_chain_ask ask = {
		.cert = s->cert,
		.others = s->certs,
		.crls = s->crls,
		.purpose = X509_PURPOSE_ANY,
		.at = result->stamped ? result->stamp.at : s->ask->at,
	};

	if (!ev_asn1_time(&result->claimed, time->value.asn1_string))
		return ev_fail(err, EV_MISMATCH,
		    "the signed attribute signing-time is no time");
	if (result->stamped && result->claimed > result->stamp.at)
		result->notes |= EV_CADES_N_CLAIM_LATE;
	if (!ev_cert_covers(&result->signer, result->claimed))
		result->notes |= EV_CADES_N_CLAIM_OUTSIDE;
	return ev_chain_check(&result->chain, s->ask->trust, &ask, err);
}

enum ev_rc
ev_cades_verify(const struct ev_cades_check *check, struct ev_cades *result,
    struct ev_err *err)
{
	struct sig s = { .ask = check };
	enum ev_rc rc;

	memset(result, 0, sizeof(*result));
	rc = ev_cms_parse(&s.cms, &s.si, check->p7s, err);
	if (rc == EV_OK)
		rc = check_detached(&s, err);
	if (rc == EV_OK)
		rc = check_attributes(&s, err);
	if (rc == EV_OK)
		rc = find_cert(&s, err);
	if (rc == EV_OK)
		rc = check_frame(&s, err);
	if (rc == EV_OK)
		rc = ev_cert_fill(&result->signer, s.cert, err);
	if (rc == EV_OK)
		rc = check_cert(&s, &result->signer, err);
	if (rc == EV_OK)
		rc = check_content(&s, err);
	if (rc == EV_OK)
		rc = check_signature(&s, err);
	if (rc == EV_OK)
		rc = check_stamp(&s, result, err);
	if (rc == EV_OK)
		rc = check_chain(&s, result, err);
	if (rc == EV_INPUT)
		rc = err->rc = EV_MISMATCH;
	sk_X509_pop_free(s.certs, X509_free);
	sk_X509_CRL_pop_free(s.crls, X509_CRL_free);
	CMS_ContentInfo_free(s.cms);
	return rc;
}
