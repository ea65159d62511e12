/* RFC 9162 proofs: that a leaf is in a tree, that a tree extends another. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "seal/merkle.h"

/* A subtree whose root is one hash of a proof. */
struct span {
	int64_t from, size;
	size_t slot;
};

struct plan {
	struct span span[EV_MERKLE_DEPTH + 1];
	size_t count;
};

static enum ev_rc
array_get(void *ctx, int64_t index, unsigned char leaf[EV_SHA256],
    struct ev_err *err)
{
	const unsigned char(*hash)[EV_SHA256] = ctx;

	(void)err;
	memcpy(leaf, hash[index], EV_SHA256);
	return EV_OK;
}

struct ev_merkle_leaves
ev_merkle_array(unsigned char (*leaf)[EV_SHA256], int64_t size)
{
	const struct ev_merkle_leaves leaves = { leaf, array_get, size };

	return leaves;
}

/* The largest power of two below n; n > 1. */
static int64_t
split(int64_t n)
{
	int64_t k = 1;

	while (k < n - k)
		k *= 2;
	return k;
}

static void
plan_add(struct plan *plan, int64_t from, int64_t size)
{
	plan->span[plan->count].from = from;
	plan->span[plan->count].size = size;
	plan->count++;
}

/*
 * The plan was made from the root down and a proof goes from the leaf up;
 * the leaves are wanted in ascending order.
 */
static void
plan_order(struct plan *plan)
{
	struct span moved;
	size_t i, j;

	for (i = 0; i < plan->count; i++)
		plan->span[i].slot = plan->count - 1 - i;
	for (i = 1; i < plan->count; i++) {
		moved = plan->span[i];
		for (j = i; j > 0 && plan->span[j - 1].from > moved.from; j--)
			plan->span[j] = plan->span[j - 1];
		plan->span[j] = moved;
	}
}

static enum ev_rc
plan_run(struct plan *plan, const struct ev_merkle_leaves *leaves,
    struct ev_merkle_proof *proof, struct ev_err *err)
{
	struct ev_merkle tree;
	struct ev_merkle_head head;
	unsigned char leaf[EV_SHA256];
	const struct span *span;
	enum ev_rc rc;
	size_t i;
	int64_t n;

	plan_order(plan);
	rc = ev_merkle_init(&tree, err);
	for (i = 0; rc == EV_OK && i < plan->count; i++) {
		span = &plan->span[i];
		ev_merkle_clear(&tree);
		for (n = 0; rc == EV_OK && n < span->size; n++) {
			rc =
			    leaves->get(leaves->ctx, span->from + n, leaf, err);
			if (rc == EV_OK)
				rc = ev_merkle_add_leaf(&tree, leaf, err);
		}
		if (rc == EV_OK)
			rc = ev_merkle_head(&tree, &head, err);
		if (rc == EV_OK)
			memcpy(proof->hash[span->slot], head.root, EV_SHA256);
	}
	ev_merkle_release(&tree);
	proof->count = rc == EV_OK ? plan->count : 0;
	return rc;
}

/* PATH(index, D_size), from the root down. */
static enum ev_rc
plan_path(struct plan *plan, int64_t index, int64_t size, struct ev_err *err)
{
	int64_t from = 0, k;

	if (index < 0 || index >= size)
		return ev_fail(err, EV_USE, "no leaf %jd among %jd",
		    (intmax_t)index, (intmax_t)size);
	while (size > 1) {
		k = split(size);
		if (index < from + k) {
			plan_add(plan, from + k, size - k);
			size = k;
		} else {
			plan_add(plan, from, k);
			from += k;
			size -= k;
		}
	}
	return EV_OK;
}

enum ev_rc
ev_merkle_prove(const struct ev_merkle_leaves *leaves, int64_t index,
    struct ev_merkle_proof *proof, struct ev_err *err)
{
	struct plan plan = { .count = 0 };
	enum ev_rc rc;

	memset(proof, 0, sizeof(*proof));
	rc = plan_path(&plan, index, leaves->size, err);
	return rc == EV_OK ? plan_run(&plan, leaves, proof, err) : rc;
}

struct ev_merkle_prover {
	struct plan plan; /* ordered; the first one is at work */
	size_t at;
	int64_t size, next;
	struct ev_merkle tree;
	struct ev_merkle_proof proof;
};

enum ev_rc
ev_merkle_prover_new(struct ev_merkle_prover **out, int64_t index, int64_t size,
    struct ev_err *err)
{
	struct ev_merkle_prover *p;
	enum ev_rc rc;

	*out = NULL;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return ev_fail_sys(err, "cannot make a proof");
	p->size = size;
	rc = plan_path(&p->plan, index, size, err);
	if (rc == EV_OK)
		rc = ev_merkle_init(&p->tree, err);
	if (rc != EV_OK) {
		free(p);
		return rc;
	}
	plan_order(&p->plan);
	*out = p;
	return EV_OK;
}

enum ev_rc
ev_merkle_prover_add(struct ev_merkle_prover *p,
    const unsigned char leaf[EV_SHA256], struct ev_err *err)
{
	const struct span *span = &p->plan.span[p->at];
	struct ev_merkle_head head;
	enum ev_rc rc;

	if (p->next++ >= p->size)
		return ev_fail(err, EV_USE, "more than %jd leaves",
		    (intmax_t)p->size);
	if (p->at == p->plan.count || p->next <= span->from)
		return EV_OK;
	rc = ev_merkle_add_leaf(&p->tree, leaf, err);
	if (rc != EV_OK || p->tree.size < span->size)
		return rc;
	rc = ev_merkle_head(&p->tree, &head, err);
	if (rc == EV_OK)
		memcpy(p->proof.hash[span->slot], head.root, EV_SHA256);
	ev_merkle_clear(&p->tree);
	p->at++;
	return rc;
}

enum ev_rc
ev_merkle_prover_end(struct ev_merkle_prover *p, struct ev_merkle_proof *proof,
    struct ev_err *err)
{
	if (p->next != p->size)
		return ev_fail(err, EV_USE, "%jd leaves, not %jd",
		    (intmax_t)p->next, (intmax_t)p->size);
	*proof = p->proof;
	proof->count = p->plan.count;
	return EV_OK;
}

void
ev_merkle_prover_free(struct ev_merkle_prover *p)
{
	if (p == NULL)
		return;
	ev_merkle_release(&p->tree);
	free(p);
}

enum ev_rc
ev_merkle_prove_extends(const struct ev_merkle_leaves *leaves, int64_t old_size,
    struct ev_merkle_proof *proof, struct ev_err *err)
{
	struct plan plan = { .count = 0 };
	int64_t from = 0, size = leaves->size, old = old_size, k;

	memset(proof, 0, sizeof(*proof));
	if (old < 0 || old > size)
		return ev_fail(err, EV_USE, "no head of %jd among %jd leaves",
		    (intmax_t)old, (intmax_t)size);
	if (old == 0)
		return EV_OK;
	while (old != size) {
		k = split(size);
		if (old <= k) {
			plan_add(&plan, from + k, size - k);
			size = k;
		} else {
			plan_add(&plan, from, k);
			from += k;
			size -= k;
			old -= k;
		}
	}
	/* The old root itself is known to whoever checks. */
	if (from > 0)
		plan_add(&plan, from, size);
	return plan_run(&plan, leaves, proof, err);
}

/*
 * Where a walk from a leaf to the root stands: fn and sn of RFC 9162,
 * 2.1.3.2 and 2.1.4.2.
 */
struct walk {
	struct ev_digest *sha;
	int64_t fn, sn;
};

/* Whether the next hash of the path stands to the left. */
static bool
walk_left(const struct walk *w)
{
	return (w->fn & 1) != 0 || w->fn == w->sn;
}

static void
walk_up(struct walk *w)
{
	if (walk_left(w)) {
		while ((w->fn & 1) == 0 && w->fn != 0) {
			w->fn >>= 1;
			w->sn >>= 1;
		}
	}
	w->fn >>= 1;
	w->sn >>= 1;
}

static enum ev_rc
walk_leaf(struct walk *w, const struct ev_merkle_proof *proof,
    unsigned char root[EV_SHA256], struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t n;

	for (n = 0; rc == EV_OK && n < proof->count; n++) {
		if (w->sn == 0)
			return ev_fail(err, EV_MISMATCH,
			    "the proof is longer than the tree is high");
		rc = walk_left(w) ? ev_merkle_node(w->sha, proof->hash[n], root,
					root, err)
				  : ev_merkle_node(w->sha, root, proof->hash[n],
					root, err);
		walk_up(w);
	}
	return rc;
}

enum ev_rc
ev_merkle_check(const struct ev_merkle_head *head, int64_t index,
    const unsigned char leaf[EV_SHA256], const struct ev_merkle_proof *proof,
    struct ev_err *err)
{
	struct ev_digest sha;
	struct walk w = { &sha, index, head->size - 1 };
	unsigned char root[EV_SHA256];
	enum ev_rc rc;

	if (index < 0 || index >= head->size)
		return ev_fail(err, EV_MISMATCH, "no leaf %jd among %jd",
		    (intmax_t)index, (intmax_t)head->size);
	rc = ev_digest_init(&sha, EV_D_SHA256, err);
	if (rc != EV_OK)
		return rc;
	memcpy(root, leaf, EV_SHA256);
	rc = walk_leaf(&w, proof, root, err);
	if (rc == EV_OK && (w.sn != 0 || !ev_same(root, head->root, EV_SHA256)))
		rc = ev_fail(err, EV_MISMATCH,
		    "leaf %jd is not under the root of %jd leaves",
		    (intmax_t)index, (intmax_t)head->size);
	ev_digest_release(&sha);
	return rc;
}

/* 2.1.4.2, steps 5 and 6: the two roots that the path leads to. */
static enum ev_rc
walk_both(struct walk *w, const struct ev_merkle_proof *proof, size_t n,
    unsigned char root[2][EV_SHA256], struct ev_err *err)
{
	enum ev_rc rc = EV_OK;

	for (; rc == EV_OK && n < proof->count; n++) {
		if (w->sn == 0)
			return ev_fail(err, EV_MISMATCH,
			    "the proof is longer than the tree is high");
		if (walk_left(w)) {
			rc = ev_merkle_node(w->sha, proof->hash[n], root[0],
			    root[0], err);
			if (rc == EV_OK)
				rc = ev_merkle_node(w->sha, proof->hash[n],
				    root[1], root[1], err);
		} else {
			rc = ev_merkle_node(w->sha, root[1], proof->hash[n],
			    root[1], err);
		}
		walk_up(w);
	}
	return rc;
}

static enum ev_rc
differs(const struct ev_merkle_head *old, const struct ev_merkle_head *now,
    struct ev_err *err)
{
	return ev_fail(err, EV_MISMATCH,
	    "the log of %jd entries does not extend the head of %jd",
	    (intmax_t)now->size, (intmax_t)old->size);
}

/* Heads of which one is empty, or both as long: no path is needed. */
static enum ev_rc
check_trivial(const struct ev_merkle_head *old,
    const struct ev_merkle_head *now, const struct ev_merkle_proof *proof,
    struct ev_err *err)
{
	unsigned char empty[EV_SHA256];
	enum ev_rc rc;

	rc = ev_sha256(empty, "", 0, err);
	if (rc != EV_OK)
		return rc;
	if (proof->count != 0)
		return ev_fail(err, EV_MISMATCH,
		    "the proof is longer than the tree is high");
	if (!ev_same(old->root, old->size == 0 ? empty : now->root, EV_SHA256))
		return differs(old, now, err);
	return EV_OK;
}

enum ev_rc
ev_merkle_check_extends(const struct ev_merkle_head *old,
    const struct ev_merkle_head *now, const struct ev_merkle_proof *proof,
    struct ev_err *err)
{
	struct ev_digest sha;
	struct walk w = { &sha, old->size - 1, now->size - 1 };
	unsigned char root[2][EV_SHA256];
	const unsigned char *first;
	bool whole;
	enum ev_rc rc;

	if (old->size < 0 || old->size > now->size)
		return ev_fail(err, EV_MISMATCH,
		    "the log has %jd entries, the head %jd: its end is missing",
		    (intmax_t)now->size, (intmax_t)old->size);
	if (old->size == 0 || old->size == now->size)
		return check_trivial(old, now, proof, err);
	/* A full tree of its own: its root is where the path begins. */
	whole = (old->size & (old->size - 1)) == 0;
	if (proof->count == 0)
		return differs(old, now, err);
	rc = ev_digest_init(&sha, EV_D_SHA256, err);
	if (rc != EV_OK)
		return rc;
	for (; (w.fn & 1) != 0; w.fn >>= 1)
		w.sn >>= 1;
	first = whole ? old->root : proof->hash[0];
	memcpy(root[0], first, EV_SHA256);
	memcpy(root[1], first, EV_SHA256);
	rc = walk_both(&w, proof, whole ? 0 : 1, root, err);
	if (rc == EV_OK &&
	    (w.sn != 0 || !ev_same(root[0], old->root, EV_SHA256) ||
		!ev_same(root[1], now->root, EV_SHA256)))
		rc = differs(old, now, err);
	ev_digest_release(&sha);
	return rc;
}
