/* What the tests of certificates share: keys, and who certifies them. */
#ifndef EV_TEST_ISSUING_H
#define EV_TEST_ISSUING_H

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "seal/signer.h"

static inline EVP_PKEY *
ec_key(const char *curve)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", curve);

	assert_non_null(key);
	return key;
}

/* A certificate of one name, by key and digest of its issuer. */
static inline X509 *
issue(EVP_PKEY *key, const char *name, X509 *ca, EVP_PKEY *ca_key,
    const EVP_MD *md, time_t from)
{
	X509 *cert = X509_new();
	X509_NAME *subject = X509_NAME_new();
	X509_EXTENSION *ext;
	X509V3_CTX ctx;

	assert_int_equal(X509_NAME_add_entry_by_NID(subject, NID_commonName,
			     MBSTRING_UTF8, (const unsigned char *)name, -1, -1,
			     0),
	    1);
	assert_int_equal(X509_set_version(cert, 2), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 0xABC),
	    1);
	assert_int_equal(X509_set_subject_name(cert, subject), 1);
	assert_int_equal(X509_set_issuer_name(cert,
			     ca == NULL ? subject : X509_get_subject_name(ca)),
	    1);
	assert_non_null(ASN1_TIME_set(X509_getm_notBefore(cert), from));
	assert_non_null(ASN1_TIME_set(X509_getm_notAfter(cert), from + 86400));
	assert_int_equal(X509_set_pubkey(cert, key), 1);
	X509V3_set_ctx(&ctx, ca == NULL ? cert : ca, cert, NULL, NULL, 0);
	ext = X509V3_EXT_nconf_nid(NULL, &ctx, NID_basic_constraints,
	    ca == NULL ? "critical,CA:TRUE" : "critical,CA:FALSE");
	assert_int_equal(X509_add_ext(cert, ext, -1), 1);
	X509_EXTENSION_free(ext);
	assert_true(X509_sign(cert, ca_key, md) > 0);
	X509_NAME_free(subject);
	return cert;
}

static inline void
put_pem(struct ev_buf *pem, X509 *cert)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct ev_err err;

	assert_int_equal(PEM_write_bio_X509(bio, cert), 1);
	assert_int_equal(ev_bio_take(bio, pem, &err), EV_OK);
	BIO_free_all(bio);
}

#endif
