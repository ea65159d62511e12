/* RFC 3161 tokens, checked at the right instant. */
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "seal/stamp.h"
#include "seal/x509.h"

/* RFC 5652, 5.1: of signed data that is not plain data. */
enum { VERSION = 3 };

static const int64_t second_us = 1000000;

/* A token taken apart; everything belongs to p7 but info and others. */
struct token {
	PKCS7 *p7;
	TS_TST_INFO *info;
	PKCS7_SIGNER_INFO *signer;
	X509 *cert;
	STACK_OF(X509) * signers; /* of the one certificate */
};

static void
token_release(struct token *t)
{
	sk_X509_free(t->signers);
	TS_TST_INFO_free(t->info);
	PKCS7_free(t->p7);
}

/* Parsed to the last byte, and written again to the same bytes. */
static enum ev_rc
parse_der(struct token *t, struct ev_bytes in, struct ev_err *err)
{
	const unsigned char *p = in.data;
	unsigned char *again = NULL;
	bool same;
	int len;

	if (in.len == 0 || in.len > EV_STAMP_LIMIT)
		return ev_fail(err, EV_INPUT, "a token of %zu bytes", in.len);
	t->p7 = d2i_PKCS7(NULL, &p, (long)in.len);
	if (t->p7 == NULL)
		return ev_fail_ossl(err, EV_INPUT, "the token is not DER");
	if (p != (const unsigned char *)in.data + in.len)
		return ev_fail(err, EV_INPUT, "bytes behind the token's end");
	len = i2d_PKCS7(t->p7, &again);
	same = len > 0 && (size_t)len == in.len &&
	       memcmp(again, in.data, in.len) == 0;
	OPENSSL_free(again);
	if (!same)
		return ev_fail_ossl(err, EV_INPUT,
		    "the token is not DER: it does not re-encode to itself");
	return EV_OK;
}

static enum ev_rc
parse(struct token *t, struct ev_bytes in, struct ev_err *err)
{
	STACK_OF(PKCS7_SIGNER_INFO) * signers;
	enum ev_rc rc;

	rc = parse_der(t, in, err);
	if (rc != EV_OK)
		return rc;
	/* Read before anything else looks into the content. */
	if (!PKCS7_type_is_signed(t->p7) || t->p7->d.sign == NULL ||
	    t->p7->d.sign->contents == NULL)
		return ev_fail(err, EV_INPUT, "the token is not signed data");
	t->info = PKCS7_to_TS_TST_INFO(t->p7);
	if (t->info == NULL || TS_TST_INFO_get_version(t->info) != 1)
		return ev_fail_ossl(err, EV_INPUT,
		    "the token holds no time-stamp of version 1");
	signers = PKCS7_get_signer_info(t->p7);
	if (sk_PKCS7_SIGNER_INFO_num(signers) != 1)
		return ev_fail(err, EV_MISMATCH, "the token has %d signers",
		    sk_PKCS7_SIGNER_INFO_num(signers));
	t->signer = sk_PKCS7_SIGNER_INFO_value(signers, 0);
	/* Certificates are a set: found by issuer and serial, not by place. */
	t->signers = PKCS7_get0_signers(t->p7, NULL, 0);
	if (t->signers == NULL || sk_X509_num(t->signers) != 1)
		return ev_fail_ossl(err, EV_MISMATCH,
		    "the token does not carry its signer's certificate");
	t->cert = sk_X509_value(t->signers, 0);
	return EV_OK;
}

static enum ev_rc
check_imprint(const struct token *t, struct ev_bytes imprint,
    struct ev_err *err)
{
	const bool wide = imprint.len == EV_SHA512;
	TS_MSG_IMPRINT *msg = TS_TST_INFO_get_msg_imprint(t->info);
	const ASN1_OCTET_STRING *hash = TS_MSG_IMPRINT_get_msg(msg);
	const int nid = OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(msg)->algorithm);

	if (nid != (wide ? NID_sha512 : NID_sha256))
		return ev_fail(err, EV_MISMATCH,
		    "the token covers a %s, not a %s", OBJ_nid2sn(nid),
		    wide ? "SHA-512" : "SHA-256");
	if ((size_t)ASN1_STRING_length(hash) != imprint.len ||
	    memcmp(ASN1_STRING_get0_data(hash), imprint.data, imprint.len) != 0)
		return ev_fail(err, EV_MISMATCH,
		    "the token covers something else");
	return EV_OK;
}

/* RFC 3161, 2.3: the one purpose, and critical; and no CA itself. */
static enum ev_rc
check_purpose(X509 *cert, struct ev_err *err)
{
	EXTENDED_KEY_USAGE *usage;
	int critical = -1;
	bool sole;

	usage = X509_get_ext_d2i(cert, NID_ext_key_usage, &critical, NULL);
	sole = sk_ASN1_OBJECT_num(usage) == 1 &&
	       OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, 0)) == NID_time_stamp;
	EXTENDED_KEY_USAGE_free(usage);
	if (!sole || critical != 1)
		return ev_fail(err, EV_MISMATCH,
		    "the authority's certificate is not for time-stamping"
		    " alone (%s)",
		    sole ? "not critical" : "extended key usage");
	if (X509_check_ca(cert) != 0)
		return ev_fail(err, EV_MISMATCH,
		    "the authority's certificate is a CA's");
	/* Without the extension every use is allowed: UINT32_MAX. */
	if ((X509_get_key_usage(cert) &
		(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
		return ev_fail(err, EV_MISMATCH,
		    "the authority's certificate is not for signatures");
	return EV_OK;
}

/* RFC 3161, 2.4.2 and RFC 5816: what the signature must cover. */
static enum ev_rc
check_attributes(const struct token *t, struct ev_err *err)
{
	const ASN1_TYPE *type =
	    PKCS7_get_signed_attribute(t->signer, NID_pkcs9_contentType);
	const ASN1_TYPE *v1 = PKCS7_get_signed_attribute(t->signer,
	    NID_id_smime_aa_signingCertificate);
	const ASN1_TYPE *v2 = PKCS7_get_signed_attribute(t->signer,
	    NID_id_smime_aa_signingCertificateV2);

	if (type == NULL || ASN1_TYPE_get(type) != V_ASN1_OBJECT ||
	    OBJ_obj2nid(type->value.object) != NID_id_smime_ct_TSTInfo)
		return ev_fail(err, EV_MISMATCH,
		    "the token's signature does not cover a content-type");
	if (v1 == NULL && v2 == NULL)
		return ev_fail(err, EV_MISMATCH,
		    "the token's signature names no certificate");
	if ((v1 != NULL && !ev_ess_names(v1, false, t->cert)) ||
	    (v2 != NULL && !ev_ess_names(v2, true, t->cert)))
		return ev_fail_ossl(err, EV_MISMATCH,
		    "the token's signature names another certificate");
	return EV_OK;
}

static enum ev_rc
check_frame(const struct token *t, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_frame_check(t->p7, t->cert, VERSION, err);
	return rc == EV_OK ? EV_OK : ev_fail_in(err, "the token");
}

static enum ev_rc
check_signature(const struct token *t, struct ev_err *err)
{
	int good;

	/*
	 * NOVERIFY leaves out the chain alone, which is judged at genTime
	 * elsewhere; digest and signature are verified.
	 */
	good = PKCS7_verify(t->p7, NULL, NULL, NULL, NULL, PKCS7_NOVERIFY);
	if (good != 1)
		return ev_fail_ossl(err, EV_MISMATCH,
		    "the token's signature is wrong");
	ev_ossl_clear();
	return EV_OK;
}

static int64_t
accuracy_us(TS_ACCURACY *accuracy)
{
	const ASN1_INTEGER *part;
	int64_t us = 0, value;

	if (accuracy == NULL)
		return -1;
	part = TS_ACCURACY_get_seconds(accuracy);
	if (part != NULL && ASN1_INTEGER_get_int64(&value, part) == 1 &&
	    value >= 0 && value < INT32_MAX)
		us += value * second_us;
	part = TS_ACCURACY_get_millis(accuracy);
	if (part != NULL && ASN1_INTEGER_get_int64(&value, part) == 1 &&
	    value > 0 && value < 1000)
		us += value * 1000;
	part = TS_ACCURACY_get_micros(accuracy);
	if (part != NULL && ASN1_INTEGER_get_int64(&value, part) == 1 &&
	    value > 0 && value < 1000)
		us += value;
	return us;
}

static enum ev_rc
read_info(const struct token *t, struct ev_stamp *out, struct ev_err *err)
{
	const ASN1_OBJECT *policy = TS_TST_INFO_get_policy_id(t->info);
	int len;

	if (!ev_asn1_time(&out->at, TS_TST_INFO_get_time(t->info)))
		return ev_fail(err, EV_INPUT, "the token states no time");
	len = OBJ_obj2txt(out->policy, sizeof(out->policy), policy, 1);
	if (len <= 0 || len >= (int)sizeof(out->policy))
		return ev_fail(err, EV_INPUT, "the token's policy is too long");
	out->self_issued = strcmp(out->policy, EV_STAMP_SELF) == 0;
	ev_asn1_hex(out->serial, TS_TST_INFO_get_serial(t->info));
	out->accuracy = accuracy_us(TS_TST_INFO_get_accuracy(t->info));
	return ev_cert_fill(&out->authority, t->cert, err);
}

static enum ev_rc
check_token(const struct token *t, struct ev_bytes imprint,
    const struct ev_stamp *stamp, struct ev_err *err)
{
	enum ev_rc rc;

	rc = check_imprint(t, imprint, err);
	if (rc == EV_OK)
		rc = check_frame(t, err);
	if (rc == EV_OK)
		rc = check_purpose(t->cert, err);
	if (rc == EV_OK)
		rc = check_attributes(t, err);
	if (rc == EV_OK)
		rc = check_signature(t, err);
	if (rc == EV_OK && !ev_cert_covers(&stamp->authority, stamp->at))
		rc = ev_fail(err, EV_MISMATCH,
		    "the authority's certificate was not valid at the token's"
		    " time");
	return rc;
}

enum ev_rc
ev_stamp_verify_over(struct ev_bytes token, struct ev_bytes imprint,
    const struct ev_trust *trust, int64_t existed, struct ev_stamp *result,
    struct ev_err *err)
{
	struct token t = { 0 };
	struct ev_chain_ask ask = { .purpose = X509_PURPOSE_TIMESTAMP_SIGN,
		.existed = existed };
	enum ev_rc rc;

	memset(result, 0, sizeof(*result));
	rc = parse(&t, token, err);
	if (rc == EV_OK)
		rc = read_info(&t, result, err);
	if (rc == EV_OK)
		rc = check_token(&t, imprint, result, err);
	if (rc == EV_OK) {
		ask.cert = t.cert;
		ask.others = t.p7->d.sign->cert;
		ask.crls = t.p7->d.sign->crl;
		ask.at = result->at;
		rc = ev_chain_check(&result->chain, trust, &ask, err);
	}
	token_release(&t);
	return rc;
}

enum ev_rc
ev_stamp_verify(struct ev_bytes token, const unsigned char imprint[EV_SHA256],
    const struct ev_trust *trust, struct ev_stamp *result, struct ev_err *err)
{
	return ev_stamp_verify_over(token, EV_BYTES(imprint, EV_SHA256), trust,
	    ev_trust_existence(trust), result, err);
}

/* PEM of all that a token carries besides the stamp. */
static bool
put_company(BIO *bio, const struct token *t)
{
	int n;

	for (n = 0; n < sk_X509_num(t->p7->d.sign->cert); n++) {
		if (PEM_write_bio_X509(bio,
			sk_X509_value(t->p7->d.sign->cert, n)) != 1)
			return false;
	}
	for (n = 0; n < sk_X509_CRL_num(t->p7->d.sign->crl); n++) {
		if (PEM_write_bio_X509_CRL(bio,
			sk_X509_CRL_value(t->p7->d.sign->crl, n)) != 1)
			return false;
	}
	return true;
}

enum ev_rc
ev_stamp_certs(struct ev_bytes token, struct ev_buf *pem, struct ev_err *err)
{
	struct token t = { 0 };
	BIO *bio = BIO_new(BIO_s_mem());
	enum ev_rc rc;

	rc = parse(&t, token, err);
	if (rc == EV_OK && (bio == NULL || !put_company(bio, &t)))
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot write a certificate");
	if (rc == EV_OK)
		rc = ev_bio_take(bio, pem, err);
	BIO_free_all(bio);
	token_release(&t);
	return rc;
}
