/* Whether a chain leads to a root that the user named. */
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "seal/x509.h"

/* 112 bits of strength: no SHA-1 and no RSA below 2048 in any chain. */
enum { AUTH_LEVEL = 2 };

struct ev_trust {
	X509_STORE *store;
};

static const int64_t second_us = 1000000;

const char *
ev_trust_word(enum ev_trust_state state)
{
	switch (state) {
	case EV_TRUST_NOT_CHECKED:
		return "not checked";
	case EV_TRUST_OK:
		return "ok";
	case EV_TRUST_FAILED:
		return "failed";
	case EV_TRUST_REVOKED:
		return "revoked";
	}
	return "?";
}

static enum ev_rc
trust_new(struct ev_trust **out, struct ev_err *err)
{
	struct ev_trust *trust;

	trust = calloc(1, sizeof(*trust));
	if (trust == NULL)
		return ev_fail_sys(err, "cannot keep trusted roots");
	trust->store = X509_STORE_new();
	if (trust->store == NULL) {
		free(trust);
		(void)ev_fail_ossl(err, EV_CRYPTO, "cannot keep trusted roots");
		return EV_CRYPTO;
	}
	*out = trust;
	return EV_OK;
}

enum ev_rc
ev_trust_add(struct ev_trust **trust, struct ev_bytes pem, struct ev_err *err)
{
	struct ev_trust *all = *trust;
	enum ev_rc rc = EV_OK;
	size_t added = 0;
	X509 *cert;
	BIO *bio;

	if (all == NULL) {
		rc = trust_new(&all, err);
		if (rc != EV_OK)
			return rc;
		*trust = all;
	}
	bio = ev_bio_bytes(pem);
	if (bio == NULL)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot read roots");
	while ((cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
		if (X509_STORE_add_cert(all->store, cert) == 1)
			added++;
		X509_free(cert);
	}
	BIO_free_all(bio);
	ev_ossl_clear();
	if (added == 0)
		return ev_fail(err, EV_INPUT, "no certificate in PEM to trust");
	return EV_OK;
}

void
ev_trust_free(struct ev_trust *trust)
{
	if (trust == NULL)
		return;
	X509_STORE_free(trust->store);
	free(trust);
}

/* One run; *why is X509_V_OK when a chain leads to a root. */
static enum ev_rc
run(const struct ev_trust *trust, const struct ev_chain_ask *ask,
    bool with_crls, int *why, struct ev_err *err)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int64_t seconds = ask->at / second_us;

	/* Rounded down, also before 1970. */
	if (ask->at % second_us < 0)
		seconds--;
	if (ctx == NULL || X509_STORE_CTX_init(ctx, trust->store, ask->cert,
			       ask->others) != 1) {
		X509_STORE_CTX_free(ctx);
		return ev_fail_ossl(err, EV_CRYPTO, "cannot check a chain");
	}
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)seconds);
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	(void)X509_VERIFY_PARAM_set_purpose(param, ask->purpose);
	/* What the user names is trusted, be it a root or not. */
	(void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	if (with_crls) {
		X509_STORE_CTX_set0_crls(ctx, ask->crls);
		(void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_CRL_CHECK);
	}
	*why = X509_V_OK;
	if (X509_verify_cert(ctx) != 1) {
		*why = X509_STORE_CTX_get_error(ctx);
		if (*why == X509_V_OK)
			*why = X509_V_ERR_UNSPECIFIED;
	}
	X509_STORE_CTX_free(ctx);
	ev_ossl_clear();
	return EV_OK;
}

enum ev_rc
ev_chain_check(struct ev_chain *chain, const struct ev_trust *trust,
    const struct ev_chain_ask *ask, struct ev_err *err)
{
	enum ev_rc rc;
	int why = X509_V_OK;

	memset(chain, 0, sizeof(*chain));
	if (trust == NULL) {
		chain->state = EV_TRUST_NOT_CHECKED;
		(void)snprintf(chain->reason, sizeof(chain->reason),
		    "no trusted roots were given");
		return EV_OK;
	}
	rc = run(trust, ask, false, &why, err);
	if (rc != EV_OK)
		return rc;
	if (why != X509_V_OK) {
		chain->state = EV_TRUST_FAILED;
		(void)snprintf(chain->reason, sizeof(chain->reason), "%s",
		    X509_verify_cert_error_string(why));
		return EV_OK;
	}
	chain->state = EV_TRUST_OK;
	if (ask->crls == NULL || sk_X509_CRL_num(ask->crls) <= 0) {
		(void)snprintf(chain->reason, sizeof(chain->reason),
		    "revocation not checked: no list is enclosed");
		return EV_OK;
	}
	rc = run(trust, ask, true, &why, err);
	if (rc != EV_OK)
		return rc;
	chain->revocation = why == X509_V_OK || why == X509_V_ERR_CERT_REVOKED;
	if (why == X509_V_ERR_CERT_REVOKED)
		chain->state = EV_TRUST_REVOKED;
	if (why != X509_V_OK)
		(void)snprintf(chain->reason, sizeof(chain->reason), "%s%s",
		    chain->revocation ? "" : "revocation not checked: ",
		    X509_verify_cert_error_string(why));
	return EV_OK;
}
