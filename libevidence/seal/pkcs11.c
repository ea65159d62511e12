/* Keys that never leave their token: PKCS#11 by way of OpenSSL's engine. */
/* OpenSSL 3.0 has no provider for tokens in Debian 12: the engine it is. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/engine.h>
#include <openssl/ui.h>
#include <stdio.h>
#include <string.h>

#include "seal/signer.h"

/* What the engine's command LOAD_CERT_CTRL fills. */
struct cert_request {
	const char *uri;
	X509 *cert;
};

static ENGINE *
open_engine(void)
{
	ENGINE *engine;

	engine = ENGINE_by_id("pkcs11");
	if (engine == NULL)
		return NULL;
	if (ENGINE_init(engine) != 1) {
		ENGINE_free(engine);
		return NULL;
	}
	/* It would talk to stderr; what matters comes back as an error. */
	(void)ENGINE_ctrl_cmd_string(engine, "QUIET", NULL, 0);
	return engine;
}

static X509 *
load_cert(ENGINE *engine, const char *uri)
{
	struct cert_request request = { uri, NULL };

	if (ENGINE_ctrl_cmd(engine, "LOAD_CERT_CTRL", 0, &request, NULL, 1) !=
	    1)
		return NULL;
	return request.cert;
}

enum ev_rc
ev_pkcs11_load(const char *uri, const struct ev_pass *pass, EVP_PKEY **key,
    X509 **cert, struct ev_err *err)
{
	char what[EV_KEY_WHAT];
	struct ev_pass_call call = { .pass = pass,
		.what = what,
		.token = true };
	UI_METHOD *ui = UI_UTIL_wrap_read_pem_callback(ev_pass_pem, 0);
	ENGINE *engine = NULL;
	enum ev_rc rc = EV_OK;

	*key = NULL;
	*cert = NULL;
	if (strstr(uri, "pin-value") != NULL) {
		UI_destroy_method(ui);
		return ev_fail(err, EV_USE,
		    "a PIN in the URI of a key is seen by everyone");
	}
	(void)snprintf(what, sizeof(what), "'%.190s'", uri);
	if (ui != NULL)
		engine = open_engine();
	if (engine == NULL) {
		UI_destroy_method(ui);
		return ev_fail_ossl(err, EV_CRYPTO,
		    "no PKCS#11: is libengine-pkcs11-openssl installed?");
	}
	*key = ENGINE_load_private_key(engine, uri, ui, &call);
	if (*key == NULL)
		rc = ev_pass_fail(&call, err);
	else
		*cert = load_cert(engine, uri);
	/* The key keeps the engine alive as long as it needs it. */
	(void)ENGINE_finish(engine);
	(void)ENGINE_free(engine);
	UI_destroy_method(ui);
	ev_pass_end(&call);
	ev_ossl_clear();
	return rc;
}
