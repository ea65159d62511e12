/* The lists of a container as text: bag manifests and ASiC manifests. */
#ifndef EV_OUT_MANIFEST_H
#define EV_OUT_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "out/container.h"

/*
 * Pure functions of names and digests, so that the verifier writes each list
 * again from what it found and compares bytes.  parts are in C-locale order
 * of names.
 */

/* Which parts a list names. */
bool ev_part_is_payload(const char *name);
bool ev_part_is_meta(const char *name);
bool ev_part_is_tag(const char *name);
/*
 * Of an archive manifest or its time stamp, the round that it belongs to, from
 * 1; 0 of everything else.  Round 3 lies in ASiCArchiveManifest003.xml and
 * timestamp003.tst once there is a round 4; the newest manifest has no number
 * and is EV_ROUND_NEWEST (ETSI EN 319 162-1, 4.4.4).
 */
enum { EV_ROUNDS = 99, EV_ROUND_NEWEST = EV_ROUNDS + 1 };
int ev_part_round(const char *name);
enum { EV_ROUND_NAME = 48 };
void ev_round_names(int round, bool newest, char manifest[EV_ROUND_NAME],
    char token[EV_ROUND_NAME]);

/* The lists of a bag, in the order they are made: tags name payload's. */
enum { EV_BAG_LISTS = 4 };
extern const struct ev_bag_list {
	const char *name;
	bool wide; /* SHA-512 */
	bool (*pick)(const char *name);
} ev_bag_lists[EV_BAG_LISTS];

/* "HEX  NAME" lines, SHA-512 where wide, else SHA-256 (RFC 8493, 2.1.3). */
EV_CHECK
enum ev_rc ev_manifest_bag(struct ev_buf *text, const struct ev_part *part,
    size_t count, bool wide, bool (*pick)(const char *), struct ev_err *err);

/* The Payload-Oxum line (RFC 8493, 2.2.2). */
EV_CHECK
enum ev_rc ev_manifest_oxum(struct ev_buf *text, const struct ev_part *part,
    size_t count, struct ev_err *err);

/* What a case kept of time-stamp authorities; helps, and is not believed. */
#define EV_PKI_CERTIFICATES "data/pki/time.certificates.pem"
#define EV_PKI_REVOCATION "data/pki/time.revocation.pem"

#define EV_MEDIA_TOKEN "application/vnd.etsi.timestamp-token"

struct ev_manifest_asic {
	const char *reference; /* what signs or stamps it */
	const char *media;     /* its media type, "" none */
	/* EV_SCOPE_ALL: less reference's own round and later ones. */
	enum ev_container_scope scope;
};

/* ETSI EN 319 162-1, A.4. */
EV_CHECK
enum ev_rc ev_manifest_xml(struct ev_buf *xml, const struct ev_part *part,
    size_t count, const struct ev_manifest_asic *what, struct ev_err *err);

#endif
