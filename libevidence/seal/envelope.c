/* Bytes encrypted on their way into a file: CMS AuthEnvelopedData. */
#include <limits.h>
#include <openssl/cms.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/buf.h"
#include "seal/cert.h"
#include "seal/envelope.h"
#include "seal/ossl.h"

enum { CERT_LIMIT = 1 << 20 };

struct ev_envelope {
	CMS_ContentInfo *cms;
	BIO *file, *hash, *stream;
};

static const unsigned flags =
    CMS_BINARY | CMS_STREAM | CMS_PARTIAL | CMS_KEY_PARAM;

static X509 *
read_cert(struct ev_bytes in, struct ev_err *err)
{
	const unsigned char *at;
	struct ev_buf der;
	X509 *x = NULL;

	ev_buf_init(&der, CERT_LIMIT);
	if (ev_cert_der(in, &der, err) == EV_OK) {
		at = der.data;
		x = d2i_X509(NULL, &at, (long)der.len);
		if (x == NULL)
			(void)ev_fail_ossl(err, EV_INPUT,
			    "a recipient's certificate cannot be read");
	}
	ev_buf_release(&der);
	return x;
}

/* The defaults of OpenSSL 3.0 are PKCS #1 1.5 and SHA-1. */
static bool
choose(CMS_RecipientInfo *ri, EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = CMS_RecipientInfo_get0_pkey_ctx(ri);

	if (ctx == NULL)
		return false;
	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return EVP_PKEY_CTX_set_rsa_padding(ctx,
			   RSA_PKCS1_OAEP_PADDING) > 0 &&
		       EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) > 0 &&
		       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) > 0;
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	       EVP_PKEY_CTX_set_ecdh_kdf_md(ctx, EVP_sha256()) > 0;
}

static enum ev_rc
add_recipient(CMS_ContentInfo *cms, struct ev_bytes cert, struct ev_err *err)
{
	CMS_RecipientInfo *ri = NULL;
	X509 *x = read_cert(cert, err);
	enum ev_rc rc = EV_OK;

	if (x == NULL)
		return err->rc;
	/* A key that is said to be for something else is not for this. */
	if ((X509_get_extension_flags(x) & EXFLAG_KUSAGE) != 0 &&
	    (X509_get_key_usage(x) &
		(KU_KEY_ENCIPHERMENT | KU_KEY_AGREEMENT)) == 0)
		rc = ev_fail(err, EV_USE,
		    "a recipient's certificate is not for encryption: its key "
		    "usage says so");
	if (rc == EV_OK)
		ri = CMS_add1_recipient_cert(cms, x, flags);
	if (rc == EV_OK && (ri == NULL || !choose(ri, X509_get0_pubkey(x))))
		rc = ev_fail_ossl(err, EV_USE,
		    "cannot encrypt to a recipient: a key is RSA or EC");
	X509_free(x);
	return rc;
}

enum ev_rc
ev_envelope_new(struct ev_envelope **out, int fd, const struct ev_bytes *cert,
    size_t count, struct ev_err *err)
{
	struct ev_envelope *e;
	enum ev_rc rc = EV_OK;
	EVP_MD *md;
	size_t i;

	*out = NULL;
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return ev_fail_sys(err, "cannot encrypt");
	md = EVP_MD_fetch(NULL, "SHA256", NULL);
	e->cms = CMS_encrypt(NULL, NULL, EVP_aes_256_gcm(), flags);
	e->file = BIO_new_fd(fd, BIO_NOCLOSE);
	e->hash = BIO_new(BIO_f_md());
	if (md == NULL || e->cms == NULL || e->file == NULL ||
	    e->hash == NULL || BIO_set_md(e->hash, md) <= 0)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot encrypt");
	EVP_MD_free(md);
	for (i = 0; rc == EV_OK && i < count; i++)
		rc = add_recipient(e->cms, cert[i], err);
	if (rc == EV_OK) {
		(void)BIO_push(e->hash, e->file);
		e->stream = BIO_new_CMS(e->hash, e->cms);
		if (e->stream == NULL)
			rc = ev_fail_ossl(err, EV_CRYPTO, "cannot encrypt");
	}
	if (rc != EV_OK) {
		ev_envelope_free(e);
		return rc;
	}
	*out = e;
	return EV_OK;
}

enum ev_rc
ev_envelope_write(struct ev_envelope *e, const void *data, size_t len,
    struct ev_err *err)
{
	const unsigned char *at = data;
	int n;

	while (len > 0) {
		n = BIO_write(e->stream, at,
		    len > INT_MAX ? INT_MAX : (int)len);
		if (n <= 0)
			return ev_fail_ossl(err, EV_SYS,
			    "cannot write what is encrypted");
		at += n;
		len -= (size_t)n;
	}
	return EV_OK;
}

enum ev_rc
ev_envelope_end(struct ev_envelope *e, unsigned char sha256[EV_SHA256],
    struct ev_err *err)
{
	if (BIO_flush(e->stream) <= 0)
		return ev_fail_ossl(err, EV_SYS,
		    "cannot write what is encrypted");
	if (BIO_gets(e->hash, (char *)sha256, EV_SHA256) != EV_SHA256)
		return ev_fail_ossl(err, EV_CRYPTO,
		    "cannot hash what is encrypted");
	return EV_OK;
}

void
ev_envelope_free(struct ev_envelope *e)
{
	BIO *next;

	if (e == NULL)
		return;
	/* The stream stands before hash and file, which are ours. */
	while (e->stream != NULL && e->stream != e->hash) {
		next = BIO_pop(e->stream);
		BIO_free(e->stream);
		e->stream = next;
	}
	BIO_free(e->hash);
	BIO_free(e->file);
	CMS_ContentInfo_free(e->cms);
	free(e);
}

bool
ev_envelope_is(const void *head, size_t len)
{
	/* 1.2.840.113549.1.9.16.1.23, id-ct-authEnvelopedData. */
	static const unsigned char oid[] = { 0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86,
		0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17 };
	const unsigned char *at = head;
	size_t skip;

	if (len < 2 || at[0] != 0x30)
		return false;
	skip = 2U + (at[1] > 0x80 ? at[1] & 0x7fU : 0U);
	return skip < len && len - skip >= sizeof(oid) &&
	       memcmp(at + skip, oid, sizeof(oid)) == 0;
}
