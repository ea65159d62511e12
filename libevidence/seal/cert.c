/* Certificates: what they say. */
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "evidence/when.h"
#include "seal/x509.h"

enum { RSA_BITS = 3072 };

static const int64_t second_us = 1000000;

/* The digits behind the point: GeneralizedTime may have any number. */
static int64_t
fraction_us(const ASN1_TIME *time)
{
	const char *data = (const char *)ASN1_STRING_get0_data(time);
	const int len = ASN1_STRING_length(time);
	const char *point = memchr(data, '.', (size_t)len);
	int64_t us = 0, unit = second_us / 10;
	const char *p;

	if (point == NULL)
		return 0;
	for (p = point + 1; p < data + len && *p >= '0' && *p <= '9'; p++) {
		us += (*p - '0') * unit;
		unit /= 10;
	}
	return us;
}

bool
ev_asn1_time(int64_t *us, const ASN1_TIME *time)
{
	struct tm tm;

	if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1 ||
	    !ev_when_civil(us, tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		tm.tm_hour, tm.tm_min, tm.tm_sec, 0))
		return false;
	*us += fraction_us(time);
	return true;
}

void
ev_asn1_hex(char text[EV_CERT_SERIAL], const ASN1_INTEGER *number)
{
	BIGNUM *bn = ASN1_INTEGER_to_BN(number, NULL);
	char *hex = bn == NULL ? NULL : BN_bn2hex(bn);
	size_t n;

	text[0] = '\0';
	if (hex != NULL && strlen(hex) < EV_CERT_SERIAL) {
		for (n = 0; hex[n] != '\0'; n++)
			text[n] = hex[n] >= 'A' && hex[n] <= 'F'
				      ? (char)(hex[n] - 'A' + 'a')
				      : hex[n];
		text[n] = '\0';
	}
	OPENSSL_free(hex);
	BN_free(bn);
}

/* The curve, as people call it; "" if it cannot be had. */
static void
curve_name(char name[32], const EVP_PKEY *key)
{
	static const struct {
		const char *group, *name;
	} curve[] = {
		{ "prime256v1", "P-256" },
		{ "secp384r1", "P-384" },
		{ "secp521r1", "P-521" },
	};
	char group[64] = "";
	size_t n;

	if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME,
		group, sizeof(group), NULL) != 1)
		group[0] = '\0';
	(void)snprintf(name, 32, "%.24s", group);
	for (n = 0; n < sizeof(curve) / sizeof(curve[0]); n++) {
		if (strcmp(group, curve[n].group) == 0)
			(void)snprintf(name, 32, "%s", curve[n].name);
	}
}

bool
ev_key_name(char name[32], const EVP_PKEY *key)
{
	const char *type = EVP_PKEY_get0_type_name(key);
	char curve[32];

	if (!EVP_PKEY_is_a(key, "EC")) {
		(void)snprintf(name, 32, "%.20s %d", type == NULL ? "?" : type,
		    EVP_PKEY_get_bits(key));
		return type != NULL;
	}
	curve_name(curve, key);
	(void)snprintf(name, 32, "EC %.24s", curve);
	return curve[0] != '\0';
}

enum ev_rc
ev_key_accept(const EVP_PKEY *key, struct ev_err *err)
{
	char name[32];

	if (!ev_key_name(name, key))
		return ev_fail_ossl(err, EV_CRYPTO, "cannot name a key");
	if (strcmp(name, "EC P-256") == 0 || strcmp(name, "EC P-384") == 0)
		return EV_OK;
	if (EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) >= RSA_BITS)
		return EV_OK;
	return ev_fail(err, EV_INPUT,
	    "the key is %s: it must be EC P-256, EC P-384, or RSA of at least"
	    " %d bits",
	    name, RSA_BITS);
}

/* RFC 4514 in UTF-8, cut between characters. */
static enum ev_rc
name_text(char text[EV_CERT_NAME], const X509_NAME *name, struct ev_err *err)
{
	const unsigned long flags =
	    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
	BIO *bio = BIO_new(BIO_s_mem());
	char *data = NULL;
	long len;

	if (bio == NULL || X509_NAME_print_ex(bio, name, 0, flags) < 0) {
		BIO_free_all(bio);
		return ev_fail_ossl(err, EV_CRYPTO, "cannot print a name");
	}
	len = BIO_get_mem_data(bio, &data);
	if (len >= EV_CERT_NAME) {
		len = EV_CERT_NAME - 1;
		while (len > 0 && ((unsigned char)data[len] & 0xc0) == 0x80)
			len--;
	}
	if (len > 0)
		memcpy(text, data, (size_t)len);
	text[len < 0 ? 0 : len] = '\0';
	BIO_free_all(bio);
	return EV_OK;
}

enum ev_rc
ev_cert_fill(struct ev_cert *out, X509 *cert, struct ev_err *err)
{
	const EVP_PKEY *key = X509_get0_pubkey(cert);
	unsigned len = 0;
	enum ev_rc rc;

	memset(out, 0, sizeof(*out));
	if (key == NULL ||
	    X509_digest(cert, EVP_sha256(), out->sha256, &len) != 1 ||
	    !ev_asn1_time(&out->not_before, X509_get0_notBefore(cert)) ||
	    !ev_asn1_time(&out->not_after, X509_get0_notAfter(cert)))
		return ev_fail_ossl(err, EV_INPUT,
		    "a certificate without key or validity");
	rc = name_text(out->subject, X509_get_subject_name(cert), err);
	if (rc == EV_OK)
		rc = name_text(out->issuer, X509_get_issuer_name(cert), err);
	ev_asn1_hex(out->serial, X509_get0_serialNumber(cert));
	if (rc == EV_OK && !ev_key_name(out->key, key))
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot name a key");
	out->self_signed = X509_self_signed(cert, 1) == 1;
	ev_ossl_clear();
	return rc;
}

bool
ev_cert_covers(const struct ev_cert *cert, int64_t at)
{
	return at >= cert->not_before && at <= cert->not_after;
}

static enum ev_rc
read_cert(X509 **cert, struct ev_bytes in, struct ev_err *err)
{
	const unsigned char *p = in.data;
	BIO *bio = ev_bio_bytes(in);

	*cert = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
	if (*cert == NULL && bio != NULL && in.len > 0) {
		*cert = d2i_X509(NULL, &p, (long)in.len);
		if (*cert != NULL &&
		    p != (const unsigned char *)in.data + in.len) {
			X509_free(*cert);
			*cert = NULL;
		}
	}
	BIO_free_all(bio);
	ev_ossl_clear();
	if (*cert == NULL)
		return ev_fail(err, EV_INPUT,
		    "no certificate, neither PEM nor DER");
	return EV_OK;
}

enum ev_rc
ev_cert_read(struct ev_cert *out, struct ev_bytes in, struct ev_err *err)
{
	X509 *cert;
	enum ev_rc rc;

	rc = read_cert(&cert, in, err);
	if (rc == EV_OK)
		rc = ev_cert_fill(out, cert, err);
	X509_free(cert);
	return rc;
}

enum ev_rc
ev_cert_der(struct ev_bytes in, struct ev_buf *der, struct ev_err *err)
{
	unsigned char *data = NULL;
	X509 *cert;
	enum ev_rc rc;
	int len;

	rc = read_cert(&cert, in, err);
	if (rc != EV_OK)
		return rc;
	len = i2d_X509(cert, &data);
	if (len <= 0)
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot write DER");
	else
		rc = ev_buf_put(der, data, (size_t)len, err);
	OPENSSL_free(data);
	X509_free(cert);
	return rc;
}

enum ev_rc
ev_cert_pem(struct ev_bytes in, struct ev_buf *pem, struct ev_err *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	X509 *cert;
	enum ev_rc rc;

	rc = read_cert(&cert, in, err);
	if (rc == EV_OK && (bio == NULL || PEM_write_bio_X509(bio, cert) != 1))
		rc = ev_fail_ossl(err, EV_CRYPTO, "cannot write PEM");
	else if (rc == EV_OK)
		rc = ev_bio_take(bio, pem, err);
	BIO_free_all(bio);
	X509_free(cert);
	return rc;
}
