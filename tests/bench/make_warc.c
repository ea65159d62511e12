/*
 * make_warc FILE COUNT: a web archive of that many responses, each a member of
 * the gzip file, with the SHA-1 of its block and of its payload.
 */
#include <openssl/evp.h>
#include <stdlib.h>
#include <zlib.h>

#include "made.h"

enum { HASH = 20, MOST = 1 << 17, HEAD = 1024 };

#define MUST(x)                                         \
	do {                                            \
		if (!(x)) {                             \
			(void)fprintf(stderr, #x "\n"); \
			exit(1);                        \
		}                                       \
	} while (0)

/* RFC 4648, 6: 20 bytes are 32 letters. */
static void
base32(char out[33], const unsigned char *hash)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	unsigned held = 0, bits = 0;
	int i, n = 0;

	for (i = 0; i < HASH; i++) {
		held = held << 8 | hash[i];
		for (bits += 8; bits >= 5; bits -= 5)
			out[n++] = letters[held >> (bits - 5) & 31];
	}
	out[n] = '\0';
}

static void
digest(char out[33], const void *data, size_t len)
{
	unsigned char hash[HASH];

	MUST(EVP_Digest(data, len, hash, NULL, EVP_sha1(), NULL) == 1);
	base32(out, hash);
}

static void
put_member(FILE *f, const void *data, size_t len)
{
	static unsigned char packed[2 * MOST];
	z_stream z = { .next_in = (unsigned char *)(uintptr_t)data,
		.avail_in = (unsigned)len,
		.next_out = packed,
		.avail_out = sizeof(packed) };

	MUST(
	    deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) == Z_OK);
	MUST(deflate(&z, Z_FINISH) == Z_STREAM_END);
	MUST(fwrite(packed, 1, z.total_out, f) == z.total_out);
	(void)deflateEnd(&z);
}

static void
put_record(FILE *f, long n)
{
	static char record[MOST], block[MOST], page[MOST];
	char whole[33], payload[33];
	size_t page_len, block_len, head;

	page_len = (size_t)sprintf(page, "<html><body><p>");
	page_len += made_words(page + page_len, made_number(100, 2600));
	page_len += (size_t)sprintf(page + page_len, "</p></body></html>\n");
	block_len = (size_t)sprintf(block,
	    "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
	    "Content-Length: %zu\r\nServer: example\r\n\r\n",
	    page_len);
	memcpy(block + block_len, page, page_len);
	block_len += page_len;
	digest(payload, page, page_len);
	digest(whole, block, block_len);
	head = (size_t)snprintf(record, HEAD,
	    "WARC/1.0\r\nWARC-Type: response\r\n"
	    "WARC-Record-ID: <urn:uuid:00000000-0000-4000-8000-%012ld>\r\n"
	    "WARC-Date: 2026-01-02T03:04:05Z\r\n"
	    "WARC-Target-URI: https://pages.example.org/%ld\r\n"
	    "WARC-IP-Address: 192.0.2.7\r\n"
	    "WARC-Payload-Digest: sha1:%s\r\n"
	    "WARC-Block-Digest: sha1:%s\r\n"
	    "Content-Type: application/http; msgtype=response\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    n, n, payload, whole, block_len);
	memcpy(record + head, block, block_len);
	memcpy(record + head + block_len, "\r\n\r\n", 4);
	put_member(f, record, head + block_len + 4);
}

int
main(int argc, char *argv[])
{
	long count, n;
	FILE *f;

	if (argc != 3)
		return 2;
	f = fopen(argv[1], "wb");
	MUST(f != NULL);
	count = strtol(argv[2], NULL, 10);
	for (n = 0; n < count; n++)
		put_record(f, n);
	MUST(fclose(f) == 0);
	return 0;
}
