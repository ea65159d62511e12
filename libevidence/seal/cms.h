/* A CAdES signature as the files that make and check it hold it. */
#ifndef EV_SEAL_CMS_H
#define EV_SEAL_CMS_H

#include <openssl/cms.h>

#include "seal/ossl.h"

/*
 * Parse to the last byte, and require that it re-encodes to itself and is
 * signed data with one signer.  *si is borrowed from *cms.  EV_MISMATCH.
 */
EV_CHECK
enum ev_rc ev_cms_parse(CMS_ContentInfo **cms, CMS_SignerInfo **si,
    struct ev_bytes p7s, struct ev_err *err);

/*
 * The token among the unsigned attributes, borrowed; data NULL when there is
 * none.  EV_MISMATCH: an attribute that is no token, or more than one.
 */
EV_CHECK
enum ev_rc ev_cms_token(struct ev_bytes *token, CMS_SignerInfo *si,
    struct ev_err *err);

#endif
