/* A container being put together: parts, bag manifests, zip. */
#ifndef EV_OUT_CONTAINER_H
#define EV_OUT_CONTAINER_H

#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "seal/bytes.h"
#include "seal/digest.h"

/*
 * Files by name, each with its digests, then written as one store-only zip:
 * "mimetype" first, the others in C-locale order of their names.  What is
 * generated goes to an unnamed temporary file, so that memory does not grow
 * with the case.
 */
struct ev_container;

struct ev_part {
	const char *name;
	int fd; /* borrowed */
	int64_t offset;
	struct ev_digests digests; /* SHA-256, SHA-512, CRC-32 and size */
};

/* folder: where the temporary file is made; the output's own. */
EV_CHECK
enum ev_rc ev_container_new(struct ev_container **k, const char *folder,
    struct ev_err *err);
void ev_container_free(struct ev_container *k);

/* A part in memory.  EV_USE: the name is there already or not allowed. */
EV_CHECK
enum ev_rc ev_container_add(struct ev_container *k, const char *name,
    struct ev_bytes bytes, struct ev_err *err);

/* A part in pieces: begin, put..., end; one at a time. */
EV_CHECK
enum ev_rc ev_container_begin(struct ev_container *k, const char *name,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_container_put(struct ev_container *k, const void *data,
    size_t len, struct ev_err *err);
EV_CHECK
enum ev_rc ev_container_end(struct ev_container *k, struct ev_err *err);

/*
 * A part whose bytes stand in a file at an offset and whose digests are known;
 * they are compared when it is written.  k takes fd over (closes it).
 */
EV_CHECK
enum ev_rc ev_container_file(struct ev_container *k, const char *name, int fd,
    int64_t offset, const struct ev_digests *digests, struct ev_err *err);

/* Parts in C-locale order of names; borrowed until the next part is added. */
EV_CHECK
enum ev_rc ev_container_parts(struct ev_container *k,
    const struct ev_part **parts, size_t *count, struct ev_err *err);
const struct ev_part *ev_container_find(struct ev_container *k,
    const char *name);
/* The bytes of a small part, appended to out. */
EV_CHECK
enum ev_rc ev_container_read(struct ev_container *k, const char *name,
    struct ev_buf *out, struct ev_err *err);

/*
 * The BagIt side (RFC 8493): manifest-sha256.txt and -sha512.txt over all
 * parts below data/, then tagmanifests over all others.  bag_info is the text
 * of bag-info.txt less Payload-Oxum, which is added in its place.  content is
 * SHA-256 of tagmanifest-sha256.txt, the content digest.
 */
EV_CHECK
enum ev_rc ev_container_bag(struct ev_container *k, const char *bag_info,
    unsigned char content[EV_SHA256], struct ev_err *err);

/*
 * An ASiC manifest (ETSI EN 319 162-1, A.4) over parts: added as name, with a
 * reference to reference and its media type ("" : none).
 */
enum ev_container_scope {
	EV_SCOPE_SIGNED, /* all outside META-INF but mimetype */
	EV_SCOPE_RECORD, /* all below data/ */
	EV_SCOPE_ALL,    /* all but mimetype: META-INF too */
};
EV_CHECK
enum ev_rc ev_container_manifest(struct ev_container *k, const char *name,
    const char *reference, const char *media, enum ev_container_scope scope,
    struct ev_err *err);

/* The same list, appended to xml and not added. */
EV_CHECK
enum ev_rc ev_container_preview(struct ev_container *k, const char *reference,
    const char *media, enum ev_container_scope scope, struct ev_buf *xml,
    struct ev_err *err);
/* Give a part another name.  EV_USE: there is none, or the name is taken. */
EV_CHECK
enum ev_rc ev_container_rename(struct ev_container *k, const char *name,
    const char *new_name, struct ev_err *err);

/* Progress: bytes written of bytes to write. */
typedef void ev_container_told_fn(void *ctx, int64_t done, int64_t total);

/*
 * Write the zip to path, which must not exist, through a temporary name.
 * when is the date of every entry.  EV_MISMATCH: a file is no longer what its
 * digests say, and no output is left.
 */
struct ev_container_out {
	const char *path;
	int64_t when;
	ev_container_told_fn *told; /* or NULL */
	void *ctx;
	/* Certificates, PEM or DER, to encrypt the file to; or none. */
	const struct ev_bytes *recipient;
	size_t recipients;
};
/* Of what was written; the file is larger where it is encrypted. */
struct ev_container_written {
	struct ev_digests zip;           /* SHA-256 and size */
	unsigned char sealed[EV_SHA256]; /* of the file, where encrypted */
};
/* written may be NULL. */
EV_CHECK
enum ev_rc ev_container_write(struct ev_container *k,
    const struct ev_container_out *out, struct ev_container_written *written,
    struct ev_err *err);

#endif
