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

struct ev_manifest_asic {
	const char *reference; /* what signs or stamps it */
	const char *media;     /* its media type, "" none */
	enum ev_container_scope scope;
	const char *self; /* for EV_SCOPE_ALL: parts from this name's own */
};

/* ETSI EN 319 162-1, A.4. */
EV_CHECK
enum ev_rc ev_manifest_xml(struct ev_buf *xml, const struct ev_part *part,
    size_t count, const struct ev_manifest_asic *what, struct ev_err *err);

#endif
