/* A bundle's signatures, time stamps and evidence records. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/json.h"
#include "evidence/text.h"
#include "evidence/when.h"
#include "out/manifest.h"
#include "out/verify_inside.h"
#include "seal/sign.h"

enum { NAME = 96, SIGNERS = 100, LINE = 512 };

/* The file that a list of references tells of at a byte. */
static void
reference_at(const struct ev_buf *xml, size_t at, char name[LINE])
{
	static const char before[] = "URI=\"";
	const char *text = ev_buf_text(xml), *found = NULL, *next = text;

	while ((next = strstr(next, before)) != NULL &&
	       (size_t)(next - text) <= at)
		found = ++next;
	name[0] = '\0';
	if (found != NULL)
		(void)snprintf(name, LINE, "%.*s",
		    (int)strcspn(found + sizeof(before) - 2, "\""),
		    found + sizeof(before) - 2);
}

static void
say_list(struct verify *v, const char *name, const struct ev_buf *have,
    const struct ev_buf *want)
{
	char listed[LINE], is[LINE];
	size_t i = 0;

	while (i < have->len && i < want->len && have->data[i] == want->data[i])
		i++;
	reference_at(have, i, listed);
	reference_at(want, i, is);
	verify_say(v, "signatures", EV_VERIFY_FAILED,
	    "%s does not list the files as they are: byte %zu, '%s'%s%s%s",
	    name, i, listed, strcmp(listed, is) == 0 ? "" : " where '",
	    strcmp(listed, is) == 0 ? "" : is,
	    strcmp(listed, is) == 0 ? "" : "' is");
}

enum ev_rc
verify_manifest(struct verify *v, const char *name,
    const struct ev_manifest_asic *what, struct ev_buf *have,
    struct ev_err *err)
{
	struct ev_buf want;
	enum ev_rc rc;

	ev_buf_init(&want, EV_VERIFY_LIST);
	ev_buf_clear(have);
	rc = ev_manifest_xml(&want, v->part, v->count, what, err);
	if (rc == EV_OK)
		rc = verify_read(v, name, have, err);
	if (rc == EV_INPUT || rc == EV_LIMIT) {
		verify_say(v, "signatures", EV_VERIFY_FAILED, "%s", err->msg);
		rc = EV_EOF;
	} else if (rc == EV_OK &&
		   (have->len != want.len ||
		       memcmp(have->data, want.data, want.len) != 0)) {
		say_list(v, name, have, &want);
		rc = EV_EOF;
	}
	ev_buf_release(&want);
	return rc;
}

/* The enrolled person whose certificate has this hash. */
static void
find_actor(const struct verify *v, const unsigned char sha256[EV_SHA256],
    char who[LINE])
{
	char hex[2 * EV_SHA256 + 1], needle[2 * EV_SHA256 + 24];
	const char *at, *end, *line;
	struct ev_json_doc *doc = NULL;
	struct ev_err why;
	const struct ev_json_node *after;

	who[0] = '\0';
	ev_text_hex(hex, sha256, EV_SHA256);
	(void)snprintf(needle, sizeof(needle), "\"cert_sha256\":\"%s\"", hex);
	at = strstr(ev_buf_text(&v->log_text), needle);
	if (at == NULL)
		return;
	for (line = at; line > ev_buf_text(&v->log_text) && line[-1] != '\n';
	     line--)
		;
	end = strchr(at, '\n');
	if (end != NULL &&
	    ev_json_parse(&doc, line, (size_t)(end - line), &why) == EV_OK) {
		after = ev_json_get(ev_json_root(doc), "after");
		if (after != NULL && ev_json_get_text(after, "name") != NULL)
			(void)snprintf(who, LINE, "%s (%s, %s)",
			    ev_json_get_text(after, "actor"),
			    ev_json_get_text(after, "role"),
			    ev_json_get_text(after, "office"));
	}
	ev_json_free(doc);
}

static void
say_chain(struct verify *v, const char *group, const char *whose,
    const struct ev_chain *chain, bool self)
{
	switch (chain->state) {
	case EV_TRUST_OK:
		verify_say(v, group, EV_VERIFY_OK,
		    "%s leads to a root that you named%s", whose,
		    chain->revocation ? ", and was not revoked" : "");
		return;
	case EV_TRUST_FAILED:
	case EV_TRUST_REVOKED:
		verify_say(v, group, EV_VERIFY_FAILED, "%s: %s", whose,
		    chain->reason);
		return;
	case EV_TRUST_NOT_CHECKED:
		break;
	}
	v->untrusted = true;
	verify_say(v, group, EV_VERIFY_UNCHECKED, "%s: %s", whose,
	    self ? "self-signed, and no root was named (--trust)"
		 : "no root was named (--trust)");
}

void
verify_say_stamp(struct verify *v, const char *what,
    const struct ev_stamp *stamp)
{
	char at[EV_WHEN_TEXT], whose[LINE];

	ev_when_print(at, stamp->at, EV_PREC_S);
	verify_say(v, "time", EV_VERIFY_OK, "%s existed at %s, says %s", what,
	    at, stamp->authority.subject);
	if (stamp->self_issued) {
		v->untrusted = true;
		verify_say(v, "time", EV_VERIFY_UNCHECKED,
		    "%s: self-issued: shows order, is no proof of a date to "
		    "anyone "
		    "else",
		    what);
		return;
	}
	(void)snprintf(whose, sizeof(whose), "the authority %.300s",
	    stamp->authority.subject);
	say_chain(v, "time", whose, &stamp->chain, false);
}

static void
say_signer(struct verify *v, const char *p7s, const struct ev_cades *r,
    const char *who)
{
	char claimed[EV_WHEN_TEXT], hex[2 * EV_SHA256 + 1], whose[LINE];

	ev_when_print(claimed, r->claimed, EV_PREC_S);
	ev_text_hex(hex, r->signer.sha256, EV_SHA256);
	verify_say(v, "signatures", EV_VERIFY_OK,
	    "%s: signed by %s, certificate %s, who states the time %s", p7s,
	    r->signer.subject, hex, claimed);
	if (who[0] == '\0')
		verify_say(v, "signatures", EV_VERIFY_FAILED,
		    "%s: nobody with that certificate is enrolled in the log",
		    p7s);
	else
		verify_say(v, "signatures", EV_VERIFY_OK,
		    "%s: the log enrols that certificate as %s", p7s, who);
	(void)snprintf(whose, sizeof(whose), "the certificate of %.300s",
	    r->signer.subject);
	if (v->pinned && memcmp(v->pin, r->signer.sha256, EV_SHA256) == 0) {
		v->pin_met = true;
		verify_say(v, "signatures", EV_VERIFY_OK,
		    "%s: the certificate is the one you pinned", p7s);
	} else
		say_chain(v, "signatures", whose, &r->chain,
		    r->signer.self_signed);
	if ((r->notes & EV_CADES_N_CLAIM_LATE) != 0)
		verify_say(v, "signatures", EV_VERIFY_NOTE,
		    "%s: the stated time is later than the time stamp", p7s);
	if ((r->notes & EV_CADES_N_CLAIM_OUTSIDE) != 0)
		verify_say(v, "signatures", EV_VERIFY_NOTE,
		    "%s: the stated time is outside the certificate's "
		    "validity",
		    p7s);
}

static enum ev_rc
check_signature(struct verify *v, const char *p7s, const struct ev_buf *xml,
    struct ev_err *err)
{
	struct ev_cades_check check = { .content = EV_BYTES_BUF(xml),
		.trust = v->trust };
	char who[LINE], what[LINE];
	struct ev_cades result;
	struct ev_clock now;
	struct ev_buf der;
	struct ev_err why;
	enum ev_rc rc;

	ev_buf_init(&der, EV_VERIFY_DER);
	rc = ev_when_now(&now, err);
	if (rc != EV_OK)
		return rc;
	rc = verify_read(v, p7s, &der, &why);
	check.p7s = EV_BYTES_BUF(&der);
	check.at = now.wall_us;
	if (rc == EV_OK)
		rc = ev_cades_verify(&check, &result, &why);
	if (rc != EV_OK) {
		verify_say(v, "signatures", EV_VERIFY_FAILED, "%s: %s", p7s,
		    why.msg);
		rc = EV_OK;
		goto out;
	}
	find_actor(v, result.signer.sha256, who);
	say_signer(v, p7s, &result, who);
	(void)snprintf(what, sizeof(what), "%.100s", p7s);
	if (result.stamped)
		verify_say_stamp(v, what, &result.stamp);
	else {
		v->untrusted = true;
		verify_say(v, "time", EV_VERIFY_UNCHECKED,
		    "%s has no time stamp", p7s);
	}
out:
	ev_buf_release(&der);
	return rc;
}

/* Of several signers one is pinned; the others are a matter of trust. */
static void
check_pin(struct verify *v, int signers)
{
	char hex[2 * EV_SHA256 + 1];

	if (!v->pinned || v->pin_met || signers == 0)
		return;
	ev_text_hex(hex, v->pin, EV_SHA256);
	verify_say(v, "signatures", EV_VERIFY_FAILED,
	    "META-INF/signature001.p7s%s: not the expected one: the"
	    " certificate %s signed nothing here",
	    signers == 1 ? "" : " and those behind it", hex);
}

enum ev_rc
verify_signatures(struct verify *v, struct ev_err *err)
{
	char name[NAME], p7s[NAME];
	struct ev_manifest_asic what = { .reference = p7s,
		.media = "application/pkcs7-signature",
		.scope = EV_SCOPE_SIGNED };
	struct ev_buf xml;
	enum ev_rc rc = EV_OK;
	int n;

	ev_buf_init(&xml, EV_VERIFY_LIST);
	for (n = 1; rc == EV_OK && n < SIGNERS; n++) {
		(void)snprintf(name, sizeof(name),
		    "META-INF/ASiCManifest%03d.xml", n);
		(void)snprintf(p7s, sizeof(p7s), "META-INF/signature%03d.p7s",
		    n);
		if (verify_part(v, name) == NULL && verify_part(v, p7s) == NULL)
			break;
		rc = verify_manifest(v, name, &what, &xml, err);
		if (rc == EV_OK)
			rc = check_signature(v, p7s, &xml, err);
		if (rc == EV_EOF)
			rc = EV_OK;
	}
	v->signers = n - 1;
	check_pin(v, v->signers);
	if (n == 1)
		verify_say(v, "signatures", EV_VERIFY_FAILED,
		    "nobody signed the bundle");
	ev_buf_release(&xml);
	return rc;
}

/* A manifest or signature whose number was reached when they were read. */
static bool
is_signed(const struct verify *v, const char *name)
{
	char one[NAME], two[NAME];
	int n;

	for (n = 1; n <= v->signers; n++) {
		(void)snprintf(one, sizeof(one),
		    "META-INF/ASiCManifest%03d.xml", n);
		(void)snprintf(two, sizeof(two), "META-INF/signature%03d.p7s",
		    n);
		if (strcmp(name, one) == 0 || strcmp(name, two) == 0)
			return true;
	}
	return false;
}

/* META-INF holds what has a place there and nothing else. */
static void
check_meta(struct verify *v)
{
	static const char *const known[] = {
		"META-INF/ASiCEvidenceRecordManifest001.xml",
		"META-INF/evidencerecord001.ers",
	};
	size_t i;

	for (i = 0; i < v->count; i++) {
		const char *name = v->part[i].name;

		if (ev_part_is_meta(name) && !verify_is_round(v, name) &&
		    !is_signed(v, name) && strcmp(name, known[0]) != 0 &&
		    strcmp(name, known[1]) != 0)
			verify_say(v, "container", EV_VERIFY_FAILED,
			    "'%s' has no place in META-INF: it was added",
			    name);
	}
}

enum ev_rc
verify_time(struct verify *v, struct ev_err *err)
{
	enum ev_rc rc;

	check_meta(v);
	rc = verify_records(v, err);
	if (rc == EV_OK)
		rc = verify_archive(v, err);
	return rc;
}
