/*
 * guess_driver TEMPLATE PREFIX DIGITS OTHERS FILE...: put each number from
 * PREFIX and DIGITS zeros to PREFIX and DIGITS nines in the place of the tildes
 * of TEMPLATE, and look for the SHA-256 of what that gives in the files: in
 * hex, in base64, and at each byte of those that are not text; as it is, as
 * the leaf of a tree without salt, and, where OTHERS is a list of further
 * digests (or "-"), as the root over all of them.  Prints what it finds;
 * status 0: found.
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEN = 32, LINE = 512 };

static unsigned char (*set)[LEN];
static size_t cap, used;

static size_t
place(const unsigned char *d)
{
	uint64_t mix;
	size_t n;

	memcpy(&mix, d + 8, sizeof(mix));
	n = (size_t)(mix * UINT64_C(0x9E3779B97F4A7C15) >> 40);
	for (n %= cap; memcmp(set[n], (unsigned char[LEN]){ 0 }, LEN) != 0;
	     n = (n + 1) % cap) {
		if (memcmp(set[n], d, LEN) == 0)
			break;
	}
	return n;
}

static void
add(const unsigned char *d)
{
	size_t n = place(d);

	if (used * 2 > cap)
		exit(2);
	used += memcmp(set[n], d, LEN) != 0;
	memcpy(set[n], d, LEN);
}

static int
has(const unsigned char *d)
{
	return memcmp(set[place(d)], d, LEN) == 0;
}

static char *
slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *text;
	long end;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (end = ftell(f)) < 0)
		exit(2);
	rewind(f);
	*len = (size_t)end;
	text = calloc(*len + 1, 1);
	if (text == NULL || fread(text, 1, *len, f) != *len)
		exit(2);
	(void)fclose(f);
	return text;
}

static void
take_text(const char *text, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char d[LEN + 4];
	size_t i, k, n = 0;

	for (i = 0; i < len; i++) {
		n = text[i] != '\0' && strchr(hex, text[i]) != NULL ? n + 1 : 0;
		if (n < 2 * (size_t)LEN)
			continue;
		for (k = 0; k < LEN; k++) {
			const char *at = text + i + 1 - 2 * (LEN - k);

			d[k] = (unsigned char)((strchr(hex, at[0]) - hex) << 4 |
					       (strchr(hex, at[1]) - hex));
		}
		add(d);
	}
	for (i = 0; i + 44 <= len; i++) {
		if (text[i + 43] == '=' && text[i + 42] != '=' &&
		    EVP_DecodeBlock(d, (const unsigned char *)text + i, 44) ==
			LEN + 1)
			add(d);
	}
}

static void
take(const char *path)
{
	size_t len, i;
	char *data = slurp(path, &len);

	take_text(data, len);
	/* A digest that stands in a text is written in one of those forms. */
	if (memchr(data, '\0', len) == NULL && len != LEN)
		len = 0;
	for (i = 0; i + LEN <= len; i++)
		add((unsigned char *)data + i);
	free(data);
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, LEN);
}

static unsigned char other[64][LEN], sorted[65][LEN];
static size_t others;

static void
root_over(const unsigned char *d, unsigned char *root)
{
	memcpy(sorted, other, others * LEN);
	memcpy(sorted[others], d, LEN);
	qsort(sorted, others + 1, LEN, by_bytes);
	(void)SHA256(sorted[0], (others + 1) * LEN, root);
}

/* The state before the number, so that only what follows is hashed anew. */
static void
hash(const SHA256_CTX *before, const char *rest, size_t len, unsigned char *d)
{
	SHA256_CTX c = *before;

	(void)SHA256_Update(&c, rest, len);
	(void)SHA256_Final(d, &c);
}

static long
guess(char *text, size_t len, const char *prefix, int digits)
{
	char *at = strchr(text, '~'), number[32];
	size_t width = strspn(at, "~"), head = (size_t)(at - text);
	SHA256_CTX plain, leaf;
	unsigned char d[LEN], r[LEN];
	long n, most = 1, found = 0;

	for (n = 0; n < digits; n++)
		most *= 10;
	(void)SHA256_Init(&plain);
	(void)SHA256_Init(&leaf);
	(void)SHA256_Update(&leaf, "", 1);
	(void)SHA256_Update(&plain, text, head);
	(void)SHA256_Update(&leaf, text, head);
	for (n = 0; n < most; n++) {
		const char *as = NULL;

		if (snprintf(number, sizeof(number), "%s%0*ld", prefix, digits,
			n) != (int)width)
			exit(2);
		memcpy(at, number, width);
		hash(&plain, at, len - head, d);
		if (has(d))
			as = "as it is";
		if (others > 0) {
			root_over(d, r);
			if (has(r))
				as = "in a root";
		}
		hash(&leaf, at, len - head, d);
		if (has(d))
			as = "as a leaf without salt";
		if (as != NULL && ++found > 0)
			(void)printf("%s found %s\n", number, as);
	}
	return found;
}

int
main(int argc, char *argv[])
{
	size_t len, i, n = 0;
	char *text, *list;
	int rc;

	if (argc < 6)
		return 2;
	cap = (size_t)1 << 21;
	set = calloc(cap, LEN);
	if (set == NULL)
		return 2;
	if (strcmp(argv[4], "-") != 0) {
		list = slurp(argv[4], &len);
		take_text(list, len);
		for (i = 0; i < cap && n < 64; i++) {
			if (memcmp(set[i], (unsigned char[LEN]){ 0 }, LEN) != 0)
				memcpy(other[n++], set[i], LEN);
		}
		others = n;
		memset(set, 0, cap * LEN);
		used = 0;
		free(list);
	}
	for (i = 5; i < (size_t)argc; i++)
		take(argv[i]);
	text = slurp(argv[1], &len);
	if (strchr(text, '~') == NULL)
		rc = 2;
	else
		rc = guess(text, len, argv[2], atoi(argv[3])) > 0 ? 0 : 1;
	free(text);
	free(set);
	return rc;
}
