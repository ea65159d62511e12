/* A bundle being sealed: signatures, evidence record, archive time stamp. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case/stamping.h"
#include "evidence/when.h"
#include "out/bundle_inside.h"
#include "out/manifest.h"
#include "seal/record.h"
#include "seal/sign.h"

enum { DER_LIMIT = 16 << 20 };

/* The first authority that answers; the built-in one if none was named. */
static enum ev_rc
token_over(struct bundle *b, const unsigned char imprint[EV_SHA256],
    struct ev_buf *token, struct ev_err *err)
{
	const char *const *tsa = b->how->tsa;
	struct ev_stamp_place place = { .url = "self" };
	enum ev_rc rc;

	if (tsa == NULL || tsa[0] == NULL)
		return ev_stamp_token(b->c, &place, imprint, token, err);
	do {
		place.url = *tsa++;
		ev_buf_clear(token);
		rc = ev_stamp_token(b->c, &place, imprint, token, err);
	} while (rc != EV_OK && *tsa != NULL);
	return rc;
}

static enum ev_rc
add_signature(struct bundle *b, const struct ev_signer *signer,
    const char *list, const char *p7s, struct ev_err *err)
{
	unsigned char imprint[EV_SHA256];
	struct ev_buf xml, plain, token, signature;
	struct ev_clock now;
	enum ev_rc rc;

	ev_buf_init(&xml, BUNDLE_TEXT);
	ev_buf_init(&plain, DER_LIMIT);
	ev_buf_init(&token, DER_LIMIT);
	ev_buf_init(&signature, DER_LIMIT);
	rc = ev_when_now(&now, err);
	if (rc == EV_OK)
		rc = ev_container_read(b->k, list, &xml, err);
	if (rc == EV_OK)
		rc = ev_cades_sign(signer, EV_BYTES_BUF(&xml), now.wall_us,
		    &plain, err);
	if (rc == EV_OK)
		rc = ev_cades_imprint(EV_BYTES_BUF(&plain), imprint, err);
	if (rc == EV_OK)
		rc = token_over(b, imprint, &token, err);
	if (rc == EV_OK)
		rc = ev_cades_add_token(EV_BYTES_BUF(&plain),
		    EV_BYTES_BUF(&token), &signature, err);
	if (rc == EV_OK)
		rc = ev_container_add(b->k, p7s, EV_BYTES_BUF(&signature), err);
	ev_buf_release(&xml);
	ev_buf_release(&plain);
	ev_buf_release(&token);
	ev_buf_release(&signature);
	return rc;
}

static enum ev_rc
sign_once(struct bundle *b, const struct ev_signer *signer, int number,
    struct ev_err *err)
{
	char list[BUNDLE_NAME], p7s[BUNDLE_NAME];
	enum ev_rc rc;

	rc = bundle_name(list, err, "META-INF/ASiCManifest%03d.xml", number);
	if (rc == EV_OK)
		rc =
		    bundle_name(p7s, err, "META-INF/signature%03d.p7s", number);
	if (rc == EV_OK)
		rc = ev_container_manifest(b->k, list, p7s,
		    "application/pkcs7-signature", EV_SCOPE_SIGNED, err);
	if (rc == EV_OK)
		rc = add_signature(b, signer, list, p7s, err);
	return rc;
}

static enum ev_rc
add_record(struct bundle *b, struct ev_err *err)
{
	static const char name[] = "META-INF/evidencerecord001.ers";
	unsigned char imprint[EV_SHA256], *hash = NULL;
	const struct ev_part *part;
	struct ev_buf token, der;
	size_t count, i, n = 0;
	enum ev_rc rc;

	ev_buf_init(&token, DER_LIMIT);
	ev_buf_init(&der, BUNDLE_TEXT);
	rc = ev_container_manifest(b->k,
	    "META-INF/ASiCEvidenceRecordManifest001.xml", name, "",
	    EV_SCOPE_RECORD, err);
	if (rc == EV_OK)
		rc = ev_container_parts(b->k, &part, &count, err);
	if (rc == EV_OK) {
		hash = malloc((count + 1) * EV_SHA256);
		if (hash == NULL)
			rc = ev_fail_sys(err, "cannot list the payload");
	}
	for (i = 0; rc == EV_OK && i < count; i++) {
		if (ev_part_is_payload(part[i].name))
			memcpy(hash + EV_SHA256 * n++, part[i].digests.sha256,
			    EV_SHA256);
	}
	if (rc == EV_OK)
		rc = ev_record_root(imprint, hash, n, err);
	if (rc == EV_OK)
		rc = token_over(b, imprint, &token, err);
	if (rc == EV_OK)
		rc = ev_record_build(hash, n, EV_BYTES_BUF(&token), &der, err);
	if (rc == EV_OK)
		rc = ev_container_add(b->k, name, EV_BYTES_BUF(&der), err);
	free(hash);
	ev_buf_release(&token);
	ev_buf_release(&der);
	return rc;
}

/* Both or neither: manifest and token of a round. */
static enum ev_rc
round_parts(struct ev_container *k, int round, struct ev_case *c,
    const struct ev_stamp_place *place, struct ev_stamp *stamp,
    struct ev_err *err)
{
	char list[EV_ROUND_NAME], tst[EV_ROUND_NAME];
	unsigned char imprint[EV_SHA256];
	struct ev_buf xml, token;
	enum ev_rc rc;

	ev_round_names(round, true, list, tst);
	ev_buf_init(&xml, BUNDLE_TEXT);
	ev_buf_init(&token, DER_LIMIT);
	rc = ev_container_preview(k, tst, EV_MEDIA_TOKEN, EV_SCOPE_ALL, &xml,
	    err);
	if (rc == EV_OK)
		rc = ev_sha256(imprint, xml.data, xml.len, err);
	if (rc == EV_OK)
		rc = ev_stamp_token(c, place, imprint, &token, err);
	if (rc == EV_OK)
		rc = ev_stamp_verify(EV_BYTES_BUF(&token), imprint, NULL, stamp,
		    err);
	if (rc == EV_OK)
		rc = ev_container_add(k, list, EV_BYTES_BUF(&xml), err);
	if (rc == EV_OK)
		rc = ev_container_add(k, tst, EV_BYTES_BUF(&token), err);
	ev_buf_release(&xml);
	ev_buf_release(&token);
	return rc;
}

enum ev_rc
bundle_round(struct ev_container *k, int round, struct ev_case *c,
    const struct ev_stamp_place *place, struct ev_stamp *stamp,
    struct ev_err *err)
{
	char newest[EV_ROUND_NAME], numbered[EV_ROUND_NAME], tst[EV_ROUND_NAME];
	struct ev_err why;
	enum ev_rc rc = EV_OK;

	if (round > EV_ROUNDS)
		return ev_fail(err, EV_LIMIT, "more than %d rounds", EV_ROUNDS);
	ev_round_names(round - 1, true, newest, tst);
	ev_round_names(round - 1, false, numbered, tst);
	if (round > 1)
		rc = ev_container_rename(k, newest, numbered, err);
	if (rc != EV_OK)
		return rc;
	rc = round_parts(k, round, c, place, stamp, err);
	if (rc != EV_OK && round > 1 &&
	    ev_container_rename(k, numbered, newest, &why) != EV_OK)
		*err = why;
	return rc;
}

/* A round by each authority that answers; the built-in one if none is named. */
static enum ev_rc
add_archive(struct bundle *b, struct ev_err *err)
{
	const char *const *tsa = b->how->tsa;
	struct ev_stamp_place place = { .url = "self" };
	struct ev_stamp stamp;
	enum ev_rc rc;
	int rounds = 0;

	if (tsa == NULL || tsa[0] == NULL)
		return bundle_round(b->k, 1, b->c, &place, &stamp, err);
	do {
		place.url = *tsa++;
		rc = bundle_round(b->k, rounds + 1, b->c, &place, &stamp, err);
		if (rc == EV_OK)
			rounds++;
	} while (*tsa != NULL);
	return rounds > 0 ? EV_OK : rc;
}

enum ev_rc
bundle_seal(struct bundle *b, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t n;

	for (n = 0; rc == EV_OK && n < b->signers; n++)
		rc = sign_once(b, b->signer[n], (int)n + 1, err);
	if (rc == EV_OK)
		rc = add_record(b, err);
	if (rc == EV_OK)
		rc = add_archive(b, err);
	return rc;
}
