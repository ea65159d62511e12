/* A bundle's archive time stamps, round by round. */
#include <stdio.h>
#include <string.h>

#include "evidence/when.h"
#include "out/manifest.h"
#include "out/verify_inside.h"
#include "seal/stamp.h"

static bool
has_round(const struct verify *v, int round, bool newest)
{
	char manifest[EV_ROUND_NAME], token[EV_ROUND_NAME];

	ev_round_names(round, newest, manifest, token);
	return verify_part(v, manifest) != NULL &&
	       verify_part(v, token) != NULL;
}

/* How many rounds there are: all but the newest have a number. */
static int
count_rounds(const struct verify *v)
{
	int n = 0;

	while (n < EV_ROUNDS - 1 && has_round(v, n + 1, false))
		n++;
	return has_round(v, n + 1, true) ? n + 1 : n;
}

bool
verify_is_round(const struct verify *v, const char *name)
{
	const int round = ev_part_round(name);

	return round == EV_ROUND_NEWEST ||
	       (round > 0 && round <= count_rounds(v));
}

/* One round; EV_EOF: something is wrong with it, and was said. */
static enum ev_rc
one_round(struct verify *v, int round, bool newest, struct ev_stamp *stamp,
    struct ev_err *err)
{
	char manifest[EV_ROUND_NAME], token[EV_ROUND_NAME];
	const struct ev_manifest_asic what = { token, EV_MEDIA_TOKEN,
		EV_SCOPE_ALL };
	unsigned char imprint[EV_SHA256];
	struct ev_buf xml, der;
	struct ev_err why;
	enum ev_rc rc;

	ev_round_names(round, newest, manifest, token);
	ev_buf_init(&xml, EV_VERIFY_LIST);
	ev_buf_init(&der, EV_VERIFY_DER);
	rc = verify_manifest(v, manifest, &what, &xml, err);
	if (rc == EV_OK)
		rc = ev_sha256(imprint, xml.data, xml.len, err);
	if (rc != EV_OK)
		goto out;
	rc = verify_read(v, token, &der, &why);
	if (rc == EV_OK)
		rc = ev_stamp_verify(EV_BYTES_BUF(&der), imprint, v->trust,
		    stamp, &why);
	if (rc != EV_OK) {
		verify_say(v, "time", EV_VERIFY_FAILED, "%s: %s", token,
		    why.msg);
		rc = EV_EOF;
	}
out:
	ev_buf_release(&xml);
	ev_buf_release(&der);
	return rc;
}

/*
 * Newest first: a trusted round shows that all it covers existed then, which
 * counts for the round before it (RFC 4998, 5.3, and EN 319 162-1).
 */
enum ev_rc
verify_archive(struct verify *v, struct ev_err *err)
{
	const int rounds = count_rounds(v);
	char manifest[EV_ROUND_NAME], token[EV_ROUND_NAME];
	int64_t before = EV_TRUST_NOW;
	struct ev_stamp stamp;
	enum ev_rc rc = EV_OK;
	int n;

	ev_trust_existed(v->trust, EV_TRUST_NOW);
	if (rounds == 0 || !has_round(v, rounds, true)) {
		ev_round_names(rounds == 0 ? 1 : rounds, true, manifest, token);
		verify_say(v, "time", EV_VERIFY_FAILED, "%s is missing",
		    verify_part(v, token) == NULL ? token : manifest);
	}
	for (n = rounds; rc == EV_OK && n > 0; n--) {
		rc = one_round(v, n, n == rounds && has_round(v, n, true),
		    &stamp, err);
		if (rc != EV_OK)
			break;
		ev_round_names(n, false, manifest, token);
		verify_say_stamp(v, token, &stamp);
		if (stamp.at > before)
			verify_say(v, "time", EV_VERIFY_FAILED,
			    "%s is later than the time stamp that covers it",
			    token);
		before = stamp.at;
		if (stamp.chain.state == EV_TRUST_OK && !stamp.self_issued)
			ev_trust_existed(v->trust, stamp.at);
	}
	return rc == EV_EOF ? EV_OK : rc;
}

/* Certificates and lists inside the archive time stamps. */
static enum ev_rc
help_by_tokens(struct verify *v, struct ev_err *err)
{
	char manifest[EV_ROUND_NAME], token[EV_ROUND_NAME];
	struct ev_err why;
	struct ev_buf der, pem;
	enum ev_rc rc = EV_OK;
	int n;

	ev_buf_init(&der, EV_VERIFY_DER);
	ev_buf_init(&pem, EV_VERIFY_LIST);
	for (n = count_rounds(v); rc == EV_OK && n > 0; n--) {
		ev_round_names(n, true, manifest, token);
		ev_buf_clear(&der);
		ev_buf_clear(&pem);
		/* What is wrong with it is said when it is judged. */
		if (verify_read(v, token, &der, &why) == EV_OK &&
		    ev_stamp_certs(EV_BYTES_BUF(&der), &pem, &why) == EV_OK)
			rc = ev_trust_help(v->trust, EV_BYTES_BUF(&pem), err);
	}
	ev_buf_release(&der);
	ev_buf_release(&pem);
	return rc;
}

/* What the case kept; a block that cannot be read is said. */
static enum ev_rc
help_by_case(struct verify *v, const char *name, struct ev_err *err)
{
	struct ev_buf pem;
	enum ev_rc rc;

	if (verify_part(v, name) == NULL)
		return EV_OK;
	ev_buf_init(&pem, EV_VERIFY_LIST);
	rc = verify_read(v, name, &pem, err);
	if (rc == EV_OK)
		rc = ev_trust_help(v->trust, EV_BYTES_BUF(&pem), err);
	if (rc == EV_INPUT || rc == EV_LIMIT) {
		verify_say(v, "time", EV_VERIFY_FAILED, "%s: %s", name,
		    err->msg);
		rc = EV_OK;
	}
	ev_buf_release(&pem);
	return rc;
}

enum ev_rc
verify_existed(struct verify *v, struct ev_err *err)
{
	const bool untrusted = v->untrusted;
	enum ev_rc rc;

	if (v->trust == NULL)
		return EV_OK;
	rc = help_by_case(v, EV_PKI_CERTIFICATES, err);
	if (rc == EV_OK)
		rc = help_by_case(v, EV_PKI_REVOCATION, err);
	if (rc == EV_OK)
		rc = help_by_tokens(v, err);
	v->mute = true;
	if (rc == EV_OK)
		rc = verify_archive(v, err);
	v->mute = false;
	v->untrusted = untrusted;
	return rc;
}
