/* RFC 3161 requests, replies, tokens, checked at the right instant. */
#ifndef EV_SEAL_STAMP_H
#define EV_SEAL_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "seal/bytes.h"
#include "seal/cert.h"
#include "seal/digest.h"

/*
 * The policy of the built-in authority, in the arc that needs no registration
 * (ITU-T X.667: 2.25 and a random UUID as one integer).  A token that carries
 * it shows order and proves no date to anyone else.
 */
#define EV_STAMP_SELF "2.25.153037524690437575259771774943290639678"

enum { EV_STAMP_OID = 96, EV_STAMP_LIMIT = 1 << 20 };

/* A request for a hash: SHA-256, a nonce of 64 bits, certReq; DER. */
EV_CHECK
enum ev_rc ev_stamp_request(const unsigned char imprint[EV_SHA256],
    struct ev_buf *der, struct ev_err *err);
/* The same for a hash of 32 bytes, or of 64: SHA-512. */
EV_CHECK
enum ev_rc ev_stamp_request_over(struct ev_bytes imprint, struct ev_buf *der,
    struct ev_err *err);

/*
 * Take the token out of a reply after checking that it answers the request:
 * status, version, imprint, nonce, and all that ev_stamp_verify() checks.
 * EV_MISMATCH: it does not, or the authority refused; EV_INPUT: no reply.
 */
EV_CHECK
enum ev_rc ev_stamp_reply(struct ev_bytes request, struct ev_bytes reply,
    struct ev_buf *token, struct ev_err *err);

/*
 * Ask an authority by HTTP (RFC 3161, 3.4).  Only http: a token is signed, so
 * TLS would add privacy and no proof, and OpenSSL's client wants libssl for
 * it.  EV_SYS: nobody answered in tries attempts, of seconds each, with a
 * pause that doubles in between.  Proxies as in $http_proxy and $no_proxy.
 */
struct ev_stamp_place {
	const char *url;
	int seconds; /* 0: 10 */
	int tries;   /* 0: 3 */
};
EV_CHECK
enum ev_rc ev_stamp_fetch(const struct ev_stamp_place *place,
    struct ev_bytes request, struct ev_buf *reply, struct ev_err *err);

struct ev_stamp {
	int64_t at;       /* genTime, an instant */
	int64_t accuracy; /* microseconds, -1: not stated */
	char policy[EV_STAMP_OID];
	char serial[EV_CERT_SERIAL]; /* hex */
	bool self_issued;            /* policy is EV_STAMP_SELF */
	struct ev_cert authority;
	struct ev_chain chain; /* judged at genTime, whatever today is */
};

/*
 * Verify a token (DER of a ContentInfo) over a hash.  EV_OK: it is whole,
 * covers imprint and is signed by the one certificate it names, which is not
 * a CA's and has timeStamping as its sole, critical extended key usage; no
 * RSA-PSS, nothing below SHA-256.  Whether the authority is trusted stands in
 * result->chain.  EV_MISMATCH and EV_INPUT name what is wrong.
 */
EV_CHECK
enum ev_rc ev_stamp_verify(struct ev_bytes token,
    const unsigned char imprint[EV_SHA256], const struct ev_trust *trust,
    struct ev_stamp *result, struct ev_err *err);

/*
 * The same over an imprint of 32 bytes (SHA-256) or 64 (SHA-512), for a token
 * that is known to have existed at an instant (EV_TRUST_NOW: not known).
 */
EV_CHECK
enum ev_rc ev_stamp_verify_over(struct ev_bytes token, struct ev_bytes imprint,
    const struct ev_trust *trust, int64_t existed, struct ev_stamp *result,
    struct ev_err *err);

/* Certificates and lists of revoked ones inside a token, as PEM. */
EV_CHECK
enum ev_rc ev_stamp_certs(struct ev_bytes token, struct ev_buf *pem,
    struct ev_err *err);

struct ev_signer;

/*
 * The built-in authority: answer a request at now with a key made by
 * ev_signer_make() with .stamps; always under the policy EV_STAMP_SELF.
 */
EV_CHECK
enum ev_rc ev_stamp_answer(const struct ev_signer *authority,
    struct ev_bytes request, int64_t now, struct ev_buf *reply,
    struct ev_err *err);

#endif
