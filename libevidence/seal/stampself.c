/* The built-in time-stamping authority, which proves order and no date. */
#include <openssl/ts.h>
#include <string.h>

#include "seal/signer.h"
#include "seal/stamp.h"

enum { SERIAL_BITS = 63, DIGITS = 6 };

static const int64_t second_us = 1000000;

static int
tell_time(TS_RESP_CTX *ctx, void *data, long *seconds, long *micros)
{
	const int64_t *now = data;

	(void)ctx;
	*seconds = (long)(*now / second_us);
	*micros = (long)(*now % second_us);
	return 1;
}

static ASN1_INTEGER *
tell_serial(TS_RESP_CTX *ctx, void *data)
{
	BIGNUM *bn = BN_new();
	ASN1_INTEGER *serial = NULL;

	(void)ctx;
	(void)data;
	if (bn != NULL &&
	    BN_rand(bn, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1)
		serial = BN_to_ASN1_INTEGER(bn, NULL);
	BN_free(bn);
	return serial;
}

static bool
set_up(TS_RESP_CTX *ctx, const struct ev_signer *s, int64_t *now)
{
	ASN1_OBJECT *policy = OBJ_txt2obj(EV_STAMP_SELF, 1);
	bool done;

	TS_RESP_CTX_set_time_cb(ctx, tell_time, now);
	TS_RESP_CTX_set_serial_cb(ctx, tell_serial, NULL);
	done = policy != NULL &&
	       TS_RESP_CTX_set_signer_cert(ctx, s->cert) == 1 &&
	       TS_RESP_CTX_set_signer_key(ctx, s->key) == 1 &&
	       TS_RESP_CTX_set_signer_digest(ctx, EVP_sha256()) == 1 &&
	       TS_RESP_CTX_set_ess_cert_id_digest(ctx, EVP_sha256()) == 1 &&
	       TS_RESP_CTX_set_def_policy(ctx, policy) == 1 &&
	       TS_RESP_CTX_set_clock_precision_digits(ctx, DIGITS) == 1 &&
	       TS_RESP_CTX_add_md(ctx, EVP_sha256()) == 1 &&
	       TS_RESP_CTX_add_md(ctx, EVP_sha512()) == 1;
	ASN1_OBJECT_free(policy);
	return done;
}

enum ev_rc
ev_stamp_answer(const struct ev_signer *authority, struct ev_bytes request,
    int64_t now, struct ev_buf *reply, struct ev_err *err)
{
	TS_RESP_CTX *ctx = TS_RESP_CTX_new();
	BIO *bio = ev_bio_bytes(request);
	TS_RESP *resp = NULL;
	unsigned char *der = NULL;
	enum ev_rc rc;
	int len = -1;

	if (now < 0) {
		rc = ev_fail(err, EV_USE, "no time before 1970");
		goto out;
	}
	if (ctx != NULL && bio != NULL && set_up(ctx, authority, &now))
		resp = TS_RESP_create_response(ctx, bio);
	if (resp != NULL)
		len = i2d_TS_RESP(resp, &der);
	if (len <= 0)
		rc = ev_fail_ossl(err, EV_CRYPTO,
		    "the built-in authority cannot answer");
	else
		rc = ev_buf_put(reply, der, (size_t)len, err);
out:
	ev_ossl_clear();
	OPENSSL_free(der);
	TS_RESP_free(resp);
	BIO_free_all(bio);
	TS_RESP_CTX_free(ctx);
	return rc;
}
