/* RFC 9162 tree: roots, inclusion and consistency proofs. */
#ifndef EV_SEAL_MERKLE_H
#define EV_SEAL_MERKLE_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/err.h"
#include "seal/digest.h"

enum { EV_MERKLE_DEPTH = 63 };

/* How many leaves, and the root over them (RFC 9162, 2.1.1). */
struct ev_merkle_head {
	int64_t size;
	unsigned char root[EV_SHA256];
};

/*
 * A tree that grows at its end, in constant memory: stack[i] is the root of
 * the full subtree of 2^i leaves that bit i of size stands for.
 */
struct ev_merkle {
	struct ev_digest sha;
	int64_t size;
	unsigned char stack[EV_MERKLE_DEPTH][EV_SHA256];
};

EV_CHECK
enum ev_rc ev_merkle_init(struct ev_merkle *tree, struct ev_err *err);
void ev_merkle_release(struct ev_merkle *tree);
/* Empty it, keep the memory. */
void ev_merkle_clear(struct ev_merkle *tree);

/* Append the leaf whose bytes these are. */
EV_CHECK
enum ev_rc ev_merkle_add(struct ev_merkle *tree, const void *data, size_t len,
    struct ev_err *err);
/* Append a leaf by its hash. */
EV_CHECK
enum ev_rc ev_merkle_add_leaf(struct ev_merkle *tree,
    const unsigned char leaf[EV_SHA256], struct ev_err *err);
/* The head now; the tree can go on growing.  Empty: SHA-256 of nothing. */
EV_CHECK
enum ev_rc ev_merkle_head(struct ev_merkle *tree, struct ev_merkle_head *head,
    struct ev_err *err);

/* SHA-256(0x01 || left || right); sha computes SHA-256, out may be either. */
EV_CHECK
enum ev_rc ev_merkle_node(struct ev_digest *sha, const unsigned char *left,
    const unsigned char *right, unsigned char out[EV_SHA256],
    struct ev_err *err);

/* SHA-256(0x00 || data). */
EV_CHECK
enum ev_rc ev_merkle_leaf(unsigned char leaf[EV_SHA256], const void *data,
    size_t len, struct ev_err *err);

/*
 * The lines of a list (evidence.md, section 3) are salted leaves:
 * SHA-256(0x00 || salt || line), the line without its newline, where
 * salt = HMAC-SHA-256(list key, number) and number is the line's number,
 * counted from 1, in decimal ASCII without leading zeros.
 */
struct ev_salter {
	void *mac;
};

EV_CHECK
enum ev_rc ev_salter_init(struct ev_salter *s,
    const unsigned char list_key[EV_SHA256], struct ev_err *err);
void ev_salter_release(struct ev_salter *s);
EV_CHECK
enum ev_rc ev_salter_salt(struct ev_salter *s, int64_t number,
    unsigned char salt[EV_SHA256], struct ev_err *err);
/* The leaf of a line whose salt is known; NULL: a leaf without salt. */
EV_CHECK
enum ev_rc ev_merkle_salted(unsigned char leaf[EV_SHA256],
    const unsigned char *salt, const void *line, size_t len,
    struct ev_err *err);
/* The same, appended to a tree. */
EV_CHECK
enum ev_rc ev_merkle_add_salted(struct ev_merkle *tree,
    const unsigned char *salt, const void *line, size_t len,
    struct ev_err *err);

/* The leaves to prove something about: get is called in ascending order. */
struct ev_merkle_leaves {
	void *ctx;
	enum ev_rc (*get)(void *ctx, int64_t index,
	    unsigned char leaf[EV_SHA256], struct ev_err *err);
	int64_t size;
};

/* Leaf hashes that stand in memory, one behind the other. */
struct ev_merkle_leaves ev_merkle_array(unsigned char (*leaf)[EV_SHA256],
    int64_t size);

struct ev_merkle_proof {
	size_t count;
	unsigned char hash[EV_MERKLE_DEPTH + 1][EV_SHA256];
};

/* PATH(index, D_size) of RFC 9162, 2.1.3.1.  EV_USE: no such leaf. */
EV_CHECK
enum ev_rc ev_merkle_prove(const struct ev_merkle_leaves *leaves, int64_t index,
    struct ev_merkle_proof *proof, struct ev_err *err);
/*
 * The same from leaves that come one after the other and are not kept: add
 * each of the size leaves in order, then take the proof.  EV_USE: no such
 * leaf, or another number of leaves came.
 */
struct ev_merkle_prover;
EV_CHECK
enum ev_rc ev_merkle_prover_new(struct ev_merkle_prover **prover, int64_t index,
    int64_t size, struct ev_err *err);
EV_CHECK
enum ev_rc ev_merkle_prover_add(struct ev_merkle_prover *prover,
    const unsigned char leaf[EV_SHA256], struct ev_err *err);
EV_CHECK
enum ev_rc ev_merkle_prover_end(struct ev_merkle_prover *prover,
    struct ev_merkle_proof *proof, struct ev_err *err);
void ev_merkle_prover_free(struct ev_merkle_prover *prover);
/* 2.1.3.2.  EV_MISMATCH: the leaf is not at that place under that root. */
EV_CHECK
enum ev_rc ev_merkle_check(const struct ev_merkle_head *head, int64_t index,
    const unsigned char leaf[EV_SHA256], const struct ev_merkle_proof *proof,
    struct ev_err *err);

/*
 * PROOF(old_size, D_size) of 2.1.4.1; empty for an old size of 0 or of the
 * whole.  EV_USE: old_size is out of range.
 */
EV_CHECK
enum ev_rc ev_merkle_prove_extends(const struct ev_merkle_leaves *leaves,
    int64_t old_size, struct ev_merkle_proof *proof, struct ev_err *err);
/* 2.1.4.2.  EV_MISMATCH: now does not extend old. */
EV_CHECK
enum ev_rc ev_merkle_check_extends(const struct ev_merkle_head *old,
    const struct ev_merkle_head *now, const struct ev_merkle_proof *proof,
    struct ev_err *err);

#endif
