/* RFC 3161: asking for a token, and taking it out of the answer. */
#include <openssl/rand.h>
#include <openssl/ts.h>
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "seal/stamp.h"
#include "seal/x509.h"

enum { NONCE_BITS = 64, TEXT_LIMIT = 4096 };

static bool
put_imprint(TS_REQ *req, struct ev_bytes imprint)
{
	const int nid = imprint.len == EV_SHA512 ? NID_sha512 : NID_sha256;
	TS_MSG_IMPRINT *msg = TS_MSG_IMPRINT_new();
	X509_ALGOR *algo = X509_ALGOR_new();
	unsigned char copy[EV_SHA512];
	bool done;

	memcpy(copy, imprint.data, imprint.len);
	done =
	    msg != NULL && algo != NULL &&
	    X509_ALGOR_set0(algo, OBJ_nid2obj(nid), V_ASN1_NULL, NULL) == 1 &&
	    TS_MSG_IMPRINT_set_algo(msg, algo) == 1 &&
	    TS_MSG_IMPRINT_set_msg(msg, copy, (int)imprint.len) == 1 &&
	    TS_REQ_set_msg_imprint(req, msg) == 1;
	X509_ALGOR_free(algo);
	TS_MSG_IMPRINT_free(msg);
	return done;
}

static bool
put_nonce(TS_REQ *req)
{
	BIGNUM *bn = BN_new();
	ASN1_INTEGER *nonce = NULL;
	bool done;

	/* The top bit set: a nonce of the full length, never zero. */
	if (bn != NULL &&
	    BN_rand(bn, NONCE_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1)
		nonce = BN_to_ASN1_INTEGER(bn, NULL);
	done = nonce != NULL && TS_REQ_set_nonce(req, nonce) == 1;
	ASN1_INTEGER_free(nonce);
	BN_free(bn);
	return done;
}

enum ev_rc
ev_stamp_request_over(struct ev_bytes imprint, struct ev_buf *der,
    struct ev_err *err)
{
	TS_REQ *req;
	unsigned char *data = NULL;
	enum ev_rc rc;
	int len = -1;

	if (imprint.len != EV_SHA256 && imprint.len != EV_SHA512)
		return ev_fail(err, EV_USE, "a hash of %zu bytes", imprint.len);
	req = TS_REQ_new();
	if (req != NULL && TS_REQ_set_version(req, 1) == 1 &&
	    put_imprint(req, imprint) && put_nonce(req) &&
	    TS_REQ_set_cert_req(req, 1) == 1)
		len = i2d_TS_REQ(req, &data);
	if (len <= 0)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot make a request");
	else
		rc = ev_buf_put(der, data, (size_t)len, err);
	OPENSSL_free(data);
	TS_REQ_free(req);
	return rc;
}

enum ev_rc
ev_stamp_request(const unsigned char imprint[EV_SHA256], struct ev_buf *der,
    struct ev_err *err)
{
	return ev_stamp_request_over(EV_BYTES(imprint, EV_SHA256), der, err);
}

/* What a refusing authority says: words from outside, made safe. */
static enum ev_rc
refused(TS_STATUS_INFO *info, struct ev_err *err)
{
	const STACK_OF(ASN1_UTF8STRING) *text = TS_STATUS_INFO_get0_text(info);
	const long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));
	const ASN1_UTF8STRING *line;
	struct ev_buf safe;
	struct ev_err inner;
	enum ev_rc rc = EV_OK;
	int n;

	ev_buf_init(&safe, TEXT_LIMIT);
	for (n = 0; rc == EV_OK && n < sk_ASN1_UTF8STRING_num(text); n++) {
		line = sk_ASN1_UTF8STRING_value(text, n);
		rc = ev_buf_puts(&safe, n == 0 ? ": " : ", ", &inner);
		if (rc == EV_OK)
			rc = ev_text_safe(&safe, ASN1_STRING_get0_data(line),
			    (size_t)ASN1_STRING_length(line), EV_TEXT_NAME,
			    &inner);
	}
	rc =
	    ev_fail(err, EV_MISMATCH, "the authority refused, status %ld%.300s",
		status, ev_buf_text(&safe));
	ev_buf_release(&safe);
	return rc;
}

static enum ev_rc
check_status(TS_RESP *resp, struct ev_err *err)
{
	TS_STATUS_INFO *info = TS_RESP_get_status_info(resp);
	const long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));

	if (status != TS_STATUS_GRANTED &&
	    status != TS_STATUS_GRANTED_WITH_MODS)
		return refused(info, err);
	if (TS_RESP_get_token(resp) == NULL ||
	    TS_RESP_get_tst_info(resp) == NULL)
		return ev_fail(err, EV_INPUT,
		    "the reply says granted and holds no token");
	return EV_OK;
}

/* RFC 3161, 2.4.2: what the requester shall verify. */
static enum ev_rc
check_answer(TS_REQ *req, TS_RESP *resp, struct ev_err *err)
{
	TS_TST_INFO *info = TS_RESP_get_tst_info(resp);
	const ASN1_INTEGER *asked = TS_REQ_get_nonce(req);
	const ASN1_INTEGER *got = TS_TST_INFO_get_nonce(info);
	ASN1_OBJECT *policy = TS_REQ_get_policy_id(req);

	if (asked != NULL && got == NULL)
		return ev_fail(err, EV_MISMATCH,
		    "the token does not repeat the nonce");
	if (asked != NULL && ASN1_INTEGER_cmp(asked, got) != 0)
		return ev_fail(err, EV_MISMATCH,
		    "the token repeats another nonce: it answers another"
		    " request");
	if (policy != NULL &&
	    OBJ_cmp(policy, TS_TST_INFO_get_policy_id(info)) != 0)
		return ev_fail(err, EV_MISMATCH,
		    "the token is under another policy than asked for");
	return EV_OK;
}

/* The token's own bytes: the end of the reply. */
static enum ev_rc
take_token(TS_RESP *resp, struct ev_bytes reply, struct ev_buf *token,
    struct ev_err *err)
{
	const unsigned char *all = reply.data;
	unsigned char *data = NULL;
	const int len = i2d_PKCS7(TS_RESP_get_token(resp), &data);
	enum ev_rc rc;

	if (len <= 0)
		rc = ev_fail_ossl(err, EV_INPUT, "cannot take out the token");
	else if ((size_t)len > reply.len ||
		 memcmp(data, all + reply.len - (size_t)len, (size_t)len) != 0)
		rc = ev_fail(err, EV_INPUT, "the reply is not DER");
	else
		rc = ev_buf_put(token, data, (size_t)len, err);
	OPENSSL_free(data);
	return rc;
}

static enum ev_rc
read_request(TS_REQ **req, struct ev_bytes in, struct ev_bytes *imprint,
    struct ev_err *err)
{
	const unsigned char *p = in.data;
	TS_MSG_IMPRINT *msg;
	ASN1_OCTET_STRING *hash;
	int nid;

	*req = d2i_TS_REQ(NULL, &p, (long)in.len);
	ev_ossl_clear();
	if (*req == NULL || p != (const unsigned char *)in.data + in.len)
		return ev_fail(err, EV_INPUT, "no time-stamp request");
	msg = TS_REQ_get_msg_imprint(*req);
	hash = TS_MSG_IMPRINT_get_msg(msg);
	nid = OBJ_obj2nid(TS_MSG_IMPRINT_get_algo(msg)->algorithm);
	imprint->data = ASN1_STRING_get0_data(hash);
	imprint->len = (size_t)ASN1_STRING_length(hash);
	if (!(nid == NID_sha256 && imprint->len == EV_SHA256) &&
	    !(nid == NID_sha512 && imprint->len == EV_SHA512))
		return ev_fail(err, EV_INPUT,
		    "the request is not over a SHA-256 or SHA-512");
	return EV_OK;
}

enum ev_rc
ev_stamp_reply(struct ev_bytes request, struct ev_bytes reply,
    struct ev_buf *token, struct ev_err *err)
{
	const unsigned char *p = reply.data;
	struct ev_bytes imprint = EV_BYTES(NULL, 0);
	const size_t before = token->len;
	struct ev_stamp stamp;
	TS_REQ *req = NULL;
	TS_RESP *resp = NULL;
	enum ev_rc rc;

	rc = read_request(&req, request, &imprint, err);
	if (rc == EV_OK && reply.len > EV_STAMP_LIMIT)
		rc = ev_fail(err, EV_INPUT, "a reply of more than %d bytes",
		    EV_STAMP_LIMIT);
	if (rc != EV_OK)
		goto out;
	resp = d2i_TS_RESP(NULL, &p, (long)reply.len);
	if (resp == NULL) {
		rc = ev_fail_ossl(err, EV_INPUT, "no time-stamp reply");
		goto out;
	}
	if (p != (const unsigned char *)reply.data + reply.len) {
		rc = ev_fail(err, EV_INPUT, "bytes behind the reply's end");
		goto out;
	}
	rc = check_status(resp, err);
	if (rc == EV_OK)
		rc = check_answer(req, resp, err);
	if (rc == EV_OK)
		rc = take_token(resp, reply, token, err);
	if (rc != EV_OK)
		goto out;
	rc = ev_stamp_verify_over(EV_BYTES(token->data + before,
				      token->len - before),
	    imprint, NULL, EV_TRUST_NOW, &stamp, err);
	if (rc != EV_OK)
		token->len = before;
out:
	TS_RESP_free(resp);
	TS_REQ_free(req);
	return rc;
}
