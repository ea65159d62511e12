/* seal/cert, trust, ossl: what certificates say, to the letter. */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
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

static void
a_key_is_named_and_only_strong_ones_are_taken(void **state)
{
	static const struct {
		const char *type, *curve;
		size_t bits;
		const char *name;
		bool taken;
	} key[] = {
		{ "EC", "P-256", 0, "EC P-256", true },
		{ "EC", "P-384", 0, "EC P-384", true },
		{ "EC", "P-521", 0, "EC P-521", false },
		{ "EC", "brainpoolP256r1", 0, "EC brainpoolP256r1", false },
		{ "RSA", NULL, 3070, "RSA 3070", false },
		{ "RSA", NULL, 3072, "RSA 3072", true },
		{ "ED25519", NULL, 0, "ED25519 256", false },
		{ "X25519", NULL, 0, "X25519 253", false },
	};
	char name[32], want[128];
	struct ev_err err;
	EVP_PKEY *k;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(key) / sizeof(key[0]); n++) {
		if (key[n].curve != NULL)
			k = ec_key(key[n].curve);
		else if (key[n].bits != 0)
			k = EVP_PKEY_Q_keygen(NULL, NULL, key[n].type,
			    key[n].bits);
		else
			k = EVP_PKEY_Q_keygen(NULL, NULL, key[n].type);
		assert_non_null(k);
		assert_true(ev_key_name(name, k));
		assert_string_equal(name, key[n].name);
		assert_int_equal(ev_key_accept(k, &err),
		    key[n].taken ? EV_OK : EV_INPUT);
		(void)snprintf(want, sizeof(want),
		    "the key is %s: it must be EC P-256, EC P-384, or RSA of"
		    " at least 3072 bits",
		    name);
		if (!key[n].taken)
			assert_string_equal(err.msg, want);
		EVP_PKEY_free(k);
	}
}

static void
a_time_may_have_a_fraction(void **state)
{
	static const struct {
		const char *text;
		int64_t us;
	} time[] = {
		{ "19700101000000Z", 0 },
		{ "19700101000001.5Z", 1500000 },
		{ "19700101000000.000001Z", 1 },
		{ "19700101000000.1234567Z", 123456 },
		{ "19700101000000.909Z", 909000 },
		{ "19691231235959Z", -1000000 },
		{ "20000229123456Z", INT64_C(951827696000000) },
	};
	ASN1_TIME *t = ASN1_TIME_new();
	int64_t us;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(time) / sizeof(time[0]); n++) {
		t->type = V_ASN1_GENERALIZEDTIME;
		assert_int_equal(ASN1_STRING_set(t, time[n].text, -1), 1);
		us = 7;
		assert_true(ev_asn1_time(&us, t));
		assert_int_equal(us, time[n].us);
	}
	assert_int_equal(ASN1_STRING_set(t, "197001010000", -1), 1);
	assert_false(ev_asn1_time(&us, t));
	assert_false(ev_asn1_time(&us, NULL));
	ASN1_TIME_free(t);
}

static void
a_serial_number_is_lower_case_hex_that_fits(void **state)
{
	char text[EV_CERT_SERIAL], digits[128];
	ASN1_INTEGER *number;
	BIGNUM *bn = NULL;
	size_t len;

	(void)state;
	for (len = 60; len <= 66; len += 2) {
		memset(digits, 'A', len);
		digits[0] = '0';
		digits[1] = '9';
		digits[len - 1] = 'F';
		digits[len] = '\0';
		assert_true(BN_hex2bn(&bn, digits) > 0);
		number = BN_to_ASN1_INTEGER(bn, NULL);
		memcpy(text, "before", sizeof("before"));
		ev_asn1_hex(text, number);
		assert_int_equal(strlen(text), len < EV_CERT_SERIAL ? len : 0);
		if (len < EV_CERT_SERIAL) {
			assert_int_equal(text[1], '9');
			assert_int_equal(text[2], 'a');
			assert_int_equal(text[len - 1], 'f');
		}
		ASN1_INTEGER_free(number);
	}
	BN_free(bn);
}

static void
a_certificate_tells_who_issued_it(void **state)
{
	EVP_PKEY *ca_key = ec_key("P-384"), *key = ec_key("P-256");
	X509 *ca, *leaf;
	struct ev_buf pem, der;
	struct ev_cert one;
	unsigned char sha256[EV_SHA256];
	struct ev_err err;

	(void)state;
	ev_buf_init(&pem, 65536);
	ev_buf_init(&der, 65536);
	ca = issue(ca_key, "Root", NULL, ca_key, EVP_sha256(), 86400);
	leaf = issue(key, "Leaf", ca, ca_key, EVP_sha256(), 86400);
	put_pem(&pem, leaf);
	put_pem(&pem, ca);
	assert_int_equal(ev_cert_read(&one, EV_BYTES_BUF(&pem), &err), EV_OK);
	assert_string_equal(one.subject, "CN=Leaf");
	assert_string_equal(one.issuer, "CN=Root");
	assert_string_equal(one.serial, "0abc");
	assert_string_equal(one.key, "EC P-256");
	assert_false(one.self_signed);
	assert_int_equal(one.not_before, 86400 * second);
	assert_int_equal(one.not_after, 2 * 86400 * second);
	assert_int_equal(ev_cert_der(EV_BYTES_BUF(&pem), &der, &err), EV_OK);
	assert_int_equal(ev_sha256(sha256, der.data, der.len, &err), EV_OK);
	assert_memory_equal(sha256, one.sha256, EV_SHA256);
	/* Valid at both ends, and not a microsecond further. */
	assert_true(ev_cert_covers(&one, one.not_before));
	assert_false(ev_cert_covers(&one, one.not_before - 1));
	assert_true(ev_cert_covers(&one, one.not_after));
	assert_false(ev_cert_covers(&one, one.not_after + 1));
	ev_buf_clear(&pem);
	put_pem(&pem, ca);
	assert_int_equal(ev_cert_read(&one, EV_BYTES_BUF(&pem), &err), EV_OK);
	assert_true(one.self_signed);
	assert_string_equal(one.key, "EC P-384");
	X509_free(ca);
	X509_free(leaf);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	ev_buf_release(&pem);
	ev_buf_release(&der);
}

static void
a_long_name_is_cut_between_characters(void **state)
{
	X509_NAME *name = X509_NAME_new();
	EVP_PKEY *key = ec_key("P-256");
	X509 *cert = issue(key, "x", NULL, key, EVP_sha256(), 0);
	struct ev_cert one;
	struct ev_err err;
	char text[65];
	size_t n;

	(void)state;
	/* Four of 60 bytes, "OU=" before each and a comma between: 255. */
	for (n = 0; n < 60; n += 2)
		memcpy(text + n, "\xd8\xa7", 2);
	text[n] = '\0';
	for (n = 0; n < 4; n++) {
		assert_int_equal(X509_NAME_add_entry_by_NID(name,
				     NID_organizationalUnitName, MBSTRING_UTF8,
				     (const unsigned char *)text, -1, -1, 0),
		    1);
		assert_int_equal(X509_set_subject_name(cert, name), 1);
		assert_int_equal(ev_cert_fill(&one, cert, &err), EV_OK);
		assert_int_equal(strlen(one.subject), 64 * (n + 1) - 1);
	}
	/* 255 bytes fit; one more, and the letter goes whole. */
	assert_int_equal(X509_NAME_add_entry_by_NID(name, NID_commonName,
			     MBSTRING_UTF8, (const unsigned char *)"z", -1, 0,
			     0),
	    1);
	assert_int_equal(X509_set_subject_name(cert, name), 1);
	assert_int_equal(ev_cert_fill(&one, cert, &err), EV_OK);
	n = strlen(one.subject);
	assert_int_equal(n, EV_CERT_NAME - 1);
	assert_int_equal((unsigned char)one.subject[n - 1], 0xa7);
	X509_NAME_ENTRY_free(X509_NAME_delete_entry(name, 0));
	assert_int_equal(X509_NAME_add_entry_by_NID(name, NID_commonName,
			     MBSTRING_UTF8, (const unsigned char *)"yy", -1, 0,
			     0),
	    1);
	assert_int_equal(X509_set_subject_name(cert, name), 1);
	assert_int_equal(ev_cert_fill(&one, cert, &err), EV_OK);
	n = strlen(one.subject);
	assert_int_equal((unsigned char)one.subject[n - 1], 0xa7);
	X509_NAME_free(name);
	X509_free(cert);
	EVP_PKEY_free(key);
}

static void
what_is_no_certificate_is_refused(void **state)
{
	static const char key[] = "-----BEGIN PRIVATE KEY-----\n"
				  "AAAA\n-----END PRIVATE KEY-----\n";
	const struct ev_bytes bad[] = { EV_BYTES("", 0), EV_BYTES("x", 1),
		EV_BYTES(key, sizeof(key) - 1) };
	struct ev_trust *trust = NULL;
	struct ev_buf out;
	struct ev_cert cert;
	struct ev_err err;
	size_t n;

	(void)state;
	ev_buf_init(&out, 65536);
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		assert_int_equal(ev_cert_read(&cert, bad[n], &err), EV_INPUT);
		assert_string_equal(err.msg,
		    "no certificate, neither PEM nor DER");
		assert_int_equal(ev_cert_der(bad[n], &out, &err), EV_INPUT);
		assert_int_equal(ev_cert_pem(bad[n], &out, &err), EV_INPUT);
		assert_int_equal(out.len, 0);
		assert_int_equal(ev_trust_add(&trust, bad[n], &err), EV_INPUT);
		assert_string_equal(err.msg, "no certificate in PEM to trust");
	}
	assert_int_equal(ERR_peek_error(), 0);
	ev_trust_free(trust);
	ev_buf_release(&out);
}

static void
a_block_that_cannot_be_read_is_named(void **state)
{
	static const char *const bad[] = {
		"-----BEGIN CERTIFICATE-----\nAAAA\n-----END "
		"CERTIFICATE-----\n",
		"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
		"-----BEGIN OCSP RESPONSE-----\nAAAA\n"
		"-----END OCSP RESPONSE-----\n",
	};
	struct ev_trust *trust = NULL;
	struct ev_err err;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		assert_int_equal(ev_trust_add(&trust,
				     EV_BYTES(bad[n], strlen(bad[n])), &err),
		    EV_INPUT);
		assert_non_null(strstr(err.msg, "that cannot be read"));
	}
	ev_trust_free(trust);
}

/* What a chain from leaf to root is worth at an instant. */
static struct ev_chain
chain_of(X509 *leaf, X509 *named, int64_t at)
{
	const struct ev_chain_ask ask = { .cert = leaf,
		.purpose = X509_PURPOSE_ANY,
		.at = at };
	struct ev_trust *trust = NULL;
	struct ev_chain chain;
	struct ev_buf pem;
	struct ev_err err;

	memset(&chain, 0xff, sizeof(chain));
	ev_buf_init(&pem, 65536);
	if (named != NULL) {
		put_pem(&pem, named);
		assert_int_equal(ev_trust_add(&trust, EV_BYTES_BUF(&pem), &err),
		    EV_OK);
	}
	assert_int_equal(ev_chain_check(&chain, trust, &ask, &err), EV_OK);
	ev_trust_free(trust);
	ev_buf_release(&pem);
	return chain;
}

static void
a_chain_is_judged_at_the_instant_asked(void **state)
{
	EVP_PKEY *ca_key = ec_key("P-256"), *key = ec_key("P-256");
	X509 *ca = issue(ca_key, "Root", NULL, ca_key, EVP_sha256(), 0);
	X509 *leaf = issue(key, "Leaf", ca, ca_key, EVP_sha256(), 0);
	struct ev_chain chain;

	(void)state;
	chain = chain_of(leaf, NULL, 0);
	assert_int_equal(chain.state, EV_TRUST_NOT_CHECKED);
	assert_string_equal(chain.reason, "no trusted roots were given");
	chain = chain_of(leaf, ca, 0);
	assert_int_equal(chain.state, EV_TRUST_OK);
	assert_false(chain.revocation);
	/* A microsecond before the epoch is the second before it. */
	chain = chain_of(leaf, ca, -1);
	assert_int_equal(chain.state, EV_TRUST_FAILED);
	assert_non_null(strstr(chain.reason, "not yet valid"));
	chain = chain_of(leaf, ca, 86400 * second - 1);
	assert_int_equal(chain.state, EV_TRUST_OK);
	chain = chain_of(leaf, ca, 86400 * second);
	assert_int_equal(chain.state, EV_TRUST_FAILED);
	assert_string_equal(chain.reason, "certificate has expired");
	/* The user may name the certificate itself. */
	chain = chain_of(leaf, leaf, 1);
	assert_int_equal(chain.state, EV_TRUST_OK);
	assert_false(chain.revocation);
	assert_string_equal(chain.reason,
	    "revocation not checked: you named the certificate itself");
	X509_free(leaf);
	X509_free(ca);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
}

static void
a_weak_link_breaks_a_chain(void **state)
{
	EVP_PKEY *ca_key = ec_key("P-256"), *key = ec_key("P-256");
	EVP_PKEY *weak = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	X509 *ca = issue(ca_key, "Root", NULL, ca_key, EVP_sha256(), 0);
	X509 *weak_ca = issue(weak, "Weak", NULL, weak, EVP_sha256(), 0);
	X509 *sha1 = issue(key, "Leaf", ca, ca_key, EVP_sha1(), 0);
	X509 *below = issue(key, "Leaf", weak_ca, weak, EVP_sha256(), 0);

	(void)state;
	assert_int_equal(chain_of(sha1, ca, 1).state, EV_TRUST_FAILED);
	assert_int_equal(chain_of(below, weak_ca, 1).state, EV_TRUST_FAILED);
	X509_free(ca);
	X509_free(weak_ca);
	X509_free(sha1);
	X509_free(below);
	EVP_PKEY_free(ca_key);
	EVP_PKEY_free(key);
	EVP_PKEY_free(weak);
}

static void
a_trust_state_has_a_word(void **state)
{
	(void)state;
	assert_string_equal(ev_trust_word(EV_TRUST_NOT_CHECKED), "not checked");
	assert_string_equal(ev_trust_word(EV_TRUST_OK), "ok");
	assert_string_equal(ev_trust_word(EV_TRUST_FAILED), "failed");
	assert_string_equal(ev_trust_word(EV_TRUST_REVOKED), "revoked");
	assert_string_equal(ev_trust_word((enum ev_trust_state)99), "?");
	ev_trust_free(NULL);
	ev_trust_existed(NULL, 0);
}

static void
an_openssl_failure_carries_its_reason_once(void **state)
{
	struct ev_err err = { .errnum = 5 };

	(void)state;
	ERR_clear_error();
	assert_int_equal(ev_fail_ossl(&err, EV_CRYPTO, "cannot %s", "do"),
	    EV_CRYPTO);
	assert_string_equal(err.msg, "cannot do");
	assert_int_equal(err.rc, EV_CRYPTO);
	assert_int_equal(err.errnum, 0);
	ERR_raise(ERR_LIB_PEM, PEM_R_BAD_END_LINE);
	ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
	assert_int_equal(ev_fail_ossl(&err, EV_INPUT, "cannot read"), EV_INPUT);
	assert_string_equal(err.msg, "cannot read: no start line");
	assert_int_equal(ERR_peek_error(), 0);
	ERR_raise(ERR_LIB_PEM, PEM_R_BAD_END_LINE);
	ev_ossl_clear();
	assert_int_equal(ERR_peek_error(), 0);
}

static void
a_bio_gives_what_was_written_and_no_less(void **state)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct ev_buf out;
	struct ev_err err;
	char piece[8];

	(void)state;
	ev_buf_init(&out, 64);
	assert_int_equal(ev_bio_take(bio, &out, &err), EV_CRYPTO);
	assert_string_equal(err.msg, "nothing was written");
	assert_int_equal(BIO_puts(bio, "text"), 4);
	assert_int_equal(ev_bio_take(bio, &out, &err), EV_OK);
	assert_string_equal(ev_buf_text(&out), "text");
	BIO_free_all(bio);
	bio = ev_bio_bytes(EV_BYTES("", 0));
	assert_non_null(bio);
	assert_true(BIO_read(bio, piece, sizeof(piece)) <= 0);
	BIO_free_all(bio);
	bio = ev_bio_bytes(EV_BYTES("ab", 2));
	assert_int_equal(BIO_read(bio, piece, sizeof(piece)), 2);
	BIO_free_all(bio);
	assert_null(ev_bio_bytes(EV_BYTES("", (size_t)INT32_MAX + 1)));
	bio = ev_bio_bytes(EV_BYTES("", INT32_MAX));
	assert_non_null(bio);
	BIO_free_all(bio);
	ev_buf_release(&out);
}

/* A person who is asked: how often, and what they say. */
struct answer {
	const char *text;
	enum ev_rc rc;
	int asked;
	char what[EV_KEY_WHAT];
};

static enum ev_rc
reply(void *ctx, const char *what, struct ev_buf *secret, struct ev_err *err)
{
	struct answer *a = ctx;

	a->asked++;
	(void)snprintf(a->what, sizeof(a->what), "%s", what);
	if (a->rc != EV_OK)
		return ev_fail(err, a->rc, "nobody there");
	return ev_buf_puts(secret, a->text, err);
}

static void
a_passphrase_is_asked_for_once(void **state)
{
	struct answer a = { "1234", EV_OK, 0, "" };
	const struct ev_pass pass = { &a, reply };
	struct ev_pass_call call = { .pass = &pass, .what = "'k'" };
	struct ev_err err;
	char out[8] = "";

	(void)state;
	assert_int_equal(ev_pass_pem(out, sizeof(out), 0, &call), 4);
	assert_memory_equal(out, "1234", 4);
	assert_int_equal(ev_pass_pem(out, sizeof(out), 0, &call), 4);
	assert_int_equal(a.asked, 1);
	assert_string_equal(a.what, "'k'");
	assert_int_equal(ev_pass_fail(&call, &err), EV_INPUT);
	assert_string_equal(err.msg, "cannot decrypt 'k': wrong passphrase?");
	ev_pass_end(&call);
	/* As long as there is room, and no longer. */
	call = (struct ev_pass_call){ .pass = &pass, .what = "'k'" };
	assert_int_equal(ev_pass_pem(out, 4, 0, &call), 4);
	assert_int_equal(ev_pass_pem(out, 3, 0, &call), -1);
	assert_int_equal(ev_pass_fail(&call, &err), EV_LIMIT);
	assert_string_equal(err.msg, "a passphrase of more than 3 bytes");
	ev_pass_end(&call);
	/* A token gets one PIN, not the same wrong one again. */
	call = (struct ev_pass_call){ .pass = &pass,
		.what = "'t'",
		.token = true };
	assert_int_equal(ev_pass_pem(out, sizeof(out), 0, &call), 4);
	assert_int_equal(ev_pass_pem(out, sizeof(out), 0, &call), -1);
	ERR_raise(ERR_LIB_PEM, PEM_R_BAD_END_LINE);
	ERR_raise(ERR_LIB_PEM, PEM_R_NO_START_LINE);
	assert_int_equal(ev_pass_fail(&call, &err), EV_INPUT);
	assert_string_equal(err.msg, "'t': bad end line");
	assert_int_equal(ERR_peek_error(), 0);
	ev_pass_end(&call);
	call.asked = false;
	assert_int_equal(ev_pass_fail(&call, &err), EV_INPUT);
	assert_string_equal(err.msg,
	    "'t': no such token, or no such key on it");
	/* An empty one is one. */
	a.text = "";
	call = (struct ev_pass_call){ .pass = &pass, .what = "'k'" };
	assert_int_equal(ev_pass_pem(out, sizeof(out), 0, &call), 0);
	ev_pass_end(&call);
}

static void
why_there_is_no_passphrase_is_told(void **state)
{
	struct answer a = { "", EV_SYS, 0, "" };
	const struct ev_pass pass = { &a, reply };
	struct ev_pass_call call = { .what = "'k'" };
	struct ev_signer *signer = person("A", false), *again = NULL;
	struct ev_buf pem;
	struct ev_err err;
	char out[8];

	(void)state;
	ev_buf_init(&pem, 65536);
	assert_int_equal(ev_pass_fail(&call, &err), EV_INPUT);
	assert_string_equal(err.msg, "cannot read 'k'");
	assert_int_equal(ev_pass_pem(out, sizeof(out), 0, &call), -1);
	assert_int_equal(ev_pass_fail(&call, &err), EV_USE);
	assert_string_equal(err.msg,
	    "'k' is encrypted and no passphrase was given");
	call = (struct ev_pass_call){ .what = "'t'", .token = true };
	assert_int_equal(ev_pass_pem(out, sizeof(out), 0, &call), -1);
	assert_int_equal(ev_pass_fail(&call, &err), EV_USE);
	assert_string_equal(err.msg, "'t' needs a PIN and none was given");
	ev_pass_end(&call);
	assert_int_equal(ev_signer_pem(signer, &pass, &pem, &err), EV_SYS);
	assert_string_equal(err.msg, "nobody there");
	assert_string_equal(a.what, "the new key");
	assert_int_equal(pem.len, 0);
	a.rc = EV_OK;
	a.text = "longer than it may be, for nobody types as much as 1024"
		 " characters: here they are not, but it goes";
	assert_int_equal(ev_signer_pem(signer, &pass, &pem, &err), EV_OK);
	a.rc = EV_LIMIT;
	assert_int_equal(ev_signer_read(&again, EV_BYTES_BUF(&pem), &pass,
			     &err),
	    EV_LIMIT);
	assert_null(again);
	ev_signer_free(signer);
	ev_buf_release(&pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_is_named_and_only_strong_ones_are_taken),
		cmocka_unit_test(a_time_may_have_a_fraction),
		cmocka_unit_test(a_serial_number_is_lower_case_hex_that_fits),
		cmocka_unit_test(a_certificate_tells_who_issued_it),
		cmocka_unit_test(a_long_name_is_cut_between_characters),
		cmocka_unit_test(what_is_no_certificate_is_refused),
		cmocka_unit_test(a_block_that_cannot_be_read_is_named),
		cmocka_unit_test(a_chain_is_judged_at_the_instant_asked),
		cmocka_unit_test(a_weak_link_breaks_a_chain),
		cmocka_unit_test(a_trust_state_has_a_word),
		cmocka_unit_test(an_openssl_failure_carries_its_reason_once),
		cmocka_unit_test(a_bio_gives_what_was_written_and_no_less),
		cmocka_unit_test(a_passphrase_is_asked_for_once),
		cmocka_unit_test(why_there_is_no_passphrase_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
