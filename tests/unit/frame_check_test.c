/* seal/frame: what no signature covers has one form only. */
#include <openssl/pkcs7.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "seal/signer.h"
#include "signing.h"

static struct ev_signer *signer;
static PKCS7 *p7;

static int
set_up(void **state)
{
	const unsigned char *p;
	struct ev_buf p7s;

	(void)state;
	signer = person("A", false);
	sign(signer, &p7s);
	p = p7s.data;
	p7 = d2i_PKCS7(NULL, &p, (long)p7s.len);
	assert_non_null(p7);
	ev_buf_release(&p7s);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	PKCS7_free(p7);
	ev_signer_free(signer);
	return 0;
}

static PKCS7_SIGNER_INFO *
info(void)
{
	return sk_PKCS7_SIGNER_INFO_value(p7->d.sign->signer_info, 0);
}

static void
set(X509_ALGOR *algo, int nid, int type)
{
	ASN1_STRING *text = NULL;

	if (type == V_ASN1_UTF8STRING) {
		text = ASN1_UTF8STRING_new();
		assert_int_equal(ASN1_STRING_set(text, "x", 1), 1);
	}
	assert_int_equal(X509_ALGOR_set0(algo, OBJ_nid2obj(nid), type, text),
	    1);
}

static void
is_refused(const char *why)
{
	struct ev_err err;

	assert_int_equal(ev_frame_check(p7, signer->cert, 1, &err),
	    EV_MISMATCH);
	assert_string_equal(err.msg, why);
}

static void
is_taken(void)
{
	struct ev_err err;

	assert_int_equal(ev_frame_check(p7, signer->cert, 1, &err), EV_OK);
}

static void
a_digest_goes_with_its_signature(void **state)
{
	static const int digest[] = { NID_sha256, NID_sha384, NID_sha512 };
	static const int ecdsa[] = { NID_ecdsa_with_SHA256,
		NID_ecdsa_with_SHA384, NID_ecdsa_with_SHA512 };
	static const int rsa[] = { NID_sha256WithRSAEncryption,
		NID_sha384WithRSAEncryption, NID_sha512WithRSAEncryption };
	X509_ALGOR *announced = sk_X509_ALGOR_value(p7->d.sign->md_algs, 0);
	struct ev_err err;
	int d, s;

	(void)state;
	is_taken();
	for (d = 0; d < 3; d++) {
		set(info()->digest_alg, digest[d], V_ASN1_UNDEF);
		set(announced, digest[d], V_ASN1_UNDEF);
		set(info()->digest_enc_alg, NID_rsaEncryption, V_ASN1_NULL);
		is_taken();
		for (s = 0; s < 3; s++) {
			set(info()->digest_enc_alg, ecdsa[s], V_ASN1_UNDEF);
			assert_int_equal(ev_frame_check(p7, signer->cert, 1,
					     &err),
			    s == d ? EV_OK : EV_MISMATCH);
			set(info()->digest_enc_alg, rsa[s], V_ASN1_NULL);
			assert_int_equal(ev_frame_check(p7, signer->cert, 1,
					     &err),
			    s == d ? EV_OK : EV_MISMATCH);
		}
		set(info()->digest_enc_alg, NID_rsassaPss, V_ASN1_NULL);
		assert_int_equal(ev_frame_check(p7, signer->cert, 1, &err),
		    EV_MISMATCH);
		assert_non_null(strstr(err.msg, "RSASSA-PSS over SHA"));
	}
	set(announced, NID_sha256, V_ASN1_UNDEF);
	set(info()->digest_alg, NID_sha1, V_ASN1_UNDEF);
	set(info()->digest_enc_alg, NID_ecdsa_with_SHA1, V_ASN1_UNDEF);
	is_refused("digest SHA1: at least SHA-256 is needed");
	set(info()->digest_alg, NID_sha224, V_ASN1_UNDEF);
	set(info()->digest_enc_alg, NID_rsaEncryption, V_ASN1_UNDEF);
	is_refused("digest SHA224: at least SHA-256 is needed");
}

static void
parameters_are_absent_or_null(void **state)
{
	X509_ALGOR *announced = sk_X509_ALGOR_value(p7->d.sign->md_algs, 0);

	(void)state;
	set(info()->digest_alg, NID_sha256, V_ASN1_NULL);
	set(announced, NID_sha256, V_ASN1_NULL);
	set(info()->digest_enc_alg, NID_ecdsa_with_SHA256, V_ASN1_UNDEF);
	is_taken();
	set(info()->digest_enc_alg, NID_ecdsa_with_SHA256, V_ASN1_UTF8STRING);
	is_refused("ecdsa-with-SHA256 over SHA256 is not accepted");
	set(info()->digest_enc_alg, NID_ecdsa_with_SHA256, V_ASN1_UNDEF);
	set(info()->digest_alg, NID_sha256, V_ASN1_UTF8STRING);
	set(announced, NID_sha256, V_ASN1_UTF8STRING);
	is_refused("ecdsa-with-SHA256 over SHA256 is not accepted");
	/* Announced in another form than used. */
	set(info()->digest_alg, NID_sha256, V_ASN1_NULL);
	set(announced, NID_sha256, V_ASN1_UNDEF);
	is_refused("other digests announced than used");
}

static void
one_digest_is_announced(void **state)
{
	X509_ALGOR *another = X509_ALGOR_new();

	(void)state;
	set(another, NID_sha256, V_ASN1_UNDEF);
	assert_int_equal(sk_X509_ALGOR_push(p7->d.sign->md_algs, another), 2);
	is_refused("other digests announced than used");
	assert_ptr_equal(sk_X509_ALGOR_pop(p7->d.sign->md_algs), another);
	is_taken();
	X509_ALGOR_free(sk_X509_ALGOR_pop(p7->d.sign->md_algs));
	is_refused("other digests announced than used");
	set(another, NID_sha512, V_ASN1_UNDEF);
	assert_int_equal(sk_X509_ALGOR_push(p7->d.sign->md_algs, another), 1);
	is_refused("other digests announced than used");
}

static void
the_versions_are_those_of_plain_signed_data(void **state)
{
	struct ev_err err;

	(void)state;
	is_taken();
	assert_int_equal(ev_frame_check(p7, signer->cert, 3, &err),
	    EV_MISMATCH);
	assert_string_equal(err.msg, "versions 1 and 1, not 3 and 1");
	assert_int_equal(ASN1_INTEGER_set(p7->d.sign->version, 3), 1);
	assert_int_equal(ev_frame_check(p7, signer->cert, 3, &err), EV_OK);
	is_refused("versions 3 and 1, not 1 and 1");
	assert_int_equal(ASN1_INTEGER_set(p7->d.sign->version, 1), 1);
	assert_int_equal(ASN1_INTEGER_set(info()->version, 2), 1);
	is_refused("versions 1 and 2, not 1 and 1");
}

static void
the_issuer_is_spelt_as_in_the_certificate(void **state)
{
	X509_NAME *name = X509_NAME_new(), *was;

	(void)state;
	was = info()->issuer_and_serial->issuer;
	assert_int_equal(X509_NAME_add_entry_by_NID(name, NID_organizationName,
			     MBSTRING_UTF8, (const unsigned char *)"Demo Lab",
			     -1, -1, 0),
	    1);
	info()->issuer_and_serial->issuer = name;
	is_refused("the signer's issuer is not spelt as in its certificate");
	/* The same to OpenSSL, which ignores case. */
	assert_int_equal(X509_NAME_add_entry_by_NID(name, NID_commonName,
			     MBSTRING_UTF8, (const unsigned char *)"a", -1, -1,
			     0),
	    1);
	assert_int_equal(X509_NAME_cmp(name, was), 0);
	is_refused("the signer's issuer is not spelt as in its certificate");
	info()->issuer_and_serial->issuer = was;
	is_taken();
	X509_NAME_free(name);
}

static void
there_is_one_signer(void **state)
{
	PKCS7_SIGNER_INFO *one = info();

	(void)state;
	assert_int_equal(sk_PKCS7_SIGNER_INFO_push(p7->d.sign->signer_info,
			     one),
	    2);
	is_refused("not one signer");
	assert_ptr_equal(sk_PKCS7_SIGNER_INFO_pop(p7->d.sign->signer_info),
	    one);
	is_taken();
	assert_ptr_equal(sk_PKCS7_SIGNER_INFO_pop(p7->d.sign->signer_info),
	    one);
	is_refused("not one signer");
	assert_int_equal(sk_PKCS7_SIGNER_INFO_push(p7->d.sign->signer_info,
			     one),
	    1);
}

/* SigningCertificate(V2) with one identifier: digest may be 0, none. */
static size_t
ess(unsigned char *der, const EVP_MD *digest, bool name_it, X509 *cert)
{
	static const unsigned char oid[] = { 0x30, 0x0b, 0x06, 0x09, 0x60, 0x86,
		0x48, 0x01, 0x65, 0x03, 0x04, 0x02 };
	unsigned char hash[EVP_MAX_MD_SIZE], *p = der;
	unsigned len = 0;
	size_t inside;

	assert_int_equal(X509_digest(cert, digest, hash, &len), 1);
	inside = len + 2 + (name_it ? sizeof(oid) + 1 : 0);
	*p++ = 0x30;
	*p++ = (unsigned char)(inside + 4);
	*p++ = 0x30;
	*p++ = (unsigned char)(inside + 2);
	*p++ = 0x30;
	*p++ = (unsigned char)inside;
	if (name_it) {
		memcpy(p, oid, sizeof(oid));
		p += sizeof(oid);
		*p++ = digest == EVP_sha256()   ? 1
		       : digest == EVP_sha384() ? 2
		       : digest == EVP_sha512() ? 3
						: 4; /* SHA-224 */
	}
	*p++ = V_ASN1_OCTET_STRING;
	*p++ = (unsigned char)len;
	memcpy(p, hash, len);
	return (size_t)(p - der) + len;
}

static bool
names(const unsigned char *der, size_t len, bool v2, X509 *cert)
{
	ASN1_TYPE *type = ASN1_TYPE_new();
	ASN1_STRING *text = ASN1_STRING_new();
	bool it_does;

	assert_int_equal(ASN1_STRING_set(text, der, (int)len), 1);
	ASN1_TYPE_set(type, V_ASN1_SEQUENCE, text);
	it_does = ev_ess_names(type, v2, cert);
	ASN1_TYPE_free(type);
	return it_does;
}

static void
the_certificate_is_named_by_a_strong_digest(void **state)
{
	const EVP_MD *const digest[] = { EVP_sha256(), EVP_sha384(),
		EVP_sha512() };
	struct ev_signer *other = person("B", false);
	unsigned char der[256];
	size_t len, n;

	(void)state;
	for (n = 0; n < 3; n++) {
		len = ess(der, digest[n], true, signer->cert);
		assert_true(names(der, len, true, signer->cert));
		assert_false(names(der, len, true, other->cert));
		assert_false(names(der, len, false, signer->cert));
	}
	len = ess(der, EVP_sha224(), true, signer->cert);
	assert_false(names(der, len, true, signer->cert));
	/* None is told: SHA-256 in the newer form, SHA-1 in the older. */
	len = ess(der, EVP_sha256(), false, signer->cert);
	assert_true(names(der, len, true, signer->cert));
	assert_false(names(der, len, false, signer->cert));
	len = ess(der, EVP_sha1(), false, signer->cert);
	assert_false(names(der, len, true, signer->cert));
	assert_true(names(der, len, false, signer->cert));
	assert_false(names(der, len, false, other->cert));
	ev_signer_free(other);
}

static void
a_broken_name_of_a_certificate_is_none(void **state)
{
	ASN1_TYPE *type = ASN1_TYPE_new();
	unsigned char der[256], cut[256];
	size_t len, n;
	int bit;

	(void)state;
	assert_false(ev_ess_names(NULL, true, signer->cert));
	ASN1_TYPE_set(type, V_ASN1_NULL, NULL);
	assert_false(ev_ess_names(type, true, signer->cert));
	ASN1_TYPE_free(type);
	len = ess(der, EVP_sha256(), true, signer->cert);
	for (n = 0; n < len; n++)
		assert_false(names(der, n, true, signer->cert));
	for (n = 0; n < len; n++) {
		for (bit = 0; bit < 8; bit++) {
			memcpy(cut, der, len);
			cut[n] ^= (unsigned char)(1 << bit);
			assert_false(names(cut, len, true, signer->cert));
		}
	}
	/* Another's comes first. */
	memcpy(cut, der, len);
	cut[len - 1] ^= 1;
	memcpy(cut + len, der + 4, len - 4);
	cut[1] = (unsigned char)(cut[1] + len - 4);
	cut[3] = (unsigned char)(cut[3] + len - 4);
	assert_false(names(cut, 2 * len - 4, true, signer->cert));
	/* And when ours is the first, the others do not matter. */
	cut[len - 1] ^= 1;
	assert_true(names(cut, 2 * len - 4, true, signer->cert));
}

int
main(void)
{
#define FRAME_TEST(name) \
	cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		FRAME_TEST(a_digest_goes_with_its_signature),
		FRAME_TEST(parameters_are_absent_or_null),
		FRAME_TEST(one_digest_is_announced),
		FRAME_TEST(the_versions_are_those_of_plain_signed_data),
		FRAME_TEST(the_issuer_is_spelt_as_in_the_certificate),
		FRAME_TEST(there_is_one_signer),
		FRAME_TEST(the_certificate_is_named_by_a_strong_digest),
		FRAME_TEST(a_broken_name_of_a_certificate_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
