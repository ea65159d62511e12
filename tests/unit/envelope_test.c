/* seal/envelope: what is encrypted is opened by its recipients, by no other. */
#include <fcntl.h>
#include <openssl/cms.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "issuing.h"
#include "seal/envelope.h"

enum { SIZE = 300001, CHUNK = 7001, COUNT = 2 };

static EVP_PKEY *key[COUNT], *other_key;
static X509 *cert[COUNT], *other;
static unsigned char *data;
static struct ev_err err;

static int
set_up(void **state)
{
	size_t n;

	(void)state;
	key[0] = ec_key("P-256");
	key[1] = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	other_key = ec_key("P-256");
	for (n = 0; n < COUNT; n++)
		cert[n] = issue(key[n], "To", NULL, key[n], EVP_sha256(), 0);
	other = issue(other_key, "Not", NULL, other_key, EVP_sha256(), 0);
	data = malloc(SIZE);
	assert_non_null(data);
	for (n = 0; n < SIZE; n++)
		data[n] = (unsigned char)(n * 31 + n / 257);
	return 0;
}

static int
tear_down(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < COUNT; n++) {
		X509_free(cert[n]);
		EVP_PKEY_free(key[n]);
	}
	X509_free(other);
	EVP_PKEY_free(other_key);
	free(data);
	return 0;
}

/* Read back whole. */
static unsigned char *
all_of(FILE *file, size_t *len)
{
	unsigned char *all;
	long size;

	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	assert_true(size > 0);
	rewind(file);
	all = malloc((size_t)size);
	assert_non_null(all);
	*len = (size_t)size;
	assert_int_equal(fread(all, 1, *len, file), *len);
	return all;
}

/* How the key goes to each recipient. */
static void
assert_algorithms(CMS_ContentInfo *cms)
{
	STACK_OF(CMS_RecipientInfo) *all = CMS_get0_RecipientInfos(cms);
	const ASN1_OBJECT *oid;
	CMS_RecipientInfo *one;
	X509_ALGOR *algo = NULL;
	int n, want;

	assert_int_equal(sk_CMS_RecipientInfo_num(all), COUNT);
	for (n = 0; n < COUNT; n++) {
		one = sk_CMS_RecipientInfo_value(all, n);
		if (CMS_RecipientInfo_type(one) == CMS_RECIPINFO_AGREE) {
			(void)CMS_RecipientInfo_kari_get0_alg(one, &algo, NULL);
			want = NID_dhSinglePass_stdDH_sha256kdf_scheme;
		} else {
			(void)CMS_RecipientInfo_ktri_get0_algs(one, NULL, NULL,
			    &algo);
			want = NID_rsaesOaep;
		}
		X509_ALGOR_get0(&oid, NULL, NULL, algo);
		assert_int_equal(OBJ_obj2nid(oid), want);
	}
}

static bool
opens(const unsigned char *der, size_t len, EVP_PKEY *with, X509 *to)
{
	const unsigned char *p = der;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)len);
	BIO *out = BIO_new(BIO_s_mem());
	char *got = NULL;
	long got_len;
	bool same;

	assert_non_null(cms);
	assert_ptr_equal(p, der + len);
	assert_int_equal(OBJ_obj2nid(CMS_get0_type(cms)),
	    NID_id_smime_ct_authEnvelopedData);
	assert_algorithms(cms);
	same = CMS_decrypt(cms, with, to, NULL, out, CMS_BINARY) == 1;
	got_len = BIO_get_mem_data(out, &got);
	same = same && got_len == SIZE && memcmp(got, data, SIZE) == 0;
	BIO_free_all(out);
	CMS_ContentInfo_free(cms);
	return same;
}

static void
each_recipient_opens_it_and_nobody_else(void **state)
{
	unsigned char *der[COUNT] = { NULL }, *all, sha256[EV_SHA256],
		      want[EV_SHA256];
	struct ev_bytes to[COUNT];
	struct ev_envelope *e;
	FILE *file = tmpfile();
	size_t n, len, at;

	(void)state;
	assert_non_null(file);
	for (n = 0; n < COUNT; n++) {
		to[n].len = (size_t)i2d_X509(cert[n], &der[n]);
		to[n].data = der[n];
	}
	assert_int_equal(ev_envelope_new(&e, fileno(file), to, COUNT, &err),
	    EV_OK);
	for (at = 0; at < SIZE; at += CHUNK)
		assert_int_equal(ev_envelope_write(e, data + at,
				     SIZE - at < CHUNK ? SIZE - at : CHUNK,
				     &err),
		    EV_OK);
	assert_int_equal(ev_envelope_end(e, sha256, &err), EV_OK);
	ev_envelope_free(e);
	all = all_of(file, &len);
	assert_int_equal(ev_sha256(want, all, len, &err), EV_OK);
	assert_memory_equal(sha256, want, EV_SHA256);
	for (n = 0; n < COUNT; n++)
		assert_true(opens(all, len, key[n], cert[n]));
	assert_false(opens(all, len, other_key, other));
	/* A bit of what is encrypted, or of its tag. */
	all[len / 2] ^= 1;
	assert_false(opens(all, len, key[0], cert[0]));
	all[len / 2] ^= 1;
	assert_true(ev_envelope_is(all, len));
	for (n = 0; n < COUNT; n++)
		OPENSSL_free(der[n]);
	free(all);
	(void)fclose(file);
}

static X509 *
for_usage(const char *usage)
{
	X509_EXTENSION *ext =
	    X509V3_EXT_nconf_nid(NULL, NULL, NID_key_usage, usage);
	X509 *x = issue(key[0], "To", NULL, key[0], EVP_sha256(), 0);

	assert_int_equal(X509_add_ext(x, ext, -1), 1);
	assert_true(X509_sign(x, key[0], EVP_sha256()) > 0);
	X509_EXTENSION_free(ext);
	return x;
}

static enum ev_rc
begin_for(X509 *x)
{
	struct ev_envelope *e = NULL;
	struct ev_bytes to;
	struct ev_buf pem;
	enum ev_rc rc;

	ev_buf_init(&pem, 65536);
	put_pem(&pem, x);
	to = EV_BYTES_BUF(&pem);
	memset(&err, 0, sizeof(err));
	rc = ev_envelope_new(&e, 1, &to, 1, &err);
	if (rc == EV_OK)
		assert_non_null(e);
	else
		assert_null(e);
	ev_envelope_free(e);
	ev_buf_release(&pem);
	X509_free(x);
	return rc;
}

static void
who_cannot_receive_is_refused(void **state)
{
	EVP_PKEY *ed = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct ev_bytes junk = EV_BYTES("junk", 4);
	struct ev_envelope *e;

	(void)state;
	assert_int_equal(begin_for(for_usage("keyAgreement")), EV_OK);
	assert_int_equal(begin_for(for_usage("keyEncipherment")), EV_OK);
	assert_int_equal(begin_for(for_usage("digitalSignature")), EV_USE);
	assert_non_null(strstr(err.msg, "is not for encryption"));
	assert_int_equal(begin_for(issue(ed, "To", other, other_key,
			     EVP_sha256(), 0)),
	    EV_USE);
	assert_non_null(strstr(err.msg, "a key is RSA or EC"));
	assert_int_equal(ev_envelope_new(&e, 1, &junk, 1, &err), EV_INPUT);
	assert_null(e);
	ev_envelope_free(NULL);
	EVP_PKEY_free(ed);
}

static void
a_full_disk_is_told(void **state)
{
	const int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);
	unsigned char *der = NULL, sha256[EV_SHA256];
	struct ev_envelope *e;
	struct ev_bytes to;
	enum ev_rc rc;

	(void)state;
	assert_true(fd >= 0);
	to.len = (size_t)i2d_X509(cert[0], &der);
	to.data = der;
	assert_int_equal(ev_envelope_new(&e, fd, &to, 1, &err), EV_OK);
	rc = ev_envelope_write(e, data, SIZE, &err);
	if (rc == EV_OK)
		rc = ev_envelope_end(e, sha256, &err);
	assert_int_equal(rc, EV_SYS);
	ev_envelope_free(e);
	OPENSSL_free(der);
	(void)close(fd);
}

/* By its first bytes: a sequence of any length, then the type. */
static void
an_envelope_is_known_by_its_head(void **state)
{
	static const unsigned char oid[] = { 0x06, 0x0b, 0x2a, 0x86, 0x48, 0x86,
		0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x17 };
	static const struct {
		unsigned char head[6];
		size_t len;
		bool is;
	} row[] = {
		{ { 0x30, 0x80 }, 2, true },
		{ { 0x30, 0x20 }, 2, true },
		{ { 0x30, 0x81, 0x99 }, 3, true },
		{ { 0x30, 0x82, 0x01, 0x00 }, 4, true },
		{ { 0x30, 0x83, 0x01, 0x00, 0x00 }, 5, true },
		{ { 0x31, 0x80 }, 2, false },
		{ { 0x30, 0x81 }, 2, false },
		{ { 0x30, 0x80, 0x00 }, 3, false },
		{ { 0x30, 0xff }, 2, false },
		{ { 0x30 }, 1, false },
	};
	unsigned char text[32];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		memcpy(text, row[i].head, row[i].len);
		memcpy(text + row[i].len, oid, sizeof(oid));
		assert_int_equal(ev_envelope_is(text, row[i].len + sizeof(oid)),
		    row[i].is);
		for (n = 0; n < row[i].len + sizeof(oid); n++)
			assert_false(ev_envelope_is(text, n));
		for (n = row[i].len; n < row[i].len + sizeof(oid); n++) {
			text[n] ^= 1;
			assert_false(
			    ev_envelope_is(text, row[i].len + sizeof(oid)));
			text[n] ^= 1;
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_recipient_opens_it_and_nobody_else),
		cmocka_unit_test(who_cannot_receive_is_refused),
		cmocka_unit_test(a_full_disk_is_told),
		cmocka_unit_test(an_envelope_is_known_by_its_head),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
