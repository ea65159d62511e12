/*
 * limit_log append FILE COUNT, limit_log verify FILE: the least that a log of
 * hashed lines has to do.  A line of the same length is written into a table
 * of the same columns and settings, hashed as a leaf, and the tree's root is
 * computed (append), or computed again and compared (verify).  No JSON is
 * written or read, no clock, no checks, no signature.
 */
#include <openssl/evp.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 10000, HASH = 32, DEPTH = 63, LINE = 1024 };

#define MUST(x)                                         \
	do {                                            \
		if (!(x)) {                             \
			(void)fprintf(stderr, #x "\n"); \
			exit(1);                        \
		}                                       \
	} while (0)

static sqlite3 *db;
static EVP_MD_CTX *ctx;
static EVP_MD *sha256;
static unsigned char stack[DEPTH][HASH];
static int64_t size;

static void
sql(const char *text)
{
	MUST(sqlite3_exec(db, text, NULL, NULL, NULL) == SQLITE_OK);
}

static void
hash(unsigned char mark, const void *a, size_t a_len, const void *b,
    size_t b_len, unsigned char *out)
{
	MUST(EVP_DigestInit_ex2(ctx, sha256, NULL) == 1 &&
	     EVP_DigestUpdate(ctx, &mark, 1) == 1 &&
	     EVP_DigestUpdate(ctx, a, a_len) == 1 &&
	     (b_len == 0 || EVP_DigestUpdate(ctx, b, b_len) == 1) &&
	     EVP_DigestFinal_ex(ctx, out, NULL) == 1);
}

static void
add(const void *line, size_t len)
{
	unsigned char node[HASH];
	int64_t n;
	int i = 0;

	hash(0, line, len, NULL, 0, node);
	for (n = size++; (n & 1) != 0; n >>= 1, i++)
		hash(1, stack[i], HASH, node, HASH, node);
	memcpy(stack[i], node, HASH);
}

static void
root(unsigned char out[HASH])
{
	int i, first = 1;

	for (i = 0; i < DEPTH && (size >> i) != 0; i++) {
		if (((size >> i) & 1) == 0)
			continue;
		if (first)
			memcpy(out, stack[i], HASH);
		else
			hash(1, stack[i], HASH, out, HASH, out);
		first = 0;
	}
}

static void
append(int64_t count)
{
	sqlite3_stmt *insert;
	unsigned char head[HASH];
	char line[LINE];
	int64_t n;
	int len;

	sql("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	    "CREATE TABLE log(seq INTEGER PRIMARY KEY, at TEXT NOT NULL,"
	    " action TEXT NOT NULL, actor TEXT NOT NULL, leaf TEXT NOT NULL)"
	    " STRICT; CREATE TABLE head(root BLOB)");
	MUST(sqlite3_prepare_v2(db, "INSERT INTO log VALUES(?, ?, ?, ?, ?)", -1,
		 &insert, NULL) == SQLITE_OK);
	for (n = 1; n <= count; n++) {
		if (n % BATCH == 1)
			sql("BEGIN IMMEDIATE");
		len = snprintf(line, sizeof(line),
		    "{\"action\":\"examine\",\"actor\":\"@bench\",\"at\":"
		    "\"2026-01-01T00:00:00.000Z\",\"clock\":{\"boot_us\":"
		    "12345678901,\"synced\":1},\"note\":\"looked at the post"
		    " and its two replies\",\"role\":\"examiner\",\"seq\":%jd,"
		    "\"subject\":[\"F%06jd\"],\"tool\":\"log_entries 0.1.0\","
		    "\"tool_sha256\":\"%064d\"}",
		    (intmax_t)n, (intmax_t)n, 0);
		sqlite3_bind_int64(insert, 1, n);
		sqlite3_bind_text(insert, 2, "2026-01-01T00:00:00.000Z", -1,
		    SQLITE_STATIC);
		sqlite3_bind_text(insert, 3, "examine", -1, SQLITE_STATIC);
		sqlite3_bind_text(insert, 4, "@bench", -1, SQLITE_STATIC);
		sqlite3_bind_text(insert, 5, line, len, SQLITE_STATIC);
		MUST(sqlite3_step(insert) == SQLITE_DONE);
		MUST(sqlite3_reset(insert) == SQLITE_OK);
		add(line, (size_t)len);
		if (n % BATCH == 0 || n == count)
			sql("COMMIT");
	}
	MUST(sqlite3_finalize(insert) == SQLITE_OK);
	root(head);
	MUST(sqlite3_prepare_v2(db, "INSERT INTO head VALUES(?)", -1, &insert,
		 NULL) == SQLITE_OK);
	sqlite3_bind_blob(insert, 1, head, HASH, SQLITE_STATIC);
	MUST(sqlite3_step(insert) == SQLITE_DONE);
	MUST(sqlite3_finalize(insert) == SQLITE_OK);
}

static void
verify(void)
{
	unsigned char head[HASH];
	sqlite3_stmt *read;

	MUST(sqlite3_prepare_v2(db,
		 "SELECT seq, at, action, actor, leaf FROM log ORDER BY seq",
		 -1, &read, NULL) == SQLITE_OK);
	while (sqlite3_step(read) == SQLITE_ROW) {
		MUST(sqlite3_column_int64(read, 0) == size + 1);
		add(sqlite3_column_text(read, 4),
		    (size_t)sqlite3_column_bytes(read, 4));
	}
	MUST(sqlite3_finalize(read) == SQLITE_OK);
	root(head);
	MUST(sqlite3_prepare_v2(db, "SELECT root FROM head", -1, &read, NULL) ==
	     SQLITE_OK);
	MUST(sqlite3_step(read) == SQLITE_ROW);
	MUST(memcmp(sqlite3_column_blob(read, 0), head, HASH) == 0);
	MUST(sqlite3_finalize(read) == SQLITE_OK);
}

int
main(int argc, char *argv[])
{
	if (argc < 3)
		return 2;
	ctx = EVP_MD_CTX_new();
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	MUST(ctx != NULL && sha256 != NULL);
	MUST(sqlite3_open(argv[2], &db) == SQLITE_OK);
	if (strcmp(argv[1], "append") == 0)
		append(strtoll(argv[3], NULL, 10));
	else
		verify();
	MUST(sqlite3_close(db) == SQLITE_OK);
	EVP_MD_free(sha256);
	EVP_MD_CTX_free(ctx);
	return 0;
}
