/* A signer as the other files of this floor see it. */
#ifndef EV_SEAL_SIGNER_H
#define EV_SEAL_SIGNER_H

#include "seal/sign.h"
#include "seal/x509.h"

struct ev_signer {
	EVP_PKEY *key;
	X509 *cert;
	STACK_OF(X509) * chain;
	STACK_OF(X509_CRL) * crls;
};

enum { EV_KEY_WHAT = 200 }; /* "'x.p12'": how a message names a key */

/*
 * What travels with its signatures: the certificates of its chain that lead
 * upwards from its own, lowest first, and the lists of revoked certificates
 * by those who issued any of these.  Free the stacks, not what they hold.
 */
EV_CHECK
enum ev_rc ev_signer_company(const struct ev_signer *signer,
    STACK_OF(X509) * *certs, STACK_OF(X509_CRL) * *crls, struct ev_err *err);

/* An empty one, for ev_signer_free(). */
EV_CHECK
enum ev_rc ev_signer_new(struct ev_signer **signer, struct ev_err *err);

/*
 * The private key behind a pkcs11: URI, and the certificate of the same
 * object where the token holds one (else NULL).
 */
EV_CHECK
enum ev_rc ev_pkcs11_load(const char *uri, const struct ev_pass *pass,
    EVP_PKEY **key, X509 **cert, struct ev_err *err);

#endif
