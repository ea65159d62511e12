/* Components: the weakest link between two members, against brute force. */
/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include <string.h>

#include "weigh/link.h"

enum { MEMBERS = 12, EDGES = 30, ROUNDS = 300 };

static uint64_t
next(uint64_t *seed)
{
	uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* The greatest least edge over all paths (Floyd and Warshall). */
static void
widest(const struct ev_edge *edge, size_t count,
    int64_t width[MEMBERS][MEMBERS])
{
	size_t i, k, m;

	memset(width, 0, sizeof(int64_t[MEMBERS][MEMBERS]));
	for (i = 0; i < count; i++) {
		int64_t *a = &width[edge[i].a][edge[i].b];

		if (edge[i].low > *a)
			*a = width[edge[i].b][edge[i].a] = edge[i].low;
	}
	for (m = 0; m < MEMBERS; m++) {
		for (i = 0; i < MEMBERS; i++) {
			for (k = 0; k < MEMBERS; k++) {
				int64_t way = width[i][m] < width[m][k]
						  ? width[i][m]
						  : width[m][k];

				if (way > width[i][k])
					width[i][k] = way;
			}
		}
	}
}

static void
bottlenecks_equal_those_of_brute_force(void **state)
{
	int64_t width[MEMBERS][MEMBERS], low, steps;
	struct ev_edge edge[EDGES];
	struct ev_tree tree;
	struct ev_err err;
	uint64_t seed = 2025;
	uint32_t a, b;
	size_t i, count;
	int round;

	(void)state;
	for (round = 0; round < ROUNDS; round++) {
		count = 1 + next(&seed) % EDGES;
		for (i = 0; i < count; i++) {
			edge[i].a = (uint32_t)(next(&seed) % (MEMBERS - 1));
			edge[i].b =
			    edge[i].a + 1 +
			    (uint32_t)(next(&seed) % (MEMBERS - 1 - edge[i].a));
			/* Few weights, so that many are equal. */
			edge[i].low = 3000 + (int64_t)(next(&seed) % 5) * 500;
		}
		widest(edge, count, width);
		assert_int_equal(ev_tree_build(&tree, edge, count, &err),
		    EV_OK);
		for (a = 0; a < MEMBERS; a++) {
			for (b = a + 1; b < MEMBERS; b++) {
				if (!ev_tree_bottleneck(&tree, a, b, &low,
					&steps)) {
					assert_int_equal(width[a][b], 0);
					continue;
				}
				assert_int_equal(low, width[a][b]);
				assert_in_range(steps, 1, MEMBERS - 1);
			}
		}
		ev_tree_release(&tree);
	}
}

static void
a_chain_has_as_many_steps_as_edges(void **state)
{
	static const struct ev_edge edge[] = { { 3, 4, 5000 }, { 0, 1, 4000 },
		{ 2, 3, 3000 }, { 1, 2, 6000 } };
	struct ev_tree tree;
	int64_t low, steps;
	struct ev_err err;

	(void)state;
	assert_int_equal(ev_tree_build(&tree, edge, 4, &err), EV_OK);
	assert_int_equal(tree.count, 4);
	assert_true(ev_tree_bottleneck(&tree, 0, 4, &low, &steps));
	assert_int_equal(low, 3000);
	assert_int_equal(steps, 4);
	assert_true(ev_tree_bottleneck(&tree, 2, 0, &low, &steps));
	assert_int_equal(low, 4000);
	assert_int_equal(steps, 2);
	assert_false(ev_tree_bottleneck(&tree, 0, 9, &low, &steps));
	ev_tree_release(&tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bottlenecks_equal_those_of_brute_force),
		cmocka_unit_test(a_chain_has_as_many_steps_as_edges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
