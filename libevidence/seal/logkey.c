/* The key that signs the heads of a log: Ed25519. */
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seal/logkey.h"
#include "seal/note.h"
#include "seal/ossl.h"

enum { ED25519 = 0x01, PUBLIC = 32 };

struct ev_logkey {
	EVP_PKEY *key;
	bool can_sign;
};

static enum ev_rc
logkey_new(struct ev_logkey **out, EVP_PKEY *key, bool can_sign,
    struct ev_err *err)
{
	struct ev_logkey *k;

	k = calloc(1, sizeof(*k));
	if (k == NULL) {
		EVP_PKEY_free(key);
		return ev_fail_sys(err, "cannot keep a log key");
	}
	k->key = key;
	k->can_sign = can_sign;
	*out = k;
	return EV_OK;
}

enum ev_rc
ev_logkey_make(struct ev_logkey **out, struct ev_err *err)
{
	EVP_PKEY *key;

	*out = NULL;
	key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	if (key == NULL)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot make a log key");
	return logkey_new(out, key, true, err);
}

enum ev_rc
ev_logkey_read(struct ev_logkey **out, const void *pem, size_t len,
    const struct ev_pass *pass, struct ev_err *err)
{
	struct ev_pass_call call = { .pass = pass, .what = "the log key" };
	bool can_sign = true;
	EVP_PKEY *key;
	BIO *bio;

	*out = NULL;
	bio = ev_bio_bytes(EV_BYTES(pem, len));
	if (bio == NULL)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot read a log key");
	key = PEM_read_bio_PrivateKey(bio, NULL, ev_pass_pem, &call);
	if (key == NULL && !call.asked && BIO_reset(bio) == 1) {
		can_sign = false;
		key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	}
	BIO_free_all(bio);
	ev_pass_end(&call);
	if (key == NULL)
		return ev_pass_fail(&call, err);
	if (!EVP_PKEY_is_a(key, "ED25519")) {
		EVP_PKEY_free(key);
		return ev_fail(err, EV_INPUT,
		    "a log key must be Ed25519, and this one is not");
	}
	/* A private key that was not there leaves its failure behind. */
	ev_ossl_clear();
	return logkey_new(out, key, can_sign, err);
}

void
ev_logkey_free(struct ev_logkey *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->key);
	free(key);
}

enum ev_rc
ev_logkey_private_pem(const struct ev_logkey *key, const struct ev_pass *pass,
    struct ev_buf *pem, struct ev_err *err)
{
	if (!key->can_sign)
		return ev_fail(err, EV_USE, "only the public half is there");
	return ev_pkey_write(key->key, pass, pem, err);
}

enum ev_rc
ev_logkey_public_pem(const struct ev_logkey *key, struct ev_buf *pem,
    struct ev_err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	enum ev_rc rc;

	if (bio == NULL || PEM_write_bio_PUBKEY(bio, key->key) != 1)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot write a public key");
	else
		rc = ev_bio_take(bio, pem, err);
	BIO_free_all(bio);
	return rc;
}

enum ev_rc
ev_logkey_id(const struct ev_logkey *key, const char *name,
    unsigned char id[EV_NOTE_KEY_ID], struct ev_err *err)
{
	unsigned char bytes[EV_NOTE_NAME + 2 + PUBLIC], hash[EV_SHA256];
	size_t name_len = strlen(name), len = PUBLIC;
	enum ev_rc rc;

	if (name_len >= EV_NOTE_NAME)
		return ev_fail(err, EV_USE, "a name of more than %d bytes",
		    EV_NOTE_NAME - 1);
	memcpy(bytes, name, name_len);
	bytes[name_len] = '\n';
	bytes[name_len + 1] = ED25519;
	if (EVP_PKEY_get_raw_public_key(key->key, bytes + name_len + 2, &len) !=
		1 ||
	    len != PUBLIC)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot read a log key");
	rc = ev_sha256(hash, bytes, name_len + 2 + PUBLIC, err);
	if (rc == EV_OK)
		memcpy(id, hash, EV_NOTE_KEY_ID);
	return rc;
}

enum ev_rc
ev_logkey_sign(const struct ev_logkey *key, struct ev_bytes text,
    unsigned char sig[EV_NOTE_SIG], struct ev_err *err)
{
	EVP_MD_CTX *ctx;
	size_t len = EV_NOTE_SIG;
	bool done;

	if (!key->can_sign)
		return ev_fail(err, EV_USE, "only the public half is there");
	ctx = EVP_MD_CTX_new();
	done = ctx != NULL &&
	       EVP_DigestSignInit(ctx, NULL, NULL, NULL, key->key) == 1 &&
	       EVP_DigestSign(ctx, sig, &len, text.data, text.len) == 1 &&
	       len == EV_NOTE_SIG;
	EVP_MD_CTX_free(ctx);
	return done ? EV_OK
		    : ev_fail_ossl(err, EV_CRYPTO, "cannot sign a note");
}

enum ev_rc
ev_logkey_verify(const struct ev_logkey *key, struct ev_bytes text,
    const unsigned char sig[EV_NOTE_SIG], struct ev_err *err)
{
	EVP_MD_CTX *ctx;
	int good = -1;

	ctx = EVP_MD_CTX_new();
	if (ctx != NULL &&
	    EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key->key) == 1)
		good = EVP_DigestVerify(ctx, sig, EV_NOTE_SIG, text.data,
		    text.len);
	EVP_MD_CTX_free(ctx);
	ev_ossl_clear();
	return good == 1
		   ? EV_OK
		   : ev_fail(err, EV_MISMATCH, "the signature is not right");
}
