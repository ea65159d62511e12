/* limit_warc FILE: inflated member by member, all of it hashed twice. */
#include <openssl/evp.h>
#include <stdio.h>
#include <zlib.h>

enum { CHUNK = 1 << 18, HASH = 64 };

int
main(int argc, char *argv[])
{
	static unsigned char in[CHUNK], out[CHUNK];
	unsigned char hash[HASH];
	EVP_MD_CTX *one = EVP_MD_CTX_new(), *two = EVP_MD_CTX_new();
	z_stream z = { .next_in = in };
	FILE *f = argc == 2 ? fopen(argv[1], "rb") : NULL;
	int rc = Z_OK;
	size_t n;

	if (f == NULL || inflateInit2(&z, 31) != Z_OK ||
	    EVP_DigestInit_ex2(one, EVP_sha256(), NULL) != 1 ||
	    EVP_DigestInit_ex2(two, EVP_sha1(), NULL) != 1)
		return 2;
	while ((z.avail_in = (unsigned)fread(in, 1, CHUNK, f)) > 0) {
		for (z.next_in = in; z.avail_in > 0;) {
			z.next_out = out;
			z.avail_out = CHUNK;
			rc = inflate(&z, Z_NO_FLUSH);
			n = CHUNK - z.avail_out;
			if ((rc != Z_OK && rc != Z_STREAM_END) ||
			    EVP_DigestUpdate(one, out, n) != 1 ||
			    EVP_DigestUpdate(two, out, n) != 1)
				return 1;
			if (rc == Z_STREAM_END && inflateReset(&z) != Z_OK)
				return 1;
		}
	}
	if (EVP_DigestFinal_ex(one, hash, NULL) != 1 ||
	    EVP_DigestFinal_ex(two, hash + 32, NULL) != 1)
		return 1;
	printf("%02x%02x\n", hash[0], hash[32]);
	(void)inflateEnd(&z);
	(void)fclose(f);
	EVP_MD_CTX_free(one);
	EVP_MD_CTX_free(two);
	return rc == Z_STREAM_END ? 0 : 1;
}
