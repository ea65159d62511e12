/* Entries whose actor signs the head that ends with them. */
#ifndef EV_CASE_SIGNED_H
#define EV_CASE_SIGNED_H

#include "case/case.h"
#include "case/custody.h"
#include "evidence/custody.h"

/*
 * A person's signature over a head is detached CAdES over the bytes of its
 * note, in heads/ beside it (evidence-case(5)):
 *
 *	000007-out.p7s     transfer-out: the giver, over their own entry's head
 *	000007-in.p7s      transfer-in: the receiver, over the head of the offer
 *	000009-refuse.p7s  refuse, where after.signed is 1
 *	000009-second.p7s  verify, where after.signed is 1: a second officer
 *
 * The signer's certificate is the one in the entry enrol of the actor.
 */
enum { EV_SIGNED_NAME = 64 };

/* What a person was enrolled as, by the log. */
struct ev_enrolled {
	char name[256], role[256], office[256];
	char cert_sha256[2 * EV_SHA256 + 1]; /* "" where there is none */
};
/* From the line of one entry enrol; EV_EOF: it is about somebody else. */
EV_CHECK
enum ev_rc ev_signed_enrol(const char *leaf, size_t len, const char *actor,
    struct ev_enrolled *who, struct ev_err *err);
/* EV_USE: not enrolled. */
EV_CHECK
enum ev_rc ev_signed_enrolled(struct ev_case *c, const char *actor,
    struct ev_enrolled *who, struct ev_err *err);

/*
 * The key of the acting person; EV_USE where its certificate is not the one
 * that they were enrolled with.  key and pass as in ev_case_signer().
 */
EV_CHECK
enum ev_rc ev_signed_key(struct ev_case *c, const char *key,
    const struct ev_pass *pass, struct ev_signer **signer, struct ev_err *err);

/*
 * Append an entry and sign the head that ends with it: both or none, and then
 * seal.  word is "out", "refuse" or "second".
 */
EV_CHECK
enum ev_rc ev_signed_append(struct ev_case *c, const struct ev_entry *entry,
    const struct ev_signer *signer, const char *word, int64_t *seq,
    struct ev_err *err);

/*
 * Sign the head over size entries and keep the signature in heads/, within
 * the transaction of the entry that will name it.  sha256: of the signature.
 */
EV_CHECK
enum ev_rc ev_signed_head(struct ev_case *c, int64_t size,
    const struct ev_signer *signer, const char *word, char sha256[65],
    struct ev_err *err);

/*
 * The signature that an entry's line speaks of: its file in heads/ and the
 * head it covers; false if it speaks of none.
 */
bool ev_signed_place(const struct ev_json_node *line, char name[EV_SIGNED_NAME],
    int64_t *size);

/*
 * The signature over a note, by the certificate of that SHA-256 (hex); whether
 * it is to be trusted is not asked.  EV_MISMATCH names what is wrong.
 */
EV_CHECK
enum ev_rc ev_signed_verify(struct ev_bytes p7s, struct ev_bytes note,
    const char *cert_sha256, struct ev_err *err);

/* SHA-256 of the file name in heads/, hex. */
EV_CHECK
enum ev_rc ev_signed_digest(struct ev_case *c, const char *name,
    char sha256[65], struct ev_err *err);

/*
 * Verify every such signature; each is told.  Whether the certificates are
 * to be trusted is not asked.
 */
typedef void ev_signed_fn(void *ctx, enum ev_custody_state state, int64_t seq,
    const char *what);
EV_CHECK
enum ev_rc ev_signed_check(struct ev_case *c, ev_signed_fn *told, void *ctx,
    struct ev_err *err);

#endif
