/* What an authority will be judged by later: found today, to be kept. */
#ifndef EV_SEAL_KEEP_H
#define EV_SEAL_KEEP_H

#include <stdbool.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "seal/bytes.h"
#include "seal/cert.h"

enum { EV_KEPT_LIMIT = 16 << 20 }; /* of one list */

struct ev_kept {
	const char *kind;   /* "certificate", "crl" or "ocsp" */
	const char *source; /* address, file, or "token" */
	struct ev_bytes der;
};
typedef enum ev_rc ev_kept_fn(void *ctx, const struct ev_kept *one,
    struct ev_err *err);
/* What could not be had, and why. */
typedef void ev_unkept_fn(void *ctx, const char *kind, const char *source,
    const char *why);

struct ev_keep {
	struct ev_trust *at_hand; /* gets what is found */
	bool fetch;               /* go to the addresses in certificates */
	int seconds, tries;       /* as in struct ev_stamp_place */
	ev_kept_fn *kept;
	ev_unkept_fn *unkept;
	void *ctx;
};

/*
 * The chain above the certificate that signed a token of an instant, from the
 * token, from what is at hand and from the addresses that certificates name
 * (caIssuers); for each certificate below the top a list of revoked ones, and
 * an OCSP response where it names a responder, that speak of that instant and
 * are signed by its issuer.  What is not fit is not kept.
 */
EV_CHECK
enum ev_rc ev_keep_token(const struct ev_keep *how, struct ev_bytes token,
    int64_t at, struct ev_err *err);

/*
 * Whether that is at hand for all of the chain below its top; who becomes the
 * name of the first certificate for which it is not.
 */
bool ev_keep_covers(struct ev_trust *at_hand, struct ev_bytes token, int64_t at,
    char who[EV_CERT_NAME]);

/*
 * What a file given by hand holds: PEM of any number, or one in DER.
 * EV_INPUT: neither a certificate, a list nor a response.
 */
EV_CHECK
enum ev_rc ev_keep_file(const struct ev_keep *how, const char *name,
    struct ev_bytes bytes, struct ev_err *err);

/* Put one at hand; EV_INPUT: it is not what kind says. */
EV_CHECK
enum ev_rc ev_keep_take(struct ev_trust *at_hand, const struct ev_kept *one,
    struct ev_err *err);
/* As PEM, appended. */
EV_CHECK
enum ev_rc ev_kept_pem(const struct ev_kept *one, struct ev_buf *pem,
    struct ev_err *err);

#endif
