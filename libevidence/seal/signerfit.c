/* Whether a signer may sign, and what travels with its signatures. */
#include <openssl/x509v3.h>

#include "evidence/when.h"
#include "seal/signer.h"

static X509 *
issuer_of(const struct ev_signer *s, X509 *cert)
{
	X509 *other;
	int n;

	if (X509_self_signed(cert, 0) == 1)
		return NULL;
	for (n = 0; n < sk_X509_num(s->chain); n++) {
		other = sk_X509_value(s->chain, n);
		if (X509_check_issued(other, cert) == X509_V_OK)
			return other;
	}
	return NULL;
}

/* Upwards; no further than there are certificates, for they may go round. */
static bool
climb(const struct ev_signer *s, STACK_OF(X509) * certs)
{
	X509 *cert = s->cert;
	int n;

	for (n = 0; n < sk_X509_num(s->chain); n++) {
		cert = issuer_of(s, cert);
		if (cert == NULL)
			return true;
		if (sk_X509_push(certs, cert) <= 0)
			return false;
	}
	return true;
}

/* Is the list by somebody who issued the signer's certificate or one above? */
static bool
concerns(const struct ev_signer *s, STACK_OF(X509) * certs, const X509_CRL *crl)
{
	const X509_NAME *by = X509_CRL_get_issuer(crl);
	int n;

	if (X509_NAME_cmp(by, X509_get_issuer_name(s->cert)) == 0)
		return true;
	for (n = 0; n < sk_X509_num(certs); n++) {
		if (X509_NAME_cmp(by,
			X509_get_issuer_name(sk_X509_value(certs, n))) == 0)
			return true;
	}
	return false;
}

enum ev_rc
ev_signer_company(const struct ev_signer *s, STACK_OF(X509) * *certs,
    STACK_OF(X509_CRL) * *crls, struct ev_err *err)
{
	X509_CRL *crl;
	bool done;
	int n;

	*certs = sk_X509_new_null();
	*crls = sk_X509_CRL_new_null();
	done = *certs != NULL && *crls != NULL && climb(s, *certs);
	for (n = 0; done && n < sk_X509_CRL_num(s->crls); n++) {
		crl = sk_X509_CRL_value(s->crls, n);
		if (concerns(s, *certs, crl))
			done = sk_X509_CRL_push(*crls, crl) > 0;
	}
	if (done) {
		ev_ossl_clear();
		return EV_OK;
	}
	sk_X509_free(*certs);
	sk_X509_CRL_free(*crls);
	*certs = NULL;
	*crls = NULL;
	return ev_fail_ossl(err, EV_CRYPTO, "cannot follow a chain");
}

static bool
has_list(STACK_OF(X509_CRL) * crls, const X509 *issuer)
{
	int n;

	for (n = 0; n < sk_X509_CRL_num(crls); n++) {
		if (X509_NAME_cmp(X509_CRL_get_issuer(
				      sk_X509_CRL_value(crls, n)),
			X509_get_subject_name(issuer)) == 0)
			return true;
	}
	return false;
}

/* Its own list must not say no, nor be silent for being out of date. */
static enum ev_rc
check_lists(const struct ev_signer *s, int64_t at, struct ev_err *err)
{
	struct ev_standing_ask ask = { .cert = s->cert,
		.at = at,
		.existed = at };
	char reason[EV_TRUST_REASON];
	STACK_OF(X509_CRL) * crls;
	STACK_OF(X509) * certs;
	enum ev_rc rc;
	int n;

	rc = ev_signer_company(s, &certs, &crls, err);
	if (rc != EV_OK)
		return rc;
	ask.crls[0] = crls;
	for (n = 0; rc == EV_OK && n < sk_X509_num(certs); n++) {
		ask.issuer = sk_X509_value(certs, n);
		if (has_list(crls, ask.issuer) &&
		    ev_cert_standing(&ask, reason) != EV_STANDING_GOOD)
			rc = ev_fail(err, EV_INPUT,
			    "the list of revoked certificates: %s", reason);
		ask.cert = ask.issuer;
	}
	sk_X509_free(certs);
	sk_X509_CRL_free(crls);
	return rc;
}

enum ev_rc
ev_signer_fit(const struct ev_signer *s, int64_t at, struct ev_err *err)
{
	char bound[EV_WHEN_TEXT], when[EV_WHEN_TEXT];
	struct ev_cert cert;
	enum ev_rc rc;

	rc = ev_cert_fill(&cert, s->cert, err);
	if (rc != EV_OK)
		return rc;
	/* Without the extension every use is allowed: UINT32_MAX. */
	if ((X509_get_key_usage(s->cert) &
		(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0)
		return ev_fail(err, EV_INPUT,
		    "the certificate of '%.128s' is not for signatures",
		    cert.subject);
	ev_when_print(when, at, EV_PREC_S);
	if (at < cert.not_before) {
		ev_when_print(bound, cert.not_before, EV_PREC_S);
		return ev_fail(err, EV_INPUT,
		    "the certificate of '%.128s' is valid from %s on, and it"
		    " is %s",
		    cert.subject, bound, when);
	}
	if (at > cert.not_after) {
		ev_when_print(bound, cert.not_after, EV_PREC_S);
		return ev_fail(err, EV_INPUT,
		    "the certificate of '%.128s' was valid until %s, and it"
		    " is %s",
		    cert.subject, bound, when);
	}
	return check_lists(s, at, err);
}
