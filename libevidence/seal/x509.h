/* Certificates as OpenSSL holds them, for the other files of this floor. */
#ifndef EV_SEAL_X509_H
#define EV_SEAL_X509_H

#include <openssl/ocsp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>

#include "seal/cert.h"
#include "seal/ossl.h"

DEFINE_STACK_OF(OCSP_BASICRESP)

struct ev_trust {
	X509_STORE *store; /* believed */
	/* At hand, and believed by nobody. */
	STACK_OF(X509) * certs;
	STACK_OF(X509_CRL) * crls;
	STACK_OF(OCSP_BASICRESP) * responses;
	int64_t existed;
};

/* What cert.h tells of a certificate. */
EV_CHECK
enum ev_rc ev_cert_fill(struct ev_cert *out, X509 *cert, struct ev_err *err);

/* An instant, with the fraction of a GeneralizedTime. */
bool ev_asn1_time(int64_t *us, const ASN1_TIME *time);

/* A serial number or the like as lower-case hex; "" if it does not fit. */
void ev_asn1_hex(char text[EV_CERT_SERIAL], const ASN1_INTEGER *number);

/* "EC P-256", "RSA 3072": name is cut if longer; false: it cannot be had. */
bool ev_key_name(char name[32], const EVP_PKEY *key);
/* EV_INPUT: not ECDSA on P-256 or P-384, nor RSA of at least 3072 bits. */
EV_CHECK
enum ev_rc ev_key_accept(const EVP_PKEY *key, struct ev_err *err);

/*
 * What no signature covers has one form only (RFC 5652, 5.1 and 5.3): one
 * signer, the versions, one digest of at least SHA-256, announced as used,
 * ECDSA or RSA (not PSS) with that same digest, parameters absent or NULL, and
 * the issuer spelt as in the signer's certificate, to the byte.  EV_MISMATCH.
 */
EV_CHECK
enum ev_rc ev_frame_check(const PKCS7 *p7, X509 *cert, long version,
    struct ev_err *err);

/*
 * Whether a signing-certificate attribute (RFC 5035) names cert first.  v2
 * false: the older attribute, which names it by SHA-1.
 */
bool ev_ess_names(const ASN1_TYPE *value, bool v2, X509 *cert);

/* What to judge. */
struct ev_chain_ask {
	X509 *cert;
	STACK_OF(X509) * others;   /* certificates that may lead upwards */
	STACK_OF(X509_CRL) * crls; /* enclosed ones, or NULL */
	int purpose;               /* X509_PURPOSE_* */
	int64_t at;
	int64_t existed; /* what it signed is known to exist then; 0: at */
};

/* What ev_trust_existed() was told; EV_TRUST_NOW where trust is NULL. */
int64_t ev_trust_existence(const struct ev_trust *trust);

/* Judge at an instant, never now.  trust NULL: EV_TRUST_NOT_CHECKED. */
EV_CHECK
enum ev_rc ev_chain_check(struct ev_chain *chain, const struct ev_trust *trust,
    const struct ev_chain_ask *ask, struct ev_err *err);

/* What a successful OCSP response in DER holds; NULL: it is none. */
OCSP_BASICRESP *ev_ocsp_read(struct ev_bytes der);
#define EV_PEM_OCSP "OCSP RESPONSE" /* the label of an OCSPResponse in PEM */

/*
 * Whether one certificate was revoked, by what its issuer signed.  It is,
 * where the revocation was at or before the instant at; and where the key was
 * lost (or no reason is told: RFC 3161, 4) at or before the instant existed.
 */
struct ev_standing_ask {
	X509 *cert, *issuer;
	STACK_OF(X509_CRL) * crls[2]; /* either may be NULL */
	STACK_OF(OCSP_BASICRESP) * responses;
	int64_t at, existed;
};
enum ev_standing {
	EV_STANDING_UNKNOWN, /* no list or response of that time */
	EV_STANDING_GOOD,
	EV_STANDING_REVOKED,
};
/* reason: one phrase, where it is not EV_STANDING_GOOD. */
enum ev_standing ev_cert_standing(const struct ev_standing_ask *ask,
    char reason[EV_TRUST_REASON]);

/* Whether instant at is within the validity of a certificate. */
bool ev_cert_covers(const struct ev_cert *cert, int64_t at);

#endif
