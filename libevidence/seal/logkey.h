/* What note.c asks of the log key beyond note.h. */
#ifndef EV_SEAL_LOGKEY_H
#define EV_SEAL_LOGKEY_H

#include "seal/bytes.h"
#include "seal/note.h"

/* EV_USE: key is only a public one. */
EV_CHECK
enum ev_rc ev_logkey_sign(const struct ev_logkey *key, struct ev_bytes text,
    unsigned char sig[EV_NOTE_SIG], struct ev_err *err);
EV_CHECK
enum ev_rc ev_logkey_verify(const struct ev_logkey *key, struct ev_bytes text,
    const unsigned char sig[EV_NOTE_SIG], struct ev_err *err);

#endif
