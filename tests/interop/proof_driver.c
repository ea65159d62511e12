/* Every proof of a log, a line each, for the interop scripts alone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence/text.h"
#include "seal/merkle.h"

enum { LEAVES = 1024 };

static unsigned char leaves[LEAVES][EV_SHA256];

static void
print(const char *kind, int64_t size, int64_t n,
    const struct ev_merkle_proof *proof)
{
	char hex[2 * EV_SHA256 + 1];
	size_t i;

	printf("%s %lld %lld", kind, (long long)size, (long long)n);
	for (i = 0; i < proof->count; i++) {
		ev_text_hex(hex, proof->hash[i], EV_SHA256);
		printf(" %s", hex);
	}
	putchar('\n');
}

/* The leaf hashes of a file's lines. */
static enum ev_rc
read_leaves(FILE *file, int64_t *count, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	*count = 0;
	while (rc == EV_OK && (len = getline(&line, &cap, file)) > 0) {
		if (*count == LEAVES || line[len - 1] != '\n')
			rc = ev_fail(err, EV_LIMIT,
			    "too many lines, or half a"
			    " line");
		else
			rc = ev_merkle_salted(leaves[(*count)++], NULL, line,
			    (size_t)len - 1, err);
	}
	free(line);
	return rc;
}

/* Inclusion of each entry in each tree; that each extends each before it. */
static enum ev_rc
print_all(int64_t count, struct ev_err *err)
{
	struct ev_merkle_leaves set;
	struct ev_merkle_proof proof;
	enum ev_rc rc = EV_OK;
	int64_t size, n;

	for (size = 1; rc == EV_OK && size <= count; size++) {
		set = ev_merkle_array(leaves, size);
		for (n = 0; rc == EV_OK && n < size; n++) {
			rc = ev_merkle_prove(&set, n, &proof, err);
			if (rc == EV_OK)
				print("record", size, n, &proof);
		}
		for (n = 1; rc == EV_OK && n <= size; n++) {
			rc = ev_merkle_prove_extends(&set, n, &proof, err);
			if (rc == EV_OK)
				print("tree", size, n, &proof);
		}
	}
	return rc;
}

int
main(void)
{
	struct ev_err err;
	int64_t count;
	enum ev_rc rc;

	rc = read_leaves(stdin, &count, &err);
	if (rc == EV_OK)
		rc = print_all(count, &err);
	if (rc != EV_OK)
		fprintf(stderr, "proof_driver: %s\n", err.msg);
	return rc == EV_OK ? 0 : 1;
}
