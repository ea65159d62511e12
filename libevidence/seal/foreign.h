/* Tokens and signatures in captured files: read, their arithmetic checked. */
#ifndef EV_SEAL_FOREIGN_H
#define EV_SEAL_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/err.h"
#include "seal/bytes.h"

/*
 * Whoever made a capture put these into it; nobody is trusted by what stands
 * here, and no chain is built.  It says whether a signature is that of the key
 * or certificate that lies beside it.  Called by the reading child.
 */
enum ev_foreign {
	EV_FOREIGN_UNCHECKED,
	EV_FOREIGN_OK,
	EV_FOREIGN_DIFFERS,
};

/* "not checked" "ok" "differs" */
const char *ev_foreign_word(enum ev_foreign verdict);

enum {
	EV_FOREIGN_LIMIT = 1 << 20, /* bytes of a token, key, certificate */
	EV_FOREIGN_HEX = 2 * 64 + 1,
	EV_FOREIGN_NAME = 256,
	EV_FOREIGN_WHY = 96,
};

/* An RFC 3161 reply or the token alone. */
struct ev_foreign_token {
	char time[40];      /* genTime as RFC 3339, in UTC */
	char policy[96];    /* OID */
	char serial[128];   /* hex */
	char algorithm[16]; /* sha256; of others the OID's short name */
	char imprint[EV_FOREIGN_HEX];
	char nonce[64];               /* hex, "" none */
	char status[EV_FOREIGN_NAME]; /* of a reply: granted, or what else */
	char signer[EV_FOREIGN_NAME]; /* subject, RFC 4514; "" no certificate */
	char issuer[EV_FOREIGN_NAME];
	char certificate[EV_FOREIGN_HEX]; /* its SHA-256 */
	enum ev_foreign signature;
	char why[EV_FOREIGN_WHY]; /* where it is not ok */
};
/* EV_INPUT: neither a reply nor a token; err says what is wrong. */
EV_CHECK
enum ev_rc ev_foreign_token(struct ev_foreign_token *token, struct ev_bytes der,
    struct ev_err *err);

/* Whether the token is over these bytes. */
enum ev_foreign ev_foreign_covers(const struct ev_foreign_token *token,
    struct ev_bytes data);

/* A signature with SHA-256 over data, by a key or by a certificate's. */
struct ev_foreign_signature {
	struct ev_bytes data;
	struct ev_bytes
	    signature;       /* of ECDSA: DER, or two numbers side by side */
	struct ev_bytes key; /* SubjectPublicKeyInfo; data NULL: see pem */
	struct ev_bytes pem; /* certificates, the signer's first */
	/* What was found. */
	char name[EV_FOREIGN_NAME];       /* of the certificate; "" for a key */
	char from[40], until[40];         /* its validity, RFC 3339 */
	char fingerprint[EV_FOREIGN_HEX]; /* SHA-256 of key or certificate */
	char why[EV_FOREIGN_WHY];
};
enum ev_foreign ev_foreign_verify(struct ev_foreign_signature *s);

#endif
