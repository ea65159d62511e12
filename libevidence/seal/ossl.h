/* What the files of this floor share about OpenSSL; nobody else's business. */
#ifndef EV_SEAL_OSSL_H
#define EV_SEAL_OSSL_H

#include "evidence/err.h"

/*
 * Set err, with OpenSSL's newest reason behind the message if there is one,
 * and empty its queue.
 */
EV_PRINTF(3, 4)
enum ev_rc ev_fail_ossl(struct ev_err *err, enum ev_rc rc, const char *fmt,
    ...);

#endif
