/* seal/record: one token for many hashes, and records that lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "seal/record.h"
#include "seal/sign.h"
#include "stride.h"

enum { COUNT = 5 };

static const int64_t day = INT64_C(86400) * 1000000;
static const int64_t now = INT64_C(1753351202000000);

/* Not in ascending order; two of them are equal. */
static const unsigned char hashes[COUNT * EV_SHA256] =
    "d..............................."
    "a..............................."
    "c..............................."
    "a..............................."
    "b..............................";
static const unsigned char ascending[COUNT * EV_SHA256 + 1] =
    "a..............................."
    "a..............................."
    "b..............................\0"
    "c..............................."
    "d...............................";

static void
token_at(struct ev_bytes imprint, int64_t at, struct ev_buf *token)
{
	const struct ev_signer_wish wish = { "T", NULL, true, at - day,
		at + day };
	struct ev_signer *tsa = NULL;
	struct ev_buf request, reply;
	struct ev_err err;

	ev_buf_init(token, EV_STAMP_LIMIT);
	ev_buf_init(&request, EV_STAMP_LIMIT);
	ev_buf_init(&reply, EV_STAMP_LIMIT);
	assert_int_equal(ev_signer_make(&tsa, &wish, &err), EV_OK);
	assert_int_equal(ev_stamp_request_over(imprint, &request, &err), EV_OK);
	assert_int_equal(ev_stamp_answer(tsa, EV_BYTES_BUF(&request), at,
			     &reply, &err),
	    EV_OK);
	assert_int_equal(ev_stamp_reply(EV_BYTES_BUF(&request),
			     EV_BYTES_BUF(&reply), token, &err),
	    EV_OK);
	ev_buf_release(&request);
	ev_buf_release(&reply);
	ev_signer_free(tsa);
}

static void
token_over(const unsigned char *root, struct ev_buf *token)
{
	token_at(EV_BYTES(root, EV_SHA256), now, token);
}

static void
make(struct ev_buf *der, size_t count)
{
	unsigned char root[EV_SHA256];
	struct ev_buf token;
	struct ev_err err;

	ev_buf_init(der, 1 << 20);
	assert_int_equal(ev_record_root(root, hashes, count, &err), EV_OK);
	token_over(root, &token);
	assert_int_equal(ev_record_build(hashes, count, EV_BYTES_BUF(&token),
			     der, &err),
	    EV_OK);
	ev_buf_release(&token);
}

static enum ev_rc
check(const struct ev_buf *der, size_t len, struct ev_err *err)
{
	struct ev_record *record;
	struct ev_stamp stamp;
	enum ev_rc rc;

	rc = ev_record_read(&record, EV_BYTES(der->data, len), err);
	if (rc == EV_OK)
		rc = ev_record_verify(record, NULL, &stamp, NULL, err);
	ev_record_free(record);
	return rc;
}

static void
the_root_is_the_hash_of_the_sorted_hashes(void **state)
{
	unsigned char root[EV_SHA256], want[EV_SHA256];
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_record_root(root, hashes, COUNT, &err), EV_OK);
	assert_int_equal(ev_sha256(want, ascending, sizeof(ascending) - 1,
			     &err),
	    EV_OK);
	assert_memory_equal(root, want, EV_SHA256);
	assert_int_equal(ev_record_root(root, hashes, 1, &err), EV_OK);
	assert_memory_equal(root, hashes, EV_SHA256);
	assert_int_equal(ev_record_root(root, hashes, 0, &err), EV_USE);
}

static void
a_record_holds_its_hashes_and_its_token(void **state)
{
	unsigned char other[EV_SHA256] = "none of them";
	struct ev_record *record;
	struct ev_stamp stamp;
	struct ev_buf der;
	struct ev_err err;
	size_t n;

	(void)state;
	make(&der, COUNT);
	assert_int_equal(ev_record_read(&record, EV_BYTES_BUF(&der), &err),
	    EV_OK);
	assert_int_equal(ev_record_count(record), COUNT);
	assert_memory_equal(ev_record_hashes(record), ascending,
	    sizeof(hashes));
	for (n = 0; n < COUNT; n++)
		assert_true(ev_record_has(record, hashes + n * EV_SHA256));
	assert_false(ev_record_has(record, other));
	assert_int_equal(ev_record_verify(record, NULL, &stamp, NULL, &err),
	    EV_OK);
	assert_int_equal(stamp.at, now);
	assert_true(ev_record_token(record).len > 0);
	ev_record_free(record);
	ev_buf_release(&der);
}

static void
a_record_of_one_hash_is_over_that_hash(void **state)
{
	struct ev_record *record;
	struct ev_stamp stamp;
	struct ev_buf der;
	struct ev_err err;

	(void)state;
	make(&der, 1);
	assert_int_equal(ev_record_read(&record, EV_BYTES_BUF(&der), &err),
	    EV_OK);
	assert_int_equal(ev_record_verify(record, NULL, &stamp, NULL, &err),
	    EV_OK);
	assert_int_equal(ev_stamp_verify(ev_record_token(record), hashes, NULL,
			     &stamp, &err),
	    EV_OK);
	ev_record_free(record);
	ev_buf_release(&der);
}

static void
every_flipped_bit_of_a_record_is_found(void **state)
{
	struct ev_buf der;
	struct ev_err err;
	size_t n;

	(void)state;
	make(&der, COUNT);
	assert_int_equal(check(&der, der.len, &err), EV_OK);
	for (n = 0; n < 8 * der.len; n += stride()) {
		der.data[n / 8] ^= (unsigned char)(1 << n % 8);
		assert_int_not_equal(check(&der, der.len, &err), EV_OK);
		der.data[n / 8] ^= (unsigned char)(1 << n % 8);
	}
	for (n = 0; n < der.len; n += stride())
		assert_int_equal(check(&der, n, &err), EV_INPUT);
	ev_buf_release(&der);
}

static void
swap(unsigned char *a, unsigned char *b)
{
	unsigned char saved[EV_SHA256];

	memcpy(saved, a, EV_SHA256);
	memcpy(a, b, EV_SHA256);
	memcpy(b, saved, EV_SHA256);
}

static void
records_of_another_form_name_the_difference(void **state)
{
	const size_t step = EV_SHA256 + 2; /* tag and length between */
	struct ev_record *record = NULL;
	unsigned char *first;
	struct ev_buf der;
	struct ev_err err;
	size_t n;

	(void)state;
	make(&der, COUNT);
	for (n = 0; memcmp(der.data + n, ascending, EV_SHA256) != 0; n++)
		assert_true(n + EV_SHA256 < der.len);
	first = der.data + n;
	swap(first + step, first + 4 * step);
	assert_int_equal(ev_record_read(&record, EV_BYTES_BUF(&der), &err),
	    EV_INPUT);
	assert_string_equal(err.msg,
	    "hash 3 of the evidence record is out of order");
	swap(first + step, first + 4 * step);
	assert_int_equal(ev_buf_putc(&der, 0, &err), EV_OK);
	assert_int_equal(ev_record_read(&record, EV_BYTES_BUF(&der), &err),
	    EV_INPUT);
	assert_string_equal(err.msg, "bytes behind the evidence record's end");
	der.len--;
	/* SEQUENCE of long length, then the version. */
	assert_memory_equal(der.data + 4, "\x02\x01\x01", 3);
	der.data[6] = 2;
	assert_int_equal(ev_record_read(&record, EV_BYTES_BUF(&der), &err),
	    EV_INPUT);
	assert_string_equal(err.msg,
	    "the evidence record has a version other than 1");
	assert_null(record);
	ev_buf_release(&der);
}

static void
a_token_over_other_hashes_is_found(void **state)
{
	unsigned char root[EV_SHA256];
	struct ev_buf token, der;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_record_root(root, hashes, COUNT - 1, &err), EV_OK);
	token_over(root, &token);
	ev_buf_init(&der, 1 << 20);
	assert_int_equal(ev_record_build(hashes, COUNT, EV_BYTES_BUF(&token),
			     &der, &err),
	    EV_OK);
	assert_int_equal(check(&der, der.len, &err), EV_MISMATCH);
	assert_string_equal(err.msg,
	    "the evidence record: the token covers something else");
	ev_buf_release(&der);
	ev_buf_release(&token);
}

static void
what_is_no_token_makes_no_record(void **state)
{
	struct ev_buf der;
	struct ev_err err;

	(void)state;
	ev_buf_init(&der, 1 << 20);
	assert_int_equal(ev_record_build(hashes, COUNT, EV_BYTES("x", 1), &der,
			     &err),
	    EV_CRYPTO);
	assert_int_equal(ev_record_build(hashes, COUNT, EV_BYTES(NULL, 0), &der,
			     &err),
	    EV_CRYPTO);
	assert_int_equal(der.len, 0);
	ev_buf_release(&der);
}

/* SHA-512 of the same objects, in another order. */
static const unsigned char wide[COUNT * EV_SHA512] = "one"
						     "two";

/* The record renewed at an instant; with more, under SHA-512. */
static void
renew(struct ev_buf *der, const unsigned char *more, size_t count, int64_t at)
{
	const struct ev_record_renewal renewal = { EV_BYTES_BUF(der), more,
		count };
	unsigned char imprint[EV_SHA512];
	struct ev_buf token, next;
	struct ev_err err;
	size_t len = 0;

	ev_buf_init(&next, 1 << 20);
	assert_int_equal(ev_record_renewal_imprint(&renewal, imprint, &len,
			     &err),
	    EV_OK);
	token_at(EV_BYTES(imprint, len), at, &token);
	assert_int_equal(ev_record_renew(&renewal, EV_BYTES_BUF(&token), &next,
			     &err),
	    EV_OK);
	ev_buf_release(&token);
	ev_buf_release(der);
	*der = next;
}

static enum ev_rc
check_wide(const struct ev_buf *der, const unsigned char *more, size_t count,
    struct ev_stamp *first, struct ev_stamp *newest, struct ev_err *err)
{
	struct ev_record *record;
	enum ev_rc rc;

	rc = ev_record_read(&record, EV_BYTES_BUF(der), err);
	if (rc == EV_OK) {
		ev_record_wide(record, more, count);
		rc = ev_record_verify(record, NULL, first, newest, err);
	}
	ev_record_free(record);
	return rc;
}

static void
a_renewed_record_keeps_its_first_time(void **state)
{
	struct ev_record *record;
	struct ev_stamp first, newest;
	struct ev_buf der;
	struct ev_err err;

	(void)state;
	make(&der, COUNT);
	renew(&der, NULL, 0, now + day);
	renew(&der, NULL, 0, now + 2 * day);
	assert_int_equal(check_wide(&der, NULL, 0, &first, &newest, &err),
	    EV_OK);
	assert_int_equal(first.at, now);
	assert_int_equal(newest.at, now + 2 * day);
	assert_int_equal(ev_record_read(&record, EV_BYTES_BUF(&der), &err),
	    EV_OK);
	assert_int_equal(ev_record_stamps(record), 3);
	assert_int_equal(ev_record_chains(record), 1);
	assert_int_equal(ev_record_count(record), COUNT);
	ev_record_free(record);
	ev_buf_release(&der);
}

static void
a_record_outlives_its_hash(void **state)
{
	unsigned char other[COUNT * EV_SHA512];
	struct ev_stamp first, newest;
	struct ev_buf der;
	struct ev_err err;

	(void)state;
	make(&der, COUNT);
	renew(&der, NULL, 0, now + day);
	renew(&der, wide, COUNT, now + 2 * day);
	renew(&der, NULL, 0, now + 3 * day);
	assert_int_equal(check_wide(&der, wide, COUNT, &first, &newest, &err),
	    EV_OK);
	assert_int_equal(first.at, now);
	assert_int_equal(newest.at, now + 3 * day);
	assert_int_equal(check_wide(&der, NULL, 0, &first, &newest, &err),
	    EV_USE);
	assert_int_equal(check_wide(&der, wide, COUNT - 1, &first, &newest,
			     &err),
	    EV_MISMATCH);
	memcpy(other, wide, sizeof(other));
	other[0] ^= 1;
	assert_int_equal(check_wide(&der, other, COUNT, &first, &newest, &err),
	    EV_MISMATCH);
	assert_string_equal(err.msg,
	    "the evidence record: chain 2 of the evidence record covers other"
	    " objects");
	renew(&der, wide, COUNT, now + 4 * day);
	assert_int_equal(check_wide(&der, wide, COUNT, &first, &newest, &err),
	    EV_OK);
	ev_buf_release(&der);
}

static void
every_flipped_bit_of_a_renewed_record_is_found(void **state)
{
	struct ev_stamp first, newest;
	struct ev_buf der;
	struct ev_err err;
	size_t n;

	(void)state;
	make(&der, 2);
	renew(&der, NULL, 0, now + day);
	renew(&der, wide, 2, now + 2 * day);
	assert_int_equal(check_wide(&der, wide, 2, &first, &newest, &err),
	    EV_OK);
	for (n = 0; n < 8 * der.len; n += 3) {
		der.data[n / 8] ^= (unsigned char)(1 << n % 8);
		assert_int_not_equal(check_wide(&der, wide, 2, &first, &newest,
					 &err),
		    EV_OK);
		der.data[n / 8] ^= (unsigned char)(1 << n % 8);
	}
	ev_buf_release(&der);
}

static void
a_renewal_of_something_else_is_found(void **state)
{
	const struct ev_record_renewal bad = { EV_BYTES("x", 1), NULL, 0 };
	unsigned char imprint[EV_SHA512] = "another";
	struct ev_record_renewal renewal = { EV_BYTES(NULL, 0), NULL, 0 };
	struct ev_stamp first, newest;
	struct ev_buf der, token, out;
	struct ev_err err;
	size_t len = 0;

	(void)state;
	make(&der, COUNT);
	renewal.record = EV_BYTES_BUF(&der);
	token_at(EV_BYTES(imprint, EV_SHA256), now + day, &token);
	ev_buf_init(&out, 1 << 20);
	assert_int_equal(ev_record_renew(&renewal, EV_BYTES_BUF(&token), &out,
			     &err),
	    EV_OK);
	assert_int_equal(check_wide(&out, NULL, 0, &first, &newest, &err),
	    EV_MISMATCH);
	assert_string_equal(err.msg,
	    "the evidence record: the token covers something else");
	renewal.wide = wide;
	renewal.count = COUNT - 1;
	assert_int_equal(ev_record_renewal_imprint(&renewal, imprint, &len,
			     &err),
	    EV_USE);
	assert_int_equal(ev_record_renewal_imprint(&bad, imprint, &len, &err),
	    EV_INPUT);
	ev_buf_release(&token);
	ev_buf_release(&out);
	/* A renewal that is older than what it renews. */
	renew(&der, NULL, 0, now - day / 2);
	assert_int_equal(check_wide(&der, NULL, 0, &first, &newest, &err),
	    EV_MISMATCH);
	ev_buf_release(&der);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_is_the_hash_of_the_sorted_hashes),
		cmocka_unit_test(a_record_holds_its_hashes_and_its_token),
		cmocka_unit_test(a_record_of_one_hash_is_over_that_hash),
		cmocka_unit_test(every_flipped_bit_of_a_record_is_found),
		cmocka_unit_test(records_of_another_form_name_the_difference),
		cmocka_unit_test(a_token_over_other_hashes_is_found),
		cmocka_unit_test(what_is_no_token_makes_no_record),
		cmocka_unit_test(a_renewed_record_keeps_its_first_time),
		cmocka_unit_test(a_record_outlives_its_hash),
		cmocka_unit_test(
		    every_flipped_bit_of_a_renewed_record_is_found),
		cmocka_unit_test(a_renewal_of_something_else_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
