/* Evidence records read, and each of their time stamps verified. */
#include <stdlib.h>
#include <string.h>

#include "seal/record_inside.h"

enum { DER_LIMIT = 256 << 20, STAMPS = 256 };

size_t
record_width(const X509_ALGOR *algo)
{
	if (algo == NULL)
		return 0;
	switch (OBJ_obj2nid(algo->algorithm)) {
	case NID_sha256:
		return EV_SHA256;
	case NID_sha512:
		return EV_SHA512;
	default:
		return 0;
	}
}

struct ev_bytes
record_token(const EV_ERS_STAMP *stamp)
{
	const ASN1_STRING *token = stamp->token->value.sequence;

	return EV_BYTES(ASN1_STRING_get0_data(token),
	    (size_t)ASN1_STRING_length(token));
}

/* Parsed to the last byte, and written again to the same bytes. */
static enum ev_rc
parse_der(EV_ERS **ers, struct ev_bytes in, struct ev_err *err)
{
	const unsigned char *p = in.data;
	unsigned char *again = NULL;
	bool same;
	int len;

	*ers = NULL;
	if (in.len == 0 || in.len > DER_LIMIT)
		return ev_fail(err, EV_INPUT, "an evidence record of %zu bytes",
		    in.len);
	*ers = d2i_EV_ERS(NULL, &p, (long)in.len);
	if (*ers == NULL)
		return ev_fail_ossl(err, EV_INPUT,
		    "the evidence record is not DER");
	if (p != (const unsigned char *)in.data + in.len)
		return ev_fail(err, EV_INPUT,
		    "bytes behind the evidence record's end");
	len = i2d_EV_ERS(*ers, &again);
	same = len > 0 && (size_t)len == in.len &&
	       memcmp(again, in.data, in.len) == 0;
	OPENSSL_free(again);
	if (!same)
		return ev_fail_ossl(err, EV_INPUT,
		    "the evidence record does not re-encode to itself");
	return EV_OK;
}

/* Each hash announced once, and none that is not used. */
static bool
announces(const EV_ERS *ers, bool narrow, bool wide)
{
	const int want = (narrow ? 1 : 0) + (wide ? 1 : 0);
	size_t width;
	int n;

	if (sk_X509_ALGOR_num(ers->algorithms) != want)
		return false;
	for (n = 0; n < want; n++) {
		width = record_width(sk_X509_ALGOR_value(ers->algorithms, n));
		if (width == EV_SHA256 && narrow)
			narrow = false;
		else if (width == EV_SHA512 && wide)
			wide = false;
		else
			return false;
	}
	return true;
}

/* What is wrong with one time stamp, or NULL. */
static const char *
stamp_fault(const EV_ERS_STAMP *stamp, size_t width, bool first)
{
	if (record_width(stamp->algorithm) != width)
		return "other digests than its chain";
	if (stamp->attributes != NULL)
		return "attributes that are not known";
	if (ASN1_TYPE_get(stamp->token) != V_ASN1_SEQUENCE)
		return "no token";
	if (stamp->tree != NULL &&
	    (!first || sk_EV_ERS_HASHES_num(stamp->tree) != 1))
		return "not one group of hashes";
	return NULL;
}

static const char *
chain_fault(const EV_ERS_CHAIN *chain, size_t width, int *stamps)
{
	const char *why = NULL;
	int n;

	if (sk_EV_ERS_STAMP_num(chain) < 1)
		return "a chain of nothing";
	*stamps += sk_EV_ERS_STAMP_num(chain);
	if (*stamps > STAMPS)
		return "too many time stamps";
	for (n = 0; why == NULL && n < sk_EV_ERS_STAMP_num(chain); n++)
		why =
		    stamp_fault(sk_EV_ERS_STAMP_value(chain, n), width, n == 0);
	return why;
}

/* The first chain is by SHA-256, those behind it by SHA-512. */
static enum ev_rc
check_form(const EV_ERS *ers, struct ev_err *err)
{
	const int chains = sk_EV_ERS_CHAIN_num(ers->sequence);
	const EV_ERS_CHAIN *chain;
	const char *why = NULL;
	int n, stamps = 0;

	if (ASN1_INTEGER_get(ers->version) != 1)
		why = "a version other than 1";
	else if (ers->crypto_infos != NULL || ers->encryption_info != NULL)
		why = "attributes that are not known";
	else if (chains < 1)
		why = "no time stamp";
	else if (!announces(ers, true, chains > 1))
		why = "other digests than those announced";
	for (n = 0; why == NULL && n < chains; n++) {
		chain = sk_EV_ERS_CHAIN_value(ers->sequence, n);
		why =
		    chain_fault(chain, n == 0 ? EV_SHA256 : EV_SHA512, &stamps);
		if (why == NULL && n == 0 &&
		    sk_EV_ERS_STAMP_value(chain, 0)->tree == NULL)
			why = "no hashes";
	}
	return why == NULL
		   ? EV_OK
		   : ev_fail(err, EV_INPUT, "the evidence record has %s", why);
}

/* A group as bytes, ascending, for the caller to free. */
static enum ev_rc
take_group(unsigned char **out, size_t *count, const EV_ERS_HASHES *group,
    size_t width, struct ev_err *err)
{
	const int total = sk_ASN1_OCTET_STRING_num(group);
	const ASN1_OCTET_STRING *one;
	int n;

	*out = NULL;
	*count = 0;
	if (total < 1)
		return ev_fail(err, EV_INPUT, "an evidence record of nothing");
	/* Each of them was read from the input: total is no mere claim. */
	*out = calloc((size_t)total, width);
	if (*out == NULL)
		return ev_fail_sys(err, "cannot keep %d hashes", total);
	for (n = 0; n < total; n++) {
		unsigned char *to = *out + (size_t)n * width;

		one = sk_ASN1_OCTET_STRING_value(group, n);
		if ((size_t)ASN1_STRING_length(one) != width)
			return ev_fail(err, EV_INPUT,
			    "hash %d of the evidence record has %d bytes",
			    n + 1, ASN1_STRING_length(one));
		memcpy(to, ASN1_STRING_get0_data(one), width);
		if (n > 0 && memcmp(to - width, to, width) > 0)
			return ev_fail(err, EV_INPUT,
			    "hash %d of the evidence record is out of order",
			    n + 1);
	}
	*count = (size_t)total;
	return EV_OK;
}

static const EV_ERS_STAMP *
stamp_of(const EV_ERS *ers, int chain, int n)
{
	return sk_EV_ERS_STAMP_value(sk_EV_ERS_CHAIN_value(ers->sequence,
					 chain),
	    n);
}

enum ev_rc
ev_record_read(struct ev_record **out, struct ev_bytes der, struct ev_err *err)
{
	unsigned char *hash = NULL;
	struct ev_record *r;
	enum ev_rc rc;

	*out = NULL;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return ev_fail_sys(err, "cannot read an evidence record");
	rc = parse_der(&r->ers, der, err);
	if (rc == EV_OK)
		rc = check_form(r->ers, err);
	if (rc == EV_OK) {
		rc = take_group(&hash, &r->count,
		    sk_EV_ERS_HASHES_value(stamp_of(r->ers, 0, 0)->tree, 0),
		    EV_SHA256, err);
		r->hash = (unsigned char(*)[EV_SHA256])(void *)hash;
	}
	if (rc != EV_OK) {
		ev_record_free(r);
		return rc;
	}
	*out = r;
	return EV_OK;
}

void
ev_record_free(struct ev_record *r)
{
	if (r == NULL)
		return;
	EV_ERS_free(r->ers);
	free(r->hash);
	free(r);
}

struct ev_bytes
ev_record_token(const struct ev_record *r)
{
	return record_token(stamp_of(r->ers, 0, 0));
}

size_t
ev_record_count(const struct ev_record *r)
{
	return r->count;
}

const unsigned char *
ev_record_hashes(const struct ev_record *r)
{
	return r->hash[0];
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, EV_SHA256);
}

bool
ev_record_has(const struct ev_record *r, const unsigned char hash[EV_SHA256])
{
	return bsearch(hash, r->hash, r->count, EV_SHA256, compare) != NULL;
}

size_t
ev_record_chains(const struct ev_record *r)
{
	return (size_t)sk_EV_ERS_CHAIN_num(r->ers->sequence);
}

size_t
ev_record_stamps(const struct ev_record *r)
{
	size_t stamps = 0;
	int n;

	for (n = 0; n < sk_EV_ERS_CHAIN_num(r->ers->sequence); n++)
		stamps += (size_t)sk_EV_ERS_STAMP_num(
		    sk_EV_ERS_CHAIN_value(r->ers->sequence, n));
	return stamps;
}

void
ev_record_wide(struct ev_record *r, const unsigned char *wide, size_t count)
{
	r->wide = wide;
	r->wide_count = count;
}

/* A new chain covers each object anew, and all that was before (5.2). */
static enum ev_rc
rehash_imprint(const struct ev_record *r, int chain,
    unsigned char imprint[EV_SHA512], struct ev_err *err)
{
	const EV_ERS_STAMP *stamp = stamp_of(r->ers, chain, 0);
	unsigned char *want = NULL, *have = NULL;
	size_t count = 1;
	enum ev_rc rc;

	if (r->wide == NULL)
		return ev_fail(err, EV_USE,
		    "a record of %zu chains needs the SHA-512 of what it"
		    " covers",
		    ev_record_chains(r));
	if (r->wide_count != r->count)
		return ev_fail(err, EV_MISMATCH, "%zu SHA-512 for %zu objects",
		    r->wide_count, r->count);
	rc = record_rehash(r->ers, chain, r->wide, r->wide_count, &want, err);
	if (rc == EV_OK && stamp->tree != NULL)
		rc = take_group(&have, &count,
		    sk_EV_ERS_HASHES_value(stamp->tree, 0), EV_SHA512, err);
	if (rc == EV_OK &&
	    (count != r->count ||
		(have != NULL && memcmp(have, want, count * EV_SHA512) != 0)))
		rc = ev_fail(err, EV_MISMATCH,
		    "chain %d of the evidence record covers other objects",
		    chain + 1);
	if (rc == EV_OK)
		rc = record_root(imprint, want, count, EV_SHA512, err);
	free(want);
	free(have);
	return rc;
}

/* What time stamp n of a chain covers. */
static enum ev_rc
imprint_of(const struct ev_record *r, int chain, int n,
    unsigned char imprint[EV_SHA512], size_t *width, struct ev_err *err)
{
	*width = chain == 0 ? EV_SHA256 : EV_SHA512;
	if (n > 0)
		return record_hash(imprint, *width,
		    record_token(stamp_of(r->ers, chain, n - 1)), err);
	if (chain > 0)
		return rehash_imprint(r, chain, imprint, err);
	return record_root(imprint, r->hash[0], r->count, EV_SHA256, err);
}

/* Newest first, each known to exist since the one behind it. */
struct judging {
	const struct ev_record *r;
	const struct ev_trust *trust;
	int64_t existed, before;
	struct ev_stamp *newest; /* NULL once it is filled */
};

static enum ev_rc
judge_one(struct judging *j, int chain, int n, struct ev_stamp *stamp,
    struct ev_err *err)
{
	unsigned char imprint[EV_SHA512];
	size_t width;
	enum ev_rc rc;

	rc = imprint_of(j->r, chain, n, imprint, &width, err);
	if (rc == EV_OK)
		rc = ev_stamp_verify_over(record_token(
					      stamp_of(j->r->ers, chain, n)),
		    EV_BYTES(imprint, width), j->trust, j->existed, stamp, err);
	if (rc != EV_OK)
		return rc;
	if (stamp->at > j->before)
		return ev_fail(err, EV_MISMATCH,
		    "a time stamp states a later time than the one that covers"
		    " it");
	j->before = stamp->at;
	if (stamp->chain.state == EV_TRUST_OK && !stamp->self_issued)
		j->existed = stamp->at;
	if (j->newest != NULL)
		*j->newest = *stamp;
	j->newest = NULL;
	return EV_OK;
}

enum ev_rc
ev_record_verify(const struct ev_record *r, const struct ev_trust *trust,
    struct ev_stamp *stamp, struct ev_stamp *newest, struct ev_err *err)
{
	struct judging j = { r, trust, ev_trust_existence(trust), INT64_MAX,
		newest };
	const EV_ERS_CHAIN *chain;
	enum ev_rc rc = EV_OK;
	int c, n;

	for (c = sk_EV_ERS_CHAIN_num(r->ers->sequence) - 1;
	     rc == EV_OK && c >= 0; c--) {
		chain = sk_EV_ERS_CHAIN_value(r->ers->sequence, c);
		for (n = sk_EV_ERS_STAMP_num(chain) - 1; rc == EV_OK && n >= 0;
		     n--)
			rc = judge_one(&j, c, n, stamp, err);
	}
	return rc == EV_OK ? EV_OK : ev_fail_in(err, "the evidence record");
}
