/* seal/keep: what is found of an authority today, from where, and what not. */
#include <openssl/ocsp.h>
#include <openssl/pkcs7.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "issuing.h"
#include "seal/keep.h"
#include "seal/x509.h"
#include "serving.h"

/* Leaf below Middle below Root; what their addresses give. */
static EVP_PKEY *key, *middle_key, *root_key;
static X509 *leaf, *middle, *root, *stranger;
static struct server server;
static int64_t at;
struct blob {
	unsigned char *data;
	int len;
};
static struct blob token, full_token, root_der, middle_der, stranger_der,
    root_p7, leaf_crl, middle_crl, stale_crl, leaf_ocsp;

/* Each ^ in text is where the server is. */
static void
put_extension(X509 *x, int nid, const char *text)
{
	char whole[512];
	X509_EXTENSION *ext;
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (*text == '^')
			n += (size_t)snprintf(whole + n, sizeof(whole) - n,
			    "URI:http://127.0.0.1:%u", server.port);
		else
			whole[n++] = *text;
	}
	whole[n] = '\0';
	ext = X509V3_EXT_nconf_nid(NULL, NULL, nid, whole);
	assert_non_null(ext);
	assert_int_equal(X509_add_ext(x, ext, -1), 1);
	X509_EXTENSION_free(ext);
}

static void
extend(X509 *x, EVP_PKEY *signer, const char *info, const char *points)
{
	put_extension(x, NID_info_access, info);
	put_extension(x, NID_crl_distribution_points, points);
	assert_true(X509_sign(x, signer, EVP_sha256()) > 0);
}

/* A list of that issuer without entries, in force for an hour from then on. */
static struct blob
list(X509 *issuer, EVP_PKEY *signer, time_t from)
{
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *when = ASN1_TIME_set(NULL, from);
	struct blob b = { NULL, 0 };

	assert_int_equal(X509_CRL_set_version(crl, 1), 1);
	assert_int_equal(X509_CRL_set_issuer_name(crl,
			     X509_get_subject_name(issuer)),
	    1);
	assert_int_equal(X509_CRL_set1_lastUpdate(crl, when), 1);
	assert_non_null(ASN1_TIME_set(when, from + 3600));
	assert_int_equal(X509_CRL_set1_nextUpdate(crl, when), 1);
	assert_true(X509_CRL_sign(crl, signer, EVP_sha256()) > 0);
	b.len = i2d_X509_CRL(crl, &b.data);
	ASN1_TIME_free(when);
	X509_CRL_free(crl);
	return b;
}

static struct blob
response(X509 *about, X509 *issuer, EVP_PKEY *signer, time_t from)
{
	OCSP_BASICRESP *basic = OCSP_BASICRESP_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), about, issuer);
	ASN1_TIME *begins = ASN1_GENERALIZEDTIME_set(NULL, from);
	ASN1_TIME *ends = ASN1_GENERALIZEDTIME_set(NULL, from + 3600);
	struct blob b = { NULL, 0 };
	OCSP_RESPONSE *whole;

	assert_non_null(OCSP_basic_add1_status(basic, id,
	    V_OCSP_CERTSTATUS_GOOD, 0, NULL, begins, ends));
	assert_int_equal(OCSP_basic_sign(basic, issuer, signer, EVP_sha256(),
			     NULL, 0),
	    1);
	whole = OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
	b.len = i2d_OCSP_RESPONSE(whole, &b.data);
	ASN1_GENERALIZEDTIME_free(begins);
	ASN1_GENERALIZEDTIME_free(ends);
	OCSP_CERTID_free(id);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(whole);
	return b;
}

/* Signed by leaf; others travel along, or there is no signer at all. */
static struct blob
signed_by(X509 *cert, STACK_OF(X509) * others)
{
	BIO *bio = BIO_new_mem_buf("x", 1);
	PKCS7 *p7 = PKCS7_sign(cert, cert == NULL ? NULL : key, others, bio,
	    PKCS7_BINARY);
	struct blob b = { NULL, 0 };

	assert_non_null(p7);
	b.len = i2d_PKCS7(p7, &b.data);
	PKCS7_free(p7);
	BIO_free_all(bio);
	return b;
}

static struct blob
cert_der(X509 *x)
{
	struct blob b = { NULL, 0 };

	b.len = i2d_X509(x, &b.data);
	return b;
}

static X509 *
authority(EVP_PKEY *its, const char *name, X509 *ca, EVP_PKEY *ca_key,
    time_t from)
{
	X509 *x = issue(its, name, ca, ca_key, EVP_sha256(), from);
	X509_EXTENSION *ext = X509V3_EXT_nconf_nid(NULL, NULL,
	    NID_basic_constraints, "critical,CA:TRUE");

	X509_EXTENSION_free(X509_delete_ext(x, 0));
	assert_int_equal(X509_add_ext(x, ext, -1), 1);
	X509_EXTENSION_free(ext);
	assert_true(X509_sign(x, ca_key, EVP_sha256()) > 0);
	return x;
}

static struct answer answers[8];

static void
serve(size_t n, const char *path, const struct blob *b)
{
	answers[n] = (struct answer){ path, "application/ocsp-response",
		b->data, (size_t)b->len, 0 };
}

static int
set_up(void **state)
{
	const time_t now = time(NULL) - 60;
	STACK_OF(X509) *certs = sk_X509_new_null();

	(void)state;
	at = (int64_t)now * 1000000;
	server_bind(&server);
	key = ec_key("P-256");
	middle_key = ec_key("P-256");
	root_key = ec_key("P-256");
	root = issue(root_key, "Root", NULL, root_key, EVP_sha256(), now - 60);
	stranger = issue(key, "Root", NULL, key, EVP_sha256(), now - 60);
	middle = authority(middle_key, "Middle", root, root_key, now - 60);
	extend(middle, root_key,
	    "caIssuers;^/none,"
	    "caIssuers;^/stranger,"
	    "caIssuers;^/root",
	    "^/stale,^/middle.crl");
	leaf = issue(key, "Leaf", middle, middle_key, EVP_sha256(), now - 60);
	extend(leaf, middle_key,
	    "OCSP;^/ocsp,"
	    "caIssuers;email:a@example.org,"
	    "caIssuers;^/middle",
	    "email:a@example.org,^/leaf.crl");
	token = signed_by(leaf, NULL);
	assert_true(sk_X509_push(certs, root) > 0);
	root_p7 = signed_by(NULL, certs);
	assert_true(sk_X509_push(certs, middle) > 0);
	full_token = signed_by(leaf, certs);
	sk_X509_free(certs);
	root_der = cert_der(root);
	middle_der = cert_der(middle);
	stranger_der = cert_der(stranger);
	leaf_crl = list(middle, middle_key, now - 30);
	middle_crl = list(root, root_key, now - 30);
	stale_crl = list(root, root_key, now - 7200);
	leaf_ocsp = response(leaf, middle, middle_key, now - 30);
	serve(0, "/stranger", &stranger_der);
	serve(1, "/root", &root_p7);
	serve(2, "/middle", &middle_der);
	serve(3, "/stale", &stale_crl);
	serve(4, "/middle.crl", &middle_crl);
	serve(5, "/leaf.crl", &leaf_crl);
	serve(6, "/ocsp", &leaf_ocsp);
	server_begin(&server, answers, 7);
	return 0;
}

static int
tear_down(void **state)
{
	struct blob *const all[] = { &token, &full_token, &root_der,
		&middle_der, &stranger_der, &root_p7, &leaf_crl, &middle_crl,
		&stale_crl, &leaf_ocsp };
	size_t i;

	(void)state;
	server_end(&server);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		OPENSSL_free(all[i]->data);
	X509_free(leaf);
	X509_free(middle);
	X509_free(root);
	X509_free(stranger);
	EVP_PKEY_free(key);
	EVP_PKEY_free(middle_key);
	EVP_PKEY_free(root_key);
	return 0;
}

/* What was told, a line each; addresses without their host. */
static struct ev_buf told;
static int fail_at;

static void
tell(const char *what, const char *kind, const char *source, const char *why)
{
	const char *path = strncmp(source, "http://", 7) == 0
			       ? strchr(source + 7, '/')
			       : source;
	struct ev_err err;

	assert_int_equal(ev_buf_printf(&told, &err, "%s%s %s%s%s\n", what, kind,
			     path, why == NULL ? "" : ": ",
			     why == NULL ? "" : why),
	    EV_OK);
}

static enum ev_rc
on_kept(void *ctx, const struct ev_kept *one, struct ev_err *err)
{
	assert_ptr_equal(ctx, &told);
	tell("", one->kind, one->source, NULL);
	if (fail_at > 0 && --fail_at == 0)
		return ev_fail(err, EV_LIMIT, "the disk is full");
	return EV_OK;
}

static void
on_unkept(void *ctx, const char *kind, const char *source, const char *why)
{
	assert_ptr_equal(ctx, &told);
	tell("no ", kind, source,
	    strncmp(why, "no answer", 9) == 0 ? "no answer" : why);
}

static struct ev_keep how;
static struct ev_err err;

static void
begin(bool fetch)
{
	ev_trust_free(how.at_hand);
	memset(&how, 0, sizeof(how));
	assert_int_equal(ev_trust_new(&how.at_hand, &err), EV_OK);
	how.fetch = fetch;
	how.tries = 1;
	how.seconds = 5;
	how.kept = on_kept;
	how.unkept = on_unkept;
	how.ctx = &told;
	ev_buf_release(&told);
	ev_buf_init(&told, 65536);
	memset(&err, 0, sizeof(err));
}

static int
end(void **state)
{
	(void)state;
	ev_trust_free(how.at_hand);
	how.at_hand = NULL;
	ev_buf_release(&told);
	return 0;
}

#define DER(b) EV_BYTES((b).data, (size_t)(b).len)

static void
chains_lists_and_responses_are_fetched_from_below(void **state)
{
	char who[EV_CERT_NAME] = "x";

	(void)state;
	begin(true);
	assert_false(ev_keep_covers(how.at_hand, DER(token), at, who));
	assert_string_equal(who, "CN=Leaf");
	assert_int_equal(ev_keep_token(&how, DER(token), at, &err), EV_OK);
	assert_string_equal(ev_buf_text(&told),
	    "certificate /middle\n"
	    "crl /leaf.crl\n"
	    "ocsp /ocsp\n"
	    "no certificate /none: no answer\n"
	    "no certificate /stranger: not the issuer of the authority's "
	    "certificate\n"
	    "certificate /root\n"
	    "no crl /stale: does not speak of the authority's certificate at "
	    "that time\n"
	    "crl /middle.crl\n");
	assert_true(ev_keep_covers(how.at_hand, DER(token), at, who));
	assert_string_equal(who, "");
	/* Of another time they do not speak. */
	assert_false(ev_keep_covers(how.at_hand, DER(token),
	    at + INT64_C(7200) * 1000000, who));
	/* All is at hand: nothing is asked for again. */
	ev_buf_clear(&told);
	assert_int_equal(ev_keep_token(&how, DER(token), at, &err), EV_OK);
	assert_int_equal(told.len, 0);
}

static void
what_travels_in_the_token_need_not_be_fetched(void **state)
{
	char who[EV_CERT_NAME];

	(void)state;
	begin(false);
	assert_int_equal(ev_keep_token(&how, DER(full_token), at, &err), EV_OK);
	assert_string_equal(ev_buf_text(&told),
	    "certificate token\ncertificate token\n");
	assert_false(ev_keep_covers(how.at_hand, DER(token), at, who));
	assert_string_equal(who, "CN=Leaf");
	ev_buf_clear(&told);
	assert_int_equal(ev_keep_file(&how, "a.crl", DER(leaf_crl), &err),
	    EV_OK);
	assert_false(ev_keep_covers(how.at_hand, DER(token), at, who));
	assert_string_equal(who, "CN=Middle");
	assert_int_equal(ev_keep_file(&how, "b.crl", DER(middle_crl), &err),
	    EV_OK);
	assert_true(ev_keep_covers(how.at_hand, DER(token), at, who));
	begin(false);
	assert_int_equal(ev_keep_token(&how, DER(token), at, &err), EV_OK);
	assert_int_equal(told.len, 0);
}

static GENERAL_NAMES *
address(const char *path)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	char text[128];

	(void)snprintf(text, sizeof(text), "http://127.0.0.1:%u%s", server.port,
	    path);
	assert_true(
	    sk_GENERAL_NAME_push(names,
		a2i_GENERAL_NAME(NULL, NULL, NULL, GEN_URI, text, 0)) > 0);
	return names;
}

/* Of some reasons, of another issuer, by a relative name, by none. */
static void
put_points(X509 *x)
{
	CRL_DIST_POINTS *all = sk_DIST_POINT_new_null();
	DIST_POINT *point;
	int n;

	for (n = 0; n < 5; n++) {
		point = DIST_POINT_new();
		if (n < 4)
			point->distpoint = DIST_POINT_NAME_new();
		if (n == 0) {
			point->distpoint->type = 1;
			point->distpoint->name.relativename =
			    sk_X509_NAME_ENTRY_new_null();
		} else if (n < 4) {
			point->distpoint->type = 0;
			point->distpoint->name.fullname =
			    address(n == 3 ? "/leaf.crl" : "/stale");
		} else {
			point->CRLissuer = address("/stale");
		}
		if (n == 1) {
			point->reasons = ASN1_BIT_STRING_new();
			(void)ASN1_BIT_STRING_set_bit(point->reasons, 1, 1);
		}
		if (n == 2)
			point->CRLissuer = address("/stale");
		assert_true(sk_DIST_POINT_push(all, point) > 0);
	}
	assert_int_equal(X509_add1_ext_i2d(x, NID_crl_distribution_points, all,
			     0, 0),
	    1);
	CRL_DIST_POINTS_free(all);
}

static void
lists_that_are_not_complete_are_not_asked_for(void **state)
{
	X509 *x = issue(key, "Leaf", middle, middle_key, EVP_sha256(),
	    (time_t)(at / 1000000) - 60);
	STACK_OF(X509) *certs = sk_X509_new_null();
	struct blob its;

	(void)state;
	put_points(x);
	assert_true(X509_sign(x, middle_key, EVP_sha256()) > 0);
	assert_true(sk_X509_push(certs, middle) > 0);
	assert_true(sk_X509_push(certs, root) > 0);
	its = signed_by(x, certs);
	begin(true);
	assert_int_equal(ev_keep_token(&how, DER(its), at, &err), EV_OK);
	assert_string_equal(ev_buf_text(&told),
	    "certificate token\n"
	    "crl /leaf.crl\n"
	    "certificate token\n"
	    "no crl /stale: does not speak of the authority's certificate at "
	    "that time\n"
	    "crl /middle.crl\n");
	OPENSSL_free(its.data);
	sk_X509_free(certs);
	X509_free(x);
}

static void
what_cannot_be_kept_ends_it(void **state)
{
	int n;

	(void)state;
	for (n = 1; n <= 5; n++) {
		begin(true);
		fail_at = n;
		assert_int_equal(ev_keep_token(&how, DER(token), at, &err),
		    EV_LIMIT);
		assert_string_equal(err.msg, "the disk is full");
		assert_int_equal(fail_at, 0);
	}
	begin(false);
	fail_at = 1;
	assert_int_equal(ev_keep_token(&how, DER(full_token), at, &err),
	    EV_LIMIT);
	begin(false);
	fail_at = 1;
	assert_int_equal(ev_keep_file(&how, "x", DER(root_der), &err),
	    EV_LIMIT);
	fail_at = 0;
}

static void
a_token_needs_one_signer(void **state)
{
	char who[EV_CERT_NAME];

	(void)state;
	begin(false);
	assert_int_equal(ev_keep_token(&how, DER(root_der), at, &err),
	    EV_INPUT);
	assert_non_null(strstr(err.msg, "the token has no signer"));
	assert_int_equal(ev_keep_token(&how, DER(root_p7), at, &err), EV_INPUT);
	assert_false(ev_keep_covers(how.at_hand, DER(root_p7), at, who));
	assert_string_equal(who, "");
}

static void
a_file_is_told_by_what_it_holds(void **state)
{
	const struct ev_kept unknown = { "letter", "x", DER(root_der) };
	const struct ev_kept wrong = { "crl", "x", DER(root_der) };
	const struct ev_kept cert = { "certificate", "x", DER(root_der) };
	const struct ev_kept crl = { "crl", "x", DER(leaf_crl) };
	const struct ev_kept ocsp = { "ocsp", "x", DER(leaf_ocsp) };
	struct ev_buf pem;

	(void)state;
	begin(false);
	assert_int_equal(ev_keep_file(&how, "1", DER(root_der), &err), EV_OK);
	assert_int_equal(ev_keep_file(&how, "2", DER(leaf_crl), &err), EV_OK);
	assert_int_equal(ev_keep_file(&how, "3", DER(leaf_ocsp), &err), EV_OK);
	assert_string_equal(ev_buf_text(&told),
	    "certificate 1\ncrl 2\nocsp 3\n");
	ev_buf_clear(&told);
	ev_buf_init(&pem, 65536);
	assert_int_equal(ev_kept_pem(&cert, &pem, &err), EV_OK);
	assert_int_equal(ev_kept_pem(&crl, &pem, &err), EV_OK);
	assert_int_equal(ev_kept_pem(&ocsp, &pem, &err), EV_OK);
	assert_int_equal(ev_keep_file(&how, "4", EV_BYTES_BUF(&pem), &err),
	    EV_OK);
	assert_string_equal(ev_buf_text(&told),
	    "certificate 4\ncrl 4\nocsp 4\n");
	assert_int_equal(ev_kept_pem(&unknown, &pem, &err), EV_CRYPTO);
	assert_int_equal(ev_keep_take(how.at_hand, &unknown, &err), EV_CRYPTO);
	assert_int_equal(ev_keep_take(how.at_hand, &wrong, &err), EV_INPUT);
	ev_buf_clear(&told);
	ev_buf_clear(&pem);
	assert_int_equal(ev_buf_puts(&pem,
			     "-----BEGIN LETTER-----\nMAA=\n"
			     "-----END LETTER-----\n",
			     &err),
	    EV_OK);
	assert_int_equal(ev_keep_file(&how, "5", EV_BYTES_BUF(&pem), &err),
	    EV_INPUT);
	assert_string_equal(err.msg,
	    "5: neither a certificate, a list nor a response: LETTER");
	assert_int_equal(ev_keep_file(&how, "6", EV_BYTES("", 0), &err),
	    EV_INPUT);
	assert_string_equal(err.msg,
	    "6: neither a certificate, a list nor a response");
	assert_int_equal(told.len, 0);
	ev_buf_release(&pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(
		    chains_lists_and_responses_are_fetched_from_below, end),
		cmocka_unit_test_teardown(
		    what_travels_in_the_token_need_not_be_fetched, end),
		cmocka_unit_test_teardown(
		    lists_that_are_not_complete_are_not_asked_for, end),
		cmocka_unit_test_teardown(what_cannot_be_kept_ends_it, end),
		cmocka_unit_test_teardown(a_token_needs_one_signer, end),
		cmocka_unit_test_teardown(a_file_is_told_by_what_it_holds, end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
