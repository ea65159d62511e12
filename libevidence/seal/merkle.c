/* RFC 9162 tree: roots, inclusion and consistency proofs. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "seal/merkle.h"
#include "seal/ossl.h"

enum { LEAF = 0x00, NODE = 0x01 };

static enum ev_rc
sha_final(struct ev_digest *sha, unsigned char out[EV_SHA256],
    struct ev_err *err)
{
	struct ev_digests digests;
	enum ev_rc rc;

	rc = ev_digest_final(sha, &digests, err);
	if (rc == EV_OK)
		memcpy(out, digests.sha256, EV_SHA256);
	return rc;
}

enum ev_rc
ev_merkle_node(struct ev_digest *sha, const unsigned char *left,
    const unsigned char *right, unsigned char out[EV_SHA256],
    struct ev_err *err)
{
	unsigned char node[1 + 2 * EV_SHA256] = { NODE };
	enum ev_rc rc;

	memcpy(node + 1, left, EV_SHA256);
	memcpy(node + 1 + EV_SHA256, right, EV_SHA256);
	rc = ev_digest_update(sha, node, sizeof(node), err);
	return rc == EV_OK ? sha_final(sha, out, err) : rc;
}

/* The prefix, and the salt if there is one; the leaf's bytes follow. */
static enum ev_rc
begin_leaf(struct ev_digest *sha, const unsigned char *salt, struct ev_err *err)
{
	unsigned char head[1 + EV_SHA256] = { LEAF };

	if (salt == NULL)
		return ev_digest_update(sha, head, 1, err);
	memcpy(head + 1, salt, EV_SHA256);
	return ev_digest_update(sha, head, sizeof(head), err);
}

static enum ev_rc
end_leaf(struct ev_digest *sha, const void *data, size_t len,
    unsigned char leaf[EV_SHA256], struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_digest_update(sha, data, len, err);
	return rc == EV_OK ? sha_final(sha, leaf, err) : rc;
}

enum ev_rc
ev_merkle_init(struct ev_merkle *tree, struct ev_err *err)
{
	memset(tree, 0, sizeof(*tree));
	return ev_digest_init(&tree->sha, EV_D_SHA256, err);
}

void
ev_merkle_release(struct ev_merkle *tree)
{
	if (tree == NULL)
		return;
	ev_digest_release(&tree->sha);
	tree->size = 0;
}

void
ev_merkle_clear(struct ev_merkle *tree)
{
	tree->size = 0;
}

enum ev_rc
ev_merkle_add(struct ev_merkle *tree, const void *data, size_t len,
    struct ev_err *err)
{
	return ev_merkle_add_salted(tree, NULL, data, len, err);
}

enum ev_rc
ev_merkle_add_salted(struct ev_merkle *tree, const unsigned char *salt,
    const void *line, size_t len, struct ev_err *err)
{
	unsigned char leaf[EV_SHA256];
	enum ev_rc rc;

	rc = begin_leaf(&tree->sha, salt, err);
	if (rc == EV_OK)
		rc = end_leaf(&tree->sha, line, len, leaf, err);
	return rc == EV_OK ? ev_merkle_add_leaf(tree, leaf, err) : rc;
}

enum ev_rc
ev_merkle_add_leaf(struct ev_merkle *tree, const unsigned char leaf[EV_SHA256],
    struct ev_err *err)
{
	unsigned char node[EV_SHA256];
	enum ev_rc rc;
	int level;

	if (tree->size == INT64_MAX)
		return ev_fail(err, EV_LIMIT, "the tree is full");
	memcpy(node, leaf, EV_SHA256);
	for (level = 0; ((tree->size >> level) & 1) != 0; level++) {
		rc = ev_merkle_node(&tree->sha, tree->stack[level], node, node,
		    err);
		if (rc != EV_OK)
			return rc;
	}
	memcpy(tree->stack[level], node, EV_SHA256);
	tree->size++;
	return EV_OK;
}

enum ev_rc
ev_merkle_head(struct ev_merkle *tree, struct ev_merkle_head *head,
    struct ev_err *err)
{
	bool any = false;
	enum ev_rc rc;
	int level;

	head->size = tree->size;
	if (tree->size == 0)
		return ev_sha256(head->root, "", 0, err);
	for (level = 0; level < EV_MERKLE_DEPTH; level++) {
		if (((tree->size >> level) & 1) == 0)
			continue;
		if (!any) {
			memcpy(head->root, tree->stack[level], EV_SHA256);
			any = true;
			continue;
		}
		rc = ev_merkle_node(&tree->sha, tree->stack[level], head->root,
		    head->root, err);
		if (rc != EV_OK)
			return rc;
	}
	return EV_OK;
}

enum ev_rc
ev_merkle_leaf(unsigned char leaf[EV_SHA256], const void *data, size_t len,
    struct ev_err *err)
{
	return ev_merkle_salted(leaf, NULL, data, len, err);
}

enum ev_rc
ev_merkle_salted(unsigned char leaf[EV_SHA256], const unsigned char *salt,
    const void *line, size_t len, struct ev_err *err)
{
	struct ev_digest sha;
	enum ev_rc rc;

	rc = ev_digest_init(&sha, EV_D_SHA256, err);
	if (rc == EV_OK)
		rc = begin_leaf(&sha, salt, err);
	if (rc == EV_OK)
		rc = end_leaf(&sha, line, len, leaf, err);
	ev_digest_release(&sha);
	return rc;
}

enum ev_rc
ev_salter_init(struct ev_salter *s, const unsigned char list_key[EV_SHA256],
    struct ev_err *err)
{
	char sha256[] = "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha256,
		    0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *hmac;

	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	s->mac = hmac == NULL ? NULL : EVP_MAC_CTX_new(hmac);
	EVP_MAC_free(hmac);
	if (s->mac == NULL ||
	    EVP_MAC_init(s->mac, list_key, EV_SHA256, params) != 1) {
		ev_salter_release(s);
		return ev_fail_ossl(err, EV_CRYPTO, "cannot begin HMAC");
	}
	return EV_OK;
}

void
ev_salter_release(struct ev_salter *s)
{
	if (s == NULL)
		return;
	EVP_MAC_CTX_free(s->mac);
	s->mac = NULL;
}

enum ev_rc
ev_salter_salt(struct ev_salter *s, int64_t number,
    unsigned char salt[EV_SHA256], struct ev_err *err)
{
	char text[24];
	size_t out_len = 0;
	int len;

	if (number < 1)
		return ev_fail(err, EV_USE, "lines are counted from 1");
	len = snprintf(text, sizeof(text), "%jd", (intmax_t)number);
	/* No key: the one of ev_salter_init() again. */
	if (EVP_MAC_init(s->mac, NULL, 0, NULL) != 1 ||
	    EVP_MAC_update(s->mac, (const unsigned char *)text, (size_t)len) !=
		1 ||
	    EVP_MAC_final(s->mac, salt, &out_len, EV_SHA256) != 1 ||
	    out_len != EV_SHA256)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot compute HMAC");
	return EV_OK;
}
