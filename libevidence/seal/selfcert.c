/* Keys for trying out, with certificates that they sign themselves. */
#include <openssl/x509v3.h>
#include <string.h>

#include "seal/signer.h"

enum { SERIAL_BITS = 159, X509_V3 = 2 };

static const int64_t second_us = 1000000;

static bool
put_serial(X509 *cert)
{
	BIGNUM *bn = BN_new();
	bool done;

	done = bn != NULL &&
	       BN_rand(bn, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) ==
		   1 &&
	       BN_to_ASN1_INTEGER(bn, X509_get_serialNumber(cert)) != NULL;
	BN_free(bn);
	return done;
}

static bool
put_name(X509 *cert, const struct ev_signer_wish *wish)
{
	X509_NAME *name = X509_NAME_new();
	const struct {
		int nid;
		const char *text;
	} part[] = {
		{ NID_organizationName, wish->office },
		{ NID_commonName, wish->name },
	};
	bool done = name != NULL;
	size_t n;

	for (n = 0; done && n < sizeof(part) / sizeof(part[0]); n++) {
		if (part[n].text == NULL || part[n].text[0] == '\0')
			continue;
		done =
		    X509_NAME_add_entry_by_NID(name, part[n].nid, MBSTRING_UTF8,
			(const unsigned char *)part[n].text, -1, -1, 0) == 1;
	}
	done = done && X509_set_subject_name(cert, name) == 1 &&
	       X509_set_issuer_name(cert, name) == 1;
	X509_NAME_free(name);
	return done;
}

static bool
put_extensions(X509 *cert, bool stamps)
{
	const struct {
		const char *value;
		int nid;
		bool wanted;
	} extension[] = {
		{ "critical,CA:FALSE", NID_basic_constraints, true },
		{ "critical,digitalSignature,nonRepudiation", NID_key_usage,
		    !stamps },
		{ "critical,digitalSignature", NID_key_usage, stamps },
		{ "critical,timeStamping", NID_ext_key_usage, stamps },
		{ "hash", NID_subject_key_identifier, true },
	};
	X509_EXTENSION *ext;
	X509V3_CTX ctx;
	bool done = true;
	size_t n;

	X509V3_set_ctx(&ctx, cert, cert, NULL, NULL, 0);
	for (n = 0; done && n < sizeof(extension) / sizeof(extension[0]); n++) {
		if (!extension[n].wanted)
			continue;
		ext = X509V3_EXT_nconf_nid(NULL, &ctx, extension[n].nid,
		    extension[n].value);
		done = ext != NULL && X509_add_ext(cert, ext, -1) == 1;
		X509_EXTENSION_free(ext);
	}
	return done;
}

static bool
put_validity(X509 *cert, const struct ev_signer_wish *wish)
{
	return ASN1_TIME_set(X509_getm_notBefore(cert),
		   (time_t)(wish->from / second_us)) != NULL &&
	       ASN1_TIME_set(X509_getm_notAfter(cert),
		   (time_t)(wish->until / second_us)) != NULL;
}

enum ev_rc
ev_signer_make(struct ev_signer **out, const struct ev_signer_wish *wish,
    struct ev_err *err)
{
	struct ev_signer *s;
	enum ev_rc rc;
	bool done;

	if (wish->name == NULL || wish->name[0] == '\0')
		return ev_fail(err, EV_USE,
		    "a key needs the name of its owner");
	rc = ev_signer_new(out, err);
	if (rc != EV_OK)
		return rc;
	s = *out;
	s->key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	s->cert = X509_new();
	done = s->key != NULL && s->cert != NULL &&
	       X509_set_version(s->cert, X509_V3) == 1 && put_serial(s->cert) &&
	       put_name(s->cert, wish) && put_validity(s->cert, wish) &&
	       X509_set_pubkey(s->cert, s->key) == 1 &&
	       put_extensions(s->cert, wish->stamps) &&
	       X509_sign(s->cert, s->key, EVP_sha256()) > 0;
	if (!done) {
		rc = ev_fail_ossl(err, EV_CRYPTO,
		    "cannot make a key for '%.64s'", wish->name);
		ev_signer_free(s);
		*out = NULL;
	}
	return rc;
}
