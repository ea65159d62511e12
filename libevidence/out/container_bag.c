/* A container being put together: bag manifests and ASiC manifests. */
#include <string.h>

#include "out/container_inside.h"
#include "out/manifest.h"

enum { TEXT_LIMIT = 256 << 20 };

static const char asice[] = "application/vnd.etsi.asic-e+zip";

static enum ev_rc
list_file(struct ev_container *k, const struct ev_bag_list *list,
    struct ev_err *err)
{
	const struct ev_part *part;
	struct ev_buf text;
	size_t count;
	enum ev_rc rc;

	ev_buf_init(&text, TEXT_LIMIT);
	rc = ev_container_parts(k, &part, &count, err);
	if (rc == EV_OK)
		rc = ev_manifest_bag(&text, part, count, list->wide, list->pick,
		    err);
	if (rc == EV_OK)
		rc = ev_container_add(k, list->name, EV_BYTES_BUF(&text), err);
	ev_buf_release(&text);
	return rc;
}

static enum ev_rc
bag_info_part(struct ev_container *k, const char *bag_info, struct ev_err *err)
{
	const struct ev_part *part;
	struct ev_buf text;
	size_t count;
	enum ev_rc rc;

	ev_buf_init(&text, TEXT_LIMIT);
	rc = ev_container_parts(k, &part, &count, err);
	if (rc == EV_OK)
		rc = ev_buf_puts(&text, bag_info, err);
	if (rc == EV_OK)
		rc = ev_manifest_oxum(&text, part, count, err);
	if (rc == EV_OK)
		rc = ev_container_add(k, "bag-info.txt", EV_BYTES_BUF(&text),
		    err);
	ev_buf_release(&text);
	return rc;
}

enum ev_rc
ev_container_bag(struct ev_container *k, const char *bag_info,
    unsigned char content[EV_SHA256], struct ev_err *err)
{
	static const char bagit[] = "BagIt-Version: 1.0\n"
				    "Tag-File-Character-Encoding: UTF-8\n";
	const struct ev_part *tag;
	enum ev_rc rc;
	size_t i;

	rc = ev_container_add(k, "bagit.txt",
	    EV_BYTES(bagit, sizeof(bagit) - 1), err);
	if (rc == EV_OK)
		rc = ev_container_add(k, "mimetype",
		    EV_BYTES(asice, sizeof(asice) - 1), err);
	if (rc == EV_OK)
		rc = bag_info_part(k, bag_info, err);
	for (i = 0; rc == EV_OK && i < EV_BAG_LISTS; i++)
		rc = list_file(k, &ev_bag_lists[i], err);
	if (rc != EV_OK)
		return rc;
	tag = ev_container_find(k, "tagmanifest-sha256.txt");
	memcpy(content, tag->digests.sha256, EV_SHA256);
	return EV_OK;
}

enum ev_rc
ev_container_preview(struct ev_container *k, const char *reference,
    const char *media, enum ev_container_scope scope, struct ev_buf *xml,
    struct ev_err *err)
{
	const struct ev_manifest_asic what = { reference, media, scope };
	const struct ev_part *part;
	size_t count;
	enum ev_rc rc;

	rc = ev_container_parts(k, &part, &count, err);
	return rc == EV_OK ? ev_manifest_xml(xml, part, count, &what, err) : rc;
}

enum ev_rc
ev_container_manifest(struct ev_container *k, const char *name,
    const char *reference, const char *media, enum ev_container_scope scope,
    struct ev_err *err)
{
	struct ev_buf xml;
	enum ev_rc rc;

	ev_buf_init(&xml, TEXT_LIMIT);
	rc = ev_container_preview(k, reference, media, scope, &xml, err);
	if (rc == EV_OK)
		rc = ev_container_add(k, name, EV_BYTES_BUF(&xml), err);
	ev_buf_release(&xml);
	return rc;
}
