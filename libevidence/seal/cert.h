/* Certificates: what they say, and whether a chain leads to a given root. */
#ifndef EV_SEAL_CERT_H
#define EV_SEAL_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "seal/bytes.h"
#include "seal/digest.h"

enum { EV_CERT_NAME = 256, EV_CERT_SERIAL = 64 };

/* What a certificate says of itself.  Names are text from evidence. */
struct ev_cert {
	char subject[EV_CERT_NAME]; /* RFC 4514, UTF-8; cut if longer */
	char issuer[EV_CERT_NAME];
	char serial[EV_CERT_SERIAL];     /* lower-case hex */
	char key[32];                    /* "EC P-256", "RSA 3072", ... */
	unsigned char sha256[EV_SHA256]; /* of its DER: what a pin names */
	int64_t not_before;              /* instants */
	int64_t not_after;
	bool self_signed;
};

/* The first certificate of a PEM text, or one in DER. */
EV_CHECK
enum ev_rc ev_cert_read(struct ev_cert *cert, struct ev_bytes in,
    struct ev_err *err);
/* Its DER (of PEM: the first), or as PEM. */
EV_CHECK
enum ev_rc ev_cert_der(struct ev_bytes in, struct ev_buf *der,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_cert_pem(struct ev_bytes in, struct ev_buf *pem,
    struct ev_err *err);

/* Roots that the user, and nobody else, has named. */
struct ev_trust;

/* A set without a root: it judges nobody, and holds what is at hand. */
EV_CHECK
enum ev_rc ev_trust_new(struct ev_trust **trust, struct ev_err *err);
/*
 * PEM.  EV_INPUT: no certificate in it.  More calls add to the same set.  Lists
 * of revoked certificates and OCSP responses that stand there too are looked
 * at as those of ev_trust_help().
 */
EV_CHECK
enum ev_rc ev_trust_add(struct ev_trust **trust, struct ev_bytes pem,
    struct ev_err *err);
/*
 * What helps to judge and is believed by nobody: certificates that may lead
 * upwards ("CERTIFICATE"), lists of revoked ones ("X509 CRL") and OCSP
 * responses ("OCSP RESPONSE") as PEM, such as a case or a bundle kept.  A list
 * or response counts for a certificate only when that one's issuer signed it,
 * or had it signed (RFC 6960, 4.2.2.2).  EV_INPUT: something else.
 */
EV_CHECK
enum ev_rc ev_trust_help(struct ev_trust *trust, struct ev_bytes pem,
    struct ev_err *err);
/*
 * The tokens judged from now on are known to have existed at an instant, for
 * a trusted later token covers them: that their authority's key was lost
 * after it does not matter.  EV_TRUST_NOW: nothing is known.
 */
#define EV_TRUST_NOW INT64_MAX
void ev_trust_existed(struct ev_trust *trust, int64_t at);
void ev_trust_free(struct ev_trust *trust);

enum ev_trust_state {
	EV_TRUST_NOT_CHECKED, /* no roots were given */
	EV_TRUST_OK,          /* a chain led to a root at the instant asked */
	EV_TRUST_FAILED,      /* roots were given, and no chain did */
	EV_TRUST_REVOKED,     /* a list or a response says so, and it matters */
};

enum { EV_TRUST_REASON = 192 };

struct ev_chain {
	enum ev_trust_state state;
	/* Lists or responses of that instant cover all of it below the root. */
	bool revocation;
	/* One phrase: why not, or why revocation was not looked at; else "". */
	char reason[EV_TRUST_REASON];
};

/* "ok", "not checked", "failed", "revoked". */
const char *ev_trust_word(enum ev_trust_state state);

#endif
