/* Tokens and signatures in captured files: read, their arithmetic checked. */
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "evidence/text.h"
#include "seal/digest.h"
#include "seal/foreign.h"

enum { CERTIFICATE = 64 << 10 };

const char *
ev_foreign_word(enum ev_foreign verdict)
{
	static const char *const words[] = { "not checked", "ok", "differs" };

	return words[verdict];
}

static void
put_hex(char *out, size_t room, const unsigned char *data, int len)
{
	out[0] = '\0';
	if (data != NULL && len > 0 && 2 * (size_t)len < room)
		ev_text_hex(out, data, (size_t)len);
}

static void
put_name(char *out, X509_NAME *name)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len = 0;

	out[0] = '\0';
	if (bio != NULL &&
	    X509_NAME_print_ex(bio, name, 0,
		XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) > 0)
		len = BIO_get_mem_data(bio, &text);
	if (len > 0)
		(void)snprintf(out, EV_FOREIGN_NAME, "%.*s",
		    (int)(len < EV_FOREIGN_NAME ? len : EV_FOREIGN_NAME - 1),
		    text);
	BIO_free(bio);
}

static void
put_fingerprint(char *out, const X509 *cert)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	out[0] = '\0';
	if (X509_digest(cert, EVP_sha256(), sum, &len) == 1)
		put_hex(out, EV_FOREIGN_HEX, sum, (int)len);
}

/* "20250324111747Z" or "...47.25Z"; two digits of the year: UTCTime. */
static bool
put_time(char *out, size_t room, const ASN1_TIME *time)
{
	const char *text, *dot;
	struct tm tm;
	int len;

	out[0] = '\0';
	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	text = (const char *)ASN1_STRING_get0_data(time);
	len = ASN1_STRING_length(time);
	dot = memchr(text, '.', (size_t)len);
	len = dot == NULL ? 0 : (int)(text + len - dot) - 1;
	(void)snprintf(out, room, "%04d-%02d-%02dT%02d:%02d:%02d%.*sZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	    tm.tm_sec, len < 8 ? len : 7, dot == NULL ? "" : dot);
	return true;
}

static void
put_integer(char *out, size_t room, const ASN1_INTEGER *number)
{
	if (number != NULL)
		put_hex(out, room, ASN1_STRING_get0_data(number),
		    ASN1_STRING_length(number));
}

static void
put_algorithm(char *out, size_t room, const ASN1_OBJECT *object)
{
	const char *name = OBJ_nid2sn(OBJ_obj2nid(object));
	size_t i, n = 0;

	for (i = 0; name[i] != '\0' && n + 1 < room; i++)
		if (name[i] != '-')
			out[n++] = (char)(name[i] >= 'A' && name[i] <= 'Z'
					      ? name[i] + 32
					      : name[i]);
	out[n] = '\0';
}

static enum ev_rc
fill(struct ev_foreign_token *t, TS_TST_INFO *info, struct ev_err *err)
{
	TS_MSG_IMPRINT *msg = TS_TST_INFO_get_msg_imprint(info);
	const ASN1_OCTET_STRING *hash = TS_MSG_IMPRINT_get_msg(msg);

	if (!put_time(t->time, sizeof(t->time), TS_TST_INFO_get_time(info)))
		return ev_fail(err, EV_INPUT, "the token states no time");
	(void)OBJ_obj2txt(t->policy, sizeof(t->policy),
	    TS_TST_INFO_get_policy_id(info), 1);
	put_integer(t->serial, sizeof(t->serial), TS_TST_INFO_get_serial(info));
	put_integer(t->nonce, sizeof(t->nonce), TS_TST_INFO_get_nonce(info));
	put_algorithm(t->algorithm, sizeof(t->algorithm),
	    TS_MSG_IMPRINT_get_algo(msg)->algorithm);
	put_hex(t->imprint, sizeof(t->imprint), ASN1_STRING_get0_data(hash),
	    ASN1_STRING_length(hash));
	return EV_OK;
}

/* Its signature, by the certificate that it carries. */
static void
judge(struct ev_foreign_token *t, PKCS7 *p7)
{
	STACK_OF(X509) *signers = PKCS7_get0_signers(p7, NULL, 0);
	X509 *cert;
	int good;

	if (signers == NULL || sk_X509_num(signers) != 1) {
		(void)snprintf(t->why, sizeof(t->why),
		    "the token does not carry its signer's certificate");
		sk_X509_free(signers);
		return;
	}
	cert = sk_X509_value(signers, 0);
	put_name(t->signer, X509_get_subject_name(cert));
	put_name(t->issuer, X509_get_issuer_name(cert));
	put_fingerprint(t->certificate, cert);
	sk_X509_free(signers);
	good = PKCS7_verify(p7, NULL, NULL, NULL, NULL, PKCS7_NOVERIFY);
	t->signature = good == 1 ? EV_FOREIGN_OK : EV_FOREIGN_DIFFERS;
	if (good != 1)
		(void)snprintf(t->why, sizeof(t->why),
		    "the token's signature is wrong");
}

static enum ev_rc
read_token(struct ev_foreign_token *t, PKCS7 *p7, struct ev_err *err)
{
	TS_TST_INFO *info = NULL;
	enum ev_rc rc;

	if (PKCS7_type_is_signed(p7) && p7->d.sign != NULL &&
	    p7->d.sign->contents != NULL)
		info = PKCS7_to_TS_TST_INFO(p7);
	if (info == NULL)
		return ev_fail(err, EV_INPUT,
		    "signed data with a time-stamp was expected");
	rc = fill(t, info, err);
	TS_TST_INFO_free(info);
	if (rc == EV_OK)
		judge(t, p7);
	return rc;
}

static void
put_status(struct ev_foreign_token *t, TS_STATUS_INFO *info)
{
	static const char *const words[] = { "granted", "granted with mods",
		"rejection", "waiting", "revocation warning",
		"revocation notification" };
	long n = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(info));

	(void)snprintf(t->status, sizeof(t->status), "%s",
	    n >= 0 && n < 6 ? words[n] : "unknown");
}

enum ev_rc
ev_foreign_token(struct ev_foreign_token *t, struct ev_bytes der,
    struct ev_err *err)
{
	const unsigned char *p = der.data, *end = p + der.len;
	TS_RESP *reply = NULL;
	PKCS7 *p7 = NULL;
	enum ev_rc rc = EV_OK;

	memset(t, 0, sizeof(*t));
	if (der.len == 0 || der.len > EV_FOREIGN_LIMIT)
		return ev_fail(err, EV_INPUT,
		    "a token of at most 1 MiB was expected");
	reply = d2i_TS_RESP(NULL, &p, (long)der.len);
	if (reply == NULL) {
		p = der.data;
		p7 = d2i_PKCS7(NULL, &p, (long)der.len);
	}
	if (reply == NULL && p7 == NULL)
		rc = ev_fail(err, EV_INPUT,
		    "a time-stamp reply or token in DER was expected");
	else if (p != end)
		rc = ev_fail(err, EV_INPUT,
		    "the end was expected behind the token");
	if (rc == EV_OK && reply != NULL)
		put_status(t, TS_RESP_get_status_info(reply));
	if (rc == EV_OK && reply != NULL && TS_RESP_get_token(reply) == NULL)
		rc = ev_fail(err, EV_INPUT,
		    "a token was expected in the reply: %s", t->status);
	if (rc == EV_OK)
		rc = read_token(t, p7 != NULL ? p7 : TS_RESP_get_token(reply),
		    err);
	TS_RESP_free(reply);
	PKCS7_free(p7);
	ERR_clear_error();
	return rc;
}

enum ev_foreign
ev_foreign_covers(const struct ev_foreign_token *t, struct ev_bytes data)
{
	const EVP_MD *md = strcmp(t->algorithm, "sha256") == 0   ? EVP_sha256()
			   : strcmp(t->algorithm, "sha384") == 0 ? EVP_sha384()
			   : strcmp(t->algorithm, "sha512") == 0 ? EVP_sha512()
			   : strcmp(t->algorithm, "sha1") == 0   ? EVP_sha1()
								 : NULL;
	unsigned char sum[EVP_MAX_MD_SIZE];
	char hex[EV_FOREIGN_HEX];
	unsigned len = 0;

	if (md == NULL ||
	    EVP_Digest(data.data, data.len, sum, &len, md, NULL) != 1)
		return EV_FOREIGN_UNCHECKED;
	put_hex(hex, sizeof(hex), sum, (int)len);
	return strcmp(hex, t->imprint) == 0 ? EV_FOREIGN_OK
					    : EV_FOREIGN_DIFFERS;
}

/* The first certificate of a PEM text. */
static X509 *
first_certificate(struct ev_bytes pem)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	const char *text = pem.data, *stop = text + pem.len, *p;
	struct ev_buf base64, der;
	const unsigned char *at;
	struct ev_err err;
	X509 *cert = NULL;
	enum ev_rc rc = EV_OK;

	for (p = text; p + sizeof(begin) < stop; p++)
		if (memcmp(p, begin, sizeof(begin) - 1) == 0)
			break;
	if (p + sizeof(begin) >= stop)
		return NULL;
	ev_buf_init(&base64, CERTIFICATE);
	ev_buf_init(&der, CERTIFICATE);
	for (p += sizeof(begin) - 1; p < stop && *p != '-' && rc == EV_OK; p++)
		if (*p != '\r' && *p != '\n' && *p != ' ')
			rc = ev_buf_putc(&base64, *p, &err);
	if (rc == EV_OK)
		rc = ev_text_unbase64(&der, ev_buf_text(&base64), base64.len,
		    &err);
	at = der.data;
	if (rc == EV_OK)
		cert = d2i_X509(NULL, &at, (long)der.len);
	ev_buf_release(&base64);
	ev_buf_release(&der);
	return cert;
}

/* Two numbers of equal length side by side, as browsers give them, as DER. */
static int
from_pair(unsigned char **der, struct ev_bytes pair)
{
	const unsigned char *data = pair.data;
	const int half = (int)(pair.len / 2);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(data, half, NULL);
	BIGNUM *s = BN_bin2bn(data + half, half, NULL);
	int len = -1;

	if (sig != NULL && r != NULL && s != NULL &&
	    ECDSA_SIG_set0(sig, r, s) == 1) {
		len = i2d_ECDSA_SIG(sig, der);
	} else {
		BN_free(r);
		BN_free(s);
	}
	ECDSA_SIG_free(sig);
	return len;
}

static bool
is_good(EVP_PKEY *key, const unsigned char *sig, size_t len,
    struct ev_bytes data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good;

	good = ctx != NULL &&
	       EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
	       EVP_DigestVerify(ctx, sig, len, data.data, data.len) == 1;
	EVP_MD_CTX_free(ctx);
	return good;
}

static enum ev_foreign
verify_with(struct ev_foreign_signature *s, EVP_PKEY *key)
{
	const size_t side = ((size_t)EVP_PKEY_get_bits(key) + 7) / 8;
	unsigned char *der = NULL;
	bool good;
	int len;

	good = is_good(key, s->signature.data, s->signature.len, s->data);
	if (!good && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
	    s->signature.len == 2 * side) {
		len = from_pair(&der, s->signature);
		good = len > 0 && is_good(key, der, (size_t)len, s->data);
		OPENSSL_free(der);
	}
	if (!good)
		(void)snprintf(s->why, sizeof(s->why),
		    "the signature is not that of the key over this hash");
	return good ? EV_FOREIGN_OK : EV_FOREIGN_DIFFERS;
}

/* The key to check with; NULL: why says what is wrong. */
static EVP_PKEY *
find_key(struct ev_foreign_signature *s)
{
	const unsigned char *p = s->key.data;
	unsigned char sum[EV_SHA256];
	EVP_PKEY *key = NULL;
	struct ev_err err;
	X509 *cert;

	if (s->key.data != NULL) {
		if (s->key.len <= EV_FOREIGN_LIMIT)
			key = d2i_PUBKEY(NULL, &p, (long)s->key.len);
		if (key != NULL &&
		    ev_sha256(sum, s->key.data, s->key.len, &err) == EV_OK)
			put_hex(s->fingerprint, EV_FOREIGN_HEX, sum, EV_SHA256);
		if (key == NULL)
			(void)snprintf(s->why, sizeof(s->why),
			    "the public key cannot be read");
		return key;
	}
	cert = s->pem.data == NULL || s->pem.len > EV_FOREIGN_LIMIT
		   ? NULL
		   : first_certificate(s->pem);
	if (cert == NULL) {
		(void)snprintf(s->why, sizeof(s->why),
		    "neither a key nor a certificate that can be read");
		return NULL;
	}
	put_name(s->name, X509_get_subject_name(cert));
	put_fingerprint(s->fingerprint, cert);
	(void)put_time(s->from, sizeof(s->from), X509_get0_notBefore(cert));
	(void)put_time(s->until, sizeof(s->until), X509_get0_notAfter(cert));
	key = X509_get_pubkey(cert);
	if (key == NULL)
		(void)snprintf(s->why, sizeof(s->why),
		    "the certificate's key cannot be used");
	X509_free(cert);
	return key;
}

enum ev_foreign
ev_foreign_verify(struct ev_foreign_signature *s)
{
	enum ev_foreign verdict = EV_FOREIGN_UNCHECKED;
	EVP_PKEY *key;

	s->why[0] = s->name[0] = s->from[0] = s->until[0] = '\0';
	s->fingerprint[0] = '\0';
	key = find_key(s);
	if (key != NULL)
		verdict = verify_with(s, key);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return verdict;
}
