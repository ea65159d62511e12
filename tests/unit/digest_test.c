/* seal/digest: known values, and contexts that serve many streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "seal/digest.h"

/* FIPS 180-4 examples; RFC 1321, A.5; CRC-32 of zlib. */
static const char abc_sha256[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
static const char abc_sha512[] =
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";
static const char abc_md5[] = "900150983cd24fb0d6963f7d28e17f72";
static const char abc_sha1[] = "a9993e364706816aba3e25717850c26c9cd0d89d";
static const char million_a[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

static void
assert_hex(const unsigned char *data, size_t len, const char *hex)
{
	static const char digit[] = "0123456789abcdef";
	char text[2 * EV_SHA512 + 1];
	size_t n;

	assert_true(len <= EV_SHA512);
	for (n = 0; n < len; n++) {
		text[2 * n] = digit[data[n] >> 4];
		text[2 * n + 1] = digit[data[n] & 15];
	}
	text[2 * len] = '\0';
	assert_string_equal(text, hex);
}

static void
all_digests_come_from_one_pass(void **state)
{
	struct ev_digest d;
	struct ev_digests out;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_digest_init(&d, EV_D_ALL, &err), EV_OK);
	assert_int_equal(ev_digest_update(&d, "a", 1, &err), EV_OK);
	assert_int_equal(ev_digest_update(&d, "", 0, &err), EV_OK);
	assert_int_equal(ev_digest_update(&d, "bc", 2, &err), EV_OK);
	assert_int_equal(ev_digest_final(&d, &out, &err), EV_OK);
	assert_int_equal(out.have, EV_D_ALL);
	assert_int_equal(out.size, 3);
	assert_hex(out.sha256, sizeof(out.sha256), abc_sha256);
	assert_hex(out.sha512, sizeof(out.sha512), abc_sha512);
	assert_hex(out.md5, sizeof(out.md5), abc_md5);
	assert_hex(out.sha1, sizeof(out.sha1), abc_sha1);
	assert_int_equal(out.crc32, 0x352441c2);
	ev_digest_release(&d);
}

static void
a_context_serves_one_stream_after_another(void **state)
{
	struct ev_digest d;
	struct ev_digests out;
	struct ev_err err;
	char *a = malloc(1000000);

	(void)state;
	assert_non_null(a);
	memset(a, 'a', 1000000);
	assert_int_equal(ev_digest_init(&d, EV_D_SHA256 | EV_D_CRC32, &err),
	    EV_OK);
	assert_int_equal(ev_digest_update(&d, a, 1000000, &err), EV_OK);
	assert_int_equal(ev_digest_final(&d, &out, &err), EV_OK);
	assert_hex(out.sha256, EV_SHA256, million_a);
	assert_int_equal(out.size, 1000000);
	assert_int_equal(ev_digest_update(&d, "abandoned", 9, &err), EV_OK);
	assert_int_equal(ev_digest_reset(&d, &err), EV_OK);
	assert_int_equal(ev_digest_update(&d, "abc", 3, &err), EV_OK);
	assert_int_equal(ev_digest_final(&d, &out, &err), EV_OK);
	assert_hex(out.sha256, EV_SHA256, abc_sha256);
	assert_int_equal(out.crc32, 0x352441c2);
	assert_int_equal(out.size, 3);
	assert_int_equal(out.have, EV_D_SHA256 | EV_D_CRC32);
	ev_digest_release(&d);
	free(a);
}

static void
an_unknown_digest_is_a_misuse(void **state)
{
	struct ev_digest d;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_digest_init(&d, 0, &err), EV_USE);
	assert_int_equal(ev_digest_init(&d, 32, &err), EV_USE);
	ev_digest_release(&d);
}

static void
one_shots_give_the_known_values(void **state)
{
	/* RFC 4231, test case 1 has a key of 20 bytes: HMAC pads with zeros. */
	unsigned char key[EV_SHA256] = { 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
		0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
		0x0b, 0x0b, 0x0b, 0x0b };
	unsigned char out[EV_SHA256];
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_sha256(out, "abc", 3, &err), EV_OK);
	assert_hex(out, sizeof(out), abc_sha256);
	assert_int_equal(ev_hmac_sha256(out, key, "Hi There", 8, &err), EV_OK);
	assert_hex(out, sizeof(out),
	    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}

static void
comparison_sees_every_byte(void **state)
{
	unsigned char a[33] = { 0 }, b[33] = { 0 };
	size_t n;

	(void)state;
	assert_true(ev_same(a, b, sizeof(a)));
	for (n = 0; n < sizeof(a); n++) {
		b[n] = 1;
		assert_false(ev_same(a, b, sizeof(a)));
		b[n] = 0;
	}
}

static void
random_bytes_differ_and_cleansed_ones_are_gone(void **state)
{
	unsigned char a[32] = { 0 }, b[32] = { 0 };
	const unsigned char zero[32] = { 0 };
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_random(a, sizeof(a), &err), EV_OK);
	assert_int_equal(ev_random(b, sizeof(b), &err), EV_OK);
	assert_memory_not_equal(a, b, sizeof(a));
	ev_cleanse(a, sizeof(a));
	assert_memory_equal(a, zero, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_digests_come_from_one_pass),
		cmocka_unit_test(a_context_serves_one_stream_after_another),
		cmocka_unit_test(an_unknown_digest_is_a_misuse),
		cmocka_unit_test(one_shots_give_the_known_values),
		cmocka_unit_test(comparison_sees_every_byte),
		cmocka_unit_test(
		    random_bytes_differ_and_cleansed_ones_are_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
