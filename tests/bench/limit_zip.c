/* limit_zip FILE: every member of a zip read by libarchive, SHA-256 of each. */
#include <archive.h>
#include <archive_entry.h>
#include <openssl/evp.h>
#include <stdio.h>

enum { CHUNK = 1 << 18, HASH = 32 };

int
main(int argc, char *argv[])
{
	static unsigned char chunk[CHUNK];
	struct archive *zip = archive_read_new();
	EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char hash[HASH], all[HASH] = { 0 };
	struct archive_entry *entry;
	la_ssize_t n;
	int i, rc;

	if (argc != 2 || archive_read_support_format_zip(zip) != ARCHIVE_OK ||
	    archive_read_open_filename(zip, argv[1], CHUNK) != ARCHIVE_OK)
		return 2;
	while ((rc = archive_read_next_header(zip, &entry)) == ARCHIVE_OK) {
		if (EVP_DigestInit_ex2(ctx, sha256, NULL) != 1)
			return 1;
		while ((n = archive_read_data(zip, chunk, CHUNK)) > 0) {
			if (EVP_DigestUpdate(ctx, chunk, (size_t)n) != 1)
				return 1;
		}
		if (n < 0 || EVP_DigestFinal_ex(ctx, hash, NULL) != 1)
			return 1;
		for (i = 0; i < HASH; i++)
			all[i] ^= hash[i];
	}
	EVP_MD_CTX_free(ctx);
	EVP_MD_free(sha256);
	(void)archive_read_free(zip);
	printf("%02x%02x\n", all[0], all[1]);
	return rc == ARCHIVE_EOF ? 0 : 1;
}
