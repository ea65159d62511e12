/* What the files of this floor share about OpenSSL. */
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "seal/ossl.h"

enum ev_rc
ev_fail_ossl(struct ev_err *err, enum ev_rc rc, const char *fmt, ...)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());
	va_list ap;
	size_t len;

	err->rc = rc;
	err->errnum = 0;
	va_start(ap, fmt);
	(void)vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	len = strlen(err->msg);
	if (reason != NULL)
		(void)snprintf(err->msg + len, sizeof(err->msg) - len, ": %s",
		    reason);
	ERR_clear_error();
	return rc;
}
