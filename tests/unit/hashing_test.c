/* seal/hashing: hashes of bytes on their way, each in a thread of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seal/hashing.h"

enum { PIECES = 40, LEN = 70001 };

static void
fill(unsigned char *piece, int n)
{
	size_t i;

	for (i = 0; i < LEN; i++)
		piece[i] = (unsigned char)(i * 7 + (size_t)n);
}

static void
each_lane_hashes_what_is_meant_for_it_and_nothing_else(void **state)
{
	static const unsigned want[] = { EV_D_SHA256, EV_D_SHA512 };
	struct ev_digest sha256, sha512;
	struct ev_digests is, was;
	struct ev_hashing *h;
	struct ev_err err;
	unsigned char *piece;
	int round, n;

	(void)state;
	assert_int_equal(ev_hashing_start(&h, want, 2, &err), EV_OK);
	assert_int_equal(ev_digest_init(&sha256, EV_D_SHA256, &err), EV_OK);
	assert_int_equal(ev_digest_init(&sha512, EV_D_SHA512, &err), EV_OK);
	for (round = 0; round < 3; round++) {
		for (n = 0; n < PIECES; n++) {
			piece = ev_hashing_room(h);
			assert_non_null(piece);
			fill(piece, n);
			assert_int_equal(ev_digest_update(&sha256, piece, LEN,
					     &err),
			    EV_OK);
			if (n % 3 == round)
				assert_int_equal(ev_digest_update(&sha512,
						     piece, LEN, &err),
				    EV_OK);
			ev_hashing_publish(h, LEN, n % 3 == round ? 3 : 1);
		}
		assert_int_equal(ev_hashing_result(h, 1, &is, &err), EV_OK);
		assert_int_equal(ev_digest_final(&sha512, &was, &err), EV_OK);
		assert_int_equal(is.size, was.size);
		assert_memory_equal(is.sha512, was.sha512, EV_SHA512);
		assert_int_equal(ev_hashing_result(h, 0, &is, &err), EV_OK);
		assert_int_equal(ev_digest_final(&sha256, &was, &err), EV_OK);
		assert_int_equal(is.size, was.size);
		assert_memory_equal(is.sha256, was.sha256, EV_SHA256);
	}
	ev_hashing_stop(h);
	ev_digest_release(&sha256);
	ev_digest_release(&sha512);
}

static void
it_ends_with_pieces_under_way_and_refuses_too_many_lanes(void **state)
{
	static const unsigned want[] = { EV_D_SHA256, EV_D_MD5, EV_D_SHA1,
		EV_D_CRC32, EV_D_SHA512 };
	struct ev_hashing *h;
	struct ev_err err;
	int n;

	(void)state;
	assert_int_equal(ev_hashing_start(&h, want, 5, &err), EV_USE);
	assert_null(h);
	assert_int_equal(ev_hashing_start(&h, want, 4, &err), EV_OK);
	for (n = 0; n < EV_HASHING_PIECES; n++) {
		fill(ev_hashing_room(h), n);
		ev_hashing_publish(h, LEN, ~0U);
	}
	ev_hashing_stop(h);
	ev_hashing_stop(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    each_lane_hashes_what_is_meant_for_it_and_nothing_else),
		cmocka_unit_test(
		    it_ends_with_pieces_under_way_and_refuses_too_many_lanes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
