/* Whether a certificate was revoked, and whether that matters. */
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "evidence/when.h"
#include "seal/x509.h"

static const int64_t second_us = 1000000;

/* What one list or response says. */
struct saying {
	bool covers; /* it speaks of the instant asked about */
	bool revoked;
	int64_t since;
	int64_t lost; /* when the key was lost; EV_TRUST_NOW: it was not */
	const char *why;
};

OCSP_BASICRESP *
ev_ocsp_read(struct ev_bytes der)
{
	const unsigned char *p = der.data;
	OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &p, (long)der.len);
	OCSP_BASICRESP *basic = NULL;

	if (response != NULL &&
	    p == (const unsigned char *)der.data + der.len &&
	    OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(response);
	OCSP_RESPONSE_free(response);
	ev_ossl_clear();
	return basic;
}

static int64_t
floor_second(int64_t us)
{
	return us - (us % second_us + second_us) % second_us;
}

static bool
strong(int signature)
{
	int md = NID_undef;

	return OBJ_find_sigid_algs(signature, &md, NULL) == 1 &&
	       (md == NID_sha256 || md == NID_sha384 || md == NID_sha512);
}

/*
 * In force at the instant, or made later while the certificate would still
 * have been listed.
 */
static bool
speaks_of(const struct ev_standing_ask *ask, const ASN1_TIME *this_update,
    const ASN1_TIME *next_update)
{
	int64_t from, until, end;

	if (!ev_asn1_time(&from, this_update) ||
	    !ev_asn1_time(&end, X509_get0_notAfter(ask->cert)))
		return false;
	if (floor_second(from) >= floor_second(ask->at))
		return from <= end;
	return next_update != NULL && ev_asn1_time(&until, next_update) &&
	       ask->at <= until;
}

/* RFC 3161, 4: without a reason the key counts as lost; RFC 5280, 5.3.1. */
static void
weigh(struct saying *s, int reason, const ASN1_TIME *since,
    const ASN1_TIME *invalid)
{
	int64_t at;

	s->revoked = true;
	if (!ev_asn1_time(&s->since, since))
		s->since = INT64_MIN;
	s->lost = EV_TRUST_NOW;
	s->why = "revoked";
	switch (reason) {
	case CRL_REASON_UNSPECIFIED:
	case CRL_REASON_AFFILIATION_CHANGED:
	case CRL_REASON_SUPERSEDED:
	case CRL_REASON_CESSATION_OF_OPERATION:
	case CRL_REASON_CERTIFICATE_HOLD:
	case CRL_REASON_PRIVILEGE_WITHDRAWN:
		return;
	case CRL_REASON_KEY_COMPROMISE:
	case CRL_REASON_CA_COMPROMISE:
	case CRL_REASON_AA_COMPROMISE:
		s->why = "revoked because the key was compromised,";
		break;
	default:
		s->why = "revoked without a reason,";
		break;
	}
	s->lost = s->since;
	if (invalid != NULL && ev_asn1_time(&at, invalid) && at < s->lost)
		s->lost = at;
}

/* Only lists that are complete for this certificate. */
static bool
list_is_plain(const X509_CRL *crl, X509 *cert)
{
	X509_EXTENSION *ext;
	ISSUING_DIST_POINT *idp;
	bool plain = true, ca = X509_check_ca(cert) != 0;
	int n;

	for (n = 0; n < X509_CRL_get_ext_count(crl); n++) {
		ext = X509_CRL_get_ext(crl, n);
		if (X509_EXTENSION_get_critical(ext) != 0 &&
		    OBJ_obj2nid(
			X509_EXTENSION_get_object((X509_EXTENSION *)ext)) !=
			NID_issuing_distribution_point)
			return false;
	}
	idp = X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, NULL,
	    NULL);
	if (idp != NULL)
		plain = idp->onlysomereasons == NULL && idp->indirectCRL <= 0 &&
			idp->onlyattr <= 0 && !(ca && idp->onlyuser > 0) &&
			!(!ca && idp->onlyCA > 0);
	ISSUING_DIST_POINT_free(idp);
	return plain;
}

static bool
list_is_of(X509_CRL *crl, const struct ev_standing_ask *ask)
{
	return X509_NAME_cmp(X509_CRL_get_issuer(crl),
		   X509_get_subject_name(ask->issuer)) == 0 &&
	       (X509_get_key_usage(ask->issuer) & KU_CRL_SIGN) != 0 &&
	       strong(X509_CRL_get_signature_nid(crl)) &&
	       list_is_plain(crl, ask->cert) &&
	       X509_CRL_verify(crl, X509_get0_pubkey(ask->issuer)) == 1;
}

static struct saying
ask_list(X509_CRL *crl, const struct ev_standing_ask *ask)
{
	struct saying s = { .covers = false };
	ASN1_ENUMERATED *reason;
	ASN1_GENERALIZEDTIME *invalid;
	X509_REVOKED *entry = NULL;

	if (!list_is_of(crl, ask))
		return s;
	s.covers = speaks_of(ask, X509_CRL_get0_lastUpdate(crl),
	    X509_CRL_get0_nextUpdate(crl));
	if (X509_CRL_get0_by_cert(crl, &entry, ask->cert) != 1)
		return s;
	reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
	invalid =
	    X509_REVOKED_get_ext_d2i(entry, NID_invalidity_date, NULL, NULL);
	weigh(&s, reason == NULL ? -1 : (int)ASN1_ENUMERATED_get(reason),
	    X509_REVOKED_get0_revocationDate(entry), invalid);
	ASN1_ENUMERATED_free(reason);
	ASN1_GENERALIZEDTIME_free(invalid);
	return s;
}

/* RFC 6960, 4.2.2.2: the issuer, or whom it made a responder. */
static bool
responder_may(X509 *signer, const struct ev_standing_ask *ask,
    const OCSP_BASICRESP *response)
{
	int64_t made, from, until;

	if (X509_cmp(signer, ask->issuer) == 0)
		return true;
	return X509_NAME_cmp(X509_get_issuer_name(signer),
		   X509_get_subject_name(ask->issuer)) == 0 &&
	       X509_verify(signer, X509_get0_pubkey(ask->issuer)) == 1 &&
	       strong(X509_get_signature_nid(signer)) &&
	       (X509_get_extension_flags(signer) & EXFLAG_XKUSAGE) != 0 &&
	       (X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) != 0 &&
	       ev_asn1_time(&made, OCSP_resp_get0_produced_at(response)) &&
	       ev_asn1_time(&from, X509_get0_notBefore(signer)) &&
	       ev_asn1_time(&until, X509_get0_notAfter(signer)) &&
	       made >= from && made <= until;
}

static bool
response_is_of(OCSP_BASICRESP *response, const struct ev_standing_ask *ask)
{
	STACK_OF(X509) *known = sk_X509_new_null();
	const X509_ALGOR *algo = OCSP_resp_get0_tbs_sigalg(response);
	X509 *signer = NULL;
	bool good;

	good = known != NULL && sk_X509_push(known, ask->issuer) > 0 &&
	       strong(OBJ_obj2nid(algo->algorithm)) &&
	       OCSP_resp_get0_signer(response, &signer, known) == 1 &&
	       responder_may(signer, ask, response) &&
	       /* The chain was looked at above; this is the signature. */
	       OCSP_basic_verify(response, known, NULL, OCSP_NOVERIFY) == 1;
	sk_X509_free(known);
	return good;
}

static bool
is_about(OCSP_SINGLERESP *single, const struct ev_standing_ask *ask)
{
	OCSP_CERTID *id = OCSP_CERTID_dup(OCSP_SINGLERESP_get0_id(single));
	OCSP_CERTID *own = NULL;
	ASN1_OBJECT *md = NULL;
	bool same;

	if (id != NULL && OCSP_id_get0_info(NULL, &md, NULL, NULL, id) == 1)
		own = OCSP_cert_to_id(EVP_get_digestbyobj(md), ask->cert,
		    ask->issuer);
	same = own != NULL && OCSP_id_cmp(own, id) == 0;
	OCSP_CERTID_free(own);
	OCSP_CERTID_free(id);
	return same;
}

static struct saying
ask_response(OCSP_BASICRESP *response, const struct ev_standing_ask *ask)
{
	ASN1_GENERALIZEDTIME *since = NULL, *this_update = NULL,
			     *next_update = NULL;
	struct saying s = { .covers = false };
	OCSP_SINGLERESP *single;
	int n, status, reason = -1;

	for (n = 0; n < OCSP_resp_count(response); n++) {
		single = OCSP_resp_get0(response, n);
		if (!is_about(single, ask) || !response_is_of(response, ask))
			continue;
		status = OCSP_single_get0_status(single, &reason, &since,
		    &this_update, &next_update);
		if (status == V_OCSP_CERTSTATUS_GOOD ||
		    status == V_OCSP_CERTSTATUS_REVOKED)
			s.covers = speaks_of(ask, this_update, next_update);
		if (status == V_OCSP_CERTSTATUS_REVOKED)
			weigh(&s, reason, since, NULL);
		return s;
	}
	return s;
}

/* The certificate's name for a phrase. */
static void
name_of(X509 *cert, char name[EV_TRUST_REASON / 2])
{
	struct ev_cert told;
	struct ev_err err;

	if (ev_cert_fill(&told, cert, &err) != EV_OK)
		told.subject[0] = '\0';
	(void)snprintf(name, EV_TRUST_REASON / 2, "%.90s", told.subject);
}

static bool
matters(const struct saying *s, const struct ev_standing_ask *ask)
{
	if (!s->revoked)
		return false;
	if (s->since <= ask->at)
		return true;
	return s->lost != EV_TRUST_NOW && s->lost <= ask->existed;
}

/* One more saying; true: it settles the matter. */
static bool
hear(const struct saying *s, const struct ev_standing_ask *ask, bool *covered,
    char reason[EV_TRUST_REASON])
{
	char at[EV_WHEN_TEXT], name[EV_TRUST_REASON / 2];

	*covered = *covered || s->covers;
	if (!matters(s, ask))
		return false;
	ev_when_print(at, s->since, EV_PREC_S);
	name_of(ask->cert, name);
	(void)snprintf(reason, EV_TRUST_REASON, "%s: %s on %s", name, s->why,
	    at);
	ev_ossl_clear();
	return true;
}

enum ev_standing
ev_cert_standing(const struct ev_standing_ask *ask,
    char reason[EV_TRUST_REASON])
{
	char name[EV_TRUST_REASON / 2];
	struct saying s;
	bool covered = false;
	size_t k;
	int n;

	for (k = 0; k < sizeof(ask->crls) / sizeof(ask->crls[0]); k++) {
		for (n = 0; n < sk_X509_CRL_num(ask->crls[k]); n++) {
			s = ask_list(sk_X509_CRL_value(ask->crls[k], n), ask);
			if (hear(&s, ask, &covered, reason))
				return EV_STANDING_REVOKED;
		}
	}
	for (n = 0; n < sk_OCSP_BASICRESP_num(ask->responses); n++) {
		s = ask_response(sk_OCSP_BASICRESP_value(ask->responses, n),
		    ask);
		if (hear(&s, ask, &covered, reason))
			return EV_STANDING_REVOKED;
	}
	ev_ossl_clear();
	if (covered)
		return EV_STANDING_GOOD;
	name_of(ask->cert, name);
	(void)snprintf(reason, EV_TRUST_REASON,
	    "no list of that time for %s is at hand", name);
	return EV_STANDING_UNKNOWN;
}
