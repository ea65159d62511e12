/* Keys and certificates that sign. */
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/store.h>
#include <openssl/ui.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "seal/signer.h"

enum { KEY_FILE_LIMIT = 1 << 20 };

static const char pkcs11[] = "pkcs11:";

enum ev_rc
ev_signer_new(struct ev_signer **out, struct ev_err *err)
{
	struct ev_signer *s;

	*out = NULL;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return ev_fail_sys(err, "cannot keep a key");
	s->chain = sk_X509_new_null();
	s->crls = sk_X509_CRL_new_null();
	if (s->chain == NULL || s->crls == NULL) {
		ev_signer_free(s);
		(void)ev_fail_ossl(err, EV_CRYPTO, "cannot keep a key");
		return EV_CRYPTO;
	}
	*out = s;
	return EV_OK;
}

void
ev_signer_free(struct ev_signer *s)
{
	if (s == NULL)
		return;
	EVP_PKEY_free(s->key);
	X509_free(s->cert);
	sk_X509_pop_free(s->chain, X509_free);
	sk_X509_CRL_pop_free(s->crls, X509_CRL_free);
	free(s);
}

/* Put one thing that a file holds where it belongs. */
static enum ev_rc
take_info(struct ev_signer *s, OSSL_STORE_INFO *info, struct ev_err *err)
{
	X509_CRL *crl;
	X509 *cert;

	switch (OSSL_STORE_INFO_get_type(info)) {
	case OSSL_STORE_INFO_PKEY:
		if (s->key != NULL)
			return ev_fail(err, EV_INPUT,
			    "there is more than one private key");
		s->key = OSSL_STORE_INFO_get1_PKEY(info);
		return EV_OK;
	case OSSL_STORE_INFO_CERT:
		cert = OSSL_STORE_INFO_get1_CERT(info);
		if (cert == NULL || sk_X509_push(s->chain, cert) <= 0) {
			X509_free(cert);
			return ev_fail_ossl(err, EV_CRYPTO,
			    "cannot keep a certificate");
		}
		return EV_OK;
	case OSSL_STORE_INFO_CRL:
		crl = OSSL_STORE_INFO_get1_CRL(info);
		if (crl == NULL || sk_X509_CRL_push(s->crls, crl) <= 0) {
			X509_CRL_free(crl);
			return ev_fail_ossl(err, EV_CRYPTO,
			    "cannot keep a list of revoked certificates");
		}
		return EV_OK;
	default: /* EC PARAMETERS and the like */
		return EV_OK;
	}
}

static enum ev_rc
take_all(struct ev_signer *s, OSSL_STORE_CTX *store,
    const struct ev_pass_call *call, struct ev_err *err)
{
	OSSL_STORE_INFO *info;
	enum ev_rc rc = EV_OK;

	while (rc == EV_OK && OSSL_STORE_eof(store) == 0) {
		info = OSSL_STORE_load(store);
		if (info == NULL) {
			if (OSSL_STORE_eof(store) == 0 ||
			    (call->asked && call->rc != EV_OK))
				rc = ev_pass_fail(call, err);
			break;
		}
		rc = take_info(s, info, err);
		OSSL_STORE_INFO_free(info);
	}
	/* A PKCS#12 that does not open is an empty one to OpenSSL. */
	if (rc == EV_OK && call->asked && s->key == NULL)
		rc = ev_pass_fail(call, err);
	return rc;
}

/* Everything that PEM, DER or PKCS#12 in memory holds. */
static enum ev_rc
take_bytes(struct ev_signer *s, struct ev_bytes in, const char *what,
    const struct ev_pass *pass, struct ev_err *err)
{
	struct ev_pass_call call = { .pass = pass, .what = what };
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(ev_pass_pem, 0);
	OSSL_STORE_CTX *store = NULL;
	BIO *bio = ev_bio_bytes(in);
	enum ev_rc rc;

	if (bio != NULL && ui != NULL)
		store = OSSL_STORE_attach(bio, "file", NULL, NULL, ui, &call,
		    NULL, NULL, NULL);
	if (store == NULL)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot read %s", what);
	else
		rc = take_all(s, store, &call, err);
	(void)OSSL_STORE_close(store);
	BIO_free_all(bio);
	UI_destroy_method(ui);
	ev_pass_end(&call);
	ev_ossl_clear();
	return rc;
}

/* The certificate of the key leaves the others and becomes the signer's. */
static enum ev_rc
settle(struct ev_signer *s, struct ev_err *err)
{
	X509 *cert;
	int n;

	if (s->key == NULL)
		return ev_fail(err, EV_INPUT, "there is no private key");
	for (n = 0; s->cert == NULL && n < sk_X509_num(s->chain); n++) {
		cert = sk_X509_value(s->chain, n);
		if (X509_check_private_key(cert, s->key) == 1) {
			(void)sk_X509_delete(s->chain, n);
			s->cert = cert;
		}
	}
	ev_ossl_clear();
	if (s->cert == NULL)
		return ev_fail(err, EV_INPUT,
		    "there is no certificate of the private key");
	return ev_key_accept(s->key, err);
}

static enum ev_rc
read_fd(int fd, struct ev_buf *buf, struct ev_err *err)
{
	ssize_t got;

	while (buf->len < KEY_FILE_LIMIT) {
		got = read(fd, buf->data + buf->len, KEY_FILE_LIMIT - buf->len);
		if (got == 0)
			return EV_OK;
		if (got < 0 && errno != EINTR)
			return ev_fail_sys(err, "cannot read");
		if (got > 0)
			buf->len += (size_t)got;
	}
	return ev_fail(err, EV_LIMIT, "a key file of more than %d bytes",
	    KEY_FILE_LIMIT);
}

static enum ev_rc
take_file(struct ev_signer *s, const char *path, const struct ev_pass *pass,
    struct ev_err *err)
{
	struct ev_buf buf;
	char what[EV_KEY_WHAT];
	enum ev_rc rc;
	int fd;

	(void)snprintf(what, sizeof(what), "'%.190s'", path);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return ev_fail_sys(err, "cannot open %s", what);
	ev_buf_init(&buf, KEY_FILE_LIMIT + 1);
	rc = ev_buf_reserve(&buf, KEY_FILE_LIMIT, err);
	if (rc == EV_OK)
		rc = read_fd(fd, &buf, err);
	(void)close(fd);
	if (rc != EV_OK)
		(void)ev_fail_in(err, what);
	else
		rc = take_bytes(s, EV_BYTES_BUF(&buf), what, pass, err);
	if (buf.data != NULL)
		ev_cleanse(buf.data, buf.cap);
	ev_buf_release(&buf);
	return rc;
}

/* The first of the certificates that are known already that is the key's. */
static enum ev_rc
take_known(struct ev_signer *s, struct ev_bytes der, struct ev_err *err)
{
	const unsigned char *at = der.data, *end = at + der.len;
	X509 *cert;

	while (der.len > 0 && at < end && s->key != NULL && s->cert == NULL) {
		cert = d2i_X509(NULL, &at, (long)(end - at));
		if (cert == NULL)
			return ev_fail_ossl(err, EV_CRYPTO,
			    "cannot read a certificate");
		if (X509_check_private_key(cert, s->key) == 1)
			s->cert = cert;
		else
			X509_free(cert);
	}
	ev_ossl_clear();
	return EV_OK;
}

static enum ev_rc
load(struct ev_signer *s, const char *key, const char *cert,
    const struct ev_pass *pass, struct ev_err *err)
{
	X509 *found = NULL;
	enum ev_rc rc;

	if (strncmp(key, pkcs11, sizeof(pkcs11) - 1) == 0) {
		rc = ev_pkcs11_load(key, pass, &s->key, &found, err);
		if (found != NULL)
			(void)sk_X509_push(s->chain, found);
	} else {
		rc = take_file(s, key, pass, err);
	}
	if (rc == EV_OK && cert != NULL)
		rc = take_file(s, cert, NULL, err);
	return rc;
}

/* Make the signer whole, or nothing. */
static enum ev_rc
finish(struct ev_signer **out, const char *key, enum ev_rc rc,
    struct ev_err *err)
{
	if (rc == EV_OK) {
		rc = settle(*out, err);
		if (rc != EV_OK)
			(void)ev_fail_in(err, key);
	}
	if (rc != EV_OK) {
		ev_signer_free(*out);
		*out = NULL;
	}
	return rc;
}

enum ev_rc
ev_signer_load(struct ev_signer **out, const char *key, const char *cert,
    const struct ev_pass *pass, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_signer_new(out, err);
	if (rc != EV_OK)
		return rc;
	return finish(out, key, load(*out, key, cert, pass, err), err);
}

enum ev_rc
ev_signer_load_known(struct ev_signer **out, const char *key,
    struct ev_bytes der, const struct ev_pass *pass, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_signer_new(out, err);
	if (rc != EV_OK)
		return rc;
	rc = load(*out, key, NULL, pass, err);
	if (rc == EV_OK)
		rc = take_known(*out, der, err);
	return finish(out, key, rc, err);
}

enum ev_rc
ev_signer_read(struct ev_signer **out, struct ev_bytes pem,
    const struct ev_pass *pass, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_signer_new(out, err);
	if (rc != EV_OK)
		return rc;
	rc = take_bytes(*out, pem, "the key", pass, err);
	if (rc == EV_OK)
		rc = settle(*out, err);
	if (rc != EV_OK) {
		ev_signer_free(*out);
		*out = NULL;
	}
	return rc;
}

enum ev_rc
ev_signer_add(struct ev_signer *s, struct ev_bytes pem, struct ev_err *err)
{
	const int certs = sk_X509_num(s->chain);
	const int crls = sk_X509_CRL_num(s->crls);
	enum ev_rc rc;

	rc = take_bytes(s, pem, "the chain", NULL, err);
	if (rc == EV_OK && sk_X509_num(s->chain) == certs &&
	    sk_X509_CRL_num(s->crls) == crls)
		rc = ev_fail(err, EV_INPUT,
		    "neither a certificate nor a list of revoked ones");
	return rc;
}

static enum ev_rc
put_cert(X509 *cert, struct ev_buf *pem, struct ev_err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	enum ev_rc rc;

	if (bio == NULL || PEM_write_bio_X509(bio, cert) != 1)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot write a certificate");
	else
		rc = ev_bio_take(bio, pem, err);
	BIO_free_all(bio);
	return rc;
}

enum ev_rc
ev_signer_cert_pem(const struct ev_signer *s, struct ev_buf *pem,
    struct ev_err *err)
{
	return put_cert(s->cert, pem, err);
}

enum ev_rc
ev_signer_pem(const struct ev_signer *s, const struct ev_pass *pass,
    struct ev_buf *pem, struct ev_err *err)
{
	enum ev_rc rc;
	int n;

	rc = ev_pkey_write(s->key, pass, pem, err);
	if (rc == EV_OK)
		rc = put_cert(s->cert, pem, err);
	for (n = 0; rc == EV_OK && n < sk_X509_num(s->chain); n++)
		rc = put_cert(sk_X509_value(s->chain, n), pem, err);
	return rc;
}

enum ev_rc
ev_signer_cert(const struct ev_signer *s, struct ev_cert *cert,
    struct ev_err *err)
{
	return ev_cert_fill(cert, s->cert, err);
}
