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

void
ev_trust_free(struct ev_trust *trust)
{
	if (trust == NULL)
		return;
	X509_STORE_free(trust->store);
	sk_X509_pop_free(trust->certs, X509_free);
	sk_X509_CRL_pop_free(trust->crls, X509_CRL_free);
	sk_OCSP_BASICRESP_pop_free(trust->responses, OCSP_BASICRESP_free);
	free(trust);
}

enum ev_rc
ev_trust_new(struct ev_trust **out, struct ev_err *err)
{
	struct ev_trust *trust;

	trust = calloc(1, sizeof(*trust));
	if (trust == NULL)
		return ev_fail_sys(err, "cannot keep trusted roots");
	trust->existed = EV_TRUST_NOW;
	trust->store = X509_STORE_new();
	trust->certs = sk_X509_new_null();
	trust->crls = sk_X509_CRL_new_null();
	trust->responses = sk_OCSP_BASICRESP_new_null();
	if (trust->store == NULL || trust->certs == NULL ||
	    trust->crls == NULL || trust->responses == NULL) {
		ev_trust_free(trust);
		(void)ev_fail_ossl(err, EV_CRYPTO, "cannot keep trusted roots");
		return EV_CRYPTO;
	}
	*out = trust;
	return EV_OK;
}

static bool
take_cert(struct ev_trust *trust, struct ev_bytes der, bool believed)
{
	const unsigned char *p = der.data;
	X509 *cert = d2i_X509(NULL, &p, (long)der.len);
	bool taken;

	if (cert == NULL || p != (const unsigned char *)der.data + der.len) {
		X509_free(cert);
		return false;
	}
	if (!believed && sk_X509_push(trust->certs, cert) > 0)
		return true;
	taken = believed && X509_STORE_add_cert(trust->store, cert) == 1;
	X509_free(cert);
	return taken;
}

static bool
take_list(struct ev_trust *trust, struct ev_bytes der)
{
	const unsigned char *p = der.data;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)der.len);

	if (crl != NULL && p == (const unsigned char *)der.data + der.len &&
	    sk_X509_CRL_push(trust->crls, crl) > 0)
		return true;
	X509_CRL_free(crl);
	return false;
}

static bool
take_response(struct ev_trust *trust, struct ev_bytes der)
{
	OCSP_BASICRESP *basic = ev_ocsp_read(der);

	if (basic != NULL &&
	    sk_OCSP_BASICRESP_push(trust->responses, basic) > 0)
		return true;
	OCSP_BASICRESP_free(basic);
	return false;
}

/* One block of PEM, by its label. */
static bool
take_block(struct ev_trust *trust, const char *label, struct ev_bytes der,
    bool believed, size_t *certs)
{
	if (strcmp(label, PEM_STRING_X509) == 0 ||
	    strcmp(label, PEM_STRING_X509_OLD) == 0) {
		++*certs;
		return take_cert(trust, der, believed);
	}
	if (strcmp(label, PEM_STRING_X509_CRL) == 0)
		return take_list(trust, der);
	if (strcmp(label, EV_PEM_OCSP) == 0)
		return take_response(trust, der);
	return believed; /* what else a file of roots holds is nobody's */
}

static enum ev_rc
take_pem(struct ev_trust *trust, struct ev_bytes pem, bool believed,
    size_t *certs, struct ev_err *err)
{
	BIO *bio = ev_bio_bytes(pem);
	char *label = NULL, *header = NULL;
	unsigned char *der = NULL;
	enum ev_rc rc = EV_OK;
	long len = 0;

	if (bio == NULL)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot read PEM");
	while (rc == EV_OK &&
	       PEM_read_bio(bio, &label, &header, &der, &len) == 1) {
		if (!take_block(trust, label, EV_BYTES(der, (size_t)len),
			believed, certs))
			rc = ev_fail(err, EV_INPUT,
			    "a block %.40s that cannot be read", label);
		OPENSSL_free(label);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	BIO_free_all(bio);
	ev_ossl_clear();
	return rc;
}

enum ev_rc
ev_trust_add(struct ev_trust **trust, struct ev_bytes pem, struct ev_err *err)
{
	struct ev_trust *all = *trust;
	enum ev_rc rc = EV_OK;
	size_t certs = 0;

	if (all == NULL) {
		rc = ev_trust_new(&all, err);
		if (rc != EV_OK)
			return rc;
		*trust = all;
	}
	rc = take_pem(all, pem, true, &certs, err);
	if (rc == EV_OK && certs == 0)
		rc = ev_fail(err, EV_INPUT, "no certificate in PEM to trust");
	return rc;
}

enum ev_rc
ev_trust_help(struct ev_trust *trust, struct ev_bytes pem, struct ev_err *err)
{
	size_t certs = 0;

	return take_pem(trust, pem, false, &certs, err);
}

void
ev_trust_existed(struct ev_trust *trust, int64_t at)
{
	if (trust != NULL)
		trust->existed = at;
}

int64_t
ev_trust_existence(const struct ev_trust *trust)
{
	return trust == NULL ? EV_TRUST_NOW : trust->existed;
}

/* What may lead upwards: enclosed with the signature, or at hand. */
static STACK_OF(X509) *
    all_certs(const struct ev_trust *trust, const struct ev_chain_ask *ask)
{
	STACK_OF(X509) *all = sk_X509_dup(trust->certs);
	int n;

	for (n = 0; all != NULL && n < sk_X509_num(ask->others); n++) {
		if (sk_X509_push(all, sk_X509_value(ask->others, n)) <= 0) {
			sk_X509_free(all);
			return NULL;
		}
	}
	return all;
}

static void
set_param(X509_STORE_CTX *ctx, const struct ev_chain_ask *ask)
{
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
	int64_t seconds = ask->at / second_us;

	/* Rounded down, also before 1970. */
	if (ask->at % second_us < 0)
		seconds--;
	X509_VERIFY_PARAM_set_time(param, (time_t)seconds);
	X509_VERIFY_PARAM_set_auth_level(param, AUTH_LEVEL);
	(void)X509_VERIFY_PARAM_set_purpose(param, ask->purpose);
	/* What the user names is trusted, be it a root or not. */
	(void)X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
}

/* Why there is no chain; above which certificate it breaks off. */
static void
tell_break(X509_STORE_CTX *ctx, char reason[EV_TRUST_REASON])
{
	const int why = X509_STORE_CTX_get_error(ctx);
	X509 *cert = X509_STORE_CTX_get_current_cert(ctx);
	struct ev_cert told;
	struct ev_err err;

	switch (why) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		if (cert != NULL && ev_cert_fill(&told, cert, &err) == EV_OK) {
			(void)snprintf(reason, EV_TRUST_REASON,
			    "the certificate of %.60s, which issued that of "
			    "%.60s, is neither there nor named",
			    told.issuer, told.subject);
			return;
		}
		break;
	default:
		break;
	}
	(void)snprintf(reason, EV_TRUST_REASON, "%s",
	    X509_verify_cert_error_string(
		why == X509_V_OK ? X509_V_ERR_UNSPECIFIED : why));
}

/* The chain, leaf first, or why there is none. */
static enum ev_rc
build(const struct ev_trust *trust, const struct ev_chain_ask *ask,
    STACK_OF(X509) * *chain, char why[EV_TRUST_REASON], struct ev_err *err)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *others = all_certs(trust, ask);

	*chain = NULL;
	if (ctx == NULL || others == NULL ||
	    X509_STORE_CTX_init(ctx, trust->store, ask->cert, others) != 1) {
		X509_STORE_CTX_free(ctx);
		sk_X509_free(others);
		return ev_fail_ossl(err, EV_CRYPTO, "cannot check a chain");
	}
	set_param(ctx, ask);
	if (X509_verify_cert(ctx) == 1)
		*chain = X509_STORE_CTX_get1_chain(ctx);
	else
		tell_break(ctx, why);
	X509_STORE_CTX_free(ctx);
	sk_X509_free(others);
	ev_ossl_clear();
	return EV_OK;
}

/* Each certificate of a chain below its root, which is the user's. */
static void
check_standing(struct ev_chain *chain, const struct ev_trust *trust,
    const struct ev_chain_ask *ask, STACK_OF(X509) * certs)
{
	struct ev_standing_ask one = {
		.crls = { ask->crls, trust->crls },
		.responses = trust->responses,
		.at = ask->at,
		.existed = ask->existed > ask->at ? ask->existed : ask->at,
	};
	const int last = sk_X509_num(certs) - 1;
	char reason[EV_TRUST_REASON];
	bool all = last > 0;
	int n;

	if (last <= 0)
		(void)snprintf(chain->reason, sizeof(chain->reason),
		    "revocation not checked: you named the certificate itself");
	for (n = 0; n < last; n++) {
		one.cert = sk_X509_value(certs, n);
		one.issuer = sk_X509_value(certs, n + 1);
		switch (ev_cert_standing(&one, reason)) {
		case EV_STANDING_GOOD:
			break;
		case EV_STANDING_REVOKED:
			chain->state = EV_TRUST_REVOKED;
			chain->revocation = true;
			(void)snprintf(chain->reason, sizeof(chain->reason),
			    "%s", reason);
			return;
		case EV_STANDING_UNKNOWN:
			if (all)
				(void)snprintf(chain->reason,
				    sizeof(chain->reason),
				    "revocation not checked: %.160s", reason);
			all = false;
			break;
		}
	}
	chain->revocation = all;
}

enum ev_rc
ev_chain_check(struct ev_chain *chain, const struct ev_trust *trust,
    const struct ev_chain_ask *ask, struct ev_err *err)
{
	STACK_OF(X509) *certs = NULL;
	enum ev_rc rc;

	memset(chain, 0, sizeof(*chain));
	if (trust == NULL) {
		chain->state = EV_TRUST_NOT_CHECKED;
		(void)snprintf(chain->reason, sizeof(chain->reason),
		    "no trusted roots were given");
		return EV_OK;
	}
	rc = build(trust, ask, &certs, chain->reason, err);
	if (rc != EV_OK)
		return rc;
	if (certs == NULL) {
		chain->state = EV_TRUST_FAILED;
		return EV_OK;
	}
	chain->state = EV_TRUST_OK;
	check_standing(chain, trust, ask, certs);
	sk_X509_pop_free(certs, X509_free);
	return EV_OK;
}
