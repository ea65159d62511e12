/* Bytes encrypted on their way into a file: CMS AuthEnvelopedData. */
#ifndef EV_SEAL_ENVELOPE_H
#define EV_SEAL_ENVELOPE_H

#include <stdbool.h>

#include "evidence/err.h"
#include "seal/bytes.h"
#include "seal/digest.h"

/*
 * RFC 5083 with AES-256-GCM (RFC 5084); the key goes to each recipient by
 * RSAES-OAEP or by ECDH with SHA-256 (RFC 5753).  Streams: memory does not
 * grow.  `openssl cms -decrypt -inform DER` opens it.
 */
struct ev_envelope;

enum {
	/* What OpenSSL reads of a CMS file, less room for the headers. */
	EV_ENVELOPE_MOST = 0x7fffffff - (1 << 20),
};

/* cert: PEM or DER of each recipient.  fd is borrowed. */
EV_CHECK
enum ev_rc ev_envelope_new(struct ev_envelope **e, int fd,
    const struct ev_bytes *cert, size_t count, struct ev_err *err);
EV_CHECK
enum ev_rc ev_envelope_write(struct ev_envelope *e, const void *data,
    size_t len, struct ev_err *err);
/* The tag and what follows it; sha256: of all that stands in the file now. */
EV_CHECK
enum ev_rc ev_envelope_end(struct ev_envelope *e,
    unsigned char sha256[EV_SHA256], struct ev_err *err);
void ev_envelope_free(struct ev_envelope *e);

/* Does a file that begins so hold such a structure? */
bool ev_envelope_is(const void *head, size_t len);

#endif
