/* seal/signer: who may sign, and what travels with a signature. */
#include <openssl/err.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "issuing.h"
#include "signing.h"

static const int64_t second = 1000000;

/* Leaf below middle below root; and somebody else's. */
static EVP_PKEY *key, *middle_key, *root_key;
static X509 *leaf, *middle, *root, *other;

static int
set_up(void **state)
{
	X509_EXTENSION *ca;

	(void)state;
	key = ec_key("P-256");
	middle_key = ec_key("P-256");
	root_key = ec_key("P-256");
	root = issue(root_key, "Root", NULL, root_key, EVP_sha256(), 0);
	middle = issue(middle_key, "Middle", root, root_key, EVP_sha256(), 0);
	X509_EXTENSION_free(X509_delete_ext(middle, 0));
	ca = X509V3_EXT_nconf_nid(NULL, NULL, NID_basic_constraints,
	    "critical,CA:TRUE");
	assert_int_equal(X509_add_ext(middle, ca, -1), 1);
	X509_EXTENSION_free(ca);
	assert_true(X509_sign(middle, root_key, EVP_sha256()) > 0);
	leaf = issue(key, "Leaf", middle, middle_key, EVP_sha256(), 0);
	other = issue(root_key, "Other", NULL, root_key, EVP_sha256(), 0);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	X509_free(leaf);
	X509_free(middle);
	X509_free(root);
	X509_free(other);
	EVP_PKEY_free(key);
	EVP_PKEY_free(middle_key);
	EVP_PKEY_free(root_key);
	return 0;
}

static struct ev_signer *
signer_of(X509 *cert, EVP_PKEY *its_key)
{
	struct ev_signer *signer;
	struct ev_err err;

	assert_int_equal(ev_signer_new(&signer, &err), EV_OK);
	assert_int_equal(EVP_PKEY_up_ref(its_key), 1);
	assert_int_equal(X509_up_ref(cert), 1);
	signer->key = its_key;
	signer->cert = cert;
	return signer;
}

static void
give_cert(struct ev_signer *signer, X509 *cert)
{
	assert_int_equal(X509_up_ref(cert), 1);
	assert_true(sk_X509_push(signer->chain, cert) > 0);
}

/* A list by who has cert, from one second to another; revoked may be NULL. */
static X509_CRL *
give_list(struct ev_signer *signer, X509 *cert, EVP_PKEY *by, time_t from,
    X509 *revoked)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *time = ASN1_TIME_set(NULL, from);
	X509_REVOKED *entry;

	assert_int_equal(X509_CRL_set_version(crl, 1), 1);
	assert_int_equal(X509_CRL_set_issuer_name(crl,
			     X509_get_subject_name(cert)),
	    1);
	assert_int_equal(X509_CRL_set1_lastUpdate(crl, time), 1);
	assert_non_null(ASN1_TIME_set(time, from + 3600));
	assert_int_equal(X509_CRL_set1_nextUpdate(crl, time), 1);
	if (revoked != NULL) {
		entry = X509_REVOKED_new();
		assert_non_null(ASN1_TIME_set(time, from));
		assert_int_equal(X509_REVOKED_set_serialNumber(entry,
				     X509_get_serialNumber(revoked)),
		    1);
		assert_int_equal(X509_REVOKED_set_revocationDate(entry, time),
		    1);
		assert_int_equal(X509_CRL_add0_revoked(crl, entry), 1);
	}
	ASN1_TIME_free(time);
	assert_true(X509_CRL_sign(crl, by, EVP_sha256()) > 0);
	assert_true(sk_X509_CRL_push(signer->crls, crl) > 0);
	return crl;
}

static void
fits(const struct ev_signer *signer, int64_t at)
{
	struct ev_err err;

	assert_int_equal(ev_signer_fit(signer, at, &err), EV_OK);
}

static void
fits_not(const struct ev_signer *signer, int64_t at, const char *why)
{
	struct ev_buf p7s;
	struct ev_err err;

	assert_int_equal(ev_signer_fit(signer, at, &err), EV_INPUT);
	assert_non_null(strstr(err.msg, why));
	ev_buf_init(&p7s, 65536);
	assert_int_equal(ev_cades_sign(signer, CONTENT, at, &p7s, &err),
	    EV_INPUT);
	assert_non_null(strstr(err.msg, why));
	assert_int_equal(p7s.len, 0);
	ev_buf_release(&p7s);
}

static void
a_certificate_signs_while_it_is_valid(void **state)
{
	struct ev_signer *signer = signer_of(leaf, key);

	(void)state;
	fits(signer, 0);
	fits(signer, 86400 * second);
	fits_not(signer, -1,
	    "the certificate of 'CN=Leaf' is valid from 1970-01-01T00:00:00Z"
	    " on, and it is 1969-12-31T23:59:59Z");
	fits_not(signer, 86401 * second,
	    "the certificate of 'CN=Leaf' was valid until"
	    " 1970-01-02T00:00:00Z, and it is 1970-01-02T00:00:01Z");
	ev_signer_free(signer);
}

static void
a_certificate_signs_if_it_is_for_signatures(void **state)
{
	static const struct {
		const char *usage;
		bool good;
	} use[] = {
		{ "critical,digitalSignature", true },
		{ "critical,nonRepudiation", true },
		{ "critical,keyAgreement", false },
		{ "critical,keyCertSign,cRLSign", false },
	};
	struct ev_signer *signer;
	X509_EXTENSION *ext;
	X509 *cert;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(use) / sizeof(use[0]); n++) {
		cert = issue(key, "Use", NULL, key, EVP_sha256(), 0);
		ext = X509V3_EXT_nconf_nid(NULL, NULL, NID_key_usage,
		    use[n].usage);
		assert_int_equal(X509_add_ext(cert, ext, -1), 1);
		X509_EXTENSION_free(ext);
		assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
		signer = signer_of(cert, key);
		if (use[n].good)
			fits(signer, 1);
		else
			fits_not(signer, 1,
			    "the certificate of 'CN=Use' is not for"
			    " signatures");
		ev_signer_free(signer);
		X509_free(cert);
	}
}

static void
what_leads_upwards_travels_and_nothing_else(void **state)
{
	struct ev_signer *signer = signer_of(leaf, key);
	X509_CRL *of_root, *of_middle;
	STACK_OF(X509_CRL) * crls;
	STACK_OF(X509) * certs;
	struct ev_err err;

	(void)state;
	give_cert(signer, root);
	give_cert(signer, other);
	give_cert(signer, middle);
	give_cert(signer, leaf);
	of_root = give_list(signer, root, root_key, 0, NULL);
	(void)give_list(signer, other, root_key, 0, NULL);
	of_middle = give_list(signer, middle, middle_key, 0, NULL);
	(void)give_list(signer, leaf, key, 0, NULL);
	assert_int_equal(ev_signer_company(signer, &certs, &crls, &err), EV_OK);
	assert_int_equal(sk_X509_num(certs), 2);
	assert_ptr_equal(sk_X509_value(certs, 0), middle);
	assert_ptr_equal(sk_X509_value(certs, 1), root);
	assert_int_equal(sk_X509_CRL_num(crls), 2);
	assert_ptr_equal(sk_X509_CRL_value(crls, 0), of_root);
	assert_ptr_equal(sk_X509_CRL_value(crls, 1), of_middle);
	sk_X509_free(certs);
	sk_X509_CRL_free(crls);
	fits(signer, 1);
	ev_signer_free(signer);
}

static void
certificates_that_go_round_end(void **state)
{
	/* Two that certify each other. */
	EVP_PKEY *a_key = ec_key("P-256"), *b_key = ec_key("P-256");
	X509 *a_self = issue(a_key, "A", NULL, a_key, EVP_sha256(), 0);
	X509 *b_self = issue(b_key, "B", NULL, b_key, EVP_sha256(), 0);
	X509 *a = issue(a_key, "A", b_self, b_key, EVP_sha256(), 0);
	X509 *b = issue(b_key, "B", a_self, a_key, EVP_sha256(), 0);
	struct ev_signer *signer = signer_of(a, a_key);
	STACK_OF(X509_CRL) * crls;
	STACK_OF(X509) * certs;
	struct ev_err err;

	(void)state;
	give_cert(signer, b);
	give_cert(signer, a);
	assert_int_equal(ev_signer_company(signer, &certs, &crls, &err), EV_OK);
	assert_true(sk_X509_num(certs) <= 2);
	sk_X509_free(certs);
	sk_X509_CRL_free(crls);
	ev_signer_free(signer);
	X509_free(a_self);
	X509_free(b_self);
	X509_free(a);
	X509_free(b);
	EVP_PKEY_free(a_key);
	EVP_PKEY_free(b_key);
}

static void
a_list_that_names_the_signer_or_above_stops_it(void **state)
{
	struct ev_signer *signer = signer_of(leaf, key);

	(void)state;
	give_cert(signer, middle);
	give_cert(signer, root);
	(void)give_list(signer, root, root_key, 0, NULL);
	(void)give_list(signer, middle, middle_key, 0, leaf);
	fits_not(signer, second, "the list of revoked certificates: CN=Leaf");
	X509_CRL_free(sk_X509_CRL_pop(signer->crls));
	fits(signer, second);
	X509_CRL_free(sk_X509_CRL_pop(signer->crls));
	(void)give_list(signer, root, root_key, 0, middle);
	fits_not(signer, second, "the list of revoked certificates: CN=Middle");
	ev_signer_free(signer);
}

static void
a_list_that_is_out_of_date_stops_it(void **state)
{
	struct ev_signer *signer = signer_of(leaf, key);

	(void)state;
	give_cert(signer, middle);
	(void)give_list(signer, middle, middle_key, 0, NULL);
	fits(signer, 3599 * second);
	fits_not(signer, 7200 * second, "the list of revoked certificates");
	/* By somebody whose certificate is not there: nothing can be said. */
	X509_free(sk_X509_pop(signer->chain));
	fits(signer, 7200 * second);
	ev_signer_free(signer);
}

static void
a_chain_tells_whether_revocation_was_looked_at(void **state)
{
	struct ev_signer *signer = signer_of(leaf, key);
	struct ev_chain_ask ask = { .cert = leaf,
		.others = signer->chain,
		.crls = signer->crls,
		.purpose = X509_PURPOSE_ANY,
		.at = second };
	struct ev_trust *trust = NULL;
	struct ev_chain chain;
	struct ev_buf pem;
	struct ev_err err;

	(void)state;
	ev_buf_init(&pem, 65536);
	put_pem(&pem, root);
	assert_int_equal(ev_trust_add(&trust, EV_BYTES_BUF(&pem), &err), EV_OK);
	assert_int_equal(ev_chain_check(&chain, trust, &ask, &err), EV_OK);
	assert_int_equal(chain.state, EV_TRUST_FAILED);
	assert_string_equal(chain.reason,
	    "the certificate of CN=Middle, which issued that of CN=Leaf, is "
	    "neither there nor named");
	give_cert(signer, middle);
	assert_int_equal(ev_chain_check(&chain, trust, &ask, &err), EV_OK);
	assert_int_equal(chain.state, EV_TRUST_OK);
	assert_false(chain.revocation);
	assert_memory_equal(chain.reason, "revocation not checked: ", 24);
	(void)give_list(signer, middle, middle_key, 0, NULL);
	assert_int_equal(ev_chain_check(&chain, trust, &ask, &err), EV_OK);
	assert_int_equal(chain.state, EV_TRUST_OK);
	assert_false(chain.revocation);
	(void)give_list(signer, root, root_key, 0, NULL);
	assert_int_equal(ev_chain_check(&chain, trust, &ask, &err), EV_OK);
	assert_int_equal(chain.state, EV_TRUST_OK);
	assert_true(chain.revocation);
	assert_string_equal(chain.reason, "");
	X509_CRL_free(sk_X509_CRL_pop(signer->crls));
	(void)give_list(signer, root, root_key, 0, middle);
	assert_int_equal(ev_chain_check(&chain, trust, &ask, &err), EV_OK);
	assert_int_equal(chain.state, EV_TRUST_REVOKED);
	assert_true(chain.revocation);
	assert_memory_equal(chain.reason, "CN=Middle: ", 11);
	ev_trust_free(trust);
	ev_signer_free(signer);
	ev_buf_release(&pem);
}

/* PEM of a key and of certificates behind it. */
static void
put_all(struct ev_buf *pem, const struct ev_signer *a,
    const struct ev_signer *b)
{
	struct ev_err err;

	assert_int_equal(ev_pkey_write(a->key, NULL, pem, &err), EV_OK);
	if (b != NULL)
		assert_int_equal(ev_signer_cert_pem(b, pem, &err), EV_OK);
	assert_int_equal(ev_signer_cert_pem(a, pem, &err), EV_OK);
}

static void
its_own_certificate_is_found_among_others(void **state)
{
	struct ev_signer *a = person("A", false), *b = person("B", false);
	struct ev_signer *signer = NULL;
	struct ev_buf pem;
	struct ev_err err;

	(void)state;
	ev_buf_init(&pem, 65536);
	put_all(&pem, a, b);
	assert_int_equal(ev_signer_read(&signer, EV_BYTES_BUF(&pem), NULL,
			     &err),
	    EV_OK);
	assert_int_equal(ERR_peek_error(), 0);
	assert_int_equal(X509_cmp(signer->cert, a->cert), 0);
	assert_int_equal(sk_X509_num(signer->chain), 1);
	assert_int_equal(X509_cmp(sk_X509_value(signer->chain, 0), b->cert), 0);
	assert_int_equal(ev_signer_add(signer, EV_BYTES("x", 1), &err),
	    EV_INPUT);
	ev_signer_free(signer);
	ev_signer_free(a);
	ev_signer_free(b);
	ev_buf_release(&pem);
}

static void
give_name(struct ev_buf *der, X509 *cert)
{
	unsigned char *data = NULL;
	int len = i2d_X509(cert, &data);
	struct ev_err err;

	assert_true(len > 0);
	assert_int_equal(ev_buf_put(der, data, (size_t)len, &err), EV_OK);
	OPENSSL_free(data);
}

static void
a_known_certificate_comes_before_one_with_the_key(void **state)
{
	static const char path[] = "signer_test.pem";
	struct ev_signer *a = person("A", false), *signer = NULL;
	X509 *again = issue(a->key, "Again", NULL, a->key, EVP_sha256(), 0);
	struct ev_buf pem, der;
	struct ev_err err;
	FILE *file;

	(void)state;
	ev_buf_init(&pem, 65536);
	ev_buf_init(&der, 65536);
	put_all(&pem, a, NULL);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(pem.data, 1, pem.len, file), pem.len);
	assert_int_equal(fclose(file), 0);
	/* None known: the one with the key; then the first that fits. */
	assert_int_equal(ev_signer_load_known(&signer, path, EV_BYTES_BUF(&der),
			     NULL, &err),
	    EV_OK);
	assert_int_equal(X509_cmp(signer->cert, a->cert), 0);
	ev_signer_free(signer);
	give_name(&der, leaf);
	assert_int_equal(ev_signer_load_known(&signer, path, EV_BYTES_BUF(&der),
			     NULL, &err),
	    EV_OK);
	assert_int_equal(X509_cmp(signer->cert, a->cert), 0);
	ev_signer_free(signer);
	give_name(&der, again);
	give_name(&der, a->cert);
	assert_int_equal(ev_signer_load_known(&signer, path, EV_BYTES_BUF(&der),
			     NULL, &err),
	    EV_OK);
	assert_int_equal(X509_cmp(signer->cert, again), 0);
	ev_signer_free(signer);
	assert_int_equal(ev_signer_load_known(&signer, path, EV_BYTES("x", 1),
			     NULL, &err),
	    EV_CRYPTO);
	assert_null(signer);
	assert_int_equal(remove(path), 0);
	X509_free(again);
	ev_signer_free(a);
	ev_buf_release(&pem);
	ev_buf_release(&der);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_certificate_signs_while_it_is_valid),
		cmocka_unit_test(a_certificate_signs_if_it_is_for_signatures),
		cmocka_unit_test(what_leads_upwards_travels_and_nothing_else),
		cmocka_unit_test(certificates_that_go_round_end),
		cmocka_unit_test(
		    a_list_that_names_the_signer_or_above_stops_it),
		cmocka_unit_test(a_list_that_is_out_of_date_stops_it),
		cmocka_unit_test(
		    a_chain_tells_whether_revocation_was_looked_at),
		cmocka_unit_test(its_own_certificate_is_found_among_others),
		cmocka_unit_test(
		    a_known_certificate_comes_before_one_with_the_key),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
