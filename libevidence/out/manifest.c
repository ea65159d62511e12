/* The lists of a container as text: bag manifests and ASiC manifests. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "out/manifest.h"

bool
ev_part_is_payload(const char *name)
{
	return strncmp(name, "data/", 5) == 0;
}

bool
ev_part_is_meta(const char *name)
{
	return strncmp(name, "META-INF/", 9) == 0;
}

/* Everything but payload, META-INF and the tagmanifests themselves. */
bool
ev_part_is_tag(const char *name)
{
	return !ev_part_is_payload(name) && !ev_part_is_meta(name) &&
	       strncmp(name, "tagmanifest-", 12) != 0;
}

static const char archive[] = "META-INF/ASiCArchiveManifest";
static const char stamp[] = "META-INF/timestamp";

int
ev_part_round(const char *name)
{
	const char *digits;
	int64_t n;

	if (strncmp(name, archive, sizeof(archive) - 1) == 0) {
		digits = name + sizeof(archive) - 1;
		if (strcmp(digits, ".xml") == 0)
			return EV_ROUND_NEWEST;
		if (strcmp(digits + strcspn(digits, "."), ".xml") != 0)
			return 0;
	} else if (strncmp(name, stamp, sizeof(stamp) - 1) == 0) {
		digits = name + sizeof(stamp) - 1;
		if (strcmp(digits + strcspn(digits, "."), ".tst") != 0)
			return 0;
	} else {
		return 0;
	}
	return strcspn(digits, ".") == 3 &&
		       ev_text_int(&n, digits, 3, 1, EV_ROUNDS)
		   ? (int)n
		   : 0;
}

void
ev_round_names(int round, bool newest, char manifest[EV_ROUND_NAME],
    char token[EV_ROUND_NAME])
{
	if (newest)
		(void)snprintf(manifest, EV_ROUND_NAME, "%s.xml", archive);
	else
		(void)snprintf(manifest, EV_ROUND_NAME, "%s%03d.xml", archive,
		    round);
	(void)snprintf(token, EV_ROUND_NAME, "%s%03d.tst", stamp, round);
}

const struct ev_bag_list ev_bag_lists[EV_BAG_LISTS] = {
	{ "manifest-sha256.txt", false, ev_part_is_payload },
	{ "manifest-sha512.txt", true, ev_part_is_payload },
	{ "tagmanifest-sha256.txt", false, ev_part_is_tag },
	{ "tagmanifest-sha512.txt", true, ev_part_is_tag },
};

enum ev_rc
ev_manifest_bag(struct ev_buf *text, const struct ev_part *part, size_t count,
    bool wide, bool (*pick)(const char *), struct ev_err *err)
{
	char hex[2 * EV_SHA512 + 1];
	enum ev_rc rc = EV_OK;
	size_t i;

	for (i = 0; rc == EV_OK && i < count; i++) {
		if (!pick(part[i].name))
			continue;
		if (wide)
			ev_text_hex(hex, part[i].digests.sha512, EV_SHA512);
		else
			ev_text_hex(hex, part[i].digests.sha256, EV_SHA256);
		rc = ev_buf_printf(text, err, "%s  %s\n", hex, part[i].name);
	}
	return rc;
}

enum ev_rc
ev_manifest_oxum(struct ev_buf *text, const struct ev_part *part, size_t count,
    struct ev_err *err)
{
	int64_t bytes = 0, files = 0;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!ev_part_is_payload(part[i].name))
			continue;
		bytes += part[i].digests.size;
		files++;
	}
	return ev_buf_printf(text, err,
	    "Payload-Oxum: %" PRId64 ".%" PRId64 "\n", bytes, files);
}

static const char *
media_of(const char *name)
{
	static const struct {
		const char *end, *media;
	} known[] = {
		{ ".txt", "text/plain" },
		{ ".html", "text/html" },
		{ ".json", "application/json" },
		{ ".jsonl", "application/jsonl" },
		{ ".xml", "text/xml" },
		{ ".zip", "application/zip" },
		{ ".pem", "application/x-pem-file" },
		{ ".p7s", "application/pkcs7-signature" },
		{ ".tst", "application/vnd.etsi.timestamp-token" },
	};
	size_t i, len = strlen(name), end;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		end = strlen(known[i].end);
		if (len > end && strcmp(name + len - end, known[i].end) == 0)
			return known[i].media;
	}
	return "application/octet-stream";
}

static bool
in_scope(const char *name, const struct ev_manifest_asic *what)
{
	if (strcmp(name, "mimetype") == 0)
		return false;
	switch (what->scope) {
	case EV_SCOPE_SIGNED:
		return !ev_part_is_meta(name);
	case EV_SCOPE_RECORD:
		return ev_part_is_payload(name);
	case EV_SCOPE_ALL:
		return ev_part_round(name) < ev_part_round(what->reference);
	}
	return false;
}

/* The manifest of the round before, which leads to all earlier ones. */
static bool
is_root(const char *name, const struct ev_manifest_asic *what)
{
	return what->scope == EV_SCOPE_ALL && ev_part_round(name) > 0 &&
	       ev_part_round(name) == ev_part_round(what->reference) - 1 &&
	       strncmp(name, archive, sizeof(archive) - 1) == 0;
}

static enum ev_rc
one_reference(struct ev_buf *xml, const struct ev_part *part,
    const struct ev_manifest_asic *what, struct ev_err *err)
{
	enum ev_rc rc;

	rc = ev_buf_printf(xml, err,
	    "<asic:DataObjectReference URI=\"%s\" MimeType=\"%s\"%s>"
	    "<ds:DigestMethod Algorithm="
	    "\"http://www.w3.org/2001/04/xmlenc#sha256\"/><ds:DigestValue>",
	    part->name, media_of(part->name),
	    is_root(part->name, what) ? " Rootfile=\"true\"" : "");
	if (rc == EV_OK)
		rc = ev_text_base64(xml, part->digests.sha256, EV_SHA256, err);
	if (rc == EV_OK)
		rc = ev_buf_puts(xml,
		    "</ds:DigestValue></asic:DataObjectReference>\n", err);
	return rc;
}

static enum ev_rc
head(struct ev_buf *xml, const struct ev_manifest_asic *what,
    struct ev_err *err)
{
	static const char begin[] =
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<asic:ASiCManifest"
	    " xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\""
	    " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n";

	if (what->media[0] == '\0')
		return ev_buf_printf(xml, err,
		    "%s<asic:SigReference URI=\"%s\"/>\n", begin,
		    what->reference);
	return ev_buf_printf(xml, err,
	    "%s<asic:SigReference URI=\"%s\" MimeType=\"%s\"/>\n", begin,
	    what->reference, what->media);
}

enum ev_rc
ev_manifest_xml(struct ev_buf *xml, const struct ev_part *part, size_t count,
    const struct ev_manifest_asic *what, struct ev_err *err)
{
	enum ev_rc rc;
	size_t i;

	rc = head(xml, what, err);
	for (i = 0; rc == EV_OK && i < count; i++) {
		if (in_scope(part[i].name, what))
			rc = one_reference(xml, &part[i], what, err);
	}
	if (rc == EV_OK)
		rc = ev_buf_puts(xml, "</asic:ASiCManifest>\n", err);
	return rc;
}
