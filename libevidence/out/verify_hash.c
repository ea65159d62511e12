/* SHA-512 of spans of a bundle, by a caged process beside the one that asks. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "out/verify_hash.h"

enum { CHUNK = 1 << 20 };

struct question {
	int64_t offset, size;
};

struct answer {
	uint32_t rc;
	unsigned char sha512[EV_SHA512];
};

/* Exactly len bytes; false at the end. */
static bool
read_all(int fd, void *data, size_t len)
{
	unsigned char *at = data;
	ssize_t n;

	while (len > 0) {
		n = read(fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

static enum ev_rc
hash_span(struct ev_digest *digest, int source, struct question q,
    unsigned char *chunk, struct ev_digests *digests, struct ev_err *err)
{
	enum ev_rc rc = EV_OK;
	size_t n;

	while (rc == EV_OK && q.size > 0) {
		n = q.size > CHUNK ? CHUNK : (size_t)q.size;
		rc = ev_fs_pread(source, chunk, n, q.offset, err);
		if (rc == EV_OK)
			rc = ev_digest_update(digest, chunk, n, err);
		q.offset += (int64_t)n;
		q.size -= (int64_t)n;
	}
	return rc == EV_OK ? ev_digest_final(digest, digests, err) : rc;
}

_Noreturn void
verify_hash_serve(int source, int from, int to)
{
	struct ev_digests digests;
	struct ev_digest digest;
	struct answer answer;
	struct question q;
	struct ev_err err;
	unsigned char *chunk = malloc(CHUNK);
	bool good = chunk != NULL &&
		    ev_digest_init(&digest, EV_D_SHA512, &err) == EV_OK;
	enum ev_rc rc;

	while (good && read_all(from, &q, sizeof(q))) {
		memset(&answer, 0, sizeof(answer));
		rc = hash_span(&digest, source, q, chunk, &digests, &err);
		answer.rc = (uint32_t)rc;
		if (rc == EV_OK)
			memcpy(answer.sha512, digests.sha512, EV_SHA512);
		good = ev_fs_write(to, &answer, sizeof(answer), &err) == EV_OK;
	}
	free(chunk);
	_exit(good ? 0 : 2);
}

enum ev_rc
verify_hash_ask(const struct verify_hasher *h, int64_t offset, int64_t size,
    struct ev_err *err)
{
	const struct question q = { offset, size };

	return ev_fs_write(h->to, &q, sizeof(q), err);
}

enum ev_rc
verify_hash_answer(const struct verify_hasher *h,
    unsigned char sha512[EV_SHA512], struct ev_err *err)
{
	struct answer answer;

	if (!read_all(h->from, &answer, sizeof(answer)) || answer.rc != EV_OK)
		return ev_fail(err, EV_SYS,
		    "the process that hashes the bundle beside this one has "
		    "ended");
	memcpy(sha512, answer.sha512, EV_SHA512);
	return EV_OK;
}
