/* What the files of this floor share about OpenSSL; nobody else's business. */
#ifndef EV_SEAL_OSSL_H
#define EV_SEAL_OSSL_H

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <stdbool.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "seal/bytes.h"
#include "seal/secret.h"

/*
 * Set err, with OpenSSL's newest reason behind the message if there is one,
 * and empty its queue.
 */
EV_PRINTF(3, 4)
enum ev_rc ev_fail_ossl(struct ev_err *err, enum ev_rc rc, const char *fmt,
    ...);

/* Empty OpenSSL's queue: a failure that was expected is no failure. */
void ev_ossl_clear(void);

/* A reading BIO over borrowed bytes; NULL when there are too many. */
BIO *ev_bio_bytes(struct ev_bytes bytes);
/* Append what was written to a memory BIO, at once. */
EV_CHECK
enum ev_rc ev_bio_take(BIO *bio, struct ev_buf *out, struct ev_err *err);

/*
 * A passphrase for OpenSSL's PEM callback, whose context this is.  asked
 * tells afterwards that one was needed, rc and err why it was not had.  The
 * person is asked once: OpenSSL may ask again, and gets the same answer, but
 * from a token, which counts wrong PINs, no second chance (token).
 */
struct ev_pass_call {
	const struct ev_pass *pass; /* NULL: none to be had */
	const char *what;
	bool token;
	bool asked;
	enum ev_rc rc;
	struct ev_err err;
	struct ev_buf secret; /* until ev_pass_end() */
};
int ev_pass_pem(char *out, int size, int writing, void *ctx);
/* Cleanse what was answered. */
void ev_pass_end(struct ev_pass_call *call);
/* The failure of a call that may have failed for want of a passphrase. */
enum ev_rc ev_pass_fail(const struct ev_pass_call *call, struct ev_err *err);

/* A private key as PKCS#8 PEM, encrypted when there is a pass. */
EV_CHECK
enum ev_rc ev_pkey_write(EVP_PKEY *key, const struct ev_pass *pass,
    struct ev_buf *pem, struct ev_err *err);

#endif
