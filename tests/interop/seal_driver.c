/* The seal floor at the command line, for the interop scripts alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "evidence/text.h"
#include "evidence/when.h"
#include "seal/record.h"
#include "seal/sign.h"
#include "seal/stamp.h"

enum { FILE_LIMIT = 16 << 20, HASHES = 64 };

static const int64_t second_us = 1000000;

static enum ev_rc
get(struct ev_buf *buf, const char *path, struct ev_err *err)
{
	unsigned char piece[4096];
	FILE *file = fopen(path, "rb");
	enum ev_rc rc = EV_OK;
	size_t n;

	ev_buf_init(buf, FILE_LIMIT);
	if (file == NULL)
		return ev_fail_sys(err, "cannot open '%s'", path);
	while (rc == EV_OK && (n = fread(piece, 1, sizeof(piece), file)) > 0)
		rc = ev_buf_put(buf, piece, n, err);
	(void)fclose(file);
	return rc;
}

static enum ev_rc
put(const struct ev_buf *buf, const char *path, struct ev_err *err)
{
	FILE *file = fopen(path, "wb");
	size_t done;

	if (file == NULL)
		return ev_fail_sys(err, "cannot open '%s'", path);
	done = fwrite(buf->data, 1, buf->len, file);
	if (fclose(file) != 0 || done != buf->len)
		return ev_fail_sys(err, "cannot write '%s'", path);
	return EV_OK;
}

static enum ev_rc
get_hash(unsigned char hash[EV_SHA256], const char *path, struct ev_err *err)
{
	struct ev_buf buf;
	enum ev_rc rc;

	rc = get(&buf, path, err);
	if (rc == EV_OK)
		rc = ev_sha256(hash, buf.data, buf.len, err);
	ev_buf_release(&buf);
	return rc;
}

static enum ev_rc
get_trust(struct ev_trust **trust, const char *path, struct ev_err *err)
{
	struct ev_buf pem;
	enum ev_rc rc;

	*trust = NULL;
	if (strcmp(path, "-") == 0)
		return EV_OK;
	rc = get(&pem, path, err);
	if (rc == EV_OK)
		rc = ev_trust_add(trust, EV_BYTES_BUF(&pem), err);
	ev_buf_release(&pem);
	return rc;
}

static void
show_stamp(const struct ev_stamp *stamp)
{
	char at[EV_WHEN_TEXT];

	ev_when_print(at, stamp->at, EV_PREC_US);
	printf("stamp %s policy %s%s by %s trust %s (%s)\n", at, stamp->policy,
	    stamp->self_issued ? " self-issued" : "", stamp->authority.subject,
	    ev_trust_word(stamp->chain.state), stamp->chain.reason);
}

/* KEY CERT PASS CONTENT OUT [PEM...] */
static enum ev_rc
do_sign(int argc, char **argv, struct ev_err *err)
{
	struct ev_buf content, p7s, pem, secret;
	struct ev_pass pass = ev_pass_buf(&secret);
	const bool has_cert = strcmp(argv[1], "-") != 0;
	const bool has_pass = strcmp(argv[2], "-") != 0;
	struct ev_signer *signer = NULL;
	enum ev_rc rc;
	int n;

	ev_buf_init(&p7s, FILE_LIMIT);
	ev_buf_init(&secret, 256);
	rc = ev_buf_puts(&secret, argv[2], err);
	if (rc == EV_OK)
		rc = ev_signer_load(&signer, argv[0], has_cert ? argv[1] : NULL,
		    has_pass ? &pass : NULL, err);
	for (n = 5; rc == EV_OK && n < argc; n++) {
		rc = get(&pem, argv[n], err);
		if (rc == EV_OK)
			rc = ev_signer_add(signer, EV_BYTES_BUF(&pem), err);
		ev_buf_release(&pem);
	}
	if (rc == EV_OK)
		rc = get(&content, argv[3], err);
	if (rc == EV_OK) {
		rc = ev_cades_sign(signer, EV_BYTES_BUF(&content),
		    (int64_t)time(NULL) * second_us, &p7s, err);
		ev_buf_release(&content);
	}
	if (rc == EV_OK)
		rc = put(&p7s, argv[4], err);
	ev_signer_free(signer);
	ev_buf_release(&p7s);
	ev_buf_release(&secret);
	return rc;
}

/* P7S OUT: the request for the time stamp of a signature. */
static enum ev_rc
do_sigrequest(int argc, char **argv, struct ev_err *err)
{
	unsigned char imprint[EV_SHA256];
	struct ev_buf p7s, out;
	enum ev_rc rc;

	(void)argc;
	ev_buf_init(&out, FILE_LIMIT);
	rc = get(&p7s, argv[0], err);
	if (rc == EV_OK)
		rc = ev_cades_imprint(EV_BYTES_BUF(&p7s), imprint, err);
	if (rc == EV_OK)
		rc = ev_stamp_request(imprint, &out, err);
	if (rc == EV_OK)
		rc = put(&out, argv[1], err);
	ev_buf_release(&p7s);
	ev_buf_release(&out);
	return rc;
}

/* FILE OUT */
static enum ev_rc
do_request(int argc, char **argv, struct ev_err *err)
{
	unsigned char imprint[EV_SHA256];
	struct ev_buf out;
	enum ev_rc rc;

	(void)argc;
	ev_buf_init(&out, FILE_LIMIT);
	rc = get_hash(imprint, argv[0], err);
	if (rc == EV_OK)
		rc = ev_stamp_request(imprint, &out, err);
	if (rc == EV_OK)
		rc = put(&out, argv[1], err);
	ev_buf_release(&out);
	return rc;
}

/* Two files in, one out, by one of three functions. */
static enum ev_rc
combine(char **argv,
    enum ev_rc (*join)(struct ev_bytes a, struct ev_bytes b, struct ev_buf *out,
	struct ev_err *err),
    struct ev_err *err)
{
	struct ev_buf a, b, out;
	enum ev_rc rc;

	ev_buf_init(&b, FILE_LIMIT);
	ev_buf_init(&out, FILE_LIMIT);
	rc = get(&a, argv[0], err);
	if (rc == EV_OK)
		rc = get(&b, argv[1], err);
	if (rc == EV_OK)
		rc = join(EV_BYTES_BUF(&a), EV_BYTES_BUF(&b), &out, err);
	if (rc == EV_OK)
		rc = put(&out, argv[2], err);
	ev_buf_release(&a);
	ev_buf_release(&b);
	ev_buf_release(&out);
	return rc;
}

/* TSQ TSR OUT */
static enum ev_rc
do_reply(int argc, char **argv, struct ev_err *err)
{
	(void)argc;
	return combine(argv, ev_stamp_reply, err);
}

/* P7S TST OUT */
static enum ev_rc
do_addtoken(int argc, char **argv, struct ev_err *err)
{
	(void)argc;
	return combine(argv, ev_cades_add_token, err);
}

/* URL SECONDS TRIES TSQ OUT */
static enum ev_rc
do_fetch(int argc, char **argv, struct ev_err *err)
{
	const struct ev_stamp_place place = { argv[0],
		(int)strtol(argv[1], NULL, 10),
		(int)strtol(argv[2], NULL, 10) };
	struct ev_buf request, reply;
	enum ev_rc rc;

	(void)argc;
	ev_buf_init(&reply, EV_STAMP_LIMIT);
	rc = get(&request, argv[3], err);
	if (rc == EV_OK)
		rc =
		    ev_stamp_fetch(&place, EV_BYTES_BUF(&request), &reply, err);
	if (rc == EV_OK)
		rc = put(&reply, argv[4], err);
	ev_buf_release(&request);
	ev_buf_release(&reply);
	return rc;
}

/* P7S CONTENT TRUST|- [PIN] */
static enum ev_rc
do_verify(int argc, char **argv, struct ev_err *err)
{
	struct ev_cades_check check = { .at = (int64_t)time(NULL) * second_us };
	unsigned char pin[EV_SHA256];
	struct ev_trust *trust = NULL;
	struct ev_cades result;
	struct ev_buf p7s, content;
	enum ev_rc rc;

	ev_buf_init(&content, FILE_LIMIT);
	rc = get(&p7s, argv[0], err);
	if (rc == EV_OK)
		rc = get(&content, argv[1], err);
	if (rc == EV_OK)
		rc = get_trust(&trust, argv[2], err);
	check.p7s = EV_BYTES_BUF(&p7s);
	check.content = EV_BYTES_BUF(&content);
	check.trust = trust;
	if (argc > 3 && ev_text_unhex(pin, EV_SHA256, argv[3], strlen(argv[3])))
		check.pin = pin;
	if (rc == EV_OK)
		rc = ev_cades_verify(&check, &result, err);
	if (rc == EV_OK) {
		printf("signed by %s key %s trust %s (%s) notes %u\n",
		    result.signer.subject, result.signer.key,
		    ev_trust_word(result.chain.state), result.chain.reason,
		    result.notes);
		if (result.stamped)
			show_stamp(&result.stamp);
	}
	ev_trust_free(trust);
	ev_buf_release(&p7s);
	ev_buf_release(&content);
	return rc;
}

/* TST FILE TRUST|- [EXISTED] */
static enum ev_rc
do_token(int argc, char **argv, struct ev_err *err)
{
	unsigned char imprint[EV_SHA256];
	struct ev_trust *trust = NULL;
	int64_t existed = EV_TRUST_NOW;
	struct ev_stamp stamp;
	struct ev_buf token;
	enum ev_rc rc;

	rc = get(&token, argv[0], err);
	if (rc == EV_OK && argc > 3 &&
	    !ev_when_parse(&existed, NULL, argv[3], strlen(argv[3])))
		rc = ev_fail(err, EV_USE, "'%s' is no instant", argv[3]);
	if (rc == EV_OK)
		rc = get_hash(imprint, argv[1], err);
	if (rc == EV_OK)
		rc = get_trust(&trust, argv[2], err);
	ev_trust_existed(trust, existed);
	if (rc == EV_OK)
		rc = ev_stamp_verify(EV_BYTES_BUF(&token), imprint, trust,
		    &stamp, err);
	if (rc == EV_OK)
		show_stamp(&stamp);
	ev_trust_free(trust);
	ev_buf_release(&token);
	return rc;
}

static enum ev_rc
get_hashes(unsigned char *hashes, int argc, char **argv, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	int n;

	if (argc > HASHES)
		return ev_fail(err, EV_LIMIT, "too many files");
	for (n = 0; rc == EV_OK && n < argc; n++)
		rc = get_hash(hashes + (size_t)n * EV_SHA256, argv[n], err);
	return rc;
}

/* OUT FILE...: the request for the record's token. */
static enum ev_rc
do_recordrequest(int argc, char **argv, struct ev_err *err)
{
	unsigned char hashes[HASHES * EV_SHA256], root[EV_SHA256];
	struct ev_buf out;
	enum ev_rc rc;

	ev_buf_init(&out, FILE_LIMIT);
	rc = get_hashes(hashes, argc - 1, argv + 1, err);
	if (rc == EV_OK)
		rc = ev_record_root(root, hashes, (size_t)(argc - 1), err);
	if (rc == EV_OK)
		rc = ev_stamp_request(root, &out, err);
	if (rc == EV_OK)
		rc = put(&out, argv[0], err);
	ev_buf_release(&out);
	return rc;
}

/* TST OUT FILE... */
static enum ev_rc
do_record(int argc, char **argv, struct ev_err *err)
{
	unsigned char hashes[HASHES * EV_SHA256];
	struct ev_buf token, out;
	enum ev_rc rc;

	ev_buf_init(&out, FILE_LIMIT);
	rc = get(&token, argv[0], err);
	if (rc == EV_OK)
		rc = get_hashes(hashes, argc - 2, argv + 2, err);
	if (rc == EV_OK)
		rc = ev_record_build(hashes, (size_t)(argc - 2),
		    EV_BYTES_BUF(&token), &out, err);
	if (rc == EV_OK)
		rc = put(&out, argv[1], err);
	ev_buf_release(&token);
	ev_buf_release(&out);
	return rc;
}

/* ERS TRUST|- FILE... */
static enum ev_rc
do_checkrecord(int argc, char **argv, struct ev_err *err)
{
	unsigned char hashes[HASHES * EV_SHA256];
	struct ev_record *record = NULL;
	struct ev_trust *trust = NULL;
	struct ev_stamp stamp;
	struct ev_buf der;
	enum ev_rc rc;
	int n;

	rc = get(&der, argv[0], err);
	if (rc == EV_OK)
		rc = get_trust(&trust, argv[1], err);
	if (rc == EV_OK)
		rc = get_hashes(hashes, argc - 2, argv + 2, err);
	if (rc == EV_OK)
		rc = ev_record_read(&record, EV_BYTES_BUF(&der), err);
	if (rc == EV_OK)
		rc = ev_record_verify(record, trust, &stamp, NULL, err);
	for (n = 2; rc == EV_OK && n < argc; n++) {
		if (!ev_record_has(record,
			hashes + (size_t)(n - 2) * EV_SHA256))
			rc = ev_fail(err, EV_MISMATCH, "'%s' is not covered",
			    argv[n]);
	}
	if (rc == EV_OK)
		show_stamp(&stamp);
	ev_record_free(record);
	ev_trust_free(trust);
	ev_buf_release(&der);
	return rc;
}

/* person|authority OUT CERT: a key for trying out. */
static enum ev_rc
do_make(int argc, char **argv, struct ev_err *err)
{
	const int64_t now = (int64_t)time(NULL) * second_us;
	const struct ev_signer_wish wish = { "Demo Examiner", "Demo Lab",
		strcmp(argv[0], "authority") == 0, now - second_us,
		now + 3600 * second_us };
	struct ev_signer *signer = NULL;
	struct ev_buf pem, cert;
	enum ev_rc rc;

	(void)argc;
	ev_buf_init(&pem, FILE_LIMIT);
	ev_buf_init(&cert, FILE_LIMIT);
	rc = ev_signer_make(&signer, &wish, err);
	if (rc == EV_OK)
		rc = ev_signer_pem(signer, NULL, &pem, err);
	if (rc == EV_OK)
		rc = ev_signer_cert_pem(signer, &cert, err);
	if (rc == EV_OK)
		rc = put(&pem, argv[1], err);
	if (rc == EV_OK)
		rc = put(&cert, argv[2], err);
	ev_signer_free(signer);
	ev_buf_release(&pem);
	ev_buf_release(&cert);
	return rc;
}

/* KEY TSQ OUT: the built-in authority. */
static enum ev_rc
do_answer(int argc, char **argv, struct ev_err *err)
{
	struct ev_signer *signer = NULL;
	struct ev_buf request, reply;
	enum ev_rc rc;

	(void)argc;
	ev_buf_init(&reply, FILE_LIMIT);
	rc = get(&request, argv[1], err);
	if (rc == EV_OK)
		rc = ev_signer_load(&signer, argv[0], NULL, NULL, err);
	if (rc == EV_OK)
		rc = ev_stamp_answer(signer, EV_BYTES_BUF(&request),
		    (int64_t)time(NULL) * second_us, &reply, err);
	if (rc == EV_OK)
		rc = put(&reply, argv[2], err);
	ev_signer_free(signer);
	ev_buf_release(&request);
	ev_buf_release(&reply);
	return rc;
}

static const struct {
	const char *name;
	int least;
	enum ev_rc (*run)(int argc, char **argv, struct ev_err *err);
} command[] = {
	{ "sign", 5, do_sign },
	{ "sigrequest", 2, do_sigrequest },
	{ "request", 2, do_request },
	{ "reply", 3, do_reply },
	{ "addtoken", 3, do_addtoken },
	{ "fetch", 5, do_fetch },
	{ "verify", 3, do_verify },
	{ "token", 3, do_token },
	{ "recordrequest", 2, do_recordrequest },
	{ "record", 3, do_record },
	{ "checkrecord", 3, do_checkrecord },
	{ "make", 3, do_make },
	{ "answer", 3, do_answer },
};

int
main(int argc, char **argv)
{
	struct ev_err err;
	enum ev_rc rc;
	size_t n;

	for (n = 0; argc > 1 && n < sizeof(command) / sizeof(command[0]); n++) {
		if (strcmp(argv[1], command[n].name) != 0 ||
		    argc - 2 < command[n].least)
			continue;
		rc = command[n].run(argc - 2, argv + 2, &err);
		if (rc == EV_OK)
			return 0;
		printf("%s\n", err.msg);
		return rc == EV_MISMATCH || rc == EV_INPUT ? 1 : 2;
	}
	(void)fprintf(stderr, "usage: see the source\n");
	return 2;
}
