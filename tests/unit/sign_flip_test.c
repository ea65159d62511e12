/* seal/sign: no bit of a signature can change unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "signing.h"
#include "stride.h"

static void
every_flipped_bit_of_a_signature_is_found(void **state)
{
	struct ev_signer *signer = person("A", false);
	struct ev_signer *tsa = person("T", true);
	struct ev_cades_check check = { .content = CONTENT };
	struct ev_cades result;
	struct ev_buf p7s;
	struct ev_err err;
	size_t n;

	(void)state;
	sign(signer, &p7s);
	stamp(tsa, &p7s, now);
	check.p7s = EV_BYTES_BUF(&p7s);
	assert_int_equal(ev_cades_verify(&check, &result, &err), EV_OK);
	for (n = 0; n < 8 * p7s.len; n += stride()) {
		p7s.data[n / 8] ^= (unsigned char)(1 << n % 8);
		assert_int_equal(ev_cades_verify(&check, &result, &err),
		    EV_MISMATCH);
		p7s.data[n / 8] ^= (unsigned char)(1 << n % 8);
	}
	for (n = 0; n < p7s.len; n += stride()) {
		check.p7s.len = n;
		assert_int_equal(ev_cades_verify(&check, &result, &err),
		    EV_MISMATCH);
	}
	ev_buf_release(&p7s);
	ev_signer_free(tsa);
	ev_signer_free(signer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_flipped_bit_of_a_signature_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
