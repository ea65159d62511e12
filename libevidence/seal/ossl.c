/* What the files of this floor share about OpenSSL. */
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "seal/digest.h"
#include "seal/ossl.h"

enum { SECRET_LIMIT = 1024 };

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

void
ev_ossl_clear(void)
{
	ERR_clear_error();
}

BIO *
ev_bio_bytes(struct ev_bytes bytes)
{
	if (bytes.len > INT_MAX)
		return NULL;
	return BIO_new_mem_buf(bytes.len == 0 ? "" : bytes.data,
	    (int)bytes.len);
}

enum ev_rc
ev_bio_take(BIO *bio, struct ev_buf *out, struct ev_err *err)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	if (len <= 0)
		return ev_fail_ossl(err, EV_CRYPTO, "nothing was written");
	return ev_buf_put(out, data, (size_t)len, err);
}

static enum ev_rc
same_secret(void *ctx, const char *what, struct ev_buf *secret,
    struct ev_err *err)
{
	const struct ev_buf *buf = ctx;

	(void)what;
	return ev_buf_put(secret, buf->data, buf->len, err);
}

struct ev_pass
ev_pass_buf(struct ev_buf *secret)
{
	const struct ev_pass pass = { secret, same_secret };

	return pass;
}

static enum ev_rc
ask(struct ev_pass_call *call)
{
	if (call->pass == NULL)
		return ev_fail(&call->err, EV_USE,
		    call->token ? "%s needs a PIN and none was given"
				: "%s is encrypted and no passphrase was given",
		    call->what);
	ev_buf_init(&call->secret, SECRET_LIMIT);
	/* No growing: a copy that realloc leaves behind is not cleansed. */
	call->rc = ev_buf_reserve(&call->secret, SECRET_LIMIT, &call->err);
	if (call->rc != EV_OK)
		return call->rc;
	return call->pass->get(call->pass->ctx, call->what, &call->secret,
	    &call->err);
}

int
ev_pass_pem(char *out, int size, int writing, void *ctx)
{
	struct ev_pass_call *call = ctx;
	const bool again = call->asked;

	(void)writing;
	call->asked = true;
	if (!again)
		call->rc = ask(call);
	if (call->rc != EV_OK || (again && call->token))
		return -1;
	if (call->secret.len > (size_t)size) {
		call->rc = ev_fail(&call->err, EV_LIMIT,
		    "a passphrase of more than %d bytes", size);
		return -1;
	}
	if (call->secret.len > 0)
		memcpy(out, call->secret.data, call->secret.len);
	return (int)call->secret.len;
}

void
ev_pass_end(struct ev_pass_call *call)
{
	if (call->secret.data != NULL)
		ev_cleanse(call->secret.data, call->secret.cap);
	ev_buf_release(&call->secret);
}

enum ev_rc
ev_pass_fail(const struct ev_pass_call *call, struct ev_err *err)
{
	const char *reason;

	if (call->asked && call->rc != EV_OK) {
		ERR_clear_error();
		*err = call->err;
		return call->rc;
	}
	/* The oldest reason is the token's own: "PIN incorrect". */
	reason = ERR_reason_error_string(ERR_peek_error());
	if (call->token) {
		(void)ev_fail(err, EV_INPUT, "%s: %s", call->what,
		    call->asked && reason != NULL
			? reason
			: "no such token, or no such key on it");
		ERR_clear_error();
		return EV_INPUT;
	}
	if (call->asked)
		return ev_fail_ossl(err, EV_INPUT,
		    "cannot decrypt %s: wrong passphrase?", call->what);
	return ev_fail_ossl(err, EV_INPUT, "cannot read %s", call->what);
}

enum ev_rc
ev_pkey_write(EVP_PKEY *key, const struct ev_pass *pass, struct ev_buf *pem,
    struct ev_err *err)
{
	struct ev_pass_call call = { .pass = pass, .what = "the new key" };
	BIO *bio = BIO_new(BIO_s_secmem());
	enum ev_rc rc;
	int done;

	if (bio == NULL)
		return ev_fail_ossl(err, EV_CRYPTO, "cannot write a key");
	if (pass == NULL)
		done = PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0,
		    NULL, NULL);
	else
		done = PEM_write_bio_PKCS8PrivateKey(bio, key,
		    EVP_aes_256_cbc(), NULL, 0, ev_pass_pem, &call);
	if (done != 1)
		rc = ev_pass_fail(&call, err);
	else
		rc = ev_bio_take(bio, pem, err);
	ev_pass_end(&call);
	BIO_free_all(bio);
	return rc;
}
