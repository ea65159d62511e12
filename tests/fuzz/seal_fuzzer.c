/*
 * Signatures, tokens, replies, records, heads, certificates and zips from
 * hostile hands.  The first byte chooses the parser, the rest is its input.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "seal/note.h"
#include "seal/record.h"
#include "seal/sign.h"
#include "seal/unzip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const unsigned char hash[EV_SHA256];

static void
fuzz_cades(struct ev_bytes in)
{
	const struct ev_cades_check check = { .p7s = in,
		.content = EV_BYTES("x", 1) };
	unsigned char imprint[EV_SHA256];
	struct ev_cades result;
	struct ev_buf token;
	struct ev_err err;

	ev_buf_init(&token, EV_STAMP_LIMIT);
	/* The seed is a good one over "x": what is taken names a signer. */
	if (ev_cades_verify(&check, &result, &err) == EV_OK &&
	    result.signer.not_after == 0)
		abort();
	if (ev_cades_imprint(in, imprint, &err) == EV_OK &&
	    ev_cades_token(in, &token, &err) == EV_OK &&
	    ev_stamp_verify(EV_BYTES_BUF(&token), imprint, NULL, &result.stamp,
		&err) != EV_OK)
		ev_buf_clear(&token);
	ev_buf_release(&token);
}

static void
fuzz_token(struct ev_bytes in)
{
	struct ev_stamp stamp;
	struct ev_buf pem;
	struct ev_err err;

	ev_buf_init(&pem, 1 << 20);
	if (ev_stamp_verify(in, hash, NULL, &stamp, &err) == EV_OK &&
	    (stamp.at < stamp.authority.not_before ||
		stamp.at > stamp.authority.not_after))
		abort();
	if (ev_stamp_certs(in, &pem, &err) != EV_OK)
		ev_buf_clear(&pem);
	ev_buf_release(&pem);
}

static void
fuzz_reply(struct ev_bytes in)
{
	struct ev_buf request, token;
	struct ev_err err;

	ev_buf_init(&request, 4096);
	ev_buf_init(&token, EV_STAMP_LIMIT);
	/* A nonce that no input can foresee. */
	if (ev_stamp_request(hash, &request, &err) == EV_OK &&
	    ev_stamp_reply(EV_BYTES_BUF(&request), in, &token, &err) == EV_OK)
		abort();
	ev_buf_release(&request);
	ev_buf_release(&token);
}

static void
fuzz_record(struct ev_bytes in)
{
	struct ev_record *record;
	struct ev_stamp stamp;
	struct ev_err err;

	if (ev_record_read(&record, in, &err) != EV_OK)
		return;
	if (ev_record_count(record) == 0 ||
	    !ev_record_has(record, ev_record_hashes(record)))
		abort();
	if (ev_record_verify(record, NULL, &stamp, NULL, &err) != EV_OK)
		stamp.at = 0;
	ev_record_free(record);
}

static void
fuzz_note(struct ev_bytes in)
{
	struct ev_note note;
	struct ev_err err;

	if (ev_note_parse(&note, in.data, in.len, &err) == EV_OK &&
	    (note.lines == 0 || note.text_len >= in.len))
		abort();
}

static void
fuzz_cert(struct ev_bytes in)
{
	struct ev_signer *signer;
	struct ev_trust *trust = NULL;
	struct ev_cert cert;
	struct ev_err err;

	if (ev_cert_read(&cert, in, &err) == EV_OK &&
	    memchr(cert.subject, '\0', EV_CERT_NAME) == NULL)
		abort();
	if (ev_trust_add(&trust, in, &err) == EV_OK && trust == NULL)
		abort();
	ev_trust_free(trust);
	if (ev_signer_read(&signer, in, NULL, &err) == EV_OK)
		ev_signer_free(signer);
}

static enum ev_rc
collect(void *ctx, const void *data, size_t len, struct ev_err *err)
{
	return ev_buf_put(ctx, data, len, err);
}

/* What the reader takes is exactly what the writer makes of it. */
static void
rebuild(const struct ev_unzip *zip, struct ev_bytes in)
{
	const struct ev_zip_entry *entry;
	struct ev_buf out;
	struct ev_err err;
	enum ev_rc rc = EV_OK;
	const unsigned char *all = in.data;
	int64_t at = 0;
	size_t n;

	ev_buf_init(&out, in.len + 1);
	for (n = 0; rc == EV_OK && n < ev_unzip_count(zip); n++) {
		entry = ev_unzip_entry(zip, n);
		rc = ev_zip_local(&out, entry, &err);
		at = entry->offset + ev_zip_local_size(entry);
		if (rc == EV_OK)
			rc = collect(&out, all + at, (size_t)entry->size, &err);
	}
	if (rc != EV_OK || out.len > in.len ||
	    memcmp(out.data == NULL ? all : out.data, all, out.len) != 0)
		abort();
	ev_buf_release(&out);
}

static void
fuzz_zip(struct ev_bytes in)
{
	const struct ev_zip_source source = ev_unzip_bytes(&in);
	struct ev_unzip *zip;
	struct ev_err err;
	size_t n;

	if (ev_unzip_open(&zip, &source, &err) != EV_OK)
		return;
	rebuild(zip, in);
	for (n = 0; n < ev_unzip_count(zip); n++) {
		if (ev_unzip_check(zip, ev_unzip_entry(zip, n), &err) != EV_OK)
			break;
	}
	ev_unzip_free(zip);
}

static void (*const parser[])(struct ev_bytes in) = {
	fuzz_cades,
	fuzz_token,
	fuzz_reply,
	fuzz_record,
	fuzz_note,
	fuzz_cert,
	fuzz_zip,
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const size_t count = sizeof(parser) / sizeof(parser[0]);

	if (size < 1 || data[0] % 16 >= count)
		return 0;
	parser[data[0] % 16](EV_BYTES(data + 1, size - 1));
	return 0;
}
