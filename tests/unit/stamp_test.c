/* seal/stamp: the built-in authority answers, and what is not taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "seal/sign.h"
#include "seal/stamp.h"
#include "stride.h"

static const int64_t day = INT64_C(86400) * 1000000;
/* 2025-07-24T10:00:02.250001Z */
static const int64_t now = INT64_C(1753351202250001);

static const unsigned char imprint[EV_SHA256] =
    "thirty-two bytes of some hash..";

static struct ev_signer *
authority(bool stamps)
{
	const struct ev_signer_wish wish = { "Built-in Authority", "Demo Lab",
		stamps, now - day, now + 365 * day };
	struct ev_signer *signer = NULL;
	struct ev_err err;

	assert_int_equal(ev_signer_make(&signer, &wish, &err), EV_OK);
	return signer;
}

struct made {
	struct ev_signer *tsa;
	struct ev_buf request, reply, token;
};

static void
make_at(struct made *m, int64_t at)
{
	struct ev_err err;

	m->tsa = authority(true);
	ev_buf_init(&m->request, EV_STAMP_LIMIT);
	ev_buf_init(&m->reply, EV_STAMP_LIMIT);
	ev_buf_init(&m->token, EV_STAMP_LIMIT);
	assert_int_equal(ev_stamp_request(imprint, &m->request, &err), EV_OK);
	assert_int_equal(ev_stamp_answer(m->tsa, EV_BYTES_BUF(&m->request), at,
			     &m->reply, &err),
	    EV_OK);
}

static void
make(struct made *m)
{
	struct ev_err err;

	make_at(m, now);
	assert_int_equal(ev_stamp_reply(EV_BYTES_BUF(&m->request),
			     EV_BYTES_BUF(&m->reply), &m->token, &err),
	    EV_OK);
}

static void
unmake(struct made *m)
{
	ev_signer_free(m->tsa);
	ev_buf_release(&m->request);
	ev_buf_release(&m->reply);
	ev_buf_release(&m->token);
}

static void
a_token_tells_its_time_and_its_maker(void **state)
{
	struct ev_stamp stamp;
	struct made m;
	struct ev_err err;

	(void)state;
	make(&m);
	assert_int_equal(ev_stamp_verify(EV_BYTES_BUF(&m.token), imprint, NULL,
			     &stamp, &err),
	    EV_OK);
	assert_int_equal(stamp.at, now);
	assert_int_equal(stamp.accuracy, -1);
	assert_string_equal(stamp.policy, EV_STAMP_SELF);
	assert_true(stamp.self_issued);
	assert_int_equal(strlen(stamp.serial), 16);
	assert_string_equal(stamp.authority.subject,
	    "CN=Built-in Authority,O=Demo Lab");
	assert_string_equal(stamp.authority.key, "EC P-256");
	assert_true(stamp.authority.self_signed);
	assert_int_equal(stamp.chain.state, EV_TRUST_NOT_CHECKED);
	unmake(&m);
}

static void
trust_is_what_the_user_named(void **state)
{
	struct ev_trust *mine = NULL, *other = NULL;
	struct ev_signer *stranger = authority(true);
	struct ev_stamp stamp;
	struct ev_buf pem;
	struct made m;
	struct ev_err err;

	(void)state;
	make(&m);
	ev_buf_init(&pem, 65536);
	assert_int_equal(ev_signer_cert_pem(m.tsa, &pem, &err), EV_OK);
	assert_int_equal(ev_trust_add(&mine, EV_BYTES_BUF(&pem), &err), EV_OK);
	ev_buf_clear(&pem);
	assert_int_equal(ev_signer_cert_pem(stranger, &pem, &err), EV_OK);
	assert_int_equal(ev_trust_add(&other, EV_BYTES_BUF(&pem), &err), EV_OK);
	assert_int_equal(ev_stamp_verify(EV_BYTES_BUF(&m.token), imprint, mine,
			     &stamp, &err),
	    EV_OK);
	assert_int_equal(stamp.chain.state, EV_TRUST_OK);
	assert_int_equal(ev_stamp_verify(EV_BYTES_BUF(&m.token), imprint, other,
			     &stamp, &err),
	    EV_OK);
	assert_int_equal(stamp.chain.state, EV_TRUST_FAILED);
	assert_string_not_equal(stamp.chain.reason, "");
	assert_int_equal(ev_trust_add(&other, EV_BYTES("none", 4), &err),
	    EV_INPUT);
	ev_trust_free(mine);
	ev_trust_free(other);
	ev_signer_free(stranger);
	ev_buf_release(&pem);
	unmake(&m);
}

static void
every_flipped_bit_of_a_token_is_found(void **state)
{
	struct ev_stamp stamp;
	struct made m;
	struct ev_err err;
	size_t n;

	(void)state;
	make(&m);
	for (n = 0; n < 8 * m.token.len; n += stride()) {
		m.token.data[n / 8] ^= (unsigned char)(1 << n % 8);
		assert_int_not_equal(ev_stamp_verify(EV_BYTES_BUF(&m.token),
					 imprint, NULL, &stamp, &err),
		    EV_OK);
		m.token.data[n / 8] ^= (unsigned char)(1 << n % 8);
	}
	for (n = 0; n < m.token.len; n += stride())
		assert_int_equal(ev_stamp_verify(EV_BYTES(m.token.data, n),
				     imprint, NULL, &stamp, &err),
		    EV_INPUT);
	assert_int_equal(ev_buf_putc(&m.token, 0, &err), EV_OK);
	assert_int_equal(ev_stamp_verify(EV_BYTES_BUF(&m.token), imprint, NULL,
			     &stamp, &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "bytes behind the token's end");
	unmake(&m);
}

static void
a_token_over_something_else_is_refused(void **state)
{
	unsigned char other[EV_SHA256];
	struct ev_stamp stamp;
	struct made m;
	struct ev_err err;

	(void)state;
	make(&m);
	memcpy(other, imprint, EV_SHA256);
	other[31] ^= 1;
	assert_int_equal(ev_stamp_verify(EV_BYTES_BUF(&m.token), other, NULL,
			     &stamp, &err),
	    EV_MISMATCH);
	assert_string_equal(err.msg, "the token covers something else");
	unmake(&m);
}

static void
a_reply_to_another_request_is_refused(void **state)
{
	struct ev_buf other;
	struct made m;
	struct ev_err err;

	(void)state;
	make(&m);
	ev_buf_init(&other, EV_STAMP_LIMIT);
	ev_buf_clear(&m.token);
	assert_int_equal(ev_stamp_request(imprint, &other, &err), EV_OK);
	assert_int_equal(ev_stamp_reply(EV_BYTES_BUF(&other),
			     EV_BYTES_BUF(&m.reply), &m.token, &err),
	    EV_MISMATCH);
	assert_string_equal(err.msg,
	    "the token repeats another nonce: it answers another request");
	assert_int_equal(m.token.len, 0);
	assert_int_equal(ev_stamp_reply(EV_BYTES_BUF(&m.request),
			     EV_BYTES_BUF(&m.request), &m.token, &err),
	    EV_INPUT);
	assert_int_equal(ev_buf_putc(&m.reply, 0, &err), EV_OK);
	assert_int_equal(ev_stamp_reply(EV_BYTES_BUF(&m.request),
			     EV_BYTES_BUF(&m.reply), &m.token, &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "bytes behind the reply's end");
	ev_buf_release(&other);
	unmake(&m);
}

static void
an_authority_that_refuses_is_heard(void **state)
{
	/* PKIStatusInfo: rejection, "no\x1b[2J", badRequest. */
	static const unsigned char reply[] = { 0x30, 0x14, 0x30, 0x12, 0x02,
		0x01, 0x02, 0x30, 0x09, 0x0c, 0x07, 'n', 'o', 0x1b, '[', '2',
		'J', '!', 0x03, 0x02, 0x05, 0x20 };
	/* Granted, and nothing else. */
	static const unsigned char empty[] = { 0x30, 0x05, 0x30, 0x03, 0x02,
		0x01, 0x00 };
	struct made m;
	struct ev_err err;

	(void)state;
	make(&m);
	assert_int_equal(ev_stamp_reply(EV_BYTES_BUF(&m.request),
			     EV_BYTES(empty, sizeof(empty)), &m.token, &err),
	    EV_INPUT);
	assert_int_equal(ev_stamp_reply(EV_BYTES_BUF(&m.reply),
			     EV_BYTES_BUF(&m.reply), &m.token, &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "no time-stamp request");
	assert_int_equal(ev_stamp_reply(EV_BYTES_BUF(&m.request),
			     EV_BYTES(reply, sizeof(reply)), &m.token, &err),
	    EV_MISMATCH);
	assert_string_equal(err.msg,
	    "the authority refused, status 2: no\\u{001B}[2J!");
	unmake(&m);
}

static void
a_time_outside_the_certificate_is_refused(void **state)
{
	struct made m;
	struct ev_err err;

	(void)state;
	make_at(&m, now - 2 * day);
	assert_int_equal(ev_stamp_reply(EV_BYTES_BUF(&m.request),
			     EV_BYTES_BUF(&m.reply), &m.token, &err),
	    EV_MISMATCH);
	assert_string_equal(err.msg,
	    "the authority's certificate was not valid at the token's time");
	unmake(&m);
}

static void
only_a_key_for_stamps_can_be_an_authority(void **state)
{
	struct ev_signer *person = authority(false);
	struct made m;
	struct ev_err err;

	(void)state;
	make(&m);
	ev_buf_clear(&m.reply);
	assert_int_equal(ev_stamp_answer(person, EV_BYTES_BUF(&m.request), now,
			     &m.reply, &err),
	    EV_CRYPTO);
	assert_int_equal(m.reply.len, 0);
	ev_signer_free(person);
	unmake(&m);
}

static void
certificates_of_a_token_can_be_kept(void **state)
{
	struct ev_cert cert, tsa;
	struct ev_buf pem;
	struct made m;
	struct ev_err err;

	(void)state;
	make(&m);
	ev_buf_init(&pem, 65536);
	assert_int_equal(ev_stamp_certs(EV_BYTES_BUF(&m.token), &pem, &err),
	    EV_OK);
	assert_int_equal(ev_cert_read(&cert, EV_BYTES_BUF(&pem), &err), EV_OK);
	assert_int_equal(ev_signer_cert(m.tsa, &tsa, &err), EV_OK);
	assert_memory_equal(cert.sha256, tsa.sha256, EV_SHA256);
	ev_buf_release(&pem);
	unmake(&m);
}

static void
addresses_that_cannot_be_asked_are_a_misuse(void **state)
{
	static const char *const bad[] = { "https://tsa.example.org/", "",
		"http://", "tsa.example.org", "ftp://tsa.example.org",
		"http://tsa.example.org:no/" };
	struct ev_buf reply;
	struct ev_err err;
	size_t n;

	(void)state;
	ev_buf_init(&reply, EV_STAMP_LIMIT);
	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		const struct ev_stamp_place place = { bad[n], 1, 1 };

		assert_int_equal(ev_stamp_fetch(&place, EV_BYTES("x", 1),
				     &reply, &err),
		    EV_USE);
	}
	ev_buf_release(&reply);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_tells_its_time_and_its_maker),
		cmocka_unit_test(trust_is_what_the_user_named),
		cmocka_unit_test(every_flipped_bit_of_a_token_is_found),
		cmocka_unit_test(a_token_over_something_else_is_refused),
		cmocka_unit_test(a_reply_to_another_request_is_refused),
		cmocka_unit_test(an_authority_that_refuses_is_heard),
		cmocka_unit_test(a_time_outside_the_certificate_is_refused),
		cmocka_unit_test(only_a_key_for_stamps_can_be_an_authority),
		cmocka_unit_test(certificates_of_a_token_can_be_kept),
		cmocka_unit_test(addresses_that_cannot_be_asked_are_a_misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
