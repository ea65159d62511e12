/*
 * limit_copyhash SOURCE COPY: the least that taking in one large file has to
 * do.  One thread reads and writes, one makes the SHA-256, one the SHA-512;
 * the copy is made durable.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECES = 8, PIECE = 1 << 20, HASHERS = 2 };

static unsigned char *piece[PIECES];
static size_t length[PIECES];
static unsigned long filled, done[HASHERS];
static int ended;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moved = PTHREAD_COND_INITIALIZER;

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
	static const char *const names[HASHERS] = { "SHA256", "SHA512" };
	const long n = (long)arg;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned char sum[64];
	unsigned i;

	MUST(EVP_DigestInit_ex2(ctx, EVP_MD_fetch(NULL, names[n], NULL), NULL));
	(void)pthread_mutex_lock(&lock);
	for (;;) {
		while (done[n] == filled && !ended)
			(void)pthread_cond_wait(&moved, &lock);
		if (done[n] == filled)
			break;
		(void)pthread_mutex_unlock(&lock);
		MUST(EVP_DigestUpdate(ctx, piece[done[n] % PIECES],
		    length[done[n] % PIECES]));
		(void)pthread_mutex_lock(&lock);
		done[n]++;
		(void)pthread_cond_broadcast(&moved);
	}
	MUST(EVP_DigestFinal_ex(ctx, sum, NULL));
	printf("%s ", names[n]);
	for (i = 0; i < (n == 0 ? 32u : 64u); i++)
		printf("%02x", sum[i]);
	printf("\n");
	(void)pthread_mutex_unlock(&lock);
	return NULL;
}

int
main(int argc, char *argv[])
{
	pthread_t thread[HASHERS];
	int in, out;
	ssize_t n;
	long i;

	if (argc != 3)
		return 2;
	in = open(argv[1], O_RDONLY);
	out = open(argv[2], O_WRONLY | O_CREAT | O_EXCL, 0600);
	MUST(in >= 0 && out >= 0);
	for (i = 0; i < PIECES; i++)
		MUST((piece[i] = malloc(PIECE)) != NULL);
	for (i = 0; i < HASHERS; i++)
		MUST(pthread_create(&thread[i], NULL, hash, (void *)i) == 0);
	for (;;) {
		(void)pthread_mutex_lock(&lock);
		while (filled - done[0] >= PIECES || filled - done[1] >= PIECES)
			(void)pthread_cond_wait(&moved, &lock);
		(void)pthread_mutex_unlock(&lock);
		n = read(in, piece[filled % PIECES], PIECE);
		MUST(n >= 0);
		if (n == 0)
			break;
		length[filled % PIECES] = (size_t)n;
		(void)pthread_mutex_lock(&lock);
		filled++;
		(void)pthread_cond_broadcast(&moved);
		(void)pthread_mutex_unlock(&lock);
		MUST(write(out, piece[(filled - 1) % PIECES], (size_t)n) == n);
	}
	(void)pthread_mutex_lock(&lock);
	ended = 1;
	(void)pthread_cond_broadcast(&moved);
	(void)pthread_mutex_unlock(&lock);
	for (i = 0; i < HASHERS; i++)
		(void)pthread_join(thread[i], NULL);
	MUST(fsync(out) == 0 && close(out) == 0);
	return 0;
}
