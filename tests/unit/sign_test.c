/* seal/sign: signatures that hold, and each way in which one does not. */
#include <fcntl.h>
#include <openssl/cms.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "signing.h"

static void
a_signature_tells_who_and_when(void **state)
{
	struct ev_signer *signer = person("Inspector A. Example", false);
	struct ev_trust *trust = trust_in(signer, NULL);
	struct ev_cades_check check = { .content = CONTENT, .at = now };
	struct ev_cades result;
	struct ev_cert cert;
	struct ev_buf p7s;
	struct ev_err err;

	(void)state;
	sign(signer, &p7s);
	check.p7s = EV_BYTES_BUF(&p7s);
	assert_int_equal(ev_cades_verify(&check, &result, &err), EV_OK);
	assert_string_equal(result.signer.subject,
	    "CN=Inspector A. Example,O=Demo Lab");
	assert_int_equal(result.claimed, now);
	assert_false(result.stamped);
	assert_int_equal(result.notes, 0);
	assert_int_equal(result.chain.state, EV_TRUST_NOT_CHECKED);
	assert_int_equal(ev_signer_cert(signer, &cert, &err), EV_OK);
	check.pin = cert.sha256;
	check.trust = trust;
	assert_int_equal(ev_cades_verify(&check, &result, &err), EV_OK);
	assert_int_equal(result.chain.state, EV_TRUST_OK);
	check.at = now + 1000 * day;
	assert_int_equal(ev_cades_verify(&check, &result, &err), EV_OK);
	assert_int_equal(result.chain.state, EV_TRUST_FAILED);
	assert_string_equal(result.chain.reason, "certificate has expired");
	ev_buf_release(&p7s);
	ev_trust_free(trust);
	ev_signer_free(signer);
}

static void
a_stamped_signature_is_judged_at_the_time_of_its_token(void **state)
{
	struct ev_signer *signer = person("A", false);
	struct ev_signer *tsa = person("T", true);
	struct ev_trust *trust = trust_in(signer, tsa);
	struct ev_cades_check check = { .content = CONTENT,
		.trust = trust,
		.at = now + 5000 * day };
	struct ev_cades result;
	struct ev_buf p7s;
	struct ev_err err;

	(void)state;
	sign(signer, &p7s);
	stamp(tsa, &p7s, now + day);
	check.p7s = EV_BYTES_BUF(&p7s);
	assert_int_equal(ev_cades_verify(&check, &result, &err), EV_OK);
	assert_true(result.stamped);
	assert_int_equal(result.stamp.at, now + day);
	assert_int_equal(result.stamp.chain.state, EV_TRUST_OK);
	assert_int_equal(result.chain.state, EV_TRUST_OK);
	assert_int_equal(result.notes, 0);
	ev_buf_release(&p7s);
	/* Signed, so it is said, after the token that covers it. */
	sign(signer, &p7s);
	stamp(tsa, &p7s, now - 1000000);
	check.p7s = EV_BYTES_BUF(&p7s);
	assert_int_equal(ev_cades_verify(&check, &result, &err), EV_OK);
	assert_int_equal(result.notes, EV_CADES_N_CLAIM_LATE);
	ev_buf_release(&p7s);
	ev_trust_free(trust);
	ev_signer_free(tsa);
	ev_signer_free(signer);
}

static void
other_content_or_another_signer_is_named(void **state)
{
	const unsigned char pin[EV_SHA256] = { 1, 2, 3 };
	struct ev_signer *signer = person("A", false);
	struct ev_cades_check check = { .content = EV_BYTES("other\n", 6) };
	struct ev_cades result;
	struct ev_buf p7s;
	struct ev_err err;

	(void)state;
	sign(signer, &p7s);
	check.p7s = EV_BYTES_BUF(&p7s);
	assert_int_equal(ev_cades_verify(&check, &result, &err), EV_MISMATCH);
	assert_string_equal(err.msg, "the content is not what was signed");
	check.content = CONTENT;
	check.pin = pin;
	assert_int_equal(ev_cades_verify(&check, &result, &err), EV_MISMATCH);
	assert_non_null(strstr(err.msg, "which is not the expected one"));
	check.pin = NULL;
	assert_int_equal(ev_buf_puts(&p7s, "more", &err), EV_OK);
	check.p7s = EV_BYTES_BUF(&p7s);
	assert_int_equal(ev_cades_verify(&check, &result, &err), EV_MISMATCH);
	assert_string_equal(err.msg, "4 bytes behind the signature's end");
	ev_buf_release(&p7s);
	ev_signer_free(signer);
}

static void
a_token_for_another_signature_is_not_taken(void **state)
{
	struct ev_signer *signer = person("A", false);
	struct ev_signer *tsa = person("T", true);
	struct ev_buf a, b, token, out;
	struct ev_err err;

	(void)state;
	sign(signer, &a);
	sign(signer, &b);
	stamp(tsa, &a, now);
	ev_buf_init(&token, EV_STAMP_LIMIT);
	ev_buf_init(&out, 1 << 20);
	assert_int_equal(ev_cades_token(EV_BYTES_BUF(&b), &token, &err),
	    EV_EOF);
	assert_int_equal(ev_cades_token(EV_BYTES_BUF(&a), &token, &err), EV_OK);
	assert_int_equal(ev_cades_add_token(EV_BYTES_BUF(&b),
			     EV_BYTES_BUF(&token), &out, &err),
	    EV_MISMATCH);
	assert_int_equal(ev_cades_add_token(EV_BYTES_BUF(&a),
			     EV_BYTES_BUF(&token), &out, &err),
	    EV_USE);
	ev_buf_release(&a);
	ev_buf_release(&b);
	ev_buf_release(&token);
	ev_buf_release(&out);
	ev_signer_free(tsa);
	ev_signer_free(signer);
}

/* Put one more unsigned attribute on a signature, as anyone could. */
static void
add_unsigned(struct ev_buf *p7s, int nid)
{
	static const unsigned char value[] = { 0x30, 0x00 };
	const unsigned char *p = p7s->data;
	unsigned char *der = NULL;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)p7s->len);
	CMS_SignerInfo *si;
	struct ev_err err;
	int len;

	assert_non_null(cms);
	si = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(cms), 0);
	assert_int_equal(CMS_unsigned_add1_attr_by_NID(si, nid, V_ASN1_SEQUENCE,
			     value, sizeof(value)),
	    1);
	len = i2d_CMS_ContentInfo(cms, &der);
	assert_true(len > 0);
	ev_buf_clear(p7s);
	assert_int_equal(ev_buf_put(p7s, der, (size_t)len, &err), EV_OK);
	OPENSSL_free(der);
	CMS_ContentInfo_free(cms);
}

static void
an_unsigned_attribute_but_one_token_is_refused(void **state)
{
	static const struct {
		bool stamped;
		int nid;
		const char *msg;
	} bad[] = {
		{ false, NID_id_smime_aa_contentHint,
		    "an unsigned attribute that is no time stamp" },
		{ true, NID_id_smime_aa_contentHint, "unsigned attribute" },
		{ true, NID_id_smime_aa_timeStampToken,
		    "more than one unsigned attribute" },
		{ false, NID_id_smime_aa_timeStampToken,
		    "the signature's time stamp: " },
	};
	struct ev_signer *signer = person("A", false);
	struct ev_signer *tsa = person("T", true);
	struct ev_cades_check check = { .content = CONTENT };
	struct ev_cades result;
	struct ev_buf p7s;
	struct ev_err err;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		sign(signer, &p7s);
		if (bad[n].stamped)
			stamp(tsa, &p7s, now);
		add_unsigned(&p7s, bad[n].nid);
		check.p7s = EV_BYTES_BUF(&p7s);
		assert_int_equal(ev_cades_verify(&check, &result, &err),
		    EV_MISMATCH);
		assert_non_null(strstr(err.msg, bad[n].msg));
		assert_false(result.stamped);
		ev_buf_release(&p7s);
	}
	ev_signer_free(tsa);
	ev_signer_free(signer);
}

static void
a_person_may_have_no_office(void **state)
{
	static const char *const office[] = { NULL, "", "Lab" };
	struct ev_signer_wish wish = { "A", NULL, false, now, now + day };
	struct ev_signer *signer;
	struct ev_cert cert;
	struct ev_err err;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(office) / sizeof(office[0]); n++) {
		wish.office = office[n];
		assert_int_equal(ev_signer_make(&signer, &wish, &err), EV_OK);
		assert_int_equal(ev_signer_cert(signer, &cert, &err), EV_OK);
		assert_string_equal(cert.subject,
		    n < 2 ? "CN=A" : "CN=A,O=Lab");
		ev_signer_free(signer);
	}
}

static void
a_key_goes_out_and_comes_back(void **state)
{
	struct ev_signer *signer = person("A", false), *again = NULL;
	struct ev_cert cert, other;
	struct ev_buf pem, secret;
	struct ev_pass pass = ev_pass_buf(&secret);
	struct ev_err err;
	int fd;

	(void)state;
	ev_buf_init(&pem, 65536);
	ev_buf_init(&secret, 64);
	assert_int_equal(ev_buf_puts(&secret, "correct horse", &err), EV_OK);
	assert_int_equal(ev_signer_cert(signer, &cert, &err), EV_OK);
	assert_int_equal(ev_signer_pem(signer, &pass, &pem, &err), EV_OK);
	assert_int_equal(ev_signer_read(&again, EV_BYTES_BUF(&pem), NULL, &err),
	    EV_USE);
	assert_null(again);
	assert_int_equal(ev_signer_read(&again, EV_BYTES_BUF(&pem), &pass,
			     &err),
	    EV_OK);
	assert_int_equal(ev_signer_cert(again, &other, &err), EV_OK);
	assert_memory_equal(&cert, &other, sizeof(cert));
	ev_signer_free(again);
	secret.data[0] = 'x';
	assert_int_equal(ev_signer_read(&again, EV_BYTES_BUF(&pem), &pass,
			     &err),
	    EV_INPUT);
	ev_buf_clear(&pem);
	assert_int_equal(ev_signer_pem(signer, NULL, &pem, &err), EV_OK);
	fd = open("sign_test.pem", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
	    0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, pem.data, pem.len), pem.len);
	assert_int_equal(close(fd), 0);
	assert_int_equal(ev_signer_load(&again, "sign_test.pem", NULL, NULL,
			     &err),
	    EV_OK);
	ev_signer_free(again);
	assert_int_equal(unlink("sign_test.pem"), 0);
	assert_int_equal(ev_signer_load(&again, "sign_test.pem", NULL, NULL,
			     &err),
	    EV_SYS);
	assert_null(again);
	ev_buf_release(&pem);
	ev_buf_release(&secret);
	ev_signer_free(signer);
}

static void
a_key_without_its_certificate_is_refused(void **state)
{
	struct ev_signer *a = person("A", false), *b = person("B", false);
	struct ev_signer *mixed = NULL;
	struct ev_buf pem, cert;
	struct ev_err err;
	char *end;

	(void)state;
	ev_buf_init(&pem, 65536);
	ev_buf_init(&cert, 65536);
	assert_int_equal(ev_signer_pem(a, NULL, &pem, &err), EV_OK);
	assert_int_equal(ev_signer_cert_pem(b, &cert, &err), EV_OK);
	end = strstr((char *)pem.data, "-----BEGIN CERTIFICATE");
	assert_non_null(end);
	pem.len = (size_t)(end - (char *)pem.data);
	assert_int_equal(ev_buf_put(&pem, cert.data, cert.len, &err), EV_OK);
	assert_int_equal(ev_signer_read(&mixed, EV_BYTES_BUF(&pem), NULL, &err),
	    EV_INPUT);
	assert_string_equal(err.msg,
	    "there is no certificate of the private key");
	assert_int_equal(ev_signer_read(&mixed, EV_BYTES_BUF(&cert), NULL,
			     &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "there is no private key");
	ev_buf_clear(&pem);
	assert_int_equal(ev_signer_pem(a, NULL, &pem, &err), EV_OK);
	assert_int_equal(ev_signer_pem(b, NULL, &pem, &err), EV_OK);
	assert_int_equal(ev_signer_read(&mixed, EV_BYTES_BUF(&pem), NULL, &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "there is more than one private key");
	ev_buf_release(&pem);
	ev_buf_release(&cert);
	ev_signer_free(a);
	ev_signer_free(b);
}

static void
a_certificate_is_read_from_pem_and_der(void **state)
{
	struct ev_signer *a = person("J\xc3\xb6rg \xd8\xa7\xd8\xad", false);
	struct ev_cert one, two;
	struct ev_buf pem, der, again;
	struct ev_err err;

	(void)state;
	ev_buf_init(&pem, 65536);
	ev_buf_init(&der, 65536);
	ev_buf_init(&again, 65536);
	assert_int_equal(ev_signer_cert_pem(a, &pem, &err), EV_OK);
	assert_int_equal(ev_cert_der(EV_BYTES_BUF(&pem), &der, &err), EV_OK);
	assert_int_equal(ev_cert_pem(EV_BYTES_BUF(&der), &again, &err), EV_OK);
	assert_string_equal(ev_buf_text(&pem), ev_buf_text(&again));
	assert_int_equal(ev_cert_read(&one, EV_BYTES_BUF(&pem), &err), EV_OK);
	assert_int_equal(ev_cert_read(&two, EV_BYTES_BUF(&der), &err), EV_OK);
	assert_memory_equal(&one, &two, sizeof(one));
	assert_string_equal(one.subject,
	    "CN=J\xc3\xb6rg \xd8\xa7\xd8\xad,O=Demo Lab");
	assert_int_equal(one.not_before, now - day);
	assert_int_equal(ev_buf_putc(&der, 0, &err), EV_OK);
	assert_int_equal(ev_cert_read(&two, EV_BYTES_BUF(&der), &err),
	    EV_INPUT);
	ev_buf_release(&pem);
	ev_buf_release(&der);
	ev_buf_release(&again);
	ev_signer_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signature_tells_who_and_when),
		cmocka_unit_test(
		    a_stamped_signature_is_judged_at_the_time_of_its_token),
		cmocka_unit_test(other_content_or_another_signer_is_named),
		cmocka_unit_test(a_token_for_another_signature_is_not_taken),
		cmocka_unit_test(
		    an_unsigned_attribute_but_one_token_is_refused),
		cmocka_unit_test(a_person_may_have_no_office),
		cmocka_unit_test(a_key_goes_out_and_comes_back),
		cmocka_unit_test(a_key_without_its_certificate_is_refused),
		cmocka_unit_test(a_certificate_is_read_from_pem_and_der),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
