/* Evidence records carried on by one more token (RFC 4998, 5.2). */
#include <stdlib.h>
#include <string.h>

#include "seal/record_inside.h"

/* The hash of the first n chains, as a sequence in DER. */
static enum ev_rc
hash_before(const EV_ERS *ers, int n, unsigned char out[EV_SHA512],
    struct ev_err *err)
{
	EV_ERS_SEQUENCE *before = sk_EV_ERS_CHAIN_new_null();
	unsigned char *der = NULL;
	enum ev_rc rc;
	int i, len = -1;
	bool all = before != NULL;

	for (i = 0; all && i < n; i++)
		all = sk_EV_ERS_CHAIN_push(before,
			  sk_EV_ERS_CHAIN_value(ers->sequence, i)) > 0;
	if (all)
		len = ASN1_item_i2d((ASN1_VALUE *)before, &der,
		    ASN1_ITEM_rptr(EV_ERS_SEQUENCE));
	if (len <= 0)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot write the chains");
	else
		rc = record_hash(out, EV_SHA512, EV_BYTES(der, (size_t)len),
		    err);
	OPENSSL_free(der);
	sk_EV_ERS_CHAIN_free(before);
	return rc;
}

enum ev_rc
record_rehash(const EV_ERS *ers, int n, const unsigned char *wide, size_t count,
    unsigned char **out, struct ev_err *err)
{
	unsigned char both[2 * EV_SHA512], *made;
	enum ev_rc rc;
	size_t i;

	*out = NULL;
	rc = hash_before(ers, n, both + EV_SHA512, err);
	if (rc != EV_OK)
		return rc;
	made = calloc(count == 0 ? 1 : count, EV_SHA512);
	if (made == NULL)
		return ev_fail_sys(err, "cannot hash %zu objects", count);
	for (i = 0; rc == EV_OK && i < count; i++) {
		memcpy(both, wide + i * EV_SHA512, EV_SHA512);
		rc = record_hash(made + i * EV_SHA512, EV_SHA512,
		    EV_BYTES(both, sizeof(both)), err);
	}
	if (rc == EV_OK)
		rc = record_sort(out, made, count, EV_SHA512, err);
	free(made);
	return rc;
}

static const EV_ERS_CHAIN *
last_chain(const EV_ERS *ers)
{
	return sk_EV_ERS_CHAIN_value(ers->sequence,
	    sk_EV_ERS_CHAIN_num(ers->sequence) - 1);
}

static enum ev_rc
imprint_for(const struct ev_record *r, const struct ev_record_renewal *renewal,
    unsigned char imprint[EV_SHA512], size_t *len, struct ev_err *err)
{
	const EV_ERS_CHAIN *chain = last_chain(r->ers);
	unsigned char *all = NULL;
	enum ev_rc rc;

	if (renewal->wide == NULL) {
		*len = ev_record_chains(r) == 1 ? EV_SHA256 : EV_SHA512;
		return record_hash(imprint, *len,
		    record_token(sk_EV_ERS_STAMP_value(chain,
			sk_EV_ERS_STAMP_num(chain) - 1)),
		    err);
	}
	*len = EV_SHA512;
	if (renewal->count != r->count)
		return ev_fail(err, EV_USE, "%zu SHA-512 for %zu objects",
		    renewal->count, r->count);
	rc = record_rehash(r->ers, (int)ev_record_chains(r), renewal->wide,
	    renewal->count, &all, err);
	if (rc == EV_OK)
		rc = record_root(imprint, all, renewal->count, EV_SHA512, err);
	free(all);
	return rc;
}

enum ev_rc
ev_record_renewal_imprint(const struct ev_record_renewal *renewal,
    unsigned char imprint[EV_SHA512], size_t *len, struct ev_err *err)
{
	struct ev_record *r;
	enum ev_rc rc;

	rc = ev_record_read(&r, renewal->record, err);
	if (rc == EV_OK)
		rc = imprint_for(r, renewal, imprint, len, err);
	ev_record_free(r);
	return rc;
}

/* A new time stamp at the end of the last chain. */
static bool
join(EV_ERS *ers, struct ev_bytes token)
{
	const int chains = sk_EV_ERS_CHAIN_num(ers->sequence);
	EV_ERS_CHAIN *chain = sk_EV_ERS_CHAIN_value(ers->sequence, chains - 1);
	EV_ERS_STAMP *stamp = EV_ERS_STAMP_new();

	if (stamp == NULL || sk_EV_ERS_STAMP_push(chain, stamp) <= 0) {
		EV_ERS_STAMP_free(stamp);
		return false;
	}
	return record_fill(stamp, NULL, 0, chains == 1 ? EV_SHA256 : EV_SHA512,
	    token);
}

/* A new chain, with its one time stamp. */
static bool
begin(EV_ERS *ers, const unsigned char *all, size_t count,
    struct ev_bytes token)
{
	EV_ERS_STAMP *stamp = record_chain(ers);

	if (stamp == NULL)
		return false;
	return record_announce(ers, EV_SHA512) &&
	       record_fill(stamp, all, count, EV_SHA512, token);
}

static enum ev_rc
carry_on(struct ev_record *r, const struct ev_record_renewal *renewal,
    struct ev_bytes token, struct ev_err *err)
{
	unsigned char *all = NULL;
	enum ev_rc rc = EV_OK;
	bool done;

	if (renewal->wide == NULL) {
		done = join(r->ers, token);
	} else {
		if (renewal->count != r->count)
			return ev_fail(err, EV_USE,
			    "%zu SHA-512 for %zu objects", renewal->count,
			    r->count);
		rc = record_rehash(r->ers, (int)ev_record_chains(r),
		    renewal->wide, renewal->count, &all, err);
		done = rc == EV_OK && begin(r->ers, all, renewal->count, token);
		free(all);
	}
	if (rc == EV_OK && !done)
		rc = ev_fail_ossl(err, EV_CRYPTO,
		    "cannot renew an evidence record");
	return rc;
}

enum ev_rc
ev_record_renew(const struct ev_record_renewal *renewal, struct ev_bytes token,
    struct ev_buf *der, struct ev_err *err)
{
	struct ev_record *r;
	enum ev_rc rc;

	if (token.len == 0 || token.len > EV_STAMP_LIMIT)
		return ev_fail(err, EV_USE, "a token of %zu bytes", token.len);
	rc = ev_record_read(&r, renewal->record, err);
	if (rc == EV_OK)
		rc = carry_on(r, renewal, token, err);
	if (rc == EV_OK)
		rc = record_der(r->ers, der, err);
	ev_record_free(r);
	return rc;
}
