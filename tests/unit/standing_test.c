/* seal/standing: which lists and responses count, for when, and for what. */
#include <openssl/ocsp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "issuing.h"
#include "seal/x509.h"

enum { NO_REASON = -1, NO_DATE = -1, NEVER = -1, S = 1000000 };

/* One authority and whom it certified; a stranger of the same name. */
static EVP_PKEY *ca_key, *key, *other_key;
static X509 *ca, *cert, *other_ca;

/* What a list says; times are seconds behind 1970. */
struct list {
	time_t from, until;    /* NEVER: no next update */
	time_t since, invalid; /* NO_DATE: not revoked; no such extension */
	int reason;            /* NO_REASON */
	const char *usage;     /* of the issuer; NULL: not told */
	const char *points;    /* an issuing distribution point */
	const char *unknown;   /* an extension that nobody knows */
	const EVP_MD *md;
	X509 *issuer;
	EVP_PKEY *key;
};

static int
set_up(void **state)
{
	(void)state;
	ca_key = ec_key("P-256");
	key = ec_key("P-256");
	other_key = ec_key("P-256");
	ca = issue(ca_key, "Authority", NULL, ca_key, EVP_sha256(), -4000);
	other_ca =
	    issue(other_key, "Authority", NULL, other_key, EVP_sha256(), -4000);
	cert = issue(key, "Leaf", ca, ca_key, EVP_sha256(), -4000);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	X509_free(ca);
	X509_free(other_ca);
	X509_free(cert);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other_key);
	return 0;
}

static void
put_entry(X509_CRL *crl, const struct list *l, X509 *who)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *at = ASN1_TIME_set(NULL, l->since);
	ASN1_GENERALIZEDTIME *invalid;
	ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

	assert_int_equal(X509_REVOKED_set_serialNumber(entry,
			     X509_get_serialNumber(who)),
	    1);
	assert_int_equal(X509_REVOKED_set_revocationDate(entry, at), 1);
	if (l->reason != NO_REASON) {
		assert_int_equal(ASN1_ENUMERATED_set(reason, l->reason), 1);
		assert_int_equal(X509_REVOKED_add1_ext_i2d(entry,
				     NID_crl_reason, reason, 0, 0),
		    1);
	}
	if (l->invalid != NO_DATE) {
		invalid = ASN1_GENERALIZEDTIME_set(NULL, l->invalid);
		assert_int_equal(X509_REVOKED_add1_ext_i2d(entry,
				     NID_invalidity_date, invalid, 0, 0),
		    1);
		ASN1_GENERALIZEDTIME_free(invalid);
	}
	assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
	ASN1_ENUMERATED_free(reason);
	ASN1_TIME_free(at);
}

static void
put_extension(X509_CRL *crl, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_nconf_nid(NULL, NULL, nid, value);

	assert_non_null(ext);
	assert_int_equal(X509_CRL_add_ext(crl, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

/* The list as a reader has it. */
static X509_CRL *
list_of(const struct list *l, X509 *who)
{
	X509_CRL *crl = X509_CRL_new(), *read;
	ASN1_TIME *at = ASN1_TIME_set(NULL, l->from);
	unsigned char *der = NULL;
	const unsigned char *p;
	int len;

	assert_int_equal(X509_CRL_set_version(crl, 1), 1);
	assert_int_equal(X509_CRL_set_issuer_name(crl,
			     X509_get_subject_name(l->issuer)),
	    1);
	assert_int_equal(X509_CRL_set1_lastUpdate(crl, at), 1);
	if (l->until != NEVER) {
		assert_non_null(ASN1_TIME_set(at, l->until));
		assert_int_equal(X509_CRL_set1_nextUpdate(crl, at), 1);
	}
	ASN1_TIME_free(at);
	if (l->since != NO_DATE)
		put_entry(crl, l, who);
	if (l->points != NULL)
		put_extension(crl, NID_issuing_distribution_point, l->points);
	if (l->unknown != NULL)
		put_extension(crl, NID_netscape_comment, l->unknown);
	assert_true(X509_CRL_sign(crl, l->key, l->md) > 0);
	len = i2d_X509_CRL(crl, &der);
	assert_true(len > 0);
	X509_CRL_free(crl);
	p = der;
	read = d2i_X509_CRL(NULL, &p, len);
	assert_non_null(read);
	OPENSSL_free(der);
	return read;
}

/* A fresh copy, without what OpenSSL has remembered of it. */
static X509 *
again(X509 *x)
{
	unsigned char *der = NULL;
	const unsigned char *p;
	const int len = i2d_X509(x, &der);
	X509 *read;

	p = der;
	read = d2i_X509(NULL, &p, len);
	assert_non_null(read);
	OPENSSL_free(der);
	return read;
}

static X509 *
with_usage(X509 *x, EVP_PKEY *signer, int nid, const char *usage)
{
	X509_EXTENSION *ext = X509V3_EXT_nconf_nid(NULL, NULL, nid, usage);
	X509 *made = again(x), *read;

	assert_non_null(ext);
	assert_int_equal(X509_add_ext(made, ext, -1), 1);
	assert_true(X509_sign(made, signer, EVP_sha256()) > 0);
	X509_EXTENSION_free(ext);
	read = again(made);
	X509_free(made);
	return read;
}

static char reason[EV_TRUST_REASON];

/* Ask of who, by one list or one response; times in microseconds. */
static enum ev_standing
ask_with(X509_CRL *crl, OCSP_BASICRESP *response, X509 *who, X509 *issuer,
    int64_t at, int64_t existed)
{
	struct ev_standing_ask ask = { .cert = who,
		.issuer = issuer,
		.at = at,
		.existed = existed };
	enum ev_standing standing;

	ask.crls[1] = crl == NULL ? NULL : sk_X509_CRL_new_null();
	if (crl != NULL)
		assert_true(sk_X509_CRL_push(ask.crls[1], crl) > 0);
	if (response != NULL) {
		ask.responses = sk_OCSP_BASICRESP_new_null();
		assert_true(
		    sk_OCSP_BASICRESP_push(ask.responses, response) > 0);
	}
	memset(reason, 0, sizeof(reason));
	standing = ev_cert_standing(&ask, reason);
	sk_X509_CRL_free(ask.crls[1]);
	sk_OCSP_BASICRESP_free(ask.responses);
	return standing;
}

static enum ev_standing
ask_list(const struct list *l, X509 *who, int64_t at, int64_t existed)
{
	X509 *issuer = l->usage == NULL
			   ? again(ca)
			   : with_usage(ca, ca_key, NID_key_usage, l->usage);
	X509_CRL *crl = list_of(l, who);
	enum ev_standing standing =
	    ask_with(crl, NULL, who, issuer, at, existed);

	X509_CRL_free(crl);
	X509_free(issuer);
	return standing;
}

static struct list
plain_list(void)
{
	return (struct list){ .from = 100,
		.until = 200,
		.since = NO_DATE,
		.invalid = NO_DATE,
		.reason = NO_REASON,
		.md = EVP_sha256(),
		.issuer = ca,
		.key = ca_key };
}

static void
a_list_speaks_of_the_time_it_is_in_force_and_before(void **state)
{
	static const struct {
		time_t from, until;
		int64_t at;
		enum ev_standing standing;
	} row[] = {
		{ 100, 200, INT64_C(150) * S, EV_STANDING_GOOD },
		{ 100, 200, INT64_C(200) * S, EV_STANDING_GOOD },
		{ 100, 200, INT64_C(200) * S + 1, EV_STANDING_UNKNOWN },
		{ 100, 200, INT64_C(50) * S, EV_STANDING_GOOD },
		/* Within its first second, which is all that it tells. */
		{ 100, NEVER, INT64_C(100) * S + 999999, EV_STANDING_GOOD },
		{ 100, NEVER, INT64_C(101) * S, EV_STANDING_UNKNOWN },
		{ -1, NEVER, -1, EV_STANDING_GOOD },
		{ -1, NEVER, -S, EV_STANDING_GOOD },
		{ -1, NEVER, 0, EV_STANDING_UNKNOWN },
		/* Made when the certificate would be listed no more. */
		{ 82400, 90000, INT64_C(50) * S, EV_STANDING_GOOD },
		{ 82401, 90000, INT64_C(50) * S, EV_STANDING_UNKNOWN },
		{ 82401, 90000, INT64_C(82401) * S, EV_STANDING_UNKNOWN },
	};
	struct list l = plain_list();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		l.from = row[i].from;
		l.until = row[i].until;
		assert_int_equal(ask_list(&l, cert, row[i].at, row[i].at),
		    row[i].standing);
	}
	assert_string_equal(reason,
	    "no list of that time for CN=Leaf is at hand");
}

/* 0: given up; 1: the key was lost; 2: nobody says. */
static void
each_reason_tells_whether_the_key_was_lost(void **state)
{
	static const struct {
		int reason, kind;
	} row[] = {
		{ CRL_REASON_UNSPECIFIED, 0 },
		{ CRL_REASON_AFFILIATION_CHANGED, 0 },
		{ CRL_REASON_SUPERSEDED, 0 },
		{ CRL_REASON_CESSATION_OF_OPERATION, 0 },
		{ CRL_REASON_CERTIFICATE_HOLD, 0 },
		{ CRL_REASON_PRIVILEGE_WITHDRAWN, 0 },
		{ CRL_REASON_KEY_COMPROMISE, 1 },
		{ CRL_REASON_CA_COMPROMISE, 1 },
		{ CRL_REASON_AA_COMPROMISE, 1 }, { NO_REASON, 2 },
		{ 7, 2 }, /* not given out (RFC 5280, 5.3.1) */
	};
	static const char *const text[] = {
		"CN=Leaf: revoked on 1970-01-01T00:02:30Z",
		("CN=Leaf: revoked because the key was compromised, on "
		 "1970-01-01T00:02:30Z"),
		"CN=Leaf: revoked without a reason, on 1970-01-01T00:02:30Z",
	};
	const int64_t since = INT64_C(150) * S;
	struct list l = plain_list();
	size_t i;

	(void)state;
	l.since = 150;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		l.reason = row[i].reason;
		assert_int_equal(ask_list(&l, cert, since, 0),
		    EV_STANDING_REVOKED);
		assert_string_equal(reason, text[row[i].kind]);
		assert_int_equal(ask_list(&l, cert, since - 1, since - 1),
		    EV_STANDING_GOOD);
		assert_int_equal(ask_list(&l, cert, since - 1, since),
		    row[i].kind == 0 ? EV_STANDING_GOOD : EV_STANDING_REVOKED);
		/* Nothing shows when what it signed existed. */
		assert_int_equal(ask_list(&l, cert, since - 1, EV_TRUST_NOW),
		    row[i].kind == 0 ? EV_STANDING_GOOD : EV_STANDING_REVOKED);
	}
}

static void
a_key_was_lost_when_that_happened_not_when_it_was_listed(void **state)
{
	struct list l = plain_list();

	(void)state;
	l.since = 150;
	l.invalid = 120;
	l.reason = CRL_REASON_KEY_COMPROMISE;
	assert_int_equal(ask_list(&l, cert, INT64_C(110) * S,
			     INT64_C(120) * S - 1),
	    EV_STANDING_GOOD);
	assert_int_equal(ask_list(&l, cert, INT64_C(110) * S, INT64_C(120) * S),
	    EV_STANDING_REVOKED);
	l.invalid = 180;
	assert_int_equal(ask_list(&l, cert, INT64_C(110) * S, INT64_C(150) * S),
	    EV_STANDING_REVOKED);
	l.reason = CRL_REASON_SUPERSEDED;
	l.invalid = 120;
	assert_int_equal(ask_list(&l, cert, INT64_C(110) * S, INT64_C(130) * S),
	    EV_STANDING_GOOD);
}

/* All that the list says is of the certificate's issuer, and of all of it. */
static void
a_list_that_may_leave_it_out_tells_nothing(void **state)
{
	const int64_t at = INT64_C(150) * S;
	struct list l = plain_list();

	(void)state;
	l.unknown = "whatever";
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_GOOD);
	l.unknown = "critical,whatever";
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_UNKNOWN);
	l.unknown = NULL;
	l.points = "critical,onlyuser:TRUE";
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_GOOD);
	assert_int_equal(ask_list(&l, ca, at, at), EV_STANDING_UNKNOWN);
	l.points = "critical,onlyCA:TRUE";
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_UNKNOWN);
	assert_int_equal(ask_list(&l, ca, at, at), EV_STANDING_GOOD);
	l.points = "critical,onlyAA:TRUE";
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_UNKNOWN);
	l.points = "critical,indirectCRL:TRUE";
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_UNKNOWN);
	l.points = "critical,onlysomereasons:keyCompromise";
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_UNKNOWN);
	l.points = NULL;
	l.usage = "critical,keyCertSign,cRLSign";
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_GOOD);
	l.usage = "critical,keyCertSign";
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_UNKNOWN);
}

static void
a_list_that_its_issuer_did_not_sign_tells_nothing(void **state)
{
	const int64_t at = INT64_C(150) * S;
	struct list l = plain_list();

	(void)state;
	l.md = EVP_sha384();
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_GOOD);
	l.md = EVP_sha512();
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_GOOD);
	l.md = EVP_sha1();
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_UNKNOWN);
	l.md = EVP_sha256();
	l.issuer = cert;
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_UNKNOWN);
	l.issuer = ca;
	l.key = other_key;
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_UNKNOWN);
	l.since = 120;
	assert_int_equal(ask_list(&l, cert, at, at), EV_STANDING_UNKNOWN);
}

/* What a response says, and who signed it. */
struct response {
	X509 *about, *signer;
	EVP_PKEY *key;
	const EVP_MD *md;
	int status, reason;
	unsigned long flags;
};

static OCSP_BASICRESP *
response_of(const struct response *r)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new(), *read;
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha256(), r->about, ca);
	ASN1_TIME *since = ASN1_GENERALIZEDTIME_set(NULL, 150);
	ASN1_TIME *from = ASN1_GENERALIZEDTIME_set(NULL, 100);
	ASN1_TIME *until = ASN1_GENERALIZEDTIME_set(NULL, 200);
	OCSP_RESPONSE *whole;
	unsigned char *der = NULL;
	int len;

	assert_non_null(OCSP_basic_add1_status(basic, id, r->status, r->reason,
	    since, from, until));
	assert_int_equal(OCSP_basic_sign(basic, r->signer, r->key, r->md, NULL,
			     r->flags),
	    1);
	whole = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	len = i2d_OCSP_RESPONSE(whole, &der);
	assert_true(len > 0);
	read = ev_ocsp_read(EV_BYTES(der, (size_t)len));
	assert_non_null(read);
	/* Neither less nor more. */
	assert_null(ev_ocsp_read(EV_BYTES(der, (size_t)len - 1)));
	der = OPENSSL_realloc(der, (size_t)len + 1);
	der[len] = 0;
	assert_null(ev_ocsp_read(EV_BYTES(der, (size_t)len + 1)));
	OPENSSL_free(der);
	OCSP_RESPONSE_free(whole);
	OCSP_BASICRESP_free(basic);
	OCSP_CERTID_free(id);
	ASN1_GENERALIZEDTIME_free(since);
	ASN1_GENERALIZEDTIME_free(from);
	ASN1_GENERALIZEDTIME_free(until);
	return read;
}

static enum ev_standing
ask_response(const struct response *r, int64_t at, int64_t existed)
{
	OCSP_BASICRESP *basic = response_of(r);
	enum ev_standing standing =
	    ask_with(NULL, basic, cert, ca, at, existed);

	OCSP_BASICRESP_free(basic);
	return standing;
}

static struct response
plain_response(void)
{
	return (struct response){ .about = cert,
		.signer = ca,
		.key = ca_key,
		.md = EVP_sha256(),
		.status = V_OCSP_CERTSTATUS_GOOD,
		.reason = NO_REASON };
}

static void
a_response_speaks_of_its_time_and_certificate(void **state)
{
	const int64_t at = INT64_C(150) * S;
	struct response r = plain_response();
	X509 *other = issue(key, "Leaf", other_ca, other_key, EVP_sha256(), 0);

	(void)state;
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_GOOD);
	assert_int_equal(ask_response(&r, INT64_C(200) * S, at),
	    EV_STANDING_GOOD);
	assert_int_equal(ask_response(&r, INT64_C(200) * S + 1, at),
	    EV_STANDING_UNKNOWN);
	r.status = V_OCSP_CERTSTATUS_REVOKED;
	r.reason = OCSP_REVOKED_STATUS_SUPERSEDED;
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_REVOKED);
	assert_string_equal(reason, "CN=Leaf: revoked on 1970-01-01T00:02:30Z");
	assert_int_equal(ask_response(&r, at - 1, EV_TRUST_NOW),
	    EV_STANDING_GOOD);
	r.reason = OCSP_REVOKED_STATUS_KEYCOMPROMISE;
	assert_int_equal(ask_response(&r, at - 1, at), EV_STANDING_REVOKED);
	assert_int_equal(ask_response(&r, at - 1, at - 1), EV_STANDING_GOOD);
	r.reason = NO_REASON;
	assert_int_equal(ask_response(&r, at - 1, at), EV_STANDING_REVOKED);
	assert_string_equal(reason,
	    "CN=Leaf: revoked without a reason, on 1970-01-01T00:02:30Z");
	r.status = V_OCSP_CERTSTATUS_UNKNOWN;
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	/* Of another number. */
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(other), 0xABD),
	    1);
	r = plain_response();
	r.about = other;
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	r.status = V_OCSP_CERTSTATUS_REVOKED;
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	X509_free(other);
}

/* RFC 6960, 4.2.2.2. */
static void
a_response_counts_if_its_signer_may_answer(void **state)
{
	const int64_t at = INT64_C(150) * S;
	const time_t today = time(NULL);
	const char *may = "OCSPSigning";
	struct response r = plain_response();
	X509 *plain, *weak;

	(void)state;
	r.md = EVP_sha1();
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	r.md = EVP_sha256();
	r.flags = OCSP_NOCERTS;
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_GOOD);
	r.flags = OCSP_RESPID_KEY;
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_GOOD);
	r.flags = 0;
	/* The authority's name and another's key. */
	r.signer = other_ca;
	r.key = other_key;
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	/* Whom it made a responder, while that one's certificate holds. */
	plain = issue(other_key, "Answers", ca, ca_key, EVP_sha256(), today);
	r.signer = plain;
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	r.signer = with_usage(plain, ca_key, NID_ext_key_usage, may);
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_GOOD);
	r.status = V_OCSP_CERTSTATUS_REVOKED;
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_REVOKED);
	r.status = V_OCSP_CERTSTATUS_GOOD;
	X509_free(r.signer);
	r.signer = with_usage(plain, ca_key, NID_ext_key_usage, "timeStamping");
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	X509_free(r.signer);
	r.signer = with_usage(plain, other_key, NID_ext_key_usage, may);
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	weak = again(r.signer);
	assert_true(X509_sign(weak, ca_key, EVP_sha1()) > 0);
	X509_free(r.signer);
	r.signer = again(weak);
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	X509_free(weak);
	X509_free(r.signer);
	X509_free(plain);
	plain =
	    issue(other_key, "Answers", ca, ca_key, EVP_sha256(), today + 3600);
	r.signer = with_usage(plain, ca_key, NID_ext_key_usage, may);
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	X509_free(r.signer);
	X509_free(plain);
	plain = issue(other_key, "Answers", ca, ca_key, EVP_sha256(),
	    today - 86400 - 3600);
	r.signer = with_usage(plain, ca_key, NID_ext_key_usage, may);
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	X509_free(r.signer);
	X509_free(plain);
	/* By another that it certified, in the name of one of its own. */
	plain = issue(other_key, "Answers", cert, ca_key, EVP_sha256(), today);
	r.signer = with_usage(plain, ca_key, NID_ext_key_usage, may);
	assert_int_equal(ask_response(&r, at, at), EV_STANDING_UNKNOWN);
	X509_free(r.signer);
	X509_free(plain);
}

static void
a_response_whose_signature_was_changed_tells_nothing(void **state)
{
	const int64_t at = INT64_C(150) * S;
	struct response r = plain_response();
	OCSP_BASICRESP *basic, *read;
	unsigned char *der = NULL;
	const unsigned char *p;
	int len, changed;

	(void)state;
	r.flags = OCSP_NOCERTS; /* then the signature stands last */
	basic = response_of(&r);
	len = i2d_OCSP_BASICRESP(basic, &der);
	assert_true(len > 0);
	for (changed = 0; changed < 2; changed++) {
		der[len - 1] ^= (unsigned char)changed;
		p = der;
		read = d2i_OCSP_BASICRESP(NULL, &p, len);
		assert_non_null(read);
		assert_int_equal(ask_with(NULL, read, cert, ca, at, at),
		    changed ? EV_STANDING_UNKNOWN : EV_STANDING_GOOD);
		OCSP_BASICRESP_free(read);
	}
	OPENSSL_free(der);
	OCSP_BASICRESP_free(basic);
}

static void
a_response_that_tells_of_a_failure_is_none(void **state)
{
	struct response r = plain_response();
	OCSP_BASICRESP *basic = response_of(&r);
	OCSP_RESPONSE *whole =
	    OCSP_response_create(OCSP_RESPONSE_STATUS_TRYLATER, basic);
	unsigned char *der = NULL;
	const int len = i2d_OCSP_RESPONSE(whole, &der);

	(void)state;
	assert_true(len > 0);
	assert_null(ev_ocsp_read(EV_BYTES(der, (size_t)len)));
	OPENSSL_free(der);
	OCSP_RESPONSE_free(whole);
	OCSP_BASICRESP_free(basic);
}

/* The one that revokes is heard, wherever it stands. */
static void
of_several_lists_one_that_revokes_is_enough(void **state)
{
	const int64_t at = INT64_C(150) * S;
	struct list l = plain_list();
	X509_CRL *good = list_of(&l, cert), *bad;
	struct ev_standing_ask ask = { .cert = cert,
		.issuer = ca,
		.at = at,
		.existed = at };
	int k;

	(void)state;
	l.since = 120;
	bad = list_of(&l, cert);
	for (k = 0; k < 4; k++) {
		ask.crls[0] = sk_X509_CRL_new_null();
		ask.crls[1] = sk_X509_CRL_new_null();
		assert_true(sk_X509_CRL_push(ask.crls[k / 2],
				k % 2 == 0 ? good : bad) > 0);
		assert_true(sk_X509_CRL_push(ask.crls[k / 2],
				k % 2 == 0 ? bad : good) > 0);
		assert_int_equal(ev_cert_standing(&ask, reason),
		    EV_STANDING_REVOKED);
		sk_X509_CRL_free(ask.crls[0]);
		sk_X509_CRL_free(ask.crls[1]);
	}
	X509_CRL_free(good);
	X509_CRL_free(bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_list_speaks_of_the_time_it_is_in_force_and_before),
		cmocka_unit_test(each_reason_tells_whether_the_key_was_lost),
		cmocka_unit_test(
		    a_key_was_lost_when_that_happened_not_when_it_was_listed),
		cmocka_unit_test(a_list_that_may_leave_it_out_tells_nothing),
		cmocka_unit_test(
		    a_list_that_its_issuer_did_not_sign_tells_nothing),
		cmocka_unit_test(a_response_speaks_of_its_time_and_certificate),
		cmocka_unit_test(a_response_counts_if_its_signer_may_answer),
		cmocka_unit_test(
		    a_response_whose_signature_was_changed_tells_nothing),
		cmocka_unit_test(a_response_that_tells_of_a_failure_is_none),
		cmocka_unit_test(of_several_lists_one_that_revokes_is_enough),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
