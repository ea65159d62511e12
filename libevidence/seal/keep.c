/* Chains, lists of revoked certificates and OCSP responses, gathered. */
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "seal/fetch.h"
#include "seal/keep.h"
#include "seal/stamp.h"
#include "seal/x509.h"

enum { DEPTH = 8 };

static const struct {
	const char *kind, *label;
} labels[] = {
	{ "certificate", PEM_STRING_X509 },
	{ "crl", PEM_STRING_X509_CRL },
	{ "ocsp", EV_PEM_OCSP },
};

enum { LABELS = sizeof(labels) / sizeof(labels[0]) };

/* One token's authority being looked into. */
struct keeping {
	const struct ev_keep *how;
	STACK_OF(X509) * enclosed;
	int64_t at;
};

enum ev_rc
ev_kept_pem(const struct ev_kept *one, struct ev_buf *pem, struct ev_err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	enum ev_rc rc;
	size_t i;

	for (i = 0; i < LABELS && strcmp(labels[i].kind, one->kind) != 0; i++)
		;
	if (i == LABELS || bio == NULL ||
	    PEM_write_bio(bio, labels[i].label, "", one->der.data,
		(long)one->der.len) <= 0)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot write PEM");
	else
		rc = ev_bio_take(bio, pem, err);
	BIO_free_all(bio);
	return rc;
}

enum ev_rc
ev_keep_take(struct ev_trust *at_hand, const struct ev_kept *one,
    struct ev_err *err)
{
	struct ev_buf pem;
	enum ev_rc rc;

	ev_buf_init(&pem, 2 * (size_t)EV_KEPT_LIMIT);
	rc = ev_kept_pem(one, &pem, err);
	if (rc == EV_OK)
		rc = ev_trust_help(at_hand, EV_BYTES_BUF(&pem), err);
	ev_buf_release(&pem);
	return rc;
}

/* Put at hand, and told. */
static enum ev_rc
keep(const struct ev_keep *how, const char *kind, const char *source,
    struct ev_bytes der, struct ev_err *err)
{
	const struct ev_kept one = { kind, source, der };
	enum ev_rc rc;

	rc = ev_keep_take(how->at_hand, &one, err);
	return rc == EV_OK ? how->kept(how->ctx, &one, err) : rc;
}

static enum ev_rc
keep_cert(const struct ev_keep *how, X509 *cert, const char *source,
    struct ev_err *err)
{
	unsigned char *der = NULL;
	const int len = i2d_X509(cert, &der);
	enum ev_rc rc;

	if (len <= 0)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot write DER");
	rc = keep(how, "certificate", source, EV_BYTES(der, (size_t)len), err);
	OPENSSL_free(der);
	return rc;
}

static X509 *
issuer_in(STACK_OF(X509) * certs, X509 *cert)
{
	X509 *one;
	int n;

	for (n = 0; n < sk_X509_num(certs); n++) {
		one = sk_X509_value(certs, n);
		if (X509_check_issued(one, cert) == X509_V_OK &&
		    X509_verify(cert, X509_get0_pubkey(one)) == 1)
			return one;
	}
	return NULL;
}

/* Each address of one kind that a certificate names under authority info. */
static STACK_OF(OPENSSL_STRING) * addresses(X509 *cert, int method)
{
	STACK_OF(OPENSSL_STRING) *all = sk_OPENSSL_STRING_new_null();
	AUTHORITY_INFO_ACCESS *info =
	    X509_get_ext_d2i(cert, NID_info_access, NULL, NULL);
	const ACCESS_DESCRIPTION *one;
	char *copy;
	int n;

	for (n = 0; n < sk_ACCESS_DESCRIPTION_num(info); n++) {
		one = sk_ACCESS_DESCRIPTION_value(info, n);
		if (OBJ_obj2nid(one->method) != method ||
		    one->location->type != GEN_URI)
			continue;
		copy = OPENSSL_strndup((const char *)ASN1_STRING_get0_data(
					   one->location->d
					       .uniformResourceIdentifier),
		    (size_t)ASN1_STRING_length(
			one->location->d.uniformResourceIdentifier));
		if (copy == NULL || sk_OPENSSL_STRING_push(all, copy) <= 0)
			OPENSSL_free(copy);
	}
	AUTHORITY_INFO_ACCESS_free(info);
	return all;
}

static void
free_text(char *text)
{
	OPENSSL_free(text);
}

/* The addresses of complete lists (RFC 5280, 4.2.1.13). */
static STACK_OF(OPENSSL_STRING) * list_addresses(X509 *cert)
{
	STACK_OF(OPENSSL_STRING) *all = sk_OPENSSL_STRING_new_null();
	CRL_DIST_POINTS *points =
	    X509_get_ext_d2i(cert, NID_crl_distribution_points, NULL, NULL);
	const GENERAL_NAME *name;
	const DIST_POINT *point;
	char *copy;
	int n, i;

	for (n = 0; n < sk_DIST_POINT_num(points); n++) {
		point = sk_DIST_POINT_value(points, n);
		if (point->distpoint == NULL || point->distpoint->type != 0 ||
		    point->reasons != NULL || point->CRLissuer != NULL)
			continue;
		for (i = 0;
		     i < sk_GENERAL_NAME_num(point->distpoint->name.fullname);
		     i++) {
			name = sk_GENERAL_NAME_value(point->distpoint->name
							 .fullname,
			    i);
			if (name->type != GEN_URI)
				continue;
			copy =
			    OPENSSL_strndup((const char *)ASN1_STRING_get0_data(
						name->d
						    .uniformResourceIdentifier),
				(size_t)ASN1_STRING_length(
				    name->d.uniformResourceIdentifier));
			if (copy == NULL ||
			    sk_OPENSSL_STRING_push(all, copy) <= 0)
				OPENSSL_free(copy);
		}
	}
	CRL_DIST_POINTS_free(points);
	return all;
}

static enum ev_rc
get(const struct keeping *k, const char *url, struct ev_bytes request,
    struct ev_buf *reply, struct ev_err *err)
{
	const bool post = request.data != NULL;
	const struct ev_fetch what = {
		.url = url,
		.seconds = k->how->seconds,
		.tries = k->how->tries,
		.request = request,
		.type = post ? "application/ocsp-request" : NULL,
		.expect = post ? "application/ocsp-response" : NULL,
		.limit = EV_KEPT_LIMIT,
	};

	ev_buf_clear(reply);
	return ev_fetch(&what, reply, err);
}

/* One certificate in DER, or those of a certs-only CMS. */
static X509 *
issuer_from(struct ev_bytes der, X509 *cert)
{
	const unsigned char *p = der.data;
	STACK_OF(X509) *one = sk_X509_new_null();
	X509 *found = NULL, *single = d2i_X509(NULL, &p, (long)der.len);
	PKCS7 *p7 = NULL;

	if (single != NULL && one != NULL && sk_X509_push(one, single) > 0)
		found = issuer_in(one, cert);
	p = der.data;
	if (single == NULL)
		p7 = d2i_PKCS7(NULL, &p, (long)der.len);
	if (p7 != NULL && PKCS7_type_is_signed(p7) && p7->d.sign != NULL)
		found = issuer_in(p7->d.sign->cert, cert);
	if (found != NULL)
		(void)X509_up_ref(found);
	sk_X509_free(one);
	X509_free(single);
	PKCS7_free(p7);
	ev_ossl_clear();
	return found;
}

/* The issuer by its address; borrowed from what is then at hand, or NULL. */
static enum ev_rc
fetch_issuer(const struct keeping *k, X509 *cert, X509 **issuer,
    struct ev_err *err)
{
	STACK_OF(OPENSSL_STRING) *urls = addresses(cert, NID_ad_ca_issuers);
	struct ev_buf reply;
	struct ev_err why;
	X509 *found = NULL;
	enum ev_rc rc = EV_OK;
	int n;

	ev_buf_init(&reply, EV_KEPT_LIMIT);
	for (n = 0;
	     rc == EV_OK && found == NULL && n < sk_OPENSSL_STRING_num(urls);
	     n++) {
		const char *url = sk_OPENSSL_STRING_value(urls, n);

		if (get(k, url, EV_BYTES(NULL, 0), &reply, &why) != EV_OK) {
			k->how->unkept(k->how->ctx, "certificate", url,
			    why.msg);
			continue;
		}
		found = issuer_from(EV_BYTES_BUF(&reply), cert);
		if (found == NULL)
			k->how->unkept(k->how->ctx, "certificate", url,
			    "not the issuer of the authority's certificate");
		else
			rc = keep_cert(k->how, found, url, err);
	}
	X509_free(found);
	sk_OPENSSL_STRING_pop_free(urls, free_text);
	ev_buf_release(&reply);
	*issuer = issuer_in(k->how->at_hand->certs, cert);
	return rc;
}

static bool
spoken_of(const struct keeping *k, X509 *cert, X509 *issuer,
    STACK_OF(X509_CRL) * crls, STACK_OF(OCSP_BASICRESP) * responses)
{
	const struct ev_standing_ask ask = { .cert = cert,
		.issuer = issuer,
		.crls = { crls, NULL },
		.responses = responses,
		.at = k->at,
		.existed = k->at };
	char reason[EV_TRUST_REASON];

	return ev_cert_standing(&ask, reason) != EV_STANDING_UNKNOWN;
}

/* Whether what was fetched speaks of the certificate at that instant. */
static bool
is_fit(const struct keeping *k, X509 *cert, X509 *issuer, bool ocsp,
    struct ev_bytes der)
{
	const unsigned char *p = der.data;
	STACK_OF(X509_CRL) *crls = sk_X509_CRL_new_null();
	STACK_OF(OCSP_BASICRESP) *all = sk_OCSP_BASICRESP_new_null();
	OCSP_BASICRESP *response = ocsp ? ev_ocsp_read(der) : NULL;
	X509_CRL *crl = ocsp ? NULL : d2i_X509_CRL(NULL, &p, (long)der.len);
	bool fit = crls != NULL && all != NULL &&
		   (response != NULL ||
		       (crl != NULL &&
			   p == (const unsigned char *)der.data + der.len));

	if (fit && crl != NULL)
		fit = sk_X509_CRL_push(crls, crl) > 0;
	if (fit && response != NULL)
		fit = sk_OCSP_BASICRESP_push(all, response) > 0;
	fit = fit && spoken_of(k, cert, issuer, crls, all);
	sk_X509_CRL_free(crls);
	sk_OCSP_BASICRESP_free(all);
	X509_CRL_free(crl);
	OCSP_BASICRESP_free(response);
	ev_ossl_clear();
	return fit;
}

/* A request in DER, for OPENSSL_free(); len 0 on failure (RFC 6960, 4.1). */
static struct ev_bytes
ask_for(X509 *cert, X509 *issuer)
{
	OCSP_REQUEST *request = OCSP_REQUEST_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert, issuer);
	unsigned char *der = NULL;
	int len = -1;

	if (request != NULL && id != NULL &&
	    OCSP_request_add0_id(request, id) != NULL) {
		id = NULL;
		len = i2d_OCSP_REQUEST(request, &der);
	}
	OCSP_CERTID_free(id);
	OCSP_REQUEST_free(request);
	return EV_BYTES(der, len < 0 ? 0 : (size_t)len);
}

/* From the first address that has something fit. */
static enum ev_rc
fetch_saying(const struct keeping *k, X509 *cert, X509 *issuer, bool ocsp,
    struct ev_err *err)
{
	STACK_OF(OPENSSL_STRING) *urls =
	    ocsp ? addresses(cert, NID_ad_OCSP) : list_addresses(cert);
	const char *kind = ocsp ? "ocsp" : "crl";
	struct ev_bytes request = EV_BYTES(NULL, 0);
	struct ev_buf reply;
	struct ev_err why;
	enum ev_rc rc = EV_OK;
	bool had = false;
	int n;

	ev_buf_init(&reply, EV_KEPT_LIMIT);
	if (ocsp && sk_OPENSSL_STRING_num(urls) > 0)
		request = ask_for(cert, issuer);
	for (n = 0; rc == EV_OK && !had && n < sk_OPENSSL_STRING_num(urls);
	     n++) {
		const char *url = sk_OPENSSL_STRING_value(urls, n);

		if (get(k, url, request, &reply, &why) != EV_OK) {
			k->how->unkept(k->how->ctx, kind, url, why.msg);
			continue;
		}
		had = is_fit(k, cert, issuer, ocsp, EV_BYTES_BUF(&reply));
		if (had)
			rc = keep(k->how, kind, url, EV_BYTES_BUF(&reply), err);
		else
			k->how->unkept(k->how->ctx, kind, url,
			    "does not speak of the authority's certificate at"
			    " that time");
	}
	OPENSSL_free((void *)(uintptr_t)request.data);
	sk_OPENSSL_STRING_pop_free(urls, free_text);
	ev_buf_release(&reply);
	return rc;
}

static enum ev_rc
keep_sayings(const struct keeping *k, X509 *cert, X509 *issuer,
    struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	if (!k->how->fetch)
		return EV_OK;
	if (!spoken_of(k, cert, issuer, k->how->at_hand->crls, NULL))
		rc = fetch_saying(k, cert, issuer, false, err);
	if (rc == EV_OK &&
	    !spoken_of(k, cert, issuer, NULL, k->how->at_hand->responses))
		rc = fetch_saying(k, cert, issuer, true, err);
	return rc;
}

/* Upwards from the signer, as far as issuers are to be had. */
static enum ev_rc
climb(const struct keeping *k, X509 *cert, struct ev_err *err)
{
	X509 *issuer;
	enum ev_rc rc = EV_OK;
	int depth;

	for (depth = 0;
	     rc == EV_OK && depth < DEPTH && X509_self_signed(cert, 0) != 1;
	     depth++, cert = issuer) {
		issuer = issuer_in(k->how->at_hand->certs, cert);
		if (issuer == NULL) {
			issuer = issuer_in(k->enclosed, cert);
			if (issuer != NULL)
				rc = keep_cert(k->how, issuer, "token", err);
			else if (k->how->fetch)
				rc = fetch_issuer(k, cert, &issuer, err);
		}
		if (rc != EV_OK || issuer == NULL)
			return rc;
		rc = keep_sayings(k, cert, issuer, err);
	}
	return rc;
}

/* The one signer of a token; borrowed from p7, or NULL. */
static X509 *
signer_of(PKCS7 *p7)
{
	STACK_OF(X509) *signers = NULL;
	X509 *signer = NULL;

	if (p7 != NULL && PKCS7_type_is_signed(p7) && p7->d.sign != NULL)
		signers = PKCS7_get0_signers(p7, NULL, 0);
	if (sk_X509_num(signers) == 1)
		signer = sk_X509_value(signers, 0);
	sk_X509_free(signers);
	return signer;
}

enum ev_rc
ev_keep_token(const struct ev_keep *how, struct ev_bytes token, int64_t at,
    struct ev_err *err)
{
	const unsigned char *p = token.data;
	struct keeping k = { .how = how, .at = at };
	PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)token.len);
	X509 *signer = signer_of(p7);
	enum ev_rc rc;

	if (signer == NULL) {
		rc = ev_fail_ossl(err, EV_INPUT, "the token has no signer");
	} else {
		k.enclosed = p7->d.sign->cert;
		rc = climb(&k, signer, err);
	}
	PKCS7_free(p7);
	ev_ossl_clear();
	return rc;
}

bool
ev_keep_covers(struct ev_trust *at_hand, struct ev_bytes token, int64_t at,
    char who[EV_CERT_NAME])
{
	const struct ev_keep how = { .at_hand = at_hand };
	const struct keeping k = { .how = &how, .at = at };
	const unsigned char *p = token.data;
	PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)token.len);
	X509 *cert = signer_of(p7), *issuer;
	struct ev_cert told;
	struct ev_err err;
	bool all = cert != NULL;
	int depth;

	who[0] = '\0';
	for (depth = 0; all && depth < DEPTH && X509_self_signed(cert, 0) != 1;
	     depth++, cert = issuer) {
		issuer = issuer_in(at_hand->certs, cert);
		all = issuer != NULL && spoken_of(&k, cert, issuer,
					    at_hand->crls, at_hand->responses);
		if (!all && ev_cert_fill(&told, cert, &err) == EV_OK)
			memcpy(who, told.subject, EV_CERT_NAME);
	}
	PKCS7_free(p7);
	ev_ossl_clear();
	return all;
}

static enum ev_rc
keep_pem(const struct ev_keep *how, const char *name, struct ev_bytes bytes,
    size_t *count, struct ev_err *err)
{
	BIO *bio = ev_bio_bytes(bytes);
	char *label = NULL, *header = NULL;
	unsigned char *der = NULL;
	enum ev_rc rc = EV_OK;
	long len = 0;
	size_t i;

	while (rc == EV_OK && bio != NULL &&
	       PEM_read_bio(bio, &label, &header, &der, &len) == 1) {
		for (i = 0; i < LABELS && strcmp(labels[i].label, label) != 0;
		     i++)
			;
		if (i == LABELS)
			rc = ev_fail(err, EV_INPUT,
			    "neither a certificate, a list nor a response:"
			    " %.40s",
			    label);
		else
			rc = keep(how, labels[i].kind, name,
			    EV_BYTES(der, (size_t)len), err);
		++*count;
		OPENSSL_free(label);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	BIO_free_all(bio);
	ev_ossl_clear();
	return rc;
}

enum ev_rc
ev_keep_file(const struct ev_keep *how, const char *name, struct ev_bytes bytes,
    struct ev_err *err)
{
	struct ev_err why;
	size_t count = 0, i;
	enum ev_rc rc;

	rc = keep_pem(how, name, bytes, &count, err);
	for (i = 0; rc == EV_OK && count == 0 && i < LABELS; i++) {
		const struct ev_kept one = { labels[i].kind, name, bytes };

		if (ev_keep_take(how->at_hand, &one, &why) != EV_OK)
			continue;
		count++;
		rc = how->kept(how->ctx, &one, err);
	}
	if (rc == EV_OK && count == 0)
		rc = ev_fail(err, EV_INPUT,
		    "neither a certificate, a list nor a response");
	return rc == EV_INPUT ? ev_fail_in(err, name) : rc;
}
