/* Heads of the log as signed notes, and the key that signs them. */
#ifndef EV_SEAL_NOTE_H
#define EV_SEAL_NOTE_H

#include <stddef.h>
#include <stdint.h>

#include "evidence/buf.h"
#include "evidence/err.h"
#include "seal/digest.h"
#include "seal/merkle.h"
#include "seal/secret.h"

/*
 * A head is a C2SP tlog-checkpoint in a C2SP signed note:
 *
 *	ORIGIN LF SIZE LF BASE64(root) LF LF
 *	"— " NAME " " BASE64(key id[4] || signature[64]) LF ...
 *
 * The signature is Ed25519 over everything before the empty line, its last LF
 * included; key id = SHA-256(NAME LF 0x01 public key)[0..4].  No extension
 * lines.  `openssl pkeyutl -verify -rawin` checks it.
 */
enum {
	EV_NOTE_NAME = 256, /* room for an origin or a name */
	EV_NOTE_LINES = 8,
	EV_NOTE_KEY_ID = 4,
	EV_NOTE_SIG = 64,
	EV_NOTE_SIG_CAP = 600, /* lines of other kinds of key are kept too */
	EV_NOTE_LIMIT = 16384, /* bytes of a note */
};

struct ev_logkey;

/* A new Ed25519 key. */
EV_CHECK
enum ev_rc ev_logkey_make(struct ev_logkey **key, struct ev_err *err);
/*
 * From PEM: a PKCS#8 private key (pass NULL: must not be encrypted) or a
 * public key.  EV_INPUT: it is neither, or not Ed25519.
 */
EV_CHECK
enum ev_rc ev_logkey_read(struct ev_logkey **key, const void *pem, size_t len,
    const struct ev_pass *pass, struct ev_err *err);
void ev_logkey_free(struct ev_logkey *key);

/* PKCS#8 PEM, encrypted when there is a pass; the buffer is secret. */
EV_CHECK
enum ev_rc ev_logkey_private_pem(const struct ev_logkey *key,
    const struct ev_pass *pass, struct ev_buf *pem, struct ev_err *err);
EV_CHECK
enum ev_rc ev_logkey_public_pem(const struct ev_logkey *key, struct ev_buf *pem,
    struct ev_err *err);
EV_CHECK
enum ev_rc ev_logkey_id(const struct ev_logkey *key, const char *name,
    unsigned char id[EV_NOTE_KEY_ID], struct ev_err *err);

/*
 * Append a signed head to note.  EV_USE: the origin is empty, too long or has
 * a space, '+' or control in it, or key cannot sign.
 */
EV_CHECK
enum ev_rc ev_note_make(struct ev_buf *note, const char *origin,
    const struct ev_merkle_head *head, const struct ev_logkey *key,
    struct ev_err *err);
/* Append a signature line of a further Ed25519 key to a whole note. */
EV_CHECK
enum ev_rc ev_note_countersign(struct ev_buf *note, const char *name,
    const struct ev_logkey *key, struct ev_err *err);

struct ev_note_line {
	char name[EV_NOTE_NAME];
	unsigned char id[EV_NOTE_KEY_ID];
	unsigned char sig[EV_NOTE_SIG_CAP];
	size_t sig_len;
};

struct ev_note {
	char origin[EV_NOTE_NAME];
	struct ev_merkle_head head;
	const unsigned char *text; /* what is signed; borrowed from data */
	size_t text_len;
	struct ev_note_line line[EV_NOTE_LINES];
	size_t lines;
};

/* Take a note apart, strictly; nothing is verified.  EV_INPUT names why. */
EV_CHECK
enum ev_rc ev_note_parse(struct ev_note *note, const void *data, size_t len,
    struct ev_err *err);
/*
 * Find the line signed by key under name (NULL: the origin) and verify it.
 * EV_MISMATCH: there is none, or its signature is wrong.
 */
EV_CHECK
enum ev_rc ev_note_verify(const struct ev_note *note, const char *name,
    const struct ev_logkey *key, struct ev_err *err);

#endif
