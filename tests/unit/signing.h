/* What the tests of signatures share: a person, an authority, both at work. */
#ifndef EV_TEST_SIGNING_H
#define EV_TEST_SIGNING_H

#include "seal/sign.h"

static const int64_t day = INT64_C(86400) * 1000000;
static const int64_t now = INT64_C(1753351202000000);
static const char content[] = "<ASiCManifest/>\n";

#define CONTENT EV_BYTES(content, sizeof(content) - 1)

static inline struct ev_signer *
person(const char *name, bool stamps)
{
	const struct ev_signer_wish wish = { name, "Demo Lab", stamps,
		now - day, now + 365 * day };
	struct ev_signer *signer = NULL;
	struct ev_err err;

	assert_int_equal(ev_signer_make(&signer, &wish, &err), EV_OK);
	return signer;
}

static inline void
sign(const struct ev_signer *signer, struct ev_buf *p7s)
{
	struct ev_err err;

	ev_buf_init(p7s, 1 << 20);
	assert_int_equal(ev_cades_sign(signer, CONTENT, now, p7s, &err), EV_OK);
}

/* The signature with a token of the built-in authority made at `at`. */
static inline void
stamp(const struct ev_signer *tsa, struct ev_buf *p7s, int64_t at)
{
	unsigned char imprint[EV_SHA256];
	struct ev_buf request, reply, token, out;
	struct ev_err err;

	ev_buf_init(&request, EV_STAMP_LIMIT);
	ev_buf_init(&reply, EV_STAMP_LIMIT);
	ev_buf_init(&token, EV_STAMP_LIMIT);
	ev_buf_init(&out, 1 << 20);
	assert_int_equal(ev_cades_imprint(EV_BYTES_BUF(p7s), imprint, &err),
	    EV_OK);
	assert_int_equal(ev_stamp_request(imprint, &request, &err), EV_OK);
	assert_int_equal(ev_stamp_answer(tsa, EV_BYTES_BUF(&request), at,
			     &reply, &err),
	    EV_OK);
	assert_int_equal(ev_stamp_reply(EV_BYTES_BUF(&request),
			     EV_BYTES_BUF(&reply), &token, &err),
	    EV_OK);
	assert_int_equal(ev_cades_add_token(EV_BYTES_BUF(p7s),
			     EV_BYTES_BUF(&token), &out, &err),
	    EV_OK);
	ev_buf_release(p7s);
	*p7s = out;
	ev_buf_clear(&reply);
	assert_int_equal(ev_cades_token(EV_BYTES_BUF(p7s), &reply, &err),
	    EV_OK);
	assert_int_equal(reply.len, token.len);
	assert_memory_equal(reply.data, token.data, token.len);
	ev_buf_release(&request);
	ev_buf_release(&reply);
	ev_buf_release(&token);
}

static inline struct ev_trust *
trust_in(const struct ev_signer *a, const struct ev_signer *b)
{
	struct ev_trust *trust = NULL;
	struct ev_buf pem;
	struct ev_err err;

	ev_buf_init(&pem, 65536);
	assert_int_equal(ev_signer_cert_pem(a, &pem, &err), EV_OK);
	if (b != NULL)
		assert_int_equal(ev_signer_cert_pem(b, &pem, &err), EV_OK);
	assert_int_equal(ev_trust_add(&trust, EV_BYTES_BUF(&pem), &err), EV_OK);
	ev_buf_release(&pem);
	return trust;
}

#endif
