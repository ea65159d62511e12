/* Who signs a bundle. */
#include <fcntl.h>
#include <string.h>

#include "base/fs.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "out/bundle_inside.h"
#include "seal/sign.h"

enum { CHAIN_LIMIT = 64 << 20 };

/* Its certificate was enrolled by the head, and no other key has it here. */
static enum ev_rc
check_person(struct bundle *b, const struct ev_signer *signer, const char *key,
    struct ev_err *err)
{
	char hex[2 * EV_SHA256 + 1];
	struct ev_cert cert, other;
	int64_t count = 0;
	enum ev_rc rc;
	size_t n;

	rc = ev_signer_cert(signer, &cert, err);
	if (rc != EV_OK)
		return rc;
	ev_text_hex(hex, cert.sha256, EV_SHA256);
	rc = ev_db_int(ev_case_db(b->c), &count, err,
	    "SELECT count(*) FROM actor WHERE cert_sha256 = ? AND entry <= ?",
	    "si", hex, b->head);
	if (rc == EV_OK && count == 0)
		return ev_fail(err, EV_USE,
		    "%s%.256s%snobody is enrolled with the certificate of"
		    " '%.128s': ev-case enrol --cert does it",
		    key == NULL ? "" : "'", key == NULL ? "" : key,
		    key == NULL ? "" : "': ", cert.subject);
	for (n = 0; rc == EV_OK && n < b->signers; n++) {
		rc = ev_signer_cert(b->signer[n], &other, err);
		if (rc == EV_OK &&
		    memcmp(cert.sha256, other.sha256, EV_SHA256) == 0)
			rc = ev_fail(err, EV_USE,
			    "'%.128s' was named twice to sign", cert.subject);
	}
	return rc;
}

static enum ev_rc
add_chains(struct bundle *b, struct ev_signer *signer, struct ev_err *err)
{
	const char *const *path = b->how->chains;
	struct ev_buf pem;
	enum ev_rc rc = EV_OK;

	for (; rc == EV_OK && path != NULL && *path != NULL; path++) {
		ev_buf_init(&pem, CHAIN_LIMIT);
		rc = ev_fs_read_all(&pem, AT_FDCWD, *path, err);
		if (rc == EV_OK)
			rc = ev_signer_add(signer, EV_BYTES_BUF(&pem), err);
		if (rc != EV_OK)
			rc = ev_fail_in(err, *path);
		ev_buf_release(&pem);
	}
	return rc;
}

static enum ev_rc
add_signer(struct bundle *b, const char *key, int64_t now, struct ev_err *err)
{
	struct ev_signer *signer = NULL;
	enum ev_rc rc;

	if (b->signers == BUNDLE_SIGNERS)
		return ev_fail(err, EV_LIMIT, "more than %d signers",
		    BUNDLE_SIGNERS);
	rc = ev_case_signer(b->c, key, b->how->pass, &signer, err);
	if (rc == EV_OK)
		rc = check_person(b, signer, key, err);
	if (rc == EV_OK)
		rc = add_chains(b, signer, err);
	if (rc == EV_OK)
		rc = ev_signer_fit(signer, now, err);
	if (rc == EV_OK)
		b->signer[b->signers++] = signer;
	else
		ev_signer_free(signer);
	return rc;
}

enum ev_rc
bundle_signers(struct bundle *b, struct ev_err *err)
{
	const char *const *key = b->how->keys;
	struct ev_clock now;
	enum ev_rc rc;

	rc = ev_when_now(&now, err);
	if (rc == EV_OK && (key == NULL || *key == NULL))
		return add_signer(b, NULL, now.wall_us, err);
	for (; rc == EV_OK && *key != NULL; key++)
		rc = add_signer(b, *key, now.wall_us, err);
	return rc;
}

void
bundle_signers_free(struct bundle *b)
{
	while (b->signers > 0)
		ev_signer_free(b->signer[--b->signers]);
}
