/* seal/merkle: known roots, proofs that hold, and ones that do not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "seal/merkle.h"

enum { LEAVES = 70 };

/* The leaves and roots by which certificate transparency logs are tested. */
static const struct {
	const char *leaf;
	size_t len;
	const char *root;
} known[] = {
	{ "", 0,
	    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01"
	    "d" },
	{ "\x00", 1,
	    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c12"
	    "5" },
	{ "\x10", 1,
	    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e7"
	    "7" },
	{ "\x20\x21", 2,
	    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b"
	    "7" },
	{ "\x30\x31", 2,
	    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d"
	    "4" },
	{ "\x40\x41\x42\x43", 4,
	    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087e"
	    "f" },
	{ "\x50\x51\x52\x53\x54\x55\x56\x57", 8,
	    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8"
	    "c" },
	{ "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
	    16,
	    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff460432"
	    "8" },
};

static const char empty_root[] =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static unsigned char leaves[LEAVES][EV_SHA256];

static void
to_hex(char text[2 * EV_SHA256 + 1], const unsigned char *data)
{
	size_t n;

	for (n = 0; n < EV_SHA256; n++)
		(void)snprintf(text + 2 * n, 3, "%02x", data[n]);
}

static void
assert_root(const struct ev_merkle_head *head, const char *hex)
{
	char text[2 * EV_SHA256 + 1];

	to_hex(text, head->root);
	assert_string_equal(text, hex);
}

static int
make_leaves(void **state)
{
	struct ev_err err;
	unsigned char byte;
	int n;

	(void)state;
	for (n = 0; n < LEAVES; n++) {
		byte = (unsigned char)n;
		if (ev_merkle_leaf(leaves[n], &byte, 1, &err) != EV_OK)
			return -1;
	}
	return 0;
}

static void
head_of(struct ev_merkle_head *head, int64_t size)
{
	struct ev_merkle tree;
	struct ev_err err;
	int64_t n;

	assert_int_equal(ev_merkle_init(&tree, &err), EV_OK);
	for (n = 0; n < size; n++)
		assert_int_equal(ev_merkle_add_leaf(&tree, leaves[n], &err),
		    EV_OK);
	assert_int_equal(ev_merkle_head(&tree, head, &err), EV_OK);
	assert_int_equal(head->size, size);
	ev_merkle_release(&tree);
}

static void
roots_are_the_published_ones(void **state)
{
	struct ev_merkle tree;
	struct ev_merkle_head head;
	struct ev_err err;
	size_t n;

	(void)state;
	assert_int_equal(ev_merkle_init(&tree, &err), EV_OK);
	assert_int_equal(ev_merkle_head(&tree, &head, &err), EV_OK);
	assert_root(&head, empty_root);
	for (n = 0; n < sizeof(known) / sizeof(known[0]); n++) {
		assert_int_equal(ev_merkle_add(&tree, known[n].leaf,
				     known[n].len, &err),
		    EV_OK);
		assert_int_equal(ev_merkle_head(&tree, &head, &err), EV_OK);
		assert_int_equal(head.size, n + 1);
		assert_root(&head, known[n].root);
	}
	ev_merkle_clear(&tree);
	assert_int_equal(ev_merkle_add(&tree, "", 0, &err), EV_OK);
	assert_int_equal(ev_merkle_head(&tree, &head, &err), EV_OK);
	assert_root(&head, known[0].root);
	ev_merkle_release(&tree);
}

static void
every_leaf_of_every_tree_can_be_proved(void **state)
{
	struct ev_merkle_leaves set;
	struct ev_merkle_head head;
	struct ev_merkle_proof proof;
	struct ev_err err;
	int64_t size, n;

	(void)state;
	for (size = 1; size <= LEAVES; size++) {
		head_of(&head, size);
		set = ev_merkle_array(leaves, size);
		for (n = 0; n < size; n++) {
			assert_int_equal(ev_merkle_prove(&set, n, &proof, &err),
			    EV_OK);
			assert_int_equal(ev_merkle_check(&head, n, leaves[n],
					     &proof, &err),
			    EV_OK);
		}
		assert_int_equal(ev_merkle_prove(&set, size, &proof, &err),
		    EV_USE);
	}
}

static void
leaves_that_come_one_by_one_give_the_same_proof(void **state)
{
	struct ev_merkle_prover *prover;
	struct ev_merkle_proof want, got;
	struct ev_merkle_leaves set;
	struct ev_err err;
	int64_t size, n, i;

	(void)state;
	for (size = 1; size <= LEAVES; size++) {
		set = ev_merkle_array(leaves, size);
		for (n = 0; n < size; n++) {
			assert_int_equal(ev_merkle_prove(&set, n, &want, &err),
			    EV_OK);
			assert_int_equal(ev_merkle_prover_new(&prover, n, size,
					     &err),
			    EV_OK);
			for (i = 0; i < size; i++) {
				assert_int_equal(ev_merkle_prover_end(prover,
						     &got, &err),
				    EV_USE);
				assert_int_equal(ev_merkle_prover_add(prover,
						     leaves[i], &err),
				    EV_OK);
			}
			assert_int_equal(ev_merkle_prover_end(prover, &got,
					     &err),
			    EV_OK);
			assert_int_equal(got.count, want.count);
			assert_memory_equal(got.hash, want.hash,
			    got.count * EV_SHA256);
			assert_int_equal(ev_merkle_prover_add(prover, leaves[0],
					     &err),
			    EV_USE);
			ev_merkle_prover_free(prover);
		}
	}
	assert_int_equal(ev_merkle_prover_new(&prover, 3, 3, &err), EV_USE);
	assert_null(prover);
}

static void
a_proof_for_another_leaf_place_or_root_fails(void **state)
{
	struct ev_merkle_leaves set = ev_merkle_array(leaves, 21);
	struct ev_merkle_head head;
	struct ev_merkle_proof proof;
	struct ev_err err;
	int64_t n;

	(void)state;
	head_of(&head, 21);
	assert_int_equal(ev_merkle_prove(&set, 13, &proof, &err), EV_OK);
	assert_int_equal(ev_merkle_check(&head, 13, leaves[12], &proof, &err),
	    EV_MISMATCH);
	for (n = -1; n < 23; n++) {
		if (n != 13)
			assert_int_equal(ev_merkle_check(&head, n, leaves[13],
					     &proof, &err),
			    EV_MISMATCH);
	}
	head.root[31] ^= 1;
	assert_int_equal(ev_merkle_check(&head, 13, leaves[13], &proof, &err),
	    EV_MISMATCH);
	head.root[31] ^= 1;
	proof.count--;
	assert_int_equal(ev_merkle_check(&head, 13, leaves[13], &proof, &err),
	    EV_MISMATCH);
	proof.count += 2;
	assert_int_equal(ev_merkle_check(&head, 13, leaves[13], &proof, &err),
	    EV_MISMATCH);
	proof.count--;
	proof.hash[2][0] ^= 1;
	assert_int_equal(ev_merkle_check(&head, 13, leaves[13], &proof, &err),
	    EV_MISMATCH);
}

static void
every_tree_extends_every_smaller_one(void **state)
{
	struct ev_merkle_leaves set;
	struct ev_merkle_head old, now;
	struct ev_merkle_proof proof;
	struct ev_err err;
	int64_t size, n;

	(void)state;
	for (size = 0; size <= LEAVES; size++) {
		head_of(&now, size);
		set = ev_merkle_array(leaves, size);
		for (n = 0; n <= size; n++) {
			head_of(&old, n);
			assert_int_equal(ev_merkle_prove_extends(&set, n,
					     &proof, &err),
			    EV_OK);
			assert_int_equal(ev_merkle_check_extends(&old, &now,
					     &proof, &err),
			    EV_OK);
		}
		assert_int_equal(ev_merkle_prove_extends(&set, n, &proof, &err),
		    EV_USE);
	}
}

static void
a_rewritten_or_shortened_log_does_not_extend_its_head(void **state)
{
	struct ev_merkle_leaves set = ev_merkle_array(leaves, 50);
	struct ev_merkle_head old, now;
	struct ev_merkle_proof proof;
	struct ev_err err;
	int64_t n;

	(void)state;
	for (n = 0; n <= 50; n++) {
		head_of(&old, n);
		old.root[0] ^= 1;
		head_of(&now, 50);
		assert_int_equal(ev_merkle_prove_extends(&set, n, &proof, &err),
		    EV_OK);
		assert_int_equal(ev_merkle_check_extends(&old, &now, &proof,
				     &err),
		    EV_MISMATCH);
		old.root[0] ^= 1;
		now.root[0] ^= 1;
		/* Everything extends the empty log. */
		assert_int_equal(ev_merkle_check_extends(&old, &now, &proof,
				     &err),
		    n == 0 ? EV_OK : EV_MISMATCH);
	}
	head_of(&old, 50);
	head_of(&now, 49);
	memset(&proof, 0, sizeof(proof));
	assert_int_equal(ev_merkle_check_extends(&old, &now, &proof, &err),
	    EV_MISMATCH);
	assert_string_equal(err.msg,
	    "the log has 49 entries, the head 50: its end is missing");
}

static void
a_proof_that_is_too_long_is_refused(void **state)
{
	struct ev_merkle_leaves set = ev_merkle_array(leaves, 8);
	struct ev_merkle_head old, now;
	struct ev_merkle_proof proof;
	struct ev_err err;

	(void)state;
	head_of(&old, 3);
	head_of(&now, 8);
	assert_int_equal(ev_merkle_prove_extends(&set, 3, &proof, &err), EV_OK);
	proof.count++;
	assert_int_equal(ev_merkle_check_extends(&old, &now, &proof, &err),
	    EV_MISMATCH);
	assert_string_equal(err.msg,
	    "the proof is longer than the tree is high");
	proof.count = 1;
	assert_int_equal(ev_merkle_check_extends(&now, &now, &proof, &err),
	    EV_MISMATCH);
	proof.count = 0;
	assert_int_equal(ev_merkle_check_extends(&old, &now, &proof, &err),
	    EV_MISMATCH);
}

static enum ev_rc
ascending_get(void *ctx, int64_t index, unsigned char leaf[EV_SHA256],
    struct ev_err *err)
{
	int64_t *last = ctx;

	if (index <= *last)
		return ev_fail(err, EV_USE, "leaf %jd again", (intmax_t)index);
	*last = index;
	memcpy(leaf, leaves[index], EV_SHA256);
	return EV_OK;
}

static void
leaves_are_asked_for_once_and_in_order(void **state)
{
	int64_t last = -1;
	const struct ev_merkle_leaves set = { &last, ascending_get, 37 };
	struct ev_merkle_head old, now;
	struct ev_merkle_proof proof;
	struct ev_err err;

	(void)state;
	head_of(&now, 37);
	assert_int_equal(ev_merkle_prove(&set, 18, &proof, &err), EV_OK);
	assert_int_equal(ev_merkle_check(&now, 18, leaves[18], &proof, &err),
	    EV_OK);
	last = -1;
	head_of(&old, 19);
	assert_int_equal(ev_merkle_prove_extends(&set, 19, &proof, &err),
	    EV_OK);
	assert_int_equal(ev_merkle_check_extends(&old, &now, &proof, &err),
	    EV_OK);
}

static void
a_salted_leaf_is_made_as_documented(void **state)
{
	const unsigned char key[EV_SHA256] = "0123456789abcdef0123456789abcde";
	unsigned char salt[EV_SHA256], want[EV_SHA256], leaf[EV_SHA256];
	unsigned char bytes[1 + EV_SHA256 + 4] = { 0 };
	struct ev_salter salter;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_salter_init(&salter, key, &err), EV_OK);
	assert_int_equal(ev_salter_salt(&salter, 0, salt, &err), EV_USE);
	assert_int_equal(ev_salter_salt(&salter, 7, salt, &err), EV_OK);
	assert_int_equal(ev_salter_salt(&salter, 1207, salt, &err), EV_OK);
	assert_int_equal(ev_hmac_sha256(want, key, "1207", 4, &err), EV_OK);
	assert_memory_equal(salt, want, EV_SHA256);
	ev_salter_release(&salter);

	memcpy(bytes + 1, salt, EV_SHA256);
	memcpy(bytes + 1 + EV_SHA256, "line", 4);
	assert_int_equal(ev_sha256(want, bytes, sizeof(bytes), &err), EV_OK);
	assert_int_equal(ev_merkle_salted(leaf, salt, "line", 4, &err), EV_OK);
	assert_memory_equal(leaf, want, EV_SHA256);
}

static void
a_full_tree_takes_no_leaf(void **state)
{
	struct ev_merkle tree;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_merkle_init(&tree, &err), EV_OK);
	tree.size = INT64_MAX;
	assert_int_equal(ev_merkle_add_leaf(&tree, leaves[0], &err), EV_LIMIT);
	assert_int_equal(ev_merkle_add(&tree, "", 0, &err), EV_LIMIT);
	assert_int_equal(tree.size, INT64_MAX);
	ev_merkle_release(&tree);
}

static void
what_was_released_holds_nothing_and_can_be_released_again(void **state)
{
	const unsigned char list_key[EV_SHA256] = { 1 };
	struct ev_salter salter;
	struct ev_merkle tree;
	struct ev_err err;

	(void)state;
	ev_merkle_release(NULL);
	assert_int_equal(ev_merkle_init(&tree, &err), EV_OK);
	assert_int_equal(tree.size, 0);
	assert_int_equal(ev_merkle_add(&tree, "", 0, &err), EV_OK);
	ev_merkle_release(&tree);
	assert_int_equal(tree.size, 0);
	ev_merkle_release(&tree);
	ev_salter_release(NULL);
	assert_int_equal(ev_salter_init(&salter, list_key, &err), EV_OK);
	ev_salter_release(&salter);
	assert_null(salter.mac);
	ev_salter_release(&salter);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots_are_the_published_ones),
		cmocka_unit_test(every_leaf_of_every_tree_can_be_proved),
		cmocka_unit_test(
		    leaves_that_come_one_by_one_give_the_same_proof),
		cmocka_unit_test(a_proof_for_another_leaf_place_or_root_fails),
		cmocka_unit_test(every_tree_extends_every_smaller_one),
		cmocka_unit_test(
		    a_rewritten_or_shortened_log_does_not_extend_its_head),
		cmocka_unit_test(a_proof_that_is_too_long_is_refused),
		cmocka_unit_test(leaves_are_asked_for_once_and_in_order),
		cmocka_unit_test(a_salted_leaf_is_made_as_documented),
		cmocka_unit_test(a_full_tree_takes_no_leaf),
		cmocka_unit_test(
		    what_was_released_holds_nothing_and_can_be_released_again),
	};

	return cmocka_run_group_tests(tests, make_leaves, NULL);
}
