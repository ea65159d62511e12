/* CMS/CAdES signatures; keys from PEM, PKCS#12 and PKCS#11. */
#ifndef EV_SEAL_SIGN_H
#define EV_SEAL_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "seal/bytes.h"
#include "seal/cert.h"
#include "seal/secret.h"
#include "seal/stamp.h"

/* A private key, its certificate, and what travels with a signature. */
struct ev_signer;

/*
 * Keys that are accepted: ECDSA on P-256 or P-384, RSA of at least 3072 bits.
 * Others are EV_INPUT, as is a key without its certificate.
 */

/*
 * key is a file (PEM or PKCS#12) or a pkcs11: URI, which must not hold a PIN;
 * cert a PEM file, or NULL when the certificate is with the key.  Further
 * certificates and CRLs found there become its company.  pass may be NULL: an
 * encrypted key is then EV_USE.
 */
EV_CHECK
enum ev_rc ev_signer_load(struct ev_signer **signer, const char *key,
    const char *cert, const struct ev_pass *pass, struct ev_err *err);
/*
 * The same where certificates are known already (DER, one behind the other;
 * may be empty): the first of them that is the key's is taken before any that
 * is found with the key.
 */
EV_CHECK
enum ev_rc ev_signer_load_known(struct ev_signer **signer, const char *key,
    struct ev_bytes der, const struct ev_pass *pass, struct ev_err *err);
/* From PEM in memory: key and certificate, the chain behind. */
EV_CHECK
enum ev_rc ev_signer_read(struct ev_signer **signer, struct ev_bytes pem,
    const struct ev_pass *pass, struct ev_err *err);
void ev_signer_free(struct ev_signer *signer);

/*
 * Certificates and CRLs (PEM): those that belong to its chain are embedded in
 * each signature made from now on, the others left alone.
 */
EV_CHECK
enum ev_rc ev_signer_add(struct ev_signer *signer, struct ev_bytes pem,
    struct ev_err *err);

/*
 * Whether it can sign at an instant: the certificate is valid then, is for
 * signatures (keyUsage digitalSignature or nonRepudiation, or none told), and
 * no list of its company says it or its issuers are revoked; nor may such a
 * list be out of date, for it would be embedded in vain.  EV_INPUT tells.
 */
EV_CHECK
enum ev_rc ev_signer_fit(const struct ev_signer *signer, int64_t at,
    struct ev_err *err);

/*
 * A P-256 key for trying out, with a self-signed certificate: a person's, or
 * that of the built-in time-stamping authority (EKU timeStamping, critical).
 */
struct ev_signer_wish {
	const char *name;   /* CN */
	const char *office; /* O; NULL or "": none */
	bool stamps;
	int64_t from, until; /* validity, instants */
};
EV_CHECK
enum ev_rc ev_signer_make(struct ev_signer **signer,
    const struct ev_signer_wish *wish, struct ev_err *err);

/* PKCS#8 key (encrypted with a pass) and certificates; a secret. */
EV_CHECK
enum ev_rc ev_signer_pem(const struct ev_signer *signer,
    const struct ev_pass *pass, struct ev_buf *pem, struct ev_err *err);
/* The certificate alone, PEM; and what it says. */
EV_CHECK
enum ev_rc ev_signer_cert_pem(const struct ev_signer *signer,
    struct ev_buf *pem, struct ev_err *err);
EV_CHECK
enum ev_rc ev_signer_cert(const struct ev_signer *signer, struct ev_cert *cert,
    struct ev_err *err);

/*
 * A detached CAdES-B-B signature (ETSI EN 319 122-1) over content, DER: one
 * SignerInfo, SHA-256, signed attributes exactly content-type,
 * message-digest, signing-time and signing-certificate-v2; certificate,
 * chain and CRLs embedded.  when is the claimed signing time, at which the
 * signer must be fit.
 */
EV_CHECK
enum ev_rc ev_cades_sign(const struct ev_signer *signer,
    struct ev_bytes content, int64_t when, struct ev_buf *p7s,
    struct ev_err *err);
/* SHA-256 of the signature value: what its time stamp covers. */
EV_CHECK
enum ev_rc ev_cades_imprint(struct ev_bytes p7s,
    unsigned char imprint[EV_SHA256], struct ev_err *err);
/* CAdES-B-T: the same signature with a token; EV_USE if it has one. */
EV_CHECK
enum ev_rc ev_cades_add_token(struct ev_bytes p7s, struct ev_bytes token,
    struct ev_buf *out, struct ev_err *err);
/* The token of a CAdES-B-T signature; EV_EOF: it has none. */
EV_CHECK
enum ev_rc ev_cades_token(struct ev_bytes p7s, struct ev_buf *token,
    struct ev_err *err);

struct ev_cades_check {
	struct ev_bytes p7s;
	struct ev_bytes content;
	const struct ev_trust *trust; /* NULL: chains are not checked */
	const unsigned char *pin;     /* SHA-256 of the certificate, or NULL */
	int64_t at; /* judge the chain then if there is no token */
};

/* What to tell the reader; no failure of the signature. */
enum {
	EV_CADES_N_CLAIM_LATE = 1,    /* claimed time is behind the token's */
	EV_CADES_N_CLAIM_OUTSIDE = 2, /* claimed time, certificate not valid */
};

struct ev_cades {
	struct ev_cert signer;
	int64_t claimed; /* signing-time: a claim only */
	bool stamped;
	struct ev_stamp stamp; /* when stamped */
	struct ev_chain chain; /* judged at the token's time, else at */
	unsigned notes;
};

/*
 * EV_OK: every byte is as it must be and the signature fits content; whether
 * the signer is trusted stands in result->chain, whether the time is in
 * result->stamp.chain.  EV_MISMATCH names the first thing that is wrong:
 * hostile.md, section 9.  result is filled as far as the check came.
 */
EV_CHECK
enum ev_rc ev_cades_verify(const struct ev_cades_check *check,
    struct ev_cades *result, struct ev_err *err);

#endif
