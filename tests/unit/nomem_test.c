/* seal: memory that OpenSSL cannot have is an error, never a wrong answer. */
#include <openssl/crypto.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seal/merkle.h"
#include "seal/note.h"
#include "seal/record.h"
#include "signing.h"
#include "stride.h"

/* Every allocation up to EACH, every STEPth up to LAST: it takes a while. */
enum { LIMIT = 1 << 20, EACH = 120, STEP = 23, LAST = 1500 };

/* Until the one that fails; below 0: none does. */
static long left = -1;
static bool failed;

static bool
is_it(void)
{
	if (left < 0)
		return false;
	if (left-- > 0)
		return false;
	failed = true;
	return true;
}

static void *
take(size_t len, const char *file, int line)
{
	(void)file;
	(void)line;
	return is_it() ? NULL : malloc(len);
}

static void *
take_more(void *data, size_t len, const char *file, int line)
{
	(void)file;
	(void)line;
	return is_it() ? NULL : realloc(data, len);
}

static void
give(void *data, const char *file, int line)
{
	(void)file;
	(void)line;
	free(data);
}

/* What the jobs work on. */
static struct ev_signer *signer, *tsa;
static struct ev_trust *trust;
static struct ev_buf pem, secret_pem, p7s, stamped, token;
static struct ev_logkey *log_key;
static struct ev_buf record;
static const unsigned char hashes[2 * EV_SHA256] = { 1 };
static struct ev_bytes passphrase = { "secret", 6 };

static enum ev_rc
get_secret(void *ctx, const char *what, struct ev_buf *secret,
    struct ev_err *err)
{
	(void)ctx;
	(void)what;
	return ev_buf_put(secret, passphrase.data, passphrase.len, err);
}

static const struct ev_pass pass = { NULL, get_secret };

static enum ev_rc
read_cert(struct ev_buf *out, struct ev_err *err)
{
	struct ev_cert cert;
	enum ev_rc rc;

	rc = ev_cert_read(&cert, EV_BYTES_BUF(&pem), err);
	/* OpenSSL does not tell a bad signature from one it cannot check. */
	cert.self_signed = true;
	return rc == EV_OK ? ev_buf_put(out, &cert, sizeof(cert), err) : rc;
}

static enum ev_rc
cert_to_der(struct ev_buf *out, struct ev_err *err)
{
	return ev_cert_der(EV_BYTES_BUF(&pem), out, err);
}

static enum ev_rc
cert_to_pem(struct ev_buf *out, struct ev_err *err)
{
	return ev_cert_pem(EV_BYTES_BUF(&pem), out, err);
}

static enum ev_rc
write_key(struct ev_buf *out, struct ev_err *err)
{
	return ev_signer_pem(signer, NULL, out, err);
}

/* Encrypted with a salt: another each time. */
static enum ev_rc
write_secret(struct ev_buf *out, struct ev_err *err)
{
	struct ev_signer *again = NULL;
	struct ev_buf key;
	enum ev_rc rc;

	ev_buf_init(&key, LIMIT);
	rc = ev_signer_pem(signer, &pass, &key, err);
	left = -1;
	if (rc == EV_OK) {
		assert_int_equal(ev_signer_read(&again, EV_BYTES_BUF(&key),
				     &pass, err),
		    EV_OK);
		assert_int_equal(ev_signer_pem(again, NULL, out, err), EV_OK);
	}
	ev_signer_free(again);
	ev_buf_release(&key);
	return rc;
}

static enum ev_rc
make_key(struct ev_buf *out, struct ev_err *err)
{
	const struct ev_signer_wish wish = { "A", "Lab", true, now, now + day };
	struct ev_signer *made = NULL;
	struct ev_cert cert;
	enum ev_rc rc;

	rc = ev_signer_make(&made, &wish, err);
	left = -1;
	if (rc == EV_OK) {
		assert_int_equal(ev_signer_cert(made, &cert, err), EV_OK);
		assert_true(cert.self_signed);
		assert_int_equal(cert.not_before, now);
		assert_int_equal(cert.not_after, now + day);
		assert_string_equal(cert.issuer, "CN=A,O=Lab");
		assert_int_equal(ev_buf_puts(out, cert.subject, err), EV_OK);
	} else {
		assert_null(made);
	}
	ev_signer_free(made);
	return rc;
}

static enum ev_rc
trust_cert(struct ev_buf *out, struct ev_err *err)
{
	struct ev_cades_check check = { .p7s = EV_BYTES_BUF(&p7s),
		.content = CONTENT,
		.at = now };
	struct ev_trust *mine = NULL;
	struct ev_cades result;
	enum ev_rc rc;

	rc = ev_trust_add(&mine, EV_BYTES_BUF(&pem), err);
	left = -1;
	check.trust = mine;
	if (rc == EV_OK) {
		assert_int_equal(ev_cades_verify(&check, &result, err), EV_OK);
		/* OpenSSL keeps the root, and cannot use it: no false yes. */
		assert_true(result.chain.state == EV_TRUST_OK ||
			    (failed && result.chain.state == EV_TRUST_FAILED));
		assert_int_equal(ev_buf_putc(out, '1', err), EV_OK);
	}
	ev_trust_free(mine);
	return rc;
}

static enum ev_rc
sign_content(struct ev_buf *out, struct ev_err *err)
{
	struct ev_cades_check check = { .content = CONTENT,
		.trust = trust,
		.at = now };
	struct ev_cades result;
	struct ev_buf der;
	enum ev_rc rc;

	ev_buf_init(&der, LIMIT);
	rc = ev_cades_sign(signer, CONTENT, now, &der, err);
	left = -1;
	if (rc == EV_OK) {
		check.p7s = EV_BYTES_BUF(&der);
		assert_int_equal(ev_cades_verify(&check, &result, err), EV_OK);
		assert_int_equal(ev_buf_put(out, &result.claimed,
				     sizeof(result.claimed), err),
		    EV_OK);
	}
	ev_buf_release(&der);
	return rc;
}

static enum ev_rc
verify_signature(struct ev_buf *out, struct ev_err *err)
{
	const struct ev_cades_check check = { .p7s = EV_BYTES_BUF(&stamped),
		.content = CONTENT,
		.trust = trust,
		.at = now };
	struct ev_cades result;
	enum ev_rc rc;

	rc = ev_cades_verify(&check, &result, err);
	if (rc != EV_OK)
		return rc;
	/* A chain that could not be followed is no false answer. */
	assert_true(result.chain.state == EV_TRUST_OK ||
		    (failed && result.chain.state == EV_TRUST_FAILED));
	assert_true(result.stamped);
	assert_int_equal(result.notes, 0);
	assert_string_equal(result.signer.subject, "CN=A,O=Demo Lab");
	assert_string_equal(result.signer.key, "EC P-256");
	return ev_buf_put(out, &result.stamp.at, sizeof(result.stamp.at), err);
}

static enum ev_rc
imprint_of(struct ev_buf *out, struct ev_err *err)
{
	unsigned char imprint[EV_SHA256];
	enum ev_rc rc;

	rc = ev_cades_imprint(EV_BYTES_BUF(&p7s), imprint, err);
	return rc == EV_OK ? ev_buf_put(out, imprint, sizeof(imprint), err)
			   : rc;
}

static enum ev_rc
add_token(struct ev_buf *out, struct ev_err *err)
{
	return ev_cades_add_token(EV_BYTES_BUF(&p7s), EV_BYTES_BUF(&token), out,
	    err);
}

static enum ev_rc
token_of(struct ev_buf *out, struct ev_err *err)
{
	return ev_cades_token(EV_BYTES_BUF(&stamped), out, err);
}

static enum ev_rc
answer_request(struct ev_buf *out, struct ev_err *err)
{
	const unsigned char imprint[EV_SHA256] = { 1 };
	struct ev_buf request, reply, tst;
	struct ev_stamp result;
	enum ev_rc rc;

	ev_buf_init(&request, EV_STAMP_LIMIT);
	ev_buf_init(&reply, EV_STAMP_LIMIT);
	ev_buf_init(&tst, EV_STAMP_LIMIT);
	rc = ev_stamp_request(imprint, &request, err);
	if (rc == EV_OK)
		rc = ev_stamp_answer(tsa, EV_BYTES_BUF(&request), now, &reply,
		    err);
	if (rc == EV_OK)
		rc = ev_stamp_reply(EV_BYTES_BUF(&request),
		    EV_BYTES_BUF(&reply), &tst, err);
	left = -1;
	if (rc == EV_OK) {
		assert_int_equal(ev_stamp_verify(EV_BYTES_BUF(&tst), imprint,
				     NULL, &result, err),
		    EV_OK);
		assert_int_equal(result.at, now);
		assert_int_equal(ev_buf_putc(out, '1', err), EV_OK);
	}
	ev_buf_release(&request);
	ev_buf_release(&reply);
	ev_buf_release(&tst);
	return rc;
}

/* Of five lines: the tree has nodes on three levels. */
static enum ev_rc
salted_root(struct ev_buf *out, struct ev_err *err)
{
	const unsigned char list_key[EV_SHA256] = { 1 };
	unsigned char salt[EV_SHA256], leaf[EV_SHA256];
	struct ev_salter salter = { .mac = NULL };
	struct ev_merkle_head head = { .size = 0 };
	struct ev_merkle tree;
	enum ev_rc rc;
	int64_t n;

	rc = ev_merkle_init(&tree, err);
	if (rc == EV_OK)
		rc = ev_salter_init(&salter, list_key, err);
	for (n = 1; rc == EV_OK && n <= 5; n++) {
		rc = ev_salter_salt(&salter, n, salt, err);
		if (rc == EV_OK)
			rc = ev_merkle_add_salted(&tree, salt, "x", 1, err);
	}
	if (rc == EV_OK)
		rc = ev_merkle_head(&tree, &head, err);
	if (rc == EV_OK)
		rc = ev_merkle_salted(leaf, salt, "x", 1, err);
	left = -1;
	if (rc == EV_OK)
		rc = ev_buf_put(out, head.root, EV_SHA256, err);
	if (rc == EV_OK)
		rc = ev_buf_put(out, leaf, EV_SHA256, err);
	ev_salter_release(&salter);
	ev_merkle_release(&tree);
	return rc;
}

static enum ev_rc
code_of(struct ev_buf *out, struct ev_err *err)
{
	const unsigned char mac_key[EV_SHA256] = { 2 };
	unsigned char mac[EV_SHA256];
	enum ev_rc rc;

	rc = ev_hmac_sha256(mac, mac_key, "x", 1, err);
	return rc == EV_OK ? ev_buf_put(out, mac, sizeof(mac), err) : rc;
}

/* Ed25519: the same each time. */
static enum ev_rc
make_note(struct ev_buf *out, struct ev_err *err)
{
	const struct ev_merkle_head head = { .size = 7, .root = { 3 } };

	return ev_note_make(out, "example.org/log", &head, log_key, err);
}

static enum ev_rc
make_log_key(struct ev_buf *out, struct ev_err *err)
{
	struct ev_logkey *made = log_key;
	enum ev_rc rc;

	rc = ev_logkey_make(&made, err);
	left = -1;
	if (rc != EV_OK)
		assert_null(made);
	else
		assert_int_equal(ev_buf_putc(out, '1', err), EV_OK);
	ev_logkey_free(made);
	return rc;
}

static enum ev_rc
may_sign(struct ev_buf *out, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_signer_fit(signer, now, err);
	return rc == EV_OK ? ev_buf_putc(out, '1', err) : rc;
}

static enum ev_rc
build_record(struct ev_buf *out, struct ev_err *err)
{
	return ev_record_build(hashes, sizeof(hashes) / EV_SHA256,
	    EV_BYTES_BUF(&token), out, err);
}

/* By one more token; and by a new chain, for it gives up SHA-256. */
static enum ev_rc
renew_record(struct ev_buf *out, bool wide, struct ev_err *err)
{
	static const unsigned char long_hashes[2 * EV_SHA512] = { 4 };
	struct ev_record_renewal renewal = { EV_BYTES_BUF(&record), NULL, 0 };
	unsigned char imprint[EV_SHA512];
	enum ev_rc rc;
	size_t len;

	if (wide) {
		renewal.wide = long_hashes;
		renewal.count = 2;
	}
	rc = ev_record_renewal_imprint(&renewal, imprint, &len, err);
	if (rc == EV_OK)
		rc = ev_buf_put(out, imprint, len, err);
	if (rc == EV_OK)
		rc = ev_record_renew(&renewal, EV_BYTES_BUF(&token), out, err);
	return rc;
}

static enum ev_rc
renew_by_token(struct ev_buf *out, struct ev_err *err)
{
	return renew_record(out, false, err);
}

static enum ev_rc
renew_by_chain(struct ev_buf *out, struct ev_err *err)
{
	return renew_record(out, true, err);
}

static enum ev_rc
read_record(struct ev_buf *out, struct ev_err *err)
{
	struct ev_record *r;
	enum ev_rc rc;

	rc = ev_record_read(&r, EV_BYTES_BUF(&record), err);
	if (rc == EV_OK)
		rc = ev_buf_put(out, ev_record_hashes(r), sizeof(hashes), err);
	ev_record_free(r);
	return rc;
}

/* Reading a key is not here: OpenSSL 3.0's decoders crash without memory. */
static const struct {
	const char *name;
	enum ev_rc (*run)(struct ev_buf *out, struct ev_err *err);
	bool writes; /* what it is tried for, and nothing else, into out */
} job[] = {
	{ "read a certificate", read_cert, false },
	{ "a certificate to DER", cert_to_der, true },
	{ "a certificate to PEM", cert_to_pem, true },
	{ "write a key", write_key, true },
	{ "write an encrypted key", write_secret, false },
	{ "make a key", make_key, false },
	{ "trust a certificate", trust_cert, false },
	{ "sign", sign_content, false },
	{ "verify", verify_signature, false },
	{ "imprint", imprint_of, false },
	{ "add a token", add_token, true },
	{ "take a token out", token_of, true },
	{ "answer a request", answer_request, false },
	{ "a root of salted lines", salted_root, false },
	{ "a message authentication code", code_of, false },
	{ "make a head", make_note, true },
	{ "make a log key", make_log_key, false },
	{ "who may sign", may_sign, false },
	{ "build a record", build_record, true },
	{ "read a record", read_record, false },
	{ "renew a record", renew_by_token, false },
	{ "renew a record by another hash", renew_by_chain, false },
};

static int
set_up(void **state)
{
	struct ev_err err;

	(void)state;
	signer = person("A", false);
	tsa = person("T", true);
	trust = trust_in(signer, tsa);
	ev_buf_init(&pem, LIMIT);
	ev_buf_init(&secret_pem, LIMIT);
	ev_buf_init(&token, LIMIT);
	assert_int_equal(ev_signer_cert_pem(signer, &pem, &err), EV_OK);
	assert_int_equal(ev_signer_pem(signer, &pass, &secret_pem, &err),
	    EV_OK);
	sign(signer, &p7s);
	ev_buf_init(&stamped, LIMIT);
	assert_int_equal(ev_buf_put(&stamped, p7s.data, p7s.len, &err), EV_OK);
	stamp(tsa, &stamped, now);
	assert_int_equal(ev_cades_token(EV_BYTES_BUF(&stamped), &token, &err),
	    EV_OK);
	assert_int_equal(ev_logkey_make(&log_key, &err), EV_OK);
	ev_buf_init(&record, LIMIT);
	assert_int_equal(build_record(&record, &err), EV_OK);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	ev_signer_free(signer);
	ev_signer_free(tsa);
	ev_trust_free(trust);
	ev_buf_release(&pem);
	ev_buf_release(&secret_pem);
	ev_buf_release(&p7s);
	ev_buf_release(&stamped);
	ev_buf_release(&token);
	ev_buf_release(&record);
	ev_logkey_free(log_key);
	return 0;
}

static void
an_allocation_that_fails_is_told(void **state)
{
	struct ev_buf want, have;
	struct ev_err err;
	enum ev_rc rc;
	size_t i;
	long n;

	(void)state;
	ev_buf_init(&want, LIMIT);
	ev_buf_init(&have, LIMIT);
	for (i = 0; i < sizeof(job) / sizeof(job[0]); i++) {
		ev_buf_clear(&want);
		assert_int_equal(job[i].run(&want, &err), EV_OK);
		for (n = 0, failed = true; failed && n < LAST;
		     n += n < EACH || stride() > STEP ? (long)stride() : STEP) {
			ev_buf_clear(&have);
			memset(&err, 0, sizeof(err));
			failed = false;
			left = n;
			rc = job[i].run(&have, &err);
			left = -1;
			if (rc == EV_OK) {
				assert_int_equal(have.len, want.len);
				assert_memory_equal(have.data, want.data,
				    want.len);
			} else {
				assert_true(failed);
				assert_int_equal(err.rc, rc);
				assert_true(err.msg[0] != '\0');
			}
		}
		print_message("%s: %ld\n", job[i].name, n);
	}
	ev_buf_release(&want);
	ev_buf_release(&have);
}

static void
a_result_that_does_not_fit_is_told(void **state)
{
	struct ev_buf want, have;
	struct ev_err err;
	size_t i, cut;

	(void)state;
	for (i = 0; i < sizeof(job) / sizeof(job[0]); i++) {
		if (!job[i].writes)
			continue;
		ev_buf_init(&want, LIMIT);
		assert_int_equal(job[i].run(&want, &err), EV_OK);
		for (cut = 1; cut <= want.len; cut = 2 * cut + 1) {
			ev_buf_init(&have, want.len - cut);
			assert_int_equal(job[i].run(&have, &err), EV_LIMIT);
			assert_true(have.len <= want.len - cut);
			ev_buf_release(&have);
		}
		ev_buf_release(&want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_allocation_that_fails_is_told),
		cmocka_unit_test(a_result_that_does_not_fit_is_told),
	};

	if (CRYPTO_set_mem_functions(take, take_more, give) != 1)
		return 1;
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
