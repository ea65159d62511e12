/*
 * limit_segments SOURCE FOLDER: the least that an ingest of small files has to
 * do.  Each file is read, hashed (SHA-256, SHA-512, CRC-32) in a second
 * thread, appended to one file that is made durable every 64 MiB, and given a
 * row in a database.  No types, no child, no log, no checks.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zlib.h>

enum { SLOTS = 64, SLOT = 64 << 10, BATCH = 64 << 20, HEADER = 40 };

struct slot {
	char name[512];
	unsigned char data[SLOT + 1];
	size_t len;
	unsigned char sha256[32], sha512[64];
	unsigned long crc;
};

static struct slot slot[SLOTS];
static unsigned long filled, hashed, stored;
static int ended;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;
static sqlite3 *db;
static sqlite3_stmt *insert;
static int segment;
static long waiting, offset;

#define MUST(x)                     \
	do {                        \
		if (!(x)) {         \
			perror(#x); \
			exit(1);    \
		}                   \
	} while (0)

static void *
hash(void *arg)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_MD *a = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_MD *b = EVP_MD_fetch(NULL, "SHA512", NULL);
	struct slot *s;

	(void)pthread_mutex_lock(&lock);
	for (;;) {
		while (hashed == filled && !ended)
			(void)pthread_cond_wait(&moved, &lock);
		if (hashed == filled)
			break;
		s = &slot[hashed % SLOTS];
		(void)pthread_mutex_unlock(&lock);
		MUST(EVP_DigestInit_ex2(ctx, a, NULL) &&
		     EVP_DigestUpdate(ctx, s->data, s->len) &&
		     EVP_DigestFinal_ex(ctx, s->sha256, NULL));
		MUST(EVP_DigestInit_ex2(ctx, b, NULL) &&
		     EVP_DigestUpdate(ctx, s->data, s->len) &&
		     EVP_DigestFinal_ex(ctx, s->sha512, NULL));
		s->crc = crc32(0, s->data, (unsigned)s->len);
		(void)pthread_mutex_lock(&lock);
		hashed++;
		(void)pthread_cond_broadcast(&moved);
	}
	(void)pthread_mutex_unlock(&lock);
	return arg;
}

static void
commit(void)
{
	MUST(fdatasync(segment) == 0);
	MUST(sqlite3_exec(db, "COMMIT; BEGIN", NULL, NULL, NULL) == SQLITE_OK);
	waiting = 0;
}

static void
store(struct slot *s)
{
	static unsigned char header[HEADER];
	struct iovec part[2] = { { header, HEADER }, { s->data, s->len } };

	MUST(writev(segment, part, 2) == (ssize_t)(HEADER + s->len));
	offset += HEADER;
	(void)sqlite3_bind_text(insert, 1, s->name, -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(insert, 2, (sqlite3_int64)s->len);
	(void)sqlite3_bind_blob(insert, 3, s->sha256, 32, SQLITE_STATIC);
	(void)sqlite3_bind_blob(insert, 4, s->sha512, 64, SQLITE_STATIC);
	(void)sqlite3_bind_int64(insert, 5, (sqlite3_int64)s->crc);
	(void)sqlite3_bind_int64(insert, 6, offset);
	MUST(sqlite3_step(insert) == SQLITE_DONE);
	(void)sqlite3_reset(insert);
	offset += (long)s->len;
	waiting += (long)s->len;
	if (waiting >= BATCH)
		commit();
}

/* Store what is hashed; wait until at most that many are in hand. */
static void
settle(unsigned long most)
{
	unsigned long done;

	(void)pthread_mutex_lock(&lock);
	while (filled - hashed > most)
		(void)pthread_cond_wait(&moved, &lock);
	done = hashed;
	(void)pthread_mutex_unlock(&lock);
	for (; stored < done; stored++)
		store(&slot[stored % SLOTS]);
}

static int
take(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	struct slot *s;
	ssize_t n;
	int fd;

	(void)st;
	(void)ftw;
	if (type != FTW_F)
		return 0;
	settle(filled - stored == SLOTS ? SLOTS / 2 : SLOTS);
	if (filled - stored == SLOTS)
		settle(SLOTS / 2);
	s = &slot[filled % SLOTS];
	fd = open(path, O_RDONLY | O_NOFOLLOW);
	MUST(fd >= 0);
	n = read(fd, s->data, sizeof(s->data));
	MUST(n >= 0 && close(fd) == 0);
	s->len = (size_t)n;
	(void)snprintf(s->name, sizeof(s->name), "%s", path);
	(void)pthread_mutex_lock(&lock);
	filled++;
	(void)pthread_cond_broadcast(&moved);
	(void)pthread_mutex_unlock(&lock);
	return 0;
}

int
main(int argc, char *argv[])
{
	char path[4096];
	pthread_t thread;

	if (argc != 3)
		return 2;
	(void)snprintf(path, sizeof(path), "%s/case.db", argv[2]);
	MUST(sqlite3_open(path, &db) == SQLITE_OK);
	MUST(sqlite3_exec(db,
		 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
		 "PRAGMA cache_size=-65536;"
		 "CREATE TABLE e(id INTEGER PRIMARY KEY, name TEXT, size "
		 "INTEGER,"
		 " sha256 BLOB, sha512 BLOB, crc INTEGER, offset INTEGER);"
		 "CREATE INDEX x ON e(sha256); BEGIN",
		 NULL, NULL, NULL) == SQLITE_OK);
	MUST(sqlite3_prepare_v2(db,
		 "INSERT INTO e(name, size, sha256, sha512, crc, offset)"
		 " VALUES(?, ?, ?, ?, ?, ?)",
		 -1, &insert, NULL) == SQLITE_OK);
	(void)snprintf(path, sizeof(path), "%s/segment", argv[2]);
	segment = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	MUST(segment >= 0);
	MUST(pthread_create(&thread, NULL, hash, NULL) == 0);
	MUST(nftw(argv[1], take, 64, FTW_PHYS) == 0);
	settle(0);
	(void)pthread_mutex_lock(&lock);
	ended = 1;
	(void)pthread_cond_broadcast(&moved);
	(void)pthread_mutex_unlock(&lock);
	(void)pthread_join(thread, NULL);
	commit();
	(void)sqlite3_finalize(insert);
	MUST(sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK);
	return sqlite3_close(db) == SQLITE_OK ? 0 : 1;
}
